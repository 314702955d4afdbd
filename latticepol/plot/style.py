"""Colours, texts and what every drawing asks of its variable."""

from collections.abc import Sequence
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import xarray as xr
from matplotlib.axes import Axes

from latticepol.arrays import read_choice
from latticepol.errors import kind
from latticepol.plot.arguments import read_text
from latticepol.results.dataset import check_dataset
from latticepol.results.places import places_of, shows_dots

#: The colours of Okabe and Ito, which everybody can tell apart.
BLUE = "#0072B2"
ORANGE = "#E69F00"
GREEN = "#009E73"
VERMILION = "#D55E00"
SKY = "#56B4E9"
PURPLE = "#CC79A7"
COLOURS = (BLUE, VERMILION, GREEN, ORANGE, PURPLE, SKY)
GREY = "0.45"
#: Where a map has no value.
NO_VALUE = "0.85"
#: Variables around zero, with the largest modulus that they can have, and variables on a circle.
SIGNED: dict[str, float | None] = {
    **dict.fromkeys(("S_x", "S_y", "S_z", "pseudospin", "current", "berry_curvature")),
    "circular_polarisation": 1.0,
}
CYCLIC = ("phase", "relative_phase")
#: What makes axes.
ALONE = ": it is one number; lp.sweep(function, model, p=[...]) makes axes"
#: What is drawn of a network.
PSEUDOSPIN_ADVICE = "ds.pseudospin.sel(axis='z'), of lp.steady_state or lp.evolve(..., variables=['pseudospin'])"
#: What draws dots and grids.
DOTS_DRAWN, GRID_DRAWN = (
    "draw the sites of a network by lp.plot.site_map",
    "draw the points of a field by lp.plot.field_map",
)
DRAW_ANOTHER = "draw a variable that has them"


def label(variable: xr.DataArray) -> str:
    """Return ``long_name [units]``, without the unit of what has none."""
    if not isinstance(variable, xr.DataArray):
        raise TypeError(f"variable is {kind(variable)}; give a variable of a Dataset, for example lp.stokes(out).S_z")
    name = variable.attrs.get("long_name", str(variable.name))
    units = variable.attrs.get("units", "1")
    return name if units == "1" else f"{name} [{units}]"


def caption(text: str, variable: xr.DataArray) -> str:
    """Return what a colour bar says: the text, or that of the variable where there is none."""
    return read_text("text", text, "a text") or label(variable)


def axis_of(ax: Axes | None) -> Axes:
    """Return the axis, or that of a new figure.

    Raises
    ------
    TypeError
        It is not an axis.
    """
    if ax is not None and not isinstance(ax, Axes):
        several = ", one of these" if isinstance(ax, np.ndarray) else ""
        raise TypeError(
            f"ax is {kind(ax)}; give an axis of matplotlib{several}, and everything else by its name, colour='red'"
        )
    return ax if ax is not None else plt.subplots(layout="constrained")[1]


def needs(ds: xr.Dataset, names: Sequence[str], doors: str) -> None:
    """Refuse another Dataset than those of the doors, which have these variables, dimensions and attributes.

    Raises
    ------
    TypeError
        It is not a Dataset.
    ValueError
        One is missing.
    """
    if not isinstance(ds, xr.DataArray):
        check_dataset(ds, doors)
    for name in names:
        read_text("variable", name, "the name of a variable")
    there = {*getattr(ds, "variables", ()), *ds.dims, *ds.attrs}
    missing = [name for name in names if name not in there]
    if missing:
        what = ds.attrs.get("title") or f"this {type(ds).__name__}"
        raise ValueError(f"{what} has no {', '.join(missing)} to be drawn; give the Dataset of {doors}")


def variable_of(ds: xr.Dataset, name: str) -> xr.DataArray:
    """Return a variable of a Dataset by its name.

    Raises
    ------
    ValueError
        There is none.
    """
    if read_text("variable", name, "the name of a variable") not in ds:
        raise ValueError(f"variable {name!r} is not known; there are {list(map(str, ds.data_vars))}")
    return ds[name]


def real_variable(variable: object) -> xr.DataArray:
    """Return the variable, if it is one and can be drawn.

    Raises
    ------
    TypeError
        It is something else than a variable of a Dataset.
    ValueError
        It is complex.
    """
    if isinstance(variable, xr.Dataset):
        names = list(map(str, variable.data_vars))
        raise TypeError(
            f"a whole Dataset was given; give one of its variables {names}, for example {_example(variable, names)}"
        )
    if not isinstance(variable, xr.DataArray):
        raise TypeError(f"variable is {kind(variable)}; give a variable of a Dataset, for example lp.stokes(out).S_z")
    if variable.dtype.kind not in "fiub":
        fix = PSEUDOSPIN_ADVICE if shows_dots(variable) else "what lp.density, lp.phase or lp.stokes make of a field"
        raise ValueError(f"{variable.name!r} holds no real numbers but {variable.dtype}; draw abs(v), v.real, or {fix}")
    return variable


def _example(ds: xr.Dataset, names: Sequence[str]) -> str:
    dots = shows_dots(ds)
    if dots and {"spin", "axis"} & set(ds.dims):
        return PSEUDOSPIN_ADVICE
    known = {"S_z": "ds.S_z", "pseudospin": "ds.pseudospin.sel(axis='z')"}
    known |= {} if dots else {"psi": "lp.stokes(ds).S_z"}
    return next((text for name, text in known.items() if name in names), f"ds.{names[0]}" if names else "ds.S_z")


def of_spin(variable: xr.DataArray, spin: str) -> xr.DataArray:
    """Return the values of one spin.

    Raises
    ------
    ValueError
        It is neither.
    """
    if "spin" not in variable.dims:
        raise ValueError(f"{variable.name!r} has the dimensions {variable.dims}, and none is spin; leave out spin")
    labelled = variable.assign_coords(spin=["+", "-"]) if "spin" not in variable.coords else variable
    return labelled.sel(spin=read_choice("spin", spin, ("+", "-")))


def over(variable: object, *axes: str, more: int = 0) -> xr.DataArray:
    """Return the variable, if the axes are its dimensions, next to at most so many ``more``.

    Raises
    ------
    TypeError
        It is something else than a variable of a Dataset.
    ValueError
        It has no such axis, further ones, or is complex.
    """
    drawn = real_variable(variable)
    dims = list(map(str, drawn.dims))
    for axis in axes:
        read_text("an axis", axis, f"the name of a dimension, one of {dims}")
    unknown = [axis for axis in axes if axis not in dims]
    if unknown:
        raise ValueError(
            f"{drawn.name!r} has no axis {', '.join(map(repr, unknown))}; its axes are {dims}{ALONE * (not dims)}"
        )
    left = [dim for dim in dims if dim not in axes]
    if len(left) > more:
        raise ValueError(f"{drawn.name!r} has several values along {left}; {_choose(left[more:])}")
    return drawn


def _choose(dims: Sequence[str]) -> str:
    return f"choose one with .isel({', '.join(f'{dim}=0' for dim in dims)}) or .sel(...)"


def scale_of(variable: xr.DataArray, given: dict[str, object]) -> dict[str, Any]:
    """Return colours and their limits: around zero for signed variables, a circle for phases; what is ``given``
    stays."""
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
    """Return the variable over ``dims``, at the last time.

    Raises
    ------
    TypeError
        It is something else than a variable of a Dataset.
    ValueError
        It is complex, a dimension is missing, or more of them are left.
    """
    variable = real_variable(variable)
    missing = [dim for dim in dims if dim not in variable.dims]
    if missing:
        drawn_by = DOTS_DRAWN if shows_dots(variable) else GRID_DRAWN
        hint = drawn_by if set(places_of(variable)) <= set(variable.dims) else DRAW_ANOTHER
        raise ValueError(f"{variable.name!r} must have the dimensions {tuple(dims)}; it has {variable.dims}: {hint}")
    last = variable.isel(time=-1) if "time" in variable.dims and "time" not in dims else variable
    several = [str(dim) for dim in last.dims if dim not in dims]
    if several:
        raise ValueError(f"{variable.name!r} has several values along {several}; {_choose(several)}")
    return last.transpose(*dims)
