"""No odd input ends in a bare error, a number that means nothing, a hang or a crash (tests/fuzz/run.py)."""

import pytest
from fuzz.run import faults, judged, table

#: Some seconds of one processor, most of it in the plain calls of the doors; thousands in the slow suite.
FEW, MANY = 40, 40_000


def _check(seed: int, count: int) -> None:
    outcomes = list(judged(seed, range(count)))
    found = faults(outcomes)
    calls = "\n".join(
        f"{fault['kind']} in {fault['place']}: {fault['case']}: {fault['words']}\n"
        f"    python tests/fuzz/run.py --seed {seed} --case {fault['number']}"
        for fault in found
    )
    assert not found, f"{calls}\n{table(outcomes)}"


def test_forty_odd_inputs():
    _check(0, FEW)


@pytest.mark.slow
def test_thousands_of_odd_inputs():
    _check(1, MANY)
