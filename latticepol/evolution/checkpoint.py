"""Checkpoints: the whole state of a run on disk, so that the same call continues it bit for bit.

Two files take turns, each appears under its name only when complete and ends with a checksum, so one good checkpoint
survives a kill at any moment and a damaged one is known.
"""

import contextlib
import json
import warnings
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr

from latticepol._version import __version__
from latticepol.disk.files import SOME, DamagedError, check_seal, exists, remove_unfinished, replacing, said, seal
from latticepol.disk.locks import Lock
from latticepol.results.dataset import load, write

NAMES = ("checkpoint-0.nc", "checkpoint-1.nc")
#: The file of the frames in the folder, where a run has no ``out``.
FRAMES = "frames.nc"
#: Ends of the names of what a run keeps next to its file.
KEPT_NEXT_TO_FILE = (".parts", ".lock", ".lock.guard")
#: What a checkpoint holds; raised with every change. The first had no number.
VERSION = 4


class Checkpoint:
    """The folder of the checkpoints of one run, locked for the body of a ``with``.

    Parameters
    ----------
    folder
        Made if missing, and removed if it stays empty.
    run
        What makes the run what it is, texts by name; a stored checkpoint must agree in all of it.
    computed
        Names of digests, in the plural, whose texts say nothing to a reader.

    Raises
    ------
    ValueError
        It is a file.
    BusyError
        Another process works in it.
    """

    def __init__(self, folder: Path, run: Mapping[str, str], computed: Collection[str]) -> None:
        self.folder, self.run, self.computed = folder, dict(run), computed
        self.lock = Lock(folder / "lock", folder)
        self._turn, self._number, self._made = 0, 0, False

    def __enter__(self) -> "Checkpoint":
        self._made = not self.folder.exists()
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
        except (FileExistsError, NotADirectoryError):
            raise ValueError(f"checkpoint = {str(self.folder)!r} is a file, or in one; give a folder") from None
        try:
            self.lock.acquire()
        except PermissionError as error:
            raise self._unreadable(error) from None
        return self

    def __exit__(self, *_: object) -> None:
        self.lock.release()
        if self._made:
            with contextlib.suppress(OSError):  # it is not empty
                self.folder.rmdir()

    def write(self, arrays: list[np.ndarray], progress: Mapping[str, object], both: bool = False) -> None:
        """Store the arrays of the state and where the run stands (numbers, strings, lists, dicts).

        ``both``: twice, in the place of both that are there.
        """
        self.folder.mkdir(parents=True, exist_ok=True)  # whoever removed it, the state is here
        self.lock.check()
        data = {f"array_{i}": ([f"dim_{i}_{j}" for j in range(a.ndim)], a) for i, a in enumerate(arrays)}
        attributes = {"progress": json.dumps(dict(progress)), "run": json.dumps(self.run)}
        for _ in range(1 + both):
            self._number += 1
            own = {"checkpoint": VERSION, "program": __version__, "number": self._number}
            self._write(xr.Dataset(data, attrs=attributes | own))

    def _write(self, dataset: xr.Dataset) -> None:
        path = self.folder / NAMES[self._turn]
        remove_unfinished(path)
        need = dataset.nbytes + sum(len(str(text)) for text in dataset.attrs.values()) + SOME
        with replacing(path, need=need) as unfinished:
            write(dataset, unfinished)
            seal(unfinished)
        self._turn = 1 - self._turn

    def read(self) -> tuple[list[np.ndarray], dict[str, Any]] | None:
        """Return the latest checkpoint, None if there is none.

        Warns
        -----
        UserWarning
            One of two is damaged; the other is taken.

        Raises
        ------
        ValueError
            It is of another run, and the message names what differs; or of another version of the program.
        OSError
            There is one that cannot be read, and no other. Nothing is touched.
        """
        found, damaged = [], []
        for turn, name in enumerate(NAMES):
            try:
                if not exists(self.folder / name):
                    continue
                found.append((turn, self._stored(self.folder / name)))
            except DamagedError as error:
                damaged.append(error)
        if damaged and not found:
            raise self._unreadable(damaged[0])
        if not found:
            return None
        turn, stored = max(found, key=lambda item: int(item[1].attrs["number"]))
        progress = json.loads(stored.attrs["progress"])
        self._same_run(json.loads(stored.attrs["run"]))
        if damaged:
            warnings.warn(
                f"{damaged[0]}. The run goes on from the other checkpoint, at t = {progress['now']:.6g}", stacklevel=4
            )
        self._turn, self._number = 1 - turn, int(stored.attrs["number"])
        return [stored[f"array_{i}"].values for i in range(len(stored.data_vars))], progress

    def _stored(self, path: Path) -> xr.Dataset:
        """Return what a file holds, if that is what was written."""
        try:
            check_seal(path)
        except DamagedError:
            self._check_version(_attributes(path))
            raise
        except OSError as error:
            raise self._unreadable(error) from None
        stored = load(path)
        self._check_version(stored.attrs)
        return stored

    def _check_version(self, attributes: Mapping[str, object]) -> None:
        if "progress" not in attributes:
            return
        version = attributes.get("checkpoint", 1)
        if version != VERSION:
            made = f"latticepol {attributes['program']}" if "program" in attributes else "an earlier latticepol"
            raise ValueError(
                f"the checkpoint in {self.folder} is of version {version}, made by {made}; this is latticepol "
                f"{__version__}, which reads version {VERSION}. Finish the run with the one that made it, or start "
                "anew in another folder, with another out="
            )

    def _unreadable(self, error: OSError) -> OSError:
        reason = error.strerror or str(error)
        return said(
            error,
            f"the checkpoint in {self.folder} cannot be read: {reason}. Nothing was touched. Make it readable again, "
            "or, to start anew, give another folder and another out=, or delete both",
        )

    def _same_run(self, stored: dict[str, str]) -> None:
        names = [name for name in {**stored, **self.run} if stored.get(name) != self.run.get(name)]
        if names:
            texts = [
                f"{name} is {stored.get(name, 'absent')} there, {self.run.get(name, 'absent')} here"
                for name in names
                if name not in self.computed
            ]
            texts += [f"{name} differ" for name in names if name in self.computed]
            raise ValueError(
                f"the checkpoint in {self.folder} is of another run: {'; '.join(texts)}. "
                "Use another folder, or delete it to start anew"
            )


def check_apart(out: Path, folder: Path) -> None:
    """Refuse an ``out`` in the place of what a checkpoint is made of, and a checkpoint in the place of what goes with
    ``out``.

    Raises
    ------
    ValueError
        One is in the way of the other.
    """
    own = [folder / name for name in (*NAMES, "lock", "lock.guard", *(FRAMES + end for end in KEPT_NEXT_TO_FILE))]
    taken = [out.with_name(out.name + end) for end in ("", *KEPT_NEXT_TO_FILE)]
    if out in own or (not out.is_dir() and any(folder.is_relative_to(path) for path in taken)):
        raise ValueError(
            f"out = {str(out)!r} and checkpoint = {str(folder)!r} must not be files of each other; give out= another "
            "name, next to the folder"
        )


def _attributes(path: Path) -> Mapping[str, Any]:
    """Return the attributes of a file without checking its checksum, none where it cannot be read."""
    try:
        return load(path).attrs
    except (OSError, RuntimeError, ValueError, KeyError, AttributeError):
        return {}
