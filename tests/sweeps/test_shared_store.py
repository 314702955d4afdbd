"""Several sweeps in one store: they share the work, and none of it is lost when one is killed."""

import os
import random
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
import shared_case

import latticepol as lp
from latticepol.disk.locks import Lock
from latticepol.sweeps import store as store_module
from latticepol.sweeps.claims import Claims

LONGEST = 120  # seconds to wait for a process, many times what it needs


def start(folder, name, points, seconds, executor, others=0):
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    command = [sys.executable, shared_case.__file__, str(folder), name, str(points), str(seconds), str(executor)]
    command.append(str(others))
    return subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)


def finish(process):
    _, errors = process.communicate(timeout=LONGEST)
    assert process.returncode == 0, errors


def calls(folder):
    """(p, process) of every call."""
    path = folder / "calls"
    lines = path.read_text().splitlines() if path.exists() else []
    return [(float(p), int(pid)) for p, pid in map(str.split, lines)]


def stored(folder):
    return set(folder.glob("store/*/*.nc"))


def until(true):
    end = time.monotonic() + LONGEST
    while not true():
        assert time.monotonic() < end
        time.sleep(0.01)


def alive(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


def check(folder, name, points):
    out = lp.load(folder / f"{name}.nc")
    assert out.p.size == points
    np.testing.assert_array_equal(out.value, 2 * out.p)
    assert (out.status == "finished").all()


@pytest.mark.parametrize(
    ("names", "executors"),
    [
        (("one", "two"), ("serial", "serial")),
        pytest.param(("batch one", "batch two"), ("serial", "serial"), marks=pytest.mark.slow),
        pytest.param(("one", "two"), ("2", "2"), marks=pytest.mark.slow),
        pytest.param(("one", "two", "three"), ("2", "serial", "serial"), marks=pytest.mark.slow),
    ],
)
def test_sweeps_at_the_same_time_compute_every_point_once(tmp_path, names, executors):
    points, each = 12, zip(names, executors, strict=True)
    running = [start(tmp_path, name, points, 0.3, executor, len(names) - 1) for name, executor in each]
    for process in running:
        finish(process)
    for name in names:
        check(tmp_path, name, points)
    counted = Counter(p for p, _ in calls(tmp_path))
    assert len(counted) == points
    assert set(counted.values()) == {1}
    if set(executors) == {"serial"}:
        assert len({pid for _, pid in calls(tmp_path)}) == 2  # both of them worked
    assert not list(tmp_path.glob("store/*/.claims/*.json"))
    assert not list(tmp_path.glob("store/*/.claims/*.alive"))


def test_what_a_killed_sweep_had_claimed_is_taken_over(tmp_path):
    """One is killed at its first point, by which the other is waiting for it at the end."""
    first = start(tmp_path, "first", 3, 1000.0, "serial")
    until(lambda: len(calls(tmp_path)) == 1)
    swept = []

    def second():
        return lp.sweep(
            shared_case.point, shared_case.SITE, str(tmp_path), 1000.0, p=np.linspace(0.1, 1.0, 3),
            store=tmp_path / "store", executor=Executor(tmp_path, first, swept),
        )  # fmt: skip

    out = second()
    assert [float(p) for p in swept] == pytest.approx([0.55, 1.0, 0.1])  # what was claimed comes last
    np.testing.assert_array_equal(out.value, 2 * out.p)
    first.stderr.close()


class Executor:
    """Computes at once, and kills the first sweep when the others are done."""

    def __init__(self, folder, first, swept):
        self.folder, self.first, self.swept = folder, first, swept

    def submit(self, function, payload, task):
        from concurrent.futures import Future

        from latticepol.sweeps.tasks import Outcome, as_dataset

        p = task.values["p"][0]
        self.swept.append(p)
        if len(self.swept) == 2:
            self.first.kill()
            self.first.wait()
        future = Future()
        future.set_result(Outcome(as_dataset({"value": 2 * p}, "value").expand_dims("swept_point")))
        return future


def claims_of(folder, keys):
    store = store_module.Store(folder, "f", "key", {}, {})
    return Claims(store_module.Results(store, keys, {"p": np.arange(float(len(keys)))}))


def test_claims_of_two_sweeps_in_one_process(tmp_path):
    """Point by point: who has what, what is finished elsewhere, what is given up, what a dead one leaves."""
    keys = ["a", "b", "c"]
    with claims_of(tmp_path, keys) as one, claims_of(tmp_path, keys) as two:
        assert one.take(np.array([0, 1])).tolist() == [0, 1]
        assert two.take(np.array([0, 1, 2])).tolist() == [2]
        assert two.elsewhere == {0, 1}
        data = store_module.Outcome(shared_case.xr.Dataset({"v": ("swept_point", [5.0])}))
        path = one.results.add(np.array([0]), data, np.full(1, None))
        one.release(np.array([0]), path)
        one.release(np.array([1]))  # lost: given up
        assert two.wait(lambda: None).tolist() == [1]
        assert two.results.known.tolist() == [True, False, False]
        assert two.take(np.array([1])).tolist() == [1]
        path = two.results.add(np.array([1]), data, np.full(1, None))
        two.release(np.array([1]), path)
        assert one.take(np.array([1])).tolist() == []  # finished between two looks
        assert one.results.known.tolist() == [True, True, False]
    assert not list(tmp_path.glob("f-key/.claims/*.json"))
    assert not (tmp_path / "f-key/.claims/finished").exists()


def test_a_disk_without_locks_is_no_obstacle(tmp_path, monkeypatch):
    def refuse(self, *_, **__):
        raise NotImplementedError("FileSystem does not appear to support flock")

    monkeypatch.setattr("filelock.FileLock.acquire", refuse)
    swept = lp.sweep(lambda_free, shared_case.SITE, p=[0.1, 0.2], store=tmp_path, executor="serial")
    assert swept.lambda_free.values.tolist() == [0.1, 0.2]


def lambda_free(site):
    return site.p


def test_the_lock_of_a_sweep_is_that_of_its_process(tmp_path):
    with claims_of(tmp_path, ["a"]) as one:
        held = Lock(next(tmp_path.glob("f-key/.claims/*.alive")), tmp_path).holder()
        assert held["pid"] == os.getpid()
        assert not one.elsewhere


@pytest.mark.slow
@pytest.mark.parametrize("kills", [1, 50])
def test_a_sweep_with_two_processes_that_is_killed_again_and_again(tmp_path, kills):
    """No worker outlives its sweep, what was stored stays as it is, and the next run goes on from there."""
    points, rng, kept = 4 * kills, random.Random(kills), {}
    for kill in range(kills):
        before = len(calls(tmp_path))
        process = start(tmp_path, "killed", points, 0.05, 2)
        until(lambda before=before, process=process: len(calls(tmp_path)) > before or process.poll() is not None)
        time.sleep(rng.uniform(0.0, 0.15))
        process.kill()
        process.wait()
        process.stderr.close()
        until(lambda: not any(alive(pid) for _, pid in calls(tmp_path)))
        now = {path: path.read_bytes() for path in stored(tmp_path)}
        assert kept.items() <= now.items(), f"kill {kill} damaged what was there"
        kept = now
    computed = len(calls(tmp_path))
    last = start(tmp_path, "last", points, 0.0, "serial")
    finish(last)
    check(tmp_path, "last", points)
    assert len(calls(tmp_path)) - computed == points - len(kept)
    assert computed <= len(kept) + 4 * kills  # two under way and two that wait, each time
    assert {path: path.read_bytes() for path in kept} == kept
    assert not list(tmp_path.glob("store/*/.*.nc.*"))
