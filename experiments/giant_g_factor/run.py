"""Giant effective g-factor of one spin-bifurcating condensate: every figure of arXiv:2405.01941 and what lies beyond.

    python experiments/giant_g_factor/run.py [--quick] [--resume] [--out DIR] [--workers N] [--update-readme]

Writes one netCDF file per data set, numbers.json and all figures to DIR, in under two minutes on two cores.
"""

import sys
from pathlib import Path

HERE = Path(__file__).parent
sys.path.append(str(HERE.parent))

import experiment
from compute import DATASETS
from plot import FIGURES
from results_table import numbers, readme, said

EXPERIMENT = experiment.Experiment(
    HERE, __doc__, DATASETS, FIGURES, numbers, readme, quick="coarse maps and small ensembles", said=said, mapped=True
)

if __name__ == "__main__":
    sys.exit(experiment.main(EXPERIMENT))
