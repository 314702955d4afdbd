"""The door to sweeps: a function at many values of the parameters of a model."""

import functools
import hashlib
import inspect
import os
import time
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import xarray as xr

from latticepol._version import __version__
from latticepol.axes import Axes, Batch, along, product
from latticepol.dataset import derived_units
from latticepol.errors import ConvergenceError
from latticepol.progress import Progress
from latticepol.randomness import Rng, seeded
from latticepol.solve import execute, keys
from latticepol.solve.assembly import About, Layout, joined, streamed, without_axes
from latticepol.solve.store import LARGE, Results, Store
from latticepol.solve.tasks import HERE, Job, Task, points_of, takes

#: Points of the first batch; they become more while a batch takes less than QUICK seconds, fewer beyond SLOW.
FIRST, QUICK, SLOW = 64, 1.0, 10.0
#: Points of a batch that goes to an executor.
SENT = 64


def sweep(
    function: Callable[..., Any],
    model: Any,
    *args: Any,
    options: Mapping[str, Any] | None = None,
    executor: Any = None,
    store: str | os.PathLike[str] | None = None,
    rng: Rng = None,
    retry: bool = False,
    progress: bool | None = None,
    **axes: Any,
) -> xr.Dataset:
    """``function(model.replace(**point), *args, **options)`` at every point of the axes.

    Parameters
    ----------
    function
        Of this package or one's own. It returns a Dataset, a DataArray, a number or a dict of numbers.
    model
        A ``Site``, ``Network``, ``SpinorGPE``, or any object with ``replace``.
    args, options
        Further arguments of the function, and its keyword arguments as a dict: ``options={"dt": 0.01}``.
    executor
        None: as many processes as there are processors, of one thread each; a number of them; "serial": this process;
        or any ``concurrent.futures.Executor``, dask's ``Client.get_executor()`` and mpi4py's too. Functions of the
        single condensate with keyword axes, and ``lp.evolve`` of small states without noise with ``dt``, compute many
        points in one call, without processes unless an executor is given.
    store
        A folder. It keeps every finished point in a file, so that the same call, or one with more points, computes only
        what is missing. A point is known by its function (name and code, with the functions of the same file and the
        values that it uses), the parameters of the model (arrays by content, functions by what they give on the
        grid), the arguments (Datasets and arrays by content), ``rng`` and the version of latticepol. Not by what an
        imported module does: after a change there use another folder. A result of more than 256 MB is put together in
        a file of the store and opened lazily.
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
        What the function returns, with the axes in front. Dimensions that differ from point to point are joined by
        their labels (a time, ...), or padded where they have none. ``status`` of every point ("finished", or what the
        function says; "failed", "lost": its worker died) and ``message``; there numbers are NaN, texts empty, truth
        values False. ``seed`` for a function with ``rng``.

    Raises
    ------
    TypeError
        The model has no such parameter, or the arguments do not fit the function.
    ValueError
        An axis is empty, has a value twice or one that is not finite; a lambda with a store or an executor; the
        function returns something with the name of an axis.
    ConvergenceError
        No point succeeded; ``result`` has the messages.
    """
    function, options = _plain(function, args, options or {})
    name = getattr(function, "__name__", type(function).__name__)
    grid = _grid(model, axes, name)
    _check(function, name, model, args, options, executor, store, rng)
    job = Job(function, model, args, _quiet(function, options), HERE)
    batch = job.batch(grid.values)
    seeds, seed = _seeds(function, options, rng, grid, batch)
    kept = None
    names = [""] * len(seeds)
    if store is not None:
        kept = Store(Path(store), name, keys.of_call(function, args, options), _about(function, args, options))
        names = _keys(model, grid, None if rng is None else seed)
    results = Results(kept, names)
    missing = np.flatnonzero(~results.recall(retry))
    work = _Work(job, grid, seeds, batch, executor)
    total = len(seeds)
    with Progress(0, total, "points", progress) as bar:
        bar.to(total - len(missing))
        try:
            for task, outcome in work.through(missing):
                if outcome.data is not None:
                    outcome = outcome._replace(data=without_axes(grid, outcome.data))
                results.add(task.indices, outcome, seeds[task.indices])
                bar.advance(len(task.indices))
        except KeyboardInterrupt:
            where = "they are lost without store=" if kept is None else f"in {kept.folder}; the same call goes on"
            raise KeyboardInterrupt(f"{bar.now:g} of {total} points are finished, {where}") from None
    about = About(f"sweep of {name}", _record(model, axes), derived_units(getattr(model, "units", None)),
                  {"function": name} | ({} if seed is None else {"seed": seed}))  # fmt: skip
    return _result(grid, results, about)


def _result(grid: Axes, results: Results, about: About) -> xr.Dataset:
    """The Dataset, and a word about failures."""
    layout = Layout(grid, results)
    if results.store is not None and layout.bytes > LARGE:
        path = results.store.folder / f"result-{keys.combined(*results.keys)}.nc"
        dataset = streamed(layout, results, about, path)
    else:
        dataset = joined(layout, results, about)
    wrong = np.isin(dataset["status"].values.ravel(), ("failed", "lost"))
    if wrong.any():
        first = int(wrong.argmax())
        point = ", ".join(f"{name} = {array[first]}" for name, array in grid.values.items())
        text = f"{wrong.sum()} of {wrong.size} points failed, the first at {point}: "
        text += str(dataset["message"].values.ravel()[first])
        if wrong.all():
            raise ConvergenceError(text, dataset)
        warnings.warn(text, stacklevel=3)
    return dataset


class _Work(NamedTuple):
    """What is to be done, and by whom."""

    job: Job
    grid: Axes
    seeds: np.ndarray
    batch: Batch | None
    executor: Any

    def through(self, missing: np.ndarray) -> execute.Done:
        """The outcomes of the missing points: batches first, then one by one what has none or failed in one."""
        alone = missing
        if self.batch is not None:
            alone = np.empty(0, int)
            for task, outcome in self._run(self._chunks(missing, self.batch.largest), here=self.executor is None):
                if outcome.data is None:
                    alone = np.append(alone, task.indices)
                else:
                    yield task, outcome
        if len(alone):
            yield from self._run((self._task(alone[i : i + 1], False) for i in range(len(alone))), here=False)

    def _run(self, tasks: Iterable[Task], here: bool) -> execute.Done:
        if here or self.executor == "serial":
            return execute.serial(self.job, tasks)
        if self.executor is None or isinstance(self.executor, int):
            tasks = list(tasks)
            workers = min(self.executor or execute.processors(), len(tasks))
            return execute.processes(self.job, tasks, workers)
        return execute.foreign(self.job, tasks, self.executor)

    def _chunks(self, missing: np.ndarray, largest: int) -> Iterator[Task]:
        here = self.executor is None or self.executor == "serial"
        size, first = min(FIRST if here else SENT, largest), 0
        while first < len(missing):
            since = time.monotonic()
            yield self._task(missing[first : first + size], True)
            first, taken = first + size, time.monotonic() - since
            if here and taken < QUICK:
                size = min(2 * size, largest)
            elif here and taken > SLOW:
                size = max(1, size // 2)

    def _task(self, indices: np.ndarray, together: bool) -> Task:
        seed = self.seeds[indices[0]] if len(indices) else None
        return Task(indices, points_of(indices, self.grid.values), None if seed is None else int(seed), together)


def _plain(function: Any, args: tuple[Any, ...], options: Mapping[str, Any]) -> tuple[Any, dict[str, Any]]:
    """A partial without positional arguments is its function with more options."""
    if not callable(function):
        raise TypeError(f"function = {function!r} cannot be called; give a function of a model")
    if not isinstance(options, Mapping):
        raise TypeError(f"options = {options!r} is not a dict; give the keyword arguments of the function, by name")
    while isinstance(function, functools.partial) and not function.args:
        options, function = {**function.keywords, **options}, function.func
    return function, dict(options)


def _grid(model: Any, axes: Mapping[str, Any], function: str) -> Axes:
    """The points, whose names the model knows."""
    if not hasattr(model, "replace"):
        raise TypeError(f"model = {model!r:.60} has no method replace(**parameters); give a Site, Network or SpinorGPE")
    grid = product({name: along(name, values, _values) for name, values in axes.items()})
    for name, array in grid.coords.items():
        if isinstance(array, np.ndarray) and len(np.unique(array)) < len(array):
            twice = next(value for value in array if (array == value).sum() > 1)
            raise ValueError(f"axis {name} holds {twice} twice; give each value once")
    for name, array in grid.values.items():
        try:
            model.replace(**{name: array[0].item()})
        except TypeError as error:
            raise TypeError(f"{error}. Arguments of {function} go into options={{...}}") from None
        except ValueError:  # a point that fails
            continue
    return grid


def _values(name: str, values: Any) -> np.ndarray:
    try:
        array = np.asarray(values)
    except ValueError:
        array = np.asarray(None)
    if array.dtype.kind not in "biufcU" and array.size:
        raise ValueError(f"axis {name} = {values!r:.60} does not hold numbers, texts or truth values")
    return array


def _check(
    function: Any, name: str, model: Any, args: tuple[Any, ...], options: Mapping[str, Any], executor: Any, store: Any,
    rng: Any,
) -> None:  # fmt: skip
    try:
        given: dict[str, Any] = {"rng": 0} if takes(function, "rng") else {}
        inspect.signature(function).bind(model, *args, **given | dict(options))
    except TypeError as error:
        raise TypeError(f"args and options do not fit {name}: {error}") from None
    except ValueError:  # without a signature
        pass
    if name == "<lambda>" and (store is not None or executor not in (None, "serial")):
        raise ValueError(
            "function is a lambda, which has no name to be known by in a store or at an executor; write it as def "
            "name(model): return ..."
        )
    number = isinstance(executor, int) and not isinstance(executor, bool) and executor >= 1
    if not (executor is None or executor == "serial" or number or hasattr(executor, "submit")):
        raise TypeError(
            f"executor = {executor!r} is none; give None, a number of processes >= 1, 'serial' or an Executor"
        )
    if rng is not None and ("rng" in options or not takes(function, "rng")):
        why = "options hold one too" if "rng" in options else f"{name} draws no random numbers"
        raise TypeError(f"rng = {rng!r} has no use: {why}; leave it out")


def _quiet(function: Any, options: Mapping[str, Any]) -> dict[str, Any]:
    """One bar is enough."""
    return {**({"progress": False} if takes(function, "progress") else {}), **options}


def _seeds(
    function: Any, options: Mapping[str, Any], rng: Rng, grid: Axes, batch: Batch | None
) -> tuple[np.ndarray, int | None]:
    """The seed of every point, None where there are no random numbers; and the one that repeats them all."""
    points = int(np.prod(grid.shape))
    if "rng" in options or not takes(function, "rng"):
        return np.full(points, None), None
    _, seed = seeded(rng)
    if batch is not None and batch.own_seeds:
        return np.full(points, seed, object), seed
    columns = sorted(grid.values.items())
    return np.array([_seed(seed, {n: a[i] for n, a in columns}) for i in range(points)], object), seed


def _seed(seed: int, point: Mapping[str, Any]) -> int:
    """A seed that depends on ``seed`` and the values by name, not on the other points."""
    texts = [f"{name}={float(v) + 0.0!r}" if v.dtype.kind in "biuf" else f"{name}={v}" for name, v in point.items()]
    digest = hashlib.blake2b("\n".join(texts).encode(), key=seed.to_bytes(8, "little"), digest_size=8).digest()
    return int.from_bytes(digest, "little") >> 1


def _keys(model: Any, grid: Axes, seed: int | None) -> list[str]:
    """The name of every point in the store."""
    found = []
    for i in range(int(np.prod(grid.shape))):
        point = {name: array[i].item() for name, array in grid.values.items()}
        try:
            text = keys.of_model(model.replace(**point))
        except Exception:  # a point that fails has no model
            text = keys.of_model(model) + keys.content(point)
        found.append(keys.combined(text, repr(seed)))
    return found


def _about(function: Any, args: tuple[Any, ...], options: Mapping[str, Any]) -> dict[str, Any]:
    """For a reader of the store."""
    return {
        "function": keys.content(function),
        "args": [keys.content(value) for value in args],
        "options": {name: keys.content(value) for name, value in options.items()},
        "latticepol": __version__,
    }


def _record(model: Any, axes: Mapping[str, Any]) -> dict[str, Any]:
    """The parameters of the model that are not swept."""
    given = getattr(model, "record", None) or (model.parameters() if hasattr(model, "parameters") else {})
    return {name: value for name, value in given.items() if name.split(".")[-1] not in axes}
