"""The pseudospin in time: adaptive without noise, a compiled splitting scheme with it."""

import itertools
import math

import numpy as np
from scipy.integrate import solve_ivp

from latticepol.errors import ConvergenceError
from latticepol.numerics.compiled import compiled
from latticepol.pseudospin.equations import velocity

#: Evaluations of the equation before an integration is given up: something like a minute.
MOST_EVALUATIONS = 2_000_000


def integrate(
    s0: np.ndarray,
    t: np.ndarray,
    p: float,
    a: float,
    g: float,
    delta: float,
    *,
    tol: float,
    most: int = MOST_EVALUATIONS,
) -> np.ndarray:
    """Return the pseudospin at the times t, shape (len(t), 3), by Dormand-Prince 8(5,3).

    The error per step is held a hundred times below ``tol``: the interpolation between steps is of lower order, and
    errors of single steps add up. Times count from t[0]: the first steps of a large s0 are shorter than the spacing of
    numbers later on.

    Raises
    ------
    ConvergenceError
        t[-1] was not reached in ``most`` evaluations.
    """
    if len(t) == 1:
        return s0[None].copy()
    size, calls = np.linalg.norm(s0), itertools.count(1)

    def slope(time: float, s: np.ndarray) -> np.ndarray:
        if next(calls) > most:
            raise ConvergenceError(
                f"the trajectory is at t = {t[0] + time:.6g} of {t[-1]:.6g} after {most:g} evaluations of the "
                "equation; give a shorter t, whose end may be the s0 of the next, or a larger tol"
            )
        return velocity(s, p, a, g, delta)

    solution = solve_ivp(
        slope,
        (0.0, t[-1] - t[0]),
        s0,
        method="DOP853",
        t_eval=t - t[0],
        rtol=max(tol / 100, 3e-14),
        atol=tol / 100 * (min(1.0, float(size)) or 1.0),
    )
    if not solution.success:
        raise ConvergenceError(f"integration stopped at t = {t[0] + solution.t[-1]:g}: {solution.message}")
    pseudospins: np.ndarray = solution.y.T
    return pseudospins


def langevin(
    s0: np.ndarray,
    t: np.ndarray,
    p: float,
    a: float,
    g: float,
    delta: float,
    *,
    noise: float,
    dt: float,
    generator: np.random.Generator,
) -> np.ndarray:
    """Return the pseudospin at the times t, shape (len(t), 3), with white noise on the spinor; steps of at most dt."""
    pseudospins: np.ndarray = _langevin(spinor(s0), t, p, a, g, delta, noise, dt, generator)
    return pseudospins


def spinor(s: np.ndarray) -> np.ndarray:
    """Return a spinor (psi_+, psi_-) with pseudospin s; its common phase is chosen so that the larger component is
    real."""
    size = np.linalg.norm(s)
    plus, minus = math.sqrt(max(size + s[2], 0.0)), math.sqrt(max(size - s[2], 0.0))
    coherence = complex(s[0], s[1])  # psi_+^* psi_-
    if size == 0.0:
        return np.zeros(2, complex)
    return np.array([plus, coherence / plus]) if s[2] >= 0 else np.array([coherence.conjugate() / minus, minus])


@compiled()
def _spinor_velocity(plus, minus, p, a, g, delta):
    """Return d(psi_+, psi_-)/dtau without the common frequency of both components."""
    s = 0.5 * (abs(plus) ** 2 + abs(minus) ** 2)
    s_z = 0.5 * (abs(plus) ** 2 - abs(minus) ** 2)
    gain, field, mixing = 0.5 * (p - s), 0.5j * (a * s_z + delta), 0.5j * (1.0 + 1j * g)
    return (gain - field) * plus + mixing * minus, (gain + field) * minus + mixing * plus


@compiled()
def _runge_kutta_4(plus, minus, h, p, a, g, delta):
    k1, l1 = _spinor_velocity(plus, minus, p, a, g, delta)
    k2, l2 = _spinor_velocity(plus + h / 2 * k1, minus + h / 2 * l1, p, a, g, delta)
    k3, l3 = _spinor_velocity(plus + h / 2 * k2, minus + h / 2 * l2, p, a, g, delta)
    k4, l4 = _spinor_velocity(plus + h * k3, minus + h * l3, p, a, g, delta)
    return plus + h / 6 * (k1 + 2 * k2 + 2 * k3 + k4), minus + h / 6 * (l1 + 2 * l2 + 2 * l3 + l4)


@compiled(nogil=True)
def _langevin(psi, t, p, a, g, delta, noise, dt, generator):
    """Take half a kick, a deterministic step, half a kick: second order in the weak sense, since the noise is
    additive."""
    plus, minus = psi[0], psi[1]
    s = np.empty((t.size, 3))
    for i in range(t.size):
        if i > 0:
            steps = max(1, math.ceil((t[i] - t[i - 1]) / dt - 1e-9))
            h = (t[i] - t[i - 1]) / steps
            kick = math.sqrt(noise * h / 4)  # half of a step, and half of that in each quadrature
            for _ in range(steps):
                plus += kick * complex(generator.standard_normal(), generator.standard_normal())
                minus += kick * complex(generator.standard_normal(), generator.standard_normal())
                plus, minus = _runge_kutta_4(plus, minus, h, p, a, g, delta)
                plus += kick * complex(generator.standard_normal(), generator.standard_normal())
                minus += kick * complex(generator.standard_normal(), generator.standard_normal())
        coherence = plus.conjugate() * minus
        s[i, 0], s[i, 1] = coherence.real, coherence.imag
        s[i, 2] = 0.5 * (abs(plus) ** 2 - abs(minus) ** 2)
    return s
