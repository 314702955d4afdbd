"""One-way transport of a weak pulse along the edge of a condensed honeycomb patch, and its reversal with the field.

    python experiments/edge_transport/run.py [--quick] [--resume] [--out DIR] [--update-readme]

Claim (docs/physics.md, sections 4 and 5): with the condensate in place a pulse whose frequency lies in the gap goes one
way round the patch, past a corner and a missing site, and the other way when the field is reversed. Losses damp it.

Writes one netCDF file per data set, numbers.json, figures and wave.gif to DIR, in under five minutes on two cores.
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
            print(f"{name:26} kept")
        else:
            data[name] = function(quick).assign_attrs(resolution=resolution)
            lp.save(data[name], path)
            print(f"{name:26} {time.perf_counter() - start:6.1f} s", flush=True)
    return data


def main(argv: list[str] | None = None) -> int:
    """Run the experiment."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, default=HERE / "output", help="folder for data and figures")
    parser.add_argument("--quick", action="store_true", help="compensated edges only, one field, under 30 s")
    parser.add_argument("--resume", action="store_true", help="keep the data files that are already in DIR")
    parser.add_argument("--update-readme", action="store_true", help="write numbers and figures into the README")
    options = parser.parse_args(argv)
    if options.quick and options.update_readme:
        parser.error("--update-readme needs the full run; leave out --quick")
    options.out.mkdir(parents=True, exist_ok=True)

    data = make_data(options.out, quick=options.quick, resume=options.resume)
    found = {"transport": table.numbers(data), "single": table.single(data)}
    (options.out / "numbers.json").write_text(json.dumps(found, indent=1))
    figures = draw(options.out, step=4 if options.quick else 2)
    if options.update_readme:
        table.write_readme(data)
        (HERE / "figures").mkdir(exist_ok=True)
        for path, _ in figures:
            shutil.copy(path, HERE / "figures" / path.name)

    print()
    for name, row in found["transport"].items():
        print(f"  {name}: {', '.join(f'{value:.4g} ({column})' for column, value in row.items())}")
    print(f"\nData: {options.out.resolve()}/*.nc, numbers in numbers.json. Figures:")
    for path, text in figures:
        print(f"  {path.resolve()}\n      {text}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
