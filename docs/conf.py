"""The site: sphinx-build -W --keep-going -b html docs docs/_build/html, with the extra "docs" installed."""

import os
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "cases"))  # of which a few pages show a file
sys.path.insert(0, str(Path(__file__).parent / "_ext"))
os.environ["MPLBACKEND"] = "Agg"

from latticepol import __version__

project = "latticepol"
author = "The latticepol developers"
project_copyright = author
version = release = __version__

extensions = [
    "myst_parser",
    "sphinx.ext.autodoc",
    "sphinx.ext.autosummary",
    "sphinx.ext.napoleon",
    "sphinx.ext.mathjax",
    "sphinx.ext.viewcode",
    "sphinx-mathjax-offline",  # formulas and their fonts come with the site: clusters have no internet
    "sphinx_design",
    "site_pages",  # ours: what is generated, spliced and executed
]
exclude_patterns = ["_build"]
templates_path = ["_templates"]

myst_enable_extensions = ["amsmath", "colon_fence", "dollarmath"]
myst_heading_anchors = 3

autosummary_generate = ["api/index.md", "developers/model.md"]
autodoc_member_order = "bysource"
autodoc_typehints_format = "short"
napoleon_google_docstring = False
napoleon_use_rtype = False
highlight_language = "none"
smartquotes = False  # --quick is an option, not a dash

html_theme = "furo"
html_title = f"latticepol {release}"
html_copy_source = False
html_static_path = ["_static"]
html_css_files = ["wide.css"]
