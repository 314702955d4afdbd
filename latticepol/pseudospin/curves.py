"""Branches of stationary states as curves, with their special points.

A state is a point x on a sheet sigma (stationary.py). Along a branch at fixed field the pump is p(x), at fixed pump the
field is delta(x): both explicit, so a branch is an interval of x, and nothing is continued step by step.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any, NamedTuple

import numpy as np
from scipy.optimize import brentq

from latticepol.pseudospin import equations, stationary, turning
from latticepol.pseudospin.site import Site

_DENSE = 20_000  # nodes of a curve between which Hopf points are looked for
_SMALLEST = 1e-13  # a branch that ends in the vacuum is cut at this s; the Jacobian has no value at s = 0


class States(NamedTuple):
    """States along a branch: parameters and s (N,), (N, 3), with what stationary.states_at returns."""

    p: np.ndarray
    delta: np.ndarray
    s: np.ndarray
    g_eff: np.ndarray
    chi: np.ndarray
    size: np.ndarray


class Special(NamedTuple):
    """A special point: its kind and its place t on the branch."""

    kind: str
    t: float


@dataclass(frozen=True)
class Sheet:
    """The states x = scale sinh(t) of one sheet: even in log |x| far out, smooth through x = 0."""

    site: Site
    along: str
    sigma: float
    scale: float

    def states(self, t: Any) -> States:
        """Return the states at t."""
        site, x = self.site, self.scale * np.sinh(np.atleast_1d(t))
        if self.along == "p":
            p = stationary.pumps_at(x, self.sigma, site.a, site.g, site.delta)
            delta = np.full(x.shape, site.delta)
        else:
            p = np.full(x.shape, site.p)
            delta = stationary.fields_at(x, self.sigma, site.p, site.a, site.g)
        s, g_eff, chi = stationary.states_at(x, self.sigma, p, site.a, site.g)
        if site.delta == 0.0 and self.along == "p":
            g_eff = np.where(x == 0.0, g_eff, np.inf)
        return States(p, delta, s, g_eff, chi, p + site.g * self.sigma / np.sqrt(1 + x**2))

    def ends(self, span: tuple[float, float]) -> np.ndarray:
        """Return all t at which the parameter is at an end of the span, or s = 0."""
        site = self.site
        x: list[float] = []
        if self.along == "p":
            fields = [(p, site.delta) for p in span]
            # p = -g c turns delta = f(x) into x^4 + (1 + g^2 - delta^2) x^2 = delta^2
            half, zeeman = (1 + site.g**2 - site.delta**2) / 2, site.delta**2
            root = np.hypot(half, site.delta)
            x.append(np.sign(site.delta) * np.sqrt(zeeman / (root + half) if half > 0 else root - half))
        else:
            fields = [(site.p, delta) for delta in span]
            c = -site.p * self.sigma / site.g if site.g else 0.0
            if 0 < c <= 1:
                x += [np.sqrt(1 - c**2) / c, -np.sqrt(1 - c**2) / c]
        for p, delta in fields:
            roots = stationary.sheet_roots(self.sigma, p, site.a, site.g, abs(delta))
            x += list(np.where(delta < 0, -1.0, 1.0) * roots[:, 0])
        return np.arcsinh(np.array(x) / self.scale)

    def turning_points(self) -> list[Special]:
        """Return the folds, and the pitchfork at delta = 0."""
        site = self.site
        if self.along == "p":
            rows = turning.folds_in_pump(site.a, site.g, site.delta)
        else:
            rows = turning.folds_in_field(site.p, site.a, site.g)
        return [
            Special("pitchfork" if x == 0.0 else "fold", np.arcsinh(x / self.scale))
            for x, sigma, _, _ in rows
            if sigma == self.sigma
        ]


@dataclass(frozen=True)
class Linear:
    """The linear states s_x = -sigma s at delta = 0, where t is the pump."""

    site: Site
    sigma: float

    def states(self, t: object) -> States:
        """Return the states at t."""
        p = np.atleast_1d(np.asarray(t, float))
        s, g_eff, chi = stationary.states_at(np.zeros(p.shape), self.sigma, p, self.site.a, self.site.g)
        return States(p, np.zeros(p.shape), s, g_eff, chi, p + self.sigma * self.site.g)

    def ends(self, span: tuple[float, float]) -> np.ndarray:
        """Return the pump at which s = 0."""
        return np.array([-self.sigma * self.site.g])

    def turning_points(self) -> list[Special]:
        """Return the pitchfork."""
        at = turning.pump_of_fold(0.0, self.sigma, self.site.a, self.site.g)
        return [Special("pitchfork", at)] if self.sigma > 0 else []


@dataclass
class Curve:
    """One connected piece of a branch: its states for t in [low, high]."""

    family: Sheet | Linear
    low: float
    high: float
    special: list[Special] = field(default_factory=list)


def branches(site: Site, along: str, span: tuple[float, float]) -> list[Curve]:
    """Return all branches of ``site`` with the parameter ``along`` ("p" or "delta") inside ``span``."""
    curves = []
    for family, low, high in _families(site, along, span):
        margin = partial(_margin, family, along, span)
        for start, end in _intervals(low, high, family.ends(span), margin):
            curve = Curve(family, start, end)
            inside = [point for point in family.turning_points() if start <= point.t <= end]
            curve.special = sorted(inside + _thresholds(curve) + _hopf_points(curve, site), key=lambda point: point.t)
            curves.append(curve)
    return curves


def sample(curve: Curve, points: int) -> np.ndarray:
    """Return ``points`` values of t, equally spaced in the arc length of (p, delta, s), the special points among
    them."""
    t = np.linspace(curve.low, curve.high, _DENSE)
    states = curve.family.states(t)
    steps = np.linalg.norm(np.diff(np.column_stack([states.p, states.delta, states.s]), axis=0), axis=1)
    length = np.concatenate([[0.0], np.cumsum(steps)])
    inner = [point.t for point in curve.special if curve.low < point.t < curve.high][: points - 2]
    even = np.interp(np.linspace(0.0, length[-1], points - len(inner)), length, t)
    even[0], even[-1] = curve.low, curve.high
    return np.sort(np.append(even, inner))


def _families(site: Site, along: str, span: tuple[float, float]) -> list[tuple[Sheet | Linear, float, float]]:
    """Return the families of states that hold every state with the parameter in ``span``, with their ranges of t."""
    pump = max(abs(span[0]), abs(span[1])) if along == "p" else abs(site.p)
    zeeman = abs(site.delta) if along == "p" else max(abs(span[0]), abs(span[1]))
    # p = (1 + n c^2 - delta R/x)/(a c) leaves the span within these bounds of |x|
    largest = 10 * (1 + site.a * (pump + abs(site.g)) + site.g**2 + zeeman)
    if along == "delta":
        reach = np.arcsinh(largest / 1e-6)
        return [(Sheet(site, along, sigma, 1e-6), -reach, reach) for sigma in (1.0, -1.0)]
    if site.delta == 0.0:
        linear: list[tuple[Sheet | Linear, float, float]] = [(Linear(site, sigma), *span) for sigma in (1.0, -1.0)]
        sheet, reach = Sheet(site, along, 1.0, 1e-3), np.arcsinh(largest / 1e-3)
        return [*linear, (sheet, 0.0, reach), (sheet, -reach, 0.0)]
    smallest = min(1e-3, zeeman / largest)
    reach = np.arcsinh(largest / smallest)
    families: list[tuple[Sheet | Linear, float, float]] = []
    for sigma in (1.0, -1.0):
        sheet = Sheet(site, along, sigma, smallest)
        families += [(sheet, 1e-3, reach), (sheet, -reach, -1e-3)]
    return families


def _margin(family: Sheet | Linear, along: str, span: tuple[float, float], t: object) -> np.ndarray:
    """Return what is positive where the parameter is inside the span and s > 0."""
    states = family.states(t)
    value = states.p if along == "p" else states.delta
    return np.minimum(np.minimum(value - span[0], span[1] - value), states.size - _SMALLEST)


def _intervals(
    low: float, high: float, changes: np.ndarray, margin: Callable[[object], np.ndarray]
) -> list[tuple[float, float]]:
    """Return the intervals of t in [low, high] where the margin is not negative, their ends refined.

    The margin changes sign at ``changes`` only, so one look between each two of them misses no interval, however short.
    """
    between = np.unique(np.concatenate([[low], changes[(changes > low) & (changes < high)], [high]]))
    t = np.concatenate([[low], (between[1:] + between[:-1]) / 2, [high]])
    inside = margin(t) >= 0
    edges = np.flatnonzero(inside[1:] != inside[:-1])
    cuts = [brentq(lambda t: margin(t)[0], t[i], t[i + 1], xtol=1e-15) for i in edges]
    starts = ([t[0]] if inside[0] else []) + [cut for cut, i in zip(cuts, edges, strict=True) if inside[i + 1]]
    ends = [cut for cut, i in zip(cuts, edges, strict=True) if inside[i]] + ([t[-1]] if inside[-1] else [])
    return [(start, end) for start, end in zip(starts, ends, strict=True) if end > start]


def _thresholds(curve: Curve) -> list[Special]:
    """Return the ends at which the state grows out of the vacuum."""
    sizes = curve.family.states([curve.low, curve.high]).size
    return [Special("threshold", t) for t, size in zip((curve.low, curve.high), sizes, strict=True) if size < 1e-11]


def _hopf_points(curve: Curve, site: Site) -> list[Special]:
    """Return where a complex pair of exponents crosses the imaginary axis."""
    if site.g == 0.0:  # without dissipative splitting the pair stays on the axis
        return []

    def hurwitz(t: object) -> tuple[np.ndarray, np.ndarray]:
        states = curve.family.states(t)
        j = equations.jacobian(states.s, states.p, site.a, site.g, states.delta)
        trace = np.trace(j, axis1=1, axis2=2)
        minors = (trace**2 - np.trace(j @ j, axis1=1, axis2=2)) / 2
        # lambda^3 - trace lambda^2 + minors lambda - det has roots +-i sqrt(minors) iff det = trace minors
        return trace * minors - np.linalg.det(j), minors

    t = np.linspace(curve.low, curve.high, _DENSE)
    value, _ = hurwitz(t)
    crossings = np.flatnonzero((value[1:] > 0) != (value[:-1] > 0))
    roots = [brentq(lambda t: hurwitz(t)[0][0], t[i], t[i + 1], xtol=1e-15) for i in crossings]
    # where minors < 0 two real exponents are opposite to each other, and nothing bifurcates
    return [Special("hopf", root) for root in roots if hurwitz(root)[1][0] > 0]
