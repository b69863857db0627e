"""The evidence page, and beside each claim of a chapter for how many seeds it held."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import nbformat
from docutils import nodes
from docutils.parsers.rst import Directive
from sphinx.application import Sphinx

from helpers.claims import summary
from helpers.site import assets
from helpers.site.evidence import ledger, peers, strip

PAGE = "book/evidence"
FILES = ("evidence.js", "evidence.css")
RESTATE = 0.95  # a claim that holds for fewer seeds says more than it may


class Row(NamedTuple):
    """A claim as its chapter states it, with what the seeds have measured: nothing, if they ran older code."""

    chapter: str
    title: str
    stated: ledger.Record
    measured: list[float | None]
    against: list[float | None]
    failed: list[int]

    @property
    def anchor(self) -> str:
        return f"{self.chapter}-{self.stated['anchor']}"

    @property
    def held(self) -> int:
        return len(self.measured) - len(self.failed)


def setup(app: Sphinx) -> None:
    app.add_directive("evidence-table", EvidenceTable)
    app.add_directive("evidence-summary", EvidenceSummary)
    app.add_directive("peer-times", peers.PeerTimes)
    app.connect("builder-inited", _write_assets)
    app.connect("html-page-context", _finish, priority=400)


class _OfTheBook(Directive):
    def rows(self) -> list[Row]:
        env = self.state.document.settings.env
        book = Path(env.srcdir) / Path(env.docname).parent
        for file in (book / ledger.FILE.name, *notebooks(book)):
            env.note_dependency(str(file))
        return list(rows_of(book))


class EvidenceTable(_OfTheBook):
    """``{evidence-table}``: every claim of every chapter."""

    def run(self) -> list[nodes.Node]:
        return [nodes.raw("", table(self.rows()), format="html")]


class EvidenceSummary(_OfTheBook):
    """``{evidence-summary}``: how many claims, seeds and pairs, and on which machines."""

    def run(self) -> list[nodes.Node]:
        env = self.state.document.settings.env
        kept = ledger.read(Path(env.srcdir) / Path(env.docname).parent / ledger.FILE.name)
        return [nodes.raw("", summed_up(self.rows(), kept), format="html")]


def notebooks(book: Path) -> list[Path]:
    """The chapters, in the order of their files' names."""
    return sorted(book.glob("*.ipynb"))


def rows_of(book: Path) -> Iterator[Row]:
    """Every claim in the stored outputs of the chapters, with its seeds."""
    kept = ledger.read(book / ledger.FILE.name)
    for path in notebooks(book):
        chapter = nbformat.read(path, as_version=4)
        headings = (re.search(r"^# (.+)", cell.source) for cell in chapter.cells if cell.cell_type == "markdown")
        title = next((heading[1] for heading in headings if heading), path.stem)
        fresh = kept.get(path.stem, {}).get("digest") == ledger.digest(chapter)
        of_seeds = {claim["anchor"]: claim for claim in kept[path.stem]["claims"]} if fresh else {}
        for stated in ledger.claims_of(chapter):
            run = of_seeds.get(stated["anchor"], {})
            seeds = run.get("measured", []), run.get("against", []), run.get("failed", [])
            yield Row(path.stem, title, stated, *seeds)


def summed_up(rows: Sequence[Row], kept: dict[str, ledger.Record]) -> str:
    """The page's first paragraph: how many pairs of claim and seed hold, and where they were computed."""
    pairs, held = sum(len(row.measured) for row in rows), sum(row.held for row in rows)
    seeds = sorted({len(row.measured) for row in rows})
    if not pairs:
        return "<p>No seed has been run with the chapters as they are now: <code>make evidence</code> does it.</p>"
    most = f"{seeds[-1]} seeds" if len(seeds) == 1 else f"{seeds[0]} to {seeds[-1]} seeds"
    weak = [row for row in rows if row.measured and row.held < RESTATE * len(row.measured)]
    never = sum(1 for row in rows if row.measured and not row.failed)
    alike = sum(1 for row in rows if len(row.measured) > 1 and len(set(row.measured)) == 1)
    alike_said = f" {alike} of them measure the same number each time: no chance enters them." if alike else ""
    weak_said = f"{len(weak)} hold for fewer than 95 % of them." if weak else "None holds for fewer than 95 % of them."
    machines = {_machine(run): None for chapter in kept.values() for run in chapter["runs"]}
    return (
        f'<p class="evidence-summary"><strong>{len(rows)} claims, {most}: {held:,} of {pairs:,} pairs hold '
        f"({100 * held / pairs:.2f} %).</strong> {never} claims hold for every seed. {weak_said}{alike_said}</p>"
        f"<p>Computed on {'; '.join(machines)}.</p>"
    )


def _machine(run: ledger.Record) -> str:
    versions = ", ".join(f"{name} {run[key]}" for name, key in _VERSIONS)
    return html.escape(f"{run['processor']}, {run['cores']} cores, {versions}")


_VERSIONS = (("Python", "python"), ("JAX", "jax"), ("optax", "optax"), ("NumPy", "numpy"))


def table(rows: Sequence[Row]) -> str:
    """The table, with what filters it; without JavaScript it is all there, in the book's order."""
    titles = dict.fromkeys((row.chapter, row.title) for row in rows)
    options = "".join(f'<option value="{chapter}">{_plain(title)}</option>' for chapter, title in titles)
    heads = (
        ("order", "Claim"),
        ("median", "Measured"),
        ("room", "Seeds"),
        ("share", "Held"),
    )
    buttons = "".join(
        f'<th scope="col"{" aria-sort=" + chr(34) + "ascending" + chr(34) if key == "order" else ""}>'
        f'<button type="button" data-key="{key}">{name}</button></th>'
        for key, name in heads
    )
    body = "".join(_row(number, row) for number, row in enumerate(rows))
    return (
        '<form class="evidence-filter" hidden>'
        '<p><label for="evidence-words">Words in the claim</label><input id="evidence-words" type="search"></p>'
        '<p><label for="evidence-chapter">Chapter</label><select id="evidence-chapter">'
        f'<option value="">All</option>{options}</select></p>'
        '<p><label><input id="evidence-failed" type="checkbox"> only claims that a seed failed</label></p></form>'
        '<p class="evidence-count" role="status"></p>'
        f'<table class="evidence-table"><thead><tr>{buttons}</tr></thead><tbody>{body}</tbody></table>'
    )


def _row(number: int, row: Row) -> str:
    numbers = [v for v in row.measured if v is not None]
    place = strip.placed(row.stated["about"], row.measured, row.against) if numbers else None
    several = len(row.stated["measured"])
    which = f'<span class="which">the worst of {several}</span>' if several > 1 else ""
    sources = "".join(f' <cite data-key="{html.escape(key)}">{html.escape(key)}</cite>' for key in row.stated["source"])
    keys = {
        "order": number,
        "median": sorted(numbers)[len(numbers) // 2] if numbers else "",
        "room": f"{place.room:.4g}" if place else "",
        "share": row.held / len(row.measured) if row.measured else "",
    }
    data = "".join(f' data-{key}="{value}"' for key, value in keys.items())
    return (
        f'<tr id="{row.anchor}" data-chapter="{row.chapter}"{data}><th scope="row">'
        f'<a href="{row.chapter}.html#{row.stated["anchor"]}">{html.escape(row.stated["statement"])}</a>'
        f'<span class="criterion">{html.escape(row.stated["criterion"].replace("e-", "e−"))}{sources}</span></th>'
        f"<td>{html.escape(summary(numbers)) if numbers else 'not yet run'}{which if numbers else ''}</td>"
        f"<td>{strip.drawn(place) if place else ''}</td><td>{_held(row)}</td></tr>"
    )


def _held(row: Row) -> str:
    if not row.failed:
        return f"{row.held} of {len(row.measured)}" if row.measured else ""
    failed = ", ".join(map(str, row.failed))
    return f'<strong>{row.held} of {len(row.measured)}</strong><span class="which">not for {failed}</span>'


def _plain(title: str) -> str:
    return html.escape(re.sub(r"[`*$]", "", title))


def _write_assets(app: Sphinx) -> None:
    assets.copy(app, "evidence", *(Path(__file__).with_name(name) for name in FILES))


def _finish(app: Sphinx, pagename: str, templatename: str, context: dict[str, Any], doctree: Any) -> None:
    if app.builder.name != "html" or "body" not in context:
        return
    if 'class="evidence-table"' in context["body"]:
        app.add_js_file("evidence/evidence.js", loading_method="defer")
        app.add_css_file("evidence/evidence.css")
    elif 'class="claim"' in context["body"] and PAGE in app.env.found_docs:
        target = app.builder.get_relative_uri(pagename, PAGE)
        context["body"] = with_seeds(context["body"], _by_anchor(app, Path(pagename).name), target)


def with_seeds(body: str, rows: dict[str, Row], target: str) -> str:
    """Add to each claim of a page for how many seeds it held, as a link to its evidence."""

    def add(match: re.Match[str]) -> str:
        row = rows.get(match["anchor"])
        if row is None or not row.measured:
            return match[0]
        said = f"{row.held} of {len(row.measured)} other seeds"
        return f'{match[0][:-7]}; held for <a class="claim-seeds" href="{target}#{row.anchor}">{said}</a></span>'

    claim = r'<div class="claim" id="(?P<anchor>[^"]+)"(?:(?!</div>).)*?<span class="claim-numbers">[^<]*</span>'
    return re.sub(claim, add, body, flags=re.DOTALL)


def _by_anchor(app: Sphinx, chapter: str) -> dict[str, Row]:
    if not hasattr(app, "_book_evidence"):
        app._book_evidence = list(rows_of(Path(app.srcdir) / "book"))  # type: ignore[attr-defined]
    rows: list[Row] = app._book_evidence  # type: ignore[attr-defined]
    return {row.stated["anchor"]: row for row in rows if row.chapter == chapter}
