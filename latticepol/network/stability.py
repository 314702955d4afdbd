"""Linearised motion about a stationary state of a network: Bogoliubov matrices and the largest growth rate.

With psi = e^{-i mu t} [psi0 + u e^{-i w t} + v^* e^{i w^* t}] (docs/physics.md, section 4)::

    w (u, v) = L_k (u, v) ,    L_k = [[ A + T_k - mu , B ], [ -B^* , -(A + T_-k - mu)^* ]]
"""

from collections.abc import Callable
from typing import Any

import numpy as np
from scipy import sparse
from scipy.sparse.linalg import ArpackNoConvergence, LinearOperator, eigs, splu

from latticepol import topology
from latticepol.blas import on_one_thread
from latticepol.network import kernels
from latticepol.network.hopping import Hopping
from latticepol.network.propagators import ROUNDING

#: Points of the search for the largest growth rate, for one site per cell and for a chain; it is refined in cells of up
#: to so many sites.
MESH, CHAIN, REFINED = 24, 2000, 8
#: Matrices up to these sizes are diagonalised and solved whole; wavevectors times sites^2 of one batch.
DENSE, SOLVED, BATCH = 1200, 300, 2**14
#: A large matrix is exponentiated in so many parts of this reach (norm times time) by so many terms of its series.
PARTS, REACH, TERMS = 40, 5.0, 30
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


def correction(L: sparse.csc_array, psi: np.ndarray, F: np.ndarray, driven: bool) -> tuple[np.ndarray, float]:
    """The step (d, dmu) of Newton's method: ``L (d, d^*) - (psi, -psi^*) dmu = -(F, -F^*)``, ``Im <psi, d> = 0``.

    With a coherent drive dmu = 0 and the phase is not free.
    """
    flat, L = psi.ravel(), sparse.csc_matrix(L)
    rhs = np.concatenate([-F.ravel(), F.ravel().conj()])
    if driven:
        return _solve(L, rhs)[: flat.size].reshape(psi.shape), 0.0
    # A border row for all components would fill the factors: it is that of the largest one, with a right-hand side
    # alpha that makes the condition on all hold.
    n, column = int(np.abs(flat).argmax()), np.concatenate([-flat, flat.conj()])[:, None]
    row = sparse.csc_matrix(([flat[n].conj(), -flat[n]], ([0, 0], [n, n + flat.size])), shape=(1, len(rhs)))
    bordered = sparse.bmat([[L, sparse.csc_matrix(column)], [row, None]], format="csc")
    both = np.zeros((len(rhs) + 1, 2), complex)
    both[:-1, 0], both[-1, 1] = rhs, 1.0
    fixed, turned = _solve(bordered, both).T
    phase = np.concatenate([flat.conj(), -flat, [0.0]])
    solution = fixed - (phase @ fixed) / (phase @ turned) * turned
    return solution[: flat.size].reshape(psi.shape), float(solution[-1].real)


@on_one_thread
def _solve(L: Any, rhs: np.ndarray) -> np.ndarray:
    return np.linalg.solve(L.toarray(), rhs) if L.shape[0] <= SOLVED else splu(L).solve(rhs)


@on_one_thread
def growth_rate(hopping: Hopping, A: np.ndarray, B: np.ndarray, mu: float, reciprocal: np.ndarray) -> float:
    """``max Im w`` over k and all modes; that of the phase mode at k = 0 is 0.

    The larger the cell, the fewer wavevectors: those of a supercell at k = 0 are a mesh of its primitive cell.
    """
    if 4 * len(A) > DENSE:
        return fastest_growth(sparse_matrix(hopping.sparse(), A, B, mu))
    L_k = matrix(hopping, A, B, mu)
    if len(reciprocal) == 2 and len(A) <= REFINED:
        return topology.growth_rate(lambda k: topology.sorted_modes(L_k(k)), reciprocal, mesh=MESH).value
    # the spectrum at -k is -w^* of that at k: half of the zone is enough
    count = [1, max(CHAIN // len(A), 32), max(1, round(MESH * (2 / len(A)) ** 0.5))][len(reciprocal)]
    k = np.array([[0.0, 0.0]])
    for row, points in zip(reciprocal, (np.arange(count // 2 + 1), np.arange(count)), strict=False):
        k = (k[:, None] + points[:, None] / count * row).reshape(-1, 2)
    return max(float(np.linalg.eigvals(L_k(some)).imag.max()) for some in np.array_split(k, _parts(len(k), len(A))))


@on_one_thread
def fastest_growth(L: sparse.csc_array) -> float:
    """``max Im w`` of a large sparse matrix: Arnoldi's method on exp(-i L t), whose largest eigenvalues are those.

    On L itself the method may settle on modes inside the spectrum, since what it looks for is at no corner of it.
    """
    C = sparse.csr_array(L)
    norm = float(abs(C).sum(axis=1).max())
    t, work, start = PARTS * REACH / norm, np.empty((2, C.shape[0]), complex), np.ones(C.shape[0], complex)

    def evolved(v: np.ndarray) -> np.ndarray:
        psi = np.array(v, complex).reshape(1, -1)
        for _ in range(PARTS):
            kernels.exponential(psi, C.data, C.indices, C.indptr, -1j * t / PARTS, TERMS, ROUNDING, work)
        return psi[0]

    start += 0.3 * np.random.default_rng(0).standard_normal(C.shape[0])
    operator = LinearOperator(C.shape, matvec=evolved, dtype=complex)
    try:
        largest = eigs(operator, k=4, ncv=32, which="LM", tol=1e-8, v0=start, return_eigenvectors=False)
    except ArpackNoConvergence as error:
        largest = error.eigenvalues
    return float(np.log(np.abs(largest).max()) / t) if largest.size else np.nan


def _parts(points: int, sites: int) -> int:
    return max(1, points * sites**2 // BATCH)
