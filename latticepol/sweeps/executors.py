"""Where the tasks of a sweep are done: here, in processes of its own, or by the executor of the user.

Why the processes are our own and not those of loky is explained in docs/developers/architecture.md.
"""

import ctypes
import multiprocessing
import os
import queue
import signal
import sys
import threading
import types
from collections import Counter, deque
from collections.abc import Iterable, Iterator
from concurrent.futures import BrokenExecutor, Executor, Future, ProcessPoolExecutor
from contextlib import contextmanager, suppress
from multiprocessing.context import SpawnContext, SpawnProcess
from typing import Any

from latticepol.disk.processes import is_daemonic
from latticepol.sweeps.tasks import Job, Outcome, Task, outcome, remote, text_of

#: Tasks that wait at an executor whose number of workers is not known.
WINDOW = 1000
#: A point whose worker died this often, while it ran alone, is given up.
DEATHS = 2
#: What to do in a process that may start none.
DAEMONIC = (
    "in a daemonic process, such as a worker of multiprocessing.Pool or of dask, give executor=None or 'serial'; or "
    "let the sweep run in a worker of concurrent.futures.ProcessPoolExecutor, which may start processes"
)
#: Linux: the signal that a process gets when its parent dies (sys/prctl.h).
PR_SET_PDEATHSIG = 1

Done = Iterator[tuple[Task, Outcome]]


def serial(job: Job, tasks: Iterable[Task]) -> Done:
    """Compute one task after the other, in this process."""
    for task in tasks:
        yield task, outcome(job, task)


def foreign(job: Job, tasks: Iterable[Task], executor: Executor) -> Done:
    """Compute the tasks by any ``concurrent.futures.Executor``.

    Raises
    ------
    ValueError
        It takes no tasks any more.
    """
    flight = _Flight(executor, job.pickled())
    waiting = iter(tasks)
    try:
        while flight.fill(waiting, WINDOW):
            yield _read(*flight.next())
    finally:
        flight.cancel()


def processes(job: Job, tasks: Iterable[Task], workers: int) -> Done:
    """Compute the tasks in ``workers`` processes; where one dies all that were under way are tried again one by one."""
    payload, waiting, suspects = job.pickled(), iter(tasks), deque[Task]()
    deaths: Counter[int] = Counter()
    with _Pool(payload, workers) as pool:
        while True:
            alone = bool(suspects)
            if alone and not pool.flight.tasks:
                pool.flight.start(suspects.popleft())
            if not alone and not pool.flight.fill(waiting, 2 * workers):
                break
            task, future = pool.flight.next()
            if not isinstance(future.exception(), BrokenExecutor):
                yield _read(task, future)
                continue
            if alone:
                deaths[id(task)] += 1
            if deaths[id(task)] >= DEATHS:
                yield task, Outcome(None, "lost", "its worker process died again and again: killed, or out of memory")
            else:
                suspects.append(task)
            for other, done in pool.flight.drain():  # the others of a broken pool are done or broken too
                if isinstance(done.exception(), BrokenExecutor):
                    suspects.append(other)
                else:
                    yield _read(other, done)
            pool.renew()


def _read(task: Task, future: "Future[Outcome]") -> tuple[Task, Outcome]:
    error = future.exception()
    if error is None:
        return task, future.result()
    return task, Outcome(None, "lost", f"the executor failed with {text_of(error)}")


class _Flight:
    """Tasks under way at an executor, in the order in which they end."""

    def __init__(self, executor: Executor, payload: bytes) -> None:
        self.executor, self.payload = executor, payload
        self.tasks: dict[Any, Task] = {}
        self.begun = False
        self.ended: queue.SimpleQueue[Any] = queue.SimpleQueue()

    def fill(self, waiting: Iterator[Task], most: int) -> bool:
        """Start tasks until so many are under way or none waits; return whether any is under way."""
        while len(self.tasks) < most and (task := next(waiting, None)) is not None:
            self.start(task)
        return bool(self.tasks)

    def start(self, task: Task) -> None:
        try:
            future = self.executor.submit(remote, self.payload, task)
        except BrokenExecutor as error:
            future = Future()
            future.set_exception(error)
        except (RuntimeError, AssertionError) as error:  # it was shut down, or may start no processes here
            if not self.begun:
                fix = DAEMONIC if is_daemonic() else "give one that is not shut down"
                kind = type(self.executor).__name__
                raise ValueError(f"executor, a {kind}, takes no tasks: {error}; {fix}") from None
            future = Future()
            future.set_exception(error)
        self.begun = True
        self.tasks[future] = task
        future.add_done_callback(self.ended.put)

    def next(self) -> tuple[Task, Any]:
        future = self.ended.get()
        return self.tasks.pop(future), future

    def drain(self) -> list[tuple[Task, Any]]:
        return [self.next() for _ in range(len(self.tasks))]

    def cancel(self) -> None:
        for future in list(self.tasks):
            future.cancel()


class _Pool:
    """Processes that are replaced when one dies, and do not outlive this one."""

    def __init__(self, payload: bytes, workers: int) -> None:
        self.payload, self.workers = payload, workers
        self.renew()

    def renew(self) -> None:
        self.executor = ProcessPoolExecutor(self.workers, mp_context=_Context(), initializer=_begin)
        self.flight = _Flight(self.executor, self.payload)

    def __enter__(self) -> "_Pool":
        return self

    def __exit__(self, kind: object, *_: object) -> None:
        if kind is None:
            self.executor.shutdown()
            return
        running = list((getattr(self.executor, "_processes", None) or {}).values())
        self.executor.shutdown(wait=False, cancel_futures=True)
        for process in running:  # what they compute is not wanted any more
            process.kill()


def _begin() -> None:
    """Prepare a worker: Ctrl-C is left to the parent, and no worker stays when the parent is gone."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_leave_with_parent, daemon=True).start()
    if sys.platform == "linux":  # the thread waits while compiled code does not let go of the interpreter
        with suppress(OSError, AttributeError):
            ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def _leave_with_parent() -> None:
    parent = multiprocessing.parent_process()
    assert parent is not None
    parent.join()
    os._exit(1)


class _Process(SpawnProcess):
    """A fresh process that does not run the script of the user again: what it needs of it comes pickled."""

    @staticmethod
    def _Popen(process_obj: Any) -> Any:
        with _no_script():
            return SpawnProcess._Popen(process_obj)


class _Context(SpawnContext):
    Process = _Process


@contextmanager
def _no_script() -> Iterator[None]:
    script = sys.modules["__main__"]
    sys.modules["__main__"] = types.ModuleType("__main__")
    try:
        yield
    finally:
        sys.modules["__main__"] = script
