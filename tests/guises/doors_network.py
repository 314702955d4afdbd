"""Doors of networks, and of the spectra of any model."""

from functools import cache

import numpy as np
from guises.doors import CHAIN, FIELD, HONEYCOMB, NET, SITE, Door, spinor, uniform_state
from guises.table import Data, Numbers

import latticepol as lp

PSI = spinor((2, 2), 3)
START = Numbers(PSI, "site spin", complex=True, called="psi")
K = Numbers(np.array([[0.0, 0.0], [0.5, 0.25], [1.0, -0.5]]), "k axis", free=True)
PATCH = HONEYCOMB.patch((1, 1))
DISK = NET.on(HONEYCOMB.patch(lp.lattice.disk(5.0)))
WELLS = lp.SpinorGPE(
    lp.Grid.cell(lp.lattice.square().scaled(2.0), 8),
    [
        lp.Kinetic(1.0),
        lp.Splitting(0.25, 0.0),
        lp.Gain(0.5, 1.0, 0.5),
        lp.Interaction(1.0),
        lp.Potential(lp.pumps.cosines(-4.0, lp.lattice.square().scaled(2.0))),
    ],
)


#: What stands for no state, or for another start.
EMPTY = {("state", "None"): "the empty lattice"}
START_ELSE = {("psi0", "None"): "the usual start", ("psi0", "an array"): "amplitudes are a start too"}


@cache
def state():
    """Of NET."""
    return lp.steady_state(NET, stability=False)


@cache
def state_of_chain():
    return lp.steady_state(CHAIN, stability=False)


def acts(net):
    return [net.rhs(PSI, t) for t in (0.0, 0.5)]


def doors() -> list[Door]:
    short = {"model": CHAIN, "psi0": START, "t_end": 0.125, "t0": 0.0, "progress": False}
    of_net = {"model": NET, "state": Data(state, finite=True)}
    of_field = {"model": FIELD, "state": Data(uniform_state, finite=True)}
    ribbon = {"model": NET, "width": 2, "edge": "zigzag", "nk": 3, "near": 0.25, "energy": 0.5, "losses": False}
    onsite = np.array([[[1.0, 0.5], [0.5, -1.0]], [[0.25, 0.0], [0.0, 0.5]]])
    return [
        Door(
            "Network",
            lp.Network,
            {
                "lattice": HONEYCOMB,
                "site": SITE,
                "J": Numbers(3.0, complex=True),
                "dJ": Numbers(0.5, complex=True),
                "epsilon": 1.0,
                "noise": 0.25,
            },
            read=acts,
            several=("J", "dJ", "noise"),
        ),
        Door(
            "Network",
            lp.Network,
            {
                "lattice": HONEYCOMB,
                "site": SITE,
                "J": Numbers(np.array([1.0, 2.0, 3.0]), complex=True),
                "dJ": Numbers(np.array([0.5, 0.25, 0.125]), complex=True),
                "onsite": Numbers(onsite, complex=True),
                "drive": Numbers(PSI, "site spin", complex=True),
                "noise": Numbers(np.array([0.25, 0.5])),
            },
            "arrays",
            read=lambda net: [acts(net), net.noise_covariance],
        ),
        Door(
            "Network.replace",
            NET.replace,
            {"p": Numbers(np.array([0.5, 0.25])), "J": Numbers(2.0, complex=True)},
            read=acts,
            several=("J",),
        ),
        Door("Network.rhs", NET.rhs, {"psi": START, "t": 0.5}),
        Door("evolve", lp.evolve, short | {"dt": 0.0625}, "of a network"),
        Door("evolve", lp.evolve, short | {"tol": 2.0**-14, "save": lp.at_times([0.0625])}, "of a network, adaptive"),
        Door(
            "evolve",
            lp.evolve,
            {"model": NET, "psi0": Data(state, finite=True), "t_end": 0.125, "dt": 0.0625, "progress": False},
            "from a state",
            passes={("psi0", "an array"): "amplitudes are a start too"},
        ),
        Door(
            "steady_state",
            lp.steady_state,
            {
                "model": CHAIN,
                "psi0": Numbers(_near(), "site spin", complex=True, called="psi"),
                "tol": 2.0**-24,
                "relax": 8.0,
                "stability": False,
                "progress": False,
            },
            "of a network",
            slow=True,
        ),
        Door(
            "steady_state",
            lp.steady_state,
            {"model": CHAIN, "psi0": Data(state_of_chain, finite=True), "stability": False, "progress": False},
            "of a network, from a state",
            passes=START_ELSE,
            slow=True,
        ),
        Door("bands", lp.bands, {"model": NET, "k": K, "losses": True, "vectors": False}, "of a network"),
        Door("bands", lp.bands, {"model": FIELD, "k": K, "basis": 8}, "of a field"),
        Door("bogoliubov", lp.bogoliubov, of_net | {"k": K}, "of a network"),
        Door("bogoliubov", lp.bogoliubov, of_field | {"k": K, "basis": 8}, "of a field"),
        Door(
            "bogoliubov",
            lp.bogoliubov,
            of_field
            | {
                "k": Numbers(np.array([[0.25, 0.125]]), "k axis", free=True),
                "basis": 8,
                "near": Numbers(0.5, complex=True),
                "modes": 4,
            },
            "of a field, inside",
            slow=True,
            aside=dict.fromkeys(("state", "k", "basis"), "as before"),
        ),
        Door("gap", lp.gap, of_net | {"below": 2, "mesh": 4, "tol": 2.0**-20}, "of a network", slow=True, passes=EMPTY),
        Door(
            "gap",
            lp.gap,
            {"model": NET, "below": 2, "mesh": Numbers(np.array([4, 6]))},
            "of an empty lattice",
            slow=True,
        ),
        Door("chern", lp.chern, of_net | {"below": 2, "mesh": 6, "tol": 2.0**-20}, slow=True, passes=EMPTY),
        Door(
            "berry_curvature",
            lp.berry_curvature,
            of_net | {"below": 2, "mesh": 6, "tol": 2.0**-20},
            slow=True,
            passes=EMPTY,
        ),
        Door(
            "response",
            lp.response,
            of_net
            | {
                "k": K,
                "omega": Numbers(np.array([0.5, 1.25]), "omega", free=True),
                "noise": 0.5,
                "probe": True,
                "unstable": False,
                "basis": 8,
            },
        ),
        Door(
            "mode_polarisation",
            lp.mode_polarisation,
            {"ds": Data(lambda: lp.bands(NET, k=K.values, vectors=True), ("right", "left"))},
        ),
        Door("local_chern", lp.local_chern, {"model": DISK, "below": 2, "losses": False}, slow=True),
        Door("ribbon", lp.ribbon, ribbon, "of an empty lattice", slow=True),
        Door(
            "ribbon",
            lp.ribbon,
            ribbon
            | {
                "state": Data(state, finite=True),
                "edges": "compensated",
                "relax": 8.0,
                "stability": False,
                "progress": False,
            },
            "of a state",
            slow=True,
            passes=EMPTY,
        ),
        Door(
            "to_network",
            lp.to_network,
            {"model": WELLS, "mesh": 4, "basis": 8},
            read=lambda found: [found[0].J, found[1]],
            slow=True,
        ),
        Door(
            "sweep",
            lp.sweep,
            {
                "function": lp.bands,
                "model": NET,
                "options": {"k": np.zeros((1, 2))},
                "executor": "serial",
                "progress": False,
                "p": Numbers(np.array([0.25, 0.5]), "p", free=True),
                "rng": None,
            },
        ),
    ]


def _near() -> np.ndarray:
    return np.array([[1.25, -1.25], [1.25, -1.25]]) + 0j
