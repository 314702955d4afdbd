"""The folder that keeps the finished points of sweeps."""

import json
import warnings
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import xarray as xr

from latticepol.axes import POINT
from latticepol.disk.files import DamagedError, check_folder, check_seal, remove_unfinished, replacing, seal
from latticepol.results.dataset import commit, load, write
from latticepol.results.netcdf import check_storable
from latticepol.sweeps.keys import combined
from latticepol.sweeps.limits import SWEEP_LIMITS, SweepLimits
from latticepol.sweeps.tasks import Outcome, short

#: The variable that holds the keys of the points of a file.
KEY = "point_key"
#: Attributes that say where the points of a file come from begin so.
ORIGIN = "sweep_"
#: The one that names the coordinates which are parameters.
AXES = f"{ORIGIN}axes"
#: What a sweep adds to the results of a point.
ADDED = ("status", "message", "seed")
#: The status of a point without results.
FAILED = ("failed", "lost")

#: Some points: their numbers, and their results along ``POINT``.
Piece = tuple[np.ndarray, xr.Dataset]


class _Kept(NamedTuple):
    """A piece; ``data`` is None where it has to be read from the file again."""

    indices: np.ndarray
    data: xr.Dataset | None
    path: Path | None
    usable: bool

    @property
    def rank(self) -> tuple[bool, int]:
        """The first point that has not failed comes first, whichever was finished first."""
        return not self.usable, int(self.indices.min())


class Store:
    """One folder for each function with its arguments; in it a netCDF file for each point, or for points done together.

    A file appears under its name only when it is complete, and its name says what is in it, so that several sweeps may
    share one folder (:mod:`latticepol.sweeps.claims`). Each ends with a checksum, and holds the parameters of its
    points as coordinates and ``origin`` as attributes, for whoever reads it without the function.
    """

    def __init__(
        self, path: Path, name: str, call: str, about: Mapping[str, object], origin: Mapping[str, str]
    ) -> None:
        file = next((part for part in (path, *path.parents) if part.exists() and not part.is_dir()), None)
        if file is not None:
            raise ValueError(f"store = {str(path)!r}: {file} is a file; give a folder, which need not exist")
        self.folder = path / f"{name}-{call}"
        self.origin = {ORIGIN + key: text for key, text in origin.items()}
        self.folder.mkdir(parents=True, exist_ok=True)
        readable = self.folder / "about.json"
        if not readable.exists():
            readable.write_text(json.dumps(dict(about), indent=1, default=repr) + "\n")
        for folder in self.folder.glob(".*.nc.*"):
            remove_unfinished(self.folder / f"{folder.name[1:].partition('.nc.')[0]}.nc")

    def write(self, keys: Sequence[str], data: xr.Dataset, values: Mapping[str, np.ndarray]) -> Path:
        """Keep the results of some points, and the values of their parameters."""
        new = {name: (POINT, array) for name, array in values.items() if name not in {*data.variables, *data.dims}}
        data = data.assign_coords(new).assign_attrs(self.origin | {AXES: json.dumps(list(new))})
        name = keys[0] if len(keys) == 1 else f"chunk-{combined(*keys)}"
        data = data.assign({KEY: (POINT, np.array(keys))})
        check_storable(data)
        path = self.folder / f"{name}.nc"
        check_folder(path)
        with replacing(path) as unfinished:
            write(data, unfinished)
            seal(unfinished)
        return path

    def read(
        self, keys: Sequence[str], points: Iterable[int], files: Iterable[str] | None = None
    ) -> Iterator[tuple[Path, str, Piece]]:
        """Return the results of ``points`` that are there, with their files and commits; each point once.

        ``files`` are the names of those to look at, None: all.

        Warns
        -----
        UserWarning
            A file cannot be read, or does not hold what was written: its points are computed again.
        """
        wanted: dict[str, list[int]] = {}
        for i in points:
            wanted.setdefault(keys[i], []).append(i)
        damaged: list[str] = []
        for path in self._files(wanted, files):
            try:
                made, data = _opened(path)
                there = [str(key) for key in data[KEY].values]
            except FileNotFoundError:  # removed since, to have it computed again
                continue
            except Exception as error:  # not a file of ours, or one that a broken disk left: HDF5 raises what it likes
                damaged.append(str(error) if isinstance(error, DamagedError) else f"{path} cannot be read ({error})")
                continue
            rows = [row for row, key in enumerate(there) if key in wanted]
            places = [wanted.pop(there[row]) for row in rows]
            rows = [row for row, indices in zip(rows, places, strict=True) for _ in indices]
            if rows:
                yield path, made, (np.concatenate(places), data.drop_vars(KEY).isel({POINT: rows}))
        if damaged and wanted:
            more = f" (and {len(damaged) - 1} others)" if len(damaged) > 1 else ""
            warnings.warn(
                f"{damaged[0]}{more}. Points that were in it are computed again; remove it if this is said again",
                stacklevel=5,
            )

    def _files(self, wanted: Mapping[str, object], files: Iterable[str] | None) -> Iterable[Path]:
        names = {path.stem for path in (self.folder.glob("*.nc") if files is None else map(Path, files))}
        alone = [key for key in wanted if key in names]
        return [self.folder / f"{name}.nc" for name in [*alone, *sorted(n for n in names if n.startswith("chunk-"))]]


class Results:
    """The pieces of a sweep so far: in memory, and beyond ``limits.kept`` in the store if there is one.

    They come in the order of the axes, those without a usable point last.
    """

    def __init__(
        self,
        store: Store | None,
        keys: Sequence[str],
        values: Mapping[str, np.ndarray],
        limits: SweepLimits = SWEEP_LIMITS,
    ) -> None:
        self.store, self.keys, self.values, self.limits = store, keys, values, limits
        self.commits: Counter[str] = Counter()  # of the code that computed the points
        self.pieces: list[_Kept] = []
        self.bytes = 0
        self.usable = False  # whether there is a point that has not failed
        self.known = np.zeros(len(keys), bool)

    def recall(self, retry: bool, files: Sequence[str] | None = None) -> None:
        """Take what the store has, in the files of these names (None: in all), of points that are not known."""
        if self.store is None or (files is not None and not files):
            return
        for path, made, (indices, data) in self.store.read(self.keys, np.flatnonzero(~self.known).tolist(), files):
            failed = (data["status"].values == "failed") & retry
            if not failed.all():
                self._keep(indices[~failed], data.isel({POINT: ~failed}), path)
                self.commits[made] += int((~failed).sum())

    def add(self, indices: np.ndarray, outcome: Outcome, seeds: np.ndarray) -> Path | None:
        """Take the outcome of a task and the seeds of its points; returns its file in the store.

        Failures of the machine are not stored.
        """
        data = _described(outcome, seeds)
        path = None
        if self.store and outcome.status != "lost":
            values = {name: array[indices] for name, array in self.values.items()}
            path = self.store.write([self.keys[i] for i in indices], data, values)
        if outcome.status != "lost":
            self.commits[commit()] += len(indices)
        self._keep(indices, data, path)
        return path

    def __iter__(self) -> Iterator[Piece]:
        for piece in sorted(self.pieces, key=lambda piece: piece.rank):
            yield piece.indices, piece.data if piece.data is not None else self._again(piece.indices, piece.path)

    def _keep(self, indices: np.ndarray, data: xr.Dataset, path: Path | None) -> None:
        self.bytes += data.nbytes
        self.known[indices] = True
        usable = bool((~np.isin(data["status"].values, FAILED)).any())
        self.usable |= usable
        stays = path is None or self.bytes <= self.limits.kept
        self.pieces.append(_Kept(indices, data if stays else None, path, usable))

    def _again(self, indices: np.ndarray, path: Any) -> xr.Dataset:
        _, data = _opened(path)
        row = {str(key): i for i, key in enumerate(data[KEY].values)}
        return data.drop_vars(KEY).isel({POINT: [row[self.keys[i]] for i in indices]})


def _opened(path: Path) -> tuple[str, xr.Dataset]:
    """Return the commit and the results in a file, without what only tells a reader where they come from."""
    check_seal(path)
    data = load(path)
    made = data.attrs.get(f"{ORIGIN}git_commit", data.attrs.get("git_commit", "unknown"))
    own = {name: value for name, value in data.attrs.items() if not name.startswith(ORIGIN)}
    return made, data.drop_vars(json.loads(data.attrs.get(AXES, "[]"))).drop_attrs(deep=False).assign_attrs(own)


def _described(outcome: Outcome, seeds: np.ndarray) -> xr.Dataset:
    """Return the Dataset of an outcome with status, message and seed (None: no random numbers) of each point."""
    data = xr.Dataset() if outcome.data is None else outcome.data
    texts = {"status": outcome.status, "message": outcome.message}
    for name in texts:
        if isinstance(data.attrs.get(name), str) and outcome.data is not None:
            texts[name] = short(data.attrs[name])
    data = data.drop_attrs(deep=False).assign_attrs({n: v for n, v in data.attrs.items() if n not in texts})
    added: dict[str, Any] = {name: (POINT, np.full(len(seeds), text)) for name, text in texts.items()}
    if seeds[0] is not None:
        added["seed"] = (POINT, seeds.astype(np.int64))
    taken = [name for name in added if name in {*data.variables, *data.dims}]
    if taken:
        raise ValueError(f"the function returns {taken[0]!r}, which a sweep adds itself; rename it")
    return data.assign(added)
