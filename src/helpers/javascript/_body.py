"""The text of a kernel's expressions: each value is computed in the outermost loop that it depends on, once."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

from helpers.javascript._nodes import INDEX, Gather, Map, Node, Read, Scalar, children, resolve, walk

LONGEST = 100
# In a function without anything discontinuous (a comparison, floor, sort, …) float32 sums and products stay unrounded
# inside an expression, and are rounded when stored: faster, and at least as accurate. In any other function each step
# rounds as float32 does, since the last place may decide which way a comparison goes.
UNROUNDED = frozenset(("add", "sub", "mul", "tanh"))


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
    roots: list[Node]
    fresh: Callable[[str], str]
    # What is stored in this very kernel (by place): a later read of that place takes the value itself.
    stored: dict[tuple, Node] = field(default_factory=dict)
    exact: bool = True
    lines: list[list[str]] = field(default_factory=list)
    parameters: dict[str, None] = field(default_factory=dict)
    helpers: set[str] = field(default_factory=set)
    memo: dict = field(default_factory=dict)
    bases: dict[str, str] = field(default_factory=dict)
    depends: dict[int, frozenset[int]] = field(default_factory=dict)
    keys: dict[int, int] = field(default_factory=dict)
    numbers: dict[tuple, int] = field(default_factory=dict)
    uses: Counter = field(default_factory=Counter)

    def __post_init__(self):
        self.lines = [[] for _ in range(len(self.loops) + 1)]
        distinct = {self.key(node): node for node in walk(*self.roots)}
        for node in distinct.values():
            self.uses.update(self.key(child) for child in children(node))
        self.uses.update(self.key(root) for root in self.roots)

    def key(self, node: Node) -> int:
        """The same number for values that are computed in the same way (views copy expressions)."""
        node = resolve(node)
        if id(node) not in self.keys:
            match node:
                case Scalar():
                    form: tuple = ("scalar", node.text)
                case Read():
                    form = place_key(node)
                case Gather():
                    form = ("gather", node.buffer, self.key(node.position))
                case Map():
                    form = (node.op, *(self.key(arg) for arg in node.args))
            if form in self.stored and self.stored[form] is not node:
                self.keys[id(node)] = self.key(self.stored[form])
            else:
                self.keys[id(node)] = self.numbers.setdefault(form, len(self.numbers))
        return self.keys[id(node)]

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
            return self.scalar(node)
        if isinstance(node, Read):
            node = resolve(self.stored.get(place_key(node), node))
        level = self.level(node)
        key = (self.key(node), tuple((k, n) for k, n in lane.items() if k in self.dependencies(node)))
        if key not in self.memo:
            text = self.compute(node, lane, level)
            if self.uses[key[0]] > 1 or level < at or len(text) > LONGEST or len(key[1]) < len(lane):
                text = self.named(text, level)
            self.memo[key] = text
        return self.memo[key]

    def scalar(self, node: Scalar) -> str:
        if node.is_name:
            self.parameters[node.text] = None
        return f"({node.text})" if node.text.startswith("-") else node.text

    def named(self, text: str, level: int) -> str:
        name = self.fresh("t")
        self.lines[level].append(f"const {name} = {without_parentheses(text)};")
        return name

    def compute(self, node: Node, lane: dict[int, int], level: int) -> str:
        match node:
            case Read():
                position = self.position(node, lane)
                return f"{node.buffer.name}[{position}]" if node.buffer is not INDEX else f"({position})"
            case Gather():
                position = self.value(node.position, lane, level)
                return f"{node.buffer.name}[{without_parentheses(position)}]"
            case Map():
                self.helpers.update(node.op.helpers)
                text = node.op.text(*(self.value(arg, lane, level) for arg in node.args))
                return without_rounding(text) if not self.exact and node.op.name in UNROUNDED else text
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
    return without_parentheses(without_rounding(text) if target.buffer.dtype == "float32" else text)


def without_rounding(text: str) -> str:
    """``fround(a + b)`` → ``(a + b)``."""
    inner = text.removeprefix("fround")
    return inner if inner != text and without_parentheses(inner) != inner else text


def place_key(read: Read) -> tuple:
    """What two reads of the same place have in common."""
    offset = (read.offset.constant, tuple(sorted(read.offset.terms)))
    return ("read", read.buffer, *offset, read.strides)


def position_text(read: Read) -> str:
    """The position of a value without indices."""
    return Body([], [], str).position(Read((), read.dtype, read.buffer, read.offset, ()), {})


def scalar_text(node: Node, name: Callable[[str], str], *, exact: bool) -> tuple[str, set[str], list[str]]:
    """The expression of a value with one element: (text, helpers, statements that must come first).

    ``name`` makes names that are unique in the module, for what occurs more than once in the expression.
    """
    body = Body([], [node], name, exact=exact)
    body.uses.subtract([body.key(node)])
    text = without_parentheses(body.value(resolve(node), {}, 0))
    if not exact and node.dtype == "float32" and isinstance(resolve(node), Map):
        text = f"fround({without_parentheses(without_rounding(text))})"  # nothing rounds a variable when it is stored
    return text, body.helpers, body.lines[0]
