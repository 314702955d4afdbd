r"""Folds: where two stationary states meet (x, c, n, P as in stationary.py).

At a fold df/dx = 0, that is P = 0. Eliminating the pump gives its place on the branch for a given field,

    delta = h(x) = -x^3 (1 - n c^2) R / (1 + g^2),
    p = [1 + (2 g^2 - n) c^2 + (2 n - g^2) c^4 + n g^2 c^6] / (a (1 + g^2) c^3),

and for a given pump the zeros of P themselves. Next to the fold p - p_fold ~ -(dP/dc) c^2 / (2 a R^2) (x - x_fold)^2 at
fixed field, which says on which side the two states exist. x = 0 is the pitchfork at delta = 0.
"""

import math

import numpy as np

from latticepol.numerics.compiled import compiled
from latticepol.pseudospin.stationary import cosine, field_at, field_extrema, real_zeros, sort

# Descartes' rule of signs. For given delta: dh/dx has one zero x > 0 at most, so h = delta three x, each of them with
# s > 0 on one sheet. For given p: P has two zeros c on each sheet at most, each of them a fold for delta and -delta.
MAX_IN_PUMP = 3
MAX_IN_FIELD = 8


@compiled()
def pump_of_fold(x, sigma, a, g):
    """Return the pump at which the state at x is a fold."""
    c = cosine(x, sigma)
    n, c2 = g * (g - a), c * c
    return (1.0 + c2 * (2 * g * g - n + c2 * (2 * n - g * g + n * g * g * c2))) / (a * (1 + g * g) * c2 * c)


@compiled()
def field_of_fold(x, sigma, a, g):
    """Return h(x), the field in which the state at x is a fold."""
    c2 = cosine(x, sigma) ** 2
    return -(x**3) * (1.0 - g * (g - a) * c2) * math.sqrt(1.0 + g * g * c2) / (1.0 + g * g)


@compiled()
def curvature_of_pump(x, sigma, p, a, g):
    """Return d^2 p/dx^2 at a fold, at fixed field."""
    c = cosine(x, sigma)
    n, c2, g2 = g * (g - a), c * c, g * g
    slope = c * (2 * (2 * g2 - n) + c * (-3 * a * p * (1 + g2) + c * (4 * (2 * n - g2) + 6 * n * g2 * c2)))
    return -slope * c2 / (a * (1.0 + g2 * c2))


@compiled()
def _field_of_fold_extrema(a, g):
    """Return the x > 0 at which dh/dx = 0, ascending: cusps of the fold line."""
    n, g2 = g * (g - a), g * g
    # 3 (1 - n y)(1 + g^2 y) + 2 n y (1 - y)(1 + g^2 y) - g^2 y (1 - y)(1 - n y),  y = c^2
    zeros = real_zeros((3.0, 2 * g2 - n, g2 - 2 * n, -3 * n * g2, 0.0, 0.0, 0.0), 0.0, 1.0)
    x = np.empty(zeros.size)
    for i in range(zeros.size):
        y = zeros[zeros.size - 1 - i]
        x[i] = math.sqrt((1.0 - y) / y)
    return x


@compiled()
def _folds_at_field(sigma, a, g, delta):
    """Return all x of folds on one sheet in the field delta."""
    extrema = _field_of_fold_extrema(a, g)
    edges = np.zeros(extrema.size + 2)
    for i in range(extrema.size):
        edges[i + 1] = extrema[i]
    edges[-1] = 2.0 * edges[-2] + 1.0
    while abs(field_of_fold(edges[-1], sigma, a, g)) <= abs(delta):
        edges[-1] *= 2.0
    found = np.empty(2 * edges.size)
    count = 0
    for side in (-1.0, 1.0):
        for i in range(edges.size - 1):
            left, right = side * edges[i], side * edges[i + 1]
            f_left = field_of_fold(left, sigma, a, g) - delta
            f_right = field_of_fold(right, sigma, a, g) - delta
            if f_left * f_right > 0.0 or f_left == 0.0:
                continue
            while True:
                middle = 0.5 * (left + right)
                if middle in (left, right):
                    break
                f_middle = field_of_fold(middle, sigma, a, g) - delta
                if f_middle != 0.0 and (f_middle > 0.0) == (f_left > 0.0):
                    left = middle
                else:  # f_right may be zero, f_left is not
                    right = middle
            found[count] = right
            count += 1
    return found[:count]


@compiled()
def _put(rows, k, x, sigma, value, opens):
    """Fill a row; the assignment of a tuple to a slice takes ten times as long to compile."""
    rows[k, 0], rows[k, 1], rows[k, 2], rows[k, 3] = x, sigma, value, opens


@compiled()
def folds_in_pump(a, g, delta):
    """Return folds at fixed field: rows (x, sigma, p, opens), by increasing p; the pitchfork among them at delta =
    0."""
    rows = np.empty((8, 4))
    count = 0
    for sigma in (1.0, -1.0):
        found = _folds_at_field(sigma, a, g, delta)
        for i in range(found.size + (delta == 0.0)):
            x = found[i] if i < found.size else 0.0
            p = pump_of_fold(x, sigma, a, g)
            if p + g * cosine(x, sigma) > 0.0:
                _put(rows, count, x, sigma, p, np.sign(curvature_of_pump(x, sigma, p, a, g)))
                count += 1
    sort(rows, count, 1.0)
    return rows[:count]


@compiled()
def folds_in_field(p, a, g):
    """Return folds at fixed pump: rows (x, sigma, delta, opens), by increasing delta."""
    rows = np.empty((24, 4))
    count = 0
    for sigma in (1.0, -1.0):
        for extremum in field_extrema(sigma, p, a, g):
            if p + g * cosine(extremum, sigma) > 0.0 and extremum > 0.0:
                # d^2 delta/dx^2 = a c x/R d^2 p/dx^2
                opens = np.sign(curvature_of_pump(extremum, sigma, p, a, g)) * sigma
                delta = field_at(extremum, sigma, p, a, g)
                _put(rows, count, extremum, sigma, delta, opens)
                _put(rows, count + 1, -extremum, sigma, -delta, -opens)
                count += 2
    sort(rows, count, 1.0)
    return rows[:count]
