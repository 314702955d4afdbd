"""Pumps: where and when the light is on. They add, scale, and may be multiplied by an envelope in time.

spot = lp.pumps.gaussian(2.0, fwhm=10.0) + 0.1 * lp.pumps.uniform(1.0)
W = spot * lp.pumps.ramp(0.0, 50.0)
P = lp.pumps.ring(3.0, radius=8.0, fwhm=2.0).circular(0.3)

On a lattice, whose traps may be the blueshift of the pump itself (a number times the pump is a potential too):

W = lp.pumps.on_sites(lp.pumps.ring(2.0, radius=0.4, fwhm=0.3), lp.lattice.honeycomb())
terms = [lp.Gain(W, Gamma, eta), lp.Potential(3.0 * W)]
"""

import math
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar

import numpy as np

from latticepol.arrays import read_array, read_integer, read_number, shape_of
from latticepol.errors import check_function, kind
from latticepol.gpe.profiles.envelopes import Envelope, product
from latticepol.gpe.profiles.places import DECAY, Function, Given, Sites, Waves, alone, shortest_waves
from latticepol.gpe.terms.base import held
from latticepol.grid import Grid
from latticepol.lattice import Lattice
from latticepol.lattice.checks import real
from latticepol.timing import ALWAYS, Timing

LN2 = math.log(2.0)
#: Lengths of waves; no grid resolves more.
MOST_SHELLS = 1000
#: A spot of which no more than this part is on the grid is not there.
ABSENT = 0.01
#: Longest step, as a part of the time of a ramp.
RAMP_STEP = 0.25
#: Longest step, as a part of the width of a pulse, whose sum over equal steps is then its integral to 1e-6.
PULSE_STEP = 0.5
#: Widths beyond which a pulse is below 1e-19 of its peak.
PULSE_REACH = 4.0


@dataclass(frozen=True)
class Spot:
    """One profile f(x, y) with an optional envelope, circularity c and finest structure (for the resolution check).

    ``reach`` is the distance from the origin beyond which it is zero to rounding, ``peak`` its largest size, where that
    is known; ``place`` puts it on a grid, with a warning where nothing of it is there.
    """

    name: str
    function: Function
    finest: float = math.inf
    circularity: float | None = None
    envelope: Envelope | None = None
    reach: float = math.inf
    peak: float = 0.0
    place: Callable[[Function, Grid], Any] = alone

    def on(self, grid: Grid) -> np.ndarray:
        """Return the profile on the grid, (ny, nx), or (2, ny, nx) where the pump is circular."""
        grid.resolve(self.name, self.finest)
        values = read_array(self.name, self.place(self.function, grid), real=False, need="an array (ny, nx)")
        if values.shape not in ((), (1, 1), grid.shape):
            raise ValueError(f"{self.name} must have shape {grid.shape}, which is (ny, nx); got {values.shape}")
        values = values + np.zeros(grid.shape)
        if np.abs(values).max() < ABSENT * abs(self.peak):
            warnings.warn(
                f"{self.name} is not on the grid: its largest value there is {np.abs(values).max():.3g}; move its "
                f"center, or give a larger cell than {grid!r}",
                stacklevel=2,
            )
        if self.circularity is None:
            return values
        return np.stack([(1 + self.circularity) * values, (1 - self.circularity) * values])

    def __repr__(self) -> str:
        circular = "" if self.circularity is None else f".circular({self.circularity:g})"
        return f"{self.name}{circular}" + (f" * {self.envelope!r}" if self.envelope else "")


@dataclass(frozen=True)
class Pump:
    """A sum of weighted spots. Anywhere a profile is expected a pump may stand."""

    spots: tuple[tuple[complex, Spot], ...]

    def __post_init__(self) -> None:
        pairs = isinstance(self.spots, tuple) and all(isinstance(one, tuple) and len(one) == 2 for one in self.spots)
        if not pairs or not all(isinstance(spot, Spot) for _, spot in self.spots):
            raise TypeError(
                f"spots must be pairs of a weight and a Spot; got {kind(self.spots)}: make a pump by "
                "lp.pumps.gaussian, uniform, profile, ..."
            )

    #: An array of numpy times a pump asks the pump, not each of its elements.
    __array_ufunc__: ClassVar[None] = None

    @property
    def polarised(self) -> bool:
        """Whether the two spins may be pumped differently."""
        return any(spot.circularity is not None for _, spot in self.spots)

    def parts(self, grid: Grid) -> list[tuple[np.ndarray, Envelope | None]]:
        """Return the array on the grid and the envelope (or None) of each spot."""
        return [(weight * spot.on(grid), spot.envelope) for weight, spot in self.spots]

    def __add__(self, other: "Pump") -> "Pump":
        return Pump(self.spots + other.spots) if isinstance(other, Pump) else NotImplemented

    def __mul__(self, factor: float | Envelope) -> "Pump":
        if isinstance(factor, Envelope):
            return Pump(
                tuple((weight, replace(spot, envelope=_joined(spot.envelope, factor))) for weight, spot in self.spots)
            )
        if isinstance(factor, Pump | str) or callable(factor) or shape_of(factor):
            return NotImplemented
        number = read_number("the factor of a pump", factor, real=False)
        return Pump(tuple((weight * number, spot) for weight, spot in self.spots))

    __rmul__ = __mul__

    def circular(self, c: float) -> "Pump":
        """Return the pump with degree of circular polarisation c: P_+- = (1 +- c) P.

        Of a power, as in ``lp.Reservoir``, the sum of both spins stays as it is, and c = 1 doubles that of one of them.
        As the amplitude of a ``lp.Drive`` F_+- = (1 +- c) F: c = 1 doubles an amplitude, its intensity |F_+|^2 is 4
        times that of F, and the degree of circular polarisation of the light is 2 c/(1 + c^2).

        Raises
        ------
        ValueError
            |c| > 1.
        """
        need = "a degree of polarisation from -1 to 1, since P_+- = (1 +- c) P"
        number = read_number("circularity", c, least=-1.0, most=1.0, need=need)
        return Pump(tuple((weight, replace(spot, circularity=number)) for weight, spot in self.spots))

    def __repr__(self) -> str:
        return " + ".join(repr(spot) if weight == 1 else f"{weight:g} * {spot!r}" for weight, spot in self.spots)


def uniform(strength: float) -> Pump:
    """Return the pump of the same strength everywhere."""
    strength = _strength(strength)
    return Pump(((1.0, Spot(f"uniform({strength:g})", lambda x, y: strength + 0 * x)),))


def gaussian(strength: float, *, fwhm: float, center: tuple[float, float] = (0.0, 0.0)) -> Pump:
    """Return the pump ``strength exp(-4 ln2 r^2/fwhm^2)``, r the distance from ``center``."""
    return supergaussian(strength, fwhm=fwhm, order=1, center=center, name="gaussian")


def supergaussian(
    strength: float,
    *,
    fwhm: float,
    order: float = 4,
    center: tuple[float, float] = (0.0, 0.0),
    name: str = "supergaussian",
) -> Pump:
    """Return the pump ``strength exp(-ln2 (2 r/fwhm)^(2 order))``: flat top and steep edge for a large order."""
    strength, center = _strength(strength), _center(center)
    fwhm, order = _positive("fwhm", fwhm), _positive("order", order)

    def spot(x: np.ndarray, y: np.ndarray) -> np.ndarray:
        return strength * np.exp(-LN2 * (2 * _distance(x, y, center) / fwhm) ** (2 * order))

    if not isinstance(name, str):
        raise TypeError(f"name is {kind(name)}; give a text")
    text = f"{name}({strength:g}, fwhm={fwhm:g}, order={order:g}, center={center})"
    reach = math.hypot(*center) + 0.5 * fwhm * (DECAY / LN2) ** (0.5 / order)
    return Pump(((1.0, Spot(text, spot, fwhm / order, reach=reach, peak=strength)),))


def ring(strength: float, *, radius: float, fwhm: float, center: tuple[float, float] = (0.0, 0.0)) -> Pump:
    """Return the pump ``strength exp(-4 ln2 (r - radius)^2/fwhm^2)``."""
    strength, center = _strength(strength), _center(center)
    radius, fwhm = _positive("radius", radius), _positive("fwhm", fwhm)

    def spot(x: np.ndarray, y: np.ndarray) -> np.ndarray:
        return strength * np.exp(-4 * LN2 * ((_distance(x, y, center) - radius) / fwhm) ** 2)

    text = f"ring({strength:g}, radius={radius:g}, fwhm={fwhm:g}, center={center})"
    reach = math.hypot(*center) + radius + 0.5 * fwhm * math.sqrt(DECAY / LN2)
    return Pump(((1.0, Spot(text, spot, fwhm, reach=reach, peak=strength)),))


def profile(function: object, *, reach: float = math.inf) -> Pump:
    """Return a pump from an array (ny, nx) or a function f(x, y), so that it can be added, scaled and switched.

    A DataArray is taken by the names of its dimensions and interpolated by its coordinates x and y.

    ``reach`` is the distance from the origin beyond which a function counts as zero, for :func:`on_sites`.
    """
    reach = _positive("reach", reach, finite=False)
    if callable(function):
        check_function("function", function, "x", "y")
        name = getattr(function, "__name__", "array")
        return Pump(((1.0, Spot(f"profile({name})", function, reach=reach)),))
    if reach < math.inf:
        raise ValueError(
            f"reach must be left out with an array; got {reach}: give a function f(x, y) to repeat it on sites"
        )
    if isinstance(function, str | bool | Pump):
        raise TypeError(f"profile is {kind(function)}; give an array (ny, nx) or a function f(x, y)")
    return Pump(((1.0, Spot("profile(array)", _nothing, place=Given(held("profile", function)))),))


def on_sites(pump: Pump, lattice: Lattice, *, weights: object = None) -> Pump:
    """Return the pump repeated on every site: ``sum_n weights_n f(r - r_n)``, f the pump seen from the origin.

    On a crystal (d = 2) the sum runs over the whole plane, and the cell of the grid must be a supercell of the
    lattice: its primitive cell (with any Bloch phase q), that of ``lattice.supercell(...)``, a rectangle of whole
    cells. A ribbon (d = 1) and a patch (d = 0) lie in the cell of the grid and repeat with it; for a ribbon one vector
    of the cell is a whole number of its A1.

    Parameters
    ----------
    pump
        Made at the origin: ``gaussian``, ``supergaussian``, ``ring``, ``profile(f, reach=...)``, their sums; envelopes
        and circularity are kept.
    lattice
        Where. A patch is moved by ``lattice.replace(basis=...)``.
    weights
        Factors (N,) of the sites of the lattice, the same in every cell; None: 1. Disorder,
        ``1 + lattice.site_disorder(0.1, rng=1)``, needs a supercell or a patch.

    Raises
    ------
    TypeError
        pump is not a pump, or lattice not a lattice.
    ValueError
        A spot does not end, or is on sites already; the shape of the weights is wrong. On a grid: the spot is not
        resolved, the lattice does not fit the cell, or a site lies outside of it.
    """
    if not isinstance(pump, Pump) or not isinstance(lattice, Lattice):
        raise TypeError(
            f"pump is {kind(pump)}, lattice {kind(lattice)}; give on_sites(pump, lattice), for example "
            "on_sites(lp.pumps.gaussian(1.0, fwhm=0.4), lp.lattice.honeycomb())"
        )
    n = len(lattice.basis)
    factors = tuple(real("weights", np.ones(n) if weights is None else weights, (n,), ("site",)).tolist())
    weighted = "" if weights is None else f", weights from {min(factors):.6g} to {max(factors):.6g}"

    def repeated(spot: Spot) -> Spot:
        if spot.place is not alone or not spot.reach < math.inf:
            raise ValueError(
                f"{spot.name} does not end, and its sum over the sites of a lattice has no limit; give a spot or a "
                "ring, or a function that is zero beyond a distance: lp.pumps.profile(f, reach=...)"
            )
        name = f"on_sites({spot.name}, {lattice.name}{weighted})"
        return replace(spot, name=name, place=Sites(lattice, spot.reach, factors))

    return Pump(tuple((weight, repeated(spot)) for weight, spot in pump.spots))


def cosines(strength: float, lattice: Lattice, *, shells: int = 1) -> Pump:
    """Return the pump ``strength sum_G cos(G.r)`` over the shortest reciprocal vectors, one of each pair +-G.

    On the honeycomb these are three cosines, whose sum is -3/2 on the sites and 3 in the middle of the hexagons: a
    positive strength is a potential with its minima on the sites, a negative one added to ``uniform`` a pump that is
    stronger there. On the square, triangular and kagome lattices the origin is a site and a maximum.

    Parameters
    ----------
    strength
        Of each cosine.
    lattice
        Its vectors (rows A1..) say which G there are; those of ``lattice.supercell(...)`` are shorter. Of a ribbon or a
        chain: along A1.
    shells
        How many lengths |G|, all with the same strength.

    Raises
    ------
    ValueError
        The lattice is a patch. On a grid: half a wave of the largest G spans fewer than three points, or the cell is no
        supercell of the lattice.
    """
    strength, shells = _strength(strength), read_integer("shells", shells, least=1, most=MOST_SHELLS)
    waves = shortest_waves(lattice, shells)

    def spot(x: np.ndarray, y: np.ndarray) -> np.ndarray:
        total: np.ndarray = strength * sum(np.cos(gx * x + gy * y) for gx, gy in waves.tolist())
        return total

    text = f"cosines({strength:g}, {lattice.name}{f', shells={shells}' if shells > 1 else ''})"
    finest = math.pi / float(np.linalg.norm(waves, axis=1).max())
    return Pump(((1.0, Spot(text, spot, finest, place=Waves(lattice))),))


def ramp(start: float, end: float) -> Envelope:
    """Return the envelope that is 0 before ``start``, 1 after ``end``, and sin^2 in between."""
    start, end = (read_number(name, t, need="a time") for name, t in (("start", start), ("end", end)))
    if not end > start:
        raise ValueError(f"ramp from {start} to {end} takes no time; give start < end")

    def factor(t: float) -> float:
        return math.sin(0.5 * math.pi * min(max((t - start) / (end - start), 0.0), 1.0)) ** 2

    timing = Timing((start, end), ((start, end, RAMP_STEP * (end - start)),), (start, math.inf))
    return Envelope(f"ramp({start:g}, {end:g})", factor, 1.0, timing)


def pulse(center: float, *, fwhm: float) -> Envelope:
    """Return the envelope ``exp(-4 ln2 (t - center)^2/fwhm^2)``."""
    center = read_number("center", center, need="a time")
    fwhm = read_number("fwhm", fwhm, above=0, need="a time")

    def factor(t: float) -> float:
        x = (t - center) / fwhm
        return math.exp(-4 * LN2 * x * x)  # a power of a large number would raise

    first, last = center - PULSE_REACH * fwhm, center + PULSE_REACH * fwhm
    timing = Timing((), ((first, last, PULSE_STEP * fwhm),), (first, last))
    return Envelope(f"pulse({center:g}, fwhm={fwhm:g})", factor, 1.0, timing)


def envelope(
    function: Callable[[float], object], breakpoints: Sequence[float] = (), shortest: float | None = None
) -> Envelope:
    """Return any function of time as an envelope, which may say when it changes.

    Parameters
    ----------
    function
        f(t).
    breakpoints
        Times at which f or a derivative of it jumps. Steps of ``lp.evolve`` end there and keep their order.
    shortest
        The shortest time in which f changes: steps that adapt are no longer. ``math.inf`` where f changes at its
        breakpoints only. None: not known, and ``lp.evolve`` with ``tol`` says what longest step it takes.

    Raises
    ------
    TypeError
        function is not a function, or breakpoints or shortest are not numbers.
    ValueError
        A breakpoint is not finite, shortest <= 0.
    """
    if not callable(function):
        raise TypeError(f"function is {kind(function)}; give a function of time, for example lambda t: np.cos(t) ** 2")
    check_function("function", function, "t")
    times = np.atleast_1d(read_array("breakpoints", breakpoints, need="times"))
    if times.ndim > 1:
        raise ValueError(f"breakpoints has shape {times.shape}; give a list of times")
    name = f"envelope({getattr(function, '__name__', repr(function))})"
    jumps = tuple(sorted(set(times.tolist())))
    if shortest is None:
        return Envelope(name, function, None, Timing(jumps, unknown=(name,)))
    longest = read_number("shortest", shortest, above=0, finite=False, need="a time")
    return Envelope(name, function, None, Timing(jumps, ((*ALWAYS, longest),)))


def _joined(first: Envelope | None, second: Envelope) -> Envelope:
    return second if first is None else product(first, second)


def _distance(x: np.ndarray, y: np.ndarray, center: tuple[float, float]) -> np.ndarray:
    return np.hypot(x - center[0], y - center[1])


def _nothing(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    return 0 * x


def _strength(given: object) -> Any:
    return read_number("strength", given, real=False)


def _center(given: object) -> tuple[float, float]:
    center = read_array("center", given, need="a point (x, y)")
    if center.shape != (2,):
        raise ValueError(f"center has shape {center.shape}; give a point (x, y)")
    x, y = center.tolist()
    return x, y


def _positive(name: str, value: object, *, finite: bool = True) -> float:
    return read_number(name, value, above=0, finite=finite, need="a length, time or number > 0")
