"""Checkpoint and resume: bit for bit, at any moment, with no time twice."""

import os
import re
import shutil
import signal
import subprocess
import sys
import time
import tracemalloc
from functools import cache
from pathlib import Path

import numpy as np
import pytest
import xarray as xr
from resume_case import CASES, run
from resumed import Interrupted, Unwritable, case, contents, interrupt_after, same

import latticepol as lp
from latticepol.disk.processes import Process
from latticepol.evolution.frame_writer import FileSink

SCRIPT = Path(__file__).with_name("resume_case.py")


whole = cache(run)


@pytest.fixture(scope="module", params=CASES)
def uninterrupted(request):
    return request.param, whole(request.param)


def with_each_case(name, ways, slow=()):
    """Every case that is not slow in one of the ways, and every way at least once; all other pairs are slow."""
    pairs = [
        pytest.param(case, way, marks=() if n == k % len(ways) and case not in slow else pytest.mark.slow)
        for k, case in enumerate(CASES)
        for n, way in enumerate(ways)
    ]
    return pytest.mark.parametrize(("uninterrupted", name), pairs, indirect=["uninterrupted"], scope="module")


@pytest.fixture(scope="module", autouse=True)
def planned():
    """The transforms, before another process plans them (tests/conftest.py)."""
    run("noise", t_end=0.02)


def test_resume_is_bit_for_bit(uninterrupted, tmp_path, monkeypatch):
    """Broken off in the middle of a row of steps, again soon after, then finished."""
    case, whole = uninterrupted
    for after in (23, 40):
        monkeypatch.setattr("latticepol.evolution.run.Run._between", interrupt_after(after))
        with pytest.raises(Interrupted):
            run(case, tmp_path)
    monkeypatch.undo()
    same(whole, run(case, tmp_path))
    same(whole, lp.load(tmp_path / "run.nc"))


#: On the schedule; between two frames, on the grid of dt = 0.01 and off it; within a step of a frame; of a breakpoint.
ENDS = (1.2, 1.34, 1.2345, 1.203, 0.3334)


@with_each_case("end", ENDS)
def test_a_finished_run_is_not_repeated_and_may_go_on(uninterrupted, tmp_path, end):
    """Wherever it ends: what was cut short to end there is done again, and its frame is not kept."""
    case, whole = uninterrupted
    first = run(case, tmp_path, t_end=end)
    files = contents(tmp_path)
    same(run(case, tmp_path, t_end=end), first)
    assert contents(tmp_path) == files
    assert first.time[-1] == end
    same(run(case, tmp_path), whole)
    same(lp.load(tmp_path / "run.nc"), whole)


#: The terms of "gain" are in every case, the integrator and the switches of the others in "pulsed" or the test above.
SIMPLE = ("gain", "switched", "reservoir")


@with_each_case("ends", [(0.333, 0.3331, 0.61, 1.999), (0.004, 0.007, 0.0071, 1.0)], SIMPLE)
def test_a_run_is_extended_again_and_again(uninterrupted, tmp_path, ends):
    case, whole = uninterrupted
    for end in ends:
        same(run(case, tmp_path, t_end=end), run(case, t_end=end))
    same(run(case, tmp_path), whole)


@with_each_case("options", [{"save": None}, {"save": lp.at_times([0.1, 0.7])}], SIMPLE)
@pytest.mark.filterwarnings("ignore:at_times")
def test_a_run_without_another_stop_is_extended(uninterrupted, tmp_path, options):
    """Beyond the last stop steps are those of dt, or of tol alone."""
    case, _ = uninterrupted
    for end in (0.05, 0.7, 0.777, 1.5):
        same(run(case, tmp_path, t_end=end, **options), run(case, t_end=end, **options))


def test_a_frame_for_a_callback_is_not_kept(tmp_path):
    """The earlier run ended where the longer one calls back, and saves nothing."""
    calls = []
    options = {"callbacks": [(lp.every(0.25), lambda frame: calls.append(float(frame.time[0])))]}
    assert case(tmp_path, 0.5, **options).time.values.tolist() == [0.0, 0.3, 0.5]
    same(case(tmp_path, 0.8, **options), run("gain", t_end=0.8, **options))
    assert calls[:4] == [0.0, 0.25, 0.5, 0.75]  # each once


def test_an_extended_run_that_is_killed_goes_on_to_either_end(tmp_path, monkeypatch):
    """The earlier one too, though its last frame is gone."""
    case(tmp_path, 0.75, name="noise")
    monkeypatch.setattr("latticepol.evolution.run.Run._between", interrupt_after(1))
    with pytest.raises(Interrupted):
        case(tmp_path, 1.2, name="noise")
    monkeypatch.undo()
    shutil.copytree(tmp_path, tmp_path / "copy")
    same(case(tmp_path / "copy", 1.2, name="noise"), run("noise", t_end=1.2))
    with pytest.raises(ValueError, match=r"t_end = 0.75 lies before t = 0.76"):
        case(tmp_path, 0.75, name="noise")


def test_an_extension_that_ends_at_once_loses_nothing(tmp_path, monkeypatch):
    """Killed after the last frame was dropped, before anything else."""
    case(tmp_path, 0.75, name="noise")
    real = FileSink._begin

    def begin(self):
        real(self)
        raise Unwritable

    monkeypatch.setattr(FileSink, "_begin", begin)
    with pytest.raises(Unwritable):
        case(tmp_path, 1.2, name="noise")
    monkeypatch.undo()
    left = lp.load(tmp_path / "run.nc")
    assert left.time.values.tolist() == [0.0, 0.3, 0.6]
    assert "status" not in left.attrs  # it has not ended any more
    same(case(tmp_path, 0.75, name="noise"), run("noise", t_end=0.75))
    same(case(tmp_path, 1.2, name="noise"), run("noise", t_end=1.2))


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
            lp.evolve(other, np.ones((2, 16, 16)), 2.0, dt=0.01, save=lp.every(0.3), out=tmp_path / "run.nc",
                      checkpoint=tmp_path / "checkpoint", progress=False)  # fmt: skip


def test_a_broken_checkpoint_is_passed_over(tmp_path):
    run("gain", tmp_path, t_end=0.9)
    files = sorted((tmp_path / "checkpoint").glob("*.nc"), key=os.path.getmtime)
    assert len(files) == 2
    files[-1].write_bytes(b"half a file")
    with pytest.warns(UserWarning, match=r"is incomplete.* The run goes on from the other checkpoint, at t = 0.9"):
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
    rng = np.random.default_rng(seed)
    whole("noise")  # planned before the others do
    for _ in range(count):
        since = time.time()
        process = start("noise", tmp_path)
        wait_for_checkpoint(tmp_path, process, since)
        time.sleep(rng.uniform(0.0, 1.0 / count))
        process.send_signal(signal.SIGKILL)
        assert process.wait() == -signal.SIGKILL  # it had not finished
    same(whole("noise"), run("noise", tmp_path))


def test_kill_at_a_random_moment(tmp_path):
    kills(1, tmp_path, 0)


@pytest.mark.slow
def test_kill_at_many_random_moments(tmp_path):
    kills(20, tmp_path, 1)


@pytest.mark.slow  # in this process: test_lost_runs.py, and the next test
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
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
from latticepol.disk.processes import Process
from latticepol.evolution.frame_writer import FileSink
kept = FileSink(Path(sys.argv[1]) / "frames.nc", results[0].attrs["run"], 3).result()
assert kept.time.values.tolist() == [0.0, 0.5, 1.0], kept.time
assert all(np.isfinite(abs(result.psi).values).all() for result in results)
"""


@pytest.mark.slow  # files opened twice: tests/results/test_netcdf.py
def test_a_call_is_repeated_while_an_older_result_is_open(tmp_path):
    """In a process of its own, since closing a second handle in xarray killed the process."""
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run([sys.executable, "-c", REPEATED, str(tmp_path / "ck")], env=environment, capture_output=True)
    assert done.returncode == 0, done.stderr.decode()


def test_an_end_before_the_checkpoint_is_refused(tmp_path, monkeypatch):
    case(tmp_path, 0.9)
    with pytest.raises(ValueError, match=r"t_end = 0.6 lies before t = 0.9, .*; give t_end >= 0.9, or use another"):
        case(tmp_path, 0.6)
    monkeypatch.setattr("latticepol.evolution.run.Run._between", interrupt_after(10))
    with pytest.raises(Interrupted):
        case(tmp_path, 1.8)
    monkeypatch.undo()
    with pytest.raises(ValueError, match=r"t_end = 0.95 lies before t = 1.0, .*; give t_end >= 1.0, or use another"):
        case(tmp_path, 0.95)
    same(case(tmp_path, 1.155), run("gain", t_end=1.155))  # in the row of steps from 0.9 to 1.2
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
        ".run.nc.swp", "checkpoint", "checkpoint-0.nc", "checkpoint-1.nc", "run.nc"]  # fmt: skip


#: What a file says of a run that has ended, and no more when it goes on.
ENDED = ("status", "steps", "call", "frames")


def test_frames_are_dropped_one_by_one(tmp_path):
    """Whatever the length of the file, it takes a small part of its memory, and what stays is what was there."""
    case(tmp_path, 2.0, save=lp.every(0.02), variables=["psi", "number"], checkpoint=None)
    before = lp.load(tmp_path / "run.nc")
    assert before.sizes["time"] == 101
    assert before.attrs["status"] == "finished"
    before.attrs = {key: value for key, value in before.attrs.items() if key not in ENDED}
    tracemalloc.start()
    kept = FileSink(tmp_path / "run.nc", before.attrs["run"], 90)
    kept.flush()
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < before.psi.nbytes / 5  # of frames this small, what xarray holds is the most
    after = lp.load(tmp_path / "run.nc")
    xr.testing.assert_identical(before.isel(time=slice(0, 90)), after)
    assert all(before[name].dtype == after[name].dtype for name in before.variables)
    kept.append(before.isel(time=slice(90, 91)))
    xr.testing.assert_identical(before.isel(time=slice(0, 91)), kept.result().load())
