"""Draw every figure from the data files alone: python experiments/field_to_site/run.py --draw."""

from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import xarray as xr
from compute import SETS
from results_table import power

from latticepol import plot

Data = dict[str, xr.Dataset]
#: Colour and marker of the shallow and of the deep trap.
LOOKS = ((plot.VERMILION, "s"), (plot.BLUE, "o"))
#: Below this |chi| the branch has no response to be seen, above it the difference that gives chi is not a small one.
CHI = (0.05, 1e3)
#: Where the closed form of p_c is marked, under s_z = 0.
BENEATH = -0.06
LABELS = {"s": "size s", "s_z": "pseudospin s$_z$", "chi": r"susceptibility $\chi$"}
PUMP = r"pump p = $\int$(W - $\Gamma$)|$\phi$|$^2$/$\epsilon$"


def _traps(ds: xr.Dataset) -> list[tuple[xr.Dataset, dict[str, Any]]]:
    """Each trap with how its points look."""
    omegas = ds.trap_omega.values
    looks = LOOKS[-len(omegas) :]
    made = []
    for omega, (colour, marker) in zip(omegas, looks, strict=True):
        style = {"color": colour, "marker": marker, "ls": "", "ms": 5, "mfc": "white", "zorder": 4}
        made.append((ds.sel(trap_omega=omega), style | {"label": rf"field, $\omega$ = {omega:g} $\epsilon$"}))
    return made


def fig1b(curve: str, name: str) -> Any:
    """The branches of a set with the points of the field."""

    def draw_set(data: Data) -> plt.Figure | None:
        if name not in data["branches"].set:
            return None
        fig, axes = plt.subplots(3, 1, figsize=(5.6, 8.6), layout="constrained", sharex=True)
        site, ds = data[curve], data["branches"].sel(set=name)
        other = (site.pseudospin.sel(axis="x") > 0).all("point").values  # the linear state that never condenses here
        site = site.isel(branch=~other, special=~other[site.special_branch.values])
        size = np.sqrt((site.pseudospin**2).sum("axis", skipna=False)).assign_attrs(units="1", long_name="size s")
        inside = (site.chi > CHI[0]) & (site.chi < CHI[1]) & site.stable
        plot.branches(site.assign(size=size), "size", axes[0], colour="black", lw=1.4)
        plot.branches(site, "s_z", axes[1], colour="black", lw=1.4)
        plot.special_points(site, "s_z", axes[1])
        plot.branches(site.assign(chi=site.chi.where(inside)), "chi", axes[2], colour="black", lw=1.4)
        for ax, quantity in zip(axes, LABELS, strict=True):
            for at, style in _traps(ds):
                theory = data["deformed_branches"].sel(set=name, trap_omega=at.trap_omega)
                ax.plot(theory.p, theory[quantity], ":", color=style["color"], lw=1.4)
                ax.plot(at.p, at[quantity], **style)
                ax.plot(at.p.where(~at.stable), at[quantity], "x", color=style["color"], ms=4, zorder=5)
            ax.set(xlabel="", ylabel=LABELS[quantity])
        known = data["departure"].sel(set=name)
        for at, style in _traps(ds):
            axes[1].plot(known.closed_p_c.sel(trap_omega=at.trap_omega), BENEATH, "^", color=style["color"], ms=8)
        axes[0].plot([], [], color="black", label="single condensate (dashed: unstable)")
        axes[0].plot([], [], ":", color="0.3", label="deformed condensate, no fit")
        axes[0].plot([], [], "^", color="0.3", ms=8, label="p$_c$ in closed form (middle panel)")
        if not ds.stable.all():
            axes[0].plot([], [], "x", color="0.3", ms=4, label="unstable")
        axes[0].legend(fontsize=8)
        axes[1].set_ylim(2 * BENEATH, None)
        axes[2].set(yscale="log", ylim=CHI, xlabel=PUMP)
        text = "Fig. 1(b) of the paper and a pumped trap" if name == "paper" else "a pumped trap"
        axes[0].set_title(f"{text}: a = 2.28, g = {SETS[name]:g}, no field", fontsize=10)
        return fig

    return draw_set


def response(data: Data) -> plt.Figure:
    """g_eff against the pump at several fields, and at p_c against the field."""
    fig, (left, right) = plt.subplots(1, 2, figsize=(11, 4.4), layout="constrained")
    site, ds, line = data["site_response"], data["response"], data["isotherm"]
    for at, style in _traps(ds):
        for delta in ds.delta.values:
            left.plot(at.p, at.g_eff.sel(delta=delta), **style)
            style.pop("label", None)
    for delta, dashes in zip(site.delta.values, ("-", "--", "-."), strict=True):
        if delta in ds.delta.values:
            text = rf"single condensate, $\delta$ = {delta:g} $\epsilon$"
            left.plot(site.p, site.g_eff.sel(delta=delta), dashes, color="black", lw=1.2, label=text)
    left.set(yscale="log", xlabel=PUMP)
    left.set(ylabel="effective g-factor g$_{eff}$ = 1 + a s$_z$/$\\delta$", title="the aligned state in weak fields")
    left.legend(fontsize=8)
    for at, style in _traps(line):
        right.loglog(at.delta, at.g_eff, **style)
    fine = np.geomspace(float(line.delta.min()), float(line.delta.max()), 50)
    law = np.exp(np.interp(np.log(fine), *_logs(line.delta, line.law)))
    right.loglog(fine, law, color="black", lw=1.2, label=r"$(c_3 \delta^2)^{-1/3}$ of the single condensate")
    right.set(xlabel=r"Zeeman splitting $\delta$ ($\epsilon$)", ylabel="g$_{eff}$")
    right.set_title("each trap at its own p$_c$: the same law")
    right.legend(fontsize=8)
    return fig


def _logs(x: xr.DataArray, y: xr.DataArray) -> tuple[np.ndarray, np.ndarray]:
    order = np.argsort(x.values)
    return np.log(x.values[order]), np.log(y.values[order])


def departure(data: Data) -> plt.Figure:
    """The difference against the depth of the trap."""
    ds = data["departure"]
    fig, axes = plt.subplots(1, 2, figsize=(11, 5.8), layout="constrained")
    size = 1 / ds.trap_omega
    for name, colour in zip(ds.set.values, (plot.BLUE, plot.VERMILION), strict=False):
        at, g = ds.sel(set=name), f"g = {SETS[name]:g}"
        panels = [
            [
                (at.p_c - at.site_p_c, "o-", f"{g}: single condensate"),
                (at.own_p_c - at.site_p_c, "^--", f"{g}: in the overlaps of the condensate itself"),
                (at.p_c - at.closed_p_c, "s:", f"{g}: closed form"),
                (at.p_c - at.deformed_p_c, "D-.", f"{g}: deformed condensate"),
            ],
            [
                (at.site_distance, "o-", f"{g}: single condensate"),
                (at.deformed_distance, "D-.", f"{g}: deformed condensate"),
            ],
        ]
        for ax, lines in zip(axes, panels, strict=True):
            for values, style, text in lines:
                label = f"{text} ({power(size, values):.2f})"
                ax.loglog(size, abs(values), style, color=colour, mfc="white", ms=5, lw=1.3, label=label)
    axes[0].set(ylabel=r"|p$_c$ of the field - p$_c$ of what is named|", title="pitchfork")
    axes[1].set(
        ylabel="|s of the field - s of what is named|", title=f"pseudospin (vector) at p$_c$ + {ds.attrs['above']:g}"
    )
    for ax in axes:
        ax.set_xlabel(r"$\epsilon/\omega$ (shallow traps to the right)")
        title = r"power of $\epsilon/\omega$ in the deep traps in brackets"
        ax.legend(fontsize=8, title=title, title_fontsize=8, loc="upper center", bbox_to_anchor=(0.5, -0.14))
    return fig


FIGURES = {
    "fig1b": (fig1b("site_paper", "paper"), "Fig. 1(b) of the paper with the field's points, g = 0.1"),
    "fig1b_g1": (fig1b("site_g1", "g = 1"), "the same at g = 1"),
    "response": (response, "g_eff against pump and field: the divergence"),
    "departure": (departure, "where the trap departs: powers of epsilon over the level spacing"),
}
