"""Draw every figure from the data files alone: python experiments/dispersion/plot.py [--out DIR]."""

import sys
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import xarray as xr
from matplotlib.colors import LogNorm, Normalize
from sample import FIELD, PUMPS

from latticepol import plot

Data = dict[str, xr.Dataset]
#: Energies shown (meV), and decades of the colour scale.
SHOWN, DECADES = (-2.15, -0.25), 2.5
TITLES = {"empty": "empty lattice", "below": "condensate below p$_c$", "above": "condensate above p$_c$"}
#: Corners along the line, in thirds of the reciprocal vector.
CORNERS = {-1.5: "M", -1.0: "K'", 0.0: "G", 1.0: "K", 1.5: "M", 2.0: "K'", 3.0: "G"}


def dispersion(data: Data) -> plt.Figure:
    """E(k) of the three lattices: population, relative to the largest shown at each k, and its circular polarisation.

    Bands on top; in the lower row the faint is pale.
    """
    fig, axes = plt.subplots(2, 3, figsize=(13, 8.5), layout="constrained", sharex=True, sharey=True)
    for column, name in zip(axes.T, TITLES, strict=True):
        ds = data[name]
        plus, minus = (ds.intensity.sel(spin=spin) for spin in "+-")
        total = plus + minus
        relative = total / total.sel(energy=slice(*SHOWN)).max("energy")
        norm = LogNorm(10**-DECADES, 1)
        style = {"shading": "nearest", "rasterized": True}
        first = column[0].pcolormesh(ds.k, ds.energy, relative, cmap="cividis", norm=norm, **style)
        alpha = np.clip(Normalize(-DECADES, 0)(np.log10(relative)), 0, 1)
        column[1].set_facecolor("white")
        second = column[1].pcolormesh(
            ds.k, ds.energy, (plus - minus) / total, cmap="PuOr", vmin=-1, vmax=1, alpha=np.asarray(alpha), **style
        )
        for ax, colour in zip(column, ("white", "black"), strict=True):
            ax.plot(ds.k_band, ds.band, color=colour, lw=0.5, alpha=0.8)
            if "condensate" in ds:
                ax.axhline(float(ds.condensate), color=plot.SKY, lw=0.8, ls="--")
        third = float(ds.k[-1]) / 3
        column[0].set_title(TITLES[name] + _verdict(ds), fontsize=10)
        for ax in column:
            ax.set(ylim=SHOWN, xlim=(-1.5 * third, 3 * third))
            corners = ax.secondary_xaxis("top")
            corners.set_xticks([third * at for at in CORNERS], list(CORNERS.values()) if ax is column[1] else [])
        column[1].set_xlabel("k along G-K [1/um]")
    for ax in axes[:, 0]:
        ax.set_ylabel("energy above the top of the potential [meV]")
    fig.colorbar(first, ax=axes[0], label="population per energy, of the largest at this k")
    fig.colorbar(second, ax=axes[1], label="degree of circular polarisation")
    fig.suptitle(f"What a weak pulse leaves behind, B = {FIELD:g} T; lines: bands; dashed: condensate")
    return fig


def _verdict(ds: xr.Dataset) -> str:
    if "growth" not in ds:
        return ", with its losses"
    rate = float(ds.growth)
    state = "stable" if rate < 1e-6 else f"unstable, {rate:.2g}/ps"
    return f": {state}, S$_z$/S = {float(ds.magnetisation):.2f}"


def splitting(data: Data) -> plt.Figure:
    """The gap against the field in tesla, next to the width of its lines."""
    ds = data["splitting"]
    fig, axes = plt.subplots(1, 2, figsize=(10.5, 4.4), layout="constrained", sharex=True)
    colours = dict(zip(("empty", *PUMPS), ("0.45", plot.BLUE, plot.VERMILION), strict=True))
    for (name, colour), marker in zip(colours.items(), "sov", strict=True):
        at = ds.sel(lattice=name)
        stable = at.growth < 1e-6
        gap = 1e3 * at.direct_gap.where(at.direct_gap > 0)
        axes[0].loglog(ds.field, gap, "-", color=colour, label=f"{TITLES[name]}, gap")
        axes[0].loglog(ds.field, gap.where(stable), marker, ms=5, color=colour)
        axes[0].loglog(ds.field, gap.where(~stable), marker, ms=5, color=colour, mfc="white")
        axes[0].loglog(ds.field, 1e3 * at.line_width, ":", color=colour, label="width of its lines")
        if name != "empty":
            axes[1].semilogx(ds.field, at.magnetisation, f"{marker}-", ms=5, color=colour, label=TITLES[name])
    axes[0].set(xlabel="magnetic field B [T]", ylabel="direct gap above two bands [ueV]")
    axes[1].set(xlabel="magnetic field B [T]", ylabel="largest S$_z$ / largest S", ylim=(0, 1.02))
    axes[0].set_title("no point: closed by losses; open symbols: unstable", fontsize=9)
    for ax in axes:
        ax.legend(fontsize=8, frameon=False)
    return fig


FIGURES = {
    "dispersion": (dispersion, "E(k) of the empty lattice, below and above p_c, bands on top"),
    "splitting": (splitting, "the gap against the magnetic field in tesla"),
}


if __name__ == "__main__":
    sys.path.append(str(Path(__file__).parents[1]))
    from experiment import draw_again

    draw_again(__doc__ or "", Path(__file__).parent, FIGURES)
