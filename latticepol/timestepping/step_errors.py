"""What a step may do that no error estimate sees: it amplifies waves, and it shifts resonances
(docs/howto/integrator.md); and which step is too large for the local rates."""

import math
import warnings
from collections.abc import Callable, Mapping
from typing import NamedTuple

import numpy as np

from latticepol.state import Integrator

#: dt times a local rate beyond which a step is refused: populations and phases would change by a factor exp(2) or 2
#: rad.
LARGEST_STEP = 2.0
#: The limit as the message states it, in three digits, is allowed.
TOLD = 1.005
#: Amplification of rounding errors and small waves by a run, as the logarithm, beyond which a warning is given.
GROWN = 10.0
#: The same of noise, which is there at once.
GROWN_NOISE = 0.5
#: Shift of a resonance, as a part of its width, beyond which a warning is given.
SHIFTED = 0.1


class Waves(NamedTuple):
    """Energies of waves, and by how much faster than the condensate their amplitudes decay; (..., 2, ny, nx)."""

    energies: np.ndarray
    decay: np.ndarray


class Growth(NamedTuple):
    """The fastest growth rate by a resonance of steps, and the longest step without any that matters."""

    rate: float
    safe: float


def check_rates(rates: Mapping[str, float], dt: float) -> None:
    """Raise ValueError where a step is not a positive time, or too large for the fastest of the rates."""
    if not (np.isfinite(dt) and dt > 0):
        raise ValueError(f"dt = {dt} must be > 0")
    name = max(rates, key=lambda one: rates[one])
    if rates[name] * dt > LARGEST_STEP * TOLD:
        limit = LARGEST_STEP / rates[name]
        raise ValueError(
            f"dt = {dt:g} is too large for the local rate {name} = {rates[name]:.4g}: need dt <= {limit:.3g}"
        )


def resonant_growth(
    integrator: Integrator, dt: float, coupling: float, waves: Waves, slowest: float = 0.0
) -> Growth | None:
    """Return the growth of waves whose phase turns by n pi in a step, None where there is none above the rate
    ``slowest``.

    A condensate scatters pairs into waves of the energy E above its own, which the phase exp(2 i E t) ends; steps of dt
    see it at the times of their pieces only, and where E dt = n pi it does not turn for them. Waves grow at the rate

        resonance(n) coupling - decay

    within a width of twice the coupling, by which it shifts E besides.

    Parameters
    ----------
    coupling
        The rate at which pairs are scattered: alpha |psi|^2/2.
    waves
        All there are. The condensate is any of the two ends of a band: E is their width at most.
    """
    above = waves.energies - waves.energies.min(axis=(-3, -2, -1), keepdims=True) + 2 * coupling
    found, safe = 0.0, dt
    for n in range(int(above.max() * dt / math.pi), 0, -1):
        fast = above * dt >= n * math.pi
        rate = integrator.resonance(n) * coupling - float(waves.decay[fast].min())
        if rate > slowest:
            found, safe = max(found, rate), n * math.pi / float(above.max())
    return Growth(found, safe) if found else None


def warn_of_growth(
    integrator: Integrator, dt: float, time: float, coupling: float, noisy: bool, waves: Callable[[], Waves]
) -> None:
    """Warn where a run of the given time amplifies waves by resonance with its steps.

    Parameters
    ----------
    waves
        Asked for where they matter only.
    """
    enough = GROWN_NOISE if noisy else GROWN
    if coupling * time <= enough:
        return
    growth = resonant_growth(integrator, dt, coupling, waves(), enough / time)
    if growth is not None:
        warnings.warn(
            f"{integrator} with dt = {dt:g} amplifies the fastest waves, exp({growth.rate * time:.3g}) times in this "
            f"run: their phase turns by more than pi in a step, in resonance with pairs that the interaction scatters "
            f"out of a condensate; give dt <= {growth.safe:.3g}, or for a field a coarser grid or lp.Kinetic(nu=...)",
            stacklevel=7,
        )


def splitting_shift(
    linear: Callable[[np.ndarray], np.ndarray], local: np.ndarray, field: np.ndarray, dt: float
) -> float:
    """Return the frequency by which Strang splitting shifts a mode, ``dt^2/24 <[B, [A, B]]>`` with A = linear, B =
    local.

    It is the mean of the leading error ``dt^2 ([A, [A, B]]/24 + [B, [A, B]]/12)`` in an eigenstate of A + B, where
    ``<[A, [A, B]]> = -<[B, [A, B]]>``; for A = k^2/2m and a potential it is ``dt^2/24 <|grad V|^2>/m``.
    """
    once, twice = local * field, local**2 * field
    mean = np.vdot(once, linear(once)).real - np.vdot(twice, linear(field)).real
    return dt**2 / 12 * float(mean) / float(np.vdot(field, field).real)


def warn_of_shift(integrator: Integrator, dt: float, shift: float, width: float) -> None:
    """Warn where a driven resonance is shifted by more than a part of its width."""
    if width > 0 and abs(shift) > SHIFTED * width:
        longest = dt * math.sqrt(SHIFTED * width / abs(shift))
        warnings.warn(
            f"{integrator} with dt = {dt:g} shifts driven resonances by about {shift:.2g}, {abs(shift) / width:.2g} of "
            f"their width {width:.3g}: near a threshold or a bistability the run may end in another state; give "
            f"dt <= {longest:.2g}, or lp.BlanesMoan()",
            stacklevel=7,
        )
