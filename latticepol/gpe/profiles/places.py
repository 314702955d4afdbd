"""Places: how a function made at the origin is put on a grid, alone or on every site of a lattice."""

import itertools
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from latticepol.errors import kind, lattice_hint
from latticepol.gpe.profiles.labelled import Labelled
from latticepol.grid import Grid
from latticepol.lattice import Lattice

Function = Callable[[np.ndarray, np.ndarray], Any]

#: A spot ends where it has decayed to exp(-DECAY) of its height, far below rounding.
DECAY = 40.0
#: Numbers of cells and fractions of a cell are known this well.
WHOLE_CELLS = 1e-8
#: Wavevectors whose lengths agree to this fraction are the same shell.
SAME_SHELL = 1e-6
#: Cells along each vector among which a rectangle is looked for.
RECTANGLE_SEARCH = 12


def alone(function: Function, grid: Grid) -> Any:
    """Return the function at the points of the grid."""
    return function(*grid.points)


@dataclass(frozen=True, eq=False)
class Given:
    """Values of a user's own: an array (ny, nx), or one with coordinates."""

    values: Any

    def __call__(self, function: Function, grid: Grid) -> Any:
        """Return the values on the grid."""
        return self.values.on("profile", grid) if isinstance(self.values, Labelled) else self.values


@dataclass(frozen=True)
class Sites:
    """A function that ends at the distance ``reach``, on every site of a lattice and in all its periodic images.

    ``combine`` is ``np.add``, or ``np.maximum``: where spots overlap the largest counts.
    """

    lattice: Lattice
    reach: float
    weights: tuple[float, ...]
    combine: Callable[[Any, Any], Any] = np.add

    def __call__(self, function: Function, grid: Grid) -> np.ndarray:
        """Return the sum (or the largest) of ``weight_n f(r - r_n)`` at the points of the grid."""
        rows = _translations(self.lattice, grid)
        images = _combinations(rows, self.reach, apart=0.5) @ rows
        total = np.zeros(grid.shape, np.result_type(float, function(np.zeros(1), np.zeros(1))))
        for weight, site in zip(self.weights, self.lattice.basis, strict=True):
            x, y = _folded(grid.points, site, rows)
            for image_x, image_y in images:
                dx, dy = x - image_x, y - image_y
                near = np.hypot(dx, dy) <= self.reach
                total[near] = self.combine(total[near], weight * function(dx[near], dy[near]))
        return total


@dataclass(frozen=True)
class Waves:
    """A function that has the translations of a lattice, on a grid that has them too."""

    lattice: Lattice

    def __call__(self, function: Function, grid: Grid) -> Any:
        """Return the function at the points of the grid."""
        _check_fit(self.lattice, grid, [0, 1])
        return function(*grid.points)


def check_lattice(lattice: object) -> None:
    """Refuse anything but a lattice.

    Raises
    ------
    TypeError
        It is something else.
    """
    if not isinstance(lattice, Lattice):
        raise TypeError(f"lattice is {kind(lattice)}; give a lp.Lattice, {lattice_hint(lattice)}")


def shortest_waves(lattice: Lattice, shells: int) -> np.ndarray:
    """Return the reciprocal vectors of the shortest ``shells`` lengths, one of each pair +-G, (M, 2).

    Raises
    ------
    ValueError
        The lattice is a finite patch.
    """
    check_lattice(lattice)
    if lattice.dimension == 0:
        raise ValueError(f"{lattice!r} is a finite patch and has no waves; give the crystal that it was cut from")
    rows = lattice.reciprocal
    numbers = _combinations(rows, shells * np.linalg.norm(rows, axis=1).min())  # its multiples are shells enough
    waves = numbers[len(numbers) // 2 + 1 :] @ rows  # those after 0, the negatives of those before it
    lengths = np.linalg.norm(waves, axis=1)
    ascending = np.sort(lengths)
    starts = np.flatnonzero(np.diff(ascending, prepend=0.0) > SAME_SHELL * ascending)
    shortest: np.ndarray = waves[lengths <= ascending[starts[shells - 1]] * (1 + SAME_SHELL)]
    return shortest


def _translations(lattice: Lattice, grid: Grid) -> np.ndarray:
    """Return the rows (2, 2) of a cell that holds each site of ``lattice.basis`` once, and fills the cell of the grid.

    Raises
    ------
    ValueError
        There is none, or a site lies outside of the box of a patch or a ribbon.
    """
    cell = np.array(grid.vectors)
    if lattice.dimension == 0:
        _check_inside(lattice, grid, [0, 1])
        return cell
    if lattice.dimension == 2:
        _check_fit(lattice, grid, [0, 1])
        return lattice.vectors
    along = lattice.vectors[0]
    misses = np.abs(cell[:, 0] * along[1] - cell[:, 1] * along[0]) / np.linalg.norm(cell, axis=1)
    across = int(np.argmax(misses))
    if misses[1 - across] > WHOLE_CELLS * np.linalg.norm(along):
        raise ValueError(
            f"{lattice!r} does not close in the cell of {grid!r}: neither vector of the cell is along A1 of the "
            "lattice; use a cell with one vector along it, a whole number of times as long"
        )
    _check_fit(lattice, grid, [1 - across])
    _check_inside(lattice, grid, [across])
    return np.array([along, cell[across]])


def _check_fit(lattice: Lattice, grid: Grid, directions: list[int]) -> None:
    numbers = np.array(grid.vectors) @ lattice.reciprocal.T / (2 * np.pi)
    wrong = np.abs(numbers - np.rint(numbers)).max(axis=1) > WHOLE_CELLS
    if not wrong[directions].any():
        return
    row = next(i for i in directions if wrong[i])
    x, y = grid.vectors[row]
    cells = " + ".join(f"{number:.6g} A{a + 1}" for a, number in enumerate(numbers[row]))
    raise ValueError(
        f"{lattice!r} does not fit the cell of the grid, whose A{row + 1} = ({x:.6g}, {y:.6g}) spans {cells} of the "
        f"lattice, which must be whole numbers; use {_repair(lattice, grid)}"
    )


def _repair(lattice: Lattice, grid: Grid) -> str:
    if lattice.dimension == 1:
        return "a cell of a whole number of A1 along A1 of the lattice, and normal to it"
    text = "lp.Grid.cell(lattice, n) or lp.Grid.cell(lattice.supercell(m), n)"
    sides = _rectangle(lattice.vectors)
    if not grid.rectangular or sides is None:
        return text
    near = [max(1, round(abs(grid.vectors[i][i]) / side)) * side for i, side in enumerate(sides)]
    return (
        f"{text}, or an lp.Grid.rectangle of a whole number of {sides[0]:.6g} x {sides[1]:.6g}, here {near[0]:.6g} x "
        f"{near[1]:.6g}, with all digits of lattice.vectors"
    )


def _rectangle(vectors: np.ndarray) -> tuple[float, float] | None:
    """Return the sides of the smallest rectangle along x and y that has the translations of a crystal."""
    steps = range(-RECTANGLE_SEARCH, RECTANGLE_SEARCH + 1)
    moves = np.array(list(itertools.product(steps, repeat=2))) @ vectors
    lengths = np.linalg.norm(moves, axis=1)
    found = [lengths[(np.abs(moves[:, 1 - a]) < WHOLE_CELLS * lengths)] for a in (0, 1)]
    return (float(found[0].min()), float(found[1].min())) if found[0].size and found[1].size else None


def _check_inside(lattice: Lattice, grid: Grid, directions: list[int]) -> None:
    fractions = lattice.basis @ np.linalg.inv(np.array(grid.vectors)) + np.array(grid.origin) / np.array(grid.counts)
    outside = ((fractions < -WHOLE_CELLS) | (fractions >= 1 - WHOLE_CELLS))[:, directions].any(axis=1)
    if not outside.any():
        return
    site = int(np.argmax(outside))
    x, y = grid.points
    raise ValueError(
        f"site {site} of {lattice!r} at ({lattice.basis[site, 0]:.6g}, {lattice.basis[site, 1]:.6g}) lies outside the "
        f"box, x in [{x.min():.6g}, {x.max():.6g}], y in [{y.min():.6g}, {y.max():.6g}]; make the box larger, or move "
        "the lattice: lattice.replace(basis=lattice.basis - lattice.basis.mean(axis=0))"
    )


def _folded(points: tuple[np.ndarray, np.ndarray], site: np.ndarray, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return x and y of the points seen from the site, moved by whole rows into the cell around it."""
    dx, dy = points[0] - site[0], points[1] - site[1]
    inverse = np.linalg.inv(rows)
    first, second = (np.rint(dx * inverse[0, a] + dy * inverse[1, a]) for a in (0, 1))
    return dx - first * rows[0, 0] - second * rows[1, 0], dy - first * rows[0, 1] - second * rows[1, 1]


def _combinations(rows: np.ndarray, distance: float, *, apart: float = 0.0) -> np.ndarray:
    """Return integers (M, d) of all sums of the rows within a distance (and ``apart`` rows further); 0 is in the
    middle."""
    reach = np.floor(distance * np.linalg.norm(np.linalg.pinv(rows), axis=0) + apart + WHOLE_CELLS).astype(int)
    return np.array(list(itertools.product(*(range(-r, r + 1) for r in reach))))
