"""Stationary states of a field and their linear motion: what ``lp.steady_state`` and the spectra ask for."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, ClassVar, Self

import numpy as np
import xarray as xr

from latticepol.arrays import read_number
from latticepol.border import Border
from latticepol.gpe import aliases, output, starts
from latticepol.gpe.evolvable import UNSATURATED, EvolvableField
from latticepol.gpe.linear_response import newton_krylov, problem, stationarity
from latticepol.gpe.linear_response.bloch import BogoliubovMatrix
from latticepol.gpe.linear_response.local_jacobian import reservoir_at
from latticepol.gpe.linear_response.problem import FieldProblem
from latticepol.gpe.stepping import momentum
from latticepol.linear_problem import BASIS, Growth
from latticepol.randomness import Rng, seeded
from latticepol.results.growth import DIRECTIONS, growth_attributes, growth_variables
from latticepol.state import InitialState

#: Amplitude of the start "noise", relative to where the gain saturates.
START_AMPLITUDE = 0.1
#: Times of growth (over the largest net gain) that a relaxation may take.
RELAXATION_TIMES = 100.0
#: The smallest residual to be asked for in single precision.
SINGLE = 1e-5


class StationaryField(EvolvableField):
    """Residual, Newton's step and linear problem; see :class:`latticepol.model.Stationary`."""

    default_start: ClassVar[str] = "noise"
    default_tol: ClassVar[float] = 1e-10
    random_starts: ClassVar[Mapping[str, str]] = {"noise": "psi0=model.start('noise', rng=seed)"}

    default_plaquettes: ClassVar[int] = 24  # the vectors are long; those too coarse are divided

    @property
    def drive_frequency(self) -> float | None:
        """omega of the coherent drive, in whose frame a stationary state is written; None without one."""
        return stationarity.drive_frequency(self)

    def check_stationary(self) -> None:
        """Refuse a model that has no stationary state, or many: functions of time, batch axes."""
        stationarity.check(self)

    def check_tol(self, tol: float) -> None:
        """Refuse a residual below the rounding of complex64."""
        if self.dtype == "complex64" and tol < SINGLE:
            raise ValueError(
                f"tol = {tol:g} is below the rounding of complex64: Newton's method needs complex128; give "
                f"model.replace(dtype='complex128'), whose state may start a complex64 evolution, or tol >= {SINGLE:g}"
            )

    def start(self, name: str, rng: Rng = None) -> np.ndarray:
        """Return the start "noise": a random field (2, ny, nx) of the waves that the potential and the gain can hold.

        Its mean S is 0.02 of (W - Gamma)/eta (of the largest W, without saturation 0.02), where the gain saturates. The
        same ``rng`` draws the same field.
        """
        self.check_starts([name])
        eta = float(np.max(self.equation.value("eta", 0.0)))
        size = START_AMPLITUDE * np.sqrt(self._net_gain() / eta if eta > 0 else 1.0)
        white = seeded(rng)[0].standard_normal((2, *self.grid.shape, 2)).view(complex)[..., 0]
        kinetic = np.einsum("yxss->yx", momentum.stacked(self.terms, aliases.of_grid(self.grid))).real / 2
        V = problem.linear(self, np.zeros_like(white))[1]
        long = kinetic - kinetic.min() <= np.ptp(V) + self._net_gain()
        noisy: np.ndarray = size / np.sqrt(long.mean()) * np.fft.ifft2(long * np.fft.fft2(white))
        return noisy

    def read_guess(self, psi0: object) -> InitialState:
        """Return what a search starts from; a Dataset on another grid of the same cell is interpolated."""
        return starts.read_guess(self, psi0)

    def without_noise(self) -> Self:
        """Return the same model without noise."""
        noisy = [term for term in self.terms if "vacuum" in term.local(self.grid)]
        return self.replace(terms=[term for term in self.terms if term not in noisy]) if noisy else self

    def with_steady_reservoir(self, psi: np.ndarray) -> InitialState:
        """Return psi with the reservoir that is steady at this psi."""
        return InitialState(psi, output.auxiliary(reservoir_at(self.equation, psi)))

    def relaxation_time(self, drawn: bool) -> float:
        """Return how long it takes to a stationary state, in units of the slowest of usual rates."""
        return RELAXATION_TIMES / self._net_gain()

    def stationary_residual(self, psi: np.ndarray, mu: float) -> np.ndarray:
        """Return F = i dpsi/dt - mu psi, 0 in a stationary state, with the reservoir that belongs to psi."""
        return 1j * self.rhs(psi, 0.0, reservoir_at(self.equation, psi))[0] - mu * psi

    def newton_step(self, psi: np.ndarray, mu: float, F: np.ndarray, memory: list[object]) -> tuple[np.ndarray, float]:
        """Return the step (d, dmu) of Newton's method; ``memory`` holds what earlier steps recycle."""
        d, dmu, _ = self._correction(psi, mu, F, None, memory)
        return d, dmu

    def bordered_step(
        self, psi: np.ndarray, mu: float, F: np.ndarray, border: Border, memory: list[object]
    ) -> tuple[np.ndarray, float, float]:
        """Return the step (d, dmu, x) of the bordered equations."""
        return self._correction(psi, mu, F, border, memory)

    def _correction(
        self, psi: np.ndarray, mu: float, F: np.ndarray, border: Border | None, memory: list[object]
    ) -> tuple[np.ndarray, float, float]:
        there, driven = problem.local(self, psi).eliminated(), self.drive_frequency is not None
        return newton_krylov.correction(self, there, psi, mu, F, driven, memory, border)

    def to_state(
        self, psi: np.ndarray | None, mu: float, residual: float, growth: Growth | None, **attributes: str | int | float
    ) -> xr.Dataset:
        """Return the Dataset of a stationary state; psi = None: of none; growth = None: not looked for."""
        n = None
        if psi is None:
            psi = np.full((2, *self.grid.shape), np.nan + 0j)
            n = psi.real if self.equation.reservoir else None
        else:
            n = reservoir_at(self.equation, psi)
        return self.as_state(psi, n, mu, residual, growth, **attributes)

    def as_state(
        self,
        psi: np.ndarray,
        n: np.ndarray | None,
        mu: float,
        residual: float,
        growth: Growth | None,
        **attributes: str | int | float,
    ) -> xr.Dataset:
        """Return the Dataset of a stationary field with its reservoir."""
        fields = {"psi": psi} | output.auxiliary(n)
        variables: dict[str, Any] = {name: (output.FIELD, field) for name, field in fields.items()}
        variables |= {"mu": ((), mu), "residual": ((), residual)}
        phase = np.nan if growth is None else growth.phase_mode
        return self.to_dataset(
            variables | {"phase_mode": ((), phase)} | growth_variables(growth, mu, attributes.get("status")),
            DIRECTIONS,
            title="stationary state of a field",
            **attributes,
            **growth_attributes(growth),
        )

    def linear_problem(
        self,
        psi: np.ndarray | None = None,
        mu: float = 0.0,
        *,
        losses: bool = True,
        basis: int | None = BASIS,
        mesh: np.ndarray | None = None,
    ) -> FieldProblem:
        """Return the linear motion of the empty cell, or about the stationary field psi (2, ny, nx) of frequency mu.

        For vectors on a ``mesh`` up to 8 modes are added to the basis, so that it ends where scalar bands are apart.
        """
        self.check_stationary()
        if psi is not None:
            psi, _ = starts.fitting(self, psi, None)
            if psi.ndim > 3:
                raise ValueError(
                    f"psi must have shape {self.state_shape}, one stationary field; got {psi.shape}: choose one"
                )
        still, driven, gain = self.without_noise(), self.drive_frequency is not None, self._net_gain()
        options: dict[str, Any] = {"hermitian": psi is None and not losses, "driven": driven, "net_gain": gain}
        options["noisy"] = self.noisy
        found = FieldProblem(still, psi, read_number("mu", mu), basis, **options)
        if mesh is None:
            return found
        if basis is None:
            raise ValueError("basis = None: plane waves cut off at the grid are not periodic in k; give basis=24")
        found.bloch  # noqa: B018 - says what is wrong with the basis
        return replace(found, basis=problem.separated(still, psi, basis, mesh))

    def bloch_hamiltonian(self, losses: bool = True, basis: int | None = BASIS) -> BogoliubovMatrix:
        """Return H_k of the empty cell, in ``basis`` scalar Bloch modes (None: in all plane waves)."""
        return self.linear_problem(losses=losses, basis=basis).bloch

    def bogoliubov_matrix(self, psi: np.ndarray, mu: float, basis: int | None = BASIS) -> BogoliubovMatrix:
        """Return L_k about the stationary field psi (2, ny, nx) of frequency mu."""
        return self.linear_problem(psi, mu, basis=basis).bloch

    def vacuum_growth(self) -> tuple[float, float]:
        """Return the largest Im w of the empty cell at k = 0, and its error."""
        return problem.vacuum_growth(self)

    def gain_hint(self, rate: float) -> str:
        """Return what to raise so that the rate of an amplitude grows by more than this.

        A reservoir P more at every point, on both spins, holds P/Gamma_R more, which adds R/2 times that.
        """
        value = self.equation.value
        if self.equation.reservoir:
            P = 2 * rate * float(np.max(value("Gamma_R", 0.0)) / np.max(value("R", 0.0)))
            return f"P of lp.Reservoir everywhere, by more than {P:.4g}"
        if "W" not in self.equation.coefficients:
            return f"adding lp.Gain(W, Gamma, eta), by more than {2 * rate:.4g}"
        return f"W of lp.Gain everywhere, by more than {2 * rate:.4g}"

    @property
    def convergence_hint(self) -> str:
        """What may keep it from settling, and the remedy."""
        if self._unsaturated:
            return f"; {UNSATURATED}"
        loss = np.einsum("yxss->yx", momentum.damping(self.terms, aliases.of_grid(self.grid)))
        return (
            ""
            if np.any(loss != loss[0, 0])
            else "; without momentum damping, lp.Kinetic(nu=...), high bands may grow too"
        )

    def _net_gain(self) -> float:
        """Return the largest W - Gamma, with the gain of a reservoir without a field; the largest loss without gain, 1
        without both."""
        value = self.equation.value
        w = value("W", 0.0) - value("Gamma", 0.0)
        n = reservoir_at(self.equation, np.zeros((2, *self.grid.shape)))
        w = w if n is None else w + value("R", 0.0) * n
        return float(w.max() if w.max() > 0 else np.abs(w).max()) or 1.0
