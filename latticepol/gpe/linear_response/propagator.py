"""The growth rate of what a large box carries: Arnoldi's method on the evolution itself.

In the frame that turns with mu the stationary field (psi0, n0) is a fixed point of the evolution by T, also of that in
steps of ETDRK4. Its derivative there, taken from one evolution for each vector (d, nu)::

    P (d, nu) = [evolved(psi0 + e d, n0 + e nu) - evolved(psi0, n0)]/e ,

has the eigenvalues ``exp(-i w T)`` of all modes w at k = 0 (docs/physics.md, section 4), without a basis and without a
matrix; those largest in size, the fastest growing, are what Arnoldi's method finds.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.sparse.linalg import ArpackNoConvergence, LinearOperator, eigs

from latticepol.gpe.added import Added
from latticepol.gpe.aliases import of_grid
from latticepol.gpe.field_model import FieldModel
from latticepol.gpe.stepping.engine import Engine
from latticepol.gpe.stepping.momentum import damping, stacked
from latticepol.timestepping.exponential import ETDRK4


@dataclass(frozen=True)
class EvolutionSearch:
    """How Arnoldi's method finds the fastest growing modes from evolutions by a time T.

    Parameters
    ----------
    local_step
        The step, times the largest local rate.
    wave_step
        The step, times the energy of the fastest wave: at pi, where e^{-i E h} = -1, the steps would amplify it.
    time
        T, times the largest net gain.
    steps
        Steps of T at most.
    difference
        Size of a difference of two evolutions, over the largest amplitude.
    modes, accuracy, restarts
        Modes that are asked for, relative accuracy of exp(-i w T), restarts at most.
    """

    local_step: float = 0.4
    wave_step: float = 3.0
    time: float = 4.0
    steps: int = 400
    difference: float = 3e-7
    modes: int = 2
    accuracy: float = 1e-5
    restarts: int = 20


#: What is used where nothing else is said.
EVOLUTION_SEARCH = EvolutionSearch()


def growth_rate(
    model: FieldModel,
    psi: np.ndarray,
    n: np.ndarray | None,
    mu: float,
    size: float,
    fastest: float,
    gain: float,
    driven: bool,
    search: EvolutionSearch = EVOLUTION_SEARCH,
) -> tuple[float, float]:
    """Return the largest Im w at k = 0, NaN where it was not found, and its error.

    ``size`` is the largest local rate about the stationary field (psi, n) of frequency mu, ``fastest`` the largest at
    which any place drives an amplitude, ``gain`` the largest net gain. To the accuracy of Arnoldi's method the error
    adds what the steps make of the phase mode, w = 0 where there is no coherent drive.
    """
    h = _step(model, size, fastest, search)
    steps = min(int(np.ceil(search.time / gain / h)), search.steps)
    T = steps * h
    P = _Derivative(_turning(model, mu), psi, n, h, steps, search.difference)
    start = np.random.default_rng(0).standard_normal(P.operator.shape[0])
    options: dict[str, Any] = {"k": search.modes, "which": "LM", "tol": search.accuracy, "maxiter": search.restarts}
    try:
        multipliers = eigs(P.operator, v0=start, return_eigenvectors=False, **options)
    except ArpackNoConvergence as error:
        multipliers = error.eigenvalues
    turned = P.packed(1j * psi, None if n is None else 0 * n)
    slip = 0.0 if driven else np.linalg.norm(P(turned) - turned) / np.linalg.norm(turned)
    rate = np.log(np.abs(multipliers).max()) if multipliers.size else np.nan
    return float(rate / T), float((slip + search.accuracy) / T)


def _turning(model: FieldModel, mu: float) -> FieldModel:
    """Return the model in the frame that turns with mu; a laser of that frequency stands still in it."""
    return model.replace(terms=[*(term.without_oscillation() for term in model.terms), Added({"V": -mu})])


def _step(model: FieldModel, size: float, fastest: float, search: EvolutionSearch) -> float:
    waves = of_grid(model.grid)
    energy = np.abs(stacked(model.terms, waves)).sum(axis=-1).max(axis=-1)
    loss = np.linalg.eigvalsh(damping(model.terms, waves))[..., 0] / 2
    highest = energy[loss <= fastest].max(initial=0.0)  # those above decay whatever the steps make of their phase
    return float(1 / max(size / search.local_step, highest / search.wave_step))


class _Derivative:
    """P on real vectors: real and imaginary parts of d, then nu."""

    def __init__(
        self, model: FieldModel, psi: np.ndarray, n: np.ndarray | None, h: float, steps: int, difference: float
    ) -> None:
        self.psi, self.n, self.h, self.steps = psi, n, h, steps
        self.engine, self.integrator = Engine(model, psi, n, np.random.default_rng(0)), ETDRK4()
        unknowns = 2 * psi.size + (0 if n is None else n.size)
        self.operator = LinearOperator((unknowns, unknowns), matvec=self, dtype=float)
        self.unit = difference * np.abs(psi).max() * np.sqrt(psi.size)
        self.origin = self._evolved(psi, n)

    def __call__(self, x: np.ndarray) -> np.ndarray:
        """Return P x."""
        scale = self.unit / np.linalg.norm(x)
        d, nu = np.split(scale * x.ravel(), [2 * self.psi.size])
        moved = None if self.n is None else self.n + nu.reshape(self.n.shape)
        change: np.ndarray = self._evolved(self.psi + d.view(complex).reshape(self.psi.shape), moved) - self.origin
        change /= scale
        return change

    def _evolved(self, psi: np.ndarray, n: np.ndarray | None) -> np.ndarray:
        self.engine.put(psi, n)
        for i in range(self.steps):
            self.integrator.step(self.engine, i * self.h, self.h, first=i == 0)
        return self.packed(self.engine.field, None if self.n is None else self.engine.n)

    @staticmethod
    def packed(psi: np.ndarray, n: np.ndarray | None) -> np.ndarray:
        """Return one real vector."""
        flat = np.ascontiguousarray(psi, complex).ravel().view(float)
        return flat.copy() if n is None else np.concatenate([flat, n.ravel()])
