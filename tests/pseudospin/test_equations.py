"""The equations of motion against the spinor equation they come from, and their derivatives."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from independent import anisotropies, components, fields, jacobian, pumps, reproducible, splittings
from independent import spinor_velocity as full_velocity

from latticepol.pseudospin import equations, motion

ROUNDING = 1e-13  # relative to the largest term, sums of about ten products
EIGENVALUE = 1e-7  # eigenvalues of a 3x3 matrix next to an exceptional point: the root of rounding

vectors = st.tuples(components, components, components).map(np.array)


def stokes(psi):
    coherence = np.conj(psi[0]) * psi[1]
    return np.array([coherence.real, coherence.imag, (abs(psi[0]) ** 2 - abs(psi[1]) ** 2) / 2])


def largest_term(s, p, a, g, delta):
    size = np.linalg.norm(s)
    return size * (1 + abs(p) + abs(g) + abs(delta) + (1 + a) * size)


@given(
    psi=st.lists(components, min_size=4, max_size=4),
    W=pumps,
    eta=st.floats(0.1, 3),
    alpha2=st.floats(-1, 1),
    difference=st.floats(0.1, 5),
    epsilon=st.floats(0.2, 3),
    gamma=st.floats(-2, 2),
    Delta=st.floats(-3, 3),
)
@reproducible
def test_pseudospin_equations_follow_from_the_spinor_equation(psi, W, eta, alpha2, difference, epsilon, gamma, Delta):
    """d(Psi^dagger sigma Psi)/dt of section 1, in the units of section 2: s = eta S/epsilon, tau = epsilon t."""
    Gamma = 0.7
    psi = np.array([complex(*psi[:2]), complex(*psi[2:])])
    rate = full_velocity(psi, W, Gamma, eta, alpha2 + difference, alpha2, epsilon, gamma, Delta)
    S = stokes(psi)
    coherence_rate = np.conj(rate[0]) * psi[1] + np.conj(psi[0]) * rate[1]
    z_rate = (np.conj(psi[0]) * rate[0] - np.conj(psi[1]) * rate[1]).real
    expected = np.array([coherence_rate.real, coherence_rate.imag, z_rate]) * eta / epsilon**2
    s = eta * S / epsilon
    numbers = ((W - Gamma) / epsilon, difference / eta, gamma / epsilon, Delta / epsilon)
    ours = equations.velocity(s, *numbers)
    np.testing.assert_allclose(ours, expected, rtol=0, atol=ROUNDING * largest_term(s, *numbers))


@given(s=vectors, p=pumps, a=anisotropies, g=splittings, delta=fields)
@reproducible
def test_the_spinor_that_moves_with_noise_has_the_same_velocity(s, p, a, g, delta):
    psi = motion.spinor(s)
    np.testing.assert_allclose(stokes(psi), s, rtol=0, atol=ROUNDING * np.linalg.norm(s))
    rate = motion._spinor_velocity(psi[0], psi[1], p, a, g, delta)
    coherence_rate = np.conj(rate[0]) * psi[1] + np.conj(psi[0]) * rate[1]
    z_rate = (np.conj(psi[0]) * rate[0] - np.conj(psi[1]) * rate[1]).real
    rates = np.array([coherence_rate.real, coherence_rate.imag, z_rate])
    expected = equations.velocity(s, p, a, g, delta)
    np.testing.assert_allclose(rates, expected, rtol=0, atol=ROUNDING * largest_term(s, p, a, g, delta))


@pytest.mark.parametrize("s", [(0, 0, 1.0), (0, 0, -1.0), (0, 0, 0.0), (-1, 0, 0.0), (0, 2.0, 0)])
def test_spinor_at_the_poles_and_at_nothing(s):
    np.testing.assert_allclose(stokes(motion.spinor(np.array(s, float))), s, rtol=0, atol=ROUNDING)


@given(s=vectors, p=pumps, a=anisotropies, g=splittings, delta=fields)
@reproducible
def test_size_changes_by_gain_and_by_dissipative_splitting_only(s, p, a, g, delta):
    """s ds/dtau = (p - s) s^2 - g s s_x: neither field nor interaction nor splitting does work."""
    size = np.linalg.norm(s)
    work = s @ equations.velocity(s, p, a, g, delta)
    expected = (p - size) * size**2 - g * size * s[0]
    assert work == pytest.approx(expected, abs=ROUNDING * size * largest_term(s, p, a, g, delta))


@given(s=vectors, p=pumps, a=anisotropies, g=splittings, delta=fields)
@reproducible
def test_symmetries(s, p, a, g, delta):
    turn = np.array([1, -1, -1])  # half a turn about x: circular polarisations and field change places
    flip = np.array([-1, 1, 1])
    v = equations.velocity(s, p, a, g, delta)
    np.testing.assert_array_equal(equations.velocity(turn * s, p, a, g, -delta), turn * v)
    np.testing.assert_array_equal(equations.velocity(flip * s, p, -a, -g, -delta), flip * v)


@given(s=vectors, p=pumps, a=anisotropies, g=splittings, delta=fields)
@reproducible
def test_jacobian_is_the_derivative_of_the_velocity(s, p, a, g, delta):
    ours = equations.jacobian(s, p, a, g, delta)
    size = 1 + abs(p) + abs(g) + abs(delta) + (1 + a) * np.linalg.norm(s)
    np.testing.assert_allclose(ours, jacobian(s, p, a, g, delta), rtol=0, atol=ROUNDING * size)
    step = 1e-6
    for k, direction in enumerate(np.eye(3)):
        ahead, behind = (equations.velocity(s + sign * step * direction, p, a, g, delta) for sign in (1, -1))
        finite_difference = (ahead - behind) / (2 * step)
        np.testing.assert_allclose(ours[:, k], finite_difference, rtol=0, atol=1e-6 * size)


@given(p=pumps, a=anisotropies, g=splittings)
@reproducible
def test_exponents_of_the_linear_states(p, a, g):
    """-s and -g +- sqrt(a s - 1) on s+, -s and g +- i sqrt(a s + 1) on s-."""
    for sigma in (1, -1):
        size = p + sigma * g
        if size < 1e-3:  # there is no such state
            continue
        pair = np.sqrt(complex(sigma * a * size - 1))
        expected = np.array([-size, -sigma * g + pair, -sigma * g - pair])
        state = np.array([-sigma * size, 0.0, 0.0])
        found = equations.exponents(state, p, a, g, 0.0)
        scale = EIGENVALUE * (1 + np.abs(expected).max())
        distance = np.abs(found[:, None] - expected)
        assert distance.min(axis=0).max() < scale
        assert distance.min(axis=1).max() < scale
        assert equations.growth_rates(state, p, a, g, 0.0) == pytest.approx(expected.real.max(), abs=scale)


def test_arrays_broadcast_and_missing_states_stay_missing():
    s = np.array([[-0.5, 0.1, 0.2], [np.nan] * 3, [0.3, -0.2, 0.1]])
    p = np.array([0.3, 0.4, 0.5])
    j = equations.jacobian(s, p, 2.28, 0.1, 0.05)
    for i in (0, 2):
        np.testing.assert_array_equal(j[i], equations.jacobian(s[i], p[i], 2.28, 0.1, 0.05))
    growth = equations.growth_rates(s, p, 2.28, 0.1, 0.05)
    assert growth.shape == (3,)
    np.testing.assert_array_equal(np.isnan(growth), [False, True, False])
    np.testing.assert_array_equal(np.isnan(equations.exponents(s, p, 2.28, 0.1, 0.05)).all(axis=1), np.isnan(growth))
