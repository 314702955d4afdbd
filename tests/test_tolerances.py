"""A tolerance below 1e-9 has a name at the head of its file and its reason beside it: see tolerances.md."""

import ast
from pathlib import Path

import pytest

HERE = Path(__file__).parent
FINE = 1e-9
KEYWORDS = {"rel", "abs", "rtol", "atol"}


def below(tree):
    """The literals of a piece of code that are too small for a tolerance without a reason."""
    numbers = (node for node in ast.walk(tree) if isinstance(node, ast.Constant))
    return [node for node in numbers if isinstance(node.value, float) and 0 < node.value < FINE * (1 - 1e-6)]


def nameless(tree):
    """The lines of comparisons, and of keywords of functions that compare, with such a literal in them."""
    compared = [node for node in ast.walk(tree) if isinstance(node, ast.Compare)]
    given = [node.value for node in ast.walk(tree) if isinstance(node, ast.keyword) and node.arg in KEYWORDS]
    return sorted({number.lineno for part in compared + given for number in below(part)})


def unexplained(tree, lines):
    """The lines of constants at the head of a file with such a literal but no comment in them or above them."""
    heads = [node for node in tree.body if isinstance(node, ast.Assign) and below(node.value)]
    return [
        node.lineno
        for node in heads
        if "#" not in lines[node.lineno - 1] and not lines[node.lineno - 2].startswith("#")
    ]


@pytest.mark.parametrize("path", sorted(HERE.rglob("*.py")), ids=lambda path: str(path.relative_to(HERE)))
def test_small_tolerances_have_a_name_and_a_reason(path):
    text = path.read_text(encoding="utf-8")
    tree = ast.parse(text)
    assert nameless(tree) == []
    assert unexplained(tree, text.splitlines()) == []
