"""The command line: experiments are found, run and report how they ended; info and bench say what is there."""

import os
import re
import signal
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path
from types import SimpleNamespace

import pytest

import latticepol
from latticepol.__main__ import SHORT, _bench, _parser, main
from latticepol.command import benchmark, experiments, information
from latticepol.numerics import fft

ROOT = Path(__file__).parents[2]
#: Says what it was given and ends as it is told.
RUN = "import sys; print('given', *sys.argv[1:], flush=True); sys.exit(int(sys.argv[-1]) if sys.argv[1:] else 0)"
README = """# Two spins in a box

**Claim.** One [exchanges](a.md)
with the other. They do.

Run time: about 4 minutes (--quick: 25 s).
"""


@pytest.fixture
def empty(tmp_path, monkeypatch):
    """An empty working folder, and no source tree."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(experiments, "SOURCE", tmp_path / "elsewhere")
    return tmp_path


@pytest.fixture
def place(empty, tmp_path):
    """A working folder with experiments in both places, and no source tree."""
    for name in ("experiments/two_spins", "bare"):
        folder = tmp_path / name
        folder.mkdir(parents=True)
        (folder / "run.py").write_text(RUN)
    (tmp_path / "experiments" / "two_spins" / "README.md").write_text(README)
    return tmp_path


def test_list_has_claims_and_run_times(place, capsys):
    assert main(["run"]) == 0
    listed = capsys.readouterr().out
    claim, run_time = r"One exchanges with the other\.", r"run time: about 4 minutes \(--quick: 25 s\)"
    assert re.search(rf"^two_spins +Two spins in a box\n +{claim}\n +{run_time}$", listed, re.M)
    assert re.search(r"^bare .*\n +run time: not stated$", listed, re.M)


def test_list_of_nothing_says_where_it_looked(empty, capsys):
    assert main(["run"]) == 0
    assert "./experiments" in capsys.readouterr().out


def test_docstring_stands_in_for_a_readme(place):
    (place / "bare" / "run.py").write_text('"""One spin alone.\n\nRun time: 3 s.\n"""\n')
    assert experiments.found()["bare"][2:] == ("One spin alone", "", "3 s")
    (place / "bare" / "run.py").write_text("this is not Python")
    assert "README.md" in experiments.found()["bare"].title
    assert experiments.found()["bare"][3:] == ("", "not stated")


def test_working_folder_comes_before_the_source_tree(place, monkeypatch):
    source = place / "elsewhere"
    for name in ("two_spins", "third"):
        (source / name).mkdir(parents=True)
        (source / name / "run.py").write_text(RUN)
    found = experiments.found()
    assert set(found) == {"two_spins", "bare", "third"}
    assert found["two_spins"].title == "Two spins in a box"


@pytest.mark.parametrize(("ends", "code"), [(0, 0), (1, 1), (2, 2), (7, 1)])
def test_options_are_passed_on_and_exit_codes_come_back(place, capfd, ends, code):
    options = ["--quick", "--out", "here", "--workers", "2", str(ends)]
    assert main(["run", "two_spins", *options]) == code
    assert capfd.readouterr().out.split() == ["given", *options]


def test_help_after_the_name_is_that_of_the_experiment(place, capfd):
    assert main(["run", "bare", "--help", "0"]) == 0
    assert capfd.readouterr().out.split() == ["given", "--help", "0"]


def test_help_names_the_command_that_was_typed(place, capfd):
    script = "import argparse; made = argparse.ArgumentParser(); made.add_argument('--quick'); made.parse_args()"
    (place / "bare" / "run.py").write_text(script)
    assert main(["run", "bare", "-h"]) == 0
    assert capfd.readouterr().out.startswith("usage: latticepol run bare [-h] [--quick QUICK]")


def test_experiment_that_crashes_has_failed(place):
    (place / "bare" / "run.py").write_text("import os; os.kill(os.getpid(), 9)")
    assert main(["run", "bare"]) == 1


def test_unknown_experiment(place, capsys):
    assert main(["run", "two_spin"]) == 2
    said = capsys.readouterr().err
    assert "no experiment 'two_spin'; did you mean two_spins? There are: " in said
    assert "bare, two_spins" in said
    assert main(["run", "zzz"]) == 2
    assert "no experiment 'zzz'; there are: " in capsys.readouterr().err


@pytest.mark.parametrize("wrong", [["run", "--quick"], ["info", "--quick"], ["fly"], ["bench", "--points", "3"]])
def test_wrong_usage(place, wrong, capsys):
    with pytest.raises(SystemExit) as end:
        main(wrong)
    assert end.value.code == 2
    assert wrong[-1] in capsys.readouterr().err


def test_name_comes_first(place, capsys):
    with pytest.raises(SystemExit):
        main(["run", "--quick"])
    assert "the name of the experiment comes first" in capsys.readouterr().err


def test_help_has_examples(capsys):
    assert main([]) == 0
    plain = capsys.readouterr().out
    assert "latticepol run honeycomb_gap --quick" in plain
    assert "exit codes: 0 fine" in plain
    with pytest.raises(SystemExit) as end:
        main(["run", "--help"])
    assert end.value.code == 0
    assert "--workers N" in capsys.readouterr().out
    with pytest.raises(SystemExit):
        main(["--version"])
    assert capsys.readouterr().out == f"latticepol {latticepol.__version__}\n"


@pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")
@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_signals_are_passed_on_once(place, number, code):
    """As by Ctrl-C in a terminal the group of the command is told; the experiment hears of it once and ends as it
    wants."""
    (place / "bare" / "run.py").write_text(
        "import os, signal, time\n"
        "heard = []\n"
        f"signal.signal({int(number)}, lambda *_: heard.append(1))\n"
        "print('group of its own:', os.getpgrp() == os.getpid(), flush=True)\n"
        "for _ in range(2000): time.sleep(0 if heard else 0.01)\n"
        "time.sleep(0.1)\n"
        "print('heard', len(heard), flush=True)\n"
        f"signal.signal({int(number)}, signal.SIG_DFL)\n"
        f"signal.raise_signal({int(number)})\n"
    )
    command = [sys.executable, "-m", "latticepol", "run", "bare"]
    here = os.environ | {"PYTHONPATH": str(Path(latticepol.__file__).parents[1])}
    run = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=here, start_new_session=True)
    try:
        assert run.stdout.readline() == "group of its own: True\n"  # or it would hear twice
        os.killpg(run.pid, number)
        said, _ = run.communicate(timeout=20)
    finally:
        run.kill()
        run.wait()
    assert said == "heard 1\n"
    assert run.returncode == code


def test_info_says_what_is_installed(capsys):
    assert main(["info"]) == 0
    said = dict(line.split(maxsplit=1) for line in capsys.readouterr().out.splitlines())
    assert said["numpy"] == version("numpy")
    assert said["xarray"] == version("xarray")
    assert said["latticepol"].startswith(f"{latticepol.__version__}, commit ")
    assert said["Python"].startswith(sys.version.split()[0])
    assert said["FFT"].split(",")[0] in fft.available()
    assert "for this process" in said["processors"]


def test_info_on_what_is_missing_or_there(monkeypatch):
    def missing():
        raise RuntimeError("device 'cuda' needs CuPy and a GPU; here: No module named 'cupy'")

    monkeypatch.setattr(fft, "cuda", missing)
    said = information.information(["numpy", "no_such_library"])
    assert said["GPU"] == "none (No module named 'cupy')"
    assert said["no_such_library"] == "not installed"

    def properties(_):
        return {"name": b"Some GPU", "totalGlobalMem": 80 * 2**30}

    runtime = SimpleNamespace(getDeviceProperties=properties)
    card = SimpleNamespace(cuda=SimpleNamespace(runtime=runtime), __version__="13.6")
    monkeypatch.setattr(fft, "cuda", lambda: card)
    assert information.information()["GPU"] == "Some GPU, 80 GiB, CuPy 13.6"


def test_bench_runs_the_experiment_where_there_is_one(place, capfd):
    folder = place / "elsewhere" / "performance"
    folder.mkdir(parents=True)
    (folder / "run.py").write_text("import sys; print(*sys.argv[1:])")
    assert main(["bench"]) == 0
    assert capfd.readouterr().out == "--quick --only pseudospin field network\n"


def test_bench_of_its_own(place, capsys):
    """Small and short; numbers are not tested, but every line has a time and the ratios have a floor."""
    small = benchmark.Sizes(seconds=0.0, points=32, mesh=6, map=2, realizations=10)
    assert _bench(_parser().parse_args(["bench"]), small) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines] == ["one", "one", "one", "bands", "Bogoliubov"]
    assert len({line.index(" us") for line in lines[1:]}) == 1  # aligned
    assert all(float(re.search(r"([\d.]+) us", line).group(1)) > 0 for line in lines[1:])
    for line in (lines[1], *lines[3:]):
        assert float(re.search(r"us +([\d.]+)  \w+", line).group(1)) > 0


def test_short_benchmark_is_one_that_the_experiment_knows():
    folder = ROOT / "experiments" / "performance"
    text = (folder / "run.py").read_text()
    assert set(SHORT[2:]) <= {path.stem for path in folder.glob("*.py")}
    assert all(f'"{option}"' in text for option in SHORT)


@pytest.mark.parametrize(
    "folder", sorted(path.parent for path in (ROOT / "experiments").glob("*/run.py")), ids=lambda f: f.name
)
def test_every_experiment_states_what_and_how_long(folder):
    found = experiments.described(folder)
    assert len(found.title) > 5
    assert found.run_time != "not stated"


def test_workers_are_checked_said_and_counted(monkeypatch, tmp_path, capsys):
    """experiments/experiment.py: the option that all experiments share."""
    monkeypatch.syspath_prepend(ROOT / "experiments")
    import experiment

    def options(mapped, *argv):
        it = experiment.Experiment(tmp_path, "", {}, {}, dict, dict, "less", mapped=mapped)
        return experiment.parse(it, ["--out", str(tmp_path), *argv])

    assert options(True, "--workers", "3").workers == 3
    assert capsys.readouterr().out == ""
    assert options(True).workers >= options(True, "--quick").workers == 1
    assert options(True, "--quick", "--workers", "2").workers == 2
    assert options(False, "--workers", "3").workers == 3
    assert "--workers 3 changes nothing" in capsys.readouterr().out
    with pytest.raises(SystemExit) as end:
        options(True, "--workers", "0")
    assert end.value.code == 2
    assert "give at least 1" in capsys.readouterr().err
