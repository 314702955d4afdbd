"""The linear part of a network: hopping along bonds and 2x2 terms on sites (docs/physics.md, section 3)::

T_nm = -[ J + dJ (cos 2phi sx + sin 2phi sy) ] ,    T_nn = -(epsilon/2)(1 + i g) sx + onsite
"""

from collections.abc import Iterator
from typing import NamedTuple, Self

import numpy as np
from scipy import sparse
from scipy.linalg import eigh_tridiagonal

from latticepol.lattice import Lattice

#: Distance within which two bonds are the same, in the unit of the lattice.
SAME_BOND = 1e-6
#: Lanczos steps for the ends of a spectrum.
LANCZOS_STEPS = 40
#: A remainder below this part of the matrix counts as none: the space is exhausted.
LANCZOS_END = 1e-12


class Hopping(NamedTuple):
    """Every bond from both of its ends, and what stays on the site."""

    i: np.ndarray  # (D,) the site that is reached
    j: np.ndarray  # (D,) the site that is left
    vector: np.ndarray  # (D, 2) from i to j
    block: np.ndarray  # (D, 2, 2) T_ij
    onsite: np.ndarray  # (N, 2, 2)

    @classmethod
    def of(cls, lattice: Lattice, J: np.ndarray, dJ: np.ndarray, onsite: np.ndarray) -> Self:
        """Make it from the hoppings of each bond (M,) and the terms of each site (N, 2, 2)."""
        i, j = lattice.bonds[:, 0], lattice.bonds[:, 1]
        vector = lattice.bond_vectors
        block = blocks(J * lattice.strengths, dJ * lattice.strengths, lattice.angles)
        ends = np.concatenate([i, j]), np.concatenate([j, i])
        return cls(*ends, np.concatenate([vector, -vector]), np.concatenate([block, block]), onsite)

    def hermitian(self) -> "Hopping":
        """Return the hopping without losses: J and dJ real, the terms on sites Hermitian."""
        # the block of the way back is the same matrix, so its Hermitian part is that of real J and dJ
        return self._replace(block=_hermitian(self.block), onsite=_hermitian(self.onsite))

    def sparse(self) -> sparse.csr_array:
        """Return T at k = 0, the hopping of one cell that closes upon itself, (2N, 2N)."""
        n = len(self.onsite)
        i, j = np.concatenate([self.i, np.arange(n)]), np.concatenate([self.j, np.arange(n)])
        block = np.concatenate([self.block, self.onsite])
        rows = 2 * i[:, None, None] + np.array([[0, 0], [1, 1]])
        columns = 2 * j[:, None, None] + np.array([[0, 1], [0, 1]])
        values = (block.ravel(), (rows.ravel(), columns.ravel()))
        return sparse.csr_array(sparse.coo_array(values, shape=(2 * n, 2 * n)))

    def inversions(self) -> Iterator[np.ndarray]:
        """Yield the orders p (N,) of sites in which every bond is turned around: from p[i] it leads back to p[j]."""
        n = len(self.onsite)
        bonds = [np.flatnonzero(self.i == site) for site in range(n)]
        for first in range(n):
            image = {0: first}
            waiting = [0]
            while waiting:
                site = waiting.pop()
                ends, back = bonds[site], bonds[image[site]]
                sums = np.abs(self.vector[ends][:, None] + self.vector[back]).sum(axis=-1)
                if sums.shape[1] == 0 or (sums.min(axis=1) > SAME_BOND).any():
                    break
                images = zip(self.j[ends], self.j[back[sums.argmin(axis=1)]], strict=True)
                for other, turned in images:
                    if other not in image:
                        image[other] = turned
                        waiting.append(other)
            else:
                order = np.array([image.get(site, -1) for site in range(n)])
                if np.array_equal(np.sort(order), np.arange(n)):
                    yield order


def blocks(J: np.ndarray, dJ: np.ndarray, angle: np.ndarray) -> np.ndarray:
    """Return ``-[J + dJ (cos 2phi sx + sin 2phi sy)]`` of every bond, (..., 2, 2)."""
    turn = np.exp(2j * angle)
    J = J + 0 * turn
    return -np.stack([np.stack([J, dJ / turn], axis=-1), np.stack([dJ * turn, J], axis=-1)], axis=-2)


def splitting(epsilon: float, g: np.ndarray) -> np.ndarray:
    """Return ``-(epsilon/2)(1 + i g) sx`` of every site, (N, 2, 2)."""
    mixing: np.ndarray = -0.5 * epsilon * (1 + 1j * g)[:, None, None] * np.array([[0, 1], [1, 0]])
    return mixing


def extremes(H: sparse.csr_array) -> np.ndarray:
    """Return the lowest and the highest eigenvalue of a Hermitian matrix, to a hundredth of their distance
    (Lanczos)."""
    v = np.random.default_rng(0).standard_normal(H.shape[0]).astype(complex)  # the same anew: a run says the same again
    last, v, beta = np.zeros_like(v), v / np.linalg.norm(v), 0.0
    diagonal, off_diagonal = [], []
    for _ in range(min(LANCZOS_STEPS, H.shape[0])):
        w = H @ v - beta * last
        diagonal.append(np.vdot(v, w).real)
        w -= diagonal[-1] * v
        beta = float(np.linalg.norm(w))
        if beta < LANCZOS_END * max(map(abs, diagonal)):
            break
        off_diagonal.append(beta)
        last, v = v, w / beta
    edges: np.ndarray = eigh_tridiagonal(diagonal, off_diagonal[: len(diagonal) - 1], eigvals_only=True)[[0, -1]]
    return edges


def _hermitian(block: np.ndarray) -> np.ndarray:
    symmetric: np.ndarray = 0.5 * (block + block.conj().swapaxes(-1, -2))
    return symmetric
