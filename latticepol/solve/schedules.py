"""Schedules: when something happens; and the steady-state stop, the one callback that comes with the package."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from latticepol.errors import refuse_texts
from latticepol.solve.texts import TextSchedule
from latticepol.units.reading import states_a_unit

#: Digits kept of a time: sums of steps are rounded to the number that was meant.
DIGITS = 12


def rounded(t: float) -> float:
    """t without the rounding of the sum it came from."""
    return float(f"{t:.{DIGITS}g}")


@dataclass(frozen=True)
class Every:
    """``start, start + period, ...``, where start is the time at which the run begins."""

    period: float

    def times(self, start: float, end: float) -> list[float]:
        """All times of the schedule in [start, end]."""
        count = int(np.floor((end - start) / self.period * (1 + 1e-12) + 1e-9))
        return [rounded(start + i * self.period) for i in range(count + 1)]

    def __repr__(self) -> str:
        return f"every({self.period:g})"


@dataclass(frozen=True)
class AtTimes:
    """The given times."""

    given: tuple[float, ...]

    def times(self, start: float, end: float) -> list[float]:
        """All times of the schedule in [start, end]."""
        return sorted({rounded(t) for t in self.given if start <= t <= end})

    def __repr__(self) -> str:
        return f"at_times({list(self.given)})"


Schedule = Every | AtTimes | TextSchedule


def every(period: Any) -> Schedule:
    """Every ``period`` of simulated time, counted from the start of the run, the start included.

    For a model with units the period may be a text, ``lp.every("1 ps")``.

    Raises
    ------
    ValueError
        period <= 0, or a text that is no time.
    """
    if states_a_unit(period):
        return TextSchedule(every, period)
    refuse_texts(period=period)
    if not (np.isfinite(period) and period > 0):
        raise ValueError(f"period = {period} must be > 0; it is a simulated time")
    return Every(float(period))


def at_times(times: Any) -> Schedule:
    """At the given simulated times, for a model with units also texts, ``lp.at_times(["1 ps", "1 ns"])``."""
    if states_a_unit(times):
        return TextSchedule(at_times, times)
    refuse_texts(times=times)
    array = np.atleast_1d(np.asarray(times, float))
    if not np.isfinite(array).all():
        raise ValueError(f"times = {times} are not finite")
    return AtTimes(tuple(array.tolist()))


@dataclass(repr=False)
class _Steady:
    tol: float
    last: Any = field(default=None, compare=False)

    def __repr__(self) -> str:
        return f"stop_when_steady({self.tol:g})"

    def __call__(self, frame: Any) -> bool:
        density = np.abs(frame.psi.values) ** 2
        t, last, self.last = float(frame.time[-1]), self.last, (float(frame.time[-1]), density)
        if last is None or t <= last[0]:
            return False
        return bool(np.linalg.norm(density - last[1]) <= self.tol * (t - last[0]) * np.linalg.norm(density))


def stop_when_steady(tol: float = 1e-8) -> Callable[[Any], bool]:
    """A callback that ends the run when the relative change of |psi|^2 per unit time falls below ``tol``."""
    return _Steady(tol)
