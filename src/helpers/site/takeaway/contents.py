"""What the book holds, in which order, and where it is on the web: read from ``_config.yml`` and ``_toc.yml``."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import yaml

FILE_NAME = "why-does-deep-learning-work"


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
        if "file" in entry:  # the others are links to elsewhere
            pages += [Page(entry["file"], part), *_listed(entry.get("sections", []), part)]
    return pages


def address(config: Mapping[str, Any]) -> str:
    """Where the live book is: ``html_baseurl``, or else the GitHub Pages of the repository.

    Raises ``ValueError`` if neither is there.
    """
    if base := config.get("sphinx", {}).get("config", {}).get("html_baseurl"):
        return base.rstrip("/") + "/"
    repository = config.get("repository", {}).get("url", "")
    found = re.fullmatch(r"/([^/]+)/([^/]+?)(?:\.git)?/?", urlsplit(repository).path)
    if found is None:
        raise ValueError(
            f"_config.yml must have html_baseurl, or a repository url like https://…/owner/name; it has {repository!r}"
        )
    owner, name = found.groups()
    return f"https://{owner}.github.io/" + ("" if name == f"{owner}.github.io" else f"{name}/")
