"""The doctor finds what is wrong and says how to mend it; a healthy installation passes."""

import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import llvmlite.binding
import numba
import numpy as np
import pytest
import xarray as xr

from latticepol.__main__ import main
from latticepol.command import doctor
from latticepol.numerics import fft
from latticepol.results import dataset

ROOT = Path(__file__).parents[2]


def found(what, **options):
    """(verdict, text, fix) of everything with that name."""
    return [finding[1:] for finding in doctor.findings(**options) if finding.what == what]


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


@pytest.mark.skipif("pyfftw" not in fft.available(), reason="only FFTW has plans")
@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "is damaged"),
        ("{", "is damaged"),
        ("[]", "is damaged"),
        ('{"fftw": [], "backends": {}}', "is damaged"),
        ('{"fftw": ["(fftw-3.3.10 junk", "", ""], "backends": {}}', "FFTW does not take"),
    ],
)
def test_damaged_plans_are_a_problem(text, said, monkeypatch, tmp_path):
    monkeypatch.setenv("LATTICEPOL_CACHE", str(tmp_path))
    assert found("FFTW wisdom")[0][0] == "fine"  # there is no file
    fft.wisdom_file().write_text(fft.wisdom())
    assert found("FFTW wisdom")[0][0] == "fine"
    fft.wisdom_file().write_text(text)
    ((verdict, told, fix),) = found("FFTW wisdom")
    assert verdict == "problem"
    assert said in told
    assert fix.startswith("delete this file")


@pytest.mark.slow  # in this process: above
@pytest.mark.skipif("pyfftw" not in fft.available(), reason="only FFTW has plans")
def test_damaged_plans_are_a_problem_in_a_new_process(monkeypatch, tmp_path):
    """Which has made no plan: the first one replaces the file."""
    monkeypatch.setenv("LATTICEPOL_CACHE", str(tmp_path))
    fft.wisdom_file().write_text("{")
    program = "from latticepol.command.doctor import findings; print([*findings()])"
    command = [sys.executable, "-c", program]
    more = {"PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, env=os.environ | more, capture_output=True, text=True, check=True)
    assert re.search(r"'FFTW wisdom', verdict='problem', text='[^']*is damaged'", done.stdout), done.stdout


def test_no_home_is_noted(monkeypatch):
    def homeless():
        raise RuntimeError("Could not determine home directory.")

    for name in ("LATTICEPOL_CACHE", "XDG_CACHE_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(Path, "home", homeless)
    if "pyfftw" in fft.available():
        ((verdict, _, fix),) = found("FFTW wisdom")
        assert verdict == "note"
        assert "LATTICEPOL_CACHE" in fix


@pytest.mark.slow  # a number that is too large: above
def test_a_number_of_threads_that_cannot_be(tmp_path):
    """With none of them numba cannot be loaded: the variable is what each problem has for a fix, and no library."""
    done = subprocess.run(
        [sys.executable, "-m", "latticepol", "doctor"],
        env=os.environ | {"NUMBA_NUM_THREADS": "0", "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        cwd=tmp_path,
    )
    assert done.returncode == 1
    assert re.findall(r"!!!!  (\w+) .*\n +-> (.*)", done.stdout) == [
        ("threads", "unset NUMBA_NUM_THREADS"),
        ("compiled", "unset NUMBA_NUM_THREADS"),
    ]


def test_the_processors_that_kernels_are_made_for(monkeypatch):
    (_, text, _) = found("BLAS")[0]
    assert re.search(r"kernels of \w+, \d+ threads", text)
    (_, text, _) = found("numba")[1]
    assert text == f"compiles for {os.environ.get('NUMBA_CPU_NAME') or llvmlite.binding.get_host_cpu_name()}"
    monkeypatch.setattr(numba.config, "CPU_NAME", "generic")
    assert found("numba")[1][1] == "compiles for generic"


def test_information_that_fails_does_not_keep_the_doctor_from_the_rest(monkeypatch):
    def broken():
        raise OSError("libfftw3.so: cannot open")

    monkeypatch.setattr(doctor, "information", broken)
    assert ("problem", "OSError: libfftw3.so: cannot open", "pip install --force-reinstall latticepol") in found("here")
    assert found("netCDF")[0][0] == "fine"


def test_a_look_that_fails_is_a_problem(monkeypatch):
    def broken():
        raise OSError("HDF error")
        yield

    monkeypatch.setattr(doctor, "_netcdf", broken)
    assert ("problem", "OSError: HDF error", "pip install --force-reinstall latticepol") in found("broken")
    needed = {"broken": "netCDF4 xarray"}
    fix = "pip install --force-reinstall netCDF4 xarray"
    assert ("problem", "OSError: HDF error", fix) in found("broken", needed=needed)


def test_requirements_are_those_of_the_source_tree_or_of_the_installation(monkeypatch, tmp_path):
    """A tree that was updated may need what its installation, older, does not name."""
    declared = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["dependencies"]
    assert doctor._requirements() == declared
    monkeypatch.setattr(doctor, "requires", lambda name: ["numpy>=1.0", "mypy>=1; extra == 'test'"])
    assert [finding.what for finding in doctor._versions(tmp_path / "pyproject.toml")] == ["numpy"]


@pytest.mark.parametrize(
    "missing", ["scipy", *(pytest.param(name, marks=pytest.mark.slow) for name in ("filelock", "netCDF4", "packaging"))]
)
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
