"""Which tests .ci/run selects for other machines, read from what is in their files."""

import ast
import re
from functools import cache
from pathlib import Path

TESTS = Path(__file__).parents[1]
#: An experiment and the file of its tests have one name.
EXPERIMENTS = {f"test_{folder.name}" for folder in TESTS.parent.glob("experiments/*/")}
#: Folders of tests of compiled loops, transforms and linear algebra, which other machines round otherwise. Files,
#: texts, figures, units and arguments in other guises are the same there.
COMPUTED = {
    "evolution", "gpe", "lattice", "network", "numerics", "observables", "pseudospin", "reduction", "single_files",
    "spectra", "stationary", "timestepping", "topology",
}  # fmt: skip
#: In these folders: what is killed, locked, lost or read, whose numbers only tell one run from another.
OTHERWISE = re.compile(
    r"test_(?:lost_\w+|runs_at_once|any_sequence|fingerprint|resume_files|times|\w+_guises|\w+_text)"
)
#: Numbers that are compared: within a tolerance by a function, bit for bit, or with a bound that has a name in capitals
#: or an exponent.
COMPARED = re.compile(
    r"\b(?:approx|allclose|isclose|assert_allclose|array_equal|assert_array_equal|identical|assert_identical|equals)\("
    r"|<=? ?(?:[\w.()]+ ?\* ?)*(?:[A-Z][A-Z_]{2,}|\d(?:\.\d+)?e-\d+)"
    r"|\bsame\("  # of the cases of evolution: bit for bit
)
#: What starts a process: what it says of numbers is said of others of this process.
STARTS = re.compile(r"\b(?:subprocess|multiprocessing)\.")


def compares(text: str) -> bool:
    """Whether a piece of code compares numbers, which other kernels and libraries may round otherwise."""
    return bool(COMPARED.search(text))


def numeric(text: str) -> set[str]:
    """Names of the tests in the text of a file that compare numbers, themselves or by functions of that file."""
    lines = text.splitlines()
    made = {node.name: node for node in ast.parse(text).body if isinstance(node, ast.FunctionDef)}
    own = {name: "\n".join(lines[node.lineno - 1 : node.end_lineno]) for name, node in made.items()}
    used = {name: {n.id for n in ast.walk(node) if isinstance(n, ast.Name)} & own.keys() for name, node in made.items()}

    def whole(name: str) -> str:
        names, new = set(), {name}
        while new:
            names |= new
            new = set().union(*(used[one] for one in new)) - names
        return "\n".join(own[one] for one in sorted(names))

    texts = {name: whole(name) for name in own if name.startswith("test_")}
    return {name for name, code in texts.items() if compares(code) and not STARTS.search(code)}


@cache
def _numeric(path: Path) -> set[str]:
    computed = path.relative_to(TESTS).parts[0] in COMPUTED and not OTHERWISE.fullmatch(path.stem)
    return numeric(path.read_text(encoding="utf-8")) if computed else set()


def marks(path: Path, name: str) -> set[str]:
    """Of a test in a file: "experiment", "page" or "numeric". An experiment that is to be both says so itself."""
    if path.stem in EXPERIMENTS:
        return {"experiment"}
    if path.stem == "test_docs" and name == "test_code_of_a_page_runs":
        return {"page"}
    return {"numeric"} if name in _numeric(path) else set()
