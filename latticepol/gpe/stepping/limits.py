"""What step a model allows."""

from collections.abc import Iterator, Sequence

import numpy as np

from latticepol.gpe.aliases import of_grid
from latticepol.gpe.coefficients import SPIN_SIGNS, Coefficients, LocalCoefficients
from latticepol.gpe.equation import Equation
from latticepol.gpe.field_model import FieldModel
from latticepol.gpe.stepping.momentum import bands, matrix
from latticepol.gpe.stepping.momentum import largest_damping as largest_damping_of_waves
from latticepol.timestepping.compositions import Integrator
from latticepol.timestepping.step_errors import Waves, check_rates, splitting_shift, warn_of_growth, warn_of_shift

#: Growth exponent allowed in a substep that runs a damping backwards.
LARGEST_BACKWARD = 1.0
#: The same where the model chooses the integrator.
MILD_BACKWARD = 0.3


def check_step(
    model: FieldModel, psi: np.ndarray, integrator: Integrator, dt: float, times: Sequence[float] = (0.0,)
) -> None:
    """Refuse what cannot work, and warn of what no error estimate sees (:mod:`latticepol.timestepping.step_errors`).

    Coefficients that are functions of time are looked at at the given ``times``, the first and the last of the run.

    Raises
    ------
    ValueError
        dt <= 0, dt too large for the local rates, backward substeps with strong damping.
    """
    coefficients = model.equation.flat(psi.shape[:-3], np.dtype(model.dtype))
    check_rates(_local_rates(coefficients, psi, times), dt)
    if integrator.backward:
        _check_backward(model, integrator, dt)
    _warn_of_resonances(model, coefficients.on(), psi, integrator, dt, times)
    lasers = {omega for term in model.terms if (omega := term.source_frequency()) is not None}
    if integrator.order == 2 and lasers and psi.ndim == 3:
        _warn_of_shift(model, psi, integrator, dt, times[0], lasers)


def _warn_of_resonances(
    model: FieldModel, c: LocalCoefficients, psi: np.ndarray, integrator: Integrator, dt: float, times: Sequence[float]
) -> None:
    """Warn of fast waves, which see the means over the cell: of the density that scatters into them, and of what damps
    them."""
    equation, noisy = model.equation, model.equation.noisy
    alpha1, alpha2, vacuum = (np.abs(equation.value(name, 0.0)).max() for name in ("alpha1", "alpha2", "vacuum"))
    number = max(float((np.abs(psi) ** 2).mean()) - 0.5 * vacuum, _saturated(equation, c))
    loss = 0.0 if equation.reservoir else max(0.0, -float(c.w.mean()))

    def waves() -> Waves:
        energies, decay = bands(model.terms, model.grid)
        return Waves(energies, decay - decay.min() + 0.5 * loss)

    warn_of_growth(integrator, dt, times[-1] - times[0], 0.5 * float(alpha1 + alpha2) * number, noisy, waves)


def _saturated(equation: Equation, c: LocalCoefficients) -> float:
    """Return the mean |psi_s|^2 where gain saturates: by eta, or because a reservoir is used up; 0 where neither
    does."""
    eta, R, Gamma, Gamma_R = (float(np.max(equation.value(name, 0.0))) for name in ("eta", "R", "Gamma", "Gamma_R"))
    if eta > 0:
        return 0.5 * float((c.w + np.abs(c.w)).mean()) / eta
    if equation.reservoir and R > 0 and Gamma > 0:
        return max(float(c.P.mean()) / Gamma - Gamma_R / R, 0.0)
    return 0.0


def _warn_of_shift(
    model: FieldModel, psi: np.ndarray, integrator: Integrator, dt: float, t: float, lasers: set[float]
) -> None:
    """Warn of shifted modes that a drive may excite: in the plane a classical particle is equally often wherever it may
    be."""
    value, number = model.equation.value, np.abs(psi) ** 2
    energy = 0.5 * (value("alpha1", t) * number + value("alpha2", t) * number[::-1])
    local = value("V", t) + 0.5 * SPIN_SIGNS * value("Delta", t) + energy
    (pp, pm), (mp, mm) = matrix(model.terms, of_grid(model.grid))
    flip = 0.5 * (pm + np.conj(mp))

    def linear(psi: np.ndarray) -> np.ndarray:
        plus, minus = np.fft.fft2(psi)
        return np.fft.ifft2(np.stack([pp.real * plus + flip * minus, flip.conj() * plus + mm.real * minus]))

    lowest = float(bands(model.terms, model.grid)[0].min())
    loss = value("Gamma", t) - value("W", t)
    for omega in lasers:
        there = local <= omega - lowest
        if there.any():
            width = float(np.broadcast_to(loss, there.shape)[there].mean())
            warn_of_shift(integrator, dt, splitting_shift(linear, local, there.astype(complex), dt), width)


def _local_rates(coefficients: Coefficients, psi: np.ndarray, times: Sequence[float]) -> dict[str, float]:
    """Return the largest local rates: of the coefficients at the times and with every envelope at its largest, of the
    field as it is."""
    now = coefficients.at(times[0])
    number = (np.abs(psi) ** 2).max(axis=(-3, -2, -1)).reshape(-1)
    alpha, R = (a.reshape(-1) for a in (np.abs(now.alpha1) + np.abs(now.alpha2), now.R))
    gain, V = np.max([_profile_rates(c) for c in _looks(coefficients, times)], axis=0)
    return {
        "W - Gamma": float(gain),
        "V": float(V),
        "Gamma_R": float(now.Gamma_R.max()),
        "(|alpha1| + |alpha2|) |psi|^2/2": float((0.5 * alpha * number).max()),
        "R |psi|^2": float((R * number).max()),
    }


def _looks(coefficients: Coefficients, times: Sequence[float]) -> Iterator[LocalCoefficients]:
    yield coefficients.on()
    for t in times if not coefficients.steady else times[:1]:
        yield coefficients.at(t)


def _profile_rates(c: LocalCoefficients) -> tuple[float, float]:
    """Return the rates of W - Gamma, and of V without its mean, which only turns the phase."""
    return float(np.abs(c.w).max()), float(np.abs(c.V - c.V.mean(axis=(1, 2), keepdims=True)).max())


def largest_damping(model: FieldModel) -> float:
    """Return the fastest decay of a population, by momentum damping, loss or absorption."""
    momentum = largest_damping_of_waves(model.terms, model.grid)
    local = (model.equation.value("Gamma", 0.0) - model.equation.value("W", 0.0)).max()
    return float(max(momentum, local, 0.0))


def longest_backward(model: FieldModel, integrator: Integrator, exponent: float = MILD_BACKWARD) -> float:
    """Return the step whose backward substeps amplify the damping by no more than exp(exponent)."""
    rate = largest_damping(model) * integrator.backward
    return exponent / rate if rate > 0 else np.inf


def _check_backward(model: FieldModel, integrator: Integrator, dt: float) -> None:
    rate = largest_damping(model)
    exponent = rate * dt * integrator.backward
    if exponent > LARGEST_BACKWARD:
        raise ValueError(
            f"{integrator} steps back in time by {integrator.backward} dt, which amplifies the damping {rate:.4g} by "
            f"exp({exponent:.3g}); use dt <= {dt * LARGEST_BACKWARD / exponent:.3g} or an integrator without backward "
            "substeps (lp.ETDRK4(), lp.Strang())"
        )
