"""Matrices of the linear motion of a cell at any wavevector: in plane waves, or in its lowest scalar Bloch modes.

The components are u_+, u_-, then v_+, v_- about a condensate, then nu_+, nu_- with a reservoir; a vector lists them one
after the other. Plane waves give the dense problem of all points. Bloch modes (M of them, at q + k for u, conjugates of
those at q - k for v) give one of size 4 M without higher bands; the reservoir keeps the plane waves of the modes.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from latticepol.gpe.plane_waves import PlaneWaves, ScalarModes


@dataclass(frozen=True, eq=False)
class BlochMatrix:
    """The matrix at k (docs/physics.md, section 4).

    Parameters
    ----------
    terms
        Whose H(k) are summed.
    local
        The local terms (c, c, ny, nx) of c = 2 components (empty cell), 4 (about a condensate) or 6 (with a reservoir).
    mu
        Frequency that is taken off.
    waves
        The plane waves.
    modes
        The scalar modes on which the field is projected; None: plane waves.
    hermitian
        Drop losses.
    """

    terms: tuple[Any, ...]
    local: np.ndarray
    mu: float
    waves: PlaneWaves
    modes: ScalarModes | None = None
    hermitian: bool = False

    @property
    def particles(self) -> int:
        """Number of modes of the empty cell."""
        return 2 * (len(self.waves) if self.modes is None else self.modes.count)

    @property
    def size(self) -> int:
        """Rows of the matrix."""
        pairs = len(self.local) // 2
        return min(pairs, 2) * self.particles + (2 * len(self.waves) if pairs == 3 else 0)

    @cached_property
    def convolved(self) -> np.ndarray:
        """The local terms in plane waves (c, c, P, P)."""
        local = 0.5 * (self.local + self.local.conj().swapaxes(0, 1)) if self.hermitian else self.local
        return self.waves.convolution(local)

    def linear(self, k: np.ndarray) -> list[np.ndarray]:
        """H(q + k + G) - mu of u and, about a condensate, of v, each (..., 2, 2, P), at k (..., 2)."""
        shift = self.mu * np.eye(2)
        H = self.waves.matrix(self.terms, k) - shift
        if self.hermitian:
            H = 0.5 * (H + H.conj().swapaxes(-1, -2))
        parts = [H]
        if len(self.local) > 2:
            parts.append(-(self.waves.matrix(self.terms, -np.asarray(k), self.waves.opposite) - shift).conj())
        return [np.moveaxis(part, -3, -1) for part in parts]

    def frames(self, k: np.ndarray) -> list[np.ndarray | None]:
        """Columns (points, P, M) on which u, v and nu are projected at k (points, 2); None: plane waves."""
        pairs = len(self.local) // 2
        if self.modes is None:
            return [None] * pairs
        u = np.stack([self.modes.at(one)[1] for one in k])
        if not any(self.waves.grid.q):  # a real potential: the conjugates of the modes at -k span those at k
            return [u, u, None][:pairs]
        back = self.waves.reversed
        v = np.stack([self.modes.at(-one)[1][back].conj() for one in k])
        return [u, v, None][:pairs]

    def matrix(self, k: np.ndarray, frames: Sequence[np.ndarray | None] | None = None) -> np.ndarray:
        """(..., size, size) at k (..., 2)."""
        k = np.asarray(k, float)
        points = k.reshape(-1, 2)
        frames = self.frames(points) if frames is None else frames
        linear = self.linear(points)
        rows = []
        for a, left in enumerate(frames):
            row = []
            for b, right in enumerate(frames):
                diagonal = linear[a] if a == b and a < len(linear) else None
                row.append(
                    _block(left, self.convolved[2 * a : 2 * a + 2, 2 * b : 2 * b + 2], diagonal, right, len(points))
                )
            rows.append(np.concatenate(row, axis=-1))
        return np.concatenate(rows, axis=-2).reshape(*k.shape[:-1], self.size, self.size)

    def lifted(self, vectors: np.ndarray, frames: Sequence[np.ndarray | None]) -> np.ndarray:
        """Vectors (points, size, n) in plane waves, (points, c P, n)."""
        parts, start = [], 0
        for frame in frames:
            for _ in range(2):
                rows = len(self.waves) if frame is None else frame.shape[-1]
                part = vectors[:, start : start + rows]
                parts.append(part if frame is None else frame @ part)
                start += rows
        return np.concatenate(parts, axis=1)


def _block(
    left: np.ndarray | None, local: np.ndarray, diagonal: np.ndarray | None, right: np.ndarray | None, points: int
) -> np.ndarray:
    """``left^dagger (local + diagonal) right``, (points, 2 m, 2 n), of two components each; ``local`` (2, 2, P, P)."""
    if right is None:
        whole = np.broadcast_to(local, (points, *local.shape)).copy()
        if diagonal is not None:
            i = np.arange(local.shape[-1])
            whole[..., i, i] += diagonal
    else:
        columns = right[:, None, None]
        whole = local @ columns if diagonal is None else local @ columns + diagonal[..., None] * columns
    if left is not None:
        whole = left.conj().swapaxes(-1, -2)[:, None, None] @ whole
    return whole.swapaxes(2, 3).reshape(points, 2 * whole.shape[-2], 2 * whole.shape[-1])
