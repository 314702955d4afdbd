"""Sets of parameters with their sources, ``lp.presets.names()`` lists them, and any set of them by name.

The model of arXiv:2405.01941 is dimensionless and comes as ``lp.Site``; what is measured in a sample comes in ps and
um, see ``lp.units``.
"""

import warnings
from collections.abc import Callable
from dataclasses import asdict, dataclass, fields, replace
from difflib import get_close_matches
from typing import Any, Self

from latticepol import units
from latticepol.gpe.terms import TETM, Gain, Interaction, Kinetic, Splitting, Term, Zeeman
from latticepol.gpe.terms.parameters import KINDS
from latticepol.network.model import NETWORK
from latticepol.pseudospin import Site
from latticepol.units.limits import unlikely
from latticepol.units.model import numbers
from latticepol.units.reading import FIELD, FRACTION, LENGTH, NUMBER, TIME, Kind

#: What :func:`parameters` knows: the parameters of all terms, and what a sample, a network and a run have more.
PARAMETERS: dict[str, Kind] = {
    **KINDS,
    **{name: NETWORK[name] for name in ("J", "dJ")},
    **dict.fromkeys(("t_end", "dt"), TIME),
    "fwhm": LENGTH,
    "g_X": NUMBER,
    "X": FRACTION,
    "B": FIELD,
}


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
    return numbers(PARAMETERS, values)


@dataclass(frozen=True)
class Sample:
    """A microcavity in ps and um, with hbar = 1 (docs/physics.md, sections 1 and 7).

    Every field may be given as a text with its unit, as in :func:`parameters`; a plain number that no cavity has
    is warned of, such as a mass that may be meant in electron masses.

    Parameters
    ----------
    mass
        m/hbar (ps/um^2).
    beta
        Half the TE-TM splitting over k^2 (um^2/ps).
    epsilon, gamma
        Splitting of the linear polarisations in energy and in loss (1/ps).
    Gamma
        Loss of the density (1/ps).
    eta
        Saturation of the gain (um^2/ps).
    alpha1, alpha2
        Interaction of equal and of opposite spins (um^2/ps).
    g_X
        g-factor of the exciton.
    X
        Exciton fraction |X|^2 of the polariton.

    Raises
    ------
    ValueError
        A field has the wrong dimension, cannot be read or is not finite; X is not from 0 to 1.
    """

    mass: float
    beta: float
    epsilon: float
    gamma: float
    Gamma: float
    eta: float
    alpha1: float
    alpha2: float
    g_X: float
    X: float

    def __post_init__(self) -> None:
        """Make numbers of texts."""
        given = {field.name: getattr(self, field.name) for field in fields(self)}
        for name, value in parameters(**given).items():
            object.__setattr__(self, name, value)
        for text in unlikely(PARAMETERS, asdict(self), units.PS_UM):
            warnings.warn(text, stacklevel=3)

    def replace(self, **changes: Any) -> Self:
        """Return a copy with some parameters changed, as in ``sample.replace(epsilon="30 ueV")``."""
        unknown = set(changes) - {field.name for field in fields(self)}
        if unknown:
            known = [field.name for field in fields(self)]
            raise TypeError(f"a sample has no parameter {sorted(unknown)}; it has {known}")
        return replace(self, **changes)

    def zeeman(self, B: object) -> Any:
        """Return the Zeeman splitting Delta (1/ps) in a field of B tesla."""
        return units.zeeman(B, self.g_X, self.X)

    def site(self, W: object, B: object = 0.0) -> Site:
        """Return the single condensate of section 2 for a gain W (1/ps) in a field of B tesla."""
        names = ("Gamma", "eta", "alpha1", "alpha2", "epsilon", "gamma")
        own = {name: getattr(self, name) for name in names}
        return Site(**units.dimensionless(W=W, Delta=self.zeeman(B), **own))

    def terms(self, W: object, B: object = 0.0) -> list[Term]:
        """Return the terms of the standard equation: ``lp.SpinorGPE(grid, sample.terms(W, B), units=lp.units.PS_UM)``.

        W (1/ps) is a number, an array, a function or a pump, as in ``lp.Gain``; B is in tesla.
        """
        return [
            Kinetic(self.mass),
            Splitting(self.epsilon, self.gamma),
            TETM(self.beta),
            Zeeman(self.zeeman(B)),
            Gain(units.rate(W) if isinstance(W, str) else W, self.Gamma, self.eta),
            Interaction(self.alpha1, self.alpha2),
        ]


def supercritical(p: float = 0.0, delta: float = 0.0, a2: float = 0.0) -> Site:
    """Return one condensate with a supercritical pitchfork: a = 2.28, g = 0.1.

    Source: A. Bochin, I. Chestnov, A. Nalitov, arXiv:2405.01941. p_c = (1 + g^2)/a - g = 0.343.
    """
    return Site(p=p, a=2.28, g=0.1, delta=delta, a2=a2)


def subcritical(p: float = 0.0, delta: float = 0.0, a2: float = 0.0) -> Site:
    """Return one condensate with a subcritical pitchfork: a = 1, g = 3.

    Source: A. Bochin, I. Chestnov, A. Nalitov, arXiv:2405.01941. p_c = 7; without a field the elliptical states exist
    from p = sqrt(24) on.
    """
    return Site(p=p, a=1.0, g=3.0, delta=delta, a2=a2)


def spin_bifurcation() -> dict[str, float]:
    """Return the rates (1/ps) of a condensate that magnetises by itself; a = 2.28, g = 0.1, a2 = -0.28.

    ``lp.Site(**lp.units.dimensionless(W=0.13, **lp.presets.spin_bifurcation()))``. eta, alpha1 and alpha2 belong to the
    number of particles in one mode; the same numbers in um^2/ps belong to the density of a field.

    Source: the effect and its model are those of H. Ohadi et al., Phys. Rev. X 5, 031002 (2015),
    doi:10.1103/PhysRevX.5.031002. The numbers are those of docs/physics.md, section 7; they have not been compared with
    the article. They give the a and g of :func:`supercritical`.
    """
    return {"eta": 0.005, "alpha1": 0.01, "alpha2": -0.0014, "Gamma": 0.1, "epsilon": 0.06, "gamma": 0.006}


def gaas() -> Sample:
    """Return a GaAs microcavity: typical values, not one particular sample.

    - Gamma, epsilon, gamma, eta, alpha1, alpha2: :func:`spin_bifurcation`, with eta and alpha in um^2/ps.
    - mass: 5e-5 m_e; typical range 3e-5 to 1e-4 m_e, see docs/physics.md, section 7. For polaritons in general:
      I. Carusotto and C. Ciuti, Rev. Mod. Phys. 85, 299 (2013), doi:10.1103/RevModPhys.85.299.
    - beta, half the TE-TM splitting over k^2: 0.1 meV um^2; typical range 0.025 to 0.2 meV um^2, see docs/physics.md,
      section 7. Where it comes from, with a GaAs-based cavity measured: G. Panzarini et al., Phys. Rev. B 59, 5082
      (1999), doi:10.1103/PhysRevB.59.5082.
    - X: 1/2, which is that of zero detuning between exciton and photon.
    - g_X: 1, an order of magnitude. It depends on the well: with its width even the sign changes (P. S. Grigoryev et
      al., arXiv:1608.04774, for InGaAs). Give your own: ``gaas().replace(g_X=...)``.
    - alpha2/alpha1 is known least: -0.5 to 0.6 in docs/physics.md, section 7. It depends on the detuning, from about 0
      to below -1 as this goes from negative to zero: M. Vladimirova et al., Phys. Rev. B 82, 075301 (2010),
      doi:10.1103/PhysRevB.82.075301.

    The articles say where such numbers come from; mass and beta were chosen in the ranges, not read off there.
    """
    own = {"mass": units.mass(5e-5), "beta": units.tetm(0.1), "g_X": 1.0, "X": 0.5}
    return Sample(**spin_bifurcation(), **own)


PRESETS: tuple[Callable[..., Any], ...] = (supercritical, subcritical, spin_bifurcation, gaas)


def names() -> dict[str, str]:
    """Return the name of every preset -> what it is; ``help(lp.presets.gaas)`` gives the sources."""
    return {preset.__name__: (preset.__doc__ or "").splitlines()[0] for preset in PRESETS}
