"""What all experiments do alike: data sets, and points of sweeps, that are made once and kept; tables of numbers."""

import dataclasses
import importlib.util
from pathlib import Path

import numpy as np
import pytest
import xarray as xr
from experiment_runs import EXPERIMENTS, modules

import latticepol as lp

SITE = lp.Site(p=0.4, a=2.28, g=0.1)
#: Folders of experiments: those with compute.py; the others are measurements and references.
ALL = sorted(path.parent for path in EXPERIMENTS.glob("*/compute.py"))


@pytest.fixture(scope="module")
def experiment():
    with modules() as module:
        yield module("experiment")


@pytest.fixture
def of(experiment, tmp_path):
    """An experiment with these data sets, and without figures and numbers unless they are given."""

    def make(datasets, **more):
        rest = {"figures": {}, "numbers": lambda data: {}, "readme": lambda data, found: {}, "quick": "less"} | more
        return experiment.Experiment(tmp_path, "what it is", datasets, **rest)

    return make


@pytest.fixture
def made(experiment, of, tmp_path, capsys):
    """A function of options and a data set that fails: what was computed, what was kept, and the data."""

    def make(*arguments, fails=None):
        computed = []

        def function(name):
            def compute(run):
                computed.append(name)
                if name == fails:
                    raise KeyboardInterrupt
                return xr.Dataset({"x": ("t", np.arange(2 if run.quick else 5))})

            return compute

        datasets = {name: function(name) for name in "abc"}
        arguments = ["--out", str(tmp_path), *arguments]
        if fails:
            with pytest.raises(SystemExit, match="130"):
                experiment.main(of(datasets), arguments)
        else:
            assert experiment.main(of(datasets), arguments) == 0
        kept = [line.split()[0] for line in capsys.readouterr().out.splitlines() if line.endswith("kept")]
        return "".join(computed), "".join(kept), {path.stem: lp.load(path) for path in sorted(tmp_path.glob("*.nc"))}

    return make


def test_what_was_interrupted_goes_on_where_it_was(made):
    assert made(fails="b")[:2] == ("ab", "")
    computed, kept, data = made("--resume")
    assert (computed, kept) == ("bc", "a")
    assert list(data) == ["a", "b", "c"]
    assert all(np.array_equal(ds.x, np.arange(5)) for ds in data.values())


def test_without_resume_all_is_made_again(made):
    made()
    assert made()[:2] == ("abc", "")


def test_a_quick_run_does_not_pass_for_a_full_one(made):
    made("--quick")
    assert made("--quick", "--resume")[:2] == ("", "abc")
    computed, _, data = made("--resume")
    assert computed == "abc"
    assert data["a"].sizes["t"] == 5


def test_a_readme_shows_the_numbers(experiment, tmp_path):
    readme = tmp_path / "README.md"
    start, end = "<!-- numbers: written by run.py --update-readme -->", "<!-- end of numbers -->"
    readme.write_text(f"before\n{start}\nold\n{end}\nafter\n")
    for _ in range(2):
        experiment.write_readme(tmp_path, experiment.table({"x": 1.23456, "y": 1e-12, "z": np.nan}))
        table = "| | |\n|---|---|\n| x | 1.235 |\n| y | 0 |\n| z | none |"
        assert readme.read_text() == f"before\n{start}\n\n{table}\n\n{end}\nafter\n"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--quick", "--update-readme"], "needs the full run"),
        (["--draw", "--update-readme"], "needs the numbers"),
        (["--workers", "0"], "not a number of processes"),
        (["--rng", "1"], "unrecognized arguments"),
    ],
)
def test_options_that_make_no_sense_are_refused(experiment, of, tmp_path, capsys, arguments, message):
    with pytest.raises(SystemExit) as caught:
        experiment.main(of({}), [*arguments, "--out", str(tmp_path)])
    assert caught.value.code == 2
    assert message in capsys.readouterr().err


def test_a_file_is_no_folder_for_data(experiment, of, tmp_path, capsys):
    (tmp_path / "file").write_text("")
    with pytest.raises(SystemExit):
        experiment.main(of({}), ["--out", str(tmp_path / "file")])
    assert "cannot be made one" in capsys.readouterr().err


def test_a_seed_is_an_option_of_experiments_that_have_one(experiment, of, tmp_path):
    seeds = []
    it = of({"a": lambda run: seeds.append(run.rng)}, rng=3)
    for arguments in ([], ["--rng", "5"]):
        experiment.main(it, [*arguments, "--out", str(tmp_path)])
    assert seeds == [3, 5]


def test_a_quick_run_leaves_out_what_is_none(experiment, of, tmp_path):
    datasets = {"a": lambda run: None if run.quick else xr.Dataset({"x": 1.0})}
    experiment.main(of(datasets), ["--quick", "--out", str(tmp_path)])
    assert not list(tmp_path.glob("*.nc"))
    experiment.main(of(datasets), ["--out", str(tmp_path)])
    assert [path.name for path in tmp_path.glob("*.nc")] == ["a.nc"]


def test_figures_are_drawn_again_from_the_files_alone(experiment, of, tmp_path):
    import matplotlib.pyplot as plt

    def figure(data):
        drawn, axes = plt.subplots()
        axes.plot(data["a"].x)
        return drawn

    def never(run):
        raise AssertionError("nothing is to be computed")

    lp.save(xr.Dataset({"x": ("t", [1.0, 2.0])}), tmp_path / "a.nc")
    it = of({"a": never}, figures={"f": (figure, "a line"), "g": (lambda data: None, "left out")})
    assert experiment.main(it, ["--draw", "--out", str(tmp_path)]) == 0
    assert [path.name for path in tmp_path.glob("*.png")] == ["f.png"]
    assert not (tmp_path / "numbers.json").exists()


def counted(site, folder):
    """A point that leaves a trace; Ctrl-C at the third of the first run, and a failure at 0.5 while it is asked for."""
    calls = Path(folder) / "calls"
    with open(calls, "a") as file:
        file.write(f"{site.p}\n")
    if site.p == 0.3 and not (Path(folder) / "interrupted").exists():
        (Path(folder) / "interrupted").touch()
        raise KeyboardInterrupt
    if site.p == 0.5 and (Path(folder) / "bad").exists():
        raise ValueError("a bad point")
    return {"x": site.p}


@pytest.fixture
def sweeping(experiment, of, tmp_path):
    """A run of an experiment that maps; returns the points that were computed in it."""
    it = of({"a": lambda run: run.sweep(counted, SITE, str(tmp_path), p=[0.1, 0.2, 0.3, 0.5])}, mapped=True)

    def go(*arguments):
        calls = tmp_path / "calls"
        calls.unlink(missing_ok=True)
        try:
            experiment.main(it, ["--out", str(tmp_path / "out"), "--workers", "1", *arguments])
        finally:
            points = [float(line) for line in calls.read_text().split()] if calls.exists() else []
            go.points = points
        return points

    return go


def test_an_interrupted_sweep_goes_on_at_the_point(sweeping, tmp_path, capsys):
    with pytest.raises(SystemExit, match="130"):
        sweeping()
    assert sweeping.points == [0.1, 0.2, 0.3]
    assert "2 of 4 points are finished" in capsys.readouterr().out
    assert sweeping("--resume") == [0.3, 0.5]
    found = lp.load(tmp_path / "out" / "a.nc")
    assert found.x.values.tolist() == found.p.values.tolist() == [0.1, 0.2, 0.3, 0.5]
    assert set(found.data_vars) == {"x"}
    assert sweeping("--resume") == []
    assert sweeping() == [0.1, 0.2, 0.3, 0.5]  # without --resume all is made again


def test_a_point_that_fails_ends_the_run_and_only_it_is_computed_again(sweeping, tmp_path):
    (tmp_path / "interrupted").touch()
    (tmp_path / "bad").touch()
    with (
        pytest.warns(UserWarning, match="1 of 4 points failed"),
        pytest.raises(RuntimeError, match=r"1 of 4 points failed: ValueError: a bad point; --resume"),
    ):
        sweeping()
    assert not (tmp_path / "out" / "a.nc").exists()
    (tmp_path / "bad").unlink()
    assert sweeping("--resume") == [0.5]


@pytest.mark.parametrize("folder", ALL, ids=lambda folder: folder.name)
def test_every_experiment_is_made_of_the_same_files(experiment, folder):
    """And its run.py is the Experiment and nothing more."""
    with modules(folder):
        spec = importlib.util.spec_from_file_location("run_of_an_experiment", folder / "run.py")
        script = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(script)
        it = script.EXPERIMENT
        assert type(it).__name__ == "Experiment"
        assert dataclasses.fields(it)
        assert it.here == folder
        assert it.datasets
        assert it.figures
    assert {"run.py", "compute.py", "plot.py", "results_table.py", "README.md"} <= {p.name for p in folder.iterdir()}
    assert len((folder / "run.py").read_text().splitlines()) < 40
