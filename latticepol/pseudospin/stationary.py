r"""All stationary states at given (p, a, g, delta), from one closed form.

With u = s - p and B = a s_z + delta every state with s > 0 has

    u = g c,  B = x R,  R = sqrt(1 + u^2),  x = tan(theta),  c = cos(theta) = sigma / sqrt(1 + x^2),  sigma = +-1,

and it exists in the field

    delta = f(x) = x Q / R,    Q = 1 - a p c + n c^2,   n = g (g - a),
    df/dx = P / R^3,           P = 1 + (2 g^2 - n) c^2 - a p (1 + g^2) c^3 + (2 n - g^2) c^4 + n g^2 c^6.

P is a polynomial in c that does not know delta: its zeros cut the x axis into pieces on which f is monotone, each of
which holds one state or none. So no state is lost and none is found twice. The last Newton steps run in double-double
arithmetic, because f is flat where it matters: at folds and at the pitchfork.
"""

import math

import numpy as np

from latticepol.numerics import double_double as dd
from latticepol.numerics.compiled import compiled

MAX_STATES = 6
_DEGREE = 6


@compiled()
def cosine(x, sigma):
    """Return c of the state at x on the sheet sigma."""
    return sigma / math.sqrt(1.0 + x * x)


@compiled()
def field_at(x, sigma, p, a, g):
    """Return f(x): the field delta in which the state (x, sigma) is stationary."""
    c = cosine(x, sigma)
    return x * (1.0 - a * p * c + g * (g - a) * c * c) / math.sqrt(1.0 + g * g * c * c)


@compiled()
def pump_at(x, sigma, a, g, delta):
    """Return the pump p for which f(x) = delta, x != 0 unless delta = 0."""
    c = cosine(x, sigma)
    n = g * (g - a)
    zeeman = delta * math.sqrt(1.0 + g * g * c * c) / x if delta != 0.0 else 0.0
    return (1.0 + n * c * c - zeeman) / (a * c)


@compiled()
def field_slope(x, sigma, p, a, g):
    """Return df/dx."""
    c = cosine(x, sigma)
    n = g * (g - a)
    c2 = c * c
    numerator = 1.0 + c2 * (2 * g * g - n + c * (-a * p * (1 + g * g) + c * (2 * n - g * g + n * g * g * c2)))
    return numerator / math.sqrt(1.0 + g * g * c2) ** 3


@compiled()
def _polynomial(coefficients, degree, c):
    value = coefficients[degree]
    for i in range(degree - 1, -1, -1):
        value = value * c + coefficients[i]
    return value


@compiled()
def real_zeros(coefficients, low, high):
    """Return the zeros in [low, high] of a polynomial of degree 6, ascending; those where it only touches zero may be
    missed.

    The zeros of each derivative bracket those of the one before it, from the linear one up.
    """
    derivatives = np.zeros((_DEGREE, _DEGREE + 1))
    for i in range(_DEGREE + 1):
        derivatives[0, i] = coefficients[i]
    for k in range(1, _DEGREE):
        for i in range(_DEGREE - k + 1):
            derivatives[k, i] = (i + 1) * derivatives[k - 1, i + 1]
    zeros = np.empty(_DEGREE)
    count = 0
    for k in range(_DEGREE - 1, -1, -1):
        edges = np.empty(_DEGREE + 2)
        edges[0] = low
        for i in range(count):
            edges[i + 1] = zeros[i]
        edges[count + 1] = high
        found = 0
        for i in range(count + 1):
            left, right = edges[i], edges[i + 1]
            f_left = _polynomial(derivatives[k], _DEGREE - k, left)
            f_right = _polynomial(derivatives[k], _DEGREE - k, right)
            if f_left * f_right > 0.0 or f_left == 0.0:
                continue
            while True:
                middle = 0.5 * (left + right)
                if not (left < middle < right):
                    break
                f_middle = _polynomial(derivatives[k], _DEGREE - k, middle)
                if f_middle != 0.0 and (f_middle > 0.0) == (f_left > 0.0):
                    left = middle
                else:  # f_right may be zero, f_left is not
                    right = middle
            zeros[found] = right
            found += 1
        count = found
    return zeros[:count]


@compiled()
def field_extrema(sigma, p, a, g):
    """Return the x > 0 where df/dx = 0 on the sheet sigma, ascending (f is odd: -x as well)."""
    n = g * (g - a)
    coefficients = (1.0, 0.0, 2 * g * g - n, -a * p * (1 + g * g) * sigma, 2 * n - g * g, 0.0, n * g * g)
    zeros = real_zeros(coefficients, 0.0, 1.0)
    x = np.empty(zeros.size)
    for i in range(zeros.size):
        c = zeros[zeros.size - 1 - i]
        x[i] = math.sqrt((1.0 - c) * (1.0 + c)) / c
    return x


@compiled()
def sort(rows, count, sign):
    """Put the first ``count`` rows in ascending order of sign * (column 2); numpy's sorting takes a second to
    compile."""
    for i in range(1, count):
        for k in range(i, 0, -1):
            if not sign * rows[k, 2] < sign * rows[k - 1, 2]:
                break
            for m in range(rows.shape[1]):
                rows[k, m], rows[k - 1, m] = rows[k - 1, m], rows[k, m]


@compiled()
def _refine(x, sigma, p, a, g, delta):
    """Refine a root by Newton steps on f(x) = delta with the residual in double-double; return x as (hi, lo)."""
    x = (x, 0.0)
    for _ in range(4):
        _, r, q = _parts(x, sigma, p, a, g)
        residual = dd.add(dd.divide(dd.multiply(x, q), r), (-delta, 0.0))
        slope = field_slope(x[0], sigma, p, a, g)
        if slope == 0.0:
            break
        step = residual[0] / slope
        x = dd.add(x, (-step, 0.0))
        if abs(step) <= 1e-25 * abs(x[0]):
            break
    return x


@compiled()
def _parts(x, sigma, p, a, g):
    """Return c, R and Q in double-double."""
    one = (1.0, 0.0)
    c = dd.divide((sigma, 0.0), dd.square_root(dd.add(one, dd.multiply(x, x))))
    c2 = dd.multiply(c, c)
    g2 = dd.two_product(g, g)
    r = dd.square_root(dd.add(one, dd.multiply(g2, c2)))
    n = dd.add(g2, dd.negative(dd.two_product(a, g)))
    q = dd.add(dd.add(one, dd.negative(dd.multiply(dd.two_product(a, p), c))), dd.multiply(n, c2))
    return c, r, q


@compiled()
def _monotone_root(left, right, sigma, p, a, g, delta):
    """Return the x in [left, right], where f is monotone and crosses delta: Newton, bisecting where Newton leaves."""
    rising = field_at(right, sigma, p, a, g) > field_at(left, sigma, p, a, g)
    x = 0.5 * (left + right)
    for _ in range(200):
        value = field_at(x, sigma, p, a, g) - delta
        if (value > 0.0) == rising:
            right = x
        else:
            left = x
        slope = field_slope(x, sigma, p, a, g)
        new = x - value / slope if slope != 0.0 else np.inf
        if not (left < new < right):
            new = 0.5 * (left + right)
        if abs(new - x) <= 1e-15 * abs(new) or not (left < new < right):
            return new
        x = new
    return x


@compiled()
def _beyond(edge, sigma, p, a, g, delta):
    """Return an x > edge with f(x) > delta; f grows like x."""
    x = 1.0 + 2.0 * (edge + abs(delta))
    while field_at(x, sigma, p, a, g) <= delta:
        x *= 2.0
    return x


@compiled()
def sheet_roots(sigma, p, a, g, delta):
    """Return all x with f(x) = delta on one sheet, delta >= 0, as rows (hi, lo)."""
    extrema = field_extrema(sigma, p, a, g)
    count = extrema.size
    edges = np.empty(2 * count + 3)
    edges[count + 1] = 0.0
    for i in range(count):
        edges[count + 2 + i] = extrema[i]
        edges[count - i] = -extrema[i]
    last = extrema[count - 1] if count else 0.0
    edges[2 * count + 2] = _beyond(last, sigma, p, a, g, delta)
    edges[0] = -_beyond(last, sigma, p, a, g, 0.0)
    roots = np.empty((edges.size, 2))
    found = 0
    if delta == 0.0:
        roots[0, 0] = roots[0, 1] = 0.0
        found = 1
    for i in range(edges.size - 1):
        left, right = edges[i], edges[i + 1]
        if delta == 0.0 and (left == 0.0 or right == 0.0):
            continue
        f_left = field_at(left, sigma, p, a, g) - delta
        f_right = field_at(right, sigma, p, a, g) - delta
        if f_left * f_right > 0.0 or f_left == 0.0:
            continue
        x = _monotone_root(left, right, sigma, p, a, g, delta)
        hi, lo = _refine(x, sigma, p, a, g, delta)
        inside = left <= hi <= right  # Newton may leave where the two states of a fold differ by rounding only
        roots[found, 0] = hi if inside else x
        roots[found, 1] = lo if inside else 0.0
        found += 1
    return roots[:found]


@compiled()
def _state(x, sigma, p, a, g):
    """Return s_x, s_y, s_z, g_eff and chi of the state at x = (hi, lo), and whether s > 0."""
    one = (1.0, 0.0)
    c, r, q = _parts(x, sigma, p, a, g)
    u = dd.multiply((g, 0.0), c)
    size = dd.add((p, 0.0), u)
    s_x = dd.negative(dd.multiply(size, c))
    s_z = dd.divide(dd.multiply(dd.multiply(size, x), c), r)
    s_y = dd.negative(dd.multiply(u, s_z))
    r2 = dd.multiply(r, r)
    slope = dd.add(dd.multiply(q, r2), dd.negative(_steepness(c, r2, p, a, g)))
    c2 = dd.multiply(c, c)
    response = dd.multiply(dd.add(one, dd.multiply(dd.two_product(g, g), dd.multiply(c2, c2))), r2)
    g_eff = r2[0] / q[0] if q[0] != 0.0 else np.inf
    chi = response[0] / slope[0] - 1.0 if slope[0] != 0.0 else np.inf
    return s_x[0], s_y[0], s_z[0], g_eff, chi, size[0] > 0.0


@compiled()
def pumps_at(x, sigma, a, g, delta):
    """Return :func:`pump_at` for an array of x."""
    p = np.empty(x.size)
    for i in range(x.size):
        p[i] = pump_at(x[i], sigma, a, g, delta)
    return p


@compiled()
def fields_at(x, sigma, p, a, g):
    """Return :func:`field_at` for an array of x."""
    delta = np.empty(x.size)
    for i in range(x.size):
        delta[i] = field_at(x[i], sigma, p, a, g)
    return delta


@compiled()
def states_at(x, sigma, p, a, g):
    """Return the states at the points x of one sheet for pumps p, both (N,): s (N, 3), g_eff (N,), chi (N,)."""
    s = np.empty((x.size, 3))
    g_eff = np.empty(x.size)
    chi = np.empty(x.size)
    for i in range(x.size):
        s[i, 0], s[i, 1], s[i, 2], g_eff[i], chi[i], _ = _state((x[i], 0.0), sigma, p[i], a, g)
    return s, g_eff, chi


@compiled()
def _steepness(c, r2, p, a, g):
    """Return Q R^2 - P = (c - c^3) (-a p + (2 n - g^2) c + n g^2 c^3)."""
    g2 = dd.two_product(g, g)
    ag = dd.two_product(a, g)
    n = dd.add(g2, dd.negative(ag))
    c2 = dd.multiply(c, c)
    linear = dd.multiply(dd.add(n, dd.negative(ag)), c)
    cubic = dd.multiply(dd.multiply(n, g2), dd.multiply(c2, c))
    bracket = dd.add(dd.add(dd.negative(dd.two_product(a, p)), linear), cubic)
    return dd.multiply(dd.multiply(c, dd.add((1.0, 0.0), dd.negative(c2))), bracket)


def solve(p: np.ndarray, a: np.ndarray, g: np.ndarray, delta: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return all states of N points, each parameter of shape (N,).

    Returns
    -------
    s : (N, 6, 3), g_eff : (N, 6), chi : (N, 6)
        In order of decreasing s_z, NaN where there are fewer than six states.
    """
    # copies are of one type; views and read-only arrays are of others, for each of which it would be compiled anew
    points = [np.array(values, float) for values in (p, a, g, delta)]
    states = [np.full((len(p), MAX_STATES, *axes), np.nan) for axes in [(3,), (), ()]]
    _solve(*points, *states)
    s, g_eff, chi = states
    return s, g_eff, chi


@compiled(nogil=True)
def _solve(p, a, g, delta, s, g_eff, chi):
    rows = np.empty((2 * MAX_STATES + 4, 5))
    for i in range(p.size):
        sign = -1.0 if delta[i] < 0.0 else 1.0
        count = 0
        for sigma in (1.0, -1.0):
            roots = sheet_roots(sigma, p[i], a[i], g[i], abs(delta[i]))
            for k in range(roots.shape[0]):
                x = (roots[k, 0], roots[k, 1])
                s_x, s_y, s_z, enhancement, response, exists = _state(x, sigma, p[i], a[i], g[i])
                if exists:
                    rows[count, 0], rows[count, 1], rows[count, 2] = s_x + 0.0, sign * s_y + 0.0, sign * s_z + 0.0
                    rows[count, 3], rows[count, 4] = enhancement, response
                    count += 1
        sort(rows, count, -1.0)
        for k in range(count):
            for axis in range(3):
                s[i, k, axis] = rows[k, axis]
            g_eff[i, k] = rows[k, 3]
            chi[i, k] = rows[k, 4]
        if delta[i] == 0.0:
            for k in range(count):
                if s[i, k, 2] != 0.0:
                    g_eff[i, k] = np.inf
