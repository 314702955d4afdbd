"""Draw every figure from the data files alone: python experiments/honeycomb_field/plot.py [--out DIR]."""

import sys
from pathlib import Path
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import xarray as xr
from matplotlib.colors import LogNorm
from parameters import ABOVE, CUTS, FIELD, LATTICE, P_C
from table import usable

from latticepol import plot

Data = dict[str, xr.Dataset]
PUMP = "pump p - p$_c$ of the network (units of epsilon)"
#: Prefix of a variable -> how its bands are drawn.
CURVES = {
    "": ("-", plot.BLUE, "field"),
    "network_": ("--", plot.VERMILION, "network"),
    "network_K_": (":", plot.GREEN, "network, J and dJ from the bands at K"),
}
LENGTH = "(units of the distance of neighbours)"


def summary(data: Data) -> plt.Figure:
    """The claim at a glance: enhancement and gap over pump and field, with stability and topology."""
    ds = data["gap_map"]
    fig, axes = plt.subplots(1, 2, figsize=(11, 4.6), layout="constrained", sharey=True)
    wide = ds.direct_gap > 0
    panels = [
        (ds.enhancement, "gap / gap of the empty lattice at the same field", {"norm": LogNorm(1)}, [3, 10, 100, 1000]),
        (ds.direct_gap, "direct gap (units of epsilon)", {"vmin": 0}, [0.2, 0.4, 0.6, 0.8]),
    ]
    for ax, (values, text, style, levels) in zip(axes, panels, strict=True):
        _map(ax, ds, values.where(wide), text, levels, style)
    axes[0].set_ylabel("Zeeman splitting delta (units of epsilon)")
    handles, labels = axes[0].get_legend_handles_labels()
    fig.legend(handles, labels, fontsize=9, loc="outside lower center", ncols=4, facecolor="0.9")
    fig.suptitle("Field on a honeycomb: a weak Zeeman splitting, a wide topological gap; grey: closed by losses")
    return fig


def _map(ax: Any, ds: xr.Dataset, values: xr.DataArray, text: str, levels: Any, style: dict[str, Any]) -> None:
    x = ds.p - P_C
    mesh = ax.pcolormesh(
        x, ds.delta, values.transpose("delta", "p"), cmap="cividis", shading="nearest", rasterized=True, **style
    )
    ax.figure.colorbar(mesh, ax=ax, label=text)
    ax.set_facecolor("0.8")
    if min(values.shape) > 1:
        lines = ax.contour(x, ds.delta, values.transpose("delta", "p"), levels=levels, colors="white", linewidths=0.9)
        ax.clabel(lines, fmt="%g", fontsize=8)
        region = usable(ds).astype(float).transpose("delta", "p")
        ax.contour(x, ds.delta, region, levels=[0.5], colors=plot.SKY, linewidths=2)
    ax.plot([], [], color=plot.SKY, lw=2, label="outlined: usable (stable, open, certain)")
    ax.plot(ds.fold - P_C, ds.delta, color=plot.VERMILION, lw=1.8, label="fold of the other orientation")
    p, delta = (v.values.ravel() for v in xr.broadcast(x, ds.delta))
    grown, number = (v.transpose("p", "delta").values.ravel() for v in (ds.stable == 0, ds.chern))
    ax.plot(p[grown], delta[grown], "x", color=plot.ORANGE, ms=7, mew=2, label="unstable")
    two = np.abs(number) == 2
    ax.plot(p[two], delta[two], "o", mfc="none", color="white", mec="black", ms=6, label="Chern number -2 computed")
    margin = 1.3  # so that the markers of the outermost points are whole
    ax.set(yscale="log", xlabel=PUMP, ylim=(ds.delta.min() / margin, ds.delta.max() * margin))


def cuts(data: Data) -> plt.Figure:
    """Gap and enhancement against the field and against the pump, next to the networks'."""
    ds = data["gap_map"]
    fig, axes = plt.subplots(2, 2, figsize=(11, 7.5), layout="constrained", sharex="col")
    for distance, colour in zip(CUTS, (plot.BLUE, plot.VERMILION), strict=True):
        at = ds.sel(p=P_C + distance, method="nearest")
        _three(axes[:, 0], at.delta, at, colour, f"p - p$_c$ = {distance:g}")
        if distance == CUTS[0]:
            for name, dashes in (("empty_gap", "-"), ("network_empty_gap", "--")):
                axes[0, 0].plot(at.delta, at[name], dashes, color=plot.GREY, lw=1)
            axes[0, 0].plot([], [], color=plot.GREY, lw=1, label="empty lattice")
    for delta, colour in zip((FIELD, 1e-3), (plot.BLUE, plot.VERMILION), strict=True):
        at = ds.sel(delta=delta, method="nearest")
        _three(axes[:, 1], at.p - P_C, at, colour, f"delta = {float(at.delta):.3g}")
    for ax in axes[:, 0]:
        ax.set(xscale="log", yscale="log")
    axes[1, 0].axhline(1, color=plot.GREY, lw=0.8)
    axes[0, 0].set_ylabel("direct gap (units of epsilon)")
    axes[1, 0].set(ylabel="enhancement of the gap", xlabel="Zeeman splitting delta (units of epsilon)")
    axes[1, 1].set(yscale="log", xlabel=PUMP)
    for ax in axes[0]:
        ax.plot([], [], "--", color="black", lw=1, label="network")
        ax.plot([], [], ":", color="black", lw=1.5, label="network, J and dJ from the bands at K")
        ax.legend(fontsize=8)
    fig.suptitle("Direct gap and its enhancement: field (points; crosses: unstable) and network (dashed)")
    return fig


def _three(axes: Any, x: xr.DataArray, at: xr.Dataset, colour: str, text: str) -> None:
    """Field and both networks; closed gaps are left out."""
    scale = {"direct_gap": at.empty_gap, "network_gap": at.network_empty_gap, "network_K_gap": at.network_K_empty_gap}
    styles = {"direct_gap": "o-", "network_gap": "--", "network_K_gap": ":"}
    for name, style in styles.items():
        gap = at[name].where(at[name] > 0)
        axes[0].plot(x, gap, style, color=colour, ms=4, lw=1.3, label=text if name == "direct_gap" else None)
        axes[1].plot(x, gap / scale[name], style, color=colour, ms=4, lw=1.3)
    grown = (at.stable == 0) & (at.direct_gap > 0)
    axes[0].plot(x[grown], at.direct_gap[grown], "x", color="black", ms=8, mew=2)


def bands(data: Data) -> plt.Figure:
    """Empty bands, excitations, and these around K, along G-K-M-G."""
    ds = data["bands"]
    fig, axes = plt.subplots(1, 3, figsize=(14, 5), layout="constrained")
    corners = ds.point.values != ""
    K = int(np.argmax(ds.point.values == "K"))
    panels = [
        ("empty_omega", True, "empty lattice, no losses", "omega, relative to its mean at K"),
        ("omega", False, "excitations of the condensate", "Re omega, relative to mu"),
        ("omega", True, "excitations around K", "Re omega, relative to its mean at K"),
    ]
    for ax, (name, centred, title, text) in zip(axes, panels, strict=True):
        for prefix, (style, colour, label) in CURVES.items():
            shown = ds[prefix + name].values.real
            shown = shown - shown[K].mean() if centred else shown
            ax.plot(ds.distance, shown, style, color=colour, lw=1.4)
            ax.plot([], [], style, color=colour, label=label)
        ax.set_xticks(ds.distance.values[corners], ds.point.values[corners])
        ax.grid(axis="x", color="0.85")
        ax.set_title(title, fontsize=10)
        ax.set_ylabel(f"{text} (units of epsilon)")
    axes[0].legend(fontsize=8, loc="lower center")
    at = float(ds.distance[K])
    axes[2].set(xlim=(at - 0.8, at + 0.8), ylim=(-2.8, 2.8))
    verdict = "stable" if ds.attrs["stable"] else f"unstable, rate {ds.attrs['growth_rate']:.2g}"
    fig.suptitle(f"p - p$_c$ = {ABOVE:g}, delta = {FIELD:g}: {verdict}")
    return fig


def curvature(data: Data) -> plt.Figure:
    """Berry curvature over the Brillouin zone."""
    ds = data["curvature"]
    fig, ax = plt.subplots(figsize=(6, 4.8), layout="constrained")
    b1, b2 = LATTICE.reciprocal
    largest = float(abs(ds.berry_curvature).max())
    for i, j in np.ndindex(5, 5):
        x, y = (ds[name] + (i - 2) * b1[a] + (j - 2) * b2[a] for a, name in enumerate(("kx", "ky")))
        mesh = ax.pcolormesh(
            x, y, ds.berry_curvature, cmap="RdBu_r", vmin=-largest, vmax=largest, shading="nearest", rasterized=True
        )
    K = LATTICE.path("K G", 2).values[0]
    turns = np.pi / 3 * np.arange(7)
    ring = np.array(
        [[c * K[0] - s * K[1], s * K[0] + c * K[1]] for c, s in zip(np.cos(turns), np.sin(turns), strict=True)]
    )
    ax.plot(*ring.T, color="black", lw=1)
    for name, corner in (("K", ring[0]), ("K'", ring[1])):
        ax.annotate(name, corner, xytext=(4, 4), textcoords="offset points")
    ax.set(
        xlabel="k$_x$ (1/distance of neighbours)", ylabel="k$_y$", xlim=(-3.2, 3.2), ylim=(-2.6, 2.6), aspect="equal"
    )
    ax.set_title(f"Below the gap, p - p$_c$ = {ABOVE:g}, delta = {FIELD:g}: Chern number {int(ds.chern)}", fontsize=9)
    fig.colorbar(mesh, ax=ax, label="Berry curvature (distance$^2$)")
    return fig


def shape(data: Data) -> plt.Figure:
    """S and S_z of the state on a few cells."""
    ds = data["shape"]
    fig, axes = plt.subplots(1, 2, figsize=(10.5, 4.6), layout="constrained", sharey=True)
    a1, a2 = LATTICE.vectors
    largest = float(abs(ds.S_z).max())
    styles = {"S": {"cmap": "cividis", "vmin": 0}, "S_z": {"cmap": "RdBu_r", "vmin": -largest, "vmax": largest}}
    for ax, (name, style) in zip(axes, styles.items(), strict=True):
        for i, j in np.ndindex(6, 6):
            move = (i - 3) * a1 + (j - 2) * a2
            mesh = ax.pcolormesh(
                ds.x + move[0], ds.y + move[1], ds[name].squeeze(), shading="nearest", rasterized=True, **style
            )
            ax.plot(*(LATTICE.basis + move).T, "+", color="white", ms=5)
        fig.colorbar(mesh, ax=ax, label=f"{name.replace('_z', '$_z$')}(r)")
        ax.set(xlabel=f"x {LENGTH}", xlim=(-2.6, 2.6), ylim=(-2.2, 2.6), aspect="equal")
    axes[0].set_ylabel(f"y {LENGTH}")
    fig.suptitle(f"The state at p - p$_c$ = {ABOVE:g}, delta = {FIELD:g}; crosses: sites")
    return fig


FIGURES = {
    "summary": (summary, "enhancement and gap over pump and field, where they are stable and topological"),
    "cuts": (cuts, "gap and enhancement of field and network against field and pump"),
    "bands": (bands, "excitations and empty bands of field and network along G-K-M-G"),
    "curvature": (curvature, "Berry curvature over the Brillouin zone"),
    "shape": (shape, "S and S_z of the state in real space"),
}


if __name__ == "__main__":
    sys.path.append(str(Path(__file__).parents[1]))
    from experiment import draw_again

    draw_again(__doc__ or "", Path(__file__).parent, FIGURES)
