"""A pumped trap, its empty modes and their overlaps. Energies in units of epsilon, lengths of the ground mode's size.

Traps of different depth are the same up to the unit of energy: kinetic energy and potential are ``omega`` times those
of ``omega = 1``. The ground mode and its overlaps are then the same for all, and only omega/epsilon is left.
"""

import dataclasses
from functools import cache
from typing import NamedTuple

import numpy as np
from experiment import Swept

import latticepol as lp

#: (a1, a2) and Gamma/epsilon of the sample, docs/physics.md, section 7; a = a1 - a2.
A1, A2, LOSS = 2.0, -0.28, 0.1 / 0.06
#: Side of the periodic box, at which the ground mode has decayed, and its points along each side. The growth rate of
#: more than 48 x 48 points is searched for at k = 0, which is all there is of one trap.
BOX, POINTS = 8.0, 50
#: The gain is ``exp(-NARROW r^2)``, as wide as the mode of a harmonic trap and sqrt(2) times as wide as its density.
NARROW = 0.5

GRID = lp.Grid.rectangle((BOX, BOX), (POINTS, POINTS))


class Trap(NamedTuple):
    """What all depths have in common: int |phi|^2 = 1, and sums over the excited modes n of energy E_n.

    With ``q_n = <n|phi^3>/int phi^4`` and ``w_n = <n|W|phi>/<phi|W|phi>``: ``q = sum q_n^2/(E_n - E_0)`` and
    ``x = sum q_n w_n/(E_n - E_0)``, for omega = 1.
    """

    phi: np.ndarray
    fourth: float
    spacing: float
    q: float
    x: float


@dataclasses.dataclass(frozen=True)
class Setting(Swept):
    """A trap of frequency omega, a dissipative splitting g and a field delta: what the sweeps go over."""

    omega: float = 1.0
    g: float = 0.1
    delta: float = 0.0


def potential(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """``(x^2 + y^2)/2`` at the bottom, and smooth at the edge of the periodic box."""
    return 0.5 * (BOX / np.pi) ** 2 * (np.sin(np.pi * x / BOX) ** 2 + np.sin(np.pi * y / BOX) ** 2)


def gain(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """The shape of W."""
    return np.exp(-NARROW * (x**2 + y**2))


@cache
def empty() -> Trap:
    """The trap without condensate, from its separable modes."""
    x = (np.arange(POINTS) - POINTS // 2) * BOX / POINTS
    k = 2 * np.pi * np.fft.fftfreq(POINTS, BOX / POINTS)
    kinetic = np.fft.ifft(0.5 * k[:, None] ** 2 * np.fft.fft(np.eye(POINTS), axis=0), axis=0).real
    energies, modes = np.linalg.eigh(kinetic + np.diag(potential(x, 0 * x)))
    modes *= np.sqrt(POINTS / BOX)

    def on_modes(f: np.ndarray) -> np.ndarray:
        return GRID.point_area * modes.T @ f @ modes

    phi = np.abs(np.outer(modes[:, 0], modes[:, 0]))
    above = energies[:, None] + energies - 2 * energies[0]
    above[0, 0] = np.inf
    blueshift, pumped = on_modes(phi**3), on_modes(gain(*GRID.points) * phi)
    q_n, w_n = blueshift / blueshift[0, 0], pumped / pumped[0, 0]
    return Trap(phi, blueshift[0, 0], energies[1] - energies[0], (q_n**2 / above).sum(), (q_n * w_n / above).sum())


def model(omega: float, p: float, g: float, delta: float = 0.0) -> lp.SpinorGPE:
    """The field: ``p = int (W - Gamma) phi^2`` and ``eta int phi^4 = 1``, so that ``s = int S``."""
    phi, eta = empty().phi, 1 / empty().fourth
    W = (p + LOSS) / GRID.integrate(gain(*GRID.points) * phi**2) * gain(*GRID.points)
    terms = [
        lp.Kinetic(1 / omega),
        lp.Potential(omega * potential(*GRID.points)),
        lp.Splitting(1.0, g),
        lp.Zeeman(delta),
        lp.Gain(W, LOSS, eta),
        lp.Interaction(A1 * eta, A2 * eta),
    ]
    return lp.SpinorGPE(GRID, terms)


def spinor(s: np.ndarray) -> np.ndarray:
    """(psi_+, psi_-) with the pseudospin s (3,)."""
    plus = np.sqrt(np.linalg.norm(s) + s[2] + 0j)
    return np.array([plus, (s[0] + 1j * s[1]) / plus])
