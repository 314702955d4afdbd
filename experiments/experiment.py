"""What an experiment is, and what running one does: options, data sets that are made once, figures, numbers.

The folder of an experiment has run.py (the :class:`Experiment`), compute.py (its data sets), plot.py (its figures),
results_table.py (the numbers of its README) and, where several of them need it, parameters.py.
"""

import argparse
import json
import os
import shutil
import textwrap
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Self

for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(name, "1")  # matrices are small, and workers are the parallelism; read when numpy is loaded

import matplotlib.pyplot as plt
import numpy as np
import xarray as xr
from matplotlib.animation import FuncAnimation

import latticepol as lp
from latticepol.disk.files import replacing, resolve
from latticepol.sweeps.record import Replaceable

Data = dict[str, xr.Dataset]
#: The exit code after Ctrl-C.
INTERRUPTED = 130
#: The folder in --out with the finished points of all sweeps.
POINTS = "sweep_points"
#: File name -> (function of all data, what it shows): a figure, a film, or None where a quick run left the data out.
Figures = Mapping[str, tuple[Callable[[Data], plt.Figure | FuncAnimation | None], str]]
#: Files of figures and what they show.
Drawn = list[tuple[Path, str]]


class Swept:
    """What a sweep goes over where that is no model: a frozen dataclass with a field for each parameter."""

    def replace(self, **changes: Any) -> Self:
        """Another one."""
        return replace(self, **changes)


@dataclass(frozen=True)
class Run:
    """What a data set is made from: how fine, where, by how many processes, the seed, and the data made so far."""

    out: Path
    quick: bool = False
    workers: int = 1
    rng: int | None = None
    data: Data = field(default_factory=dict)

    def sweep(
        self,
        function: Callable[..., Any],
        model: Replaceable,
        *args: Any,
        options: Mapping[str, Any] | None = None,
        **axes: Any,
    ) -> xr.Dataset:
        """``lp.sweep`` whose points are kept, so that --resume goes on at the point where it was interrupted.

        Raises
        ------
        RuntimeError
            A point failed; the others are kept.
        """
        executor = "serial" if self.workers == 1 else self.workers
        kept = {"store": self.out / POINTS, "retry": True}
        swept = lp.sweep(function, model, *args, options=options, executor=executor, **kept, **axes)
        wrong = np.isin(swept.status.values, ("failed", "lost"))
        if wrong.any():
            why = swept.message.values[wrong][0]
            raise RuntimeError(f"{wrong.sum()} of {wrong.size} points failed: {why}; --resume computes only them again")
        return swept.drop_vars(["status", "message"])


def values_of(swept: xr.Dataset) -> dict[str, tuple[tuple[Any, ...], np.ndarray]]:
    """Dimensions and values of what a sweep found, to be wrapped."""
    return {str(name): (swept[name].dims, swept[name].values) for name in swept.data_vars}


#: File name -> function of the run, in the order in which they are made; None where a quick run leaves one out.
DataSets = Mapping[str, Callable[[Run], xr.Dataset | None]]


@dataclass(frozen=True)
class Experiment:
    """One claim: how its data, figures and numbers are made.

    ``here`` is its folder, ``title`` the text of --help, ``quick`` says what a quick run leaves out. ``numbers`` makes
    what numbers.json holds of all data, ``readme`` the lines of every part of the README, ``said`` what is printed, if
    not just the numbers. ``mapped``: its work is shared among --workers processes. ``rng`` is the default of --rng.
    """

    here: Path
    title: str
    datasets: DataSets
    figures: Figures
    numbers: Callable[[Data], Mapping[str, Any]]
    readme: Callable[[Data, Any], Mapping[str, Iterable[str]]]
    quick: str
    mapped: bool = False
    rng: int | None = None
    said: Callable[[Any], Iterable[str]] | None = None


def main(experiment: Experiment, argv: list[str] | None = None) -> int:
    """Run an experiment, or with --draw only draw its figures again."""
    options = parse(experiment, argv)
    if not options.draw:
        run = Run(options.out, options.quick, options.workers, options.rng)
        data = make_data(experiment.datasets, run, options.resume)
        found = experiment.numbers(data)
        print("", *(experiment.said or lines_of)(found), sep="\n")
        _write(options.out / "numbers.json", json.dumps(found, indent=1))
    drawn = draw(options.out, experiment.figures)
    if not options.draw:
        parts = experiment.readme(data, found)
        if options.update_readme:
            update_readme(experiment.here, parts, drawn)
    say_where(options.out, drawn)
    return 0


def parse(experiment: Experiment, argv: list[str] | None) -> argparse.Namespace:
    """Read the options, which all experiments have alike, and make the folder."""
    made = argparse.ArgumentParser(description=experiment.title, formatter_class=argparse.RawDescriptionHelpFormatter)
    made.add_argument("--out", type=Path, default=experiment.here / "output", help="folder for data and figures")
    made.add_argument("--quick", action="store_true", help=f"{experiment.quick}, under 30 s")
    made.add_argument("--resume", action="store_true", help="keep the data files, and points, that are already in OUT")
    use = "number of processes (default: all processors; --quick: one)"
    use = use if experiment.mapped else "accepted, but all is done in one process"
    made.add_argument("--workers", type=int, metavar="N", help=use)
    made.add_argument("--update-readme", action="store_true", help="write numbers and figures into the README")
    made.add_argument("--draw", action="store_true", help="only draw the figures again, from the data files in OUT")
    made.set_defaults(rng=experiment.rng)
    if experiment.rng is not None:
        made.add_argument("--rng", type=int, help=f"seed (default: {experiment.rng})")
    options = made.parse_args(argv)
    if options.quick and options.update_readme:
        made.error("--update-readme needs the full run; leave out --quick")
    if options.draw and options.update_readme:
        made.error("--update-readme needs the numbers; leave out --draw")
    if options.workers is not None and options.workers < 1:
        made.error(f"--workers {options.workers} is not a number of processes; give at least 1")
    if options.workers is not None and not experiment.mapped:
        print(f"--workers {options.workers} changes nothing: this experiment does all in one process")
    # the few points of a quick run take no longer than the start of processes
    options.workers = options.workers or (1 if options.quick else os.cpu_count() or 1)
    try:
        options.out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        made.error(f"--out must be a folder; {options.out} cannot be made one ({error.strerror}): give another")
    return options


def make_data(datasets: DataSets, run: Run, resume: bool) -> Data:
    """Compute and save every data set; with ``resume`` keep those, and those points, already there.

    Raises
    ------
    SystemExit
        Ctrl-C; what is there is said, and how to go on.
    """
    if not resume:
        shutil.rmtree(run.out / POINTS, ignore_errors=True)
    resolution = "quick" if run.quick else "full"
    for name, function in datasets.items():
        path, start = run.out / f"{name}.nc", time.perf_counter()
        kept = lp.load(path) if resume and path.exists() else None
        if kept is not None and kept.attrs.get("resolution") == resolution:
            run.data[name] = kept
            print(f"{name:26} kept", flush=True)
            continue
        try:
            made = function(run)
        except KeyboardInterrupt as error:
            print(f"\nInterrupted in {name}" + f" ({error})" * bool(str(error)), end="; ")
            print(f"{len(run.data)} data sets are kept in {run.out}; go on with --resume")
            raise SystemExit(INTERRUPTED) from None
        if made is not None:
            run.data[name] = made.assign_attrs(resolution=resolution)
            lp.save(run.data[name], path)
            print(f"{name:26} {time.perf_counter() - start:6.1f} s", flush=True)
    return run.data


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


def update_readme(here: Path, parts: Mapping[str, Iterable[str]], drawn: Drawn) -> None:
    """Write the parts (name -> lines) into the README, and copy the figures that it shows."""
    for part, lines in parts.items():
        write_readme(here, lines, part)
    (here / "figures").mkdir(exist_ok=True)
    for path, _ in drawn:
        shutil.copy(path, here / "figures" / path.name)


def say_where(out: Path, drawn: Drawn) -> None:
    """Print where data and figures are, and what the figures show."""
    print(f"\nData: {out.resolve()}/*.nc, numbers in numbers.json. Figures:")
    for path, shown in drawn:
        print(f"  {path.resolve()}\n      {shown}")


def lines_of(found: Mapping[str, Any], indent: str = "  ") -> Iterable[str]:
    """Numbers, pairs of numbers and tables of them, as they are printed."""
    for name, value in found.items():
        if isinstance(value, Mapping):
            yield f"{indent}{name}:"
            yield from lines_of(value, indent + "  ")
        else:
            yield f"{indent}{name}: {', '.join(text(number, 0.0) for number in np.atleast_1d(value))}"
