"""Whole sets of parameters: converted by name, made dimensionless and back."""

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np

from latticepol.units.reading import (
    AREA_RATE,
    DENSITY,
    LENGTH,
    MASS,
    NUMBER,
    RATE,
    TIME,
    Kind,
    alone,
    check_shapes,
    converted,
    labelled,
)

#: The rates of section 2, by the names of the arguments below.
RATES: dict[str, Kind] = {
    **dict.fromkeys(("W", "Gamma", "epsilon", "gamma", "Delta"), RATE),
    **dict.fromkeys(("eta", "alpha1", "alpha2"), AREA_RATE),
}

#: By the names that results give to dimensions, for terms of your own.
DIMENSIONS: dict[str, Kind] = {
    "dimensionless": NUMBER,
    "length": LENGTH,
    "time": TIME,
    "rate": RATE,
    "density": DENSITY,
    "diffusivity": AREA_RATE,
    "mass": MASS,
}


class Scales(NamedTuple):
    """One dimensionless unit of time and of S, in ps and 1/um^2: tau = t/time, s = S/density."""

    time: float
    density: float


def numbers(kinds: Mapping[str, Kind], values: Mapping[str, Any]) -> dict[str, Any]:
    """Return values by name, of these kinds, checked and converted to ps and um with hbar = 1.

    Raises
    ------
    TypeError
        A value holds no numbers.
    ValueError
        A value has the wrong dimension, cannot be read or is not finite.
    """
    return {name: alone(converted(name, given, kinds[name])) for name, given in values.items()}


def scales(epsilon: Any, eta: Any) -> Scales:
    """Return one unit of time, 1/epsilon in ps, and of S, epsilon/eta in 1/um^2 (docs/physics.md, section 2).

    ``psi = sqrt(epsilon/eta) psi_network``. Where eta is a rate, S is a number of particles and so is its unit.
    """
    found = numbers(RATES, {"epsilon": epsilon, "eta": eta})
    for name, value in found.items():
        if not np.all(np.asarray(value) > 0):
            raise ValueError(f"{name} = {value} must be > 0; it is a unit of the dimensionless model. {_REMEDY[name]}")
    check_shapes(**found)
    epsilon, eta = found["epsilon"], found["eta"]
    return Scales(labelled(1 / epsilon, TIME.unit), labelled(epsilon / eta, DENSITY.unit))


_REMEDY = {
    "epsilon": "For epsilon < 0 turn the axes of linear polarisation by 90 degrees: (epsilon, gamma) -> -both",
    "eta": "Without saturation section 2 has no stationary state",
}


def dimensionless(
    *,
    W: Any,
    Gamma: Any,
    eta: Any,
    alpha1: Any,
    alpha2: Any = 0.0,
    epsilon: Any,
    gamma: Any = 0.0,
    Delta: Any = 0.0,
) -> dict[str, Any]:
    """Return the parameters of a ``lp.Site``: ``lp.Site(**lp.units.dimensionless(W=..., Gamma=..., ...))``.

    ``p = (W - Gamma)/epsilon``, ``a = (alpha1 - alpha2)/eta``, ``g = gamma/epsilon``, ``delta = Delta/epsilon``,
    ``a2 = alpha2/eta`` (docs/physics.md, section 2). Rates in 1/ps, eta and alpha in um^2/ps; only their ratios matter,
    so eta and alpha may as well be the rates of one mode, as numbers. See :func:`scales` for time and density.
    """
    given = {"W": W, "Gamma": Gamma, "eta": eta, "alpha1": alpha1, "alpha2": alpha2}
    v = numbers(RATES, given | {"epsilon": epsilon, "gamma": gamma, "Delta": Delta})
    check_shapes(**v)
    scales(v["epsilon"], v["eta"])
    site = {
        "p": (v["W"] - v["Gamma"]) / v["epsilon"],
        "a": (v["alpha1"] - v["alpha2"]) / v["eta"],
        "g": v["gamma"] / v["epsilon"],
        "delta": v["Delta"] / v["epsilon"],
        "a2": v["alpha2"] / v["eta"],
    }
    return {name: labelled(value, NUMBER.unit) for name, value in site.items()}


def physical(
    *, p: Any, a: Any, g: Any, delta: Any = 0.0, a2: Any = 0.0, epsilon: Any, eta: Any, Gamma: Any = 0.0
) -> dict[str, Any]:
    """Return the rates (1/ps), eta and alpha (um^2/ps) of a site.

    ``physical(**site.parameters(), epsilon=..., eta=...)``, the inverse of :func:`dimensionless`. epsilon sets the unit
    of time, eta that of density; Gamma, which the dimensionless model contains in p only, says how W - Gamma is shared.
    """
    v = numbers(RATES, {"epsilon": epsilon, "eta": eta, "Gamma": Gamma})
    scales(v["epsilon"], v["eta"])
    given = {"p": p, "a": a, "g": g, "delta": delta, "a2": a2}
    site = numbers(dict.fromkeys(given, NUMBER), given)
    check_shapes(**v, **site)
    found = {
        "W": v["Gamma"] + v["epsilon"] * site["p"],
        "Gamma": v["Gamma"],
        "eta": v["eta"],
        "alpha1": v["eta"] * (site["a"] + site["a2"]),
        "alpha2": v["eta"] * site["a2"],
        "epsilon": v["epsilon"],
        "gamma": v["epsilon"] * site["g"],
        "Delta": v["epsilon"] * site["delta"],
    }
    return {name: labelled(value, RATES[name].unit) for name, value in found.items()}
