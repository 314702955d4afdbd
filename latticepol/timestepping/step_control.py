"""Advance the state of an engine from one stop to the next: with equal steps, or with steps chosen by an error
estimate."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple, Protocol

import numpy as np

from latticepol.errors import ConvergenceError
from latticepol.state import Integrator, RunningState
from latticepol.timing import rounded

#: A state to go back to: the time, copies of the arrays, and the step whose ``finish`` completes it, if any.
Good = tuple[float, list[np.ndarray], float | None]
#: Equal steps between two looks for NaN.
LOOK = 50
#: Steps that differ by less than this part are one: an integrator has tables for each.
SAME_STEP = 1e-9
#: Lengths of adaptive steps between one and twice that, where no stop is ahead.
RUNGS = 4
#: A step this small, relative to the time or to the one that was tried first, is a failure; times so near are one.
SMALLEST = 1e-10
#: A number of steps that is a whole one but for the rounding of a quotient.
ROUNDING = 1e-12
#: Longest adaptive step next to functions of time of which nothing is known, as a part of the time that has passed. Any
#: pulse longer than that is seen, and the thousands of steps take no longer than a look at the result.
PART = 1e-3
#: Relative change of the state in the first adaptive step.
CHANGE = 1e-2
#: How often a tenth of a step is tried to find it.
TRIES = 6
#: What is called after a step, with the time and the number of steps of the row; and before one that is cut short.
After = Callable[[float, int], None]
Rest = Callable[[], None]


@dataclass(frozen=True)
class StepChoice:
    """How the next step follows from an error estimate.

    Parameters
    ----------
    safety
        It is this part of the one that the estimate allows.
    longer, shorter
        It is at most so many times longer, and at least this part.
    worth
        It becomes longer only where that is by more than this factor: an integrator has tables for each step.
    """

    safety: float = 0.9
    longer: float = 2.0
    shorter: float = 0.2
    worth: float = 1.2


#: What is used where nothing else is said.
STEP_CHOICE = StepChoice()


def finite(engine: RunningState) -> bool:
    """Return whether the state holds no NaN and no infinity."""
    return all(bool(np.isfinite(array.sum())) for array in engine.state)


def _norm(array: np.ndarray) -> float:
    """Return the Euclidean norm, by a sum whose order does not depend on the threads of a library: steps follow from
    it."""
    return math.sqrt(float((np.abs(array) ** 2).sum()))


def _count(span: float, dt: float) -> int:
    """Return the fewest equal steps of at most dt."""
    return max(1, int(np.ceil(span / dt * (1 - SAME_STEP))))


class Driver(Protocol):
    """What takes a state from one stop to the next."""

    integrator: Integrator
    steps: int
    #: The last state that was seen to be finite, if any.
    good: Good | None
    #: The next step, and the one that was tried first; None before that is known.
    dt: float | None
    first: float | None

    def advance(self, engine: RunningState, row: "Row", now: float, done: int, after: After, rest: Rest) -> None:
        """Go through the row from the time ``now``; ``rest`` is called before a step that is cut short."""
        ...


def _rung(h: float) -> float:
    """Return the next shorter of a few lengths: an integrator has tables for each."""
    return float(2.0 ** (math.floor(RUNGS * math.log2(h) + SAME_STEP) / RUNGS))


class Row(NamedTuple):
    """The way from one stop to the next, in steps that go to ``aim``.

    The last stop of a run may lie before the aim: then all steps but the last, which is cut short, are those of a run
    that goes on, so that what is known before that one does not depend on where the run ends.
    """

    start: float
    stop: float
    aim: float  # infinite where nothing comes after the stop


class Fixed:
    """Equal steps of at most ``dt``."""

    def __init__(self, integrator: Integrator, dt: float) -> None:
        self.integrator, self.longest, self.steps = integrator, dt, 0
        self.dt: float | None = dt
        self.first: float | None = dt
        self.good: Good | None = None  # the last state between two stops that was seen to be finite

    def advance(self, engine: RunningState, row: Row, now: float, done: int, after: After, rest: Rest) -> None:
        """Go through the row, of which ``done`` steps are behind already where a run is resumed.

        ``after(t, number of steps done)`` is called after each step but the last, and ``rest()`` before the one that is
        cut short, or would be if the row had another stop.
        """
        h, count, left = self._plan(row)
        self.good = None
        for i in range(done, count):
            self.integrator.step(engine, row.start + i * h, h, first=i == 0)
            self.steps += 1
            if i % LOOK == LOOK - 1:
                self._look(engine, row.start + (i + 1) * h, h)
            if i + 1 < count or row.stop != row.aim:
                after(row.start + (i + 1) * h, i + 1)
        if row.stop != row.aim:
            rest()
        if count:
            self.integrator.finish(engine, h)
        if left:
            self.integrator.step(engine, row.start + count * h, left, first=True)
            self.integrator.finish(engine, left)
            self.steps += 1

    def _plan(self, row: Row) -> tuple[float, int, float]:
        """Return the step, how many there are up to the stop, and the length of the one that is left."""
        span = row.stop - row.start
        if row.stop == row.aim:
            count = _count(span, self.longest)
            return rounded(span / count), count, 0.0
        way = row.aim - row.start
        h = rounded(way / _count(way, self.longest)) if way < math.inf else self.longest
        count = math.floor(span / h * (1 + ROUNDING))
        left = span - count * h
        return h, count, left if left > SAME_STEP * h else 0.0

    def _look(self, engine: RunningState, t: float, h: float) -> None:
        if not finite(engine):
            raise ConvergenceError(f"the field holds NaN or infinity at t = {t:.6g}; use a smaller dt than {h:g}")
        self.good = rounded(t), [array.copy() for array in engine.state], h


class Adaptive:
    """Steps of relative local error at most ``tol``, estimated by comparing one step with two half steps.

    An error estimate sees only the times it asks for, so steps are bounded, by nothing that depends on where the run
    ends.

    Parameters
    ----------
    integrator, tol
        What steps, and the error of a step.
    longest
        ``longest(start, end)`` is the longest step between two stops.
    blind
        The start of the run, where nothing is known of what happens between two steps: they are then at most a
        thousandth of the time that has passed since, if not as short as the first. None: all is known.

    Attributes
    ----------
    dt, first
        The next step and the first one, None before it.
    """

    def __init__(
        self,
        integrator: Integrator,
        tol: float,
        longest: Callable[[float, float], float],
        blind: float | None = None,
        choice: StepChoice = STEP_CHOICE,
    ) -> None:
        self.integrator, self.tol, self.steps = integrator, tol, 0
        self.longest, self.blind, self.choice = longest, blind, choice
        self.dt: float | None = None
        self.first: float | None = None
        self.good: Good | None = None  # the state before a step that failed

    def advance(self, engine: RunningState, row: Row, now: float, done: int, after: After, rest: Rest) -> None:
        """Go through the row as :class:`Fixed` does; a resumed run starts from the time ``now`` that it had reached."""
        self.good = None
        if self.dt is None:
            self.dt = self.first = rounded(self._first(engine, now, self.longest(row.start, row.aim)))
        now, done = self._through(engine, row, now, done, after)
        if row.stop != row.aim:
            rest()
            self._through(engine, row._replace(aim=row.stop), now, done, after)

    def _through(self, engine: RunningState, row: Row, t: float, done: int, after: After) -> tuple[float, int]:
        """Take all steps on the way to the aim that end at the stop or before; return the time reached, and their
        number."""
        near = SMALLEST * max(abs(row.stop), row.stop - row.start)
        tried = 0.0
        while row.stop - t >= near:
            h, longest = self._next(row, t)
            if t + h > row.stop + near:
                break
            before, tried = [array.copy() for array in engine.state], tried or h
            error = self._attempt(engine, t, h)
            factor = self._factor(error)
            if not error <= self.tol:
                restore(engine, before)
                self.dt = h * min(max(factor, self.choice.shorter), self.choice.safety)
                if self.dt < SMALLEST * max(tried, abs(t)):
                    self.good = rounded(t), before, None
                    raise self._fallen(t, row.stop)
                continue
            self.steps, t, done, tried = self.steps + 1, t + h, done + 1, 0.0
            factor = min(factor, self.choice.longer, longest / h)
            self.dt = h * max(factor, self.choice.shorter) if factor > self.choice.worth or factor < 1 else h
            if row.stop - t >= near or row.stop != row.aim:
                after(t, done)
        return t, done

    def _next(self, row: Row, t: float) -> tuple[float, float]:
        """Return the next step, one of equal ones up to the aim, and the longest that is allowed."""
        assert self.dt is not None
        assert self.first is not None
        longest = self.longest(row.start, row.aim)
        if self.blind is not None:
            longest = min(longest, _rung(max(self.first, PART * (t - self.blind))))
        h, way = min(self.dt, longest), row.aim - t
        if way < math.inf:
            h = way / _count(way, h)
        elif h < longest:
            h = _rung(h)
        return (rounded(h) if abs(h - self.dt) > SAME_STEP * self.dt else self.dt), longest

    def _factor(self, error: float) -> float:
        """Return by how much the next step may be longer than the one with that error."""
        if not error < math.inf:
            return self.choice.shorter
        allowed: float = (self.tol / max(error, 1e-300)) ** (1 / (self.integrator.order + 1))
        return self.choice.safety * allowed

    def _fallen(self, t: float, stop: float) -> ConvergenceError:
        return ConvergenceError(
            f"the step fell to {self.dt:.3g} at t = {t:.6g}, on the way to t = {stop:.6g}: the field blows up, or "
            f"tol = {self.tol} is below rounding."
        )

    def _first(self, engine: RunningState, t: float, longest: float) -> float:
        """Return the step in which the state changes by a hundredth, at most a unit of time.

        It is h_0 of E. Hairer, S. P. Norsett and G. Wanner, Solving Ordinary Differential Equations I, II.4
        (doi:10.1007/978-3-540-78862-1), with the change in a short step in place of the derivative.
        """
        h = min(longest, 1.0)
        before = [array.copy() for array in engine.state]
        with np.errstate(all="ignore"):
            for _ in range(TRIES):
                change = self._change(engine, t, h, before)
                if change < 10 * CHANGE:
                    break
                h /= 10
        return h * min(1.0, CHANGE / max(change, 1e-300))

    def _change(self, engine: RunningState, t: float, h: float, before: list[np.ndarray]) -> float:
        """Return the relative change of the state in a step, which is then taken back."""
        try:
            self._row(engine, t, h, 1)
        except ConvergenceError:
            restore(engine, before)
            return math.inf
        pairs = [(_norm(array - old), _norm(old)) for array, old in zip(engine.state, before, strict=True)]
        changes = [change / norm for change, norm in pairs if norm > 0]
        restore(engine, before)
        return max((change if np.isfinite(change) else math.inf for change in changes), default=0.0)

    def _attempt(self, engine: RunningState, t: float, h: float) -> float:
        """Take two half steps; return the estimate of their relative error, infinite where a step failed."""
        before = [array.copy() for array in engine.state]
        try:
            self._row(engine, t, h, 1)
            coarse = [array.copy() for array in engine.state]
            restore(engine, before)
            self._row(engine, t, h / 2, 2)
        except ConvergenceError:
            return np.inf
        if not finite(engine):
            return np.inf
        errors = [
            _norm(fine - rough) / max(_norm(fine), 1e-300)
            for fine, rough in zip(engine.state, coarse, strict=True)
            if fine.size
        ]
        error: float = float(max(errors)) / (2**self.integrator.order - 1)
        return error

    def _row(self, engine: RunningState, t: float, h: float, count: int) -> None:
        for i in range(count):
            self.integrator.step(engine, t + i * h, h, first=i == 0)
        self.integrator.finish(engine, h)


def restore(engine: RunningState, arrays: list[np.ndarray]) -> None:
    """Put copies of the arrays of a state back."""
    for array, kept in zip(engine.state, arrays, strict=True):
        array[...] = kept
