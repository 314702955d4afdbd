"""Ensembles: what they count is what an accurate integration of every trajectory finds."""

import math
import signal
import subprocess
import sys

import numpy as np
import pytest
from scipy.integrate import solve_ivp

import latticepol as lp
from latticepol.pseudospin import capture, ensemble, equations, lanes, seeds, stationary

PAPER = lp.Site(p=0.5, a=2.28, g=0.1, delta=0.05)
SUBCRITICAL = lp.Site(p=5.1, a=1.0, g=3.0, delta=0.01)  # three stable states
LIMIT_CYCLE = lp.Site(p=-1.6, a=20.0, g=5.2, delta=0.1)  # no stable state, not even the vacuum

ROUNDING = 1e-14  # a few products and a root of numbers of order one
#: parameter points (p, a, g, delta) at which a region of capture could go wrong, and why
DELICATE = np.array(
    [
        (0.5, 2.28, 0.1, 0.05),
        (2.0, 2.28, 0.1, 0.05),  # relaxes at a rate of 0.013
        (0.3503, 2.28, 0.1, 1e-3),  # just beyond the fold
        (0.342982, 2.28, 0.1, 1e-5),  # pitchfork
        (0.3, 2.28, 0.1, 1e-4),
        (0.0, 2.28, 0.1, 0.2),
        (-0.05, 2.28, 0.1, 0.0),
        (5.1, 1.0, 3.0, 0.01),
        (4.92, 1.0, 3.0, 1e-3),
        (7.0, 1.0, 3.0, 1e-3),
        (0.2, 0.3, -1.0, 0.5),
        (1.0, 18.9, 3.0, 0.3),
        (3.0, 0.5, 0.02, 1.0),
    ]
)


def random_points(n, rng, p=(0.0, 1.0), delta=(1e-3, 0.2), a=2.28, g=0.1):
    """(n, 4), by default all over the map of the paper."""
    return np.stack([rng.uniform(*p, n), np.full(n, a), np.full(n, g), rng.uniform(*delta, n)], axis=1)


def stationary_states(parameters):
    """All states (N, 6, 3) and which are stable."""
    s, _, _ = stationary.solve(*np.ascontiguousarray(parameters.T))
    return s, equations.growth_rates(s, *parameters.T[:, :, None]) < -equations.MARGINAL


def stable_states(parameters):
    """Stable states (M, 3) of all points, and their parameters (4, M)."""
    s, stable = stationary_states(parameters)
    point, state = np.nonzero(stable)
    return s[point, state], np.ascontiguousarray(parameters[point].T)


def surfaces(s, parameters, directions):
    """Points y on the surfaces of the regions, (M, n, 3), and the forms M of V (M, 3, 3) scaled to V = 1 there."""
    regions = capture.regions(s, *parameters)
    m = capture.lyapunov(equations.jacobian(s, *parameters))
    m *= (regions[:, 3] / m[:, 0, 0])[:, None, None]
    return capture.surface(m, directions), m


# The equations and the scheme


def test_spinor_moves_as_the_pseudospin_does():
    rng = np.random.default_rng(1)
    p, a, g, delta = rng.uniform(-2, 2, 4)
    for psi in rng.normal(size=(20, 4)):
        k, h = np.array(lanes.slope(tuple(psi), p, a, g, delta)) / 2, 1e-6

        def spin(v):
            return seeds.pseudospin(np.sqrt(2) * (v[0] + 1j * v[1]), np.sqrt(2) * (v[2] + 1j * v[3]))

        moved = (spin(psi + h * k) - spin(psi - h * k)) / (2 * h)  # exact for a quadratic form
        assert moved == pytest.approx(equations.velocity(spin(psi), p, a, g, delta), rel=1e-8, abs=1e-8)


def test_spinor_of_a_pseudospin():
    for s in (
        *np.random.default_rng(2).normal(size=(20, 3)),
        np.array([0.0, 0, 1]),
        np.array([0.0, 0, -1]),
        np.zeros(3),
    ):
        u, v, x, y = np.sqrt(2) * np.array(lanes._spinor(s))
        assert seeds.pseudospin(u + 1j * v, x + 1j * y) == pytest.approx(s, abs=ROUNDING)


def test_order_of_the_scheme_and_of_its_error_estimate():
    psi, parameters = (0.3, 0.1, -0.4, 0.2), (0.5, 2.28, 0.1, 0.05)

    def march(h, steps):
        at = psi
        for _ in range(steps):
            at, _, error = lanes._try_step(at, lanes.slope(at, *parameters), h / 2, *parameters)
        return np.array(at), np.linalg.norm(error)

    exact, _ = march(0.005, 400)
    errors = [np.linalg.norm(march(h, round(2 / h))[0] - exact) for h in (0.2, 0.1, 0.05)]
    estimates = [march(h, 1)[1] for h in (0.2, 0.1, 0.05)]
    assert np.log2(errors[1] / errors[2]) == pytest.approx(5.0, abs=0.3)
    assert np.log2(estimates[1] / estimates[2]) == pytest.approx(5.0, abs=0.3)


# The regions of capture


def test_lyapunov_equation():
    s, parameters = stable_states(DELICATE)
    j = equations.jacobian(s, *parameters)
    m = capture.lyapunov(j)
    residual = np.swapaxes(j, 1, 2) @ m + m @ j + np.eye(3)
    assert np.abs(residual).max() < 1e-9 * np.abs(m).max()
    assert np.linalg.eigvalsh(m).min() > 0


@pytest.mark.parametrize("kind", ["delicate", "paper", "subcritical", "anything"])
def test_v_decreases_everywhere_in_the_region(kind):
    rng = np.random.default_rng(3)
    points = {
        "delicate": DELICATE,
        "paper": random_points(300, rng, p=(0, 2), delta=(1e-5, 0.3)),
        "subcritical": random_points(300, rng, p=(4, 9), delta=(1e-5, 0.5), a=1.0, g=3.0),
        "anything": rng.uniform((-1, 0.3, -3, -1), (4, 20, 5, 1), (300, 4)),
    }[kind]
    s, parameters = stable_states(points)
    y, m = surfaces(s, parameters, capture.fibonacci_sphere(1501))
    for fraction in (1.0, 0.9, 0.6, 0.3):
        v = equations.velocity(s[:, None] + fraction * y, *parameters[:, :, None])
        rate = 2 * np.einsum("nki,nij,nkj->nk", fraction * y, m, v, optimize=True)
        assert rate.max() < 0


def test_what_is_on_the_boundary_ends_inside():
    s, parameters = stable_states(DELICATE)
    y, _ = surfaces(s, parameters, capture.fibonacci_sphere(101))
    starts = s[:, None] + 0.999 * y
    states, stable = stationary_states(parameters.T)
    which = np.linalg.norm(states - s[:, None], axis=2)
    which = np.where(stable, which, np.inf).argmin(axis=1)
    for number in range(6):  # every region 100 times smaller, so that trajectories have to come all the way
        mine = np.nonzero(which == number)[0]
        if mine.size:
            small = capture.regions(s[mine], *parameters[:, mine])
            small[:, 3:] *= 1e4
            given, zero = [row[mine] for row in parameters], np.zeros(mine.size)
            reached = lanes.follow(starts[mine], *given, small[:, None], zero, 1e-10, 1e5, lanes.NEVER)
            assert (reached == 0).all()


def test_regions_are_not_needlessly_small():
    s, parameters = stable_states(random_points(500, np.random.default_rng(4)))
    y, _ = surfaces(s, parameters, capture.fibonacci_sphere(50))
    smallest = np.linalg.norm(y, axis=2).min(axis=1) / np.linalg.norm(s, axis=1)
    assert np.median(smallest) > 0.03


def test_what_is_declared_dead_dies():
    rng = np.random.default_rng(5)
    points = rng.uniform((-3, 20, -4, 1), (0, 100, -1, 6), (1500, 4))
    size = capture.vacuum(*points.T)
    _, stable = stationary_states(points)
    both = (size > 0) & stable.any(axis=1)  # where a trajectory has a choice
    assert both.sum() > 100
    starts = size[both, None, None] * seeds.sphere(1.0)(rng, 20)
    no_region = np.full((both.sum(), 0, capture.NUMBERS), np.inf)
    reached = lanes.follow(
        starts, *np.ascontiguousarray(points[both].T), no_region, 1e-6 * size[both], 1e-8, 1e6, lanes.NEVER
    )
    assert (reached == lanes.DIED).all()


def test_threshold_of_the_vacuum():
    p = np.array([-0.1 - 1e-9, -0.1 + 1e-9])
    dies = capture.vacuum(p, np.full(2, 2.28), np.full(2, 0.1), np.zeros(2)) > 0
    assert dies.tolist() == [True, False]


# Against an accurate integration


def velocity(_, s, p, a, g, delta):
    """docs/physics.md, section 2, in plain numbers, which scipy calls faster than an array function."""
    s_x, s_y, s_z = s.tolist()
    size = math.sqrt(s_x**2 + s_y**2 + s_z**2)
    gain, field = p - size, a * s_z + delta
    return gain * s_x - g * size - field * s_y, gain * s_y + s_z + field * s_x, gain * s_z - s_y


def reference(s0, parameters, states):
    """Number of the state that DOP853 comes within 1e-3 of, or -1."""
    candidates = states[~np.isnan(states[:, 0])]

    def distance(_, s, *parameters):
        y = candidates - s
        return (y * y).sum(axis=1).min() - 1e-6 * (s @ s)

    distance.terminal = True
    arguments = {
        "method": "DOP853",
        "rtol": 1e-11,
        "atol": 1e-14,
        "events": distance,
        "args": tuple(parameters.tolist()),
    }
    solution = solve_ivp(velocity, (0, 2e4), s0, **arguments)
    return np.linalg.norm(candidates - solution.y[:, -1], axis=1).argmin() if solution.status == 1 else -1


def disagreements(parameters, rng):
    """How many of our ends differ from the accurate ones, where these do not change when s0 moves by 1e-6."""
    states, stable = stationary_states(parameters)
    starts = seeds.gaussian(0.1)(rng, len(parameters))
    ours = ensemble.ends(starts[:, None], parameters, states, stable, tol=1e-5, t_max=1e4)[:, 0]
    theirs = [reference(*case) for case in zip(starts, parameters, states, strict=True)]
    moves = 1e-6 * np.concatenate([np.eye(3), -np.eye(3)])
    return sum(
        all(reference(starts[i] + move, parameters[i], states[i]) == theirs[i] for move in moves)
        for i in np.nonzero(ours != theirs)[0]
    )


def test_same_ends_as_an_accurate_integration():
    rng = np.random.default_rng(6)
    assert disagreements(random_points(16, rng), rng) == 0
    assert disagreements(random_points(8, rng, p=(4, 9), delta=(1e-3, 0.5), a=1.0, g=3.0), rng) == 0


@pytest.mark.slow
def test_same_ends_as_an_accurate_integration_for_thousands():
    rng = np.random.default_rng(7)
    assert disagreements(random_points(4000, rng), rng) <= 4
    assert disagreements(random_points(500, rng, p=(1, 2)), rng) <= 1
    assert disagreements(random_points(1000, rng, p=(4, 9), delta=(1e-3, 0.5), a=1.0, g=3.0), rng) <= 1


# The physics


def test_probability_is_one_exactly_where_only_one_state_is_stable():
    p, delta = np.linspace(-0.08, 0.8, 23), [1e-3, 0.02, 0.1, 0.2]
    found = lp.alignment_probability(PAPER, rng=1, realizations=60, p=p, delta=delta)
    single = lp.fixed_points(PAPER, p=p, delta=delta).stable.sum("state") == 1
    assert 20 < int(single.sum()) < single.size - 20
    assert (found.probability.values[single.values] == 1.0).all()
    assert (found.probability.values[~single.values]).mean() < 0.9
    assert (found.settled == 60).all()


def test_probability_leaves_one_at_the_fold():
    delta = 1e-3
    s_c, p_c, c3 = (1 + 0.1**2) / 2.28, (1 + 0.1**2) / 2.28 - 0.1, (1 - 0.1**2 + 0.228) / (2 * (1 + 0.1**2) ** 2)
    fold = p_c + 3 * s_c * (c3 / 4) ** (1 / 3) * delta ** (2 / 3)
    p = p_c + (fold - p_c) * np.array([0.5, 0.95, 1.2, 2.0])
    probability = lp.alignment_probability(PAPER.replace(delta=delta), rng=2, realizations=500, p=p).probability
    assert (probability[:2] == 1).all()
    assert (probability[2:] < 0.99).all()
    assert (probability[2:] > 0.5).all()


def test_probability_falls_to_one_half_far_beyond_the_fold():
    found = lp.alignment_probability(PAPER.replace(p=1.0, delta=1e-4), rng=3, realizations=1000)
    assert abs(found.probability - 0.5) < 4 * found.standard_error


def test_symmetric_in_the_field():
    found = lp.alignment_probability(PAPER, rng=4, realizations=2000, p=[0.65, 0.8], delta=[-0.1, 0.1])
    difference = found.probability.diff("delta").squeeze()
    assert (abs(difference) < 4 * np.sqrt(2) * found.standard_error.max()).all()
    assert (found.probability < 0.9).all()


def test_small_seeds_raise_the_probability():
    site = PAPER.replace(p=0.7, delta=0.05)
    small, large = (lp.alignment_probability(site, mean_s=s, rng=5, realizations=2000) for s in (1e-5, 0.1))
    assert small.probability > large.probability + 4 * large.standard_error


def test_initial_conditions_on_a_state_stay_there():
    found = lp.fixed_points(PAPER)
    up, down = found.pseudospin.values[found.stable.values]
    assert lp.alignment_probability(PAPER, initial=[up]).probability == 1.0
    assert lp.alignment_probability(PAPER, initial=[down]).probability == 0.0
    assert lp.alignment_probability(PAPER.replace(delta=-0.05), initial=[up, up, down]).probability == 1 / 3


def test_undefined_without_a_field():
    found = lp.alignment_probability(PAPER, rng=6, realizations=20, delta=[0.0, 0.1])
    assert np.isnan(found.probability.values).tolist() == [True, False]
    assert (found.settled == 20).all()


def test_below_threshold_all_die():
    found = lp.alignment_probability(PAPER, rng=7, realizations=50, p=[-1.0, -0.2])
    assert (found.died == 50).all()
    assert (found.settled == 0).all()
    assert np.isnan(found.probability).all()


def test_limit_cycles_do_not_settle():
    found = lp.alignment_probability(LIMIT_CYCLE, rng=8, realizations=20, t_max=100.0)
    assert (int(found.unsettled), int(found.settled), int(found.died)) == (20, 0, 0)
    assert np.isnan(found.probability)


def test_stopped_too_early_does_not_count_as_settled():
    found = lp.alignment_probability(PAPER, rng=9, realizations=50, t_max=0.5)
    assert found.unsettled == 50


def test_vacuum_stays_vacuum():
    assert lp.alignment_probability(PAPER, initial=np.zeros((3, 3)), t_max=100.0).unsettled == 3
    assert lp.alignment_probability(PAPER.replace(p=-1.0), initial=np.zeros((3, 3))).died == 3


# The same numbers whatever else is computed


def test_three_stable_states_in_a_map_and_alone():
    p, delta = [0.3, 4.95, 5.1, 8.0], [0.01, 0.1]
    whole = lp.alignment_probability(SUBCRITICAL, rng=10, realizations=70, p=p, delta=delta)
    for i in range(4):
        for k in range(2):
            alone = lp.alignment_probability(SUBCRITICAL.replace(p=p[i], delta=delta[k]), rng=10, realizations=70)
            for name in ("probability", "settled", "unsettled", "died"):
                assert alone[name].item() == whole[name].isel(p=i, delta=k).item()


def test_every_trajectory_ends_where_it_ends_alone():
    rng = np.random.default_rng(11)
    parameters = random_points(5, rng)
    states, stable = stationary_states(parameters)
    starts = np.stack([seeds.gaussian(0.1)(rng, 30) for _ in parameters])
    together = ensemble.ends(starts, parameters, states, stable, tol=1e-5, t_max=1e4)
    for i in range(5):
        for k in range(30):
            case = starts[i : i + 1, k : k + 1], parameters[i : i + 1], states[i : i + 1], stable[i : i + 1]
            assert ensemble.ends(*case, tol=1e-5, t_max=1e4).item() == together[i, k]


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0)])
def test_points_that_end_differently_side_by_side(order):
    parameters = np.array([(-1.0, 2.28, 0.1, 0.1), (0.2, 2.28, 0.1, 0.1), (-1.6, 20.0, 5.2, 0.1)])[list(order)]
    states, stable = stationary_states(parameters)
    starts = np.stack([seeds.gaussian(0.1)(np.random.default_rng(i), 40) for i in range(3)])
    reached = ensemble.ends(starts, parameters, states, stable, tol=1e-5, t_max=500.0)
    dead, settled, cycling = (reached[order.index(i)] for i in range(3))
    assert (dead == lanes.DIED).all()
    assert (settled == np.nonzero(stable[order.index(1)])[0][0]).all()
    assert (cycling == lanes.UNSETTLED).all()


def test_threads_change_nothing():
    """The 24 points go in chunks of 12, 6 and 2."""
    axes = {"p": np.linspace(0.3, 1, 8), "delta": [0.01, 0.1, 0.2]}
    one, two, five = (
        lp.alignment_probability(PAPER, rng=12, realizations=100, threads=threads, **axes) for threads in (1, 2, 5)
    )
    assert one.identical(two)
    assert one.identical(five)


@pytest.mark.parametrize("threads", [1, 2, 5])
def test_chunks_change_nothing(threads):
    """Of one point, of three at most, and of as many as make two for each thread."""
    parameters, chunks, done = random_points(22, np.random.default_rng(13)), [], []

    def states(some):
        chunks.append(len(parameters[some]))
        return stationary_states(parameters[some])

    case = parameters, 100, lambda i: seeds.gaussian(0.1)(np.random.default_rng(i), 100), states
    options = {"tol": 1e-5, "t_max": 1e4, "threads": threads, "advance": done.append}
    one, three, many = (ensemble.count(*case, chunk=chunk, **options) for chunk in (1, 300, 10_000))
    most = 22 // (2 * threads)
    assert chunks.count(1) >= 22
    assert chunks.count(min(3, most)) >= 22 // 3
    assert (max(chunks), sum(done)) == (most, 3 * 22)
    assert (one == three).all()
    assert (one == many).all()


def test_seeds():
    def run(rng):
        return lp.alignment_probability(PAPER, rng=rng, realizations=100, p=np.linspace(0.5, 1, 10))

    assert run(1).identical(run(1))
    assert (run(1).probability != run(2).probability).any()
    drawn = run(None)
    assert run(int(drawn.seed)).identical(drawn)
    assert run(None).seed != drawn.seed
    assert run(np.random.default_rng(3)).probability.identical(run(np.random.default_rng(3)).probability)


def test_points_have_initial_conditions_of_their_own():
    first, second = (seeds.generator(b"key", np.array([0.1, 0.2, delta])) for delta in (0.3, 0.3 + 1e-16 + 5e-17))
    assert first.random() != second.random()
    zero, minus_zero = (seeds.generator(b"key", np.array([0.1, zero])) for zero in (0.0, -0.0))
    assert zero.random() == minus_zero.random()


# The laws of the initial conditions


def test_gaussian_law():
    s = seeds.gaussian(0.1)(np.random.default_rng(13), 40_000)
    size = np.linalg.norm(s, axis=1)
    assert size.mean() == pytest.approx(0.1, rel=0.02)
    assert size.var() == pytest.approx(0.1**2 / 2, rel=0.05)  # the sum of two exponential variables
    directions = s / size[:, None]
    assert directions.mean(axis=0) == pytest.approx(np.zeros(3), abs=0.015)
    assert directions.T @ directions / len(s) == pytest.approx(np.eye(3) / 3, abs=0.015)


def test_sphere_law():
    s = seeds.sphere(0.3)(np.random.default_rng(14), 40_000)
    assert np.linalg.norm(s, axis=1) == pytest.approx(np.full(40_000, 0.3))
    assert s.mean(axis=0) == pytest.approx(np.zeros(3), abs=0.005)
    assert s.T @ s / len(s) == pytest.approx(0.09 * np.eye(3) / 3, abs=0.001)


def test_a_law_of_the_user():
    site, gaussian = PAPER.replace(p=0.7), seeds.gaussian(0.1)
    named = lp.alignment_probability(site, rng=15)
    own = lp.alignment_probability(site, rng=15, initial=lambda rng, n: gaussian(rng, n))
    assert own.probability == named.probability


def test_the_result_describes_itself():
    found = lp.alignment_probability(PAPER, rng=16, realizations=30, p=[0.4, 0.7], progress=False)
    assert found.probability.dims == ("p",)
    assert set(found) == {"probability", "standard_error", "settled", "unsettled", "died"}
    assert (found.attrs["seed"], found.attrs["realizations"], found.attrs["tol"]) == (16, 30, 1e-5)
    assert found.attrs["initial"] == "gaussian, mean s = 0.1"
    assert found.probability.attrs["long_name"] == "probability of alignment P"
    p, n = found.probability, found.settled
    assert (found.standard_error == np.sqrt(p * (1 - p) / n)).all()


def test_progress_counts_points(capsys):
    lp.alignment_probability(PAPER, rng=17, realizations=5, p=[0.4, 0.7], progress=True)
    assert "2/2" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"realizations": 0}, "realizations must be an integer from 1 up to 10000000; got 0"),
        ({"realizations": 2.5}, "realizations must be an integer .*; got 2.5"),
        ({"initial": "gausian"}, "initial = 'gausian' is not known; use 'gaussian', 'sphere' or pseudospins"),
        ({"initial": np.zeros((4, 2))}, r"initial has the shape \(4, 2\); give pseudospins \(n, 3\)"),
        ({"initial": np.zeros(3)}, r"initial has the shape \(3,\)"),
        ({"initial": np.full((2, 3), np.nan)}, "initial holds nan; give finite numbers"),
        (
            {"initial": lambda rng, n: np.zeros((n + 1, 3))},
            r"initial\(rng, n\) returned the shape \(201, 3\) for n = 200; it must return \(200, 3\)",
        ),
        ({"mean_s": 0.0}, "mean_s must be > 0; got 0.0: give a size"),
        ({"mean_s": np.nan}, "mean_s must be finite; got nan: give a size"),
        ({"t_max": 0.0}, "t_max must be > 0; got 0.0: give a time to stop at"),
        ({"t_max": np.inf}, "t_max must be finite; got inf: give a time to stop at"),
        ({"tol": 0.1}, "tol must be <= 0.001; got 0.1: give a relative error"),
        ({"threads": 0}, "threads must be an integer from 1; got 0"),
        ({"p": [0.1, np.nan]}, "axis p holds nan"),
        ({"a": [1.0, -1.0]}, "a = -1.0 is not positive"),
    ],
)
def test_what_is_refused(arguments, message):
    with pytest.raises(ValueError, match=message):
        lp.alignment_probability(PAPER, **arguments)


def test_an_axis_that_does_not_exist():
    with pytest.raises(TypeError, match=r"no axis \['pump'\]; the axes are \['p', 'a', 'g', 'delta'\]"):
        lp.alignment_probability(PAPER, pump=[0.1])


def test_interrupt_stops_trajectories_that_do_not_settle():
    """Ctrl-C where every trajectory would run for minutes."""
    script = (
        "import latticepol as lp\n"
        "site = lp.Site(p=0.4, a=2.28, g=0.1, delta=0.01)\n"
        "lp.alignment_probability(site, realizations=10, rng=0)\n"
        "print('ready', flush=True)\n"
        "lp.alignment_probability(site.replace(p=9e3), realizations=1000, rng=0)\n"
    )
    hears = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler)\n"  # ignored where we run with &
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    run = subprocess.Popen([sys.executable, "-c", hears + script], text=True, **pipes)
    assert run.stdout.readline() == "ready\n"
    with pytest.raises(subprocess.TimeoutExpired):
        run.wait(timeout=0.3)  # it is in the long call now
    run.send_signal(signal.SIGINT)
    _, errors = run.communicate(timeout=60)
    assert "KeyboardInterrupt" in errors
