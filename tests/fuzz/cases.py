"""Cases: which door, which of its arguments, which odd values, all from a seed and a number; and the judgement."""

import functools
import inspect
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import xarray as xr
from fuzz.odd import CLOTHES, HOLD_NAN, ODD
from guises.check import plain
from guises.digest import bare, digest, holds_nan, where
from guises.doors import Door, all_doors
from guises.table import NOT_HERE, Data, Numbers

#: Door -> (variables that may be NaN, why); "" for all.
PADDED = {
    "fixed_points": ("", "the states of a point are padded to the largest number of them"),
    "folds": ("", "the folds of a point are padded"),
    "g_eff": ("", "NaN where there is no stable aligned state, with a warning"),
    "precession": ("", "NaN where there is no stable aligned state"),
    "pitchfork": ("", "NaN where there is no pitchfork"),
    "branches": ("", "curves of different lengths are padded"),
    "alignment_probability": ("probability standard_error", "NaN at delta = 0 and where nothing settled"),
    "stokes": ("polarisation", "the degrees are NaN where S = 0"),
    "spin_domains": ("correlation_length", "NaN where there is one sign only"),
    "g1": ("g1", "without a mean there is no coherence where the field is zero"),
    "sweep": ("", "failed points are NaN, with their message"),
    "ribbon": ("residual growth_rate", "of an empty lattice nothing is stationary"),
    "gap": ("", "no gap, no place"),
    "steady_state": ("growth_rate phase_mode", "absent without a search for it"),
}
#: Functions without a frame of their own: what they raise is theirs, though it looks like the caller's.
OF_C = ("builtin", "ufunc", "type float", "type of the value")
#: What a call could change.
MODIFIABLE = (np.ndarray, list, dict, xr.Dataset, xr.DataArray)
#: Arguments that are handed on as they are, with the reason.
HANDED_ON = {"ax": "its kind is checked", "style": "matplotlib's"}


@dataclass(frozen=True)
class Case:
    """One call: the door and (argument, name of the odd value) of what differs from its plain call."""

    number: int
    door: Door
    changes: tuple[tuple[str, str], ...]

    def __str__(self) -> str:
        given = ", ".join(f"{argument}=<{odd}>" for argument, odd in self.changes)
        return f"lp.{self.door}: {given}"


@dataclass(frozen=True)
class Outcome:
    """What was wrong with a case: its kind, where, and the words; kind "" where nothing was."""

    kind: str = ""
    place: str = ""
    words: str = ""


@functools.cache
def doors() -> tuple[Door, ...]:
    """All of them."""
    return tuple(all_doors())


def arguments(door: Door) -> dict[str, Any]:
    """Every argument of a door, given or not, with its clean value."""
    found = dict(door.given)
    for name, parameter in inspect.signature(door.function).parameters.items():
        if parameter.kind in (parameter.VAR_KEYWORD, parameter.VAR_POSITIONAL) or name in found:
            continue
        found[name] = None if parameter.default is parameter.empty else parameter.default
    return found


def case(seed: int, number: int, only: str = "") -> Case:
    """The case of this number."""
    rng = np.random.default_rng([seed, number])
    some = [door for door in doors() if not only or f"{door.name}.".startswith(f"{only}.")]
    names = sorted({door.name for door in some})
    name = names[rng.integers(len(names))]  # each name as often, whatever the number of its calls
    door = [door for door in some if door.name == name][rng.integers(sum(d.name == name for d in some))]
    there = [argument for argument in arguments(door) if argument not in HANDED_ON]
    several = min(len(there), 1 + int(rng.random() < 0.3))
    chosen = rng.choice(len(there), several, replace=False) if there else []
    table = [*ODD, *CLOTHES]
    return Case(number, door, tuple((there[i], table[rng.integers(len(table))]) for i in chosen))


@functools.cache
def plain_nan(door: Door) -> tuple[str, ...]:
    """Where the plain call gives NaN."""
    return tuple(holds_nan(door.read(door.call())))


def _clean(value: Any) -> Any:
    return value.clean if isinstance(value, Numbers | Data) else value


def _numeric(value: Any) -> bool:
    return isinstance(value, Numbers) or (isinstance(value, int | float | complex) and not isinstance(value, bool))


def values(chosen: Case) -> dict[str, Any]:
    """The odd values by argument; clothes only where there is a number to be clothed."""
    found = {}
    for argument, odd in chosen.changes:
        spec = arguments(chosen.door)[argument]
        if odd in CLOTHES:
            if _numeric(spec):
                made = CLOTHES[odd](spec if isinstance(spec, Numbers) else Numbers(spec))
                if made is not NOT_HERE:
                    found[argument] = made
        else:
            found[argument] = ODD[odd](_clean(spec))
    return found


def _frozen(given: dict[str, Any]) -> dict[str, str]:
    """Digest of what can be modified."""
    return digest({name: value for name, value in given.items() if isinstance(value, MODIFIABLE)})


def judge(chosen: Case) -> Outcome:
    """What is wrong with the call."""
    door, odd = chosen.door, values(chosen)
    given = door.clean() | odd
    before = _frozen(given)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            result = door.read(door.function(**given))
            found = digest(result)
    except Exception as error:
        wrong = bare(error)
        if wrong.endswith("of matplotlib") and isinstance(error, ValueError | TypeError):
            wrong = ""  # colours and other looks are handed on to it, and its texts name what is wrong
        if isinstance(error, OSError) and not error.__class__.__module__.startswith("latticepol") and error.errno:
            wrong = ""  # of the system, which names the file and says what is wrong with it
        if wrong.endswith("of Python") and any(name in OF_C for _, name in chosen.changes):
            wrong = ""
        if "the test" in wrong and isinstance(error, TypeError | ValueError | AttributeError):
            wrong = ""  # what the test makes of a result that an odd value allows
        return Outcome(wrong, where(error), f"{type(error).__name__}: {error}"[:200]) if wrong else Outcome()
    return next(_wrong(chosen, given, before, result, found), Outcome())


def _wrong(
    chosen: Case, given: dict[str, Any], before: dict[str, str], result: Any, found: dict[str, str]
) -> Iterator[Outcome]:
    place = f"{chosen.door.name}({', '.join(argument for argument, _ in chosen.changes)})"
    if _frozen(given) != before:
        yield Outcome("input modified", place)
    odd = [name for _, name in chosen.changes]
    if not set(odd) & set(HOLD_NAN) and not chosen.door.name.startswith("plot."):
        allowed = PADDED.get(chosen.door.name, ("none",))[0].split() or [""]
        usual = plain_nan(chosen.door)
        nan = [path for path in holds_nan(result) if path not in usual and not any(name in path for name in allowed)]
        if nan:
            yield Outcome("NaN in the result", place, ", ".join(nan)[:200])
    if all(name in CLOTHES for name in odd) and found != plain(chosen.door):
        clean = plain(chosen.door)
        other = sorted({path for path in {*found, *clean} if found.get(path) != clean.get(path)})
        yield Outcome("another result than that of the clean input", place, ", ".join(other)[:200])
