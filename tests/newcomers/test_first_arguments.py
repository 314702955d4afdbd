"""The first mistakes in arguments: texts with units, unknown names, the wrong order."""

import builtins
import functools
import sys

import matplotlib

matplotlib.use("Agg")

import numpy as np
import pytest
from newcomer_cases import FIELD, GRID, HONEYCOMB, NET, PSI, SITE, TERMS, refused

import latticepol as lp


def test_what_stops_a_run_is_called_as_it_was_made():
    calls = lp.stop_when_steady(1e-5)
    refused(
        lambda: lp.evolve(FIELD, PSI, 1.0, dt=0.01, callbacks=[calls]), "holds stop_when_steady(1e-05)", error=TypeError
    )


def test_a_patch_of_one_number_is_told_the_shapes():
    refused(
        lambda: HONEYCOMB.patch(3.0), "shape must be numbers of cells", "lp.lattice.disk(3.0); got 3.0", error=TypeError
    )


def run(**options):
    return lp.evolve(FIELD, PSI, 1.0, **{"dt": 0.1} | options)


@pytest.mark.parametrize(
    ("call", "given"),
    [
        (
            lambda: lp.SpinorGPE(GRID, [lp.Kinetic("5e-5 m_e")]),
            "mass = '5e-5 m_e' is a text, and the model has no units",
        ),
        (lambda: lp.SpinorGPE(GRID, [lp.Gain("40 ueV", 1.0)]), "W = '40 ueV' is a text, and the model has no units"),
        (lambda: lp.Grid.rectangle(("40 um", "40 um"), (64, 64)), "lengths = ('40 um', '40 um')"),
        (lambda: lp.pumps.gaussian("1 /ps", fwhm=3.0), "strength = '1 /ps' is a text"),
        (lambda: lp.pumps.gaussian(1.0, fwhm="3 um"), "fwhm = '3 um' is a text"),
        (lambda: lp.pumps.ramp("1 ps", "2 ps"), "start = '1 ps' is a text"),
        (lambda: lp.potentials.pillars("1 meV", HONEYCOMB, 0.4, edge=0.2), "depth = '1 meV' is a text"),
        (lambda: HONEYCOMB.scaled("3 um"), "factor = '3 um'"),
        (lambda: run(save=lp.every("1 ps")), "a time of save = '1 ps' is a text, and the model has no units"),
        (lambda: run(save=lp.at_times(["1 ps"])), "a time of save = ['1 ps'] is a text, and the model has no units"),
        (lambda: run(dt="a"), "dt = 'a' is a text, and the model has no units"),
        (lambda: run(dt="0.1 ps"), "dt = '0.1 ps' is a text, and the model has no units"),
        (lambda: run(t0="0.1 ps"), "t0 = '0.1 ps' is a text, and the model has no units"),
        (lambda: lp.steady_state(FIELD, PSI, relax="1 ns"), "relax = '1 ns' is a text, and the model has no units"),
        (lambda: NET.replace(J="40 ueV"), "J = '40 ueV' is a text, and the model has no units"),
        (lambda: SITE.replace(p="40 ueV"), "p = '40 ueV' is a text"),
        (lambda: lp.g_eff(SITE, p=["40 ueV"]), "axis p = ['40 ueV']"),
    ],
)
def test_a_text_with_a_unit_is_told_what_makes_a_number_of_it(call, given):
    refused(call, given, "convert a text with a unit by lp.units.length('3 um'), .time('10 ps'), .rate('40 ueV')")


def test_a_list_of_pumps_is_no_axis():
    pumps = [lp.pumps.gaussian(power, fwhm=6.0) for power in (1.0, 2.0)]
    refused(
        lambda: lp.sweep(lp.steady_state, FIELD, W=pumps), "axis W = [gaussian(1", "give numbers of which the function"
    )


def test_a_sweep_with_model_and_function_the_other_way_round():
    swapped = functools.partial(lp.sweep, NET, lp.steady_state, p=[0.1])
    refused(swapped, "function must be callable; got a Network", "give sweep(function, model, ...)", error=TypeError)


def test_a_missing_extra_says_what_to_install(monkeypatch):
    known = builtins.__import__

    def without(name, *arguments, **options):
        if name.split(".")[0] == "cupy":
            raise ModuleNotFoundError("No module named 'cupy'")
        return known(name, *arguments, **options)

    monkeypatch.setattr(builtins, "__import__", without)
    monkeypatch.setitem(sys.modules, "cupy", None)
    refused(lambda: FIELD.replace(device="cuda"), "pip install cupy-cuda12x", "device='cpu'", error=RuntimeError)


@pytest.mark.parametrize(
    ("call", "known"),
    [
        (lambda: lp.fixed_points(SITE, W=[1.0]), "no axis ['W']; the axes are ['p', 'a', 'g', 'delta']"),
        (lambda: lp.g_eff(SITE, Delta=[1.0]), "no axis ['Delta']; the axes are ['p', 'a', 'g', 'delta']"),
        (lambda: SITE.replace(pump=1.0), "no parameter ['pump']; it has ['p', 'a', 'g', 'delta', 'a2']"),
        (lambda: FIELD.replace(pump=1.0), "no parameter 'pump'; it has ['Gamma', 'W',"),
        (lambda: NET.replace(pump=1.0), "no parameter ['pump']; it has ['J', 'a',"),
    ],
)
def test_an_unknown_axis_is_told_the_known_ones(call, known):
    refused(call, known, error=TypeError)


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("gapp", "did you mean gap?"),
        ("spinorGPE", "did you mean SpinorGPE?"),
        ("zzzzz", "dir(latticepol) lists its names"),
    ],
)
def test_an_unknown_name_is_told_the_nearest(name, hint):
    message = refused(lambda: getattr(lp, name), f"latticepol has no {name!r}; {hint}", error=AttributeError)
    assert message.endswith(hint)
    assert not hasattr(lp, "__wrapped__")  # as those ask who inspect a module


def test_axes_need_no_order():
    mixed, sorted_ = (lp.g_eff(SITE, p=p).g_eff for p in ([0.3, 0.1, 0.2], [0.1, 0.2, 0.3]))
    assert mixed.p.values.tolist() == [0.3, 0.1, 0.2]
    assert np.array_equal(mixed.sortby("p"), sorted_)
    both = mixed.expand_dims(delta=[0.2, 0.1])
    mesh = lp.plot.colour_map(both, "p", "delta", shading="nearest").collections[0]
    assert np.array_equal(mesh.get_array(), both.sortby(["p", "delta"]).transpose("delta", "p"))


def test_a_field_is_repeated_on_a_grid_only():
    cell = lp.SpinorGPE(lp.Grid.cell(HONEYCOMB, 8), TERMS)
    out = lp.evolve(cell, np.ones((2, 8, 8)), 0.0, dt=0.1, progress=False)
    large = HONEYCOMB.supercell(2)
    refused(lambda: lp.tiled(out, large), "grid is a Lattice", "lp.Grid.cell(lattice.supercell(m)", error=TypeError)
    refused(lambda: lp.tiled(out, lp.Grid.cell(large, 15)), "grid of (15, 15) points", "cell of (8, 8)", "(16, 16) or")
    refused(lambda: lp.tiled(out, GRID), "Grid(10 x 10, 16 x 16 points) is not that of a supercell of Grid(", "8 x 8")


def test_an_unknown_variable_or_start_is_told_the_known_ones():
    for model, names in ((FIELD, "'number', 'energy'"), (NET, "'psi', 'pseudospin', 'number'")):
        psi = model.start("noise", rng=1)
        refused(lambda m=model, p=psi: lp.evolve(m, p, 1.0, dt=0.1, variables=["density"]), "'density'", names)
    refused(lambda: lp.evolve(FIELD, PSI, 1.0, dt=0.1, variables=["density"]), "such as lp.density")
    out = lp.evolve(FIELD, PSI, 0.0, dt=0.1, variables=[lp.density], progress=False)  # as it says
    assert "density" in out
    for model in (FIELD, NET):
        refused(lambda m=model: lp.steady_state(m, "vacuum"), "got 'vacuum'", "noise")


def test_times_need_an_order():
    refused(lambda: lp.trajectory(SITE, [1.0, 0.0, 0.0], [0, 2, 1]), "1 follows 2", "give them in order, each once")
    for span in ((2, 0), (0, 1, 200), 3.0):
        refused(lambda s=span: lp.branches(SITE, span=s), f"span = {span}", "low < high")
    refused(lambda: lp.evolve(FIELD, PSI, -3.0, dt=0.05), "t_end = -3.0 lies before the start at t = 0.0")
    times = lp.at_times([1.0, 2.0, 2.5, 2.7])
    out = lp.evolve(FIELD, PSI, 3.0, dt=0.1, save=times, progress=False)
    refused(lambda: lp.spectrum(out), "equally spaced", "steps from 0.2 to 1", "save with lp.every(step)")


def test_a_pump_outside_the_grid_is_warned_of():
    for pump in (lp.pumps.gaussian(4.0, fwhm=4.0, center=(30.0, 0.0)), lp.pumps.ring(4.0, radius=40.0, fwhm=3.0)):
        with pytest.warns(UserWarning, match="is not on the grid: its largest value there is .* move its center"):
            lp.SpinorGPE(GRID, [lp.Kinetic(1.0), lp.Gain(pump, 1.0, 1.0)])


def test_times_after_the_end_are_warned_of():
    with pytest.warns(UserWarning, match=r"at_times: \[5.0\] are after t_end = 0.1"):
        lp.evolve(FIELD, PSI, 0.1, dt=0.05, save=lp.at_times([0.1, 5.0]), progress=False)


@pytest.mark.parametrize("units", ["ps", {"tme": "ps"}, {"time": 1.0}, ["ps", "um"]])
def test_units_say_which_is_which(units):
    texts = "give {'time': 'ps', 'length': 'um'}, which is lp.units.PS_UM"
    refused(lambda: FIELD.replace(units=units), texts)
    refused(lambda: lp.Network(lp.lattice.honeycomb(), lp.Site(p=0.1, a=1, g=1), J=1.0, units=units), texts)


def test_a_model_with_nothing_to_settle_on_says_why():
    endless = lp.SpinorGPE(GRID, [lp.Kinetic(1.0, nu=0.1), lp.Gain(1.5, 1.0), lp.Splitting(0.1)])
    search = functools.partial(lp.steady_state, relax=1.0, rng=1, progress=False)
    refused(lambda: search(endless), "no term saturates the gain; give lp.Gain", error=lp.ConvergenceError)
    idle = lp.SpinorGPE(GRID, [lp.Kinetic(1.0, nu=0.1), lp.Splitting(0.1)])
    refused(lambda: search(idle), "No mode at k = 0 grows", "raise the gain, adding lp.Gain", error=lp.ConvergenceError)


def test_an_action_of_ones_own_that_is_not_finite_is_suspected():
    class Broken(lp.Term):
        def action(self, psi, x, y, t):
            return np.nan * psi

    model = FIELD.replace(terms=[*FIELD.terms, Broken()])
    run = functools.partial(lp.evolve, model, PSI, 1.0, dt=0.1, progress=False)
    refused(run, "look for NaN in the action of Broken", error=lp.ConvergenceError)
