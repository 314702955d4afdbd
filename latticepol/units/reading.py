"""Numbers in ps and um from numbers, texts with a unit and quantities of pint, with their dimension checked."""

import re
from collections.abc import Mapping
from functools import cache
from typing import Any, NamedTuple

import numpy as np

from latticepol.arrays import read_array
from latticepol.errors import DEEPEST, dtype_kind
from latticepol.units.constants import hbar

#: Digits of what a text says: pint makes 1000.0000000000001 ps of "1 ns".
TEXT_DIGITS = 15
#: Units of DataArrays that say nothing.
UNKNOWN = ("", "1", "dimensionless", "None")


class Kind(NamedTuple):
    """A kind of parameter: what it is called, the units that it may have, and an example for messages."""

    name: str
    #: Unit -> factor to ps and um; hbar = 1 makes an energy a rate, and m an m/hbar.
    units: Mapping[str, float]
    example: str
    #: The unit of the numbers, as Datasets write it, and its powers of length and time.
    unit: str
    powers: tuple[int, int] = (0, 0)
    #: From where to where it may be, and whether it must be real.
    span: tuple[float, float] = (-np.inf, np.inf)
    real: bool = True


RATE = Kind(
    "a rate or an energy",
    {"1/ps": 1.0, "meV": 1 / hbar},
    "'40 ueV', '0.06 /ps' or the number 0.06 (1/ps)",
    "ps-1",
    (0, -1),
)
#: With a loss: -2 Im w is a linewidth, Im J a dissipative coupling.
COMPLEX_RATE = RATE._replace(real=False)
AREA_RATE = Kind(
    "an area times a rate or an energy",
    {"um^2/ps": 1.0, "meV um^2": 1 / hbar},
    "'5 ueV um^2' or '0.01 um^2/ps'",
    "um2 ps-1",
    (2, -1),
)
MASS = Kind("a mass", {"ps/um^2": 1.0, "meV ps^2/um^2": 1 / hbar}, "'5e-5 m_e' or '0.43 ps/um^2'", "ps um-2", (-2, 1))
LENGTH = Kind("a length", {"um": 1.0}, "'2 um' or the number 2.0 (um)", "um", (1, 0))
TIME = Kind("a time", {"ps": 1.0}, "'10 ps' or the number 10.0 (ps)", "ps", (0, 1))
DENSITY = Kind("a density", {"1/um^2": 1.0}, "'100 /um^2' or the number 100.0 (1/um^2)", "um-2", (-2, 0))
DENSITY_RATE = Kind(
    "a density over a time",
    {"1/(um^2 ps)": 1.0},
    "'10 /um^2/ps' or the number 10.0 (1/(um^2 ps))",
    "um-2 ps-1",
    (-2, -1),
)
#: Of a coherent drive, whose square over a rate squared is a density.
AMPLITUDE = Kind(
    "the square root of a density over a time",
    {"1/(um ps)": 1.0, "meV/um": 1 / hbar},
    "'0.3 /um/ps' or the number 0.3 (1/(um ps))",
    "um-1 ps-1",
    (-1, -1),
    real=False,
)
#: Of white noise in a network, whose density is a rate.
RATE_SQUARED = Kind(
    "a rate squared",
    {"1/ps^2": 1.0, "meV/ps": 1 / hbar, "meV^2": 1 / hbar**2},
    "'1e-4 /ps^2' or the number 1e-4 (1/ps^2)",
    "ps-2",
    (0, -2),
)
FIELD = Kind("a magnetic field", {"T": 1.0}, "'2 T' or the number 2.0 (tesla)", "T")
NUMBER = Kind("a pure number", {"": 1.0}, "a number such as 0.1", "1")
FRACTION = Kind(
    "an exciton fraction |X|^2, which is from 0 to 1", {"": 1.0}, "a number such as 0.5", "1", span=(0.0, 1.0)
)
KINDS = (RATE, AREA_RATE, MASS, LENGTH, TIME, DENSITY, DENSITY_RATE, AMPLITUDE, RATE_SQUARED, FIELD, NUMBER)
#: The splitting that a field in tesla makes depends on the sample.
ZEEMAN = (
    ": lp.units.zeeman('3 T', g_X, X) or, as a text with the numbers of your sample, '0.4 * 0.5 * mu_B * 3 T', which "
    "is g_X X mu_B B"
)


def states_a_unit(given: object, depth: int = DEEPEST) -> bool:
    """Return whether it is a text, a quantity of pint, or a list of texts."""
    if isinstance(given, list | tuple):
        return any(states_a_unit(one, depth - 1) for one in given) if depth else False
    return isinstance(given, str) or hasattr(given, "is_compatible_with") or dtype_kind(given) in ("U", "S")


def converted(name: str, given: Any, kind: Kind, bare: float = 1.0, *, times: float = 1.0, unit: str = "") -> Any:
    """Return ``given`` in ps and um: a number in units of ``bare``, a text or a quantity of pint (of any registry).

    What is returned is ``times`` that. A DataArray is in the unit of its ``attrs["units"]``, where it names one, and
    stays one, with ``unit`` (else that of ``kind``) as its unit.

    Raises
    ------
    ValueError
        It has the wrong dimension, cannot be read, is not finite (and real), or is out of range.
    TypeError
        It holds no numbers.
    """
    if isinstance(given, list | tuple | np.ndarray) and states_a_unit(given):
        return np.array([converted(name, one, kind, bare, times=times) for one in given])
    quantity = _read(name, given, kind) if isinstance(given, str) else given
    number, factor = given, bare
    if hasattr(quantity, "is_compatible_with"):
        number, factor = _magnitude(name, quantity, kind)
    elif own := own_unit(given):
        factor = unit_size(name, own, kind)
    array = read_array(name, number, real=kind.real, need=kind.example)
    if np.any(array.real < kind.span[0]) or np.any(array.real > kind.span[1]):
        raise ValueError(f"{name} = {given!r} is not {kind.name}; give {kind.example}")
    found = array * (factor * times)
    if hasattr(given, "assign_attrs"):
        return given.copy(data=found).assign_attrs(units=unit or kind.unit)
    if array.ndim:
        return found
    value = found.item()
    return float(f"{value:.{TEXT_DIGITS}g}") if isinstance(given, str) and isinstance(value, float) else value


def own_unit(given: Any) -> str:
    """Return the unit that a DataArray names, "" where it names none."""
    unit = str(given.attrs.get("units", "")).strip() if hasattr(given, "assign_attrs") else ""
    return "" if unit in UNKNOWN else unit


def unit_size(name: str, unit: str, kind: Kind) -> float:
    """Return one of the units that a DataArray names, in ps and um.

    Raises
    ------
    ValueError
        It has the wrong dimension or cannot be read.
    """
    if unit == kind.unit:
        return 1.0
    try:
        number, factor = _magnitude("its unit", _read("its unit", unit, kind), kind)
    except ValueError as error:
        raise ValueError(
            f"{name} is a DataArray with attrs['units'] = {unit!r}: {error}, or correct its attrs"
        ) from None
    return float(f"{number:.{TEXT_DIGITS}g}") * factor


def alone(given: Any) -> Any:
    """Return a DataArray of one number as that number, which goes with arrays of any kind; anything else as it is."""
    return given.item() if hasattr(given, "assign_attrs") and not given.dims else given


def check_shapes(**values: Any) -> None:
    """Refuse arrays that do not go together.

    Raises
    ------
    ValueError
        Their shapes cannot be broadcast.
    """
    shapes = {name: np.shape(value) for name, value in values.items()}
    named = {name for name, value in values.items() if hasattr(value, "dims")}
    plain = {name: shape for name, shape in shapes.items() if name not in named}
    try:
        common = np.broadcast_shapes(*plain.values())
        if common and any(shapes[name] not in ((), common) for name in named):  # a plain array has no names to go by
            raise ValueError
    except ValueError:
        arrays = ", ".join(f"{name} {shape}" for name, shape in shapes.items() if shape)
        raise ValueError(
            f"the arrays must have one shape; got {arrays}: give numbers, or arrays of one shape"
        ) from None


def labelled(given: Any, unit: str) -> Any:
    """Return a DataArray that has become another quantity, with its unit alone; anything else as it is."""
    if not hasattr(given, "assign_attrs"):
        return given
    bare = given.copy()
    bare.attrs = {"units": unit}
    return bare


def _magnitude(name: str, quantity: Any, kind: Kind) -> tuple[Any, float]:
    """Return the number of a quantity in a unit of ``kind``, and the factor from there to ps and um."""
    if any("hertz" in unit for unit in dict(quantity.unit_items())):
        raise ValueError(
            f"{name} = {_shown(quantity)} is in hertz, which may or may not include 2 pi; give an energy as in "
            "'40 ueV' or an angular frequency as in '0.06 rad/ps'"
        )
    for unit, factor in kind.units.items():
        if quantity.is_compatible_with(unit):
            return quantity.to(unit).magnitude, factor
    what = [other.name for other in KINDS if any(map(quantity.is_compatible_with, other.units))]
    tesla = ZEEMAN if FIELD.name in what and kind.name == RATE.name else ""
    raise ValueError(
        f"{name} = {_shown(quantity)} is {what[0] if what else f'of dimension {quantity.dimensionality}'}, and must be "
        f"{kind.name}: give {kind.example}{tesla}"
    )


def _shown(quantity: Any) -> str:
    """Return a quantity as a text, with the micro sign that every version of pint reads; newer ones write mu."""
    return f"{quantity:~}".replace("\N{GREEK SMALL LETTER MU}", "\N{MICRO SIGN}")


def _read(name: str, text: str, kind: Kind) -> Any:
    """Return the quantity that a text states; units may be written as in our files, "um2" and "ps-1", too."""
    powers = re.sub(r"\b([A-Za-zµμ]+)(-?[1-9])\b", r"\1**(\2)", text)
    try:
        if "," in text:  # pint would read 1,5 as 15
            raise ValueError("a comma; decimals are written with a point")
        return registry().Quantity(powers)
    except Exception as error:  # pint lets through what its tokenizer, parser and arithmetic raise
        raise ValueError(f"{name} = {text!r} cannot be read ({error}); give {kind.example}") from None


@cache
def registry() -> Any:
    """Return pint's registry of units, made when the first text is read: importing it takes a while."""
    import pint

    return pint.UnitRegistry()
