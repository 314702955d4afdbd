"""Linearised motion about a stationary state of a network: Bogoliubov matrices and the largest growth rate.

With psi = e^{-i mu t} [psi0 + u e^{-i w t} + v^* e^{i w^* t}] (docs/physics.md, section 4)::

    w (u, v) = L_k (u, v) ,    L_k = [[ A + T_k - mu , B ], [ -B^* , -(A + T_-k - mu)^* ]]
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar

import numpy as np
from scipy import sparse
from scipy.linalg import block_diag
from scipy.sparse.linalg import ArpackNoConvergence, LinearOperator, eigs, splu

from latticepol.border import Border
from latticepol.linear_problem import Growth, LinearProblem, expectation
from latticepol.network import kernels
from latticepol.network.bloch_sum import BlochSum
from latticepol.network.hopping import Hopping
from latticepol.network.propagators import SERIES_END
from latticepol.numerics.blas import on_one_thread

#: Matrices of up to so many rows are solved whole, larger ones sparse.
DENSE_SOLVE_ROWS = 300
#: Derivatives on two sites are the same up to so many times the largest: what is left of rounding.
SAME_SITE = 1e-14
#: Points of the zone of a chain with one site per cell, and along both directions of a plane with two.
CHAIN_MESH, MESH = 400, 24


@dataclass(frozen=True)
class ExponentialSearch:
    """How Arnoldi's method finds the fastest growing modes from exponentials of a large matrix.

    Parameters
    ----------
    parts, reach, terms
        It is exponentiated in so many parts of this reach (norm times time) by so many terms of its series.
    modes, kept
        Modes that are asked for, and vectors kept.
    accuracy
        Relative accuracy of exp(-i w t).
    """

    parts: int = 40
    reach: float = 5.0
    terms: int = 30
    modes: int = 4
    kept: int = 32
    accuracy: float = 1e-8


#: What is used where nothing else is said.
EXPONENTIAL_SEARCH = ExponentialSearch()


def block_diagonal(blocks: np.ndarray) -> np.ndarray:
    """Return (N, 2, 2) as a matrix (2N, 2N)."""
    n = len(blocks)
    full = np.zeros((n, 2, n, 2), complex)
    full[np.arange(n), :, np.arange(n), :] = blocks
    return full.reshape(2 * n, 2 * n)


@dataclass(frozen=True, eq=False)
class NetworkProblem(LinearProblem):
    """The empty lattice, or the excitations of a stationary state.

    Parameters
    ----------
    hopping
        T_k.
    A, B
        The derivatives (N, 2, 2) of the local part; B = None: of the empty lattice.
    mu
        Frequency that is taken off.
    reciprocal
        Rows (d, 2) of the reciprocal cell.
    driven
        Whether a coherent drive fixes the phase, so that there is no phase mode.
    covariance
        That of the noise (N, 2, 2); None: there is none.
    condensate
        The stationary state (N, 2).
    """

    hopping: Hopping
    A: np.ndarray
    B: np.ndarray | None
    mu: float
    reciprocal: np.ndarray
    hermitian: bool = False
    driven: bool = False
    covariance: np.ndarray | None = None
    condensate: np.ndarray | None = None
    dims: tuple[str, ...] = ("site", "spin")
    #: Of matrices of up to so many rows all modes are found, of larger ones the fastest growing at k = 0.
    dense: ClassVar[int] = 1200

    @property
    def paired(self) -> bool:  # type: ignore[override]
        """Whether these are excitations of a condensate."""
        return self.B is not None

    @property
    def particles(self) -> int:
        """Two modes for each site."""
        return 2 * len(self.A)

    @property
    def mirrored(self) -> bool:
        """Excitations are."""
        return self.paired

    @property
    def positions(self) -> tuple[int, ...]:
        """Sites and spins."""
        return len(self.A), 2

    @cached_property
    def _sum(self) -> BlochSum:
        hopping, A = self.hopping, block_diagonal(self.A + self.hopping.onsite) - self.mu * np.eye(self.particles)
        i, j, block = hopping.i, hopping.j, hopping.block
        if self.B is None:
            return BlochSum(hopping.vector, i, j, block, A)
        B, n = block_diagonal(self.B), len(self.A)
        # T_-k^* has the phases of T_k, and the conjugate blocks
        i, j, block = (np.concatenate(pair) for pair in ((i, i + n), (j, j + n), (block, -block.conj())))
        return BlochSum(hopping.vector, i, j, block, np.block([[A, B], [-B.conj(), -A.conj()]]))

    @cached_property
    def pairing(self) -> np.ndarray | None:
        """Rows in an order that has a real form: u, and v on the sites that inversion brings them to.

        ``T_-k`` is that of the inverted lattice, so that with v' = P v the lower half is minus the conjugate of the
        upper one where the condensate is the same on both sites of every pair.
        """
        if self.B is None:
            return None
        for sites in self.hopping.inversions():
            alike = (np.abs(x[sites] - x).max() <= SAME_SITE * np.abs(x).max() for x in (self.A, self.B))
            if all(alike):
                v = (2 * sites[:, None] + np.arange(2)).ravel()
                return np.concatenate([np.arange(self.particles), self.particles + v])
        return None

    def matrix(self, k: np.ndarray) -> np.ndarray:
        """Return H_k (..., 2N, 2N), or L_k (..., 4N, 4N)."""
        return self._sum.matrix(k)

    def noise(self, k: np.ndarray) -> np.ndarray | None:
        """Return the noise of u, and of v, which is psi^* at -k."""
        if self.covariance is None:
            return None
        D = block_diagonal(self.covariance)
        whole = block_diag(D, D.conj()) if self.paired else D
        return np.broadcast_to(whole, (len(k), *whole.shape))

    def velocities(self, k: np.ndarray, direction: np.ndarray, left: np.ndarray, right: np.ndarray) -> np.ndarray:
        """Return d Re w/dk: from dT_k/dk for particles, and from that of -T_-k^* for their partners."""
        return expectation(left, self._sum.velocity(k, direction), right)

    @property
    def growth_mesh(self) -> tuple[int, ...]:
        """The larger the cell, the fewer wavevectors: those of a supercell at k = 0 are a mesh of its own cell."""
        sites, d = len(self.A), len(self.reciprocal)
        if d < 2:
            return (max(CHAIN_MESH // sites, 32),) * d
        return (MESH if sites <= 2 else max(4, round(MESH * (2 / sites) ** 0.5)),) * 2

    def growth_without_matrix(self) -> Growth | None:
        """Return that at k = 0 of a large network, by Arnoldi's method."""
        if self.B is None or self.size <= self.dense:
            return None
        fastest = fastest_growth(sparse_matrix(self.hopping.sparse(), self.A, self.B, self.mu))
        whole = len(self.reciprocal) == 0 and bool(np.isfinite(fastest))
        certificate = {"k": "k = 0 alone", "modes": self.size, "method": "Arnoldi on exp(-i L t)"}
        return Growth(fastest.imag, None, 0.0, (0.0, 0.0), fastest, whole, certificate)


def sparse_matrix(T: sparse.csr_array, A: np.ndarray, B: np.ndarray, mu: float) -> sparse.csc_array:
    """Return the same at k = 0, sparse."""
    n = len(A)
    blocks = [sparse.bsr_array((x, np.arange(n), np.arange(n + 1))) for x in (A, B)]
    upper = T + blocks[0] - mu * sparse.eye_array(2 * n)
    return sparse.csc_array(sparse.block_array([[upper, blocks[1]], [-blocks[1].conj(), -upper.conj()]]))


def correction(
    L: sparse.csc_array, psi: np.ndarray, F: np.ndarray, driven: bool, dense: int = DENSE_SOLVE_ROWS
) -> tuple[np.ndarray, float]:
    """Return the step (d, dmu) of Newton's method: ``L (d, d^*) - (psi, -psi^*) dmu = -(F, -F^*)``, ``Im <psi, d> =
    0``.

    With a coherent drive dmu = 0 and the phase is not free. A matrix of up to ``dense`` rows is solved whole.

    Raises
    ------
    numpy.linalg.LinAlgError, RuntimeError
        The equations are singular, or next to it.
    """
    flat, L = psi.ravel(), sparse.csc_matrix(L)
    rhs = np.concatenate([-F.ravel(), F.ravel().conj()])
    if driven:
        return _solve(L, rhs, dense)[: flat.size].reshape(psi.shape), 0.0
    # A border row for all components would fill the factors: it is that of the largest one, with a right-hand side
    # alpha that makes the condition on all hold.
    n, column = int(np.abs(flat).argmax()), np.concatenate([-flat, flat.conj()])[:, None]
    row = sparse.csc_matrix(([flat[n].conj(), -flat[n]], ([0, 0], [n, n + flat.size])), shape=(1, len(rhs)))
    bordered = sparse.bmat([[L, sparse.csc_matrix(column)], [row, None]], format="csc")
    both = np.zeros((len(rhs) + 1, 2), complex)
    both[:-1, 0], both[-1, 1] = rhs, 1.0
    fixed, turned = _solve(bordered, both, dense).T
    phase = np.concatenate([flat.conj(), -flat, [0.0]])
    with np.errstate(all="ignore"):
        solution = fixed - (phase @ fixed) / (phase @ turned) * turned
    if not np.isfinite(solution).all():
        raise np.linalg.LinAlgError("the phase of a step cannot be fixed: every solution has the same")
    return solution[: flat.size].reshape(psi.shape), float(solution[-1].real)


@on_one_thread
def bordered(
    L: sparse.csc_array, psi: np.ndarray, F: np.ndarray, border: Border, driven: bool
) -> tuple[np.ndarray, float, float]:
    """Return the step (d, dmu, x) of the bordered equations, as one matrix: it is regular where L is singular."""
    columns = [border.column] if driven else [-psi, border.column]
    rows = [border.row] if driven else [1j * psi, border.row]
    corner, right = np.zeros((len(rows), len(rows))), np.zeros(len(rows))
    corner[-1, -1], right[-1] = border.value, border.right
    row = np.array([np.concatenate([z.ravel().conj(), z.ravel()]) / 2 for z in rows])
    full = np.block([[L.toarray(), np.array([_doubled(z) for z in columns]).T], [row, corner]])
    solution = np.linalg.solve(full, np.concatenate([_doubled(-F), right]))
    last = solution[2 * psi.size :].real
    return solution[: psi.size].reshape(psi.shape), 0.0 if driven else float(last[0]), float(last[-1])


def _doubled(z: np.ndarray) -> np.ndarray:
    return np.concatenate([z.ravel(), -z.ravel().conj()])


@on_one_thread
def _solve(L: Any, rhs: np.ndarray, dense: int) -> np.ndarray:
    return np.linalg.solve(L.toarray(), rhs) if L.shape[0] <= dense else splu(L).solve(rhs)


@on_one_thread
def fastest_growth(L: sparse.csc_array, search: ExponentialSearch = EXPONENTIAL_SEARCH) -> complex:
    """Return the w with the largest Im of a large sparse matrix: that with the largest exp(-i w t), which is what
    Arnoldi's method finds of exp(-i L t).

    On L itself the method may settle on modes inside the spectrum, since what it looks for is at no corner of it.
    """
    C = sparse.csr_array(L)
    norm = float(abs(C).sum(axis=1).max())
    parts, t = search.parts, search.parts * search.reach / norm
    work, start = np.empty((2, C.shape[0]), complex), np.ones(C.shape[0], complex)

    def evolved(v: np.ndarray) -> np.ndarray:
        psi = np.array(v, complex).reshape(1, -1)
        for _ in range(parts):
            kernels.exponential(psi, C.data, C.indices, C.indptr, -1j * t / parts, search.terms, SERIES_END, work)
        return psi.ravel()

    start += 0.3 * np.random.default_rng(0).standard_normal(C.shape[0])
    operator = LinearOperator(C.shape, matvec=evolved, dtype=complex)
    try:
        options: dict[str, Any] = {"k": search.modes, "ncv": search.kept, "which": "LM", "tol": search.accuracy}
        largest, vectors = eigs(operator, v0=start, **options)
    except ArpackNoConvergence as error:
        largest, vectors = error.eigenvalues, error.eigenvectors
    if not largest.size:
        return complex(np.nan, np.nan)
    first = np.abs(largest).argmax()
    v = vectors[:, first]  # exp(-i w t) tells Re w up to 2 pi/t
    return complex((np.vdot(v, C @ v) / np.vdot(v, v)).real, np.log(abs(largest[first])) / t)
