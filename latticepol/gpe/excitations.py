"""The linear problems of a model: its empty cell, the excitations of a stationary field, and how fast they grow."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np

from latticepol import topology
from latticepol.blas import on_one_thread
from latticepol.gpe import high_waves, propagator
from latticepol.gpe.bloch import BlochMatrix
from latticepol.gpe.equation import derivatives
from latticepol.gpe.linearised import Local, reservoir_at
from latticepol.gpe.plane_waves import ACCURACY, BASIS, PlaneWaves, ScalarModes, in_first_zone
from latticepol.lattice.zone import folded

#: The growth rate is searched for among modes up to so many times the nonlinear terms above the condensate, at most so
#: many; over all wavevectors of a cell of up to so many points, on a mesh of so many; of more than so many points by
#: evolutions.
REACH, MOST, CELL, MESH, LARGE = 4.0, 384, 48**2, 12, 64**2
#: Relative accuracy of the growth rate, and candidates from which it is refined.
FINE, STARTS = 1e-7, 2
#: Modes among which waves are looked for that gain drives far above the condensate, and the relative accuracy of their
#: energies.
HIGH, ROUGH = 128, 1e-4
#: Where something grows it is looked at again with so many times the modes.
SURE = 4
#: The growth of the vacuum is that of the whole matrix in cells of up to so many points; in others of scalar modes, so
#: many at first, and more until its first digits stay.
WHOLE, FIRST, DIGITS = 16**2, 48, 1e-4
#: Scalar modes that topology may add to a basis.
FURTHER = 8


def empty(model: Any, losses: bool, basis: int | None, accuracy: float = ACCURACY) -> BlochMatrix:
    """Of the cell without field; the reservoir is that beside no field."""
    A, V = linear(model, np.zeros((2, *model.grid.shape), complex))
    return _matrix(model, A, V, 0.0, basis, accuracy, hermitian=not losses)


@on_one_thread
def bogoliubov(model: Any, psi: np.ndarray, mu: float, basis: int | None, accuracy: float = ACCURACY) -> BlochMatrix:
    """Of the excitations of a stationary field (2, ny, nx) of frequency mu."""
    return _matrix(model, local(model, psi).blocks(), linear(model, psi)[1], mu, basis, accuracy)


def local(model: Any, psi: np.ndarray) -> Local:
    """The local terms about a stationary field."""
    n = reservoir_at(model.equation, psi)
    A, B = derivatives(model.equation, psi, 0.0, 0.0 if n is None else n)
    return Local.about(model.equation, psi, (A, B), n)


@on_one_thread
def vacuum_growth(model: Any) -> tuple[float, float]:
    """The largest Im w of the empty cell at k = 0, and its error: 0 from all plane waves, in a larger cell by how much
    it changed when the number of scalar modes was doubled for the last time."""
    A, V = linear(model, np.zeros((2, *model.grid.shape), complex))

    def growth(basis: int | None) -> float:
        matrix = _matrix(model, A, V, 0.0, basis, ACCURACY).matrix(np.zeros(2))
        return float(np.linalg.eigvals(matrix).imag.max())

    most = _most(model, MOST)
    if V.size <= WHOLE:
        return growth(None), 0.0
    count = min(FIRST, most)
    rate, error = growth(count), np.inf
    while count < most and error > DIGITS * abs(rate):
        count, last = min(2 * count, most), rate
        rate = growth(count)
        error = abs(rate - last)
    return rate, error


class Growth(NamedTuple):
    """The largest growth rate, among how many scalar modes it was searched for (None: among all), and ``|w|`` of the
    phase mode there: 0 without truncation, so the error."""

    rate: float
    basis: int | None
    phase_mode: float


@on_one_thread
def growth_rate(model: Any, psi: np.ndarray, mu: float, driven: bool, gain: float) -> Growth:
    """Of all excitations: over all wavevectors of a small cell, refined; at k = 0 of a larger one.

    ``gain`` is the largest net gain, the rate at which a large box is followed in time.
    """
    there, n = local(model, psi), reservoir_at(model.equation, psi)
    if psi[0].size > LARGE:
        fastest = high_waves.fastest(there.A)
        rate, error = propagator.growth_rate(model, psi, n, mu, _largest(there, mu), fastest, gain, driven)
        return Growth(rate if driven else float(np.maximum(rate, 0.0)), None, error)
    V = linear(model, psi)[1]
    about = np.abs(there.A[[0, 1], [0, 1]] - V).max() + np.abs(there.B).max()
    basis = _below(model, V, mu + REACH * about)
    spectrum, k = _spectrum(model, psi, mu, basis), np.zeros((1, 2))
    if psi[0].size <= CELL:
        known = _half(spectrum, topology.mesh_points(model.reciprocal, MESH))
        options: dict[str, Any] = {"omega": known, "tol": FINE * (1 + abs(mu)), "starts": STARTS}
        k = np.stack([k[0], topology.growth_rate(spectrum, model.reciprocal, **options).k])
    omega, larger = spectrum(k), min(SURE * basis, _most(model, MOST))
    if omega[-1].imag.max() > 0 and larger > basis:  # few modes may not tell a slow one from the phase mode
        basis, omega = larger, _spectrum(model, psi, mu, larger)(k)
    rate, phase = float(omega.imag.max()), 0.0 if driven else float(np.abs(omega[0]).min())
    high, count = _high(model, there.A, V, mu, REACH * about)
    if high > (rate if driven else max(rate, phase)):
        rate, basis = high, max(basis, count)
    return Growth(rate if driven else max(rate, 0.0), basis, phase)


def _high(model: Any, A: np.ndarray, V: np.ndarray, mu: float, above: float) -> tuple[float, int]:
    """The largest growth rate of modes more than ``above`` over mu, and the number of scalar modes."""
    modes = ScalarModes.of(model.terms, V, model.grid, _most(model, HIGH), ROUGH)
    count = int(np.searchsorted(modes.at(np.zeros(2))[0], high_waves.top(model, A, V))) + 1
    modes = replace(modes, count=min(count, modes.count))
    L = BlochMatrix(model.terms, A, mu, modes.waves, modes)
    places = high_waves.PLACES if V.size <= CELL else high_waves.PLACES[:1]
    return high_waves.growth_rate(L, folded(places @ model.reciprocal, model.reciprocal)[0], above), modes.count


def _largest(there: Local, mu: float) -> float:
    """The largest rate of the local terms, in the frame that turns with mu."""
    parts = [there.A - mu * np.eye(2)[:, :, None, None], there.B, *(x for x in (there.X, there.Z) if x is not None)]
    return float(sum(np.abs(part).sum(axis=1).max() for part in parts))


def _spectrum(model: Any, psi: np.ndarray, mu: float, basis: int) -> Callable[[np.ndarray], np.ndarray]:
    """All frequencies at k, or its equivalent in the first zone: outside of it a mode may seem to grow that decays."""
    L = bogoliubov(model, psi, mu, basis)
    return lambda k: topology.sorted_modes(L.matrix(in_first_zone(model.grid, k)[0]))


def _half(spectrum: Callable[[np.ndarray], np.ndarray], k: np.ndarray) -> np.ndarray:
    """The spectrum on a mesh k (n, n, 2) of which one half is that of the other, -w^* at -k."""
    n = len(k)
    here = spectrum(k[: n // 2 + 1].reshape(-1, 2)).reshape(n // 2 + 1, n, -1)
    opposite = -np.arange(n) % n
    return np.concatenate([here, -here[opposite[n // 2 + 1 :]][:, opposite, ::-1].conj()])


def separated(model: Any, psi: np.ndarray | None, basis: int, k: np.ndarray) -> int:
    """The number of scalar modes, ``basis`` or up to FURTHER more, from which the next is farthest at k (points, 2).

    Where two bands meet at a wavevector of a mesh, a basis that ends between them takes one of the two by chance, and
    has no Berry flux.
    """
    model = model.quiet()
    V = linear(model, np.zeros((2, *model.grid.shape), complex) if psi is None else psi)[1]
    most = _most(model, V.size)
    modes = ScalarModes.of(model.terms, V, model.grid, min(basis + FURTHER, most))
    if basis >= modes.count:
        return basis
    steps = np.diff(np.stack([modes.at(one)[0] for one in k]), axis=1).min(axis=0)[basis - 1 :]
    return basis + int(steps.argmax())


def _below(model: Any, V: np.ndarray, energy: float) -> int:
    """The number of scalar modes below an energy, at least BASIS and at most MOST."""
    most = _most(model, MOST)
    count = min(BASIS, most)
    while ScalarModes.of(model.terms, V, model.grid, count).at(np.zeros(2))[0][-1] < energy and count < most:
        count = min(2 * count, most)
    return count


def _most(model: Any, limit: int) -> int:
    """The number of plane waves of the grid that a basis can have, up to a limit."""
    return len(PlaneWaves.all(model.grid).shortest(limit))


def linear(model: Any, psi: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """A (2, 2, ny, nx) of a vanishing field beside the reservoir of psi, and the potential in it, the mean of both
    spins."""
    n = reservoir_at(model.equation, psi)
    A, _ = derivatives(model.equation, 0 * psi, 0.0, 0.0 if n is None else n)
    return A, A[[0, 1], [0, 1]].real.mean(axis=0)


def _matrix(
    model: Any, blocks: np.ndarray, V: np.ndarray, mu: float, basis: int | None, accuracy: float, **options: Any
) -> BlochMatrix:
    if basis is None:
        return BlochMatrix(model.terms, blocks, mu, PlaneWaves.all(model.grid), **options)
    modes = ScalarModes.of(model.terms, V, model.grid, basis, accuracy)
    return BlochMatrix(model.terms, blocks, mu, modes.waves, modes, **options)
