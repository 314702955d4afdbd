"""From the field to the single condensate: a uniform field is one exactly, a pumped trap in the limit of deep traps.

    python experiments/field_to_site/run.py [--quick] [--resume] [--out DIR] [--update-readme]

Writes one netCDF file per data set, numbers.json and all figures to DIR, in a few minutes on one core.
"""

import json
import os
import sys
from pathlib import Path

for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(name, "1")  # the matrices are too small to share; read when numpy is loaded

HERE = Path(__file__).parent
sys.path.append(str(HERE.parent))

import experiment
import numbers_table
from compute import DATASETS
from plot import draw


def main(argv: list[str] | None = None) -> int:
    """Run the experiment."""
    options = experiment.parse(experiment.parser(__doc__ or "", HERE, "one trap, few pumps and fields"), argv)
    data = experiment.make_data(DATASETS, options)
    found = numbers_table.measured(data)
    (options.out / "numbers.json").write_text(json.dumps(found, indent=1))
    figures = draw(options.out)
    if options.update_readme:
        numbers_table.write_readme(found)
        experiment.publish(figures, HERE)
    print()
    for name, value in found.items():
        print(f"  {name}: {numbers_table.text(value)}")
    experiment.last_word(options.out, figures)
    return 0


if __name__ == "__main__":
    sys.exit(main())
