"""What running states have in common: the order of the pieces of a step, and what is kept between steps."""

import numpy as np
import pytest

import latticepol as lp
from latticepol.timestepping.running import Running, kept


class Diary(Running):
    """A running state that writes down what a step does."""

    forward_only = "steps that go forward"

    def __init__(self, noisy=False):
        super().__init__(np.random.default_rng(0), noisy)
        self.psi, self.done = np.ones(2, complex), []

    def linear(self, h):
        self.done.append(("linear", h))

    def _drive(self, h, t):
        self.done.append(("drive", h, t))

    def _act(self, h, t, order):
        self.done.append(("act", h, t, order))

    def _flow(self, before, after, t):
        self.done.append(("flow", before, after, t))

    def _add_noise(self, h, t):
        self.done.append(("noise", h, t))


def test_a_step_runs_its_second_half_in_reverse():
    running = Diary()
    running.local(0.25, 0.5, 3.0)
    assert running.done == [
        ("drive", 0.25, 3.0), ("act", 0.25, 3.0, 1), ("flow", 0.25, 0.5, 3.0),
        ("act", 0.5, 3.0, -1), ("drive", 0.5, 3.0),
    ]  # fmt: skip


def test_noise_comes_in_the_middle_of_the_flow():
    running = Diary(noisy=True)
    running.local(0.25, 0.5, 3.0)
    assert running.done[2:-2] == [
        ("flow", 0.125, 0.125, 3.0), ("noise", 0.75, 3.0), ("flow", 0.25, 0.25, 3.0),
    ]  # fmt: skip


@pytest.mark.parametrize(("t", "seen"), [(0.5, 1.0), (1.5, 1.5), (2.5, 2.0)])
def test_functions_of_time_are_evaluated_between_the_earliest_and_the_latest_time(t, seen):
    running = Diary()
    running.earliest, running.latest = 1.0, 2.0
    running.local(0.5, 0.5, t)
    assert {step[2] for step in running.done if step[0] in ("drive", "act")} == {seen}


def test_a_flow_without_a_value_says_why():
    running = Diary()
    back = running.irregular(-0.1, 0.3)
    assert isinstance(back, lp.ConvergenceError)
    assert "a substep of -0.1 back in time from t = 0.3" in str(back)
    assert str(back).endswith("use a smaller dt, or steps that go forward")
    assert "overflowed" in str(running.irregular(0.1, 0.3))
    running.psi[0] = 1e200  # whose density is no number
    assert str(running.irregular(-0.1, 0.3, ", or more")).endswith("use a smaller dt, or more")


def test_the_oldest_is_forgotten_before_another_is_made():
    tables, made = {}, []

    def make(key):
        made.append((key, len(tables)))
        return key

    for key in (1, 2, 3, 2, 1):
        assert kept(tables, key, make, most=2) == key
    assert made == [(1, 0), (2, 1), (3, 1), (1, 1)]
    assert list(tables) == [3, 1]
