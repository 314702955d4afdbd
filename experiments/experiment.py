"""What the run.py of every experiment does: options, data sets that are made once, figures, a last word."""

import argparse
import os
import shutil
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import xarray as xr

import latticepol as lp

Figures = list[tuple[Path, str]]


def parser(description: str, here: Path, quick: str, *, pool: bool = False) -> argparse.ArgumentParser:
    """The options that all experiments have; ``quick`` says what a quick run leaves out.

    With ``pool`` the work is shared among ``options.workers`` processes; without, --workers is accepted and said to
    change nothing.
    """
    made = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    made.add_argument("--out", type=Path, default=here / "output", help="folder for data and figures")
    made.add_argument("--quick", action="store_true", help=f"{quick}, under 30 s")
    made.add_argument("--resume", action="store_true", help="keep the data files that are already in DIR")
    use = "number of processes (default: all processors)" if pool else "accepted, but all is done in one process"
    made.add_argument("--workers", type=int, metavar="N", help=use)
    made.set_defaults(pool=pool)
    made.add_argument("--update-readme", action="store_true", help="write numbers and figures into the README")
    return made


def parse(made: argparse.ArgumentParser, argv: list[str] | None) -> argparse.Namespace:
    """Read the options and make the folder."""
    options = made.parse_args(argv)
    if options.quick and options.update_readme:
        made.error("--update-readme needs the full run; leave out --quick")
    if options.workers is not None and options.workers < 1:
        made.error(f"--workers {options.workers} is not a number of processes; give at least 1")
    if options.workers is not None and not options.pool:
        print(f"--workers {options.workers} changes nothing: this experiment does all in one process")
    options.workers = options.workers or os.cpu_count() or 1
    options.out.mkdir(parents=True, exist_ok=True)
    return options


def make_data(
    datasets: Mapping[str, Callable[..., xr.Dataset]], options: argparse.Namespace, *arguments: Any
) -> dict[str, xr.Dataset]:
    """Compute and save every data set; with --resume keep those already there at the same resolution.

    A function of a data set is called with ``quick``, the ``arguments`` and, if there are any, the data made so far.
    """
    data: dict[str, xr.Dataset] = {}
    resolution = "quick" if options.quick else "full"
    for name, function in datasets.items():
        path, start = options.out / f"{name}.nc", time.perf_counter()
        kept = lp.load(path) if options.resume and path.exists() else None
        if kept is not None and kept.attrs.get("resolution") == resolution:
            data[name] = kept
            print(f"{name:26} kept", flush=True)
            continue
        more = (*arguments, data) if arguments else ()
        data[name] = function(options.quick, *more).assign_attrs(resolution=resolution)
        lp.save(data[name], path)
        print(f"{name:26} {time.perf_counter() - start:6.1f} s", flush=True)
    return data


def publish(figures: Figures, here: Path) -> None:
    """Copy the figures to where the README shows them."""
    (here / "figures").mkdir(exist_ok=True)
    for path, _ in figures:
        shutil.copy(path, here / "figures" / path.name)


def last_word(folder: Path, figures: Figures) -> None:
    """Say where everything is."""
    print(f"\nData: {folder.resolve()}/*.nc, numbers in numbers.json. Figures:")
    for path, text in figures:
        print(f"  {path.resolve()}\n      {text}")
