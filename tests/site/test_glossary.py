"""Every term and symbol is linked from its first use in each chapter, to an entry that exists."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import NamedTuple

import pytest
from bs4 import BeautifulSoup, NavigableString, Tag
from docutils import nodes

from helpers.site import first_uses, glossary
from helpers.site.first_uses import Form, Symbol, Term, tokens

pytestmark = pytest.mark.xdist_group("site")
BOOK = Path(__file__).parents[2] / "book"
CHAPTERS = sorted(path.stem for path in BOOK.glob("*.ipynb"))
SOURCE = (BOOK / "glossary.md").read_text(encoding="utf-8")
NOT_PROSE = "h1, h2, h3, h4, pre, code, .math, .cell, .admonition-title, figure, table, aside, .headerlink, a.reference"


class Entry(NamedTuple):
    name: str
    forms: tuple[Form, ...]
    linked: bool


def entries() -> list[Entry]:
    """The glossary as its source has it, read line by line."""
    found = []
    block = re.search(r"```\{glossary\}\n(.*?)```\n", SOURCE, re.DOTALL)
    assert block
    for chunk in re.split(r"\n\n+", block[1].removeprefix(":sorted:").strip()):
        names = [line for line in chunk.splitlines() if not line.startswith(" ")]
        given = re.search(r"\{(linked-as|not-linked)\}`([^`]*)`", chunk)
        forms = glossary.forms_of(" ".join(given[2].split())) if given else tuple(map(Form, names))
        found.append(Entry(names[0], forms, not given or given[1] == "linked-as"))
    return found


ENTRIES = entries()


@cache
def page(file: Path) -> BeautifulSoup:
    return BeautifulSoup(file.read_text(encoding="utf-8"), "html.parser")


def chapter(site: Path, name: str) -> Tag:
    article = page(site / "book" / f"{name}.html").select_one("article.bd-article")
    assert article
    return article


class Read(NamedTuple):
    text: str
    links: dict[str, list[int]]  # where in the text the links to each entry are
    solutions: int  # where the solutions begin


def prose(article: Tag) -> Read:
    """The running words of a chapter, its hidden solutions last; a zero stands where a markup begins or ends."""
    skipped = {id(tag) for tag in article.select(NOT_PROSE) if "glossary-link" not in tag.get("class", ())}
    parts: list[str] = []
    links: dict[str, list[int]] = {}
    hidden: list[Tag] = []

    def walk(tag: Tag, inside: bool) -> None:
        for child in tag.children:
            if isinstance(child, NavigableString):
                parts.append(str(child).replace("’", "'"))
            elif isinstance(child, Tag) and "glossary-link" in child.get("class", ()):
                links.setdefault(str(child["href"]).partition("#")[2], []).append(len("".join(parts)))
                parts.append("\0" if child.select(".math") else child.get_text().replace("’", "'"))
            elif isinstance(child, Tag) and "solution" in child.get("class", ()) and not inside:
                hidden.append(child)
            elif isinstance(child, Tag) and id(child) not in skipped:
                parts.append("\0")
                walk(child, inside)
                parts.append("\0")

    walk(article, False)
    start = len("".join(parts))
    for solution in hidden:
        parts.append("\0")
        walk(solution, True)
    return Read("".join(parts), links, start)


def spans(text: str, entry: Entry, where: str) -> list[tuple[int, int]]:
    """Every place where a wording of the entry stands."""
    found = []
    for form in entry.forms:
        if where in form.chapters or not form.chapters:
            words = r"\s+".join(map(re.escape, form.wording.split()))
            plural = re.sub("y$", "(?:y|ies)", words) if re.search("[^aeiou]y$", words) else f"{words}(?:e?s)?"
            found += [m.span() for m in re.finditer(rf"(?<![\w-]){plural}(?![\w-])", text, re.IGNORECASE)]
    return found


def first_of_each(text: str, where: str) -> dict[str, int]:
    """Where each entry's term first stands by itself, not as a part of a longer one."""
    everywhere = {entry.name: spans(text, entry, where) for entry in ENTRIES}
    everything = [(name, *span) for name, found in everywhere.items() for span in found]

    def alone(name: str, start: int, end: int) -> bool:
        return not any(a <= start and end <= b and b - a > end - start for n, a, b in everything if n != name)

    first = {name: [s for s, e in found if alone(name, s, e)] for name, found in everywhere.items()}
    return {name: min(found) for name, found in first.items() if found}


def anchors(site: Path) -> dict[str, str]:
    """The anchor of every entry, by its name."""
    names = page(site / "book" / "glossary.html").select("dl.glossary dt")
    return {name.get_text().removesuffix("#").strip().replace("’", "'"): str(name["id"]) for name in names}


def rows(site: Path) -> dict[str, list[str]]:
    """The links of each row of the notation, by the row's anchor."""
    found = page(site / "book" / "glossary.html").select(".notation-table tr[id]")
    return {str(row["id"]): [str(link["href"]) for link in row.select("a.reference")] for row in found}


@pytest.mark.parametrize("name", CHAPTERS)
def test_every_term_of_a_chapter_is_linked_once_at_its_first_use(name: str, site: Path) -> None:
    read, anchor = prose(chapter(site, name)), anchors(site)
    body = first_of_each(read.text[: read.solutions], name)
    expected = first_of_each(read.text, name) | body
    linked = {
        anchor[entry.name]: [expected[entry.name]] for entry in ENTRIES if entry.linked and entry.name in expected
    }
    assert {to: at for to, at in read.links.items() if to.startswith("term-")} == linked
    assert linked


@pytest.mark.parametrize("name", CHAPTERS)
def test_every_link_leads_to_an_entry_and_stands_where_links_belong(name: str, site: Path) -> None:
    links = chapter(site, name).select("a.glossary-link")
    known = {str(tag["id"]) for tag in page(site / "book" / "glossary.html").select("[id]")}
    for link in links:
        file, _, anchor = str(link["href"]).partition("#")
        assert file == "glossary.html" and anchor in known
        assert not link.find_parent(["h1", "h2", "h3", "h4", "h5", "h6", "a", "code", "pre", "figcaption", "figure"])
        assert not link.find_parent(class_=["cell", "math", "admonition-title"])
        assert link.get_text().strip()
        assert "$" not in link.get("title", "") and "\\" not in link.get("title", "")
        assert link.get("title") or not link.select(".math"), "a formula has no name of its own for those who listen"


def test_the_glossary_does_not_link_its_own_words(site: Path) -> None:
    assert not page(site / "book" / "glossary.html").select("a.glossary-link")


def test_every_entry_occurs_in_a_chapter(site: Path) -> None:
    used = {term for name in CHAPTERS for term in first_of_each(prose(chapter(site, name)).text, name)}
    assert [entry.name for entry in ENTRIES if entry.name not in used] == []
    assert len(ENTRIES) > 60


def test_every_wording_occurs_in_the_chapters_that_it_names(site: Path) -> None:
    texts = {name: prose(chapter(site, name)).text for name in CHAPTERS}
    for entry in ENTRIES:
        for form in entry.forms:
            assert set(form.chapters) <= set(CHAPTERS)
        for name in {name for form in entry.forms for name in form.chapters}:
            assert spans(texts[name], entry, name), f"{entry.name} is not in {name}"


def test_every_symbol_is_linked_once_from_each_chapter_that_its_row_names_and_its_row_leads_back(site: Path) -> None:
    table = rows(site)
    named = {(anchor, link.partition(".html")[0]) for anchor, links in table.items() for link in links}
    linked = []
    for name in CHAPTERS:
        for link in chapter(site, name).select("a.glossary-link:has(.math)"):
            anchor = str(link["href"]).partition("#")[2]
            assert link["id"] == f"use-{anchor}"
            assert f"{name}.html#use-{anchor}" in table[anchor]
            linked.append((anchor, name))
    assert sorted(linked) == sorted(named)
    assert len(table) > 40 and all(table.values())


# --- The pieces ---


def paragraph(text: str, **attributes: list[str]) -> nodes.paragraph:
    return nodes.paragraph("", "", *([nodes.Text(text)] if text else []), **attributes)


def linked(doctree: nodes.Element) -> list[tuple[str, str]]:
    return [(link.astext(), link["refuri"].partition("#")[2]) for link in doctree.findall(nodes.reference)]


def term(name: str, *forms: Form | str, linked: bool = True) -> Term:
    return Term(name, tuple(form if isinstance(form, Form) else Form(form) for form in forms), "", linked)


KERNEL, NTK = term("k", "kernel"), term("ntk", "tangent kernel", "NTK")


def test_the_longest_wording_wins_and_only_the_first_use_is_linked() -> None:
    tree = paragraph(text := "Kernel regression with the tangent\nkernel, a Kernel. All kernels, and the NTK.")
    first_uses.link_terms([KERNEL, NTK, term("kr", "kernel regression")], "ntk", tree, "g")
    assert linked(tree) == [("Kernel regression", "kr"), ("tangent\nkernel", "ntk"), ("Kernel", "k")]
    assert tree.astext() == text


@pytest.mark.parametrize("text", ["sub-kernel", "kernelled", "the kernel-trick", ""])
def test_a_part_of_a_word_is_not_a_term(text: str) -> None:
    tree = paragraph(text)
    first_uses.link_terms([KERNEL], "ntk", tree, "g")
    assert linked(tree) == []


@pytest.mark.parametrize(("wording", "plural"), [("parity", "parities"), ("bias", "biases"), ("key", "keys")])
def test_plurals_count(wording: str, plural: str) -> None:
    tree = paragraph(f"Two {plural}.")
    first_uses.link_terms([term("t", wording)], "ntk", tree, "g")
    assert linked(tree) == [(plural, "t")]


def test_a_wording_may_mean_different_things_in_different_chapters() -> None:
    two = [term("neuron", Form("bias", ("ntk",))), term("estimate", Form("bias", ("double_descent",)))]
    for name, meaning in [("ntk", ["neuron"]), ("double_descent", ["estimate"]), ("backprop", [])]:
        tree = paragraph("A bias.")
        first_uses.link_terms(two, name, tree, "g")
        assert [to for _, to in linked(tree)] == meaning


def test_words_too_common_are_not_linked_but_hide_what_is_in_them() -> None:
    tree = paragraph("A weight decay.")
    first_uses.link_terms([term("decay", "decay"), term("weight", "weight decay", linked=False)], "ntk", tree, "g")
    assert linked(tree) == []


def test_hidden_solutions_and_what_is_no_prose_come_last_or_never() -> None:
    title, solution = nodes.title("", "A kernel"), paragraph("A kernel.", classes=["solution"])
    code, body = nodes.literal("", "kernel"), paragraph("Another kernel.")
    tree = nodes.section("", title, paragraph(""), solution, nodes.paragraph("", "", code), body)
    first_uses.link_terms([KERNEL], "ntk", tree, "g")
    assert linked(body) == [("kernel", "k")]
    assert linked(solution) == linked(title) == []


def symbol(name: str, *seen: str) -> Symbol:
    return Symbol(name, seen[0], tuple(map(tokens, seen)), "A thing.", ("ntk",))


def test_a_formula_that_is_the_symbol_goes_before_one_that_contains_it() -> None:
    formulas = [nodes.math("", latex) for latex in (r"\eta_k > 0", r"2/\eta", r"\eta", "L")]
    found = first_uses.first_formulas([symbol("eta", r"\eta"), symbol("layers", "L")], "ntk", formulas)
    assert [(s.anchor, node.astext()) for s, node in found] == [("eta", r"\eta"), ("layers", "L")]
    found = first_uses.first_formulas([symbol("eta", r"\eta")], "ntk", formulas[:2])
    assert [node.astext() for _, node in found] == [r"2/\eta"]
    assert first_uses.first_formulas([symbol("eta", r"\eta")], "ntk", formulas[:1]) == []


def test_two_symbols_share_no_formula() -> None:
    formulas = [nodes.math("", latex) for latex in (r"\mathbb{E}\operatorname{tr} A", r"\mathbb{E}\, x")]
    both = [symbol("mean", r"\mathbb{E}"), symbol("trace", r"\operatorname{tr}")]
    found = {s.anchor: node for s, node in first_uses.first_formulas(both, "ntk", formulas)}
    assert found == {"mean": formulas[1], "trace": formulas[0]}


@pytest.mark.parametrize(
    ("formula", "inside", "answer"),
    [
        (r"n \times p", "n", True),
        (r"\sin x", "n", False),
        (r"W_n", "n", False),
        (r"n_l", "n", False),
        (r"\operatorname{sign} x", "n", False),
        (r"\hat\beta", r"\beta", False),
        (r"\tfrac12 \lVert x\rVert^2", r"\lVert", True),
        (r"f'", "f", False),
    ],
)
def test_what_it_means_that_a_formula_contains_a_symbol(formula: str, inside: str, answer: bool) -> None:
    assert first_uses.contains(tokens(formula), tokens(inside)) is answer


@pytest.mark.parametrize("line", ["symbol-n | n | number", "n | n | number | ntk", "symbol-n | | number | ntk"])
def test_a_bad_line_of_the_notation_says_what_a_line_must_be(line: str) -> None:
    with pytest.raises(ValueError, match=re.escape("symbol-… | formula | meaning | chapter, chapter")):
        glossary.symbol_of(line)


# --- The build ---

CONF = """
from helpers.site import glossary
extensions, html_theme, source_suffix = ["myst_nb"], "basic", {".md": "myst-nb", ".ipynb": "myst-nb"}
myst_enable_extensions, nb_execution_mode, exclude_patterns = ["dollarmath"], "off", ["out", "jupyter_execute"]
def setup(app):
    glossary.setup(app)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
"""
PAGE = """# Words

```{{glossary}}
{term}
  A word. {{linked-as}}`{term} @ one two`
```

```{{notation}}
symbol-n | n | a number | one
```
"""


def test_a_changed_glossary_changes_the_chapters_and_building_in_parallel_loses_nothing(tmp_path: Path) -> None:
    def build(term: str) -> str:
        (tmp_path / "book" / "glossary.md").write_text(PAGE.format(term=term), encoding="utf-8")
        command = [sys.executable, "-m", "sphinx", "-Wnq", "-j", "2", str(tmp_path), str(tmp_path / "out")]
        run = subprocess.run(command, capture_output=True, text=True, check=False)
        assert run.returncode == 0, run.stderr
        return (tmp_path / "out" / "book" / "one.html").read_text(encoding="utf-8")

    (tmp_path / "book").mkdir()
    (tmp_path / "conf.py").write_text(CONF, encoding="utf-8")
    (tmp_path / "index.md").write_text("# All\n\n```{toctree}\n:glob:\n\nbook/*\n```\n", encoding="utf-8")
    cell = {"cell_type": "markdown", "metadata": {}, "source": "# One\n\nA hinge and a kink, $n$ times."}
    notebook = {"cells": [cell], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    for number in ("one", "two", "three", "four", "five", "six", "seven"):
        notebook["cells"][0]["id"] = number
        (tmp_path / "book" / f"{number}.ipynb").write_text(json.dumps(notebook), encoding="utf-8")
    assert ">hinge</a>" in (first := build("hinge"))
    assert 'href="glossary.html#symbol-n"' in first
    assert ">hinge</a>" not in (second := build("kink"))
    assert ">kink</a>" in second
    assert ">kink</a>" not in (tmp_path / "out" / "book" / "three.html").read_text(encoding="utf-8")


# --- In the browser ---


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_link_is_told_by_its_line_and_not_by_its_colour_and_works_by_keyboard(scheme, origin, watched):
    opened = watched(origin, scheme=scheme).open(f"{origin}/book/ntk.html")
    opened.wait_for_function("document.querySelectorAll('a.glossary-link mjx-container').length > 0")
    style = "e => [getComputedStyle(e).color, getComputedStyle(e.parentElement).color,"
    style += " getComputedStyle(e).textDecorationLine, getComputedStyle(e).borderBottomStyle]"
    colour, around, line, _ = opened.locator("a.glossary-link:not(:has(.math))").first.evaluate(style)
    assert colour == around and line == "underline"
    colour, around, _, border = opened.locator("a.glossary-link:has(.math)").first.evaluate(style)
    assert colour == around and border == "dotted"
    link = opened.locator("a.glossary-link").first
    target = link.get_attribute("href").partition("#")[2]
    link.focus()
    opened.keyboard.press("Shift+Tab")
    opened.keyboard.press("Tab")
    assert link.evaluate("e => e === document.activeElement && getComputedStyle(e).outlineStyle") == "solid"
    opened.keyboard.press("Enter")
    opened.wait_for_url(f"**/glossary.html#{target}")
    assert opened.locator(f"[id='{target}']").bounding_box()["y"] > 0
