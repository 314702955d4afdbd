"""The networks of these tests."""

import latticepol as lp


def honeycomb(**changes):
    """A stable ferromagnetic lattice with a gap between its second and third particle band, C = -2."""
    site = lp.Site(p=0.1, a=2.28, g=1.0, delta=0.05)
    return lp.Network(lp.lattice.honeycomb(), site, J=3.0, dJ=0.9).replace(**changes)


def hermitian(**changes):
    """The reference lattice: no condensate, epsilon = 0."""
    return honeycomb(J=1.0, dJ=0.2, epsilon=0.0, delta=0.3).replace(**changes)
