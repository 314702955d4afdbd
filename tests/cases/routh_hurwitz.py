"""The exact growth rate of equal condensates on a lattice, from the criterion of Routh and Hurwitz.

Without dJ the linear motion about the same state on every site depends on k through one number x alone, the energy of a
wave above the condensate (docs/physics.md, section 4): ``L(x) = L(0) + x diag(1, 1, -1, -1)``. Its characteristic
polynomial in s = -i w is real, ``s^4 + c3 s^3 + c2 s^2 + c1 s + c0`` with polynomials c(x), and no mode grows exactly
where ``c1``, ``c0`` and ``h = c1 c2 c3 - c3^2 c0 - c1^2`` are not negative (c3 > 0). Between the roots of these
polynomials the sign is the same, so that no resonance is too narrow to be seen, and none has to be looked for.
"""

import numpy as np
from numpy.polynomial import Polynomial

from latticepol.numerics import eigen

#: x from 0 to this many times J, by lattice.
WIDTH = {"square": 8, "triangular": 9, "honeycomb": 6, "kagome": 6}
#: Parts of the band that are next to each other to rounding.
LAST_BITS = 1e-14
UPPER = np.diag([1.0, 1.0, -1.0, -1.0])


def site_matrix(A, B, mu):
    """L(0) of one condensate (4, 4), from the derivatives A and B (2, 2) of all that happens on its site."""
    H = A - mu * np.eye(2)
    return np.block([[H, B], [-B.conj(), -H.conj()]])


def _polynomials(L0, width):
    """c0, c1 and h over x/width, from the characteristic polynomials at seven points."""
    x = 0.5 - 0.5 * np.cos(np.pi * (np.arange(7) + 0.5) / 7)
    c3, c2, c1, c0 = np.array([np.poly(-1j * (L0 + width * one * UPPER)).real[1:] for one in x]).T
    h = c1 * c2 * c3 - c3**2 * c0 - c1**2
    return [Polynomial.fit(x, c, 6, domain=[0, 1], window=[0, 1]) for c in (c0, c1, h)]


def exact_growth(L0, width):
    """(largest Im w over 0 <= x <= width, its x, the width of the pieces of x in which a mode grows)."""
    polynomials = _polynomials(L0, width)
    marks = [0.0, 1.0]
    for c in polynomials:  # between a root and the next extremum nothing changes its sign
        for roots in (c.roots(), c.deriv().roots()):
            marks += [z.real for z in np.atleast_1d(roots) if abs(z.imag) < 1e-3 and 0 < z.real < 1]
    marks = np.unique(marks)
    inner = marks[:-1, None] + np.diff(marks)[:, None] * np.linspace(0, 1, 33)

    def rate(x):
        return eigen.eigenvalues(L0 + width * x.reshape(-1, 1, 1) * UPPER).imag.max(axis=-1).reshape(x.shape)

    here = rate(inner)
    size = float(np.diff(marks)[here[:, 16] > 0].sum() * abs(width))  # of the pieces whose middle grows
    rows = np.arange(len(here))
    for _ in range(40):
        best = here.argmax(axis=1)
        low, high = inner[rows, np.maximum(best - 1, 0)], inner[rows, np.minimum(best + 1, inner.shape[1] - 1)]
        inner = low[:, None] + (high - low)[:, None] * np.linspace(0, 1, 9)
        here = rate(inner)
        if (high - low).max() < LAST_BITS:
            break
    best = np.unravel_index(here.argmax(), here.shape)
    return float(here[best]), float(width * inner[best]), size


def drawn(rng, hopping=True):
    """A random condensate and its hopping: parameters of a Site, J and dJ/J."""
    site = {
        "a": rng.uniform(0.5, 5),
        "g": rng.uniform(0.05, 3),
        "a2": rng.uniform(-1, 1),
        "delta": float(np.exp(rng.uniform(np.log(1e-4), np.log(0.3)))),
    }
    threshold = max((1 + site["g"] ** 2) / site["a"] - site["g"], 0.0)
    return site | {"p": threshold + rng.uniform(0, 2)}, rng.uniform(0.02, 8), rng.uniform(0, 0.5) if hopping else 0.0
