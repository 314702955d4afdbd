"""The field of this experiment and where it is looked at. Dimensionless: epsilon = 1, distance of neighbours 1."""

import dataclasses
from functools import cache

import numpy as np
from equivalent import scalar
from experiment import Swept

import latticepol as lp

LATTICE = lp.lattice.honeycomb()
#: 1/2m, strength of the three cosines of the potential, TE-TM splitting.
HALF_INVERSE_MASS, DEPTH, BETA = 1.4, 11.2, 0.2
#: The pump is stronger on the sites: W - Gamma = uniform - MODULATION * (the same cosines).
MODULATION = 2 / 3
EPSILON = GAMMA = ETA = LOSS = 1.0
ALPHA1, ALPHA2 = 2.28, 0.0
BELOW = 2
#: Points of the cell, scalar modes and mesh of the maps; the same where one state is shown in detail.
POINTS, BASIS, MESH = 12, 6, 12
FINE_POINTS, FINE_BASIS, FINE_MESH = 24, 12, 32
#: p_c of the single condensate with this a and g.
P_C = float(lp.pitchfork(lp.Site(p=0.0, a=(ALPHA1 - ALPHA2) / ETA, g=GAMMA / EPSILON)).p_c)
#: Field and distance from P_C of the bands, the Berry curvature, the picture of a state and the convergence.
FIELD, ABOVE = 0.01, 0.2
#: Distances from P_C at which cuts along the field are drawn.
CUTS = (0.2, 0.05)


@dataclasses.dataclass(frozen=True)
class Cell(Swept):
    """The points along an edge of a cell, over which the convergence is swept."""

    points: int = POINTS


def model(p: float, delta: float, points: int = POINTS) -> lp.SpinorGPE:
    """The field on one primitive cell; p is the net gain W - Gamma of its in-phase Bloch mode, as in the network."""
    return _uniform(p - _modulation(), delta, points)


@cache
def _modulation() -> float:
    """The net gain of that mode where the uniform part is 0; a uniform gain adds to it."""
    return scalar(_uniform(0.0, 0.0, POINTS), LATTICE).gain


def _uniform(uniform: float, delta: float, points: int) -> lp.SpinorGPE:
    pump = lp.pumps.uniform(LOSS + uniform) + lp.pumps.cosines(-MODULATION, LATTICE)
    return lp.SpinorGPE(
        lp.Grid.cell(LATTICE, points),
        [
            lp.Kinetic(0.5 / HALF_INVERSE_MASS),
            lp.Splitting(EPSILON, GAMMA),
            lp.TETM(BETA),
            lp.Zeeman(delta),
            lp.Potential(lp.pumps.cosines(DEPTH, LATTICE)),
            lp.Gain(pump, LOSS, ETA),
            lp.Interaction(ALPHA1, ALPHA2),
        ],
    )


def pumps(quick: bool) -> np.ndarray:
    """Pumps from strong to weak, the way they are followed; dense where the gap opens."""
    return P_C + np.array(
        [ABOVE, CUTS[1]] if quick else [0.4, 0.28, ABOVE, 0.13, 0.09, CUTS[1], 0.04, 0.03, 0.015, 0.0]
    )


def fields(quick: bool) -> np.ndarray:
    """Zeeman splittings."""
    return np.array([FIELD]) if quick else np.geomspace(1e-4, 0.1, 7)
