"""How a network moves: the part of a Network that ``lp.evolve`` asks for."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields
from functools import cached_property
from typing import Any, ClassVar

import numpy as np
from scipy import sparse

from latticepol.arrays import read_array, read_number
from latticepol.lattice import Lattice
from latticepol.model import Cuttable
from latticepol.network import equation, initial_states, output
from latticepol.network.engine import NetworkEngine
from latticepol.network.hopping import Hopping, extremes, splitting
from latticepol.pseudospin import Site
from latticepol.randomness import Rng
from latticepol.results.saved import Saved, Table
from latticepol.results.starts import last, psi_of, read_psi
from latticepol.results.variables import Variable, derived_units
from latticepol.state import InitialState
from latticepol.timestepping.compositions import BlanesMoan, Composition, Integrator, Strang
from latticepol.timestepping.step_errors import Waves, check_rates, splitting_shift, warn_of_growth, warn_of_shift
from latticepol.timing import Timing, timing_of, together

#: The last dimensions of amplitudes.
PSI_DIMS = ("site", "spin")
#: The parameters of a site.
SITE = tuple(field.name for field in fields(Site))


class EvolvableNetwork(Saved, Cuttable):
    """Lattice, sites and hopping, their equation and its motion; see :class:`latticepol.model.Evolvable`."""

    lattice: Lattice
    site: Site
    J: Any
    dJ: Any
    epsilon: float
    onsite: Any
    drive: Any
    noise: Any
    units: Mapping[str, str] | None
    frame_title: ClassVar[str] = "network of condensates"
    start_names: ClassVar[tuple[str, ...]] = initial_states.NAMES
    saved_variables: Table = output.VARIABLES

    @property
    def sites(self) -> int:
        """Number N of sites of one cell."""
        return len(self.lattice.basis)

    @property
    def noisy(self) -> bool:
        """Whether there is noise."""
        return self.noise is not None and bool(self.noise.any())

    @property
    def noise_covariance(self) -> np.ndarray:
        """D_ss' of every site, (N, 2, 2)."""
        D = np.zeros(()) if self.noise is None else self.noise
        return np.broadcast_to(D if D.ndim > 1 else D[..., None, None] * np.eye(2), (self.sites, 2, 2))

    @property
    def moving(self) -> bool:
        """Whether p or delta depends on time."""
        return callable(self.site.p) or callable(self.site.delta)

    @cached_property
    def hopping(self) -> Hopping:
        """The linear part: bonds, splitting and the terms on sites."""
        on = splitting(self.epsilon, self._over_sites("g", self.site.g))
        if self.onsite is not None:
            on = on + self._onsite_matrices()
        J, dJ = (np.broadcast_to(x, len(self.lattice.bonds)) for x in (self.J, self.dJ))
        return Hopping.of(self.lattice, J, dJ, on)

    @cached_property
    def hopping_matrix(self) -> sparse.csr_array:
        """T of one cell that closes upon itself, (2N, 2N): built once for all steps of Newton's method."""
        return self.hopping.sparse()

    def local(self, t: float = 0.0) -> equation.SiteParameters:
        """Return p, delta, a1 and a2 at time t, each (..., N)."""
        value = {}
        for name in SITE:
            given = getattr(self.site, name)
            value[name] = self._over_sites(name, self._at(name, given, t) if callable(given) else given)
        return equation.SiteParameters(value["p"], value["delta"], value["a"] + value["a2"], value["a2"])

    def drive_at(self, t: float) -> np.ndarray | None:
        """Return F at time t, (..., N, 2)."""
        if not callable(self.drive):
            drive: np.ndarray = self.drive
            return drive
        need = f"one amplitude per site and spin, (..., {self.sites}, 2)"
        F = read_array(f"drive(t = {t:g})", self.drive(t), real=False, dims=PSI_DIMS, need=need)
        if F.shape[-2:] != (self.sites, 2):
            raise ValueError(f"drive(t = {t:g}) returns the shape {F.shape}; give {need}")
        return F

    def rhs(self, psi: np.ndarray, t: float = 0.0) -> np.ndarray:
        """Return dpsi/dt of the whole equation without noise, psi (..., N, 2), in a cell that closes upon itself."""
        psi, t = self._fitting(psi), read_number("t", t)
        flat = psi.reshape(-1, 2 * self.sites)
        total = equation.action(psi, self.local(t)) + (self.hopping_matrix @ flat.T).T.reshape(psi.shape)
        F = self.drive_at(t)
        slope: np.ndarray = -1j * (total if F is None else total + F)
        return slope

    @property
    def state_shape(self) -> tuple[int, int]:
        """(N, 2), (site, spin)."""
        return self.sites, 2

    @property
    def has_source(self) -> bool:
        """Whether something may bring particles to an empty network: noise, a drive."""
        return self.noisy or self.drive is not None

    def default_integrator(self, dt: float | None = None) -> Integrator:
        """Return Strang with noise, otherwise Blanes-Moan."""
        return Strang() if self.noisy else BlanesMoan()

    def engine(self, start: InitialState, *, rng: Rng = None, threads: int | str = 1) -> NetworkEngine:
        """Return the running state that begins at ``start``."""
        psi = self._fitting(start.psi)
        self._batched(psi.shape[:-2])
        return NetworkEngine(self, psi, np.random.default_rng(rng))

    def read_start(self, psi0: object) -> InitialState:
        """Return the start given as an array, the name of a start, or the last time of a Dataset.

        Raises
        ------
        TypeError
            It holds no numbers.
        ValueError
            It does not fit the sites, or is not finite.
        """
        if isinstance(psi0, InitialState):
            return psi0
        given = self.start(psi0) if isinstance(psi0, str) else psi_of(psi0, PSI_DIMS, "a network", "lp.Network")
        found = last("psi", given, PSI_DIMS, self.units)
        return InitialState(self._fitting(found.values), {}, found.t, found.dims)

    @property
    def coordinates(self) -> dict[str, Any]:
        """Site, with x, y and sublattice along it, spin and axis."""
        return output.coords(self.lattice)

    @property
    def result_units(self) -> dict[str, str]:
        """The text of the unit of each physical dimension that a network has."""
        derived = {n: text for n, text in (derived_units(self.units) or {}).items() if n not in output.SCALED}
        return derived | dict(self.units or {})

    @property
    def own_variables(self) -> Mapping[str, Variable]:
        """What has another dimension in a network."""
        return output.OWN

    @cached_property
    def timing(self) -> Timing:
        """When its functions of time change."""
        given = {"p": self.site.p, "delta": self.site.delta, "drive": self.drive}
        return together(timing_of(value, name) for name, value in given.items() if callable(value))

    def check_adaptive(self, integrator: Integrator) -> None:
        """Refuse to estimate errors of a noisy evolution, and integrators that are not for networks."""
        super().check_adaptive(integrator)
        self._composed(integrator)

    def check_step(
        self, start: InitialState, integrator: Integrator, dt: float, times: Sequence[float] = (0.0,)
    ) -> None:
        """Refuse a step that cannot work, and warn of what no error estimate sees.

        Raises
        ------
        ValueError
            dt <= 0, dt too large for the local rates, an integrator without noise or not for networks.
        """
        self._composed(integrator)
        super().check_step(start, integrator, dt, times)
        c, number = [self.local(t) for t in times], np.abs(start.psi) ** 2
        interaction = (0.5 * (np.abs(c[0].a1) + np.abs(c[0].a2))).max() * number.max()
        rates = {
            "p": max(np.abs(local.p).max() for local in c),
            "delta/2": max(0.5 * np.abs(local.delta).max() for local in c),
            "a1 |psi|^2/2": interaction,
        }
        check_rates(rates, dt)
        largest = max(float(local.p.max()) for local in c)
        interaction = max(interaction, (0.5 * (np.abs(c[0].a1) + np.abs(c[0].a2))).max() * largest)
        warn_of_growth(integrator, dt, times[-1] - times[0], float(interaction), self.noisy, self._waves)
        if integrator.order == 2 and self.drive is not None and start.psi.ndim == 2:
            c0, local = c[0], equation.energies(start.psi, c[0]).real
            shift = splitting_shift(self._hopped, local, np.ones((self.sites, 2), complex), dt)
            warn_of_shift(integrator, dt, shift, float(-np.mean(c0.p)))

    def _hopped(self, psi: np.ndarray) -> np.ndarray:
        hopped: np.ndarray = (self.hopping_matrix @ psi.ravel()).reshape(psi.shape)
        return hopped

    def _waves(self) -> Waves:
        """Return the lowest and the highest energy of the hopping, whose losses are left out."""
        H = 0.5 * (self.hopping_matrix + self.hopping_matrix.conj().T)
        return Waves(extremes(H).reshape(2, 1, 1), np.zeros((2, 1, 1)))

    def fingerprint_data(self, shape: tuple[int, ...], times: Sequence[float]) -> list[object]:
        """Return what the network computes, for the comparison with a checkpoint: its hopping, and the rest at some
        times."""
        moving: list[Any] = [self.local(t) for t in times] if self.moving else [self.local()]
        return [*self.hopping, moving, [self.drive_at(t) for t in times] if callable(self.drive) else self.drive]

    def _composed(self, integrator: Integrator) -> None:
        if not isinstance(integrator, Composition):
            raise ValueError(f"{integrator!r} is not for networks; use lp.BlanesMoan(), or lp.Strang()")

    def _still(self, what: str, *, drive: bool = False) -> None:
        """Refuse functions of time and batch axes."""
        for name, value in (self.site.parameters() | ({"drive": self.drive} if drive else {})).items():
            if callable(value):
                raise ValueError(f"{name} is a function of time; {what} needs numbers: use net.replace({name}=...)")
            if name != "drive" and np.ndim(value) > 1:
                raise ValueError(
                    f"{name} has batch axes, its shape is {np.shape(value)}; {what} needs one set of parameters, one "
                    f"number for each of the {self.sites} sites"
                )

    def _batched(self, batch: tuple[int, ...]) -> None:
        """Refuse parameters with batch axes that psi has not."""
        F = self.drive_at(0.0)
        lead = np.broadcast_shapes(*(c.shape[:-1] for c in self.local()), () if F is None else F.shape[:-2])
        if lead and (len(lead) > len(batch) or np.broadcast_shapes(lead, batch) != batch):
            raise ValueError(
                f"the parameters have the batch axes {lead}, psi has {batch}; give psi of the shape "
                f"{(*lead, self.sites, 2)}"
            )

    def _at(self, name: str, function: Callable[[float], object], t: float) -> np.ndarray:
        """Return what a function of time returns."""
        need = f"a number, or one for each of the {self.sites} sites"
        return read_array(f"{name}(t = {t:g})", function(t), dims=("site",), need=need)

    def _over_sites(self, name: str, value: object) -> np.ndarray:
        array = np.asarray(value, float)
        if array.ndim and array.shape[-1] not in (1, self.sites):
            raise ValueError(
                f"{name} has shape {array.shape}; the cell has {self.sites} sites: give (..., {self.sites})"
            )
        return np.broadcast_to(array, (*array.shape[:-1], self.sites))

    def _fitting(self, psi: object) -> np.ndarray:
        """Return amplitudes (..., N, 2), which nobody else holds, of an array or of what has the dimensions site and
        spin."""
        return read_psi(psi, PSI_DIMS, self.state_shape).astype(complex, copy=False)

    def _onsite_matrices(self) -> np.ndarray:
        """Return the terms on the sites as matrices, (N, 2, 2) or one that fits all."""
        on = np.zeros((1, 2, 2)) if self.onsite is None else self.onsite
        return on if on.ndim == 3 else on[:, None, None] * np.eye(2)
