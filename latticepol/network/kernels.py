"""Compiled loops of a network: the exact local flow of every site, and the hopping (docs/physics.md, sections 1, 3)."""

import math

import numpy as np

from latticepol.numerics.compiled import compiled
from latticepol.numerics.elementary import ANGLE, GROWTH, copy, cos_sin, log1p_over

#: Below this (e^x - 1)/x is 1, and x has lost its digits.
TINY = 1e-300


def tables(p: np.ndarray, delta: np.ndarray, h: float) -> tuple[np.ndarray, np.ndarray]:
    """Return E1 = (e^{ph} - 1)/p, (Bt, N), and T_s = exp(p h/2 - i s delta h/2), (Bt, N, 2), of a substep h."""
    x = p * h  # divided by what was multiplied: p h of a tiny p has lost its digits
    still = np.abs(x) < TINY
    E1 = h * np.where(still, 1.0, np.expm1(x) / np.where(still, 1.0, x))
    turn = 0.5 * h * np.stack([p - 1j * delta, p + 1j * delta], axis=-1)
    return E1, np.exp(turn)


@compiled(nogil=True, error_model="numpy")
def flow(psi, E1, T, a1, a2, c):
    """Apply the flow to psi (B, N, 2) in place; False where a step back in time meets 1 + y <= 0, or psi is NaN.

    ``y = S E1``, ``psi_s <- psi_s T_s/sqrt(1 + y) exp(-(i/2)(a1 |psi_s|^2 + a2 |psi_-s|^2) E1 log(1 + y)/y)``.
    """
    for b in range(psi.shape[0]):
        e, t = E1[b % E1.shape[0]], T[b % T.shape[0]]
        one, two = a1[b % a1.shape[0]], a2[b % a2.shape[0]]
        for n in range(psi.shape[1]):
            plus = psi[b, n, 0].real ** 2 + psi[b, n, 0].imag ** 2
            minus = psi[b, n, 1].real ** 2 + psi[b, n, 1].imag ** 2
            y = 0.5 * (plus + minus) * e[n]
            if not y > -1.0:
                return False
            factor = -0.5 * e[n] * log1p_over(y, c, abs(y) <= GROWTH)
            amplitude = 1.0 / math.sqrt(1.0 + y)
            for s in range(2):
                same, other = (plus, minus) if s == 0 else (minus, plus)
                angle = factor * (one[n] * same + two[n] * other)
                cos, sin = cos_sin(angle, c, abs(angle) <= ANGLE)
                psi[b, n, s] *= t[n, s] * complex(amplitude * cos, amplitude * sin)
    return True


@compiled(nogil=True)
def exponential(psi, data, indices, starts, z, terms, rounding, work):
    """Set Psi <- sum_k (z T)^k/k! psi for a sparse T; flat psi (B, 2N), work (2, 2N).

    At most ``terms`` terms, and none after one whose norm is below ``rounding`` times that of psi.
    """
    for b in range(psi.shape[0]):
        size = 0.0
        for row in range(psi.shape[1]):
            work[0, row] = psi[b, row]
            size += psi[b, row].real ** 2 + psi[b, row].imag ** 2
        enough = rounding**2 * size
        for k in range(1, terms + 1):
            old, new = work[(k - 1) % 2], work[k % 2]
            factor, size = z / k, 0.0
            for row in range(psi.shape[1]):
                total = 0j
                for m in range(starts[row], starts[row + 1]):
                    total += data[m] * old[indices[m]]
                total *= factor
                new[row] = total
                psi[b, row] += total
                size += total.real**2 + total.imag**2
            if size <= enough:
                break


@compiled(nogil=True)
def transpose(source, target):
    """Set target[b, j, i] = source[b, i, j]."""
    for b in range(source.shape[0]):
        for i in range(source.shape[1]):
            for j in range(source.shape[2]):
                target[b, j, i] = source[b, i, j]


@compiled(nogil=True)
def mix(waves, U, work):
    """Set waves[b, :, k] <- U[:, :, k] waves[b, :, k] in place; waves (B, m, P), U (m, m, P), work (m, P)."""
    for b in range(waves.shape[0]):
        for i in range(waves.shape[1]):
            copy(waves[b, i], work[i])
        for i in range(waves.shape[1]):
            for k in range(waves.shape[2]):
                waves[b, i, k] = U[i, 0, k] * work[0, k]
            for j in range(1, waves.shape[1]):
                for k in range(waves.shape[2]):
                    waves[b, i, k] += U[i, j, k] * work[j, k]
