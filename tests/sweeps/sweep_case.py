"""A sweep as a script without a guard, to be killed: python sweep_case.py FOLDER SECONDS EXECUTOR."""

import os
import signal
import sys
import time
from pathlib import Path

import lattice_sum  # a module next to the script

import latticepol as lp

SITE = lp.Site(p=0.4, a=2.28, g=0.1)
PUMPS = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6]
DEADLY, SHY = 0.3, 0.5  # kills its worker always, once


class Twice:
    factor = 2


def point(site, folder, seconds):
    """Counts its calls in a file; two of the points kill their worker."""
    with open(Path(folder) / "calls", "a") as calls:
        calls.write(f"{site.p} {os.getpid()}\n")
    flag = Path(folder) / "died"
    if seconds == 0 and (site.p == DEADLY or (site.p == SHY and not flag.exists())):
        flag.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    time.sleep(seconds)
    return {"value": Twice.factor * lattice_sum.square(site.p)}


def run(folder, seconds, executor):
    return lp.sweep(point, SITE, str(folder), seconds, p=PUMPS, store=Path(folder) / "store", executor=executor)


if __name__ == "__main__":
    out = run(sys.argv[1], float(sys.argv[2]), "serial" if sys.argv[3] == "serial" else int(sys.argv[3]))
    lp.save(out, Path(sys.argv[1]) / "out.nc")
