"""Precession and damping of small deviations from a stationary state (docs/physics.md, section 2)."""

from typing import NamedTuple

import numpy as np


class Modes(NamedTuple):
    """Eigenvalues -gamma_p +- i Omega and -Gamma_p of J with their vectors, arrays (N,) and (N, 3)."""

    Omega: np.ndarray
    gamma_p: np.ndarray
    Gamma_p: np.ndarray
    u1: np.ndarray
    u2: np.ndarray
    n: np.ndarray
    v3: np.ndarray


def modes(j: np.ndarray) -> Modes:
    """Return the modes of the Jacobians j, shape (N, 3, 3), NaN where j is NaN.

    With v = u1 + i u2 belonging to -gamma_p + i Omega, Omega > 0, a deviation turns from u1 towards -u2, so the
    effective field points along n = u2 x u1/|u2 x u1|. The phase of v is chosen such that u1 and u2 are the half axes
    of the ellipse. Without a complex pair Omega = 0, gamma_p and Gamma_p are the slowest and fastest rate, and no
    direction is defined.
    """
    found = Modes(*(np.full((len(j), *shape), np.nan) for shape in [(), (), (), (3,), (3,), (3,), (3,)]))
    exists = np.flatnonzero(~np.isnan(j).any(axis=(1, 2)))
    values, vectors = np.linalg.eig(j[exists].astype(complex))
    order = np.argsort(values.imag, axis=1)
    rows = np.arange(len(exists))[:, None]
    values, vectors = values[rows, order], np.moveaxis(vectors, 2, 1)[rows, order]
    scale = np.abs(values).max(axis=1, initial=0.0)
    turning = values[:, 2].imag > 1e-12 * scale  # rounding leaves real pairs an imaginary part of 1e-16
    rates = np.sort(-values.real, axis=1)
    found.Omega[exists] = np.where(turning, values[:, 2].imag, 0.0)
    found.gamma_p[exists] = np.where(turning, -values[:, 2].real, rates[:, 0])
    found.Gamma_p[exists] = np.where(turning, -values[:, 1].real, rates[:, 2])
    pair, third = vectors[turning, 2], vectors[turning, 1]
    pair = pair * np.exp(-0.5j * np.angle((pair**2).sum(axis=1)))[:, None]
    u1, u2 = pair.real, pair.imag
    n = np.cross(u2, u1)
    n /= np.linalg.norm(n, axis=1, keepdims=True)
    v3 = (third * np.exp(-1j * np.angle((third**2).sum(axis=1)) / 2)[:, None]).real
    v3 *= np.sign((v3 * n).sum(axis=1, keepdims=True)) / np.linalg.norm(v3, axis=1, keepdims=True)
    rows = exists[turning]
    found.u1[rows], found.u2[rows], found.n[rows], found.v3[rows] = u1, u2, n, v3
    return found
