"""Compiled search for the lowest point on a parabola (`parabola`): a gap asks for hundreds, each takes microseconds."""

import cmath
import math

from latticepol.numerics.compiled import compiled

#: Fractions of a step among which the best is taken, the longest first.
LENGTHS = (1.0, 0.3, 0.05, 0.005)
#: Z = 0 is moved by this, so that slopes exist.
TINY = 1e-200
#: Curvatures below this part of the other one count as none.
FLAT = 1e-12


_compiled = compiled(error_model="numpy", nogil=True)


@_compiled
def lowest(c, root, side, newton, offset, f):
    """Put the lowest place of every parabola (n, 6) and f there into offset (n, 2) and f: that of the points ``side`` x
    ``side``, and from there downhill."""
    for n in range(len(c)):
        u, v, low = 0.0, 0.0, math.inf
        for x in side:
            for y in side:
                there = height(c, n, root, x, y)
                if there < low:
                    u, v, low = x, y, there
        for _ in range(newton):
            du, dv = _step(c, n, root, u, v)
            best, x0, y0 = low, u, v
            for length in LENGTHS:
                x = min(max(x0 + length * du, side[0]), side[-1])
                y = min(max(y0 + length * dv, side[0]), side[-1])
                there = height(c, n, root, x, y)
                if there < best:
                    u, v, best = x, y, there
            if best == low:  # no step goes down, now and ever after
                break
            low = best
        offset[n, 0], offset[n, 1], f[n] = u, v, low if root == 1 else math.sqrt(low / 2)


@_compiled
def height(c, n, root, u, v):
    """Return f of parabola n at (u, v); for root = 2 what grows with it and costs less, 2 f^2 = |Z| + Re Z."""
    a, b, d = u * u / 2, u * v, v * v / 2  # a real number times a complex one would be made complex
    x = c[n, 0].real + c[n, 1].real * u + c[n, 2].real * v + c[n, 3].real * a + c[n, 4].real * b + c[n, 5].real * d
    if root == 1:
        return x
    y = c[n, 0].imag + c[n, 1].imag * u + c[n, 2].imag * v + c[n, 3].imag * a + c[n, 4].imag * b + c[n, 5].imag * d
    total = math.sqrt(x * x + y * y) + abs(x)
    return total if x >= 0 else y * y / (total + TINY)  # the difference would cancel


@_compiled
def _step(c, n, root, u, v):
    """Return a downhill step from (u, v): Newton's for Re Z (root = 1) or for F = f^2 = (|Z| + Re Z)/2 (root = 2).

    F has a cone at Z = 0, near which Newton's step overshoots; the curvature taken here is that of the function that
    touches F from above, with (|Z|^2/|Z_0| + |Z_0|)/2 for |Z|. Its step is never too long.
    """
    a, b, d = c[n, 3], c[n, 4], c[n, 5]
    s, t = c[n, 1] + a * u + b * v, c[n, 2] + b * u + d * v
    if root == 1:
        return _downhill(a.real, b.real, d.real, s.real, t.real)
    z = c[n, 0] + ((c[n, 1] + s) * u + (c[n, 2] + t) * v) / 2 + TINY
    w, size = cmath.sqrt(z), abs(z)
    back = z.conjugate()
    return _downhill(
        ((abs(s) ** 2 + (back * a).real) / size + a.real) / 2,
        (((s.conjugate() * t).real + (back * b).real) / size + b.real) / 2,
        ((abs(t) ** 2 + (back * d).real) / size + d.real) / 2,
        w.real * (s / w).real,
        w.real * (t / w).real,
    )


@_compiled
def _downhill(a, b, d, s, t):
    """Return Newton's step for the curvatures [[a, b], [b, d]] and the slopes (s, t), with the moduli of the curvatures
    along their axes; along a valley without curvature only as far as it is steep."""
    mean, half = (a + d) / 2, (a - d) / 2
    radius = math.hypot(half, b)
    high, low = abs(mean + radius), abs(mean - radius)
    least = FLAT * max(high, low) + TINY
    high, low = 1 / max(high, least), 1 / max(low, least)
    cos, sin = (half / radius, b / radius) if radius > 0 else (1.0, 0.0)
    # the inverse of the moduli: (high + low)/2 + (high - low)/2 [[cos, sin], [sin, -cos]]
    both, apart = (high + low) / 2, (high - low) / 2
    return -(both * s + apart * (cos * s + sin * t)), -(both * t + apart * (sin * s - cos * t))
