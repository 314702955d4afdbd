"""Ribbons: edge modes, their number and direction; both kinds of edges."""

import json

import numpy as np
import pytest
from spectra_cases import hermitian, honeycomb

import latticepol as lp

#: Copies of the bulk state on compensated edges, whose residual is below 1e-12, and what rounding leaves of modes of
#: Hermitian matrices of some ten rows; Newton's residual.
EXACT, RELAXED = 1e-12, 1e-10


def crossings(ribbon, energy):
    """Of the modes that cross the energy: +1 or -1 for each direction, by edge (right, left)."""
    found = {"right": [], "left": []}
    w = ribbon.omega.values.real
    for m in range(w.shape[1]):
        for i in np.flatnonzero((w[:-1, m] - energy) * (w[1:, m] - energy) < 0):
            weight = ribbon.edge_weight.values[i : i + 2, m].mean(axis=0)
            assert max(weight) > 1.5 * min(weight)  # they decay over some ten sites where the gap is small
            edge = str(ribbon.edge.values[weight.argmax()])
            found[edge].append(int(np.sign(ribbon.velocity.values[i, m])))
            assert np.sign(w[i + 1, m] - w[i, m]) == found[edge][-1]
    return found


def middle(net, state, below):
    """The middle of the line gap."""
    k = net.lattice.mesh(40)
    w = (lp.bands(net, k=k, losses=False) if state is None else lp.bogoliubov(net, state, k=k)).omega.values.real
    n = below + (0 if state is None else w.shape[-1] // 2)
    assert w[..., n - 1].max() < w[..., n].min()
    return 0.5 * (w[..., n - 1].max() + w[..., n].min())


@pytest.mark.parametrize("edge", ["zigzag", "armchair"])
@pytest.mark.parametrize("sign", [1, -1])
def test_edge_modes_of_the_empty_lattice(edge, sign):
    """As many per edge as |C|, one way on one edge, the other way on the other; the field reverses them."""
    net = hermitian(delta=0.5 * sign)
    energy = middle(net, None, 2) + 0.05  # the spectrum is symmetric about 0, where both edges cross
    ribbon = lp.ribbon(net, width=18, edge=edge, nk=120, energy=energy)
    found = crossings(ribbon, energy)
    assert ribbon.edge_modes.values.tolist() == [2 * direction(sign), -2 * direction(sign)]
    assert len(found["right"]) == len(found["left"]) == 2 == abs(float(lp.chern(net, below=2).chern))
    assert set(found["right"]) == {direction(sign)}
    assert set(found["left"]) == {-direction(sign)}
    assert not np.iscomplexobj(ribbon.omega)
    assert float(ribbon.residual) == 0


def direction(sign):
    """Velocity on the edge to the right of the vector of the ribbon, for a field of this sign."""
    return RIGHT * sign


RIGHT = 1


@pytest.mark.parametrize(
    ("edge", "edges"),
    [
        pytest.param("armchair", "compensated", marks=pytest.mark.slow),
        pytest.param("zigzag", "relaxed", marks=pytest.mark.slow),
        ("zigzag", "compensated"),
        pytest.param("armchair", "relaxed", marks=pytest.mark.slow),
    ],
)
def test_edge_modes_of_the_condensate(edge, edges):
    for sign in (1, -1) if edge == "zigzag" else (1,):
        net = honeycomb(delta=0.05 * sign)
        state = lp.steady_state(net)
        ribbon = lp.ribbon(net, state, width=10 if edge == "zigzag" else 20, edge=edge, nk=40, edges=edges)
        assert float(ribbon.residual) < (EXACT if edges == "compensated" else RELAXED)
        weight = ribbon.edge_weight.values
        assert (weight >= 0).all()
        assert (weight <= 1 + EXACT).all()
        assert (weight.sum(axis=-1) <= 1 + EXACT).all()
        if edges == "compensated":
            found = crossings(ribbon, middle(net, state, 2))
            # compensating terms may add pairs of edge modes that go both ways
            assert sum(found["right"]) == 2 * direction(sign)
            assert sum(found["left"]) == -2 * direction(sign)
            assert abs(ribbon.psi.values - state.psi.values[ribbon.sublattice.values]).max() == 0


@pytest.mark.parametrize(("lat", "edge"), [("honeycomb", "zigzag"), ("honeycomb", "armchair"), ("square", (1, 0)),
                                           ("square", (1, 1)), ("triangular", "zigzag")])  # fmt: skip
def test_compensated_edges_are_exact(lat, edge):
    net = honeycomb(lattice=getattr(lp.lattice, lat)())
    state = lp.steady_state(net)
    ribbon = lp.ribbon(net, state, width=4, edge=edge, nk=4, edges="compensated")
    assert float(ribbon.residual) < EXACT
    assert float(ribbon.mu) == float(state.mu)


def test_velocity_is_the_slope():
    net = honeycomb()
    state = lp.steady_state(net)
    for arguments in ((net, state), (net,)):
        for nk in (400, 401):
            ribbon = lp.ribbon(*arguments, width=2, nk=nk)
            w, k = ribbon.omega.values.real, ribbon.k.values
            slope = (w[2:] - w[:-2]) / (k[2:] - k[:-2])[:, None]
            gaps = np.diff(w, axis=1).min(axis=0)
            far = np.minimum(np.append(gaps, 9), np.insert(gaps, 0, 9)) > 0.05  # of modes that meet no other
            assert far.any()
            assert abs(ribbon.velocity.values[1:-1] - slope)[:, far].max() < 0.05


def test_it_says_what_is_certified():
    net = honeycomb()
    ribbon = lp.ribbon(net, lp.steady_state(net), width=1, nk=5)
    assert bool(ribbon.certified)
    assert json.loads(ribbon.certificate)["modes"] == 4 * ribbon.sizes["site"]
    assert "certificate" not in lp.ribbon(net, width=1, nk=5).attrs


def test_half_of_the_zone_is_the_whole_of_it():
    """w_-k = -w_k^*: what is mirrored is what is computed."""
    net = honeycomb()
    state = lp.steady_state(net)
    for nk in (7, 8):
        ribbon = lp.ribbon(net, state, width=3, nk=nk)
        strip = net.on(net.lattice.ribbon(3))
        A = strip.lattice.vectors[0]
        k = ribbon.k.values[:, None] * A / np.linalg.norm(A)
        direct = lp.bogoliubov(strip, ribbon[["psi", "mu", "growth_rate"]], k=k).omega.values
        assert abs(np.sort(direct.real, axis=1) - ribbon.omega.values.real).max() < 1e-8
        assert (np.diff(ribbon.omega.values.real, axis=1) >= 0).all()
        assert ribbon.omega.dims == ("k", "mode")
        assert ribbon.edge_weight.dims == ("k", "mode", "edge")


def test_sites_and_bonds_that_differ():
    """Fields of the two sublattices, hopping of the three bonds and on-site terms follow the ribbon."""
    net = honeycomb(delta=[0.3, 0.1], J=[1.0, 1.2, 0.9], dJ=[0.1, 0.2, 0.3], onsite=[0.2, -0.1])
    strip = net.on(net.lattice.ribbon(3))
    assert np.array_equal(strip.site.delta, net.site.delta[strip.lattice.sublattice])
    ribbon = lp.ribbon(net, width=3, nk=5)
    k = ribbon.k.values[:, None] * [1.0, 0.0]
    assert abs(lp.bands(strip, k=k, losses=False).omega.values - ribbon.omega.values).max() < EXACT


def test_a_ribbon_of_a_supercell_remembers_its_sites():
    """A staggered field on the square lattice: values and the state belong to the sites of the large cell."""
    lat = lp.lattice.square().supercell(2)
    net = honeycomb(lattice=lat, delta=0.3 * lat.bipartite, J=0.02, dJ=0.0, p=1.0)
    state = lp.steady_state(net, stability=False)
    assert np.ptp(state.pseudospin.values[:, 2]) > 0.5
    cut = net.cut_ribbon(3, (1, 0), compensated=True, wall=None, pad=1, basis=1)
    density = np.abs(cut.copied(state.psi.values)) ** 2
    assert (np.sign(density[:, 0] - density[:, 1]) == lat.bipartite[cut.lattice.sublattice]).all()


def stubborn():
    """A network with domains at the edges of its ribbons, some of which have no stationary state nearby."""
    net = lp.Network(lp.lattice.honeycomb(), lp.Site(p=0.2, a=3.0, g=1.0, a2=-1.0), J=3.0, dJ=0.9)
    return net, lp.steady_state(net, stability=False)


WIDTHS = [pytest.param(width, marks=[pytest.mark.slow] * (width > 12)) for width in range(4, 41)]


@pytest.mark.parametrize("width", WIDTHS)
def test_relaxed_edges_are_found_at_every_width(width):
    ribbon = lp.ribbon(*stubborn(), width=width, nk=2, stability=False)
    assert float(ribbon.residual) < RELAXED
    assert abs(ribbon.psi).max() > 0.3
    assert bool(ribbon.message) == (width not in (4, 5, 6, 10, 11))  # the copy itself is close enough there


def test_a_state_of_the_ribbon_is_accepted():
    net, state = stubborn()
    strip = net.on(net.lattice.ribbon(5))
    own = lp.steady_state(strip, state.psi.values[strip.lattice.sublattice], stability=False)
    ribbon = lp.ribbon(net, own, width=5, nk=3, stability=False)
    assert abs(ribbon.psi - own.psi).max() < RELAXED
    again = lp.ribbon(net, ribbon, width=5, nk=3, stability=False)
    assert abs(again.omega - ribbon.omega).max() < RELAXED
    with pytest.raises(ValueError, match=r"psi has the shape|must|shape"):
        lp.ribbon(net, own, width=6, nk=3)


def test_compensated_edges_refuse_what_they_do_not_keep():
    net = lp.Network(lp.lattice.honeycomb(), lp.Site(p=0.5, a=3.0, g=1.0, a2=-1.0), J=0.1, dJ=0.03)
    state = lp.steady_state(net, "antiferro", stability=False)
    assert state.order == "antiferro"
    with pytest.raises(ValueError, match=r"'compensated' is exact where .*; the residual of the copy is 0\.0\d+, need"):
        lp.ribbon(net, state, width=4, nk=3, edges="compensated")


def test_the_growth_rate_may_be_left_out(monkeypatch):
    net = honeycomb()
    state = lp.steady_state(net)
    with_rate = lp.ribbon(net, state, width=2, nk=5)
    monkeypatch.setattr("latticepol.spectra.ribbons.growth_rate", None)
    without = lp.ribbon(net, state, width=2, nk=5, stability=False)
    assert np.isnan(without.growth_rate)
    assert "stable" not in without
    assert (without.omega == with_rate.omega).all()


def test_results_survive_a_file(tmp_path):
    net = honeycomb()
    ribbon = lp.ribbon(net, lp.steady_state(net), width=2, nk=5)
    assert lp.load(lp.save(ribbon, tmp_path / "ribbon.nc")).drop_attrs().equals(ribbon.drop_attrs())


def test_bad_arguments_are_refused():
    net = honeycomb()
    for options, message in (
        ({"edges": "open"}, r"edges = 'open' is not known; use 'relaxed' or 'compensated'"),
        ({"near": 0.7}, r"near must be <= 0\.5; got 0\.7: give a part of the width"),
        ({"width": 0}, r"width must be an integer from 1 .*; got 0"),
        ({"nk": 0}, r"nk must be an integer from 2 .*; got 0"),
        ({"edge": "bearded"}, r"edge = 'bearded'"),
    ):
        with pytest.raises(ValueError, match=message):
            lp.ribbon(net, **{"width": 3, **options})
    with pytest.raises(ValueError, match=r"width = 1 leaves one row of sites, which has no two edges"):
        lp.ribbon(net.replace(lattice=lp.lattice.square()), width=1, edge=(1, 0))
    with pytest.raises(ValueError, match=r"a drive belongs to its own sites"):
        lp.ribbon(net.replace(drive=np.ones((2, 2))), width=3)
    with pytest.raises(ValueError, match=r"has d = 1; a ribbon is cut from a crystal with d = 2"):
        lp.ribbon(lp.Network(lp.lattice.chain(), net.site, 1.0), width=3)
