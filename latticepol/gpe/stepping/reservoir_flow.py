"""Compiled local step with an explicit reservoir (docs/physics.md, section 1): the palindrome C(before) D C(after).

C: psi with n frozen. With w_s = W - Gamma + R n_s and E_s = (e^{w_s h} - 1)/w_s,

    |psi_s|^2 <- |psi_s|^2 e^{w_s h},
    arg psi_s <- arg psi_s - (1/2)(alpha1 |psi_s|^2 E_s + alpha2 |psi_-s|^2 E_-s) - (g_R n_s + g_cross n_-s) h.

D: n with |psi|^2 frozen, n <- n + h phi_1(-M h)(P - M n), exact for the 2x2 rate matrix M.

Both need |psi_s|^2 only, so psi itself is multiplied once, at the end, by ``U_s = exp(-i (V + s Delta/2) h)`` and the
rest.
Arrays are flat: psi and n (B, 2, N), U and P (Bt, 1 or 2, N), w (Bt, N).
"""

import math

import numpy as np

from latticepol.gpe.stepping.flow import number, rotate, within
from latticepol.numerics.compiled import compiled
from latticepol.numerics.elementary import BLOCK, exp, sinhc


@compiled()
def _fill(x, value):
    for i in range(x.shape[0]):
        x[i] = value


@compiled()
def _exponent(w, n, R, half_h, x):
    for i in range(x.shape[0]):
        x[i] = (w[i] + R * n[i]) * half_h


@compiled()
def _grow(x, N, growth, h, c, small):
    """Apply growth *= e^x, N *= e^2x, and x becomes the fluence N E."""
    for i in range(x.shape[0]):
        factor = exp(x[i], c, small)
        fluence = h * N[i] * factor * sinhc(x[i], c, small)
        growth[i] *= factor
        N[i] *= factor * factor
        x[i] = fluence


@compiled()
def _turn(angle, same, other, n_same, n_other, half_alpha1, half_alpha2, shift, shift_cross):
    for i in range(angle.shape[0]):
        angle[i] -= half_alpha1 * same[i] + half_alpha2 * other[i] + shift * n_same[i] + shift_cross * n_other[i]


@compiled()
def _condensate(work, n, w, k, b, h, c):
    """Apply C(h) on a block; work holds the rows N_+-, angle_+-, growth_+-, scratch_+-."""
    R = k.R[b % k.R.size]
    for s in range(2):
        x = work[6 + s]
        _exponent(w, n[s], R, c.half * h, x)
        _grow(x, work[s], work[4 + s], h, c, within(x, c.exponent))
    half_alpha1, half_alpha2 = c.half * k.alpha1[b % k.alpha1.size], c.half * k.alpha2[b % k.alpha2.size]
    g_R, g_cross = h * k.g_R[b % k.g_R.size], h * k.g_cross[b % k.g_cross.size]
    for s in range(2):
        _turn(work[2 + s], work[6 + s], work[7 - s], n[s], n[1 - s], half_alpha1, half_alpha2, g_R, g_cross)


@compiled()
def _feed(f, N, n, n_other, P, R, Gamma_R, mixing):
    for i in range(f.shape[0]):
        f[i] = P[i] - (Gamma_R + R * N[i]) * n[i] + mixing * (n_other[i] - n[i])


@compiled(error_model="numpy")
def _relax(f_plus, f_minus, N_plus, N_minus, R, rate, mixing, h, c, small):
    """Apply f <- h phi_1(-M h) f with M = rate + R diag(N_+, N_-) - mixing sigma_x; rate includes mixing."""
    for i in range(f_plus.shape[0]):
        mean = rate + c.half * R * (N_plus[i] + N_minus[i])
        d = c.half * R * (N_plus[i] - N_minus[i])
        r = math.sqrt(d * d + mixing * mixing)
        fast, slow = -c.half * h * (mean + r), -c.half * h * (mean - r)
        phi_fast = exp(fast, c, small) * sinhc(fast, c, small)
        phi_slow = exp(slow, c, small) * sinhc(slow, c, small)
        even = c.half * h * (phi_fast + phi_slow)
        odd = c.half * h * (phi_fast - phi_slow) / (r if r > c.zero else c.one)
        p, m = f_plus[i], f_minus[i]
        f_plus[i] = even * p + odd * (d * p - mixing * m)
        f_minus[i] = even * m - odd * (d * m + mixing * p)


@compiled()
def _add(n, f):
    for i in range(n.shape[0]):
        n[i] += f[i]


@compiled()
def _reservoir(work, n, P_plus, P_minus, k, b, h, c):
    """Apply D(h) on a block."""
    R, Gamma_R, mixing = k.R[b % k.R.size], k.Gamma_R[b % k.Gamma_R.size], k.mixing[b % k.mixing.size]
    shift = c.half * k.vacuum[b % k.vacuum.size]
    rate = Gamma_R - R * shift
    _feed(work[6], work[0], n[0], n[1], P_plus, R, rate, mixing)
    _feed(work[7], work[1], n[1], n[0], P_minus, R, rate, mixing)
    small = c.two * abs(h) * (rate + c.two * mixing) <= c.exponent
    if R * h != 0:
        small &= within(work[0], c.exponent / abs(R * h)) and within(work[1], c.exponent / abs(R * h))
    if small:  # spelled out, so that each version is compiled without the other inside its loop
        _relax(work[6], work[7], work[0], work[1], R, rate + mixing, mixing, h, c, True)
    else:
        _relax(work[6], work[7], work[0], work[1], R, rate + mixing, mixing, h, c, False)
    _add(n[0], work[6])
    _add(n[1], work[7])


@compiled()
def flow(psi, n, U, k, before, after, c):
    """Apply C(before) D(before + after) C(after) to psi and n in place; k: ``LocalCoefficients``."""
    points = psi.shape[2]
    rows = np.empty((8, min(BLOCK, points)), n.dtype)
    for b in range(psi.shape[0]):
        phase, P, w = U[b % U.shape[0]], k.P[b % k.P.shape[0]], k.w[b % k.w.shape[0]]
        for i in range(0, points, BLOCK):
            j = min(i + BLOCK, points)
            m = j - i
            work = (
                rows[0, :m],
                rows[1, :m],
                rows[2, :m],
                rows[3, :m],
                rows[4, :m],
                rows[5, :m],
                rows[6, :m],
                rows[7, :m],
            )
            block = (n[b, 0, i:j], n[b, 1, i:j])
            for s in range(2):
                _fill(work[2 + s], c.zero)
                _fill(work[4 + s], c.one)
            number(psi[b, 0, i:j], work[0])
            number(psi[b, 1, i:j], work[1])
            _condensate(work, block, w[i:j], k, b, before, c)
            _reservoir(work, block, P[0, i:j], P[P.shape[0] - 1, i:j], k, b, before + after, c)
            _condensate(work, block, w[i:j], k, b, after, c)
            for s in range(2):
                U_s = phase[s % phase.shape[0], i:j]
                rotate(psi[b, s, i:j], U_s, work[2 + s], work[4 + s], c, within(work[2 + s], c.angle))
