"""Stationary states of any model: relaxation in time, then Newton's method."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import xarray as xr

from latticepol.arrays import read_flag, read_number, shape_of
from latticepol.errors import ConvergenceError
from latticepol.evolution.api import evolve
from latticepol.evolution.schedules import every, stop_when_steady
from latticepol.evolution.texts import as_numbers
from latticepol.linear_problem import Growth
from latticepol.model import Stationary, check_model
from latticepol.numerics.blas import on_one_thread
from latticepol.randomness import Rng, seeded
from latticepol.results.growth import not_known
from latticepol.stationary.growth import growth_rate

#: A growth rate of the vacuum that is 0 to rounding.
NEUTRAL_VACUUM = 1e-12
#: The error of a rate is stated where it is more than this part of it.
SHOWN = 5e-4
#: A state smaller than this part of its start is the vacuum.
VACUUM = 1e-3


@dataclass(frozen=True)
class NewtonSearch:
    """How far Newton's method goes.

    Parameters
    ----------
    steps
        At most so many.
    halvings
        Of one step at most, until the residual falls.
    """

    steps: int = 40
    halvings: int = 12


@dataclass(frozen=True)
class Relaxation:
    """How a state evolves before Newton's method.

    Parameters
    ----------
    accuracy
        Relative local error of the evolution.
    looks, arrived
        It is looked at so many times, and has arrived where it changed by less than this part from one to the next.
    """

    accuracy: float = 1e-6
    looks: int = 100
    arrived: float = 2.5e-6


#: What is used where nothing else is said.
NEWTON_SEARCH = NewtonSearch()
RELAXATION = Relaxation()


@on_one_thread
def steady_state(
    model: Stationary,
    psi0: object = None,
    *,
    tol: float | None = None,
    relax: object = None,
    rng: Rng = None,
    stability: bool = True,
    progress: bool | None = None,
) -> xr.Dataset:
    """Return a stationary state ``psi e^{-i mu t}``: relaxation in time, then Newton's method on psi and mu.

    With a constant coherent drive mu is the frequency of the drive (of a ``lp.Drive`` its omega, of a network 0) and
    only psi is searched for. A reservoir stays at the density that belongs to the field. Noise is left out,
    with the half quantum per mode that it takes off the densities: the state is that of ``model.without_noise()``.

    Parameters
    ----------
    model
        A ``lp.Network``, a ``lp.SpinorGPE`` or another :class:`latticepol.model.Stationary`.
    psi0
        Where to begin: an array, an earlier Dataset (for continuation in any parameter; of a field also on a coarser or
        finer grid of the same cell, where a relaxation is faster), or "noise", which is small and drawn from ``rng``:
        ``model.start("noise", rng=seed)`` makes the same and says how large it is. For a network also the name of a
        start ("aligned", "anti-aligned", "linear", "antiferro": Newton's method from the state of the single condensate
        at every site). Or a list of such, whose results are joined along ``start`` with NaN where one fails. None:
        "aligned" for a network, "noise" for a field.
    tol
        Residual ``max |i dpsi/dt - mu psi| / max |psi|`` (rate) to be reached. None: 1e-12 for a network, 1e-10 for a
        field.
    relax
        Time of evolution before Newton's method, where the model has units also a text ("1 ns"); it ends sooner where
        nothing changes any more. None: for a network 5000 from "noise", otherwise none; for a field 100 over its
        largest net gain, none from an earlier stationary state. An evolution leads to a stable state, Newton's method
        to the nearest, stable or not.
    rng
        Seed of the start "noise"; the attribute ``seed`` repeats it.
    stability
        Whether to look for the largest growth rate, which on a cell of a field takes much longer than Newton's method.
        False leaves ``growth_rate`` NaN, ``certified`` False and ``stable`` away, for following a state in many steps.
    progress
        Show a bar for the relaxation; None: if someone is watching.

    Returns
    -------
    xarray.Dataset
        ``psi`` (and ``reservoir``), ``mu``, ``residual`` and what is known of the stability; attributes ``status``,
        ``message`` and ``certificate``. For a network also its ``pseudospin`` and ``order``:
        "aligned" or "anti-aligned" with the field at every site, "antiferro", "linear" where s_z = 0, else "mixed"; the
        message says where Newton's method left that of a named start.

        ``growth_rate`` is the largest Im w of all Bogoliubov modes that was found, ``k_fastest`` and ``omega_fastest``
        where, ``certified`` whether all that the certificate (JSON) names was looked at. ``stable`` is False where a
        mode grows by more than the errors, True where none does and that is certified, and not there where it is not
        known; of several starts it is False where it is not known of one, whose message says so.

        The growth rate is at least 0, that of the phase mode; with a coherent drive, which leaves no phase mode, it may
        be negative. It is looked for on a mesh over all wavevectors, next to k = 0, and where modes of opposite norm
        cross, and climbed from there (docs/physics.md, section 4; docs/howto/stability.md). Networks: among all modes;
        above 300 sites, the fastest at k = 0 only, which is certified for a patch; NaN where it could not be found.
        Fields: among the lowest ``basis`` (attribute) scalar Bloch modes, over all wavevectors of cells of up to
        48 x 48 points, at k = 0 of larger ones, and of waves far above the condensate among 128 modes at the
        wavevectors where gain can scatter them into each other. In boxes of more than 64 x 64 points among all modes at
        k = 0, by a hundred short evolutions (NaN, and no ``stable``, where that is not enough). ``phase_mode`` is the
        error, the frequency at which the phase mode is found, which is 0.

    Raises
    ------
    ConvergenceError
        Newton's method did not reach tol, or fell to the vacuum; ``result`` holds what it reached, or the relaxation
        before it. The message says whether that had arrived, or was still moving. Where the motion goes to a limit
        cycle Newton's method mostly finds the unstable state inside: it is returned with ``stable`` False, and with the
        same words in the attribute ``message``.
    ValueError
        Bad input; a parameter or the drive is a function of time, or has batch axes; tol is below the
        rounding of a complex64 field.
    TypeError
        It is not a model, or an argument is of another kind than described here.
    """
    check_model(model, Stationary)
    need = "a residual to be reached, for instance 1e-10"
    tol = model.default_tol if tol is None else read_number("tol", tol, above=0, below=1, need=need)
    [relax] = as_numbers(model, relax=relax)
    relax = None if relax is None else read_number("relax", relax, least=0, need="a time of evolution")
    stability = read_flag("stability", stability)
    model.check_tol(tol)
    model.check_stationary()
    if isinstance(psi0, list | tuple) and any(_is_start(model, start) for start in psi0):
        return _several(model, psi0, tol=tol, relax=relax, rng=rng, stability=stability, progress=progress)
    psi, drawn = _begin(model, psi0, rng)
    if relax is None:
        relax = 0.0 if _settled(psi0) else model.relaxation_time(bool(drawn))
    psi, mu, residual, message, still = search(model.without_noise(), psi, relax, tol, progress)
    status = "failed" if message else "converged"
    start = model.default_start if psi0 is None else psi0
    left = model.order_left(start, psi) if isinstance(start, str) and not message else ""
    texts = {"status": status, "message": message or "; ".join(text for text in (still, left) if text)}
    growth = _growth(model, psi, mu, bool(message)) if stability else None
    state = model.to_state(psi, mu, residual, growth, **texts, **drawn)
    if message:
        raise ConvergenceError(message, state)
    return state


def _growth(model: Stationary, psi: np.ndarray, mu: float, failed: bool) -> Growth:
    """Return the largest growth rate; about what is not stationary it means nothing, and takes long."""
    return Growth(np.nan) if failed else growth_rate(model.linear_problem(psi, mu))


def search(
    model: Stationary, psi: np.ndarray, relax: float, tol: float, progress: bool | None
) -> tuple[np.ndarray, float, float, str, str]:
    """Return psi, mu and residual of a stationary state, what went wrong, and a text where the relaxation was still
    moving."""
    before, still = np.abs(psi).max(), ""
    if relax > 0:
        psi, still = _relax(model, psi, relax, progress)
    died = relax > 0 and bool(np.abs(psi).max() <= VACUUM * before)
    reached = psi
    psi, mu, residual = newton(model, psi, np.inf if died else tol)
    vacuum = bool(np.abs(psi).max() <= VACUUM * before)
    still = "" if died else still
    message = _vacuum(model, still) if vacuum else _message(model, residual, tol, still)
    if vacuum and not died:  # to go on from, Newton's method left nothing
        psi, mu, residual = newton(model, reached, np.inf)
    return psi, mu, residual, message, still


def _relax(
    model: Stationary, psi: np.ndarray, relax: float, progress: bool | None, how: Relaxation = RELAXATION
) -> tuple[np.ndarray, str]:
    """Return psi after an evolution, and a text where it was still moving."""
    callbacks = [(every(relax / how.looks), stop_when_steady(how.arrived * how.looks / relax))]
    start = model.with_steady_reservoir(psi)
    out = evolve(model, start, relax, tol=how.accuracy, callbacks=callbacks, progress=progress)
    still = "" if out.status == "stopped" else f"the evolution was still moving at t = {relax:g}"
    return model.read_start(out).psi, still


def _settled(psi0: object) -> bool:
    """Return whether psi0 is a stationary state already: Newton's method follows it through a change of parameters."""
    return isinstance(psi0, xr.Dataset) and {"mu", "residual"} <= set(psi0.variables)


def _is_start(model: Stationary, item: object) -> bool:
    """Return whether an item of a list is a start of its own, not a part of one array."""
    return isinstance(item, str | xr.Dataset) or len(shape_of(item)) >= len(model.state_shape)


def _begin(model: Stationary, psi0: object, rng: Rng) -> tuple[np.ndarray, dict[str, int]]:
    """Return the amplitudes to begin with and, where they are random, their seed."""
    psi0 = model.default_start if psi0 is None else psi0
    if isinstance(psi0, str) and psi0 in model.random_starts:
        seed = seeded(rng)[1]
        return model.start(psi0, seed), {"seed": seed}
    if isinstance(psi0, str):
        model.check_starts([psi0])
        return model.start(psi0), {}
    start = model.read_guess(psi0)
    psi, batch = start.psi, start.dims
    if not psi.size:
        raise ValueError(
            f"psi0 must hold amplitudes; got an array of shape {psi.shape}: give one of each site or point"
        )
    if batch:
        raise ValueError(
            f"psi0 has the batch axes {batch}; a state is searched for from one start: give a list of them"
        )
    return psi, {}


def newton(
    model: Stationary, psi: np.ndarray, tol: float, search: NewtonSearch = NEWTON_SEARCH
) -> tuple[np.ndarray, float, float]:
    """Return (psi, mu, residual) from a start; the residual is what it is.

    A step (d, dmu) of the model solves the linear equation for ``F = i dpsi/dt - mu psi`` to vanish, with
    ``Im <psi, d> = 0``, which fixes the phase.
    """
    given, memory = model.drive_frequency, list[object]()
    psi = psi.astype(complex)
    mu = _frequency(model, psi) if given is None else given
    F = model.stationary_residual(psi, mu)
    for _ in range(search.steps):
        if residual_size(F, psi) <= tol / 4 or (given is None and not np.linalg.norm(psi) > 0):
            break
        try:
            d, dmu = model.newton_step(psi, mu, F, memory)
        except (np.linalg.LinAlgError, RuntimeError):  # singular: what was reached is judged by its residual
            break
        for power in range(search.halvings):
            part = 0.5**power
            trial, frequency = psi + part * d, mu + part * dmu
            F_trial = model.stationary_residual(trial, frequency)
            if np.linalg.norm(F_trial) < np.linalg.norm(F):
                break
        else:
            break
        psi, mu, F = trial, frequency, F_trial
    return psi, float(mu), residual_size(F, psi)


def _frequency(model: Stationary, psi: np.ndarray) -> float:
    """Return the mean of i dpsi/dt over psi, weighted with the density."""
    return float((psi.conj() * model.stationary_residual(psi, 0.0)).sum().real / max((np.abs(psi) ** 2).sum(), 1e-300))


def residual_size(F: np.ndarray, psi: np.ndarray) -> float:
    """Return the residual ``max |F|/max |psi|`` of a state."""
    return float(np.abs(F).max() / max(np.abs(psi).max(), 1e-300))


def _message(model: Stationary, residual: float, tol: float, still: str) -> str:
    if residual <= tol:
        return ""
    reason = f"Newton's method stopped at the residual {residual:.3g}, need {tol:g}; "
    return reason + (_moving(model, still) if still else "start closer, or give relax=1000")


def _vacuum(model: Stationary, still: str) -> str:
    rate, error = model.vacuum_growth()
    if rate < NEUTRAL_VACUUM:
        rate = min(rate, 0.0)
        accuracy = f" +- {error:.1g}" if error > SHOWN * abs(rate) else ""
        return (
            f"the search fell to the vacuum: below threshold nothing else is there. No mode at k = 0 grows "
            f"(largest Im w = {rate:.4g}{accuracy}); raise the gain, {model.gain_hint(-rate)}"
        )
    reason = _moving(model, still) if still else "start from another state, or give relax=1000"
    return f"the search fell to the vacuum: {reason}"


def _moving(model: Stationary, still: str) -> str:
    return (
        f"{still}: a limit cycle, or too short a time; evolve the state, give a longer relax, or start closer"
        f"{model.convergence_hint}"
    )


def _several(model: Stationary, starts: Sequence[object], **options: Any) -> xr.Dataset:
    model.check_starts([start for start in starts if isinstance(start, str)])
    states = []
    for start in starts:
        try:
            states.append(steady_state(model, start, **options))
        except (ConvergenceError, ValueError) as error:
            texts = {"status": "failed", "message": str(error)}
            growth = Growth(np.nan) if options["stability"] else None
            states.append(model.to_state(None, np.nan, np.nan, growth, **texts))
    names = [start if isinstance(start, str) else f"start {i}" for i, start in enumerate(starts)]
    known = next((state.stable for state in states if "stable" in state), None)
    if known is not None:
        states = [state if "stable" in state else _not_known(state, known) for state in states]
    outcome = {key: [state.attrs[key] for state in states] for key in ("status", "message")}
    joined = xr.concat(states, "start", combine_attrs="drop_conflicts").assign_coords(start=names)
    return joined.assign_attrs(outcome)


def _not_known(state: xr.Dataset, known: xr.DataArray) -> xr.Dataset:
    """Return a state with ``stable`` False, as that of others is ``known``, and a message that it is not known."""
    told = {"message": not_known(state.attrs["message"], ["stable"])}
    return state.assign(stable=known.copy(data=False)).assign_attrs(told)
