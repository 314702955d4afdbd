"""What a stored point is known by: the same in every process, another one when anything that counts is changed."""

import importlib
import json
import logging
import os
import subprocess
import sys
import threading
import types
from pathlib import Path

import numpy as np
import pytest
import xarray as xr

import latticepol as lp
from latticepol.results.dataset import wrap
from latticepol.sweeps import keys

SCRIPT = Path(__file__).with_name("content_case.py")
SOURCE = SCRIPT.read_text()
SITE = lp.Site(p=0.4, a=2.28, g=0.1, delta=0.01)


@pytest.mark.slow  # two processes that agree on keys: test_shared_store.py
def test_a_script_that_is_run_again_computes_nothing(tmp_path):
    """Whatever its classes and functions are, and in whatever order its sets are."""
    runs = []
    for seed in range(2):
        more = {"PYTHONPATH": os.pathsep.join(sys.path), "PYTHONHASHSEED": str(seed)}
        done = subprocess.run([sys.executable, SCRIPT, tmp_path], env=os.environ | more, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        runs.append(json.loads(done.stdout))
    assert set(runs[0].values()) == {1}
    assert len(runs[0]) > 30
    for again in runs[1:]:
        assert set(again.values()) == {0}, again


def variant(monkeypatch, old="", new=""):
    """The script as a module, with a change; and the texts of its values."""
    assert old in SOURCE
    module = types.ModuleType("a_script")
    with monkeypatch.context() as patched:
        patched.setitem(sys.modules, "a_script", module)  # where dataclasses look
        patched.setattr(sys, "argv", ["script", "folder"])
        exec(compile(SOURCE.replace(old, new, 1), "script", "exec"), vars(module))
        values = module.VALUES | {"uses": module.uses, "wrapped": module.Wrapped()}
        return {name: keys.content(value) for name, value in values.items()}


#: A change of the script, and values that it changes; all others stay.
CHANGES = {
    "a method of an enum": ("return 2 * FACTOR", "return 3 * FACTOR", {"enum", "slots", "uses", "wrapped"}),
    "a value of an enum": ("LOW = 1", "LOW = 3", {"int enum"}),
    "the class of the members": ("class Level(enum.IntEnum)", "class Level(enum.Enum)", {"int enum"}),
    "a field": ("self.u, self.v = 1.0", "self.u, self.v = 2.0", {"slots", "closure"}),
    "an element of a set": ('"c", "d"}', '"c", "e"}', {"object", "method", "ring", "default", "uses"}),
    "a method": ("return site.p * FACTOR", "return site.p + FACTOR", {"object", "method", "class", "uses"}),
    "a property": ("return 2 * self.value", "return 3 * self.value", {"object", "closure", "class"}),
    "what a class holds": ('{"x", "y", "z"}, [1, 2]', '{"x", "y", "z"}, [1, 3]', {"object", "class", "nested"}),
    "a lambda in a dict": ('"a": lambda x: x +', '"a": lambda x: x -', {"object", "method", "nested", "uses"}),
    "a global": ("FACTOR = 2.0", "FACTOR = 2.5", {"enum", "object", "remembered", "lambdas", "uses"}),
    "a default of a tuple": ("first: float = 1.0", "first: float = 2.0", {"named tuple", "uses"}),
    "a nested field": ("kind: Kind = Kind.ONE\n    own", "kind: Kind = Kind.TWO\n    own", {"nested", "uses"}),
    "a function within": ("return x + 1.0", "return x + 2.0", {"compiled"}),
    "a base": ("class Energy(float)", "class Energy(complex)", {"number"}),
    "a bound argument": ("(Own().value, site=SITE)", "(Own().value)", {"partial of a method"}),
    "a closure": ("return lambda x: value.twice", "return lambda x: value.names", {"closure"}),
    "a seed": ("default_rng(3)", "default_rng(4)", {"generator"}),
    "a mask": ("mask=[True, False]", "mask=[False, True]", {"masked"}),
    "a wrapped model": ("J=3.0", "J=3.1", {"wrapped", "model"}),
    "a wrapping method": ("return self.net.site.p", "return -self.net.site.p", {"wrapped"}),
}  # fmt: skip
#: What no change touches.
STAY = {"flags", "decimal", "spline", "ufunc", "function", "dataset", "module", "random state", "counter"}


@pytest.mark.parametrize("change", CHANGES)
def test_a_change_of_class_or_field_changes_the_key(change, monkeypatch):
    old, new, changed = CHANGES[change]
    before, after = variant(monkeypatch), variant(monkeypatch, old, new)
    different = {name for name in before if before[name] != after[name]}
    assert changed <= different
    assert not different & STAY


def test_what_does_not_count():
    """Docstrings and annotations of classes, memories, where a file is, and the order of fields."""

    class One:
        """A word."""

        x: int

    def again():
        class One:
            """Another word."""

            x: float

        One.__qualname__ = "test_what_does_not_count.<locals>.One"
        return One

    one, other = One(), again()()
    one.a, one.b = 1, 2
    other.b, other.a = 2, 1
    assert keys.content(one) == keys.content(other)
    other.b = 3
    assert keys.content(one) != keys.content(other)


def test_tools_are_known_by_their_kind(tmp_path):
    with open(tmp_path / "one", "w") as one, open(tmp_path / "two", "w") as two:
        assert keys.content(one) == keys.content(two)
    assert keys.content(logging.getLogger("a")) == keys.content(logging.getLogger("b"))
    assert keys.content(threading.Lock()) == keys.content(threading.Lock())


#: Ways to a function of a module in a package.
WAYS = {
    "a package": "import a_package.inner.phys\ndef fun(x): return a_package.inner.phys.f(x)",
    "from a package": "from a_package import inner\ndef fun(x): return inner.phys.f(x)",
    "another name": "import a_package.inner.phys as other\ndef fun(x): return other.f(x)",
    "a local name": "import a_package.inner.phys\ndef fun(x):\n    local = a_package.inner\n    return local.phys.f(x)",
    "a closure": "def outer():\n    import a_package.inner.phys\n    return lambda x: a_package.inner.phys.f(x)\n"
    "fun = outer()",
    "a default": "import a_package.inner.phys\ndef fun(x, used=a_package): return used.inner.phys.f(x)",
}  # fmt: skip


@pytest.mark.parametrize("way", WAYS)
def test_functions_of_modules_in_packages_count(way, tmp_path, monkeypatch):
    """Whatever is between, circles too; what the function does not use does not count."""
    files = {"__init__": "", "inner/__init__": "import a_package\nfrom a_package.inner import phys"}
    sources = ["def f(x): return x", "def f(x): return 2 * x", "def f(x): return x\ndef g(x): return x"]
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    found = []
    for source in sources:
        for name, text in (files | {"inner/phys": source}).items():
            path = tmp_path / "a_package" / f"{name}.py"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        for name in [name for name in sys.modules if name.split(".")[0] == "a_package"]:
            monkeypatch.delitem(sys.modules, name)
        importlib.invalidate_caches()
        known = {"__name__": "a_script"}
        exec(WAYS[way], known)
        found.append(keys.content(known["fun"]))
    assert found[0] != found[1]
    assert found[0] == found[2]
    for name in [name for name in sys.modules if name.split(".")[0] == "a_package"]:
        monkeypatch.delitem(sys.modules, name)


@pytest.mark.parametrize("given", [xr.Dataset({"a": ("x", [1.0, 2.0])}, {"x": [0, 1]}), xr.DataArray([1.0, 2.0])])
def test_attributes_count(given):
    texts = {keys.content(given), keys.content(given.assign_attrs(power=1)), keys.content(given.assign_attrs(power=2))}
    texts |= {keys.content(given.assign_attrs(**{name: 1})) for name in ("created", "seed", "run")}  # of a user
    if isinstance(given, xr.Dataset):
        for name in given.variables:
            changed = given.copy(deep=True)
            changed[name].attrs["power"] = 1
            texts.add(keys.content(changed))
        assert len(texts) == 8
    else:
        assert len(texts | {keys.content(given.rename("b")), keys.content(given.variable)}) == 8


def test_nodes_of_a_tree_count():
    texts = {keys.content(xr.DataTree.from_dict({"/a": xr.Dataset({"b": value})})) for value in (1.0, 2.0)}
    assert len(texts) == 2


def test_where_a_result_comes_from_does_not_count(tmp_path):
    """Two runs of the same, in memory and in a file, have other seeds, times and names."""
    net = lp.Network(lp.lattice.chain(), SITE, J=1.0)

    def run(**options):
        return lp.evolve(net, np.ones(net.state_shape), 1.0, dt=0.1, **options)

    first = run().assign_attrs(power=[1.0, 2.0])
    lp.save(first.assign_attrs(versions="others", git_commit="another"), tmp_path / "first.nc")
    again = run(out=tmp_path / "again.nc").assign_attrs(power=[1.0, 2.0])
    assert len({keys.content(one) for one in (first, lp.load(tmp_path / "first.nc"), again)}) == 1
    assert keys.content(first) != keys.content(again.assign_attrs(power=[1.0, 3.0]))


def test_where_an_object_is_does_not_count():
    texts = {keys.content(wrap({"psi": ("x", [1j])}, {}, {"f": lambda x: x}, title="a title")) for _ in range(2)}
    assert len(texts) == 1


def test_what_a_library_names_is_its_name():
    assert keys.content(np.linspace) == "numpy.linspace"
    assert keys.content(lp.gap) == "latticepol.spectra.gaps.gap"
    assert keys.content(lp.Site) == "latticepol.pseudospin.site.Site"


class Table:
    """Holds what nobody can read."""

    def __init__(self):
        self.rows = (row for row in "abc")


TABLE = Table()


def reads(site, what=None):
    return TABLE.rows if what else site.p


def reads_nothing(site, what=None):
    return site.p


class Holder:
    def __init__(self, what):
        self.what = what

    def replace(self, **changes):
        return self

    p = 0.1


@pytest.mark.parametrize(
    ("function", "model", "args", "where"),
    [
        (reads, SITE, (), "reads uses TABLE -> field rows: the content of an object of the class generator cannot"),
        (reads_nothing, SITE, (memoryview(b"a"),), "class memoryview cannot be read"),
        (reads_nothing, SITE, ([threading.local()],), "class _local cannot be read"),
        (reads_nothing, Holder(Table()), (), "field what -> field rows: .* class generator cannot be read"),
    ],
)
def test_what_cannot_be_read_is_refused_with_a_store_only(tmp_path, function, model, args, where):
    with pytest.raises(TypeError, match=rf"{where}.*__getstate__ that returns them; or leave out store="):
        lp.sweep(function, model, *args, p=[0.1], store=tmp_path, executor="serial")
    assert not list(tmp_path.rglob("*.nc"))
    swept = lp.sweep(reads_nothing, model, *args, p=[0.1], executor="serial")
    assert swept.reads_nothing.item() == 0.1
