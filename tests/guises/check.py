"""One argument of one door sent in all guises: what is wrong, as texts."""

import warnings
from typing import Any

from guises.digest import bare, digest, overwrite, where
from guises.doors import Door
from guises.table import OF_ONE, Data, guises

#: The same numbers that a slow door is sent in the fast suite. The arguments of others take turns at a third of them:
#: all doors convert by the same few functions. All is sent that is refused, which takes no time.
THIRD = 3
FEW = ("every second of a larger array", "the other byte order", "its dimensions turned")

#: Door -> digest of its plain call.
PLAIN: dict[str, dict[str, str]] = {}


def faults(door: Door, argument: str, turn: int | None = None) -> list[tuple[str, str, str]]:
    """(kind, guise, what happens) of everything that is wrong; none where all is right. With a turn few are sent."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        clean = plain(door)
        same, refused = (_without(door, argument, made) for made in guises(door.numbers()[argument]))
        found = []
        for number, (name, given) in enumerate(same.items()):
            if turn is None or (name in FEW if door.slow else number % THIRD == turn % THIRD):
                found += [(kind, name, text) for kind, text in _as_clean(door, argument, given, clean)]
        for name, given in refused.items():
            found += [(kind, name, text) for kind, text in _refused(door, argument, given)]
        found += [(kind, "C order", text) for kind, text in _own_numbers(door, argument, clean)]
    return found


def _without(door: Door, argument: str, made: dict[str, Any]) -> dict[str, Any]:
    several = OF_ONE if argument in door.several else ()
    return {name: given for name, given in made.items() if (argument, name) not in door.passes and name not in several}


def plain(door: Door) -> dict[str, str]:
    """What the plain call gives, computed once."""
    if str(door) not in PLAIN:
        PLAIN[str(door)] = digest(door.read(door.call()))
        assert PLAIN[str(door)], f"{door} gives no numbers"
    return PLAIN[str(door)]


def _as_clean(door: Door, argument: str, given: Any, clean: dict[str, str]) -> list[tuple[str, str]]:
    before = digest(given)
    try:
        result = digest(door.read(door.call(**{argument: given})))
    except Exception as error:
        return [("not taken", f"{type(error).__name__} in {where(error)}: {error}"[:300])]
    found = []
    if result != clean:
        other = sorted({path for path in {*result, *clean} if result.get(path) != clean.get(path)})
        found.append(("another result", ", ".join(other)[:200]))
    if digest(given) != before:
        found.append(("input modified", ""))
    return found


def _refused(door: Door, argument: str, given: Any) -> list[tuple[str, str]]:
    try:
        door.read(door.call(**{argument: given}))
    except Exception as error:
        wrong = bare(error)
        if wrong:
            return [("a bare error", f"{wrong} in {where(error)}: {error}"[:300])]
        named = any(name in str(error) for name in (argument, *door.numbers()[argument].names))
        return [] if named else [("does not name it", f"{where(error)}: {error}"[:300])]
    return [("taken", "")]


def _own_numbers(door: Door, argument: str, clean: dict[str, str]) -> list[tuple[str, str]]:
    """Whether what was made keeps its numbers when the argument is written over."""
    spec = door.numbers()[argument]
    given = spec.clean if isinstance(spec, Data) else spec.array
    try:
        made = door.call(**{argument: given})
        overwrite(given)
        after = digest(door.read(made))
    except Exception as error:
        return [("not taken", f"{type(error).__name__} in {where(error)}: {error}"[:300])]
    other = sorted(path for path in clean if after.get(path) != clean[path])
    return [("result aliases the input", ", ".join(other)[:200])] if other else []
