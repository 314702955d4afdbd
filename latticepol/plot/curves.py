"""Curves: bifurcation diagrams, sweeps, lines, folds."""

from typing import Any

import numpy as np
import xarray as xr
from matplotlib.axes import Axes

from latticepol.arrays import read_integer
from latticepol.plot.arguments import read_text
from latticepol.plot.style import BLUE, COLOURS, VERMILION, axis_of, label, needs, over, real_variable, variable_of

MARKERS = {
    "pitchfork": "o",
    "transcritical": "D",
    "branch": "d",
    "fold": "s",
    "hopf": "^",
    "onset": "*",
    "threshold": "|",
}
#: Dimensions of what lies along the branches.
ALONG = ("branch", "point")
COMPONENTS = ("s_x", "s_y", "s_z")
#: Direction of a sweep -> its colour and marker.
SWEEPS = {"up": (VERMILION, ">"), "down": (BLUE, "<")}


def branches(
    ds: xr.Dataset, variable: str = "s_z", ax: Axes | None = None, *, colour: str = BLUE, **style: Any
) -> Axes:
    """Draw the curves of ``lp.branches``: stable states solid, unstable ones dashed.

    ``variable`` is "s_x", "s_y", "s_z" or the name of a variable along the branches, for instance "chi".
    """
    needs(ds, ["along", "stable"], "lp.branches")
    values, text = _values(ds, variable)
    along = variable_of(ds, ds.attrs["along"])
    curves = [over(one, *ALONG).transpose(*ALONG).values for one in (along, values, ds.stable)]
    ax = axis_of(ax)
    for x, y, stable in zip(*curves, strict=True):
        for start, end in _runs(stable):
            dashes = "-" if stable[start] else (0, (4, 2))
            ax.plot(x[start:end], y[start:end], color=colour, linestyle=dashes, **style)
    ax.set_xlabel(label(along))
    ax.set_ylabel(text)
    return ax


def special_points(ds: xr.Dataset, variable: str = "s_z", ax: Axes | None = None, *, colour: str = "black") -> Axes:
    """Draw the special points of ``lp.branches``: circles for pitchforks, squares for folds, triangles for Hopf
    points, stars for onsets of patterns."""
    needs(ds, ["along", "special_kind"], "lp.branches")
    ax = axis_of(ax)
    x, y = variable_of(ds, f"special_{ds.attrs['along']}"), _at_special_points(ds, variable)
    for kind, marker in MARKERS.items():
        here = ds.special_kind.values == kind
        if here.any():
            style: dict[str, Any] = {"color": colour, "markerfacecolor": "white", "label": kind, "zorder": 3}
            ax.plot(x.values[here], y.values[here], marker, **style)
    return ax


def bifurcation(ds: xr.Dataset, variable: str = "s_z", ax: Axes | None = None, **style: Any) -> Axes:
    """Draw the diagram of ``lp.branches``: its curves, of a ``lp.Site`` for a pseudospin its special points too, and a
    legend for them."""
    ax = branches(ds, variable, ax, **style)
    if ds.sizes.get("special") and (variable.startswith("s_") or "special_point" in ds):
        special_points(ds, variable, ax)
    colour = style.get("colour", BLUE)
    for text, dashes in (("stable", "-"), ("unstable", (0, (4, 2)))):
        ax.plot([], [], color=colour, linestyle=dashes, label=text)
    ax.legend()
    return ax


def hysteresis(
    ds: xr.Dataset, variable: str = "s_z", ax: Axes | None = None, *, every: int = 6, **style: object
) -> Axes:
    """Draw a parameter swept up and down: what was followed over the attribute ``along``, a curve for each
    ``direction``.

    Every point is reached from the one before, by ``lp.steady_state(model, last)`` or the end of an ``lp.trajectory``;
    both ways over the same values are joined by ``xr.concat([up, down], xr.DataArray(["up", "down"],
    dims="direction", name="direction")).assign_attrs(along="p")``. ``variable`` as for :func:`branches`; every so many
    points there is a marker that points along the sweep.
    """
    needs(ds, ["along", "direction", *_swept(ds)], "a sweep up and one down, joined along direction = ['up', 'down']")
    values, text = _values(ds, variable)
    every = read_integer("every", every, least=1)
    ax = axis_of(ax)
    along = variable_of(ds, ds.attrs["along"])
    for direction in ds.direction.values:
        colour, marker = SWEEPS[direction]
        looks: dict[str, Any] = {
            "color": colour,
            "marker": marker,
            "markevery": every,
            "ms": 5,
            "label": f"{direction}",
        }
        ax.plot(along, values.sel(direction=direction), **(looks | style))
    ax.set_xlabel(label(along))
    ax.set_ylabel(text)
    ax.legend(title="swept")
    return ax


def lines(variable: xr.DataArray, x: str, ax: Axes | None = None, *, colour: str | None = None, **style: Any) -> Axes:
    """Draw one curve over ``x``, or one for every value of the other dimension, named in the legend."""
    variable = over(variable, x, more=1)
    ax = axis_of(ax)
    other = [dim for dim in variable.dims if dim != x]
    for i, curve in enumerate(variable.transpose(*other, x).values.reshape(-1, variable.sizes[x])):
        text = f"{other[0]} = {_text(variable[other[0]].values[i])}" if other else None
        ax.plot(
            variable[x],
            curve,
            **{"color": COLOURS[i % len(COLOURS)] if colour is None else colour, "label": text} | style,
        )
    ax.set_xlabel(label(variable[x]))
    ax.set_ylabel(label(variable))
    return ax


def folds(ds: xr.Dataset, ax: Axes | None = None, *, colour: str = VERMILION, text: str = "fold", **style: Any) -> Axes:
    """Fold lines of ``lp.folds(along="p", delta=[...])`` in the (p, delta) plane."""
    needs(ds, ["p", "delta", "opens"], "lp.folds")
    text = read_text("text", text, "a text for the legend")
    lines = over(ds.p, "delta", "fold").transpose("fold", "delta").values
    ax = axis_of(ax)
    for k, p in enumerate(lines):
        if np.isfinite(p).any():
            ax.plot(p, ds.delta, color=colour, label=text if k == 0 else None, **style)
    ax.set_xlabel(label(ds.p))
    ax.set_ylabel(label(ds.delta))
    return ax


def _swept(ds: object) -> list[str]:
    """Return the name of what was swept, where it is known."""
    along = ds.attrs.get("along") if isinstance(ds, xr.Dataset) else None
    return [] if along is None else [along]


def _text(value: object) -> str:
    return f"{value:g}" if isinstance(value, np.number) else str(value)


def _values(ds: xr.Dataset, variable: str) -> tuple[xr.DataArray, str]:
    """Return a component of the pseudospin or any other variable, and its text."""
    if read_text("variable", variable, "the name of a variable") in COMPONENTS:
        return real_variable(_component(variable_of(ds, "pseudospin"), variable)), f"pseudospin {variable}"
    values = real_variable(variable_of(ds, variable))
    return values, label(values)


def _at_special_points(ds: xr.Dataset, variable: str) -> xr.DataArray:
    """Return a variable at the special points: where they are on their branches, or as it is kept for them."""
    if "special_point" in ds:
        return over(_values(ds, variable)[0], *ALONG).isel(branch=ds.special_branch, point=ds.special_point)
    if read_text("variable", variable, f"one of {COMPONENTS}") not in COMPONENTS:
        raise ValueError(f"variable {variable!r} is not kept at special points; give one of {COMPONENTS}")
    return real_variable(_component(variable_of(ds, "special_pseudospin"), variable))


def _component(pseudospin: xr.DataArray, name: str) -> xr.DataArray:
    """Return s_x, s_y or s_z, by the label of the axis."""
    if "axis" not in pseudospin.coords or "axis" not in pseudospin.dims:
        raise ValueError(f"{pseudospin.name!r} must have the labelled dimension axis, x y z; got {pseudospin.dims}")
    return pseudospin.sel(axis=name[-1])


def _runs(stable: np.ndarray) -> list[tuple[int, int]]:
    """Return slices of equal stability; each reaches one point into the next, so that the curve has no gaps."""
    cuts = np.flatnonzero(stable[1:] != stable[:-1]) + 1
    return list(zip([0, *cuts], [*(cuts + 1), len(stable)], strict=True))
