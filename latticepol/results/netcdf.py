"""How a Dataset becomes a netCDF file and is read again: names, texts, complex numbers, and files that stay closed.

HDF5 2.2 kills the interpreter when a file with texts of variable length is opened again while a Dataset still reads
from it. So texts are stored as characters, and a Dataset that reads lazily opens its file for each access only.
"""

import json
import math
from collections.abc import Hashable, Mapping
from pathlib import Path
from typing import Any

import netCDF4
import numpy as np
import xarray as xr
from xarray.backends.locks import HDF5_LOCK, NETCDFC_LOCK, combine_locks
from xarray.core import indexing

from latticepol.errors import short

#: A file of more bytes (uncompressed) is read when its numbers are used.
LAZY_BYTES = 2**28
#: Variables of fewer bytes are read at once.
EAGER_BYTES = 2**24

#: The reader of complex numbers takes a dimension of length two for their parts if it is the beginning of one of these.
PARTS = ("complex", "ri")
#: The attribute that says which dimensions have other names in a file, so that they are not taken for parts.
RENAMED = "renamed_dimensions"
#: What ``complex="split"`` makes of a complex variable: endings, and the words in front of its long name.
SPLIT = {"re": "real part of ", "im": "imaginary part of "}
#: What to give in place of an attribute of a kind that no file can hold.
FIXES = {
    "c": "give its real and its imaginary part as two attributes",
    "b": "give an integer, 0 or 1",
    "f": "give it as float(value)",
    "M": "give a text, str(value)",
    "m": "give a number, and its unit in the name",
}
OTHERS = "give a text, json.dumps(value) or str(value)"
UNHELD = "which no netCDF file can hold"

_LOCK = combine_locks([HDF5_LOCK, NETCDFC_LOCK])


def check_names(dataset: xr.Dataset) -> None:
    """Refuse names that no netCDF file can hold.

    Raises
    ------
    ValueError
        A variable, dimension or attribute has such a name.
    """
    for name in (*dataset.variables, *dataset.dims):
        _check_name("variable" if name in dataset.variables else "dimension", name)
    for attributes in (dataset.attrs, *(variable.attrs for variable in dataset.variables.values())):
        for name in attributes:
            _check_name("attribute", name)


def check_storable(dataset: xr.Dataset) -> None:
    """Refuse names, attributes and types of numbers that no netCDF file can hold.

    Raises
    ------
    ValueError
        A variable, dimension or attribute has such a name.
    TypeError
        An attribute or a variable is of such a type; the message says what to make of it.
    """
    check_names(dataset)
    _check_attributes("", dataset.attrs)
    for name, variable in dataset.variables.items():
        _check_attributes(f" of {name!r}", variable.attrs)
        if variable.dtype.kind == "V" or variable.dtype.char in "egG":
            number = "complex" if variable.dtype.kind == "c" else "float"
            raise TypeError(
                f"variable {name!r} has the type {variable.dtype}, {UNHELD}: give ds[{name!r}].astype({number}), or "
                "one variable for each of its fields"
            )


def form(dataset: xr.Dataset) -> dict[str, str]:
    """Return what a file that grows fixes of each variable, in words: the type of its numbers, its dimensions."""
    return {
        str(name): f"{'text' if _is_text(variable) else variable.dtype} along "
        f"({', '.join(f'{dim}: {size}' for dim, size in variable.sizes.items())})"
        for name, variable in dataset.variables.items()
    }


def check_form(dataset: xr.Dataset, first: Mapping[str, str]) -> None:
    """Refuse a frame that is not of the form of the first one: a file would cut its numbers to the type of those.

    Raises
    ------
    TypeError
        A variable has another type or other dimensions, is new, or is missing.
    """
    found = form(dataset)
    for name in {**first, **found}:
        if found.get(name) != first.get(name):
            raise TypeError(
                f"variable {name!r} is {found.get(name, 'absent')}, and was {first.get(name, 'absent')} in the first "
                "frame: a file holds all frames in one form; let the function in variables return the same every time, "
                "for example by .astype(float)"
            )


def _check_attributes(of: str, attributes: Mapping[Any, Any]) -> None:
    for name, value in attributes.items():
        if fix := _fix(value):
            raise TypeError(f"attribute {name!r}{of} is {short(value)}, {UNHELD}: {fix}")


def _fix(value: Any) -> str:
    """Return what to give in place of an attribute that no file can hold; nothing where one can."""
    if isinstance(value, str):
        return "" if _is_whole(value) else "leave out what is not a character"
    if isinstance(value, bytes):
        return ""
    if not isinstance(value, int | float | complex | np.generic | np.ndarray | list | tuple):
        return "leave it out" if value is None else OTHERS
    try:
        array = np.asarray(value)
    except ValueError:  # lists of several lengths
        return OTHERS
    texts = {isinstance(item, str) for item in np.ravel(np.array(value, object)).tolist()}
    if array.ndim > 1:
        return "make it a variable, or give it one dimension"
    if (array.dtype.kind in "iuf" and array.dtype.char not in "eg") or (array.dtype.kind == "U" and texts == {True}):
        return ""
    return FIXES.get(array.dtype.kind, OTHERS)


def _is_whole(text: str) -> bool:
    """Return whether it comes back as it is: it has no zero byte and no half a character."""
    return "\0" not in text and text.encode(errors="replace").decode() == text


def _check_name(what: str, name: Hashable) -> None:
    legal = isinstance(name, str) and name != "" and (name[0].isalnum() or name[0] == "_" or name[0] > "\x7f")
    if not legal or any(c < " " or c in "/\x7f" for c in str(name)) or str(name)[-1].isspace():
        raise ValueError(
            f"{what} {name!r} has a name that no netCDF file can hold: it must be a text that begins with a letter, a "
            "digit or _, without / and without a space at the end; rename it"
        )


def stored_dim(dim: object, size: int) -> str:
    """Return the name of a dimension in a file."""
    return f"dim_{dim}" if size == 2 and any(word.startswith(str(dim)) for word in PARTS) else str(dim)


def with_stored_dims(dataset: xr.Dataset) -> xr.Dataset:
    """Return the Dataset with dimensions that no reader takes for the parts of complex numbers."""
    other = {dim: new for dim, size in dataset.sizes.items() if (new := stored_dim(dim, size)) != dim}
    if not other:
        return dataset
    note = json.dumps({new: str(dim) for dim, new in other.items()})
    return dataset.rename_dims(other).assign_attrs({RENAMED: note})


def with_own_dims(dataset: xr.Dataset) -> xr.Dataset:
    """Return the inverse of :func:`with_stored_dims`."""
    for new, dim in json.loads(dataset.attrs.get(RENAMED, "{}")).items():
        dataset = dataset.swap_dims({new: dim})
    own = {name: value for name, value in dataset.attrs.items() if name != RENAMED}
    return dataset.drop_attrs(deep=False).assign_attrs(own)


def encoding(dataset: xr.Dataset) -> dict[Hashable, dict[str, Any]]:
    """Return how variables are stored: numbers compressed, texts as characters, except along a dimension that grows."""
    growing = set(dataset.encoding.get("unlimited_dims", ()))
    found: dict[Hashable, dict[str, Any]] = {}
    for name, variable in dataset.variables.items():
        if variable.dtype.kind in "fc":
            found[name] = {"zlib": True, "complevel": 1}
        elif _is_text(variable) and not growing & set(variable.dims):
            found[name] = {"dtype": "S1"}
    return found


def with_texts(dataset: xr.Dataset) -> xr.Dataset:
    """Return the Dataset with arrays of text in place of arrays of objects."""
    texts = [name for name, variable in dataset.variables.items() if variable.dtype.kind == "O" and _is_text(variable)]
    made = {name: (dataset[name].dims, dataset[name].values.astype(str), dataset[name].attrs) for name in texts}
    return dataset.assign_coords({name: made.pop(name) for name in texts if name in dataset.coords}).assign(made)


def _is_text(variable: Any) -> bool:
    if variable.dtype.kind in "UT":
        return True
    return variable.dtype.kind == "O" and all(isinstance(text, str) for text in np.ravel(variable.values))


def of_one_precision(dataset: xr.Dataset) -> xr.Dataset:
    """Return the Dataset with complex128 in place of complex64 where it holds both.

    netCDF4 1.7 writes noise where a file has pairs of two precisions.
    """
    low = [name for name, variable in dataset.variables.items() if variable.dtype == np.complex64]
    if not low or not any(variable.dtype == np.complex128 for variable in dataset.variables.values()):
        return dataset
    return dataset.assign({name: dataset[name].astype(np.complex128) for name in low})


def split(dataset: xr.Dataset) -> xr.Dataset:
    """Return the Dataset with real and imaginary parts, ``name_re`` and ``name_im``, in place of complex variables.

    Raises
    ------
    ValueError
        A variable has the name of a part already.
    """
    data: dict[Hashable, Any] = {}
    coords: dict[Hashable, Any] = {}
    for name, variable in dataset.variables.items():
        place = coords if name in dataset.coords else data
        if variable.dtype.kind != "c":
            place[name] = variable
            continue
        for part, values in zip(SPLIT, (variable.real, variable.imag), strict=True):
            if f"{name}_{part}" in dataset.variables:
                raise ValueError(f"variable {name}_{part} has the name of a part of {name}; rename one of them")
            place[f"{name}_{part}"] = xr.Variable(variable.dims, values.values, _attributes(variable, name, part))
    made = xr.Dataset(data, coords, dataset.attrs)
    made.encoding = dict(dataset.encoding)
    return made


def _attributes(variable: Any, name: Hashable, part: str) -> dict[str, Any]:
    said = {"long_name": SPLIT[part] + str(variable.attrs["long_name"])} if "long_name" in variable.attrs else {}
    return {**variable.attrs, **said, "complex_of": str(name), "complex_part": part}


def joined(dataset: xr.Dataset) -> xr.Dataset:
    """Return the Dataset with complex variables in place of the parts that :func:`split` made."""
    parts = {
        (variable.attrs["complex_of"], variable.attrs["complex_part"]): name
        for name, variable in dataset.variables.items()
        if {"complex_of", "complex_part"} <= set(variable.attrs)
    }
    for name, part in list(parts):
        if part == "re" and (name, "im") in parts:
            dataset = _join(dataset, name, parts[name, "re"], parts[name, "im"])
    return dataset


def _join(dataset: xr.Dataset, name: str, real: Hashable, imag: Hashable) -> xr.Dataset:
    re, im = dataset[real], dataset[imag]
    values = np.empty(re.shape, np.result_type(re.dtype, np.complex64))
    values.real, values.imag = re.values, im.values  # a sum would make NaN of infinity
    own = {key: text for key, text in re.attrs.items() if key not in ("complex_of", "complex_part")}
    if "long_name" in own:
        own["long_name"] = own["long_name"].removeprefix(SPLIT["re"])
    place = dataset.assign_coords if real in dataset.coords else dataset.assign
    return place({name: (re.dims, values, own)}).drop_vars([real, imag])


def opened(path: Path, largest: int = LAZY_BYTES, small: int = EAGER_BYTES) -> xr.Dataset:
    """Return the Dataset in a file: whole if it is not beyond ``largest`` bytes, else variables beyond ``small`` are
    lazy.

    The file is open while something is read only.

    Raises
    ------
    OSError
        There is no such file, or it is not a netCDF file.
    """
    with _LOCK, netCDF4.Dataset(path, auto_complex=True) as file:
        bytes_of = {name: _bytes(variable) for name, variable in file.variables.items()}
        whole = sum(bytes_of.values()) <= largest
        lazy = [] if whole else [name for name, size in bytes_of.items() if size > small and _is_number(file[name])]
        listed = {name for v in file.variables.values() for name in getattr(v, "coordinates", "").split()}
        later = {name: _Later.variable(path, file[name]) for name in lazy}
        order = list(file.variables)
        found = xr.open_dataset(xr.backends.NetCDF4DataStore(file, lock=False), drop_variables=lazy).load()
    found = with_texts(found).assign({name: xr.conventions.decode_cf_variable(name, v) for name, v in later.items()})
    found = with_own_dims(found)
    found.encoding["source"] = str(path)
    return found[[name for name in order if name in found.data_vars]].set_coords([n for n in lazy if n in listed])


def _bytes(variable: Any) -> int:
    return int(math.prod(variable.shape)) * np.dtype(getattr(variable, "dtype", object)).itemsize


def _is_number(variable: Any) -> bool:
    return np.dtype(variable.dtype).kind in "fciub"


class _Later(xr.backends.BackendArray):
    """A variable in a file, which is opened for each access."""

    def __init__(self, path: Path, name: str, shape: tuple[int, ...], dtype: np.dtype) -> None:
        self.path, self.name, self.shape, self.dtype = path.resolve(), name, shape, dtype
        self.state = _state(self.path)

    @classmethod
    def variable(cls, path: Path, there: Any) -> xr.Variable:
        """Return the variable of xarray for one of an open file."""
        array = indexing.LazilyIndexedArray(cls(path, there.name, there.shape, np.dtype(there.dtype)))
        attributes = {key: there.getncattr(key) for key in there.ncattrs() if key != "coordinates"}
        return xr.Variable(there.dimensions, array, attributes)

    def __getitem__(self, key: Any) -> Any:
        support = indexing.IndexingSupport.OUTER
        return indexing.explicit_indexing_adapter(key, self.shape, support, self._read)

    def _read(self, key: object) -> np.ndarray:
        if not self.path.exists() or _state(self.path) != self.state:
            raise OSError(
                f"{self.path} was removed or replaced since this Dataset was made, which reads from it when numbers "
                "are used; make it again: the same call, or lp.load"
            )
        with _LOCK, netCDF4.Dataset(self.path, auto_complex=True) as file:
            variable = file[self.name]
            variable.set_auto_maskandscale(False)
            return np.asarray(variable[key])


def _state(path: Path) -> tuple[int, int, int]:
    """Return what changes when a file does."""
    found = path.stat()
    return found.st_ino, found.st_size, found.st_mtime_ns
