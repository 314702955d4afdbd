"""What evolve, steady_state, bogoliubov and sweep need of a model is what model.py says: shown on a third kind."""

import ast
import importlib
import inspect
import json

import numpy as np
import pytest
import xarray as xr
from chain import Chain
from rooms import MODULES, name_of
from scipy.integrate import solve_ivp
from two_modes import Excitations, TwoModes

import latticepol as lp
from latticepol.closed_forms import ClosedForm, CompiledEnsemble
from latticepol.linear_problem import Growth
from latticepol.model import (
    Cuttable,
    Evolvable,
    Linearisable,
    Parametric,
    Periodic,
    Stationary,
    _members,
    check_model,
    is_model,
)

MODEL = TwoModes()
#: Strang's steps of 0.01 over a time of 5, against an accurate integration: (rate dt)^2 per unit of time.
STEPS = 2e-4
#: Errors of that integration, relative and absolute: far below those of the steps.
ACCURATE = {"rtol": 1e-10, "atol": 1e-12}
#: Of a refined growth rate: ten times the accuracy that is asked for, of a rate of order one.
RATE = 1e-7
#: What Newton's method is asked for, of two numbers of order one.
RESIDUAL = 1e-11


def reference(model, psi0, t):
    def rhs(t, y):
        psi = y.view(complex)
        return (-1j * model.stationary_residual(psi, 0.0)).view(float)

    found = solve_ivp(rhs, (0, t), np.array(psi0, complex).view(float), **ACCURATE)
    return found.y[:, -1].copy().view(complex)


def test_it_evolves():
    out = lp.evolve(MODEL, [0.3, 0.1j], 5.0, dt=0.01, save=lp.every(1.0))
    assert out.psi.dims == ("time", "site")
    assert abs(out.psi[-1].values - reference(MODEL, [0.3, 0.1j], 5.0)).max() < STEPS
    adaptive = lp.evolve(MODEL, [0.3, 0.1j], 5.0, tol=1e-8)
    assert abs(adaptive.psi[-1].values - reference(MODEL, [0.3, 0.1j], 5.0)).max() < STEPS


def test_it_is_resumed_bit_for_bit(tmp_path):
    class Interrupted(Exception):
        pass

    def stop(frame):
        raise Interrupted

    options = {"dt": 0.01, "save": lp.every(0.5), "out": tmp_path / "out.nc", "checkpoint": tmp_path / "kept"}
    with pytest.raises(Interrupted):
        lp.evolve(MODEL, [0.3, 0.1j], 3.0, callbacks=[(lp.at_times([1.5]), stop)], **options)
    resumed = lp.evolve(MODEL, [0.3, 0.1j], 3.0, **options)
    straight = lp.evolve(MODEL, [0.3, 0.1j], 3.0, dt=0.01, save=lp.every(0.5))
    xr.testing.assert_equal(resumed.load().drop_attrs(), straight.drop_attrs())


def test_its_stationary_state_and_excitations():
    state = lp.steady_state(MODEL)
    psi = state.psi.values
    assert abs(MODEL.stationary_residual(psi, 0.0)).max() < RESIDUAL
    modes = lp.bogoliubov(MODEL, state, k=[0.0, 0.0], vectors=True)
    assert modes.omega.dims == ("mode",)
    assert modes.right.dims == ("nambu", "site", "mode")
    # a small deviation decays at the rate of the slowest mode
    decay = np.linalg.norm(reference(MODEL, psi + 1e-6, 12.0) - psi) / np.linalg.norm(
        reference(MODEL, psi + 1e-6, 8.0) - psi
    )
    assert float(state.growth_rate) == pytest.approx(modes.omega.values.imag.max())
    assert np.log(decay) / 4 == pytest.approx(float(state.growth_rate), abs=0.1)


@pytest.mark.parametrize(
    ("psi0", "text"),
    [
        (np.ones(3), r"psi has shape \(3,\), need \(\.\.\., 2\)"),
        (np.ones((4, 2)), r"must be one state of the shape \(2,\); got \(4, 2\)"),
        ([np.nan, 1.0], "psi holds nan"),
        (None, "psi is None; give amplitudes"),
        ("full", r"the start must be 'empty' or an array \(2,\); got 'full'"),
        (xr.Dataset({"mu": 1.0}), "psi0 must hold the psi of two modes"),
    ],
)
def test_what_is_no_start_of_it_is_refused_by_name(psi0, text):
    with pytest.raises((TypeError, ValueError), match=text):
        lp.evolve(MODEL, psi0, 1.0, dt=0.1)


def test_its_results_have_the_units_of_the_model():
    state = lp.steady_state(MODEL.replace(units=lp.units.PS_UM))
    assert (state.mu.units, state.growth_rate.units) == ("ps-1", "ps-1")


def test_a_search_from_several_starts_leaves_nan_where_one_fails():
    found = lp.steady_state(MODEL, ["empty", np.ones(3)])
    assert np.isnan(found.psi.values).any(axis=1).tolist() == [False, True]
    assert found.stable.values.tolist() == [True, False]


def test_below_threshold_the_message_has_the_growth_of_its_vacuum():
    with pytest.raises(lp.ConvergenceError, match=r"largest Im w = -0\.5\); raise the gain, by more than 1$"):
        lp.steady_state(MODEL.replace(F=0.0))


def test_a_variable_that_it_does_not_know_is_refused():
    with pytest.raises(ValueError, match=r"variable 'S' is not known; there are \['psi'\]"):
        lp.evolve(MODEL, [0.3, 0.1j], 0.1, dt=0.1, variables=["S"])


def test_stable_allows_for_the_errors_of_a_growth_rate():
    """Rounding in proportion to mu, and a phase mode that is not at 0."""
    assert Growth(2e-8, certified=True).stable(mu=3.0) is True
    assert Growth(2e-8, certified=True).stable(mu=0.0) is False
    assert Growth(1e-3, phase_mode=2e-3, certified=True).stable(mu=0.0) is True


def test_nothing_is_stable_without_a_certificate():
    assert Growth(0.0).stable(mu=0.0) is None
    assert Growth(np.nan).stable(mu=0.0) is None
    assert Growth(0.1).stable(mu=0.0) is False


def test_its_bands_have_no_losses_to_drop():
    bands = lp.bands(MODEL, k=np.zeros((3, 2)))
    assert np.allclose(bands.omega, np.sort(np.linalg.eigvals(MODEL.H)))


class Bath(TwoModes):
    """Two modes next to what moves along: three densities and a temperature."""

    def linear_problem(self, psi=None, mu=0.0, **options):
        return Bathed(self, psi, mu)

    def newton_step(self, psi, mu, F, memory):
        return TwoModes().newton_step(psi, mu, F, memory)


class Bathed(Excitations):
    def __init__(self, model, psi, mu):
        super().__init__(model, psi, mu)
        if self.paired:
            whole = np.diag([0.0] * 4 + [-1j, -2j, -3j, -4j])
            whole[:4, :4] = self.L
            self.L = whole

    @property
    def size(self):
        return len(self.L)

    def on_positions(self, vectors):
        return super().on_positions(vectors[:, : 4 if self.paired else 2])

    def auxiliary(self, vectors, twist):
        if not self.paired:
            return {}
        return {"densities": (("level",), vectors[:, 4:7]), "temperature": ((), vectors[:, 7])}


def test_vectors_of_what_moves_along_have_its_names_and_shapes():
    """Any number of auxiliary fields, each with its own axes."""
    model = Bath()
    modes = lp.bogoliubov(model, lp.steady_state(model), k=np.zeros((3, 2)), vectors=True)
    assert modes.right.dims == ("k", "nambu", "site", "mode")
    assert modes.right_densities.dims == modes.left_densities.dims == ("k", "level", "mode")
    assert modes.right_temperature.dims == ("k", "mode")
    assert modes.right_temperature.long_name == "right vector, temperature"
    decays = modes.omega.values[0].imag.round(9)
    for i, rate in enumerate((-1.0, -2.0, -3.0)):
        assert abs(modes.right_densities[0, i, decays == rate]).item() == pytest.approx(1.0)
    assert abs(modes.right_temperature[0, decays == -4.0]).item() == pytest.approx(1.0)
    assert not [name for name in modes.data_vars if "reservoir" in name]
    assert "right_densities" not in lp.bands(model, k=np.zeros((3, 2)), vectors=True)


@pytest.mark.parametrize(("d", "at"), [(1, np.pi), (2, np.pi), (1, 2.5), (2, 2.5)])
def test_the_growth_rate_of_a_model_with_a_cell_is_that_of_all_wavevectors(d, at):
    model = Chain(d=d, at=at)  # at 2.5, between the points of the mesh
    assert model.linear_problem(np.zeros(2)).spectrum(np.zeros((1, 2))).imag.max() < 0 < model.largest_growth
    state = lp.steady_state(model)
    assert float(state.growth_rate) == pytest.approx(model.largest_growth, abs=RATE)
    assert float(lp.bogoliubov(model, state, k=[0.0, 0.0]).growth_rate) == float(state.growth_rate)


class Handed:
    """What a model has of some Protocols, and nothing else."""

    def __init__(self, model, *protocols):
        for name in frozenset().union(*map(_members, protocols)):
            setattr(self, name, getattr(model, name))


@pytest.mark.parametrize(
    ("verb", "protocols", "options"),
    [
        (lp.bands, [Linearisable], {"k": [0.1, 0.2]}),
        (lp.gap, [Periodic], {"below": 2}),
        (lp.chern, [Periodic], {"below": 2}),
        (lp.berry_curvature, [Periodic], {"below": 2}),
        (lp.steady_state, [Stationary], {}),
    ],
    ids=lambda given: getattr(given, "__name__", None),
)
def test_a_verb_needs_no_more_than_its_protocol(verb, protocols, options):
    xr.testing.assert_equal(verb(Handed(OPEN, *protocols), **options), verb(OPEN, **options))


@pytest.mark.parametrize(
    ("verb", "protocols", "options"),
    [(lp.bogoliubov, [Stationary], {"k": [0.1, 0.2]}), (lp.gap, [Stationary, Periodic], {"below": 2})],
    ids=["bogoliubov", "gap"],
)
def test_a_verb_about_a_state_needs_a_stationary_model(verb, protocols, options):
    state = lp.steady_state(OPEN)
    xr.testing.assert_equal(verb(Handed(OPEN, *protocols), state, **options), verb(OPEN, state, **options))
    with pytest.raises(TypeError, match=r"model\.(Stationary|Periodic) asks for: \[.*'(newton_step|reciprocal)'"):
        verb(Handed(OPEN, Linearisable), state, **options)


def test_one_that_lacks_a_little_is_told_what():
    given = Handed(OPEN, Linearisable)
    del given.batch, given.to_dataset  # without batch it is not even Parametric
    with pytest.raises(TypeError, match=r"add what .*model\.Linearisable asks for: \['batch', 'to_dataset'\]"):
        lp.bands(given, k=[0.0, 0.0])


def test_noise_that_an_integrator_does_not_carry_is_refused():
    class Noisy(TwoModes):
        noisy = True

    with pytest.raises(ValueError, match=r"BlanesMoan\(\) does not carry noise; a model with noise needs lp\.Strang"):
        lp.evolve(Noisy(), [0.3, 0.1j], 0.1, dt=0.1, integrator=lp.BlanesMoan())
    lp.evolve(Noisy(), [0.3, 0.1j], 0.1, dt=0.1)


def test_what_cannot_start_from_noise_is_not_told_to():
    class Quiet(TwoModes):
        has_source = False

    with pytest.warns(UserWarning, match=r"give the model one of them, or a psi0 that is not zero"):
        lp.evolve(Quiet(F=0.0), np.zeros(2), 0.1, dt=0.1)


class Drawing(TwoModes):
    """A third model of which one start is drawn, under a name of its own."""

    random_starts = {"fog": "model.fog(seed)"}  # noqa: RUF012

    def check_starts(self, names):
        if set(names) - {"empty", "fog", "noise"}:
            raise ValueError(names)

    def read_start(self, psi0):
        return super().read_start(np.zeros(2) if isinstance(psi0, str) else psi0)

    def start(self, name, rng=None):
        return np.random.default_rng(rng).normal(size=2) + 0j if name == "fog" else np.zeros(2, complex)


def test_a_model_says_which_of_its_starts_are_drawn():
    """And what to give instead: neither is known by a name."""
    with pytest.raises(ValueError, match=r"psi0 must be the same every time; 'fog' is drawn anew: give model\.fog"):
        lp.evolve(Drawing(), "fog", 1.0, dt=0.1)
    assert abs(lp.evolve(Drawing(), "noise", 1.0, dt=0.1).psi[-1]).max() > 0
    assert lp.steady_state(Drawing(), "fog", rng=3).attrs["seed"] == 3
    assert "seed" not in lp.steady_state(Drawing(), "noise", rng=3).attrs


def test_what_a_model_knows_in_closed_form_is_asked_of_it():
    """Of any that has the member, and of no other."""

    class Solved(TwoModes):
        def closed_form_branches(self, along, span, points):
            return xr.Dataset({along: ("point", np.linspace(*span, points))})

        def compiled_ensemble(self, axes, **options):
            return xr.Dataset({"probability": len(axes) / options["realizations"]})

    assert lp.branches(Solved(), along="F", span=(0.0, 2.0), points=3).F.values.tolist() == [0.0, 1.0, 2.0]
    assert float(lp.alignment_probability(Solved(), realizations=4, F=[1.0, 2.0]).probability) == 0.25
    with pytest.raises(
        TypeError, match=r"site is a TwoModes; give a lp\.Site.*closed_forms\.CompiledEnsemble asks for"
    ):
        lp.alignment_probability(MODEL)
    check_model(NET.site, ClosedForm)
    check_model(NET.site, CompiledEnsemble)


def test_it_is_swept(tmp_path):
    found = lp.sweep(lp.steady_state, MODEL, F=[0.5, 1.0, 2.0], store=tmp_path, executor="serial")
    assert found.psi.dims == ("F", "site")
    assert np.allclose(found.sel(F=1.0).psi, lp.steady_state(MODEL).psi)


def test_what_it_lacks_is_said():
    with pytest.raises(TypeError, match=r"model is a TwoModes; give .*model\.Cuttable asks for: \['cut_ribbon'"):
        lp.ribbon(MODEL, width=3)
    with pytest.raises(TypeError, match="abstract"):
        type("Incomplete", (Evolvable,), {})()
    check_model(lp.Network(lp.lattice.honeycomb(), lp.Site(p=0.1, a=1, g=1), 1.0), Cuttable)


NET = lp.Network(lp.lattice.honeycomb(), lp.Site(p=0.1, a=1, g=1), 1.0)
NO_MODEL = r"^model is .*; give a lp\.Network or a lp\.SpinorGPE, or another model that has .*Stationary asks for$"
#: With a Chern number of the empty lattice, and a condensate.
OPEN = lp.Network(lp.lattice.honeycomb(), lp.Site(p=0.1, a=2.28, g=1.0, delta=0.05), J=3.0, dJ=0.9)
FIELD = lp.SpinorGPE(
    lp.Grid.rectangle((4.0, 4.0), (4, 4)), [lp.Kinetic(1.0), lp.Gain(2.0, 1.0, 1.0)], dtype="complex64"
)


class Told:
    """No model, though it says something of itself."""

    def __init__(self, p=0.5):
        self.p = p

    def parameters(self):
        return {"p": self.p, "kind": "mine"}

    def replace(self, **changes):
        return Told(**changes)


class Handing:
    """Whatever is asked of it another has."""

    def __init__(self, model):
        self.inner = model

    def __getattr__(self, name):
        if name == "inner":
            raise AttributeError(name)
        return getattr(self.inner, name)


@pytest.mark.parametrize("model", [NET.site, NET, FIELD, MODEL], ids=["site", "network", "field", "two modes"])
def test_what_is_a_model(model):
    assert is_model(model)
    assert model.replace().record.keys() == model.record.keys()
    assert not is_model(type(model))


@pytest.mark.parametrize("other", [None, 0.1, NET.lattice, FIELD.grid, Told(), lp.presets.gaas(), Parametric])
def test_what_is_no_model(other):
    assert not is_model(other)
    with pytest.raises(TypeError, match=NO_MODEL):
        check_model(other)


def test_the_contract_is_looked_for_without_being_evaluated():
    class Failing(TwoModes):
        @property
        def may_not_end(self):
            raise ValueError("nobody has asked")

    check_model(Failing())


def test_one_that_hands_everything_on_is_taken_for_a_model_by_the_verbs():
    check_model(Handing(NET))
    out = lp.evolve(Handing(NET), np.ones((2, 2)), 0.1, dt=0.05)
    assert np.array_equal(out.psi, lp.evolve(NET, np.ones((2, 2)), 0.1, dt=0.05).psi)


def test_a_sweep_over_what_is_no_model_keeps_what_it_says_of_itself():
    swept = lp.sweep(lambda told: told.p, Told(), p=[0.1, 0.2], executor="serial")
    assert list(swept.value) == [0.1, 0.2]
    assert json.loads(swept.attrs["parameters"]) == {"kind": "mine"}
    with pytest.raises(TypeError, match=r"model is a Told; give"):
        lp.sweep(lp.evolve, Told(), np.ones(2), 1.0, p=[0.1], options={"dt": 0.1}, executor="serial")


def test_a_model_says_what_tolerance_it_cannot_reach():
    with pytest.raises(ValueError, match="below the rounding of complex64"):
        lp.steady_state(FIELD, tol=1e-9)
    FIELD.check_tol(1e-4)
    MODEL.check_tol(1e-15)


@pytest.mark.parametrize("name", ["model", "state", "linear_problem", "closed_forms", "gpe.field_model"])
def test_no_member_of_the_contract_is_typed_any(name):
    source = inspect.getsource(importlib.import_module(f"latticepol.{name}"))
    assert not [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Name) and node.id == "Any"]


ASKED = {"growth_without_matrix", "for_growth", "growth_beyond"}


def test_growth_rates_have_one_door():
    def asks(path):
        calls = (node.func for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Call))
        return any(isinstance(called, ast.Attribute) and called.attr in ASKED for called in calls)

    assert [name_of(path) for path in MODULES if asks(path)] == ["stationary.growth"]
