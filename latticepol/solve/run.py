"""One run under way: where it stands, and what it does at each stop."""

import signal
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np
import xarray as xr

from latticepol import fft
from latticepol.errors import ConvergenceError
from latticepol.solve.checkpoint import Checkpoint
from latticepol.solve.clock import WallClock
from latticepol.solve.schedules import Schedule
from latticepol.solve.sink import Sink
from latticepol.solve.stepping import finite

Callback = tuple[Schedule, Callable[[xr.Dataset], Any]]


class Run:
    """One run under way: where it stands and what it does at each stop."""

    def __init__(
        self, model: Any, engine: Any, driver: Any, sink: Sink, kept: Checkpoint | None, variables: Sequence[Any],
        dims: tuple[str, ...], seed: int, clock: WallClock, initial: tuple[Any, Any],
    ) -> None:  # fmt: skip
        self.model, self.engine, self.driver, self.sink, self.kept = model, engine, driver, sink, kept
        self.variables, self.dims, self.seed = variables, dims, seed
        self.clock = clock
        self.t: float | None = None  # the last stop that is behind, None before the first
        self.aim: float | None = None  # the stop it was on its way to
        self.done, self.signal = 0, 0
        self.good: Callable[[], None] | None = lambda: engine.reset(*initial)
        self.progress: Any = None

    def through(
        self, stops: list[float], save: Schedule | None, callbacks: Sequence[Callback], start: float, t_end: float
    ) -> str:
        """Visit every stop that is still ahead; returns the status."""
        saved = set(save.times(start, t_end)) if save is not None else set()
        called = [(set(schedule.times(start, t_end)), function) for schedule, function in callbacks]
        for stop in self._ahead(stops):
            if self.t is not None:
                self._advance(self.t, stop)
            first = self.t is None
            self.t, self.done, self.aim = stop, 0, None
            if stop in saved or stop == stops[-1]:
                self.sink.append(self.frame(stop, self.variables))
            if not first and stop != stops[-1]:
                self.good = _snapshot(self.engine)
            functions = [function for times, function in called if stop in times]
            answers = [bool(function(self.frame(stop, ("psi",)))) for function in functions]
            if any(answers):
                if stop not in saved and stop != stops[-1]:
                    self.sink.append(self.frame(stop, self.variables))
                return "stopped"
            self._between(stop)
        return "finished"

    def frame(self, t: float, variables: Sequence[Any]) -> xr.Dataset:
        """The Dataset of one time."""
        frame = self.model.frame(self.engine, t, [v for v in variables if isinstance(v, str)], self.dims, self.seed)
        for function in variables:
            if not isinstance(function, str):
                made = function(self.model.frame(self.engine, t, ["psi"], self.dims, self.seed))
                frame = frame.assign(made if isinstance(made, xr.Dataset) else {made.name: made})
        return frame

    def _ahead(self, stops: list[float]) -> list[float]:
        ahead = [stop for stop in stops if self.t is None or stop > self.t]
        return sorted({*ahead, self.aim}) if self.aim is not None and self.aim not in ahead else ahead

    def _advance(self, start: float, stop: float) -> None:
        self.aim = stop
        try:
            self.driver.advance(self.engine, start, stop, self.done, self._step_done)
            if not finite(self.engine):
                raise ConvergenceError(f"the field holds NaN or infinity before t = {stop:.6g}; use a smaller dt")
        except ConvergenceError as error:
            raise self._failure(error, start) from None

    def _step_done(self, t: float, done: int) -> None:
        self.done = done
        if not done:  # an adaptive step leaves a complete state
            self.t = t
        self._between(t)

    def _between(self, t: float) -> None:
        """After a step: progress, checkpoint if it is time, and leave if asked to."""
        if self.progress is not None:
            self.progress.to(t)
        if self.signal or (self.kept and self.clock.due()):
            self.write_checkpoint()
        if self.signal:
            self.sink.result()
            raise KeyboardInterrupt if self.signal == signal.SIGINT else SystemExit(128 + self.signal)

    def write_checkpoint(self) -> None:
        """First what was saved, then the state: a checkpoint never counts frames that are not on disk."""
        self.sink.flush()
        if self.kept:
            progress = {
                "t": self.t, "done": self.done, "aim": self.aim, "frames": self.sink.count, "steps": self.driver.steps,
                "dt": self.driver.dt, "seed": self.seed, "rng": self.engine.rng.bit_generator.state, "wisdom":
                fft.wisdom(),
            }  # fmt: skip
            self.kept.write([fft.host(array) for array in self.engine.state], progress)

    def resume(self, arrays: list[np.ndarray], progress: Mapping[str, Any]) -> None:
        """Go back to a checkpoint."""
        for array, stored in zip(self.engine.state, arrays, strict=True):
            array[...] = np.asarray(stored, like=array)
        self.t, self.done, self.aim, self.seed = (progress[name] for name in ("t", "done", "aim", "seed"))
        self.good = None if self.done else _snapshot(self.engine)
        self.driver.steps, self.driver.dt = progress["steps"], progress["dt"]
        self.engine.rng.bit_generator.state = progress["rng"]

    def _failure(self, error: ConvergenceError, t: float) -> ConvergenceError:
        """Keep the last good state, that of the last stop, as the last frame."""
        result = self.sink.result()
        if self.good is not None and (result is None or float(result.time[-1]) < t):
            self.good()
            self.sink.append(self.frame(t, ("psi",)) if result is None else self.frame(t, self.variables))
            result = self.sink.result()
        message = f"{error} The last good state, at t = {t:.6g}, is in the result."
        return ConvergenceError(
            message, None if result is None else result.assign_attrs(status="failed", message=message)
        )

    @contextmanager
    def interruptible(self) -> Iterator[None]:
        """Ctrl-C and SIGTERM wait for the end of the step where there is a checkpoint to write."""
        if self.kept is None or threading.current_thread() is not threading.main_thread():
            yield
            return

        def note(number: int, _: Any) -> None:
            self.signal = number

        before = {number: signal.signal(number, note) for number in (signal.SIGINT, signal.SIGTERM)}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)


def _snapshot(engine: Any) -> Callable[[], None]:
    """A function that puts the present state back."""
    kept = [array.copy() for array in engine.state]

    def restore() -> None:
        for array, copy in zip(engine.state, kept, strict=True):
            array[...] = copy

    return restore
