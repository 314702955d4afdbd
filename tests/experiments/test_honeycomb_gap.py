"""The experiment end to end, its physics, and its README against what the run finds."""

import json
from pathlib import Path

import numpy as np
import pytest
from experiment_runs import readme_numbers, run

import latticepol as lp

HERE = Path(__file__).parents[2] / "experiments" / "honeycomb_gap"
#: Rows that are properties of a map and change with its resolution.
OF_THE_MAP = (
    "part of",
    "usable",
    "at the field",
    "at p - p_c",
    "largest enhancement",
    "median error",
    "smallest field",
    "power",
)
COARSE = 0.25  # four fields along the fold line instead of 28
FULL = 1e-3  # four digits are shown
ROUNDING = 1e-9  # residuals and growth rates of the phase mode


@pytest.fixture(scope="module")
def quick(tmp_path_factory):
    return run(HERE, tmp_path_factory.mktemp("quick"), "--quick", "--workers", "1")


@pytest.fixture(scope="module")
def stable(quick):
    return lp.load(quick[0] / "map_stable.nc")


def test_every_data_set_and_figure_is_written(quick):
    folder, done = quick
    both = {"bands", "curvature", "ribbons", "opening", "instability", "map_stable", "map_paper"}
    assert {path.stem for path in folder.glob("*.nc")} == both | {"empty", "fold_line"}
    assert {path.stem for path in folder.glob("*.png")} == both | {"summary"}
    assert all(f"{name}.png" in done.stdout for name in both)


def test_the_gap_of_the_stable_lattice_is_topological_and_enhanced(stable):
    usable = (stable.growth_rate < 1e-7) & (stable.direct_gap > 0) & (stable.probability >= 0.99)
    assert usable.any()
    assert (stable.chern.where(usable, drop=True).dropna("p", how="all").fillna(-2) == -2).all()
    assert float(stable.enhancement.where(usable).max()) > 10
    assert float((stable.growth_rate < 1e-7).mean()) > 0.9  # all but the weakest fields next to p_c


def test_the_paper_set_has_no_stable_ferromagnet(quick):
    paper = lp.load(quick[0] / "map_paper.nc")
    assert (paper.growth_rate > 0.01).all()
    assert (paper.direct_gap > 0).any()


def test_excitations_see_twice_the_field(stable):
    """Near p_c, where losses do not close the gap: the doubled field within a tenth, the other one far too small."""
    here = (stable.direct_gap > 0.5) & (stable.p < stable.attrs["p_c"] + 0.2)
    assert here.sum() > 5
    assert float(abs(stable.doubled_error).where(here).max()) < 10
    assert float(stable.paper_error.where(here).max()) < -20


def test_growth_rates_are_those_of_spin_waves(quick):
    ds = lp.load(quick[0] / "instability.nc")
    below = ds.p < ds.attrs["p_c"]
    difference = ds.growth_rate.sel(dJ_over_J=0.0) - ds.spin_wave.clip(0)
    assert float(abs(difference).where(below).max()) < 1e-8  # the refinement of growth rates


def test_readme_agrees_with_the_quick_run(quick):
    found, shown = json.loads((quick[0] / "numbers.json").read_text()), readme_numbers(HERE)
    compared = [name for name in found if not name.startswith(OF_THE_MAP)]
    assert len(compared) > 15
    for name in compared:
        assert shown[name] == pytest.approx(found[name], rel=COARSE, abs=ROUNDING, nan_ok=True), name


@pytest.mark.slow
def test_readme_is_what_the_full_run_writes(tmp_path):
    folder, _ = run(HERE, tmp_path)
    found, shown = json.loads((folder / "numbers.json").read_text()), readme_numbers(HERE)
    assert list(found) == list(shown)
    np.testing.assert_allclose(list(shown.values()), list(found.values()), FULL, atol=ROUNDING)


@pytest.mark.slow
def test_resume_keeps_what_is_there(quick):
    folder, _ = quick
    before = (folder / "map_stable.nc").stat().st_mtime_ns
    lp.save(lp.load(folder / "bands.nc").assign_attrs(resolution="full"), folder / "bands.nc")
    _, done = run(HERE, folder, "--quick", "--resume")
    assert (folder / "map_stable.nc").stat().st_mtime_ns == before
    assert [line.split()[0] for line in done.stdout.splitlines() if line.endswith(" s")] == ["bands"]
