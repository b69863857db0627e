"""A block of straight-line JavaScript under construction, and the values that live in it.

The function's body, a loop's body and a branch are blocks. A block decides when a lazy value is written to memory,
into which buffer, and when that buffer may be reused.
"""

from collections import Counter
from collections.abc import Sequence
from contextlib import contextmanager

from helpers.javascript import _body as bodies
from helpers.javascript import _kernel as kernels
from helpers.javascript._kernel import LoopNest, Reduction, Store
from helpers.javascript._nodes import (
    INDEX,
    Buffer,
    Map,
    Node,
    Read,
    Scalar,
    Shape,
    buffers,
    children,
    cost,
    is_lazy,
    resolve,
    view,
    walk,
    whole,
)
from helpers.javascript._pending import Pending
from helpers.javascript._program import Program
from helpers.javascript._vector_loops import vectorised

CHEAP = 2
LARGEST_EXPRESSION = 48


class Frame:
    """The variables of one jaxpr: their values, and how many readers each still has."""

    def __init__(self, remaining: Counter):
        self.values: dict = {}
        self.remaining = remaining


class Block:
    def __init__(self, program: Program, parent: "Block | None" = None):
        self.program = program
        self.parent = parent
        self._lines: list[str] = []
        self.pending: Pending | None = None
        self.args: Sequence[Node] = ()  # what the rule that is running reads
        self.frames: list[Frame] = []
        self.held: list[Node] = []  # values that live on although no variable names them
        self.owned: set[Buffer] = set()
        self.pinned: set[Buffer] = set()
        self.preferred: list[Buffer] = []
        self.eqn: object = None

    @property
    def lines(self) -> list[str]:
        """The statements so far; whoever adds one comes after the reductions that are still waiting."""
        self.flush()
        return self._lines

    # -- what is alive ------------------------------------------------------------------------------------------

    def live_nodes(self, ignore: Node | None = None) -> list[Node]:
        """The values that code still to be written may read."""
        found = [node for frame in self.frames for node in frame.values.values()]
        waiting = self.pending.nodes() if self.pending else []
        return [node for node in found + self.held + waiting if node is not ignore]

    def is_live(self, buffer: Buffer, ignore: Node | None = None) -> bool:
        return buffer in buffers(*self.live_nodes(ignore))

    def may_overwrite(self, buffer: Buffer) -> bool:
        return buffer.owner is self

    @contextmanager
    def holding(self, *nodes: Node):
        """Keep these values' buffers from being reused."""
        before = len(self.held)
        self.held += nodes
        yield
        del self.held[before:]

    def collect(self) -> None:
        """Give back the buffers that nothing alive reads."""
        candidates = self.owned - self.pinned
        free = candidates - buffers(*self.live_nodes()) if candidates else set()
        for buffer in sorted(free, key=lambda buffer: buffer.name):  # in a fixed order: two runs write the same source
            self.owned.remove(buffer)
            buffer.owner = None
            self.program.release(buffer)

    def scratch(self, shape: Shape, dtype) -> Read:
        """Room for an intermediate value."""
        buffer = self.program.allocate(whole_size(shape), dtype, self)
        self.owned.add(buffer)
        return whole(buffer, shape)

    def allocate(self, shape: Shape, dtype, reading: Sequence[Node] = ()) -> Read:
        """Room for a result: where it has to end up, if nobody still needs what is there now, else a new buffer."""
        size = whole_size(shape)
        for buffer in self.preferred:
            if buffer.size == size and buffer.dtype == dtype and buffer not in buffers(*self.live_nodes(), *reading):
                return whole(buffer, shape)
        return self.scratch(shape, dtype)

    # -- writing values down ------------------------------------------------------------------------------------

    def function(self, nest: LoopNest, origin: object) -> str:
        """Add a function to the module, under the equation that it computes; returns its call."""
        name = self.program.name("k")
        kernel = kernels.build(name, nest, exact=self.program.exact)
        self.program.helpers |= kernel.helpers
        primitive, line = getattr(origin, "name", ""), getattr(origin, "line", "")
        comment = f"// {', '.join(part for part in (primitive, line) if part)}\n" if primitive else ""
        self.program.functions.append(comment + kernel.text)
        vectors = vectorised(name, nest, kernel.parameters, self.program, is_repeated=self.parent is not None)
        if vectors:
            self.program.vectors.append(vectors)
        return kernel.call(f"v{name}" if vectors else name)

    def is_shared(self, node: Node) -> bool:
        """Whether something alive is computed from this value."""
        node = resolve(node)
        return any(part is node for live in self.live_nodes() for part in walk(live))

    def shared_parts(self, root: Node) -> list[Node]:
        """Costly values in an expression that others read, too: to be stored on the way."""
        costly = {id(n): n for n in walk(root) if isinstance(n, Map) and cost(n) > CHEAP}
        found: dict[int, Node] = {}
        seen: set[int] = set()
        stack = [resolve(live) for live in self.live_nodes()] if costly else []
        while stack:
            node = stack.pop()
            if id(node) in costly:
                found[id(node)] = node  # once stored, what it is made of is not needed for it
            elif id(node) not in seen:
                seen.add(id(node))
                stack.extend(children(node))
        return list(found.values())

    def store(self, node: Node, target: Read) -> None:
        """Write a value to a place in memory, and on the way what others need of it."""
        root = resolve(node)
        if root.size == 0:
            return
        extras = [part for part in self.shared_parts(root) if part is not root] if root.size > 1 else []
        stores = [Store(part, self.scratch(part.shape, part.dtype)) for part in extras]
        stores.append(Store(root, target))
        with self.holding(root):
            self.flush()
        origin = getattr(root, "origin", None) or self.eqn
        self.lines.append(self.function(LoopNest(stores), origin) + ";")
        for store in stores[:-1]:
            store.node.stored = store.target

    def reduce(self, node: Node, axes: tuple[int, ...], initial: str, combine, dtype, **options) -> Node:
        """Combine a value's elements over axes; the result is in memory, or a scalar.

        ``on_the_way``: pairs (value, view of it over the domain) of values that others need, to be stored in passing;
        ``tile_rows``: whether a tile of several rows pays (a matrix product reads each element again and again).
        """
        root = resolve(node)
        kept = tuple(n for d, n in enumerate(root.shape) if d not in axes)
        if root.size == 0:
            return Scalar(kept, dtype, initial)
        order = [d for d, n in enumerate(root.shape) if d not in axes and n > 1]
        n_kept = len(order)
        order += [d for d, n in enumerate(root.shape) if d in axes and n > 1]

        def over_domain(value: Node) -> Node:
            shape = tuple(root.shape[d] for d in order)
            return view(value, shape, lambda offset, strides: (offset, tuple(strides[d] for d in order)))

        shared = [(part, lambda value: value) for part in self.shared_parts(root)]
        stores = []
        for part, move in [*shared, *options.get("on_the_way", ())]:
            room = self.scratch(part.shape, part.dtype)
            laid_out = over_domain(move(room))
            assert isinstance(laid_out, Read)
            stores.append((part, Store(over_domain(move(part)), laid_out), room))
        product = over_domain(root)
        for part, _, whole_part in stores:
            part.stored = whole_part
        target = None if whole_size(kept) == 1 else self.allocate(kept, dtype, [root])
        narrow = None
        if target is not None:
            strides = tuple(s for s, n in zip(target.strides, kept, strict=True) if n > 1)
            narrow = Read(product.shape[:n_kept], target.dtype, target.buffer, target.offset, strides)
        reduction = Reduction(product, narrow, initial, combine)
        waiting = Pending(
            n_kept, [store for _, store, _ in stores], [reduction], bool(options.get("tile_rows")), self.eqn
        )
        if target is None:
            with self.holding(*waiting.nodes()):
                self.flush()
            call = self.function(LoopNest(waiting.stores, [reduction]), self.eqn)
            return self.declare(f"fround({call})" if dtype == "float32" else call, kept, dtype)
        if self.pending is None or not self.pending.take(waiting):
            with self.holding(*waiting.nodes()):
                self.flush()
            self.pending = waiting
        return target

    def flush(self) -> None:
        """Write the loops of the reductions that wait for others over the same domain."""
        waiting, self.pending = self.pending, None
        if waiting is None:
            return
        needed = buffers(*self.live_nodes(), *self.args)
        stores = [store for store in waiting.stores if store.target.buffer in needed]
        dropped = [store for store in waiting.stores if store.target.buffer not in needed]
        nest = LoopNest(stores, waiting.reductions, waiting.n_kept, waiting.tile_rows, dropped)
        self._lines.append(self.function(nest, waiting.origin) + ";")

    def declare(self, text: str, shape: Shape, dtype, keyword: str = "const") -> Scalar:
        """Name a scalar."""
        name = self.program.name("s")
        self.lines.append(f"{keyword} {name} = {text};")
        return Scalar(tuple(shape), dtype, name, is_name=True)

    def scalar(self, node: Node) -> Scalar:
        """A value with one element, as a literal or a named scalar."""
        node = resolve(node)
        if isinstance(node, Scalar):
            return node
        result = self.declare(self.text(node), node.shape, node.dtype)
        if is_lazy(node):
            node.stored = result
        return result

    def text(self, node: Node) -> str:
        """The expression of a value with one element."""
        with self.holding(node):
            self.flush()
        text, helpers, before = bodies.scalar_text(
            drop_dims(resolve(node)), lambda _: self.program.name("v"), exact=self.program.exact
        )
        self.program.helpers |= helpers
        self.lines.extend(before)
        return text

    def position(self, read: Read) -> str:
        return bodies.position_text(read)

    def in_memory(self, node: Node, *, contiguous: bool = True) -> Read:
        """The value as a view of a buffer (row-major if ``contiguous``)."""
        node = resolve(node)
        if isinstance(node, Read) and node.buffer is not INDEX and (node.is_contiguous or not contiguous):
            return node
        target = self.scratch(node.shape, node.dtype)
        self.store(node, target)
        if not isinstance(node, Read):
            node.stored = target
        return target

    def settle(self, node: Node) -> Node:
        """The value in a form that is cheap to read any number of times."""
        node = resolve(node)
        if not is_lazy(node):
            return node
        return self.scalar(node) if node.size == 1 else self.in_memory(node)

    def settle_if_costly(self, node: Node) -> Node:
        return self.settle(node) if cost(node) > CHEAP else resolve(node)

    def own_copy(self, node: Node) -> Read:
        """The value in a buffer that this block may change: its own if it dies here, else a copy."""
        node = self.in_memory(node)
        if node.is_whole and self.may_overwrite(node.buffer) and not self.is_live(node.buffer):
            return node
        target = self.allocate(node.shape, node.dtype, [node])
        self.store(node, target)
        return target


def whole_size(shape: Shape) -> int:
    size = 1
    for n in shape:
        size *= n
    return size


def drop_dims(node: Node) -> Node:
    """A value with one element, without its dimensions."""
    return node if node.shape == () else view(node, (), lambda offset, strides: (offset, ()))
