"""Files: read while others read them, by programs that know nothing of this one, and with names that they can hold."""

import os
import pickle
import subprocess
import sys
from datetime import datetime
from pathlib import Path

import netCDF4
import numpy as np
import pytest
import xarray as xr

import latticepol as lp
from latticepol.results.netcdf import opened, with_texts

VALUES = np.array([[1 + 2j, complex(np.nan, 0.0), complex(-0.0, -0.0)], [complex(np.inf, -1.0), 3e300j, 5e-324]])
EXAMPLE = xr.Dataset(
    {
        "psi": (("time", "x"), VALUES, {"units": "um-1", "long_name": "field psi"}),
        "low": ("x", VALUES[0].astype(np.complex64)),
        "alone": ((), 1j),
        "number": ("x", [1.0, 2.0, 3.0], {"units": "1"}),
        "stable": ("x", [True, False, True]),
        "label": ("x", ["", "ä", "linear"]),
        "none": ("nothing", np.empty(0, complex)),
        "also": (("k", "spin"), np.ones((2, 2))),
    },
    {
        "time": ("time", [0.0, 1.0], {"units": "ps"}), "x": [1, 2, 3], "omega": ("x", 1j * np.arange(3)), "k":
        ("k", [1j, 2.0]), "spin": ["+", "-"],
    },
    {"title": "an example", "status": "finished"},
)  # fmt: skip


def identical(one, other):
    one = one.assign(low=one.low.astype(other.low.dtype))  # pairs are of one precision in a file
    xr.testing.assert_identical(one.drop_attrs(deep=False), other.drop_attrs(deep=False))
    for name, variable in one.variables.items():
        assert (variable.dtype.kind, variable.dtype.itemsize) == (other[name].dtype.kind, other[name].dtype.itemsize)
        if variable.dtype.kind == "c":  # to the bit: the sign of zero and what stands next to infinity
            assert variable.values.tobytes() == other[name].values.tobytes(), name
    assert set(one.coords) == set(other.coords)
    assert one.attrs.items() - {("created", one.attrs.get("created"))} <= other.attrs.items()


@pytest.mark.parametrize("storage", ["compound", "split"])
def test_both_ways_to_store_complex_numbers_are_read_alike(tmp_path, storage):
    path = lp.save(EXAMPLE, tmp_path / "file.nc", complex=storage)
    identical(EXAMPLE, lp.load(path))
    identical(EXAMPLE, lp.load(lp.save(lp.load(path), tmp_path / "again.nc")))
    assert lp.load(path).low.dtype == {"compound": np.complex128, "split": np.complex64}[storage]


@pytest.mark.parametrize("order", [("low", "high"), ("high", "low")])
def test_complex_numbers_of_two_precisions_in_one_file(tmp_path, order):
    """The second was noise if it was the lower one."""
    both = {"low": ("x", np.array([1 + 2j, 3 - 1j], np.complex64)), "high": ("x", np.array([1 / 3 + 2j, 3 - 1j]))}
    dataset = xr.Dataset({name: both[name] for name in order})
    xr.testing.assert_equal(lp.load(lp.save(dataset, tmp_path / "file.nc")), dataset)
    alone = dataset[["low"]]
    assert lp.load(lp.save(alone, tmp_path / "file.nc")).low.dtype == np.complex64


def test_split_files_are_read_by_programs_that_know_nothing_of_this_one(tmp_path):
    """By netCDF4 and by xarray as they are; nothing but numbers and characters is in them."""
    path = lp.save(EXAMPLE, tmp_path / "file.nc", complex="split")
    with netCDF4.Dataset(path) as file:
        assert not file.cmptypes
        assert not file.enumtypes
        assert all(np.dtype(variable.dtype).kind in "fiuS" for variable in file.variables.values())
        np.testing.assert_array_equal(file["psi_re"][:].filled(np.nan), VALUES.real)
        np.testing.assert_array_equal(file["psi_im"][:].filled(np.nan), VALUES.imag)
        assert file["psi_im"].long_name == "imaginary part of field psi"
        assert (file["psi_re"].units, file["psi_re"].complex_of, file["psi_re"].complex_part) == ("um-1", "psi", "re")
        assert "latticepol.load joins them" in file.complex_storage
    with xr.open_dataset(path, engine="netcdf4") as plain:
        np.testing.assert_array_equal(plain.psi_re + 0.0, VALUES.real)
        assert plain.label.values.tolist() == ["", "ä", "linear"]
        assert {"omega_re", "omega_im", "k_re"} <= set(plain.coords)


def test_bad_ways_to_store_complex_numbers(tmp_path):
    with pytest.raises(ValueError, match="complex = 'parts' is not known; use 'compound' or 'split'"):
        lp.save(EXAMPLE, tmp_path / "file.nc", complex="parts")
    taken = EXAMPLE.assign(psi_im=1.0)
    with pytest.raises(ValueError, match="variable psi_im has the name of a part of psi; rename"):
        lp.save(taken, tmp_path / "file.nc", complex="split")
    assert not list(tmp_path.iterdir())
    identical(taken, lp.load(lp.save(taken, tmp_path / "file.nc")))


@pytest.mark.parametrize("name", ["<lambda>", "a/b", "", " x", "x ", "x\n", "(p)", 3, ("a", "b")])
def test_names_that_no_file_can_hold_are_refused_before_anything_is_written(tmp_path, name):
    for dataset in (xr.Dataset({name: ("x", [1.0])}), xr.Dataset({"v": ("x", [1.0], {name: 1.0})})):
        with pytest.raises(ValueError, match=r"a name that no netCDF file can hold: .*; rename it"):
            lp.save(dataset, tmp_path / "file.nc")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("name", ["x", "_x", "9x", "Δ", "a b", "p-q", "a.b", "x(1)"])
def test_names_that_a_file_can_hold(tmp_path, name):
    dataset = xr.Dataset({name: ("x", [1.0])}, attrs={name: 2.0})
    xr.testing.assert_equal(lp.load(lp.save(dataset, tmp_path / "file.nc")), dataset)


@pytest.mark.parametrize("dim", ["c", "Com", "complex", "R", "ri", "x"])
@pytest.mark.parametrize("size", [1, 2, 3])
@pytest.mark.parametrize("labels", [True, False])
def test_a_dimension_that_looks_like_the_parts_of_a_complex_number(tmp_path, dim, size, labels):
    """The numbers along one of length two could not be written, or would come back as one complex number."""
    values = np.arange(3.0 * size).reshape(3, size)
    dataset = xr.Dataset({"v": (("y", dim), values), "w": ((dim, "y"), 1j * values.T)})
    dataset = dataset.assign_coords({dim: 0.8 + np.arange(size)}) if labels else dataset
    for storage in ("compound", "split"):
        path = lp.save(dataset, tmp_path / "file.nc", complex=storage)
        back = lp.load(path)
        xr.testing.assert_identical(back.drop_attrs(deep=False), dataset)
        assert set(back.attrs) == {"created", "complex_storage"}
        assert list(back.indexes) == list(dataset.indexes)
    lazy = opened(lp.save(dataset, path), 0, 0)
    xr.testing.assert_identical(lazy.load().drop_attrs(deep=False), dataset)


def large(tmp_path, **more):
    """The example as a file that is too large for memory."""
    path = lp.save(EXAMPLE, tmp_path / "file.nc")
    return path, opened(path, 0, **more)


def test_a_large_file_is_read_when_its_numbers_are_used(tmp_path):
    _, lazy = large(tmp_path, small=8)
    later = {name for name, variable in lazy.variables.items() if not variable._in_memory}
    assert {"psi", "low", "number", "omega"} <= later
    assert "label" not in later
    np.testing.assert_array_equal(lazy.psi[1, ::-1], VALUES[1, ::-1])
    np.testing.assert_array_equal(lazy.psi[[1, 0], [2, 0]], VALUES[[1, 0]][:, [2, 0]])
    np.testing.assert_array_equal(lazy.psi.sel(time=1.0, x=xr.DataArray([3, 1], dims="p")), VALUES[1, [2, 0]])
    assert not lazy.psi.variable._in_memory
    identical(with_texts(pickle.loads(pickle.dumps(lazy)).load()), lp.load(lp.save(lazy, tmp_path / "copy.nc")))
    identical(EXAMPLE, with_texts(lazy.load()))


def test_a_small_file_is_read_whole_and_closed(tmp_path):
    path = lp.save(EXAMPLE, tmp_path / "file.nc")
    whole = opened(path)
    path.unlink()
    identical(EXAMPLE, whole)


@pytest.mark.parametrize("change", ["removed", "replaced"])
def test_numbers_of_another_file_are_not_taken_for_those_of_this_one(tmp_path, change):
    path, lazy = large(tmp_path, small=8)
    path.unlink() if change == "removed" else lp.save(EXAMPLE.isel(time=[1, 0]), path)
    with pytest.raises(OSError, match=r"file.nc was removed or replaced since .*; make it again"):
        lazy.psi.load()


#: Every way in which a result, the same file opened by xarray, and lp.load meet; this was a segmentation fault.
TOGETHER = """
import sys
import numpy as np, xarray as xr, latticepol as lp
from latticepol.results import netcdf
net = lp.Network(lp.lattice.honeycomb(), lp.Site(p=0.3, a=2.28, g=1.0, delta=0.01), J=3.0, dJ=0.9)
run = lambda path: lp.evolve(net, "aligned", 1.0, dt=0.05, save=lp.every(0.1), out=path)
options = {"engine": "netcdf4", "auto_complex": True}
for size in ("small", "large"):
    if size == "large":
        netcdf.opened.__defaults__ = 0, 0
    path = f"{sys.argv[1]}/{size}.nc"
    result = run(path)
    assert result.psi.variable._in_memory == (size == "small")
    for _ in range(3):
        with xr.open_dataset(path, **options) as lazy:
            assert lazy.psi.shape == result.psi.shape == lp.load(path).psi.shape
            assert (result.psi.values == lazy.psi.values).all()
    one, other = (xr.open_dataset(path, **options) for _ in range(2))
    assert (one.load().spin.values == other.load().spin.values).all()
    one.close()
    assert (xr.open_dataset(path, **options).load().psi.values == result.psi.values).all()
    other.close()
    assert (run(path).psi.values[-1] == lp.load(path).psi.values[-1]).all()
    print(size, "alive")
"""


def test_a_result_and_its_file_opened_again_and_again(tmp_path):
    command = [sys.executable, "-c", TOGETHER, str(tmp_path)]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run(command, capture_output=True, text=True, env=environment)
    assert done.stdout == "small alive\nlarge alive\n", (done.returncode, done.stderr)


UNHELD = {
    "complex": (1 + 2j, "give its real and its imaginary part"),
    "complex array": (np.array([1j]), "give its real and its imaginary part"),
    "complex64": (np.complex64(1j), "give its real and its imaginary part"),
    "None": (None, "leave it out"),
    "dict": ({"a": 1}, r"json.dumps\(value\)"),
    "truth": (True, "an integer, 0 or 1"),
    "numpy truth": (np.bool_(False), r"str\(value\)|0 or 1"),
    "truths": ([True, False], "an integer, 0 or 1"),
    "mixed": ([1, "a"], r"json.dumps\(value\)"),
    "with None": ([1, None], r"json.dumps\(value\)"),
    "of several lengths": ([[1], [1, 2]], r"json.dumps\(value\)"),
    "two dimensions": (np.ones((2, 2)), "make it a variable, or give it one dimension"),
    "datetime": (datetime(2026, 1, 1), r"str\(value\)"),
    "datetime64": (np.datetime64("2026-01-01"), r"str\(value\)"),
    "timedelta64": (np.timedelta64(1, "s"), "give a number, and its unit"),
    "longdouble": (np.longdouble(1), r"float\(value\)"),
    "float16": (np.float16(1), r"float\(value\)"),
    "large": (2**70, r"str\(value\)"),
    "path": (Path("a"), r"str\(value\)"),
    "set": ({1, 2}, r"str\(value\)"),
    "DataArray": (xr.DataArray(1.0), r"str\(value\)"),
    "zero byte": ("a\0b", "leave out what is not a character"),
    "half a character": ("\ud800", "leave out what is not a character"),
}


@pytest.mark.parametrize("complex", ["compound", "split"])
@pytest.mark.parametrize("case", UNHELD)
def test_attributes_that_no_file_can_hold_are_refused(tmp_path, case, complex):
    value, fix = UNHELD[case]
    lp.save(EXAMPLE, tmp_path / "file.nc")
    written = (tmp_path / "file.nc").read_bytes()
    for where, dataset in {
        "'mine'": EXAMPLE.assign_attrs(mine=value),
        "'mine' of 'psi'": EXAMPLE.assign(psi=EXAMPLE.psi.assign_attrs(mine=value)),
    }.items():
        with pytest.raises(TypeError, match=f"(?s)attribute {where} is .*, which no netCDF file can hold: .*{fix}"):
            lp.save(dataset, tmp_path / "file.nc", complex=complex)
    assert (tmp_path / "file.nc").read_bytes() == written


HELD = [
    1,
    1.5,
    "text",
    "",
    np.float32(1),
    np.int8(1),
    [1, 2.5],
    (1, 2),
    ["a", "b"],
    np.arange(3),
    [],
    2**63,
    np.nan,
    "ψ",
]


@pytest.mark.parametrize("value", HELD, ids=repr)
def test_attributes_that_a_file_can_hold_come_back(tmp_path, value):
    back = lp.load(lp.save(EXAMPLE.assign_attrs(mine=value), tmp_path / "file.nc")).attrs["mine"]
    assert np.array_equal(back, value) or np.isnan(back)


@pytest.mark.parametrize("dtype", [np.float16, np.longdouble, np.clongdouble, [("a", int), ("b", float)]])
def test_numbers_that_no_file_can_hold_are_refused(tmp_path, dtype):
    with pytest.raises(TypeError, match=r"variable 'mine' has the type .*, which no netCDF file can hold: give ds"):
        lp.save(xr.Dataset({"mine": ("x", np.zeros(2, dtype))}), tmp_path / "file.nc")
    assert not list(tmp_path.iterdir())
