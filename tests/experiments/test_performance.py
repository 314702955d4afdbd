"""What the README of experiments/performance says is what the files say; which of two sets of ratios is worse.

Nothing here is timed.
"""

import json
from pathlib import Path

import numpy as np
import pytest
from experiment_runs import modules

HERE = Path(__file__).parents[2] / "experiments" / "performance"

PEERS = """problem saturable, 256 x 256 points, one thread; FFTW floor 0.79 ms per step
program                                       error     steps   seconds  ms/step floors/step    floors
latticepol, its default integrator          9.3e-04        10     0.080     7.41        9.32        93
latticepol, its default integrator          8.6e-07        39     0.262     6.71        8.44       329
latticepol, Strang                          1.0e-03        62     0.040     1.21        1.52        94
latticepol, default, patient plans          9.3e-04        10     0.020     6.53        8.22        82
XMDS2, the same, patient plans              8.7e-04        26     0.010     4.62        5.81       151
XMDS2 3.1.0, RK4 in interaction picture     7.6e-11       700     8.130    11.61       14.91     10436
plain split step, numpy and scipy.fft       1.0e-06 ~  565324 ~4025.917     7.12        8.96   5067406
"""
NETWORK = """10368 sites to t = 8, one thread               steps     error   proc. s   sites steps/s   ratio
BlanesMoan, equal cells                          198   9.3e-07     0.563        3.65e+06     1.0
solve_ivp DOP853 (calls), equal cells           1382   1.8e-07     0.978        1.47e+07     1.7
splitting with expm_multiply                    1000   3.1e-03     4.984        2.08e+06     8.9
BlanesMoan, bonds that differ                    338   9.0e-07     4.673         7.5e+05     8.3
solve_ivp DOP853 (calls), bonds that differ     2474   3.2e-07     1.847        1.39e+07     3.3
"""


@pytest.fixture
def slower():
    with modules(HERE) as module:
        yield module("slower")


def test_who_is_faster_is_read_from_the_results_like_with_like(slower, tmp_path):
    (tmp_path / "peers-saturable.txt").write_text(PEERS)
    (tmp_path / "network.txt").write_text(NETWORK)
    head, *_, first, second, third = slower.lines(tmp_path)
    assert "3 of 8 comparisons" in head
    assert first == "| saturable | 1e-03 | latticepol, Strang | 2.0 |"
    assert second == "| saturable, patient plans | 1e-03 | XMDS2 | 2.0 |"
    assert third == "| network, 10368 sites to t = 8, bonds that differ | 1e-06 | solve_ivp DOP853 | 2.5 |"


def test_the_readme_shows_what_the_results_say(slower):
    assert "\n".join(slower.lines()) in (HERE / "README.md").read_text()


def test_each_evolution_in_the_results_says_who_is_faster_and_why():
    text = (HERE / "results" / "network.txt").read_text()
    sizes = text.count("one thread")
    assert sizes == 3
    assert text.count("times faster than") == text.count("pass before the first step") == 2 * sizes


def test_every_measurement_has_results_and_a_row_in_the_readme():
    with modules(HERE) as module:
        names = list(module("run").MEASUREMENTS)
    assert sorted(names) == sorted(file.stem for file in (HERE / "results").glob("*.txt"))
    readme = (HERE / "README.md").read_text()
    assert [name for name in names if f"results/{name}.txt" not in readme] == []


def test_the_results_for_eigenvalues_have_every_size_of_every_kind():
    with modules(HERE) as module:
        rows = module("eigenvalues").ROWS
    lines = (HERE / "results" / "eigenvalues.txt").read_text().splitlines()
    for start in (
        "eigenvalues, {} rows  ",
        "eigenvalues, {} rows, Bogoliubov form",
        "with left and right vectors, {} rows",
    ):
        for n in rows:
            [line] = [line for line in lines if line.startswith(start.format(n))]
            theirs, ours, times = map(float, line.split()[-3:])
            assert times == pytest.approx(theirs / ours, rel=0.03)  # of numbers of three digits
    assert [line for line in lines if line.startswith("lp.bogoliubov, honeycomb, 100 x 100")]
    assert [line for line in lines if line.startswith("state, gap and Chern number of a honeycomb: ")]


@pytest.fixture
def comparison():
    with modules(HERE) as module:
        yield module("comparison")


@pytest.mark.parametrize(
    ("now", "before", "verdict"),
    [(1.1, 1.0, "same"), (1.2, 1.0, "slower"), (1.0, 1.2, "faster"), (1.0, None, "new"), (None, 1.0, "gone")],
)
def test_a_ratio_next_to_the_stored_one(comparison, now, before, verdict):
    given = [{"step": value} if value else {} for value in (now, before)]
    (change,) = comparison.compared(*given)
    assert change.verdict(1.15) == verdict


def test_what_got_worse_is_named_and_told_by_the_exit_code(comparison, capsys):
    before = {"a step": 1.0, "bands": 2.0, "gap": 3.0}
    worse = comparison.compared({"a step": 1.3, "bands": 2.2, "gap": 1.0}, before)
    assert comparison.report(worse, 1.15) == 1
    assert capsys.readouterr().out.splitlines()[-1] == "more than 1.15 times the stored ratio: a step"
    assert comparison.report(worse, 1.5) == 0
    assert comparison.report(comparison.compared({"a step": 1.0}, before), 1.15) == 1
    assert "stored but not measured: bands; gap" in capsys.readouterr().out
    assert comparison.report(comparison.compared({**before, "more": 9.0}, before), 1.15) == 0


def test_the_stored_ratios_are_those_that_are_measured():
    stored, text = json.loads((HERE / "baseline.json").read_text()), (HERE / "baseline.py").read_text()
    assert stored["command"] in text
    assert all(np.isfinite(ratio) and ratio > 0 for ratio in stored["ratios"].values())
    with modules(HERE) as module:
        steps = [f"field step, {case.name}" for case in module("field").CASES if case.planning == "measure"]
    others = [name for name in stored["ratios"] if f'"{name}"' in text]
    assert list(stored["ratios"]) == steps + others
    assert len(stored["ratios"]) == 13
