"""Checkpoint and resume: bit for bit, at any moment, with no time twice."""

import os
import re
import signal
import subprocess
import sys
import time
import tracemalloc
from pathlib import Path

import numpy as np
import pytest
import xarray as xr
from resume_case import CASES, run

import latticepol as lp
from latticepol.processes import Process
from latticepol.solve.sink import FileSink

SCRIPT = Path(__file__).with_name("resume_case.py")


def same(first, second):
    assert np.array_equal(first.time, second.time)
    for name in first.data_vars:
        assert np.array_equal(first[name].values, second[name].values)


@pytest.fixture(scope="module", params=CASES)
def uninterrupted(request):
    return request.param, run(request.param)


class Interrupted(Exception):
    pass


def test_resume_is_bit_for_bit(uninterrupted, tmp_path, monkeypatch):
    """Broken off in the middle of a row of steps, again soon after, then finished."""
    case, whole = uninterrupted
    monkeypatch.setattr("latticepol.solve.sink.PART_SECONDS", 0.05)
    for after in (23, 40):
        monkeypatch.setattr("latticepol.solve.run.Run._between", interrupt_after(after))
        with pytest.raises(Interrupted):
            run(case, tmp_path)
    monkeypatch.undo()
    same(whole, run(case, tmp_path))
    same(whole, lp.load(tmp_path / "run.nc"))


def interrupt_after(count):
    """A version of the method called after each step that writes a checkpoint in step ``count`` and gives up later."""
    calls = 0

    def between(self, t):
        nonlocal calls
        calls += 1
        if calls == count:
            self.write_checkpoint()
        if calls == count + 12:
            raise Interrupted

    return between


def test_a_finished_run_is_not_repeated_and_may_go_on(uninterrupted, tmp_path):
    case, whole = uninterrupted
    if "tol" in CASES[case][1]:
        pytest.skip("its last step was shortened to end there")
    run(case, tmp_path, t_end=1.2)
    same(run(case, tmp_path, t_end=1.2), whole.isel(time=slice(0, 5)))
    same(run(case, tmp_path), whole)


def test_checkpoint_without_a_file_keeps_its_frames(tmp_path):
    options = {"checkpoint": tmp_path / "checkpoint"}
    run("gain", t_end=0.9, **options)
    same(run("gain", **options), run("gain"))


def test_a_checkpoint_of_another_run_is_refused(tmp_path):
    run("gain", tmp_path, t_end=0.3)
    with pytest.raises(
        ValueError, match=r"is of another run: dt is 0.01 there, 0.02 here. Use another folder, or delete"
    ):
        run("gain", tmp_path, dt=0.02)
    model = CASES["gain"][0]
    changed = {
        "gamma": model.replace(gamma=0.2),
        "V": model.replace(V=lambda x, y: np.sin(x)),
        "W": model.replace(W=1.0),
    }
    names = {"gamma": "Splitting.gamma is 0.1 there, 0.2 here", "V": "Potential.V is ", "W": "Gain.W is array"}
    for key, other in changed.items():
        with pytest.raises(ValueError, match=f"of another run: {names[key]}"):
            lp.evolve(other, np.ones((2, 32, 32)), 2.0, dt=0.01, save=lp.every(0.3), out=tmp_path / "run.nc",
                      checkpoint=tmp_path / "checkpoint", progress=False)  # fmt: skip


def test_a_broken_checkpoint_is_passed_over(tmp_path):
    run("gain", tmp_path, t_end=0.6)
    run("gain", tmp_path, t_end=0.9)
    files = sorted((tmp_path / "checkpoint").glob("*.nc"), key=os.path.getmtime)
    assert len(files) == 2
    files[-1].write_bytes(b"half a file")
    with pytest.warns(UserWarning, match=r"is incomplete.* The run goes on from the other checkpoint, at t = 0.6"):
        resumed = run("gain", tmp_path)
    same(resumed, run("gain"))


def start(case, folder):
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    return subprocess.Popen(
        [sys.executable, str(SCRIPT), str(folder), case], env=environment, stderr=subprocess.PIPE, text=True
    )


def wait_for_checkpoint(folder, process, since):
    """Until the process, started at the time ``since``, has written one."""
    while process.poll() is None:
        if any(path.stat().st_mtime > since for path in (folder / "checkpoint").glob("checkpoint-*.nc")):
            return
        time.sleep(0.002)


def kills(count, tmp_path, seed):
    rng, whole = np.random.default_rng(seed), run("noise")
    for _ in range(count):
        since = time.time()
        process = start("noise", tmp_path)
        wait_for_checkpoint(tmp_path, process, since)
        time.sleep(rng.uniform(0.0, 1.0 / count))
        process.send_signal(signal.SIGKILL)
        assert process.wait() == -signal.SIGKILL  # it had not finished
    same(whole, run("noise", tmp_path))


def test_kill_at_random_moments(tmp_path):
    kills(2, tmp_path, 0)


@pytest.mark.slow
def test_kill_at_many_random_moments(tmp_path):
    kills(20, tmp_path, 1)


@pytest.mark.parametrize("number", [signal.SIGTERM, pytest.param(signal.SIGINT, marks=pytest.mark.slow)])
def test_signals_leave_a_checkpoint(tmp_path, number):
    process = start("gain", tmp_path)
    wait_for_checkpoint(tmp_path, process, 0.0)
    process.send_signal(number)
    _, said = process.communicate()
    assert process.returncode != 0
    name = "SIGTERM" if number == signal.SIGTERM else "KeyboardInterrupt"
    assert re.search(rf"{name}: stopped at t = [\d.]+, \d+ saved, checkpoint in .*; the same call goes on", said)
    assert lp.load(tmp_path / "run.nc").sizes["time"] >= 1
    same(run("gain"), run("gain", tmp_path))


def test_ctrl_c_says_where_the_run_stands(tmp_path):
    def ctrl_c(frame):
        if frame.time[0] >= 0.2:
            signal.raise_signal(signal.SIGINT)

    with pytest.raises(
        KeyboardInterrupt, match=r"stopped at t = 0\.2, \d+ saved, checkpoint in .*; the same call goes on"
    ):
        case(tmp_path, callbacks=[(lp.every(0.1), ctrl_c)])
    assert list((tmp_path / "checkpoint").glob("checkpoint-*.nc"))


REPEATED = """
import sys
import numpy as np
import latticepol as lp
grid = lp.Grid.rectangle((8.0, 8.0), (16, 16))
model = lp.SpinorGPE(grid, [lp.Kinetic(1.0), lp.Gain(1.5, 1.0, 1.0)])
psi, results = np.full((2, 16, 16), 0.3), []
for t_end in (2.0, 2.0, 2.0):
    results.append(lp.evolve(model, psi, t_end, dt=0.05, checkpoint=sys.argv[1], save=lp.every(0.5), progress=False))
from pathlib import Path
from latticepol.processes import Process
from latticepol.solve.sink import FileSink
kept = FileSink(Path(sys.argv[1]) / "frames.nc", results[0].attrs["run"], 3).result()
assert kept.time.values.tolist() == [0.0, 0.5, 1.0], kept.time
assert all(np.isfinite(abs(result.psi).values).all() for result in results)
"""


def test_a_call_is_repeated_while_an_older_result_is_open(tmp_path):
    """In a process of its own, since closing a second handle in xarray killed the process."""
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run([sys.executable, "-c", REPEATED, str(tmp_path / "ck")], env=environment, capture_output=True)
    assert done.returncode == 0, done.stderr.decode()


def case(folder, t_end=0.6, **options):
    return run("gain", t_end=t_end, **({"out": folder / "run.nc", "checkpoint": folder / "checkpoint"} | options))


FIX = r"; give the out= of that run, or remove the checkpoint folder"


def test_a_missing_or_foreign_file_is_refused(tmp_path):
    case(tmp_path)
    (tmp_path / "run.nc").rename(tmp_path / "moved.nc")
    with pytest.raises(ValueError, match=r"run.nc holds 0 frames, the checkpoint counts 3" + FIX):
        case(tmp_path)
    run("gain", t_end=1.5, out=tmp_path / "run.nc")
    with pytest.raises(ValueError, match=r"run.nc is of another run than the checkpoint" + FIX):
        case(tmp_path)
    assert lp.load(tmp_path / "run.nc").sizes["time"] == 6  # it is as it was
    with pytest.raises(ValueError, match=r"frames.nc holds 0 frames, the checkpoint counts 3"):
        case(tmp_path, out=None)
    same(case(tmp_path, out=tmp_path / "moved.nc"), run("gain", t_end=0.6))


def test_a_new_run_replaces_the_file_once_it_can_be_saved(tmp_path):
    def nameless(frame):
        return frame.psi.rename(None)

    def broken(frame):
        return frame.nothing

    path = tmp_path / "run.nc"
    run("gain", t_end=0.6, out=path)
    errors = {ValueError: ["psy"], TypeError: [nameless], AttributeError: [broken]}
    for error, variables in errors.items():
        with pytest.raises(error):
            run("gain", t_end=0.3, out=path, variables=variables)
    assert lp.load(path).sizes["time"] == 3
    run("gain", t_end=0.3, out=path)
    assert lp.load(path).sizes["time"] == 2


def test_a_stopped_run_stays_stopped(tmp_path):
    stop = [(lp.every(0.3), lp.stop_when_steady(1e6))]
    first, again = (case(tmp_path, 1.2, callbacks=stop) for _ in range(2))
    assert first.attrs["status"] == again.attrs["status"] == "stopped"
    assert first.attrs["steps"] == again.attrs["steps"]
    assert first.time.values.tolist() == again.time.values.tolist() == [0.0, 0.3]
    assert case(tmp_path, 1.5, callbacks=stop).time.values.tolist() == [0.0, 0.3, 0.6]
    same(case(tmp_path, 1.5), run("gain", t_end=1.5))


def test_an_end_before_the_checkpoint_is_refused(tmp_path, monkeypatch):
    case(tmp_path, 0.9)
    with pytest.raises(ValueError, match=r"t_end = 0.6 lies before t = 0.9, .*; give t_end >= 0.9, or use another"):
        case(tmp_path, 0.6)
    monkeypatch.setattr("latticepol.solve.run.Run._between", interrupt_after(23))
    with pytest.raises(Interrupted):
        case(tmp_path, 1.8)
    monkeypatch.undo()
    with pytest.raises(ValueError, match=r"t_end = 1.15 lies before t = 1.2"):  # in the row of steps from 0.9 to 1.2
        case(tmp_path, 1.15)
    same(case(tmp_path, 1.5), run("gain", t_end=1.5))


def test_litter_of_a_killed_process_is_swept(tmp_path):
    dead = Process.here()._replace(born="an earlier boot.7").short
    litter = [tmp_path / f".run.nc.{dead}-00", tmp_path / "checkpoint" / f".checkpoint-0.nc.{dead}-00"]
    other = tmp_path / ".run.nc.swp"
    for folder in litter:
        folder.mkdir(parents=True)
        (folder / "half").write_text("a file")
    other.write_text("of an editor")
    case(tmp_path)
    assert not any(folder.exists() for folder in litter)
    assert other.exists()
    assert sorted(path.name for path in tmp_path.rglob("*")) == [
        ".run.nc.swp", "checkpoint", "checkpoint-0.nc", "run.nc"]  # fmt: skip


def test_frames_are_dropped_one_by_one(tmp_path):
    """Whatever the length of the file, it takes the memory of a few frames, and what stays is what was there."""
    case(tmp_path, 2.0, save=lp.every(0.02), variables=["psi", "number"], checkpoint=None)
    before = lp.load(tmp_path / "run.nc")
    assert before.sizes["time"] == 101
    tracemalloc.start()
    kept = FileSink(tmp_path / "run.nc", before.attrs["run"], 90)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 5 * before.psi[0].nbytes
    after = lp.load(tmp_path / "run.nc")
    xr.testing.assert_identical(before.isel(time=slice(0, 90)), after)
    assert all(before[name].dtype == after[name].dtype for name in before.variables)
    kept.append(before.isel(time=slice(90, 91)))
    xr.testing.assert_identical(before.isel(time=slice(0, 91)), kept.result().load())
