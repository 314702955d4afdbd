"""A tolerance below 1e-9 has a name at the head of its file and a reason next to it (more of them: tolerances.md)."""

import ast
import functools
import operator
import re
from pathlib import Path

import pytest

HERE = Path(__file__).parents[1]
FINE = 1e-9
KEYWORDS = {"rel", "abs", "rtol", "atol"}
#: Functions that compare, and from which argument on their tolerances may be given without a keyword.
POSITIONAL = {"assert_allclose": 2, "allclose": 2, "isclose": 2, "approx": 1, "assert_almost_equal": 2}
#: That of the machine, which whatever multiplies it leaves too small.
EPS = re.compile(r"(finfo\(.*\)\.eps|float_info\.epsilon)$")
OPERATIONS = {
    ast.Mult: operator.mul, ast.Div: operator.truediv, ast.Pow: operator.pow, ast.Add: operator.add,
    ast.Sub: operator.sub,
}  # fmt: skip
FUNCTIONS = (ast.FunctionDef, ast.Lambda)


@functools.cache
def nodes(tree):
    """All of a tree, which is asked for again and again."""
    return list(ast.walk(tree))


def value(node):
    """Of a number and of what is computed from numbers alone, 10**-12 for one; None of anything else."""
    if isinstance(node, ast.Constant) and isinstance(node.value, int | float):
        return node.value
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        inner = value(node.operand)
        return None if inner is None else -inner
    if isinstance(node, ast.BinOp) and type(node.op) in OPERATIONS:
        left, right = value(node.left), value(node.right)
        try:
            return None if left is None or right is None else OPERATIONS[type(node.op)](left, right)
        except (ArithmeticError, ValueError):
            return None
    return None


def below(tree):
    """The numbers of a piece of code that are too small for a tolerance without a reason."""
    if (number := value(tree)) is not None:
        return [tree] if isinstance(number, float) and 0 < number < 0.999 * FINE else []
    if isinstance(tree, ast.Attribute) and tree.attr in ("eps", "epsilon") and EPS.search(ast.unparse(tree)):
        return [tree]
    return [number for inner in ast.iter_child_nodes(tree) for number in below(inner)]


def name_of(call):
    """The last word of what is called."""
    return getattr(call.func, "attr", getattr(call.func, "id", ""))


def parameters(function):
    return [argument.arg for argument in (*function.args.posonlyargs, *function.args.args, *function.args.kwonlyargs)]


def calls(tree):
    """Whether it is computed by a function: what that makes of a small number is no tolerance."""
    return any(isinstance(node, ast.Call) for node in nodes(tree))


@functools.cache
def names(tree):
    return {node.id for node in nodes(tree) if isinstance(node, ast.Name)}


def bounds(tree):
    """What must not be exceeded: the larger side of a comparison."""
    for node in nodes(tree):
        if isinstance(node, ast.Compare):
            sides = [node.left, *node.comparators]
            for i, operation in enumerate(node.ops):
                if isinstance(operation, ast.Lt | ast.LtE | ast.Gt | ast.GtE):
                    yield sides[i + isinstance(operation, ast.Lt | ast.LtE)]


def handed(tree, helpers):
    """What is given as a tolerance to functions that compare: those of libraries, and ``helpers``."""
    for call in (node for node in nodes(tree) if isinstance(node, ast.Call)):
        yield from (keyword.value for keyword in call.keywords if keyword.arg in KEYWORDS)
        name = name_of(call)
        yield from call.args[POSITIONAL.get(name, len(call.args)) :]
        places, named = helpers.get(name, ((), ()))
        yield from (call.args[place] for place in places if place < len(call.args))
        yield from (keyword.value for keyword in call.keywords if keyword.arg in named)


@functools.cache
def comparing(tree):
    """{function of this file: (places, names) of the parameters that it compares with}, also through one another."""
    functions = [node for node in nodes(tree) if isinstance(node, ast.FunctionDef)]
    helpers: dict[str, tuple[list[int], set[str]]] = {}
    while True:
        found = {}
        for function in functions:
            used = set().union(*map(names, (*bounds(function), *handed(function, helpers))))
            given = [argument for argument in parameters(function) if argument != "self"]
            found[function.name] = ([i for i, name in enumerate(given) if name in used], used & set(given))
        if found == helpers:
            return helpers
        helpers = found


def tolerances(tree):
    """What numbers are compared with: sides of comparisons, and what functions that compare are given."""
    sides = [side for node in nodes(tree) if isinstance(node, ast.Compare) for side in (node.left, *node.comparators)]
    return sides + list(handed(tree, comparing(tree)))


def bound(function):
    """(names, value) of what is bound in a function: variables, loops, defaults and parametrized arguments."""
    for node in nodes(function):
        if isinstance(node, ast.Assign | ast.AnnAssign | ast.NamedExpr) and node.value is not None:
            for target in getattr(node, "targets", [getattr(node, "target", None)]):
                yield from paired(target, node.value)
        elif isinstance(node, ast.For | ast.comprehension):
            rows = node.iter.elts if isinstance(node.iter, ast.Tuple | ast.List) else [node.iter]
            for row in rows:
                yield from paired(node.target, row)
        elif isinstance(node, FUNCTIONS):
            given = node.args
            last = [*given.posonlyargs, *given.args][-len(given.defaults) or len(parameters(node)) :]
            yield from ((argument.arg, default) for argument, default in zip(last, given.defaults, strict=True))
            both = zip(given.kwonlyargs, given.kw_defaults, strict=True)
            yield from ((argument.arg, default) for argument, default in both if default is not None)
    for call in getattr(function, "decorator_list", ()):
        if isinstance(call, ast.Call) and name_of(call) == "parametrize" and len(call.args) > 1:
            yield from parametrized(*call.args[:2])


def paired(target, given):
    """(name, value) of a target and what it is set to, one by one where both are tuples."""
    if isinstance(target, ast.Tuple) and isinstance(given, ast.Tuple) and len(target.elts) == len(given.elts):
        for inner, part in zip(target.elts, given.elts, strict=True):
            yield from paired(inner, part)
    else:
        yield from ((name, given) for name in names(target))


def parametrized(which, rows):
    words = ast.literal_eval(which)
    words = [word.strip() for word in words.split(",")] if isinstance(words, str) else list(words)
    for row in rows.elts if isinstance(rows, ast.List | ast.Tuple) else [rows]:
        parts = getattr(row, "elts", getattr(row, "args", None)) if len(words) > 1 else [row]
        yield from zip(words, parts, strict=True) if parts and len(parts) == len(words) else ()


def local(tree):
    """Numbers that a function binds to a name of its own and compares with."""
    helpers = comparing(tree)
    for function in (node for node in nodes(tree) if isinstance(node, FUNCTIONS)):
        used = set().union(*map(names, (*bounds(function), *handed(function, helpers))))
        plain = ((name, given) for name, given in bound(function) if name in used and not calls(given))
        yield from (number for _, given in plain for number in below(given))


def nameless(tree):
    given = (number for part in tolerances(tree) for number in below(part))
    return sorted({number.lineno for number in (*given, *local(tree))})


@functools.cache
def used_in(tree):
    """The names in tolerances."""
    return set().union(*map(names, tolerances(tree)))


def unexplained(tree, lines, used):
    """Where such a number gets its name without a comment, in the line or above it."""
    found = []
    for node in tree.body:
        stored = {name.id for name in nodes(node) if isinstance(name, ast.Name) and isinstance(name.ctx, ast.Store)}
        if isinstance(node, ast.Assign | ast.AnnAssign) and node.value and stored & used and below(node.value):
            found += [node.lineno] * ("#" not in lines[node.lineno - 1] and lines[node.lineno - 2][:1] != "#")
    return found


def test_small_tolerances_have_a_name_and_a_reason():
    texts = {str(path.relative_to(HERE)): path.read_text(encoding="utf-8") for path in sorted(HERE.rglob("*.py"))}
    trees = {path: ast.parse(text) for path, text in texts.items()}
    taken = {path: taken_from(tree) for path, tree in trees.items()}
    found = {}
    for path, tree in trees.items():
        if not below(tree):
            continue
        takers = [trees[other] for other in trees if Path(path).stem in taken[other]]
        used = set().union(*map(used_in, [tree, *takers]))
        found[path] = nameless(tree) + unexplained(tree, texts[path].splitlines(), used)
    assert {path: lines for path, lines in found.items() if lines} == {}


def taken_from(tree):
    """The files whose names a file imports."""
    return {(node.module or "").split(".")[-1] for node in nodes(tree) if isinstance(node, ast.ImportFrom)}


@pytest.mark.parametrize(
    "code",
    [
        "assert x < 1e-11",
        "same(x, rtol=1e-10)",
        "assert_allclose(x, y, 1e-12)",
        "np.testing.assert_allclose(x, y, 1e-7, 1e-12)",
        "assert x == pytest.approx(y, 1e-12)",
        "assert np.allclose(x, y, 0.000000000001)",
        "assert abs(x) < 10**-12",
        "assert abs(x) < 2.0**-40",
        "assert abs(x) < 1 / 10**12",
        "assert abs(x) < 20 * np.finfo(float).eps",
        "def test():\n tol = 1e-12; assert abs(x - y) < tol",
        "def test():\n few, tol = 3, 1e-12; assert abs(x - y) < tol",
        "def test():\n tol: float = 1e-12; assert tol > abs(x - y)",
        "def test():\n assert np.allclose(x, y, atol=(tol := 1e-12))",
        "def test():\n for tol in (1e-3, 1e-12): assert abs(x) < 3 * tol",
        "def test():\n assert all(abs(x) < tol for x, tol in ((1, 1e-3), (2, 1e-12)))",
        "def same(x, y, tol=1e-12): assert abs(x - y) < tol",
        "def same(x, *, tol=1e-12): assert np.allclose(x, 0, atol=tol)",
        "def same(x, y, tol): assert abs(x - y) < tol\nsame(1, 2, 1e-12)",
        "def same(x, y, tol): assert abs(x - y) < tol\nsame(1, 2, tol=1e-12)",
        "def all_same(x, tol): same(x, 0, tol)\ndef same(x, y, tol): assert abs(x - y) < tol\nall_same(1, 1e-12)",
        "same = lambda x, tol=1e-12: abs(x) < tol",
        "@pytest.mark.parametrize('tol', [1e-3, 1e-12])\ndef test(tol): assert x < tol",
        "@pytest.mark.parametrize(('x', 'tol'), [(1, 1e-3), (2, 1e-12)])\ndef test(x, tol): assert x < tol",
    ],
)
def test_a_tolerance_without_a_name_is_found(code):
    assert nameless(ast.parse(code))


@pytest.mark.parametrize(
    "code",
    [
        "assert x < 1e-9",
        "assert x < TOL",
        "lp.trajectory(site, s0, t, tol=1e-12)",
        "def test():\n delta = 1e-12; assert abs(f(delta)) < TOL",
        "@pytest.mark.parametrize('delta', [0.0, 1e-12])\ndef test(delta): assert f(delta) < TOL",
        "def test():\n D = 1e-12; assert np.var(run(D)) == pytest.approx(4 * D, rel=0.1)",
    ],
)
def test_other_small_numbers_are_no_tolerances(code):
    assert not nameless(ast.parse(code))


def test_a_name_needs_a_reason():
    code = """A = 1e-12
B = 1e-13  # why
#: why
C, D = 1e-13, 1.0
E: float = 1e-10
assert x < A + B * C * E"""
    tree = ast.parse(code)
    assert nameless(tree) == []
    assert unexplained(tree, code.splitlines(), used_in(tree)) == [1, 5]
