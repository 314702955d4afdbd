"""What a sweep keeps of the model that is swept: its parameters and its units, also where it is wrapped in another."""

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from enum import Enum
from typing import Any

import numpy as np

from latticepol.axes import Axes
from latticepol.solve.content import readable

#: Models within models are described down to here.
DEPTH = 4
#: Values that are written as they are.
WRITTEN = (str, int, float, complex, bool, type(None), np.generic, np.ndarray, list, tuple)


def of_sweep(model: Any, axes: Axes) -> dict[str, Any]:
    """The parameters that are the same at all points, by name; of a model within another ``"net.J"``."""
    ends = [record for end in (0, -1) if (record := _at(model, axes, end)) is not None] or [of_model(model)]
    first, last = ends[0], ends[-1]
    same = (name for name in first if name in last and readable(first[name]) == readable(last[name]))
    return {name: first[name] for name in same if name.split(".")[-1] not in axes.coords}


def _at(model: Any, axes: Axes, point: int) -> dict[str, Any] | None:
    """The record at a point; None if the model refuses it."""
    try:
        return of_model(model.replace(**{name: array[point].item() for name, array in axes.values.items()}))
    except Exception:
        return None


def of_model(model: Any, depth: int = DEPTH) -> dict[str, Any]:
    """The parameters of a model by name: what it says itself, else its fields."""
    own = _own(model)
    if own is not None:
        return own
    found: dict[str, Any] = {}
    for name, value in _held(model).items():
        if isinstance(value, Enum):
            found[name] = str(value)
        elif isinstance(value, WRITTEN):
            found[name] = value
        elif depth and (_own(value) is not None or is_dataclass(value)) and not isinstance(value, type):
            found |= {f"{name}.{inner}": item for inner, item in of_model(value, depth - 1).items()}
        else:
            found[name] = readable(value) if callable(value) else type(value).__qualname__
    return found


def units_of(model: Any, depth: int = DEPTH) -> Mapping[str, str] | None:
    """The texts of time and length of a model, or of all that it holds if they agree; None: it has none."""
    own = getattr(model, "units", None)
    if isinstance(own, Mapping) or _own(model) is not None or not depth:
        return own if isinstance(own, Mapping) else None
    held = [value for value in _held(model).values() if not isinstance(value, (type, *WRITTEN))]
    found = [units for value in held if (units := units_of(value, depth - 1))]
    return found[0] if found and all(units == found[0] for units in found) else None


def texts_of_axes(model: Any, axes: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """Units and long names that the axes bring: a DataArray its own, a field of a dataclass its ``metadata``."""
    noted = {field.name: field.metadata for field in fields(model)} if is_dataclass(model) else {}
    found = {}
    for name, given in axes.items():
        said = {**noted.get(name, {}), **dict(getattr(given, "attrs", {}))}
        found[name] = {key: said[key] for key in ("units", "long_name") if isinstance(said.get(key), str)}
    return found


def _own(model: Any) -> dict[str, Any] | None:
    """What a model says of itself."""
    record = getattr(model, "record", None)
    if isinstance(record, Mapping):
        return dict(record)
    parameters = getattr(model, "parameters", None)
    made = parameters() if callable(parameters) and not isinstance(model, type) else None
    return dict(made) if isinstance(made, Mapping) else None


def _held(model: Any) -> dict[str, Any]:
    """The fields of an object that are not private."""
    if is_dataclass(model):
        return {field.name: getattr(model, field.name) for field in fields(model)}
    return {name: value for name, value in getattr(model, "__dict__", {}).items() if not name.startswith("_")}
