"""The solver against XMDS2, a program written by others (experiments/reference_xmds says how the files were made)."""

import importlib.util
from pathlib import Path

import numpy as np
import pytest
from experiment_runs import modules

import latticepol as lp

ROOT = Path(__file__).parents[2]
AGREEMENT = 1e-8  # of either program's own error 1e-11 to 1e-9 is left at these steps
COORDINATES = 1e-12  # of order ten, written in all digits
STEPS = 400  # fourth order: 2e-11 (saturable, reservoir), 8e-10 (pulse)


def load_module(path):
    spec = importlib.util.spec_from_file_location(path.stem, path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


PROBLEMS = load_module(ROOT / "experiments" / "reference_xmds" / "problems.py")


def distance(a, b):
    return float(np.linalg.norm(a - b) / np.linalg.norm(b))


@pytest.mark.parametrize("name", ["saturable", "reservoir", "pulse"])
def test_the_solver_agrees_with_xmds2(name):
    stored = lp.load(ROOT / "data" / f"xmds2_{name}.nc")
    model, psi0, n0, t_end = getattr(PROBLEMS, name)()
    out = lp.evolve(model, psi0 if n0 is None else (psi0, n0), t_end, dt=t_end / STEPS).isel(time=-1)
    assert stored.estimated_error < AGREEMENT / 10
    assert distance(out.psi.values, stored.psi.values) < AGREEMENT
    if n0 is not None:
        assert distance(out.reservoir.values, stored.reservoir.values) < AGREEMENT
    for coordinate in "xy":
        np.testing.assert_allclose(out[coordinate], stored[coordinate], atol=COORDINATES)


@pytest.mark.parametrize("integrator", [lp.Strang(), lp.ETDRK4(), lp.BlanesMoan()], ids=repr)
def test_every_integrator_converges_to_xmds2(integrator):
    """Error at n and 2 n steps, with reservoir and TE-TM: it shrinks as the order promises."""
    stored = lp.load(ROOT / "data" / "xmds2_reservoir.nc").psi.values
    model, psi0, n0, t_end = PROBLEMS.reservoir()
    steps = 80 if integrator.order == 2 else 40
    first, second = (
        distance(lp.evolve(model, (psi0, n0), t_end, dt=t_end / n, integrator=integrator).psi.values[-1], stored)
        for n in (steps, 2 * steps)
    )
    assert second < 1e-3
    assert abs(np.log2(first / second) - integrator.order) < 0.3


@pytest.fixture
def performance():
    """The modules of experiments/performance and of what they import."""
    with modules(ROOT / "experiments" / "performance", ROOT / "experiments" / "reference_xmds") as module:
        yield module


NAMES = ["tetm-alone", "reservoir-alone", "pulse-alone"]


def test_what_is_compared_in_speed_is_the_saturable_problem_with_one_thing_more(performance):
    variants = performance("variants")
    text = (ROOT / "experiments" / "reference_xmds" / "saturable.xmds").read_text()
    assert list(variants.VARIANTS) == NAMES
    assert len({variants.text(name, text) for name in NAMES} | {text}) == 4
    with pytest.raises(ValueError, match=r"saturable.xmds holds .* 0 times, need 1"):
        variants.text("pulse-alone", "")


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_variants_agree_with_xmds2(performance, name):
    variants, xmds = performance("variants"), performance("xmds")
    if xmds.version() is None:
        pytest.skip("needs xmds2")
    text = variants.text(name, (ROOT / "experiments" / "reference_xmds" / "saturable.xmds").read_text())
    exact = xmds.run(xmds.changed(text, steps=2000)).psi
    model, psi0, _, t_end = variants.model(name, 96)
    assert distance(lp.evolve(model, psi0, t_end, dt=t_end / STEPS).psi.values[-1], exact) < AGREEMENT
