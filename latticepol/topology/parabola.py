"""A parabola in two variables through 3 x 3 points, and the lowest point of the real part of its root.

With coefficients c of (1, u, v, u^2/2, u v, v^2/2) the parabola is Z(u, v), complex, and f = Re Z^(1/root),
root = 1 or 2.
"""

from functools import cache

import numpy as np

#: (u, v) of the nine points; number 4 is the centre
STENCIL = np.array([(i, j) for i in (-1, 0, 1) for j in (-1, 0, 1)], dtype=float)


_U, _V = STENCIL.T
#: Coefficients from the values at the nine points.
FIT = np.stack(
    [(_U == 0) & (_V == 0), (_V == 0) * _U / 2, (_U == 0) * _V / 2,
     (_V == 0) * (3 * _U**2 - 2), _U * _V / 4, (_U == 0) * (3 * _V**2 - 2)], axis=1,
)  # fmt: skip


def parabola(z: np.ndarray) -> np.ndarray:
    """Return the coefficients (..., 6) from values (..., 9): exact at the centre and its four neighbours; u v from the
    corners."""
    c: np.ndarray = z @ FIT
    return c


def lowest(
    c: np.ndarray, root: int, *, reach: float = 1.5, count: int = 13, newton: int = 12
) -> tuple[np.ndarray, np.ndarray]:
    """Return the offset (n, 2) of the lowest f with |u|, |v| <= reach, and f there (n,), of the parabolas (n, 6).

    The lowest of count x count points, then at most ``newton`` downhill steps from there.
    """
    from latticepol.topology.parabola_kernels import lowest  # loads numba

    offset, f = np.empty((len(c), 2)), np.empty(len(c))
    lowest(np.ascontiguousarray(c, complex), root, _side(reach, count), newton, offset, f)
    return offset, f


@cache
def _side(reach: float, count: int) -> np.ndarray:
    return np.linspace(-reach, reach, count)
