"""Draw what run.py computed: maps over time, final Stokes maps, E(k), threshold curve, and a film.

python experiments/single_spot/run.py --draw
"""

import matplotlib.pyplot as plt
import numpy as np
import xarray as xr
from matplotlib.animation import FuncAnimation
from matplotlib.colors import LogNorm
from parameters import ALPHA1, ALPHA2, DEPTH, EPSILON, ETA, MASS, PUMP

import latticepol as lp

Data = dict[str, xr.Dataset]
VIEW = 10.0  # um, half the side of the maps
SIGNED, SIZE = "RdBu_r", "magma"


def without_vacuum(field: xr.Dataset) -> xr.Dataset:
    """S and S_z, less the half quantum per point and component that a Wigner field carries."""
    stokes = lp.stokes(field)
    point_area = float(field.x[1] - field.x[0]) * float(field.y[1] - field.y[0])
    return stokes.assign(S=stokes.S - 1 / (2 * point_area))


def maps(data: Data) -> plt.Figure:
    """S and S_z at six times of the switching on."""
    field = data["switch_on"]
    stokes = without_vacuum(field)
    chosen = stokes.sel(time=np.linspace(0, 1, 7)[1:] ** 1.5 * float(field.time[-1]), method="nearest")
    top = float(stokes.S.max())
    figure, axes = plt.subplots(2, 6, figsize=(13, 4.6), sharex=True, sharey=True, layout="constrained")
    for column, t in enumerate(chosen.time.values):
        now = chosen.sel(time=t)
        size = _map(axes[0, column], now.S, SIZE, 0, top)
        sign = _map(axes[1, column], now.S_z, SIGNED, -top, top)
        axes[0, column].set_title(f"t = {t:.0f} ps")
        axes[1, column].set_xlabel("x [um]")
    for row, (mesh, name) in enumerate(((size, "S"), (sign, "S_z"))):
        axes[row, 0].set_ylabel("y [um]")
        figure.colorbar(mesh, ax=axes[row], label=f"{name} [um-2]")
    return figure


def final_stokes(data: Data) -> plt.Figure:
    """S, S_x, S_y and S_z at the end, averaged over the last quarter of the run."""
    field = data["switch_on"]
    stokes = without_vacuum(field.isel(time=slice(-field.sizes["time"] // 4, None))).mean("time")
    top = float(stokes.S.max())
    figure, axes = plt.subplots(1, 4, figsize=(13, 3.4), sharex=True, sharey=True, layout="constrained")
    for axis, name in zip(axes, ("S", "S_x", "S_y", "S_z"), strict=True):
        low, colours = (0, SIZE) if name == "S" else (-top, SIGNED)
        figure.colorbar(_map(axis, stokes[name], colours, low, top), ax=axis, shrink=0.8)
        axis.set(xlabel="x [um]", title=f"{name} [um-2]")
    axes[0].set_ylabel("y [um]")
    return figure


def e_of_k(data: Data) -> plt.Figure:
    """E(k) of both spins on a logarithmic scale, with the free parabola and the bottom of the trap."""
    spectrum = data["spectrum"]
    figure, axes = plt.subplots(1, 2, figsize=(10, 4.2), sharey=True, layout="constrained")
    k = np.linspace(-2.5, 2.5, 101)
    norm = LogNorm(1e-2, float(spectrum.spectral_density.max()))
    for axis, spin in zip(axes, spectrum.spin.values, strict=True):
        line = spectrum.spectral_density.sel(spin=spin)
        mesh = axis.pcolormesh(spectrum.kx, spectrum.omega, np.maximum(line, 1e-3), norm=norm, cmap=SIZE)
        axis.plot(k, k**2 / (2 * MASS), "w--", linewidth=0.8, label="free polariton")
        axis.axhline(-DEPTH, color="w", linestyle=":", linewidth=0.8, label="bottom of the trap")
        axis.set(xlim=(-2.5, 2.5), ylim=(-1.3, 3), xlabel="k_x [um-1]", title=f"spin {spin}")
    axes[0].set_ylabel("omega [ps-1]")
    axes[0].legend(loc="lower left", labelcolor="w", frameon=False, fontsize=8)
    figure.colorbar(mesh, ax=axes, label="population per frequency [ps]")
    return figure


def threshold(data: Data) -> plt.Figure:
    """Number and polarisation against the pump: field (points), single condensate (lines)."""
    curve = data["threshold"]
    field, site = (curve.sel(equation=name) for name in ("field", "single condensate"))
    figure, axes = plt.subplots(1, 2, figsize=(10, 3.8), layout="constrained")
    axes[0].plot(curve.W, field.number, "o", ms=4, label="field")
    axes[0].plot(curve.W, site.number, "-", label="single condensate")
    axes[0].set(xlabel="W [ps-1]", ylabel="int S d2r")
    on = field.number > 1
    axes[1].plot(curve.W[on], field.circular_polarisation[on], "o", ms=4, color="C3", label="circular, field")
    axes[1].plot(curve.W[on], field.linear_polarisation[on], "s", ms=4, color="C0", label="linear, field")
    for sign in (1, -1):
        axes[1].plot(curve.W[on], sign * site.circular_polarisation[on], "-", color="C3")
    axes[1].plot(curve.W[on], site.linear_polarisation[on], "-", color="C0", label="lines: single condensate")
    axes[1].set(xlabel="W [ps-1]", ylabel="degree of polarisation", ylim=(-1.05, 1.05))
    for axis in axes:
        axis.legend(frameon=False)
    figure.suptitle(f"a = {(ALPHA1 - ALPHA2) / ETA:.2f}, epsilon = {EPSILON} /ps")
    return figure


def film(data: Data) -> FuncAnimation:
    """S and S_z while the spot is switched on."""
    field = data["switch_on"]
    stokes = without_vacuum(field)
    top = float(stokes.S.max())
    figure, axes = plt.subplots(1, 2, figsize=(7, 3.4), sharey=True, layout="constrained")
    meshes = [
        _map(axes[0], stokes.S[0], SIZE, 0, top),
        _map(axes[1], stokes.S_z[0], SIGNED, -top, top),
    ]
    for axis, mesh, name in zip(axes, meshes, ("S", "S_z"), strict=True):
        figure.colorbar(mesh, ax=axis, label=f"{name} [um-2]")
        axis.set_xlabel("x [um]")
    title = figure.suptitle("")

    def draw(i: int) -> None:
        for mesh, values in zip(meshes, (stokes.S, stokes.S_z), strict=True):
            mesh.set_array(values.values[i])
        title.set_text(f"W = {PUMP} /ps, t = {float(stokes.time[i]):.0f} ps")

    return FuncAnimation(figure, draw, frames=stokes.sizes["time"], interval=83)


def _map(axis: plt.Axes, values: xr.DataArray, colours: str, low: float, top: float) -> plt.Artist:
    mesh = axis.pcolormesh(values.x, values.y, values, cmap=colours, vmin=low, vmax=top, shading="nearest")
    axis.set(xlim=(-VIEW, VIEW), ylim=(-VIEW, VIEW), aspect="equal")
    return mesh


#: File name -> (function of all data, what it shows).
FIGURES = {
    "threshold": (threshold, "number and polarisation against the pump, with the law"),
    "maps": (maps, "S and S_z while the spot is switched on"),
    "stokes": (final_stokes, "Stokes maps at the end"),
    "spectrum": (e_of_k, "E(k) of both spins"),
    "switch_on": (film, "S and S_z in time"),
}
