"""What callbacks and functions of variables remember goes through a checkpoint."""

import numpy as np
import pytest
import xarray as xr
from resume_case import run
from resumed import Interrupted, case, same

import latticepol as lp


def test_a_stopped_run_stays_stopped(tmp_path):
    """Whatever t_end is; with other callbacks it goes on, and they are called for the time it stopped at."""
    stop = [(lp.every(0.25), lp.stop_when_steady(1e6))]
    first, *again = (case(tmp_path, end, callbacks=stop) for end in (1.2, 1.2, 1.5, 9.0))
    assert first.time.values.tolist() == [0.0, 0.25]
    for one in again:
        assert one.attrs["status"] == "stopped"
        assert one.attrs["steps"] == first.attrs["steps"]
        same(one, first)
    with pytest.raises(ValueError, match=r"t_end = 0.2 lies before t = 0.25"):
        case(tmp_path, 0.2, callbacks=stop)
    calls = []
    look = [(lp.every(0.25), lambda frame: calls.append(float(frame.time[0])))]
    same(case(tmp_path, 0.7, callbacks=look), run("gain", t_end=0.7, callbacks=look))  # 0.25 is no time to save
    assert calls[:2] == [0.25, 0.5]


def test_callbacks_that_remember_are_the_same_callbacks(tmp_path):
    """In the same session: what they hold changed during the run."""
    seen = []

    def stop(frame):
        seen.append(float(frame.time[0]))
        return len(seen) == 3

    made = [case(tmp_path, end, callbacks=[(lp.every(0.3), stop)]) for end in (1.2, 1.5)]
    assert seen == [0.0, 0.3, 0.6]
    assert made[0].attrs["status"] == made[1].attrs["status"] == "stopped"


@pytest.mark.parametrize("early", [*(pytest.param(t, marks=pytest.mark.slow) for t in (1.83, 2.4)), 2.1, 2.25])
def test_the_steady_stop_goes_on_from_what_it_remembers(tmp_path, early):
    """The density of the call before: ended, or broken off by an exception, between that call and the next."""

    def steady():  # the rates are 0.89, 0.83, 0.70, 0.61
        return lp.at_times([1.5, 1.8, 2.1, 2.4, 2.7]), lp.stop_when_steady(0.75)

    look = (lp.at_times([early]), lambda frame: None)
    straight = run("gain", t_end=3.0, callbacks=[steady(), look])
    assert straight.attrs["status"] == "stopped"
    assert straight.time[-1] == 2.4
    broken, ended = tmp_path / "broken", tmp_path / "ended"
    broken.mkdir()
    ended.mkdir()
    with pytest.raises(Interrupted):
        case(broken, 3.0, callbacks=[steady(), (lp.at_times([early]), fails_at(early))])
    case(ended, early, callbacks=[steady(), look])
    for folder in (broken, ended):
        for _ in range(2):  # over, when called again
            resumed = case(folder, 3.0, callbacks=[steady(), look])
            same(resumed, straight)
            assert resumed.attrs["status"] == "stopped"
            assert resumed.attrs["steps"] == straight.attrs["steps"]


def fails_at(t):
    def fail(frame):
        if frame.time[0] == t:
            raise Interrupted

    return fail


class Seen:
    """What a user may want to remember, of every kind that a checkpoint holds."""

    def __init__(self, most=99):
        self.most = most
        self.seen = {"t": [], "last": None, "rng": np.random.default_rng(3).bit_generator.state, "count": np.int16(0)}
        self.seen |= {"field": np.zeros((0, 2), np.complex64), "on": np.array([True, False]), "z": np.complex128(1j)}

    def __call__(self, frame):
        rng = np.random.default_rng()
        rng.bit_generator.state = self.seen["rng"]
        self.seen["t"].append((float(frame.time[0]), rng.random()))
        self.seen["rng"] = rng.bit_generator.state
        self.seen["last"] = frame.psi.values
        self.seen["field"] = frame.psi.values[0, 0].astype(np.complex64)
        self.seen["count"] += np.int16(1)
        self.seen["z"] *= 1j
        return len(self.seen["t"]) == self.most

    def look(self, frame):
        return self(frame)

    def total(self, frame):
        self(frame)
        return frame.psi.real.rename("total") * 0 + self.seen["t"][-1][1] + len(self.seen["t"])

    def state(self):
        return self.seen

    def restore(self, state):
        self.seen = dict(state)


def plain(seen):
    return repr(Seen.state(seen)).replace("(", "[").replace(")", "]")


#: Objects and methods of objects, broken off on the schedule of both callbacks and of one; the other pairs are slow.
FAST = [(0.45, True), (0.6, False)]
SLOW = [(early, method) for early in (0.3, 0.45, 0.6, 0.75) for method in (True, False) if (early, method) not in FAST]


@pytest.mark.parametrize(("early", "method"), [*FAST, *(pytest.param(*pair, marks=pytest.mark.slow) for pair in SLOW)])
def test_callbacks_go_on_from_what_they_remember(tmp_path, early, method):
    """Objects and methods of objects, whatever broke the run off; two of a class are told by their order."""

    def callbacks(first, second):
        return [(lp.every(0.15), first.look if method else first), (lp.every(0.3), second)]

    whole = Seen(), Seen()
    straight = run("noise", t_end=1.2, callbacks=callbacks(*whole))
    with pytest.raises(Interrupted):
        case(tmp_path, 1.2, "noise", callbacks=[*callbacks(Seen(), Seen()), (lp.every(0.15), fails_at(early))])
    case(tmp_path, 0.8, "noise", callbacks=callbacks(Seen(), Seen()))
    found = Seen(), Seen()
    same(case(tmp_path, 1.2, "noise", callbacks=callbacks(*found)), straight)
    assert [len(each.seen["t"]) for each in found] == [9, 5]
    assert [plain(each) for each in found] == [plain(each) for each in whole]
    new = Seen()  # one of another class is not given it
    case(tmp_path, 1.5, "noise", callbacks=[(lp.every(0.3), type("Other", (Seen,), {}).look.__get__(new))])
    assert len(new.seen["t"]) >= 1


@pytest.mark.parametrize("early", [0.45, 0.75, 0.8])
def test_functions_in_variables_go_on_from_what_they_remember(tmp_path, early):
    """Also where the last frame of the earlier run, at 0.75 and 0.8, is not kept."""
    looks = [(lp.every(0.75), lambda frame: None)]
    options = {"name": "noise", "callbacks": looks}
    straight = run("noise", t_end=1.2, variables=["psi", Seen().total], callbacks=looks)
    case(tmp_path, early, variables=["psi", Seen().total], **options)
    same(case(tmp_path, 1.2, variables=["psi", Seen().total], **options), straight)


def test_a_stopped_run_stays_stopped_in_another_session(tmp_path):
    """By a callback that was made anew, or holds what it saw before the run was broken off."""
    with pytest.raises(Interrupted):
        case(tmp_path, callbacks=[(lp.every(0.3), Seen(3)), (lp.at_times([0.3]), fails_at(0.3))])
    for _ in range(3):
        again = Seen(3)
        made = case(tmp_path, 1.5, callbacks=[(lp.every(0.3), again)])
        assert made.attrs["status"] == "stopped"
        assert made.time[-1] == 0.6
    assert case(tmp_path, 1.5, callbacks=[(lp.every(0.3), Seen(5))]).time[-1] == 1.2

    (tmp_path / "b").mkdir()
    seen, fail = [], fails_at(0.3)

    def stop(frame):
        seen.append(1)
        fail(frame) if len(seen) == 2 else None
        return len(seen) == 4

    for broken in (True, False, False, False):
        if broken:
            with pytest.raises(Interrupted):
                case(tmp_path / "b", 1.5, callbacks=[(lp.every(0.3), stop)])
        else:
            assert case(tmp_path / "b", 1.5, callbacks=[(lp.every(0.3), stop)]).time[-1] == 0.6
    assert len(seen) == 4
    seen.clear()  # a new session
    assert case(tmp_path / "b", 1.5, callbacks=[(lp.every(0.3), stop)]).time[-1] == 0.6


@pytest.mark.parametrize("odd", [{1: 2}, {"a": xr.DataArray([1.0])}, [object()], np.longdouble(1), {"__array__": 0}])
def test_a_memory_that_no_checkpoint_can_hold_is_refused(tmp_path, odd):
    """Before the run begins."""

    class Odd(Seen):
        def state(self):
            return odd

    with pytest.raises(
        TypeError, match=r"a state\(\) returns or holds .*, which no checkpoint can hold; return numbers"
    ):
        case(tmp_path, callbacks=[(lp.every(0.3), Odd())])
    assert not list(tmp_path.iterdir())
    run("gain", t_end=0.3, callbacks=[(lp.every(0.3), Odd())])


class Late(Seen):
    """One whose memory no checkpoint can hold from some call on."""

    def __init__(self, calls=99):
        super().__init__()
        self.calls = calls

    def __getstate__(self):  # whether it is mended makes no other run
        return {}

    def state(self):
        return self.seen | ({"odd": object()} if len(self.seen["t"]) >= self.calls else {})


@pytest.mark.parametrize("made", ["a callback", "a variable"])
def test_a_memory_that_cannot_be_held_later_costs_nothing_before(tmp_path, made):
    """The run stops there, and goes on from there when it is mended."""

    def options(late):
        if made == "a callback":
            return {"callbacks": [(lp.every(0.15), late)]}
        return {"variables": ["psi", late.total]}

    whole, again = Late(), Late()
    straight = run("noise", t_end=1.2, **options(whole))
    with pytest.raises(TypeError, match=r"a state\(\) returns or holds an? object.*which no checkpoint") as caught:
        case(tmp_path, 1.2, "noise", **options(Late(4)))
    t = whole.seen["t"][3][0]
    (note,) = caught.value.__notes__
    assert note == f"The run is kept up to t = {t:.6g} in {tmp_path / 'checkpoint'}; the same call goes on"
    same(case(tmp_path, 1.2, "noise", **options(again)), straight)
    assert plain(again) == plain(whole)


def test_a_used_steady_stop_begins_anew(tmp_path):
    """In another run, of another grid."""
    steady = lp.stop_when_steady(1e-9)
    run("gain", t_end=0.3, callbacks=[(lp.every(0.3), steady)])
    model = lp.SpinorGPE(lp.Grid.rectangle((8.0, 8.0), (8, 8)), [lp.Gain(2.0, 1.0, 1.0)])
    lp.evolve(model, np.ones((2, 8, 8)), 1.0, t0=0.9, dt=0.05, callbacks=[(lp.every(0.1), steady)])
