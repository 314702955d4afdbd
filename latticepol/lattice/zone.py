"""The first Brillouin zone: its corners, and wavevectors brought into it."""

import numpy as np
from scipy.spatial import Voronoi

#: A wavevector moves only where it becomes shorter by more than this part: corners and edges stay what they are.
SHORTER_BY = 1e-9
AROUND = np.array([(m, n) for m in (-2, -1, 0, 1, 2) for n in (-2, -1, 0, 1, 2)])


def first_zone(reciprocal: np.ndarray) -> np.ndarray:
    """Return the corners (n, 2) of the points nearer to k = 0 than to any other ``m B1 + n B2``, counter-clockwise."""
    points = AROUND @ reduced(reciprocal)
    cells = Voronoi(points)
    corners = cells.vertices[cells.regions[cells.point_region[len(points) // 2]]]
    ordered: np.ndarray = corners[np.argsort(np.arctan2(corners[:, 1], corners[:, 0]))]
    return ordered


def folded(k: np.ndarray, reciprocal: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return wavevectors (..., 2) in the first zone, and G (..., 2) with ``k = folded + G``; G = 0 for what is
    there."""
    rows = reduced(reciprocal)
    near = np.rint(k @ np.linalg.inv(rows))
    G = (near[..., None, :] + AROUND) @ rows
    length = np.linalg.norm(k[..., None, :] - G, axis=-1)
    best = np.take_along_axis(G, length.argmin(axis=-1)[..., None, None], axis=-2)[..., 0, :]
    outside = length.min(axis=-1) < np.linalg.norm(k, axis=-1) * (1 - SHORTER_BY)
    best = np.where(outside[..., None], best, 0.0)
    return k - best, best


def reduced(rows: np.ndarray) -> np.ndarray:
    """Return the two shortest vectors that span the same lattice (Lagrange and Gauss)."""
    a, b = sorted(np.array(rows, float), key=np.linalg.norm)
    while True:
        b = b - np.rint(a @ b / (a @ a)) * a
        if b @ b >= a @ a * (1 - 1e-12):
            return np.array([a, b])
        a, b = b, a
