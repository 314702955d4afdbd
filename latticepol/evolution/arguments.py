"""The arguments of ``evolve``, with what to give instead of those that are refused."""

import math
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from latticepol.arrays import read_number
from latticepol.evolution.schedules import AtTimes, Every, check_resolved, read_time, same
from latticepol.model import Evolvable
from latticepol.timing import rounded

#: Equal steps beyond which a run would not end: a day of the fastest.
MOST_STEPS = 1e10
#: A step must be so many times the rounding error of the times it lies between.
RESOLVED = 1e3


class Times(NamedTuple):
    """The simulated times that ``evolve`` was given, as numbers; None where one was left out."""

    t_end: float
    dt: float | None
    dt_max: float | None
    t0: float | None


def read_times(t_end: object, dt: object, dt_max: object, t0: object) -> Times:
    """Read all simulated times of ``evolve``.

    Raises
    ------
    TypeError
        One is not a number.
    ValueError
        One is not finite, a step is <= 0.
    """
    return Times(
        read_time("t_end", t_end),
        None if dt is None else read_time("dt", dt, above=0),
        None if dt_max is None else read_time("dt_max", dt_max, above=0),
        None if t0 is None else read_time("t0", t0),
    )


def read_tol(tol: object) -> float | None:
    """Read the relative error of a step, between 0 and 1; None where there is none.

    Raises
    ------
    TypeError
        It is not a number.
    ValueError
        It is not between 0 and 1.
    """
    if tol is None:
        return None
    value = read_number("tol", tol, need="the relative error of a step, for example 1e-6")
    if not 0 < value < 1:
        raise ValueError(f"tol = {value} must be between 0 and 1; it is the relative error of a step")
    return float(value)


def check_choice(dt: float | None, tol: float | None, dt_max: float | None) -> None:
    """Refuse both dt and tol, neither, and dt_max together with dt.

    Raises
    ------
    ValueError
        There is not exactly one way to choose the steps.
    """
    if (dt is None) == (tol is None):
        raise ValueError(f"give either dt (now {dt}) or tol (now {tol}); tol=1e-6 chooses the steps itself")
    if dt is not None and dt_max is not None:
        raise ValueError(f"dt_max = {dt_max:g} is for adaptive steps; with dt = {dt:g} leave it out, or give tol")


def check_span(start: float, t_end: float, steps: Mapping[str, float | None]) -> None:
    """Refuse an end before the start, and what the digits of a time or the patience of a reader do not resolve.

    Parameters
    ----------
    start, t_end
        As they were given.
    steps
        dt and dt_max; None where one was left out.

    Raises
    ------
    ValueError
        t_end < start; t_end - start is changed by rounding; a step is below rounding, or there are too many.
    """
    length = t_end - start
    if same(start, t_end):
        return
    if length < 0:
        raise ValueError(f"t_end = {t_end} lies before the start at t = {start}; t_end is absolute")
    moved = abs(rounded(t_end) - rounded(start) - length)
    check_resolved(f"t_end - t0 = {length:.6g}", length, t_end, moved)
    late = max(abs(start), abs(t_end))
    for name, step in steps.items():
        if step is not None and length / step > MOST_STEPS:
            raise ValueError(
                f"{name} = {step:g} makes {length / step:.3g} steps up to t_end = {t_end:g}, which takes for ever: "
                f"give a longer {name}, or a smaller t_end"
            )
        if step is not None and step < RESOLVED * math.ulp(late):
            raise ValueError(
                f"{name} = {step:g} cannot be resolved at t = {late:.6g}, where numbers are {math.ulp(late):.2g} "
                "apart; start the clock at t0=0"
            )


def check_start(model: Evolvable, psi0: object) -> None:
    """Raise unless a text names a start of the model that is the same every time."""
    if isinstance(psi0, str):
        model.check_starts([psi0])
        if psi0 in model.random_starts:
            instead = model.random_starts[psi0]
            raise ValueError(f"psi0 must be the same every time; {psi0!r} is drawn anew: give {instead}")


def check_integrator(integrator: object) -> None:
    """Raise TypeError unless it is an object with a step, not its class or its name."""
    if isinstance(integrator, type) or not callable(getattr(integrator, "step", None)):
        raise TypeError(
            f"integrator = {integrator!r} is not an integrator; give lp.Strang(), lp.BlanesMoan() or lp.ETDRK4()"
        )


def check_schedule(name: str, schedule: object) -> None:
    """Raise TypeError unless the times are given by lp.every or lp.at_times."""
    if not isinstance(schedule, Every | AtTimes):
        raise TypeError(f"{name} = {schedule!r} is not a schedule; give lp.every(period) or lp.at_times([...])")


def check_callbacks(callbacks: object) -> None:
    """Raise TypeError unless it is a sequence of pairs (schedule, function)."""
    fix = "give a list of pairs (schedule, function), for example [(lp.every(1.0), function)]"
    if not isinstance(callbacks, Sequence):
        raise TypeError(f"callbacks = {callbacks!r} is not a list; {fix}")
    for pair in callbacks:
        if not (isinstance(pair, tuple | list) and len(pair) == 2 and callable(pair[1])):
            raise TypeError(f"callbacks holds {pair!r}; {fix}")
        check_schedule("the schedule of a callback", pair[0])


def check_variables(variables: object) -> None:
    """Raise unless it is a sequence, not empty, of functions and of names that the model knows."""
    if isinstance(variables, str) or not isinstance(variables, Sequence):
        raise TypeError(f"variables = {variables!r} is not a list; give one, for example ['psi', 'number']")
    if not variables:
        raise ValueError("variables = () leaves nothing to save; give at least one, for example ['psi']")
    for variable in variables:
        if not isinstance(variable, str) and not callable(variable):
            raise TypeError(f"variables holds {variable!r}; give names and functions of a Dataset")
