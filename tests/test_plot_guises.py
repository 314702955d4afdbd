"""The numbers that enter figures, in any guise, and what is refused."""

import matplotlib.pyplot as plt
import numpy as np
import pytest
import xarray as xr
from same_numbers import NONSENSE, arrays, numbers

import latticepol as lp

GRID = lp.Grid.rectangle((4.0, 3.0), (8, 6))
x, y = GRID.points
RUN = lp.SpinorGPE(GRID, [lp.Kinetic(1.0)])
FIELD = lp.evolve(RUN, np.stack([np.exp(1j * np.pi * x / 2), 0.5 + 0 * y]), 0.5, dt=0.125, save=lp.every(0.125))
NET = lp.Network(lp.lattice.honeycomb(), lp.Site(p=0.3, a=2.28, g=1.0, delta=0.1), J=3.0, dJ=0.9)
BANDS = lp.bands(NET, k=NET.lattice.path("G K", 4), losses=False)
SWEPT = xr.Dataset(
    {"pseudospin": (("direction", "p", "axis"), np.arange(12.0).reshape(2, 2, 3))},
    {"direction": ["up", "down"], "p": [1.0, 2.0], "axis": ["x", "y", "z"]},
    {"along": "p"},
)
MAP = xr.DataArray(
    np.outer([1.0, 2.0, 3.0], [1.0, 2.0]), {"p": [0.0, 1.0, 2.0], "delta": [0.0, 1.0]}, ("p", "delta"), "v"
)
LINE = lp.spectrum(FIELD, k=[[0.0, 0.0], [np.pi / 2, 0.0]])


def _numbers(ax):
    """What an axis shows, as numbers."""
    drawn = [np.ma.filled(c.get_array(), np.nan).ravel() for c in ax.collections if c.get_array() is not None]
    drawn += [np.asarray(line.get_xydata()).ravel() for line in ax.lines] + [np.array(ax.axis())]
    drawn += [np.array([line.get_markersize() for line in ax.lines])]
    found = np.concatenate([np.asarray(part, float) for part in drawn])
    plt.close(ax.figure)
    return found.tobytes()


def _film(path, **options):
    return lp.plot.animation(FIELD, path, "S", **{"dpi": 16.0, **options}).read_bytes()


def _few(door, found):
    """A film takes seconds: it is asked in two guises."""
    return [found[name] for name in (("object", "big-endian") if door in FILMS else found)]


FILMS = ("fps", "dpi", "cells of a film")
OF_NUMBERS = {
    "every": (2.0, lambda x, _: _numbers(lp.plot.hysteresis(SWEPT, every=x))),
    "decades": (2.0, lambda x, _: _numbers(lp.plot.spectrum(LINE, decades=x))),
    "size": (4.0, lambda x, _: _numbers(lp.plot.lattice(NET.lattice, size=x))),
    "levels": (4.0, lambda x, _: _numbers(lp.plot.contours(MAP, "p", "delta", levels=x, at=None))),
    "fps": (8.0, lambda x, path: _film(path, fps=x)),
    "dpi": (16.0, lambda x, path: _film(path, dpi=x)),
}
OF_ARRAYS = {
    "cells": (np.array([2, 3]), None, lambda x, _: _numbers(lp.plot.density(FIELD, cells=x))),
    "cells of a phase": (np.array([2, 3]), None, lambda x, _: _numbers(lp.plot.phase(FIELD, cells=x))),
    "cells of a film": (np.array([2, 1]), None, lambda x, path: _film(path, cells=x)),
    "levels": (
        np.array([1.5, 2.5]), None, lambda x, _: _numbers(lp.plot.contours(MAP, "p", "delta", levels=x, at=None))
    ),
    "colour": (
        np.arange(16.0).reshape(4, 4), ("k", "mode"), lambda x, _: _numbers(lp.plot.bands(BANDS, colour=x))
    ),
}  # fmt: skip


@pytest.mark.parametrize("door", OF_NUMBERS)
def test_the_same_number_in_any_guise(door, tmp_path):
    value, call = OF_NUMBERS[door]
    expected = call(value, tmp_path / "film.gif")
    for given in _few(door, numbers(value)):
        assert call(given, tmp_path / "film.gif") == expected


@pytest.mark.parametrize("door", OF_NUMBERS)
@pytest.mark.parametrize("nonsense", NONSENSE)
def test_what_is_no_number_is_refused(door, nonsense, tmp_path):
    if (door, nonsense) == ("levels", "several"):
        pytest.skip("levels may be several")
    with pytest.raises((TypeError, ValueError), match=rf"^{door} "):
        OF_NUMBERS[door][1](NONSENSE[nonsense], tmp_path / "film.gif")


@pytest.mark.parametrize("door", OF_ARRAYS)
def test_the_same_numbers_in_any_guise(door, tmp_path):
    values, dims, call = OF_ARRAYS[door]
    expected = call(values, tmp_path / "film.gif")
    for given in _few(door, arrays(values, dims)):
        assert call(given, tmp_path / "film.gif") == expected


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: lp.plot.density(FIELD, cells=2), r"cells has shape \(\); give two integers"),
        (lambda: lp.plot.density(FIELD, cells=(0, 1)), "cells must be an integer from 1"),
        (lambda: lp.plot.density(FIELD, cells=(10**9, 1)), "cells must be an integer from 1 up to 1000"),
        (lambda: lp.plot.density(FIELD, cells="2 x 2"), "cells = '2 x 2' is a text"),
        (lambda: lp.plot.density(FIELD, bar="no"), "bar = 'no' is a text"),
        (lambda: lp.plot.bands(BANDS, colour=[1.0, 2.0]), r"colour has shape \(2,\); give one colour, or an array"),
    ],
)
def test_bad_input(call, message):
    with pytest.raises((TypeError, ValueError), match=message):
        call()
    plt.close("all")
