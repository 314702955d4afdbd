"""Parts of the search for a minimum, by their definitions: neighbours on a mesh, heights of a parabola, overlaps."""

import numpy as np

from latticepol.topology import berry, minima, parabola

#: Each number is a few roundings from what numpy makes of the same.
SOME_ROUNDINGS = 1e-14


def test_neighbours_on_a_mesh_are_in_the_order_of_the_stencil():
    values = np.random.default_rng(0).normal(size=(5, 3))
    around = minima._around(values).reshape(5, 3, 9)
    for n, (i, j) in enumerate(parabola.STENCIL.astype(int)):
        np.testing.assert_array_equal(around[..., n], np.roll(values, (-i, -j), (0, 1)))
    lowest = values == around.min(axis=-1)
    np.testing.assert_array_equal(minima.local_minima(values), lowest)
    assert 1 <= lowest.sum() < values.size


def test_the_root_of_a_flat_parabola_is_that_of_numpy():
    """Also where the real part is negative, and the root the small difference of two large numbers."""
    z = np.array([2 + 1j, 2 - 1e-9j, -3 + 1e-7j, -3 - 1e-12j, 1e-30 + 1e-31j, -1e-30 + 1e-34j, 4, 0])
    c = np.zeros((len(z), 6), complex)
    c[:, 0] = z
    np.testing.assert_allclose(parabola.lowest(c, 2)[1], np.sqrt(z).real, rtol=SOME_ROUNDINGS, atol=0)
    np.testing.assert_array_equal(parabola.lowest(c, 1)[1], z.real)


def test_a_parabola_through_nine_points_is_exact():
    c = np.array([1 + 2j, 0.3, -0.4j, 2.0, 0.5 + 1j, -3.0])
    u, v = parabola.STENCIL.T
    z = c @ np.stack([np.ones_like(u), u, v, u * u / 2, u * v, v * v / 2])
    np.testing.assert_allclose(parabola.parabola(z), c, atol=SOME_ROUNDINGS)


def test_overlaps_are_determinants():
    rng = np.random.default_rng(1)
    for n in (1, 2, 3):
        left, right = (rng.normal(size=(4, 3, 6, n)) + 1j * rng.normal(size=(4, 3, 6, n)) for _ in range(2))
        expected = np.linalg.det(np.einsum("...am,...an->...mn", left.conj(), right))
        np.testing.assert_allclose(berry._overlap(left, right), expected, atol=1e3 * SOME_ROUNDINGS)
