"""SpinorGPE: a grid and a list of terms make a model."""

import warnings
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, fields, replace
from functools import cached_property
from typing import Any, ClassVar, Literal, Self

import numpy as np
import xarray as xr

from latticepol import fft
from latticepol.arrays import read_array, read_choice, read_number, shape_of
from latticepol.dataset import check_units, derived_units
from latticepol.errors import kind
from latticepol.gpe import aliases, excitations, limits, momentum, output, starts, still, supercell, tangent
from latticepol.gpe.array_engine import ArrayEngine
from latticepol.gpe.bloch import BlochMatrix
from latticepol.gpe.engine import Engine
from latticepol.gpe.envelopes import Timing, reads, together
from latticepol.gpe.equation import Equation, derivatives
from latticepol.gpe.exponential import ETDRK4
from latticepol.gpe.integrators import BlanesMoan, Integrator, Strang
from latticepol.gpe.labelled import labelled
from latticepol.gpe.linearised import reservoir_at
from latticepol.gpe.printing import tree
from latticepol.gpe.terms.base import Term, changed, check_hooks, kinds, parameters, show, with_numbers
from latticepol.grid import Grid
from latticepol.lattice.derived import cell_matrix
from latticepol.randomness import Rng, seeded
from latticepol.units.limits import unlikely

#: Arrays up to this size are written out in the record of a Dataset.
LARGEST_RECORD = 64
#: Amplitude of the start "noise" relative to where the gain saturates; times of growth that a relaxation may take.
SMALL, LONG = 0.1, 100.0
#: Axes that a number needs behind that of a batch: points, and spins where a profile may differ between them.
POINTS, SPINS_AND_POINTS = (1, 1), (1, 1, 1)
BATCHED = {
    **dict.fromkeys(("mass", "nu", "epsilon", "gamma", "beta", "Delta", "W", "Gamma", "eta"), POINTS),
    **dict.fromkeys(("alpha1", "alpha2", "R", "Gamma_R", "g_R", "g_cross", "tau_s"), POINTS),
    **dict.fromkeys(("W_scale", "P_scale", "F_scale", "V_scale", "Delta_scale"), POINTS),
    **dict.fromkeys(("V", "P", "F"), SPINS_AND_POINTS),
}

#: Where the time is among the arguments of Term.action.
TIME = 4
#: Why a field may have no stationary state.
UNSATURATED = "no term saturates the gain; give lp.Gain(W, Gamma, eta) an eta > 0"


@dataclass(frozen=True, repr=False, eq=False)
class SpinorGPE:
    """The spinor Gross-Pitaevskii equation on a grid: the sum of its terms (docs/physics.md, section 1).

    Parameters
    ----------
    grid
        Where.
    terms
        What: any of ``lp.Kinetic``, ``TETM``, ``Splitting``, ``Zeeman``, ``Potential``, ``Gain``, ``Interaction``,
        ``Reservoir``, ``Drive``, ``Absorber``, ``WignerNoise``, or one's own. Terms of the same kind add.
    dtype
        "complex128" or "complex64", whose numbers are rounded to 6e-8. What the transforms lose in every step alike is
        measured and put back: |psi|^2 drifts by less than 4e-8 of it per round trip (one in a step of Strang, six of
        Blanes-Moan), to no side. Where all points hold the same number (a uniform field, a uniform V or W) all are
        rounded alike, by up to 1.2e-7 of |psi|^2, since the complex64 nearest to a phase factor may have a modulus that
        is off by 6e-8; so are the tables of ETDRK4, which loses or gains up to 2e-7 in a step.
    units
        Names of the units used, for example ``{"time": "ps", "length": "um"}``, which is ``lp.units.PS_UM``; None:
        dimensionless. With units, numbers of terms may be texts, ``lp.Kinetic("5e-5 m_e")``: ``terms`` holds the
        numbers that they are in these units. A number far from what any cavity has is warned of.
    device
        Where ``lp.evolve`` works: "cpu", or "cuda", a GPU through CuPy (``pip install latticepol[cuda12]``). It is no
        parameter of the physics: a checkpoint of one continues on the other. With noise a resumed run of a GPU draws
        other numbers than an uninterrupted one.
    planning
        How long FFTW looks for a plan on a CPU, once for each shape: "measure" for a second, "patient" for seconds
        (256^2) to a minute (1024^2), which makes steps faster by a seventh. No parameter of the physics either.

    Raises
    ------
    TypeError
        grid is no Grid, or terms is no list of terms.
    ValueError
        A profile does not fit the grid, a parameter is out of range, two terms exclude each other, or a text with a
        unit has the wrong dimension or meets a model without units.
    RuntimeError
        device is "cuda", and there is no CuPy or no GPU.
    """

    grid: Grid
    terms: tuple[Term, ...]
    dtype: Literal["complex128", "complex64"] = "complex128"
    units: Mapping[str, str] | None = None
    device: Literal["cpu", "cuda"] = "cpu"
    planning: fft.Planning = "measure"

    def __post_init__(self) -> None:
        if not isinstance(self.grid, Grid):
            raise TypeError(f"grid is {kind(self.grid)}; give SpinorGPE(grid, terms) with a lp.Grid first")
        if isinstance(self.terms, Term):
            raise TypeError(f"terms is the single term {self.terms!r}; give a list, [{self.terms!r}]")
        if not isinstance(self.terms, Iterable) or shape_of(self.terms) == ():
            raise TypeError(f"terms is {kind(self.terms)}; give a list of terms, for example [lp.Kinetic(1.0)]")
        object.__setattr__(self, "terms", tuple(self.terms))
        strangers = [term for term in self.terms if not isinstance(term, Term)]
        if strangers:
            raise TypeError(f"{strangers[0]!r} is not a term; derive its class from lp.Term")
        check_units(self.units)
        object.__setattr__(self, "terms", tuple(with_numbers(term, self.units) for term in self.terms))
        for term in self.terms:
            check_hooks(term, self.grid)
        precision = getattr(self.dtype, "__name__", None) or getattr(self.dtype, "name", None) or self.dtype
        object.__setattr__(self, "dtype", read_choice("dtype", precision, ("complex128", "complex64")))
        momentum.check_finite(self.terms, self.grid)
        fft.check_planning(self.planning)
        if read_choice("device", self.device, ("cpu", "cuda")) == "cuda":
            fft.cuda()  # says what is missing
        self._check_coordinates()
        self.equation  # noqa: B018 - samples every profile, so that mistakes show here
        for term in self.terms:
            for text in unlikely(kinds(term), parameters(term), self.units):
                warnings.warn(text, stacklevel=3)

    def _check_coordinates(self) -> None:
        """Lengths of DataArrays and of the model in one unit."""
        length = (derived_units(self.units) or {}).get("length")
        for term in self.terms:
            for name in _names(term):
                for given in labelled(getattr(term, name)):
                    given.check_units(name, length)

    @cached_property
    def equation(self) -> Equation:
        """The local coefficients of all terms on the grid."""
        return Equation.of(self.terms, self.grid)

    def replace(self, **changes: Any) -> Self:
        """Return a copy with some parameters changed: its own, or those of the one term that owns the name.

        A number in the place of a pattern, ``replace(P=2.0)`` over a spot, is warned of: it is the same everywhere. The
        power of the pattern is ``P_scale`` (``W_scale``, ``F_scale``, ``V_scale``, ``Delta_scale``).

        Raises
        ------
        TypeError
            No term or more than one owns a name.
        """
        own = {field.name for field in fields(self)}
        terms = list(changes.get("terms", self.terms))
        of_terms: dict[int, dict[str, Any]] = {}
        for name in [name for name in changes if name not in own]:
            owners = [i for i, term in enumerate(terms) if name in _names(term)]
            if len(owners) != 1:
                raise TypeError(self._ownership(name, terms, owners))
            of_terms.setdefault(owners[0], {})[name] = changes[name]
        for i, values in of_terms.items():
            terms[i] = changed(terms[i], values, changes.get("grid", self.grid))
        return replace(self, **{name: changes[name] for name in changes if name in own} | {"terms": tuple(terms)})

    def batch(self, **values: np.ndarray) -> Self | None:
        """The same equation with one value (B,) per element of a batch; None where a batch is not as many runs.

        The noise of a batch is drawn together, and what a term of one's own does with arrays is not known.
        """
        strange = [term for term in self.terms if not type(term).__module__.startswith("latticepol.")]
        if self.equation.noisy or strange or not set(values) <= set(BATCHED):
            return None
        return self.replace(**{name: np.reshape(value, (-1, *BATCHED[name])) for name, value in values.items()})

    @property
    def state_shape(self) -> tuple[int, int, int]:
        """(2, ny, nx), (spin, y, x)."""
        return 2, *self.grid.shape

    def _ownership(self, name: str, terms: Sequence[Term], owners: Sequence[int]) -> str:
        if owners:
            own = ", ".join(f"terms[{i}] ({type(terms[i]).__name__})" for i in owners)
            return (
                f"{name!r} is ambiguous: {own} own it; change one of them, terms = list(model.terms); "
                f"terms[{owners[0]}] = dataclasses.replace(terms[{owners[0]}], {name}=...), and give "
                "model.replace(terms=terms)"
            )
        known = sorted({n for term in self.terms for n in _names(term)} | {f.name for f in fields(self)})
        return f"SpinorGPE has no parameter {name!r}; it has {known}"

    def parameters(self) -> dict[str, Any]:
        """Every parameter by name: "Kinetic.mass", "Potential[3].V" where there are several of a kind."""
        record: dict[str, Any] = {"grid": asdict(self.grid), "dtype": self.dtype}
        for i, term in enumerate(self.terms):
            twins = sum(type(other) is type(term) for other in self.terms) > 1
            prefix = type(term).__name__ + (f"[{i}]" if twins else "")
            record |= {f"{prefix}.{name}": value for name, value in parameters(term).items()} or {prefix: True}
        return record

    @cached_property
    def record(self) -> dict[str, Any]:
        """The parameters as a Dataset keeps them: numbers, and large arrays by shape and range."""
        return {
            name: value if np.size(value) <= LARGEST_RECORD and not callable(value) else show(value)
            for name, value in self.parameters().items()
        }

    def default_integrator(self, dt: float | None = None) -> Integrator:
        """Strang with noise, otherwise Blanes-Moan; ETDRK4 where steps back in time would amplify a damping too much.

        Without ``dt`` any momentum damping and any absorbing layer counts as too much.
        """
        if self.equation.noisy:
            return Strang()
        if not any(term.irreversible for term in self.terms):
            return BlanesMoan()
        mild = dt is not None and dt <= limits.longest_backward(self, BlanesMoan())
        return BlanesMoan() if mild else ETDRK4()

    def k_matrix(self, k: np.ndarray) -> np.ndarray:
        """Return H(k), shape (..., 2, 2), at Cartesian wavevectors (..., 2).

        Raises
        ------
        ValueError
            k is not (..., 2), or not finite.
        """
        k = read_array("k", k, dims=("axis",), need="Cartesian wavevectors (..., 2)")
        if k.shape[-1:] != (2,):
            raise ValueError(f"k has shape {k.shape}, need (..., 2): Cartesian wavevectors")
        h = momentum.stacked(self.terms, [(np.atleast_2d(k[..., 0]), np.atleast_2d(k[..., 1]))])
        return h.reshape(*k.shape[:-1], 2, 2)

    def rhs(self, psi: np.ndarray, t: float = 0.0, n: np.ndarray | None = None) -> tuple[np.ndarray, np.ndarray]:
        """dpsi/dt and dn/dt of the whole equation without noise; psi (..., 2, ny, nx), dn/dt empty without
        reservoir."""
        engine = Engine(self, *starts.fitting(self, psi, n), np.random.default_rng(0))
        out, out_n = np.empty_like(engine.psi), np.empty_like(engine.n)
        engine.rates(engine.psi, engine.n, read_number("t", t), out, out_n)
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
        """A = dG/dpsi and B = dG/dpsi^* of the local part G of i dpsi/dt, each (..., 2, 2, ny, nx)."""
        psi, _ = starts.fitting(self, psi, None)
        n = read_array("n", n, dims=output.FIELD)
        if n.shape not in ((), psi.shape):
            raise ValueError(
                f"n has shape {n.shape}; give a number, or the density of a reservoir like psi, {psi.shape}"
            )
        return derivatives(self.equation, psi, read_number("t", t), n)

    def supercell(self, counts: int | Sequence[Any]) -> Self:
        """The same model on a larger cell, with the same points.

        Arrays (..., ny, nx) are copied, numbers stay, functions and pumps are evaluated on the larger grid, where they
        must be periodic. ``tile`` does it for a field or a state.

        Parameters
        ----------
        counts
            (n_1, n_2), or one number for both directions, or an integer matrix (2, 2) whose rows are the new vectors in
            units of A1 and A2, with a positive determinant.

        Raises
        ------
        ValueError
            The counts give no cell; the points of the small cells are none of a grid along the new vectors; a function
            or a pump is not the same in every cell.

        Notes
        -----
        With n1, n2 points in the small cell there are ``N_i = gcd(M_i1 n1, M_i2 n2)`` along row i of the matrix M, and
        ``N_1 N_2 = n1 n2 det M`` is needed. It always holds for (n_1, n_2); [[1, 0], [-1, 2]], which makes a rectangle
        of a hexagonal cell, takes twice as many points along A1 as along A2.
        """
        matrix = cell_matrix(counts, 2)
        grid = supercell.larger(self.grid, matrix)
        where = grid.places(self.grid)
        large = self.replace(grid=grid, terms=supercell.tiled_terms(self.terms, self.grid, where))
        supercell.check_periodic(self, large, where)
        return large

    def tile(self, state: Any, counts: int | Sequence[Any]) -> Any:
        """A field of this model on the cell of ``supercell(counts)``, where it is as stationary as it was: both cells
        have the same H (docs/physics.md, section 1).

        Parameters
        ----------
        state
            An array (..., ny, nx), or what ``lp.steady_state`` returns.
        counts
            As for :meth:`supercell`.

        Returns
        -------
        np.ndarray or xarray.Dataset
            An array of an array; of a state one with the same mu, residual, growth rate and phase mode: all wavevectors
            of the small cell, over which the growth rate was searched for, are those of the large one too.

        Raises
        ------
        ValueError
            As for :meth:`supercell`, or the state does not fit the grid.
        TypeError
            A Dataset that holds no stationary state.
        """
        where = supercell.larger(self.grid, cell_matrix(counts, 2)).places(self.grid)
        if not isinstance(state, xr.Dataset):
            values = read_array("the field", state, real=False, finite=False, dims=output.FIELD[1:])
            if values.shape[-2:] != self.grid.shape:
                raise ValueError(
                    f"the field has shape {values.shape}, need (..., *{self.grid.shape}), that of the cell"
                )
            return values[..., where[0], where[1]]
        names = ("mu", "residual", "growth_rate", "phase_mode")
        if not set(names) <= set(state.variables):
            raise TypeError("state is no stationary state, as lp.steady_state returns it; give its psi.values")
        psi, n, _, several = self.read(state)
        if several:
            raise ValueError(f"state holds several states along {several}; choose one with .sel(...)")
        numbers = {name: float(state[name]) for name in names}
        psi, n = psi[..., where[0], where[1]], None if n is None else n[..., where[0], where[1]]
        kept = {name: state.attrs[name] for name in ("status", "message") if name in state.attrs}
        return output.stationary(self.supercell(counts), psi, n, numbers, **kept)

    # What spectra ask for.

    @property
    def reciprocal(self) -> np.ndarray:
        """Rows B1 and B2 of the reciprocal cell."""
        return self.grid.reciprocal

    def empty(self, losses: bool, basis: int | None = excitations.BASIS) -> BlochMatrix:
        """The matrix H_k of the empty cell, in ``basis`` scalar Bloch modes (None: in all plane waves)."""
        self.check_stationary()
        return excitations.empty(self.quiet(), losses, basis)

    def bogoliubov(self, psi: np.ndarray, mu: float, basis: int | None = excitations.BASIS) -> BlochMatrix:
        """The matrix L_k about the stationary field psi (2, ny, nx) of frequency mu."""
        self.check_stationary()
        psi, _ = starts.fitting(self, psi, None)
        if psi.ndim > 3:
            raise ValueError(f"psi has shape {psi.shape}, need {self.state_shape}: one stationary field")
        return excitations.bogoliubov(self.quiet(), psi, read_number("mu", mu), basis)

    # What lp.steady_state asks for.

    usual_start: ClassVar[str] = "noise"
    residual: ClassVar[float] = 1e-10

    @property
    def drive_frequency(self) -> float | None:
        """omega of the coherent drive, in whose frame a stationary state is written; None without one."""
        return still.drive_frequency(self)

    def check_stationary(self) -> None:
        """Refuse a model that has no stationary state, or many: functions of time, batch axes."""
        still.check(self)

    def order_left(self, start: str, psi: np.ndarray) -> str:
        """The starts of a field are not named after an order."""
        return ""

    def check_starts(self, names: Sequence[str]) -> None:
        """Refuse names of starts that are not known."""
        for name in names:
            if name != "noise":
                raise ValueError(f"no start {name!r} of a field; give 'noise', or an array {(2, *self.grid.shape)}")

    def start(self, name: str, rng: Rng = None) -> np.ndarray:
        """The start "noise": a random field (2, ny, nx) of the waves that the potential and the gain can hold.

        Its mean S is 0.02 of (W - Gamma)/eta (of the largest W, without saturation 0.02), where the gain saturates. The
        same ``rng`` draws the same field.
        """
        self.check_starts([name])
        eta = float(np.max(self.equation.value("eta", 0.0)))
        size = SMALL * np.sqrt(self._net_gain() / eta if eta > 0 else 1.0)
        white = seeded(rng)[0].standard_normal((2, *self.grid.shape, 2)).view(complex)[..., 0]
        kinetic = np.einsum("yxss->yx", momentum.stacked(self.terms, aliases.of_grid(self.grid))).real / 2
        V = excitations.linear(self, np.zeros_like(white))[1]
        long = kinetic - kinetic.min() <= np.ptp(V) + self._net_gain()
        return size / np.sqrt(long.mean()) * np.fft.ifft2(long * np.fft.fft2(white))

    def vacuum_growth(self) -> tuple[float, float]:
        """The largest Im w of the empty cell at k = 0, and its error."""
        return excitations.vacuum_growth(self)

    def more_gain(self, rate: float) -> str:
        """What to raise so that the rate of an amplitude grows by more than this.

        A reservoir P more at every point, on both spins, holds P/Gamma_R more, which adds R/2 times that.
        """
        value = self.equation.value
        if self.equation.reservoir:
            P = 2 * rate * float(np.max(value("Gamma_R", 0.0)) / np.max(value("R", 0.0)))
            return f"P of lp.Reservoir everywhere, by more than {P:.4g}"
        if "W" not in self.equation.coefficients:
            return f"adding lp.Gain(W, Gamma, eta), by more than {2 * rate:.4g}"
        return f"W of lp.Gain everywhere, by more than {2 * rate:.4g}"

    def relaxation(self, drawn: bool) -> float:
        """How long it takes to a stationary state, in units of the slowest of usual rates."""
        return LONG / self._net_gain()

    @property
    def unrest(self) -> str:
        """What may keep it from settling, and the remedy."""
        if self.unsaturated:
            return f"; {UNSATURATED}"
        loss = np.einsum("yxss->yx", momentum.damping(self.terms, aliases.of_grid(self.grid)))
        return (
            ""
            if np.any(loss != loss[0, 0])
            else "; without momentum damping, lp.Kinetic(nu=...), high bands may grow too"
        )

    @property
    def unsaturated(self) -> str:
        """Why the field may grow without end, and the remedy; "" where something saturates its gain."""
        equation = self.equation
        gain, loss = equation.coefficients.get("W"), equation.value("Gamma", 0.0)
        limited = equation.reservoir or equation.actions or np.any(equation.value("eta", 0.0))
        if gain is None or limited or np.max(gain.on() - loss) <= 0:
            return ""
        return f", or stop the growth: {UNSATURATED}"

    @property
    def interacting(self) -> bool:
        """Whether the frequency depends on the density."""
        return any(np.any(self.equation.value(name, 0.0)) for name in ("alpha1", "alpha2"))

    @property
    def noisy(self) -> bool:
        """Whether there is noise."""
        return self.equation.noisy

    @property
    def fed(self) -> bool:
        """Whether something may bring particles to an empty field: noise, a drive, an action."""
        return self.equation.noisy or "F" in self.equation.coefficients or bool(self.equation.actions)

    def quiet(self) -> Self:
        """The same model without noise."""
        noisy = [term for term in self.terms if "vacuum" in term.local(self.grid)]
        return self.replace(terms=[term for term in self.terms if term not in noisy]) if noisy else self

    def beside(self, psi: np.ndarray) -> Any:
        """What an evolution starts from: psi, with the reservoir that belongs to it."""
        n = reservoir_at(self.equation, psi)
        return psi if n is None else (psi, n)

    def begin(self, psi0: Any) -> tuple[np.ndarray, np.ndarray | None, float, tuple[str, ...]]:
        """What a search starts from; as :meth:`read`, with a Dataset on another grid of the same cell interpolated."""
        return starts.begin(self, psi0)

    def imbalance(self, psi: np.ndarray, mu: float) -> np.ndarray:
        """F = i dpsi/dt - mu psi, 0 in a stationary state, beside the reservoir that belongs to psi."""
        return 1j * self.rhs(psi, 0.0, reservoir_at(self.equation, psi))[0] - mu * psi

    def corrector(self) -> Callable[[np.ndarray, float, np.ndarray], tuple[np.ndarray, float]]:
        """The steps (d, dmu) of Newton's method, a function of (psi, mu, F)."""
        driven = self.drive_frequency is not None
        recycled: list[Any] = []

        def step(psi: np.ndarray, mu: float, F: np.ndarray) -> tuple[np.ndarray, float]:
            there = excitations.local(self, psi).eliminated()
            return tangent.correction(self, there, psi, mu, F, driven, recycled)

        return step

    def stationary(
        self, psi: np.ndarray | None, mu: float, residual: float, *, stability: bool = True, **attributes: Any
    ) -> xr.Dataset:
        """The Dataset of a stationary state, with or without its growth rate; psi = None: of none."""
        numbers, n = {"mu": mu, "residual": residual, "growth_rate": np.nan, "phase_mode": np.nan}, None
        if psi is None:
            psi = np.full((2, *self.grid.shape), np.nan + 0j)
            n = psi.real if self.equation.reservoir else None
        else:
            n = reservoir_at(self.equation, psi)
        # about what is not stationary a rate means nothing, and takes long
        failed = attributes.get("status") == "failed"
        if stability and not failed:
            driven, gain = self.drive_frequency is not None, self._net_gain()
            found = excitations.growth_rate(self.quiet(), psi, mu, driven, gain)
            numbers |= {"growth_rate": found.rate, "phase_mode": found.phase_mode}
            attributes |= {} if found.basis is None else {"basis": found.basis}
        state = output.stationary(self, psi, n, numbers, **attributes)
        known = stability and (failed or not np.isnan(numbers["growth_rate"]))
        return state if known else state.drop_vars("stable")

    def wrapped(self, variables: dict[str, Any], more: dict[str, Any], *, title: str, **attributes: Any) -> xr.Dataset:
        """A Dataset of results, with the coordinates of the grid where they are needed and the parameters."""
        return output.wrapped(self, variables, more, title=title, **attributes)

    def _net_gain(self) -> float:
        """The largest W - Gamma, with the gain of a reservoir beside no field; the largest loss without gain, 1 without
        both."""
        value = self.equation.value
        w = value("W", 0.0) - value("Gamma", 0.0)
        n = reservoir_at(self.equation, np.zeros((2, *self.grid.shape)))
        w = w if n is None else w + value("R", 0.0) * n
        return float(w.max() if w.max() > 0 else np.abs(w).max()) or 1.0

    def engine(self, psi: np.ndarray, n: np.ndarray | None = None, *, rng: Any = None, threads: Any = 1) -> Engine:
        """The running state that starts from psi (and n).

        Raises
        ------
        ValueError
            psi or n does not fit the grid or is not finite.
        """
        psi, n = starts.fitting(self, psi, n)
        rng = np.random.default_rng(rng)
        if self.device == "cuda":
            return ArrayEngine(self, psi, n, rng, fft.cuda())
        return Engine(self, psi, n, rng, threads)

    def read(self, psi0: Any) -> tuple[np.ndarray, np.ndarray | None, float, tuple[str, ...]]:
        """(psi, n, t, batch dimensions) of an array, a DataArray, a pair (psi, n), or the last time of a Dataset.

        Raises
        ------
        ValueError
            Its dimensions, coordinates or spins are not those of a field on the grid, or n is negative.
        TypeError
            It holds no numbers.
        """
        return starts.read(self, psi0)

    def frame(self, engine: Engine, t: float, names: Sequence[str], dims: tuple[str, ...], seed: int) -> xr.Dataset:
        """The Dataset of the state at time t; see :data:`latticepol.gpe.output.VARIABLES` for the names."""
        return output.frame(engine, t, names, dims, seed)

    @cached_property
    def timing(self) -> Timing:
        """When its functions of time change."""
        known = together(value.timing(name) for name, value in self.equation.coefficients.items())
        actions = [type(term).__name__ for term in self.equation.actions if reads(type(term).action, TIME)]
        return known | Timing(unknown=tuple(f"{name}.action" for name in actions))

    def check_adaptive(self, integrator: Integrator) -> None:
        """Refuse to estimate errors of a noisy evolution.

        Raises
        ------
        ValueError
            There is noise.
        """
        if self.equation.noisy:
            raise ValueError("tol needs a smooth solution, which noise is not; give dt")

    def check_step(self, engine: Engine, integrator: Integrator, dt: float, times: Sequence[float] = (0.0,)) -> None:
        """Refuse a step that cannot work at one of the ``times``; see :mod:`latticepol.gpe.limits`."""
        limits.check_step(engine, integrator, dt, times)

    def computed(self, shape: tuple[int, ...], times: Sequence[float]) -> list[Any]:
        """What the terms do on the grid to a field of the given shape, for the comparison with a checkpoint."""
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

    def __repr__(self) -> str:
        rows = [(repr(self.grid), "")]
        rows += [(repr(term), term.formula) for term in self.terms]
        choice = repr(self.default_integrator())
        if choice == "ETDRK4()":
            choice += f", BlanesMoan() up to dt = {limits.longest_backward(self, BlanesMoan()):.3g}"
        head = f"SpinorGPE, {self.dtype}" + ", cuda" * (self.device == "cuda")
        return tree(head, rows, f"default integrator: {choice}")


def _names(term: Term) -> list[str]:
    return [field.name for field in fields(term)]


def _attempt(function: Any, *arguments: Any) -> Any:
    """The value, or the name of the error where a function of time is not made for that time."""
    try:
        with np.errstate(all="ignore"):
            return function(*arguments)
    except Exception as error:
        return type(error).__name__
