"""Where the frames of a run go: into memory, or into a netCDF file that grows while it runs."""

import contextlib
import re
import shutil
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import netCDF4
import xarray as xr

from latticepol.disk.files import (
    SOME,
    DamagedError,
    check_folder,
    check_seal,
    exists,
    is_unfinished,
    make_folder,
    remove_unfinished,
    replacing,
    seal,
)
from latticepol.disk.locks import Lock
from latticepol.evolution.frame_files import extend, header, join, note, reached, state, truncate, unsealed_copy
from latticepol.results.dataset import write
from latticepol.results.netcdf import opened

#: The name of a part is the number of its first frame.
PART = re.compile(r"\d{9}\.nc")
#: What to do where the file is not as the checkpoint says.
FIX = "give the out= of that run or, to start anew, remove both the file and the checkpoint folder"
#: What to do where the file is not the one that the call would have made.
ANEW = "give out= another name"


@dataclass(frozen=True)
class PartLimits:
    """When the waiting frames are written as a part.

    Parameters
    ----------
    bytes
        Memory that they take at most: small against that of a model, many frames of a small one.
    seconds
        How long they wait at most: what a crash may cost, and long against the making of a file.
    """

    bytes: int = 2**25
    seconds: float = 5.0


#: What is used where nothing else is said.
PART_LIMITS = PartLimits()


class Sink(Protocol):
    """What ``evolve`` knows of its output."""

    @property
    def count(self) -> int:
        """Number of frames so far."""

    def append(self, frame: xr.Dataset) -> None:
        """Take the frame of one time."""

    def flush(self) -> None:
        """Make everything so far survive a kill."""

    def finish(self, attributes: Mapping[str, Any]) -> None:
        """Note how the run ended."""

    def result(self) -> xr.Dataset | None:
        """Return all frames, None if nothing came."""


class MemorySink:
    """Frames kept in memory."""

    def __init__(self) -> None:
        self.frames: list[xr.Dataset] = []

    @property
    def count(self) -> int:
        """Number of frames."""
        return len(self.frames)

    def append(self, frame: xr.Dataset) -> None:
        """Keep the frame."""
        self.frames.append(frame)

    def flush(self) -> None:
        """Do nothing: memory is lost with the process anyway."""

    def finish(self, attributes: Mapping[str, Any]) -> None:
        """Do nothing: there is no file that another call could read."""

    def result(self) -> xr.Dataset | None:
        """Return all frames."""
        return join(self.frames) if self.frames else None


class FileSink:
    """Frames streamed to ``path``, which is a complete, readable file at every moment.

    Frames are collected into parts in a folder next to it. A copy of the file gets the parts appended and replaces it
    whenever the parts have grown as large as the file, so that every frame is copied a few times at most, and memory
    does not grow. File and parts end with a checksum. What an earlier run left there stays until the first frame of
    this one comes.

    Parameters
    ----------
    path
        The netCDF file.
    run
        The name of the run, kept in the file.
    count
        Number of frames to keep of what the run left there; later ones are dropped when the next one comes. None or 0:
        nothing is kept.
    lock
        The lock of the file, checked before each append.
    fix, anew
        What messages advise where frames to keep are not there, and where something else is.
    limits
        When the waiting frames are written.

    Raises
    ------
    FileNotFoundError
        The folder does not exist.
    FileExistsError
        There is something already, and not of this run; also in the folder of the parts.
    ValueError
        It is a folder; the file is of another run, lacks frames, or does not exist though there are frames to keep.
    DamagedError
        A frame to keep is not what was written.
    """

    def __init__(
        self,
        path: Path,
        run: str,
        count: int | None = None,
        lock: Lock | None = None,
        fix: str = FIX,
        anew: str = ANEW,
        limits: PartLimits = PART_LIMITS,
    ) -> None:
        check_folder(path)
        if path.is_dir():
            raise ValueError(f"out = {str(path)!r} is a folder; give the name of a file")
        self.path, self.folder, self.run, self.lock = path, path.with_name(path.name + ".parts"), run, lock
        self.fix, self.anew, self.limits = fix, anew, limits
        self.frames: list[xr.Dataset] = []
        self._count = count or 0
        self._bytes, self._since = 0, time.monotonic()
        self._merged = 0  # frames in the file
        self._left: tuple[int, int] | None = None  # what tells the file as this run left it
        self._waiting: list[Path] = []  # the parts of this run
        self._final: dict[str, Any] = {}  # how the run ended, once it has
        self._begun, self._keep = False, self._count
        self._check_parts()
        self._needed = self._parts_to_keep() if count else self._check_free()

    @property
    def count(self) -> int:
        """Number of frames."""
        return self._count

    def append(self, frame: xr.Dataset) -> None:
        """Take a frame; it reaches the disk within seconds."""
        self.frames.append(frame.assign_attrs(run=self.run))
        self._count += 1
        self._bytes += frame.nbytes
        if self._bytes > self.limits.bytes or time.monotonic() - self._since > self.limits.seconds:
            self.flush()

    def flush(self) -> None:
        """Write the waiting frames as a part; merge the parts if they have outgrown the file.

        Raises
        ------
        OSError
            Something else removed or replaced the file while the run wrote to it; the waiting frames are in the parts.
        BusyError
            Another process took the file.
        """
        if self.lock:
            self.lock.check()
        self._begin()
        if self.frames:
            self._write_part()
        self._bytes, self._since = 0, time.monotonic()
        self._check_there()
        waiting = sum(part.stat().st_size for part in self._waiting)
        if waiting and (not self._merged or waiting >= self.path.stat().st_size):
            self._merge()

    def finish(self, attributes: Mapping[str, Any]) -> None:
        """Say in the file how the run ended, so that :func:`finished` knows."""
        self._final = dict(attributes)

    def result(self) -> xr.Dataset | None:
        """Return what is in the file; the numbers of a large one are read when they are used."""
        self.flush()
        self._merge()
        if not self._merged:
            return None
        return opened(self.path)

    def _write_part(self) -> None:
        first = self.count - len(self.frames)
        make_folder(self.folder, f"what comes into {self.path} next")
        part = self.folder / f"{first:09d}.nc"
        with replacing(part, need=sum(frame.nbytes for frame in self.frames) + SOME) as unfinished:
            write(join(self.frames), unfinished)
            seal(unfinished)
        self.frames = []
        self._waiting.append(part)

    def _check_there(self) -> None:
        """Refuse to append to what is not as this run left it."""
        gone = [part for part in self._waiting if not part.exists()]
        if not self._merged and self._waiting:
            self._check_free()
        if self._merged and (there := state(self.path)) != self._left:
            run, frames = header(self.path)
            if run != self.run or frames < self._merged:
                gone.insert(0, self.path)
            else:  # of another it stays unlike what was left, however often it is asked
                self._left = there
        if gone:
            what = "was replaced" if gone[0].exists() else "was removed"
            raise OSError(
                f"{gone[0]} {what} by something else while the run wrote to it. {self._merged} frames were in "
                f"{self.path}, {self.count - self._merged} later ones are in {self.folder}; put it back, and the same "
                "call goes on from its checkpoint, or start anew"
            )

    def _merge(self) -> None:
        if self._waiting or self._final:
            count = self.count - len(self.frames)
            final = self._final | {"frames": count} if self._final else {}
            self._assemble(self.path if self._merged else None, self._waiting, count, final)
            self._waiting, self._final = [], {}

    def _assemble(self, file: Path | None, parts: list[Path], count: int, final: Mapping[str, Any]) -> None:
        """Make the file of the first ``count`` frames out of a file and parts; ``final`` says how the run ended."""
        sources = [*([file] if file else []), *parts]
        for source in sources:
            self._check_seal(source)
        with replacing(self.path, need=sum(source.stat().st_size for source in sources) + SOME) as unfinished:
            if file and header(file)[1] > count:
                truncate(file, unfinished, count)
            elif file:
                unsealed_copy(file, unfinished)
            for part in parts:
                extend(unfinished, part, int(part.stem), count)
            note(unfinished, final)
            seal(unfinished)
        self._merged, self._left = count, state(self.path)
        self._remove_parts()

    def _check_free(self) -> list[Path]:
        """Refuse to take the place of anything but what this run, begun once before, has left, and of an empty file."""
        for path in (self.path, *self._parts()):
            run, frames = header(path)
            if exists(path) and path.stat().st_size and run != self.run:
                what, go_on = "something else than a run, or a damaged one", ""
                if run:
                    what = f"{frames} frames{reached(path)} of a run without a checkpoint to go on from"
                    go_on = f" (psi0=lp.load({str(path)!r}) goes on from its last time)"
                there = path if path == self.path else self.folder
                raise FileExistsError(
                    f"{self.path} must be a new file: {there} holds {what}, which would be lost; {self.anew}{go_on}, "
                    f"or remove {there} first"
                )
        return []

    def _parts(self) -> list[Path]:
        return sorted(path for path in self.folder.glob("*.nc") if PART.fullmatch(path.name))

    def _is_part(self, path: Path) -> bool:
        """Return whether a run has written it into the folder of the parts, or begun to."""
        if PART.fullmatch(path.name):
            return path.is_file()
        return bool(PART.fullmatch(path.name[1:13])) and is_unfinished(path, path.with_name(path.name[1:13]))

    def _check_parts(self) -> None:
        """Refuse a folder of parts in which somebody else keeps something."""
        make = f"must be free for what comes into {self.path} next"
        if exists(self.folder) and not self.folder.is_dir():
            raise FileExistsError(f"{self.folder} {make}, and is a file; rename it, or {self.anew}")
        there = list(self.folder.iterdir()) if exists(self.folder) else []
        others = [path for path in there if not self._is_part(path)]
        if others:
            raise FileExistsError(
                f"{self.folder} {make}, and holds {min(others).name!r}, which no run has written; move that, or "
                f"{self.anew}"
            )

    def _remove_parts(self) -> None:
        """Remove the parts, and nothing else that may be there by now."""
        for path in filter(self._is_part, self.folder.glob("*")):
            with contextlib.suppress(OSError):
                path.unlink() if path.is_file() else shutil.rmtree(path)
        with contextlib.suppress(OSError):
            self.folder.rmdir()

    def _parts_to_keep(self) -> list[Path]:
        """Return the parts that belong to the frames to keep; nothing is touched before all are known to be there."""
        count = self._keep
        if not exists(self.path):
            raise ValueError(f"{self.path} does not exist, the checkpoint counts {count} frames in it; {self.fix}")
        parts = [part for part in self._parts() if int(part.stem) < count]
        foreign = [part for part in self._parts() if header(part)[0] not in ("", self.run)]
        if foreign:
            raise ValueError(f"{foreign[0]} is of another run than the checkpoint; {self.fix}")
        self._check_seal(self.path)
        run, there = header(self.path)
        needed = []
        for part in parts:
            if run == self.run and there < count and int(part.stem) <= there:
                self._check_seal(part)
                run, frames = header(part)
                there = max(there, int(part.stem) + frames)
                needed.append(part)
        if run != self.run:
            where = needed[-1] if needed else self.path
            raise ValueError(f"{where} is of another run than the checkpoint; {self.fix}")
        if there < count:
            raise ValueError(f"{self.path} holds {there} frames, the checkpoint counts {count}; {self.fix}")
        return needed

    def _begin(self) -> None:
        """Drop what is not to be kept, once."""
        if self._begun:
            return
        remove_unfinished(self.path)
        if self._keep:
            if self._needed or header(self.path)[1] > self._keep:
                self._assemble(self.path, self._needed, self._keep, {})
            self._merged, self._left = self._keep, state(self.path)
        self._remove_parts()
        self._begun = True  # not before: where there was no room the parts are still needed

    def _check_seal(self, path: Path) -> None:
        try:
            check_seal(path)
        except DamagedError as error:
            raise DamagedError(
                f"{error}; or another program changed it. Nothing was touched. Put back what the run wrote, or, to "
                "start anew, remove it and the checkpoint folder"
            ) from None


def finished(path: Path, call: str) -> xr.Dataset | None:
    """Return the result in a file that a run with the same ``call`` has brought to its end; None for any other file.

    Raises
    ------
    DamagedError
        It is, but does not hold what was written.
    """
    try:
        with netCDF4.Dataset(path) as file:
            same = call and getattr(file, "call", "") == call
            whole = getattr(file, "frames", -1) == file.dimensions["time"].size
    except (OSError, RuntimeError, KeyError, AttributeError, UnicodeError):
        return None
    if not (same and whole):
        return None
    try:
        check_seal(path)
    except DamagedError as error:
        raise DamagedError(
            f"{error}. This call has made it, and returns it only as it was written; {ANEW}, or remove it to compute "
            "it again"
        ) from None
    return opened(path)
