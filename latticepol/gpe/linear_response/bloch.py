"""Matrices of the linear motion of a cell at any wavevector: in plane waves, or in its lowest scalar Bloch modes.

The components are u_+, u_-, then v_+, v_- about a condensate, then nu_+, nu_- with a reservoir; a vector lists them one
after the other. Plane waves give the dense problem of all points. Bloch modes (M of them, at q + k for u, conjugates of
those at q - k for v) give one of size 4 M without higher bands; the reservoir keeps the plane waves of the modes.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from latticepol.gpe.linear_response.plane_waves import PlaneWaves, ScalarModes
from latticepol.gpe.terms.base import Term


@dataclass(frozen=True, eq=False)
class BogoliubovMatrix:
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

    terms: tuple[Term, ...]
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
        """Return H(q + k + G) - mu of u and, about a condensate, of v, each (..., 2, 2, P), at k (..., 2)."""
        shift = self.mu * np.eye(2)
        H = self.waves.matrix(self.terms, k) - shift
        if self.hermitian:
            H = 0.5 * (H + H.conj().swapaxes(-1, -2))
        parts = [H]
        if len(self.local) > 2:
            parts.append(-(self.waves.matrix(self.terms, -np.asarray(k), -self.waves.index) - shift).conj())
        return [np.moveaxis(part, -3, -1) for part in parts]

    def frames(self, k: np.ndarray) -> list[np.ndarray | None]:
        """Return columns (points, P, M) on which u, v and nu are projected at k (points, 2); None: plane waves."""
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
        """Return the matrices (..., size, size) at k (..., 2)."""
        k = np.asarray(k, float)
        points = k.reshape(-1, 2)
        frames = self.frames(points) if frames is None else frames
        return self._projected(frames, self.linear(points)).reshape(*k.shape[:-1], self.size, self.size)

    def _projected(self, frames: Sequence[np.ndarray | None], linear: list[np.ndarray]) -> np.ndarray:
        """Return the matrices (points, size, size) on frames, of H(k) - mu there as of :meth:`linear`."""
        points = len(linear[0])
        blocks = self._mirrored(frames[0], points) if self._same(frames) else self._blocks(frames, points)
        for pair, (frame, h) in enumerate(zip(frames, linear, strict=False)):
            blocks[pair][pair] = blocks[pair][pair] + _waves(frame, h)
        return np.concatenate([np.concatenate(row, axis=-1) for row in blocks], axis=-2)

    def noise(self, local: np.ndarray, k: np.ndarray) -> np.ndarray:
        """Return the covariance (points, size, size) of Wigner noise at k (points, 2): half of what is lost and gained.

        ``local`` (2, 2, ny, nx) is that of the local terms, real and so the same for u and for v, which is psi^* at -k;
        that of the others is the loss in H(k).
        """
        D, convolved = np.zeros((len(k), self.size, self.size), complex), self.waves.convolution(local)
        for i, (frame, h) in enumerate(zip(self.frames(k), self.linear(k), strict=False)):
            own = slice(i * self.particles, (i + 1) * self.particles)
            lost = 0.5j * (h - h.conj().swapaxes(1, 2))
            D[:, own, own] = _between(frame, convolved, frame, len(k)) + _waves(frame, lost)
        return D

    def around(self, k: np.ndarray, offsets: np.ndarray) -> np.ndarray:
        """Return the matrices (o, points, size, size) at k (points, 2) and ``offsets`` (o, 2) from there, all on the
        modes at k: only H(k) changes."""
        frames, here = self.frames(k), self.linear(k)
        found = np.repeat(self._projected(frames, here)[None], len(offsets), axis=0)
        for matrix, offset in zip(found, offsets, strict=True):
            start = 0
            for frame, h, there in zip(frames, here, self.linear(k + offset), strict=False):
                change = _waves(frame, there - h)
                stop = start + change.shape[-1]
                matrix[:, start:stop, start:stop] += change
                start = stop
        return found

    def _blocks(self, frames: Sequence[np.ndarray | None], points: int) -> list[list[np.ndarray]]:
        """Return the local terms between the frames of every two pairs of components, (points, 2 m, 2 n) each."""
        pairs = range(len(frames))
        part = [[self.convolved[2 * a : 2 * a + 2, 2 * b : 2 * b + 2] for b in pairs] for a in pairs]
        return [[_between(frames[a], part[a][b], frames[b], points) for b in pairs] for a in pairs]

    def _mirrored(self, frame: np.ndarray | None, points: int) -> list[list[np.ndarray]]:
        """Return the same from A and B alone, where u and v are projected on the same modes: a profile f^* gives the
        adjoint of the matrix that f gives."""
        A, B = (_between(frame, self.convolved[:2, 2 * b : 2 * b + 2], frame, points) for b in (0, 1))
        return [[A, B], [-_adjoint(B), -_adjoint(A)]]

    @staticmethod
    def _same(frames: Sequence[np.ndarray | None]) -> bool:
        return len(frames) == 2 and frames[0] is not None and frames[0] is frames[1]

    def lifted(self, vectors: np.ndarray, frames: Sequence[np.ndarray | None]) -> np.ndarray:
        """Return vectors (points, size, n) in plane waves, (points, c P, n)."""
        parts, start = [], 0
        for frame in frames:
            for _ in range(2):
                rows = len(self.waves) if frame is None else frame.shape[-1]
                part = vectors[:, start : start + rows]
                parts.append(part if frame is None else frame @ part)
                start += rows
        return np.concatenate(parts, axis=1)


def _between(left: np.ndarray | None, local: np.ndarray, right: np.ndarray | None, points: int) -> np.ndarray:
    """Return ``left^dagger local right`` of two components each, local (2, 2, P, P): (points, 2 m, 2 n)."""
    whole = np.broadcast_to(local, (points, *local.shape)) if right is None else _times(local, right)
    return _flat(whole if left is None else left.conj().swapaxes(-1, -2)[:, None, None] @ whole)


def _times(local: np.ndarray, right: np.ndarray) -> np.ndarray:
    """Return ``local right``, (points, 2, 2, P, M), as one product of two matrices: many small ones are slower."""
    points, waves, modes = right.shape
    product = local.reshape(-1, waves) @ right.transpose(1, 0, 2).reshape(waves, points * modes)
    return np.moveaxis(product.reshape(2, 2, waves, points, modes), 3, 0)


def _waves(frame: np.ndarray | None, h: np.ndarray) -> np.ndarray:
    """Return ``frame^dagger h frame`` with h (points, 2, 2, P) diagonal in plane waves: (points, 2 m, 2 m)."""
    if frame is None:
        return _flat(h[..., None] * np.eye(h.shape[-1]))
    return _flat(frame.conj().swapaxes(-1, -2)[:, None, None] @ (h[..., None] * frame[:, None, None]))


def _adjoint(matrix: np.ndarray) -> np.ndarray:
    """Return the adjoint of every one of the four blocks of (points, 2 m, 2 m)."""
    points, m = len(matrix), matrix.shape[-1] // 2
    return matrix.reshape(points, 2, m, 2, m).transpose(0, 1, 4, 3, 2).conj().reshape(matrix.shape)


def _flat(blocks: np.ndarray) -> np.ndarray:
    """Return (points, 2, 2, m, n) as matrices (points, 2 m, 2 n)."""
    return blocks.swapaxes(2, 3).reshape(len(blocks), 2 * blocks.shape[-2], 2 * blocks.shape[-1])
