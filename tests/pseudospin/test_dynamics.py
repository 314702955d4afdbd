"""Precession about a state, trajectories without noise and with it."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from independent import jacobian, reproducible, spinor_velocity, velocity
from scipy.integrate import solve_ivp
from scipy.linalg import expm, solve_continuous_lyapunov
from scipy.spatial.transform import Rotation

import latticepol as lp
from latticepol.pseudospin import equations, excitations

ROUNDING = 1e-10  # eigenvectors of a 3x3 matrix away from exceptional points
#: The reference goes as far as doubles do: its hundred to thousand steps add up to 1e-12.
REFERENCE = {"method": "DOP853", "rtol": 3e-14, "atol": 1e-15}
DEFAULT = 1e-10  # relative tolerance of a trajectory for which none is given
DEAD = 1e-12  # exp(-0.4 t) at t = 100 is 4e-18, and steps err by DEFAULT times s, which gets smaller
LINEAR = 1e-3  # a kick of this size over the state turns the linear laws into second order in it
STATISTICAL = 5.0  # standard errors; seeds are fixed, so this never fails by chance

PAPER = {"a": 2.28, "g": 0.1}

PRECESSING = [
    lp.Site(p=0.5, delta=0.1, **PAPER),
    lp.Site(p=0.2, delta=-0.1, **PAPER),
    lp.Site(p=0.36, delta=0.01, **PAPER),
    lp.Site(p=1.0, delta=0.0, **PAPER),
    lp.Site(p=6.0, delta=0.3, a=1.0, g=3.0),
    lp.Site(p=8.0, delta=-1.0, a=1.0, g=3.0),
    lp.Site(p=2.0, delta=3.0, a=0.7, g=0.02),
    lp.Site(p=0.1, delta=0.0, **PAPER),
]


def selected(site):
    """The precession of ``site`` with its Jacobian."""
    ds = lp.precession(site)
    s = ds.pseudospin.values
    return ds, s, jacobian(s, site.p, site.a, site.g, site.delta)


@pytest.mark.parametrize("site", PRECESSING)
def test_modes_are_those_of_the_jacobian(site):
    ds, s, j = selected(site)
    scale = np.abs(j).max()
    omega, gamma, third = float(ds.Omega), float(ds.gamma_p), float(ds.Gamma_p)
    assert omega > 0
    expected = sorted([-gamma + 1j * omega, -gamma - 1j * omega, -third], key=lambda z: z.imag)
    np.testing.assert_allclose(
        sorted(np.linalg.eigvals(j), key=lambda z: z.imag), expected, rtol=0, atol=ROUNDING * scale
    )
    v = ds.u1.values + 1j * ds.u2.values
    np.testing.assert_allclose(j @ v, (-gamma + 1j * omega) * v, rtol=0, atol=ROUNDING * scale)
    np.testing.assert_allclose(j @ ds.v3.values, -third * ds.v3.values, rtol=0, atol=ROUNDING * scale)
    assert abs(ds.u1.values @ ds.u2.values) < ROUNDING  # half axes of the ellipse
    n = ds.rotation_axis.values
    assert np.linalg.norm(n) == pytest.approx(1)
    assert np.linalg.norm(ds.v3) == pytest.approx(1)
    assert ds.v3.values @ n >= 0
    assert abs(n @ ds.u1.values) < ROUNDING
    assert abs(n @ ds.u2.values) < ROUNDING
    assert float(ds.Omega_z) == pytest.approx(omega * n[2], rel=ROUNDING)
    np.testing.assert_array_equal(s, lp.g_eff(site).pseudospin)


@pytest.mark.parametrize("site", PRECESSING)
def test_a_deviation_turns_from_u1_towards_minus_u2_about_n(site):
    ds, _, j = selected(site)
    u1, u2, n = ds.u1.values, ds.u2.values, ds.rotation_axis.values
    quarter = np.pi / (2 * float(ds.Omega))
    decay = np.exp(-float(ds.gamma_p) * quarter)
    np.testing.assert_allclose(expm(j * quarter) @ u1, -decay * u2, rtol=0, atol=ROUNDING)
    np.testing.assert_allclose(n, np.cross(u2, u1) / np.linalg.norm(np.cross(u2, u1)), rtol=0, atol=ROUNDING)
    for fraction in np.linspace(0, 4, 9):
        x = expm(j * quarter * fraction) @ u1
        assert np.cross(x, j @ x) @ n > 0  # right-handed about n


@pytest.mark.parametrize("site", PRECESSING)
def test_the_full_motion_after_a_small_kick_turns_the_same_way(site):
    ds, s, j = selected(site)
    quarter = np.pi / (2 * float(ds.Omega))
    kick = LINEAR * np.linalg.norm(s) * ds.u1.values / np.linalg.norm(ds.u1)
    moved = lp.trajectory(site, s + kick, [0.0, quarter]).pseudospin.values[1] - s
    expected = expm(j * quarter) @ kick
    np.testing.assert_allclose(moved, expected, rtol=0, atol=30 * LINEAR * np.linalg.norm(kick))
    assert np.cross(kick, moved) @ ds.rotation_axis.values > 0


@pytest.mark.parametrize("phase", [0.0, 0.4, np.pi / 4, 1.7, 3.0, -2.0])
def test_phase_of_the_eigenvector_does_not_matter(phase, monkeypatch):
    """Whatever phases and signs the eigensolver returns: the direction of rotation follows from the matrix alone."""

    def turned(matrix, eig=np.linalg.eig):
        values, vectors = eig(matrix)
        return values, vectors * np.exp(1j * phase)

    monkeypatch.setattr(np.linalg, "eig", turned)
    rotation = Rotation.from_rotvec([0.3, -0.8, 0.5]).as_matrix()
    for sign in (1, -1):
        j = np.array([[-0.2, -sign * 2.0, 0], [sign * 2.0, -0.2, 0], [0, 0, -0.7]])
        found = excitations.modes((rotation @ j @ rotation.T)[None])
        np.testing.assert_allclose(found.n[0], sign * rotation[:, 2], rtol=0, atol=ROUNDING)
        np.testing.assert_allclose(found.v3[0], sign * rotation[:, 2], rtol=0, atol=ROUNDING)
        assert found.Omega[0] == pytest.approx(2.0)
        assert found.gamma_p[0] == pytest.approx(0.2)
        assert found.Gamma_p[0] == pytest.approx(0.7)


def test_linear_state_precesses_about_the_linear_splitting():
    """On s+ at zero field below 1/a - g: Omega = sqrt(1 - a s), gamma = g, Gamma = s, and the field points along -x."""
    p = np.linspace(-0.09, 1 / 2.28 - 0.1 - 1e-3, 20)
    ds = lp.precession(lp.Site(p=0, **PAPER), p=p)
    s = p + 0.1
    np.testing.assert_allclose(ds.Omega, np.sqrt(1 - 2.28 * s), rtol=1e-9)
    np.testing.assert_allclose(ds.gamma_p, 0.1, rtol=1e-9)
    np.testing.assert_allclose(ds.Gamma_p, s, rtol=1e-9)
    np.testing.assert_allclose(ds.rotation_axis, np.tile([-1.0, 0, 0], (20, 1)), rtol=0, atol=1e-9)
    np.testing.assert_allclose(ds.Omega_z, 0, rtol=0, atol=ROUNDING)


def test_no_precession_between_the_exceptional_point_and_the_pitchfork():
    p_c = float(lp.pitchfork(lp.Site(p=0, **PAPER)).p_c)
    p = np.linspace(1 / 2.28 - 0.1 + 1e-4, p_c - 1e-4, 20)
    ds = lp.precession(lp.Site(p=0, **PAPER), p=p)
    np.testing.assert_array_equal(ds.Omega, 0)
    np.testing.assert_array_equal(ds.Omega_z, 0)
    root = np.sqrt(2.28 * (p + 0.1) - 1)
    np.testing.assert_allclose(ds.gamma_p, 0.1 - root, rtol=1e-8)
    np.testing.assert_allclose(ds.Gamma_p, np.maximum(p + 0.1, 0.1 + root), rtol=1e-8)
    for name in ("rotation_axis", "u1", "u2", "v3"):
        assert np.isnan(ds[name]).all()


def test_precession_about_z_has_the_sign_of_the_field():
    delta = np.array([-2.0, -0.1, -1e-3, 1e-3, 0.1, 2.0])
    ds = lp.precession(lp.Site(p=0, **PAPER), p=[0.2, 0.5, 1.0, 5.0], delta=delta)
    assert (np.sign(ds.Omega_z) == np.sign(delta)).all()
    np.testing.assert_allclose(ds.Omega_z, -ds.Omega_z[:, ::-1].values, rtol=1e-8)


def test_precession_at_strong_pump_is_the_effective_field():
    """Omega_z -> g_eff delta, with a relative distance that falls as 1/p^2."""
    p, delta = np.array([10.0, 100.0, 1000.0]), 0.1
    site = lp.Site(p=0, delta=delta, **PAPER)
    error = np.abs(lp.precession(site, p=p).Omega_z / (lp.g_eff(site, p=p).g_eff * delta) - 1).values
    np.testing.assert_array_less(error, 0.2 / p**2)


def test_precession_in_a_strong_field_is_the_field_of_the_bare_spin():
    """Near the threshold in a field of ten splittings the rest of the Hamiltonian is a correction of 1 %."""
    site = lp.Site(p=0.05, delta=10.0, **PAPER)
    ds = lp.precession(site)
    assert float(ds.Omega_z) == pytest.approx(float(lp.g_eff(site).g_eff) * 10.0, rel=0.01)


@pytest.mark.parametrize(("a", "g"), [(2.28, 0.1), (5.0, 0.3), (3.0, 1.0)])
def test_critical_slowing_down(a, g):
    """a |p - p_c|/(2 g) on s+ below the pitchfork, twice that on the elliptical states above."""
    p_c = float(lp.pitchfork(lp.Site(p=0, a=a, g=g)).p_c)
    for distance, accuracy in ((1e-4, 2e-2), (1e-6, 2e-4)):
        accuracy *= a / g**2 / 10 + 1
        below, above = lp.precession(lp.Site(p=0, a=a, g=g), p=[p_c - distance, p_c + distance]).gamma_p.values
        expected = a * distance / (2 * g)
        assert below == pytest.approx(expected, rel=accuracy)
        assert above == pytest.approx(2 * expected, rel=accuracy)


@pytest.mark.parametrize(("a", "g"), [(2.28, 0.1), (1.0, 3.0), (0.6, 0.5)])
def test_relaxation_at_strong_pump(a, g):
    """g (a^2 + g a + 2)/(2 a (1 + a^2))/p."""
    p = np.array([1e2, 1e3])
    slowest = -lp.g_eff(lp.Site(p=0, a=a, g=g), p=p).growth_rate.values
    expected = g * (a**2 + g * a + 2) / (2 * a * (1 + a**2)) / p
    errors = np.abs(slowest / expected - 1)
    assert errors[1] < 1e-2 * max(1, g)
    assert errors[1] < 0.2 * errors[0]


def test_relaxation_of_the_papers_set_at_strong_pump():
    slowest = -float(lp.g_eff(lp.Site(p=1e3, **PAPER)).growth_rate)
    assert slowest * 1e3 == pytest.approx(0.026, abs=5e-4)


def test_precession_without_a_state():
    ds = lp.precession(lp.Site(p=-1.6, a=40, g=3), p=[-1.6, -2.9])
    np.testing.assert_array_equal(np.isnan(ds.Omega), [True, False])
    for name in ("Omega", "Omega_z", "gamma_p", "Gamma_p", "u1", "u2", "v3", "rotation_axis", "pseudospin"):
        assert np.isnan(ds[name][0]).all()


# ---- trajectories without noise


def exact(site, s0, t):
    """The same motion by the spinor equation, as tight as doubles allow."""
    s0 = np.asarray(s0, float)
    size = np.linalg.norm(s0)
    plus = np.sqrt(size + s0[2])
    psi = np.array([plus, (s0[0] + 1j * s0[1]) / plus])
    numbers = {"W": site.p, "Gamma": 0, "eta": 1, "alpha1": site.a, "alpha2": 0, "epsilon": 1, "gamma": site.g}
    solution = solve_ivp(
        lambda _, psi: spinor_velocity(psi, Delta=site.delta, **numbers),
        (t[0], t[-1]),
        psi,
        t_eval=t,
        **REFERENCE,
    )
    plus, minus = solution.y
    coherence = plus.conj() * minus
    return np.stack([coherence.real, coherence.imag, (abs(plus) ** 2 - abs(minus) ** 2) / 2], axis=-1)


@pytest.mark.parametrize(
    ("site", "s0"),
    [
        (lp.Site(p=0.5, delta=0.1, **PAPER), [0.03, -0.02, 0.01]),
        (lp.Site(p=0.8, delta=-0.05, **PAPER), [-0.5, 0.3, 0.4]),
        (lp.Site(p=6.0, delta=0.3, a=1.0, g=3.0), [0.1, 2.0, 0.5]),
        (lp.Site(p=1.0, delta=5.0, a=2.28, g=-0.3), [1e-3, 1e-3, 1e-4]),
    ],
)
def test_tolerance_is_honoured(site, s0):
    t = np.linspace(0, 20, 101)
    expected = exact(site, s0, t)
    for tol in (1e-4, 1e-7, DEFAULT):
        found = lp.trajectory(site, s0, t, tol=tol).pseudospin.values
        assert np.abs(found - expected).max() < tol * np.abs(expected).max(), tol


@given(p=st.floats(-0.5, 3), g=st.floats(-0.4, 0.4), start=st.floats(1e-3, 4))
@reproducible
def test_linear_state_grows_logistically(p, g, start):
    """On s = (-S, 0, 0) at zero field dS/dtau = (p + g - S) S."""
    t = np.linspace(0, 6, 13)
    s = lp.trajectory(lp.Site(p=p, a=2.28, g=g), [-start, 0, 0], t, tol=1e-10).pseudospin.values
    rate = p + g
    grown = np.exp(rate * t)
    filled = np.expm1(rate * t) / rate if abs(rate) > DEFAULT else t
    np.testing.assert_allclose(-s[:, 0], start * grown / (1 + start * filled), rtol=1e-8)
    np.testing.assert_array_equal(s[:, 1:], 0)


def test_without_dissipation_the_spin_turns_about_the_field():
    """g = 0, a -> 0: a rotation about (-1, 0, delta) by sqrt(1 + delta^2) t, while s grows logistically."""
    delta, p = 0.7, 0.4
    s0, t = np.array([0.1, -0.2, 0.15]), np.linspace(0, 12, 40)
    s = lp.trajectory(lp.Site(p=p, a=1e-300, g=0.0, delta=delta), s0, t).pseudospin.values
    size = np.linalg.norm(s0)
    grown = size * np.exp(p * t) / (1 + size * np.expm1(p * t) / p)
    turned = Rotation.from_rotvec(t[:, None] * [-1, 0, delta]).apply(s0 / size)
    np.testing.assert_allclose(s, grown[:, None] * turned, rtol=0, atol=1e-9)


def test_symmetric_starts_stay_symmetric():
    site = lp.Site(p=0.6, delta=0.05, **PAPER)
    t = np.linspace(0, 30, 31)
    one = lp.trajectory(site, [0.1, 0.02, -0.03], t).pseudospin.values
    other = lp.trajectory(site.replace(delta=-0.05), [0.1, -0.02, 0.03], t).pseudospin.values
    np.testing.assert_allclose(one, other * [1, -1, -1], rtol=0, atol=1e-9)


@pytest.mark.parametrize("s0", [[0.1, 0.05, 0.02], [-0.02, 0.01, -0.05], [1e-6, 0, 0], [2.0, 1.0, -3.0]])
def test_trajectories_end_on_stable_states(s0):
    for site in (lp.Site(p=0.6, delta=0.01, **PAPER), lp.Site(p=6.0, delta=0.02, a=1.0, g=3.0)):
        end = lp.trajectory(site, s0, [0, 400.0], tol=1e-8).pseudospin.values[-1]
        ds = lp.fixed_points(site)
        stable = ds.pseudospin.values[ds.stable.values]
        assert np.linalg.norm(stable - end, axis=1).min() < 1e-5


def test_below_threshold_everything_dies_out():
    end = lp.trajectory(lp.Site(p=-0.5, **PAPER), [0.3, 0.1, 0.2], [0, 100.0]).pseudospin.values[-1]
    assert np.linalg.norm(end) < DEAD


def test_vacuum_stays_vacuum():
    s = lp.trajectory(lp.Site(p=1.0, **PAPER), [0, 0, 0], [0.0, 1.0, 5.0]).pseudospin.values
    np.testing.assert_array_equal(s, 0)


def test_limit_cycle_between_the_hopf_points():
    """a = 40, g = 3 at zero field: no stable state between p = -2.244 and -0.987, and motion for ever.

    Inside, starts near the state and far from it end on the same cycle. Outside, the elliptical states are stable and
    both starts spiral in: no cycle coexists with them there.
    """
    site = lp.Site(p=0, a=40, g=3)
    special = lp.branches(site, span=(-2.9, 5.0))
    hopf = special.special_p.values[(special.special_kind == "hopf") & (special.special_pseudospin[:, 2] > 0)]
    low, high = np.sort(hopf)

    def swing(p, start):
        """Peak to peak s_z in two late windows."""
        s = lp.trajectory(site.replace(p=p), start, np.linspace(0, 200, 4001), tol=1e-5).pseudospin.values[:, 2]
        return np.ptp(s[3000:3500]), np.ptp(s[3500:])

    for p in (-2.0, -1.2):
        assert not lp.fixed_points(site.replace(p=p)).stable.any()
        state = lp.fixed_points(site.replace(p=p)).pseudospin.values[0]
        from_near = swing(p, state * 1.02)
        from_far = swing(p, [-0.05, 0.02, 0.03])
        assert from_near[1] > 0.05
        assert from_near[1] == pytest.approx(from_near[0], rel=0.02)
        assert from_far[1] == pytest.approx(from_near[1], rel=0.02)
    for p in (low - 0.3, high + 0.1):
        ds = lp.fixed_points(site.replace(p=p))
        assert ds.stable.sum() == 2
        assert swing(p, ds.pseudospin.values[0] * 1.02)[1] < 1e-4
        assert swing(p, [-0.05, 0.02, 0.03])[1] < 1e-4


def test_shapes_and_coordinates():
    site, t = lp.Site(p=0.5, **PAPER), [0.0, 0.5, 2.0]
    one = lp.trajectory(site, (0.1, 0.0, 0.05), t)
    assert one.pseudospin.dims == ("time", "axis")
    np.testing.assert_array_equal(one.time, t)
    np.testing.assert_array_equal(one.pseudospin[0], [0.1, 0.0, 0.05])
    many = lp.trajectory(site, [[0.1, 0.0, 0.05], [0.0, 0.1, 0.0]], t)
    assert many.pseudospin.dims == ("realization", "time", "axis")
    assert many.pseudospin.shape == (2, 3, 3)
    np.testing.assert_array_equal(many.pseudospin[0], one.pseudospin)
    alone = lp.trajectory(site, [0.1, 0.0, 0.05], [3.0]).pseudospin.values
    np.testing.assert_array_equal(alone, [[0.1, 0.0, 0.05]])
    later = lp.trajectory(site, [0.1, 0.0, 0.05], [5.0, 5.5, 7.0]).pseudospin.values
    np.testing.assert_allclose(later, one.pseudospin, rtol=0, atol=DEFAULT)


# ---- trajectories with noise


def test_weak_noise_is_no_noise():
    site, s0, t = lp.Site(p=0.6, delta=0.05, **PAPER), [0.05, 0.02, -0.01], np.linspace(0, 30, 16)
    quiet = lp.trajectory(site, s0, t).pseudospin.values
    noisy = lp.trajectory(site, s0, t, noise=1e-26, rng=1, dt=0.02).pseudospin.values
    np.testing.assert_allclose(noisy, quiet, rtol=0, atol=1e-7)
    errors = [
        np.abs(lp.trajectory(site, s0, t, noise=1e-30, rng=1, dt=dt).pseudospin.values - quiet).max()
        for dt in (0.4, 0.2)
    ]
    assert np.log2(errors[0] / errors[1]) > 3.7  # Runge-Kutta of order 4


@pytest.mark.parametrize("s0", [[0.1, 0, 0], [0, -0.1, 0.02], [0, 0, -0.1], [0.03, 0.02, 0.1]])
def test_spinors_of_both_hemispheres_start_rightly(s0):
    first = lp.trajectory(lp.Site(p=0.5, **PAPER), s0, [0, 1e-9], noise=1e-30, rng=0).pseudospin.values
    np.testing.assert_allclose(first, [s0, s0], rtol=0, atol=1e-9)


def test_same_seed_same_path_and_the_first_realisations_do_not_depend_on_their_number():
    site, t = lp.Site(p=0.5, **PAPER), np.linspace(0, 10, 11)
    start = [0.1, 0.0, 0.05]

    def paths(number, rng):
        return lp.trajectory(site, [start] * number, t, noise=0.01, rng=rng).pseudospin.values

    five = paths(5, 3)
    np.testing.assert_array_equal(five, paths(5, 3))
    np.testing.assert_array_equal(five[:2], paths(2, 3))
    assert not np.array_equal(five, paths(5, 4))
    assert not np.array_equal(five[0], five[1])
    np.testing.assert_array_equal(paths(5, np.random.default_rng(3)), paths(5, np.random.default_rng(3)))
    np.testing.assert_array_equal(
        lp.trajectory(site, start, t, noise=0.01, rng=3).pseudospin, five[0], "one start is the first of many"
    )


def test_the_recorded_seed_repeats_the_path():
    site, t = lp.Site(p=0.5, **PAPER), np.linspace(0, 5, 6)
    drawn = lp.trajectory(site, [0.1, 0.0, 0.05], t, noise=0.01)
    again = lp.trajectory(site, [0.1, 0.0, 0.05], t, noise=0.01, rng=drawn.attrs["seed"])
    np.testing.assert_array_equal(drawn.pseudospin, again.pseudospin)
    assert "seed" not in lp.trajectory(site, [0.1, 0.0, 0.05], t).attrs


def test_noise_feeds_the_vacuum():
    """ds/dtau = noise: s(t) = noise t for times short against every rate."""
    realizations, noise, t = 4000, 0.01, 0.01
    s = lp.trajectory(lp.Site(p=0.1, **PAPER), np.zeros((realizations, 3)), [0, t], noise=noise, rng=5, dt=t / 2)
    size = np.linalg.norm(s.pseudospin[:, 1], axis=-1)
    error = size.std() / np.sqrt(realizations)
    assert size.mean() == pytest.approx(noise * t, abs=STATISTICAL * error + 0.01 * noise * t)


def stationary_mean(site, noise, spacing, samples, realizations, dt, seed):
    """Mean s and mean pseudospin with their standard errors, after the start is forgotten."""
    t = np.arange(samples + 10) * spacing
    s = lp.trajectory(site, np.zeros((realizations, 3)), t, noise=noise, rng=seed, dt=dt).pseudospin.values[:, 10:]
    values = np.concatenate([np.linalg.norm(s, axis=-1, keepdims=True), s], axis=-1).mean(axis=1)
    return values.mean(axis=0), values.std(axis=0, ddof=1) / np.sqrt(realizations)


@pytest.mark.parametrize(("p", "g", "delta"), [(-1.0, 0.3, 0.4), (-0.8, -0.5, -1.0)])
def test_weak_noise_below_threshold_has_the_covariance_of_the_linear_problem(p, g, delta):
    """M C + C M^dagger + noise = 0 for C = <Psi Psi^dagger>."""
    coupling = 0.5j * (1 + 1j * g)
    m = np.array([[p / 2 - 0.5j * delta, coupling], [coupling, p / 2 + 0.5j * delta]])
    c = solve_continuous_lyapunov(m, -np.eye(2))
    coherence = c[1, 0]  # <Psi_- Psi_+^*>
    expected = [np.trace(c).real / 2, coherence.real, coherence.imag, (c[0, 0] - c[1, 1]).real / 2]
    noise = 1e-6
    mean, error = stationary_mean(lp.Site(p=p, a=2.28, g=g, delta=delta), noise, 2.0, 150, 100, 0.1, seed=2)
    assert abs(expected[0]) > 50 * error[0] / noise  # the test can tell
    np.testing.assert_array_less(np.abs(mean / noise - expected), STATISTICAL * error / noise + 2e-3)


def test_noise_scheme_has_weak_order_two():
    """p = -1, g = 0: the mean s of the linear problem is the noise. With steps h its error is of order h^2.

    Half a kick, decay of s by r = exp(-h), half a kick: <s> = (noise h/2) (1 + r)/(1 - r) = noise (1 + h^2/12 + ...).
    """
    site, noise = lp.Site(p=-1.0, a=2.28, g=0.0), 1e-6
    ratios = []
    for h in (2.0, 1.0):
        mean, error = stationary_mean(site, noise, 4.0, 200, 100, h, seed=9)
        # Runge-Kutta in place of the exponential, rotation included: both circular modes have the rate -h/2 +- i h/2
        factors = [
            sum((h * rate) ** k / np.prod(np.arange(1, k + 1)) for k in range(5)) for rate in (-0.5 + 0.5j, -0.5 - 0.5j)
        ]
        r = np.abs(factors[0]) ** 2
        expected = noise * h / 2 * (1 + r) / (1 - r)
        assert mean[0] == pytest.approx(expected, abs=STATISTICAL * error[0])
        ratios.append(expected / noise - 1)
    assert np.log2(ratios[0] / ratios[1]) == pytest.approx(2, abs=0.35)


def test_noise_switches_between_the_two_states():
    """Both elliptical states are visited, and more often for stronger noise."""
    site, t = lp.Site(p=0.5, **PAPER), np.arange(0, 4000, 1.0)
    switches = []
    for noise in (0.003, 0.03):
        s_z = lp.trajectory(site, np.full((8, 3), 0.1), t, noise=noise, rng=1).pseudospin.values[..., 2]
        side = np.sign(s_z)
        switches.append((side[:, 1:] != side[:, :-1]).mean())
        assert abs(side.mean()) < 0.5
    assert switches[1] > switches[0] > 0


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"s0": [0.1, 0.2]}, r"s0 has the shape \(2,\); give \(3,\) or \(realization, 3\): s_x, s_y, s_z"),
        ({"s0": [[[0.1, 0.2, 0.3]]]}, r"s0 has the shape \(1, 1, 3\)"),
        ({"s0": np.zeros((0, 3))}, r"s0 has the shape \(0, 3\)"),
        ({"s0": 0.1}, r"s0 has the shape \(\)"),
        ({"s0": [0.1, np.nan, 0.2]}, "s0 holds nan; give finite numbers"),
        ({"t": []}, r"t has the shape \(0,\); give a list of times"),
        ({"t": 3.0}, r"t has the shape \(\)"),
        ({"t": [[0, 1]]}, r"t has the shape \(1, 2\)"),
        ({"t": [0, 2, 1]}, "t must hold finite times that increase"),
        ({"t": [0, 0]}, "t must hold finite times that increase"),
        ({"t": [0, np.inf]}, "t holds inf; give finite numbers, times that increase"),
        ({"noise": -1}, "noise must be >= 0; got -1.0: give a strength"),
        ({"noise": np.nan}, "noise must be finite; got nan: give a strength"),
        ({"tol": 0}, "tol must be > 0; got 0.0: give a relative accuracy, for instance 1e-10"),
        ({"tol": np.nan}, "tol must be finite; got nan: give a relative accuracy"),
        ({"tol": 2}, "tol must be < 1; got 2.0: give a relative accuracy"),
        ({"noise": 0.1, "dt": 0}, "dt must be > 0; got 0.0: give a time step"),
        ({"noise": 0.1, "dt": np.inf}, "dt must be finite; got inf: give a time step"),
        ({"noise": 0.1, "rng": -1}, "rng must be an integer from 0 up to .*; got -1"),
    ],
)
def test_bad_input(arguments, message):
    defaults = {"s0": [0.1, 0.0, 0.0], "t": [0.0, 1.0]}
    with pytest.raises(ValueError, match=message):
        lp.trajectory(lp.Site(p=0.4, **PAPER), **(defaults | arguments))


def test_bad_rng():
    with pytest.raises(ValueError, match=r"rng = 'seven' is a text; give an integer from 0 .* or a numpy.random"):
        lp.trajectory(lp.Site(p=0.4, **PAPER), [0.1, 0, 0], [0, 1], noise=0.1, rng="seven")


def test_velocity_of_the_package_and_of_the_tests_agree():
    """Guards the reference itself."""
    s = np.array([0.3, -0.4, 0.2])
    np.testing.assert_allclose(equations.velocity(s, 0.5, 2.28, 0.1, 0.05), velocity(s.tolist(), 0.5, 2.28, 0.1, 0.05))


@pytest.mark.parametrize("noise", [1e2, 1e4, 1e6])
def test_strong_noise_has_the_stationary_law_of_pure_saturation(noise):
    """Without all else the spinor has the density exp(-s^2/noise) in four dimensions: mean s = sqrt(pi noise)/2."""
    t = np.linspace(0, 400 / noise**0.5, 400)
    path = lp.trajectory(lp.Site(p=0.4, **PAPER), [0.1, 0.0, 0.0], t, noise=noise, rng=0)
    size = np.linalg.norm(path.pseudospin, axis=-1)[40:]
    # some 200 independent values of relative spread 0.5, and p, g and epsilon of order 1 against sqrt(noise)
    assert size.mean() == pytest.approx((np.pi * noise) ** 0.5 / 2, rel=0.15)


def test_a_step_that_is_too_long_for_the_noise_is_an_error():
    with pytest.raises(FloatingPointError, match="give a smaller dt"):
        lp.trajectory(lp.Site(p=0.4, **PAPER), [0.1, 0.0, 0.0], [0.0, 1e3], noise=1e-3, rng=0, dt=50.0)
