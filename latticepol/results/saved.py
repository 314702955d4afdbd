"""What a model shows of itself in results: frames of its states, and coordinates along its dimensions."""

from abc import abstractmethod
from collections.abc import Callable, Mapping, Sequence
from typing import Any, ClassVar

import numpy as np
import xarray as xr

from latticepol.model import Arrays, InitialState, Linearisable
from latticepol.results.dataset import wrap
from latticepol.results.variables import Variable, derived_units

#: name -> (its dimensions after time and batch, function of the state).
Table = Mapping[str, tuple[tuple[str, ...], Callable[[InitialState], np.ndarray]]]


class Saved(Linearisable):
    """A model that says what its states hold; the Datasets of all results follow."""

    #: What a frame is, and a function of frames that users look for among the variables.
    frame_title: ClassVar[str]
    frame_function: ClassVar[str] = ""
    #: The names of its starts.
    start_names: ClassVar[tuple[str, ...]]

    @property
    @abstractmethod
    def saved_variables(self) -> Table:
        """What can be saved of a state."""
        ...

    @property
    @abstractmethod
    def coordinates(self) -> Mapping[str, np.ndarray | tuple[tuple[str, ...], np.ndarray]]:
        """Coordinates along its dimensions: an array along the one of that name, or (dims, array)."""
        ...

    @property
    def own_variables(self) -> Mapping[str, Variable]:
        """Rows for names that the table of variables lacks, or that mean something else here."""
        return {}

    @property
    def result_units(self) -> Mapping[str, str] | None:
        """The text of the unit of each physical dimension."""
        return derived_units(self.units)

    def snapshot(self, now: InitialState, names: Sequence[str], *, seed: int) -> xr.Dataset:
        """Return the Dataset of one time with the variables ``names``, of those in ``saved_variables``."""
        table, variables = self.saved_variables, {}
        for name in dict.fromkeys(names):
            if name not in table:
                raise ValueError(
                    f"variable {name!r} is not known; there are {list(table)}, and functions of a Dataset with one "
                    f"frame{self.frame_function}"
                )
            inner, function = table[name]
            variables[name] = (("time", *now.dims, *inner), np.asarray(function(now))[None])
        return self.to_dataset(variables, {"time": np.array([now.t])}, title=self.frame_title, seed=seed)

    def to_dataset(self, variables: Arrays, more: Mapping[str, object], *, title: str, **attributes: Any) -> xr.Dataset:
        """Return a Dataset of results, with its coordinates where they are needed, and its parameters."""
        used = {dim for dims, _ in variables.values() for dim in dims}
        own = {
            name: value
            for name, value in self.coordinates.items()
            if used.issuperset(value[0] if isinstance(value, tuple) else (name,))
        }
        return wrap(
            variables, {**own, **more}, self.record,
            title=title, units=self.result_units, long_names=self.own_variables, **attributes,
        )  # fmt: skip

    def check_starts(self, names: Sequence[str]) -> None:
        """Refuse names of starts that are not known."""
        for name in names:
            if name not in self.start_names:
                known = ", ".join(map(repr, self.start_names))
                raise ValueError(f"the start must be {known} or an array {self.state_shape}; got {name!r}")
