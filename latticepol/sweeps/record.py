"""What a sweep keeps of what it goes over: parameters and units of a model, also where it is held by another object."""

from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass
from enum import Enum
from functools import cached_property
from typing import Protocol, Self

import numpy as np

from latticepol.axes import Axes
from latticepol.model import Parametric, is_model
from latticepol.results.content import readable
from latticepol.units.reading import states_a_unit

#: Models within models are described down to here.
DEPTH = 4
#: Values that are written as they are.
WRITTEN = (str, int, float, complex, bool, type(None), np.generic, np.ndarray, list, tuple)


class Replaceable(Protocol):
    """What may be swept: a model, or any object with ``replace``."""

    @property
    def replace(self) -> Callable[..., Self]:
        """Return a copy with some parameters changed, which are given by name."""
        ...


class Foreign:
    """An object that is not a model, described by what it says of itself, or by its fields to a ``depth``."""

    def __init__(self, given: object, depth: int) -> None:
        self.given, self.depth = given, depth

    @property
    def units(self) -> Mapping[str, str] | None:
        """Names of its own units, if it has any."""
        units = getattr(self.given, "units", None)
        return units if isinstance(units, Mapping) else None

    @cached_property
    def said(self) -> dict[str, object] | None:
        """What it says of itself in the way of a model; None: nothing."""
        record = getattr(self.given, "record", None)
        if isinstance(record, Mapping):
            return dict(record)
        parameters = getattr(self.given, "parameters", None)
        made = parameters() if callable(parameters) and not isinstance(self.given, type) else None
        return dict(made) if isinstance(made, Mapping) else None

    @property
    def held(self) -> dict[str, object]:
        """Its fields that are not private."""
        if is_dataclass(self.given):
            return {field.name: getattr(self.given, field.name) for field in fields(self.given)}
        return {name: value for name, value in getattr(self.given, "__dict__", {}).items() if not name.startswith("_")}

    @property
    def record(self) -> dict[str, object]:
        """Its parameters by name; of a model that it holds ``"net.J"``."""
        if self.said is not None:
            return self.said
        return dict(pair for name, value in self.held.items() for pair in self._written(name, value).items())

    def _written(self, name: str, value: object) -> dict[str, object]:
        if isinstance(value, Enum):
            return {name: str(value)}
        if isinstance(value, WRITTEN):
            return {name: value}
        if self.depth and not isinstance(value, type) and _tells(value):
            return {f"{name}.{inner}": item for inner, item in described(value, self.depth - 1).record.items()}
        return {name: readable(value) if callable(value) else type(value).__qualname__}

    @property
    def shared_units(self) -> Mapping[str, str] | None:
        """Its own, or those of all that it holds if they agree."""
        if self.units is not None or self.said is not None or not self.depth:
            return self.units
        held = [value for value in self.held.values() if not isinstance(value, (type, *WRITTEN))]
        found = [units for value in held if (units := units_of(value, self.depth - 1))]
        return found[0] if found and all(units == found[0] for units in found) else None


def check_replaceable(given: object) -> None:
    """Raise TypeError where no copies with other parameters can be made."""
    if not hasattr(given, "replace"):
        raise TypeError(
            f"model = {given!r:.60} has no method replace(**parameters); give a lp.Site, lp.Network, lp.SpinorGPE or "
            f"another {Parametric.__module__}.{Parametric.__name__}, or add that method"
        )


def described(given: object, depth: int = DEPTH) -> Parametric | Foreign:
    """Return a model as it is, and any other object as a Foreign."""
    return given if is_model(given) else Foreign(given, depth)


def _tells(value: object) -> bool:
    return is_dataclass(value) or is_model(value) or Foreign(value, 0).said is not None


def units_of(given: object, depth: int = DEPTH) -> Mapping[str, str] | None:
    """Return the names of the units in which results are; None: it has none."""
    return given.units if is_model(given) else Foreign(given, depth).shared_units


def of_sweep(model: Replaceable, axes: Axes) -> dict[str, object]:
    """Return the parameters that are the same at all points, by name."""
    ends = [record for end in (0, -1) if (record := _at(model, axes, end)) is not None] or [described(model).record]
    first, last = ends[0], ends[-1]
    same = (name for name in first if name in last and readable(first[name]) == readable(last[name]))
    return {name: first[name] for name in same if name.split(".")[-1] not in axes.coords}


def _at(model: Replaceable, axes: Axes, point: int) -> Mapping[str, object] | None:
    """Return the record at a point; None if the model refuses it."""
    try:
        return described(model.replace(**{name: array[point].item() for name, array in axes.values.items()})).record
    except Exception:
        return None


def texts_of_axes(model: object, axes: Mapping[str, object]) -> dict[str, dict[str, str]]:
    """Return units and long names of the axes: a DataArray brings its own, a model knows those of its parameters, a
    dataclass has them in the ``metadata`` of its fields."""
    noted = {field.name: field.metadata for field in fields(model)} if is_dataclass(model) else {}
    found = {}
    for name, given in axes.items():
        known = model.axis_attributes(name) if is_model(model) and not states_a_unit(given) else {}
        said = {**known, **noted.get(name, {}), **dict(getattr(given, "attrs", {}))}
        found[name] = {key: said[key] for key in ("units", "long_name") if isinstance(said.get(key), str)}
    return found
