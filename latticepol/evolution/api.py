"""Evolution in time, of any model."""

import functools
import json
import math
import os
import warnings
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr

from latticepol.arrays import read_integer, read_number
from latticepol.axes import batched
from latticepol.disk.files import check_folder, check_regular, resolve
from latticepol.disk.locks import Lock, hold, released
from latticepol.evolution.arguments import (
    Times,
    check_callbacks,
    check_choice,
    check_integrator,
    check_schedule,
    check_span,
    check_start,
    check_variables,
    read_times,
    read_tol,
)
from latticepol.evolution.batches import together
from latticepol.evolution.checkpoint import FRAMES, KEPT_NEXT_TO_FILE, Checkpoint, check_apart
from latticepol.evolution.clock import WallClock
from latticepol.evolution.frame_writer import ANEW, FIX, FileSink, finished
from latticepol.evolution.run import Callback, Maker, Run
from latticepol.evolution.schedules import AtTimes, Schedule, Stops
from latticepol.evolution.texts import as_numbers
from latticepol.model import Evolvable, check_model
from latticepol.numerics import fft
from latticepol.progress import Progress
from latticepol.randomness import Rng, seeded
from latticepol.results.content import coefficients, hashed, readable
from latticepol.results.netcdf import check_storable, form
from latticepol.state import InitialState, Integrator
from latticepol.timestepping.step_control import PART, Adaptive, Driver, Fixed
from latticepol.timing import Timing, rounded

#: Times of a run, from its start to its end, at which the rates of the equation are compared with dt.
LOOKS = 33
#: How the message about another run calls what the terms compute.
COEFFICIENTS = "the coefficients of the equation"
#: What a checkpoint gives back: the arrays of the state, and where the run stands.
Found = tuple[list[np.ndarray], dict[str, Any]]
#: Rounding of a time.
LATE = 1e-9
#: What grows from nothing.
EMPTY = (
    "psi0 is zero everywhere and stays so: without noise or a drive nothing grows from it; give the model one of them, "
    "or a psi0 that is not zero, which of a lp.Network or a lp.SpinorGPE is model.start('noise', rng=seed)"
)
#: What a run with steps of a given error never ends in.
ENDLESS = "as the density grows the steps that keep to tol shrink, and such a run may not end"


@batched(together)
@released
def evolve(
    model: Evolvable,
    psi0: object,
    t_end: float | str,
    *,
    dt: float | str | None = None,
    tol: float | None = None,
    integrator: Integrator | None = None,
    save: Schedule | None = None,
    variables: Sequence[str | Maker] = ("psi",),
    out: str | os.PathLike[str] | None = None,
    checkpoint: str | os.PathLike[str] | None = None,
    checkpoint_every: float = 600.0,
    callbacks: Sequence[Callback] = (),
    progress: bool | None = None,
    rng: Rng = None,
    t0: float | str | None = None,
    threads: int | str = 1,
    dt_max: float | str | None = None,
) -> xr.Dataset:
    """Integrate ``model`` from ``psi0`` to the time ``t_end``.

    Parameters
    ----------
    model
        For example a ``SpinorGPE``.
    psi0
        The initial field: an array (..., spin, y, x), or a Dataset that came out of this package, of which the last
        time counts. A pair (psi, n) starts a reservoir at n. Of a network also the name of a start: "aligned", ...
        For small noise give ``model.start("noise", rng=seed)``, which says how large it is: the same every time. From
        zero everywhere nothing grows without noise or a drive; a warning says so.
    t_end
        Absolute time of the end. Where the model has units, this and every other time may be a text: "1 ns".
    dt
        Longest step. Between two outputs steps are equal; they also end where an envelope or its slope jumps
        (``lp.pumps.ramp``, ``lp.pumps.envelope(f, breakpoints)``), so that no order is lost there. Where t_end is none
        of these times, the last step is cut short, and all others are those of a longer run.
    tol
        Instead of ``dt``: relative local error allowed per step; the steps adapt. Envelopes say when they change, and
        no pulse is jumped over. Of any other function of time, f(x, y, t) or p(t), nothing is known: without ``dt_max``
        a step is then a thousandth of the time since the start at most (or the first step, in which the state changes
        by a hundredth), and a warning says so.
    dt_max
        Longest step that ``tol`` may choose; give less than any pulse that a function of time may hold.
    integrator
        ``lp.Strang()``, ``lp.BlanesMoan()``, ``lp.ETDRK4()``; None: the model chooses.
    save
        When to save: ``lp.every(1.0)``, ``lp.at_times([...])``. The state at t_end is always saved.
    variables
        What to save: names the model knows, and functions of a Dataset with one frame that return one. Each is tried
        once on psi0 before the run.
    out
        A netCDF file written while it runs; the result is then read from it lazily. It must be new, or an empty file,
        but for a checkpoint that goes on in it, and for the file in which the same call has come to its end, which is
        returned (not where noise is drawn anew, without ``rng``). SIGTERM ends the run after a step, with all of it.
    checkpoint
        A folder. The same call continues from what is there, bit for bit; with a later t_end it ends as a run that was
        never interrupted. Ctrl-C, SIGTERM and an exception, as of a callback (which is called again for that time),
        leave a checkpoint. A run that a callback stopped is over: the same call returns it, whatever t_end is. It goes
        on only with other callbacks (other code, or they hold something else), which are called for that time.
    checkpoint_every
        Seconds of wall time between checkpoints.
    callbacks
        Pairs (schedule, function of a Dataset with the current frame, along ``time`` of length 1); the run ends when
        one returns True: ``(lp.every(1.0), lambda frame: lp.density(frame).max() > 10)``. One that remembers something
        from call to call, as ``lp.stop_when_steady`` does, is an object with the methods ``state()``, whose numbers,
        texts, arrays, lists and dicts are kept in a checkpoint, and ``restore(state)``. So may be one in ``variables``.
    progress
        Show a bar in simulated time; None: if someone is watching.
    rng
        Seed or generator of the noise; None draws a seed, which is recorded.
    t0
        Time of the start; None: the last time of a Dataset, else 0.
    threads
        Of the Fourier transform: a number, or "measured", once for a run that is resumed.

    Returns
    -------
    xarray.Dataset
        The variables along ``time``; attributes ``status`` ("finished" or "stopped") and ``steps``.

    Raises
    ------
    ValueError
        Bad input; the checkpoint is of another run or has passed t_end; ``out`` is not the file it belongs to, or does
        not exist any more.
    TypeError
        An argument is of another kind than described here, or what is to be written is of one that no file can hold, or
        of another than in the first frame.
    FileExistsError
        ``out``, or what the run keeps next to it for a while (.parts, .lock), holds something else,
        which is left as it is.
    latticepol.errors.BusyError
        A RuntimeError: another process that lives, named in the message, works in ``checkpoint`` or writes ``out``.
    OSError
        A checkpoint cannot be read, or ``out`` is damaged: nothing is touched. There is no room on the disk, or
        something else removed ``out`` during the run.
    ConvergenceError
        The field became NaN or a step failed; its ``result`` holds what was saved and the last good state.
    """
    check_model(model, Evolvable)
    t_end, dt, dt_max, t0, save, callbacks = as_numbers(
        model, t_end=t_end, dt=dt, dt_max=dt_max, t0=t0, save=save, callbacks=callbacks
    )
    _check(integrator, save, variables, callbacks, out, checkpoint)
    given, tol = read_times(t_end, dt, dt_max, t0), read_tol(tol)
    dt, dt_max, t_end = given.dt, given.dt_max, rounded(given.t_end)
    checkpoint_every = read_number("checkpoint_every", checkpoint_every, least=0, need="seconds of wall time")
    threads = threads if isinstance(threads, str) else read_integer("threads", threads, least=1)
    check_choice(dt, tol, dt_max)
    integrator = integrator or model.default_integrator(dt)
    check_start(model, psi0)
    begin = model.read_start(psi0)
    psi, start = begin.psi, begin.t if given.t0 is None else given.t0
    check_span(start, given.t_end, {"dt": dt, "dt_max": dt_max})
    start = rounded(start)
    generator, seed = seeded(rng)
    kept, found, call = None, None, ""
    said: Callable[[], str] = str
    if checkpoint is not None or out is not None:
        said = functools.partial(readable, callbacks)
        texts = _texts(
            model, begin, integrator=integrator, dt=dt, tol=tol, dt_max=dt_max, save=save, start=start,
            variables=tuple(variables), rng=None if rng is None else seed,
        )  # fmt: skip
        call = "" if rng is None and model.noisy else hashed(json.dumps(texts), repr(t_end), said())
    if checkpoint is not None:
        kept = hold(Checkpoint(resolve(checkpoint, "checkpoint"), texts, {COEFFICIENTS}))
        found = kept.read()
    if found:  # the last bits of a transform depend on its plan
        fft.restore_wisdom(found[1]["wisdom"])
        threads = found[1]["threads"] if threads == "measured" else threads
    elif out is not None and (there := finished(resolve(out, "out"), call)) is not None:
        return there
    engine = model.engine(begin, rng=generator, threads=threads)
    if not (np.any(psi) or model.has_source):
        warnings.warn(EMPTY, stacklevel=2)
    if tol is not None and model.may_not_end:
        warnings.warn(f"{ENDLESS}; {model.may_not_end}, or give dt instead of tol", stacklevel=2)
    driver = _driver(model, begin, integrator, given, tol, start)
    stops = _stops(start, t_end, save, callbacks, model.timing.breakpoints if tol is None else model.timing.marks)
    clock = WallClock(checkpoint_every)
    functions = [function for _, function in callbacks]
    history = Run(model, engine, driver, kept, variables, begin, seed, clock, start, functions, said, call)
    trial = history.frame(start, variables)  # what cannot be saved shows before anything is computed
    end = None
    if found:
        _check_reached(found[1], t_end, checkpoint)
        history.resume(*found)
        end = _over(found[1], t_end, history.callbacks[-1])
    elif kept:
        history.begin()
    if out is not None or kept:
        check_storable(trial)
        history.form = form(trial)
        history.out = None if out is None else str(resolve(out, "out"))
        history.sink = _file_sink(history, found, end)
    if end is None:
        end = _through(history, stops, save, callbacks, start, t_end, progress, found)
    result = history.sink.result()
    assert result is not None
    return result.assign_attrs(status=end["status"], steps=end["steps"])


def _texts(model: Evolvable, begin: InitialState, start: float, **numerics: object) -> dict[str, str]:
    """Return what makes a run what it is, by name."""
    values = {**model.parameters(), **numerics, "start": start, "psi0": np.asarray(begin.psi, complex)}
    texts = {name: readable(value) for name, value in {**values, **begin.auxiliary}.items()}
    return texts | {COEFFICIENTS: coefficients(model, begin.psi.shape, start)}


def _over(progress: Mapping[str, Any], t_end: float, callbacks: str) -> Mapping[str, Any] | None:
    """Return how a run ended that has nothing left to do; None where it goes on.

    One that a callback stopped has reached its end, whatever t_end is, unless the callbacks changed.
    """
    end: Mapping[str, Any] | None = progress["end"]
    if end is None:
        return None
    return end if (callbacks in progress["callbacks"] if end["status"] == "stopped" else end["t"] == t_end) else None


def _frames(found: Found | None, end: Mapping[str, Any] | None) -> int:
    """Return how many frames the file has to hold."""
    return end["frames"] if end else found[1]["frames"] if found else 0


def _through(
    history: Run, stops: Stops, save: Schedule | None, callbacks: Sequence[Callback], start: float, t_end: float,
    progress: bool | None, found: Found | None,
) -> dict[str, Any]:  # fmt: skip
    """Compute what is ahead of the run; return how it ended.

    There is a checkpoint before there is a frame, and none says of a run that goes on that it has ended.
    """
    try:
        unit = (history.model.units or {}).get("time", "time")
        with history.interruptible(), Progress(start, t_end, unit, progress) as history.progress:
            if not found or found[1]["end"]:
                history.write_point(both=found is not None)
            history.through(stops, save, callbacks, start, t_end)
    except BaseException as error:
        history.leave(error)  # what was saved is on disk, whatever ended the run
        raise
    history.write_checkpoint()
    assert history.end is not None
    return history.end


def _check(
    integrator: object,
    save: object,
    variables: object,
    callbacks: object,
    out: str | os.PathLike[str] | None,
    checkpoint: str | os.PathLike[str] | None,
) -> None:
    if integrator is not None:
        check_integrator(integrator)
    if save is not None:
        check_schedule("save", save)
    check_variables(variables)
    check_callbacks(callbacks)
    if out is not None:
        check_regular(resolve(out, "out"))
    if out is not None and checkpoint is not None:
        check_apart(resolve(out, "out"), resolve(checkpoint, "checkpoint"))


def _check_reached(progress: Mapping[str, Any], t_end: float, folder: object) -> None:
    """Raise ValueError where the end lies before the checkpoint."""
    reached = rounded((progress["end"] or {"t": progress["now"]})["t"])
    if rounded(t_end) < reached:
        raise ValueError(
            f"t_end = {t_end} lies before t = {reached}, which the checkpoint in {folder} has reached; "
            f"give t_end >= {reached}, or use another folder"
        )


def _driver(
    model: Evolvable, begin: InitialState, integrator: Integrator, given: Times, tol: float | None, start: float
) -> Driver:
    timing, end = model.timing, given.t_end
    if tol is None:
        assert given.dt is not None
        times = sorted({*np.linspace(start, end, LOOKS).tolist(), *_between(timing.breakpoints, start, end)})
        model.check_step(begin, integrator, given.dt, times)
        _warn_of_pulses(timing, given.dt, start, end)
        return Fixed(integrator, given.dt)
    model.check_adaptive(integrator)
    most = math.inf if given.dt_max is None else given.dt_max
    blind = start if timing.unknown and given.dt_max is None else None
    if blind is not None:
        _warn_of_blindness(timing, end - start)
    return Adaptive(integrator, tol, lambda first, last: min(most, timing.longest(first, last)), blind)


def _warn_of_blindness(timing: Timing, length: float) -> None:
    warnings.warn(
        f"{', '.join(timing.unknown)}: functions of time may change between two steps without being seen, so steps "
        f"are at most a thousandth of the time that has passed, at the end {PART * length:.3g}; give dt_max=, shorter "
        "than any pulse, or declare when they change: lp.pumps.envelope(function, breakpoints, shortest)",
        stacklevel=4,
    )


def _warn_of_pulses(timing: Timing, dt: float, start: float, end: float) -> None:
    longest = timing.longest(start, end)
    if dt > longest * (1 + LATE):
        warnings.warn(
            f"dt = {dt:g} is too long for an envelope that needs steps of {longest:.3g}: pulses are jumped over; give "
            f"dt <= {longest:.3g}, or tol, which takes short steps only where they are needed",
            stacklevel=5,
        )


def _file_sink(history: Run, found: Found | None, end: Mapping[str, Any] | None) -> FileSink:
    """Return the file of the run: ``out``, or one in the folder of the checkpoint."""
    own = history.kept.folder / FRAMES if history.kept else None
    path = Path(history.out) if history.out else own
    assert path is not None
    check_folder(path, KEPT_NEXT_TO_FILE)
    lock = hold(Lock(path.with_name(path.name + ".lock"), path))
    anew = ANEW if history.out else "give checkpoint= another folder"
    fix = _where(found[1]["out"], history.out, own) if found else FIX
    return FileSink(path, history.name, _frames(found, end), lock, fix, anew)


def _where(before: str | None, now: str | None, own: Path | None) -> str:
    """Return what to do where the frames are not in the file that they should be in: an earlier call may have had
    another."""
    if before is None and now is not None and own and os.path.exists(own):
        return f"they are in {own}, where they go without out=; leave it out"
    return f"they are in {before}; give out={before!r}" if before and before != now and os.path.exists(before) else FIX


def _stops(
    start: float, t_end: float, save: Schedule | None, callbacks: Sequence[Callback], marks: Sequence[float]
) -> Stops:
    """Return where the run stops: to save, to call back, and where an envelope changes."""
    schedules = [schedule for schedule, _ in callbacks] + ([save] if save is not None else [])
    late = [
        t
        for schedule in schedules
        if isinstance(schedule, AtTimes)
        for t in schedule.given
        if t > t_end + LATE * abs(t_end)
    ]
    if late:
        warnings.warn(f"at_times: {late} are after t_end = {t_end:g} and left out; give a larger t_end", stacklevel=3)
    due = [t for schedule in schedules for t in schedule.times(start, t_end)]
    others = {rounded(t): t for t in _between(marks, start, t_end)}
    times = sorted({**others, **{rounded(t): t for t in (start, t_end, *due) if t <= t_end}}.values())
    if t_end in (start, *due, *map(rounded, marks)):
        return Stops(times, t_end)
    later = [schedule.after(start, t_end) for schedule in schedules] + [t for t in marks if t > t_end]
    return Stops(times, min(later, default=math.inf))


def _between(times: Sequence[float], start: float, end: float) -> list[float]:
    return [t for t in times if start < t < end]
