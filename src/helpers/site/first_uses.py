"""Find the first use of each term and symbol in a chapter's tree, and make it a link."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from html.entities import html5
from typing import NamedTuple

from docutils import nodes

# Places where a link does not belong: headings and titles, other links, code, formulas, captions, raw HTML.
NOT_PROSE = (
    *(nodes.title, nodes.subtitle, nodes.rubric, nodes.reference, nodes.footnote_reference, nodes.literal),
    *(nodes.literal_block, nodes.math_block, nodes.raw, nodes.caption, nodes.legend, nodes.comment, nodes.image),
)


class Form(NamedTuple):
    """A wording in which a term occurs; ``chapters`` is empty if it has this meaning in all of them."""

    wording: str
    chapters: tuple[str, ...] = ()


class Term(NamedTuple):
    """An entry of the glossary; ``linked`` is false for words too common to link, ``hint`` is its first sentence."""

    anchor: str
    forms: tuple[Form, ...]
    hint: str
    linked: bool = True


class Symbol(NamedTuple):
    """A row of the notation; ``seen`` are the formulas, as tokens, in which a reader meets the symbol."""

    anchor: str
    latex: str
    seen: tuple[tuple[str, ...], ...]
    meaning: str
    chapters: tuple[str, ...]

    @property
    def hint(self) -> str:
        """The meaning without markup, for a tooltip: its formulas have signs for TeX's commands."""
        return re.sub(r"\\([a-zA-Z]+)", lambda name: html5.get(f"{name[1]};", name[1]), self.meaning.replace("$", ""))


def prose(doctree: nodes.Element) -> list[nodes.Node]:
    """The words and inline formulas that a reader meets, in order; those of hidden solutions come last."""
    found = list(_prose(doctree, hidden=False))
    return [node for node, hidden in found if not hidden] + [node for node, hidden in found if hidden]


def _prose(node: nodes.Element, hidden: bool) -> Iterator[tuple[nodes.Node, bool]]:
    for child in node.children:
        if isinstance(child, (nodes.Text, nodes.math)):
            yield child, hidden
        elif isinstance(child, nodes.Element) and not isinstance(child, NOT_PROSE) and not _is_cell(child):
            yield from _prose(child, hidden or "solution" in child.get("classes", ()))


def _is_cell(node: nodes.Element) -> bool:
    return isinstance(node, nodes.container) and "cell" in node["classes"]


def link_terms(terms: Iterable[Term], chapter: str, doctree: nodes.Element, page: str) -> None:
    """Link the first use of each term in the chapter's tree to its entry on ``page``; a longer wording goes first."""
    wordings: dict[str, Term] = {}
    for term in terms:
        for form in term.forms:
            if not form.chapters or chapter in form.chapters:
                wordings.update({_key(one): term for one in _numbers(form.wording)})
    if not wordings:
        return
    longest = sorted(wordings, key=len, reverse=True)
    pattern = re.compile(rf"(?<![\w-])(?:{'|'.join(map(_spaced, longest))})(?![\w-])", re.IGNORECASE)
    done: set[str] = set()
    for text in [node for node in prose(doctree) if isinstance(node, nodes.Text)]:
        parts: list[nodes.Node] = []
        end = 0
        for match in pattern.finditer(text):
            term = wordings[_key(match[0])]
            if term.linked and term.anchor not in done:
                done.add(term.anchor)
                link = _link(f"{page}#{term.anchor}", term.hint)
                link += nodes.Text(match[0])
                parts += [nodes.Text(text[end : match.start()]), link]
                end = match.end()
        if parts:
            _replace(text, [*parts, nodes.Text(text[end:])])


def _key(wording: str) -> str:
    return " ".join(wording.casefold().replace("’", "'").split())


def _numbers(wording: str) -> list[str]:
    """The wording and its plural."""
    plural = re.sub(r"y$", "ies", wording) if re.search(r"[^aeiou]y$", wording) else f"{wording}s"
    return [wording, plural, f"{wording}es"] if re.search(r"(s|x|ch|sh)$", wording) else [wording, plural]


def _spaced(wording: str) -> str:
    return re.escape(wording).replace(r"\ ", r"\s+").replace("'", "['’]")


def link_symbols(symbols: Iterable[Symbol], chapter: str, doctree: nodes.Element, page: str) -> None:
    """Link the first use of each symbol in the chapter's tree to its row on ``page``, which leads back to it."""
    formulas = [node for node in prose(doctree) if isinstance(node, nodes.math)]
    for symbol, formula in first_formulas(symbols, chapter, formulas):
        link = _link(f"{page}#{symbol.anchor}", symbol.hint)
        link["ids"].append(f"use-{symbol.anchor}")
        _replace(formula, [link])
        link += formula


def first_formulas(
    symbols: Iterable[Symbol], chapter: str, formulas: Sequence[nodes.math]
) -> list[tuple[Symbol, nodes.math]]:
    """For each symbol of the chapter the first formula that is the symbol, or else the first that contains it.

    A formula is given to one symbol; those that have it to themselves come first, then those with the fewest others.
    """
    wanted = [symbol for symbol in symbols if chapter in symbol.chapters]
    read = [(node, tokens(node.astext())) for node in formulas]
    exact = {s.anchor: [node for node, text in read if text in s.seen] for s in wanted}
    inside = {s.anchor: [node for node, text in read if any(contains(text, one) for one in s.seen)] for s in wanted}
    found: dict[str, nodes.math] = {}
    for candidates in (exact, inside):
        for symbol in sorted(wanted, key=lambda symbol: len(candidates[symbol.anchor])):
            free = [node for node in candidates[symbol.anchor] if not any(node is taken for taken in found.values())]
            if free and symbol.anchor not in found:
                found[symbol.anchor] = free[0]
    return [(symbol, found[symbol.anchor]) for symbol in wanted if symbol.anchor in found]


def tokens(latex: str) -> tuple[str, ...]:
    """A formula's commands and signs, without what only spaces or sizes them."""
    names = r"\\(?:operatorname\*?|text|mathrm|mathbb|mathcal|hat|tilde|bar|dot)\s*(?:\{[^{}]*\}|\\?\w+)"
    found = re.findall(rf"{names}|\\[a-zA-Z]+|\\.|\S", latex)
    return tuple(one for one in found if not re.fullmatch(r"\\(?:[,;:! ]|quad|qquad|[bB]igg?[lr]?|left|right)", one))


def contains(formula: Sequence[str], symbol: Sequence[str]) -> bool:
    """Whether the symbol stands in the formula by itself: not as an index, and with no further index or prime."""
    size, padded = len(symbol), ("", *formula, "")
    return any(
        padded[start : start + size] == tuple(symbol)
        and padded[start - 1] not in ("_", "^")
        and padded[start + size] not in ("_", "'")
        for start in range(1, len(padded) - size)
    )


def _link(uri: str, hint: str) -> nodes.reference:
    link = nodes.reference(internal=True, refuri=uri, classes=["glossary-link"])
    if hint:
        link["reftitle"] = hint
    return link


def _replace(node: nodes.Node, others: list[nodes.Node]) -> None:
    """Put others in the place of a node: of this one, not of an equal text elsewhere in its parent."""
    parent = node.parent
    place = next(number for number, child in enumerate(parent.children) if child is node)
    parent[place : place + 1] = [other for other in others if not isinstance(other, nodes.Text) or other]
