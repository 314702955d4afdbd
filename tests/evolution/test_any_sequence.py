"""Whatever happens to a run, in any order: the same call goes on bit for bit, or refuses and has touched nothing.

A refusal is right only after damage by other hands: a file truncated, flipped, removed, replaced. With it undone, or
the folder given up, the call ends as an uninterrupted run does. After a kill, a signal, an exception, a full disk, an
error of the disk, a second process there is no refusal.
"""

import json
import multiprocessing
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from contextlib import contextmanager
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="processes are forked, stopped and limited as on Linux")

CASES = ("noise", "adaptive", "reservoir", "network")
#: Between two steps and between two frames; on the grid of dt; on the schedule of the frames.
TIMES = (0.5371, 0.85, 1.2)
WHICH = st.integers(0, 5)
EVERY, PARTS = st.sampled_from([0.0, 0.0, 600.0]), st.sampled_from([0.0, 0.0, 5.0])
#: Where a call is broken off, and by what.
SIGNALS = ("SIGKILL", "SIGTERM", "SIGINT")
BREAKS = (
    [("step", name) for name in SIGNALS],
    [("disk", name) for name in SIGNALS],
    [("callback", None), ("step", "exception"), ("disk", "exception")],
    [("limit of files", None), ("full disk", None), ("any time", None)],
)
HARMS = (["flipped"], ["truncated", "removed", "replaced"])
#: A disk of so many bytes, where one can be mounted.
SIZE = 2_000_000

counts = Counter()
known = {}
disk = [None]


class Child:
    """A call in a process of its own, forked from the server."""

    def __init__(self, target, *args, **options):
        import sequence_worker

        self.answers, answer = context().Pipe(duplex=False)
        target = getattr(sequence_worker, target)
        self.process = context().Process(target=target, args=(answer, *args), kwargs=options)
        self.process.start()
        answer.close()

    def answer(self):
        """What it says next; ("killed", signal) if it ends without a word."""
        try:
            if self.answers.poll(120):
                return self.answers.recv()
        except EOFError:
            pass
        else:
            self.process.kill()
            raise AssertionError("no answer")
        self.process.join()
        return "killed", self.process.exitcode

    def signal(self, name):
        if self.process.is_alive():
            os.kill(self.process.pid, getattr(signal, name))

    def end(self):
        if self.process.is_alive():
            self.process.kill()
        self.process.join()
        self.answers.close()


def context():
    return multiprocessing.get_context("forkserver")


@contextmanager
def served():
    """The processes are forked from one that has imported, compiled and planned everything.

    A server that another test has started forks them without. Then the first one plans, in the folder of
    tests/conftest.py, and the others read it there: what FFTW measures on a busy machine is not the same twice.
    """
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", os.pathsep.join([os.path.dirname(__file__), *sys.path]))  # where the server looks
        context().set_forkserver_preload(["sequence_worker"])
        child = Child("references", TIMES)
        known.update(child.answer())
        child.end()
    yield


@contextmanager
def small(path):
    """A small disk in a folder, where one can be mounted."""
    command = ["mount", "-t", "tmpfs", "-o", f"size={SIZE},mode=777", "none", str(path)]
    mounted = os.geteuid() == 0 and subprocess.run(command, capture_output=True).returncode == 0
    disk[0] = path if mounted else None
    yield
    if mounted:
        subprocess.run(["umount", str(path)], check=True)


@pytest.fixture(scope="module", autouse=True)
def server():
    with served():
        yield
        print(f"\nactions and outcomes: {json.dumps(dict(sorted(counts.items())))}")


@pytest.fixture(scope="module", autouse=True)
def small_disk(tmp_path_factory):
    with small(tmp_path_factory.mktemp("small")):
        yield


def harm(path, how, part, bit):
    """Do something to a file, at a part of its length."""
    content = bytearray(path.read_bytes())
    at = part * len(content) // (10**6 + 1)
    if how == "truncated":
        os.truncate(path, at)
    elif how == "flipped" and content:
        content[at] ^= 1 << bit
        path.write_bytes(content)
    elif how == "replaced":
        path.write_bytes(b"something else")
    elif how == "removed":
        path.unlink()


class Sequence:
    """A run to which things happen, and what is known of it."""

    def __init__(self, case):
        self.case = case
        self.folder = Path(tempfile.mkdtemp(dir=disk[0]))
        self.folder.chmod(0o777)
        self.level = 0
        self.good = None  # the files before the first damage since the run last moved
        self.theirs = None  # what another run has written
        counts["sequences"] += 1

    # what may happen to a call

    def broken_off(self, what, n, m, every, parts):
        """In the n-th step, before an event of the disk, in a callback, for lack of room, at any time."""
        where, deed = what
        options = {"every": every, "parts": parts}
        with self.no_room(10_000 * n if where == "full disk" else None):
            before = self.contents()
            if where == "limit of files":
                options["limit"] = 5_000 * n
            elif where == "callback":
                options["trip"] = (where, 0.3 * (n % 4), None)
            elif where == "step":
                options["trip"] = (where, n, deed)
            elif where == "disk":
                options["trip"] = (where, 15 * n - m, deed)
            child = self.child(**options)
            if where == "any time":
                time.sleep(0.01 * n)
                child.process.kill()
            self.judge(child.answer(), before, f"{deed} in a {where}" if deed else where, broken=True)
            child.end()

    @contextmanager
    def no_room(self, left):
        """So many bytes are left on the disk, if it is a small one; None: all."""
        ballast = disk[0] / "ballast" if disk[0] and left is not None else None
        if ballast:
            ballast.write_bytes(bytes(max(0, shutil.disk_usage(disk[0]).free - left)))
        try:
            yield
        finally:
            if ballast:
                ballast.unlink()

    def started_twice(self, n):
        before = self.contents()
        first = self.child(trip=("step", n, "pause"))
        said = first.answer()
        if said == ("paused",):
            for other in (False, True):
                paused = self.contents()
                second = self.child(other=other)
                refusal = second.answer()
                second.end()
                assert refusal[:2] == ("raised", "BusyError"), refusal
                assert f"is in use by process {first.process.pid} on " in refusal[2]
                assert self.contents() == paused
                counts["refused beside another"] += 1
            os.kill(first.process.pid, signal.SIGCONT)
            said = first.answer()
        first.end()
        self.judge(said, before, "started twice")

    # what may happen to the files

    def damaged(self, how, which, part, bit):
        """One file, or all checkpoints."""
        files = self.files()
        some = [files[which % len(files)]] if files else []
        if which > 3:
            some = [path for path in files if path.parent.name == "checkpoint"]
        if some:
            self.remember(how)
        for path in some:
            harm(path, how, part, bit)

    def another_run_on_the_file(self):
        """It is refused, unless the file is not there, or is its own."""
        before = self.contents()
        taken = any(content for name, content in before.items() if name.startswith("run.nc"))
        if not taken:
            self.remember("another run on the file")
        child = self.child(other=True)
        said = child.answer()
        child.end()
        if not taken:
            assert said[0] == "finished", said
            self.theirs = self.contents().get("run.nc")
            return
        assert self.contents() == before
        if said[0] == "finished":
            assert before["run.nc"] == self.theirs, "the result of another run"
        else:
            assert said[:2] in [("raised", "FileExistsError"), ("raised", "DamagedError")], said
            counts["another run refused"] += 1

    def unreadable(self, which):
        """For somebody who is not root. The file of a run that has to begin anew is not read."""
        if not self.files():
            return
        path = self.files()[which % len(self.files())]
        for each in self.folder.rglob("*"):
            each.chmod(0o777 if each.is_dir() else 0o666)
        path.chmod(0)
        before = self.contents()
        child = self.child(user=True)
        said = child.answer()
        child.end()
        path.chmod(0o666)
        counts["unreadable"] += 1
        if said[0] == "finished":
            assert path.parent != self.folder / "checkpoint", said
            self.judge(said, before, "unreadable, and not needed")
        else:
            assert said[0] == "raised", said
            assert self.contents() == before

    # what the user may do

    def extend(self):
        if self.level < len(TIMES) - 1:
            self.level += 1
            counts["extended"] += 1

    def resume(self, every, parts):
        self.whole("resumed", every=every, parts=parts)

    def put_back(self):
        """What was damaged is as it was, from a backup."""
        if self.good is None:
            return
        shutil.rmtree(self.folder)
        for name, content in self.good.items():
            (self.folder / name).parent.mkdir(parents=True, exist_ok=True)
            (self.folder / name).write_bytes(content)
        self.folder.mkdir(exist_ok=True)
        self.folder.chmod(0o777)
        self.good = None
        counts["put back"] += 1

    def end(self):
        """Whatever happened, the run comes to its end."""
        if self.whole("resumed at the end") == "refused":
            if random.Random(len(self.good)).random() < 0.5:
                self.put_back()
            else:
                for name in ("checkpoint", "run.nc.parts"):
                    shutil.rmtree(self.folder / name, ignore_errors=True)
                (self.folder / "run.nc").unlink(missing_ok=True)
                counts["given up"] += 1
            assert self.whole("resumed at the very end") == "finished"
        assert not list(self.folder.rglob("*lock*")), "a lock is left"

    # how it is done and judged

    def child(self, **options):
        return Child("perform", str(self.folder), self.case, TIMES[self.level], **options)

    def contents(self):
        """All files but locks and what is unfinished."""
        found = {}
        for path in self.folder.rglob("*"):
            name = str(path.relative_to(self.folder))
            if path.is_file() and "lock" not in name and "/." not in f"/{name}":
                found[name] = path.read_bytes()
        return found

    def files(self):
        """What there is to damage."""
        return sorted(self.folder / name for name in self.contents())

    def remember(self, what):
        """Before something happens to the files."""
        if self.good is None:
            self.good = self.contents()
        counts[what] += 1

    def whole(self, what, **options):
        before = self.contents()
        child = self.child(**options)
        outcome = self.judge(child.answer(), before, what)
        child.end()
        return outcome

    def judge(self, said, before, what, broken=False):
        """Of a call that ended with ``said``; ``broken``: something was made to go wrong in it."""
        counts[what] += 1
        if said[0] == "finished":
            assert said[1] == known[self.case, TIMES[self.level]], "finished with another result"
            assert said[2] or not any("checkpoint-" in name for name in before), "begun anew next to a checkpoint"
            if any("checkpoint-" in name for name in self.contents()):  # not so where the file alone was returned
                self.good = None
            counts["finished"] += 1
            return "finished"
        changed = self.contents() != before
        if not broken:
            assert said[0] == "raised", said
            assert self.good is not None, f"refused without a reason: {said}"
            assert not changed, f"refused, and touched something: {said}"
            assert str(self.folder) in said[2], said
            counts["refused"] += 1
            return "refused"
        counts["broken off"] += 1
        if changed:
            self.good = None
        return "broken"


#: What may happen, with its arguments; what is not possible at the time does not happen.
ACTION = st.one_of(
    *(
        st.tuples(st.just("broken_off"), st.sampled_from(some), st.integers(1, 30), st.integers(0, 14), EVERY, PARTS)
        for some in BREAKS
    ),
    *(
        st.tuples(st.just("damaged"), st.sampled_from(some), WHICH, st.integers(0, 10**6), st.integers(0, 7))
        for some in HARMS
    ),
    st.tuples(st.just("resume"), EVERY, PARTS),
    st.tuples(st.just("started_twice"), st.integers(1, 20)),
    st.tuples(st.just("unreadable"), WHICH),
    st.tuples(st.just("another_run_on_the_file")),
    st.tuples(st.just("put_back")),
    st.tuples(st.just("extend")),
)


def sequences(case, count, steps, **options):
    """Sequences of actions, the shortest that fails if one does."""

    @settings(max_examples=count, deadline=None, database=None, suppress_health_check=list(HealthCheck), **options)
    @given(st.lists(ACTION, min_size=steps // 2, max_size=steps))
    def test(actions):
        sequence = Sequence(case)
        try:
            for name, *arguments in actions:
                getattr(sequence, name)(*arguments)
            sequence.end()
        finally:
            shutil.rmtree(sequence.folder)

    test()


@pytest.mark.parametrize(("case", "count"), list(zip(CASES, (3, 2, 2, 2), strict=True)))
def test_nine_sequences(case, count):
    """The same every time, besides the simplest."""
    sequences(case, count, 6, derandomize=True, phases=[Phase.generate])


@pytest.mark.slow
@pytest.mark.parametrize("case", CASES)
def test_two_hundred_sequences(case):
    """Or four times as many as LATTICEPOL_SEQUENCES says."""
    sequences(case, int(os.environ.get("LATTICEPOL_SEQUENCES", "50")), 16)
    assert counts["finished"] > counts["refused"] > 0
