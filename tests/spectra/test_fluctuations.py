"""Noise spectra and linear response: Lyapunov's equation, sum rules, closed forms, and what an evolution shows."""

import numpy as np
import pytest
from field_cases import ferromagnet
from field_cases import honeycomb as field_honeycomb
from scipy.linalg import block_diag, solve_continuous_lyapunov
from spectra_cases import honeycomb
from two_modes import TwoModes

import latticepol as lp
from latticepol.pseudospin.equations import jacobian

#: Integrals by the trapezoidal rule, which converges exponentially: what is left is the condition of a spectrum.
INTEGRAL = 1e-8
#: Matrices of a dozen rows are inverted, with conditions of a thousand.
SOLVED = 1e-10
#: The limit on the phase mode: a difference quotient over 1e-7 of the fastest rate, of numbers with 1e-16.
LIMIT = 1e-6
#: Standard errors allowed to a mean of random numbers.
SIGMA = 5
K = np.array([[0.4, 0.3], [-0.9, 0.5], [2.5, -1.0]])
#: A covariance with everything that one may have.
COVARIANCE = np.array([[1.0, 0.3 + 0.2j], [0.3 - 0.2j, 0.7]])


def frequencies(scale, n=4001):
    """Frequencies (n,) and weights of integrals over all of them: omega = scale tan(theta)."""
    theta = np.pi * ((np.arange(n) + 0.5) / n - 0.5)
    return scale * np.tan(theta), np.pi / n * scale / np.cos(theta) ** 2


def integral(values, weights):
    """Over omega; of 1/omega the two ends cancel."""
    return (values * weights[:, None].reshape(-1, *[1] * (values.ndim - 2))).sum(axis=1)


@pytest.fixture(scope="module")
def lattice():
    """Two sites that differ, noise correlated between the spins: model and state."""
    net = honeycomb(p=[0.1, 0.15], delta=[0.05, 0.02], noise=[COVARIANCE, 2 * COVARIANCE.conj()])
    return net, lp.steady_state(net, "aligned")


def covariance(net, state, k, rows):
    """Of signals (m, 8) in the stationary state of their noise, from Lyapunov's equation."""
    L = net.linear_problem(state.psi.values, state.mu.item()).matrix(k)
    D = np.zeros((8, 8), complex)
    for site, one in enumerate(net.noise_covariance):
        D[2 * site :, 2 * site :][:2, :2], D[4 + 2 * site :, 4 + 2 * site :][:2, :2] = one, one.conj()
    return np.einsum("ja,ab,jb->j", rows, solve_continuous_lyapunov(-1j * L, -D), rows.conj()).real


def test_the_integral_is_the_solution_of_the_lyapunov_equation(lattice):
    net, state = lattice
    omega, weights = frequencies(8.0)
    found = lp.response(net, state, k=K, omega=omega)
    assert found.spectral_density.dims == ("k", "omega", "spin")
    assert (found.spectral_density > 0).all()
    assert (found.stokes_noise > 0).all()
    waves = np.zeros((2, 2, 2, 2))  # rows: spin, of u or v, site, spin
    waves[[0, 1], 0, :, [0, 1]] = 0.5**0.5
    plus, minus = state.psi.values.T
    bra = 0.5**0.5 / 2 * np.array([[plus, minus], [minus, plus], [-1j * minus, 1j * plus], [plus, -minus]]).conj()
    stokes = np.stack([bra, bra.conj()], axis=1).swapaxes(2, 3)
    for i, k in enumerate(K):
        for name, rows in (("spectral_density", waves), ("stokes_noise", stokes)):
            expected = covariance(net, state, k, rows.reshape(-1, 8))
            assert np.allclose(integral(found[name].values[[i]], weights)[0], expected, rtol=INTEGRAL, atol=0)


def test_stokes_components_are_real_fields(lattice):
    """Their noise at (k, omega) is that at (-k, -omega), and differs from that at (-k, omega)."""
    net, state = lattice
    omega = np.linspace(-9, 9, 37)
    there, back = (lp.response(net, state, k=k, omega=omega).stokes_noise.values for k in (K, -K))
    assert np.allclose(there, back[:, ::-1], rtol=SOLVED, atol=0)
    assert not np.allclose(there, back, rtol=0.01)


def test_the_response_has_its_sum_rule_and_is_causal(lattice):
    """chi -> 1/omega, so that int -Im chi = pi; u and v are analytic above the axis (Kramers and Kronig)."""
    net, state = lattice
    omega, weights = frequencies(8.0)
    chi = lp.response(net, state, k=K, omega=omega, probe=True).response
    assert chi.dims == ("k", "omega", "nambu", "spin", "probe")
    u, v = chi.sel(nambu="u").values, chi.sel(nambu="v").values
    assert np.allclose(integral(u, weights).imag, -np.pi * np.eye(2), rtol=0, atol=INTEGRAL * 10)
    assert np.abs(integral(v, weights)).max() < INTEGRAL * 10
    assert np.abs(v).max() > 0.01
    z = 0.7 + 1.3j  # Cauchy's integral over the axis
    cauchy = integral(u / (omega - z)[:, None, None], weights) / (2j * np.pi)
    exact = net.linear_problem(state.psi.values, state.mu.item()).matrix(K)
    waves = np.zeros((2, 8))
    waves[[0, 0, 1, 1], [0, 2, 1, 3]] = 0.5**0.5
    assert np.allclose(cauchy, waves @ np.linalg.inv(z * np.eye(8) - exact) @ waves.T, rtol=0, atol=INTEGRAL * 10)


# one site


def single(site):
    return lp.Network(lp.lattice.square().patch((1, 1)), site, J=1.0)


@pytest.mark.parametrize("delta", [0.1, 0.0])
def test_one_site_is_the_langevin_equation_of_the_pseudospin(delta):
    """White noise of strength D is noise of strength D s of every component of s: D s |(-i omega - J)^-1|^2."""
    site, D, omega = lp.Site(p=0.5, a=2.28, g=0.3, delta=delta), 0.01, np.linspace(-3, 3, 61)
    state = lp.steady_state(single(site), "aligned")
    pseudospin = state.pseudospin.values[0]
    found = lp.response(single(site), state, k=[0.0, 0.0], omega=omega, noise=D)
    J = jacobian(pseudospin, site.p, site.a, site.g, site.delta)
    G = np.linalg.inv(-1j * omega[:, None, None] * np.eye(3) - J)
    expected = D * np.linalg.norm(pseudospin) * (np.abs(G) ** 2).sum(axis=-1) / (2 * np.pi)
    assert np.allclose(found.stokes_noise.sel(stokes=["S_x", "S_y", "S_z"]), expected, rtol=LIMIT, atol=0)
    phase = found.omega == 0.0
    assert np.isinf(found.spectral_density.values[phase]).all()
    assert np.isfinite(found.spectral_density.values[~phase]).all()


def test_spin_noise_of_the_linear_state_is_two_lorentzians():
    """At +-Omega, of the half width gamma_p of lp.precession: Glazov et al., PRB 88, 041309 (2013), for a condensate.

    D s (1 + g^2 + omega^2)/|(g - i omega)^2 + Omega^2|^2, Omega^2 = 1 - a s, is the sum of both and of a
    dispersive part, which is small where they are narrow.
    """
    site, D = lp.Site(p=0.1, a=1.5, g=0.05, delta=0.0), 0.01
    state = lp.steady_state(single(site), "linear")
    found = lp.precession(site)
    Omega, g, s = found.Omega.item(), found.gamma_p.item(), site.p + site.g
    assert (Omega, g) == pytest.approx(((1 - site.a * s) ** 0.5, site.g), rel=SOLVED)
    omega = np.linspace(-2, 2, 401)
    noise = lp.response(single(site), state, k=[0.0, 0.0], omega=omega, noise=D).stokes_noise
    exact = D * s * (1 + g**2 + omega**2) / abs((g - 1j * omega) ** 2 + Omega**2) ** 2 / (2 * np.pi)
    assert np.allclose(noise.sel(stokes="S_z"), exact, rtol=LIMIT, atol=0)
    variance = D * s * (1 + Omega**2) / (4 * Omega**2 * g)
    lines = sum(variance * g / (2 * np.pi) / ((omega - sign * Omega) ** 2 + g**2) for sign in (1, -1))
    assert np.abs(noise.sel(stokes="S_z") - lines).max() < g * lines.max()


# fields


def test_a_uniform_field_is_a_network_at_the_same_energy():
    """k^2/2m for J (4 - 2 cos kx - 2 cos ky): spectrum, Stokes noise and response, also outside of the first zone."""
    site, D, J = lp.Site(p=0.3, a=2.0, g=0.8, delta=0.1, a2=-0.3), 0.01, 1.5
    net = lp.Network(lp.lattice.square(), site, J=J)
    state = lp.steady_state(net, "aligned")
    terms = [lp.Kinetic(0.5), lp.Splitting(1.0, 0.8), lp.Zeeman(0.1), lp.Gain(1.3, 1.0, 1.0), lp.Interaction(1.7, -0.3)]
    field = lp.SpinorGPE(lp.Grid.rectangle((2.0, 2.0), (6, 6)), terms)
    psi = np.multiply.outer(state.psi.values[0], np.ones(field.grid.shape))
    uniform = lp.steady_state(field, psi, relax=0.0)
    k = np.array([[0.8, 0.3], [1.9, -0.4], [-2.0, 1.3]])  # the first zone ends at pi/2
    energy = J * (4 - 2 * np.cos(k).sum(axis=1))
    waves = np.sqrt(energy)[:, None] * k / np.linalg.norm(k, axis=1)[:, None]
    assert (abs(waves) > np.pi / 2).any()
    options = {"omega": np.linspace(-6, 6, 49), "noise": D, "probe": True}
    expected = lp.response(net, state, k=k, **options)
    for basis in (None, 16):
        found = lp.response(field, uniform, k=waves, basis=basis, **options)
        for name in ("spectral_density", "stokes_noise", "response"):
            assert np.allclose(found[name], expected[name], rtol=1e-7, atol=1e-9)


def dissipative(noise=True, **changes):
    """An empty cell of wells below threshold with all losses: gain, dichroism, momentum damping, an absorber."""
    grid = lp.Grid.rectangle((3.0, 2.0), (9, 6))
    terms = [
        lp.Kinetic(0.7, 0.1), lp.Splitting(0.4, 0.5), lp.TETM(0.1), lp.Zeeman(0.3), lp.Absorber(1.0, 0.8),
        lp.Potential(lambda x, y: np.cos(2 * np.pi * x / 3) + np.sin(np.pi * y)), lp.Gain(0.0, 1.0, 0.3),
    ]  # fmt: skip
    return lp.SpinorGPE(grid, [*terms, *[lp.WignerNoise()] * noise]).replace(**changes)


@pytest.mark.parametrize("basis", [None, 9])
def test_losses_keep_half_a_quantum_in_every_wave(basis):
    """Wigner noise without gain: fluctuation and dissipation balance mode by mode, in any basis to rounding."""
    omega, weights = frequencies(5.0)
    found = lp.response(
        dissipative(), None, k=[[0.0, 0.0], [0.4, -0.7], [1.7, -0.7]], omega=omega, basis=basis, probe=True
    )
    dissipated = -np.einsum("kwss->kws", found.response.values).imag / (2 * np.pi)
    assert np.allclose(found.spectral_density, dissipated, rtol=0, atol=SOLVED)  # at every frequency
    population = integral(found.spectral_density.values, weights)
    assert np.allclose(population, population[:, :1], rtol=0, atol=INTEGRAL)
    assert "stokes_noise" not in found
    if basis is None:
        assert np.allclose(population, 0.5, rtol=0, atol=INTEGRAL)
    else:  # what of a plane wave is in the basis
        assert (population < 0.5 + INTEGRAL).all()
        assert (population[:2] > 0.45).all()  # the third is outside of the first zone
        assert (population[2] > 0.1).all()
    assert (found.spectral_density > 0).all()


def test_a_detector_counts_what_gain_brings():
    """W/(Gamma +- gamma - W) in the two linear polarisations: the vacuum is half of the spectral function of u."""
    terms = [lp.Kinetic(1.0), lp.Splitting(0.5, 0.3), lp.Gain(0.2, 1.0), lp.WignerNoise()]
    model = lp.SpinorGPE(lp.Grid.rectangle((4.0, 4.0), (4, 4)), terms)
    omega, weights = frequencies(1.0)
    found = lp.response(model, None, k=[[0.5, 0.0]], omega=omega, probe=True)
    own = np.einsum("kwss->kws", found.response.values)
    counted = integral(found.spectral_density.values + own.imag / (2 * np.pi), weights)
    assert np.allclose(counted, (0.2 / 1.1 + 0.2 / 0.5) / 2, rtol=INTEGRAL, atol=0)


def test_a_projection_knows_its_phase_mode():
    """It is not quite at 0: what is as close to 0 counts as on it, and the Stokes components are those of all waves."""
    model = field_honeycomb(8).replace(units=lp.units.PS_UM)
    state = lp.steady_state(model, ferromagnet(model), relax=20.0, stability=False)
    omega = [0.0, 0.5, 2.0]
    exact, found = (
        lp.response(model, state, k=[0.0, 0.0], omega=omega, noise=1.0, basis=basis) for basis in (None, 12)
    )
    for name in ("spectral_density", "stokes_noise"):
        assert np.allclose(found[name], exact[name], rtol=0.02, atol=0)
    assert np.isinf(found.spectral_density.values[0]).all()
    assert np.isfinite(found.stokes_noise).all()
    assert (found.stokes_noise.attrs["units"], found.spectral_density.attrs["units"]) == ("ps um-2", "ps")


def test_noise_with_a_reservoir_is_that_of_its_gain_and_drives_the_field_alone():
    """(R n_s + Gamma)/2 of both spins and gamma/2 between them, from equations of six components at a plane wave."""
    grid = lp.Grid.rectangle((3.0, 3.0), (3, 3))
    terms = [lp.Kinetic(1.0), lp.Splitting(1.0, 0.2), lp.Interaction(0.2), lp.Reservoir(2.0, 0.5, 1.0, 0.7, tau_s=0.5)]
    model = lp.SpinorGPE(grid, [*terms, lp.WignerNoise()])
    start = np.multiply.outer([0.5, -0.5], np.ones(grid.shape))
    state = lp.steady_state(lp.SpinorGPE(grid, terms), start, relax=30.0, stability=False)
    k, omega = [0.3, 0.2], np.linspace(-3, 3, 13)
    L = model.linear_problem(state.psi.values, state.mu.item(), basis=None).matrix(np.array(k)).reshape(6, 9, 6, 9)
    wave = np.abs(model.linear_problem(state.psi.values, state.mu.item(), basis=None).bloch.waves.index).sum(1).argmin()
    G = np.linalg.inv(omega[:, None, None] * np.eye(6) - L[:, wave, :, wave])
    gain = state.reservoir.values[:, 0, 0]
    own = np.diag(0.5 * (0.5 * gain + 0.7)) + 0.1 * np.array([[0, 1], [1, 0]])
    none = np.zeros((2, 2))
    for noise, D in ((None, block_diag(own, own, none)), (0.3, np.diag([0.3] * 4 + [0, 0]))):
        found = lp.response(model, state, k=k, omega=omega, noise=noise, basis=None).spectral_density
        exact = np.einsum("wab,bc,wac->wa", G, D, G.conj()).real[:, :2] / (2 * np.pi)
        assert np.allclose(found, exact, rtol=SOLVED, atol=0)


def test_a_third_model_has_a_response():
    """Two modes without spin: one plane wave, no Stokes components."""
    model, omega = TwoModes(F=0.8), np.linspace(-3, 3, 31)
    state = lp.steady_state(model)
    found = lp.response(model, state, k=[0.0, 0.0], omega=omega, noise=0.2, probe=True)
    L = model.linear_problem(state.psi.values, 0.0).matrix(np.zeros(2))
    G = np.linalg.inv(omega[:, None, None] * np.eye(4) - L)
    rows = 0.5**0.5 * np.array([[1, 1, 0, 0], [0, 0, 1, 1]])
    assert np.allclose(found.response, rows @ G @ rows[0], rtol=SOLVED, atol=0)
    assert np.allclose(found.spectral_density, 0.2 * (abs(rows[0] @ G) ** 2).sum(-1) / (2 * np.pi), rtol=SOLVED, atol=0)
    assert {"nambu", "omega"} == set(found.response.dims)
    empty = lp.response(model, None, k=[0.0, 0.0], omega=omega, probe=True)
    assert empty.response.dims == ("omega",)
    assert set(empty.data_vars) == {"response"}


def test_a_mesh_goes_through_a_file_with_its_units(lattice, tmp_path):
    net, state = lattice
    mesh = lp.response(net, state, k=net.lattice.mesh(3), omega=[0.0, 1.0], probe=True)
    assert mesh.stokes_noise.dims == ("k1", "k2", "omega", "stokes")
    lp.save(mesh, tmp_path / "mesh.nc")
    assert lp.load(tmp_path / "mesh.nc").identical(mesh.assign_attrs(lp.load(tmp_path / "mesh.nc").attrs))
    field = lp.response(dissipative(units=lp.units.PS_UM), None, k=[0.0, 0.0], omega=[0.0, 1.0], probe=True, basis=9)
    assert {name: field[name].attrs["units"] for name in ("omega", "spectral_density", "response")} == {
        "omega": "ps-1", "spectral_density": "ps", "response": "ps",
    }  # fmt: skip


# what an evolution shows


def seen(density, dt, steps, window):
    """The mean periodogram of ``steps`` frames of a process with the spectral density ``density(omega)`` (n, ...).

    Frames fold frequencies back; a window makes of the correlations C(t) their product with its own.
    """
    fine = 4 * steps
    omega = 2 * np.pi * np.fft.fftfreq(fine, dt)
    folded = density((omega + 2 * np.pi / dt * np.arange(-4, 5)[:, None]).ravel())
    folded = folded.reshape(9, fine, -1).sum(axis=0)
    correlations = np.fft.fft(folded, axis=0) * 2 * np.pi / (fine * dt)  # <psi(t) psi^*(0)>, exp(-i omega t)
    own = np.correlate(window, window, "full")
    lags = np.arange(-steps + 1, steps)
    kept = correlations[lags] * own[:, None] / own[steps - 1]
    at = 2 * np.pi * np.fft.fftshift(np.fft.fftfreq(steps, dt))
    return at, np.real(np.exp(1j * at[:, None] * lags * dt) @ kept) * dt / (2 * np.pi)


def assert_seen(found, expected, runs):
    """Each frequency within its standard error, and their mean within a smaller one."""
    ratio = found / expected
    assert np.abs(ratio - 1).max() < SIGMA / runs**0.5
    assert np.abs(ratio.mean(axis=0) - 1).max() < 2 * SIGMA / np.sqrt(runs * len(ratio))  # "hann": two bins are one


def test_a_noisy_network_has_this_spectrum(lattice):
    """Three cells: waves k = B1/3 and Stokes components, of u and v with their interference."""
    net, runs, dt, steps = lattice[0].replace(noise=1e-6 * COVARIANCE), 150, 0.125, 256
    state = lp.steady_state(net, "aligned")
    k = net.lattice.reciprocal[0] / 3
    large = net.on(net.lattice.supercell((3, 1)))
    where = lp.steady_state(large, np.tile(state.psi.values, (3, 1)), relax=0.0)
    psi = where.psi.values
    times = 10.0 + dt * np.arange(steps)
    start = np.broadcast_to(psi, (runs, *psi.shape))
    run = lp.evolve(large, start, times[-1], dt=0.125 / 12, save=lp.at_times(times), rng=1, progress=False)
    field = run.psi.transpose("time", "batch", "site", "spin").values
    small = field * np.exp(1j * where.mu.item() * times)[:, None, None, None] - psi
    wave = np.exp(-1j * large.lattice.basis @ k) / 6**0.5
    cross = (field[..., 0].conj() * field[..., 1]) - psi[:, 0].conj() * psi[:, 1]
    number = np.abs(field) ** 2 - np.abs(psi) ** 2
    stokes = [number.sum(axis=-1) / 2, cross.real, cross.imag, (number[..., 0] - number[..., 1]) / 2]
    signals = np.einsum("tbnc,n->tbc", np.concatenate([small, np.stack(stokes, axis=-1)], axis=-1), wave)
    window = np.hanning(steps + 1)[:-1]
    power = np.abs(np.fft.ifft(window[:, None, None] * signals, axis=0) * steps) ** 2
    found = np.fft.fftshift(power.mean(axis=1), axes=0) * dt / (2 * np.pi * (window**2).sum())

    def density(omega):
        one = lp.response(net, state, k=k, omega=omega)
        return np.concatenate([one.spectral_density, one.stokes_noise], axis=-1)

    assert_seen(found, seen(density, dt, steps, window)[1], runs)


def test_a_noisy_field_has_this_spectrum():
    """Below threshold, where nothing but noise is: lp.spectrum of an evolution, at k = 0 and at reciprocal vectors."""
    model, runs, dt, steps = dissipative(eta=0.0, W=0.3), 60, 0.25, 128
    k = np.array([[0, 0], [1, 0], [-1, 1]]) @ model.grid.reciprocal
    start = np.zeros((runs, 2, *model.grid.shape))
    times = 15.0 + dt * np.arange(steps)
    run = lp.evolve(model, start, times[-1], dt=0.25 / 8, save=lp.at_times(times), rng=2, progress=False)
    spectrum = lp.spectrum(run, k).spectral_density
    found = spectrum.mean("batch").transpose("omega", "k", "spin").values.reshape(steps, -1)

    def density(omega):
        one = lp.response(model, None, k=k, omega=omega, basis=None)
        return one.spectral_density.transpose("omega", "k", "spin").values.reshape(len(omega), -1)

    omega, expected = seen(density, dt, steps, np.hanning(steps + 1)[:-1])
    assert np.allclose(spectrum.omega, omega, rtol=0, atol=SOLVED)
    assert_seen(found, expected, runs)


def test_a_weak_laser_brings_this_response(lattice):
    """u at k and v at -k, of the drive of one spin on three cells."""
    net, omega, weak = lattice[0].replace(noise=None), 2.3, 1e-4
    state = lp.steady_state(net, "aligned")
    k = net.lattice.reciprocal[0] / 3
    large = net.on(net.lattice.supercell((3, 1)))
    where = lp.steady_state(large, np.tile(state.psi.values, (3, 1)), relax=0.0)
    mu, wave = where.mu.item(), np.exp(1j * large.lattice.basis @ k)
    push = weak * np.multiply.outer(wave, [0.0, 1.0])
    driven = large.replace(drive=lambda t: push * np.exp(-1j * (mu + omega) * t))
    times = 30.0 + 2 * np.pi / omega * np.arange(8) / 8
    run = lp.evolve(driven, where.psi.values, times[-1], dt=0.01, save=lp.at_times(times), progress=False)
    small = run.psi.values * np.exp(1j * mu * times)[:, None, None] - where.psi.values
    turning = np.exp(1j * omega * times)[:, None] / (8 * 6 * weak)
    u = (turning * (small * wave.conj()[:, None]).sum(axis=1)).sum(axis=0)
    v = (turning * (small * wave[:, None]).sum(axis=1).conj()).sum(axis=0)
    found = lp.response(net, state, k=k, omega=[omega], probe=True).response.isel(omega=0).sel(probe="-")
    assert np.allclose(found, [u, v], rtol=0, atol=1e-3 * np.abs(found).max())
    assert np.abs(found.sel(nambu="v")).max() > 0.05 * np.abs(found).max()


# what is refused


def test_what_has_no_spectrum_is_refused():
    quiet, k = honeycomb(), [[0.3, 0.2]]
    state = lp.steady_state(quiet, "aligned")
    with pytest.raises(ValueError, match=r"the model has no noise; give noise=1\.0"):
        lp.response(quiet, state, k=k, omega=[1.0])
    with pytest.raises(ValueError, match=r"omega has the shape \(1, 1\); give frequencies"):
        lp.response(quiet, state, k=k, omega=[[1.0]], noise=1.0)
    with pytest.raises(ValueError, match=r"noise must be >= 0; got -1\.0: give a strength"):
        lp.response(quiet, state, k=k, omega=[1.0], noise=-1.0)
    with pytest.raises(ValueError, match=r"all modes must decay.* at k = \[0\.3, 0\.2\] one grows"):
        lp.response(quiet, None, k=k, omega=[1.0], noise=1.0)


def test_an_unstable_state_is_refused_unless_the_sample_does_not_hold_what_grows():
    """At g = 0.1 spin waves of a finite k grow; k = 0 alone does not know of them."""
    net = honeycomb(g=0.1, delta=0.0, p=0.2, dJ=0.0)
    state = lp.steady_state(net, "linear")
    assert not bool(state.stable)
    fastest, omega = state.k_fastest.values, [0.5, 1.0]
    with pytest.raises(ValueError, match=rf"must be stable, .* growth rate is {state.growth_rate.item():.4g}"):
        lp.response(net, state, k=[0.0, 0.0], omega=omega, noise=1.0)
    assert (lp.response(net, state, k=[0.0, 0.0], omega=omega, noise=1.0, unstable=True).spectral_density > 0).all()
    with pytest.raises(ValueError, match=r"one grows at the rate"):
        lp.response(net, state, k=fastest, omega=omega, noise=1.0, unstable=True)
