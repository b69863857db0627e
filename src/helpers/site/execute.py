"""Execute chapters in place: ``python -m helpers.site.execute [CHAPTER ...]``.

What is stored depends on the code alone: running a chapter twice on one machine writes the same bytes. How long each
section took goes to ``book/timings.json`` instead, from which the site tells the reader.
"""

from __future__ import annotations

import json
import os
import re
import sys
from datetime import datetime
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError

BOOK = Path("book")
TIMINGS = BOOK / "timings.json"
WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"


def execute(path: Path) -> dict[str, float]:
    """Run a notebook, write it back with fresh outputs, and return the seconds that each section took.

    Raises:
        CellExecutionError: if a cell fails; the file is then left as it was.
    """
    notebook = nbformat.read(path, as_version=4)
    folder = {"metadata": {"path": str(path.parent)}}
    NotebookClient(
        notebook,
        timeout=None,
        kernel_name="python3",
        resources=folder,
        coalesce_streams=True,
        store_widget_state=False,
        extra_arguments=["--log-level=ERROR"],
    ).execute()
    seconds = section_seconds(notebook)
    nbformat.write(clean(notebook), path)
    return seconds


def clean(notebook: nbformat.NotebookNode) -> nbformat.NotebookNode:
    """Drop what differs from run to run or from machine to machine but is not a result."""
    notebook.metadata = nbformat.from_dict(
        {
            "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
            "language_info": {"name": "python"},
        }
    )
    for cell in notebook.cells:
        for noise in ("execution", "collapsed", "scrolled"):
            cell.metadata.pop(noise, None)
        for output in cell.get("outputs", []):
            output.get("data", {}).pop(WIDGET_VIEW, None)  # holds a random model id; text/html says the same
    return notebook


def section_seconds(notebook: nbformat.NotebookNode) -> dict[str, float]:
    """Wall-clock seconds spent under each second-level heading, from the timestamps that the run left."""
    seconds: dict[str, float] = {}
    section = "Setting up"
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            headings = re.findall(r"^## (.+)$", cell.source, flags=re.MULTILINE)
            section = headings[-1].strip() if headings else section
        stamps = cell.metadata.get("execution", {})
        begin, end = stamps.get("iopub.execute_input"), stamps.get("shell.execute_reply")
        if begin and end:
            seconds[section] = seconds.get(section, 0.0) + (_time(end) - _time(begin)).total_seconds()
    return {name: round(value, 1) for name, value in seconds.items() if value >= 0.05}


def _time(stamp: str) -> datetime:
    return datetime.fromisoformat(stamp.replace("Z", "+00:00"))


def chapters(names: list[str]) -> list[Path]:
    """The notebooks of the given names, or all of them.

    Raises:
        SystemExit: with a sentence that lists the chapters, if a name is not one of them.
    """
    every = {path.stem: path for path in sorted(BOOK.glob("*.ipynb"))}
    unknown = [name for name in names if Path(name).stem not in every]
    if unknown or not every:
        sys.exit(f"There is no chapter {', '.join(unknown) or 'at all'}. The chapters are: {', '.join(every)}.")
    return [every[Path(name).stem] for name in names] if names else list(every.values())


def main(names: list[str]) -> None:
    """Execute the chapters, say how long each took, and keep the times."""
    timings = json.loads(TIMINGS.read_text()) if TIMINGS.exists() else {}
    for path in chapters(names):
        print(f"→ Executing {path}", flush=True)
        try:
            seconds = execute(path)
        except CellExecutionError as error:
            sys.exit(f"{error}\n{path} was left as it was.")
        timings[path.stem] = {"cores": os.cpu_count(), "sections": seconds}
        for section, value in seconds.items():
            print(f"  {value:6.1f} s  {section}")
        print(f"  {sum(seconds.values()):6.1f} s  in all")
    TIMINGS.write_text(json.dumps(timings, indent=1, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main(sys.argv[1:])
