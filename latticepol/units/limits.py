"""Numbers that no cavity has: mostly a number in another unit than that of the model."""

import math
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import numpy as np

from latticepol.units.constants import hbar, m_e
from latticepol.units.reading import AREA_RATE, MASS, RATE, TIME, Kind
from latticepol.units.texts import size_of


class Limits(NamedTuple):
    """From where to where the modulus of what is not 0 is usual in ps and um, generously, and the reasons."""

    low: float
    high: float
    below: str
    above: str


#: What is smaller was given in joules: no seed of a broken symmetry is.
JOULES = 1e-18
USUAL: tuple[tuple[Kind, Limits], ...] = (
    # docs/physics.md, section 7: GaAs has 3e-5 to 1e-4 electron masses. Carusotto and Ciuti, Rev. Mod. Phys. 85, 299.
    (MASS, Limits(0.02, 20.0, "{electrons}, less than any polariton has", "{electrons}, more than any polariton has")),
    # 1000/ps is 0.66 eV, half the photon of a GaAs cavity; the fastest losses, of metals, are a tenth of it.
    (RATE, Limits(JOULES, 1e3, "less than in any cavity: is it in joules?", "0.66 eV or more, as the photon itself")),
    # m alpha/hbar, here about 40, is a coupling far beyond that of any mean field; in experiments it is 1e-3 to 1e-1.
    (AREA_RATE, Limits(JOULES, 1e2, "less than in any cavity: is it in J m^2?", "more than a mean field can describe")),
    # Light of 1.5 eV has a period of 2.8e-3 ps.
    (TIME, Limits(1e-3, math.inf, "less than a period of the light: is it in seconds?", "")),
)


def unlikely(kinds: Mapping[str, Kind], values: Mapping[str, object], names: Mapping[str, str] | None) -> Iterator[str]:
    """Yield a warning for every number of a model that no cavity has.

    Parameters
    ----------
    kinds
        The dimensions of parameters by name; of others nothing is said.
    values
        Parameters by name, also as "Kinetic.mass".
    names
        The units of the model; nothing is said where these are not known.
    """
    for full, given in values.items():
        name = full.split(".")[-1]
        for kind, limits in USUAL:
            size = size_of(kind, names) if names and name in kinds and kinds[name].name == kind.name else None
            if size is not None:
                yield from _doubt(name, given, kind, limits, size)


def _doubt(name: str, given: Any, kind: Kind, limits: Limits, size: float) -> Iterator[str]:
    """Return a warning where a number, in units of ``size``, is beyond the limits."""
    if given is None or callable(given) or hasattr(given, "parts"):
        return
    if np.ndim(given) > 1 and np.shape(given)[-2:] != (1, 1):  # walls may be as high as one likes
        return
    numbers = np.abs(np.ravel(given)) * size
    for x in numbers[(numbers > 0) & np.isfinite(numbers) & ((numbers < limits.low) | (numbers > limits.high))][:1]:
        why = (limits.below if x < limits.low else limits.above).format(
            electrons=f"{x * hbar / m_e:.2g} electron masses"
        )
        yield f"{name} = {x:g} {next(iter(kind.units))} is {why}; {_meant(kind, x / size)}"


def _meant(kind: Kind, given: float) -> str:
    """Return what else the number may be."""
    low, high = (limit * hbar / m_e for limit in USUAL[0][1][:2])
    if kind is MASS and low <= given <= high:
        return f"did you mean the text '{given:g} m_e'?"
    return f"to state the unit give a text, {kind.example.split(' or ')[0]}"
