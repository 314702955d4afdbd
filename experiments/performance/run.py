"""Every measurement of this folder, one after the other.

    python experiments/performance/run.py [--quick] [--only NAME ...] [--update-readme]

Shows what each script prints and keeps it in results/NAME.txt, with the machine and the versions on top. The README has
a table, made of these files, of where something else is faster.

Not an ``Experiment`` of experiments/experiment.py: a time belongs to the machine and the hour, so a run that was
interrupted must not be finished later from kept points; each script needs a process of its own, which limits threads
before numpy is loaded and whose peak memory is measured; and what is kept is the printed table, not a data set.
"""

import argparse
import os
import platform
import subprocess
import sys
from pathlib import Path

from latticepol.results.dataset import commit, library_versions

HERE = Path(__file__).parent
PEERS = ("saturable", "reservoir-alone", "pulse-alone", "reservoir", "pulse")
#: Name -> script and its arguments, then those for a quick look.
MEASUREMENTS: dict[str, tuple[list[str], list[str]]] = {
    "pseudospin": (["pseudospin.py"], ["--quick"]),
    "field": (["field.py"], ["--quick"]),
    "network": (["network.py"], ["--quick"]),
    "eigenvalues": (["eigenvalues.py"], ["--quick"]),
    "cells": (["cells.py"], ["--quick"]),
    "memory": (["memory.py"], ["--points", "256"]),
    # at 256 points the explicit TE-TM term of XMDS2 needs thousands of steps to be stable at all
    "peers-tetm-alone": (["peers.py", "--problem", "tetm-alone", "--points", "96"], []),
} | {f"peers-{name}": (["peers.py", "--problem", name], ["--points", "96"]) for name in PEERS}


def machine() -> list[str]:
    """What the numbers were measured on, in two lines."""
    versions = " ".join(f"{name} {version}" for name, version in library_versions().items())
    load = f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} processors" if hasattr(os, "getloadavg") else ""
    return [f"{platform.machine()} {platform.system()}, {load}", f"latticepol {commit()}, {versions}"]


def heading() -> str:
    """The same on top of a file."""
    return "".join(f"# {line}\n" for line in machine())


def main(argv: list[str] | None = None) -> int:
    """Run the scripts."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="small sizes; nothing is kept")
    parser.add_argument("--only", nargs="*", choices=MEASUREMENTS, default=list(MEASUREMENTS))
    parser.add_argument("--update-readme", action="store_true", help="write where we are slower into the README")
    arguments = parser.parse_args(argv)
    failed = []
    for name in arguments.only:
        (script, *options), quick = MEASUREMENTS[name]
        print(f"== {name}", flush=True)
        command = [sys.executable, HERE / script, *options, *(quick if arguments.quick else [])]
        text = heading()
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as running:
            assert running.stdout is not None
            for line in running.stdout:
                print(line, end="", flush=True)
                text += line
        if running.returncode:
            failed.append(name)
        elif not arguments.quick:
            (HERE / "results").mkdir(exist_ok=True)
            (HERE / "results" / f"{name}.txt").write_text(text)
    if arguments.update_readme:
        _update_readme()
    if failed:
        print(f"failed: {failed}")
    return int(bool(failed))


def _update_readme() -> None:
    """Imported here, because what the experiments share limits the threads of whoever loads it."""
    sys.path.append(str(HERE.parent))
    import slower
    from experiment import write_readme

    write_readme(HERE, slower.lines(), "slower")


if __name__ == "__main__":
    sys.exit(main())
