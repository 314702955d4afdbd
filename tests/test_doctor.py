"""The doctor finds what is wrong and says how to mend it; a healthy installation passes."""

import re
import tomllib
from pathlib import Path

import numpy as np
import pytest
import xarray as xr

from latticepol.__main__ import main
from latticepol.command import doctor
from latticepol.numerics import fft
from latticepol.results import dataset

ROOT = Path(__file__).parents[1]


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
    assert ("problem", "OSError: HDF error", "install it anew") in found("broken")


def test_complex_numbers_that_do_not_come_back(monkeypatch):
    monkeypatch.setattr(dataset, "load", lambda path: xr.Dataset({"psi": ("x", np.zeros(2))}))
    assert found("netCDF")[0][0] == "problem"


@pytest.mark.parametrize("name", doctor.TESTED)
def test_the_table_names_dependencies(name):
    declared = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["dependencies"]
    assert any(text.lower().startswith(f"{name}>=") for text in declared)
