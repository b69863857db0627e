"""A chapter in one process, and again with a planted fault: which claims go red?

    python tests/book/rehearsal.py CHAPTER [--seed 7] [--watch]

The faults of a chapter are in ``faults/CHAPTER.yaml``. After a fault is planted in a cell, that cell is run again, and
of the cells after it those that use, directly or through others, a name that came out differently; up to the last
claim that the fault should break. What the chapter shows (pictures, explorers) is made in the first run alone.
"""

from __future__ import annotations

import argparse
import ast
import contextlib
import copy
import io
import json
import linecache
import os
import time
import traceback
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import jax
import matplotlib as mpl
import nbformat
import numpy as np
import yaml
from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.capture import capture_output

import helpers.claims
import helpers.explorer
import helpers.figures

BOOK = Path(__file__).parents[2] / "book"
FAULTS = Path(__file__).parent / "faults"
CONTROLS = 15.0  # seconds: as many cells are run again as they are, the quick ones first


class Fault(NamedTuple):
    """An edit of one cell, and the claims that must not survive it."""

    fault: str
    replace: str
    by: str
    breaks: list[str]


class State(NamedTuple):
    """What a cell finds when it begins."""

    names: dict[str, Any]
    x64: bool


class Outcome(NamedTuple):
    """What became of the chapter's claims, from the cell of the fault on; and what went wrong on the way."""

    claims: dict[str, bool]
    error: str | None
    seconds: float


def faults_of(chapter: str) -> list[Fault]:
    """Raises ``TypeError`` for an entry with a key missing or unknown."""
    file = FAULTS / f"{chapter}.yaml"
    return [Fault(**entry) for entry in yaml.safe_load(file.read_text(encoding="utf-8"))] if file.exists() else []


class Rehearsal:
    """A chapter that has run once with a seed, and can be run again from any cell, with an edit.

    Every run happens in the same namespace, wound back: functions of earlier cells then see what the edit changed.
    """

    def __init__(self, chapter: str, seed: int, book: Path = BOOK) -> None:
        notebook = nbformat.read(book / f"{chapter}.ipynb", as_version=4)
        code = [cell for cell in notebook.cells if cell.cell_type == "code"]
        self.sources = [_without_magic(cell.source) for cell in code]
        for number, cell in enumerate(code):
            if "parameters" in cell.metadata.get("tags", []):
                self.sources[number] = f"SEED = {seed}"
        self.chapter = chapter
        self.names: dict[str, Any] = {"__name__": "chapter"}
        self.before: list[State] = []
        self.cell_of_claim: dict[str, int] = {}
        self.held: dict[str, bool] = {}
        self._claims, self._shows = _stand_ins()
        for number, source in enumerate(self.sources):
            self.before.append(self._state())
            self._execute(number, source)
            self.held |= self._claims
            self.cell_of_claim |= dict.fromkeys(self._claims, number)
        self.before.append(self._state())
        self._shows.clear()

    def plant(self, fault: Fault) -> Outcome:
        """Run the chapter again with the fault, as far as needed.

        Raises ``ValueError`` if the text to replace is not in exactly one cell, or a claim does not exist or comes
        before the fault.
        """
        places = [k for k, source in enumerate(self.sources) for _ in range(source.count(fault.replace))]
        if len(places) != 1:
            raise ValueError(f"{fault.fault}: the text to replace is there {len(places)} times, in cells {places}")
        (first,) = places
        if unknown := [s for s in fault.breaks if self.cell_of_claim.get(s, -1) < first]:
            raise ValueError(f"{fault.fault}: from the fault's cell on there is no claim {unknown}")
        return self.again(first, self.sources[first].replace(fault.replace, fault.by), fault.breaks)

    def again(self, first: int, source: str, wanted: list[str]) -> Outcome:
        """From one cell on, with another text for it, to the last wanted claim."""
        last = max((self.cell_of_claim[statement] for statement in wanted), default=first)
        self._wind_back(first)
        different: set[str] = set()
        claims: dict[str, bool] = {}
        started = time.perf_counter()
        for number in range(first, last + 1):
            text = source if number == first else self.sources[number]
            after = self.before[number + 1].names
            if number == first or _used(text) & different:
                before = self._state().names
                jax.config.update("jax_enable_x64", self.before[number].x64)
                try:
                    self._execute(number, text)
                except Exception:
                    error = f"cell {number}: {traceback.format_exc(limit=-2)}"
                    return Outcome(claims | self._claims, error, time.perf_counter() - started)
                claims |= self._claims
                bound = {name for name, value in self.names.items() if not _same(before.get(name, before), value)}
                different |= {name for name in bound if not _same(after.get(name, after), self.names[name])}
            else:
                bound = {name for name in after if not _same(self.before[number].names.get(name, after), after[name])}
                self.names.update({name: _copied(after[name]) for name in bound})
                different -= bound
        return Outcome(claims, None, time.perf_counter() - started)

    def _execute(self, number: int, source: str) -> None:
        self._claims.clear()
        name = f"<{self.chapter}, cell {number}>"
        linecache.cache[name] = (len(source), None, source.splitlines(keepends=True), name)
        with capture_output() if self._shows else contextlib.redirect_stdout(io.StringIO()):
            exec(compile(source, name, "exec"), self.names)

    def _state(self) -> State:
        return State({name: _copied(value) for name, value in self.names.items()}, jax.config.jax_enable_x64)

    def _wind_back(self, number: int) -> None:
        self.names.clear()
        self.names.update({name: _copied(value) for name, value in self.before[number].names.items()})


def _stand_ins() -> tuple[dict[str, bool], set[str]]:
    """Put stand-ins where the chapters import from.

    The dictionary says which claims a cell has made hold. What is in the set is done in earnest, until it is taken out.
    """
    made: dict[str, bool] = {}
    shows = {"show", "explore", "glue", "folklore"}

    def claim(statement: str, **criterion: Any) -> None:
        try:
            helpers.claims.check(statement, **criterion)
            made[statement] = True
        except helpers.claims.ClaimFailed:
            made[statement] = False

    def at_first(function: Callable) -> Callable:
        def shown(*arguments: Any, **keywords: Any) -> None:
            if function.__name__ in shows:
                InteractiveShell.instance().display_formatter.format(function(*arguments, **keywords))
            mpl.pyplot.close("all")

        return shown

    helpers.claims.claim = claim
    helpers.claims.glue, helpers.claims.folklore = at_first(helpers.claims.glue), at_first(helpers.claims.folklore)
    helpers.figures.show, helpers.explorer.explore = at_first(helpers.figures.show), at_first(helpers.explorer.explore)
    return made, shows


def _without_magic(source: str) -> str:
    """What IPython alone understands stands only where a notebook prepares Colab."""
    return "" if "google.colab" in source else source


def _used(source: str) -> set[str]:
    names = (node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Name))
    return {node.id for node in names if isinstance(node.ctx, ast.Load)}


def _copied(value: Any) -> Any:
    """Containers are copied, since a cell may change them in place."""
    return copy.copy(value) if type(value) in (dict, list, set) else value


def _same(one: Any, other: Any) -> bool:
    """Whether what a name stands for is the same; of functions, only if they are one object."""
    if one is other:
        return True
    if type(one) is not type(other):
        return False
    if isinstance(one, dict):
        return one.keys() == other.keys() and all(_same(one[key], other[key]) for key in one)
    if isinstance(one, (list, tuple)):
        return len(one) == len(other) and all(map(_same, one, other))
    if isinstance(one, (int, float, str)):
        return one == other
    if isinstance(one, jax.Array) and jax.dtypes.issubdtype(one.dtype, jax.dtypes.prng_key):
        return bool(np.array_equal(jax.random.key_data(one), jax.random.key_data(other)))
    if isinstance(one, (np.ndarray, jax.Array)):
        return one.dtype == other.dtype and one.shape == other.shape and one.tobytes() == other.tobytes()
    return False


def judged(rehearsal: Rehearsal, fault: Fault) -> dict[str, Any]:
    """A fault's result: the claims that survived it, though they should not; the others that it broke as well."""
    try:
        outcome = rehearsal.plant(fault)
    except ValueError as error:
        return {"fault": fault.fault, "survived": fault.breaks, "also": [], "error": str(error), "seconds": 0.0}
    red = [statement for statement, held in outcome.claims.items() if not held]
    return {
        "fault": fault.fault,
        "survived": [statement for statement in fault.breaks if statement not in red],
        "also": [statement for statement in red if statement not in fault.breaks],
        "error": outcome.error,
        "seconds": round(outcome.seconds, 1),
    }


def controls(rehearsal: Rehearsal, faults: list[Fault], seconds: float) -> list[dict[str, Any]]:
    """Edited cells run again as they are: what goes red then is the rehearsal's own doing, not the fault's."""
    wanted: dict[int, list[str]] = {}
    for fault in faults:
        first = next(k for k, source in enumerate(rehearsal.sources) if fault.replace in source)
        wanted.setdefault(first, []).extend(fault.breaks)
    made: list[dict[str, Any]] = []
    for cell, breaks in sorted(wanted.items(), key=lambda one: max(map(rehearsal.cell_of_claim.get, one[1])) - one[0]):
        if sum(one["seconds"] for one in made) > seconds:
            break
        outcome = rehearsal.again(cell, rehearsal.sources[cell], breaks)
        red = [statement for statement, held in outcome.claims.items() if not held]
        made.append({"cell": cell, "red": red, "error": outcome.error, "seconds": round(outcome.seconds, 1)})
    return made


def report(chapter: str, seed: int, book: Path, control_seconds: float) -> dict[str, Any]:
    """All that a test wants to know of a chapter."""
    started = time.perf_counter()
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        rehearsal = Rehearsal(chapter, seed, book)
    first_run, faults = time.perf_counter() - started, faults_of(chapter)
    planted = [judged(rehearsal, fault) for fault in faults]
    return {
        "claims": rehearsal.held,
        "warnings": [str(warning.message) for warning in said],
        "seconds": round(first_run, 1),
        "faults": planted,
        "controls": controls(rehearsal, faults, control_seconds),
    }


def watch(chapter: str, seed: int, book: Path) -> None:
    """For authors: try each entry of the chapter's file when it is new or has changed, and say what it broke."""
    rehearsal, tried = Rehearsal(chapter, seed, book), set()
    failed = [statement for statement, held in rehearsal.held.items() if not held]
    print(f"{chapter}: {len(rehearsal.held)} claims, failed without any fault: {failed}", flush=True)
    while True:
        try:
            faults = faults_of(chapter)
        except (TypeError, yaml.YAMLError) as error:
            print(f"the file cannot be read: {error}", flush=True)
            time.sleep(10)
            continue
        for fault in faults:
            if (key := json.dumps(fault)) not in tried:
                tried.add(key)
                print(json.dumps(judged(rehearsal, fault), ensure_ascii=False, indent=1), flush=True)
                uncovered = set(rehearsal.held) - {statement for each in faults for statement in each.breaks}
                print(f"{len(uncovered)} claims have no fault yet", flush=True)
        time.sleep(2)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("chapter")
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--book", type=Path, default=BOOK, metavar="FOLDER", help="where the chapter is")
    parser.add_argument("--controls", type=float, default=CONTROLS, metavar="SECONDS", help="for runs without a fault")
    parser.add_argument("--watch", action="store_true", help="stay, and try each fault that is new or has changed")
    chosen = parser.parse_args()
    mpl.use("Agg")
    book = chosen.book.resolve()
    os.chdir(book)
    if chosen.watch:
        watch(chosen.chapter, chosen.seed, book)
    else:
        answers = os.fdopen(os.dup(1), "w")  # what the cells print does not get in between
        os.dup2(2, 1)
        told = report(chosen.chapter, chosen.seed, book, chosen.controls)
        print(json.dumps(told, ensure_ascii=False), file=answers, flush=True)


if __name__ == "__main__":
    main()
