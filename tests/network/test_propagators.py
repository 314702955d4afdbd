"""exp(-i h T) in three ways: each against scipy, and which one is taken."""

import numpy as np
import pytest
from scipy.linalg import expm

import latticepol as lp
from latticepol.network import propagators
from latticepol.network.propagators import Periodic, cell_counts, exponentials

ROUNDING = 1e-13  # a few hundred operations on numbers of order 1
#: exp(A) for |A| up to 60 by six squarings: each doubles the error, 64 eps |A| in all.
SQUARED = 1e-11
H = 0.13
HONEYCOMB = lp.lattice.honeycomb()
SITE = lp.Site(p=0.1, a=2.28, g=1.0)
LATTICES = {
    "honeycomb": HONEYCOMB.supercell((5, 7)),
    "kagome": lp.lattice.kagome().supercell((4, 5)),
    "chain": lp.lattice.chain().supercell(40),
}


def random(sites, batch=3):
    rng = np.random.default_rng(1)
    return rng.normal(size=(batch, sites, 4)).view(complex)


def exact(net, psi):
    U = expm(-1j * H * net.hopping.sparse().toarray())
    return (psi.reshape(len(psi), -1) @ U.T).reshape(psi.shape)


@pytest.mark.parametrize("name", LATTICES)
@pytest.mark.parametrize("way", ["dense", "series", "waves"])
def test_every_way_is_the_exponential(name, way):
    net = lp.Network(LATTICES[name], SITE, J=3.0 + 0.2j, dJ=0.9 - 0.1j, onsite=np.full(len(LATTICES[name].basis), 0.4))
    T, psi = net.hopping.sparse(), random(net.sites)
    expected = exact(net, psi)
    if way == "waves":
        propagators._waves(Periodic.of(T, net.lattice), H, len(psi))(psi)
    else:
        getattr(propagators, f"_{way}")(T, H)(psi)
    np.testing.assert_allclose(psi, expected, atol=ROUNDING)


@pytest.mark.parametrize("batch", [1, 4])
def test_engine_of_a_lattice_with_bonds_of_its_own_steps_alike(batch):
    """One bond that differs: no Fourier transform, and the result is that of the exponential all the same."""
    lattice = HONEYCOMB.supercell((8, 9))
    J = np.full(len(lattice.bonds), 3.0)
    J[17] = 2.0
    net = lp.Network(lattice, SITE, J=J)
    assert Periodic.of(net.hopping.sparse(), lattice) is None
    psi = random(net.sites, batch)
    engine = net.engine(psi)
    engine.linear(H)
    np.testing.assert_allclose(engine.psi, exact(net, psi), atol=ROUNDING)


def test_engine_of_equal_cells_uses_waves_and_steps_alike():
    net = lp.Network(HONEYCOMB.supercell((8, 9)), SITE, J=3.0, dJ=0.9)
    psi = random(net.sites)
    engine = net.engine(psi)
    assert engine.periodic.counts == (8, 9)
    engine.linear(H)
    np.testing.assert_allclose(engine.psi, exact(net, psi), atol=ROUNDING)


def test_cells_are_counted():
    assert cell_counts(HONEYCOMB) == (1, 1)
    assert cell_counts(HONEYCOMB.supercell((3, 7))) == (3, 7)
    assert cell_counts(lp.lattice.chain().supercell(5)) == (5, 1)


@pytest.mark.parametrize("lattice", [HONEYCOMB.patch((6, 6)), HONEYCOMB.supercell(3).supercell(3)], ids=repr)
def test_what_is_no_row_of_equal_cells_is_refused(lattice):
    net = lp.Network(lattice, SITE, J=3.0)
    assert Periodic.of(net.hopping.sparse(), lattice) is None


@pytest.mark.parametrize("size", [0.0, 0.3, 20.0])
def test_exponentials_of_many_matrices(size):
    matrices = size * np.random.default_rng(2).normal(size=(7, 4, 8)).view(complex)
    expected = np.stack([expm(matrix) for matrix in matrices])
    np.testing.assert_allclose(exponentials(matrices), expected, rtol=0, atol=SQUARED * np.abs(expected).max())


def test_tables_of_a_pump_that_is_the_same_everywhere_are_those_of_sites():
    net = lp.Network(HONEYCOMB.supercell(3), SITE.replace(p=lambda t: 0.1 + t, delta=0.2), J=1.0)
    everywhere = net.replace(p=lambda t: np.full(18, 0.1 + t), delta=np.full(18, 0.2))
    other = net.replace(p=lambda t: np.array([0.3, *[0.1 + t] * 17]))
    ends = [lp.evolve(one, random(18)[0], 0.5, dt=0.05).psi.values for one in (net, everywhere, other)]
    np.testing.assert_array_equal(ends[0], ends[1])
    assert abs(ends[0] - ends[2]).max() > ROUNDING
