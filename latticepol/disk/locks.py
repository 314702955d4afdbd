"""Who writes where: a lock is a file that says which process holds it, for as long as that process lives.

The file is made in one step that only one process can take. It names host, process and time, and is touched again and
again, so that a lock whose process has died is recognised: on the same machine at once, on another when the touches
cease. What has the name of a lock and is none stays as it is.
"""

import contextlib
import json
import os
import re
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import wraps
from pathlib import Path
from secrets import token_hex
from typing import Any, ParamSpec, TypeVar

import filelock

from latticepol.disk.files import SOME, explained, is_odd
from latticepol.disk.processes import Process
from latticepol.errors import BusyError

P = ParamSpec("P")
R = TypeVar("R")
Held = TypeVar("Held", bound=contextlib.AbstractContextManager[Any])
#: How a lock begins, and what is in the file that guards one where the disk has no locks: a number and a host.
BEGINNING = '{"host": '
GUARDED = re.compile(r"\d+\n\S+\n(\d*\n)?")


@dataclass(frozen=True)
class LockTimes:
    """How long is waited for what, in seconds.

    Parameters
    ----------
    beat
        Between two touches of a lock: seldom, since each is a write on what may be a disk of a network.
    dead
        Without a touch, after which the lock of another machine is taken for dead: many beats, since clocks of machines
        and caches of disks may be minutes apart.
    guard
        For other processes that have found the same dead lock; each needs a moment.
    written
        In which whoever makes a lock has written into it who it is.
    """

    beat: float = 30.0
    dead: float = 600.0
    guard: float = 60.0
    written: float = 5.0


#: What is used where nothing else is said.
LOCK_TIMES = LockTimes()


class Lock:
    """A lock, held from :meth:`acquire` to :meth:`release` or for the body of a ``with``.

    Parameters
    ----------
    file
        The file that is the lock; its folder exists.
    thing
        What it protects, for messages.
    times
        How long is waited for what.
    """

    def __init__(self, file: Path, thing: Path, times: LockTimes = LOCK_TIMES) -> None:
        self.times = times
        self.file, self.thing, self._guard = file, thing, file.with_name(file.name + ".guard")
        self.token, self.pid = "", 0
        self._released = threading.Event()

    def acquire(self) -> None:
        """Take the lock, also from a process that has died.

        Raises
        ------
        BusyError
            A process that lives holds it; the message names it.
        FileExistsError
            The file, or the one that guards it, is not a lock: somebody else needs it.
        OSError
            The file cannot be written.
        """
        self._check_ours()
        if not self._make():
            found = self._written()
            if found is not None and not self._dead(found):
                raise self._busy(found)
            self._take_over()
        self._released = threading.Event()
        threading.Thread(target=self._beat, args=(self._released, self.token), daemon=True).start()

    def check(self) -> None:
        """Make sure that the lock is still held: somebody may have removed it, and another process taken it.

        Raises
        ------
        BusyError
            Another process has it.
        FileExistsError
            Something that is not a lock has its place.
        OSError
            Its folder is gone, or it cannot be read.
        """
        self._check_ours()
        try:
            found = _record(self.file.read_text(encoding="utf-8", errors="replace"))
        except FileNotFoundError:
            if not self.file.parent.is_dir():
                raise FileNotFoundError(
                    f"folder {self.file.parent} was removed while this process wrote into it"
                ) from None
            found = {"token": self.token} if self._make() else self.holder()
        if found is None or found.get("token") != self.token:
            raise self._busy(found)

    def release(self) -> None:
        """Give the lock back; in a process forked from its owner nothing happens."""
        self._released.set()
        if self.pid == os.getpid():
            found = self.holder()
            if found is not None and found.get("token") == self.token:
                for path in (self.file, self._guard) if _is_guard(self._guard) else (self.file,):
                    with contextlib.suppress(OSError):
                        path.unlink()
            _OWN.discard(self.token)

    def holder(self) -> dict[str, Any] | None:
        """Return what the file says of who holds the lock: host, pid, born, since, token; None where it says
        nothing."""
        try:
            return _record(self.file.read_text(encoding="utf-8", errors="replace"))
        except OSError:
            return None

    def __enter__(self) -> "Lock":
        self.acquire()
        return self

    def __exit__(self, *_: object) -> None:
        self.release()

    def _check_ours(self) -> None:
        """Refuse to take the place of a file or folder of somebody else."""
        for path, ours in ((self.file, _is_lock), (self._guard, _is_guard)):
            if not ours(path):
                raise FileExistsError(
                    f"{path} must be free for the lock of {self.thing}, and holds something else, which was left as it "
                    f"is; rename it, or give another name than {self.thing}"
                )

    def _make(self) -> bool:
        """Make the file if it does not exist."""
        here = Process.here()
        self.token, self.pid = self.token or token_hex(8), here.pid
        _OWN.add(self.token)  # before anybody reads it
        try:
            number = os.open(self.file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o644)
        except FileExistsError:
            _OWN.discard(self.token)
            return False
        except OSError as error:
            raise explained(self.file, SOME, error) or error from None
        since = datetime.now(UTC).isoformat(timespec="seconds")
        try:
            os.write(number, json.dumps({**here._asdict(), "since": since, "token": self.token}).encode())
        except OSError as error:
            with contextlib.suppress(OSError):
                self.file.unlink()
            raise explained(self.file, SOME, error) or error from None
        finally:
            os.close(number)
        return True

    def _take_over(self) -> None:
        """Take the lock of a dead process, one contender at a time."""
        with self._guarded():
            found = self._written()
            if found is not None:
                if not self._dead(found):
                    raise self._busy(found)
                if self._written() == found:  # else it was given back meanwhile, and perhaps taken by another
                    self.file.unlink(missing_ok=True)
            if not self._make():
                raise self._busy(self._written())

    @contextlib.contextmanager
    def _guarded(self) -> Iterator[None]:
        """Return a short lock of the system, or a file where the disk has none."""
        guard: filelock.BaseFileLock = filelock.FileLock(self._guard, timeout=self.times.guard)
        try:
            try:
                guard.acquire()
            except NotImplementedError:  # of the disk
                guard = filelock.SoftFileLock(self._guard, timeout=self.times.guard)
                guard.acquire()
        except filelock.Timeout:
            raise self._busy(self.holder()) from None
        try:
            yield
        finally:
            guard.release()  # its file stays, for those who wait for it, until the lock is given back

    def _written(self) -> dict[str, Any] | None:
        """Return what the file says, after waiting for a process that has just begun to write it: {} where it is empty,
        None where there is no file."""
        end = time.monotonic() + self.times.written
        while True:
            try:
                found = _record(self.file.read_text(encoding="utf-8", errors="replace"))
            except FileNotFoundError:
                return None
            if found is not None or time.monotonic() > end:
                return found or {}
            time.sleep(0.05)

    def _dead(self, found: Mapping[str, Any]) -> bool:
        """Return whether whoever holds the lock does not live any more."""
        if found.get("token") in _OWN:
            return False
        try:
            process = Process(str(found["host"]), int(found["pid"]), str(found["born"]))
        except (KeyError, TypeError, ValueError):
            return True
        if process.pid == os.getpid() and process.alive:
            return True  # not one of ours: an earlier process had this number
        return not process.alive if process.alive is not None and process.born else self._silent(process)

    def _silent(self, process: Process) -> bool:
        """Return whether the lock was not touched for long by the clock of the disk, or its process is known to be
        dead."""
        if process.alive is False:
            return True
        with contextlib.suppress(OSError), tempfile.TemporaryFile(dir=self.file.parent) as now:
            return os.fstat(now.fileno()).st_mtime - self.file.stat().st_mtime > self.times.dead
        return False

    def _beat(self, released: threading.Event, token: str) -> None:
        while not released.wait(self.times.beat):
            found = self.holder()
            if found is not None and found.get("token") == token:
                with contextlib.suppress(OSError):
                    os.utime(self.file)

    def _busy(self, found: Mapping[str, object] | None) -> BusyError:
        found = found or {}
        since = str(found.get("since", "an unknown time"))
        host = str(found.get("host", "an unknown host")).split(" ")[0]
        own = "this process" if found.get("token") in _OWN else f"process {found.get('pid', 'unknown')}"
        return BusyError(
            f"{self.thing} is in use by {own} on {host} since {since}{_age(since)}; "
            f"wait until it ends, or stop it. Only if it does not run any more, remove {self.file}"
        )


#: What the innermost call of a :func:`released` function holds.
_call: ContextVar[contextlib.ExitStack] = ContextVar("_call")


def released(function: Callable[P, R]) -> Callable[P, R]:
    """Make the function give back at its end what it took by :func:`hold`."""

    @wraps(function)
    def call(*args: P.args, **options: P.kwargs) -> R:
        with contextlib.ExitStack() as held:
            outer = _call.set(held)
            try:
                return function(*args, **options)
            finally:
                _call.reset(outer)

    return call


def hold(thing: Held) -> Held:
    """Enter the context of ``thing``, a lock or what has one, until the function that is :func:`released` ends."""
    _call.get().enter_context(thing)
    return thing


#: Tokens of the locks that this process holds.
_OWN: set[str] = set()
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_OWN.clear)


def _is_lock(path: Path) -> bool:
    """Return whether a file is a lock, or one that was cut short as it was written; or there is none."""
    text = _text(path)
    if text is None:
        return False
    return not text or text.startswith(BEGINNING) or BEGINNING.startswith(text)


def _is_guard(path: Path) -> bool:
    """Return whether a file is what guards a lock, or there is none."""
    text = _text(path)
    return text is not None and (not text or GUARDED.fullmatch(text) is not None)


def _text(path: Path) -> str | None:
    """Return the text of a file without the zeros that a power cut leaves in its place: "" where nothing is there, None
    where it is something else than a file."""
    if path.is_symlink() or path.is_dir() or is_odd(path):
        return None
    try:
        return path.read_text(encoding="utf-8", errors="replace").strip("\0")
    except FileNotFoundError:
        return ""


def _record(text: str) -> dict[str, Any] | None:
    try:
        found = json.loads(text)
    except ValueError:
        return None
    return found if isinstance(found, dict) else None


def _age(since: str) -> str:
    try:
        seconds = (datetime.now(UTC) - datetime.fromisoformat(since)).total_seconds()
    except (ValueError, TypeError):
        return ""
    size, unit = next(
        (size, unit) for size, unit in ((86400, "d"), (3600, "h"), (60, "min"), (0, "s")) if seconds >= size or not size
    )
    return f" ({seconds / (size or 1):.0f} {unit})"
