"""The door from a field on a lattice to the network that it approximates (docs/physics.md, section 6)."""

from typing import Any, Literal, Protocol

import numpy as np
import xarray as xr

from latticepol.arrays import read_choice, read_integer
from latticepol.errors import kind
from latticepol.gpe.field_model import FieldModel
from latticepol.gpe.linear_response import problem
from latticepol.gpe.linear_response.bloch import BogoliubovMatrix
from latticepol.lattice import Lattice
from latticepol.lattice.standard import neighbours
from latticepol.linear_problem import BASIS
from latticepol.model import Stationary, check_model
from latticepol.network import Network
from latticepol.network.output import PSEUDOSPIN_AXES
from latticepol.numerics.blas import on_one_thread
from latticepol.pseudospin import Site
from latticepol.reduction.tight_binding import SAME_IN_A_NETWORK, Bonds, Sites, fit, shortened
from latticepol.reduction.wannier import Wannier, ZoneModes
from latticepol.reduction.wells import wells
from latticepol.results.dataset import wrap
from latticepol.results.variables import derived_units

#: Wavevectors along each vector of the zone: Gamma, K and M are among 12.
DEFAULT_MESH = 12
#: Fewest wavevectors along each vector.
COARSEST_MESH = 4
#: Most wavevectors along each vector.
FINEST_MESH = 1000
#: Relative accuracy of the scalar Bloch modes: small hoppings are what is asked for.
BASIS_ACCURACY = 1e-8
#: Distances of wells that agree to this part are bonds of the same kind.
SAME_SHELL = 1e-2
#: Vectors of two lattices that agree to this part are the same.
SAME_VECTORS = 1e-8
#: A direct gap below this part of the width of the bands is closed.
CLOSED_PART = 1e-6
#: Sites whose saturations differ by more than this part make no network.
ALIKE = 0.05
ESTIMATES = ("overlaps", "fit")


class Field(FieldModel, Stationary, Protocol):
    """A field, ``lp.SpinorGPE``."""


@on_one_thread
def to_network(
    model: Field,
    lattice: Lattice | None = None,
    *,
    estimate: Literal["overlaps", "fit"] = "overlaps",
    mesh: int = DEFAULT_MESH,
    basis: int = BASIS,
) -> tuple[Network, xr.Dataset]:
    """Return the network that a field on a lattice of wells approximates, and how well (docs/physics.md, section 6).

    With the Wannier functions w_n of the lowest bands, ``Psi(r) = sum_n psi_n w_n(r)/sqrt(eta_n)``, ``eta_n = eta int
    w_n^4``, and H the linear part of the model with its gain and losses,

        <w_n| H |w_n> = E + (i/2) p + (delta/2) sz - (epsilon/2)(1 + i g) sx ,
        <w_n| H |w_m> = -[J + dJ (cos 2phi sx + sin 2phi sy)] ,    a1 = alpha1/eta ,  a2 = alpha2/eta .

    sign(dJ) = sign(beta). All numbers are in the unit of the model; E is in ``onsite``, so the bands and mu of both
    compare as they are. A gain that is not the same everywhere gives J an imaginary part; what it couples beyond the
    bonds is left out, so next to the threshold the net gain of all sites in phase is that of the field only if
    ``left_out`` is small next to it. Noise is left out.

    Parameters
    ----------
    model
        A field on one cell of the lattice, or for a ribbon or a patch in a box. It has saturable gain and interaction.
    lattice
        Its sites, in the wells, and the bonds that are kept; strengths are not used. None: the wells of the cell (the
        maxima of its lowest Bloch mode) and the shortest bonds between them; a lattice that is given also has the names
        of points of its zone.
    estimate
        "overlaps": J, dJ and E from the formulas; "fit": changed so that the bands without losses are nearest in the
        mean square, the same on all bonds. Everything else is from the overlaps. The report holds both.
    mesh
        Wavevectors along each vector, on which everything is computed.
    basis
        Scalar Bloch modes for the bands to compare with, more than the cell has sites.

    Returns
    -------
    network : Network
    report : xarray.Dataset
        ``J``, ``dJ`` (estimate, bond), complex, whole where the network rounds them, and ``onsite`` energies (estimate,
        site). Of the lowest two bands for every site, without losses and over the mesh: ``band_difference`` (estimate),
        the largest (rate), ``band_error`` (estimate), the same in percent of the mean abs(J), inf without bonds, and
        ``separation`` from the next band (rate), negative where they overlap. ``left_out``, the largest hopping to a
        site that is not a neighbour, and ``remainder``, the largest part of a bond of another form than above (rates);
        ``overlap`` int w^4 (1/area), ``saturation`` eta_n (rate) and ``position`` (site, axis) of each site;
        ``within``, the least part of a sum of trial Gaussians that lies in the bands; ``wannier`` (site, y, x), w_n on
        ``mesh`` cells.

    Raises
    ------
    TypeError
        model is not a ``lp.SpinorGPE``, lattice not a ``lp.Lattice``, or mesh or basis not a number.
    ValueError
        The lattice is not that of the cell, its sites are not in the wells, the gap above the lowest bands is closed or
        the potential uniform; the model has a reservoir, a drive, a Bloch phase, a term with its own action, a function
        of time or no saturation; the saturation differs between sites; alpha1 <= alpha2.
    """
    name = read_choice("estimate", estimate, ESTIMATES)
    mesh, basis = (
        read_integer("mesh", mesh, least=COARSEST_MESH, most=FINEST_MESH),
        read_integer("basis", basis, least=1),
    )
    eta = _check(model, lattice)
    bloch = problem.empty(model.without_noise(), True, basis, BASIS_ACCURACY)
    lattice = _found(model, bloch) if lattice is None else lattice.replace(strengths=None)
    sites = np.arange(len(lattice.basis))
    _check_lattice(model, lattice, mesh, basis)
    zone = ZoneModes.of(bloch, (mesh if lattice.dimension > 0 else 1, mesh if lattice.dimension > 1 else 1))
    _check_gap(zone, len(sites))
    functions = Wannier.of(zone, lattice.basis)
    own = Sites.of(functions.elements[0, 0, sites, :, sites])
    bonds = Bonds.of(functions.elements, lattice)
    bare = _network(model, lattice, own, bonds, eta)
    nets = {"overlaps": bare, "fit": _fitted(bare, zone.k, zone.spinors[0][:, : 2 * len(sites)])}
    report = _report(model, list(nets.values()), functions, bonds, eta)
    return nets[name], report.assign_attrs(estimate=name, lattice=repr(lattice))


def _report(model: Field, nets: list[Network], functions: Wannier, bonds: Bonds, eta: float) -> xr.Dataset:
    lattice, sites, w = nets[0].lattice, nets[0].sites, functions.functions
    wanted = functions.zone.spinors[0][:, : 2 * sites + 1]
    shifts = [(net.J - nets[0].J, net.dJ - nets[0].dJ) for net in nets]  # the overlaps whole, not as a network has them
    J, dJ = (np.stack([whole + shift[a] for shift in shifts]) for a, whole in enumerate((bonds.J, bonds.dJ)))
    off = np.array([np.abs(_bands(net, functions.zone.k) - wanted[:, :-1]).max() for net in nets])
    overlap = functions.grid.integrate(w**4)
    _check_alike(overlap)
    variables: dict[str, Any] = {
        "J": (("estimate", "bond"), J),
        "dJ": (("estimate", "bond"), dJ),
        "onsite": (("estimate", "site"), np.stack([_energies(net) for net in nets])),
        "band_difference": (("estimate",), off),
        "band_error": (("estimate",), 100 * off / np.abs(J).mean(axis=1) if J.size else np.full(2, np.inf)),
        "separation": ((), wanted[:, -1].min() - wanted[:, -2].max()),
        "left_out": ((), bonds.left_out),
        "remainder": ((), bonds.remainder),
        "overlap": (("site",), overlap),
        "saturation": (("site",), eta * overlap),
        "position": (("site", "axis"), lattice.basis),
        "within": ((), functions.within),
        "wannier": (("site", "y", "x"), w),
    }
    names = {"estimate": np.array(ESTIMATES), "site": np.arange(sites), "axis": PSEUDOSPIN_AXES[:2]}
    coords, units = names | functions.grid.coords, derived_units(model.units)
    return wrap(variables, coords, model.record, title="network of a field", units=units)


def _network(model: Field, lattice: Lattice, own: Sites, bonds: Bonds, eta: float) -> Network:
    a1, a2 = (float(np.max(model.equation.value(name, 0.0))) / eta for name in ("alpha1", "alpha2"))
    p, g, delta = (shortened(x, max(np.abs(x).max(), own.noise / SAME_IN_A_NETWORK)) for x in (own.p, own.g, own.delta))
    largest = float(np.abs(bonds.J).max(initial=0.0))
    losses = float(max(np.abs(own.p).max(), np.abs(own.epsilon * own.g).max()))
    J, dJ = (shortened(x, largest, losses) for x in (bonds.J, bonds.dJ))
    units = {name: text for name, text in (model.units or {}).items() if name in ("time", "length")} or None
    return Network(
        lattice,
        Site(p=p, a=a1 - a2, g=g, delta=delta, a2=a2),
        J,
        dJ,
        epsilon=own.epsilon,
        onsite=own.onsite(largest),
        units=units,
    )


def _fitted(net: Network, k: np.ndarray, wanted: np.ndarray) -> Network:
    """Return the network with J, dJ of all bonds and E of all sites moved so that the bands are nearest to those
    wanted."""
    one = 1.0 if net.onsite.ndim == 1 else np.eye(2)

    def moved(x: np.ndarray) -> Network:
        return net.replace(onsite=net.onsite + x[0] * one, J=net.J + x[1], dJ=net.dJ + x[2])

    scale = float(np.abs(net.J).max(initial=0.0)) or float(np.ptp(wanted)) or 1.0
    return moved(fit(lambda x: _bands(moved(x), k), wanted, scale))


def _bands(net: Network, k: np.ndarray) -> np.ndarray:
    return np.linalg.eigvalsh(net.bloch_hamiltonian(losses=False)(k))


def _energies(net: Network) -> np.ndarray:
    """Return E of every site."""
    energies: np.ndarray = net.onsite.real if net.onsite.ndim == 1 else 0.5 * np.einsum("nss->n", net.onsite).real
    return energies


def _found(model: Field, bloch: BogoliubovMatrix) -> Lattice:
    """Return the wells of the cell and the shortest bonds between them."""
    assert bloch.modes is not None
    vectors, basis = np.array(model.grid.vectors), wells(bloch.modes)
    return Lattice(vectors, basis, neighbours(vectors, basis, tol=SAME_SHELL), name="wells")


def _check(model: Field, lattice: Lattice | None) -> float:
    """Return the saturation eta of a model that has a network."""
    check_model(model, FieldModel, "a lp.SpinorGPE on a cell of a lattice")
    if lattice is not None and not isinstance(lattice, Lattice):
        raise TypeError(f"lattice is {kind(lattice)}; give a lp.Lattice whose sites are in the wells, or None")
    if any(model.grid.q):
        raise ValueError(f"the grid has the Bloch phase q = {model.grid.q}; all wavevectors are needed: use q = (0, 0)")
    for there, what, instead in (
        (model.equation.reservoir, "a Reservoir", "the lp.Gain of its fast limit, docs/physics.md, section 1"),
        (model.drive_frequency is not None, "a Drive", "no drive here, and drive=... to the network"),
        (bool(model.equation.actions), "a term with an action of its own", "a model without it"),
    ):
        if there:
            raise ValueError(f"the model has {what}, which has no place in the overlaps; give {instead}")
    eta = float(np.max(model.equation.value("eta", 0.0)))
    if eta <= 0:
        raise ValueError("eta = 0, and a network is in units of the saturation; give lp.Gain(W, Gamma, eta > 0)")
    return eta


def _check_lattice(model: Field, lattice: Lattice, mesh: int, basis: int) -> None:
    given = np.array(model.grid.vectors)[: lattice.dimension]
    if not np.allclose(given, lattice.vectors, rtol=0, atol=SAME_VECTORS * np.abs(given).max(initial=0.0)):
        raise ValueError(
            f"{model.grid!r} is not the cell of {lattice!r}; use lp.Grid.cell(lattice, n), or the lattice that has "
            "this cell, lattice.supercell(...)"
        )
    longest = 2 * np.abs(lattice.bonds[:, 2:]).max(initial=0)
    if longest >= mesh:
        raise ValueError(f"mesh = {mesh} is too coarse for bonds over {longest // 2} cells; give mesh > {longest}")
    if basis <= len(lattice.basis):
        raise ValueError(f"basis = {basis} Bloch modes for {len(lattice.basis)} sites; give more of them")


def _check_gap(zone: ZoneModes, sites: int) -> None:
    lowest, width = zone.open_above(sites), np.ptp(zone.energies[:, : sites + 1])
    if lowest <= CLOSED_PART * width:
        raise ValueError(
            f"the gap above the lowest {sites} scalar bands is closed: {lowest:.3g} where the bands are {width:.3g} "
            f"wide; give a deeper potential, or a lattice of all wells"
        )


def _check_alike(overlap: np.ndarray) -> None:
    if np.ptp(overlap) > ALIKE * overlap.mean():
        raise ValueError(
            f"int w^4, and with it the saturation, goes from {overlap.min():.4g} to {overlap.max():.4g} over the "
            f"sites, and must be the same to {ALIKE:g}: a network has one unit of amplitude; make the wells alike"
        )
