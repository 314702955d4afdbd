"""The first mistakes with models: each message names what was given, the limit, and what to do."""

import functools
import re
import warnings

import numpy as np
import pytest
from newcomer_cases import FIELD, GRID, HONEYCOMB, NET, PSI, SITE, TERMS, refused

import latticepol as lp

RATE = 1e-6  # relative: numbers of four digits in a message


@pytest.mark.parametrize(
    ("call", "given", "needed"),
    [
        (lambda: lp.evolve(FIELD, np.ones((16, 16)), 1.0, dt=0.01), "(16, 16)", "(..., 2, 16, 16)"),
        (lambda: lp.steady_state(FIELD, np.ones((16, 16, 2))), "(16, 16, 2)", "(..., spin, y, x)"),
        (lambda: lp.SpinorGPE(GRID, [lp.Potential(np.ones((15, 16)))]), "(15, 16)", "(16, 16) or (2, 16, 16)"),
        (lambda: lp.evolve(NET, np.ones((2, 3)), 1.0, dt=0.01), "(2, 3)", "(..., 2, 2), which is (..., site, spin)"),
        (lambda: NET.replace(J=[1.0, 2.0]), "(2,)", "(3,), a number or one per bond"),
        (lambda: lp.trajectory(SITE, [1.0, 0.0], [0, 1]), "(2,)", "give (3,) or (realization, 3): s_x, s_y, s_z"),
    ],
)
def test_wrong_shape(call, given, needed):
    refused(call, needed, given)


MODELS = "give a lp.Network or a lp.SpinorGPE"
SINGLE = "give a lp.Site"


@pytest.mark.parametrize(
    ("door", "options"),
    [
        (lp.steady_state, {}),
        (functools.partial(lp.evolve, psi0=PSI, t_end=1.0), {"dt": 0.1}),
        (lp.bands, {"k": [0.0, 0.0]}),
        (functools.partial(lp.bogoliubov, state=None), {"k": [0.0, 0.0]}),
        (lp.gap, {"below": 1}),
        (lp.chern, {"below": 1}),
        (lp.berry_curvature, {"below": 1}),
        (lp.ribbon, {"width": 4}),
    ],
    ids=["steady_state", "evolve", "bands", "bogoliubov", "gap", "chern", "berry_curvature", "ribbon"],
)
def test_what_is_no_model_is_told_the_models(door, options):
    for given, text in (
        (SITE, f"model is a Site; {MODELS}; a Site alone has lp.fixed_points(site)"),
        (None, f"model is None; {MODELS}"),
        (HONEYCOMB, f"model is a Lattice; {MODELS}"),
        (lp.SpinorGPE, f"model is the class SpinorGPE; {MODELS}"),
    ):
        refused(lambda g=given: door(g, **options), text, error=TypeError)


@pytest.mark.parametrize(
    "door",
    [
        lp.fixed_points, lp.g_eff, lp.pitchfork, lp.folds, lp.precession, lp.alignment_probability,
        functools.partial(lp.trajectory, s0=[1.0, 0.0, 0.0], t=[0, 1]),
    ],
    ids=lambda door: getattr(door, "func", door).__name__,
)  # fmt: skip
def test_what_is_no_site_is_told_to_be_one(door):
    for given, text in (
        (NET, f"site is a Network; {SINGLE}, here net.site"),
        (0.1, f"site is 0.1; {SINGLE}, lp.Site(p="),
        (np.ones(3), f"site is a ndarray of shape (3,); {SINGLE}"),
    ):
        refused(lambda g=given: door(g), text, error=TypeError)


@pytest.mark.parametrize(
    ("call", "given", "needed"),
    [
        (lambda: lp.SpinorGPE(TERMS, GRID), "grid is a list", "give SpinorGPE(grid, terms)"),
        (lambda: lp.SpinorGPE(HONEYCOMB, TERMS), "grid is a Lattice", "lp.Grid"),
        (lambda: lp.SpinorGPE(GRID, None), "terms is None", "give a list of terms"),
        (lambda: lp.Grid.cell("honeycomb", 12), "lattice is 'honeycomb'", "lp.lattice.honeycomb()"),
        (lambda: lp.Grid.cell(NET, 12), "lattice is a Network", "here net.lattice"),
        (
            lambda: lp.pumps.on_sites(HONEYCOMB, lp.pumps.gaussian(1.0, fwhm=0.4)),
            "pump is a Lattice, lattice a Pump",
            "give on_sites(pump, lattice)",
        ),
    ],
)
def test_swapped_arguments_are_told_their_order(call, given, needed):
    refused(call, given, needed, error=TypeError)


def own_term(**hooks):
    """A term that offers what it is given."""
    return type("Own", (lp.Term,), hooks)()


@pytest.mark.parametrize(
    ("hooks", "given"),
    [
        ({}, "Own defines none of k_matrix, local, action; define one, for example 'def action(self, psi, x, y, t)"),
        ({"kmatrix": lambda self, kx, ky: None}, "would do nothing"),
        ({"local": lambda self, grid: 0.3}, "Own.local returns a float; return a dict"),
        ({"local": lambda self, grid: None}, "Own.local returns a NoneType; return a dict"),
    ],
)
def test_a_term_of_ones_own_that_offers_nothing(hooks, given):
    refused(lambda: lp.SpinorGPE(GRID, [own_term(**hooks)]), given, error=TypeError)


def test_what_a_term_of_ones_own_returns_has_the_shape_of_the_field():
    for made, shape in ((lambda psi: 1.0, "()"), (lambda psi: psi[0], "(16, 16)"), (lambda psi: None, "()")):
        model = lp.SpinorGPE(GRID, [*TERMS, own_term(action=lambda self, psi, x, y, t, f=made: f(psi))])
        texts = "Own.action must return the shape of psi, (2, 16, 16), which is (..., spin, y, x)", f"got {shape}"
        refused(lambda m=model: lp.evolve(m, PSI, 0.1, dt=0.05), *texts)
        refused(lambda m=model: m.derivatives(PSI), *texts)
    for value, text in (
        (np.ones((3, 3)), "V of Own.local must be a number or have shape (16, 16)"),
        (np.nan, "V of Own.local must be finite; got nan"),
    ):
        refused(lambda v=value: lp.SpinorGPE(GRID, [own_term(local=lambda self, grid: {"V": v})]), text)
    uniform = own_term(local=lambda self, grid: {"alpha1": np.ones((16, 16))})
    refused(lambda: lp.SpinorGPE(GRID, [uniform]), "alpha1 of Own.local", "is not a number")


@pytest.mark.parametrize(
    ("H", "given"),
    [
        (lambda kx, ky: kx**2, "a ndarray of shape (16, 16)"),
        (lambda kx, ky: 1.0, "a float of shape ()"),
        (lambda kx, ky: (kx, ky), "a tuple"),
        (lambda kx, ky: ((0.0, np.ones(3)), (0.0, 0.0)), "a tuple"),
    ],
)
def test_a_matrix_of_ones_own_is_told_its_form(H, given):
    term = own_term(k_matrix=lambda self, kx, ky: H(kx, ky))
    needed = "must return ((H_++, H_+-), (H_-+, H_--)), each a number or an array that broadcasts to (16, 16)"
    refused(lambda: lp.SpinorGPE(GRID, [term]), needed, f"it returns {given}")


def test_a_term_of_ones_own_may_bring_plain_coefficients():
    x, _ = GRID.points
    for V in (0.3, 0.3 * x, lambda x, y: 0.3 * x):
        own = own_term(local=lambda self, grid, V=V: {"V": V, "alpha1": 0.5})
        given = [lp.Potential(V), lp.Interaction(0.5)]
        assert np.array_equal(*(lp.SpinorGPE(GRID, terms).rhs(PSI)[0] for terms in ([own], given)))


def test_pump_below_threshold_names_the_gain_that_is_missing():
    """With the gain of the message nothing decays: the threshold is W - Gamma = -gamma of a field, p = -g of a site."""
    low = FIELD.replace(W=0.2)
    message = refused(lambda: lp.steady_state(low, PSI), "below threshold", "raise the gain", error=lp.ConvergenceError)
    assert 0.2 + _missing(message) == pytest.approx(1.0 - 0.1, rel=RATE)
    net = NET.replace(p=-3.0, delta=0.0)
    start = np.array([[1.0, -1.0], [1.0, -1.0]])
    message = refused(lambda: lp.steady_state(net, start, relax=50.0), "raise the gain", error=lp.ConvergenceError)
    assert -3.0 + _missing(message) == pytest.approx(-1.0, rel=RATE)
    refused(lambda: lp.steady_state(net), "at p = -3", "pump above the threshold p = -1")


def _missing(message):
    return float(re.search(r"by more than ([\d.]+)$", message)[1])


def test_a_site_below_threshold_has_no_states():
    found = lp.fixed_points(SITE.replace(p=-3.0))
    assert found.number_of_states == 0
    with pytest.warns(UserWarning, match=r"g_eff is NaN: no stable aligned state up to p = -3; .* above p = -g = -1;"):
        assert np.isnan(lp.g_eff(SITE.replace(p=-3.0)).g_eff)
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # a map may reach below threshold
        assert np.isnan(lp.g_eff(SITE, p=[-3.0, 0.5]).g_eff).values.tolist() == [True, False]


@pytest.mark.parametrize(
    ("make", "what"),
    [
        (lambda grid: lp.SpinorGPE(grid, [lp.Gain(lp.pumps.gaussian(1.0, fwhm=0.5))]), "gaussian"),
        (lambda grid: lp.SpinorGPE(grid, [lp.Absorber(0.3, 1.0)]), "absorber width: the length 0.3"),
    ],
)
def test_the_counts_that_a_coarse_grid_is_told_resolve_it(make, what):
    message = refused(lambda: make(GRID), what, "spacing is 0.625", "must be <=")
    counts = tuple(map(int, re.search(r"use counts >= \((\d+), (\d+)\)", message).groups()))
    make(lp.Grid.rectangle((10.0, 10.0), counts))
