"""One step of Newton's method for a stationary field, without a matrix (docs/physics.md, section 4).

With F = i dpsi/dt - mu psi the step (d, dmu) solves, to a part ``tolerance`` of F::

    A d + B d^* + H(q - i grad) d - mu d - psi dmu = -F ,     Im <psi, d> = 0

by GCROT, which keeps directions from one step to the next. Its preconditioner is the inverse of ``H(q + G)`` plus the
size of the local terms, in plane waves.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.sparse.linalg import LinearOperator, gcrotmk

from latticepol.gpe.aliases import of_grid
from latticepol.gpe.field_model import FieldModel
from latticepol.gpe.linear_response.local_jacobian import LocalJacobian, inverse, times
from latticepol.gpe.stepping.momentum import stacked
from latticepol.numerics.blas import on_one_thread


@dataclass(frozen=True)
class StepSearch:
    """How the linear equation of a step is solved.

    Parameters
    ----------
    tolerance
        Part of F that may remain.
    kept, cycles
        Vectors that are kept of a cycle, and of all before it; cycles at most.
    """

    tolerance: float = 1e-2
    kept: int = 60
    cycles: int = 20


#: What is used where nothing else is said.
STEP_SEARCH = StepSearch()


@on_one_thread
def correction(
    model: FieldModel,
    local: LocalJacobian,
    psi: np.ndarray,
    mu: float,
    F: np.ndarray,
    driven: bool,
    recycled: list[object],
    search: StepSearch = STEP_SEARCH,
) -> tuple[np.ndarray, float]:
    """Return (d, dmu) from the field psi (2, ny, nx); with a coherent drive mu is given and dmu = 0.

    ``recycled`` holds the directions in which the steps before converged slowly, and takes those of this one.
    """
    H = np.moveaxis(stacked(model.terms, of_grid(model.grid)), (-2, -1), (0, 1)) - mu * np.eye(2)[:, :, None, None]
    close_by = inverse(H + (mu + _reach(local, mu)) * np.eye(2)[:, :, None, None])
    scale, norm = np.abs(F).max(), np.linalg.norm(psi)
    size = psi.size

    def unpack(x: np.ndarray) -> np.ndarray:
        return x[: 2 * size].view(complex).reshape(psi.shape)

    def pack(d: np.ndarray, last: float) -> np.ndarray:
        flat = np.ascontiguousarray(d).ravel().view(float)
        return flat if driven else np.append(flat, last)

    def apply(x: np.ndarray) -> np.ndarray:
        d = unpack(x)
        out = times(local.A, d) + times(local.B, d.conj()) + np.fft.ifft2(times(H, np.fft.fft2(d)))
        if driven:
            return pack(out, 0.0)
        # the border, in units in which its rows and columns have the norm of one vector
        return pack(out - psi * (x[-1] / norm), np.vdot(psi, d).imag / norm)

    def precondition(x: np.ndarray) -> np.ndarray:
        return pack(np.fft.ifft2(times(close_by, np.fft.fft2(unpack(x)))), x[-1])

    unknowns, rhs = 2 * size + (not driven), pack(-F, 0.0) / scale
    linear, close = (LinearOperator((unknowns, unknowns), matvec=f, dtype=float) for f in (apply, precondition))
    options: dict[str, Any] = {"rtol": search.tolerance, "m": search.kept, "k": search.kept, "maxiter": search.cycles}
    options["M"] = close
    x, _ = gcrotmk(linear, rhs, CU=recycled, discard_C=True, **options)
    if not np.linalg.norm(apply(x) - rhs) < np.linalg.norm(rhs):
        recycled.clear()  # one of an earlier step was so soft that all digits are lost
        x, _ = gcrotmk(linear, rhs, **options)
    x *= scale
    return unpack(x), 0.0 if driven else float(x[-1] / norm)


def _reach(local: LocalJacobian, mu: float) -> float:
    """Return the size of the local terms, below which plane waves are not an approximation to modes."""
    diagonal = local.A[[0, 1], [0, 1]] - mu
    return float(np.abs(diagonal).mean() + np.abs(local.B).mean())
