"""The first order in epsilon/omega beyond the overlaps, in two ways that differ in second order.

The *deformed condensate* is the single condensate whose mode gives way: its equation of motion has the terms of first
order, and its states solve that equation, however large the deformation. The *closed form* is its pitchfork, expanded
to first order once more; it is a number without an equation.

The field is ``c_s(tau) phi + sum_n b_sn phi_n``. The excited modes follow at once: with ``F_s = f_s c_s`` the cubic
terms in the ground mode, ``f_s = [(a1 + a2 - i) s + sign a s_z]/2``, and W the gain,

    b_sn = -(q_n F_s + (i/2) w_n c_s)/(E_n - E_0) ,

and act back on c. With q and x of :mod:`trap`, ``x = (p + Gamma) x/omega`` and ``q = q/omega``,

    F  ->  F (1 - i x) - q (dF/dc F + dF/dc^* F^*) .

x is the flow from where the gain is to where it is not; q is the mode that the interaction widens and that saturation
eats. In F the part that is common to both spins changes the gain, that of opposite sign the field and, with its
imaginary part, the gain of the two spins against each other. The closed form of the pitchfork is

    p_c -> p_c + s_c [ q s_c (a - g) + x (a1 + a2 + g) ] .
"""

import numpy as np
from scipy.optimize import brentq, root
from trap import A1, A2, LOSS, empty

import latticepol as lp

#: alpha_1 + alpha_2 - i eta and alpha, in units of eta.
COMMON, A = A1 + A2 - 1j, A1 - A2
#: Step of the differences that give the derivative of the velocity.
STEP = 1e-5
#: The pitchfork of the deformed condensate is looked for this far around the closed form, times 1/omega.
AROUND = 0.8


def closed_form(omega: float, g: float) -> float:
    """p_c with its shift of first order."""
    at = lp.pitchfork(lp.Site(p=0.0, a=A, g=g))
    p_c, s_c = float(at.p_c), float(at.s_c)
    q, x = empty().q / omega, (p_c + LOSS) * empty().x / omega
    return p_c + s_c * (q * s_c * (A - g) + x * (A1 + A2 + g))


def pitchfork(omega: float, g: float) -> float:
    """p_c of the deformed condensate: where a small (s_y, s_z) about its linear state neither grows nor decays."""

    def restoring(p: float) -> float:
        linear = state(omega, p, g, 0.0, np.array([-(p + g), 0.0, 0.0]))
        return float(np.linalg.det(jacobian(linear, omega, p, g)[1:, 1:]))

    return float(brentq(restoring, closed_form(omega, g) - AROUND / omega, closed_form(omega, g) + AROUND / omega))


def velocity(s: np.ndarray, omega: float, p: float, g: float, delta: float) -> np.ndarray:
    """ds/dtau of the pseudospin (3,) of the deformed condensate; at omega = inf that of docs/physics.md, section 2."""
    (s_x, s_y, s_z), size = s, np.linalg.norm(s)
    q, x = empty().q / omega, (p + LOSS) * empty().x / omega
    # of the common part without A^2 s_z^2/4: what is real is a phase of both spins
    even = COMMON**2 * size**2 / 4 + COMMON * (COMMON.real * size**2 + A * s_z**2) / 2
    odd = (COMMON + COMMON.real + A) * A * size * s_z / 2
    common = (1 - 1j * x) * COMMON * size / 2 - q * even
    opposite = (1 - 1j * x) * A * s_z / 2 - q * odd
    gain, field, against = p + 2 * common.imag, 2 * opposite.real + delta, 2 * opposite.imag
    return np.array(
        [
            gain * s_x - g * size - field * s_y,
            gain * s_y + s_z + field * s_x,
            gain * s_z - s_y + against * size,
        ]
    )


def state(omega: float, p: float, g: float, delta: float, start: np.ndarray) -> np.ndarray:
    """The stationary pseudospin of the deformed condensate next to ``start``; NaN where Newton's method finds none."""
    found = root(velocity, start, args=(omega, p, g, delta), tol=1e-13)
    return found.x if np.abs(found.fun).max() < 1e-10 and np.linalg.norm(found.x) > 1e-3 else np.full(3, np.nan)


def slowest(omega: float, p: float, g: float) -> float:
    """The smallest relaxation rate of the elliptical state at delta = 0, from the derivative of the velocity."""
    s = state(omega, p, g, 0.0, lp.g_eff(lp.Site(p=p, a=A, g=g)).pseudospin.values)
    return -float(np.linalg.eigvals(jacobian(s, omega, p, g)).real.max())


def jacobian(s: np.ndarray, omega: float, p: float, g: float) -> np.ndarray:
    """The derivative of the velocity (3, 3) at delta = 0."""
    columns = [velocity(s + step, omega, p, g, 0.0) - velocity(s - step, omega, p, g, 0.0) for step in STEP * np.eye(3)]
    return np.transpose(columns) / (2 * STEP)
