"""Files of frames: what they hold, how they are cut back, joined and extended."""

import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import netCDF4
import xarray as xr

from latticepol.disk.files import (
    unseal,
)


def state(path: Path) -> tuple[int, int] | None:
    """Return what tells a file from one that took its place; None where there is none."""
    try:
        found = path.stat()
    except FileNotFoundError:
        return None
    return found.st_ino, found.st_size


def header(path: Path) -> tuple[str, int]:
    """Return the run that a file belongs to and its number of frames; "" and 0 where there is no such file."""
    # not xarray: closing a second handle of a file that somebody reads lazily crashes the process
    try:
        with netCDF4.Dataset(path) as file:
            return str(getattr(file, "run", "")), int(file.dimensions["time"].size)
    except (OSError, RuntimeError, KeyError, AttributeError, UnicodeError):
        return "", 0


def reached(path: Path) -> str:
    """Return the last time in a file, for messages; nothing where it cannot be read."""
    try:
        with netCDF4.Dataset(path) as file:
            return f", up to t = {float(file['time'][-1]):.6g},"
    except (OSError, RuntimeError, LookupError, TypeError, ValueError):
        return ""


def note(path: Path, final: Mapping[str, Any]) -> None:
    """Note in the file how the run ended, or remove that note where the run goes on."""
    with netCDF4.Dataset(path, "a") as file:
        for name in {"status", "steps", "call", "frames"} & set(file.ncattrs()):
            file.delncattr(name)
        file.setncatts(dict(final))


def truncate(path: Path, kept: Path, count: int) -> None:
    """Copy the first ``count`` frames into a new file, one by one."""
    with netCDF4.Dataset(path, auto_complex=True) as old, netCDF4.Dataset(kept, "w", auto_complex=True) as new:
        new.setncatts(old.__dict__)
        for name, dimension in old.dimensions.items():
            new.createDimension(name, None if dimension.isunlimited() else dimension.size)
        for name, variable in old.variables.items():
            _copy(variable, new, name, count)


def _copy(old: "netCDF4.Variable[Any]", new: netCDF4.Dataset, name: str, count: int) -> None:
    attributes = dict(old.__dict__)
    fill, filters = attributes.pop("_FillValue", None), old.filters() or {}
    packed: dict[str, Any] = {"compression": "zlib", "complevel": filters["complevel"]} if filters.get("zlib") else {}
    copy = new.createVariable(name, old.dtype, old.dimensions, fill_value=fill, **packed)
    copy.setncatts(attributes)
    for variable in (old, copy):
        variable.set_auto_maskandscale(False)
        variable.set_auto_chartostring(False)  # netCDF4 1.7.2 does not find the way back
    if "time" not in old.dimensions:
        copy[...] = old[...]
        return
    for i in range(count):
        copy[i] = old[i]


def join(frames: list[xr.Dataset]) -> xr.Dataset:
    """Return all frames along ``time``, which a file may extend."""
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


def extend(path: Path, part: Path, first: int, count: int) -> None:
    """Write the frames of ``part``, the first of which has the number ``first``, into ``path``, up to ``count``."""
    if not path.exists():
        unsealed_copy(part, path)
        return
    with netCDF4.Dataset(path, "a", auto_complex=True) as file, netCDF4.Dataset(part, auto_complex=True) as new:
        stop = min(first + new.dimensions["time"].size, count)
        for name, variable in new.variables.items():
            if "time" in variable.dimensions:
                for each in (file[name], variable):
                    each.set_auto_maskandscale(False)
                file[name][first:stop] = variable[: stop - first]


def unsealed_copy(path: Path, copy: Path) -> None:
    """Copy a file to be written on, without the checksum of what it was."""
    shutil.copyfile(path, copy)
    unseal(copy)
