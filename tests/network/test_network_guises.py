"""What enters a network besides plain arrays: functions of time, batches, names and labels."""

import numpy as np
import pytest
import xarray as xr
from guises.table import Numbers, guises

import latticepol as lp
from latticepol.stationary.growth import growth_rate

HONEYCOMB = lp.lattice.honeycomb()
NET = lp.Network(HONEYCOMB, lp.Site(p=0.25, a=2.25, g=1.0, delta=0.125), J=3.0, dJ=0.5)
PSI = np.array([[1.0, 0.125j], [0.25 - 0.5j, 0.0]])
TWO = np.array([0.25, -0.5])


def _values(found):
    return found.values if isinstance(found, xr.DataArray) else np.asarray(found)


def _same(found, expected):
    found, expected = map(_values, (found, expected))
    assert found.tobytes() == expected.tobytes()
    assert found.shape == expected.shape


def _end(net=NET, psi=PSI, **more):
    """What a short evolution ends in: it needs every part of the equation."""
    return lp.evolve(net, psi, 0.25, dt=0.03125, **more).psi


#: What tests/guises does not send: layouts of other propagators, functions of time, inner functions.
OF_ARRAYS = {
    "psi0, batch": (np.stack([PSI, 2 * PSI, PSI.T]), "batch site spin", lambda x: _end(psi=x)),
    "psi0, large": (np.tile(PSI, (9, 1)), "site spin", lambda x: _end(NET.on(HONEYCOMB.supercell((3, 3))), x)),
    "psi0, uneven": (np.tile(PSI, (80, 1)), "site spin", lambda x: _end(NET.on(HONEYCOMB.patch((8, 10))), x)),
    "psi0, ETDRK": (PSI, "site spin", lambda x: _end(psi=x, integrator=lp.Strang())),
    "engine": (PSI, "site spin", lambda x: NET.engine(NET.read_start(x)).psi),
    "growth_rate": (PSI, "site spin", lambda x: growth_rate(NET.linear_problem(x, 0.0)).rate),
    "bogoliubov": (PSI, "site spin", lambda x: NET.bogoliubov_matrix(x, 0.0)(np.array([0.5, 0.25]))),
    "p(t)": (TWO, "site", lambda x: _end(NET.replace(p=lambda t: x))),
    "delta(t)": (TWO, "site", lambda x: _end(NET.replace(delta=lambda t: x))),
    "p, batch": (
        np.array([[0.25, 0.5], [0.125, 1.0], [0.0, 0.75]]),
        "batch site",
        lambda x: _end(NET.replace(p=x), np.stack([PSI] * 3)),
    ),
    "drive(t)": (PSI, "site spin", lambda x: _end(NET.replace(drive=lambda t: x))),
}


#: The doors take turns at a third of the guises.
THIRDS = [(door, slice(turn % 3, None, 3)) for turn, door in enumerate(OF_ARRAYS)]
ALL = [pytest.param(door, slice(None), marks=pytest.mark.slow) for door in OF_ARRAYS]


@pytest.mark.parametrize(("door", "part"), [*THIRDS, *ALL])
def test_the_same_numbers_in_any_guise(door, part):
    values, dims, call = OF_ARRAYS[door]
    expected = call(values.copy())
    same, refused = guises(Numbers(values, dims, complex=values.dtype.kind == "c"))
    for given in list(same.values())[part]:
        before = np.array(given)
        _same(call(given), expected)
        assert np.array_equal(before, np.array(given))  # nothing given is changed
    for name in ("a mask that hides a value", "NaN", "a text", "ragged", "dimensions of other names"):
        if name in refused:
            with pytest.raises((TypeError, ValueError), match=r"psi|p\b|delta|drive"):
                call(refused[name])


@pytest.mark.parametrize("name", ["a text", "NaN", "infinity", "a dict", "complex"])
def test_what_is_no_number_is_refused_of_a_function(name):
    with pytest.raises((TypeError, ValueError), match=r"^p\(t"):
        _end(NET.replace(p=lambda t: guises(Numbers(0.25))[1][name]))


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


def test_a_run_without_a_time_is_refused():
    run = lp.evolve(NET, PSI, 0.0625, dt=0.03125)
    for nothing in (run.isel(time=[]), run.psi.isel(time=[])):
        with pytest.raises(ValueError, match=r"psi has the shape \(0, .* which holds no state; give at least one"):
            _end(psi=nothing)


def test_dimensions_of_another_model_are_refused():
    field = xr.DataArray(np.ones((2, 4, 4)), dims=("spin", "y", "x"))
    with pytest.raises(ValueError, match=r"psi must have the dimensions \('site', 'spin'\); got \('spin', 'y', 'x'\)"):
        _end(psi=field)
    with pytest.raises(ValueError, match=r"drive must have the dimensions \('site', 'spin'\)"):
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
