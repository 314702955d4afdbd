"""C (z - L)^-1 B against solutions of linear systems and a closed form in an exceptional point."""

import numpy as np
import pytest

from latticepol.numerics.transfer import Resolvent

#: Rounding of a triangular solve with a dozen rows, times its condition, some hundred at these frequencies.
ROUNDING = 1e-11


def normal(rng, *shape):
    return rng.standard_normal((*shape, 2)).view(complex)[..., 0]


@pytest.mark.parametrize("n", [1, 2, 12])
def test_it_is_what_a_linear_system_gives(n):
    rng = np.random.default_rng(n)
    L, C, B, z = normal(rng, n, n), normal(rng, 3, n), normal(rng, n, 2), np.linspace(-3, 3, 7) + 0.1j
    found = Resolvent.of(L)
    expected = C @ np.linalg.solve(z[:, None, None] * np.eye(n) - L, np.broadcast_to(B, (7, n, 2)))
    assert np.abs(found.between(C, B, z) - expected).max() < ROUNDING * np.abs(expected).max()
    assert np.abs(np.sort(found.poles) - np.sort(np.linalg.eigvals(L))).max() < ROUNDING


def test_an_exceptional_point_costs_no_accuracy():
    """A Jordan block of three has the inverse sum_n N^n/(z - w)^(n + 1); eigenvectors of it lose ten digits."""
    rng = np.random.default_rng(0)
    w, N = 0.3 - 0.5j, np.diag([1.0, 1.0], 1)
    Q = np.linalg.qr(normal(rng, 3, 3))[0]
    z = np.linspace(-1, 1, 9)
    expected = Q @ sum(np.linalg.matrix_power(N, n) / (z - w)[:, None, None] ** (n + 1) for n in range(3)) @ Q.conj().T
    found = Resolvent.of(Q @ (w * np.eye(3) + N) @ Q.conj().T).between(np.eye(3), np.eye(3), z)
    assert np.abs(found - expected).max() < ROUNDING * np.abs(expected).max()
