"""Keyword axes: ``f(site, p=[...], delta=[...])`` is evaluated on the outer product of the lists."""

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np


class Axes(NamedTuple):
    """Parameters on the outer product of the axes, flattened, and what is needed to fold results back."""

    dims: tuple[str, ...]
    coords: dict[str, np.ndarray]
    shape: tuple[int, ...]
    values: dict[str, np.ndarray]

    def fold(self, flat: np.ndarray) -> np.ndarray:
        """Reshape (points, ...) to (*axes, ...)."""
        return flat.reshape(self.shape + flat.shape[1:])


def outer(parameters: Mapping[str, float], axes: Mapping[str, Any]) -> Axes:
    """Broadcast ``parameters``, with those named in ``axes`` replaced by lists, to the outer product of the lists.

    An axis is one-dimensional and becomes a dimension; a bare number replaces the parameter and adds no dimension.

    Raises
    ------
    TypeError
        An axis is not a parameter.
    ValueError
        An axis is empty, has more than one dimension, or holds what is not a finite real number.
    """
    unknown = set(axes) - set(parameters)
    if unknown:
        raise TypeError(f"no axis {sorted(unknown)}; the axes are {list(parameters)}")
    arrays = {name: _checked(name, values) for name, values in axes.items()}
    dims = tuple(name for name, array in arrays.items() if array.ndim)
    coords = {name: arrays[name] for name in dims}
    shape = tuple(arrays[name].size for name in dims)
    grids = dict(zip(dims, np.meshgrid(*coords.values(), indexing="ij"), strict=True)) if dims else {}
    values = {}
    for name, default in parameters.items():
        filled = grids.get(name, arrays.get(name, default))
        values[name] = np.ascontiguousarray(np.broadcast_to(filled, shape), dtype=float).ravel()
    return Axes(dims, coords, shape, values)


def _checked(name: str, values: Any) -> np.ndarray:
    try:
        array = np.asarray(values).astype(float, casting="same_kind")
    except (TypeError, ValueError):
        raise ValueError(f"axis {name} = {values!r} does not hold real numbers") from None
    if array.ndim > 1:
        raise ValueError(f"axis {name} has {array.ndim} dimensions; give one list per axis, they are multiplied out")
    if array.size == 0:
        raise ValueError(f"axis {name} is empty; give at least one value")
    if not np.isfinite(array).all():
        raise ValueError(f"axis {name} holds {array[~np.isfinite(array)].flat[0]}; give finite numbers")
    return array
