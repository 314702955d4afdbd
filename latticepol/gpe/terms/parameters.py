"""What a term says of each parameter: its row in the table, next to the field itself::

    W: Profile = field(metadata=profile_of(RATE))
    Gamma: Any = field(default=0.0, metadata=number_of(RATE, minimum=0))
    W_scale: Any = field(default=1.0, metadata=POWER)

Name and default are those of the field; dimension, axes in a batch and limits follow. Everything else that the package
does with a parameter is derived from here: checks, texts with a unit, warnings of unusual numbers, batches, patterns.

``COEFFICIENTS`` are those of the local equation, :mod:`latticepol.gpe.equation`, to which ``Term.local`` contributes.
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


def check_described(kind: type) -> None:
    """Raise TypeError where a term of the package has a field without its row."""
    for name, annotation in get_annotations(kind).items():
        given = vars(kind).get(name)
        has_row = isinstance(given, Field) and ROW in given.metadata
        origin: object = get_origin(annotation)
        if kind.__module__.startswith("latticepol.") and not has_row and origin is not ClassVar:
            raise TypeError(
                f"{kind.__name__}.{name} must say its dimension; it has no metadata: write {name}: Any = "
                "field(metadata=number_of(RATE)), see latticepol.gpe.terms.parameters"
            )


class Coefficient(NamedTuple):
    """What a coefficient of the local equation may be."""

    #: Whether it may differ between the spins.
    spins: bool = False
    #: Whether it must be real.
    real: bool = True
    #: Whether it is the same at all points and times.
    number: bool = False


#: By the names that ``Term.local`` gives them.
COEFFICIENTS: dict[str, Coefficient] = {
    **dict.fromkeys(("V", "Delta", "W", "Gamma"), Coefficient()),
    "F": Coefficient(spins=True, real=False),
    "P": Coefficient(spins=True),
    **dict.fromkeys(
        ("eta", "alpha1", "alpha2", "R", "Gamma_R", "mixing", "g_R", "g_cross", "vacuum"), Coefficient(number=True)
    ),
}
