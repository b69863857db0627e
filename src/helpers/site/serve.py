"""Serve the built site: ``python -m helpers.site.serve [--port N]``."""

from __future__ import annotations

import argparse
import functools
import sys
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

DEFAULT_PORTS = range(8000, 8020)


class QuietHandler(SimpleHTTPRequestHandler):
    """Serves files, and logs only what went wrong."""

    def log_request(self, code="-", size="-"):
        if str(code).startswith(("4", "5")):
            super().log_request(code, size)


def serve(folder: Path, port: int | None = None) -> None:
    """Serve ``folder`` on the given port, or on the first free one from 8000 on, until interrupted.

    Raises:
        SystemExit: with a sentence, if the folder is not built or no port is free.
    """
    if not (folder / "index.html").exists():
        sys.exit(f"There is no site in {folder}: build it first with `make site`.")
    handler = functools.partial(QuietHandler, directory=str(folder))
    for candidate in DEFAULT_PORTS if port is None else [port]:
        try:
            server = ThreadingHTTPServer(("127.0.0.1", candidate), handler)
        except (OSError, OverflowError):
            print(f"Port {candidate} is taken, or not allowed.", flush=True)
            continue
        print(f"The book is at http://127.0.0.1:{candidate}/ (stop with Ctrl+C)", flush=True)
        with server:
            try:
                server.serve_forever()
            except KeyboardInterrupt:
                print()
        return
    sys.exit("Choose a free port, as in: make serve PORT=8765")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int)
    parser.add_argument("--folder", type=Path, default=Path("_build/html"))
    options = parser.parse_args()
    serve(options.folder, options.port)
