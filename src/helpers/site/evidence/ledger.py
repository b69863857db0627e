"""The one file that keeps the evidence, ``book/evidence.json``: what each claim measured, seed by seed.

Of a claim about several values one is kept for each seed: the one that comes nearest to missing. It decides.
"""

from __future__ import annotations

import ast
import hashlib
import json
import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import nbformat

FILE = Path("book") / "evidence.json"
DIGITS = 5

Record = dict[str, Any]


class Decided(NamedTuple):
    """The value of a claim that comes nearest to missing its criterion, or misses it by most."""

    value: float
    """As measured; the smallest step, in the claimed direction, of an ordered claim."""
    against: float | None
    """The prediction, or the bound that is nearer; an order has none."""
    held: bool


def seeds(count: int) -> list[int]:
    """The first seeds that nobody chose: the decimal digits of π after the point, five by five."""
    digits = _pi(5 * count)[1:]
    return [int(digits[5 * k : 5 * k + 5]) for k in range(count)]


def _pi(decimals: int) -> str:
    """π by Machin's formula (1706) in whole numbers: π/4 = 4 arctan(1/5) − arctan(1/239)."""
    unit = 10 ** (decimals + 10)

    def arctan_of_one_over(x: int) -> int:
        power, total, k = unit // x, 0, 0
        while power:
            total += (-1) ** k * power // (2 * k + 1)
            power, k = power // (x * x), k + 1
        return total

    return str(4 * (4 * arctan_of_one_over(5) - arctan_of_one_over(239)))[: decimals + 1]


SHOWS = ("explore", "folklore", "glue", "show")  # calls that no claim can depend on


def digest(notebook: nbformat.NotebookNode) -> str:
    """Of the code on which the claims may depend.

    Blank lines, lines of comment, docstrings and calls that only show something do not count, nor does the text between
    the cells.
    """
    code = [_without_words(cell.source) for cell in notebook.cells if cell.cell_type == "code"]
    lines = [line.rstrip() for lines in code for line in lines]
    counted = [line for line in lines if line and line.lstrip()[0] != "#"]
    return hashlib.sha256("\n".join(counted).encode()).hexdigest()[:16]


def _without_words(source: str) -> list[str]:
    """The lines of a cell but for docstrings and its outermost calls of `SHOWS`; all, if it is not plain Python."""
    lines = source.splitlines()
    try:
        cell = ast.parse(source)
    except SyntaxError:  # a line for IPython
        return lines
    shows = [s for s in cell.body if isinstance(s, ast.Expr) and _called(s.value) in SHOWS]
    defined = (node for node in ast.walk(cell) if isinstance(node, ast.FunctionDef | ast.ClassDef))
    docstrings = [node.body[0] for node in defined if ast.get_docstring(node) and len(node.body) > 1]
    for statement in (*shows, *docstrings):
        last = statement.end_lineno or statement.lineno
        lines[statement.lineno - 1 : last] = [""] * (last - statement.lineno + 1)
    return lines


def _called(value: ast.expr) -> str:
    """The name of the function, where an expression is the call of one."""
    return value.func.id if isinstance(value, ast.Call) and isinstance(value.func, ast.Name) else ""


def claims_of(notebook: nbformat.NotebookNode) -> list[Record]:
    """What the claims of an executed notebook have left in its outputs, in order."""
    outputs = (output for cell in notebook.cells for output in cell.get("outputs", []))
    return [o.metadata["claim"] for o in outputs if "claim" in o.get("metadata", {})]


def decide(measured: Sequence[float | None], about: Record) -> Decided:
    """Which of a claim's values decides, and whether it held. What is not finite is None, or a text such as "nan"."""
    values = [float(v) if v is not None and math.isfinite(float(v)) else math.nan for v in measured]
    if about["form"] == "order":
        steps = [b - a for a, b in zip(values, values[1:], strict=False)]
        slack = steps if about["order"] == "increasing" else [-step for step in steps]
        k = _worst(slack)
        return Decided(slack[k], None, slack[k] > 0)
    if about["form"] == "prediction":
        expected = about["expected"] if isinstance(about["expected"], list) else [about["expected"]] * len(values)
        allowed = [about["tolerance"] * (abs(e) if about["relative"] == "true" else 1) for e in expected]
        slack = [a - abs(v - e) for v, e, a in zip(values, expected, allowed, strict=True)]
        k = _worst(slack)
        return Decided(values[k], expected[k], slack[k] >= 0)
    low, high = about.get("at_least", -math.inf), about.get("at_most", math.inf)
    slack = [min(v - low, high - v) for v in values]
    k = _worst(slack)
    return Decided(values[k], low if values[k] - low == slack[k] else high, slack[k] >= 0)


def _worst(slack: Sequence[float]) -> int:
    return min(range(len(slack)), key=lambda k: slack[k] if math.isfinite(slack[k]) else -math.inf)


def read(file: Path = FILE) -> dict[str, Record]:
    """By chapter: ``digest``, ``runs`` (a machine, and its seeds), ``errors``, ``claims``; empty without a file."""
    ledger = json.loads(file.read_text(encoding="utf-8")) if file.exists() else {}
    for kept in ledger.values():
        for claim in kept["claims"]:
            if not isinstance(claim["against"], list):
                claim["against"] = [claim["against"]] * len(claim["measured"])
    return ledger


def write(ledger: dict[str, Record], file: Path = FILE) -> None:
    """One claim to a line; in one move, so that who interrupts it loses nothing."""
    chapters = []
    for name, kept in sorted(ledger.items()):
        head = {key: value for key, value in kept.items() if key != "claims"}
        claims = ",\n  ".join(json.dumps(_folded(claim), ensure_ascii=False) for claim in kept["claims"])
        chapters.append(f'{json.dumps(name)}: {json.dumps(head, ensure_ascii=False)[:-1]}, "claims": [\n  {claims}]}}')
    draft = file.with_suffix(".part")
    draft.write_text("{\n" + ",\n".join(chapters) + "\n}\n", encoding="utf-8")
    draft.replace(file)


def _folded(claim: Record) -> Record:
    """The same number for every seed is written once."""
    same = len(set(claim["against"])) == 1
    return {**claim, "against": claim["against"][0]} if same else claim


def measured_seeds(kept: Record) -> list[int]:
    return [seed for run in kept["runs"] for seed in run["seeds"]]


def begin(chapter_digest: str, claims: Sequence[Record]) -> Record:
    """A chapter of which no seed has run yet; ``claims`` are those that its stored outputs hold."""
    keys = ("statement", "anchor", "source")
    rows = [{**{k: c[k] for k in keys}, "about": c["about"], "measured": [], "against": []} for c in claims]
    return {"digest": chapter_digest, "runs": [], "errors": {}, "claims": rows}


def add(kept: Record, seed: int, machine: Record, found: Sequence[Record], error: str | None) -> None:
    """Put a seed's run into a chapter's record. A claim that the run did not come to has measured nothing: None."""
    for row, claim in zip(kept["claims"], [*found, *[None] * len(kept["claims"])], strict=False):
        decided = Decided(math.nan, None, False) if claim is None else decide(claim["measured"], claim["about"])
        if claim is not None and decided.held != claim.get("held", True):
            raise AssertionError(
                f"{claim['statement']}: the chapter says {not decided.held}, the ledger {decided.held}"
            )
        row["measured"].append(_short(decided.value))
        row["against"].append(None if decided.against is None else _short(decided.against))
        if not decided.held:
            row.setdefault("failed", []).append(seed)
    if error:
        kept["errors"][str(seed)] = error
    run = next((run for run in kept["runs"] if {k: v for k, v in run.items() if k != "seeds"} == machine), None)
    if run is None:
        kept["runs"].append(run := {**machine, "seeds": []})
    run["seeds"].append(seed)


def _short(value: float) -> float | None:
    return float(f"{value:.{DIGITS}g}") if math.isfinite(value) else None
