"""From lazy values to loops: one JavaScript function that fills one or more arrays, or reduces to one.

The function's loops run over a *domain* (the common shape of the values it stores). Neighbouring dimensions that every
operand walks through contiguously are merged into one loop; what depends only on outer loop indices is computed in the
outer loops; reductions accumulate in registers, several independent sums at a time, because one sum alone waits for
the previous addition on every step.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import count, product
from math import prod

from helpers.javascript._nodes import Affine, Gather, Map, Node, Read, Scalar, children, resolve, walk

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
    """Combine ``node`` over ``axes`` into ``target`` (shape: the other axes), or into the return value."""

    node: Node
    target: Read | None
    axes: tuple[int, ...]
    initial: str
    combine: Callable[[str, str], str]


@dataclass
class Kernel:
    """A finished function: its text, and the scalar variables it must be called with."""

    text: str
    parameters: list[str]
    helpers: set[str]

    def call(self, name: str) -> str:
        return f"{name}({', '.join(self.parameters)})"


@dataclass
class Loop:
    """One loop of the kernel: the innermost of the dimensions merged into it gives the strides."""

    dim: int
    size: int
    name: str = ""
    lanes: int = 1
    is_reduced: bool = False

    def header(self) -> list[str]:
        """The opening line(s). A last, partial tile is shifted back so that it is full: storing twice is harmless."""
        if self.lanes == self.size:
            return [f"for (let {self.name} = 0; {self.name} < {self.size}; {self.name} += {self.lanes}) {{"]
        if self.lanes == 1:
            return [f"for (let {self.name} = 0; {self.name} < {self.size}; {self.name}++) {{"]
        if self.size % self.lanes == 0:
            return [f"for (let {self.name} = 0; {self.name} < {self.size}; {self.name} += {self.lanes}) {{"]
        raw = f"{self.name}${self.name}"
        return [
            f"for (let {raw} = 0; {raw} < {self.size}; {raw} += {self.lanes}) {{",
            f"  const {self.name} = Math.min({raw}, {self.size - self.lanes});",
        ]


@dataclass
class Body:
    """Collects the lines of each loop level while expressions are written out."""

    loops: list[Loop]
    uses: Counter
    lines: list[list[str]] = field(default_factory=list)
    parameters: dict[str, None] = field(default_factory=dict)
    helpers: set[str] = field(default_factory=set)
    memo: dict = field(default_factory=dict)
    bases: dict[str, str] = field(default_factory=dict)
    depends: dict[int, frozenset[int]] = field(default_factory=dict)
    fresh: Callable[[str], str] = lambda prefix: prefix

    def __post_init__(self):
        self.lines = [[] for _ in range(len(self.loops) + 1)]

    def dependencies(self, node: Node) -> frozenset[int]:
        """The loops (by position) on which a value depends."""
        if id(node) not in self.depends:
            match node:
                case Read():
                    found = frozenset(k for k, loop in enumerate(self.loops) if node.strides[loop.dim] != 0)
                case _:
                    found = frozenset().union(*(self.dependencies(child) for child in children(node)))
            self.depends[id(node)] = found
        return self.depends[id(node)]

    def level(self, node: Node) -> int:
        return 1 + max(self.dependencies(node), default=-1)

    def value(self, node: Node, lane: dict[int, int], at: int) -> str:
        """The text of one element, as seen from loop level ``at``."""
        node = resolve(node)
        if isinstance(node, Scalar):
            if node.is_name:
                self.parameters[node.text] = None
            return f"({node.text})" if node.text.startswith("-") else node.text
        level = self.level(node)
        key = (id(node), tuple((k, n) for k, n in lane.items() if k in self.dependencies(node)))
        if key not in self.memo:
            text = self.compute(node, lane, level)
            if self.uses[id(node)] > 1 or level < at or len(text) > 100:
                name = self.fresh("t")
                self.lines[level].append(f"const {name} = {without_parentheses(text)};")
                text = name
            self.memo[key] = text
        return self.memo[key]

    def compute(self, node: Node, lane: dict[int, int], level: int) -> str:
        match node:
            case Read():
                position = self.position(node, lane)
                return f"{node.buffer.name}[{position}]" if node.buffer else f"({position})"
            case Gather():
                position = self.value(node.position, lane, level)
                return f"{node.buffer.name}[{without_parentheses(position)}]"
            case Map():
                self.helpers.update(node.op.helpers)
                for name in node.op.names:
                    self.parameters[name] = None
                return node.op.text(*(self.value(arg, lane, level) for arg in node.args))
        raise TypeError(type(node).__name__)

    def position(self, read: Read, lane: dict[int, int]) -> str:
        """The affine position; the part that the innermost loop does not change is named once, further out."""
        constant = read.offset.constant
        outer = [product_text(name, coefficient) for name, coefficient in read.offset.terms]
        for name, _ in read.offset.terms:
            self.parameters[name] = None
        inner, inner_loop = "", self.level(read) - 1
        base_level = 0
        for k, loop in enumerate(self.loops):
            stride = read.strides[loop.dim]
            if stride:
                constant += lane.get(k, 0) * stride
                if k == inner_loop:
                    inner = product_text(loop.name, stride)
                else:
                    outer.append(product_text(loop.name, stride))
                    base_level = k + 1
        base = " + ".join(outer).replace("+ -", "- ")
        if base and inner and base_level <= inner_loop and (len(outer) > 1 or "*" in base):
            if base not in self.bases:
                self.bases[base] = self.fresh("r")
                self.lines[base_level].append(f"const {self.bases[base]} = {base};")
            base = self.bases[base]
        text = " + ".join(part for part in (base, inner) if part)
        if constant or not text:
            text = f"{text} + {constant}" if text else str(constant)
        return text.replace("+ -", "- ")


def product_text(name: str, coefficient: int) -> str:
    return name if coefficient == 1 else f"-{name}" if coefficient == -1 else f"{name} * {coefficient}"


def without_parentheses(text: str) -> str:
    """Drop one pair of parentheses that encloses the whole text."""
    if not (text.startswith("(") and text.endswith(")")):
        return text
    depth = 0
    for position, character in enumerate(text):
        depth += (character == "(") - (character == ")")
        if depth == 0 and position < len(text) - 1:
            return text
    return text[1:-1]


def unrounded(text: str, target: Read) -> str:
    """Storing to a Float32Array rounds: an outermost ``fround`` is not needed there."""
    if target.buffer is not None and target.buffer.dtype == "float32" and text.startswith("fround("):
        inner = text[len("fround") :]
        if without_parentheses(inner) != inner:
            return without_parentheses(inner)
    return without_parentheses(text)


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


def choose_lanes(loops: list[Loop], tile_rows: bool) -> None:
    """How many sums a reduction accumulates at a time, and over which loops they are spread."""
    if prod(loop.size for loop in loops) < SMALL_DOMAIN:
        return
    kept = [loop for loop in loops if not loop.is_reduced]
    if kept:
        kept[-1].lanes = kept[-1].size if kept[-1].size <= LANES + 2 else LANES
        if tile_rows and len(kept) > 1:
            kept[-2].lanes = min(MATMUL_ROWS, kept[-2].size)
    elif loops:
        loops[-1].lanes = next((n for n in (LANES, 5, 3, 2) if loops[-1].size % n == 0), 1)


def target_over_domain(reduction: Reduction, rank: int) -> Read | None:
    """The reduction's target, with stride 0 along the reduced axes."""
    if reduction.target is None:
        return None
    strides, kept = [0] * rank, [d for d in range(rank) if d not in reduction.axes]
    for dim, stride in zip(kept, reduction.target.strides, strict=True):
        strides[dim] = stride
    target = reduction.target
    return Read((), target.dtype, target.buffer, target.offset, tuple(strides))


def build(name: str, stores: Sequence[Store], reduction: Reduction | None = None, *, is_product=False) -> Kernel:
    """The function that makes these stores, and this reduction, in one pass over the domain."""
    roots = [store.node for store in stores] + ([reduction.node] if reduction else [])
    domain = roots[0].shape
    reduced = set(reduction.axes) if reduction else set()
    order = [d for d in range(len(domain)) if d not in reduced] + sorted(reduced)
    target = target_over_domain(reduction, len(domain)) if reduction else None
    leaves = [node for node in walk(*roots) if isinstance(node, Read)]
    leaves += [store.target for store in stores] + ([target] if target else [])
    loops = merged_loops(domain, order, reduced, leaves)
    if reduction:
        choose_lanes(loops, is_product)
    uses = Counter(id(child) for node in walk(*roots) for child in children(node))
    uses.update(id(resolve(root)) for root in roots)
    numbers = count(1)
    body = Body(loops, uses, fresh=lambda prefix: f"{prefix}{next(numbers)}")
    finish = write_body(body, stores, reduction, target)
    text = assemble(body, finish, reduction)
    parameters = list(body.parameters)
    return Kernel(f"function {name}({', '.join(parameters)}) {{\n{text}\n}}", parameters, body.helpers)


def lanes_of(loops: list[Loop], wanted: Callable[[Loop], bool]) -> list[dict[int, int]]:
    """All lane numbers of the tiled loops that are wanted: one dict (loop position → lane) per copy of the body."""
    tiled = [(k, loop.lanes) for k, loop in enumerate(loops) if loop.lanes > 1 and wanted(loop)]
    numbers = product(*(range(lanes) for _, lanes in tiled))
    return [dict(zip((k for k, _ in tiled), choice, strict=True)) for choice in numbers]


def write_body(body: Body, stores: Sequence[Store], reduction: Reduction | None, target: Read | None) -> list[str]:
    """Fill the innermost lines; return those that store the finished sums."""
    depth = len(body.loops)
    innermost = body.lines[depth]
    accumulators: dict[tuple, str] = {}
    for lane in lanes_of(body.loops, lambda loop: True):
        for store in stores:
            text = unrounded(body.value(store.node, lane, depth), store.target)
            place = body.position(store.target, lane)
            innermost.append(f"{store.target.buffer.name}[{place}] = {text};")
        if reduction:
            name = accumulators.setdefault(tuple(lane.items()), f"a{len(accumulators)}")
            innermost.append(f"{name} = {reduction.combine(name, body.value(reduction.node, lane, depth))};")
    if not reduction:
        return []
    kept_depth = sum(not loop.is_reduced for loop in body.loops)
    body.lines[kept_depth].append("let " + ", ".join(f"{a} = {reduction.initial}" for a in accumulators.values()) + ";")
    if target is None or any(loop.is_reduced and loop.lanes > 1 for loop in body.loops):
        names = list(accumulators.values())
        total = names[0]
        for other in names[1:]:
            total = reduction.combine(total, other)
        return [f"return {total};" if target is None else f"{target.buffer.name}[{body.position(target, {})}] = {total};"]
    return [
        f"{target.buffer.name}[{body.position(target, dict(lane))}] = {name};" for lane, name in accumulators.items()
    ]


def assemble(body: Body, finish: list[str], reduction: Reduction | None) -> str:
    """Nest the loops around their lines."""
    kept_depth = sum(not loop.is_reduced for loop in body.loops)
    lines: list[str] = []
    for depth, level in enumerate(body.lines):
        lines += ["  " * (depth + 1) + line for line in level]
        if depth < len(body.loops):
            lines += ["  " * (depth + 1) + line for line in body.loops[depth].header()]
    for depth in reversed(range(len(body.loops) + 1)):
        if reduction and depth == kept_depth:
            lines += ["  " * (depth + 1) + line for line in finish]
        if depth > 0:
            lines.append("  " * depth + "}")
    return "\n".join(lines)


def position_text(read: Read) -> str:
    """The position of a value without indices."""
    return Body([], Counter()).position(Read((), read.dtype, read.buffer, read.offset, ()), {})


def scalar_text(node: Node, name: Callable[[str], str]) -> tuple[str, set[str], list[str]]:
    """The expression of a value with one element: (text, helpers, statements that must come first).

    ``name`` makes names that are unique in the module, for what occurs more than once in the expression.
    """
    uses = Counter(id(child) for part in walk(node) for child in children(part))
    body = Body([], uses, fresh=name)
    text = without_parentheses(body.value(resolve(node), {}, 0))
    return text, body.helpers, body.lines[0]
