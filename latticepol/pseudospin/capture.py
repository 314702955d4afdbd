r"""Regions around stable states that no trajectory leaves: where an ensemble may stop (docs/physics.md, section 2).

Around a stable state s* with Jacobian J let y = s - s* and V = y^T M y, M the solution of the Lyapunov equation
J^T M + M J = -1, so that dV/dtau = -|y|^2 + O(|y|^3). Let w be such that dV/dtau < 0 for the exact equations everywhere
in the ellipsoid V < w except at s*. Inside, V decreases; on the surface it is w: so what is inside stays inside, and
as V decreases everywhere but at s*, it ends at s*.

w is the largest for which dV/dtau < -``MARGIN`` |y|^2 in ``DIRECTIONS`` directions on ``SHELLS`` shells up to the
surface. The margin stands for what lies between the samples: in 4000 directions at 15,000 states dV/dtau was below
-0.02 |y|^2 everywhere. The directions are even in the metric M^(1/2), half way between V and |y|^2: with a weakly
damped precession each of the two alone has a narrow band in which the other is small.

A cubic correction of V that removes the O(|y|^3) was tried. Where the damping is weak it doubles the radius, which
saves 6 % of the steps on the map of the paper and 16 % at p from 1 to 2: not worth its formulas.

The vacuum: spinors obey dpsi/dtau = (A + N(psi)) psi with a linear A whose slowest mode decays at kappa, and N a
diagonal matrix of norm sqrt(1 + a^2) s/2 at most. In the norm |E^-1 psi|, E the eigenvectors of A with condition number
c, the spinor decays while c sqrt(1 + a^2) s/2 < kappa, and s is never more than c^2 times what it was. So the spinor
dies once c^3 sqrt(1 + a^2) s/2 < kappa.
"""

import math

import numpy as np

from latticepol.numerics.blas import on_one_thread
from latticepol.numerics.compiled import compiled
from latticepol.pseudospin import equations

DIRECTIONS = 128
SHELLS = 6
MARGIN = 0.2
#: From one trial of the ellipsoid's size to the next.
_SHRINK = 0.85
_TRIALS = 300
#: Numbers that describe a region: s*, and xx, xy, xz, yy, yz, zz of the form V/w.
NUMBERS = 9


def fibonacci_sphere(n: int) -> np.ndarray:
    """Return ``n`` directions spread evenly over the sphere, (n, 3)."""
    z = 1 - (2 * np.arange(n) + 1) / n
    angle = np.pi * (3 - np.sqrt(5)) * np.arange(n)
    rho = np.sqrt(1 - z**2)
    return np.stack([rho * np.cos(angle), rho * np.sin(angle), z], axis=-1)


_SPHERE = fibonacci_sphere(DIRECTIONS)


def lyapunov(j: np.ndarray) -> np.ndarray:
    """Return M of J^T M + M J = -1, for Jacobians (N, 3, 3) of stable states."""
    identity = np.eye(3)
    transposed = np.swapaxes(j, -1, -2)
    left = np.einsum("...ij,kl->...ikjl", transposed, identity)
    right = np.einsum("ij,...kl->...ikjl", identity, transposed)
    operator = (left + right).reshape(*j.shape[:-2], 9, 9)
    m = np.linalg.solve(operator, np.broadcast_to(-identity.reshape(9, 1), (*j.shape[:-2], 9, 1)))
    m = m.reshape(j.shape)
    return 0.5 * (m + np.swapaxes(m, -1, -2))


def surface(m: np.ndarray, directions: np.ndarray) -> np.ndarray:
    """Return points y with y^T M y = 1, (N, n, 3), from directions (n, 3) that are taken as even in the metric
    M^(1/2)."""
    values, vectors = np.linalg.eigh(m)
    points = directions / np.sqrt(np.sqrt(values[:, None, :]))
    points /= np.sqrt((points**2 * values[:, None, :]).sum(axis=-1, keepdims=True))
    turned: np.ndarray = points @ np.swapaxes(vectors, -1, -2)
    return turned


@on_one_thread
def regions(s: np.ndarray, p: np.ndarray, a: np.ndarray, g: np.ndarray, delta: np.ndarray) -> np.ndarray:
    """Return the capture regions of stable states s (N, 3), parameters (N,): s* and the form V/w, (N, NUMBERS).

    Where rounding leaves no region the form is infinite, and nothing is captured.
    """
    m = lyapunov(equations.jacobian(s, p, a, g, delta))
    w = _levels(s, m, surface(m, _SPHERE), p, a, g, delta)
    w[np.linalg.eigvalsh(m)[:, 0] <= 0] = 0.0
    rows, columns = np.triu_indices(3)
    with np.errstate(divide="ignore", invalid="ignore"):
        form = m[:, rows, columns] * np.where(rows == columns, 1.0, 2.0) / w[:, None]
    return np.concatenate([s, form], axis=1)


@on_one_thread
def vacuum(p: np.ndarray, a: np.ndarray, g: np.ndarray, delta: np.ndarray) -> np.ndarray:
    """Return the size s below which a spinor is certain to die, (N,); 0 where the vacuum is not stable.

    2 A = p + K, K = [[-i delta, i (1 + i g)], [i (1 + i g), i delta]].
    """
    hop = 1j * (1 + 1j * g)
    k = np.stack([np.stack([-1j * delta, hop], -1), np.stack([hop, 1j * delta], -1)], -2)
    values, vectors = np.linalg.eig(k)
    kappa = -0.5 * (p + values.real.max(axis=-1))
    c = np.linalg.cond(vectors)
    size: np.ndarray = np.maximum(kappa, 0.0) * 2 / (np.sqrt(1 + a * a) * c * c * c)
    return size


@compiled()
def rate(s, m, x, y, z, p, a, g, delta):
    """Return dV/dtau at y = (x, y, z) by the exact equations."""
    s_x, s_y, s_z = s[0] + x, s[1] + y, s[2] + z
    size = math.sqrt(s_x * s_x + s_y * s_y + s_z * s_z)
    field = a * s_z + delta
    f_x = (p - size) * s_x - g * size - field * s_y
    f_y = (p - size) * s_y + s_z + field * s_x
    f_z = (p - size) * s_z - s_y
    along_x = m[0, 0] * x + m[0, 1] * y + m[0, 2] * z
    along_y = m[1, 0] * x + m[1, 1] * y + m[1, 2] * z
    along_z = m[2, 0] * x + m[2, 1] * y + m[2, 2] * z
    return 2 * (along_x * f_x + along_y * f_y + along_z * f_z)


@compiled()
def _not_falling(s, m, points, r, start, p, a, g, delta):
    """Return a direction in which V does not decrease somewhere up to V = r^2, or -1; look at ``start`` first."""
    n = len(points)
    for i in range(n):
        direction = (i + start) % n
        x, y, z = points[direction]
        square = x * x + y * y + z * z
        for k in range(1, SHELLS + 1):
            q = r * k / SHELLS
            if not rate(s, m, q * x, q * y, q * z, p, a, g, delta) < -MARGIN * q * q * square:
                return direction
    return -1


@compiled(nogil=True)
def _levels(s, m, points, p, a, g, delta):
    """Return w of every state; 0 where there is none."""
    w = np.zeros(len(s))
    for i in range(len(s)):
        r = math.sqrt((m[i, 0, 0] + m[i, 1, 1] + m[i, 2, 2]) * (s[i, 0] ** 2 + s[i, 1] ** 2 + s[i, 2] ** 2))
        worst = 0
        for _ in range(_TRIALS):
            worst = _not_falling(s[i], m[i], points[i], r, worst, p[i], a[i], g[i], delta[i])
            if worst < 0:
                w[i] = r * r
                break
            r *= _SHRINK
    return w
