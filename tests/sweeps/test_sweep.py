"""Sweeps: the same numbers as single calls, point by point and together; seeds."""

from functools import partial

import numpy as np
import pytest
import xarray as xr
from sweep_models import DELTA, FIELD, NET, PSI, ROUNDING, SITE, P, drawn, pump, same, sweep_within

import latticepol as lp
from latticepol.sweeps.limits import SweepLimits


@pytest.mark.parametrize("door", [lp.g_eff, lp.fixed_points, lp.precession, lp.pitchfork])
def test_a_door_with_keyword_axes(door):
    swept = lp.sweep(door, SITE, p=P, delta=DELTA)
    direct = door(SITE, p=P, delta=DELTA)
    for name in direct.variables:
        same(swept[name].variable, direct[name].variable)
        assert swept[name].attrs == direct[name].attrs
        assert swept[name].dtype.kind == direct[name].dtype.kind
    same(lp.sweep(lambda site: door(site), SITE, p=P, delta=DELTA, executor="serial"), swept)
    assert (swept.status == "finished").all()
    assert set(swept.attrs) == set(direct.attrs) | {"function"}


def test_an_ensemble_is_the_same_in_any_part_of_a_map():
    limits = SweepLimits(first=2)
    probability = partial(lp.alignment_probability, realizations=20)
    swept = sweep_within(limits, probability, SITE, rng=3, p=P, delta=DELTA)
    assert len(np.unique(swept.probability)) > 1
    same(swept.probability, lp.alignment_probability(SITE, realizations=20, rng=3, p=P, delta=DELTA).probability)
    part = sweep_within(limits, probability, SITE, rng=3, delta=DELTA[::-1], p=P[1:2])
    same(part.probability.transpose("p", "delta").sortby("delta"), swept.probability.sel(p=P[1:2]))
    assert swept.attrs["seed"] == 3


def test_points_in_a_list():
    """Axes with a common dimension vary together, in a function with a batch and in one without."""
    p, delta = xr.DataArray([0.3, 0.4], dims="run"), xr.DataArray([0.1, 0.01], dims="run")
    whole = lp.g_eff(SITE, p=[0.3, 0.4], delta=[0.1, 0.01], g=[0.1, 0.2])
    for function in (lp.g_eff, lambda site: lp.g_eff(site)):
        points = lp.sweep(function, SITE, p=p, delta=delta, g=[0.1, 0.2], executor="serial")
        assert points.g_eff.dims == ("run", "g")
        same(points.g_eff.drop_vars(["p", "delta"]), whole.g_eff.sel(p=p, delta=delta).drop_vars(["p", "delta"]))
        same(points.delta.variable, delta.variable)


def test_a_bare_value_replaces_and_a_parameter_that_is_no_axis_of_the_door_is_swept_as_well():
    assert lp.sweep(lp.g_eff, SITE, p=P, delta=0.1).g_eff.dims == ("p",)
    same(lp.sweep(lp.g_eff, SITE, p=P, delta=0.1).g_eff, lp.g_eff(SITE, p=P, delta=0.1).g_eff)
    assert (lp.sweep(lp.g_eff, SITE, a2=[0.0, 0.5], executor="serial").g_eff == lp.g_eff(SITE).g_eff).all()
    assert lp.sweep(pump, SITE, executor="serial").pump.item() == pytest.approx(0.5)


CASES = {
    **{f"net {name}": (NET, {name: [0.05, 0.2, 0.3]}) for name in ("p", "delta", "a2", "a")},
    "net p and delta": (NET, {"p": [0.1, 0.2], "delta": [0.0, 0.1]}),
    **{
        f"field {name}": (FIELD, {name: [0.8, 1.1]})
        for name in ("mass", "epsilon", "gamma", "beta", "Delta", "W", "Gamma", "eta", "alpha1", "alpha2", "V", "F")
    },
    "reservoir": (FIELD.replace(terms=[lp.Kinetic(2.0), lp.Reservoir(2.0, 1.0, 1.5, 1.0, 0.2, 0.1, tau_s=2.0)]), {}),
}


RESERVOIR = ("P", "R", "Gamma_R", "Gamma", "g_R", "g_cross", "tau_s")


CASES |= {f"reservoir {name}": (CASES["reservoir"][0], {name: [0.8, 1.1]}) for name in RESERVOIR}


del CASES["reservoir"]


@pytest.mark.parametrize("case", CASES)
def test_evolution_of_many_parameter_sets_as_one_array(case):
    model, axes = CASES[case]
    psi0 = ("aligned",) if model is NET else (PSI,)
    if case.startswith("reservoir"):
        psi0 = ((PSI, np.full(PSI.shape, 0.3)),)
    options = {"dt": 0.02, "variables": ["psi", "number"], "save": lp.every(0.1)}
    values = {name: np.asarray(given) for name, given in axes.items()}
    assert lp.evolve.batch(lp.evolve, model, values, (*psi0, 0.3), options) is not None
    together = lp.sweep(lp.evolve, model, *psi0, 0.3, options=options, **axes)
    first = [values[0] for values in axes.values()]
    last = [values[-1] for values in axes.values()]
    for point in (first, last):
        where = dict(zip(axes, point, strict=True))
        alone = lp.evolve(model.replace(**where), *psi0, 0.3, **options)
        assert abs(together.psi.sel(where) - alone.psi).max() < ROUNDING
        assert abs(together.number.sel(where) - alone.number).max() < ROUNDING * alone.number.max()
    assert abs(together.psi.sel(dict(zip(axes, first, strict=True))) - alone.psi).max() > 1e-6
    assert together.psi.dims == (*axes, *alone.psi.dims)
    assert together.attrs["steps"] == alone.attrs["steps"]


@pytest.mark.parametrize(
    ("model", "axes", "options"),
    [
        (NET, {"J": [1.0, 2.0]}, {}),
        (NET.replace(noise=0.1), {"p": [0.1, 0.2]}, {}),
        (FIELD, {"W": [0.8, 1.1]}, {"dt": None, "tol": 1e-6}),
        (FIELD, {"W": [0.8, 1.1]}, {"variables": [lp.stokes]}),
        (FIELD, {"nu": [0.0, 0.1]}, {"dt": 0.05}),
    ],
)
def test_evolution_point_by_point_where_a_batch_would_not_be_the_same(model, axes, options):
    psi0 = "linear" if isinstance(model, lp.Network) else PSI
    options = {"dt": 0.05, "rng": 5} | options
    swept = lp.sweep(lp.evolve, model, psi0, 0.1, options=options, executor="serial", **axes)
    for name, values in axes.items():
        for value in values:
            alone = lp.evolve(model.replace(**{name: value}), psi0, 0.1, **options)
            for variable in alone.data_vars:
                same(swept[variable].sel({name: value}, drop=True), alone[variable])


def test_seeds_depend_on_the_point_and_not_on_the_others():
    whole = lp.sweep(drawn, SITE, rng=7, p=[0.1, 0.2], delta=[-0.0, 1.0], executor="serial")
    part = lp.sweep(drawn, SITE, rng=7, delta=[1, 0], p=[0.2], executor="serial")
    same(part.drawn.transpose("p", "delta").sortby("delta"), whole.drawn.sel(p=[0.2]))
    assert len(np.unique(whole.drawn)) == 4
    again = [drawn(SITE, rng=int(seed)) for seed in whole.seed.values.ravel()]
    np.testing.assert_array_equal(again, whole.drawn.values.ravel())
    other = lp.sweep(drawn, SITE, rng=8, p=[0.1, 0.2], executor="serial")
    assert not np.isin(other.drawn, whole.drawn).any()
    assert lp.sweep(drawn, SITE, p=[0.1], executor="serial").attrs["seed"] != lp.sweep(
        drawn, SITE, p=[0.1], executor="serial"
    ).attrs["seed"]  # fmt: skip
