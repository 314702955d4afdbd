"""The linear problems of a model: its empty cell, the excitations of a stationary field, and how fast they grow."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, ClassVar

import numpy as np

from latticepol import topology
from latticepol.gpe.equation import derivatives
from latticepol.gpe.field_model import FieldModel
from latticepol.gpe.linear_response import high_waves, propagator, shift_invert
from latticepol.gpe.linear_response.bloch import BogoliubovMatrix
from latticepol.gpe.linear_response.local_jacobian import LocalJacobian, reservoir_at
from latticepol.gpe.linear_response.plane_waves import BASIS, MODE_ACCURACY, PlaneWaves, ScalarModes, in_first_zone
from latticepol.gpe.stepping.engine import RESERVOIR
from latticepol.lattice.zone import folded
from latticepol.linear_problem import Component, Growth, GrowthSearch, LinearProblem, Modes, chosen
from latticepol.numerics.blas import on_one_thread

#: Half the difference of wavevectors over which H(k), quadratic in k, is differentiated, in units of B1.
STEP = 1e-2 / (2 * np.pi)
#: Scalar modes that topology may add to a basis.
FURTHER_MODES = 8


@dataclass(frozen=True)
class VacuumSearch:
    """How the growth of the vacuum is found.

    Parameters
    ----------
    whole
        In cells of up to so many points it is that of the whole matrix, in others of scalar modes.
    first, most
        Scalar modes at first, and at most.
    accuracy
        There are more of them until the rate changes by less than this part of it.
    """

    whole: int = 16**2
    first: int = 48
    most: int = 384
    accuracy: float = 1e-4


#: What is used where nothing else is said.
VACUUM_SEARCH = VacuumSearch()


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
    """

    model: FieldModel
    psi: np.ndarray | None
    mu: float
    basis: int | None
    hermitian: bool = False
    driven: bool = False
    net_gain: float = 1.0
    accuracy: float = MODE_ACCURACY
    dims: tuple[str, ...] = ("spin", "y", "x")
    search: ClassVar[GrowthSearch] = GrowthSearch(mesh=12, starts=2, tol=1e-7)

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

    def on_positions(self, vectors: np.ndarray) -> np.ndarray:
        """Return u and v of lifted vectors (points, rows, n), as (components, points, 2, ny, nx, n)."""
        return self._on_grid(vectors)[: 2 if self.paired else 1]

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

    def growth(self, search: GrowthSearch) -> Growth:
        """Return the largest growth rate: over all wavevectors of a small cell, refined; at k = 0 of a larger one."""
        assert self.psi is not None
        return _growth(self.model, self.psi, self.mu, self.driven, self.net_gain, search)


def _growth(model: FieldModel, psi: np.ndarray, mu: float, driven: bool, gain: float, search: GrowthSearch) -> Growth:
    there, n = local(model, psi), reservoir_at(model.equation, psi)
    if psi[0].size > search.large:
        fastest = high_waves.fastest(there.A)
        rates = _largest(there, mu), fastest, gain
        rate, error = propagator.growth_rate(model, psi, n, mu, *rates, driven, search.evolution)
        return Growth(rate if driven else float(np.maximum(rate, 0.0)), None, error)
    V = linear(model, psi)[1]
    about = np.abs(there.A[[0, 1], [0, 1]] - V).max() + np.abs(there.B).max()
    most = _most(model, search.most)
    basis = _below(model, V, mu + search.reach * about, most)
    spectrum, k = _spectrum(model, psi, mu, basis), np.zeros((1, 2))
    if psi[0].size <= search.cell:
        reciprocal = model.grid.reciprocal
        known = topology.on_mesh(spectrum, reciprocal, search.mesh, paired=True)
        options: dict[str, Any] = {"omega": known, "tol": search.tol * (1 + abs(mu)), "starts": search.starts}
        k = np.stack([k[0], topology.growth_rate(spectrum, reciprocal, **options).k])
    omega, larger = spectrum(k), min(search.sure * basis, most)
    if omega[-1].imag.max() > 0 and larger > basis:  # few modes may not tell a slow one from the phase mode
        basis, omega = larger, _spectrum(model, psi, mu, larger)(k)
    rate, phase = float(omega.imag.max()), 0.0 if driven else float(np.abs(omega[0]).min())
    high, count = _high(model, there.A, V, mu, search.reach * about, search)
    if high > (rate if driven else max(rate, phase)):
        rate, basis = high, max(basis, count)
    return Growth(rate if driven else max(rate, 0.0), basis, phase)


def _high(
    model: FieldModel, A: np.ndarray, V: np.ndarray, mu: float, above: float, search: GrowthSearch
) -> tuple[float, int]:
    """Return the largest growth rate of modes more than ``above`` over mu, and the number of scalar modes."""
    modes = ScalarModes.of(model.terms, V, model.grid, _most(model, search.high), search.high_accuracy)
    count = int(np.searchsorted(modes.at(np.zeros(2))[0], high_waves.top(model, A, V))) + 1
    modes = replace(modes, count=min(count, modes.count))
    L = BogoliubovMatrix(model.terms, A, mu, modes.waves, modes)
    places = high_waves.PLACES if V.size <= search.cell else high_waves.PLACES[:1]
    reciprocal = model.grid.reciprocal
    return high_waves.growth_rate(L, folded(places @ reciprocal, reciprocal)[0], above), modes.count


def _largest(there: LocalJacobian, mu: float) -> float:
    """Return the largest rate of the local terms, in the frame that turns with mu."""
    parts = [there.A - mu * np.eye(2)[:, :, None, None], there.B, *(x for x in (there.X, there.Z) if x is not None)]
    return float(sum(np.abs(part).sum(axis=1).max() for part in parts))


def _spectrum(model: FieldModel, psi: np.ndarray, mu: float, basis: int) -> Callable[[np.ndarray], np.ndarray]:
    """Return all frequencies at k, or its equivalent in the first zone: outside of it a mode may seem to grow that
    decays."""
    L = bogoliubov(model, psi, mu, basis)
    return lambda k: topology.sorted_modes(L.matrix(in_first_zone(model.grid, k)[0]))


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
