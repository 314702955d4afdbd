"""What a model needs to have stationary states: nothing that depends on time but a laser of one frequency."""

import numpy as np

from latticepol.gpe.field_model import FieldModel
from latticepol.gpe.terms.drive import Drive

#: Times at which a drive is compared with one of constant amplitude, in units of anything.
DRIVE_TIMES = (0.37, 1.91, 7.3)


def drive_frequency(model: FieldModel) -> float | None:
    """Return omega of the coherent drive; None if there is none."""
    lasers = _lasers(model)
    return float(lasers[0]) if lasers else None


def _lasers(model: FieldModel) -> list[float]:
    """Return the frequencies of the terms that bring F; one of a user's own has the frequency 0, until its F is seen
    to turn."""
    if "F" not in model.equation.coefficients:
        return []
    driving = [term for term in model.terms if isinstance(term, Drive) or "F" in term.local(model.grid)]
    return [term.omega if isinstance(term, Drive) else 0.0 for term in driving]


def check(model: FieldModel) -> None:
    """Refuse parameters that depend on time, or are those of a batch.

    Raises
    ------
    ValueError
        One does, or is.
    """
    equation = model.equation
    for name, value in equation.coefficients.items():
        if value.moving and name != "F":
            raise ValueError(f"{name} depends on time; a stationary state and its spectrum need a constant one")
        if np.prod(np.shape(value.at(0.0))[: -3 if name in ("F", "P") else -2]) > 1:
            raise ValueError(
                f"{name} has batch axes, its shape is {np.shape(value.at(0.0))}; a stationary state needs one set of "
                "parameters"
            )
    for term in model.terms:
        for part in np.ravel(np.array(term.k_matrix(*model.grid.wavevectors) or [], dtype=object)):
            if np.ndim(part) > 2 and np.prod(np.shape(part)[:-2]) > 1:
                raise ValueError(
                    f"{type(term).__name__} has batch axes; a stationary state needs one set of parameters"
                )
    lasers = set(_lasers(model))
    if len(lasers) > 1:
        raise ValueError(f"the drives have the frequencies {sorted(lasers)}; a stationary state needs a single one")
    if lasers:
        F, omega = equation.coefficients["F"], lasers.pop()
        if any(not np.allclose(F.at(t) * np.exp(1j * omega * t), F.at(0.0)) for t in DRIVE_TIMES):
            raise ValueError(
                "the amplitude F of the drive depends on time; a stationary state needs a constant one: give the "
                "frequency of a laser as lp.Drive(F, omega)"
            )
