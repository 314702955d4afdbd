"""What the run.py of every experiment does: options, data sets that are made once, figures, numbers, a last word."""

import argparse
import json
import multiprocessing
import os
import shutil
import textwrap
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(name, "1")  # matrices are small, and workers are the parallelism; read when numpy is loaded

import matplotlib.pyplot as plt
import numpy as np
import xarray as xr
from matplotlib.animation import FuncAnimation
from tqdm import tqdm

import latticepol as lp
from latticepol.files import replacing, resolve

Data = dict[str, xr.Dataset]
#: The exit code after Ctrl-C.
INTERRUPTED = 130
#: File name -> (function of all data, what it shows): a figure, a film, or None where a quick run left the data out.
Figures = Mapping[str, tuple[Callable[[Data], plt.Figure | FuncAnimation | None], str]]
#: Files of figures and what they show.
Drawn = list[tuple[Path, str]]


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
    try:
        options.out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        made.error(f"--out {options.out} is no folder and cannot be made one ({error.strerror}); give another")
    return options


def make_data(
    datasets: Mapping[str, Callable[..., xr.Dataset]], options: argparse.Namespace, *arguments: Any
) -> dict[str, xr.Dataset]:
    """Compute and save every data set; with --resume keep those already there at the same resolution.

    A function of a data set is called with ``quick``, the ``arguments`` and, if there are any, the data made so far.

    Raises
    ------
    SystemExit
        Ctrl-C; what is there is said, and how to go on.
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
        try:
            data[name] = function(options.quick, *more).assign_attrs(resolution=resolution)
        except KeyboardInterrupt:
            print(f"\nInterrupted in {name}; {len(data)} data sets are kept in {options.out}; go on with --resume")
            raise SystemExit(INTERRUPTED) from None
        lp.save(data[name], path)
        print(f"{name:26} {time.perf_counter() - start:6.1f} s", flush=True)
    return data


@contextmanager
def mapping(workers: int, unit: str) -> Iterator[Callable[[Callable[[Any], Any], list[Any]], Iterable[Any]]]:
    """A function that maps over a list in ``workers`` processes and shows how far it is; one does it here."""
    if workers == 1:
        yield lambda function, points: tqdm(
            map(function, points), total=len(points), unit=unit, leave=False, disable=None
        )
        return
    with ProcessPoolExecutor(workers, mp_context=multiprocessing.get_context("spawn")) as pool:

        def each(function: Callable[[Any], Any], points: list[Any]) -> Iterable[Any]:
            if len(points) == 1:
                return map(function, points)
            results = pool.map(function, points, chunksize=max(1, len(points) // (16 * workers)))
            return tqdm(results, total=len(points), unit=unit, leave=False, disable=None)

        yield each


def draw(folder: Path, figures: Figures) -> Drawn:
    """Draw the figures and films from the data files in ``folder``."""
    plt.switch_backend("agg")
    data = {path.stem: lp.load(path) for path in sorted(folder.glob("*.nc"))}
    drawn = []
    for name, (function, shown) in figures.items():
        what = function(data)
        if what is None:
            continue
        path = folder / f"{name}.{'gif' if isinstance(what, FuncAnimation) else 'png'}"
        with replacing(resolve(path)) as unfinished:
            if isinstance(what, FuncAnimation):
                what.save(unfinished, "pillow", dpi=80)
            else:
                what.savefig(unfinished, dpi=130)
        plt.close("all")
        drawn.append((path, shown))
    return drawn


def draw_again(description: str, here: Path, figures: Figures) -> None:
    """What a plot.py does on its own: draw the figures of a folder with data files."""
    made = argparse.ArgumentParser(description=description)
    made.add_argument("--out", type=Path, default=here / "output", help="folder with the data files")
    for path, _ in draw(made.parse_args().out, figures):
        print(path)


def text(value: float, rounding: float = 1e-9) -> str:
    """A number as a README shows it; below ``rounding`` it is 0."""
    return "none" if np.isnan(value) else "0" if abs(value) < rounding else f"{value:.4g}"


def table(found: Mapping[str, float], rounding: float = 1e-9) -> list[str]:
    """The lines of a table of a README."""
    return ["| | |", "|---|---|", *(f"| {name} | {text(value, rounding)} |" for name, value in found.items())]


def paragraph(words: str) -> list[str]:
    """The lines of a paragraph of a README."""
    return textwrap.wrap(words, 128)


def write_readme(here: Path, lines: Iterable[str], part: str = "numbers") -> None:
    """Put the lines between the marks of a part of the README."""
    start, end = f"<!-- {part}: written by run.py --update-readme -->", f"<!-- end of {part} -->"
    readme = here / "README.md"
    before, rest = readme.read_text().split(start)
    _write(readme, "\n".join([before + start, "", *lines, "", end]) + rest.split(end)[1])


def _write(path: Path, text: str) -> None:
    with replacing(resolve(path)) as unfinished:
        unfinished.write_text(text)


def finish(
    options: argparse.Namespace, here: Path, found: Any, drawn: Drawn, readme: Mapping[str, Iterable[str]]
) -> None:
    """Write what was found to numbers.json and, if asked to, into the README (part -> lines); say where everything is.

    The README shows copies of the figures.
    """
    _write(options.out / "numbers.json", json.dumps(found, indent=1))
    if options.update_readme:
        for part, lines in readme.items():
            write_readme(here, lines, part)
        (here / "figures").mkdir(exist_ok=True)
        for path, _ in drawn:
            shutil.copy(path, here / "figures" / path.name)
    print(f"\nData: {options.out.resolve()}/*.nc, numbers in numbers.json. Figures:")
    for path, shown in drawn:
        print(f"  {path.resolve()}\n      {shown}")


def say(found: Mapping[str, float], rounding: float = 1e-9) -> None:
    """Print what was found."""
    print()
    for name, value in found.items():
        print(f"  {name}: {text(value, rounding)}")
