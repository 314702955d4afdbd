"""Doors of what is made of a field that was computed, of schedules and of files."""

import os
import tempfile
from pathlib import Path

import numpy as np
from guises.doors import Door, series, uniform_state
from guises.table import Data, Numbers

import latticepol as lp

K = Numbers(np.array([[0.0, 0.0], [0.5, 0.25], [1.0, -0.5]]), "k axis", free=True)
SUPERCELL = lp.Grid.rectangle((8.0, 3.0), (16, 6))


def times(schedule):
    return schedule.times(0.0, 2.0)


def kept(path):
    """What is in a file that was saved."""
    made = lp.load(path).load()
    made.close()
    os.unlink(path)
    return in_double(made)


def in_double(made):
    """Numbers that are copied keep their precision."""
    return made.assign(psi=made.psi.astype(complex)) if "psi" in made and made.psi.dtype.kind == "c" else made


def doors() -> list[Door]:
    run = Data(series)
    path = Path(tempfile.gettempdir()) / f"latticepol-guises-{os.getpid()}.nc"
    return [
        Door("density", lp.density, {"dataset": run}),
        Door("stokes", lp.stokes, {"dataset": run, "average": ("time",)}),
        Door("phase", lp.phase, {"dataset": run}),
        Door("currents", lp.currents, {"dataset": run, "mass": 0.5, "beta": 0.25}),
        Door("vortices", lp.vortices, {"dataset": run, "threshold": 0.125, "reach": 2}),
        Door("momentum_density", lp.momentum_density, {"dataset": run}),
        Door("amplitudes", lp.amplitudes, {"dataset": run, "k": K}),
        Door("spectrum", lp.spectrum, {"dataset": run, "k": K, "window": "hann"}),
        Door(
            "spectrum",
            lp.spectrum,
            {"dataset": run, "k": K, "about": Data(uniform_state)},
            "about a state",
            passes={("about", "None"): "nothing is taken off"},
        ),
        Door("g1", lp.g1, {"dataset": run, "point": Numbers(np.array([0.5, -0.5])), "average": ("time",)}),
        Door("spin_domains", lp.spin_domains, {"dataset": run, "threshold": 0.125}),
        Door("tiled", lp.tiled, {"dataset": run, "grid": SUPERCELL}, read=in_double),
        Door("save", lp.save, {"dataset": Data(series, anything=True), "path": path}, read=kept),
        Door("load", _loaded, {"path": None}, read=lambda made: made),
        Door("every", lp.every, {"period": Numbers(0.25, called="time")}, read=times),
        Door("at_times", lp.at_times, {"times": Numbers(np.array([0.25, 0.5, 1.0]), called="time")}, read=times),
        Door("stop_when_steady", lp.stop_when_steady, {"tol": 0.125}, read=_stops),
    ]


def _loaded(path):
    """Of None: a file that is there."""
    with tempfile.TemporaryDirectory() as folder:
        return lp.load(lp.save(series(), Path(folder) / "run.nc") if path is None else path)


def _stops(stop):
    frames = series()
    return [stop(frames.isel(time=[i])) for i in range(4)] + [repr(stop)]
