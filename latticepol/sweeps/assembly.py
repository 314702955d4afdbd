"""The results of single points become one Dataset with the axes as dimensions, in memory or in a file."""

import json
from collections.abc import Hashable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import netCDF4
import numpy as np
import xarray as xr

from latticepol.axes import POINT, Axes
from latticepol.disk.files import replacing
from latticepol.results.dataset import wrap, write
from latticepol.results.growth import not_known
from latticepol.results.netcdf import RENAMED, opened, stored_dim
from latticepol.results.variables import VARIABLES
from latticepol.sweeps.keys import rounded
from latticepol.sweeps.store import ADDED, FAILED, Piece

#: What stands where a point has no value, by the kind of the variable; whole numbers become floats there.
FILL: dict[str, Any] = {"f": np.nan, "c": np.nan, "b": False, "U": ""}
#: What stands in a variable or among labels, by their kind; points that differ in it have nothing in common.
KINDS = dict.fromkeys("biufc", "numbers") | dict.fromkeys("OSTU", "texts") | dict.fromkeys("mM", "times")
#: A name and what is looked at: "dims" or "kind".
Look = tuple[str, str]
#: Attributes that the joined Dataset gets anew.
PROVENANCE = {
    "title", "source", "dataset_version", "git_commit", "versions", "parameters", "created", "complex_storage",
}  # fmt: skip


class About(NamedTuple):
    """What ``wrap`` has to know about the result."""

    title: str
    parameters: Mapping[str, Any]
    units: Mapping[str, str] | None
    attributes: Mapping[str, Any]
    texts: Mapping[str, Mapping[str, Any]]  # units and long names of the axes


class Layout:
    """What the pieces have in common: variables, their dimensions and labels, and attributes.

    Dimensions with labels (time, state) get the union of all labels, others the largest size. The first piece that has
    a variable fixes how it looks; a later one that looks otherwise, or has none of the variables of the first piece
    with any, is among the ``misfits``, by its number.
    """

    def __init__(self, axes: Axes, pieces: Iterable[Piece]) -> None:
        self.axes, self.points = axes, int(np.prod(axes.shape))
        self.looks: dict[Look, str] = {}
        self.first: set[str] = set()  # variables of the first piece that has any
        self.misfits: dict[int, str] = {}
        self.labels: dict[Hashable, Any] = {}
        self.near: dict[Hashable, set[Any]] = {}
        self.sizes: dict[Hashable, int] = {}
        self.ragged: set[Hashable] = set()
        self.dims: dict[str, tuple[Hashable, ...]] = {}
        self.dtypes: dict[str, np.dtype] = {}
        self.counts: dict[str, int] = {}
        self.shared: dict[str, xr.Variable] = {}
        self.attributes: dict[str, dict[str, Any]] = {}
        self.told: dict[str, list[tuple[np.ndarray, Any]]] = {}  # attributes of the pieces
        self.telling = 0  # pieces that have any
        for number, (indices, piece) in enumerate(pieces):
            why = self._misfit(piece)
            if why:
                self.misfits[number] = why
            self._take(indices, failed(piece, why) if why else piece)

    def fitting(self, pieces: Iterable[Piece]) -> Iterator[Piece]:
        """Return the pieces, with failures in place of the misfits."""
        for number, (indices, piece) in enumerate(pieces):
            why = self.misfits.get(number)
            yield indices, failed(piece, why) if why else self._told_unknown(piece)

    def _told_unknown(self, piece: xr.Dataset) -> xr.Dataset:
        """Return a piece whose message names the truth values that it does not have: False stands there."""
        unknown = [name for name, dtype in self.dtypes.items() if dtype.kind == "b" and name not in piece.variables]
        if not unknown or any(status in FAILED for status in piece["status"].values.ravel()):
            return piece
        messages = np.array([not_known(str(text), unknown) for text in piece["message"].values])
        return piece.assign(message=(POINT, messages))

    def _misfit(self, piece: xr.Dataset) -> str:
        """Return why a piece does not go with the others; empty if it does."""
        try:
            without_axes(self.axes, piece)
        except ValueError as error:
            return str(error)
        own = {str(name) for name in piece.data_vars} - set(ADDED)
        self.first = self.first or own
        if own and not own & self.first:
            return f"returns {sorted(own)} here, but {sorted(self.first)} at an earlier point; return the same at all"
        looks = _looks(piece)
        for what, look in looks.items():
            if self.looks.get(what, look) != look:
                return f"{what[0]} {look} here, but {self.looks[what]} at an earlier point; return the same at all"
        for dim, labels in piece.indexes.items():
            before = self.labels.get(dim, labels)
            if not _alike(before, labels) and not (before.is_unique and labels.is_unique):
                return f"{dim} has a label twice, and other labels at other points; give each once"
        self.looks |= {what: look for what, look in looks.items() if what not in self.looks}
        return ""

    def _take(self, indices: np.ndarray, piece: xr.Dataset) -> None:
        piece, count = without_axes(self.axes, piece), len(indices)
        for dim, size in piece.sizes.items():
            if dim != POINT:
                self._stretch(dim, size, piece.indexes.get(dim))
        for name, variable in piece.variables.items():
            if name in piece.dims:
                self.attributes.setdefault(str(name), dict(variable.attrs))
            elif not self._same_everywhere(str(name), variable, name in piece.coords, count):
                self._describe(str(name), variable, count)
        told = {str(name): value for name, value in piece.attrs.items() if name not in PROVENANCE}
        self.telling += bool(told)
        for name, value in told.items():
            self.told.setdefault(name, []).append((indices, value))

    @property
    def common(self) -> dict[str, Any]:
        """Attributes that all pieces have alike."""
        return {name: told[0][1] for name, told in self.told.items() if self._alike(told)}

    def differing(self) -> dict[str, Any]:
        """Return the other attributes as variables over the axes, but for those with the name of something else."""
        taken = {*self.dims, *self.shared, *self.sizes, *self.axes.dims, *self.axes.coords, *ADDED}
        found = {name: told for name, told in self.told.items() if name not in taken and not self._alike(told)}
        return {name: (self.axes.dims, self.axes.fold(self._spread(told))) for name, told in found.items()}

    def _alike(self, told: list[tuple[np.ndarray, object]]) -> bool:
        return len(told) == self.telling and len({str(value) for _, value in told}) == 1

    def _spread(self, told: list[tuple[np.ndarray, object]]) -> np.ndarray:
        """Return the values of an attribute at all points: numbers, or texts."""
        numbers = all(isinstance(value, int | float | np.number) for _, value in told)
        whole = numbers and all(isinstance(value, int | np.integer) for _, value in told)
        whole &= sum(len(indices) for indices, _ in told) == self.points
        flat = np.zeros(self.points, int) if whole else np.full(self.points, np.nan if numbers else "", object)
        for indices, value in told:
            flat[indices] = value if numbers else str(value)
        return flat if whole else flat.astype(float if numbers else str)

    def _stretch(self, dim: Hashable, size: int, labels: Any) -> None:
        old = self.sizes.get(dim, size)
        if labels is not None:
            before = self.labels.setdefault(dim, labels)
            if not _alike(before, labels):  # others, or in another order
                self.labels[dim] = before.union(labels[self._new(dim, labels)])
                self.ragged.add(dim)
            size = len(self.labels[dim])
        if size != old:
            self.ragged.add(dim)
        self.sizes[dim] = max(old, size)

    def _new(self, dim: Hashable, labels: object) -> np.ndarray:
        """Return which labels of a piece are not known to all digits that count; all, where it tells closer ones
        apart."""
        if dim not in self.near:
            self.near[dim] = set(_near(self.labels[dim]))
        known, near = self.near[dim], _near(labels)
        close = len(set(near)) < len(near)
        new = np.array([close or value not in known for value in near], bool)
        known.update(near)
        return new

    def _same_everywhere(self, name: str, variable: xr.Variable, coordinate: bool, count: int) -> bool:
        """Return whether it is a coordinate that, so far, no point has otherwise."""
        if name in self.dims:
            return False
        alike = coordinate and POINT not in variable.dims
        first = self.shared.setdefault(name, variable) if alike else self.shared.get(name)
        if alike and first is not None and first.dims == variable.dims and first.equals(variable):
            self.attributes.setdefault(name, dict(variable.attrs))
            self.counts[name] = self.counts.get(name, 0) + count
            return True
        if first is not None:
            del self.shared[name]
            self._describe(name, first, 0)
        return False

    def _describe(self, name: str, variable: xr.Variable, count: int) -> None:
        dims = tuple(dim for dim in variable.dims if dim != POINT)
        self.dims.setdefault(name, dims)
        dtype = np.dtype(str) if variable.dtype.kind in "OT" else variable.dtype
        self.dtypes[name] = np.result_type(self.dtypes.get(name, dtype), dtype)
        self.counts[name] = self.counts.get(name, 0) + count
        self.attributes.setdefault(name, dict(variable.attrs))

    def dtype(self, name: str) -> np.dtype:
        """Return the type of the joined variable; whole numbers with gaps become floats."""
        dtype = self.dtypes[name]
        gaps = self.counts[name] < self.points or self.ragged & set(self.dims[name])
        return np.dtype(float) if dtype.kind in "iu" and gaps else np.dtype(object) if dtype.kind == "U" else dtype

    def shape(self, name: str) -> tuple[int, ...]:
        """Return the shape of one point."""
        return tuple(self.sizes[dim] for dim in self.dims[name])

    def empty(self, name: str, points: int) -> np.ndarray:
        """Return an array (points, ...) without a value."""
        dtype = self.dtype(name)
        fill = FILL.get("U" if dtype.kind == "O" else dtype.kind, 0)
        return np.full((points, *self.shape(name)), fill, dtype)

    def block(self, name: str, piece: xr.Dataset, count: int) -> np.ndarray:
        """Return the values of a piece, (count, ...), with gaps where it has no labels."""
        variable = piece.variables[name]
        each = (POINT,) if POINT in variable.dims else ()
        values = variable.transpose(*each, *self.dims[name]).values
        values = values if each else np.broadcast_to(values, (count, *values.shape))
        if values.shape[1:] == self.shape(name) and not self.ragged & set(self.dims[name]):
            return values
        block = self.empty(name, count)
        block[np.ix_(range(count), *(self._places(dim, piece) for dim in self.dims[name]))] = values
        return block

    def _places(self, dim: Hashable, piece: xr.Dataset) -> Any:
        if dim in piece.indexes and dim in self.labels:
            own, labels = piece.indexes[dim], self.labels[dim]
            places = labels.get_indexer(own)
            if len(own) and not (places >= 0).all():
                near = _near(labels)
                first = dict(zip(reversed(near), reversed(range(len(near))), strict=True))
                places = [first[value] if place < 0 else place for place, value in zip(places, _near(own), strict=True)]
            return places
        return range(piece.sizes[dim])

    @property
    def bytes(self) -> int:
        """Bytes of the joined Dataset."""
        return sum(self.bytes_of(name) for name in self.dims)

    def bytes_of(self, name: str) -> int:
        """Return the bytes of one joined variable."""
        return self.points * int(np.prod(self.shape(name))) * self.dtypes[name].itemsize

    def coords(self) -> dict[str, Any]:
        """Return the axes, labels, and coordinates that are the same at all points."""
        labels = {str(dim): _texts(np.asarray(index)) for dim, index in self.labels.items()}
        return self.axes.coords | labels | {name: (v.dims, v.values) for name, v in self.shared.items()}


def _near(labels: Any) -> list[Any]:
    """Return the labels to all digits that count."""
    return [rounded(label) for label in labels] if labels.dtype.kind in "fc" else list(labels)


def _alike(one: Any, other: Any) -> bool:
    """Return whether labels are the same, in the same order, to all digits that count."""
    return one.equals(other) or (len(one) == len(other) and _near(one) == _near(other))


def _looks(piece: xr.Dataset) -> dict[Look, str]:
    """Return what has to be the same at all points, in words; what is empty may have labels and values of any kind."""
    looks = {(str(dim), "dims"): "is a dimension without labels" for dim, size in piece.sizes.items() if size}
    for name, variable in piece.variables.items():
        dims = sorted(str(dim) for dim in variable.dims if dim != POINT)
        label = name in piece.dims
        looks[str(name), "dims"] = "is a dimension with labels" if label else f"has the dimensions ({', '.join(dims)})"
        if variable.size:
            looks[str(name), "kind"] = f"holds {KINDS.get(variable.dtype.kind, variable.dtype.name)}"
    return looks


def failed(piece: xr.Dataset, why: str) -> xr.Dataset:
    """Return a piece of which nothing is left but why."""
    count = piece.sizes[POINT]
    texts = {"status": (POINT, np.full(count, "failed")), "message": (POINT, np.full(count, f"ValueError: {why}"))}
    return piece[[name for name in ADDED if name in piece]].drop_attrs().assign(texts)


def without_axes(axes: Axes, piece: xr.Dataset) -> xr.Dataset:
    """Return a piece without the coordinates that the axes bring.

    Raises
    ------
    ValueError
        It has another variable or dimension with the name of an axis.
    """
    names = {*axes.dims, *axes.coords}
    own = [name for name in names & set(piece.coords) if set(piece[name].dims) <= {POINT}]
    piece = piece.drop_vars(own)
    taken = sorted(names & {*map(str, piece.variables), *map(str, piece.dims)})
    if taken:
        raise ValueError(
            f"the function returns {taken[0]!r}, which is the name of an axis; rename it in a function of your own, or "
            "give the axis another dimension: an xarray.DataArray(values, dims='name')"
        )
    return piece


def joined(layout: Layout, pieces: Iterable[Piece], about: About) -> xr.Dataset:
    """Return the Dataset in memory."""
    variables = _filled(layout, pieces, list(layout.dims)) | layout.differing()
    return _described(layout, variables, layout.coords(), about)


def streamed(layout: Layout, pieces: Iterable[Piece], about: About, path: Path, most: int) -> xr.Dataset:
    """Return the Dataset in a file, opened lazily; one piece at a time is in memory.

    Variables of more than ``most`` bytes are never there as a whole.
    """
    large = [n for n in layout.dims if layout.dtypes[n].kind in "fciub" and layout.bytes_of(n) > most]
    small = [name for name in layout.dims if name not in large]
    rest = _described(layout, _filled(layout, pieces, small) | layout.differing(), layout.coords(), about)
    with replacing(path) as unfinished:
        write(rest, unfinished)
        with netCDF4.Dataset(unfinished, "a", auto_complex=True) as file:
            for name in large:
                _create(file, layout, name, about)
            for indices, piece in layout.fitting(pieces):
                _write(file, layout, indices, piece, large)
    return opened(path, 0, most)


def _filled(layout: Layout, pieces: Iterable[Piece], names: list[str]) -> dict[str, Any]:
    """Return variables with the axes as dimensions."""
    flat = {name: layout.empty(name, layout.points) for name in names}
    for indices, piece in layout.fitting(pieces):
        for name in names:
            if name in piece.variables:
                flat[name][indices] = layout.block(name, piece, len(indices))
    return {name: (_dims(layout, name), _texts(layout.axes.fold(values))) for name, values in flat.items()}


def _create(file: netCDF4.Dataset, layout: Layout, name: str, about: About) -> None:
    shape = (*layout.axes.shape, *layout.shape(name))
    dims = [stored_dim(dim, size) for dim, size in zip(_dims(layout, name), shape, strict=True)]
    others = {new: dim for new, dim in zip(dims, _dims(layout, name), strict=True) if new != dim}
    if others:
        file.setncattr(RENAMED, json.dumps(json.loads(getattr(file, RENAMED, "{}")) | others))
    for dim, size in zip(dims, shape, strict=True):
        if dim not in file.dimensions:
            file.createDimension(dim, size)
    dtype = layout.dtype(name)
    kind = np.dtype("i1") if dtype.kind == "b" else dtype
    if dtype.kind == "c":  # of one precision in a file (netcdf.of_one_precision)
        kind = max((other for other in layout.dtypes.values() if other.kind == "c"), key=lambda other: other.itemsize)
    chunks = (*(1 for _ in layout.axes.shape), *layout.shape(name))
    variable = file.createVariable(name, kind, dims, compression="zlib", complevel=1, chunksizes=chunks or None)
    variable.setncatts(_described(layout, {name: ((), 0)}, {}, about)[name].attrs)
    if dtype.kind == "b":
        variable.setncattr("dtype", "bool")


def _write(file: netCDF4.Dataset, layout: Layout, indices: np.ndarray, piece: xr.Dataset, names: list[str]) -> None:
    for name in names:
        known = name in piece.variables
        block = layout.block(name, piece, len(indices)) if known else layout.empty(name, len(indices))
        for i, values in zip(indices, block.astype(layout.dtype(name)), strict=True):
            file[name][(*np.unravel_index(i, layout.axes.shape), ...)] = values


def _described(layout: Layout, variables: dict[str, Any], coords: dict[str, object], about: About) -> xr.Dataset:
    """Return ``wrap`` with the attributes that the function gave to its variables."""
    own = layout.attributes
    strange = {name: name for name in [*variables, *coords] if name not in VARIABLES}
    dataset = wrap(
        variables, coords, about.parameters, title=about.title, units=about.units, long_names=strange,
        **layout.common | dict(about.attributes),
    )  # fmt: skip
    for name in dataset.variables:
        if name in strange:  # whose units nobody knows
            del dataset[name].attrs["units"]
        dataset[name].attrs |= {**own.get(str(name), {}), **about.texts.get(str(name), {})}
    return dataset


def _dims(layout: Layout, name: str) -> tuple[str, ...]:
    return (*layout.axes.dims, *map(str, layout.dims[name]))


def _texts(values: np.ndarray) -> np.ndarray:
    return values.astype(str) if values.dtype == object else values
