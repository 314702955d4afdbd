"""Linearised motion about a stationary state of a network: Bogoliubov matrices and the largest growth rate.

With psi = e^{-i mu t} [psi0 + u e^{-i w t} + v^* e^{i w^* t}] (docs/physics.md, section 4)::

    w (u, v) = L_k (u, v) ,    L_k = [[ A + T_k - mu , B ], [ -B^* , -(A + T_-k - mu)^* ]]
"""

from collections.abc import Callable

import numpy as np
from scipy import sparse
from scipy.sparse.linalg import eigs

from latticepol import topology
from latticepol.network.hopping import Hopping

#: Points of the search for the largest growth rate along each reciprocal vector, in two and in one dimension.
MESH, CHAIN = 24, 400
#: Matrices of finite networks up to this size are diagonalised whole.
DENSE = 1200
#: Largest growth rate, relative to the fastest mode, that rounding makes of a stable phase mode.
NEUTRAL = 1e-8


def block_diagonal(blocks: np.ndarray) -> np.ndarray:
    """(N, 2, 2) as a matrix (2N, 2N)."""
    n = len(blocks)
    full = np.zeros((n, 2, n, 2), complex)
    full[np.arange(n), :, np.arange(n), :] = blocks
    return full.reshape(2 * n, 2 * n)


def matrix(hopping: Hopping, A: np.ndarray, B: np.ndarray, mu: float) -> Callable[[np.ndarray], np.ndarray]:
    """k (..., 2) -> L_k (..., 4N, 4N) from the derivatives A and B (N, 2, 2) of the local part."""
    local, pair = block_diagonal(A) - mu * np.eye(2 * len(A)), block_diagonal(B)

    def bogoliubov(k: np.ndarray) -> np.ndarray:
        upper, lower = local + hopping.matrix(k), -(local + hopping.matrix(-np.asarray(k))).conj()
        size = upper.shape[-1]
        L = np.empty((*upper.shape[:-2], 2 * size, 2 * size), complex)
        L[..., :size, :size], L[..., size:, size:] = upper, lower
        L[..., :size, size:], L[..., size:, :size] = pair, -pair.conj()
        return L

    return bogoliubov


def sparse_matrix(T: sparse.csr_array, A: np.ndarray, B: np.ndarray, mu: float) -> sparse.csc_array:
    """The same at k = 0, sparse."""
    n = len(A)
    blocks = [sparse.bsr_array((x, np.arange(n), np.arange(n + 1))) for x in (A, B)]
    upper = T + blocks[0] - mu * sparse.eye_array(2 * n)
    return sparse.csc_array(sparse.block_array([[upper, blocks[1]], [-blocks[1].conj(), -upper.conj()]]))


def growth_rate(hopping: Hopping, A: np.ndarray, B: np.ndarray, mu: float, reciprocal: np.ndarray) -> float:
    """``max Im w`` over all k and modes; that of the phase mode at k = 0 is 0."""
    if len(reciprocal) == 0 and 4 * len(A) > DENSE:
        L = sparse_matrix(hopping.sparse(), A, B, mu)
        return float(eigs(L, k=4, which="LI", ncv=60, tol=1e-9, return_eigenvectors=False).imag.max())
    L_k = matrix(hopping, A, B, mu)
    if len(reciprocal) == 2:
        return topology.growth_rate(lambda k: topology.sorted_modes(L_k(k)), reciprocal, mesh=MESH).value
    if len(reciprocal) == 0:
        return float(np.linalg.eigvals(L_k(np.zeros(2))).imag.max())
    # the spectrum at -k is -w^* of that at k: half of the zone is enough
    k = np.linspace(0, 0.5, CHAIN // 2)[:, None] * reciprocal[0]
    return max(float(np.linalg.eigvals(L_k(some)).imag.max()) for some in np.array_split(k, max(1, len(A) // 8)))
