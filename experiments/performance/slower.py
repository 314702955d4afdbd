"""Where our default integrator is not the fastest: a table for the README, from the files in results alone."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

HERE = Path(__file__).parent
#: Programs that plan their transforms for longer are compared with each other only.
PATIENT = "patient plans"
#: A row belongs to a tolerance if its error is at most this part above it: errors are printed in two digits.
ROUNDED = 1.05
TOLERANCES = (1e-3, 1e-6)
#: One row of peers.py: program, error, steps, seconds; extrapolated ones are marked.
PEER = re.compile(r"^(.*?)\s+(\d\.\de[+-]\d+)[ ~]+(\d+)[ ~]+([\d.]+)\s")
#: One row of the evolutions of network.py: program, which bonds, steps, error, seconds.
EVOLVED = re.compile(r"^(.*), (equal cells|bonds that differ) +\d+ +(\d\.\de[+-]\d+) +([\d.]+) ")
#: What is ours says so.
PROGRAMS = {"Strang": "latticepol, Strang"}


class Timed(NamedTuple):
    """A program on a problem to a tolerance."""

    problem: str
    tolerance: float
    program: str
    ours: bool
    seconds: float


def lines(results: Path = HERE / "results") -> list[str]:
    """Every program that was faster than our default integrator at the same error, and how many were compared."""
    groups: dict[tuple[str, float], list[Timed]] = {}
    for timed in [*_peers(results), *_evolutions(results)]:
        groups.setdefault((timed.problem, timed.tolerance), []).append(timed)
    rows, others = [], 0
    for (problem, tolerance), group in groups.items():
        default = min((timed.seconds for timed in group if timed.ours), default=0.0)  # 0: it never got there
        rest = sorted((timed for timed in group if not timed.ours), key=lambda timed: timed.seconds)
        others += len(rest)
        for timed in rest:
            times = round(default / timed.seconds, 1)
            rows += [f"| {problem} | {tolerance:.0e} | {timed.program} | {times} |"] if times > 1 else []
    head = f"Faster than our default integrator in {len(rows)} of {others} comparisons (Strang is ours too):"
    return [head, "", "| problem | error below | program | times faster |", "|---|---|---|---|", *rows]


def _peers(results: Path) -> Iterator[Timed]:
    for file in sorted(results.glob("peers-*.txt")):
        problem = file.stem.removeprefix("peers-")
        found = [match.groups() for line in file.read_text().splitlines() if (match := PEER.match(line))]
        for name, error, _, spent in dict.fromkeys(found):
            patient = PATIENT in name
            ours = name in ("latticepol, its default integrator", f"latticepol, default, {PATIENT}")
            for tolerance in _reached(float(error), [float(e) for other, e, *_ in found if other == name]):
                with_plans = f"{problem}, {PATIENT}" if patient else problem
                program = re.sub(r", (the same|" + PATIENT + ")", "", name)
                yield Timed(with_plans, tolerance, program, ours, float(spent))


def _reached(error: float, all_of_it: list[float]) -> list[float]:
    """The tolerances for which this is the row: the loosest error of the program that is good enough."""
    good = {tolerance: [e for e in all_of_it if e <= ROUNDED * tolerance] for tolerance in TOLERANCES}
    return [tolerance for tolerance, errors in good.items() if errors and error == max(errors)]


def _evolutions(results: Path) -> Iterator[Timed]:
    size = ""
    for line in (results / "network.txt").read_text().splitlines():
        if match := re.match(r"(\d+ sites to t = [\d.]+)", line):
            size = match.group(1)
        elif match := EVOLVED.match(line):
            name, bonds, error, spent = match.groups()
            if float(error) <= ROUNDED * TOLERANCES[1]:
                program = PROGRAMS.get(name, name.removesuffix(" (calls)"))
                ours = name == "BlanesMoan"
                yield Timed(f"network, {size}, {bonds}", TOLERANCES[1], program, ours, float(spent))
