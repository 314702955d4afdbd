"""What clusters, disks and users do to a run, one by one (tests/solve/test_any_sequence.py: in any order).

The same call goes on bit for bit, or it refuses, says why and has touched nothing.
"""

import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys
import threading

import numpy as np
import pyfftw
import pytest
import xarray as xr
from resume_case import CASES, PSI, run

import latticepol as lp
from latticepol import fft
from latticepol.errors import BusyError
from latticepol.files import DamagedError, seal
from latticepol.solve.checkpoint import VERSION
from latticepol.solve.run import Run

root = hasattr(os, "geteuid") and os.geteuid() == 0


def case(folder, t_end=1.2, name="noise", **options):
    return run(name, t_end=t_end, **({"out": folder / "run.nc", "checkpoint": folder / "checkpoint"} | options))


def same(first, second):
    assert np.array_equal(first.time, second.time)
    assert np.array_equal(first.psi.values, second.psi.values)


def contents(folder):
    """A checksum of each file, by name."""
    names = [path for path in folder.rglob("*") if path.is_file()]
    return {str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() for path in names}


def checkpoints(folder):
    """The older and the newer."""
    return sorted((folder / "checkpoint").glob("*.nc"), key=lambda path: lp.load(path).attrs["number"])


@pytest.fixture(scope="module", autouse=True)
def whole():
    """Planned before another process does (tests/conftest.py)."""
    return run("noise", t_end=1.2).load()


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


def refused(folder, error, match, **options):
    before = contents(folder)
    with pytest.raises(error, match=match):
        case(folder, **options)
    assert contents(folder) == before


# checkpoints that cannot be read


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
    for bit in np.random.default_rng(which).integers(8 * len(written), size=12):
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


# the file


def removed(folder):
    (folder / "run.nc").unlink()


def replaced(folder):
    lp.save(lp.load(folder / "run.nc").assign_attrs(run="another"), folder / "run.nc")


def overwritten(folder):
    (folder / "run.nc").write_bytes(b"not netCDF")


def shortened(folder):
    lp.save(lp.load(folder / "run.nc").isel(time=slice(0, 1)), folder / "run.nc")


def cleaned(folder):
    shutil.rmtree(folder / "run.nc.parts")


DEEDS = {removed: "run.nc was removed", replaced: "run.nc was replaced", overwritten: "run.nc was replaced",
         shortened: "run.nc was replaced", cleaned: ".nc was removed"}  # fmt: skip


@pytest.mark.parametrize("deed", DEEDS, ids=lambda deed: deed.__name__)
def test_a_file_that_goes_away_ends_the_run(tmp_path, whole, monkeypatch, deed):
    """And put back, it goes on."""
    monkeypatch.setattr("latticepol.solve.sink.PART_SECONDS", 0.0)
    kept = tmp_path.with_name(tmp_path.name + "-kept")

    def act(frame):
        if frame.time[0] == 0.6 and not kept.exists():
            shutil.copytree(tmp_path, kept)
            deed(tmp_path)

    # at t = 0.6 there are a file of two frames and a part of one
    options = {"callbacks": [(lp.every(0.3), act)], "checkpoint_every": 0.0}
    with pytest.raises(OSError, match=rf"{DEEDS[deed]} by something else while the run wrote to it"):
        case(tmp_path, **options)
    if deed is not cleaned:
        shutil.copy(kept / "run.nc", tmp_path / "run.nc")
    else:
        shutil.copytree(kept / "run.nc.parts", tmp_path / "run.nc.parts", dirs_exist_ok=True)
    same(case(tmp_path, **options), whole)


def test_a_checkpoint_that_goes_away_comes_again(tmp_path, whole):
    """Its folder; with the file in it as well, the run ends."""

    def remove(frame):
        shutil.rmtree(tmp_path / "checkpoint")

    options = {"callbacks": [(lp.at_times([0.6]), remove)], "checkpoint_every": 0.0}
    same(case(tmp_path, **options), whole)
    assert len(checkpoints(tmp_path)) == 2
    shutil.rmtree(tmp_path / "checkpoint")
    with pytest.raises(OSError, match=r"folder .* was removed while this process wrote into it"):
        case(tmp_path, out=None, **options)


def test_what_was_there_stays_until_a_frame_comes(tmp_path):
    def fails(frame):
        if calls:
            raise ZeroDivisionError
        calls.append(1)  # the trial before the run

    calls = []
    run("noise", t_end=0.3, out=tmp_path / "run.nc")
    before = contents(tmp_path)
    with pytest.raises((ZeroDivisionError, TypeError)):
        run("noise", t_end=0.3, out=tmp_path / "run.nc", variables=["psi", fails])
    assert contents(tmp_path) == before


def test_a_folder_for_a_file_and_a_file_for_a_folder(tmp_path):
    (tmp_path / "file").write_text("mine")
    with pytest.raises(ValueError, match=r"out = .* is a folder; give the name of a file"):
        case(tmp_path, out=tmp_path)
    for path in ("file", "file/checkpoint"):
        with pytest.raises(ValueError, match=r"checkpoint = .* is a file, or in one; give a folder"):
            case(tmp_path, checkpoint=tmp_path / path)
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_out_and_checkpoint_in_the_way_of_each_other(tmp_path):
    """Refused before anything is made; a file of another name may lie in the folder."""
    folder = tmp_path / "checkpoint"
    for out in (folder, folder / "checkpoint-0.nc", folder / "checkpoint-1.nc", folder / "lock", folder / "lock.guard",
                folder / "frames.nc.parts", folder / "frames.nc.lock"):  # fmt: skip
        with pytest.raises(ValueError, match=r"must not be files of each other; give out= another name"):
            case(tmp_path, out=out)
    for inside in ("run.nc", "run.nc/checkpoint", "run.nc.parts", "run.nc.parts/a", "run.nc.lock", "run.nc.lock.guard"):
        with pytest.raises(ValueError, match=r"must not be files of each other; give out= another name"):
            case(tmp_path, checkpoint=tmp_path / inside)
    assert not list(tmp_path.iterdir())
    same(case(tmp_path, 0.3, out=folder / "mine.nc"), case(tmp_path, 0.3, out=None, checkpoint=tmp_path / "other"))


def test_what_no_file_can_hold_is_refused_at_the_start(tmp_path):
    def odd(frame):
        return frame.psi.real.rename("odd").assign_attrs(phase=1j)

    with pytest.raises(TypeError, match=r"attribute 'phase' of 'odd' is 1j, which no netCDF file can hold"):
        case(tmp_path, variables=["psi", odd])
    assert not list(tmp_path.iterdir())
    assert run("noise", t_end=0.3, variables=["psi", odd]).odd.attrs["phase"] == 1j


@pytest.mark.parametrize(
    ("made", "what"),
    [
        (lambda t: xr.DataArray([t or 0], dims="time"), r"float64 along \(time: 1\), and was int64 along"),
        (lambda t: xr.DataArray([t + (1j if t else 0)], dims="time"), "complex128 along .*, and was float64"),
        (lambda t: xr.DataArray([np.float64(t) if t else np.float32(0)], dims="time"), "float64 .*, and was float32"),
        (lambda t: xr.DataArray(np.zeros((1, 3 if t else 2)), dims=("time", "a")), r".*a: 3\), and was .*a: 2"),
    ],
)
def test_what_changes_its_form_is_refused(tmp_path, made, what):
    """A file would cut its numbers to the type of the first; in memory they find a common one."""

    def odd(frame):
        return made(float(frame.time[0])).assign_coords(time=frame.time).rename("odd")

    with pytest.raises(TypeError, match=rf"variable 'odd' is {what}.*; let the function in variables return the same"):
        case(tmp_path, variables=["psi", odd])
    assert lp.load(tmp_path / "run.nc").sizes["time"] == 1


def test_texts_of_other_lengths_are_of_one_form(tmp_path):
    def word(frame):
        return xr.DataArray(["ab" * int(10 * frame.time[0])], dims="time").rename("word")

    result = case(tmp_path, variables=["psi", word])
    assert result.word.values.tolist() == ["", "ab" * 3, "ab" * 6, "ab" * 9, "ab" * 12]


def plans():
    """Two plans of one transform whose last bits differ."""
    found = {}
    psi = np.random.default_rng(0).normal(size=(2, *LARGE.shape, 2)).view(complex)[..., 0]
    for _ in range(40):
        pyfftw.forget_wisdom()
        array = fft.empty(psi.shape, complex)
        transforms = fft.Transforms(array)
        array[...] = psi
        transforms.forward(array)
        found[hashlib.sha256(array.tobytes()).hexdigest()] = fft.wisdom()
        if len(found) > 1:
            return list(found.values())
    pytest.skip("FFTW finds one plan only")


LARGE = lp.Grid.rectangle((8.0, 8.0), (256, 256))


def test_a_run_keeps_its_plans(tmp_path, monkeypatch):
    """FFTW plans by measuring: in another process, or when its cache is lost, the last bits may be others."""
    monkeypatch.setattr(fft, "_save_wisdom", lambda: None)
    model = lp.SpinorGPE(LARGE, [lp.Kinetic(1.0), lp.Gain(1.5, 1.0, 1.0), lp.Interaction(2.0, 0.1)])
    psi = np.stack([1 + 0.3 * np.cos(LARGE.points[0]), 0.4 * np.sin(LARGE.points[1])]) * (1 + 0.1j)
    before, (own, other) = fft.wisdom(), plans()

    def go(wisdom, t_end, **options):
        fft.restore_wisdom(wisdom)
        options |= {"dt": 0.02, "integrator": lp.Strang(), "save": lp.every(0.1), "progress": False}
        return lp.evolve(model, psi, t_end, **options)

    straight = go(own, 0.2)
    go(own, 0.1, checkpoint=tmp_path, callbacks=[(lp.every(0.1), lambda frame: fft.restore_wisdom(other))])
    resumed, elsewhere = go(other, 0.2, checkpoint=tmp_path), go(other, 0.2)
    fft.restore_wisdom(before)
    assert not np.array_equal(elsewhere.psi.values, straight.psi.values)
    same(resumed, straight)


def test_measured_threads_are_measured_once(tmp_path, monkeypatch):
    asked = []
    monkeypatch.setattr(fft, "_fastest", lambda *_: 2)
    case(tmp_path, 0.3, threads="measured")
    monkeypatch.setattr(fft, "_fastest", lambda *_: pytest.fail("measured again"))
    real = fft.Transforms.__init__
    monkeypatch.setattr(
        fft.Transforms, "__init__", lambda self, *a, **o: (asked.append(o["threads"]), real(self, *a, **o))[1]
    )
    case(tmp_path, 0.6, threads="measured")
    assert asked == [2]


def test_home_and_links(tmp_path, whole, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    (tmp_path / "disk").mkdir()
    (tmp_path / "link.nc").symlink_to(tmp_path / "disk" / "run.nc")
    (tmp_path / "checkpoint").symlink_to(tmp_path / "disk" / "checkpoint")
    (tmp_path / "disk" / "checkpoint").mkdir()
    for t_end in (0.6, 1.2):
        result = case(tmp_path, t_end, out="~/link.nc", checkpoint="~/checkpoint")
    same(result, whole)
    assert (tmp_path / "link.nc").is_symlink()
    assert (tmp_path / "checkpoint").is_symlink()
    assert sorted(path.name for path in (tmp_path / "disk").iterdir()) == ["checkpoint", "run.nc"]


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
run("noise", t_end=1.2, out=folder / "run.nc", checkpoint=folder / "checkpoint", callbacks=[(lp.every(0.3), wait)],
    checkpoint_every=0.0)
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


def test_a_requeued_job_beside_its_first(tmp_path, whole, other):
    text = rf"checkpoint is in use by process {other.pid} on .* since .*; wait until it ends, or stop it. Only if"
    refused(tmp_path, BusyError, text)
    refused(tmp_path, BusyError, rf"run.nc is in use by process {other.pid} ", checkpoint=None)
    other.stdin.write("go\n")
    other.stdin.flush()
    assert other.wait() == 0
    same(lp.load(tmp_path / "run.nc"), whole)


def test_a_requeued_job_after_its_first(tmp_path, whole, other):
    """It was killed: what it locked is free, what it left unfinished goes."""
    other.kill()
    other.wait()
    assert (tmp_path / "run.nc.lock").exists()
    same(case(tmp_path, callbacks=[(lp.every(0.3), lambda frame: None)]), whole)
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
        run("noise", t_end=1.2, save=lp.every(0.1), out=folder / "run.nc", checkpoint=folder / "checkpoint",
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
    result = case(folder, save=lp.every(0.1), checkpoint_every=600.0)
    same(result, run("noise", t_end=1.2, save=lp.every(0.1)))
    return there


@pytest.mark.skipif(os.name != "posix", reason="limits of the size of files are of Unix")
def test_files_that_may_not_grow(tmp_path):
    limits = {tmp_path / str(limit): limit for limit in (30_000, 120_000, 300_000)}
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


def test_a_full_disk(disk):
    (said,) = limited((disk, 0))
    assert "needs about" in said
    assert f"are free in {disk}" in said
    assert "the disk is full" in said
    assert lp.load(disk / "run.nc").sizes["time"] > 0
    for _ in range(3):  # what the checkpoint counts stays, whatever still found room
        with pytest.raises(OSError, match=r"needs about .* the disk is full|cannot be"):
            case(disk, save=lp.every(0.1), checkpoint_every=0.0)
        assert lp.load(disk / "run.nc").sizes["time"] > 0
    subprocess.run(["mount", "-o", "remount,size=4m", str(disk)], check=True)
    result = case(disk, save=lp.every(0.1)).load()
    same(result, run("noise", t_end=1.2, save=lp.every(0.1)))
    result.close()


# errors of the user's own code


class Mishap(Exception):
    pass


@pytest.mark.parametrize(
    ("name", "error"), [*((name, Mishap) for name in CASES), ("noise", SystemExit), ("noise", MemoryError)]
)
def test_an_exception_in_a_callback_leaves_a_checkpoint(tmp_path, name, error):
    calls = []

    def callback(frame):
        calls.append(float(frame.time[0]))
        if calls == [0.0, 0.45, 0.9]:
            raise error("once")

    options = {"name": name, "t_end": 1.5, "callbacks": [(lp.every(0.45), callback)]}
    with pytest.raises(error, match="once") as said:
        case(tmp_path, **options)
    assert any("The run is kept up to t = 0.9" in note for note in said.value.__notes__)
    resumed = case(tmp_path, **options)
    same(resumed, run(name, t_end=1.5, callbacks=[(lp.every(0.45), lambda frame: None)]))
    assert calls == [0.0, 0.45, 0.9, 0.9, 1.35]  # again at the time that failed


#: An error is waiting to happen: of an event only its kind is part of the run.
MISHAP = threading.Event()


def fail():
    if MISHAP.is_set():
        MISHAP.clear()
        raise Mishap("once")


def number(frame):
    if frame.time[0] == 0.6:
        fail()
    return (abs(frame.psi) ** 2).sum(["spin", "y", "x"]).rename("mine")


def test_an_exception_in_what_is_saved_leaves_a_checkpoint(tmp_path):
    MISHAP.set()
    with pytest.raises(Mishap) as said:
        case(tmp_path, variables=["psi", number])
    assert "The run is kept up to t = 0.6" in said.value.__notes__[0]
    resumed, straight = case(tmp_path, variables=["psi", number]), run("noise", t_end=1.2, variables=["psi", number])
    same(resumed, straight)
    assert np.array_equal(resumed.mine, straight.mine)


def pump(t):
    if 0.77 < t < 0.9:
        fail()
    return 1.0 + 0.1 * np.sin(t)


def test_an_exception_in_a_step_goes_back_to_the_stop_before(tmp_path):
    """Of a pump that reads a table, of a signal handler that gives up: the state is torn, the last stop is not."""
    gain = lp.Gain(2.0 * lp.pumps.uniform(1.0) * lp.pumps.envelope(pump), 1.0, 1.0)
    model = lp.SpinorGPE(CASES["noise"][0].grid, [lp.Kinetic(1.0), gain, lp.WignerNoise()])
    options = {"dt": 0.01, "rng": 3, "save": lp.every(0.3), "progress": False}
    kept = {"out": tmp_path / "run.nc", "checkpoint": tmp_path / "checkpoint"}
    arm = [(lp.at_times([0.6]), lambda frame: MISHAP.set())]  # the pump is looked at before the run
    with pytest.raises(Mishap) as said:
        lp.evolve(model, PSI, 1.2, callbacks=arm, **options, **kept)
    assert "The run is kept up to t = 0.6" in said.value.__notes__[0]
    same(lp.evolve(model, PSI, 1.2, **options, **kept), lp.evolve(model, PSI, 1.2, **options))


def test_a_later_checkpoint_is_not_replaced_by_the_stop_before(tmp_path, whole, monkeypatch):
    """An exception soon after a checkpoint in the midst of a row of steps."""
    calls = []

    def between(self, t):
        calls.append(t)
        if len(calls) == 50:
            self.write_checkpoint()
        if len(calls) == 55:
            raise Mishap

    monkeypatch.setattr("latticepol.solve.run.Run._between", between)
    with pytest.raises(Mishap):
        case(tmp_path)
    monkeypatch.undo()
    newest = json.loads(lp.load(checkpoints(tmp_path)[-1]).attrs["progress"])
    assert newest["steps"] == 49  # the start counts as well
    same(case(tmp_path), whole)


SIGTERM = """
import os, signal, sys
sys.path[:0] = [sys.argv[2]]
from resume_case import run
import latticepol as lp
def end(frame):
    if frame.time[0] == 0.6:
        os.kill(os.getpid(), signal.SIGTERM)
run("noise", t_end=1.2, out=sys.argv[1], callbacks=[(lp.every(0.3), end)])
"""


@pytest.mark.slow  # in this process: test_whatever_a_queue_sends
@pytest.mark.skipif(os.name != "posix", reason="Windows ends processes without a word")
def test_sigterm_keeps_what_is_saved_without_a_checkpoint(tmp_path, whole):
    command = [sys.executable, "-c", SIGTERM, str(tmp_path / "run.nc"), os.path.dirname(__file__)]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 128 + signal.SIGTERM
    assert "SIGTERM: stopped at t = 0.6, 3 saved" in done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["run.nc"]
    same(lp.load(tmp_path / "run.nc"), whole.isel(time=slice(0, 3)))


@pytest.mark.skipif(os.name != "posix", reason="signals of Unix")
@pytest.mark.parametrize("checkpoint", [True, False])
@pytest.mark.parametrize("name", ["SIGTERM", "SIGHUP", "SIGXCPU", "SIGUSR1", "SIGUSR2"])
def test_whatever_a_queue_sends(tmp_path, whole, capsys, name, checkpoint):
    number, sent = getattr(signal, name), []
    before = signal.signal(number, signal.SIG_DFL)  # nohup ignores SIGHUP

    def send(frame):
        if frame.time[0] == 0.6 and not sent:
            sent.append(number)
            signal.raise_signal(number)

    options = {"callbacks": [(lp.every(0.3), send)]} | ({} if checkpoint else {"checkpoint": None})
    with pytest.raises(SystemExit) as said:
        case(tmp_path, **options)
    assert said.value.code == 128 + number
    assert f"{name}: stopped at t = 0.6, 3 saved" in capsys.readouterr().err
    assert signal.signal(number, before) == signal.SIG_DFL
    same(lp.load(tmp_path / "run.nc"), whole.isel(time=slice(0, 3)))
    if checkpoint:
        same(case(tmp_path, **options), whole)


def test_a_handler_of_the_user_stays_without_a_checkpoint(tmp_path):
    seen = []

    def look(frame):
        seen.append(signal.getsignal(signal.SIGTERM))

    def mine(number, frame):
        pass

    before = signal.signal(signal.SIGTERM, mine)
    try:
        case(tmp_path, 0.3, checkpoint=None, callbacks=[(lp.every(0.3), look)])
    finally:
        signal.signal(signal.SIGTERM, before)
    assert set(seen) == {mine}


def test_another_thread_may_run_too(tmp_path, whole):
    """Signals reach the main thread only; locks and files are the same."""
    results = []
    thread = threading.Thread(target=lambda: results.append(case(tmp_path)))
    thread.start()
    thread.join()
    same(results[0], whole)


def test_a_run_of_somebody_else_in_its_place_is_left_as_it_is(tmp_path):
    """What comes in the place of the file keeps its bytes; the own file, put back, goes on."""
    net = lp.Network(lp.lattice.honeycomb(), lp.Site(p=0.3, a=2.28, g=1.0, delta=0.01), J=3.0, dJ=0.9)
    psi = np.array([[1.0, 0.1], [0.5, 0.2]])
    foreign, out, aside = tmp_path / "foreign.nc", tmp_path / "run.nc", tmp_path / "aside.nc"
    lp.evolve(net.replace(p=0.2), psi, 0.1, dt=0.05, save=lp.every(0.1), out=foreign, progress=False)
    written = foreign.read_bytes()

    def exchange(frame):
        if frame.time[0] == 0.4 and not aside.exists():
            os.replace(out, aside)
            shutil.copy(foreign, out)

    options = {"dt": 0.05, "save": lp.every(0.2), "callbacks": [(lp.every(0.2), exchange)], "progress": False}
    files = {"out": out, "checkpoint": tmp_path / "checkpoint", "checkpoint_every": 1e-6}
    with pytest.raises(OSError, match="replaced by something else"):
        lp.evolve(net, psi, 1.0, **files, **options)
    assert out.read_bytes() == written
    os.replace(aside, out)
    aside.touch()
    there = lp.evolve(net, psi, 1.0, **files, **options)
    np.testing.assert_array_equal(there.psi.values, lp.evolve(net, psi, 1.0, **options).psi.values)
