"""The doctor finds what is wrong and says how to mend it; a healthy installation passes."""

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import numpy as np
import pytest
import xarray as xr

from latticepol.__main__ import main
from latticepol.command import doctor
from latticepol.numerics import fft
from latticepol.results import dataset

ROOT = Path(__file__).parents[2]


def found(what):
    """(verdict, text, fix) of everything with that name."""
    return [finding[1:] for finding in doctor.findings() if finding.what == what]


def test_here_all_is_well(capsys):
    assert main(["doctor"]) == 0
    said = capsys.readouterr().out
    for what in ("numpy", "BLAS", "FFT", "numba cache", "netCDF", "GPU", "no problems"):
        assert what in said


def test_each_problem_has_a_fix(monkeypatch, capsys):
    monkeypatch.setenv("OMP_NUM_THREADS", "999")
    (threads, *_) = found("threads")
    assert threads[0] == "problem"
    assert threads[2] == "unset OMP_NUM_THREADS"
    assert main(["doctor"]) == 1
    assert re.search(r"!!!!  threads .*999.*\n +-> unset OMP_NUM_THREADS", capsys.readouterr().out)


def test_an_old_library_is_a_problem(monkeypatch):
    monkeypatch.setattr(doctor, "version", lambda name: "0.0.1" if name == "scipy" else "999.0")
    ((verdict, text, fix),) = found("scipy")
    assert verdict == "problem"
    assert "0.0.1" in text
    assert "scipy>=" in fix
    assert found("numpy")[0][0] == "note"


def test_a_wrong_transform_is_found(monkeypatch):
    class Wrong:
        def __init__(self, buffer):
            pass

        def forward(self, array):
            array[0] += 1e-9

        backward = forward

    monkeypatch.setattr(fft, "Transforms", Wrong)
    assert found("FFT")[0][0] == "problem"


def test_a_cache_that_cannot_be_written_is_noted(monkeypatch, tmp_path):
    (tmp_path / "file").touch()
    monkeypatch.setenv("LATTICEPOL_CACHE", str(tmp_path / "file" / "cache"))
    if "pyfftw" in fft.available():
        ((verdict, _, fix),) = found("FFTW wisdom")
        assert verdict == "note"
        assert "LATTICEPOL_CACHE" in fix


def test_a_look_that_fails_is_a_problem(monkeypatch):
    def broken():
        raise OSError("HDF error")
        yield

    monkeypatch.setattr(doctor, "_netcdf", broken)
    assert ("problem", "OSError: HDF error", "pip install --force-reinstall latticepol") in found("broken")
    monkeypatch.setattr(doctor, "NEEDED", {"broken": "netCDF4 xarray"})
    assert ("problem", "OSError: HDF error", "pip install --force-reinstall netCDF4 xarray") in found("broken")


def test_requirements_are_those_of_the_source_tree_or_of_the_installation(monkeypatch, tmp_path):
    """A tree that was updated may need what its installation, older, does not name."""
    declared = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["dependencies"]
    assert doctor._requirements() == declared
    monkeypatch.setattr(doctor, "PROJECT", tmp_path / "pyproject.toml")
    monkeypatch.setattr(doctor, "requires", lambda name: ["numpy>=1.0", "mypy>=1; extra == 'test'"])
    assert [finding.what for finding in doctor._versions()] == ["numpy"]


@pytest.mark.parametrize("missing", ["scipy", "netCDF4", "packaging", "filelock"])
def test_a_library_that_is_not_there(missing):
    """In a process that cannot import it: what is missing and what installs it, instead of a traceback."""
    script = (
        "import importlib.metadata as there, sys\n"
        f"sys.modules[{missing!r}] = None\n"
        "version = there.version\n"
        "def hidden(name):\n"
        f"    if name == {missing!r}: raise there.PackageNotFoundError(name)\n"
        "    return version(name)\n"
        "there.version = hidden\n"
        "from latticepol.__main__ import main\n"
        "sys.exit(main(['doctor']))\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, cwd=ROOT)
    assert done.returncode == 1, done.stderr
    assert re.search(rf"!!!!  {missing} .*\n +-> pip install .*{missing}", done.stdout)


def test_kernels_that_are_chosen_by_hand_are_noted(monkeypatch):
    for name in doctor.KERNELS:
        monkeypatch.delenv(name, raising=False)
    assert not found("kernels")
    monkeypatch.setenv("OPENBLAS_CORETYPE", "Prescott")
    ((verdict, text, fix),) = found("kernels")
    assert (verdict, fix) == ("note", "unset OPENBLAS_CORETYPE")
    assert "OPENBLAS_CORETYPE = Prescott" in text


def test_without_compilation(monkeypatch):
    from latticepol.gpe.stepping import flow

    monkeypatch.setattr(flow, "number", flow.number.py_func)
    ((verdict, _, fix),) = found("numba")[1:]
    assert (verdict, fix) == ("problem", "unset NUMBA_DISABLE_JIT")


def test_complex_numbers_that_do_not_come_back(monkeypatch):
    monkeypatch.setattr(dataset, "load", lambda path: xr.Dataset({"psi": ("x", np.zeros(2))}))
    assert found("netCDF")[0][0] == "problem"


@pytest.mark.parametrize("name", doctor.TESTED)
def test_the_table_names_dependencies(name):
    declared = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["dependencies"]
    assert any(text.lower().startswith(f"{name}>=") for text in declared)
