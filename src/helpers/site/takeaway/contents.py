"""What the book holds, in which order, and where it is on the web: read from ``_config.yml`` and ``_toc.yml``."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from helpers.site import repository

FILE_NAME = "why-does-deep-learning-work"
ONLY_LIVE = {"book/hub"}  # a form is of no use in an e-book


class Page(NamedTuple):
    """One page of the site: ``path`` as in ``_toc.yml``, and the caption of the part that it stands in, if any."""

    path: str
    part: str = ""

    @property
    def name(self) -> str:
        return self.path.replace("/", "-").removeprefix("book-")


class Book(NamedTuple):
    """The whole book; ``address`` ends in a slash."""

    title: str
    author: str
    year: str
    address: str
    pages: list[Page]


def read(root: Path) -> Book:
    """The book whose ``_config.yml`` and ``_toc.yml`` are in ``root``."""
    config, toc = (yaml.safe_load((root / name).read_text(encoding="utf-8")) for name in ("_config.yml", "_toc.yml"))
    pages = [Page(toc["root"]), *_listed(toc.get("chapters", []), "")]
    for part in toc.get("parts", []):
        pages += _listed(part["chapters"], part.get("caption", ""))
    return Book(config["title"], config["author"], str(config["copyright"]), address(config), pages)


def _listed(entries: Iterable[Mapping[str, Any]], part: str) -> list[Page]:
    pages = []
    for entry in entries:
        if "file" in entry and entry["file"] not in ONLY_LIVE:  # the others are links to elsewhere
            pages += [Page(entry["file"], part), *_listed(entry.get("sections", []), part)]
    return pages


def address(config: Mapping[str, Any]) -> str:
    """Where the live book is, as the site's own links say it: ``html_baseurl``, or else the repository's GitHub Pages.

    Raises ``ValueError`` if neither is there.
    """
    base = config.get("sphinx", {}).get("config", {}).get("html_baseurl", "")
    return f"{base.rstrip('/')}/" if base else f"{repository.parse(config.get('repository', {}).get('url', '')).pages}/"
