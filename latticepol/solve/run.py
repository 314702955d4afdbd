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
from latticepol.blas import one_thread
from latticepol.errors import ConvergenceError
from latticepol.solve.checkpoint import Checkpoint
from latticepol.solve.clock import WallClock
from latticepol.solve.schedules import Schedule
from latticepol.solve.sink import FileSink, Sink
from latticepol.solve.stepping import finite, restore

#: What is to be done at a stop: save what was asked for, then call the callbacks.
SAVE, CALL = "save", "call"
#: What queues send before a limit, and a terminal that closes.
ENDING = [
    getattr(signal, name)
    for name in ("SIGTERM", "SIGHUP", "SIGXCPU", "SIGUSR1", "SIGUSR2")
    if hasattr(signal, name)
]  # fmt: skip

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
        self.pending = ""  # what is still to be done at the stop t: SAVE and CALL, or CALL
        self.done, self.signal = 0, 0
        self.initial: Callable[[], None] = lambda: engine.reset(*initial)
        self.good: Callable[[], None] | None = self.initial  # puts the last stop back
        self.left, self.kept_steps = False, -1  # whether a checkpoint is written already, and of which step
        self.progress: Any = None

    def through(
        self, stops: list[float], save: Schedule | None, callbacks: Sequence[Callback], start: float, t_end: float
    ) -> str:
        """Visit every stop that is still ahead; returns the status."""
        self.status = "running"
        saved = set(save.times(start, t_end)) if save is not None else set()
        called = [(set(schedule.times(start, t_end)), function) for schedule, function in callbacks]
        for stop in self._ahead(stops):
            if not self.pending:
                self._go(stop, last=stop == stops[-1])
            if self.pending == SAVE:
                self._save(stop, stop in saved or stop == stops[-1])
            functions = [function for times, function in called if stop in times]
            answers = [bool(function(self.frame(stop, ("psi",)))) for function in functions]
            if any(answers) and stop not in saved and stop != stops[-1]:
                self._save(stop, True)
            self.pending = ""
            if any(answers):
                return "stopped"
            self._between(stop)
        return "finished"

    def _go(self, stop: float, last: bool) -> None:
        """To the stop; what it asks for is pending."""
        if self.t is not None:
            self._advance(self.t, stop)
        first = self.t is None
        self.t, self.done, self.aim, self.pending = stop, 0, None, SAVE
        self.good = None if last else self._snapshot(self.initial if first else None)

    def _save(self, stop: float, asked: bool) -> None:
        """A frame is still to be saved unless the sink has taken it: what is computed for it may fail."""
        count = self.sink.count
        try:
            if asked:
                self.sink.append(self.frame(stop, self.variables))
        finally:
            if self.sink.count > count or not asked:
                self.pending = CALL

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
        if self.pending and self.t is not None:
            return [self.t, *(stop for stop in stops if stop > self.t)]
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
            with one_thread():  # a step of a network is a product of small matrices
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
            self.left = True
            where = f"stopped at t = {t:.6g}, {self.sink.count} saved"
            if self.kept:
                where += f", checkpoint in {self.kept.folder}; the same call goes on"
            if self.signal == signal.SIGINT:
                raise KeyboardInterrupt(where)
            print(f"{signal.Signals(self.signal).name}: {where}", file=sys.stderr, flush=True)
            raise SystemExit(128 + self.signal)

    def leave(self, error: BaseException) -> None:
        """Keep what there is when an error ends the run, as of a callback, so that the same call goes on."""
        bad = self.left or isinstance(error, ConvergenceError)
        for keep in ([self._keep] if self.kept and not bad else []) + [self._finish]:
            try:
                keep(error)
            except Exception as second:  # the disk, most likely, which is why the run ends
                error.add_note(f"The last of the run could not be kept: {second}")

    def _finish(self, _: BaseException) -> None:
        self.sink.result()

    def _keep(self, error: BaseException) -> None:
        """A checkpoint of the stop, or in the midst of a step of the one before."""
        assert self.kept is not None
        if not self.pending:
            if self.good is None or self.t is None:
                return
            self.good()
        if self.driver.steps >= self.kept_steps:
            self.write_checkpoint()
            error.add_note(f"The run is kept up to t = {self.t:.6g} in {self.kept.folder}; the same call goes on")

    def write_checkpoint(self) -> None:
        """First what was saved, then the state: a checkpoint never counts frames that are not on disk."""
        self.sink.flush()
        if self.kept:
            progress = {
                "t": self.t, "done": self.done, "aim": self.aim, "pending": self.pending, "frames": self.sink.count,
                "steps": self.driver.steps, "dt": self.driver.dt, "rng": self.engine.rng.bit_generator.state,
                "seed": self.seed, "wisdom": fft.wisdom(), "name": self.name, "status": self.status, "ends": self.ends,
            }  # fmt: skip
            self.kept.write([fft.host(array) for array in self.engine.state], progress)
            self.kept_steps = self.driver.steps

    def resume(self, arrays: list[np.ndarray], progress: Mapping[str, Any]) -> None:
        """Go back to a checkpoint."""
        for array, stored in zip(self.engine.state, arrays, strict=True):
            array[...] = np.asarray(stored, like=array)
        self.t, self.done, self.aim, self.seed = (progress[name] for name in ("t", "done", "aim", "seed"))
        self.name, self.status, self.pending = (progress[name] for name in ("name", "status", "pending"))
        self.driver.steps, self.driver.dt = progress["steps"], progress["dt"]
        self.engine.rng.bit_generator.state = progress["rng"]
        self.kept_steps = self.driver.steps
        self.good = None if self.done else self._snapshot()

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

    def _snapshot(self, put_back: Callable[[], None] | None = None) -> Callable[[], None]:
        """A function that puts everything back as it is now; ``put_back`` does it for the arrays, None: by copies."""
        engine, driver, place = self.engine, self.driver, (self.t, self.done, self.aim)
        arrays = [] if put_back else [array.copy() for array in engine.state]
        numbers, steps, dt = engine.rng.bit_generator.state, driver.steps, driver.dt

        def go_back() -> None:
            put_back() if put_back else restore(engine, arrays)
            engine.rng.bit_generator.state = numbers
            driver.steps, driver.dt = steps, dt
            self.t, self.done, self.aim = place

        return go_back

    @contextmanager
    def interruptible(self) -> Iterator[None]:
        """Signals that end a process wait for the end of the step where there is a checkpoint or a file to write.

        Ctrl-C does only with a checkpoint; a handler of the user stays, but for Ctrl-C and SIGTERM with a checkpoint.
        """

        def note(number: int, _: Any) -> None:
            self.signal = number

        numbers = [signal.SIGINT, signal.SIGTERM] if self.kept else []
        if self.kept or isinstance(self.sink, FileSink):
            numbers += [number for number in ENDING if signal.getsignal(number) == signal.SIG_DFL]
        if threading.current_thread() is not threading.main_thread():
            numbers = []
        before = {number: signal.signal(number, note) for number in dict.fromkeys(numbers)}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)
