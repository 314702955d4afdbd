"""What a function refers to: the names in its code, and the values that it has with it."""

import contextlib
import dis
from collections.abc import Iterator
from types import CodeType, FunctionType
from typing import Any


def bound(function: FunctionType) -> Iterator[Any]:
    """Return the values that a function has with it: of its closure and its defaults."""
    for cell in function.__closure__ or ():
        with contextlib.suppress(ValueError):  # empty
            yield cell.cell_contents
    yield from (*(function.__defaults__ or ()), *(function.__kwdefaults__ or {}).values())


def global_names(code: CodeType) -> Iterator[str]:
    """Return the names that a function looks up in its module."""
    yield from (i.argval for i in dis.get_instructions(code) if i.opname in ("LOAD_GLOBAL", "LOAD_NAME"))
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from global_names(constant)


def names(code: CodeType) -> Iterator[str]:
    """Return all names in the code, of attributes too."""
    yield from code.co_names
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from names(constant)
