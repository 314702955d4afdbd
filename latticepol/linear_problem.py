"""The linear motion ``w x = L_k x`` of a model, about the empty system or about a stationary state.

What spectra, gaps, topology, ribbons and the growth rate know of it. A model whose vectors do not depend on a basis at
k gives the matrix and three numbers; one that projects on modes at k overrides what lifts its vectors.
"""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, NamedTuple, Self

import numpy as np

from latticepol import topology
from latticepol.arrays import read_integer

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


class Growth(NamedTuple):
    """The largest growth rate that was found."""

    rate: float
    #: Among how many modes it was searched for; None: among all.
    basis: int | None = None
    #: ``|w|`` of the phase mode: 0 without truncation, so the error.
    phase_mode: float = 0.0

    def stable(self, mu: float) -> bool:
        """Return whether nothing grows by more than the errors about a state of frequency mu; not where it is NaN."""
        return bool(self.rate <= NEUTRAL * (1 + abs(mu)) + self.phase_mode)


@dataclass(frozen=True)
class EvolutionSearch:
    """How Arnoldi's method finds the fastest growing modes from evolutions by a time T.

    Parameters
    ----------
    local_step
        The step, times the largest local rate.
    wave_step
        The step, times the energy of the fastest wave: at pi, where e^{-i E h} = -1, the steps would amplify it.
    time
        T, times the largest net gain.
    steps
        Steps of T at most.
    difference
        Size of a difference of two evolutions, over the largest amplitude.
    modes, accuracy, restarts
        Modes that are asked for, relative accuracy of exp(-i w T), restarts at most.
    """

    local_step: float = 0.4
    wave_step: float = 3.0
    time: float = 4.0
    steps: int = 400
    difference: float = 3e-7
    modes: int = 2
    accuracy: float = 1e-5
    restarts: int = 20


@dataclass(frozen=True)
class GrowthSearch:
    """Where the largest growth rate is looked for: mesh, starts and tol; networks and fields read what else concerns
    them.

    Parameters
    ----------
    mesh
        Points along each reciprocal vector from which the rate is refined; of a network for one site per cell.
    starts
        Candidates that are refined.
    tol
        Accuracy of the refined rate, relative to 1 + abs(mu).
    chain
        Of a network with d = 1: points of the zone for one site per cell.
    refined
        Of a network with d = 2: cells of up to so many sites are refined, others are looked at on the mesh.
    dense
        Of a network: matrices up to so many rows are diagonalised, beyond Arnoldi's method looks at k = 0.
    reach
        Of a field: modes up to so many times the nonlinear terms above the condensate.
    most
        Of a field: at most so many scalar modes.
    cell
        Of a field: cells of up to so many points are looked at over all wavevectors, larger ones at k = 0.
    large
        Of a field: boxes of more points are followed in time, among all modes.
    high, high_accuracy
        Of a field: scalar modes among which waves are looked for that gain drives far above the condensate, and the
        relative accuracy of their energies.
    sure
        Of a field: where something grows it is looked at again with so many times the modes.
    evolution
        Of a field: how large boxes are followed in time.
    """

    mesh: int = 24
    starts: int = 6
    tol: float = 1e-8
    chain: int = 2000
    refined: int = 8
    dense: int = 1200
    reach: float = 4.0
    most: int = 384
    cell: int = 48**2
    large: int = 64**2
    high: int = 128
    high_accuracy: float = 1e-4
    sure: int = 4
    evolution: EvolutionSearch = EvolutionSearch()


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
    search
        Where the largest growth rate is looked for unless stated otherwise.
    """

    hermitian: bool
    paired: bool
    dims: tuple[str, ...]
    reciprocal: np.ndarray
    search: ClassVar[GrowthSearch] = GrowthSearch()

    @property
    @abstractmethod
    def particles(self) -> int:
        """Number of modes of the empty system."""

    @abstractmethod
    def matrix(self, k: np.ndarray) -> np.ndarray:
        """Return the matrices (..., size, size) at Cartesian wavevectors k (..., 2)."""

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

    def above(self, below: int) -> int:
        """Return the number of modes above the gap that has ``below`` particle bands under it.

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

    def growth(self, search: GrowthSearch) -> Growth:
        """Return the largest growth rate over all wavevectors of the reciprocal cell, refined between those of a mesh;
        without a cell that at k = 0."""
        if len(self.reciprocal) == 0:
            return Growth(float(self.spectrum(np.zeros((1, 2))).imag.max()))

        def spectrum(k: np.ndarray) -> np.ndarray:
            parts = np.array_split(k, min(len(k), 1 + len(k) * self.size**2 // BATCH))
            return np.concatenate([self.spectrum(some) for some in parts])

        rows, mesh = topology.plane(self.reciprocal, (search.mesh, search.mesh))
        known = topology.on_mesh(spectrum, rows, mesh, paired=self.mirrored)
        found = topology.growth_rate(spectrum, rows, omega=known, tol=search.tol, starts=search.starts)
        return Growth(found.value)


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
