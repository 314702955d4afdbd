"""Maxima of the growth rate of single modes: derivatives of eigenvalues, Newton's method."""

import numpy as np
import pytest
from locked_modes import SQUARE, LockedModes, fastest

from latticepol.topology.ascent import ASCENT_SEARCH, _Points, climb

#: Second derivatives from matrices over a distance h: h^2 times the fourth derivatives, and rounding over h^2.
SECOND = 2e-5


def waves(size, seed):
    """Matrices of k that are sums of a few waves, general ones; (o, n, m, m) of k (n, 2) and offsets (o, 2)."""
    rng = np.random.default_rng(seed)
    M, q = rng.normal(size=(2, 4, size, size)), rng.normal(size=(4, 2))
    M = M[0] + 1j * M[1]

    def matrices(k, offsets):
        phases = np.exp(1j * (k + offsets[:, None]) @ q.T)
        return np.einsum("onw,wab->onab", phases, M)

    return matrices


def doubled(matrices, seed):
    """The same modes twice, in a basis in which that cannot be seen."""
    rng = np.random.default_rng(seed)

    def twice(k, offsets):
        L = matrices(k, offsets)
        m = L.shape[-1]
        both = np.zeros((*L.shape[:-2], 2 * m, 2 * m), complex)
        both[..., :m, :m] = both[..., m:, m:] = L
        return S @ both @ inverse

    size = 2 * matrices(np.zeros((1, 2)), np.zeros((1, 2))).shape[-1]
    S = np.eye(size) + 0.2 * rng.normal(size=(size, size))
    inverse = np.linalg.inv(S)
    return twice


def differences(matrices, k, near, frame, h=1e-3):
    """First and second derivatives of the eigenvalue next to ``near``, from eigenvalues at 4th order of h."""

    def w(*at):
        modes = np.linalg.eigvals(matrices(k, h * np.array([at], float) @ frame)[0, 0])
        return modes[abs(modes - near).argmin()]

    d = len(frame)
    unit = np.eye(d)
    first = [(8 * (w(*a) - w(*-a)) - (w(*(2 * a)) - w(*(-2 * a)))) / (12 * h) for a in unit]
    second = np.empty((d, d), complex)
    for i, a in enumerate(unit):
        second[i, i] = (16 * (w(*a) + w(*-a)) - (w(*(2 * a)) + w(*(-2 * a))) - 30 * w(*(0 * a))) / (12 * h**2)
    if d == 2:
        second[0, 1] = second[1, 0] = (w(1, 1) + w(-1, -1) - w(1, -1) - w(-1, 1)) / (4 * h**2)
    return np.array(first), second


FRAMES = [np.eye(2), np.array([[0.6, 0.8], [-0.8, 0.6]]), np.array([[0.6, 0.8]])]


@pytest.mark.parametrize("frame", FRAMES)
@pytest.mark.parametrize("seed", range(3))
def test_derivatives_are_those_of_eigenvalues(frame, seed):
    matrices = waves(4, seed)
    k = np.array([[0.3, -0.2]])
    for near in np.linalg.eigvals(matrices(k, np.zeros((1, 2)))[0, 0]):
        expected = differences(matrices, k, near, frame)
        for some in (matrices, doubled(matrices, seed)):  # the second has another mode at the same frequency
            found = _Points.at(some, k, frame, 1e-3, np.array([near]))
            size = abs(expected[1]).max()
            assert abs(found.gradient[0] - expected[0]).max() < SECOND * size
            assert abs(found.hessian[0] - expected[1]).max() < SECOND * size


@pytest.mark.parametrize("d", [1, 2])
def test_a_narrow_resonance_is_climbed_from_beside_it(d):
    """A ten-thousandth of the scale wide, and with its maximum elsewhere on the line."""
    kappa, top = (1e-4, 3e-4), np.array([1.2, 0.4])[:d]
    problem = LockedModes(
        lambda k: np.cos(k[..., 0]), 0.3, kappa,
        lambda k: 5e-4 * (1 + 0.3 * np.cos(k[..., 1] - 0.4 * (d == 2))), SQUARE[:d],
    )  # fmt: skip
    there = np.arccos(-0.3)
    start = np.array([[there + 3e-4, 0.1 * (d - 1)]])
    modes = problem.spectrum(start)[0]
    near = modes[modes.imag.argsort()[-1:]]
    peaks = climb(problem.around, start, near, SQUARE[:d] / 24)
    assert peaks.omega.imag[0] == pytest.approx(fastest(kappa, 6.5e-4), rel=1e-8)
    assert peaks.k[0, 0] == pytest.approx(there, abs=1e-6)
    if d == 2:
        assert peaks.k[0, 1] == pytest.approx(top[1], abs=1e-4)
    assert peaks.promise[0] < 1e-9


def hill(k, offsets):
    """One mode, Im w = cos(x - 0.3) cos(y + 0.2), and one that is damped."""
    x, y = np.moveaxis(k + offsets[:, None] - [0.3, -0.2], -1, 0)
    L = np.zeros((*x.shape, 2, 2), complex)
    L[..., 0, 0], L[..., 1, 1] = 1 + 1j * np.cos(x) * np.cos(y), -1 - 3j
    return L


@pytest.mark.parametrize("start", [(0.9, -0.7), (0.3, -0.2), (0.3 + np.pi / 2, -0.2 + np.pi / 2), (3.0, 2.5)])
def test_maxima_are_reached_also_from_a_saddle(start):
    k = np.array([start])
    peaks = climb(hill, k, np.array([1.0 + 0j]), np.eye(2))
    assert peaks.omega.imag[0] == pytest.approx(1, abs=1e-9)
    assert abs(np.cos(peaks.k[0] - [0.3, -0.2])).min() > 1 - 1e-8


def test_steps_are_never_longer_than_the_scale():
    seen = []

    def matrices(k, offsets):
        seen.append(k.copy())
        return hill(k, offsets)

    climb(matrices, np.array([[1.5, -0.2]]), np.array([1.0 + 0j]), 0.05 * np.eye(2))
    longest = np.linalg.norm(np.diff(np.concatenate(seen), axis=0), axis=1).max()
    assert longest < 2.1 * 0.05 * ASCENT_SEARCH.reach  # from a refused step to the next one


def test_a_search_that_is_cut_short_says_what_it_had_still_promised():
    one = type(ASCENT_SEARCH)(steps=2)
    peaks = climb(hill, np.array([[1.5, -0.2]]), np.array([1.0 + 0j]), 0.1 * np.eye(2), search=one)
    assert peaks.promise[0] > 0.01
    assert peaks.omega.imag[0] < 0.9
