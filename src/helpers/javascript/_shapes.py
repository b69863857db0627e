"""Rules that move data without computing: most only change strides, a few write pieces side by side."""

from math import prod

import numpy as np

from helpers.javascript import _types as types
from helpers.javascript._block import Block
from helpers.javascript._lower import is_cheap, rule
from helpers.javascript._nodes import (
    INDEX,
    Affine,
    Node,
    Read,
    Scalar,
    constant,
    is_lazy,
    reshaped_strides,
    resolve,
    row_major,
    view,
    walk,
)


def viewed(block: Block, node: Node, shape: tuple[int, ...], move, *, repeats: bool = False) -> Node:
    """A view of a value; a costly value that is needed elsewhere, or in every repetition, is computed first."""
    node = resolve(node)
    if is_lazy(node) and not is_cheap(node) and (repeats or block.is_shared(node)):
        node = block.settle(node)
    return view(node, tuple(shape), move)


def sliced(node_strides, starts, steps) -> tuple[int, tuple[int, ...]]:
    """What a slice adds to the offset, and its strides."""
    moved = sum(start * stride for start, stride in zip(starts, node_strides, strict=True))
    return moved, tuple(stride * step for stride, step in zip(node_strides, steps, strict=True))


@rule("broadcast_in_dim")
def broadcast_in_dim(block, eqn, x, *_):
    shape, dims = eqn.outputs[0].shape, eqn.params["broadcast_dimensions"]
    if x.size == 1 and is_lazy(x):
        x = block.scalar(x)

    def move(offset: Affine, strides):
        result = [0] * len(shape)
        for stride, dim, size in zip(strides, dims, x.shape, strict=True):
            result[dim] = 0 if size == 1 else stride
        return offset, tuple(result)

    # New dimensions outside the old ones would repeat the work; inside, the loops hoist it.
    outside = prod(shape[: max(dims, default=-1) + 1]) > prod(x.shape)
    return viewed(block, x, shape, move, repeats=outside and x.size > 1)


@rule("reshape")
def reshape(block, eqn, x):
    order = eqn.params.get("dimensions")
    if order is not None:  # a transpose first
        shape = tuple(x.shape[d] for d in order)
        x = viewed(block, x, shape, lambda offset, strides: (offset, tuple(strides[d] for d in order)))
    return reshaped(block, x, eqn.outputs[0].shape)


def reshaped(block: Block, x: Node, shape: tuple[int, ...]) -> Node:
    x = resolve(x)
    if isinstance(x, Scalar):
        return Scalar(tuple(shape), x.dtype, x.text, x.is_name)
    if prod(shape) == 0:
        return constant("0", x.dtype, shape)
    leaves = [part for part in walk(x) if isinstance(part, Read)]
    if any(reshaped_strides(x.shape, leaf.strides, shape) is None for leaf in leaves):
        x = block.in_memory(x)

    def move(offset: Affine, strides):
        new = reshaped_strides(x.shape, strides, shape)
        assert new is not None
        return offset, new

    return viewed(block, x, shape, move)


@rule("squeeze")
def squeeze(block, eqn, x):
    gone = eqn.params["dimensions"]
    keep = [d for d in range(len(x.shape)) if d not in gone]
    return viewed(block, x, eqn.outputs[0].shape, lambda offset, strides: (offset, tuple(strides[d] for d in keep)))


@rule("expand_dims")
def expand_dims(block, eqn, x):
    return reshaped(block, x, eqn.outputs[0].shape)


@rule("transpose")
def transpose(block, eqn, x):
    order = eqn.params["permutation"]
    return viewed(block, x, eqn.outputs[0].shape, lambda offset, strides: (offset, tuple(strides[d] for d in order)))


@rule("rev")
def reverse(block, eqn, x):
    dims = eqn.params["dimensions"]

    def move(offset: Affine, strides):
        moved = sum((x.shape[d] - 1) * strides[d] for d in dims)
        return offset.plus(moved), tuple(-s if d in dims else s for d, s in enumerate(strides))

    return viewed(block, x, x.shape, move)


@rule("slice")
def slice_(block, eqn, x):
    starts = eqn.params["start_indices"]
    steps = eqn.params["strides"] or (1,) * len(starts)

    def move(offset: Affine, strides):
        moved, new = sliced(strides, starts, steps)
        return offset.plus(moved), new

    return viewed(block, x, eqn.outputs[0].shape, move)


@rule("split", "unstack")
def split(block, eqn, x):
    axis, pieces, start = eqn.params["axis"], [], 0
    x = block.settle_if_costly(x)
    for output in eqn.outputs:
        step = output.shape[axis] if eqn.name == "split" else 1

        def move(offset: Affine, strides, start=start):
            kept = strides if eqn.name == "split" else strides[:axis] + strides[axis + 1 :]
            return offset.plus(start * strides[axis]), tuple(kept)

        pieces.append(viewed(block, x, output.shape, move))
        start += step
    return pieces


@rule("iota")
def iota(block, eqn, *_):
    shape, dimension = eqn.params["shape"], eqn.params["dimension"]
    strides = tuple(int(d == dimension) for d in range(len(shape)))
    dtype = np.dtype(eqn.outputs[0].dtype)
    if types.is_uint64(dtype):
        return block.program.constant(
            np.broadcast_to(
                np.arange(shape[dimension], dtype=dtype).reshape(
                    [-1 if d == dimension else 1 for d in range(len(shape))]
                ),
                shape,
            )
        )
    return Read(tuple(shape), dtype, INDEX, Affine(), strides)


def part_of(target: Read, starts, shape, steps=None) -> Read:
    """A rectangular part of a buffer, to be written."""
    moved, strides = sliced(target.strides, starts, steps or (1,) * len(starts))
    return Read(tuple(shape), target.dtype, target.buffer, target.offset.plus(moved), strides)


@rule("concatenate")
def concatenate(block, eqn, *pieces):
    axis, start = eqn.params["dimension"], 0
    with block.holding(*pieces):
        result = block.allocate(eqn.outputs[0].shape, eqn.outputs[0].dtype, pieces)
        for piece in pieces:
            starts = [start if d == axis else 0 for d in range(len(piece.shape))]
            block.store(piece, part_of(result, starts, piece.shape))
            start += piece.shape[axis]
    return result


@rule("stack")
def stack(block, eqn, *pieces):
    axis = eqn.params["axis"]
    with block.holding(*pieces):
        result = block.allocate(eqn.outputs[0].shape, eqn.outputs[0].dtype, pieces)
        strides = result.strides[:axis] + result.strides[axis + 1 :]
        for number, piece in enumerate(pieces):
            offset = result.offset.plus(number * result.strides[axis])
            block.store(piece, Read(piece.shape, result.dtype, result.buffer, offset, strides))
    return result


@rule("tile")
def tile(block, eqn, x):
    """The operand, repeated along each axis: a view with two axes for each, then merged."""
    reps, shape = eqn.params["reps"], eqn.outputs[0].shape
    x = block.settle(x)
    paired = [n for pair in zip(reps, x.shape, strict=True) for n in pair]

    def move(offset: Affine, strides):
        return offset, tuple(s for stride in strides for s in (0, stride))

    return reshaped(block, viewed(block, x, tuple(paired), move), shape)


def clamped_starts(block: Block, operand_shape, window, indices) -> Affine:
    """The offset of a window whose start is only known at run time (JAX moves it inside)."""
    offset = Affine()
    for size, width, index, stride in zip(operand_shape, window, indices, row_major(operand_shape), strict=True):
        offset = offset.plus(*clamped_start(block, index, size - width, stride))
    return offset


def clamped_start(block: Block, index: Node, last: int, stride: int) -> tuple[int, tuple[tuple[str, int], ...]]:
    """(constant, terms) of ``stride * clip(index, 0, last)``."""
    index = resolve(index)
    if last <= 0:
        return 0, ()
    if isinstance(index, Scalar) and not index.is_name:
        return stride * min(max(int(index.text.rstrip("n")), 0), last), ()
    text = block.text(index)
    if types.is_uint64(index.dtype):
        text = f"Number({text})"
    name = block.declare(f"Math.min(Math.max({text}, 0), {last})", (), np.int32)
    return 0, ((name.text, stride),)


@rule("dynamic_slice")
def dynamic_slice(block, eqn, x, *indices):
    window = eqn.params["slice_sizes"]
    x = block.settle_if_costly(x) if len(x.shape) else x
    starts = [
        clamped_start(block, index, size - width, 1)
        for index, size, width in zip(indices, x.shape, window, strict=True)
    ]

    def move(offset: Affine, strides):
        for (fixed, terms), stride in zip(starts, strides, strict=True):
            if stride:
                offset = offset.plus(fixed * stride, tuple((name, c * stride) for name, c in terms))
        return offset, strides

    return viewed(block, x, window, move)


@rule("dynamic_update_slice")
def dynamic_update_slice(block, eqn, x, update, *indices):
    offset = clamped_starts(block, x.shape, update.shape, indices)
    with block.holding(update):
        update = block.settle(update)
        result = block.own_copy(x)
    place = Affine(result.offset.constant + offset.constant, result.offset.terms + offset.terms)
    block.store(update, Read(update.shape, result.dtype, result.buffer, place, result.strides))
    return result


@rule("random_wrap")
def random_wrap(block, eqn, data):
    """The two words of a key, from its last axis."""
    data = block.settle_if_costly(data)
    return [
        viewed(block, data, data.shape[:-1], lambda offset, strides, w=w: (offset.plus(w * strides[-1]), strides[:-1]))
        for w in range(2)
    ]


@rule("random_unwrap")
def random_unwrap(block, eqn, high, low):
    shape = (*high.shape, 2)
    with block.holding(high, low):
        result = block.allocate(shape, np.uint32, (high, low))
        for w, word in enumerate((high, low)):
            target = Read(high.shape, result.dtype, result.buffer, Affine(w), result.strides[:-1])
            block.store(word, target)
    return result
