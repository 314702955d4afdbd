"""The minimum of a function of k over the Brillouin zone, refined between the points of a mesh (docs/physics.md, 5)."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from scipy import optimize

from latticepol.topology.parabola import STENCIL, lowest, parabola

#: The points of the stencil but its centre.
OUTER = np.delete(np.arange(9), 4)
Function = Callable[[np.ndarray], np.ndarray]


@dataclass(frozen=True)
class GapSearch:
    """How a minimum is refined between the points of a mesh.

    Parameters
    ----------
    iterations
        Stencils at most.
    denser
        Of the mesh, this part with the lowest values is looked at with three times denser points.
    first, smallest
        The first stencil and the smallest one, in steps of the mesh.
    shrink, retreat
        From one stencil to the next where the parabola predicts a minimum, and where it failed.
    polish
        The first simplex around a minimum that is not smooth, in steps of the mesh.
    closed
        Below it a refined direct gap (rate) is closed: along the arcs between exceptional points rounding leaves less.
    narrow
        A line between the points of the mesh counts as no narrower than this part of the narrowest on them.
    """

    iterations: int = 40
    denser: float = 0.2
    first: float = 0.25
    smallest: float = 1e-8
    shrink: float = 0.15
    retreat: float = 0.4
    polish: float = 0.05
    closed: float = 1e-9
    narrow: float = 1e-3


#: What is used where nothing else is said.
GAP_SEARCH = GapSearch()


class Minimum(NamedTuple):
    """An extremum over the Brillouin zone and its wavevector (2,)."""

    value: float
    k: np.ndarray


def mesh_points(reciprocal: np.ndarray, mesh: int | tuple[int, int], *, closed: bool = False) -> np.ndarray:
    """Return wavevectors ``i/n1 B1 + j/n2 B2``, (n1, n2, 2); ``closed`` adds the far sides, (n1 + 1, n2 + 1, 2).

    ``reciprocal`` has the rows B1 and B2, ``mesh`` is n or (n1, n2).
    """
    n1, n2 = (mesh, mesh) if isinstance(mesh, int | np.integer) else mesh
    if min(n1, n2) < 3:
        raise ValueError(f"mesh = {mesh} is too coarse to have neighbours on both sides; use at least 3 x 3 points")
    i, j = np.arange(n1 + closed) / n1, np.arange(n2 + closed) / n2
    points: np.ndarray = i[:, None, None] * reciprocal[0] + j[:, None] * reciprocal[1]
    return points


def plane(reciprocal: np.ndarray, mesh: tuple[int, int]) -> tuple[np.ndarray, tuple[int, int]]:
    """Return two rows of the reciprocal cell, of which there are d = 1 or 2, and the points along them.

    A single row gets a second one across it, along which nothing changes, so that three points are enough there.
    """
    if len(reciprocal) == 2:
        return reciprocal, mesh
    [(bx, by)] = reciprocal
    return np.array([[bx, by], [-by, bx]]), (mesh[0], 3)


def minimise(
    function: Function,
    reciprocal: np.ndarray,
    *,
    mesh: int | tuple[int, int] = 24,
    values: np.ndarray | None = None,
    root: int = 1,
    starts: int = 6,
    tol: float = 1e-8,
    floor: float = -np.inf,
    search: GapSearch = GAP_SEARCH,
) -> Minimum:
    """Return the minimum of ``Re z(k)`` over the Brillouin zone, to ``tol`` in value.

    A parabola is laid through z^root at 3 x 3 points around a candidate; where the real part of its root is lowest the
    next, smaller 3 x 3 points are centred, until nothing better is promised. Why the power: the difference z of two
    eigenvalues is a cone at a Dirac point and a square root at an exceptional point, its square is smooth at both.
    The arcs of a closed gap (Im z^2 = 0, Re z^2 < 0), which no mesh hits, are found by what is a Newton step in z^2.

    Candidates are the local minima on the mesh, and those of the parabolas through neighbours on the mesh, which see
    what lies between the points. The value was evaluated at k: it is never too low, but too high where every
    candidate missed the minimum, in 1 to 2 of 1000 random networks at 24 x 24 points, and in 10 of 60 random lattices
    of nearly free bands. There the gap is a long valley much narrower than the mesh, and another of its minima is
    found, up to a few times higher; a finer mesh is the remedy.

    Parameters
    ----------
    function
        k (points, 2) to z (points,), real or complex; Re z has the period of the lattice.
    reciprocal
        Rows B1 and B2.
    mesh, values
        Points (n1, n2) of the mesh, or z on `mesh_points(reciprocal, mesh)` where it is known.
    root
        The power that is smooth: 1, or 2 for the difference of two eigenvalues. Other kinks cost time only.
    starts
        Number of candidates of each of the two kinds.
    floor
        Stop at the first value below it (a gap is closed wherever it closes).
    search
        Stencils and their sizes.
    """
    reciprocal = np.asarray(reciprocal, dtype=float)
    if values is None:
        points = mesh_points(reciprocal, mesh)
        values = function(points.reshape(-1, 2)).reshape(points.shape[:2])
    steps = reciprocal / np.array(values.shape)[:, None]
    start = _candidates(function, _finite(values), steps, root, starts, search) @ steps
    found, smooth = _refine(function, start, steps, root, tol, floor, search)
    lowest_known = np.unravel_index(values.real.argmin(), values.shape)
    if values.real[lowest_known] < found.value:
        found = Minimum(float(values.real[lowest_known]), lowest_known @ steps)
    return found if smooth or found.value < floor else _polish(function, found, steps, tol, search)


def _candidates(
    function: Function, values: np.ndarray, steps: np.ndarray, root: int, starts: int, search: GapSearch
) -> np.ndarray:
    """Return places (candidates, 2) to start from, in steps of the mesh."""
    index = np.stack(np.unravel_index(np.arange(values.size), values.shape), axis=-1)
    places: np.ndarray
    offset, promise = _predict(_around(values).reshape(-1, 9), root)
    expected = np.minimum(values.real, promise.reshape(values.shape))
    found = [_local_minima(values.real, starts), _local_minima(expected, starts)]
    if root == 1:  # one smooth band has no structure finer than the mesh
        chosen = np.unique(np.concatenate(found))
        places = index[chosen] + offset[chosen]
        return places
    low = np.argsort(expected, axis=None, kind="stable")[: max(starts, int(search.denser * values.size))]
    k = (index[low, None] + STENCIL[OUTER] / 3) @ steps
    fine = np.empty((len(low), 9), values.dtype)
    fine[:, OUTER] = _finite(function(k.reshape(-1, 2)).reshape(-1, len(OUTER)))
    fine[:, 4] = values.flat[low]
    offset[low], promise = _predict(fine, root)
    offset[low] /= 3
    seen = np.full(values.shape, np.inf)
    seen.flat[low] = np.minimum(fine.real.min(axis=-1), promise)
    promising = np.concatenate([found[1], _local_minima(seen, 3 * starts)])
    chosen = np.unique(np.concatenate([found[0], promising[np.isfinite(seen.flat[promising])]]))
    places = index[chosen] + offset[chosen]
    return places


def _predict(z: np.ndarray, root: int) -> tuple[np.ndarray, np.ndarray]:
    """Return where the parabolas through z (n, 9) are lowest, (n, 2) in steps of their points, and how low, (n,)."""
    return lowest(parabola(z**root), root, reach=0.7, count=7, newton=0)


def _around(values: np.ndarray) -> np.ndarray:
    """Return (n1, n2, 3, 3): the points of a periodic mesh with their neighbours, in the order of the stencil."""
    rows, columns = (np.arange(-1, n + 1) % n for n in values.shape)
    around: np.ndarray = sliding_window_view(values[rows[:, None], columns], (3, 3))
    return around


def local_minima(values: np.ndarray) -> np.ndarray:
    """Return where a periodic mesh has local minima."""
    lowest = values
    for axis in (0, 1):
        lowest = np.minimum(lowest, np.minimum(np.roll(lowest, 1, axis), np.roll(lowest, -1, axis)))
    minima: np.ndarray = values == lowest
    return minima


def _local_minima(values: np.ndarray, count: int) -> np.ndarray:
    """Return flat indices of the lowest local minima on a periodic mesh."""
    found = np.flatnonzero(local_minima(values))
    return found[np.argsort(values.ravel()[found], kind="stable")[:count]]


def _refine(
    function: Function,
    centre: np.ndarray,
    steps: np.ndarray,
    root: int,
    tol: float,
    floor: float,
    search: GapSearch,
) -> tuple[Minimum, bool]:
    """Follow the candidates (n, 2) until each has arrived, or promises no less than another one has reached.

    Returns the lowest, and whether it is one that arrived: where a further band crosses it may lie on a crease.
    """
    size, promise = np.full(len(centre), search.first), np.full(len(centre), -np.inf)
    best, best_k = np.full(len(centre), np.inf), centre
    winner, reached, stencil = Minimum(np.inf, centre[0]), np.inf, STENCIL @ steps
    for _ in range(search.iterations):
        k = centre[:, None] + size[:, None, None] * stencil
        z = _finite(function(k.reshape(-1, 2)).reshape(-1, 9))
        here, missed = z[:, 4].real, abs(z[:, 4].real - promise)
        failed = here > best + 0.01 * tol
        rows, low = np.arange(len(z)), z.real.argmin(axis=-1)
        lowest_here = z.real[rows, low]
        best_k = np.where((lowest_here < best)[:, None], k[rows, low], best_k)
        best = np.minimum(lowest_here, best)
        first = best.argmin()
        if best[first] < winner.value:
            winner = Minimum(float(best[first]), best_k[first])

        offset, promise = lowest(parabola(z**root), root)
        arrived = ~failed & (here - promise < 0.1 * tol) & (missed < 0.1 * tol)
        reached = min(reached, here[arrived].min(initial=np.inf))
        within = abs(offset).max(axis=-1) < 1
        beaten = ~failed & within & (promise - missed > winner.value)
        centre = np.where(failed[:, None], best_k, centre + size[:, None] * (offset @ steps))
        size = size * np.where(failed, search.retreat, np.where(within, search.shrink, 1.0))
        promise[failed] = -np.inf
        going = ~arrived & ~beaten & (size > search.smallest)
        if winner.value < floor or not going.any():
            break
        centre, size, promise, best, best_k = (a[going] for a in (centre, size, promise, best, best_k))
    return winner, reached <= winner.value + tol


def _polish(function: Function, found: Minimum, steps: np.ndarray, tol: float, search: GapSearch) -> Minimum:
    """Apply Nelder and Mead's simplex to what was found: it needs no slopes."""
    simplex = found.k + search.polish * np.array([[0, 0], [1, 0], [0, 1]]) @ steps
    options = {"initial_simplex": simplex, "xatol": search.smallest, "fatol": 0.1 * tol}
    result = optimize.minimize(lambda k: function(k[None]).real[0], found.k, method="Nelder-Mead", options=options)
    return Minimum(float(result.fun), result.x) if result.fun < found.value else found


def _finite(z: np.ndarray) -> np.ndarray:
    if not np.isfinite(z).all():
        raise ValueError("the function to minimise is not finite everywhere; look at its matrix(k) and parameters")
    return z
