"""What a model may know better than any search: optional Protocols next to those of :mod:`latticepol.model`.

``lp.branches`` and ``lp.alignment_probability`` use them where a model has them, which ``lp.Site`` has. A model of your
own that has such a member is taken as well.
"""

from abc import abstractmethod
from typing import Protocol, TypeGuard

import xarray as xr

from latticepol.model import Parametric, lacking


class ClosedForm(Parametric, Protocol):
    """A model whose stationary states are explicit curves in a parameter."""

    @abstractmethod
    def closed_form_branches(self, along: str, span: tuple[float, float], points: int) -> xr.Dataset:
        """Return all branches along a parameter between the ends of ``span``; see ``lp.branches`` for the variables."""
        ...


class CompiledEnsemble(Parametric, Protocol):
    """A model that follows many random starts in loops of its own."""

    @abstractmethod
    def compiled_ensemble(self, axes: dict[str, object], **options: object) -> xr.Dataset:
        """Return the fraction of random starts that end aligned, along the axes; see ``lp.alignment_probability``.

        ``options`` are its keyword arguments as they were given.
        """
        ...


def knows_branches(given: object) -> TypeGuard[ClosedForm]:
    """Return whether an object is a model with branches in closed form."""
    return not lacking(given, ClosedForm)


def knows_ensembles(given: object) -> TypeGuard[CompiledEnsemble]:
    """Return whether an object is a model with loops for an ensemble."""
    return not lacking(given, CompiledEnsemble)
