"""Particles of a set of modes, counted by the norm on the space that they span."""

import numpy as np
import pytest

from latticepol import topology
from latticepol.topology.isolated import count_particles, norm_form

NORM = np.diag([1.0, 1.0, -1.0, -1.0])


def modes(frequencies, coupling):
    """Two particles and two partners; the first of each are coupled, without loss."""
    H = np.diag(np.asarray(frequencies) * np.diag(NORM)).astype(complex)
    H[0, 2], H[2, 0] = coupling, np.conj(coupling)
    return topology.right_modes((NORM @ H)[None])


def test_two_modes_that_have_locked_are_a_particle_and_a_partner():
    omega, right = modes([5.0, 2.0, 5.1, -5.0], 0.5j)
    assert omega[0, 2].real == pytest.approx(omega[0, 3].real)
    assert abs(omega[0, 2].imag) > 0.4
    assert count_particles(norm_form(right, 2), 2) == (1, pytest.approx(1))


@pytest.mark.parametrize(("frequencies", "particles"), [([4, 5, 1, 2], [1, 2]), ([1, 5, 4, 2], [1, 1])])
def test_modes_of_either_norm_are_counted(frequencies, particles):
    _, right = modes(frequencies, 0.1)
    assert [int(count_particles(norm_form(right, 2), above).particles[0]) for above in (1, 2)] == particles


def test_what_moves_along_has_no_norm():
    """A reservoir: rows below u and v."""
    _, right = modes([4, 5, 1, 2], 0.1)
    more = np.zeros((1, 6, 6), complex)
    more[:, :4, 2:], more[:, 4:, :2], more[:, 4, 3] = right, np.eye(2), 7.0
    assert count_particles(norm_form(more, 2), 2) == count_particles(norm_form(right, 2), 2)
