"""Sites and bonds as arrays, and the few moves that every derived lattice is made of.

A supercell is :func:`tile`; a ribbon is a tile with one direction opened; a patch is a tile with all of them opened;
a vacancy is :func:`remove`. Whatever loses a neighbour is written down in the cuts.
"""

import itertools
from typing import NamedTuple, Self

import numpy as np


class Cuts(NamedTuple):
    """The hoppings that are missing at edges and vacancies, one row each."""

    #: (C,) the site that misses a neighbour
    site: np.ndarray
    #: (C,) basis site of the original crystal that the neighbour would be
    neighbour: np.ndarray
    #: (C,) bond of the original crystal
    bond: np.ndarray
    #: (C, 2) Cartesian vector from the site to the missing neighbour
    vector: np.ndarray
    #: (C,) strength that the bond had
    strength: np.ndarray

    @classmethod
    def none(cls) -> Self:
        """Return no cuts: those of a crystal."""
        nothing = np.empty(0, dtype=int)
        return cls(nothing, nothing, nothing, np.empty((0, 2)), np.empty(0))

    def take(self, rows: np.ndarray) -> "Cuts":
        """Return the cuts of some rows, given as indices or as a mask."""
        return Cuts(*(values[rows] for values in self))

    def join(self, other: "Cuts") -> "Cuts":
        """Return these cuts followed by others."""
        return Cuts(*(np.concatenate(pair) for pair in zip(self, other, strict=True)))


class Geometry(NamedTuple):
    """The arrays of a lattice, named and shaped as in :class:`latticepol.lattice.Lattice`."""

    vectors: np.ndarray
    basis: np.ndarray
    bonds: np.ndarray
    strengths: np.ndarray
    sublattice: np.ndarray
    parent_bond: np.ndarray
    cuts: Cuts


def bond_vectors(vectors: np.ndarray, basis: np.ndarray, bonds: np.ndarray) -> np.ndarray:
    """Return ``r_j + sum_a n_a A_a - r_i`` of every bond, (M, 2)."""
    separations: np.ndarray = basis[bonds[:, 1]] + bonds[:, 2:] @ vectors - basis[bonds[:, 0]]
    return separations


def coordination(bonds: np.ndarray, sites: int) -> np.ndarray:
    """Return the number of neighbours of every site, (N,): each bond counts at both of its ends."""
    return np.bincount(bonds[:, :2].ravel(), minlength=sites)


def colours(bonds: np.ndarray, sites: int) -> np.ndarray | None:
    """Return signs (N,) that differ at the two ends of every bond, +1 on the first site of each connected part; None:
    none.

    On two copies of the lattice, with every bond leading from one copy into the other, the two images of a site hang
    together exactly where a closed walk of odd length passes through it.
    """
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    i, j = bonds[:, 0], bonds[:, 1]
    ends = np.concatenate([i, j]), np.concatenate([j, i]) + sites
    graph = coo_array((np.ones(2 * len(bonds)), ends), shape=(2 * sites, 2 * sites))
    part = connected_components(graph, directed=False)[1]
    colour = np.sign(part[sites:] - part[:sites])
    return None if (colour == 0).any() else colour.astype(int)


def tile(geometry: Geometry, matrix: np.ndarray) -> Geometry:
    """Return the same sites with the translations ``matrix @ vectors`` (integers, determinant > 0): a cell of det old
    cells.

    Site i of the c-th old cell becomes site ``c N + i``; old cells are ordered with n_1 slowest.
    """
    cells = cells_of(matrix)
    sites, d = len(geometry.basis), len(matrix)
    ends = cells[:, None, :] + geometry.bonds[:, 2:]
    where, translation = _reduce(ends.reshape(-1, d), cells, matrix)
    first = np.arange(len(cells))[:, None] * sites
    i = (first + geometry.bonds[:, 0]).ravel()
    j = where * sites + np.tile(geometry.bonds[:, 1], len(cells))
    cuts = Cuts(*(np.concatenate([values] * len(cells)) for values in geometry.cuts))
    return Geometry(
        vectors=matrix @ geometry.vectors,
        basis=((cells @ geometry.vectors)[:, None, :] + geometry.basis).reshape(-1, 2),
        bonds=np.column_stack([i, j, translation]),
        strengths=np.tile(geometry.strengths, len(cells)),
        sublattice=np.tile(geometry.sublattice, len(cells)),
        parent_bond=np.tile(geometry.parent_bond, len(cells)),
        cuts=cuts._replace(site=(first + geometry.cuts.site).ravel()),
    )


def open_direction(geometry: Geometry, direction: int) -> Geometry:
    """Give up the periodicity along one translation: bonds into other cells along it become cuts at both ends."""
    crossing = geometry.bonds[:, 2 + direction] != 0
    return geometry._replace(
        vectors=np.delete(geometry.vectors, direction, axis=0),
        bonds=np.delete(geometry.bonds, 2 + direction, axis=1)[~crossing],
        strengths=geometry.strengths[~crossing],
        parent_bond=geometry.parent_bond[~crossing],
        cuts=geometry.cuts.join(_cut(geometry, crossing, crossing)),
    )


def remove(geometry: Geometry, gone: np.ndarray) -> Geometry:
    """Return the lattice without the sites of the mask ``gone`` (N,); the others keep their order."""
    lost_i, lost_j = gone[geometry.bonds[:, 0]], gone[geometry.bonds[:, 1]]
    whole = ~lost_i & ~lost_j
    cuts = geometry.cuts.take(~gone[geometry.cuts.site]).join(_cut(geometry, ~lost_i & lost_j, lost_i & ~lost_j))
    left = geometry._replace(
        bonds=geometry.bonds[whole],
        strengths=geometry.strengths[whole],
        parent_bond=geometry.parent_bond[whole],
        cuts=cuts,
    )
    return _renumber(left, np.flatnonzero(~gone))


def order(geometry: Geometry, sites: np.ndarray) -> Geometry:
    """Return the same lattice with its sites in another order: site ``sites[m]`` becomes site m."""
    return _renumber(geometry, sites)


def move(geometry: Geometry, cells: np.ndarray) -> Geometry:
    """Return the same lattice with site i of the cell replaced by its image in the cell ``cells[i]``."""
    bonds = geometry.bonds.copy()
    bonds[:, 2:] += cells[bonds[:, 0]] - cells[bonds[:, 1]]
    return geometry._replace(basis=geometry.basis + cells @ geometry.vectors, bonds=bonds)


def cells_of(matrix: np.ndarray) -> np.ndarray:
    """Return the integer points ``x @ matrix`` with 0 <= x < 1, (det, d), ordered with n_1 slowest."""
    corners = np.array(list(itertools.product((0, 1), repeat=len(matrix)))) @ matrix
    low, high = corners.min(axis=0), corners.max(axis=0)
    box = np.indices(high - low + 1).reshape(len(matrix), -1).T + low
    adjugate, determinant = _inverse(matrix)
    numerators = box @ adjugate
    inside: np.ndarray = box[((numerators >= 0) & (numerators < determinant)).all(axis=1)]
    return inside


def _inverse(matrix: np.ndarray) -> tuple[np.ndarray, int]:
    """Return the adjugate and determinant of an integer matrix of one or two rows: exact, unlike a floating inverse."""
    if len(matrix) == 1:
        return np.ones((1, 1), dtype=int), int(matrix[0, 0])
    (a, b), (c, d) = matrix.tolist()
    return np.array([[d, -b], [-c, a]]), a * d - b * c


def _reduce(points: np.ndarray, cells: np.ndarray, matrix: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Write integer points as ``cells[where] + translation @ matrix``."""
    adjugate, determinant = _inverse(matrix)
    weights = determinant ** np.arange(len(matrix))
    keys = cells @ adjugate @ weights
    sorting = np.argsort(keys)
    translation, remainder = np.divmod(points @ adjugate, determinant)
    return sorting[np.searchsorted(keys[sorting], remainder @ weights)], translation


def _cut(geometry: Geometry, at_i: np.ndarray, at_j: np.ndarray) -> Cuts:
    """Return cuts of the bonds whose end i (mask ``at_i``) and whose end j (mask ``at_j``) loses the other end."""
    i, j = geometry.bonds[:, 0], geometry.bonds[:, 1]
    vector = bond_vectors(geometry.vectors, geometry.basis, geometry.bonds)
    parent, strength = geometry.parent_bond, geometry.strengths
    from_i = Cuts(i, geometry.sublattice[j], parent, vector, strength).take(at_i)
    from_j = Cuts(j, geometry.sublattice[i], parent, -vector, strength).take(at_j)
    return from_i.join(from_j)


def _renumber(geometry: Geometry, sites: np.ndarray) -> Geometry:
    new = np.empty(len(geometry.basis), dtype=int)
    new[sites] = np.arange(len(sites))
    bonds = geometry.bonds.copy()
    bonds[:, :2] = new[bonds[:, :2]]
    return geometry._replace(
        basis=geometry.basis[sites],
        bonds=bonds,
        sublattice=geometry.sublattice[sites],
        cuts=geometry.cuts._replace(site=new[geometry.cuts.site]),
    )
