"""Texts with a unit ("5e-5 m_e", "20 ps") as numbers in the units of a model, whatever these are."""

from collections.abc import Mapping
from functools import cache
from typing import Any

from latticepol.errors import CONVERT
from latticepol.units.constants import PS_UM
from latticepol.units.reading import LENGTH, TIME, Kind, converted, registry, states_a_unit, unit_size

#: What to say of a text where the model has no units.
NAME_UNITS = f"give the model units=lp.units.PS_UM, or a number{CONVERT}"


def in_units(name: str, given: object, kind: Kind, names: Mapping[str, str] | None) -> Any:
    """Return a text or a quantity of pint as a number in the units of a model, and anything else as it is.

    Parameters
    ----------
    name
        How errors call it.
    given
        A text, a quantity, a list of texts, or anything else.
    kind
        The dimension that it must have.
    names
        The units of the model, as it has them.

    Raises
    ------
    ValueError
        It has the wrong dimension or cannot be read; the model has no units, or such as no text can be converted to.
    """
    if not states_a_unit(given):
        return given
    if not names:
        what = "has a unit" if hasattr(given, "is_compatible_with") else "is a text"
        raise ValueError(f"{name} = {given!r} {what}, and the model has no units to make a number of it; {NAME_UNITS}")
    size = _size(f"{name} = {given!r}", kind, names)
    return converted(name, given, kind, times=1 / size)


def factor_of(name: str, unit: str, kind: Kind, names: Mapping[str, str] | None) -> float:
    """Return what makes numbers of an array in ``unit`` numbers in the units of a model.

    Raises
    ------
    ValueError
        The unit has the wrong dimension or cannot be read; the model has none, or such as nothing can be converted to.
    """
    what = f"{name} is a DataArray with attrs['units'] = {unit!r}"
    if not names:
        raise ValueError(
            f"{what}, and the model has no units to convert it to; give the model units=lp.units.PS_UM, or numbers, "
            f"{name}.drop_attrs()"
        )
    if size_of(kind, names) is None and unit in names.values():  # {"rate": "meV"}
        return 1.0
    return unit_size(name, unit, kind) / _size(what, kind, names)


def size_of(kind: Kind, names: Mapping[str, str] | None) -> float | None:
    """Return one unit of a model, ``length^l time^t``, in ps and um; None where it is not known."""
    length, time = _sizes(tuple((names or {}).items()))
    factor = 1.0
    for size, power in zip((length, time), kind.powers, strict=True):
        if power and size is None:
            return None
        factor *= size**power if power and size is not None else 1.0
    return factor


def _size(what: str, kind: Kind, names: Mapping[str, str]) -> float:
    size = size_of(kind, names)
    if size is None:
        raise ValueError(
            f"{what} cannot be converted to the units {dict(names)!r} of the model; name units of time and of length "
            f"only, as in lp.units.PS_UM = {PS_UM!r}, or give a number{CONVERT}"
        )
    return size


@cache
def _sizes(names: tuple[tuple[str, str], ...]) -> tuple[float | None, float | None]:
    """Return the units of length in um and of time in ps; None of what is not named, or is not a unit.

    Other names ({"rate": "meV"}) may say what hbar = 1 does not, so that none is known.
    """
    given = dict(names)
    if not set(given) <= {"length", "time"}:
        return None, None
    return _one(given.get("length"), LENGTH), _one(given.get("time"), TIME)


def _one(text: str | None, kind: Kind) -> float | None:
    """Return how many of the units of ``kind`` the unit with this name is."""
    if text in (None, *kind.units):
        return None if text is None else 1.0
    try:
        return float(registry().Quantity(1.0, text).to(next(iter(kind.units))).magnitude)
    except Exception:  # a name of your own, such as "1/epsilon"
        return None
