"""The same run started twice, and disks without room."""

import json
import os
import subprocess
import sys

import pytest
from lost_case import case, refused, root, same
from resume_case import run

import latticepol as lp
from latticepol.errors import BusyError

pytestmark = pytest.mark.usefixtures("whole")  # plans are made before another process makes them

# two at once


def test_the_same_call_started_twice(tmp_path, whole):
    """The second is refused, the first does not notice."""
    refusals = []

    def again(frame):
        for options in ({}, {"out": tmp_path / "other.nc"}, {"checkpoint": tmp_path / "other"}, {"checkpoint": None}):
            with pytest.raises(BusyError, match=r"is in use by this process on .*; wait until it ends") as said:
                case(tmp_path, **options)
            refusals.append(str(said.value))

    same(case(tmp_path, callbacks=[(lp.at_times([0.6]), again)]), whole)
    assert [f"{tmp_path / name} is" in text for name, text in zip(
        ("checkpoint", "checkpoint", "run.nc", "run.nc"), refusals, strict=True)] == [True] * 4  # fmt: skip
    assert sorted(path.name for path in tmp_path.rglob("*")) == [
        "checkpoint", "checkpoint-0.nc", "checkpoint-1.nc", "run.nc"][:1] + [
        path.name for path in sorted((tmp_path / "checkpoint").iterdir())] + ["run.nc"]  # fmt: skip


TWICE = """
import os, sys
from pathlib import Path
sys.path[:0] = [sys.argv[2]]
from resume_case import run
import latticepol as lp
folder = Path(sys.argv[1])
def wait(frame):
    if frame.time[0] == 0.6:
        print("there", flush=True)
        sys.stdin.readline()
run("noise", t_end=1.2, dt=0.05, out=folder / "run.nc", checkpoint=folder / "checkpoint",
    callbacks=[(lp.every(0.3), wait)], checkpoint_every=0.0)
"""


@pytest.fixture
def other(tmp_path):
    """The call in another process, which has come to t = 0.6 and waits."""
    here = os.path.dirname(__file__)
    command = [sys.executable, "-c", TWICE, str(tmp_path), here]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdout.readline() == "there\n"
    yield process
    process.kill()
    process.communicate()


@pytest.mark.slow  # in one process: above
def test_a_requeued_job_next_to_its_first(tmp_path, other):
    text = rf"checkpoint is in use by process {other.pid} on .* since .*; wait until it ends, or stop it. Only if"
    refused(tmp_path, BusyError, text)
    refused(tmp_path, BusyError, rf"run.nc is in use by process {other.pid} ", checkpoint=None)
    other.stdin.write("go\n")
    other.stdin.flush()
    assert other.wait() == 0
    same(lp.load(tmp_path / "run.nc"), run("noise", t_end=1.2, dt=0.05))


@pytest.mark.slow  # what the dead have locked: tests/disk/test_locks.py; killed: test_resume.py
def test_a_requeued_job_after_its_first(tmp_path, other):
    """It was killed: what it locked is free, what it left unfinished goes."""
    other.kill()
    other.wait()
    assert (tmp_path / "run.nc.lock").exists()
    resumed = case(tmp_path, dt=0.05, callbacks=[(lp.every(0.3), lambda frame: None)])
    same(resumed, run("noise", t_end=1.2, dt=0.05))
    assert not list(tmp_path.rglob("*lock*"))


def test_a_lost_lock_ends_the_run(tmp_path, whole):
    """The message says how to remove a lock; who does so wrongly is not punished."""

    def steal(frame):
        record = json.loads((tmp_path / "checkpoint" / "lock").read_text())
        (tmp_path / "checkpoint" / "lock").write_text(json.dumps(record | {"token": "other", "host": "node7"}))

    before = []
    with pytest.raises(BusyError, match="node7"):
        case(tmp_path, callbacks=[(lp.at_times([0.6]), steal)], checkpoint_every=0.0)
    assert not before
    (tmp_path / "checkpoint" / "lock").unlink()
    same(case(tmp_path), whole)


# room


LIMITED = """
import json, resource, sys, traceback
from pathlib import Path
sys.path[:0] = [sys.argv[1]]
from resume_case import run
import latticepol as lp
said = []
for name, limit in json.loads(sys.argv[2]):
    if limit:
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, resource.getrlimit(resource.RLIMIT_FSIZE)[1]))
    folder = Path(name)
    try:
        run("noise", t_end=1.2, dt=0.05, save=lp.every(0.1), out=folder / "run.nc", checkpoint=folder / "checkpoint",
            checkpoint_every=0.0)
    except BaseException:
        said.append(traceback.format_exc())
print(json.dumps(said))
"""


def limited(*cases):
    """What runs say that end in a (folder, limit); one process makes them all."""
    cases = json.dumps([(str(folder), limit) for folder, limit in cases])
    command = [sys.executable, "-c", LIMITED, os.path.dirname(__file__), cases]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def goes_on(folder):
    there = lp.load(folder / "run.nc").sizes["time"] if (folder / "run.nc").exists() else 0
    result = case(folder, dt=0.05, save=lp.every(0.1), checkpoint_every=600.0)
    same(result, run("noise", t_end=1.2, dt=0.05, save=lp.every(0.1)))
    return there


@pytest.mark.skipif(os.name != "posix", reason="limits of the size of files are of Unix")
def test_files_that_may_not_grow(tmp_path):
    limits = {tmp_path / str(limit): limit for limit in (20_000, 45_000, 90_000)}
    for folder in limits:
        folder.mkdir()
    texts = limited(*limits.items())
    assert len(texts) == len(limits)
    for (folder, limit), said in zip(limits.items(), texts, strict=True):
        assert "needs about" in said
        assert f"a file may have no more than {limit // 1000} kB (ulimit -f)" in said
        assert "HDF" not in said.splitlines()[-1]
        goes_on(folder)


@pytest.fixture
def disk(tmp_path):
    """A disk of 400 kB."""
    if not (root and sys.platform == "linux"):
        pytest.skip("a small disk can be mounted by root on Linux")
    path = tmp_path / "disk"
    path.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=400k", "none", str(path)], capture_output=True).returncode:
        pytest.skip("no small disk can be mounted here")
    yield path
    subprocess.run(["umount", str(path)], check=True)


@pytest.mark.slow  # as files that may not grow: above
def test_a_full_disk(disk):
    (said,) = limited((disk, 0))
    assert "needs about" in said
    assert f"are free in {disk}" in said
    assert "the disk is full" in said
    assert lp.load(disk / "run.nc").sizes["time"] > 0
    for _ in range(3):  # what the checkpoint counts stays, whatever still found room
        with pytest.raises(OSError, match=r"needs about .* the disk is full|cannot be"):
            case(disk, dt=0.05, save=lp.every(0.1), checkpoint_every=0.0)
        assert lp.load(disk / "run.nc").sizes["time"] > 0
    subprocess.run(["mount", "-o", "remount,size=4m", str(disk)], check=True)
    result = case(disk, dt=0.05, save=lp.every(0.1)).load()
    same(result, run("noise", t_end=1.2, dt=0.05, save=lp.every(0.1)))
    result.close()
