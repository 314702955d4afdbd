"""A sweep that shares its store with others: python shared_case.py FOLDER NAME POINTS SECONDS EXECUTOR OTHERS.

It begins when so many others are ready to begin.
"""

import os
import sys
import time
from pathlib import Path

import numpy as np
import xarray as xr

import latticepol as lp

SITE = lp.Site(p=0.4, a=2.28, g=0.1)


def point(site, folder, seconds):
    """Counts its calls in a file, one short line each."""
    with open(Path(folder) / "calls", "a") as calls:
        calls.write(f"{site.p} {os.getpid()}\n")
    time.sleep(seconds)
    return {"value": 2 * site.p}


def plan(function, model, values, args, options):
    def call(values, rng):
        found = [point(model.replace(p=p), *args)["value"] for p in values["p"]]
        return xr.Dataset({"value": ("swept_point", found)})

    return lp.axes.Batch(call, 3)


def batch(site, folder, seconds):
    return point(site, folder, seconds)


def run(folder, points, seconds, executor, function=point):
    p = np.linspace(0.1, 1.0, points)
    return lp.sweep(function, SITE, str(folder), seconds, p=p, store=Path(folder) / "store", executor=executor)


if __name__ == "__main__":
    folder, name, points, seconds, executor, others = sys.argv[1:]
    (Path(folder) / f"{name}.ready").touch()
    while len(list(Path(folder).glob("*.ready"))) <= int(others):
        time.sleep(0.01)
    batch.batch = plan
    chosen = batch if name.startswith("batch") else point
    number = "serial" if executor == "serial" else int(executor)
    lp.save(run(folder, int(points), float(seconds), number, chosen), Path(folder) / f"{name}.nc")
