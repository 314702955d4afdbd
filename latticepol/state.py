"""Where a run starts, the running state, and what advances it: what integrators and models know of each other."""

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import ClassVar, NamedTuple, Protocol, TypeVar

import numpy as np

T = TypeVar("T")


@dataclass(frozen=True)
class InitialState:
    """Where an evolution or a search starts.

    Parameters
    ----------
    psi
        Amplitudes, the last axes of the shape that the model calls ``state_shape``, batch axes in front.
    auxiliary
        What else moves, by name, as the density of a reservoir: {"reservoir": n}; what is missing starts from its own
        default. Each has a shape of its own, batch axes in front.
    t
        The time.
    dims
        Names of the batch axes.
    """

    psi: np.ndarray
    auxiliary: Mapping[str, np.ndarray] = field(default_factory=dict)
    t: float = 0.0
    dims: tuple[str, ...] = ()


def batch_dims(count: int) -> tuple[str, ...]:
    """Return the names of ``count`` batch axes whose start has none: "batch", or "batch_0", "batch_1", ..."""
    return ("batch",) if count == 1 else tuple(f"batch_{i}" for i in range(count))


class RunningState(Protocol):
    """The state of a model on its way, and the two pieces of a step (A = ``linear``, B = ``local``).

    Between ``earliest`` and ``latest`` functions of time are evaluated: a row of steps that ends at a jump sees no
    value from beyond.
    """

    rng: np.random.Generator
    earliest: float
    latest: float

    @property
    def state(self) -> list[np.ndarray]:
        """The arrays that make up the state, to be copied and restored."""
        ...

    def reset(self, start: InitialState) -> None:
        """Set the state."""
        ...

    def now(self, t: float, dims: tuple[str, ...] = ()) -> InitialState:
        """Return the state as it is, in the memory of the processor: views of it, where it is there."""
        ...

    @property
    def threads(self) -> int:
        """Threads of its Fourier transforms, on which their last bits depend."""
        return 1

    @property
    def spectral(self) -> "SpectralState | None":
        """What exponential integrators need; None where the linear part is not a matrix at each wavevector."""
        return None

    def linear(self, h: float) -> None:
        """Advance the state by the linear part over h, which may be negative: an exact flow."""
        ...

    def local(self, before: float, after: float, t: float) -> None:
        """Advance the state by everything else at the frozen time t.

        Flows are made in one order over ``before``, then in reverse over ``after``; noise is added over their sum.
        """
        ...


class Transforms(Protocol):
    """Fourier transforms in place, forward without a factor, backward without one."""

    threads: int

    def forward(self, field: np.ndarray) -> None:
        """Transform to momentum space."""
        ...

    def backward(self, field: np.ndarray) -> None:
        """Transform to real space, times the number of points."""
        ...


class Pairs(NamedTuple):
    """A function a + b M of H on the flat grid, each (Bt, N)."""

    a: np.ndarray
    b: np.ndarray


class MomentumSpace(Protocol):
    """Functions of Z = -i h H(k)."""

    def functions(self, h: float, weights: Sequence[Sequence[float]]) -> Sequence[Pairs]:
        """Return the sums of exp(Z) and phi_1..phi_3(Z) with these weights."""
        ...

    def combine(self, out: np.ndarray, start: np.ndarray, f: Pairs, x: np.ndarray, weight: float = 1.0) -> None:
        """Set ``out`` to ``start + weight f x``."""
        ...


class SpectralState(Protocol):
    """A running state whose linear part is a matrix at each wavevector; ``psi`` and ``field`` share their memory.

    What else moves has no linear part.
    """

    psi: np.ndarray
    field: np.ndarray
    points: int
    dtype: np.dtype

    @property
    def auxiliary(self) -> Mapping[str, np.ndarray]:
        """What else moves, by name, as in an :class:`InitialState`: the arrays of the state itself."""
        ...

    @property
    def transforms(self) -> Transforms:
        """Transforms of arrays like ``field``."""
        ...

    @property
    def momentum(self) -> MomentumSpace:
        """Functions of the linear part."""
        ...

    def empty(self) -> np.ndarray:
        """Return an uninitialised field that can be transformed."""
        ...

    def rates(
        self,
        psi: np.ndarray,
        auxiliary: Mapping[str, np.ndarray],
        t: float,
        out: np.ndarray,
        out_auxiliary: Mapping[str, np.ndarray],
    ) -> None:
        """Write the local part of dpsi/dt, and the rates of what else moves, at time t; ``out`` may be psi."""
        ...

    def scratch(self, key: Hashable, make: Callable[[], T]) -> T:
        """Return what an integrator keeps between steps, made when first asked for."""
        ...


@dataclass(frozen=True)
class Integrator:
    """One step of size h from t. ``order`` is the order of its global error."""

    order: ClassVar[int]
    #: Substeps back in time, as fractions of the step.
    backward: ClassVar[float] = 0.0
    #: Whether it adds the noise of the engine; one that does not would integrate as if there were none.
    carries_noise: ClassVar[bool] = False

    def resonance(self, n: int) -> float:
        """Return how fast waves grow whose phase turns by n pi in a step (docs/howto/integrator.md).

        A part of the rate at which pairs are scattered into them; 1 where it is not known.
        """
        return 1.0

    def step(self, running: RunningState, t: float, h: float, first: bool) -> None:
        """Advance the state from t to t + h, up to what ``finish`` does."""
        raise NotImplementedError

    def finish(self, running: RunningState, h: float) -> None:
        """Complete the state after the last step of a row."""
