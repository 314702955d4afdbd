"""The mode in which the spot condenses, and its overlaps."""

import numpy as np
from parameters import DICHROISM, model

import latticepol as lp

SETTLE, LOOK = 150.0, 10.0  # ps: the other modes die out, then the growth is measured


def linear(grid: lp.Grid, pump: float) -> tuple[float, np.ndarray]:
    """Growth rate of the amplitude without its part gamma/2, and the mode phi(r), int |phi|^2 = 1, of the empty system.

    Saturation and interaction off, the fastest growing mode takes over: (1, -1) phi(r), the state s+ of section 2.
    """
    x, y = grid.points
    psi0 = np.array([1, -1])[:, None, None] * np.exp(-(x**2 + y**2) / 20).astype(complex)
    out = lp.evolve(model(grid, pump, linear=True), psi0, SETTLE + LOOK, dt=0.2, save=lp.at_times([SETTLE]))
    before, after = (np.linalg.norm(psi) for psi in out.psi.values)
    phi = out.psi.values[-1, 0]
    return np.log(after / before) / LOOK - DICHROISM / 2, phi / np.sqrt(grid.integrate(np.abs(phi) ** 2))


def overlap(grid: lp.Grid, phi: np.ndarray) -> complex:
    """``M = int phi^2 |phi|^2 / int phi^2``: of a cubic term in the amplitude equation of the mode.

    The linear operator is symmetric but not Hermitian, so its left eigenvector is phi and not phi^*.
    """
    return complex(grid.integrate(phi**2 * np.abs(phi) ** 2) / grid.integrate(phi**2))
