"""Outlines of patches: functions f(x, y) that are true inside, for ``lat.patch(...)``."""

from collections.abc import Callable

import numpy as np

from latticepol.arrays import read_number

Shape = Callable[[float, float], bool]

#: Sites on the outline belong to the patch, whatever their rounding.
ON_THE_LINE = 1e-9


def disk(radius: float) -> Shape:
    """Return the disk ``x^2 + y^2 <= radius^2``."""
    radius = _length("radius", radius)
    return lambda x, y: bool(np.hypot(x, y) <= radius + ON_THE_LINE)


def rectangle(lx: float, ly: float) -> Shape:
    """Return the rectangle ``|x| <= lx/2`` and ``|y| <= ly/2``."""
    lx, ly = _length("lx", lx), _length("ly", ly)
    return lambda x, y: bool(abs(x) <= lx / 2 + ON_THE_LINE and abs(y) <= ly / 2 + ON_THE_LINE)


def hexagon(radius: float, *, angle: float = 0.0) -> Shape:
    """Return a regular hexagon, its corners at the distance ``radius``, the first in the direction ``angle``.

    On the honeycomb angle 0 gives zigzag edges and pi/6 armchair edges.
    """
    radius, angle = _length("radius", radius), read_number("angle", angle, need="an angle in radians")
    normals = angle + np.pi * (np.arange(3) / 3 + 1 / 6)
    apothem = radius * np.cos(np.pi / 6)
    return lambda x, y: bool((np.abs(x * np.cos(normals) + y * np.sin(normals)) <= apothem + ON_THE_LINE).all())


def _length(name: str, value: float) -> float:
    return float(read_number(name, value, above=0, need="a length"))
