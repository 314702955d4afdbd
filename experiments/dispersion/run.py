"""E(k) of a GaAs honeycomb by dynamics, with its bands on top, and its gap against the magnetic field in tesla.

    python experiments/dispersion/run.py [--quick] [--resume] [--out DIR] [--workers N] [--update-readme]

Claim (docs/physics.md, sections 4 and 6.4): the lines of the space-time Fourier transform of a weakly perturbed lattice
are its Bogoliubov spectrum. Writes one netCDF file per data set, numbers.json and the figures to DIR.
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
    HERE, __doc__, DATASETS, FIGURES, numbers, readme, quick="a short strip, short times, one field", mapped=True
)

if __name__ == "__main__":
    sys.exit(experiment.main(EXPERIMENT))
