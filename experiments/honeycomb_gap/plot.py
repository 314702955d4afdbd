"""Draw every figure from the data files alone: python experiments/honeycomb_gap/run.py --draw."""

from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import xarray as xr
from matplotlib.colors import BoundaryNorm, ListedColormap, LogNorm
from parameters import CERTAIN, FIELD, MAIN, SETS, UNSTABLE
from results_table import NEUTRAL, power, usable

import latticepol as lp
from latticepol import plot

Data = dict[str, xr.Dataset]
GREY = "0.45"
#: Power of p - p_c that its axis shows, so that the neighbourhood of p_c can be seen.
STRETCH = 0.4
TICKS = (-0.1, -0.01, 0.0, 0.01, 0.1, 0.5)


def _title(name: str) -> str:
    g, a2 = SETS[name]
    return f"g = {g:g}, a$_2$ = {a2:g}"


def _map(ds: xr.Dataset, values: xr.DataArray, ax: Any, text: str, **style: Any) -> Any:
    """A map over p - p_c (stretched) and delta (logarithmic), with the fold line."""
    x, p_c = ds.p - ds.attrs["p_c"], ds.attrs["p_c"]
    looks = {"cmap": "cividis", "rasterized": True, "shading": "nearest"} | style
    mesh = ax.pcolormesh(x, ds.delta, values.transpose("delta", "p"), **looks)
    ax.set_facecolor("0.85")
    ax.plot(ds.fold - p_c, ds.delta, color=plot.VERMILION, lw=1.5)
    ax.set_xscale("function", functions=(_stretch, _unstretch))
    ax.set_xticks(TICKS, [f"{tick:g}" for tick in TICKS])
    ax.set(yscale="log", xlabel="pump p - p$_c$", ylabel="field delta", xlim=(x.min(), x.max()))
    ax.set_title(text, fontsize=9)
    return mesh


def _stretch(x: Any) -> Any:
    return np.sign(x) * np.abs(x) ** STRETCH


def _unstretch(x: Any) -> Any:
    return np.sign(x) * np.abs(x) ** (1 / STRETCH)


def _outline(ds: xr.Dataset, ax: Any, colour: str = "white") -> None:
    region = usable(ds).astype(float)
    if region.any():
        x = ds.p - ds.attrs["p_c"]
        ax.contour(x, ds.delta, region.transpose("delta", "p"), levels=[0.5], colors=colour, linewidths=2)


def summary(data: Data) -> plt.Figure:
    """The claim at a glance."""
    ds, line = data[f"map_{MAIN}"], data["fold_line"].sel(set=MAIN)
    fig, axes = plt.subplots(1, 2, figsize=(10, 4.2), layout="constrained")
    shown = ds.enhancement.where((ds.direct_gap > 0) & (ds.growth_rate < NEUTRAL))
    mesh = _map(ds, shown, axes[0], "stable honeycomb: how many times wider the gap is", norm=LogNorm(1))
    _outline(ds, axes[0])
    band = ds.line_gap.transpose("delta", "p")
    axes[0].contour(ds.p - ds.attrs["p_c"], ds.delta, band, levels=[0.0], colors="white", linestyles="--", linewidths=1)
    fig.colorbar(mesh, ax=axes[0], label="gap / gap of the empty lattice at the same field")
    axes[0].text(0.03, 0.04, "grey: gap closed by losses", transform=axes[0].transAxes, fontsize=8)
    axes[0].text(
        0.97,
        0.04,
        "white: certain,\nstable, topological;\nbeyond the dashes:\na band gap",
        transform=axes[0].transAxes,
        fontsize=8,
        ha="right",
        color="black",
    )
    open_ = line.direct_gap > 0
    enhancement = line.enhancement.where(open_)
    law = power(line.delta, enhancement)
    axes[1].loglog(line.delta, enhancement, "o-", ms=4, color=plot.BLUE, label=f"gap (power {law:.3f})")
    axes[1].loglog(
        line.delta,
        line.g_eff,
        "--",
        color=plot.VERMILION,
        label=f"g$_{{eff}}$ of one condensate (power {power(line.delta, line.g_eff):.3f})",
    )
    axes[1].axhline(1, color=GREY, lw=0.8)
    axes[1].set(xlabel="field delta", ylabel="enhancement", title="along the fold line (red, left)")
    axes[1].title.set_fontsize(9)
    axes[1].legend(fontsize=8)
    return fig


def maps(name: str) -> Any:
    """A figure with everything over (p, delta) of one set."""

    def draw_maps(data: Data) -> plt.Figure | None:
        if f"map_{name}" not in data:
            return None
        ds = data[f"map_{name}"]
        fig, axes = plt.subplots(4, 3, figsize=(13, 13.3), layout="constrained")
        axes.flat[-1].set_axis_off()
        error: dict[str, Any] = {"cmap": "RdBu_r", "vmin": -100, "vmax": 100}
        number = {
            "cmap": ListedColormap([plot.BLUE, plot.SKY, "white", plot.ORANGE, plot.VERMILION]),
            "norm": BoundaryNorm(np.arange(-2.5, 3), 5),
        }
        wide = ds.direct_gap > 0
        panels = [
            (ds.enhancement.where(wide), "enhancement of the direct gap; grey: closed", {"norm": LogNorm(1)}),
            (ds.direct_gap.where(wide), "direct gap", {}),
            (ds.line_gap, "line gap", {"cmap": "PuOr", "vmin": -0.5, "vmax": 0.5}),
            (ds.linewidth.where(wide), "width (FWHM) of the lines at the gap", {"vmin": 0}),
            (
                ds.resolved.where(wide),
                "smallest ratio of gap to linewidth (white: 1)",
                {"cmap": "PuOr", "norm": LogNorm(0.1, 10)},
            ),
            (ds.chern, "Chern number; grey: gap closed", number),
            (
                ds.growth_rate.clip(0).where(ds.growth_rate.notnull()),
                "largest growth rate (0: stable)",
                {"vmin": 0, "vmax": max(0.05, float(ds.growth_rate.max()))},
            ),
            (ds.g_eff, "g$_{eff}$ of one condensate", {"norm": LogNorm(1)}),
            (ds.probability, "probability of alignment of one condensate", {"vmin": 0.5, "vmax": 1}),
            (ds.paper_error, "error of the gap in a s$_z$ + delta [%]", error),
            (ds.doubled_error, "error of the gap in (2a$_1$ - a$_2$) s$_z$ + delta [%]", error),
        ]
        for ax, (values, text, style) in zip(axes.flat, panels, strict=False):
            mesh = _map(ds, values, ax, text, **style)
            _outline(ds, ax, colour="black")
            fig.colorbar(mesh, ax=ax, ticks=[-2, -1, 0, 1, 2] if values is ds.chern else None)
        where = "outlined" if usable(ds).any() else "nowhere"
        fig.suptitle(f"{_title(name)}; red: fold; stable, topological and P >= {CERTAIN}: {where}")
        return fig

    return draw_maps


def opening(data: Data) -> plt.Figure:
    """The smallest field at which the gap opens."""
    ds = data["opening"]
    fig, ax = plt.subplots(figsize=(6.5, 4.4), layout="constrained")
    for name, colour, style in zip(
        SETS, (plot.BLUE, plot.SKY, plot.VERMILION, plot.ORANGE), ("o-", "s--") * 2, strict=True
    ):
        if name not in ds.set:
            continue
        at = ds.sel(set=name)
        ax.semilogy(at.pump, at.opening, style, ms=4, color=colour, label=_title(name))
        if name in (MAIN, UNSTABLE):
            ax.axhline(float(at.empty_opening), color=colour, lw=1, ls=":")
            ax.text(
                float(at.pump.min()),
                1.1 * float(at.empty_opening),
                f"empty lattice with losses, g = {SETS[name][0]:g}",
                fontsize=8,
                color=colour,
            )
    ax.set(
        xlabel="pump p - p$_c$",
        ylabel="smallest field delta with an open gap",
        title="Losses close the gap below these fields (searched down to 1e-6)",
    )
    ax.title.set_fontsize(10)
    ax.legend(fontsize=8, loc="lower left")
    return fig


def bands(data: Data) -> plt.Figure:
    """Excitations along G-K-M-G next to the bands of the empty lattice."""
    ds = data["bands"]
    fig, axes = plt.subplots(2, 3, figsize=(12, 7.5), layout="constrained", sharex=True, sharey="row")
    names = {-1: "below", 0: "at", 1: "above"}
    for row, name in zip(axes, (MAIN, UNSTABLE), strict=True):
        for ax, pump in zip(row, ds.pump.values, strict=True):
            at = ds.sel(set=name, pump=pump)
            particles = at.isel(mode=slice(4, 8))
            shift = float(particles.omega.real.mean() - at.empty_omega.mean())
            ax.plot(ds.distance, at.empty_omega + shift, color=GREY, lw=0.9, ls="--")
            ax.plot([], [], color=GREY, lw=0.9, ls="--", label="empty lattice (shifted)")
            plot.bands(particles, ax, colour=particles.omega.imag, cmap="viridis", vmin=-0.6, vmax=0.25)
            ax.set_ylabel("")
            verdict = "stable" if float(at.growth_rate) < NEUTRAL else f"unstable, rate {float(at.growth_rate):.2f}"
            ax.set_title(f"g = {SETS[name][0]:g}, {names[int(np.sign(pump))]} p$_c$ ({pump:+g}): {verdict}", fontsize=9)
        row[0].set_ylabel("Re omega, relative to mu")
        row[0].legend(fontsize=8)
    fig.colorbar(axes[0, 0].collections[-1], ax=axes, label="Im omega (growth > 0)")
    fig.suptitle(f"Excitations of the condensed honeycomb at delta = {FIELD:g}")
    return fig


def curvature(data: Data) -> plt.Figure:
    """Berry curvature over the Brillouin zone."""
    ds = data["curvature"]
    fig, ax = plt.subplots(figsize=(6, 4.8), layout="constrained")
    plot.berry_curvature(ds, ax, bar=False)
    b1, b2 = lp.lattice.honeycomb().reciprocal
    for name, corner in (("K", (2 * b1 + b2) / 3), ("K'", (b1 + 2 * b2) / 3)):
        ax.annotate(name, corner, xytext=(4, 4), textcoords="offset points")
    ax.set(
        xlabel="k$_x$ (1/distance of neighbours)", ylabel="k$_y$", xlim=(-3.2, 3.2), ylim=(-2.6, 2.6), aspect="equal"
    )
    ax.set_title(
        f"Berry curvature below the gap, p = p$_c$, delta = {FIELD:g}: Chern number {int(ds.chern)}", fontsize=9
    )
    fig.colorbar(ax.collections[0], ax=ax, label="Berry curvature (distance$^2$)")
    return fig


def ribbons(data: Data) -> plt.Figure:
    """Edge modes of a zigzag ribbon, both kinds of edges."""
    ds = data["ribbons"]
    fig, axes = plt.subplots(1, 2, figsize=(11, 5), layout="constrained", sharey=True)
    for ax, kind in zip(axes, ds.edges.values, strict=True):
        at = ds.sel(edges=kind).isel(mode=slice(ds.sizes["mode"] // 2, None))
        side = at.edge_weight.sel(edge="left") - at.edge_weight.sel(edge="right")
        plot.bands(at, ax, colour=side, cmap="RdYlBu", vmin=-1, vmax=1, s=5)
        ax.set_facecolor("0.3")
        rate = float(at.growth_rate)
        verdict = "stable" if rate < NEUTRAL else f"unstable, rate {rate:.3g}"
        ax.set_title(f"{kind} edges: {verdict}, residual {float(at.residual):.1g}", fontsize=10)
        ax.set(xlabel="wavevector along the ribbon (1/distance of neighbours)", ylabel="")
    middle = float(ds.gap_centre)
    axes[0].set(ylabel="Re omega, relative to mu", ylim=(middle - 2.5, middle + 2.5))
    fig.colorbar(axes[0].collections[-1], ax=axes, label="weight near the left minus weight near the right edge")
    gaps = f"direct {float(ds.direct_gap):.3f}, line {float(ds.line_gap):.3f}"
    fig.suptitle(f"Zigzag ribbon, {_title(MAIN)}, delta = {FIELD:g}; bulk gap: {gaps}")
    return fig


def instability(data: Data) -> plt.Figure:
    """Where the ferromagnetic honeycomb of the paper's set is unstable."""
    ds = data["instability"]
    fig, axes = plt.subplots(1, 2, figsize=(10.5, 4.3), layout="constrained", sharey=True)
    p_c = ds.attrs["p_c"]
    for ax, ratio in zip(axes, ds.dJ_over_J.values, strict=True):
        rate = ds.growth_rate.sel(dJ_over_J=ratio)
        looks: dict[str, Any] = {"vmin": 0, "vmax": float(ds.growth_rate.max()), "shading": "nearest"}
        plot.colour_map(rate.clip(0), "p", "J", ax, bar=False, **looks)
        plot.contours(
            (rate > NEUTRAL).astype(float), "p", "J", ax, levels=[0.5], at=None, colors="white", linewidths=1.5
        )
        ax.axvline(float(ds.onset), color=plot.VERMILION, lw=1.5, ls="--", label="spin waves, s = 2 g/a")
        ax.axvline(p_c, color=plot.SKY, lw=1.5, ls=":", label="pitchfork p$_c$")
        ax.set(xlabel="pump p", ylabel="", title=f"dJ = {ratio:g} J")
    axes[0].set_ylabel("hopping J")
    axes[0].legend(fontsize=8, loc="upper left", facecolor="0.9")
    fig.colorbar(axes[0].collections[0], ax=axes, label="largest growth rate of the ferromagnet; white line: 0")
    return fig


FIGURES = {
    "summary": (summary, "the enhanced gap of the stable honeycomb, and its law along the fold"),
    **{
        f"map_{name}": (maps(name), f"gap, topology, stability and estimates over (p, delta), set {name}")
        for name in SETS
    },
    "opening": (opening, "the smallest field whose gap survives the losses"),
    "bands": (bands, "excitations along G-K-M-G below, at and above p_c"),
    "curvature": (curvature, "Berry curvature over the Brillouin zone"),
    "ribbons": (ribbons, "edge modes of a zigzag ribbon"),
    "instability": (instability, "where the ferromagnetic honeycomb of the paper's set is unstable"),
}
