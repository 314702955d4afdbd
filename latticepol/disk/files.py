"""How the package meets the disk: paths, replacement in one step, checksums, room.

A file appears under its name only when it is complete and on the disk, and an error of the disk names the path, what
it needs and what is free. Who may write where is the matter of :mod:`latticepol.disk.locks`.
"""

import contextlib
import errno
import glob
import hashlib
import os
import re
import shutil
import stat
import tempfile
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from secrets import token_hex
from typing import Any

from latticepol.disk.processes import Process
from latticepol.errors import kind

#: What another machine left unfinished is removed after so many seconds.
OLD = 3600.0
#: Error of a disk without room.
FULL = errno.ENOSPC
#: Error of a quota that is used up; not every system has one.
QUOTA = getattr(errno, "EDQUOT", None)
#: Error of a file that is larger than a limit allows.
TOO_LARGE = errno.EFBIG
NO_ROOM = {FULL, QUOTA, TOO_LARGE} - {None}
#: Bytes that the name of a file may have.
LONGEST = 255
#: What may be missing where it is not known how much was still to come.
SOME = 2**16
#: What :func:`replacing` adds to a name: :attr:`Process.short` and four bytes.
OWNER = re.compile(r"[0-9a-f]{8}-\d+-.*-[0-9a-f]+")
#: A sealed file ends so, and with 64 hexadecimal digits.
SEAL = b"\nsealed by latticepol, sha256 of all before this line: "
SEAL_LENGTH = len(SEAL) + 64 + 1


class DamagedError(OSError):
    """A file does not hold what was written."""


def resolve(path: str | os.PathLike[str], name: str = "path") -> Path:
    """Return the absolute path: of ``~`` the home, of a link what it points to.

    Raises
    ------
    TypeError
        It is not a path.
    ValueError
        The home of ``~`` is unknown, links go in a circle, or a name on the way is not UTF-8, which netCDF needs.
    PermissionError
        A folder on the way may not be looked into.
    """
    if not isinstance(path, str | os.PathLike) or isinstance(os.fspath(path), bytes):
        raise TypeError(f"{name} is {kind(path)}; give a path, a text or a pathlib.Path")
    if "\0" in os.fspath(path):
        raise ValueError(f"{name} = {os.fspath(path)!r} holds a zero byte, which no name of a file has; give another")
    try:
        found = Path(path).expanduser().resolve()
        if found.is_symlink():  # later versions of Python stop at a circle, without a word
            raise OSError(errno.ELOOP, os.strerror(errno.ELOOP))
    except PermissionError:
        raise
    except (RuntimeError, OSError) as error:
        raise ValueError(f"{name} = {os.fspath(path)!r} leads nowhere ({error}); give another path") from None
    try:
        str(found).encode()
    except UnicodeEncodeError:
        raise ValueError(
            f"{name} must have names in UTF-8 all the way, which files of netCDF need; it is {os.fsencode(found)!r}: "
            "rename the folder or the file, or give another path"
        ) from None
    return found


def check_folder(path: Path, endings: Iterable[str] = ("",)) -> None:
    """Make sure that a file may be written at ``path``, in a folder that exists, and files next to it whose names have
    these ``endings`` more.

    Raises
    ------
    ValueError
        The name is too long for that.
    FileNotFoundError
        There is no such folder.
    FileExistsError
        It is neither a file nor a folder: a device, a pipe.
    """
    if not path.parent.is_dir():
        raise FileNotFoundError(f"folder {path.parent} does not exist; make it with Path({str(path.parent)!r}).mkdir()")
    longest = max(len(os.fsencode(path.name + ending)) for ending in endings)
    if longest > LONGEST:
        most = LONGEST - longest + len(os.fsencode(path.name))
        raise ValueError(
            f"the name {path.name!r} may have {most} bytes, since names end at {LONGEST} and files next to it have "
            f"longer ones; it has {len(os.fsencode(path.name))}: give a shorter name"
        )
    check_regular(path)


def check_regular(path: Path) -> None:
    """Raise FileExistsError where ``path`` is neither a file nor a folder."""
    if is_odd(path):
        raise FileExistsError(f"{path} is a device or a pipe, whose place no file can take; give the name of a file")


def is_odd(path: Path) -> bool:
    """Return whether there is something that is neither a file nor a folder: reading it may wait for ever."""
    try:
        mode = path.stat().st_mode  # once: it may be removed between two looks
    except OSError:
        return False
    return not (stat.S_ISREG(mode) or stat.S_ISDIR(mode))


def make_folder(path: Path, use: str) -> None:
    """Make a folder, if there is none; ``use`` says what for.

    Raises
    ------
    FileExistsError
        Something else has its name.
    """
    try:
        path.mkdir(exist_ok=True)
    except FileExistsError:
        raise FileExistsError(f"{path} must be a folder, for {use}, and is a file; rename it") from None


@contextlib.contextmanager
def replacing(path: Path, need: int = 0) -> Iterator[Path]:
    """Give a place to write to, which takes the place of ``path`` when all is written and on the disk.

    Whatever fails, ``path`` stays as it was.

    Parameters
    ----------
    path
        What :func:`resolve` returned.
    need
        Bytes that are going to be written, if that is known: refused before the first one where there is no room.

    Raises
    ------
    OSError
        There is no room; the message names the path, what it needs and what is free. Other errors as they come.
    """
    folder = path.with_name(f"{_prefix(path)}{Process.here().short}-{token_hex(4)}")
    unfinished = folder / path.name
    try:
        if need:
            _probe(path.parent, need)
        folder.mkdir()
        yield unfinished
        _to_disk(unfinished)
        os.replace(unfinished, path)
    except (OSError, RuntimeError) as error:
        need = max(need, _size(unfinished) + SOME)
        shutil.rmtree(folder, ignore_errors=True)
        better = explained(path, need, error)
        if better is None:
            raise
        raise better from error
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    if os.name == "posix":
        with contextlib.suppress(OSError):  # not every network disk can; the file itself is there
            _to_disk(path.parent, os.O_RDONLY)


def explained(path: Path, need: int, error: Exception) -> OSError | None:
    """Return what to raise instead of an error of writing ``need`` bytes that comes from a full disk or a missing
    permission; None where the error says itself what is wrong."""
    return _no_room(path, need, error) or _no_right(path, error)


def said(error: OSError, text: str) -> OSError:
    """Return the same error with another text."""
    return OSError(error.errno, text) if error.errno else type(error)(text)


def exists(path: Path) -> bool:
    """Return whether there is something of this name, even a link to nothing.

    Raises
    ------
    OSError
        Nobody can say: a folder that may not be read, a disk that does not answer. ``Path.exists`` says no.
    """
    try:
        path.lstat()
    except (FileNotFoundError, NotADirectoryError):
        return False
    return True


def remove_unfinished(path: Path) -> None:
    """Remove what dead processes left of an unfinished ``path``; what a live one writes stays."""
    prefix = _prefix(path)
    for folder in path.parent.glob(f"{glob.escape(prefix)}*"):
        owner = folder.name.removeprefix(prefix)
        if folder.is_dir() and OWNER.fullmatch(owner) and _abandoned(folder, owner):
            shutil.rmtree(folder, ignore_errors=True)


def is_unfinished(folder: Path, path: Path) -> bool:
    """Return whether a process writes, or left, ``path`` in the folder."""
    return folder.is_dir() and OWNER.fullmatch(folder.name.removeprefix(_prefix(path))) is not None


def seal(path: Path) -> None:
    """Append a checksum of all that ``path`` holds; readers of netCDF pass over it."""
    with open(path, "r+b") as file:
        digest = _digest(file, file.seek(0, os.SEEK_END))
        file.write(SEAL + digest + b"\n")


def unseal(path: Path) -> None:
    """Remove the checksum from the end of ``path``, if there is one."""
    with open(path, "r+b") as file:
        size = file.seek(0, os.SEEK_END)
        if _stored(file, size) is not None:
            file.truncate(size - SEAL_LENGTH)


def check_seal(path: Path) -> None:
    """Compare what ``path`` holds with its checksum.

    Raises
    ------
    DamagedError
        They differ, or there is none.
    OSError
        It cannot be read.
    """
    if is_odd(path):
        raise DamagedError(
            f"{path} must be the file that was written there; it is a device or a pipe: put the file back"
        )
    with open(path, "rb") as file:
        size = file.seek(0, os.SEEK_END)
        stored = _stored(file, size)
        if stored is None:
            raise DamagedError(
                f"{path} is incomplete, or was saved by something else (lp.save): it does not end with its checksum"
            )
        found = _digest(file, size - SEAL_LENGTH)
    if found != stored:
        raise DamagedError(f"{path} is damaged: its checksum is another than that of what it holds")


def _digest(file: Any, length: int) -> bytes:
    """Return the checksum of the first ``length`` bytes of an open file, and leave its position behind them."""
    found = hashlib.sha256()
    file.seek(0)
    while length:
        piece = file.read(min(length, 2**14))
        if not piece:
            break
        found.update(piece)
        length -= len(piece)
    return found.hexdigest().encode()


def _stored(file: Any, size: int) -> bytes | None:
    """Return the checksum at the end of an open file."""
    if size < SEAL_LENGTH:
        return None
    file.seek(size - SEAL_LENGTH)
    end = file.read(SEAL_LENGTH)
    return end[len(SEAL) : -1] if end.startswith(SEAL) and end.endswith(b"\n") else None


def _prefix(path: Path) -> str:
    return f".{path.name[:40]}."  # names of files are short


def _abandoned(folder: Path, owner: str) -> bool:
    """Return whether nobody will finish what is in the folder of an owner (:attr:`Process.short` and four bytes)."""
    alive = Process.alive_of(owner.rpartition("-")[0])
    try:
        return alive is False or (alive is None and time.time() - folder.stat().st_mtime > OLD)
    except OSError:
        return False


def _to_disk(path: Path, flags: int = os.O_RDWR) -> None:
    number = os.open(path, flags)
    try:
        os.fsync(number)
    finally:
        os.close(number)


def _size(path: Path) -> int:
    with contextlib.suppress(OSError):
        return path.stat().st_size
    return 0


def _probe(folder: Path, need: int) -> None:
    """Raise the error of the disk if ``need`` bytes have no room in a file of the folder."""
    with tempfile.TemporaryFile(dir=folder, buffering=0) as scratch:
        if not hasattr(os, "posix_fallocate"):
            if need > shutil.disk_usage(folder).free:
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            return
        try:
            os.posix_fallocate(scratch.fileno(), 0, need)
        except OSError as error:
            if error.errno in NO_ROOM:  # others: the disk cannot reserve
                raise


def _no_room(path: Path, need: int, error: Exception) -> OSError | None:
    """Return the message for an error whose reason is a full disk, which HDF5 calls "HDF error" or "Permission
    denied"."""
    if getattr(error, "errno", None) not in NO_ROOM:
        try:
            _probe(path.parent, need)
        except OSError as found:
            error = found
    number = getattr(error, "errno", None)
    if number not in NO_ROOM:
        return None
    free = f"{_bytes(shutil.disk_usage(path.parent).free)} are free"
    why = {
        FULL: f"{free} in {path.parent}: the disk is full",
        QUOTA: f"{free} in {path.parent}, but your quota there is used up",
        TOO_LARGE: f"a file may have no more than {_largest()} (ulimit -f)",
    }[number]
    return OSError(
        number,
        f"{path} needs about {_bytes(need)}, {why}. What is there is as it was; make room and repeat the call, or give "
        "a path on another disk",
    )


def _largest() -> str:
    try:
        import resource
    except ImportError:
        return "its disk allows"
    limit = resource.getrlimit(resource.RLIMIT_FSIZE)[0]
    return "its disk allows" if limit == resource.RLIM_INFINITY else _bytes(limit)


def _no_right(path: Path, error: Exception) -> OSError | None:
    number = getattr(error, "errno", None)
    if number is None or os.access(path.parent, os.W_OK):
        return None
    return OSError(number, f"{path} cannot be written: folder {path.parent} is not writable for this user")


def _bytes(count: float) -> str:
    for unit in ("bytes", "kB", "MB", "GB"):
        if count < 1000:
            return f"{count:.3g} {unit}"
        count /= 1000
    return f"{count:.3g} TB"
