"""The rules of the house, read from the imports (docs: "one room per chapter").

A new room is one word in ROOMS, a new file that meets the outside one in DOORS.
"""

import ast
import importlib
import inspect
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

import latticepol

PACKAGE = Path(latticepol.__file__).parent
MODULES = sorted(path for path in PACKAGE.rglob("*.py") if "__pycache__" not in path.parts)

#: from the ground up: a room imports from those before it
ROOMS = (
    "_version",
    "errors",
    "processes",
    "files",
    "locks",
    "arrays",
    "blas",
    "compiled",
    "progress",
    "axes",
    "randomness",
    "units",
    "netcdf",
    "dataset",
    "fft",
    "grid",
    "lattice",
    "pseudospin",
    "topology",
    "gpe",
    "network",
    "presets",
    "solve",
    "spectra",
    "observables",
    "plot",
    "command",
    "__main__",
)

#: the files that check arguments and wrap results; all others are numerics
DOORS = {
    "dataset",
    "netcdf",
    "plot",
    "plot.curves",
    "plot.fields",
    "plot.film",
    "plot.maps",
    "plot.sites",
    "plot.style",
    "plot.waves",
    "plot.zones",
    "progress",
    "__main__",
    "command.benchmark",
    "command.doctor",
    "command.information",
    "gpe.model",
    "gpe.output",
    "gpe.starts",
    "network.model",
    "network.output",
    "lattice.crystal",
    "lattice.paths",
    "lattice.standard",
    "observables.maps",
    "observables.source",
    "observables.statistics",
    "observables.tiling",
    "pseudospin.alignment",
    "pseudospin.continuation",
    "pseudospin.dynamics",
    "pseudospin.states",
    "solve.checkpoint",
    "solve.claims",
    "solve.assembly",
    "solve.evolution",
    "solve.execute",
    "solve.run",
    "solve.sink",
    "solve.steady",
    "solve.store",
    "solve.sweeping",
    "solve.tasks",
    "solve.work",
    "spectra.batches",
    "spectra.dispersion",
    "spectra.field_strips",
    "spectra.gaps",
    "spectra.reduction",
    "spectra.spin",
    "spectra.strips",
}

#: the only files that know how results meet the disk
DISK = {"dataset", "netcdf", "solve.assembly", "solve.sink"}

#: what numerics never know
OUTSIDE = {"xarray", "matplotlib", "netCDF4", "tqdm", "dask"}


def name_of(path):
    """Dotted name inside the package, "" for the package itself."""
    parts = path.relative_to(PACKAGE).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


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


def _is_module(path):
    return path.with_suffix(".py").exists() or (path / "__init__.py").exists()


def public():
    """(name, is a module) of everything in __init__.pyi."""
    found = []
    for node in ast.parse((PACKAGE / "__init__.pyi").read_text()).body:
        assert isinstance(node, ast.ImportFrom), "__init__.pyi holds imports only"
        folder = PACKAGE.joinpath(*(node.module or "").split("."))
        found += [(alias.asname, _is_module(folder / alias.name)) for alias in node.names]
    return found


def test_the_reader_of_imports_reads():
    assert "xarray" in imports(PACKAGE / "dataset.py")
    assert "pseudospin.equations" in inside(PACKAGE / "pseudospin" / "states.py")
    assert ("Site", False) in public()
    assert ("pseudospin", True) in public()


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_numerics_know_no_outside(path):
    if name_of(path) in DOORS:
        return
    outside = {name.split(".")[0] for name in imports(path)} & OUTSIDE
    assert not outside, f"{name_of(path)} imports {outside}; a file that wraps results belongs into DOORS"


def test_no_extra_is_imported_by_a_bare_installation():
    """What is imported by name is a dependency; of an extra there is CuPy alone, which is asked for where it is used
    (tests/test_newcomers.py: what is said without it). Dask and MPI are imported by those who hand in an executor."""
    declared = tomllib.loads((PACKAGE.parent / "pyproject.toml").read_text())["project"]["dependencies"]
    known = {re.match(r"\w+", text)[0] for text in declared} | sys.stdlib_module_names | {"latticepol"}
    optional = {"mkl_fft"}  # instead of pyfftw, where it is installed
    for path in MODULES:
        strange = {name.split(".")[0] for name in imports(path)} - known - optional
        assert not strange, f"{name_of(path)} imports {strange}"


def test_only_the_disk_knows_netcdf():
    assert {name_of(path) for path in MODULES if "netCDF4" in imports(path)} <= DISK


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_numerics_know_no_door(path):
    if name_of(path) in DOORS or path.name == "__init__.py":
        return
    assert not inside(path) & DOORS


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_nothing_imports_plot(path):
    if name_of(path).split(".")[0] != "plot":
        assert not {name for name in inside(path) if name.split(".")[0] == "plot"}
        assert "matplotlib" not in {name.split(".")[0] for name in imports(path)}


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_rooms_import_downward_only(path):
    room = name_of(path).split(".")[0]
    if not room:  # the package itself loads names when they are used
        assert inside(path) <= {"_version"}
        return
    assert room in ROOMS, f"a new room: say in ROOMS where {room} stands"
    for name in inside(path):
        other = name.split(".")[0]
        assert ROOMS.index(other) <= ROOMS.index(room), f"{name_of(path)} imports upward, from {name}"
    if room == "topology":
        assert {name.split(".")[0] for name in inside(path)} <= {"topology", "blas"}


def test_no_module_has_the_name_of_a_public_function():
    names = {name for name, is_module in public() if not is_module}
    for path in MODULES:
        last = name_of(path).split(".")[-1]
        assert last not in names, f"{path.name} shadows the public name {last}"


@pytest.mark.parametrize(("name", "is_module"), public())
def test_public_names_exist_and_have_a_docstring(name, is_module):
    value = getattr(latticepol, name)
    assert inspect.ismodule(value) == is_module
    assert value.__doc__, f"{name} has no docstring"
    assert len(value.__doc__.strip()) > 20
    first = value.__doc__.strip().split("\n\n")[0]
    assert not re.search(r"\b[A-Z]\. ", first), f"{name}: the reference cuts its first sentence at an initial"
    assert name in dir(latticepol)


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_every_module_has_a_docstring(path):
    assert ast.get_docstring(ast.parse(path.read_text()))


@pytest.mark.parametrize("path", [path for path in MODULES if name_of(path) in DOORS - {"__main__"}], ids=name_of)
def test_doors_exist_and_import(path):
    importlib.import_module(f"latticepol.{name_of(path)}")


def test_import_is_light():
    """Nothing heavy is loaded until a name is used."""
    heavy = ["matplotlib", "dask", "cupy", "numba", "scipy", "xarray", "netCDF4", "pyfftw"]
    code = f"import latticepol, sys; print(*[name for name in {heavy} if name in sys.modules])"
    run = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert run.stdout.split() == []


def test_computing_loads_no_drawing():
    code = "import latticepol as lp, sys; lp.pitchfork(lp.Site(p=0, a=1, g=1)); print('matplotlib' in sys.modules)"
    run = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert run.stdout.strip() == "False"


#: What compiles or computes for seconds.
COMPUTE = {"evolve", "steady_state", "bogoliubov", "sweep", "alignment_probability", "trajectory", "branches"}


def calls(statement):
    """Names of what is called when the statement is executed; bodies of functions are not."""
    if isinstance(statement, ast.FunctionDef | ast.ClassDef | ast.Lambda):
        return set()
    name = getattr(statement, "func", None)
    here = {getattr(name, "attr", getattr(name, "id", ""))} if isinstance(statement, ast.Call) else set()
    return here.union(*map(calls, ast.iter_child_nodes(statement)))


@pytest.mark.parametrize("path", sorted(Path(__file__).parent.rglob("test_*.py")), ids=lambda path: path.stem)
def test_collecting_tests_computes_nothing(path):
    """Every worker of pytest collects all of them, one as the other."""
    assert not COMPUTE & calls(ast.parse(path.read_text())), "give it a fixture, or a function with @cache"


def test_what_is_called_when_a_file_is_imported_is_found():
    assert calls(ast.parse("A = lp.evolve(1)\nB = {'a': [f()]}\ndef g():\n    h()\nC = lambda: h()")) == {"evolve", "f"}
