"""Small mistakes in a module, as JSON: what each line would become. Runs where cosmic-ray is installed, and only there.

    python propose.py COUNT SEED FILE...

Cosmic-ray has the operators; here stands which of them are tried, and which places of a module do not count.
"""

from __future__ import annotations

import ast
import difflib
import json
import random
import re
import sys
from collections.abc import Iterator
from pathlib import Path

from cosmic_ray.ast import ast_nodes, get_ast
from cosmic_ray.mutating import mutate_code
from cosmic_ray.plugins import get_operator
from parso.tree import NodeOrLeaf

# For each operator the one neighbour that most often runs and is wrong: most of the others end in a TypeError.
BINARY = {"Add": "Sub", "Sub": "Add", "Mul": "Div", "Div": "Mul", "FloorDiv": "Mul", "Mod": "FloorDiv", "Pow": "Mul",
          "RShift": "LShift", "LShift": "RShift", "BitOr": "BitAnd", "BitAnd": "BitOr", "BitXor": "BitOr"}  # fmt: skip
COMPARISONS = {"Eq": "NotEq", "NotEq": "Eq", "Lt": "LtE", "LtE": "Lt", "Gt": "GtE", "GtE": "Gt",
               "Is": "IsNot", "IsNot": "Is"}  # fmt: skip
OPERATORS = [
    "AddNot", "ExceptionReplacer", "NumberReplacer", "RemoveDecorator", "ReplaceAndWithOr", "ReplaceOrWithAnd",
    "ReplaceBreakWithContinue", "ReplaceContinueWithBreak", "ReplaceFalseWithTrue", "ReplaceTrueWithFalse",
    "ReplaceUnaryOperator_USub_UAdd", "ReplaceUnaryOperator_Delete_Not", "ReplaceUnaryOperator_Delete_Invert",
    "ZeroIterationForLoop",
    *(f"ReplaceBinaryOperator_{a}_{b}" for a, b in BINARY.items()),
    *(f"ReplaceComparisonOperator_{a}_{b}" for a, b in COMPARISONS.items()),
]  # fmt: skip

Place = tuple[int, int]


def silent(tree: ast.Module) -> Iterator[ast.AST]:
    """What a test is not asked about: types, the text of errors, assertions, and `zip`'s own check of lengths."""
    for node in ast.walk(tree):
        match node:
            case ast.arg(annotation=ast.AST() as annotation):
                yield annotation
            case ast.FunctionDef(returns=ast.AST() as returns):
                yield returns
            case ast.AnnAssign():
                yield node.annotation
                if node.value and "TypeAlias" in ast.unparse(node.annotation):
                    yield node.value
            case ast.Assign(value=ast.BinOp(left=ast.Name(), op=ast.BitOr(), right=ast.Name())):
                yield node.value  # Atom = Variable | Constant
            case ast.Raise(exc=ast.AST()):
                yield node.exc
            case ast.Assert() | ast.keyword(arg="strict"):
                yield node


def mutations(source: str) -> list[tuple[str, int, Place]]:
    """(operator, occurrence, where) of all that may be tried."""
    spans = [((n.lineno, n.col_offset), (n.end_lineno, n.end_col_offset)) for n in silent(ast.parse(source))]
    lines = source.splitlines()

    def counts(place: Place) -> bool:
        line, column = place
        column = len(lines[line - 1][:column].encode())  # ast counts bytes
        return not any(start <= (line, column) < end for start, end in spans)

    found, nodes = [], list(ast_nodes(get_ast(source)))
    for name in OPERATORS:
        operator = get_operator(f"core/{name}")()
        places = [(node, start) for node in nodes for start, _ in operator.mutation_positions(node)]
        found += [
            (name, number, place)
            for number, (node, place) in enumerate(places)
            if counts(place)
            and node.parent
            and node.parent.type != "parameters"  # the * of def f(x, *, key)
            and not (name == "NumberReplacer" and number % 2 and is_first(node))
        ]
    return found


def is_first(node: NodeOrLeaf) -> bool:
    """Whether this is the 0 of ``x[0]``. Most of these lists have one element, whose number is -1 as well as 0."""
    return node.parent.type == "trailer" and node.parent.get_code(include_prefix=False) == "[0]"


def changed(before: str, after: str) -> tuple[str, str]:
    """The lines that differ, as one, with single spaces."""
    steps = [line for line in difflib.ndiff(before.splitlines(), after.splitlines()) if line[:2] in ("- ", "+ ")]
    old, new = (" ".join(line[2:] for line in steps if line[0] == sign) for sign in "-+")
    return re.sub(r"\s+", " ", old).strip(), re.sub(r"\s+", " ", new).strip()


def propose(path: Path, count: int | None, seed: int) -> dict:
    source = path.read_text()
    found = mutations(source)
    # A longer sample begins with the shorter one.
    random.Random(f"{seed} {path.stem}").shuffle(found)
    mutants: list[dict] = []
    total = len(found)
    for name, occurrence, (line, _) in found:
        if len(mutants) == count:
            break
        mutated = mutate_code(source, get_operator(f"core/{name}")(), occurrence)
        try:
            compile(mutated, str(path), "exec")
        except SyntaxError:  # `not line := f()` is no mistake that one can make
            total -= 1
            continue
        before, after = changed(source, mutated)
        mutants.append({"operator": name, "line": line, "before": before, "after": after, "source": mutated})
    return {"total": total, "mutants": mutants}


if __name__ == "__main__":
    amount, seed, *files = sys.argv[1:]
    count = None if amount == "all" else int(amount)
    json.dump({file: propose(Path(file), count, int(seed)) for file in files}, sys.stdout)
