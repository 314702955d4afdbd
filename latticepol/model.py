"""The contract between models and what is done with them.

A model describes an equation; ``lp.evolve``, ``lp.sweep`` ... know of it what stands here, in a Protocol for each:

====================  =================================================================================================
Parametric            sweeps: parameters by name, copies with some of them changed
Evolvable             ``lp.evolve``: a start, a running state, frames
Linearisable          ``lp.bands``: the matrix of the linear motion, as a :class:`LinearProblem`
Stationary            ``lp.steady_state``, ``lp.bogoliubov``, what is about a state: residual, Newton's step
Periodic              ``lp.gap``, ``lp.chern``: the reciprocal cell
Cuttable              ``lp.ribbon``: a strip as a model of its own
====================  =================================================================================================

A class that derives from one inherits usual values, and cannot be made while something without one is missing.
``docs/developers/model.md`` shows a model in sixty lines; :mod:`latticepol.closed_forms` has what only some know.
"""

from abc import abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import ClassVar, Protocol, Self, TypeGuard

import numpy as np
import xarray as xr

from latticepol.border import Border
from latticepol.errors import kind
from latticepol.linear_problem import Growth as Growth
from latticepol.linear_problem import GrowthSearch as GrowthSearch
from latticepol.linear_problem import LinearProblem as LinearProblem
from latticepol.randomness import Rng
from latticepol.state import InitialState as InitialState
from latticepol.state import Integrator as Integrator
from latticepol.state import RunningState as RunningState
from latticepol.timing import Timing

#: Results before they are a Dataset: name -> (dims, array).
Arrays = Mapping[str, tuple[tuple[str, ...], object]]


class Parametric(Protocol):
    """Parameters by name."""

    @property
    @abstractmethod
    def units(self) -> Mapping[str, str] | None:
        """Names of the units used, ``{"time": "ps"}``; None: dimensionless."""
        ...

    @abstractmethod
    def parameters(self) -> dict[str, object]:
        """Return every parameter by name."""
        ...

    @abstractmethod
    def replace(self, **changes: object) -> Self:
        """Return a copy with some parameters changed; an unknown name is a TypeError."""
        ...

    @property
    def record(self) -> Mapping[str, object]:
        """The parameters as a Dataset keeps them."""
        return self.parameters()

    def batch(self, **values: np.ndarray) -> Self | None:
        """Return the same model with one value (B,) per element of a batch; None where a batch is not as many runs."""
        return None

    def axis_attributes(self, name: str) -> Mapping[str, str]:
        """Return ``units`` and ``long_name`` of a parameter that becomes an axis; {}: those of the table of variables.

        The table is ``latticepol.results.variables.VARIABLES``.
        """
        return {}

    @property
    def doors(self) -> str:
        """What there is for a model that is only Parametric, appended to the message where it is refused."""
        return ""


class Evolvable(Parametric, Protocol):
    """What ``lp.evolve`` needs."""

    @property
    @abstractmethod
    def state_shape(self) -> tuple[int, ...]:
        """Shape of psi without batch axes."""
        ...

    @abstractmethod
    def read_start(self, psi0: object) -> InitialState:
        """Return the start that the user gave: an array, a Dataset of which the last time counts, an InitialState.

        Raises
        ------
        TypeError, ValueError
            It does not fit the model.
        """
        ...

    @property
    def random_starts(self) -> Mapping[str, str]:
        """Names of starts that are drawn anew every time -> what to give where a start must be the same every time."""
        return {}

    def check_starts(self, names: Sequence[str]) -> None:
        """Raise ValueError for a name that no start has."""
        for name in names:
            raise ValueError(f"no start {name!r}; give an array of the shape {self.state_shape}")

    @abstractmethod
    def engine(self, start: InitialState, *, rng: Rng = None, threads: int | str = 1) -> RunningState:
        """Return the running state that begins at ``start``."""
        ...

    @abstractmethod
    def default_integrator(self, dt: float | None = None) -> Integrator:
        """Return the integrator that suits the model; ``dt`` is None for adaptive steps."""
        ...

    @abstractmethod
    def snapshot(self, now: InitialState, names: Sequence[str], *, seed: int) -> xr.Dataset:
        """Return the Dataset of the state at one time: the variables ``names`` along ``time`` of length 1, copied.

        Raises
        ------
        ValueError
            A name is not known.
        """
        ...

    @property
    def timing(self) -> Timing:
        """When its functions of time change."""
        return Timing()

    @property
    def noisy(self) -> bool:
        """Whether random numbers are drawn in a run."""
        return False

    @property
    def has_source(self) -> bool:
        """Whether something brings particles to an empty state: noise, a drive."""
        return True

    @property
    def may_not_end(self) -> str:
        """Why a run with steps of a given error may never end, and the remedy; "" where nothing grows without end."""
        return ""

    @property
    def divergence_hint(self) -> str:
        """What else to try where the state diverges, appended to the message."""
        return ""

    def check_step(
        self, start: InitialState, integrator: Integrator, dt: float, times: Sequence[float] = (0.0,)
    ) -> None:
        """Raise ValueError where a step cannot work at one of the times; warn of what no error estimate sees."""
        if self.noisy and not integrator.carries_noise:
            raise ValueError(f"{integrator} does not carry noise; a model with noise needs lp.Strang()")

    def check_adaptive(self, integrator: Integrator) -> None:
        """Raise ValueError where an error cannot be estimated, as with noise."""
        if self.noisy:
            raise ValueError("tol needs a smooth solution, which noise is not; give dt")

    def fingerprint_data(self, shape: tuple[int, ...], times: Sequence[float]) -> list[object]:
        """Return what the model computes for a state of this shape: a checkpoint of other numbers is refused."""
        return []


class Linearisable(Evolvable, Protocol):
    """What spectra need: the linear motion about the empty system, or about a stationary state."""

    @abstractmethod
    def linear_problem(
        self,
        psi: np.ndarray | None = None,
        mu: float = 0.0,
        *,
        losses: bool = True,
        basis: int | None = None,
        mesh: np.ndarray | None = None,
    ) -> LinearProblem:
        """Return the problem ``w x = L_k x`` about psi of frequency mu, or of the empty system where psi is None.

        Parameters
        ----------
        losses
            Of the empty system: False drops gain and losses.
        basis
            Of a model whose matrices are projected: the size of the basis.
        mesh
            Wavevectors (points, 2) at which vectors are compared: they must be periodic in k, and a basis must end
            where bands are apart there.
        """
        ...

    @abstractmethod
    def to_dataset(
        self, variables: Arrays, more: Mapping[str, object], *, title: str, **attributes: str | int | float
    ) -> xr.Dataset:
        """Return a Dataset of results, with the coordinates that belong to the model and its parameters."""
        ...


class Stationary(Linearisable, Protocol):
    """What ``lp.steady_state`` needs: states ``psi e^{-i mu t}``."""

    #: The start where none is given, and the residual to be reached.
    default_start: ClassVar[str]
    default_tol: ClassVar[float]

    @abstractmethod
    def start(self, name: str, rng: Rng = None) -> np.ndarray:
        """Return the start of this name, of ``state_shape``; ValueError for an unknown one."""
        ...

    @abstractmethod
    def stationary_residual(self, psi: np.ndarray, mu: float) -> np.ndarray:
        """Return F = i dpsi/dt - mu psi, 0 in a stationary state; a reservoir has followed psi."""
        ...

    @abstractmethod
    def newton_step(self, psi: np.ndarray, mu: float, F: np.ndarray, memory: list[object]) -> tuple[np.ndarray, float]:
        """Return the step (d, dmu) of Newton's method that makes F vanish to first order, with Im <psi, d> = 0.

        With a drive dmu = 0 and the phase is not free. ``memory`` is kept between the steps of one search.
        """
        ...

    def bordered_step(
        self, psi: np.ndarray, mu: float, F: np.ndarray, border: Border, memory: list[object]
    ) -> tuple[np.ndarray, float, float]:
        """Return the step (d, dmu, x) of the bordered equations."""
        return border.eliminated(*(self.newton_step(psi, mu, right, memory) for right in (F, border.column)))

    @abstractmethod
    def to_state(
        self, psi: np.ndarray | None, mu: float, residual: float, growth: Growth | None, **attributes: str | int | float
    ) -> xr.Dataset:
        """Return the Dataset of a stationary state; psi = None: of none (NaN); growth = None: not looked for."""
        ...

    @property
    def drive_frequency(self) -> float | None:
        """The frequency of a coherent drive, in whose frame a state is stationary; None without one: mu is unknown."""
        return None

    def check_stationary(self) -> None:
        """Raise ValueError where there is no stationary state, or many: functions of time, batch axes."""

    def check_tol(self, tol: float) -> None:
        """Raise ValueError where its precision cannot reach a residual."""
        return None

    def read_guess(self, psi0: object) -> InitialState:
        """Return what a search starts from: as :meth:`read_start`, or what can be brought to it."""
        return self.read_start(psi0)

    def without_noise(self) -> Self:
        """Return the same model without noise."""
        return self

    def with_steady_reservoir(self, psi: np.ndarray) -> InitialState:
        """Return the start of an evolution at psi, with the auxiliary fields that are steady at this psi."""
        return InitialState(psi)

    def relaxation_time(self, drawn: bool) -> float:
        """Return how long an evolution to a stationary state takes, from a start that was drawn or from another."""
        return 0.0

    def vacuum_growth(self) -> tuple[float, float]:
        """Return the largest Im w of the empty system at k = 0, and its error."""
        return float(self.linear_problem().spectrum(np.zeros((1, 2))).imag.max()), 0.0

    def gain_hint(self, rate: float) -> str:
        """Return what to raise so that the rate of an amplitude grows by more than this."""
        return f"by more than {2 * rate:.4g}"

    @property
    def convergence_hint(self) -> str:
        """What may keep an evolution from settling, and the remedy, appended to the message."""
        return ""

    def order_left(self, start: str, psi: np.ndarray) -> str:
        """Return a text where psi has another order than the named start from which it was searched for; else ""."""
        return ""


class Periodic(Linearisable, Protocol):
    """A model with a cell: what the empty lattice needs, and with Stationary also a state."""

    #: Plaquettes along each reciprocal vector on which topology is computed.
    default_plaquettes: ClassVar[int]

    @property
    @abstractmethod
    def reciprocal(self) -> np.ndarray:
        """Rows B1.. (d, 2) of the reciprocal cell, d = 0, 1 or 2."""
        ...


class Cuttable(Stationary, Periodic, Protocol):
    """A model from which ribbons are cut."""

    @abstractmethod
    def cut_ribbon(
        self, width: int, edge: str | tuple[int, int], *, compensated: bool, wall: float | None, pad: int, basis: int
    ) -> "Ribbon":
        """Return a ribbon, ``width`` cells across; see ``lp.ribbon`` for the rest."""
        ...


class Ribbon(Protocol):
    """A strip that was cut from a model."""

    @property
    def model(self) -> Cuttable:
        """The strip as a model of its own."""
        ...

    @property
    def along(self) -> np.ndarray:
        """Its vector (2,)."""
        ...

    @property
    def relaxes(self) -> bool:
        """Whether its state is to be searched for; otherwise the copy is exact."""
        ...

    @property
    def attributes(self) -> Mapping[str, str | int | float]:
        """What a result says about how it was cut."""
        ...

    def problem(self, psi: np.ndarray | None, mu: float, losses: bool) -> LinearProblem:
        """Return the linear motion about psi, or of the empty strip.

        Its growth rate may leave out the modes that a ribbon shows anyway.
        """
        ...

    def copied(self, psi: np.ndarray) -> np.ndarray:
        """Return a state of the model it was cut from, on the strip."""
        ...

    def starts(self, copied: np.ndarray) -> Iterable[np.ndarray]:
        """Return where else to start for its own state, likely ones first."""
        ...

    def edge_weights(self, problem: LinearProblem, right: np.ndarray, near: float) -> np.ndarray:
        """Return the shares (points, n, 2) of |u|^2 + |v|^2 near the right and the left edge of lifted vectors."""
        ...


def is_model(given: object) -> TypeGuard[Parametric]:
    """Return whether an object is a model; the one place where this is decided."""
    return not lacking(given, Parametric)


def evolves(given: object) -> TypeGuard[Evolvable]:
    """Return whether an object is a model that moves."""
    return not lacking(given, Evolvable)


def check_model(model: object, needed: type = Stationary, give: str = "a lp.Network or a lp.SpinorGPE") -> None:
    """Raise TypeError unless the model has everything of a Protocol; ``give`` is what else to give, for the message.

    Of a model, and of what has most members of the Protocol, the message names those that are missing.
    """
    missing = lacking(model, needed)
    if not isinstance(model, type):  # one that wraps a model may hand its members on
        missing = [name for name in missing if not hasattr(model, name)]
    if not missing:
        return
    protocol = f"{needed.__module__}.{needed.__name__}"
    more = f", or another model that has what {protocol} asks for"
    if is_model(model) and model.doors:
        more = f"; {model.doors}"
    elif is_model(model) or 2 * len(missing) < len(_members(needed)):
        more = f", or add what {protocol} asks for: {missing}"
    raise TypeError(f"model is {kind(model)}; give {give}{more}")


def lacking(given: object, protocol: type) -> list[str]:
    """Return what an object lacks of a Protocol; a class lacks everything that its instances have."""
    there = () if isinstance(given, type) else dir(given)  # which evaluates no properties
    return sorted(_members(protocol).difference(there))


@cache
def _members(protocol: type) -> frozenset[str]:
    """Return the public names of a Protocol and of those it extends."""
    named = (vars(one).keys() | vars(one).get("__annotations__", {}).keys() for one in protocol.__mro__)
    return frozenset(name for names in named for name in names if not name.startswith("_"))
