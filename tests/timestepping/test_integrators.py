"""The order of every integrator, with gain, reservoir, TE-TM and drive on, and with everything moving in time."""

from dataclasses import dataclass

import numpy as np
import pytest
from gpe_cases import GRID, INTEGRATORS, C, name, random_field

import latticepol as lp
from latticepol.state import InitialState
from latticepol.timestepping.compositions import Composition

#: Measured slopes scatter by this much around the order at the steps used; a scheme that loses an order loses 1.
SLOPE = 0.25
#: Sums of ten numbers of order one, or twenty steps of 4 x 4 points on which nothing moves: some tens of roundings.
ROUNDING = 1e-14


@dataclass(frozen=True)
class CubicLoss(lp.Term):
    """A term of somebody's own: i dpsi/dt = -i rate |psi|^4 psi."""

    rate: float

    def action(self, psi, x, y, t):
        return -1j * self.rate * np.abs(psi) ** 4 * psi


BASE = [
    lp.Kinetic(3.0),
    lp.Splitting(1.0, 0.1),
    lp.TETM(0.05),
    lp.Zeeman(0.1),
    lp.Potential(-2 * C),
    lp.Interaction(2.28, 0.3),
]
DRIVE = lp.Drive(lambda x, y, t: 0.5 * np.exp(-(x**2 + y**2) / 4) * np.exp(-1j * t) * (1 + np.sin(2 * t)))
PUMP = lp.pumps.gaussian(3.0, fwhm=3.0).circular(0.4)
MODELS = {
    "gain": [*BASE, lp.Gain(1.6 + 0.4 * C, 1.0, 1.0), DRIVE],
    "reservoir": [*BASE, lp.Reservoir(PUMP, 1.0, 1.5, 1.0, 0.3, -0.1, tau_s=2.0), DRIVE],
    "moving": [
        *BASE[:-2],
        lp.Potential(lambda x, y, t: np.cos(2 * np.pi * x / 8 + 2 * t)),
        lp.Zeeman(lambda x, y, t: 0.5 * np.cos(2 * np.pi * y / 8 - t)),
        BASE[-1],
        lp.Gain(lp.pumps.gaussian(3.0, fwhm=4.0) * lp.pumps.pulse(0.5, fwhm=1.0), 1.0, 1.0),
    ],
    "own": [*BASE, lp.Gain(1.6, 1.0, 1.0), CubicLoss(0.5), DRIVE],
}


def final(model, integrator, count, t_end=1.0):
    engine = model.engine(InitialState(random_field()))
    for i in range(count):
        integrator.step(engine, i * t_end / count, t_end / count, first=i == 0)
    integrator.finish(engine, t_end / count)
    return np.concatenate([engine.psi.ravel(), engine.n.ravel()])


@pytest.fixture(scope="module", params=MODELS)
def problem(request):
    model = lp.SpinorGPE(GRID, MODELS[request.param])
    return model, final(model, lp.ETDRK4(), 400)


@pytest.mark.parametrize("integrator", INTEGRATORS, ids=name)
def test_order(problem, integrator):
    model, exact = problem
    counts = np.array([40, 80]) if integrator.order == 2 else np.array([30, 45])
    errors = [np.linalg.norm(final(model, integrator, count) - exact) for count in counts]
    slope = np.log(errors[0] / errors[1]) / np.log(counts[1] / counts[0])
    assert abs(slope - integrator.order) < SLOPE


@pytest.mark.parametrize("integrator", [i for i in INTEGRATORS if isinstance(i, Composition)], ids=name)
def test_compositions_are_symmetric_and_consistent(integrator):
    alphas = np.array(integrator.alphas)
    assert abs(alphas.sum() - 1) < ROUNDING
    assert np.abs(alphas - alphas[::-1]).max() < ROUNDING


def test_exponential_scheme_keeps_fixed_points():
    """A uniform steady state of the equation stays where it is at any step, to rounding."""
    a, g, p = 2.28, 0.1, 0.2  # s+ : s = p + g, s_x = -s
    grid = lp.Grid.rectangle((4.0, 4.0), (4, 4))
    model = lp.SpinorGPE(grid, [lp.Kinetic(1.0), lp.Splitting(1.0, g), lp.Interaction(a), lp.Gain(1.0 + p, 1.0, 1.0)])
    mu = 0.5 + 0.5 * a * (p + g)
    model = model.replace(terms=[*model.terms, lp.Potential(-mu)])
    psi = np.sqrt(p + g) * np.ones((2, 4, 4)) * np.array([1.0, -1.0])[:, None, None]
    engine = model.engine(InitialState(psi))
    for i in range(20):
        lp.ETDRK4().step(engine, 0.5 * i, 0.5, first=i == 0)
    assert np.abs(engine.field - psi).max() < ROUNDING
