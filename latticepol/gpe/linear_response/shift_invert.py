"""A few modes of a large cell next to a frequency, without a matrix (docs/physics.md, section 4).

Arnoldi's method on (L_k - sigma)^-1, sigma a complex frequency near the wanted ones. Each application solves a linear
equation by GMRES with two preconditioners: the projection on the lowest scalar Bloch modes takes care of those near
sigma, the inverse of H(k + G) in plane waves of what is far above.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.sparse.linalg import ArpackNoConvergence, LinearOperator, eigs, gmres

from latticepol.errors import ConvergenceError
from latticepol.gpe.aliases import shortest
from latticepol.gpe.linear_response.bloch import BogoliubovMatrix
from latticepol.gpe.linear_response.local_jacobian import inverse, times
from latticepol.gpe.stepping.momentum import stacked
from latticepol.grid import Grid
from latticepol.numerics.blas import on_one_thread


@dataclass(frozen=True)
class ModeSearch:
    """How modes next to a frequency are found.

    Parameters
    ----------
    residual
        Relative residual of the linear equations.
    kept, restarts
        Vectors kept by GMRES, and its restarts at most.
    accuracy
        Relative accuracy of the modes.
    aside
        How far sigma is moved off a real frequency, relative to the nonlinear terms: no mode sits there.
    """

    residual: float = 1e-11
    kept: int = 60
    restarts: int = 20
    accuracy: float = 1e-9
    aside: float = 0.02


#: What is used where nothing else is said.
MODE_SEARCH = ModeSearch()


@on_one_thread
def modes(
    coarse: BogoliubovMatrix,
    grid: Grid,
    k: np.ndarray,
    near: complex,
    count: int,
    search: ModeSearch = MODE_SEARCH,
) -> tuple[np.ndarray, np.ndarray]:
    """Return the frequencies (count,), ascending in Re, and right vectors (2, 2, ny, nx, count) at k (2,).

    ``coarse`` is the matrix about the stationary field on few scalar modes, of which the local terms are exact.

    Raises
    ------
    ValueError
        There is a reservoir, or no such number of modes.
    ConvergenceError
        Not all were found.
    """
    points = coarse.local[0, 0].size
    if len(coarse.local) > 4:
        raise ValueError("near finds modes of a field without reservoir; with one leave it out and use basis")
    if isinstance(count, bool) or not isinstance(count, int | np.integer) or not 0 < count < 4 * points - 1:
        raise ValueError(f"modes must be an integer from 1 to {4 * points - 2}; got {count!r}")
    shape = (4, *grid.shape)
    size = int(np.prod(shape))
    local, mu = coarse.local, coarse.mu
    reach = float(np.abs(local[:2, :2].trace() / 2 - mu).mean() + np.abs(local[:2, 2:]).mean())
    sigma = complex(near) + 1j * search.aside * reach if np.isreal(near) else complex(near)
    H = _linear(coarse, grid, k)

    def shifted(x: np.ndarray) -> np.ndarray:
        field = x.reshape(shape)
        out = np.einsum("abyx,byx->ayx", local, field) + np.fft.ifft2(_paired(H, np.fft.fft2(field)))
        applied: np.ndarray = (out - sigma * field).ravel()
        return applied

    close = _preconditioner(coarse, grid, k, sigma, reach, H, shifted)
    linear, preconditioner = (LinearOperator((size, size), matvec=f, dtype=complex) for f in (shifted, close))

    loose = np.sqrt(search.residual)  # enough where GMRES stopped before

    def solve(b: np.ndarray) -> np.ndarray:
        x: np.ndarray
        x, failed = gmres(
            linear, b, M=preconditioner, rtol=search.residual, restart=search.kept, maxiter=search.restarts
        )
        if failed and np.linalg.norm(shifted(x) - b) > loose * np.linalg.norm(b):
            raise ConvergenceError(
                f"the equation at sigma = {sigma:.4g} was not solved to {loose:.1g}; use a larger basis (now "
                f"{coarse.particles // 2}), or a sigma farther from the real axis: near={near} + 0.5j"
            )
        return x

    start = np.random.default_rng(0).standard_normal((size, 2)).view(complex)[:, 0]
    operator = LinearOperator((size, size), matvec=solve, dtype=complex)
    try:
        values, vectors = eigs(operator, k=count, which="LM", tol=search.accuracy, v0=start)
    except ArpackNoConvergence as error:
        raise ConvergenceError(
            f"{len(error.eigenvalues)} of {count} modes near {near} were found; ask for fewer"
        ) from None
    omega = sigma + 1 / values
    order = np.argsort(omega)
    return omega[order], vectors[:, order].reshape(2, 2, *grid.shape, count)


def _linear(coarse: BogoliubovMatrix, grid: Grid, k: np.ndarray) -> np.ndarray:
    """Return H - mu of u and v on the wavevectors of the grid, (2, 2, 2, ny, nx)."""
    kx, ky = grid.wavevectors
    back = np.ix_(-np.arange(grid.shape[0]) % grid.shape[0], -np.arange(grid.shape[1]) % grid.shape[1])
    upper = stacked(coarse.terms, shortest(grid, kx + k[0], ky + k[1]))
    lower = -stacked(coarse.terms, shortest(grid, kx - k[0], ky - k[1]))[back].conj()
    both = np.moveaxis(np.stack([upper, lower]), (-2, -1), (1, 2))
    return both - coarse.mu * np.array([1, -1])[:, None, None, None, None] * np.eye(2)[:, :, None, None]


def _paired(H: np.ndarray, field: np.ndarray) -> np.ndarray:
    """Return (2, 2, 2, ny, nx) times (4, ny, nx), u and v apart."""
    pairs = field.reshape(2, 2, *field.shape[1:])
    return np.concatenate([times(matrix, pair) for matrix, pair in zip(H, pairs, strict=True)])


def _preconditioner(
    coarse: BogoliubovMatrix, grid: Grid, k: np.ndarray, sigma: complex, reach: float, H: np.ndarray, shifted: Any
) -> Callable[[np.ndarray], np.ndarray]:
    """Return x -> about (L - sigma)^-1 x: exact on the scalar modes, plane waves for the rest."""
    frames = coarse.frames(k[None])
    E = np.linalg.inv(coarse.matrix(k[None], frames)[0] - sigma * np.eye(coarse.size))
    modes = [coarse.waves.on_grid(frame[0].T) for frame in frames if frame is not None]  # (M, ny, nx) each
    points = grid.shape[0] * grid.shape[1]
    sign = np.array([1, -1])[:, None, None, None, None]
    far = H + (coarse.mu + reach) * sign * np.eye(2)[:, :, None, None]
    close_by = np.stack([inverse(pair) for pair in far])

    def near(x: np.ndarray) -> np.ndarray:
        pairs = x.reshape(2, 2, *grid.shape)
        given = np.stack([np.einsum("myx,syx->sm", m.conj(), pair) for m, pair in zip(modes, pairs, strict=True)])
        found = (E @ given.ravel()).reshape(2, 2, -1) / points
        out = [np.einsum("myx,sm->syx", m, part) for m, part in zip(modes, found, strict=True)]
        return np.concatenate(out).ravel()

    def precondition(x: np.ndarray) -> np.ndarray:
        low = near(x)
        rest = (x - shifted(low)).reshape(4, *grid.shape)
        return low + np.fft.ifft2(_paired(close_by, np.fft.fft2(rest))).ravel()

    return precondition
