"""What .ci/run starts from: an environment of its own, the Pythons of this machine, the lowest versions."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from marks import PROCESSES, compares, marks

ROOT = Path(__file__).parents[2]
CI = ROOT / ".ci"
pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="bash, and scripts that are executable")


def script(path, *lines):
    path.parent.mkdir(exist_ok=True, parents=True)
    path.write_text("\n".join(("#!/bin/sh", *lines, "")))
    path.chmod(0o755)
    return path


def pythons(tmp_path, path):
    """What pythons.py prints, on stdout and stderr, where PATH is all there is."""
    command = [sys.executable, "-I", CI / "pythons.py"]
    environ = {"PATH": str(path), "HOME": str(tmp_path), "PYENV_ROOT": str(tmp_path / "pyenv")}
    return subprocess.run(command, capture_output=True, text=True, env=environ, check=True)


def test_pythons_that_are_there_and_why_others_are_skipped(tmp_path):
    folder = tmp_path / "bin"
    script(folder / "python3.21", "echo 3 21")
    script(folder / "python3.22", "echo 'No module named ensurepip' >&2; exit 1")
    script(folder / "python3.23", "echo 3 12")
    script(folder / "python3.24", "exit 4")
    script(folder / "python3.25-config", "echo 3 25")
    script(folder / "python3.10", "echo 3 10")
    said = pythons(tmp_path, folder)
    assert said.stdout.splitlines() == [f"3.21 {folder / 'python3.21'}"]
    assert said.stderr.splitlines() == [
        f"skipped {folder / 'python3.22'}: No module named ensurepip",
        f"skipped {folder / 'python3.23'}: it says that it is 3 12",
        f"skipped {folder / 'python3.24'}: exit code 4",
    ]


def test_one_of_a_version_manager_in_place_of_one_that_does_not_work(tmp_path):
    script(tmp_path / "bin" / "python3.22", "exit 1")
    works = script(tmp_path / "pyenv" / "versions" / "3.22.1" / "bin" / "python3.22", "echo 3 22")
    said = pythons(tmp_path, tmp_path / "bin")
    assert (said.stdout, said.stderr) == (f"3.22 {works}\n", "")


def run(tmp_path, *jobs, **environ):
    """.ci/run with these jobs and a python3 that tells its environment and fails."""
    if shutil.which("bash") is None or not (ROOT / ".git").exists():
        pytest.skip("needs bash and a git repository")
    script(tmp_path / "bin" / "python3", "env | grep -e planted -e _NUM_THREADS >&2", "exit 3")
    given = os.environ | {"PATH": f"{tmp_path / 'bin'}{os.pathsep}{os.environ['PATH']}"} | environ
    return subprocess.run([CI / "run", *jobs], capture_output=True, text=True, env=given)


def test_what_the_caller_has_set_is_not_what_is_tested(tmp_path):
    """Nor is a failure to look for Pythons passed over."""
    planted = ("OPENBLAS_CORETYPE", "NUMBA_CPU_NAME", "NUMBA_DISABLE_JIT", "NUMBA_CACHE_DIR", "PYTHONOPTIMIZE",
               "PYTEST_ADDOPTS", "LATTICEPOL_CACHE", "NPY_DISABLE_CPU_FEATURES", "MKL_CBWR")  # fmt: skip
    done = run(tmp_path, "pythons", **dict.fromkeys(planted, "planted"))
    assert "= pythons: FAILED" in done.stdout, done.stderr
    assert "+ readme" not in done.stdout
    assert done.returncode == 1
    assert "OPENBLAS_NUM_THREADS=1" in done.stderr
    assert [line for line in done.stderr.splitlines() if "planted" in line] == []


@pytest.mark.parametrize(
    "code",
    [
        "assert x == pytest.approx(y)",
        "np.testing.assert_allclose(x, y)",
        "assert np.array_equal(x, y)",
        "xr.testing.assert_identical(x, y)",
        "assert abs(x - y) < ROUNDING",
        "assert abs(x - y) <= 10 * np.abs(y).max() * ROUNDING",
        "assert error < 3e-5",
    ],
)
def test_files_that_compare_numbers(code):
    assert compares(code)


def test_files_that_do_not():
    assert not compares("assert len(names) < 5 and 'e-3' in text and x < y")


def test_tests_of_every_room_are_numeric():
    """And none of the experiments but the one that says so."""
    kinds = {path: marks(path) for path in Path(__file__).parents[1].rglob("test_*.py")}
    folders = {path.parent.name for path, found in kinds.items() if found == {"numeric"}}
    assert {"pseudospin", "gpe", "lattice", "network", "spectra", "evolution", "stationary", "sweeps"} <= folders
    names = {path.stem for path, found in kinds.items() if found == {"numeric"}}
    assert {"test_steady", "test_resume", "test_sweep", "test_units", "test_texts", "test_plots", "test_grid"} <= names
    assert not names & {"test_doctor", "test_files", "test_locks", "test_keys"}
    assert {path.stem for path, found in kinds.items() if not found} >= PROCESSES  # as long as there are such files
    assert {path.stem for path, found in kinds.items() if found == {"experiment"}} >= {"test_docs", "test_single_spot"}


def test_lowest_versions():
    command = [sys.executable, CI / "lowest.py", "test"]
    lines = subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()
    assert "numpy==2.0" in lines
    assert any(line.startswith("pytest==") for line in lines)
    assert all(line.count("==") == 1 for line in lines)
