"""The row and the column by which Newton's equation for a stationary state is bordered, to let a parameter vary."""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Border:
    """The equations ``J (d, dmu) + column x = -F`` and ``Re <row, d> + value x = right`` for the unknowns d, dmu and x.

    J (d, dmu) is what the residual F of a model changes by, as in ``newton_step``, with the same condition on the
    phase. With the derivative of F for the column x is the change of a parameter. With a column and a row of which
    neither is orthogonal to the vectors of a singular J, and F = 0, right = 1, value = 0, x vanishes where J is
    singular, and d is then its null vector.

    Parameters
    ----------
    column
        Of the shape of psi.
    row
        Of the shape of psi.
    value
        What stands at the corner.
    right
        The right-hand side.
    accuracy
        Part of the right-hand sides that a method of steps may leave.
    """

    column: np.ndarray
    row: np.ndarray
    value: float
    right: float
    accuracy: float = 1e-2

    def eliminated(
        self, step: tuple[np.ndarray, float], other: tuple[np.ndarray, float]
    ) -> tuple[np.ndarray, float, float]:
        """Return (d, dmu, x) from the steps (d, dmu) without a border, for F and for the column in its place.

        Where J is nearly singular both are large, and digits are lost: there one matrix with the border is better.
        """
        (d, dmu), (e, emu) = step, other
        x = (self.right - self.along(d)) / (self.value + self.along(e))
        return d + x * e, dmu + x * emu, x

    def along(self, d: np.ndarray) -> float:
        """Return ``Re <row, d>``."""
        return float(np.vdot(self.row, d).real)
