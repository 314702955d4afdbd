"""A site prints its parameters and the equation that the solvers integrate."""

import numpy as np
from independent import velocity

import latticepol as lp

ROUNDING = 1e-12  # a few sums and products of numbers of order one


def test_a_site_prints_its_parameters_and_its_equation():
    first, *equation = repr(lp.Site(p=0.4, a=2.28, g=0.1)).splitlines()
    assert first == "Site(p=0.4, a=2.28, g=0.1, delta=0.0, a2=0.0)"
    names = {"p": 0.3, "g": 0.2, "a": 2.0, "delta": 0.1, "s_x": 0.5, "s_y": -0.7, "s_z": 0.4}
    s = np.array([names[f"s_{axis}"] for axis in "xyz"])
    expected = velocity(s, names["p"], names["a"], names["g"], names["delta"])
    for line, value in zip(equation, expected, strict=True):
        text = line.split("=")[1].replace(") s", ") * s").replace(" g s", " g * s").replace("a s_z", "a * s_z")
        assert np.isclose(eval(text, {"s": np.linalg.norm(s)}, names), value, rtol=0, atol=ROUNDING)


def test_sites_of_a_network_print_short():
    text = repr(lp.Site(p=lambda t: t, a=2.28, g=[0.1, 0.3]))
    assert text.startswith("Site(p=<lambda>(t), a=2.28, g=array(2,) in [0.1, 0.3], delta=0.0, a2=0.0)\n")
