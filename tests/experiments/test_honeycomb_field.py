"""The field on a honeycomb against its network, its topology, and the experiment end to end."""

import json
import re
from pathlib import Path

import numpy as np
import pytest
import xarray as xr
from experiment_runs import modules, readme_numbers, run

import latticepol as lp

HERE = Path(__file__).parents[2] / "experiments" / "honeycomb_field"
#: What the bounded search for the least squares leaves of dJ = 0.
FITTED = 1e-3
#: With J and dJ from the bands at K the network is within this part of the field; its magnetisation too.
NEAR = 0.12
CONE = 1e-4  # the cones bend in the second order of the step
SAME = 1e-9  # scalar modes in another basis, and rounding
FULL = 1e-3  # four digits are shown
ROUNDING = 1e-7  # growth rates of the phase mode


@pytest.fixture(scope="module")
def room():
    """The modules of the experiment."""
    with modules(HERE) as module:
        yield module


@pytest.fixture(scope="module")
def here(room):
    """The model, its network and the aligned state of the figures."""
    P = room("parameters")
    model = P.model(P.P_C + P.ABOVE, P.FIELD)
    return model, room("equivalent").network(model, P.LATTICE), room("branch").state(P.P_C + P.ABOVE, P.FIELD, 12)


def test_the_pump_is_the_gain_of_the_in_phase_mode_of_field_and_network(room, here):
    P, (model, net, _) = room("parameters"), here
    assert room("equivalent").scalar(model, P.LATTICE).gain == pytest.approx(P.P_C + P.ABOVE, abs=SAME)
    in_phase = lp.bands(net.replace(g=0.0, delta=0.0), k=np.zeros((1, 2))).omega.values[0, :2]
    np.testing.assert_allclose(2 * in_phase.imag, P.P_C + P.ABOVE, atol=SAME)


def test_the_network_has_the_width_of_the_bands_and_no_tetm_without_beta(room, here):
    P, (model, net, _), equivalent = room("parameters"), here, room("equivalent")
    bare = model.replace(epsilon=0.0, gamma=0.0, beta=0.0, Delta=0.0)
    bands = lp.bands(bare, k=np.zeros((1, 2)), losses=False).omega.values[0, :4]
    assert np.ptp(bands) == pytest.approx(6 * net.J.real, rel=FITTED)  # the modulated pump mixes bands a little
    assert equivalent.tetm_hopping(bare, P.LATTICE, net.J.real) == pytest.approx(0, abs=FITTED)
    without = equivalent.network_at_K(model.replace(beta=0.0), P.LATTICE)
    assert without.dJ.real == pytest.approx(0, abs=SAME)


def test_hopping_of_a_network_shows_at_K_as_the_code_reads_it(room):
    """Cones of slope 3 J/2 without TE-TM, and -3 dJ, 0, 0, 3 dJ with it."""
    P = room("parameters")
    net = lp.Network(P.LATTICE, lp.Site(p=0.0, a=1.0, g=0.0), J=3.0, dJ=0.4, epsilon=0.0)
    K, step = P.LATTICE.path("K G", 2).values[0], np.array([room("equivalent").NEXT, 0.0])
    omega = lp.bands(net, k=K[None], losses=False).omega.values[0]
    np.testing.assert_allclose(omega, [-1.2, 0, 0, 1.2], atol=SAME)
    cones = lp.bands(net.replace(dJ=0.0), k=[K + step, K - step], losses=False).omega.values
    assert (cones[:, 3] - cones[:, 0]).mean() == pytest.approx(2 * 1.5 * 3.0 * step[0], rel=CONE)


def test_the_state_is_stable_and_its_gap_topological_enhanced_and_nearly_the_networks(room, here):
    P, (model, net, state) = room("parameters"), here
    assert bool(state.stable)
    found = lp.chern(model, state, below=P.BELOW, basis=P.BASIS, mesh=8)
    assert int(found.chern) == -2
    at_K = room("equivalent").network_at_K(model, P.LATTICE)
    same = lp.steady_state(at_K, "aligned")
    assert float(found.direct_gap) == pytest.approx(float(lp.gap(at_K, same, below=P.BELOW).direct_gap), rel=NEAR)
    assert float(found.direct_gap) > 50 * P.FIELD  # the empty gap is smaller than the field
    magnetisation = room("branch").magnetisation(state.psi.values)
    s = same.pseudospin.values[0]
    assert magnetisation == pytest.approx(s[2] / np.linalg.norm(s), rel=NEAR)
    shown = readme_numbers(HERE)
    where = f"p - p_c = {P.ABOVE:g}, delta = {P.FIELD:g}"
    assert shown[f"direct gap, {where}"] == pytest.approx(float(found.direct_gap), rel=FULL)
    assert shown["J of the lowest bands"] == pytest.approx(net.J.real, rel=FULL)
    assert shown["dJ"] == pytest.approx(net.dJ.real, rel=FULL)


@pytest.mark.slow
def test_where_both_orientations_are_stable_their_chern_numbers_are_opposite(room, here):
    """The one along z in the opposite field has the same number, so by reversal the other one has the opposite."""
    P, (model, _, state) = room("parameters"), here
    opposite = model.replace(Delta=-P.FIELD)
    other = lp.steady_state(opposite, state, relax=0.0)
    assert bool(other.stable)
    assert room("branch").magnetisation(other.psi.values) > 0
    assert int(lp.chern(opposite, other, below=P.BELOW, basis=P.BASIS, mesh=8).chern) == -2


def test_a_state_magnetised_against_the_field_ends_at_a_fold(room, here):
    """In a weak field just above the pitchfork; it goes as delta^(2/3), so a stronger field moves it up."""
    P, branch, (_, _, state) = room("parameters"), room("branch"), here
    p = P.P_C + np.array([P.ABOVE, 0.1, 0.05, 0.0])
    accuracy = 1e-3  # a tenth of what they are apart
    weak, strong = (branch.fold(state, p, delta, P.POINTS, accuracy) for delta in (1e-4, 1e-3))
    assert P.P_C < weak < strong < P.P_C + 0.1


def test_usable_is_stable_open_and_of_one_orientation_and_what_the_network_is_off_is_told(room):
    """The largest enhancements are unstable, closed by losses or beyond the fold; the network is off near p_c."""
    table, P_C = room("results_table"), room("parameters").P_C
    p = ("p", P_C + np.array([0.04, 0.05, 0.09]))
    gap = np.array([[0.3, 0.4, 0.5], [0.2, 0.0, 0.5]])
    ds = xr.Dataset(
        {
            "direct_gap": (("delta", "p"), gap),
            "enhancement": (("delta", "p"), gap * [[100.0], [1000.0]]),
            "network_gap": (("delta", "p"), 1.1 * gap + 0.1),
            "network_enhancement": (("delta", "p"), gap * [[150.0], [1500.0]]),
            "stable": (("delta", "p"), [[1, 1, 1], [0, 1, 1]]),
            "fold": ("delta", P_C + np.array([0.06, 0.045])),
        },
        {"p": p, "delta": [1e-3, 1e-4]},
    )
    best = table.best_usable(ds)
    assert (float(best.p) - P_C, float(best.delta)) == pytest.approx((0.05, 1e-3))
    assert float(best.enhancement) == pytest.approx(40)
    off = table.error(ds, "enhancement")
    np.testing.assert_allclose(off, [[0.5, 0.5, 0.5], [0.5, np.nan, 0.5]])
    rows = table.compared(ds)
    assert rows[-3:] == ["| 0.04 | +43 / +50 |", "| 0.05 | +35 / +50 |", "| 0.09 | +30 / +50 |"]
    shown = readme_numbers(HERE)
    assert next(iter(shown)) == table.USABLE
    assert shown[table.USABLE] < shown[table.BOTH]
    assert table.claim(shown) in " ".join((HERE / "README.md").read_text().split())
    assert all("p - p_c >=" in name for name in shown if name.startswith(("median", "the same")))


@pytest.mark.slow
def test_quick_run_writes_everything_and_resumes(tmp_path):
    _, done = run(HERE, tmp_path, "--quick")
    sets = {"hopping", "gap_map", "best", "bands", "curvature", "shape", "convergence"}
    assert {path.stem for path in tmp_path.glob("*.nc")} == sets
    figures = {"summary", "cuts", "bands", "curvature", "shape"}
    assert {path.stem for path in tmp_path.glob("*.png")} == figures
    assert all(f"{name}.png" in done.stdout for name in figures)
    kept = {path: path.stat().st_mtime_ns for path in (tmp_path / "sweep_points").rglob("*.nc")}
    assert kept
    (tmp_path / "gap_map.nc").unlink()
    _, done = run(HERE, tmp_path, "--quick", "--resume")
    assert {path: path.stat().st_mtime_ns for path in (tmp_path / "sweep_points").rglob("*.nc")} == kept
    assert [line.split()[0] for line in done.stdout.splitlines() if re.match(r"\w+ +[\d.]+ s$", line)] == ["gap_map"]


@pytest.mark.slow
def test_readme_is_what_the_full_run_writes(tmp_path):
    run(HERE, tmp_path)
    found, shown = json.loads((tmp_path / "numbers.json").read_text()), readme_numbers(HERE)
    assert list(found) == list(shown)
    error = found["largest frequency of the phase mode, the error of growth rates"]
    for name, value in found.items():
        rounding = error if name == "largest growth rate on the map" else ROUNDING
        assert shown[name] == pytest.approx(value, rel=FULL, abs=rounding, nan_ok=True), name
