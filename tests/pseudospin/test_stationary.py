"""Stationary states: all of them, once each, to twelve digits, with stability, label, g_eff and chi."""

import mpmath as mp
import numpy as np
import pytest
from hypothesis import assume, given
from independent import anisotropies, fields, jacobian, pumps, reproducible, splittings, states, velocity
from scipy.optimize import root

import latticepol as lp
from latticepol.pseudospin import equations, stationary

RELATIVE = 1e-12  # what fixed_points promises for s_z, also where it is tiny
ROUNDING = 1e-13  # residual over the largest term: a dozen roundings
EXPLICIT = 1e-14  # a few operations without cancellation
INVERSE = 1e-10  # an explicit function and back: u = s - p loses two digits, where s is a hundred times larger
RESPONSE = 1e-14  # of a linear system, times its condition number: a hundred roundings
CONVERGED = 1e-11  # residual of a search that ends at rounding or stays far away
VERGE = 1e-12  # on which side of a pitchfork a point is, is below rounding
EIGENVALUE = 1e-7  # exponents near an exceptional point: the root of rounding
DIFFERENCE = 1e-5  # relative error of a central difference with the step used

PAPER = {"a": 2.28, "g": 0.1}
SUBCRITICAL = {"a": 1.0, "g": 3.0}
P_C = (1 + 0.1**2) / 2.28 - 0.1

# (p, a, g): supercritical, subcritical, g < 0, a = g - 1/g, large a, tiny g, pumps at the pitchfork to rounding
SETS = [
    (0.2, 2.28, 0.1),
    (P_C, 2.28, 0.1),
    (np.nextafter(P_C, 0), 2.28, 0.1),
    (np.nextafter(P_C, 1), 2.28, 0.1),
    (0.345, 2.28, 0.1),
    (1.5, 2.28, 0.1),
    (6.0, 1.0, 3.0),
    (7.0, 1.0, 3.0),
    (np.nextafter(7.0, 0), 1.0, 3.0),
    (np.nextafter(7.0, 8), 1.0, 3.0),
    (24**0.5, 1.0, 3.0),
    (8.0, 1.0, 3.0),
    (0.9, 2.28, -0.4),
    (4.0, 1.0, -3.0),
    (12.0, 1.0, -3.0),
    (2.0, 1.5, 2.0),
    (-1.0, 40.0, 3.0),
    (0.5, 3.0, 1e-6),
    (-0.05, 2.28, 0.1),
]
FIELDS = [1e-12, 1e-6, 0.1, -1e-4, -10.0]
MORE_FIELDS = [1e-9, 1e-3, 0.03, 1.0, 10.0, -1e-12, -0.5]


def listed(p, a, g, delta):
    """Pseudospins of fixed_points at one point, without the padding."""
    s = lp.fixed_points(lp.Site(p=p, a=a, g=g, delta=delta)).pseudospin.values
    return s[~np.isnan(s[:, 0])]


def largest_term(s, p, a, g, delta):
    size = np.linalg.norm(s, axis=-1)
    return size * (1 + abs(p) + abs(g) + abs(delta) + (1 + a) * size)


def assert_same_states(found, expected):
    assert len(found) == len(expected)
    for ours, exact in zip(found, expected, strict=True):
        for x, y in zip(ours, exact, strict=True):
            assert abs(mp.mpf(x) - y) <= RELATIVE * abs(y)


@pytest.mark.parametrize("delta", [*FIELDS, *(pytest.param(d, marks=pytest.mark.slow) for d in MORE_FIELDS)])
def test_every_state_to_twelve_digits(delta):
    for p, a, g in SETS:
        assert_same_states(listed(p, a, g, delta), states(p, a, g, delta))


@pytest.mark.parametrize(("p", "a", "g"), [point for point in SETS if point[0] not in (P_C, 7.0)])
def test_every_state_without_field(p, a, g):
    expected = states(p, a, g, 0.0)
    found = listed(p, a, g, 0.0)
    if abs(p - (1 + g**2) / a + g) < VERGE:
        return
    if p == 24**0.5:  # and so is the fold: two states or none
        assert len(found) in (2, 6)
        return
    found = sorted(found.tolist(), key=lambda s: (s[2], s[0]))
    expected = sorted(expected, key=lambda s: (s[2], s[0]))
    assert_same_states(found, expected)


@pytest.mark.parametrize("p", [0.2, 0.5, 1.0, 3.0, -0.1])
@pytest.mark.parametrize("delta", [0.0, 1e-12, 1e-5, -0.2, 0.3, 10.0])
def test_without_dissipative_splitting(p, delta):
    """g = 0: s = p and s_y = 0 on every state, which leaves a quartic."""
    a = 2.28
    found = sorted(listed(p, a, 0.0, delta).tolist(), key=lambda s: (s[2], s[0]))
    expected = sorted(states(p, a, 0.0, delta), key=lambda s: (s[2], s[0]))
    assert_same_states(found, expected)


def test_exactly_at_the_pitchfork_without_field():
    """(1, 3) at p = 7 in round numbers: both linear states, and the elliptical pair from g (1 + u^2) = a u (p + u)."""
    s = listed(7.0, 1.0, 3.0, 0.0)
    size, s_x = 7.5, -0.5 * 7.5 / 3
    s_z = np.sqrt((size**2 - s_x**2) / 1.25)
    np.testing.assert_allclose(sorted(s[:, 2]), [-s_z, 0, 0, s_z], rtol=RELATIVE, atol=0)
    np.testing.assert_allclose(sorted(s[s[:, 2] == 0, 0]), [-10, 4], rtol=RELATIVE)
    paper = lp.fixed_points(lp.Site(p=P_C, **PAPER))
    assert paper.number_of_states == 2
    assert set(paper.label.values[:2]) == {"linear"}


@pytest.mark.parametrize("count", [60, pytest.param(1000, marks=pytest.mark.slow)])
def test_none_lost_and_none_twice(count):
    """The count of the polynomial's roots, at random parameters of every kind."""
    rng = np.random.default_rng(20240501)
    counts = []
    for _ in range(count):
        a, g = 10 ** rng.uniform(-1, 2), rng.uniform(-5, 5)
        p, delta = rng.uniform(-3, 10), rng.choice([-1, 1]) * 10 ** rng.uniform(-12, 1)
        expected = states(p, a, g, delta)
        assert_same_states(listed(p, a, g, delta), expected)
        counts.append(len(expected))
    assert set(counts) >= {0, 1, 2, 3, 4}


def test_six_states_coexist_in_the_subcritical_set_and_three_are_stable():
    for delta in (1e-12, 1e-3, -0.05):
        ds = lp.fixed_points(lp.Site(p=6.0, delta=delta, **SUBCRITICAL))
        assert ds.number_of_states == 6
        assert ds.stable.sum() == 3
        assert_same_states(ds.pseudospin.values, states(6.0, 1.0, 3.0, delta))


@pytest.mark.parametrize("offset", [1e-3, 1e-6, 1e-9, 1e-12])
@pytest.mark.parametrize(
    ("a", "g", "delta"),
    [(2.28, 0.1, 0.1), (2.28, 0.1, 1e-4), (2.28, 0.1, -2.0), (1, 3, 0.1), (1, 3, 1e-6), (40, 3, 0.3), (0.5, -1.2, 0.2)],
)
def test_close_to_a_fold(a, g, delta, offset):
    folds = lp.folds(lp.Site(p=0, a=a, g=g, delta=delta)).p.values
    for fold in folds[~np.isnan(folds)]:
        for p in (fold - offset, fold + offset):
            assert_same_states(listed(p, a, g, delta), states(p, a, g, delta))


@pytest.mark.parametrize(
    ("p", "a", "g", "delta"),
    [
        (0.4, 2.28, 0.1, 0.01),
        (0.8, 2.28, 0.1, -0.05),
        (0.3, 2.28, 0.1, 0.0),
        (0.6, 2.28, 0.1, 0.0),
        (6.0, 1.0, 3.0, 0.02),
        (5.5, 1.0, 3.0, 0.0),
        (4.0, 1.0, 3.0, 2.0),
        (-1.5, 40.0, 3.0, 0.1),
        (1.2, 2.28, -0.4, 0.05),
        (-0.05, 2.28, 0.1, 0.3),
        (-2.0, 1.0, 0.5, 4.0),
    ],
)
def test_a_search_from_random_starts_finds_the_same_states(p, a, g, delta):
    from latticepol.pseudospin.equations import velocity as ours

    rng = np.random.default_rng(7)
    found = listed(p, a, g, delta)
    reach = 1.5 * (abs(p) + abs(g))
    hit = set()
    for _ in range(120):
        start = rng.normal(size=3)
        start *= reach * rng.random() / np.linalg.norm(start)
        result = root(lambda s: ours(s, p, a, g, delta), start, tol=1e-13)
        residual = np.abs(ours(result.x, p, a, g, delta)).max()
        if residual > CONVERGED or np.linalg.norm(result.x) < 1e-4:
            continue  # not converged, or the vacuum
        distances = np.linalg.norm(found - result.x, axis=1)
        assert distances.min() < 1e-7, f"the search found {result.x}, which is not listed"
        hit.add(int(distances.argmin()))
    assert len(hit) == len(found)


@given(p=pumps, a=anisotropies, g=splittings, delta=fields)
@reproducible
def test_every_state_is_stationary_and_described_rightly(p, a, g, delta):
    ds = lp.fixed_points(lp.Site(p=p, a=a, g=g, delta=delta))
    n = int(ds.number_of_states)
    s = ds.pseudospin.values
    assert not np.isnan(s[:n]).any()
    assert np.isnan(s[n:]).all()
    assert (np.diff(s[:n, 2]) <= 0).all()
    for name in ("growth_rate", "g_eff", "chi"):
        np.testing.assert_array_equal(np.isnan(ds[name].values), np.arange(6) >= n, err_msg=name)
    assert (ds.label.values[n:] == "").all()
    assert not ds.stable.values[n:].any()
    for i in range(n):
        residual = [float(v) for v in velocity([mp.mpf(x) for x in s[i]], p, a, g, delta)]
        assert np.abs(residual).max() <= ROUNDING * largest_term(s[i], p, a, g, delta)
        exponents = np.linalg.eigvals(jacobian(s[i], p, a, g, delta))
        scale = 1 + np.abs(exponents).max()
        growth = ds.growth_rate.values[i]
        assert growth == pytest.approx(exponents.real.max(), abs=EIGENVALUE * scale)
        assert ds.stable.values[i] == (growth < -equations.MARGINAL)
        side = s[i, 2] * (-1 if delta < 0 else 1)
        assert ds.label.values[i] == ("linear" if side == 0 else "aligned" if side > 0 else "anti-aligned")


@given(p=pumps, a=anisotropies, g=splittings, delta=fields.filter(lambda delta: delta != 0))
@reproducible
def test_g_eff_is_the_field_over_the_applied_field(p, a, g, delta):
    """g_eff = (a s_z + delta)/delta; where the two nearly cancel the sum itself has lost the digits."""
    ds = lp.fixed_points(lp.Site(p=p, a=a, g=g, delta=delta))
    for s_z, enhancement in zip(ds.pseudospin.values[:, 2], ds.g_eff.values, strict=True):
        if not np.isnan(s_z):
            tolerance = RELATIVE * (1 + abs(a * s_z / delta))
            assert enhancement == pytest.approx(1 + a * s_z / delta, rel=0, abs=tolerance)


@given(p=pumps, a=anisotropies, g=splittings, delta=fields.filter(lambda delta: delta != 0))
@reproducible
def test_a_reversed_field_reverses_the_states(p, a, g, delta):
    ds = lp.fixed_points(lp.Site(p=p, a=a, g=g), delta=[-delta, delta])
    n = int(ds.number_of_states[0])
    one, other = ds.isel(delta=0), ds.isel(delta=1).isel(state=slice(n - 1, None, -1) if n else slice(0))
    assert n == ds.number_of_states[1]
    np.testing.assert_array_equal(one.pseudospin[:n] * [1, -1, -1], other.pseudospin)
    np.testing.assert_array_equal(one.label[:n], other.label)
    for name in ("g_eff", "chi"):
        np.testing.assert_array_equal(one[name][:n], other[name], err_msg=name)
    np.testing.assert_allclose(one.growth_rate[:n], other.growth_rate, rtol=0, atol=1e-9 * (1 + a))


@given(p=pumps, a=anisotropies, g=splittings, delta=fields)
@reproducible
def test_chi_is_the_linear_response(p, a, g, delta):
    """chi = a ds_z/ddelta with ds/ddelta = J^-1 (s_y, -s_x, 0), for every state, stable or not."""
    ds = lp.fixed_points(lp.Site(p=p, a=a, g=g, delta=delta))
    for s, chi in zip(ds.pseudospin.values, ds.chi.values, strict=True):
        if np.isnan(chi):
            continue
        j = jacobian(s, p, a, g, delta)
        condition = np.linalg.cond(j)
        if condition > 1e9:
            continue
        response = a * np.linalg.solve(j, [s[1], -s[0], 0])[2]
        scale = a * np.linalg.norm(s) * np.linalg.norm(np.linalg.inv(j), 2)
        assert chi == pytest.approx(response, rel=1e-9, abs=RESPONSE * condition * (1 + scale))


@pytest.mark.parametrize(
    ("p", "a", "g", "delta"),
    [
        (0.3, 2.28, 0.1, 0.0),
        (0.5, 2.28, 0.1, 0.0),
        (0.5, 2.28, 0.1, 0.02),
        (0.5, 2.28, 0.1, -0.003),
        (6.0, 1.0, 3.0, 0.0),
        (6.0, 1.0, 3.0, 0.1),
        (1.2, 2.28, -0.4, 0.3),
    ],
)
def test_chi_is_the_slope_of_the_states_in_the_field(p, a, g, delta):
    step = 1e-5
    site = lp.Site(p=p, a=a, g=g, delta=delta)
    ds = lp.fixed_points(site, delta=[delta - step, delta, delta + step])
    n = int(ds.number_of_states[1])
    assert n > 0
    for state in range(n):
        s, chi = ds.pseudospin.values[1, state], ds.chi.values[1, state]
        beside = [s_[np.nanargmin(np.linalg.norm(s_ - s, axis=1))] for s_ in ds.pseudospin.values[[0, 2]]]
        slope = (beside[1] - beside[0]) / (2 * step)
        assert chi == pytest.approx(a * slope[2], rel=DIFFERENCE, abs=DIFFERENCE)


@given(p=pumps, a=anisotropies, g=splittings)
@reproducible
def test_linear_states_without_field(p, a, g):
    """s_x = -(p + g) and s_x = p - g; on s+ g_eff -> s_c/(p_c - p) and chi = g_eff - 1, also where it is unstable."""
    site = lp.Site(p=p, a=a, g=g)
    ds, special = lp.fixed_points(site), lp.pitchfork(site)
    p_c, s_c = float(special.p_c), float(special.s_c)
    assert p_c == pytest.approx((1 + g**2) / a - g, rel=EXPLICIT, abs=EXPLICIT)
    assert s_c == pytest.approx((1 + g**2) / a, rel=EXPLICIT)
    assume(abs(p - p_c) > 1e-6)
    linear = ds.label.values == "linear"
    s = ds.pseudospin.values[linear]
    np.testing.assert_array_equal(s[:, 1:], 0.0)
    np.testing.assert_allclose(sorted(s[:, 0]), sorted([-(p + g)] * (p + g > 0) + [p - g] * (p - g > 0)), rtol=EXPLICIT)
    for s_x, enhancement, chi in zip(s[:, 0], ds.g_eff.values[linear], ds.chi.values[linear], strict=True):
        # s- is s+ of the reversed signs: (a, g) -> -(a, g)
        expected = s_c / (p_c - p) if s_x < 0 else (1 + g**2) / (1 + g**2 + a * (p - g))
        assert enhancement == pytest.approx(expected, rel=1e-8)
        assert chi == pytest.approx(expected - 1, rel=1e-8, abs=1e-8)


@given(p=pumps, a=anisotropies, g=splittings)
@reproducible
def test_elliptical_states_without_field(p, a, g):
    """X = a u s/(g (1 + u^2)) = 1 with u = s - p, so that delta = B (1 - X) is zero; g_eff is infinite."""
    ds = lp.fixed_points(lp.Site(p=p, a=a, g=g))
    elliptical = np.isin(ds.label.values, ["aligned", "anti-aligned"])
    s = ds.pseudospin.values[elliptical]
    assert np.isinf(ds.g_eff.values[elliptical]).all()
    assert (ds.g_eff.values[elliptical] > 0).all()
    if g == 0:
        return
    size = np.linalg.norm(s, axis=1)
    u = -g * s[:, 0] / size
    np.testing.assert_allclose(a * u * size / (g * (1 + u**2)), 1.0, rtol=INVERSE)
    np.testing.assert_allclose(size, p + u, rtol=INVERSE)


def test_states_go_over_into_those_without_field():
    """At delta = 1e-12 every state is within chi delta of one at delta = 0, and g_eff diverges on elliptical ones."""
    for p, a, g in ((0.3, 2.28, 0.1), (0.6, 2.28, 0.1), (6.0, 1.0, 3.0)):
        ds = lp.fixed_points(lp.Site(p=p, a=a, g=g), delta=[0.0, 1e-12])
        assert ds.number_of_states[0] == ds.number_of_states[1]
        for s in ds.pseudospin.values[1][: int(ds.number_of_states[1])]:
            assert np.nanmin(np.linalg.norm(ds.pseudospin.values[0] - s, axis=1)) < 1e-9
    small = lp.fixed_points(lp.Site(p=0.3, delta=1e-12, **PAPER))
    linear = lp.fixed_points(lp.Site(p=0.3, **PAPER))
    np.testing.assert_allclose(sorted(small.g_eff.values[:2]), sorted(linear.g_eff.values[:2]), rtol=1e-9)
    np.testing.assert_allclose(sorted(small.chi.values[:2]), sorted(linear.chi.values[:2]), rtol=1e-9)


@pytest.mark.parametrize(("a", "g", "side"), [(2.28, 0.1, 1), (1.0, 3.0, -1), (5.0, 0.3, 1), (1.0, 2.0, -1)])
def test_response_of_elliptical_states_next_to_the_pitchfork(a, g, side):
    """From c3 B^3 - mu B = delta: dB/ddelta = 1/(2 mu), mu = (p - p_c)/s_c; the states exist on one side only."""
    special = lp.pitchfork(lp.Site(p=0, a=a, g=g))
    assert bool(special.supercritical) == (side > 0)
    errors = []
    for distance in (1e-3, 1e-4, 1e-5):
        p = float(special.p_c) + side * distance
        ds = lp.fixed_points(lp.Site(p=p, a=a, g=g))
        near = np.flatnonzero(ds.label == "aligned")
        state = near[np.abs(ds.pseudospin.values[near, 2]).argmin()]
        expected = side * float(special.s_c) / (2 * distance)
        errors.append(abs((ds.chi.values[state] + 1) / expected - 1))
        other = lp.fixed_points(lp.Site(p=float(special.p_c) - side * distance, a=a, g=g))
        assert other.number_of_states == ds.number_of_states - 2
    assert errors[2] < 1e-3
    assert errors[0] > 5 * errors[1] > 25 * errors[2]  # of first order in the distance


@pytest.mark.parametrize(("a", "g"), [(2.28, 0.1), (5.0, 0.3), (1.0, 0.0), (3.0, 2.0)])
def test_enhancement_at_the_pitchfork_follows_the_cube_root(a, g):
    """g_eff -> (c3 delta^2)^(-1/3) at p = p_c, with corrections of relative order delta^(2/3)."""
    p_c = float(lp.pitchfork(lp.Site(p=0, a=a, g=g)).p_c)
    c3 = (1 - g**2 + a * g) / (2 * (1 + g**2) ** 2)
    delta = np.array([1e-5, 1e-6, 1e-7])
    ds = lp.fixed_points(lp.Site(p=p_c, a=a, g=g), delta=delta)
    aligned = ds.g_eff.where(ds.label == "aligned").max("state").values
    errors = np.abs(aligned / (c3 * delta**2) ** (-1 / 3) - 1)
    assert errors[-1] < 1e-3
    assert (errors[:-1] / errors[1:] > 3).all()


def test_numbers_of_the_paper():
    assert float(lp.pitchfork(lp.Site(p=0, **PAPER)).p_c) == pytest.approx(0.342982, abs=5e-7)
    assert float(lp.pitchfork(lp.Site(p=0, **SUBCRITICAL)).p_c) == 7.0
    below, above = np.sqrt(24) * (1 - 1e-9), np.sqrt(24) * (1 + 1e-9)
    n = lp.fixed_points(lp.Site(p=0, **SUBCRITICAL), p=[below, above]).number_of_states.values
    np.testing.assert_array_equal(n, [2, 6])


@pytest.mark.parametrize(
    ("a", "g", "supercritical"),
    [
        (2.28, 0.1, True),
        (1, 3, False),
        (2.67, 3, True),
        (2.66, 3, False),
        (1, -1, False),
        (1, -0.5, True),
        (1, 0, True),
    ],
)
def test_criterion_of_the_pitchfork(a, g, supercritical):
    """Elliptical states next to the pitchfork exist above p_c if it is supercritical, below if not."""
    ds = lp.pitchfork(lp.Site(p=0, a=a, g=g))
    assert bool(ds.supercritical) == supercritical
    n = lp.fixed_points(lp.Site(p=0, a=a, g=g), p=float(ds.p_c) + np.array([-1e-7, 1e-7])).number_of_states.values
    assert n[1] - n[0] == (2 if supercritical else -2)
    assert bool(ds.stable_below) == (g > 0)
    if g != 0:
        below = lp.fixed_points(lp.Site(p=float(ds.p_c) - 1e-5, a=a, g=g))
        s_plus = (below.label == "linear") & (below.pseudospin.sel(axis="x") < 0)
        assert below.stable.values[s_plus.values].item() == (g > 0)


def test_stable_state_is_never_assumed():
    """a = 40, g = 3 between its Hopf points: four states, none stable; g_eff says so with NaN."""
    site = lp.Site(p=-1.6, a=40, g=3)
    ds = lp.fixed_points(site)
    assert ds.number_of_states == 3
    assert not ds.stable.any()
    with pytest.warns(UserWarning, match="g_eff is NaN: no stable aligned state up to p = -1.6"):
        picked = lp.g_eff(site)
    assert np.isnan(picked.g_eff)
    assert np.isnan(picked.pseudospin).all()
    assert lp.fixed_points(lp.Site(p=-3, a=2.28, g=0.1, delta=5)).number_of_states == 0


def test_g_eff_selects_among_the_stable_aligned_states():
    site = lp.Site(p=6.0, delta=0.01, **SUBCRITICAL)
    ds = lp.fixed_points(site)
    eligible = ds.g_eff.values[ds.stable.values & (ds.label.values == "aligned")]
    assert eligible.size == 2
    assert lp.g_eff(site).g_eff == eligible.max()
    assert lp.g_eff(site, select="smallest").g_eff == eligible.min()
    for sign in (1, -1):
        picked = lp.g_eff(site, delta=[sign * 0.01])
        assert (picked.pseudospin.sel(axis="z") * sign > 0).all()
        assert (picked.growth_rate < 0).all()
    linear = lp.g_eff(lp.Site(p=0.3, **PAPER))
    assert float(linear.g_eff) == pytest.approx(float(linear.chi) + 1, rel=RELATIVE)
    assert float(linear.pseudospin.sel(axis="x")) == pytest.approx(-0.4, rel=RELATIVE)


def test_axes_make_outer_products_and_a_point_alone_is_the_point_in_a_map():
    site = lp.Site(p=0.4, **PAPER)
    p, delta = [0.2, 0.35, 0.6], [-0.1, 0.0, 1e-3, 2.0]
    ds = lp.fixed_points(site, p=p, delta=delta)
    assert ds.pseudospin.dims == ("p", "delta", "state", "axis")
    assert ds.pseudospin.shape == (3, 4, 6, 3)
    assert list(ds.axis.values) == ["x", "y", "z"]
    turned = lp.fixed_points(site, delta=delta, p=p)
    np.testing.assert_array_equal(turned.pseudospin.transpose("p", ...), ds.pseudospin)
    for i in range(3):
        for k in range(4):
            alone = lp.fixed_points(site.replace(p=p[i], delta=delta[k]))
            for name in ("pseudospin", "stable", "growth_rate", "label", "g_eff", "chi", "number_of_states"):
                np.testing.assert_array_equal(alone[name], ds[name][i, k], err_msg=name)


def test_a_fold_of_two_states_is_one_state_or_two_or_none():
    """At the fold to rounding the two states may be listed or not, but never one of them far away, nor three."""
    fold = float(lp.folds(lp.Site(p=0, delta=0.1, **PAPER)).p[0])
    for p in (np.nextafter(fold, 0), fold, np.nextafter(fold, 1)):
        s = listed(p, 2.28, 0.1, 0.1)
        assert len(s) in (2, 4)
        if len(s) == 4:
            pair = s[s[:, 2] < 0]
            pair = pair[pair[:, 0] < 0]
            assert np.linalg.norm(np.diff(pair, axis=0)) < 1e-6


@pytest.mark.parametrize(("along", "value"), [("p", np.array([1.0, 2.5])), ("delta", np.array([0.1, -0.3]))])
def test_explicit_curves_invert_each_other(along, value):
    """pump_at and field_at are the same relation, solved for p and for delta."""
    x = np.array([0.7, -1.9])
    for sigma in (1.0, -1.0):
        if along == "p":
            delta = stationary.fields_at(x[:1], sigma, value[0], 2.28, 0.1)[0]
            assert stationary.pumps_at(x[:1], sigma, 2.28, 0.1, delta)[0] == pytest.approx(value[0], rel=INVERSE)
        else:
            p = stationary.pumps_at(x, sigma, 2.28, 0.1, value[0])
            for xi, pi in zip(x, p, strict=True):
                field = stationary.fields_at(np.array([xi]), sigma, pi, 2.28, 0.1)[0]
                assert field == pytest.approx(value[0], rel=INVERSE)


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"q": [1.0]}, TypeError, r"no axis \['q'\]; the axes are \['p', 'a', 'g', 'delta'\]"),
        ({"a2": [1.0]}, TypeError, r"no axis \['a2'\]"),
        ({"p": []}, ValueError, "axis p is empty; give at least one value"),
        ({"p": [[0.1, 0.2]]}, ValueError, "axis p has 2 dimensions; give one list per axis"),
        ({"p": [0.1, np.nan]}, ValueError, "axis p holds nan; give finite numbers"),
        ({"delta": [np.inf]}, ValueError, "axis delta holds inf"),
        ({"p": ["one"]}, ValueError, r"axis p = \['one'\] is a text; give a list of real numbers"),
        ({"p": [1j]}, ValueError, "axis p holds complex values"),
        ({"a": [1.0, -2.0]}, ValueError, r"a = -2.0 is not positive; .* must be > 0"),
        ({"a": 0.0}, ValueError, "a = 0.0 is not positive"),
    ],
)
def test_bad_axes(arguments, error, message):
    site = lp.Site(p=0.4, **PAPER)
    for door in (lp.fixed_points, lp.g_eff, lp.pitchfork, lp.precession):
        with pytest.raises(error, match=message):
            door(site, **arguments)


def test_bad_selection():
    site = lp.Site(p=0.4, **PAPER)
    for door in (lp.g_eff, lp.precession):
        with pytest.raises(ValueError, match="select = 'best' is not known; use 'largest' or 'smallest'"):
            door(site, select="best")
