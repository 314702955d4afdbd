"""The 2x2 matrix at each wavevector and functions of it, against scipy's matrix exponential."""

import numpy as np
import pytest
from field_cases import matrices_on_grid
from scipy.linalg import expm

import latticepol as lp
from latticepol.gpe.stepping.momentum import Momentum

#: Rounding of an exponential whose phase is up to a few hundred.
ROUNDING = 1e-12
RECTANGLE = lp.Grid.rectangle((6.0, 4.0), (8, 6))
OBLIQUE = lp.Grid(((3**0.5, 0.0), (3**0.5 / 2, 1.5)), (6, 8), q=(0.3, -0.2))
CASES = {
    "separable": (RECTANGLE, [lp.Kinetic(0.8), lp.Splitting(1.0, 0.3), lp.Zeeman(0.4)]),
    "damped": (RECTANGLE, [lp.Kinetic(0.8, nu=0.1), lp.Splitting(1.0, 0.3)]),
    "constant": (RECTANGLE, [lp.Splitting(1.0, 0.3), lp.Zeeman(0.4)]),
    "tetm": (RECTANGLE, [lp.Kinetic(0.8), lp.TETM(0.3), lp.Splitting(1.0, 0.3)]),
    "tetm and field": (RECTANGLE, [lp.Kinetic(0.8), lp.TETM(0.3), lp.Splitting(1.0, 0.3), lp.Zeeman(0.4)]),
    "oblique": (OBLIQUE, [lp.Kinetic(0.8), lp.Splitting(1.0, 0.3), lp.Zeeman(0.4)]),
    "oblique tetm": (OBLIQUE, [lp.Kinetic(0.8), lp.TETM(-0.3), lp.Zeeman(0.4)]),
    # beta k_y^2 = 1/2 at ky = 2 pi/4 on kx = 0: M^2 = 0 there, but M is not
    "exceptional": (RECTANGLE, [lp.TETM(0.5 / (np.pi / 2) ** 2), lp.Splitting(-1.0, 1e-15), lp.Zeeman(0.0)]),
}


def matrices(grid, terms):
    return matrices_on_grid(lp.SpinorGPE(grid, terms))


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("h", [0.01, 0.7, -0.2])
def test_propagator(case, h):
    grid, terms = CASES[case]
    momentum = Momentum(terms, grid, (), np.dtype(complex))
    assert (momentum.row_column is not None) == (case in ("separable", "damped", "constant"))
    rng = np.random.default_rng(0)
    psi = rng.normal(size=(1, 2, 48)) + 1j * rng.normal(size=(1, 2, 48))
    exact = np.einsum("kij,jk->ik", expm(-1j * h * matrices(grid, terms).reshape(48, 2, 2)), psi[0]) * 0.5
    momentum.propagator(h, 0.5)(psi)
    assert np.abs(psi[0] - exact).max() < ROUNDING * np.abs(exact).max()


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("h", [1e-4, 0.7])
def test_phi_functions(case, h):
    """phi_k(Z) is the corner of the exponential of [[Z, 1, 0, 0], [0, 0, 1, 0], ...]."""
    grid, terms = CASES[case]
    momentum = Momentum(terms, grid, (), np.dtype(complex))
    tables = [momentum.tables(pairs) for pairs in momentum.functions(h, np.eye(4))]
    Z = -1j * h * matrices(grid, terms).reshape(48, 2, 2)
    for i in range(48):
        big = np.zeros((8, 8), complex)
        big[:2, :2] = Z[i]
        big[:6, 2:] += np.eye(6)
        exact = expm(big)[:2].reshape(2, 4, 2).swapaxes(0, 1)
        for k in range(4):
            got = np.array([table[0, i] for table in tables[k]]).reshape(2, 2)
            assert np.abs(got - exact[k]).max() < ROUNDING


def test_batch_of_fields():
    terms = [lp.Kinetic(0.8), lp.Zeeman(np.array([0.1, 0.2, -0.3]).reshape(3, 1, 1))]
    rng = np.random.default_rng(0)
    psi = rng.normal(size=(3, 2, 48)) + 0j
    batch = psi.copy()
    Momentum(terms, RECTANGLE, (3,), np.dtype(complex)).propagator(0.3, 1.0)(batch)
    for i, Delta in enumerate((0.1, 0.2, -0.3)):
        Momentum([terms[0], lp.Zeeman(Delta)], RECTANGLE, (), np.dtype(complex)).propagator(0.3, 1.0)(psi[i : i + 1])
    assert np.abs(psi - batch).max() < ROUNDING
