"""Rules for convolution and pooling: a moving window is a view with overlapping strides, so they are reductions."""

from collections.abc import Sequence
from math import prod

import numpy as np

from helpers.javascript._block import Block
from helpers.javascript._errors import unsupported
from helpers.javascript._linalg import place
from helpers.javascript._lower import rule
from helpers.javascript._nodes import Affine, Map, Node, Read, Scalar, constant, resolve, view
from helpers.javascript._reduce import converted, highest, lowest, monoid, product_op
from helpers.javascript._shapes import part_of, reshaped, sliced, viewed


def padded(block: Block, x: Node, value: str, padding: Sequence[tuple[int, int]], dilation: Sequence[int]) -> Node:
    """The array with a border (cut where negative), and gaps between its elements."""
    config = [(low, high, gap - 1) for (low, high), gap in zip(padding, dilation, strict=True)]
    if all(entry == (0, 0, 0) for entry in config):
        return block.settle(x)
    shape = tuple(
        max(0, low + high + (n - 1) * (gap + 1) + 1 if n else low + high)
        for n, (low, high, gap) in zip(x.shape, config, strict=True)
    )
    return pad_into(block, x, value, config, shape)


def pad_into(block: Block, x: Node, value: str, config, shape: tuple[int, ...], is_name: bool = False) -> Read:
    """Fill a buffer with the padding value, then write the operand into the middle."""
    with block.holding(x):
        result = block.allocate(shape, x.dtype, (x,))
        block.store(Scalar(shape, x.dtype, value, is_name), result)
    starts, firsts, counts = [], [], []
    for (low, _, interior), size, full in zip(config, x.shape, shape, strict=True):
        step = interior + 1
        first = -(low // step) if low < 0 else 0
        last = min(size - 1, (full - 1 - low) // step)
        starts.append(low + first * step)
        firsts.append(first)
        counts.append(max(0, last - first + 1))

    def move(offset: Affine, strides):
        moved, new = sliced(strides, firsts, (1,) * len(firsts))
        return offset.plus(moved), new

    if prod(counts):
        middle = viewed(block, x, tuple(counts), move)
        block.store(middle, part_of(result, starts, counts, [interior + 1 for _, _, interior in config]))
    return result


@rule("pad")
def pad(block, eqn, x, value):
    value = block.scalar(value)
    return pad_into(block, x, value.text, eqn.params["padding_config"], tuple(eqn.outputs[0].shape), value.is_name)


def axes_view(node: Node, shape: Sequence[int], strides: Sequence[tuple[int, int]]) -> Node:
    """A view whose axis k walks along axis ``strides[k][0]`` of the value with the factor ``strides[k][1]``."""

    def move(offset: Affine, old):
        return offset, tuple(old[axis] * factor if factor else 0 for axis, factor in strides)

    return view(node, tuple(shape), move)


@rule("conv_general_dilated")
def convolution(block: Block, eqn, x, w):
    p, dtype = eqn.params, np.dtype(eqn.outputs[0].dtype)
    (x_batch, x_feature, *x_space), (w_out, w_in, *w_space), (o_batch, o_feature, *o_space) = p["dimension_numbers"]
    padding, gaps = [(0, 0)] * len(x.shape), [1] * len(x.shape)
    for axis, pads, gap in zip(x_space, p["padding"], p["lhs_dilation"], strict=True):
        padding[axis], gaps[axis] = pads, gap
    x, w = padded(block, x, "0", padding, gaps), block.settle(w)
    feature_groups, batch_groups = p["feature_group_count"], p["batch_group_count"]
    groups = max(feature_groups, batch_groups)
    out_shape = eqn.outputs[0].shape
    if 0 in out_shape or 0 in x.shape or 0 in w.shape:
        return constant("0", dtype, out_shape)
    channels, per_group = w.shape[w_in], w.shape[w_out] // groups
    # Loop axes: (size, the walk along x, the walk along w), the output's in its order, its feature axis as two.
    batch = (out_shape[o_batch], (x_batch, 1), (0, 0))
    group_x = (x_feature, channels) if feature_groups > 1 else (x_batch, out_shape[o_batch])
    feature = [(groups, group_x if groups > 1 else (0, 0), (w_out, per_group)), (per_group, (0, 0), (w_out, 1))]
    space = [
        (out_shape[o], (a, step), (0, 0)) for o, a, step in zip(o_space, x_space, p["window_strides"], strict=True)
    ]
    by_axis = {o_batch: [batch], o_feature: feature, **{o: [s] for o, s in zip(o_space, space, strict=True)}}
    kept = [entry for axis in range(len(out_shape)) for entry in by_axis[axis]]
    summed = [(channels, (x_feature, 1), (w_in, 1))] + [
        (w.shape[b], (a, gap), (b, 1)) for a, b, gap in zip(x_space, w_space, p["rhs_dilation"], strict=True)
    ]
    loops = kept + summed
    shape = tuple(size for size, _, _ in loops)
    left = converted(axes_view(x, shape, [walk for _, walk, _ in loops]), dtype)
    right = converted(axes_view(w, shape, [walk for _, _, walk in loops]), dtype)
    product = Map(shape, dtype, product_op(dtype, rounded=False), (left, right))
    initial, combine = monoid("reduce_sum", dtype)
    axes = tuple(range(len(kept), len(loops)))
    result = block.reduce(product, axes, initial, combine, dtype, tile_rows=True)
    return reshaped(block, result, out_shape)


@rule("reduce_window_sum", "reduce_window_max", "reduce_window_min")
def pooling(block: Block, eqn, x):
    p, dtype = eqn.params, np.dtype(x.dtype)
    name = eqn.name.replace("reduce_window", "reduce")
    fill = {"reduce_sum": "0", "reduce_max": lowest(dtype), "reduce_min": highest(dtype)}[name]
    rank, out_shape = len(x.shape), tuple(eqn.outputs[0].shape)
    x = padded(block, x, fill, p["padding"], p["base_dilation"])
    if 0 in out_shape:
        return constant("0", dtype, out_shape)
    walks = [(axis, step) for axis, step in enumerate(p["window_strides"])]
    walks += [(axis, gap) for axis, gap in enumerate(p["window_dilation"])]
    windows = axes_view(x, (*out_shape, *p["window_dimensions"]), walks)
    initial, combine = monoid(name, dtype)
    return block.reduce(windows, tuple(range(rank, 2 * rank)), initial, combine, dtype)


@rule("select_and_scatter_add")
def select_and_scatter_add(block: Block, eqn, source, operand):
    """The gradient of max pooling: each window's source goes to the window's first extreme element."""
    p, rank = eqn.params, len(operand.shape)
    select = getattr(p["select_prim"], "name", "")
    if select not in ("ge", "le"):
        raise unsupported(eqn, f"selecting by {select}")
    operand, source = resolve(operand), resolve(source)
    operands = place(block, operand), place(block, source)
    with block.holding(operand, source):
        result = block.scratch(eqn.outputs[0].shape, operand.dtype)
        block.store(constant("0", operand.dtype, result.shape), result)
    lows = [low for low, _ in p["padding"]]
    lists = [list(operand.shape), list(source.shape), list(p["window_dimensions"]), list(p["window_strides"]), lows]
    block.program.helpers.add("scatterToExtremes")
    symbol = ">" if select == "ge" else "<"
    block.lines.append(
        f"scatterToExtremes({result.buffer.name}, {operands[0]}, {operands[1]}, "
        f"{', '.join(str([int(n) for n in numbers]) for numbers in lists)}, (a, b) => a {symbol} b);"
    )
    assert rank == len(lows)
    return result
