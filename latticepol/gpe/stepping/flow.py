"""Compiled exact flow of the local equation with saturable gain (docs/physics.md, section 1).

With w = W - Gamma, S0 the value of S at the start and h the substep::

    y = eta S0 E1,   E1 = (e^{wh} - 1)/w,   I = int_0^h S dt = S0 E1 log(1 + y)/y,
    psi_s <- psi_s e^{wh/2 - i (V + s Delta/2) h} / sqrt(1 + y) * exp(-(i/2) (alpha1 |psi_s|^2 + alpha2 |psi_-s|^2)
    I/S0).

What depends on r only is tabulated: ``T_s = exp(wh/2 - i (V + s Delta/2) h)`` and ``E1``. Arrays are flat: psi (B, 2,
N),
T (Bt, 1 or 2, N), E1 (Bt, N), eta, alpha1, alpha2 (Bt), where B is the batch and Bt is 1 or B. A step back in time has
h < 0 and fails where 1 + y <= 0.
"""

import math

import numpy as np

from latticepol.numerics.compiled import compiled
from latticepol.numerics.elementary import BLOCK, cos_sin, exp, log1p_over, muladd, sinhc, times


@compiled()
def number(psi, N):
    """Set N = |psi|^2."""
    for i in range(N.shape[0]):
        N[i] = muladd(psi[i].real, psi[i].real, psi[i].imag * psi[i].imag)


@compiled()
def saturation(N_plus, N_minus, E1, half_eta, limit, y):
    """Set Y = eta S E1; return at how many points S E1 exceeds ``limit``."""
    above = 0
    for i in range(y.shape[0]):
        x = (N_plus[i] + N_minus[i]) * E1[i]
        y[i] = half_eta * x
        above += not (abs(x) <= limit)
    return above


@compiled(error_model="numpy")
def angles(N_plus, N_minus, y, E1, alpha1, alpha2, c, small):
    """Overwrite N_s by the phase of psi_s and y by 1/sqrt(1 + y)."""
    for i in range(y.shape[0]):
        g = -c.half * E1[i] * log1p_over(y[i], c, small)
        n_plus, n_minus = N_plus[i], N_minus[i]
        N_plus[i] = g * muladd(alpha1, n_plus, alpha2 * n_minus)
        N_minus[i] = g * muladd(alpha1, n_minus, alpha2 * n_plus)
        y[i] = c.one / math.sqrt(c.one + y[i])


@compiled()
def rotate(psi, T, angle, amplitude, c, small):
    """Apply psi <- psi T amplitude exp(i angle)."""
    for i in range(psi.shape[0]):
        cos, sin = cos_sin(angle[i], c, small)
        psi[i] = times(psi[i], times(T[i], complex(amplitude[i] * cos, amplitude[i] * sin)))


@compiled()
def _tables(w, V, half_h, E1, T, c, small):
    for i in range(w.shape[0]):
        x = w[i] * half_h
        growth = exp(x, c, small)
        cos, sin = cos_sin(c.two * V[i] * half_h, c, small)
        E1[i] = c.two * half_h * growth * sinhc(x, c, small)
        T[i] = complex(growth * cos, -growth * sin)


@compiled()
def within(x, limit):
    """Return whether |x| <= limit everywhere; counted, because a maximum does not compile to vector instructions."""
    above = 0
    for i in range(x.shape[0]):
        above += not (abs(x[i]) <= limit)
    return above == 0


@compiled()
def above(x, limit):
    """Return whether x > limit everywhere."""
    below = 0
    for i in range(x.shape[0]):
        below += not (x[i] > limit)
    return below == 0


@compiled()
def tables(w, V, half_h, E1, T, c):
    """Fill E1 and T for one component: w = W - Gamma, V includes s Delta/2, all flat and of length N."""
    for i in range(0, w.size, BLOCK):
        j = min(i + BLOCK, w.size)
        small = True
        if half_h != 0:
            small = within(V[i:j], c.half * c.angle / abs(half_h)) and within(w[i:j], c.exponent / abs(half_h))
        _tables(w[i:j], V[i:j], half_h, E1[i:j], T[i:j], c, small)


@compiled()
def flow(psi, T, E1, eta, alpha1, alpha2, c):
    """Apply the flow to psi in place; returns False where a step back in time meets 1 + y <= 0, or psi is NaN."""
    points = psi.shape[2]
    work = np.empty((3, min(BLOCK, points)), E1.dtype)
    tiny = c.growth * c.growth * c.growth
    for b in range(psi.shape[0]):
        eta_b, alpha1_b, alpha2_b = eta[b % eta.size], alpha1[b % alpha1.size], alpha2[b % alpha2.size]
        T_plus, T_minus = T[b % T.shape[0], 0], T[b % T.shape[0], T.shape[1] - 1]
        E = E1[b % E1.shape[0]]
        limit = c.two * c.growth / max(abs(eta_b), c.half * abs(alpha1_b), c.half * abs(alpha2_b), tiny)
        for i in range(0, points, BLOCK):
            j = min(i + BLOCK, points)
            N_plus, N_minus, y = work[0, : j - i], work[1, : j - i], work[2, : j - i]
            number(psi[b, 0, i:j], N_plus)
            number(psi[b, 1, i:j], N_minus)
            small = saturation(N_plus, N_minus, E[i:j], c.half * eta_b, limit, y) == 0
            if not small and not above(y, -c.one):  # before psi is touched, so that the reason can be told
                return False
            angles(N_plus, N_minus, y, E[i:j], alpha1_b, alpha2_b, c, small)
            rotate(psi[b, 0, i:j], T_plus[i:j], N_plus, y, c, small)
            rotate(psi[b, 1, i:j], T_minus[i:j], N_minus, y, c, small)
    return True


@compiled()
def _add(psi, F, factor):
    for i in range(psi.shape[0]):
        psi[i] += factor * F[i]


@compiled()
def kick(psi, F, factor):
    """Apply psi += factor F; flat psi (B, 2, N), F (Bt, 1 or 2, N)."""
    for b in range(psi.shape[0]):
        for s in range(2):
            _add(psi[b, s], F[b % F.shape[0], s % F.shape[1]], factor)
