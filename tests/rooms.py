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
    ("units", "results", "state", "linear_problem", "model"),
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


@cache
def imports(path):
    """Absolute dotted names that a file imports, anywhere in it; ``from x import y`` gives x and x.y."""
    found = set()
    package = path.relative_to(PACKAGE.parent).parent.parts
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            base = ".".join(package[: len(package) - node.level + 1]) + "." if node.level else ""
            module = base + (node.module or "")
            found |= {module.rstrip(".")} | {f"{module.rstrip('.')}.{alias.name}" for alias in node.names}
    return found


def inside(path):
    """Modules of the package that a file imports, dotted names without ``latticepol``."""
    known = {name_of(module) for module in MODULES}
    names = {name.removeprefix("latticepol.") for name in imports(path) if name.startswith("latticepol.")}
    return names & known
