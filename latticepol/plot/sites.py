"""Lattices, and values on their sites."""

from typing import Any

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection

from latticepol.arrays import read_flag, read_number
from latticepol.errors import kind, lattice_hint
from latticepol.lattice import Lattice
from latticepol.plot.style import COLOURS, ORANGE, axis_of, caption, label, real_variable, scale_of, snapshot
from latticepol.results.places import places_of, shows_dots


def site_map(
    variable: xr.DataArray, ax: Axes | None = None, *, bar: bool = True, text: str = "", **style: object
) -> Axes:
    """Draw a variable over the sites of a network, at its last time: a dot for each; grey where it has no value.

    Of other models it draws what has coordinates x and y along one dimension.

    ``style`` is for ``scatter``. Signed variables are blue and red around zero.

    Raises
    ------
    ValueError
        The variable has no such dimension or no coordinates x and y, or further dimensions besides time.
    """
    shown = snapshot(variable, places_of(variable) if shows_dots(real_variable(variable)) else ("site",))
    if not {"x", "y"} <= set(shown.coords):
        dim, there = shown.dims[0], list(map(str, shown.coords))
        raise ValueError(
            f"{variable.name!r} must have the coordinates x and y, where its dots are drawn; it has {there}: add them, "
            f".assign_coords(x=({dim!r}, [...]), y=({dim!r}, [...]))"
        )
    bar, text = read_flag("bar", bar), caption(text, variable)
    ax = axis_of(ax)
    looks = scale_of(shown, {"s": 30, "linewidths": 0.3, "edgecolors": "0.4", "plotnonfinite": True} | style)
    dots = ax.scatter(variable.x, variable.y, c=shown.values, **looks)
    if bar:
        ax.figure.colorbar(dots, ax=ax, label=text)
    ax.set(aspect="equal", xlabel=label(variable.x), ylabel=label(variable.y))
    return ax


def lattice(lat: Lattice, ax: Axes | None = None, *, size: float = 7.0, arrows: bool = True) -> Axes:
    """Draw the sites coloured by their sublattice, bonds as wide as they are strong, the vectors of the cell as arrows.

    A bond into another cell is drawn from both of its ends and dashed; one that is cut is an orange stub.

    Raises
    ------
    TypeError
        It is not a lattice.
    """
    if not isinstance(lat, Lattice):
        raise TypeError(f"lat is {kind(lat)}; give a lp.Lattice, {lattice_hint(lat)}")
    size, arrows = read_number("size", size, least=0.0), read_flag("arrows", arrows)
    ax = axis_of(ax)
    start, end, half = lat.basis[lat.bonds[:, 0]], lat.basis[lat.bonds[:, 1]], lat.bond_vectors / 2
    leaving = lat.bonds[:, 2:].any(axis=1)
    width = 1.5 * np.abs(lat.strengths)
    _segments(ax, start[~leaving], end[~leaving], linewidths=width[~leaving])
    _segments(ax, start[leaving], (start + half)[leaving], linewidths=width[leaving], linestyles=(0, (2, 1)))
    _segments(ax, end[leaving], (end - half)[leaving], linewidths=width[leaving], linestyles=(0, (2, 1)))
    edge = lat.basis[lat.cuts.site]
    _segments(ax, edge, edge + 0.35 * lat.cuts.vector, linewidths=1.5 * np.abs(lat.cuts.strength), colors=ORANGE)
    for n in np.unique(lat.sublattice):
        x, y = lat.basis[lat.sublattice == n].T
        ax.plot(x, y, "o", color=COLOURS[n % len(COLOURS)], markersize=size, label=f"sublattice {n}", zorder=3)
    for vector in lat.vectors if arrows else ():
        ax.annotate(
            "", xy=vector, xytext=(0, 0), arrowprops={"arrowstyle": "->", "lw": 1.5, "shrinkA": 0, "shrinkB": 0}
        )
        ax.update_datalim([(0, 0), vector])
    ax.update_datalim([lat.basis.min(axis=0) - 0.5, lat.basis.max(axis=0) + 0.5])  # a chain has no height of its own
    ax.set(aspect="equal", xlabel="x", ylabel="y")
    ax.autoscale_view()
    return ax


def _segments(ax: Axes, start: np.ndarray, end: np.ndarray, **style: object) -> None:
    looks: dict[str, Any] = {"colors": "0.45", "zorder": 2} | style
    ax.add_collection(LineCollection(list(np.stack([start, end], axis=1)), **looks))
