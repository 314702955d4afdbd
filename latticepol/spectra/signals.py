"""What is seen of excitations at one wavevector: plane waves and Stokes components, driven by noise and by a probe."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from latticepol.linear_problem import LinearProblem
from latticepol.numerics.transfer import Resolvent

#: S, S_x, S_y, S_z = psi^dagger sigma psi/2, spins "+" and "-".
STOKES = np.array(["S", "S_x", "S_y", "S_z"])
PAULI = np.array([[[1, 0], [0, 1]], [[0, 1], [1, 0]], [[0, -1j], [1j, 0]], [[1, 0], [0, -1]]])
#: Frequencies nearer than this part of the fastest mode to one that does not decay are on it. Stokes components, which
#: the phase mode leaves alone, are there the mean of both sides: off by the square of this over that of the slowest
#: rate, and by rounding over this.
ON_A_MODE = 1e-7
#: A covariance has no negative eigenvalue larger than this part of its largest: that is rounding.
NEGATIVE = 1e-10

#: In a truncated basis the phase mode is not quite at 0: frequencies up to so many times that error are on it.
TRUNCATION = 10.0
#: Wavevectors smaller than this part of the reciprocal cell are k = 0.
AT_REST = 1e-9


class Seen(NamedTuple):
    """What is seen at one wavevector, frequencies first."""

    density: np.ndarray  # (n, spins)
    stokes: np.ndarray  # (n, 4), or (n, 0) without spins or state
    response: np.ndarray  # (n, u or v, spins, spins of the probe)


@dataclass(frozen=True, eq=False)
class Fluctuations:
    """The fluctuations about a state at frequencies omega (n,).

    Parameters
    ----------
    what
        The linear problem.
    psi
        The state on its positions; None: the empty system.
    omega
        Real frequencies.
    strength
        Of white noise; None: that of the problem.
    rounding
        Growth up to this rate is none.
    """

    what: LinearProblem
    psi: np.ndarray | None
    omega: np.ndarray
    strength: float | None
    rounding: float

    def at(self, k: np.ndarray, twist: np.ndarray | None) -> Seen:
        """Return what is seen at one k (2,), of which ``twist`` is that of ``LinearProblem.folded``.

        Raises
        ------
        ValueError
            A mode grows there.
        """
        found = Resolvent.of(self.what.matrix(k[None])[0])
        self._check_decay(found.poles, k)
        functions = self._functions(k, twist)
        waves = functions.sum(axis=2) / functions.shape[2] ** 0.5
        components, spins, n = waves.shape
        rows = np.concatenate([waves.reshape(-1, n), self._stokes(functions)])
        root = self._root(k, (np.abs(functions) ** 2).sum(axis=(0, 1, 2)))
        columns = np.concatenate([root, waves[0].conj().T], axis=1)
        on, near = self._on_a_mode(found.poles, k)
        steps = (2 * near, -2 * near) if on.any() else (0.0,)
        sides = [found.between(rows, columns, self.omega + step * on) for step in steps]
        noise = np.mean([(np.abs(side[..., : root.shape[1]]) ** 2).sum(axis=-1) for side in sides], axis=0)
        response = sides[0][:, : components * spins, root.shape[1] :].reshape(-1, components, spins, spins)
        noise[on, : components * spins] = response[on] = np.inf
        noise /= 2 * np.pi
        return Seen(noise[:, :spins], noise[:, components * spins :], response)

    def _on_a_mode(self, poles: np.ndarray, k: np.ndarray) -> tuple[np.ndarray, float]:
        """Return which frequencies are those of modes that do not decay, and within what distance."""
        off = np.abs(poles[self._phase_mode(poles, k)]).max(initial=0.0)
        near = max(ON_A_MODE * np.abs(poles).max(), TRUNCATION * off, 1e-300)
        endless = poles[poles.imag > -near].real
        return (np.abs(self.omega[:, None] - endless) < near).any(axis=1), near

    def _functions(self, k: np.ndarray, twist: np.ndarray | None) -> np.ndarray:
        """Return u and v of the rows, (components, spins, positions, size)."""
        functions = self.what.functions(k[None])[:, 0]
        if twist is not None:
            functions = functions * twist[..., None]
        return _spins_first(self.what, functions, 1)

    def _stokes(self, functions: np.ndarray) -> np.ndarray:
        """Return the rows of the Stokes components, (4, size)."""
        if self.psi is None or not self.what.paired or "spin" not in self.what.dims:
            return np.zeros((0, functions.shape[-1]))
        psi = _spins_first(self.what, self.psi[..., None], 0)[..., 0]
        bra = 0.5 * np.einsum("jst,tn->jsn", PAULI, psi).conj()
        rows: np.ndarray = sum(
            np.einsum("jsn,snm->jm", one, part) for one, part in zip((bra, bra.conj()), functions, strict=True)
        )
        rows /= functions.shape[2] ** 0.5
        return rows

    def _root(self, k: np.ndarray, moving: np.ndarray) -> np.ndarray:
        """Return F with ``F F^dagger = D``: white noise acts on what has u or v, and not on a reservoir."""
        if self.strength is not None:
            return np.diag(np.sqrt(self.strength * moving))
        covariance = self.what.noise(k[None])
        if covariance is None:
            return np.zeros((len(moving), 0))
        values, vectors = np.linalg.eigh(covariance[0])
        if values[0] < -NEGATIVE * values[-1]:
            raise ValueError(
                f"the covariance of the noise must be positive; at k = {k.tolist()} it has the value {values[0]:.4g}: "
                "linear dichroism is part of the loss, give |gamma| <= Gamma"
            )
        root: np.ndarray = vectors * np.sqrt(np.maximum(values, 0.0))
        return root

    def _phase_mode(self, poles: np.ndarray, k: np.ndarray) -> np.ndarray:
        """Return which mode is the phase mode of a truncated basis, at k = 0; of none where it is exact."""
        at_rest = np.linalg.norm(k) <= AT_REST * np.linalg.norm(self.what.reciprocal)
        there = self.what.paired and self.what.truncated and not self.what.driven and at_rest
        return np.array([np.abs(poles).argmin()] if there else [], int)

    def _check_decay(self, poles: np.ndarray, k: np.ndarray) -> None:
        """Refuse a mode that grows; in a truncated basis the phase mode may, by the error of the basis."""
        fastest = float(np.delete(poles.imag, self._phase_mode(poles, k)).max(initial=-np.inf))
        if fastest > self.rounding:
            raise ValueError(
                f"all modes must decay, or nothing becomes stationary; at k = {k.tolist()} one grows at the rate "
                f"{fastest:.4g}: give a stable state, or other k"
            )


def _spins_first(what: LinearProblem, values: np.ndarray, axis: int) -> np.ndarray:
    """Return an array with the positions from ``axis`` on, and one axis behind them, as (..., spins, others, last)."""
    if "spin" in what.dims:
        values = np.moveaxis(values, axis + what.dims.index("spin"), axis)
    else:
        values = np.expand_dims(values, axis)
    return values.reshape(*values.shape[: axis + 1], -1, values.shape[-1])
