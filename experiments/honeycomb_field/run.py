"""The topological gap of a field on a honeycomb, not of a network: steady states, excitations, gap and topology.

    python experiments/honeycomb_field/run.py [--quick] [--resume] [--out DIR] [--workers N] [--update-readme]

Writes one netCDF file per data set, numbers.json and all figures to DIR; rows of the map are kept one by one.
"""

import json
import multiprocessing
import os
import shutil
import sys
import time
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
import table
from compute import DATASETS
from plot import draw
from tqdm import tqdm


@contextmanager
def mapping(workers: int) -> Iterator[Callable[[Callable[[Any], Any], list[Any]], Any]]:
    """A function that maps over a list in ``workers`` processes and shows how far it is."""
    with ProcessPoolExecutor(workers, mp_context=multiprocessing.get_context("spawn")) as pool:

        def each(function: Callable[[Any], Any], points: list[Any]) -> Any:
            if len(points) == 1:
                return map(function, points)
            return tqdm(pool.map(function, points), total=len(points), unit="fields", leave=False, disable=None)

        yield each


def main(argv: list[str] | None = None) -> int:
    """Run the experiment."""
    options = experiment.parse(experiment.parser(__doc__ or "", HERE, "a map of two points", pool=True), argv)
    if not options.resume:
        for rows in ("rows", "rows_quick"):
            shutil.rmtree(options.out / rows, ignore_errors=True)

    start = time.perf_counter()
    with mapping(options.workers) as each:
        data = experiment.make_data(DATASETS, options, each, options.out)
    found = table.measured(data)
    (options.out / "numbers.json").write_text(json.dumps(found, indent=1))
    figures = draw(options.out)
    if options.update_readme:
        table.write_readme(found, data["convergence"])
        experiment.publish(figures, HERE)
    print()
    for name, value in found.items():
        print(f"  {name}: {table.text(value)}")
    experiment.last_word(options.out, figures)
    print(f"\n{time.perf_counter() - start:.0f} s")
    return 0


if __name__ == "__main__":
    sys.exit(main())
