"""Locks: one holder at a time, dead ones recognised."""

import json
import os
import re
import signal
import subprocess
import sys
import threading
import time

import filelock
import pytest

from latticepol.disk.locks import LOCK_TIMES, Lock, LockTimes
from latticepol.disk.processes import Process
from latticepol.errors import BusyError

HOLD = """
import sys, time
from pathlib import Path
from latticepol.disk.locks import Lock
lock = Lock(Path(sys.argv[1]), Path("the thing"))
lock.acquire()
print("held", flush=True)
time.sleep(60)
"""


@pytest.fixture
def file(tmp_path):
    return tmp_path / "thing.lock"


@pytest.fixture
def other(file):
    """Another process that holds the lock."""
    process = subprocess.Popen([sys.executable, "-c", HOLD, str(file)], stdout=subprocess.PIPE, text=True)
    assert process.stdout.readline() == "held\n"
    yield process
    process.kill()
    process.communicate()


def write(file, since="2025-01-01T00:00:00+00:00", **changes):
    record = {**Process.here()._asdict(), "since": since, "token": "abc", **changes}
    file.write_text(json.dumps(record))


def test_one_at_a_time(file, tmp_path):
    with Lock(file, tmp_path):
        with pytest.raises(BusyError, match=rf"{tmp_path} is in use by this process on .* since .* \(\d+ s\); wait"):
            Lock(file, tmp_path).acquire()
        assert file.exists()
    assert list(tmp_path.iterdir()) == []


def test_the_holder_is_named(other, file, tmp_path):
    with pytest.raises(BusyError, match=rf"in use by process {other.pid} on .*; wait until it ends, .*, remove {file}"):
        Lock(file, tmp_path).acquire()
    assert [path.name for path in tmp_path.iterdir()] == [file.name]


def test_the_lock_of_a_killed_process_is_taken(other, file, tmp_path):
    other.send_signal(signal.SIGKILL)
    other.wait()
    assert file.exists()
    with Lock(file, tmp_path):
        assert Lock(file, tmp_path).holder()["pid"] == os.getpid()


def test_a_stopped_process_keeps_it(other, file, tmp_path):
    os.utime(file, (0, 0))  # it does not touch it either
    if not Process.here().born:
        pytest.skip("without the time at which a process began, silence is all there is to judge by")
    with pytest.raises(BusyError):
        Lock(file, tmp_path).acquire()


@pytest.mark.skipif(not Process.here().born, reason="nobody says here when a process began")
@pytest.mark.parametrize("pid", [os.getpid(), os.getppid()], ids=["own", "parent"])
def test_a_number_used_again(file, tmp_path, pid):
    """The process that lives has the number of the holder, and is another one."""
    write(file, pid=pid, born="another boot.17")
    with Lock(file, tmp_path):
        pass


def test_an_earlier_process_of_this_number(file, tmp_path):
    """In a container every first process has the same number; what we do not hold is of an earlier one."""
    write(file, born="")
    with Lock(file, tmp_path):
        pass


@pytest.mark.parametrize(
    ("silent", "taken"), [(10.0, False), (LOCK_TIMES.dead / 2, False), (2 * LOCK_TIMES.dead, True)]
)
def test_another_machine_is_judged_by_its_silence(file, tmp_path, silent, taken):
    write(file, host="node7", since=time.strftime("%Y-%m-%dT%H:%M:%S+00:00", time.gmtime(time.time() - 7500)))
    os.utime(file, (time.time() - silent,) * 2)
    if taken:
        with Lock(file, tmp_path):
            pass
    else:
        with pytest.raises(BusyError, match=rf"process {os.getpid()} on node7 since .* \(2 h\)"):
            Lock(file, tmp_path).acquire()
        assert "node7" in file.read_text()


def test_a_holder_is_not_silent(file, tmp_path):
    with Lock(file, tmp_path, LockTimes(beat=0.01)):
        os.utime(file, (0, 0))
        end = time.monotonic() + 60
        while file.stat().st_mtime == 0 and time.monotonic() < end:
            time.sleep(0.01)
        assert file.stat().st_mtime > 0


@pytest.mark.parametrize("content", ["", "{", '{"hos', '{"host": 3}', "\0" * 40])
def test_half_a_lock_is_of_nobody(file, tmp_path, content):
    file.write_text(content)
    with Lock(file, tmp_path, LockTimes(written=0.1)):
        assert Lock(file, tmp_path).holder()["pid"] == os.getpid()


NOTES = ["my notes", "[]", "{}", '{"name": "host"}', "7063\nnode7\n"]


@pytest.mark.parametrize("name", ["thing.lock", "thing.lock.guard"])
@pytest.mark.parametrize("content", [*NOTES, None])
def test_what_is_no_lock_is_left_as_it_is(file, tmp_path, name, content):
    """A text that somebody gave the name of a lock, a folder."""
    path = tmp_path / name
    path.mkdir() if content is None else path.write_text(content)
    if name.endswith("guard") and content == NOTES[-1]:
        with Lock(file, tmp_path):  # where the disk has no locks
            pass
        return
    with pytest.raises(FileExistsError, match=rf"{path} must be free for the lock of {tmp_path}, .*; rename it, or"):
        Lock(file, tmp_path).acquire()
    assert list(tmp_path.iterdir()) == [path]
    assert path.is_dir() if content is None else path.read_text() == content


def test_what_takes_the_place_of_a_lock_is_left_as_it_is(file, tmp_path):
    lock = Lock(file, tmp_path)
    with lock:
        file.write_text("my notes")
        lock.file.with_name("thing.lock.guard").write_text("more notes")
        with pytest.raises(FileExistsError, match="must be free for the lock"):
            lock.check()
    assert file.read_text() == "my notes"
    assert (tmp_path / "thing.lock.guard").read_text() == "more notes"


def test_a_lost_lock_is_noticed(file, tmp_path):
    lock = Lock(file, tmp_path)
    lock.acquire()
    lock.check()
    file.unlink()
    lock.check()  # nobody took it
    assert file.exists()
    write(file, host="node7")
    with pytest.raises(BusyError, match="node7"):
        lock.check()
    lock.release()
    assert "node7" in file.read_text()
    lock = Lock(tmp_path / "folder" / "lock", tmp_path / "folder")
    lock.file.parent.mkdir()
    with lock:
        lock.file.unlink()
        lock.file.parent.rmdir()
        with pytest.raises(FileNotFoundError, match=r"folder .* was removed while this process wrote into it"):
            lock.check()


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork")
def test_a_fork_holds_nothing(file, tmp_path):
    code = """
import os, sys
from pathlib import Path
from latticepol.disk.locks import Lock
lock = Lock(Path(sys.argv[1]), Path("the thing"))
lock.acquire()
if os.fork() == 0:
    lock.release()
    os._exit(0)
os.wait()
print(lock.file.exists())
lock.release()
print(lock.file.exists())
"""
    said = subprocess.run([sys.executable, "-c", code, str(file)], capture_output=True, text=True, check=True)
    assert said.stdout.split() == ["True", "False"]


def test_a_lock_that_is_given_back_and_taken_while_it_is_looked_at_stays(file, tmp_path, monkeypatch):
    """Its holder ends after it was read: it is found dead, but by then the lock is that of another."""
    write(file, host="node7")
    os.utime(file, (0, 0))
    other, looked, dead = Lock(file, tmp_path), [], Lock._dead

    def look(self, found):
        verdict = dead(self, found)
        looked.append(found)
        if len(looked) == 2:  # under the guard
            file.unlink()
            other.acquire()
        return verdict

    monkeypatch.setattr(Lock, "_dead", look)
    with pytest.raises(BusyError, match="this process"):
        Lock(file, tmp_path).acquire()
    other.check()
    other.release()


def test_one_of_many_threads_takes_a_dead_lock(file, tmp_path):
    """Again and again; each holder sees nobody else."""
    inside, most, taken, errors = 0, 0, 0, []
    guard, start = threading.Lock(), threading.Barrier(8)

    def contend():
        nonlocal inside, most, taken
        start.wait()
        try:
            with Lock(file, tmp_path):
                with guard:
                    inside, taken = inside + 1, taken + 1
                    most = max(most, inside)
                time.sleep(0.001)
                with guard:
                    inside -= 1
        except BusyError:
            pass
        except BaseException as error:
            errors.append(error)

    for _ in range(30):
        write(file, host="node7")
        os.utime(file, (0, 0))
        threads = [threading.Thread(target=contend) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        file.unlink(missing_ok=True)
    assert not errors
    assert most == 1
    assert taken >= 30


@pytest.mark.parametrize("soft", [False, True])
def test_a_dead_lock_that_others_are_looking_at(file, tmp_path, monkeypatch, soft):
    """On a disk with locks of the system, and on one without."""

    def none(*_, **__):
        raise NotImplementedError

    if soft:
        monkeypatch.setattr(filelock.FileLock, "acquire", none)
    guard = file.with_name(file.name + ".guard")
    write(file, host="node7")
    os.utime(file, (0, 0))
    with filelock.SoftFileLock(guard) if soft else filelock.FileLock(guard), pytest.raises(BusyError, match="node7"):
        Lock(file, tmp_path, LockTimes(guard=0.1)).acquire()
    with Lock(file, tmp_path):
        assert Lock(file, tmp_path).holder()["pid"] == os.getpid()
    assert list(tmp_path.iterdir()) == []


def test_a_record_is_readable(file, tmp_path):
    with Lock(file, tmp_path):
        record = json.loads(file.read_text())
    assert {"host", "pid", "born", "since", "token"} == set(record)
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+00:00", record["since"])
