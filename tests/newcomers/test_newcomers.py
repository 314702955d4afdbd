"""The mistakes that a newcomer makes first: each message names what was given, the limit, and what to do."""

import builtins
import functools
import re
import sys
import warnings

import matplotlib

matplotlib.use("Agg")

import matplotlib.pyplot as plt
import numpy as np
import pytest
import xarray as xr

import latticepol as lp

GRID = lp.Grid.rectangle((10.0, 10.0), (16, 16))
TERMS = [lp.Kinetic(1.0), lp.Splitting(1.0, 0.1), lp.Gain(1.5, 1.0, 0.5), lp.Interaction(1.0)]
FIELD = lp.SpinorGPE(GRID, TERMS)
PSI = np.ones((2, 16, 16), complex)
SITE = lp.Site(p=0.1, a=2.28, g=1.0, delta=0.05)
HONEYCOMB = lp.lattice.honeycomb()
NET = lp.Network(HONEYCOMB, SITE, J=3.0, dJ=0.9)
RATE = 1e-6  # relative: numbers of four digits in a message


@pytest.fixture(scope="module")
def of_network():
    return lp.steady_state(NET)


@pytest.fixture(scope="module")
def of_field():
    """A uniform stationary state in closed form, S = (W - Gamma + gamma)/eta, without the search for its growth."""
    s = (1.5 - 1.0 + 0.1) / 0.5
    psi = np.sqrt(s) * np.array([1, -1])[:, None, None] * PSI
    numbers = {"mu": ((), 0.5 + s / 2), "residual": ((), 0.0), "growth_rate": ((), 0.0)}
    return FIELD.to_dataset({"psi": (("spin", "y", "x"), psi), **numbers}, {}, title="test")


@pytest.fixture(scope="module")
def files(of_network, of_field, tmp_path_factory):
    folder = tmp_path_factory.mktemp("files")
    return {
        "network": lp.save(of_network, folder / "network.nc"),
        "field": lp.save(of_field, folder / "field.nc"),
    }


def refused(function, *texts, error=ValueError):
    """The message, which holds all of the texts."""
    with pytest.raises(error) as caught:
        function()
    message = str(caught.value)
    for text in texts:
        assert text in message, f"{text!r} is missing in {message!r}"
    return message


@pytest.mark.parametrize(
    ("call", "given", "needed"),
    [
        (lambda: lp.evolve(FIELD, np.ones((16, 16)), 1.0, dt=0.01), "(16, 16)", "(..., 2, 16, 16)"),
        (lambda: lp.steady_state(FIELD, np.ones((16, 16, 2))), "(16, 16, 2)", "(..., spin, y, x)"),
        (lambda: lp.SpinorGPE(GRID, [lp.Potential(np.ones((15, 16)))]), "(15, 16)", "(16, 16) or (2, 16, 16)"),
        (lambda: lp.evolve(NET, np.ones((2, 3)), 1.0, dt=0.01), "(2, 3)", "(..., 2, 2), which is (..., site, spin)"),
        (lambda: NET.replace(J=[1.0, 2.0]), "(2,)", "(3,): a number or one per bond"),
        (lambda: lp.trajectory(SITE, [1.0, 0.0], [0, 1]), "(2,)", "give (3,) or (realization, 3): s_x, s_y, s_z"),
    ],
)
def test_wrong_shape(call, given, needed):
    assert given in refused(call, needed).split(needed)[0]


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
        functools.partial(lp.branches, span=(0.0, 1.0)), functools.partial(lp.trajectory, s0=[1.0, 0.0, 0.0], t=[0, 1]),
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
        texts = f"Own.action returns the shape {shape}, need that of psi, (2, 16, 16)", "(..., spin, y, x)"
        refused(lambda m=model: lp.evolve(m, PSI, 0.1, dt=0.05), *texts)
        refused(lambda m=model: m.derivatives(PSI), *texts)
    for value, text in (
        (np.ones((3, 3)), "V of Own.local has shape (3, 3), need a number or (16, 16)"),
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
    needed = "need ((H_++, H_+-), (H_-+, H_--)), each a number or an array that broadcasts to (16, 16)"
    refused(lambda: lp.SpinorGPE(GRID, [term]), f"Own.k_matrix returns {given}", needed)


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
    message = refused(lambda: make(GRID), what, "spacing is 0.625", "need <=")
    counts = tuple(map(int, re.search(r"use counts >= \((\d+), (\d+)\)", message).groups()))
    make(lp.Grid.rectangle((10.0, 10.0), counts))


def test_the_step_that_a_large_dt_is_told_works():
    for model, psi, dt in ((FIELD, PSI, 5.0), (NET, "aligned", 50.0)):
        message = refused(lambda m=model, p=psi, d=dt: lp.evolve(m, p, 60.0, dt=d), f"dt = {dt:g} is too large", "rate")
        limit = float(re.search(r"need dt <= ([\d.]+)", message)[1])
        lp.evolve(model, psi, limit, dt=limit, progress=False)
    refused(lambda: lp.evolve(FIELD, PSI, 1.0), "give either dt (now None) or tol (now None)", "tol=1e-6")


def test_a_backward_step_is_told_another_integrator():
    damped = FIELD.replace(nu=1.0)
    message = refused(
        lambda: lp.evolve(damped, PSI, 1.0, dt=1.0, integrator=lp.BlanesMoan()), "use dt <=", "lp.ETDRK4()"
    )
    limit = float(re.search(r"use dt <= ([\d.]+)", message)[1])
    lp.evolve(damped, PSI, limit, dt=0.99 * limit, integrator=lp.BlanesMoan(), progress=False)


def test_wavevectors_outside_the_zone_are_as_good_as_those_inside():
    """More of this in tests/spectra/test_periodic.py."""
    for model in (NET, lp.SpinorGPE(lp.Grid.cell(HONEYCOMB, 6), TERMS)):
        k = np.array([[0.3, 0.2]])
        here, there = (lp.bands(model, k=x).omega.values for x in (k, k + [1, -2] @ HONEYCOMB.reciprocal))
        assert np.abs(np.sort_complex(here) - np.sort_complex(there)).max() < 1e-9
    refused(lambda: lp.bands(NET, k="G K"), "k = 'G K' is a text", "net.lattice.path('G K', 200)")


def test_wavevectors_of_another_form_are_told_which_are_taken(of_network):
    forms = "(2,) for one, (n, 2) or (n1, n2, 2) for more, lattice.path('G K M', 200) or .mesh(24)"
    for k, given in (
        (np.ones((4, 3)), "k has shape (4, 3)"),
        (np.linspace(0, 1, 5), "k has shape (5,)"),
        (["G", "K"], "k = ['G', 'K'] is a text; give Cartesian kx, ky"),
        ([[0.0, 1.0], [0.0]], "k = [[0.0, 1.0], [0.0]] does not hold numbers"),
    ):
        for door in (lp.bands, lambda model, k: lp.bogoliubov(model, of_network, k=k)):
            refused(lambda d=door, k=k: d(NET, k=k), given, forms, error=(TypeError, ValueError))
    refused(lambda: lp.bands(NET, k=[[np.nan, 0.0]]), "k holds nan; give finite numbers", forms)
    assert lp.bands(NET, k=[0.3, 0.2]).omega.dims == ("mode",)


@pytest.mark.parametrize("door", [lp.bogoliubov, lp.gap, lp.ribbon, lp.chern])
def test_a_state_of_other_parameters_is_refused(door, of_network):
    options = {lp.bogoliubov: {"k": [[0.0, 0.0]]}, lp.ribbon: {"width": 4}}.get(door, {"below": 2})
    refused(
        lambda: door(NET.replace(p=0.5), of_network, **options),
        "state belongs to another model (p = 0.1 there, 0.5 here)",
        "find that of this model with lp.steady_state(model, state)",
    )


def test_a_state_of_another_field_or_kind_is_refused(of_network, of_field):
    refused(
        lambda: lp.bogoliubov(FIELD.replace(W=1.8), of_field, k=[[0.0, 0.0]]),
        "another model (Gain.W = 1.5 there, 1.8 here)",
    )
    larger = lp.SpinorGPE(lp.Grid.rectangle((12.0, 10.0), (16, 16)), TERMS)
    refused(lambda: lp.evolve(larger, of_field, 1.0, dt=0.01), "x in [-5, 4.375]", "give a model on the grid of psi0")
    for call in (lambda: lp.steady_state(FIELD, of_network), lambda: lp.evolve(FIELD, of_network, 1.0, dt=0.01)):
        refused(call, "not of a field", "('site', 'spin')", "('spin', 'y', 'x')", "lp.SpinorGPE")
    for call in (lambda: lp.steady_state(NET, of_field), lambda: lp.gap(NET, of_field, below=2)):
        refused(call, "not of a network", "('spin', 'y', 'x')", "('site', 'spin')", "lp.Network")
    refused(lambda: lp.bogoliubov(NET, NET.start("aligned"), k=[[0.0, 0.0]]), "lp.steady_state", error=TypeError)
    kagome = lp.Network(lp.lattice.kagome(), SITE, J=3.0)
    refused(lambda: lp.evolve(kagome, of_network, 1.0, dt=0.01), "psi has shape (2, 2)", "(..., 3, 2)")


def test_a_stationary_state_of_the_model_itself_is_taken(of_network, of_field):
    lp.bogoliubov(NET, of_network, k=[[0.0, 0.0]])
    lp.bogoliubov(FIELD, of_field, k=[[0.0, 0.0]], basis=2)


def test_a_file_read_without_the_complex_flag_is_read_again_with_load(files):
    calls = {
        "field": [
            lambda raw: lp.evolve(FIELD, raw, 1.0, dt=0.01),
            lambda raw: lp.evolve(FIELD, raw.psi.values, 1.0, dt=0.01),
            lambda raw: lp.steady_state(FIELD, raw),
            lambda raw: lp.stokes(raw),
            lambda raw: lp.plot.stokes(raw),
            lambda raw: lp.gap(FIELD, raw, below=1),
        ],
        "network": [
            lambda raw: lp.evolve(NET, raw, 1.0, dt=0.01),
            lambda raw: lp.steady_state(NET, raw.psi.values),
            lambda raw: lp.gap(NET, raw, below=2),
        ],
    }
    for name, path in files.items():
        with xr.open_dataset(path, engine="netcdf4") as raw:
            for call in calls[name]:
                refused(lambda c=call, r=raw: c(r), "psi holds pairs ('r', 'i')", "read it with lp.load(path)")
    lp.stokes(lp.load(files["field"]))


@pytest.mark.parametrize("integrator", [lp.Strang(), lp.ETDRK4()])
def test_gain_without_saturation_is_told_what_limits_it(integrator):
    growing = lp.SpinorGPE(GRID, [lp.Kinetic(1.0), lp.Gain(4.5, 1.0)])
    run = functools.partial(lp.evolve, growing, PSI, 400.0, dt=0.5, integrator=integrator, progress=False)
    texts = "no term saturates the gain; give lp.Gain(W, Gamma, eta) an eta > 0. The last good state"
    refused(run, "use a smaller dt", texts, error=lp.ConvergenceError)
    assert growing.divergence_hint
    for limited in (growing.replace(eta=0.1), growing.replace(W=0.5), lp.SpinorGPE(GRID, [lp.Kinetic(1.0)])):
        assert limited.divergence_hint == ""


def test_steps_that_shrink_without_end_are_warned_of():
    growing = lp.SpinorGPE(GRID, [lp.Kinetic(1.0), lp.Gain(1.5, 1.0), lp.Interaction(0.5)])
    with pytest.warns(UserWarning, match="no term saturates the gain.* give lp.Gain"):
        lp.evolve(growing, PSI, 0.1, tol=1e-4, progress=False)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        lp.evolve(growing, PSI, 0.1, dt=0.1, progress=False)
        lp.evolve(growing.replace(eta=0.1), PSI, 0.1, tol=1e-4, progress=False)


def test_newton_in_single_precision_is_told_what_it_needs():
    single = FIELD.replace(dtype="complex64")
    refused(lambda: lp.steady_state(single, PSI), "needs complex128", "model.replace(dtype='complex128')")
    assert lp.steady_state(single, PSI, tol=1e-5, stability=False).residual < 1e-5


def test_a_search_that_was_still_moving_is_told_what_may_be_missing():
    search = functools.partial(lp.steady_state, FIELD, rng=1, relax=0.1, tol=1e-17, progress=False)
    texts = "still moving at t = 0.1", "give a longer relax, or start closer", "lp.Kinetic(nu=...)"
    refused(search, *texts, error=lp.ConvergenceError)


def test_nothing_grows_from_nothing():
    for model in (FIELD, NET):
        zero = np.zeros(model.state_shape)
        with pytest.warns(UserWarning, match=r"psi0 is zero everywhere and stays so.*model.start\('noise', rng=seed\)"):
            assert not lp.evolve(model, zero, 0.02, dt=0.01, progress=False).psi.any()
    driven = (
        NET.replace(drive=np.full((2, 2), 0.1)),
        *(lp.SpinorGPE(GRID, [*TERMS, t]) for t in (lp.Drive(0.1), lp.WignerNoise())),
    )
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for model in driven:
            assert lp.evolve(model, np.zeros(model.state_shape), 0.02, dt=0.01, progress=False).psi.any()


def test_the_start_noise_is_as_large_as_it_says():
    for model, mean in ((FIELD, 0.02 * (1.5 - 1.0) / 0.5), (NET.on(HONEYCOMB.supercell(30)), 0.1)):
        psi = model.start("noise", rng=1)
        assert (np.abs(psi) ** 2).sum() / (psi.size) == pytest.approx(mean, rel=0.3)  # S is half the sum of the spins


def test_what_is_no_dataset_is_not_saved(of_network, tmp_path):
    refused(lambda: lp.save(of_network.psi, tmp_path / "a.nc"), "DataArray", ".to_dataset(name=", error=TypeError)
    refused(lambda: lp.save(tmp_path / "a.nc", of_network), "give save(dataset, path)", error=TypeError)
    assert lp.load(lp.save(of_network.psi.to_dataset(name="psi"), tmp_path / "a.nc")).psi.equals(of_network.psi)


def test_what_is_no_file_of_ours_is_not_loaded(tmp_path):
    (tmp_path / "notes.nc").write_text("no numbers")
    refused(lambda: lp.load(tmp_path / "notes.nc"), "notes.nc is no netCDF file", "lp.save", error=OSError)


def test_a_start_by_name_is_told_what_evolve_takes():
    refused(lambda: lp.evolve(FIELD, "nose", 1.0, dt=0.01), "no start 'nose' of a field", "(2, 16, 16)")
    for model, axis in ((FIELD, {"gamma": [0.1]}), (NET, {"delta": [0.1]})):
        refused(lambda m=model: lp.evolve(m, "noise", 1.0, dt=0.01), "drawn anew", "model.start('noise', rng=seed)")
        swept = functools.partial(
            lp.sweep, lp.evolve, model, "noise", 1.0, options={"dt": 0.01}, executor="serial", **axis
        )
        refused(swept, "drawn anew", error=lp.ConvergenceError)
        lp.evolve(model, model.start("noise", rng=1), 0.02, dt=0.01, progress=False)


@pytest.mark.parametrize(
    ("draw", "missing", "door"),
    [
        (lp.plot.bands, "omega, mode", "lp.bands, lp.bogoliubov or lp.ribbon"),
        (lp.plot.branches, "along, stable", "lp.branches"),
        (lp.plot.bifurcation, "along, stable", "lp.branches"),
        (lp.plot.folds, "opens", "lp.folds"),
        (lp.plot.berry_curvature, "berry_curvature", "lp.berry_curvature"),
        (lp.plot.spectrum, "spectral_density", "lp.spectrum"),
        (lp.plot.special_points, "along, special_kind, special_pseudospin", "lp.branches"),
        (lp.plot.hysteresis, "along, direction", "a sweep up and one down"),
        (lambda ds: lp.plot.gap(ds, "p", "delta"), "direct_gap", "lp.gap over two parameters, lp.sweep(lp.gap, net,"),
    ],
)
def test_a_plot_of_another_dataset_is_told_the_function_that_makes_it(draw, missing, door):
    other = lp.g_eff(SITE, p=[0.1, 0.2], delta=[0.1, 0.2])
    refused(lambda: draw(other), f"effective g-factor has no {missing} to be drawn; give the Dataset of {door}")
    refused(lambda: draw(other.chi), "this DataArray has no", door)
    for given, what in ((HONEYCOMB, "a Lattice"), (None, "None"), (np.ones((2, 3)), "a ndarray of shape (2, 3)")):
        refused(lambda g=given: draw(g), f"dataset is {what}; give the Dataset of {door}", error=TypeError)


OVER_AXES = [
    functools.partial(lp.plot.colour_map, y="delta"),
    functools.partial(lp.plot.contours, y="delta", levels=[1.0]),
    lp.plot.lines,
    lambda variable, x: lp.plot.gap(variable.to_dataset(), x, "delta", variable=variable.name),
]


@pytest.mark.parametrize("draw", OVER_AXES, ids=["colour_map", "contours", "lines", "gap"])
def test_an_axis_that_is_none_is_told_those_there_are(draw):
    variable = lp.fixed_points(SITE, p=[0.1, 0.2], delta=[0.1, 0.2]).chi
    refused(lambda: draw(variable.isel(state=0), x="J"), "'chi' has no axis 'J'; its axes are ['p', 'delta']")
    refused(lambda: draw(variable, x="p"), "'chi' has several values along", ".isel(state=0) or .sel(...)")
    refused(lambda: draw(variable.isel(state=0, p=0, delta=0), x="p"), "it is one number; lp.sweep(function, model")
    plt.close("all")


@pytest.mark.parametrize("draw", [lp.plot.field_map, lp.plot.site_map, *OVER_AXES[:3]])
def test_what_is_no_variable_is_told_to_be_one(draw, of_network, of_field):
    draw = draw if draw in (lp.plot.field_map, lp.plot.site_map) else functools.partial(draw, x="p")
    whole = "a whole Dataset was given; give one of its variables"
    refused(lambda: draw(lp.stokes(of_field)), f"{whole} ['S', 'S_x'", "ds.S_z", error=TypeError)
    refused(lambda: draw(of_field), whole, "lp.stokes(ds).S_z", error=TypeError)
    refused(lambda: draw(of_network), whole, "ds.pseudospin.sel(axis='z')", error=TypeError)
    refused(lambda: draw(NET), "variable is a Network; give a variable of a Dataset", error=TypeError)
    refused(lambda: draw(of_field.psi), "'psi' holds no real numbers but complex128", "lp.density")
    refused(lambda: draw(of_network.psi), "'psi' holds no real numbers but complex128", "variables=['pseudospin']")


def test_a_map_is_told_what_draws_the_other_kind(of_network, of_field):
    refused(lambda: lp.plot.field_map(of_network.pseudospin), "needs ('y', 'x')", "lp.plot.site_map")
    refused(lambda: lp.plot.site_map(lp.stokes(of_field).S), "needs ('site',)", "lp.plot.field_map")


def test_a_lattice_is_drawn_and_no_other():
    refused(lambda: lp.plot.lattice(NET), "lat is a Network; give a lp.Lattice, here net.lattice", error=TypeError)
    refused(lambda: lp.plot.lattice(None), "lat is None", "lp.lattice.honeycomb()", error=TypeError)


def test_a_colour_of_bands_is_a_colour_or_a_variable():
    spectrum = lp.bands(NET, k=[[0.0, 0.0], [0.1, 0.0]]).rename(k="k")
    refused(lambda: lp.plot.bands(spectrum, colour="nosuch"), "colour = 'nosuch' is no colour, and no variable")
    refused(lambda: lp.plot.bands(spectrum, colour="omega"), "colour = 'omega' is no colour, and no variable")
    door = "give the Dataset of lp.mode_polarisation(lp.bands(..., vectors=True))"
    refused(lambda: lp.plot.bands(spectrum, colour="circular_polarisation"), door)
    refused(lambda: lp.plot.bands(spectrum, "red"), "ax is 'red'; give an axis of matplotlib", error=TypeError)
    axes = np.array([None, None])
    refused(
        lambda: lp.plot.bands(spectrum, axes), "a ndarray of shape (2,); give an axis", "one of these", error=TypeError
    )
    assert lp.plot.bands(spectrum, colour="k").collections[-1].get_facecolor()[0].tolist() == [0, 0, 0, 1]
    plt.close("all")


def test_a_variable_along_branches_is_one_that_is_there():
    found = lp.branches(lp.Site(p=0.0, a=1.0, g=3.0), span=(3.0, 9.0), points=5)
    refused(lambda: lp.plot.branches(found, "nosuch"), "variable 'nosuch' is not known; there are ['pseudospin',")
    refused(lambda: lp.plot.special_points(found, "chi"), "variable 'chi'", "('s_x', 's_y', 's_z')")
    plt.close("all")


def test_four_maps_and_two_spins(of_field):
    refused(lambda: lp.plot.stokes(of_field, "red"), "axes holds 1, need four")
    for draw in (lp.plot.density, lp.plot.phase):
        refused(lambda d=draw: d(of_field, spin="up"), "spin = 'up' is not known; use '+' or '-'")


OF_FIELDS = [
    lp.density, lp.stokes, lp.phase, lp.vortices, lp.spectrum, lp.amplitudes, lp.momentum_density, lp.g1,
    lp.spin_domains, lp.plot.density, lp.plot.stokes, lp.plot.phase,
]  # fmt: skip


@pytest.mark.parametrize("door", OF_FIELDS, ids=lambda door: f"{door.__module__.split('.')[1]}.{door.__name__}")
def test_a_network_where_a_field_is_needed_is_told_what_it_has(door, of_network):
    instead = "of a network draw the pseudospin, lp.plot.site_map(ds.pseudospin.sel(axis='z'))"
    refused(lambda: door(of_network), "there is ('site', 'spin')", instead, "lp.evolve with variables=['pseudospin']")
    for given, what in (
        (None, "None"),
        (PSI, "a ndarray of shape (2, 16, 16)"),
        (of_network.psi, "the variable 'psi'"),
    ):
        refused(lambda g=given: door(g), f"dataset is {what}", "give the Dataset of lp.evolve", error=TypeError)


def test_the_film_of_a_network_is_told_what_works(tmp_path):
    start = functools.partial(lp.evolve, NET, "aligned", 0.2, dt=0.1, save=lp.every(0.1), progress=False)
    run = start(variables=["pseudospin"])
    works = "lp.plot.animation(run.sel(axis='z'), 'n.gif', 'pseudospin')"
    for out in (start(), run):
        refused(lambda o=out: lp.plot.animation(o, "n.gif"), "'S_z' is not known", "variables=['pseudospin']", works)
    refused(lambda: lp.plot.animation(run, "n.gif", "pseudospin"), "choose one with .sel(axis='z')")
    refused(lambda: lp.plot.animation(start(), "n.gif", "psi", spin="+"), "no real numbers")
    refused(lambda: lp.plot.animation(NET, "n.gif"), "dataset is a Network", error=TypeError)
    assert lp.plot.animation(run.sel(axis="z"), tmp_path / "n.gif", "pseudospin", dpi=20).exists()  # as it says


def test_bands_of_a_mesh_are_told_what_draws_them():
    mesh = lp.bands(NET, k=HONEYCOMB.mesh(3))
    message = refused(lambda: lp.plot.bands(mesh), "('k1', 'k2', 'mode')", "k=lattice.path('G K M G', 200)")
    lp.plot.colour_map(mesh.omega.isel(mode=0).real, "k1", "k2")  # as it says
    assert "lp.plot.colour_map(ds.omega.isel(mode=0).real, 'k1', 'k2')" in message


def test_what_stops_a_run_is_called_as_it_was_made():
    calls = lp.stop_when_steady(1e-5)
    refused(
        lambda: lp.evolve(FIELD, PSI, 1.0, dt=0.01, callbacks=[calls]), "holds stop_when_steady(1e-05)", error=TypeError
    )


def test_a_patch_of_one_number_is_told_the_shapes():
    refused(lambda: HONEYCOMB.patch(3.0), "shape = 3.0 is no shape", "lp.lattice.disk(3.0)", error=TypeError)


def run(**options):
    return lp.evolve(FIELD, PSI, 1.0, **{"dt": 0.1} | options)


@pytest.mark.parametrize(
    ("call", "given"),
    [
        (
            lambda: lp.SpinorGPE(GRID, [lp.Kinetic("5e-5 m_e")]),
            "mass = '5e-5 m_e' is a text, and the model has no units",
        ),
        (lambda: lp.SpinorGPE(GRID, [lp.Gain("40 ueV", 1.0)]), "W = '40 ueV' is a text, and the model has no units"),
        (lambda: lp.Grid.rectangle(("40 um", "40 um"), (64, 64)), "lengths = ('40 um', '40 um')"),
        (lambda: lp.pumps.gaussian("1 /ps", fwhm=3.0), "strength = '1 /ps' is a text"),
        (lambda: lp.pumps.gaussian(1.0, fwhm="3 um"), "fwhm = '3 um' is a text"),
        (lambda: lp.pumps.ramp("1 ps", "2 ps"), "start = '1 ps' is a text"),
        (lambda: lp.potentials.pillars("1 meV", HONEYCOMB, 0.4, edge=0.2), "depth = '1 meV' is a text"),
        (lambda: HONEYCOMB.scaled("3 um"), "factor = '3 um'"),
        (lambda: run(save=lp.every("1 ps")), "a time of save = '1 ps' is a text, and the model has no units"),
        (lambda: run(save=lp.at_times(["1 ps"])), "a time of save = ['1 ps'] is a text, and the model has no units"),
        (lambda: run(dt="a"), "dt = 'a' is a text, and the model has no units"),
        (lambda: run(dt="0.1 ps"), "dt = '0.1 ps' is a text, and the model has no units"),
        (lambda: run(t0="0.1 ps"), "t0 = '0.1 ps' is a text, and the model has no units"),
        (lambda: lp.steady_state(FIELD, PSI, relax="1 ns"), "relax = '1 ns' is a text, and the model has no units"),
        (lambda: NET.replace(J="40 ueV"), "J = '40 ueV' is a text, and the model has no units"),
        (lambda: SITE.replace(p="40 ueV"), "p = '40 ueV' is a text"),
        (lambda: lp.g_eff(SITE, p=["40 ueV"]), "axis p = ['40 ueV']"),
    ],
)
def test_a_text_with_a_unit_is_told_what_makes_a_number_of_it(call, given):
    refused(call, given, "convert a text with a unit by lp.units.length('3 um'), .time('10 ps'), .rate('40 ueV')")


def test_a_list_of_pumps_is_no_axis():
    pumps = [lp.pumps.gaussian(power, fwhm=6.0) for power in (1.0, 2.0)]
    refused(
        lambda: lp.sweep(lp.steady_state, FIELD, W=pumps), "axis W = [gaussian(1", "give numbers of which the function"
    )


def test_a_sweep_with_model_and_function_the_other_way_round():
    swapped = functools.partial(lp.sweep, NET, lp.steady_state, p=[0.1])
    refused(swapped, "function is of the class Network", "give sweep(function, model, ...)", error=TypeError)


def test_a_missing_extra_says_what_to_install(monkeypatch):
    known = builtins.__import__

    def without(name, *arguments, **options):
        if name.split(".")[0] == "cupy":
            raise ModuleNotFoundError("No module named 'cupy'")
        return known(name, *arguments, **options)

    monkeypatch.setattr(builtins, "__import__", without)
    monkeypatch.setitem(sys.modules, "cupy", None)
    refused(lambda: FIELD.replace(device="cuda"), "pip install cupy-cuda12x", "device='cpu'", error=RuntimeError)


@pytest.mark.parametrize(
    ("call", "known"),
    [
        (lambda: lp.fixed_points(SITE, W=[1.0]), "no axis ['W']; the axes are ['p', 'a', 'g', 'delta']"),
        (lambda: lp.g_eff(SITE, Delta=[1.0]), "no axis ['Delta']; the axes are ['p', 'a', 'g', 'delta']"),
        (lambda: SITE.replace(pump=1.0), "no parameter ['pump']; it has ['p', 'a', 'g', 'delta', 'a2']"),
        (lambda: FIELD.replace(pump=1.0), "no parameter 'pump'; it has ['Gamma', 'W',"),
        (lambda: NET.replace(pump=1.0), "no parameter ['pump']; it has ['J', 'a',"),
    ],
)
def test_an_unknown_axis_is_told_the_known_ones(call, known):
    refused(call, known, error=TypeError)


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("gapp", "did you mean gap?"),
        ("spinorGPE", "did you mean SpinorGPE?"),
        ("zzzzz", "dir(latticepol) lists its names"),
    ],
)
def test_an_unknown_name_is_told_the_nearest(name, hint):
    message = refused(lambda: getattr(lp, name), f"latticepol has no {name!r}; {hint}", error=AttributeError)
    assert message.endswith(hint)
    assert not hasattr(lp, "__wrapped__")  # as those ask who inspect a module


def test_axes_need_no_order():
    mixed, sorted_ = (lp.g_eff(SITE, p=p).g_eff for p in ([0.3, 0.1, 0.2], [0.1, 0.2, 0.3]))
    assert mixed.p.values.tolist() == [0.3, 0.1, 0.2]
    assert np.array_equal(mixed.sortby("p"), sorted_)
    both = mixed.expand_dims(delta=[0.2, 0.1])
    mesh = lp.plot.colour_map(both, "p", "delta", shading="nearest").collections[0]
    assert np.array_equal(mesh.get_array(), both.sortby(["p", "delta"]).transpose("delta", "p"))


def test_a_field_is_repeated_on_a_grid_only():
    cell = lp.SpinorGPE(lp.Grid.cell(HONEYCOMB, 8), TERMS)
    out = lp.evolve(cell, np.ones((2, 8, 8)), 0.0, dt=0.1, progress=False)
    large = HONEYCOMB.supercell(2)
    refused(lambda: lp.tiled(out, large), "grid is a Lattice", "lp.Grid.cell(lattice.supercell(m)", error=TypeError)
    refused(lambda: lp.tiled(out, lp.Grid.cell(large, 15)), "grid of (15, 15) points", "cell of (8, 8)", "(16, 16) or")
    refused(lambda: lp.tiled(out, GRID), "Grid(10 x 10, 16 x 16 points) is not that of a supercell of Grid(", "8 x 8")


def test_an_unknown_variable_or_start_is_told_the_known_ones():
    for model, names in ((FIELD, "'number', 'energy'"), (NET, "'psi', 'pseudospin', 'number'")):
        psi = model.start("noise", rng=1)
        refused(lambda m=model, p=psi: lp.evolve(m, p, 1.0, dt=0.1, variables=["density"]), "'density'", names)
    refused(lambda: lp.evolve(FIELD, PSI, 1.0, dt=0.1, variables=["density"]), "such as lp.density")
    out = lp.evolve(FIELD, PSI, 0.0, dt=0.1, variables=[lp.density], progress=False)  # as it says
    assert "density" in out
    for model in (FIELD, NET):
        refused(lambda m=model: lp.steady_state(m, "vacuum"), "no start 'vacuum'", "noise")


def test_times_need_an_order():
    refused(lambda: lp.trajectory(SITE, [1.0, 0.0, 0.0], [0, 2, 1]), "1 follows 2", "give them in order, each once")
    for span in ((2, 0), (0, 1, 200), 3.0):
        refused(lambda s=span: lp.branches(SITE, span=s), f"span = {span}", "low < high")
    refused(lambda: lp.evolve(FIELD, PSI, -3.0, dt=0.05), "t_end = -3.0 lies before the start at t = 0.0")
    times = lp.at_times([1.0, 2.0, 2.5, 2.7])
    out = lp.evolve(FIELD, PSI, 3.0, dt=0.1, save=times, progress=False)
    refused(lambda: lp.spectrum(out), "equally spaced", "steps from 0.2 to 1", "save with lp.every(step)")


def test_a_pump_beside_the_grid_is_warned_of():
    for pump in (lp.pumps.gaussian(4.0, fwhm=4.0, center=(30.0, 0.0)), lp.pumps.ring(4.0, radius=40.0, fwhm=3.0)):
        with pytest.warns(UserWarning, match="is not on the grid: its largest value there is .* move its center"):
            lp.SpinorGPE(GRID, [lp.Kinetic(1.0), lp.Gain(pump, 1.0, 1.0)])


def test_times_after_the_end_are_warned_of():
    with pytest.warns(UserWarning, match=r"at_times: \[5.0\] are after t_end = 0.1"):
        lp.evolve(FIELD, PSI, 0.1, dt=0.05, save=lp.at_times([0.1, 5.0]), progress=False)


@pytest.mark.parametrize("units", ["ps", {"tme": "ps"}, {"time": 1.0}, ["ps", "um"]])
def test_units_say_which_is_which(units):
    texts = "give {'time': 'ps', 'length': 'um'}, which is lp.units.PS_UM"
    refused(lambda: FIELD.replace(units=units), texts)
    refused(lambda: lp.Network(lp.lattice.honeycomb(), lp.Site(p=0.1, a=1, g=1), J=1.0, units=units), texts)


def test_a_model_with_nothing_to_settle_on_says_why():
    endless = lp.SpinorGPE(GRID, [lp.Kinetic(1.0, nu=0.1), lp.Gain(1.5, 1.0), lp.Splitting(0.1)])
    search = functools.partial(lp.steady_state, relax=1.0, rng=1, progress=False)
    refused(lambda: search(endless), "no term saturates the gain; give lp.Gain", error=lp.ConvergenceError)
    idle = lp.SpinorGPE(GRID, [lp.Kinetic(1.0, nu=0.1), lp.Splitting(0.1)])
    refused(lambda: search(idle), "No mode at k = 0 grows", "raise the gain, adding lp.Gain", error=lp.ConvergenceError)


def test_an_action_of_ones_own_that_is_not_finite_is_suspected():
    class Broken(lp.Term):
        def action(self, psi, x, y, t):
            return np.nan * psi

    model = FIELD.replace(terms=[*FIELD.terms, Broken()])
    run = functools.partial(lp.evolve, model, PSI, 1.0, dt=0.1, progress=False)
    refused(run, "look for NaN in the action of Broken", error=lp.ConvergenceError)
