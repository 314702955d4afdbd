"""Matrices at wavevectors: a constant one, and 2x2 blocks with a phase for each bond (docs/physics.md, section 3)."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

#: Numbers in the matrices of all phases up to which they are summed in one product of two matrices.
PRODUCT_NUMBERS = 2**14


@dataclass(frozen=True, eq=False)
class BlochSum:
    """``M_k = constant + sum_b e^{i k.d_b} block_b``.

    Parameters
    ----------
    vector
        d_b of the bonds (D, 2), the second half those of the first one turned around.
    i, j
        Where the blocks are, (D,) or (2 D,): rows 2 i and 2 i + 1, columns 2 j and 2 j + 1. Of 2 D blocks number D + b
        has the phase of number b.
    block
        (D, 2, 2) or (2 D, 2, 2).
    constant
        (m, m).
    product
        See PRODUCT_NUMBERS.
    """

    vector: np.ndarray
    i: np.ndarray
    j: np.ndarray
    block: np.ndarray
    constant: np.ndarray
    product: int = PRODUCT_NUMBERS

    def matrix(self, k: np.ndarray) -> np.ndarray:
        """Return M_k (..., m, m) at k (..., 2)."""
        return self._sum(self._phases(np.asarray(k, float)))

    def velocity(self, k: np.ndarray, direction: np.ndarray) -> np.ndarray:
        """Return the derivative of M_k along a unit vector."""
        return self._sum(self._phases(np.asarray(k, float)) * np.append(1j * (self.vector @ direction), 0.0))

    def _phases(self, k: np.ndarray) -> np.ndarray:
        """Return the phases of the bonds, and 1 for the constant, (..., D + 1)."""
        half = len(self.vector) // 2
        phases = np.empty((*k.shape[:-1], 2 * half + 1), complex)
        there = np.exp(1j * (k @ self.vector[:half].T), out=phases[..., :half])
        np.conjugate(there, out=phases[..., half:-1])
        phases[..., -1] = 1.0
        return phases

    def _sum(self, phases: np.ndarray) -> np.ndarray:
        total: np.ndarray
        if self.constant.size * phases.shape[-1] <= self.product:  # many wavevectors of a small cell
            total = phases.reshape(-1, phases.shape[-1]) @ self._terms
            return total.reshape(*phases.shape[:-1], *self.constant.shape)
        total = phases[..., -1, None, None] * self.constant
        for b, (i, j) in enumerate(zip(self.i, self.j, strict=True)):
            phase = phases[..., b % len(self.vector), None, None]
            total[..., 2 * i : 2 * i + 2, 2 * j : 2 * j + 2] += phase * self.block[b]
        return total

    @cached_property
    def _terms(self) -> np.ndarray:
        """What each phase and 1 are multiplied with, (D + 1, m^2)."""
        bonds, n = len(self.vector), len(self.constant) // 2
        terms = np.zeros((bonds + 1, n, 2, n, 2), complex)
        for b, (i, j) in enumerate(zip(self.i, self.j, strict=True)):
            terms[b % bonds, i, :, j] += self.block[b]
        terms[-1] = self.constant.reshape(n, 2, n, 2)
        return terms.reshape(bonds + 1, -1)
