"""Every term by calculus: its action on a plane wave is its matrix, its derivatives are finite differences."""

import numpy as np
import pytest
from gpe_cases import GRID, TERMS, name, random_field

import latticepol as lp

#: Rounding of a right-hand side of order 100.
ROUNDING = 1e-12
#: Central differences with step 1e-4 of a cubic of order one: step^2.
DIFFERENCE = 1e-7

EXACT_MATRICES = {
    "Kinetic": lambda kx, ky, m, nu: (1 - 1j * nu) * (kx**2 + ky**2) / (2 * m) * np.eye(2),
    "TETM": lambda kx, ky, beta: beta * np.array([[0, (kx - 1j * ky) ** 2], [(kx + 1j * ky) ** 2, 0]]),
    "Splitting": lambda kx, ky, e, g: -0.5 * (e + 1j * g) * np.array([[0, 1], [1, 0]]),
    "Zeeman": lambda kx, ky, D, scale: 0.5 * scale * D * np.diag([1, -1]),
}
LINEAR = [term for term in TERMS if term.k_matrix(np.zeros((1, 1)), np.zeros((1, 1))) is not None]


@pytest.mark.parametrize("term", LINEAR, ids=name)
def test_action_on_a_plane_wave_is_the_matrix(term):
    model = lp.SpinorGPE(GRID, [term])
    (x, y), kx, ky = GRID.points, GRID.wavevectors[0][3, 5], GRID.wavevectors[1][3, 5]
    chi = np.array([0.6, 0.3 - 0.5j])
    wave = np.exp(1j * (kx * x + ky * y))
    assert type(term).__name__ in EXACT_MATRICES, "write its closed form there"
    H = EXACT_MATRICES[type(term).__name__](kx, ky, *term.__dict__.values())
    rate, _ = model.rhs(chi[:, None, None] * wave)
    assert np.abs(rate + 1j * (H @ chi)[:, None, None] * wave).max() < ROUNDING
    assert np.abs(model.k_matrix(np.array([kx, ky])) - H).max() < ROUNDING


@pytest.mark.parametrize("term", TERMS, ids=name)
def test_derivatives_are_finite_differences(term):
    model = lp.SpinorGPE(GRID, [term, lp.Interaction(1.3, 0.4)] if isinstance(term, lp.WignerNoise) else [term])
    psi, change = random_field(1), random_field(2)
    n = np.abs(random_field(3)) ** 2 if model.equation.reservoir else None
    A, B = model.derivatives(psi, 0.0, 0.0 if n is None else n)
    step = 1e-4
    local = [
        model.replace(terms=[t for t in model.terms if t not in LINEAR]).rhs(psi + s * step * change, 0.0, n)[0]
        for s in (1, -1)
    ]
    difference = 1j * (local[0] - local[1]) / (2 * step)
    exact = np.einsum("ij...,j...->i...", A, change) + np.einsum("ij...,j...->i...", B, change.conj())
    assert np.abs(difference - exact).max() < DIFFERENCE


@pytest.mark.parametrize("term", TERMS, ids=name)
def test_terms_print_and_record_their_parameters(term):
    model = lp.SpinorGPE(GRID, [term])
    row = next(line for line in repr(model).splitlines() if repr(term) in line)
    assert row.endswith(term.formula.removeprefix("-"))
    assert any(key.startswith(type(term).__name__) for key in model.parameters())


def test_local_terms_are_the_equation():
    """G of docs/physics.md, section 1, written out, with everything on."""
    x, _ = GRID.points
    V, Delta, W, F = np.cos(x / 3), 0.3 * np.sin(x / 2), 1.0 + 0.2 * np.cos(x), 0.4 * np.exp(1j * x)
    psi, n = random_field(4), np.abs(random_field(5)) ** 2
    R, g_R, g_cross, Gamma, a1, a2 = 0.9, 0.5, -0.2, 0.8, 2.0, 0.4
    terms = [lp.Potential(V), lp.Zeeman(Delta), lp.Drive(F), lp.Interaction(a1, a2)]
    N = np.abs(psi) ** 2
    base = V + 0.5 * np.array([1, -1])[:, None, None] * Delta + 0.5 * (a1 * N + a2 * N[::-1])
    saturable = base + 0.5j * (W - Gamma - 1.2 * N.sum(axis=0) / 2)
    rate, _ = lp.SpinorGPE(GRID, [*terms, lp.Gain(W, Gamma, 1.2)]).rhs(psi)
    assert np.abs(1j * rate - saturable * psi - F).max() < ROUNDING
    P = np.stack([1 + 0.5 * np.cos(x), np.ones_like(x)])
    rate, rate_n = lp.SpinorGPE(GRID, [*terms, lp.Reservoir(P, R, 1.5, Gamma, g_R, g_cross, tau_s=2.0)]).rhs(
        psi, 0.0, n
    )
    bracket = base + 0.5j * (R * n - Gamma) + g_R * n + g_cross * n[::-1]
    assert np.abs(1j * rate - bracket * psi - F).max() < ROUNDING
    assert np.abs(rate_n - (P - (1.5 + R * N) * n + (n[::-1] - n) / 2.0)).max() < ROUNDING


def test_wigner_vacuum_is_taken_out_of_saturation_and_interaction():
    """|psi_s|^2 -> |psi_s|^2 - 1/dV for the same spin, - 1/(2 dV) for the other one and in S."""
    dV, a1, a2, eta = GRID.point_area, 2.0, 0.4, 1.2
    psi = random_field(6)
    N = np.abs(psi) ** 2
    rate, _ = lp.SpinorGPE(GRID, [lp.Interaction(a1, a2), lp.Gain(1.0, 0.8, eta), lp.WignerNoise()]).rhs(psi)
    bracket = 0.5 * (a1 * (N - 1 / dV) + a2 * (N[::-1] - 0.5 / dV))
    bracket = bracket + 0.5j * (1.0 - 0.8 - eta * (N.sum(axis=0) / 2 - 0.5 / dV))
    assert np.abs(1j * rate - bracket * psi).max() < ROUNDING / dV
