"""A kernel's values, four at a time: each is a vector, of four neighbours along one loop or of four copies."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from helpers.javascript._body import Body
from helpers.javascript._nodes import INDEX, Buffer, Map, Node, Read, Scalar
from helpers.javascript._vector_ops import entry

WIDTH = 4
BYTES = 4
TYPES = {"float32": "f32", "int32": "i32", "bool": "i32"}
STORED = ("float32", "int32")


class NotVectorised(Exception):
    """The kernel stays JavaScript."""


@dataclass
class Vectors(Body):
    """Writes each value as the code of a vector (see ``_wasm`` for the notation)."""

    place: Callable[[Buffer], int] = lambda buffer: 0  # where a buffer begins in the memory
    along: int = 0  # the vector loop
    width: int = WIDTH
    locals: dict[str, str] = field(default_factory=dict)
    here: int = 0  # the loop level of the operation that is being written

    def rewind(self, along: int) -> None:
        """Begin again from the vector loop on, now one element at a time."""
        self.width, self.loops[along].lanes = 1, 1
        self.lines = [*self.lines[: along + 1], *([] for _ in self.lines[along + 1 :])]
        self.memo = {key: name for key, name in self.memo.items() if key[0] == "once"}
        self.bases.clear()

    # -- names ----------------------------------------------------------------------------------------------------

    def named(self, code: str, level: int, kind: str = "v128") -> str:
        name = self.fresh("t")
        self.locals[name] = kind
        self.lines[level].append(f"{code} {name}=")
        return name

    def let(self, code: str) -> str:
        return code if code in self.locals else self.named(code, self.here)

    def once(self, code: str) -> str:
        """What is the same throughout the kernel is computed before its loops."""
        if ("once", code) not in self.memo:
            self.memo["once", code] = self.named(code, 0)
        return self.memo["once", code]

    def number(self, value: float) -> str:
        return self.once(f"f32.const:{value!r} f32x4.splat")

    def integer(self, value: int) -> str:
        return self.once(f"i32.const:{value} i32x4.splat")

    def parameter(self, name: str, kind: str) -> str:
        if not name.isidentifier() or self.locals.setdefault(name, kind) != kind:
            raise NotVectorised(name)
        self.parameters[name] = None
        return name

    # -- values ---------------------------------------------------------------------------------------------------

    def scalar(self, node: Scalar) -> str:
        kind = node.dtype.name
        if kind not in TYPES:
            raise NotVectorised(kind)
        if node.is_name:
            code = f"{self.parameter(node.text, TYPES[kind])} {'f32x4' if kind == 'float32' else 'i32x4'}.splat"
            return self.once(f"{code} i32x4.neg" if kind == "bool" else code)
        if kind == "float32":
            return self.number(float(node.text.replace("Infinity", "inf")))
        return self.integer(-int(node.text) if kind == "bool" else int(node.text))

    def compute(self, node: Node, lane: dict[int, int], level: int) -> str:
        match node:
            case Read() if node.buffer is INDEX and node.dtype.name in STORED:
                return self.index(node, lane)
            case Read() if node.buffer.dtype.name in STORED:
                address, constant = self.address(node, lane)
                whole = self.width == WIDTH and self.moves(node)
                return f"{address} {'v128.load' if whole else 'v128.load32_splat'}:{constant}"
            case Map():
                write = entry(node)
                if write is None:
                    raise NotVectorised(node.op.name)
                operands = [self.value(arg, lane, level) for arg in node.args]
                self.here = level
                return write(self, *operands)
        raise NotVectorised(type(node).__name__)

    def moves(self, read: Read) -> bool:
        """Whether neighbours along the vector loop are different elements."""
        return read.strides[self.loops[self.along].dim] != 0

    def index(self, read: Read, lane: dict[int, int]) -> str:
        """A position as a value."""
        constant = read.offset.constant
        code = [scaled(self.parameter(name, "i32"), by) for name, by in read.offset.terms]
        for k, loop in enumerate(self.loops):
            if stride := read.strides[loop.dim]:
                constant += stride * lane.get(k, 0) * self.step(k)
                code.append(scaled(f"{loop.name} i32.const:2 i32.shr_s", stride))
        stride = read.strides[self.loops[self.along].dim]
        lanes = ",".join(str(constant + stride * k) for k in range(WIDTH))
        position = f"{summed(code)} i32x4.splat {self.once(f'v128.const:{lanes}')} i32x4.add"
        return position if read.dtype == "int32" else f"{position} f32x4.convert_i32x4_s"

    def step(self, k: int) -> int:
        """How many elements one copy of the body covers along a loop."""
        return self.width if k == self.along else 1

    def address(self, read: Read, lane: dict[int, int]) -> tuple[str, int]:
        """The byte at which an element begins: (code, constant). Loop variables count bytes."""
        constant = self.place(read.buffer) + BYTES * read.offset.constant
        terms = [(0, self.parameter(name, "i32"), BYTES * by) for name, by in read.offset.terms]
        for k, loop in enumerate(self.loops):
            if stride := read.strides[loop.dim]:
                constant += BYTES * stride * lane.get(k, 0) * self.step(k)
                terms.append((k + 1, loop.name, stride))
        code = [(level, scaled(name, by)) for level, name, by in terms]
        if constant < 0 or any(by < 0 for *_, by in terms):  # before the constant is added, no address may be negative
            code, constant = [(0, f"i32.const:{constant}"), *code], 0
        if not code:
            return "i32.const:0", constant
        innermost = code[-1][0]
        outer = [part for level, part in code if level < innermost]
        inner = [part for level, part in code if level == innermost]
        if outer:
            inner.insert(0, self.base(summed(outer), max(level for level, _ in code if level < innermost)))
        return summed(inner), constant

    def base(self, code: str, level: int) -> str:
        if code not in self.bases:
            self.bases[code] = code if code in self.locals else self.named(code, level, "i32")
        return self.bases[code]

    def store(self, target: Read, lane: dict[int, int], value: str) -> str:
        if target.buffer.dtype.name not in STORED:
            raise NotVectorised(target.buffer.dtype.name)
        address, constant = self.address(target, lane)
        whole = self.width == WIDTH and self.moves(target)
        return f"{address} {value} {'v128.store' if whole else 'v128.store32_lane'}:{constant}"


def scaled(code: str, by: int) -> str:
    return code if by == 1 else f"{code} i32.const:{by} i32.mul"


def summed(codes: Sequence[str]) -> str:
    return " ".join([codes[0] if codes else "i32.const:0", *(f"{code} i32.add" for code in codes[1:])])
