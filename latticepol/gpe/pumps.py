"""Pumps: where and when the light is on. They add, scale, and may be multiplied by an envelope in time.

spot = lp.pumps.gaussian(2.0, fwhm=10.0) + 0.1 * lp.pumps.uniform(1.0)
W = spot * lp.pumps.ramp(0.0, 50.0)
P = lp.pumps.ring(3.0, radius=8.0, fwhm=2.0).circular(0.3)
"""

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from latticepol.grid import Grid

LN2 = math.log(2.0)


@dataclass(frozen=True)
class Envelope:
    """A factor f(t) of a pump: ``ramp``, ``pulse`` or ``envelope(function)``.

    ``largest`` is the most it reaches, None where that is not known.
    """

    name: str
    function: Callable[[float], Any]
    largest: float | None = None

    def __call__(self, t: float) -> Any:
        """The factor at time t."""
        return self.function(t)

    def __repr__(self) -> str:
        return self.name


@dataclass(frozen=True)
class Spot:
    """One profile f(x, y) with an optional envelope, circularity c and finest structure (for the resolution check)."""

    name: str
    function: Callable[[np.ndarray, np.ndarray], Any]
    finest: float = math.inf
    circularity: float | None = None
    envelope: Envelope | None = None

    def on(self, grid: Grid) -> np.ndarray:
        """The profile on the grid, (ny, nx), or (2, ny, nx) where the pump is circular."""
        grid.resolve(self.name, self.finest)
        values = np.asarray(self.function(*grid.points)) + np.zeros(grid.shape)
        if self.circularity is None:
            return values
        return np.stack([(1 + self.circularity) * values, (1 - self.circularity) * values])

    def __repr__(self) -> str:
        circular = "" if self.circularity is None else f".circular({self.circularity:g})"
        return f"{self.name}{circular}" + (f" * {self.envelope!r}" if self.envelope else "")


@dataclass(frozen=True)
class Pump:
    """A sum of weighted spots. Anywhere a profile is expected a pump may stand."""

    spots: tuple[tuple[float, Spot], ...]

    @property
    def polarised(self) -> bool:
        """Whether the two spins may be pumped differently."""
        return any(spot.circularity is not None for _, spot in self.spots)

    def parts(self, grid: Grid) -> list[tuple[np.ndarray, Envelope | None]]:
        """(array on the grid, envelope or None) of each spot."""
        return [(weight * spot.on(grid), spot.envelope) for weight, spot in self.spots]

    def __add__(self, other: "Pump") -> "Pump":
        return Pump(self.spots + other.spots) if isinstance(other, Pump) else NotImplemented

    def __mul__(self, factor: float | Envelope) -> "Pump":
        if isinstance(factor, Envelope):
            return Pump(
                tuple((weight, replace(spot, envelope=_product(spot.envelope, factor))) for weight, spot in self.spots)
            )
        if isinstance(factor, int | float | complex | np.number):
            return Pump(tuple((weight * factor, spot) for weight, spot in self.spots))
        return NotImplemented

    __rmul__ = __mul__

    def circular(self, c: float) -> "Pump":
        """The pump with degree of circular polarisation c: P_+- = (1 +- c) P.

        Raises
        ------
        ValueError
            |c| > 1.
        """
        if not abs(c) <= 1:
            raise ValueError(f"circularity = {c} is not between -1 and 1; P_+- = (1 +- c) P would be negative")
        return Pump(tuple((weight, replace(spot, circularity=float(c))) for weight, spot in self.spots))

    def __repr__(self) -> str:
        return " + ".join(repr(spot) if weight == 1 else f"{weight:g} * {spot!r}" for weight, spot in self.spots)


def uniform(strength: float) -> Pump:
    """The same strength everywhere."""
    return Pump(((1.0, Spot(f"uniform({strength:g})", lambda x, y: strength + 0 * x)),))


def gaussian(strength: float, *, fwhm: float, center: tuple[float, float] = (0.0, 0.0)) -> Pump:
    """``strength exp(-4 ln2 r^2/fwhm^2)``, r the distance from ``center``."""
    return supergaussian(strength, fwhm=fwhm, order=1, center=center, name="gaussian")


def supergaussian(
    strength: float,
    *,
    fwhm: float,
    order: float = 4,
    center: tuple[float, float] = (0.0, 0.0),
    name: str = "supergaussian",
) -> Pump:
    """``strength exp(-ln2 (2 r/fwhm)^(2 order))``: flat top and steep edge for a large order."""
    _positive("fwhm", fwhm)
    _positive("order", order)

    def spot(x: np.ndarray, y: np.ndarray) -> np.ndarray:
        return strength * np.exp(-LN2 * (2 * _distance(x, y, center) / fwhm) ** (2 * order))

    return Pump(
        ((1.0, Spot(f"{name}({strength:g}, fwhm={fwhm:g}, order={order:g}, center={center})", spot, fwhm / order)),)
    )


def ring(strength: float, *, radius: float, fwhm: float, center: tuple[float, float] = (0.0, 0.0)) -> Pump:
    """``strength exp(-4 ln2 (r - radius)^2/fwhm^2)``."""
    _positive("radius", radius)
    _positive("fwhm", fwhm)

    def spot(x: np.ndarray, y: np.ndarray) -> np.ndarray:
        return strength * np.exp(-4 * LN2 * ((_distance(x, y, center) - radius) / fwhm) ** 2)

    return Pump(((1.0, Spot(f"ring({strength:g}, radius={radius:g}, fwhm={fwhm:g}, center={center})", spot, fwhm)),))


def profile(function: Any) -> Pump:
    """A pump from an array (ny, nx) or a function f(x, y), so that it can be added, scaled and switched."""
    call = function if callable(function) else lambda x, y: np.asarray(function)
    return Pump(((1.0, Spot(f"profile({getattr(function, '__name__', 'array')})", call)),))


def ramp(start: float, end: float) -> Envelope:
    """0 before ``start``, 1 after ``end``, sin^2 in between."""
    if not end > start:
        raise ValueError(f"ramp from {start} to {end} takes no time; give start < end")

    def factor(t: float) -> float:
        return math.sin(0.5 * math.pi * min(max((t - start) / (end - start), 0.0), 1.0)) ** 2

    return Envelope(f"ramp({start:g}, {end:g})", factor, largest=1.0)


def pulse(center: float, *, fwhm: float) -> Envelope:
    """``exp(-4 ln2 (t - center)^2/fwhm^2)``."""
    _positive("fwhm", fwhm)

    def factor(t: float) -> float:
        return math.exp(-4 * LN2 * ((t - center) / fwhm) ** 2)

    return Envelope(f"pulse({center:g}, fwhm={fwhm:g})", factor, largest=1.0)


def envelope(function: Callable[[float], Any]) -> Envelope:
    """Any function of time as a factor."""
    return Envelope(f"envelope({getattr(function, '__name__', repr(function))})", function)


def _product(first: Envelope | None, second: Envelope) -> Envelope:
    if first is None:
        return second
    known = first.largest is not None and second.largest is not None
    largest = first.largest * second.largest if known else None  # type: ignore[operator]
    return Envelope(f"{first!r} * {second!r}", lambda t: first(t) * second(t), largest)


def _distance(x: np.ndarray, y: np.ndarray, center: tuple[float, float]) -> np.ndarray:
    return np.hypot(x - center[0], y - center[1])


def _positive(name: str, value: float) -> None:
    if not value > 0:
        raise ValueError(f"{name} = {value} is not positive; give a length, time or number > 0")
