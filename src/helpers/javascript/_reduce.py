"""Rules for reductions, products (dot_general) and running totals."""

from math import prod

import numpy as np

from helpers.javascript import _types as types
from helpers.javascript._block import Block
from helpers.javascript._errors import unsupported
from helpers.javascript._lower import is_cheap, rule
from helpers.javascript._nodes import Affine, Map, Node, Op, is_lazy, resolve, view
from helpers.javascript._shapes import reshaped


def plus(dtype) -> Op:
    """How a sum accumulates: floats in double precision, integers wrapped."""
    if types.is_float(dtype) or dtype == np.int64:
        return Op("add", lambda total, x: f"{total} + {x}")
    return Op("add", lambda total, x: types.wrapped(f"{total} + {x}", dtype))


def times(dtype) -> Op:
    if dtype.name in ("int32", "uint32"):
        return Op("mul", lambda total, x: types.wrapped(f"Math.imul({total}, {x})", dtype))
    return Op(
        "mul", lambda total, x: types.wrapped(f"{total} * {x}", dtype) if dtype != np.float32 else f"{total} * {x}"
    )


def extreme(name: str, dtype) -> Op:
    if types.is_uint64(dtype):
        symbol = ">" if name == "max" else "<"
        return Op(name, lambda total, x: f"({x} {symbol} {total} ? {x} : {total})")
    return Op(name, lambda total, x: f"Math.{name}({total}, {x})")


def lowest(dtype) -> str:
    if types.is_float(dtype):
        return "-Infinity"
    return "0" if types.is_bool(dtype) else types.literal(np.iinfo(dtype).min, dtype)


def highest(dtype) -> str:
    if types.is_float(dtype):
        return "Infinity"
    return "1" if types.is_bool(dtype) else types.literal(np.iinfo(dtype).max, dtype)


def bitwise(symbol: str, dtype) -> Op:
    unsigned = dtype == np.uint32
    return Op(symbol, lambda total, x: f"({total} {symbol} {x})" + (" >>> 0" if unsigned else ""))


def monoid(name: str, dtype) -> tuple[str, Op]:
    """(first value, how to combine) of a reduction."""
    zero = types.literal(0, dtype)
    match name:
        case "reduce_sum":
            return zero, plus(dtype)
        case "reduce_prod":
            return types.literal(1, dtype), times(dtype)
        case "reduce_max":
            return lowest(dtype), extreme("max", dtype)
        case "reduce_min":
            return highest(dtype), extreme("min", dtype)
        case "reduce_or":
            return zero, bitwise("|", dtype)
        case "reduce_xor":
            return zero, bitwise("^", dtype)
        case "reduce_and":
            return ("1" if types.is_bool(dtype) else types.literal(-1, dtype)), bitwise("&", dtype)
    raise KeyError(name)


@rule("reduce_sum", "reduce_prod", "reduce_max", "reduce_min", "reduce_or", "reduce_and", "reduce_xor")
def reduce_(block, eqn, x):
    dtype, axes = np.dtype(eqn.outputs[0].dtype), tuple(eqn.params["axes"])
    x = resolve(x)
    if all(x.shape[axis] == 1 for axis in axes):
        return reshaped(block, x, eqn.outputs[0].shape)
    if types.is_uint64(dtype) and eqn.name in ("reduce_or", "reduce_and", "reduce_xor"):
        raise unsupported(eqn, "of uint64")
    initial, combine = monoid(eqn.name, dtype)
    return block.reduce(x, axes, initial, combine, dtype)


def moved_axes(node: Node, order: list[int], shape: tuple[int, ...], at: list[int]) -> Node:
    """The value's axes ``order``, placed at the positions ``at`` of a larger shape (stride 0 elsewhere)."""

    def move(offset: Affine, strides):
        result = [0] * len(shape)
        for axis, position in zip(order, at, strict=True):
            result[position] = strides[axis]
        return offset, tuple(result)

    return view(node, shape, move)


@rule("dot_general")
def dot_general(block, eqn, x, y):
    """A sum of products over (batch, rows, columns, contracted): operands are read where they lie."""
    (x_sum, y_sum), (x_batch, y_batch) = eqn.params["dimension_numbers"]
    dtype = np.dtype(eqn.outputs[0].dtype)
    x_free = [d for d in range(len(x.shape)) if d not in (*x_sum, *x_batch)]
    y_free = [d for d in range(len(y.shape)) if d not in (*y_sum, *y_batch)]
    shape = (*eqn.outputs[0].shape, *(x.shape[d] for d in x_sum))
    rows, columns = prod(x.shape[d] for d in x_free), prod(y.shape[d] for d in y_free)
    n_batch, n_out = len(x_batch), len(eqn.outputs[0].shape)
    batch, summed = list(range(n_batch)), list(range(n_out, len(shape)))
    row_axes = list(range(n_batch, n_batch + len(x_free)))
    column_axes = list(range(n_batch + len(x_free), n_out))
    at_x, at_y = [*batch, *row_axes, *summed], [*batch, *column_axes, *summed]
    on_the_way = []
    with block.holding(x, y):
        x = operand(block, x, columns)
        y = operand(block, y, rows)
    for node, order, at in ((x, [*x_batch, *x_free, *x_sum], at_x), (y, [*y_batch, *y_free, *y_sum], at_y)):
        if is_lazy(node) and not is_cheap(node) and block.is_shared(node):
            on_the_way.append((resolve(node), lambda value, order=order, at=at: moved_axes(value, order, shape, at)))
    left = moved_axes(x, [*x_batch, *x_free, *x_sum], shape, at_x)
    right = moved_axes(y, [*y_batch, *y_free, *y_sum], shape, at_y)
    left, right = converted(left, dtype), converted(right, dtype)
    contracted = prod(shape[n_out:])
    if contracted == 1:
        product = Map(shape, dtype, product_op(dtype, rounded=True), (left, right))
        return reshaped(block, product, eqn.outputs[0].shape)
    product = Map(shape, dtype, product_op(dtype, rounded=False), (left, right))
    initial, combine = monoid("reduce_or" if types.is_bool(dtype) else "reduce_sum", dtype)
    return block.reduce(
        product, tuple(summed), initial, combine, dtype, tile_rows=rows > 1 and columns > 1, on_the_way=on_the_way
    )


def operand(block: Block, node: Node, readers: int) -> Node:
    """An operand of a product: computed on the fly only if each element is read once."""
    node = resolve(node)
    if not is_lazy(node) or (is_cheap(node) and readers <= 8):
        return node
    return block.settle(node) if readers > 1 else node


def converted(node: Node, dtype) -> Node:
    """An operand of a mixed-precision product, in the precision of the result."""
    if node.dtype == dtype or (types.is_float(node.dtype) and dtype == np.float64):
        return node
    return Map(node.shape, np.dtype(dtype), Op("convert", lambda a: types.wrapped(a, dtype), 0), (node,))


def product_op(dtype, *, rounded: bool) -> Op:
    """The product of two elements; inside a double-precision sum it need not be rounded."""
    if dtype.name in ("int32", "uint32"):
        return Op("mul", lambda a, b: types.wrapped(f"Math.imul({a}, {b})", dtype))
    if types.is_bool(dtype):
        return Op("and", lambda a, b: f"({a} & {b})")
    if types.is_float(dtype) and not rounded:
        return Op("mul", lambda a, b: f"{a} * {b}")
    return Op("mul", lambda a, b: types.wrapped(f"{a} * {b}", dtype))


CUMULATIVE = {"cumsum": "a + b", "cumprod": "a * b", "cummax": "Math.max(a, b)", "cummin": "Math.min(a, b)"}


def split_at(shape, axis: int) -> tuple[int, int, int]:
    """(product before, size at, product after) an axis."""
    return prod(shape[:axis]), shape[axis], prod(shape[axis + 1 :])


@rule(*CUMULATIVE, "cumlogsumexp")
def cumulative(block: Block, eqn, x):
    dtype = np.dtype(x.dtype)
    if types.is_uint64(dtype):
        raise unsupported(eqn, "of uint64")
    combine = "logAddExp(a, b)" if eqn.name == "cumlogsumexp" else CUMULATIVE[eqn.name]
    if eqn.name == "cumprod" and dtype.name in ("int32", "uint32"):
        combine = "Math.imul(a, b)"
    block.program.helpers |= {"runningTotal"} | ({"logAddExp"} if "log" in combine else set())
    source = block.in_memory(x)
    with block.holding(source):
        result = block.allocate(x.shape, dtype, [source])
    outer, n, inner = split_at(x.shape, eqn.params["axis"])
    start = block.position(source)
    reverse = "true" if eqn.params["reverse"] else "false"
    if x.size:
        block.lines.append(
            f"runningTotal({result.buffer.name}, {source.buffer.name}, {start}, {outer}, {n}, {inner}, {reverse}, "
            f"(a, b) => {combine});"
        )
    return result


@rule("argmax", "argmin")
def arg_extremum(block: Block, eqn, x):
    (axis,) = eqn.params["axes"]
    symbol = ">" if eqn.name == "argmax" else "<"
    block.program.helpers.add("indexOfExtreme")
    source = block.in_memory(x)
    with block.holding(source):
        result = block.scratch(eqn.outputs[0].shape, eqn.outputs[0].dtype)
    outer, n, inner = split_at(x.shape, axis)
    block.lines.append(
        f"indexOfExtreme({result.buffer.name}, {source.buffer.name}, {block.position(source)}, {outer}, {n}, {inner}, "
        f"(a, b) => a {symbol} b);"
    )
    return result
