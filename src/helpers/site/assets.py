"""Scripts and styles that one page alone needs."""

from __future__ import annotations

from pathlib import Path

from sphinx.application import Sphinx


def copy(app: Sphinx, folder: str, *files: Path) -> None:
    """Put files into a folder below the site's ``_static``; other builders than HTML's need none."""
    if app.builder.name == "html":
        place = Path(app.outdir) / "_static" / folder
        place.mkdir(parents=True, exist_ok=True)
        for file in files:
            (place / file.name).write_bytes(file.read_bytes())
