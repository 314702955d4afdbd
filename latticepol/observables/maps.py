"""The doors to what is known at every point: density, polarisation, phase, currents.

Each takes the Dataset of ``evolve`` or ``steady_state`` (its ``psi`` with dimensions spin, y, x and any in front) and
returns a Dataset on the same coordinates.
"""

from collections.abc import Sequence

import numpy as np
import xarray as xr

from latticepol.arrays import read_number
from latticepol.observables import local
from latticepol.observables.source import field, known

#: Beta beyond which the current leaves the numbers.
LARGEST_BETA = 1e100


def density(dataset: xr.Dataset) -> xr.Dataset:
    """Return ``density`` |psi_s|^2 of each spin component, dimensions (..., spin, y, x)."""
    source = field(dataset)
    variables = {"density": ((*source.dims, "spin", "y", "x"), local.density(source.psi))}
    return source.wrap(variables, title="density")


def stokes(dataset: xr.Dataset, *, average: Sequence[str] = ()) -> xr.Dataset:
    """Return Stokes parameters and degrees of polarisation (docs/physics.md, section 1).

    ``S = (|psi_+|^2 + |psi_-|^2)/2``, half the total density, ``S_x + i S_y = psi_+^* psi_-``,
    ``S_z = (|psi_+|^2 - |psi_-|^2)/2``.

    Parameters
    ----------
    dataset
        A field.
    average
        Dimensions over which the Stokes parameters are averaged before the degrees are formed, such as
        ``("time",)`` or ``("time", "y", "x")``, as a detector does.

    Returns
    -------
    xarray.Dataset
        ``S``, ``S_x``, ``S_y``, ``S_z``; ``polarisation`` sqrt(S_x^2 + S_y^2 + S_z^2)/S, which is 1 at every point
        where nothing is averaged; ``linear_polarisation`` sqrt(S_x^2 + S_y^2)/S; ``circular_polarisation`` S_z/S.
        The degrees are NaN where S = 0.
    """
    source = field(dataset)
    dims = (*source.dims, "y", "x")
    axes = tuple(dims.index(name) for name in known(average, dims))
    s, s_x, s_y, s_z = local.stokes(source.psi).mean(axis=tuple(axis + 1 for axis in axes))
    with np.errstate(invalid="ignore"):
        linear, circular = np.hypot(s_x, s_y) / s, s_z / s
    arrays = {"S": s, "S_x": s_x, "S_y": s_y, "S_z": s_z, "polarisation": np.hypot(linear, circular)}
    arrays |= {"linear_polarisation": linear, "circular_polarisation": circular}
    left = tuple(name for name in dims if name not in average)
    return source.wrap({name: (left, values) for name, values in arrays.items()}, title="Stokes parameters")


def phase(dataset: xr.Dataset) -> xr.Dataset:
    """Return ``phase`` arg psi_s in (-pi, pi], the Bloch phase included, and ``relative_phase`` arg(psi_+^* psi_-).

    The relative phase is the angle of (S_x, S_y), twice that of the linear polarisation in space.
    """
    source = field(dataset)
    _, s_x, s_y, _ = local.stokes(source.psi)
    variables = {
        "phase": ((*source.dims, "spin", "y", "x"), local.phase(source.psi, source.grid)),
        "relative_phase": ((*source.dims, "y", "x"), np.arctan2(s_y, s_x)),
    }
    return source.wrap(variables, title="phase")


def currents(dataset: xr.Dataset, mass: float, beta: float = 0.0) -> xr.Dataset:
    """Return the flow of the field, from spectral derivatives (docs/physics.md, section 1).

    Parameters
    ----------
    dataset
        A field.
    mass
        Mass m of the kinetic term.
    beta
        Half the TE-TM splitting over k^2, as in ``lp.TETM``.

    Returns
    -------
    xarray.Dataset
        ``current``, that of |psi_+|^2 + |psi_-|^2, J = Re psi^dag (dH/dk) psi with the TE-TM part of the velocity:
        dimensions (..., direction, y, x), and ``kinetic_current`` Im(psi_s^* grad psi_s)/m of each spin,
        (..., direction, spin, y, x), without it: TE-TM exchanges the spins, so they are not conserved one by one.

    Raises
    ------
    ValueError
        The mass is not positive, or a number is not finite.
    """
    mass = read_number("mass", mass, above=0, need="the mass of the kinetic term")
    beta = read_number("beta", beta, least=-LARGEST_BETA, most=LARGEST_BETA, need="beta of the TE-TM term")
    source = field(dataset)
    total = local.current(source.psi, source.grid, mass, beta)
    kinetic = local.kinetic_current(source.psi, source.grid, mass)
    variables = {
        "current": ((*source.dims, "direction", "y", "x"), np.moveaxis(total, 0, -3)),
        "kinetic_current": ((*source.dims, "direction", "spin", "y", "x"), np.moveaxis(kinetic, 0, -4)),
    }
    coords = {"direction": (("direction",), ["x", "y"])}
    return source.wrap(variables, coords=coords, title="currents", mass=mass, beta=beta)
