"""Keyword axes: ``f(site, p=[...], delta=[...])`` is evaluated on the outer product of the lists.

Axes that share a dimension (``xarray.DataArray``) vary together along it: a list of points.
"""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple, TypeVar

import numpy as np

from latticepol.arrays import read_array, unnamed

#: The dimension along which a function with a batch takes and returns many points.
POINT = "swept_point"
#: Points of one call of a function with keyword axes.
MOST_AT_ONCE = 20_000

Function = TypeVar("Function", bound=Callable[..., Any])
Model = TypeVar("Model")


class Axes(NamedTuple):
    """Parameters on the outer product of the axes, flattened, and what is needed to fold results back."""

    dims: tuple[str, ...]
    coords: dict[str, Any]
    shape: tuple[int, ...]
    values: dict[str, np.ndarray]

    def fold(self, flat: np.ndarray) -> np.ndarray:
        """Reshape (points, ...) to (*axes, ...)."""
        return flat.reshape(self.shape + flat.shape[1:])


class Along(NamedTuple):
    """Values along named dimensions, as an ``xarray.DataArray`` holds them."""

    dims: tuple[str, ...]
    values: np.ndarray


class Batch(NamedTuple):
    """How a function computes many points in one call.

    ``call(values, rng)`` takes the values of each parameter, (points,), and returns a Dataset with the dimension
    ``POINT``; of at most ``largest`` points. ``own_seeds``: it derives the random numbers of a point from rng and the
    values by itself.
    """

    call: Callable[[Mapping[str, np.ndarray], Any], Any]
    largest: int
    own_seeds: bool = False


#: (function, model, values, args, options) -> Batch, or None where this call has to be made point by point.
Plan = Callable[[Callable[..., Any], Model, Mapping[str, np.ndarray], tuple[Any, ...], Mapping[str, Any]], Batch | None]


def batched(plan: Plan[Model]) -> Callable[[Function], Function]:
    """Mark a function that can compute many points of a sweep in one call."""

    def mark(function: Function) -> Function:
        function.batch = plan  # type: ignore[attr-defined]
        return function

    return mark


def takes_axes(*names: str, own_seeds: bool = False) -> Callable[[Function], Function]:
    """Mark a function whose keyword axes may have these names."""

    def plan(
        function: Callable[..., Any],
        model: object,
        values: Mapping[str, np.ndarray],
        args: tuple[Any, ...],
        options: Mapping[str, Any],
    ) -> Batch | None:
        if not set(values) <= set(names):
            return None

        def call(values: Mapping[str, np.ndarray], rng: object) -> Any:
            along = {name: Along((POINT,), array) for name, array in values.items()}
            return function(model, *args, **options, **({} if rng is None else {"rng": rng}), **along)

        return Batch(call, MOST_AT_ONCE, own_seeds)

    return batched(plan)


def outer(parameters: Mapping[str, float], axes: Mapping[str, Any]) -> Axes:
    """Broadcast ``parameters``, with those named in ``axes`` replaced by lists, to the outer product of the lists.

    An axis is one-dimensional and becomes a dimension; a bare number replaces the parameter and adds no dimension;
    a DataArray brings its own dimensions.

    Raises
    ------
    TypeError
        An axis is not a parameter, or holds no numbers.
    ValueError
        An axis is empty, has more than one dimension, or holds what is not a finite real number.
    """
    unknown = set(axes) - set(parameters)
    if unknown:
        raise TypeError(f"no axis {sorted(unknown)}; the axes are {list(parameters)}")
    grid = product({name: along(name, values, _real) for name, values in axes.items()})
    values = {}
    for name, default in parameters.items():
        filled = grid.values.get(name, default)
        values[name] = np.ascontiguousarray(np.broadcast_to(filled, int(np.prod(grid.shape))), dtype=float)
    return grid._replace(values=values)


def product(axes: Mapping[str, Along]) -> Axes:
    """Return the outer product of all dimensions of the axes, in the order in which they come."""
    sizes: dict[str, int] = {}
    for name, (dims, values) in axes.items():
        for dim, size in zip(dims, values.shape, strict=True):
            if sizes.setdefault(dim, size) != size:
                raise ValueError(f"axis {name} has {size} values along {dim}, another has {sizes[dim]}; give as many")
    shape, order = tuple(sizes.values()), list(sizes)
    flat: dict[str, np.ndarray] = {}
    coords: dict[str, Any] = {}
    for name, (dims, array) in axes.items():
        spread = array.transpose(np.argsort([order.index(dim) for dim in dims])) if dims else array
        spread = spread.reshape([sizes[dim] if dim in dims else 1 for dim in order])
        flat[name] = np.broadcast_to(spread, shape).ravel()
        if dims:
            coords[name] = array if dims == (name,) else (dims, array)
    return Axes(tuple(sizes), coords, shape, flat)


def along(name: str, given: Any, check: Callable[[str, Any], np.ndarray]) -> Along:
    """Return one axis as given: a number, a list, or a DataArray with names of its dimensions."""
    if hasattr(given, "dims") and not unnamed(given):
        return Along(tuple(str(dim) for dim in given.dims), _filled(name, check(name, given.values)))
    array = _filled(name, check(name, given))
    if array.ndim > 1:
        raise ValueError(f"axis {name} has {array.ndim} dimensions; give one list per axis, they are multiplied out")
    return Along((name,) * array.ndim, array)


def _real(name: str, values: object) -> np.ndarray:
    return read_array(f"axis {name}", values, need="a list of real numbers")


def _filled(name: str, array: np.ndarray) -> np.ndarray:
    if array.size == 0:
        raise ValueError(f"axis {name} is empty; give at least one value")
    if array.dtype.kind in "fc" and not np.isfinite(array).all():
        raise ValueError(f"axis {name} holds {array[~np.isfinite(array)].flat[0]}; give finite numbers")
    return array
