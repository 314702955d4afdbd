"""What a stored point is known by: texts that change with the function, the model, the arguments and the version."""

import functools
import hashlib
import inspect
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import CodeType, FunctionType
from typing import Any

import cloudpickle  # type: ignore[import-untyped]
import numpy as np

from latticepol._version import __version__
from latticepol.solve.fingerprint import coefficients, digest

#: Values whose digest is their text.
PLAIN = (str, bytes, int, float, complex, bool, type(None), np.generic, Path, range, slice)


def combined(*texts: str) -> str:
    """One key of several texts, 16 hexadecimal digits."""
    return hashlib.sha256("\n".join(texts).encode()).hexdigest()[:16]


def of_call(function: Any, args: tuple[Any, ...], options: Mapping[str, Any]) -> str:
    """The key of everything but the model and the random numbers."""
    return combined(of_function(function), content(args), content(dict(sorted(options.items()))), __version__)


def of_model(model: Any) -> str:
    """The key of a model: its class, parameters and units, arrays by content, and the coefficients it computes."""
    texts = [type(model).__qualname__, repr(getattr(model, "units", None))]
    texts.append(content(model.parameters() if hasattr(model, "parameters") else model))
    if hasattr(model, "computed"):  # what functions of the user give, whatever they are made of
        texts.append(coefficients(model, model.state_shape, 0.0))
    return combined(*texts)


def of_function(function: Any) -> str:
    """Name and code of a function, with the functions and values of the same file that it uses."""
    module = getattr(function, "__module__", "") or ""
    if module.split(".")[0] == "latticepol":  # the version says the rest
        return f"{module}.{function.__qualname__}"
    if isinstance(function, functools.partial):
        return f"partial({of_function(function.func)}, {content(function.args)}, {content(function.keywords)})"
    return "\n".join([digest(function), *_used(function, {id(function)})])


def content(value: Any) -> str:
    """A text that changes with the value: readable where it is plain, else by what is inside."""
    if isinstance(value, PLAIN) or (isinstance(value, np.ndarray) and value.dtype != object):
        return digest(value)
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{content(key)}: {content(item)}" for key, item in value.items()) + "}"
    if isinstance(value, tuple | list):
        return "(" + ", ".join(map(content, value)) + ")"
    if hasattr(value, "to_dict") and hasattr(value, "dims"):  # a Dataset or DataArray; its history does not count
        return content(_arrays(value))
    if inspect.isroutine(value) or inspect.isclass(value) or isinstance(value, functools.partial):
        return of_function(value)
    if hasattr(value, "__dataclass_fields__"):
        return digest(value)
    return f"{type(value).__qualname__} {combined(cloudpickle.dumps(value).hex())}"


def _arrays(value: Any) -> dict[str, Any]:
    named = value.variables if hasattr(value, "variables") else {"": value, **value.coords}
    return {str(name): (tuple(map(str, named[name].dims)), named[name].values) for name in sorted(named, key=str)}


def _used(function: Any, seen: set[int]) -> Iterator[str]:
    """Texts of the globals that a function uses: functions of the same file, and plain values."""
    if not isinstance(function, FunctionType):
        return
    for name in sorted(set(_names(function.__code__))):
        value = function.__globals__.get(name)
        if id(value) in seen:
            continue
        if isinstance(value, FunctionType) and value.__globals__ is function.__globals__:
            seen.add(id(value))
            yield digest(value)
            yield from _used(value, seen)
        elif isinstance(value, (*PLAIN, tuple, list, dict, np.ndarray)) and value is not None:
            yield f"{name} = {content(value)}"


def _names(code: CodeType) -> Iterator[str]:
    yield from code.co_names
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _names(constant)
