"""The exact local flows against the ordinary differential equations they solve."""

import numpy as np
import pytest
from scipy.integrate import solve_ivp

from latticepol.gpe.coefficients import LocalCoefficients
from latticepol.gpe.stepping import flow, reservoir_flow
from latticepol.numerics.compiled import fixed
from latticepol.numerics.elementary import constants

#: The reference integration goes as far as doubles do; the errors of some hundred steps add up.
ODE = {"method": "DOP853", "rtol": 1e-13, "atol": 1e-15}
REFERENCE = 1e-11  # a hundred times its tolerance
SINGLE = 3e-6  # a few units in the last place of complex64


def local_flow(psi, w, V, Delta, eta, alpha1, alpha2, h, dtype=complex):
    """The compiled flow at one point; psi (2,)."""
    c = constants(np.dtype(dtype))
    real = type(c.one)
    E1, T = np.empty((1, 1), real), np.empty((1, 2, 1), dtype)
    for s in range(2):
        V_s = fixed(np.array([V + (0.5 - s) * Delta], real))  # read-only, as those that the engine gives
        flow.tables(fixed(np.array([w], real)), V_s, real(h / 2), E1[0], T[0, s], c)
    out = np.array(psi, dtype).reshape(1, 2, 1)
    numbers = (np.array([x], real) for x in (eta, alpha1, alpha2))
    regular = flow.flow(out, T, E1, *numbers, c)
    return out.ravel(), regular


def local_ode(psi, w, V, Delta, eta, alpha1, alpha2, h):
    """The same by the equation of docs/physics.md, section 1."""

    def rate(_, psi):
        N = np.abs(psi) ** 2
        gain = 0.5 * (w - eta * N.sum() / 2)
        energy = V + np.array([0.5, -0.5]) * Delta + 0.5 * (alpha1 * N + alpha2 * N[::-1])
        return (gain - 1j * energy) * psi

    return solve_ivp(rate, (0, h), np.array(psi, complex), **ODE).y[:, -1]


@pytest.mark.parametrize("h", [0.01, 0.3, 2.0, -0.3])
@pytest.mark.parametrize(
    ("w", "eta", "alpha1", "alpha2"),
    [
        (0.7, 1.1, 2.3, 0.4),
        (-0.9, 0.8, 2.3, -0.6),
        (0.0, 1.0, 1.0, 0.0),
        (1e-9, 0.7, 1.0, 0.3),
        (0.6, 0.0, 2.0, 0.5),
        (0, 0, 1, 1),
    ],
)
def test_flow_is_the_solution_of_the_local_equation(w, eta, alpha1, alpha2, h):
    psi = [0.6 + 0.3j, -0.2 + 0.5j]
    parameters = (w, 0.8, 0.3, eta, alpha1, alpha2, h)
    exact = local_ode(psi, *parameters)
    got, regular = local_flow(psi, *parameters)
    assert regular
    assert np.abs(got - exact).max() < REFERENCE
    single, _ = local_flow(psi, *parameters, dtype=np.complex64)
    assert single.dtype == np.complex64
    assert np.abs(single - exact).max() < SINGLE


def test_an_empty_point_stays_empty():
    assert (local_flow([0, 0], 0.5, 1, 0, 1, 1, 0, 0.1)[0] == 0).all()


def test_series_and_library_functions_meet():
    """The last block that takes the series and the first that does not differ by rounding only."""
    parameters = (0.5, 0.3, 0.1, 1.0, 2.0, 0.5)
    steps = np.linspace(0.15, 1.2, 60)
    errors = [
        np.abs(local_flow([0.7, 0.5j], *parameters, h)[0] - local_ode([0.7, 0.5j], *parameters, h)).max() for h in steps
    ]
    assert max(errors) < REFERENCE


def test_a_backward_step_past_infinity_is_reported():
    psi, parameters = [1.0, 1.0], (0.0, 0.0, 0.0, 1.0, 0.0, 0.0)
    assert local_flow(psi, *parameters, -0.9)[1]
    assert not local_flow(psi, *parameters, -1.1)[1]


def coefficients(P, w, R, Gamma_R, mixing, g_R, g_cross, alpha1, alpha2, vacuum=0.0):
    one = {name: np.array([value]) for name, value in locals().items() if name not in ("P", "w")}
    return LocalCoefficients(
        w=fixed(np.array([[w]])), loss=fixed(np.zeros((1, 0))), V=fixed(np.zeros((1, 1, 1))),
        P=fixed(np.array(P).reshape(1, 2, 1)), eta=np.zeros(1), **one,
    )  # fmt: skip


RESERVOIR = {
    "P": [1.5, 0.4], "w": -0.7, "R": 0.9, "Gamma_R": 1.2, "g_R": 0.5, "g_cross": -0.2, "alpha1": 2.0, "alpha2": 0.4,
}  # fmt: skip


@pytest.mark.parametrize("mixing", [0.0, 1e-8, 0.6])
@pytest.mark.parametrize("h", [0.05, 1.5, -0.4])
def test_reservoir_at_frozen_density(h, mixing):
    """D(h): linear in n, exactly."""
    k = coefficients(**RESERVOIR, mixing=mixing)
    psi, n0 = np.array([0.6, 0.9j]), np.array([0.3, 1.1])

    def rate(_, n):
        return np.array(RESERVOIR["P"]) - (1.2 + 0.9 * np.abs(psi) ** 2) * n + mixing * (n[::-1] - n)

    exact = solve_ivp(rate, (0, h), n0, **ODE).y[:, -1]
    work = np.zeros((8, 1))
    work[:2, 0] = np.abs(psi) ** 2
    n = n0.reshape(2, 1).copy()
    reservoir_flow._reservoir(tuple(work), tuple(n), k.P[0, 0], k.P[0, 1], k, 0, h, constants(np.dtype(complex)))
    assert np.abs(n.ravel() - exact).max() < REFERENCE


@pytest.mark.parametrize("h", [0.05, 1.0, -0.4])
def test_condensate_at_frozen_reservoir(h):
    """C(h): the same equation as without reservoir and saturation, with w_s = w + R n_s and a blueshift."""
    k = coefficients(**RESERVOIR, mixing=0.0)
    psi, n = np.array([0.6, 0.9j]), np.array([0.3, 1.1])
    work = np.zeros((8, 1))
    work[:2, 0], work[4:6] = np.abs(psi) ** 2, 1.0
    reservoir_flow._condensate(tuple(work), tuple(n.reshape(2, 1)), k.w[0], k, 0, h, constants(np.dtype(complex)))
    got = psi * work[4:6, 0] * np.exp(1j * work[2:4, 0])

    def rate(_, psi):
        N = np.abs(psi) ** 2
        energy = 0.5 * n - 0.2 * n[::-1] + 0.5 * (2.0 * N + 0.4 * N[::-1])
        return (0.5 * (-0.7 + 0.9 * n) - 1j * energy) * psi

    exact = solve_ivp(rate, (0, h), psi, **ODE).y[:, -1]
    assert np.abs(got - exact).max() < REFERENCE
