"""Results and arguments reduced to the bytes of their numbers, and whether an error was raised with a word."""

import dis
import hashlib
import os
import traceback
from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr

import latticepol

PACKAGE = str(Path(latticepol.__file__).parent) + os.sep
#: Errors that may be raised, each with a text.
WORDS = (ValueError, TypeError, RuntimeError, ImportError, OSError)
#: Errors that say nothing to a user, whoever raises them.
BARE = (AttributeError, KeyError, IndexError, ZeroDivisionError, RecursionError, UnicodeError)


#: Deeper than any result is nested.
DEEPEST = 20


def parts(value: Any, path: str = "", depth: int = 0) -> Iterator[tuple[str, Any]]:
    """Every array, number and text in a result, with where it is."""
    depth += 1
    if depth > DEEPEST:
        return
    if isinstance(value, xr.Dataset):
        for name in sorted(map(str, value.variables)):
            yield from parts(value[name].variable, f"{path}.{name}", depth)
    elif isinstance(value, xr.DataArray | xr.Variable):  # dimensions are known by name, their order is none
        ordered = value.transpose(*sorted(map(str, value.dims)))
        yield f"{path} {ordered.dims}", ordered.values
    elif isinstance(value, np.ndarray | np.generic):
        yield path, np.asarray(value)
    elif isinstance(value, Mapping):
        for name, one in value.items():
            yield from parts(one, f"{path}[{name!r}]", depth)
    elif isinstance(value, list | tuple):
        for i, one in enumerate(value):
            yield from parts(one, f"{path}[{i}]", depth)
    elif isinstance(value, bool | int | float | complex | str | None):
        yield path, value
    elif is_dataclass(value) and not isinstance(value, type):
        for field in fields(value):
            yield from parts(getattr(value, field.name), f"{path}.{field.name}", depth)
    elif hasattr(value, "get_children"):
        yield from drawn(value, path)


def drawn(artist: Any, path: str) -> Iterator[tuple[str, Any]]:
    """The numbers that an axis of matplotlib shows."""
    for i, child in enumerate([artist, *artist.get_children()]):
        for name in ("get_xdata", "get_ydata", "get_offsets", "get_array", "get_coordinates", "get_clim"):
            if hasattr(child, name):
                yield f"{path}/{i}.{name}", np.ma.filled(np.ma.asarray(getattr(child, name)()).astype(float), np.nan)


def _bytes(value: Any) -> bytes:
    if isinstance(value, float | complex):
        value = np.asarray(value)
    if not isinstance(value, np.ndarray):
        return repr(value).encode()
    if value.dtype.kind in "OUS":
        return repr(value.tolist()).encode()
    if value.dtype.kind == "c" and not value.imag.any():
        value = value.real  # the same numbers
    native = np.ascontiguousarray(value.astype(value.dtype.newbyteorder("=")))
    return f"{native.dtype.kind}{native.dtype.itemsize}{native.shape}".encode() + native.tobytes()


def digest(value: Any) -> dict[str, str]:
    """Where -> digest of the numbers there."""
    return {path: hashlib.sha1(_bytes(part)).hexdigest() for path, part in parts(value)}


def holds_nan(value: Any) -> list[str]:
    """Where there is NaN."""
    found = []
    for path, part in parts(value):
        array = np.asarray(part)
        if array.dtype.kind in "fc" and np.isnan(array).any():
            found.append(path)
    return found


def overwrite(value: Any) -> None:
    """Change every number of an argument in place, where that can be done."""
    for _, part in parts(value):
        if isinstance(part, np.ndarray) and part.dtype.kind in "iufcb" and part.flags.writeable:
            part[...] = part * 3 + 1


def last_frame(error: BaseException) -> tuple[Any, int] | None:
    """(frame summary of the last frame, offset of its instruction), where there is one."""
    tb = error.__traceback__
    while tb is not None and tb.tb_next is not None:
        tb = tb.tb_next
    return None if tb is None else (tb, tb.tb_lasti)


def raised_on_purpose(error: BaseException) -> bool:
    """Whether the last frame is a ``raise`` in latticepol: nobody else's words, and none of Python's own."""
    found = last_frame(error)
    if found is None:
        return False
    code = found[0].tb_frame.f_code
    return code.co_filename.startswith(PACKAGE) and dis.opname[code.co_code[found[1]]] in ("RAISE_VARARGS", "RERAISE")


def bare(error: BaseException) -> str:
    """What is wrong with an error; "" where nothing is."""
    if isinstance(error, BARE) and not isinstance(error, OSError):
        return f"bare {type(error).__name__}"
    if not isinstance(error, WORDS):
        return f"bare {type(error).__name__}"
    if not raised_on_purpose(error):
        return f"{type(error).__name__} of {room(error)}"
    return "" if len(str(error)) > 10 else f"{type(error).__name__} without a text"


def room(error: BaseException) -> str:
    """Who raised: numpy, numba, scipy, ...; "Python" where an expression of latticepol failed."""
    found = last_frame(error)
    name = found[0].tb_frame.f_code.co_filename if found else ""
    if name.startswith(PACKAGE):
        return "Python"
    for package in ("site-packages", "dist-packages"):
        if package in name:
            return name.split(package + os.sep)[-1].split(os.sep)[0].split(".")[0]
    return "the standard library" if "python3" in name else "the test" if "tests" in name else name or "nowhere"


def where(error: BaseException) -> str:
    """The innermost line of latticepol, and the function."""
    inner = [f for f in traceback.extract_tb(error.__traceback__) if f.filename.startswith(PACKAGE)]
    if not inner:
        return "outside latticepol"
    return f"{inner[-1].filename.removeprefix(PACKAGE)}:{inner[-1].lineno} {inner[-1].name}"
