"""The topological gap that the magnetisation of a condensate opens in a honeycomb lattice.

    python experiments/honeycomb_gap/run.py [--quick] [--resume] [--out DIR] [--workers N] [--update-readme]

Writes one netCDF file per data set, numbers.json and all figures to DIR, in under five minutes on two cores.
"""

import argparse
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

import numbers_table  # noqa: E402
import xarray as xr  # noqa: E402
from compute import DATASETS  # noqa: E402
from plot import draw  # noqa: E402
from tqdm import tqdm  # noqa: E402

import latticepol as lp  # noqa: E402

HERE = Path(__file__).parent


@contextmanager
def mapping(workers: int) -> Iterator[Callable[[Callable[[Any], Any], list[Any]], Any]]:
    """A function that maps over a list in ``workers`` processes and shows how far it is."""
    with ProcessPoolExecutor(workers, mp_context=multiprocessing.get_context("spawn")) as pool:

        def each(function: Callable[[Any], Any], points: list[Any]) -> Any:
            results = pool.map(function, points, chunksize=max(1, len(points) // (16 * workers)))
            return tqdm(results, total=len(points), unit="points", leave=False, disable=None)

        yield each


def make_data(folder: Path, *, quick: bool, resume: bool, workers: int) -> dict[str, xr.Dataset]:
    """Compute and save every data set; with ``resume`` keep those already there at the same resolution."""
    data: dict[str, xr.Dataset] = {}
    resolution = "quick" if quick else "full"
    with mapping(workers) as each:
        for name, function in DATASETS.items():
            path, start = folder / f"{name}.nc", time.perf_counter()
            kept = lp.load(path) if resume and path.exists() else None
            if kept is not None and kept.attrs.get("resolution") == resolution:
                data[name] = kept
                print(f"{name:20} kept", flush=True)
                continue
            data[name] = function(quick, each, data).assign_attrs(resolution=resolution)
            lp.save(data[name], path)
            print(f"{name:20} {time.perf_counter() - start:6.1f} s", flush=True)
    return data


def main(argv: list[str] | None = None) -> int:
    """Run the experiment."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, default=HERE / "output", help="folder for data and figures")
    parser.add_argument("--quick", action="store_true", help="coarse maps, under 30 s")
    parser.add_argument("--resume", action="store_true", help="keep the data files that are already in DIR")
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1, help="processes (default: all cores)")
    parser.add_argument("--update-readme", action="store_true", help="write numbers and figures into the README")
    options = parser.parse_args(argv)
    if options.quick and options.update_readme:
        parser.error("--update-readme needs the full run; leave out --quick")
    if options.workers < 1:
        parser.error(f"--workers {options.workers} is not a number of processes; give at least 1")
    options.out.mkdir(parents=True, exist_ok=True)

    data = make_data(options.out, quick=options.quick, resume=options.resume, workers=options.workers)
    found = numbers_table.measured(data)
    (options.out / "numbers.json").write_text(json.dumps(found, indent=1))
    figures = draw(options.out)
    if options.update_readme:
        numbers_table.write_readme(found)
        (HERE / "figures").mkdir(exist_ok=True)
        for path, _ in figures:
            shutil.copy(path, HERE / "figures" / path.name)
    print()
    for name, value in found.items():
        print(f"  {name}: {numbers_table.text(value)}")
    print(f"\nData: {options.out.resolve()}/*.nc, numbers in numbers.json. Figures:")
    for path, text in figures:
        print(f"  {path.resolve()}\n      {text}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
