"""What enters sweeps and searches for stationary states besides plain numbers: axes, seeds, starts."""

import numpy as np
import pytest
import xarray as xr
from guises.table import Numbers, guises

import latticepol as lp

SITE = lp.Site(p=0.5, a=2.25, g=0.125, delta=0.0625)
NET = lp.Network(lp.lattice.honeycomb(), lp.Site(p=0.25, a=2.25, g=1.0, delta=0.125), J=3.0, dJ=0.5)
AXIS = np.array([0.25, 0.5, 0.75])


def twice(model):
    """A function of a script."""
    return 2 * model.p


def drawn(model, rng=None):
    """A function with random numbers."""
    return np.random.default_rng(rng).random() + model.p


def _same(found, expected):
    found, expected = (np.asarray(x) for x in (found, expected))
    assert found.tobytes() == expected.tobytes()
    assert found.shape == expected.shape


def _swept(function=twice, model=SITE, **more):
    return lp.sweep(function, model, executor="serial", progress=False, **more)


SWEEPS = {
    "an axis with seeds": lambda x: _swept(drawn, p=x, rng=1)["drawn"],
    "an axis in one call": lambda x: lp.sweep(lp.g_eff, SITE, p=x).g_eff,
}
SEEDS = {
    "rng of a search": lambda x: lp.steady_state(NET, "noise", rng=x, relax=200.0, stability=False).seed,
    "rng of a sweep": lambda x: _swept(drawn, p=AXIS, rng=x)["drawn"],
    "rng of a start": lambda x: NET.start("noise", x),
}


@pytest.mark.parametrize("door", SWEEPS)
def test_an_axis_in_any_guise(door):
    """All other arguments are sent in tests/guises."""
    expected = SWEEPS[door](AXIS)
    same, refused = guises(Numbers(AXIS, "p", free=True))
    for given in same.values():
        _same(SWEEPS[door](given), expected)
    for name in ("a mask that hides a value", "NaN"):
        with pytest.raises(ValueError, match=r"axis . (masks 1 of its|holds nan)"):
            SWEEPS[door](refused[name])


@pytest.mark.parametrize("door", SEEDS)
def test_a_seed_in_any_guise(door):
    expected = SEEDS[door](7)
    same, refused = guises(Numbers(7))
    for name in ("integers", "the other byte order", "fractions", "a DataArray", "an object with __array__"):
        _same(SEEDS[door](same[name]), expected)
    for given in (*refused.values(), np.inf):
        with pytest.raises((TypeError, ValueError), match=r"^rng "):
            SEEDS[door](given)


def test_axes_of_other_kinds_stay_what_they_are():
    class Named:
        """A model with parameters of any kind."""

        def __init__(self, value=0):
            self.value = value

        def replace(self, value):
            return Named(value)

    def text(model):
        return f"{type(model.value).__name__} {model.value}"

    for axis, expected in (
        (np.array([1, 2], ">i2"), ["int 1", "int 2"]),
        (np.array([1, 2], object), ["int 1", "int 2"]),
        (np.array(["a", "b"], ">U1"), ["str a", "str b"]),
        (np.array([True, False], object), ["bool True", "bool False"]),
        (xr.DataArray(np.array(["a", "b"], object), dims="value"), ["str a", "str b"]),
    ):
        found = _swept(lambda model: xr.DataArray(text(model), name="text"), Named(), value=axis)
        assert found["text"].values.tolist() == expected


def test_the_same_points_of_a_store(tmp_path):
    first = lp.sweep(twice, SITE, p=AXIS, executor="serial", store=tmp_path)
    files = set(tmp_path.rglob("*"))
    again = lp.sweep(twice, SITE, p=AXIS.astype(">f2"), executor="serial", store=tmp_path)
    assert set(tmp_path.rglob("*")) == files
    _same(again["twice"], first["twice"])


def test_a_nested_list_is_an_array_and_not_several_starts():
    psi = np.round(32 * NET.start("aligned")) / 32
    _same(lp.steady_state(NET, psi.tolist()).psi, lp.steady_state(NET, psi).psi)
    several = lp.steady_state(NET, [psi.tolist(), psi])
    assert several.psi.dims == ("start", "site", "spin")


@pytest.mark.parametrize("nonsense", ["no", None, 2])
def test_stability_is_a_truth_value(nonsense):
    with pytest.raises((TypeError, ValueError), match="stability"):
        lp.steady_state(NET, stability=nonsense)
