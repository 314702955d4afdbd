"""The equations of motion of the pseudospin and their derivatives (docs/physics.md, section 2).

Plain array functions: ``s`` has the components (x, y, z) on its last axis, parameters broadcast against the others.
"""

import numpy as np

from latticepol.numerics import eigen

#: A number, or one of each state.
Parameter = float | np.ndarray


def velocity(s: np.ndarray, p: Parameter, a: Parameter, g: Parameter, delta: Parameter) -> np.ndarray:
    """Return ds/dtau of the pseudospin, shape (..., 3)."""
    s_x, s_y, s_z = np.moveaxis(s, -1, 0)
    size = np.sqrt(s_x**2 + s_y**2 + s_z**2)
    field = a * s_z + delta
    return np.stack(
        [(p - size) * s_x - g * size - field * s_y, (p - size) * s_y + s_z + field * s_x, (p - size) * s_z - s_y],
        axis=-1,
    )


def jacobian(s: np.ndarray, p: Parameter, a: Parameter, g: Parameter, delta: Parameter) -> np.ndarray:
    """Return J = d velocity / d s at s != 0, shape (..., 3, 3)."""
    s = np.asarray(s, float)
    s_x, s_y, s_z = np.moveaxis(s, -1, 0)
    size = np.linalg.norm(s, axis=-1)
    field = a * s_z + delta
    direction = s / size[..., None]
    j: np.ndarray = -s[..., :, None] * direction[..., None, :]
    j += (p - size)[..., None, None] * np.eye(3)
    j[..., 0, :] -= np.asarray(g)[..., None] * direction
    j[..., 0, 1] -= field
    j[..., 0, 2] -= a * s_y
    j[..., 1, 0] += field
    j[..., 1, 2] += 1 + a * s_x
    j[..., 2, 1] -= 1
    return j


def exponents(s: np.ndarray, p: Parameter, a: Parameter, g: Parameter, delta: Parameter) -> np.ndarray:
    """Return the eigenvalues of J, shape (..., 3), NaN where s is NaN."""
    result, exists = np.full(s.shape, np.nan + 0j), ~np.isnan(s[..., 0])
    result[exists] = eigen.eigenvalues(jacobian(np.where(np.isnan(s), 1.0, s), p, a, g, delta)[exists])
    return result


#: A growth rate this close to zero, plus the rounding of an eigenvalue, is marginal (pitchfork, fold, g = 0).
MARGINAL = 1e-12


def stable(growth: np.ndarray, s: np.ndarray, p: Parameter, a: Parameter, g: Parameter, delta: Parameter) -> np.ndarray:
    """Return whether the states s with these growth rates are linearly stable; False where s is NaN."""
    fastest = np.abs(p) + np.linalg.norm(s, axis=-1) * (1 + a) + np.abs(delta) + 1
    below: np.ndarray = growth < -MARGINAL - 1e-15 * fastest
    return below


def growth_rates(s: np.ndarray, p: Parameter, a: Parameter, g: Parameter, delta: Parameter) -> np.ndarray:
    """Return the largest real part of the eigenvalues of J, shape (...), NaN where s is NaN."""
    fastest: np.ndarray = exponents(s, p, a, g, delta).real.max(axis=-1)
    return fastest
