"""Branches of networks, fields and a third model, next to what is known in closed form."""

import numpy as np
import pytest
from two_modes import TwoModes

import latticepol as lp

#: A parameter is located to this part of its span.
LOCATED = 1e-8
HONEYCOMB = lp.lattice.honeycomb()


def places(ds, *kinds):
    """Return the values at special points of some kinds, in order."""
    here = np.isin(ds.special_kind.values, kinds)
    return np.sort(ds[f"special_{ds.attrs['along']}"].values[here])


@pytest.mark.numeric
@pytest.mark.parametrize(
    ("a", "g", "delta"),
    [
        (3.0, 0.5, 0.0),
        pytest.param(2.1, 1.2, 0.0, marks=pytest.mark.slow),
        (3.0, 0.3, 0.01),
    ],
)
def test_a_network_of_equal_sites_has_the_branches_of_one(a, g, delta):
    span = (-g - 0.1, 1.0)
    site = lp.Site(p=0.2, a=a, g=g, delta=delta)
    net = lp.Network(HONEYCOMB, site, J=3.0, dJ=0.3)
    ds = lp.branches(net, span=span, start="aligned" if delta else "linear", stability=False)
    exact = lp.branches(site, span=span)
    assert ds.attrs["message"] == ""
    first = places(lp.branches(site, span=(-g - 0.1, 0.0)), "threshold")[:1]  # the one of sx = -1
    np.testing.assert_allclose(places(ds, "threshold"), first, atol=LOCATED)
    if not delta:
        np.testing.assert_allclose(places(ds, "pitchfork"), places(exact, "pitchfork"), atol=LOCATED)
        assert ds.sizes["branch"] == 3  # the linear state, and both orientations
    for p, s in zip(ds.p.values[ds.p.notnull()], ds.pseudospin.values[ds.p.notnull()], strict=True):
        if np.abs(p - ds.special_p.values).min() > LOCATED:  # next to one a state is not known as well as its place
            states = lp.fixed_points(site.replace(p=p)).pseudospin.values
            assert np.nanmin(np.abs(states - s[0]).max(axis=1)) < 1e-7 * max(1, np.abs(s).max())
            np.testing.assert_allclose(s[0], s[1], atol=LOCATED)


@pytest.mark.numeric
@pytest.mark.parametrize(
    ("J", "a", "g", "p"),
    [
        (1.0, 3.0, 0.5, 0.2),
        pytest.param(0.7, 0.8, 0.9, 1.4, marks=pytest.mark.slow),
        (-0.25, 3.33, 0.41, 0.2),
    ],
)
def test_a_pitchfork_is_found_from_its_arms_and_the_curve_that_crosses_is_followed(J, a, g, p):
    site = lp.Site(p=p, a=a, g=g)
    net = lp.Network(lp.lattice.square(), site, J=J)
    span = (-g - 0.1, p + 0.3)
    ds = lp.branches(net, span=span, start="aligned", stability=False)
    assert ds.attrs["message"] == ""
    assert "fold" not in ds.special_kind.values
    np.testing.assert_allclose(places(ds, "pitchfork"), (1 + g**2) / a - g, atol=LOCATED)
    np.testing.assert_allclose(places(ds, "threshold"), -g, atol=LOCATED)
    assert ds.sizes["branch"] == 3  # the arms, and the linear state on both sides
    assert (ds.order.isel(branch=slice(1, 3)).isin(["linear", ""])).all()


@pytest.mark.numeric
def test_a_pitchfork_within_the_first_step_is_found():
    a, g = 1.3426, 0.313129
    net = lp.Network(lp.lattice.triangular(), lp.Site(p=0.5, a=a, g=g), J=1.87184, dJ=0.0470643)
    ds = lp.branches(net, span=(-0.2, 1.0), start="linear", points=25, curves=2, stability=False)
    np.testing.assert_allclose(places(ds, "pitchfork"), (1 + g**2) / a - g, atol=LOCATED)


@pytest.mark.slow
@pytest.mark.numeric
def test_a_pitchfork_at_the_end_of_a_step_of_its_arms_is_found():
    grid = lp.Grid.cell(lp.lattice.square().scaled(3.0), 8)
    gain = lp.Gain(lambda x, y: 1.5 + 0 * x, 1.0, 1.0)
    field = lp.SpinorGPE(grid, [lp.Kinetic(0.5), lp.Splitting(1.0, 0.3), lp.Interaction(3.0, 0.0), gain])
    start = np.ones((2, 8, 8)) * np.array([1.2, -0.3])[:, None, None]
    state = lp.steady_state(field, start, stability=False)
    ds = lp.branches(field, along="W_scale", span=(0.4, 1.2), start=state, points=80, curves=4, stability=False)
    np.testing.assert_allclose(places(ds, "pitchfork"), (1 + 1.09 / 3 - 0.3) / 1.5, atol=LOCATED)
    np.testing.assert_allclose(places(ds, "threshold"), 0.7 / 1.5, atol=LOCATED)


@pytest.mark.numeric
def test_a_pair_that_meets_before_a_fold_is_no_limit_cycle():
    # two real rates leave the pair between the Hopf point and the fold, and one of them vanishes there
    site = lp.Site(p=1.2227, a=5.7829, g=0.15834, a2=-0.9693, delta=-0.10701)
    span = (-0.35, 3.7)
    ds = lp.branches(lp.Network(lp.lattice.triangular(), site, J=-0.2587), span=span, start="linear", stability=False)
    exact = lp.branches(site, span=span)
    for kind in ("hopf", "fold"):
        np.testing.assert_allclose(places(ds, kind), places(exact, kind), atol=LOCATED)
    assert (ds.special_frequency.values[ds.special_kind.values == "hopf"] > 0.1).all()


@pytest.mark.numeric
def test_limit_cycles_begin_where_those_of_the_site_do():
    site = lp.Site(p=-2.5, a=40.0, g=3.0)
    net = lp.Network(lp.lattice.square(), site, J=0.1)
    ds = lp.branches(net, span=(-2.9, 0.0), start="linear", stability=False)
    exact = lp.branches(site, span=(-2.9, 0.0))
    hopf = places(exact, "hopf")
    assert len(hopf) == 4
    np.testing.assert_allclose(places(ds, "hopf"), hopf, atol=LOCATED)
    first = ds.special_frequency.values[ds.special_kind.values == "hopf"].min()
    there = lp.precession(site, p=[hopf[0] + 1e-6, hopf[0] - 1e-6])
    assert np.isclose(np.nanmax(there.Omega.values), first, rtol=1e-3)


@pytest.mark.numeric
def test_another_order_of_the_sites_begins_on_the_same_branch():
    # an antiferromagnet is a single condensate of splitting e = 1 - 2 J n, n = 3 neighbours (docs/physics.md, 3)
    J, a, g = 0.1, 3.0, 0.5
    net = lp.Network(HONEYCOMB, lp.Site(p=-0.2, a=a, g=g), J=J)
    ds = lp.branches(net, span=(-0.4, -0.05), start="linear", stability=False)
    e = np.array([1.0, 1 - 2 * J * 3])
    expected = np.sort((e**2 + g**2) / (a * e) - g)
    np.testing.assert_allclose(places(ds, "pitchfork")[:2], expected, atol=LOCATED)
    assert ds.sizes["branch"] == 5
    assert {"antiferro", "linear"} <= set(ds.order.values.ravel())


@pytest.mark.numeric
def test_spin_waves_begin_to_grow_at_a_finite_wavevector():
    a, g = 3.0, 0.1
    net = lp.Network(HONEYCOMB, lp.Site(p=0.2, a=a, g=g), J=3.0)
    ds = lp.branches(net, span=(-0.2, 0.3), start="linear", step=0.1)
    np.testing.assert_allclose(places(ds, "onset"), 2 * g / a - g, atol=LOCATED)  # s = 2 g/a: section 3
    onset = ds.special_kind.values == "onset"
    assert np.linalg.norm(ds.special_k.values[onset]) > 0.1
    first = ds.isel(branch=0)
    before, after = first.p < 2 * g / a - g - LOCATED, first.p > 2 * g / a - g + LOCATED
    assert first.stable.values[before].all()
    assert not first.stable.values[after].any()


def test_a_driven_mode_turns_back_where_its_cubic_does():
    w, loss, U = -3.0, 1.0, 0.5
    model = TwoModes(w=w, splitting=0.0, J=0.0, U=U, loss=loss, F=0.2)
    ds = lp.branches(model, along="F", span=(0.1, 5.0), stability=False)
    n = (-2 * w + np.array([-1, 1]) * np.sqrt(w**2 - 3 * loss**2 / 4)) / 3 / U  # d F^2/dn = 0
    F = np.sqrt(n * ((w + U * n) ** 2 + loss**2 / 4))
    np.testing.assert_allclose(places(ds, "fold"), np.sort(F), atol=LOCATED)
    on = ds.F.notnull().values
    n = np.abs(ds.psi.values[on][:, 0]) ** 2
    np.testing.assert_allclose(ds.F.values[on] ** 2, n * ((w + U * n) ** 2 + loss**2 / 4), rtol=1e-9)
    assert ds.F.values[on][[0, -1]].tolist() == [0.1, 5.0]


@pytest.mark.numeric
@pytest.mark.parametrize("delta", [0.0, pytest.param(0.01, marks=pytest.mark.slow)])
def test_a_uniform_field_has_the_branches_of_one_condensate(delta):
    a, g, p = 3.0, 0.3, 0.3
    terms = [lp.Splitting(1.0, g), lp.Zeeman(delta), lp.Gain(1.0 + p, 1.0, 1.0), lp.Interaction(a, 0.0)]
    model = lp.SpinorGPE(lp.Grid.cell(HONEYCOMB, 4), [lp.Kinetic(0.5), *terms])
    spins = np.array([1.0, 0.2 if delta else -1.0])
    start = lp.steady_state(model, 0.8 * np.ones((2, 4, 4)) * spins[:, None, None], stability=False)
    ds = lp.branches(model, along="W", span=(0.75, 1.6), start=start, stability=False)
    exact = lp.branches(lp.Site(p=p, a=a, g=g, delta=delta), span=(-0.25, 0.6))
    kind = "fold" if delta else "pitchfork"
    np.testing.assert_allclose(places(ds, kind), 1 + places(exact, kind), atol=LOCATED)
    assert ds.sizes["branch"] == (1 if delta else 3)


def test_what_comes_out_can_be_kept_and_gone_on_from(tmp_path):
    net = lp.Network(HONEYCOMB, lp.Site(p=0.2, a=2.28, g=1.0, delta=0.05), J=3.0, dJ=0.9)
    ds = lp.branches(net, span=(0.1, 0.3))
    lp.save(ds, tmp_path / "branches.nc")
    again = lp.load(tmp_path / "branches.nc")
    assert again.equals(ds)
    assert ds.stable.all()
    point = ds.isel(branch=0, point=-1)
    state = lp.steady_state(net.replace(p=float(point.p)), point.psi.values)
    np.testing.assert_allclose(state.growth_rate, point.growth_rate, atol=1e-8)
    ax = lp.plot.bifurcation(ds.isel(site=0))
    assert len(ax.lines) >= 1


@pytest.mark.parametrize(
    ("options", "error", "text"),
    [
        ({"along": "q"}, TypeError, "q"),
        ({"along": 3}, TypeError, "along must be the name of a parameter"),
        ({"span": (1.0, 0.0)}, ValueError, "not an interval"),
        ({"span": (0.5, 1.0)}, ValueError, "p = 0.2 is not in"),
        ({"step": 0.0}, ValueError, "step"),
        ({"points": 1}, ValueError, "points"),
        ({"curves": 0}, ValueError, "curves"),
    ],
)
def test_bad_input_is_refused(options, error, text):
    net = lp.Network(HONEYCOMB, lp.Site(p=0.2, a=3.0, g=0.5), J=3.0)
    with pytest.raises(error, match=text):
        lp.branches(net, **({"span": (0.0, 1.0)} | options))
    with pytest.raises(TypeError, match="Stationary"):
        lp.branches("net", span=(0.0, 1.0))
