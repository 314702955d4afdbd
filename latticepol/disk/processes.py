"""Processes, distinguished from all others that ever had the same number; and what this one may start and use."""

import contextlib
import ctypes
import hashlib
import multiprocessing
import os
import socket
import sys
from functools import cache
from pathlib import Path
from typing import NamedTuple


class Process(NamedTuple):
    """A process, distinguished from all that ever had its number."""

    host: str
    pid: int
    born: str

    @classmethod
    def here(cls) -> "Process":
        """Return the process that calls."""
        return cls(_host(), os.getpid(), _born(os.getpid()))

    @property
    def alive(self) -> bool | None:
        """Whether it lives; None: nobody on this machine knows."""
        return _lives(self.pid, self.born) if self.host == _host() else None

    @property
    def short(self) -> str:
        """A text for the name of a file, which :meth:`alive_of` reads."""
        return f"{_short(self.host)}-{self.pid}-{self.born}"

    @staticmethod
    def alive_of(short: str) -> bool | None:
        """Return :attr:`alive` of the process with this short text."""
        host, _, rest = short.partition("-")
        pid, _, born = rest.partition("-")
        return _lives(int(pid), born) if pid.isdecimal() and host == _short(_host()) else None


#: True in a worker of a sweep: the sweep has shared out the processors among its workers.
_shared_out = False


def processors() -> int:
    """Return how many processors this process may use: one in a worker of a sweep, whose siblings have the others."""
    if _shared_out:
        return 1
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def use_one_processor() -> None:
    """Let :func:`processors` be one in this process from now on."""
    global _shared_out
    _shared_out = True


def is_daemonic() -> bool:
    """Return whether this is a process to which multiprocessing allows no children: a worker of a Pool, or of dask."""
    return multiprocessing.current_process().daemon


@cache
def _host() -> str:
    """Return the name of the machine, and of the container where processes have numbers of its own."""
    with contextlib.suppress(OSError):
        return f"{socket.gethostname()} {os.readlink('/proc/self/ns/pid')}"
    return socket.gethostname()


def _short(host: str) -> str:
    return hashlib.sha256(host.encode()).hexdigest()[:8]


def _born(pid: int) -> str:
    """Return when a process began, as a text that no later process with its number has; "" where that is unknown."""
    try:
        text = Path(f"/proc/{pid}/stat").read_text()
        boot = Path("/proc/sys/kernel/random/boot_id").read_text()[:8]
    except OSError:
        return ""
    return f"{boot}.{text.rpartition(')')[2].split()[19]}"


def _lives(pid: int, born: str) -> bool:
    if not _exists(pid):
        return False
    now = _born(pid)
    return not (born and now) or born == now


def _exists(pid: int) -> bool:
    if sys.platform == "win32":  # os.kill would end it
        handle = ctypes.windll.kernel32.OpenProcess(0x100000, False, pid)  # SYNCHRONIZE
        if not handle:
            return bool(ctypes.windll.kernel32.GetLastError() != 87)  # no such process
        try:
            return bool(ctypes.windll.kernel32.WaitForSingleObject(handle, 0) != 0)
        finally:
            ctypes.windll.kernel32.CloseHandle(handle)
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True
