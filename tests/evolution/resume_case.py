"""One run with a checkpoint, as a script to be killed: python resume_case.py FOLDER CASE."""

import sys
from pathlib import Path

import numpy as np

import latticepol as lp

GRID = lp.Grid.rectangle((8.0, 8.0), (16, 16))
X, Y = GRID.points
C = np.cos(2 * np.pi * X / 8)
TERMS = [
    lp.Kinetic(1.0),
    lp.TETM(0.1),
    lp.Splitting(1.0, 0.1),
    lp.Interaction(2.0, 0.1),
    lp.Potential(lambda x, y: np.cos(x)),
]
LIGHT = lp.pumps.uniform(0.3)
SWITCHED = lp.SpinorGPE(
    GRID,
    [
        *TERMS,
        lp.Gain(1.6 + 0.4 * C, 1.0, 1.0),
        lp.Drive(LIGHT * lp.pumps.ramp(0.111, 0.777) + LIGHT * lp.pumps.pulse(1.3, fwhm=0.05)),
        lp.Drive(LIGHT * lp.pumps.envelope(lambda t: float(t >= 1 / 3), [1 / 3], np.inf)),
    ],
)
CASES = {
    "gain": (lp.SpinorGPE(GRID, [*TERMS, lp.Gain(1.6 + 0.4 * C, 1.0, 1.0)]), {"dt": 0.01}),
    "noise": (lp.SpinorGPE(GRID, [*TERMS, lp.Gain(1.6 + 0.4 * C, 1.0, 1.0), lp.WignerNoise()]), {"dt": 0.01, "rng": 7}),
    "reservoir": (
        lp.SpinorGPE(GRID, [*TERMS, lp.Reservoir(2.0, 1.0, 1.5, 1.0)]),
        {"dt": 0.01, "integrator": lp.ETDRK4()},
    ),
    "switched": (SWITCHED, {"dt": 0.01, "integrator": lp.ETDRK4()}),
    "pulsed": (SWITCHED, {"tol": 1e-10}),
    "adaptive": (lp.SpinorGPE(GRID, [*TERMS, lp.Gain(1.6 + 0.4 * C, 1.0, 1.0)]), {"tol": 1e-11}),
}
PSI = 0.3 * np.stack([1 + 0.3 * np.exp(1j * np.pi * X / 4), 1 - 0.2 * C])


def run(case, folder=None, **options):
    model, fixed = CASES[case]
    options = {"t_end": 2.0, "save": lp.every(0.3), "progress": False, **fixed, **options}
    if folder is not None:
        options |= {"out": Path(folder) / "run.nc", "checkpoint": Path(folder) / "checkpoint"}
    return lp.evolve(model, PSI, **options)


if __name__ == "__main__":
    run(sys.argv[2], sys.argv[1], checkpoint_every=0.0)
