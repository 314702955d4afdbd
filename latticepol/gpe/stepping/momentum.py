"""The part of the equation that is a 2x2 matrix H(k) at each wavevector, and functions of it (docs/physics.md,
section 1).

``H = h0 + M`` with M traceless, so M^2 = Omega^2 is a number and every function of H is a + b M: pairs (a, b)
multiply as
``(a, b)(a', b') = (a a' + Omega^2 b b', a b' + b a')``. Nothing is divided by Omega, which vanishes at exceptional
points.
"""

import math
from collections.abc import Callable, Sequence
from functools import cached_property, partial
from itertools import chain
from typing import NamedTuple

import numpy as np

from latticepol.gpe.aliases import Wave, mean, of_grid
from latticepol.gpe.stepping.momentum_kernels import apply_separable, apply_tables, combine, phi_functions
from latticepol.gpe.terms.base import Matrix, Term
from latticepol.gpe.terms.parameters import described
from latticepol.grid import Grid
from latticepol.numerics.compiled import fixed
from latticepol.state import Pairs as Pairs

#: Gains of exact transforms.
UNIT = np.ones((1, 1)), np.ones((1, 1))
#: Relative rounding of sums like k_x^2 + k_y^2.
WAVEVECTOR_ROUNDING = 1e-13
#: Rates whose squares are numbers.
LARGEST_RATE = 1e150


def matrix(terms: Sequence[Term], waves: Sequence[Wave]) -> list[list[np.ndarray]]:
    """Return H(k), summed over the terms, the mean of the wavevectors (kx, ky): 2 x 2 arrays that broadcast with
    them."""
    total: list[list[np.ndarray]] = [[np.zeros((1, 1)) for _ in range(2)] for _ in range(2)]
    for term in terms:
        parts: list[Matrix] = [part for part in (term.k_matrix(*wave) for wave in waves) if part is not None]
        if parts:
            total = [[total[i][j] + mean([part[i][j] for part in parts]) for j in range(2)] for i in range(2)]
    return total


def stacked(terms: Sequence[Term], waves: Sequence[Wave]) -> np.ndarray:
    """Return H(k) as one array (..., 2, 2)."""
    rows = matrix(terms, waves)
    h = np.stack(np.broadcast_arrays(*rows[0], *rows[1], sum(waves[0]))[:4], axis=-1)
    return h.reshape(*h.shape[:-1], 2, 2)


def check_finite(terms: Sequence[Term], grid: Grid) -> None:
    """Refuse terms whose matrix overflows at the largest wavevector of the grid.

    Raises
    ------
    ValueError
        One is beyond ``LARGEST_RATE``.
    """
    kx, ky = grid.wavevectors
    place = np.unravel_index(np.argmax(kx**2 + ky**2), kx.shape)
    corner = [k[place].reshape(1, 1) for k in (kx, ky)]
    for term in terms:
        if described(term):
            with np.errstate(over="ignore", invalid="ignore"):
                parts = [np.abs(part).max() for part in chain(*(term.k_matrix(*corner) or ()))]
            if not all(part <= LARGEST_RATE for part in parts):
                raise ValueError(
                    f"{term!r} is {max(parts):.3g} at the largest wavevector of the grid, |k| = "
                    f"{np.hypot(*corner).item():.4g}, beyond what can be computed with; give smaller parameters"
                )


def damping(terms: Sequence[Term], waves: Sequence[Wave]) -> np.ndarray:
    """Return the loss matrix i (H - H^dagger), shape (..., 2, 2): d<psi^dagger psi>/dt = -psi^dagger loss psi."""
    h = stacked(terms, waves)
    loss: np.ndarray = 1j * (h - h.conj().swapaxes(-1, -2))
    return loss


def _pauli(terms: Sequence[Term], waves: Sequence[Wave]) -> list[np.ndarray]:
    """Return h0, d, u, v of H = h0 + [[d, u], [v, -d]]; what does not depend on k keeps the shape (..., 1, 1)."""
    total = [np.zeros((1, 1)) for _ in range(4)]
    for term in terms:
        (pp, pm), (mp, mm) = matrix([term], waves)
        total = [
            old + _collapse(new) for old, new in zip(total, (0.5 * (pp + mm), 0.5 * (pp - mm), pm, mp), strict=True)
        ]
    return total


def _collapse(array: np.ndarray) -> np.ndarray:
    first = array[..., :1, :1]
    return first if np.array_equal(array, np.broadcast_to(first, array.shape)) else array


def largest_damping(terms: Sequence[Term], grid: Grid) -> float:
    """Return the fastest decay of a plane wave of one spin, -2 Im H_ss."""
    rows = matrix(terms, of_grid(grid))
    return max(float((-2 * np.imag(rows[s][s])).max()) for s in range(2))


def bands(terms: Sequence[Term], grid: Grid) -> tuple[np.ndarray, np.ndarray]:
    """Return the energies of the two bands and the mean decay of their amplitudes, each (..., 2, ny, nx): H = E - i
    decay without dichroism."""
    h0, d, u, v = (part + np.zeros(grid.shape) for part in _pauli(terms, of_grid(grid)))
    split = np.sqrt(np.real(d) ** 2 + np.abs(0.5 * (u + np.conj(v))) ** 2)
    energies = np.stack([h0.real - split, h0.real + split], axis=-3)
    return energies, np.broadcast_to(-h0.imag[..., None, :, :], energies.shape)


class Spin(NamedTuple):
    """The traceless part M = [[d, u], [v, -d]] of H on the flat grid, each (Bt, N) or (Bt, 1)."""

    d: np.ndarray
    u: np.ndarray
    v: np.ndarray


class Tables(NamedTuple):
    """A 2x2 matrix at each wavevector of the flat grid, each (Bt, N); mm is pp itself where they are equal."""

    pp: np.ndarray
    pm: np.ndarray
    mp: np.ndarray
    mm: np.ndarray


class Momentum:
    """H(k) on a grid, ready to be exponentiated.

    Parameters
    ----------
    terms
        Whose k matrices are summed.
    grid
        The grid; q is included.
    batch
        Shape of the leading axes of the field.
    dtype
        Complex type of the field.
    """

    def __init__(self, terms: Sequence[Term], grid: Grid, batch: tuple[int, ...], dtype: np.dtype) -> None:
        self.grid, self.batch, self.dtype = grid, batch, np.dtype(dtype)
        waves = of_grid(grid)
        for term in terms:
            for part in chain(*(term.k_matrix(*waves[0]) or ())):
                check_batch(type(term).__name__, np.shape(part)[:-2], batch)
        self.h0, self.d, self.u, self.v = _pauli(terms, waves)
        constant = all(np.shape(part)[-2:] == (1, 1) for part in (self.d, self.u, self.v))
        self.row_column = _separate(self.h0 + 0 * sum(waves[0])) if grid.rectangular and constant else None

    def propagator(self, h: float, scale: float, gains: tuple[np.ndarray, np.ndarray] = UNIT) -> partial[None]:
        """Return the function that multiplies a flat field (B, 2, N) in place by ``scale exp(-i h H)``, over the gains
        (ny, 1) and (1, nx) of its transforms."""
        z, number = -1j * h, self.dtype.type(scale).real
        gain_y, gain_x = gains[0] * (float(number) / scale), gains[1]  # with what the number loses by rounding
        if self.row_column is None:
            step = self._step(z, gain_x, gain_y, 1.0)._asdict()
            return partial(apply_tables, scale=number, **{name: fixed(table) for name, table in step.items()})
        d, u, v = (flatten_number(part, self.batch) for part in (self.d, self.u, self.v))
        row, column = (
            np.exp(z * part) / gain - 1 for part, gain in zip(self.row_column, (gain_x, gain_y), strict=True)
        )
        a, b = np.cosh(z * np.sqrt(d * d + u * v + 0j)), z * _sinhc(z * np.sqrt(d * d + u * v + 0j))
        spin = np.moveaxis(np.array([[a + b * d - 1, b * u], [b * v, a - b * d - 1]]).reshape(2, 2, -1), -1, 0)
        tables = {"row": row.ravel(), "column": column.ravel(), "spin": np.ascontiguousarray(spin)}
        return partial(apply_separable, scale=number, **{name: x.astype(self.dtype) for name, x in tables.items()})

    def _step(self, z: complex, gain_x: np.ndarray, gain_y: np.ndarray, less: float) -> Tables:
        """Return exp(z H) over the gains, ``less`` times the unit matrix less."""
        over = -np.log(gain_y * gain_x * np.ones(self.grid.shape))

        def exponential(h0: np.ndarray, om2: np.ndarray, rows: slice) -> tuple[np.ndarray, np.ndarray]:
            a, b = _exponential(z * h0 + over[rows], z, om2)
            return a - less, b

        ((a, b),) = self._blockwise(exponential)
        return self.tables(Pairs(self._flat(a), self._flat(b)))

    def tables(self, f: Pairs) -> Tables:
        """Return the function f = a + b M of H as a 2x2 matrix of flat tables."""
        upper, lower = f.b * self._flat(self.u), f.b * self._flat(self.v)
        if not np.any(self.d):
            return Tables(f.a, upper, lower, f.a)
        diagonal = f.b * self._flat(self.d)
        return Tables(f.a + diagonal, upper, lower, f.a - diagonal)

    @cached_property
    def spin(self) -> Spin:
        """d, u and v of M = [[d, u], [v, -d]], flat; of one point each where M does not depend on k."""
        parts = (self.d, self.u, self.v)
        if all(part.shape[-2:] == (1, 1) for part in parts):
            return Spin(*(fixed(flatten_number(part, self.batch).astype(self.dtype)[:, None]) for part in parts))
        return Spin(*(self._flat(part) for part in parts))

    def combine(self, out: np.ndarray, start: np.ndarray, f: Pairs, x: np.ndarray, weight: float = 1.0) -> None:
        """Set out <- start + weight f x; flat fields (B, 2, N), any of which may be the same."""
        combine(out, start, f, self.spin, x, self.dtype.type(weight).real)

    def functions(self, h: float, weights: Sequence[Sequence[float]]) -> list[Pairs]:
        """Return sums of exp(Z), phi_1(Z), phi_2(Z), phi_3(Z) with Z = -i h H, one with each four weights."""
        z, rows = -1j * h, np.array(weights, float)

        def sums(h0: np.ndarray, om2: np.ndarray, _: slice) -> np.ndarray:
            values = np.empty((4, 2, h0.size), complex)
            phi_functions(z * h0.ravel(), z, om2.astype(complex).ravel(), values)
            return np.tensordot(rows, values, 1).reshape(len(rows), 2, *h0.shape)

        return [Pairs(*(self._flat(part) for part in pair)) for pair in self._blockwise(sums, len(rows))]

    def _blockwise(self, function: Callable[[np.ndarray, np.ndarray, slice], object], count: int = 1) -> np.ndarray:
        """Evaluate ``count`` pairs of ``function(h0, Omega^2, rows)`` for some rows at a time, so that its temporaries
        stay small."""
        om2 = self.d * self.d + self.u * self.v
        lead = np.broadcast_shapes(self.h0.shape[:-2], om2.shape[:-2])
        ny, nx = self.grid.shape
        h0, om2 = np.broadcast_to(self.h0, (*lead, ny, nx)), np.broadcast_to(om2, (*lead, ny, nx))
        out = np.empty((count, 2, *lead, ny, nx), self.dtype)
        for j in range(0, ny, 32):
            out[..., j : j + 32, :] = function(h0[..., j : j + 32, :], om2[..., j : j + 32, :], slice(j, j + 32))
        return out

    def _flat(self, array: np.ndarray, dtype: np.dtype | None = None) -> np.ndarray:
        return flatten(array, self.grid, self.batch, dtype or self.dtype)


def check_batch(name: str, lead: tuple[int, ...], batch: tuple[int, ...]) -> None:
    """Refuse leading axes of a parameter that do not fit the batch axes of the field; one element fits any.

    Raises
    ------
    ValueError
        They do not fit.
    """
    fits = len(lead) <= len(batch) and all(m in (1, n) for m, n in zip(lead[::-1], batch[::-1], strict=False))
    if not fits and math.prod(lead) != 1:
        shape = "(" + "".join(f"{m}, " for m in lead) + "2, ny, nx)"
        raise ValueError(
            f"{name} has batch axes {lead}, the field has {batch}; give psi the shape {shape} for a batch"
            + _of_spins(name) * (lead[-1] == 2)
        )


def _of_spins(name: str) -> str:
    """Return what to do where the two elements of an axis were meant for the spins."""
    if name in ("V", "P", "F"):
        return f"; for each spin its own give {name} the shape (2, ny, nx)"
    why = ": saturable gain has a closed flow only where both spins share it; lp.Reservoir has a pump for each spin"
    return f"; its axis of 2 is a batch, and {name} for each spin is not available" + why * (
        name in ("W", "Gamma", "eta")
    )


def flatten(array: np.ndarray, grid: Grid, batch: tuple[int, ...], dtype: np.dtype) -> np.ndarray:
    """Return (..., ny, nx), broadcast over the grid, as contiguous read-only (Bt, N) with Bt = 1 or the whole batch.

    Raises
    ------
    ValueError
        Its leading axes do not fit the batch axes of the field.
    """
    lead = np.shape(array)[:-2]
    shared = math.prod(lead) == 1
    check_batch("a parameter", lead, batch)
    inner = array.reshape(np.shape(array)[-2:]) if shared else array
    full = np.broadcast_to(inner, grid.shape if shared else (*batch, *grid.shape))
    return fixed(np.ascontiguousarray(full.reshape(-1, math.prod(grid.counts)), dtype=dtype))


def flatten_number(array: np.ndarray, batch: tuple[int, ...]) -> np.ndarray:
    """Return a number, or one per element of the batch, (..., 1, 1), as read-only (Bt,)."""
    lead = np.asarray(array)[..., 0, 0]
    return fixed(np.broadcast_to(lead, batch).ravel() if lead.size > 1 else lead.reshape(1))


def _separate(h0: np.ndarray) -> tuple[np.ndarray, np.ndarray] | None:
    """Return the row(kx) and column(ky) whose sum is h0(k), if it is such a sum and the same for the whole batch."""
    if math.prod(h0.shape[:-2]) != 1:
        return None
    h0 = h0.reshape(*h0.shape[-2:])
    row, column = h0[:1].copy(), h0[:, :1] - h0[0, 0]
    for j in range(h0.shape[0]):
        if np.abs(row + column[j] - h0[j]).max() > WAVEVECTOR_ROUNDING * np.abs(h0[j]).max():
            return None
    return row, column


def _sinhc(x: np.ndarray) -> np.ndarray:
    """Return sinh(x)/x."""
    small = np.abs(x) < 1e-2
    safe = np.where(small, 1.0, x)
    return np.where(small, 1 + x * x / 6 * (1 + x * x / 20 * (1 + x * x / 42)), np.sinh(safe) / safe)


def _exponential(zh0: np.ndarray, z: complex, om2: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return exp(z h0 + z M) = a + b M."""
    x = z * np.sqrt(om2 + 0j)
    factor = np.exp(zh0)
    return factor * np.cosh(x), factor * z * _sinhc(x)
