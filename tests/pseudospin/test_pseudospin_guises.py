"""What enters the doors of a single condensate: the same numbers in any guise, and what is refused."""

import numpy as np
import pytest
import xarray as xr
from same_numbers import NONSENSE, arrays, masked, numbers

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


#: Door and argument -> (what it is given, its dimensions, what comes out).
OF_ARRAYS = {
    "Site": (AXIS, ("site",), lambda x: lp.Site(p=x, a=2.25, g=0.125).p),
    "Site, batch": (
        np.outer([1, 2], AXIS),
        ("batch", "site"),
        lambda x: lp.Site(p=0.5, a=2.25, g=0.125, delta=x).delta,
    ),
    "fixed_points": (AXIS, ("p",), lambda x: lp.fixed_points(SITE, p=x).pseudospin),
    "g_eff": (AXIS, ("p",), lambda x: lp.g_eff(SITE, p=x).g_eff),
    "pitchfork": (AXIS, ("g",), lambda x: lp.pitchfork(SITE, g=x).p_c),
    "precession": (AXIS, ("p",), lambda x: lp.precession(SITE, p=x).Omega),
    "folds": (AXIS / 8, ("delta",), lambda x: lp.folds(SITE, delta=x).p),
    "alignment_probability": (AXIS, ("p",), lambda x: _probability(p=x)),
    "initial": (STARTS, ("realization", "axis"), lambda x: _probability(initial=x)),
    "initial(rng, n)": (
        STARTS,
        ("realization", "axis"),
        lambda x: _probability(initial=lambda rng, n: x, realizations=2),
    ),
    "s0": (STARTS, ("realization", "axis"), lambda x: _path(s0=x)),
    "s0, noise": (STARTS, ("realization", "axis"), lambda x: _path(s0=x, noise=0.25, rng=1)),
    "t": (TIMES, ("time",), lambda x: _path(t=x)),
    "span": (np.array([0.0, 1.0]), ("end",), lambda x: lp.branches(SITE, span=x, points=5).pseudospin),
}
OF_NUMBERS = {
    "Site": (0.5, lambda x: lp.Site(p=x, a=2.25, g=0.125).p),
    "an axis": (0.5, lambda x: lp.g_eff(SITE, p=x).g_eff),
    "tol": (2.0**-14, lambda x: _probability(tol=x)),
    "mean_s": (0.25, lambda x: _probability(mean_s=x)),
    "t_max": (1024.0, lambda x: _probability(t_max=x)),
    "realizations": (8.0, lambda x: _probability(realizations=x)),
    "threads": (2.0, lambda x: _probability(threads=x)),
    "noise": (0.25, lambda x: _path(noise=x, rng=1)),
    "dt": (0.125, lambda x: _path(noise=0.25, dt=x, rng=1)),
    "tol of a trajectory": (2.0**-14, lambda x: _path(tol=x)),
    "points": (20.0, lambda x: lp.branches(SITE, span=(0, 1), points=x).pseudospin),
}


@pytest.mark.parametrize("door", OF_ARRAYS)
def test_the_same_numbers_in_any_guise(door):
    values, dims, call = OF_ARRAYS[door]
    expected = call(values.copy())
    for name, given in arrays(values, dims).items():
        before = np.array(given)
        _same(call(given), expected)
        assert np.array_equal(before, np.array(given)), name  # nothing given is changed


@pytest.mark.parametrize("door", OF_ARRAYS)
def test_a_mask_that_hides_something_is_refused(door):
    values, _, call = OF_ARRAYS[door]
    with pytest.raises(ValueError, match="masks 1 of its"):
        call(masked(values))
    with pytest.raises(ValueError, match="holds nan"):
        call(np.full(values.shape, np.nan))


@pytest.mark.parametrize("door", OF_NUMBERS)
def test_the_same_number_in_any_guise(door):
    value, call = OF_NUMBERS[door]
    expected = call(value)
    for given in numbers(value).values():
        _same(call(given), expected)


@pytest.mark.parametrize("door", OF_NUMBERS)
@pytest.mark.parametrize("nonsense", NONSENSE)
def test_what_is_no_number_is_refused(door, nonsense):
    several = nonsense == "several" and door in ("Site", "an axis")
    if (
        several
        or (nonsense == "truth value" and door in ("Site", "an axis"))
        or (nonsense == "function" and door == "Site")
    ):
        pytest.skip("a meaning of its own")
    with pytest.raises((TypeError, ValueError), match=r"p |tol|mean_s|t_max|realizations|threads|noise|dt|points"):
        OF_NUMBERS[door][1](NONSENSE[nonsense])


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
        (lambda: _path(s0=[1e200, 0, 0]), r"s0 goes up to 1e\+200.*need <= 1e\+100"),
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
