"""The linear problem of a field: what it is the derivative of, its symmetries, its closed forms."""

import numpy as np
import pytest
from field_cases import OBLIQUE, matrices_on_grid, smooth
from gpe_cases import usual_terms

import latticepol as lp
from latticepol.gpe.linear_response.local_jacobian import reservoir_at

#: Central differences with the step 1e-5: cubes of it, over the rounding of a right-hand side of order 10.
DIFFERENCE, ROUNDING = 1e-7, 1e-10
#: The relative error of exact matrices.
EXACT = 1e-11
U, V = OBLIQUE.points
WAVE = np.cos(OBLIQUE.reciprocal[0, 0] * U + OBLIQUE.reciprocal[0, 1] * V)


class Quintic(lp.Term):
    """A term of one's own that says nothing about its derivatives."""

    def action(self, psi, x, y, t):
        return 0.3 * np.abs(psi) ** 4 * psi + 0.1j * psi[..., ::-1, :, :].conj() * np.cos(WAVE)


RESERVOIR = lp.Reservoir((2 + WAVE) * np.array([1.3, 0.8])[:, None, None], 1.0, 1.5, 1.0, 0.3, -0.1, tau_s=2.0)
TERMS = [
    *usual_terms(WAVE),
    lp.Drive(0.5 * WAVE + 0.2j, omega=1.0),
    Quintic(),
    RESERVOIR,
]
ALL = [*TERMS[1:], lp.Kinetic(2.0)]
ALL_BUT_RESERVOIR = ALL[:-2]
ALL_BUT_GAIN = [term for term in ALL if not isinstance(term, lp.Gain)]


def wave(m):
    """exp(i k.r) with the wavevector m1 B1 + m2 B2, and k."""
    k = np.array(m) @ OBLIQUE.reciprocal
    return k, np.exp(1j * (k[0] * U + k[1] * V))


def case(terms):
    if isinstance(terms, lp.Term):
        return repr(terms).split("(")[0]
    return "all"


@pytest.mark.parametrize("terms", [*TERMS, ALL_BUT_RESERVOIR, ALL_BUT_GAIN], ids=case)
def test_matrix_is_the_derivative_of_the_equation(terms):
    """i d/dt of u e^{ik.r} + v^* e^{-ik.r}, and of nu e^{ik.r} + c.c., is (L x)_u e^{ik.r} - (L x)_v^* e^{-ik.r}."""
    model = lp.SpinorGPE(OBLIQUE, [terms] if isinstance(terms, lp.Term) else terms)
    psi, mu, h = smooth(OBLIQUE, 1), 0.7, 1e-5
    k, phase = wave((2, -1))
    u, v = smooth(OBLIQUE, 2), smooth(OBLIQUE, 3)
    n = reservoir_at(model.equation, psi)
    parts = [u, v] if n is None else [u, v, smooth(OBLIQUE, 4)]
    d = u * phase + v.conj() * phase.conj()
    dn = 0.0 if n is None else 2 * (parts[2] * phase).real

    def moved(sign):
        return model.rhs(psi + sign * h * d, 0.0, None if n is None else n + sign * h * dn)

    ahead, behind = moved(1), moved(-1)
    L = model.bogoliubov_matrix(psi, mu, None)
    x = np.concatenate([np.fft.fft2(part).reshape(2, -1) for part in parts]).ravel()
    index = L.waves.index
    order = (index[:, 1] % OBLIQUE.shape[0]) * OBLIQUE.shape[1] + index[:, 0] % OBLIQUE.shape[1]
    x = x.reshape(-1, len(order))[:, order].ravel()
    made = np.zeros((2 * len(parts), len(order)), complex)
    made[:, order] = (L.matrix(k) @ x).reshape(-1, len(order))
    made = np.fft.ifft2(made.reshape(-1, *OBLIQUE.shape))
    expected = 1j * (ahead[0] - behind[0]) / (2 * h) - mu * d
    found = made[:2] * phase - (made[2:4] * phase).conj()
    assert abs(found - expected).max() < DIFFERENCE * abs(expected).max()
    if n is not None:
        expected = 1j * (ahead[1] - behind[1]) / (2 * h)
        found = made[4:] * phase - (made[4:] * phase).conj()
        assert abs(found - expected).max() < DIFFERENCE * abs(expected).max()


@pytest.mark.parametrize("terms", [ALL_BUT_RESERVOIR, ALL_BUT_GAIN])
@pytest.mark.parametrize("basis", [None, 7])
def test_spectrum_at_minus_k_is_minus_its_conjugate(terms, basis):
    model = lp.SpinorGPE(OBLIQUE, terms)
    L = model.bogoliubov_matrix(smooth(OBLIQUE, 1), 0.7, basis)
    k = np.array([0.3, -0.2])
    there, back = (np.linalg.eigvals(L.matrix(sign * k)) for sign in (1, -1))
    # frequencies are paired by distance: modes without real part are in no order
    distance = abs(there[:, None] + back.conj())
    assert distance.min(axis=1).max() < 1e-8 * abs(there).max()
    assert distance.min(axis=0).max() < 1e-8 * abs(there).max()


@pytest.mark.parametrize("losses", [True, False])
def test_bands_of_plane_waves(losses):
    """The empty cell without profiles: the eigenvalues of H(q + k + G), all spins and both Hermitian parts."""
    terms = [lp.Kinetic(1.3, nu=0.1), lp.TETM(0.2), lp.Splitting(1.0, 0.3), lp.Zeeman(0.4), lp.Gain(0.2, 1.0)]
    model, k = lp.SpinorGPE(OBLIQUE, terms), np.array([0.4, 0.1])
    H = matrices_on_grid(model, k).reshape(-1, 2, 2)
    hermitian = np.linalg.eigvalsh((H + H.conj().swapaxes(1, 2)) / 2)
    expected = np.linalg.eigvals(H) - 0.4j if losses else hermitian
    found = lp.bands(model, k=k, losses=losses, basis=None).omega.values
    assert abs(np.sort(found.real) - np.sort(expected.real.ravel())).max() < EXACT * abs(expected).max()
    assert abs(np.sort(found.imag) - np.sort(expected.imag.ravel())).max() < 1e-9
    lowest = lp.bands(model, k=k, losses=losses, basis=5).omega.values
    assert abs(lowest[:4] - np.sort(found)[:4]).max() < ROUNDING


def test_free_particles_are_split_by_tetm():
    """k^2/2m +- beta k^2, whatever the direction."""
    model = lp.SpinorGPE(lp.Grid(OBLIQUE.vectors, OBLIQUE.counts), [lp.Kinetic(1.3), lp.TETM(0.2)])
    angle = np.linspace(0, 2 * np.pi, 7)
    k = 0.3 * np.stack([np.cos(angle), np.sin(angle)], axis=-1)
    lowest = lp.bands(model, k=k, losses=False, basis=4).omega.values[:, :2]
    assert np.allclose(lowest, 0.09 / 2.6 + np.array([-1, 1]) * 0.2 * 0.09, atol=EXACT)


W0, ETA, ALPHA1, ALPHA2, MASS = 0.6, 1.2, 2.0, -0.3, 0.8


def uniform():
    """A uniform condensate of one spin, S = w/eta, and its frequency."""
    grid = lp.Grid.rectangle((5.0, 4.0), (8, 8))
    model = lp.SpinorGPE(grid, [lp.Kinetic(MASS), lp.Gain(1 + W0, 1.0, ETA), lp.Interaction(ALPHA1, ALPHA2)])
    psi = np.zeros((2, 8, 8), complex)
    psi[0] = np.sqrt(2 * W0 / ETA)
    return model, lp.steady_state(model, psi, relax=0.0, stability=False)


@pytest.mark.parametrize("basis", [None, 9])
def test_uniform_condensate_has_a_diffusive_phase_mode(basis):
    """w = -i w0/2 +- sqrt(E^2 + 2 E U - w0^2/4), E = k^2/2m, U = alpha1 |psi|^2/2; the other spin is shifted by
    (alpha2 - alpha1)|psi|^2/2."""
    model, state = uniform()
    assert float(state.mu) == pytest.approx(ALPHA1 * W0 / ETA, abs=ROUNDING)
    k = np.array([[0.0, 0.0], [0.05, 0.1], [0.4, -0.3], [0.0, 0.7]])
    E, U = (k**2).sum(axis=1) / (2 * MASS), ALPHA1 * W0 / ETA
    root = np.sqrt(E**2 + 2 * E * U - W0**2 / 4 + 0j)
    other = E + (ALPHA2 - ALPHA1) * W0 / ETA
    expected = [-0.5j * W0 + root, -0.5j * W0 - root, other + 0j, -other + 0j]
    found = lp.bogoliubov(model, state, k=k, basis=basis).omega.values
    for branch in expected:
        assert abs(found - branch[:, None]).min(axis=1).max() < 1e-7  # the square root of rounding, at k = 0
    assert abs(found[0]).min() < 1e-9


def test_every_way_to_a_spectrum_gives_the_same():
    model, state = uniform()
    k = np.array([0.4, -0.3])
    dense = lp.bogoliubov(model, state, k=k, basis=None).omega.values
    near = lp.bogoliubov(model, state, k=k, near=1.0, modes=3).omega.values
    closest = np.sort(dense[np.argsort(abs(dense - 1.0 - 0.02j))[:3]])
    assert abs(np.sort(near) - closest).max() < ROUNDING
