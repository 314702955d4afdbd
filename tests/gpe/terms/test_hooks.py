"""What only a term knows of itself, asked of terms of one's own: its source, its budget, how it is cut and repeated."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pytest
from gpe_cases import random_field

import latticepol as lp
from latticepol.gpe.geometry import strip
from latticepol.gpe.linear_response import propagator

GRID = lp.Grid.rectangle((8.0, 8.0), (16, 16))
#: Newton's residual over the loss.
SETTLED = 1e-9
#: Rounding of sums over a few hundred points.
ROUNDING = 1e-12
#: Central differences of N over 2e-3: the square of the step, times a third derivative of order ten.
SLOPE = 1e-4
LOSSY = [lp.Kinetic(1.0), lp.Splitting(0.4, 0.1), lp.Gain(0.0, 1.0), lp.Interaction(0.7, 0.2)]
OMEGA = 0.7


@dataclass(frozen=True, repr=False, eq=False)
class Laser(lp.Term):
    """A coherent source by its coefficient."""

    strength: Any
    frequency: float

    def source_frequency(self):
        return self.frequency

    def without_oscillation(self):
        return replace(self, frequency=0.0)

    def local(self, grid):
        return {"F": lambda x, y, t: self.strength * np.exp(-1j * self.frequency * t) * np.ones((2, *grid.shape))}


class ActingLaser(Laser):
    """The same as an action."""

    def local(self, grid):
        return {}

    def action(self, psi, x, y, t):
        return self.strength * np.exp(-1j * self.frequency * t) * np.ones_like(psi)


class Restless(Laser):
    """One that forgets to stand still."""

    def without_oscillation(self):
        return self


class RestlessActing(ActingLaser):
    def without_oscillation(self):
        return self


@pytest.mark.parametrize("own", [pytest.param(Laser, marks=pytest.mark.slow), ActingLaser])
def test_a_source_of_ones_own_is_a_drive(own):
    """Its state, excitations and growth are those of lp.Drive."""
    grid = lp.Grid.rectangle((4.0, 4.0), (8, 8))
    usual = lp.SpinorGPE(grid, [*LOSSY, lp.Drive(0.3, OMEGA)])
    model = usual.replace(terms=[*LOSSY, own(0.3, OMEGA)])
    assert model.drive_frequency == OMEGA
    start = np.full(model.state_shape, 0.3 + 0j)
    states = [lp.steady_state(one, start, relax=0.0) for one in (usual, model)]
    assert float(states[1].mu) == OMEGA
    assert np.abs(states[0].psi.values - states[1].psi.values).max() < SETTLED
    assert float(states[0].growth_rate) == pytest.approx(float(states[1].growth_rate), abs=SETTLED)
    omega = [lp.bogoliubov(one, states[0], k=[0.3, 0.1]).omega.values for one in (usual, model)]
    assert np.abs(omega[0] - omega[1]).max() < SETTLED
    still = propagator._turning(model, OMEGA)
    psi = random_field(1, grid=grid)
    assert np.array_equal(still.rhs(psi, 0.0)[0], still.rhs(psi, 1.3)[0])


@pytest.mark.parametrize("own", [Restless, RestlessActing])
def test_a_source_that_does_not_stand_still_is_refused(own):
    model = lp.SpinorGPE(GRID, [*LOSSY, own(0.3, OMEGA)])
    with pytest.raises(ValueError, match=r"source of Restless\w* must stand still.*without_oscillation"):
        lp.steady_state(model)


def test_sources_of_two_frequencies_have_no_stationary_state():
    model = lp.SpinorGPE(GRID, [*LOSSY, lp.Drive(0.3, OMEGA), ActingLaser(0.1, 0.2)])
    with pytest.raises(ValueError, match=r"the drives have the frequencies \[0\.2, 0\.7\]"):
        lp.steady_state(model)


@dataclass(frozen=True, repr=False, eq=False)
class TwoParticleLoss(lp.Term):
    rate: float

    def action(self, psi, x, y, t):
        return -0.5j * self.rate * np.abs(psi) ** 2 * psi


@dataclass(frozen=True, repr=False, eq=False)
class Stripes(lp.Term):
    """Gain in some places, loss in others."""

    rate: float

    def action(self, psi, x, y, t):
        return 0.5j * self.rate * np.cos(np.pi * x / 4) * psi


@pytest.mark.parametrize(
    ("terms", "some", "none"),
    [
        ([TwoParticleLoss(0.6)], ["loss"], ["gain", "drive"]),
        ([Stripes(1.2)], ["gain", "loss"], ["drive"]),
        ([ActingLaser(0.5, OMEGA)], ["drive"], ["gain", "loss"]),
        ([*LOSSY, TwoParticleLoss(0.6), Stripes(1.2), ActingLaser(0.5, OMEGA)], ["gain", "loss", "drive"], []),
    ],
    ids=["loss", "stripes", "source", "all"],
)
def test_budgets_hold_with_actions(terms, some, none):
    """dN/dt = gain - loss + drive, next to the N of an evolution."""
    names = ["number", "gain", "loss", "drive"]
    model, h = lp.SpinorGPE(GRID, [lp.Kinetic(1.0), *terms]), 1e-3
    start = np.stack([random_field(1, grid=GRID), random_field(2, grid=GRID)])
    out = lp.evolve(model, start, 4 * h, dt=h / 4, save=lp.every(h), variables=names)
    slope = (out.number[3] - out.number[1]) / (2 * h)
    budget = (out.gain - out.loss + out.drive)[2]
    assert np.abs(slope - budget).max() < SLOPE * np.abs(out.number).max()
    assert np.abs(budget).min() > 10 * SLOPE
    for name in some:
        assert np.abs(out[name]).min() > 10 * SLOPE
    for name in none:
        assert not out[name].any()


@dataclass(frozen=True, repr=False, eq=False)
class Saying(TwoParticleLoss):
    """One that says of itself what it was made with."""

    said: Any = None

    def particle_budget(self, psi, x, y, t):
        return self.said

    def derivatives(self, psi, x, y, t):
        return self.said


ONES = np.ones(GRID.shape)


@pytest.mark.parametrize(
    ("said", "got"),
    [
        ((ONES, ONES, ONES), "got a tuple"),
        (1.0, "got 1.0"),
        ({"gains": ONES}, r"got the shapes {'gains': \(16, 16\)}"),
        ({"loss": np.ones((2, *GRID.shape))}, r"got the shapes {'loss': \(2, 16, 16\)}"),
    ],
)
def test_a_budget_that_is_none_is_refused(said, got):
    """Another name would be left out without a word."""
    model = lp.SpinorGPE(GRID, [lp.Kinetic(1.0), Saying(0.6, said)])
    with pytest.raises((TypeError, ValueError), match=rf"Saying\.particle_budget must return a dict .*; {got}"):
        lp.evolve(model, random_field(1, grid=GRID), 0.1, dt=0.1, variables=["loss"])


@pytest.mark.parametrize("said", [ONES, (ONES, ONES), (np.ones((2, *GRID.shape)),) * 2, (np.ones((2, 2, 16, 16)),)])
def test_derivatives_that_are_no_matrices_are_refused(said):
    """Those of one spin each would be added to both."""
    model = lp.SpinorGPE(GRID, [lp.Kinetic(1.0), lp.Gain(2.0, 1.0, 1.0), Saying(0.6, said)])
    with pytest.raises(ValueError, match=r"Saying\.derivatives must return dG/dpsi and .*\(2, 2, 16, 16\)"):
        lp.steady_state(model, random_field(1, grid=GRID), relax=0.0)


@dataclass(frozen=True, repr=False, eq=False)
class Glow(lp.Term):
    """A gain, a loss and a potential on top of those of the cell."""

    rate: float

    def local(self, grid):
        bright = 1 + np.cos(2 * np.pi * grid.points[1] / 4.0)
        return {"W": self.rate * bright, "Gamma": self.rate, "V": bright, "Delta": bright}


class Everywhere(Glow):
    """One that reaches beyond the edges."""

    def outside_strip(self, grid):
        return {name: value for name, value in self.local(grid).items() if name != "V"} | {"V": 0.5}


@pytest.mark.parametrize("own", [Glow, Everywhere])
def test_a_term_says_what_is_left_of_it_outside_of_a_strip(own):
    cell = lp.Grid.rectangle((4.0, 4.0), (12, 12))
    model = lp.SpinorGPE(cell, [lp.Kinetic(1.0), lp.Potential(np.cos(cell.points[0])), lp.Gain(1.0, 0.5), own(0.4)])
    cut = strip.cut(model, (1, 0), 2, 2, 20.0, 8)
    tiled, outside = model.supercell((1, 4)), (cut.inside == 0)[:, 0]
    assert outside.sum() > 12
    V, W, Gamma, Delta = (cut.model.equation.value(name, 0.0) for name in ("V", "W", "Gamma", "Delta"))
    left = own(0.4).outside_strip(tiled.grid)
    lowest = tiled.equation.value("V", 0.0).min()
    assert np.abs(V[outside] - (lowest + 20.0 + left.get("V", 0.0))).max() < ROUNDING
    assert np.abs(W[outside] - left.get("W", np.zeros(tiled.grid.shape))[outside]).max() < ROUNDING
    assert (own is Everywhere) == bool(W[outside].any())
    assert np.array_equal(Gamma, tiled.equation.value("Gamma", 0.0))
    assert np.array_equal(Delta, tiled.equation.value("Delta", 0.0))
    inside = (cut.inside == 1)[:, 0]
    assert np.array_equal(W[inside], tiled.equation.value("W", 0.0)[inside])


@dataclass(frozen=True, repr=False, eq=False)
class Table(lp.Term):
    """A potential whose rows lie in a dict, which no rule for arrays finds."""

    kept: Any

    def local(self, grid):
        return {"V": self.kept["V"]}

    def extended(self, grid, where):
        return Table({"V": self.kept["V"][where]})


def test_a_term_says_how_it_is_repeated():
    cell = lp.Grid.rectangle((4.0, 4.0), (12, 12))
    V = np.random.default_rng(1).normal(size=(12, 12))
    own, usual = (
        lp.SpinorGPE(cell, [lp.Kinetic(1.0), term]).supercell(2) for term in (Table({"V": V}), lp.Potential(V))
    )
    assert np.array_equal(own.equation.value("V", 0.0), usual.equation.value("V", 0.0))


def test_a_strip_can_be_repeated():
    cell = lp.Grid.rectangle((4.0, 4.0), (12, 12))
    model = lp.SpinorGPE(cell, [lp.Kinetic(1.0), lp.Potential(np.cos(cell.points[1])), lp.Gain(1.0, 0.5, 1.0)])
    cut = strip.cut(model, (1, 0), 2, 1, 20.0, 8).model
    large = cut.supercell((2, 1))
    assert np.array_equal(large.equation.value("V", 0.0), np.tile(cut.equation.value("V", 0.0), 2))
