"""The linear problems of a model: its empty cell, the excitations of a stationary field, and how fast they grow."""

import math
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, ClassVar

import numpy as np
from scipy import optimize

from latticepol import topology
from latticepol.gpe.equation import derivatives
from latticepol.gpe.field_model import FieldModel
from latticepol.gpe.linear_response import high_waves, propagator, shift_invert
from latticepol.gpe.linear_response.bloch import BogoliubovMatrix
from latticepol.gpe.linear_response.limits import VACUUM_SEARCH, GrowthLimits, VacuumSearch
from latticepol.gpe.linear_response.local_jacobian import LocalJacobian, reservoir_at, wigner_noise
from latticepol.gpe.linear_response.plane_waves import BASIS, MODE_ACCURACY, PlaneWaves, ScalarModes, in_first_zone
from latticepol.gpe.stepping.engine import RESERVOIR
from latticepol.lattice.zone import folded
from latticepol.linear_problem import NEUTRAL, Component, Growth, GrowthSearch, LinearProblem, Modes, chosen
from latticepol.numerics.blas import on_one_thread

#: Half the difference of wavevectors over which H(k), quadratic in k, is differentiated, in units of B1.
STEP = 1e-2 / (2 * np.pi)
#: Scalar modes that topology may add to a basis.
FURTHER_MODES = 8


def empty(model: FieldModel, losses: bool, basis: int | None, accuracy: float = MODE_ACCURACY) -> BogoliubovMatrix:
    """Make the problem of the cell without a field; a reservoir is that of the pump alone."""
    A, V = linear(model, np.zeros((2, *model.grid.shape), complex))
    return _matrix(model, A, V, 0.0, basis, accuracy, hermitian=not losses)


@on_one_thread
def bogoliubov(
    model: FieldModel, psi: np.ndarray, mu: float, basis: int | None, accuracy: float = MODE_ACCURACY
) -> BogoliubovMatrix:
    """Make the problem of the excitations of a stationary field (2, ny, nx) of frequency mu."""
    return _matrix(model, local(model, psi).blocks(), linear(model, psi)[1], mu, basis, accuracy)


def local(model: FieldModel, psi: np.ndarray) -> LocalJacobian:
    """Return the local terms about a stationary field."""
    n = reservoir_at(model.equation, psi)
    A, B = derivatives(model.equation, psi, 0.0, 0.0 if n is None else n)
    return LocalJacobian.about(model.equation, psi, (A, B), n)


@on_one_thread
def vacuum_growth(model: FieldModel, search: VacuumSearch = VACUUM_SEARCH) -> tuple[float, float]:
    """Return the largest Im w of the empty cell at k = 0, and its error: 0 from all plane waves, in a larger cell by
    how much it changed when the number of scalar modes was doubled for the last time."""
    A, V = linear(model, np.zeros((2, *model.grid.shape), complex))

    def growth(basis: int | None) -> float:
        matrix = _matrix(model, A, V, 0.0, basis, MODE_ACCURACY).matrix(np.zeros(2))
        return float(np.linalg.eigvals(matrix).imag.max())

    most = _most(model, search.most)
    if V.size <= search.whole:
        return growth(None), 0.0
    count = min(search.first, most)
    rate, error = growth(count), np.inf
    while count < most and error > search.accuracy * abs(rate):
        count, last = min(2 * count, most), rate
        rate = growth(count)
        error = abs(rate - last)
    return rate, error


@dataclass(frozen=True, eq=False)
class FieldProblem(LinearProblem):
    """The empty cell, or the excitations of a stationary field, projected on scalar Bloch modes or in all plane waves.

    Parameters
    ----------
    model
        The field, without noise.
    psi
        The stationary field (2, ny, nx) of frequency ``mu``; None: the empty cell.
    basis
        Number of scalar Bloch modes; None: all plane waves.
    driven
        Whether a coherent drive fixes the phase, so that there is no phase mode.
    net_gain
        The largest net gain, the rate at which a large box is followed in time.
    noisy
        Whether the model itself has Wigner noise.
    """

    model: FieldModel
    psi: np.ndarray | None
    mu: float
    basis: int | None
    hermitian: bool = False
    driven: bool = False
    net_gain: float = 1.0
    noisy: bool = False
    accuracy: float = MODE_ACCURACY
    dims: tuple[str, ...] = ("spin", "y", "x")
    truncated: ClassVar[bool] = True
    search: ClassVar[GrowthSearch] = GrowthSearch(rays=4, octaves=3)
    limits: ClassVar[GrowthLimits] = GrowthLimits()
    evolution: ClassVar[propagator.EvolutionSearch] = propagator.EVOLUTION_SEARCH

    @cached_property
    def bloch(self) -> BogoliubovMatrix:
        """The matrices."""
        if self.psi is None:
            return empty(self.model, not self.hermitian, self.basis, self.accuracy)
        return bogoliubov(self.model, self.psi, self.mu, self.basis, self.accuracy)

    @property
    def paired(self) -> bool:  # type: ignore[override]
        """Whether these are excitations of a condensate."""
        return self.psi is not None

    @property
    def condensate(self) -> np.ndarray | None:
        """The stationary field."""
        return self.psi

    @property
    def reciprocal(self) -> np.ndarray:  # type: ignore[override]
        """Rows B1 and B2 of the reciprocal cell of the grid."""
        return self.model.grid.reciprocal

    @property
    def particles(self) -> int:
        """Two modes for each function of the basis."""
        return self.bloch.particles

    @property
    def size(self) -> int:
        """Rows of the matrix; a reservoir has rows of its own."""
        return self.bloch.size

    @property
    def components(self) -> int:
        """Rows of u in plane waves."""
        return 2 * len(self.bloch.waves)

    @property
    def finer(self) -> str:
        """The basis."""
        return f" or basis (now {self.basis}), which pillars need more of than a smooth potential"

    def larger(self) -> "FieldProblem | None":
        """Return the problem in twice as many scalar modes, as far as the grid has them."""
        if self.basis is None:
            return None
        basis = min(2 * self.basis, _most(self.model, self.model.grid.counts[0] * self.model.grid.counts[1]))
        return replace(self, basis=basis) if basis > self.basis else None

    def matrix(self, k: np.ndarray) -> np.ndarray:
        """Return the matrices (..., size, size) at k (..., 2)."""
        return self.bloch.matrix(k)

    def lifted(self, k: np.ndarray, above: int | None = None) -> Modes:
        """Return frequencies and vectors in plane waves, as :meth:`LinearProblem.lifted`."""
        frames = self.bloch.frames(k)
        matrix = self.bloch.matrix(k, frames)
        omega, left, right = chosen(topology.biorthogonal_modes(matrix, hermitian=self.hermitian), above)
        return Modes(omega, self.bloch.lifted(left, frames), self.bloch.lifted(right, frames), frames[0])

    def folded(self, k: np.ndarray) -> tuple[np.ndarray, np.ndarray | None]:
        """Return k (points, 2) brought to where q + k is in the first zone, and exp(-i G.r) (points, 1, ny, nx).

        The waves of a grid, and those in which a basis is written, end at a length: frequencies are periodic in k only
        as far as they do not matter.
        """
        inside, G = in_first_zone(self.model.grid, k)
        x, y = self.model.grid.points
        return inside, np.exp(-1j * (G[:, 0, None, None] * x + G[:, 1, None, None] * y))[:, None]

    def functions(self, k: np.ndarray) -> np.ndarray:
        """Return u and v of the functions of the basis, as :meth:`LinearProblem.functions`."""
        rows = np.broadcast_to(np.eye(self.size), (len(k), self.size, self.size))
        functions = self.on_positions(self.bloch.lifted(rows, self.bloch.frames(k)))
        return functions / math.sqrt(math.prod(self.model.grid.shape))

    def noise(self, k: np.ndarray) -> np.ndarray | None:
        """Return the Wigner noise, of amplitudes whose squares are populations."""
        if not self.noisy:
            return None
        psi = np.zeros((2, *self.model.grid.shape)) if self.psi is None else self.psi
        return self.bloch.noise(wigner_noise(self.model.equation, psi), k)

    def on_positions(self, vectors: np.ndarray) -> np.ndarray:
        """Return u and v of lifted vectors (points, rows, n), as (components, points, 2, ny, nx, n)."""
        return self._on_grid(vectors)[: 2 if self.paired else 1]

    def share(self, vectors: np.ndarray, f: np.ndarray) -> np.ndarray:
        """Return the mean of f (ny, nx) weighted with |u|^2 + |v|^2 of lifted vectors (points, rows, n), (points, n).

        A product in plane waves, which takes a third of the time of the fields of all modes on the grid.
        """
        waves, modes = self.bloch.waves, vectors.shape[-1]
        parts = vectors.reshape(len(vectors), -1, len(waves), modes)[:, : 4 if self.paired else 2]
        weighted = waves.convolution(f) @ parts
        mean: np.ndarray = (parts.conj() * weighted).real.sum(axis=(1, 2)) / (np.abs(parts) ** 2).sum(axis=(1, 2))
        return mean

    def auxiliary(self, vectors: np.ndarray, twist: np.ndarray | None) -> dict[str, Component]:
        """Return the reservoir, where there is one."""
        parts = self._on_grid(vectors)
        if len(parts) < 3:
            return {}
        return {RESERVOIR: (self.dims, parts[2] if twist is None else parts[2] * twist[..., None])}

    def _on_grid(self, vectors: np.ndarray) -> np.ndarray:
        """Return u, v and nu of lifted vectors, (components, points, 2, ny, nx, n)."""
        waves = self.bloch.waves
        grid = waves.on_grid(vectors.reshape(len(vectors), -1, 2, len(waves), vectors.shape[-1]).swapaxes(-1, -2))
        return np.moveaxis(grid, (1, 3), (0, -1))

    def velocities(self, k: np.ndarray, direction: np.ndarray, left: np.ndarray, right: np.ndarray) -> np.ndarray:
        """Return d Re w/dk of H(k + G), quadratic in k, without what the projection leaves out."""
        step = STEP * np.linalg.norm(self.model.grid.reciprocal[0])
        ends = [self.bloch.linear(k + sign * step * direction) for sign in (1, -1)]
        slope = np.stack([(there - here) / (2 * step) for there, here in zip(*ends, strict=True)], axis=1)
        left, right = (self._field(vectors) for vectors in (left, right))
        velocities: np.ndarray = np.einsum("kcapm,kcabp,kcbpm->km", left.conj(), slope, right, optimize=True).real
        return velocities

    def _field(self, vectors: np.ndarray) -> np.ndarray:
        """Return u and v of lifted vectors, (k, u or v, spin, P, n): of a reservoir nothing moves."""
        return vectors.reshape(len(vectors), -1, 2, len(self.bloch.waves), vectors.shape[-1])[:, :2]

    def nearest(self, k: np.ndarray, near: complex, count: int) -> tuple[np.ndarray, np.ndarray]:
        """Return frequencies and right vectors, exactly on the grid; see ``shift_invert``."""
        assert self.psi is not None
        basis = BASIS if self.basis is None else self.basis
        coarse = bogoliubov(self.model, self.psi, self.mu, basis, self.accuracy)
        return shift_invert.modes(coarse, self.model.grid, k, near, count)

    def around(self, k: np.ndarray, offsets: np.ndarray) -> np.ndarray:
        """Return the matrices at k (n, 2) and offsets (o, 2) from there, projected on the modes at k."""
        inside = self.folded(k)[0]
        return self.bloch.around(inside, offsets)

    @property
    def growth_mesh(self) -> tuple[int, ...]:
        """Wavevectors of a cell; a larger one is the sample itself."""
        assert self.psi is not None
        return (self.limits.mesh,) * 2 if self.psi[0].size <= self.limits.cell else ()

    @cached_property
    def _local(self) -> LocalJacobian:
        assert self.psi is not None
        return local(self.model, self.psi)

    @cached_property
    def _potential(self) -> np.ndarray:
        assert self.psi is not None
        return linear(self.model, self.psi)[1]

    @cached_property
    def _reach(self) -> float:
        """How far above mu the nonlinear terms mix u and v."""
        there = self._local
        about = np.abs(there.A[[0, 1], [0, 1]] - self._potential).max() + np.abs(there.B).max()
        return self.limits.reach * float(about)

    def growth_without_matrix(self) -> Growth | None:
        """Return that of a large box, which is followed in time among all modes at k = 0."""
        if self.psi is None or self.psi[0].size <= self.limits.large:
            return None
        rates = _largest(self._local, self.mu), high_waves.fastest(self._local.A), self.net_gain
        n = reservoir_at(self.model.equation, self.psi)
        rate, error = propagator.growth_rate(self.model, self.psi, n, self.mu, *rates, self.driven, self.evolution)
        certificate = {"k": "k = 0, of the whole box", "modes": "all", "method": "Arnoldi on evolutions"}
        return Growth(rate, None, error, (0.0, 0.0), complex(np.nan, rate), bool(np.isfinite(rate)), certificate)

    @cached_property
    def _bands(self) -> "FieldProblem":
        basis = _below(self.model, self._potential, self.mu + self._reach, _most(self.model, self.limits.most))
        return replace(self, basis=basis)

    def for_growth(self) -> "FieldProblem":
        """Return the problem in the scalar modes up to where u and v hardly mix any more."""
        return self._bands

    def for_growth_again(self, found: Growth) -> "FieldProblem | None":
        """Return the problem in more modes: few may not tell a slow mode from the phase mode."""
        basis = self._bands.basis or 0
        larger = min(self.limits.sure * basis, _most(self.model, self.limits.most))
        slow = found.rate > NEUTRAL * (1 + abs(self.mu))
        return replace(self, basis=larger) if slow and larger > basis else None

    def growth_beyond(self, found: Growth) -> Growth:
        """Return what was found, or a wave far above the condensate that grows faster."""
        basis = found.basis or 0
        known = found.rate if self.driven else max(found.rate, found.phase_mode)
        high, count, k = self.high_growth(self._reach, known)
        if high > known:
            fastest = {"k": list(k), "omega": [None, high], "norm": 1.0, "branch": "particle", "kind": "high wave"}
            certificate = {**found.certificate, "fastest": fastest}
            found = replace(found, rate=high, basis=max(basis, count), k=k, omega=complex(np.nan, high))
            found = replace(found, certificate=certificate)
        above = {"scalar modes": count, "largest growth": high if np.isfinite(high) else None}
        return replace(found, certificate={**found.certificate, "above": above})

    def high_growth(self, above: float, known: float = np.inf) -> tuple[float, int, tuple[float, float]]:
        """Return the largest growth rate of modes more than ``above`` over mu, the number of scalar modes and where it
        is; climbed where it is more than what is ``known``."""
        model, V, limits = self.model, self._potential, self.limits
        modes = ScalarModes.of(model.terms, V, model.grid, _most(model, limits.high), limits.high_accuracy)
        count = int(np.searchsorted(modes.at(np.zeros(2))[0], high_waves.top(model, self._local.A, V))) + 1
        modes = replace(modes, count=min(count, modes.count))
        L = BogoliubovMatrix(model.terms, self._local.A, self.mu, modes.waves, modes)
        reciprocal = model.grid.reciprocal
        k = folded(high_waves.places(reciprocal) if self.growth_mesh else np.zeros((1, 2)), reciprocal)[0]

        def rate(k: np.ndarray) -> float:
            return high_waves.growth_rate(L, k[None], above)

        rates = [rate(one) for one in k]
        fastest = int(np.argmax(rates))
        found, at = rates[fastest], k[fastest]
        if found > known and self.growth_mesh:
            simplex = at + limits.high_step * np.array([[0, 0], [1, 0], [0, 1]]) @ reciprocal
            options = {"initial_simplex": simplex, "maxfev": limits.high_steps}
            best = optimize.minimize(lambda k: -rate(k), at, method="Nelder-Mead", options=options)
            found, at = max((found, at), (-float(best.fun), best.x), key=lambda pair: pair[0])
        return found, modes.count, (float(at[0]), float(at[1]))


def _largest(there: LocalJacobian, mu: float) -> float:
    """Return the largest rate of the local terms, in the frame that turns with mu."""
    parts = [there.A - mu * np.eye(2)[:, :, None, None], there.B, *(x for x in (there.X, there.Z) if x is not None)]
    return float(sum(np.abs(part).sum(axis=1).max() for part in parts))


def separated(model: FieldModel, psi: np.ndarray | None, basis: int, k: np.ndarray) -> int:
    """Return the number of scalar modes from which the next is farthest at k (points, 2).

    It is ``basis``, or up to FURTHER_MODES more.
    Where two bands meet at a wavevector of a mesh, a basis that ends between them takes one of the two by chance, and
    has no Berry flux.
    """
    V = linear(model, np.zeros((2, *model.grid.shape), complex) if psi is None else psi)[1]
    most = _most(model, V.size)
    modes = ScalarModes.of(model.terms, V, model.grid, min(basis + FURTHER_MODES, most))
    if basis >= modes.count:
        return basis
    steps = np.diff(np.stack([modes.at(one)[0] for one in k]), axis=1).min(axis=0)[basis - 1 :]
    return basis + int(steps.argmax())


def _below(model: FieldModel, V: np.ndarray, energy: float, most: int) -> int:
    """Return the number of scalar modes below an energy, at least BASIS and at most ``most``."""
    count = min(BASIS, most)
    while ScalarModes.of(model.terms, V, model.grid, count).at(np.zeros(2))[0][-1] < energy and count < most:
        count = min(2 * count, most)
    return count


def _most(model: FieldModel, limit: int) -> int:
    """Return the number of plane waves of the grid that a basis can have, up to a limit."""
    return len(PlaneWaves.all(model.grid).shortest(limit))


def linear(model: FieldModel, psi: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return A (2, 2, ny, nx) of a vanishing field with the reservoir of psi, and the potential in it, the mean of
    both spins."""
    n = reservoir_at(model.equation, psi)
    A, _ = derivatives(model.equation, 0 * psi, 0.0, 0.0 if n is None else n)
    return A, A[[0, 1], [0, 1]].real.mean(axis=0)


def _matrix(
    model: FieldModel, blocks: np.ndarray, V: np.ndarray, mu: float, basis: int | None, accuracy: float, **options: Any
) -> BogoliubovMatrix:
    if basis is None:
        return BogoliubovMatrix(model.terms, blocks, mu, PlaneWaves.all(model.grid), **options)
    modes = ScalarModes.of(model.terms, V, model.grid, basis, accuracy)
    return BogoliubovMatrix(model.terms, blocks, mu, modes.waves, modes, **options)
