"""Resonances of large matrices, told from the modes on a mesh."""

import numpy as np
import pytest
from locked_modes import SQUARE, LockedModes, fastest

from latticepol.topology import mesh_points
from latticepol.topology.locking import LOCKING_SEARCH, locking, meetings


def told(problem, n, d=2, **search):
    k = mesh_points(SQUARE, n).reshape(-1, 2) if d == 2 else np.stack([np.arange(n) * 2 * np.pi / n, np.zeros(n)], 1)
    search = type(LOCKING_SEARCH)(**search)
    steps, particles = SQUARE[:d] / n, problem.particles
    _, _, places = meetings(problem.around, problem.norms, k, steps, particles, search)
    return locking(problem.around, places, steps, particles, search)


@pytest.mark.parametrize("kappa", [(0.01, 0.01), (0.002, 0.03)])
@pytest.mark.parametrize("d", [1, 2])
def test_two_modes_are_told_from_a_distance(d, kappa):
    """Where they meet, and at least the rate at which they grow."""
    c = 0.02
    problem = LockedModes(
        lambda k: np.cos(k[..., 0]) + 0.7 * (np.cos(k[..., 1]) - 1), -0.51, kappa, lambda k: c, SQUARE[:d]
    )
    found = told(problem, 24, d, most=10**4)
    own = problem.own(found)
    assert found.all
    assert own.sum() >= (4 if d == 1 else 40)
    assert (np.diff(found.rate) <= 0).all()
    meet = abs(np.where(abs(found.P.real - 0.51) < 0.2, problem.energy(found.k), problem.energy(-found.k)) - 0.51)
    assert np.median(meet[own]) < 2 * c  # within what locks
    faster = np.maximum(found.P.imag, found.Q.imag)[own]
    assert fastest(kappa, c) - 0.2 * c < faster.max() < fastest(kappa, c) + 1e-9
    assert found.rate[own].max() > fastest(kappa, c)


def test_couplings_that_are_too_weak_are_left_alone():
    """Two modes far more damped than coupled cannot grow."""
    energy = lambda k: np.cos(k[..., 0])  # noqa: E731
    for c, few in ((1e-3, True), (0.3, False)):
        problem = LockedModes(energy, -0.51, (0.2, 0.2), lambda k, c=c: c)
        assert (len(told(problem, 24).k) == 0) == few


def test_more_than_are_followed_are_said_to_be_left_out():
    problem = LockedModes(lambda k: np.cos(k[..., 0]), -0.51, (0.01, 0.01), lambda k: 0.02)
    assert not told(problem, 24, most=3).all
    assert len(told(problem, 24, most=3).k) == 3


def test_modes_that_do_not_meet_are_not_told():
    problem = LockedModes(lambda k: np.cos(k[..., 0]), -1.5, (0.01, 0.01), lambda k: 0.02)
    assert not len(told(problem, 24).k)


def test_where_they_meet_is_told_before_any_step():
    """To the curvature of the energies, from half a step of the mesh."""
    problem = LockedModes(lambda k: np.cos(k[..., 0]), -0.4, (1e-3, 1e-3), lambda k: 2e-3, SQUARE[:1])
    found = told(problem, 24, 1, steps=0)
    meet = np.minimum(abs(problem.energy(found.k) - 0.4), abs(problem.energy(-found.k) - 0.4))
    assert len(meet) >= 2
    assert meet.min() < 0.02  # a step of the mesh changes the energy by 0.24
    assert np.median(meet) < 0.02
