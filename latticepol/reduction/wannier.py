"""Wannier functions of the lowest bands of a cell (docs/physics.md, section 6).

Gaussians g_n on the sites are projected on the lowest N scalar Bloch modes at every k and orthonormalised
symmetrically: with the overlaps ``A = <u|g> = X s Y^dagger`` the Bloch sums are ``u X Y^dagger``, of all those the
nearest to the Gaussians, and ``w_n(r - R)`` is the mean over k of ``exp(-i k.R)`` times them. They are real and decay
exponentially.

What the two spins do differently mixes in higher bands: a little, but the hopping is exponentially small. So w_n with
either spin is projected in the same way on the lowest 2N bands of both spins without gain and losses. Matrix elements
are those between such dressed functions, and without losses have the bands of the cell as eigenvalues.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy.optimize import minimize_scalar

from latticepol.gpe.linear_response.bloch import BogoliubovMatrix
from latticepol.gpe.linear_response.plane_waves import PlaneWaves
from latticepol.grid import Grid

#: Least part of any sum of the trial Gaussians that must lie in the bands.
WITHIN = 0.1


@dataclass(frozen=True, eq=False)
class ZoneModes:
    """The scalar Bloch modes of the empty cell at the points ``(i1/M1) B1 + (i2/M2) B2`` about k = 0."""

    bloch: BogoliubovMatrix
    mesh: tuple[int, int]
    index: np.ndarray  # (K, 2), i1 slowest
    energies: np.ndarray  # (K, M)
    modes: np.ndarray  # (K, P, M)

    @classmethod
    def of(cls, bloch: BogoliubovMatrix, mesh: tuple[int, int]) -> "ZoneModes":
        """Compute the modes at all points of a mesh; V is real: the modes at -k are the conjugates of those at k."""
        assert bloch.modes is not None
        index = np.stack(np.meshgrid(*(np.arange(m) - m // 2 for m in mesh), indexing="ij"), axis=-1).reshape(-1, 2)
        k, back = index / np.array(mesh) @ bloch.waves.grid.reciprocal, bloch.waves.reversed
        found: dict[tuple[int, int], tuple[np.ndarray, np.ndarray]] = {}
        for (m1, m2), one in zip(index.tolist(), k, strict=True):
            there = found.get((-m1, -m2))
            found[m1, m2] = bloch.modes.at(one) if there is None else (there[0], there[1][back].conj())
        energies, modes = (np.stack(x) for x in zip(*found.values(), strict=True))
        return cls(bloch, mesh, index, energies, modes)

    @cached_property
    def k(self) -> np.ndarray:
        """Wavevectors (K, 2)."""
        wavevectors: np.ndarray = self.index / np.array(self.mesh) @ self.bloch.waves.grid.reciprocal
        return wavevectors

    def open_above(self, count: int) -> float:
        """Return the direct gap above the lowest scalar bands, on the mesh."""
        return float((self.energies[:, count] - self.energies[:, count - 1]).min())

    @cached_property
    def matrix(self) -> np.ndarray:
        """H with gain and losses between the modes of both spins, (K, 2M, 2M)."""
        return self.bloch.matrix(self.k, [self.modes])

    @cached_property
    def spinors(self) -> tuple[np.ndarray, np.ndarray]:
        """The bands of both spins without gain and losses (K, 2M), and their vectors (K, 2M, 2M)."""
        energies, vectors = np.linalg.eigh(0.5 * (self.matrix + self.matrix.conj().swapaxes(-1, -2)))
        return energies, vectors


@dataclass(frozen=True, eq=False)
class Wannier:
    """One Wannier function on each of N sites.

    Parameters
    ----------
    zone
        The modes that they are made of.
    weights
        Their Bloch sums in the lowest N scalar modes, (K, N, N).
    within
        The least part of any sum of the trial Gaussians that lies in the bands.
    """

    zone: ZoneModes
    weights: np.ndarray
    within: float

    @classmethod
    def of(cls, zone: ZoneModes, sites: np.ndarray) -> "Wannier":
        """Make the functions on the sites (N, 2), from those Gaussians that lie best in the lowest N bands.

        Raises
        ------
        ValueError
            They do not lie in them.
        """
        grid = zone.bloch.waves.grid
        waves = zone.k[:, None] + zone.bloch.waves.index @ grid.reciprocal
        places = np.exp(-1j * waves @ (sites - first_point(grid)).T)
        square, lowest = (waves**2).sum(axis=-1), zone.modes[:, :, : len(sites)].conj().swapaxes(-1, -2)

        def trial(log_width: float) -> np.ndarray:
            gaussians: np.ndarray = places * np.exp(-0.5 * np.exp(2 * log_width) * square)[..., None]
            return gaussians

        def missed(log_width: float) -> float:
            return -float((np.abs(lowest @ np.linalg.qr(trial(log_width))[0]) ** 2).sum())

        sizes = np.log([0.5 * min(grid.spacing), np.sqrt(grid.area / len(sites))])
        best = trial(minimize_scalar(missed, bounds=sizes, method="bounded").x)
        within = float(np.linalg.svd(lowest @ np.linalg.qr(best)[0], compute_uv=False).min() ** 2)
        if within < WITHIN:
            raise ValueError(
                f"the lowest bands are not those of the {len(sites)} sites of the lattice: of Gaussians there only "
                f"{within:.2g} lies in them, and must be {WITHIN:g} or more; give a lattice with its sites in the wells"
            )
        return cls(zone, _nearest(lowest @ best), within)

    @property
    def sites(self) -> int:
        """How many there are in a cell."""
        count: int = self.weights.shape[-1]
        return count

    @cached_property
    def dressed(self) -> np.ndarray:
        """The dressed functions among the modes of both spins, (K, 2M, 2N), index spin, then site."""
        n, m = self.sites, self.zone.modes.shape[-1]
        bare = np.zeros((len(self.weights), 2, m, 2, n), complex)
        bare[:, 0, :n, 0] = bare[:, 1, :n, 1] = self.weights
        lowest = self.zone.spinors[1][..., : 2 * n]
        functions: np.ndarray = lowest @ _nearest(lowest.conj().swapaxes(-1, -2) @ bare.reshape(-1, 2 * m, 2 * n))
        return functions

    @cached_property
    def elements(self) -> np.ndarray:
        """``<w_i0 s| H |w_jn s'>`` of the linear part of the model, (M1, M2, N, 2, N, 2), n modulo the mesh."""
        H = self.dressed.conj().swapaxes(-1, -2) @ self.zone.matrix @ self.dressed
        H = H.reshape(*self.zone.mesh, 2, self.sites, 2, self.sites)
        H = np.fft.fft2(np.fft.ifftshift(H, axes=(0, 1)), axes=(0, 1), norm="forward")
        return H.transpose(0, 1, 3, 2, 5, 4)

    @cached_property
    def grid(self) -> Grid:
        """As many cells as there are wavevectors, with the origin in the middle."""
        mesh, cell = np.array(self.zone.mesh), self.zone.bloch.waves.grid
        cells = mesh // 2 * np.array(cell.counts) + np.array(cell.origin)
        vectors = np.array(cell.vectors) * mesh[:, None]
        return Grid(vectors.tolist(), tuple(mesh * cell.counts), origin=tuple(cells))

    @cached_property
    def functions(self) -> np.ndarray:
        """w_n(r) on that grid, (N, ny, nx), with int w_n^2 = 1."""
        mesh, waves = np.array(self.zone.mesh), self.zone.bloch.waves
        index = self.zone.index[:, None] + mesh * waves.index
        sums = self.zone.modes[..., : self.sites] @ self.weights
        amplitudes = sums.reshape(-1, self.sites).T / (mesh.prod() * np.sqrt(waves.grid.area))
        w = PlaneWaves(self.grid, index.reshape(-1, 2)).on_grid(amplitudes).real
        shift = mesh // 2 * np.array(waves.grid.counts)
        return np.roll(w, tuple(shift[::-1]), axis=(-2, -1))


def _nearest(overlaps: np.ndarray) -> np.ndarray:
    """Return the unitary matrices nearest to the given ones."""
    left, _, right = np.linalg.svd(overlaps)
    unitary: np.ndarray = left @ right
    return unitary


def first_point(grid: Grid) -> np.ndarray:
    """Return where the first point of the grid is, from which the phases of plane waves count, (2,)."""
    x, y = grid.points
    return np.array([x[0, 0], y[0, 0]])
