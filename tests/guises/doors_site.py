"""Doors of the single condensate, and of the presets that make one."""

import numpy as np
from guises.doors import SITE, Door
from guises.table import Numbers

import latticepol as lp

#: Few values: the closed forms are fast, but every guise is a call.
VALUES = np.array([0.25, 0.5, 1.0])
#: An axis by its name; a DataArray may bring other dimensions.
OF_P, OF_G = (Numbers(VALUES, name, free=True) for name in "pg")
OF_DELTA = Numbers(np.array([0.0625, 0.125]), "delta", free=True)
OF_A = Numbers(np.array([1.0, 2.0]), "a", free=True)
SEED = {"rng": "a seed"}
SEEDS = np.array([[0.5, 0.25, 0.125], [-0.25, 0.125, 0.5]])
LAW = np.array([[0.5, 0.25, 0.125], [-0.25, 0.125, 0.5], [0.125, -0.5, 0.25], [0.25, 0.25, -0.25]])
PARTS = ("p", "a", "g", "delta", "a2")


def doors() -> list[Door]:
    axes = {"p": OF_P, "delta": OF_DELTA}
    ensemble = {"site": SITE, "mean_s": 0.125, "rng": 0, "tol": 2.0**-14, "t_max": 128.0, "threads": 1}
    curve = {"model": SITE, "along": "p", "span": Numbers(np.array([0.0, 2.0])), "points": 8}
    path = {"site": SITE, "s0": Numbers(SEEDS), "t": Numbers(np.array([0.0, 0.5, 1.0, 2.0]))}
    return [
        Door("Site", lp.Site, {"p": 0.5, "a": 2.25, "g": 1.0, "delta": 0.0625, "a2": -0.25}, several=PARTS),
        Door(
            "Site",
            lp.Site,
            {name: Numbers(np.array(v)) for name, v in (("p", [0.5, 1]), ("a", [2.25, 2.0]), ("g", [1, 0.5]))}
            | {"delta": Numbers(np.array([[0.0625, 0.0], [0.25, 0.5]])), "a2": 0.0},
            "of a network",
            several=PARTS,
        ),
        Door("Site.replace", SITE.replace, dict.fromkeys(PARTS, 0.25), several=PARTS),
        Door("fixed_points", lp.fixed_points, {"site": SITE, **axes}),
        Door(
            "fixed_points",
            lp.fixed_points,
            {"site": SITE, "p": 0.5, "a": 2.25, "g": 1.0, "delta": 0.0},
            "one point",
            several=PARTS,
        ),
        Door("g_eff", lp.g_eff, {"site": SITE, "select": "largest", **axes}),
        Door("pitchfork", lp.pitchfork, {"site": SITE, "a": OF_A, "g": OF_G}),
        Door("folds", lp.folds, {"site": SITE, "along": "p", "delta": OF_DELTA, "g": OF_G}),
        Door("precession", lp.precession, {"site": SITE, "select": "largest", **axes}),
        Door("branches", lp.branches, curve, slow=True),
        Door(
            "alignment_probability",
            lp.alignment_probability,
            ensemble | {"realizations": 4, "initial": Numbers(LAW), "p": OF_P, "delta": OF_DELTA, "progress": False},
            aside=SEED,
        ),
        Door(
            "alignment_probability",
            lp.alignment_probability,
            ensemble | {"realizations": 8, "initial": "gaussian", "progress": False},
            "a law",
            aside=SEED,
        ),
        Door("trajectory", lp.trajectory, path | {"tol": 2.0**-14}),
        Door(
            "trajectory",
            lp.trajectory,
            path | {"noise": 0.125, "rng": 0, "dt": 0.0625},
            "with noise",
            aside=SEED,
            slow=True,
        ),
        Door("presets.supercritical", lp.presets.supercritical, {"p": 0.5, "delta": 0.25, "a2": 0.125}, several=PARTS),
        Door("presets.subcritical", lp.presets.subcritical, {"p": 0.5, "delta": 0.25, "a2": 0.125}, several=PARTS),
    ]
