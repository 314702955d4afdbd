"""Keyword axes: the outer product, and folding results back."""

import numpy as np
import pytest
import xarray as xr

from latticepol.axes import outer

PARAMETERS = {"p": 0.4, "a": 2.28, "delta": 0.0}


def test_outer_product_in_the_order_of_the_axes():
    axes = outer(PARAMETERS, {"delta": [0.1, 0.2, 0.3], "p": (1, 2)})
    assert axes.dims == ("delta", "p")
    assert axes.shape == (3, 2)
    np.testing.assert_array_equal(axes.values["delta"], [0.1, 0.1, 0.2, 0.2, 0.3, 0.3])
    np.testing.assert_array_equal(axes.values["p"], [1, 2, 1, 2, 1, 2])
    np.testing.assert_array_equal(axes.values["a"], [2.28] * 6)
    np.testing.assert_array_equal(axes.coords["p"], [1, 2])
    assert list(axes.coords) == ["delta", "p"]
    assert all(values.dtype == float and values.flags.c_contiguous for values in axes.values.values())


def test_fold_puts_every_point_where_it_came_from():
    axes = outer(PARAMETERS, {"delta": [0.1, 0.2, 0.3], "p": [1, 2]})
    flat = np.stack([axes.values["delta"], axes.values["p"]], axis=-1)
    folded = axes.fold(flat)
    assert folded.shape == (3, 2, 2)
    for i, delta in enumerate((0.1, 0.2, 0.3)):
        for k, p in enumerate((1, 2)):
            np.testing.assert_array_equal(folded[i, k], [delta, p])


def test_no_axis_is_one_point_without_a_dimension():
    axes = outer(PARAMETERS, {})
    assert (axes.dims, axes.shape, axes.coords) == ((), (), {})
    assert axes.values["p"].shape == (1,)
    assert axes.fold(np.array([3.0])).shape == ()
    assert axes.fold(np.zeros((1, 6, 3))).shape == (6, 3)


def test_a_bare_number_replaces_and_adds_no_dimension():
    axes = outer(PARAMETERS, {"p": 1.5, "delta": np.array([0.1, 0.2])})
    assert axes.dims == ("delta",)
    np.testing.assert_array_equal(axes.values["p"], [1.5, 1.5])
    assert outer(PARAMETERS, {"p": np.float32(2)}).values["p"].tolist() == [2.0]


def test_one_value_in_a_list_keeps_its_dimension():
    axes = outer(PARAMETERS, {"p": [1.5]})
    assert axes.dims == ("p",)
    assert axes.fold(np.zeros(1)).shape == (1,)


def test_axes_with_a_common_dimension_vary_together():
    p, a = xr.DataArray([1, 2, 3], dims="run"), xr.DataArray([[4, 5, 6], [7, 8, 9]], dims=("x", "run"))
    axes = outer(PARAMETERS, {"p": p, "delta": [0.1, 0.2], "a": a})
    assert (axes.dims, axes.shape) == (("run", "delta", "x"), (3, 2, 2))
    folded = {name: axes.fold(values) for name, values in axes.values.items()}
    for i in range(3):
        for j, delta in enumerate((0.1, 0.2)):
            for k in range(2):
                point = [folded[name][i, j, k] for name in ("p", "delta", "a")]
                assert point == [p.values[i], delta, a.values[k, i]]
    assert axes.coords["p"][0] == ("run",)
    np.testing.assert_array_equal(axes.coords["delta"], [0.1, 0.2])


@pytest.mark.parametrize(
    ("axes", "error", "message"),
    [
        ({"q": [1]}, TypeError, r"no axis \['q'\]; the axes are \['p', 'a', 'delta'\]"),
        ({"z": [1], "q": [1], "p": [1]}, TypeError, r"no axis \['q', 'z'\]"),
        ({"p": []}, ValueError, "axis p is empty; give at least one value"),
        (
            {"p": np.zeros((2, 2))},
            ValueError,
            "axis p has 2 dimensions; give one list per axis, they are multiplied out",
        ),
        ({"p": [0, np.nan]}, ValueError, "axis p holds nan; give finite numbers"),
        ({"p": -np.inf}, ValueError, "axis p must be finite; got -inf"),
        ({"p": "many"}, ValueError, "axis p = 'many' is a text; give a list of real"),
        ({"p": [1 + 1j]}, ValueError, "axis p holds complex values; give real numbers"),
        ({"p": [[1], [1, 2]]}, TypeError, "does not hold numbers"),
        ({"p": {1, 2}}, TypeError, "axis p is a set; give a list of real numbers"),
        ({"p": np.ma.masked_array([1.0, 2.0], mask=[True, False])}, ValueError, "axis p masks 1 of its 2 values"),
        (
            {"p": xr.DataArray([1, 2], dims="r"), "a": xr.DataArray([1, 2, 3], dims="r")},
            ValueError,
            "axis a has 3 values along r, another has 2; give as many",
        ),
    ],
)
def test_bad_axes(axes, error, message):
    with pytest.raises(error, match=message):
        outer(PARAMETERS, axes)
