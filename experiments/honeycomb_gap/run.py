"""The topological gap that the magnetisation of a condensate opens in a honeycomb lattice.

    python experiments/honeycomb_gap/run.py [--quick] [--resume] [--out DIR] [--workers N] [--update-readme]

Writes one netCDF file per data set, numbers.json and all figures to DIR, in under five minutes on two cores.
"""

import json
import multiprocessing
import os
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(name, "1")  # the workers are the parallelism; read when numpy is loaded

HERE = Path(__file__).parent
sys.path.append(str(HERE.parent))

import experiment
import numbers_table
from compute import DATASETS
from plot import draw
from tqdm import tqdm


@contextmanager
def mapping(workers: int) -> Iterator[Callable[[Callable[[Any], Any], list[Any]], Any]]:
    """A function that maps over a list in ``workers`` processes and shows how far it is."""
    with ProcessPoolExecutor(workers, mp_context=multiprocessing.get_context("spawn")) as pool:

        def each(function: Callable[[Any], Any], points: list[Any]) -> Any:
            results = pool.map(function, points, chunksize=max(1, len(points) // (16 * workers)))
            return tqdm(results, total=len(points), unit="points", leave=False, disable=None)

        yield each


def main(argv: list[str] | None = None) -> int:
    """Run the experiment."""
    parser = experiment.parser(__doc__ or "", HERE, "coarse maps", pool=True)
    options = experiment.parse(parser, argv)

    with mapping(options.workers) as each:
        data = experiment.make_data(DATASETS, options, each)
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
