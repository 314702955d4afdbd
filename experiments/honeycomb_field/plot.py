"""Draw every figure from the data files alone: python experiments/honeycomb_field/run.py --draw."""

from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import xarray as xr
from matplotlib.colors import LogNorm
from matplotlib.patches import Rectangle
from parameters import ABOVE, CUTS, FIELD, LATTICE, P_C

from latticepol import plot

Data = dict[str, xr.Dataset]
PUMP = "pump p - p$_c$ of the network (units of epsilon)"
#: Prefix of a variable -> how its bands are drawn.
CURVES = {
    "": ("-", plot.BLUE, "field"),
    "network_": ("--", plot.VERMILION, "network"),
    "network_K_": (":", plot.GREEN, "network, J and dJ from the bands at K"),
}
#: Level of a contour of the summary -> where its label is, between the rows of points.
LEVELS: tuple[dict[float, Any], dict[float, Any]] = (
    {30: (0.24, 3.3e-2), 300: (0.24, 3.3e-3), 3000: (0.24, 3.3e-4)},
    {0.3: (0.05, 3e-4), 0.6: (0.1, 3e-4)},
)
#: Between two panels, as a part of the width: a colour bar belongs to what is left of it.
APART = 0.07
DENSITY = "(units of epsilon/eta)"
LENGTH = "(units of the distance of neighbours)"


def summary(data: Data) -> plt.Figure:
    """The claim at a glance: enhancement and gap over pump and field, with stability and topology."""
    ds, best = data["gap_map"], data["best"]
    fig, axes = plt.subplots(1, 2, figsize=(12.5, 5.2), layout="constrained", sharey=True)
    panels = [
        (ds.enhancement, "enhancement: gap over that of the empty lattice", {"norm": LogNorm(1)}, LEVELS[0]),
        (ds.direct_gap, "direct gap (units of epsilon)", {"vmin": 0}, LEVELS[1]),
    ]
    for ax, (values, text, style, levels) in zip(axes, panels, strict=True):
        mesh = _map(ax, ds, values.where(ds.direct_gap > 0), levels, style)
        largest = f"largest usable enhancement, x {float(best.enhancement):.0f}"
        ax.plot(best.p - P_C, best.delta, "*", ms=15, color="white", mec="black", label=largest)
        ax.set_title(text, fontsize=11)
        fig.colorbar(mesh, ax=ax, label=text.split(":")[0])
    axes[0].set_ylabel("Zeeman splitting delta (units of epsilon)")
    handles, labels = axes[0].get_legend_handles_labels()
    fig.legend(handles, labels, fontsize=9, loc="outside lower center", ncols=3, facecolor="0.9")
    fig.suptitle("Field on a honeycomb: a weak Zeeman splitting, a wide topological gap")
    fig.get_layout_engine().set(wspace=APART)
    return fig


def _map(ax: Any, ds: xr.Dataset, values: xr.DataArray, levels: dict[float, Any], style: dict[str, Any]) -> Any:
    """Colours, contours with labels at given places, and what the points of the map are."""
    x, values = ds.p - P_C, values.transpose("delta", "p")
    across, up = _edges(x.values), np.exp(_edges(np.log(ds.delta.values)))
    mesh = ax.pcolormesh(across, up, values, cmap="cividis", rasterized=True, **style)
    ax.set_facecolor("0.8")
    if min(values.shape) > 1:
        lines = ax.contour(x, ds.delta, values, levels=list(levels), colors="white", linewidths=0.9)
        ax.clabel(lines, fmt="%g", fontsize=9, manual=list(levels.values()))
    ax.plot([], [], "s", ms=10, color="0.8", mec="0.4", label="closed by losses")
    line = {"color": plot.VERMILION, "label": "end of the other orientation; usable to the left"}
    ax.plot(ds.fold - P_C, ds.delta, lw=2.5, **line)
    both = {"facecolor": "none", "edgecolor": "white", "hatch": "//", "lw": 0, "alpha": 0.35}
    ax.fill_betweenx(ds.delta, ds.fold - P_C, across[-1], **both)
    key = {"facecolor": "none", "edgecolor": "0.3", "hatch": "///", "label": "both orientations: the past chooses"}
    ax.add_patch(Rectangle((0, 0), 0, 0, **key))
    p, delta = (v.values.ravel() for v in xr.broadcast(x, ds.delta))
    grown, number = (v.transpose("p", "delta").values.ravel() for v in (ds.stable == 0, ds.chern))
    ax.plot(p[grown], delta[grown], "X", color=plot.ORANGE, mec="black", ms=9, label="unstable")
    two = np.abs(number) == 2
    ax.plot(p[two], delta[two], "o", color="white", mec="black", ms=5, label="Chern number -2 computed")
    ax.set(yscale="log", xlabel=PUMP, xlim=across[[0, -1]], ylim=up[[0, -1]])
    return mesh


def _edges(at: np.ndarray) -> np.ndarray:
    """Halfway between the points, and as far beyond the outermost."""
    if len(at) == 1:
        return at[0] + np.array([-0.5, 0.5])
    middle = (at[1:] + at[:-1]) / 2
    return np.concatenate([[2 * at[0] - middle[0]], middle, [2 * at[-1] - middle[-1]]])


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
    for left, text in zip(axes[:, 0], ("direct gap (units of epsilon)", "enhancement of the gap"), strict=True):
        left.set_ylabel(text)
    for right, left in zip(axes[:, 1], axes[:, 0], strict=True):
        right.set_ylabel(left.get_ylabel())
    axes[1, 0].set_xlabel("Zeeman splitting delta (units of epsilon)")
    axes[1, 1].set(yscale="log", xlabel=PUMP)
    for ax in axes[0]:
        ax.plot([], [], "--", color="black", lw=1, label="network")
        ax.plot([], [], ":", color="black", lw=1.5, label="network, J and dJ from the bands at K")
        ax.legend(fontsize=8)
    fig.suptitle("Direct gap and its enhancement: field (points; crosses: unstable) and networks (dashed, dotted)")
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
    axes[2].set_xticks([at - 0.5, at, at + 0.5], ["K - 0.5", "K", "K + 0.5"])
    for ax in axes[:2]:
        ax.set_xlabel("wavevector along G-K-M-G")
    axes[2].set_xlabel("the same (1/distance of neighbours)")
    known = {1.0: "stable", 0.0: f"unstable, rate {ds.attrs['growth_rate']:.2g}"}
    verdict = known.get(ds.attrs["stable"], "no growth found")
    fig.suptitle(f"p - p$_c$ = {ABOVE:g}, delta = {FIELD:g}: {verdict}")
    return fig


def curvature(data: Data) -> plt.Figure:
    """Berry curvature over the Brillouin zone."""
    ds = data["curvature"]
    fig, ax = plt.subplots(figsize=(7, 5), layout="constrained")
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
        ax.annotate(name, 0.86 * corner, fontsize=12, ha="center", va="center")
    of = "(1/distance of neighbours)"
    ax.set(xlabel=f"k$_x$ {of}", ylabel=f"k$_y$ {of}", xlim=(-3.2, 3.2), ylim=(-2.6, 2.6), aspect="equal")
    ax.set_title(f"Below the gap, p - p$_c$ = {ABOVE:g}, delta = {FIELD:g}: Chern number {int(ds.chern)}", fontsize=9)
    fig.colorbar(mesh, ax=ax, shrink=0.85, label="Berry curvature (distance of neighbours squared)")
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
        fig.colorbar(mesh, ax=ax, shrink=0.85, label=f"{name.replace('_z', '$_z$')}(r) {DENSITY}")
        ax.set(xlabel=f"x {LENGTH}", xlim=(-2.6, 2.6), ylim=(-2.2, 2.6), aspect="equal")
    axes[0].set_ylabel(f"y {LENGTH}")
    fig.get_layout_engine().set(wspace=APART)
    fig.suptitle(f"The state at p - p$_c$ = {ABOVE:g}, delta = {FIELD:g}; crosses: sites")
    return fig


FIGURES = {
    "summary": (summary, "enhancement and gap over pump and field, where they are stable and topological"),
    "cuts": (cuts, "gap and enhancement of field and network against field and pump"),
    "bands": (bands, "excitations and empty bands of field and network along G-K-M-G"),
    "curvature": (curvature, "Berry curvature over the Brillouin zone"),
    "shape": (shape, "S and S_z of the state in real space"),
}
