"""What can be saved of a running field: the field itself, densities and budgets (docs/physics.md, section 1)."""

import json
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import xarray as xr

from latticepol.dataset import derived_units, wrap
from latticepol.gpe.aliases import of_grid
from latticepol.gpe.momentum import damping, matrix
from latticepol.grid import Grid

FIELD = ("spin", "y", "x")
#: Largest growth rate, relative to the fastest mode, that rounding makes of a stable phase mode.
NEUTRAL = 1e-8


def frame(engine: Any, t: float, names: Sequence[str], dims: tuple[str, ...], seed: int) -> xr.Dataset:
    """The Dataset of one time with the variables ``names``; ``dims`` are the batch dimensions.

    Raises
    ------
    ValueError
        A name is not known.
    """
    model, engine = engine.model, engine.host()
    names = [*names, *(["reservoir"] if "psi" in names and model.equation.reservoir else [])]
    variables = {}
    for name in dict.fromkeys(names):
        if name not in VARIABLES:
            raise ValueError(
                f"variable {name!r} is not known; there are {list(VARIABLES)}, and functions of a Dataset with one "
                "frame such as lp.density"
            )
        inner, function = VARIABLES[name]
        variables[name] = (("time", *dims, *inner), np.asarray(function(engine, t))[None])
    return wrapped(model, variables, {"time": np.array([t])}, title="spinor field", seed=seed)


def wrapped(
    model: Any, variables: dict[str, Any], more: dict[str, Any], *, title: str, **attributes: Any
) -> xr.Dataset:
    """A Dataset with the coordinates of the grid where they are needed."""
    used = {dim for dims, _ in variables.values() for dim in dims}
    given = {"spin": np.array(["+", "-"]), **model.grid.coords}
    coords = more | {name: value for name, value in given.items() if name in used}
    return wrap(variables, coords, model.record, title=title, units=derived_units(model.units), **attributes)


def grid_of(dataset: xr.Dataset) -> Grid | None:
    """The grid on which the field of a Dataset was computed; None where its record does not say."""
    recorded = json.loads(dataset.attrs.get("parameters", "{}")).get("grid")
    return Grid(**recorded) if recorded else None


def stationary(
    model: Any, psi: np.ndarray, n: np.ndarray | None, numbers: dict[str, float], **attributes: Any
) -> xr.Dataset:
    """The Dataset of a stationary field and its ``numbers``: mu, residual, growth_rate, phase_mode."""
    variables: dict[str, Any] = {"psi": (FIELD, psi)} | ({} if n is None else {"reservoir": (FIELD, n)})
    error = NEUTRAL * (1 + abs(numbers["mu"])) + numbers["phase_mode"]
    stationary = attributes.get("status") == "converged"
    numbers = numbers | {"stable": stationary and numbers["growth_rate"] <= error}
    variables |= {name: ((), value) for name, value in numbers.items()}
    return wrapped(model, variables, {}, title="stationary state of a field", **attributes)


def _grid_field(engine: Any) -> np.ndarray:
    return engine.field.copy()


def _number(engine: Any, t: float) -> np.ndarray:
    return engine.model.grid.integrate(np.abs(engine.field) ** 2).sum(axis=-1)


def _modes(engine: Any) -> np.ndarray:
    """psi(k), normalised so that its sum of squares is the number of particles."""
    grid = engine.model.grid
    return np.fft.fft2(engine.field, norm="ortho") * np.sqrt(grid.point_area)


def _energy(engine: Any, t: float) -> np.ndarray:
    """E = <psi|(H + H^dagger)/2|psi> + int [V N + Delta S_z + (alpha1/4)(N_+^2 + N_-^2) + (alpha2/2) N_+ N_-]."""
    model, value = engine.model, engine.model.equation.value
    N = np.abs(engine.field) ** 2
    plus, minus = N[..., 0, :, :], N[..., 1, :, :]
    k = _modes(engine)
    (pp, pm), (mp, mm) = matrix(model.terms, of_grid(model.grid))
    a, b = k[..., 0, :, :], k[..., 1, :, :]
    linear = pp * np.abs(a) ** 2 + mm * np.abs(b) ** 2 + a.conj() * pm * b + b.conj() * mp * a
    local = value("V", t) * (plus + minus) + 0.5 * value("Delta", t) * (plus - minus)
    local = local + 0.25 * value("alpha1", t) * (plus**2 + minus**2) + 0.5 * value("alpha2", t) * plus * minus
    return linear.sum(axis=(-2, -1)).real + model.grid.integrate(local)


def _gain(engine: Any, t: float) -> np.ndarray:
    """int (W - eta S + R n_s) |psi_s|^2."""
    value = engine.model.equation.value
    N = np.abs(engine.field) ** 2
    net = value("W", t)[..., None, :, :] - 0.5 * value("eta", t)[..., None, :, :] * N.sum(axis=-3, keepdims=True)
    if engine.n.size:
        net = net + value("R", t)[..., None, :, :] * engine.n.reshape(engine.shape)
    return engine.model.grid.integrate(net * N).sum(axis=-1)


def _loss(engine: Any, t: float) -> np.ndarray:
    """int Gamma |psi|^2 + <psi|i (H - H^dagger)|psi>: loss, dichroism, momentum damping."""
    model = engine.model
    N = np.abs(engine.field) ** 2
    k = np.moveaxis(_modes(engine), -3, -1)
    lossy = damping(model.terms, of_grid(model.grid))
    momentum = np.einsum("...i,...ij,...j->...", k.conj(), lossy, k).real.sum(axis=(-2, -1))
    return model.grid.integrate(model.equation.value("Gamma", t) * N.sum(axis=-3)) + momentum


def _drive(engine: Any, t: float) -> np.ndarray:
    """2 Im int psi_s^* F_s, the particles that the drive brings."""
    F = engine.model.equation.value("F", t)
    return 2 * engine.model.grid.integrate((engine.field.conj() * F).imag).sum(axis=-1)


#: name -> (its dimensions after time and batch, function of (engine, t)).
VARIABLES: dict[str, tuple[tuple[str, ...], Callable[[Any, float], np.ndarray]]] = {
    "psi": (FIELD, lambda engine, t: _grid_field(engine)),
    "reservoir": (FIELD, lambda engine, t: engine.n.reshape(engine.shape).copy()),
    "number": ((), _number),
    "energy": ((), _energy),
    "gain": ((), _gain),
    "loss": ((), _loss),
    "drive": ((), _drive),
}
