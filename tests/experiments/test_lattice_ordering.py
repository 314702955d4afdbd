"""The experiment lattice_ordering: its measures exactly, a quick run end to end, its README against that run."""

import json
import re
from pathlib import Path

import numpy as np
import pytest
from experiment_runs import modules, run

import latticepol as lp

HERE = Path(__file__).parents[2] / "experiments" / "lattice_ordering"
#: A mean of independent sites is further off in one run of 400; the seed is fixed.
SIGMAS = 3.0
#: The README shows four digits.
SHOWN = 1e-3
#: Beginnings and ends of the names of numbers that depend on no ensemble and no size of a lattice.
EXACT = (
    r"p_c of one condensate",
    r"P of one condensate at .*",
    r"p at the onset .*",
    r".*growth rate of the uniform state",
)


@pytest.fixture(scope="module")
def room():
    """The modules of the experiment."""
    with modules(HERE) as module:
        yield module


@pytest.fixture(scope="module")
def quick(tmp_path_factory):
    return run(HERE, tmp_path_factory.mktemp("quick"), "--quick")


def test_every_file_and_figure_is_there(quick, room):
    folder, done = quick
    assert {path.stem for path in folder.glob("*.nc")} == set(room("compute").DATASETS)
    assert {path.stem for path in folder.glob("*.png")} == set(room("plot").FIGURES)
    for name in room("compute").DATASETS:
        ds = lp.load(folder / f"{name}.nc")
        assert {"title", "git_commit", "parameters"} <= set(ds.attrs)
        assert all("long_name" in variable.attrs for variable in ds.data_vars.values())
    assert "Figures:" in done.stdout


def test_sites_that_are_not_coupled_are_single_condensates(quick):
    ds = lp.load(quick[0] / "alignment.nc").sel(J=0.0)
    sites = json.loads(ds.attrs["parameters"])
    count = 2 * sites["cells"] ** 2 * sites["realizations"]
    error = np.sqrt(ds.probability * (1 - ds.probability) / count)
    assert (ds.probability < 0.95).any()
    assert (ds.unsettled_fraction == 0).all()
    assert (abs(ds.site_fraction - ds.probability) <= SIGMAS * error).all()


def test_coupling_joins_the_sites(quick):
    ds = lp.load(quick[0] / "alignment.nc")
    apart, together = ds.wall_fraction.sel(J=0.0), ds.wall_fraction.sel(J=3.0)
    assert (together.sel(p=1.0) < 0.5 * apart.sel(p=1.0)).all()


def test_unstable_lattice_does_not_keep_the_uniform_state(quick):
    ds = lp.load(quick[0] / "unstable.nc").sel(p=0.5)
    assert (ds.growth_rate > 0.1).all()
    assert (ds.motion > 0.05).all()


def test_readme_agrees_with_the_quick_run(quick, room):
    found = json.loads((quick[0] / "numbers.json").read_text())
    compared = 0
    for part, heading in room("results_table").PARTS.items():
        shown = _rows(heading)
        assert len(shown) >= 5
        for name, value in found[part].items():
            if any(re.fullmatch(pattern, name) for pattern in EXACT):
                assert float(shown[name]) == pytest.approx(value, rel=SHOWN), name
                compared += 1
    assert compared >= 8


@pytest.mark.slow
def test_resume_keeps_what_is_there(quick):
    folder, _ = quick
    before = (folder / "alignment.nc").stat().st_mtime_ns
    (folder / "ramp.nc").unlink()
    _, done = run(HERE, folder, "--quick", "--resume")
    assert (folder / "alignment.nc").stat().st_mtime_ns == before
    assert [line.split()[0] for line in done.stdout.splitlines() if line.endswith(" s")] == ["ramp"]


def test_domains_and_walls_of_a_stripe(room):
    n = 6
    lattice = lp.lattice.honeycomb().supercell(n)
    row = np.arange(len(lattice.basis)) // 2 % n
    s_z = np.where(row < n // 2, 1.0, -1.0)
    assert room("measures").domains(s_z, lattice.bonds) == 2
    # one bond of every cell leads across each of the two borders
    assert room("measures").walls(s_z, lattice.bonds) == pytest.approx(2 * n / len(lattice.bonds))
    assert room("measures").domains(np.ones_like(s_z), lattice.bonds) == 1


def test_hexagons_are_regular(room):
    n = 5
    lattice = lp.lattice.honeycomb().supercell(n)
    ring = room("measures").hexagons(n)
    bonds = {frozenset(map(int, bond)) for bond in lattice.bonds[:, :2]}
    for six in ring:
        assert all(frozenset((int(a), int(b))) in bonds for a, b in zip(six, np.roll(six, -1), strict=True))
    inner = ring[lattice.basis[ring].std(axis=1).max(axis=1) < 1]  # not across an edge of the cell
    turn = np.angle(np.exp(1j * np.diff(np.unwrap(_angles(lattice.basis[inner])), axis=1)))
    np.testing.assert_allclose(turn, np.pi / 3, atol=1e-9)


def test_a_vortex_pair_is_counted(room):
    n = 12
    lattice = lp.lattice.honeycomb().supercell(n)
    ring = room("measures").hexagons(n)
    centres = [lattice.basis[ring[i]].mean(axis=0) for i in (3 * n + 5, 8 * n + 5)]
    z = lattice.basis @ (1, 1j)
    phase = np.angle(z - centres[0] @ (1, 1j)) - np.angle(z - centres[1] @ (1, 1j))
    inside = room("measures").vortices(np.exp(1j * phase), n) * n**2
    uniform = room("measures").vortices(np.ones(2 * n**2) + 0j, n)
    assert uniform == 0
    assert inside >= 2  # and what the jump at the edge of the cell makes


def test_a_plane_wave_is_not_at_rest(room):
    n = 6
    wave = np.exp(2j * np.pi * (np.arange(2 * n * n) // 2 % n) / n)[:, None] * [1.0, -0.5]
    assert room("measures").at_rest(np.stack([0 * wave + [1.0, -0.5], wave]), n).tolist() == [True, False]


def test_correlation_of_stripes(room):
    n = 24
    lattice = lp.lattice.honeycomb().supercell(n)
    period = 12
    s_z = np.cos(2 * np.pi * (np.arange(2 * n * n) // 2 % n) / period)
    distance, value = room("measures").correlation(s_z, n)
    assert value[0] == pytest.approx(1)
    assert np.isclose(distance[1], np.sqrt(3))
    assert room("measures").correlation_length(distance, value) == pytest.approx(len_of_cosine(period), rel=0.1)
    assert len(lattice.basis) == s_z.size


def len_of_cosine(period):
    """Where the mean over directions of cos(k.r) in a plane, J0(kr), falls to 1/e: kr = 1.7458, lines 1.5 apart."""
    return 1.7458 * period * 1.5 / (2 * np.pi)


def test_power_law_is_found_with_its_error(room):
    tau = np.array([1.0, 2.0, 4.0, 8.0, 16.0])
    rng = np.random.default_rng(3)
    counts = tau[:, None] ** -0.4 * (1 + 0.05 * rng.normal(size=(5, 8)))
    slope, error = room("ramps").power_law(tau, counts)
    assert error < 0.05
    assert abs(slope + 0.4) < SIGMAS * error
    bent = (tau[:, None] ** -1.0 + 0.3) * (1 + 0.001 * rng.normal(size=(5, 8)))
    assert room("ramps").power_law(tau, bent)[1] > 0.05  # far above the noise of 0.001/sqrt(8)
    assert np.isnan(room("ramps").power_law(tau, 0 * bent)[0])


def _angles(corners):
    x, y = np.moveaxis(corners - corners.mean(axis=1, keepdims=True), -1, 0)
    return np.arctan2(y, x)


def _rows(heading):
    """The rows below a table heading of the README: first column -> our number."""
    text = (HERE / "README.md").read_text()
    rows = re.search(rf"\| {heading} \| here \|\n\|[-|]+\n((?:\|.*\n)+)", text).group(1)
    return dict([cell.strip() for cell in line.strip("|\n").split("|")] for line in rows.splitlines())
