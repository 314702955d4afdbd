"""What a term of the equation may offer. A term of your own is one class that derives from Term."""

import re
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any, ClassVar, Self

import numpy as np

from latticepol.arrays import named, read_array
from latticepol.errors import unit_hint
from latticepol.gpe.profiles.labelled import PLANE, Labelled, labelled
from latticepol.gpe.profiles.sampling import Sampled, sample, uniform
from latticepol.gpe.terms.parameters import COEFFICIENTS, Coefficient, register, table
from latticepol.grid import Grid
from latticepol.units.model import DIMENSIONS
from latticepol.units.reading import Kind, states_a_unit
from latticepol.units.texts import factor_of, in_units

#: ((H_++, H_+-), (H_-+, H_--)), each broadcastable to (..., ny, nx).
Matrix = tuple[tuple[Any, Any], tuple[Any, Any]]

#: What a term may offer, and an example for messages.
HOOKS = ("k_matrix", "local", "action")
EXAMPLE = "def action(self, psi, x, y, t): return -0.5j * self.rate * psi"
#: Step of a difference quotient, relative to the field: the cube root of the rounding error.
DIFFERENCE_STEP = 6e-6
#: A number, a blank and a unit.
QUANTITY = re.compile(r"\s*[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?\s+\S")
#: What the power of a pattern is called by: W_scale multiplies W, envelopes included.
POWER_SUFFIX = "_scale"


@dataclass(frozen=True, eq=False)
class Term:
    """A term of ``i dpsi_s/dt = ...``; its fields are its parameters.

    It offers any of ``k_matrix`` (what is a 2x2 matrix at each wavevector), ``local`` (coefficients of the standard
    local equation, see :mod:`latticepol.gpe.equation`; those of all terms are added) and ``action`` (any other local
    term, with its ``derivatives``).
    """

    #: A step back in time would amplify it without bound (absorbing layers, momentum damping).
    irreversible: ClassVar[bool] = False
    #: What it adds to ``i dpsi_s/dt``, for printing.
    formula: ClassVar[str] = ""
    #: Dimensions of the fields of a term of your own, {"radius": "length"}: texts with a unit are converted for them.
    dimensions: ClassVar[Mapping[str, str]] = {}
    #: The coefficients that ``local`` returns; a term of your own need not name them.
    brings: ClassVar[Mapping[str, Coefficient]] = {}

    def __post_init__(self) -> None:
        """Hold numbers as plain ones and arrays as copies: what happens to those of the caller changes no term."""
        rows = table(self)
        for field in fields(self):
            hold = held if field.name in rows else _copied
            object.__setattr__(self, field.name, hold(field.name, getattr(self, field.name)))
        for name, row in rows.items():
            if row.limits is not None:
                parameter(name, getattr(self, name), **row.limits)
            if row.batch_axes is None:
                one_number(name, getattr(self, name), row.advice)

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        register(cls)

    def k_matrix(self, kx: np.ndarray, ky: np.ndarray) -> Matrix | None:
        """Return H_ss'(k) at Cartesian wavevectors of any shape."""
        return None

    def local(self, grid: Grid) -> Mapping[str, Any]:
        """Return the coefficients of the local equation by name: numbers, for V, Delta, W, Gamma, F and P also arrays
        (ny, nx), functions and pumps."""
        return {}

    def action(self, psi: np.ndarray, x: np.ndarray, y: np.ndarray, t: float) -> np.ndarray | None:
        """Return its contribution to ``i dpsi/dt``, shape of psi (..., 2, ny, nx), where no coefficient expresses
        it."""
        return None

    def derivatives(self, psi: np.ndarray, x: np.ndarray, y: np.ndarray, t: float) -> tuple[np.ndarray, np.ndarray]:
        """Return dG/dpsi and dG/dpsi^* of the action G, each (..., 2, 2, ny, nx).

        Here by central differences, which assumes that G at a point depends on psi at that point only; a term that
        knows its derivatives returns them.
        """
        h = DIFFERENCE_STEP * max(float(np.abs(psi).max()), 1.0)
        slopes = []
        for step in (h, 1j * h):
            shifts = step * np.eye(2)[:, :, None, None]
            ahead, behind = ([acted(self, psi + sign * one, (x, y), t) for one in shifts] for sign in (1, -1))
            slopes.append((np.stack(ahead, axis=-3) - np.stack(behind, axis=-3)) / (2 * h))
        return 0.5 * (slopes[0] - 1j * slopes[1]), 0.5 * (slopes[0] + 1j * slopes[1])

    def source_frequency(self) -> float | None:
        """Return omega of the coherent source ``F e^{-i omega t}`` that it brings; None of what is no such source."""
        return None

    def without_oscillation(self) -> Self:
        """Return the same term in the frame that turns with ``source_frequency``, where its source stands still."""
        return self

    def particle_budget(self, psi: np.ndarray, x: np.ndarray, y: np.ndarray, t: float) -> Mapping[str, np.ndarray]:
        """Return what its action adds to "gain", "loss" and "drive", each (..., ny, nx): dN/dt is the integral of gain
        - loss + drive.

        Here ``2 Im sum_s psi_s^* G_s``: of a source all of it is drive, else what adds particles is gain and what takes
        them is loss.
        """
        brought = 2 * (psi.conj() * acted(self, psi, (x, y), t)).imag.sum(axis=-3)
        if self.source_frequency() is not None:
            return {"drive": brought}
        return {"gain": np.maximum(brought, 0.0), "loss": np.maximum(-brought, 0.0)}

    def outside_strip(self, grid: Grid) -> Mapping[str, Any]:
        """Return the coefficients, as ``local``, that are left of it outside of a strip that is cut from a lattice.

        Here all but V, W, P and F. Its matrix and its action go on.
        """
        return {name: value for name, value in self.local(grid).items() if not COEFFICIENTS[name].ends}

    def extended(self, grid: Grid, where: tuple[np.ndarray, np.ndarray]) -> Self:
        """Return the term on a larger cell, whose points repeat the points ``where`` (y, x) of the grid.

        Here arrays (..., ny, nx) are copied; numbers, functions and pumps stay.
        """
        copied = {}
        for name, value in ((field.name, getattr(self, field.name)) for field in fields(self)):
            if isinstance(value, Labelled):
                copied[name] = value.on(name, grid)[..., where[0], where[1]]
            elif not callable(value) and np.shape(value)[-2:] == grid.shape:
                copied[name] = np.asarray(value)[..., where[0], where[1]]
        return replace(self, **copied)

    def __repr__(self) -> str:
        return (
            f"{type(self).__name__}({', '.join(f'{name}={show(value)}' for name, value in parameters(self).items())})"
        )


def parameters(term: Term) -> dict[str, Any]:
    """Return the fields of a term by name, without the powers of patterns that are left at 1."""
    given = {field.name: getattr(term, field.name) for field in fields(term)}
    idle = {name + POWER_SUFFIX for name in given} & {name for name, value in given.items() if _is_one(value)}
    return {name: value for name, value in given.items() if name not in idle}


def _is_one(value: Any) -> bool:
    return np.ndim(value) == 0 and not isinstance(value, str) and bool(value == 1)


def kinds(term: Term) -> dict[str, Kind]:
    """Return the dimensions of the fields of a term, where they are known."""
    unknown = set(term.dimensions.values()) - set(DIMENSIONS)
    if unknown:
        raise ValueError(
            f"{type(term).__name__}.dimensions must name any of {sorted(DIMENSIONS)}; got {sorted(map(str, unknown))}"
        )
    own = {name: DIMENSIONS[dimension] for name, dimension in term.dimensions.items()}
    return {name: row.kind for name, row in table(term).items()} | own


def with_numbers(term: Term, names: Mapping[str, str] | None) -> Term:
    """Return the term with numbers in the units of a model in place of texts and DataArrays with a unit.

    Raises
    ------
    ValueError
        A text has the wrong dimension or cannot be read, is of a field without a dimension, or the model has no units;
        a number is out of range.
    """
    for field in fields(term):
        given = getattr(term, field.name)
        if isinstance(given, str) and QUANTITY.match(given) and field.name not in kinds(term):
            raise ValueError(
                f"{type(term).__name__}.{field.name} must be a number where no dimension is named; got {given!r}: name "
                f'it in the class, dimensions = {{"{field.name}": "rate"}}'
            )
    texts = {name: kind for name, kind in kinds(term).items() if states_a_unit(getattr(term, name))}
    read = {name: in_units(name, getattr(term, name), kind, names) for name, kind in texts.items()}
    read |= _arrays_in_units(term, names)
    return replace(term, **read) if read else term


def _arrays_in_units(term: Term, names: Mapping[str, str] | None) -> dict[str, Labelled]:
    """Return the DataArrays with a unit as numbers in the units of a model; in a pump they must be in these already."""
    read = {}
    for name, kind in kinds(term).items():
        value = getattr(term, name)
        for given in labelled(value):
            factor = factor_of(name, given.unit, kind, names) if given.unit else 1.0
            if given is value and given.unit:
                read[name] = given.times(factor)
            elif not np.isclose(factor, 1.0, rtol=1e-12, atol=0):
                raise ValueError(
                    f"the pump {name} is of a DataArray in {given.unit!r}, and must be in the units {names} of the "
                    f"model; multiply its values by {factor:.6g} and drop its unit, .drop_attrs()"
                )
    return read


def changed(term: Term, changes: Mapping[str, Any], grid: Grid) -> Term:
    """Return the term with some fields changed, with a warning where a number takes the place of a pattern."""
    for name, value in changes.items():
        before = getattr(term, name)
        if (
            hasattr(term, name + POWER_SUFFIX)
            and uniform(value)
            and np.any(np.asarray(value) != 0)
            and _varies(before, grid)
        ):
            warnings.warn(
                f"replace({name}=...) puts one number in place of the pattern {show(before)}; give "
                f"{name}{POWER_SUFFIX} to change the power of a pattern, or {name}=lp.pumps.uniform(...) where the "
                "same everywhere is meant",
                stacklevel=3,
            )
    return replace(term, **changes)


def _varies(profile: Any, grid: Grid) -> bool:
    """Return whether a profile is not the same at all points and times."""
    if uniform(profile):
        return False
    sampled = sample("profile", profile, grid, spins=True, real=False)
    return sampled.moving or bool(np.any(sampled.steady != sampled.steady.flat[0]))


def check_hooks(term: Term, grid: Grid) -> None:
    """Refuse a term that offers nothing, and one whose matrix is not one.

    Raises
    ------
    TypeError
        Its class defines none of ``HOOKS``.
    ValueError
        Its matrix is not 2x2, or does not fit the wavevectors.
    """
    kind = type(term)
    if all(getattr(kind, hook) is getattr(Term, hook) for hook in HOOKS):
        raise TypeError(
            f"{term!r} would do nothing: {kind.__name__} defines none of {', '.join(HOOKS)}; define one, for example "
            f"{EXAMPLE!r}"
        )
    with np.errstate(over="ignore", invalid="ignore"):  # what overflows is refused where all matrices are summed
        H: Any = term.k_matrix(*grid.wavevectors)
    if H is not None and not _fits(H, grid):
        given = type(H).__name__ if isinstance(H, tuple | list) else f"{type(H).__name__} of shape {np.shape(H)}"
        raise ValueError(
            f"{kind.__name__}.k_matrix must return ((H_++, H_+-), (H_-+, H_--)), each a number or an array that "
            f"broadcasts to {grid.shape}, the shape of kx and ky; it returns a {given}"
        )


def _fits(H: Any, grid: Grid) -> bool:
    """Return whether H holds two rows of two entries that broadcast with the wavevectors."""
    rows = [H, *H] if isinstance(H, tuple | list) else [H]
    if len(rows) != 3 or any(not isinstance(row, tuple | list) or len(row) != 2 for row in rows):
        return False
    shapes = [np.shape(part)[-2:] for row in H for part in row]
    return all(n in (1, m) for shape in shapes for n, m in zip(shape[::-1], grid.shape[::-1], strict=False))


def acted(term: Term, psi: np.ndarray, points: Sequence[np.ndarray], t: float) -> np.ndarray:
    """Return the action of a term at the points x, y.

    Raises
    ------
    ValueError
        Its shape is not that of psi: numpy would spread it over spins and points.
    """
    x, y = points
    found = term.action(psi, x, y, t)
    shape = getattr(found, "shape", ())  # of an array of any module
    if found is None or shape != psi.shape:
        raise ValueError(
            f"{type(term).__name__}.action must return the shape of psi, {psi.shape}, which is (..., spin, y, x); got "
            f"{shape}: return an array like psi"
        )
    return found


def show(value: Any) -> str:
    """Return a parameter in one line: numbers in full, arrays by shape and range."""
    if isinstance(value, np.ndarray) and value.ndim:
        if not value.size or value.dtype.kind not in "biufc":
            return f"array{value.shape}"
        size = np.abs(value) if value.dtype.kind == "c" else value
        return f"array{value.shape} in [{size.min():.6g}, {size.max():.6g}]"
    if callable(value) and hasattr(value, "__name__"):
        return f"{value.__name__}(x, y)"
    return repr(value.item() if isinstance(value, np.generic) else value)


def number(name: str, value: Any, *, minimum: float = -np.inf, exclusive: bool = False, real: bool = True) -> Any:
    """Return a finite number above its limit, as float or complex, or one per element of a batch, an array (B, 1, 1).

    Raises
    ------
    ValueError
        It is not; the message names it, its value and its limit.
    TypeError
        It holds no numbers.
    """
    need = "a number, or an array (B, 1, 1) for a batch"
    if isinstance(value, bool | np.bool_):
        raise TypeError(f"{name} = {value} is a truth value; give {need}")
    array = read_array(name, value, real=real, need=need)
    if not uniform(array) or not array.size:
        raise ValueError(f"{name} = {show(value)} is not a number; give one, or an array (B, 1, 1) for a batch")
    if minimum > -np.inf and not (array > minimum if exclusive else array >= minimum).all():
        raise ValueError(f"{name} = {show(value)} must be {'>' if exclusive else '>='} {minimum:g}")
    return array if array.ndim else array.item()


def one_number(name: str, value: Any, advice: str) -> None:
    """Refuse a value per element of a batch.

    Raises
    ------
    ValueError
        There are several.
    """
    if np.ndim(value):
        raise ValueError(f"{name} = {show(value)} must be one number for the whole batch; {advice}")


def held(name: str, value: Any) -> Any:
    """Return a parameter as a term or a pump holds it: a plain number, an array that nobody changes, or what is not a
    number.

    Raises
    ------
    ValueError, TypeError
        It is neither a function, a pump nor a text, and holds no numbers, or masks some.
    """
    if isinstance(value, bool | np.bool_ | Labelled) or callable(value) or hasattr(value, "polarised"):
        return value
    if states_a_unit(value) or unit_hint(value):  # a number when a model with units holds it, or refused
        return value
    if named(value):
        if not set(PLANE) & set(value.dims):
            raise ValueError(
                f"{name} has the dimensions {tuple(value.dims)}; give a number, an array (B, 1, 1) for a batch, or a "
                f"profile with the dimensions {PLANE}"
            )
        return Labelled.of(name, value)
    array = read_array(name, value, real=False, finite=False)
    array.flags.writeable = False
    return array if array.ndim else array.item()


def _copied(name: str, value: Any) -> Any:
    """Return the same of a field without a row, which may be anything: arrays are copied as they are."""
    if not isinstance(value, np.ndarray):
        return value
    value = value.copy()
    value.flags.writeable = False
    return value


def parameter(name: str, value: Any, **limits: Any) -> Any:
    """Return ``value`` if it is a number within its limits, or a text, which the model makes one of
    (:func:`with_numbers`).

    Raises
    ------
    ValueError
        As :func:`number`.
    """
    return value if states_a_unit(value) else number(name, value, **limits)


def constant(name: str, value: Any, grid: Grid) -> Sampled:
    """Return a number as a coefficient."""
    return sample(name, value, grid)


def pattern(name: str, term: Term, grid: Grid) -> Sampled:
    """Return a profile of a term on the grid times its power, a number or one per element of a batch (B, 1, 1)."""
    row, scale = table(term)[name], getattr(term, name + POWER_SUFFIX)
    sampled = sample(name, getattr(term, name), grid, spins=row.spins, real=row.kind.real)
    if _is_one(scale):
        return sampled
    factor = np.asarray(scale, float)
    with np.errstate(over="ignore"):
        largest = np.abs(factor).max() * np.abs(sampled.on()).max()
    if not np.isfinite(largest):
        raise ValueError(
            f"{name}{POWER_SUFFIX} = {show(scale)} times {name} is larger than any number; give a smaller one"
        )
    factor = factor[..., None, :, :] if row.spins and factor.ndim else factor
    return sampled.map(lambda values: factor * values)
