"""Glossary and notation: every term and symbol is linked from its first use in each chapter.

The page ``book/glossary`` is the only source. It holds a ``{glossary}`` of terms and a ``{notation}`` of symbols.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from typing import Any

from docutils import nodes
from sphinx import addnodes
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective

from helpers.site.first_uses import Form, Symbol, Term, link_symbols, link_terms, tokens

logger = logging.getLogger(__name__)

PAGE = "book/glossary"
HEAD = ("Symbol", "Meaning", "Chapters")


class Wordings(nodes.Inline, nodes.Element):
    """What ``{linked-as}`` and ``{not-linked}`` leave in an entry until it has been read."""


class Uses(nodes.General, nodes.Element):
    """The cell of the notation that lists the chapters, until the titles of all chapters are known."""


def setup(app: Sphinx) -> None:
    app.add_node(Wordings)
    app.add_node(Uses)
    app.add_directive("notation", Notation)
    app.add_role("linked-as", partial(_wordings_role, True))
    app.add_role("not-linked", partial(_wordings_role, False))
    app.connect("doctree-read", _read)
    app.connect("env-purge-doc", _purge)
    app.connect("env-merge-info", _merge)
    app.connect("doctree-resolved", _resolve, priority=900)


# --- Reading the page ---


class Notation(SphinxDirective):
    """``{notation}``: lines ``anchor | formula | meaning | chapter, chapter``.

    A fifth field, formulas separated by ``;``, is given where the chapters write something else than the second.
    """

    has_content = True

    def run(self) -> list[nodes.Node]:
        try:
            symbols = [symbol_of(line) for line in self.content if line.strip()]
        except ValueError as error:
            raise self.error(str(error)) from error
        _store(self.env)["symbols"] = symbols
        group = nodes.tgroup("", *(nodes.colspec(colwidth=width) for width in (20, 50, 30)), cols=len(HEAD))
        group += nodes.thead("", _table_row([[nodes.paragraph("", text)] for text in HEAD]))
        group += nodes.tbody("", *map(self._row, symbols))
        return [nodes.table("", group, classes=["notation-table"])]

    def _row(self, symbol: Symbol) -> nodes.row:
        meaning, messages = self.state.inline_text(symbol.meaning, self.lineno)
        formula = nodes.paragraph("", "", nodes.math(symbol.latex, symbol.latex))
        uses = Uses(anchor=symbol.anchor, chapters=symbol.chapters)
        return _table_row([[formula], [nodes.paragraph("", "", *meaning), *messages], [uses]], ids=[symbol.anchor])


def _table_row(cells: Iterable[Sequence[nodes.Node]], **attributes: Any) -> nodes.row:
    return nodes.row("", *(nodes.entry("", *cell) for cell in cells), **attributes)


def symbol_of(line: str) -> Symbol:
    """A row of the notation from its line.

    Raises ``ValueError`` on a line with fewer than four fields or more than five.
    """
    fields = [field.strip() for field in line.split("|")]
    if not 4 <= len(fields) <= 5 or not all(fields) or not fields[0].startswith("symbol-"):
        raise ValueError(
            "a line of the notation must be 'symbol-… | formula | meaning | chapter, chapter', with a fifth field "
            f"'formula; formula' if the chapters write it differently, got {line!r}"
        )
    anchor, latex, meaning, chapters = fields[:4]
    seen = tuple(tokens(formula) for formula in (fields[4].split(";") if fields[4:] else [latex]))
    return Symbol(anchor, latex, seen, meaning, tuple(re.split(r",\s*", chapters)))


def forms_of(text: str) -> tuple[Form, ...]:
    """``bias, biases @ ntk backprop; less bias`` in parts: wordings, and after ``@`` the chapters where they count."""
    forms = []
    for group in text.split(";"):
        wordings, _, chapters = group.partition("@")
        forms += [Form(" ".join(one.split()), tuple(chapters.split())) for one in wordings.split(",")]
    return tuple(forms)


def _wordings_role(
    linked: bool, name: str, rawtext: str, text: str, lineno: int, inliner: Any, options: Any = None, content: Any = ()
) -> tuple[list[nodes.Node], list[nodes.system_message]]:
    return [Wordings(forms=forms_of(text), linked=linked)], []


def _read(app: Sphinx, doctree: nodes.document) -> None:
    """Collect the entries of the glossary; a chapter is read again when the glossary changes."""
    if app.env.docname == PAGE:
        items = [i for glossary in doctree.findall(addnodes.glossary) for i in glossary.findall(_is_entry)]
        _store(app.env)["terms"] = list(map(_term, items))
    elif _is_chapter(app.env, app.env.docname):
        app.env.note_dependency(app.env.doc2path(PAGE))


def _is_entry(node: nodes.Node) -> bool:
    return isinstance(node, nodes.definition_list_item)


def _term(item: nodes.definition_list_item) -> Term:
    """An entry of the glossary from the page's tree, out of which it takes what is not for readers."""
    names = [node for node in item.children if isinstance(node, nodes.term)]
    given = list(item.findall(Wordings))
    forms = [form for node in given for form in node["forms"]] or [Form(_plain(node)) for node in names]
    for node in given:
        node.parent.remove(node)
    return Term(names[0]["ids"][0], tuple(forms), _hint(item), all(node["linked"] for node in given))


def _plain(node: nodes.Element) -> str:
    return "".join(child.astext() for child in node.children if not isinstance(child, addnodes.index)).strip()


def _hint(item: nodes.Element) -> str:
    """The first sentence of a definition, unless it has a formula, which a tooltip could not show."""
    paragraph = next(iter(item.findall(nodes.paragraph)))
    sentence = re.split(r"(?<=\.)\s", "".join(_without_formulas(paragraph)).strip())[0]
    return "" if "\0" in sentence else " ".join(sentence.split())


def _without_formulas(node: nodes.Element) -> Iterator[str]:
    for part in node.findall():
        if isinstance(part, nodes.Text) and not isinstance(part.parent, nodes.math):
            yield part.astext()
        elif isinstance(part, nodes.math):
            yield "\0"


def _store(env: BuildEnvironment) -> dict[str, list[Any]]:
    if not hasattr(env, "book_glossary"):
        env.book_glossary = {}  # type: ignore[attr-defined]
    return env.book_glossary  # type: ignore[attr-defined]


def _purge(app: Sphinx, env: BuildEnvironment, docname: str) -> None:
    if docname == PAGE:
        _store(env).clear()


def _merge(app: Sphinx, env: BuildEnvironment, docnames: Iterable[str], other: BuildEnvironment) -> None:
    if PAGE in docnames:
        _store(env).update(_store(other))


def _is_chapter(env: BuildEnvironment, docname: str) -> bool:
    return str(env.doc2path(docname)).endswith(".ipynb")


# --- Linking the chapters ---


def _resolve(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    known = _store(app.env)
    for cell in list(doctree.findall(Uses)):
        cell.replace_self(_chapters(app, cell))
    if app.builder.format != "html" or not known or not _is_chapter(app.env, docname):
        return
    page, chapter = app.builder.get_relative_uri(docname, PAGE), docname.rpartition("/")[2]
    link_symbols(known.get("symbols", ()), chapter, doctree, page)
    link_terms(known.get("terms", ()), chapter, doctree, page)


def _chapters(app: Sphinx, cell: Uses) -> nodes.Node:
    """Links to the first use of a symbol in each chapter that has it."""
    lines = nodes.paragraph()
    for number, chapter in enumerate(cell["chapters"]):
        docname = f"{PAGE.rpartition('/')[0]}/{chapter}"
        if docname not in app.env.titles:
            logger.warning("%s names the chapter %r in %s, which does not exist", PAGE, chapter, cell["anchor"])
            continue
        uri = f"{app.builder.get_relative_uri(PAGE, docname)}#use-{cell['anchor']}"
        if number:
            lines += nodes.raw("", "<br>", format="html")
        lines += nodes.reference("", app.env.titles[docname].astext(), internal=True, refuri=uri)
    return lines
