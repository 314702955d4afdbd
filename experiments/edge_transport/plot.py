"""Draw what run.py computed: the wave on the lattice, energy past the corner, the ribbon, decay lengths, and a film.

python experiments/edge_transport/run.py --draw
"""

import matplotlib.pyplot as plt
import numpy as np
import patch
import xarray as xr
from matplotlib.animation import FuncAnimation
from matplotlib.colors import LogNorm

from latticepol import plot

Data = dict[str, xr.Dataset]
#: Decades of the signal that are shown below its maximum; times of the stills (1/epsilon).
DECADES, TIMES = 2.5, (18, 24, 30, 36)
SIGNAL = "|psi - psi0 exp(-i mu t)|^2/A^2"
COLOURS = {"anticlockwise": plot.BLUE, "clockwise": plot.VERMILION}
DASHES = {"anticlockwise": "-", "clockwise": "--"}
STYLES = {"compensated": "-", "relaxed": "--"}


def snapshots(data: Data) -> plt.Figure:
    """The signal on the lattice at four times, for both signs of the field and both kinds of edges."""
    film = data["film"]
    cases = [(edges, delta) for edges in film.edges.values for delta in film.delta.values]
    size = (13, 3.1 * len(cases))
    figure, axes = plt.subplots(len(cases), 4, figsize=size, sharex=True, sharey=True, layout="constrained")
    for row, (edges, delta) in zip(axes, cases, strict=True):
        for ax, t in zip(row, TIMES, strict=True):
            dots = _sites(film, film.signal.sel(edges=edges, delta=delta, time=t).values, ax, _norm(film, edges))
            ax.set_title(f"{edges}, delta = {delta:+g}, t = {t}/epsilon", fontsize=8)
            _marks(film, ax, np.sign(delta))
        row[0].set_ylabel("y [distance of neighbours]")
        figure.colorbar(dots, ax=row, label=SIGNAL, extend="min")
    for ax in axes[-1]:
        ax.set_xlabel("x [distance of neighbours]")
    axes[0, 0].legend(loc="upper left", fontsize=7)
    return figure


def where(data: Data) -> plt.Figure:
    """Time-integrated signal of every site, compensated and relaxed edges, with the windows past the corner."""
    transport = data["transport"]
    kinds = transport.edges.values
    figure, axes = plt.subplots(len(kinds), 2, figsize=(9, 4.2 * len(kinds)), squeeze=False, layout="constrained")
    window = np.any(list(patch.past_the_corner(patch.hexagon()).values()), axis=0)
    for row, edges in zip(axes, kinds, strict=True):
        for ax, delta in zip(row, transport.delta.values, strict=True):
            energy = transport.energy.sel(edges=edges, delta=delta, defect="vacancy").values
            top = np.nanmax(energy)
            dots = _sites(transport, energy, ax, LogNorm(top / 10**DECADES, top), window)
            _marks(transport, ax, np.sign(delta))
            ax.set(title=f"{edges} edges, delta = {delta:+g}", xlabel="x [distance of neighbours]")
            ax.set_ylabel("y [distance of neighbours]")
        figure.colorbar(dots, ax=row, label="int signal dt [1/epsilon]", extend="min")
    return figure


def passed(data: Data) -> plt.Figure:
    """Signal in the windows past the corner against time."""
    film = data["film"]
    whole = patch.hexagon()
    lattice = whole.without([patch.outermost(whole, patch.VACANCY)])
    kinds = film.edges.values
    size = (9, 3.4 * len(kinds))
    figure, axes = plt.subplots(len(kinds), 2, figsize=size, sharex=True, sharey=True, layout="constrained")
    cases = [(edges, delta) for edges in kinds for delta in film.delta.values]
    for ax, (edges, delta) in zip(axes.flat, cases, strict=True):
        signal = film.signal.sel(edges=edges, delta=delta)
        for direction, window in patch.past_the_corner(lattice).items():
            line = signal.values[:, window].sum(axis=1)
            side = "behind the missing site" if direction == "anticlockwise" else "no missing site"
            text = f"past the corner {direction}, {side}"
            ax.semilogy(film.time, line, color=COLOURS[direction], linestyle=DASHES[direction], label=text)
        ax.semilogy(film.time, signal.sum("site"), color="0.5", linestyle=":", label="all sites")
        ax.set(title=f"{edges} edges, delta = {delta:+g}", xlabel="time t [1/epsilon]", ylim=(1e-6, 30))
        ax.set_ylabel(f"sum of {SIGNAL}")
    axes.flat[0].legend(fontsize=7, loc="upper right")
    return figure


def ribbon(data: Data) -> plt.Figure:
    """Dispersion near the gap, coloured by which edge a mode lives at, with the frequency of the pulse."""
    figure, axes = plt.subplots(1, 2, figsize=(10, 4.6), sharey=True, layout="constrained")
    for ax, edges in zip(axes, STYLES, strict=True):
        ds, at = data[f"ribbon_{edges}"], data["decay"].sel(p=0.1, delta=0.3, edges=edges)
        k = np.broadcast_to(ds.k.values[:, None], ds.omega.shape)
        weight = (ds.edge_weight.sel(edge="right") - ds.edge_weight.sel(edge="left")).values
        order = np.argsort(abs(weight), axis=None)
        dots = ax.scatter(
            k.ravel()[order], ds.omega.values.real.ravel()[order], c=weight.ravel()[order],
            s=7, cmap="cividis", vmin=-1, vmax=1, rasterized=True,
        )  # fmt: skip
        half = float(at.line_gap) / 2
        ax.axhspan(float(at.probe) - half, float(at.probe) + half, color=plot.SKY, alpha=0.3, label="line gap")
        ax.axhline(float(at.probe), color=plot.VERMILION, linewidth=1, label="pulse")
        known = "stable" in ds
        grows = f"grows at {float(ds.growth_rate):.2g} epsilon" if known else "no growth found"
        stable = "stable" if known and ds.stable else grows
        ax.set_title(f"{edges}: decay length {float(at.decay_length):.1f}, {stable}", fontsize=10)
        ax.set(xlabel="wavevector k along the edge [1/distance of neighbours]", ylim=(7.5, 11))
    axes[0].set_ylabel("Re w above mu [epsilon]")
    axes[0].legend(fontsize=8, loc="lower right")
    figure.colorbar(dots, ax=axes, label="weight at the right edge - at the left edge")
    return figure


def against_field(data: Data) -> plt.Figure:
    """Decay length and one-way ratio against the field."""
    decay, fields = data["decay"], data["fields"]
    figure, axes = plt.subplots(1, 2, figsize=(9, 3.6), layout="constrained")
    for p, colour in zip(decay.p.values, (plot.BLUE, plot.ORANGE), strict=False):
        for edges, style in STYLES.items():
            line = decay.decay_length.sel(p=p, edges=edges)
            axes[0].plot(decay.delta, line, "o", linestyle=style, color=colour, label=f"p = {p:g}, {edges}")
    axes[0].set(ylabel="decay length v/|Im w| [distance of neighbours]", ylim=(0, None))
    axes[0].legend(fontsize=8)
    axes[1].plot(fields.delta, fields.ratio, "o-", color=plot.BLUE)
    axes[1].set(ylabel="past the corner, along/against the wave", ylim=(0, None), title="p = 0.1, compensated")
    for ax in axes:
        ax.set(xlabel="Zeeman splitting delta [epsilon]", xlim=(0, None))
    return figure


def wave(data: Data) -> FuncAnimation:
    """The pulse in time for both signs of the field and both kinds of edges."""
    film = data["film"]
    kinds, fields = film.edges.values, film.delta.values
    size = (7, 0.4 + 3.1 * len(kinds))
    figure, axes = plt.subplots(
        len(kinds), 2, figsize=size, sharex=True, sharey=True, squeeze=False, layout="constrained"
    )
    dots = []
    for row, edges in zip(axes, kinds, strict=True):
        for ax, delta in zip(row, fields, strict=True):
            dots.append(_sites(film, film.signal.sel(edges=edges, delta=delta).values[0], ax, _norm(film, edges)))
            _marks(film, ax, np.sign(delta))
            ax.set_title(f"{edges} edges, delta = {delta:+g}", fontsize=10)
        row[0].set_ylabel("y [distance of neighbours]", fontsize=8)
        figure.colorbar(dots[-1], ax=row, extend="min").set_label(SIGNAL, fontsize=8)
    for ax in axes[-1]:
        ax.set_xlabel("x [distance of neighbours]", fontsize=8)
    title = figure.suptitle(" ")
    frames = np.flatnonzero((film.time.values >= 8) & (film.time.values <= 52))[
        :: 11 if film.attrs["resolution"] == "quick" else 2
    ]
    signals = film.signal.values.reshape(len(dots), film.sizes["time"], -1)

    def draw(i: int) -> None:
        for some, signal in zip(dots, signals[:, i], strict=True):
            some.set_array(np.maximum(signal, 1e-300))
        title.set_text(f"t = {float(film.time[i]):.0f}/epsilon")

    draw(frames[0])
    figure.draw_without_rendering()
    figure.set_layout_engine("none")  # once is enough: nothing that takes room changes
    return FuncAnimation(figure, draw, frames=frames, interval=200)


def _norm(film: xr.Dataset, edges: str) -> LogNorm:
    top = float(film.signal.sel(edges=edges).max())
    return LogNorm(top / 10**DECADES, top)


def _sites(
    ds: xr.Dataset, values: np.ndarray, ax: plt.Axes, norm: LogNorm, ring: np.ndarray | None = None
) -> plt.Artist:
    there = np.isfinite(values)
    colours = None if ring is None else np.where(ring[there], plot.ORANGE, "none")
    looks = {"edgecolors": colours, "linewidths": 0.8} if ring is not None else {"linewidths": 0}
    x, y = ds.x.values[there], ds.y.values[there]
    dots = ax.scatter(x, y, c=np.maximum(values[there], 1e-300), s=26, cmap="cividis", norm=norm, **looks)
    ax.set_aspect("equal")
    return dots


def _marks(ds: xr.Dataset, ax: plt.Axes, sign: float) -> None:
    """The source, the missing site, and an arrow along the edge in the direction of the wave."""
    whole = patch.hexagon()
    x, y = whole.basis[int(ds.attrs["vacancy"])]
    ax.plot(x, y, "x", color=plot.VERMILION, markersize=8, markeredgewidth=2, label="missing site")
    source = whole.basis[patch.outermost(whole, 0.0)]
    ax.plot(*(source - (0, 1.3)), "^", color=plot.VERMILION, markersize=7, label="source")
    looks = {"arrowstyle": "->", "lw": 2, "color": plot.VERMILION}
    ax.annotate("", xy=(7 * sign, y - 1.6), xytext=(1.5 * sign, y - 1.6), arrowprops=looks)
    ax.set_ylim(y - 3, -y + 1)


#: File name -> (function of all data, what it shows).
FIGURES = {
    "snapshots": (snapshots, "the pulse on the lattice at four times, for both signs of the field"),
    "where": (where, "time-integrated signal with the missing site; windows past the corner are ringed"),
    "passed": (passed, "signal past the corner in either direction against time"),
    "ribbon": (ribbon, "edge modes of a ribbon, the line gap and the frequency of the pulse"),
    "against_field": (against_field, "decay length and one-way ratio against the field"),
    "wave": (wave, "the pulse in time, for both signs of the field"),
}
