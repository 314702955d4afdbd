"""DataArrays and Datasets are taken by names, labels and coordinates, or refused: never by the order of their axes."""

from functools import cache

import numpy as np
import pytest
import xarray as xr
from gpe_cases import random_field

import latticepol as lp

GRID = lp.Grid.rectangle((8.0, 6.0), (16, 12))
OBLIQUE = lp.Grid(((4.0, 0.0), (2.0, 3.0)), (8, 6))
#: A few sums and products of numbers of order ten.
ROUNDING = 1e-13


def plane(x, y):
    """What linear interpolation gives back exactly."""
    return 0.3 + 0.7 * x - 0.4 * y


def data(x, y, function=plane, dims=("y", "x")):
    """A function at the points of a rectangle."""
    array = xr.DataArray(function(x[None, :], y[:, None]), dims=("y", "x"), coords={"x": x, "y": y})
    return array.transpose(*dims)


def on(profile, grid=GRID, **options):
    return lp.SpinorGPE(grid, [lp.Potential(profile)], **options).equation.value("V", 0.0).reshape(grid.shape)


def own(grid=GRID):
    return grid.points[0][0], grid.points[1][:, 0]


@pytest.mark.parametrize("dims", [("y", "x"), ("x", "y")])
def test_dimensions_are_matched_by_name(dims):
    """Of a square too, where no shape tells."""
    square = lp.Grid.rectangle((8.0, 8.0), (8, 8))
    exact = plane(*square.points)
    unplaced = data(*own(square), dims=dims).drop_vars(["x", "y"])
    for given in (data(*own(square), dims=dims), unplaced):
        assert on(given, square).tobytes() == exact.tobytes()
        assert on(lp.pumps.profile(given), square).tobytes() == exact.tobytes()


def test_coordinates_say_where_the_values_are():
    """Coarser, finer, wider, in falling and in no order, on a rectangle and in an oblique cell."""
    x, y = np.linspace(-4.5, 4.5, 7), np.linspace(-3.2, 3.1, 31)
    shuffled = np.random.default_rng(0).permutation(7)
    for given in (data(x, y), data(x[::-1], y[::-1]), data(x, y).isel(x=shuffled)):
        assert np.abs(on(given) - plane(*GRID.points)).max() < ROUNDING
    wide = data(np.linspace(-1.0, 7.0, 5), np.linspace(-1.0, 4.0, 4))
    assert np.abs(on(wide, OBLIQUE) - plane(*OBLIQUE.points)).max() < ROUNDING


def test_values_are_taken_as_they_are_where_coordinates_coincide():
    values = np.random.default_rng(1).normal(size=(23, 31))
    fine = (np.linspace(-4.0, 3.5, 31), np.linspace(-3.0, 2.5, 23))  # every second one is a point of the grid
    given = xr.DataArray(values, dims=("y", "x"), coords={"x": fine[0], "y": fine[1]})
    np.testing.assert_array_equal(on(given), values[::2, ::2])
    rounded = given.assign_coords(x=fine[0] + 1e-9)  # as from a text file
    np.testing.assert_array_equal(on(rounded), values[::2, ::2])


@pytest.mark.parametrize("shift", [0.0, 0.25, -0.25])
def test_one_period_goes_on_beyond_its_last_point(shift):
    """Between the last point and the image of the first: linear interpolation of the periodic function."""
    fine = lp.Grid.rectangle((8.0, 6.0), (32, 24))
    x, y = own()
    given = data(x + shift, y, lambda x, y: np.cos(2 * np.pi * x / 8) + 0 * y)
    images = np.concatenate([x + shift - 8, x + shift, x + shift + 8])
    exact = np.interp(own(fine)[0], images, np.cos(2 * np.pi * images / 8))
    assert np.abs(on(given, fine) - exact).max() < ROUNDING


@pytest.mark.parametrize(
    ("x", "what"),
    [
        (np.linspace(-40.0, 35.0, 16), None),
        (np.arange(16) * 0.5, r"x in \[0, 7.5\].*the grid on 16 x 12 points, x in \[-4, 3.5\]"),
        (np.linspace(-4.0, 3.0, 15), r"x in \[-4, 3\]"),
        (np.append(np.arange(-4.0, 3.0, 0.5), 3.2), r"x in \[-4, 3.2\]"),
    ],
    ids=["wide", "moved by half a period", "one point short", "no equal steps"],
)
def test_what_does_not_cover_the_grid_is_refused(x, what):
    given = data(x, own()[1])
    for profile in (given, lp.pumps.profile(given)):
        if what is None:
            assert np.abs(on(profile) - plane(*GRID.points)).max() < ROUNDING
            continue
        with pytest.raises(ValueError, match=f"does not cover the grid: it is on .*{what}"):
            on(profile)


def test_coordinates_of_an_oblique_cell():
    values = np.random.default_rng(2).normal(size=OBLIQUE.shape)
    given = xr.DataArray(values, dims=("y", "x"), coords=OBLIQUE.coords)
    for turned in (given, given.transpose()):
        np.testing.assert_array_equal(on(turned, OBLIQUE), values)
    with pytest.raises(ValueError, match="two-dimensional and not those of the grid"):
        on(given.assign_coords(x=given.x + 0.1), OBLIQUE)
    x, y = (xr.DataArray(r, dims=("y", "x")) for r in np.meshgrid(*own()))
    meshed = xr.DataArray(plane(x, y), coords={"x": x, "y": y})
    assert np.abs(on(meshed, lp.Grid.rectangle((8.0, 6.0), (8, 6))) - plane(*own_mesh(8, 6))).max() < ROUNDING


def own_mesh(nx, ny):
    return lp.Grid.rectangle((8.0, 6.0), (nx, ny)).points


@pytest.mark.parametrize(
    ("change", "text"),
    [
        (lambda a: a.rename(x="lon"), r"V must have the dimensions .*; got \('y', 'lon'\)"),
        (lambda a: a.drop_vars("y"), "V has coordinates along x only"),
        (lambda a: a.expand_dims(time=[0.0]), "V has the dimension time; choose one"),
        (lambda a: a.assign_coords(x=np.zeros(16)), "coordinate x of V has a value twice"),
        (lambda a: a.assign_coords(x=np.append(a.x[:-1], np.nan)), "coordinate x of V holds nan"),
        (lambda a: a.where(a.x > 0), "V holds nan"),
        (lambda a: a.isel(x=slice(8)), "does not cover"),
        (lambda a: a.isel(x=slice(8)).drop_vars(["x", "y"]), r"V must be .* have shape .*got \(12, 8\)"),
    ],
)
def test_what_cannot_be_placed_is_refused(change, text):
    with pytest.raises(ValueError, match=text):
        on(change(data(*own())))


def test_spins_are_put_in_the_order_of_their_labels():
    values = np.random.default_rng(3).normal(size=(2, *GRID.shape))
    given = xr.DataArray(values, dims=("spin", "y", "x"), coords={"spin": ["+", "-"]})
    for turned in (given, given.isel(spin=[1, 0]), given.isel(spin=[1, 0]).transpose()):
        value = lp.SpinorGPE(GRID, [lp.Drive(turned)]).equation.value("F", 0.0)
        np.testing.assert_array_equal(value, values)
    with pytest.raises(ValueError, match="W acts on both spins alike"):
        lp.SpinorGPE(GRID, [lp.Gain(given)])
    with pytest.raises(ValueError, match=r"labels .* along spin; got \['\+'\]"):
        lp.SpinorGPE(GRID, [lp.Drive(given.isel(spin=[0]))])


def test_further_dimensions_are_a_batch_and_not_the_spins():
    values = np.random.default_rng(4).normal(size=(2, *GRID.shape))
    given = xr.DataArray(values, dims=("run", "y", "x")).transpose("y", "run", "x")
    assert lp.SpinorGPE(GRID, [lp.Potential(given)]).equation.value("V", 0.0).shape == (2, *GRID.shape)
    assert lp.SpinorGPE(GRID, [lp.Drive(given)]).equation.value("F", 0.0).shape == (2, 1, *GRID.shape)
    with pytest.raises(ValueError, match=r"mass has the dimensions \('run',\); give a number"):
        lp.Kinetic(xr.DataArray([1.0, 2.0], dims="run"))


def test_coordinates_in_another_unit_are_refused():
    given = data(*own())
    given.x.attrs["units"] = given.y.attrs["units"] = "nm"
    psi = xr.DataArray(np.ones((2, *GRID.shape)), dims=("spin", "y", "x"), coords=given.coords)
    for units in (None, {"time": "ps"}, {"time": "ps", "length": "nm"}):  # not known, or the same
        on(given, units=units)
    for profile in (given, 2.0 * lp.pumps.profile(given)):
        with pytest.raises(ValueError, match="coordinates of V are in 'nm', lengths of the model in 'um'"):
            on(profile, units=lp.units.PS_UM)
    with pytest.raises(ValueError, match="coordinates of psi are in 'nm'"):
        lp.SpinorGPE(GRID, [lp.Kinetic(1.0)], units=lp.units.PS_UM).read_start(psi)


def test_a_finer_grid_or_a_larger_cell_takes_the_same_profile():
    cell = lp.Grid(((4.0, 0.0), (0.0, 3.0)), (8, 6))
    wave = np.cos(2 * np.pi * cell.points[0] / 4)
    given = xr.DataArray(wave, dims=("y", "x"), coords=cell.coords)
    model = lp.SpinorGPE(cell, [lp.Kinetic(1.0), lp.Potential(given)])
    large = model.supercell((2, 1))
    np.testing.assert_array_equal(large.equation.value("V", 0.0), np.tile(wave, 2))
    twice = model.replace(grid=lp.Grid(cell.vectors, (16, 6)))
    np.testing.assert_array_equal(twice.equation.value("V", 0.0)[:, ::2], wave)


# starts

MODEL = lp.SpinorGPE(GRID, [lp.Kinetic(1.0), lp.Zeeman(0.3), lp.Interaction(1.0, 0.2)])
PSI = random_field(5, grid=GRID)


@cache
def run():
    return lp.evolve(MODEL, PSI, 0.2, dt=0.1, save=lp.every(0.1))


TURNS = {
    "transposed": lambda ds: ds.transpose("x", "spin", "time", "y"),
    "spins exchanged": lambda ds: ds.isel(spin=[1, 0]),
    "upside down": lambda ds: ds.isel(y=slice(None, None, -1)),
    "all": lambda ds: ds.isel(spin=[1, 0], x=slice(None, None, -1)).transpose("x", "y", "spin", "time"),
}


@pytest.mark.parametrize("turn", TURNS)
def test_a_run_goes_on_from_its_dataset_however_that_is_turned(turn):
    turned = TURNS[turn](run())
    exact = lp.evolve(MODEL, run(), 0.4, dt=0.1)
    for psi0 in (turned, turned.psi, turned.psi.isel(time=-1)):
        found = lp.evolve(MODEL, psi0, 0.4, dt=0.1)
        assert found.psi.values.tobytes() == exact.psi.values.tobytes()
        assert found.time.values.tobytes() == exact.time.values.tobytes()


@pytest.mark.parametrize("turn", TURNS)
def test_what_is_read_off_a_field_does_not_depend_on_the_order_of_its_axes(turn):
    turned, twice = TURNS[turn](run()), lp.Grid.rectangle((16.0, 6.0), (32, 12))
    doors = [
        lp.density, lp.stokes, lp.phase, lambda ds: lp.currents(ds, 1.3, 0.2), lp.momentum_density, lp.amplitudes,
        lp.g1, lambda ds: lp.g1(ds, (0.5, -1.0)), lp.spin_domains, lambda ds: lp.tiled(ds, twice), lp.vortices,
    ]  # fmt: skip
    for door in doors:
        exact, found = door(run()), door(turned)
        for name, variable in exact.data_vars.items():
            there = found[name].sel(spin=["+", "-"]) if "spin" in variable.dims else found[name]
            xr.testing.assert_identical(there.transpose(*variable.dims), variable)


def test_a_search_starts_from_a_turned_state_of_a_coarser_grid():
    terms = [lp.Kinetic(1.0), lp.Gain(0.2, 0.1, 1.0), lp.Interaction(1.0)]
    coarse, fine = (lp.SpinorGPE(lp.Grid.rectangle((8.0, 6.0), (n, m)), terms) for n, m in ((16, 12), (32, 24)))
    start = lp.evolve(coarse, PSI, 0.0, dt=0.1)
    exact = fine.read_guess(start).psi
    for turn in TURNS.values():
        assert fine.read_guess(turn(start)).psi.tobytes() == exact.tobytes()


def test_a_reservoir_next_to_a_data_array():
    model = lp.SpinorGPE(GRID, [lp.Kinetic(1.0), lp.Reservoir(1.0, 1.0, 1.0)])
    first = lp.evolve(model, (PSI, np.abs(PSI)), 0.1, dt=0.1).isel(time=-1)
    pair = first.psi.isel(spin=[1, 0]), first.reservoir.transpose("x", "y", "spin")
    exact, found = model.read_start(first), model.read_start(pair)
    assert np.array_equal(exact.psi, found.psi)
    assert np.array_equal(exact.auxiliary["reservoir"], found.auxiliary["reservoir"])


@pytest.mark.parametrize(
    ("change", "text"),
    [
        (
            lambda psi: psi.rename(x="lon"),
            r"psi must have the dimensions \('spin', 'y', 'x'\); got .*rename\({'lon': 'x'}\)",
        ),
        (lambda psi: psi.isel(spin=[0]), r"labels .* along spin; got \['\+'\]"),
        (lambda psi: psi.assign_coords(x=psi.x + 0.1), "is on 16 x 12 points.*the model is on"),
        (lambda psi: psi.isel(x=slice(8)), "is on 8 x 12 points"),
        (lambda psi: psi.isel(time=[]), "psi has the shape .* which holds no state"),
    ],
)
def test_a_start_elsewhere_is_refused(change, text):
    with pytest.raises(ValueError, match=text):
        lp.evolve(MODEL, change(run().psi), 0.4, dt=0.1)


def test_the_field_on_an_oblique_cell_is_tiled_by_name():
    values = np.random.default_rng(6).normal(size=OBLIQUE.shape)
    model = lp.SpinorGPE(OBLIQUE, [lp.Kinetic(1.0)])
    given = xr.DataArray(values, dims=("y", "x")).transpose()
    np.testing.assert_array_equal(model.tile(given, 2), model.tile(values, 2))
