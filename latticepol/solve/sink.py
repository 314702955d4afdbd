"""Where the frames of a run go: into memory, or into a netCDF file that grows while it runs."""

import glob
import os
import shutil
import tempfile
import time
from pathlib import Path
from typing import Any, Protocol

import netCDF4
import xarray as xr

from latticepol.dataset import save
from latticepol.netcdf import opened

#: A part is written when its frames take this much memory, or this long have waited.
PART_BYTES, PART_SECONDS = 2**25, 5.0


class Sink(Protocol):
    """What ``evolve`` knows of its output."""

    @property
    def count(self) -> int:
        """Number of frames so far."""

    def append(self, frame: xr.Dataset) -> None:
        """Take the frame of one time."""

    def flush(self) -> None:
        """Make everything so far survive a kill."""

    def result(self) -> xr.Dataset | None:
        """Everything, None if nothing came."""


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
        """Nothing survives."""

    def result(self) -> xr.Dataset | None:
        """All frames."""
        return _join(self.frames) if self.frames else None


class FileSink:
    """Frames streamed to ``path``, which is a complete, readable file at every moment.

    Frames are collected into parts in a folder beside it. A copy of the file gets the parts appended and replaces it
    whenever the parts have grown as large as the file, so that every frame is copied a few times at most, and memory
    does
    not grow.

    Parameters
    ----------
    path
        The netCDF file.
    run
        The name of the run, kept in the file.
    count
        Number of frames to keep of what the run left there; later ones are dropped. None: it is a new run, which
        replaces whatever is there.

    Raises
    ------
    FileNotFoundError
        The folder does not exist.
    ValueError
        The file is of another run, or lacks frames.
    """

    def __init__(self, path: Path, run: str, count: int | None = None) -> None:
        if not path.parent.is_dir():
            raise FileNotFoundError(
                f"folder {path.parent} does not exist; make it with Path({str(path.parent)!r}).mkdir()"
            )
        self.path, self.folder, self.run = path, path.with_name(path.name + ".parts"), run
        self.frames: list[xr.Dataset] = []
        self._count = count or 0
        self._bytes, self._since = 0, time.monotonic()
        remove_unfinished(path)
        if count is None:
            path.unlink(missing_ok=True)
            shutil.rmtree(self.folder, ignore_errors=True)
        else:
            self._check(count)
            self._keep(count)

    @property
    def count(self) -> int:
        """Number of frames."""
        return self._count

    def append(self, frame: xr.Dataset) -> None:
        """Take a frame; it reaches the disk within seconds."""
        self.frames.append(frame.assign_attrs(run=self.run))
        self._count += 1
        self._bytes += frame.nbytes
        if self._bytes > PART_BYTES or time.monotonic() - self._since > PART_SECONDS:
            self.flush()

    def flush(self) -> None:
        """Write the waiting frames as a part; merge the parts if they have outgrown the file."""
        if self.frames:
            self.folder.mkdir(exist_ok=True)
            save(_join(self.frames), self.folder / f"{self.count - len(self.frames):09d}.nc")
        self.frames, self._bytes, self._since = [], 0, time.monotonic()
        waiting = sum(part.stat().st_size for part in self._parts())
        if waiting and (not self.path.exists() or waiting >= self.path.stat().st_size):
            self._merge()

    def result(self) -> xr.Dataset | None:
        """What is in the file; a large one is opened when numbers are used."""
        self.flush()
        self._merge()
        if not self.path.exists():
            return None
        return opened(self.path)

    def _parts(self) -> list[Path]:
        return sorted(self.folder.glob("?????????.nc"))

    def _merge(self) -> None:
        parts = self._parts()
        if parts:
            with tempfile.TemporaryDirectory(dir=self.path.parent, prefix=f".{self.path.name}.") as folder:
                unfinished = Path(folder) / self.path.name
                if self.path.exists():
                    shutil.copy(self.path, unfinished)
                for part in parts:
                    _extend(unfinished, part, int(part.stem))
                os.replace(unfinished, self.path)
        shutil.rmtree(self.folder, ignore_errors=True)

    def _check(self, count: int) -> None:
        """Refuse to go on in a file that is not of this run or lacks frames of it."""
        files = [path for path in (self.path, *self._parts()) if path.exists()]
        strangers = [path for path in files if _run(path) != self.run]
        if strangers:
            raise ValueError(
                f"{strangers[0]} is of another run than the checkpoint; give the out= of that run, "
                "or remove the checkpoint folder to start anew"
            )
        there = _length(self.path)
        for part in self._parts():
            if int(part.stem) <= there:
                there = max(there, int(part.stem) + _length(part))
        if there < count:
            raise ValueError(
                f"{self.path} holds {there} frames, the checkpoint counts {count}; give the out= of that run, "
                "or remove the checkpoint folder to start anew"
            )

    def _keep(self, count: int) -> None:
        """Drop frames from number ``count`` on."""
        for part in self._parts():
            if int(part.stem) >= count:
                part.unlink()
        if count == 0:
            self.path.unlink(missing_ok=True)
        self._merge()
        if _length(self.path) > count:
            _truncate(self.path, count)


def remove_unfinished(path: Path) -> None:
    """Remove what a killed process left of an unfinished ``path``: the folders in which files are written."""
    for folder in path.parent.glob(f".{glob.escape(path.name)}.*"):
        if folder.is_dir():
            shutil.rmtree(folder, ignore_errors=True)


def _run(path: Path) -> str:
    with netCDF4.Dataset(path) as file:
        return str(getattr(file, "run", ""))


def _length(path: Path) -> int:
    """Number of frames in a file, 0 if there is none."""
    if not path.exists():
        return 0
    # not xarray: closing a second handle of a file that somebody reads lazily crashes the process
    with netCDF4.Dataset(path) as file:
        return int(file.dimensions["time"].size)


def _truncate(path: Path, count: int) -> None:
    """Replace the file by its first ``count`` frames, copied one by one."""
    with tempfile.TemporaryDirectory(dir=path.parent, prefix=f".{path.name}.") as folder:
        kept = Path(folder) / path.name
        with netCDF4.Dataset(path, auto_complex=True) as old, netCDF4.Dataset(kept, "w", auto_complex=True) as new:
            new.setncatts(old.__dict__)
            for name, dimension in old.dimensions.items():
                new.createDimension(name, None if dimension.isunlimited() else dimension.size)
            for name, variable in old.variables.items():
                _copy(variable, new, name, count)
        os.replace(kept, path)


def _copy(old: netCDF4.Variable, new: netCDF4.Dataset, name: str, count: int) -> None:
    attributes = dict(old.__dict__)
    fill, filters = attributes.pop("_FillValue", None), old.filters() or {}
    packed: dict[str, Any] = {"compression": "zlib", "complevel": filters["complevel"]} if filters.get("zlib") else {}
    copy = new.createVariable(name, old.dtype, old.dimensions, fill_value=fill, **packed)
    copy.setncatts(attributes)
    for variable in (old, copy):
        variable.set_auto_maskandscale(False)
    if "time" not in old.dimensions:
        copy[...] = old[...]
        return
    for i in range(count):
        copy[i] = old[i]


def _join(frames: list[xr.Dataset]) -> xr.Dataset:
    if len(frames) == 1:
        joined = frames[0].copy(deep=False)
        joined.encoding["unlimited_dims"] = {"time"}
        return joined
    joined = xr.concat(
        frames,
        "time",
        data_vars="minimal",
        coords="minimal",
        compat="override",
        join="override",
        combine_attrs="override",
    )
    joined.encoding["unlimited_dims"] = {"time"}
    return joined


def _extend(path: Path, part: Path, first: int) -> None:
    """Write the frames of ``part`` into ``path`` from number ``first`` on; a new file is a copy of the part."""
    if not path.exists():
        shutil.copy(part, path)
        return
    with netCDF4.Dataset(path, "a", auto_complex=True) as file, netCDF4.Dataset(part, auto_complex=True) as new:
        stop = first + new.dimensions["time"].size
        for name, variable in new.variables.items():
            if "time" in variable.dimensions:
                file[name][first:stop] = variable[...]
