"""Among which modes of a field growth is looked for, and how far."""

from dataclasses import dataclass


@dataclass(frozen=True)
class VacuumSearch:
    """How the growth of the vacuum is found.

    Parameters
    ----------
    whole
        In cells of up to so many points it is that of the whole matrix, in others of scalar modes.
    first, most
        Scalar modes at first, and at most.
    accuracy
        There are more of them until the rate changes by less than this part of it.
    """

    whole: int = 16**2
    first: int = 48
    most: int = 384
    accuracy: float = 1e-4


#: What is used where nothing else is said.
VACUUM_SEARCH = VacuumSearch()


@dataclass(frozen=True)
class GrowthLimits:
    """Among which modes of a field growth is looked for, and at which wavevectors.

    Parameters
    ----------
    mesh
        Points along each reciprocal vector.
    cell
        Cells of up to so many points are looked at over all wavevectors, larger ones at k = 0.
    large
        Boxes of more points are followed in time, among all modes.
    reach
        Modes up to so many times the nonlinear terms above the condensate are part of the matrices.
    most
        At most so many scalar modes.
    sure
        Where something grows it is looked at again with so many times the modes.
    high, high_accuracy
        Scalar modes among which waves are looked for that gain drives far above the condensate, and the relative
        accuracy of their energies.
    high_step, high_steps
        Where one grows, the maximum is climbed from the fastest, first by this part of the reciprocal vectors and in at
        most so many steps.
    """

    mesh: int = 12
    cell: int = 48**2
    large: int = 64**2
    reach: float = 4.0
    most: int = 384
    sure: int = 4
    high: int = 128
    high_accuracy: float = 1e-4
    high_step: float = 0.03
    high_steps: int = 20
