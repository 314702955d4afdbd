"""The rooms of the house, on which floor each stands, and what imports what (docs/developers/architecture.md).

A new file needs nothing here. A new room is one word in FLOORS. tests/project/test_architecture.py keeps the rules,
docs/_ext/house.py draws the picture.
"""

import ast
from functools import cache
from pathlib import Path

import latticepol

PACKAGE = Path(latticepol.__file__).parent
MODULES = sorted(path for path in PACKAGE.rglob("*.py") if "__pycache__" not in path.parts)

#: From the ground up: a room imports from its own floor and those below, and no circle leads back to it.
FLOORS = (
    ("_version", "errors", "arrays", "timing", "progress", "axes", "randomness", "disk", "numerics", "topology"),
    ("units", "results", "state", "linear_problem", "border", "model", "closed_forms", "printing"),
    ("timestepping",),
    ("grid", "lattice"),
    ("pseudospin", "gpe"),
    ("network", "presets"),
    ("evolution",),
    ("stationary",),
    ("spectra",),
    ("reduction", "sweeps", "observables"),
    ("plot", "command", "__main__"),
)
FLOOR = {room: number for number, rooms in enumerate(FLOORS) for room in rooms}


def name_of(path):
    """Dotted name inside the package, "" for the package itself."""
    parts = path.relative_to(PACKAGE).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def room_of(name):
    return name.split(".")[0]


#: Public name -> where it is imported from, "Network" -> "network.Network" (latticepol/__init__.pyi).
PUBLIC = {
    alias.asname: f"{node.module}.{alias.name}" if node.module else alias.name
    for node in ast.parse((PACKAGE / "__init__.pyi").read_text()).body
    if isinstance(node, ast.ImportFrom)
    for alias in node.names
}
NAMES = {name_of(module) for module in MODULES} - {""}


def named(source, package=()):
    """Absolute dotted names that a text imports, anywhere in it; ``from x import y`` gives x and x.y."""
    found = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            base = ".".join(package[: len(package) - node.level + 1]) + "." if node.level else ""
            module = base + (node.module or "")
            found |= {module.rstrip(".")} | {f"{module.rstrip('.')}.{alias.name}" for alias in node.names}
        elif isinstance(node, ast.Call) and ast.unparse(node.func).split(".")[-1] in ("import_module", "__import__"):
            texts = {part.value for part in node.args if isinstance(part, ast.Constant)}
            found |= {text for text in texts if str(text).startswith("latticepol")}
    return found | _through_the_package(source)


def _through_the_package(source):
    """Public names that are taken from the package as a whole, ``lp.Network`` after ``import latticepol as lp``."""
    nodes = list(ast.walk(ast.parse(source)))
    whole = {
        alias.asname or alias.name
        for node in nodes
        if isinstance(node, ast.Import)
        for alias in node.names
        if alias.name == "latticepol"
    }
    taken = (node for node in nodes if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name))
    return {f"latticepol.{node.attr}" for node in taken if node.value.id in whole}


@cache
def imports(path):
    """The same of a file."""
    return named(path.read_text(), path.relative_to(PACKAGE.parent).parent.parts)


def known(names):
    """Modules of the package among imported names, without ``latticepol``; a public name is in the one it is from."""
    own = {name.removeprefix("latticepol.") for name in names if name.startswith("latticepol.")}
    places = {PUBLIC[name] for name in own & PUBLIC.keys()}
    return (own | places | {place.rpartition(".")[0] for place in places}) & NAMES


@cache
def inside(path):
    """Modules of the package that a file imports, dotted names without ``latticepol``."""
    return known(imports(path))
