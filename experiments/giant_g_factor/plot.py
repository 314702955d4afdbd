"""Draw every figure from the data files alone: python experiments/giant_g_factor/run.py --draw."""

import json

import matplotlib.pyplot as plt
import numpy as np
import xarray as xr
from matplotlib.colors import LogNorm

from latticepol import plot

Data = dict[str, xr.Dataset]
GREY = "0.45"


def fig1a(data: Data) -> plt.Figure:
    """Phase diagram of the pitchfork."""
    ds = data["fig1a"]
    fig, ax = plt.subplots(figsize=(5, 4), layout="constrained")
    ax.contourf(
        ds.g, ds.a, ds.supercritical.transpose("a", "g"), levels=[-0.5, 0.5, 1.5], colors=["#F3D9C4", "#CFE3F2"]
    )
    at = [(2.0, 2.5), (3.3, 2.77), (3.3, 2.24), (3.3, 1.63), (3.5, 1.27)]
    plot.contours(ds.p_c, "g", "a", ax, levels=[0, 1, 2, 4, 7], at=at, colors="0.35")
    g = ds.g.values[ds.g.values > 1]
    ax.plot(g, g - 1 / g, color="black", lw=1.8, label="a = g - 1/g")
    for name, text, marker, colour in (("fig1b", "A", "o", plot.BLUE), ("fig1c", "B", "s", plot.VERMILION)):
        a, g = (_parameter(data[name], key) for key in "ag")
        ax.plot(g, a, marker, color=colour, ms=8, label=f"set {text}: a = {a:g}, g = {g:g}", zorder=4)
    ax.text(0.4, 3.2, "supercritical", color=plot.BLUE, fontsize=11)
    ax.text(2.9, 0.12, "subcritical", color=plot.VERMILION, fontsize=11)
    ax.set(xlabel=plot.label(ds.g), ylabel=plot.label(ds.a), ylim=(0, 4), title="Fig. 1(a): pitchfork; contours: $p_c$")
    ax.legend(loc="upper center", bbox_to_anchor=(0.5, -0.16), ncols=3, fontsize=8, columnspacing=1)
    return fig


def fig1b(data: Data) -> plt.Figure:
    """Supercritical set at delta = 0."""
    return _branches_and_chi(data["fig1b"], "Fig. 1(b)")


def fig1c(data: Data) -> plt.Figure:
    """Subcritical set at delta = 0."""
    fig = _branches_and_chi(data["fig1c"], "Fig. 1(c)")
    ds = data["fig1c"]
    pitchfork = ds.special_p.values[ds.special_kind.values == "pitchfork"][0]
    ax = fig.axes[0]
    for branch in range(ds.sizes["branch"]):
        line = ds.isel(branch=branch)
        born = line.stable & (line.label != "linear") & (line.p < pitchfork)
        if born.any():
            ax.plot(line.p.where(born), line.pseudospin.sel(axis="z").where(born), color="white", lw=1.8)
            ax.plot(line.p.where(born), line.pseudospin.sel(axis="z").where(born), ":", color=plot.BLUE, lw=1.8)
    ax.plot([], [], ":", color=plot.BLUE, label="born in the fold, coexists")
    ax.legend(loc="upper left", fontsize=8)
    return fig


def _branches_and_chi(ds: xr.Dataset, title: str) -> plt.Figure:
    fig, ax = plt.subplots(figsize=(5.4, 3.8), layout="constrained")
    ds = _condensing(ds)
    plot.branches(ds, "s_z", ax, colour=plot.BLUE, lw=1.8)
    plot.special_points(ds, "s_z", ax)
    right = ax.twinx()
    lowest = ds.special_p.values.min()
    positive = ds.assign(chi=ds.chi.where((ds.chi > 1e-2) & (ds.chi < 1e4)))
    plot.branches(positive.where(ds.stable), "chi", right, colour=plot.VERMILION, lw=1.2)
    right.set(yscale="log", ylim=(0.05, 1e3))
    right.yaxis.label.set_color(plot.VERMILION)
    right.tick_params(axis="y", colors=plot.VERMILION)
    ax.yaxis.label.set_color(plot.BLUE)
    ax.set(title=f"{title}: {_set(ds)}, no field", xlim=(lowest - 0.05, ds.p.values.max()))
    for text, style in (("stable", "-"), ("unstable", (0, (4, 2)))):
        ax.plot([], [], color=plot.BLUE, linestyle=style, label=f"$s_z$, {text}")
    ax.plot([], [], color=plot.VERMILION, label=r"$\chi$, stable (right)")
    ax.legend(loc="upper left", fontsize=8)
    return fig


def _condensing(ds: xr.Dataset) -> xr.Dataset:
    """Without the linear state s_x = +s, which is never stable here and hides the other one at s_z = 0."""
    other = (ds.pseudospin.sel(axis="x") > 0).all("point").values
    return ds.isel(branch=~other, special=~other[ds.special_branch.values])


def fig2a(data: Data) -> plt.Figure:
    """The spiral of a perturbation."""
    ds = data["fig2a"]
    fig = plt.figure(figsize=(5.4, 5), layout="constrained")
    ax = fig.add_subplot(projection="3d")
    centre = ds.pseudospin.values
    path = ds.path.values - centre
    ax.plot(*path.T, color=plot.BLUE, lw=1.2, label="deviation s(t) - s*")
    ax.scatter(*path[0], color=plot.BLUE, s=25, label="start")
    scale = 0.03 / np.abs(ds.u1.values).max()
    turn = np.linspace(0, 2 * np.pi, 80)
    ellipse = scale * (np.outer(np.cos(turn), ds.u1) + np.outer(np.sin(turn), ds.u2))
    ax.plot_trisurf(*ellipse.T, color=plot.SKY, alpha=0.3, linewidth=0)
    for vector, colour, text in (
        (0.03 * ds.rotation_axis.values, plot.VERMILION, r"$\mathbf{\Omega}$ (effective field)"),
        (0.03 * ds.v3.values, plot.GREEN, r"$v_3$ (third mode)"),
    ):
        ax.quiver(0, 0, 0, *vector, color=colour, lw=2, arrow_length_ratio=0.15, label=text)
    ax.set(xlabel="$s_x - s_x^*$", ylabel="$s_y - s_y^*$", zlabel="$s_z - s_z^*$")
    p, delta = (_parameter(ds, key) for key in ("p", "delta"))
    ax.set_title(f"Fig. 2(a): p = {p:g}, delta = {delta:g}; plane of $u_1$, $u_2$ shaded", fontsize=10)
    ax.set_aspect("equal")
    eye = ds.rotation_axis.values + 1.2 * ds.u1.values / np.linalg.norm(ds.u1)  # obliquely onto the plane of u1 and u2
    ax.view_init(
        elev=np.degrees(np.arctan2(eye[2], np.hypot(eye[0], eye[1]))), azim=np.degrees(np.arctan2(eye[1], eye[0]))
    )
    for direction in (ax.xaxis, ax.yaxis, ax.zaxis):
        direction.set_ticks([-0.02, 0, 0.02])
    ax.tick_params(labelsize=7)
    ax.legend(loc="upper left", fontsize=8)
    return fig


def fig2b(data: Data) -> plt.Figure:
    """Precession frequencies and what they converge to."""
    ds, folds = data["fig2b"], data["fig2b_folds"]
    fig, (left, middle, right) = plt.subplots(1, 3, figsize=(13, 3.8), layout="constrained")
    one = ds.sel(delta=0.1)  # the field of the paper's figure
    zeeman = float(one.delta)
    left.plot(one.p, one.Omega, color=plot.BLUE, label=r"$\Omega$")
    left.plot(one.p, one.Omega_z, color=plot.VERMILION, label=r"$\Omega_z$")
    left.plot(one.p, one.g_eff * zeeman, "--", color=plot.GREEN, label=r"$g_\mathrm{eff}\,\delta$")
    left.axvline(float(folds.p.sel(delta=zeeman).min()), color=GREY, ls=":", label="fold")
    left.set(xlabel=plot.label(ds.p), ylabel="frequency / epsilon", title=f"Fig. 2(b): delta = {zeeman:g}")
    left.legend()
    mismatch = (ds.Omega_z / (ds.g_eff * ds.delta) - 1) * 100
    mismatch.attrs["long_name"] = r"$\Omega_z/(g_\mathrm{eff}\delta) - 1$ (%)"
    plot.lines(mismatch, "p", middle)
    middle.axhline(0, color=GREY, lw=0.8)
    middle.set(title="the mismatch shrinks as delta or p grows", ylim=(-75, 5), xlabel=plot.label(ds.p))
    middle.legend(fontsize=8)
    angle = np.degrees(np.arccos(np.clip(abs((ds.v3 * ds.rotation_axis).sum("axis", skipna=False)), 0, 1)))
    angle.attrs["long_name"] = r"angle between $v_3$ and $\mathbf{\Omega}$ (degrees)"
    plot.lines(angle, "p", right)
    right.set(title="third mode and effective field align", xlabel=plot.label(ds.p))
    right.legend(fontsize=8)
    return fig


def fig3(data: Data) -> plt.Figure:
    """Enhancement and probability of alignment."""
    ds, folds = data["fig3"], data["fold_line"]
    fig, axes = plt.subplots(1, 2, figsize=(11, 4.3), layout="constrained")
    norm = LogNorm(1, float(ds.g_eff.max()))
    plot.colour_map(ds.g_eff, "p", "delta", axes[0], norm=norm)
    plot.colour_map(ds.probability, "p", "delta", axes[1], vmin=0.5, vmax=1)
    at = [(0.8, 0.1), (0.64, 0.1), (0.615, 0.15), (0.615, 0.19)]
    for ax, title in zip(axes, ("Fig. 3(a): effective g-factor", "Fig. 3(b): probability of alignment"), strict=True):
        plot.contours(ds.smooth_probability, "p", "delta", ax, levels=[0.6, 0.7, 0.8, 0.9], at=at)
        plot.folds(folds, ax, lw=2)
        ax.set(yscale="log", xlim=(0, 1), ylim=(1e-3, 0.2), title=title)
        ax.legend(loc="lower right")
    return fig


def usable(data: Data) -> plt.Figure:
    """The enhancement that can be relied on."""
    ds = data["usable"]
    fig, ax = plt.subplots(figsize=(5, 3.8), layout="constrained")
    ax.loglog(ds.delta, ds.usable_g_eff, "o", color=plot.BLUE, label=r"largest $g_\mathrm{eff}$ at $P \geq 0.99$")
    ax.loglog(ds.delta, ds.g_eff_at_fold, "-", color=plot.VERMILION, label="at the fold, where P = 1 ends")
    ax.loglog(ds.delta, ds.law, ":", color="black", label=r"$(4/c_3\delta^2)^{1/3}$, small $\delta$")
    ax.axhline(100, color=GREY, lw=0.8)
    ax.set(xlabel="Zeeman splitting delta", ylabel="effective g-factor enhancement", title="The usable enhancement")
    ax.legend(fontsize=8)
    return fig


def critical(data: Data) -> plt.Figure:
    """The field response at the critical pump."""
    ds = data["critical"]
    fig, ax = plt.subplots(figsize=(5, 3.8), layout="constrained")
    s_z = ds.pseudospin.sel(axis="z")
    ax.loglog(ds.delta, s_z, color=plot.BLUE, label="$s_z$ at $p_c$")
    reference = float(s_z[0]) * (ds.delta / ds.delta[0]) ** (1 / 3)
    ax.loglog(ds.delta, reference, ":", color="black", label=r"$\propto \delta^{1/3}$")
    ax.set(xlabel="Zeeman splitting delta", ylabel="pseudospin s_z", title=f"Critical isotherm, {_set(ds)}")
    ax.legend()
    return fig


def hysteresis(data: Data) -> plt.Figure:
    """Slow sweeps of the subcritical set."""
    fig, axes = plt.subplots(1, 2, figsize=(10, 3.8), layout="constrained")
    fixed = [(name, _parameter(data[f"hysteresis_{along}"], name)) for along, name in (("p", "delta"), ("delta", "p"))]
    titles = [f"sweep at {name} = {value:g}" for name, value in fixed]
    for ax, name, title in zip(axes, ("hysteresis_p", "hysteresis_delta"), titles, strict=True):
        branches, swept = data[f"{name}_branches"], data[name]
        plot.branches(branches, "s_z", ax, colour="0.6", lw=1)
        plot.hysteresis(swept, "s_z", ax)
        ax.set(title=f"{_set(branches)}: {title}")
    return fig


def seed_size(data: Data) -> plt.Figure:
    """Small seeds align better."""
    ds = data["seed_size"]
    fig, ax = plt.subplots(figsize=(5, 3.8), layout="constrained")
    for p, colour in zip(ds.p.values, plot.COLOURS, strict=False):
        line = ds.sel(p=p)
        ax.errorbar(
            ds.mean_s, line.probability, line.standard_error, color=colour, marker="o", ms=4, label=f"p = {p:g}"
        )
    ax.axvline(0.1, color=GREY, ls=":", label="default")
    ax.set(
        xscale="log",
        xlabel=plot.label(ds.mean_s),
        ylabel=plot.label(ds.probability),
        title=f"{_set(ds)}, delta = {_parameter(ds, 'delta'):g}",
    )
    ax.legend()
    return fig


def negative_g(data: Data) -> plt.Figure:
    """The sign of g decides."""
    ds = data["negative_g"]
    fig, ax = plt.subplots(figsize=(5, 3.8), layout="constrained")
    for g, colour in ((0.1, plot.BLUE), (-0.1, plot.VERMILION)):
        for delta, style in ((1e-3, "-"), (0.1, "--")):
            ax.plot(ds.p, ds.g_eff.sel(g=g, delta=delta), style, color=colour, label=f"g = {g:g}, delta = {delta:g}")
    ax.axhline(1, color=GREY, lw=0.8)
    ax.set(
        yscale="log", xlabel=plot.label(ds.p), ylabel=plot.label(ds.g_eff), title="g < 0: the field is screened instead"
    )
    ax.legend(fontsize=8)
    return fig


def switching(data: Data) -> plt.Figure:
    """Noise-driven switching."""
    ds = data["switching"]
    fig, ax = plt.subplots(figsize=(5, 3.8), layout="constrained")
    ax.errorbar(1 / ds.noise, ds.mean_time, ds.error, color=plot.BLUE, marker="o", ms=4)
    ax.set(yscale="log", xlabel="1 / noise strength", ylabel=plot.label(ds.mean_time))
    ax.set_title(f"{_set(ds)}, p = {_parameter(ds, 'p'):g}: activated switching")
    return fig


#: File name -> (function, what it shows).
FIGURES = {
    "fig1a": (fig1a, "Fig. 1(a): where the pitchfork is super- and subcritical, p_c as contours"),
    "fig1b": (fig1b, "Fig. 1(b): s_z and chi against p, supercritical set"),
    "fig1c": (fig1c, "Fig. 1(c): s_z and chi against p, subcritical set with its fold"),
    "fig2a": (fig2a, "Fig. 2(a): a perturbation spirals about the effective field"),
    "fig2b": (fig2b, "Fig. 2(b): Omega, Omega_z and g_eff delta; their mismatch at other fields; angle of v_3"),
    "fig3": (fig3, "Fig. 3: g_eff and P over (p, delta) with the fold line"),
    "usable": (usable, "beyond: largest g_eff at P >= 0.99 and its law at weak field"),
    "critical": (critical, "beyond: s_z ~ delta^(1/3) at p_c"),
    "hysteresis": (hysteresis, "beyond: hysteresis in p and delta, subcritical set"),
    "seed_size": (seed_size, "beyond: P against the size of the seed"),
    "negative_g": (negative_g, "beyond: g < 0, where nothing bifurcates"),
    "switching": (switching, "beyond: mean switching time against noise"),
}


def _parameter(ds: xr.Dataset, name: str) -> float:
    return json.loads(ds.attrs["parameters"])[name]


def _set(ds: xr.Dataset) -> str:
    return ", ".join(f"{name} = {_parameter(ds, name):g}" for name in ("a", "g"))
