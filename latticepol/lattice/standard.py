"""The standard lattices, all with nearest-neighbour distance 1 and det(A1, A2) > 0."""

import itertools
from typing import Any

import numpy as np

from latticepol.arrays import read_number
from latticepol.lattice import checks
from latticepol.lattice.crystal import Lattice

ROOT3 = 3**0.5
#: Distances that agree to this fraction are the same shell of neighbours.
SAME_SHELL = 1e-6
#: High-symmetry points of a hexagonal lattice whose A1 and A2 are 60 degrees apart, in units of B1, B2.
HEXAGONAL = {"G": (0.0, 0.0), "K": (2 / 3, 1 / 3), "Kp": (1 / 3, 2 / 3), "M": (1 / 2, 1 / 2)}


def honeycomb() -> Lattice:
    """Return the honeycomb.

    A1 = (sqrt 3, 0), A2 = (sqrt 3/2, 3/2), sites (A1 + A2)/3 and 2 (A1 + A2)/3; a hexagon around the origin.
    """
    vectors = np.array([[ROOT3, 0], [ROOT3 / 2, 3 / 2]])
    third = vectors.sum(axis=0) / 3
    return _nearest("honeycomb", vectors, [third, 2 * third], HEXAGONAL)


def triangular() -> Lattice:
    """Return the triangular lattice.

    A1 = (1, 0), A2 = (1/2, sqrt 3/2), one site with six neighbours.
    """
    return _nearest("triangular", [[1, 0], [1 / 2, ROOT3 / 2]], [[0, 0]], HEXAGONAL)


def kagome() -> Lattice:
    """Return the kagome lattice.

    A1 = (2, 0), A2 = (1, sqrt 3), sites 0, A1/2 and A2/2; their bonds form triangles that share corners.
    """
    vectors = np.array([[2, 0], [1, ROOT3]])
    return _nearest("kagome", vectors, [[0, 0], vectors[0] / 2, vectors[1] / 2], HEXAGONAL)


def square() -> Lattice:
    """Return the square lattice.

    A1 = (1, 0), A2 = (0, 1), one site with four neighbours.
    """
    return _nearest("square", [[1, 0], [0, 1]], [[0, 0]])


def lieb() -> Lattice:
    """Return the Lieb lattice.

    A1 = (2, 0), A2 = (0, 2), a corner 0 with four neighbours, middles (1, 0), (0, 1) of the edges with two.
    """
    return _nearest("lieb", [[2, 0], [0, 2]], [[0, 0], [1, 0], [0, 1]])


def chain(dimerisation: float | None = None) -> Lattice:
    """Return a chain along x, periodic in one direction.

    Parameters
    ----------
    dimerisation
        None: one site per cell, A1 = (1, 0). A number D: two sites per cell, A1 = (2, 0), with strengths 1 + D within
        the cell and 1 - D between cells (Su, Schrieffer and Heeger, doi:10.1103/PhysRevLett.42.1698).
    """
    if dimerisation is None:
        return _nearest("chain", [[1, 0]], [[0, 0]])
    dimerisation = read_number("dimerisation", dimerisation)
    vectors, basis = np.array([[2, 0]]), np.array([[0, 0], [1, 0]])
    bonds = np.array([[0, 1, 0], [1, 0, 1]])
    strengths = np.array([1 + dimerisation, 1 - dimerisation])
    return Lattice(vectors, basis, bonds, strengths, name=f"chain({dimerisation:g})")


def neighbours(vectors: object, basis: object, distance: float | None = None, *, tol: float = SAME_SHELL) -> np.ndarray:
    """Return all bonds of one length, (M, 2 + d) as ``Lattice`` takes them, each once.

    Parameters
    ----------
    vectors, basis
        Rows A1.. of the cell (d, 2) and sites (N, 2).
    distance
        Length of the bonds; None: the shortest there is.
    tol
        Lengths that agree to this part of it count.

    Raises
    ------
    ValueError
        No two sites are at that distance; the message lists the shortest distances there are.
    """
    cell = checks.cell(vectors)
    sites = checks.real("basis", basis, (None, 2), ("axis",))
    distance = None if distance is None else read_number("distance", distance, above=0, need="a length")
    tol = read_number("tol", tol, above=0, below=1, need="a part of the distance")
    pairs = _pairs(cell, sites, distance or 0.0)
    lengths = np.linalg.norm(sites[pairs[:, 1]] + pairs[:, 2:] @ cell - sites[pairs[:, 0]], axis=1)
    distance = lengths.min(initial=np.inf) if distance is None else distance
    found: np.ndarray = pairs[np.abs(lengths - distance) <= tol * distance]
    if len(found) == 0:
        shells = ", ".join(f"{length:g}" for length in np.unique(np.round(lengths, 6))[:5]) or "none"
        raise ValueError(f"no two sites are at the distance {distance:g}; the shortest distances are {shells}")
    return found


def _nearest(name: str, vectors: object, basis: object, points: Any = None) -> Lattice:
    vectors, basis = np.asarray(vectors, dtype=float), np.asarray(basis, dtype=float)
    return Lattice(vectors, basis, neighbours(vectors, basis, 1.0), points=points, name=name)


def _pairs(cell: np.ndarray, sites: np.ndarray, distance: float) -> np.ndarray:
    """Return (i, j, n) of all pairs that may be that close, and of nearest ones, each once: i < j, or i = j and n after
    0."""
    extent = distance + np.linalg.norm(np.ptp(sites, axis=0)) + np.linalg.norm(cell, axis=1).max(initial=0.0)
    cells = np.ceil(extent * np.linalg.norm(np.linalg.pinv(cell), axis=0))
    checks.check_cells("distance", [*(2 * cells + 1), len(sites) ** 2])
    reach = cells.astype(int)
    translations = np.array(list(itertools.product(*(range(-r, r + 1) for r in reach))), dtype=int)
    i, j, n = np.indices((len(sites), len(sites), len(translations))).reshape(3, -1)
    pairs = np.column_stack([i, j, translations[n]])
    after_zero = n > len(translations) // 2
    once: np.ndarray = pairs[(i < j) | ((i == j) & after_zero)]
    return once
