"""The reference: every public name of ``latticepol/__init__.pyi``, by room."""

import ast
import importlib
import inspect
import re
from pathlib import Path
from types import ModuleType
from typing import Any

import latticepol

HEADING = """\
# Reference

`import latticepol as lp`; every name below is `lp.NAME`. What is a class describes, what is a function returns an
`xarray.Dataset` where nothing else is said.

"""

#: Rooms in the order of the chapters of docs/physics.md, then of use; others follow.
ORDER = (
    "pseudospin", "grid", "gpe", "timestepping", "network", "evolution", "stationary", "spectra", "reduction", "sweeps",
    "observables", "results", "errors",
)  # fmt: skip


def write(folder: Path) -> None:
    """The page, into ``folder``; autosummary makes one more for each name."""
    folder.mkdir(exist_ok=True)
    found = rooms()
    for page in folder.glob("*.rst"):  # of a name that is no longer public
        if page.stem.removeprefix("latticepol.") not in {name for names in found.values() for name in names}:
            page.unlink()
    text = HEADING + "\n".join(section(heading, names) for heading, names in found.items())
    (folder / "index.md").write_text(text)


def rooms() -> dict[str, list[str]]:
    """Heading of a room -> its public names, without ``latticepol.``; those of modules (``lp.pumps``) come last."""
    functions: dict[str, list[str]] = {room: [] for room in ORDER}
    modules: dict[str, list[str]] = {}
    stub = Path(latticepol.__file__).with_suffix(".pyi")
    for node in ast.parse(stub.read_text()).body:
        assert isinstance(node, ast.ImportFrom)
        for alias in node.names:
            value = getattr(latticepol, alias.name)
            if inspect.ismodule(value):
                modules[f"`lp.{alias.name}`"] = [f"{alias.name}.{name}" for name in inside(value)]
            elif not alias.name.startswith("_"):
                functions.setdefault((node.module or "").split(".")[0], []).append(alias.name)
    return {title(room): names for room, names in functions.items() if names} | {
        heading: names for heading, names in modules.items() if names
    }


def title(room: str) -> str:
    """The docstring of a room up to its first stop."""
    text = inspect.cleandoc(importlib.import_module(f"latticepol.{room}").__doc__ or "")
    return re.split(r": |\. |\.$| \(|\n\n", text.replace("``", "`"), maxsplit=1)[0]


def inside(module: ModuleType) -> list[str]:
    """Public functions and classes that belong to a module and are not public by themselves."""

    def own(value: Any) -> bool:
        home = getattr(value, "__module__", "")
        is_package = hasattr(module, "__path__")
        return callable(value) and (home == module.__name__ or (is_package and home.startswith(f"{module.__name__}.")))

    names = [name for name, value in vars(module).items() if not name.startswith("_") and own(value)]
    return [name for name in names if getattr(latticepol, name, None) is not getattr(module, name)]


def section(heading: str, names: list[str]) -> str:
    """A heading and a table of names with the first lines of their docstrings."""
    rows = "\n".join(f"   {name}" for name in names)
    table = f".. currentmodule:: latticepol\n\n.. autosummary::\n   :toctree:\n\n{rows}\n"
    return f"## {heading}\n\n```{{eval-rst}}\n{table}```\n"
