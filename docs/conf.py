"""Sphinx configuration; tables of reference and model document are written from code and results at every build."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))  # for the list of drills

import drill_tables  # after the path is set
import model_tables
import reference_tables

import leadrisk

project = "leadrisk"
author = "the leadrisk developers"
copyright = "the leadrisk developers, Apache-2.0"
version = release = leadrisk.__version__

extensions = ["myst_nb", "sphinx.ext.autodoc", "sphinx.ext.napoleon"]
exclude_patterns = ["_build", "reference/generated", "model/generated", "model/results"]
myst_enable_extensions = ["colon_fence", "deflist", "fieldlist"]
myst_heading_anchors = 3
nb_execution_mode = "force"  # the pages that say so in their first lines
nb_execution_timeout = 120
nb_execution_raise_on_error = True

autodoc_typehints = "none"
autodoc_member_order = "bysource"
napoleon_google_docstring = False
napoleon_use_rtype = False
napoleon_use_ivar = True
default_role = "code"

html_theme = "furo"
html_title = f"leadrisk {release}"
html_static_path = ["_static"]
html_css_files = ["leadrisk.css"]
html_theme_options = {
    "light_css_variables": {"color-brand-primary": "#1f5f8b", "color-brand-content": "#1f5f8b"},
    "dark_css_variables": {"color-brand-primary": "#7db7de", "color-brand-content": "#7db7de"},
}


def setup(app: object) -> None:
    """Write the generated pages before Sphinx reads its sources."""
    app.connect("builder-inited", lambda app: reference_tables.write(Path(app.srcdir) / "reference" / "generated"))
    app.connect("builder-inited", lambda app: drill_tables.write(Path(app.srcdir) / "reference" / "generated"))
    app.connect("builder-inited", lambda app: model_tables.write(Path(app.srcdir) / "model"))
