"""The coefficients of the local equation, flat and in the precision of the field, at any time."""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

from latticepol.gpe.profiles.sampling import Sampled
from latticepol.gpe.stepping.momentum import check_batch, flatten, flatten_number
from latticepol.gpe.terms.parameters import COEFFICIENTS
from latticepol.grid import Grid
from latticepol.numerics.compiled import fixed

#: s of both spins, (2, 1, 1).
SPIN_SIGNS = np.array([1.0, -1.0])[:, None, None]


class LocalCoefficients(NamedTuple):
    """The coefficients at one time on the flat grid; Bt is 1 or the batch, C is 1 or 2 components."""

    w: np.ndarray  # (Bt, N): W - Gamma, vacuum removed from eta S
    loss: np.ndarray  # (Bt, N): Gamma, needed by the noise only; N = 0 without it
    V: np.ndarray  # (Bt, C, N): V + s Delta/2, vacuum removed from the interaction
    P: np.ndarray  # (Bt, C, N); N = 0 without a reservoir
    eta: np.ndarray  # this and all below: (Bt,)
    alpha1: np.ndarray
    alpha2: np.ndarray
    R: np.ndarray
    Gamma_R: np.ndarray
    mixing: np.ndarray
    g_R: np.ndarray
    g_cross: np.ndarray
    vacuum: np.ndarray


class Coefficients:
    """The coefficients of an equation, with everything that does not depend on time prepared.

    Parameters
    ----------
    given
        What the terms brought, by name.
    grid, batch, dtype
        The grid, the leading axes and the complex type of the field.
    """

    def __init__(self, given: Mapping[str, Sampled], grid: Grid, batch: tuple[int, ...], dtype: np.dtype) -> None:
        self.grid, self.batch, self.dtype, self.real = grid, batch, dtype, dtype.type(0).real.dtype
        for name, value in given.items():
            inner = 3 if COEFFICIENTS[name].spins else 2
            for array in (value.steady, *(array for array, _ in value.separable)):
                check_batch(name, array.shape[:-inner], batch)
        zero = Sampled(np.zeros((1, 1)))
        get = {name: given.get(name, zero) for name in COEFFICIENTS}
        number = {name: get[name].steady for name, row in COEFFICIENTS.items() if row.number}
        vacuum = number["vacuum"]
        w = get["W"] + get["Gamma"].map(np.negative) + Sampled(0.5 * vacuum * number["eta"])
        V = get["V"] + Sampled(-0.5 * vacuum * (number["alpha1"] + 0.5 * number["alpha2"]))
        V = V.map(lambda a: a[..., None, :, :])
        if "Delta" in given:
            V = V + get["Delta"].map(lambda a: 0.5 * SPIN_SIGNS * a[..., None, :, :])
        self.w, self.V = w.map(self._points), V.map(self._spins)
        self.loss = get["Gamma"].map(self._points) if "vacuum" in given else Sampled(np.zeros((1, 0), self.real))
        self.P = get["P"].map(self._spins) if "P" in given else Sampled(np.zeros((1, 1, 0), self.real))
        self.F = get["F"].map(self._drive) if "F" in given else Sampled(np.zeros((1, 1, 0), dtype))
        self.numbers = {name: flatten_number(value, batch).astype(self.real) for name, value in number.items()}
        self.steady = not any(field.moving for field in (self.w, self.V, self.P))
        self._local: tuple[float, LocalCoefficients] | None = None
        self._kick: tuple[float, np.ndarray] | None = None

    def at(self, t: float) -> LocalCoefficients:
        """Return all of them but the drive at time t."""
        if self._local is None or not (self.steady or self._local[0] == t):
            self._local = (
                t,
                LocalCoefficients(
                    **{name: self._cast(getattr(self, name).at(t), self.real) for name in ("w", "loss", "V", "P")},
                    **self.numbers,
                ),
            )
        return self._local[1]

    def on(self) -> LocalCoefficients:
        """Return the same with every envelope at its largest, which tells what step is too long."""
        fields = {name: self._cast(getattr(self, name).on(), self.real) for name in ("w", "loss", "V", "P")}
        return LocalCoefficients(**fields, **self.numbers)

    def drive(self, t: float) -> np.ndarray:
        """Return F at time t, (Bt, C, N), of no points without a drive."""
        if self._kick is None or (self.F.moving and self._kick[0] != t):
            self._kick = t, self._cast(self.F.at(t), self.dtype)
        return self._kick[1]

    def _cast(self, array: np.ndarray, dtype: np.dtype) -> np.ndarray:
        return fixed(np.ascontiguousarray(array, dtype=dtype))

    def _points(self, array: np.ndarray) -> np.ndarray:
        return flatten(array, self.grid, self.batch, self.real)

    def _spins(self, array: np.ndarray, dtype: np.dtype | None = None) -> np.ndarray:
        components = [array[..., s, :, :] for s in range(array.shape[-3])]
        rows = [flatten(component, self.grid, self.batch, dtype or self.real) for component in components]
        return rows[0][:, None] if len(rows) == 1 else np.stack(np.broadcast_arrays(*rows), axis=1)

    def _drive(self, array: np.ndarray) -> np.ndarray:
        return self._spins(array, self.dtype)
