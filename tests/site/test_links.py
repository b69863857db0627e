"""Every link inside the site leads somewhere, and the links that leave it can be listed and asked for."""

from __future__ import annotations

import threading
from collections import Counter
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from helpers.site import links, repository

pytestmark = pytest.mark.xdist_group("site")
ROOT = Path(__file__).parents[2]
BELOW = f"/{repository.configured(ROOT).name}/"


def test_every_link_inside_the_site_leads_to_a_page_a_file_or_an_anchor(site: Path) -> None:
    assert {"book/index.html", "search.html", "404.html"} <= {p.relative_to(site).as_posix() for p in links.pages(site)}
    assert list(links.broken(site, BELOW)) == []


@pytest.fixture
def small(tmp_path: Path) -> Path:
    """A site of two pages, and how its links are written."""
    links.read.cache_clear()
    (tmp_path / "deep").mkdir()
    (tmp_path / "picture.svg").write_text("<svg/>")
    (tmp_path / "index.html").write_text('<p id="here">one</p>')
    return tmp_path


@pytest.mark.parametrize(
    ("link", "fine"),
    [
        ("../index.html", True),
        ("..", True),
        ("../index.html#here", True),
        ("../index.html#here?width=3", True),
        ("#a%20b", True),
        ("#", True),
        ("/below/index.html", True),
        ("../picture.svg", True),
        ("../picture.svg?v=1", True),
        ("mailto:a@b.c", True),
        ("https://elsewhere.example/x", True),
        ("../index.html#there", False),
        ("#here", False),
        ("../gone.html", False),
        ("../gone.svg", False),
        ("../../outside.html", False),
        ("/index.html", False),
        ("", True),
    ],
)
def test_a_broken_link_is_found(small: Path, link: str, fine: bool) -> None:
    (small.parent / "outside.html").write_text("outside")
    tag = f'<img src="{link}">' if link.endswith("svg") else f'<a href="{link}">x</a>'
    (small / "deep" / "page.html").write_text(f'<p id="a b">{tag}</p>')
    found = list(links.broken(small, "/below/"))
    assert (found == []) is fine
    assert all(link in sentence and "deep/page.html" in sentence for sentence in found)


def test_links_that_leave_are_listed_once_with_the_pages_they_are_on(small: Path) -> None:
    (small / "index.html").write_text('<a href="https://a.example/x#one">1</a><a href="https://a.example/x#two">2</a>')
    (small / "deep" / "page.html").write_text('<a href="https://a.example/x">3</a><a href="//b.example/">4</a>')
    assert links.external(small) == {
        "https://a.example/x": ["deep/page.html", "index.html"],
        "https://b.example/": ["deep/page.html"],
    }


def test_the_sites_list_has_the_sources_of_its_bibliography(site: Path) -> None:
    listed = links.external(site)
    assert any(link.startswith("https://arxiv.org/") and "book/references.html" in on for link, on in listed.items())
    assert not [link for link in listed if not link.startswith(("https://", "http://"))]


class Moody(BaseHTTPRequestHandler):
    """A server that answers as its paths say: /head+get, with the two codes."""

    asked: Counter

    def answer(self, code: int) -> None:
        Moody.asked[self.command] += 1
        self.send_response(code)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def do_HEAD(self) -> None:
        self.answer(int(self.path[1:4]))

    def do_GET(self) -> None:
        self.answer(int(self.path[5:8]))

    def log_message(self, *_: object) -> None:
        pass


@pytest.mark.parametrize(
    ("path", "alive", "methods"),
    [
        ("200+500", True, {"HEAD": 1}),
        ("405+200", True, {"HEAD": 1, "GET": 1}),
        ("404+200", True, {"HEAD": 1, "GET": 1}),
        ("404+404", False, {"HEAD": 1, "GET": 1}),
        ("410+410", False, {"HEAD": 1, "GET": 1}),
        ("403+403", True, {"HEAD": 1, "GET": 1}),
        ("429+429", True, {"HEAD": 1, "GET": 1}),
        ("500+503", False, {"HEAD": 1, "GET": 1}),
    ],
)
def test_a_link_is_asked_for_lightly_first_and_dead_only_when_the_server_says_so(path, alive, methods) -> None:
    Moody.asked = Counter()
    server = ThreadingHTTPServer(("127.0.0.1", 0), Moody)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        said = links.dead({f"http://127.0.0.1:{server.server_port}/{path}": ["a.html"]})
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
    assert (said == {}) is alive
    assert Moody.asked == methods
    assert all(path[4:7] in why for why in said.values())


def test_a_host_that_is_not_there_is_dead() -> None:
    (why,) = links.dead({"http://127.0.0.1:1/x": ["a.html"]}).values()
    assert why


def test_one_host_is_not_hurried(monkeypatch) -> None:
    waits: list[float] = []
    monkeypatch.setattr(links.time, "sleep", waits.append)
    monkeypatch.setattr(links, "answer", lambda link: "")
    links.dead({"https://a.example/1": [], "https://b.example/1": [], "https://a.example/2": []})
    assert sorted(waits) == [0, 0, links.PAUSE]
