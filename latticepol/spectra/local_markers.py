"""The door to the topology of finite samples, site by site (docs/physics.md, section 5)."""

from typing import Any, NamedTuple, Protocol

import numpy as np
import xarray as xr

from latticepol.arrays import read_integer, read_number
from latticepol.lattice import Lattice
from latticepol.lattice.depth import area, depths
from latticepol.linear_problem import LinearProblem
from latticepol.model import Linearisable, check_model
from latticepol.numerics.blas import on_one_thread
from latticepol.spectra.arguments import read_problem
from latticepol.topology import marker

#: The bulk begins at this part of the largest depth.
BULK = 0.5
#: Modes for each site by which the bulk may miss the number that belongs to a gap: tails of edge and bound modes.
TAILS = 0.02
#: In a band the modes in BAND times this number take BAND times the room; a gap takes more than its part.
BAND = 5
#: Modes of one large matrix are found whole: a minute for 1000 sites, and as their third power beyond.
MOST_SITES = 3000
#: Localizer gap, as a part of the gap, below which the gap is closed.
OPEN_PART = 0.1


class Patch(Linearisable, Protocol):
    """A model on the sites of a finite piece."""

    @property
    def lattice(self) -> Lattice:
        """Its sites."""
        ...


class Cut(NamedTuple):
    """A gap of the bulk: its middle, its width, what counts there as a distance of modes in a band, and which modes
    (m,) are above it."""

    energy: float
    gap: float
    spacing: float
    above: np.ndarray


@on_one_thread
def local_chern(model: Patch, state: xr.Dataset | None = None, *, below: float, losses: bool = False) -> xr.Dataset:
    """Return the local Chern marker of a finite sample, with vacancies and disorder or without.

    With P the projector on the modes above a gap, from left and right vectors, and A the area for each site::

        c(r) = (2 pi i/A) <r| P x P y P - P y P x P |r>

    summed over the components of the site. The mean in the bulk is the Chern number of the gap as of :func:`chern`,
    which it nears slowly with the size; the sum over the sample is 0. Modes of the edges lie in the gap: it is where
    all modes, counted with their weight in the bulk, leave room. A second witness needs no projector: the smallest
    frequency of the spectral localizer at the deepest site (docs/physics.md, section 5).

    Parameters
    ----------
    model
        A ``lp.Network`` on a patch, ``net.on(lat.patch(lp.lattice.disk(12.0)))``; its sites may differ.
    state
        What ``lp.steady_state`` returns of it; None: the empty lattice.
    below
        Number of particle bands under the gap in the crystal from which the patch was cut, for each cell of its
        ``sublattice``: of a supercell of four honeycomb cells 7 bands are 7/4.
    losses
        For the empty lattice: with its gain and losses.

    Returns
    -------
    xarray.Dataset
        ``marker`` and ``bulk`` (site): c, and whether a site lies deeper than half of the largest depth; ``chern``, the
        mean of c over these sites; ``line_gap`` in which the bulk has no modes, and its middle ``energy``;
        ``localizer_gap``; of excitations ``smallest_norm`` of the modes above. Where the bulk has no gap, or partners
        reach it, ``chern`` and ``marker`` are NaN, and the attribute ``message`` says why.

    Raises
    ------
    TypeError
        The model has no sites, or no stationary states.
    ValueError
        It is periodic; below is not between 0 and the number of bands; there is no bulk.
    """
    check_model(model, Patch, "a lp.Network")
    lattice = model.lattice
    if lattice.dimension:
        raise ValueError(
            f"a local marker needs a finite sample; {lattice!r} has d = {lattice.dimension}: use "
            "net.on(net.lattice.patch(lp.lattice.disk(12.0))), or lp.chern for the crystal"
        )
    sites = read_integer("the number of sites", len(lattice.basis), least=1, most=MOST_SITES)
    what, growth = read_problem(model, state, losses, None)
    bands = int(lattice.sublattice.max() + 1) * what.particles // sites
    below = read_number("below", below, above=0, need="the bands under a gap, of each cell of lattice.sublattice")
    if below >= bands:
        raise ValueError(
            f"below must be < {bands}, the bands of a cell of lattice.sublattice; got {below:g}: of a patch of a "
            "supercell divide by its number of cells"
        )
    depth = depths(lattice.basis)
    bulk = depth > BULK * depth.max()
    if not depth.max() > 0:
        raise ValueError(f"a local marker needs a bulk; all {sites} sites lie at the edge: use a larger patch")
    matrix = what.matrix(np.zeros(2))
    omega, left, right = marker.all_modes(matrix, hermitian=what.hermitian, paired=what.paired)
    weight = _on_sites(what, (left.conj() * right).real)[bulk].sum(axis=0) / bulk.sum()
    cut = _gap_of(omega.real, weight, what.particles / sites * (1 - below / bands))
    rows = np.tile(np.repeat(lattice.basis, what.particles // sites, axis=0), (what.size // what.particles, 1))
    found = marker.local_marker(left[:, cut.above], right[:, cut.above], rows)
    c = _on_sites(what, found[:, None])[:, 0] * bulk.sum() / area(lattice.basis, bulk)
    damping = -float(omega[cut.above].imag.mean())
    deepest, kappa = lattice.basis[depth.argmax()], cut.gap / depth.max()
    localizer = marker.localizer_gap(matrix, rows, deepest, cut.energy, damping, kappa)
    numbers = {"line_gap": cut.gap, "energy": cut.energy, "localizer_gap": localizer}
    message = _closed(cut, localizer, below)
    if what.paired:
        norm = float(what.norms(right[None][..., cut.above]).min())
        numbers |= {"smallest_norm": norm, "growth_rate": growth}
        message = message or _partners(norm)
    c = np.full(sites, np.nan) if message else c
    numbers |= {"chern": float(c[bulk].mean())}
    variables: dict[str, Any] = {name: ((), value) for name, value in numbers.items()}
    variables |= {"marker": (("site",), c), "bulk": (("site",), bulk)}
    return model.to_dataset(variables, {}, title="local Chern marker", below=below, message=message)


def _on_sites(what: LinearProblem, rows: np.ndarray) -> np.ndarray:
    """Return numbers (rows, n) summed over the components of every site, (N, n)."""
    summed: np.ndarray = rows.reshape(-1, *what.positions, rows.shape[-1]).sum(axis=(0, 2))
    return summed


def _gap_of(omega: np.ndarray, weight: np.ndarray, above: float) -> Cut:
    """Return the gap above which there are ``above`` modes for each site of the bulk, where modes weigh (m,)."""
    count = np.cumsum(weight[::-1])[::-1]  # of this mode and those above it

    def frequency(number: float) -> float:
        return float(omega[np.flatnonzero(count >= min(number, count[0]))[-1]])

    bottom, top = frequency(above - TAILS), frequency(above + TAILS)
    around = frequency(above - BAND * TAILS) - frequency(above + BAND * TAILS)
    energy = 0.5 * (bottom + top)
    return Cut(energy, bottom - top, around / BAND, omega > energy)


def _closed(cut: Cut, localizer: float, below: float) -> str:
    fix = "compare with lp.gap of the crystal, or take a larger patch"
    if cut.gap <= cut.spacing:
        return (
            f"the bulk has no gap above {below:g} bands: {cut.gap:.3g} must be > {cut.spacing:.3g}, what as few modes "
            f"take in a band; {fix}"
        )
    if localizer >= OPEN_PART * cut.gap > 0:
        return ""
    return (
        f"the bulk has no gap above {below:g} bands: the gap of the spectral localizer, {localizer:.3g}, must be "
        f">= {OPEN_PART * cut.gap:.3g}; {fix}"
    )


def _partners(norm: float) -> str:
    if norm > 0:
        return ""
    return (
        f"hole partners reach the gap: norms u^2 - v^2 of modes above it must be > 0; one is {norm:.3g}: particle "
        "bands must lie above the phase mode (larger z J)"
    )
