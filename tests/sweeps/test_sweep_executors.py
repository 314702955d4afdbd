"""Who computes the points of a sweep: any executor, one that breaks, processes that are killed."""

import os
import re
import signal
import subprocess
import sys
import time
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from functools import partial
from pathlib import Path

import numpy as np
import pytest
import sweep_case
from sweep_models import DELTA, NET, ROUNDING, SITE, P, calls, pump, same

import latticepol as lp


def test_any_executor():
    serial = lp.sweep(lp.g_eff, SITE, p=P, delta=DELTA)
    with ThreadPoolExecutor(2) as threads:
        same(lp.sweep(lp.g_eff, SITE, p=P, delta=DELTA, executor=threads), serial)
        same(lp.sweep(pump, SITE, p=P, executor=threads), lp.sweep(pump, SITE, p=P, executor="serial"))


class Breaking(Executor):
    """Breaks at the second task."""

    def __init__(self):
        self.tasks = 0

    def submit(self, function, *args):
        self.tasks += 1
        if self.tasks == 3:
            raise BrokenProcessPool("no more")
        future = Future()
        if self.tasks == 2:
            future.set_exception(BrokenProcessPool("a worker died"))
        else:
            future.set_result(function(*args))
        return future


def test_an_executor_that_breaks_loses_no_finished_point(tmp_path):
    with pytest.warns(UserWarning, match=r"2 of 3 points failed"):
        swept = lp.sweep(pump, SITE, p=P, executor=Breaking(), store=tmp_path)
    assert swept.status.values.tolist() == ["finished", "lost", "lost"]
    assert str(swept.message[1].values) == "the executor failed with BrokenProcessPool: a worker died"
    same(
        lp.sweep(pump, SITE, p=P, executor="serial", store=tmp_path).pump,
        lp.sweep(pump, SITE, p=P, executor="serial").pump,
    )


class Closing(Breaking):
    """Is shut down after the first task."""

    def submit(self, function, *args):
        if self.tasks:
            raise RuntimeError("cannot schedule new futures after shutdown")
        return super().submit(function, *args)


def test_an_executor_that_is_shut_down_midway_loses_no_finished_point():
    with pytest.warns(UserWarning, match=r"2 of 3 points failed.*RuntimeError: cannot schedule"):
        swept = lp.sweep(pump, SITE, p=P, executor=Closing())
    assert swept.status.values.tolist() == ["finished", "lost", "lost"]


def script(folder, seconds, executor):
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    return subprocess.Popen(
        [sys.executable, sweep_case.__file__, str(folder), str(seconds), str(executor)],
        env=environment,
        stderr=subprocess.PIPE,
    )


@pytest.mark.slow
def test_a_worker_that_is_killed(tmp_path):
    """In a script without a guard: the point that kills its worker always is given up, the others are computed."""
    process = script(tmp_path, 0, 2)
    assert process.wait(60) == 0, process.stderr.read().decode()
    process.stderr.close()
    swept = lp.load(tmp_path / "out.nc")
    lost = swept.p == sweep_case.DEADLY
    np.testing.assert_array_equal(swept.value, np.where(lost, np.nan, 2 * swept.p**2))
    assert swept.status.values.tolist() == ["lost" if here else "finished" for here in lost]
    assert "its worker process died" in str(swept.message.sel(p=sweep_case.DEADLY).values)
    assert len(list((tmp_path / "store").rglob("*.nc"))) == 5
    assert os.getpid() not in {pid for _, pid in calls(tmp_path)}


@pytest.mark.slow  # one that is killed once, in two processes: tests/sweeps/test_shared_store.py
@pytest.mark.parametrize("executor", ["serial", 2])
def test_a_sweep_that_is_killed_and_started_again(tmp_path, executor):
    process = script(tmp_path, 0.1, executor)
    stored = lambda: list((tmp_path / "store").glob("*/*.nc"))  # noqa: E731
    while process.poll() is None and len(stored()) < 2:
        time.sleep(0.01)
    process.kill()
    process.wait()
    process.stderr.close()
    before = {path: path.stat().st_mtime_ns for path in stored()}
    assert 2 <= len(before) < 6
    workers = {pid for _, pid in calls(tmp_path)}
    deadline = time.monotonic() + 30
    while any(map(alive, workers)) and time.monotonic() < deadline:
        time.sleep(0.01)
    assert not any(map(alive, workers))  # none outlives the sweep
    (tmp_path / "calls").unlink()
    swept = sweep_case.run(tmp_path, 0.1, "serial")
    np.testing.assert_allclose(swept.value, 2 * swept.p**2, rtol=ROUNDING)
    assert len(calls(tmp_path)) == 6 - len(before)
    assert all(path.stat().st_mtime_ns == when for path, when in before.items())


def alive(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    status = Path(f"/proc/{pid}/stat")
    return not (status.exists() and status.read_text().rsplit(")", 1)[1].split()[0] == "Z")


@pytest.mark.slow
def test_dask(tmp_path):
    """A cluster of dask, a worker of which is killed midway."""
    distributed = pytest.importorskip("distributed")
    options = {"n_workers": 2, "threads_per_worker": 1, "processes": True, "dashboard_address": None}
    with distributed.LocalCluster(**options) as cluster, distributed.Client(cluster) as client:
        executor = client.get_executor()
        same(lp.sweep(lp.g_eff, SITE, p=P, executor=executor), lp.sweep(lp.g_eff, SITE, p=P))
        swept = lp.sweep(sweep_case.point, SITE, str(tmp_path), 0, p=[0.1, 0.2, 0.5, 0.6], executor=executor)
        np.testing.assert_allclose(swept.value, 2 * swept.p**2)
        with pytest.warns(UserWarning, match=r"1 of 2 points failed.*KilledWorker"):
            swept = lp.sweep(sweep_case.point, SITE, str(tmp_path), 0, p=[0.1, 0.3], executor=executor)
        assert swept.status.values.tolist() == ["finished", "lost"]


@pytest.mark.slow
def test_processes_give_the_same_as_one(tmp_path):
    """Noise, failures, and a sweep killed by Ctrl-C in the middle."""
    options = {"dt": 0.05, "save": lp.every(1.0)}
    run = partial(lp.sweep, lp.evolve, NET.replace(noise=0.1), "linear", 5.0, options=options, rng=1, p=[0.1, 0.2, 0.3])
    same(run(), run(executor="serial"))
    process = script(tmp_path, 0.5, 2)
    while process.poll() is None and not calls(tmp_path):
        time.sleep(0.01)
    process.send_signal(signal.SIGINT)
    message = process.communicate(timeout=60)[1].decode()
    assert re.search(r"KeyboardInterrupt: \d of 6 points are finished, in .*the same call goes on", message)
    assert not any(alive(pid) for _, pid in calls(tmp_path))
