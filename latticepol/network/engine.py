"""The running state of a network: the pieces of a step that :mod:`latticepol.timestepping.compositions` asks for."""

import math
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from latticepol.network import kernels
from latticepol.network.propagators import Periodic, Propagator, propagator
from latticepol.numerics.compiled import fixed
from latticepol.numerics.elementary import constants
from latticepol.randomness import complex_normal
from latticepol.state import InitialState
from latticepol.timestepping.running import Running, kept

if TYPE_CHECKING:
    from latticepol.network.evolvable import EvolvableNetwork


class NetworkEngine(Running):
    """State psi (B, N, 2) of a Network and everything precomputed for its step.

    Parameters
    ----------
    model
        The Network.
    psi
        Initial amplitudes (..., N, 2) in any memory order; copied.
    rng
        Generator of the noise.
    """

    forward_only: ClassVar[str] = "lp.Strang()"

    def __init__(self, model: "EvolvableNetwork", psi: np.ndarray, rng: np.random.Generator) -> None:
        super().__init__(rng, model.noisy)
        self.model, self.shape = model, psi.shape
        # in C order, whatever psi is: the steps change it in place, through views with other axes
        self.psi = np.array(psi, complex, order="C").reshape(-1, *psi.shape[-2:])
        self.batch = psi.shape[:-2]
        self.hopping = model.hopping_matrix
        self.periodic = Periodic.of(self.hopping, model.lattice)
        self.constants = constants(np.dtype(complex))
        self.interaction = tuple(fixed(self._flat(a)) for a in model.local(0.0)[2:])
        self._propagators: dict[float, Propagator] = {}
        self._tables: dict[float, tuple[np.ndarray, np.ndarray]] = {}
        self._roots: dict[float, tuple[np.ndarray, np.ndarray, np.ndarray]] = {}

    @property
    def state(self) -> list[np.ndarray]:
        """The arrays that make up the state, to be copied or restored."""
        return [self.psi]

    def reset(self, start: InitialState) -> None:
        """Set the state."""
        self.psi[...] = start.psi.reshape(self.psi.shape)

    def now(self, t: float, dims: tuple[str, ...] = ()) -> InitialState:
        """Return the state as it is: a view of it."""
        return InitialState(self.psi.reshape(self.shape), {}, t, dims)

    def linear(self, h: float) -> None:
        """Set psi <- exp(-i h T) psi."""
        kept(self._propagators, h, self._propagator)(self.psi)

    def _propagator(self, h: float) -> Propagator:
        return propagator(self.hopping, self.periodic, h, len(self.psi))

    def _drive(self, h: float, t: float) -> None:
        F = self.model.drive_at(t)
        if F is not None:
            whole = F if F.ndim == 2 else np.broadcast_to(F, self.shape).reshape(self.psi.shape)
            self.psi -= 1j * h * whole

    def _flow(self, before: float, after: float, t: float) -> None:
        h = before + after
        E1, T = self._fill(h, t) if self.model.moving else kept(self._tables, h, self._fill)
        if not kernels.flow(self.psi, E1, T, *self.interaction, self.constants):
            raise self.irregular(h, t)

    def _add_noise(self, h: float, t: float) -> None:
        plus, cross, minus = kept(self._roots, h, lambda h: triangular_root(h * self.model.noise_covariance))
        xi = complex_normal(self.rng, self.psi.shape)
        self.psi[..., 0] += plus * xi[..., 0]
        self.psi[..., 1] += cross * xi[..., 0] + minus * xi[..., 1]

    def _fill(self, h: float, t: float = 0.0) -> tuple[np.ndarray, np.ndarray]:
        c = self.model.local(t)
        p, delta = np.broadcast_arrays(self._flat(c.p), self._flat(c.delta))
        if (p == p[:, :1]).all() and (delta == delta[:, :1]).all():  # a pump that moves is mostly the same everywhere
            E1, T = kernels.tables(p[:, :1], delta[:, :1], h)
            return np.repeat(E1, p.shape[1], axis=1), np.repeat(T, p.shape[1], axis=1)
        return kernels.tables(p, delta, h)

    def _flat(self, array: np.ndarray) -> np.ndarray:
        """Return (..., N) as contiguous (Bt, N) with Bt = 1 or the whole batch."""
        sites = self.psi.shape[1]
        lead = array.shape[:-1]
        shape = (sites,) if math.prod(lead) == 1 else (*self.batch, sites)
        inner = array.reshape(array.shape[-1:]) if math.prod(lead) == 1 else array
        return np.ascontiguousarray(np.broadcast_to(inner, shape), dtype=float).reshape(-1, sites)


def triangular_root(D: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return R_++, R_-+ and R_-- (N,) with ``R R^dagger = D`` (N, 2, 2), R_+- = 0; D may be singular."""
    plus = np.sqrt(D[:, 0, 0].real)
    cross = np.divide(D[:, 1, 0], plus, out=np.zeros(len(D), D.dtype), where=plus > 0)
    minus = np.sqrt(np.maximum(D[:, 1, 1].real - np.abs(cross) ** 2, 0.0))
    return plus, cross, minus
