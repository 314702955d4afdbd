"""Evolution in time, of any model."""

import os
import signal
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr

from latticepol import fft
from latticepol.errors import ConvergenceError
from latticepol.solve.checkpoint import Checkpoint
from latticepol.solve.clock import WallClock
from latticepol.solve.drive import Adaptive, Fixed, finite
from latticepol.solve.progress import Progress
from latticepol.solve.schedules import Schedule, rounded
from latticepol.solve.sink import FileSink, MemorySink, Sink

#: First attempt of an adaptive step, as a fraction of the time to cover.
FIRST_STEP = 1e-3
Callback = tuple[Schedule, Callable[[xr.Dataset], Any]]


def evolve(
    model: Any,
    psi0: Any,
    t_end: float,
    *,
    dt: float | None = None,
    tol: float | None = None,
    integrator: Any = None,
    save: Schedule | None = None,
    variables: Sequence[Any] = ("psi",),
    out: str | os.PathLike[str] | None = None,
    checkpoint: str | os.PathLike[str] | None = None,
    checkpoint_every: float = 600.0,
    callbacks: Sequence[Callback] = (),
    progress: bool | None = None,
    rng: Any = None,
    t0: float | None = None,
    threads: Any = 1,
) -> xr.Dataset:
    """Integrate ``model`` from ``psi0`` to the time ``t_end``.

    Parameters
    ----------
    model
        For example a ``SpinorGPE``.
    psi0
        The initial field: an array (..., spin, y, x), or a Dataset that came out of this package, of which the last
        time
        counts. A pair (psi, n) starts a reservoir at n.
    t_end
        Absolute time of the end.
    dt
        Longest step. Between two outputs steps are equal.
    tol
        Instead of ``dt``: relative local error allowed per step; the steps adapt.
    integrator
        ``lp.Strang()``, ``lp.BlanesMoan()``, ``lp.ETDRK4()``; None: the model chooses.
    save
        When to save: ``lp.every(1.0)``, ``lp.at_times([...])``. The state at t_end is always saved.
    variables
        What to save: names the model knows, and functions of a Dataset with one frame that return one.
    out
        A netCDF file written while it runs; the result is then read from it lazily.
    checkpoint
        A folder. The same call continues from what is there, bit for bit; Ctrl-C and SIGTERM leave a checkpoint.
    checkpoint_every
        Seconds of wall time between checkpoints.
    callbacks
        Pairs (schedule, function of a Dataset with the current frame); the run ends when one returns True.
    progress
        Show a bar in simulated time; None: if someone is watching.
    rng
        Seed or generator of the noise; None draws a seed, which is recorded.
    t0
        Time of the start; None: the last time of a Dataset, else 0.
    threads
        Of the Fourier transform: a number, or "measured".

    Returns
    -------
    xarray.Dataset
        The variables along ``time``; attributes ``status`` ("finished" or "stopped") and ``steps``.

    Raises
    ------
    ValueError
        Bad input; the checkpoint is of another run.
    ConvergenceError
        The field became NaN or a step failed; its ``result`` holds what was saved and the last good state.
    """
    integrator = integrator or model.default_integrator
    psi, extra, start, dims = model.read(psi0)
    start = start if t0 is None else float(t0)
    if not (np.isfinite(t_end) and t_end >= start):
        raise ValueError(f"t_end = {t_end} lies before the start at t = {start}; t_end is absolute")
    if (dt is None) == (tol is None):
        raise ValueError(f"give either dt (now {dt}) or tol (now {tol})")
    rng, seed = _generator(rng)
    run = {**model.parameters(), "integrator": integrator, "dt": dt, "tol": tol, "save": save, "start": start}
    kept = Checkpoint(Path(checkpoint), run | {"variables": tuple(variables)}) if checkpoint is not None else None
    found = kept.read() if kept else None
    if found:
        fft.restore_wisdom(found[1]["wisdom"])
    engine = model.engine(psi, extra, rng=rng, threads=threads)
    driver = _driver(model, engine, integrator, dt, tol, t_end - start)
    sink = _sink(out, kept, found)
    stops = _stops(start, t_end, save, callbacks)
    history = _Run(model, engine, driver, sink, kept, variables, dims, seed, WallClock(checkpoint_every))
    if found:
        history.resume(*found)
    with history.interruptible(), _bar(start, t_end, model, progress, history):
        status = history.through(stops, save, callbacks, start, t_end)
    history.write_checkpoint()
    result = sink.result()
    assert result is not None
    return result.assign_attrs(status=status, steps=driver.steps)


class _Run:
    """One run under way: where it stands and what it does at each stop."""

    def __init__(
        self, model: Any, engine: Any, driver: Any, sink: Sink, kept: Checkpoint | None, variables: Sequence[Any],
        dims: tuple[str, ...], seed: int, clock: WallClock,
    ) -> None:  # fmt: skip
        self.model, self.engine, self.driver, self.sink, self.kept = model, engine, driver, sink, kept
        self.variables, self.dims, self.seed = variables, dims, seed
        self.clock = clock
        self.t: float | None = None  # the last stop that is behind, None before the first
        self.aim: float | None = None  # the stop it was on its way to
        self.done, self.signal = 0, 0
        self.good: list[np.ndarray] = []
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
            self.t, self.done, self.aim = stop, 0, None
            if stop in saved or stop == stops[-1]:
                self.sink.append(self.frame(stop, self.variables))
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
        self.good = [array.copy() for array in self.engine.state] if not self.done else self.good
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
            self.kept.write(self.engine.state, progress)

    def resume(self, arrays: list[np.ndarray], progress: Mapping[str, Any]) -> None:
        """Go back to a checkpoint."""
        for array, stored in zip(self.engine.state, arrays, strict=True):
            array[...] = stored
        self.t, self.done, self.aim, self.seed = (progress[name] for name in ("t", "done", "aim", "seed"))
        self.driver.steps, self.driver.dt = progress["steps"], progress["dt"]
        self.engine.rng.bit_generator.state = progress["rng"]

    def _failure(self, error: ConvergenceError, t: float) -> ConvergenceError:
        """Keep the last good state, that of the last stop, as the last frame."""
        if self.good:
            for array, good in zip(self.engine.state, self.good, strict=True):
                array[...] = good
            result = self.sink.result()
            if result is None or float(result.time[-1]) < t:
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


def _generator(rng: Any) -> tuple[np.random.Generator, int]:
    """A generator and the seed to record (-1 for a generator that came from outside)."""
    if isinstance(rng, np.random.Generator):
        return rng, -1
    seed = int(np.random.SeedSequence().generate_state(1)[0]) if rng is None else int(rng)
    return np.random.default_rng(seed), seed


def _driver(model: Any, engine: Any, integrator: Any, dt: float | None, tol: float | None, span: float) -> Any:
    if dt is not None:
        model.check_step(engine, integrator, dt)
        return Fixed(integrator, dt)
    assert tol is not None
    if not 0 < tol < 1:
        raise ValueError(f"tol = {tol} must be between 0 and 1; it is the relative error of a step")
    model.check_adaptive(integrator)
    return Adaptive(integrator, tol, FIRST_STEP * span)


def _sink(out: Any, kept: Checkpoint | None, found: Any) -> Sink:
    if out is None and kept is None:
        return MemorySink()
    path = Path(out) if out is not None else kept.folder / "frames.nc"  # type: ignore[union-attr]
    return FileSink(path, found[1]["frames"] if found else 0)


def _stops(start: float, t_end: float, save: Schedule | None, callbacks: Sequence[Callback]) -> list[float]:
    schedules = [schedule for schedule, _ in callbacks] + ([save] if save is not None else [])
    return sorted({start, rounded(t_end), *(t for schedule in schedules for t in schedule.times(start, t_end))})


@contextmanager
def _bar(start: float, t_end: float, model: Any, progress: bool | None, run: _Run) -> Iterator[None]:
    run.progress = Progress(start, t_end, (model.units or {}).get("time", "time"), progress)
    try:
        yield
    finally:
        run.progress.close()
