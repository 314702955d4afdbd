"""Special points of a curve of stationary states: where they are, to the accuracy of Newton's method.

Between two points of the curve

- it turns back: the parameter's part of the tangent changes sign (fold, or a pitchfork of which these are the arms);
- a real growth rate changes sign and the curve goes on: another curve crosses (pitchfork, transcritical);
- a complex pair gets across: a limit cycle begins (hopf);
- growth begins at a wavevector (onset), which no state of the cell shows.

The first is a root of the tangent, the second one of x in the bordered equations with a null vector for the row
(`latticepol.border`), the third one of the pair's Im w at k = 0, each by a search along the curve. Which there are is
told from the modes at k = 0 at the points: two that come and go within one step are missed.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.optimize import brentq

from latticepol.border import Border
from latticepol.linear_problem import NEUTRAL, Growth
from latticepol.stationary.api import residual_size
from latticepol.stationary.arclength import TANGENT, Direction, Family, Point

#: A mode is real where |Re w| is below this part of |w|, or of rounding.
REAL = 1e-6
#: A root is located to this part of a step.
LOCATED = 1e-12
#: And to this one where secants go on from there.
ROUGH = 1e-3
#: Where curves cross both equations are singular; so far from there, in parts of a step, they are not.
NUDGE = 1e-8
#: A short step needs a larger part of it.
FARTHER = (1e-6, -1e-6)
#: Next to a pitchfork on its arms nothing can be solved; states so far from there, in parts of a step, tell its place.
ASIDE = np.outer([0.1, 0.05], [-3.0, -2.0, -1.0, 1.0, 2.0, 3.0])
BEYOND = np.array([-0.25, 1.25])
#: The parameter pushes along the null vector of a pitchfork by less than the first part of all that it pushes. A search
#: for a fold ends next to one, where it pushes a little: beyond the second part it is certainly a fold.
PUSHED = 1e-6, 1e-2
#: An onset lies in so much of a step, and rates at a few times that tell where.
HALVED = 1e-3
#: Solutions by which a null vector is made out of a random one.
INVERSES = 3


@dataclass(frozen=True)
class Special:
    """A special point: its kind, and the null vector where another curve crosses, or k and w of what begins.

    Of a pitchfork that was reached on its arms the null vector is theirs, and what crosses goes along the parameter.
    """

    kind: str
    point: Point
    tangent: Direction
    across: np.ndarray | None = None
    k: tuple[float, float] = (0.0, 0.0)
    omega: complex = 0j


@dataclass(frozen=True)
class Modes:
    """The modes at k = 0 about a point, without the phase mode, the fastest growing one first."""

    omega: np.ndarray

    @classmethod
    def about(cls, family: Family, at: Point) -> "Modes":
        """Make them."""
        problem = family.at(at.value).linear_problem(at.psi, at.mu)
        [omega] = problem.spectrum(np.zeros((1, 2)))
        if not problem.driven:
            omega = np.delete(omega, abs(omega).argmin())
        return cls(omega[np.argsort(-omega.imag, kind="stable")])

    @property
    def growing(self) -> int:
        """How many grow."""
        return int((self.omega.imag > NEUTRAL * (1 + abs(self.omega).max())).sum())

    def oscillates(self, n: int) -> bool:
        """Return whether the n-th fastest one is one of a pair."""
        w = self.omega[n]
        return bool(abs(w.real) > REAL * max(abs(w), NEUTRAL * abs(self.omega).max()))


class Stretch:
    """The curve from one point to the next."""

    def __init__(self, family: Family, start: Point, tangent: Direction, end: Point):
        self.family, self.start, self.tangent = family, start, family.unit(tangent)
        self.h = family.product(self.tangent, end - start)

    def at(self, part: float) -> tuple[Point, Direction]:
        """Return the point at a part of the step, and its tangent."""
        for aside in (0.0, NUDGE, -NUDGE, *FARTHER):
            found = self.family.stepped(self.start, self.tangent, (part + aside) * self.h)
            if found is not None:
                return found[0], self.family.tangent(found[0], self.tangent)
        raise RuntimeError("no point of the curve there")

    def root(self, function: Callable[[float], float], accuracy: float = LOCATED) -> float:
        """Return the part of the step at which a function changes sign."""
        return float(brentq(function, 0.0, 1.0, xtol=accuracy))

    def rate(self, n: int, part: float) -> float:
        """Return the Im w of the n-th fastest mode at a part of the step."""
        return float(Modes.about(self.family, self.at(part)[0]).omega[n].imag)

    def fold(self) -> Special:
        """Return where the curve turns back: a fold, or a pitchfork of which these are the arms."""
        fold = None
        try:
            fold = Special("fold", *self.at(self.root(lambda part: self.at(part)[1].value)))
            if self._pushed(fold.point, fold.tangent.psi) > PUSHED[1]:
                return fold
        except RuntimeError:  # next to a pitchfork nothing can be solved
            pass
        point, tangent = self._turning()
        if self._pushed(point, tangent.psi) < PUSHED[0]:
            return Special("pitchfork", point, tangent, across=tangent.psi)
        if fold is None:
            raise RuntimeError("no fold there")
        return fold

    def _turning(self) -> tuple[Point, Direction]:
        """Return where the curve turns back, and its tangent, by polynomials through states on both sides of it."""
        family, parts = self.family, BEYOND  # the curve may turn back just where the step ends
        rough = self._root_of_slopes(parts, [self.at(part) for part in parts])
        for part in ASIDE:
            parts = rough + part
            found = [self.at(one) for one in parts]
            rough = self._root_of_slopes(parts, found)
        weights = _lagrange(parts, rough)
        psi = sum(w * at.psi for w, (at, _) in zip(weights, found, strict=True))
        mu, value = weights @ [at.mu for at, _ in found], weights @ [at.value for at, _ in found]
        residual = residual_size(family.residual(psi, float(mu), float(value)), psi)
        gone = sum(w * tangent.psi for w, (_, tangent) in zip(weights, found, strict=True))
        return Point(psi, float(mu), float(value), residual), Direction(gone, 0.0, 0.0)

    def _root_of_slopes(self, parts: np.ndarray, found: list[tuple[Point, Direction]]) -> float:
        """Return the part of the step at which a polynomial through the parameter's parts of tangents vanishes."""
        slopes = np.array([tangent.value for _, tangent in found])
        if not slopes[0] * slopes[-1] < 0:
            raise RuntimeError("the curve does not turn back there")
        return float(brentq(lambda part: _lagrange(parts, part) @ slopes, parts[0], parts[-1], xtol=LOCATED))

    def _pushed(self, at: Point, vector: np.ndarray) -> float:
        """Return how much the parameter pushes along the null vector of J: not at all where another curve crosses."""
        vector = vector / np.linalg.norm(vector)
        slope = self.family.slope(at.psi, at.mu, at.value)
        return float(abs(self._bordered(at, vector, slope, 0.0)[1]) / np.linalg.norm(slope))

    def pair(self, n: int) -> Special | None:
        """Return where the Im w of the n-th fastest pair changes sign; None where its frequency vanishes before.

        At a fold one of two rates that were a pair shortly before changes sign.
        """
        part = self.root(lambda part: self.rate(n, part))
        point, tangent = self.at(part)
        modes = Modes.about(self.family, point)
        if abs(modes.omega[n].real) <= REAL * abs(modes.omega).max():
            return None
        return Special("hopf", point, tangent, omega=complex(abs(modes.omega[n].real)))

    def onset(self, growth: Callable[[Point], Growth], grows_before: bool) -> Special:
        """Return where growth at a finite wavevector begins (or ends): a root of a parabola through its rates.

        Where nothing grows there is no rate, that of the phase mode apart, and next to the root it is lost in errors.
        """
        low, high = 0.0, 1.0
        while high - low > HALVED:
            middle = 0.5 * (low + high)
            at = self.at(middle)[0]
            low, high = (middle, high) if growth(at).grows(at.mu) == grows_before else (low, middle)
        edge, side = (low, -1) if grows_before else (high, 1)
        parts = edge + side * HALVED * np.array([1.0, 2.0, 4.0])
        found = [growth(self.at(part)[0]) for part in parts]
        roots = np.roots(np.polyfit(parts - edge, [one.rate for one in found], 2)).real + edge
        return Special("onset", *self.at(float(roots[abs(roots - edge).argmin()])), k=found[0].k, omega=found[0].omega)

    def crossing(self, n: int) -> Special:
        """Return where the Im w of the n-th fastest mode, a real one, changes sign."""
        rough = self.root(lambda part: self.rate(n, part), ROUGH)
        vector = self._null_vector(self.at(rough)[0])
        part = self._polished(rough, vector)
        point, tangent = self.at(part)
        return Special("branch", point, tangent, across=self._null_vector(point, vector))

    def _polished(self, part: float, vector: np.ndarray) -> float:
        """Return the part at which the bordered matrix says that J is singular, by secants."""
        a, b = part, part + ROUGH
        fa, fb = self._singular(a, vector), self._singular(b, vector)
        for _ in range(20):
            if fb == fa:
                break
            a, b, fa = b, b - fb * (b - a) / (fb - fa), fb
            fb = self._singular(b, vector)
            if abs(b - a) < NUDGE / 10:
                break
        return b

    def _singular(self, part: float, vector: np.ndarray) -> float:
        at = self.at(part)[0]
        return self._bordered(at, vector, np.zeros_like(at.psi), 1.0)[1]

    def _bordered(self, at: Point, vector: np.ndarray, F: np.ndarray, right: float) -> tuple[np.ndarray, float]:
        """Return d and x of the equations that are bordered by a vector next to the null vector of J."""
        border = Border(1j * vector, vector, 0.0, right, TANGENT)
        d, _, x = self.family.at(at.value).bordered_step(at.psi, at.mu, F, border, [])
        return d, x

    def _null_vector(self, at: Point, vector: np.ndarray | None = None) -> np.ndarray:
        """Return the null vector of J (or next to where J is singular), of the mean square of the amplitudes."""
        if vector is None:
            vector = np.random.default_rng(0).standard_normal((*at.psi.shape, 2)).view(complex)[..., 0]
        for _ in range(INVERSES):
            vector = vector / np.linalg.norm(vector)
            vector = self._bordered(at, vector, np.zeros_like(at.psi), 1.0)[0]
        scaled: np.ndarray = vector * (self.family.scale * vector.size) ** 0.5 / np.linalg.norm(vector)
        return scaled


def _lagrange(x: np.ndarray, at: float) -> np.ndarray:
    """Return the weights of the values at x in their polynomial at a place."""
    others = [np.delete(x, i) for i in range(len(x))]
    return np.array([np.prod((at - other) / (one - other)) for one, other in zip(x, others, strict=True)])
