"""The engine of a field that lives elsewhere: the steps of the :class:`~latticepol.gpe.stepping.engine.Engine`, with
array functions instead of compiled loops.

The coefficients and the tables over wavevectors are made on the processor and sent to the device once; what depends on
time by a factor only is multiplied there, a profile that is any function f(x, y, t) is sent at each time it is needed.
Nothing comes back but what is saved, checkpoints, and the answers of the checks (NaN, positive noise, steps back).
"""

from collections.abc import Mapping, Sequence
from functools import cached_property, partial
from typing import Any

import numpy as np

from latticepol.gpe.coefficients import Coefficients, LocalCoefficients
from latticepol.gpe.field_model import FieldModel
from latticepol.gpe.profiles.sampling import Sampled
from latticepol.gpe.stepping import flows_gpu
from latticepol.gpe.stepping.engine import Engine
from latticepol.gpe.stepping.momentum import UNIT, Momentum, Pairs, Spin, Tables
from latticepol.gpe.terms.base import Term
from latticepol.grid import Grid
from latticepol.numerics import fft
from latticepol.randomness import complex_normal
from latticepol.state import Transforms

#: An array of the module, and the module, of which there are no types.
Array = Any
Module = Any


class ArrayEngine(Engine):
    """An engine whose arrays are those of the module ``xp``: CuPy on a GPU, numpy in tests.

    Parameters
    ----------
    model, psi, n, rng
        As for :class:`Engine`; psi and n are arrays of the processor. The noise is drawn on the device by a generator
        that ``rng`` seeds, anew when a run is resumed.
    xp
        The array module.
    """

    def __init__(
        self, model: FieldModel, psi: np.ndarray, n: np.ndarray | None, rng: np.random.Generator, xp: Module
    ) -> None:
        self.xp = xp
        super().__init__(model, psi, n, rng)

    def empty(self) -> Array:
        """Return an uninitialised field."""
        return self.xp.empty(self.shape, self.dtype)

    def _put(self, array: np.ndarray) -> Array:
        return self.xp.asarray(array)

    def _plan(self, threads: int | str) -> Transforms:
        return fft.Transforms(self.field) if self.xp is np else fft.CudaTransforms(self.field)

    def _prepare(self) -> tuple[Coefficients, Momentum]:
        model, equation = self.model, self.equation
        coefficients = ArrayCoefficients(equation.coefficients, model.grid, self.batch, self.dtype, self.xp)
        return coefficients, ArrayMomentum(model.terms, model.grid, self.batch, self.dtype, self.xp)

    def _fill(self, h: float, c: LocalCoefficients, E1: Array, T: Array) -> tuple[Array, Array]:
        E1[...], T[...] = flows_gpu.tables(0 * c.w if self.equation.reservoir else c.w, c.V, h)
        return E1, T

    @cached_property
    def _generator(self) -> Any:
        return self.xp.random.default_rng(int(self.rng.integers(2**32)))

    def _normal(self, shape: tuple[int, ...]) -> Array:
        return complex_normal(self._generator, shape)

    def _disturb(self, xi: Array, c: LocalCoefficients, h: float) -> bool:
        return flows_gpu.disturb(self.psi, self.n, xi, c, self._dichroism[:, None], h)

    def _kick(self, F: Array, factor: np.complexfloating) -> None:
        self.psi += factor * F

    def _rates(self, psi: Array, n: Array, c: LocalCoefficients, out: Array, out_n: Array) -> None:
        flows_gpu.rates(psi, n, c, out, out_n)

    def _saturable(self, T: Array, E1: Array, c: LocalCoefficients, h: float) -> bool:
        return flows_gpu.saturable(self.psi, T, E1, c, h)

    def _reservoir(self, U: Array, c: LocalCoefficients, before: float, after: float) -> None:
        flows_gpu.reservoir(self.psi, self.n, U, c, before, after)


class ArrayCoefficients(Coefficients):
    """Coefficients on the device, shaped to broadcast with (B, 2, N)."""

    def __init__(
        self, given: Mapping[str, Sampled], grid: Grid, batch: tuple[int, ...], dtype: np.dtype, xp: Module
    ) -> None:
        super().__init__(given, grid, batch, dtype)
        self.xp = xp
        for name in ("V", "P", "F"):
            setattr(self, name, getattr(self, name).map(xp.asarray))
        for name in ("w", "loss"):
            setattr(self, name, getattr(self, name).map(lambda a: xp.asarray(a)[:, None]))
        self.numbers = {name: xp.asarray(value)[:, None, None] for name, value in self.numbers.items()}

    def _cast(self, array: Array, dtype: np.dtype) -> Array:
        return self.xp.asarray(array, dtype)


class ArrayMomentum(Momentum):
    """H(k) on the device: tables made on the processor."""

    def __init__(self, terms: Sequence[Term], grid: Grid, batch: tuple[int, ...], dtype: np.dtype, xp: Module) -> None:
        super().__init__(terms, grid, batch, dtype)
        self.xp = xp
        self.row_column = None  # tables even where the matrix is separable

    def propagator(self, h: float, scale: float, gains: tuple[np.ndarray, np.ndarray] = UNIT) -> partial[None]:
        """Return the function that multiplies a flat field (B, 2, N) in place by ``scale exp(-i h H)`` over the
        gains."""
        return partial(flows_gpu.multiply, **self._step(-1j * h, gains[1], gains[0] / scale, 0.0)._asdict())

    def tables(self, f: Pairs) -> Tables:
        """Return the function f = a + b M of H as a 2x2 matrix of flat tables."""
        made = super().tables(f)
        pp, pm, mp = (self.xp.asarray(table) for table in made[:3])
        return Tables(pp, pm, mp, pp if made.mm is made.pp else self.xp.asarray(made.mm))

    def functions(self, h: float, weights: Sequence[Sequence[float]]) -> list[Pairs]:
        """Return sums of exp(Z) and phi_1..phi_3(Z), made on the processor."""
        return [Pairs(*map(self.xp.asarray, pair)) for pair in super().functions(h, weights)]

    @cached_property
    def spin(self) -> Spin:
        """d, u and v of the traceless part of H."""
        return Spin(*map(self.xp.asarray, super().spin))

    def combine(self, out: Array, start: Array, f: Pairs, x: Array, weight: float = 1.0) -> None:
        """Set out <- start + weight f x."""
        flows_gpu.combine(out, start, f, self.spin, x, weight)
