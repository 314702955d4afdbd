"""The topological gap of a field on a honeycomb, not of a network: steady states, excitations, gap and topology.

    python experiments/honeycomb_field/run.py [--quick] [--resume] [--out DIR] [--workers N] [--update-readme]

Writes one netCDF file per data set, numbers.json and all figures to DIR; the fields of the map are kept one by one.
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
    HERE, __doc__, DATASETS, FIGURES, numbers, readme, quick="a map of two points", mapped=True
)

if __name__ == "__main__":
    sys.exit(experiment.main(EXPERIMENT))
