"""What a run goes on from: the last time of a Dataset or of an array whose dimensions have names."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import xarray as xr

from latticepol.arrays import check_dims, named, read_array, shape_of
from latticepol.results.variables import derived_units
from latticepol.state import batch_dims


class Last(NamedTuple):
    """An array at its last time, and the names of its batch axes."""

    values: Any
    t: float
    dims: tuple[str, ...]


def psi_of(given: object, dims: Sequence[str], model: str, door: str) -> Any:
    """Return psi of a Dataset, and anything else as it is; ``model`` and ``door`` are what it comes from.

    Raises
    ------
    ValueError
        The Dataset has no psi with these dimensions.
    """
    if not isinstance(given, xr.Dataset):
        return given
    found = given["psi"].dims if "psi" in given else list(given.data_vars)
    if "psi" not in given or not set(dims) <= set(found):
        raise ValueError(
            f"psi0 must hold the psi of {model}, with the dimensions {tuple(dims)}; it holds {found}: give what "
            f"lp.evolve or lp.steady_state return for a {door}, or an array"
        )
    return given["psi"]


def last(name: str, given: Any, dims: Sequence[str], units: Mapping[str, str] | None) -> Last:
    """Return the last time of an array whose dimensions have names, and any other as it is.

    Raises
    ------
    ValueError
        It lacks one of ``dims``, holds nothing, or its time is not in the unit of a model with the units ``units``.
    """
    if not named(given):
        return Last(given, 0.0, batch_dims(len(shape_of(given)) - len(dims)))
    check_dims(name, given, dims)
    if 0 in given.shape:
        raise ValueError(
            f"{name} has the shape {given.shape} along {tuple(given.dims)}, which holds no state; give at least one"
        )
    at_end = given.isel(time=-1) if "time" in given.dims else given
    t = _time(at_end.coords["time"], units) if "time" in getattr(at_end, "coords", ()) else 0.0
    return Last(at_end, t, tuple(str(dim) for dim in at_end.dims if dim not in dims))


def read_psi(psi: object, dims: Sequence[str], shape: tuple[int, ...]) -> np.ndarray:
    """Return amplitudes (..., *shape), which nobody else holds, of an array or of what has the dimensions ``dims``.

    Raises
    ------
    ValueError
        They have another shape or other dimensions, or are not finite.
    """
    need = f"(..., {', '.join(map(str, shape))})"
    array = read_array("psi", psi, real=False, dims=dims, need=f"amplitudes {need}")
    if array.shape[-len(shape) :] != shape:
        raise ValueError(f"psi has shape {array.shape}, need {need}, which is (..., {', '.join(dims)})")
    return array


def _time(time: xr.DataArray, names: Mapping[str, str] | None) -> float:
    """Return a time as a model with the units ``names`` counts it, if both do so in one unit or one has none."""
    unit, own = time.attrs.get("units", "1"), (derived_units(names) or {}).get("time", "1")
    if unit not in ("", "1") and own not in ("", "1") and unit != own:
        raise ValueError(
            f"the time of psi0 must be in the unit of the model; it is in {unit!r}, times of the model in {own!r}: "
            "convert psi0 to the units of the model, its psi too, and its attrs['units']"
        )
    return float(time)
