"""Which tests .ci/run selects for other machines, read from what is in their files."""

import re
from functools import cache
from pathlib import Path

#: An experiment and the file of its tests have one name; the pages show experiments.
EXPERIMENTS = {f"test_{folder.name}" for folder in Path(__file__).parents[2].glob("experiments/*/")} | {"test_docs"}
#: What is killed, locked and lost: minutes of processes, whose numbers only tell one run from another.
PROCESSES = {"test_lost_runs", "test_lost_files", "test_lost_checkpoints", "test_runs_at_once", "test_shared_store"}
#: Numbers that are compared: within a tolerance by a function, bit for bit, or with a bound that has a name in capitals
#: or an exponent.
COMPARED = re.compile(
    r"\b(?:approx|allclose|isclose|assert_allclose|array_equal|assert_array_equal|identical|assert_identical|equals)\("
    r"|<=? ?(?:[\w.()]+ ?\* ?)*(?:[A-Z][A-Z_]{2,}|\d(?:\.\d+)?e-\d+)"
)


def compares(text: str) -> bool:
    """Whether a file of tests compares numbers, which other kernels and libraries may round otherwise."""
    return bool(COMPARED.search(text))


@cache
def marks(path: Path) -> frozenset[str]:
    """Of all tests in a file: "experiment", or "numeric". An experiment that is to be both says so itself."""
    if path.stem in EXPERIMENTS:
        return frozenset({"experiment"})
    numeric = path.stem not in PROCESSES and compares(path.read_text(encoding="utf-8"))
    return frozenset({"numeric"} if numeric else ())
