"""Lattices switched on from noise: alignment with a weak field, domains and defects, and what unstable lattices become.

    python experiments/lattice_ordering/run.py [--quick] [--resume] [--out DIR] [--workers N] [--update-readme]

Writes one netCDF file per data set, numbers.json and all figures to DIR, in under five minutes on two cores.
"""

import sys
from functools import partial
from pathlib import Path

HERE = Path(__file__).parent
sys.path.append(str(HERE.parent))

import experiment
import table
from compute import DATASETS
from parallel import each
from plot import FIGURES


def main(argv: list[str] | None = None) -> int:
    """Run the experiment."""
    parser = experiment.parser(__doc__ or "", HERE, "small lattices and ensembles", pool=True)
    options = experiment.parse(parser, argv)

    data = experiment.make_data(DATASETS, options, partial(each, workers=options.workers))
    numbers = table.numbers(data)
    for part in numbers.values():
        for name, value in part.items():
            print(f"  {name}: {value:.4g}")
    experiment.finish(options, HERE, numbers, experiment.draw(options.out, FIGURES), table.markdown(numbers))
    return 0


if __name__ == "__main__":
    sys.exit(main())
