"""Evolution in time, of any model."""

import os
import warnings
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr

from latticepol import fft
from latticepol.axes import batched
from latticepol.errors import check_model
from latticepol.progress import Progress
from latticepol.randomness import Rng, seeded
from latticepol.solve.arguments import (
    check_callbacks,
    check_integrator,
    check_numbers,
    check_schedule,
    check_start,
    check_variables,
)
from latticepol.solve.batches import together
from latticepol.solve.checkpoint import Checkpoint
from latticepol.solve.clock import WallClock
from latticepol.solve.fingerprint import coefficients, digest
from latticepol.solve.run import Callback, Run
from latticepol.solve.schedules import AtTimes, Schedule, rounded
from latticepol.solve.sink import FileSink, MemorySink, Sink
from latticepol.solve.stepping import Adaptive, Fixed
from latticepol.solve.texts import as_numbers

#: First attempt of an adaptive step, as a fraction of the time to cover.
FIRST_STEP = 1e-3
#: Times of a run, from its start to its end, at which the rates of the equation are compared with dt.
LOOKS = 33
#: How the message about another run calls what the terms compute.
COEFFICIENTS = "the coefficients of the equation"
#: Rounding of a time.
LATE = 1e-9
#: What grows from nothing.
EMPTY = (
    "psi0 is zero everywhere and stays so: without noise or a drive nothing grows from it; give "
    "psi0=model.start('noise', rng=seed), or the model a noise or a drive"
)
#: What a run with steps of a given error never ends in.
ENDLESS = (
    "no term saturates the gain, and as the density grows the steps that keep to tol shrink: such a run may not end; "
    "give lp.Gain(W, Gamma, eta) an eta > 0, or dt instead of tol"
)


@batched(together)
def evolve(
    model: Any,
    psi0: Any,
    t_end: Any,
    *,
    dt: Any = None,
    tol: float | None = None,
    integrator: Any = None,
    save: Schedule | None = None,
    variables: Sequence[Any] = ("psi",),
    out: str | os.PathLike[str] | None = None,
    checkpoint: str | os.PathLike[str] | None = None,
    checkpoint_every: float = 600.0,
    callbacks: Sequence[Callback] = (),
    progress: bool | None = None,
    rng: Rng = None,
    t0: Any = None,
    threads: Any = 1,
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
        zero everywhere nothing grows, of which a warning tells, but with noise or a drive.
    t_end
        Absolute time of the end. Where the model has units, this and every other time may be a text: "1 ns".
    dt
        Longest step. Between two outputs steps are equal.
    tol
        Instead of ``dt``: relative local error allowed per step; the steps adapt.
    integrator
        ``lp.Strang()``, ``lp.BlanesMoan()``, ``lp.ETDRK4()``; None: the model chooses.
    save
        When to save: ``lp.every(1.0)``, ``lp.at_times([...])``. The state at t_end is always saved.
    variables
        What to save: names the model knows, and functions of a Dataset with one frame that return one. Each is tried
        once on psi0 before the run.
    out
        A netCDF file written while it runs; the result is then read from it lazily. An existing file is replaced,
        unless a checkpoint goes on in it.
    checkpoint
        A folder. The same call continues from what is there, bit for bit; Ctrl-C and SIGTERM leave a checkpoint. A run
        that a callback stopped stays so: the same call returns it, and goes on only if t_end or the callbacks changed
        (their code, or what they hold).
    checkpoint_every
        Seconds of wall time between checkpoints.
    callbacks
        Pairs (schedule, function of a Dataset with the current frame, along ``time`` of length 1); the run ends when
        one returns True: ``(lp.every(1.0), lambda frame: lp.density(frame).max() > 10)``.
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
        Bad input; the checkpoint is of another run or has passed t_end; ``out`` is not the file it belongs to.
    TypeError
        An argument is of another kind than described here.
    ConvergenceError
        The field became NaN or a step failed; its ``result`` holds what was saved and the last good state.
    """
    check_model(model)
    t_end, dt, t0, save, callbacks = as_numbers(model, t_end=t_end, dt=dt, t0=t0, save=save, callbacks=callbacks)
    _check(t_end, dt, tol, t0, checkpoint_every, integrator, save, variables, callbacks)
    t_end = float(t_end)
    integrator = integrator or model.default_integrator(dt)
    check_start(model, psi0)
    psi, extra, start, dims = model.read(psi0)
    start = start if t0 is None else float(t0)
    if not (np.isfinite(t_end) and t_end >= start):
        raise ValueError(f"t_end = {t_end} lies before the start at t = {start}; t_end is absolute")
    if (dt is None) == (tol is None):
        raise ValueError(f"give either dt (now {dt}) or tol (now {tol}); tol=1e-6 chooses the steps itself")
    generator, seed = seeded(rng)
    kept = None
    if checkpoint is not None:
        run = {
            **model.parameters(), "integrator": integrator, "dt": dt, "tol": tol, "save": save, "start": start,
            "variables": tuple(variables), "rng": None if rng is None else seed,
            "psi0": np.asarray(psi, complex), "n": extra,
        }  # fmt: skip
        kept = Checkpoint(Path(checkpoint), run, {COEFFICIENTS: coefficients(model, psi.shape, start)})
    found = kept.read() if kept else None
    if found:
        fft.restore_wisdom(found[1]["wisdom"])
    engine = model.engine(psi, extra, rng=generator, threads=threads)
    if not (np.any(psi) or model.fed):
        warnings.warn(EMPTY, stacklevel=2)
    if tol is not None and getattr(model, "unsaturated", None) and model.interacting:
        warnings.warn(ENDLESS, stacklevel=2)
    driver = _driver(model, engine, integrator, dt, tol, start, t_end)
    stops, ends = _stops(start, t_end, save, callbacks), digest((t_end, callbacks))
    clock = WallClock(checkpoint_every)
    history = Run(model, engine, driver, kept, variables, dims, seed, clock, (psi, extra), ends)
    history.frame(start, variables)  # what cannot be saved shows before a file is replaced
    if found:
        _check_reached(found[1], t_end, checkpoint)
        history.resume(*found)
    history.sink = _sink(out, kept, history.name, found)
    status = history.status
    if not (found and status == "stopped" and found[1]["ends"] == ends):
        status = _through(history, stops, save, callbacks, start, t_end, progress)
    result = history.sink.result()
    assert result is not None
    return result.assign_attrs(status=status, steps=driver.steps)


def _through(
    history: Run, stops: list[float], save: Schedule | None, callbacks: Sequence[Callback], start: float, t_end: float,
    progress: bool | None,
) -> str:  # fmt: skip
    """What is ahead of the run; returns the status."""
    try:
        unit = (history.model.units or {}).get("time", "time")
        with history.interruptible(), Progress(start, t_end, unit, progress) as history.progress:
            history.status = history.through(stops, save, callbacks, start, t_end)
    except BaseException:
        history.sink.result()  # what was saved is on disk, whatever ended the run
        raise
    history.write_checkpoint()
    return history.status


def _check(
    t_end: Any, dt: Any, tol: Any, t0: Any, checkpoint_every: Any, integrator: Any, save: Any, variables: Any,
    callbacks: Any,
) -> None:  # fmt: skip
    check_numbers(t_end=t_end, dt=dt, tol=tol, t0=t0, checkpoint_every=checkpoint_every)
    if integrator is not None:
        check_integrator(integrator)
    if save is not None:
        check_schedule("save", save)
    check_variables(variables)
    check_callbacks(callbacks)


def _check_reached(progress: Mapping[str, Any], t_end: float, folder: Any) -> None:
    """The end must not lie before the checkpoint, nor within the row of equal steps it is in."""
    reached = progress["aim"] if progress["done"] else progress["t"]
    if reached is not None and rounded(t_end) < reached:
        raise ValueError(
            f"t_end = {t_end} lies before t = {reached}, which the checkpoint in {folder} has reached; "
            f"give t_end >= {reached}, or use another folder"
        )


def _driver(
    model: Any, engine: Any, integrator: Any, dt: float | None, tol: float | None, start: float, t_end: float
) -> Any:  # fmt: skip
    if dt is not None:
        model.check_step(engine, integrator, dt, np.linspace(start, t_end, LOOKS).tolist())
        return Fixed(integrator, dt)
    assert tol is not None
    if not 0 < tol < 1:
        raise ValueError(f"tol = {tol} must be between 0 and 1; it is the relative error of a step")
    model.check_adaptive(integrator)
    return Adaptive(integrator, tol, FIRST_STEP * (t_end - start))


def _sink(out: Any, kept: Checkpoint | None, name: str, found: Any) -> Sink:
    if out is None and kept is None:
        return MemorySink()
    path = Path(out) if out is not None else kept.folder / "frames.nc"  # type: ignore[union-attr]
    return FileSink(path, name, found[1]["frames"] if found else None)


def _stops(start: float, t_end: float, save: Schedule | None, callbacks: Sequence[Callback]) -> list[float]:
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
    return sorted({start, rounded(t_end), *(t for schedule in schedules for t in schedule.times(start, t_end))})
