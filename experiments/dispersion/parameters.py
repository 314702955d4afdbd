"""The sample: a honeycomb of GaAs pillars in ps, um and meV, with the field in tesla. Sources are in the README."""

import dataclasses

import numpy as np
from experiment import Swept

import latticepol as lp

UNITS = {"time": "ps", "length": "um"}

#: hbar (meV ps), mass of an electron (meV ps^2/um^2), Bohr magneton (meV/T).
HBAR, ELECTRON_MASS, BOHR_MAGNETON = lp.units.hbar, lp.units.m_e, lp.units.mu_B

MASS = 5e-5  # of an electron
DISTANCE = 2.4  # um, of neighbouring pillars
DEPTH = 2.0  # meV, from the middle of a pillar to that of a hexagon
TETM = 0.1  # meV um^2
EPSILON, DICHROISM = 0.06, 0.06  # 1/ps; g = DICHROISM/EPSILON = 1
GAMMA, ETA = 0.1, 0.005  # 1/ps, um^2/ps; GAMMA is the decay of the density, amplitudes decay at half of it
ALPHA1, ALPHA2 = 0.01, -0.0014  # um^2/ps; a = (ALPHA1 - ALPHA2)/ETA = 2.28
EXCITON_G, EXCITON_FRACTION = 0.4, 0.5

#: Gain in the middle of a pillar (1/ps) below and above the spin bifurcation, and the field (T) of the images.
PUMPS = {"below": 0.115, "above": 0.15}
FIELD = 0.035

#: Points of the primitive cell along its vectors; cells of the strip, in threes so that K is among its wavevectors.
POINTS = (12, 20)


@dataclasses.dataclass(frozen=True)
class Sample(Swept):
    """One of the PUMPS and a field in tesla: what the sweeps go over."""

    pump: str = "below"
    tesla: float = FIELD


def crystal() -> lp.lattice.Lattice:
    """The honeycomb with the primitive cell whose first reciprocal vector passes through K: A2 and 2 A2 - A1."""
    lat = lp.lattice.honeycomb()
    lat = lat.replace(vectors=DISTANCE * lat.vectors, basis=DISTANCE * lat.basis)
    return lat.supercell([[0, 1], [-1, 2]])


def recoil() -> float:
    """hbar^2 b^2/2m (meV) of the shortest reciprocal vector b; wells deeper than this by far are a network."""
    b = np.linalg.norm(crystal().reciprocal, axis=1).min()
    return float(HBAR**2 * b**2 / (2 * MASS * ELECTRON_MASS))


def strip(cells: int) -> lp.Grid:
    """A strip of primitive cells, ``cells`` long and one wide: all its wavevectors lie on lines through G, K, M, K'."""
    a1, a2 = crystal().vectors
    return lp.Grid((cells * a1, a2), (cells * POINTS[0], POINTS[1]))


def model(gain: float, tesla: float) -> lp.SpinorGPE:
    """The equation on the primitive cell; gain 0 is the empty lattice with its losses."""
    lat = crystal()
    terms = [
        lp.Kinetic(MASS * ELECTRON_MASS / HBAR),
        lp.TETM(TETM / HBAR),
        lp.Splitting(EPSILON, DICHROISM),
        lp.Zeeman(zeeman(tesla)),
        lp.Potential(lp.potentials.sinusoidal(DEPTH / HBAR, lat)),
        lp.Gain(lp.potentials.sinusoidal(-gain, lat), GAMMA, ETA),
        lp.Interaction(ALPHA1, ALPHA2),
    ]
    return lp.SpinorGPE(lp.Grid.cell(lat, POINTS), terms, units=UNITS)


def zeeman(tesla: float) -> float:
    """Delta = g_X X mu_B B/hbar (1/ps)."""
    return EXCITON_G * EXCITON_FRACTION * BOHR_MAGNETON * tesla / HBAR


def aligned(grid: lp.Grid, density: float = 15.0) -> np.ndarray:
    """A start: in phase on all pillars, polarised along -x as the mode with the smaller loss is, and "+" stronger."""
    shape = sum(part for part, _ in lp.potentials.sinusoidal(-1.0, crystal()).parts(grid))
    return np.sqrt(density) * np.array([1.2, -0.6])[:, None, None] * shape * (1 + 0j)
