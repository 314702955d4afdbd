"""What is done at a point of a sweep, here or in another process."""

import functools
import sys
from collections.abc import Callable, Hashable, Mapping
from typing import Any, NamedTuple
from uuid import uuid4

import cloudpickle
import numpy as np
import threadpoolctl
import xarray as xr

from latticepol.axes import POINT, Batch
from latticepol.disk.processes import use_one_processor
from latticepol.sweeps.record import Replaceable

#: Another one in every process.
HERE = uuid4().hex
#: What multiprocessing calls the script of the user in the processes that it starts anew.
SCRIPT = "__mp_main__"
#: Letters of a message that are kept.
LONGEST = 500
#: What Python calls a function without a name.
LAMBDA = "<lambda>"
#: Failures of the machine and not of the point: they are not stored, so that the next call tries again.
PASSING = (MemoryError, OSError, ImportError)


class Job(NamedTuple):
    """What all points have in common; ``home`` is the ``HERE`` of the process that asks."""

    function: Callable[..., Any]
    model: Replaceable
    args: tuple[Any, ...]
    options: Mapping[str, Any]
    home: str

    def pickled(self) -> bytes:
        """Pickle the job; functions and classes of a notebook or script travel by value."""
        script = sys.modules.get(SCRIPT)
        if script is None or script.__name__ != SCRIPT or SCRIPT in cloudpickle.list_registry_pickle_by_value():
            return bytes(cloudpickle.dumps(self))
        cloudpickle.register_pickle_by_value(script)
        try:
            return bytes(cloudpickle.dumps(self))
        finally:
            cloudpickle.unregister_pickle_by_value(script)

    def batch(self, values: Mapping[str, np.ndarray]) -> Batch | None:
        """Return how many points are computed in one call, None if each is one."""
        plan = getattr(self.function, "batch", None)
        return plan(self.function, self.model, values, self.args, self.options) if plan else None


class Task(NamedTuple):
    """Some points: their numbers, the values of each parameter (points,), and what their ``rng`` is.

    ``seeds`` is None for functions that take none, one int for all points of a batch, otherwise one for each.
    """

    indices: np.ndarray
    values: Mapping[str, np.ndarray]
    seeds: Any
    together: bool


class Outcome(NamedTuple):
    """What came of a task: a Dataset along ``POINT``, or None and why."""

    data: xr.Dataset | None
    status: str = "finished"
    message: str = ""


def remote(payload: bytes, task: Task) -> Outcome:
    """Compute a task in a worker, with one thread; return its outcome."""
    job = _unpickled(payload)
    if job.home != HERE:
        _one_thread()
    return outcome(job, task)


def outcome(job: Job, task: Task) -> Outcome:
    """Compute a task and return its outcome."""
    try:
        return Outcome(_together(job, task) if task.together else _alone(job, task))
    except PASSING as error:
        return Outcome(None, "lost", text_of(error))
    except Exception as error:
        return Outcome(None, "failed", text_of(error))


def _together(job: Job, task: Task) -> xr.Dataset:
    batch = job.batch(task.values)
    assert batch is not None
    made: xr.Dataset = batch.call(task.values, task.seeds)
    return made


def _alone(job: Job, task: Task) -> xr.Dataset:
    point = {name: array[0].item() for name, array in task.values.items()}
    rng = {} if task.seeds is None else {"rng": task.seeds}
    made = job.function(job.model.replace(**point), *job.args, **job.options, **rng)
    return as_dataset(made, _name(job.function)).load().expand_dims(POINT)


def _name(function: Callable[..., object]) -> str:
    """Return how the number is called that a function returns; a lambda, a partial or an object has no name."""
    name = getattr(function, "__name__", LAMBDA)
    return "value" if name == LAMBDA else name


def as_dataset(made: object, name: str) -> xr.Dataset:
    """Return what a function returned, as a Dataset.

    Raises
    ------
    TypeError
        It is not a Dataset, DataArray, number or dict of numbers.
    """
    if isinstance(made, xr.Dataset):
        return made
    if isinstance(made, xr.DataArray):
        return made.to_dataset(name=made.name if made.name is not None else name)
    numbers: Mapping[Hashable, Any] = made if isinstance(made, Mapping) else {name: made}
    for key, value in numbers.items():
        if np.ndim(value) or np.asarray(value).dtype.kind not in "biufcU":
            shown = " ".join(repr(value).split())[:60]
            raise TypeError(
                f"{name} returned {type(made).__name__} with {key} = {shown}; return a Dataset, a DataArray, "
                "a number or a dict of numbers"
            )
    attributes = {key: value.attrs for key, value in numbers.items() if isinstance(value, xr.DataArray)}
    return xr.Dataset({key: ((), np.asarray(value), attributes.get(key)) for key, value in numbers.items()})


def text_of(error: BaseException) -> str:
    """Return what is kept of an error."""
    return short(f"{type(error).__name__}: {error}")


def short(text: str) -> str:
    """Return a text that may stand in every file."""
    return text if len(text) <= LONGEST else text[: LONGEST - 3] + "..."


@functools.lru_cache(maxsize=1)
def _unpickled(payload: bytes) -> Job:
    job: Job = cloudpickle.loads(payload)
    return job


@functools.lru_cache(maxsize=1)
def _one_thread() -> None:
    use_one_processor()
    threadpoolctl.threadpool_limits(1)
