"""What moves in a mode: the phase of the condensate, its density or its spin (docs/physics.md, section 4).

A small change of the phase alone is ``(u, v) = i theta (psi, -psi^*)``, one of the density alone ``eta (psi, psi^*)``,
with any theta and eta at every place. What is left at a place turns the spin.
"""

import numpy as np

from latticepol.linear_problem import LinearProblem

#: Modes of smaller norms are locked to one of the opposite norm: N is 0 where both decay alike.
LOCKED = 0.5


def parts(psi: np.ndarray, u: np.ndarray, v: np.ndarray, spin: int) -> dict[str, float]:
    """Return the shares of phase, density and spin in |u|^2 + |v|^2, whose sum is 1.

    Parameters
    ----------
    psi, u, v
        The condensate and the mode on the same positions.
    spin
        The axis of the spin.
    """
    size = np.linalg.norm(psi, axis=spin, keepdims=True)
    direction = psi / np.maximum(size, np.finfo(float).tiny)
    along_u, along_v = (direction.conj() * u).sum(axis=spin), (direction * v).sum(axis=spin)
    whole = 2 * float((abs(u) ** 2 + abs(v) ** 2).sum())
    phase, density = (float((abs(along_u + sign * along_v) ** 2).sum()) / whole for sign in (-1, 1))
    return {"phase": phase, "density": density, "spin": max(1 - phase - density, 0.0)}


def described(problem: LinearProblem, k: np.ndarray, omega: complex) -> dict[str, object]:
    """Return what a certificate says of the mode next to omega at k (2,): wavevector, frequency, norm, the branch that
    it is on, and where the condensate is known its kind and parts."""
    modes = problem.lifted(problem.folded(k[None])[0])
    n = abs(modes.omega[0] - omega).argmin()
    u, v, *_ = problem.on_positions(modes.right[..., [n]])[:, 0, ..., 0]
    particle, partner = (float((abs(part) ** 2).sum()) for part in (u, v))
    norm = (particle - partner) / (particle + partner)
    branch = "resonance" if abs(norm) < LOCKED else "particle" if norm > 0 else "partner"
    found: dict[str, object] = {"k": k.tolist(), "omega": [omega.real, omega.imag], "norm": norm, "branch": branch}
    if problem.condensate is None:
        return found
    share = parts(problem.condensate, u, v, problem.dims.index("spin"))
    return found | {"kind": max(share, key=lambda name: share[name]), "parts": share}
