"""Plane waves of a cell, and the lowest scalar Bloch modes in them (docs/physics.md, section 4)."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy.linalg import eigh

from latticepol.gpe.aliases import shortest
from latticepol.gpe.stepping.momentum import stacked
from latticepol.gpe.terms.base import Term
from latticepol.grid import Grid
from latticepol.lattice.zone import folded
from latticepol.linear_problem import BASIS as BASIS
from latticepol.linear_problem import Usual

#: Plane waves are added until the energies of the modes at k = 0 change by less than this part of their spread.
MODE_ACCURACY = 1e-6


@dataclass(frozen=True)
class WaveSearch:
    """How many plane waves are tried.

    Parameters
    ----------
    per_mode, least
        At first: so many for each mode, and so many at least.
    more
        By which factor there are more next.
    """

    per_mode: int = 3
    least: int = 49
    more: float = 1.4


#: What is used where nothing else is said.
WAVE_SEARCH = WaveSearch()


def in_first_zone(grid: Grid, k: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return wavevectors (..., 2) relative to q, brought to where q + k is in the first zone, and what was taken
    off."""
    q = np.array(grid.q)
    inside, G = folded(k + q, grid.reciprocal)
    return inside - q, G


@dataclass(frozen=True, eq=False)
class PlaneWaves:
    """The periodic functions exp(i G.r) with ``G = m1 B1 + m2 B2``, m the rows of ``index`` (P, 2)."""

    grid: Grid
    index: np.ndarray

    @classmethod
    def all(cls, grid: Grid) -> "PlaneWaves":
        """Take as many as there are points, each the shortest of its aliases, or one of them."""
        m1, m2 = (n * np.fft.fftfreq(n) for n in grid.counts)
        G = np.stack(np.meshgrid(m1, m2, indexing="xy"), axis=-1).reshape(-1, 2) @ grid.reciprocal
        G = np.stack(shortest(grid, *G.T)[0], axis=-1)
        return cls(grid, np.rint(G @ np.linalg.inv(grid.reciprocal)).astype(int))

    def shortest(self, count: int) -> "PlaneWaves":
        """Return those up to a length, about ``count`` of them: with G also -G, without those that have an alias as
        short."""
        G = self.index @ self.grid.reciprocal
        waves = np.stack([np.stack(wave, axis=-1) for wave in shortest(self.grid, *G.T)])
        inside = (waves == waves[0]).all(axis=(0, 2))
        length = np.linalg.norm(G, axis=1)
        limit = np.sort(length[inside])[min(count, inside.sum()) - 1] * (1 + 1e-9)
        return PlaneWaves(self.grid, self.index[inside & (length <= limit)])

    def __len__(self) -> int:
        return len(self.index)

    @cached_property
    def reversed(self) -> np.ndarray:
        """Where -G stands in the list of a symmetric set."""
        place = {tuple(m): i for i, m in enumerate(self.index.tolist())}
        return np.array([place[tuple(m)] for m in (-self.index).tolist()])

    def matrix(self, terms: Sequence[Term], k: np.ndarray, index: np.ndarray | None = None) -> np.ndarray:
        """Return H(q + k + G), (..., P, 2, 2), at k (..., 2).

        Of all waves of a grid, the shortest aliases are meant, as they are in time; a smaller set is continuous in k.
        """
        G = (self.index if index is None else index) @ self.grid.reciprocal + np.array(self.grid.q)
        kx, ky = (np.asarray(k)[..., None, i] + G[:, i] for i in range(2))
        flat = kx.reshape(1, -1), ky.reshape(1, -1)
        waves = shortest(self.grid, *flat) if len(self) == math.prod(self.grid.counts) else [flat]
        return stacked(terms, waves).reshape(*kx.shape, 2, 2)

    def convolution(self, f: np.ndarray) -> np.ndarray:
        """Return the matrix (..., P, P) of multiplication with f(r), (..., ny, nx)."""
        coefficients = np.fft.fft2(f) / f.shape[-1] / f.shape[-2]
        m1, m2 = (self.index[:, None, i] - self.index[None, :, i] for i in range(2))
        entries: np.ndarray = coefficients[..., m2 % f.shape[-2], m1 % f.shape[-1]]
        return entries

    def on_grid(self, amplitudes: np.ndarray) -> np.ndarray:
        """Return the functions (..., ny, nx) with the amplitudes (..., P)."""
        ny, nx = self.grid.shape
        full = np.zeros((*amplitudes.shape[:-1], ny, nx), complex)
        full[..., self.index[:, 1] % ny, self.index[:, 0] % nx] = amplitudes
        return np.fft.ifft2(full) * (nx * ny)


@dataclass(frozen=True, eq=False)
class ScalarModes:
    """The lowest M modes of ``h(q + k + G) + V(r)``, h the mean of both spins of the Hermitian part of H, V of V_s.

    They depend on k and are orthonormal; what the two spins do differently is left to those who use them as a basis.
    """

    waves: PlaneWaves
    terms: tuple[Term, ...]
    potential: np.ndarray  # (P, P)
    count: int

    @classmethod
    def of(
        cls,
        terms: Sequence[Term],
        V: np.ndarray,
        grid: Grid,
        count: int,
        accuracy: float = MODE_ACCURACY,
        search: WaveSearch = WAVE_SEARCH,
    ) -> "ScalarModes":
        """Take as many plane waves as the modes need for this relative accuracy; a :class:`Usual` count is cut to the
        grid.

        Raises
        ------
        ValueError
            The grid has fewer plane waves than modes are asked for.
        """
        every = PlaneWaves.all(grid)
        most = len(every.shortest(len(every)))
        count = min(count, most) if isinstance(count, Usual) else count
        if isinstance(count, bool) or not isinstance(count, int | np.integer) or not 0 < count <= most:
            raise ValueError(f"basis must be an integer from 1 to {most}, the plane waves of {grid!r}; got {count!r}")
        tried = max(search.per_mode * int(count), search.least)
        modes, energies = None, np.full(count, np.inf)
        while True:
            waves = every.shortest(tried)
            modes, last = cls(waves, tuple(terms), waves.convolution(V), int(count)), energies
            energies = modes.at(np.zeros(2))[0]
            if len(waves) == most or np.abs(energies - last).max() <= accuracy * max(np.ptp(energies), 1.0):
                return modes
            tried = int(search.more * len(waves))

    def at(self, k: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return the energies (M,) and modes (P, M) at one wavevector k (2,)."""
        h = np.einsum("gss->g", self.waves.matrix(self.terms, k)).real / 2
        energies, modes = eigh(self.potential + np.diag(h), subset_by_index=(0, self.count - 1), check_finite=False)
        return energies, modes
