"""Schedules: when something happens; and the steady-state stop, the one callback that comes with the package."""

import itertools
import math
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np

from latticepol.arrays import read_array, read_number
from latticepol.evolution.texts import TextSchedule
from latticepol.timing import DIGITS, rounded
from latticepol.units.reading import states_a_unit

#: The rounding of a time must not change a period, or the length of a run, by more than this part.
UNEVEN = 1e-3
#: Times that differ by so many units in the last place were meant to be the same.
ULPS = 16
#: Times of one schedule beyond which a run would not end.
MOST_STOPS = 1e7


def read_time(name: str, given: object, **limits: Any) -> float:
    """Return a time or a step as a float; the one place where those of ``evolve`` and of schedules are read."""
    time: float = read_number(name, given, need="a simulated time", **limits)
    return time


def same(first: float, second: float) -> bool:
    """Return whether two times differ by nothing but rounding errors of sums."""
    return abs(first - second) <= ULPS * math.ulp(max(abs(first), abs(second)))


def check_resolved(name: str, length: float, near: float, moved: float) -> None:
    """Refuse a period, or the length of a run, that the rounding of a time ``near`` by ``moved`` would distort.

    Raises
    ------
    ValueError
        moved > UNEVEN length.
    """
    if moved > UNEVEN * length:
        raise ValueError(
            f"{name} cannot be resolved: times are kept to {DIGITS} digits, which moves one near {near:.6g} by "
            f"{moved:.3g}; start the clock at t0=0, or give a longer one"
        )


@dataclass(frozen=True)
class Every:
    """``start, start + period, ...``, where start is the time at which the run begins."""

    period: float

    def times(self, start: float, end: float) -> list[float]:
        """Return all times of the schedule in [start, end].

        Raises
        ------
        ValueError
            There are too many, or they are not evenly spaced after rounding.
        """
        periods = (end - start) / self.period
        if periods > MOST_STOPS:
            raise ValueError(
                f"every({self.period:g}) are {periods:.3g} times between t = {start:g} and {end:g}, which takes for "
                "ever: give a longer period"
            )
        exact = [start + i * self.period for i in range(int(np.floor(periods * (1 + 1e-12) + 1e-9)) + 1)]
        found = [rounded(t) for t in exact]
        moved = max((abs(t - kept), t) for t, kept in zip(exact, found, strict=True))
        check_resolved(f"period = {self.period:g}", self.period, moved[1], moved[0])
        return found

    def after(self, start: float, end: float) -> float:
        """Return the first time of the schedule that is later than ``end``."""
        i = int((end - start) / self.period)
        return next(t for t in (rounded(start + k * self.period) for k in itertools.count(i)) if t > end)

    def __repr__(self) -> str:
        return f"every({self.period:g})"


@dataclass(frozen=True)
class AtTimes:
    """The given times."""

    given: tuple[float, ...]

    def times(self, start: float, end: float) -> list[float]:
        """Return all times of the schedule in [start, end].

        Raises
        ------
        ValueError
            Two that differ are the same after rounding.
        """
        inside = sorted(t for t in self.given if start <= t <= end or same(t, start) or same(t, end))
        for first, second in itertools.pairwise(inside):
            if rounded(first) == rounded(second) and not same(first, second):
                raise ValueError(
                    f"times = {first!r} and {second!r} cannot be resolved: times are kept to {DIGITS} digits; give one "
                    "of them, or start the clock at t0=0"
                )
        return sorted({rounded(t) for t in inside})

    def after(self, start: float, end: float) -> float:
        """Return the first time of the schedule that is later than ``end``, infinity where there is none."""
        return min((rounded(t) for t in self.given if rounded(t) > max(start, end)), default=math.inf)

    def __repr__(self) -> str:
        return f"at_times({list(self.given)})"


Schedule = Every | AtTimes | TextSchedule


class Stops(NamedTuple):
    """Where a run stops, in order, and where the steps go that lead to the last one.

    That is the last one itself if a run that goes on would stop there too, else its next stop, infinity if it has none.
    """

    times: list[float]
    aim: float


def every(period: object) -> Schedule:
    """Return the schedule of every ``period`` of simulated time, counted from the start of the run, the start included.

    For a model with units the period may be a text, ``lp.every("1 ps")``.

    Raises
    ------
    TypeError
        It is not a number.
    ValueError
        period <= 0, or not finite; a text that is not a time.
    """
    if states_a_unit(period):
        return TextSchedule(every, period)
    return Every(read_time("period", period, above=0))


def at_times(times: object) -> Schedule:
    """Return the schedule of the given simulated times: a number, a list or an array of one dimension.

    For a model with units also texts, ``lp.at_times(["1 ps", "1 ns"])``.

    Raises
    ------
    TypeError
        They are not numbers.
    ValueError
        One is not finite, complex or masked, or there is more than one dimension.
    """
    if states_a_unit(times):
        return TextSchedule(at_times, times)
    array = read_array("times", times, need="simulated times")
    if array.ndim > 1:
        raise ValueError(f"times has shape {array.shape}; give a list of simulated times: .ravel()")
    return AtTimes(tuple(np.atleast_1d(array).tolist()))


@dataclass(repr=False)
class _Steady:
    tol: float
    last: Any = field(default=None, compare=False)

    def __repr__(self) -> str:
        return f"stop_when_steady({self.tol:g})"

    def __call__(self, frame: Any) -> bool:
        density = np.abs(frame.psi.values) ** 2
        t, last, self.last = float(frame.time[-1]), self.last, (float(frame.time[-1]), density)
        if last is None or t <= last[0] or last[1].shape != density.shape:  # of an earlier run
            return False
        return bool(np.linalg.norm(density - last[1]) <= self.tol * (t - last[0]) * np.linalg.norm(density))

    def state(self) -> Any:
        """Return the time and |psi|^2 of the last call."""
        return self.last

    def restore(self, state: Any) -> None:
        """Go on after the call of that state."""
        self.last = state if state is None else tuple(state)


def stop_when_steady(tol: float = 1e-8) -> Callable[[Any], bool]:
    """Return a callback that ends the run when the relative change of |psi|^2 per unit time falls below ``tol``.

    Raises
    ------
    TypeError
        tol is not a number.
    ValueError
        tol <= 0, or not finite.
    """
    return _Steady(read_number("tol", tol, above=0, need="a relative change per unit time"))
