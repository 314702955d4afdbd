"""The topological gap that the magnetisation of a condensate opens in a honeycomb lattice.

    python experiments/honeycomb_gap/run.py [--quick] [--resume] [--out DIR] [--workers N] [--update-readme]

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
    HERE, __doc__, DATASETS, FIGURES, numbers, readme, quick="two parameter sets, coarse maps", mapped=True
)

if __name__ == "__main__":
    sys.exit(experiment.main(EXPERIMENT))
