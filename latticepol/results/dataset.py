"""Results as ``xarray.Dataset``: the one table of variables, how arrays become a Dataset, and how it meets the disk.

Units are attached when a result leaves the package, from the table below. They are never relied on to survive
arithmetic: xarray keeps the attributes of the operands, which are wrong for a product.
"""

import json
import os
import subprocess
from collections.abc import Hashable, Mapping
from datetime import UTC, datetime
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Literal

import netCDF4
import numpy as np
import xarray as xr

from latticepol._version import __version__
from latticepol.arrays import read_choice
from latticepol.disk.files import check_folder, replacing, resolve
from latticepol.errors import kind
from latticepol.model import Arrays
from latticepol.results.content import hashed
from latticepol.results.earlier import DATASET_VERSION, updated
from latticepol.results.netcdf import (
    check_storable,
    encoding,
    joined,
    of_one_precision,
    split,
    with_own_dims,
    with_stored_dims,
    with_texts,
)
from latticepol.results.variables import Variable, entry_of

#: What a file says of its complex variables.
STORAGE = {
    "compound": "compound {r, i} (nc-complex); open with auto_complex=True",
    "split": "real and imaginary parts, name_re and name_im; latticepol.load joins them",
}
#: An array of more numbers is recorded among the parameters by its shape and a hash.
LARGEST_LIST = 1000


def wrap(
    variables: Arrays,
    coords: Mapping[str, object],
    parameters: Mapping[str, object],
    *,
    title: str,
    units: Mapping[str, str] | None = None,
    long_names: Mapping[str, str | Variable] | None = None,
    **attributes: object,
) -> xr.Dataset:
    """Turn arrays into a Dataset with units, long names and provenance.

    Parameters
    ----------
    variables
        ``name -> (dims, array)``. Every name must be in the table ``VARIABLES`` or in ``long_names``.
    coords
        ``name -> array`` for a coordinate along the dimension of that name, or ``name -> (dims, array)``. Names in the
        table get its text.
    parameters
        Numbers, strings and structures that describe the model; stored as one JSON attribute ``parameters``.
    title
        One line that says what this is.
    units
        Physical dimension -> text, for instance ``{"time": "ps"}``. None: everything is dimensionless (unit "1").
    long_names
        Texts of dimensionless variables that are not in the table, or their rows, for the results of a script or of a
        model of one's own.
    attributes
        Further numbers and strings (``seed=...``); anything else is stored as JSON.
    """
    dataset = xr.Dataset({name: (dims, np.asarray(values)) for name, (dims, values) in variables.items()})
    dataset = dataset.assign_coords({name: _coordinate(name, value) for name, value in coords.items()})
    known = {str(name): entry_of(str(name)) for name in dataset.variables}
    table = {name: found for name, found in known.items() if found}
    table |= {n: own if isinstance(own, Variable) else Variable(own) for n, own in (long_names or {}).items()}
    for name in dataset.variables:
        if name in table or name in dataset.data_vars:
            dataset[name].attrs = _texts(name, table, units or {})
            if dataset[name].dtype.kind in "US" and table[str(name)].dimension != "dimensionless":
                del dataset[name].attrs["units"]  # texts such as "30 ueV" have theirs with them
    dataset.attrs = {
        "title": title,
        "source": f"latticepol {__version__}",
        "dataset_version": DATASET_VERSION,
        "git_commit": commit(),
        "versions": json.dumps(library_versions()),
        "parameters": json.dumps(dict(parameters), default=_jsonable),
        **{key: _attribute(value) for key, value in attributes.items()},
    }
    return dataset


def save(
    dataset: xr.Dataset, path: str | os.PathLike[str], *, complex: Literal["compound", "split"] = "compound"
) -> Path:
    """Write ``dataset`` to a netCDF-4 file and return its path.

    The file appears under its name only when it is complete: it is written next to it and moved; of a link, what
    it points to is replaced.

    Parameters
    ----------
    dataset
        What is saved.
    path
        The file.
    complex
        How complex variables are stored. "compound": as pairs (the type of nc-complex), which other readers than
        ``latticepol.load`` need to be told of, ``xr.open_dataset(path, engine="netcdf4", auto_complex=True)``. "split":
        as ``name_re`` and ``name_im``, which every program reads, and ``latticepol.load`` joins again. Pairs are all of
        one precision in a file: complex64 next to complex128 becomes complex128.

    Raises
    ------
    TypeError
        What is to be saved is not a Dataset, or an attribute or a variable is of a type that no file can hold.
    ValueError
        ``complex`` is something else, or a variable, dimension or attribute has a name that no file can hold.
    FileNotFoundError
        The folder of ``path`` does not exist.
    OSError
        The disk has no room, which the message says with what is needed and what is free, or refuses otherwise.
    """
    if not isinstance(dataset, xr.Dataset):
        raise TypeError(
            f"dataset is a {type(dataset).__name__}; give a Dataset first, save(dataset, path); a DataArray becomes "
            "one by .to_dataset(name='...')"
        )
    storage = read_choice("complex", complex, tuple(STORAGE))
    check_storable(dataset)
    target = resolve(path)
    check_folder(target)
    if target.is_dir():
        raise IsADirectoryError(f"{path} is a folder; give the name of a file in it")
    with replacing(target) as unfinished:
        write(dataset, unfinished, storage)
    return Path(path).expanduser()


def write(dataset: xr.Dataset, path: Path, complex: str = "compound") -> None:
    """Write ``dataset`` to a new file, where it may be seen half written."""
    made = with_stored_dims(split(dataset) if complex == "split" else of_one_precision(dataset))
    created = datetime.now(UTC).isoformat(timespec="seconds")
    stamped = made.assign_attrs(created=created, complex_storage=STORAGE[complex])
    stamped.to_netcdf(path, engine="netcdf4", auto_complex=True, encoding=encoding(stamped))


def load(path: str | os.PathLike[str]) -> xr.Dataset:
    """Read a file written by :func:`save`, whole, and leave it closed.

    Complex variables are complex again, however they were stored, and what an earlier version has saved under another
    name has the name of today. The file is read as an image in memory, so that another Dataset may still read from it.

    Raises
    ------
    OSError
        There is no such file, or it is not a netCDF file.
    """
    target = resolve(path)
    if not target.is_file():
        raise FileNotFoundError(f"there is no file {path}; give one that lp.save wrote")
    image = target.read_bytes()
    try:
        file = netCDF4.Dataset(target.name, memory=image, auto_complex=True)
    except OSError as error:
        raise OSError(
            f"{path} is not a netCDF file, or not a complete one ({error}); give one that lp.save wrote"
        ) from None
    found = xr.load_dataset(xr.backends.NetCDF4DataStore(file))  # closes it
    return updated(with_own_dims(joined(with_texts(found))))


def check_dataset(given: object, doors: str) -> None:
    """Refuse anything but a Dataset, and name the doors that make the one needed.

    Raises
    ------
    TypeError
        It is something else.
    """
    if not isinstance(given, xr.Dataset):
        what = f"the variable {given.name!r} alone" if isinstance(given, xr.DataArray) else kind(given)
        raise TypeError(f"dataset is {what}; give the Dataset of {doors}")


@cache
def commit() -> str:
    """Return the git commit of the code that runs ("-dirty" where it was changed since), or "unknown" outside a
    checkout."""
    folder = Path(__file__).parent
    git = ["git", "-C", str(folder)]
    try:
        subprocess.run([*git, "ls-files", "--error-unmatch", Path(__file__).name], check=True, capture_output=True)
        describe = [*git, "describe", "--always", "--dirty", "--abbrev=40", "--exclude=*"]
        described = subprocess.run(describe, check=True, capture_output=True, text=True)
    except (OSError, subprocess.CalledProcessError):
        return "unknown"
    return described.stdout.strip()


@cache
def library_versions() -> dict[str, str]:
    """Return the versions of the libraries that can change a number."""
    return {name: version(name) for name in ("numpy", "scipy", "numba", "xarray")}


def _coordinate(name: str, value: object) -> tuple[tuple[str, ...], np.ndarray]:
    if isinstance(value, tuple) and len(value) == 2 and isinstance(value[0], tuple):
        return value[0], np.asarray(value[1])
    return (name,), np.asarray(value)


def _texts(name: Hashable, table: Mapping[str, Variable], units: Mapping[str, str]) -> dict[str, str]:
    if name not in table:
        raise KeyError(
            f"variable {name!r} has no entry in latticepol.results.variables.VARIABLES; add one with its long name, or "
            "to own_variables of a model of your own"
        )
    variable = table[str(name)]
    return {"units": units.get(variable.dimension, "1"), "long_name": variable.long_name}


def _attribute(value: object) -> str | int | float:
    if isinstance(value, (str, int, float)) and not isinstance(value, bool):
        return value
    return json.dumps(value, default=_jsonable)


def _jsonable(value: object) -> object:
    if isinstance(value, np.ndarray) and value.size > LARGEST_LIST:
        return f"array{value.shape} {hashed(np.ascontiguousarray(value).tobytes())}"
    if isinstance(value, np.longdouble | np.clongdouble):  # their .tolist() is what they are
        return complex(value) if isinstance(value, np.complexfloating) else float(value)
    if isinstance(value, np.ndarray | np.generic):
        return value.tolist()
    return repr(value)
