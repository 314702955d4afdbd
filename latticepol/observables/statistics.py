"""The doors to what belongs to the field as a whole: vortices, momentum space, E(k), coherence, domains.

Each takes the Dataset of ``evolve`` or ``steady_state`` (its ``psi`` with dimensions spin, y, x and any in front).
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
import xarray as xr

from latticepol.observables import domains, fourier, local, winding
from latticepol.observables.source import Field, field, known


def vortices(dataset: xr.Dataset, *, threshold: float = 0.01, reach: int = 4) -> xr.Dataset:
    """Phase singularities of each spin component.

    Parameters
    ----------
    dataset
        A field.
    threshold, reach
        Only where the density exceeds ``threshold`` times its maximum (of that component, at that time) somewhere
        within ``reach`` points: noise outside the condensate is full of vortices.

    Returns
    -------
    xarray.Dataset
        One entry per vortex along ``vortex``: ``vortex_x``, ``vortex_y`` (error of second order in the spacing),
        ``charge`` +1 or -1, counter-clockwise positive, and the coordinates ``spin``, ``time`` and others of the
        field it belongs to. A charge of two shows as two vortices.
    """
    source = field(dataset)
    found = winding.vortices(source.psi, source.grid, threshold, reach)
    belongs = {
        name: (("vortex",), source.coords[name][1][index])
        for name, index in zip((*source.dims, "spin"), found.member, strict=True)
        if name in source.coords
    }
    arrays = {"vortex_x": found.x, "vortex_y": found.y, "charge": found.charge}
    variables = {name: (("vortex",), values) for name, values in arrays.items()}
    return source.wrap(variables, coords=belongs, title="vortices", threshold=threshold, reach=reach)


def momentum_density(dataset: xr.Dataset) -> xr.Dataset:
    """``momentum_density`` |int psi_s exp(-i k.r) d2r|^2 / area, dimensions (..., spin, ky, kx), ascending.

    The population of each plane wave k of the cell (q included): the sum over k is the integral of |psi_s|^2.
    """
    source = field(dataset)
    shifted = [np.fft.fftshift(k) for k in source.grid.wavevectors]
    values = np.fft.fftshift(fourier.momentum_density(source.psi, source.grid), axes=(-2, -1))
    variables = {"momentum_density": ((*source.dims, "spin", "ky", "kx"), values)}
    return source.wrap(variables, coords=source.plane("kx", "ky", shifted), title="momentum-space density")


def spectrum(dataset: xr.Dataset, k: Any = None, *, window: str = "hann") -> xr.Dataset:
    """E(k) from a time series: what an angle-resolved spectrometer sees.

    ``I_s(k, w) = |sum_t h(t) a_s(k, t) exp(i w t)|^2 dt / (2 pi sum_t h^2)``, a = int psi_s exp(-i k.r) d2r /
    sqrt(area): the integral over w is the (weighted) mean population of the plane wave k.

    Parameters
    ----------
    dataset
        A field saved at equal steps of ``time``; frequencies reach pi over the step, and resolve 2 pi over the
        duration times the width of the window (2 bins for "hann").
    k
        Wavevectors: an array (nk, 2), anything with ``kx`` and ``ky`` such as ``lat.path(...)``, or None: those of the
        grid along its first reciprocal vector, ascending. Any k is allowed; only those of the grid are orthogonal.
    window
        Name of a window of ``scipy.signal.get_window``; "boxcar" is none.

    Returns
    -------
    xarray.Dataset
        ``spectral_density`` (omega, ..., spin, k), with coordinates ``kx``, ``ky`` along k.

    Raises
    ------
    ValueError
        There are fewer than four times or they are not equally spaced.
    """
    source = field(dataset)
    dt = _time_step(source)
    path = _path(source, k)
    amplitude = fourier.amplitudes(source.psi, source.grid, path)
    first = np.moveaxis(amplitude, source.dims.index("time"), 0)
    omega, intensity = fourier.spectrum(first, dt, window)
    others = tuple(name for name in source.dims if name != "time")
    coords = {"omega": (("omega",), omega), "kx": (("k",), path[:, 0]), "ky": (("k",), path[:, 1])}
    variables = {"spectral_density": (("omega", *others, "spin", "k"), intensity)}
    return source.wrap(variables, coords=coords, title="spectrum E(k)", window=window)


def g1(
    dataset: xr.Dataset, point: tuple[float, float] | None = None, *, average: Sequence[str] | None = None
) -> xr.Dataset:
    """First-order spatial coherence of each spin component.

    With ``point`` r0 the map ``g1(r) = <psi^*(r0) psi(r)> / sqrt(<|psi(r0)|^2> <|psi(r)|^2>)``, and without it
    ``g1(d) = int <psi^*(r) psi(r + d)> d2r / int <|psi|^2> d2r``.

    Parameters
    ----------
    dataset
        A field.
    point
        (x, y) of r0; the nearest point of the grid is taken and told in the attributes.
    average
        Dimensions over which <> is the mean, None: time, where there is one. The others stay. With none at all the map
        of a point has |g1| = 1.

    Returns
    -------
    xarray.Dataset
        ``g1``, complex, dimensions (..., spin, y, x), or (..., spin, dy, dx) with the separation d as coordinates.
    """
    source = field(dataset)
    average = known([name for name in source.dims if name == "time"] if average is None else average, source.dims)
    axes = tuple(source.dims.index(name) for name in average)
    left = tuple(name for name in source.dims if name not in average)
    if point is None:
        values = fourier.g1_of_separation(source.psi, source.grid, axes)
        coords = source.plane("dx", "dy", fourier.separations(source.grid))
        return source.wrap({"g1": ((*left, "spin", "dy", "dx"), values)}, coords=coords, title="coherence g1")
    x, y = source.grid.points
    i2, i1 = np.unravel_index(np.argmin((x - point[0]) ** 2 + (y - point[1]) ** 2), x.shape)
    index = int(i2), int(i1)
    values = fourier.g1_from(source.psi, source.grid, index, axes)
    taken = (float(x[index]), float(y[index]))
    return source.wrap({"g1": ((*left, "spin", "y", "x"), values)}, title="coherence g1", point=taken)


def spin_domains(dataset: xr.Dataset, *, threshold: float = 0.0) -> xr.Dataset:
    """Statistics of the domains of one sign of S_z, at each time.

    Parameters
    ----------
    dataset
        A field.
    threshold
        Points with S below ``threshold`` times its maximum at that time belong to no domain.

    Returns
    -------
    xarray.Dataset
        ``domain_number``, ``domain_area`` (mean), ``largest_domain`` (area), ``up_fraction`` (area share of S_z >= 0)
        and ``correlation_length``: where the connected correlation of sign S_z, averaged over directions, falls to 1/e;
        NaN where there is one sign only. Points that share a side are neighbours, across the edges of the cell too.
    """
    source = field(dataset)
    s, _, _, s_z = local.stokes(source.psi)
    inside = (s > 0) & (s >= threshold * s.max(axis=(-2, -1), keepdims=True))
    leading = s.shape[:-2]
    found = [domains.statistics(s_z[i], inside[i], source.grid) for i in np.ndindex(leading)]
    names = ("domain_number", "domain_area", "largest_domain", "up_fraction", "correlation_length")
    columns = zip(names, zip(*found, strict=True), strict=True)
    variables = {name: (source.dims, np.reshape(column, leading)) for name, column in columns}
    return source.wrap(variables, title="spin domains", threshold=threshold)


def _time_step(source: Field) -> float:
    time = source.coords["time"][1] if "time" in source.dims and "time" in source.coords else np.empty(0)
    steps = np.diff(time)
    if time.size < 4 or not np.allclose(steps, steps[0], rtol=1e-6, atol=0):
        raise ValueError(
            f"a spectrum needs at least 4 equally spaced times, there are {time.size}"
            + (f" with steps from {steps.min():.6g} to {steps.max():.6g}" if time.size > 1 else "")
            + "; save with lp.every(step)"
        )
    return float((time[-1] - time[0]) / (time.size - 1))


def _path(source: Field, k: Any) -> np.ndarray:
    if k is None:
        kx, ky = (np.fft.fftshift(component[0]) for component in source.grid.wavevectors)
        return np.stack([kx, ky], axis=-1)
    if hasattr(k, "kx"):
        return np.stack([np.asarray(k.kx), np.asarray(k.ky)], axis=-1).reshape(-1, 2)
    array = np.asarray(k, float)
    if array.ndim != 2 or array.shape[1] != 2:
        raise ValueError(f"k has shape {array.shape}, need (nk, 2): Cartesian wavevectors, or a path with kx and ky")
    return array
