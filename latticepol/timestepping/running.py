"""What the running states of models have in common: the order of a step, and what is kept for the next one."""

import math
from abc import abstractmethod
from collections.abc import Callable, MutableMapping
from typing import ClassVar, TypeVar

import numpy as np

from latticepol.errors import ConvergenceError
from latticepol.state import RunningState

#: What is kept for different substeps, at most; an adaptive run visits many.
KEPT = 16

T = TypeVar("T")
Key = TypeVar("Key")


class Running(RunningState):
    """The local piece of a step, drive, actions, flow and noise, in the order that makes it a composition.

    Attributes
    ----------
    earliest, latest
        Between these times functions of time are evaluated: a row of steps that ends where one jumps sees no value from
        beyond.
    forward_only
        What else to try where the flow does not run backwards, for the message.
    """

    earliest: float = -math.inf
    latest: float = math.inf
    forward_only: ClassVar[str]
    psi: np.ndarray

    def __init__(self, rng: np.random.Generator, noisy: bool) -> None:
        self.rng, self.noisy = rng, noisy

    def local(self, before: float, after: float, t: float) -> None:
        """Apply all local terms at frozen time t, in one order for ``before`` and in reverse for ``after``."""
        t = self.inside(t)
        self._drive(before, t)
        self._act(before, t, 1)
        if self.noisy:
            self._flow(before / 2, before / 2, t)
            self._add_noise(before + after, t)
            self._flow(after / 2, after / 2, t)
        else:
            self._flow(before, after, t)
        self._act(after, t, -1)
        self._drive(after, t)

    def inside(self, t: float) -> float:
        """Return the time nearest to t at which functions of time may be evaluated."""
        return min(max(t, self.earliest), self.latest)

    def irregular(self, h: float, t: float, doubt: str = "") -> ConvergenceError:
        """Return why the flow over a substep h has no value; ``doubt`` is what else may have made NaN."""
        with np.errstate(over="ignore", invalid="ignore"):
            finite = bool(np.isfinite(np.abs(self.psi) ** 2).all())
        if h > 0 or not finite:
            return ConvergenceError(f"the amplitudes overflowed at t = {t:.6g}; use a smaller dt{doubt}")
        return ConvergenceError(
            f"a substep of {h:.4g} back in time from t = {t:.6g} would need saturation to run backwards past infinity; "
            f"use a smaller dt, or {self.forward_only}"
        )

    @abstractmethod
    def _drive(self, h: float, t: float) -> None:
        """Apply psi <- psi - i h F."""

    def _act(self, h: float, t: float, order: int) -> None:
        """Apply what has no exact flow, in reverse where ``order`` is -1."""

    @abstractmethod
    def _flow(self, before: float, after: float, t: float) -> None:
        """Apply the exact flow of everything else."""

    @abstractmethod
    def _add_noise(self, h: float, t: float) -> None:
        """Add the noise of a time h."""


def kept(tables: MutableMapping[Key, T], key: Key, make: Callable[[Key], T], most: int = KEPT) -> T:
    """Return what is kept under a key, made of it when first asked for; of more than ``most`` the oldest go."""
    if key not in tables:
        while len(tables) >= most:  # before another one needs memory
            del tables[next(iter(tables))]
        tables[key] = make(key)
    return tables[key]
