"""The experiment end to end, and its README against what the run finds."""

import json
import re
from pathlib import Path

import numpy as np
import pytest
from experiment_runs import modules, run

import latticepol as lp

HERE = Path(__file__).parents[2] / "experiments" / "giant_g_factor"

ENSEMBLES = {"usable g eff at 0.001", "usable over law at weakest field", "P at seed 1e-6 minus P at seed 0.1"}
QUICK = 0.1  # coarse grids and small ensembles of the quick run
FULL = 1e-4  # the README shows five digits


@pytest.fixture(scope="module")
def quick(tmp_path_factory):
    return run(HERE, tmp_path_factory.mktemp("quick"), "--quick")


def test_every_data_set_and_figure_is_written(quick):
    folder, done = quick
    with modules(HERE) as module:
        datasets, figures = module("compute").DATASETS, module("plot").FIGURES
    assert {path.stem for path in folder.glob("*.nc")} == set(datasets)
    assert {path.stem for path in folder.glob("*.png")} == set(figures)
    last = done.stdout[done.stdout.index("Figures:") :]
    for name, (_, text) in figures.items():
        assert f"{name}.png" in last
        assert text in last


def test_every_file_says_where_it_comes_from(quick):
    folder, _ = quick
    for path in folder.glob("*.nc"):
        ds = lp.load(path)
        assert {"title", "source", "git_commit", "parameters", "versions"} <= set(ds.attrs), path.name
        assert all("long_name" in variable.attrs for variable in ds.data_vars.values()), path.name


def test_paper_is_reproduced(quick):
    _, done = quick
    assert "DIFFERS" not in done.stdout
    assert done.stdout.count("agrees") == len(_rows("stated in the paper"))


def test_readme_agrees_with_the_quick_run(quick):
    folder, _ = quick
    found = json.loads((folder / "numbers.json").read_text())
    for text, value in zip(_rows("stated in the paper").values(), found["paper"].values(), strict=True):
        assert float(text) == pytest.approx(value, rel=1e-6)
    for name, value in found["beyond"].items():
        text = _rows("beyond the paper")[name.replace("_", " ")]
        assert float(text) == pytest.approx(value, rel=QUICK if name.replace("_", " ") in ENSEMBLES else 0.01)


@pytest.mark.slow
def test_readme_is_what_the_full_run_writes(tmp_path):
    folder, done = run(HERE, tmp_path)
    assert "DIFFERS" not in done.stdout
    found = json.loads((folder / "numbers.json").read_text())
    shown = [*_rows("stated in the paper").values(), *_rows("beyond the paper").values()]
    np.testing.assert_allclose(
        [float(text) for text in shown], [*found["paper"].values(), *found["beyond"].values()], FULL
    )


@pytest.mark.slow  # the quick run draws from its files too
def test_plots_need_the_data_files_only(quick, monkeypatch, capsys):
    folder, _ = quick
    for path in folder.glob("*.png"):
        path.unlink()
    _, done = run(HERE, folder, "--draw")
    assert done.stdout.count(".png\n") == len(list(folder.glob("*.png"))) > 10


@pytest.mark.slow
def test_resume_keeps_what_is_there(quick):
    folder, _ = quick
    before = (folder / "fig3.nc").stat().st_mtime_ns
    lp.save(lp.load(folder / "critical.nc").assign_attrs(resolution="full"), folder / "critical.nc")
    _, done = run(HERE, folder, "--quick", "--resume")
    assert (folder / "fig3.nc").stat().st_mtime_ns == before
    assert [line.split()[0] for line in done.stdout.splitlines() if line.endswith(" s")] == ["critical"]
    assert lp.load(folder / "critical.nc").attrs["resolution"] == "quick"
    assert lp.load(folder / "critical.nc").g_eff.notnull().all()


def _rows(heading):
    """The rows below a table heading of the README: first column -> our number."""
    text = (HERE / "README.md").read_text()
    table = re.search(rf"\| {heading}.*?\n\|[-|]+\n((?:\|.*\n)+)", text).group(1)
    cells = [[cell.strip() for cell in line.strip("|\n").split("|")] for line in table.splitlines()]
    column = 2 if len(cells[0]) > 2 else 1
    return {row[0]: row[column] for row in cells}
