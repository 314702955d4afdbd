"""The arguments of ``evolve``, refused with a word on what to give instead."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from latticepol.errors import unit_hint
from latticepol.solve.schedules import AtTimes, Every


def check_numbers(**values: Any) -> None:
    """Each must be a real number or None."""
    for name, value in values.items():
        if value is not None and (np.ndim(value) or np.asarray(value).dtype.kind not in "iuf"):
            raise TypeError(f"{name} = {value!r} is not a real number; give one{unit_hint(value)}")


def check_start(model: Any, psi0: Any) -> None:
    """A text names a start of the model that is the same every time."""
    if isinstance(psi0, str):
        model.check_starts([psi0])
        if psi0 == "noise":
            raise ValueError("the start 'noise' is drawn anew every time; give psi0=model.start('noise', rng=seed)")


def check_integrator(integrator: Any) -> None:
    """An object with a step, not its class or its name."""
    if isinstance(integrator, type) or not callable(getattr(integrator, "step", None)):
        raise TypeError(
            f"integrator = {integrator!r} is not an integrator; give lp.Strang(), lp.BlanesMoan() or lp.ETDRK4()"
        )


def check_schedule(name: str, schedule: Any) -> None:
    """Times are given by lp.every or lp.at_times."""
    if not isinstance(schedule, Every | AtTimes):
        raise TypeError(f"{name} = {schedule!r} is not a schedule; give lp.every(period) or lp.at_times([...])")


def check_callbacks(callbacks: Any) -> None:
    """A sequence of pairs (schedule, function)."""
    fix = "give a list of pairs (schedule, function), for example [(lp.every(1.0), function)]"
    if not isinstance(callbacks, Sequence):
        raise TypeError(f"callbacks = {callbacks!r} is not a list; {fix}")
    for pair in callbacks:
        if not (isinstance(pair, tuple | list) and len(pair) == 2 and callable(pair[1])):
            raise TypeError(f"callbacks holds {pair!r}; {fix}")
        check_schedule("the schedule of a callback", pair[0])


def check_variables(variables: Any) -> None:
    """A sequence, not empty, of names and functions; the model knows the names."""
    if isinstance(variables, str) or not isinstance(variables, Sequence):
        raise TypeError(f"variables = {variables!r} is not a list; give one, for example ['psi', 'number']")
    if not variables:
        raise ValueError("variables = () leaves nothing to save; give at least one, for example ['psi']")
    for variable in variables:
        if not isinstance(variable, str) and not callable(variable):
            raise TypeError(f"variables holds {variable!r}; give names and functions of a Dataset")
