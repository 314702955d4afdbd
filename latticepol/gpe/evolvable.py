"""How a field moves: the part of a SpinorGPE that ``lp.evolve`` asks for."""

from collections.abc import Mapping, Sequence
from functools import cached_property, partial
from typing import Any, ClassVar

import numpy as np
import xarray as xr

from latticepol.arrays import LABELS, read_array, read_number
from latticepol.gpe import aliases, output, starts
from latticepol.gpe.equation import Equation, derivatives
from latticepol.gpe.profiles.envelopes import reads
from latticepol.gpe.stepping import limits, momentum
from latticepol.gpe.stepping.engine import RESERVOIR, Engine
from latticepol.gpe.stepping.engine_gpu import ArrayEngine
from latticepol.gpe.terms.base import Term
from latticepol.grid import Grid
from latticepol.model import Cuttable
from latticepol.numerics import fft
from latticepol.randomness import Rng
from latticepol.results.saved import Saved, Table
from latticepol.state import InitialState
from latticepol.timestepping.compositions import BlanesMoan, Integrator, Strang
from latticepol.timestepping.exponential import ETDRK4
from latticepol.timing import Timing, together

#: Where the time is among the arguments of Term.action.
TIME_ARGUMENT = 4
#: Why a field may have no stationary state.
UNSATURATED = "no term saturates the gain; give lp.Gain(W, Gamma, eta) an eta > 0"


class EvolvableField(Saved, Cuttable):
    """Grid and terms, their equation and its motion; see :class:`latticepol.model.Evolvable`."""

    grid: Grid
    terms: tuple[Term, ...]
    dtype: str
    units: Mapping[str, str] | None
    device: str
    planning: fft.Planning
    frame_title: ClassVar[str] = "spinor field"
    frame_function: ClassVar[str] = " such as lp.density"
    start_names: ClassVar[tuple[str, ...]] = ("noise",)

    @cached_property
    def equation(self) -> Equation:
        """The local coefficients of all terms on the grid."""
        return Equation.of(self.terms, self.grid)

    @property
    def state_shape(self) -> tuple[int, int, int]:
        """(2, ny, nx), (spin, y, x)."""
        return 2, *self.grid.shape

    def default_integrator(self, dt: float | None = None) -> Integrator:
        """Return Strang with noise, otherwise Blanes-Moan; ETDRK4 where steps back in time would amplify a damping too
        much.

        Without ``dt`` any momentum damping and any absorbing layer counts as too much.
        """
        if self.equation.noisy:
            return Strang()
        if not any(term.irreversible for term in self.terms):
            return BlanesMoan()
        mild = dt is not None and dt <= limits.longest_backward(self, BlanesMoan())
        return BlanesMoan() if mild else ETDRK4()

    def rhs(self, psi: np.ndarray, t: float = 0.0, n: np.ndarray | None = None) -> tuple[np.ndarray, np.ndarray]:
        """Return dpsi/dt and dn/dt of the whole equation without noise; psi (..., 2, ny, nx), dn/dt empty without
        reservoir."""
        engine = Engine(self, *starts.fitting(self, psi, n), np.random.default_rng(0))
        out, out_n = np.empty_like(engine.psi), np.empty_like(engine.n)
        engine.rates(engine.psi, engine.auxiliary, read_number("t", t), out, {RESERVOIR: out_n})
        (pp, pm), (mp, mm) = momentum.matrix(self.terms, aliases.of_grid(self.grid))
        engine.transforms.forward(engine.field)
        plus, minus = engine.field[..., 0, :, :].copy(), engine.field[..., 1, :, :].copy()
        engine.field[..., 0, :, :] = -1j * (pp * plus + pm * minus)
        engine.field[..., 1, :, :] = -1j * (mp * plus + mm * minus)
        engine.transforms.backward(engine.field)
        shape = engine.shape
        return out.reshape(shape) + engine.field / engine.points, out_n.reshape(shape) if out_n.size else out_n

    def derivatives(
        self, psi: np.ndarray, t: float = 0.0, n: np.ndarray | float = 0.0
    ) -> tuple[np.ndarray, np.ndarray]:
        """Return A = dG/dpsi and B = dG/dpsi^* of the local part G of i dpsi/dt, each (..., 2, 2, ny, nx)."""
        psi, _ = starts.fitting(self, psi, None)
        n = read_array("n", n, dims=output.FIELD)
        if n.shape not in ((), psi.shape):
            raise ValueError(
                f"n has shape {n.shape}; give a number, or the density of a reservoir like psi, {psi.shape}"
            )
        return derivatives(self.equation, psi, read_number("t", t), n)

    def read_start(self, psi0: object) -> InitialState:
        """Return the start given as an array, a DataArray, a pair (psi, n), or the last time of a Dataset.

        Raises
        ------
        ValueError
            Its dimensions, coordinates or spins are not those of a field on the grid, or n is negative.
        TypeError
            It holds no numbers.
        """
        return starts.read(self, psi0)

    def engine(self, start: InitialState, *, rng: Rng = None, threads: int | str = 1) -> Engine:
        """Return the running state that begins at ``start``.

        Raises
        ------
        ValueError
            psi or the reservoir does not fit the grid or is not finite.
        """
        psi, n = starts.fitting(self, start.psi, start.auxiliary.get(RESERVOIR))
        generator = np.random.default_rng(rng)
        if self.device == "cuda":
            return ArrayEngine(self, psi, n, generator, fft.cuda())
        return Engine(self, psi, n, generator, threads)

    def snapshot(self, now: InitialState, names: Sequence[str], *, seed: int) -> xr.Dataset:
        """Return the Dataset of one time; with psi there is the density of the reservoir too."""
        return super().snapshot(
            now, [*names, *([RESERVOIR] if "psi" in names and self.equation.reservoir else [])], seed=seed
        )

    @property
    def saved_variables(self) -> Table:
        """What can be saved of a state, :data:`latticepol.gpe.output.VARIABLES`."""
        return {name: (inner, partial(function, self)) for name, (inner, function) in output.VARIABLES.items()}

    @property
    def coordinates(self) -> dict[str, Any]:
        """Spin, and x and y of the grid."""
        return {"spin": np.array(LABELS["spin"]), **self.grid.coords}

    @cached_property
    def timing(self) -> Timing:
        """When its functions of time change."""
        known = together(value.timing(name) for name, value in self.equation.coefficients.items())
        actions = [type(term).__name__ for term in self.equation.actions if reads(type(term).action, TIME_ARGUMENT)]
        return known | Timing(unknown=tuple(f"{name}.action" for name in actions))

    @property
    def noisy(self) -> bool:
        """Whether there is noise."""
        return self.equation.noisy

    @property
    def has_source(self) -> bool:
        """Whether something may bring particles to an empty field: noise, a drive, an action."""
        return self.equation.noisy or "F" in self.equation.coefficients or bool(self.equation.actions)

    @property
    def _unsaturated(self) -> bool:
        """Whether there is a gain that nothing saturates."""
        equation = self.equation
        gain, loss = equation.coefficients.get("W"), equation.value("Gamma", 0.0)
        limited = equation.reservoir or equation.actions or np.any(equation.value("eta", 0.0))
        return gain is not None and not limited and bool(np.max(gain.on() - loss) > 0)

    @property
    def divergence_hint(self) -> str:
        """What stops a growth without end; "" where something saturates the gain."""
        return f", or stop the growth: {UNSATURATED}" if self._unsaturated else ""

    @property
    def may_not_end(self) -> str:
        """Where the frequency grows with a density that nothing limits, steps that keep to an error shrink for ever."""
        interacting = any(np.any(self.equation.value(name, 0.0)) for name in ("alpha1", "alpha2"))
        return UNSATURATED if self._unsaturated and interacting else ""

    def check_step(
        self, start: InitialState, integrator: Integrator, dt: float, times: Sequence[float] = (0.0,)
    ) -> None:
        """Refuse a step that cannot work at one of the ``times``; see :mod:`latticepol.gpe.stepping.limits`."""
        super().check_step(start, integrator, dt, times)
        limits.check_step(self, starts.fitting(self, start.psi, None)[0], integrator, dt, times)

    def fingerprint_data(self, shape: tuple[int, ...], times: Sequence[float]) -> list[object]:
        """Return what the terms do on the grid to a field of the given shape, for the comparison with a checkpoint."""
        given = self.equation.coefficients
        values: list[Any] = [(name, given[name].steady) for name in sorted(given)]
        values += [(name, _attempt(given[name].at, t)) for name in sorted(given) if given[name].moving for t in times]
        values += [("H(k)", term.k_matrix(*self.grid.wavevectors)) for term in self.terms]
        if self.equation.actions:
            real, imaginary = np.random.default_rng(0).standard_normal((2, *shape))
            arguments = (real + 1j * imaginary, *self.grid.points)
            values += [
                ("action", _attempt(term.action, *arguments, t)) for term in self.equation.actions for t in times
            ]
        return values


def _attempt(function: Any, *arguments: object) -> Any:
    """Return the value, or the name of the error where a function of time is not made for that time."""
    try:
        with np.errstate(all="ignore"):
            return function(*arguments)
    except Exception as error:
        return type(error).__name__
