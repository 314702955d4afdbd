r"""Eigenvectors of small matrices from their Schur forms A = Q T Q^dagger, one matrix in each lane (`schur`).

Column k of Y solves T y = T_kk y with zeros below y_k, by back substitution. X = Q Y has the right vectors, of length
1, and the columns of Z = (X^-1)^dagger = Q Y^-dagger are the left ones: Z^dagger X = 1 also among modes of one
frequency, where single left and right vectors know nothing of each other.
"""

from typing import Any

from latticepol.numerics.compiled import inlined
from latticepol.numerics.schur import ROUNDING, column, size
from latticepol.numerics.simd import (
    PAIR,
    absolute,
    conj,
    copysign,
    fma,
    im,
    load,
    norm2,
    pair,
    re,
    select,
    some,
    splat,
    sqrt,
    store,
)  # fmt: skip

#: Beyond this a right vector is made smaller while it is solved for, so that no square of it overflows, and left ones
#: are cut off.
HUGE = 1e100


@inlined
def divided(z: Any, by: Any) -> Any:
    """Return z / by."""
    return (z * conj(by)) * (splat(1.0) / norm2(by))


@inlined
def limited(z: Any) -> Any:
    """Return z with real and imaginary part at most HUGE."""
    x, y, most = re(z), im(z), splat(HUGE)
    return pair(
        select(absolute(x) > most, copysign(most, x), x),
        select(absolute(y) > most, copysign(most, y), y),
    )  # fmt: skip


@inlined
def scaled(Y: Any, d: int, rows: int, factor: Any) -> None:
    """Multiply the first rows of a column by a real number."""
    for i in range(rows):
        store(Y, d + i * PAIR, load(Y, d + i * PAIR) * factor)


@inlined
def triangle_vectors(T: Any, n: int, largest_entry: Any) -> None:
    """Put the vectors Y, of length 1, in place of T, column by column from the last, which none of the others needs.

    Two eigenvalues that are closer than rounding of the matrix are taken to be that far apart, as in LAPACK.
    """
    zero, one = splat(0.0), splat(1.0)
    least = largest_entry * splat(ROUNDING)
    for k in range(n - 1, -1, -1):
        d = k * column(n)
        value = load(T, d + k * PAIR)
        for i in range(k):
            store(T, d + i * PAIR, -load(T, d + i * PAIR))
        store(T, d + k * PAIR, pair(one, zero))
        for j in range(k - 1, -1, -1):
            before = j * column(n)
            gap = load(T, before + j * PAIR) - value
            gap = select(norm2(gap) < least * least, pair(least, zero), gap)
            y = divided(load(T, d + j * PAIR), gap)
            store(T, d + j * PAIR, y)
            huge = size(y) > splat(HUGE)
            if some(huge):
                factor = select(huge, splat(1 / HUGE), one)
                scaled(T, d, k + 1, factor)
                y = y * factor
            for i in range(j):
                store(T, d + i * PAIR, fma(-load(T, before + i * PAIR), y, load(T, d + i * PAIR)))
        length2 = zero
        for i in range(k + 1):
            length2 = norm2(load(T, d + i * PAIR)) + length2
        scaled(T, d, k + 1, one / sqrt(length2))


@inlined
def right_vectors(Y: Any, Q: Any, X: Any, n: int) -> None:
    """Put Q Y into X."""
    for k in range(n):
        d = k * column(n)
        i = 0
        while i < n:  # two at a time: their sums do not wait for each other
            last = min(i + 1, n - 1)
            x = z = pair(splat(0.0), splat(0.0))
            for j in range(k + 1):
                y = load(Y, d + j * PAIR)
                x = fma(load(Q, j * column(n) + i * PAIR), y, x)
                z = fma(load(Q, j * column(n) + last * PAIR), y, z)
            store(X, d + i * PAIR, x)
            store(X, d + last * PAIR, z)
            i += 2


@inlined
def left_vectors(Y: Any, Q: Any, n: int) -> None:
    """Put Z, which solves Z Y^dagger = Q, in place of Q, column by column from the last.

    Where many vectors become one, it is beyond all numbers: no part becomes larger than HUGE.
    """
    one = pair(splat(1.0), splat(0.0))
    for k in range(n - 1, -1, -1):
        d = k * column(n)
        pivot, least = load(Y, d + k * PAIR), splat(1 / HUGE)
        factor = divided(one, conj(select(re(pivot) < least, pair(least, splat(0.0)), pivot)))
        i = 0
        while i < n:
            last = min(i + 1, n - 1)
            x, z = load(Q, d + i * PAIR), load(Q, d + last * PAIR)
            for j in range(k + 1, n):
                y = -conj(load(Y, j * column(n) + k * PAIR))
                x = fma(y, load(Q, j * column(n) + i * PAIR), x)
                z = fma(y, load(Q, j * column(n) + last * PAIR), z)
            store(Q, d + i * PAIR, limited(x * factor))
            store(Q, d + last * PAIR, limited(z * factor))
            i += 2
