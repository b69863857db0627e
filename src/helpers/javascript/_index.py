"""Rules for indexing with arrays: gather and scatter in XLA's general form, searching, sorting."""

from math import prod

import numpy as np
from jax.lax import GatherScatterMode

from helpers.javascript import _types as types
from helpers.javascript._block import Block
from helpers.javascript._errors import unsupported
from helpers.javascript._lower import rule
from helpers.javascript._nodes import (
    INDEX,
    Affine,
    Gather,
    Map,
    Node,
    Op,
    Read,
    constant,
    view,
)
from helpers.javascript._reduce import split_at

INT = np.dtype("int32")
ADD = Op("add", lambda a, b: f"({a} + {b})", 0)


def scaled(index: Node, stride: int) -> Node:
    """``index * stride`` as a position."""
    if isinstance(index, Read) and index.buffer is INDEX:
        strides = tuple(s * stride for s in index.strides)
        return Read(index.shape, INT, INDEX, scale_offset(index.offset, stride), strides)
    return index if stride == 1 else Map(index.shape, INT, Op("mul", lambda a: f"{a} * {stride}", 0), (index,))


def scale_offset(offset: Affine, by: int) -> Affine:
    return Affine(offset.constant * by, tuple((name, c * by) for name, c in offset.terms))


def clamped(index: Node, last: int, *, clamp: bool) -> Node:
    number = "Number({})" if types.is_uint64(index.dtype) else "{}"

    def text(a):
        a = number.format(a)
        return f"Math.min(Math.max({a}, 0), {last})" if clamp else a

    return Map(index.shape, INT, Op("clamp", text, 1), (index,)) if clamp or "N" in number else index


def index_column(indices: Node, k: int, kept: list[int], shape: tuple[int, ...]) -> Node:
    """Component ``k`` of the index vectors, its batch dimensions laid along the axes ``kept`` of a larger shape."""

    def move(offset: Affine, strides):
        result = [0] * len(shape)
        for axis, stride in zip(kept, strides[:-1], strict=True):
            result[axis] = stride
        return offset.plus(k * strides[-1]), tuple(result)

    return view(indices, shape, move)


def in_range(index: Node, last: int) -> Node:
    zero, end = (types.literal(n, index.dtype) for n in (0, last))
    return Map(index.shape, np.dtype(bool), Op("inside", lambda a: f"({a} >= {zero} && {a} <= {end})", 2), (index,))


def both(tests: list[Node]) -> Node | None:
    combined = None
    for test in tests:
        combined = (
            test
            if combined is None
            else Map(test.shape, test.dtype, Op("and", lambda a, b: f"({a} && {b})"), (combined, test))
        )
    return combined


def window_start(
    indices, dims, sizes, operand_shape, kept, shape, *, clamp
) -> tuple[list[tuple[int, Node]], list[Node]]:
    """Per indexed operand dimension its start (moved inside if ``clamp``), and the tests whether each is inside."""
    starts, tests = [], []
    for k, dim in enumerate(dims):
        last = operand_shape[dim] - sizes[dim]
        column = index_column(indices, k, kept, shape)
        tests.append(in_range(column, last))
        starts.append((dim, clamped(column, last, clamp=clamp)))
    return starts, tests


def total(parts: list[Node], shape) -> Node:
    result: Node = constant("0", INT, shape)
    for number, part in enumerate(parts):
        result = part if number == 0 else Map(shape, INT, ADD, (result, part))
    return result


@rule("gather")
def gather(block: Block, eqn, operand, indices):
    dn, sizes, mode = eqn.params["dimension_numbers"], eqn.params["slice_sizes"], eqn.params["mode"]
    shape = tuple(eqn.outputs[0].shape)
    source = block.in_memory(operand, contiguous=False)
    indices = block.settle_if_costly(indices)
    offset_dims = [int(d) for d in dn.offset_dims]
    batch_dims = [d for d in range(len(shape)) if d not in offset_dims]
    gone = {*map(int, dn.collapsed_slice_dims), *map(int, dn.operand_batching_dims)}
    window = [d for d in range(len(operand.shape)) if d not in gone]
    strides = [0] * len(shape)
    for out_dim, dim in zip(offset_dims, window, strict=True):
        strides[out_dim] = source.strides[dim]
    for dim, index_dim in zip(dn.operand_batching_dims, dn.start_indices_batching_dims, strict=True):
        strides[batch_dims[index_dim]] = source.strides[dim]
    start_map = [int(d) for d in dn.start_index_map]
    fill = mode in (GatherScatterMode.FILL_OR_DROP, None)
    starts, tests = window_start(indices, start_map, sizes, operand.shape, batch_dims, shape, clamp=True)
    base = Read(shape, INT, INDEX, source.offset, tuple(strides))
    moved = [scaled(start, source.strides[dim]) for dim, start in starts]
    has_base = any(strides) or source.offset != Affine() or not moved
    position = total([*moved, base] if has_base else moved, shape)
    result: Node = Gather(shape, np.dtype(operand.dtype), source.buffer, position)
    inside = both(tests)
    if fill and inside is not None:
        fill_text = fill_literal(eqn, operand.dtype)
        result = Map(shape, result.dtype, Op("fill", lambda t, a: f"({t} ? {a} : {fill_text})"), (inside, result))
    return result


def fill_literal(eqn, dtype) -> str:
    """What JAX reads outside of an array: NaN, or an extreme integer."""
    value = eqn.params.get("fill_value")
    if value is not None:
        return types.literal(value, dtype)
    if types.is_float(dtype):
        return "NaN"
    if types.is_bool(dtype):
        return "1"
    info = np.iinfo(dtype)
    return types.literal(info.min if info.min < 0 else info.max, dtype)


COMBINE = {
    "scatter": lambda dtype: "b",
    "scatter-add": lambda dtype: types.wrapped("a + b", dtype),
    "scatter-sub": lambda dtype: types.wrapped("a - b", dtype),
    "scatter-mul": lambda dtype: "Math.imul(a, b)" if types.is_integer(dtype) else types.wrapped("a * b", dtype),
    "scatter-min": lambda dtype: "Math.min(a, b)",
    "scatter-max": lambda dtype: "Math.max(a, b)",
    # Their names in some versions of JAX.
    "scatter_add": lambda dtype: types.wrapped("a + b", dtype),
    "scatter_sub": lambda dtype: types.wrapped("a - b", dtype),
    "scatter_mul": lambda dtype: "Math.imul(a, b)" if types.is_integer(dtype) else types.wrapped("a * b", dtype),
    "scatter_min": lambda dtype: "Math.min(a, b)",
    "scatter_max": lambda dtype: "Math.max(a, b)",
}


@rule(*COMBINE)
def scatter(block: Block, eqn, operand, indices, updates):
    """Update the operand in place, one update after the other; updates that would fall outside are left out."""
    dn, mode, dtype = eqn.params["dimension_numbers"], eqn.params["mode"], np.dtype(operand.dtype)
    shape = tuple(updates.shape)
    with block.holding(indices, updates):
        updates = block.settle(updates)
        indices = block.settle(indices)
        result = block.own_copy(operand)
    window_dims = [int(d) for d in dn.update_window_dims]
    batch_dims = [d for d in range(len(shape)) if d not in window_dims]
    gone = {*map(int, dn.inserted_window_dims), *map(int, dn.operand_batching_dims)}
    window = [d for d in range(len(operand.shape)) if d not in gone]
    sizes, strides = [1] * len(operand.shape), [0] * len(shape)
    for update_dim, dim in zip(window_dims, window, strict=True):
        sizes[dim], strides[update_dim] = shape[update_dim], result.strides[dim]
    for dim, index_dim in zip(dn.operand_batching_dims, dn.scatter_indices_batching_dims, strict=True):
        strides[batch_dims[index_dim]] = result.strides[dim]
    dims = [int(d) for d in dn.scatter_dims_to_operand_dims]
    clamp = mode == GatherScatterMode.CLIP
    starts, tests = window_start(indices, dims, sizes, operand.shape, batch_dims, shape, clamp=clamp)
    base = Read(shape, INT, INDEX, result.offset, tuple(strides))
    position = total([base, *(scaled(start, result.strides[dim]) for dim, start in starts)], shape)
    # Outside is position -1, where nothing is stored.
    test = None if clamp else both(tests)
    if test is not None:
        position = Map(shape, INT, Op("drop", lambda t, p: f"({t} ? {p} : -1)"), (test, position))
    if prod(shape):
        write_scatter(block, eqn, result, position, updates, COMBINE[eqn.name](dtype))
    return result


def write_scatter(block: Block, eqn, result: Read, position: Node, updates: Node, combine: str) -> None:
    with block.holding(result):
        places = block.scratch(position.shape, INT)
        block.store(position, places)
        source = block.in_memory(updates)
        block.program.helpers.add("scatter")
        block.lines.append(
            f"scatter({result.buffer.name}, {places.buffer.name}, {source.buffer.name}, {block.position(source)}, "
            f"(a, b) => {combine});"
        )


@rule("sort")
def sort(block: Block, eqn, *operands):
    outer, n, inner = split_at(operands[0].shape, eqn.params["dimension"])
    block.program.helpers.add("sortRows")
    sources = [block.in_memory(operand) for operand in operands]
    with block.holding(*sources):
        results = [block.scratch(operand.shape, operand.dtype) for operand in operands]
    if operands[0].size:
        ins = ", ".join(f"[{s.buffer.name}, {block.position(s)}]" for s in sources)
        outs = ", ".join(result.buffer.name for result in results)
        block.lines.append(f"sortRows([{outs}], [{ins}], {outer}, {n}, {inner}, {eqn.params['num_keys']});")
    return results


@rule("top_k", "approx_top_k")
def top_k(block: Block, eqn, x):
    if eqn.name == "approx_top_k":
        raise unsupported(eqn)
    outer, n, inner = split_at(x.shape, eqn.params.get("axis", len(x.shape) - 1) % len(x.shape))
    block.program.helpers.add("topRows")
    source = block.in_memory(x)
    with block.holding(source):
        values, places = (block.scratch(var.shape, var.dtype) for var in eqn.outputs)
    if values.size:
        block.lines.append(
            f"topRows({values.buffer.name}, {places.buffer.name}, {source.buffer.name}, {block.position(source)}, "
            f"{outer}, {n}, {inner}, {eqn.params['k']});"
        )
    return [values, places]
