"""When functions of time change, so that no step jumps over a pulse and none smooths a jump out."""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from functools import reduce

#: The whole of time.
ALWAYS = (-math.inf, math.inf)
#: Significant digits of a time or a swept value that count: the others are rounding errors, of sums of steps or of
#: np.linspace for instance.
DIGITS = 12
#: Times that differ by less than this part of them are one: a run rounds them to as many digits.
SAME_TIME = 1e-11


def rounded(t: float) -> float:
    """Return t with ``DIGITS`` digits, without the rounding of the sum it came from."""
    return float(f"{t:.{DIGITS}g}") + 0.0  # no -0


@dataclass(frozen=True)
class Timing:
    """When functions of time change.

    Parameters
    ----------
    breakpoints
        Times at which one or a derivative of it jumps: a step across loses its order.
    spans
        (from, to, longest step): between these times a longer step would miss what happens.
    support
        The times between which there is anything at all.
    unknown
        Names of functions of which nothing is known.
    """

    breakpoints: tuple[float, ...] = ()
    spans: tuple[tuple[float, float, float], ...] = ()
    support: tuple[float, float] = ALWAYS
    unknown: tuple[str, ...] = ()

    def __or__(self, other: "Timing") -> "Timing":
        """Return that of two functions side by side."""
        return Timing(
            tuple(sorted({*self.breakpoints, *other.breakpoints})),
            (*self.spans, *other.spans),
            (min(self.support[0], other.support[0]), max(self.support[1], other.support[1])),
            (*self.unknown, *(name for name in other.unknown if name not in self.unknown)),
        )

    def __mul__(self, other: "Timing") -> "Timing":
        """Return that of a product, which is zero where one of them is."""
        first, last = max(self.support[0], other.support[0]), min(self.support[1], other.support[1])
        both = self | other
        clipped = ((max(a, first), min(b, last), step) for a, b, step in both.spans)
        return Timing(
            tuple(t for t in both.breakpoints if first <= t <= last),
            tuple(span for span in clipped if span[0] < span[1]),
            (first, last),
            both.unknown,
        )

    @property
    def marks(self) -> tuple[float, ...]:
        """The breakpoints, and where the longest step changes."""
        edges = (t for start, end, _ in self.spans for t in (start, end) if math.isfinite(t))
        return tuple(sorted({*self.breakpoints, *edges}))

    def longest(self, start: float, end: float) -> float:
        """Return the longest step between two times, infinity where any would do."""
        return min((step for a, b, step in self.spans if a < end and b > start), default=math.inf)

    def inside(self, start: float, end: float) -> tuple[float, float]:
        """Return the first and the last time at which to ask for values between two times.

        At a breakpoint the value belongs to the side one comes from or goes to; elsewhere nothing has to be avoided.
        """
        at_start = [t for t in self.breakpoints if close(t, start)]
        at_end = [t for t in self.breakpoints if close(t, end)]
        first = math.nextafter(max([*at_start, start]), math.inf) if at_start else -math.inf
        last = math.nextafter(min([*at_end, end]), -math.inf) if at_end else math.inf
        return first, last


def close(first: float, second: float) -> bool:
    """Return whether two times are one in the digits that are kept of a time."""
    return abs(first - second) <= SAME_TIME * max(abs(first), abs(second))


def together(timings: Iterable[Timing]) -> Timing:
    """Return the timing of all functions side by side."""
    return reduce(Timing.__or__, timings, Timing())


def timing_of(function: object, name: str = "") -> Timing:
    """Return when a function of time changes, as far as it says so.

    Parameters
    ----------
    function
        Any; one with an attribute ``timing`` knows.
    name
        How messages call it, in front of its own name.
    """
    known = getattr(function, "timing", None)
    if isinstance(known, Timing):
        return known
    own = getattr(function, "__name__", None) or repr(function)
    return Timing(unknown=(f"{name} = {own}" if name else own,))
