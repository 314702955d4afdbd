"""The same numbers in any guise give the same result at every door; what no equation takes is refused with a word."""

import pytest
from guises.check import faults
from guises.doors import NO_NUMBER, WITHOUT, all_doors, public

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


def test_every_door_is_sent_numbers_or_has_a_reason():
    sent = {door.name for door, _ in SENT}
    assert {door.name for door in DOORS} - sent == set(NO_NUMBER)
    reasons = [*NO_NUMBER.values(), *(why for door in DOORS for why in (*door.aside.values(), *door.passes.values()))]
    assert all(reasons)
    for door in DOORS:
        assert {*door.aside, *(argument for argument, _ in door.passes)} <= set(door.given)


@pytest.mark.parametrize(
    ("door", "argument", "turn"),
    [pytest.param(door, name, turn, id=_name(f"{door}-{name}")) for turn, (door, name) in enumerate(SENT)],
)
def test_same_numbers_same_result(door, argument, turn):
    found = faults(door, argument, turn)
    assert not found, _report(found)


@pytest.mark.slow
@pytest.mark.parametrize(("door", "argument"), SENT, ids=_name)
def test_same_numbers_same_result_in_every_guise(door, argument):
    found = faults(door, argument)
    assert not found, _report(found)
