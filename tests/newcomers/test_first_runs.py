"""The first mistakes in a run: steps, wavevectors, states of other models, gain without limit, files."""

import functools
import re
import warnings

import matplotlib

matplotlib.use("Agg")

import numpy as np
import pytest
import xarray as xr
from newcomer_cases import FIELD, GRID, HONEYCOMB, NET, PSI, SITE, TERMS, refused

import latticepol as lp


@pytest.fixture(scope="module")
def files(of_network, of_field, tmp_path_factory):
    folder = tmp_path_factory.mktemp("files")
    return {
        "network": lp.save(of_network, folder / "network.nc"),
        "field": lp.save(of_field, folder / "field.nc"),
    }


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
        refused(call, "the psi of a field", "('site', 'spin')", "('spin', 'y', 'x')", "lp.SpinorGPE")
    for call in (lambda: lp.steady_state(NET, of_field), lambda: lp.gap(NET, of_field, below=2)):
        refused(call, "the psi of a network", "('spin', 'y', 'x')", "('site', 'spin')", "lp.Network")
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
    refused(
        lambda: lp.save(tmp_path / "a.nc", of_network), "give a Dataset first, save(dataset, path)", error=TypeError
    )
    assert lp.load(lp.save(of_network.psi.to_dataset(name="psi"), tmp_path / "a.nc")).psi.equals(of_network.psi)


def test_what_is_no_file_of_ours_is_not_loaded(tmp_path):
    (tmp_path / "notes.nc").write_text("no numbers")
    refused(lambda: lp.load(tmp_path / "notes.nc"), "notes.nc is not a netCDF file", "lp.save", error=OSError)


def test_a_start_by_name_is_told_what_evolve_takes():
    refused(lambda: lp.evolve(FIELD, "nose", 1.0, dt=0.01), "the start must be 'noise'", "(2, 16, 16); got 'nose'")
    for model, axis in ((FIELD, {"gamma": [0.1]}), (NET, {"delta": [0.1]})):
        refused(lambda m=model: lp.evolve(m, "noise", 1.0, dt=0.01), "drawn anew", "model.start('noise', rng=seed)")
        swept = functools.partial(
            lp.sweep, lp.evolve, model, "noise", 1.0, options={"dt": 0.01}, executor="serial", **axis
        )
        refused(swept, "drawn anew", error=lp.ConvergenceError)
        lp.evolve(model, model.start("noise", rng=1), 0.02, dt=0.01, progress=False)
