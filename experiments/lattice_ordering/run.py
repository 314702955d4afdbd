"""Lattices switched on from noise: alignment with a weak field, domains and defects, and what unstable lattices become.

    python experiments/lattice_ordering/run.py [--quick] [--resume] [--out DIR] [--workers N] [--update-readme]

Writes one netCDF file per data set, numbers.json and all figures to DIR, in under five minutes on two cores.
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
    HERE, __doc__, DATASETS, FIGURES, numbers, readme, quick="small lattices and ensembles", mapped=True
)

if __name__ == "__main__":
    sys.exit(experiment.main(EXPERIMENT))
