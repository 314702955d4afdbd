"""What all experiments do alike: data sets that are made once, kept and made again; tables of numbers."""

from pathlib import Path

import numpy as np
import pytest
import xarray as xr
from experiment_runs import modules

EXPERIMENTS = Path(__file__).parents[1] / "experiments"


@pytest.fixture(scope="module")
def experiment():
    with modules(EXPERIMENTS) as module:
        yield module("experiment")


@pytest.fixture
def made(experiment, tmp_path, capsys):
    """A function of options and a data set that fails: what was computed, what was kept, and the data."""

    def make(*arguments, fails=None):
        computed = []

        def function(name):
            def compute(quick):
                computed.append(name)
                if name == fails:
                    raise KeyboardInterrupt
                return xr.Dataset({"x": ("t", np.arange(2 if quick else 5))})

            return compute

        options = experiment.parse(experiment.parser("", tmp_path, "less"), ["--out", str(tmp_path), *arguments])
        data, datasets = None, {name: function(name) for name in "abc"}
        if fails:
            with pytest.raises(SystemExit, match="130"):
                experiment.make_data(datasets, options)
        else:
            data = experiment.make_data(datasets, options)
        kept = [line.split()[0] for line in capsys.readouterr().out.splitlines() if line.endswith("kept")]
        return "".join(computed), "".join(kept), data

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
    [(["--quick", "--update-readme"], "needs the full run"), (["--workers", "0"], "not a number of processes")],
)
def test_options_that_make_no_sense_are_refused(experiment, tmp_path, capsys, arguments, message):
    with pytest.raises(SystemExit) as caught:
        experiment.parse(experiment.parser("", tmp_path, "less"), [*arguments, "--out", str(tmp_path)])
    assert caught.value.code == 2
    assert message in capsys.readouterr().err


def test_a_file_is_no_folder_for_data(experiment, tmp_path, capsys):
    (tmp_path / "file").write_text("")
    with pytest.raises(SystemExit):
        experiment.parse(experiment.parser("", tmp_path, "less"), ["--out", str(tmp_path / "file")])
    assert "is no folder and cannot be made one" in capsys.readouterr().err
