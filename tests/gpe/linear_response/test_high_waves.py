"""Waves far above the condensate that gain drives where nothing damps them."""

import json

import numpy as np
import pytest
import xarray as xr
from field_cases import cosines, ferromagnet, honeycomb, smooth

import latticepol as lp
from latticepol.gpe.linear_response import high_waves

#: u alone against u and v: what B does to waves this high, of the order of abs(B)^2 over the energy.
ALONE = 5e-3
#: What the windows leave out, and u alone.
BETWEEN = 1e-3


def dense_growth(model, state, above):
    """From the matrix of all points, u and v, where waves of the same energy meet and where they are said to grow."""
    L = model.bogoliubov_matrix(state.psi.values, float(state.mu), None)
    k = high_waves.places(model.reciprocal)
    if "k_fastest" in state:
        k = np.concatenate([k, state.k_fastest.values[None]])
    w = np.linalg.eigvals(L.matrix(k))
    return w.imag[w.real > above].max()


def high_growth(model, state, above):
    return model.linear_problem(state.psi.values, float(state.mu)).high_growth(above)[0]


@pytest.mark.parametrize(
    ("B", "corners"),
    [([[1.0, 0.0], [0.0, 1.0]], 0), ([[1.0, 0.0], [0.5, 0.75**0.5]], 0), ([[1.3, 0.1], [-0.4, 0.9]], 2)],
)
def test_three_waves_meet_at_the_corners_of_any_zone(B, corners):
    """Those of square and hexagonal zones are among the places of any cell."""
    found = high_waves.places(np.array(B))
    i, j = np.meshgrid(*[np.arange(-3, 4)] * 2)
    G = np.stack([i.ravel(), j.ravel()], axis=1) @ np.array(B)
    distances = np.sort(np.linalg.norm(found[:, None] - G, axis=-1), axis=1)
    assert len(found) == 8 + corners
    assert np.allclose(distances[8:, 0], distances[8:, 2])
    assert (np.isclose(distances[:, 0], distances[:, 2])).sum() >= (1 if B[1] == [0.0, 1.0] else 2)


@pytest.fixture(scope="module")
def grating():
    """Pumped with stripes much finer than the condensate, which feels their mean."""
    model = honeycomb(10)
    x, y = model.grid.points
    b1 = model.reciprocal[0]
    fine = 2 * np.cos(4 * (b1[0] * x + b1[1] * y))
    model = model.replace(W=1.1 - cosines(model.grid) / 4 + fine)
    return model, lp.steady_state(model, ferromagnet(model), relax=20.0)


def test_a_grating_of_gain_drives_the_standing_waves_that_it_scatters(grating):
    model, state = grating
    assert not bool(state.stable)
    dense = dense_growth(model, state, 30.0)
    assert float(state.growth_rate) == pytest.approx(dense, abs=ALONE)
    assert json.loads(state.certificate)["fastest"]["kind"] == "high wave"
    assert dense > 0.1


def test_momentum_damping_stops_them(grating):
    model, state = grating
    damped = model.replace(nu=0.01)
    assert bool(lp.steady_state(damped, state).stable)


@pytest.mark.slow  # those of a grating: above
def test_uniform_gain_drives_what_no_condensate_saturates():
    """In deep wells the waves above the barriers keep the gain that the condensate leaves."""
    model = honeycomb(9, depth=30.0, gain=0.6, nu=0.05)
    state = lp.steady_state(model, ferromagnet(model), relax=20.0, stability=False)
    for share in (0.5, 0.0):  # of the gain that is in the wells
        model = model.replace(W=1.8 - share * (2 * cosines(model.grid) / 3 + 0.9))
        state = lp.steady_state(model, state, stability=False)
    assert bool(lp.steady_state(model, state).stable)
    for nu in (0.01, 0.0):
        state = lp.steady_state(model.replace(nu=nu), state, stability=nu == 0.0)
    assert not bool(state.stable)
    dense = dense_growth(model.replace(nu=0.0), state, 100.0)
    assert dense > 0.2


@pytest.mark.parametrize("seed", [1, pytest.param(3, marks=pytest.mark.slow)])
def test_they_are_the_modes_of_the_whole_matrix(seed):
    """Any gain, any spinor, TE-TM splitting: no mode is lost between the windows."""
    model = honeycomb(9)
    gain = 3 * smooth(model.grid, seed)[0].real
    # damped a little, since at the end of the band there are waves of the grid that no scalar mode has
    model = model.replace(W=gain, Gamma=1.0, nu=0.001)
    state = xr.Dataset({"psi": (("spin", "y", "x"), 0.5 * smooth(model.grid, seed + 5)), "mu": -3.0})
    assert high_growth(model, state, 40.0) == pytest.approx(dense_growth(model, state, 40.0), abs=BETWEEN)


@pytest.fixture(scope="module")
def corner():
    """Gain with the three shortest cosines drives most where three waves meet, at K, and losses stop all but those."""
    lattice = lp.lattice.triangular()
    grid = lp.Grid.cell(lattice, 8)
    x, y = grid.points
    rows = [*lattice.reciprocal, lattice.reciprocal[0] + lattice.reciprocal[1]]
    assert np.ptp(np.linalg.norm(rows, axis=1)) < 1e-9
    W = 1.05 + 0.4 * sum(np.cos(q[0] * x + q[1] * y) for q in rows)
    mass = 0.5 * (4 * np.pi / 3) ** 2 / 25  # k^2/2m at K is 25
    terms = [lp.Kinetic(mass, nu=0.0048), lp.Splitting(0.1, 0.02), lp.Gain(W, 1.0, 1.0), lp.Interaction(0.1, 0.0)]
    model = lp.SpinorGPE(grid, terms)
    start = 0.2 * np.ones((2, 8, 8)) * np.array([1, -1])[:, None, None] + 0j
    return model, lp.steady_state(model, start, relax=200.0)


@pytest.mark.slow
@pytest.mark.parametrize("count", [5, 9])
def test_a_larger_cell_is_as_unstable(corner, count):
    """5 x 5 cells are searched with matrices, where K is high up; 9 x 9 are a box that is followed in time, as those of
    test_propagator.py."""
    model, state = corner
    assert float(state.growth_rate) == pytest.approx(dense_growth(model, state, 0.0), abs=1e-6)
    larger = lp.steady_state(model.supercell(count), model.tile(state.psi.values, count))
    assert not bool(larger.stable)
    assert float(larger.growth_rate) == pytest.approx(float(state.growth_rate), rel=1e-3)
