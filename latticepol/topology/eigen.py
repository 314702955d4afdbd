"""Modes of a batch of matrices, sorted by the real part of their frequency (docs/physics.md, section 5)."""

import numpy as np

from latticepol.numerics import eigen
from latticepol.numerics.blas import on_one_thread


@on_one_thread
def sorted_modes(matrices: np.ndarray, *, hermitian: bool = False, pairing: np.ndarray | None = None) -> np.ndarray:
    """Return the eigenvalues (..., m) of the matrices (..., m, m), ascending in Re, ties in Im.

    ``pairing`` (m,) is an order of rows in which they may have a real form (`latticepol.numerics.eigen.eigenvalues`).
    """
    if hermitian:
        return np.linalg.eigvalsh(matrices)
    return eigen.eigenvalues(matrices, pairing=pairing)


@on_one_thread
def biorthogonal_modes(matrices: np.ndarray, *, hermitian: bool = False) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the eigenvalues (..., m), left and right vectors (..., m, m) as columns, in the order of `sorted_modes`.

    ``M R = R diag(w)``, ``L^dagger M = diag(w) L^dagger`` and ``L^dagger R = 1``. Where two modes meet in an
    exceptional point L does not exist, and very large numbers are returned.
    """
    if hermitian:
        omega, right = np.linalg.eigh(matrices)
        return omega, right, right
    return eigen.eigensystem(matrices)


@on_one_thread
def right_modes(matrices: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the eigenvalues (..., m) in the order of `sorted_modes`, and right vectors (..., m, m) of length 1."""
    if matrices.shape[-1] <= eigen.LARGEST:
        omega, _, right = eigen.eigensystem(matrices)
        return omega, right
    omega, right = np.linalg.eig(matrices)
    order = np.lexsort((omega.imag, omega.real), axis=-1)
    return np.take_along_axis(omega, order, axis=-1), np.take_along_axis(right, order[..., None, :], axis=-1)


def upper(vectors: np.ndarray, above: int) -> np.ndarray:
    """Return the vectors (..., m, above) of the modes above the gap, from sorted ones (..., m, m)."""
    check_above(above, vectors.shape[-1])
    return vectors[..., vectors.shape[-1] - above :]


def check_above(above: int, total: int) -> None:
    """Refuse a gap that has not a mode on both of its sides."""
    if not 1 <= above < total:
        raise ValueError(f"above must be 1 to {total - 1} of the {total} modes; got {above}")
