"""One step of the field solver over the Fourier transforms it cannot do without.

    python experiments/performance/field.py [--quick] [--points 256 512 1024] [--threads 1] [--out FOLDER]

Claim: a Strang step costs little more than its transforms; how much, and where it does not, is in results/field.txt.

The floor is the four complex transforms of a step (two components, forward and back), in place, planned by FFTW with
MEASURE, nothing else. Step and floor are timed in turns and the shortest time of each counts, because other work on the
machine only ever adds. The rows "patient" take planning="patient" and are compared with the same floor. Plans are made
anew in each run, which takes a minute at 1024^2. Written to field.nc in the folder, drawn in field.png.
"""

import argparse
import os
import sys
import tempfile
from collections.abc import Callable
from functools import cache
from pathlib import Path
from time import perf_counter
from typing import NamedTuple

import numpy as np
import xarray as xr

import latticepol as lp
from latticepol.disk.files import replacing, resolve
from latticepol.numerics import fft
from latticepol.state import InitialState

LENGTH, DT = 32.0, 5 / 1790  # Strang needs 1790 steps for an error of 1e-6 at t = 5


class Case(NamedTuple):
    """A variation of the reference problem."""

    name: str
    terms: Callable[[np.ndarray], list]
    integrator: object = lp.Strang()
    dtype: str = "complex128"
    planning: fft.Planning = "measure"


def saturable(c: np.ndarray) -> list:
    """Saturable gain W = 1.6 + 0.4 c, Gamma = eta = 1."""
    return [lp.Gain(1.6 + 0.4 * c, 1.0, 1.0)]


def reservoir(c: np.ndarray) -> list:
    """A reservoir with the same gain and its own dynamics."""
    return [lp.Reservoir(3.2 + 0.8 * c, R=1.0, Gamma_R=2.0, Gamma=1.0, g_R=0.1, g_cross=-0.02, tau_s=1.0)]


def pulsed(c: np.ndarray) -> list:
    """Saturable gain switched by a pulse."""
    pump = lp.pumps.profile(1.6 + 0.4 * c) * lp.pumps.pulse(2.5, fwhm=2.0)
    return [lp.Gain(pump, 1.0, 1.0)]


CASES = [
    Case("reference", saturable),
    Case("TE-TM", lambda c: [*saturable(c), lp.TETM(0.1)]),
    Case("TE-TM, reservoir", lambda c: [*reservoir(c), lp.TETM(0.1)]),
    Case("pulse in time", pulsed),
    Case("complex64", saturable, dtype="complex64"),
    Case("complex64, TE-TM", lambda c: [*saturable(c), lp.TETM(0.1)], dtype="complex64"),
    Case("Blanes-Moan, per stage", saturable, lp.BlanesMoan()),
    Case("ETDRK4, per stage", saturable, lp.ETDRK4()),
    # last: what FFTW learns from them would make the floor faster
    Case("patient", saturable, planning="patient"),
    Case("patient, TE-TM", lambda c: [*saturable(c), lp.TETM(0.1)], planning="patient"),
    Case("patient, TE-TM, reservoir", lambda c: [*reservoir(c), lp.TETM(0.1)], planning="patient"),
    Case("patient, complex64", saturable, dtype="complex64", planning="patient"),
]
STAGES = {"BlanesMoan": 6, "ETDRK4": 4, "Strang": 1}


def problem(case: Case, points: int) -> tuple[lp.SpinorGPE, np.ndarray]:
    """The reference problem of ``case`` on points x points, and its initial field."""
    grid = lp.Grid.rectangle((LENGTH, LENGTH), (points, points))
    x, y = grid.points
    c = np.cos(2 * np.pi * x / 8) * np.cos(2 * np.pi * y / 8)
    terms = [lp.Kinetic(1.0), lp.Splitting(1.0, 0.1), lp.Zeeman(0.1), lp.Potential(-2 * c), lp.Interaction(2.28, 0.0)]
    plus = 0.1 * (1 + 0.3 * np.exp(-(x**2 + y**2) / 4))
    model = lp.SpinorGPE(grid, [*terms, *case.terms(c)], dtype=case.dtype, planning=case.planning)
    return model, np.stack([plus, plus * np.exp(0.3j)])


@cache
def measured_plan(points: int, dtype: str, threads: int) -> fft.Transforms:
    """The transforms of the floor, planned by FFTW with MEASURE when first asked for."""
    return fft.Transforms(fft.empty((2, points, points), dtype), threads=threads)


def times(case: Case, points: int, threads: int, seconds: float) -> tuple[float, float]:
    """Shortest time of one stage and of the floor, in seconds."""
    model, psi = problem(case, points)
    plan = measured_plan(points, case.dtype, threads)
    engine = model.engine(InitialState(psi), threads=threads)
    stages = STAGES[type(case.integrator).__name__]
    case.integrator.step(engine, 0.0, DT, first=True)
    step, floor, start = [], [], perf_counter()
    while perf_counter() - start < seconds or len(step) < 5:
        begin = perf_counter()
        case.integrator.step(engine, 0.0, DT, first=False)
        step.append((perf_counter() - begin) / stages)
        begin = perf_counter()
        plan.forward(engine.field)
        plan.backward(engine.field)
        floor.append(perf_counter() - begin)
        engine.field[...] = psi
        engine.n[...] = 0
    return min(step), min(floor)


def measure(sizes: list[int], threads: int, seconds: float) -> xr.Dataset:
    """Times of all cases and sizes; prints a table of ratios."""
    shape = (len(CASES), len(sizes))
    step, floor = np.empty(shape), np.empty(shape)
    print(f"one step over its transforms, {threads} thread(s); in brackets ms per step")
    print(f"{'':26s}" + "".join(f"{n:>16d}^2" for n in sizes))
    for i, case in enumerate(CASES):
        for j, points in enumerate(sizes):
            step[i, j], floor[i, j] = times(case, points, threads, seconds)
        cells = (f"{s / f:10.3f} ({s * 1e3:6.2f})" for s, f in zip(step[i], floor[i], strict=True))
        print(f"{case.name:26s}" + "".join(cells), flush=True)
    names = [case.name for case in CASES]
    for double, single in (("reference", "complex64"), ("patient", "patient, complex64")):
        ratio = step[names.index(double)] / step[names.index(single)]
        print(f"{single + ' is faster by':32s}" + "".join(f"{value:4.2f}".ljust(19) for value in ratio))
    attributes = {"units": "s"}
    return xr.Dataset(
        {"step": (("case", "points"), step, attributes), "floor": (("case", "points"), floor, attributes)},
        coords={"case": names, "points": sizes},
        attrs={"title": "time of a step and of its transforms", "threads": threads},
    )


def draw(times: xr.Dataset, path: Path) -> None:
    """Ratio against the number of points."""
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    figure, axis = plt.subplots(figsize=(6, 4), layout="constrained")
    for name in times.case.values:
        axis.plot(times.points, (times.step / times.floor).sel(case=name), marker="o", label=name)
    axis.set(xscale="log", xticks=times.points, xticklabels=times.points.values, xlabel="points along x and y")
    axis.set_ylabel("time of a step / time of its transforms")
    axis.minorticks_off()
    axis.legend(fontsize="small")
    with replacing(resolve(path)) as unfinished:
        figure.savefig(unfinished, dpi=150)


def main(argv: list[str] | None = None) -> int:
    """Measure, print, write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--points", type=int, nargs="+", default=[256, 512, 1024])
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--seconds", type=float, default=4.0, help="per entry of the table")
    parser.add_argument("--quick", action="store_true", help="128^2 only, a fraction of a second per entry")
    parser.add_argument("--out", type=Path, default=Path(__file__).parent / "output")
    arguments = parser.parse_args(argv)
    sizes, seconds = ([128], 0.2) if arguments.quick else (arguments.points, arguments.seconds)
    with tempfile.TemporaryDirectory() as folder:
        os.environ["LATTICEPOL_CACHE"] = folder  # nothing learnt before
        table = measure(sizes, arguments.threads, seconds)
    arguments.out.mkdir(parents=True, exist_ok=True)
    lp.save(table, arguments.out / "field.nc")
    draw(table, arguments.out / "field.png")
    return 0


if __name__ == "__main__":
    sys.exit(main())
