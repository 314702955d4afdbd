"""Where the wells of a potential are: the maxima of the lowest Bloch mode of its cell."""

import numpy as np

from latticepol.gpe.linear_response.plane_waves import ScalarModes
from latticepol.reduction.wannier import first_point

#: A mode that varies by less than this part of itself belongs to a uniform potential.
UNIFORM = 1e-9
#: Newton steps towards a maximum.
MAXIMUM_STEPS = 20
#: Distances, in spacings of the grid, below which two maxima are one.
SAME_MAXIMUM = 1e-3


def wells(modes: ScalarModes) -> np.ndarray:
    """Return the sites (N, 2) of a cell, ordered along A1, then A2, not bound to the points of the grid.

    The lowest mode at k = 0 has no nodes and, of a few plane waves, is smooth even where the potential is flat or
    sharp: its maxima are the middles of pillars, pits and rings alike.

    Raises
    ------
    ValueError
        The potential is uniform.
    """
    grid, waves = modes.waves.grid, modes.waves
    c = modes.at(np.zeros(2))[1][:, 0]
    u = waves.on_grid(c)
    c = c * np.exp(-1j * np.angle(u.sum()))
    u = waves.on_grid(c).real
    if np.ptp(u) <= UNIFORM * u.max():
        raise ValueError("the potential is uniform and has no wells; give lp.Potential(V) with wells on the sites")
    around = [np.roll(u, (i, j), axis=(-2, -1)) for i in (-1, 0, 1) for j in (-1, 0, 1) if i or j]
    i2, i1 = np.nonzero(u >= np.max(around, axis=0))
    vectors, G = np.array(grid.vectors), waves.index @ grid.reciprocal
    r = np.stack([i1, i2], axis=-1) / np.array(grid.counts) @ vectors
    for _ in range(MAXIMUM_STEPS):
        terms = c * np.exp(1j * r @ G.T)
        slope, curvature = (1j * terms @ G).real, -np.einsum("rg,ga,gb->rab", terms, G, G).real
        r = r - np.linalg.solve(curvature, slope[..., None])[..., 0]
    positions: np.ndarray = _distinct(r, vectors, min(grid.spacing)) + first_point(grid)
    return positions


def _distinct(r: np.ndarray, vectors: np.ndarray, spacing: float) -> np.ndarray:
    """Return each of the points once, in the cell that begins at 0."""
    near = SAME_MAXIMUM * spacing
    fractions = r @ np.linalg.inv(vectors)
    fractions = fractions - np.floor(fractions + near / np.linalg.norm(vectors, axis=1))
    r = fractions @ vectors
    apart = [all(np.linalg.norm(r[i] - r[j]) > near for j in range(i)) for i in range(len(r))]
    kept = fractions[apart]
    distinct: np.ndarray = kept[np.lexsort(np.round(kept, 6).T)] @ vectors
    return distinct
