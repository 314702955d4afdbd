"""A third kind of model, sixty lines: two coherently driven, coupled nonlinear modes (docs/developers/model.md).

i da_n/dt = (w_n - i loss/2) a_n - J a_other + U |a_n|^2 a_n + F_n
"""

import math
from dataclasses import asdict, dataclass, replace
from typing import ClassVar

import numpy as np
import xarray as xr
from scipy.linalg import expm

from latticepol.linear_problem import Growth, LinearProblem
from latticepol.model import InitialState, Stationary
from latticepol.results.growth import DIRECTIONS, growth_variables
from latticepol.results.saved import Saved, Table
from latticepol.results.starts import last, psi_of, read_psi
from latticepol.timestepping.compositions import Strang


@dataclass(frozen=True)
class TwoModes(Saved, Stationary):
    w: float = -1.0
    splitting: float = 0.3
    J: float = 0.5
    U: float = 0.1
    loss: float = 1.0
    F: float = 1.0
    units: dict[str, str] | None = None
    state_shape: ClassVar[tuple[int, ...]] = (2,)
    frame_title: ClassVar[str] = "two modes"
    start_names: ClassVar[tuple[str, ...]] = ("empty",)
    coordinates: ClassVar[dict[str, np.ndarray]] = {}
    default_start: ClassVar[str] = "empty"
    default_tol: ClassVar[float] = 1e-12
    drive_frequency: ClassVar[float] = 0.0

    @property
    def H(self) -> np.ndarray:
        diagonal = self.w + self.splitting * np.array([0.5, -0.5]) - 0.5j * self.loss
        return np.diag(diagonal) - self.J * np.array([[0, 1], [1, 0]])

    @property
    def drive(self) -> np.ndarray:
        return np.array([self.F, 0.0])

    def parameters(self) -> dict[str, object]:
        return {name: value for name, value in asdict(self).items() if name != "units"}

    def replace(self, **changes: object) -> "TwoModes":
        return replace(self, **changes)

    def read_start(self, psi0: object) -> InitialState:
        if isinstance(psi0, InitialState):
            return psi0
        given = self.start(psi0) if isinstance(psi0, str) else psi_of(psi0, ("site",), "two modes", "TwoModes")
        found = last("psi", given, ("site",), self.units)
        psi = read_psi(found.values, ("site",), self.state_shape)
        if psi.ndim > 1:
            raise ValueError(f"psi must be one state of the shape (2,); got {psi.shape}: choose one")
        return InitialState(psi, t=found.t)

    def engine(self, start: InitialState, *, rng=None, threads=1) -> "Running":
        return Running(self, start)

    def default_integrator(self, dt: float | None = None) -> Strang:
        return Strang()

    @property
    def saved_variables(self) -> Table:
        return {"psi": (("site",), lambda now: now.psi.copy())}

    def start(self, name: str, rng=None) -> np.ndarray:
        self.check_starts([name])
        return np.zeros(2, complex)

    def stationary_residual(self, psi: np.ndarray, mu: float) -> np.ndarray:
        return self.H @ psi + self.U * np.abs(psi) ** 2 * psi + self.drive - mu * psi

    def newton_step(self, psi, mu, F, memory):
        step = np.linalg.solve(self.linear_problem(psi, mu).matrix(np.zeros(2)), np.concatenate([-F, F.conj()]))
        return step[:2], 0.0

    def linear_problem(self, psi=None, mu=0.0, *, losses=True, basis=None, mesh=None) -> "Excitations":
        return Excitations(self, psi, mu)

    def to_state(self, psi, mu, residual, growth: Growth | None, **attributes) -> xr.Dataset:
        variables = {"mu": ((), mu), "residual": ((), residual)} | growth_variables(
            growth, mu, attributes.get("status")
        )
        variables["psi"] = (("site",), np.full(2, np.nan + 0j) if psi is None else psi)
        return self.to_dataset(variables, DIRECTIONS, title="stationary state of two modes", **attributes)


class Running:
    """Its running state: A is the exponential of H, B the drive and the turning of the phases."""

    earliest, latest, threads, spectral = -math.inf, math.inf, 1, None

    def __init__(self, model: TwoModes, start: InitialState) -> None:
        self.model, self.psi, self.rng = model, start.psi.astype(complex), np.random.default_rng(0)

    @property
    def state(self) -> list[np.ndarray]:
        return [self.psi]

    def reset(self, start: InitialState) -> None:
        self.psi[...] = start.psi

    def now(self, t: float, dims: tuple[str, ...] = ()) -> InitialState:
        return InitialState(self.psi, t=t, dims=dims)

    def linear(self, h: float) -> None:
        self.psi[...] = expm(-1j * h * self.model.H) @ self.psi

    def local(self, before: float, after: float, t: float) -> None:
        self.psi -= 1j * before * self.model.drive
        self.psi *= np.exp(-1j * (before + after) * self.model.U * np.abs(self.psi) ** 2)
        self.psi -= 1j * after * self.model.drive


class Excitations(LinearProblem):
    """A whole matrix that does not depend on k."""

    hermitian, particles, dims, reciprocal = False, 2, ("site",), np.empty((0, 2))

    def __init__(self, model: TwoModes, psi: np.ndarray | None, mu: float) -> None:
        self.paired = psi is not None
        n = np.zeros(2) if psi is None else np.abs(psi) ** 2
        upper = model.H + np.diag(2 * model.U * n - mu)
        pair = np.diag(np.zeros(2) if psi is None else model.U * psi**2)
        self.L = upper if psi is None else np.block([[upper, pair], [-pair.conj(), -upper.conj()]])

    def matrix(self, k: np.ndarray) -> np.ndarray:
        return np.broadcast_to(self.L, (*np.shape(k)[:-1], *self.L.shape))
