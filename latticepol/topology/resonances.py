"""Where branches of opposite norm cross over the Brillouin zone: there growth may hide that no mesh shows.

Without loss modes of equal norm ``N = <u|u> - <v|v>`` repel where their frequencies meet; modes of opposite norm lock,
and one of the two grows, over a piece of k that may be far narrower than any mesh (docs/physics.md, section 4). The
modes of positive norm P_n(k) and those of negative norm Q_m(k), each sorted by Re w, are continuous, and so is

    S(k) = Re P_n - Re Q_m .

Where S has different signs at neighbouring points of a mesh it vanishes on the edge between them, and where it is small
at a point of the mesh a closed line of zeros may lie next to it.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

#: k (points, 2) to frequencies (points, m), ascending in Re, and norms (points, m).
Modes = Callable[[np.ndarray], tuple[np.ndarray, np.ndarray]]

#: Two modes have locked where their norms are below this, and their Re w are equal to this part of the largest
#: frequency: next to the end of the piece of k, an exceptional point, rounding of 1e-16 becomes its root.
LOCKED, EQUAL = 1e-6, 1e-8


@dataclass(frozen=True)
class CrossingSearch:
    """How crossings are looked for.

    Parameters
    ----------
    halvings
        Of an edge of the mesh on which S changes its sign, at most.
    helped
        A step of the regula falsi did where it left less than this part of the smaller S of both ends.
    same
        S is 0 below this part of the largest frequency.
    detuned
        A crossing is found where S is below this part of the damping of both modes together: growth there is what it is
        at S = 0 up to the square of it, in units of that damping.
    narrow, jump
        S jumps, where modes exchange their norms, if it changes by more than this part of its change along the edge
        over less than this part of the edge.
    near
        It is looked for zeros next to a point of the mesh where |S| is lowest, and below so many times its change to
        the neighbours.
    zooms, points
        So many times at most, each time at ``points`` along each direction, closer and closer.
    """

    halvings: int = 60
    helped: float = 0.25
    same: float = 1e-9
    detuned: float = 0.1
    narrow: float = 1 / 64
    jump: float = 0.5
    near: float = 1.0
    zooms: int = 9
    points: int = 5


#: What is used where nothing else is said.
CROSSING_SEARCH = CrossingSearch()


class Crossings(NamedTuple):
    """Wavevectors (c, 2) at which Re P_n = Re Q_m, or where they are next to it, n, m (c,) and the frequencies of the
    two (c,)."""

    k: np.ndarray
    n: np.ndarray
    m: np.ndarray
    P: np.ndarray
    Q: np.ndarray

    @property
    def faster(self) -> np.ndarray:
        """The one with the larger Im of each two."""
        return np.where(self.P.imag > self.Q.imag, self.P, self.Q)

    def only(self, some: np.ndarray) -> "Crossings":
        """Return some of them."""
        return Crossings(*(part[some] for part in self))

    @classmethod
    def joined(cls, parts: "list[Crossings]") -> "Crossings":
        """Return those of all parts."""
        return cls(*(np.concatenate(same) for same in zip(*parts, strict=True)))


def told_apart(omega: np.ndarray, norm: np.ndarray) -> np.ndarray:
    """Return the norms (..., m) of modes ascending in Re, with opposite ones for two that have locked.

    Of equal Re w and norm 0, they are one of each; where several pairs have locked, rounding would tell whole pairs to
    one side.
    """
    zero, places = abs(norm) <= LOCKED, np.arange(norm.shape[-1] - 1)
    equal = np.diff(omega.real, axis=-1) <= EQUAL * abs(omega).max(axis=-1, keepdims=True)
    together = equal & zero[..., 1:] & zero[..., :-1]
    if not together.any():
        return norm
    before = np.maximum.accumulate(np.where(together, -1, places), axis=-1)
    first = together & ((places - before) % 2 == 1)  # of two: every other one where more are equal
    norm = norm.copy()
    norm[..., :-1][first], norm[..., 1:][first] = -LOCKED, LOCKED
    return norm


def sides(omega: np.ndarray, norm: np.ndarray, particles: int) -> tuple[np.ndarray, np.ndarray]:
    """Return which of the modes (..., m), ascending in Re, are the ``particles`` ones with the largest norms, and which
    those with the lowest, each (..., particles) in that order."""
    order = np.argsort(told_apart(omega, norm), axis=-1, kind="stable")
    return np.sort(order[..., -particles:], axis=-1), np.sort(order[..., :particles], axis=-1)


def branches(omega: np.ndarray, norm: np.ndarray, particles: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the frequencies (..., particles) of both `sides`."""
    P, Q = (np.take_along_axis(omega, side, axis=-1) for side in sides(omega, norm, particles))
    return P, Q


def crossings(
    modes: Modes,
    k: np.ndarray,
    omega: np.ndarray,
    norm: np.ndarray,
    particles: int,
    *,
    search: CrossingSearch = CROSSING_SEARCH,
) -> Crossings:
    """Return the crossings on the edges of a mesh and those between them that are found.

    Parameters
    ----------
    modes
        See Modes.
    k
        The mesh (n1, n2, 2), parallel lines at equal distances; along an axis of length 1 nothing changes.
    omega, norm
        The modes there, (n1, n2, m).
    particles
        Number of branches of each norm.
    search
        How they are looked for.
    """
    P, Q = branches(omega, norm, particles)
    S = P.real[..., :, None] - Q.real[..., None, :]

    def pairs(k: np.ndarray, n: np.ndarray, m: np.ndarray) -> tuple[Crossings, np.ndarray]:
        omega, norm = modes(k)
        P, Q = branches(omega, norm, particles)
        rows = np.arange(len(k))
        return Crossings(k, n, m, P[rows, n], Q[rows, m]), search.same * abs(omega).max(axis=1)

    change = 2 * sum(abs(np.diff(omega.real, axis=axis)).max(initial=0.0) for axis in range(2))
    inside, nearest = _between(pairs, k, S, change, search)
    edges = [np.concatenate(parts) for parts in zip(*_edges(k, P, Q, S), *inside, strict=True)]
    return Crossings.joined([_bracketed(pairs, edges, search), *nearest])


#: Pieces on which S changes its sign: both ends (c, 2), P and Q at the first, S at both, n and m, each (c,).
_Edges = tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray, np.ndarray, np.ndarray, np.ndarray, np.ndarray]
#: k, n, m to the modes there, and the difference below which their frequencies are the same.
_Pairs = Callable[[np.ndarray, np.ndarray, np.ndarray], tuple[Crossings, np.ndarray]]


def _edges(k: np.ndarray, P: np.ndarray, Q: np.ndarray, S: np.ndarray) -> Iterator[_Edges]:
    """Yield the edges along each axis on which S changes its sign."""
    for axis in range(2):
        first, last = np.arange(S.shape[axis] - 1), np.arange(1, S.shape[axis])
        here, there = S.take(first, axis), S.take(last, axis)
        at = np.nonzero((here > 0) != (there > 0))
        i, j, n, m = at
        two = P.take(first, axis)[i, j, n], Q.take(first, axis)[i, j, m]
        yield k.take(first, axis)[i, j], k.take(last, axis)[i, j], *two, here[at], there[at], n, m


def _bracketed(pairs: _Pairs, edges: Sequence[np.ndarray], search: CrossingSearch) -> Crossings:
    """Return the crossings between ``start`` and ``end`` (c, 2), where S is ``here`` and ``there``: the regula falsi,
    and halving after each of its steps that does not help."""
    start, end, P, Q, here, there, n, m = edges
    found = Crossings(start.copy(), n, m, P.copy(), Q.copy())
    left, right, halve = np.zeros(len(n)), np.ones(len(n)), np.zeros(len(n), bool)
    ends = np.stack([here, there])
    jump = search.jump * abs(there - here)
    going = np.arange(len(n))
    for _ in range(search.halvings):
        if not len(going):
            break
        a, b, (f, g) = left[going], right[going], ends[:, going]
        at = 0.5 * (a + b)
        np.divide(a * g - b * f, g - f, out=at, where=~halve[going] & (g != f))
        now, same = pairs(start[going] + at[:, None] * (end - start)[going], n[going], m[going])
        for part, values in zip(found, now, strict=True):
            part[going] = values
        S = (now.P - now.Q).real
        halve[going] = abs(S) > search.helped * np.minimum(abs(f), abs(g))
        beyond = (S > 0) == (g > 0)
        left[going], right[going] = np.where(beyond, a, at), np.where(beyond, at, b)
        ends[np.where(beyond, 1, 0), going] = S
        width = right[going] - left[going]
        jumps = (width < search.narrow) & (abs(ends[1] - ends[0])[going] > jump[going])
        damping = -(now.P + now.Q).imag  # where that is below 0 something grows anyway, by how much is told at S = 0
        done = (abs(S) <= np.maximum(same, search.detuned * damping)) | (width <= search.same) | jumps
        going = going[~done]
    return found


def _between(
    pairs: _Pairs, k: np.ndarray, S: np.ndarray, change: float, search: CrossingSearch
) -> tuple[list[_Edges], list[Crossings]]:
    """Return where S changes its sign next to points of the mesh where it is small and has one, and where branches are
    nearest that do not cross: S, where it does not jump, changes by at most ``change`` over a step of the mesh."""
    inside, nearest = list[_Edges](), list[Crossings]()
    axes = [axis for axis in range(2) if S.shape[axis] > 1]
    i, j, n, m = np.nonzero(_lowest(S, axes, search.near))
    if not len(i) or not axes:
        return inside, nearest
    steps = np.stack([k.take(1, axis)[0] - k.take(0, axis)[0] for axis in axes])
    line = np.linspace(-1, 1, search.points)
    box = np.stack(np.meshgrid(*[line] * len(axes), indexing="ij"), axis=-1).reshape(-1, len(axes)) @ steps
    centre, here, size = k[i, j], S[i, j, n, m], 1.0
    for zoom in range(search.zooms):
        shape = len(centre), len(box)
        points = (centre[:, None] + size * box).reshape(-1, 2)
        all_points, same = pairs(points, np.repeat(n, len(box)), np.repeat(m, len(box)))
        signed = (all_points.P - all_points.Q).real.reshape(shape) * np.sign(here)[:, None]
        lowest = signed.argmin(axis=1) + np.arange(shape[0]) * shape[1]
        best, value = all_points.only(lowest), signed.min(axis=1)
        crossed, apart = value <= 0, value > same[lowest]  # two that have locked differ by rounding
        near = value <= np.minimum(search.near * np.ptp(abs(signed), axis=1), size * change)
        if crossed.any():
            two = best.P[crossed], best.Q[crossed]
            signs = here[crossed], (value * np.sign(here))[crossed]
            inside.append((centre[crossed], best.k[crossed], *two, *signs, n[crossed], m[crossed]))
        going = apart & near & (zoom < search.zooms - 1)
        nearest.append(best.only(~crossed & ~going))
        if not going.any():
            break
        centre, n, m, here = best.k[going], n[going], m[going], (value * np.sign(here))[going]
        size /= 0.5 * (search.points - 1) / 1.2  # the new box reaches a little beyond the neighbours of its centre
    return inside, nearest


def _lowest(S: np.ndarray, axes: list[int], near: float) -> np.ndarray:
    """Return where |S| is not larger than at the neighbours, S has the sign that it has there, and it is small against
    its change; at the rim of the mesh the neighbours are those within."""
    lowest, moved = np.ones(S.shape, bool), np.zeros(S.shape)
    for axis in axes:
        for ahead in (True, False):
            wall = np.take(S, [-1 if ahead else 0], axis)
            rest = np.delete(S, 0 if ahead else -1, axis)
            other = np.concatenate([rest, wall] if ahead else [wall, rest], axis)
            lowest &= (abs(S) <= abs(other)) & ((S > 0) == (other > 0))
            moved = np.maximum(moved, abs(other - S))
    found: np.ndarray = lowest & (abs(S) <= near * moved)
    return found
