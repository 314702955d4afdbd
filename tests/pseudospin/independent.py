"""The same numbers by other ways: from the equations of motion themselves, not from the closed form of the package.

Setting ds/dtau = 0 with u = s - p gives s_y = -u s_z, s_x = -u s/g, s_z = -delta s_x/(1 + u^2 + a s_x), and |s| = s
leaves one polynomial of degree six in u,

    (g^2 - u^2) (g (1 + u^2) - a u (p + u))^2 = g^2 delta^2 u^2 (1 + u^2).

Its roots in mpmath are every state, to as many digits as one likes.
"""

import warnings

import mpmath as mp
import numpy as np
from hypothesis import settings
from hypothesis import strategies as st

DIGITS = 60

#: the same examples on every machine, and no clock
reproducible = settings(derandomize=True, deadline=None, max_examples=60)

pumps = st.floats(-3, 10).filter(lambda p: abs(p) > 1e-6)
anisotropies = st.floats(0.05, 50)
splittings = st.floats(-5, 5).filter(lambda g: g == 0 or abs(g) > 1e-3)
fields = st.one_of(st.just(0.0), st.floats(-12, 1).map(lambda e: 10**e), st.floats(-12, 1).map(lambda e: -(10**e)))
components = st.floats(-3, 3).filter(lambda s: abs(s) > 1e-3)


def _times(x, y):
    product = [mp.mpf(0)] * (len(x) + len(y) - 1)
    for i, xi in enumerate(x):
        for j, yj in enumerate(y):
            product[i + j] += xi * yj
    return product


def polynomial(p, a, g, delta):
    """Coefficients in u, ascending."""
    bracket = [g, -a * p, g - a]
    left = _times(_times([g**2, 0, -1], bracket), bracket)
    right = [0, 0, (g * delta) ** 2, 0, (g * delta) ** 2]
    full = [x - (right[i] if i < len(right) else 0) for i, x in enumerate(left)]
    while full[-1] == 0:
        full.pop()
    return full


def _real_roots(coefficients):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # mpmath 1.4 changes the order of the coefficients
        roots = mp.polyroots(coefficients[::-1], maxsteps=3000, extraprec=200)
    return [mp.re(u) for u in roots if abs(mp.im(u)) < mp.mpf(10) ** (-DIGITS // 2)]


def _states(p, a, g, delta):
    if g == 0:  # s = p and s_y = 0
        squares = _times([delta, a], [delta, a])
        quartic = [-squares[0] * p**2, -squares[1] * p**2, 1 + squares[0] - squares[2] * p**2, *squares[1:]]
        if p <= 0:
            return []
        if delta == 0:
            sides = [mp.mpf(0)] if a * p < 1 else [mp.mpf(0), mp.sqrt(p**2 - 1 / a**2), -mp.sqrt(p**2 - 1 / a**2)]
            return [(-1 / a if s_z else -p, mp.mpf(0), s_z) for s_z in sides] + [(p, mp.mpf(0), mp.mpf(0))]
        return [(-s_z / (a * s_z + delta), mp.mpf(0), s_z) for s_z in _real_roots(quartic)]
    if delta == 0:
        found = [(-u * (p + u) / g, mp.mpf(0), mp.mpf(0)) for u in (g, -g) if p + u > 0]
        for u in _real_roots([g, -a * p, g - a] if g != a else [g, -a * p]):
            if abs(u) < abs(g) and p + u > 0:
                s, s_x = p + u, -u * (p + u) / g
                s_z = mp.sqrt((s**2 - s_x**2) / (1 + u**2))
                found += [(s_x, -u * s_z, s_z), (s_x, u * s_z, -s_z)]
        return found
    found = []
    for u in _real_roots(polynomial(p, a, g, delta)):
        if p + u > 0:
            s_x = -u * (p + u) / g
            s_z = -delta * s_x / (1 + u**2 + a * s_x)
            found.append((s_x, -u * s_z, s_z))
    return found


def states(p, a, g, delta):
    """All stationary states with s > 0 to DIGITS digits, in order of decreasing s_z."""
    with mp.workdps(DIGITS):
        return sorted(_states(*(mp.mpf(float(v)) for v in (p, a, g, delta))), key=lambda s: -s[2])


def fold(p, a, g, delta, u, along):
    """The fold next to this point: where the polynomial and its slope in u vanish, as (parameter, u)."""
    with mp.workdps(DIGITS):

        def conditions(parameter, u):
            point = {"p": mp.mpf(float(p)), "delta": mp.mpf(float(delta))} | {along: parameter}
            coefficients = polynomial(point["p"], mp.mpf(float(a)), mp.mpf(float(g)), point["delta"])
            value = sum(c * u**k for k, c in enumerate(coefficients))
            slope = sum(k * c * u ** (k - 1) for k, c in enumerate(coefficients) if k)
            return value, slope

        start = (float({"p": p, "delta": delta}[along]), float(u))
        found = mp.findroot(conditions, start, tol=mp.mpf(10) ** (-DIGITS), maxsteps=60)
        return float(found[0]), float(found[1])


def velocity(s, p, a, g, delta):
    """The equations of motion in numbers of any kind: mpmath, complex."""
    x, y, z = s
    size = (x * x + y * y + z * z) ** 0.5 if isinstance(x, complex | float) else mp.sqrt(x * x + y * y + z * z)
    field = a * z + delta
    return (p - size) * x - g * size - field * y, (p - size) * y + z + field * x, (p - size) * z - y


def jacobian(s, p, a, g, delta):
    """Derivatives of the velocity by complex steps: exact to rounding."""
    columns = []
    for k in range(3):
        shifted = [complex(x, 1e-30 * (i == k)) for i, x in enumerate(s)]
        columns.append([v.imag / 1e-30 for v in velocity(shifted, p, a, g, delta)])
    return np.array(columns).T


def spinor_velocity(psi, W, Gamma, eta, alpha1, alpha2, epsilon, gamma, Delta):
    """dPsi/dt of the spinor Gross-Pitaevskii equation at one point, in its own units (docs/physics.md, section 1)."""
    plus, minus = psi
    S = (abs(plus) ** 2 + abs(minus) ** 2) / 2
    gain = 0.5j * (W - Gamma - eta * S)
    coupling = 0.5 * (epsilon + 1j * gamma)
    energy_plus = 0.5 * Delta + gain + 0.5 * (alpha1 * abs(plus) ** 2 + alpha2 * abs(minus) ** 2)
    energy_minus = -0.5 * Delta + gain + 0.5 * (alpha1 * abs(minus) ** 2 + alpha2 * abs(plus) ** 2)
    return np.array([energy_plus * plus - coupling * minus, energy_minus * minus - coupling * plus]) / 1j
