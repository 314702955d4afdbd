"""SpinorGPE: a grid and a list of terms make a model."""

import warnings
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, fields, replace
from functools import cached_property
from typing import Any, Literal, Self

import numpy as np

from latticepol.arrays import read_choice, shape_of
from latticepol.errors import kind
from latticepol.gpe.periodic import PeriodicField
from latticepol.gpe.profiles.labelled import labelled
from latticepol.gpe.stepping import limits, momentum
from latticepol.gpe.terms.base import Term, changed, check_hooks, kinds, parameters, show, with_numbers
from latticepol.gpe.terms.parameters import described, table
from latticepol.grid import Grid
from latticepol.numerics import fft
from latticepol.printing import tree
from latticepol.results.variables import VARIABLES, check_units, derived_units, unit_of
from latticepol.timestepping.compositions import BlanesMoan
from latticepol.units.limits import unlikely

#: Arrays up to this size are written out in the record of a Dataset.
LARGEST_RECORD = 64


@dataclass(frozen=True, repr=False, eq=False)
class SpinorGPE(PeriodicField):
    """The spinor Gross-Pitaevskii equation on a grid: the sum of its terms (docs/physics.md, section 1).

    Parameters
    ----------
    grid
        Where.
    terms
        What: any of ``lp.Kinetic``, ``TETM``, ``Splitting``, ``Zeeman``, ``Potential``, ``Gain``, ``Interaction``,
        ``Reservoir``, ``Drive``, ``Absorber``, ``WignerNoise``, or your own. Terms of the same kind add.
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
        Where ``lp.evolve`` works: "cpu", or "cuda", a GPU through CuPy (``pip install latticepol[cuda12]``). It is not
        a parameter of the physics: a checkpoint of one continues on the other. With noise a resumed run of a GPU draws
        other numbers than an uninterrupted one.
    planning
        How long FFTW looks for a plan on a CPU, once for each shape: "measure" for a second, "patient" for seconds
        (256^2) to a minute (1024^2), which makes steps faster by a seventh. No parameter of the physics either.

    Raises
    ------
    TypeError
        grid is not a Grid, or terms is not a list of terms.
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
        """Raise ValueError unless lengths of DataArrays and of the model are in one unit."""
        length = (derived_units(self.units) or {}).get("length")
        for term in self.terms:
            for name in _names(term):
                for given in labelled(getattr(term, name)):
                    given.check_units(name, length)

    def replace(self, **changes: Any) -> Self:
        """Return a copy with some parameters changed: its own, or those of the one term that owns the name.

        A number in place of a pattern, ``replace(P=2.0)`` over a spot, is warned of: it is the same everywhere. The
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
        """Return the same equation with one value (B,) per element of a batch; None where a batch is not as many runs.

        The noise of a batch is drawn together, and what a term with a field without a row does with arrays is not
        known.
        """
        rows = [row for term in self.terms for row in table(term).items()]
        axes = {name: row.batch_axes for name, row in rows if row.batch_axes is not None}
        if self.equation.noisy or not all(map(described, self.terms)) or not set(values) <= set(axes):
            return None
        return self.replace(**{name: np.reshape(value, (-1, *axes[name])) for name, value in values.items()})

    def axis_attributes(self, name: str) -> dict[str, str]:
        """Return unit and long name of a parameter of a term, as its table describes it."""
        owners = [term for term in self.terms if name in kinds(term)]
        if len(owners) != 1:
            return {}
        units = {"units": unit_of(kinds(owners[0])[name].powers, self.units or {})}
        return units if name in VARIABLES else units | {"long_name": f"{name} of {type(owners[0]).__name__}"}

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
        """Return every parameter by name: "Kinetic.mass", "Potential[3].V" where there are several of a kind."""
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
