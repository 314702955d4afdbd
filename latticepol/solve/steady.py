"""Stationary states of any model: relaxation in time, then Newton's method."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import xarray as xr
from scipy import sparse
from scipy.sparse.linalg import splu

from latticepol.errors import ConvergenceError
from latticepol.randomness import Rng, seeded
from latticepol.solve.evolution import evolve
from latticepol.solve.schedules import every, stop_when_steady

#: Steps of Newton's method, halvings of one step, and the size up to which its matrix is solved dense.
STEPS, HALVINGS, DENSE = 40, 12, 300
#: A state smaller than this part of its start is the vacuum.
VACUUM = 1e-3
#: Relative local error of a relaxation, and the relative change per unit time at which it has arrived.
RELAXATION, ARRIVED = 1e-6, 1e-7


def steady_state(
    model: Any,
    psi0: Any = "aligned",
    *,
    tol: float = 1e-12,
    relax: float | None = None,
    rng: Rng = None,
    progress: bool | None = None,
) -> xr.Dataset:
    """A stationary state ``psi e^{-i mu t}``: relaxation in time, then Newton's method on psi and mu.

    With a constant coherent drive mu is the frequency of the drive, 0 in its frame, and only psi is searched for.

    Parameters
    ----------
    model
        A ``lp.Network``.
    psi0
        Where to begin: the name of a start ("aligned", "anti-aligned", "linear", "antiferro": Newton's method from the
        state of the single condensate at every site; "noise"), an array, an earlier Dataset; or a list of such, whose
        results are joined along ``start`` with NaN where one fails.
    tol
        Residual ``max |i dpsi/dt - mu psi| / max |psi|`` (rate) to be reached.
    relax
        Time of evolution before Newton's method; it ends sooner where nothing changes any more. None: 5000 from
        "noise", otherwise none. An evolution leads to a stable state, Newton's method to the nearest, stable or not.
    rng
        Seed of the start "noise"; the attribute ``seed`` repeats it.
    progress
        Show a bar for the relaxation; None: if someone is watching.

    Returns
    -------
    xarray.Dataset
        ``psi``, its ``pseudospin`` (Newton's method may leave the order it starts from), ``mu``, ``residual``,
        ``growth_rate`` (the largest of all Bogoliubov modes: at least 0, that of the phase mode; over all wavevectors,
        refined in cells of up to 8 sites, on a mesh in larger ones, at k = 0 above 300 sites; NaN where it could not be
        found), ``stable``; attributes ``status`` and ``message``.

    Raises
    ------
    ConvergenceError
        Newton's method did not reach tol, or fell to the vacuum; ``result`` holds what it reached.
    ValueError
        Bad input; p, delta or the drive is a function of time, or has batch axes.
    TypeError
        The model is no ``lp.Network``.
    """
    if not 0 < tol < 1:
        raise ValueError(f"tol = {tol} is not a residual to be reached; give 0 < tol < 1, for instance 1e-12")
    if not hasattr(model, "stationary"):
        raise TypeError(f"model is a {type(model).__name__}; stationary states are found for a lp.Network")
    model.check_stationary()
    if isinstance(psi0, list | tuple) and any(_is_start(start) for start in psi0):
        return _several(model, psi0, tol=tol, relax=relax, rng=rng, progress=progress)
    psi, drawn = _begin(model, psi0, rng)
    relax = (5000.0 if drawn else 0.0) if relax is None else relax
    before = np.abs(psi).max()
    if relax > 0:
        callbacks = [(every(relax / 200), stop_when_steady(ARRIVED))]
        out = evolve(model.quiet(), psi, relax, tol=RELAXATION, callbacks=callbacks, progress=progress)
        psi = model.read(out)[0]
    psi, mu, residual = newton(model, psi, tol)
    vacuum = np.abs(psi).max() <= VACUUM * before
    message = _message(residual, tol, vacuum)
    status = "failed" if message else "converged"
    state = model.stationary(psi, mu, residual, status=status, message=message, **drawn)
    if message:
        raise ConvergenceError(message, state)
    return state


def _is_start(item: Any) -> bool:
    return isinstance(item, str | xr.Dataset) or np.ndim(item) > 1


def _begin(model: Any, psi0: Any, rng: Rng) -> tuple[np.ndarray, dict[str, int]]:
    """The amplitudes to begin with and, where they are random, their seed."""
    if isinstance(psi0, str) and psi0 == "noise":
        seed = seeded(rng)[1]
        return model.start(psi0, seed), {"seed": seed}
    psi, _, _, batch = model.read(psi0)
    if batch:
        raise ValueError(
            f"psi0 has the batch axes {batch}; a state is searched for from one start: give a list of them"
        )
    return psi, {}


def newton(model: Any, psi: np.ndarray, tol: float) -> tuple[np.ndarray, float, float]:
    """(psi, mu, residual) from a start; the residual is what it is.

    A step solves ``L (d, d^*) - (psi, -psi^*) dmu = -(F, -F^*)`` with the Bogoliubov matrix L, F = i dpsi/dt - mu psi,
    and ``Im <psi, d> = 0``, which fixes the phase.
    """
    driven = model.drive_at(0.0) is not None
    psi, mu = psi.astype(complex), 0.0 if driven else _frequency(model, psi)
    F = 1j * model.rhs(psi) - mu * psi
    for _ in range(STEPS):
        if _size(F, psi) <= tol / 4:
            break
        try:
            d, dmu = _step(model, psi, mu, F, driven)
        except (np.linalg.LinAlgError, RuntimeError):  # singular: what was reached is judged by its residual
            break
        for power in range(HALVINGS):
            part = 0.5**power
            trial, frequency = psi + part * d, mu + part * dmu
            F_trial = 1j * model.rhs(trial) - frequency * trial
            if np.abs(F_trial).max() < np.abs(F).max():
                break
        else:
            break
        psi, mu, F = trial, frequency, F_trial
    return psi, float(mu), _size(F, psi)


def _step(model: Any, psi: np.ndarray, mu: float, F: np.ndarray, driven: bool) -> tuple[np.ndarray, float]:
    flat, L = psi.ravel(), sparse.csc_matrix(model.linearised(psi, mu))
    rhs = np.concatenate([-F.ravel(), F.ravel().conj()])
    if driven:
        return _solve(L, rhs)[: flat.size].reshape(psi.shape), 0.0
    # A border row for all components would fill the factors: it is that of the largest one, with a right-hand side
    # alpha that makes the condition on all hold.
    n, column = int(np.abs(flat).argmax()), np.concatenate([-flat, flat.conj()])[:, None]
    row = sparse.csc_matrix(([flat[n].conj(), -flat[n]], ([0, 0], [n, n + flat.size])), shape=(1, len(rhs)))
    bordered = sparse.bmat([[L, sparse.csc_matrix(column)], [row, None]], format="csc")
    both = np.zeros((len(rhs) + 1, 2), complex)
    both[:-1, 0], both[-1, 1] = rhs, 1.0
    fixed, turned = _solve(bordered, both).T
    phase = np.concatenate([flat.conj(), -flat, [0.0]])
    solution = fixed - (phase @ fixed) / (phase @ turned) * turned
    return solution[: flat.size].reshape(psi.shape), float(solution[-1].real)


def _solve(L: Any, rhs: np.ndarray) -> np.ndarray:
    return np.linalg.solve(L.toarray(), rhs) if L.shape[0] <= DENSE else splu(L).solve(rhs)


def _frequency(model: Any, psi: np.ndarray) -> float:
    """The mean of i dpsi/dt over psi, weighted with the density."""
    return float((psi.conj() * 1j * model.rhs(psi)).sum().real / max((np.abs(psi) ** 2).sum(), 1e-300))


def _size(F: np.ndarray, psi: np.ndarray) -> float:
    return float(np.abs(F).max() / max(np.abs(psi).max(), 1e-300))


def _message(residual: float, tol: float, vacuum: bool) -> str:
    if vacuum:
        return "Newton's method fell to the vacuum; start from another state, or give relax=1000"
    if not residual <= tol:
        return f"Newton's method stopped at the residual {residual:.3g}, need {tol:g}; start closer, or give relax=1000"
    return ""


def _several(model: Any, starts: Sequence[Any], **options: Any) -> xr.Dataset:
    model.check_starts([start for start in starts if isinstance(start, str)])
    states = []
    for start in starts:
        try:
            states.append(steady_state(model, start, **options))
        except (ConvergenceError, ValueError) as error:
            states.append(model.stationary(None, np.nan, np.nan, status="failed", message=str(error)))
    names = [start if isinstance(start, str) else f"start {i}" for i, start in enumerate(starts)]
    outcome = {key: [state.attrs[key] for state in states] for key in ("status", "message")}
    joined = xr.concat(states, "start", combine_attrs="drop_conflicts").assign_coords(start=names)
    return joined.assign_attrs(outcome)
