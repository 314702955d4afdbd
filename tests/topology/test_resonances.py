"""Crossings of branches of opposite norm: on edges of a mesh, between its points, where norms jump."""

import numpy as np
import pytest
from locked_modes import SQUARE, LockedModes, fastest

from latticepol.topology.resonances import CROSSING_SEARCH, branches, crossings, told_apart

#: Of frequencies of order one, far below the widths of the resonances here.
EXACT = 1e-8


def mesh(n, reciprocal=SQUARE):
    """Lines of n + 1 points over the zone, closed."""
    steps = [np.linspace(0, 1, n + 1)] * len(reciprocal) + [np.zeros(1)] * (2 - len(reciprocal))
    rows = np.zeros((2, 2))
    rows[: len(reciprocal)] = reciprocal
    return np.stack(np.meshgrid(*steps, indexing="ij"), axis=-1) @ rows


def found_in(problem, n, **search):
    k = mesh(n, problem.reciprocal)
    modes = (x.reshape(*k.shape[:2], -1) for x in problem.normed(k.reshape(-1, 2)))
    return crossings(problem.normed, k, *modes, problem.particles, **search)


def test_branches_are_sorted_by_norm_and_then_by_frequency():
    omega = np.array([-3, -1, 2 - 1j, 2, 5.0])
    norm = np.array([0.9, -1.0, -0.8, 0.2, 1.0])
    P, Q = branches(omega, norm, 2)
    assert P.tolist() == [-3, 5]
    assert Q.tolist() == [-1, 2 - 1j]


@pytest.mark.parametrize("d", [1, 2])
@pytest.mark.parametrize("kappa", [(0.1, 0.1), (0.02, 0.3)])
def test_two_modes_lock_where_their_frequencies_meet(d, kappa):
    """At every crossing found d is within the resonance, or a tenth of the damping."""
    problem = LockedModes(
        lambda k: np.cos(k[..., 0]) + 0.7 * (np.cos(k[..., 1]) - 1), -0.51, kappa, lambda k: 0.04, SQUARE[:d]
    )
    found = found_in(problem, 24)
    found = found.only(problem.own(found))
    assert len(found.k) >= (4 if d == 1 else 40)
    detuned = abs(problem.energy(found.k) - 0.51)
    assert detuned.max() < 2 * 0.04 + CROSSING_SEARCH.detuned * sum(kappa)
    assert found.faster.imag.max() <= fastest(kappa, 0.04) + EXACT


def test_growth_is_where_the_condition_says_so():
    """And Re w equal over |d| < 2 |c| for equal dampings alone."""
    for kappa in ((0.1, 0.1), (0.15, 0.05)):
        problem = LockedModes(lambda k: k[..., 0] - 5, 5.0, kappa, lambda k: 0.2j)
        k = np.stack([np.linspace(-1, 1, 401), np.zeros(401)], axis=-1)
        omega, norm = problem.normed(k)
        assert ((omega.imag > 0).any(axis=1) == (problem.grows(k) | problem.grows(-k))).all()
        assert abs(omega.imag.max() - fastest(kappa, 0.2)) < EXACT
        lower = omega[:, :2]  # u_1 and v_2, about -5
        equal = abs(np.diff(lower.real, axis=1))[:, 0] < EXACT
        inside, ends = abs(k[:, 0]) < 2 * 0.2, abs(abs(k[:, 0]) - 2 * 0.2) < 1e-6  # exceptional points
        assert ((equal == inside) | ends).all() if kappa[0] == kappa[1] else equal.sum() <= 1
        assert abs(norm[:, :2][equal]).max(initial=0) < 1e-6 or kappa[0] != kappa[1]  # what locks has no norm


def test_locked_modes_are_one_of_each_norm():
    """Also where two pairs have locked, and rounding makes both norms of one positive."""
    omega = np.array([-2 - 0.3j, -2 + 0.1j, 0.5, 2 - 0.3j, 2 + 0.1j, 3])
    norm = np.array([2e-15, 1e-15, -1, -1e-15, -2e-15, 1])
    told = told_apart(omega, norm)
    assert (np.sign(told) == [-1, 1, -1, -1, 1, 1]).all()
    P, Q = branches(omega, norm, 3)
    assert P.tolist() == [-2 + 0.1j, 2 + 0.1j, 3]
    assert Q.tolist() == [-2 - 0.3j, 0.5, 2 - 0.3j]
    three = told_apart(np.array([0, 0, 0, 1.0]), np.array([0, 0, 0.0, 1.0]))
    assert (np.sign(three) == [-1, 1, 0, 1]).all()


def bowl(depth, n=12):
    """An energy with one valley between the points of a mesh, of this depth."""
    centre = 2 * np.pi / n * np.array([3.45, 7.6])

    def energy(k):
        x = np.asarray(k) - centre
        return 2 - depth - np.cos(x[..., 0]) - np.cos(x[..., 1])

    return energy, centre


@pytest.mark.parametrize("radius", [0.3, 0.1, 0.02])
def test_a_closed_line_between_the_points_of_a_mesh_is_found(radius):
    """A circle of part of a step of the mesh, and a resonance on it a thousand times narrower than that."""
    radius *= 2 * np.pi / 12
    width = 1e-3 * radius**2
    energy, centre = bowl(radius**2 / 2)
    problem = LockedModes(lambda k: energy(k) - 5, 5.0, (width, width), lambda k: 2 * width)
    found = found_in(problem, 12)
    found = found.only(problem.own(found) & (found.P.real < 0))
    assert len(found.k)
    assert abs(energy(found.k)).max() < 4.2 * width
    assert abs(np.linalg.norm(found.k - centre, axis=1) / radius - 1).max() < 0.05


def test_nearest_branches_are_found_where_none_cross():
    """Undressed frequencies differ by 0.001 or more; modes that are damped as much grow there together."""
    energy, centre = bowl(-0.001)
    problem = LockedModes(lambda k: energy(k) - 5, 5.0, (0.002, 0.002), lambda k: 0.002001)
    found = found_in(problem, 12)
    found = found.only(problem.own(found) & (found.P.real < 0))
    assert np.linalg.norm(found.k - centre, axis=1).min() < 0.1


@pytest.mark.parametrize("place", [0.37, 0.5, 0.9])
def test_where_modes_exchange_their_norms_the_search_ends_soon(place):
    """S jumps from 2 to -2: the place is found to a part of the edge, with few matrices."""
    asked = []

    def modes(k):
        asked.append(len(k))
        sign = np.where(k[:, :1] < place, 1.0, -1.0)
        return np.full((len(k), 2), [-1.0 - 0.1j, 1.0 - 0.1j]), sign * [-1.0, 1.0]

    k = mesh(1, np.array([[1.0, 0.0]]))
    found = crossings(modes, k, *(x[:, None] for x in modes(k[:, 0])), 1)
    assert abs(found.k[:, 0] - place).max() < CROSSING_SEARCH.narrow
    assert len(asked) <= 8


def asked_of(modes, n, particles):
    """How often more modes are asked for, from a mesh of one line."""
    calls = []

    def counted(k):
        calls.append(len(k))
        return modes(k)

    k = mesh(n, np.array([[1.0, 0.0]]))
    crossings(counted, k, *(x[:, None] for x in modes(k[:, 0])), particles)
    return len(calls)


def test_modes_that_have_locked_are_not_looked_for_closer_and_closer():
    """S is rounding over a piece of k with points of the mesh in it."""

    def modes(k):
        rounding = np.finfo(float).eps
        half = np.maximum(abs(k[:, 0] - 0.5) - 0.2, rounding)
        norm = np.where(half > rounding, 0.5, rounding)
        return np.stack([-half, half], axis=1) - 0.1j, np.stack([-norm, norm], axis=1)

    assert asked_of(modes, 12, 1) == 1


def test_a_jump_of_norms_is_no_sign_of_a_crossing_next_to_it():
    """Frequencies hardly change, but which of them have positive norms does."""

    def modes(k):
        omega = np.array([-2, -1, 1, 2]) + 0.01 * np.sin(2 * np.pi * k[:, :1]) - 0.1j
        far = abs(k[:, :1] - 0.5) > 0.07
        return omega, np.where(far, [-1.0, 1.0, -1.0, 1.0], [-1.0, -1.0, 1.0, 1.0])

    assert asked_of(modes, 12, 2) <= 9  # of which 8 for the place at which they jump


def test_amplified_modes_are_followed_to_where_they_meet():
    """Where both grow the width of a resonance is not their damping."""
    problem = LockedModes(lambda k: np.cos(k[..., 0]) - 5, 4.7, (-1.0, -1.0), lambda k: 1e-6, SQUARE[:1])
    found = found_in(problem, 24)
    assert len(found.k) == 4
    assert found.faster.imag == pytest.approx(1, abs=1.1e-6)
    assert abs(problem.energy(found.k) + 4.7).min() < 2.1e-6
    assert found.faster.imag.min() > 1 + 1e-8
