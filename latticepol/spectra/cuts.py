"""Where the modes of a problem are cut: a set that is separated at every k, its particles counted by norm.

A cut above which there are ``s`` modes is the mirror image of one below which there are ``s``: the partners -w^* at -k.
So every cut is looked at from above. One at a positive frequency has ``below`` particles under it where all others are
among the modes above it; one at a negative frequency where its mirror image has ``below`` partners above it. The phase
mode lies in the middle and belongs to neither side: near it the norm says nothing.
"""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from latticepol import topology
from latticepol.linear_problem import LinearProblem
from latticepol.spectra.batches import in_batches

#: Particles are told from partners where the norm of a set has no eigenvalue of a smaller modulus.
LEAST_NORM = 0.1
#: The norm changes slowly with k: of a mesh every n-th point is enough, so that this many are left along a direction.
NORM_MESH = 12


class Cut(NamedTuple):
    """A cut above which there are ``above`` modes, or below which there are as many where it is ``mirrored``."""

    above: int
    mirrored: bool = False
    #: 1 for what has no partners; NaN where nothing is separated
    smallest_norm: float = 1.0


class Isolated(NamedTuple):
    """The widest gap with the right number of particle bands under it; the message says why there is none."""

    cut: Cut
    gap: topology.Minimum
    message: str = ""

    @property
    def k(self) -> np.ndarray:
        """Where the gap is, (2,)."""
        k: np.ndarray = -self.gap.k if self.cut.mirrored else self.gap.k
        return k

    def closed(self, below: int, least: float) -> str:
        """Return that the gap is narrower than ``least``, and where; "" where it is not."""
        if self.gap.value >= least:
            return ""
        at = f"{self.gap.value:.3g} at k = ({self.k[0]:.4g}, {self.k[1]:.4g})"
        return f"the direct gap above {below} bands is closed: its refined minimum, {at}, must be >= {least:g}"


def isolated(
    what: LinearProblem, reciprocal: np.ndarray, below: int, mesh: np.ndarray, omega: np.ndarray, tol: float
) -> Isolated:
    """Return the widest gap above ``below`` particle bands.

    Parameters
    ----------
    what
        The problem.
    reciprocal, mesh, omega
        The zone, wavevectors (n1, n2, 2) all over it and the frequencies (n1, n2, m) there.
    below
        Number of particle bands under the gap.
    tol
        Of the refined gaps.
    """
    cuts, message = _cuts(what, below, mesh)
    if message:
        return Isolated(Cut(0, smallest_norm=np.nan), topology.Minimum(0.0, np.full(2, np.nan)), message)
    gaps = [topology.direct_gap(what.spectrum, reciprocal, cut.above, omega=omega, tol=tol) for cut in cuts]
    return max(map(Isolated, cuts, gaps), key=lambda one: one.gap.value)


def _cuts(what: LinearProblem, below: int, mesh: np.ndarray) -> tuple[list[Cut], str]:
    """Return the cuts with ``below`` particle bands under them, or why there is none."""
    others = what.above(below)
    if not what.paired:
        return [Cut(others)], ""
    k = mesh[tuple(slice(None, None, max(1, n // NORM_MESH)) for n in mesh.shape[:2])].reshape(-1, 2)
    found, failed = list[Cut](), list[tuple[float, str]]()
    for above, mirrored, has, separation in _sets(what, k, below, others):
        wrong = has.particles != (above - below if mirrored else others)
        norm = float(has.smallest.min())
        if not wrong.any() and norm > LEAST_NORM:
            found.append(Cut(above, mirrored, norm))
            continue
        at = k[wrong.argmax() if wrong.any() else has.smallest.argmin()]
        failed.append((separation, _why(below, -at if mirrored else at, wrong.any(), norm)))
    nowhere = f"no gap has {below} particle bands under it at any k: the modes under it are partners, too"
    return found, "" if found else max(failed, default=(0.0, nowhere))[1]


def _sets(
    what: LinearProblem, k: np.ndarray, below: int, others: int
) -> Iterator[tuple[int, bool, topology.Count, float]]:
    """Yield the sets that have the right number of particles at some k.

    How many modes, whether it is their mirror image that lies below the cut, their particles at all k, and the least
    distance from the other modes there.
    """
    parts = in_batches(lambda some: topology.right_modes(what.matrix(some)), k, what.size)
    omega, right = (np.concatenate(part) for part in zip(*parts, strict=True))
    form = topology.norm_form(right, what.particles)
    for above in range(1, what.particles + 1):
        has = topology.count_particles(form, above)
        separation = float(topology.direct(omega, above).real.min())
        for mirrored, wanted in ((False, others), (True, above - below)):
            if (has.particles == wanted).any():
                yield above, mirrored, has, separation


def _why(below: int, k: np.ndarray, changes: bool, norm: float) -> str:
    """Return why a set that has the right number of particles elsewhere is none, because of what it is at k."""
    at = f"at k = ({k[0]:.4g}, {k[1]:.4g})"
    if changes:
        return (
            f"no set of modes with {below} particle bands under the gap is separated from all others at every k: {at} "
            "it has another number of particles, because bands cross or a norm u^2 - v^2 changes its sign"
        )
    return (
        f"particles cannot be told from partners in the set of modes with {below} particle bands under the gap: {at} "
        f"the smallest norm |u^2 - v^2| is {norm:.2g}, which must be > {LEAST_NORM}"
    )
