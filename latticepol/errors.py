"""What is raised when a solve fails, and what messages say about what was given."""

import inspect
from typing import Any


class ConvergenceError(RuntimeError):
    """A solve failed. ``result`` is the Dataset of what was reached before, None if nothing was."""

    def __init__(self, message: str, result: object = None) -> None:
        super().__init__(message)
        self.result = result


class BusyError(RuntimeError):
    """Another process writes to the same place."""


#: A text with a unit has to be converted before it goes into an equation.
CONVERT = "; convert a text with a unit by lp.units.length('3 um'), .time('10 ps'), .rate('40 ueV'), .mass(...)"


#: No array of numpy has more dimensions; a list that is nested deeper holds no numbers.
DEEPEST = 64


def dtype_kind(given: object) -> str:
    """Return the letter of numpy for what an array holds; "" for anything else."""
    letter = getattr(getattr(given, "dtype", None), "kind", "")
    return letter if isinstance(letter, str) and not isinstance(given, type) else ""


def unit_hint(given: object, depth: int = DEEPEST) -> str:
    """Return the end of a message that asks for a number, where a text was given or holds one; else ""."""
    if dtype_kind(given) not in ("", "O", "S", "U"):  # numbers, as many as there may be
        return ""
    held = getattr(given, "values", given) if dtype_kind(given) else given  # of a DataArray
    value = held.tolist() if dtype_kind(given) and hasattr(held, "tolist") else given
    if isinstance(value, list | tuple):
        return max((unit_hint(part, depth - 1) for part in value), default="") if depth else ""
    return CONVERT if isinstance(value, str) else ""


def refuse_texts(**given: object) -> None:
    """Refuse a text where a number is needed.

    Raises
    ------
    ValueError
        One is a text, or holds one.
    """
    for name, value in given.items():
        if unit_hint(value):
            raise ValueError(f"{name} = {value!r} is a text; give a number{unit_hint(value)}")


def kind(given: object) -> str:
    """Return what was given, in a few words: None, 'a text', 0.1, "a Site", "a ndarray of shape (2, 3)"."""
    if given is None or isinstance(given, str | bool | int | float | complex):
        return repr(given)
    if isinstance(given, type):
        return f"the class {given.__name__}"
    name, shape = type(given).__name__, getattr(given, "shape", None)
    of_shape = f" of shape {shape}" if isinstance(shape, tuple) and hasattr(given, "dtype") else ""
    return f"{'an' if name[0] in 'AEIOUaeiou' else 'a'} {name}{of_shape}"


def short(given: object) -> str:
    """Return what was given as it is written, in at most 80 letters."""
    try:
        text = repr(given)
    except Exception:  # of a list too deep to be written, or of a user's own class
        text = kind(given)
    return text if len(text) <= 80 else text[:77] + "..."


def check_function(name: str, function: Any, *arguments: str) -> None:
    """Refuse a function that does not take these arguments.

    Raises
    ------
    TypeError
        It takes others.
    """
    taken = getattr(function, "nin", len(arguments))  # of a ufunc, which has no signature
    if taken != len(arguments):
        raise TypeError(f"{name} must be a function f({', '.join(arguments)}); it takes {taken} arguments")
    try:
        signature = inspect.signature(function)
    except (TypeError, ValueError):  # of a builtin, which tells nothing
        return
    try:
        signature.bind(*arguments)
    except TypeError:
        raise TypeError(f"{name} must be a function f({', '.join(arguments)}); it takes {signature}") from None


def lattice_hint(given: object) -> str:
    """Return what to give where a lattice is needed: that of a model, where this was given, else an example."""
    return "here net.lattice" if hasattr(given, "lattice") else "for example lp.lattice.honeycomb()"
