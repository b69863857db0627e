"""The kernel's side of a chapter's explorers: ``python kernel.py chapter.ipynb``.

Runs the chapter's explorers and the cells whose names they use, then answers lines of JSON: for ``[id, values of the
controls]`` the data that the chapter's function computes for them, by XLA, as ``{data set: {column: values}}``.
"""

from __future__ import annotations

import dis
import json
import os
import re
import sys
from pathlib import Path
from types import CodeType

import matplotlib as mpl
import nbformat
import numpy as np

mpl.use("Agg")


def names_of(code: CodeType) -> tuple[set[str], set[str]]:
    """(what a cell defines, what it and its functions read from outside)."""
    steps = list(dis.get_instructions(code))
    defines = {step.argval for step in steps if step.opname in ("STORE_NAME", "STORE_GLOBAL")}
    reads = {step.argval for step in steps if step.opname in ("LOAD_NAME", "LOAD_GLOBAL")}
    for inner in code.co_consts:
        if isinstance(inner, CodeType):
            reads |= names_of(inner)[1]
    return defines, reads


def needed(cells: list[str]) -> list[str]:
    """The cells with an explorer, the settings, and all that define a name which a needed one after them uses."""
    chosen, wanted = [], set()
    shows = [bool(re.search(r"^explore\(", source, flags=re.MULTILINE)) for source in cells]
    last = max(number for number, shown in enumerate(shows) if shown)
    for source, shown in list(zip(cells, shows, strict=True))[last::-1]:
        if "google.colab" not in source:
            defines, reads = names_of(compile(source, "cell", "exec"))
            if shown or defines & wanted or "config.update(" in source:
                chosen.append(source)
                wanted |= reads
    return chosen[::-1]


def main(chapter: Path) -> None:
    answers = os.fdopen(os.dup(1), "w")  # what the cells print does not get in between
    os.dup2(2, 1)
    os.chdir(chapter.parent)
    import jax

    import helpers.explorer as library

    made = {}
    explore = library.explore

    def remembering(*arguments, **keywords):
        explorer = explore(*arguments, **keywords)
        identity = re.search(r'<figure class="explorer" id="([^"]+)', explorer._repr_mimebundle_()[0]["text/html"])
        made[identity[1]] = explorer, bool(jax.config.read("jax_enable_x64"))
        return explorer

    library.explore = remembering
    cells = [cell.source for cell in nbformat.read(chapter, as_version=4).cells if cell.cell_type == "code"]
    names: dict = {"__name__": "__main__"}
    for source in needed(cells):
        exec(source, names)
    print("ready", file=answers, flush=True)
    for line in sys.stdin:
        identity, values = json.loads(line)
        explorer, double = made[identity]
        jax.config.update("jax_enable_x64", double)
        for name, value in values.items():
            setattr(explorer, name, value)
        result = {
            dataset: {
                column: wanted if isinstance(wanted, list) else np.asarray(wanted, float).tolist()
                for column, wanted in columns.items()
            }
            for dataset, columns in explorer.result().items()
        }
        print(json.dumps(result), file=answers, flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]).resolve())
