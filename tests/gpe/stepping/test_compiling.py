"""The loops of a step are compiled once for each precision, whatever the model is made of: seconds of every user."""

import numba as nb
import numpy as np
import pytest

import latticepol as lp
from latticepol.gpe.stepping.momentum import Momentum

GRID = lp.Grid.rectangle((8.0, 6.0), (8, 6))
V = np.arange(48.0).reshape(6, 8)
ONE_EACH = np.array([0.1, 0.2]).reshape(2, 1, 1)
PARTS = {
    "numbers": [lp.Gain(1.0, 0.5, 1.0), lp.Zeeman(0.1), lp.Drive(1.0)],
    "profiles": [lp.Gain(V, 0.5, 1.0), lp.Zeeman(V), lp.Drive(V), lp.Potential(np.stack([V, 2 * V]))],
    "of time": [lp.Potential(lambda x, y, t: x * t), lp.Drive(lambda x, y, t: x * t)],
    "a pump": [lp.Gain(lp.pumps.gaussian(1.0, fwhm=4.0), 0.5, 1.0), lp.Drive(lp.pumps.uniform(1.0).circular(0.5))],
    "a batch": [lp.Gain(1.0, 0.5, 1.0), lp.Zeeman(V), lp.Drive(V + ONE_EACH[:, None])],
    "a reservoir": [lp.Reservoir(V, 1.0, 1.0, 0.5), lp.Potential(V)],
    "noise": [lp.Gain(V, 0.5, 1.0), lp.WignerNoise()],
}
AT_K = {
    "kinetic": [lp.Kinetic(1.0)],
    "splitting": [lp.Kinetic(1.0), lp.Splitting(0.3, 0.1)],
    "TE-TM": [lp.Kinetic(1.0), lp.TETM(0.1)],
    "a diagonal of each spin": [lp.Kinetic(1.0), lp.TETM(0.1), lp.Splitting(0.3)],
    "a batch": [lp.Kinetic(1.0 + ONE_EACH), lp.TETM(ONE_EACH)],
}


def _kinds(found):
    """Types that numba tells apart."""
    return {nb.typeof(value) for value in found}


@pytest.mark.parametrize("dtype", ["complex128", "complex64"])
def test_coefficients_are_of_one_type(dtype):
    flat = [
        lp.SpinorGPE(GRID, terms, dtype=dtype).equation.flat((2,) if name == "a batch" else (), np.dtype(dtype))
        for name, terms in PARTS.items()
    ]
    assert len(_kinds(one.at(0.0) for one in flat)) == 1
    assert len(_kinds(one.drive(0.0) for one in flat)) == 1


@pytest.mark.parametrize("dtype", ["complex128", "complex64"])
def test_tables_of_wavevectors_are_of_one_type(dtype):
    oblique = lp.Grid(((8.0, 0.0), (1.0, 6.0)), (8, 6))  # where nothing is separable
    made = [
        Momentum(terms, oblique, (2,) if name == "a batch" else (), np.dtype(dtype)) for name, terms in AT_K.items()
    ]
    steps = [one.propagator(0.1, 1.0).keywords for one in made]
    assert len(_kinds((step["pp"], step["pm"], step["mp"], step["mm"]) for step in steps)) == 1
    assert len(_kinds(one.spin for one in made)) == 1
    assert len(_kinds(one.functions(0.1, [(1, 0, 0, 0)])[0] for one in made)) == 1
