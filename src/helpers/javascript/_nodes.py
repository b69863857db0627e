"""Lazy array values: what an array's element *is*, as a function of its indices.

A value is either already in memory (``Read``: a strided view of a buffer), a JavaScript scalar (``Scalar``), an
elementwise operation on other values of the same shape (``Map``) or a load at a computed position (``Gather``). Views
(transpose, slice, broadcast, reshape) never move data: they rewrite the strides at the leaves. A chain of operations
therefore stays one expression until somebody needs it in memory, and then becomes the body of one loop.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from math import prod

import numpy as np

Shape = tuple[int, ...]


@dataclass(eq=False)
class Buffer:
    """A typed array, allocated once in the module. ``owner`` is the block of code that may overwrite or free it."""

    name: str
    dtype: np.dtype
    size: int
    owner: object = None


INDEX = Buffer("", np.dtype("int32"), 0)


@dataclass(frozen=True)
class Affine:
    """``constant + sum(coefficient * variable)``: the part of a position that no loop index of the kernel touches."""

    constant: int = 0
    terms: tuple[tuple[str, int], ...] = ()

    def plus(self, constant: int, terms: tuple[tuple[str, int], ...] = ()) -> "Affine":
        return Affine(self.constant + constant, self.terms + terms)


@dataclass(frozen=True)
class Op:
    """An elementwise operation: operand texts → JavaScript, its rough cost (an addition is 1), its runtime helpers."""

    name: str
    text: Callable[..., str]
    cost: int = 1
    helpers: tuple[str, ...] = ()


@dataclass(eq=False)
class Node:
    shape: Shape
    dtype: np.dtype
    # Set once the value has been written to memory: later readers load it instead of computing it again.
    stored: "Node | None" = field(default=None, init=False, repr=False)

    @property
    def size(self) -> int:
        return prod(self.shape)


@dataclass(eq=False)
class Scalar(Node):
    """One number for all indices: a literal, or a JavaScript variable (``is_name``)."""

    text: str
    is_name: bool = False


@dataclass(eq=False)
class Read(Node):
    """``buffer[offset + sum(stride * index)]``; of ``INDEX``, the position itself is the value (iota)."""

    buffer: Buffer
    offset: Affine
    strides: tuple[int, ...]

    @property
    def is_contiguous(self) -> bool:
        return self.strides == row_major(self.shape) or self.size <= 1

    @property
    def is_whole(self) -> bool:
        """Whether this is all of its buffer, in order."""
        return self.is_contiguous and self.offset == Affine() and self.size == self.buffer.size


@dataclass(eq=False)
class Map(Node):
    op: Op
    args: tuple[Node, ...]
    origin: object = None  # the equation that it is the result of


@dataclass(eq=False)
class Gather(Node):
    """``buffer[position]``, where the position is itself a value; ``undefined`` (out of range) is never read."""

    buffer: Buffer
    position: Node


def resolve(node: Node) -> Node:
    while node.stored is not None:
        node = node.stored
    return node


def children(node: Node) -> tuple[Node, ...]:
    """The values that a resolved node is computed from."""
    match node:
        case Map():
            return tuple(resolve(arg) for arg in node.args)
        case Gather():
            return (resolve(node.position),)
        case _:
            return ()


def walk(*roots: Node) -> Iterator[Node]:
    """Every node below the roots, once each."""
    seen: set[int] = set()
    stack = [resolve(root) for root in roots]
    while stack:
        node = stack.pop()
        if id(node) not in seen:
            seen.add(id(node))
            yield node
            stack.extend(children(node))


def buffers(*roots: Node) -> set[Buffer]:
    return {node.buffer for node in walk(*roots) if isinstance(node, Read | Gather) and node.buffer is not INDEX}


def is_lazy(node: Node) -> bool:
    """Whether reading an element costs more than a load."""
    return isinstance(resolve(node), Map | Gather)


def cost(node: Node) -> int:
    """What computing one element costs, loads not counted."""
    total = 0
    for part in walk(node):
        total += part.op.cost if isinstance(part, Map) else 2 if isinstance(part, Gather) else 0
    return total


def row_major(shape: Shape) -> tuple[int, ...]:
    strides, step = [], 1
    for size in reversed(shape):
        strides.append(step)
        step *= size
    return tuple(reversed(strides))


def whole(buffer: Buffer, shape: Shape) -> Read:
    return Read(shape, buffer.dtype, buffer, Affine(), row_major(shape))


def constant(text: str, dtype, shape: Shape = ()) -> Scalar:
    return Scalar(tuple(shape), np.dtype(dtype), text)


def view(node: Node, shape: Shape, move: Callable[[Affine, tuple[int, ...]], tuple[Affine, tuple[int, ...]]]) -> Node:
    """Apply a change of (offset, strides) to every leaf: the lazy form of transpose, slice, broadcast, reverse."""
    memo: dict[int, Node] = {}

    def visit(part: Node) -> Node:
        part = resolve(part)
        if id(part) not in memo:
            memo[id(part)] = rebuild(part)
        return memo[id(part)]

    def rebuild(part: Node) -> Node:
        match part:
            case Scalar():
                return Scalar(shape, part.dtype, part.text, part.is_name)
            case Read():
                offset, strides = move(part.offset, part.strides)
                return Read(shape, part.dtype, part.buffer, offset, strides)
            case Map():
                return Map(shape, part.dtype, part.op, tuple(visit(arg) for arg in part.args))
            case Gather():
                return Gather(shape, part.dtype, part.buffer, visit(part.position))
        raise TypeError(f"no view of {type(part).__name__}")

    return visit(node)


def reshaped_strides(shape: Shape, strides: tuple[int, ...], new_shape: Shape) -> tuple[int, ...] | None:
    """The strides of the same elements under a new shape, or None where no strides describe them (numpy's rule)."""
    dims = [(n, s) for n, s in zip(shape, strides, strict=True) if n != 1]
    result: list[int] = []
    position = 0
    for n in new_shape:
        if n == 1:
            result.append(0)
            continue
        if position >= len(dims):
            return None
        size, stride = dims[position]
        while size % n != 0 or size < n:
            position += 1
            if position >= len(dims) or dims[position][1] * dims[position][0] != stride:
                return None
            size, stride = size * dims[position][0], dims[position][1]
        rest = size // n
        result.append(stride * rest)
        if rest == 1:
            position += 1
        else:
            dims[position] = (rest, stride)
    return tuple(result)
