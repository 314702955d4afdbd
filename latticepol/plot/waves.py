"""Frequencies over wavevectors: bands, and images E(k)."""

from typing import Any

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.collections import PolyCollection
from matplotlib.colors import LogNorm, is_color_like

from latticepol.arrays import read_array, read_flag, read_number
from latticepol.plot.style import GREY, axis_of, label, needs, of_spin, real_variable, snapshot

#: Name of a colour of bands -> its limits and the text of its bar.
WEIGHTS = {
    "edge_weight": "weight near the right minus weight near the left edge",
    "circular_polarisation": "circular polarisation",
}

#: Opacity of what shows the width of a line: two that overlap are darker.
PALE = 0.25
#: Name of a colour of bands -> the function that makes it.
MAKES = {
    "edge_weight": "lp.ribbon",
    "circular_polarisation": "lp.mode_polarisation(lp.bands(..., vectors=True))",
}


def bands(ds: xr.Dataset, ax: Axes | None = None, *, colour: Any = GREY, widths: bool = False, **style: object) -> Axes:
    """Draw Re omega of ``lp.bands``, ``lp.bogoliubov`` or ``lp.ribbon`` along k: a point per mode, corners of a path
    named.

    Parameters
    ----------
    colour
        One colour, or an array like omega that a colour map shows (``ax.collections[-1]`` for the bar), or the name of
        a variable with values from -1 to 1, which gets its bar: "edge_weight" of ``lp.ribbon`` (right minus left),
        "circular_polarisation" of ``lp.mode_polarisation``.
    widths
        Every mode as wide as its line: a bar from Re omega + Im omega to Re omega - Im omega, as high as the FWHM
        -2 Im omega, pale in the same colour. A mode that grows has no line and no bar.
    style
        For ``scatter``.

    Raises
    ------
    ValueError
        It is another Dataset, or of a mesh of wavevectors.
    """
    needs(ds, ["omega", "mode"], "lp.bands, lp.bogoliubov or lp.ribbon")
    real_variable(ds.omega.real)
    if "k" not in ds.omega.dims:
        raise ValueError(
            f"omega has the dimensions {ds.omega.dims}, bands are drawn along a path: compute them with "
            "k=lattice.path('G K M G', 200); of a mesh draw one mode, lp.plot.colour_map(ds.omega.isel(mode=0).real, "
            "'k1', 'k2')"
        )
    if isinstance(colour, str) and not is_color_like(colour):
        _check_weight(ds, colour)
    ax = axis_of(ax)
    omega = ds.omega.transpose("k", ...)
    along = ds["distance"] if "distance" in ds.coords else ds["k"] if "k" in ds.coords else ds["kx"]
    looks: dict[str, Any] = {"s": 3, "linewidths": 0, "rasterized": True}
    named = isinstance(colour, str) and not is_color_like(colour)
    if not isinstance(colour, str) and not is_color_like(colour):
        colour = _of_modes(colour, omega)
    if named:
        colour, text = _weight(ds, colour)
        looks |= {"s": 5, "cmap": "coolwarm", "vmin": -1, "vmax": 1}  # grey in the middle, seen on white
    values = colour.transpose(*omega.dims).values.ravel() if isinstance(colour, xr.DataArray) else colour
    index, modes = np.repeat(np.arange(len(omega)), omega.sizes["mode"]), omega.values.ravel()
    if named:  # strong colours on top
        order = np.argsort(np.abs(values))
        index, modes, values = index[order], modes[order], values[order]
    if read_flag("widths", widths):
        _bars(ax, along.values, index, modes, values, looks)
    dots = ax.scatter(along.values[index], modes.real, c=values, **(looks | style))
    if named:
        ax.figure.colorbar(dots, ax=ax, label=text)
    if "point" in ds.coords:
        _name_corners(ax, ds, along.values)
        ax.grid(axis="x", color="0.85")
        ax.set_axisbelow(True)
    else:
        ax.set_xlabel(label(along))
    ax.set_ylabel("Re " + label(ds.omega))
    return ax


def spectrum(
    ds: xr.Dataset, ax: Axes | None = None, *, spin: str | None = None, decades: float = 4.0, **style: object
) -> Axes:
    """Draw the image E(k) of ``lp.spectrum`` or ``lp.response``, on a logarithmic scale of so many decades below its
    maximum, which the line of a condensate, where it is infinite, does not count for.

    Parameters
    ----------
    spin
        "+" or "-"; None: both together.
    style
        For ``pcolormesh``. The horizontal axis is k_x, or k_y or the length of the path where k_x does not increase, or
        has the named corners of a path.
    """
    needs(ds, ["spectral_density"], "lp.spectrum or lp.response")
    decades = read_number("decades", decades, above=0.0, most=300.0)
    ax = axis_of(ax)
    values = ds.spectral_density
    values = values.sum("spin", keep_attrs=True) if spin is None else of_spin(values, spin)
    shown = snapshot(values, ("omega", "k"))
    along, text = _along(ds)
    largest = float(shown.where(np.isfinite(shown)).max())
    floor = largest * 10.0**-decades
    looks: dict[str, Any] = {"cmap": "cividis", "norm": LogNorm(floor, largest), "shading": "nearest"}
    mesh = ax.pcolormesh(along, ds.omega, np.maximum(shown.values, floor), **({"rasterized": True} | looks | style))
    ax.figure.colorbar(mesh, ax=ax, label=label(values) + ("" if spin is None else f", spin {spin}"))
    ax.set(xlabel=text, ylabel=label(ds.omega))
    if "point" in ds.coords:
        _name_corners(ax, ds, along)
    return ax


def _name_corners(ax: Axes, ds: xr.Dataset, along: np.ndarray) -> None:
    corners = ds.point.values != ""
    ax.set_xticks(along[corners], ds.point.values[corners])


def _bars(
    ax: Axes, along: np.ndarray, index: np.ndarray, omega: np.ndarray, colour: Any, looks: dict[str, Any]
) -> None:
    """Draw a bar around every mode (n,), as high as its line is wide, halfway to the neighbours of ``along[index]``."""
    edges = np.concatenate([along[:1], (along[1:] + along[:-1]) / 2, along[-1:]])
    seen = omega.imag < 0
    left, right, middle, half = (x[seen] for x in (edges[index], edges[index + 1], omega.real, -omega.imag))
    x, y = [left, right, right, left], [middle - half, middle - half, middle + half, middle + half]
    corners = np.stack([np.stack(x, axis=-1), np.stack(y, axis=-1)], axis=-1)
    bars = PolyCollection(list(corners), linewidths=0, alpha=PALE, rasterized=True)
    if isinstance(colour, np.ndarray):
        bars.set(array=colour[seen], cmap=looks.get("cmap"), clim=(looks.get("vmin"), looks.get("vmax")))
    else:
        bars.set(facecolor=colour)
    ax.add_collection(bars)


def _of_modes(colour: object, omega: xr.DataArray) -> xr.DataArray:
    """Return numbers like omega, one for each mode."""
    names = tuple(map(str, omega.dims))
    values = read_array("colour", colour, dims=names, need=f"a colour, or numbers like omega, {names}")
    if values.shape != omega.shape:
        raise ValueError(f"colour has shape {values.shape}; give one colour, or an array like omega, {omega.shape}")
    return xr.DataArray(values, dims=omega.dims)


def _check_weight(ds: xr.Dataset, name: str) -> None:
    """Refuse the name of what is neither a colour nor a variable with a value for each mode."""
    weights = [str(n) for n, v in ds.data_vars.items() if set(v.dims) - {"edge"} == set(ds.omega.dims) and n != "omega"]
    if name not in weights:
        door = MAKES.get(name)
        fix = f"give the Dataset of {door}" if door else f"give colour='red', or one of {list(MAKES)}"
        raise ValueError(f"colour = {name!r} is neither a colour nor a variable of each mode, {weights}; {fix}")


def _weight(ds: xr.Dataset, name: str) -> tuple[xr.DataArray, str]:
    if "edge" in ds[name].dims:
        return ds[name].sel(edge="right") - ds[name].sel(edge="left"), WEIGHTS[name]
    return ds[name], WEIGHTS.get(name, label(ds[name]))


def _along(ds: xr.Dataset) -> tuple[np.ndarray, str]:
    """Return what increases along k, and its text."""
    if {"distance", "point"} <= set(ds.coords):
        return ds.distance.values, ""
    for k in (ds.kx, ds.ky):
        if (np.diff(k.values) > 0).all():
            return k.values, label(k)
    steps = np.hypot(np.diff(ds.kx.values), np.diff(ds.ky.values))
    units = ds.kx.attrs.get("units", "1")
    return np.concatenate([[0.0], np.cumsum(steps)]), "distance along the path" + f" [{units}]" * (units != "1")
