"""The tasks of a sweep: batches of points where the function knows how, then single points."""

import time
from collections.abc import Callable, Iterable, Iterator
from typing import Any, NamedTuple

import numpy as np

from latticepol.axes import Axes, Batch
from latticepol.disk.processes import is_daemonic, processors
from latticepol.sweeps import executors
from latticepol.sweeps.limits import SWEEP_LIMITS, SweepLimits
from latticepol.sweeps.tasks import Job, Task

#: From points to those of them that are to be computed.
Take = Callable[[np.ndarray], np.ndarray]


class Work(NamedTuple):
    """What is to be done, and by whom."""

    job: Job
    grid: Axes
    seeds: np.ndarray
    batch: Batch | None
    executor: Any
    limits: SweepLimits = SWEEP_LIMITS

    def through(self, missing: np.ndarray, take: Take) -> executors.Done:
        """Yield the outcomes of the missing points: batches first, then one by one what has none or failed in one.

        Before points are given to somebody ``take`` says which of them are still to be computed.
        """
        if self.batch is None:
            each = (self._task(taken, False) for i in missing if len(taken := take(np.array([i]))))
            yield from self._run(each, len(missing), here=False)
            return
        alone = np.empty(0, int)
        chunks = self._chunks(missing, self.batch.largest, take)
        for task, outcome in self._run(chunks, len(missing), here=self.executor is None):
            if outcome.data is None:
                alone = np.append(alone, task.indices)
            else:
                yield task, outcome
        if len(alone):
            yield from self._run((self._task(np.array([i]), False) for i in alone), len(alone), here=False)

    def _run(self, tasks: Iterable[Task], count: int, here: bool) -> executors.Done:
        if here or self.executor == "serial" or (self.executor is None and is_daemonic()):
            return executors.serial(self.job, tasks)
        if self.executor is None or isinstance(self.executor, int):
            return executors.processes(self.job, tasks, min(self.executor or processors(), count))
        return executors.foreign(self.job, tasks, self.executor)

    def _chunks(self, missing: np.ndarray, largest: int, take: Take) -> Iterator[Task]:
        here = self.executor is None or self.executor == "serial"
        size, first = min(self.limits.first if here else self.limits.sent, largest), 0
        while first < len(missing):
            since = time.monotonic()
            chunk = take(missing[first : first + size])
            if len(chunk):
                yield self._task(chunk, True)
            first, taken = first + size, time.monotonic() - since
            if here and taken < self.limits.quick:
                size = min(2 * size, largest)
            elif here and taken > self.limits.slow:
                size = max(1, size // 2)

    def _task(self, indices: np.ndarray, together: bool) -> Task:
        values = {name: array[indices] for name, array in self.grid.values.items()}
        return Task(indices, values, self.seeds[indices[0]], together)
