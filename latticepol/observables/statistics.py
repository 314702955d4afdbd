"""The doors to what belongs to the field as a whole: vortices, momentum space, E(k), coherence, domains.

Each takes the Dataset of ``evolve`` or ``steady_state`` (its ``psi`` with dimensions spin, y, x and any in front).
"""

import warnings
from collections.abc import Sequence
from typing import Any

import numpy as np
import xarray as xr

from latticepol.arrays import read_array, read_integer, read_number
from latticepol.errors import kind
from latticepol.observables import domains, fourier, local, winding
from latticepol.observables.source import Field, field, known, recorded, units_of
from latticepol.results.dataset import check_dataset, wrap

#: Times that a spectrum needs.
SPECTRUM_TIMES = 4
#: Waves with less than this part of the largest population are not seen in a spectrum.
UNPOPULATED = 1e-12


def vortices(dataset: xr.Dataset, *, threshold: float = 0.01, reach: int = 4) -> xr.Dataset:
    """Return the phase singularities of each spin component.

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

    Raises
    ------
    ValueError
        The threshold is not from 0 to 1, reach no integer >= 0.
    """
    threshold, reach = _share("threshold", threshold), read_integer("reach", reach, least=0)
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
    """Return ``momentum_density`` |int psi_s exp(-i k.r) d2r|^2 / area, dimensions (..., spin, ky, kx), ascending.

    The population of each plane wave k of the cell (q included): the sum over k is the integral of |psi_s|^2.
    """
    source = field(dataset)
    shifted = [np.fft.fftshift(k) for k in source.grid.wavevectors]
    values = np.fft.fftshift(fourier.momentum_density(source.psi, source.grid), axes=(-2, -1))
    variables = {"momentum_density": ((*source.dims, "spin", "ky", "kx"), values)}
    return source.wrap(variables, coords=source.plane("kx", "ky", shifted), title="momentum-space density")


def amplitudes(dataset: xr.Dataset, k: object = None) -> xr.Dataset:
    """Return ``amplitude`` a_s(k) = int psi_s exp(-i k.r) d2r / sqrt(area) of plane waves, dimensions (..., spin, k).

    Its square is the population of the wave. All that :func:`spectrum` needs of a long run, and far less than the
    field: ``lp.evolve(..., variables=[functools.partial(lp.amplitudes, k=k)])``.

    Parameters
    ----------
    dataset
        A field.
    k
        Wavevectors: an array (nk, 2), anything with ``kx`` and ``ky`` such as ``lat.path(...)``, or None: those of the
        grid along its first reciprocal vector, ascending. Any k is allowed; only those of the grid are orthogonal.

    Raises
    ------
    ValueError
        k is not (nk, 2), or not finite.
    """
    source = field(dataset)
    path, coords = _path(source, k)
    variables = {"amplitude": ((*source.dims, "spin", "k"), fourier.amplitudes(source.psi, source.grid, path))}
    return source.wrap(variables, coords=coords, title="amplitudes of plane waves")


def spectrum(
    dataset: xr.Dataset, k: object = None, *, window: object = "hann", about: xr.Dataset | None = None
) -> xr.Dataset:
    """Return E(k) from a time series: what an angle-resolved spectrometer sees (docs/physics.md, sections 4 and 6).

    ``I_s(k, w) = |sum_t h(t) a_s(k, t) exp(i w t)|^2 dt / (2 pi sum_t h^2)``, a = int psi_s exp(-i k.r) d2r /
    sqrt(area): the integral over w is the (weighted) mean population of the plane wave k. A lattice shows its bands at
    k in the extended zone, with the weight that their modes have there.

    Parameters
    ----------
    dataset
        A field saved at equal steps of ``time``, or the ``amplitude`` of :func:`amplitudes`; of other times the longest
        equally spaced part is taken. Frequencies reach pi over the step (faster motion folds back into that range) and
        resolve 2 pi over the duration times the width of the window (2 bins for "hann").
    k
        As in :func:`amplitudes`, whose result has its own.
    window
        What ``scipy.signal.get_window`` takes: "hann", ("kaiser", 8.0); "boxcar" is none. For a motion that decays from
        the start a window that is largest there: ("exponential", 0, n) falls to 1/e in n steps and makes each mode a
        line ``1/((w - Re w_j)^2 + (1/(n dt) - Im w_j)^2)``; so does "boxcar", without the 1/(n dt), if all has decayed
        at the end.
    about
        A stationary state on the cell of the field (``lp.tiled`` takes it to a supercell), from which the field began
        at time 0: its psi exp(-i mu t) is taken off and ``omega`` counts from mu. What is left are its excitations: of
        a condensate at rest for w > 0 the particles u, for w < 0 their ghosts v. At each k are all frequencies of
        ``lp.bogoliubov`` at k - q, with q the Bloch wavevector of the grid, from which its k counts.

    Returns
    -------
    xarray.Dataset
        ``spectral_density`` (omega, ..., spin, k), with coordinates ``kx``, ``ky`` along k. Attribute ``frames``: how
        many of the times were taken, and which.

    Warns
    -----
    UserWarning
        Waves k that are populated are faster than pi over the step: their free frequency k^2/2m and the splittings
        of the model, counted from mu with ``about``, fold back.

    Raises
    ------
    ValueError
        There are fewer than four equally spaced times; ``about`` is on another cell, or holds several states; k or the
        window is not finite.
    TypeError
        ``about`` is not a stationary state.
    """
    check_dataset(dataset, "lp.evolve or lp.amplitudes")
    if "amplitude" in dataset and k is not None:
        raise ValueError("the dataset holds amplitudes at its own wavevectors; leave out k")
    waves = dataset if "amplitude" in dataset else amplitudes(dataset, k)
    series = waves["amplitude"].transpose("time", ...) if "time" in waves.sizes else waves["amplitude"]
    series, dt, frames = _equally_spaced(series)
    mu = 0.0 if about is None else _check_state(waves, about)
    _warn_of_folding(waves, series, dt, mu)
    if about is not None:
        turning = np.exp(1j * mu * series["time"])
        series = series * turning - amplitudes(about, np.stack([series.kx, series.ky], axis=-1))["amplitude"]
    values = read_array("amplitude", series, real=False, finite=False)
    omega, intensity = fourier.spectrum(values, dt, window)
    coords = {str(name): (c.dims, c.values) for name, c in series.coords.items() if "time" not in c.dims}
    variables = {"spectral_density": (("omega", *map(str, series.dims[1:])), intensity)}
    units = units_of(waves, str(waves["kx"].attrs.get("units", "")).removesuffix("-1"))
    more: dict[str, Any] = {"window": window, "frames": frames} | ({} if about is None else {"mu": mu})
    coords |= {"omega": (("omega",), omega)}
    return wrap(variables, coords, recorded(waves), title="spectrum E(k)", units=units, **more)


def g1(
    dataset: xr.Dataset, point: tuple[float, float] | None = None, *, average: Sequence[str] | None = None
) -> xr.Dataset:
    """Return the first-order spatial coherence of each spin component.

    With ``point`` r0 the map ``g1(r) = <psi^*(r0) psi(r)> / sqrt(<|psi(r0)|^2> <|psi(r)|^2>)``, and without it
    ``g1(d) = int <psi^*(r) psi(r + d)> d2r / int <|psi|^2> d2r``.

    Parameters
    ----------
    dataset
        A field.
    point
        (x, y) of r0, finite; the nearest point of the grid is taken and told in the attributes.
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
    x0, y0 = _point(point)
    i2, i1 = np.unravel_index(np.argmin((x - x0) ** 2 + (y - y0) ** 2), x.shape)
    index = int(i2), int(i1)
    values = fourier.g1_from(source.psi, source.grid, index, axes)
    taken = (float(x[index]), float(y[index]))
    return source.wrap({"g1": ((*left, "spin", "y", "x"), values)}, title="coherence g1", point=taken)


def spin_domains(dataset: xr.Dataset, *, threshold: float = 0.0) -> xr.Dataset:
    """Return the statistics of the domains of one sign of S_z, at each time.

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

    Raises
    ------
    ValueError
        The threshold is not from 0 to 1.
    """
    threshold = _share("threshold", threshold)
    source = field(dataset)
    s, _, _, s_z = local.stokes(source.psi)
    inside = (s > 0) & (s >= threshold * s.max(axis=(-2, -1), keepdims=True))
    leading = s.shape[:-2]
    found = [domains.statistics(s_z[i], inside[i], source.grid) for i in np.ndindex(leading)]
    names = ("domain_number", "domain_area", "largest_domain", "up_fraction", "correlation_length")
    columns = zip(names, zip(*found, strict=True), strict=True)
    variables = {name: (source.dims, np.reshape(column, leading)) for name, column in columns}
    return source.wrap(variables, title="spin domains", threshold=threshold)


def _share(name: str, given: object) -> float:
    return float(read_number(name, given, least=0.0, most=1.0, need="a part of the maximum, from 0 to 1"))


def _point(given: object) -> tuple[float, float]:
    point = read_array("point", given, need="a point (x, y)")
    if point.shape != (2,):
        raise ValueError(f"point has shape {point.shape}; give a point (x, y)")
    x, y = point.tolist()
    return x, y


def _equally_spaced(series: xr.DataArray) -> tuple[xr.DataArray, float, str]:
    """Return the longest part with equal steps of time, its step, and in words which part it is."""
    time = read_array("time", series["time"]) if "time" in series.dims else np.empty(0)
    first, last = fourier.longest_equal(time)
    count = last - first + 1 if time.size else 0
    if count < SPECTRUM_TIMES:
        steps = np.diff(time)
        raise ValueError(
            f"a spectrum needs at least {SPECTRUM_TIMES} equally spaced times, there are {count} in a row among "
            f"{time.size}"
            + (f" with steps from {steps.min():.6g} to {steps.max():.6g}" if time.size > 1 else "")
            + "; save with lp.every(step)"
        )
    frames = f"{count} of {time.size}, t = {time[first]:.6g} to {time[last]:.6g}"
    return series.isel(time=slice(first, last + 1)), float((time[last] - time[first]) / (count - 1)), frames


def _warn_of_folding(waves: xr.Dataset, series: xr.DataArray, dt: float, mu: float) -> None:
    """Warn where waves that are populated turn faster than the frames can tell."""
    others = tuple(series.dims.index(dim) for dim in series.dims if dim != "k")
    population = (np.abs(series.values) ** 2).mean(axis=others)
    there = population > UNPOPULATED * population.max(initial=0.0)
    k = np.hypot(series["kx"].values, series["ky"].values)
    edges = np.array([edge - mu for edge in fourier.free_edges(k, recorded(waves))])
    fastest = np.where(there, np.abs(edges).max(axis=0), 0.0)
    worst = int(fastest.argmax())
    if fastest[worst] > np.pi / dt:
        warnings.warn(
            f"frames {dt:.6g} apart tell frequencies up to pi/{dt:.6g} = {np.pi / dt:.4g} only, and the wave at |k| = "
            f"{k[worst]:.4g} has {fastest[worst]:.4g}: it folds back to another one. Save at least every "
            f"{np.pi / fastest[worst]:.3g}, or leave out such k",
            stacklevel=3,
        )


def _check_state(waves: xr.Dataset, about: object) -> float:
    """Return mu of the state, which must live on the cell of the waves: their amplitudes are per area of the cell."""
    if not isinstance(about, xr.Dataset) or "mu" not in about:
        what = f"a Dataset of {list(about.data_vars)}" if isinstance(about, xr.Dataset) else kind(about)
        raise TypeError(f"about is {what}; give a stationary state, as lp.steady_state returns it")
    if about["mu"].ndim:
        raise ValueError(f"about holds several states along {about['mu'].dims}; choose one with .sel(...)")
    cells = [recorded(dataset).get("grid", {}).get("vectors") for dataset in (waves, about)]
    if cells[0] is None or cells[1] is None or not np.allclose(*cells):
        raise ValueError(
            f"about is a state on the cell {cells[1]}, the field is on {cells[0]}; give about=lp.tiled(state, grid)"
        )
    return float(read_number("mu of about", about["mu"]))


def _path(source: Field, k: object) -> tuple[np.ndarray, dict[str, Any]]:
    """Return wavevectors (nk, 2) and the coordinates along them."""
    labels = {}
    if k is None:
        points = np.stack([np.fft.fftshift(component[0]) for component in source.grid.wavevectors], axis=-1)
    elif hasattr(k, "kx"):
        points = np.stack([read_array(name, getattr(k, name)) for name in ("kx", "ky")], axis=-1).reshape(-1, 2)
        given = {name: getattr(k, name, None) for name in ("distance", "point")}
        labels = {name: (("k",), np.asarray(c)) for name, c in given.items() if c is not None}
    else:
        points = read_array("k", k, dims=("axis",), need="Cartesian wavevectors (nk, 2)")
    if points.ndim != 2 or points.shape[1] != 2:
        raise ValueError(
            f"k must have shape (nk, 2), Cartesian wavevectors, or be a path with kx and ky; got {points.shape}"
        )
    return points, {"kx": (("k",), points[:, 0]), "ky": (("k",), points[:, 1])} | labels
