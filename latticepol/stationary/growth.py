"""The one search for the largest growth rate of a linear problem: whether a state is stable (docs/physics.md, 4).

1. All modes on a mesh over the zone, and along rays next to k = 0.
2. The crossings of branches of opposite norm, between whose sides growth may hide (`latticepol.topology.resonances`).
3. From the highest maxima and crossings Im w of the mode is climbed (`latticepol.topology.ascent`).
"""

from dataclasses import replace
from typing import NamedTuple

import numpy as np

from latticepol.linear_problem import NEUTRAL, Growth, GrowthSearch, LinearProblem
from latticepol.numerics.blas import on_one_thread
from latticepol.stationary.kinds import described
from latticepol.topology.ascent import climb
from latticepol.topology.locking import Meetings, locking, meetings
from latticepol.topology.resonances import branches, crossings

#: Rates are climbed to this part of the frequency at which a truncated problem has its phase mode.
PHASE_PART = 0.01


class Places(NamedTuple):
    """Where a mode may grow fastest."""

    k: np.ndarray  # (n, 2)
    omega: np.ndarray  # (n,)
    #: How high Im w may rise nearby: by as much as it changes to the neighbours.
    promise: np.ndarray  # (n,)

    def only(self, some: np.ndarray) -> "Places":
        """Return some of them."""
        return Places(*(part[some] for part in self))


@on_one_thread
def growth_rate(problem: LinearProblem, search: GrowthSearch | None = None) -> Growth:
    """Return the largest growth rate ``max Im w`` that was found, a lower bound, with what was looked at.

    Parameters
    ----------
    problem
        The linear motion about a stationary state.
    search
        How it is looked for; None: what suits the model, ``problem.search``.
    """
    found = problem.growth_without_matrix()
    if found is not None:
        return _or_phase_mode(problem, found)
    bands, search = problem.for_growth(), search or problem.search
    found = _among_bands(bands, search)
    again = problem.for_growth_again(found)
    found = _or_phase_mode(problem, found if again is None else _climbed(again, found, search))
    if problem.paired:
        fastest = described(bands, np.array(found.k), found.omega)
        found = replace(found, certificate={**found.certificate, "fastest": fastest})
    return problem.growth_beyond(found)


def _or_phase_mode(problem: LinearProblem, found: Growth) -> Growth:
    """Return what was found, or the phase mode where all others decay."""
    if problem.driven or not found.rate < 0:
        return found
    return replace(found, rate=0.0, k=(0.0, 0.0), omega=0j)


def _among_bands(problem: LinearProblem, search: GrowthSearch) -> Growth:
    """Return the largest growth rate of all modes of the matrices."""
    phase = _phase_mode(problem)
    if not problem.growth_mesh:
        [modes] = problem.spectrum(np.zeros((1, 2)))
        at = complex(modes[modes.imag.argmax()])
        certificate = {"k": "k = 0 alone", "modes": problem.size}
        return Growth(at.imag, problem.basis, phase, (0.0, 0.0), at, True, certificate)
    zone = _Zone(problem, search)
    seen = [zone.maxima(), zone.rays(), zone.resonances()]
    places = Places(*(np.concatenate(parts) for parts in zip(*seen, strict=True)))
    known = places.omega.imag.max() if problem.driven else max(places.omega.imag.max(), 0.0)
    best = np.arange(len(places.k)) == places.omega.imag.argmax()
    places = places.only(best | (places.promise >= known))
    how = {"error": PHASE_PART * phase, "wanted": known, "search": search.ascent}
    peaks = climb(problem.around, places.k, places.omega, zone.steps, **how)
    fastest = peaks.omega.imag.argmax()
    (kx, ky), omega = peaks.k[fastest], complex(peaks.omega[fastest])
    higher = peaks.omega.imag + peaks.promise  # a search that was still moving matters where it would be the fastest
    arrived = bool((higher <= max(known, omega.imag) + NEUTRAL * (1 + abs(zone.omega).max())).all()) and zone.complete
    return Growth(omega.imag, problem.basis, phase, (float(kx), float(ky)), omega, arrived, zone.certificate())


def _phase_mode(problem: LinearProblem) -> float:
    """Return the frequency at which a truncated problem has its phase mode; 0 where it has none, or all modes."""
    if not problem.truncated or problem.driven:
        return 0.0
    return float(abs(problem.spectrum(np.zeros((1, 2)))).min())


def _climbed(problem: LinearProblem, found: Growth, search: GrowthSearch) -> Growth:
    """Return what was found, climbed again in another basis."""
    phase, k, omega = _phase_mode(problem), np.array([found.k]), np.array([found.omega])
    if problem.growth_mesh:
        peaks = climb(problem.around, k, omega, _steps(problem), error=PHASE_PART * phase, search=search.ascent)
        k, omega = peaks.k, peaks.omega
    else:
        [modes] = problem.spectrum(k)
        omega = modes[[modes.imag.argmax()]]
    at, (kx, ky) = complex(omega[0]), k[0]
    return replace(found, rate=at.imag, basis=problem.basis, phase_mode=phase, k=(float(kx), float(ky)), omega=at)


def _steps(problem: LinearProblem) -> np.ndarray:
    """Return the rows (d, 2) by which the mesh goes on."""
    steps: np.ndarray = problem.reciprocal / np.array(problem.growth_mesh)[:, None]
    return steps


class _Zone:
    """The modes on a mesh over the zone, closed on all sides."""

    def __init__(self, problem: LinearProblem, search: GrowthSearch) -> None:
        self.problem, self.search = problem, search
        self.shape = (*problem.growth_mesh, 1)[:2]
        self.steps = _steps(problem)
        rows = np.zeros((2, 2))
        rows[: len(self.steps)] = self.steps
        self.ends = [n + (n > 1) for n in self.shape]
        i, j = np.ogrid[: self.ends[0], : self.ends[1]]
        self.k = i[..., None] * rows[0] + j[..., None] * rows[1]
        self.told = problem.paired and problem.size > search.whole
        self.meetings: Meetings
        self.omega, self.norm = self._modes()
        self.complete = True
        self.nearest: dict[str, object] = {}
        self.half = -(-self.shape[0] // 2) + 1 if problem.paired else self.ends[0]

    def _modes(self) -> tuple[np.ndarray, np.ndarray]:
        """Return frequencies and norms, (n1 + 1, n2 + 1, m); at -k they are -w^* and -N of those at k, where that
        holds."""
        (n1, n2), m = self.shape, self.problem.size
        solved = n1 // 2 + 1 if self.problem.paired else n1
        k = self.k[:solved, :n2].reshape(-1, 2)
        if self.told:
            how = self.problem.around, self.problem.norms, k, self.steps, self.problem.particles
            omega, norm, self.meetings = meetings(*how)
        else:
            omega, norm = self.problem.normed(k)
        omega, norm = (x.reshape(solved, n2, m) for x in (omega, norm))
        opposite = np.ix_(-np.arange(solved, n1) % n1, -np.arange(n2) % n2)
        whole = np.ix_(np.arange(self.ends[0]) % n1, np.arange(self.ends[1]) % n2)
        omega, norm = (
            np.concatenate([x, turned(x[opposite][..., ::-1])])[whole]
            for x, turned in ((omega, lambda w: -w.conj()), (norm, np.negative))
        )
        return omega, norm

    def maxima(self) -> Places:
        """Return the highest maxima on the mesh of Im w of all branches, and of the fastest mode at each k: that of a
        reservoir is no branch of either norm."""
        n1, n2 = self.shape
        omega, norm = self.omega[:n1, :n2], self.norm[:n1, :n2]
        top = np.take_along_axis(omega, omega.imag.argmax(axis=-1)[..., None], axis=-1)
        if self.problem.paired:  # the partners are those at -k
            omega = branches(omega, norm, self.problem.particles)[0]
        omega = np.concatenate([omega, top], axis=-1)
        rate = omega.imag
        around = [np.roll(rate, shift, axis) for axis in range(len(self.steps)) for shift in (1, -1)]
        found = np.nonzero(np.all([rate >= other for other in around], axis=0))
        change = np.max([abs(rate - other) for other in around], axis=0)
        places = Places(self.k[found[:2]], omega[found], (rate + change)[found])
        return places.only(np.argsort(-places.omega.imag, kind="stable")[: 4 * self.search.starts])

    def rays(self) -> Places:
        """Return the fastest modes along rays next to k = 0, where long waves may grow."""
        few = self.problem.size > self.search.whole
        rays, octaves = (4, 3) if few else (self.search.rays, self.search.octaves)
        turns = np.pi * np.arange(rays) / rays
        directions = np.stack([np.cos(turns), np.sin(turns)], axis=1)[:, : len(self.steps)] @ self.steps
        k = (0.5 ** np.arange(octaves)[:, None, None] * directions).reshape(-1, 2)
        omega, _ = self.problem.normed(k)
        fastest = omega[np.arange(len(k)), omega.imag.argmax(axis=1)]
        places = Places(k, fastest, fastest.imag)
        return places.only(np.argsort(-fastest.imag, kind="stable")[: self.search.starts])

    def resonances(self) -> Places:
        """Return the fastest growing places on the lines on which branches of opposite norm cross."""
        if not self.problem.paired:
            return Places(np.empty((0, 2)), np.empty(0, complex), np.empty(0))
        if self.told:
            return self._told()
        k, omega, norm = (x[: self.half] for x in (self.k, self.omega, self.norm))
        how = self.search.crossings
        found = crossings(self.problem.normed, k, omega, norm, self.problem.particles, search=how)
        omega, missed = found.faster, how.detuned**2 * abs((found.P + found.Q).imag)
        self._keep(found.k, omega)
        locked = abs((found.P - found.Q).real) < abs((found.P - found.Q).imag)
        missed[locked] = np.inf  # Re w are the same over a piece of k, and nothing says in which part of it this is
        place, pair = found.k @ np.linalg.pinv(self.steps), found.n * self.problem.particles + found.m
        chosen, promise = list[int](), list[float]()
        for one in np.unique(pair):
            left = np.flatnonzero(pair == one)
            left = left[np.argsort(-omega.imag[left], kind="stable")]
            for _ in range(self.search.starts):
                if not len(left):
                    break
                near = np.linalg.norm(place[left] - place[left[0]], axis=1) <= self.search.apart
                chosen.append(left[0])
                promise.append((omega.imag + missed)[left[0]] + np.ptp(omega.imag[left[near]]))
                left = left[~near]
        return Places(found.k[chosen], omega[chosen], np.array(promise))

    def _told(self) -> Places:
        """Return those of large matrices, told from the modes on the mesh."""
        found = locking(self.problem.around, self.meetings, self.steps, self.problem.particles)
        self.complete = found.all
        faster = np.where(found.P.imag > found.Q.imag, found.P, found.Q)
        self._keep(found.k, faster)
        damping = np.maximum(abs(found.P.imag), abs(found.Q.imag))
        return Places(found.k, faster, faster.imag + self.search.margin * damping)

    def _keep(self, k: np.ndarray, omega: np.ndarray) -> None:
        """Keep the resonance that is nearest to growth, before it is climbed."""
        if len(k):
            near = omega.imag.argmax()
            self.nearest = {"k": k[near].tolist(), "omega": [float(omega[near].real), float(omega[near].imag)]}

    def certificate(self) -> dict[str, object]:
        """Return what was looked at."""
        mesh = " x ".join(map(str, self.problem.growth_mesh))
        resonances = "told from the modes on the mesh" if self.told else "followed"
        found = {"k": f"a mesh of {mesh}, refined", "modes": self.problem.size, "resonances": resonances}
        return found | ({"nearest resonance": self.nearest} if self.nearest else {})
