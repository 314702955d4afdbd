"""latticepol: spinor exciton-polariton condensates on lattices.

The public names are listed in ``__init__.pyi`` and loaded when they are first used, so that importing the package is
quick.
"""

import lazy_loader

from latticepol._version import __version__ as __version__

_load, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)


def __getattr__(name: str) -> object:
    """Return a public name, loaded now.

    Raises
    ------
    AttributeError
        There is none; the message has the nearest.
    """
    if name in __all__:
        return _load(name)
    from difflib import get_close_matches

    lower = {known.lower(): known for known in __all__}
    near = [lower[match] for match in get_close_matches(name.lower(), lower, 3)]
    hint = f"did you mean {' or '.join(near)}?" if near else "dir(latticepol) lists its names"
    raise AttributeError(f"latticepol has no {name!r}; {hint}", name=name)
