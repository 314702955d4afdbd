"""Which wavevector a wave on a grid has (docs/physics.md, section 1).

On the points of a grid ``exp(i k.r)`` and ``exp(i (k + K).r)`` are the same for ``K = l1 n1 B1 + l2 n2 B2``. Of these
aliases the shortest is meant. Several are equally short on the Nyquist lines of an even grid, k_x = +pi/dx and -pi/dx:
no single one respects the mirrors of the grid, so that a function of k is there its mean over all of them.
"""

from collections.abc import Sequence
from functools import lru_cache
from math import lcm
from typing import Any

import numpy as np

from latticepol.grid import Grid
from latticepol.lattice.zone import reduced

#: Lengths that agree to this part are the same: wavevectors are sums of a few rounded numbers.
SAME_LENGTH = 1e-9
#: The shortest aliases differ by no more than these from the one that rounding finds, in the shortest vectors K.
AROUND = np.array([(m, n) for m in (0, -1, 1) for n in (0, -1, 1)])

#: kx and ky, which broadcast with each other.
Wave = tuple[np.ndarray, np.ndarray]


@lru_cache(maxsize=8)
def of_grid(grid: Grid) -> list[Wave]:
    """Return the wavevectors of the Fourier modes, q included, over which a function of k is averaged; one row and one
    column each on a rectangular grid."""
    kx, ky = grid.wavevectors
    if not grid.rectangular:
        return shortest(grid, kx, ky)
    (Kx, _), (_, Ky) = _periods(grid)
    return [(row, column) for row in _line(kx[:1], Kx) for column in _line(ky[:, :1], Ky)]


def shortest(grid: Grid, kx: np.ndarray, ky: np.ndarray) -> list[Wave]:
    """Return arrays of the shortest aliases of kx and ky: a wavevector with two stands in half of them as one and in
    half as the other."""
    K = reduced(_periods(grid))
    far = np.hypot(kx, ky) > 0.5 * np.linalg.norm(K[0]) * (1 - SAME_LENGTH)  # the others are nearer to 0 than to any K
    if not far.any():
        return [(kx, ky)]
    k = np.stack([kx[far], ky[far]], axis=-1)
    steps = np.rint(k @ np.linalg.inv(K))[:, None] + AROUND
    length = np.linalg.norm(k[:, None] - steps @ K, axis=-1)
    equal = length <= length.min(axis=1, keepdims=True) * (1 + SAME_LENGTH)
    count, order = equal.sum(axis=1), np.argsort(~equal, axis=1, kind="stable")
    waves = []
    for turn in range(lcm(*np.unique(count).tolist())):
        chosen = np.take_along_axis(steps, order[np.arange(len(k)), turn % count][:, None, None], axis=1)[:, 0]
        waves.append(_moved((kx, ky), far, k - chosen @ K))
    return waves


def mean(values: Sequence[Any]) -> Any:
    """Return the mean of a function over the aliases; to the last bit its value where they are the same."""
    first, *others = values
    return first + sum(value - first for value in others) / len(values) if others else first


def _periods(grid: Grid) -> np.ndarray:
    """Return the rows n1 B1 and n2 B2."""
    periods: np.ndarray = grid.reciprocal * np.array(grid.counts)[:, None]
    return periods


def _line(k: np.ndarray, K: float) -> list[np.ndarray]:
    """Return the same along one axis."""
    k = np.where(np.abs(k) > 0.5 * abs(K) * (1 + SAME_LENGTH), k - K * np.rint(k / K), k)
    tied = np.abs(k) > 0.5 * abs(K) * (1 - SAME_LENGTH)
    return [k, np.where(tied, k - np.copysign(K, k), k)] if tied.any() else [k]


def _moved(wave: Wave, where: np.ndarray, values: np.ndarray) -> Wave:
    kx, ky = (np.array(component) for component in wave)
    kx[where], ky[where] = values.T
    return kx, ky
