"""A word about compiling, where it takes long and someone watches."""

from types import SimpleNamespace

import numba as nb
import pytest

from latticepol.numerics import compiled
from latticepol.numerics.elementary import log1p_over


def started(function):
    return SimpleNamespace(data={"dispatcher": function})


@pytest.mark.parametrize(
    ("watched", "patience", "ours", "said"),
    [(True, 0.0, True, 1), (False, 0.0, True, 0), (True, 60.0, True, 0), (True, 0.0, False, 0)],
)
def test_whoever_watches_is_told_of_long_compiling_once(watched, patience, ours, said, monkeypatch, capsys):
    monkeypatch.setattr(compiled, "watched", lambda: watched)
    monkeypatch.setattr(compiled, "PATIENCE", patience)
    listener = compiled._Announcer()
    function = started(log1p_over if ours else nb.njit(lambda x: x))
    for _ in range(2):
        listener.on_start(function)
        listener.on_start(function)  # what it calls
        listener.on_end(function)
        if said and listener.timer is not None:
            listener.timer.join()
        listener.on_end(function)
        assert listener.timer is None
    assert capsys.readouterr().err.count("latticepol compiles functions for this processor") == said


def test_the_listener_hears_of_functions_that_are_compiled(monkeypatch):
    heard = []
    monkeypatch.setattr(compiled._Announcer, "on_start", lambda self, what: heard.append(compiled._ours(what)))
    monkeypatch.setattr(compiled._Announcer, "on_end", lambda self, what: heard.append(None))
    nb.njit(lambda x: x + 1)(1)
    assert heard == [False, None]
