"""The links of the built site: ``python -m helpers.site.links [--check]`` lists, or fetches, those that leave it."""

from __future__ import annotations

import argparse
import collections
import functools
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from html.parser import HTMLParser
from itertools import groupby
from pathlib import Path
from typing import NamedTuple
from urllib.parse import unquote, urljoin, urlsplit

BUILT = Path("_build/html")
AGENT = {"User-Agent": "Mozilla/5.0 (compatible; link check of an open textbook)", "Accept": "*/*"}
DEAD = {404, 410}  # other refusals (403, 429) are for robots: the page may well be there
PAUSE = 1.0  # seconds between two questions to one host
ADDRESSES = {"href", "src", "poster", "data"}


class Page(NamedTuple):
    """What a page links to, as it is written there, and the anchors that it offers."""

    links: list[str]
    anchors: set[str]


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.page = Page([], {"", "top"})

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        for name, value in attributes:
            if name == "id" or (name == "name" and tag == "a"):
                self.page.anchors.add(value or "")
            elif name in ADDRESSES and tag != "base":
                self.page.links.append((value or "").strip())
            elif name == "srcset":
                self.page.links.extend(part.split()[0] for part in (value or "").split(",") if part.strip())


@functools.cache
def read(page: Path) -> Page:
    """The links and anchors of a page."""
    reader = _Reader()
    reader.feed(page.read_text(encoding="utf-8"))
    return reader.page


def pages(site: Path) -> list[Path]:
    """The site's own pages, without the notebooks' sources and what packages ship."""
    return [p for p in sorted(site.rglob("*.html")) if not {"_static", "_sources"} & set(p.relative_to(site).parts)]


def external(site: Path) -> dict[str, list[str]]:
    """Every address outside the site, with the pages that link to it."""
    found: dict[str, set[str]] = collections.defaultdict(set)
    for page in pages(site):
        for link in read(page).links:
            if link.startswith(("http://", "https://", "//")):
                found[urljoin("https://x/", link).partition("#")[0]].add(page.relative_to(site).as_posix())
    return {link: sorted(found[link]) for link in sorted(found)}


def broken(site: Path, prefix: str = "/") -> Iterator[str]:
    """A sentence for each link inside the site that leads to no page, file or anchor.

    ``prefix`` is where the site will be served: a link that begins with it begins at the site's root.
    """
    for page in pages(site):
        for link in dict.fromkeys(read(page).links):
            parts = urlsplit(link)
            if parts.scheme or parts.netloc:
                continue
            where = page.relative_to(site).as_posix()
            inside = parts.path.startswith(prefix)
            path = unquote(parts.path)
            target = site / path[len(prefix) :] if inside else (page.parent / path if path else page)
            if path.startswith("/") and not inside:
                yield f"{where}: {link} begins at the server's root, and the site is served below {prefix}"
                continue
            target = target / "index.html" if target.is_dir() else target
            if not target.is_file() or not target.resolve().is_relative_to(site.resolve()):
                yield f"{where}: {link} leads to no file of the site"
            elif target.suffix == ".html" and parts.fragment and not _reaches(target, parts.fragment):
                yield f"{where}: {link} leads to no anchor"


def _reaches(page: Path, fragment: str) -> bool:
    """Whether a page has such an anchor; an explorer's link carries the explorer's state behind its name."""
    anchors = read(page).anchors
    return bool({fragment, unquote(fragment), unquote(fragment).partition("?")[0]} & anchors)


def answer(link: str, timeout: float = 20.0) -> str:
    """What a server says to HEAD, or to GET where HEAD is refused: "" if the link is alive, else why not."""
    said = ""
    for method in ("HEAD", "GET"):
        try:
            request = urllib.request.Request(link, headers=AGENT, method=method)
            with urllib.request.urlopen(request, timeout=timeout):
                return ""
        except urllib.error.HTTPError as error:
            said = f"{error.code} {error.reason}"
            if method == "GET" and error.code not in DEAD and error.code < 500:
                return ""
        except (OSError, ValueError) as error:
            said = str(getattr(error, "reason", error)) or type(error).__name__
    return said


def dead(links: Mapping[str, list[str]]) -> dict[str, str]:
    """The links that do not answer, and why: hosts at the same time, the links of one host one after the other."""

    def ask(host: list[str]) -> list[tuple[str, str]]:
        said = []
        for number, link in enumerate(host):
            time.sleep(PAUSE if number else 0)
            said.append((link, answer(link)))
        return said

    hosts = [list(same) for _, same in groupby(sorted(links, key=_host), key=_host)]
    with ThreadPoolExecutor(8) as pool:
        return {link: why for host in pool.map(ask, hosts) for link, why in host if why}


def _host(link: str) -> str:
    return urlsplit(link).netloc


def main() -> None:
    """List the links that leave the site; with ``--check`` fetch them, and fail if one is dead."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="fetch each link")
    parser.add_argument("--folder", type=Path, default=BUILT)
    options = parser.parse_args()
    if not (options.folder / "index.html").exists():
        sys.exit(f"There is no site in {options.folder}: build it first with `make site`.")
    links = external(options.folder)
    if not options.check:
        for link, where in links.items():
            print(link, *where, sep="\n    ")
        print(f"{len(links)} links leave the site. Fetch each of them: make links CHECK=1")
        return
    failures = dead(links)
    for link, why in failures.items():
        print(f"{link}: {why}", *links[link], sep="\n    ")
    print(f"{len(links)} links leave the site, {len(failures)} do not answer.")
    sys.exit(bool(failures))


if __name__ == "__main__":
    main()
