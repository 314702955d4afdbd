"""Curves of stationary states in one parameter, by pseudo-arclength (docs/physics.md, section 4).

On the curve F(psi, mu, lambda) = 0. From a point x and its tangent t the next one is predicted at x + h t and corrected
by Newton's method with ``<t, x' - x> = h`` for the parameter, so that a curve goes through its folds. The product of
two directions is that of psi, over the mean square of the amplitudes, plus that of the parameter over the square of its
span: a step is a part of both.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np

from latticepol.border import Border
from latticepol.model import Stationary
from latticepol.stationary.api import residual_size

#: Models that are kept, of the values last asked for.
KEPT = 8
#: Part of the right-hand side that remains of a tangent.
TANGENT = 1e-10


@dataclass(frozen=True)
class StepControl:
    """How long the steps along a curve are.

    Parameters
    ----------
    first, longest, shortest
        Steps, as parts of the span and of the amplitude.
    corrections
        Steps of Newton's method at most.
    easy
        After so many or fewer the next step is longer.
    longer, shorter
        Factors from one step to the next.
    turn
        A tangent may turn by an angle of this cosine in a step.
    difference
        Half the difference of the parameter over which F is differentiated, as part of the span.
    """

    first: float = 0.01
    longest: float = 0.05
    shortest: float = 1e-7
    corrections: int = 8
    easy: int = 3
    longer: float = 1.5
    shorter: float = 0.4
    turn: float = 0.9
    difference: float = 1e-4


#: What is used where nothing else is said.
STEP_CONTROL = StepControl()


@dataclass(frozen=True)
class Point:
    """A stationary state at a value of the parameter."""

    psi: np.ndarray
    mu: float
    value: float
    residual: float = np.nan

    def __sub__(self, other: "Point") -> "Direction":
        return Direction(self.psi - other.psi, self.mu - other.mu, self.value - other.value)


@dataclass(frozen=True)
class Direction:
    """A direction in psi, mu and the parameter."""

    psi: np.ndarray
    mu: float
    value: float

    def __neg__(self) -> "Direction":
        return Direction(-self.psi, -self.mu, -self.value)


@dataclass
class Family:
    """A model with one parameter that varies.

    Parameters
    ----------
    model
        For any value of the parameter.
    along
        Its name.
    span
        Lowest and highest value.
    scale
        The mean square of the amplitudes in which lengths are measured: the largest so far.
    tol
        Residual of a state, ``max |F|/max |psi|``.
    control
        Lengths of steps.
    """

    model: Stationary
    along: str
    span: tuple[float, float]
    scale: float
    tol: float
    control: StepControl = STEP_CONTROL

    @property
    def width(self) -> float:
        """The width of the span."""
        return self.span[1] - self.span[0]

    @cached_property
    def _memory(self) -> list[object]:
        return []

    def at(self, value: float) -> Stationary:
        """Return the model at a value of the parameter."""
        return self._model_at(value)

    @cached_property
    def _model_at(self) -> Callable[[float], Stationary]:
        return lru_cache(KEPT)(lambda value: self.model.replace(**{self.along: value}))

    def residual(self, psi: np.ndarray, mu: float, value: float) -> np.ndarray:
        """Return F."""
        return self.at(value).stationary_residual(psi, mu)

    def slope(self, psi: np.ndarray, mu: float, value: float) -> np.ndarray:
        """Return dF/dlambda, by a difference inside the span."""
        h = self.control.difference * self.width
        low, high = max(value - h, self.span[0]), min(value + h, self.span[1])
        difference: np.ndarray = (self.residual(psi, mu, high) - self.residual(psi, mu, low)) / (high - low)
        return difference

    def product(self, a: Direction, b: Direction) -> float:
        """Return the product of two directions."""
        return float(np.vdot(a.psi, b.psi).real / (self.scale * a.psi.size) + a.value * b.value / self.width**2)

    def unit(self, direction: Direction) -> Direction:
        """Return a direction of length 1."""
        length = self.product(direction, direction) ** 0.5
        return Direction(direction.psi / length, direction.mu / length, direction.value / length)

    def bordered(
        self, at: Point, F: np.ndarray, column: np.ndarray, row: Direction, right: float, accuracy: float
    ) -> Direction:
        """Return the solution of the bordered equations, ``row`` in the product of directions."""
        border = Border(column, row.psi / (self.scale * row.psi.size), row.value / self.width**2, right, accuracy)
        psi, mu, value = self.at(at.value).bordered_step(at.psi, at.mu, F, border, self._memory)
        return Direction(psi, mu, value)

    def tangent(self, at: Point, along: Direction) -> Direction:
        """Return the unit tangent of the curve through a point, on the side of a direction."""
        column = self.slope(at.psi, at.mu, at.value)
        return self.unit(self.bordered(at, np.zeros_like(at.psi), column, along, 1.0, TANGENT))

    def corrected(self, start: Point, row: Direction) -> tuple[Point, int] | None:
        """Return the point of the curve next to ``start`` in the plane across ``row``, and how many corrections it
        took; None where Newton's method does not get there."""
        psi, mu, value = start.psi, start.mu, start.value
        gone = 0.0
        for corrections in range(self.control.corrections + 1):
            F = self.residual(psi, mu, value)
            size = residual_size(F, psi)
            if not np.isfinite(size):
                return None
            if size <= self.tol:
                return Point(psi, mu, value, size), corrections
            here = Point(psi, mu, value)
            step = self.bordered(here, F, self.slope(psi, mu, value), row, -gone, 1e-2)
            psi, mu, value = psi + step.psi, mu + step.mu, value + step.value
            gone = gone + self.product(row, step)
        return None

    def stepped(self, at: Point, tangent: Direction, h: float) -> tuple[Point, int] | None:
        """Return the point a step ``h`` along the tangent, and how many corrections it took; None where there is
        none."""
        predicted = Point(at.psi + h * tangent.psi, at.mu + h * tangent.mu, at.value + h * tangent.value)
        try:
            return self.corrected(predicted, tangent)
        except (np.linalg.LinAlgError, RuntimeError, ValueError):  # singular, or a value that the model refuses
            return None

    def points(self, at: Point, tangent: Direction, most: int) -> Iterator[tuple[Point, Direction]]:
        """Yield the points after ``at``, each with its tangent, until a step cannot be made; the last may lie outside
        of the span."""
        control = self.control
        h = control.first
        for _ in range(most):
            tangent = self.unit(tangent)  # in the scale of now
            while True:
                found = self.stepped(at, tangent, h)
                if found is not None:
                    there, corrections = found
                    turned = self.tangent(there, tangent)
                    if self.product(turned, tangent) >= control.turn:
                        break
                h *= control.shorter
                if h < control.shortest:
                    return
            at, tangent = there, turned
            self.scale = max(self.scale, float((np.abs(at.psi) ** 2).mean()))
            yield at, tangent
            h = min(h * (control.longer if corrections <= control.easy else 1.0), control.longest)
