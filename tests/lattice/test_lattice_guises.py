"""What enters a lattice besides plain numbers: masks, names, what is too large."""

import numpy as np
import pytest
import xarray as xr
from guises.table import Numbers, guises

from latticepol import lattice

VECTORS = np.array([[2.0, 0.0], [1.0, 2.0]])
BASIS = np.array([[0.0, 0.0], [1.0, 0.5]])
BONDS = np.array([[0, 1, 0, 0], [1, 0, 1, 0], [1, 0, 0, 1]])
STRENGTHS = np.array([1.0, 0.5, 0.25])
OBLIQUE = lattice.Lattice(VECTORS, BASIS, BONDS, STRENGTHS)


def _data(found):
    if isinstance(found, lattice.Lattice):
        return [*(getattr(found, name) for name in ("vectors", "basis", "bonds", "strengths")), *found.cuts]
    return [found.values if isinstance(found, xr.DataArray) else np.asarray(found)]


def _same(found, expected):
    for some, other in zip(_data(found), _data(expected), strict=True):
        assert some.tobytes() == other.tobytes()
        assert some.shape == other.shape


#: What is a list of corners in none of these.
NO_LIST = ("a DataArray", "a DataArray with its dimensions turned", "an object with __array__")


@pytest.mark.parametrize(
    ("call", "values", "passes"),
    [
        (lambda x: OBLIQUE.replace(points={"X": x, "G": (0, 0)}).path("G X", 5), [0.5, 0.25], ()),
        (lambda x: OBLIQUE.path(x, 5), [[0.0, 0.0], [0.5, 0.25]], NO_LIST),
    ],
)
def test_points_in_any_guise(call, values, passes):
    """All other arguments are sent in tests/guises."""
    expected = call(values)
    same, refused = guises(Numbers(np.array(values)))
    for name, given in same.items():
        if name not in passes:
            _same(call(given), expected)
    for given in refused.values():
        with pytest.raises((TypeError, ValueError), match=r"X|points|corner"):
            call(given)


def test_sites_may_be_a_mask_of_any_kind():
    large = OBLIQUE.supercell((2, 2))
    mask = np.arange(8) % 3 == 2
    for given in (mask, mask.tolist(), np.ma.masked_array(mask, mask=False), xr.DataArray(mask, dims="site")):
        _same(large.without(given), large.without([2, 5]))
    with pytest.raises(ValueError, match="masks 1 of its 8"):
        large.without(np.ma.masked_array(mask, mask=mask & (np.arange(8) > 2)))


def test_components_go_by_their_names():
    turned = xr.DataArray(BASIS[:, ::-1], dims=("site", "axis"), coords={"axis": ["y", "x"]})
    _same(lattice.Lattice(VECTORS, turned, BONDS, STRENGTHS), OBLIQUE)


@pytest.mark.parametrize("text", [np.str_("G X"), np.array("G X"), np.array(["G", "X"])], ids=repr)
def test_names_of_points_in_any_guise(text):
    _same(OBLIQUE.path(text, 5), OBLIQUE.path("G X", 5))


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: OBLIQUE.path(None, 5), "points is None; give names"),
        (lambda: OBLIQUE.path(3, 5), "points is 3; give names"),
        (lambda: OBLIQUE.patch("2 x 2"), "shape = '2 x 2' is a text"),
        (lambda: OBLIQUE.patch((2, 2), prune="no"), "prune = 'no' is a text"),
        (lambda: OBLIQUE.without([[0]]), r"sites has shape \(1, 1\); give a list of indices, or a mask \(2,\)"),
        (lambda: OBLIQUE.site_disorder(1, 0, law=None), "law is None; use 'uniform' or 'normal'"),
        (lambda: OBLIQUE.ribbon(3, None), "edge is None; give 'zigzag'"),
        (lambda: OBLIQUE.ribbon(3, {}), "edge is a dict; give 'zigzag'"),
        (lambda: OBLIQUE.ribbon(3, (10**9, 1)), "edge must be"),
        (lambda: OBLIQUE.supercell(10**9), r"counts makes a piece of 1e\+18 cells; give one of at most 1e\+07"),
        (lambda: OBLIQUE.supercell([[1, 10**9], [0, 1]]), r"counts makes a piece of"),
        (lambda: OBLIQUE.patch((10**9, 2)), r"shape makes a piece of 2e\+09 cells"),
        (lambda: OBLIQUE.patch(lattice.disk(3), size=1e9), r"size makes a piece of 4e\+18 cells"),
        (lambda: OBLIQUE.mesh(10**5), r"n makes a piece of 1e\+10 cells"),
        (lambda: lattice.neighbours(VECTORS, BASIS, 1e300), "distance makes a piece of inf cells"),
        (lambda: OBLIQUE.ribbon(10**9, (1, 0)), "width must be an integer from 1 up to 100000"),
    ],
)
def test_bad_input(call, message):
    with pytest.raises((TypeError, ValueError), match=message):
        call()
