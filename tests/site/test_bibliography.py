"""Every entry of the bibliography can be found by its reader, is numbered as its publisher does, and is used."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from pybtex.database import Entry, parse_file

pytestmark = pytest.mark.xdist_group("site")
BOOK = Path(__file__).parents[2] / "book"
ENTRIES: dict[str, Entry] = dict(parse_file(BOOK / "references.bib").entries.items())
every_entry = pytest.mark.parametrize("key", sorted(ENTRIES))

DOI = re.compile(r"10\.\d{4,9}/[^\s{}]+")
# Year, month and a running number; before April 2007 behind the archive's name and without the dot.
ARXIV = re.compile(
    r"(?:(?P<archive>[a-z-]+(?:\.[A-Z]{2})?)/)?(?P<year>\d\d)(?:0[1-9]|1[0-2])(?(archive)\d{3}|\.\d{4,5})"
)
VENUE = {
    "article": "journal",
    "inproceedings": "booktitle",
    "incollection": "booktitle",
    "book": "publisher",
    "phdthesis": "school",
    "mastersthesis": "school",
}
# What has no identifier that could be checked says so in its note.
NOT_IDENTIFIED = {"vallet1989linear"}


def links(entry: Entry) -> list[str]:
    """The addresses that the page must show for this entry."""
    where = {"doi": "https://doi.org/{}", "eprint": "https://arxiv.org/abs/{}", "url": "{}"}
    return [form.format(entry.fields[name]) for name, form in where.items() if name in entry.fields]


def arxiv_year(entry: Entry) -> int:
    number = ARXIV.fullmatch(entry.fields["eprint"])
    assert number, entry.fields["eprint"]
    return (1900 if int(number["year"]) > 90 else 2000) + int(number["year"])


def cited_keys() -> Iterator[str]:
    """The keys in the book's cite roles and in the sources of its claims."""
    texts = [page.read_text(encoding="utf-8") for page in BOOK.glob("*.md")]
    for chapter in BOOK.glob("*.ipynb"):
        for cell in json.loads(chapter.read_text(encoding="utf-8"))["cells"]:
            if cell["cell_type"] == "markdown":
                texts.append("".join(cell["source"]))
            for output in cell.get("outputs", []):
                yield from output.get("metadata", {}).get("claim", {}).get("source", [])
    for text in texts:
        for keys in re.findall(r"\{cite(?::\w+)?\}`([^`]+)`", text):
            yield from map(str.strip, keys.split(","))


CITED = set(cited_keys())


@every_entry
def test_the_reader_can_find_it(key: str) -> None:
    entry = ENTRIES[key]
    if key in NOT_IDENTIFIED:
        assert not links(entry), f"{key} has an identifier now: take it out of NOT_IDENTIFIED"
        assert "note" in entry.fields, f"{key} must say in a note why it has no identifier"
    else:
        assert links(entry), f"{key} has neither doi, eprint nor url"


@every_entry
def test_identifiers_are_well_formed(key: str) -> None:
    fields = ENTRIES[key].fields
    if "doi" in fields:
        assert DOI.fullmatch(fields["doi"])
    if "eprint" in fields:
        assert ARXIV.fullmatch(fields["eprint"])
        assert fields["archiveprefix"] == "arXiv"
    if "url" in fields:
        assert re.fullmatch(r"https?://[^\s{}]+", fields["url"])


@pytest.mark.parametrize("name", ["doi", "eprint", "url", "title"])
def test_nothing_is_listed_twice(name: str) -> None:
    values = Counter(entry.fields[name].lower() for entry in ENTRIES.values() if name in entry.fields)
    assert [value for value, times in values.items() if times > 1] == []


@pytest.mark.parametrize("key", [key for key, entry in sorted(ENTRIES.items()) if "eprint" in entry.fields])
def test_a_preprint_is_not_younger_than_its_publication(key: str) -> None:
    entry = ENTRIES[key]
    year = int(entry.fields["year"])
    assert arxiv_year(entry) <= year
    if entry.type == "misc" and "howpublished" not in entry.fields:
        assert arxiv_year(entry) == year, "a preprint that is nothing more has the year of its number"


@every_entry
def test_it_says_who_where_and_when(key: str) -> None:
    entry = ENTRIES[key]
    assert entry.persons["author"]
    assert all(person.last_names and "others" not in person.last_names for person in entry.persons["author"])
    assert re.fullmatch(r"(?:19|20)\d\d", entry.fields["year"])
    if entry.type in VENUE:
        assert entry.fields.get(VENUE[entry.type])
    else:
        assert entry.type == "misc" and ({"eprint", "howpublished"} & set(entry.fields))
    if entry.type == "article" or entry.fields.get("series") == "PMLR":
        assert {"volume", "pages"} <= set(entry.fields)
    assert not re.search(r"\d-\d", entry.fields.get("pages", "")), "a range of pages has two hyphens"


@every_entry
def test_the_book_cites_it(key: str) -> None:
    assert key in CITED, f"no page of the book cites {key}: cite it or take it out"


@every_entry
def test_the_page_links_to_it(key: str, site: Path) -> None:
    page = (site / "book" / "references.html").read_text(encoding="utf-8")
    shown = re.search(rf'id="ref-{key}" role="listitem">(.*?)</div>', page, re.DOTALL)
    assert shown
    for address in links(ENTRIES[key]):
        assert f'href="{address}"' in shown[1]
