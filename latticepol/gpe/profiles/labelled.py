"""Arrays with names and coordinates (DataArrays): which axis is which, and where their points lie on a grid.

Dimensions are matched by name, spins by label, points by their coordinates x and y: between them values are
interpolated linearly, which is exact where they coincide. Without coordinates they are those of the grid, in order.
"""

from dataclasses import dataclass, replace
from typing import Any, Self

import numpy as np

from latticepol.arrays import read_array
from latticepol.grid import SAME_POINTS, Grid
from latticepol.units.reading import UNKNOWN, own_unit

PLANE = ("y", "x")


@dataclass(frozen=True, eq=False)
class Labelled:
    """Values (..., ny, nx), with ``spins`` (..., 2, ny, nx), and the x and y of their points.

    x and y are (nx,) and (ny,), or both (ny, nx), or None: those of the grid. ``length`` is their unit, None where it
    is not known, and ``unit`` that of the values, "" where they name none.
    """

    values: np.ndarray
    spins: bool
    x: np.ndarray | None = None
    y: np.ndarray | None = None
    length: str | None = None
    unit: str = ""

    @classmethod
    def of(cls, name: str, given: Any, *, finite: bool = True) -> Self:
        """Make it of a DataArray, whose numbers are copied.

        Raises
        ------
        ValueError
            It has no dimensions y and x, or one along time; its spins or coordinates cannot be told.
        """
        if "time" in given.dims:
            raise ValueError(
                f"{name} has the dimension time; choose one, .isel(time=-1), or give a function of (x, y, t)"
            )
        spins = "spin" in given.dims
        values = read_array(name, given, real=False, finite=finite, dims=("spin", *PLANE) if spins else PLANE)
        values.flags.writeable = False
        here = [axis for axis in ("x", "y") if axis in getattr(given, "coords", ())]
        if not here:
            return cls(values, spins, unit=own_unit(given))
        if len(here) == 1:
            raise ValueError(
                f"{name} has coordinates along {here[0]} only; give it both, or none, .drop_vars({here[0]!r}): its "
                "points are then those of the grid"
            )
        x, y = (_coordinate(name, axis, given.coords[axis]) for axis in ("x", "y"))
        texts = {str(given.coords[axis].attrs.get("units", "")) for axis in ("x", "y")} - set(UNKNOWN)
        length = texts.pop() if len(texts) == 1 else None
        return cls(values, spins, *_plain_axes(name, x, y), length, own_unit(given))

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape of the values."""
        return self.values.shape

    @property
    def ndim(self) -> int:
        """Number of dimensions of the values."""
        return self.values.ndim

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray:
        return np.array(self.values, dtype)

    def __repr__(self) -> str:
        return f"DataArray{self.shape}{'' if self.x is None else f' on {self.extent}'}"

    @property
    def extent(self) -> str:
        """Where its points are."""
        assert self.x is not None
        assert self.y is not None
        return extent(self.x, self.y, self.shape[-2:])

    def times(self, factor: float) -> Self:
        """Return the values times a factor, as numbers without a unit."""
        values = self.values * factor
        values.flags.writeable = False
        return replace(self, values=values, unit="")

    def check_units(self, name: str, length: str | None) -> None:
        """Refuse coordinates in another unit than that of lengths of the model, where both are known.

        Raises
        ------
        ValueError
            They are.
        """
        if self.length and length and length not in UNKNOWN and self.length != length:
            raise ValueError(
                f"the coordinates of {name} are in {self.length!r}, lengths of the model in {length!r}; convert them, "
                f"{name}.assign_coords(x=..., y=...), and their attrs['units']"
            )

    def coincides(self, grid: Grid) -> bool:
        """Return whether its points are those of the grid, in any order along x and y."""
        if self.x is None or self.y is None:
            return self.shape[-2:] == grid.shape
        if self.shape[-2:] != grid.shape or (self.x.ndim == 1 and not grid.rectangular):
            return False
        given, need = (self.x, self.y), grid.points
        if self.x.ndim == 1:
            given, need = (np.sort(self.x), np.sort(self.y)), (np.sort(need[0][0]), np.sort(need[1][:, 0]))
        near = SAME_POINTS * min(grid.spacing)
        return all(np.allclose(a, b, rtol=0, atol=near) for a, b in zip(given, need, strict=True))

    def on(self, name: str, grid: Grid) -> np.ndarray:
        """Return the values on the grid, (..., ny, nx).

        Raises
        ------
        ValueError
            Its points do not cover the grid, or are another number where they have no coordinates.
        """
        if self.x is None or self.y is None:
            return self.values
        if self.x.ndim == 2:
            if not self.coincides(grid):
                raise ValueError(
                    f"the coordinates x and y of {name} are two-dimensional and not those of the grid: it is on "
                    f"{self.extent}, the grid on {extent(*grid.points, grid.shape)}; interpolate it to grid.points"
                )
            return self.values
        points, values = [], self.values
        for axis, given in enumerate((self.x, self.y)):
            order = np.argsort(given)
            known, index = _wrapped(given[order], abs(grid.vectors[axis][axis]) if grid.rectangular else None)
            points.append(known)
            values = np.take(values, order[index], axis=-1 - axis)
        return _interpolated(values, *self._reached(name, grid, *points))

    def _reached(self, name: str, grid: Grid, x: np.ndarray, y: np.ndarray) -> list[tuple[np.ndarray, np.ndarray]]:
        """Return where the points of the grid lie among x and among y: the index below, and how far to the next."""
        places = (grid.points[0][:1], grid.points[1][:, :1]) if grid.rectangular else grid.points
        near = SAME_POINTS * min(grid.spacing)
        for at, known in zip(places, (x, y), strict=True):
            if at.min() < known[0] - near or at.max() > known[-1] + near:
                raise ValueError(
                    f"{name} does not cover the grid: it is on {self.extent}, the grid on "
                    f"{extent(*grid.points, grid.shape)}; give it on all of the grid, or drop its coordinates, "
                    ".drop_vars(['x', 'y']), if its points are those of the grid"
                )
        return [_between(at, known) for at, known in zip(places, (x, y), strict=True)]


def labelled(given: object) -> list[Labelled]:
    """Return the DataArrays in a parameter: itself, or those of a pump."""
    if isinstance(given, Labelled):
        return [given]
    return [found for _, spot in getattr(given, "spots", ()) for found in labelled(getattr(spot.place, "values", None))]


def extent(x: np.ndarray, y: np.ndarray, shape: tuple[int, ...]) -> str:
    """Return points (ny, nx) in words."""
    return f"{shape[1]} x {shape[0]} points, x in [{x.min():.6g}, {x.max():.6g}], y in [{y.min():.6g}, {y.max():.6g}]"


def _coordinate(name: str, axis: str, given: Any) -> np.ndarray:
    dims = tuple(given.dims)
    if dims not in ((axis,), PLANE, PLANE[::-1]):
        raise ValueError(f"the coordinate {axis} of {name} must have the dimensions ({axis!r},) or {PLANE}; got {dims}")
    return read_array(f"the coordinate {axis} of {name}", given, dims=PLANE if len(dims) == 2 else dims)


def _plain_axes(name: str, x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return x and y of one dimension each where they are the same in all rows and columns."""
    if x.ndim != y.ndim:
        raise ValueError(f"the coordinates x and y of {name} have {x.ndim} and {y.ndim} dimensions; give both alike")
    if x.ndim == 2 and (x == x[:1]).all() and (y == y[:, :1]).all():
        x, y = x[0], y[:, 0]
    for axis, along in (("x", x), ("y", y)) if x.ndim == 1 else ():
        if np.unique(along).size != along.size:
            raise ValueError(f"the coordinate {axis} of {name} has a value twice; give each point once")
    return x, y


def _wrapped(known: np.ndarray, period: float | None) -> tuple[np.ndarray, np.ndarray]:
    """Return ascending coordinates and their indices, with one more at either end where they span just one period.

    Only then is it plain what lies beyond: equal steps, one of which joins the last point to the image of the first.
    """
    n, index = known.size, np.arange(known.size)
    if period is None or n < 2:
        return known, index
    step = period / n
    if np.abs(np.diff(known) - step).max() > SAME_POINTS * step:
        return known, index
    return np.concatenate([[known[-1] - period], known, [known[0] + period]]), np.concatenate([[-1], index, [0]])


def _between(at: np.ndarray, known: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the index of the known point below ``at``, and the part of the way to the next, 0 and 1 on a point."""
    below = np.clip(np.searchsorted(known, at, side="right") - 1, 0, known.size - 2)
    part = np.clip((at - known[below]) / (known[below + 1] - known[below]), 0.0, 1.0)
    return below, np.where(np.abs(part - np.rint(part)) < SAME_POINTS, np.rint(part), part)


def _interpolated(values: np.ndarray, x: tuple[np.ndarray, np.ndarray], y: tuple[np.ndarray, np.ndarray]) -> np.ndarray:
    """Interpolate linearly along x, then along y; (..., ny, nx)."""
    (i, u), (j, v) = x, y
    below, above = ((1 - u) * values[..., row, i] + u * values[..., row, i + 1] for row in (j, j + 1))
    between: np.ndarray = (1 - v) * below + v * above
    return between
