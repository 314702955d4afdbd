"""Gaps and Chern numbers of modes that are cut where a set is separated, particles and partners alike."""

import numpy as np
import pytest
from spectra_cases import honeycomb

import latticepol as lp

#: Tolerance of refined gaps, and of a ratio of one to a linewidth.
REFINED = 1e-7
#: What is printed of the gaps in PHYSICS: three digits.
PRINTED = 5e-3
LATTICES = (lp.lattice.honeycomb, lp.lattice.square, lp.lattice.kagome, lp.lattice.lieb, lp.lattice.triangular)


def aligned(net):
    return lp.steady_state(net, "aligned", stability=False)


def below_partners(**changes):
    """The lower particle bands lie at w = -3, apart from everything; above them there are partners."""
    site = lp.Site(p=1.0, a=3.0, g=0.2, a2=-1.0)
    return lp.Network(lp.lattice.honeycomb(), site, J=0.03, dJ=0.009).replace(**changes)


def test_a_gap_below_partners():
    """The distance of the lower pair to a partner: a gap, with a Chern number of its own."""
    net = below_partners()
    state = aligned(net)
    found = lp.gap(net, state, below=2)
    assert float(found.direct_gap) == pytest.approx(2.140, abs=PRINTED)
    assert found.neighbour == "partner"
    assert float(found.smallest_norm) > 0.9
    assert float(lp.chern(net, state, below=2).chern) == 0
    assert found.message == ""
    ordinary = honeycomb()
    assert lp.gap(ordinary, aligned(ordinary), below=2).neighbour == "particle"


def independent(net, state, below, mesh):
    """Widest gap with ``below`` particles under it on a mesh, and its Chern number, by plaquettes of all modes on one
    side, particles counted one by one; (0, None) where there is none."""
    k = net.lattice.mesh(mesh).values
    k = np.concatenate([k, k[:1] + net.lattice.reciprocal[0]])
    k = np.concatenate([k, k[:, :1] + net.lattice.reciprocal[1]], axis=1)
    spec = lp.bogoliubov(net, state, k=k, vectors=True)
    w, right, left = spec.omega.values.real, spec.right.values, spec.left.values
    u, v = (abs(right) ** 2).sum(axis=(3, 4)).transpose(2, 0, 1, 3)
    m, widest, number = w.shape[-1], 0.0, None
    for i in range(1, m):
        side, sign = (slice(i, m), -1) if i >= m / 2 else (slice(0, i), 1)
        particles = (u > v)[..., side].sum(axis=-1)
        gap = (w[..., i] - w[..., i - 1]).min()
        right_number = (particles == (m // 2 - below if sign < 0 else below)).all()
        if right_number and (abs(u - v) / (u + v))[..., side].min() > 0.1 and gap > widest:
            R, L = (x.reshape(*k.shape[:2], m, m)[..., side] for x in (right, left))
            ends = (
                [R[1:, :-1], L[:-1, :-1]],
                [R[1:, 1:], L[1:, :-1]],
                [R[1:, 1:], L[:-1, 1:]],
                [R[:-1, 1:], L[:-1, :-1]],
            )
            U = [np.linalg.det(start.conj().swapaxes(-1, -2) @ end) for end, start in ends]
            widest, number = gap, -sign * np.angle(U[0] * U[1] / (U[2] * U[3])).sum() / (2 * np.pi)
    return widest, number


def random_network(rng):
    site = lp.Site(
        p=rng.uniform(0, 3),
        a=rng.uniform(0.5, 4),
        g=10 ** rng.uniform(-1, 0.3),
        delta=10 ** rng.uniform(-2, 0.7) * rng.choice([1, -1]),
        a2=rng.uniform(-1, 1),
    )
    J = 10 ** rng.uniform(-1.5, 1) * rng.choice([1, 1, -1])
    return lp.Network(rng.choice(LATTICES)(), site, J=J, dJ=abs(J) * rng.uniform(0, 0.6))


@pytest.mark.parametrize("count", [30, pytest.param(200, marks=pytest.mark.slow)])
def test_chern_numbers_of_random_networks_are_right_or_refused(count):
    """Against all modes on a finer mesh; most gaps below mu, and those beyond partners, are among them."""
    rng, given, refused = np.random.default_rng(18), [], 0
    while len(given) + refused < count:
        net = random_network(rng)
        try:
            state = aligned(net)
        except lp.ConvergenceError:
            continue
        below = int(rng.integers(1, 2 * len(net.lattice.basis)))
        found = lp.chern(net, state, below=below, closed="nan")
        if np.isnan(found.chern):
            assert found.message
            refused += 1
            continue
        widest, number = independent(net, state, below, 72)
        assert float(found.chern) == pytest.approx(number, abs=1e-6), net
        assert float(found.direct_gap) <= widest + REFINED
        given.append(float(found.chern))
    assert len(given) > count / 4
    assert any(given)


def test_a_norm_that_changes_its_sign_is_refused():
    """Weak hopping, below p_c: between two sets of particles nothing is separated; says where."""
    net = honeycomb(J=0.05, dJ=0.015)
    state = aligned(net)
    message = r"no set of modes with 2 particle .* is separated .*: at k = \(.*\) it has another number .*closed='nan'"
    with pytest.raises(ValueError, match=message):
        lp.chern(net, state, below=2)
    nan = lp.chern(net, state, below=2, closed="nan")
    assert np.isnan(nan.chern)
    assert np.isnan(nan.smallest_norm)
    found = lp.gap(net, state, below=2)
    assert found.direct_gap == found.resolved == 0
    assert "is separated" in found.message
    assert found.neighbour == ""
    assert np.isnan(found.k_gap).all()
    assert np.isnan([found.line_gap, found.linewidth, found.smallest_norm]).all()


def test_a_norm_that_all_but_vanishes_is_refused():
    """At k = 0 the third mode from above is half a partner."""
    net = honeycomb()
    assert "at k = (0, 0)" in lp.gap(net, aligned(net), below=1).message


def uneven():
    """Without inversion: k and -k differ."""
    return below_partners(J=-1.5, dJ=0.45, onsite=[0.6, -0.6])


@pytest.mark.parametrize("below", [1, 2])
def test_where_the_gap_is_and_what_it_is_made_of(below):
    """Below mu the modes under the gap are the lowest ones, at the k and with the curvature that they have there."""
    net = uneven()
    state = aligned(net)
    found = lp.gap(net, state, below=below)
    w = lp.bogoliubov(net, state, k=found.k_gap.values).omega.values[below - 1 : below + 1]
    assert float(found.direct_gap) == pytest.approx(w[1].real - w[0].real, abs=REFINED)
    assert float(found.linewidth) == pytest.approx(-2 * w.imag.min(), abs=REFINED)
    assert found.neighbour == "particle"
    curvature = lp.berry_curvature(net, state, below=below, mesh=48)
    k = np.stack([curvature.kx.values, curvature.ky.values], axis=-1)
    h = 0.5 * net.lattice.reciprocal / 48
    corners = [-h[0] - h[1], h[0] - h[1], h[0] + h[1], -h[0] + h[1]]
    spec = lp.bogoliubov(net, state, k=np.stack([k + c for c in corners]), vectors=True)
    R, L = (x.values.reshape(4, *k.shape[:2], 8, 8)[..., :below] for x in (spec.right, spec.left))
    U = [np.linalg.det(L[i].conj().swapaxes(-1, -2) @ R[j]) for i, j in ((0, 1), (1, 2), (3, 2), (0, 3))]
    flux = -np.angle(U[0] * U[1] / (U[2] * U[3]))
    found = curvature.berry_curvature.values * np.linalg.det(net.lattice.reciprocal / 48)
    here, turned = (np.median(abs(found - f)) for f in (flux, flux[::-1, ::-1]))  # not the mean: some are divided
    assert here < 0.1 * turned


def test_negative_hopping_is_a_gauge():
    """psi -> -psi on one sublattice: J, dJ -> -J, -dJ, and the antiphase state has the gap of the ordinary one."""
    net = honeycomb()
    state = aligned(net)
    turned = net.replace(J=-3.0, dJ=-0.9)
    psi = state.psi.values * np.array([1, -1])[:, None]
    other = lp.steady_state(turned, psi, relax=0, stability=False)
    for below, number in ((2, -2), (3, 1)):
        ours, theirs = lp.gap(net, state, below=below), lp.gap(turned, other, below=below)
        for name in ("direct_gap", "line_gap", "resolved", "smallest_norm"):
            assert float(ours[name]) == pytest.approx(float(theirs[name]), abs=REFINED)
        assert lp.chern(net, state, below=below).chern == lp.chern(turned, other, below=below).chern == number


@pytest.mark.parametrize(
    ("net", "start"),
    [(honeycomb(), "aligned"), (uneven(), "aligned"), (below_partners(p=0.5, g=1.0, J=0.1, dJ=0.03), "antiferro")],
    ids=["above mu", "below mu", "antiferro"],
)
def test_a_supercell_has_the_same_gap(net, start):
    """Its bands are folded: twice as many below the gap, the same band edges and Chern number."""
    state = lp.steady_state(net, start, stability=False)
    large = net.on(net.lattice.supercell((1, 2)))
    large = large.replace(onsite=np.tile(net.onsite, 2)) if np.ndim(net.onsite) else large
    double = lp.steady_state(large, np.tile(state.psi.values, (2, 1)), relax=0, stability=False)
    one, two = lp.gap(net, state, below=2), lp.gap(large, double, below=4)
    assert float(one.line_gap) > 0
    assert float(two.line_gap) == pytest.approx(float(one.line_gap), abs=REFINED)
    assert float(two.smallest_norm) == pytest.approx(float(one.smallest_norm), abs=0.1)
    assert one.neighbour == two.neighbour
    assert lp.chern(net, state, below=2).chern == lp.chern(large, double, below=4).chern


#: a, g, delta, J, dJ a little below the fold; gap, linewidth, line gap, ratio of gap to linewidth.
SEEN = [
    ((3.18, 1.67, 0.0778, 6.46, 2.29), (1.41, 0.79, 0.80, 0.55)),
    ((1.26, 1.22, 0.0358, 13.9, 0.786), (1.447, 2.416, 1.01, 0.60)),
]


@pytest.mark.parametrize(("parameters", "numbers"), SEEN)
def test_what_of_a_gap_is_seen(parameters, numbers):
    a, g, delta, J, dJ = parameters
    site = lp.Site(p=0.0, a=a, g=g, delta=delta)
    site = site.replace(p=float(lp.folds(site, along="p").p.min()) - 1e-6)
    net = lp.Network(lp.lattice.honeycomb(), site, J=J, dJ=dJ)
    state = aligned(net)
    found = lp.gap(net, state, below=2)
    assert [float(found[name]) for name in ("direct_gap", "linewidth", "line_gap", "resolved")] == pytest.approx(
        numbers, abs=2 * PRINTED
    )
    assert float(lp.chern(net, state, below=2).chern) == -2
    seen = ratio(net, state, net.lattice.mesh(120).values)
    assert float(found.resolved) <= seen.min() + REFINED
    assert float(found.resolved) == pytest.approx(seen.min(), rel=0.05)


def ratio(net, state, k):
    """Gap over linewidth at k."""
    w = lp.bogoliubov(net, state, k=k).omega.values
    return (w[..., -2] - w[..., -3]).real / (-2 * w[..., -3:-1].imag.min(axis=-1))


@pytest.mark.parametrize("delta", [0.01, 0.05, 0.3])
def test_the_ratio_of_gap_to_linewidth_against_a_dense_mesh(delta):
    net = honeycomb(delta=delta)
    state = aligned(net)
    dense = ratio(net, state, net.lattice.mesh(150).values).min()
    found = float(lp.gap(net, state, below=2).resolved)
    assert 0.8 * dense < found <= dense + REFINED


def test_diffusive_modes_at_a_gap_are_one_line_as_broad_as_the_broadest():
    """All have Re w = 0 and bound the gap together, in the order of rounding."""
    site = lp.Site(p=1.026, a=3.07, g=0.215, delta=0.108, a2=-0.265)
    net = lp.Network(lp.lattice.chain(), site, J=-0.05, dJ=0.004)
    state = aligned(net)
    found = lp.gap(net, state, below=1)
    k = np.stack([np.linspace(0, np.pi, 4001), np.zeros(4001)], axis=-1)
    w = lp.bogoliubov(net, state, k=k).omega.values
    assert abs(w.real[:, 1:3]).max() < REFINED
    assert w.imag[:, 1:3].min() < -1
    widths = -2 * w.imag[:, :3].min(axis=-1)
    gap = w.real[:, 1] - w.real[:, 0]
    assert float(found.direct_gap) == pytest.approx(gap.min(), abs=1e-4)
    assert float(found.linewidth) == pytest.approx(widths[gap.argmin()], abs=1e-2)
    assert float(found.resolved) == pytest.approx((gap / widths).min(), abs=REFINED)


def test_gaps_without_losses_are_resolved():
    found = lp.gap(honeycomb(), below=2)
    assert found.linewidth == 0
    assert np.isposinf(found.resolved)
    assert found.smallest_norm == 1
    assert found.neighbour == "particle"
    lossy = lp.gap(honeycomb(delta=0.8), below=2, losses=True)
    assert float(lossy.linewidth) > 0
    closed = lp.gap(honeycomb(), below=2, losses=True)
    assert closed.direct_gap == closed.resolved == 0
    assert "is closed: its refined minimum" in closed.message
    growing = lp.gap(honeycomb(p=30.0, delta=3.0), below=2, losses=True)
    assert float(growing.direct_gap) > 0
    assert np.isnan(growing.resolved)
