"""What a state says of its stability, and how it is read."""

import numpy as np
import pytest
import xarray as xr

from latticepol.linear_problem import Growth
from latticepol.results.growth import (
    DIRECTIONS,
    growth_attributes,
    growth_variables,
    is_stable,
    not_known,
    read_growth,
)

FOUND = Growth(0.25, 16, 1e-3, (0.5, -1.0), 2.0 + 0.25j, True, {"k": "a mesh of 12 x 12, refined", "modes": 64})
MU = 1.0


def state(growth, status="converged"):
    ds = xr.Dataset(growth_variables(growth, MU, status), DIRECTIONS, growth_attributes(growth))
    return ds if growth is None else ds.assign(phase_mode=growth.phase_mode)


def test_it_goes_there_and_back():
    assert read_growth(state(FOUND)) == FOUND


@pytest.mark.parametrize(
    ("growth", "stable"), [(FOUND, False), (Growth(0.25), False), (Growth(0.0, certified=True), True)]
)
def test_what_is_known_is_read(growth, stable):
    """One mode that grows is enough to call a state unstable; none that does needs the certificate."""
    assert is_stable(state(growth)) is stable


def test_what_is_not_stationary_is_not_stable():
    assert is_stable(state(Growth(np.nan), "failed")) is False


@pytest.mark.parametrize("growth", [None, Growth(np.nan)])
def test_a_rate_that_was_not_found_is_asked_for(growth):
    with pytest.raises(ValueError, match=r"not known: growth was not looked for, or not found \(growth_rate is NaN\)"):
        is_stable(state(growth))


def test_what_was_looked_at_is_told_where_it_was_not_all():
    some = Growth(0.0, certificate={"k": "k = 0 alone"})
    with pytest.raises(ValueError, match=r"nothing grew \(growth_rate = 0\) .* \({\"k\": \"k = 0 alone\"}\); look at"):
        is_stable(state(some))


def test_a_message_is_kept_in_front():
    assert not_known("", ["stable"]) == "not known here: stable"
    assert not_known("still moving", ["stable", "open"]) == "still moving; not known here: stable, open"
