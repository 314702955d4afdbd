"""Odd inputs by the thousand at every public name: python tests/fuzz/run.py --seed 0 --count 2000 [--only NAME].

Calls run in processes of their own, so that a hang or a crash is counted and the rest goes on. Prints the faults by
kind, and every distinct one (by the line that raised) with a call that shows it; ``--case N`` runs one case here.
"""

import argparse
import collections
import json
import multiprocessing
import os
import resource
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(variable, "1")  # read when numpy is loaded
os.environ["MPLBACKEND"] = "Agg"
sys.path[:0] = [str(Path(__file__).parents[1]), str(Path(__file__).parents[2])]

#: Seconds of a call beyond which it hangs, and of the plain call before it, in which numba compiles.
LIMIT, WARM_UP = 60.0, 600.0
#: Address space of a process: what wants more fails there, and not the machine.
MEMORY = 12 * 2**30


def _worker(connection: Any, seed: int, only: str) -> None:
    """Judge the cases whose numbers arrive."""
    os.chdir(tempfile.mkdtemp(prefix="latticepol-fuzz-"))
    silence = os.open(os.devnull, os.O_WRONLY)
    for stream in (1, 2):
        os.dup2(silence, stream)
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    from fuzz.cases import case, judge
    from guises.check import plain

    while True:
        chosen = case(seed, connection.recv(), only)
        start = time.perf_counter()
        try:
            plain(chosen.door)
            connection.send("warm")
            outcome = asdict(judge(chosen))
        except Exception as error:
            outcome = {"kind": "the plain call fails", "place": str(chosen.door), "words": f"{error!r}"[:200]}
        connection.send(outcome | {"case": str(chosen), "seconds": time.perf_counter() - start})


class Worker:
    """A process that judges cases, replaced when it hangs or dies."""

    def __init__(self, seed: int, only: str, limit: float) -> None:
        self.given = seed, only
        self.limit = limit
        self.process: Any = None

    def _start(self) -> None:
        context = multiprocessing.get_context("spawn")
        self.connection, other = context.Pipe()
        self.process = context.Process(target=_worker, args=(other, *self.given), daemon=False)
        self.process.start()
        other.close()

    def stop(self) -> None:
        """End the process."""
        if self.process is not None:
            self.process.kill()
            self.process.join()
            self.process = None

    def _answer(self, seconds: float) -> Any:
        return self.connection.recv() if self.connection.poll(seconds) else None

    def judge(self, number: int) -> dict[str, Any]:
        """The outcome of a case."""
        from fuzz.cases import case

        if self.process is None:
            self._start()
        lost = {"place": "", "words": "", "seconds": self.limit}
        try:
            self.connection.send(number)
            found = self._answer(WARM_UP)
            if found == "warm":
                found = self._answer(self.limit)
        except (EOFError, OSError):
            self.process.join()
            found = lost | {"kind": "crash", "words": f"exit code {self.process.exitcode}"}
            self.stop()
        if found is None:
            self.stop()
            found = lost | {"kind": "hang", "words": f"more than {self.limit:g} s"}
        chosen = case(self.given[0], number, self.given[1])
        if found["kind"] in ("crash", "hang"):
            found["place"] = f"{chosen.door.name}({', '.join(argument for argument, _ in chosen.changes)})"
        return found | {"case": str(chosen), "number": number, "door": chosen.door.name}


def judged(seed: int, numbers: Sequence[int], only: str = "", limit: float = LIMIT) -> Iterator[dict[str, Any]]:
    """The outcomes of the cases, one after the other."""
    worker = Worker(seed, only, limit)
    try:
        for number in numbers:
            yield worker.judge(number)
    finally:
        worker.stop()


def faults(outcomes: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """The distinct ones: of each kind and place the first, with their number."""
    found: dict[tuple[str, str], dict[str, Any]] = {}
    for outcome in outcomes:
        if outcome["kind"]:
            first = found.setdefault((outcome["kind"], outcome["place"]), outcome | {"times": 0})
            first["times"] += 1
    return sorted(found.values(), key=lambda fault: (fault["kind"], fault["place"]))


def table(outcomes: Sequence[dict[str, Any]]) -> str:
    """The number of cases by kind of fault, and the distinct faults of each."""
    kinds = collections.Counter(outcome["kind"] for outcome in outcomes if outcome["kind"])
    distinct = collections.Counter(fault["kind"] for fault in faults(outcomes))
    rows = [f"{count:7d} {distinct[kind]:9d}  {kind}" for kind, count in kinds.most_common()]
    total = f"{kinds.total():7d} {distinct.total():9d}  of {len(outcomes)} cases"
    return "\n".join(["  cases  distinct  kind", *rows, total])


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--count", type=int, default=2000)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--only", default="", help="a public name without lp., or a module: plot")
    parser.add_argument("--case", type=int, help="run this one here, with its traceback")
    parser.add_argument("--limit", type=float, default=LIMIT, help="seconds beyond which a call hangs")
    parser.add_argument("--json", help="a file for all faults")
    options = parser.parse_args()
    if options.case is not None:
        return _one(options)
    numbers = range(options.first, options.first + options.count)
    outcomes = []
    for outcome in judged(options.seed, numbers, options.only, options.limit):
        outcomes.append(outcome)
        if options.json and len(outcomes) % 100 == 0:
            Path(options.json).write_text(json.dumps(outcomes, indent=0))
    for fault in faults(outcomes):
        print(f"{fault['kind']} in {fault['place']} ({fault['times']} times)")
        print(f"    --case {fault['number']}: {fault['case']}\n    {fault['words']}")
    print(table(outcomes))
    if options.json:
        Path(options.json).write_text(json.dumps(outcomes, indent=0))
    return int(any(outcome["kind"] for outcome in outcomes))


def _one(options: argparse.Namespace) -> int:
    from fuzz.cases import case, judge, values

    chosen = case(options.seed, options.case, options.only)
    print(chosen)
    print(judge(chosen))
    try:
        print(chosen.door.read(chosen.door.function(**(chosen.door.clean() | values(chosen)))))
    except Exception:
        import traceback

        traceback.print_exc()
    return 0


if __name__ == "__main__":
    sys.exit(main())
