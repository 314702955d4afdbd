"""Ensembles at many parameter points: capture regions, initial conditions, chunks and threads."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, as_completed

import numpy as np

from latticepol.pseudospin import capture, lanes
from latticepol.pseudospin.lanes import DIED, UNSETTLED

#: At most so many trajectories are followed in one call of the compiled code: hundredths of a second, if they settle.
CHUNK = 10_000


def ends(
    starts: np.ndarray,
    parameters: np.ndarray,
    states: np.ndarray,
    stable: np.ndarray,
    *,
    tol: float,
    t_max: float,
    stop: np.ndarray = lanes.NEVER,
) -> np.ndarray:
    """Return where trajectories end.

    Parameters
    ----------
    starts : (N, n, 3)
        Initial pseudospins of the n trajectories of N parameter points.
    parameters : (N, 4)
        p, a, g, delta.
    states : (N, k, 3), stable : (N, k)
        Stationary states, and which of them are stable.
    tol, t_max, stop
        See :func:`latticepol.pseudospin.lanes.follow`.

    Returns
    -------
    (N, n)
        Number of the stationary state, or ``UNSETTLED`` or ``DIED``.
    """
    p, a, g, delta = np.ascontiguousarray(parameters.T)
    first = np.argsort(~stable, axis=1, kind="stable")[:, : stable.sum(axis=1).max()]  # the stable ones of each point
    regions = np.full((*first.shape, capture.NUMBERS), np.inf)
    point, place = np.nonzero(np.take_along_axis(stable, first, axis=1))
    s = states[point, first[point, place]]
    regions[point, place] = capture.regions(s, p[point], a[point], g[point], delta[point])
    outcome: np.ndarray = lanes.follow(
        starts, p, a, g, delta, regions, capture.vacuum(p, a, g, delta), tol, t_max, stop
    )
    if first.shape[1] == 0:
        return outcome
    return np.where(outcome >= 0, np.take_along_axis(first, np.maximum(outcome, 0), axis=1), outcome)


def count(
    parameters: np.ndarray,
    n: int,
    starts: Callable[[int], np.ndarray],
    states: Callable[[slice], tuple[np.ndarray, np.ndarray]],
    *,
    tol: float,
    t_max: float,
    threads: int,
    advance: Callable[[int], object],
    chunk: int = CHUNK,
) -> np.ndarray:
    """Return how many of n trajectories per point (N, 4) end aligned (s_z delta > 0), not aligned, unsettled, dead: (N,
    4).

    ``starts(i)`` gives the (n, 3) initial pseudospins of point i, ``states(slice)`` the stationary states of some
    points and which are stable, ``advance`` gets the number of points done. Chunks of points, of at most ``chunk``
    trajectories (but one point at least), run in ``threads`` threads, which changes nothing in the result. A single
    thread is not the main one either: after Ctrl-C a compiled function that returns to the main thread crashes (numba
    0.68).
    """
    counts = np.empty((len(parameters), 4), int)
    stop = lanes.NEVER.copy()

    def work(points: range) -> int:
        some = slice(points.start, points.stop)
        s, stable = states(some)
        begin = np.stack([starts(i) for i in points])
        reached = ends(begin, parameters[some], s, stable, tol=tol, t_max=t_max, stop=stop)
        along = np.take_along_axis(s[..., 2] * parameters[some, 3:] > 0, np.maximum(reached, 0), axis=1)
        settled = reached >= 0
        for column, end in enumerate((settled & along, settled & ~along, reached == UNSETTLED, reached == DIED)):
            counts[some, column] = end.sum(axis=1)
        return len(points)

    length = max(1, min(chunk // n, len(parameters) // (2 * threads)))
    chunks = [range(i, min(i + length, len(parameters))) for i in range(0, len(parameters), length)]
    pool = ThreadPoolExecutor(threads)
    try:
        for done in as_completed([pool.submit(work, points) for points in chunks]):
            advance(done.result())
    finally:
        stop[0] = True  # what still runs after Ctrl-C leaves at once
        pool.shutdown(cancel_futures=True)
    return counts
