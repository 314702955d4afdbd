"""A field, a site and a network as in the README, and the reading of a message."""

import numpy as np
import pytest

import latticepol as lp

GRID = lp.Grid.rectangle((10.0, 10.0), (16, 16))
TERMS = [lp.Kinetic(1.0), lp.Splitting(1.0, 0.1), lp.Gain(1.5, 1.0, 0.5), lp.Interaction(1.0)]
FIELD = lp.SpinorGPE(GRID, TERMS)
PSI = np.ones((2, 16, 16), complex)
SITE = lp.Site(p=0.1, a=2.28, g=1.0, delta=0.05)
HONEYCOMB = lp.lattice.honeycomb()
NET = lp.Network(HONEYCOMB, SITE, J=3.0, dJ=0.9)


def refused(function, *texts, error=ValueError):
    """The message, which holds all of the texts."""
    with pytest.raises(error) as caught:
        function()
    message = str(caught.value)
    for text in texts:
        assert text in message, f"{text!r} is missing in {message!r}"
    return message
