"""Several sweeps in one folder of a store share the work: each claims points before it computes them.

A sweep that runs holds a lock with its name for as long as it lives, and says in files next to it which points it has
under way. What it has finished it writes into a log, which the others read. All this is looked at and changed under one
short lock of the operating system. Claims of a dead process count for nothing.
"""

import contextlib
import json
import re
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from secrets import token_hex

import filelock
import numpy as np

from latticepol.disk.files import make_folder
from latticepol.disk.locks import Lock
from latticepol.errors import BusyError
from latticepol.sweeps.store import Results

#: Seconds for which another sweep that lives is believed to live on.
BELIEVED = 1.0
#: Seconds between two looks at what the others do.
LOOK = 0.2
#: Seconds to wait for the short lock: nobody holds it for more than milliseconds.
PATIENCE = 60.0
#: The name of a file with claims: of the sweep, and a number.
CLAIMED = re.compile(r"([0-9a-f]{16})\.\d+\.json")


class Claims:
    """The claims of one sweep on the points of its ``results``, from entering to leaving a ``with``."""

    def __init__(self, results: Results) -> None:
        self.results = results
        self.folder = results.store.folder / ".claims" if results.store else None
        self.name = token_hex(8)
        self.elsewhere: set[int] = set()  # points that others have under way
        self.files: dict[int, Path] = {}  # where each point is claimed
        self.read: dict[Path, list[str]] = {}  # claims of others
        self.lives: dict[str, float] = {}  # when others were last seen to live
        self.offset = self.number = 0

    def __enter__(self) -> "Claims":
        if self.folder is None:
            return self
        make_folder(self.folder, "what the sweeps in this store have under way")
        self.short = filelock.FileLock(self.folder / "short.lock", timeout=PATIENCE)
        self.log = self.folder / "finished"
        self.lock = Lock(self.folder / f"{self.name}.alive", self.folder)
        try:
            with self.short:
                self.lock.acquire()
                self.offset = self.log.stat().st_size if self.log.exists() else 0
        except NotImplementedError:  # a disk without locks: every sweep works for itself
            self.folder = None
        return self

    def __exit__(self, *_: object) -> None:
        if self.folder is None:
            return
        with contextlib.suppress(OSError), self.short:
            for file in set(self.files.values()):
                file.unlink(missing_ok=True)
            self.lock.release()
            if not any(self._alive(path.stem) for path in self.folder.glob("*.alive")):
                self.log.unlink(missing_ok=True)

    def take(self, points: np.ndarray) -> np.ndarray:
        """Claim points; return those that neither others have under way nor anybody has finished."""
        if self.folder is None:
            return points
        with self.short:
            taken, news = self._taken(), self._news()
            free = [int(i) for i in points if self.results.keys[i] not in taken]
            self._claim(free)
        self.results.recall(False, news)
        self.elsewhere |= {int(i) for i in points} - set(free)
        self.release(done := np.array([i for i in free if self.results.known[i]], int))
        return np.setdiff1d(np.array(free, int), done)

    def release(self, points: np.ndarray, path: Path | None = None) -> None:
        """Give back claims, of points that are finished and in the file ``path``, or given up."""
        if self.folder is None or not len(points):
            return
        with self.short:
            if path is not None:
                with open(self.log, "a", encoding="utf-8") as log:
                    log.write(f"\n{path.name}\n")
            gone = {self.files.pop(int(i)) for i in points if int(i) in self.files}
            for file in gone - set(self.files.values()):
                file.unlink(missing_ok=True)

    def wait(self, show: Callable[[], object]) -> np.ndarray:
        """Wait for the points that others have under way; return those that nobody has any more, or none is left."""
        while True:
            self.elsewhere = {i for i in self.elsewhere if not self.results.known[i]}
            if not self.elsewhere:
                return np.empty(0, int)
            with self.short:
                taken, news = self._taken(), self._news()
            self.results.recall(False, news)
            show()
            free = {i for i in self.elsewhere if not self.results.known[i] and self.results.keys[i] not in taken}
            if free:
                self.elsewhere -= free
                return np.array(sorted(free), int)
            time.sleep(LOOK)

    def _claim(self, points: list[int]) -> None:
        if points:
            self.number += 1
            assert self.folder is not None
            file = self.folder / f"{self.name}.{self.number}.json"
            file.write_text(json.dumps([self.results.keys[i] for i in points]))
            self.files |= dict.fromkeys(points, file)

    def _taken(self) -> set[str]:
        """Return the keys that other sweeps which live have under way."""
        assert self.folder is not None
        taken: set[str] = set()
        for file in self.folder.glob("*.json"):
            named = CLAIMED.fullmatch(file.name)
            owner = named[1] if named else self.name
            if owner == self.name:
                continue
            if not self._alive(owner):
                file.unlink(missing_ok=True)
                continue
            if file not in self.read:
                with contextlib.suppress(OSError, ValueError):
                    self.read[file] = json.loads(file.read_text())
            taken.update(self.read.get(file, ()))
        return taken

    def _alive(self, owner: str) -> bool:
        """Return whether another sweep lives."""
        assert self.folder is not None
        now, file = time.monotonic(), self.folder / f"{owner}.alive"
        if not file.exists():
            return False
        if now - self.lives.get(owner, -BELIEVED) < BELIEVED:
            return True
        lock = Lock(file, self.folder)
        try:
            lock.acquire()
        except BusyError:
            self.lives[owner] = now
            return True
        except FileExistsError:  # somebody else's file
            return False
        lock.release()
        return False

    def _news(self) -> list[str]:
        """Return the names of files that were finished since the last look."""
        if not self.log.exists():
            return []
        with open(self.log, encoding="utf-8") as log:
            log.seek(self.offset)
            text = log.read()
            self.offset = log.tell()
        return list(Counter(name for name in text.split("\n") if name))
