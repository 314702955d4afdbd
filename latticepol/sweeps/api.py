"""The door to sweeps: a function at many values of the parameters of a model."""

import difflib
import functools
import inspect
import os
import warnings
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr

from latticepol._version import __version__
from latticepol.axes import Axes
from latticepol.disk.files import resolve
from latticepol.disk.processes import is_daemonic
from latticepol.errors import ConvergenceError, kind
from latticepol.progress import Progress
from latticepol.randomness import Rng
from latticepol.results.dataset import wrap
from latticepol.results.netcdf import check_names
from latticepol.results.variables import VARIABLES, derived_units
from latticepol.sweeps import keys, record
from latticepol.sweeps.assembly import About, Layout, joined, streamed, without_axes
from latticepol.sweeps.claims import Claims
from latticepol.sweeps.executors import DAEMONIC
from latticepol.sweeps.limits import SWEEP_LIMITS, SweepLimits
from latticepol.sweeps.points import grid_of, names_of, seeds_of, takes
from latticepol.sweeps.record import Replaceable
from latticepol.sweeps.store import ADDED, FAILED, Results, Store
from latticepol.sweeps.tasks import HERE, Job, Outcome, Task, text_of
from latticepol.sweeps.work import Work
from latticepol.units.reading import own_unit


def sweep(
    function: Callable[..., object],
    model: Replaceable,
    *args: object,
    options: Mapping[str, object] | None = None,
    executor: object = None,
    store: str | os.PathLike[str] | None = None,
    rng: Rng = None,
    retry: bool = False,
    progress: bool | None = None,
    **axes: object,
) -> xr.Dataset:
    """Compute ``function(model.replace(**point), *args, **options)`` at every point of the axes.

    Parameters
    ----------
    function
        Of this package or your own. It returns a Dataset, a DataArray, a number or a dict of numbers.
    model
        A ``Site``, ``Network``, ``SpinorGPE``, or any object with ``replace``.
    args, options
        Further arguments of the function, and its keyword arguments as a dict: ``options={"dt": 0.01}``.
    executor
        None: as many processes as there are processors, of one thread each (in a daemonic process, as the workers of
        ``multiprocessing.Pool`` are, which may start none: this one); a number of them; "serial": this process; or any
        ``concurrent.futures.Executor``, dask's ``Client.get_executor()`` and mpi4py's too. Functions of the single
        condensate with keyword axes, and ``lp.evolve`` of small states without noise with ``dt``, compute many points
        in one call, without processes unless an executor is given.
    store
        A folder. It keeps every finished point in a file, so that the same call, or one with more points, computes only
        what is missing. A point is known by its function (name and code, with the functions, classes and values of the
        user that it uses), the parameters of the model (axes to 12 digits, arrays by content, functions by what they
        give on the grid), the arguments (arrays, Datasets and objects by content), ``rng`` and a version of the results
        of latticepol, which is raised when numbers change. Not by what installed libraries do: after a change there use
        another folder. A result of more than 256 MB is put together in a file of the store and opened lazily.
    rng
        For a function with the parameter ``rng``: None, a seed or a Generator. Every point gets a seed that depends on
        it and the values of the point only (``alignment_probability`` gets ``rng`` itself, and does the same). With
        None points that are in the store keep theirs.
    retry
        Compute the stored failures again. A point that failed for want of memory, or whose worker died, is not stored
        and always tried again.
    progress
        Show a bar of points; None: if someone is watching.
    axes
        Lists of parameters, as the model's ``replace`` names them: their outer product. Values are numbers, texts or
        truth values. Axes given as ``xarray.DataArray`` with a common dimension vary together along it. A bare value
        replaces the parameter.

    Returns
    -------
    xarray.Dataset
        What the function returns, with the axes in front; the result of a function without a name is called ``value``.
        Its attributes, where they differ from point to point, become variables. Units of the axes are those of the
        model, also of one within ``model``, of ``metadata={"units": ...}`` of the fields of a dataclass, or of the
        DataArray. Dimensions that differ from point to point are joined by
        their labels (a time, ...), or padded where they have none. The first point in the order of the axes that does
        not fail fixes the dimensions and the kind (number, text, time) of its variables; a later point that returns
        them otherwise, or none of them, has failed, alone. A variable that a point does not have is empty there, one
        that the first does not have is fixed by the next that has it. ``status`` of every point ("finished", or what
        the function says; "failed", "lost": its worker died) and ``message``; there numbers are NaN, texts empty, truth
        values False. Where a point that did not fail lacks a truth value, as a state whose ``stable`` is not known, it
        is False too, and ``message`` says so. ``seed`` for a function with ``rng``.

    Raises
    ------
    TypeError
        The model has no such parameter, the arguments do not fit the function, or, with a store, something that the
        function, the model or an argument holds has no content that can be read (a generator, a socket, ...).
    ValueError
        An axis is empty, has a value twice or one that is not finite; a lambda with a store or an executor; the first
        point that does not fail returns something with the name of an axis, or what a sweep adds itself;
        ``store`` is a file; the executor was shut down before; a number of processes in a daemonic process.
    ConvergenceError
        No point succeeded; ``result`` has the messages.
    """
    return swept(
        function, model, args, axes, options=options, executor=executor, store=store, rng=rng, retry=retry,
        progress=progress,
    )  # fmt: skip


def swept(
    function: Callable[..., object],
    model: Replaceable,
    args: tuple[object, ...],
    axes: Mapping[str, object],
    *,
    options: Mapping[str, object] | None = None,
    executor: object = None,
    store: str | os.PathLike[str] | None = None,
    rng: Rng = None,
    retry: bool = False,
    progress: bool | None = None,
    limits: SweepLimits = SWEEP_LIMITS,
) -> xr.Dataset:
    """Return what :func:`sweep` does, within other limits than the usual ones."""
    if options is not None and not isinstance(options, Mapping):
        raise TypeError(f"options is {kind(options)}; give the keyword arguments of the function as a dict")
    function, options = _plain(function, args, options or {})
    name = getattr(function, "__name__", type(function).__name__)
    for axis, values in axes.items():
        _check_unit(axis, own_unit(values), model)
    grid = grid_of(model, axes, name)
    _check(function, name, model, args, options, executor, store, rng)
    job = Job(function, model, args, _quiet(function, options), HERE)
    batch = job.batch(grid.values)
    seeds, seed = seeds_of(function, options, rng, grid, batch)
    taken = {*grid.dims, *grid.coords} & set(ADDED if seed is not None else ADDED[:2])
    if taken:
        raise ValueError(f"axis {min(taken)} has the name of what a sweep adds itself; call the parameter otherwise")
    check_names(xr.Dataset(coords={dim: (dim, np.empty(n)) for dim, n in zip(grid.dims, grid.shape, strict=True)}))
    parameters = record.of_sweep(model, grid)
    kept = None
    names = [""] * len(seeds)
    if store is not None:
        call, origin = keys.of_call(function, args, options), _origin(name, parameters)
        kept = Store(resolve(store, "store"), name, call, _about(function, args, options), origin)
        names = names_of(model, grid, None if rng is None else seed)
    results = Results(kept, names, grid.values, limits)
    work = Work(job, grid, seeds, batch, executor, limits)
    with Claims(results) as claims, Progress(0, len(seeds), "points", progress) as bar:
        results.recall(retry)
        try:
            _compute(work, results, claims, seeds, lambda: bar.to(results.known.sum()))
        except KeyboardInterrupt:
            where = "they are lost without store=" if kept is None else f"in {kept.folder}; the same call goes on"
            raise KeyboardInterrupt(f"{bar.now:g} of {len(seeds)} points are finished, {where}") from None
    attributes = {"function": name} | ({} if seed is None else {"seed": seed})
    if results.commits:
        attributes["git_commit"] = ", ".join(results.commits)
    units, texts = derived_units(record.units_of(model)), record.texts_of_axes(model, axes)
    return _result(grid, results, About(f"sweep of {name}", parameters, units, attributes, texts))


def _compute(work: Work, results: Results, claims: Claims, seeds: np.ndarray, show: Callable[[], None]) -> None:
    """Compute what is not known, and take from other sweeps in the same store what they have under way."""
    show()
    missing = np.flatnonzero(~results.known)
    while len(missing):
        for task, outcome in work.through(missing, claims.take):
            path = _add(results, work.grid, task, outcome, seeds[task.indices])
            claims.release(task.indices, path)
            show()
        missing = claims.wait(show)


def _check_unit(name: str, unit: str, model: Replaceable) -> None:
    """Refuse a DataArray in another unit than the model has for the parameter.

    Raises
    ------
    ValueError
        It is.
    """
    names = derived_units(record.described(model).units)
    if not unit or names is None:
        return
    own = record.texts_of_axes(model, {name: 0.0})[name].get("units")
    if own is None and name in VARIABLES:
        own = names.get(VARIABLES[name].dimension, "1")
    if own not in (None, unit):
        raise ValueError(
            f"axis {name} must be in the units of the model, {own}; its DataArray is in {unit}: convert it by "
            f"lp.units, or give texts, {name}=['1 {unit}', ...]"
        )


def _add(results: Results, grid: Axes, task: Task, outcome: Outcome, seeds: np.ndarray) -> Path | None:
    """Take an outcome; one that no result can be made of fails, or ends the sweep if there is no other yet."""
    try:
        if outcome.data is not None:
            check_names(outcome.data)
            outcome = outcome._replace(data=without_axes(grid, outcome.data))
        return results.add(task.indices, outcome, seeds)
    except (TypeError, ValueError) as error:
        if not results.usable:
            kind = TypeError if isinstance(error, TypeError) else ValueError
            raise kind(f"{error} (at {_at(grid, task.indices[0])})") from None
        return results.add(task.indices, Outcome(None, "failed", text_of(error)), seeds)


def _at(grid: Axes, point: int) -> str:
    return ", ".join(f"{name} = {array[point]}" for name, array in grid.values.items())


def _result(grid: Axes, results: Results, about: About) -> xr.Dataset:
    """Return the Dataset, and a word about failures and about code that changed."""
    if len(results.commits) > 1:
        several = ", ".join(f"{made} ({count} points)" for made, count in results.commits.items())
        warnings.warn(
            f"the points were computed by several commits of latticepol: {several}; to have them from one, give "
            "another folder as store",
            stacklevel=4,
        )
    layout = Layout(grid, results)
    if results.store is not None and layout.bytes > results.limits.kept:
        path = results.store.folder / f"result-{keys.combined(*results.keys)}.nc"
        dataset = streamed(layout, results, about, path, results.limits.streamed)
    else:
        dataset = joined(layout, results, about)
    wrong = np.isin(dataset["status"].values.ravel(), FAILED)
    if wrong.any():
        first = int(wrong.argmax())
        text = f"{wrong.sum()} of {wrong.size} points failed, the first at {_at(grid, first)}: "
        text += str(dataset["message"].values.ravel()[first])
        if wrong.all():
            raise ConvergenceError(text, dataset)
        warnings.warn(text, stacklevel=4)
    return dataset


def _plain(function: object, args: tuple[object, ...], options: Mapping[str, object]) -> tuple[Any, dict[str, Any]]:
    """Return the function within partials without positional arguments, and the options with theirs."""
    if not callable(function):
        raise TypeError(f"function must be callable; got {kind(function)}: give sweep(function, model, ...)")
    if not isinstance(options, Mapping):
        raise TypeError(f"options = {options!r} is not a dict; give the keyword arguments of the function, by name")
    while isinstance(function, functools.partial) and not function.args:
        options, function = {**function.keywords, **options}, function.func
    return function, dict(options)


def _check(
    function: Callable[..., object],
    name: str,
    model: object,
    args: tuple[object, ...],
    options: Mapping[str, object],
    executor: object,
    store: object,
    rng: Rng,
) -> None:
    try:
        given: dict[str, Any] = {"rng": 0} if takes(function, "rng") else {}
        signature = inspect.signature(function)
        _check_names(function, model, signature, options)
        signature.bind(model, *args, **given | dict(options))
    except TypeError as error:
        raise TypeError(f"args and options do not fit {name}: {error}") from None
    except ValueError:  # without a signature
        pass
    number = isinstance(executor, int) and not isinstance(executor, bool) and executor >= 1
    serial = isinstance(executor, str) and executor == "serial"
    if name == "<lambda>" and (store is not None or not (executor is None or serial)):
        raise ValueError(
            "function must have a name to be found by in a store or by an executor, and a lambda has none; write it as "
            "def name(model): return ..."
        )
    if not (executor is None or serial or number or hasattr(executor, "submit")):
        raise TypeError(f"executor must be None, a number of processes >= 1, 'serial' or an Executor; got {executor!r}")
    if number and is_daemonic():
        raise ValueError(f"executor = {executor!r} starts processes, which this process is not allowed to: {DAEMONIC}")
    if rng is not None and ("rng" in options or not takes(function, "rng")):
        why = "options hold one already" if "rng" in options else f"{name} draws no random numbers"
        raise TypeError(f"rng = {rng!r} would not be used: {why}; leave it out")


def _check_names(function: object, model: object, signature: inspect.Signature, options: Mapping[str, object]) -> None:
    """Raise TypeError unless options are arguments, or axes of a function that takes parameters of the model as
    keywords."""
    further = list(signature.parameters.values())[1:]
    known = [p.name for p in further if p.kind in (p.POSITIONAL_OR_KEYWORD, p.KEYWORD_ONLY)]
    if any(p.kind is p.VAR_KEYWORD for p in signature.parameters.values()):
        if not hasattr(function, "batch"):  # a user's function, which may take anything
            return
        known += record.described(model).record
    unknown = [name for name in options if name not in known]
    if unknown:
        near = [match for name in unknown for match in difflib.get_close_matches(str(name), known)]
        hint = f"did you mean {' or '.join(near)}? There are" if near else "there are"
        raise TypeError(f"no argument or axis {unknown}; {hint} {known}")


def _quiet(function: object, options: Mapping[str, object]) -> dict[str, Any]:
    """Return the options without a bar for each point: one is enough."""
    return {**({"progress": False} if takes(function, "progress") else {}), **options}


def _about(function: object, args: tuple[object, ...], options: Mapping[str, object]) -> dict[str, Any]:
    """Return what a reader of the store may want to know."""
    return {
        "function": keys.content(function),
        "args": [keys.content(value) for value in args],
        "options": {name: keys.content(value) for name, value in options.items()},
        "latticepol": __version__,
    }


def _origin(name: str, parameters: Mapping[str, object]) -> dict[str, str]:
    """Return what a file of the store says of its origin, as every result does."""
    known = wrap({}, {}, parameters, title="").attrs
    return {"function": name} | {key: known[key] for key in ("source", "git_commit", "versions", "parameters")}
