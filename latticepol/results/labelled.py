"""What counts of a Dataset or DataArray: values, labels, and attributes but those that say where it comes from."""

import re
from collections.abc import Mapping
from typing import Any

import numpy as np

#: Attributes of a Dataset that say where it comes from, not what it is, by one that says who wrote them: ``wrap`` and
#: ``evolve``, ``save``. Where random numbers count, the arrays differ with the seed.
VOLATILE = {
    "dataset_version": {"source", "dataset_version", "git_commit", "versions", "seed", "run", "call", "frames"},
    "complex_storage": {"created", "complex_storage"},
}
#: Where an object is in this process, within its ``repr``.
ADDRESS = re.compile(r" at 0x[0-9a-fA-F]+")


def labelled(value: Any) -> list[Any]:
    """Return what counts of a Dataset, a DataArray or another object of xarray."""
    named = value.variables if hasattr(value, "variables") else {None: value, **getattr(value, "coords", {})}
    kind, name = type(value).__qualname__, getattr(value, "name", None)
    whole = (kind, name, _attributes(value.attrs), dict(getattr(value, "children", {})))
    return [
        whole,
        *(
            (str(name), tuple(map(str, named[name].dims)), named[name].values, _attributes(named[name].attrs))
            for name in sorted(named, key=str)
        ),
    ]


def _attributes(attributes: Mapping[Any, Any]) -> dict[str, Any]:
    """Return the attributes that count, as they are before and after a file."""
    volatile = set[str]().union(*(names for sign, names in VOLATILE.items() if sign in attributes))
    found = {str(name): attributes[name] for name in sorted(attributes, key=str) if name not in volatile}
    for name, item in found.items():
        if isinstance(item, np.ndarray):
            found[name] = item.tolist()
        elif isinstance(item, str):
            found[name] = ADDRESS.sub("", item)
    return found
