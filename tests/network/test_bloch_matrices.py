"""Bloch matrices of a hopping: both ways of summing the bonds, and a cell without bonds."""

import numpy as np
import pytest

import latticepol as lp
from latticepol.network import hopping

K = np.random.default_rng(4).normal(size=(3, 5, 2))
#: Sums of a dozen blocks of order ten.
ROUNDING = 1e-13
STEP = 1e-5


@pytest.fixture
def net():
    return lp.Network(lp.lattice.kagome(), lp.Site(p=0.1, a=2.28, g=1.0), J=np.arange(1, 7) + 0.2j, dJ=0.9)


def test_sum_over_bonds_is_that_of_the_definition(net, monkeypatch):
    expected = np.zeros((*K.shape[:-1], 6, 6), complex)
    h = net.hopping
    for i, j, vector, block in zip(h.i, h.j, h.vector, h.block, strict=True):
        expected[..., 2 * i : 2 * i + 2, 2 * j : 2 * j + 2] += np.exp(1j * K @ vector)[..., None, None] * block
    for site, term in enumerate(h.onsite):
        expected[..., 2 * site : 2 * site + 2, 2 * site : 2 * site + 2] += term
    np.testing.assert_allclose(h.matrix(K), expected, atol=ROUNDING)
    monkeypatch.setattr(hopping, "DENSE", 0)
    np.testing.assert_allclose(h.matrix(K), expected, atol=ROUNDING)


def test_velocity_is_the_derivative(net):
    along = np.array([0.6, 0.8])
    difference = (net.hopping.matrix(K + STEP * along) - net.hopping.matrix(K - STEP * along)) / (2 * STEP)
    np.testing.assert_allclose(net.hopping.velocity(K, along), difference, atol=1e-8)  # second order in STEP


def test_one_site_has_a_matrix(net):
    one = lp.Network(lp.lattice.square().patch((1, 1)), net.site, J=1.0)
    np.testing.assert_allclose(one.hopping.matrix(K), np.broadcast_to(one.hopping.onsite[0], (3, 5, 2, 2)))
