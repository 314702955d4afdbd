"""What a stored point is known by: texts that change with the function, the model, the arguments and the version."""

import functools
import hashlib
import inspect
from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from pathlib import Path
from types import CodeType, FunctionType
from typing import Any

import cloudpickle  # type: ignore[import-untyped]
import numpy as np

from latticepol._version import __version__
from latticepol.solve.fingerprint import coefficients, digest

#: Values whose digest is their text.
PLAIN = (str, bytes, int, float, complex, bool, type(None), np.generic, Path, range, slice)

#: Significant digits of a value that count: the others are rounding errors, of np.linspace for instance.
DIGITS = 12


def rounded(value: Any) -> Any:
    """A real or complex number with ``DIGITS`` digits; anything else as it is."""
    if not isinstance(value, float | complex | np.inexact):
        return value
    kind = complex if np.iscomplexobj(value) else float
    return kind(f"{value:.{DIGITS}g}") + 0.0  # no -0


def combined(*texts: str) -> str:
    """One key of several texts, 16 hexadecimal digits."""
    return hashlib.sha256("\n".join(texts).encode()).hexdigest()[:16]


def of_call(function: Any, args: tuple[Any, ...], options: Mapping[str, Any]) -> str:
    """The key of everything but the model and the random numbers."""
    return combined(content(function), content(args), content(dict(sorted(options.items()))), __version__)


def of_model(model: Any) -> str:
    """The key of a model: its class, parameters and units, arrays by content, and the coefficients it computes."""
    texts = [type(model).__qualname__, repr(getattr(model, "units", None))]
    texts.append(content(model.parameters() if hasattr(model, "parameters") else model))
    if hasattr(model, "computed"):  # what functions of the user give, whatever they are made of
        texts.append(coefficients(model, model.state_shape, 0.0))
    return combined(*texts)


def content(value: Any, seen: frozenset[int] = frozenset()) -> str:
    """A text that changes with the value: readable where it is plain, else by what is inside.

    ``seen`` holds the ids of the functions that led here, since a function may use itself.
    """
    inner = functools.partial(content, seen=seen)
    if isinstance(value, PLAIN) or (isinstance(value, np.ndarray) and value.dtype != object):
        return digest(value)
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{inner(key)}: {inner(item)}" for key, item in value.items()) + "}"
    if isinstance(value, tuple | list):
        return "(" + ", ".join(map(inner, value)) + ")"
    if isinstance(value, set | frozenset):  # their order differs from process to process
        return "{" + ", ".join(sorted(map(inner, value))) + "}"
    if hasattr(value, "to_dict") and hasattr(value, "dims"):  # a Dataset or DataArray; its attributes do not count
        return inner(_arrays(value))
    if inspect.isclass(value) or inspect.ismodule(value):
        return value.__name__
    if isinstance(value, functools.partial):
        return f"partial({inner(value.func)}, {inner(value.args)}, {inner(value.keywords)})"
    if inspect.isroutine(value):
        return _routine(value, seen)
    if is_dataclass(value):
        return f"{type(value).__qualname__} " + inner(
            {f.name: getattr(value, f.name) for f in fields(value) if f.compare}
        )
    return f"{type(value).__qualname__} {combined(cloudpickle.dumps(value).hex())}"


def _arrays(value: Any) -> dict[str, Any]:
    named = value.variables if hasattr(value, "variables") else {"": value, **value.coords}
    return {str(name): (tuple(map(str, named[name].dims)), named[name].values) for name in sorted(named, key=str)}


def _routine(function: Any, seen: frozenset[int]) -> str:
    """Name, what it is bound to and closes over, and for functions of the user the code and what that uses."""
    if id(function) in seen:
        return function.__qualname__
    inner = functools.partial(content, seen=seen | {id(function)})
    texts = [function.__qualname__, inner(getattr(function, "__self__", None))]
    function = getattr(function, "__func__", function)
    if not isinstance(function, FunctionType):
        return combined(*texts)
    cells = tuple(cell.cell_contents for cell in function.__closure__ or ())
    texts += [inner((cells, function.__defaults__, function.__kwdefaults__))]
    module = function.__module__ or ""
    if module.split(".")[0] == "latticepol":  # the version says the rest
        return f"{module}.{function.__qualname__} {combined(*texts)}"
    return f"{function.__qualname__} {combined(*texts, digest(function.__code__), *_used(function, inner))}"


def _used(function: FunctionType, inner: Any) -> Iterator[str]:
    """Texts of the globals that a function uses: functions of the same file, and values."""
    for name in sorted(set(_names(function.__code__)) & set(function.__globals__)):
        value = function.__globals__[name]
        own = isinstance(value, FunctionType) and value.__globals__ is function.__globals__
        strange = inspect.ismodule(value) or inspect.isclass(value) or inspect.isroutine(value)
        if own or not strange:
            yield f"{name} = {_attempt(inner, value)}"


def _attempt(inner: Any, value: Any) -> str:
    """The content, or the class of what cannot be pickled: an open file, an executor."""
    try:
        return inner(value)
    except Exception:
        return type(value).__qualname__


def _names(code: CodeType) -> Iterator[str]:
    yield from code.co_names
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _names(constant)
