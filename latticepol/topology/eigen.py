"""Modes of a batch of matrices, sorted by the real part of their frequency (docs/physics.md, section 5)."""

import numpy as np

from latticepol.numerics.blas import on_one_thread


@on_one_thread
def sorted_modes(matrices: np.ndarray, *, hermitian: bool = False) -> np.ndarray:
    """Return the eigenvalues (..., m) of the matrices (..., m, m), ascending in Re, ties in Im.

    Small matrices are faster in one batch than one by one, and LAPACK does not use threads for them.
    """
    if hermitian:
        return np.linalg.eigvalsh(matrices)
    return np.sort(np.linalg.eigvals(matrices).astype(complex, copy=False), axis=-1)  # numpy sorts by Re, then Im


@on_one_thread
def biorthogonal_modes(matrices: np.ndarray, *, hermitian: bool = False) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the eigenvalues (..., m), left and right vectors (..., m, m) as columns, in the order of `sorted_modes`.

    ``M R = R diag(w)``, ``L^dagger M = diag(w) L^dagger`` and ``L^dagger R = 1``. Where two modes meet in an
    exceptional point L does not exist; LAPACK then raises ``LinAlgError`` or returns very large numbers.
    """
    if hermitian:
        omega, right = np.linalg.eigh(matrices)
        return omega, right, right
    omega, right = np.linalg.eig(matrices)
    omega = omega.astype(complex, copy=False)
    order = np.argsort(omega, axis=-1)
    omega = np.take_along_axis(omega, order, -1)
    right = np.take_along_axis(right, order[..., None, :], -1).astype(complex, copy=False)
    left = np.linalg.inv(right).conj().swapaxes(-1, -2)
    return omega, left, right


def upper(vectors: np.ndarray, above: int) -> np.ndarray:
    """Return the vectors (..., m, above) of the modes above the gap, from sorted ones (..., m, m)."""
    check_above(above, vectors.shape[-1])
    return vectors[..., vectors.shape[-1] - above :]


def check_above(above: int, total: int) -> None:
    """Refuse a gap that has not a mode on both of its sides."""
    if not 1 <= above < total:
        raise ValueError(f"above must be 1 to {total - 1} of the {total} modes; got {above}")
