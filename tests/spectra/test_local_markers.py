"""The local Chern marker of finite samples: bulk, sum, transition, disorder, vacancies, excitations, refusals."""

import numpy as np
import pytest
from spectra_cases import hermitian, honeycomb

import latticepol as lp
from latticepol.topology.marker import all_modes

#: Sums over sites of numbers of order 10.
ROUNDING = 1e-9
#: How far a patch of some hundred sites is from an infinite one, as a part of C.
SMALL = 0.3


def disk(net, radius):
    return net.on(net.lattice.patch(lp.lattice.disk(radius)))


def wide(delta=1.0, **changes):
    """C = +1 for delta > 0, in a gap as wide as J."""
    return hermitian(dJ=0.7, delta=delta, **changes)


@pytest.mark.parametrize("delta", [1.0, -1.0])
def test_the_bulk_has_the_chern_number_of_the_crystal(delta):
    net = wide(delta)
    C = float(lp.chern(net, below=2).chern)
    assert np.sign(delta) == C
    found = [lp.local_chern(disk(net, radius), below=2) for radius in (6.0, 8.0)]
    near = [abs(float(ds.chern) / C - 1) for ds in found]
    assert near[1] < near[0]
    assert near[1] < SMALL
    for ds in found:
        assert abs(float(ds.marker.sum())) < ROUNDING
        assert ds.marker.values[ds.bulk.values].mean() == float(ds.chern)
        assert ds.message == ""


def test_two_of_a_small_gap():
    found = lp.local_chern(disk(hermitian(dJ=0.25, delta=0.8), 12.0), below=2)
    assert float(found.chern) == pytest.approx(-2, rel=2 * SMALL)


@pytest.mark.parametrize(("radius", "least"), [(7.0, 0.6), pytest.param(11.0, 1.2, marks=pytest.mark.slow)])
def test_excitations_of_a_condensate(radius, least):
    """Left and right vectors, and no partners; compensated edges keep the state of the crystal."""
    net = honeycomb()
    state = lp.steady_state(net)
    lat = net.lattice.patch(lp.lattice.disk(radius))
    sample = net.on(lat, compensated=True)
    own = lp.steady_state(sample, state.psi.values[lat.sublattice], stability=False)
    found = lp.local_chern(sample, own, below=2)
    gap = lp.gap(net, state, below=2)
    assert float(found.smallest_norm) > 0.9
    assert abs(float(found.marker.sum())) < ROUNDING
    assert float(found.chern) < -least  # of -2: the gap is small
    assert float(found.line_gap) > float(gap.line_gap)
    w = lp.bogoliubov(net, state, k=net.lattice.mesh(24)).omega.values.real
    assert w[..., 5].max() < float(found.energy) < w[..., 6].min()


def test_a_transition_where_the_gap_closes():
    """Staggered energies m: the gap of wide() closes once, where the localizer has no gap."""
    net, gaps, numbers = wide(), [], []
    for m in np.linspace(0.0, 2.5, 6):
        found = lp.local_chern(disk(net.replace(onsite=[m, -m]), 8.0), below=2)
        gaps.append(float(found.localizer_gap))
        numbers.append(float(found.chern))
    assert numbers[0] > 1 - SMALL
    assert abs(numbers[-1]) < 0.05
    assert 0 < int(np.argmin(gaps)) < 5
    assert min(gaps) < 0.2 * min(gaps[0], gaps[-1])


def test_disorder_and_vacancies_leave_the_topology():
    sample = disk(wide(), 8.0)
    drawn = [sample.replace(onsite=sample.lattice.site_disorder(0.5, rng=seed)) for seed in range(4)]
    found = np.array([float(lp.local_chern(one, below=2).chern) for one in drawn])
    error = found.std(ddof=1) / 2
    clean = float(lp.local_chern(sample, below=2).chern)
    assert 0 < error < 0.05
    assert abs(found.mean() - clean) < 0.1
    r = np.hypot(*sample.lattice.basis.T)
    gone = np.abs(r - 3.0).argmin()
    holed = wide().on(sample.lattice.without([gone]))
    found = lp.local_chern(holed, below=2)
    assert int(found.bulk.sum()) > 30  # a vacancy is no edge
    assert float(found.chern) == pytest.approx(clean, abs=0.25)
    assert abs(float(found.marker.sum())) < ROUNDING


def test_losses_and_the_real_form():
    """Complex matrices, and the real ones of excitations, have biorthogonal modes with the same frequencies."""
    sample = disk(honeycomb(), 3.0)
    state = lp.steady_state(sample, stability=False)
    problem = sample.linear_problem(state.psi.values, float(state.mu))
    matrix = problem.matrix(np.zeros(2))
    for paired in (False, True):
        omega, left, right = all_modes(matrix, hermitian=False, paired=paired)
        assert abs(matrix @ right - right * omega).max() < ROUNDING
        assert abs(left.conj().T @ right - np.eye(len(omega))).max() < ROUNDING
        assert (np.diff(omega.real) >= 0).all()
    with_losses = lp.local_chern(disk(wide(), 7.0), below=2, losses=True)
    assert float(with_losses.chern) == pytest.approx(float(lp.local_chern(disk(wide(), 7.0), below=2).chern), abs=0.2)


def test_what_has_no_gap_says_so():
    found = lp.local_chern(disk(hermitian(delta=0.0), 8.0), below=2)
    assert "the bulk has no gap above 2 bands" in found.message
    assert np.isnan(found.chern)
    assert np.isnan(found.marker).all()


@pytest.mark.parametrize(("radius", "below"), [(9.0, 1), (9.0, 3), (11.0, 1)])
def test_levels_of_a_small_sample_are_no_gap(radius, below):
    """The bands overlap by a third of J; in a disk of 200 sites a few of their levels lie apart."""
    assert float(lp.gap(wide(), below=below).line_gap) < -0.3
    found = lp.local_chern(disk(wide(), radius), below=below)
    assert np.isnan(found.chern)
    assert f"the bulk has no gap above {below} bands" in found.message


def test_a_patch_of_a_supercell_counts_bands_of_the_cell_of_its_sublattice():
    """Valence bonds: one band of eight below a gap is half a band of four."""
    cell = lp.lattice.honeycomb().supercell((1, 2)).replace(strengths=[2.0, 0.5, 0.5, 0.5, 2.0, 2.0])
    net = hermitian(dJ=0.6, delta=2.5, lattice=cell)
    w = lp.bands(net, k=cell.mesh(24), losses=False).omega.values
    assert w[..., 0].max() < w[..., 1].min() - 0.5
    found = lp.local_chern(disk(net, 9.0), below=1 / 2)
    assert w[..., 0].max() < float(found.energy) < w[..., 1].min()
    assert float(found.chern) == pytest.approx(float(lp.chern(net, below=1).chern), abs=0.05)


def test_refusals():
    with pytest.raises(ValueError, match=r"a local marker needs a finite sample; .* has d = 2: use net\.on"):
        lp.local_chern(honeycomb(), below=2)
    with pytest.raises(ValueError, match=r"below must be < 4, .* got 4: of a patch of a supercell divide"):
        lp.local_chern(disk(honeycomb(), 4.0), below=4)
    with pytest.raises(ValueError, match=r"all 8 sites lie at the edge"):
        lp.local_chern(honeycomb().on(honeycomb().lattice.patch((2, 2))), below=2)
    with pytest.raises(TypeError, match=r"lattice"):
        lp.local_chern(object(), below=2)
