"""Stationary states of the network and of the field of newcomer_cases."""

import numpy as np
import pytest
from newcomer_cases import FIELD, NET, PSI

import latticepol as lp


@pytest.fixture(scope="module")
def of_network():
    return lp.steady_state(NET)


@pytest.fixture(scope="module")
def of_field():
    """A uniform stationary state in closed form, S = (W - Gamma + gamma)/eta, without the search for its growth."""
    s = (1.5 - 1.0 + 0.1) / 0.5
    psi = np.sqrt(s) * np.array([1, -1])[:, None, None] * PSI
    numbers = {"mu": ((), 0.5 + s / 2), "residual": ((), 0.0), "growth_rate": ((), 0.0)}
    return FIELD.to_dataset({"psi": (("spin", "y", "x"), psi), **numbers}, {}, title="test")
