"""How deep the sites of a finite piece lie, and how much room they take there."""

import numpy as np
from scipy.spatial import ConvexHull, Voronoi, cKDTree

#: Around a site so many of the shortest distances are looked over: past a vacancy, but not past a bay.
REACH = 2.1
#: The outline is where nothing is seen over such an angle. A vacancy next to a site hides at most 60 degrees.
OPEN_ANGLE = 0.6 * np.pi


def depths(positions: np.ndarray) -> np.ndarray:
    """Return the distances (N,) of positions (N, 2) from the nearest one on the outline, vacancies left aside."""
    tree = cKDTree(positions)
    spacing = float(tree.query(positions, 2)[0][:, 1].min())
    outer = np.array([_sees_out(positions[near] - here) for near, here in zip(
        tree.query_ball_point(positions, REACH * spacing), positions, strict=True)])  # fmt: skip
    found: np.ndarray = cKDTree(positions[outer]).query(positions)[0]
    return found


def _sees_out(around: np.ndarray) -> bool:
    """Return whether among the directions (n, 2), one of them 0, two next to each other leave an open angle."""
    x, y = around[np.abs(around).sum(axis=1) > 0].T
    angles = np.sort(np.arctan2(y, x))
    return len(angles) == 0 or bool(np.diff(angles, append=angles[0] + 2 * np.pi).max() > OPEN_ANGLE)


def area(positions: np.ndarray, inside: np.ndarray) -> float:
    """Return the area nearer to the positions of a mask (N,), none of them on the outline, than to others."""
    cells = Voronoi(positions)
    regions = [cells.regions[i] for i in cells.point_region[inside]]
    return float(sum(ConvexHull(cells.vertices[region]).volume for region in regions))
