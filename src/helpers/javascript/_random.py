"""Rules for ``jax.random``: threefry bits identical to JAX's, for typed and raw keys.

A key is two uint32 values (JAX's typed keys are split up in ``_flatten``). Bits number *n* of a key encrypt the counter
*n*, so every element is computed on its own, inside the loop of whoever uses it.
"""

from math import prod
from typing import Any

import jax
import numpy as np

from helpers.javascript import _types as types
from helpers.javascript._errors import unsupported
from helpers.javascript._lower import rule
from helpers.javascript._nodes import INDEX, Affine, Map, Node, Op, Read, constant, resolve, row_major
from helpers.javascript._reduce import moved_axes

COST = 40


def encrypt(helper: str, dtype, shape, *words: Node, narrow: str = "") -> Map:
    """One threefry call per element; ``words``: key high, key low, counter high, counter low."""

    def text(*args):
        call = f"{helper}({', '.join(args)})"
        return narrow.format(call) if narrow else call

    return Map(tuple(shape), np.dtype(dtype), Op(helper, text, COST, (helper,)), words)


def check_implementation(eqn) -> None:
    config: Any = jax.config  # its attributes have types in some versions of JAX only
    if not config.jax_threefry_partitionable:
        raise unsupported(eqn, "it needs jax_threefry_partitionable=True, JAX's default")
    for var in [*eqn.source.invars, *eqn.source.outvars]:
        if types.is_key(var.aval.dtype) and "fry" not in str(var.aval.dtype):
            raise unsupported(eqn, f"keys of the type {var.aval.dtype}; only threefry keys are translated")


def counters(key_shape, shape) -> tuple[Node, Node]:
    """(high, low) word of the running number of each element of ``shape``, the same for every key."""
    full = (*key_shape, *shape)
    strides = (0,) * len(key_shape) + row_major(shape)
    return constant("0", np.uint32, full), Read(full, np.dtype("uint32"), INDEX, Affine(), strides)


def spread(block, key: Node, shape) -> Node:
    """A key word, repeated over the shape that is drawn from each key."""
    key = block.settle(key)
    axes = list(range(len(key.shape)))
    return moved_axes(key, axes, (*key.shape, *shape), axes)


@rule("random_bits")
def random_bits(block, eqn, high, low):
    check_implementation(eqn)
    shape, width = tuple(eqn.params["shape"]), eqn.params["bit_width"]
    words = (spread(block, high, shape), spread(block, low, shape), *counters(high.shape, shape))
    dtype, full = np.dtype(eqn.outputs[0].dtype), eqn.outputs[0].shape
    if prod(shape) > 2**31:
        raise unsupported(eqn, "so many numbers from one key")
    match width:
        case 64:
            return encrypt("threefryWide", dtype, full, *words)
        case 32:
            return encrypt("threefryXor", dtype, full, *words)
        case _:
            return encrypt("threefryXor", dtype, full, *words, narrow=types.wrapped("{}", dtype))


def uniform_from_bits(bits: Node) -> Node | None:
    """What the bits of a random double in [1, 2) are as that double: their words need not become a BigInt."""
    match resolve(bits):
        case Map(op=Op(name="or"), args=(Map(op=Op(name="shift_right_logical"), args=(wide, shift)), exponent)):
            wide = resolve(wide)
            texts = getattr(resolve(shift), "text", ""), getattr(resolve(exponent), "text", "")
            if isinstance(wide, Map) and wide.op.name == "threefryWide" and texts == ("12n", f"{0x3FF << 52}n"):
                return encrypt("threefryDouble", np.float64, bits.shape, *wide.args)
    return None


@rule("random_split")
def random_split(block, eqn, high, low):
    check_implementation(eqn)
    shape = tuple(eqn.params["shape"])
    words = (spread(block, high, shape), spread(block, low, shape), *counters(high.shape, shape))
    full = eqn.outputs[0].shape
    return [encrypt(helper, np.uint32, full, *words) for helper in ("threefryFirst", "threefrySecond")]


@rule("random_seed")
def random_seed(block, eqn, seed):
    check_implementation(eqn)
    seed = resolve(seed)
    if seed.dtype == np.int64:
        upper = Op("word", lambda a: f"(Math.floor({a} / 4294967296) >>> 0)")
        lower = Op("word", lambda a: f"({a} >>> 0)")
    elif types.is_uint64(seed.dtype):
        upper = Op("word", lambda a: f"Number({a} >> 32n)")
        lower = Op("word", lambda a: f"Number(BigInt.asUintN(32, {a}))")
    else:
        upper, lower = None, Op("word", lambda a: f"({a} >>> 0)")
    low = Map(seed.shape, np.dtype("uint32"), lower, (seed,))
    high = Map(seed.shape, np.dtype("uint32"), upper, (seed,)) if upper else constant("0", np.uint32, seed.shape)
    return [high, low]


@rule("random_fold_in")
def random_fold_in(block, eqn, high, low, data):
    """Encrypt the key made from the data."""
    check_implementation(eqn)
    shape = eqn.outputs[0].shape
    high, low, data = (spread_scalar(block.settle(node), shape) for node in (high, low, data))
    words = (high, low, constant("0", np.uint32, shape), data)
    return [encrypt(helper, np.uint32, shape, *words) for helper in ("threefryFirst", "threefrySecond")]


def spread_scalar(node: Node, shape) -> Node:
    return node if node.shape == tuple(shape) else moved_axes(node, [], tuple(shape), [])


@rule("threefry2x32")
def threefry2x32(block, eqn, high, low, first, second):
    shape = eqn.outputs[0].shape
    words = tuple(spread_scalar(resolve(node), shape) for node in (high, low, first, second))
    return [encrypt(helper, np.uint32, shape, *words) for helper in ("threefryFirst", "threefrySecond")]
