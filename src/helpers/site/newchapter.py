"""Begin a chapter, in the right shape: ``python -m helpers.site.newchapter my_question [--part PART] [--title TITLE]``.

The chapter is a small working example of everything that a chapter owes its reader (see CONTRIBUTING.md), to be
replaced piece by piece.
"""

from __future__ import annotations

import argparse
import re
import sys
from pathlib import Path

import jupytext
import nbformat
import yaml

from helpers.site.repository import configured

BACK_MATTER = "Back matter"
SHAPE = Path(__file__).with_name("chapter.md")
NAME = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")
EXERCISE = """\
```{{exercise-start}} {title}
:label: ex-{label}-{number}
```

*{text}*

```{{exercise-end}}
```

```{{solution-start}} ex-{label}-{number}
:class: dropdown
```

*The complete solution. If it computes, it ends in a claim.*

```{{solution-end}}
```

"""
MORE_EXERCISES = {
    "Work it out": "Pen and paper: a step that the proof left out.",
    "Change the code": "Change one thing in the experiment. Predict what happens, then run it.",
    "Break it": "Drop a hypothesis of the theorem. What fails?",
    "A small research question": "A question whose answer you do not know, and a place to start.",
}


FAULTS = """\
# Each fault is planted in one cell; every claim under `breaks` must then fail. How it is done: ../rehearsal.py

- fault: the variance is taken for the spread
  replace: np.asarray(jnp.std(many, axis=0))
  by: np.asarray(jnp.var(many, axis=0))
  breaks:
    - The spread of a mean falls with this exponent

- fault: the spread is divided by the number of throws, not by its root
  replace: measured=0.5 / np.sqrt(2500)
  by: measured=0.5 / 2500
  breaks:
    - Spread after 2500 throws, by the theorem
"""


def begin(root: Path, name: str, *, part: str = "", title: str = "") -> Path:
    """Write ``book/NAME.ipynb``, the faults of its claims, and its line in ``_toc.yml``; return the notebook's path.

    Args:
        root: the repository.
        name: lower-case words joined by underscores; it becomes the page's address.
        part: the caption of a part of the book, or how it begins; by default the last one before the back matter.
        title: the chapter's question; by default the name's words.

    Raises:
        ValueError: if the name is malformed or taken, or there is no such part; nothing is written then.
    """
    if not NAME.fullmatch(name):
        raise ValueError(f"NAME must be lower-case words joined by underscores, as in NAME=my_question, got {name!r}")
    path = root / "book" / f"{name}.ipynb"
    if taken := [old.name for old in path.parent.glob(f"{name}.*")]:
        raise ValueError(f"book/{taken[0]} exists already: choose another NAME")
    toc = root / "_toc.yml"
    entered = enter(toc.read_text(encoding="utf-8"), f"book/{name}", part)
    nbformat.write(notebook(root, name, title or f"{name.replace('_', ' ').capitalize()}?"), path)
    faults = root / "tests" / "book" / "faults" / f"{name}.yaml"
    faults.parent.mkdir(parents=True, exist_ok=True)
    faults.write_text(FAULTS, encoding="utf-8")
    toc.write_text(entered, encoding="utf-8")
    return path


def notebook(root: Path, name: str, title: str) -> nbformat.NotebookNode:
    """A chapter in the right shape, not yet executed."""
    label = name.replace("_", "-")
    more = "".join(
        EXERCISE.format(title=heading, label=label, number=number, text=text)
        for number, (heading, text) in enumerate(MORE_EXERCISES.items(), start=2)
    )
    fields = {
        "TITLE": title.replace('"', "”"),
        "LABEL": label,
        "URL": configured(root).url,
        "FOLKLORE": str(next_statement(root)),
        "STATEMENT": f"Three times the data, a third of the error. (An example, from book/{name}.ipynb.)",
        "EXERCISES": more,
    }
    text = re.sub(r"@([A-Z]+)@", lambda field: fields[field[1]], SHAPE.read_text(encoding="utf-8"))
    made = jupytext.reads(text, fmt="md:myst")
    for number, cell in enumerate(made.cells):
        cell.id = f"{label[:50]}-{number}"
    made.metadata.pop("jupytext", None)
    return made


def next_statement(root: Path) -> int:
    """A number that no statement of the folklore table has yet."""
    taken = {0}
    for path in (root / "book").glob("*.ipynb"):
        cells = nbformat.read(path, as_version=4).cells
        outputs = (output for cell in cells for output in cell.get("outputs", []))
        taken |= {
            output.metadata["folklore"]["number"] for output in outputs if "folklore" in output.get("metadata", {})
        }
    page = root / "book" / "folklore.md"
    text = page.read_text(encoding="utf-8") if page.exists() else ""
    return max(taken | {int(number) for number in re.findall(r"^(\d+) \|", text, flags=re.MULTILINE)}) + 1


def enter(toc: str, file: str, part: str = "") -> str:
    """The table of contents with a page more, after the last one of a part; all else stays, comments too.

    Raises:
        ValueError: if no part, or more than one, has such a caption.
    """
    parts = _parts(toc)
    captions = [caption for caption, _ in parts if caption != BACK_MATTER]
    fitting = [caption for caption in captions if caption.lower().startswith(part.lower())] if part else captions[-1:]
    if len(fitting) != 1:
        raise ValueError(f"PART must be one of {', '.join(map(repr, captions))}, or how one begins, got {part!r}")
    last = dict(parts)[fitting[0]]
    lines = toc.splitlines(keepends=True)
    dash = " " * (last.start_mark.column - 2) + "- "
    line = max(leaf.end_mark.line for leaf in _leaves(last))
    lines[line] = lines[line].rstrip("\n") + "\n"
    return "".join([*lines[: line + 1], f"{dash}file: {file}\n", *lines[line + 1 :]])


def _parts(toc: str) -> list[tuple[str, yaml.Node]]:
    """Every part's caption, and the last of its chapters as it stands in the text."""
    root = {key.value: value for key, value in yaml.compose(toc).value}
    found = []
    for part in root["parts"].value if "parts" in root else []:
        fields = {key.value: value for key, value in part.value}
        found.append((fields["caption"].value, fields["chapters"].value[-1]))
    return found


def _leaves(node: yaml.Node) -> list[yaml.Node]:
    if isinstance(node, yaml.ScalarNode):
        return [node]
    pairs = node.value if isinstance(node, yaml.MappingNode) else [(item,) for item in node.value]
    return [leaf for pair in pairs for child in pair for leaf in _leaves(child)]


def main() -> None:
    """Begin a chapter, and say what to do next."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("name")
    parser.add_argument("--part", default="")
    parser.add_argument("--title", default="")
    options = parser.parse_args()
    try:
        path = begin(Path(), options.name, part=options.part, title=options.title)
    except (ValueError, OSError) as error:
        sys.exit(f"{error}")
    print(f"  {path} is a small chapter that works; _toc.yml has it. Replace it piece by piece (make lab), then run")
    print(f"  make notebooks CHAPTER={options.name}")


if __name__ == "__main__":
    main()
