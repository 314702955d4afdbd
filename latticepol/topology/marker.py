"""The topology of a finite sample, site by site (docs/physics.md, section 5).

With P the projector on the modes above a gap and x, y their positions, a row r of the matrix has::

    m(r) = 2 pi i <r| P x P y P - P y P x P |r>

whose sum over a region deep inside, divided by its area, is the Chern number of the gap, and whose sum over the whole
of an open sample is 0.
"""

import numpy as np
from scipy import sparse
from scipy.sparse.linalg import eigs

from latticepol.numerics.blas import on_one_thread

#: Frequencies of the localizer next to its middle among which the one with the smallest real part is searched for.
LOCALIZER_MODES = 8


@on_one_thread
def all_modes(matrix: np.ndarray, *, hermitian: bool, paired: bool) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the eigenvalues (m,) of one large matrix, ascending in Re, left and right vectors (m, m) with ``L^dagger R
    = 1``.

    ``paired``: it is ``[[a, B], [-B^*, -a^*]]``, and -i times it is real in the real and imaginary parts of what moves,
    which takes a quarter of the time.
    """
    if hermitian:
        omega, right = np.linalg.eigh(matrix)
        return omega, right, right
    if paired:
        return _of_rates(matrix)
    omega, right = np.linalg.eig(matrix)
    order = np.lexsort((omega.imag, omega.real))
    return omega[order], np.linalg.inv(right[:, order]).conj().T, right[:, order]


def _of_rates(matrix: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the modes of `all_modes` from the real matrix, whose complex vectors come as pairs and are inverted as
    their real and imaginary parts."""
    n = len(matrix) // 2
    a, B = matrix[:n, :n], matrix[:n, n:]
    rates, right = np.linalg.eig(np.block([[(a + B).imag, (a - B).real], [-(a + B).real, (a - B).imag]]))
    first = np.flatnonzero(rates.imag > 0)  # LAPACK puts the conjugate of each right behind it
    columns = right.real.copy()
    columns[:, first + 1] = right[:, first].imag
    rows = np.linalg.inv(columns).astype(complex)
    p, q = rows[first].real, rows[first + 1].real
    rows[first], rows[first + 1] = 0.5 * (p - 1j * q), 0.5 * (p + 1j * q)
    order = np.lexsort((rates.real, -rates.imag))  # omega = i rate
    return 1j * rates[order], _from_parts(rows.conj().T[:, order]), _from_parts(right[:, order])


def _from_parts(vectors: np.ndarray) -> np.ndarray:
    """Return (u, v) of vectors of real and imaginary parts."""
    x, y = np.split(vectors, 2)
    turned: np.ndarray = np.concatenate([x + 1j * y, x - 1j * y]) / np.sqrt(2)
    return turned


@on_one_thread
def local_marker(left: np.ndarray, right: np.ndarray, positions: np.ndarray) -> np.ndarray:
    """Return m(r) (rows,) of the modes with these left and right vectors (rows, n), at positions (rows, 2) of the rows.

    The left ones are made biorthogonal first, to rounding, so that the sum is 0 to rounding.
    """
    left = left @ np.linalg.inv(right.conj().T @ left)
    x, y = (left.conj().T @ (position[:, None] * right) for position in positions.T)
    m: np.ndarray = 2j * np.pi * np.einsum("rn,rn->r", right @ (x @ y - y @ x), left.conj())
    return m.real


@on_one_thread
def localizer_gap(
    matrix: np.ndarray, positions: np.ndarray, centre: np.ndarray, energy: float, damping: float, kappa: float
) -> float:
    """Return the smallest ``|Re w|`` of the spectral localizer at a place and an energy.

    ``[[H - E, kappa (X - iY)], [kappa (X + iY), -(H - E)^dagger]]`` with X, Y counted from the place: where this gap is
    open the topology there is defined without any projector (for line gaps of non-Hermitian matrices: A. Cerjan, L.
    Koekenbier, H. Schulz-Baldes, arXiv:2303.09626). A uniform ``damping`` moves all its frequencies by as much, and
    is where they are looked for.
    """
    H = sparse.csc_array(matrix) - energy * sparse.eye_array(len(matrix))
    offset = kappa * (positions - centre) @ np.array([1, 1j])
    localizer = sparse.csc_matrix(
        sparse.block_array([[H, sparse.diags_array(offset.conj())], [sparse.diags_array(offset), -H.conj().T]])
    )
    start = np.random.default_rng(0).standard_normal(localizer.shape[0]).astype(complex)
    # a shift that is no eigenvalue, or the factors would be singular
    shift = complex(1e-9 * kappa, -damping)
    near = eigs(localizer, LOCALIZER_MODES, sigma=shift, v0=start, return_eigenvectors=False)
    return float(np.abs(near.real).min())
