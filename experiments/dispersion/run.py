"""E(k) of a GaAs honeycomb by dynamics, with its bands on top, and its gap against the magnetic field in tesla.

    python experiments/dispersion/run.py [--quick] [--resume] [--out DIR] [--update-readme]

Claim (docs/physics.md, sections 4 and 6.4): the lines of the space-time Fourier transform of a weakly perturbed lattice
are its Bogoliubov spectrum. Writes one netCDF file per data set, numbers.json and the figures to DIR.
"""

import json
import os
import sys
from pathlib import Path

for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(name, "1")  # matrices are small; read when numpy is loaded

HERE = Path(__file__).parent
sys.path.append(str(HERE.parent))

import experiment
import table
from compute import DATASETS
from plot import draw


def main(argv: list[str] | None = None) -> int:
    """Run the experiment."""
    options = experiment.parse(experiment.parser(__doc__ or "", HERE, "a short strip, short times, two fields"), argv)
    data = experiment.make_data(DATASETS, options, None)
    found = table.measured(data)
    (options.out / "numbers.json").write_text(json.dumps(found, indent=1))
    figures = draw(options.out)
    if options.update_readme:
        table.write_readme(found)
        experiment.publish(figures, HERE)
    print()
    for name, value in found.items():
        print(f"  {name}: {table.text(value)}")
    experiment.last_word(options.out, figures)
    return 0


if __name__ == "__main__":
    sys.exit(main())
