r"""Complex Schur forms of small matrices, one in each lane of a register.

A = Q T Q^dagger with T upper triangular: Householder reflections make A a Hessenberg matrix, and sweeps of plane
rotations (explicit QR steps with Wilkinson's shift) empty its subdiagonal from below; G. H. Golub and C. F. Van Loan,
Matrix Computations (2013), section 7.5. All lanes make the same sweeps. A lane that is ahead of the others is turned by
the exact identity, keeps its diagonal as it is and looks only at its own numbers, so that its bits do not depend on its
neighbours.

Entry (i, j) of a matrix begins at ``j * column(n) + i * PAIR`` of a flat array: columns lie together, and one is an odd
number of registers long, so that the entries of a row do not share a set of the cache.

Matrices come with their largest entry between 1 and 2; squares of what is below 1e-75 may vanish.
"""

from typing import Any

from latticepol.numerics.compiled import inlined
from latticepol.numerics.simd import (
    PAIR,
    WIDTH,
    absolute,
    conj,
    fma,
    im,
    largest,
    load,
    load_real,
    norm2,
    pair,
    re,
    select,
    some,
    splat,
    sqrt,
    store,
)  # fmt: skip

#: Unit of rounding, 2^-53.
ROUNDING = 2.0**-53
#: A subdiagonal entry is zero where it is smaller than so many times its neighbours on the diagonal: their last bit.
SMALL = 2 * ROUNDING
#: Or than so many times the largest entry of the matrix: well below what the reflections have rounded.
NEGLIGIBLE = 0.1 * ROUNDING
#: |x|^2 of a number that is in the way of a division: 1e-75 takes its place.
TINY = 1e-150
#: Sweeps without a new eigenvalue after which a shift is made up, to leave a cycle.
EXCEPTIONAL = 10
#: And after which a matrix is given up; LAPACK allows 30.
PATIENCE = 60
#: The last row of a matrix that is given up; it ends at 0 or, where the last two rows are solved at once, at -1.
GIVEN_UP = -2.0


@inlined
def column(n: int) -> int:
    """Return the doubles from one column to the next."""
    return n * PAIR + WIDTH


@inlined
def root(z: Any) -> Any:
    """Return the square root with Re >= 0."""
    zero = splat(0.0)
    x, y = re(z), im(z)
    t = (sqrt(norm2(z)) + absolute(x)) * splat(0.5)
    s = sqrt(t)
    q = s * (y * splat(0.5) / select(t > zero, t, splat(1.0)))  # y/(2 s); the division does not wait for s
    other = select(y < zero, -s, s)
    return pair(select(x >= zero, s, absolute(q)), select(x >= zero, q, other))


@inlined
def size(z: Any) -> Any:
    """Return abs(Re z) + abs(Im z)."""
    return absolute(re(z)) + absolute(im(z))


@inlined
def reflect_columns(X: Any, first: int, n: int, k: int, c: int, t: Any) -> None:
    """Put (1 - t v v^dagger) X in columns ``first`` and on; v are the rows below k of the column at c."""
    zero = pair(splat(0.0), splat(0.0))
    j = first
    while j < n:  # two at a time: their sums do not wait for each other
        two = j + 1 < n
        d = j * column(n)
        e = d + column(n)
        w, z = zero, zero
        for i in range(k + 1, n):
            v = conj(load(X, c + i * PAIR))
            w = fma(v, load(X, d + i * PAIR), w)
            if two:
                z = fma(v, load(X, e + i * PAIR), z)
        w, z = -(w * t), -(z * t)
        for i in range(k + 1, n):
            v = load(X, c + i * PAIR)
            store(X, d + i * PAIR, fma(v, w, load(X, d + i * PAIR)))
            if two:
                store(X, e + i * PAIR, fma(v, z, load(X, e + i * PAIR)))
        j += 2


@inlined
def reflect_rows(X: Any, first: int, n: int, k: int, V: Any, c: int, t: Any) -> None:
    """Put X (1 - t v v^dagger) in rows ``first`` and on; v are the rows below k of the column of V at c."""
    zero = pair(splat(0.0), splat(0.0))
    i = first
    while i < n:
        two = i + 1 < n
        w, z = zero, zero
        for j in range(k + 1, n):
            v = load(V, c + j * PAIR)
            at = j * column(n) + i * PAIR
            w = fma(v, load(X, at), w)
            if two:
                z = fma(v, load(X, at + PAIR), z)
        w, z = -(w * t), -(z * t)
        for j in range(k + 1, n):
            v = conj(load(V, c + j * PAIR))
            at = j * column(n) + i * PAIR
            store(X, at, fma(v, w, load(X, at)))
            if two:
                store(X, at + PAIR, fma(v, z, load(X, at + PAIR)))
        i += 2


@inlined
def hessenberg(H: Any, Q: Any, n: int, full: bool) -> None:
    """Bring H to Hessenberg form; Q becomes the matrix of the reflections where ``full``."""
    zero, one = splat(0.0), splat(1.0)
    nought = pair(zero, zero)
    if full:
        for j in range(n):
            for i in range(n):
                store(Q, j * column(n) + i * PAIR, pair(one, zero) if i == j else nought)
    for k in range(n - 2):
        c = k * column(n)
        head = c + (k + 1) * PAIR
        below = zero
        for i in range(k + 2, n):
            below = norm2(load(H, c + i * PAIR)) + below
        old = load(H, head)
        tiny = norm2(old) < splat(TINY)
        a = select(tiny, pair(splat(TINY**0.5), zero), old)
        a2 = norm2(a)
        length, beta = sqrt(a2), sqrt(a2 + below)
        ratio = beta / length
        needed = below > zero
        t = select(needed, one / (beta * (beta + length)), zero)
        store(H, head, a * (one + ratio))  # v lies where the column was
        reflect_columns(H, k + 1, n, k, c, t)
        reflect_rows(H, 0, n, k, H, c, t)
        if full:
            reflect_rows(Q, 1, n, k, H, c, t)
        store(H, head, select(needed, -(a * ratio), old))


@inlined
def rotation(x: Any, y: Any) -> tuple[Any, Any, Any]:
    """Return c real, s and r with c x + s y = r and c y - s^* x = 0; exactly 1, 0 and x where y is zero."""
    one = splat(1.0)
    x2, y2 = norm2(x), norm2(y)
    idle = y2 == splat(0.0)
    tiny = (x2 < splat(TINY)) & ~idle
    x = select(tiny, pair(splat(TINY**0.5), splat(0.0)), x)
    x2 = select(idle, one, select(tiny, splat(TINY), x2))
    r2 = x2 + y2
    u = one / x2
    c = sqrt(x2 / r2)
    w = c * u
    return c, (x * conj(y)) * w, x * (r2 * w)


@inlined
def turn_columns(H: Any, at: int, next: int, c: Any, s: Any) -> None:
    """Turn the entries at ``at`` and ``next`` of a row by the adjoint of a rotation."""
    u, v = load(H, at), load(H, next)
    store(H, at, fma(c, u, conj(s) * v))
    store(H, next, fma(c, v, -(s * u)))


@inlined
def live(shift: Any, row: int, hi: Any) -> Any:
    """Return the shift in the lanes that have not found the eigenvalue of this row, zero in the others."""
    return select(splat(float(row)) <= hi, shift, pair(splat(0.0), splat(0.0)))


@inlined
def finish(H: Any, n: int, k: int, c: Any, s: Any, shift: Any, hi: Any, floor: Any) -> None:
    """Apply rotation k from the right in row k + 1, which it fills; the diagonal of row k gets its shift back."""
    zero = pair(splat(0.0), splat(0.0))
    at = k * column(n) + (k + 1) * PAIR
    v = load(H, at + column(n))
    diagonal = load(H, at - PAIR)
    diagonal = diagonal + live(shift, k, hi)
    store(H, at - PAIR, diagonal)
    filled = conj(s) * v
    small = size(filled) <= fma(splat(SMALL), size(diagonal), floor)
    store(H, at, select(small, zero, filled))
    store(H, at + column(n), v * c)


@inlined
def sweep(H: Any, n: int, rotations: Any, top: int, hi: Any, shift: Any, floor: Any) -> None:
    """Replace H = Q R + shift by R Q + shift, in rows and columns up to ``top``.

    In one pass over the columns each is turned from the left by all rotations, and the one before it from the right.
    """
    one, zero = splat(1.0), pair(splat(0.0), splat(0.0))
    R = column(n)
    c1, s1 = one, zero  # the last rotation
    c2, s2 = one, zero  # the one before
    for j in range(top + 1):
        d = j * R
        diagonal = load(H, d + j * PAIR) - live(shift, j, hi)
        x = diagonal
        if j > 0:
            x = load(H, d)
            before = d - 2 * R
            for i in range(j - 1):
                c, s = load_real(rotations, i * (PAIR + WIDTH)), load(rotations, i * (PAIR + WIDTH) + WIDTH)
                y = load(H, d + (i + 1) * PAIR)
                store(H, d + i * PAIR, fma(c, x, s * y))
                x = fma(c, y, -(conj(s) * x))
                turn_columns(H, before + i * PAIR, before + R + i * PAIR, c2, s2)
            if j > 1:
                finish(H, n, j - 2, c2, s2, shift, hi, floor)
            store(H, d + (j - 1) * PAIR, fma(c1, x, s1 * diagonal))
            x = fma(c1, diagonal, -(conj(s1) * x))
        c2, s2 = c1, s1
        if j < top:
            c1, s1, x = rotation(x, load(H, d + (j + 1) * PAIR))
            store(rotations, j * (PAIR + WIDTH), c1)
            store(rotations, j * (PAIR + WIDTH) + WIDTH, s1)
        store(H, d + j * PAIR, x)
    for i in range(top):
        turn_columns(H, (top - 1) * R + i * PAIR, top * R + i * PAIR, c1, s1)
    finish(H, n, top - 1, c1, s1, shift, hi, floor)
    last = top * R + top * PAIR
    store(H, last, load(H, last) + live(shift, top, hi))


@inlined
def turn_rest(H: Any, Q: Any, n: int, rotations: Any, top: int) -> None:
    """Apply the rotations of a sweep in the columns of H beyond ``top``, and in Q."""
    j = top + 1
    while j < n:  # two at a time: they share the rotations
        d, e = j * column(n), min(j + 1, n - 1) * column(n)
        x, z = load(H, d), load(H, e)
        for i in range(top):
            c, s = load_real(rotations, i * (PAIR + WIDTH)), load(rotations, i * (PAIR + WIDTH) + WIDTH)
            y, w = load(H, d + (i + 1) * PAIR), load(H, e + (i + 1) * PAIR)
            store(H, d + i * PAIR, fma(c, x, s * y))
            store(H, e + i * PAIR, fma(c, z, s * w))
            x = fma(c, y, -(conj(s) * x))
            z = fma(c, w, -(conj(s) * z))
        store(H, d + top * PAIR, x)
        store(H, e + top * PAIR, z)
        j += 2
    i = 0
    while i < n:
        d, e = i * PAIR, min(i + 1, n - 1) * PAIR
        x, z = load(Q, d), load(Q, e)
        for k in range(top):
            c, s = load_real(rotations, k * (PAIR + WIDTH)), load(rotations, k * (PAIR + WIDTH) + WIDTH)
            y, w = load(Q, d + column(n)), load(Q, e + column(n))
            store(Q, d, fma(c, x, conj(s) * y))
            store(Q, e, fma(c, z, conj(s) * w))
            x = fma(c, y, -(s * x))
            z = fma(c, w, -(s * z))
            d, e = d + column(n), e + column(n)
        store(Q, d, x)
        store(Q, e, z)
        i += 2


@inlined
def iterate(H: Any, Q: Any, n: int, rotations: Any, largest_entry: Any, full: bool) -> Any:
    """Make sweeps until the eigenvalues are on the diagonal of every lane, and return the mask of those where they are.

    Where ``full``, H becomes the whole upper triangle, and Q what has turned it.
    """
    zero, one, nought = splat(0.0), splat(1.0), pair(splat(0.0), splat(0.0))
    R = column(n)
    floor = largest_entry * splat(NEGLIGIBLE)
    hi = splat(float(n - 1))  # the last row whose eigenvalue is not known
    count = zero  # sweeps since the last one was found
    while True:
        before = hi
        shift, corner, step = nought, nought, zero
        for k in range(int(largest(hi)), 0, -1):
            row = splat(float(k))
            if not some((hi <= row) & (hi > zero)):
                break  # all have a shift
            here = hi == row
            at = (k - 1) * R + k * PAIR
            s, x, z = load(H, at), load(H, at - PAIR), load(H, at + R)
            small = here & (size(s) <= fma(splat(SMALL), size(x) + size(z), floor))
            store(H, at, s * select(small, zero, one))
            hi = select(small, hi - one, hi)
            here = here & ~small
            if not some(here):
                continue
            # the eigenvalues of the last two rows: z - g, the nearer to z, and x + g, with g = y s/(p +- q)
            p = (x - z) * splat(0.5)
            ys = load(H, at + R - PAIR) * s
            q = root(fma(p, p, ys))
            far = select(re(p * conj(q)) < zero, p - q, p + q)
            far2 = norm2(far)
            none = far2 < splat(TINY * TINY)
            g = select(none, nought, (ys * conj(far)) * (one / select(none, one, far2)))
            if not full:
                both = here
                if k > 1:
                    above = at - R - PAIR
                    limit = fma(splat(SMALL), size(load(H, above - PAIR)) + size(x), floor)
                    both = here & (size(load(H, above)) <= limit)
                if some(both):
                    found, kept = select(both, g, nought), select(both, zero, one)
                    store(H, at + R, z - found)
                    store(H, at - PAIR, x + found)
                    store(H, at, load(H, at) * kept)
                    if k > 1:
                        store(H, above, load(H, above) * kept)
                    hi = select(both, hi - one - one, hi)
                    here = here & ~both
            shift = select(here, z - g, shift)
            corner, step = select(here, z, corner), select(here, size(s), step)
        count = select((hi == before) & (hi > zero), count + one, zero)
        hi = select(count > splat(float(PATIENCE)), splat(GIVEN_UP), hi)
        top = int(largest(hi))
        if top <= 0:
            return hi > splat(GIVEN_UP)
        if some(count >= splat(float(EXCEPTIONAL))):
            for tries in range(EXCEPTIONAL, PATIENCE, EXCEPTIONAL):
                stuck = count == splat(float(tries))
                shift = select(stuck, corner + pair(splat(0.75) * step, zero), shift)
        sweep(H, n, rotations, top, hi, shift, floor)
        if full:
            turn_rest(H, Q, n, rotations, top)
