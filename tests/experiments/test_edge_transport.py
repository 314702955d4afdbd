"""The experiment edge_transport: one way, the other way with the field reversed, and its README against the run."""

import json
from pathlib import Path

import numpy as np
import pytest
from experiment_runs import modules, run

import latticepol as lp
from latticepol.stationary.growth import growth_rate

FOLDER = Path(__file__).parents[2] / "experiments" / "edge_transport"
RESIDUAL = 1e-12  # what lp.steady_state is asked for in a network
MIRROR = 1e-6  # the patch without vacancy has a mirror that exchanges spins and fields: exact but for rounding
ONE_WAY = 5.0  # measured 11.6; a wave that goes both ways has 1, and the leak of the damped bulk keeps it finite
REFLECTED = 0.02  # change of what goes the other way when a site is missing, compensated edges; measured 0.002
AGREE = 1e-3  # evolution against linear response; measured 2e-5
SHOWN = 1e-3  # the README shows four digits
COARSE = 0.01  # the ribbon of the quick run has half the wavevectors, between which the decay length is interpolated


@pytest.fixture(scope="module")
def quick(tmp_path_factory):
    return run(FOLDER, tmp_path_factory.mktemp("edge_transport"), "--quick")[0]


def test_direction_turns_with_the_field(quick):
    transport = lp.load(quick / "transport.nc").set_index(delta="delta", defect="defect", direction="direction")
    up, down = (transport.passed.isel(edges=0).sel(delta=delta) for delta in (0.3, -0.3))
    whole = {"defect": "none"}
    assert up.sel(**whole, direction="anticlockwise") > ONE_WAY * up.sel(**whole, direction="clockwise")
    np.testing.assert_allclose(up.sel(whole).values, down.sel(whole).values[::-1], rtol=MIRROR)
    assert up.sel(defect="vacancy", direction="anticlockwise") > 2 * up.sel(defect="vacancy", direction="clockwise")
    assert down.sel(defect="vacancy", direction="clockwise") > ONE_WAY * down.sel(
        defect="vacancy", direction="anticlockwise"
    )


def test_missing_site_reflects_nothing(quick):
    transport = lp.load(quick / "transport.nc").set_index(delta="delta", defect="defect", direction="direction")
    back = (transport.passed * transport.total).isel(edges=0).sel(delta=0.3, direction="clockwise")
    assert abs(back.sel(defect="vacancy") / back.sel(defect="none") - 1) < REFLECTED


def test_bulk_state_is_exact_and_stable_on_the_patch(quick):
    transport = lp.load(quick / "transport.nc").set_index(delta="delta", defect="defect")
    assert (transport.residual < RESIDUAL).all()
    assert (transport.growth_rate.sel(delta=0.3, defect="vacancy") < 1e-9).all()  # the others only in a full run


@pytest.mark.slow
@pytest.mark.parametrize(("delta", "defect"), [(0.3, "none"), (-0.3, "none"), (-0.3, "vacancy")])
def test_bulk_state_is_stable_on_the_patches_that_a_quick_run_leaves_out(delta, defect):
    with modules(FOLDER) as module:
        net, state = module("patch").Setting(delta=delta, defect=defect).state()
    assert growth_rate(net.linear_problem(state.psi.values, float(state.mu))).rate < 1e-9


def test_pulse_is_weak_and_agrees_with_linear_response(quick):
    film = lp.load(quick / "film.nc")
    assert film.linearity < AGREE
    assert film.response_error < AGREE


def test_readme_agrees_with_the_quick_run(quick):
    found = json.loads((quick / "numbers.json").read_text())
    text = (FOLDER / "README.md").read_text()
    compared = 0
    for name, row in found["transport"].items():
        cells = text.split(f"| {name} |")[1].split("\n")[0].strip(" |").split("|")
        for shown, value in zip(cells, row.values(), strict=False):  # compensated edges come first
            if "rounding" not in shown:
                assert float(shown) == pytest.approx(value, rel=SHOWN), name
                compared += 1
    for name, value in found["single"].items():
        shown = text.split(f"| {name} |")[1].split("|")[0]
        if "decay length" in name or "velocity" in name or "damping" in name:
            assert float(shown) == pytest.approx(value, rel=COARSE), name
        elif "rounding" not in shown and "gap" in name:
            assert float(shown) == pytest.approx(value, rel=SHOWN), name
    assert compared >= 20


def test_figures_and_film_are_drawn(quick):
    assert {path.name for path in quick.glob("*.png")} == {
        f"{name}.png" for name in ("snapshots", "where", "passed", "ribbon", "against_field")
    }
    assert 0 < (quick / "wave.gif").stat().st_size < 2e6
