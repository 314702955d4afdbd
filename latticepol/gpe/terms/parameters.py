"""What a term says of each parameter: its row in the table, next to the field itself::

    W: Profile = field(metadata=profile_of(RATE))
    Gamma: Any = field(default=0.0, metadata=number_of(RATE, minimum=0))
    W_scale: Any = field(default=1.0, metadata=POWER)

Name and default are those of the field; dimension, axes in a batch and limits follow. Everything else that the package
does with a parameter is derived from here: checks, texts with a unit, warnings of unusual numbers, batches, patterns.

A class says in ``brings`` which coefficients of the local equation (:mod:`latticepol.gpe.equation`) ``local`` returns.
``KINDS`` and ``COEFFICIENTS`` are what all terms of the package say, put there as each class is made.
"""

from collections.abc import Mapping
from dataclasses import Field, dataclass, fields
from inspect import get_annotations
from typing import Any, ClassVar, NamedTuple, get_origin

from latticepol.units.reading import NUMBER, Kind

#: Axes that a number needs behind that of a batch: those of points.
POINTS = (1, 1)
#: The same of a profile that may differ between the spins.
SPINS_AND_POINTS = (1, 1, 1)
#: Under which name a field holds its row.
ROW = "parameter"


@dataclass(frozen=True)
class Parameter:
    """A row of the table.

    Parameters
    ----------
    kind
        Its dimension, and with it the unit of its numbers.
    batch_axes
        Axes behind that of a batch where it has one value per element; None: one number for the whole batch.
    limits
        What a number must be when the term is made, as ``base.number`` has it; None: looked at on the grid, or by the
        term itself.
    advice
        What to give instead of one value per element.
    """

    kind: Kind
    batch_axes: tuple[int, ...] | None = POINTS
    limits: Mapping[str, Any] | None = None
    advice: str = ""

    @property
    def spins(self) -> bool:
        """Whether it may differ between the spins."""
        return self.batch_axes == SPINS_AND_POINTS


Metadata = dict[str, Parameter]


def number_of(kind: Kind, **limits: Any) -> Metadata:
    """Describe a number, or one per element of a batch, (B, 1, 1): ``minimum``, and ``exclusive`` if it is not allowed
    itself."""
    return {ROW: Parameter(kind, POINTS, limits)}


def single_number_of(kind: Kind, advice: str, **limits: Any) -> Metadata:
    """Describe one number for a whole batch; ``advice`` says what to give instead of several."""
    return {ROW: Parameter(kind, None, limits, advice)}


def profile_of(kind: Kind, *, spins: bool = False) -> Metadata:
    """Describe a profile of r and t, with ``spins`` one that may differ between them; it is checked on the grid."""
    return {ROW: Parameter(kind, SPINS_AND_POINTS if spins else POINTS)}


def unchecked(kind: Kind) -> Metadata:
    """Describe a number that the term checks itself, such as one that may be infinite."""
    return {ROW: Parameter(kind)}


#: The power of a pattern.
POWER = number_of(NUMBER)


def table(term: object) -> dict[str, Parameter]:
    """Return the rows of a term, or of its class, by name; fields without one are left out."""
    return {field.name: field.metadata[ROW] for field in fields(term) if ROW in field.metadata}  # type: ignore[arg-type]


def described(term: object) -> bool:
    """Return whether a term has fields and a row for each, so that it is known what it does with a batch."""
    names = [field.name for field in fields(term)]  # type: ignore[arg-type]
    return bool(names) and set(names) == table(term).keys()


class Coefficient(NamedTuple):
    """What a coefficient of the local equation may be."""

    #: Whether it may differ between the spins.
    spins: bool = False
    #: Whether it must be real.
    real: bool = True
    #: Whether it is the same at all points and times.
    number: bool = False
    #: Whether it is zero outside of a strip that is cut from a lattice; V is that of a wall there.
    ends: bool = False


#: The dimension of every parameter of the terms of the package, by name.
KINDS: dict[str, Kind] = {}
#: The coefficients of the local equation, by the names that ``Term.local`` gives them.
COEFFICIENTS: dict[str, Coefficient] = {}
#: Where the terms of the package are.
FOLDER = __name__.rpartition(".")[0]


def register(kind: type) -> None:
    """Add what a term of the package says of its fields and coefficients to what all of them say.

    Raises
    ------
    TypeError
        A field has no row, ``local`` returns coefficients that ``brings`` does not name, or another term says something
        else of the same name.
    """
    if not kind.__module__.startswith(f"{FOLDER}."):
        return
    rows = {
        name: _row(kind, name) for name, annotation in get_annotations(kind).items() if not _is_of_class(annotation)
    }
    brings: Mapping[str, Coefficient] = vars(kind).get("brings", {})
    if "local" in vars(kind) and not brings:
        raise TypeError(
            f"{kind.__name__}.brings must name the coefficients that local returns; it has none: write brings: "
            'ClassVar = {"V": Coefficient()}, see latticepol.gpe.terms.parameters'
        )
    _agree(kind, {name: row.kind for name, row in rows.items()}, KINDS)
    _agree(kind, brings, COEFFICIENTS)
    KINDS.update({name: row.kind for name, row in rows.items()})
    COEFFICIENTS.update(brings)


def _is_of_class(annotation: object) -> bool:
    origin: object = get_origin(annotation)
    return origin is ClassVar or annotation is ClassVar


def _row(kind: type, name: str) -> Parameter:
    given = vars(kind).get(name)
    if not isinstance(given, Field) or ROW not in given.metadata:
        raise TypeError(
            f"{kind.__name__}.{name} must say its dimension; it has no metadata: write {name}: Any = "
            "field(metadata=number_of(RATE)), see latticepol.gpe.terms.parameters"
        )
    row: Parameter = given.metadata[ROW]
    return row


def _agree(kind: type, said: Mapping[str, object], known: Mapping[str, object]) -> None:
    for name in said.keys() & known.keys():
        if said[name] != known[name]:
            raise TypeError(
                f"{kind.__name__} must say of {name} what other terms say, {known[name]}; it says {said[name]}: give "
                "another name"
            )
