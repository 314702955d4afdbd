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

_DENSE = 20_000  # nodes between which ends and Hopf points are looked for
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
        """States at t."""
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

    def turning_points(self) -> list[Special]:
        """Folds, and the pitchfork at delta = 0."""
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

    def states(self, t: Any) -> States:
        """States at t."""
        p = np.atleast_1d(np.asarray(t, float))
        s, g_eff, chi = stationary.states_at(np.zeros(p.shape), self.sigma, p, self.site.a, self.site.g)
        return States(p, np.zeros(p.shape), s, g_eff, chi, p + self.sigma * self.site.g)

    def turning_points(self) -> list[Special]:
        """The pitchfork."""
        a, g = self.site.a, self.site.g
        return [Special("pitchfork", (1 + g**2) / a - g)] if self.sigma > 0 else []


@dataclass
class Curve:
    """One connected piece of a branch: its states for t in [low, high]."""

    family: Sheet | Linear
    low: float
    high: float
    special: list[Special] = field(default_factory=list)


def branches(site: Site, along: str, span: tuple[float, float]) -> list[Curve]:
    """All branches of ``site`` with the parameter ``along`` ("p" or "delta") inside ``span``."""
    curves = []
    for family, low, high in _families(site, along, span):
        t = np.linspace(low, high, _DENSE)
        margin = partial(_margin, family, along, span)
        for start, end in _intervals(t, margin):
            curve = Curve(family, start, end)
            inside = [point for point in family.turning_points() if start <= point.t <= end]
            curve.special = sorted(inside + _thresholds(curve) + _hopf_points(curve, site), key=lambda point: point.t)
            curves.append(curve)
    return curves


def sample(curve: Curve, points: int) -> np.ndarray:
    """``points`` values of t, equally spaced in the arc length of (p, delta, s), the special points among them."""
    t = np.linspace(curve.low, curve.high, _DENSE)
    states = curve.family.states(t)
    steps = np.linalg.norm(np.diff(np.column_stack([states.p, states.delta, states.s]), axis=0), axis=1)
    length = np.concatenate([[0.0], np.cumsum(steps)])
    even = np.interp(np.linspace(0.0, length[-1], points), length, t)
    even[0], even[-1] = curve.low, curve.high
    for point in curve.special:
        even[np.abs(even - point.t).argmin()] = point.t
    return np.sort(even)


def _families(site: Site, along: str, span: tuple[float, float]) -> list[tuple[Sheet | Linear, float, float]]:
    """Families of states that hold every state with the parameter in ``span``, with their ranges of t."""
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


def _margin(family: Sheet | Linear, along: str, span: tuple[float, float], t: Any) -> np.ndarray:
    """Positive where the parameter is inside the span and s > 0."""
    states = family.states(t)
    value = states.p if along == "p" else states.delta
    return np.minimum(np.minimum(value - span[0], span[1] - value), states.size - _SMALLEST)


def _intervals(t: np.ndarray, margin: Callable[[Any], np.ndarray]) -> list[tuple[float, float]]:
    """The intervals of t where the margin is not negative, their ends refined."""
    inside = margin(t) >= 0
    edges = np.flatnonzero(inside[1:] != inside[:-1])
    cuts = [brentq(lambda t: margin(t)[0], t[i], t[i + 1], xtol=1e-15) for i in edges]
    starts = ([t[0]] if inside[0] else []) + [cut for cut, i in zip(cuts, edges, strict=True) if inside[i + 1]]
    ends = [cut for cut, i in zip(cuts, edges, strict=True) if inside[i]] + ([t[-1]] if inside[-1] else [])
    return [(start, end) for start, end in zip(starts, ends, strict=True) if end > start]


def _thresholds(curve: Curve) -> list[Special]:
    """Ends at which the state grows out of the vacuum."""
    sizes = curve.family.states([curve.low, curve.high]).size
    return [Special("threshold", t) for t, size in zip((curve.low, curve.high), sizes, strict=True) if size < 1e-11]


def _hopf_points(curve: Curve, site: Site) -> list[Special]:
    """Where a complex pair of exponents crosses the imaginary axis."""
    if site.g == 0.0:  # without dissipative splitting the pair stays on the axis
        return []

    def hurwitz(t):
        states = curve.family.states(t)
        j = equations.jacobian(states.s, states.p, site.a, site.g, states.delta)
        trace = np.trace(j, axis1=1, axis2=2)
        minors = (trace**2 - np.trace(j @ j, axis1=1, axis2=2)) / 2
        # lambda^3 - trace lambda^2 + minors lambda - det has roots +-i omega, omega^2 = minors, iff det = trace minors
        return trace * minors - np.linalg.det(j), minors

    t = np.linspace(curve.low, curve.high, _DENSE)
    value, minors = hurwitz(t)
    crossings = np.flatnonzero((value[1:] > 0) != (value[:-1] > 0))
    roots = [brentq(lambda t: hurwitz(t)[0][0], t[i], t[i + 1], xtol=1e-15) for i in crossings if minors[i] > 0]
    return [Special("hopf", root) for root in roots]
