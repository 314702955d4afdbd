"""The running state of a field and the pieces of a step: what integrators are made of.

An integrator calls ``linear`` (all that is a matrix at each wavevector), ``local`` (all that acts point by point) and
``rates`` (the local part as a right-hand side), and knows no term by name.
"""

import math
from collections.abc import Callable, Hashable, Mapping
from functools import cached_property
from typing import Any, ClassVar, TypeVar

import numpy as np

from latticepol.errors import ConvergenceError
from latticepol.gpe.aliases import of_grid
from latticepol.gpe.coefficients import Coefficients, LocalCoefficients
from latticepol.gpe.equation import rates
from latticepol.gpe.field_model import FieldModel
from latticepol.gpe.stepping import flow, noise, reservoir_flow
from latticepol.gpe.stepping.momentum import Momentum, damping, flatten_number
from latticepol.gpe.terms.base import Term, acted
from latticepol.model import InitialState
from latticepol.numerics import fft
from latticepol.numerics.compiled import fixed
from latticepol.numerics.elementary import constants
from latticepol.randomness import complex_normal
from latticepol.state import Transforms
from latticepol.timestepping.running import Running, kept

#: The name of the reservoir among the auxiliary fields of a state, and of its variable.
RESERVOIR = "reservoir"

T = TypeVar("T")


class Engine(Running):
    """State psi (and n) of a SpinorGPE and everything precomputed for its step.

    Parameters
    ----------
    model
        The SpinorGPE.
    psi
        Initial field (..., 2, ny, nx); copied.
    n
        Initial reservoir, the same shape, if the model has one.
    rng
        Generator of the noise.
    threads
        Of the Fourier transform.
    """

    forward_only: ClassVar[str] = "an integrator without such substeps (lp.ETDRK4())"

    def __init__(
        self,
        model: FieldModel,
        psi: np.ndarray,
        n: np.ndarray | None,
        rng: np.random.Generator,
        threads: int | str = 1,
    ) -> None:
        super().__init__(rng, model.equation.noisy)
        self.model, self.equation = model, model.equation
        self.dtype, self.shape = np.dtype(model.dtype), psi.shape
        self.batch = psi.shape[:-3]
        self.points = math.prod(model.grid.shape)
        self.field = self.empty()
        self.transforms = self._plan(threads)
        self.psi = self.field.reshape(-1, 2, self.points)
        real = self.field.real.dtype
        reservoir = (self.psi.shape[0], 2, self.points if self.equation.reservoir else 0)
        self.n = self._put(np.zeros(reservoir, real))
        self.put(psi, n)
        self.constants = constants(self.dtype)
        self.coefficients, self.momentum = self._prepare()
        self._propagators: dict[float, Callable[[np.ndarray], None]] = {}
        self._tables: dict[float, tuple[np.ndarray, np.ndarray]] = {}
        self._scratch: dict[Hashable, Any] = {}

    @property
    def state(self) -> list[np.ndarray]:
        """The arrays that make up the state, to be copied or restored."""
        return [self.psi, self.n]

    def reset(self, start: InitialState) -> None:
        """Set the state."""
        self.put(start.psi, start.auxiliary.get(RESERVOIR))

    def put(self, psi: np.ndarray, n: np.ndarray | None) -> None:
        """Set psi and n."""
        self.field[...] = self._put(psi)
        self.n[...] = 0 if n is None else self._put(np.broadcast_to(n, self.shape).reshape(self.n.shape))

    def empty(self) -> np.ndarray:
        """Return an uninitialised field that can be transformed."""
        return fft.empty(self.shape, self.dtype)

    def now(self, t: float, dims: tuple[str, ...] = ()) -> InitialState:
        """Return the state in the memory of the processor; views of it where it is there."""
        n = fft.host(self.n)
        auxiliary = {RESERVOIR: n.reshape(self.shape)} if n.size else {}
        return InitialState(fft.host(self.field), auxiliary, t, dims)

    def _put(self, array: np.ndarray) -> np.ndarray:
        """Return an array of the processor, moved to where the field is."""
        return array

    def _plan(self, threads: int | str) -> Transforms:
        return fft.Transforms(self.field, threads=threads, planning=self.model.planning)

    def _prepare(self) -> tuple[Coefficients, Momentum]:
        coefficients = self.equation.flat(self.batch, self.dtype)
        return coefficients, Momentum(self.model.terms, self.model.grid, self.batch, self.dtype)

    @property
    def threads(self) -> int:
        """Of the Fourier transform."""
        return self.transforms.threads

    @property
    def spectral(self) -> "Engine":
        """Itself: the linear part is a matrix at each wavevector."""
        return self

    def linear(self, h: float) -> None:
        """Apply psi <- exp(-i h H(k)) psi, with the noise of momentum damping."""
        propagator = kept(self._propagators, h, self._propagator)
        self.transforms.forward(self.field)
        propagator(self.psi)
        if self.noisy and self._damping is not None:
            lost = -np.expm1(-h * self._damping) / (2 * self.model.grid.point_area * self.points)
            self.field += np.sqrt(lost) * self._normal(self.shape)
        self.transforms.backward(self.field)

    def _propagator(self, h: float) -> Callable[[np.ndarray], None]:
        return self.momentum.propagator(h, 1 / self.points, self._gains)

    @property
    def auxiliary(self) -> dict[str, np.ndarray]:
        """The reservoir, where there is one."""
        return {RESERVOIR: self.n} if self.n.size else {}

    def rates(
        self,
        psi: np.ndarray,
        auxiliary: Mapping[str, np.ndarray],
        t: float,
        out: np.ndarray,
        out_auxiliary: Mapping[str, np.ndarray],
    ) -> None:
        """Return the local part of dpsi/dt and dn/dt at time t; flat arrays (B, 2, N), ``out`` may be psi."""
        n, out_n = auxiliary.get(RESERVOIR, self.n), out_auxiliary.get(RESERVOIR, self.n)
        t = self.inside(t)
        others = [self._rate(term, t)(psi.reshape(self.shape)) for term in self.equation.actions]
        self._rates(psi, n, self.coefficients.at(t), out, out_n)
        for other in others:
            out += other.reshape(psi.shape)
        F = self.coefficients.drive(t)
        if F.size:
            out -= 1j * F

    def scratch(self, key: Hashable, make: Callable[[], T]) -> T:
        """Return what an integrator keeps between steps, made when first asked for."""
        found: T = kept(self._scratch, key, lambda _: make(), most=4)
        return found

    def _drive(self, h: float, t: float) -> None:
        F = self.coefficients.drive(t)
        if F.size:
            self._kick(F, self.dtype.type(-1j * h))

    def _act(self, h: float, t: float, order: int) -> None:
        """Apply the terms that bring an action, each by one Runge-Kutta step of fourth order."""
        for term in self.equation.actions[::order]:
            self.field[...] = _runge_kutta(self._rate(term, t), self.field, h)

    def _rate(self, term: Term, t: float) -> Callable[[np.ndarray], np.ndarray]:
        return lambda psi: -1j * acted(term, psi, self._xy, t)

    def _flow(self, before: float, after: float, t: float) -> None:
        c = self.coefficients.at(t)
        E1, T = self._table(before + after, c)
        if self.equation.reservoir:
            self._reservoir(T, c, before, after)
        elif not self._saturable(T, E1, c, before + after):
            own = ", ".join(type(term).__name__ for term in self.equation.actions)
            raise self.irregular(before + after, t, own and f", or look for NaN in the action of {own}")

    def _table(self, h: float, c: LocalCoefficients) -> tuple[np.ndarray, np.ndarray]:
        """Return E1 and T (or U, with a reservoir) for a substep h; kept where the coefficients do not move."""
        if not self.coefficients.steady:
            return self._fill(h, c, *self.scratch("moving tables", lambda: self._empty_tables(c)))
        return kept(self._tables, h, lambda h: self._fill(h, c, *self._empty_tables(c)))

    def _empty_tables(self, c: LocalCoefficients) -> tuple[np.ndarray, np.ndarray]:
        rows = max(c.w.shape[0], c.V.shape[0])
        return np.empty_like(c.w), np.empty_like(self.psi, shape=(rows, c.V.shape[1], self.points))

    def _fill(self, h: float, c: LocalCoefficients, E1: np.ndarray, T: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        w = fixed(np.zeros_like(c.w)) if self.equation.reservoir else c.w
        for b in range(T.shape[0]):
            for s in range(T.shape[1]):
                row = b % w.shape[0]
                flow.tables(w[row], c.V[b % c.V.shape[0], s], _real(h / 2, c), E1[row], T[b, s], self.constants)
        return E1, T

    @cached_property
    def _gains(self) -> tuple[np.ndarray, np.ndarray]:
        """What a round trip of the transforms makes of each wave."""
        return fft.gains(self.transforms, self.empty(), self._put)

    @cached_property
    def _dichroism(self) -> np.ndarray:
        """gamma of the loss matrix at k = 0, per element of the batch."""
        loss = damping(self.model.terms, [(np.zeros((1, 1)), np.zeros((1, 1)))])
        return self._put(flatten_number(loss[..., 0, 1].real, self.batch))

    @cached_property
    def _damping(self) -> np.ndarray | None:
        """Loss rate of each mode by momentum damping, (..., 1, ny, nx), None where there is none."""
        loss = damping(self.model.terms, of_grid(self.model.grid))[..., None, :, :, 0, 0].real
        return self._put(loss) if np.any(loss) else None

    @cached_property
    def _xy(self) -> list[np.ndarray]:
        return [self._put(x) for x in self.model.grid.points]

    def _add_noise(self, h: float, t: float) -> None:
        if not self._disturb(self._normal(self.psi.shape), self.coefficients.at(t), h):
            raise ConvergenceError(
                "the covariance of the Wigner noise is not positive: gamma exceeds the loss Gamma plus the gain "
                "somewhere; linear dichroism is part of the loss, so give |gamma| <= Gamma"
            )

    # The compiled loops; an engine of another array module has its own.

    def _normal(self, shape: tuple[int, ...]) -> np.ndarray:
        return complex_normal(self.rng, shape)

    def _disturb(self, xi: np.ndarray, c: LocalCoefficients, h: float) -> bool:
        regular: bool = noise.add_local(self.psi, self.n, xi, c, self._dichroism, h, True)
        return regular

    def _kick(self, F: np.ndarray, factor: np.complexfloating) -> None:
        flow.kick(self.psi, F, factor)

    def _rates(self, psi: np.ndarray, n: np.ndarray, c: LocalCoefficients, out: np.ndarray, out_n: np.ndarray) -> None:
        rates(psi, n, c, self.constants.half, out, out_n)

    def _saturable(self, T: np.ndarray, E1: np.ndarray, c: LocalCoefficients, h: float) -> bool:
        saturable: bool = flow.flow(self.psi, T, E1, c.eta, c.alpha1, c.alpha2, self.constants)
        return saturable

    def _reservoir(self, U: np.ndarray, c: LocalCoefficients, before: float, after: float) -> None:
        reservoir_flow.flow(self.psi, self.n, U, c, _real(before, c), _real(after, c), self.constants)


def _real(h: float, c: LocalCoefficients) -> np.floating:
    rounded: np.floating = c.w.dtype.type(h)
    return rounded


def _runge_kutta(f: Callable[[np.ndarray], np.ndarray], psi: np.ndarray, h: float) -> np.ndarray:
    k1 = f(psi)
    k2 = f(psi + h / 2 * k1)
    k3 = f(psi + h / 2 * k2)
    k4 = f(psi + h * k3)
    stepped: np.ndarray = psi + h / 6 * (k1 + 2 * k2 + 2 * k3 + k4)
    return stepped
