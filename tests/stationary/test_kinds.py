"""What moves in the mode that grows fastest: phase, density or spin."""

import json
from dataclasses import dataclass, field
from types import SimpleNamespace

import numpy as np
import pytest
from condensates import network, problem_of, uniform

import latticepol as lp
from latticepol.linear_problem import LinearProblem
from latticepol.stationary.growth import growth_rate
from latticepol.stationary.kinds import described, parts

#: Of parts that are 0 or 1, from eigenvectors in double precision.
EXACT = 1e-9


def spinors(seed, shape=(4, 2)):
    x = np.random.default_rng(seed).normal(size=(2, *shape))
    return x[0] + 1j * x[1]


def test_changes_of_phase_density_and_spin_are_told_apart():
    """With any amplitudes on the sites; also where there is no condensate."""
    psi, amplitude = spinors(0), np.exp(0.7j * np.arange(4))[:, None] * [[1], [2], [0.3], [0]]
    turned = np.stack([-psi[:, 1].conj(), psi[:, 0].conj()], axis=1)
    for name, u, v in (
        ("phase", amplitude * psi, -amplitude * psi.conj()),
        ("density", amplitude * psi, amplitude * psi.conj()),
        ("spin", amplitude * turned, 0.3 * turned.conj()),
    ):
        found = parts(psi, u, v, 1)
        assert found[name] == pytest.approx(1, abs=EXACT)
        assert sum(found.values()) == pytest.approx(1, abs=EXACT)
    u, v = spinors(1), spinors(2)
    assert sum(parts(psi, u, v, 1).values()) == pytest.approx(1, abs=EXACT)
    along = parts(psi, psi, 0 * psi, 1)  # a particle changes both alike
    assert along["phase"] == pytest.approx(along["density"], abs=EXACT)
    assert parts(0 * psi, u, v, 1)["spin"] == pytest.approx(1, abs=EXACT)


@dataclass(frozen=True, eq=False)
class Quadratures(LinearProblem):
    """One site with the spin up, and how fast its phase, its density and its spin change."""

    phase: float
    density: float
    spin: float
    reciprocal: np.ndarray = field(default_factory=lambda: np.zeros((0, 2)))
    hermitian = False
    paired = True
    dims = ("spin",)
    particles = 2
    condensate = np.array([1j, 0])

    def matrix(self, k):
        L = np.diag(1j * np.array([self.phase + self.density, 2 * self.spin, self.phase + self.density, 2 * self.spin]))
        L[0, 2] = L[2, 0] = -1j * (self.density - self.phase)  # psi^2 = -1
        return np.broadcast_to(L / 2, (*np.shape(k)[:-1], 4, 4))


@pytest.mark.parametrize("name", ["phase", "density", "spin"])
def test_the_kind_is_that_of_what_grows(name):
    rates = {"phase": -0.3, "density": -0.2, "spin": -0.1} | {name: 0.4}
    found = growth_rate(Quadratures(**rates))
    assert found.rate == pytest.approx(0.4)
    assert found.certificate["fastest"]["kind"] == name
    assert found.certificate["fastest"]["parts"][name] == pytest.approx(1, abs=EXACT)


def test_the_mode_at_rest_is_that_of_the_phase():
    rng = np.random.default_rng(3)
    for _ in range(6):
        problem, _ = problem_of(*network(rng, ("square", "honeycomb")))
        mode = described(problem, np.zeros(2), 0j)
        assert (mode["kind"], mode["branch"]) == ("phase", "resonance")
        assert mode["parts"]["phase"] > 1 - 1e-6
    model, _, state = uniform(rng, "oblique")
    mode = described(model.linear_problem(state.psi.values, float(state.mu)).for_growth(), np.zeros(2), 0j)
    assert mode["parts"]["phase"] > 1 - 1e-6


def fastest(model, start):
    state = lp.steady_state(model, np.asarray(start, complex), relax=0.0)
    return SimpleNamespace(**json.loads(state.certificate)["fastest"]), state


def test_a_stable_state_has_its_phase_mode():
    net = lp.Network(lp.lattice.honeycomb(), lp.Site(p=0.0, a=2.28, g=1.0, delta=0.01), J=3.0, dJ=0.9)
    state = lp.steady_state(net, "aligned")
    mode = json.loads(state.certificate)["fastest"]
    assert state.stable
    assert (mode["kind"], mode["k"], mode["omega"]) == ("phase", [0, 0], [0, 0])


def test_a_condensate_of_the_wrong_polarisation_turns_its_spin():
    """sx = 1 where gain favours sx = -1 by g = 0.3: the other one grows at that rate."""
    net = lp.Network(lp.lattice.square(), lp.Site(p=1.0, a=2.0, g=0.3, a2=-0.4), J=1.0, dJ=0.0)
    mode, state = fastest(net, [[0.7, 0.7]])
    assert not state.stable
    assert mode.kind == "spin"
    assert mode.parts["spin"] == pytest.approx(1, abs=EXACT)


def test_waves_of_negative_mass_modulate_the_phase():
    """J < 0 and repulsion; the same with J > 0 is stable."""
    for J, stable in ((0.5, True), (-0.5, False)):
        net = lp.Network(lp.lattice.square(), lp.Site(p=-0.7, a=3.0, g=1.0), J=J, dJ=0.0)
        mode, state = fastest(net, [[0.7, -0.7]])
        assert bool(state.stable) == stable
        assert mode.kind == "phase"
        assert (np.linalg.norm(mode.k) > 0) == (not stable)


def test_a_slow_reservoir_lets_the_phase_grow():
    terms = [lp.Kinetic(0.5, nu=0.02), lp.Splitting(0.3, 0.1), lp.Interaction(0.2)]
    reservoir = lp.Reservoir(0.2, R=1.0, Gamma_R=0.1, Gamma=1.0, g_R=0.4)
    model = lp.SpinorGPE(lp.Grid.rectangle((3.0, 3.0), (6, 6)), [*terms, reservoir])
    mode, state = fastest(model, np.array([0.3, -0.3])[:, None, None] * np.ones((2, 6, 6)))
    assert mode.kind == "phase"
    assert mode.omega == [state.omega_fastest.item().real, state.omega_fastest.item().imag]
    assert mode.k == state.k_fastest.values.tolist()
