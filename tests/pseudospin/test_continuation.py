"""Branches and their special points."""

import numpy as np
import pytest
from independent import jacobian, states
from parameter_sets import DOUBLE_ROOT, PAPER, SUBCRITICAL, number_of_states, real, thresholds
from scipy.optimize import brentq

import latticepol as lp

POSITION = 1e-10  # what branches promises for special points
ON_CURVE = 1e-12  # residual of points of a branch over the largest term


BRANCH_SETS = [
    (lp.Site(p=0, **PAPER), "p", (-0.2, 1.0)),
    (lp.Site(p=0, delta=0.05, **PAPER), "p", (-0.2, 1.0)),
    pytest.param(lp.Site(p=0, delta=-1e-6, **PAPER), "p", (0.2, 0.5), marks=pytest.mark.slow),
    (lp.Site(p=0.6, **PAPER), "delta", (-0.5, 0.5)),
    pytest.param(lp.Site(p=0.2, **PAPER), "delta", (-10.0, 10.0), marks=pytest.mark.slow),
    (lp.Site(p=0, **SUBCRITICAL), "p", (-4.0, 10.0)),
    (lp.Site(p=0, delta=0.1, **SUBCRITICAL), "p", (-4.0, 10.0)),
    pytest.param(lp.Site(p=6.0, **SUBCRITICAL), "delta", (-3.0, 3.0), marks=pytest.mark.slow),
    (lp.Site(p=0, a=40, g=3), "p", (-3.5, 6.0)),
    pytest.param(lp.Site(p=0, a=40, g=3, delta=0.1), "p", (-3.5, 6.0), marks=pytest.mark.slow),
    (lp.Site(p=-1.6, a=40, g=3), "delta", (-4.0, 4.0)),
    (lp.Site(p=0, a=1.0, g=-3.0, delta=0.1), "p", (-4.0, 20.0)),
    pytest.param(lp.Site(p=0, a=2.28, g=-0.4), "p", (-1.0, 3.0), marks=pytest.mark.slow),
    (lp.Site(p=0, a=20.0, g=0.2), "p", (-0.2, 30.0)),
    (lp.Site(p=0.5, a=3.0, g=0.0), "delta", (-1.0, 1.0)),
    (lp.Site(p=0, a=3.0, g=0.0), "p", (-1.0, 1.0)),
]


def crossings(x, value):
    """How often the branches x(branch, point) pass ``value``."""
    return int(((x[:, 1:] > value) != (x[:, :-1] > value)).sum())


@pytest.mark.parametrize(("site", "along", "span"), BRANCH_SETS)
def test_branches_hold_all_states_and_nothing_else(site, along, span):
    ds = lp.branches(site, along=along, span=span)
    rng = np.random.default_rng(3)
    values = rng.uniform(*span, 20)
    expected = number_of_states(site, **{along: values})
    found = [crossings(ds[along].values, value) for value in values]
    np.testing.assert_array_equal(found, expected)

    parameter = ds[along].values
    assert parameter.min() >= span[0] - POSITION
    assert parameter.max() <= span[1] + POSITION
    for branch in range(ds.sizes["branch"]):
        for point in rng.integers(0, ds.sizes["point"], 5):
            value = parameter[branch, point]
            at = lp.fixed_points(site, **{along: value})
            s = ds.pseudospin.values[branch, point]
            at_special = np.linalg.norm(ds.special_pseudospin.values - s, axis=1) < 1e-9
            if np.linalg.norm(s) < 1e-9 or at_special.any():
                continue  # at a threshold or fold the last digit of the parameter decides whether there is a state
            distance = np.linalg.norm(at.pseudospin.values - s, axis=1)
            state = np.nanargmin(distance)
            # next to folds the place of a state is known to the root of rounding only
            assert distance[state] < 1e-6 * (1 + np.linalg.norm(s))
            if distance[state] < ON_CURVE:
                assert ds.growth_rate.values[branch, point] == pytest.approx(float(at.growth_rate[state]), abs=1e-6)
                if abs(float(at.growth_rate[state])) > 1e-6:
                    assert ds.stable.values[branch, point] == at.stable.values[state]
                    assert ds.chi.values[branch, point] == pytest.approx(float(at.chi[state]), rel=1e-5, abs=1e-9)
                if at.label.values[state] != "linear":
                    assert ds.label.values[branch, point] == at.label.values[state]


@pytest.mark.parametrize(("site", "along", "span"), BRANCH_SETS)
def test_every_point_of_a_branch_is_stationary(site, along, span):
    from latticepol.pseudospin.equations import velocity

    ds = lp.branches(site, along=along, span=span)
    s = ds.pseudospin.values
    p, delta = (ds[name].values if name == along else getattr(site, name) for name in ("p", "delta"))
    size = np.linalg.norm(s, axis=-1)
    terms = size * (1 + np.abs(p) + abs(site.g) + np.abs(delta) + (1 + site.a) * size)
    assert (np.abs(velocity(s, p, site.a, site.g, delta)).max(axis=-1) <= ON_CURVE * terms).all()
    assert (size > 0).all()


@pytest.mark.parametrize(("site", "along", "span"), BRANCH_SETS)
def test_stability_changes_at_special_points_only(site, along, span):
    """Between two special points of a branch the sign of the growth rate does not change."""
    ds = lp.branches(site, along=along, span=span, points=300)
    if site.g == 0:
        return  # every growth rate is zero to rounding somewhere: a pair stays on the imaginary axis
    for i, s in enumerate(ds.pseudospin.values):
        nearest = [np.linalg.norm(s - point, axis=1) for point in ds.special_pseudospin.values]
        marks = {int(d.argmin()) for d in nearest if d.min() < POSITION}
        stable = ds.growth_rate.values[i] < 0
        for k in np.flatnonzero(stable[1:] != stable[:-1]):
            assert k in marks or k + 1 in marks, f"branch {i} changes stability at no special point, at {s[k]}"


@pytest.mark.parametrize(("site", "along", "span"), BRANCH_SETS)
def test_special_points_are_what_their_kind_says(site, along, span):
    ds = lp.branches(site, along=along, span=span)
    kinds = ds.special_kind.values
    assert set(kinds) <= {"pitchfork", "fold", "hopf", "threshold"}
    p_c = float(lp.pitchfork(site).p_c)
    for kind, p, delta, s, branch in zip(
        kinds,
        ds.special_p.values,
        ds.special_delta.values,
        ds.special_pseudospin.values,
        ds.special_branch.values,
        strict=True,
    ):
        on_branch = np.linalg.norm(ds.pseudospin.values[branch] - s, axis=1).min()
        assert on_branch < ON_CURVE
        exponents = np.linalg.eigvals(jacobian(s, p, site.a, site.g, delta))
        if kind == "pitchfork":
            assert (p, delta) == (pytest.approx(p_c, abs=POSITION), 0)
        elif kind == "threshold":
            assert np.linalg.norm(s) < POSITION
            assert np.abs(thresholds(site.g, delta) - p).min() < POSITION
        elif kind == "fold":
            assert np.abs(exponents).min() < DOUBLE_ROOT
            listed = lp.folds(site.replace(p=p, delta=delta), along=along)
            assert np.nanmin(np.abs(listed[along].values - (p if along == "p" else delta))) < POSITION
        else:
            turning = np.abs(exponents.imag) > 1e-6
            assert turning.sum() == 2
            assert np.abs(exponents[turning].real).max() < POSITION


def hopf(a, g, delta, low, high, branch):
    """Where the damping of the complex pair vanishes: the polynomial's states, the Jacobian by complex steps."""

    def damping(p):
        s = np.array([float(x) for x in states(p, a, g, delta)[branch]])
        exponents = np.linalg.eigvals(jacobian(s, p, a, g, delta))
        return exponents[np.abs(exponents.imag) > 1e-9].real[0]

    return brentq(damping, low, high, xtol=0.01 * POSITION)


@pytest.mark.parametrize(
    ("a", "g", "delta", "brackets"),
    [
        (40.0, 3.0, 0.0, [(-2.4, -2.0), (-1.2, -0.9)]),
        (18.95, 3.0, 0.0, [(-1.4, -1.265), (-1.265, -1.1)]),
        (15.95, 5.2, 0.0, [(-1.35, -1.2), (-1.2, -1.05)]),
    ],
)
def test_hopf_points(a, g, delta, brackets):
    ds = lp.branches(lp.Site(p=0, a=a, g=g, delta=delta), span=(-g + 0.1, 5.0))
    found = ds.special_p.values[(ds.special_kind.values == "hopf") & (ds.special_pseudospin.values[:, 2] > 0)]
    expected = [hopf(a, g, delta, low, high, 0) for low, high in brackets]
    np.testing.assert_allclose(np.sort(found), expected, rtol=0, atol=POSITION)
    mirrored = ds.special_p.values[(ds.special_kind.values == "hopf") & (ds.special_pseudospin.values[:, 2] < 0)]
    np.testing.assert_allclose(np.sort(mirrored), expected, rtol=0, atol=POSITION)


@pytest.mark.parametrize(("a", "g", "expected"), [(18.85, 3.0, 0), (18.95, 3.0, 4), (15.89, 5.2, 0), (15.93, 5.2, 4)])
def test_onset_of_limit_cycles(a, g, expected):
    """a = 18.9 at g = 3 and a = 15.91 at g = 5.2."""
    ds = lp.branches(lp.Site(p=0, a=a, g=g), span=(-g + 0.1, 5.0))
    assert (ds.special_kind == "hopf").sum() == expected


@pytest.mark.parametrize("g", [0.02, *(pytest.param(g, marks=pytest.mark.slow) for g in (0.1, 0.5)), 1.0])
def test_no_limit_cycles_for_weak_dissipative_splitting(g):
    """g <= 1: no elliptical state at zero field loses its stability up to a = 380."""
    for a in (1.2, 2.28, 10.0, 60.0, 380.0):
        ds = lp.branches(lp.Site(p=0, a=a, g=g), span=(-g, 20.0), points=200)
        assert "hopf" not in ds.special_kind.values
        elliptical = (ds.label != "linear") & (ds.p > float(lp.pitchfork(lp.Site(p=0, a=a, g=g)).p_c) + 1e-6)
        assert bool(ds.stable.where(elliptical, True).all())


def test_opposite_real_exponents_are_not_a_hopf_point():
    """On s+ of (20, 0.2) two real exponents are +s and -s at p = -0.1468, shortly above the pitchfork."""
    ds = lp.branches(lp.Site(p=0, a=20, g=0.2), span=(-0.2, 30.0))
    assert "hopf" not in ds.special_kind.values


@pytest.mark.parametrize("width", [1e-9, *(pytest.param(width, marks=pytest.mark.slow) for width in (1e-3, 1e-6))])
def test_a_short_span_loses_no_branch(width):
    for site, along, value in [
        (lp.Site(p=0, **PAPER), "p", 0.5),
        (lp.Site(p=0, delta=0.01, **PAPER), "p", 0.5),
        (lp.Site(p=0, delta=-0.01, **PAPER), "p", 0.5),
        (lp.Site(p=0.5, **PAPER), "delta", 0.01),
        (lp.Site(p=0.5, **PAPER), "delta", -0.02),
        (lp.Site(p=6.0, **SUBCRITICAL), "delta", 0.05),
        (lp.Site(p=0, delta=0.05, **SUBCRITICAL), "p", 6.0),
    ]:
        ds = lp.branches(site, along=along, span=(value, value + width), points=5)
        assert ds.sizes["branch"] == number_of_states(site, **{along: value + width / 2})


def test_a_short_branch_next_to_the_vacuum():
    """A span that reaches far below a threshold and little above it."""
    checked = 0
    for site in (lp.Site(p=0, delta=0.4, a=1.3, g=2.0), lp.Site(p=0, delta=-3.0, **PAPER), lp.Site(p=0, a=2.0, g=-1.5)):
        for place in thresholds(site.g, site.delta):
            for low, high in ((1e-2, 1e-6), (1e-6, 1e-2)):
                ds = lp.branches(site, span=(place - low, place + high), points=50)
                for value in (place - low / 2, place + high / 2):
                    assert crossings(ds.p.values, value) == number_of_states(site, p=value)
                checked += "threshold" in ds.special_kind.values
    for site in (lp.Site(p=-1.6, a=40, g=3), lp.Site(p=1.0, a=2.0, g=-1.5), lp.Site(p=0.4, a=1.0, g=3.0)):
        for sign in (1, -1):
            place = sign * brentq(lambda delta, site=site: np.abs(thresholds(site.g, delta)).min() - abs(site.p), 0, 50)
            for low, high in ((1e-2, 1e-6), (1e-6, 1e-2)):
                ds = lp.branches(site, along="delta", span=(place - low, place + high), points=50)
                for value in (place - low / 2, place + high / 2):
                    assert crossings(ds.delta.values, value) == number_of_states(site, delta=value)
                checked += "threshold" in ds.special_kind.values
    assert checked == 24


def test_no_branch_at_all():
    ds = lp.branches(lp.Site(p=0, **PAPER), span=(-3.0, -2.0))
    assert ds.sizes["branch"] == 0
    assert ds.sizes["special"] == 0


@pytest.mark.parametrize("points", [2, 3, 7, 50])
def test_points_of_a_branch_include_ends_and_special_points(points):
    site = lp.Site(p=0, delta=0.1, **SUBCRITICAL)
    ds = lp.branches(site, span=(-4.0, 10.0), points=points)
    assert ds.sizes["point"] == points
    fine = lp.branches(site, span=(-4.0, 10.0))
    np.testing.assert_allclose(ds.p[:, [0, -1]], fine.p[:, [0, -1]], rtol=0, atol=ON_CURVE)
    if points >= 7:
        for s, branch in zip(ds.special_pseudospin.values, ds.special_branch.values, strict=True):
            assert np.linalg.norm(ds.pseudospin.values[branch] - s, axis=1).min() < ON_CURVE


def test_points_are_evenly_spread():
    ds = lp.branches(lp.Site(p=0, delta=0.05, **PAPER), span=(-0.2, 1.0), points=200)
    for branch in range(ds.sizes["branch"]):
        curve = np.column_stack([ds.p.values[branch], ds.pseudospin.values[branch]])
        steps = np.linalg.norm(np.diff(curve, axis=0), axis=1)
        assert steps.max() < 1.5 * np.median(steps)


def test_hysteresis_of_the_subcritical_set():
    """Sweeping up the linear state holds to p_c = 7, sweeping down the elliptical one to sqrt(24)."""
    ds = lp.branches(lp.Site(p=0, **SUBCRITICAL), span=(-3.0, 10.0))
    s_z = ds.pseudospin.sel(axis="z")
    stable_linear = ds.p.where(ds.stable & (s_z == 0))
    stable_elliptical = ds.p.where(ds.stable & (s_z > 0))
    assert 7 - 0.1 < float(stable_linear.max()) <= 7
    assert np.sqrt(24) <= float(stable_elliptical.min()) < np.sqrt(24) + 0.1
    inside, outside = (lp.fixed_points(lp.Site(p=p, **SUBCRITICAL)) for p in (6.0, 8.0))
    assert inside.stable.sum() == 3
    assert outside.stable.sum() == 2
    # in the field: between the two folds of the pump both the aligned and the anti-aligned state are stable
    folds = lp.folds(lp.Site(p=8.0, **SUBCRITICAL), along="delta")
    width = real(folds.delta.values)
    stable = lp.fixed_points(lp.Site(p=8.0, **SUBCRITICAL), delta=[0.9 * width.max(), 1.1 * width.max()]).stable
    np.testing.assert_array_equal(stable.sum("state"), [2, 1])


def test_response_along_a_branch_matches_its_slope():
    """chi = a ds_z/ddelta, and g_eff = 1 + a s_z/delta, along a branch in the field through its folds."""
    ds = lp.branches(lp.Site(p=0.6, **PAPER), along="delta", span=(-0.3, 0.3), points=4000)
    for branch in range(ds.sizes["branch"]):
        delta, s_z = ds.delta.values[branch], ds.pseudospin.values[branch, :, 2]
        slope = 2.28 * np.gradient(s_z) / np.gradient(delta)
        chi = ds.chi.values[branch]
        quiet = np.abs(chi) < 50
        quiet[[0, -1]] = False
        np.testing.assert_allclose(chi[quiet], slope[quiet], rtol=0.02, atol=0.02)
        away = np.abs(delta) > 1e-6
        np.testing.assert_allclose(ds.g_eff.values[branch][away], (1 + 2.28 * s_z / delta)[away], rtol=1e-6, atol=1e-8)
    without = lp.branches(lp.Site(p=0, **PAPER), span=(0.2, 0.5))
    elliptical = without.label != "linear"
    assert np.isinf(without.g_eff.where(elliptical, np.inf)).all()
    assert np.isfinite(without.g_eff.where(~elliptical & (abs(without.p - 0.342982) > 1e-4), 0.0)).all()


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda site: lp.folds(site, along="g"), ValueError, "along = 'g' is not known; use 'p' or 'delta'"),
        (
            lambda site: lp.folds(site, along="p", p=[1.0]),
            TypeError,
            "p is what is solved for; an axis must be another",
        ),
        (lambda site: lp.folds(site, along="delta", delta=[1.0]), TypeError, "delta is what is solved for"),
        (lambda site: lp.folds(site, q=[1.0]), TypeError, r"no axis \['q'\]"),
        (lambda site: lp.branches(site, along="a", span=(0, 1)), ValueError, "along = 'a' is not known"),
        (
            lambda site: lp.branches(site, span=(1, 0)),
            ValueError,
            r"span = \(1, 0\) is not an interval; give \(low, high\)",
        ),
        (lambda site: lp.branches(site, span=(1, 1)), ValueError, "is not an interval"),
        (lambda site: lp.branches(site, span=(0, np.inf)), ValueError, "both finite"),
        (lambda site: lp.branches(site, span=(0, np.nan)), ValueError, "both finite"),
        (
            lambda site: lp.branches(site, span=(0, 1), points=1),
            ValueError,
            "points must be an integer from 2 .*; got 1",
        ),
    ],
)
def test_bad_input(call, error, message):
    with pytest.raises(error, match=message):
        call(lp.Site(p=0.4, **PAPER))
