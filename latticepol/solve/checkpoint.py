"""Checkpoints: the whole state of a run on disk, so that the same call continues it bit for bit.

Two files take turns, each appears under its name only when complete, so one good checkpoint survives a kill at any
moment.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr

from latticepol.dataset import load, save
from latticepol.solve.fingerprint import digest
from latticepol.solve.sink import remove_unfinished

NAMES = ("checkpoint-0.nc", "checkpoint-1.nc")


class Checkpoint:
    """The folder of the checkpoints of one run.

    Parameters
    ----------
    folder
        Made if missing.
    run
        What makes the run what it is, by name; a stored checkpoint must agree in all of it.
    computed
        The same for digests of what is computed, named in the plural, whose texts say nothing to a reader.
    """

    def __init__(self, folder: Path, run: Mapping[str, Any], computed: Mapping[str, str]) -> None:
        self.folder, self.computed = folder, computed
        self.run = {name: digest(value) for name, value in run.items()} | dict(computed)
        folder.mkdir(parents=True, exist_ok=True)
        for name in NAMES:
            remove_unfinished(folder / name)
        self._turn = 0

    def write(self, arrays: list[np.ndarray], progress: Mapping[str, Any]) -> None:
        """Store the arrays of the state and where the run stands (numbers, strings, lists, dicts)."""
        data = {f"state_{i}": ([f"dim_{i}_{j}" for j in range(a.ndim)], a) for i, a in enumerate(arrays)}
        attributes = {"progress": json.dumps(dict(progress)), "run": json.dumps(self.run)}
        save(xr.Dataset(data, attrs=attributes), self.folder / NAMES[self._turn])
        self._turn = 1 - self._turn

    def read(self) -> tuple[list[np.ndarray], dict[str, Any]] | None:
        """The latest checkpoint, None if there is none.

        Raises
        ------
        ValueError
            It is of another run; the message names what differs.
        """
        found = []
        for turn, name in enumerate(NAMES):
            try:
                stored = load(self.folder / name)
                found.append((json.loads(stored.attrs["progress"]), turn, stored))
            except (OSError, ValueError, KeyError):
                continue
        if not found:
            return None
        progress, turn, stored = max(found, key=lambda item: item[0]["steps"])
        self._same_run(json.loads(stored.attrs["run"]))
        self._turn = 1 - turn
        return [stored[f"state_{i}"].values for i in range(len(stored.data_vars))], progress

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
