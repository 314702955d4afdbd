"""Site: what it refuses, and how it is changed."""

import dataclasses

import numpy as np
import pytest

import latticepol as lp


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"a": 0}, r"a = 0.0 is not positive; a = \(alpha_1 - alpha_2\)/eta must be > 0"),
        ({"a": -2.28}, r"use the symmetry \(a, g, delta, s_x\) -> -\(a, g, delta, s_x\)"),
        ({"p": float("nan")}, "p must be finite; got nan: give a real number, or one for each site"),
        ({"g": float("inf")}, "g must be finite; got inf"),
        ({"delta": "strong"}, "delta = 'strong' is a text; give a real number"),
        ({"p": [0.1, float("nan")]}, "p holds nan; give finite numbers"),
        ({"p": []}, "p is empty; give a real number, or one for each site"),
        ({"g": lambda t: 0.1}, "g = .* is a function; only p and delta may depend on time"),
        ({"p": 1j}, "p holds complex values; give real numbers"),
        ({"a2": None}, "a2 is None; give a real number"),
    ],
)
def test_bad_parameters(changes, message):
    with pytest.raises((TypeError, ValueError), match=message):
        lp.Site(**({"p": 0.4, "a": 2.28, "g": 0.1} | changes))


def test_frozen_and_replaced():
    site = lp.Site(p=0.4, a=2.28, g=0.1)
    assert (site.delta, site.a2) == (0.0, 0.0)
    other = site.replace(p=1, delta=np.float64(0.5))
    assert other == lp.Site(p=1.0, a=2.28, g=0.1, delta=0.5)
    assert all(type(value) is float for value in other.parameters().values())
    assert site.p == 0.4
    with pytest.raises(dataclasses.FrozenInstanceError):
        site.p = 1.0
    with pytest.raises(TypeError, match=r"Site has no parameter \['W'\]; it has \['p', 'a', 'g', 'delta', 'a2'\]"):
        site.replace(W=1)
    with pytest.raises(ValueError, match=r"a = -1\.0 is not positive"):
        site.replace(a=-1)


def test_sites_of_a_network_are_no_single_condensate():
    many = lp.Site(p=[0.1, 0.2], a=2.28, g=0.1)
    assert many == lp.Site(p=np.array([0.1, 0.2]), a=2.28, g=0.1) != many.replace(p=[0.1, 0.3])
    assert hash(many) == hash(lp.Site(p=(0.1, 0.2), a=2.28, g=0.1))
    with pytest.raises(ValueError, match="read-only"):
        many.p[0] = 1.0
    calls = (lp.fixed_points, lp.pitchfork, lambda s: lp.branches(s, along="delta", span=(0, 1)))
    for call in (
        *calls,
        lambda s: lp.folds(s, along="p", delta=[0.1]),
        lambda s: lp.trajectory(s, [0.1, 0, 0], [0, 1]),
    ):
        with pytest.raises(ValueError, match=r"p is an array \(2,\), as the sites of a lp.Network may have; a single"):
            call(many)
    with pytest.raises(ValueError, match="delta is a function of time"):
        lp.fixed_points(many.replace(p=0.1, delta=lambda t: t))


@pytest.mark.parametrize("name", ["p", "a", "g", "delta"])
def test_refuses_what_rates_do_not_survive(name):
    with pytest.raises(ValueError, match=rf"{name} = 20000.0 is too large; \|{name}\| <= 10000"):
        lp.Site(**{"p": 0.4, "a": 2.28, "g": 0.1} | {name: 2e4})


def test_an_axis_is_held_to_the_same_limits():
    with pytest.raises(ValueError, match=r"delta = 20000\.0 is too large"):
        lp.g_eff(lp.Site(p=0.4, a=2.28, g=0.1), delta=[0.1, 2e4])


def test_refuses_complex_numbers():
    with pytest.raises(ValueError, match="p holds complex values"):
        lp.Site(p=0.4 + 0.1j, a=2.28, g=0.1)
    with pytest.raises(ValueError, match="axis p holds complex values"):
        lp.g_eff(lp.Site(p=0.4, a=2.28, g=0.1), p=[0.4 + 0.1j])
