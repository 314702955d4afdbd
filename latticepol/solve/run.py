"""One run under way: where it stands, and what it does at each stop."""

import signal
import sys
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any
from uuid import uuid4

import numpy as np
import xarray as xr

from latticepol import fft
from latticepol.errors import ConvergenceError
from latticepol.solve.checkpoint import Checkpoint
from latticepol.solve.clock import WallClock
from latticepol.solve.schedules import Schedule
from latticepol.solve.sink import Sink
from latticepol.solve.stepping import finite, restore

Callback = tuple[Schedule, Callable[[xr.Dataset], Any]]


class Run:
    """One run under way: where it stands and what it does at each stop.

    ``ends`` is a digest of what ends it, t_end and the callbacks. The sink is set when all else is known to work.
    """

    sink: Sink

    def __init__(
        self, model: Any, engine: Any, driver: Any, kept: Checkpoint | None, variables: Sequence[Any],
        dims: tuple[str, ...], seed: int, clock: WallClock, initial: tuple[Any, Any], ends: str,
    ) -> None:  # fmt: skip
        self.model, self.engine, self.driver, self.kept, self.ends = model, engine, driver, kept, ends
        self.variables, self.dims, self.seed = variables, dims, seed
        self.clock = clock
        self.name, self.status = uuid4().hex, "running"
        self.t: float | None = None  # the last stop that is behind, None before the first
        self.aim: float | None = None  # the stop it was on its way to
        self.done, self.signal = 0, 0
        self.good: Callable[[], None] | None = lambda: engine.reset(*initial)
        self.progress: Any = None

    def through(
        self, stops: list[float], save: Schedule | None, callbacks: Sequence[Callback], start: float, t_end: float
    ) -> str:
        """Visit every stop that is still ahead; returns the status."""
        self.status = "running"
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
                frame = frame.assign(self._made(function, t))
        return frame

    def _made(self, function: Callable[[xr.Dataset], Any], t: float) -> Any:
        """What a function in ``variables`` makes of the frame, by name."""
        made = function(self.model.frame(self.engine, t, ["psi"], self.dims, self.seed))
        if isinstance(made, xr.Dataset):
            return made
        name = getattr(made, "name", None)
        if not isinstance(made, xr.DataArray) or name is None:
            raise TypeError(
                f"{function!r} in variables returns {type(made).__name__} with the name {name!r}; "
                "return a Dataset or, with .rename('name'), a DataArray"
            )
        return {name: made}

    def _ahead(self, stops: list[float]) -> list[float]:
        ahead = [stop for stop in stops if self.t is None or stop > self.t]
        if self.done and self.aim is not None:  # in a row of equal steps there is no stop before its end
            return [self.aim, *(stop for stop in ahead if stop > self.aim)]
        if self.aim is None or self.aim in ahead or self.aim > stops[-1]:
            return ahead
        return sorted([*ahead, self.aim])

    def _advance(self, start: float, stop: float) -> None:
        self.aim = stop
        self.engine.earliest, self.engine.latest = self.model.timing.inside(start, stop)
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
            assert self.kept is not None
            where = f"stopped at t = {t:.6g}, {self.sink.count} saved, checkpoint in {self.kept.folder}"
            if self.signal == signal.SIGINT:
                raise KeyboardInterrupt(f"{where}; the same call goes on")
            print(f"SIGTERM: {where}; the same call goes on", file=sys.stderr, flush=True)
            raise SystemExit(128 + self.signal)

    def write_checkpoint(self) -> None:
        """First what was saved, then the state: a checkpoint never counts frames that are not on disk."""
        self.sink.flush()
        if self.kept:
            progress = {
                "t": self.t, "done": self.done, "aim": self.aim, "frames": self.sink.count, "steps": self.driver.steps,
                "dt": self.driver.dt, "seed": self.seed, "rng": self.engine.rng.bit_generator.state, "wisdom":
                fft.wisdom(), "name": self.name, "status": self.status, "ends": self.ends,
            }  # fmt: skip
            self.kept.write([fft.host(array) for array in self.engine.state], progress)

    def resume(self, arrays: list[np.ndarray], progress: Mapping[str, Any]) -> None:
        """Go back to a checkpoint."""
        for array, stored in zip(self.engine.state, arrays, strict=True):
            array[...] = np.asarray(stored, like=array)
        self.t, self.done, self.aim, self.seed = (progress[name] for name in ("t", "done", "aim", "seed"))
        self.good = None if self.done else _snapshot(self.engine)
        self.name, self.status = progress["name"], progress["status"]
        self.driver.steps, self.driver.dt = progress["steps"], progress["dt"]
        self.engine.rng.bit_generator.state = progress["rng"]

    def _failure(self, error: ConvergenceError, t: float) -> ConvergenceError:
        """Keep the last good state as the last frame: of the last look at the field or, before one, the last stop."""
        result = self.sink.result()
        if self.driver.good is not None:
            t = self._go_back()
        elif self.good is not None:
            self.good()
        if (self.driver.good or self.good) and (result is None or float(result.time[-1]) < t):
            self.sink.append(self.frame(t, ("psi",)) if result is None else self.frame(t, self.variables))
            result = self.sink.result()
        why = f"{str(error).rstrip('.')}{getattr(self.model, 'unsaturated', '')}"
        message = f"{why}. The last good state, at t = {t:.6g}, is in the result."
        return ConvergenceError(
            message, None if result is None else result.assign_attrs(status="failed", message=message)
        )

    def _go_back(self) -> float:
        """Restore the good state of the driver; returns its time."""
        t, arrays, h = self.driver.good
        restore(self.engine, arrays)
        if h is not None:
            self.driver.integrator.finish(self.engine, h)
        return float(t)

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

    return lambda: restore(engine, kept)
