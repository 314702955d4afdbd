"""What can be saved of a running field: the field itself, densities and budgets (docs/physics.md, section 1)."""

import json
from collections.abc import Callable, Mapping

import numpy as np
import xarray as xr

from latticepol.errors import kind
from latticepol.gpe.aliases import of_grid
from latticepol.gpe.field_model import FieldModel
from latticepol.gpe.stepping.engine import RESERVOIR
from latticepol.gpe.stepping.momentum import damping, matrix
from latticepol.gpe.terms.base import Term
from latticepol.grid import Grid
from latticepol.model import InitialState

FIELD = ("spin", "y", "x")
#: The parts of dN/dt = gain - loss + drive.
BUDGET = ("gain", "loss", "drive")


def grid_of(dataset: xr.Dataset) -> Grid | None:
    """Return the grid on which the field of a Dataset was computed; None where its record does not say."""
    recorded = json.loads(dataset.attrs.get("parameters", "{}")).get("grid")
    return Grid(**recorded) if recorded else None


def auxiliary(n: np.ndarray | None) -> dict[str, np.ndarray]:
    """Return what moves along with the field, by name."""
    return {} if n is None else {RESERVOIR: n}


def _number(model: FieldModel, now: InitialState) -> np.ndarray:
    number: np.ndarray = model.grid.integrate(np.abs(now.psi) ** 2).sum(axis=-1)
    return number


def _modes(model: FieldModel, now: InitialState) -> np.ndarray:
    """Return psi(k), normalised so that its sum of squares is the number of particles."""
    modes: np.ndarray = np.fft.fft2(now.psi, norm="ortho") * np.sqrt(model.grid.point_area)
    return modes


def _energy(model: FieldModel, now: InitialState) -> np.ndarray:
    """Return E = <psi|(H + H^dagger)/2|psi> + int [V N + Delta S_z + (alpha1/4)(N_+^2 + N_-^2) + (alpha2/2) N_+
    N_-]."""
    value, t = model.equation.value, now.t
    N = np.abs(now.psi) ** 2
    plus, minus = N[..., 0, :, :], N[..., 1, :, :]
    k = _modes(model, now)
    (pp, pm), (mp, mm) = matrix(model.terms, of_grid(model.grid))
    a, b = k[..., 0, :, :], k[..., 1, :, :]
    linear = pp * np.abs(a) ** 2 + mm * np.abs(b) ** 2 + a.conj() * pm * b + b.conj() * mp * a
    local = value("V", t) * (plus + minus) + 0.5 * value("Delta", t) * (plus - minus)
    local = local + 0.25 * value("alpha1", t) * (plus**2 + minus**2) + 0.5 * value("alpha2", t) * plus * minus
    energy: np.ndarray = linear.sum(axis=(-2, -1)).real + model.grid.integrate(local)
    return energy


def _gain(model: FieldModel, now: InitialState) -> np.ndarray:
    """Return int (W - eta S + R n_s) |psi_s|^2."""
    value, t = model.equation.value, now.t
    N = np.abs(now.psi) ** 2
    net = value("W", t)[..., None, :, :] - 0.5 * value("eta", t)[..., None, :, :] * N.sum(axis=-3, keepdims=True)
    if RESERVOIR in now.auxiliary:
        net = net + value("R", t)[..., None, :, :] * now.auxiliary[RESERVOIR]
    gained: np.ndarray = model.grid.integrate(net * N).sum(axis=-1)
    return _with_actions("gain", gained, model, now)


def _loss(model: FieldModel, now: InitialState) -> np.ndarray:
    """Return int Gamma |psi|^2 + <psi|i (H - H^dagger)|psi>: loss, dichroism, momentum damping."""
    N = np.abs(now.psi) ** 2
    k = np.moveaxis(_modes(model, now), -3, -1)
    lossy = damping(model.terms, of_grid(model.grid))
    momentum = np.einsum("...i,...ij,...j->...", k.conj(), lossy, k).real.sum(axis=(-2, -1))
    lost: np.ndarray = model.grid.integrate(model.equation.value("Gamma", now.t) * N.sum(axis=-3)) + momentum
    return _with_actions("loss", lost, model, now)


def _drive(model: FieldModel, now: InitialState) -> np.ndarray:
    """Return 2 Im int psi_s^* F_s, the particles that the drive brings."""
    F = model.equation.value("F", now.t)
    brought: np.ndarray = 2 * model.grid.integrate((now.psi.conj() * F).imag).sum(axis=-1)
    return _with_actions("drive", brought, model, now)


def _with_actions(name: str, total: np.ndarray, model: FieldModel, now: InitialState) -> np.ndarray:
    """Return a part of the budget with what the actions of terms add to it."""
    for term in model.equation.actions:
        budget = _budget(term, model, now)
        if name in budget:
            total = total + model.grid.integrate(budget[name])
    return total


def _budget(term: Term, model: FieldModel, now: InitialState) -> Mapping[str, np.ndarray]:
    """Return what the action of a term adds to gain, loss and drive at every point.

    Raises
    ------
    TypeError
        It is not a dict.
    ValueError
        It has other names, or other shapes: numpy would spread them over spins.
    """
    budget: object = term.particle_budget(now.psi, *model.grid.points, now.t)
    shape = (*now.psi.shape[:-3], *now.psi.shape[-2:])
    must = f"{type(term).__name__}.particle_budget must return a dict with any of {BUDGET}, arrays of the shape {shape}"
    if not isinstance(budget, Mapping):
        raise TypeError(f"{must}; got {kind(budget)}: leave out what it adds nothing to")
    got = {name: np.shape(value) for name, value in budget.items()}
    if set(got) - set(BUDGET) or any(n[-2:] != shape[-2:] or len(n) > len(shape) for n in got.values()):
        raise ValueError(f"{must}; got the shapes {got}: take the sum over the spins, and these names")
    return budget


#: name -> (its dimensions after time and batch, function of the model and its state).
VARIABLES: dict[str, tuple[tuple[str, ...], Callable[[FieldModel, InitialState], np.ndarray]]] = {
    "psi": (FIELD, lambda model, now: now.psi.copy()),
    RESERVOIR: (FIELD, lambda model, now: now.auxiliary[RESERVOIR].copy()),
    "number": ((), _number),
    "energy": ((), _energy),
    "gain": ((), _gain),
    "loss": ((), _loss),
    "drive": ((), _drive),
}
