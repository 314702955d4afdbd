"""Eigenvalues and vectors of many small matrices at once: compiled loops over lanes, and LAPACK where they do not help.

numpy calls LAPACK for one matrix after the other, and most of its time is not arithmetic. Here as many matrices as a
register has lanes go through the same steps (`schur`, `real_schur`), 10 to 20 times faster for up to 16 rows. What one
matrix gives does not depend on its neighbours, the order or the threads, to the last bit.

LAPACK gets matrices of more rows than `LARGEST`, those with a largest entry out of 1e-290 to 1e290 or that is no
number, and those of which the steps did not end. The error is that of LAPACK without balancing: a perturbation of the
matrix by some roundings of its norm. Of matrices that are triangular after a permutation, or badly scaled by rows,
LAPACK finds small eigenvalues more accurately.
"""

import math
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from typing import Any

import numpy as np

from latticepol.arrays import read_integer
from latticepol.numerics.blas import on_one_thread

#: Rows up to which the loops are used. Of full batches they are 4 to 6 times faster than LAPACK at 64 rows, and still 3
#: times at 128; a matrix alone, which has all lanes for itself, takes as long as by LAPACK at 40 rows, and twice at 64.
LARGEST = 64
#: Matrices for each thread at least.
SHARE = 256
#: Matrices of one call of compiled code: hundredths of a second for 8 rows.
PART = 8192
#: Least singular value of right vectors of length 1 that are inverted: large left vectors are wanted, no infinite ones.
PARALLEL = 1e-32

NO_PAIRING = np.empty(0, np.intp)


def eigenvalues(matrices: np.ndarray, *, pairing: np.ndarray | None = None, threads: int = 1) -> np.ndarray:
    """Return the eigenvalues (..., n) of matrices (..., n, n), ascending in Re, ties in Im.

    Parameters
    ----------
    matrices
        Real or complex.
    pairing
        A permutation p (n,). Where ``A[p[i], p[j]]`` is ``[[P, Q], [-Q^*, -P^*]]``, as of a Bogoliubov matrix whose
        condensate is the same under inversion, A has the eigenvalues of a real matrix, times -i, found in 0.6 of the
        time. Each matrix is tested; those that are not of this form are solved as they are.
    threads
        How many share the matrices.

    Raises
    ------
    ValueError
        The pairing is no permutation of the rows, or their number is odd.
    numpy.linalg.LinAlgError
        A matrix holds what is no number, or LAPACK does not find its eigenvalues either.
    """
    A, shape = _flat(matrices)
    n = A.shape[-1]
    order = NO_PAIRING if pairing is None else _permutation(pairing, n)
    if not _small(A):
        return _lapack_values(A).reshape(shape[:-1])
    values, solved = np.empty((len(A), n), complex), np.empty(len(A), bool)
    if A.dtype == complex and pairing is None:
        _solve(_values, threads, A, values, solved)
    else:
        order = NO_PAIRING if A.dtype == float else order
        _solve(_real_values, threads, A, values, solved, shared=(order,))
        if order.size and not solved.all():
            values[~solved] = eigenvalues(A[~solved], threads=threads)
            solved[:] = True
    if not solved.all():
        values[~solved] = _lapack_values(A[~solved])
    return values.reshape(shape[:-1])


def eigensystem(matrices: np.ndarray, *, threads: int = 1) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the eigenvalues w (..., n) as `eigenvalues`, and left and right vectors L, R (..., n, n) as columns.

    ``A R = R diag(w)``, ``L^dagger A = diag(w) L^dagger`` and ``L^dagger R = 1``, also among equal eigenvalues; the
    columns of R have length 1. Where two vectors become one, in an exceptional point, L does not exist, and very large
    numbers are returned.

    Raises
    ------
    numpy.linalg.LinAlgError
        As in `eigenvalues`.
    """
    A, shape = _flat(matrices)
    if not _small(A):
        w, left, right = _lapack_system(A)
    else:
        A = A.astype(complex, copy=False)
        n, many = A.shape[-1], len(A)
        w, solved = np.empty((many, n), complex), np.empty(many, bool)
        left, right = np.empty((many, n, n), complex), np.empty((many, n, n), complex)
        _solve(_system, threads, A, w, solved, left, right)
        if not solved.all():
            w[~solved], left[~solved], right[~solved] = _lapack_system(A[~solved])
    return w.reshape(shape[:-1]), left.reshape(shape), right.reshape(shape)


def _flat(matrices: np.ndarray) -> tuple[np.ndarray, tuple[int, ...]]:
    """Return the matrices in one batch of float64 or complex128, and their shape."""
    A = np.asarray(matrices)
    if A.ndim < 2 or A.shape[-1] != A.shape[-2]:
        raise np.linalg.LinAlgError(f"matrices must be square, (..., n, n); got {A.shape}")
    kind = complex if np.iscomplexobj(A) else float
    n = A.shape[-1]
    return np.ascontiguousarray(A, kind).reshape(math.prod(A.shape[:-2]), n, n), A.shape


def _permutation(pairing: np.ndarray, n: int) -> np.ndarray:
    """Return the order of rows, checked: the loops look at no bounds."""
    order = np.asarray(pairing)
    if n % 2 or order.shape != (n,) or not np.array_equal(np.sort(order), np.arange(n)):
        raise ValueError(f"pairing must be a permutation of an even number of rows, here {n}; got {pairing!r:.80}")
    return np.ascontiguousarray(order, np.intp)


def _small(A: np.ndarray) -> bool:
    return 0 < A.shape[-1] <= LARGEST and len(A) > 0


def _solve(kernel: Callable[..., None], threads: int, *arrays: np.ndarray, shared: tuple[np.ndarray, ...] = ()) -> None:
    """Run the kernel over the matrices, in parts between which Ctrl-C is heard and which threads share."""
    many = len(arrays[0])
    threads = min(read_integer("threads", threads, least=1), max(1, many // SHARE))
    parts = max(threads, -(-many // PART))
    pieces = ([a[i:j] for a in arrays] for i, j in pairwise(np.linspace(0, many, parts + 1).astype(int)))
    if threads == 1:
        for piece in pieces:
            kernel(*shared, *piece)
        return
    with ThreadPoolExecutor(threads) as pool:
        for job in [pool.submit(kernel, *shared, *piece) for piece in pieces]:
            job.result()


def _rows(array: np.ndarray) -> np.ndarray:
    """Numbers of a matrix as one row of doubles."""
    return array.reshape(len(array), -1).view(float)


def _values(A: np.ndarray, values: np.ndarray, solved: np.ndarray) -> None:
    kernels, n = _kernels(), A.shape[-1]
    kernels.eigenvalues(_rows(A), _rows(values), solved, kernels.room(n), np.empty(n, np.intp))


def _real_values(pairing: np.ndarray, A: np.ndarray, values: np.ndarray, solved: np.ndarray) -> None:
    kernels, n = _kernels(), A.shape[-1]
    work = kernels.real_room(n)
    kernels.real_eigenvalues(_rows(A), pairing, _rows(values), solved, work, np.empty(n, np.intp))


def _system(A: np.ndarray, values: np.ndarray, solved: np.ndarray, left: np.ndarray, right: np.ndarray) -> None:
    kernels, n = _kernels(), A.shape[-1]
    order = np.empty((kernels.WIDTH, n), np.intp)
    kernels.eigensystem(_rows(A), _rows(values), _rows(left), _rows(right), solved, kernels.system_room(n), order)


def _kernels() -> Any:
    """Return the compiled loops; numba and its types for registers are loaded where they are first needed."""
    from latticepol.numerics import eigen_kernels

    return eigen_kernels


@on_one_thread
def _lapack_values(A: np.ndarray) -> np.ndarray:
    values: np.ndarray = np.sort(np.linalg.eigvals(A).astype(complex, copy=False), axis=-1)  # by Re, then Im
    return values


@on_one_thread
def _lapack_system(A: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    w, right = np.linalg.eig(A)
    order = np.argsort(w, axis=-1)
    w = np.take_along_axis(w, order, -1).astype(complex, copy=False)
    right = np.take_along_axis(right, order[..., None, :], -1).astype(complex, copy=False)
    try:
        inverse = np.linalg.inv(right)
    except np.linalg.LinAlgError:  # of one of them
        inverse = np.array([_inverse(one) for one in right])
    return w, inverse.conj().swapaxes(-1, -2), right


def _inverse(right: np.ndarray) -> np.ndarray:
    try:
        return np.linalg.inv(right)
    except np.linalg.LinAlgError:  # two vectors are one
        u, s, v = np.linalg.svd(right)
        inverse: np.ndarray = (v.conj().T / np.maximum(s, PARALLEL)) @ u.conj().T
        return inverse
