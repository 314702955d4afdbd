"""Maps over two parameters."""

from typing import Any

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.colors import LogNorm

from latticepol.arrays import read_flag, shape_of
from latticepol.plot.arguments import read_levels, read_places
from latticepol.plot.style import NO_VALUE, axis_of, caption, label, needs, over, real_variable


def colour_map(
    variable: xr.DataArray, x: str, y: str, ax: Axes | None = None, *, text: str = "", bar: bool = True, **style: object
) -> Axes:
    """Draw a map over (x, y), sorted along both, with its colour bar; missing values stay white."""
    variable = over(variable, x, y).sortby([x, y])
    bar, text = read_flag("bar", bar), caption(text, variable)
    ax = axis_of(ax)
    looks: dict[str, Any] = {"cmap": "cividis", "rasterized": True} | style
    mesh = ax.pcolormesh(variable[x], variable[y], variable.transpose(y, x), **looks)
    if bar:
        ax.figure.colorbar(mesh, ax=ax, label=text)
    ax.set_xlabel(label(variable[x]))
    ax.set_ylabel(label(variable[y]))
    return ax


def contours(
    variable: xr.DataArray,
    x: str,
    y: str,
    ax: Axes | None = None,
    *,
    levels: object,
    at: object = False,
    **style: object,
) -> Axes:
    """Draw contour lines over (x, y), labelled near the points ``at`` or wherever matplotlib finds room.

    ``at=None`` leaves the labels away.
    """
    variable = over(variable, x, y).sortby([x, y])
    levels, at = read_levels(levels), read_places(at)
    ax = axis_of(ax)
    looks: dict[str, Any] = {"colors": "white", "linewidths": 0.9} | style
    lines = ax.contour(variable[x], variable[y], variable.transpose(y, x), levels=levels, **looks)
    if at is not None:
        ax.clabel(lines, fmt="%g", fontsize=8, manual=at)
    return ax


def gap(
    ds: xr.Dataset,
    x: str,
    y: str,
    ax: Axes | None = None,
    *,
    variable: str = "direct_gap",
    levels: object = None,
    **style: Any,
) -> Axes:
    """Draw a map of gaps over two parameters with contour lines; grey where the direct gap is closed or unknown.

    Parameters
    ----------
    ds
        ``direct_gap`` and others of ``lp.gap`` over the dimensions x and y.
    variable
        "direct_gap", "line_gap", or one of your own such as "enhancement", whose colours are then logarithmic.
    levels
        Of the contours; None: decades for an enhancement, else a few round numbers. [] draws none.
    style
        For ``pcolormesh``.
    """
    needs(
        ds, [variable], "lp.gap over two parameters, lp.sweep(lp.gap, net, p=[...], delta=[...], options={'below': 2})"
    )
    real_variable(ds[variable])
    values = ds[variable].where(ds.direct_gap > 0) if "direct_gap" in ds else ds[variable]
    if variable == "enhancement":
        largest = float(np.nanmax(values.values, initial=1.0))
        style = {"norm": LogNorm(1, max(largest, 1.1))} | style
        levels = 10.0 ** np.arange(0, np.ceil(np.log10(max(largest, 1.1)))) if levels is None else levels
    ax = colour_map(values, x, y, ax, **({"shading": "nearest"} | style))
    ax.set_facecolor(NO_VALUE)
    if levels is None or 0 not in shape_of(levels):
        contours(values, x, y, ax, levels=levels)
    return ax
