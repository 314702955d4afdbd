"""The door to the largest growth rate of a linear problem: whether a state is stable."""

from latticepol.linear_problem import Growth, GrowthSearch, LinearProblem
from latticepol.numerics.blas import on_one_thread


@on_one_thread
def growth_rate(problem: LinearProblem, search: GrowthSearch | None = None) -> Growth:
    """Return the largest growth rate ``max Im w`` that was found, a lower bound (docs/physics.md, section 4).

    Parameters
    ----------
    problem
        The linear motion about a stationary state.
    search
        Where it is looked for; None: what suits the model, ``problem.search``.
    """
    return problem.growth(search or problem.search)
