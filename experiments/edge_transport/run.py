"""One-way transport of a weak pulse along the edge of a condensed honeycomb patch, and its reversal with the field.

    python experiments/edge_transport/run.py [--quick] [--resume] [--out DIR] [--workers N] [--update-readme]

Claim (docs/physics.md, sections 4 and 5): with the condensate in place a pulse whose frequency lies in the gap goes one
way round the patch, past a corner and a missing site, and the other way when the field is reversed. Losses damp it.

Writes one netCDF file per data set, numbers.json, figures and wave.gif to DIR, in under five minutes on two cores.
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
    HERE, __doc__, DATASETS, FIGURES, numbers, readme, quick="compensated edges only, one field", mapped=True
)

if __name__ == "__main__":
    sys.exit(experiment.main(EXPERIMENT))
