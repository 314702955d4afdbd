"""The topological gap that the magnetisation of a condensate opens in a honeycomb lattice.

    python experiments/honeycomb_gap/run.py [--quick] [--resume] [--out DIR] [--workers N] [--update-readme]

Writes one netCDF file per data set, numbers.json and all figures to DIR, in under five minutes on two cores.
"""

import sys
from pathlib import Path

HERE = Path(__file__).parent
sys.path.append(str(HERE.parent))

import experiment
import numbers_table
from compute import datasets
from plot import FIGURES


def main(argv: list[str] | None = None) -> int:
    """Run the experiment."""
    parser = experiment.parser(__doc__ or "", HERE, "two parameter sets, coarse maps", pool=True)
    options = experiment.parse(parser, argv)

    with experiment.mapping(options.workers, "points") as each:
        data = experiment.make_data(datasets(options.quick), options, each)
    found = numbers_table.measured(data)
    experiment.say(found)
    drawn = experiment.draw(options.out, FIGURES)
    lines = [numbers_table.HEAD, "", *experiment.table(found)]
    experiment.finish(options, HERE, found, drawn, {"numbers": lines})
    return 0


if __name__ == "__main__":
    sys.exit(main())
