"""Every text that a user meets: python docs/_ext/prose.py errors | docstrings [PART OF A NAME].

One line each, "file:line text", so that a reader goes through all of them at once.
"""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "latticepol"


def files(part: str) -> list[Path]:
    """The files of the package whose path contains this."""
    return [path for path in sorted(PACKAGE.rglob("*.py")) if part in str(path.relative_to(ROOT))]


def text_of(node: ast.AST) -> str:
    """A string as it reads, with {name} where something is put in."""
    if isinstance(node, ast.Constant):
        return str(node.value)
    if isinstance(node, ast.JoinedStr):
        return "".join(text_of(value) for value in node.values)
    if isinstance(node, ast.FormattedValue):
        return f"{{{ast.unparse(node.value)}}}"
    if isinstance(node, ast.BinOp):
        return text_of(node.left) + text_of(node.right)
    return f"{{{ast.unparse(node)}}}"


def is_text(node: ast.AST) -> bool:
    """Whether it is a string, or one with something put in."""
    return isinstance(node, ast.JoinedStr) or (isinstance(node, ast.Constant) and isinstance(node.value, str))


def errors(path: Path) -> Iterator[tuple[int, str]]:
    """Texts of exceptions and warnings, and those that messages are made of: every text with a blank in it."""
    tree = ast.parse(path.read_text())
    docs = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    inner = {id(part) for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for part in ast.walk(node)}
    for node in ast.walk(tree):
        whole = isinstance(node, ast.JoinedStr) or id(node) not in inner
        if is_text(node) and whole and id(node) not in docs and " " in text_of(node).strip():
            yield node.lineno, " ".join(text_of(node).split())


def docstrings(path: Path) -> Iterator[tuple[int, str]]:
    """The first sentence of every docstring."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.FunctionDef | ast.ClassDef | ast.Module) and (doc := ast.get_docstring(node)):
            name = getattr(node, "name", "(file)")
            yield getattr(node, "lineno", 1), f"{name}: {' '.join(doc.split(chr(10) * 2)[0].split())}"


def main(what: str, part: str = "") -> None:
    """Print one of the lists."""
    for path in files(part):
        for line, text in sorted({"errors": errors, "docstrings": docstrings}[what](path)):
            print(f"{path.relative_to(ROOT)}:{line} {text}")


if __name__ == "__main__":
    main(*sys.argv[1:])
