"""What is raised when a solve fails, and what messages say about texts."""

from typing import Any


class ConvergenceError(RuntimeError):
    """A solve failed. ``result`` is the Dataset of what was reached before, None if nothing was."""

    def __init__(self, message: str, result: Any = None) -> None:
        super().__init__(message)
        self.result = result


#: A text with a unit has to be converted before it goes into an equation.
CONVERT = "; convert a text with a unit by lp.units.length('3 um'), .time('10 ps'), .rate('40 ueV'), .mass(...)"


def unit_hint(given: Any) -> str:
    """The end of a message about what is no number, where it is a text or holds one; else ""."""
    value = given.tolist() if hasattr(given, "tolist") else given
    if isinstance(value, list | tuple):
        return max(map(unit_hint, value), default="")
    return CONVERT if isinstance(value, str) else ""


def refuse_texts(**given: Any) -> None:
    """Refuse a text where a number is needed.

    Raises
    ------
    ValueError
        One is a text, or holds one.
    """
    for name, value in given.items():
        if unit_hint(value):
            raise ValueError(f"{name} = {value!r} is a text; give a number{unit_hint(value)}")
