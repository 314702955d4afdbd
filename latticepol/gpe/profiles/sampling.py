"""Profiles: a number, an array, a function f(x, y) or f(x, y, t), or a pump become arrays on the grid."""

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from latticepol.arrays import named, read_array, shape_of
from latticepol.gpe.profiles.envelopes import product
from latticepol.gpe.profiles.labelled import Labelled
from latticepol.grid import Grid
from latticepol.timing import Timing, timing_of, together

#: What a user may give for V, W, Delta, P_s or F_s.
Profile = Any


@dataclass(frozen=True)
class Sampled:
    """A profile on the grid, ``steady + sum_j factor_j(t) array_j + sum_j function_j(t)``.

    What is separable is kept apart because its arrays need to be prepared only once.
    """

    steady: np.ndarray
    separable: tuple[tuple[np.ndarray, Callable[[float], Any]], ...] = ()
    functions: tuple[Callable[[float], np.ndarray], ...] = ()

    @property
    def moving(self) -> bool:
        """Whether it depends on time."""
        return bool(self.separable or self.functions)

    def timing(self, name: str) -> Timing:
        """Return when it changes; ``name`` is how messages call it."""
        known = together(timing_of(factor, name) for _, factor in self.separable)
        return known | Timing(unknown=(f"{name}(x, y, t)",)) if self.functions else known

    def at(self, t: float) -> np.ndarray:
        """Return the value at time t, broadcastable to (..., ny, nx)."""
        value = self.steady
        for array, factor in self.separable:
            value = value + factor(t) * array
        for function in self.functions:
            value = value + function(t)
        return value

    def on(self) -> np.ndarray:
        """Return the value with every envelope at its largest; any other function of time counts as it is at t = 0."""
        known = tuple((array, _largest(factor)) for array, factor in self.separable)
        return Sampled(self.steady, known, self.functions).at(0.0)

    def map(self, linear: Callable[[np.ndarray], np.ndarray]) -> "Sampled":
        """Return a linear function of the profile."""
        return Sampled(
            linear(self.steady),
            tuple((linear(array), factor) for array, factor in self.separable),
            tuple(_after(linear, function) for function in self.functions),
        )

    def times(self, factor: Callable[[float], object]) -> "Sampled":
        """Return the profile times a function of time."""
        separable = [(array, product(first, factor)) for array, first in self.separable]
        functions = [lambda t, f=function: factor(t) * f(t) for function in self.functions]
        return Sampled(0 * self.steady, ((self.steady, factor), *separable), tuple(functions))

    def __add__(self, other: "Sampled") -> "Sampled":
        return Sampled(self.steady + other.steady, self.separable + other.separable, self.functions + other.functions)


def _largest(factor: Callable[[float], object]) -> Callable[[float], Any]:
    largest = getattr(factor, "largest", None)
    return factor if largest is None else lambda t: largest


def _after(linear: Callable[[np.ndarray], np.ndarray], function: Callable[[float], np.ndarray]) -> Any:
    return lambda t: linear(function(t))


def sample(name: str, profile: Profile, grid: Grid, *, spins: bool = False, real: bool = True) -> Sampled:
    """Put a profile on the grid.

    Parameters
    ----------
    name
        How errors call it.
    profile
        A number; an array (ny, nx), with batch axes in front where a batch is meant; with ``spins`` also (2, ny, nx)
        or (..., 2, ny, nx); a function f(x, y) or f(x, y, t); a pump. A DataArray is taken by the names of its
        dimensions and interpolated by its coordinates x and y (:mod:`latticepol.gpe.profiles.labelled`).
    spins, real
        Whether the two spins may differ; whether complex numbers are refused.

    Raises
    ------
    ValueError
        Wrong shape, NaN or infinity, a complex value where a real one is needed, a circular pump where the spins may
        not differ, coordinates that do not cover the grid.
    TypeError
        It holds no numbers.
    """
    x, y = grid.points
    checked = _Check(name, grid, spins, real)
    if hasattr(profile, "polarised"):
        if profile.polarised and not spins:
            raise ValueError(
                f"{name} acts on both spins alike, but its pump is circular; give a pump without .circular(...) "
                "or use lp.Reservoir, which has a pump for each spin"
            )
        steady: Any = np.zeros((1, 1, 1) if spins else (1, 1))
        separable = []
        for array, envelope in profile.parts(grid):
            array = checked(array)
            if envelope is None:
                steady = steady + array
            else:
                separable.append((array, envelope))
        return Sampled(steady, tuple(separable))
    if not callable(profile):
        return Sampled(checked(profile))
    if _arguments(profile) == 2:
        return Sampled(checked(profile(x, y)))
    checked(profile(x, y, 0.0))
    zero = np.zeros((1, 1, 1) if spins else (1, 1))
    return Sampled(zero, functions=(lambda t: checked(profile(x, y, t)),))


def uniform(profile: Profile) -> bool:
    """Return whether a profile is one number (or one per element of a batch), the same at all points and times."""
    return not callable(profile) and not hasattr(profile, "polarised") and shape_of(profile)[-2:] in ((), (1, 1))


@dataclass(frozen=True)
class _Check:
    name: str
    grid: Grid
    spins: bool
    real: bool

    def __call__(self, value: Any) -> np.ndarray:
        array = read_array(self.name, self._placed(value), real=self.real, need="a number or an array (ny, nx)")
        if array.ndim == 0:
            array = array.reshape(1, 1)
        ny, nx = self.grid.shape
        fits = array.ndim >= 2 and array.shape[-2:] in ((ny, nx), (1, 1))
        if not fits or not array.size or (self.spins and array.ndim >= 3 and array.shape[-3] not in (1, 2)):
            allowed = f"({ny}, {nx})" + f" or (2, {ny}, {nx})" * self.spins
            batch = f"; for a batch (B, 1, {ny}, {nx}) or (B, 2, {ny}, {nx})" * self.spins
            raise ValueError(
                f"{self.name} must be a number or have shape {allowed}, which is (..., ny, nx){batch}; got "
                f"{np.shape(value)}"
            )
        return array[None] if self.spins and array.ndim == 2 else array

    def _placed(self, value: object) -> Any:
        """Return a DataArray on the grid, with an axis of spins where there may be one; anything else as it is."""
        if named(value):
            value = Labelled.of(self.name, value)
        if not isinstance(value, Labelled):
            return value
        if value.spins and not self.spins:
            raise ValueError(
                f"{self.name} acts on both spins alike and must have the dimensions y and x alone; got spin too: "
                "choose one, .isel(spin=0)"
            )
        placed = value.on(self.name, self.grid)
        return placed[..., None, :, :] if self.spins and not value.spins else placed


def _arguments(function: Callable[..., object]) -> int:
    """Return 2 for f(x, y), 3 for f(x, y, t)."""
    try:
        parameters = inspect.signature(function).parameters.values()
    except (TypeError, ValueError):
        return 2
    positional = [p for p in parameters if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]
    # other defaults are values that a function brings along: lambda x, y, width=width: ...
    required = [p for i, p in enumerate(positional) if p.default is p.empty or (i == 2 and p.name == "t")]
    if len(required) not in (2, 3):
        raise ValueError(f"a profile is a function f(x, y) or f(x, y, t); {function!r} takes {len(required)} arguments")
    return len(required)
