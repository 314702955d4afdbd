"""Connected curves of stationary states with their special points, and the curves that cross them.

A curve is followed both ways from a state, to the ends of the span, to the vacuum, or until it closes; where another
one crosses, both its arms are followed too.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace

import numpy as np

from latticepol.linear_problem import Growth
from latticepol.stationary.api import newton
from latticepol.stationary.arclength import Direction, Family, Point
from latticepol.stationary.growth import growth_rate
from latticepol.stationary.special_points import Modes, Special, Stretch


@dataclass(frozen=True)
class BranchSearch:
    """How curves are followed.

    Parameters
    ----------
    points
        Of one curve in each direction at most.
    curves
        At most.
    vacuum
        A state of this part of the amplitude is next to the vacuum.
    aside
        Step along a null vector onto a crossing curve, as part of the amplitude.
    close, alike
        Values of the same state agree to this part of the span, and its densities to this part.
    symmetric
        The arms of a pitchfork lie on the same side, their values equal to this part of the distance.
    finite
        A wavevector of less than this is 0.
    """

    points: int = 1000
    curves: int = 12
    vacuum: float = 1e-3
    aside: float = 1e-2
    close: float = 1e-6
    alike: float = 1e-2
    symmetric: float = 0.1
    finite: float = 1e-6


#: What is used where nothing else is said.
BRANCH_SEARCH = BranchSearch()
#: Called with the parameter's value at every point.
Watch = Callable[[float], None]


@dataclass
class Curve:
    """A curve: its points in order, and the special ones, each at an index."""

    points: list[Point] = field(default_factory=list)
    growths: list[Growth | None] = field(default_factory=list)
    special: list[tuple[int, Special]] = field(default_factory=list)


class Tracer:
    """Follows all curves that are connected with a state."""

    def __init__(
        self, family: Family, stability: bool, search: BranchSearch = BRANCH_SEARCH, watch: Watch | None = None
    ):
        self.family, self.stability, self.search, self.watch = family, stability, search, watch
        self.known: list[Special] = []
        self.curves: list[Curve] = []
        self.missed: list[str] = []

    def trace(self, start: Point) -> list[Curve]:
        """Return the curve through a state, and those that cross it."""
        along = self.family.unit(Direction(np.zeros_like(start.psi), 0.0, 1.0))
        forward = self.family.tangent(start, along)
        halves = [self._half(start, forward), self._half(start, -forward)]
        self.curves.append(self._joined(start, *halves))
        queue = [special for special in self.known if special.across is not None]
        while queue and len(self.curves) < self.search.curves:
            before = len(self.known)
            self._switch(queue.pop(0))
            queue += [special for special in self.known[before:] if special.across is not None]
        return self.curves

    def _joined(self, start: Point, forward: list[Point | Special], backward: list[Point | Special]) -> Curve:
        curve = Curve()
        for item in [*reversed(backward), start, *forward]:
            point = item.point if isinstance(item, Special) else item
            growth = self._growth(point) if self.stability else None
            onset = self._onset(curve, point, growth)
            if onset is not None:
                curve.special.append((len(curve.points), onset))
                curve.points.append(onset.point)
                curve.growths.append(self._growth(onset.point))
            if isinstance(item, Special):
                curve.special.append((len(curve.points), item))
            curve.points.append(point)
            curve.growths.append(growth)
        return curve

    def _onset(self, curve: Curve, there: Point, after: Growth | None) -> Special | None:
        """Return where growth at a finite wavevector begins or ends, between the last point of a curve and the next."""
        before = curve.growths[-1] if curve.growths else None
        if before is None or after is None or before.grows(curve.points[-1].mu) == after.grows(there.mu):
            return None
        growing = before if before.grows(curve.points[-1].mu) else after
        at = curve.points[-1]
        if not np.linalg.norm(growing.k) > self.search.finite:
            return None
        tangent = self.family.tangent(at, self.family.unit(there - at))
        stretch = Stretch(self.family, at, tangent, there)
        try:
            return stretch.onset(self._growth, growing is before)
        except (RuntimeError, ValueError, np.linalg.LinAlgError):
            self.missed.append(f"the onset near {self.family.along} = {there.value:.6g} could not be located")
            return None

    def _growth(self, at: Point) -> Growth:
        return growth_rate(self.family.at(at.value).linear_problem(at.psi, at.mu))

    def _half(self, start: Point, tangent: Direction) -> list[Point | Special]:
        """Return the points after ``start`` with the special ones among them."""
        family, items, farthest = self.family, list[Point | Special](), 0.0
        at, before = start, Modes.about(family, start)
        for there, turned in family.points(start, tangent, self.search.points):
            if self.watch:
                self.watch(there.value)
            if self._vanishes(at, there):
                items.append(self._threshold(at, there, tangent))
                break
            inside = family.span[0] <= there.value <= family.span[1]
            if not inside:
                end = self._end(at, there)
                items += [end] if end is not None else []
                break
            after = Modes.about(family, there)
            found = self._between(at, tangent, there, turned, before, after)
            items += [special for special, _ in found]
            if any(again for _, again in found):
                break
            items.append(there)
            step, away = self._distance(at, there), self._distance(start, there)
            farthest = max(farthest, away)
            if away <= step < farthest / 3:  # it is closed
                break
            at, tangent, before = there, turned, after
        return items

    def _between(
        self, at: Point, tangent: Direction, there: Point, turned: Direction, before: Modes, after: Modes
    ) -> list[tuple[Special, bool]]:
        """Return the special points of one step, each with whether it is known: there another curve was left."""
        stretch = Stretch(self.family, at, tangent, there)
        searches: list[Callable[[], Special | None]] = []
        folds = tangent.value * turned.value < 0
        if folds:
            searches.append(stretch.fold)
        fewer, more = sorted((before.growing, after.growing))
        with_more = after if after.growing > before.growing else before
        n = fewer
        while n < more:
            pair = with_more.oscillates(n)
            if pair:
                searches.append(lambda n=n: stretch.pair(n))  # type: ignore[misc]
            elif not folds:
                searches.append(lambda n=n: stretch.crossing(n))  # type: ignore[misc]
            n += 2 if pair else 1
        found = list[Special]()
        for search in searches:
            try:
                special = search()
                found += [special] if special is not None else []
            except (RuntimeError, ValueError, np.linalg.LinAlgError):
                self.missed.append(f"a special point near {self.family.along} = {there.value:.6g} could not be located")
        found.sort(key=lambda special: abs(special.point.value - at.value))
        told = [(special, any(self._same(special.point, one.point) for one in self.known)) for special in found]
        self.known += [special for special, again in told if not again]
        return told

    def _distance(self, one: Point, other: Point) -> float:
        """Return the distance of values and densities, which do not depend on the phase."""
        densities = (np.abs(one.psi) ** 2 - np.abs(other.psi) ** 2) / self.family.scale
        return float(np.hypot((one.value - other.value) / self.family.width, (densities**2).mean() ** 0.5))

    def _same(self, one: Point, other: Point) -> bool:
        """Return whether two points are one."""
        if abs(one.value - other.value) > self.search.close * self.family.width:
            return False
        a, b = np.abs(one.psi) ** 2, np.abs(other.psi) ** 2
        return bool(np.abs(a - b).max() <= self.search.alike * max(a.max(), b.max()))

    def _vanishes(self, at: Point, there: Point) -> bool:
        turned = np.vdot(at.psi, there.psi).real < 0
        small = (np.abs(there.psi) ** 2).mean() < self.search.vacuum**2 * self.family.scale
        return self.family.model.drive_frequency is None and bool(turned or small)

    def _threshold(self, at: Point, there: Point, tangent: Direction) -> Special:
        """Return the vacuum at the end of the curve: the parameter goes as the square of the amplitude there."""
        shape = at.psi / np.linalg.norm(at.psi)
        row = Direction(shape, 0.0, 0.0)
        values, sizes = [], []
        point = at
        for part in (1.0, 0.5):
            size = part * self.search.vacuum * (self.family.scale * at.psi.size) ** 0.5
            start = Point(point.psi * (size / np.linalg.norm(point.psi)), point.mu, point.value)
            found = self.family.corrected(start, row)
            if found is None:
                raise RuntimeError("the curve ends next to the vacuum")
            point = found[0]
            values.append(np.array([point.value, point.mu]))
            sizes.append(np.linalg.norm(point.psi) ** 2)
        value, mu = (values[1] * sizes[0] - values[0] * sizes[1]) / (sizes[0] - sizes[1])
        return Special("threshold", Point(0 * at.psi, float(mu), float(value), 0.0), tangent)

    def _end(self, at: Point, there: Point) -> Point | None:
        """Return the state at the end of the span between two points."""
        value = float(np.clip(there.value, *self.family.span))
        part = (value - at.value) / (there.value - at.value)
        psi, mu, residual = newton(self.family.at(value), at.psi + part * (there.psi - at.psi), self.family.tol)
        return Point(psi, mu, value, residual) if residual <= self.family.tol else None

    def _switch(self, special: Special) -> None:
        """Follow both arms of the curve that crosses at a special point, and say which kind of point it is."""
        family, across = self.family, special.across
        assert across is not None
        reached = special.kind == "pitchfork"  # on its arms
        row = family.unit(Direction(0 * across, 0.0, 1.0) if reached else Direction(across, 0.0, 0.0))
        arms = []
        for side in (1, -1):
            aside = side * self.search.aside * row.psi
            value = special.point.value + side * self.search.aside * row.value
            start = Point(special.point.psi + aside, special.point.mu, value)
            found = family.corrected(start, row)
            if found is not None:
                arms.append(found[0])
        if not arms:
            return
        if not reached:
            rise = [arm.value - special.point.value for arm in arms]
            uneven = abs(rise[0] - rise[-1]) > self.search.symmetric * sum(map(abs, rise))
            self._rename(special, "transcritical" if uneven else "pitchfork")
        for arm in arms:
            outward = family.tangent(arm, family.unit(arm - special.point))
            if not any(self._on(arm, curve) for curve in self.curves) and len(self.curves) < self.search.curves:
                self.curves.append(self._joined(special.point, [arm, *self._half(arm, outward)], []))

    def _on(self, arm: Point, curve: Curve) -> bool:
        return any(self._same(arm, point) for point in curve.points)

    def _rename(self, special: Special, kind: str) -> None:
        named = replace(special, kind=kind)
        self.known = [named if one is special else one for one in self.known]
        for curve in self.curves:
            curve.special = [(i, named if one is special else one) for i, one in curve.special]
