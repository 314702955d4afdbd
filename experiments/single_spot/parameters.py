"""The system: a trap and a pumped spot on it, in ps and um (docs/physics.md, section 7)."""

import dataclasses
from typing import Any

import numpy as np
from experiment import Swept

import latticepol as lp

UNITS = {"time": "ps", "length": "um"}

MASS = 5e-5 * 5685.63 / 0.6582119569  # 5e-5 electron masses over hbar, ps/um^2
GAMMA, ETA, ALPHA1, ALPHA2 = 0.1, 0.005, 0.01, -0.0014  # a = 2.28 where they are per um^2
EPSILON, DICHROISM = 0.06, 0.006  # epsilon and gamma of the equation: g = 0.1

BOX = 40.0
DEPTH, WIDTH = 1.0, 4.0  # of the Gaussian trap; the pump has the same width
LAYER, ABSORPTION = 6.0, 1.0  # what leaves the spot is absorbed at the edge

PUMP = 0.25  # gain at the centre in the noisy run
PUMPS = np.linspace(0.1, 0.25, 31)
QUICK_PUMPS = PUMPS[[0, 6, 9, 12, 15, 18, 30]]  # below threshold, about both thresholds, and well above


def model(grid: lp.Grid, pump: Any, *, linear: bool = False, noise: bool = False) -> lp.SpinorGPE:
    """The equation; ``pump`` is the gain at the centre, a number or an array (B, 1, 1)."""
    x, y = grid.points
    spot = np.exp(-(x**2 + y**2) / (2 * WIDTH**2))
    terms = [
        lp.Kinetic(MASS),
        lp.Splitting(EPSILON, DICHROISM),
        lp.Potential(-DEPTH * spot),
        lp.Gain(pump * spot, GAMMA, 0.0 if linear else ETA),
        lp.Interaction(*((0.0, 0.0) if linear else (ALPHA1, ALPHA2))),
        lp.Absorber(LAYER, ABSORPTION),
    ]
    return lp.SpinorGPE(grid, terms + [lp.WignerNoise()] * noise, units=UNITS)


@dataclasses.dataclass(frozen=True)
class Spot(Swept):
    """Points along x and y and the pump: what the sweep goes over."""

    points: tuple[int, int]
    pump: float = PUMP

    @property
    def grid(self) -> lp.Grid:
        """The box."""
        return lp.Grid.rectangle((BOX, BOX), self.points)
