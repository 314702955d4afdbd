"""What evolve, steady_state, bogoliubov and sweep need of a model is what model.py says: shown on a third kind."""

import numpy as np
import pytest
import xarray as xr
from scipy.integrate import solve_ivp
from two_modes import TwoModes

import latticepol as lp
from latticepol.model import Cuttable, Evolvable, check_model

MODEL = TwoModes()
#: Strang's steps of 0.01 over a time of 5, against an accurate integration: (rate dt)^2 per unit of time.
STEPS, RESIDUAL = 2e-4, 1e-11


def reference(model, psi0, t):
    def rhs(t, y):
        psi = y.view(complex)
        return (-1j * model.stationary_residual(psi, 0.0)).view(float)

    found = solve_ivp(rhs, (0, t), np.array(psi0, complex).view(float), rtol=1e-10, atol=1e-12)
    return found.y[:, -1].copy().view(complex)


def test_it_evolves():
    out = lp.evolve(MODEL, [0.3, 0.1j], 5.0, dt=0.01, save=lp.every(1.0))
    assert out.psi.dims == ("time", "site")
    assert abs(out.psi[-1].values - reference(MODEL, [0.3, 0.1j], 5.0)).max() < STEPS
    adaptive = lp.evolve(MODEL, [0.3, 0.1j], 5.0, tol=1e-8)
    assert abs(adaptive.psi[-1].values - reference(MODEL, [0.3, 0.1j], 5.0)).max() < STEPS


def test_it_is_resumed_bit_for_bit(tmp_path):
    class Interrupted(Exception):
        pass

    def stop(frame):
        raise Interrupted

    options = {"dt": 0.01, "save": lp.every(0.5), "out": tmp_path / "out.nc", "checkpoint": tmp_path / "kept"}
    with pytest.raises(Interrupted):
        lp.evolve(MODEL, [0.3, 0.1j], 3.0, callbacks=[(lp.at_times([1.5]), stop)], **options)
    resumed = lp.evolve(MODEL, [0.3, 0.1j], 3.0, **options)
    straight = lp.evolve(MODEL, [0.3, 0.1j], 3.0, dt=0.01, save=lp.every(0.5))
    xr.testing.assert_equal(resumed.load().drop_attrs(), straight.drop_attrs())


def test_its_stationary_state_and_excitations():
    state = lp.steady_state(MODEL)
    psi = state.psi.values
    assert abs(MODEL.stationary_residual(psi, 0.0)).max() < RESIDUAL
    modes = lp.bogoliubov(MODEL, state, k=[0.0, 0.0], vectors=True)
    assert modes.omega.dims == ("mode",)
    assert modes.right.dims == ("nambu", "site", "mode")
    # a small deviation decays at the rate of the slowest mode
    decay = np.linalg.norm(reference(MODEL, psi + 1e-6, 12.0) - psi) / np.linalg.norm(
        reference(MODEL, psi + 1e-6, 8.0) - psi
    )
    assert float(state.growth_rate) == pytest.approx(modes.omega.values.imag.max())
    assert np.log(decay) / 4 == pytest.approx(float(state.growth_rate), abs=0.1)


def test_its_bands_have_no_losses_to_drop():
    bands = lp.bands(MODEL, k=np.zeros((3, 2)))
    assert np.allclose(bands.omega, np.sort(np.linalg.eigvals(MODEL.H)))


def test_it_is_swept(tmp_path):
    found = lp.sweep(lp.steady_state, MODEL, F=[0.5, 1.0, 2.0], store=tmp_path)
    assert found.psi.dims == ("F", "site")
    assert np.allclose(found.sel(F=1.0).psi, lp.steady_state(MODEL).psi)


def test_what_it_lacks_is_said():
    with pytest.raises(TypeError, match=r"model is a TwoModes; give .*model\.Cuttable asks for: \['cut_ribbon'"):
        lp.ribbon(MODEL, width=3)
    with pytest.raises(TypeError, match="abstract"):
        type("Incomplete", (Evolvable,), {})()
    check_model(lp.Network(lp.lattice.honeycomb(), lp.Site(p=0.1, a=1, g=1), 1.0), Cuttable)
