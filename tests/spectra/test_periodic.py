"""Wavevectors are equivalent up to a reciprocal vector, for frequencies and for the fields of the modes."""

import numpy as np
import pytest
from field_cases import OBLIQUE, smooth

import latticepol as lp

ROUNDING = 1e-9  # of eigenvalues up to the largest kinetic energy of the grid
TERMS = [
    lp.Kinetic(1.0),
    lp.Splitting(0.6, 0.3),
    lp.TETM(0.15),
    lp.Zeeman(0.1),
    lp.Potential(smooth(OBLIQUE, 3)[0].real),
    lp.Gain(0.5, 0.3, 1.0),
    lp.Interaction(1.0, -0.1),
]
MODEL = lp.SpinorGPE(OBLIQUE, TERMS)
K = np.array([[0.1, 0.05], [-0.3, 0.2]])


@pytest.fixture(scope="module")
def state():
    """A field with a frequency: the matrix about it need not belong to a stationary one."""
    known = {"mu": ((), 0.7), "growth_rate": ((), 0.0), "psi": (("spin", "y", "x"), smooth(OBLIQUE, 4))}
    return MODEL.to_dataset(known, {}, title="test")


@pytest.mark.parametrize("turns", [(1, 0), (-1, 2), (3, 3)])
@pytest.mark.parametrize("basis", [4, None])
def test_frequencies_are_periodic(state, basis, turns):
    G = np.array(turns) @ OBLIQUE.reciprocal
    for spectrum in (
        lambda k: lp.bands(MODEL, k=k, basis=basis),
        lambda k: lp.bogoliubov(MODEL, state, k=k, basis=basis),
    ):
        here, there = spectrum(K), spectrum(K + G)
        assert np.abs(np.sort_complex(here.omega.values) - np.sort_complex(there.omega.values)).max() < ROUNDING
        assert np.array_equal(there.kx, (K + G)[:, 0])  # what was asked for


def test_wavevectors_count_from_that_of_the_grid():
    """A free wave at k on a grid with q has the energy (q + k)^2/2m; the phase mode of a moving condensate is at 0."""
    q = np.array([0.3, 0.1])
    grid = lp.Grid.rectangle((8.0, 8.0), (8, 8), q=tuple(q))
    free = lp.bands(lp.SpinorGPE(grid, [lp.Kinetic(1.0)]), k=[-q, 0 * q], basis=1, losses=False).omega.values
    np.testing.assert_allclose(free, [[0.0, 0.0], [q @ q / 2] * 2], atol=ROUNDING)
    model = lp.SpinorGPE(grid, [lp.Kinetic(1.0), lp.Splitting(1.0, 0.1), lp.Gain(1.5, 1.0, 0.5), lp.Interaction(1.0)])
    linear = np.array([1.0, -1.0])[:, None, None] * np.ones(grid.shape)
    moving = lp.steady_state(model, linear, relax=0.0, stability=False)
    omega = lp.bogoliubov(model, moving, k=[0 * q, q], basis=1).omega.values
    nearest = np.abs(omega).min(axis=-1)
    assert nearest[0] < ROUNDING < nearest[1]


def test_networks_are_periodic():
    lattice = lp.lattice.honeycomb()
    net = lp.Network(lattice, lp.Site(p=0.1, a=2.28, g=1.0, delta=0.3), J=3.0, dJ=0.9)
    for model in (lambda k: lp.bands(net, k=k), lambda k: lp.bogoliubov(net, lp.steady_state(net), k=k)):
        omega, shifted = (model(k).omega.values for k in (K, K + [2, -1] @ lattice.reciprocal))
        # modes that only decay have Re w = 0, so that their order is rounding: each has its likeness in the other set
        assert np.abs(omega[:, :, None] - shifted[:, None, :]).min(axis=2).max() < ROUNDING


@pytest.mark.parametrize("options", [{"basis": 4}, {"near": 0.8, "modes": 2}])
def test_fields_of_modes_are_those_of_the_equivalent_wavevector(state, options):
    """exp(i k.r) u is the same field, so u at k + G has the factor exp(-i G.r)."""
    G = np.array([1, -1]) @ OBLIQUE.reciprocal
    x, y = OBLIQUE.points
    here, there = (lp.bogoliubov(MODEL, state, k=[k], vectors=True, **options) for k in (K[0], K[0] + G))
    u, w = (found.right.transpose("mode", "k", "nambu", "spin", "y", "x").values[:, 0] for found in (here, there))
    w = w * np.exp(1j * (G[0] * x + G[1] * y))
    for one, other in zip(u, w, strict=True):
        overlap = np.vdot(one, other) / np.linalg.norm(one) / np.linalg.norm(other)
        assert abs(abs(overlap) - 1) < 1e-6  # vectors of an iterative solver


def test_left_and_right_vectors_stay_biorthogonal(state):
    found = lp.bogoliubov(MODEL, state, k=K + np.array([1, -1]) @ OBLIQUE.reciprocal, vectors=True, basis=3)
    left, right = (found[name].values.reshape(2, -1, found.sizes["mode"]) for name in ("left", "right"))
    product = left.conj().swapaxes(-1, -2) @ right / OBLIQUE.counts[0] / OBLIQUE.counts[1]
    assert np.abs(product - np.eye(found.sizes["mode"])).max() < ROUNDING
