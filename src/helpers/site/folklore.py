"""The folklore table: every popular statement with its verdict, gathered from the chapters that tested it."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import NamedTuple, get_args

from docutils import nodes
from docutils.parsers.rst import Directive
from sphinx.application import Sphinx

from helpers.claims import Verdict


class Row(NamedTuple):
    """One verdict of one chapter; ``chapter`` is empty where nobody has tested the statement yet."""

    number: int
    statement: str
    verdict: str
    evidence: str
    chapter: str = ""
    title: str = ""


def setup(app: Sphinx) -> None:
    app.add_directive("folklore-table", FolkloreTable)


class FolkloreTable(Directive):
    """``{folklore-table}``: its lines, ``number | statement``, are the statements that no chapter has tested yet."""

    has_content = True

    def run(self) -> list[nodes.Node]:
        env = self.state.document.settings.env
        folder = Path(env.srcdir) / Path(env.docname).parent
        notebooks = sorted(folder.glob("*.ipynb"))
        for notebook in notebooks:
            env.note_dependency(str(notebook))
        try:
            found = [row for notebook in notebooks for row in rows_of(notebook)]
            rows = together(found, open_rows(self.content))
        except ValueError as error:
            raise self.error(str(error)) from error
        return [nodes.raw("", table(rows), format="html")]


def rows_of(notebook: Path) -> list[Row]:
    """The verdicts that a chapter's cells have stored with their outputs."""
    cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
    headings = (re.search(r"^# (.+)", "".join(cell["source"])) for cell in cells if cell["cell_type"] == "markdown")
    title = next((heading[1] for heading in headings if heading), notebook.stem)
    stored = (output.get("metadata", {}).get("folklore") for cell in cells for output in cell.get("outputs", []))
    return [Row(**kept, chapter=notebook.stem, title=title) for kept in stored if kept]


def open_rows(lines: Iterable[str]) -> list[Row]:
    """The rows that the page itself lists.

    Raises ``ValueError`` on a line that is not ``number | statement``.
    """
    rows = []
    for line in filter(str.strip, lines):
        number, bar, statement = (part.strip() for part in line.partition("|"))
        if not (number.isdecimal() and bar and statement):
            raise ValueError(f"a line of the folklore table must be 'number | statement', got {line!r}")
        rows.append(Row(int(number), statement, "open", "No chapter has tested it yet."))
    return rows


def together(found: Iterable[Row], untested: Iterable[Row]) -> dict[int, list[Row]]:
    """All rows by number, in order; a statement may be tested in several chapters.

    Raises ``ValueError`` if a number stands for two statements, or is listed as untested although a chapter tests it.
    """
    rows: dict[int, list[Row]] = {}
    for row in found:
        rows.setdefault(row.number, []).append(row)
    for number, same in rows.items():
        if len(statements := {row.statement for row in same}) > 1:
            raise ValueError(f"folklore {number} is worded in different ways: {sorted(statements)}")
    for row in untested:
        if row.number in rows:
            where = rows[row.number][0].chapter or "this page"
            raise ValueError(f"folklore {row.number} is listed as untested, but it is in {where}: take the line out")
        rows[row.number] = [row]
    return dict(sorted(rows.items()))


def table(rows: Mapping[int, list[Row]]) -> str:
    """The page's HTML: how many of each verdict, then a row for each statement."""
    verdicts = [same[0].verdict for same in rows.values()]
    counts = ", ".join(f"{verdicts.count(verdict)} {verdict}" for verdict in get_args(Verdict) if verdict in verdicts)
    body = "".join(_row(number, same) for number, same in rows.items())
    return (
        f'<p class="folklore-count">{len(rows)} statements: {counts}.</p>'
        '<table class="folklore-table"><thead><tr><th scope="col">Popular statement</th>'
        f'<th scope="col">Verdict</th><th scope="col">Evidence</th></tr></thead><tbody>{body}</tbody></table>'
    )


def _row(number: int, same: list[Row]) -> str:
    verdicts = "<br>".join(
        f'<span class="verdict">{verdict}</span>' for verdict in dict.fromkeys(row.verdict for row in same)
    )
    return (
        f'<tr id="statement-{number}"><th scope="row"><q>{html.escape(same[0].statement)}</q></th>'
        f"<td>{verdicts}</td><td>{''.join(map(_evidence, same))}</td></tr>"
    )


def _evidence(row: Row) -> str:
    link = f'<a href="{row.chapter}.html#folklore-{row.number}">{html.escape(row.title)}</a>' if row.chapter else ""
    return f"<p>{html.escape(row.evidence)} {link}</p>"
