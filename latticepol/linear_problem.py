"""The linear motion ``w x = L_k x`` of a model, about the empty system or about a stationary state.

What spectra, gaps, topology, ribbons and the growth rate know of it. A model whose vectors do not depend on a basis at
k gives the matrix and three numbers; one that projects on modes at k overrides what lifts its vectors.
"""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar, NamedTuple, Self

import numpy as np

from latticepol import topology
from latticepol.arrays import read_integer
from latticepol.topology.ascent import ASCENT_SEARCH, AscentSearch
from latticepol.topology.resonances import CROSSING_SEARCH, CrossingSearch

#: Names of the axes of a component, and its values.
Component = tuple[tuple[str, ...], np.ndarray]


class Usual(int):
    """The size of a basis where none was asked for: at most what the model has."""


#: Scalar Bloch modes of a field where nothing else is said.
BASIS = Usual(16)
#: Half the difference of wavevectors over which a matrix is differentiated where a model does not know better.
STEP = 1e-5
#: Largest growth rate, relative to the fastest mode, that rounding makes of a stable phase mode.
NEUTRAL = 1e-8
#: Numbers in the matrices of one batch of wavevectors.
BATCH = 2**18


class Modes(NamedTuple):
    """Modes at wavevectors (points,), with vectors in a basis that does not depend on k."""

    omega: np.ndarray  # (points, m), ascending in Re
    left: np.ndarray  # (points, rows, n)
    right: np.ndarray
    frame: np.ndarray | None  # (points, rows, M), the modes at k on which u was projected; None: it was not

    @classmethod
    def joined(cls, batches: "list[Modes]") -> Self:
        """Return the points of all batches."""
        omega, left, right = (np.concatenate([batch[i] for batch in batches]) for i in range(3))
        frames = [batch.frame for batch in batches if batch.frame is not None]
        return cls(omega, left, right, np.concatenate(frames) if frames else None)

    def on_mesh(self, n1: int, n2: int) -> "Modes":
        """Return the points as a mesh (n1, n2, ...)."""
        omega, left, right = (x.reshape(n1, n2, *x.shape[1:]) for x in self[:3])
        frame = None if self.frame is None else self.frame.reshape(n1, n2, *self.frame.shape[1:])
        return Modes(omega, left, right, frame)


@dataclass(frozen=True)
class Growth:
    """The largest growth rate that was found, a lower bound of the true one.

    Parameters
    ----------
    rate
        max Im w.
    basis
        Among how many modes it was searched for; None: among all.
    phase_mode
        ``|w|`` of the phase mode: 0 without truncation, so the error.
    k, omega
        Wavevector (2,) and frequency of the fastest mode.
    certified
        Whether everything was looked at that the certificate speaks of, and every search came to its end.
    certificate
        What was looked at: texts and numbers.
    """

    rate: float
    basis: int | None = None
    phase_mode: float = 0.0
    k: tuple[float, float] = (np.nan, np.nan)
    omega: complex = complex(np.nan, np.nan)
    certified: bool = False
    certificate: Mapping[str, object] = field(default_factory=dict)

    def grows(self, mu: float) -> bool:
        """Return whether a mode grows by more than the errors about a state of frequency mu."""
        return bool(self.rate > NEUTRAL * (1 + abs(mu)) + self.phase_mode)

    def stable(self, mu: float) -> bool | None:
        """Return whether a state of frequency mu is stable: not where a mode grows, it is where that is certified not
        to be; None: it is not known."""
        return False if self.grows(mu) else True if self.certified else None


@dataclass(frozen=True)
class GrowthSearch:
    """Where the largest growth rate is looked for.

    Parameters
    ----------
    starts
        Maxima on the mesh, and crossings of any two branches, that are climbed at most.
    apart
        Crossings of two branches are climbed from places so many steps of the mesh apart.
    rays, octaves
        Next to k = 0 it is looked along so many directions, at distances that are halved so often.
    whole
        In matrices of more rows resonances are told from the modes on the mesh (`latticepol.topology.locking`).
    margin
        These are climbed where a mode decays by less than this part of the larger damping of both.
    crossings, ascent
        How crossings are found, and maxima climbed.
    """

    starts: int = 4
    apart: float = 2.5
    rays: int = 8
    octaves: int = 9
    whole: int = 24
    margin: float = 0.3
    crossings: CrossingSearch = CROSSING_SEARCH
    ascent: AscentSearch = ASCENT_SEARCH


class LinearProblem(ABC):
    """A matrix at every wavevector, and how its modes are counted and read.

    Attributes
    ----------
    hermitian
        Whether the matrices are Hermitian.
    paired
        Whether modes come as particles and their partners, w and -w^* at -k, with those of what else moves between.
    dims
        Axes of one component of a vector on its positions.
    reciprocal
        Rows B1.. (d, 2) of the reciprocal cell, over which the largest growth rate is looked for; (0, 2) where the
        matrix does not depend on k.
    driven
        Whether there is no phase mode at k = 0, as where a coherent drive fixes the phase.
    truncated, basis
        Whether modes are left out, so that the phase mode is not quite at 0, and in how many functions; None: all.
    search
        Where the largest growth rate is looked for unless stated otherwise.
    """

    hermitian: bool
    paired: bool
    dims: tuple[str, ...]
    reciprocal: np.ndarray
    driven: bool = True
    truncated: ClassVar[bool] = False
    basis: int | None = None
    search: ClassVar[GrowthSearch] = GrowthSearch()

    @property
    @abstractmethod
    def particles(self) -> int:
        """Number of modes of the empty system."""

    @abstractmethod
    def matrix(self, k: np.ndarray) -> np.ndarray:
        """Return the matrices (..., size, size) at Cartesian wavevectors k (..., 2)."""

    @property
    def condensate(self) -> np.ndarray | None:
        """Psi on the positions, among whose axes is "spin"; None: there is none, or no such axis."""
        return None

    @property
    def size(self) -> int:
        """Rows of the matrix."""
        return self.particles * (2 if self.paired else 1)

    @property
    def components(self) -> int:
        """Rows of u in a vector of :meth:`lifted`."""
        return self.particles

    @property
    def pairing(self) -> np.ndarray | None:
        """An order of rows (size,) in which the matrices may have a real form (`latticepol.numerics.eigen`), if any."""
        return None

    @property
    def mirrored(self) -> bool:
        """Whether, to rounding, frequencies are periodic in k and those at -k are -w^* of those at k: half of a mesh
        tells the rest."""
        return False

    @property
    def finer(self) -> str:
        """What to give more of, besides wavevectors, where something is not resolved; "" where there is nothing."""
        return ""

    def larger(self) -> "LinearProblem | None":
        """Return the problem in a larger basis, by which the error of this one is judged; None: nothing is left out."""
        return None

    def above(self, below: int) -> int:
        """Return the number of particle bands above the gap that has ``below`` of them under it.

        Raises
        ------
        TypeError, ValueError
            There is no such gap.
        """
        return self.particles - read_integer("below", below, least=1, most=self.particles - 1)

    def spectrum(self, k: np.ndarray) -> np.ndarray:
        """Return the frequencies (..., size) in ascending order of Re."""
        return topology.sorted_modes(self.matrix(k), hermitian=self.hermitian, pairing=self.pairing)

    def lifted(self, k: np.ndarray, above: int | None = None) -> Modes:
        """Return all frequencies, and the vectors of ``above`` modes above the gap (None: of all), at k (points, 2)."""
        return Modes(*chosen(topology.biorthogonal_modes(self.matrix(k), hermitian=self.hermitian), above), None)

    def folded(self, k: np.ndarray) -> tuple[np.ndarray, np.ndarray | None]:
        """Return equivalents of k (points, 2) at which the matrix is made, and what u and v there, on their positions,
        have to be multiplied with (points, positions...); None: nothing."""
        return k, None

    def on_positions(self, vectors: np.ndarray) -> np.ndarray:
        """Return u and v of lifted vectors (points, rows, n), as (components, points, *positions, n)."""
        parts = vectors.reshape(len(vectors), -1, *self.positions, vectors.shape[-1])
        return np.moveaxis(parts, 1, 0)

    def functions(self, k: np.ndarray) -> np.ndarray:
        """Return u and v of which the rows of ``matrix`` at k (points, 2) are the amplitudes, on their positions, as
        (components, points, *positions, size).

        The sum of the squares over all positions is 1, and 0 of the rows of what else moves.
        """
        return self.on_positions(np.broadcast_to(np.eye(self.size), (len(k), self.size, self.size)))

    def noise(self, k: np.ndarray) -> np.ndarray | None:
        """Return the covariance D (points, size, size) of the model's own white noise, ``dx/dt = -i L x + xi`` with
        ``<xi xi^dagger> = D delta(t - t')``, at k (points, 2); None: it has none."""
        return None

    def auxiliary(self, vectors: np.ndarray, twist: np.ndarray | None) -> Mapping[str, Component]:
        """Return what lifted vectors (points, rows, n) say of what else moves, by the names of an InitialState.

        Each with the names of its own axes and its values (points, *axes, n); ``twist`` is that of :meth:`folded`.
        """
        return {}

    @property
    def positions(self) -> tuple[int, ...]:
        """Lengths of the axes ``dims``."""
        return (self.particles,)

    def velocities(self, k: np.ndarray, direction: np.ndarray, left: np.ndarray, right: np.ndarray) -> np.ndarray:
        """Return d Re w/dk (points, n) along a unit vector, of lifted vectors."""
        ends = [self.matrix(k + sign * STEP * direction) for sign in (1, -1)]
        return expectation(left, (ends[0] - ends[1]) / (2 * STEP), right)

    def nearest(self, k: np.ndarray, near: complex, count: int) -> tuple[np.ndarray, np.ndarray]:
        """Return the frequencies (count,) nearest to ``near`` and right vectors (2, *positions, count), at k (2,).

        Raises
        ------
        ValueError
            The matrix is small: all modes are at hand.
        """
        raise ValueError(
            f"near = {near!r:.40} searches for a few modes of a large field; the matrix of this model is small: leave "
            "near out, and choose from all modes, ds.sel(mode=slice(8))"
        )

    @property
    def growth_mesh(self) -> tuple[int, ...]:
        """Points along each row of the reciprocal cell from which growth is looked for; (): at k = 0 alone."""
        return ((), (400,), (24, 24))[len(self.reciprocal)]

    def for_growth(self) -> "LinearProblem":
        """Return the problem with the modes among which growth is looked for by matrices: all."""
        return self

    def for_growth_again(self, found: Growth) -> "LinearProblem | None":
        """Return the problem with more modes in which what was found is looked at again; None: that is not needed."""
        return None

    def growth_without_matrix(self) -> Growth | None:
        """Return what was found by other means where matrices would be too large; None: they are not."""
        return None

    def growth_beyond(self, found: Growth) -> Growth:
        """Return what was found among the modes of :meth:`for_growth`, or what grows faster outside of them: nothing is
        outside."""
        return found

    def norms(self, right: np.ndarray) -> np.ndarray:
        """Return ``(<u|u> - <v|v>)/(<u|u> + <v|v>)`` (points, n) of right vectors (points, size, n): 1 for what has no
        v, 0 for what is neither."""
        density, n = np.abs(right) ** 2, self.particles
        u, v = density[:, :n].sum(axis=1), density[:, n : 2 * n].sum(axis=1)
        norms: np.ndarray = (u - v) / np.maximum(u + v, np.finfo(float).tiny)
        return norms

    def normed(self, k: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return all frequencies at k (points, 2), ascending in Re, and the norms of the modes, each (points, size)."""
        found = []
        for some in np.array_split(self.folded(k)[0], min(len(k), 1 + len(k) * self.size**2 // BATCH)):
            omega, right = topology.right_modes(self.matrix(some))
            found.append((omega, self.norms(right)))
        omega, norm = (np.concatenate(parts) for parts in zip(*found, strict=True))
        return omega, norm

    def around(self, k: np.ndarray, offsets: np.ndarray) -> np.ndarray:
        """Return the matrices (o, n, size, size) at k (n, 2) and ``offsets`` (o, 2) from there, in bases that depend on
        k alone."""
        return self.matrix(self.folded(k)[0] + offsets[:, None])


def chosen(
    modes: tuple[np.ndarray, np.ndarray, np.ndarray], above: int | None
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return all frequencies with the left and right vectors of ``above`` modes above the gap, None: of all."""
    omega, left, right = modes
    return modes if above is None else (omega, topology.upper(left, above), topology.upper(right, above))


def expectation(left: np.ndarray, matrix: np.ndarray, right: np.ndarray) -> np.ndarray:
    """Return Re <l|M|r> of every mode, (points, n)."""
    expected: np.ndarray = np.einsum("kam,kab,kbm->km", left.conj(), matrix, right, optimize=True).real
    return expected


def edge_shares(density: np.ndarray, across: np.ndarray, near: float) -> np.ndarray:
    """Return the shares (points, n, 2) of densities (points, y, n) within ``near`` of the right edge, where ``across``
    (y,) is 0, and of the left one, where it is 1."""
    outer = np.stack([across <= near, across >= 1 - near], axis=-1).astype(float)
    shares: np.ndarray = np.einsum("kyn,ye->kne", density, outer) / density.sum(axis=1)[..., None]
    return shares
