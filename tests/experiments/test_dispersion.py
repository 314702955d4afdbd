"""The experiment dispersion: its sample in laboratory units, and the run end to end against its README."""

import json
from pathlib import Path

import numpy as np
import pytest
from experiment_runs import modules, readme_numbers, run

import latticepol as lp

HERE = Path(__file__).parents[2] / "experiments" / "dispersion"
#: Numbers that do not depend on the length of the strip or of the run, in four digits.
SAME = 1e-3
#: Products of a few numbers of order one.
ROUNDING = 1e-12
#: The bifurcation of a quick run is on the straight line between two gains.
COARSE = 0.03
#: TE-TM splitting of higher bands mixes the two linear polarisations at G a little.
MIXED = 3e-3
#: A gap that losses close is closed along an arc; at which of its points the lines are measured depends on the mesh.
ON_ARC = 0.02


@pytest.fixture(scope="module")
def sample():
    with modules(HERE) as module:
        return module("parameters")


def test_the_sample_in_laboratory_units(sample):
    """From constants of nature in SI: hbar^2/2m in meV um^2, and the Zeeman splitting of one tesla in ueV."""
    from scipy.constants import e, electron_mass, hbar, physical_constants

    kinetic = hbar**2 / (2 * sample.MASS * electron_mass) / (1e-3 * e * 1e-12)
    model = sample.model(0.0, 1.0)
    k = np.array([1.0, 0.0])
    H = sample.HBAR * model.k_matrix(k)
    assert np.trace(H).real / 2 == pytest.approx(kinetic, rel=1e-5)
    assert abs(model.k_matrix(k)[0, 1] - model.k_matrix(0 * k)[0, 1]) * sample.HBAR == pytest.approx(sample.TETM)
    zeeman = sample.EXCITON_G * sample.EXCITON_FRACTION * physical_constants["Bohr magneton"][0] / (1e-3 * e)
    assert (H[0, 0] - H[1, 1]).real == pytest.approx(zeeman, rel=1e-5)


def test_what_the_readme_says_of_the_potential_and_of_the_widths(sample):
    """Nearly free, s and p bands overlapping; a line of the empty lattice is as wide as its density decays."""
    shown = readme_numbers(HERE)
    with modules(HERE) as module:
        table = module("results_table")
        for text in (table.potential(shown), table.damping(shown)):
            assert text in " ".join((HERE / "README.md").read_text().split())
    b = 4 * np.pi / (3 * sample.DISTANCE)
    kinetic = sample.HBAR**2 / (2 * sample.MASS * sample.ELECTRON_MASS)
    assert shown["recoil energy hbar^2 b^2/2m [meV]"] == pytest.approx(kinetic * b**2, rel=SAME)
    assert shown["recoil energy hbar^2 b^2/2m [meV]"] > shown["depth of the potential [meV]"] == sample.DEPTH
    bare = sample.model(0.0, 0.0).replace(epsilon=0.0, gamma=0.0, beta=0.0)
    G, K = (
        sample.HBAR * lp.bands(bare, k=np.outer([0, 1 / 3], sample.crystal().reciprocal[0]), losses=False).omega.values
    )
    edges = {"width of the two s bands": G[2] - G[0], "overlap of the s with the p bands": G[2] - K[4]}
    for name, value in (edges | {"top of the s bands above K": G[2] - K[0]}).items():
        assert shown[f"{name} [meV]"] == pytest.approx(value, rel=SAME), name
    lossy = lp.bands(sample.model(0.0, 0.0), k=[0.0, 0.0]).omega.values[:2]
    rates = sample.GAMMA + sample.DICHROISM * np.array([1, -1])
    np.testing.assert_allclose(np.sort(-2 * lossy.imag), np.sort(rates), rtol=MIXED)
    for which, rate in zip(("wider", "narrower"), rates, strict=True):
        name = f"width of the {which} line at G [ueV], empty"
        assert shown[name] == pytest.approx(1e3 * sample.HBAR * rate, rel=MIXED)


def test_the_strip_holds_g_k_and_m(sample):
    """And its cell is the honeycomb's: the same bands at K as those of the usual primitive cell."""
    usual = lp.lattice.honeycomb()
    usual = usual.replace(vectors=sample.DISTANCE * usual.vectors, basis=sample.DISTANCE * usual.basis)
    first = sample.crystal().reciprocal[0]
    corner = usual.path("G K", 2).values[1]
    assert np.abs(sample.strip(6).wavevectors[0] - first[0] / 3).min() < ROUNDING
    assert np.abs(sample.strip(6).wavevectors[0] - first[0] / 2).min() < ROUNDING
    model = sample.model(0.1, 0.5)
    bands = [lp.bands(model, k=k).omega.values[:4] for k in (first / 3, first * 2 / 3)]
    on_usual = model.replace(grid=lp.Grid.cell(usual, 12))
    there = [lp.bands(on_usual, k=k).omega.values[:4] for k in (corner, -corner)]
    np.testing.assert_allclose(np.sort_complex(bands), np.sort_complex(there), atol=1e-4)


@pytest.mark.slow
def test_quick_run_and_readme(tmp_path):
    run(HERE, tmp_path, "--quick")
    assert {path.name for path in tmp_path.glob("*.png")} == {"dispersion.png", "splitting.png"}
    found, shown = json.loads((tmp_path / "numbers.json").read_text()), readme_numbers(HERE)
    assert list(found) == list(shown)
    for name, value in found.items():
        if "peak" not in name and "of the fields" not in name and "field in which" not in name:
            closed = found.get(name.replace("mean width of the two lines at the gap", "gap at 0.035 T"), 1.0) == 0
            rel = COARSE if "bifurcation" in name else ON_ARC if closed else SAME
            assert shown[name] == pytest.approx(value, rel=rel, abs=1e-9), name
    window, width = found["width of an undamped line, that of the window [ueV]"], 66.0  # of a line of the empty lattice
    for name in ("empty", "below", "above"):
        assert found[f"median distance of a peak from a band [ueV], {name}"] < (window + width) / 2
        assert (lp.load(tmp_path / f"{name}.nc").intensity > 0).all()
    _, resumed = run(HERE, tmp_path, "--quick", "--resume")
    assert resumed.stdout.count("kept") == 8
