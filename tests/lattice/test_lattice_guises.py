"""What enters a lattice: the same numbers in any guise, and what is refused."""

import numpy as np
import pytest
import xarray as xr
from same_numbers import NONSENSE, arrays, masked, numbers

from latticepol import lattice

VECTORS = np.array([[2.0, 0.0], [1.0, 2.0]])
BASIS = np.array([[0.0, 0.0], [1.0, 0.5]])
BONDS = np.array([[0, 1, 0, 0], [1, 0, 1, 0], [1, 0, 0, 1]])
STRENGTHS = np.array([1.0, 0.5, 0.25])
OBLIQUE = lattice.Lattice(VECTORS, BASIS, BONDS, STRENGTHS)
HONEYCOMB = lattice.honeycomb()


def _data(found):
    if isinstance(found, lattice.Lattice):
        return [*(getattr(found, name) for name in ("vectors", "basis", "bonds", "strengths")), *found.cuts]
    return [found.values if isinstance(found, xr.DataArray) else np.asarray(found)]


def _same(found, expected):
    for some, other in zip(_data(found), _data(expected), strict=True):
        assert some.tobytes() == other.tobytes()
        assert some.shape == other.shape


#: Door and argument -> (what it is given, its dimensions, what comes out).
OF_ARRAYS = {
    "vectors": (VECTORS, ("vector", "axis"), lambda x: lattice.Lattice(x, BASIS, BONDS, STRENGTHS)),
    "basis": (BASIS, ("site", "axis"), lambda x: lattice.Lattice(VECTORS, x, BONDS, STRENGTHS)),
    "bonds": (BONDS, ("bond", "end"), lambda x: lattice.Lattice(VECTORS, BASIS, x, STRENGTHS)),
    "strengths": (STRENGTHS, ("bond",), lambda x: OBLIQUE.replace(strengths=x)),
    "sublattice": (np.array([0, 1]), ("site",), lambda x: OBLIQUE.replace(sublattice=x)),
    "parent_bond": (np.array([0, 1, 2]), ("bond",), lambda x: OBLIQUE.replace(parent_bond=x).parent_bond),
    "points": (
        np.array([0.5, 0.25]), ("vector",), lambda x: OBLIQUE.replace(points={"X": x, "G": (0, 0)}).path("G X", 5)
    ),
    "corner": (np.array([0.5, 0.25]), ("vector",), lambda x: OBLIQUE.path(["G", x], 5)),
    "corners": (np.array([[0.0, 0.0], [0.5, 0.25]]), None, lambda x: OBLIQUE.path(x, 5)),
    "mesh": (np.array([3, 4]), ("vector",), OBLIQUE.mesh),
    "offset": (np.array([0.5, 0.25]), ("vector",), lambda x: OBLIQUE.mesh(3, offset=x)),
    "supercell": (np.array([2, 3]), ("vector",), OBLIQUE.supercell),
    "supercell, matrix": (np.array([[2, 0], [-1, 3]]), None, OBLIQUE.supercell),
    "patch": (np.array([2, 3]), ("vector",), OBLIQUE.patch),
    "without": (np.array([2, 5]), ("site",), OBLIQUE.supercell((2, 2)).without),
    "edge": (np.array([1, 2]), ("vector",), lambda x: OBLIQUE.ribbon(3, x)),
    "neighbours, vectors": (VECTORS, ("vector", "axis"), lambda x: lattice.neighbours(x, BASIS)),
    "neighbours, basis": (BASIS, ("site", "axis"), lambda x: lattice.neighbours(VECTORS, x)),
}  # fmt: skip
OF_NUMBERS = {
    "n": (8.0, lambda x: OBLIQUE.path("G X", x)),
    "n of a mesh": (4.0, OBLIQUE.mesh),
    "offset": (0.5, lambda x: OBLIQUE.mesh(3, offset=x)),
    "counts": (2.0, OBLIQUE.supercell),
    "factor": (2.5, OBLIQUE.scaled),
    "width": (3.0, lambda x: OBLIQUE.ribbon(x, (1, 0))),
    "shift": (0.5, lambda x: HONEYCOMB.ribbon(3, shift=x)),
    "size": (4.0, lambda x: OBLIQUE.patch(lattice.disk(3.0), size=x)),
    "width of disorder": (0.5, lambda x: OBLIQUE.site_disorder(x, 0)),
    "width of bond disorder": (0.5, lambda x: OBLIQUE.bond_disorder(x, 0)),
    "radius": (2.5, lambda x: HONEYCOMB.patch(lattice.disk(x))),
    "radius of a hexagon": (2.5, lambda x: HONEYCOMB.patch(lattice.hexagon(x))),
    "angle": (0.5, lambda x: HONEYCOMB.patch(lattice.hexagon(4.0, angle=x))),
    "lx": (2.5, lambda x: HONEYCOMB.patch(lattice.rectangle(x, 4.0))),
    "ly": (2.5, lambda x: HONEYCOMB.patch(lattice.rectangle(4.0, x))),
    "dimerisation": (0.5, lattice.chain),
    "distance": (2.0, lambda x: lattice.neighbours(VECTORS, BASIS, x)),
    "tol": (0.5, lambda x: lattice.neighbours(VECTORS, BASIS, tol=x)),
}


@pytest.mark.parametrize("door", OF_ARRAYS)
def test_the_same_numbers_in_any_guise(door):
    values, dims, call = OF_ARRAYS[door]
    expected = call(values.copy())
    for given in arrays(values, dims).values():
        if door != "corners" or not isinstance(given, xr.DataArray):
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
    for given in numbers(value).values():
        _same(call(given), expected)


@pytest.mark.parametrize("door", OF_NUMBERS)
@pytest.mark.parametrize("nonsense", NONSENSE)
def test_what_is_no_number_is_refused(door, nonsense):
    if nonsense in ("truth value", "several") and door in ("counts", "offset", "n of a mesh"):
        pytest.skip("one for each direction")
    with pytest.raises((TypeError, ValueError), match=rf"(the )?{door.split()[0]} "):
        OF_NUMBERS[door][1](NONSENSE[nonsense])


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
        (lambda: OBLIQUE.ribbon(3, (10**9, 1)), "is not an edge"),
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
