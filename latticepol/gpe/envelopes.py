"""Functions of time that say when they change, so that no step jumps over a pulse and none smooths a jump out."""

import dis
import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import reduce
from typing import Any

#: The whole of time.
ALWAYS = (-math.inf, math.inf)


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
        """That of two functions side by side."""
        return Timing(
            tuple(sorted({*self.breakpoints, *other.breakpoints})),
            (*self.spans, *other.spans),
            (min(self.support[0], other.support[0]), max(self.support[1], other.support[1])),
            (*self.unknown, *(name for name in other.unknown if name not in self.unknown)),
        )

    def __mul__(self, other: "Timing") -> "Timing":
        """That of a product, which is zero where one of them is."""
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
        """The longest step between two times, infinity where any would do."""
        return min((step for a, b, step in self.spans if a < end and b > start), default=math.inf)

    def inside(self, start: float, end: float) -> tuple[float, float]:
        """The first and the last time at which to ask for values between two times.

        At a breakpoint the value belongs to the side one comes from or goes to; elsewhere nothing has to be avoided.
        """
        at_start = [t for t in self.breakpoints if close(t, start)]
        at_end = [t for t in self.breakpoints if close(t, end)]
        first = math.nextafter(max([*at_start, start]), math.inf) if at_start else -math.inf
        last = math.nextafter(min([*at_end, end]), -math.inf) if at_end else math.inf
        return first, last


def close(first: float, second: float) -> bool:
    """Whether two times are one in the digits that are kept of a time."""
    return abs(first - second) <= 1e-11 * max(abs(first), abs(second))


@dataclass(frozen=True)
class Envelope:
    """A factor f(t) of a pump: ``ramp``, ``pulse`` or ``envelope(function)``.

    ``largest`` is the most it reaches, None where that is not known; ``timing`` says when it changes, None where
    nothing is known of that.
    """

    name: str
    function: Callable[[float], Any]
    largest: float | None = None
    timing: Timing | None = None

    def __call__(self, t: float) -> Any:
        """The factor at time t."""
        return self.function(t)

    def __repr__(self) -> str:
        return self.name


def timing(function: Any, name: str = "") -> Timing:
    """When a function of time changes, as far as it says so.

    Parameters
    ----------
    function
        Any; an ``Envelope`` knows.
    name
        How messages call it, in front of its own name.
    """
    known = getattr(function, "timing", None)
    if isinstance(known, Timing):
        return known
    own = getattr(function, "__name__", None) or repr(function)
    return Timing(unknown=(f"{name} = {own}" if name else own,))


def together(timings: Any) -> Timing:
    """That of all functions side by side."""
    return reduce(Timing.__or__, timings, Timing())


def product(first: Any, second: Any) -> Envelope:
    """The product of two functions of time."""
    largest: list[Any] = [getattr(one, "largest", None) for one in (first, second)]
    known = None if None in largest else largest[0] * largest[1]
    names = [repr(one) if isinstance(one, Envelope) else getattr(one, "__name__", repr(one)) for one in (first, second)]
    return Envelope(" * ".join(names), lambda t: first(t) * second(t), known, timing(first) * timing(second))


def carrier(omega: float) -> Envelope:
    """``exp(-i omega t)``, of which a step sees a quarter of a period at most."""
    spans = ((*ALWAYS, 0.5 * math.pi / abs(omega)),)
    return Envelope(f"carrier({omega:g})", _Carrier(omega), 1.0, Timing(spans=spans))


@dataclass(frozen=True)
class _Carrier:
    omega: float

    def __call__(self, t: float) -> complex:
        return complex(math.cos(self.omega * t), -math.sin(self.omega * t))


def reads(function: Any, position: int) -> bool:
    """Whether the code of a function uses its argument at a position; True where there is no code to look at."""
    code = getattr(function, "__code__", None)
    if code is None or code.co_argcount <= position:
        return True
    name = code.co_varnames[position]
    loads = (one.argval for one in dis.get_instructions(code) if one.opname.startswith("LOAD"))
    return any(name == value or (isinstance(value, tuple) and name in value) for value in loads)
