"""What enters spectra besides plain numbers: wavevectors of any kind, options, what is too large."""

import functools

import numpy as np
import pytest
import xarray as xr
from guises.table import Numbers, guises

import latticepol as lp

HONEYCOMB = lp.lattice.honeycomb()
NET = lp.Network(HONEYCOMB, lp.Site(p=0.3, a=2.28, g=1.0, delta=0.1), J=3.0, dJ=0.9)
K = np.array([[0.5, 0.25], [1.0, -0.5], [0.0, 2.0]])
PATH = HONEYCOMB.path("G K M", 5)


@functools.cache
def state():
    return lp.steady_state(NET, "aligned")


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
    return lp.ribbon(NET, state(), **{"width": 3, "nk": 4, "edges": "compensated", **options}).omega


def _field_ribbon(**options):
    model = field()[0]
    return lp.ribbon(model, **{"width": 2, "edge": (1, 0), "nk": 2, "pad": 1, "basis": 3, **options}).omega


def _reduced(**options):
    model, _, lattice = field()
    return lp.to_network(model, lattice, **{"mesh": 4, "basis": 4, **options})[1].band_difference


#: Arguments and values that tests/guises does not send.
OF_ARRAYS = {
    "one wavevector": (K[0], "axis"),
    "a mesh": (K.repeat(2, axis=0).reshape(3, 2, 2), "k1 k2 axis"),
}
OF_NUMBERS = {
    "basis of chern": (4, lambda x: lp.chern(NET, below=2, mesh=12, basis=x).chern),
    "pad": (2, lambda x: _ribbon(pad=x)),
    "relax": (0, lambda x: _ribbon(relax=x)),
    "width of a field": (2, lambda x: _field_ribbon(width=x)),
    "pad of a field": (1, lambda x: _field_ribbon(pad=x)),
    "basis of a field": (3, lambda x: _field_ribbon(basis=x)),
    "wall": (8, lambda x: _field_ribbon(wall=x)),
}


@pytest.mark.parametrize("door", OF_ARRAYS)
def test_wavevectors_in_any_guise(door):
    values, dims = OF_ARRAYS[door]
    expected = lp.bands(NET, k=values).omega
    same, refused = guises(Numbers(values, dims, free=True, called="k"))
    for given in same.values():
        _same(lp.bands(NET, k=given).omega, expected)
    for given in refused.values():
        with pytest.raises((TypeError, ValueError), match=r"^k "):
            lp.bands(NET, k=given)


@pytest.mark.parametrize("door", OF_NUMBERS)
def test_a_number_in_other_guises(door):
    value, call = OF_NUMBERS[door]
    same, refused = guises(Numbers(value))
    _same(call(same["the other byte order"]), call(value))
    for given in refused.values():
        with pytest.raises((TypeError, ValueError), match=rf"^{door.split()[0]} "):
            call(given)


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
        lp.bands(NET, k=state()[["psi", "mu"]])


def test_components_of_wavevectors_go_by_their_names():
    _same(lp.bands(NET, k=PATH.isel(axis=[1, 0])).omega, lp.bands(NET, k=PATH).omega)


def test_wavevectors_with_names_of_their_own_get_coordinates():
    found = lp.bands(NET, k=xr.DataArray(K, dims=("cut", "axis")))
    assert found.omega.dims == ("cut", "mode")
    _same(found.kx, K[:, 0])


def test_spins_go_by_their_names():
    ds = lp.bogoliubov(NET, state(), k=PATH, vectors=True)
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
    "vectors of bogoliubov": lambda x: lp.bogoliubov(NET, state(), k=K, vectors=x).omega,
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
            lambda: lp.bogoliubov(NET, state(), k=K, near=0.1),
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
        (lambda: lp.bogoliubov(NET, state().assign(mu=np.nan), k=K), "mu must be finite; got nan"),
        (lambda: lp.bogoliubov(NET, state().assign(psi=state().psi * np.nan), k=K), r"psi holds \(?nan"),
        (lambda: lp.to_network(field()[0], "square"), "lattice is 'square'; give a lp.Lattice"),
    ],
)
def test_bad_input(call, message):
    with pytest.raises((TypeError, ValueError), match=message):
        call()
