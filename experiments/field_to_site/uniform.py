"""A uniform field against the single condensate, in ps and um: states that Newton's method finds, and trajectories."""

import numpy as np
import xarray as xr
from trap import spinor

import latticepol as lp

EPSILON, ETA = 0.06, 0.005
#: The two sets of the paper, with one in between, in a field in which nothing is symmetric.
SITES = {
    "a = 2.28, g = 0.1": lp.Site(p=0.6, a=2.28, g=0.1, delta=0.02),
    "a = 2.28, g = 1": lp.Site(p=0.3, a=2.28, g=1.0, delta=0.02),
    "a = 1, g = 3": lp.Site(p=6.0, a=1.0, g=3.0, delta=0.02),
}
GRID = lp.Grid.rectangle((5.0, 4.0), (4, 3))
#: Newton's method starts this far from a state, and ends at this residual (1/ps).
ASIDE, RESIDUAL = 0.01, 1e-14
#: The trajectory starts from this pseudospin, up to this time in 1/epsilon, in steps of this many ps.
BEGIN, END, STEP = np.array([0.05, -0.1, 0.08]), 15.0, 0.03
TEXTS = {
    "set": "parameter set",
    "difference": "largest difference of a pseudospin",
    "start": "start",
    "quantity": "what is compared",
}


def model(site: lp.Site) -> lp.SpinorGPE:
    """The field with the parameters of a site, alpha_2 = -0.14 alpha_1."""
    alpha1 = site.a * ETA / 1.14
    terms = [
        lp.Kinetic(0.5),
        lp.Splitting(EPSILON, site.g * EPSILON),
        lp.Zeeman(site.delta * EPSILON),
        lp.Gain(site.p * EPSILON + 0.1, 0.1, ETA),
        lp.Interaction(alpha1, -0.14 * alpha1),
    ]
    return lp.SpinorGPE(GRID, terms, units={"time": "ps", "length": "um"})


def difference(site: lp.Site) -> xr.Dataset:
    """Largest differences of the pseudospins of all stationary states and along a trajectory, and how many states."""
    number = int(lp.fixed_points(site).number_of_states)
    return xr.Dataset({"difference": ("quantity", [_states(site), _trajectory(site)]), "number_of_states": number})


def _states(site: lp.Site) -> float:
    """The largest error of all stationary states, stable or not, each found from a spinor near it."""
    found = lp.fixed_points(site).pseudospin.dropna("state").values
    field = model(site)
    differences = []
    for s in found:
        start = spinor(s) * [1 + ASIDE, 1 - ASIDE]
        state = lp.steady_state(field, _spread(start), relax=0.0, tol=RESIDUAL, stability=False)
        differences.append(np.abs(_pseudospin(state) - s[:, None, None]).max())
    return max(differences)


def _trajectory(site: lp.Site) -> float:
    times = np.linspace(0, END, 16)
    path = lp.trajectory(site, BEGIN, times, tol=1e-13).pseudospin.values
    saved = lp.at_times(list(times / EPSILON))
    out = lp.evolve(model(site), _spread(spinor(BEGIN)), END / EPSILON, dt=STEP, save=saved)
    field = np.moveaxis(_pseudospin(out), 0, 1)
    return float(np.abs(field - path[:, :, None, None]).max())


def _spread(psi: np.ndarray) -> np.ndarray:
    """The same spinor at every point, with s = 1 where eta S = epsilon."""
    return np.sqrt(EPSILON / ETA) * psi[:, None, None] * np.ones(GRID.shape)


def _pseudospin(ds: xr.Dataset) -> np.ndarray:
    stokes = lp.stokes(ds)
    return ETA / EPSILON * np.stack([stokes[name].values for name in ("S_x", "S_y", "S_z")])
