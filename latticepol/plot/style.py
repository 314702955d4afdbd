"""Colours, texts and what every drawing asks of its variable."""

from collections.abc import Sequence
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import xarray as xr
from matplotlib.axes import Axes

BLUE, ORANGE, GREEN, VERMILION, SKY, PURPLE = "#0072B2", "#E69F00", "#009E73", "#D55E00", "#56B4E9", "#CC79A7"
COLOURS = (BLUE, VERMILION, GREEN, ORANGE, PURPLE, SKY)
GREY = "0.45"
#: Where a map has no value.
NOTHING = "0.85"
#: Variables around zero, with the largest modulus that they can have, and variables on a circle.
SIGNED: dict[str, float | None] = {
    **dict.fromkeys(("S_x", "S_y", "S_z", "pseudospin", "current", "berry_curvature")),
    "circular_polarisation": 1.0,
}
CYCLIC = ("phase", "relative_phase")


def label(variable: xr.DataArray) -> str:
    """``long_name [units]``, without the unit of what has none."""
    name = variable.attrs.get("long_name", str(variable.name))
    units = variable.attrs.get("units", "1")
    return name if units == "1" else f"{name} [{units}]"


def axis_of(ax: Axes | None) -> Axes:
    """The axis, or that of a new figure."""
    return ax if ax is not None else plt.subplots(layout="constrained")[1]


def needs(ds: xr.Dataset, names: Sequence[str], doors: str) -> None:
    """Refuse another Dataset than those of the doors, which have these variables, dimensions and attributes.

    Raises
    ------
    ValueError
        One is missing.
    """
    there = {*getattr(ds, "variables", ()), *ds.dims, *ds.attrs}
    missing = [name for name in names if name not in there]
    if missing:
        what = ds.attrs.get("title") or f"this {type(ds).__name__}"
        raise ValueError(f"{what} has no {', '.join(missing)} to be drawn; give the Dataset of {doors}")


def scale_of(variable: xr.DataArray, given: dict[str, Any]) -> dict[str, Any]:
    """Colours and their limits: around zero for signed variables, a circle for phases; what is ``given`` stays."""
    looks: dict[str, Any] = {"cmap": "cividis", "rasterized": True}
    if variable.name in SIGNED:
        largest = SIGNED[str(variable.name)] or float(np.nanmax(np.abs(variable.values), initial=0.0)) or 1.0
        looks |= {"cmap": "RdBu_r", "vmin": -largest, "vmax": largest}
    elif variable.name in CYCLIC:
        looks |= {"cmap": "twilight", "vmin": -np.pi, "vmax": np.pi}
    if "norm" in given:  # which has limits of its own
        looks = {name: value for name, value in looks.items() if name not in ("vmin", "vmax")}
    return looks | given


def snapshot(variable: xr.DataArray, dims: Sequence[str]) -> xr.DataArray:
    """The variable over ``dims``, at the last time.

    Raises
    ------
    ValueError
        A dimension is missing, or more of them are left.
    """
    missing = [dim for dim in dims if dim not in variable.dims]
    if missing:
        raise ValueError(f"{variable.name!r} has the dimensions {variable.dims}, to be drawn it needs {tuple(dims)}")
    last = variable.isel(time=-1) if "time" in variable.dims and "time" not in dims else variable
    several = [str(dim) for dim in last.dims if dim not in dims]
    if several:
        text = ", ".join(f"{dim}=0" for dim in several)
        raise ValueError(f"{variable.name!r} has several values along {several}; choose one with .isel({text})")
    return last.transpose(*dims)
