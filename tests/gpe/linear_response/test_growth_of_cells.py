"""The growth rate of random fields on cells against the full spectra of all plane waves."""

import numpy as np
import pytest
from field_cases import smooth

import latticepol as lp
from latticepol import topology
from latticepol.lattice import Lattice
from latticepol.stationary.growth import growth_rate

#: What scalar modes leave out of a rate: waves far above the condensate, of which u alone is kept.
TRUNCATED = 5e-3


def drawn(seed):
    """A field on 8 x 8 points of a square, triangular or oblique cell, with gain or a reservoir, some damped."""
    rng = np.random.default_rng(seed)
    oblique = Lattice([[rng.uniform(1, 3), 0], [rng.uniform(-1, 1), rng.uniform(1, 3)]], [[0.0, 0.0]], [(0, 0, 1, 0)])
    grid = lp.Grid.cell([lp.lattice.square(), lp.lattice.triangular(), oblique][seed % 3], 8)
    V, W = (amplitude * smooth(grid, seed + i)[0].real for i, amplitude in enumerate(rng.uniform(0, [2.0, 0.4])))
    gain = rng.uniform(1.1, 2.5)
    pumped = lp.Gain(gain + W, 1.0, 1.0)
    if rng.random() < 0.4:
        pumped = lp.Reservoir(2 * gain, R=1.0, Gamma_R=rng.uniform(1, 3), Gamma=1.0, g_R=rng.uniform(0, 0.4))
    terms = [
        lp.Kinetic(rng.uniform(0.1, 2), nu=rng.choice([0.0, 0.02, 0.1])),
        lp.TETM(rng.uniform(-0.1, 0.1)),
        lp.Splitting(rng.uniform(0.2, 1), rng.uniform(0.05, 0.5)),
        lp.Zeeman(rng.uniform(0, 0.1)),
        lp.Interaction(rng.uniform(0.3, 3), rng.uniform(-0.3, 0.3)),
        lp.Potential(V),
        pumped,
    ]
    model = lp.SpinorGPE(grid, terms)
    try:
        return model, lp.steady_state(model, rng=seed, stability=False)
    except lp.ConvergenceError:
        return None


def fastest(model, state, k):
    """Of all plane waves at k (n, 2), in the first zone."""
    psi, mu = state.psi.values, float(state.mu)
    L, k = model.bogoliubov_matrix(psi, mu, None), model.linear_problem(psi, mu).folded(k)[0]
    return np.array([np.linalg.eigvals(L.matrix(one)).imag.max() for one in k])


def check(seed, mesh):
    """Return whether there is a state, and it is stable; None: not known."""
    found = drawn(seed)
    if found is None:
        return None
    model, state = found
    growth = growth_rate(model.linear_problem(state.psi.values, float(state.mu)))
    k = topology.mesh_points(model.reciprocal, mesh)[: mesh // 2 + 1].reshape(-1, 2)
    on_mesh = fastest(model, state, k).max()
    assert growth.rate >= on_mesh - growth.phase_mode - TRUNCATED * max(on_mesh, 1.0), seed
    if growth.rate > 0:
        assert fastest(model, state, np.array([growth.k])) == pytest.approx(growth.rate, abs=TRUNCATED), seed
    if growth.stable(float(state.mu)):
        assert on_mesh <= 1e-8 * (1 + abs(float(state.mu))) + growth.phase_mode, seed
    return growth.stable(float(state.mu))


def test_no_plane_wave_grows_faster():
    assert check(3, 3) is True
    assert check(0, 3) is False


@pytest.mark.slow
@pytest.mark.parametrize("part", range(5))
def test_no_plane_wave_grows_faster_in_random_cells(part):
    outcome = [check(seed, 24) for seed in range(6 * part, 6 * part + 6)]
    assert any(stable is not None for stable in outcome)


def test_a_slow_reservoir_makes_long_waves_grow():
    """A hole in the condensate fills the reservoir, which pulls it apart: a mode of norm 0 between both branches."""
    terms = [lp.Kinetic(0.5, nu=0.02), lp.Splitting(0.3, 0.1), lp.Interaction(0.2)]
    reservoir = lp.Reservoir(0.2, R=1.0, Gamma_R=0.1, Gamma=1.0, g_R=0.4)
    model = lp.SpinorGPE(lp.Grid.rectangle((3.0, 3.0), (6, 6)), [*terms, reservoir])
    start = np.array([0.3, -0.3])[:, None, None] * np.ones((2, 6, 6), complex)
    state = lp.steady_state(model, start, relax=0.0)
    k = np.linspace(0, np.pi / 3, 40)[:, None] * [1.0, 0.0]
    along = fastest(model, state, k).max()
    assert along > 0.04
    assert along <= float(state.growth_rate) < along + 1e-3
    assert fastest(model, state, state.k_fastest.values[None]) == pytest.approx(float(state.growth_rate), abs=1e-6)
    assert not state.stable
