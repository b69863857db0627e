"""The repository's address, which stands in ``_config.yml``, and everywhere else that repeats it."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

CONFIG = "_config.yml"
ADDRESS = re.compile(r"https://github\.com/([A-Za-z0-9](?:[A-Za-z0-9-]{0,38}))/([\w.-]+?)(?:\.git)?/?")
NOT_LONGER = r"(?![\w-]|\.(?!git\b)\w)"  # "book" is not "book-2" and not "book.js", but it may end a sentence
# Install from it (Colab's cell), clone it, cite it (CITATION.cff), its pages and issues (pyproject.toml), its badge.
OWN = re.compile(
    r"(?:git\+|git clone |^repository-code: *[\"']?|^(?:Source|Issues) *= *[\"'])https://github\.com/([\w-]+)/([\w-]+(?:\.[\w-]+)*)"
    r"|https://github\.com/([\w-]+)/([\w.-]+)/actions/workflows/",
    re.MULTILINE,
)
FIELD = re.compile(r"^repository:(?:.*\n)(?:[ \t#].*\n|\n)*?[ \t]+url:[ \t]*(\S+)", re.MULTILINE)
SKIPPED = {"_build", "build", "dist", "node_modules", "__pycache__"}
TEXTS = {".bib", ".cff", ".css", ".html", ".ipynb", ".js", ".json", ".md", ".py", ".toml", ".txt", ".yaml", ".yml", ""}


class Repository(NamedTuple):
    """A repository on GitHub."""

    owner: str
    name: str

    def __str__(self) -> str:
        return f"{self.owner}/{self.name}"

    @property
    def url(self) -> str:
        return f"https://github.com/{self}"

    @property
    def pages(self) -> str:
        """Where GitHub Pages serves the site."""
        host = f"{self.owner.lower()}.github.io"
        return f"https://{host}" if self.name.lower() == host else f"https://{host}/{self.name}"


def parse(url: str) -> Repository:
    """The repository of an address.

    Raises:
        ValueError: unless it is ``https://github.com/OWNER/NAME``: Colab, Pages and the feedback links need GitHub.
    """
    found = ADDRESS.fullmatch(url)
    if not found or found[2] in (".", ".."):
        raise ValueError(f"the repository's address must look like https://github.com/OWNER/NAME, got {url!r}")
    return Repository(*found.groups())


def configured(root: Path) -> Repository:
    """The repository that ``_config.yml`` names.

    Raises:
        ValueError: if it names none.
    """
    field = FIELD.search((root / CONFIG).read_text(encoding="utf-8"))
    if not field:
        raise ValueError(f"{CONFIG} has no `repository:` with a `url:` in it: write the address there")
    return parse(field[1].strip("\"'"))


def files(root: Path) -> Iterator[Path]:
    """The repository's texts: no environment, no build, no picture."""
    for folder, inner, names in os.walk(root):
        inner[:] = sorted(n for n in inner if n == ".github" or not (n.startswith(".") or n in SKIPPED or "egg-" in n))
        for name in sorted(names):
            path = Path(folder, name)
            if path.suffix in TEXTS and not path.is_symlink():
                yield path


def repeated(root: Path) -> set[Repository]:
    """The addresses that stand where only this book's own can stand: see ``OWN``."""
    texts = (path.read_bytes().decode("utf-8", errors="ignore") for path in files(root))
    found = (match for text in texts for match in OWN.findall(text))
    return {Repository(a or c, (b or d).removesuffix(".git")) for a, b, c, d in found}


def change(root: Path, new: Repository) -> list[Path]:
    """Write ``new`` wherever the repository's address stands, and return the files that changed."""
    old = {configured(root), *repeated(root)} - {new}
    changed = []
    for path in files(root):
        before = path.read_bytes()
        try:
            text = before.decode("utf-8")
        except UnicodeDecodeError:
            continue
        for repository in old:
            text = moved(text, repository, new)
        if (after := text.encode("utf-8")) != before:
            path.write_bytes(after)
            changed.append(path)
    return changed


def moved(text: str, old: Repository, new: Repository) -> str:
    """The text with the addresses of ``old``, of its site too, replaced by those of ``new``."""
    text = re.sub(rf"{re.escape(old.pages)}{NOT_LONGER}", new.pages, text)
    places = ("github.com/", "github.com:", "colab.research.google.com/github/", "mybinder.org/v2/gh/")
    return re.sub(rf"({'|'.join(map(re.escape, places))}){re.escape(str(old))}{NOT_LONGER}", rf"\g<1>{new}", text)
