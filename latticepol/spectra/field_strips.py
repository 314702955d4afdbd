"""Strips of a field: what lp.ribbon diagonalises for a SpinorGPE (docs/physics.md, section 5)."""

from functools import partial
from typing import Any

import numpy as np
import xarray as xr

from latticepol.errors import ConvergenceError
from latticepol.gpe import excitations, output, strip
from latticepol.gpe.bloch import BlochMatrix
from latticepol.solve.steady import search
from latticepol.spectra.batches import in_batches
from latticepol.spectra.dispersion import read_state
from latticepol.spectra.problem import Problem, Strip

#: Scalar Bloch modes for each cell across, and cells of wall.
BASIS, PAD = 8, 2
#: Relative accuracy of those modes, far below what their number leaves out.
ACCURACY = 1e-4
#: Half the difference of wavevectors over which H(k), quadratic in k, is differentiated, in units of 1/period.
STEP = 1e-2


def field_strip(
    model: Any,
    state: xr.Dataset | None,
    edge: Any,
    near: float,
    losses: bool,
    *,
    width: int,
    wall: float | None,
    pad: int,
    basis: int,
    relax: Any,
) -> Strip:
    """The strip with its stationary state, if there is one.

    Raises
    ------
    ValueError
        Bad input.
    ConvergenceError
        No stationary state of the strip was found.
    """
    _check(model)
    cut = strip.cut(model.quiet(), edge, width, pad, wall)
    variables: dict[str, Any] = {}
    margin = None
    if state is None:
        bloch = excitations.empty(cut.model, losses, basis * width, ACCURACY)
    else:
        psi, _, _ = read_state(model, state)
        found = _state(cut, model.tile(psi, cut.matrix) * cut.inside, relax)
        bloch = excitations.bogoliubov(cut.model, found.psi.values, float(found.mu), basis * width, ACCURACY)
        phase = float(np.abs(np.linalg.eigvals(bloch.matrix(np.zeros(2)))).min())
        margin = output.NEUTRAL * (1 + abs(float(found.mu))) + phase
        variables = {str(name): (value.dims, value.values) for name, value in found.data_vars.items()}
        variables |= {"growth_rate": ((), 0.0), "phase_mode": ((), phase)}
    what = Problem(bloch.matrix, bloch.size, bloch.particles, bloch.hermitian, state is not None, bloch)
    along = np.array(cut.model.grid.vectors[0])
    outer = _outer(cut, width, near)
    numbers = {"wall": cut.wall, "pad": pad, "basis": basis * width}
    return Strip(cut.model, what, along, partial(_modes, what, along, outer), variables, margin, numbers)


def _check(model: Any) -> None:
    model.check_stationary()
    if model.drive_frequency is not None:
        raise ValueError("a ribbon is cut from a field without drive; leave the lp.Drive out")
    if any(model.grid.q):
        raise ValueError(f"the grid has q = {model.grid.q}, and wavevectors of a ribbon count from 0; use q = (0, 0)")
    if np.linalg.det(model.grid.vectors) < 0:
        raise ValueError(
            "A1 and A2 of the grid are left-handed, and right and left edges would be swapped; swap A1, A2"
        )


def _state(cut: strip.Cut, psi: np.ndarray, relax: Any) -> xr.Dataset:
    """Newton's method from psi; after an evolution where it is asked for, or where Newton's method fails."""
    model = cut.model
    tries = [0.0, model.relaxation(False)] if relax is None else [relax]
    for time in tries:
        found, mu, residual, message, _ = search(model, psi, time, model.residual, False)
        if not message:
            break
    numbers = {"mu": mu, "residual": residual, "growth_rate": np.nan, "phase_mode": np.nan}
    n = model.beside(found)[1] if model.equation.reservoir else None
    result = output.stationary(model, found, n, numbers, status="failed" if message else "converged", message=message)
    if message:
        raise ConvergenceError(f"the ribbon: {message}", result)
    return result


def _outer(cut: strip.Cut, width: int, near: float) -> np.ndarray:
    """Which rows of points belong to the right and to the left edge, (ny, 2), the walls behind them included."""
    part = cut.across / width
    return np.stack([part <= near, part >= 1 - near], axis=-1).astype(float)


def _modes(
    what: Problem, along: np.ndarray, outer: np.ndarray, k: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Frequencies (k, m), weights (k, m, edge) and velocities (k, m)."""
    period = np.linalg.norm(along)
    direction, bloch = along / period, what.bloch

    def batch(some: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        points = some[:, None] * direction
        omega, left, right, _ = what.lifted(points)
        left, right = (_components(bloch, vectors) for vectors in (left, right))
        rows = (np.abs(bloch.waves.on_grid(right.swapaxes(-1, -2))) ** 2).sum(axis=(1, 2, 5))  # (k, m, ny)
        weight = rows @ outer / rows.sum(axis=-1)[..., None]
        step = STEP / period
        ends = [bloch.linear(points + sign * step * direction) for sign in (1, -1)]
        slope = np.stack([(there - here) / (2 * step) for there, here in zip(*ends, strict=True)], axis=1)
        velocity = np.einsum("kcapm,kcabp,kcbpm->km", left.conj(), slope, right, optimize=True)
        return omega, weight, velocity.real

    return tuple(np.concatenate(x) for x in zip(*in_batches(batch, k, what.size), strict=True))  # type: ignore[return-value]


def _components(bloch: BlochMatrix, vectors: np.ndarray) -> np.ndarray:
    """u and v of lifted vectors, (k, u or v, spin, P, m): of those of a reservoir nothing is on an edge or moves."""
    parts = vectors.reshape(len(vectors), -1, 2, len(bloch.waves), vectors.shape[-1])
    return parts[:, :2]
