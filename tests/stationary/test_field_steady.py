"""Stationary states of fields: what they are, how they are followed, how the search fails."""

import numpy as np
import pytest
from field_cases import cosines, ferromagnet, honeycomb

import latticepol as lp

#: What Newton's method is asked for, and how far a state or its frequency may be off then: that over the rate at which
#: the slowest deviation grows or decays, 0.065 where it is smallest here.
RESIDUAL, EXACT = 1e-10, 1e-8
#: Of the intensity: the square of what transforms leave, 1e-16, where there should be nothing.
NOTHING = 1e-20
BOX = lp.Grid.rectangle((3.0, 2.0), (8, 6))


@pytest.fixture(scope="module")
def lattice():
    model = honeycomb(8)
    return model, lp.steady_state(model, ferromagnet(model), relax=40.0)


def test_the_ferromagnetic_lattice(lattice):
    _, state = lattice
    assert state.status == "converged"
    assert float(state.residual) < RESIDUAL
    assert bool(state.stable)
    assert float(state.growth_rate) == 0
    assert 0 < float(state.phase_mode) < 1e-3
    S_z = lp.stokes(state).S_z
    assert float(S_z.max()) > 0.3
    assert float(S_z.min()) > -1e-6


@pytest.fixture(scope="module")
def few_points():
    grid = lp.Grid.rectangle((4.0, 4.0), (4, 4))
    model = lp.SpinorGPE(grid, [lp.Kinetic(1.0), lp.Gain(1.5, 1.0, 1.0), lp.Interaction(1.0)])
    return model, lp.steady_state(model, np.ones((2, 4, 4)))


@pytest.mark.parametrize("call", [
    lambda m, s: lp.bands(m, k=[[0.1, 0.0]]),
    lambda m, s: lp.bogoliubov(m, s, k=[[0.1, 0.0]]),
    lambda m, s: lp.bogoliubov(m, s, k=[[0.1, 0.0]], near=0.5, modes=2),
    lambda m, s: lp.gap(m, s, below=2, mesh=4),
    lambda m, s: lp.gap(m, below=2, mesh=4),
    lambda m, s: lp.chern(m, below=2, mesh=4, closed="nan"),
])  # fmt: skip
def test_a_grid_of_few_points_has_as_many_modes_as_it_has(call, few_points):
    """The basis that nobody asked for has 16 modes, of which 4 x 4 points have 9."""
    call(*few_points)


def test_a_basis_of_more_modes_than_points_is_refused(few_points):
    model, _ = few_points
    with pytest.raises(ValueError, match="basis must be an integer from 1 to 9"):
        lp.bands(model, k=[[0.0, 0.0]], basis=16)
    with pytest.raises(lp.ConvergenceError, match=r"largest Im w = -0\.25\); raise the gain, W of lp\.Gain .* 0\.5$"):
        lp.steady_state(model.replace(W=0.5), np.ones((2, 4, 4)))


def _below(model):
    with pytest.raises(lp.ConvergenceError, match="raise the gain") as caught:
        lp.steady_state(model, 1e-3 * np.ones((2, *model.grid.shape)), relax=1.0)
    return str(caught.value)


def test_the_threshold_of_a_spot_is_that_of_all_plane_waves():
    """Six modes and sixteen are off by a tenth; twice the missing gain is the least that a uniform one must add."""
    grid = lp.Grid.rectangle((12.0, 12.0), (16, 16))
    x, y = grid.points
    spot = 0.5 * np.exp(-(x**2 + y**2) / 4)
    model = lp.SpinorGPE(grid, [lp.Kinetic(1.0), lp.Splitting(0.06, 0.006), lp.Gain(spot, 0.132, 0.1)])
    exact = np.linalg.eigvals(model.bloch_hamiltonian(True, None).matrix(np.zeros(2))).imag.max()
    rough = np.linalg.eigvals(model.bloch_hamiltonian(True, 6).matrix(np.zeros(2))).imag.max()
    assert abs(rough / exact - 1) > 0.03
    text = _below(model)
    assert f"largest Im w = {exact:.4g});" in text
    missing = float(text.split("by more than ")[1])
    assert missing == pytest.approx(-2 * exact, rel=1e-3)
    above = model.replace(W=spot + missing)
    assert abs(np.linalg.eigvals(above.bloch_hamiltonian(True, None).matrix(np.zeros(2))).imag.max()) < 1e-3 * missing


@pytest.mark.slow  # of a smaller one: above
def test_the_threshold_of_a_large_cell_tells_its_error():
    """Of scalar modes, more and more of them, until the digits that are shown stay."""
    grid = lp.Grid.rectangle((12.0, 12.0), (20, 20))
    x, y = grid.points
    spot = 0.5 * np.exp(-(x**2 + y**2) / 4)
    model = lp.SpinorGPE(grid, [lp.Kinetic(1.0), lp.Splitting(0.06, 0.006), lp.Gain(spot, 0.132, 0.1)])
    exact = np.linalg.eigvals(model.bloch_hamiltonian(True, None).matrix(np.zeros(2))).imag.max()
    rate, error = model.vacuum_growth()
    assert abs(rate - exact) <= error + 1e-4 * abs(exact)
    assert error < 1e-3 * abs(exact)


def test_the_threshold_of_a_reservoir_names_its_pump():
    """Uniform: R P/Gamma_R = Gamma."""
    model = lp.SpinorGPE(BOX, [lp.Kinetic(1.0, nu=0.05), lp.Reservoir(0.5, 0.8, 2.0, 0.4, 0.3, 0.1)])
    text = _below(model)
    assert "raise the gain, P of lp.Reservoir everywhere, by more than" in text
    assert 0.5 + float(text.split("by more than ")[1]) == pytest.approx(0.4 * 2.0 / 0.8, rel=1e-3)


def test_a_stationary_state_turns_with_mu(lattice):
    model, state = lattice
    later = lp.evolve(model, state, 0.5, dt=0.01, progress=False).psi.values[-1]
    assert abs(later - state.psi.values * np.exp(-0.5j * float(state.mu))).max() < 1e-5


def test_parameters_are_followed_without_relaxation(lattice):
    model, state = lattice
    near = lp.steady_state(model.replace(Delta=0.02), state)
    back = lp.steady_state(model, near, stability=False)
    overlap = np.vdot(back.psi.values, state.psi.values)
    phase = overlap / abs(overlap)
    assert abs(phase * back.psi.values - state.psi.values).max() < 1e-8
    assert float(near.mu) != float(state.mu)
    quick = lp.steady_state(model.replace(Delta=0.02), state, stability=False)
    assert np.array_equal(quick.psi.values, near.psi.values)
    assert np.isnan(float(quick.growth_rate))
    assert "stable" not in quick
    assert float(lp.gap(model.replace(Delta=0.02), quick, below=2, basis=3, mesh=5).growth_rate) < 0.01
    again = lp.steady_state(model, state, stability=False)
    assert np.array_equal(again.psi.values, state.psi.values)


def test_a_uniform_field_is_the_single_condensate():
    terms = [lp.Kinetic(1.0), lp.Splitting(1.0, 0.1), lp.Zeeman(0.01), lp.Gain(1.4, 1.0, 1.0), lp.Interaction(2.28)]
    model, site = lp.SpinorGPE(BOX, terms), lp.Site(p=0.4, a=2.28, g=0.1, delta=0.01)
    spin = np.array([0.9, -0.3])[:, None, None] * np.ones(BOX.shape, complex)
    S = lp.stokes(lp.steady_state(model, spin, relax=300.0, stability=False))
    found = np.array([float(S[name].mean()) for name in ("S_x", "S_y", "S_z")])
    fixed = lp.fixed_points(site).pseudospin.values
    assert np.nanmin(abs(fixed - found).max(axis=-1)) < EXACT


def test_noise_finds_a_state_and_repeats_it():
    terms = [lp.Kinetic(1.0, nu=0.3), lp.Splitting(1.0, 1.0), lp.Gain(2.0, 1.0, 1.0), lp.Interaction(0.5)]
    model = lp.SpinorGPE(BOX, terms)
    first = lp.steady_state(model, rng=3, stability=False)
    assert first.attrs["seed"] == 3
    assert np.array_equal(first.psi.values, lp.steady_state(model, rng=3, stability=False).psi.values)
    both = lp.steady_state(model, ["noise", first], rng=3, stability=False)
    assert both.psi.dims == ("start", "spin", "y", "x")
    assert both.status == ["converged", "converged"]


@pytest.mark.slow  # the test above, in a lattice
def test_a_damped_lattice_settles_from_any_noise():
    model = honeycomb(8, gain=0.0, nu=0.05)
    first, second = (lp.steady_state(model, rng=seed, stability=False) for seed in (1, 2))
    assert float(first.mu) == pytest.approx(float(second.mu), abs=EXACT)


def test_noise_holds_only_waves_that_the_potential_can():
    model = honeycomb(16)
    white = np.abs(np.fft.fft2(model.start("noise", 1))) ** 2
    kx, ky = model.grid.wavevectors
    c = cosines(model.grid)
    high = 1.4 * (kx**2 + ky**2) > np.ptp(11.2 * c) - 0.38 - 2 / 3 * c.min()
    assert white[:, high].max() < NOTHING * white.max()
    assert white[:, ~high].min() > 1e-6 * white.max()


def test_a_resonant_drive_has_no_free_frequency():
    """One spin, linear: psi = F/(omega - E + i Gamma/2); mu is omega."""
    F, omega, Gamma, E = 0.3 + 0.1j, 0.8, 0.5, 0.45
    terms = [lp.Kinetic(1.0), lp.Potential(E), lp.Gain(0.0, Gamma), lp.Drive(F, omega=omega)]
    model = lp.SpinorGPE(BOX, terms)
    state = lp.steady_state(model, np.ones((2, *BOX.shape), complex), relax=0.0)
    assert float(state.mu) == omega
    assert abs(state.psi.values - F / (omega - E + 0.5j * Gamma)).max() < EXACT
    assert float(state.growth_rate) == pytest.approx(-Gamma / 2, abs=EXACT)


RESERVOIR = lp.Reservoir(2.0, R=1.0, Gamma_R=1.5, Gamma=1.0, g_R=0.3, g_cross=-0.1, tau_s=2.0)


def test_a_reservoir_stays_next_to_its_field():
    """n = P/(Gamma_R + R |psi_s|^2) and R n = Gamma - gamma where both spins are equal."""
    model = lp.SpinorGPE(BOX, [lp.Kinetic(1.0), lp.Splitting(0.4, 0.2), lp.Interaction(0.1, 0.05), RESERVOIR])
    psi = np.array([1.0, -1.0])[:, None, None] * np.ones(BOX.shape, complex)
    state = lp.steady_state(model, psi, relax=0.0, stability=False)
    n, number = state.reservoir.values, abs(state.psi.values) ** 2
    assert abs(n - (1.0 - 0.2)).max() < EXACT
    assert abs(n * (1.5 + number) - 2.0).max() < EXACT
    later = lp.evolve(model, state, 1.0, dt=0.01, progress=False)
    assert abs(later.reservoir.values[-1] - n).max() < 1e-6
    assert abs(abs(later.psi.values[-1]) ** 2 - number).max() < 1e-6


def test_a_search_that_dies_says_so():
    model = lp.SpinorGPE(BOX, [lp.Kinetic(1.0), lp.Gain(0.5, 1.0, 1.0)])
    with pytest.raises(lp.ConvergenceError, match="the search fell to the vacuum: below threshold") as error:
        lp.steady_state(model, np.ones((2, *BOX.shape), complex))
    assert error.value.result.status == "failed"
    assert abs(error.value.result.psi.values).max() < 1e-3


def test_a_limit_cycle_has_no_stable_state():
    """At a = 40, g = 3, p = -1.5 the single condensate has no stable state: docs/physics.md, section 2."""
    terms = [lp.Splitting(1.0, 3.0), lp.Gain(1.0, 2.5, 1.0), lp.Interaction(40.0)]
    model = lp.SpinorGPE(BOX, terms)
    psi = np.array([0.5, -0.45])[:, None, None] * np.ones(BOX.shape, complex)
    try:
        state = lp.steady_state(model, psi, relax=40.0)
    except lp.ConvergenceError as error:
        state = error.result
    assert "still moving at t = 40" in state.message
    model_text = "without momentum damping, lp.Kinetic(nu=...), high bands may grow too"
    assert model.convergence_hint.endswith(model_text)
    assert model.replace(terms=[*terms, lp.Kinetic(1.0, nu=0.1)]).convergence_hint == ""
    assert not bool(state.stable)


@pytest.mark.parametrize(
    ("terms", "message"),
    [
        ([lp.Potential(lambda x, y, t: x * t)], r"V must be constant.*depends on time"),
        ([lp.Gain(np.ones((3, 1, 1)), 1.0, 1.0)], r"W has batch axes, its shape is \(3, 1, 1\)"),
        ([lp.Zeeman(np.ones((3, 1, 1)))], "Zeeman has batch axes"),
        ([lp.Drive(1.0, omega=1.0), lp.Drive(1.0, omega=2.0)], r"the drives have the frequencies \[1.0, 2.0\]"),
        ([lp.Drive(lp.pumps.uniform(1.0) * lp.pumps.pulse(0.0, fwhm=1.0))], "the amplitude F of the drive depends on"),
        ([lp.Reservoir(1.0, R=1.0, Gamma_R=0.0)], "the reservoir grows without bound"),
    ],
)
def test_what_has_no_stationary_state(terms, message):
    model = lp.SpinorGPE(BOX, [lp.Kinetic(1.0), *terms])
    with pytest.raises(ValueError, match=message):
        lp.steady_state(model, np.zeros((2, *BOX.shape), complex), relax=0.0)


def test_bad_arguments():
    with pytest.raises(TypeError, match=r"terms is the single term Kinetic\(.*\); give a list, \[Kinetic"):
        lp.SpinorGPE(BOX, lp.Kinetic(1.0))
    model = lp.SpinorGPE(BOX, [lp.Kinetic(1.0), lp.Gain(1.2, 1.0, 1.0)])
    with pytest.raises(ValueError, match=r"the start must be 'noise' or an array \(2, 6, 8\); got 'aligned'"):
        lp.steady_state(model, ["aligned"])
    with pytest.raises(TypeError, match=r"model is a Grid; give a lp\.Network or a lp\.SpinorGPE"):
        lp.steady_state(BOX)
    with pytest.raises(ValueError, match=r"psi0 has the batch axes"):
        lp.steady_state(model, np.ones((3, 2, *BOX.shape), complex))


def patch_of_wells(counts):
    """5 x 5 cells of a honeycomb of pumped wells in a box whose edge absorbs."""
    patch = lp.lattice.honeycomb().patch((5, 5))
    patch = patch.replace(basis=patch.basis - (patch.basis.max(axis=0) + patch.basis.min(axis=0)) / 2)
    wells = lp.pumps.on_sites(lp.pumps.gaussian(1.0, fwhm=0.8), patch)
    terms = [
        lp.Kinetic(1 / 2.8, nu=0.06),
        lp.Splitting(1.0, 1.0),
        lp.TETM(0.2),
        lp.Zeeman(0.05),
        lp.Potential(-30.0 * wells),
        lp.Gain(5.0 * wells, 1.0, 1.0),
        lp.Interaction(2.28),
        lp.Absorber(1.0, 5.0),
    ]
    return lp.SpinorGPE(lp.Grid.rectangle((18.0, 16.0), counts), terms), wells


@pytest.mark.slow
def test_a_large_box():
    """50 sites on 256 x 256 points, from their state on 80 x 64."""
    coarse, wells = patch_of_wells((80, 64))
    spots = np.sqrt(wells.parts(coarse.grid)[0][0])
    start = 0.8 * spots * np.array([1.0, -0.9])[:, None, None] * (1 + 0j)
    settled = lp.steady_state(coarse, start, stability=False)
    state = lp.steady_state(patch_of_wells((256, 256))[0], settled)
    assert float(state.residual) < RESIDUAL
    assert float(state.mu) == pytest.approx(float(settled.mu), abs=1e-4)
    assert bool(state.stable)
    assert abs(lp.stokes(state).S_z).max() > 1


def test_a_coarse_state_starts_a_fine_one(lattice):
    _, state = lattice
    fine = lp.steady_state(honeycomb(12), state, stability=False)
    assert float(fine.mu) == pytest.approx(float(state.mu), abs=1e-3)
    assert fine.sizes["x"] == 12


def test_noise_is_left_out_with_its_half_quantum(lattice):
    model, state = lattice
    noisy = model.replace(terms=[*model.terms, lp.WignerNoise()])
    found = lp.steady_state(noisy, state, stability=False)
    assert np.array_equal(found.psi.values, state.psi.values)
    assert lp.bogoliubov(noisy, found, k=np.zeros(2), basis=4).sizes["mode"] == 16


@pytest.mark.filterwarnings("ignore:no term saturates the gain")
def test_what_the_relaxation_reached_is_kept_where_newton_left_nothing():
    """Gain that nothing saturates has no stationary state but the vacuum, which is not what there was."""
    terms = [lp.Kinetic(1.0), lp.Splitting(1.0, 0.1), lp.Gain(1.05, 1.0, 0.0), lp.Interaction(0.1)]
    model = lp.SpinorGPE(BOX, terms)
    with pytest.raises(lp.ConvergenceError, match=r"fell to the vacuum.* still moving") as error:
        lp.steady_state(model, 0.1 * np.ones((2, *BOX.shape)) + 0j, relax=5.0)
    assert abs(error.value.result.psi.values).max() > 0.01
