"""From lazy values to loops: one JavaScript function that fills one or more arrays, or reduces to one.

The function's loops run over a *domain* (the common shape of the values it stores). Neighbouring dimensions that every
operand walks through contiguously are merged into one loop; what depends only on outer loop indices is computed in the
outer loops; reductions accumulate in registers, several independent sums at a time, because one sum alone waits for
the previous addition on every step.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import count, product
from math import prod

from helpers.javascript._body import Body, Loop, place_key, unrounded
from helpers.javascript._nodes import Map, Node, Op, Read, walk

LOOP_NAMES = "ijklmnopq"
LANES = 4
SMALL_DOMAIN = 64
MATMUL_ROWS = 2


@dataclass(frozen=True)
class Store:
    """Write ``node`` to ``target``; the target's shape is the domain's."""

    node: Node
    target: Read


@dataclass(frozen=True)
class Reduction:
    """Combine ``node`` over the domain's last axes into ``target`` (shape: the other axes), or the return value."""

    node: Node
    target: Read | None
    initial: str
    combine: Op


@dataclass(frozen=True)
class LoopNest:
    """Stores and reductions that are made in one pass over a domain, of which the first ``n_kept`` axes are kept.

    ``unstored``: places that the reductions read, with the values that would be there if somebody else needed them.
    """

    stores: Sequence[Store]
    reductions: Sequence[Reduction] = ()
    n_kept: int = 0
    tile_rows: bool = False
    unstored: Sequence[Store] = ()

    def roots(self) -> list[Node]:
        return [store.node for store in self.stores] + [reduction.node for reduction in self.reductions]

    def targets(self) -> list[Read | None]:
        """Where the reductions go, with stride 0 along the axes that they run over."""
        rank = len(self.roots()[0].shape)
        return [over_domain(reduction.target, rank) for reduction in self.reductions]

    def stored(self) -> dict[tuple, Node]:
        stores = [*self.stores, *self.unstored] if self.reductions else []
        return {place_key(store.target): store.node for store in stores}

    def leaves(self) -> list[Read]:
        """All places that are read or written."""
        reads = [node for node in walk(*self.roots()) if isinstance(node, Read)]
        return reads + [store.target for store in self.stores] + [target for target in self.targets() if target]

    def loops(self) -> list[Loop]:
        domain = self.roots()[0].shape
        reduced = set(range(self.n_kept, len(domain))) if self.reductions else set()
        return merged_loops(domain, range(len(domain)), reduced, self.leaves())


@dataclass
class Kernel:
    """A finished function: its text, and the scalar variables it must be called with."""

    text: str
    parameters: list[str]
    helpers: set[str]

    def call(self, name: str) -> str:
        return f"{name}({', '.join(self.parameters)})"


def merged_loops(domain: Sequence[int], order: Sequence[int], reduced: set[int], leaves: list[Read]) -> list[Loop]:
    """Loops over the dimensions in this order, where contiguous neighbours have become one."""
    loops: list[Loop] = []
    for dim in order:
        if domain[dim] == 1:
            continue
        if loops and loops[-1].is_reduced == (dim in reduced):
            outer = loops[-1]
            if all(leaf.strides[outer.dim] == leaf.strides[dim] * domain[dim] for leaf in leaves):
                loops[-1] = Loop(dim, outer.size * domain[dim], is_reduced=outer.is_reduced)
                continue
        loops.append(Loop(dim, domain[dim], is_reduced=dim in reduced))
    for name, loop in zip(LOOP_NAMES, loops, strict=False):
        loop.name = name
    return loops


def choose_lanes(loops: list[Loop], n_reductions: int, *, tile_rows: bool) -> None:
    """How many sums a reduction accumulates at a time, and over which loops they are spread."""
    if n_reductions == 0 or prod(loop.size for loop in loops) < SMALL_DOMAIN:
        return
    kept = [loop for loop in loops if not loop.is_reduced]
    lanes = LANES if n_reductions == 1 else 2
    if kept:
        kept[-1].lanes = kept[-1].size if kept[-1].size <= lanes + 2 else lanes
        if tile_rows and len(kept) > 1:
            kept[-2].lanes = min(MATMUL_ROWS, kept[-2].size)
    elif loops:
        loops[-1].lanes = next((n for n in (LANES, 5, 3, 2) if loops[-1].size % n == 0), 1)


def over_domain(target: Read | None, rank: int) -> Read | None:
    """A reduction's target with stride 0 along the reduced axes, which come last."""
    if target is None:
        return None
    strides = target.strides + (0,) * (rank - len(target.strides))
    return Read((), target.dtype, target.buffer, target.offset, strides)


def build(name: str, nest: LoopNest, *, exact: bool) -> Kernel:
    """The function that runs these loops; ``exact``: whether every float32 step rounds (see ``_body``)."""
    loops, numbers = nest.loops(), count(1)
    body = Body(loops, nest.roots(), lambda prefix: f"{prefix}{next(numbers)}", nest.stored(), exact)
    choose_lanes(loops, 0 if calls_too_much(body) else len(nest.reductions), tile_rows=nest.tile_rows)
    finish = write_body(body, nest.stores, nest.reductions, nest.targets())
    text = assemble(body, finish, is_reduction=bool(nest.reductions))
    parameters = list(body.parameters)
    return Kernel(f"function {name}({', '.join(parameters)}) {{\n{text}\n}}", parameters, body.helpers)


def calls_too_much(body: Body) -> bool:
    """Whether copies of the body would make it too large for the engine to inline the runtime functions it calls."""
    calling = [node for node in walk(*body.roots) if isinstance(node, Map) and node.op.helpers]
    calls = {body.key(node): node.op.helpers for node in calling}
    return bool(calls) and list(calls.values()) != [("tanh32",)]


def all_lanes(loops: list[Loop]) -> list[dict[int, int]]:
    """The copies of the body: for each, the lane number (loop position → lane) of every tiled loop."""
    tiled = [(k, loop.lanes) for k, loop in enumerate(loops) if loop.lanes > 1]
    numbers = product(*(range(lanes) for _, lanes in tiled))
    return [dict(zip((k for k, _ in tiled), choice, strict=True)) for choice in numbers]


def write_body(body: Body, stores: Sequence[Store], reductions: Sequence[Reduction], targets) -> list[str]:
    """Fill the innermost lines; return those that store the finished sums."""
    depth = len(body.loops)
    innermost = body.lines[depth]
    lanes = all_lanes(body.loops)
    names = [[f"a{k * len(lanes) + n}" for n in range(len(lanes))] for k in range(len(reductions))]
    for n, lane in enumerate(lanes):
        for store in stores:
            text = unrounded(body.value(store.node, lane, depth), store.target)
            innermost.append(f"{store.target.buffer.name}[{body.position(store.target, lane)}] = {text};")
        for reduction, sums in zip(reductions, names, strict=True):
            innermost.append(f"{sums[n]} = {reduction.combine.text(sums[n], body.value(reduction.node, lane, depth))};")
    kept_depth = sum(not loop.is_reduced for loop in body.loops)
    for reduction, sums in zip(reductions, names, strict=True):
        body.lines[kept_depth].append("let " + ", ".join(f"{name} = {reduction.initial}" for name in sums) + ";")
    finish: list[str] = []
    for reduction, target, sums in zip(reductions, targets, names, strict=True):
        finish += store_sums(body, reduction, target, sums, lanes)
    return finish


def store_sums(body: Body, reduction: Reduction, target: Read | None, sums: list[str], lanes) -> list[str]:
    """The lines that put finished sums where they belong, after adding up partial ones."""
    if target is not None and not any(loop.is_reduced and loop.lanes > 1 for loop in body.loops):
        return [
            f"{target.buffer.name}[{body.position(target, lane)}] = {name};"
            for name, lane in zip(sums, lanes, strict=True)
        ]
    total = sums[0]
    for other in sums[1:]:
        total = reduction.combine.text(total, other)
    if target is None:
        return [f"return {total};"]
    return [f"{target.buffer.name}[{body.position(target, {})}] = {total};"]


def assemble(body: Body, finish: list[str], *, is_reduction: bool) -> str:
    """Nest the loops around their lines."""
    kept_depth = sum(not loop.is_reduced for loop in body.loops)
    lines: list[str] = []
    for depth, level in enumerate(body.lines):
        lines += ["  " * (depth + 1) + line for line in level]
        if depth < len(body.loops):
            lines += ["  " * (depth + 1) + line for line in body.loops[depth].header()]
    for depth in reversed(range(len(body.loops) + 1)):
        if is_reduction and depth == kept_depth:
            lines += ["  " * (depth + 1) + line for line in finish]
        if depth > 0:
            lines.append("  " * depth + "}")
    return "\n".join(lines)
