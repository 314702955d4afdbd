"""The rules of the house, read from the imports (docs/developers/architecture.md); rooms: tests/cases/rooms.py."""

import ast
import importlib
import inspect
import re
import subprocess
import sys
import tomllib
from functools import cache
from graphlib import TopologicalSorter
from pathlib import Path

import pytest
from deciding import MODELS, decisions, named_parts
from rooms import FLOOR, MODULES, PACKAGE, imports, inside, known, name_of, named, room_of

import latticepol

#: Rooms that see models through model.py only.
VERBS = {"evolution", "stationary", "spectra", "sweeps"}
#: Rooms in which nothing that a third model may call otherwise is known by its name.
NAMELESS = VERBS | {"model", "closed_forms", "linear_problem", "state", "timestepping", "observables", "plot", "units"}
#: Files in which what is no model is told from one: the contract itself, and the key of whatever was swept.
CONTRACT = {"model", "results.content"}
#: What numerics never know.
OUTSIDE = {"xarray", "matplotlib", "netCDF4", "tqdm", "dask"}
#: Rooms whose work is Datasets and files, and names of the files in other rooms that make or read Datasets.
LABELLED_ROOMS = {
    "results",
    "evolution",
    "stationary",
    "spectra",
    "reduction",
    "sweeps",
    "observables",
    "plot",
    "command",
}
LABELLED_NAMES = {
    "model",
    "closed_forms",
    "evolvable",
    "stationary",
    "periodic",
    "output",
    "starts",
    "paths",
    "crystal",
}
#: The only files that know how results meet the disk.
DISK = {"results.dataset", "results.netcdf", "sweeps.assembly", "evolution.frame_files", "evolution.frame_writer"}
#: What a model is made of: the sites of a network are single condensates. Otherwise a model imports no other.
MADE_OF = {"network": {"pseudospin"}}
#: Lines of a file, of one that holds a model, and of one of tests.
LONGEST, LONGEST_MODEL, LONGEST_TESTS = 400, 300, 500
TESTS = Path(__file__).parents[1]
FOLDERS = {path.parent for path in MODULES}
#: Folders of tests that are no rooms of the package.
ACROSS_ROOMS = {"cases", "single_files", "experiments", "project", "newcomers", "guises", "fuzz", "environments"}


def outside(path):
    return {name.split(".")[0] for name in imports(path)}


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


@cache
def api_files():
    """The files that hold public functions and classes."""
    values = (getattr(latticepol, name) for name, is_module in public() if not is_module)
    return {getattr(value, "__module__", "").removeprefix("latticepol.") for value in values}


def may_know_datasets(path):
    name = name_of(path)
    return (
        room_of(name) in LABELLED_ROOMS
        or name.split(".")[-1] in LABELLED_NAMES
        or name in api_files() | {"progress", "__main__"}
    )


def test_the_reader_of_imports_reads():
    assert "xarray" in imports(PACKAGE / "results" / "dataset.py")
    assert "pseudospin.equations" in inside(PACKAGE / "pseudospin" / "states.py")
    assert ("Site", False) in public()
    assert ("pseudospin", True) in public()
    assert "evolution.api" in api_files()


def breaking(rule, paths=MODULES):
    """What files do against a rule, by their names."""
    found = {name_of(path): rule(path) for path in paths}
    return {name: what for name, what in found.items() if what}


def of_rooms(*rooms):
    return [path for path in MODULES if room_of(name_of(path)) in rooms]


def from_rooms(path, rooms):
    """What a file imports from these rooms."""
    return {name for name in inside(path) if room_of(name) in rooms}


def test_numerics_know_no_datasets():
    numerics = [path for path in MODULES if not may_know_datasets(path)]
    found = breaking(lambda path: outside(path) & OUTSIDE, numerics)
    assert not found, "numerics compute with arrays; wrap results in an api file"


def test_rooms_import_downward_only():
    new = {room_of(name_of(path)) for path in MODULES} - {""} - FLOOR.keys()
    assert not new, "a new room: say in FLOORS of tests/cases/rooms.py where it stands"
    floor = {"": -1} | FLOOR  # the package itself loads names when they are used

    def upward(path):
        return {name for name in inside(path) - {"_version"} if floor[room_of(name)] > floor[room_of(name_of(path))]}

    assert not breaking(upward)


def test_rooms_import_each_other_in_no_circle():
    graph = {}
    for path in MODULES:
        here = room_of(name_of(path))
        graph.setdefault(here, set()).update({room_of(name) for name in inside(path)} - {here, ""})
    TopologicalSorter(graph).prepare()  # raises CycleError, which names the rooms


def test_verbs_see_models_through_the_contract():
    assert not breaking(lambda path: from_rooms(path, MODELS), of_rooms(*VERBS))


def test_nothing_but_the_contract_decides_between_models():
    others = [path for path in MODULES if room_of(name_of(path)) not in MODELS and name_of(path) not in CONTRACT]
    found = breaking(lambda path: decisions(path.read_text()), others)
    assert not found, "ask the model itself: a member of a Protocol in model.py"


def test_no_name_of_a_part_of_a_model_decides():
    found = breaking(lambda path: named_parts(path.read_text()), of_rooms(*NAMELESS))
    assert not found, "take names from the model: auxiliary, random_starts, dims, coordinates"


@pytest.mark.parametrize(
    "cheat",
    [
        "if 'site' in ds.dims:\n    pass",
        "inner = ('site',) if inner == ('site',) else ('y', 'x')",
        "psi0 == 'noise'",
        "n = start.auxiliary['reservoir']",
        "n = start.auxiliary.get('reservoir')",
        "variables[f'{name}_reservoir'] = nu",
        "match start:\n    case 'noise':\n        pass",
    ],
)
def test_a_name_that_decides_is_found(cheat):
    assert named_parts(cheat)


@pytest.mark.parametrize(
    "honest",
    ["psi0 in model.random_starts", "DOTS = ('site',)", "f'draw the site {i}'", "kind == 'relaxed'", "d['psi']"],
)
def test_what_names_no_part_of_a_model_is_no_decision(honest):
    assert not named_parts(honest)


@pytest.mark.parametrize(
    "cheat",
    [
        "isinstance(model, Network)",
        "isinstance(self.model, lp.SpinorGPE)",
        "isinstance(given, lp.SpinorGPE)",
        "isinstance(given, int | Network)",
        "hasattr(self.model, 'lattice')",
        "builtins.getattr(self._model, 'lattice', None)",
        "issubclass(type(self.model), Network)",
        "inspect.getattr_static(net, 'lattice')",
        "type(self.model).__name__ == 'SpinorGPE'",
        "type(model).__qualname__.startswith('Net')",
        "type(self.model) is lp.Network",
        "{Network: 1}[type(run.model)]",
        "self.model.__class__.__name__ in NAMES",
        "'lattice' in dir(self.model)",
        "'lattice' in vars(model)",
        "name == Network.__name__",
        "try:\n    self.model.lattice\nexcept AttributeError:\n    pass",
        "try:\n    x = f(model.lattice)\nexcept (KeyError, AttributeError):\n    pass",
        "try:\n    model.lattice\nexcept:\n    pass",
        "with suppress(AttributeError):\n    model.lattice",
        "match self.model:\n    case Network():\n        pass",
        "match given:\n    case lp.SpinorGPE():\n        pass",
        "match type(model).__name__:\n    case 'Network':\n        pass",
        "m = self.model\nhasattr(m, 'lattice')",
        "if (m := self.model) and hasattr(m, 'lattice'):\n    pass",
        "def f(given: Evolvable | None):\n    return hasattr(given, 'lattice')",
    ],
)
def test_a_decision_between_models_is_found(cheat):
    assert decisions(cheat)


@pytest.mark.parametrize(
    "honest",
    [
        "isinstance(psi, np.ndarray)",
        "type(error).__name__ == 'ValueError'",
        "model.batch(p=values) is None",
        "try:\n    file.attrs\nexcept AttributeError:\n    pass",
        "try:\n    model.batch(p=1)\nexcept ValueError:\n    pass",
        "match name:\n    case 'Network':\n        pass",
    ],
)
def test_what_asks_no_model_is_no_decision(honest):
    assert not decisions(honest)


@pytest.mark.parametrize(
    ("text", "room"),
    [
        ("def f():\n    from latticepol import Network", "network"),
        ("def f():\n    import latticepol as lp\n    return lp.SpinorGPE", "gpe"),
        ("import latticepol\nlatticepol.Site", "pseudospin"),
        ("from latticepol.network.model import Network", "network"),
        ("from latticepol import pseudospin", "pseudospin"),
        ("importlib.import_module('latticepol.network')", "network"),
    ],
)
def test_a_model_is_found_however_it_is_imported(text, room):
    assert room in {room_of(name) for name in known(named(text))}
    assert room in MODELS


def test_a_model_imports_no_other():
    def others(path):
        here = room_of(name_of(path))
        return from_rooms(path, MODELS - {here} - MADE_OF.get(here, set()))

    assert not breaking(others, of_rooms(*MODELS)), "what two models need stands below both"


def test_topology_knows_only_functions_of_k():
    allowed = {"topology", "numerics", "arrays", "errors"}
    assert not breaking(lambda path: inside(path) - from_rooms(path, allowed), of_rooms("topology"))


def terms_in(path):
    """What a file imports of terms, but what all of them stand on."""
    return {name for name in inside(path) if name.startswith("gpe.terms")} - {"gpe.terms.base", "gpe.terms.parameters"}


def test_a_term_imports_no_other():
    terms = [path for path in MODULES if name_of(path).startswith("gpe.terms.")]
    assert not breaking(lambda path: terms_in(path) - {"gpe.terms"}, terms)


def test_a_field_names_no_term():
    """What is done with a term is asked of it: a term of somebody's own is one as well."""
    field = [path for path in of_rooms("gpe") if not name_of(path).startswith("gpe.terms")]
    assert not breaking(terms_in, field), "write a hook in gpe/terms/base.py"


def test_integrators_name_no_term():
    assert not breaking(lambda path: from_rooms(path, MODELS), of_rooms("timestepping"))


def test_only_the_command_line_imports_plot():
    others = [path for path in MODULES if room_of(name_of(path)) not in ("plot", "command", "__main__", "explore")]
    assert not breaking(lambda path: from_rooms(path, {"plot"}) | (outside(path) & {"matplotlib"}), others)


def test_only_the_disk_knows_netcdf():
    assert {name_of(path) for path in MODULES if "netCDF4" in outside(path)} <= DISK


def lines(path):
    return len(path.read_text().splitlines())


def test_files_are_short():
    models = ("gpe.model", "network.model", "pseudospin.site")
    longest = dict.fromkeys(models, LONGEST_MODEL)
    assert {name_of(path) for path in MODULES if lines(path) > longest.get(name_of(path), LONGEST)} == set()


def test_tests_lie_where_the_package_has_what_they_test():
    rooms = {path.parent.relative_to(PACKAGE) for path in MODULES} - {Path()}
    folders = {path.parent.relative_to(TESTS) for path in TESTS.rglob("test_*.py")}
    assert folders <= rooms | set(map(Path, ACROSS_ROOMS)), "a folder of tests has the name of a room"
    loose = [path.name for path in TESTS.glob("*.py") if path.name != "conftest.py"]
    assert not loose, f"{loose}: what several folders of tests use lies in tests/cases, the rest next to what uses it"


def test_files_of_tests_are_short():
    assert [path.name for path in TESTS.rglob("*.py") if lines(path) >= LONGEST_TESTS] == []


def page(path):
    """The docstring of a file."""
    return ast.get_docstring(ast.parse(path.read_text())) or ""


def test_every_room_begins_with_a_page():
    short = {folder.name for folder in FOLDERS if len(page(folder / "__init__.py").splitlines()) <= 3}
    assert not short, "say what the room is for, the one idea, and where its parts are"


def test_the_page_names_every_file():
    pages = {folder: page(folder / "__init__.py") for folder in FOLDERS - {PACKAGE}}
    files = [path for folder in pages for path in folder.glob("*.py") if path.stem != "__init__"]
    missing = {name_of(path) for path in files if f"``{path.stem}``" not in pages[path.parent]}
    assert not missing, "name them on the pages of their rooms"


def test_no_extra_is_imported_by_a_bare_installation():
    """What is imported by name is a dependency; of an extra there is CuPy alone, which is asked for where it is used
    (tests/newcomers: what is said without it). Dask and MPI are imported by those who hand in an executor."""
    declared = tomllib.loads((PACKAGE.parent / "pyproject.toml").read_text())["project"]["dependencies"]
    known = {re.match(r"\w+", text)[0] for text in declared} | sys.stdlib_module_names | {"latticepol"}
    optional = {"mkl_fft"}  # instead of pyfftw, where it is installed
    for path in MODULES:
        strange = outside(path) - known - optional
        assert not strange, f"{name_of(path)} imports {strange}"


def test_no_module_has_the_name_of_a_public_function():
    names = {name for name, is_module in public() if not is_module}
    for path in MODULES:
        last = name_of(path).split(".")[-1]
        assert last not in names, f"{path.name} shadows the public name {last}"


def test_public_names_exist_and_have_a_docstring():
    for name, is_module in public():
        value = getattr(latticepol, name)
        assert inspect.ismodule(value) == is_module, name
        assert value.__doc__, f"{name} has no docstring"
        assert len(value.__doc__.strip()) > 20, name
        first = value.__doc__.strip().split("\n\n")[0]
        assert not re.search(r"\b[A-Z]\. ", first), f"{name}: the reference cuts its first sentence at an initial"
        assert name in dir(latticepol)


def test_every_module_has_a_docstring():
    assert [name_of(path) for path in MODULES if not page(path)] == []


def test_every_module_imports():
    for path in MODULES:
        if path.stem != "__main__":
            importlib.import_module(f"latticepol.{name_of(path)}".rstrip("."))


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


def test_collecting_tests_computes_nothing():
    """Every worker of pytest collects all of them, one as the other."""
    found = {path.stem: COMPUTE & calls(ast.parse(path.read_text())) for path in TESTS.rglob("test_*.py")}
    assert not {name: called for name, called in found.items() if called}, "give it a fixture, or use @cache"


def test_what_is_called_when_a_file_is_imported_is_found():
    assert calls(ast.parse("A = lp.evolve(1)\nB = {'a': [f()]}\ndef g():\n    h()\nC = lambda: h()")) == {"evolve", "f"}
