"""What fields and networks have in common in results, shown on a third model; and what a run goes on from."""

import numpy as np
import pytest
import xarray as xr
from two_modes import TwoModes

import latticepol as lp
from latticepol.results.starts import last, psi_of
from latticepol.results.variables import Variable
from latticepol.state import InitialState

DIMS = ("site",)
COORDINATES = {
    "site": np.array(["left", "right"]),
    "x": (("site",), np.array([0.0, 1.0])),
    "bond": (("site", "axis"), np.zeros((2, 2))),
}
VARIABLES = {"psi": (DIMS, lambda now: now.psi.copy()), "number": ((), lambda now: abs(now.psi).sum(axis=-1))}


class Shown(TwoModes):
    """Two modes at places of their own."""

    frame_title, frame_function, start_names = "two modes", " such as abs", ("empty", "full")
    coordinates, saved_variables = COORDINATES, VARIABLES


MODEL = Shown(units=lp.units.PS_UM)


def test_a_frame_has_the_variables_of_the_table_along_time_and_batch():
    now = InitialState(np.array([[1.0, 2.0], [3.0, 4.0]]), {}, 0.5, ("draw",))
    frame = MODEL.snapshot(now, ["number", "psi", "number"], seed=7)
    assert frame.psi.dims == ("time", "draw", "site")
    assert frame.number.values.tolist() == [[3.0, 7.0]]
    assert (frame.attrs["title"], frame.attrs["seed"], float(frame.time[0])) == ("two modes", 7, 0.5)
    assert frame.time.attrs["units"] == "ps"
    now.psi[...] = 0.0
    assert frame.psi.values.any(), "a frame is a copy"


class Warm(Shown):
    """With a variable of a dimension of its own, and a number of particles per length."""

    saved_variables = VARIABLES | {"heat": ((), lambda now: now.psi.real.sum(axis=-1))}
    own_variables = {  # noqa: RUF012
        "heat": Variable("temperature of the bath", "temperature"),
        "number": Variable("particles per length", "wavevector"),
    }


def test_a_variable_that_no_table_has_is_said_by_the_model():
    model = Warm(units={**lp.units.PS_UM, "temperature": "K"})
    out = lp.evolve(model, [0.3, 0.1], 0.2, dt=0.1, variables=["heat", "number", "psi"])
    assert (out.heat.units, out.heat.long_name) == ("K", "temperature of the bath")
    assert (out.number.units, out.number.long_name) == ("um-1", "particles per length")
    assert out.psi.units == "um-1"


def test_one_that_nobody_describes_is_refused_with_the_place_for_it():
    with pytest.raises(KeyError, match="own_variables of a model of your own"):
        MODEL.to_dataset({"heat": ((), 1.0)}, {}, title="")


def test_an_unknown_variable_is_refused_with_those_there_are():
    with pytest.raises(ValueError, match=r"variable 'S' is not known; there are \['psi', 'number'\], .* such as abs$"):
        MODEL.snapshot(InitialState(np.ones(2)), ["psi", "S"], seed=1)


def test_coordinates_come_where_all_their_dimensions_are():
    alone = MODEL.to_dataset({"psi": (DIMS, np.ones(2))}, {}, title="")
    assert set(alone.coords) == {"site", "x"}  # bond has an axis too
    assert not MODEL.to_dataset({"mu": ((), 0.0)}, {}, title="").coords
    own = MODEL.to_dataset({"psi": (DIMS, np.ones(2))}, {"x": (DIMS, np.array([5.0, 6.0]))}, title="")
    assert own.x.values.tolist() == [5.0, 6.0]


def test_a_start_that_is_not_known_is_refused_with_those_there_are():
    MODEL.check_starts(["empty", "full"])
    with pytest.raises(ValueError, match=r"the start must be 'empty', 'full' or an array \(2,\); got 'half'"):
        MODEL.check_starts(["full", "half"])


def test_a_run_goes_on_from_its_last_time():
    psi = xr.DataArray(np.arange(6.0).reshape(3, 2), {"time": [0.0, 1.0, 2.0]}, ("time", "site"))
    found = last("psi", psi_of(xr.Dataset({"psi": psi}), DIMS, "two modes", "TwoModes"), DIMS, None)
    assert (found.t, found.dims, found.values.values.tolist()) == (2.0, (), [4.0, 5.0])
    assert last("psi", psi.rename(time="draw"), DIMS, None)[1:] == (0.0, ("draw",))
    assert last("psi", psi.values, DIMS, None)[1:] == (0.0, ("batch",))
    assert last("psi", psi.isel(time=1), DIMS, None)[1:] == (1.0, ())


@pytest.mark.parametrize(
    ("given", "text"),
    [
        (
            xr.Dataset({"mu": 1.0}),
            r"the psi of two modes, .* it holds \['mu'\].* for a TwoModes, or an array",
        ),
        (xr.Dataset({"psi": (("x",), [1.0])}), r"with the dimensions \('site',\); it holds \('x',\)"),
        (xr.DataArray([1.0], dims="x"), r"psi must have the dimensions \('site',\); got \('x',\): rename them"),
        (xr.DataArray(np.ones((0, 2)), dims=("time", "site")), r"shape \(0, 2\) .*, which holds no state"),
        (xr.DataArray(np.ones(2), {"time": ((), 1.0, {"units": "ns"})}, DIMS), r"it is in 'ns', times .* in 'ps'"),
    ],
)
def test_what_no_run_can_go_on_from_is_refused(given, text):
    with pytest.raises(ValueError, match=text):
        last("psi", psi_of(given, DIMS, "two modes", "TwoModes"), DIMS, lp.units.PS_UM)
