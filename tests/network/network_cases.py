"""Lattices and networks with nothing special about them, for the tests of formulas."""

import numpy as np

import latticepol as lp


def oblique():
    """Three sites and bonds in all directions, one of them to the site's own image; no symmetry."""
    bonds = np.array([[0, 1, 0, 0], [1, 2, 0, 0], [2, 0, 1, 0], [0, 1, 0, 1], [2, 1, 1, -1], [1, 1, 1, 0]])
    basis = np.array([[0.1, 0.2], [0.9, 0.3], [0.7, 1.1]])
    strengths = np.array([1.0, 0.7, 1.3, 0.4, -0.8, 0.6])
    return lp.lattice.Lattice(np.array([[2.1, 0.3], [0.4, 1.7]]), basis, bonds, strengths)


def random_network(lat, seed=0, **more):
    """Everything differs from site to site and from bond to bond, J and dJ are complex."""
    rng = np.random.default_rng(seed)
    n, m = len(lat.basis), len(lat.bonds)
    site = lp.Site(
        p=rng.uniform(-0.3, 0.6, n), a=rng.uniform(1, 3, n), g=rng.uniform(0.1, 1, n),
        delta=rng.uniform(-0.5, 0.5, n), a2=rng.uniform(-0.5, 0.5, n),
    )  # fmt: skip
    return lp.Network(
        lat, site, J=complex_normal(rng, m), dJ=complex_normal(rng, m), epsilon=0.7,
        onsite=complex_normal(rng, (n, 2, 2)), **more,
    )  # fmt: skip


def complex_normal(rng, shape):
    return rng.standard_normal(shape) + 1j * rng.standard_normal(shape)


def honeycomb(**changes):
    """A stable ferromagnetic lattice with the gap of docs/physics.md, section 5."""
    site = lp.Site(p=0.1, a=2.28, g=1.0, delta=0.05)
    return lp.Network(lp.lattice.honeycomb(), site, J=3.0, dJ=0.9).replace(**changes)


def empty_honeycomb(**changes):
    """The Hermitian reference lattice: epsilon = 0."""
    return honeycomb(J=1.0, dJ=0.2, epsilon=0.0, delta=0.3).replace(**changes)


def single(site, **more):
    """A network of one site."""
    return lp.Network(lp.lattice.square().patch((1, 1)), site, J=1.0, **more)
