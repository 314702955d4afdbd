"""Network: coupled condensates on the sites of a lattice."""

import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from functools import cached_property
from typing import Any, ClassVar, Self

import numpy as np
import xarray as xr
from scipy import sparse

from latticepol.arrays import by_label, leading, named, read_array, read_number, shape_of, unnamed
from latticepol.blas import on_one_thread
from latticepol.dataset import check_units, complex_values, time_of
from latticepol.errors import check_function
from latticepol.gpe.envelopes import Timing, timing, together
from latticepol.gpe.integrators import BlanesMoan, Composition, Integrator, Strang
from latticepol.gpe.limits import check_rates
from latticepol.gpe.printing import tree
from latticepol.gpe.step_errors import Waves, splitting_shift, warn_of_growth, warn_of_shift
from latticepol.lattice import Lattice
from latticepol.lattice.geometry import Cuts
from latticepol.network import equation, orders, output, stability, starts
from latticepol.network.engine import NetworkEngine
from latticepol.network.hopping import Hopping, extremes, splitting
from latticepol.network.stability import NEUTRAL
from latticepol.pseudospin import Site
from latticepol.randomness import Rng, seeded
from latticepol.units.limits import unlikely
from latticepol.units.model import NETWORK
from latticepol.units.reading import NUMBER
from latticepol.units.texts import in_units

#: The last dimensions of amplitudes, and the order of the spins.
PSI, SPINS = ("site", "spin"), {"spin": output.SPIN}
SITE = tuple(field.name for field in fields(Site))
#: No amplitude or rate is larger: their products leave the numbers.
LARGEST = 1e100
#: What may differ along a batch; the hopping and g are shared.
BATCHED = ("p", "a", "delta", "a2")
#: Parts of the equation, for printing: parameters and what they make.
PARTS = (
    (("p", "a", "a2", "delta"), "[(i/2)(p - S) + ((a + a2) |psi_s|^2 + a2 |psi_-s|^2)/2 + s delta/2] psi_s"),
    (("epsilon", "g"), "-(epsilon/2)(1 + i g) psi_-s"),
    (("J", "dJ"), "-sum_m ([J + dJ (cos 2phi sx + sin 2phi sy)] psi_m)_s"),
    (("onsite",), "(onsite psi)_s"),
    (("drive",), "F_s"),
    (("noise",), "i xi_s"),
)


@dataclass(frozen=True, eq=False, repr=False)
class Network:
    """Condensates on the sites of a lattice, coupled along its bonds (docs/physics.md, section 3)::

        i dpsi_s/dt = [(i/2)(p - S) + (a1 |psi_s|^2 + a2 |psi_-s|^2)/2 + s delta/2] psi_s
                      - (epsilon/2)(1 + i g) psi_-s - sum_m ([J + dJ (cos 2phi sx + sin 2phi sy)] psi_m)_s + F_s

    with S half the density of the site, a1 = a + a2, phi the angle of the bond. One energy unit for all numbers; with
    ``epsilon = 1`` every site is the ``lp.Site`` of section 2. ``psi = sqrt(eta/epsilon) Psi``.

    Parameters
    ----------
    lattice
        Sites and bonds; their strengths multiply J and dJ.
    site
        p, a, g, delta, a2: numbers, or arrays over the sites of one cell (with batch axes in front); p and delta may be
        functions of time that return such.
    J, dJ
        Hopping and TE-TM hopping: full amplitudes, a number or one per bond (M,). An imaginary part is dissipative
        coupling.
    epsilon
        Linear splitting. 0 without losses is the Hermitian reference lattice.
    onsite
        Further terms of H on the sites: energies (N,) or matrices (N, 2, 2), whose anti-Hermitian part is gain or loss.
    drive
        Coherent drive F: an array (N, 2), or a function of time that returns one.
    noise
        Strength D: complex white noise ``<xi_s(t) xi_s'^*(t')> = D delta_ss' delta(t - t')`` in dpsi_s/dt, a number or
        one per site (N,).
    units
        Names of the units of time and of length, ``lp.units.PS_UM``, in which wavevectors, areas and velocities of
        results are named too; with ``{"time": "ps"}`` alone lengths are those of the lattice, without a unit. None:
        dimensionless. With units J, dJ, epsilon, onsite and noise, and p and delta in ``replace``, may be texts such as
        "0.1 meV"; what is kept are the numbers that they are in these units. The site has none:
        ``lp.Site(p=lp.units.rate("20 ueV"), ...)``. A rate far from what any cavity has is warned of.

    Raises
    ------
    TypeError
        The lattice or the site is none, or what should be numbers is not.
    ValueError
        An array does not fit the sites or bonds, a number is not finite, noise < 0; a text with a unit has the wrong
        dimension or meets a network without units.
    """

    lattice: Lattice
    site: Site
    J: Any
    dJ: Any = 0.0
    epsilon: float = 1.0
    onsite: Any = None
    drive: Any = None
    noise: Any = None
    units: Mapping[str, str] | None = None

    def __post_init__(self) -> None:
        if not isinstance(self.lattice, Lattice) or not isinstance(self.site, Site):
            raise TypeError(
                f"Network({type(self.lattice).__name__}, {type(self.site).__name__}): need a Lattice and a Site, "
                "for example lp.lattice.honeycomb() and lp.Site(p=0.1, a=2.28, g=1.0)"
            )
        check_units(self.units)
        bonds, sites = len(self.lattice.bonds), self.sites
        set_ = object.__setattr__
        for name in ("J", "dJ", "epsilon", "onsite", "noise"):
            set_(self, name, in_units(name, getattr(self, name), NETWORK[name], self.units))
        for name in ("J", "dJ"):
            set_(self, name, _array(name, getattr(self, name), [(), (bonds,)], "a number or one per bond", ("bond",)))
        set_(self, "epsilon", read_number("epsilon", self.epsilon))
        if self.onsite is not None:
            given = leading(by_label("onsite", self.onsite) if named(self.onsite) else self.onsite, "site")
            set_(self, "onsite", _array("onsite", given, [(sites,), (sites, 2, 2)], "one per site"))
        if self.drive is not None and not callable(self.drive):
            what = "one amplitude per site and spin"
            set_(self, "drive", _array("drive", self.drive, [(sites, 2)], what, ("site", "spin")))
        if self.noise is not None:
            what = "a number or one per site"
            set_(self, "noise", _array("noise", self.noise, [(), (sites,)], what, ("site",), real=True))
            if self.noise.min() < 0:
                raise ValueError(f"noise = {self.noise.min()} is not a strength; give a number >= 0")
        for name, value in {**self.site.parameters(), "drive": self.drive}.items():
            if callable(value):
                check_function(name, value, "t")
        self.local(0.0)  # what does not fit shows here
        if np.ndim(self.site.g) > 1:
            raise ValueError(
                f"g has batch axes, its shape is {np.shape(self.site.g)}; a batch shares its hopping and g: "
                f"give a number, or one for each of the {sites} sites"
            )
        self.drive_at(0.0)
        for text in unlikely(NETWORK, self.parameters(), self.units):
            warnings.warn(text, stacklevel=3)

    @property
    def reciprocal(self) -> np.ndarray:
        """Rows B1.. (d, 2) of the reciprocal cell."""
        return self.lattice.reciprocal

    @property
    def sites(self) -> int:
        """Number N of sites of one cell."""
        return len(self.lattice.basis)

    @property
    def noisy(self) -> bool:
        """Whether there is noise."""
        return self.noise is not None and bool(self.noise.any())

    @property
    def noise_strength(self) -> np.ndarray:
        """D of every site, (N,)."""
        return np.broadcast_to(0.0 if self.noise is None else self.noise, self.sites)

    @property
    def moving(self) -> bool:
        """Whether p or delta depends on time."""
        return callable(self.site.p) or callable(self.site.delta)

    @cached_property
    def hopping(self) -> Hopping:
        """The linear part: bonds, splitting and the terms on sites."""
        on = splitting(self.epsilon, self._over_sites("g", self.site.g))
        if self.onsite is not None:
            on = on + (self.onsite[:, None, None] * np.eye(2) if self.onsite.ndim == 1 else self.onsite)
        J, dJ = (np.broadcast_to(x, len(self.lattice.bonds)) for x in (self.J, self.dJ))
        return Hopping.of(self.lattice, J, dJ, on)

    @cached_property
    def hopping_matrix(self) -> sparse.csr_array:
        """T of one cell that closes upon itself, (2N, 2N): built once for all steps of Newton's method."""
        return self.hopping.sparse()

    def local(self, t: float = 0.0) -> equation.Local:
        """p, delta, a1 and a2 at time t, each (..., N)."""
        value = {}
        for name in SITE:
            given = getattr(self.site, name)
            value[name] = self._over_sites(name, self._at(name, given, t) if callable(given) else given)
        return equation.Local(value["p"], value["delta"], value["a"] + value["a2"], value["a2"])

    def drive_at(self, t: float) -> np.ndarray | None:
        """F at time t, (..., N, 2)."""
        if not callable(self.drive):
            return self.drive
        need = f"one amplitude per site and spin, (..., {self.sites}, 2)"
        F = read_array(f"drive(t = {t:g})", self.drive(t), real=False, dims=PSI, labels=SPINS, need=need)
        if F.shape[-2:] != (self.sites, 2):
            raise ValueError(f"drive(t = {t:g}) returns the shape {F.shape}; give {need}")
        return F

    def empty(self, losses: bool) -> Callable[[np.ndarray], np.ndarray]:
        """k -> H_k (..., 2N, 2N) of the empty lattice; without losses p, g, Im J and Im dJ are dropped."""
        self._still("a spectrum")
        hopping, c = self.hopping if losses else self.hopping.hermitian(), self.local()
        diagonal = 0.5 * c.delta[..., None] * np.array([1, -1]) + (0.5j * c.p[..., None] if losses else 0)
        return hopping._replace(onsite=hopping.onsite + diagonal[..., None] * np.eye(2)).matrix

    def bogoliubov(self, psi: np.ndarray, mu: float) -> Callable[[np.ndarray], np.ndarray]:
        """k -> L_k (..., 4N, 4N) about the stationary state psi (N, 2) of frequency mu."""
        self._still("a spectrum", drive=True)
        return stability.matrix(self.hopping, *equation.derivatives(self._fitting(psi), self.local()), mu)

    def growth_rate(self, psi: np.ndarray, mu: float) -> float:
        """The largest growth rate of all Bogoliubov modes; see :mod:`latticepol.network.stability`."""
        A, B = equation.derivatives(self._fitting(psi), self.local())
        rate = stability.growth_rate(self.hopping, A, B, mu, self.lattice.reciprocal)
        return float(np.maximum(rate, 0.0)) if self.drive is None else rate  # of the phase mode it is 0

    def rhs(self, psi: np.ndarray, t: float = 0.0) -> np.ndarray:
        """dpsi/dt of the whole equation without noise, psi (..., N, 2), in a cell that closes upon itself."""
        psi, t = self._fitting(psi), read_number("t", t)
        flat = psi.reshape(-1, 2 * self.sites)
        total = equation.action(psi, self.local(t)) + (self.hopping_matrix @ flat.T).T.reshape(psi.shape)
        F = self.drive_at(t)
        return -1j * (total if F is None else total + F)

    def linearised(self, psi: np.ndarray, mu: float) -> Any:
        """The Bogoliubov matrix at k = 0, sparse: the Jacobian of Newton's method."""
        return stability.sparse_matrix(self.hopping_matrix, *equation.derivatives(psi, self.local()), mu)

    def start(self, name: str, rng: Rng = None) -> np.ndarray:
        """Amplitudes (N, 2) from which a search begins: "aligned", "anti-aligned", "linear", "antiferro", "noise".

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
            scale = np.sqrt(starts.MEAN_S * (self.epsilon or 1.0))
            return scale * seeded(rng)[0].standard_normal((self.sites, 2, 2)).view(complex)[..., 0] / np.sqrt(2)
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
        return np.sqrt(self.epsilon) * starts.guess(name, *numbers, np.ones(self.sites) if colours is None else colours)

    def check_starts(self, names: Sequence[str]) -> None:
        """Refuse names of starts that are not known."""
        for name in names:
            if name not in starts.NAMES:
                raise ValueError(f"no start {name!r}; there are {', '.join(starts.NAMES)}, or give an array (N, 2)")

    def check_stationary(self) -> None:
        """Refuse a network that has no stationary state, or many: functions of time, batch axes."""
        self._still("a stationary state", drive=True)

    @property
    def fed(self) -> bool:
        """Whether something may bring particles to an empty network: noise, a drive."""
        return self.noisy or self.drive is not None

    def quiet(self) -> Self:
        """The same network without noise."""
        return self.replace(noise=None) if self.noisy else self

    def stationary(
        self, psi: np.ndarray | None, mu: float, residual: float, *, stability: bool = True, **attributes: Any
    ) -> xr.Dataset:
        """The Dataset of a stationary state, with or without its growth rate; psi = None: of none."""
        growth = self.growth_rate(psi, mu) if psi is not None and stability else np.nan
        order = "" if psi is None else self._order(psi)
        found = output.stationary(self, psi, mu, residual, growth, NEUTRAL * (1 + abs(mu)), order, **attributes)
        return found if stability else found.drop_vars("stable")

    def order_left(self, start: str, psi: np.ndarray) -> str:
        """A text where the state psi has another order than the named start from which it was searched for; else ""."""
        before, after = ("", "") if start == "noise" else (self._order(self.start(start)), self._order(psi))
        return (
            f"the start {start!r} led to a state of another order, {after!r} and not {before!r}: there may be none of "
            "its own here, or Newton's method missed it; start from a nearby state that has it, or give relax=1000"
        ) * (before != after)

    def _order(self, psi: np.ndarray) -> str:
        return orders.label(equation.pseudospin(psi), self.local().delta, self.lattice.bipartite)

    def on(self, lattice: Lattice) -> Self:
        """The same network on a ribbon, patch or supercell of its lattice: parameters follow their sites and bonds."""
        where, bond = lattice.sublattice, lattice.parent_bond
        self._origin()
        site = {
            name: value[..., where]
            for name, value in self.site.parameters().items()
            if isinstance(value, np.ndarray) and value.shape[-1] > 1
        }
        own = {name: value[bond] for name, value in (("J", self.J), ("dJ", self.dJ)) if value.ndim}
        own |= {
            name: value[where] for name, value in (("onsite", self.onsite), ("noise", self.noise)) if np.ndim(value)
        }
        if self.drive is not None:
            raise ValueError("a drive belongs to its own sites; set it on the new lattice with .replace(drive=...)")
        return replace(self, lattice=lattice, site=self.site.replace(**site), **own)

    def _origin(self) -> None:
        """Refuse to move values that belong to the sites or bonds of a lattice which is itself a piece of another."""
        values = {**self.site.parameters(), "J": self.J, "dJ": self.dJ, "onsite": self.onsite, "noise": self.noise}
        many = [name for name, value in values.items() if np.ndim(value)]
        derived = (self.lattice.sublattice != np.arange(self.sites)).any() or (
            self.lattice.parent_bond != np.arange(len(self.lattice.bonds))
        ).any()
        if many and derived:
            raise ValueError(
                f"{many[0]} differs over {self.lattice!r}, whose pieces remember only the sites of the original "
                "crystal; use net.crystal().on(net.crystal().lattice.ribbon(...)) or the like"
            )

    def crystal(self) -> Self:
        """The same network on a lattice that counts as an original: pieces cut from it remember its own sites."""
        own = self.lattice.replace(sublattice=None, parent_bond=None, cuts=Cuts.none())
        return self.replace(lattice=own)

    def wrapped(self, variables: dict[str, Any], more: dict[str, Any], *, title: str, **attributes: Any) -> xr.Dataset:
        """A Dataset of results, with the coordinates of the sites where they are needed and the parameters."""
        return output.wrapped(self, variables, more, title=title, **attributes)

    def replace(self, **changes: Any) -> Self:
        """A copy with some parameters changed: its own, or those of its Site."""
        own = {field.name for field in fields(self)}
        unknown = set(changes) - own - set(SITE)
        if unknown:
            raise TypeError(f"Network has no parameter {sorted(unknown)}; it has {sorted(own | set(SITE))}")
        names = changes.get("units", self.units)
        of_site = {n: in_units(n, v, NETWORK.get(n, NUMBER), names) for n, v in changes.items() if n in SITE}
        site = changes.get("site", self.site).replace(**of_site)
        return replace(self, **{n: v for n, v in changes.items() if n in own} | {"site": site})

    def batch(self, **values: np.ndarray) -> Self | None:
        """The same network with one value (B,) per element of a batch; None where a batch is not as many runs.

        The noise of a batch is drawn together, and its elements share hopping and g.
        """
        if self.noisy or not set(values) <= set(BATCHED):
            return None
        return self.replace(**{name: value[:, None] for name, value in values.items()})

    @property
    def state_shape(self) -> tuple[int, int]:
        """(N, 2), (site, spin)."""
        return self.sites, 2

    def parameters(self) -> dict[str, Any]:
        """Every parameter by name, for the record."""
        own = {name: getattr(self, name) for name in ("J", "dJ", "epsilon", "onsite", "drive", "noise")}
        lattice = {f"lattice.{name}": value for name, value in self.lattice.parameters().items()}
        return self.site.parameters() | own | lattice

    @property
    def record(self) -> dict[str, Any]:
        """The parameters as a Dataset keeps them."""
        return {name: _recorded(value) for name, value in self.parameters().items()}

    # What lp.steady_state asks for.

    usual_start: ClassVar[str] = "aligned"
    residual: ClassVar[float] = 1e-12

    @property
    def drive_frequency(self) -> float | None:
        """That of a constant coherent drive, in whose frame the equation is written; None without one."""
        return None if self.drive is None else 0.0

    @on_one_thread
    def vacuum_growth(self) -> tuple[float, float]:
        """The largest Im w of the empty lattice at k = 0, and its error, 0."""
        return float(np.linalg.eigvals(self.empty(True)(np.zeros(2))).imag.max()), 0.0

    def more_gain(self, rate: float) -> str:
        """What to raise so that the rate of an amplitude grows by more than this."""
        return f"p of every site, by more than {2 * rate:.4g}"

    def relaxation(self, drawn: bool) -> float:
        """How long it takes to a stationary state, from noise; from a named start there is nothing to wait for."""
        return 5000.0 if drawn else 0.0

    unrest: ClassVar[str] = ""

    def beside(self, psi: np.ndarray) -> np.ndarray:
        """What an evolution starts from."""
        return psi

    def begin(self, psi0: Any) -> tuple[np.ndarray, None, float, tuple[str, ...]]:
        """What a search starts from; as :meth:`read`."""
        return self.read(psi0)

    def imbalance(self, psi: np.ndarray, mu: float) -> np.ndarray:
        """F = i dpsi/dt - mu psi, 0 in a stationary state."""
        return 1j * self.rhs(psi) - mu * psi

    def corrector(self) -> Callable[[np.ndarray, float, np.ndarray], tuple[np.ndarray, float]]:
        """The steps (d, dmu) of Newton's method, a function of (psi, mu, F)."""
        return lambda psi, mu, F: stability.correction(self.linearised(psi, mu), psi, F, self.drive is not None)

    # What lp.evolve asks for.

    def default_integrator(self, dt: float | None = None) -> Integrator:
        """Strang with noise, otherwise Blanes-Moan."""
        return Strang() if self.noisy else BlanesMoan()

    def engine(self, psi: np.ndarray, _: Any = None, *, rng: Any = None, threads: Any = 1) -> NetworkEngine:
        """The running state that starts from psi (..., N, 2)."""
        psi = self._fitting(psi)
        self._batched(psi.shape[:-2])
        return NetworkEngine(self, psi, np.random.default_rng(rng))

    def read(self, psi0: Any) -> tuple[np.ndarray, None, float, tuple[str, ...]]:
        """(psi, None, t, batch dimensions) of an array, the name of a start, or the last time of a Dataset.

        Raises
        ------
        TypeError
            It holds no numbers.
        ValueError
            It does not fit the sites, or is not finite.
        """
        if isinstance(psi0, xr.Dataset) or (isinstance(psi0, xr.DataArray) and not unnamed(psi0)):
            return self._stored(psi0)
        psi = self._fitting(self.start(psi0) if isinstance(psi0, str) else psi0)
        batch = psi.ndim - 2
        return psi, None, 0.0, ("batch",) if batch == 1 else tuple(f"batch_{i}" for i in range(batch))

    def _stored(self, psi0: xr.Dataset | xr.DataArray) -> tuple[np.ndarray, None, float, tuple[str, ...]]:
        """What :meth:`read` makes of a state whose dimensions have names."""
        last = psi0.isel(time=-1) if "time" in psi0.dims else psi0
        t = time_of(last, self.units)
        if isinstance(last, xr.Dataset):
            if "psi" not in last:
                raise ValueError(f"psi0 holds {list(last.data_vars)}, but no psi to start from")
            last = last["psi"]
        if not set(PSI) <= set(last.dims):
            raise ValueError(
                f"psi0 is not of a network: it needs psi with the dimensions {PSI}, there is {last.dims}; give what "
                "lp.evolve or lp.steady_state return for a lp.Network, or an array"
            )
        return self._fitting(last), None, t, tuple(str(dim) for dim in last.dims if dim not in PSI)

    def frame(self, engine: Any, t: float, names: Sequence[str], dims: tuple[str, ...], seed: int) -> xr.Dataset:
        """The Dataset of the state at time t; see :data:`latticepol.network.output.VARIABLES` for the names."""
        return output.frame(self, engine.psi.reshape(engine.shape), t, names, dims, seed)

    @cached_property
    def timing(self) -> Timing:
        """When its functions of time change."""
        given = {"p": self.site.p, "delta": self.site.delta, "drive": self.drive}
        return together(timing(value, name) for name, value in given.items() if callable(value))

    def check_adaptive(self, integrator: Integrator) -> None:
        """Refuse to estimate errors of a noisy evolution."""
        if self.noisy:
            raise ValueError("tol needs a smooth solution, which noise is not; give dt")
        self._composed(integrator)

    def check_step(
        self, engine: NetworkEngine, integrator: Integrator, dt: float, times: Sequence[float] = (0.0,)
    ) -> None:
        """Refuse a step that cannot work, and warn of what no error estimate sees.

        Raises
        ------
        ValueError
            dt <= 0, dt too large for the local rates, an integrator without noise or not for networks.
        """
        self._composed(integrator)
        if not (np.isfinite(dt) and dt > 0):
            raise ValueError(f"dt = {dt} must be > 0")
        if self.noisy and not integrator.carries_noise:
            raise ValueError(f"{integrator} does not carry noise; a network with noise needs lp.Strang()")
        c, number = [self.local(t) for t in times], np.abs(engine.psi) ** 2
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
        if integrator.order == 2 and self.drive is not None and not engine.batch:
            c0, local = c[0], equation.energies(engine.psi[0], c[0]).real
            shift = splitting_shift(self._hopped, local, np.ones((self.sites, 2), complex), dt)
            warn_of_shift(integrator, dt, shift, float(-np.mean(c0.p)))

    def _hopped(self, psi: np.ndarray) -> np.ndarray:
        return (self.hopping_matrix @ psi.ravel()).reshape(psi.shape)

    def _waves(self) -> Waves:
        """The lowest and the highest energy of the hopping, whose losses are left out."""
        H = 0.5 * (self.hopping_matrix + self.hopping_matrix.conj().T)
        return Waves(extremes(H).reshape(2, 1, 1), np.zeros((2, 1, 1)))

    def computed(self, shape: tuple[int, ...], times: Sequence[float]) -> list[Any]:
        """What the network computes, for the comparison with a checkpoint: its hopping, and the rest at some times."""
        moving: list[Any] = [self.local(t) for t in times] if self.moving else [self.local()]
        return [*self.hopping, moving, [self.drive_at(t) for t in times] if callable(self.drive) else self.drive]

    def __repr__(self) -> str:
        rows = [(repr(self.lattice), "")]
        values = self.parameters()
        for names, formula in PARTS:
            texts = [f"{name} = {_shown(values[name])}" for name in names if values[name] is not None]
            rows += [(", ".join(texts), formula)] if texts else []
        return tree("Network", rows, f"default integrator: {self.default_integrator()!r}")

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

    def _at(self, name: str, function: Callable[[float], Any], t: float) -> np.ndarray:
        """What a function of time returns."""
        need = f"a number, or one for each of the {self.sites} sites"
        return read_array(f"{name}(t = {t:g})", function(t), dims=("site",), need=need)

    def _over_sites(self, name: str, value: Any) -> np.ndarray:
        array = np.asarray(value, float)
        if array.ndim and array.shape[-1] not in (1, self.sites):
            raise ValueError(
                f"{name} has shape {array.shape}; the cell has {self.sites} sites: give (..., {self.sites})"
            )
        return np.broadcast_to(array, (*array.shape[:-1], self.sites))

    def _fitting(self, psi: Any, *, finite: bool = True) -> np.ndarray:
        """Amplitudes (..., N, 2), which nobody else holds, of an array or of what has the dimensions site and spin."""
        if hasattr(psi, "dtype"):
            complex_values("psi", psi)
        labels, need = SPINS | {"site": range(self.sites)}, f"amplitudes (..., {self.sites}, 2)"
        array = read_array("psi", psi, real=False, finite=finite, dims=PSI, labels=labels, need=need)
        if array.shape[-2:] != (self.sites, 2):
            raise ValueError(f"psi has shape {array.shape}, need (..., {self.sites}, 2), which is (..., site, spin)")
        return array.astype(complex, copy=False)


def _array(
    name: str, value: Any, shapes: Sequence[tuple[int, ...]], what: str, dims: Sequence[str] = (), *, real: bool = False
) -> np.ndarray:
    """A read-only array of one of the shapes; complex where it has an imaginary part."""
    array = read_array(name, value, real=real, dims=dims if shape_of(value) else (), labels=SPINS, need=what)
    if array.shape not in shapes:
        raise ValueError(f"{name} has shape {array.shape}, need {' or '.join(map(str, shapes))}: {what}")
    if np.abs(array).max(initial=0.0) > LARGEST:
        raise ValueError(f"{name} = {np.abs(array).max():g} is larger than {LARGEST:g}; give a smaller one")
    array = array.real.copy() if not array.imag.any() else array
    array.flags.writeable = False
    return array


def _shown(value: Any) -> str:
    if isinstance(value, np.ndarray):
        return f"{value:g}" if value.ndim == 0 else f"array{value.shape}"
    return getattr(value, "__name__", repr(value)) if callable(value) else f"{value:g}"


def _recorded(value: Any) -> Any:
    if callable(value):
        return f"{getattr(value, '__name__', 'function')}(t)"
    if isinstance(value, np.ndarray) and value.dtype.kind == "c":
        return str(value.tolist()) if value.size < 64 else f"complex array{value.shape}"
    return value
