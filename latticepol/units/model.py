"""Whole sets of parameters: checked and converted by name, made dimensionless and back."""

from difflib import get_close_matches
from typing import Any, NamedTuple

import numpy as np

from latticepol.units.reading import (
    AMPLITUDE,
    AREA_RATE,
    COMPLEX_RATE,
    DENSITY,
    DENSITY_RATE,
    FIELD,
    FRACTION,
    LENGTH,
    MASS,
    NUMBER,
    RATE,
    RATE_SQUARED,
    TIME,
    Kind,
    alone,
    check_shapes,
    converted,
    labelled,
)

#: What :func:`parameters` knows, by the names that the terms and the networks give them.
PARAMETERS: dict[str, Kind] = {
    **dict.fromkeys(("W", "Gamma", "epsilon", "gamma", "Delta", "V", "omega", "strength"), RATE),
    **dict.fromkeys(("J", "dJ"), COMPLEX_RATE),
    "Gamma_R": RATE,
    **dict.fromkeys(("eta", "alpha1", "alpha2", "beta", "R", "g_R", "g_cross"), AREA_RATE),
    **dict.fromkeys(("tau_s", "t_end", "dt"), TIME),
    **dict.fromkeys(("width", "fwhm"), LENGTH),
    **dict.fromkeys(("nu", "g_X"), NUMBER),
    **dict.fromkeys(("P_scale", "W_scale", "F_scale", "V_scale", "Delta_scale"), NUMBER),
    "X": FRACTION,
    "mass": MASS,
    "P": DENSITY_RATE,
    "F": AMPLITUDE,
    "B": FIELD,
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

#: Of a ``lp.Network``, all in one unit of energy; its Site is in the same one.
NETWORK: dict[str, Kind] = {
    **dict.fromkeys(("p", "delta", "epsilon"), RATE),
    **dict.fromkeys(("J", "dJ", "onsite"), COMPLEX_RATE),
    "noise": RATE_SQUARED,
}


class Scales(NamedTuple):
    """One dimensionless unit of time and of S, in ps and 1/um^2: tau = t/time, s = S/density."""

    time: float
    density: float


def parameters(**values: Any) -> dict[str, Any]:
    """Return parameters by name, checked and converted to ps and um with hbar = 1.

    ``parameters(epsilon="40 ueV", Gamma="0.1/ps", mass="5e-5 m_e", beta="0.1 meV um^2")``. A number has no unit to be
    checked: it is taken to be in ps and um already, also a mass (ps/um^2); so what comes out can go in again.

    Raises
    ------
    TypeError
        A name is not in ``PARAMETERS``, or a value holds no numbers.
    ValueError
        A value has the wrong dimension, cannot be read or is not finite.
    """
    for name in values:
        if name not in PARAMETERS:
            near = get_close_matches(name, PARAMETERS, 1)
            hint = f"did you mean {near[0]!r}?" if near else f"there are {sorted(PARAMETERS)}"
            raise TypeError(f"no parameter {name!r}; {hint}")
    return {name: alone(converted(name, given, PARAMETERS[name])) for name, given in values.items()}


def scales(epsilon: Any, eta: Any) -> Scales:
    """Return one unit of time, 1/epsilon in ps, and of S, epsilon/eta in 1/um^2 (docs/physics.md, section 2).

    ``psi = sqrt(epsilon/eta) psi_network``. Where eta is a rate, S is a number of particles and so is its unit.
    """
    found = parameters(epsilon=epsilon, eta=eta)
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
    v = parameters(W=W, Gamma=Gamma, eta=eta, alpha1=alpha1, alpha2=alpha2, epsilon=epsilon, gamma=gamma, Delta=Delta)
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
    v = parameters(epsilon=epsilon, eta=eta, Gamma=Gamma)
    scales(v["epsilon"], v["eta"])
    given = {"p": p, "a": a, "g": g, "delta": delta, "a2": a2}
    site = {name: alone(converted(name, value, NUMBER)) for name, value in given.items()}
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
    return {name: labelled(value, PARAMETERS[name].unit) for name, value in found.items()}
