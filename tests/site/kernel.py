"""The kernel's side of a chapter's explorers: ``python kernel.py chapter.ipynb``.

Runs of the chapter what its explorers need, then answers lines of JSON: for ``[id, values of the controls]`` the data
that the chapter's function computes for them, by XLA, as ``{data set: {column: values}}``.
"""

from __future__ import annotations

import ast
import json
import os
import re
import sys
from pathlib import Path

import matplotlib as mpl
import nbformat
import numpy as np

mpl.use("Agg")


SETTINGS = ("jax.config.update", "threadpool_limits", "use_style")  # statements that act without binding a name


def for_explorers(source: str) -> ast.Module:
    """The statements of a program that make explorers, and those before that bind a name which they use."""
    kept: list[ast.stmt] = []
    wanted: set[str] = set()
    for statement in reversed(ast.parse(source).body):
        code = ast.unparse(statement)
        names = [node for node in ast.walk(statement) if isinstance(node, ast.Name)]
        calls = {
            node.func.id for node in ast.walk(statement) if isinstance(node, ast.Call) and hasattr(node.func, "id")
        }
        if bound(statement) & wanted or "explore" in calls or code.startswith(SETTINGS):
            kept.append(statement)
            wanted |= {node.id for node in names if isinstance(node.ctx, ast.Load)}
    return ast.Module(kept[::-1], type_ignores=[])


def bound(statement: ast.stmt) -> set[str]:
    """The names that a statement binds, or whose objects it changes: a part of them, or by a method."""
    found = set()
    for node in ast.walk(statement):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            found.add(node.id)
        elif isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            found.add(node.name)
        elif isinstance(node, ast.alias):
            found.add((node.asname or node.name).split(".")[0])
        elif isinstance(node, (ast.Subscript, ast.Attribute)) and isinstance(node.ctx, ast.Store):
            found |= {part.id for part in ast.walk(node.value) if isinstance(part, ast.Name)}
    if isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Call):
        changed = statement.value.func
        found |= (
            {changed.value.id} if isinstance(changed, ast.Attribute) and isinstance(changed.value, ast.Name) else set()
        )
    return found


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
    program = "\n".join(source for source in cells if "google.colab" not in source)
    exec(compile(for_explorers(program), chapter.name, "exec"), {"__name__": "__main__"})
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
