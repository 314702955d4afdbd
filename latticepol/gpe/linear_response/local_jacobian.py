"""Linear motion of the empty cell, and about a stationary field (docs/physics.md, section 4).

With psi = e^{i q.r - i mu t} [psi0 + u e^{i k.r - i w t} + v^* e^{-i k.r + i w^* t}], and n = n0 + nu e^{...} + c.c.::

    w u   =  (A + H(q + k) - mu) u + B v + X nu
    w v   = -B^* u - (A + H(q - k) - mu)^* v - X^* nu
    w nu  = -i Y^* u - i Y v - i Z nu

G is the local part of i dpsi/dt: A = dG/dpsi, B = dG/dpsi^*, X = dG/dn; Y_s = R n_s psi_s and Z are those of the
reservoir.
"""

from typing import NamedTuple, Self

import numpy as np

from latticepol.gpe.equation import Equation


class LocalJacobian(NamedTuple):
    """The coefficients of u, v and nu at every point; X, Y and Z are None without reservoir."""

    A: np.ndarray  # (2, 2, ny, nx), as B, X and Z
    B: np.ndarray
    X: np.ndarray | None
    Y: np.ndarray | None  # (2, ny, nx)
    Z: np.ndarray | None

    @classmethod
    def about(
        cls, equation: Equation, psi: np.ndarray, derivatives: tuple[np.ndarray, np.ndarray], n: np.ndarray | None
    ) -> Self:
        """Make it from A, B and the densities n (2, ny, nx) of the reservoir."""
        if not equation.reservoir:
            return cls(*derivatives, None, None, None)
        R, same, other, mixing = (equation.value(name, 0.0) for name in ("R", "g_R", "g_cross", "mixing"))
        own = 0.5j * R + same + 0 * psi[0]
        X = np.stack([own * psi[0], other * psi[0], other * psi[1], own * psi[1]]).reshape(2, 2, *psi.shape[1:])
        loss = _loss(equation, psi)
        mixing = mixing + 0 * loss[0]
        Z = np.stack([loss[0], -mixing, -mixing, loss[1]]).reshape(2, 2, *psi.shape[1:])
        return cls(*derivatives, X, R * n * psi, Z)

    def eliminated(self) -> "LocalJacobian":
        """Return the same at w = 0, where the reservoir follows at once: nu = -Z^-1 (Y^* u + Y v)."""
        if self.X is None or self.Y is None or self.Z is None:
            return self
        follows = -np.einsum("stij,trij->srij", self.X, inverse(self.Z))
        A, B = self.A + follows * self.Y.conj(), self.B + follows * self.Y
        return LocalJacobian(A, B, None, None, None)

    def blocks(self) -> np.ndarray:
        """Return the local matrix (4, 4, ny, nx) of the field, or (6, 6, ny, nx) with the reservoir."""
        parts = [[self.A, self.B], [-self.B.conj(), -self.A.conj()]]
        if self.X is not None and self.Y is not None and self.Z is not None:
            diagonal = np.eye(2)[:, :, None, None] * self.Y
            parts = [
                [*parts[0], self.X],
                [*parts[1], -self.X.conj()],
                [-1j * diagonal.conj(), -1j * diagonal, -1j * self.Z],
            ]
        return np.concatenate([np.concatenate(row, axis=1) for row in parts], axis=0)


def reservoir_at(equation: Equation, psi: np.ndarray) -> np.ndarray | None:
    """Return the reservoir n_s (2, ny, nx) that is steady at the field psi; None without a reservoir.

    Raises
    ------
    ValueError
        It would grow without bound.
    """
    if not equation.reservoir:
        return None
    P, mixing, loss = equation.value("P", 0.0), equation.value("mixing", 0.0), _loss(equation, psi)
    determinant = loss[0] * loss[1] - mixing**2
    if not (determinant > 0).all():
        raise ValueError("the reservoir grows without bound where there is no field: give Gamma_R > 0")
    plus, minus = P[0], P[-1]
    reservoir: np.ndarray = np.stack([loss[1] * plus + mixing * minus, loss[0] * minus + mixing * plus]) / determinant
    return reservoir


def wigner_noise(equation: Equation, psi: np.ndarray) -> np.ndarray:
    """Return the covariance (2, 2, ny, nx) of the Wigner noise of the local terms times the area of a point: half of
    what is lost and gained."""
    W, eta, Gamma, R = (equation.value(name, 0.0) for name in ("W", "eta", "Gamma", "R"))
    n = reservoir_at(equation, psi)
    gain = np.maximum(W - 0.5 * eta * (np.abs(psi) ** 2).sum(axis=0), 0.0) + (0.0 if n is None else R * n)
    noise: np.ndarray = 0.5 * np.eye(2)[:, :, None, None] * (gain + Gamma + 0.0 * np.abs(psi))
    return noise


def _loss(equation: Equation, psi: np.ndarray) -> np.ndarray:
    """Return Gamma_R + R |psi_s|^2 + 1/tau_s, (2, ny, nx)."""
    R, Gamma_R, mixing = (equation.value(name, 0.0) for name in ("R", "Gamma_R", "mixing"))
    loss: np.ndarray = Gamma_R + R * np.abs(psi) ** 2 + mixing
    return loss


def times(matrix: np.ndarray, field: np.ndarray) -> np.ndarray:
    """Return a matrix (2, 2, ny, nx) at every point times a field (2, ny, nx)."""
    product: np.ndarray = matrix[:, 0] * field[0] + matrix[:, 1] * field[1]
    return product


def inverse(Z: np.ndarray) -> np.ndarray:
    """Return the inverse of a matrix (2, 2, ny, nx) at every point."""
    determinant = Z[0, 0] * Z[1, 1] - Z[0, 1] * Z[1, 0]
    inverted: np.ndarray = np.stack([Z[1, 1], -Z[0, 1], -Z[1, 0], Z[0, 0]]).reshape(Z.shape) / determinant
    return inverted
