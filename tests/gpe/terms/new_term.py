"""A term as somebody would add it to the package: the file that docs/extending.md shows."""

import importlib.util
import re
import sys
from pathlib import Path
from unittest.mock import patch

PAGE = (Path(__file__).parents[3] / "docs" / "extending.md").read_text()
FILE = "latticepol/gpe/terms/anisotropy.py"
SOURCE = re.search(rf"^```python file {re.escape(FILE)}\n(.*?)^```$", PAGE, re.M | re.S)[1]
NAME = "latticepol.gpe.terms.anisotropy"


def added(folder, source=SOURCE):
    """The module of a file with this text, as if it lay among the terms."""
    path = folder / "anisotropy.py"
    path.write_text(source)
    spec = importlib.util.spec_from_file_location(NAME, path)
    module = importlib.util.module_from_spec(spec)
    with patch.dict(sys.modules, {NAME: module}):  # where dataclasses look for the namespace of a class
        spec.loader.exec_module(module)
    return module
