"""Draw every figure from the data files alone: python experiments/lattice_ordering/run.py --draw."""

import matplotlib.pyplot as plt
import numpy as np
import xarray as xr
from measures import standard_error
from ramps import SLOW, ordered, power_law

from latticepol import plot

Data = dict[str, xr.Dataset]
SIGNED = "PuOr_r"  # orange and purple, which colour-blind readers can tell apart
MARKERS = "os^Dv"


def alignment(data: Data) -> plt.Figure:
    """Sites and lattices along the field, walls, and what did not settle, against the pump."""
    ds = data["alignment"]
    columns = {
        "site_fraction": ("sites along the field", "site_error"),
        "lattice_probability": ("lattices along the field", "lattice_error"),
        "wall_fraction": ("bonds that are domain walls", None),
        "wound_fraction": ("lattices condensed at k ≠ 0", None),
        "unsettled_fraction": ("realisations not settled (dotted: and at k ≠ 0)", None),
    }
    size = (3.4 * len(columns), 3.2 * ds.sizes["delta"])
    figure, axes = plt.subplots(ds.sizes["delta"], len(columns), figsize=size, layout="constrained", squeeze=False)
    for row, delta in zip(axes, ds.delta.values, strict=True):
        here = ds.sel(delta=delta)
        for ax, (name, (text, error)) in zip(row, columns.items(), strict=True):
            for J, colour, marker in zip(ds.J.values, plot.COLOURS, MARKERS, strict=False):
                one = here.sel(J=J)
                bars = one[error] if error else None
                if name == "unsettled_fraction":
                    ax.plot(ds.p, one.unsettled_wound_fraction, ":", color=colour, lw=1.2)
                ax.errorbar(ds.p, one[name], bars, color=colour, marker=marker, ms=4, lw=1.2, label=f"J = {J:g}")
            if error:
                ax.plot(ds.p, here.probability, "k--", lw=1.5, label="P, one condensate", zorder=5)
                ax.axhline(0.5, color="0.7", lw=0.8)
            ax.set(
                xlabel="pump p",
                ylabel=f"fraction of {text}".replace(" (", "\n("),
                title=f"delta = {delta:g}",
                ylim=(-0.03, 1.03),
            )
    axes[0, 0].legend(fontsize=8)
    return figure


def ramp(data: Data) -> plt.Figure:
    """What is left after ramps: s_z after three of them, walls and vortices against the ramp time."""
    ds = data["ramp"]
    figure, axes = plt.subplots(1, 4, figsize=(16, 3.8), layout="constrained", width_ratios=(1, 1, 1, 1.2))
    for ax, tau in zip(axes, ds.tau.values[[0, ds.sizes["tau"] // 2, -1]], strict=False):
        _sites(ax, ds, ds.snapshot.sel(tau=tau), f"ramp time {tau:g}")
    for name, text, colour, marker in (
        ("wall_fraction", "walls per bond", plot.BLUE, "o"),
        ("vortex_fraction", "phase vortices per hexagon", plot.VERMILION, "s"),
    ):
        counts = ordered(ds, name)
        mean = np.array([values.mean() for values in counts])
        error = [standard_error(values) for values in counts]
        axes[3].errorbar(ds.tau, mean, error, color=colour, marker=marker, ms=5, ls="none", label=text)
        slow = ds.tau.values >= SLOW
        exponent, spread = power_law(ds.tau.values[slow], ordered(ds.isel(tau=slow), name))
        if np.isfinite(exponent):
            x = np.log(ds.tau.values[slow])
            law = np.exp(np.log(mean[slow]).mean() + exponent * (x - x.mean()))
            text = f"exponent {exponent:.2f} ± {spread:.2f}"
            axes[3].plot(ds.tau[slow], law, "--", color=colour, lw=1.2, label=text)
    axes[3].set(xscale="log", yscale="log", xlabel=plot.label(ds.tau), ylabel="defects where there is one domain")
    axes[3].set_ylim(axes[3].get_ylim()[0] / 3, None)
    axes[3].legend(fontsize=8, loc="lower left")
    return figure


def unstable(data: Data) -> plt.Figure:
    """The unstable lattice: s_z, its correlations, the mean s_z in time and its spectrum, without and with TE-TM."""
    ds = data["unstable"]
    figure, axes = plt.subplots(2, 5, figsize=(19, 7), layout="constrained")
    for row, dJ in zip(axes, ds.dJ.values, strict=True):
        here = ds.sel(dJ=dJ)
        for ax, p in zip(row, (ds.p.values[0], ds.p.values[-1]), strict=False):
            _sites(ax, ds, here.snapshot.sel(p=p), f"dJ = {dJ:g}, p = {p:g}")
        for p, colour in zip(ds.p.values, plot.COLOURS, strict=False):
            one = here.sel(p=p)
            text = f"p = {p:g}, length {float(one.length):.1f}"
            row[2].plot(ds.distance, one.correlated, ".-", color=colour, ms=3, lw=1, label=text)
            row[3].plot(ds.time, one.magnetisation, color=colour, lw=0.9, label=f"p = {p:g}")
            row[4].plot(ds.frequency[1:], one.power[1:], color=colour, lw=0.9, label=f"p = {p:g}")
        row[2].axhline(np.exp(-1), color="0.6", lw=0.8)
        row[2].set(xlim=(0, 15), xlabel="distance (sites)", ylabel="correlation of s_z", title=f"dJ = {dJ:g}")
        row[3].set(xlabel="time", ylabel="mean s_z / mean s", title=f"dJ = {dJ:g}")
        row[4].set(xlabel="angular frequency", ylabel="power of the mean s_z", yscale="log", title=f"dJ = {dJ:g}")
        row[4].set_ylim(max(1e-12, row[4].get_ylim()[0]), None)
        for ax in row[2:]:
            ax.legend(fontsize=7, loc="upper right")
    return figure


def _sites(ax: plt.Axes, ds: xr.Dataset, values: xr.DataArray, title: str) -> None:
    dots = ax.scatter(
        ds.x, ds.y, c=values, cmap=SIGNED, vmin=-1, vmax=1, s=16_000 / ds.sizes["site"], marker="h", linewidths=0
    )
    ax.set_facecolor("0.8")
    ax.figure.colorbar(dots, ax=ax, label="s_z / mean s", shrink=0.8)
    ax.set(aspect="equal", xlabel="x", ylabel="y", title=title)


#: File name -> (function of the data set of that name, what it shows).
#: File name -> (function of all data, what it shows).
FIGURES = {
    "alignment": (alignment, "sites and lattices along the field against p, J and delta, next to one condensate"),
    "ramp": (ramp, "domains and phase vortices after ramps of the pump, against the ramp time"),
    "unstable": (unstable, "what the unstable lattice of the paper's set turns into"),
}
