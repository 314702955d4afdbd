"""The first mistakes in a figure: another Dataset, another variable, an axis that does not exist."""

import functools

import matplotlib

matplotlib.use("Agg")

import matplotlib.pyplot as plt
import numpy as np
import pytest
from newcomer_cases import HONEYCOMB, NET, PSI, SITE, refused

import latticepol as lp


@pytest.mark.parametrize(
    ("draw", "missing", "door"),
    [
        (lp.plot.bands, "omega, mode", "lp.bands, lp.bogoliubov or lp.ribbon"),
        (lp.plot.branches, "along, stable", "lp.branches"),
        (lp.plot.bifurcation, "along, stable", "lp.branches"),
        (lp.plot.folds, "opens", "lp.folds"),
        (lp.plot.berry_curvature, "berry_curvature", "lp.berry_curvature"),
        (lp.plot.spectrum, "spectral_density", "lp.spectrum"),
        (lp.plot.special_points, "along, special_kind", "lp.branches"),
        (lp.plot.hysteresis, "along, direction", "a sweep up and one down"),
        (lambda ds: lp.plot.gap(ds, "p", "delta"), "direct_gap", "lp.gap over two parameters, lp.sweep(lp.gap, net,"),
    ],
)
def test_a_plot_of_another_dataset_is_told_the_function_that_makes_it(draw, missing, door):
    other = lp.g_eff(SITE, p=[0.1, 0.2], delta=[0.1, 0.2])
    refused(lambda: draw(other), f"effective g-factor has no {missing} to be drawn; give the Dataset of {door}")
    refused(lambda: draw(other.chi), "this DataArray has no", door)
    for given, what in ((HONEYCOMB, "a Lattice"), (None, "None"), (np.ones((2, 3)), "a ndarray of shape (2, 3)")):
        refused(lambda g=given: draw(g), f"dataset is {what}; give the Dataset of {door}", error=TypeError)


OVER_AXES = [
    functools.partial(lp.plot.colour_map, y="delta"),
    functools.partial(lp.plot.contours, y="delta", levels=[1.0]),
    lp.plot.lines,
    lambda variable, x: lp.plot.gap(variable.to_dataset(), x, "delta", variable=variable.name),
]


@pytest.mark.parametrize("draw", OVER_AXES, ids=["colour_map", "contours", "lines", "gap"])
def test_an_axis_that_is_none_is_told_those_there_are(draw):
    variable = lp.fixed_points(SITE, p=[0.1, 0.2], delta=[0.1, 0.2]).chi
    refused(lambda: draw(variable.isel(state=0), x="J"), "'chi' has no axis 'J'; its axes are ['p', 'delta']")
    refused(lambda: draw(variable, x="p"), "'chi' has several values along", ".isel(state=0) or .sel(...)")
    refused(lambda: draw(variable.isel(state=0, p=0, delta=0), x="p"), "it is one number; lp.sweep(function, model")
    plt.close("all")


@pytest.mark.parametrize("draw", [lp.plot.field_map, lp.plot.site_map, *OVER_AXES[:3]])
def test_what_is_no_variable_is_told_to_be_one(draw, of_network, of_field):
    draw = draw if draw in (lp.plot.field_map, lp.plot.site_map) else functools.partial(draw, x="p")
    whole = "a whole Dataset was given; give one of its variables"
    refused(lambda: draw(lp.stokes(of_field)), f"{whole} ['S', 'S_x'", "ds.S_z", error=TypeError)
    refused(lambda: draw(of_field), whole, "lp.stokes(ds).S_z", error=TypeError)
    refused(lambda: draw(of_network), whole, "ds.pseudospin.sel(axis='z')", error=TypeError)
    refused(lambda: draw(NET), "variable is a Network; give a variable of a Dataset", error=TypeError)
    refused(lambda: draw(of_field.psi), "'psi' holds no real numbers but complex128", "lp.density")
    refused(lambda: draw(of_network.psi), "'psi' holds no real numbers but complex128", "variables=['pseudospin']")


def test_a_map_is_told_what_draws_the_other_kind(of_network, of_field):
    refused(lambda: lp.plot.field_map(of_network.pseudospin), "must have the dimensions ('y', 'x')", "lp.plot.site_map")
    refused(lambda: lp.plot.site_map(lp.stokes(of_field).S), "must have the dimensions ('site',)", "lp.plot.field_map")


def test_a_lattice_is_drawn_and_no_other():
    refused(lambda: lp.plot.lattice(NET), "lat is a Network; give a lp.Lattice, here net.lattice", error=TypeError)
    refused(lambda: lp.plot.lattice(None), "lat is None", "lp.lattice.honeycomb()", error=TypeError)


def test_a_colour_of_bands_is_a_colour_or_a_variable():
    spectrum = lp.bands(NET, k=[[0.0, 0.0], [0.1, 0.0]]).rename(k="k")
    refused(lambda: lp.plot.bands(spectrum, colour="nosuch"), "colour = 'nosuch' is neither a colour nor a variable")
    refused(lambda: lp.plot.bands(spectrum, colour="omega"), "colour = 'omega' is neither a colour nor a variable")
    door = "give the Dataset of lp.mode_polarisation(lp.bands(..., vectors=True))"
    refused(lambda: lp.plot.bands(spectrum, colour="circular_polarisation"), door)
    refused(lambda: lp.plot.bands(spectrum, "red"), "ax is 'red'; give an axis of matplotlib", error=TypeError)
    axes = np.array([None, None])
    refused(
        lambda: lp.plot.bands(spectrum, axes), "a ndarray of shape (2,); give an axis", "one of these", error=TypeError
    )
    assert lp.plot.bands(spectrum, colour="k").collections[-1].get_facecolor()[0].tolist() == [0, 0, 0, 1]
    plt.close("all")


def test_a_variable_along_branches_is_one_that_is_there():
    found = lp.branches(lp.Site(p=0.0, a=1.0, g=3.0), span=(3.0, 9.0), points=5)
    refused(lambda: lp.plot.branches(found, "nosuch"), "variable 'nosuch' is not known; there are ['pseudospin',")
    refused(lambda: lp.plot.special_points(found, "chi"), "variable 'chi'", "('s_x', 's_y', 's_z')")
    plt.close("all")


def test_four_maps_and_two_spins(of_field):
    refused(lambda: lp.plot.stokes(of_field, "red"), "axes must hold four")
    for draw in (lp.plot.density, lp.plot.phase):
        refused(lambda d=draw: d(of_field, spin="up"), "spin = 'up' is not known; use '+' or '-'")


OF_FIELDS = [
    lp.density, lp.stokes, lp.phase, lp.vortices, lp.spectrum, lp.amplitudes, lp.momentum_density, lp.g1,
    lp.spin_domains, lp.plot.density, lp.plot.stokes, lp.plot.phase,
]  # fmt: skip


@pytest.mark.parametrize("door", OF_FIELDS, ids=lambda door: f"{door.__module__.split('.')[1]}.{door.__name__}")
def test_a_network_where_a_field_is_needed_is_told_what_it_has(door, of_network):
    instead = "of a network draw the pseudospin, lp.plot.site_map(ds.pseudospin.sel(axis='z'))"
    refused(lambda: door(of_network), "there is ('site', 'spin')", instead, "lp.evolve with variables=['pseudospin']")
    for given, what in (
        (None, "None"),
        (PSI, "a ndarray of shape (2, 16, 16)"),
        (of_network.psi, "the variable 'psi'"),
    ):
        refused(lambda g=given: door(g), f"dataset is {what}", "give the Dataset of lp.evolve", error=TypeError)


def test_the_film_of_a_network_is_told_what_works(tmp_path):
    start = functools.partial(lp.evolve, NET, "aligned", 0.2, dt=0.1, save=lp.every(0.1), progress=False)
    run = start(variables=["pseudospin"])
    works = "lp.plot.animation(run.sel(axis='z'), 'n.gif', 'pseudospin')"
    for out in (start(), run):
        refused(lambda o=out: lp.plot.animation(o, "n.gif"), "'S_z' is not known", "variables=['pseudospin']", works)
    refused(lambda: lp.plot.animation(run, "n.gif", "pseudospin"), "choose one with .sel(axis='z')")
    refused(lambda: lp.plot.animation(start(), "n.gif", "psi", spin="+"), "no real numbers")
    refused(lambda: lp.plot.animation(NET, "n.gif"), "dataset is a Network", error=TypeError)
    assert lp.plot.animation(run.sel(axis="z"), tmp_path / "n.gif", "pseudospin", dpi=20).exists()  # as it says


def test_bands_of_a_mesh_are_told_what_draws_them():
    mesh = lp.bands(NET, k=HONEYCOMB.mesh(3))
    message = refused(lambda: lp.plot.bands(mesh), "('k1', 'k2', 'mode')", "k=lattice.path('G K M G', 200)")
    lp.plot.colour_map(mesh.omega.isel(mode=0).real, "k1", "k2")  # as it says
    assert "lp.plot.colour_map(ds.omega.isel(mode=0).real, 'k1', 'k2')" in message
