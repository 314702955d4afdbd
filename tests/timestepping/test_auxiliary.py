"""ETDRK4 on a state of a third kind: what moves along with psi may be any number of arrays of any shape."""

import math

import numpy as np
import pytest
from scipy.integrate import solve_ivp

import latticepol as lp
from latticepol.state import Pairs

#: As in test_integrators.py: an order less would be a slope less by 1.
SLOPE = 0.25
ENERGY = 3.0
ACCURATE = {"rtol": 1e-12, "atol": 1e-13, "method": "DOP853"}


def phi(Z, k):
    """exp and phi_1..phi_3 by their series, for |Z| < 1."""
    return sum(Z**j / math.factorial(j + k) for j in range(25))


class Bath:
    """One mode with three densities and a temperature, which is its own momentum space:

    i dpsi/dt = (ENERGY + sum n + T) psi, dn_i/dt = i + 1 - n_i (1 + |psi|^2), dT/dt = |psi|^2 - T
    """

    points, dtype = 1, np.dtype(complex)

    def __init__(self):
        self.psi = self.field = np.array([[[0.6 + 0.2j]]])
        self.auxiliary = {"densities": np.array([0.3, 0.2, 0.1]), "temperature": np.array(0.5)}
        self.spectral = self.transforms = self.momentum = self
        self.kept = {}

    def scratch(self, key, make):
        return self.kept.setdefault(key, make())

    def empty(self):
        return np.empty_like(self.field)

    def forward(self, field):
        pass

    backward = forward

    def functions(self, h, weights):
        values = [phi(-1j * h * ENERGY, k) for k in range(4)]
        return [Pairs(np.array(np.dot(row, values)), np.array(0.0)) for row in weights]

    def combine(self, out, start, f, x, weight=1.0):
        out[...] = start + weight * f.a * x

    def rates(self, psi, auxiliary, t, out, out_auxiliary):
        n, T, number = auxiliary["densities"], auxiliary["temperature"], np.abs(psi).item() ** 2
        out_auxiliary["densities"][...] = np.arange(1, 4) - n * (1 + number)
        out_auxiliary["temperature"][...] = number - T
        out[...] = -1j * (n.sum() + T) * psi


def packed(state):
    return np.concatenate([state.psi.view(float).ravel(), *(np.ravel(v) for v in state.auxiliary.values())])


def exact(t):
    def rhs(t, y):
        psi, n, T = complex(*y[:2]), y[2:5], y[5]
        moved = -1j * (ENERGY + n.sum() + T) * psi
        return [moved.real, moved.imag, *(np.arange(1, 4) - n * (1 + abs(psi) ** 2)), abs(psi) ** 2 - T]

    return solve_ivp(rhs, (0, t), packed(Bath()), **ACCURATE).y[:, -1]


def test_etdrk4_has_its_order_with_two_auxiliary_fields():
    errors = []
    for count in (10, 20):
        state = Bath()
        for i in range(count):
            lp.ETDRK4().step(state, i / count, 1 / count, first=i == 0)
        errors.append(np.abs(packed(state) - exact(1.0)).max())
    assert np.log2(errors[0] / errors[1]) == pytest.approx(lp.ETDRK4.order, abs=SLOPE)
