"""Stationary states of a network and their linear motion: what ``lp.steady_state`` and the spectra ask for."""

from collections.abc import Callable, Mapping
from typing import Any, ClassVar, Self

import numpy as np
import xarray as xr
from scipy import sparse

from latticepol.border import Border
from latticepol.linear_problem import Growth
from latticepol.network import equation, initial_states, linear_response, orders
from latticepol.network.evolvable import EvolvableNetwork
from latticepol.network.linear_response import NetworkProblem
from latticepol.numerics.blas import on_one_thread
from latticepol.randomness import Rng, seeded
from latticepol.results.growth import DIRECTIONS, growth_attributes, growth_variables
from latticepol.state import InitialState


class StationaryNetwork(EvolvableNetwork):
    """Residual, Newton's step and linear problem; see :class:`latticepol.model.Stationary`."""

    default_start: ClassVar[str] = "aligned"
    default_tol: ClassVar[float] = 1e-12
    random_starts: ClassVar[Mapping[str, str]] = {"noise": "psi0=model.start('noise', rng=seed)"}

    default_plaquettes: ClassVar[int] = 48

    @property
    def drive_frequency(self) -> float | None:
        """That of a constant coherent drive, in whose frame the equation is written; None without one."""
        return None if self.drive is None else 0.0

    def check_stationary(self) -> None:
        """Refuse a network that has no stationary state, or many: functions of time, batch axes."""
        self._still("a stationary state", drive=True)

    def start(self, name: str, rng: Rng = None) -> np.ndarray:
        """Return amplitudes (N, 2) from which a search begins: "aligned", "anti-aligned", "linear", "antiferro",
        "noise".

        All but the last are states of the single condensate, at every site. "noise" is a complex normal number at every
        site and spin, with a mean s of 0.1 in units of epsilon; the same ``rng`` draws the same.

        Raises
        ------
        ValueError
            The name is unknown, there is no such state, or the lattice is not bipartite ("antiferro").
        """
        self._still("a stationary state")
        self.check_starts([name])
        if name == "noise":
            scale = np.sqrt(initial_states.MEAN_S * (self.epsilon or 1.0))
            white = seeded(rng)[0].standard_normal((self.sites, 2, 2)).view(complex)[..., 0]
            drawn: np.ndarray = scale * white / np.sqrt(2)
            return drawn
        if self.epsilon <= 0:
            raise ValueError(
                f"epsilon = {self.epsilon}: the start {name!r} needs a splitting > 0; give an array (N, 2)"
            )
        colours = self.lattice.bipartite
        if name == "antiferro" and colours is None:
            raise ValueError(
                f"{self.lattice!r} is not bipartite in this cell; use lat.supercell((2, 2)) or another start"
            )
        c = self.local()
        numbers = (c.p / self.epsilon, c.a1 - c.a2, self._over_sites("g", self.site.g), c.delta / self.epsilon)
        guessed: np.ndarray = np.sqrt(self.epsilon) * initial_states.guess(
            name, *numbers, np.ones(self.sites) if colours is None else colours
        )
        return guessed

    def without_noise(self) -> Self:
        """Return the same network without noise."""
        return self.replace(noise=None) if self.noisy else self

    def relaxation_time(self, drawn: bool) -> float:
        """Return how long it takes to a stationary state, from noise; from a named start there is nothing to wait
        for."""
        return 5000.0 if drawn else 0.0

    def stationary_residual(self, psi: np.ndarray, mu: float) -> np.ndarray:
        """Return F = i dpsi/dt - mu psi, 0 in a stationary state."""
        return 1j * self.rhs(psi) - mu * psi

    def newton_step(self, psi: np.ndarray, mu: float, F: np.ndarray, memory: list[object]) -> tuple[np.ndarray, float]:
        """Return the step (d, dmu) of Newton's method, from the Bogoliubov matrix at k = 0."""
        return linear_response.correction(self.jacobian(psi, mu), psi, F, self.drive is not None)

    def bordered_step(
        self, psi: np.ndarray, mu: float, F: np.ndarray, border: Border, memory: list[object]
    ) -> tuple[np.ndarray, float, float]:
        """Return the step (d, dmu, x) of the bordered equations; a large network takes two steps of Newton's method."""
        if 2 * psi.size > linear_response.DENSE_SOLVE_ROWS:
            return super().bordered_step(psi, mu, F, border, memory)
        return linear_response.bordered(self.jacobian(psi, mu), psi, F, border, self.drive is not None)

    def jacobian(self, psi: np.ndarray, mu: float) -> sparse.csc_array:
        """Return the Bogoliubov matrix at k = 0, sparse (4N, 4N): the Jacobian of Newton's method."""
        A, B = equation.derivatives(psi, self.local())
        return linear_response.sparse_matrix(self.hopping_matrix, A, B, mu)

    def to_state(
        self, psi: np.ndarray | None, mu: float, residual: float, growth: Growth | None, **attributes: str | int | float
    ) -> xr.Dataset:
        """Return the Dataset of a stationary state; psi = None: of none; growth = None: not looked for."""
        now = InitialState(np.full(self.state_shape, np.nan + 0j) if psi is None else psi)
        variables: dict[str, Any] = {name: (dims, read(now)) for name, (dims, read) in self.saved_variables.items()}
        variables |= {"mu": ((), mu), "residual": ((), residual), "order": ((), self._order(now.psi))}
        variables |= growth_variables(growth, mu, attributes.get("status"))
        attributes |= growth_attributes(growth)
        return self.to_dataset(variables, DIRECTIONS, title="stationary state of a network", **attributes)

    def order_left(self, start: str, psi: np.ndarray) -> str:
        """Return a text where the state psi has another order than the named start from which it was searched for; else
        ""."""
        before, after = ("", "") if start == "noise" else (self._order(self.start(start)), self._order(psi))
        return (
            f"the start {start!r} led to a state of another order, {after!r} and not {before!r}: there may be none of "
            "its own here, or Newton's method missed it; start from a nearby state that has it, or give relax=1000"
        ) * (before != after)

    def _order(self, psi: np.ndarray) -> str:
        return orders.label(equation.pseudospin(psi), self.local().delta, self.lattice.bipartite)

    def linear_problem(
        self,
        psi: np.ndarray | None = None,
        mu: float = 0.0,
        *,
        losses: bool = True,
        basis: int | None = None,
        mesh: np.ndarray | None = None,
    ) -> NetworkProblem:
        """Return the linear motion of the empty lattice, or about the stationary state psi (N, 2) of frequency mu.

        Its matrices are whole: ``basis`` and ``mesh`` change nothing.
        """
        D = self.noise_covariance if self.noisy else None
        if psi is not None:
            self._still("a spectrum", drive=True)
            psi = self._fitting(psi)
            A, B = equation.derivatives(psi, self.local())
            driven = self.drive is not None
            return NetworkProblem(self.hopping, A, B, mu, self.reciprocal, driven=driven, covariance=D, condensate=psi)
        self._still("a spectrum")
        hopping, c = self.hopping if losses else self.hopping.hermitian(), self.local()
        diagonal = 0.5 * c.delta[..., None] * np.array([1, -1]) + (0.5j * c.p[..., None] if losses else 0)
        return NetworkProblem(
            hopping, diagonal[..., None] * np.eye(2), None, 0.0, self.reciprocal, not losses, covariance=D
        )

    def bloch_hamiltonian(self, losses: bool = True) -> Callable[[np.ndarray], np.ndarray]:
        """Return k -> H_k (..., 2N, 2N) of the empty lattice; without losses p, g, Im J and Im dJ are dropped."""
        return self.linear_problem(losses=losses).matrix

    def bogoliubov_matrix(self, psi: np.ndarray, mu: float) -> Callable[[np.ndarray], np.ndarray]:
        """Return k -> L_k (..., 4N, 4N) about the stationary state psi (N, 2) of frequency mu."""
        return self.linear_problem(psi, mu).matrix

    @on_one_thread
    def vacuum_growth(self) -> tuple[float, float]:
        """Return the largest Im w of the empty lattice at k = 0, and its error, 0."""
        return float(np.linalg.eigvals(self.bloch_hamiltonian()(np.zeros(2))).imag.max()), 0.0

    def gain_hint(self, rate: float) -> str:
        """Return what to raise so that the rate of an amplitude grows by more than this."""
        return f"p of every site, by more than {2 * rate:.4g}"
