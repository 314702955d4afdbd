"""Time to a given accuracy: latticepol against other programs on the same problem, one thread, one run.

    python experiments/performance/peers.py [--points 256] [--problem NAME] [--out FILE.json]

Problem: one of the input files in experiments/reference_xmds, which state the equation and its numbers, or the
saturable one with one thing more (variants.py: TE-TM, a reservoir or a pulse alone), on points x points. A program gets
as many steps as it needs for a relative L2 error of 1e-3 and of 1e-6 at the final time; printed are these steps, the
time, and the time in units of the FFTW floor of the same run: four complex transforms (two components, forward and
back), nothing else. The exact solution is the Fourier interpolation of data/xmds2_*.nc, itself
good to 1e-8 (saturable) and 1e-11 (the others), or of XMDS2 with 2000 steps for a variant (1e-10). "Patient" lets FFTW
look longer for its plans. A program that is not installed is left out. About five minutes.
"""

import argparse
import json
import os
import sys
import tempfile
from pathlib import Path
from typing import NamedTuple

for variable in ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS"):
    os.environ[variable] = "1"  # read when the libraries are loaded, so before anything else

import numpy as np  # noqa: E402
import solvers  # noqa: E402
import variants  # noqa: E402

PROBLEMS = ("saturable", "reservoir", "pulse", *variants.VARIANTS)
TOLERANCES = (1e-3, 1e-6)
LONGEST = 60.0  # seconds: what would take longer is extrapolated from its last measurement, and marked


class Effort(NamedTuple):
    """What a program needs for one accuracy."""

    steps: int
    seconds: float
    error: float
    extrapolated: bool


def interpolated(psi: np.ndarray, points: int, shift: float) -> np.ndarray:
    """The trigonometric interpolation of psi (2, n, n) on points x points, displaced by ``shift`` of their spacing."""
    n = psi.shape[-1]
    modes = np.fft.fftfreq(n, 1 / n)
    padded = np.zeros((2, points, points), complex)
    rows = np.rint(modes).astype(int) % points
    phase = np.exp(2j * np.pi * modes * shift / points)
    padded[:, rows[:, None], rows] = np.fft.fft2(psi) * phase[:, None] * phase
    return np.fft.ifft2(padded) * (points / n) ** 2


def effort(solver: solvers.Solver, exact: np.ndarray, points: int, tolerance: float, repeat: int) -> Effort:
    """The fewest steps (to 1 %) with an error below ``tolerance``, by the order of the scheme and bracketing."""
    steps, too_few, enough = solver.first_guess, 0, None
    while enough is None or enough.steps - too_few > max(1, 0.01 * enough.steps):
        psi, seconds = _solve(solver, points, steps, 1)
        error = _distance(psi, exact)
        if error <= tolerance:
            enough = Effort(steps, seconds, error, False)
        else:
            too_few = steps
        needed = 2 * steps  # where the scheme is not yet in its stride, or unstable
        if error < 0.1:
            needed = int(np.ceil(1.01 * steps * (error / tolerance) ** (1 / solver.order)))
        if enough is None and needed * seconds / steps > LONGEST:
            return Effort(needed, needed * seconds / steps, tolerance, True)
        steps = needed
        if enough is not None and not too_few < needed < enough.steps:
            steps = (too_few + enough.steps) // 2
    return enough._replace(seconds=_solve(solver, points, enough.steps, repeat)[1])


def once(solver: solvers.Solver, exact: np.ndarray, points: int, repeat: int) -> Effort:
    """One run with the first guess of the steps."""
    psi, seconds = solver.solve(points, solver.first_guess, repeat)
    return Effort(solver.first_guess, seconds, _distance(psi, exact), False)


def compare(problem: str, points: int, repeat: int) -> dict:
    """Efforts of every installed program, and the floor in seconds."""
    stored = solvers.exact(problem)
    if points < stored.shape[-1]:
        raise SystemExit(
            f"--points {points} does not hold the reference, which has {stored.shape[-1]}; give at least that"
        )
    floor = solvers.floor(points)
    print(f"problem {problem}, {points} x {points} points, one thread; FFTW floor {floor * 1e3:.2f} ms per step")
    print(f"{'program':42s}    error     steps   seconds  ms/step floors/step    floors")
    rows = []
    for solver in solvers.available(problem, points):
        exact = interpolated(stored, points, solver.shift)
        efforts: list[Effort] = []
        for tolerance in TOLERANCES if solver.order else ():
            done = bool(efforts) and efforts[-1].error < tolerance  # stability, not accuracy, sets the step
            efforts.append(efforts[-1] if done else effort(solver, exact, points, tolerance, repeat))
        for found in efforts or [once(solver, exact, points, repeat)]:
            print(_line(solver.name, found, floor))
            rows.append({"program": solver.name, **found._asdict()})
    return {"problem": problem, "points": points, "floor_seconds": floor, "efforts": rows}


def _solve(solver: solvers.Solver, points: int, steps: int, repeat: int) -> tuple[np.ndarray, float]:
    """As the solver, with NaN where it refuses so large a step."""
    try:
        return solver.solve(points, steps, repeat)
    except ValueError as refusal:
        if "dt" not in str(refusal):
            raise
        return np.array(np.nan), 0.0


def _distance(psi: np.ndarray, exact: np.ndarray) -> float:
    with np.errstate(over="ignore", invalid="ignore"):
        return float(np.linalg.norm(psi - exact) / np.linalg.norm(exact))


def _line(name: str, found: Effort, floor: float) -> str:
    per_step = found.seconds / found.steps
    mark = "~" if found.extrapolated else " "
    return (
        f"{name:42s} {found.error:8.1e} {mark}{found.steps:8d} {mark}{found.seconds:8.3f} {per_step * 1e3:8.2f} "
        f"{per_step / floor:11.2f} {found.seconds / floor:9.0f}"
    )


def main(argv: list[str] | None = None) -> int:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--points", type=int, default=256)
    parser.add_argument("--problem", choices=PROBLEMS, default="saturable")
    parser.add_argument("--repeat", type=int, default=3, help="the shortest of so many runs counts")
    parser.add_argument("--out", type=Path, help="write the numbers to this JSON file as well")
    arguments = parser.parse_args(argv)
    with tempfile.TemporaryDirectory() as folder:
        os.environ["LATTICEPOL_CACHE"] = folder  # no plan of ours is known before
        result = compare(arguments.problem, arguments.points, arguments.repeat)
    if arguments.out:
        arguments.out.write_text(json.dumps(result, indent=1))
    return 0


if __name__ == "__main__":
    sys.exit(main())
