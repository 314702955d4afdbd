"""The fields of a term of one's own may have any name: only what its hooks return counts."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pytest

import latticepol as lp
from latticepol.gpe.linear_response import propagator
from latticepol.gpe.terms.parameters import number_of
from latticepol.units.reading import RATE

#: Rounding of some hundred steps of fields of order one.
ROUNDING = 1e-12
GRID = lp.Grid.rectangle((8.0, 8.0), (16, 16))
X, Y = GRID.points
#: Names that fields of the terms of the package have, or that once decided something.
NAMES = ("omega", "V", "P", "F", "mass", "mixing", "vacuum", "eta", "nu", "W", "parts", "units", "grid", "batch")


@dataclass(frozen=True, repr=False, eq=False)
class Trap(lp.Term):
    """``V = omega^2 r^2/2`` with as many other names as there are."""

    omega: Any
    V: Any = 1.0
    P: Any = 2.0
    F: Any = 3.0
    mass: Any = 4.0
    mixing: Any = 5.0
    vacuum: Any = 6.0
    eta: Any = 7.0
    nu: Any = 8.0
    W: Any = 9.0
    parts: Any = 10.0
    units: Any = "none"
    grid: Any = None
    batch: Any = None

    def local(self, grid):
        x, y = grid.points
        return {"V": 0.5 * self.omega**2 * (x**2 + y**2)}


REST = [lp.Kinetic(1.0, nu=0.05), lp.Gain(2.0, 1.0, 1.0), lp.Interaction(0.5)]


def test_a_trap_called_omega_is_no_laser():
    own = lp.SpinorGPE(GRID, [*REST, Trap(1.0)])
    usual = lp.SpinorGPE(GRID, [*REST, lp.Potential(0.5 * (X**2 + Y**2))])
    start = np.exp(-(X**2 + Y**2) / 2) * np.ones((2, 1, 1)) + 0j
    states = [lp.steady_state(model, start, relax=20.0, stability=False) for model in (own, usual)]
    for name in ("mu", "psi"):
        assert np.abs(states[0][name].values - states[1][name].values).max() < ROUNDING
    assert own.drive_frequency is None


def test_only_a_laser_stands_still_in_a_turning_frame():
    """That in which the growth rate of a large box is found."""
    terms = propagator._turning(lp.SpinorGPE(GRID, [*REST, Trap(1.0), lp.Drive(0.1, 0.7)]), 0.7).terms
    assert (terms[3].omega, terms[4].omega, terms[5].coefficients) == (1.0, 0.0, {"V": -0.7})


def test_a_laser_next_to_a_trap_called_omega():
    """mu is the frequency of the laser, 0.7, not that of the trap."""
    model = lp.SpinorGPE(GRID, [lp.Kinetic(1.0), lp.Gain(0.0, 1.0, 0.0), lp.Drive(0.1, 0.7), Trap(1.0)])
    state = lp.steady_state(model, relax=5.0, stability=False)
    assert float(state.mu) == 0.7
    assert model.replace(terms=[*model.terms[:2], Trap(1.0)]).drive_frequency is None


@dataclass(frozen=True, repr=False, eq=False)
class OwnLaser(lp.Term):
    strength: Any

    def local(self, grid):
        return {"F": self.strength}


def test_a_drive_of_ones_own_is_a_drive():
    """Without a carrier it is one of frequency 0; with one it says which class has a frequency."""
    usual = lp.SpinorGPE(GRID, [lp.Kinetic(1.0), lp.Gain(0.0, 1.0, 0.0), lp.Drive(0.1)])
    own = usual.replace(terms=[*usual.terms[:2], OwnLaser(0.1)])
    states = [lp.steady_state(model, stability=False) for model in (usual, own)]
    assert np.abs(states[0].psi.values - states[1].psi.values).max() < ROUNDING
    assert float(states[1].mu) == 0
    turning = own.replace(strength=lambda x, y, t: 0.1 * np.exp(-0.7j * t) + 0 * x)
    with pytest.raises(ValueError, match=r"F of the drive depends on time.*lp\.Drive\(F, omega\)"):
        lp.steady_state(turning)


def test_noise_stands_alone():
    """A stationary state leaves terms with noise out, and would lose what else they bring."""

    @dataclass(frozen=True, repr=False, eq=False)
    class Mixed(lp.Term):
        def local(self, grid):
            return {"vacuum": 1.0, "V": 2.0}

    with pytest.raises(ValueError, match="Mixed brings noise"):
        lp.SpinorGPE(GRID, [lp.Kinetic(1.0), Mixed()])
    model = lp.SpinorGPE(GRID, [*REST, Trap(1.0), lp.WignerNoise()])
    assert [type(term).__name__ for term in model.without_noise().terms] == ["Kinetic", "Gain", "Interaction", "Trap"]


@dataclass(frozen=True, repr=False, eq=False)
class Described(lp.Term):
    """A loss that says of its field what the terms of the package say."""

    kappa: Any = field(metadata=number_of(RATE, minimum=0))

    def action(self, psi, x, y, t):
        return -0.5j * np.asarray(self.kappa)[..., None] * psi if np.ndim(self.kappa) else -0.5j * self.kappa * psi


def test_what_a_term_says_decides_not_where_its_class_is():
    """The batch of a described term of one's own, and of the others next to it, is as many models."""
    model = lp.SpinorGPE(GRID, [*REST, Described(0.3)])
    psi = np.ones((2, *GRID.shape)) + 0j
    for name, values in {"kappa": np.array([0.3, 0.6]), "mass": np.array([1.0, 2.0])}.items():
        together = model.batch(**{name: values}).rhs(np.stack([psi, psi]))[0]
        for found, value in zip(together, values, strict=True):
            assert np.abs(found - model.replace(**{name: value}).rhs(psi)[0]).max() < ROUNDING
    with pytest.raises(ValueError, match=r"kappa = -1\.0 must be >= 0"):
        Described(-1.0)


def test_a_sweep_and_a_supercell_over_names_of_ones_own():
    """What a batch or a larger cell does with fields that have a row it does not do with others."""
    model = lp.SpinorGPE(GRID, [*REST, Trap(0.3)])
    for name in NAMES[:4]:
        assert model.batch(**{name: np.array([0.5, 1.0])}) is None
    psi = np.ones((2, *GRID.shape)) + 0j
    many = lp.sweep(lp.evolve, model, psi, 0.1, options={"dt": 0.01}, omega=[0.3, 1.0], executor=1, progress=False)
    for i, omega in enumerate((0.3, 1.0)):
        alone = lp.evolve(model.replace(omega=omega), psi, 0.1, dt=0.01, progress=False)
        assert np.abs(many.psi.values[i] - alone.psi.values).max() < ROUNDING
    flat = lp.SpinorGPE(GRID, [*REST, Trap(0.0, V=np.ones(3))])
    assert flat.supercell(2).terms[-1].V.shape == (3,)


def test_a_text_with_a_unit_needs_a_dimension():
    @dataclass(frozen=True)
    class Bare(lp.Term):
        strength: float
        side: str = "left"

        def action(self, psi, x, y, t):
            return 0 * psi

    with pytest.raises(ValueError, match=r"Bare\.strength must be a number .* got '40 ueV'.*dimensions = "):
        lp.SpinorGPE(lp.Grid.rectangle((4.0, 4.0), (8, 8)), [lp.Kinetic(1.0), Bare("40 ueV")], units=lp.units.PS_UM)
    lp.SpinorGPE(lp.Grid.rectangle((4.0, 4.0), (8, 8)), [lp.Kinetic(1.0), Bare(0.1)])
