"""The power of a pattern: W_scale and its like multiply the profile, envelopes included, in everything that uses it."""

import dataclasses
import json
import warnings

import numpy as np
import pytest
from gpe_cases import GRID, C, random_field

import latticepol as lp

#: One batch adds up in another order than runs alone.
ROUNDING = 1e-12

#: Newton's method leaves a residual of 2e-12; over the softest mode of the state, |omega| = 0.006, that is 3e-10.
#: (Two solves of one equation are not the same bits: sums of BLAS go by where an array lies in memory.)
SETTLED = 1e-9

SPOT = lp.pumps.gaussian(1.3, fwhm=4.0) + 0.2 * lp.pumps.uniform(1.0) * lp.pumps.ramp(0.0, 2.0)
CIRCULAR = SPOT.circular(0.4)
BASE = [lp.Kinetic(1.3), lp.Splitting(1.0, 0.3), lp.Interaction(1.0)]
GAIN = lp.Gain(0.7, 1.0, 1.2)


def _moving(x, y, t):
    return np.cos(x) * (1 + t)


#: Name, a term with a profile, and the terms next to it.
CASES = [
    ("W", lp.Gain(1.6 + 0.4 * C, 1.0, 1.2), BASE),
    ("W", lp.Gain(SPOT, 1.0, 1.2), BASE),
    ("W", lp.Gain(_moving, 1.0, 1.2), BASE),
    ("P", lp.Reservoir(3.0, 1.0, 1.5, 1.0), BASE),
    ("P", lp.Reservoir(CIRCULAR, 1.0, 1.5, 1.0, 0.3, tau_s=2.0), BASE),
    ("F", lp.Drive(0.3 + 0.2j * C), [*BASE, GAIN]),
    ("F", lp.Drive(CIRCULAR, omega=0.7), [*BASE, GAIN]),
    ("V", lp.Potential(np.stack([C, -0.3 * C])), [*BASE, GAIN]),
    ("V", lp.Potential(lambda x, y: np.cos(x)), [*BASE, GAIN]),
    ("V", lp.Potential(_moving), [*BASE, GAIN]),
    ("Delta", lp.Zeeman(0.4), [*BASE, GAIN]),
    ("Delta", lp.Zeeman(0.4 * C), [*BASE, GAIN]),
    ("Delta", lp.Zeeman(SPOT), [*BASE, GAIN]),
]
IDS = [f"{name}-{i}" for i, (name, _, _) in enumerate(CASES)]


def _twice(profile):
    """The profile doubled by hand."""
    if not callable(profile):
        return 2 * profile
    if profile is _moving:
        return lambda x, y, t: 2 * profile(x, y, t)
    return lambda x, y: 2 * profile(x, y)


def _models(name, term, beside):
    """The pattern with its power at 2, and the pattern twice as strong."""
    model = lp.SpinorGPE(GRID, [*beside, term])
    return model.replace(**{f"{name}_scale": 2.0}), model.replace(**{name: _twice(getattr(term, name))})


@pytest.mark.parametrize(("name", "term", "beside"), CASES, ids=IDS)
def test_twice_the_power_is_the_profile_doubled(name, term, beside):
    """Bit for bit: a factor of 2 rounds nothing."""
    scaled, doubled = _models(name, term, beside)
    psi = random_field(1)
    for t in (0.0, 0.7):
        for one, other in zip(scaled.rhs(psi, t), doubled.rhs(psi, t), strict=True):
            assert np.array_equal(one, other)
    ends = [lp.evolve(model, psi, 0.4, dt=0.05, progress=False).psi.values[-1] for model in (scaled, doubled)]
    assert np.array_equal(*ends)
    plain = lp.evolve(lp.SpinorGPE(GRID, [*beside, term]), psi, 0.4, dt=0.05, progress=False).psi.values[-1]
    assert np.abs(ends[0] - plain).max() > 1e-3


@pytest.mark.parametrize(("name", "term", "beside"), CASES, ids=IDS)
def test_a_batch_of_powers_is_as_many_runs(name, term, beside):
    model = lp.SpinorGPE(lp.Grid.rectangle((8.0, 8.0), (16, 12)), [*beside, _coarse(name, term)])
    psi = random_field(1, grid=model.grid)
    options = {"dt": 0.05, "progress": False}
    powers = [0.5, 1.0, 2.0]
    together = lp.sweep(lp.evolve, model, psi, 0.4, options=options, **{f"{name}_scale": powers})
    for power in powers:
        alone = lp.evolve(model.replace(**{f"{name}_scale": power}), psi, 0.4, **options)
        there = together.psi.sel({f"{name}_scale": power})
        assert np.abs(there.values - alone.psi.values).max() < ROUNDING
    batch = model.batch(**{f"{name}_scale": np.array(powers)})
    assert batch.rhs(np.stack([psi] * 3))[0].shape == (3, *psi.shape)
    axis = together[f"{name}_scale"]
    assert axis.attrs["units"] == "1"
    assert f"in units of {name}" in axis.attrs["long_name"]


def _coarse(name, term):
    """The same on another grid: arrays there have every other point."""
    value = getattr(term, name)
    if isinstance(value, np.ndarray):
        value = value[..., :24:2, ::2]
    return dataclasses.replace(term, **{name: value})


@pytest.mark.slow  # of each profile by itself: above
def test_states_and_bands_of_twice_the_power_are_those_of_the_profile_doubled():
    grid = lp.Grid.rectangle((6.0, 6.0), (12, 12))
    wave = np.cos(2 * np.pi * grid.points[0] / 6)
    model = lp.SpinorGPE(
        grid,
        [lp.Kinetic(1.0, nu=0.1), lp.Potential(0.3 * wave), lp.Gain(0.7 + 0.1 * wave, 1.0, 1.0), lp.Interaction(1.0)],
    )
    scaled = model.replace(W_scale=2.0, V_scale=2.0)
    doubled = model.replace(W=2 * (0.7 + 0.1 * wave), V=2 * (0.3 * wave))
    bands = [lp.bands(one, k=[[0.1, 0.2]], basis=9).omega.values for one in (scaled, doubled)]
    assert np.array_equal(*bands)
    states = [lp.steady_state(one, "noise", rng=1, stability=False, progress=False) for one in (scaled, doubled)]
    assert np.abs(np.subtract(*(state.psi.values for state in states))).max() < SETTLED
    assert float(abs(states[0].psi).max()) > 0.1
    assert lp.bands(model, k=[[0.1, 0.2]], basis=9).omega.values != pytest.approx(bands[0])


def test_what_a_model_says_of_itself_knows_the_power():
    """A gain that grows without end only above a power; the cell of a supercell; a drive of constant amplitude."""
    model = lp.SpinorGPE(GRID, [lp.Kinetic(1.0), lp.Gain(0.6 + 0.1 * C, 1.0)])
    assert not model.divergence_hint
    assert model.replace(W_scale=2.0).divergence_hint
    large = model.replace(W_scale=2.0).supercell(2)
    assert np.array_equal(large.equation.value("W", 0.0), np.tile(2 * (0.6 + 0.1 * C), (2, 2)))
    driven = lp.SpinorGPE(GRID, [lp.Kinetic(1.0), lp.Gain(0.0, 1.0), lp.Drive(C, omega=0.3, F_scale=2.0)])
    driven.check_stationary()
    assert driven.drive_frequency == 0.3
    with pytest.raises(ValueError, match="W has batch axes"):
        model.batch(W_scale=np.array([1.0, 2.0])).check_stationary()


def test_a_power_is_shown_where_it_is_not_1():
    model = lp.SpinorGPE(GRID, [lp.Kinetic(1.0), lp.Gain(SPOT, 1.0, 1.2)])
    for plain in (model, model.replace(W_scale=1), model.replace(W_scale=2.0).replace(W_scale=1.0)):
        assert "W_scale" not in repr(plain)
        assert "Gain.W_scale" not in plain.record
    scaled = model.replace(W_scale=2.5)
    assert "eta=1.2, W_scale=2.5)" in repr(scaled)
    assert scaled.record["Gain.W_scale"] == scaled.parameters()["Gain.W_scale"] == 2.5
    out = lp.evolve(scaled, random_field(1), 0.0, dt=0.1, progress=False)
    assert json.loads(out.attrs["parameters"])["Gain.W_scale"] == 2.5


@pytest.mark.parametrize("name", ["W", "P", "F", "V", "Delta"])
@pytest.mark.parametrize("value", [np.nan, "two", 1j, C, [1.0, 2.0], None])
def test_a_power_is_a_number(name, value):
    term = next(term for known, term, _ in CASES if known == name)
    what = "is not a number|is a text|must be finite|complex|None|truth"
    with pytest.raises((TypeError, ValueError), match=f"{name}_scale .*({what})"):
        lp.SpinorGPE(GRID, [dataclasses.replace(term, **{f"{name}_scale": value})])


@pytest.mark.parametrize(("name", "pattern"), [
    ("W", SPOT), ("W", 1 + 0.1 * C), ("W", _moving), ("W", lp.pumps.uniform(1.0) * lp.pumps.ramp(0.0, 1.0)),
    ("P", CIRCULAR), ("F", 1j * C), ("V", lambda x, y: x), ("Delta", C),
])  # fmt: skip
def test_a_number_in_the_place_of_a_pattern_is_warned_of(name, pattern):
    _, term, beside = next(case for case in CASES if case[0] == name)
    model = lp.SpinorGPE(GRID, [*beside, dataclasses.replace(term, **{name: pattern})])
    with pytest.warns(UserWarning, match=rf"replace\({name}=...\) puts one number .* give {name}_scale") as caught:
        changed = model.replace(**{name: 2.0})
    assert caught[0].filename == __file__
    assert next(getattr(t, name) for t in changed.terms if hasattr(t, name)) == 2.0


def test_what_loses_no_pattern_is_not_warned_of():
    spot = lp.SpinorGPE(GRID, [lp.Kinetic(1.0), lp.Gain(SPOT, 1.0), lp.Zeeman(0.3)])
    uniform = spot.replace(W=lp.pumps.uniform(2.0))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for value in (0.0, 2 * SPOT, 1 + 0.1 * C, lambda x, y: x):
            spot.replace(W=value)
        spot.replace(Delta=0.1, Gamma=2.0, W_scale=3.0)
        uniform.replace(W=1.0)
        spot.replace(W=np.ones(GRID.shape)).replace(W=3.0)


def test_a_power_that_several_terms_own():
    model = lp.SpinorGPE(GRID, [lp.Kinetic(1.0), lp.Potential(C), lp.Potential(2 * C)])
    with pytest.raises(TypeError, match=r"'V_scale' is ambiguous: terms\[1\].*terms\[2\].*terms\[1\] = datac"):
        model.replace(V_scale=2.0)
    terms = list(model.terms)
    terms[1] = dataclasses.replace(terms[1], V_scale=2.0)
    assert np.array_equal(model.replace(terms=terms).equation.value("V", 0.0), 4 * C)
    assert [name for name in model.replace(terms=terms).parameters() if "scale" in name] == ["Potential[1].V_scale"]
