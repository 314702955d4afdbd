"""One run under way: where it stands, and what it does at each stop."""

import math
import signal
import sys
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple
from uuid import uuid4

import numpy as np
import xarray as xr

from latticepol.errors import ConvergenceError
from latticepol.evolution.checkpoint import Checkpoint
from latticepol.evolution.clock import WallClock
from latticepol.evolution.frame_writer import FileSink, MemorySink, Sink
from latticepol.evolution.memory import Memory, packed, unpacked
from latticepol.evolution.schedules import Schedule, Stops
from latticepol.model import Evolvable
from latticepol.numerics import fft
from latticepol.numerics.blas import one_thread
from latticepol.progress import Progress
from latticepol.results.netcdf import check_form
from latticepol.state import InitialState, RunningState
from latticepol.timestepping.step_control import SMALLEST, Driver, Row, finite, restore

#: What is to be done at a stop: save what was asked for, then call the callbacks.
SAVE = "save"
#: What is to be done at a stop where it is saved: call the callbacks.
CALL = "call"
#: What queues send before a limit, and a terminal that closes.
ENDING = [
    getattr(signal, name)
    for name in ("SIGTERM", "SIGHUP", "SIGXCPU", "SIGUSR1", "SIGUSR2")
    if hasattr(signal, name)
]  # fmt: skip

Callback = tuple[Schedule, Callable[[xr.Dataset], object]]
#: What makes variables of a frame.
Maker = Callable[[xr.Dataset], xr.Dataset | xr.DataArray]


class Point(NamedTuple):
    """Where a run stands: the arrays of the state, None for those it began with, all else by name, and what functions
    of the user remember."""

    arrays: list[Any] | None
    progress: dict[str, Any]
    memory: list[Any]


class Run:
    """One run under way: where it stands and what it does at each stop.

    ``functions`` are those of the callbacks, whose answers may end it, and ``said`` gives a digest of them; ``call`` is
    one of all that was given. The sink is set when all else is known to work.
    """

    def __init__(
        self, model: Evolvable, engine: RunningState, driver: Driver, kept: Checkpoint | None,
        variables: Sequence[str | Maker], begin: InitialState, seed: int, clock: WallClock, start: float,
        functions: Sequence[Callable[[xr.Dataset], Any]], said: Callable[[], str], call: str,
    ) -> None:  # fmt: skip
        self.model, self.engine, self.driver, self.kept = model, engine, driver, kept
        self.variables, self.dims, self.seed = variables, begin.dims, seed
        self.clock, self.initial, self.said, self.call = clock, begin, said, call
        self.sink: Sink = MemorySink()
        self.out: str | None = None  # the file that was asked for
        self.form: dict[str, str] | None = None  # of a frame that goes into a file
        self.name = uuid4().hex
        self.wisdom = fft.wisdom()  # before another plan is made, as by a callback
        self.threads = engine.threads
        self.callbacks = [said()]  # as they were in this call, before it those of the first, after it as they are
        self.memory = Memory([*(v for v in variables if not isinstance(v, str)), *functions])
        self.end: dict[str, Any] | None = None  # how it ended
        self.t: float | None = None  # the last stop that is behind, None before the first
        self.now = start  # the time of the state
        self.aim: float | None = None  # where the row of steps goes that it is in
        self.pending = ""  # what is still to be done at the stop t: SAVE and CALL, or CALL
        self.done, self.signal = 0, 0  # steps of the row; the signal that ends the run
        self.added = 0  # frames that were saved only because the run ended, 0 or 1
        self.good: Point | None = self._point(copy=False)._replace(arrays=None)  # the last stop
        self.rest: Point | None = None  # where a later end goes on, if not from the state as it is
        self.left, self.kept_steps = False, -1  # whether a checkpoint is written already, and of which step
        self.progress: Progress | None = None

    def through(
        self, stops: Stops, save: Schedule | None, callbacks: Sequence[Callback], start: float, t_end: float
    ) -> str:
        """Visit every stop that is still ahead; return the status."""
        saved = set(save.times(start, t_end)) if save is not None else set()
        called = [(set(schedule.times(start, t_end)), function) for schedule, function in callbacks]
        last = stops.times[-1]
        status = "finished"
        for stop in self._ahead(stops.times):
            if not self.pending:
                self._go(stop, stops.aim if stop == last else stop, last=stop == last)
            if self.pending == SAVE:
                self._save(stop, asked=stop in saved, last=stop == last)
                if self.added and self.kept:  # a longer run would not have called what makes that frame
                    self.memory.put(self.memory.states)
            functions = [function for times, function in called if stop in times]
            answers = [bool(function(self.frame(stop, ("psi",)))) for function in functions]
            if any(answers):
                status, self.rest = "stopped", self._point(copy=False)
                break
            self._remember()  # where it fails, a run that goes on calls them again
            self.pending = ""
            self._between(stop)
        if self.t not in saved and not self.added:
            self._save(self.now, asked=False, last=True)
        self.end = {"t": self.now, "status": status, "frames": self.sink.count, "steps": self.driver.steps}
        self.sink.finish({"status": status, "steps": self.driver.steps, "call": self.call})
        return status

    def _go(self, stop: float, aim: float, last: bool) -> None:
        """Step to the stop; what it asks for is pending."""
        first = self.t is None
        if self.t is not None:
            self._advance(self.t, stop, aim)
        self.t, self.now, self.done, self.aim = stop, stop, 0, None
        self.good = None
        if not last:
            here = self._point(copy=not first)
            self.rest, self.good = None, here._replace(arrays=None) if first else here
        self.pending = SAVE

    def _save(self, stop: float, asked: bool, last: bool) -> None:
        """Save a frame; it stays pending until the sink has taken it, since what is computed for it may fail."""
        count = self.sink.count
        try:
            if asked or last:
                frame = self.frame(stop, self.variables)
                if self.form:
                    check_form(frame, self.form)
                self.sink.append(frame)
        finally:
            taken = self.sink.count > count
            if taken or not (asked or last):
                self.pending = CALL
            if taken and not asked:
                self.added = 1
            elif taken:
                self.pending, self.added = SAVE, 1  # where it fails, a run that goes on makes the frame again
                self._remember()
                self.pending, self.added = CALL, 0

    def begin(self) -> None:
        """Refuse what no checkpoint can hold of what functions remember, before the run begins."""
        self._remember()

    def _remember(self) -> None:
        """Note what functions remember, each of which was called as often as a run that goes on here would have."""
        if self.kept:
            self.memory.take()

    def frame(self, t: float, variables: Sequence[str | Maker]) -> xr.Dataset:
        """Return the Dataset of one time."""
        frame = self._snapshot_of([v for v in variables if isinstance(v, str)], t)
        for function in variables:
            if not isinstance(function, str):
                frame = frame.assign(self._made(function, t))
        return frame

    def _snapshot_of(self, names: Sequence[str], t: float) -> xr.Dataset:
        return self.model.snapshot(self.engine.now(t, self.dims), names, seed=self.seed)

    def _made(self, function: Maker, t: float) -> xr.Dataset | dict[str, xr.DataArray]:
        """Return what a function in ``variables`` makes of the frame, by name."""
        made = function(self._snapshot_of(["psi"], t))
        if isinstance(made, xr.Dataset):
            return made
        name = getattr(made, "name", None)
        if not isinstance(made, xr.DataArray) or name is None:
            raise TypeError(
                f"{function!r} in variables returns {type(made).__name__} with the name {name!r}; "
                "return a Dataset or, with .rename('name'), a DataArray"
            )
        return {name: made}

    def _ahead(self, times: list[float]) -> list[float]:
        if self.t is None:
            return times
        if self.pending:
            return [self.t, *(t for t in times if t > self.t)]
        if not self.done:
            return [t for t in times if t > self.t]
        if self.aim is None or self.aim == math.inf:
            return [t for t in times if t >= self.now - SMALLEST * max(abs(self.now), self.now - self.t)]
        # in a row of steps there is no stop before its end
        return [min(self.aim, times[-1]), *(t for t in times if t > self.aim)]

    def _advance(self, start: float, stop: float, aim: float) -> None:
        if self.done and self.aim is not None:
            aim = self.aim
        self.aim = aim
        self.engine.earliest, self.engine.latest = self.model.timing.inside(start, stop if aim == math.inf else aim)
        try:
            with one_thread():  # a step of a network is a product of small matrices
                self.driver.advance(
                    self.engine, Row(start, stop, aim), self.now, self.done, self._step_done, self._rest_here
                )
            if not finite(self.engine):
                raise ConvergenceError(f"the field holds NaN or infinity before t = {stop:.6g}; use a smaller dt")
        except ConvergenceError as error:
            raise self._failure(error, start) from None

    def _step_done(self, t: float, done: int) -> None:
        self.now, self.done = t, done
        self._between(t)

    def _rest_here(self) -> None:
        """Keep the state before a step that a later end would not have cut short."""
        self.rest = self._point()

    def _between(self, t: float) -> None:
        """Show progress after a step, write a checkpoint if it is time, and leave if asked to."""
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
        """Write a checkpoint of the stop, or in the midst of a step of the stop before."""
        assert self.kept is not None
        if not (self.pending or self.rest):
            if self.good is None or self.t is None:
                return
            self._put(self.good)
        point = self.rest or self._point(copy=False)
        if point.progress["steps"] >= self.kept_steps:
            self.write_checkpoint()
            error.add_note(
                f"The run is kept up to t = {point.progress['now']:.6g} in {self.kept.folder}; the same call goes on"
            )

    def write_checkpoint(self) -> None:
        """Write first what was saved, then the state: a checkpoint never counts frames that are not on disk.

        At the end of the run there are two of it, so that none is needed more than the other.
        """
        self.sink.flush()
        self.write_point(both=self.end is not None)

    def write_point(self, both: bool = False) -> None:
        """Write the checkpoint of where a run goes on, whatever was saved since; ``both``: there is no other."""
        if self.kept:
            point = self.rest or self._point(copy=False)
            plans = {"wisdom": self.wisdom, "threads": self.threads}
            callbacks = list(dict.fromkeys([*self.callbacks, self.said()]))
            whole = {"seed": self.seed, "name": self.name, "end": self.end, "out": self.out, "callbacks": callbacks}
            arrays = [fft.host(array) for array in (self.engine.state if point.arrays is None else point.arrays)]
            whole["memory"] = packed(point.memory, arrays)
            self.kept.write(arrays, point.progress | whole | plans, both)
            self.kept_steps = point.progress["steps"]

    def resume(self, arrays: list[np.ndarray], progress: Mapping[str, Any]) -> None:
        """Go back to a checkpoint, whose arrays are those of the state and what was remembered."""
        self.memory.put(unpacked(progress["memory"], arrays))
        state = [np.asarray(a, like=b) for a, b in zip(arrays, self.engine.state, strict=False)]
        self._put(Point(state, dict(progress), []))
        self.name, self.seed = progress["name"], progress["seed"]
        if self.callbacks[0] in progress["callbacks"]:
            self.callbacks.insert(0, progress["callbacks"][0])
        self.kept_steps = self.driver.steps
        self.good = None if self.done else self._point()

    def _point(self, copy: bool = True) -> Point:
        """Return where the run stands; with ``copy`` it stays valid whatever happens to the state."""
        driver = self.driver
        progress = {
            "t": self.t, "now": self.now, "done": self.done, "aim": self.aim, "pending": self.pending,
            "frames": self.sink.count - self.added, "steps": driver.steps, "dt": driver.dt, "first": driver.first,
            "rng": self.engine.rng.bit_generator.state,
        }  # fmt: skip
        arrays = [array.copy() if copy else array for array in self.engine.state]
        return Point(arrays, progress, self.memory.states)

    def _put(self, point: Point) -> None:
        """Go back to where the run stood."""
        if point.arrays is None:
            self.engine.reset(self.initial)
        else:
            restore(self.engine, point.arrays)
        there = point.progress
        self.t, self.now, self.done, self.aim, self.pending = (
            there[name] for name in ("t", "now", "done", "aim", "pending")
        )
        self.driver.steps, self.driver.dt, self.driver.first = (there[name] for name in ("steps", "dt", "first"))
        self.engine.rng.bit_generator.state = there["rng"]

    def _failure(self, error: ConvergenceError, t: float) -> ConvergenceError:
        """Keep the last good state as the last frame: of the last look at the field or, before one, the last stop."""
        result = self.sink.result()
        if self.driver.good is not None:
            t = self._go_back()
        elif self.good is not None:
            self._put(self.good)
        if (self.driver.good or self.good) and (result is None or float(result.time[-1]) < t):
            self.sink.append(self.frame(t, ("psi",)) if result is None else self.frame(t, self.variables))
            result = self.sink.result()
        why = f"{str(error).rstrip('.')}{self.model.divergence_hint}"
        message = f"{why}. The last good state, at t = {t:.6g}, is in the result."
        return ConvergenceError(
            message, None if result is None else result.assign_attrs(status="failed", message=message)
        )

    def _go_back(self) -> float:
        """Restore the good state of the driver; return its time."""
        assert self.driver.good is not None
        t, arrays, h = self.driver.good
        restore(self.engine, arrays)
        if h is not None:
            self.driver.integrator.finish(self.engine, h)
        return float(t)

    @contextmanager
    def interruptible(self) -> Iterator[None]:
        """Let signals that end a process wait for the end of the step where there is a checkpoint or a file to write.

        Ctrl-C does only with a checkpoint; a handler of the user stays, but for Ctrl-C and SIGTERM with a checkpoint.
        """

        def note(number: int, _: object) -> None:
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
