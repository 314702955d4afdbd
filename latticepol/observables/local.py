"""Densities, polarisation and flow at every point, as array functions.

``psi`` has shape (..., 2, n2, n1); the first of the two spin components is "+" (docs/physics.md, section 1).
"""

import numpy as np

from latticepol.gpe import aliases
from latticepol.grid import Grid


def density(psi: np.ndarray) -> np.ndarray:
    """Return |psi_s|^2, shape (..., 2, n2, n1)."""
    number: np.ndarray = psi.real**2 + psi.imag**2
    return number


def stokes(psi: np.ndarray) -> np.ndarray:
    """Return S, S_x, S_y, S_z, shape (4, ..., n2, n1): S = (|psi_+|^2 + |psi_-|^2)/2, S_x + i S_y = psi_+^* psi_-."""
    n_plus, n_minus = np.moveaxis(density(psi), -3, 0)
    plus, minus = np.moveaxis(psi, -3, 0)
    transverse = plus.conj() * minus
    return np.stack([(n_plus + n_minus) / 2, transverse.real, transverse.imag, (n_plus - n_minus) / 2])


def phase(psi: np.ndarray, grid: Grid) -> np.ndarray:
    """Return arg psi_s of the field itself, its Bloch phase q.r included, in (-pi, pi], shape (..., 2, n2, n1)."""
    x, y = grid.points
    angle: np.ndarray = np.angle(psi * np.exp(1j * (grid.q[0] * x + grid.q[1] * y)))
    return angle


def gradient(psi: np.ndarray, grid: Grid) -> np.ndarray:
    """Return grad psi (Bloch phase divided out), from its Fourier series, shape (2, ..., 2, n2, n1): along x and along
    y.

    Where two wavevectors of opposite sign are the same wave on the grid (its Nyquist lines), there is no slope.
    """
    transform, waves = np.fft.fft2(psi), aliases.of_grid(grid)
    return np.stack([np.fft.ifft2(1j * aliases.mean([wave[i] for wave in waves]) * transform) for i in range(2)])


def kinetic_current(psi: np.ndarray, grid: Grid, mass: float) -> np.ndarray:
    """Return Im(psi_s^* grad psi_s)/m of each spin component, shape (2, ..., 2, n2, n1): along x and along y."""
    current: np.ndarray = (psi.conj() * gradient(psi, grid)).imag / mass
    return current


def current(psi: np.ndarray, grid: Grid, mass: float, beta: float) -> np.ndarray:
    """Return the current of |psi_+|^2 + |psi_-|^2, shape (2, ..., n2, n1): along x and along y.

    ``J = Re psi^dag (dH/dk) psi`` with H = k^2/2m + TE-TM. Of the TE-TM part ``beta (k_x - i s k_y)^2`` between
    the components the velocity is ``2 beta (k_x - i s k_y)`` along x and -i s times that along y. H being quadratic
    in k, ``d(psi^dag psi)/dt = -div J`` holds exactly for the motion under H.
    """
    d_x, d_y = gradient(psi, grid)
    j_x, j_y = (psi.conj() * np.stack([d_x, d_y])).imag.sum(axis=-3) / mass
    plus, minus = np.moveaxis(psi, -3, 0)
    # 2 beta (k_x - i k_y) psi_-  and  2 beta (k_x + i k_y) psi_+, with k = -i grad
    v_minus = -2j * beta * (d_x - 1j * d_y)[..., 1, :, :]
    v_plus = -2j * beta * (d_x + 1j * d_y)[..., 0, :, :]
    j_x += (plus.conj() * v_minus + minus.conj() * v_plus).real
    j_y += (-1j * plus.conj() * v_minus + 1j * minus.conj() * v_plus).real
    return np.stack([j_x, j_y])
