"""Transfer functions ``C (z - L)^-1 B`` of one matrix at many frequencies z."""

from typing import NamedTuple, Self

import numpy as np
from scipy.linalg import schur


class Resolvent(NamedTuple):
    """``(z - L)^-1`` from the Schur form ``L = Q T Q^dagger``.

    Q is unitary and T triangular, so that a solution is as exact as that of a linear system at every z: in an
    exceptional point, where eigenvectors run together, nothing is lost.
    """

    T: np.ndarray
    Q: np.ndarray

    @classmethod
    def of(cls, L: np.ndarray) -> Self:
        """Make it of a matrix (n, n)."""
        return cls(*schur(np.asarray(L, complex), output="complex"))

    @property
    def poles(self) -> np.ndarray:
        """The eigenvalues (n,) of L."""
        return np.diagonal(self.T)

    def between(self, C: np.ndarray, B: np.ndarray, z: np.ndarray) -> np.ndarray:
        """Return ``C (z - L)^-1 B`` (frequencies, m, b) of rows C (m, n) and columns B (n, b)."""
        rows = C @ self.Q
        m, n = rows.shape
        solved = np.empty((n, len(z) * m), complex)
        for j, pole in enumerate(self.poles):  # x (z - T) = rows, one column of T after the other
            right = np.tile(rows[:, j], len(z)) + self.T[:j, j] @ solved[:j]
            solved[j] = right / np.repeat(z - pole, m)
        transferred: np.ndarray = (solved.T @ (self.Q.conj().T @ B)).reshape(len(z), m, B.shape[1])
        return transferred
