"""The experiment single_spot: a pumped trap against the single condensate with the overlaps of its mode."""

from pathlib import Path

import pytest
from experiment_runs import modules, run

import latticepol as lp

FOLDER = Path(__file__).parents[2] / "experiments" / "single_spot"
NUMBER = 0.05  # just above threshold the mode is the empty one; measured 0.015 and 0.039
POLARISATION = 0.03  # measured 0.02


@pytest.mark.slow
def test_spot_follows_the_single_condensate(tmp_path):
    run(FOLDER, tmp_path, "--quick")
    curve = lp.load(tmp_path / "threshold.nc").set_index(W="W")
    field, site = (curve.sel(equation=name) for name in ("field", "single condensate"))
    near = curve.W[(site.number > 20) & (site.number < 250)]
    assert near.size >= 2
    assert (abs(field.number / site.number - 1).sel(W=near) < NUMBER).all()
    circular = site.circular_polarisation > 0.8
    assert (abs(abs(field.circular_polarisation) - site.circular_polarisation)[circular] < POLARISATION).all()
    assert (abs(field.circular_polarisation)[(site.number > 0) & (site.circular_polarisation == 0)] < 1e-3).all()
    _readme_agrees(curve)
    assert {path.name for path in tmp_path.glob("*.png")} == {"maps.png", "stokes.png", "spectrum.png", "threshold.png"}


def _readme_agrees(curve):
    """The numbers in the README, from a finer run, against those of this one."""
    with modules(FOLDER) as module:
        table = module("results_table")
    text = (FOLDER / "README.md").read_text()
    for name, values in table.rows(curve).items():
        shown = [float(cell) for cell in text.split(f"| {name} |")[1].split("\n")[0].strip(" |").split("|")]
        # a bifurcation is extrapolated from two pumps, which are farther apart here
        assert shown == pytest.approx(values, rel=0.08 if "extrapolated" in name else 0.01), name
