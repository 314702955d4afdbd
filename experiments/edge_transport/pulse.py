"""A weak pulse on top of the condensate: by evolution in time, and by linear response.

With d = psi e^{i mu t} - psi0 and the pulse F = f(t) e^{-i mu t} (docs/physics.md, section 4)::

    i d/dt (d, d^*) = L (d, d^*) + (f, -f^*) ,    f(t) = A e^{-i omega t} e^{-(t - t0)^2/(2 tau^2)} at one site
"""

from collections.abc import Callable

import numpy as np
import xarray as xr
from scipy import sparse
from scipy.sparse.linalg import splu

import latticepol as lp

#: Duration and centre of the pulse (1/epsilon), its amplitude, and its polarisation: that of the condensate at
#: delta = 0, the same for both signs of the field.
TAU, CENTRE, AMPLITUDE = 6.0, 24.0, 0.01
POLARISATION = np.array([1.0, -1.0]) / np.sqrt(2)
#: Time between samples: short enough for the beat of u and v at 2 omega.
SAMPLING = 0.25
#: Half the band of frequencies around omega, in units of 1/tau, in which the pulse has its energy.
BAND = 4.0


def driving(site: int, sites: int, frequency: float, amplitude: float) -> Callable[[float], np.ndarray]:
    """F(t) (N, 2) of the lattice with ``sites`` sites; ``frequency`` = mu + omega."""
    where = np.zeros((sites, 2), complex)
    where[site] = amplitude * POLARISATION

    def drive(t: float) -> np.ndarray:
        return where * np.exp(-1j * frequency * t - 0.5 * ((t - CENTRE) / TAU) ** 2)

    return drive


def evolve(
    net: lp.Network, state: xr.Dataset, site: int, omega: float, t_end: float, dt: float, amplitude: float = AMPLITUDE
) -> xr.DataArray:
    """|psi - psi0 e^{-i mu t}|^2/A^2 of every site, (time, site), every SAMPLING."""
    psi0, mu = state.psi.values, float(state.mu)
    driven = net.replace(drive=driving(site, net.sites, mu + omega, amplitude))
    out = lp.evolve(driven, psi0, t_end, dt=dt, save=lp.every(SAMPLING), variables=("psi",), progress=False)
    turning = np.exp(-1j * mu * out.time.values)[:, None, None]
    signal = (np.abs(out.psi.values - psi0 * turning) ** 2).sum(axis=-1) / amplitude**2
    return xr.DataArray(signal, coords={"time": out.time, "site": out.site}, dims=("time", "site"))


def response(net: lp.Network, state: xr.Dataset, site: int, omegas: np.ndarray) -> np.ndarray:
    """|u|^2 + |v|^2 of every site, (omega, site), under a steady drive of amplitude 1: (w - L) (u, v) = (f, 0)."""
    L = net.linearised(state.psi.values, float(state.mu))
    f = np.zeros((2, net.sites, 2), complex)
    f[0, site] = POLARISATION
    one = sparse.eye_array(L.shape[0])
    found = [splu(sparse.csc_matrix(omega * one - L)).solve(f.ravel()).reshape(f.shape) for omega in omegas]
    return (np.abs(found) ** 2).sum(axis=(1, 3))


def energy(net: lp.Network, state: xr.Dataset, site: int, omega: float, points: int) -> np.ndarray:
    """``int |d|^2 dt/A^2`` of every site for the pulse: the response under its spectrum (Parseval)."""
    x, step = np.linspace(-BAND, BAND, points, retstep=True)
    spectrum = 2 * np.pi * TAU**2 * np.exp(-(x**2))
    return spectrum @ response(net, state, site, omega + x / TAU) * (step / TAU) / (2 * np.pi)
