"""One pumped spot switched on from vacuum noise: condensation, spin bifurcation, spectrum.

    python experiments/single_spot/run.py [--quick] [--resume] [--out DIR] [--workers N] [--rng 1] [--update-readme]

Claim (docs/physics.md, sections 2 and 6): a condensate in one trap is the single condensate of section 2 with
parameters renormalised by overlaps of its mode. It condenses linearly polarised where the gain of the mode reaches
-gamma and turns circular, with a spontaneous sign, where ``s = eta N/epsilon`` reaches (1 + g^2)/a.

"switch_on": truncated-Wigner noise from vacuum, one pump; snapshots and traces, then, once it is stationary, E(k).
"threshold": no noise, all pumps in one batch, each from its own small random field, next to the single condensate.
Writes one netCDF file per data set, numbers.json, figures and switch_on.gif to DIR. Minutes on one core.
"""

import sys
from pathlib import Path

HERE = Path(__file__).parent
sys.path.append(str(HERE.parent))

import experiment
from compute import DATASETS
from plot import FIGURES
from results_table import numbers, readme

EXPERIMENT = experiment.Experiment(
    HERE, __doc__, DATASETS, FIGURES, numbers, readme, quick="coarser, shorter, fewer pumps", mapped=True, rng=1
)

if __name__ == "__main__":
    sys.exit(experiment.main(EXPERIMENT))
