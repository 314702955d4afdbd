"""Times of a call as texts, "20 ps" and lp.every("1 ps"): numbers in the unit of time of the model."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from latticepol.model import Parametric
from latticepol.units.conversions import time
from latticepol.units.reading import TIME
from latticepol.units.texts import in_units


@dataclass(frozen=True)
class TextSchedule:
    """A schedule whose times are texts with a unit, until a model says what its unit of time is.

    Raises
    ------
    ValueError
        A text is not a time, or not one that ``make`` takes.
    """

    make: Callable[[Any], Any]
    given: Any

    def __post_init__(self) -> None:
        self.make(time(self.given))

    def of(self, model: Parametric, name: str) -> Any:
        """Return the schedule with numbers in the units of a model."""
        return self.make(in_units(name, self.given, TIME, model.units))

    def times(self, start: float, end: float) -> list[float]:
        """Refuse to say when it is due: there is no model."""
        raise ValueError(f"{self!r} has a unit, and without a model none is known; give a number")

    def after(self, start: float, end: float) -> float:
        """Refuse to say when it is due next, as :meth:`times`."""
        return self.times(start, end)[0]

    def __repr__(self) -> str:
        return f"{self.make.__name__}({self.given!r})"


def as_numbers(model: Parametric, **given: object) -> list[Any]:
    """Return times, schedules and callbacks, in this order, with numbers in place of texts with a unit.

    Anything but a text stays as it is, even if it is not a time.

    Raises
    ------
    ValueError
        A text is not a time, or the model has no units.
    """
    return [_as_number(model, name, value) for name, value in given.items()]


def _as_number(model: Parametric, name: str, given: object) -> Any:
    if isinstance(given, TextSchedule):
        return given.of(model, f"a time of {name}")
    if name == "callbacks":
        return _pairs(model, given)
    return in_units(name, given, TIME, model.units)


def _pairs(model: Parametric, callbacks: object) -> Any:
    """Return the callbacks with schedules of numbers; anything but a list of pairs as it is."""
    if not isinstance(callbacks, tuple | list) or not all(isinstance(pair, tuple | list) for pair in callbacks):
        return callbacks
    return [(*(_as_number(model, "a callback", part) for part in pair[:1]), *pair[1:]) for pair in callbacks]
