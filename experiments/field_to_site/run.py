"""From the field to the single condensate: a uniform field is one exactly, a pumped trap in the limit of deep traps.

    python experiments/field_to_site/run.py [--quick] [--resume] [--out DIR] [--workers N] [--update-readme]

Writes one netCDF file per data set, numbers.json and all figures to DIR, in a few minutes on one core.
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
    HERE, __doc__, DATASETS, FIGURES, numbers, readme, quick="one trap, few pumps and fields", mapped=True
)

if __name__ == "__main__":
    sys.exit(experiment.main(EXPERIMENT))
