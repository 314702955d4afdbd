"""Factors of a pump that depend on time and say when they change."""

import dis
import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from latticepol.timing import ALWAYS, Timing, timing_of


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
        """Return the factor at time t."""
        return self.function(t)

    def __repr__(self) -> str:
        return self.name


def product(first: Any, second: Any) -> Envelope:
    """Return the product of two functions of time."""
    largest: list[Any] = [getattr(one, "largest", None) for one in (first, second)]
    known = None if None in largest else largest[0] * largest[1]
    names = [repr(one) if isinstance(one, Envelope) else getattr(one, "__name__", repr(one)) for one in (first, second)]
    return Envelope(" * ".join(names), lambda t: first(t) * second(t), known, timing_of(first) * timing_of(second))


def carrier(omega: float) -> Envelope:
    """Return ``exp(-i omega t)``, of which a step sees a quarter of a period at most."""
    spans = ((*ALWAYS, 0.5 * math.pi / abs(omega)),)
    return Envelope(f"carrier({omega:g})", _Carrier(omega), 1.0, Timing(spans=spans))


@dataclass(frozen=True)
class _Carrier:
    omega: float

    def __call__(self, t: float) -> complex:
        return complex(math.cos(self.omega * t), -math.sin(self.omega * t))


def reads(function: object, position: int) -> bool:
    """Return whether the code of a function uses its argument at a position; True where there is no code to look at."""
    code = getattr(function, "__code__", None)
    if code is None or code.co_argcount <= position:
        return True
    name = code.co_varnames[position]
    loads = (one.argval for one in dis.get_instructions(code) if one.opname.startswith("LOAD"))
    return any(name == value or (isinstance(value, tuple) and name in value) for value in loads)
