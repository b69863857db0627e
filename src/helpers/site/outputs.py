"""Show an output of a chapter on another page: the front page's explorer and its example of a claim."""

from __future__ import annotations

import json
from pathlib import Path

from docutils import nodes
from docutils.parsers.rst import Directive
from sphinx.application import Sphinx


def setup(app: Sphinx) -> None:
    app.add_directive("output-of", OutputOf)


class OutputOf(Directive):
    """``{output-of} chapter#identifier``: what a cell of the chapter has shown, as the chapter's page has it."""

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        env = self.state.document.settings.env
        chapter, _, identifier = self.arguments[0].partition("#")
        notebook = Path(env.srcdir) / Path(env.docname).parent / f"{chapter}.ipynb"
        env.note_dependency(str(notebook))
        try:
            return [nodes.raw("", shown(notebook, identifier), format="html")]
        except (OSError, LookupError) as error:
            raise self.error(str(error)) from error


def shown(notebook: Path, identifier: str) -> str:
    """The HTML of the output that holds an element with this identifier.

    Raises ``LookupError`` if no output does, and ``OSError`` if there is no such notebook.
    """
    for cell in json.loads(notebook.read_text(encoding="utf-8"))["cells"]:
        for output in cell.get("outputs", []):
            page = "".join(output.get("data", {}).get("text/html", ""))
            if f'id="{identifier}"' in page:
                return page
    raise LookupError(f"{notebook.name} shows nothing with the identifier {identifier!r}: look at its page's links")
