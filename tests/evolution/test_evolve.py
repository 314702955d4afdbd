"""Evolution: outputs, schedules, callbacks, adaptive steps, failures."""

from typing import ClassVar

import numpy as np
import pytest

import latticepol as lp
from latticepol.evolution.frame_writer import FileSink, PartLimits
from latticepol.state import InitialState

GRID = lp.Grid.rectangle((8.0, 8.0), (16, 16))
X, Y = GRID.points
C = np.cos(2 * np.pi * X / 8)
MODEL = lp.SpinorGPE(
    GRID,
    [lp.Kinetic(1.0), lp.TETM(0.1), lp.Splitting(1.0, 0.1), lp.Gain(1.6 + 0.4 * C, 1.0, 1.0), lp.Interaction(2.0, 0.1)],
    units={"time": "ps", "length": "um"},
)
#: Rounding of up to 150 steps of fields of order one, of three transforms each.
ROUNDING = 1e-13
PSI = 0.3 * np.stack([1 + 0.3 * np.exp(1j * np.pi * X / 4), 1 - 0.2 * C])


def run(t_end=1.0, psi=PSI, model=MODEL, **options):
    return lp.evolve(model, psi, t_end, **({"dt": 0.05, "progress": False} | options))


def test_result_has_units_and_provenance():
    out = run(save=lp.every(0.5), variables=["psi", "number", "energy"], rng=3)
    assert out.psi.dims == ("time", "spin", "y", "x")
    assert out.time.values.tolist() == [0.0, 0.5, 1.0]
    assert (out.time.units, out.x.units, out.psi.units, out.energy.units) == ("ps", "um", "um-1", "ps-1")
    assert out.attrs["status"] == "finished"
    assert out.attrs["steps"] == 20
    assert out.attrs["seed"] == 3
    assert "Gain.W" in out.attrs["parameters"]


def test_the_planning_of_transforms_changes_rounding_only():
    plain, patient = (run(model=MODEL.replace(planning=name)).psi.values for name in ("measure", "patient"))
    assert np.abs(plain - patient).max() < ROUNDING
    with pytest.raises(ValueError, match="planning = 'slow' is not known; use 'measure' or 'patient'"):
        MODEL.replace(planning="slow")


def test_oblique_cells_have_two_dimensional_coordinates():
    grid = lp.Grid(((3**0.5, 0.0), (3**0.5 / 2, 1.5)), (8, 8))
    out = run(0.1, np.ones((2, 8, 8)), lp.SpinorGPE(grid, [lp.Kinetic(1.0)]))
    assert out.x.dims == ("y", "x")


@pytest.mark.filterwarnings("ignore:at_times")
def test_steps_hit_every_output_and_the_end_is_saved():
    out = run(1.0, dt=0.3, save=lp.at_times([0.1, 0.25, 7.0]))
    assert out.time.values.tolist() == [0.1, 0.25, 1.0]
    fine = run(1.0, dt=0.003, save=lp.at_times([0.1, 0.25]))
    assert np.abs(out.psi.values - fine.psi.values).max() < 1e-4


def test_a_result_goes_in_again():
    first = run(0.5, save=lp.every(0.25))
    more = run(1.0, first, save=lp.every(0.25))
    assert more.time.values.tolist() == [0.5, 0.75, 1.0]
    whole = run(1.0, save=lp.every(0.25))
    assert np.array_equal(more.psi.values[-1], whole.psi.values[-1])
    assert run(0.5, first, t0=0.0).time.values.tolist() == [0.5]


def test_batch_dimensions_survive():
    out = run(0.1, np.stack([PSI, 2 * PSI]), variables=["psi", "number"])
    assert out.psi.dims == ("time", "batch", "spin", "y", "x")
    assert out.number.dims == ("time", "batch")
    assert run(0.2, out).psi.dims == out.psi.dims


def test_reservoir_is_saved_and_read_back():
    model = MODEL.replace(terms=[*MODEL.terms[:3], lp.Reservoir(2.0, 1.0, 1.5, 1.0)])
    first = run(0.5, model=model)
    assert first.reservoir.dims == first.psi.dims
    whole = run(1.0, model=model, save=lp.every(0.5))
    assert np.array_equal(run(1.0, first, model).reservoir.values[-1], whole.reservoir.values[-1])


def test_functions_of_a_frame_can_be_saved():
    def density(frame):
        return (abs(frame.psi) ** 2).rename("density")

    out = run(0.2, save=lp.every(0.1), variables=[density])
    assert out.density.sizes["time"] == 3
    assert "psi" not in out


def test_file_is_the_same_as_memory(tmp_path):
    options = {"save": lp.every(0.25), "variables": ["psi", "number"]}
    memory, file = run(**options), run(out=tmp_path / "run.nc", **options)
    assert np.array_equal(memory.psi.values, file.psi.values)
    stored = lp.load(tmp_path / "run.nc")
    assert np.array_equal(memory.number.values, stored.number.values)
    assert stored.psi.dtype == complex
    assert stored.psi.units == "um-1"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["run.nc"]
    with pytest.raises(FileNotFoundError, match=r"folder .* does not exist"):
        run(out=tmp_path / "nowhere" / "run.nc")


def test_the_file_grows_while_it_runs(tmp_path, written_at_once):
    sizes = []

    def look(frame):
        sizes.append(lp.load(tmp_path / "run.nc").sizes["time"])

    run(out=tmp_path / "run.nc", save=lp.every(0.1), callbacks=[(lp.every(0.1), look)])
    assert len(sizes) == 11
    assert sizes[0] == 1
    assert sizes == sorted(sizes)
    assert sizes[-1] >= 6
    assert np.allclose(np.diff(lp.load(tmp_path / "run.nc").time), 0.1)


@pytest.mark.parametrize(
    ("size", "seconds", "written"), [(5, np.inf, 6), (0, np.inf, 11), (99, np.inf, 0), (99, -1, 11)]
)
def test_frames_are_written_when_they_are_many_or_have_waited(tmp_path, size, seconds, written):
    """More than ``size`` frames, or longer than ``seconds``, which is always or never."""
    frames = run(save=lp.every(0.1))
    limits = PartLimits(size * frames.isel(time=[0]).nbytes, seconds)
    sink = FileSink(tmp_path / "run.nc", "a run", limits=limits)
    for i in range(11):
        sink.append(frames.isel(time=[i]))
    assert 11 - len(sink.frames) == written
    np.testing.assert_array_equal(sink.result().psi.values, frames.psi.values)


def test_callbacks_see_the_field_and_may_stop():
    seen = []
    out = run(
        1.0, callbacks=[(lp.every(0.25), lambda frame: seen.append(float(frame.time[0])) or frame.time[0] >= 0.5)]
    )
    assert seen == [0.0, 0.25, 0.5]
    assert out.attrs["status"] == "stopped"
    assert out.time.values.tolist() == [0.5]


def test_stop_when_steady():
    out = run(500.0, model=MODEL.replace(alpha1=0.2), callbacks=[(lp.every(2.0), lp.stop_when_steady(1e-5))])
    assert out.attrs["status"] == "stopped"
    assert 2 < float(out.time[-1]) < 400


@pytest.mark.parametrize("integrator", [lp.Strang(), lp.BlanesMoan(), lp.ETDRK4()])
def test_adaptive_steps_keep_the_tolerance(integrator):
    exact = run(6.0, dt=0.005).psi.values[-1]
    errors, steps = [], []
    for tol in (1e-5, 1e-7):
        out = run(6.0, dt=None, tol=tol, integrator=integrator)
        errors.append(np.linalg.norm(out.psi.values[-1] - exact) / np.linalg.norm(exact))
        steps.append(out.attrs["steps"])
    assert errors[0] < 50 * 1e-5
    assert errors[1] < 50 * 1e-7
    # the number of steps grows as tol^(-1/(order + 1))
    assert abs(np.log(steps[1] / steps[0]) / np.log(100) - 1 / (integrator.order + 1)) < 0.15


class Watched(lp.ETDRK4):
    """Keeps the steps it was asked for."""

    seen: ClassVar[set[float]] = set()

    def step(self, engine, t, h, first):
        self.seen.add(h)
        super().step(engine, t, h, first)


def test_adaptive_steps_keep_their_length():
    """Each length has tables of its own, which cost more than a step; a step and its halves are two lengths."""
    out = run(10.0, dt=None, tol=1e-9, integrator=Watched())
    assert len(Watched.seen) < out.attrs["steps"]


def test_adaptive_steps_follow_a_pulse():
    model = MODEL.replace(terms=[*MODEL.terms, lp.Drive(lp.pumps.uniform(5.0) * lp.pumps.pulse(5.0, fwhm=0.2))])
    out = run(10.0, model=model, dt=None, tol=1e-6)
    fine = run(10.0, model=model, dt=0.01)
    assert np.linalg.norm(out.psi.values - fine.psi.values) < 1e-4 * np.linalg.norm(fine.psi.values)


def test_blow_up_keeps_the_last_good_state():
    class Explosion(lp.Term):
        def action(self, psi, x, y, t):
            return 5j * np.abs(psi) ** 4 * psi

    model = lp.SpinorGPE(GRID, [lp.Kinetic(1.0), Explosion()])
    for options in ({"dt": 0.01}, {"dt": None, "tol": 1e-6}):
        with np.errstate(all="ignore"), pytest.raises(lp.ConvergenceError, match=r"last good state, at t = ") as caught:
            run(5.0, 5 * PSI, model, save=lp.every(0.002), integrator=lp.ETDRK4(), **options)
        result = caught.value.result
        assert np.isfinite(result.psi.values).all()
        assert result.attrs["status"] == "failed"
        assert len(set(result.time.values)) == result.sizes["time"]


def test_blow_up_keeps_a_state_close_before():
    """With one stop at the start: equal steps look every LOOK = 50 steps, adaptive ones know the last good step."""

    class Explosion(lp.Term):
        def action(self, psi, x, y, t):
            return 0.5j * np.abs(psi) ** 2 * psi

    model = lp.SpinorGPE(GRID, [lp.Kinetic(1.0), Explosion()])
    psi = np.ones((2, 16, 16), complex)  # |psi|^2 = 1/(1 - t)
    for options, near in (({"dt": 0.001}, 0.9), ({"dt": None, "tol": 1e-6}, 0.99)):
        with np.errstate(all="ignore"), pytest.raises(lp.ConvergenceError) as caught:
            run(5.0, psi, model, integrator=lp.ETDRK4(), **options)
        last = caught.value.result.isel(time=-1)
        t = float(last.time)
        assert near < t < 1.01
        assert np.isfinite(last.psi.values).all()
        assert f"at t = {t:.6g}, is in the result" in str(caught.value)


def test_the_state_before_a_blow_up_is_complete():
    """The last piece of a Strang step is pending between steps: the kept state has it."""

    class Late(lp.Term):
        def action(self, psi, x, y, t):
            return psi * (np.nan if t > 0.16 else 0.1)

    model = lp.SpinorGPE(GRID, [lp.Kinetic(1.0), Late()])
    with pytest.raises(lp.ConvergenceError) as caught:
        run(1.0, model=model, dt=0.001, integrator=lp.Strang())
    last = caught.value.result.isel(time=-1)
    assert float(last.time) == 0.15
    exact = run(0.15, model=model, dt=0.001, integrator=lp.Strang()).psi.values[-1]
    assert np.abs(last.psi.values - exact).max() < ROUNDING


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"save": 0.1}, r"save = 0.1 is not a schedule; give lp.every"),
        ({"integrator": "Strang"}, r"integrator = 'Strang' is not an integrator; give lp.Strang\(\)"),
        ({"integrator": lp.Strang}, r"integrator = <class .* is not an integrator; give lp.Strang\(\)"),
        ({"callbacks": [print]}, r"callbacks holds <built-in function print>; give a list of pairs"),
        ({"callbacks": print}, r"callbacks = <built-in function print> is not a list; give a list of pairs"),
        ({"callbacks": [(0.1, print)]}, r"the schedule of a callback = 0.1 is not a schedule; give lp.every"),
        ({"t0": [0.0]}, r"t0 is a list; give a simulated time, not several"),
        ({"variables": "psi"}, r"variables = 'psi' is not a list; give one, for example \['psi'"),
        ({"variables": [1]}, r"variables holds 1; give names and functions"),
    ],
)
def test_arguments_of_the_wrong_kind_are_refused_with_the_fix(options, message):
    with pytest.raises(TypeError, match=message):
        run(**options)


def test_variables_are_not_empty():
    with pytest.raises(ValueError, match=r"variables = \(\) leaves nothing to save; give at least one"):
        run(variables=())


def test_backward_saturation_is_reported():
    """The compositions here step forward first by more than back, so only a step of one's own comes to this."""
    engine = lp.SpinorGPE(GRID, [lp.Kinetic(1.0), lp.Gain(1.0, 0.5, 1.0)]).engine(InitialState(5 * PSI))
    with pytest.raises(lp.ConvergenceError, match=r"would need saturation to run backwards.*lp.ETDRK4\(\)"):
        engine.local(-0.5, -0.5, 0.0)


def test_what_was_saved_before_an_interruption_is_on_disk(tmp_path):
    def interrupt(frame):
        if frame.time[0] >= 0.5:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run(out=tmp_path / "run.nc", save=lp.every(0.25), callbacks=[(lp.every(0.1), interrupt)])
    assert lp.load(tmp_path / "run.nc").time.values.tolist() == [0.0, 0.25, 0.5]


def test_progress_is_in_simulated_time(capsys):
    run(0.5, progress=True)
    assert "/0.5 ps" in capsys.readouterr().err
    run(0.5, progress=False)
    assert capsys.readouterr().err == ""


def test_noise_is_repeatable_from_its_seed():
    model = MODEL.replace(terms=[*MODEL.terms, lp.WignerNoise()])
    first, again, other = (run(0.3, model=model, rng=seed) for seed in (5, 5, 6))
    assert np.array_equal(first.psi, again.psi)
    assert not np.array_equal(first.psi, other.psi)
    drawn = run(0.3, model=model)
    assert np.array_equal(drawn.psi, run(0.3, model=model, rng=drawn.attrs["seed"]).psi)
    with pytest.raises(ValueError, match="noise is not; give dt"):
        run(0.3, model=model, dt=None, tol=1e-4)
