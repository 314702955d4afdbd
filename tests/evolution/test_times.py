"""Times and steps as they are given: what is no number, what the digits of a time do not resolve, what never ends."""

import functools

import numpy as np
import pytest
import xarray as xr

import latticepol as lp

MODEL = lp.SpinorGPE(lp.Grid.rectangle((8.0, 8.0), (8, 8)), [lp.Kinetic(1.0)])
PSI = np.ones((2, 8, 8))
NET = lp.Network(lp.lattice.square().patch((2, 2)), lp.Site(p=0.1, a=1.0, g=0.1), J=0.1)


def run(t_end=1.0, model=MODEL, psi=PSI, **options):
    return lp.evolve(model, psi, t_end, progress=False, **({"dt": 0.1} | options))


adaptive = functools.partial(run, dt=None)


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: run(None), TypeError, "t_end is None; give a simulated time"),
        (lambda: run("1"), ValueError, "t_end = '1' is a text, and the model has no units"),
        (lambda: run([1.0]), TypeError, "t_end is .*; give a simulated time, not several"),
        (lambda: run(np.inf), ValueError, "t_end must be finite; got inf"),
        (lambda: run(np.ma.masked_array(1.0, True)), ValueError, "t_end masks 1 of its 1 values"),
        (lambda: run(dt=True), TypeError, "dt = True is a truth value"),
        (lambda: run(dt=np.nan), ValueError, "dt must be finite; got nan"),
        (lambda: run(dt=-0.1), ValueError, "dt must be > 0; got -0.1: give a simulated time"),
        (lambda: run(t0="0"), ValueError, "t0 = '0' is a text"),
        (lambda: run(t0=2.0), ValueError, "t_end = 1.0 lies before the start at t = 2.0; t_end is absolute"),
        (lambda: adaptive(tol="x"), ValueError, "tol = 'x' is a text; give the relative error of a step"),
        (lambda: adaptive(tol=0), ValueError, "tol = 0.0 must be between 0 and 1"),
        (lambda: adaptive(tol=1e-6, dt_max=0), ValueError, "dt_max must be > 0"),
        (lambda: adaptive(tol=1e-6, dt_max="x"), ValueError, "dt_max = 'x' is a text"),
        (lambda: run(dt_max=0.1), ValueError, "dt_max = 0.1 is for adaptive steps; with dt = 0.1 leave it out"),
        (lambda: run(tol=1e-6), ValueError, r"give either dt \(now 0.1\) or tol \(now 1e-06\)"),
        (lambda: adaptive(), ValueError, r"give either dt \(now None\) or tol \(now None\)"),
        (lambda: run(out=True), TypeError, "out is True; give a path"),
        (lambda: run(checkpoint=1), TypeError, "checkpoint is 1; give a path"),
        (lambda: run(checkpoint_every=np.nan), ValueError, "checkpoint_every must be finite; got nan"),
        (lambda: run(checkpoint_every=-1), ValueError, "checkpoint_every must be >= 0"),
        (lambda: run(threads=1.5), ValueError, "threads must be an integer from 1; got 1.5"),
        (lambda: run(threads=0), ValueError, "threads must be an integer from 1; got 0"),
        (lambda: run(threads=None), TypeError, "threads is None"),
        (lambda: lp.every(None), TypeError, "period is None"),
        (lambda: lp.every(True), TypeError, "period = True is a truth value"),
        (lambda: lp.every([1.0, 2.0]), TypeError, "period is .*, not several"),
        (lambda: lp.at_times([0.1, np.nan]), ValueError, "times holds nan"),
        (lambda: lp.at_times(np.ma.masked_array([1.0, 2.0], [0, 1])), ValueError, "times masks 1 of its 2 values"),
        (lambda: lp.at_times([[1.0], [2.0]]), ValueError, r"times has shape \(2, 1\); give a list"),
        (lambda: lp.at_times(None), TypeError, "times is None"),
        (lambda: lp.stop_when_steady(np.nan), ValueError, "tol must be finite; got nan"),
        (lambda: lp.stop_when_steady("x"), ValueError, "tol = 'x' is a text"),
        (lambda: lp.stop_when_steady(0.0), ValueError, "tol must be > 0"),
        (lambda: lp.stop_when_steady(None), TypeError, "tol is None"),
    ],
)
def test_what_is_no_time_is_refused(call, error, message):
    with pytest.raises(error, match=message):
        call()


def test_numbers_of_any_kind_are_the_same_time():
    whole = run(1.0, dt=0.25, save=lp.every(0.5))
    kinds = (np.float32, np.longdouble, np.array, xr.DataArray, lambda x: np.array(x, ">f8"))
    for kind in kinds:
        other = run(kind(1.0), dt=kind(0.25), t0=kind(0.0), save=lp.every(kind(0.5)), threads=np.int64(1))
        xr.testing.assert_equal(whole, other)
        assert repr(lp.at_times(kind([0.5, 1.0]))) == "at_times([0.5, 1.0])"


def test_times_that_twelve_digits_do_not_resolve_are_refused():
    """Near 1e9 the digits kept of a time are 0.01 apart."""
    fix = "start the clock at t0=0"
    with pytest.raises(
        ValueError, match=rf"t_end - t0 = 0.0001\d* cannot be resolved: .* near 1e\+09 by 0.0001; {fix}"
    ):
        run(1e9 + 1e-4, t0=1e9, dt=1e-5)
    with pytest.raises(ValueError, match=rf"t_end - t0 = 9.99201e-15 cannot be resolved: .*{fix}"):
        run(1.0 + 1e-14, t0=1.0)  # within the rounding of t_end
    with pytest.raises(ValueError, match=rf"period = 0.001 cannot be resolved: .*{fix}"):
        run(1e9 + 1.0, t0=1e9, save=lp.every(1e-3))
    with pytest.raises(ValueError, match=rf"times = 1000000000.0001 and 1000000000.0002 cannot be resolved: .*{fix}"):
        run(1e9 + 1.0, t0=1e9, save=lp.at_times([1e9 + 1e-4, 1e9 + 2e-4]))
    with pytest.raises(ValueError, match=rf"dt = 1e-05 cannot be resolved at t = 1e\+09, .* 1.2e-07 apart; {fix}"):
        run(1e9 + 1.0, t0=1e9, dt=1e-5)


def test_times_that_are_resolved_are_kept_however_late():
    out = run(1e9 + 3.0, t0=1e9, save=lp.every(0.5))
    assert out.time.values.tolist() == [1e9 + 0.5 * i for i in range(7)]
    assert out.attrs["steps"] == 30
    ends = run(0.1 + 0.2, t0=0.3)  # the same but for the rounding of a sum
    assert (ends.time.values.tolist(), ends.attrs["steps"]) == ([0.3], 0)
    third = run(4 / 3, t0=1 / 3, save=lp.at_times([1 / 3, 2 / 3]))  # not with a row of 3e-13 in front
    assert (third.sizes["time"], third.attrs["steps"]) == (3, 11)


@pytest.mark.parametrize("model", [MODEL, NET], ids=["field", "network"])
def test_what_takes_for_ever_is_refused_with_its_count(model):
    go = functools.partial(run, model=model, psi=PSI if model is MODEL else np.ones((4, 2)))
    with pytest.raises(ValueError, match=r"dt = 1e-20 makes 1e\+20 steps up to t_end = 1, .*: give a longer dt, "):
        go(dt=1e-20)
    with pytest.raises(ValueError, match=r"dt_max = 1e-20 makes 1e\+20 steps"):
        go(dt=None, tol=1e-6, dt_max=1e-20)
    with pytest.raises(ValueError, match=r"dt = 0.1 makes 1e\+301 steps up to t_end = 1e\+300"):
        go(1e300)
    with pytest.raises(ValueError, match=r"every\(1e-20\) are 1e\+20 times .* 0 and 1, .*: give a longer period"):
        go(save=lp.every(1e-20))
    with pytest.raises(ValueError, match=r"every\(1e-20\) are 1e\+20 times"):
        go(callbacks=[(lp.every(1e-20), print)])
