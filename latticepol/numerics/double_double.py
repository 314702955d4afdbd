"""Arithmetic on unevaluated sums (hi, lo) of two doubles, about 31 digits.

The fixed points need it in the last step only: near a fold or the pitchfork a residual rounded to 16 digits leaves a
root known to 8. Algorithms: T. J. Dekker, Numer. Math. 18, 224 (1971), doi:10.1007/BF01397083.
"""

import math

from latticepol.numerics.compiled import compiled

_SPLIT = 134217729.0  # 2**27 + 1 halves the mantissa of a double


@compiled()
def two_sum(x, y):
    """Return x + y exactly."""
    total = x + y
    part = total - x
    return total, (x - (total - part)) + (y - part)


@compiled()
def two_product(x, y):
    """Return x * y exactly."""
    product = x * y
    t = _SPLIT * x
    x_hi = t - (t - x)
    x_lo = x - x_hi
    t = _SPLIT * y
    y_hi = t - (t - y)
    y_lo = y - y_hi
    return product, ((x_hi * y_hi - product) + x_hi * y_lo + x_lo * y_hi) + x_lo * y_lo


@compiled()
def add(x, y):
    """Return x + y."""
    hi, lo = two_sum(x[0], y[0])
    return two_sum(hi, lo + x[1] + y[1])


@compiled()
def negative(x):
    """Return -x."""
    return -x[0], -x[1]


@compiled()
def multiply(x, y):
    """Return x * y."""
    hi, lo = two_product(x[0], y[0])
    return two_sum(hi, lo + x[0] * y[1] + x[1] * y[0])


@compiled()
def divide(x, y):
    """Return x / y."""
    first = x[0] / y[0]
    rest = add(x, negative(multiply((first, 0.0), y)))
    return two_sum(first, (rest[0] + rest[1]) / y[0])


@compiled()
def square_root(x):
    """Return sqrt(x) for x > 0."""
    first = math.sqrt(x[0])
    rest = add(x, negative(two_product(first, first)))
    return two_sum(first, (rest[0] + rest[1]) / (2.0 * first))
