"""The one table of variables: what a result may be called, its physical dimension, its name in full; and unit names."""

from collections.abc import Mapping
from typing import NamedTuple

from latticepol.errors import short


class Variable(NamedTuple):
    """What the table knows about one name: its text for axes and its physical dimension."""

    long_name: str
    dimension: str = "dimensionless"


VARIABLES: dict[str, Variable] = {
    # coordinates
    "p": Variable("pump above threshold p"),
    "a": Variable("spin anisotropy of the interaction a"),
    "g": Variable("dissipative splitting g"),
    "delta": Variable("Zeeman splitting delta"),
    "time": Variable("time", "time"),
    "axis": Variable("pseudospin component"),
    "realization": Variable("realisation"),
    "x": Variable("x", "length"),
    "y": Variable("y", "length"),
    "spin": Variable("spin (+: right circular)"),
    # fields
    "psi": Variable("field psi", "field"),
    "reservoir": Variable("reservoir density n", "density"),
    "batch": Variable("element of the batch"),
    "number": Variable("number of particles"),
    "energy": Variable("energy E", "rate"),
    "gain": Variable("particles gained per unit time", "rate"),
    "loss": Variable("particles lost per unit time", "rate"),
    "drive": Variable("particles brought by the drive per unit time", "rate"),
    # networks
    "site": Variable("site"),
    "sublattice": Variable("sublattice"),
    "start": Variable("start of the search"),
    "mu": Variable("frequency of the condensate mu", "rate"),
    "phase_mode": Variable("frequency |omega| of the phase mode, 0 without truncation", "rate"),
    "certified": Variable("growth was looked for everywhere that the attribute certificate names"),
    "k_fastest": Variable("wavevector of the fastest growing mode", "wavevector"),
    "omega_fastest": Variable("frequency of the fastest growing mode", "rate"),
    "residual": Variable("residual max |i dpsi/dt - mu psi| / max |psi|", "rate"),
    # spectra
    "mode": Variable("mode, by frequency"),
    "nambu": Variable("particle (u) or hole (v) part"),
    "right": Variable("right vector"),
    "left": Variable("left vector"),
    "direct_gap": Variable("direct gap", "rate"),
    "line_gap": Variable("line gap", "rate"),
    "k_gap": Variable("wavevector of the direct gap", "wavevector"),
    "chern": Variable("Chern number of everything below the gap"),
    "linewidth": Variable("larger linewidth (FWHM) of the two modes at the direct gap", "rate"),
    "resolved": Variable("smallest ratio of gap to linewidth over all k"),
    "neighbour": Variable("what bounds the gap, a particle or a partner"),
    "smallest_norm": Variable("smallest norm |u^2 - v^2| of the separated modes"),
    "basis_error": Variable("change of the gaps in a larger basis", "rate"),
    "berry_curvature": Variable("Berry curvature of everything below the gap", "area"),
    "marker": Variable("local Chern marker"),
    "bulk": Variable("whether the site is counted to the bulk"),
    "localizer_gap": Variable("gap of the spectral localizer", "rate"),
    "edge": Variable("edge of the ribbon"),
    "edge_modes": Variable("modes of an edge that cross upward, less those that cross downward"),
    "edge_weight": Variable("weight of a mode near an edge"),
    "velocity": Variable("group velocity along the ribbon", "velocity"),
    # the network of a field
    "estimate": Variable("how J, dJ and the energies were found"),
    "bond": Variable("bond"),
    "J": Variable("hopping J", "rate"),
    "dJ": Variable("TE-TM hopping dJ", "rate"),
    "onsite": Variable("energy of the site", "rate"),
    "band_difference": Variable("largest difference of the bands", "rate"),
    "band_error": Variable("largest difference of the bands in percent of J"),
    "separation": Variable("separation from the next band", "rate"),
    "left_out": Variable("largest hopping to a site that is not a neighbour", "rate"),
    "remainder": Variable("largest part of a bond that is not J or dJ", "rate"),
    "overlap": Variable("integral of w^4", "density"),
    "saturation": Variable("saturation of the site eta int w^4", "rate"),
    "position": Variable("position of the site", "length"),
    "within": Variable("least part of the trial functions in the bands"),
    "wannier": Variable("Wannier function w", "field"),
    # observables of a field
    "direction": Variable("direction"),
    "density": Variable("density |psi|^2", "density"),
    "S": Variable("half the total density S", "density"),
    "S_x": Variable("Stokes parameter S_x", "density"),
    "S_y": Variable("Stokes parameter S_y", "density"),
    "S_z": Variable("Stokes parameter S_z", "density"),
    "polarisation": Variable("degree of polarisation"),
    "linear_polarisation": Variable("degree of linear polarisation"),
    "circular_polarisation": Variable("degree of circular polarisation S_z/S"),
    "phase": Variable("phase"),
    "relative_phase": Variable("phase of psi_- relative to psi_+"),
    "current": Variable("current of the total density", "current"),
    "kinetic_current": Variable("kinetic current of a spin component", "current"),
    "vortex_x": Variable("x of the vortex", "length"),
    "vortex_y": Variable("y of the vortex", "length"),
    "charge": Variable("charge of the vortex"),
    "kx": Variable("k_x", "wavevector"),
    "ky": Variable("k_y", "wavevector"),
    "amplitude": Variable("amplitude of a plane wave"),
    "momentum_density": Variable("population of a plane wave"),
    "omega": Variable("frequency omega", "rate"),
    "spectral_density": Variable("population per frequency", "time"),
    "stokes": Variable("Stokes component"),
    "stokes_noise": Variable("noise of the Stokes components per frequency", "density noise"),
    "response": Variable("linear response chi", "time"),
    "probe": Variable("spin of the probe"),
    "dx": Variable("separation along x", "length"),
    "dy": Variable("separation along y", "length"),
    "g1": Variable("first-order coherence g1"),
    "domain_number": Variable("number of spin domains"),
    "domain_area": Variable("mean area of a spin domain", "area"),
    "largest_domain": Variable("area of the largest spin domain", "area"),
    "up_fraction": Variable("fraction of the area with S_z >= 0"),
    "W": Variable("gain W", "rate"),
    "equation": Variable("equation"),
    "correlation_length": Variable("correlation length of the sign of S_z", "length"),
    # sweeps: what is said about a point, and parameters that become axes
    "status": Variable("how the computation of the point ended"),
    "message": Variable("why the computation of the point failed"),
    "seed": Variable("seed of the random numbers of the point"),
    "mass": Variable("mass m", "mass"),
    "nu": Variable("momentum damping nu"),
    "epsilon": Variable("linear splitting epsilon", "rate"),
    "gamma": Variable("splitting of the losses gamma", "rate"),
    "beta": Variable("half the TE-TM splitting over k^2, beta", "diffusivity"),
    "Delta": Variable("Zeeman splitting Delta", "rate"),
    "V": Variable("potential V", "rate"),
    "W_scale": Variable("power of the gain, in units of W"),
    "P_scale": Variable("power of the pump, in units of P"),
    "F_scale": Variable("amplitude of the drive, in units of F"),
    "V_scale": Variable("depth of the potential, in units of V"),
    "Delta_scale": Variable("strength of the Zeeman splitting, in units of Delta"),
    "Gamma": Variable("loss Gamma", "rate"),
    "eta": Variable("saturation of the gain eta", "diffusivity"),
    "alpha1": Variable("interaction of equal spins alpha_1", "diffusivity"),
    "alpha2": Variable("interaction of opposite spins alpha_2", "diffusivity"),
    "Gamma_R": Variable("loss of the reservoir Gamma_R", "rate"),
    "g_R": Variable("interaction with the reservoir g_R", "diffusivity"),
    "g_cross": Variable("interaction with the reservoir of the other spin", "diffusivity"),
    "tau_s": Variable("spin relaxation time of the reservoir", "time"),
    "a2": Variable("interaction of opposite spins over the saturation a_2"),
    # wavevectors of a lattice
    "wavevector": Variable("wavevector k", "wavevector"),
    "k": Variable("wavevector along the ribbon", "wavevector"),
    "k1": Variable("k along B1"),
    "k2": Variable("k along B2"),
    "distance": Variable("distance along the path", "wavevector"),
    "point": Variable("high-symmetry point"),
    # single condensate: states
    "pseudospin": Variable("pseudospin s", "density"),
    "stable": Variable("linearly stable"),
    "growth_rate": Variable("largest growth rate", "rate"),
    "label": Variable("kind of state"),
    "order": Variable("order of the spins of a network"),
    "g_eff": Variable("effective g-factor enhancement"),
    "chi": Variable("field susceptibility chi"),
    "number_of_states": Variable("number of states"),
    # single condensate: special points and curves
    "p_c": Variable("pump at the pitchfork p_c"),
    "s_c": Variable("condensate size at the pitchfork s_c", "density"),
    "supercritical": Variable("pitchfork is supercritical"),
    "stable_below": Variable("the bifurcating state is stable below the pitchfork"),
    "kind": Variable("kind of special point"),
    "opens": Variable("side of the fold on which its two states exist (+1: above, -1: below)"),
    "special_p": Variable("pump at the special point"),
    "special_delta": Variable("Zeeman splitting at the special point"),
    "special_pseudospin": Variable("pseudospin at the special point", "density"),
    "special_kind": Variable("kind of special point"),
    "special_branch": Variable("branch of the special point"),
    "special_point": Variable("place of the special point on its branch"),
    "special_k": Variable("wavevector at which growth begins", "wavevector"),
    "special_frequency": Variable("frequency of what begins to grow", "rate"),
    "mean_density": Variable("mean density of a component", "density"),
    # single condensate: excitations
    "Omega": Variable("precession frequency Omega", "rate"),
    "Omega_z": Variable("precession frequency about the z axis Omega_z", "rate"),
    "gamma_p": Variable("damping of the precession gamma_p", "rate"),
    "Gamma_p": Variable("relaxation rate of the third mode Gamma_p", "rate"),
    "rotation_axis": Variable("direction of the effective field"),
    "u1": Variable("real part of the precessing eigenvector u_1"),
    "u2": Variable("imaginary part of the precessing eigenvector u_2"),
    "v3": Variable("eigenvector of the third mode v_3"),
    # single condensate: ensembles
    "probability": Variable("probability of alignment P"),
    "standard_error": Variable("standard error of P"),
    "settled": Variable("realisations that settled on a state"),
    "unsettled": Variable("realisations that did not settle"),
    "died": Variable("realisations that died out"),
}


def entry_of(name: str) -> Variable | None:
    """Return what the table knows of a name; right_n and left_n are vectors, whatever n it is that moves along."""
    side, _, moving = name.partition("_")
    if name not in VARIABLES and side in ("right", "left") and moving:
        return Variable(f"{VARIABLES[side].long_name}, {moving}")
    known = VARIABLES.get(name)
    if known is None and side == "special" and moving:  # the parameter along which branches go
        parameter = VARIABLES.get(moving, Variable(moving))
        return Variable(f"{parameter.long_name} at the special point", parameter.dimension)
    return known


#: Powers of length and time of the dimensions that follow from them.
DERIVED = {
    "length": (1, 0),
    "time": (0, 1),
    "rate": (0, -1),
    "density": (-2, 0),
    "wavevector": (-1, 0),
    "area": (2, 0),
    "current": (-1, -1),
    "field": (-1, 0),
    "velocity": (1, -1),
    "diffusivity": (2, -1),
    "mass": (-2, 1),
    "density noise": (-2, 1),
}


def check_units(names: object) -> None:
    """Refuse what does not name the units of a model.

    Raises
    ------
    ValueError
        It is not a dict from dimensions to texts, or names an unknown dimension.
    """
    if names is None:
        return
    example = "{'time': 'ps', 'length': 'um'}, which is lp.units.PS_UM, or None"
    if not isinstance(names, Mapping) or not all(isinstance(text, str) for text in names.values()):
        raise ValueError(f"units = {short(names)} does not say which is which; give {example}")
    unknown = set(names) - set(DERIVED)
    if unknown:
        raise ValueError(f"units = {dict(names)!r} names {sorted(map(str, unknown))}; give {example}")


def derived_units(names: Mapping[str, str] | None) -> dict[str, str] | None:
    """Return physical dimension -> text for :func:`wrap`, from the texts of time and length; None: dimensionless."""
    if not names:
        return None
    return {dimension: _unit(powers, names) for dimension, powers in DERIVED.items()} | dict(names)


def unit_of(powers: tuple[int, int], names: Mapping[str, str]) -> str:
    """Return the unit of what has these powers of length and time: its own where ``names`` has one, as of a rate."""
    own = (names[dimension] for dimension, other in DERIVED.items() if other == powers and dimension in names)
    return next(own, _unit(powers, names))


def _unit(powers: tuple[int, int], names: Mapping[str, str]) -> str:
    known = zip((names.get("length", "1"), names.get("time", "1")), powers, strict=True)
    parts = sorted(((unit, n) for unit, n in known if unit != "1" and n), key=lambda part: part[1] < 0)
    return " ".join(unit if n == 1 else f"{unit}{n}" for unit, n in parts) or "1"
