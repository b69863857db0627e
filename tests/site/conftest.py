"""The built site, served."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from functools import partial
from http.server import ThreadingHTTPServer
from pathlib import Path

import pytest
from filelock import FileLock

from helpers.site.build import build
from helpers.site.serve import QuietHandler

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory, testrun_uid: str) -> Path:
    """The folder of the freshly built site; building stops at any warning.

    The first process that needs it builds it, the others wait: a page must not change while one of them reads it.
    """
    built = tmp_path_factory.getbasetemp().parent / f"site-built-{testrun_uid}"
    with FileLock(built.with_suffix(".lock")):
        if not built.exists():
            build(ROOT)
            built.touch()
    return ROOT / "_build" / "html"


@pytest.fixture(scope="session")
def origin(site: Path) -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(QuietHandler, directory=str(site)))
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join()
