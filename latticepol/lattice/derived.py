"""Ribbons, patches and pruned lattices, from the moves of geometry."""

import math

import numpy as np

from latticepol.arrays import read_array, read_choice
from latticepol.lattice import checks
from latticepol.lattice.geometry import Geometry, coordination, move, open_direction, order, remove, tile
from latticepol.lattice.shapes import Shape

#: A site this close (in cells) to the border of a cell lies on it.
ON_THE_BORDER = 1e-6
#: What an edge may be besides a name.
EDGE_NUMBERS = "integers (m, n) for m A1 + n A2"
#: The largest of the numbers of an edge.
STEEPEST = 1000


def cell_matrix(counts: object, d: int) -> np.ndarray:
    """Return the integer matrix (d, d) of a supercell given as a number, as one number per direction, or as that
    matrix.

    Raises
    ------
    ValueError
        It gives no cell.
    """
    given = read_array("counts", counts, need="the numbers of cells along A1, A2")
    if given.ndim < 2:
        given = checks.integers("counts", np.broadcast_to(given, d) if given.ndim == 0 else given, (d,))
        if (given < 1).any():
            raise ValueError(f"counts = {counts} are not positive; give the numbers of cells along A1, A2")
        checks.check_cells("counts", given)
        return np.diag(given)
    matrix = checks.integers("counts", given, (d, d))
    checks.check_cells("counts", np.abs(matrix).sum(axis=0))
    if round(np.linalg.det(matrix)) < 1:
        raise ValueError(f"counts = {counts} has a determinant < 1; give rows of a right-handed cell, or swap them")
    return matrix


def strip(geometry: Geometry, direction: tuple[int, int], width: int, shift: float) -> Geometry:
    """Return a ribbon along ``m A1 + n A2``, ``width`` cells wide.

    The cell of the crystal becomes T1 = m A1 + n A2 and T2 with det(T1, T2) that of the old cell. With v the coordinate
    of a site along T2, the ribbon keeps shift <= v < shift + width; its sites are ordered in v.
    """
    along = tile(geometry, np.array([direction, completion(*direction)]))
    rows = _floor(np.linalg.solve(along.vectors.T, along.basis.T)[1] - shift)
    along = move(along, np.column_stack([0 * rows, -rows]))
    ribbon = open_direction(tile(along, np.diag([1, width])), 1)
    ribbon = move(ribbon, -_floor(ribbon.basis @ ribbon.vectors[0] / (ribbon.vectors[0] @ ribbon.vectors[0]))[:, None])
    return order(ribbon, _across_then_along(ribbon))


def normal(vector: np.ndarray) -> np.ndarray:
    """Return the unit vector to the left of ``vector``."""
    return np.array([-vector[1], vector[0]]) / math.hypot(*vector)


def patch_of_cells(geometry: Geometry, counts: tuple[int, ...]) -> Geometry:
    """Return the sites of the cells 0 <= n_a < counts_a, with nothing around them."""
    patch = tile(geometry, np.diag(counts))
    for _ in counts:
        patch = open_direction(patch, 0)
    return patch


def patch_inside(geometry: Geometry, inside: Shape, size: int) -> Geometry:
    """Return the sites with ``inside(x, y)``, searched in the cells -size <= n_a <= size.

    Raises
    ------
    ValueError
        The patch reaches the last cells that are searched.
    """
    d = len(geometry.vectors)
    block = patch_of_cells(geometry, (2 * size + 1,) * d)
    block = block._replace(basis=block.basis - size * geometry.vectors.sum(axis=0))
    kept = np.array([bool(inside(x, y)) for x, y in block.basis])
    cells = np.indices((2 * size + 1,) * d).reshape(d, -1).T - size
    last = np.repeat((np.abs(cells) == size).any(axis=1), len(geometry.basis))
    if (kept & last).any():
        x, y = block.basis[kept & last][0]
        raise ValueError(
            f"the patch reaches ({x:g}, {y:g}), in the last of the cells -{size}..{size} that are searched; raise "
            f"size, or close the outline"
        )
    if not kept.any():
        raise ValueError("no site lies inside the patch; the function f(x, y) is false at every site near the origin")
    return remove(block, ~kept)


def prune(geometry: Geometry) -> Geometry:
    """Remove sites with at most one neighbour until there is none.

    Raises
    ------
    ValueError
        No site is left.
    """
    dangling = coordination(geometry.bonds, len(geometry.basis)) <= 1
    while dangling.any():
        geometry = remove(geometry, dangling)
        dangling = coordination(geometry.bonds, len(geometry.basis)) <= 1
    if len(geometry.basis) == 0:
        raise ValueError("no site is left: every one was dangling or became so; use prune=False or a larger patch")
    return geometry


def edge_direction(edge: object, vectors: np.ndarray) -> tuple[int, int]:
    """Return (m, n) of an edge given by name or as such a pair; in a hexagonal crystal zigzag is A1, armchair normal to
    it.

    Raises
    ------
    ValueError
        The name is unknown, the crystal is not hexagonal, or m and n are not coprime integers.
    """
    if isinstance(edge, str):
        edge = read_choice("edge", edge, ("zigzag", "armchair"), EDGE_NUMBERS)
        (a, b), (_, c) = (vectors @ vectors.T).tolist()
        if not (math.isclose(a, c) and math.isclose(2 * abs(b), a)):
            raise ValueError(f"edge = {edge!r} needs a hexagonal crystal; give integers (m, n) for an edge m A1 + n A2")
        return (1, 0) if edge == "zigzag" else (-1 if b > 0 else 1, 2)
    pair = read_array("edge", edge, need=f"'zigzag', 'armchair' or {EDGE_NUMBERS}")
    if pair.shape != (2,) or (pair % 1).any() or np.abs(pair).max() > STEEPEST:
        raise ValueError(f"edge must be 'zigzag', 'armchair' or {EDGE_NUMBERS}; got {edge!r}")
    m, n = map(int, pair)
    divisor = math.gcd(m, n)
    if divisor != 1:
        reduced = f"use ({m // divisor}, {n // divisor})" if divisor else "(0, 0) is not a direction"
        raise ValueError(f"edge = {edge!r} must have no common divisor; {reduced}")
    return m, n


def completion(m: int, n: int) -> tuple[int, int]:
    """Return the shortest (p, q) with ``m q - n p = 1``."""
    p = next(p for p in range(abs(m) or 1) if m == 0 or (1 + n * p) % m == 0)
    q = (1 + n * p) // m if m else 0
    if m == 0:
        p = -n
    steps = round((p * m + q * n) / (m * m + n * n))
    return p - steps * m, q - steps * n


def _across_then_along(ribbon: Geometry) -> np.ndarray:
    """Return the order of the sites: by distance across the ribbon, then along it, both rounded."""
    vector = ribbon.vectors[0]
    unit = vector / math.hypot(*vector)
    across, along = (np.round(ribbon.basis @ axis / math.hypot(*vector), 6) for axis in (normal(vector), unit))
    return np.lexsort((along, across))


def _floor(values: np.ndarray) -> np.ndarray:
    return np.floor(values + ON_THE_BORDER).astype(int)
