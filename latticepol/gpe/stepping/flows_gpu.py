"""The local flows with array functions only: what :mod:`flow`, :mod:`reservoir_flow`, :mod:`equation` and :mod:`noise`
compile, for arrays of any module that numpy's functions act on (NEP 13, NEP 18), CuPy's on a GPU.

Everything broadcasts to (B, 2, N): psi and n (B, 2, N); T, V and P (Bt, 1 or 2, N); w and E1 (Bt, 1, N); numbers (Bt,
1, 1); Bt is 1 or the batch B. The spin is the second axis, and ``x[:, ::-1]`` are the values of the other spin.
"""

from typing import Any

import numpy as np

from latticepol.gpe.coefficients import LocalCoefficients
from latticepol.gpe.stepping.momentum import Pairs, Spin

Array = Any


def number(psi: Array) -> Array:
    """Return |psi|^2."""
    return psi.real * psi.real + psi.imag * psi.imag


def integral(rate: Array, h: float) -> Array:
    """Return ``int_0^h e^{rate t} dt = (e^{rate h} - 1)/rate``, which is h where rate = 0."""
    x = rate * h
    zero = x == 0
    return h * ((np.expm1(x) + zero) / (x + zero))


def log1p_over(y: Array) -> Array:
    """Return log(1 + y)/y, which is 1 where y = 0."""
    zero = y == 0
    return (np.log1p(y) + zero) / (y + zero)


def tables(w: Array, V: Array, h: float) -> tuple[Array, Array]:
    """Return ``E1 = (e^{wh} - 1)/w`` and ``T_s = exp(wh/2 - i V_s h)``, V_s with its s Delta/2."""
    return integral(w, h), np.exp(0.5 * h * w - 1j * h * V)


def saturable(psi: Array, T: Array, E1: Array, c: LocalCoefficients, h: float) -> bool:
    """Apply the exact flow with saturable gain in place; return False where a step back in time meets 1 + y <= 0::

        y = eta S E1,   int_0^h |psi_s|^2 dt = |psi_s|^2 E1 log(1 + y)/y,
        psi_s <- psi_s T_s exp(-(i/2) int (alpha1 |psi_s|^2 + alpha2 |psi_-s|^2) dt)/sqrt(1 + y)

    Only a step back in time waits for the device to answer.
    """
    N = number(psi)
    y = 0.5 * c.eta * E1 * N.sum(axis=1, keepdims=True)
    if h < 0 and not (y > -1).all():
        return False
    fluence = N * (E1 * log1p_over(y))
    psi *= T * np.exp(-0.5j * (c.alpha1 * fluence + c.alpha2 * fluence[:, ::-1])) / np.sqrt(1 + y)
    return True


def reservoir(psi: Array, n: Array, U: Array, c: LocalCoefficients, before: float, after: float) -> None:
    """Apply the palindrome C(before) D(before + after) C(after) of ``reservoir_flow``, in place."""
    N = number(psi)
    N, growth, angle = _condensate(N, n, c, before)
    n += _relaxation(N, n, c, before + after)
    _, growth_after, angle_after = _condensate(N, n, c, after)
    psi *= U * np.exp(growth + growth_after + 1j * (angle + angle_after))


def _condensate(N: Array, n: Array, c: LocalCoefficients, h: float) -> tuple[Array, Array, Array]:
    """Return C: |psi|^2 after h, and what log |psi| and arg psi gain, at frozen n."""
    rate = c.w + c.R * n
    fluence = N * integral(rate, h)
    angle = -0.5 * (c.alpha1 * fluence + c.alpha2 * fluence[:, ::-1]) - h * (c.g_R * n + c.g_cross * n[:, ::-1])
    return N * np.exp(h * rate), 0.5 * h * rate, angle


def reservoir_rates(N: Array, n: Array, c: LocalCoefficients) -> Array:
    """Return ``dn_s/dt = P_s - (Gamma_R + R |psi_s|^2) n_s + (n_-s - n_s) mixing``, without the vacuum in |psi_s|^2."""
    return c.P - (c.Gamma_R + c.R * (N - 0.5 * c.vacuum)) * n + c.mixing * (n[:, ::-1] - n)


def _relaxation(N: Array, n: Array, c: LocalCoefficients, h: float) -> Array:
    """Return D: what n gains in h at frozen N, ``h phi_1(-M h)(P - M n)`` with M = mean + d sigma_z - mixing
    sigma_x."""
    rates = c.R * (N - 0.5 * c.vacuum)
    mean = c.Gamma_R + c.mixing + 0.5 * (rates[:, :1] + rates[:, 1:])
    d = 0.5 * (rates - rates[:, ::-1])  # of either spin: s d
    r = np.sqrt(d * d + c.mixing * c.mixing)
    fast, slow = integral(-mean - r, h), integral(-mean + r, h)
    even, odd = 0.5 * (fast + slow), 0.5 * (fast - slow) / (r + (r == 0))
    f = reservoir_rates(N, n, c)
    return even * f + odd * (d * f - c.mixing * f[:, ::-1])


def rates(psi: Array, n: Array, c: LocalCoefficients, out: Array, out_n: Array) -> None:
    """Write the local right-hand side of :mod:`latticepol.gpe.equation` without the drive to ``out`` and ``out_n``."""
    N = number(psi)
    gain = 0.5 * (c.w - 0.5 * c.eta * N.sum(axis=1, keepdims=True))
    energy = c.V + 0.5 * (c.alpha1 * N + c.alpha2 * N[:, ::-1])
    if n.size:
        gain = gain + 0.5 * c.R * n
        energy = energy + c.g_R * n + c.g_cross * n[:, ::-1]
        out_n[...] = reservoir_rates(N, n, c)
    out[...] = (gain - 1j * energy) * psi


def disturb(psi: Array, n: Array, xi: Array, c: LocalCoefficients, gamma: Array, h: float) -> bool:
    """Apply psi += A xi, Wigner noise from complex normal ``xi``, in place; return False unless its covariance is
    positive::

        A A^T = [(max(W - eta S_w, 0) + R n_s + Gamma) delta_ss' + gamma sigma_x] h vacuum/2

    with A lower triangular.
    """
    S = 0.5 * number(psi).sum(axis=1, keepdims=True)
    power = np.maximum(c.w + c.loss - c.eta * S, 0) + c.loss
    if n.size:
        power = power + c.R * n
    plus, minus = power[:, 0], power[:, -1]
    if not ((plus * minus >= gamma * gamma) & (plus >= 0)).all():
        return False
    scale, root = np.sqrt(0.5 * h * c.vacuum[:, 0]), np.sqrt(plus)
    cross = gamma / (root + (root == 0))
    psi[:, 0] += scale * root * xi[:, 0]
    psi[:, 1] += scale * (cross * xi[:, 0] + np.sqrt(np.maximum(minus - cross * cross, 0)) * xi[:, 1])
    return True


def multiply(psi: Array, pp: Array, pm: Array, mp: Array, mm: Array) -> None:
    """Apply psi <- [[pp, pm], [mp, mm]] psi at each wavevector, tables (Bt, N)."""
    plus, minus = psi[:, 0], psi[:, 1]
    psi[:, 0], psi[:, 1] = pp * plus + pm * minus, mp * plus + mm * minus


def combine(out: Array, start: Array, f: Pairs, spin: Spin, x: Array, weight: float) -> None:
    """Set out <- start + weight (a + b M) x, with the pair a, b and the d, u, v of M at each wavevector."""
    plus, minus = x[:, 0], x[:, 1]
    upper = f.a * plus + f.b * (spin.d * plus + spin.u * minus)
    lower = f.a * minus + f.b * (spin.v * plus - spin.d * minus)
    out[:, 0], out[:, 1] = start[:, 0] + weight * upper, start[:, 1] + weight * lower
