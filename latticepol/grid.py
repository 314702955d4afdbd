"""Grid: a periodic cell, possibly oblique, its points and its wavevectors (docs/physics.md, section 1)."""

import math
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Protocol, Self

import numpy as np

from latticepol.arrays import read_array, read_integer
from latticepol.errors import kind, lattice_hint

Pair = tuple[float, float]
#: Points along one vector that no memory holds twice.
MOST_POINTS = 1e9
#: Points of two grids are the same to this fraction of a spacing, vectors to this fraction of a cell.
SAME_POINTS = 1e-6


class Crystal(Protocol):
    """What has a cell, as a lattice."""

    @property
    def vectors(self) -> np.ndarray:
        """Rows A1.. of the cell."""
        ...


@dataclass(frozen=True)
class Grid:
    """A periodic cell of ``n1 x n2`` points.

    Points ``r = (i1 - o1)/n1 A1 + (i2 - o2)/n2 A2``, wavevectors ``k = m1 B1 + m2 B2 + q`` with ``A_i . B_j = 2 pi
    delta_ij`` and ``m`` in the order of the fast Fourier transform. Arrays on the grid have shape ``(..., n2, n1)``.

    Parameters
    ----------
    vectors
        Rows A1 and A2 of the cell (length).
    counts
        (n1, n2), the number of points along A1 and A2.
    q
        Bloch wavevector (1/length): the field is ``exp(i q.r)`` times what is stored, which is periodic.
    origin
        (o1, o2), the indices of the point r = 0 along A1 and A2.

    Raises
    ------
    ValueError
        The vectors are not finite or (nearly) parallel, a count is not an integer >= 2, q or origin is not a pair.
    """

    vectors: tuple[Pair, Pair]
    counts: tuple[int, int]
    q: Pair = (0.0, 0.0)
    origin: tuple[int, int] = (0, 0)

    def __post_init__(self) -> None:
        """Keep plain tuples, so that grids compare and print, and refuse vectors that span no cell."""
        vectors = _finite("vectors", self.vectors, (2, 2))
        object.__setattr__(self, "vectors", tuple(tuple(row) for row in vectors.tolist()))
        object.__setattr__(self, "counts", _counts(self.counts))
        object.__setattr__(self, "q", tuple(_finite("q", self.q, (2,)).tolist()))
        object.__setattr__(self, "origin", tuple(_whole("origin", self.origin)))
        if max(map(abs, self.origin)) > MOST_POINTS:
            raise ValueError(
                f"origin = {self.origin} must be at most {MOST_POINTS:g} points away; move it by whole cells"
            )
        lengths = np.linalg.norm(vectors, axis=1)
        if self.area <= 1e-6 * lengths.prod() or not lengths.all():
            raise ValueError(f"vectors {self.vectors} span no area; give two that are not parallel, as rows A1 and A2")

    @classmethod
    def rectangle(cls, lengths: Pair, counts: tuple[int, int], *, q: Pair = (0.0, 0.0)) -> Self:
        """Return a box (Lx, Ly) of (nx, ny) points ``x_i = (i - nx//2) Lx/nx``: the origin is at index n//2."""
        lx, ly = _finite("lengths", lengths, (2,)).tolist()
        if lx <= 0 or ly <= 0:
            raise ValueError(f"lengths = {lengths} are not positive; give the sides (Lx, Ly) of the box")
        nx, ny = _counts(counts)
        return cls(((lx, 0.0), (0.0, ly)), (nx, ny), q, (nx // 2, ny // 2))

    @classmethod
    def cell(cls, lattice: Crystal, n: int | tuple[int, int], *, q: Pair = (0.0, 0.0)) -> Self:
        """Return the primitive cell of ``lattice`` with n points along each vector (or n = (n1, n2)): ``r = i/n A``.

        Raises
        ------
        TypeError
            It is not a lattice.
        """
        if isinstance(lattice, type) or not hasattr(lattice, "vectors"):
            raise TypeError(f"lattice is {kind(lattice)}; give a lp.Lattice, {lattice_hint(lattice)}")
        numbers = read_array("n", n, need="an integer, or two: n, (n1, n2)")
        vectors: Any = lattice.vectors
        counts: Any = np.full(2, numbers) if numbers.ndim == 0 else numbers
        return cls(vectors, counts, q)

    @property
    def shape(self) -> tuple[int, int]:
        """(n2, n1), the shape of arrays on the grid."""
        return self.counts[1], self.counts[0]

    @property
    def area(self) -> float:
        """Area of the cell, |det(A1, A2)|."""
        (ax, ay), (bx, by) = self.vectors
        return abs(ax * by - ay * bx)

    @property
    def point_area(self) -> float:
        """Area dV of one point, the weight of the (spectrally accurate) quadrature."""
        return self.area / math.prod(self.counts)

    @property
    def spacing(self) -> Pair:
        """Distance of neighbouring points along A1 and A2; ``pi/spacing`` is the largest |k| along each."""
        (ax, ay), (bx, by) = self.vectors
        return math.hypot(ax, ay) / self.counts[0], math.hypot(bx, by) / self.counts[1]

    @property
    def rectangular(self) -> bool:
        """A1 along x and A2 along y."""
        return self.vectors[0][1] == 0 and self.vectors[1][0] == 0

    @property
    def reciprocal(self) -> np.ndarray:
        """Rows B1 and B2 of the reciprocal cell (1/length)."""
        return 2 * np.pi * np.linalg.inv(np.array(self.vectors)).T

    @cached_property
    def points(self) -> tuple[np.ndarray, np.ndarray]:
        """Cartesian x and y of the points, each (n2, n1)."""
        steps = [np.arange(n) - o for n, o in zip(self.counts, self.origin, strict=True)]
        rows = np.array(self.vectors) / np.array(self.counts)[:, None]
        return _combine(rows, steps, (0.0, 0.0))

    @cached_property
    def wavevectors(self) -> tuple[np.ndarray, np.ndarray]:
        """Cartesian kx and ky of the Fourier modes, q included, each (n2, n1), in the order of the transform."""
        modes = [n * np.fft.fftfreq(n) for n in self.counts]
        return _combine(self.reciprocal, modes, self.q)

    @property
    def coords(self) -> dict[str, Any]:
        """Coordinates x and y of a Dataset with dimensions (y, x); two-dimensional where the cell is oblique."""
        x, y = self.points
        if self.rectangular:
            return {"x": x[0], "y": y[:, 0]}
        return {"x": (("y", "x"), x), "y": (("y", "x"), y)}

    def integrate(self, values: np.ndarray) -> np.ndarray:
        """Return the integral over the cell of an array (..., n2, n1).

        Raises
        ------
        ValueError
            It does not fit the grid.
        """
        total: np.ndarray = self._values(values).sum(axis=(-2, -1)) * self.point_area
        return total

    def resampled(self, values: np.ndarray, other: "Grid") -> np.ndarray:
        """Return values (..., n2, n1) on another grid of the same cell, (..., n2', n1'), by Fourier interpolation.

        Exact where no wave of the values is shorter than either grid resolves.

        Raises
        ------
        ValueError
            The cells differ, or the values do not fit the grid.
        """
        if not np.allclose(self.vectors, other.vectors, rtol=1e-9) or self.q != other.q:
            raise ValueError(f"a grid of the same cell is needed to interpolate values of {self!r}; got {other!r}")
        modes = np.fft.fft2(self._values(values)) / math.prod(self.counts)
        for axis, n, m, o, p in zip((-1, -2), self.counts, other.counts, self.origin, other.origin, strict=True):
            kept = (min(n, m) - 1) // 2
            index = np.concatenate([np.arange(kept + 1), np.arange(-kept, 0)])
            phase = np.exp(2j * np.pi * index * (o / n - p / m))
            shape = list(modes.shape)
            shape[axis] = m
            moved = np.zeros(shape, complex)
            moved.swapaxes(axis, -1)[..., index] = modes.swapaxes(axis, -1)[..., index] * phase
            modes = moved
        return np.fft.ifft2(modes) * math.prod(other.counts)

    def places(self, cell: "Grid") -> tuple[np.ndarray, np.ndarray]:
        """Return indices (i2, i1), each (n2, n1), of the points of ``cell`` that are those of this grid modulo its
        vectors.

        Raises
        ------
        ValueError
            This is not a grid of a supercell of it, or has points that it does not have.
        """
        turns = np.array(self.vectors) @ cell.reciprocal.T / (2 * np.pi)
        if np.abs(turns - np.rint(turns)).max() > SAME_POINTS:
            numbers = np.round(turns, 6) + 0.0
            rows = "; ".join(" + ".join(f"{n:.6g} A{a + 1}" for a, n in enumerate(row)) for row in numbers)
            raise ValueError(
                f"{self!r} is not that of a supercell of {cell!r}: its vectors are {rows} of the cell, which must be "
                "whole numbers; use lp.Grid.cell(lattice.supercell(m), m * n)"
            )
        steps = np.stack(self.points, axis=-1) @ cell.reciprocal.T / (2 * np.pi) * cell.counts + cell.origin
        if np.abs(steps - np.rint(steps)).max() > SAME_POINTS:
            most = [math.gcd(*row) for row in np.rint(turns * cell.counts).astype(int).tolist()]
            raise ValueError(
                f"the grid of {self.counts} points has some that the cell of {cell.counts} does not have; use counts = "
                f"{tuple(most)} or divisors of them, and an origin on a point of the cell"
            )
        first, second = np.moveaxis(np.rint(steps).astype(int) % cell.counts, -1, 0)
        return second, first

    def resolve(self, what: str, size: float) -> None:
        """Refuse a structure of width ``size`` that spans fewer than three points.

        Raises
        ------
        ValueError
            It is not resolved; the message says how many points would do.
        """
        limit = size / 3
        if max(self.spacing) <= limit * (1 + 1e-12):
            return
        if limit * MOST_POINTS < max(self.spacing):
            raise ValueError(f"{what}: no grid can resolve the length {size:.6g}; make it longer")
        n1, n2 = (math.ceil(n * h / limit * (1 - 1e-12)) for n, h in zip(self.counts, self.spacing, strict=True))
        raise ValueError(
            f"{what}: the length {size:.6g} is not resolved: spacing is {max(self.spacing):.6g}, and must be "
            f"<= {limit:.6g}; "
            f"use counts >= ({max(n1, 2)}, {max(n2, 2)})"
        )

    def _values(self, given: object) -> np.ndarray:
        """Return values (..., n2, n1) at the points."""
        values = read_array("values", given, real=False, finite=False, dims=("y", "x"))
        if values.shape[-2:] != self.shape:
            raise ValueError(f"values must have shape (..., {self.shape[0]}, {self.shape[1]}); got {values.shape}")
        return values

    def __repr__(self) -> str:
        (ax, ay), (bx, by) = self.vectors
        n1, n2 = self.counts
        cell = f"{ax:g} x {by:g}" if self.rectangular else f"A1 = ({ax:g}, {ay:g}), A2 = ({bx:g}, {by:g})"
        bloch = f", q = ({self.q[0]:g}, {self.q[1]:g})" if any(self.q) else ""
        return f"Grid({cell}, {n1} x {n2} points{bloch})"


def _combine(rows: np.ndarray, steps: list[np.ndarray], shift: Pair) -> tuple[np.ndarray, np.ndarray]:
    """Return ``steps1 row1 + steps2 row2 + shift``, its x and y, each (n2, n1)."""
    first, second = steps[0][None, :], steps[1][:, None]
    shape = (second.size, first.size)
    if rows[0, 1] == rows[1, 0] == 0:  # views that take no memory
        return (
            np.broadcast_to(first * rows[0, 0] + shift[0], shape),
            np.broadcast_to(second * rows[1, 1] + shift[1], shape),
        )
    x = first * rows[0, 0] + second * rows[1, 0] + shift[0]
    y = first * rows[0, 1] + second * rows[1, 1] + shift[1]
    x.flags.writeable = y.flags.writeable = False
    return x, y


def _finite(name: str, value: object, shape: tuple[int, ...]) -> np.ndarray:
    array = read_array(name, value, need=f"an array {shape}")
    if array.shape != shape:
        raise ValueError(f"{name} must have shape {shape}; got {array.shape}")
    return array


def _whole(name: str, value: object, **limits: int) -> list[int]:
    return [read_integer(f"{name}[{i}]", n, **limits) for i, n in enumerate(_finite(name, value, (2,)).tolist())]


def _counts(counts: object) -> tuple[int, int]:
    n1, n2 = _whole("counts", counts, least=2)
    return n1, n2
