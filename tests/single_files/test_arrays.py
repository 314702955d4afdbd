"""The one reader of numbers and arrays: the same numbers in any guise give the same array, anything else a word."""

import functools
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest
import xarray as xr

from latticepol.arrays import read_array, read_choice, read_flag, read_integer, read_number

NUMBERS = np.array([[1.0, -2.5, 0.25], [3.0, 0.5, -8.0]])  # exact in single precision


def deep(depth):
    """A number in so many lists."""
    return functools.reduce(lambda inner, _: [inner], range(depth), 1.0)


def _same(array, expected=NUMBERS):
    assert array.tobytes() == expected.tobytes()
    assert array.dtype == expected.dtype
    assert array.dtype.isnative
    assert array.flags.c_contiguous
    assert array.flags.writeable
    assert array.flags.owndata or array.base is None


@pytest.mark.parametrize(
    "given",
    [
        NUMBERS,
        NUMBERS.tolist(),
        NUMBERS.copy(order="F"),
        NUMBERS[::-1][::-1],
        np.repeat(NUMBERS, 2, axis=1)[:, ::2],
        NUMBERS.astype(">f8"),
        NUMBERS.astype(np.float32),
        NUMBERS.astype(np.longdouble),
        NUMBERS.astype(object),
        np.ma.masked_array(NUMBERS, mask=False),
        xr.DataArray(NUMBERS, dims=("y", "x")),
        xr.DataArray(NUMBERS.T, dims=("x", "y")),
        xr.DataArray(NUMBERS),
    ],
    ids=lambda given: type(given).__name__,
)
def test_the_same_numbers_give_the_same_array(given):
    _same(read_array("V", given, dims=("y", "x")))


def test_complex_numbers_stay_complex():
    psi = np.array([1 + 2j, 0.5j])
    _same(read_array("psi", psi.astype(">c8"), real=False), psi)
    _same(read_array("psi", psi.astype(object), real=False), psi)


def test_what_comes_back_is_a_copy():
    given = NUMBERS.copy()
    array = read_array("V", given)
    array[...] = 0.0
    np.testing.assert_array_equal(given, NUMBERS)


def test_further_dimensions_come_first():
    given = xr.DataArray(np.arange(6.0).reshape(1, 2, 3), dims=("x", "batch", "y"))
    assert read_array("V", given, dims=("y", "x")).shape == (2, 3, 1)


def test_spins_are_put_in_the_order_of_their_labels():
    given = xr.DataArray(NUMBERS[:, :2], dims=("spin", "x"), coords={"spin": ["-", "+"]})
    _same(read_array("psi", given, dims=("x", "spin")), NUMBERS[::-1, :2].T.copy())
    with pytest.raises(ValueError, match=r"labels \['\+', '-'\] along spin; got \['up', 'down'\]"):
        read_array("psi", given.assign_coords(spin=["up", "down"]), dims=("spin", "x"))


def test_objects_may_be_complex():
    psi = np.array([1 + 2j, 0.5j])
    _same(read_array("psi", psi.astype(object), real=False), psi)


def test_pairs_are_no_complex_numbers():
    with pytest.raises(ValueError, match=r"psi holds pairs \('r', 'i'\).*lp.load"):
        read_array("psi", np.zeros(2, [("r", float), ("i", float)]), real=False)


@pytest.mark.parametrize(
    ("given", "text"),
    [
        (np.ma.masked_array([1.0, 2.0], mask=[False, True]), "masks 1 of its 2"),
        ([1.0, np.nan], "holds nan"),
        ([1.0, 1j], "complex"),
        ("3 um", "is a text"),
        (xr.DataArray(NUMBERS, dims=("lat", "lon")), "dimensions"),
        (10**400, "larger than any number"),
    ],
)
def test_numbers_that_do_not_fit_are_refused(given, text):
    with pytest.raises(ValueError, match=text):
        read_array("V", given, dims=("y", "x"))


@pytest.mark.parametrize(
    "given", [None, {}, [1, [2, 3]], deep(5000), np.ndarray, lambda x: x, np.array(["2026"], "M8[D]"), object()]
)
def test_what_holds_no_numbers_is_refused(given):
    with pytest.raises(TypeError, match="V"):
        read_array("V", given)


@pytest.mark.parametrize("given", [0.25, Fraction(1, 4), Decimal("0.25"), np.array(0.25, ">f4"), xr.DataArray(0.25)])
def test_one_number(given):
    value = read_number("tol", given, above=0)
    assert type(value) is float
    assert value == 0.25


@pytest.mark.parametrize(
    ("given", "error"),
    [
        ("x", ValueError),
        (None, TypeError),
        (True, TypeError),
        ([1.0], TypeError),
        (np.nan, ValueError),
        (0.0, ValueError),
    ],
)
def test_no_number(given, error):
    with pytest.raises(error, match="tol"):
        read_number("tol", given, above=0)


@pytest.mark.parametrize("given", [6, 6.0, np.int8(6), np.array(6), Fraction(6)])
def test_an_integer(given):
    value = read_integer("mesh", given, least=1)
    assert type(value) is int
    assert value == 6


@pytest.mark.parametrize(
    ("given", "error"), [("6", ValueError), (6.5, ValueError), (0, ValueError), (None, TypeError), (True, TypeError)]
)
def test_no_integer(given, error):
    with pytest.raises(error, match="mesh"):
        read_integer("mesh", given, least=1)


def test_labels_say_which_value_is_which():
    given = xr.DataArray(NUMBERS[:, [1, 0, 2]], dims=("site", "axis"), coords={"axis": ["y", "x", "z"]})
    _same(read_array("s", given, dims=("axis",), labels={"axis": ("x", "y", "z")}))
    other = given.assign_coords(axis=["u", "v", "w"])  # labels of another kind say nothing
    _same(read_array("s", other, dims=("axis",), labels={"axis": ("x", "y", "z")}), NUMBERS[:, [1, 0, 2]])


def test_a_masked_part_of_a_list_is_refused():
    with pytest.raises(ValueError, match="masks 1 of its 2"):
        read_array("V", [[1.0, 2.0], np.ma.masked_array([1.0, 2.0], mask=[False, True])])


@pytest.mark.parametrize("given", [True, np.True_, np.array(True), xr.DataArray(True), 1, 1.0])
def test_a_truth_value(given):
    assert read_flag("losses", given) is True


@pytest.mark.parametrize(
    ("given", "error"), [("no", ValueError), (2, ValueError), (None, TypeError), ([True], TypeError)]
)
def test_no_truth_value(given, error):
    with pytest.raises(error, match="losses"):
        read_flag("losses", given)


@pytest.mark.parametrize("given", ["nan", np.str_("nan"), np.array("nan"), xr.DataArray("nan")])
def test_a_choice(given):
    value = read_choice("closed", given, ("raise", "nan"))
    assert type(value) is str
    assert value == "nan"


@pytest.mark.parametrize(
    ("given", "error"),
    [("no", ValueError), (None, TypeError), (["nan"], TypeError), (np.nan, TypeError), ({}, TypeError)],
)
def test_no_choice(given, error):
    with pytest.raises(error, match=r"closed .*; use 'raise' or 'nan'$"):
        read_choice("closed", given, ("raise", "nan"))
