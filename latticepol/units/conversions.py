"""One quantity at a time: energies, lengths, masses, interactions, magnetic fields."""

from typing import Any

import numpy as np

from latticepol.units.constants import hbar, m_e, mu_B
from latticepol.units.reading import (
    AREA_RATE,
    COMPLEX_RATE,
    FIELD,
    FRACTION,
    LENGTH,
    MASS,
    NUMBER,
    RATE,
    TIME,
    alone,
    check_shapes,
    converted,
    labelled,
)


def meV(x: object) -> Any:
    """Return an energy in meV, also a complex one, as a rate, E/hbar in 1/ps."""
    return converted("energy", x, COMPLEX_RATE, 1 / hbar)


def ueV(x: object) -> Any:
    """Return an energy in ueV, also a complex one, as a rate, E/hbar in 1/ps."""
    return converted("energy", x, COMPLEX_RATE, 1e-3 / hbar)


def to_meV(rate: object) -> Any:
    """Return a rate in 1/ps as an energy, hbar times the rate in meV; complex where bands with losses are."""
    return converted("rate", rate, COMPLEX_RATE, times=hbar, unit="meV")


def to_ueV(rate: object) -> Any:
    """Return a rate in 1/ps as an energy, hbar times the rate in ueV; complex where bands with losses are."""
    return converted("rate", rate, COMPLEX_RATE, times=1e3 * hbar, unit="ueV")


def rate(x: object) -> Any:
    """Return a rate in 1/ps, from a number in 1/ps, a rate or an energy: ``rate("40 ueV")`` is E/hbar.

    Hertz are refused: a frequency nu is the rate 2 pi nu, and a linewidth in hertz may mean either.
    """
    return converted("rate", x, RATE)


def length(x: object) -> Any:
    """Return a length in um, from a number in um or a length."""
    return converted("length", x, LENGTH)


def time(x: object) -> Any:
    """Return a time in ps, from a number in ps or a time."""
    return converted("time", x, TIME)


def mass(x: object) -> Any:
    """Return ``m/hbar`` in ps/um^2, as ``lp.Kinetic`` takes it, from a number in electron masses or a mass."""
    return converted("mass", x, MASS, m_e / hbar)


def to_electron_masses(mass: object) -> Any:
    """Return ``m/hbar`` in ps/um^2 as a mass in units of the electron's."""
    return converted("mass", mass, MASS, times=hbar / m_e, unit="m_e")


def tetm(x: object) -> Any:
    """Return beta in um^2/ps, as ``lp.TETM`` takes it, from a number in meV um^2 or an energy times an area.

    beta is half the TE-TM splitting over k^2: the branches are at ``k^2/2m +- beta k^2``, 2 beta k^2 apart. A measured
    splitting E_TM - E_TE = D k^2 is ``tetm(D/2)``.
    """
    return converted("beta", x, AREA_RATE, 1 / hbar)


def interaction(x: object) -> Any:
    """Return alpha1, alpha2 or eta in um^2/ps, from a number in meV um^2 or an energy times an area."""
    return converted("interaction", x, AREA_RATE, 1 / hbar)


def to_meV_um2(x: object) -> Any:
    """Return an interaction, a saturation or a beta in um^2/ps, times hbar, in meV um^2.

    beta is half the TE-TM splitting over k^2, as in :func:`tetm`.
    """
    return converted("interaction", x, AREA_RATE, times=hbar, unit="meV um2")


def zeeman(B: object, g_X: float, X: float) -> Any:
    """Return the Zeeman splitting of polaritons, ``Delta = g_X X mu_B B/hbar`` in 1/ps.

    Parameters
    ----------
    B
        Magnetic field along the axis of growth, in tesla.
    g_X
        g-factor of the exciton. Its sign depends on the quantum well.
    X
        Exciton fraction |X|^2 of the polariton, from 0 to 1.
    """
    field, moment = converted("B", B, FIELD), _moment(g_X, X)
    check_shapes(B=field, moment=moment)
    return labelled(moment * field, RATE.unit)


def tesla(Delta: object, g_X: float, X: float) -> Any:
    """Return the magnetic field in tesla that makes the splitting Delta (1/ps): the inverse of :func:`zeeman`."""
    moment = _moment(g_X, X)
    if np.any(moment == 0):
        raise ValueError(f"g_X = {g_X}, X = {X}: no field splits the spins; both must differ from 0")
    splitting = converted("Delta", Delta, RATE)
    check_shapes(Delta=splitting, moment=moment)
    return labelled(splitting / moment, FIELD.unit)


def _moment(g_X: object, X: object) -> Any:
    """Return Delta/B in 1/(ps T)."""
    g, fraction = alone(converted("g_X", g_X, NUMBER)), alone(converted("X", X, FRACTION))
    check_shapes(g_X=g, X=fraction)
    return g * fraction * mu_B / hbar
