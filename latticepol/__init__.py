"""latticepol: spinor exciton-polariton condensates on lattices.

The public names are listed in ``__init__.pyi`` and loaded when they are first used, so that importing the package is
quick.
"""

import lazy_loader

from latticepol._version import __version__ as __version__

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
