"""Numbers in ps and um from numbers, texts with a unit and quantities of pint, with their dimension checked."""

import re
from collections.abc import Mapping
from functools import cache
from typing import Any, NamedTuple

import numpy as np

from latticepol.units.constants import hbar


class Kind(NamedTuple):
    """A kind of parameter: what it is called, the units that it may have, and an example for messages."""

    name: str
    #: Unit -> factor to ps and um; hbar = 1 makes an energy a rate, and m an m/hbar.
    units: Mapping[str, float]
    example: str
    #: From where to where it may be.
    span: tuple[float, float] = (-np.inf, np.inf)


RATE = Kind("a rate or an energy", {"1/ps": 1.0, "meV": 1 / hbar}, "'40 ueV', '0.06 /ps' or the number 0.06 (1/ps)")
AREA_RATE = Kind(
    "an area times a rate or an energy",
    {"um^2/ps": 1.0, "meV um^2": 1 / hbar},
    "'5 ueV um^2' or '0.01 um^2/ps'",
)
MASS = Kind("a mass", {"ps/um^2": 1.0, "meV ps^2/um^2": 1 / hbar}, "'5e-5 m_e' or '0.43 ps/um^2'")
LENGTH = Kind("a length", {"um": 1.0}, "'2 um' or the number 2.0 (um)")
TIME = Kind("a time", {"ps": 1.0}, "'10 ps' or the number 10.0 (ps)")
DENSITY = Kind("a density", {"1/um^2": 1.0}, "'100 /um^2' or the number 100.0 (1/um^2)")
DENSITY_RATE = Kind("a density over a time", {"1/(um^2 ps)": 1.0}, "'10 /um^2/ps' or the number 10.0 (1/(um^2 ps))")
FIELD = Kind("a magnetic field", {"T": 1.0}, "'2 T' or the number 2.0 (tesla)")
NUMBER = Kind("a pure number", {"": 1.0}, "0.1")
FRACTION = Kind("an exciton fraction |X|^2, which is from 0 to 1", {"": 1.0}, "0.5", (0.0, 1.0))
KINDS = (RATE, AREA_RATE, MASS, LENGTH, TIME, DENSITY, DENSITY_RATE, FIELD, NUMBER)


def converted(name: str, given: Any, kind: Kind, bare: float = 1.0) -> Any:
    """``given`` in ps and um: a number in units of ``bare``, a text or a quantity of pint (of any registry).

    Raises
    ------
    ValueError
        It has the wrong dimension, cannot be read, is not a finite real number, or is none that there can be.
    """
    quantity = _read(name, given, kind) if isinstance(given, str) else given
    number, factor = given, bare
    if hasattr(quantity, "is_compatible_with"):
        number, factor = _magnitude(name, quantity, kind)
    try:
        array = np.asarray(number).astype(float, casting="same_kind")
    except (TypeError, ValueError):
        raise ValueError(f"{name} = {given!r} is not a real number; give {kind.example}") from None
    if not np.isfinite(array).all():
        raise ValueError(f"{name} = {given!r} is not finite; give {kind.example}")
    if np.any(array < kind.span[0]) or np.any(array > kind.span[1]):
        raise ValueError(f"{name} = {given!r} is not {kind.name}; give for example {kind.example}")
    return array * factor if array.ndim else float(array) * factor


def _magnitude(name: str, quantity: Any, kind: Kind) -> tuple[Any, float]:
    """The number of a quantity in a unit of ``kind``, and the factor from there to ps and um."""
    if any("hertz" in unit for unit in dict(quantity.unit_items())):
        raise ValueError(
            f"{name} = {quantity:~} is in hertz, which may or may not include 2 pi; give an energy as in '40 ueV' or "
            "an angular frequency as in '0.06 rad/ps'"
        )
    for unit, factor in kind.units.items():
        if quantity.is_compatible_with(unit):
            return quantity.to(unit).magnitude, factor
    what = [other.name for other in KINDS if any(map(quantity.is_compatible_with, other.units))]
    raise ValueError(
        f"{name} = {quantity:~} is {what[0] if what else f'of dimension {quantity.dimensionality}'}, need {kind.name}: "
        f"give {kind.example}"
    )


def _read(name: str, text: str, kind: Kind) -> Any:
    """The quantity that a text states; units may be written as in our files, "um2" and "ps-1", too."""
    powers = re.sub(r"\b([A-Za-zµμ]+)(-?[1-9])\b", r"\1**(\2)", text)
    try:
        if "," in text:  # pint would read 1,5 as 15
            raise ValueError("a comma; decimals are written with a point")
        return _registry().Quantity(powers)
    except Exception as error:  # pint lets through what its tokenizer, parser and arithmetic raise
        raise ValueError(f"{name} = {text!r} cannot be read ({error}); give {kind.example}") from None


@cache
def _registry() -> Any:
    """pint's registry of units, made when the first text is read: importing it takes a while."""
    import pint

    return pint.UnitRegistry()
