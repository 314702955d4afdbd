"""The running state of a network: the pieces of a step that :mod:`latticepol.timestepping.compositions` asks for."""

import math
from typing import Protocol

import numpy as np
from scipy import sparse

from latticepol.errors import ConvergenceError
from latticepol.gpe.stepping.engine import make_room
from latticepol.gpe.stepping.noise import complex_normal
from latticepol.lattice import Lattice
from latticepol.network import kernels
from latticepol.network.equation import SiteParameters
from latticepol.network.propagators import Periodic, Propagator, propagator
from latticepol.numerics.compiled import fixed
from latticepol.numerics.elementary import constants
from latticepol.state import InitialState


class Moving(Protocol):
    """What a step asks of a network."""

    @property
    def lattice(self) -> Lattice:
        """Sites and bonds."""
        ...

    @property
    def hopping_matrix(self) -> sparse.csr_array:
        """T, sparse (2N, 2N)."""
        ...

    @property
    def noisy(self) -> bool:
        """Whether there is noise."""
        ...

    @property
    def noise_strength(self) -> np.ndarray:
        """D of every site, (N,)."""
        ...

    @property
    def moving(self) -> bool:
        """Whether p or delta depends on time."""
        ...

    def local(self, t: float = 0.0) -> SiteParameters:
        """Return p, delta, a1 and a2 at time t, each (..., N)."""
        ...

    def drive_at(self, t: float) -> np.ndarray | None:
        """Return F at time t, (..., N, 2)."""
        ...


class NetworkEngine:
    """State psi (B, N, 2) of a Network and everything precomputed for its step.

    Parameters
    ----------
    model
        The Network.
    psi
        Initial amplitudes (..., N, 2) in any memory order; copied.
    rng
        Generator of the noise.

    Attributes
    ----------
    earliest, latest
        Between these times functions of time are evaluated.
    """

    earliest: float = -math.inf
    latest: float = math.inf

    def __init__(self, model: Moving, psi: np.ndarray, rng: np.random.Generator) -> None:
        self.model, self.rng, self.shape = model, rng, psi.shape
        # in C order, whatever psi is: the steps change it in place, through views with other axes
        self.psi = np.array(psi, complex, order="C").reshape(-1, *psi.shape[-2:])
        self.batch = psi.shape[:-2]
        self.hopping = model.hopping_matrix
        self.periodic = Periodic.of(self.hopping, model.lattice)
        self.constants = constants(np.dtype(complex))
        self.interaction = tuple(fixed(self._flat(a)) for a in model.local(0.0)[2:])
        self._propagators: dict[float, Propagator] = {}
        self._tables: dict[float, tuple[np.ndarray, np.ndarray]] = {}

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

    @property
    def threads(self) -> int:
        """One: nothing is transformed."""
        return 1

    @property
    def spectral(self) -> None:
        """None: the hopping of a patch is not a matrix at each wavevector."""
        return None

    def linear(self, h: float) -> None:
        """Set psi <- exp(-i h T) psi."""
        if h not in self._propagators:
            make_room(self._propagators)
            self._propagators[h] = propagator(self.hopping, self.periodic, h, len(self.psi))
        self._propagators[h](self.psi)

    def local(self, before: float, after: float, t: float) -> None:
        """Apply everything else at frozen time t: drive, flow (with the noise in its middle), drive."""
        t = min(max(t, self.earliest), self.latest)
        self._kick(before, t)
        if self.model.noisy:
            h = 0.5 * (before + after)
            self._flow(h, t)
            strength = np.sqrt(2 * h * self._flat(self.model.noise_strength))
            self.psi += strength[..., None] * complex_normal(self.rng, self.psi.shape)
            self._flow(h, t)
        else:
            self._flow(before + after, t)
        self._kick(after, t)

    def _kick(self, h: float, t: float) -> None:
        F = self.model.drive_at(t)
        if F is not None:
            whole = F if F.ndim == 2 else np.broadcast_to(F, self.shape).reshape(self.psi.shape)
            self.psi -= 1j * h * whole

    def _flow(self, h: float, t: float) -> None:
        E1, T = self._table(h, t)
        a1, a2 = self.interaction
        if not kernels.flow(self.psi, E1, T, a1, a2, self.constants):
            if h > 0 or not np.isfinite(self.psi.sum()):
                raise ConvergenceError(f"the amplitudes overflowed at t = {t:.6g}; use a smaller dt")
            raise ConvergenceError(
                f"a substep of {h:.4g} back in time from t = {t:.6g} would need saturation to run backwards past "
                "infinity; use a smaller dt, or lp.Strang()"
            )

    def _table(self, h: float, t: float) -> tuple[np.ndarray, np.ndarray]:
        if self.model.moving:
            return self._fill(h, t)
        if h not in self._tables:
            make_room(self._tables)
            self._tables[h] = self._fill(h, t)
        return self._tables[h]

    def _fill(self, h: float, t: float) -> tuple[np.ndarray, np.ndarray]:
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
