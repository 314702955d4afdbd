"""Draw every figure from the data files alone: python experiments/dispersion/run.py --draw."""

from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import xarray as xr
from matplotlib.colors import LinearSegmentedColormap, LogNorm, Normalize
from matplotlib.lines import Line2D
from parameters import FIELD
from results_table import STABLE

from latticepol import plot

Data = dict[str, xr.Dataset]
#: Energies shown (meV), and decades of the colour scale.
SHOWN, DECADES = (-2.15, -0.25), 2.5
TITLES = {"empty": "empty lattice", "below": "condensate below p$_c$", "above": "condensate above p$_c$"}
#: Colour and marker of each lattice; "v" is left for closed gaps.
LATTICES = {"empty": ("0.45", "s"), "below": (plot.BLUE, "o"), "above": (plot.VERMILION, "D")}
#: From white to a grey on which lines can be seen; colours of the bands on it, and on the polarisation.
PALE = LinearSegmentedColormap.from_list("pale", ["white", "0.15"])
BANDS = (plot.ORANGE, "black")
#: Corners along the line, in thirds of the reciprocal vector.
CORNERS = {-1.5: "M", -1.0: "K'", 0.0: "G", 1.0: "K", 1.5: "M", 2.0: "K'", 3.0: "G"}


def dispersion(data: Data) -> plt.Figure:
    """E(k) of the three lattices: population, relative to the largest shown at each k, and its circular polarisation.

    Bands on top, dashed so that what they lie on is seen between; in both rows the faint is pale.
    """
    fig, axes = plt.subplots(2, 3, figsize=(13, 8.8), layout="constrained", sharex=True, sharey=True)
    for column, name in zip(axes.T, TITLES, strict=True):
        ds = data[name]
        plus, minus = (ds.intensity.sel(spin=spin) for spin in "+-")
        total = plus + minus
        relative = total / total.sel(energy=slice(*SHOWN)).max("energy")
        style = {"shading": "nearest", "rasterized": True}
        first = column[0].pcolormesh(ds.k, ds.energy, relative, cmap=PALE, norm=LogNorm(10**-DECADES, 1), **style)
        alpha = np.clip(Normalize(-DECADES, 0)(np.log10(relative)), 0, 1)
        column[1].set_facecolor("white")
        second = column[1].pcolormesh(
            ds.k, ds.energy, (plus - minus) / total, cmap="PuOr", vmin=-1, vmax=1, alpha=np.asarray(alpha), **style
        )
        for ax, colour in zip(column, BANDS, strict=True):
            ax.plot(ds.k_band, ds.band, color=colour, lw=1.1, ls=(0, (4, 2.5)))
            if "condensate" in ds:
                ax.axhline(float(ds.condensate), color=plot.BLUE, lw=1.2, ls=":")
        third = float(ds.k[-1]) / 3
        column[0].set_title(TITLES[name] + _verdict(ds), fontsize=10)
        for ax in column:
            ax.set(ylim=SHOWN, xlim=(-1.5 * third, 3 * third))
            corners = ax.secondary_xaxis("top")
            corners.set_xticks([third * at for at in CORNERS], list(CORNERS.values()) if ax is column[1] else [])
        column[1].set_xlabel("k along G-K [1/um]")
    for ax in axes[:, 0]:
        ax.set_ylabel("energy above the top of the potential [meV]")
    fig.colorbar(first, ax=axes[0], label="population per energy / largest shown at this k")
    fig.colorbar(second, ax=axes[1], label="degree of circular polarisation")
    lines = [
        Line2D([], [], color=BANDS[0], ls="--", label="bands (population)"),
        Line2D([], [], color=BANDS[1], ls="--", label="bands (polarisation)"),
        Line2D([], [], color=plot.BLUE, ls=":", label="condensate, taken off"),
    ]
    fig.legend(handles=lines, loc="outside lower center", ncols=3, fontsize=9, frameon=False)
    fig.suptitle(f"What a weak pulse leaves behind lies on the Bogoliubov bands, B = {FIELD:g} T")
    return fig


def _verdict(ds: xr.Dataset) -> str:
    if "growth" not in ds:
        return ", with its losses"
    rate = float(ds.growth)
    state = "stable" if rate < STABLE else f"unstable, {rate:.2g}/ps"
    return f": {state}, S$_z$/S = {float(ds.magnetisation):.2f}"


def splitting(data: Data) -> plt.Figure:
    """The gap against the field in tesla, next to the width of its lines."""
    ds = data["splitting"]
    fig, axes = plt.subplots(1, 2, figsize=(11, 5.2), layout="constrained", sharex=True)
    for name, (colour, marker) in LATTICES.items():
        at = ds.sel(lattice=name)
        stable, is_open = at.growth < STABLE, at.direct_gap > 0
        gap = 1e3 * at.direct_gap.where(is_open)
        axes[0].loglog(ds.field, 1e3 * at.line_width, ":", color=colour, lw=1.8)
        axes[0].loglog(ds.field, gap, "-", color=colour, lw=1.8)
        panels = [(axes[0], gap)] if name == "empty" else [(axes[0], gap), (axes[1], at.magnetisation)]
        if name != "empty":
            axes[1].semilogx(ds.field, at.magnetisation, "-", color=colour, lw=1.8)
        for ax, values in panels:
            ax.plot(ds.field, values.where(stable), marker, ms=6, color=colour)
            ax.plot(ds.field, values.where(~stable), marker, ms=6, color=colour, mfc="white")
        closed = ds.field[~is_open.values]
        axes[0].plot(
            closed, np.full(closed.size, 0.03), "v", ms=7, color=colour, transform=axes[0].get_xaxis_transform()
        )
    axes[0].set(ylabel=r"direct gap above two bands [$\mu$eV]", title="gap and width of its lines")
    axes[1].set(ylabel="largest S$_z$ / largest S", ylim=(0, 1.02), title="magnetisation of the condensates")
    for ax in axes:
        ax.set_xlabel("magnetic field B [T]")
    fig.legend(handles=_keys(), loc="outside lower center", ncols=4, fontsize=9, frameon=False)
    return fig


def _keys() -> list[Line2D]:
    """What colours, lines and symbols mean, apart from each other."""
    black: dict[str, Any] = {"color": "black", "lw": 1.8}
    point: dict[str, Any] = {"color": "black", "ls": "", "ms": 6}
    return [
        *(Line2D([], [], color=c, marker=m, lw=1.8, label=TITLES[name]) for name, (c, m) in LATTICES.items()),
        Line2D([], [], ls="-", label="direct gap", **black),
        Line2D([], [], ls=":", label="full width of the two lines at the gap", **black),
        Line2D([], [], marker="o", mfc="white", label="open symbol: unstable state", **point),
        Line2D([], [], marker="v", label="at the bottom: gap closed by losses", **point),
    ]


FIGURES = {
    "dispersion": (dispersion, "E(k) of the empty lattice, below and above p_c, bands on top"),
    "splitting": (splitting, "the gap against the magnetic field in tesla"),
}
