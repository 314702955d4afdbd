"""The same numbers in any guise give the same result at every door; what no equation takes is refused with a word."""

import pytest
from guises.check import faults
from guises.doors import WITHOUT, all_doors, public

DOORS = all_doors()
SENT = [(door, argument) for door in DOORS for argument in door.numbers()]


def _name(value):
    return str(value).replace(" ", "_")


def _report(found):
    return "\n".join(f"{kind}: {guise}: {text}" for kind, guise, text in found)


def test_every_public_name_has_a_door():
    """Somebody who adds a public name adds its call to tests/guises, or a reason why it takes no numbers."""
    known = {door.name for door in DOORS} | set(WITHOUT)
    missing = [name for name in public() if name not in known]
    assert not missing, f"no call of {missing} in tests/guises/doors_*.py, and no reason in WITHOUT of doors.py"
    assert all(WITHOUT.values())
    assert not set(WITHOUT) - set(public())
    assert not set(WITHOUT) & {door.name for door in DOORS}


@pytest.mark.parametrize("name", sorted({door.name for door in DOORS}))
def test_every_door_has_numbers(name):
    """Or its reason."""
    for door in DOORS:
        if door.name == name:
            assert all(door.aside.values())


@pytest.mark.parametrize(("door", "argument"), SENT, ids=_name)
def test_same_numbers_same_result(door, argument):
    found = faults(door, argument, few=door.slow)
    assert not found, _report(found)


@pytest.mark.slow
@pytest.mark.parametrize(("door", "argument"), [(d, a) for d, a in SENT if d.slow], ids=_name)
def test_same_numbers_same_result_of_slow_doors(door, argument):
    found = faults(door, argument)
    assert not found, _report(found)
