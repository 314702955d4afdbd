"""Maps over the points of a grid, of a rectangle or of an oblique cell that may be repeated."""

import json
from collections.abc import Callable, Sequence
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import xarray as xr
from matplotlib.axes import Axes

from latticepol import observables
from latticepol.arrays import read_flag
from latticepol.plot.arguments import read_cells
from latticepol.plot.style import CYCLIC, axis_of, caption, label, of_spin, scale_of, snapshot

STOKES = ("S", "S_x", "S_y", "S_z")


def field_map(
    variable: xr.DataArray,
    ax: Axes | None = None,
    *,
    cells: tuple[int, int] = (1, 1),
    bar: bool = True,
    text: str = "",
    **style: object,
) -> Axes:
    """Draw a variable over the points (y, x) of a grid, at its last time.

    Parameters
    ----------
    variable
        Over y and x, whose coordinates are one-dimensional (a rectangle) or two-dimensional (an oblique cell).
    cells
        Repeat the cell so many times along A1 and A2.
    bar, text
        Whether there is a colour bar, and what it says instead of ``long_name [units]``.
    style
        For ``pcolormesh``. Signed variables are blue and red around zero, phases cyclic.

    Raises
    ------
    ValueError
        The variable has no y and x, or further dimensions besides time.
    """
    shown = snapshot(variable, ("y", "x"))
    cells, bar = read_cells(cells, shown.shape), read_flag("bar", bar)
    ax = axis_of(ax)
    x, y = _repeated_points(shown, cells)
    looks = scale_of(shown, {"shading": "nearest"} | style)
    mesh = ax.pcolormesh(x, y, repeated(shown, cells), **looks)
    if bar:
        colours = ax.figure.colorbar(mesh, ax=ax, label=caption(text, variable))
        if variable.name in CYCLIC:
            colours.set_ticks([-np.pi, 0, np.pi], labels=["-π", "0", "π"])
    ax.set(aspect="equal", xlabel=label(variable.x), ylabel=label(variable.y))
    return ax


def stokes(
    ds: xr.Dataset, axes: np.ndarray | Sequence[Axes] | None = None, *, cells: tuple[int, int] = (1, 1), **style: Any
) -> np.ndarray | Sequence[Axes]:
    """Draw S, S_x, S_y and S_z next to each other, in four axes; the three signed ones share their limits, +-max S."""
    ds = known(ds, "S", observables.stokes)
    axes = plt.subplots(1, 4, figsize=(14, 3.2), layout="constrained")[1] if axes is None else axes
    four = _four(axes)
    largest = float(np.nanmax(snapshot(ds.S, ("y", "x")).values)) or 1.0
    for ax, name in zip(four, STOKES, strict=True):
        limits = {"vmin": 0.0 if name == "S" else -largest, "vmax": largest}
        field_map(ds[name], ax, cells=cells, **(limits | style))
    return axes


def density(
    ds: xr.Dataset, ax: Axes | None = None, *, spin: str | None = None, cells: tuple[int, int] = (1, 1), **style: Any
) -> Axes:
    """Draw |psi_s|^2 of one spin, "+" or "-"; None: of both together."""
    values = known(ds, "density", observables.density).density
    shown = values.sum("spin", keep_attrs=True) if spin is None else of_spin(values, spin)
    text = label(values) + ("" if spin is None else f", spin {spin}")
    return field_map(shown, ax, cells=cells, text=text, **({"vmin": 0.0} | style))


def phase(
    ds: xr.Dataset, ax: Axes | None = None, *, spin: str | None = "+", cells: tuple[int, int] = (1, 1), **style: Any
) -> Axes:
    """Draw the phase of one spin, Bloch phase included; ``spin=None``: that of psi_- relative to psi_+."""
    found = known(ds, "relative_phase", observables.phase)
    if spin is None:
        return field_map(found.relative_phase, ax, cells=cells, **style)
    shown = snapshot(of_spin(found.phase, spin), ("y", "x"))
    cells = read_cells(cells, shown.shape)
    if cells != (1, 1):
        shown = _carried_on(shown, _bloch(found), cells)
        cells = (1, 1)
    return field_map(shown, ax, cells=cells, text=f"{label(found.phase)} of spin {spin}", **style)


def known(ds: xr.Dataset, name: str, door: Callable[[xr.Dataset], xr.Dataset]) -> xr.Dataset:
    """Return the Dataset that has the variable, or what the door makes of the field in it."""
    return ds if isinstance(ds, xr.Dataset) and name in ds else door(ds)


def repeated(variable: xr.DataArray, cells: tuple[int, int]) -> np.ndarray:
    """Return the values (y, x) of a cell, so many times along A1 and A2."""
    return np.tile(variable.values, cells[::-1])


def _four(axes: object) -> list[Axes]:
    """Return the axes of the Stokes parameters, refused if they are others than four."""
    listed = axes.ravel().tolist() if isinstance(axes, np.ndarray) else axes
    if not isinstance(listed, list | tuple) or len(listed) != len(STOKES):
        count = len(listed) if isinstance(listed, list | tuple) else 1
        raise ValueError(f"axes must hold four for {', '.join(STOKES)}; it holds {count}: give plt.subplots(1, 4)[1]")
    return [axis_of(ax) for ax in listed]


def _repeated_points(variable: xr.DataArray, cells: tuple[int, int]) -> tuple[np.ndarray, np.ndarray]:
    """Return Cartesian coordinates of the points, one-dimensional in a rectangle."""
    flat = variable.x.ndim == variable.y.ndim == 1
    points = [c.transpose("y", "x").values for c in xr.broadcast(variable.x, variable.y)]
    n2, n1 = (n * count for n, count in zip(points[0].shape, cells[::-1], strict=True))
    i1, i2 = np.arange(n1)[None, :], np.arange(n2)[:, None]
    x, y = (r[0, 0] + i1 * (r[0, 1] - r[0, 0]) + i2 * (r[1, 0] - r[0, 0]) for r in points)
    return (x[0], y[:, 0]) if flat else (x, y)


def _bloch(ds: xr.Dataset) -> np.ndarray:
    """Return the Bloch wavevector q of the grid of a Dataset."""
    grid = json.loads(ds.attrs.get("parameters", "{}")).get("grid", {})
    return np.array(grid.get("q", (0.0, 0.0)) if isinstance(grid, dict) else (0.0, 0.0))


def _carried_on(variable: xr.DataArray, q: np.ndarray, cells: tuple[int, int]) -> xr.DataArray:
    """Return a phase over several cells, with q.R in the cell at R."""
    x, y = (np.broadcast_to(c, repeated(variable, cells).shape) for c in _full(_repeated_points(variable, cells)))
    n2, n1 = variable.shape
    first = np.ix_(np.arange(n2 * cells[1]) % n2, np.arange(n1 * cells[0]) % n1)
    turned = repeated(variable, cells) + q[0] * (x - x[first]) + q[1] * (y - y[first])
    coords = {name: (("y", "x"), c, variable[name].attrs) for name, c in (("x", x), ("y", y))}
    return xr.DataArray(np.angle(np.exp(1j * turned)), coords, ("y", "x"), variable.name, variable.attrs)


def _full(points: tuple[np.ndarray, np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    x, y = points
    return (x, y) if x.ndim == 2 else (x[None, :], y[:, None])
