"""Paths, replacement in one step, checksums, room on the disk."""

import errno
import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import latticepol as lp
from latticepol.disk import files
from latticepol.disk.processes import Process


def write(path, content=b"new", **options):
    with files.replacing(files.resolve(path), **options) as unfinished:
        unfinished.write_bytes(content)


def listed(folder):
    return sorted(path.name for path in folder.iterdir())


def test_home_and_links(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    target, link = tmp_path / "target", tmp_path / "link"
    target.write_text("old")
    link.symlink_to(target)
    write("~/link")
    assert link.is_symlink()
    assert target.read_bytes() == b"new"
    assert files.resolve("~/x.nc") == tmp_path / "x.nc"
    assert files.resolve("a/../x.nc") == Path.cwd() / "x.nc"


WRONG = [(True, TypeError), (b"x", TypeError), (None, TypeError), ("~nobody-of-that-name/x", ValueError)]


@pytest.mark.parametrize(("path", "error"), WRONG)
def test_what_is_not_a_path(path, error):
    with pytest.raises(error, match=r"out (is|=) .*; give a|leads nowhere"):
        files.resolve(path, "out")


def test_links_in_a_circle(tmp_path):
    (tmp_path / "a").symlink_to(tmp_path / "b")
    (tmp_path / "b").symlink_to(tmp_path / "a")
    with pytest.raises(ValueError, match="leads nowhere"):
        write(tmp_path / "a")
    assert (tmp_path / "a").is_symlink()


@pytest.mark.parametrize("error", [ValueError, OSError, RuntimeError, KeyboardInterrupt])
def test_what_fails_changes_nothing(tmp_path, error):
    path = tmp_path / "x"
    path.write_text("old")

    def fail():
        with files.replacing(path) as unfinished:
            unfinished.write_text("half")
            raise error

    with pytest.raises(error):
        fail()
    assert path.read_text() == "old"
    assert listed(tmp_path) == ["x"]


def test_long_names(tmp_path):
    name = "ä" * 100 + ".nc"
    write(tmp_path / name)
    assert listed(tmp_path) == [name]


def test_names_too_long_for_what_stands_next_to_the_file(tmp_path):
    name = "x" * 241 + ".nc"
    files.check_folder(tmp_path / name, [".lock.guard"])
    files.check_folder(tmp_path / f"x{name}")
    with pytest.raises(ValueError, match=r"may have 244 bytes, .* end at 255 .* it has 245: give a shorter name"):
        files.check_folder(tmp_path / f"x{name}", [".lock", ".lock.guard"])
    net = lp.Network(lp.lattice.chain(), lp.Site(p=0.4, a=2.28, g=0.1), J=1.0)
    with pytest.raises(ValueError, match="give a shorter name"):
        lp.evolve(net, np.ones(net.state_shape), 1.0, dt=0.1, out=tmp_path / f"x{name}")
    assert not listed(tmp_path)


@pytest.mark.skipif(sys.platform != "linux", reason="names are UTF-8 or UTF-16 elsewhere")
def test_names_that_are_not_utf8(tmp_path, monkeypatch):
    """Given, or of the working folder."""
    folder = Path(os.fsdecode(os.fsencode(tmp_path) + b"/\xe4"))
    folder.mkdir()
    with pytest.raises(ValueError, match=r"out must have names in UTF-8 .* it is .*xe4/x.nc'"):
        files.resolve(folder / "x.nc", "out")
    monkeypatch.chdir(folder)
    with pytest.raises(ValueError, match="rename the folder"):
        files.resolve("x.nc")


def test_litter_of_the_dead_is_swept_and_of_the_living_is_not(tmp_path):
    path = tmp_path / "x.nc"
    child = subprocess.run([sys.executable, "-c", "import os; print(os.getpid())"], capture_output=True, check=True)
    here = Process.here()
    dead = here._replace(pid=int(child.stdout))
    again = here._replace(born="an earlier time")  # the same number, used again
    elsewhere = here._replace(host="another machine")
    owners = {"here": here, "dead": dead, "again": again, "elsewhere": elsewhere, "old": elsewhere._replace(pid=7)}
    folders = {name: tmp_path / f".x.nc.{process.short}-00" for name, process in owners.items()}
    folders["unknown"] = tmp_path / ".x.nc.abcd1234"
    for folder in folders.values():
        folder.mkdir()
        (folder / "x.nc").write_text("half")
    for name in ("old", "unknown"):  # one that nobody has made for a file
        os.utime(folders[name], (0, 0))
    (tmp_path / ".x.nc.swp").write_text("of an editor")
    files.remove_unfinished(path)
    assert {name for name, folder in folders.items() if folder.exists()} == {"here", "elsewhere", "unknown"}
    assert (tmp_path / ".x.nc.swp").exists()


def test_flipped_bits_and_missing_ends_are_seen(tmp_path):
    path = tmp_path / "x"
    path.write_bytes(b"what was written")
    files.seal(path)
    files.check_seal(path)
    whole = path.read_bytes()
    for i in range(0, 8 * len(whole), 7):
        flipped = bytearray(whole)
        flipped[i // 8] ^= 1 << (i % 8)
        path.write_bytes(flipped)
        with pytest.raises(files.DamagedError, match=f"{path} is (damaged|incomplete)"):
            files.check_seal(path)
    for length in range(0, len(whole), 5):
        path.write_bytes(whole[:length])
        with pytest.raises(files.DamagedError):
            files.check_seal(path)
    path.write_bytes(whole)
    files.unseal(path)
    assert path.read_bytes() == b"what was written"
    files.unseal(path)  # nothing to remove
    assert path.read_bytes() == b"what was written"


def test_a_pipe_in_the_place_of_a_file_is_refused_and_not_read(tmp_path):
    os.mkfifo(tmp_path / "x")
    with pytest.raises(files.DamagedError, match="x must be the file that was written there; it is a device or a pipe"):
        files.check_seal(tmp_path / "x")


LIMITED = """
import resource, sys
from pathlib import Path
resource.setrlimit(resource.RLIMIT_FSIZE, (100000, 100000))
from latticepol.disk import files
try:
    with files.replacing(Path(sys.argv[1]), need=int(sys.argv[2])) as unfinished:
        print("begun", flush=True)
        {body}
except OSError as error:
    print(error.errno, error)
"""
BODIES = {
    "error of the system": "unfinished.write_bytes(bytes(300000))",
    "error of a library": "unfinished.write_bytes(bytes(90000)); raise RuntimeError('NetCDF: HDF error')",
}


@pytest.mark.skipif(os.name != "posix", reason="limits of the size of files are of Unix")
@pytest.mark.parametrize(
    ("body", "need"), [("error of the system", 0), ("error of the system", 300000), ("error of a library", 300000)]
)
def test_a_disk_without_room(tmp_path, body, need):
    path = tmp_path / "x.nc"
    path.write_text("old")
    code = LIMITED.format(body=BODIES[body])
    said = subprocess.run(
        [sys.executable, "-c", code, str(path), str(need)], capture_output=True, text=True, check=True
    )
    *begun, last = said.stdout.splitlines()
    assert begun == ([] if need else ["begun"])  # refused before the first byte where the need is known
    assert last.startswith(f"{errno.EFBIG} [Errno {errno.EFBIG}] {path} needs about ")
    assert "a file may have no more than 100 kB (ulimit -f)" in last
    assert "make room and repeat the call" in last
    assert path.read_text() == "old"
    assert listed(tmp_path) == ["x.nc"]


@pytest.mark.skipif(sys.platform != "linux" or os.geteuid() != 0, reason="a small disk can be mounted by root on Linux")
def test_a_full_disk(tmp_path):
    disk = tmp_path / "disk"
    disk.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "none", str(disk)], capture_output=True).returncode:
        pytest.skip("no small disk can be mounted here")
    try:
        for need in (0, 2_000_000):
            with pytest.raises(
                OSError, match=rf"{disk}/x needs about [\d.]+ MB, [\d.]+ MB are free in {disk}: the disk is full"
            ) as said:
                write(disk / "x", bytes(2_000_000), need=need)
            assert said.value.errno == errno.ENOSPC
            assert listed(disk) == []
        write(disk / "x", bytes(500_000), need=500_000)
    finally:
        subprocess.run(["umount", str(disk)], check=True)


def test_a_folder_that_is_not_writable(tmp_path):
    """As root may write everywhere, in a child that is somebody else."""
    code = f"""
import os, sys
from pathlib import Path
from latticepol.disk import files
if os.geteuid() == 0:
    os.setgid(65534); os.setuid(65534)
try:
    with files.replacing(Path({str(tmp_path / "x")!r})) as unfinished:
        unfinished.write_text("new")
except PermissionError as error:
    print(error)
"""
    tmp_path.chmod(0o555)
    for folder in tmp_path.parents[:2]:
        folder.chmod(folder.stat().st_mode | 0o055)
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    tmp_path.chmod(0o755)
    assert f"{tmp_path / 'x'} cannot be written: folder {tmp_path} is not writable for this user" in said.stdout
    shutil.rmtree(tmp_path)
