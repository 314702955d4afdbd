"""Short texts that change whenever a value does, and are the same for the same value in another process."""

import functools
import hashlib
import inspect
import re
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from types import CodeType
from typing import Any

import numpy as np

from latticepol.model import Evolvable

#: Times at which coefficients that depend on time are compared: of every order of magnitude, commensurate with nothing.
TIMES = (0.0, 0.0123, 0.1371, 1.193, 3.717, 12.83, 131.7, 1173.9)


def digest(value: Any, above: tuple[int, ...] = ()) -> str:
    """A short text that changes whenever the value does; plain values stay readable.

    ``above`` holds the ids of what contains the value, since a function may contain itself.
    """
    if id(value) in above:
        return "itself"
    inner = functools.partial(digest, above=(*above, id(value)))
    if isinstance(value, np.ndarray) and value.ndim == 0 and value.dtype != object:
        return repr(value.item())
    if isinstance(value, np.ndarray) and value.dtype != object:
        return f"array{value.shape} {_hash(value.dtype.str, np.ascontiguousarray(value).tobytes())}"
    if isinstance(value, np.generic):
        return repr(value.item())
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{inner(key)}: {inner(item)}" for key, item in value.items()) + "}"
    if isinstance(value, tuple | list):
        return "(" + ", ".join(inner(item) for item in value) + ")"
    if isinstance(value, set | frozenset):  # their order differs from process to process
        return "{" + ", ".join(sorted(inner(item) for item in value)) + "}"
    if isinstance(value, CodeType):
        return _hash(value.co_code, inner(value.co_consts), repr(value.co_names))
    if inspect.isclass(value) or inspect.ismodule(value):
        return value.__name__
    if callable(value) or is_dataclass(value):
        return _object(value, inner)
    return re.sub(r" at 0x[0-9a-f]+", "", repr(value))


def _object(value: Any, inner: Any) -> str:
    """The digest of what can be called, and of dataclasses."""
    if inspect.isfunction(value):
        cells = tuple(cell.cell_contents for cell in value.__closure__ or ())
        inside = inner((value.__code__, cells, value.__defaults__, value.__kwdefaults__))
        return f"{value.__qualname__} {_hash(inside)}"
    if inspect.ismethod(value):
        return f"{inner(value.__func__)} of {inner(value.__self__)}"
    if isinstance(value, functools.partial):
        return f"partial({inner(value.func)}, {inner(value.args)}, {inner(value.keywords)})"
    name = type(value).__qualname__
    if is_dataclass(value):
        # what does not count in a comparison is a memory, not a parameter
        values = [f"{field.name}={inner(getattr(value, field.name))}" for field in fields(value) if field.compare]
        return f"{name}({', '.join(values)})"
    call = type(value).__call__
    if hasattr(value, "__dict__") and inspect.isfunction(call):
        return f"{name}({inner(vars(value))}) {inner(call)}"
    return re.sub(r" at 0x[0-9a-f]+", "", repr(value))


def coefficients(model: Evolvable, shape: tuple[int, ...], start: float) -> str:
    """A digest of the equation as it is computed for a state of the given shape."""
    return _hash(digest(model.fingerprint_data(shape, [start + t for t in TIMES])))


def _hash(*parts: str | bytes) -> str:
    found = hashlib.sha256()
    for part in parts:
        found.update(part.encode() if isinstance(part, str) else part)
    return f"#{found.hexdigest()[:12]}"
