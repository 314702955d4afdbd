"""Datasets: the table, wrap, the disk and back."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import xarray as xr

import latticepol as lp
from latticepol.results import dataset, earlier
from latticepol.results.dataset import wrap
from latticepol.results.variables import VARIABLES, Variable, derived_units

SITE = lp.Site(p=0.5, a=2.28, g=0.1, delta=0.05)

TOL = 1e-10  # relative tolerance of a trajectory for which none is given
#: every door of the single condensate, with axes and without; a new door is one line here
DOORS = {
    "pitchfork": lambda: lp.pitchfork(SITE),
    "pitchfork map": lambda: lp.pitchfork(SITE, a=[1.0, 2.0], g=[0.1, 3.0, 0.0]),
    "folds": lambda: lp.folds(SITE, delta=[0.0, 0.1]),
    "folds along delta": lambda: lp.folds(SITE, along="delta", p=[0.5, 0.6]),
    "fixed_points": lambda: lp.fixed_points(SITE),
    "fixed_points map": lambda: lp.fixed_points(SITE, p=[0.2, 0.6], delta=[0.0, 0.1, -1.0]),
    "branches": lambda: lp.branches(SITE, span=(0, 1), points=20),
    "branches along delta": lambda: lp.branches(SITE, along="delta", span=(-0.1, 0.1), points=20),
    "no branches": lambda: lp.branches(SITE, span=(-9, -8), points=20),
    "g_eff": lambda: lp.g_eff(SITE, p=[0.2, 0.6]),
    "precession": lambda: lp.precession(SITE, p=[0.2, 0.6]),
    "trajectory": lambda: lp.trajectory(SITE, [0.1, 0, 0.02], [0.0, 1.0]),
    "noisy trajectories": lambda: lp.trajectory(SITE, np.full((2, 3), 0.1), [0.0, 1.0], noise=0.1, rng=3),
    "alignment_probability": lambda: lp.alignment_probability(SITE, realizations=20, rng=0, p=[0.3, 0.6]),
}

STAMPS = {"created", "complex_storage"}  # what save adds


@pytest.fixture(params=DOORS)
def result(request):
    return DOORS[request.param]()


@pytest.fixture
def with_field(monkeypatch):
    """The table with one complex variable."""
    monkeypatch.setitem(VARIABLES, "psi", Variable("order parameter psi", "root density"))


def test_every_variable_has_unit_and_long_name(result):
    names = set(result.data_vars) | (set(result.coords) & set(VARIABLES))
    assert names <= set(VARIABLES)
    for name in names:
        assert result[name].attrs == {"units": "1", "long_name": VARIABLES[name].long_name}, name


def test_attributes_tell_where_a_result_comes_from(result):
    attrs = result.attrs
    assert attrs["title"]
    assert attrs["source"] == f"latticepol {lp.__version__}"
    assert attrs["dataset_version"] == earlier.DATASET_VERSION
    assert attrs["git_commit"] == dataset.commit()
    assert set(json.loads(attrs["versions"])) == {"numpy", "scipy", "numba", "xarray"}
    assert json.loads(attrs["versions"])["numpy"] == np.__version__
    parameters = json.loads(attrs["parameters"])
    for name in ("p", "a", "g", "delta"):
        if name in parameters:
            assert parameters[name] == getattr(SITE, name)
        else:
            assert name in result.variables
    assert all(isinstance(value, str | int | float) for value in attrs.values())


def test_settings_are_attributes():
    noisy = DOORS["noisy trajectories"]()
    assert noisy.attrs["seed"] == 3
    assert noisy.attrs["noise"] == 0.1
    assert noisy.attrs["dt"] > 0
    assert DOORS["trajectory"]().attrs["tol"] == TOL
    assert lp.g_eff(SITE, select="smallest").attrs["select"] == "smallest"
    assert json.loads(DOORS["branches"]().attrs["span"]) == [0.0, 1.0]


def test_no_dimension_is_read_as_a_complex_number(result):
    """The netCDF reader takes a dimension of length two called r, ri, c, comp... for real and imaginary part."""
    for dim in result.dims:
        assert not any(word.startswith(dim.lower()) for word in ("complex", "ri")), dim


def test_no_name_of_the_table_is_read_as_a_complex_number():
    for name in VARIABLES:
        assert not any(word.startswith(name.lower()) for word in ("complex", "ri")), name
        assert VARIABLES[name].long_name


def test_round_trip(result, tmp_path):
    path = lp.save(result, tmp_path / "result.nc")
    back = lp.load(path)
    assert set(back.attrs) - set(result.attrs) == STAMPS
    back.attrs = {key: value for key, value in back.attrs.items() if key not in STAMPS}
    xr.testing.assert_identical(back, result)
    for name in result.variables:
        assert back[name].dtype.kind == result[name].dtype.kind, name
        assert back[name].dims == result[name].dims
    assert list(tmp_path.iterdir()) == [path]


def test_files_of_earlier_versions_have_the_names_of_today(tmp_path):
    """``k_gap`` was called ``where``; a variable of a user with that name keeps it."""
    net = lp.Network(lp.lattice.honeycomb(), lp.Site(p=0.1, a=2.28, g=1.0, delta=0.05), J=3.0, dJ=0.9)
    gap = lp.gap(net, below=2, mesh=12)
    before = gap.rename(k_gap="where").assign_attrs(dataset_version=1)
    back = lp.load(lp.save(before, tmp_path / "gap.nc"))
    xr.testing.assert_identical(back.k_gap, gap.k_gap)
    assert "where" not in back
    assert back.attrs["dataset_version"] == earlier.DATASET_VERSION
    own = before.assign(where=before["where"].assign_attrs(long_name="where the pump is"))
    assert "where" in lp.load(lp.save(own, tmp_path / "own.nc"))
    assert set(earlier.RENAMED) == set(range(2, earlier.DATASET_VERSION + 1))


@pytest.mark.parametrize("dims", [("time",), ("time", "axis"), ("axis",), ()])
def test_complex_numbers_make_the_round_trip(dims, tmp_path, with_field):
    shape = tuple({"time": 2, "axis": 3}[dim] for dim in dims)
    rng = np.random.default_rng(1)
    psi = rng.normal(size=shape) + 1j * rng.normal(size=shape)
    ds = wrap({"psi": (dims, psi)}, {}, {"p": 1.0}, title="a field", units={"root density": "um^-1"})
    back = lp.load(lp.save(ds, tmp_path / "psi.nc"))
    assert back.psi.dtype == np.complex128
    assert back.psi.dims == dims
    np.testing.assert_array_equal(back.psi, psi)
    assert back.psi.attrs == {"units": "um^-1", "long_name": "order parameter psi"}


def test_a_file_is_whole_or_not_there(tmp_path, monkeypatch):
    """A writer that fails half way leaves the old file and nothing else."""
    path = tmp_path / "result.nc"
    lp.save(DOORS["pitchfork"](), path)
    before = path.read_bytes()

    def fail(self, target, **_):
        Path(target).write_bytes(b"half a file")
        assert Path(target).parent.parent == tmp_path  # the same disk, so that moving it is atomic
        raise OSError("disk full")

    monkeypatch.setattr(xr.Dataset, "to_netcdf", fail)
    with pytest.raises(OSError, match="disk full"):
        lp.save(DOORS["g_eff"](), path)
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]
    with pytest.raises(OSError, match="disk full"):
        lp.save(DOORS["g_eff"](), tmp_path / "other.nc")
    assert list(tmp_path.iterdir()) == [path]


def test_save_replaces_and_takes_names_of_any_kind(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert lp.save(DOORS["pitchfork"](), "result.nc") == Path("result.nc")
    lp.save(DOORS["g_eff"](), str(tmp_path / "result.nc"))
    assert "g_eff" in lp.load("result.nc")
    lp.save(lp.load("result.nc"), "result.nc")  # load leaves the file closed
    assert [path.name for path in tmp_path.iterdir()] == ["result.nc"]


def test_save_leaves_the_dataset_alone(tmp_path):
    ds = DOORS["g_eff"]()
    before = ds.copy(deep=True)
    lp.save(ds, tmp_path / "result.nc")
    xr.testing.assert_identical(ds, before)


def test_save_into_a_folder_that_is_not_there(tmp_path):
    folder = tmp_path / "nowhere"
    with pytest.raises(FileNotFoundError, match=r"nowhere does not exist; make it with Path\('.*nowhere'\)\.mkdir\(\)"):
        lp.save(DOORS["pitchfork"](), folder / "result.nc")


def test_wrap_refuses_a_variable_that_is_not_in_the_table():
    message = "variable 'speed' has no entry in latticepol.results.variables.VARIABLES; add one with its long name"
    with pytest.raises(KeyError, match=message):
        wrap({"speed": (("time",), np.zeros(2))}, {}, {}, title="nothing")


def test_units_follow_the_physical_dimension():
    ds = wrap(
        {"Omega": (("time",), np.zeros(2)), "pseudospin": (("time",), np.ones(2))},
        {"time": [0.0, 1.0]},
        {},
        title="in picoseconds",
        units={"time": "ps", "rate": "ps^-1"},
    )
    assert ds.time.attrs["units"] == "ps"
    assert ds.Omega.attrs["units"] == "ps^-1"
    assert ds.pseudospin.attrs["units"] == "1"


def test_attributes_are_strings_and_numbers_only():
    ds = wrap(
        {},
        {},
        {"p": np.float64(0.5), "profile": np.arange(3), "site": SITE},
        title="nothing",
        flag=True,
        nothing=None,
        span=[0.0, 1.0],
        array=np.array([1.5, 2.5]),
        number=np.float64(2.5),
    )
    assert all(isinstance(value, str | int | float) and not isinstance(value, bool) for value in ds.attrs.values())
    assert json.loads(ds.attrs["parameters"]) == {"p": 0.5, "profile": [0, 1, 2], "site": repr(SITE)}
    assert json.loads(ds.attrs["flag"]) is True
    assert json.loads(ds.attrs["nothing"]) is None
    assert json.loads(ds.attrs["span"]) == [0.0, 1.0]
    assert json.loads(ds.attrs["array"]) == [1.5, 2.5]
    assert ds.attrs["number"] == 2.5


def test_coordinates_along_other_dimensions():
    ds = wrap(
        {"stable": (("branch", "point"), np.ones((2, 3), bool))},
        {"p": (("branch", "point"), np.zeros((2, 3))), "axis": ["x", "y", "z"]},
        {},
        title="curves",
    )
    assert ds.p.dims == ("branch", "point")
    assert ds.p.attrs["long_name"] == VARIABLES["p"].long_name
    assert "p" in ds.coords


def test_commit_is_that_of_the_checkout(tmp_path, monkeypatch):
    folder = Path(dataset.__file__).parent
    git = ["git", "-C", str(folder), "rev-parse", "HEAD"]
    try:
        head = subprocess.run(git, check=True, capture_output=True, text=True).stdout.strip()
        tracked = ["git", "-C", str(folder), "ls-files", "--error-unmatch", "dataset.py"]
        subprocess.run(tracked, check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError):
        head = None  # installed, or no git here
    found = dataset.commit.__wrapped__()
    assert found == "unknown" if head is None else found.removesuffix("-dirty") == head
    monkeypatch.setattr(dataset, "__file__", str(tmp_path / "dataset.py"))
    assert dataset.commit.__wrapped__() == "unknown"


@pytest.mark.slow  # files opened twice: test_netcdf.py
def test_load_next_to_a_dataset_that_still_reads_from_the_file(tmp_path):
    """In a process of its own: this was a segmentation fault."""
    script = (
        "import sys, numpy as np, xarray as xr, latticepol as lp\n"
        "path = sys.argv[1]\n"
        "lp.save(xr.Dataset({'psi': ('x', np.arange(4) * 1j)}), path)\n"
        "lazy = xr.open_dataset(path, engine='netcdf4', auto_complex=True)\n"
        "for _ in range(4):\n"
        "    assert lp.load(path).psi.values[3] == 3j\n"
        "assert lazy.psi.values[2] == 2j\n"
    )
    done = subprocess.run([sys.executable, "-c", script, tmp_path / "psi.nc"], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_units_without_a_length_have_none():
    assert derived_units({"time": "ps"})["diffusivity"] == "ps-1"
    assert derived_units({"time": "ps"})["density"] == "1"
    assert derived_units({"time": "ps", "length": "um"})["mass"] == "ps um-2"
    assert derived_units({"time": "ps", "length": "um"})["diffusivity"] == "um2 ps-1"


def test_the_home_and_a_link(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    (tmp_path / "link.nc").symlink_to(tmp_path / "target.nc")
    assert lp.save(xr.Dataset({"x": 1.0}), "~/link.nc") == tmp_path / "link.nc"
    assert (tmp_path / "link.nc").is_symlink()
    assert lp.load("~/target.nc").x == 1.0
