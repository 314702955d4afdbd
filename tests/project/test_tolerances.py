"""A tolerance below 1e-9 has a name at the head of its file and a reason beside it (more of them: tolerances.md)."""

import ast
from pathlib import Path

HERE = Path(__file__).parents[1]
FINE = 1e-9
KEYWORDS = {"rel", "abs", "rtol", "atol"}


def below(tree):
    """The numbers of a piece of code that are too small for a tolerance without a reason."""
    numbers = (node for node in ast.walk(tree) if isinstance(node, ast.Constant))
    return [node for node in numbers if isinstance(node.value, float) and 0 < node.value < 0.999 * FINE]


def tolerances(tree):
    """What numbers are compared with: sides of comparisons, and keywords of functions that compare."""
    sides = [
        side for node in ast.walk(tree) if isinstance(node, ast.Compare) for side in (node.left, *node.comparators)
    ]
    keywords = [node for node in ast.walk(tree) if isinstance(node, ast.keyword)]
    return sides + [keyword.value for keyword in keywords if keyword.arg in KEYWORDS]


def nameless(tree):
    return sorted({number.lineno for part in tolerances(tree) for number in below(part)})


def unexplained(tree, lines):
    """Where such a number gets its name without a comment, in the line or above it."""
    used = {node.id for part in tolerances(tree) for node in ast.walk(part) if isinstance(node, ast.Name)}
    found = []
    for node in tree.body:
        names = {name.id for name in ast.walk(node) if isinstance(name, ast.Name) and isinstance(name.ctx, ast.Store)}
        if isinstance(node, ast.Assign) and names & used and below(node.value):
            found += [node.lineno] * ("#" not in lines[node.lineno - 1] and lines[node.lineno - 2][:1] != "#")
    return found


def test_small_tolerances_have_a_name_and_a_reason():
    found = {}
    for path in sorted(HERE.rglob("*.py")):
        text = path.read_text(encoding="utf-8")
        tree = ast.parse(text)
        found[str(path.relative_to(HERE))] = nameless(tree) + unexplained(tree, text.splitlines())
    assert {path: lines for path, lines in found.items() if lines} == {}


def test_what_is_found():
    code = """A = 1e-12
B = 1e-13  # why
#: why
C, D = 1e-13, 1.0
assert x < 1e-11
assert x < A + B * C
same(x, rtol=1e-10)"""
    assert nameless(ast.parse(code)) == [5, 7]
    assert unexplained(ast.parse(code), code.splitlines()) == [1]
