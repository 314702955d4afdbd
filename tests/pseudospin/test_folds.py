"""Folds: where two states meet, along the pump and along the field."""

import mpmath as mp
import numpy as np
import pytest
from independent import fold, jacobian, states
from parameter_sets import DOUBLE_ROOT, EXPLICIT, FOLD_SETS, PAPER, SUBCRITICAL, number_of_states, real, thresholds
from scipy.optimize import minimize_scalar

import latticepol as lp
from latticepol.pseudospin import turning

POSITION = 1e-10  # what folds promises for states
FOLD = 1e-12  # folds are roots of an explicit function, relative


def u_of(s, g):
    return -g * s[0] / np.linalg.norm(s)


@pytest.mark.parametrize("along", ["p", "delta"])
@pytest.mark.parametrize("site", FOLD_SETS)
def test_two_states_meet_at_a_fold(site, along):
    """Two states more on the side that ``opens`` names, an exponent zero, and a double root of the polynomial."""
    ds = lp.folds(site, along=along)
    places = real(ds[along].values)
    assert places.size > 0
    assert (np.diff(places) >= 0).all()
    assert np.isnan(ds[along].values[places.size :]).all()
    assert (ds.kind.values[places.size :] == "").all()
    for i, place in enumerate(places):
        assert ds.kind.values[i] == "fold"
        opens = int(ds.opens.values[i])
        step = 1e-7 * max(1, abs(place))
        below, above = number_of_states(site, **{along: [place - step, place + step]})
        assert above - below == 2 * opens
        s = ds.pseudospin.values[i]
        assert ds.label.values[i] == (
            "aligned" if s[2] * (place if along == "delta" else site.delta) > 0 else "anti-aligned"
        )
        at = site.replace(**{along: place})
        exponents = np.linalg.eigvals(jacobian(s, at.p, at.a, at.g, at.delta))
        assert np.abs(exponents).min() < DOUBLE_ROOT
        assert ds.growth_rate.values[i] == pytest.approx(exponents.real.max(), abs=DOUBLE_ROOT)
        if site.g != 0:
            exact, _ = fold(at.p, at.a, at.g, at.delta, u_of(s, at.g), along)
            assert place == pytest.approx(exact, rel=FOLD)


@pytest.mark.parametrize("site", FOLD_SETS)
def test_folds_along_the_field_are_the_folds_along_the_pump(site):
    along_p = lp.folds(site)
    for p, s in zip(real(along_p.p.values), along_p.pseudospin.values, strict=False):
        back = lp.folds(site.replace(p=p), along="delta")
        nearest = np.nanargmin(np.linalg.norm(back.pseudospin.values - s, axis=1))
        assert float(back.delta[nearest]) == pytest.approx(site.delta, rel=1e-9)
        np.testing.assert_allclose(back.pseudospin[nearest], s, rtol=0, atol=1e-9 * np.linalg.norm(s))


def test_folds_at_random_parameters_account_for_every_change_of_the_number_of_states():
    """The number of states changes at folds and where s = 0 only."""
    rng = np.random.default_rng(11)
    for _ in range(40):
        a, g = 10 ** rng.uniform(-1, 2), rng.uniform(-4, 4)
        delta = rng.choice([-1, 1]) * 10 ** rng.uniform(-3, 1)
        p = np.linspace(-abs(g) - 2, 12, 300)
        site = lp.Site(p=0, a=a, g=g, delta=delta)
        ds = lp.folds(site)
        expected = np.zeros(p.size)
        for place, opens in zip(real(ds.p.values), real(ds.opens.values), strict=True):
            expected += 2 * opens * (p > place)
        for place in thresholds(g, delta):
            below, above = number_of_states(site, p=place + np.array([-1e-9, 1e-9]))
            assert abs(above - below) == 1
            expected += (above - below) * (p > place)
        np.testing.assert_array_equal(number_of_states(site, p=p), expected, err_msg=f"{site}")


def test_eight_folds_along_the_field():
    """The largest number that Descartes' rule allows, at g < 0."""
    site = lp.Site(p=0.6252, a=265.4, g=-0.6262)
    ds = lp.folds(site, along="delta")
    places = real(ds.delta.values)
    assert places.size == ds.sizes["fold"] == 8
    np.testing.assert_allclose(places, -places[::-1], rtol=EXPLICIT)
    for place, opens in zip(places, ds.opens.values, strict=True):
        below, above = number_of_states(site, delta=place * (1 + np.array([-1e-7, 1e-7]) * np.sign(place)))
        assert above - below == 2 * opens


def test_fold_of_the_subcritical_set_without_field():
    ds = lp.folds(lp.Site(p=0, **SUBCRITICAL))
    np.testing.assert_array_equal(ds.kind, ["fold", "fold", "pitchfork"])
    np.testing.assert_allclose(ds.p, [np.sqrt(24), np.sqrt(24), 7], rtol=EXPLICIT)
    np.testing.assert_array_equal(ds.opens, [1, 1, -1])
    np.testing.assert_array_equal(sorted(ds.label.values), ["aligned", "anti-aligned", "linear"])
    paper = lp.folds(lp.Site(p=0, **PAPER))
    np.testing.assert_array_equal(paper.kind, ["pitchfork", "", ""])
    assert float(paper.p[0]) == pytest.approx(0.342982, abs=5e-7)
    assert float(paper.opens[0]) == 1


@pytest.mark.parametrize(("a", "g"), [(2.28, 0.1), (5.0, 0.3), (3.0, 2.0)])
def test_fold_line_leaves_the_pitchfork_with_the_two_thirds_power(a, g):
    """p_c + 3 s_c (c3/4)^(1/3) delta^(2/3), anti-aligned, with corrections of relative order delta^(2/3)."""
    special = lp.pitchfork(lp.Site(p=0, a=a, g=g))
    c3 = (1 - g**2 + a * g) / (2 * (1 + g**2) ** 2)
    delta = np.array([1e-5, 1e-6, 1e-7])
    ds = lp.folds(lp.Site(p=0, a=a, g=g), delta=delta)
    assert (ds.label[:, 0] == "anti-aligned").all()
    leading = 3 * float(special.s_c) * (c3 / 4) ** (1 / 3) * delta ** (2 / 3)
    errors = np.abs((ds.p[:, 0].values - float(special.p_c)) / leading - 1)
    assert errors[-1] < 1e-2
    assert (errors[:-1] / errors[1:] > 3).all()


def test_cusp_ends_the_extra_folds_of_the_subcritical_set():
    """Three folds in a weak field, one in a strong one; at the cusp between them two folds come together."""
    delta = np.linspace(0.01, 6, 600)
    ds = lp.folds(lp.Site(p=0, **SUBCRITICAL), delta=delta)
    count = (~np.isnan(ds.p)).sum("fold").values
    assert count[0] == 3
    assert count[-1] == 1
    last = int(np.flatnonzero(count == 3)[-1])
    assert (count[: last + 1] == 3).all()
    assert (count[last + 1 :] == 1).all()
    cusp = lp.folds(lp.Site(p=0, delta=0.2, **SUBCRITICAL))  # its field is 0.2 to rounding
    np.testing.assert_array_equal(cusp.opens, [1, -1, 1])
    assert cusp.p[2] - cusp.p[1] < FOLD
    assert np.diff(real(ds.p[last].values)).min() < 0.05 * np.diff(real(ds.p[0].values)).max()
    np.testing.assert_array_equal(np.isnan(ds.p), np.isnan(ds.opens))
    np.testing.assert_array_equal(np.isnan(ds.p), np.isnan(ds.growth_rate))
    np.testing.assert_array_equal(np.isnan(ds.p), ds.kind == "")
    np.testing.assert_array_equal(np.isnan(ds.p), np.isnan(ds.pseudospin).all("axis"))


@pytest.mark.parametrize(
    ("a", "g"), [(1, 3), (1, 2), (0.3, 4), (3, 3.5), (8, -0.2), (1, -1), (0.5, -4), (30, -2), (2, 2.5)]
)
def test_folds_come_in_pairs_up_to_the_cusp(a, g):
    """Three folds below the largest field that the fold line reaches on its inner side, one above it."""
    inner = minimize_scalar(
        lambda t: -turning.field_of_fold(np.exp(t), 1.0, a, g),  # positive where n c^2 > 1
        bounds=(-12, 0.5 * np.log(g * (g - a) - 1)),
        method="bounded",
        options={"xatol": 1e-10},
    )
    cusp = -inner.fun
    for sign in (1, -1):
        delta = sign * cusp * np.array([1e-3, 0.1, 0.9, 1 - 1e-6, 1 + 1e-6, 1.1, 3.0])
        count = (~np.isnan(lp.folds(lp.Site(p=0, a=a, g=g), delta=delta).p)).sum("fold")
        np.testing.assert_array_equal(count, [3, 3, 3, 3, 1, 1, 1])


def test_fold_by_fifty_digits():
    """One fold, by hand: the discriminant of the polynomial in u changes sign there."""
    place = float(lp.folds(lp.Site(p=0, delta=0.1, **PAPER)).p[0])
    with mp.workdps(50):
        inside, outside = (len(states(place + step, 2.28, 0.1, 0.1)) for step in (1e-13, -1e-13))
    assert (inside, outside) == (4, 2)


def test_folds_reverse_with_the_field():
    for site in FOLD_SETS:
        one, other = (lp.folds(site.replace(delta=sign * site.delta)) for sign in (1, -1))
        np.testing.assert_allclose(one.p, other.p, rtol=EXPLICIT)
        np.testing.assert_array_equal(one.label, other.label)
        np.testing.assert_allclose(one.pseudospin * [1, -1, -1], other.pseudospin, rtol=POSITION, atol=EXPLICIT)
        along = lp.folds(site, along="delta")
        places = real(along.delta.values)
        np.testing.assert_allclose(places, -places[::-1], rtol=EXPLICIT)
