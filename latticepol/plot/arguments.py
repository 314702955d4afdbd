"""The arguments of drawings, read before matplotlib gets them."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from latticepol.arrays import read_array, read_integer, shape_of
from latticepol.errors import kind

#: Copies of a cell in one direction; contour lines.
MOST_COPIES = 1000
#: Points of a map beyond which no screen shows them and memory runs out.
MOST_POINTS = 25_000_000


def read_cells(given: object, shape: Sequence[int]) -> tuple[int, int]:
    """Return how often a cell of ``shape`` (n2, n1) is repeated along A1 and A2.

    Raises
    ------
    ValueError
        They are not two positive integers, or make more points than can be drawn.
    """
    need = "two integers, the copies along A1 and A2"
    numbers = read_array("cells", given, need=need)
    if numbers.shape != (2,):
        raise ValueError(f"cells has shape {numbers.shape}; give {need}")
    n1, n2 = (read_integer("cells", number, least=1, most=MOST_COPIES) for number in numbers)
    points = n1 * n2 * shape[0] * shape[1]
    if points > MOST_POINTS:
        raise ValueError(
            f"cells = ({n1}, {n2}) make {points:.3g} points, and must make <= {MOST_POINTS:.3g}; repeat the cell less"
        )
    return n1, n2


def read_text(name: str, given: object, need: str) -> str:
    """Return ``given`` if it is a text.

    Raises
    ------
    TypeError
        It is not a text.
    """
    if not isinstance(given, str):
        raise TypeError(f"{name} is {kind(given)}; give {need}")
    return str(given)


def read_levels(given: object) -> Any:
    """Return the levels of contours: None, how many, or values in ascending order.

    Raises
    ------
    TypeError
        They hold no numbers.
    ValueError
        They are not finite, or no list.
    """
    if given is None or 0 in shape_of(given):
        return given
    levels = read_array("levels", given, need="how many, or a list of values")
    if levels.ndim == 0:
        return read_integer("levels", given, least=1, most=MOST_COPIES)
    if levels.ndim > 1:
        raise ValueError(f"levels has shape {levels.shape}; give how many, or a list of values")
    return np.unique(levels)


def read_places(given: object) -> Any:
    """Return where contours are labelled: None, False, or points (n, 2). True would wait for clicks of the mouse.

    Raises
    ------
    TypeError
        It holds no numbers.
    ValueError
        It has another shape.
    """
    if given is None or given is False:
        return given
    places = read_array("at", given, need="points (x, y), False or None")
    if places.ndim != 2 or places.shape[1] != 2:
        raise ValueError(
            f"at must be a list of points (x, y); got the shape {places.shape}: give False for labels anywhere, or "
            "None for no labels"
        )
    return places.tolist()
