"""Gaps of networks against dense meshes and closed forms; Chern numbers that are known, and those that are refused."""

import numpy as np
import pytest
from spectra_cases import hermitian, honeycomb

import latticepol as lp
from latticepol import topology

#: Tolerance of refined gaps.
REFINED = 1e-7
#: Eigenvalues of Hermitian matrices of order four.
ROUNDING = 1e-12
#: The same where a third mode crosses one of the two: the minimum lies on a crease, which a mesh samples badly.
CREASE = 1e-6
#: Turns by which the fluxes of divided plaquettes may miss an integer (latticepol.topology: 0.06 was the most seen).
DIVIDED = 0.1


def frequencies(net, state, mesh, losses=False):
    k = net.lattice.mesh(mesh) if isinstance(mesh, int) else mesh
    spec = lp.bands(net, k=k, losses=losses) if state is None else lp.bogoliubov(net, state, k=k)
    return spec.omega.values.real


#: Every case, and every number of bands below the gap; the other pairs are slow.
FAST = {("hermitian", 1), ("losses", 2), ("condensate", 2), ("condensate", 3)}


@pytest.mark.parametrize(
    ("case", "below"),
    [
        pytest.param(case, below, marks=() if (case, below) in FAST else pytest.mark.slow)
        for case in ("hermitian", "losses", "condensate")
        for below in (1, 2, 3)
        if (case, below) != ("condensate", 1)  # refused: half a partner at k = 0
    ],
)
def test_gaps_against_a_dense_mesh(case, below):
    net = honeycomb() if case == "condensate" else honeycomb(g=0.3)
    state = lp.steady_state(net) if case == "condensate" else None
    losses = case == "losses"
    found = lp.gap(net, state, below=below, losses=losses)
    w = frequencies(net, state, 150, losses)
    n = w.shape[-1] // 2 + below if state is not None else below
    direct, line = (w[..., n] - w[..., n - 1]).min(), w[..., n].min() - w[..., n - 1].max()
    assert found.direct_gap <= direct + REFINED
    assert found.line_gap <= line + REFINED
    assert float(found.line_gap) == pytest.approx(line, abs=0.05)  # cusps between the points
    if float(found.direct_gap) > 0:
        # no mesh is fine enough for the satellites of K: a second one about the place that was found
        steps = np.stack(np.meshgrid(*2 * [np.linspace(-1, 1, 41) / 150]), axis=-1) @ net.lattice.reciprocal
        near = frequencies(net, state, found.k_gap.values + steps, losses)
        assert float(found.direct_gap) == pytest.approx((near[..., n] - near[..., n - 1]).min(), abs=CREASE)
    assert found.k_gap.dims == ("axis",)


def test_gap_at_k_without_tetm():
    """dJ = 0: +-J |f_k| +- sqrt(delta^2 + epsilon^2)/2, so the bands are split at K by delta and cross where J |f_k| is
    half of it."""
    net = hermitian(dJ=0.0, delta=0.3)
    K = net.lattice.path("G K", 2).values[1]
    w = lp.bands(net, k=K, losses=False).omega.values
    assert w == pytest.approx([-0.15, -0.15, 0.15, 0.15], abs=ROUNDING)
    found = lp.gap(net, below=2)
    assert float(found.direct_gap) == 0
    assert float(found.line_gap) == pytest.approx(0, abs=REFINED)
    f = abs(np.exp(1j * found.k_gap.values @ net.lattice.bond_vectors.T).sum())
    assert f == pytest.approx(0.15, abs=1e-4)


def test_gap_of_a_dimerised_chain():
    """2 |J_1 - J_2| at the edge of the zone, in one dimension."""
    net = lp.Network(lp.lattice.chain(0.3), lp.Site(p=0, a=1, g=0, delta=0.0), J=1.0, epsilon=0.2)
    assert float(lp.gap(net, below=2).direct_gap) == pytest.approx(4 * 0.3 - 0.2, abs=REFINED)
    assert float(lp.gap(net, below=2).line_gap) == pytest.approx(4 * 0.3 - 0.2, abs=REFINED)
    assert float(lp.gap(net, below=1, mesh=np.int64(30)).direct_gap) == pytest.approx(0, abs=0.2 + REFINED)


def test_gap_closes_where_the_chern_number_changes():
    critical = 2 * np.sqrt(1 - 4 * 0.2**2)
    assert float(lp.gap(hermitian(delta=critical), below=2).direct_gap) < REFINED
    for delta, C in ((0.3, -2), (0.99 * critical, -2), (1.01 * critical, 1)):
        net = hermitian(delta=delta)
        assert float(lp.chern(net, below=2).chern) == C
        assert float(lp.chern(hermitian(delta=-delta), below=2).chern) == -C
        assert float(lp.gap(net, below=2).direct_gap) > 0.01
    with pytest.raises(
        ValueError, match=r"the direct gap above 2 bands is closed: its refined minimum, .*closed='nan'"
    ):
        lp.chern(hermitian(delta=critical), below=2)


@pytest.mark.parametrize("dJ", [0.2, 0.6])
def test_a_strong_field_orders_the_bands_alone(dJ):
    """At Gamma, where TE-TM vanishes, the levels +-3 J +- delta/2 meet at delta/2 = 3 J; beyond it the number is 0."""
    assert float(lp.gap(hermitian(dJ=dJ, delta=6.0), below=2).direct_gap) < REFINED
    for delta, C in ((5.9, 1), (6.1, 0)):
        net = hermitian(dJ=dJ, delta=delta)
        assert float(lp.chern(net, below=2).chern) == C
        assert float(lp.chern(net.replace(delta=-delta), below=2).chern) == -C
        assert float(lp.gap(net, below=2).direct_gap) == pytest.approx(0.1, abs=REFINED)


def test_strong_tetm_and_a_trivial_lattice():
    assert float(lp.chern(hermitian(dJ=0.6), below=2).chern) == 1
    assert float(lp.chern(hermitian(onsite=[3.0, -3.0]), below=2).chern) == 0


def test_bands_add_up_to_nothing():
    """Every band on its own; the sums from below are the numbers of the gaps."""
    net = hermitian()
    k = topology.mesh_points(net.lattice.reciprocal, 30, closed=True)
    right = lp.bands(net, k=k, losses=False, vectors=True).right.values.reshape(31, 31, 4, 4)
    each = [topology.chern_number(topology.fluxes(v, v)) for v in np.split(right, 4, axis=-1)]
    assert sum(each) == 0
    assert any(each)
    assert [float(lp.chern(net, below=n).chern) for n in (1, 2, 3)] == np.cumsum(each)[:3].tolist()


@pytest.mark.parametrize("sign", [1, -1])
def test_aligned_honeycomb(sign):
    """C = -2 for delta > 0, odd in the field, on any mesh; the state against the field has the other sign."""
    net = honeycomb(delta=0.05 * sign, p=0.4)
    state = lp.steady_state(net)
    for mesh in (24, 31, 48):
        found = lp.chern(net, state, below=2, mesh=mesh)
        assert float(found.chern) == -2 * sign
    assert float(found.direct_gap) == pytest.approx(float(lp.gap(net, state, below=2).direct_gap), abs=REFINED)
    assert float(found.growth_rate) == float(state.growth_rate)
    assert float(found.smallest_norm) > 0.5
    against = lp.steady_state(net.replace(delta=1e-3 * sign), "anti-aligned")
    assert float(lp.chern(net.replace(delta=1e-3 * sign), against, below=2).chern) == 2 * sign


def test_berry_curvature_adds_up_to_the_chern_number(tmp_path):
    net = honeycomb()
    state = lp.steady_state(net)
    found = lp.berry_curvature(net, state, below=2, mesh=30)
    area = np.linalg.det(net.lattice.reciprocal) / 900
    assert float(found.berry_curvature.sum()) * area / (2 * np.pi) == pytest.approx(-2, abs=DIVIDED)
    assert found.chern == -2 == lp.chern(net, state, below=2, mesh=30).chern
    assert found.berry_curvature.dims == found.kx.dims == ("k1", "k2")
    peak = abs(found.berry_curvature).argmax(("k1", "k2"))
    k = np.array([float(found[name].isel(peak)) for name in ("kx", "ky")])
    corners = net.lattice.mesh(3).values.reshape(-1, 2)[[5, 7]]  # K and K'
    images = (
        corners[:, None] + np.array(list(np.ndindex(3, 3))) @ net.lattice.reciprocal - net.lattice.reciprocal.sum(0)
    )
    assert np.linalg.norm(images - k, axis=-1).min() < 0.6
    for name, result in (("berry", found), ("gap", lp.gap(net, state, below=2)), ("chern", lp.chern(net, below=2))):
        assert lp.load(lp.save(result, tmp_path / f"{name}.nc")).drop_attrs().equals(result.drop_attrs())


@pytest.mark.parametrize(("g", "delta"), [(0.1, 0.02), (1.0, 0.05)])
def test_exceptional_points_are_refused(g, delta):
    """The gap of the mesh looks open, and its plaquettes give an integer."""
    net = honeycomb(g=g, delta=delta)
    w = frequencies(net, None, 48, losses=True)
    assert (w[..., 2] - w[..., 1]).min() > 0.02
    found = lp.gap(net, below=2, losses=True)
    assert float(found.direct_gap) == 0
    assert found.losses == 1
    with pytest.raises(
        ValueError, match=r"direct gap above 2 bands is closed: its refined minimum, 0 at k = \(.*\), must be >= 1e-06"
    ):
        lp.chern(net, below=2, losses=True)
    with pytest.raises(ValueError, match=r"is closed"):
        lp.berry_curvature(net, below=2, losses=True)
    nan = lp.chern(net, below=2, losses=True, closed="nan")
    assert np.isnan(nan.chern)
    assert "is closed" in nan.message
    assert float(lp.chern(net, below=2).chern) == -2


def test_a_degenerate_lattice_is_refused():
    net = honeycomb(delta=0.0)
    for arguments in ({}, {"losses": True}, {"state": lp.steady_state(net, "linear")}):
        with pytest.raises(ValueError, match=r"direct gap above 2 bands is closed"):
            lp.chern(net, below=2, **arguments)


def test_a_curvature_that_is_not_resolved_is_told_what_to_raise():
    """On the square lattice a weak field leaves the bands close along lines; the mesh of the message resolves them."""
    square = lp.Network(lp.lattice.square(), lp.Site(p=0.1, a=2.28, g=1.0, delta=0.01), J=3.0, dJ=0.9)
    with pytest.raises(ValueError, match=r"not resolved: \d+ plaquettes .*\(direct gap 0.01\); raise mesh \(now 48\)"):
        lp.chern(square, below=1)
    assert int(lp.chern(square, below=1, mesh=96).chern) == 0


def test_a_growth_rate_is_not_negative_but_with_a_drive():
    """Of the phase mode it is 0, and rounding makes no other number of it."""
    rates = [float(lp.steady_state(honeycomb(delta=d)).growth_rate) for d in (0.01, 0.02, 0.05, 0.1)]
    assert min(rates) >= 0
    assert max(rates) < REFINED


def test_a_second_field_of_the_condensate():
    """The gap of the condensed lattice is wider than that of the empty one: the point of it all."""
    net = honeycomb()
    assert float(lp.gap(net, lp.steady_state(net), below=2).direct_gap) > 20 * float(lp.gap(net, below=2).direct_gap)


def test_bad_arguments_are_refused():
    net = honeycomb()
    state = lp.steady_state(net)
    for below in (0, 4, 1.5, True):
        with pytest.raises((TypeError, ValueError), match=r"below .*an integer from 1 up to 3|below = True is a truth"):
            lp.gap(net, state, below=below)
    with pytest.raises(ValueError, match=r"closed = 'no' is not known; use 'raise' or 'nan'"):
        lp.chern(net, below=2, closed="no")
    patch = net.on(net.lattice.patch((2, 2)))
    with pytest.raises(ValueError, match=r"is a finite patch; a gap over wavevectors needs d = 1 or 2"):
        lp.gap(patch, below=2)
    chain = lp.Network(lp.lattice.chain(0.3), net.site, 1.0)
    with pytest.raises(ValueError, match=r"a Chern number needs d = 2 periodic directions; the model has d = 1"):
        lp.chern(chain, below=2)


@pytest.mark.parametrize("mesh", [12, 24, 36])
def test_a_gap_that_closes_on_the_mesh_is_closed(mesh):
    """Flat bands promise a closed gap at a hundred points; the one where it closes is a point of every even mesh."""
    site = lp.Site(p=0.037053436, a=1.0, g=0.62752532, delta=0.00808077604)
    net = lp.Network(lp.lattice.lieb(), site, J=2.15956547859, dJ=1.42854132670, epsilon=0.3)
    found = lp.gap(net, below=5, mesh=mesh)
    assert float(found.direct_gap) < 1e-6
