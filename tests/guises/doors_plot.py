"""Doors of drawing: a Dataset or a variable, and a few numbers."""

import os
import tempfile
from functools import cache
from pathlib import Path

import matplotlib

matplotlib.use("Agg")

import matplotlib.pyplot as plt
import numpy as np
import xarray as xr
from guises.doors import HONEYCOMB, NET, SITE, Door, halves, series
from guises.doors_network import state
from guises.table import Data, Numbers
from matplotlib.axes import Axes

import latticepol as lp

STYLE = "matplotlib's own"


def drawing(function):
    """The function with an axis of its own figure, which is closed after the numbers are read."""

    def call(**given):
        given.setdefault("ax", plt.figure().add_subplot())
        return function(**given)

    call.__wrapped__ = function
    return call


def numbers(ax):
    """What is drawn."""
    from guises.digest import drawn

    axes = [ax] if isinstance(ax, Axes) else list(np.ravel(ax))
    found = [dict(drawn(one, "")) for one in axes]
    plt.close("all")
    return found


@cache
def datasets():
    p, delta = np.array([0.25, 0.5, 1.0]), np.array([0.0625, 0.125])
    both = np.array([[0.0, 0.5, 0.25], [1.0, 0.75, 0.5]])
    swept = xr.Dataset({"chi": (("direction", "p"), both)}, {"p": p, "direction": ["up", "down"]}, {"along": "p"})
    gaps = xr.Dataset({"direct_gap": (("delta", "p"), both)}, {"p": p, "delta": delta})
    return {
        "branches": lp.branches(SITE, span=(0.0, 2.0), points=8),
        "folds": lp.folds(SITE.replace(a=1.0, g=3.0), delta=[0.0625, 0.125]),
        "swept": swept,
        "gaps": gaps,
        "bands": lp.bands(NET, k=HONEYCOMB.path("G K", 4)),
        "berry": lp.berry_curvature(NET, state(), below=2, mesh=6),
        "spectrum": lp.spectrum(series(), np.array([[0.0, 0.0], [0.5, 0.0], [1.0, 0.0]])),
    }


def doors() -> list[Door]:
    run, short = Data(series), Data(lambda: series(2))
    cells = Numbers(np.array([2, 1]))
    path = Path(tempfile.gettempdir()) / f"latticepol-guises-{os.getpid()}.gif"

    def door(name, case="", **given):
        function = getattr(lp.plot, name)
        return Door(f"plot.{name}", drawing(function), given, case, read=numbers, slow=True)

    return [
        door("branches", ds=Data(lambda: datasets()["branches"], ("pseudospin",))),
        door("bifurcation", ds=Data(lambda: datasets()["branches"], ("pseudospin",))),
        door("special_points", ds=Data(lambda: datasets()["branches"], ("special_pseudospin",))),
        door("folds", ds=Data(lambda: datasets()["folds"], ("p",))),
        door("hysteresis", ds=Data(lambda: datasets()["swept"], ("chi",)), variable="chi", every=2),
        door("lines", variable=Data(lambda: datasets()["gaps"].direct_gap), x="p"),
        door("field_map", variable=Data(lambda: lp.stokes(series()).S_z), cells=cells),
        Door("plot.stokes", lp.plot.stokes, {"ds": run, "cells": cells}, read=numbers, slow=True),
        door("density", ds=run, cells=cells, spin="+"),
        door("phase", ds=run, cells=cells, spin="-"),
        door("colour_map", variable=Data(lambda: datasets()["gaps"].direct_gap), x="p", y="delta"),
        door(
            "contours",
            variable=Data(lambda: datasets()["gaps"].direct_gap),
            x="p",
            y="delta",
            levels=Numbers(np.array([0.25, 0.5])),
        ),
        door(
            "gap",
            ds=Data(lambda: datasets()["gaps"], ("direct_gap",)),
            x="p",
            y="delta",
            levels=Numbers(np.array([0.25, 0.5])),
        ),
        door("lattice", lat=HONEYCOMB, size=7.0),
        door("site_map", variable=Data(lambda: state().pseudospin.sel(axis="z"))),
        Door(
            "plot.label",
            lp.plot.label,
            {"variable": Data(lambda: lp.stokes(series()).S_z)},
            aside={"variable": "reads its attributes only"},
        ),
        door("bands", ds=Data(lambda: datasets()["bands"], ("omega",)), colour="red"),
        door("bands", "with colours", ds=Data(lambda: datasets()["bands"], ("omega",)), colour=Numbers(halves((4, 4)))),
        door("spectrum", ds=Data(lambda: datasets()["spectrum"], ("spectral_density",)), spin="+", decades=3.0),
        door("berry_curvature", ds=Data(lambda: datasets()["berry"], ("berry_curvature",))),
        Door(
            "plot.animation",
            lp.plot.animation,
            {"ds": short, "path": path, "variable": "S_z", "fps": 4.0, "dpi": 20.0, "cells": cells},
            read=_size,
            aside={
                "ds": "a film takes half a second: the map of its variable is sent in all guises",
                "cells": "as for field_map",
                "dpi": "tests/plot/test_plot_guises.py",
                "fps": "tests/plot/test_plot_guises.py",
            },
        ),
    ]


def _size(path):
    plt.close("all")
    size = path.stat().st_size
    path.unlink()
    return size
