"""Network: coupled condensates on the sites of a lattice."""

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any, Self

import numpy as np

from latticepol.arrays import by_label, leading, named, read_array, read_number, shape_of
from latticepol.errors import check_function
from latticepol.lattice import Lattice
from latticepol.lattice.geometry import Cuts
from latticepol.network.evolvable import SITE
from latticepol.network.stationary import StationaryNetwork
from latticepol.network.strip import NetworkRibbon, replaced_hoppings
from latticepol.printing import tree
from latticepol.pseudospin import Site
from latticepol.results.variables import check_units
from latticepol.units.limits import unlikely
from latticepol.units.reading import COMPLEX_RATE, NUMBER, RATE, RATE_SQUARED, Kind
from latticepol.units.texts import in_units

#: No amplitude or rate is larger: their products leave the numbers.
LARGEST_NUMBER = 1e100
#: A covariance is Hermitian and >= 0 up to this part of its largest number.
ROUNDING = 1e-12
#: What may differ along a batch; the hopping and g are shared.
BATCHED = ("p", "a", "delta", "a2")
#: Dimensions of its parameters, all in one unit of energy; its Site is in the same one.
NETWORK: dict[str, Kind] = {
    **dict.fromkeys(("p", "delta", "epsilon"), RATE),
    **dict.fromkeys(("J", "dJ", "onsite"), COMPLEX_RATE),
    "noise": RATE_SQUARED,
}
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
class Network(StationaryNetwork):
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
        Strength D: complex white noise ``<xi_s(t) xi_s'^*(t')> = D_ss' delta(t - t')`` in dpsi_s/dt: a number, or one
        per site (N,), the same for both spins, ``D_ss' = D delta_ss'``; or a covariance (2, 2), or one per site
        (N, 2, 2). That of dichroic loss is ``D + D_x sigma_x``: the polarisations s_x = -1 and +1 get D - D_x and
        D + D_x (docs/physics.md, section 3).
    units
        Names of the units of time and of length, ``lp.units.PS_UM``, in which wavevectors, areas and velocities of
        results are named too; with ``{"time": "ps"}`` alone lengths are those of the lattice, without a unit. None:
        dimensionless. With units J, dJ, epsilon, onsite and noise, and p and delta in ``replace``, may be texts such as
        "0.1 meV"; what is kept are the numbers that they are in these units. The site has none:
        ``lp.Site(p=lp.units.rate("20 ueV"), ...)``. A rate far from what any cavity has is warned of.

    Raises
    ------
    TypeError
        The lattice is not a Lattice, the site not a Site, or what should be numbers is not.
    ValueError
        An array does not fit the sites or bonds, a number is not finite, noise is no covariance (< 0, not Hermitian);
        a text with a unit has the wrong dimension or meets a network without units.
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
                f"Network({type(self.lattice).__name__}, {type(self.site).__name__}) must have a Lattice and a "
                "Site; give for example lp.lattice.honeycomb() and lp.Site(p=0.1, a=2.28, g=1.0)"
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
            set_(self, "noise", _covariance(self.noise, sites))
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

    def cut_ribbon(
        self, width: int, edge: str | tuple[int, int], *, compensated: bool, wall: float | None, pad: int, basis: int
    ) -> NetworkRibbon:
        """Return a ribbon; with ``compensated`` terms on its outer sites replace the missing hoppings."""
        crystal = self.crystal()
        lattice = crystal.lattice.ribbon(width, edge)
        if lattice.across().max() == 0:
            raise ValueError(f"width = {width} leaves one row of sites, which has no two edges; use a larger width")
        return NetworkRibbon(crystal.on(lattice, compensated=compensated), lattice, relaxes=not compensated)

    def on(self, lattice: Lattice, *, compensated: bool = False) -> Self:
        """Return the same network on a ribbon, patch or supercell: parameters follow their sites and bonds.

        With ``compensated`` 2x2 terms on its outer sites replace the hoppings that were cut: a state that is the
        same at all sites stays stationary.
        """
        where, bond = lattice.sublattice, lattice.parent_bond
        self._origin()
        site = {
            name: value[..., where]
            for name, value in self.site.parameters().items()
            if isinstance(value, np.ndarray) and value.shape[-1] > 1
        }
        own = {name: value[bond] for name, value in (("J", self.J), ("dJ", self.dJ)) if value.ndim}
        own |= {name: value[where] for name, value in self._by_site().items()}
        if self.drive is not None:
            raise ValueError("a drive belongs to its own sites; set it on the new lattice with .replace(drive=...)")
        piece = replace(self, lattice=lattice, site=self.site.replace(**site), **own)
        if not compensated:
            return piece
        J, dJ = (np.broadcast_to(x, len(self.lattice.bonds)) for x in (self.J, self.dJ))
        return replace(piece, onsite=replaced_hoppings(lattice, J, dJ) + piece._onsite_matrices())

    def _origin(self) -> None:
        """Refuse to move values that belong to the sites or bonds of a lattice which is itself a piece of another."""
        values = {**self.site.parameters(), "J": self.J, "dJ": self.dJ, **self._by_site()}
        many = [name for name, value in values.items() if np.ndim(value)]
        derived = (self.lattice.sublattice != np.arange(self.sites)).any() or (
            self.lattice.parent_bond != np.arange(len(self.lattice.bonds))
        ).any()
        if many and derived:
            raise ValueError(
                f"{many[0]} differs over {self.lattice!r}, whose pieces remember only the sites of the original "
                "crystal; use net.crystal().on(net.crystal().lattice.ribbon(...)) or the like"
            )

    def _by_site(self) -> dict[str, np.ndarray]:
        """Return what there is of onsite terms and noise site by site."""
        alike = np.ndim(self.noise) in (0, 2)
        values = {"onsite": self.onsite} if alike else {"onsite": self.onsite, "noise": self.noise}
        return {name: value for name, value in values.items() if value is not None}

    def crystal(self) -> Self:
        """Return the same network on a lattice that counts as an original: pieces cut from it remember its own
        sites."""
        own = self.lattice.replace(sublattice=None, parent_bond=None, cuts=Cuts.none())
        return self.replace(lattice=own)

    def replace(self, **changes: Any) -> Self:
        """Return a copy with some parameters changed: its own, or those of its Site."""
        own = {field.name for field in fields(self)}
        unknown = set(changes) - own - set(SITE)
        if unknown:
            raise TypeError(f"Network has no parameter {sorted(unknown)}; it has {sorted(own | set(SITE))}")
        names = changes.get("units", self.units)
        of_site = {n: in_units(n, v, NETWORK.get(n, NUMBER), names) for n, v in changes.items() if n in SITE}
        site = changes.get("site", self.site).replace(**of_site)
        return replace(self, **{n: v for n, v in changes.items() if n in own} | {"site": site})

    def batch(self, **values: np.ndarray) -> Self | None:
        """Return the same network with one value (B,) per element of a batch; None where a batch is not as many runs.

        The noise of a batch is drawn together, and its elements share hopping and g.
        """
        if self.noisy or not set(values) <= set(BATCHED):
            return None
        return self.replace(**{name: value[:, None] for name, value in values.items()})

    def parameters(self) -> dict[str, Any]:
        """Return every parameter by name, for the record."""
        own = {name: getattr(self, name) for name in ("J", "dJ", "epsilon", "onsite", "drive", "noise")}
        lattice = {f"lattice.{name}": value for name, value in self.lattice.parameters().items()}
        return self.site.parameters() | own | lattice

    @property
    def record(self) -> dict[str, Any]:
        """The parameters as a Dataset keeps them."""
        return {name: _recorded(value) for name, value in self.parameters().items()}

    def __repr__(self) -> str:
        rows = [(repr(self.lattice), "")]
        values = self.parameters()
        for names, formula in PARTS:
            texts = [f"{name} = {_shown(values[name])}" for name in names if values[name] is not None]
            rows += [(", ".join(texts), formula)] if texts else []
        return tree("Network", rows, f"default integrator: {self.default_integrator()!r}")


def _array(
    name: str,
    value: object,
    shapes: Sequence[tuple[int, ...]],
    what: str,
    dims: Sequence[str] = (),
    *,
    real: bool = False,
) -> np.ndarray:
    """Return a read-only array of one of the shapes; complex where it has an imaginary part."""
    array = read_array(name, value, real=real, dims=dims if shape_of(value) else (), need=what)
    if array.shape not in shapes:
        raise ValueError(f"{name} must have shape {' or '.join(map(str, shapes))}, {what}; got {array.shape}")
    if np.abs(array).max(initial=0.0) > LARGEST_NUMBER:
        raise ValueError(f"{name} = {np.abs(array).max():g} is larger than {LARGEST_NUMBER:g}; give a smaller one")
    array = array.real.copy() if not array.imag.any() else array
    array.flags.writeable = False
    return array


def _covariance(noise: object, sites: int) -> np.ndarray:
    """Return the strength of white noise, one of all sites or one per site: numbers >= 0, or matrices (2, 2)."""
    matrices = len(shape_of(noise)) > 1
    given = leading(by_label("noise", noise) if named(noise) else noise, "site")
    shapes: list[tuple[int, ...]] = [(2, 2), (sites, 2, 2)] if matrices else [(), (sites,)]
    what = "a number, one per site, or one or as many covariances (2, 2) of the spins"
    D = _array("noise", given, shapes, what, () if matrices else ("site",), real=not matrices)
    size = np.abs(D).max()
    if matrices and np.abs(D - D.conj().swapaxes(-1, -2)).max() > ROUNDING * size:
        raise ValueError(f"noise must be Hermitian, a covariance; got {D.tolist()}: give (D + D^dagger)/2")
    least = float(np.linalg.eigvalsh(D).min() + ROUNDING * size if matrices else D.min())
    if least < 0:
        raise ValueError(f"noise = {least:g} is not a strength; give a number >= 0, or a positive matrix")
    return D


def _shown(value: object) -> str:
    if isinstance(value, np.ndarray):
        return f"{value:g}" if value.ndim == 0 else f"array{value.shape}"
    return getattr(value, "__name__", repr(value)) if callable(value) else f"{value:g}"


def _recorded(value: object) -> Any:
    if callable(value):
        return f"{getattr(value, '__name__', 'function')}(t)"
    if isinstance(value, np.ndarray) and value.dtype.kind == "c":
        return str(value.tolist()) if value.size < 64 else f"complex array{value.shape}"
    return value
