r"""Eigenvalues of small real matrices, one in each lane of a register: half the numbers of a complex one.

Householder reflections to Hessenberg form and Francis' implicit double shift; G. H. Golub and C. F. Van Loan, Matrix
Computations (2013), section 7.5. Every lane has an active window of its own, rows lo to hi between subdiagonals that
are zero; what the others do leaves it as it is, bit for bit. Only the diagonal blocks of 1 and 2 rows that remain mean
something: what is above them is not brought along.

Entry (i, j) begins at ``j * column(n) + i * WIDTH``; matrices come with their largest entry between 1 and 2.
"""

from typing import Any

from latticepol.numerics.compiled import inlined
from latticepol.numerics.schur import EXCEPTIONAL, GIVEN_UP, NEGLIGIBLE, PATIENCE, SMALL
from latticepol.numerics.simd import (
    WIDTH,
    absolute,
    copysign,
    fma,
    largest,
    load_real,
    select,
    some,
    splat,
    sqrt,
    store,
)

#: A sum of squares below which there is nothing to reflect.
NOTHING = 1e-290


@inlined
def column(n: int) -> int:
    """Doubles from one column to the next: an odd number of registers."""
    return (n + (n + 1) % 2) * WIDTH


@inlined
def reflect(H: Any, v: int, m: int, t: Any, at: int, step: int, next: int, there: int) -> None:
    """Put x - t v (v x) in place of four vectors x, or as many as there are, of m entries that lie ``step`` apart."""
    zero = splat(0.0)
    p1, p2, p3 = at + min(1, there - 1) * next, at + min(2, there - 1) * next, at + min(3, there - 1) * next
    w0, w1, w2, w3 = zero, zero, zero, zero
    for i in range(m):
        x, o = load_real(H, v + i * WIDTH), i * step
        w0, w1 = fma(x, load_real(H, at + o), w0), fma(x, load_real(H, p1 + o), w1)
        w2, w3 = fma(x, load_real(H, p2 + o), w2), fma(x, load_real(H, p3 + o), w3)
    w0, w1, w2, w3 = -(w0 * t), -(w1 * t), -(w2 * t), -(w3 * t)
    for i in range(m):
        x, o = load_real(H, v + i * WIDTH), i * step
        y0, y1 = fma(x, w0, load_real(H, at + o)), fma(x, w1, load_real(H, p1 + o))
        y2, y3 = fma(x, w2, load_real(H, p2 + o)), fma(x, w3, load_real(H, p3 + o))
        store(H, at + o, y0)
        store(H, p1 + o, y1)
        store(H, p2 + o, y2)
        store(H, p3 + o, y3)


@inlined
def hessenberg(H: Any, n: int) -> None:
    """Bring H to Hessenberg form."""
    zero, one = splat(0.0), splat(1.0)
    R = column(n)
    for k in range(n - 2):
        c = k * R
        head = c + (k + 1) * WIDTH
        a = load_real(H, head)
        below = zero
        for i in range(k + 2, n):
            x = load_real(H, c + i * WIDTH)
            below = fma(x, x, below)
        needed = below > splat(NOTHING)
        beta = copysign(sqrt(fma(a, a, below)), a)
        t = select(needed, one / select(needed, beta * (a + beta), one), zero)
        store(H, head, a + beta)  # v lies where the column was
        for j in range(k + 1, n, 4):  # four at a time: their sums do not wait for each other
            reflect(H, c + (k + 1) * WIDTH, n - k - 1, t, j * R + (k + 1) * WIDTH, WIDTH, R, n - j)
        for i in range(0, n, 4):
            reflect(H, c + (k + 1) * WIDTH, n - k - 1, t, (k + 1) * R + i * WIDTH, R, WIDTH, n - i)
        store(H, head, select(needed, -beta, a))
        for i in range(k + 2, n):
            store(H, c + i * WIDTH, zero)


@inlined
def sweep(H: Any, n: int, first: int, top: int, lo: Any, hi: Any, trailing: Any) -> None:
    """Make a double step in rows ``first`` to ``top``; ``trailing``: trace, a, d and bc of the two rows that give the
    shifts."""
    zero, one = splat(0.0), splat(1.0)
    R = column(n)
    trace, a, d, bc = trailing
    for k in range(first, top):
        row = splat(float(k))
        q = k * (R + WIDTH)
        three = k + 2 <= top
        start, inside = (lo == row) & (row < hi), (lo < row) & (row < hi)
        x, y, z = zero, zero, zero
        if k > first:  # the bulge that the step before has left
            x, y = load_real(H, q - R), load_real(H, q - R + WIDTH)
            store(H, q - R + WIDTH, zero)
            if three:
                z = load_real(H, q - R + 2 * WIDTH)
                store(H, q - R + 2 * WIDTH, zero)
        old = x
        if some(start) and three:
            h00, h10 = load_real(H, q), load_real(H, q + WIDTH)
            h01, h11, h21 = load_real(H, q + R), load_real(H, q + R + WIDTH), load_real(H, q + R + 2 * WIDTH)
            x = select(start, fma(h00 - d, h00 - a, fma(h01, h10, -bc)), x)
            y = select(start, h10 * (h00 + h11 - trace), y)
            z = select(start, h10 * h21, z)
        rest = fma(y, y, z * z)
        act = (start | inside) & (rest > splat(NOTHING))
        alpha = copysign(sqrt(fma(x, x, rest)), x)
        v0 = x + alpha
        f = one / select(act, alpha * v0, one)
        tau = select(act, v0 * v0 * f, zero)
        v1, v2 = y * (alpha * f), z * (alpha * f)
        if k > first:
            turned = act & inside
            store(H, q - R, select(turned, -alpha, zero) + select(turned, zero, old))
        t0, t1, t2 = -tau, -(tau * v1), -(tau * v2)
        for j in range(k, top + 1):
            at = j * R + k * WIDTH
            p0, p1 = load_real(H, at), load_real(H, at + WIDTH)
            s = fma(v1, p1, p0)
            if three:
                p2 = load_real(H, at + 2 * WIDTH)
                s = fma(v2, p2, s)
                store(H, at + 2 * WIDTH, fma(t2, s, p2))
            store(H, at, fma(t0, s, p0))
            store(H, at + WIDTH, fma(t1, s, p1))
        for i in range(first, min(k + 3, top) + 1):
            at = k * R + i * WIDTH
            p0, p1 = load_real(H, at), load_real(H, at + R)
            s = fma(v1, p1, p0)
            if three:
                p2 = load_real(H, at + 2 * R)
                s = fma(v2, p2, s)
                store(H, at + 2 * R, fma(t2, s, p2))
            store(H, at, fma(t0, s, p0))
            store(H, at + R, fma(t1, s, p1))


@inlined
def iterate(H: Any, n: int, largest_entry: Any) -> Any:
    """Make double steps until blocks of 1 and 2 rows remain in every lane; return the mask of those where they do."""
    zero, one, two = splat(0.0), splat(1.0), splat(2.0)
    R = column(n)
    D = R + WIDTH
    floor = largest_entry * splat(NEGLIGIBLE)
    hi, count = splat(float(n - 1)), zero
    top = n - 1
    while True:
        for k in range(1, top + 1):
            at = k * D - R
            s = load_real(H, at)
            limit = fma(splat(SMALL), absolute(load_real(H, at - WIDTH)) + absolute(load_real(H, at + R)), floor)
            store(H, at, s * select(absolute(s) <= limit, zero, one))
        before = hi
        a, b, c, d, e = zero, zero, zero, zero, zero
        for k in range(top, 0, -1):
            row = splat(float(k))
            if not some((hi <= row) & (hi > zero)):
                break  # all have their last rows
            here = hi == row
            at = k * D - R
            s = load_real(H, at)
            above = load_real(H, at - D) if k > 1 else zero
            single = here & (s == zero)
            double = here & ~single & (above == zero)
            hi = select(single, hi - one, select(double, hi - two, hi))
            here = here & ~single & ~double
            a, b = select(here, load_real(H, at - WIDTH), a), select(here, load_real(H, at - WIDTH + R), b)
            c, d, e = select(here, s, c), select(here, load_real(H, at + R), d), select(here, above, e)
        count = select((hi == before) & (hi > zero), count + one, zero)
        hi = select(count > splat(float(PATIENCE)), splat(GIVEN_UP), hi)
        top = int(largest(hi))
        if top <= 0:
            return hi > splat(GIVEN_UP)
        lo = zero
        for k in range(1, top):
            row = splat(float(k))
            lo = select((load_real(H, k * D - R) == zero) & (row < hi), row, lo)
        first = int(-largest(select(hi > zero, -lo, splat(-float(n)))))
        bc = b * c
        if some(count >= splat(float(EXCEPTIONAL))):
            for tries in range(EXCEPTIONAL, PATIENCE, EXCEPTIONAL):
                stuck = count == splat(float(tries))
                s = absolute(c) + absolute(e)
                made = fma(splat(0.75), s, d)
                a, d = select(stuck, made, a), select(stuck, made, d)
                bc = select(stuck, splat(-0.4375) * s * s, bc)
        sweep(H, n, first, top, lo, hi, (a + d, a, d, bc))


@inlined
def blocks(H: Any, n: int, out: Any) -> None:
    """Put the eigenvalues of the diagonal blocks into ``out``: real and imaginary parts in turn."""
    zero, one = splat(0.0), splat(1.0)
    R = column(n)
    D = R + WIDTH
    x, y = load_real(H, 0), zero  # of row k; a block that begins in it has its second ones in the next row
    for k in range(n):
        q = k * D
        low, low_y = zero, zero
        if k + 1 < n:
            b, c, d = load_real(H, q + R), load_real(H, q + WIDTH), load_real(H, q + D)
            low = d
            block = absolute(c) > zero
            if some(block):
                p, bc = (load_real(H, q) - d) * splat(0.5), b * c
                square = fma(p, p, bc)
                real = square >= zero
                root = sqrt(absolute(square))
                z = p + copysign(root, p)
                none = z == zero
                w = -select(none, zero, bc / select(none, one, z))
                x, low = select(block, d + select(real, z, p), x), select(block, d + select(real, w, p), d)
                y, low_y = select(block, select(real, zero, root), y), select(block, select(real, zero, -root), zero)
        store(out, 2 * k * WIDTH, x)
        store(out, (2 * k + 1) * WIDTH, y)
        x, y = low, low_y
