"""The explorers' front end: JavaScript modules and a style sheet, and how they become one file. Imports no JAX.

The parts are ordinary ES modules that import each other. A widget wants one module and a page opened as a file may only
load classic scripts, so both get the parts joined, each name being used once in all of them.
"""

from __future__ import annotations

import functools
import re
from pathlib import Path

import vl_convert

HERE = Path(__file__).parent
PARTS = (
    "summary",
    "engines",
    "program",
    "chart",
    "plane",
    "sketch",
    "points",
    "controls",
    "address",
    "explorer",
)  # a part imports only what stands before it


def style() -> str:
    """The style sheet."""
    return (HERE / "explorer.css").read_text(encoding="utf-8")


def module() -> str:
    """One ES module with a ``render`` for anywidget."""
    return f"{_joined()}\nexport default {{ render }};\n"


def script() -> str:
    """One classic script that mounts every explorer of the page."""
    return f"(() => {{\n{_joined()}\nmountPage();\n}})();\n"


@functools.cache
def vega() -> str:
    """Vega, Vega-Lite and Vega-Embed as one classic script that sets ``window.vegaEmbed`` and no other name."""
    return f"(() => {{\n{vl_convert.javascript_bundle('window.vegaEmbed = vegaEmbed;')}\n}})();\n"


@functools.cache
def _joined() -> str:
    return "\n".join(_bare((HERE / f"{part}.js").read_text(encoding="utf-8")) for part in PARTS)


def _bare(source: str) -> str:
    source = re.sub(r"^import [^;]*;\n", "", source, flags=re.MULTILINE)
    return re.sub(r"^export ", "", source, flags=re.MULTILINE)
