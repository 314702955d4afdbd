"""What enters a network: the same numbers in any guise, and what is refused."""

import numpy as np
import pytest
import xarray as xr
from same_numbers import NONSENSE, arrays, masked, numbers

import latticepol as lp
from latticepol.stationary.growth import growth_rate

HONEYCOMB = lp.lattice.honeycomb()
NET = lp.Network(HONEYCOMB, lp.Site(p=0.25, a=2.25, g=1.0, delta=0.125), J=3.0, dJ=0.5)
PSI = np.array([[1.0, 0.125j], [0.25 - 0.5j, 0.0]])
NEAR = np.round(32 * NET.start("aligned")) / 32
TWO = np.array([0.25, -0.5])
THREE = np.array([1.0, 0.5, 2.0])
ONSITE = np.array([[[0.5, 0.25j], [-0.25j, 0.0]], [[0.0, 0.125], [0.125, 1.0]]])


def _values(found):
    return found.values if isinstance(found, xr.DataArray) else np.asarray(found)


def _same(found, expected):
    found, expected = map(_values, (found, expected))
    assert found.tobytes() == expected.tobytes()
    assert found.shape == expected.shape


def _end(net=NET, psi=PSI, **more):
    """What a short evolution ends in: it needs every part of the equation."""
    return lp.evolve(net, psi, 0.25, dt=0.03125, **more).psi


#: Door and argument -> (what it is given, its dimensions, what comes out).
OF_ARRAYS = {
    "psi0": (PSI, ("site", "spin"), lambda x: _end(psi=x)),
    "psi0, real": (PSI.real, ("site", "spin"), lambda x: _end(psi=x)),
    "psi0, batch": (np.stack([PSI, 2 * PSI, PSI.T]), ("batch", "site", "spin"), lambda x: _end(psi=x)),
    "psi0, large": (
        np.tile(PSI, (9, 1)), ("site", "spin"), lambda x: _end(NET.on(HONEYCOMB.supercell((3, 3))), x)
    ),
    "psi0, uneven": (
        np.tile(PSI, (80, 1)), ("site", "spin"), lambda x: _end(NET.on(HONEYCOMB.patch((8, 10))), x)
    ),
    "psi0, ETDRK": (PSI, ("site", "spin"), lambda x: _end(psi=x, integrator=lp.Strang())),
    "steady_state": (NEAR, ("site", "spin"), lambda x: lp.steady_state(NET, x).psi),
    "rhs": (PSI, ("site", "spin"), NET.rhs),
    "engine": (PSI, ("site", "spin"), lambda x: NET.engine(NET.read_start(x)).psi),
    "growth_rate": (PSI, ("site", "spin"), lambda x: growth_rate(NET.linear_problem(x, 0.0)).rate),
    "bogoliubov": (PSI, ("site", "spin"), lambda x: NET.bogoliubov_matrix(x, 0.0)(np.array([0.5, 0.25]))),
    "p": (TWO, ("site",), lambda x: _end(NET.replace(p=x))),
    "g": (TWO, ("site",), lambda x: _end(NET.replace(g=x))),
    "p(t)": (TWO, ("site",), lambda x: _end(NET.replace(p=lambda t: x))),
    "delta(t)": (TWO, ("site",), lambda x: _end(NET.replace(delta=lambda t: x))),
    "p, batch": (
        np.array([[0.25, 0.5], [0.125, 1.0], [0.0, 0.75]]),
        ("batch", "site"),
        lambda x: _end(NET.replace(p=x), np.stack([PSI] * 3)),
    ),
    "J": (THREE, ("bond",), lambda x: _end(NET.replace(J=x))),
    "J, complex": (THREE - 0.25j, ("bond",), lambda x: _end(NET.replace(J=x))),
    "dJ": (THREE, ("bond",), lambda x: _end(NET.replace(dJ=x))),
    "onsite": (TWO, ("site",), lambda x: _end(NET.replace(onsite=x))),
    "onsite, matrices": (ONSITE, None, lambda x: _end(NET.replace(onsite=x))),
    "drive": (PSI, ("site", "spin"), lambda x: _end(NET.replace(drive=x))),
    "drive(t)": (PSI, ("site", "spin"), lambda x: _end(NET.replace(drive=lambda t: x))),
    "noise": (np.array([0.25, 0.5]), ("site",), lambda x: _end(NET.replace(noise=x), rng=1)),
}  # fmt: skip
OF_NUMBERS = {
    "J": (3.0, lambda x: _end(NET.replace(J=x))),
    "dJ": (0.5, lambda x: _end(NET.replace(dJ=x))),
    "epsilon": (0.5, lambda x: _end(NET.replace(epsilon=x))),
    "noise": (0.25, lambda x: _end(NET.replace(noise=x), rng=1)),
    "p": (0.25, lambda x: _end(NET.replace(p=x))),
    "p(t": (0.25, lambda x: _end(NET.replace(p=lambda t: x))),
}


@pytest.mark.parametrize("door", OF_ARRAYS)
def test_the_same_numbers_in_any_guise(door):
    values, dims, call = OF_ARRAYS[door]
    expected = call(values.copy())
    for given in arrays(values, dims).values():
        before = np.array(given)
        _same(call(given), expected)
        assert np.array_equal(before, np.array(given))  # nothing given is changed


@pytest.mark.parametrize("door", OF_ARRAYS)
def test_a_mask_that_hides_something_is_refused(door):
    values, _, call = OF_ARRAYS[door]
    with pytest.raises(ValueError, match="masks 1 of its"):
        call(masked(values))
    if door != "rhs":  # which Newton's method may ask about anything
        with pytest.raises(ValueError, match="holds nan"):
            call(np.full(values.shape, np.nan))


@pytest.mark.parametrize("door", OF_NUMBERS)
def test_the_same_number_in_any_guise(door):
    value, call = OF_NUMBERS[door]
    expected = call(value)
    for given in numbers(value).values():
        _same(call(given), expected)


@pytest.mark.parametrize("door", OF_NUMBERS)
@pytest.mark.parametrize("nonsense", NONSENSE)
def test_what_is_no_number_is_refused(door, nonsense):
    accepted = {"truth value": ("J", "dJ", "noise", "p", "p(t"), "complex": ("J", "dJ"), "function": ("p",)}
    if door in accepted.get(nonsense, ()) or (nonsense == "several" and door.startswith("p")):
        pytest.skip("a meaning of its own")
    with pytest.raises((TypeError, ValueError), match=rf"^{door.split('(')[0]}"):
        OF_NUMBERS[door][1](NONSENSE[nonsense])


def test_a_column_of_spins_fills_both_sites():
    """The report: the transpose of an array left site B empty. It is the array that the numbers make."""
    psi = np.array([[1.0, 0.0], [0.1, 0.0]]).T
    net = lp.Network(HONEYCOMB, lp.Site(p=0.3, a=2.28, g=1.0, delta=0.01), J=3.0, dJ=0.9)
    found = lp.evolve(net, psi, 0.5, dt=0.01).psi.isel(time=-1)
    assert float(np.abs(found).isel(site=1).max()) > 0.1
    _same(found, lp.evolve(net, psi.copy(), 0.5, dt=0.01).psi.isel(time=-1))


def test_spins_and_sites_go_by_their_names():
    state = lp.steady_state(NET, "aligned")
    turned = state.isel(spin=[1, 0], site=[1, 0]).transpose("spin", "site", ...)
    for given in (state, state.psi, turned, turned.psi):
        _same(_end(psi=given), _end(psi=state.psi.values))
    drive = xr.DataArray(PSI[::-1].T, dims=("spin", "site"), coords={"spin": ["+", "-"]})
    _same(_end(NET.replace(drive=drive)), _end(NET.replace(drive=PSI[::-1])))
    swapped = drive.isel(spin=[1, 0])
    _same(_end(NET.replace(drive=lambda t: swapped)), _end(NET.replace(drive=PSI[::-1])))
    for state_door in (lp.bogoliubov, lp.bands):
        args = (NET, turned) if state_door is lp.bogoliubov else (NET,)
        assert np.isfinite(state_door(*args, k=[0.5, 0.25]).omega).all()


def test_a_variable_goes_on_from_its_last_time():
    run = lp.evolve(NET, PSI, 0.5, dt=0.03125, save=lp.every(0.25))
    of_array, of_dataset = (lp.evolve(NET, x, 1.0, dt=0.03125) for x in (run.psi, run))
    _same(of_array.psi, of_dataset.psi)
    assert float(of_array.time[0]) == float(of_dataset.time[0])


def test_dimensions_of_another_model_are_refused():
    field = xr.DataArray(np.ones((2, 4, 4)), dims=("spin", "y", "x"))
    with pytest.raises(ValueError, match=r"is not of a network: it needs psi with the dimensions \('site', 'spin'\)"):
        _end(psi=field)
    with pytest.raises(ValueError, match=r"drive has the dimensions .* need \('site', 'spin'\)"):
        NET.replace(drive=field)


def test_sites_go_by_their_numbers():
    """The same values in another order of their labels are the same; other labels are refused."""
    net = lp.Network(lp.lattice.honeycomb().supercell((2, 1)), lp.Site(p=0.3, a=2.0, g=0.5, delta=-0.2), J=0.3, dJ=0.1)
    psi = np.random.default_rng(0).normal(size=(4, 2))
    values = np.array([0.1, 0.2, 0.3, 0.4])
    labelled = xr.DataArray(values, dims="site", coords={"site": range(4)}).isel(site=[3, 1, 0, 2])
    drive = labelled * xr.DataArray([1.0, 0.5], dims="spin")
    changes = [{name: labelled} for name in ("p", "delta", "a", "g", "a2", "onsite")]
    plain = [{name: values} for name in ("p", "delta", "a", "g", "a2", "onsite")]
    changes += [{"drive": drive}, {"drive": lambda t: drive}, {"p": lambda t: labelled}]
    F = values[:, None] * [1.0, 0.5]
    plain += [{"drive": F}, {"drive": lambda t: F}, {"p": lambda t: values}]
    for one, other in zip(changes, plain, strict=True):
        there, here = (lp.evolve(net.replace(**change), psi, 0.2, dt=0.05).psi.values for change in (one, other))
        np.testing.assert_array_equal(there, here)
    with pytest.raises(ValueError, match="labels"):
        net.replace(p=labelled.assign_coords(site=[10, 11, 12, 13]))
