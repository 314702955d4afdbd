"""A parabola in two variables through 3 x 3 points, and the lowest point of the real part of its root.

With coefficients c of (1, u, v, u^2/2, u v, v^2/2) the parabola is Z(u, v), complex, and f = Re Z^(1/root),
root = 1 or 2.
"""

import numpy as np

#: (u, v) of the nine points; number 4 is the centre
STENCIL = np.array([(i, j) for i in (-1, 0, 1) for j in (-1, 0, 1)], dtype=float)
#: fractions of a step among which the best is taken
LENGTHS = np.array([0.0, 1.0, 0.3, 0.05, 0.005])
#: Z = 0 is moved by this, so that slopes exist
TINY = 1e-200


def parabola(z: np.ndarray) -> np.ndarray:
    """Return the coefficients (..., 6) from values (..., 9): exact at the centre and its four neighbours; u v from the
    corners."""
    back, ahead, left, right, centre = (z[..., i] for i in (1, 7, 3, 5, 4))
    mixed = (z[..., 0] + z[..., 8] - z[..., 2] - z[..., 6]) / 4
    curved = back + ahead - 2 * centre, mixed, left + right - 2 * centre
    return np.stack([centre, (ahead - back) / 2, (right - left) / 2, *curved], axis=-1)


def height(c: np.ndarray, points: np.ndarray, root: int) -> np.ndarray:
    """Return f (n, points) of the parabolas (n, 6) at (points, 2), or at (n, points, 2)."""
    u, v = points[..., 0], points[..., 1]
    powers = np.stack([np.ones_like(u), u, v, u * u / 2, u * v, v * v / 2], axis=-1)
    z = c @ powers.T if points.ndim == 2 else (powers @ c[..., None])[..., 0]
    heights: np.ndarray = z.real if root == 1 else np.sqrt(z.astype(complex, copy=False)).real
    return heights


def lowest(
    c: np.ndarray, root: int, *, reach: float = 1.5, count: int = 13, newton: int = 12
) -> tuple[np.ndarray, np.ndarray]:
    """Return the offset (n, 2) of the lowest f with |u|, |v| <= reach, and f there (n,), of the parabolas (n, 6).

    The lowest of count x count points, then ``newton`` downhill steps from there.
    """
    side = np.linspace(-reach, reach, count)
    grid = np.stack(np.meshgrid(side, side, indexing="ij"), axis=-1).reshape(-1, 2)
    f = height(c, grid, root)
    best = f.argmin(axis=-1)
    u, f = grid[best], np.take_along_axis(f, best[:, None], -1)[:, 0]
    for _ in range(newton):
        trials = (u[:, None] + LENGTHS[:, None] * _step(c, u, root)[:, None]).clip(-reach, reach)
        f = height(c, trials, root)
        best = f.argmin(axis=-1)
        u, f = trials[np.arange(len(u)), best], np.take_along_axis(f, best[:, None], -1)[:, 0]
        if not best.any():  # the longest step that goes down is none at all, now and ever after
            break
    return u, f


def _step(c: np.ndarray, u: np.ndarray, root: int) -> np.ndarray:
    """Return a downhill step (n, 2) from u (n, 2): Newton's for Re Z (root = 1) or for F = f^2 = (|Z| + Re Z)/2 (root =
    2).

    F has a cone at Z = 0, near which Newton's step overshoots; the curvature taken here is that of the function that
    touches F from above, with (|Z|^2/|Z_0| + |Z_0|)/2 for |Z|. Its step is never too long.
    """
    bend = c[:, [[3, 4], [4, 5]]]
    slope = c[:, 1:3] + (bend @ u[..., None])[..., 0]
    if root == 1:
        return _downhill(bend.real, slope.real)
    z = c[:, 0] + ((c[:, 1:3] + slope) * u).sum(axis=-1) / 2 + TINY
    w = np.sqrt(z.astype(complex, copy=False))[:, None]
    square, z = (slope.conj()[:, :, None] * slope[:, None, :]).real, z[:, None, None]
    return _downhill(((square + (z.conj() * bend).real) / abs(z) + bend.real) / 2, w.real * (slope / w).real)


def _downhill(bend: np.ndarray, slope: np.ndarray) -> np.ndarray:
    """Return Newton's step with the moduli of the curvatures; along a valley without curvature only as far as it is
    steep."""
    curvature, axes = np.linalg.eigh(bend)
    curvature = abs(curvature)
    curvature = np.maximum(curvature, 1e-12 * curvature.max(axis=-1, keepdims=True) + TINY)
    along = (axes.swapaxes(-1, -2) @ slope[..., None])[..., 0] / curvature
    step: np.ndarray = -(axes @ along[..., None])[..., 0]
    return step
