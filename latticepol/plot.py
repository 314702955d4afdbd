"""Thin drawing: every function takes a Dataset, a variable of one or a lattice, and an axis, and returns the axis.

Nothing is computed here. Texts come from the ``long_name`` and ``units`` of the variables. Colours are those of Okabe
and Ito (https://jfly.uni-koeln.de/color/), which colour-blind readers can tell apart, and cividis for maps.
"""

from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection

from latticepol.lattice import Lattice

BLUE, ORANGE, GREEN, VERMILION, SKY, PURPLE = "#0072B2", "#E69F00", "#009E73", "#D55E00", "#56B4E9", "#CC79A7"
COLOURS = (BLUE, VERMILION, GREEN, ORANGE, PURPLE, SKY)
GREY = "0.45"
MARKERS = {"pitchfork": "o", "fold": "s", "hopf": "^", "threshold": "|"}


def label(variable: xr.DataArray) -> str:
    """``long_name [units]``, without the unit of what has none."""
    name = variable.attrs.get("long_name", str(variable.name))
    units = variable.attrs.get("units", "1")
    return name if units == "1" else f"{name} [{units}]"


def branches(
    ds: xr.Dataset, variable: str = "s_z", ax: Axes | None = None, *, colour: str = BLUE, **style: Any
) -> Axes:
    """Curves of ``lp.branches``: stable states solid, unstable ones dashed.

    ``variable`` is "s_x", "s_y", "s_z" or the name of a variable along the branches, for instance "chi".
    """
    ax = _axis(ax)
    values = ds.pseudospin.sel(axis=variable[-1]) if variable in ("s_x", "s_y", "s_z") else ds[variable]
    along = ds[ds.attrs["along"]]
    for x, y, stable in zip(along.values, values.values, ds.stable.values, strict=True):
        for start, end in _runs(stable):
            dashes = "-" if stable[start] else (0, (4, 2))
            ax.plot(x[start:end], y[start:end], color=colour, linestyle=dashes, **style)
    ax.set_xlabel(label(along))
    ax.set_ylabel(f"pseudospin {variable}" if variable.startswith("s_") else label(ds[variable]))
    return ax


def special_points(ds: xr.Dataset, variable: str = "s_z", ax: Axes | None = None, *, colour: str = "black") -> Axes:
    """Special points of ``lp.branches``: circles for pitchforks, squares for folds, triangles for Hopf points."""
    ax = _axis(ax)
    x, y = ds["special_" + ds.attrs["along"]], ds.special_pseudospin.sel(axis=variable[-1])
    for kind, marker in MARKERS.items():
        here = ds.special_kind.values == kind
        if here.any():
            style: dict[str, Any] = {"color": colour, "markerfacecolor": "white", "label": kind, "zorder": 3}
            ax.plot(x.values[here], y.values[here], marker, **style)
    return ax


def lines(variable: xr.DataArray, x: str, ax: Axes | None = None, *, colour: str | None = None, **style: Any) -> Axes:
    """One curve over ``x``, or one for every value of the other dimension, named in the legend."""
    ax = _axis(ax)
    other = [dim for dim in variable.dims if dim != x]
    for i, curve in enumerate(variable.transpose(*other, x).values.reshape(-1, variable.sizes[x])):
        text = f"{other[0]} = {variable[other[0]].values[i]:g}" if other else None
        ax.plot(variable[x], curve, **{"color": colour or COLOURS[i % len(COLOURS)], "label": text} | style)
    ax.set_xlabel(label(variable[x]))
    ax.set_ylabel(label(variable))
    return ax


def colour_map(variable: xr.DataArray, x: str, y: str, ax: Axes | None = None, *, text: str = "", **style: Any) -> Axes:
    """A map over (x, y) with its colour bar; missing values stay white."""
    ax = _axis(ax)
    looks: dict[str, Any] = {"cmap": "cividis", "rasterized": True} | style
    mesh = ax.pcolormesh(variable[x], variable[y], variable.transpose(y, x), **looks)
    ax.figure.colorbar(mesh, ax=ax, label=text or label(variable))
    ax.set_xlabel(label(variable[x]))
    ax.set_ylabel(label(variable[y]))
    return ax


def contours(
    variable: xr.DataArray, x: str, y: str, ax: Axes | None = None, *, levels: Any, at: Any = False, **style: Any
) -> Axes:
    """Contour lines over (x, y), labelled near the points ``at`` or wherever matplotlib finds room."""
    ax = _axis(ax)
    looks: dict[str, Any] = {"colors": "white", "linewidths": 0.9} | style
    lines = ax.contour(variable[x], variable[y], variable.transpose(y, x), levels=levels, **looks)
    ax.clabel(lines, fmt="%g", fontsize=8, manual=at)
    return ax


def folds(ds: xr.Dataset, ax: Axes | None = None, *, colour: str = VERMILION, text: str = "fold", **style: Any) -> Axes:
    """Fold lines of ``lp.folds(along="p", delta=[...])`` in the (p, delta) plane."""
    ax = _axis(ax)
    for k in range(ds.sizes["fold"]):
        line = ds.isel(fold=k)
        if np.isfinite(line.p).any():
            ax.plot(line.p, line.delta, color=colour, label=text if k == 0 else None, **style)
    ax.set_xlabel(label(ds.p))
    ax.set_ylabel(label(ds.delta))
    return ax


def lattice(lat: Lattice, ax: Axes | None = None, *, size: float = 7.0, arrows: bool = True) -> Axes:
    """Sites coloured by their sublattice, bonds as wide as they are strong, the vectors of the cell as arrows.

    A bond into another cell is drawn from both of its ends and dashed; one that is cut is an orange stub.
    """
    ax = _axis(ax)
    start, end, half = lat.basis[lat.bonds[:, 0]], lat.basis[lat.bonds[:, 1]], lat.bond_vectors / 2
    leaving = lat.bonds[:, 2:].any(axis=1)
    width = 1.5 * np.abs(lat.strengths)
    _segments(ax, start[~leaving], end[~leaving], linewidths=width[~leaving])
    _segments(ax, start[leaving], (start + half)[leaving], linewidths=width[leaving], linestyles=(0, (2, 1)))
    _segments(ax, end[leaving], (end - half)[leaving], linewidths=width[leaving], linestyles=(0, (2, 1)))
    edge = lat.basis[lat.cuts.site]
    _segments(ax, edge, edge + 0.35 * lat.cuts.vector, linewidths=1.5 * np.abs(lat.cuts.strength), colors=ORANGE)
    for kind in np.unique(lat.sublattice):
        x, y = lat.basis[lat.sublattice == kind].T
        ax.plot(x, y, "o", color=COLOURS[kind % len(COLOURS)], markersize=size, label=f"sublattice {kind}", zorder=3)
    for vector in lat.vectors if arrows else ():
        ax.annotate(
            "", xy=vector, xytext=(0, 0), arrowprops={"arrowstyle": "->", "lw": 1.5, "shrinkA": 0, "shrinkB": 0}
        )
        ax.update_datalim([(0, 0), vector])
    ax.update_datalim([lat.basis.min(axis=0) - 0.5, lat.basis.max(axis=0) + 0.5])  # a chain has no height of its own
    ax.set(aspect="equal", xlabel="x", ylabel="y")
    ax.autoscale_view()
    return ax


def _segments(ax: Axes, start: np.ndarray, end: np.ndarray, **style: Any) -> None:
    looks: dict[str, Any] = {"colors": "0.45", "zorder": 2} | style
    ax.add_collection(LineCollection(list(np.stack([start, end], axis=1)), **looks))


def bands(ds: xr.Dataset, ax: Axes | None = None, *, colour: Any = GREY, **style: Any) -> Axes:
    """Re omega of ``lp.bands``, ``lp.bogoliubov`` or ``lp.ribbon`` along k: a point per mode, corners of a path named.

    ``colour`` is one colour, or an array like omega that a colour map shows (``ax.collections[-1]`` for the bar).
    """
    ax = _axis(ax)
    omega = ds.omega.transpose("k", ...)
    along = ds["distance"] if "distance" in ds.coords else ds["k"]
    looks: dict[str, Any] = {"s": 3, "linewidths": 0, "rasterized": True} | style
    values = colour.transpose(*omega.dims).values.ravel() if isinstance(colour, xr.DataArray) else colour
    ax.scatter(np.broadcast_to(along.values[:, None], omega.shape), omega.values.real, c=values, **looks)
    if "point" in ds.coords:
        corners = ds.point.values != ""
        ax.set_xticks(along.values[corners], ds.point.values[corners])
        ax.grid(axis="x", color="0.85")
        ax.set_axisbelow(True)
    else:
        ax.set_xlabel(label(along))
    ax.set_ylabel("Re " + label(ds.omega))
    return ax


def _axis(ax: Axes | None) -> Axes:
    return ax if ax is not None else plt.subplots(layout="constrained")[1]


def _runs(stable: np.ndarray) -> list[tuple[int, int]]:
    """Slices of equal stability; each reaches one point into the next, so that the curve has no gaps."""
    cuts = np.flatnonzero(stable[1:] != stable[:-1]) + 1
    return list(zip([0, *cuts], [*(cuts + 1), len(stable)], strict=True))
