"""Random numbers of mean zero for sites and bonds."""

import numpy as np

from latticepol.arrays import read_choice, read_number
from latticepol.randomness import Rng, seeded

LAWS = ("uniform", "normal")
#: Sites and bonds draw from different streams: with one seed for both they would be correlated.
STREAMS = {"site": 0, "bond": 1}


def draw(count: int, width: float, rng: Rng, law: str, what: str) -> np.ndarray:
    """Draw ``count`` independent numbers: uniform in [-width/2, width/2], or normal with standard deviation width.

    Raises
    ------
    TypeError, ValueError
        The width is not a finite number >= 0, or the law is unknown.
    """
    width = read_number("width", width, least=0, need="the width of the disorder")
    law = read_choice("law", law, LAWS)
    generator = np.random.default_rng([seeded(rng)[1], STREAMS[what]])
    if law == "uniform":
        return width * generator.uniform(-0.5, 0.5, count)
    return width * generator.standard_normal(count)
