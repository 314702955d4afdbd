"""What .ci/run starts from: an environment of its own, the Pythons of this machine, the lowest versions."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from marks import compares, marks, numeric

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
def test_code_that_compares_numbers(code):
    assert compares(code)


def test_code_that_does_not():
    assert not compares("assert len(names) < 5 and 'e-3' in text and x < y")


FILE = """
def close(x, y):
    assert abs(x - y) < ROUNDING

def both(x, y):
    close(x, y)

def test_itself():
    assert x == pytest.approx(y)

def test_by_two_functions():
    both(x, y)

def test_of_a_message():
    with pytest.raises(ValueError, match="3e-5"):
        check(x)

def test_of_another_process():
    close(x, float(subprocess.run(command).stdout))
"""


def test_tests_that_compare_numbers():
    assert numeric(FILE) == {"test_itself", "test_by_two_functions"}


def test_tests_of_every_room_that_computes_are_numeric():
    """And of no other; of the experiments the one that says so."""
    found = {}
    for path in Path(__file__).parents[1].rglob("test_*.py"):
        for name in re.findall(r"^def (test_\w+)", path.read_text(encoding="utf-8"), re.M):
            found.setdefault(frozenset(marks(path, name)), set()).add((path.parent.name, path.stem))
    numbers, others = found[frozenset({"numeric"})], found[frozenset()]
    assert {folder for folder, _ in numbers} >= {
        "pseudospin", "terms", "stepping", "lattice", "network", "spectra", "evolution", "stationary", "topology",
    }  # fmt: skip
    assert {stem for _, stem in numbers} >= {"test_steady", "test_resume", "test_bands", "test_grid"}
    assert not {folder for folder, _ in numbers} & {"project", "command", "disk", "guises", "plot", "units", "sweeps"}
    assert {stem for _, stem in others} >= {"test_resume", "test_lost_runs"}  # test by test, and whole files
    assert {stem for _, stem in found[frozenset({"experiment"})]} >= {"test_honeycomb_gap", "test_single_spot"}
    assert {stem for _, stem in found[frozenset({"page"})]} == {"test_docs"}


def test_other_machines_come_before_what_is_short():
    """Where time runs out, what nobody sees here has run."""
    jobs = re.findall(r'^ *job "?([\w-]+)', (CI / "run").read_text(encoding="utf-8"), re.M)
    assert jobs == ["readme", "linters", "kernels", "pythons", "lowest", "Python-",
                    "experiments", "environments", "doctor", "pages", "notebooks"]  # fmt: skip


def test_lowest_versions():
    command = [sys.executable, CI / "lowest.py", "test"]
    lines = subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()
    assert "numpy==2.0.2" in lines
    assert any(line.startswith("pytest==") for line in lines)
    assert all(line.count("==") == 1 for line in lines)
