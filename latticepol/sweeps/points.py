"""The points of a sweep: what the axes make of them, their random numbers and their names in a store."""

import hashlib
import inspect
from collections.abc import Mapping
from typing import Any

import numpy as np

from latticepol.arrays import check_masked, read_array
from latticepol.axes import Axes, Batch, along, product
from latticepol.randomness import Rng, seeded
from latticepol.sweeps import keys
from latticepol.sweeps.record import Replaceable, check_replaceable


def grid_of(model: Replaceable, axes: Mapping[str, object], function: str) -> Axes:
    """Return the points of the axes.

    Raises
    ------
    TypeError
        The model has no ``replace``, or not with that name.
    ValueError
        An axis is empty, has a value twice, or holds anything but finite numbers, texts or truth values.
    """
    check_replaceable(model)
    grid = product({name: along(name, values, _values) for name, values in axes.items()})
    for name, array in grid.coords.items():
        if isinstance(array, np.ndarray):
            _check_once(name, array)
    for name, array in grid.values.items():
        try:
            model.replace(**{name: array[0].item()})
        except TypeError as error:
            raise TypeError(f"{error}. Arguments of {function} go into options={{...}}") from None
        except ValueError:  # a point that fails
            continue
    return grid


def _check_once(name: str, array: np.ndarray) -> None:
    seen: dict[Any, Any] = {}
    for value in array.tolist():
        near = keys.rounded(value)
        if near in seen:
            twice = (
                f"{value} twice"
                if seen[near] == value
                else f"{seen[near]} and {value}, the same to {keys.DIGITS} digits"
            )
            raise ValueError(f"axis {name} holds {twice}; give each value once")
        seen[near] = value


def _values(name: str, values: object) -> np.ndarray:
    """Return numbers in the precision of the machine, whole ones as integers; texts, or truth values."""
    check_masked(f"axis {name}", values)
    try:
        array = np.asarray(values)
        if array.dtype.kind not in "fc":  # objects become what they are, integers and texts of the machine
            array = np.asarray(array.tolist())
        if array.dtype.kind in "fcO" and array.size:
            array = read_array(f"axis {name}", array, real=False, finite=False)
    except (TypeError, ValueError):
        array = np.asarray(None)
    if array.dtype.kind not in "biufcU" and array.size:
        raise ValueError(
            f"axis {name} = {values!r:.60} does not hold numbers, texts or truth values; "
            "give numbers of which the function makes what it needs"
        )
    return array


def seeds_of(
    function: object, options: Mapping[str, object], rng: Rng, grid: Axes, batch: Batch | None
) -> tuple[np.ndarray, int | None]:
    """Return the seed of every point, None where there are no random numbers; and the one that repeats them all."""
    points = int(np.prod(grid.shape))
    if "rng" in options or not takes(function, "rng"):
        return np.full(points, None), None
    _, seed = seeded(rng)
    if batch is not None and batch.own_seeds:
        return np.full(points, seed, object), seed
    columns = sorted(grid.values.items())
    return np.array([_seed(seed, {n: a[i] for n, a in columns}) for i in range(points)], object), seed


def _seed(seed: int, point: Mapping[str, Any]) -> int:
    """Return a seed that depends on ``seed`` and the values by name, not on their last digits and the other points."""
    known = {name: keys.rounded(v) for name, v in point.items()}
    texts = [f"{n}={v}" if point[n].dtype.kind not in "biuf" else f"{n}={float(v) + 0.0!r}" for n, v in known.items()]
    digest = hashlib.blake2b("\n".join(texts).encode(), key=seed.to_bytes(8, "little"), digest_size=8).digest()
    return int.from_bytes(digest, "little") >> 1


def names_of(model: Replaceable, grid: Axes, seed: int | None) -> list[str]:
    """Return the name of every point in the store.

    Raises
    ------
    TypeError
        The model holds something whose content cannot be read.
    """
    found: list[str] = []
    memory: keys.Memory = {}
    for i in range(int(np.prod(grid.shape))):
        point = {name: keys.rounded(array[i].item()) for name, array in grid.values.items()}
        try:
            there = model.replace(**point)
        except Exception:  # a point that fails has no model
            text = keys.of_model(model, memory) + keys.content(point)
        else:
            text = keys.of_model(there, memory)
        found.append(keys.combined(text, repr(seed)))
    return found


def takes(function: Any, name: str) -> bool:
    """Return whether a function has a parameter of that name."""
    try:
        return name in inspect.signature(function).parameters
    except (TypeError, ValueError):
        return False
