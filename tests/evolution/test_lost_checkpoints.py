"""Checkpoints that cannot be read, are damaged, or come from another version."""

import os
import shutil
import subprocess
import sys

import numpy as np
import pytest
from lost_case import case, checkpoints, contents, refused, root, same

import latticepol as lp
from latticepol.disk.files import DamagedError, seal
from latticepol.evolution.checkpoint import VERSION
from latticepol.evolution.run import Run

pytestmark = pytest.mark.usefixtures("whole")  # plans are made before another process makes them


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    folder = tmp_path_factory.mktemp("made")
    case(folder, 0.6)
    case(folder, 0.9)
    return folder


@pytest.fixture
def half(made, tmp_path):
    """A run that has come to t = 0.9, with two checkpoints."""
    shutil.copytree(made, tmp_path, dirs_exist_ok=True)
    return tmp_path


ANEW = r"Nothing was touched\. Make it readable again, or, to start anew, give another folder"


def cut(path):
    path.write_bytes(path.read_bytes()[:3000])


def emptied(path):
    path.write_bytes(b"")


def folded(path):
    path.unlink()
    path.mkdir()


def linked(path):
    path.unlink()
    path.symlink_to("nothing")


def piped(path):
    path.unlink()
    os.mkfifo(path)


@pytest.mark.parametrize("damage", [cut, emptied, folded, linked, *([piped] if hasattr(os, "mkfifo") else [])])
def test_unreadable_checkpoints_are_refused(half, whole, damage):
    kept = {path: path.read_bytes() for path in checkpoints(half)}
    for path in kept:
        damage(path)
    refused(half, OSError, r"the checkpoint in .*checkpoint cannot be read: .*" + ANEW)
    for path, content in kept.items():
        path.rmdir() if path.is_dir() else path.unlink()
        path.write_bytes(content)
    same(case(half), whole)


def test_a_damaged_checkpoint_never_costs_the_run(tmp_path, whole):
    """There are two from the first frame on, and at the end both hold the end."""
    made = []

    def look(frame):
        made.append(len(checkpoints(tmp_path)))

    case(tmp_path, callbacks=[(lp.every(0.3), look)])
    assert made[0] == 1
    for path in checkpoints(tmp_path):
        kept = path.read_bytes()
        cut(path)
        steps = lp.load(tmp_path / "run.nc").attrs["steps"]
        with pytest.warns(UserWarning, match=r"goes on from the other checkpoint, at t = 1.2"):
            again = case(tmp_path)
        same(again, whole)
        assert again.attrs["steps"] == steps
        path.write_bytes(kept)


def test_the_only_checkpoint_is_damaged(half):
    older, newer = checkpoints(half)
    older.unlink()
    cut(newer)
    refused(half, DamagedError, "cannot be read")


def test_the_newer_checkpoint_is_taken(half, monkeypatch):
    taken, resume = [], Run.resume
    monkeypatch.setattr(Run, "resume", lambda self, *found: (taken.append(found[1]["t"]), resume(self, *found)))
    for t_end in (0.9, 1.2, 1.2):
        case(half, t_end)
    assert taken == [0.9, 0.9, 1.2]


def test_a_refusal_leaves_the_parts(half):
    """What a killed process had not yet merged."""
    (half / "run.nc.parts").mkdir()
    shutil.copy(half / "run.nc", half / "run.nc.parts" / "000000004.nc")
    (half / "run.nc").unlink()
    refused(half, ValueError, "run.nc does not exist, the checkpoint counts 4 frames in it")


UNREADABLE = """
import os, sys
from pathlib import Path
sys.path[:0] = [sys.argv[1]]
from resume_case import run
run("noise", t_end=0.02)  # nothing is imported or compiled later
if os.geteuid() == 0:
    os.setgid(65534); os.setuid(65534)
for folder in map(Path, sys.argv[2:]):
    try:
        run("noise", t_end=1.2, out=folder / "run.nc", checkpoint=folder / "checkpoint")
    except OSError as error:
        print(type(error).__name__, str(error).replace("\\n", " "))
"""


@pytest.mark.slow  # tests/environments is somebody without rights too
@pytest.mark.skipif(os.name != "posix", reason="permissions of Unix")
def test_without_permission_nothing_is_touched(made, tmp_path):
    """In a child that is somebody else, since root may read everything; one for all: it takes long to start."""
    locked = {
        name: tmp_path / str(i) / name
        for i, name in enumerate(["checkpoint/checkpoint-0.nc", "checkpoint/checkpoint-1.nc", "checkpoint", "run.nc"])
    }
    folders = [tmp_path / str(i) for i in range(len(locked))]
    for folder in folders:
        shutil.copytree(made, folder)
    above = [tmp_path, *tmp_path.parents[:3]] if root else []  # a worker of pytest has a folder of its own
    for path in [*above, *tmp_path.rglob("*")]:
        path.chmod(path.stat().st_mode | (0o777 if path.is_dir() else 0o666))
    before, modes = contents(tmp_path), [path.stat().st_mode for path in locked.values()]
    for path in locked.values():
        path.chmod(0)
    command = [sys.executable, "-c", UNREADABLE, os.path.dirname(__file__), *map(str, folders)]
    done = subprocess.run(command, capture_output=True, text=True)
    for path, mode in zip(locked.values(), modes, strict=True):
        path.chmod(mode)
    said = done.stdout.splitlines()
    assert len(said) == len(folders), done.stderr
    for line, folder in zip(said, folders, strict=True):
        assert line.startswith("PermissionError")
        assert "Permission denied" in line or "not writable" in line
        assert str(folder) in line
    assert contents(tmp_path) == before


@pytest.mark.parametrize("which", [0, 1])
def test_a_flipped_bit_costs_a_checkpoint_at_most(half, whole, which, tmp_path_factory):
    """Bits of every region of the file."""
    path = checkpoints(half)[which]
    written, keep = path.read_bytes(), tmp_path_factory.mktemp("keep")
    shutil.copytree(half, keep, dirs_exist_ok=True)
    for bit in np.random.default_rng(which).integers(8 * len(written), size=6):
        flipped = bytearray(written)
        flipped[bit // 8] ^= 1 << (bit % 8)
        path.write_bytes(flipped)
        with pytest.warns(
            UserWarning, match=rf"{path.name} is (damaged|incomplete).* goes on from the other checkpoint"
        ):
            resumed = case(half)
        same(resumed, whole)
        resumed.close()
        shutil.rmtree(half)
        shutil.copytree(keep, half)


def test_a_flipped_bit_of_the_file_is_refused(half):
    path = half / "run.nc"
    written = path.read_bytes()
    for bit in np.random.default_rng(3).integers(8 * len(written), size=12):
        flipped = bytearray(written)
        flipped[bit // 8] ^= 1 << (bit % 8)
        path.write_bytes(flipped)
        refused(half, DamagedError, r"run.nc is (damaged|incomplete).*Nothing was touched. Put back what the run wrote")


def test_a_checkpoint_of_an_earlier_version_is_refused_and_stays(half):
    for path in checkpoints(half):
        old = lp.load(path)
        lp.save(old.drop_attrs().assign_attrs({name: old.attrs[name] for name in ("run", "progress")}), path)
    refused(
        half, ValueError, rf"is of version 1, made by an earlier latticepol; .* reads version {VERSION}. Finish the"
    )


def test_a_checkpoint_of_a_later_version_is_refused_and_stays(half):
    for path in checkpoints(half):
        lp.save(lp.load(path).assign_attrs(checkpoint=VERSION + 1, program="9.9"), path)
        seal(path)
    refused(half, ValueError, rf"is of version {VERSION + 1}, made by latticepol 9.9")
