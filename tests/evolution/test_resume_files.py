"""A run and the files that it finds: its own, those of another run, of others."""

import os
import shutil

import pytest
import xarray as xr
from resume_case import CASES, run
from resumed import case, contents, same

import latticepol as lp

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
    with pytest.raises(FileExistsError, match=r"up to t = 0.6, of a run without a checkpoint") as said:
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
            match=r"run.nc must be a new file: .*run.nc holds 3 frames, up to t = 0.6, of a run without a "
            r"checkpoint to go on from, which would be lost; give out= another name \(psi0=lp.load\('.*run.nc'\) goes",
        ):
            run("gain", t_end=0.3, out=path, **options)
        with pytest.raises(
            FileExistsError, match=r"notes.nc holds something else than a run, or .* or remove .*notes.nc first"
        ):
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
def test_what_others_keep_next_to_a_run_stays(tmp_path, name, begun):
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


def test_what_comes_next_to_a_run_under_way_stays(tmp_path, written_at_once):
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
    with pytest.raises(FileExistsError, match=r"run.nc.parts holds 3 frames, up to t = 0.6, of a run without"):
        case(tmp_path)
    assert contents(tmp_path) == before


def test_what_appears_during_the_run_is_not_replaced(tmp_path):
    def write(frame):
        if frame.time[0] == 0.0:
            (tmp_path / "run.nc").write_text("notes")

    with pytest.raises(FileExistsError, match=r"run.nc holds something else than a run"):
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
    monkeypatch.setattr("latticepol.evolution.run.Run.through", lambda *_: pytest.fail("computed again"))
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
