"""What enters the doors of a single condensate besides plain numbers: names, options, what would never end."""

import numpy as np
import pytest
import xarray as xr
from guises.table import Numbers, guises

import latticepol as lp
from latticepol.pseudospin import motion

SITE = lp.Site(p=0.5, a=2.25, g=0.125, delta=0.0625)
AXIS = np.array([0.25, 0.5, 0.75])
STARTS = np.array([[0.25, 0.0, -0.125], [0.0, 0.5, 0.25]])
TIMES = np.array([0.0, 0.5, 1.0])


def _same(found, expected):
    found, expected = (x.values if isinstance(x, xr.DataArray) else np.asarray(x) for x in (found, expected))
    assert found.tobytes() == expected.tobytes()
    assert found.shape == expected.shape


def _probability(**arguments):
    return lp.alignment_probability(SITE, rng=0, **{"realizations": 8, "p": [0.5, 0.75], **arguments}).probability


def _path(s0=STARTS, t=TIMES, **arguments):
    return lp.trajectory(SITE, s0, t, **arguments).pseudospin


def test_starts_of_a_function_in_any_guise():
    """All other arguments of these doors are sent in tests/guises."""

    def ends(given):
        return _probability(initial=lambda rng, n: given, realizations=2)

    same, refused = guises(Numbers(STARTS, "realization axis"))
    for given in same.values():
        _same(ends(given), ends(STARTS))
    for name, given in refused.items():
        with pytest.raises((TypeError, ValueError), match="initial"):
            print(name, ends(given))


def test_components_go_by_their_names():
    turned = xr.DataArray(STARTS[:, ::-1], dims=("realization", "axis"), coords={"axis": ["z", "y", "x"]})
    _same(_path(s0=turned), _path())
    _same(_probability(initial=turned), _probability(initial=STARTS))
    # what a door returns goes into the next one
    states = lp.fixed_points(SITE).pseudospin.dropna("state")
    _same(_path(s0=states), _path(s0=states.values))


def test_an_axis_without_names_is_a_list():
    found = lp.g_eff(SITE, p=xr.DataArray(AXIS))
    assert found.g_eff.dims == ("p",)


CHOICES = {
    "along": lambda x: lp.branches(SITE, along=x, span=(0, 1), points=5),
    "along of folds": lambda x: lp.folds(SITE, along=x),
    "select": lambda x: lp.g_eff(SITE, select=x),
    "select of precession": lambda x: lp.precession(SITE, select=x),
    "initial": lambda x: _probability(initial=x),
}


@pytest.mark.parametrize("door", CHOICES)
@pytest.mark.parametrize("nonsense", [None, 1.0, ["p"], {}, "nothing"], ids=repr)
def test_an_option_is_one_of_its_texts(door, nonsense):
    with pytest.raises((TypeError, ValueError), match=rf"{door.split()[0]} .*(use|give) "):
        CHOICES[door](nonsense)


@pytest.mark.parametrize("text", [np.str_("p"), np.array("p"), xr.DataArray("p")], ids=lambda x: type(x).__name__)
def test_a_text_in_any_guise(text):
    _same(CHOICES["along"](text).pseudospin, CHOICES["along"]("p").pseudospin)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: _path(t=[0, 1e20]), r"t goes from 0 to 1e\+20.* at most 1e\+07"),
        (lambda: _path(t=[1e300, 1.5e300], noise=0.1), r"t goes from 1e\+300 .* at most 1e\+07"),
        (lambda: _path(s0=[1e200, 0, 0]), r"s0 goes up to 1e\+200.*must be <= 1e\+100"),
        (lambda: _path(noise=0.1, dt=1e-20), r"in steps of dt = 1e-20 is more than 1e\+09 steps; .* dt >= 1e-09"),
        (lambda: _path(noise=1e300), r"is more than 1e\+09 steps"),
        (lambda: _probability(t_max=1e20), r"t_max must be <= 10000000"),
        (lambda: lp.branches(SITE, span=(0, 1e300)), r"p = 1e\+300 is too large"),
        (lambda: lp.branches(SITE, span=(0, 1), points=10**12), r"points must be an integer from 2 up to 1000000"),
        (lambda: _probability(realizations=10**15), r"realizations must be an integer from 1 up to 10000000"),
    ],
)
def test_what_would_never_end_is_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def test_a_trajectory_that_takes_too_long_is_given_up():
    with pytest.raises(
        lp.ConvergenceError, match=r"is at t = \d.* of 5000 after 1000 evaluations .*; give a shorter t"
    ):
        motion.integrate(STARTS[0], np.array([0, 5000.0]), 0.5, 2.25, 0.125, 0.0625, tol=1e-10, most=1000)


def test_a_large_start_at_a_late_time():
    """From s0 = 1e12 on the first steps are far below the spacing of the numbers around t = 100: pure saturation has
    s = 1/(t - t0 + 1/s0), and the state is that of a start at t = 0."""
    early, late = (_path(s0=[1e12, 0.0, 0.0], t=[t0, t0 + 2.0**-20, t0 + 8.0]) for t0 in (0.0, 128.0))
    assert np.linalg.norm(early[1]) == pytest.approx(2.0**20, rel=1e-5)
    _same(late, early)
