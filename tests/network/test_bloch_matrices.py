"""Bloch matrices of a hopping and of excitations: both ways of summing the bonds, and a cell without bonds."""

from dataclasses import replace

import numpy as np
import pytest
from network_cases import complex_normal

import latticepol as lp
from latticepol.network.bloch_sum import BlochSum
from latticepol.network.linear_response import block_diagonal

K = np.random.default_rng(4).normal(size=(3, 5, 2))
#: Sums of a dozen blocks of order ten.
ROUNDING = 1e-13
STEP = 1e-5


@pytest.fixture
def net():
    return lp.Network(lp.lattice.kagome(), lp.Site(p=0.1, a=2.28, g=1.0), J=np.arange(1, 7) + 0.2j, dJ=0.9)


def hopping(net, **options):
    """T_k alone."""
    h = net.hopping
    return BlochSum(h.vector, h.i, h.j, h.block, block_diagonal(h.onsite), **options)


def excitations(net):
    """L_k about a field that is no stationary state: nothing cancels."""
    psi = complex_normal(np.random.default_rng(0), (net.sites, 2))
    return net.linear_problem(psi, 0.3)


@pytest.mark.parametrize("product", [0, 10**6])
def test_sum_over_bonds_is_that_of_the_definition(net, product):
    expected = np.zeros((*K.shape[:-1], 6, 6), complex)
    h = net.hopping
    for i, j, vector, block in zip(h.i, h.j, h.vector, h.block, strict=True):
        expected[..., 2 * i : 2 * i + 2, 2 * j : 2 * j + 2] += np.exp(1j * K @ vector)[..., None, None] * block
    for site, term in enumerate(h.onsite):
        expected[..., 2 * site : 2 * site + 2, 2 * site : 2 * site + 2] += term
    np.testing.assert_allclose(hopping(net, product=product).matrix(K), expected, atol=ROUNDING)


@pytest.mark.parametrize("product", [0, 10**6])
def test_partners_have_minus_the_conjugate_at_minus_k(net, product):
    total = replace(excitations(net)._sum, product=product)
    here, there = total.matrix(K), total.matrix(-K)
    u, v = slice(0, 6), slice(6, 12)
    np.testing.assert_allclose(here[..., v, v], -there[..., u, u].conj(), atol=ROUNDING)
    np.testing.assert_array_equal(here[..., v, u], -here[..., u, v].conj())
    empty = hopping(net).matrix(K)
    local = here[..., u, u] - empty
    np.testing.assert_allclose(local, np.broadcast_to(local[0, 0], local.shape), atol=ROUNDING)


@pytest.mark.parametrize("product", [0, 10**6])
def test_velocity_is_the_derivative(net, product):
    along = np.array([0.6, 0.8])
    for total in (hopping(net), excitations(net)._sum):
        total = replace(total, product=product)
        difference = (total.matrix(K + STEP * along) - total.matrix(K - STEP * along)) / (2 * STEP)
        np.testing.assert_allclose(total.velocity(K, along), difference, atol=1e-8)  # second order in STEP


def test_one_site_has_a_matrix(net):
    one = lp.Network(lp.lattice.square().patch((1, 1)), net.site, J=1.0)
    np.testing.assert_allclose(hopping(one).matrix(K), np.broadcast_to(one.hopping.onsite[0], (3, 5, 2, 2)))
