"""From the field to the single condensate: a uniform field is one exactly, a pumped trap in the limit of deep traps.

    python experiments/field_to_site/run.py [--quick] [--resume] [--out DIR] [--update-readme]

Writes one netCDF file per data set, numbers.json and all figures to DIR, in a few minutes on one core.
"""

import sys
from pathlib import Path

HERE = Path(__file__).parent
sys.path.append(str(HERE.parent))

import experiment
import numbers_table
from compute import DATASETS
from plot import FIGURES


def main(argv: list[str] | None = None) -> int:
    """Run the experiment."""
    options = experiment.parse(experiment.parser(__doc__ or "", HERE, "one trap, few pumps and fields"), argv)
    data = experiment.make_data(DATASETS, options)
    found = numbers_table.measured(data)
    experiment.say(found, rounding=0.0)
    drawn = experiment.draw(options.out, FIGURES)
    experiment.finish(options, HERE, found, drawn, {"numbers": experiment.table(found, rounding=0.0)})
    return 0


if __name__ == "__main__":
    sys.exit(main())
