"""Compiled loops over wavevectors: the phi functions of 2x2 matrices, and matrices applied to a field."""

import math

import numpy as np

from latticepol.numerics.compiled import compiled
from latticepol.numerics.elementary import BLOCK, copy, times, times_add


@compiled()
def phi_functions(zh0, z, om2, out):
    """Return exp, phi_1, phi_2, phi_3 of Z = z h0 + z M as pairs: Taylor series of Z/2^n, then n doublings::

    phi_3(2Z) = (phi_1 phi_2 + phi_2 + 2 phi_3)/8,  phi_2(2Z) = (phi_1^2 + 2 phi_2)/4,  phi_1(2Z) = (e^Z + 1) phi_1/2
    """
    for i in range(zh0.size):
        size = abs(zh0[i]) + abs(z) * math.sqrt(abs(om2[i]))
        n = 0
        while size > 0.5:
            size *= 0.5
            n += 1
        f = 0.5**n
        x, y, q = zh0[i] * f, z * f, om2[i]
        a3, b3 = 0j, 0j
        for k in range(14, -1, -1):
            a3, b3 = a3 * x + q * b3 * y + 1.0 / math.gamma(k + 4.0), a3 * y + b3 * x
        a2, b2 = a3 * x + q * b3 * y + 0.5, a3 * y + b3 * x
        a1, b1 = a2 * x + q * b2 * y + 1.0, a2 * y + b2 * x
        a0, b0 = a1 * x + q * b1 * y + 1.0, a1 * y + b1 * x
        for _ in range(n):
            a3, b3 = (a1 * a2 + q * b1 * b2 + a2 + 2 * a3) / 8, (a1 * b2 + b1 * a2 + b2 + 2 * b3) / 8
            a2, b2 = (a1 * a1 + q * b1 * b1 + 2 * a2) / 4, (2 * a1 * b1 + 2 * b2) / 4
            a1, b1 = ((a0 + 1) * a1 + q * b0 * b1) / 2, ((a0 + 1) * b1 + b0 * a1) / 2
            a0, b0 = a0 * a0 + q * b0 * b0, 2 * a0 * b0
        out[0, 0, i], out[1, 0, i], out[2, 0, i], out[3, 0, i] = a0, a1, a2, a3
        out[0, 1, i], out[1, 1, i], out[2, 1, i], out[3, 1, i] = b0, b1, b2, b3


@compiled()
def _mix(plus, minus, row, factor, scale, pp, pm, mp, mm):
    for i in range(plus.shape[0]):
        f = row[i] + times_add(row[i], factor, factor)
        p, m = times_add(plus[i], f, plus[i]), times_add(minus[i], f, minus[i])
        plus[i] = scale * (p + times_add(pp, p, times(pm, m)))
        minus[i] = scale * (m + times_add(mp, p, times(mm, m)))


@compiled()
def apply_separable(psi, scale, row, column, spin):
    """Apply psi <- scale (1 + spin) (1 + row(kx)) (1 + column(ky)) psi, flat psi (B, 2, N), spin (Bt, 2, 2).

    Without the 1 a table is rounded to a part of what changes in the step: rounding leaves no loss for small steps.
    """
    n = row.size
    for b in range(psi.shape[0]):
        s = spin[b % spin.shape[0]]
        for j in range(column.size):
            plus, minus = psi[b, 0, j * n : (j + 1) * n], psi[b, 1, j * n : (j + 1) * n]
            _mix(plus, minus, row, column[j], scale, s[0, 0], s[0, 1], s[1, 0], s[1, 1])


@compiled()
def _multiply(plus, minus, scale, pp, pm, mp, mm):
    for i in range(plus.shape[0]):
        p, m = plus[i], minus[i]
        plus[i] = scale * (p + times_add(pp[i], p, times(pm[i], m)))
        minus[i] = scale * (m + times_add(mp[i], p, times(mm[i], m)))


@compiled()
def apply_tables(psi, scale, pp, pm, mp, mm):
    """Apply psi <- scale (1 + [[pp, pm], [mp, mm]]) psi, flat psi (B, 2, N), tables (Bt, N)."""
    for b in range(psi.shape[0]):
        k = b % pp.shape[0]
        for i in range(0, psi.shape[2], BLOCK):
            j = min(i + BLOCK, psi.shape[2])
            _multiply(psi[b, 0, i:j], psi[b, 1, i:j], scale, pp[k, i:j], pm[k, i:j], mp[k, i:j], mm[k, i:j])


@compiled()
def _combine_uniform(out, start, a, b, d, u, v, x, weight):
    for i in range(a.shape[0]):
        p, m, f, g = x[0][i], x[1][i], weight * a[i], weight * b[i]
        out[0][i] = times_add(g, times_add(d, p, times(u, m)), times_add(f, p, start[0][i]))
        out[1][i] = times_add(g, times_add(v, p, times(-d, m)), times_add(f, m, start[1][i]))


@compiled()
def _combine(out, start, a, b, d, u, v, x, weight):
    for i in range(a.shape[0]):
        p, m, f, g = x[0][i], x[1][i], weight * a[i], weight * b[i]
        out[0][i] = times_add(g, times_add(d[i], p, times(u[i], m)), times_add(f, p, start[0][i]))
        out[1][i] = times_add(g, times_add(v[i], p, times(-d[i], m)), times_add(f, m, start[1][i]))


@compiled()
def combine(out, start, f, spin, x, weight):
    """Set out <- start + weight (a + b M) x; flat fields (B, 2, N), f the pair a, b (Bt, N), spin the d, u, v of M.

    The fields may be the same; a loop into an array of its own compiles to vector instructions all the same.
    """
    work = np.empty((2, BLOCK), out.dtype)
    for n in range(out.shape[0]):
        k, p, q, r = n % f.a.shape[0], n % spin.d.shape[0], n % spin.u.shape[0], n % spin.v.shape[0]
        for i in range(0, out.shape[2], BLOCK):
            j = min(i + BLOCK, out.shape[2])
            a, b, new = f.a[k, i:j], f.b[k, i:j], (work[0, : j - i], work[1, : j - i])
            old, given = (start[n, 0, i:j], start[n, 1, i:j]), (x[n, 0, i:j], x[n, 1, i:j])
            if spin.u.shape[1] == 1:
                _combine_uniform(new, old, a, b, spin.d[p, 0], spin.u[q, 0], spin.v[r, 0], given, weight)
            else:
                _combine(new, old, a, b, spin.d[p, i:j], spin.u[q, i:j], spin.v[r, i:j], given, weight)
            for s in range(2):
                copy(new[s], out[n, s, i:j])
