"""The growth rate from evolutions is that of the matrix of all plane waves."""

from dataclasses import replace

import numpy as np
import pytest
from field_cases import ferromagnet, honeycomb

import latticepol as lp
from latticepol.gpe.linear_response.problem import FieldProblem
from latticepol.gpe.linear_response.propagator import EvolutionSearch
from latticepol.stationary.growth import growth_rate

#: Accuracy of Arnoldi's method (1e-5 in exp(-i w T), T of the order of 1) and of steps of fourth order.
NEAR = 1e-3
GRID = lp.Grid.rectangle((6.0, 5.0), (12, 10))
X, Y = GRID.points
HILL = np.cos(2 * np.pi * X / 6.0) + 0.5 * np.sin(2 * np.pi * Y / 5.0)
COMMON = [lp.Kinetic(0.5, nu=0.1), lp.Splitting(0.6, 0.2), lp.TETM(0.1), lp.Zeeman(0.3), lp.Potential(HILL)]


def dense(model, psi, mu):
    return np.linalg.eigvals(model.bogoliubov_matrix(psi, mu, None).matrix(np.zeros(2))).imag.max()


@pytest.fixture(autouse=True)
def _every_box_is_large(monkeypatch):
    monkeypatch.setattr(FieldProblem, "limits", replace(FieldProblem.limits, large=0))


def by_evolution(model, state):
    return growth_rate(model.linear_problem(state.psi.values, float(state.mu)))


def unstable(gain, interaction):
    """A stationary field that is not stable: anti-aligned spins far above the pitchfork, found by Newton's method."""
    model = lp.SpinorGPE(GRID, [*COMMON, *gain, *interaction])
    psi = np.array([1.0, -1.0])[:, None, None] * (1.2 - 0.3 * HILL) * (1 + 0j)
    return model, lp.steady_state(model, psi, relax=0.0, stability=False)


RESERVOIR = lp.Reservoir(6.0 - HILL, R=1.0, Gamma_R=1.5, Gamma=1.0, g_R=0.3, g_cross=-0.1, tau_s=2.0)


@pytest.mark.parametrize(
    ("gain", "interaction"),
    [
        ([lp.Gain(3.0 - 0.5 * HILL, 1.0, 1.0)], [lp.Interaction(2.0, -0.2)]),
        ([RESERVOIR], [lp.Interaction(2.0)]),
    ],
)
def test_an_unstable_field_grows_as_the_matrix_says(gain, interaction):
    model, state = unstable(gain, interaction)
    psi, mu = state.psi.values, float(state.mu)
    expected = dense(model, psi, mu)
    assert expected > 0.1
    found = by_evolution(model, state)
    assert found.rate == pytest.approx(expected, abs=NEAR)
    assert found.basis is None
    assert 0 < found.phase_mode < NEAR


def test_a_driven_field_has_no_phase_mode():
    model = lp.SpinorGPE(GRID, [*COMMON, lp.Gain(0.0, 0.4), lp.Interaction(1.0), lp.Drive(0.6, omega=1.4)])
    state = lp.steady_state(model, np.ones((2, *GRID.shape), complex), relax=30.0, stability=False)
    expected = dense(model, state.psi.values, 1.4)
    found = by_evolution(model, state)
    assert expected < 0
    assert found.rate == pytest.approx(expected, abs=NEAR)


@pytest.mark.slow  # that evolutions find the rate of the matrix: above
def test_a_stable_field_has_the_growth_rate_of_its_phase_mode(monkeypatch):
    """Waves that are not damped are followed in steps short enough that these do not amplify them."""
    model = honeycomb(8)
    monkeypatch.setattr(FieldProblem, "evolution", EvolutionSearch(time=1.0))  # and more of them
    state = lp.steady_state(model, ferromagnet(model), relax=40.0)
    assert float(state.growth_rate) <= float(state.phase_mode) < NEAR
    assert bool(state.stable)
    assert "basis" not in state.attrs


def test_what_is_not_found_is_nan(monkeypatch):
    model = honeycomb(8)
    state = lp.steady_state(model, ferromagnet(model), relax=40.0, stability=False)
    monkeypatch.setattr(FieldProblem, "evolution", EvolutionSearch(restarts=1, accuracy=1e-12, time=0.1))
    assert np.isnan(by_evolution(model, state).rate)
    again = lp.steady_state(model, state)
    assert np.isnan(float(again.growth_rate))
    assert "stable" not in again
