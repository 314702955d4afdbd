"""The door to ensembles: how probable it is that a condensate settles with its spin along the field."""

from typing import Any, Literal

import numpy as np
import xarray as xr

from latticepol.arrays import read_array, read_choice, read_flag, read_integer, read_number
from latticepol.axes import takes_axes
from latticepol.closed_forms import CompiledEnsemble, knows_ensembles
from latticepol.disk.processes import processors
from latticepol.errors import check_function, dtype_kind
from latticepol.progress import Progress
from latticepol.pseudospin import ensemble, seeds
from latticepol.pseudospin.site import Site, single
from latticepol.pseudospin.states import AXIS, NAMES, parameter_grid, solve, wrap_grid
from latticepol.randomness import Rng, seeded

Initial = Literal["gaussian", "sphere"] | np.ndarray | seeds.Law
LARGEST_TOL = 1e-3
#: A trajectory on a limit cycle is followed to the end: a minute or so for a point.
LONGEST_RUN = 1e7
#: More is beyond the memory of most machines, and a standard error below 2e-4.
MOST_REALIZATIONS = 10**7
#: What may be given as ``initial`` besides the name of a law.
STARTS = "pseudospins (n, 3): s_x, s_y, s_z, or a function (rng, n)"


@takes_axes(*NAMES, own_seeds=True)
def alignment_probability(
    site: CompiledEnsemble,
    *,
    realizations: int = 200,
    initial: Initial = "gaussian",
    mean_s: float = 0.1,
    rng: Rng = None,
    tol: float = 1e-5,
    t_max: float = 1e4,
    threads: int | None = None,
    progress: bool | None = None,
    **axes: object,
) -> xr.Dataset:
    """Return the fraction of random initial conditions that settle on a state aligned with the field.

    ``P = aligned / settled``; aligned: ``a s_z/delta > 0`` (docs/physics.md, section 2). Every trajectory is followed
    until it is inside a region around a stable state that no trajectory leaves (``latticepol.pseudospin.capture``).

    Parameters
    ----------
    site
        Parameters: a ``lp.Site``, or another model that follows ensembles, a
        :class:`latticepol.closed_forms.CompiledEnsemble`.
    realizations
        Initial conditions per point.
    initial
        "gaussian": isotropic complex Gaussian spinor with mean s = ``mean_s``; "sphere": uniform on |s| = ``mean_s``;
        an array (n, 3): the same n pseudospins at every point, whatever ``realizations`` is; a function
        (generator, n) -> (n, 3), which threads may call at the same time.
    mean_s
        Mean size of the named laws. Small seeds raise P: the state tilts towards the field while it grows.
    rng
        None, a seed or a Generator; recorded as the attribute ``seed``. The initial conditions of a point depend on it
        and on the values p, a, g, delta only, not on the other points.
    tol
        Error of one step over |psi|. At 1e-5 all of 6100 trajectories ended where DOP853 at 1e-11 ends (4000 on the map
        p in [0, 1], delta in [0.001, 0.2] at (a, g) = (2.28, 0.1), 600 at p in [1, 2], 1500 at (1, 3)), and 5 of 80,000
        on that map elsewhere than at tol = 1e-9. At 1e-4 it was 4 of the 6100, at 3e-4 12.
    t_max
        A trajectory that has not settled by then counts as unsettled; up to 1e7.
    threads
        Number of threads; None: all processors this process may use. The result does not depend on it.
    progress
        Show a progress bar; None: when interactive.
    axes
        Lists of ``p``, ``a``, ``g``, ``delta``; the result has the dimensions given (outer product).

    Returns
    -------
    xarray.Dataset
        Along the axes: ``probability``, NaN at delta = 0 and where nothing settled; ``standard_error``
        ``sqrt(P (1 - P)/settled)``; numbers of realisations ``settled``, ``unsettled``, ``died`` (back to the vacuum).

    Raises
    ------
    TypeError
        An axis is not a parameter, or an argument is of another kind than described here.
    ValueError
        An argument is out of its range, or initial conditions are not finite (n, 3).
    """
    if not knows_ensembles(site):
        site = single(site, CompiledEnsemble)  # which says what is needed
    options = {"realizations": realizations, "initial": initial, "mean_s": mean_s, "rng": rng, "tol": tol}
    return site.compiled_ensemble(axes, **options, t_max=t_max, threads=threads, progress=progress)


def probability(
    site: Site,
    axes: dict[str, object],
    *,
    realizations: object,
    initial: object,
    mean_s: Any,
    rng: Any,
    tol: Any,
    t_max: Any,
    threads: Any,
    progress: Any,
) -> xr.Dataset:
    """Return the probability of a single condensate."""
    grid = parameter_grid(site, axes)
    mean_s = read_number("mean_s", mean_s, above=0, need="a size, for instance 0.1")
    law, n, text = _law(initial, mean_s, read_integer("realizations", realizations, least=1, most=MOST_REALIZATIONS))
    tol = read_number("tol", tol, above=0, most=LARGEST_TOL, need="a relative error, for instance 1e-5")
    t_max = read_number("t_max", t_max, above=0, most=LONGEST_RUN, need="a time to stop at, for instance 1e4")
    threads = processors() if threads is None else read_integer("threads", threads, least=1)
    progress = None if progress is None else read_flag("progress", progress)
    generator, seed = seeded(rng)
    secret = generator.bytes(16)
    parameters = np.stack([grid.values[name] for name in ("p", "a", "g", "delta")], axis=1)

    def starts(i: int) -> np.ndarray:
        return seeds.draw(law, seeds.generator(secret, parameters[i]), n)

    def stationary_states(some: slice) -> tuple[np.ndarray, np.ndarray]:
        found = solve(grid._replace(values={name: values[some] for name, values in grid.values.items()}))
        return found["s"], found["stable"]

    with Progress(0, len(parameters), "points", progress) as bar:
        counts = ensemble.count(
            parameters, n, starts, stationary_states, tol=tol, t_max=t_max, threads=threads, advance=bar.advance
        )
    statistics = _statistics(counts, grid.values["delta"])
    attributes = {"seed": seed, "realizations": n, "tol": tol, "t_max": t_max, "initial": text}
    variables = {name: ((), values) for name, values in statistics.items()}
    return wrap_grid(grid, variables, title="alignment probability", **attributes)


def _statistics(counts: np.ndarray, delta: np.ndarray) -> dict[str, np.ndarray]:
    """Return P and what belongs to it, from the counts of ``ensemble.count``."""
    aligned, other, unsettled, died = counts.T
    settled = aligned + other
    defined = (settled > 0) & (delta != 0)
    probability = np.full(len(counts), np.nan)
    probability[defined] = aligned[defined] / settled[defined]
    return {
        "probability": probability,
        "standard_error": np.sqrt(probability * (1 - probability) / np.maximum(settled, 1)),
        "settled": settled,
        "unsettled": unsettled,
        "died": died,
    }


def _law(initial: object, mean_s: float, realizations: int) -> tuple[seeds.Law, int, str]:
    """Return the law of the initial conditions, how many it draws, and the law in words, for the attributes."""
    if callable(initial):
        check_function("initial", initial, "rng", "n")
        return initial, realizations, f"function {getattr(initial, '__qualname__', repr(initial))}"
    if isinstance(initial, str) or dtype_kind(initial) == "U":
        name = read_choice("initial", initial, tuple(seeds.LAWS), STARTS)
        return seeds.LAWS[name](mean_s), realizations, f"{name}, mean s = {mean_s}"
    array = read_array("initial", initial, dims=("axis",), labels={"axis": AXIS}, need=STARTS)
    if array.ndim != 2 or array.shape[-1] != 3 or array.size == 0:
        raise ValueError(f"initial has the shape {array.shape}; give {STARTS}")
    return seeds.fixed(array), len(array), "array"
