"""What enters spectra: the same wavevectors and numbers in any guise, and what is refused."""

import functools

import numpy as np
import pytest
import xarray as xr
from same_numbers import NONSENSE, arrays, masked, numbers

import latticepol as lp

HONEYCOMB = lp.lattice.honeycomb()
NET = lp.Network(HONEYCOMB, lp.Site(p=0.3, a=2.28, g=1.0, delta=0.1), J=3.0, dJ=0.9)
STATE = lp.steady_state(NET, "aligned")
K = np.array([[0.5, 0.25], [1.0, -0.5], [0.0, 2.0]])
PATH = HONEYCOMB.path("G K M", 5)


@functools.cache
def field():
    """A lattice of wells on few points; a uniform field and its state."""
    lattice = lp.lattice.square().scaled(2.0)
    terms = [
        lp.Kinetic(1.0),
        lp.Splitting(0.25, 0.125),
        lp.Zeeman(0.25),
        lp.Interaction(0.5, 0.0),
        lp.Gain(1.5, 1.0, 0.5),
    ]
    V = lp.Potential(lambda x, y: -8 * (np.cos(np.pi * x) + np.cos(np.pi * y)))
    uniform = lp.SpinorGPE(lp.Grid.cell(lattice, 6), terms)
    psi = np.multiply.outer([1.0, -1.0], np.ones((6, 6)))
    return lp.SpinorGPE(lp.Grid.cell(lattice, 12), [*terms, V]), (uniform, lp.steady_state(uniform, psi)), lattice


def _same(found, expected):
    if isinstance(found, xr.DataArray) and isinstance(expected, xr.DataArray):
        found = found.transpose(*expected.dims)  # a mesh comes out as it goes in
    found, expected = (x.values if isinstance(x, xr.DataArray) else np.asarray(x) for x in (found, expected))
    assert found.tobytes() == expected.tobytes()
    assert found.shape == expected.shape


def _ribbon(**options):
    return lp.ribbon(NET, STATE, **{"width": 3, "nk": 4, "edges": "compensated", **options}).omega


def _field_ribbon(**options):
    model = field()[0]
    return lp.ribbon(model, **{"width": 2, "edge": (1, 0), "nk": 2, "pad": 1, "basis": 3, **options}).omega


def _near(**options):
    return lp.bogoliubov(*field()[1], k=[0.25, 0.125], **{"near": 0.5, "modes": 2, "basis": 4, **options}).omega


def _reduced(**options):
    model, _, lattice = field()
    return lp.to_network(model, lattice, **{"mesh": 4, "basis": 4, **options})[1].band_difference


#: Door and argument -> (what it is given, its dimensions, what comes out).
OF_ARRAYS = {
    "bands": (K, ("k", "axis"), lambda x: lp.bands(NET, k=x).omega),
    "one wavevector": (K[0], ("axis",), lambda x: lp.bands(NET, k=x).omega),
    "a mesh": (K.repeat(2, axis=0).reshape(3, 2, 2), ("k1", "k2", "axis"), lambda x: lp.bands(NET, k=x).omega),
    "bogoliubov": (K, ("k", "axis"), lambda x: lp.bogoliubov(NET, STATE, k=x, vectors=True).right),
    "bands of a field": (K, ("k", "axis"), lambda x: lp.bands(field()[0], k=x, basis=4).omega),
    "mesh": (np.array([6, 8]), ("vector",), lambda x: lp.gap(NET, below=2, mesh=x).direct_gap),
    "edge": (np.array([1, 0]), ("vector",), lambda x: _ribbon(edge=x)),
}
OF_NUMBERS = {
    "below": (2.0, lambda x: lp.gap(NET, below=x, mesh=6).direct_gap),
    "mesh": (6.0, lambda x: lp.gap(NET, below=2, mesh=x).direct_gap),
    "tol": (2.0**-10, lambda x: lp.gap(NET, below=2, mesh=6, tol=x).direct_gap),
    "below of chern": (2.0, lambda x: lp.chern(NET, below=x, mesh=12).chern),
    "mesh of chern": (12.0, lambda x: lp.chern(NET, below=2, mesh=x).direct_gap),
    "tol of chern": (2.0**-10, lambda x: lp.chern(NET, below=2, mesh=12, tol=x).chern),
    "basis of chern": (4.0, lambda x: lp.chern(NET, below=2, mesh=12, basis=x).chern),
    "mesh of berry_curvature": (12.0, lambda x: lp.berry_curvature(NET, below=2, mesh=x).berry_curvature),
    "width": (3.0, lambda x: _ribbon(width=x)),
    "nk": (4.0, lambda x: _ribbon(nk=x)),
    "near": (0.25, lambda x: _ribbon(near=x)),
    "pad": (2.0, lambda x: _ribbon(pad=x)),
    "relax": (0.0, lambda x: _ribbon(relax=x)),
    "basis": (4.0, lambda x: lp.bands(field()[0], k=K, basis=x).omega),
    "modes": (2.0, lambda x: _near(modes=x)),
    "near of bogoliubov": (0.5, lambda x: _near(near=x)),
    "basis of bogoliubov": (4.0, lambda x: _near(basis=x)),
    "width of a field": (2.0, lambda x: _field_ribbon(width=x)),
    "pad of a field": (1.0, lambda x: _field_ribbon(pad=x)),
    "basis of a field": (3.0, lambda x: _field_ribbon(basis=x)),
    "wall": (8.0, lambda x: _field_ribbon(wall=x)),
    "mesh of to_network": (4.0, lambda x: _reduced(mesh=x)),
    "basis of to_network": (4.0, lambda x: _reduced(basis=x)),
}
#: Those that cost most are asked in few guises.
SLOW = ("width of a field", "pad of a field", "basis of a field", "wall", "mesh of to_network", "basis of to_network")


@pytest.mark.parametrize("door", OF_ARRAYS)
def test_the_same_numbers_in_any_guise(door):
    values, dims, call = OF_ARRAYS[door]
    expected = call(values.copy())
    for given in arrays(values, dims).values():
        _same(call(given), expected)


@pytest.mark.parametrize("door", OF_ARRAYS)
def test_a_mask_that_hides_something_is_refused(door):
    values, _, call = OF_ARRAYS[door]
    with pytest.raises(ValueError, match="masks 1 of its"):
        call(masked(values))
    with pytest.raises(ValueError, match="holds nan"):
        call(np.full(values.shape, np.nan))


@pytest.mark.parametrize("door", OF_NUMBERS)
def test_the_same_number_in_any_guise(door):
    value, call = OF_NUMBERS[door]
    expected = call(value)
    found = numbers(value)
    for name in ("big-endian", "int", "DataArray") if door in SLOW else found:
        if name in found:
            _same(call(found[name]), expected)


@pytest.mark.parametrize("door", OF_NUMBERS)
@pytest.mark.parametrize("nonsense", NONSENSE)
def test_what_is_no_number_is_refused(door, nonsense):
    if (door, nonsense) == ("near of bogoliubov", "complex"):
        pytest.skip("a frequency may be complex")
    with pytest.raises((TypeError, ValueError), match=rf"^{door.split()[0]} "):
        OF_NUMBERS[door][1](NONSENSE[nonsense])


def test_wavevectors_may_be_a_dataset():
    expected = lp.bands(NET, k=PATH)
    for given in (PATH.to_dataset(name="wavevector"), expected, expected[["omega"]], PATH.transpose()):
        found = lp.bands(NET, k=given)
        _same(found.omega, expected.omega)
        assert found.omega.dims == ("k", "mode")
        assert found.point.values.tolist() == expected.point.values.tolist()
        _same(found.distance, expected.distance)
    mesh = HONEYCOMB.mesh((3, 4))
    for given in (mesh, mesh.to_dataset(name="wavevector"), lp.bands(NET, k=mesh), mesh.transpose("axis", "k1", "k2")):
        assert lp.bands(NET, k=given).equals(lp.bands(NET, k=mesh))
    with pytest.raises(ValueError, match=r"k is a Dataset without kx and ky, it has \['psi'"):
        lp.bands(NET, k=STATE[["psi", "mu"]])


def test_components_of_wavevectors_go_by_their_names():
    _same(lp.bands(NET, k=PATH.isel(axis=[1, 0])).omega, lp.bands(NET, k=PATH).omega)


def test_wavevectors_with_names_of_their_own_get_coordinates():
    found = lp.bands(NET, k=xr.DataArray(K, dims=("cut", "axis")))
    assert found.omega.dims == ("cut", "mode")
    _same(found.kx, K[:, 0])


def test_spins_go_by_their_names():
    ds = lp.bogoliubov(NET, STATE, k=PATH, vectors=True)
    turned = ds.isel(spin=[1, 0], nambu=[1, 0])
    _same(lp.mode_polarisation(turned).circular_polarisation, lp.mode_polarisation(ds).circular_polarisation)


CHOICES = {
    "closed": lambda x: lp.chern(NET, below=2, mesh=12, closed=x),
    "edges": lambda x: _ribbon(edges=x),
    "estimate": lambda x: _reduced(estimate=x),
}
FLAGS = {
    "losses": lambda x: lp.bands(NET, k=K, losses=x).omega,
    "vectors": lambda x: lp.bands(NET, k=K, vectors=x).omega,
    "losses of gap": lambda x: lp.gap(NET, below=2, mesh=6, losses=x).line_gap,
    "losses of chern": lambda x: lp.chern(NET, below=2, mesh=12, losses=x, closed="nan").direct_gap,
    "losses of ribbon": lambda x: lp.ribbon(NET, width=3, nk=4, losses=x).omega,
    "vectors of bogoliubov": lambda x: lp.bogoliubov(NET, STATE, k=K, vectors=x).omega,
}


@pytest.mark.parametrize("door", CHOICES)
@pytest.mark.parametrize("nonsense", [None, 1.0, ["raise"], {}, "nothing"], ids=repr)
def test_an_option_is_one_of_its_texts(door, nonsense):
    with pytest.raises((TypeError, ValueError), match=rf"{door} .*use '"):
        CHOICES[door](nonsense)


@pytest.mark.parametrize("door", FLAGS)
def test_a_truth_value_is_one(door):
    for given in (1, np.True_, xr.DataArray(True)):
        _same(FLAGS[door](given), FLAGS[door](True))
    for nonsense in ("no", None, 2, [True, False]):
        with pytest.raises((TypeError, ValueError), match=door.split()[0]):
            FLAGS[door](nonsense)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (
            lambda: lp.bogoliubov(NET, STATE, k=K, near=0.1),
            r"near = \(0\.1\+0j\) searches .* of a large field; .* leave near out",
        ),
        (lambda: lp.bands(NET, k=None), "k is None; give"),
        (lambda: lp.bands(NET, k={}), "k is a dict; give"),
        (lambda: lp.bands(NET, k=["G", "K"]), "k = .* is a text"),
        (lambda: lp.bands(NET, k=[1j, 0]), "k holds complex values"),
        (lambda: lp.gap(NET, below=2, mesh=None), "mesh is None; give an integer, or two"),
        (lambda: lp.gap(NET, below=2, mesh=(3, 3, 3)), r"mesh has shape \(3,\)"),
        (lambda: lp.gap(NET, below=2, mesh=2), "mesh must be an integer from 3"),
        (lambda: lp.gap(NET, below=2, mesh=1e9), "mesh must be an integer from 3 up to"),
        (lambda: lp.gap(NET, below=2, mesh=50_000), "mesh = 50000 x 50000 has too many points"),
        (lambda: lp.chern(NET, below=2, mesh=0), "mesh must be an integer from 3"),
        (lambda: lp.chern(NET, below=2, mesh=10**9), "mesh must be an integer from 3 up to 4096"),
        (lambda: lp.gap(NET, below=2, tol=None), "tol is None; give the accuracy"),
        (lambda: lp.chern(NET, below=2, tol=None), "tol is None; give the smallest gap"),
        (lambda: lp.ribbon(NET, width=10**9), "width must be an integer from 1 up to"),
        (lambda: lp.ribbon(NET, width=2, nk=10**9), "nk must be an integer from 2 up to"),
        (lambda: lp.bogoliubov(NET, STATE.assign(mu=np.nan), k=K), "mu must be finite; got nan"),
        (lambda: lp.bogoliubov(NET, STATE.assign(psi=STATE.psi * np.nan), k=K), r"psi holds \(?nan"),
        (lambda: lp.to_network(field()[0], "square"), "lattice is 'square'; give a lp.Lattice"),
    ],
)
def test_bad_input(call, message):
    with pytest.raises((TypeError, ValueError), match=message):
        call()
