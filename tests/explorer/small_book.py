"""Build a small book whose one page shows the gallery, the way the real book is built."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
from nbclient import NotebookClient

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"


def executed(names: list[str]) -> nbformat.NotebookNode:
    """The notebook with its stored outputs, without what only a live kernel can show."""
    cells = [
        nbformat.v4.new_markdown_cell("# The gallery\n\nText before the explorers."),
        nbformat.v4.new_code_cell(f"import sys\nsys.path.insert(0, {str(HERE)!r})\nimport gallery"),
    ]
    for name in names:
        cells += [nbformat.v4.new_markdown_cell(f"## {name}"), nbformat.v4.new_code_cell(f"gallery.{name}()")]
    notebook = nbformat.v4.new_notebook(cells=cells)
    notebook.metadata.kernelspec = {"name": "python3", "display_name": "Python 3", "language": "python"}
    NotebookClient(notebook, timeout=300, kernel_name="python3", store_widget_state=False).execute()
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            output.get("data", {}).pop(WIDGET_VIEW, None)
    return notebook


def build(folder: Path, names: list[str]) -> Path:
    """The folder with the built site."""
    book = folder / "book"
    book.mkdir(parents=True)
    shutil.copytree(ROOT / "book" / "_assets", book / "_assets")
    shutil.copy(ROOT / "book" / "references.bib", book)
    shutil.copy(ROOT / "_config.yml", folder)
    (folder / "_toc.yml").write_text("format: jb-book\nroot: book/gallery\nchapters:\n  - file: book/references\n")
    (book / "references.md").write_text("# References\n\n```{bibliography}\n:all:\n```\n")
    nbformat.write(executed(names), book / "gallery.ipynb")
    command = [str(Path(sys.executable).with_name("jupyter-book")), "build", "-q", "-W", "-n", "--keep-going", str(folder)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "src"), "PYDEVD_DISABLE_FILE_VALIDATION": "1"}
    done = subprocess.run(command, env=environment, capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(done.stdout + done.stderr)
    return folder / "_build" / "html"


if __name__ == "__main__":
    sys.path.insert(0, str(HERE))
    import gallery

    print(build(Path(sys.argv[1]), sys.argv[2:] or list(gallery.ALL)))
