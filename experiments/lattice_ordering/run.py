"""Lattices switched on from noise: alignment with a weak field, domains and defects, and what unstable lattices become.

    python experiments/lattice_ordering/run.py [--quick] [--resume] [--out DIR] [--update-readme]

Writes one netCDF file per data set, numbers.json and all figures to DIR, in under five minutes on two cores.
"""

import argparse
import json
import shutil
import sys
import time
from pathlib import Path

import table
import xarray as xr
from compute import DATASETS
from plot import draw

import latticepol as lp

HERE = Path(__file__).parent


def make_data(folder: Path, *, quick: bool, resume: bool) -> dict[str, xr.Dataset]:
    """Compute and save every data set; with ``resume`` keep those already there at the same resolution."""
    data = {}
    resolution = "quick" if quick else "full"
    for name, function in DATASETS.items():
        path = folder / f"{name}.nc"
        start = time.perf_counter()
        kept = lp.load(path) if resume and path.exists() else None
        if kept is not None and kept.attrs.get("resolution") == resolution:
            data[name] = kept
            print(f"{name:12} kept", flush=True)
        else:
            data[name] = function(quick).assign_attrs(resolution=resolution)
            lp.save(data[name], path)
            print(f"{name:12} {time.perf_counter() - start:6.1f} s", flush=True)
    return data


def main(argv: list[str] | None = None) -> int:
    """Run the experiment."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, default=HERE / "output", help="folder for data and figures")
    parser.add_argument("--quick", action="store_true", help="small lattices and ensembles, under 30 s")
    parser.add_argument("--resume", action="store_true", help="keep the data files that are already in DIR")
    parser.add_argument("--update-readme", action="store_true", help="write numbers and figures into the README")
    options = parser.parse_args(argv)
    if options.quick and options.update_readme:
        parser.error("--update-readme needs the full run; leave out --quick")
    options.out.mkdir(parents=True, exist_ok=True)

    data = make_data(options.out, quick=options.quick, resume=options.resume)
    numbers = table.numbers(data)
    (options.out / "numbers.json").write_text(json.dumps(numbers, indent=1))
    figures = draw(options.out)
    if options.update_readme:
        table.write_readme(numbers)
        (HERE / "figures").mkdir(exist_ok=True)
        for path, _ in figures:
            shutil.copy(path, HERE / "figures" / path.name)
    for part in numbers.values():
        for name, value in part.items():
            print(f"  {name}: {value:.4g}")
    print(f"\nData: {options.out.resolve()}/*.nc, numbers in numbers.json. Figures:")
    for path, text in figures:
        print(f"  {path.resolve()}\n      {text}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
