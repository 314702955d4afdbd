"""Checkpoint and resume: bit for bit, at any moment, with no time twice."""

import os
import re
import shutil
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


def contents(folder):
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def same(first, second):
    assert np.array_equal(first.time, second.time)
    for name in first.data_vars:
        assert np.array_equal(first[name].values, second[name].values)


@pytest.fixture(scope="module", params=CASES)
def uninterrupted(request):
    return request.param, run(request.param)


@pytest.fixture(scope="module", autouse=True)
def planned():
    """The transforms, before another process plans them (tests/conftest.py)."""
    run("noise", t_end=0.02)


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


#: On the schedule; between two frames, on the grid of dt = 0.01 and off it; within a step of a frame; of a breakpoint.
ENDS = (1.2, 1.34, 1.2345, 1.203, 0.3334)


@pytest.mark.parametrize("end", ENDS)
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


@pytest.mark.parametrize("ends", [(0.333, 0.3331, 0.61, 1.999), (0.004, 0.007, 0.0071, 1.0)])
def test_a_run_is_extended_again_and_again(uninterrupted, tmp_path, ends):
    case, whole = uninterrupted
    for end in ends:
        same(run(case, tmp_path, t_end=end), run(case, t_end=end))
    same(run(case, tmp_path), whole)


@pytest.mark.parametrize("options", [{"save": None}, {"save": lp.at_times([0.1, 0.7])}])
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
    monkeypatch.setattr("latticepol.solve.run.Run._between", interrupt_after(1))
    with pytest.raises(Interrupted):
        case(tmp_path, 1.2, name="noise")
    monkeypatch.undo()
    shutil.copytree(tmp_path, tmp_path / "copy")
    same(case(tmp_path / "copy", 1.2, name="noise"), run("noise", t_end=1.2))
    with pytest.raises(ValueError, match=r"t_end = 0.75 lies before t = 0.76"):
        case(tmp_path, 0.75, name="noise")


class Unwritable(Exception):
    pass


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
            lp.evolve(other, np.ones((2, 32, 32)), 2.0, dt=0.01, save=lp.every(0.3), out=tmp_path / "run.nc",
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


def case(folder, t_end=0.6, name="gain", **options):
    return run(name, t_end=t_end, **({"out": folder / "run.nc", "checkpoint": folder / "checkpoint"} | options))


FIX = r"; give the out= of that run or, to start anew, remove both the file and the checkpoint folder"


def test_a_missing_or_foreign_file_is_refused(tmp_path):
    case(tmp_path)
    (tmp_path / "run.nc").rename(tmp_path / "moved.nc")
    with pytest.raises(ValueError, match=r"run.nc does not exist, the checkpoint counts 3 frames in it" + FIX):
        case(tmp_path)
    run("gain", t_end=1.5, out=tmp_path / "run.nc")
    with pytest.raises(ValueError, match=r"run.nc is of another run than the checkpoint" + FIX):
        case(tmp_path)
    assert lp.load(tmp_path / "run.nc").sizes["time"] == 6  # it is as it was
    with pytest.raises(
        ValueError, match=r"frames.nc does not exist, .* counts 3 frames in it; they are in .*run.nc; give"
    ):
        case(tmp_path, out=None)
    same(case(tmp_path, out=tmp_path / "moved.nc"), run("gain", t_end=0.6))


def test_frames_in_the_folder_of_the_checkpoint_are_found(tmp_path):
    """A run without ``out`` goes on without it, and under the name of its own file; no message speaks of an ``out``."""
    folder = tmp_path / "checkpoint"
    case(tmp_path, out=None)
    with pytest.raises(
        ValueError, match=r"run.nc does not exist, .*; they are in .*frames.nc, where they go without out="
    ):
        case(tmp_path)
    same(case(tmp_path, 0.9, out=folder / "frames.nc"), run("gain", t_end=0.9))
    same(case(tmp_path, 1.2, out=None), run("gain", t_end=1.2))
    for path in folder.glob("checkpoint-*.nc"):
        path.unlink()
    with pytest.raises(FileExistsError, match=r"frames.nc must be a new file: .*; give checkpoint= another folder"):
        case(tmp_path, out=None)


def test_a_longer_run_without_a_checkpoint_is_told_how_to_go_on(tmp_path):
    path = tmp_path / "run.nc"
    run("gain", t_end=0.6, out=path)
    with pytest.raises(FileExistsError, match=r"up to t = 0.6, of a run of which there is no checkpoint") as said:
        run("gain", t_end=1.2, out=path)
    assert f"give out= another name (psi0=lp.load({str(path)!r}) goes on from its last time)" in str(said.value)
    rest = lp.evolve(CASES["gain"][0], lp.load(path), 1.2, dt=0.01, save=lp.every(0.3), out=tmp_path / "b.nc")
    assert rest.time.values.tolist() == [0.6, 0.9, 1.2]


def test_what_was_there_is_not_replaced(tmp_path):
    """A result of another run, a text; also with a checkpoint, which is not begun."""
    path = tmp_path / "run.nc"
    run("gain", t_end=0.6, out=path)
    notes = tmp_path / "notes.nc"
    notes.write_text("a week of thoughts")
    before = contents(tmp_path)
    for options in ({}, {"checkpoint": tmp_path / "checkpoint"}):
        with pytest.raises(
            FileExistsError,
            match=r"run.nc must be a new file: .*run.nc holds 3 frames, up to t = 0.6, of a run of which there is no "
            r"checkpoint to go on from, which would be lost; give out= another name \(psi0=lp.load\('.*run.nc'\) goes",
        ):
            run("gain", t_end=0.3, out=path, **options)
        with pytest.raises(FileExistsError, match=r"notes.nc holds what is no run, or .* or remove .*notes.nc first"):
            run("gain", t_end=0.3, out=notes, **options)
    assert contents(tmp_path) == before
    assert sorted(tmp_path.iterdir()) == [notes, path]


def test_an_empty_file_is_replaced(tmp_path):
    """A name that was reserved, as by tempfile.mkstemp: nothing is lost."""
    path = tmp_path / "run.nc"
    for options in ({}, {"checkpoint": tmp_path / "checkpoint"}):
        path.write_bytes(b"")
        run("gain", t_end=0.3, out=path, **options)
        assert lp.load(path).sizes["time"] == 2
    path.write_bytes(b"")  # now the checkpoint counts what was in it
    with pytest.raises(OSError, match=r"run.nc is incomplete, .* Put back what the run wrote"):
        run("gain", t_end=0.6, out=path, **options)


def test_a_finished_file_that_changed_is_refused(tmp_path):
    """A flipped bit; written again by lp.save, which may have changed it."""
    path = tmp_path / "run.nc"
    made = run("gain", t_end=0.6, out=path).load()
    written = path.read_bytes()
    flipped = bytearray(written)
    flipped[len(written) // 2] ^= 1
    again = r" This call has made it, .*; give out= another name, or remove it to compute it again"
    for content, what in (
        (flipped, "run.nc is damaged"),
        (None, r"run.nc is incomplete, or was saved by something else"),
    ):
        path.write_bytes(content) if content else lp.save(made, path)
        before = contents(tmp_path)
        with pytest.raises(OSError, match=what + ".*" + again):
            run("gain", t_end=0.6, out=path)
        assert contents(tmp_path) == before
    path.write_bytes(written)
    xr.testing.assert_identical(run("gain", t_end=0.6, out=path), made)


NOT_OURS = {
    "run.nc.parts/notes.txt": r"run.nc.parts must be free for what comes into .*, and holds 'notes.txt', which no run",
    "run.nc.parts/1.nc": r"holds '1.nc', which no run has written; move that, or give out= another name",
    "run.nc.parts/000000001.nc/mine": r"holds '000000001.nc', which no run has written",
    "run.nc.parts/.000000001.nc.backup/mine": r"holds '.000000001.nc.backup', which no run has written",
    "run.nc.parts": r"run.nc.parts must be free for what comes into .*, and is a file; rename it, or give out= another",
    "run.nc.lock": r"run.nc.lock must be free for the lock of .*run.nc, and holds something else",
    "run.nc.lock.guard": r"run.nc.lock.guard must be free for the lock of .*run.nc, and holds something else",
    "checkpoint/lock": r"lock must be free for the lock of .*checkpoint, and holds something else",
    "checkpoint/lock.guard": r"guard must be free for the lock of .*checkpoint, and holds something else",
}


@pytest.mark.parametrize("begun", [False, True])
@pytest.mark.parametrize("name", NOT_OURS)
def test_what_others_keep_beside_a_run_stays(tmp_path, name, begun):
    """Refused with a word, before the run begins and when it goes on; with it out of the way the run does."""
    if begun:
        case(tmp_path, 0.3)
    path = tmp_path / name
    path.parent.mkdir(exist_ok=True, parents=True)
    path.write_text("mine")
    before = contents(tmp_path)
    with pytest.raises(FileExistsError, match=NOT_OURS[name]):
        case(tmp_path)
    assert contents(tmp_path) == before
    path.rename(tmp_path / "kept")
    top = tmp_path / "run.nc.parts"
    if top.exists():
        shutil.rmtree(top)
    same(case(tmp_path), run("gain", t_end=0.6))


def test_what_comes_beside_a_run_under_way_stays(tmp_path, monkeypatch):
    monkeypatch.setattr("latticepol.solve.sink.PART_SECONDS", 0.0)
    path = tmp_path / "run.nc.parts" / "notes.txt"

    def write(frame):
        if frame.time[0] == 0.6:
            path.parent.mkdir(exist_ok=True)
            path.write_text("mine")

    same(case(tmp_path, 1.2, callbacks=[(lp.every(0.3), write)]), run("gain", t_end=1.2))
    assert [each.name for each in path.parent.iterdir()] == ["notes.txt"]
    assert path.read_text() == "mine"


def test_later_parts_of_another_run_are_refused(tmp_path):
    case(tmp_path, 0.3)
    (tmp_path / "run.nc.parts").mkdir()
    run("gain", t_end=0.6, out=tmp_path / "run.nc.parts" / "000000009.nc")
    before = contents(tmp_path)
    with pytest.raises(ValueError, match=r"000000009.nc is of another run than the checkpoint"):
        case(tmp_path)
    assert contents(tmp_path) == before


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="pipes of Unix")
@pytest.mark.parametrize(
    "name", ["run.nc", "run.nc.parts", "run.nc.parts/000000000.nc", "run.nc.lock", "checkpoint/lock.guard"]
)
def test_a_pipe_is_no_place_for_a_file(tmp_path, name):
    """Who reads it would wait for ever."""
    (tmp_path / name).parent.mkdir(exist_ok=True)
    os.mkfifo(tmp_path / name)
    with pytest.raises(FileExistsError, match=r"is a device or a pipe, whose place no file|must be free for"):
        case(tmp_path)
    assert (tmp_path / name).is_fifo()
    if name == "run.nc":
        with pytest.raises(FileExistsError, match=r"is a device or a pipe, whose place no file can take"):
            lp.save(run("gain", t_end=0.3), tmp_path / name)


def test_parts_of_a_run_that_was_killed_are_not_removed(tmp_path):
    (tmp_path / "run.nc.parts").mkdir()
    run("gain", t_end=0.6, out=tmp_path / "run.nc.parts" / "000000000.nc")
    before = contents(tmp_path)
    with pytest.raises(FileExistsError, match=r"run.nc.parts holds 3 frames, up to t = 0.6, of a run of which"):
        case(tmp_path)
    assert contents(tmp_path) == before


def test_what_appears_during_the_run_is_not_replaced(tmp_path):
    def write(frame):
        if frame.time[0] == 0.0:
            (tmp_path / "run.nc").write_text("notes")

    with pytest.raises(FileExistsError, match=r"run.nc holds what is no run"):
        case(tmp_path, callbacks=[(lp.every(0.3), write)])
    assert (tmp_path / "run.nc").read_text() == "notes"
    (tmp_path / "run.nc").unlink()
    same(case(tmp_path), run("gain", t_end=0.6))


def test_the_same_call_returns_its_own_finished_file(tmp_path, monkeypatch):
    """Without a checkpoint, too; noise that is drawn anew is another run every time."""
    stop = [(lp.every(0.3), lambda frame: bool(frame.time[0] > 0.5))]
    calls = {"a": {"name": "gain"}, "b": {"name": "noise"}, "c": {"name": "gain", "t_end": 1.2, "callbacks": stop}}
    made = {key: case(tmp_path, out=tmp_path / key, checkpoint=None, **options) for key, options in calls.items()}
    before = contents(tmp_path)
    monkeypatch.setattr("latticepol.solve.run.Run.through", lambda *_: pytest.fail("computed again"))
    for key, options in calls.items():
        again = case(tmp_path, out=tmp_path / key, checkpoint=None, **options)
        xr.testing.assert_identical(again, made[key])
        assert again.attrs["status"] == ("stopped" if key == "c" else "finished")
        for other in (
            {"t_end": 1.5},
            {"dt": 0.02},
            {"variables": ["psi", "number"]},
            {"rng": None if key == "b" else 3},
        ):
            with pytest.raises(FileExistsError, match="would be lost"):
                case(tmp_path, **{"out": tmp_path / key, "checkpoint": None, **options, **other})
    assert contents(tmp_path) == before


def test_a_stopped_run_stays_stopped(tmp_path):
    """Whatever t_end is; with other callbacks it goes on, and they are called for the time it stopped at."""
    stop = [(lp.every(0.25), lp.stop_when_steady(1e6))]
    first, *again = (case(tmp_path, end, callbacks=stop) for end in (1.2, 1.2, 1.5, 9.0))
    assert first.time.values.tolist() == [0.0, 0.25]
    for one in again:
        assert one.attrs["status"] == "stopped"
        assert one.attrs["steps"] == first.attrs["steps"]
        same(one, first)
    with pytest.raises(ValueError, match=r"t_end = 0.2 lies before t = 0.25"):
        case(tmp_path, 0.2, callbacks=stop)
    calls = []
    look = [(lp.every(0.25), lambda frame: calls.append(float(frame.time[0])))]
    same(case(tmp_path, 0.7, callbacks=look), run("gain", t_end=0.7, callbacks=look))  # 0.25 is no time to save
    assert calls[:2] == [0.25, 0.5]


def test_callbacks_that_remember_are_the_same_callbacks(tmp_path):
    """In the same session: what they hold changed during the run."""
    seen = []

    def stop(frame):
        seen.append(float(frame.time[0]))
        return len(seen) == 3

    made = [case(tmp_path, end, callbacks=[(lp.every(0.3), stop)]) for end in (1.2, 1.5)]
    assert seen == [0.0, 0.3, 0.6]
    assert made[0].attrs["status"] == made[1].attrs["status"] == "stopped"


@pytest.mark.parametrize("early", [1.83, 2.1, 2.25, 2.4])
def test_the_steady_stop_goes_on_from_what_it_remembers(tmp_path, early):
    """The density of the call before: ended, or broken off by an exception, between that call and the next."""

    def steady():  # the rates are 0.89, 0.83, 0.70, 0.61
        return lp.at_times([1.5, 1.8, 2.1, 2.4, 2.7]), lp.stop_when_steady(0.75)

    look = (lp.at_times([early]), lambda frame: None)
    straight = run("gain", t_end=3.0, callbacks=[steady(), look])
    assert straight.attrs["status"] == "stopped"
    assert straight.time[-1] == 2.4
    broken, ended = tmp_path / "broken", tmp_path / "ended"
    broken.mkdir()
    ended.mkdir()
    with pytest.raises(Interrupted):
        case(broken, 3.0, callbacks=[steady(), (lp.at_times([early]), fails_at(early))])
    case(ended, early, callbacks=[steady(), look])
    for folder in (broken, ended):
        for _ in range(2):  # over, when called again
            resumed = case(folder, 3.0, callbacks=[steady(), look])
            same(resumed, straight)
            assert resumed.attrs["status"] == "stopped"
            assert resumed.attrs["steps"] == straight.attrs["steps"]


def fails_at(t):
    def fail(frame):
        if frame.time[0] == t:
            raise Interrupted

    return fail


class Seen:
    """What a user may want to remember, of every kind that a checkpoint holds."""

    def __init__(self, most=99):
        self.most = most
        self.seen = {"t": [], "last": None, "rng": np.random.default_rng(3).bit_generator.state, "count": np.int16(0)}
        self.seen |= {"field": np.zeros((0, 2), np.complex64), "on": np.array([True, False]), "z": np.complex128(1j)}

    def __call__(self, frame):
        rng = np.random.default_rng()
        rng.bit_generator.state = self.seen["rng"]
        self.seen["t"].append((float(frame.time[0]), rng.random()))
        self.seen["rng"] = rng.bit_generator.state
        self.seen["last"] = frame.psi.values
        self.seen["field"] = frame.psi.values[0, 0].astype(np.complex64)
        self.seen["count"] += np.int16(1)
        self.seen["z"] *= 1j
        return len(self.seen["t"]) == self.most

    def look(self, frame):
        return self(frame)

    def total(self, frame):
        self(frame)
        return frame.psi.real.rename("total") * 0 + self.seen["t"][-1][1] + len(self.seen["t"])

    def state(self):
        return self.seen

    def restore(self, state):
        self.seen = dict(state)


def plain(seen):
    return repr(Seen.state(seen)).replace("(", "[").replace(")", "]")


@pytest.mark.parametrize("early", [0.3, 0.45, 0.6, 0.75])
@pytest.mark.parametrize("method", [False, True])
def test_callbacks_go_on_from_what_they_remember(tmp_path, early, method):
    """Objects and methods of objects, whatever broke the run off; two of a class are told by their order."""

    def callbacks(first, second):
        return [(lp.every(0.15), first.look if method else first), (lp.every(0.3), second)]

    whole = Seen(), Seen()
    straight = run("noise", t_end=1.2, callbacks=callbacks(*whole))
    with pytest.raises(Interrupted):
        case(tmp_path, 1.2, "noise", callbacks=[*callbacks(Seen(), Seen()), (lp.every(0.15), fails_at(early))])
    case(tmp_path, 0.8, "noise", callbacks=callbacks(Seen(), Seen()))
    found = Seen(), Seen()
    same(case(tmp_path, 1.2, "noise", callbacks=callbacks(*found)), straight)
    assert [len(each.seen["t"]) for each in found] == [9, 5]
    assert [plain(each) for each in found] == [plain(each) for each in whole]
    new = Seen()  # one of another class is not given it
    case(tmp_path, 1.5, "noise", callbacks=[(lp.every(0.3), type("Other", (Seen,), {}).look.__get__(new))])
    assert len(new.seen["t"]) >= 1


@pytest.mark.parametrize("early", [0.45, 0.75, 0.8])
def test_functions_in_variables_go_on_from_what_they_remember(tmp_path, early):
    """Also where the last frame of the earlier run, at 0.75 and 0.8, is not kept."""
    looks = [(lp.every(0.75), lambda frame: None)]
    options = {"name": "noise", "callbacks": looks}
    straight = run("noise", t_end=1.2, variables=["psi", Seen().total], callbacks=looks)
    case(tmp_path, early, variables=["psi", Seen().total], **options)
    same(case(tmp_path, 1.2, variables=["psi", Seen().total], **options), straight)


def test_a_stopped_run_stays_stopped_in_another_session(tmp_path):
    """By a callback that was made anew, or holds what it saw before the run was broken off."""
    with pytest.raises(Interrupted):
        case(tmp_path, callbacks=[(lp.every(0.3), Seen(3)), (lp.at_times([0.3]), fails_at(0.3))])
    for _ in range(3):
        again = Seen(3)
        made = case(tmp_path, 1.5, callbacks=[(lp.every(0.3), again)])
        assert made.attrs["status"] == "stopped"
        assert made.time[-1] == 0.6
    assert case(tmp_path, 1.5, callbacks=[(lp.every(0.3), Seen(5))]).time[-1] == 1.2

    (tmp_path / "b").mkdir()
    seen, fail = [], fails_at(0.3)

    def stop(frame):
        seen.append(1)
        fail(frame) if len(seen) == 2 else None
        return len(seen) == 4

    for broken in (True, False, False, False):
        if broken:
            with pytest.raises(Interrupted):
                case(tmp_path / "b", 1.5, callbacks=[(lp.every(0.3), stop)])
        else:
            assert case(tmp_path / "b", 1.5, callbacks=[(lp.every(0.3), stop)]).time[-1] == 0.6
    assert len(seen) == 4
    seen.clear()  # a new session
    assert case(tmp_path / "b", 1.5, callbacks=[(lp.every(0.3), stop)]).time[-1] == 0.6


@pytest.mark.parametrize("odd", [{1: 2}, {"a": xr.DataArray([1.0])}, [object()], np.longdouble(1), {"__array__": 0}])
def test_a_memory_that_no_checkpoint_can_hold_is_refused(tmp_path, odd):
    """Before the run begins."""

    class Odd(Seen):
        def state(self):
            return odd

    with pytest.raises(
        TypeError, match=r"a state\(\) returns or holds .*, which no checkpoint can hold; return numbers"
    ):
        case(tmp_path, callbacks=[(lp.every(0.3), Odd())])
    assert not list(tmp_path.iterdir())
    run("gain", t_end=0.3, callbacks=[(lp.every(0.3), Odd())])


def test_a_used_steady_stop_begins_anew(tmp_path):
    """In another run, of another grid."""
    steady = lp.stop_when_steady(1e-9)
    run("gain", t_end=0.3, callbacks=[(lp.every(0.3), steady)])
    model = lp.SpinorGPE(lp.Grid.rectangle((8.0, 8.0), (8, 8)), [lp.Gain(2.0, 1.0, 1.0)])
    lp.evolve(model, np.ones((2, 8, 8)), 1.0, t0=0.9, dt=0.05, callbacks=[(lp.every(0.1), steady)])


def test_an_end_before_the_checkpoint_is_refused(tmp_path, monkeypatch):
    case(tmp_path, 0.9)
    with pytest.raises(ValueError, match=r"t_end = 0.6 lies before t = 0.9, .*; give t_end >= 0.9, or use another"):
        case(tmp_path, 0.6)
    monkeypatch.setattr("latticepol.solve.run.Run._between", interrupt_after(10))
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
    """Whatever the length of the file, it takes the memory of a few frames, and what stays is what was there."""
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
    assert peak < 5 * before.psi[0].nbytes
    after = lp.load(tmp_path / "run.nc")
    xr.testing.assert_identical(before.isel(time=slice(0, 90)), after)
    assert all(before[name].dtype == after[name].dtype for name in before.variables)
    kept.append(before.isel(time=slice(90, 91)))
    xr.testing.assert_identical(before.isel(time=slice(0, 91)), kept.result().load())
