"""What a model needs to have stationary states: nothing that depends on time but a laser of one frequency."""

from collections.abc import Sequence

import numpy as np

from latticepol.gpe.equation import Equation
from latticepol.gpe.field_model import FieldModel
from latticepol.gpe.terms.base import Term, acted
from latticepol.gpe.terms.parameters import COEFFICIENTS

#: Times at which a drive is compared with one of constant amplitude, in units of anything.
DRIVE_TIMES = (0.37, 1.91, 7.3)


def drive_frequency(model: FieldModel) -> float | None:
    """Return omega of the coherent drive; None if there is none."""
    lasers = [_frequency(term) for term in sources(model)]
    return lasers[0] if lasers else None


def sources(model: FieldModel) -> list[Term]:
    """Return the terms that bring a coherent source: those that have its frequency, and those that bring F."""
    driven = "F" in model.equation.coefficients
    return [
        term
        for term in model.terms
        if term.source_frequency() is not None or (driven and "F" in term.local(model.grid))
    ]


def _frequency(term: Term) -> float:
    """Return the frequency of a source, 0 where the term says none, until it is seen to turn."""
    return float(term.source_frequency() or 0.0)


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
            raise ValueError(
                f"{name} must be constant for a stationary state and its spectrum; it depends on time: give its value "
                "at one time"
            )
        if np.prod(np.shape(value.at(0.0))[: -3 if COEFFICIENTS[name].spins else -2]) > 1:
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
    driving = sources(model)
    lasers = sorted({_frequency(term) for term in driving})
    if len(lasers) > 1:
        raise ValueError(f"the drives have the frequencies {lasers}; a stationary state needs a single one")
    if lasers:
        _check_turning(model, driving, lasers[0])


def _check_turning(model: FieldModel, driving: Sequence[Term], omega: float) -> None:
    """Raise ValueError unless the sources turn with omega, and their terms say how they stand still in that frame."""
    still = [term.without_oscillation() for term in driving]
    if "F" in model.equation.coefficients:
        F, amplitude = (one.coefficients["F"] for one in (model.equation, Equation.of(still, model.grid)))
        if any(not np.allclose(F.at(t) * np.exp(1j * omega * t), F.at(0.0)) for t in DRIVE_TIMES):
            raise ValueError(
                "the amplitude F of the drive depends on time; a stationary state needs a constant one: give the "
                "frequency of a laser as lp.Drive(F, omega), or say it in a term of your own, source_frequency"
            )
        if any(not np.allclose(amplitude.at(t), F.at(0.0)) for t in DRIVE_TIMES):
            raise ValueError(_moving([term for term in driving if "F" in term.local(model.grid)]))
    psi = np.ones((2, *model.grid.shape), complex)
    for term, standing in zip(driving, still, strict=True):
        if any(term is acting for acting in model.equation.actions):
            start = acted(term, psi, model.grid.points, 0.0)
            if any(not np.allclose(acted(standing, psi, model.grid.points, t), start) for t in DRIVE_TIMES):
                raise ValueError(_moving([term]))


def _moving(terms: Sequence[Term]) -> str:
    names = ", ".join(type(term).__name__ for term in terms)
    return (
        f"the source of {names} must stand still without its oscillation, as it is at t = 0; it depends on time: "
        "return the term with the frequency 0 from without_oscillation"
    )
