"""What the field equation becomes where it is uniform, driven, fed by a fast reservoir, or noisy."""

import numpy as np
import pytest

import latticepol as lp

#: Machine precision times the size of the right-hand side.
ROUNDING = 1e-13
#: Error of the fourth-order steps at dt = 0.02 up to t = 14, the same on any processor: 5e-12.
STEP = 1e-10
SITE = lp.Site(p=0.4, a=2.28, g=0.1, delta=0.05)
SMALL = lp.Grid.rectangle((4.0, 4.0), (4, 4))
UNIFORM = np.ones((4, 4))


def uniform_model(site, epsilon=1.0, eta=1.0, Gamma=1.0):
    """The field of docs/physics.md, section 1, that is the site of section 2 where it is uniform."""
    terms = [
        lp.Kinetic(1.0),
        lp.TETM(0.1),
        lp.Splitting(epsilon, site.g * epsilon),
        lp.Zeeman(site.delta * epsilon),
        lp.Gain(Gamma + site.p * epsilon, Gamma, eta),
        lp.Interaction(site.a * eta + 0.2, 0.2),
    ]
    return lp.SpinorGPE(SMALL, terms)


def pseudospin(psi):
    cross = psi[..., 0].conj() * psi[..., 1]
    return np.stack([cross.real, cross.imag, (np.abs(psi[..., 0]) ** 2 - np.abs(psi[..., 1]) ** 2) / 2], axis=-1)


def spinor(s):
    """psi with the given pseudospin and psi_+ real."""
    plus = np.sqrt(np.linalg.norm(s) + s[2])
    return np.array([plus, (s[0] + 1j * s[1]) / plus])


def test_uniform_field_is_the_site():
    """s = eta S/epsilon at tau = epsilon t, to 1e-10."""
    epsilon, eta = 0.7, 1.3
    model = uniform_model(SITE, epsilon, eta)
    s0 = np.array([0.05, 0.02, 0.06])
    psi0 = np.sqrt(epsilon / eta) * spinor(s0)[:, None, None] * UNIFORM
    out = lp.evolve(model, psi0, 10 / epsilon, dt=0.02, save=lp.every(2 / epsilon), progress=False)
    got = pseudospin(out.psi.values[:, :, 1, 2]) * eta / epsilon
    exact = lp.trajectory(SITE, s0, np.linspace(0, 10, 6), tol=1e-13).pseudospin.values
    assert np.abs(got - exact).max() < STEP


def test_fixed_points_of_the_site_stand_still():
    states = lp.fixed_points(SITE).pseudospin.values
    states = states[~np.isnan(states[:, 0])]
    assert len(states) >= 2
    for s in states:
        psi = spinor(s)
        rate = uniform_model(SITE).rhs(psi[:, None, None] * UNIFORM)[0][:, 0, 0]
        mu = (1j * rate / psi)[0]
        assert np.abs(1j * rate - mu.real * psi).max() < ROUNDING


def test_coherent_drive_follows_the_cubic_of_the_kerr_resonator():
    """N [(alpha1 N/2 - D)^2 + Gamma^2/4] = |F|^2, swept up and down through the bistability."""
    D, alpha1, Gamma = 2.0, 1.0, 1.0
    terms = [lp.Kinetic(1.0), lp.Potential(-D), lp.Interaction(alpha1, 0.0), lp.Gain(0.0, Gamma)]
    psi, branches = np.zeros((2, 4, 4), complex), {}
    drives = [0.6, 1.0, 1.4, 1.8, 2.2]
    for direction, strengths in (("up", drives), ("down", drives[::-1])):
        for F in strengths:
            model = lp.SpinorGPE(SMALL, [*terms, lp.Drive(np.array([F, 0.0]).reshape(2, 1, 1))])
            psi = lp.evolve(model, psi, 60.0, dt=0.04, integrator=lp.ETDRK4(), progress=False).psi.values[-1]
            N = abs(psi[0, 0, 0]) ** 2
            assert abs(N * ((alpha1 * N / 2 - D) ** 2 + Gamma**2 / 4) - F**2) < 1e-8
            branches[direction, F] = N
    roots = np.roots([alpha1**2 / 4, -alpha1 * D, D**2 + Gamma**2 / 4, -(1.4**2)])
    assert (np.abs(roots.imag) < 1e-9).sum() == 3
    assert np.isclose(branches["up", 1.4], roots.real.min())
    assert np.isclose(branches["down", 1.4], roots.real.max())
    assert np.isclose(branches["up", 2.2], branches["down", 2.2])


def test_a_drive_off_resonance_oscillates_at_its_own_frequency():
    """Linear response F/(omega + i Gamma/2) exp(-i omega t)."""
    model = lp.SpinorGPE(SMALL, [lp.Kinetic(1.0), lp.Gain(0.0, 1.0), lp.Drive(0.3, omega=1.5)])
    out = lp.evolve(model, np.zeros((2, 4, 4), complex), 60.0, dt=0.02, progress=False)
    exact = 0.3 / (1.5 + 0.5j) * np.exp(-60j * 1.5)
    assert np.abs(out.psi.values[-1] - exact).max() < 1e-8


@pytest.mark.parametrize("ratio", [100.0, pytest.param(400.0, marks=pytest.mark.slow)])
def test_fast_reservoir_is_saturable_gain(ratio):
    """W = R P/Gamma_R, eta = R^2 P/Gamma_R^2, V and alpha1 + alpha2 shifted; errors are of first order in 1/Gamma_R."""
    W, Gamma, eta, g_R, g_cross = 1.0, 0.98, 1.0, 0.3, 0.1
    Gamma_R = ratio
    R, P = eta / W * Gamma_R, W**2 / eta
    base = [lp.Kinetic(1.0), lp.Splitting(0.02, 0.002)]
    slow = lp.SpinorGPE(
        SMALL,
        [*base, lp.Interaction(0.05, 0.0), lp.Reservoir(P, R, Gamma_R, Gamma, g_R, g_cross, tau_s=1e-3 / Gamma_R)],
    )
    shift = (g_R + g_cross) * P / Gamma_R
    lost = 2 * (g_R + g_cross) * R * P / Gamma_R**2
    fast = lp.SpinorGPE(
        SMALL, [*base, lp.Potential(shift), lp.Interaction(0.05 - lost / 2, -lost / 2), lp.Gain(W, Gamma, eta)]
    )
    psi0 = spinor(np.array([-0.01, 0.002, 0.006]))[:, None, None] * UNIFORM
    n0 = np.full((2, 4, 4), P / Gamma_R)
    got = lp.evolve(slow, (psi0, n0), 100.0, dt=0.5 / Gamma_R, integrator=lp.Strang(), progress=False)
    exact = lp.evolve(fast, psi0, 100.0, dt=0.05, progress=False)
    s, s_exact = (pseudospin(out.psi.values[-1][:, 0, 0]) for out in (got, exact))
    size, size_exact = np.linalg.norm(s), np.linalg.norm(s_exact)
    assert np.abs(s / size - s_exact / size_exact).max() < 0.02 + 2 / ratio
    assert abs(size / size_exact - 1) < 0.05 + 2 / ratio
    # what remains is the R S/Gamma_R that the limit neglects: the gain is W/(1 + eta S/W), above W - eta S
    neglected = W / (1 + eta * size / W) - W + eta * size
    assert 0 < eta * (size - size_exact) < 1.1 * neglected


def wigner_run(terms, seed, t_end=12.0, dt=0.02, realizations=30):
    grid = lp.Grid.rectangle((6.0, 6.0), (12, 12))
    model = lp.SpinorGPE(grid, [*terms, lp.WignerNoise()])
    assert model.default_integrator() == lp.Strang()
    psi = lp.evolve(model, np.zeros((realizations, 2, 12, 12), complex), t_end, dt=dt, rng=seed, progress=False)
    field = psi.psi.values[-1] * np.sqrt(grid.point_area)
    return np.fft.fft2(field, norm="ortho"), grid


#: Standard error of the mean of |psi_k|^2 over 30 x 288 samples of an exponential variable of mean 1/2, four times.
FOUR_SIGMA = 4 * 0.5 / np.sqrt(30 * 288)


def test_wigner_vacuum_is_half_a_quantum_per_mode():
    terms = [lp.Kinetic(1.0, nu=0.1), lp.TETM(0.1), lp.Splitting(0.5, 0.6), lp.Gain(0.0, 1.0), lp.Zeeman(0.3)]
    modes, grid = wigner_run(terms, seed=1)
    assert abs((np.abs(modes) ** 2).mean() - 0.5) < FOUR_SIGMA
    cross = (modes[:, 0].conj() * modes[:, 1]).mean()
    assert abs(cross) < FOUR_SIGMA
    k2 = grid.wavevectors[0] ** 2 + grid.wavevectors[1] ** 2
    fast = k2 > np.median(k2)  # where momentum damping exceeds all other losses
    assert abs((np.abs(modes[..., fast]) ** 2).mean() - 0.5) < 1.5 * FOUR_SIGMA


def test_wigner_occupations_of_x_and_y_below_threshold():
    """Symmetrically ordered: (W + Gamma +- gamma)/(2 (Gamma +- gamma - W))."""
    W, Gamma, gamma = 0.4, 1.0, 0.3
    modes, _ = wigner_run([lp.Kinetic(1.0), lp.Splitting(0.5, gamma), lp.Gain(W, Gamma)], seed=2, t_end=25.0)
    for sign in (1, -1):
        occupation = (np.abs(modes[:, 0] + sign * modes[:, 1]) ** 2 / 2).mean()
        exact = (W + Gamma + sign * gamma) / (2 * (Gamma + sign * gamma - W))
        assert abs(occupation / exact - 1) < 2 * FOUR_SIGMA * np.sqrt(2)


def test_wigner_noise_refuses_more_dichroism_than_loss():
    with pytest.raises(lp.ConvergenceError, match=r"give \|gamma\| <= Gamma"):
        wigner_run([lp.Kinetic(1.0), lp.Splitting(0.5, 1.2), lp.Gain(0.0, 1.0)], seed=0, t_end=0.1)
