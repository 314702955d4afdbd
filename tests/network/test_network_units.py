"""Units of what comes out of a network: those of a field on the same lattice."""

from functools import cache

import numpy as np
import pytest

import latticepol as lp

LATTICE = lp.lattice.honeycomb().scaled(3.0)
NET = lp.Network(LATTICE, lp.Site(p=0.3, a=2.28, g=1.0, delta=0.1), J=3.0, dJ=0.9, units=lp.units.PS_UM)
PATH = LATTICE.path("G K M", 5)
#: Sums of a few numbers of order one.
ROUNDING = 1e-12


@cache
def state():
    return lp.steady_state(NET, "aligned")


#: What comes out -> variable or coordinate -> its unit.
RESULTS = {
    "steady_state": (
        lambda net: lp.steady_state(net, state()),
        {"x": "um", "y": "um", "mu": "ps-1", "residual": "ps-1", "growth_rate": "ps-1", "psi": "1", "pseudospin": "1"},
    ),
    "evolve": (lambda net: lp.evolve(net, state(), 1.0, dt=0.05, t0=0.0), {"x": "um", "y": "um", "time": "ps"}),
    "bands": (lambda net: lp.bands(net, k=PATH), {"kx": "um-1", "ky": "um-1", "distance": "um-1", "omega": "ps-1"}),
    "bands of a mesh": (lambda net: lp.bands(net, k=LATTICE.mesh(3)), {"kx": "um-1", "ky": "um-1", "k1": "1"}),
    "bands of an array": (lambda net: lp.bands(net, k=PATH.values, vectors=True), {"kx": "um-1", "x": "um"}),
    "bogoliubov": (
        lambda net: lp.bogoliubov(net, state(), k=PATH), {"kx": "um-1", "distance": "um-1", "growth_rate": "ps-1"}
    ),
    "response": (
        lambda net: lp.response(net, state(), k=PATH, omega=[1.0], noise=1.0, probe=True),
        {"kx": "um-1", "omega": "ps-1", "spectral_density": "1", "stokes_noise": "1", "response": "ps", "mu": "ps-1"},
    ),
    "gap": (
        lambda net: lp.gap(net, state(), below=2, mesh=6),
        {"k_gap": "um-1", "direct_gap": "ps-1", "line_gap": "ps-1", "growth_rate": "ps-1"},
    ),
    "chern": (lambda net: lp.chern(net, state(), below=2, mesh=24), {"chern": "1", "direct_gap": "ps-1"}),
    "berry_curvature": (
        lambda net: lp.berry_curvature(net, state(), below=2, mesh=24),
        {"berry_curvature": "um2", "kx": "um-1", "ky": "um-1"},
    ),
    "ribbon": (
        lambda net: lp.ribbon(net, state(), width=3, nk=4, edges="compensated"),
        {"k": "um-1", "velocity": "um ps-1", "omega": "ps-1", "x": "um", "y": "um", "edge_weight": "1"},
    ),
    "sweep": (
        lambda net: lp.sweep(lp.gap, net, delta=[0.1, 0.2], executor="serial", options={"below": 2, "mesh": 6}),
        {"k_gap": "um-1", "direct_gap": "ps-1"},
    ),
}  # fmt: skip


@pytest.mark.parametrize("door", RESULTS)
def test_lengths_and_wavevectors_have_units(door):
    call, units = RESULTS[door]
    found = call(NET)
    assert {name: found[name].attrs["units"] for name in units} == units


def test_units_of_time_leave_lengths_to_the_lattice():
    net = NET.replace(units={"time": "ps"})
    expected = {"k": "1", "velocity": "ps-1", "omega": "ps-1", "x": "1"}
    found = RESULTS["ribbon"][0](net)
    assert {name: found[name].attrs["units"] for name in expected} == expected
    bare = RESULTS["ribbon"][0](net.replace(units=None))
    assert {bare[name].attrs["units"] for name in expected} == {"1"}
    lengths = RESULTS["bands"][0](net.replace(units={"length": "um"}))
    assert (lengths.kx.attrs["units"], lengths.omega.attrs["units"]) == ("um-1", "1")


def test_lengths_are_those_of_the_lattice():
    """Three times the lattice: a third of the wavevectors, nine times the Berry curvature, and its integral stays."""
    small = NET.replace(lattice=lp.lattice.honeycomb())
    here, there = (lp.berry_curvature(net, below=2, mesh=12) for net in (NET, small))
    np.testing.assert_allclose(here.kx, there.kx / 3, atol=ROUNDING)
    np.testing.assert_allclose(
        here.berry_curvature, 9 * there.berry_curvature, rtol=1e-6
    )  # of fluxes near a gap of 0.1


def test_the_network_of_a_field_keeps_its_units():
    lattice = lp.lattice.square().scaled(3.0)
    pillars = lp.potentials.pillars(6.0, lattice, 1.4, edge=0.5)
    terms = [lp.Kinetic(0.43), lp.Potential(pillars), lp.Gain(0.12, 0.1, 0.005), lp.Interaction(0.01, 0.0)]
    model = lp.SpinorGPE(lp.Grid.cell(lattice, 20), terms, units=lp.units.PS_UM)
    net, report = lp.to_network(model, lattice, mesh=4)
    assert net.units == lp.units.PS_UM
    assert report.position.attrs["units"] == "um"
    k = lattice.path("G X", 3)
    assert lp.bands(net, k=k).distance.attrs["units"] == lp.bands(model, k=k).distance.attrs["units"] == "um-1"
