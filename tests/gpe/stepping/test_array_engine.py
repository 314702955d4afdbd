"""The engine of array functions against the compiled one: with numpy, with an imitation of CuPy, with CuPy on a GPU."""

import re
import sys

import imitation_cupy
import numpy as np
import pytest
from gpe_cases import GRID, INTEGRATORS, SPOT, TERMS, C, X, name, random_field
from test_flow import REFERENCE, local_ode
from timestepping.test_integrators import MODELS

import latticepol as lp
from latticepol.gpe.stepping.engine import Engine
from latticepol.gpe.stepping.engine_gpu import ArrayEngine
from latticepol.numerics import fft

#: Rounding of twenty steps of fields of order one, of fourteen transforms each at most: 280 transforms of 3 eps each,
#: which add up like a random walk, are 1e-14; sums over the plane and the transforms of a GPU have a few times more.
ROUNDING = {"complex128": 1e-12, "complex64": 5e-5}
H, STEPS = 0.02, 20
CASES = {f"{name(term)} {i}": [term] for i, term in enumerate(TERMS)} | MODELS
TETM_IN_BATCH = lp.TETM(np.array([0.1, -0.2, 0.3]).reshape(3, 1, 1))
BATCHED = {
    "gain": [
        lp.Kinetic(1.3),
        TETM_IN_BATCH,
        lp.Zeeman(np.array([0.1, 0.2, -0.3]).reshape(3, 1, 1)),
        lp.Gain(np.array([1.0, 1.5, 2.0]).reshape(3, 1, 1) * (1 + SPOT), 1.0, 0.7),
        lp.Interaction(np.array([1.0, 2.0, 0.0]).reshape(3, 1, 1), 0.4),
        lp.Zeeman(0.3 * C),
    ],
    "reservoir": [
        lp.Kinetic(1.3),
        lp.Reservoir(np.array([1.0, 2.0, 3.0]).reshape(3, 1, 1, 1) * SPOT, 1.0, 1.5, 1.0, 0.3, -0.1, tau_s=2.0),
    ],
}


def engines(model, psi, n=None):
    return Engine(model, psi, n, np.random.default_rng(0)), ArrayEngine(model, psi, n, np.random.default_rng(0), np)


def run(engine, integrator, steps=STEPS):
    for i in range(steps):
        integrator.step(engine, i * H, H, first=i == 0)
    integrator.finish(engine, H)
    return np.concatenate([array.ravel() for array in engine.state])


def with_each_precision(cases, single):
    """Slow are other integrators than Strang with single terms, and other cases than these in single precision, which
    compiles every loop anew."""
    few = [pytest.param(case, each, dtype, marks=() if (case in MODELS and dtype == "complex128")
                        or (each == lp.Strang() and (dtype == "complex128" or single(case)))
                        else pytest.mark.slow, id=f"{case}-{name(each)}-{dtype}")
           for case in cases for each in INTEGRATORS for dtype in ROUNDING]  # fmt: skip
    return pytest.mark.parametrize(("case", "integrator", "dtype"), few)


@with_each_precision([case for case in CASES if "Wigner" not in case], lambda case: "eservoir" not in case)
def test_steps_are_those_of_the_compiled_engine(case, integrator, dtype):
    model = lp.SpinorGPE(GRID, CASES[case], dtype=dtype)
    compiled, arrays = (run(engine, integrator) for engine in engines(model, random_field()))
    assert arrays.dtype == compiled.dtype
    assert np.abs(arrays - compiled).max() < ROUNDING[dtype] * np.abs(compiled).max()


@pytest.mark.parametrize("integrator", INTEGRATORS, ids=name)
@pytest.mark.parametrize("case", BATCHED)
def test_batches(case, integrator):
    model = lp.SpinorGPE(GRID, BATCHED[case])
    compiled, arrays = (run(engine, integrator) for engine in engines(model, random_field(batch=(3,))))
    assert np.abs(arrays - compiled).max() < ROUNDING["complex128"]


@pytest.mark.parametrize("h", [0.01, 2.0, -0.3])
@pytest.mark.parametrize(("w", "eta"), [(0.7, 1.1), (0.0, 1.1), (1e-9, 1.1), (0.7, 0.0), (0.0, 0.0)])
@pytest.mark.parametrize("psi", [[0.6 + 0.3j, -0.2 + 0.5j], [0.0, 0.0], [0.4j, 0.0]])
def test_limits_of_the_saturable_flow(psi, w, eta, h):
    grid = lp.Grid.rectangle((4.0, 4.0), (4, 4))
    terms = [
        lp.Potential(0.8),
        lp.Zeeman(0.3 * np.ones(grid.shape)),
        lp.Gain(1 + w, 1.0, eta),
        lp.Interaction(2.3, 0.4),
    ]
    field = np.array(psi)[:, None, None] * np.ones((2, *grid.shape))
    _, engine = engines(lp.SpinorGPE(grid, terms), field)
    engine.local(h, 0.0, 0.0)
    exact = local_ode(psi, (1 + w) - 1.0, 0.8, 0.3, eta, 2.3, 0.4, h)
    assert np.abs(engine.field[:, 0, 0] - exact).max() < REFERENCE


@pytest.mark.parametrize("size", [0.0, 0.7])
@pytest.mark.parametrize("parameters", [(0.0, 0.0), (1.0, 0.0), (1.0, 1.5)])
def test_limits_of_the_reservoir_flow(parameters, size):
    """No field, equal spins without mixing, no relaxation: where the rate matrix is a number or zero."""
    model = lp.SpinorGPE(GRID, [lp.Reservoir(2 * SPOT, *parameters, 0.0, 0.3, -0.1), lp.Interaction(1.0)])
    psi, n = np.full((2, *GRID.shape), size * (1 + 0j)), np.full((2, *GRID.shape), 0.4)
    compiled, arrays = (run(engine, lp.BlanesMoan()) for engine in engines(model, psi, n))
    assert np.abs(arrays - compiled).max() < ROUNDING["complex128"]


def test_steps_back_past_infinity_are_refused():
    _, engine = engines(lp.SpinorGPE(GRID, [lp.Gain(1.0, 1.0, 2.0)]), 3 * np.ones((2, *GRID.shape)))
    with pytest.raises(lp.ConvergenceError, match="back in time"):
        engine.local(-0.2, 0.0, 0.0)


@pytest.mark.parametrize("reservoir", [False, True])
def test_noise_from_the_same_numbers_is_the_same(reservoir):
    gain = lp.Reservoir(2 * SPOT, 1.0, 1.5, 1.0) if reservoir else lp.Gain(1.6 * SPOT, 1.0, 0.01)
    terms = [lp.Kinetic(1.3, nu=0.2), lp.Splitting(1.0, 0.3), gain, lp.Interaction(0.02), lp.WignerNoise()]
    compiled, arrays = engines(lp.SpinorGPE(GRID, terms), random_field())
    compiled.rng, arrays._generator = np.random.default_rng(5), np.random.default_rng(5)
    assert np.abs(run(compiled, lp.Strang()) - run(arrays, lp.Strang())).max() < ROUNDING["complex128"]


def test_noise_on_the_verge_of_a_negative_covariance():
    """gamma = Gamma without gain: the covariance has an eigenvalue 0, to rounding."""
    for Gamma in (0.1, 0.2, 0.3, 0.5, 0.7):
        terms = [lp.Gain(0.0, Gamma), lp.WignerNoise()]
        for engine in engines(lp.SpinorGPE(GRID, [lp.Splitting(0.0, Gamma), *terms]), random_field()):
            assert np.isfinite(run(engine, lp.Strang(), 2)).all()
        for engine in engines(lp.SpinorGPE(GRID, [lp.Splitting(0.0, 1.01 * Gamma), *terms]), random_field()):
            with pytest.raises(lp.ConvergenceError, match=r"give \|gamma\| <= Gamma"):
                run(engine, lp.Strang(), 2)


@pytest.fixture(params=["imitation", "cupy"])
def cuda(request, monkeypatch):
    """Device "cuda": CuPy itself where there is a GPU, and an imitation of it anywhere."""
    if request.param == "imitation":
        for module, content in imitation_cupy.modules().items():
            monkeypatch.setitem(sys.modules, module, content)
    elif not pytest.importorskip("cupy").cuda.is_available():
        pytest.skip("there is no GPU")


def evolve(model, psi0, t_end=0.4, **options):
    options = {"dt": H, "save": lp.every(0.2), "variables": ["psi", "number", "energy", "gain", "loss"]} | options
    return lp.evolve(model, psi0, t_end, progress=False, rng=3, **options)


def same(first, second, tolerance):
    assert set(first.data_vars) == set(second.data_vars)
    for variable in first.data_vars:
        a, b = first[variable].values, second[variable].values
        assert a.dtype == b.dtype
        assert np.abs(a - b).max() <= tolerance * np.abs(a).max()


@with_each_precision(MODELS, lambda case: case == "gain")
def test_cuda_is_cpu(cuda, case, integrator, dtype):
    model = lp.SpinorGPE(GRID, MODELS[case], dtype=dtype)
    cuda, cpu = model.replace(device="cuda"), model
    there, here = (evolve(model, random_field(), integrator=integrator) for model in (cuda, cpu))
    same(there, here, ROUNDING[dtype])


def test_cuda_with_adaptive_steps_and_callbacks(cuda):
    model = lp.SpinorGPE(GRID, MODELS["reservoir"])
    n, seen = np.full((2, *GRID.shape), 0.3), []
    options = {
        "dt": None,
        "tol": 1e-7,
        "dt_max": 0.1,
        "callbacks": [(lp.every(0.2), lambda frame: seen.append(frame.psi.values))],
    }
    there, here = (evolve(model.replace(device=device), (random_field(), n), **options) for device in ("cuda", "cpu"))
    same(there, here, 1e-9)  # the estimated step, not the field alone, is rounded differently
    assert there.attrs["steps"] == here.attrs["steps"]
    assert all(isinstance(psi, np.ndarray) for psi in seen)


def test_a_checkpoint_of_one_device_continues_on_the_other(cuda, tmp_path):
    model = lp.SpinorGPE(GRID, MODELS["reservoir"])
    whole = evolve(model, random_field())
    for first in ("cuda", "cpu"):
        second = "cpu" if first == "cuda" else "cuda"
        evolve(model.replace(device=first), random_field(), 0.2, checkpoint=tmp_path / first)
        same(
            evolve(model.replace(device=second), random_field(), checkpoint=tmp_path / first),
            whole,
            ROUNDING["complex128"],
        )


def test_noise_on_cuda(cuda):
    """The vacuum stays half a quantum per mode; the seed repeats the run."""
    terms = [lp.Kinetic(1.0, nu=0.1), lp.Splitting(0.5, 0.6), lp.Gain(0.0, 1.0), lp.WignerNoise()]
    model = lp.SpinorGPE(GRID, terms, device="cuda")
    psi0 = np.zeros((8, 2, *GRID.shape), complex)
    first, again = (evolve(model, psi0, 6.0, dt=0.05, save=None) for _ in range(2))
    same(first, again, 0.0)
    quanta = float(first.number[-1].mean()) / (2 * GRID.points[0].size)
    assert abs(quanta - 0.5) < 4 * 0.5 / np.sqrt(psi0.size)


def test_a_failing_run_on_cuda_keeps_its_last_state(cuda):
    model = lp.SpinorGPE(GRID, [lp.Kinetic(1.0), Explosion()], device="cuda")
    with pytest.raises(lp.ConvergenceError, match="NaN") as failure:
        evolve(model, random_field(), 2.0, variables=["psi"], integrator=lp.Strang())
    assert np.isfinite(failure.value.result.psi.values).all()


class Explosion(lp.Term):
    """i dpsi/dt = i x^2 |psi|^4 psi."""

    def action(self, psi, x, y, t):
        return 1j * x * x * np.abs(psi) ** 4 * psi


def test_the_rest_of_the_model_stays_on_the_processor(cuda):
    model = lp.SpinorGPE(GRID, MODELS["gain"], device="cuda")
    assert repr(model).startswith("SpinorGPE, complex128, cuda: ")
    assert np.array_equal(model.rhs(random_field())[0], model.replace(device="cpu").rhs(random_field())[0])
    assert model.parameters().keys() == model.replace(device="cpu").parameters().keys()


NEEDS = re.escape("device 'cuda' needs CuPy and a GPU: pip install cupy-cuda12x (or cupy-cuda13x")


def test_cuda_without_cupy(monkeypatch):
    monkeypatch.setitem(sys.modules, "cupy", None)
    with pytest.raises(RuntimeError, match=NEEDS):
        lp.SpinorGPE(GRID, MODELS["gain"], device="cuda")


def test_cuda_without_gpu(monkeypatch):
    cupy = imitation_cupy.modules()["cupy"]
    cupy.cuda.is_available = lambda: False
    monkeypatch.setitem(sys.modules, "cupy", cupy)
    with pytest.raises(RuntimeError, match=NEEDS + ".*CuPy finds no GPU"):
        fft.cuda()


def test_unknown_device():
    with pytest.raises(ValueError, match="device = 'gpu' is not known; use 'cpu' or 'cuda'"):
        lp.SpinorGPE(GRID, MODELS["gain"], device="gpu")


def test_the_imitation_is_strict():
    """It refuses what CuPy refuses: else the tests above would prove little."""
    array = imitation_cupy.asarray(X)
    with pytest.raises(TypeError, match="meets"):
        array + X
    with pytest.raises(TypeError, match="meets"):
        array[...] = X
    with pytest.raises(TypeError, match="implicit"):
        np.asarray(array)
