"""A checkpoint belongs to what the model computes, whatever its parts are called and wherever they lie in memory."""

import os
import subprocess
import sys
import threading
from functools import partial

import numpy as np
import pytest
from matplotlib.figure import Figure

import latticepol as lp
from latticepol.results.content import content, readable

GRID = lp.Grid.rectangle((8.0, 8.0), (16, 16))
PSI = np.full((2, 16, 16), 0.3)
ONES = np.ones((16, 16))
STRENGTH = 1.0


def potential(x, y):
    return STRENGTH * np.cos(x)


def shaken(x, y, t):
    return STRENGTH * np.cos(x) * np.sin(t)


class Kerr(lp.Term):
    def action(self, psi, x, y, t):
        return STRENGTH * np.abs(psi) ** 2 * psi


def run(folder, *terms, psi=PSI, **options):
    model = lp.SpinorGPE(GRID, [lp.Kinetic(1.0), *terms])
    return lp.evolve(model, psi, 0.2, **({"dt": 0.1, "checkpoint": folder, "progress": False} | options))


PAIRS = {
    "array of a pump": (lp.Gain(lp.pumps.profile(ONES), 1.0, 1.0), lp.Gain(lp.pumps.profile(2 * ONES), 1.0, 1.0)),
    "seventh digit": (lp.Gain(lp.pumps.uniform(1.5), 1.0, 1.0), lp.Gain(lp.pumps.uniform(1.5000001), 1.0, 1.0)),
    "envelope": (
        lp.Gain(lp.pumps.uniform(1.5) * lp.pumps.envelope(lambda t: t), 1.0, 1.0),
        lp.Gain(lp.pumps.uniform(1.5) * lp.pumps.envelope(lambda t: 2 * t), 1.0, 1.0),
    ),
    "lambda in a lambda": (
        lp.Potential(lambda x, y: (lambda a: a)(x)),
        lp.Potential(lambda x, y: (lambda a: 2 * a)(x)),
    ),
}


@pytest.mark.parametrize("case", PAIRS)
def test_another_term_is_refused(tmp_path, case):
    one, other = PAIRS[case]
    run(tmp_path, one)
    run(tmp_path, one)
    with pytest.raises(ValueError, match=r"of another run: .*the coefficients of the equation differ"):
        run(tmp_path, other)


@pytest.mark.parametrize("make", [lambda: lp.Potential(potential), lambda: lp.Potential(shaken), Kerr])
def test_a_changed_global_is_noticed(tmp_path, monkeypatch, make):
    run(tmp_path, make())
    monkeypatch.setattr(sys.modules[__name__], "STRENGTH", 1.5)
    with pytest.raises(ValueError, match=r"of another run: .*\bthe coefficients of the equation differ\. Use"):
        run(tmp_path, make())


def test_another_start_or_seed_is_refused(tmp_path):
    noise = lp.WignerNoise()
    run(tmp_path, noise, rng=1)
    with pytest.raises(ValueError, match=r"of another run: rng is 1 there, 2 here\."):
        run(tmp_path, noise, rng=2)
    with pytest.raises(ValueError, match=r"of another run: psi0 is array.* there, array.* here\."):
        run(tmp_path, noise, rng=1, psi=2 * PSI)
    reservoir = lp.Reservoir(2.0, 1.0, 1.5, 1.0)
    run(tmp_path / "n", reservoir, psi=(PSI, 0 * PSI))
    with pytest.raises(ValueError, match=r"of another run: reservoir is array.* there, array.* here\."):
        run(tmp_path / "n", reservoir, psi=(PSI, PSI))


def test_a_function_made_for_some_times_only_is_allowed(tmp_path):
    def table(x, y, t):
        return 0 * x + [1.0, 1.0, 1.0][round(t)]

    for _ in range(2):
        assert run(tmp_path, lp.Potential(table)).attrs["status"] == "finished"


SCRIPT = """
import sys
from functools import partial
import numpy as np
import latticepol as lp

class Weighted:
    def __init__(self, power):
        self.power, self.names = power, {"a", "b", "c"}
    def __call__(self, frame):
        return (abs(frame.psi) ** self.power).rename("weighted")

def power(exponent, frame):
    return (abs(frame.psi) ** exponent).rename("power")

def spot(width, x, y):
    return np.exp(-(x**2) / width**2) * ("no" not in {"x", "y", "z"})

model = lp.SpinorGPE(lp.Grid.rectangle((8.0, 8.0), (16, 16)), [lp.Kinetic(1.0), lp.Potential(partial(spot, 2.0))])
variables = ["psi", Weighted(2), partial(power, 4), lambda frame: frame.psi.rename("same")]
print(lp.evolve(model, np.full((2, 16, 16), 0.3), 0.2, dt=0.1, variables=variables, checkpoint=sys.argv[1],
                progress=False).attrs["steps"])
"""


@pytest.mark.slow  # a run that goes on in another process: test_resume.py
def test_the_same_script_in_a_new_process_is_the_same_run(tmp_path):
    for seed in ("1", "2"):  # of the order of sets
        environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path), "PYTHONHASHSEED": seed}
        done = subprocess.run([sys.executable, "-c", SCRIPT, str(tmp_path)], env=environment, capture_output=True)
        assert done.returncode == 0, done.stderr.decode()


def test_digests_tell_what_differs():
    assert readable(0.1) == "0.1"
    assert readable(lp.every(0.1234567891)).endswith("Every {period = 0.1234567891}")
    assert readable(partial(max, 1)) != readable(partial(max, 2))
    assert readable((1, (2, ONES))) != readable((1, (2, 2 * ONES)))
    assert readable(partial(max, (1, lp.every))) == readable(partial(max, (1, lp.every)))
    assert " at 0x" not in readable([object(), (x for x in ()), threading.Event()])

    def recursive(n):
        return n and recursive(n - 1)

    assert readable(recursive) == readable(recursive)


class Threshold:
    """Of a user: its repr is an address."""

    def __init__(self, value):
        self.value = value

    def __call__(self, frame):
        return bool(abs(frame.psi).max() > self.value)


class Silent:
    """Nothing of it can be read."""

    def __reduce_ex__(self, _):
        raise TypeError


def test_objects_of_the_user_are_what_they_hold():
    for hold in (lambda one: one, lambda one: [one], lambda one: partial(max, one), lambda one: lambda: one):
        assert readable(hold(Threshold(1.0))) == readable(hold(Threshold(1.0)))
        assert readable(hold(Threshold(1.0))) != readable(hold(Threshold(2.0)))
    assert readable([1, Silent()]) == readable([1, Silent()]) != readable([2, Silent()])
    with pytest.raises(TypeError, match="class Silent cannot be read"):
        content([1, Silent()])


def test_a_callback_that_draws_is_read():
    """Parts of a figure hold each other on more ways than can be gone, and change whenever it is drawn."""
    figure = Figure()
    [line] = figure.subplots().plot([1, 2, 3])

    def draw(frame):
        line.set_ydata(frame)
        figure.canvas.draw()

    before = readable(draw)
    draw([3, 2, 1])
    assert readable(draw) == before


def test_what_is_met_again_is_not_read_again():
    value = [1.0]
    for _ in range(60):
        value = [value, value]  # 2^60 ways
    assert readable(value) == content(value)
