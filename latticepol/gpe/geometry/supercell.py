"""The same model on a larger cell: its grid and its terms."""

import itertools
import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from latticepol.gpe.field_model import FieldModel
from latticepol.gpe.linear_response.stationarity import DRIVE_TIMES
from latticepol.gpe.terms.base import Term, acted
from latticepol.grid import Grid

#: Values in two cells that differ by less than this part of the largest are the same.
SAME_VALUE = 1e-9
#: Counts up to so many times the given ones are tried for the advice.
ADVICE = 6


def larger(grid: Grid, matrix: np.ndarray) -> Grid:
    """Return the grid on the cell with the rows ``matrix @ (A1, A2)``, whose points are all points of the small cells.

    Raises
    ------
    ValueError
        They are not those of a grid along these vectors.
    """
    counts = _counts(grid.counts, matrix)
    need = round(np.linalg.det(matrix)) * math.prod(grid.counts)
    if math.prod(counts) != need:
        raise ValueError(
            f"the points of {grid!r} are not those of a grid along the rows {matrix.tolist()}: there would be {counts} "
            f"of {need} points; {_advice(grid, matrix)}"
        )
    vectors = matrix @ np.array(grid.vectors)
    return replace(grid, vectors=vectors, counts=counts)


def tiled_terms(terms: Sequence[Term], grid: Grid, where: tuple[np.ndarray, np.ndarray]) -> list[Term]:
    """Return the terms on the large cell."""
    return [term.extended(grid, where) for term in terms]


def check_periodic(small: FieldModel, large: FieldModel, where: tuple[np.ndarray, np.ndarray]) -> None:
    """Refuse a model whose functions are not the same in every cell.

    Raises
    ------
    ValueError
        One is not.
    """
    psi = np.ones((2, *small.grid.shape), complex)
    for t in (0.0, *DRIVE_TIMES):
        for name, value in small.equation.coefficients.items():
            _compare(name, _on(value.at(t), small), _on(large.equation.coefficients[name].at(t), large), where)
        for term in small.equation.actions:
            there = acted(term, _at(psi, where), large.grid.points, t)
            _compare(type(term).__name__, acted(term, psi, small.grid.points, t), there, where)


def _on(value: np.ndarray, model: FieldModel) -> np.ndarray:
    """Return a coefficient at every point."""
    return np.broadcast_to(value, np.broadcast_shapes(value.shape, model.grid.shape))


def _compare(name: str, small: np.ndarray, large: np.ndarray, where: tuple[np.ndarray, np.ndarray]) -> None:
    copied = _at(small, where)
    off = float(np.abs(copied - large).max())
    if off > SAME_VALUE * max(float(np.abs(copied).max()), 1.0):
        raise ValueError(
            f"{name} is not the same in every cell, it differs by up to {off:.3g}; give it as an array (ny, nx), which "
            "is copied, a function that is periodic, or a pump on every site (lp.pumps.on_sites); a lp.Absorber is "
            "never periodic: leave it out"
        )


def _at(values: np.ndarray, where: tuple[np.ndarray, np.ndarray]) -> np.ndarray:
    return values[..., where[0], where[1]]


def _counts(counts: Sequence[int], matrix: np.ndarray) -> tuple[int, int]:
    """Return the most points along each row that are all points of the small cells."""
    first, second = (math.gcd(*(abs(int(m)) * n for m, n in zip(row, counts, strict=True))) for row in matrix)
    return first, second


def _advice(grid: Grid, matrix: np.ndarray) -> str:
    determinant = round(np.linalg.det(matrix))
    for a, b in sorted(itertools.product(range(1, ADVICE), repeat=2), key=math.prod):
        tried = grid.counts[0] * a, grid.counts[1] * b
        if math.prod(_counts(tried, matrix)) == determinant * math.prod(tried):
            return f"use {tried} points in the small cell"
    return "use another cell, such as (n1, n2) cells along A1 and A2"
