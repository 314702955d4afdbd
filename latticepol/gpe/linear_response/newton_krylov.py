"""One step of Newton's method for a stationary field, without a matrix (docs/physics.md, section 4).

With F = i dpsi/dt - mu psi the step (d, dmu) solves, to a part ``tolerance`` of F::

    A d + B d^* + H(q - i grad) d - mu d - psi dmu = -F ,     Im <psi, d> = 0

and with a border also its row and column (`latticepol.border`), by GCROT, which keeps directions from one step to the
next. Its preconditioner is the inverse of ``H(q + G)`` plus the
size of the local terms, in plane waves.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.sparse.linalg import LinearOperator, gcrotmk

from latticepol.border import Border
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
    border: Border | None = None,
    search: StepSearch = STEP_SEARCH,
) -> tuple[np.ndarray, float, float]:
    """Return (d, dmu, x) from the field psi (2, ny, nx); with a coherent drive mu is given and dmu = 0, and without a
    border x = 0.

    ``recycled`` holds the directions in which the steps before converged slowly, and takes those of this one.
    """
    H = np.moveaxis(stacked(model.terms, of_grid(model.grid)), (-2, -1), (0, 1)) - mu * np.eye(2)[:, :, None, None]
    close_by = inverse(H + (mu + _reach(local, mu)) * np.eye(2)[:, :, None, None])
    size, phase = psi.size, Border(-psi, 1j * psi, 0.0, 0.0)
    borders = [_scaled(one) for one in (() if driven else (phase,)) + (() if border is None else (border,))]

    def unpack(x: np.ndarray) -> np.ndarray:
        return x[: 2 * size].view(complex).reshape(psi.shape)

    def pack(d: np.ndarray, last: Sequence[float] | np.ndarray) -> np.ndarray:
        return np.append(np.ascontiguousarray(d).ravel().view(float), last)

    def apply(x: np.ndarray) -> np.ndarray:
        d, last = unpack(x), x[2 * size :]
        out = times(local.A, d) + times(local.B, d.conj()) + np.fft.ifft2(times(H, np.fft.fft2(d)))
        for one, amount in zip(borders, last, strict=True):
            out += one.column * amount
        return pack(out, [one.along(d) + one.value * amount for one, amount in zip(borders, last, strict=True)])

    def precondition(x: np.ndarray) -> np.ndarray:
        return pack(np.fft.ifft2(times(close_by, np.fft.fft2(unpack(x)))), x[2 * size :])

    rhs = pack(-F, [one.right for one in borders])
    scale = np.abs(rhs).max()
    linear, close = (LinearOperator((rhs.size, rhs.size), matvec=f, dtype=float) for f in (apply, precondition))
    accuracy = search.tolerance if border is None else border.accuracy
    options: dict[str, Any] = {"rtol": accuracy, "m": search.kept, "k": search.kept, "maxiter": search.cycles}
    options["M"] = close
    x, _ = gcrotmk(linear, rhs / scale, CU=recycled, discard_C=True, **options)
    if not np.linalg.norm(apply(x) - rhs / scale) < np.linalg.norm(rhs / scale):
        recycled.clear()  # one of an earlier step was so soft that all digits are lost
        x, _ = gcrotmk(linear, rhs / scale, **options)
    d, last = unpack(scale * x), list(scale * x[2 * size :])
    dmu = 0.0 if driven else last.pop(0) / np.linalg.norm(psi)
    return d, float(dmu), 0.0 if border is None else float(last.pop() / np.linalg.norm(border.column))


def _scaled(border: Border) -> Border:
    """Return a border whose row and column have the norm 1, as the vectors of an iteration."""
    column = np.linalg.norm(border.column)
    row = np.hypot(np.linalg.norm(border.row), border.value / column)
    return Border(border.column / column, border.row / row, border.value / (row * column), border.right / row)


def _reach(local: LocalJacobian, mu: float) -> float:
    """Return the size of the local terms, below which plane waves are not an approximation to modes."""
    diagonal = local.A[[0, 1], [0, 1]] - mu
    return float(np.abs(diagonal).mean() + np.abs(local.B).mean())
