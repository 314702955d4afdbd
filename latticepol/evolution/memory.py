"""What functions of the user remember from call to call, in a form that a checkpoint can hold."""

import copy
from collections.abc import Iterable
from typing import Any

import numpy as np

from latticepol.errors import kind

#: Where an array was, in the place of what cannot be written as JSON.
ARRAY = "__array__"


class Memory:
    """What some functions remembered when the last frame was saved, or the last round of callbacks was complete.

    Such a function is an object with the methods ``state()`` and ``restore(state)``, or a method of one. Objects are
    known by their class and their order.
    """

    def __init__(self, functions: Iterable[Any]) -> None:
        objects = {id(one): one for one in (getattr(function, "__self__", function) for function in functions)}
        self.owners = [one for one in objects.values() if _remembers(one)]
        self.states: list[tuple[str, Any]] = []

    def take(self) -> None:
        """Note what they remember now.

        Raises
        ------
        TypeError
            No checkpoint can hold it; what was noted before stays.
        """
        states = [(_name(owner), copy.deepcopy(owner.state())) for owner in self.owners]
        packed(states, [])
        self.states = states

    def put(self, states: Iterable[tuple[str, Any]]) -> None:
        """Give back what they remembered; one that is new remembers what it does."""
        left = list(states)
        for owner in self.owners:
            i = next((i for i, (name, _) in enumerate(left) if name == _name(owner)), None)
            if i is not None:
                owner.restore(left.pop(i)[1])
        self.take()


def packed(value: Any, arrays: list[np.ndarray]) -> Any:
    """Return the value with its arrays moved to the end of a list: what is left can be written as JSON.

    Raises
    ------
    TypeError
        It holds something else than numbers, texts, arrays of numbers, lists and dicts with texts as keys.
    """
    if value is None or type(value) in (bool, int, float, str):
        return value
    if isinstance(value, list | tuple):
        return [packed(item, arrays) for item in value]
    if isinstance(value, dict) and all(isinstance(key, str) and key != ARRAY for key in value):
        return {key: packed(item, arrays) for key, item in value.items()}
    single = isinstance(value, complex | np.generic)
    if not (single or isinstance(value, np.ndarray)) or _unheld(array := np.asarray(value)):
        raise TypeError(
            f"a state() returns or holds {kind(value)}, which no checkpoint can hold; return numbers, texts, arrays of "
            "numbers, and lists and dicts of them"
        )
    arrays.append(array)
    return {ARRAY: len(arrays) - 1, "dtype": array.dtype.str, "single": single}


def unpacked(value: Any, arrays: list[np.ndarray]) -> Any:
    """Return the inverse of :func:`packed`, with lists in the place of tuples."""
    if isinstance(value, list):
        return [unpacked(item, arrays) for item in value]
    if not isinstance(value, dict):
        return value
    if ARRAY not in value:
        return {key: unpacked(item, arrays) for key, item in value.items()}
    array = arrays[value[ARRAY]].astype(value["dtype"])
    return array[()] if value["single"] else array


def _remembers(owner: Any) -> bool:
    return all(callable(getattr(owner, name, None)) for name in ("state", "restore")) and not isinstance(owner, type)


def _name(owner: Any) -> str:
    return f"{type(owner).__module__}.{type(owner).__qualname__}"


def _unheld(array: np.ndarray) -> bool:
    return array.dtype.kind not in "biufc" or array.dtype.char in "egG"
