"""A parabola in two variables through 3 x 3 points, and the lowest point of the real part of its root.

With coefficients c of (1, u, v, u^2/2, u v, v^2/2) the parabola is Z(u, v), complex, and f = Re Z^(1/root),
root = 1 or 2.
"""

import numpy as np

#: (u, v) of the nine points; number 4 is the centre
STENCIL = np.array([(i, j) for i in (-1, 0, 1) for j in (-1, 0, 1)], dtype=float)


def parabola(z: np.ndarray) -> np.ndarray:
    """Return the coefficients (..., 6) from values (..., 9): exact at the centre and its four neighbours; u v from the
    corners."""
    back, ahead, left, right, centre = (z[..., i] for i in (1, 7, 3, 5, 4))
    mixed = (z[..., 0] + z[..., 8] - z[..., 2] - z[..., 6]) / 4
    curved = back + ahead - 2 * centre, mixed, left + right - 2 * centre
    return np.stack([centre, (ahead - back) / 2, (right - left) / 2, *curved], axis=-1)


def lowest(
    c: np.ndarray, root: int, *, reach: float = 1.5, count: int = 13, newton: int = 12
) -> tuple[np.ndarray, np.ndarray]:
    """Return the offset (n, 2) of the lowest f with |u|, |v| <= reach, and f there (n,), of the parabolas (n, 6).

    The lowest of count x count points, then at most ``newton`` downhill steps from there.
    """
    from latticepol.topology.parabola_kernels import lowest  # loads numba

    offset, f = np.empty((len(c), 2)), np.empty(len(c))
    lowest(np.ascontiguousarray(c, complex), root, np.linspace(-reach, reach, count), newton, offset, f)
    return offset, f
