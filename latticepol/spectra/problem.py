"""What is diagonalised: the empty lattice, or the excitations of a stationary state."""

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from latticepol import topology
from latticepol.arrays import read_integer
from latticepol.errors import check_model
from latticepol.gpe.plane_waves import BASIS as BASIS
from latticepol.gpe.plane_waves import Usual
from latticepol.network import Network


class Problem(NamedTuple):
    """A matrix at every wavevector, and how its modes are counted."""

    matrix: Callable[[np.ndarray], np.ndarray]  # k (..., 2) -> (..., m, m)
    size: int  # m
    particles: int  # modes of the empty lattice
    hermitian: bool
    paired: bool  # the modes are particles, their partners -w^*, and those of a reservoir
    bloch: Any = None  # of a field: how its vectors are lifted to a basis that does not depend on k

    @property
    def components(self) -> int:
        """Rows of u in a vector that does not depend on the basis at k."""
        return self.particles if self.bloch is None else 2 * len(self.bloch.waves)

    def above(self, below: int) -> int:
        """Number of modes above the gap that has ``below`` particle bands under it.

        Raises
        ------
        TypeError, ValueError
            There is no such gap.
        """
        return self.particles - read_integer("below", below, least=1, most=self.particles - 1)

    def spectrum(self, k: np.ndarray) -> np.ndarray:
        """Frequencies (..., m) in ascending order of Re."""
        return topology.sorted_modes(self.matrix(k), hermitian=self.hermitian)

    def modes(self, k: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Frequencies (..., m), left and right vectors (..., m, m) as columns."""
        return topology.biorthogonal_modes(self.matrix(k), hermitian=self.hermitian)

    def lifted(self, k: np.ndarray, above: int | None = None) -> "Lifted":
        """All frequencies, and the vectors of ``above`` modes above the gap (None: of all), at k (points, 2)."""
        frames = None if self.bloch is None else self.bloch.frames(k)
        matrix = self.matrix(k) if frames is None else self.bloch.matrix(k, frames)
        omega, left, right = topology.biorthogonal_modes(matrix, hermitian=self.hermitian)
        if above is not None:
            left, right = topology.upper(left, above), topology.upper(right, above)
        if frames is None:
            return Lifted(omega, left, right, None)
        return Lifted(omega, self.bloch.lifted(left, frames), self.bloch.lifted(right, frames), frames[0])


class Lifted(NamedTuple):
    """Modes with vectors in a basis that does not depend on k."""

    omega: np.ndarray  # (points, m)
    left: np.ndarray  # (points, rows, n)
    right: np.ndarray
    frame: np.ndarray | None  # (points, rows, M), the scalar modes at k on which a field was projected

    @classmethod
    def joined(cls, batches: "list[Lifted]") -> "Lifted":
        """The points of all batches."""
        parts: list[Any] = [None if x[0] is None else np.concatenate(x) for x in zip(*batches, strict=True)]
        return cls(*parts)

    def on_mesh(self, n1: int, n2: int) -> "Lifted":
        """The points as a mesh (n1, n2, ...)."""
        parts: list[Any] = [x if x is None else x.reshape(n1, n2, *x.shape[1:]) for x in self]
        return Lifted(*parts)


class Strip(NamedTuple):
    """A ribbon: its model, what is diagonalised, and how."""

    model: Any
    what: Problem
    along: np.ndarray  # its vector (2,)
    #: k (n,) -> frequencies (n, m), weights (n, m, edge), velocities (n, m)
    modes: Callable[[np.ndarray], tuple[np.ndarray, np.ndarray, np.ndarray]]
    variables: dict[str, Any]
    margin: float | None  # the growth rate up to which its state counts as stable, where the modes decide
    attributes: dict[str, Any]


def read_basis(basis: Any) -> int | None:
    """The number of scalar Bloch modes of a field, which knows how many it has at most."""
    return basis if basis is None or isinstance(basis, Usual) else read_integer("basis", basis)


def problem(model: Any, psi: np.ndarray | None, mu: float, losses: bool, basis: int | None) -> Problem:
    """Of the excitations of psi, or of the empty lattice where psi is None; ``basis`` is for fields.

    Raises
    ------
    TypeError
        The model is neither a network nor a field.
    """
    check_model(model)
    basis = read_basis(basis)
    if isinstance(model, Network):
        if psi is None:
            return Problem(model.empty(losses), 2 * model.sites, 2 * model.sites, hermitian=not losses, paired=False)
        return Problem(model.bogoliubov(psi, mu), 4 * model.sites, 2 * model.sites, hermitian=False, paired=True)
    bloch = model.empty(losses, basis) if psi is None else model.bogoliubov(psi, mu, basis)
    return Problem(bloch.matrix, bloch.size, bloch.particles, bloch.hermitian, psi is not None, bloch)
