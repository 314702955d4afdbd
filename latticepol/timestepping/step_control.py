"""Advance the state of an engine from one stop to the next: with equal steps, or with steps chosen by an error
estimate."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

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
    smallest
        A step this small, relative to the time covered, is a failure.
    """

    safety: float = 0.9
    longer: float = 2.0
    shorter: float = 0.2
    worth: float = 1.2
    smallest: float = 1e-10


#: What is used where nothing else is said.
STEP_CHOICE = StepChoice()


def finite(engine: RunningState) -> bool:
    """Whether the state holds no NaN and no infinity."""
    return all(bool(np.isfinite(array.sum())) for array in engine.state)


def _count(span: float, dt: float) -> int:
    """The fewest equal steps of at most dt."""
    return max(1, int(np.ceil(span / dt * (1 - SAME_STEP))))


class Driver(Protocol):
    """What takes a state from one stop to the next."""

    integrator: Integrator
    dt: float
    steps: int
    #: The last state that was seen to be finite, if any.
    good: Good | None

    def advance(
        self, engine: RunningState, start: float, end: float, done: int, after: Callable[[float, int], None]
    ) -> None:
        """Go from ``start`` to ``end``."""
        ...


class Fixed:
    """Equal steps of at most ``dt``."""

    def __init__(self, integrator: Integrator, dt: float) -> None:
        self.integrator, self.dt, self.steps = integrator, dt, 0
        self.good: Good | None = None  # the last state between two stops that was seen to be finite

    def advance(
        self, engine: RunningState, start: float, end: float, done: int, after: Callable[[float, int], None]
    ) -> None:
        """From ``start`` to ``end``; ``after(t, number of steps done)`` is called after each step but the last.

        ``done`` steps are behind already where a run is resumed.
        """
        count = _count(end - start, self.dt)
        h = rounded((end - start) / count)
        self.good = None
        for i in range(done, count):
            self.integrator.step(engine, start + i * h, h, first=i == 0)
            self.steps += 1
            if i % LOOK == LOOK - 1:
                if not finite(engine):
                    raise ConvergenceError(
                        f"the field holds NaN or infinity at t = {start + (i + 1) * h:.6g}; use a smaller dt than {h:g}"
                    )
                self.good = rounded(start + (i + 1) * h), [array.copy() for array in engine.state], h
            if i + 1 < count:
                after(start + (i + 1) * h, i + 1)
        self.integrator.finish(engine, h)


class Adaptive:
    """Steps of relative local error at most ``tol``, estimated by comparing one step with two half steps.

    ``longest(start, end)`` is the longest step between two stops: an error estimate sees only the times it asks for.
    """

    def __init__(
        self,
        integrator: Integrator,
        tol: float,
        dt: float,
        longest: Callable[[float, float], float],
        choice: StepChoice = STEP_CHOICE,
    ) -> None:
        self.integrator, self.tol, self.dt, self.steps = integrator, tol, dt, 0
        self.longest, self.choice = longest, choice
        self.good: Good | None = None  # the state before a step that failed

    def advance(
        self, engine: RunningState, start: float, end: float, done: int, after: Callable[[float, int], None]
    ) -> None:
        """From ``start`` to ``end``, as :class:`Fixed`; a resumed run starts from the time it had reached (done =
        0)."""
        t, self.good, longest, choice = start, None, self.longest(start, end), self.choice
        while True:
            h = (end - t) / _count(end - t, min(self.dt, longest))
            if abs(h - self.dt) > SAME_STEP * self.dt:
                self.dt = rounded(h)
            h = self.dt
            before = [array.copy() for array in engine.state]
            error = self._attempt(engine, t, h)
            factor = (
                choice.safety * (self.tol / max(error, 1e-300)) ** (1 / (self.integrator.order + 1))
                if error < np.inf
                else choice.shorter
            )
            if not error <= self.tol:
                restore(engine, before)
                self.dt = h * min(max(factor, choice.shorter), choice.safety)
                if self.dt < choice.smallest * max(end - start, abs(end)):
                    self.good = rounded(t), before, None
                    raise ConvergenceError(
                        f"the step fell to {self.dt:.3g} at t = {t:.6g}, on the way to t = {end:.6g}: the field "
                        f"blows up, tol = {self.tol} is below rounding, or the way is too long for it."
                    )
                continue
            self.steps += 1
            t += h
            factor = min(factor, choice.longer, longest / h)
            if factor > choice.worth or factor < 1:
                self.dt = h * max(factor, choice.shorter)
            if end - t < choice.smallest * max(abs(end), end - start):
                return
            after(t, 0)

    def _attempt(self, engine: RunningState, t: float, h: float) -> float:
        """Two half steps; the estimate of their relative error, infinite where a step failed."""
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
            float(np.linalg.norm(fine - rough)) / max(float(np.linalg.norm(fine)), 1e-300)
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
