"""Numbers that enter films and figures, besides those that tests/guises sends, and what is refused."""

from functools import cache

import matplotlib.pyplot as plt
import numpy as np
import pytest
import xarray as xr
from guises.table import Numbers, guises

import latticepol as lp

GRID = lp.Grid.rectangle((4.0, 3.0), (8, 6))
x, y = GRID.points
RUN = lp.SpinorGPE(GRID, [lp.Kinetic(1.0)])
NET = lp.Network(lp.lattice.honeycomb(), lp.Site(p=0.3, a=2.28, g=1.0, delta=0.1), J=3.0, dJ=0.9)
BANDS = lp.bands(NET, k=NET.lattice.path("G K", 4), losses=False)
MAP = xr.DataArray(
    np.outer([1.0, 2.0, 3.0], [1.0, 2.0]), {"p": [0.0, 1.0, 2.0], "delta": [0.0, 1.0]}, ("p", "delta"), "v"
)


@cache
def field():
    psi = np.stack([np.exp(1j * np.pi * x / 2), 0.5 + 0 * y])
    return lp.evolve(RUN, psi, 0.125, dt=0.125, save=lp.every(0.125))


def _numbers(ax):
    """What an axis shows, as numbers."""
    drawn = [np.ma.filled(c.get_array(), np.nan).ravel() for c in ax.collections if c.get_array() is not None]
    drawn += [np.asarray(line.get_xydata()).ravel() for line in ax.lines] + [np.array(ax.axis())]
    drawn += [np.array([line.get_markersize() for line in ax.lines])]
    found = np.concatenate([np.asarray(part, float) for part in drawn])
    plt.close(ax.figure)
    return found.tobytes()


def _film(path, **options):
    return lp.plot.animation(field(), path, "S_z", **{"dpi": 16.0, **options}).read_bytes()


def _few(given):
    """One other guise, and all that is refused: all arguments but these are sent in tests/guises."""
    same, refused = guises(Numbers(given))
    return same["the other byte order"], refused.values()


def test_numbers_of_a_film(tmp_path):
    path, given = tmp_path / "film.gif", {"dpi": 16.0, "fps": 8.0, "cells": np.array([2, 1])}
    few = {name: _few(value) for name, value in given.items()}
    assert _film(path, **{name: other for name, (other, _) in few.items()}) == _film(path, **given)
    for name, (_, refused) in few.items():
        for nonsense in refused:
            with pytest.raises((TypeError, ValueError), match=name):
                _film(path, **{name: nonsense})


def test_a_number_of_levels():
    def draw(levels):
        return _numbers(lp.plot.contours(MAP, "p", "delta", levels=levels, at=None))

    other, refused = _few(4.0)
    assert draw(other) == draw(4.0)
    for nonsense in refused:
        if np.ndim(nonsense) == 0 or not isinstance(nonsense, list):  # levels may be several
            with pytest.raises((TypeError, ValueError), match=r"^levels "):
                draw(nonsense)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: lp.plot.density(field(), cells=2), r"cells has shape \(\); give two integers"),
        (lambda: lp.plot.density(field(), cells=(0, 1)), "cells must be an integer from 1"),
        (lambda: lp.plot.density(field(), cells=(10**9, 1)), "cells must be an integer from 1 up to 1000"),
        (lambda: lp.plot.density(field(), cells="2 x 2"), "cells = '2 x 2' is a text"),
        (lambda: lp.plot.density(field(), bar="no"), "bar = 'no' is a text"),
        (lambda: lp.plot.bands(BANDS, colour=[1.0, 2.0]), r"colour has shape \(2,\); give one colour, or an array"),
    ],
)
def test_bad_input(call, message):
    with pytest.raises((TypeError, ValueError), match=message):
        call()
    plt.close("all")
