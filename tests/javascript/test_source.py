"""What is generated, to the letter: a change of the compiler shows in `sources.js`, where a reader can judge it.

Here is what tests of values cannot see: values computed twice, copies that nobody needs, loops over one element,
parentheses around nothing. After a change on purpose:

    RENEW=1 .venv/bin/python -m pytest tests/javascript/test_source.py
"""

from __future__ import annotations

import os
import re
from pathlib import Path

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from agreement import check
from jax import lax

from helpers.javascript import UnsupportedPrimitive, to_javascript

FILE = Path(__file__).with_name("sources.js")
V, W = np.linspace(-1, 1, 5, dtype=np.float32), np.arange(1, 6, dtype=np.float32)
M = np.arange(12, dtype=np.float32).reshape(3, 4)
CUBE = np.arange(24, dtype=np.float32).reshape(2, 3, 4)
LONG, WIDE = np.ones(100, np.float32), np.ones((12, 20), np.float32)
TABLE = np.ones((4, 4), np.uint32)
SCALAR = float("inf")  # the smallest loop to become WebAssembly
K, WORDS = np.int32(2), np.arange(5, dtype=np.uint32)
S = np.float32(0.5)


def total(x, *axes):
    return lax.reduce(x, np.float32(0), lax.add, axes or tuple(range(x.ndim)))


def product(a, b):
    return lax.dot_general(a, b, (((a.ndim - 1,), (0,)), ((), ())))


def repeat(times, step, carry):
    return lax.fori_loop(0, times, step, carry)


def long_expression(x, y):
    for k in range(40):
        x = lax.add(lax.mul(x, y), np.float32(k))
    return x, lax.neg(x)


# Primitives of lax, because the functions of numpy become other jaxprs from one version of JAX to the next.
FUNCTIONS = {
    "a chain becomes one loop": (lambda x, y: lax.add(lax.mul(lax.exp(x), y), lax.neg(x)), (V, W)),
    "a value with two readers is named": (lambda x: lax.mul(lax.exp(x), lax.add(lax.exp(x), x)), (V,)),
    "what is cheap is computed again": (lambda x: (lax.add(x, x), lax.mul(lax.add(x, x), x)), (V,)),
    "what is costly is stored by whoever comes first": (
        lambda x: (lambda e: (lax.mul(e, x), lax.sqrt(e)))(lax.tanh(x)),
        (V,),
    ),
    "the same constant twice": (
        lambda x: (lax.exp(lax.mul(x, np.float32(3))), lax.tanh(lax.mul(x, np.float32(3)))),
        (V,),
    ),
    "nothing": (lambda x: lax.exp(lax.slice(x, (2,), (2,))), (V,)),
    "what just does not cost too much": (
        lambda x, k: lax.dynamic_slice(lax.add(lax.mul(x, x), x), (k,), (2,)),
        (V, K),
    ),
    "an axis of one in another shape": (
        lambda c: lax.exp(lax.reshape(lax.slice(c, (0, 1, 0), (2, 2, 3)), (3, 2))),
        (CUBE,),
    ),
    "looked up for two": (
        lambda x, k: (lambda g: (lax.neg(g), lax.add(g, g)))(
            x.at[k].get(mode="promise_in_bounds", wrap_negative_indices=False)
        ),
        (V, np.array([2, 0, 1], np.int32)),
    ),
    "what is costly is stored": (lambda x: (lambda e: (total(e), lax.mul(e, lax.sqrt(e))))(lax.tanh(x)), (V,)),
    "numbers": (lambda s, x: lax.mul(lax.sub(lax.mul(s, s), lax.exp(s)), x), (S, V)),
    "negative constants": (lambda x: lax.add(lax.mul(x, np.float32(-3)), np.float32(-0.25)), (V,)),
    "large constants": (
        lambda x: tuple(lax.mul(x, np.float32(k)) for k in (62, 2**20, 2.0**31, 3e9, 1e22, -np.inf)),
        (V,),
    ),
    "one element, shared": (lambda x: (lambda e: (lax.mul(e, e), lax.sqrt(e)))(lax.tanh(x)), (V[:1],)),
    "one element after another": (
        lambda x: lax.concatenate([lax.exp(x), lax.mul(lax.tanh(x), lax.tanh(x))], 0),
        (V[:1],),
    ),
    "a position in a table": (lambda m: lax.slice(lax.transpose(m, (1, 0)), (1, 1), (4, 3)), (M,)),
    "a position in three dimensions": (
        lambda c: lax.mul(lax.rev(c, (2,)), lax.exp(lax.slice(c, (0, 0, 0), (2, 3, 4)))),
        (CUBE,),
    ),
    "a row for each": (lambda m, x: lax.add(m, lax.broadcast_in_dim(lax.exp(x), (3, 4), (1,))), (M, M[0])),
    "sums": (lambda m: (total(m), total(m, 0), total(lax.mul(m, m), 1)), (M,)),
    "a sum over an axis of one": (lambda c: total(c, 1, 2), (CUBE[:, :1],)),
    "shared by two sums": (lambda m: (lambda e: (total(e, 1), total(lax.mul(e, m), 1)))(lax.exp(m)), (M,)),
    "softmax": (
        lambda m: (lambda e: lax.div(e, lax.broadcast_in_dim(total(e, 1), (3, 4), (0,))))(lax.exp(m)),
        (M,),
    ),
    "the largest": (lambda m: (lax.reduce_max(m, (1,)), lax.argmax(m, 1, np.int32)), (M,)),
    "totals so far": (lambda m: lax.cumsum(m, 1), (M,)),
    "a product": (product, (M, M.T.copy())),
    "a product with two columns": (product, (WIDE, WIDE.T[:, :2].copy()), SCALAR),
    "a product with one row": (product, (WIDE[:1], WIDE.T.copy()), SCALAR),
    "a product with one column": (product, (WIDE, WIDE.T[:, :1].copy()), SCALAR),
    "what is cheap is computed for each of eight columns": (
        lambda a, b: product(lax.neg(a), b),
        (M, np.ones((4, 8), np.float32)),
    ),
    "but not for each of nine": (lambda a, b: product(lax.neg(a), b), (M, np.ones((4, 9), np.float32))),
    "a product, and a sum of the same shape": (
        lambda a, b: (
            product(a, lax.transpose(b, (1, 0))),
            total(lax.add(lax.broadcast_in_dim(a, (3, 3, 4), (0, 2)), lax.broadcast_in_dim(b, (3, 3, 4), (1, 2))), 2),
        ),
        (M, M[::-1].copy()),
    ),
    "a product of what is computed": (lambda a, x: product(lax.tanh(a), lax.exp(x)), (M, M[0])),
    "a layer": (lambda a, x, b: lax.max(lax.add(product(a, x), b), np.float32(0)), (M, M[0], V[:3])),
    "roundings go where all is smooth": (lambda x, y: lax.mul(lax.add(lax.mul(x, y), x), y), (V, W)),
    "roundings stay where something jumps": (
        lambda x, y: lax.convert_element_type(lax.mul(lax.add(lax.mul(x, y), x), y), np.int32),
        (V, W),
    ),
    "and where it jumps further in": (
        lambda x, y: repeat(2, lambda i, c: lax.floor(lax.mul(lax.add(lax.mul(c, y), c), y)), x),
        (V, W),
    ),
    "words": (lambda a, b: lax.shift_left(lax.bitwise_xor(a, b), np.uint32(7)), (WORDS, WORDS)),
    "shifts by any amount": (lambda a, b: lax.mul(lax.shift_left(a, b), lax.shift_right_logical(a, b)), (WORDS, WORDS)),
    "a shift read by a product": (
        lambda a, b: total(lax.convert_element_type(lax.shift_left(a, b), np.float32)),
        (WORDS, WORDS),
    ),
    "flags": (
        lambda x, y: lax.select(lax.bitwise_and(lax.lt(x, y), lax.bitwise_not(lax.gt(x, np.float32(0)))), x, y),
        (V, W),
    ),
    "whole numbers": (
        lambda a: (lax.mul(a, a), lax.div(a, np.int32(3)), lax.rem(a, np.int32(3))),
        (np.arange(5, dtype=np.int32),),
    ),
    "two ways": (lambda p, x: lax.cond(p, lambda x: lax.exp(x), lambda x: lax.neg(x), x), (np.bool_(True), V)),
    "two ways to a number": (
        lambda p, x: lax.cond(p, lambda x: total(x), lambda x: lax.mul(total(x), np.float32(3)), x),
        (np.bool_(True), V),
    ),
    "two ways from what is computed": (
        lambda p, x: lax.mul(
            lax.cond(p, lambda y, z: lax.exp(y), lambda y, z: lax.neg(z), lax.cumsum(x), lax.cumprod(x)), lax.cumsum(x)
        ),
        (np.bool_(True), V),
    ),
    "three ways": (lambda k, x: lax.switch(k, [lax.exp, lax.neg, lax.tanh], x), (K, V)),
    "a loop changes its carry in place": (lambda x, y: repeat(9, lambda i, c: lax.add(c, lax.mul(c, y)), x), (V, W)),
    "a loop of two carries": (
        lambda x, y: repeat(9, lambda i, c: (lax.add(c[0], c[1]), lax.mul(c[0], np.float32(0.5))), (x, y)),
        (V, W),
    ),
    "two carries that start alike": (
        lambda x: repeat(9, lambda i, c: (lax.add(c[0], c[1]), lax.neg(c[1])), (lax.exp(x), lax.exp(x))),
        (V,),
    ),
    "two carries that start in one place": (
        lambda x: (lambda y: repeat(9, lambda i, c: (lax.add(c[0], c[1]), lax.neg(c[1])), (y, y)))(lax.cumsum(x)),
        (V,),
    ),
    "a loop that sums into its carry": (
        lambda x: repeat(9, lambda i, c: lax.cumsum(lax.exp(c)), x),
        (V,),
    ),
    "a loop that keeps what it was": (
        lambda x: lax.scan(lambda c, r: (lax.add(c, r), lax.mul(c, r)), lax.index_in_dim(x, 0, keepdims=False), x),
        (M,),
    ),
    "a loop with an end of its own": (
        lambda s: lax.while_loop(lambda c: lax.lt(c, np.float32(9)), lambda c: lax.mul(c, np.float32(3)), lax.exp(s)),
        (S,),
    ),
    "what no step changes is computed before": (
        lambda x, s: repeat(9, lambda i, c: lax.mul(c, total(lax.exp(x))), s),
        (V, S),
    ),
    "an element is replaced": (
        lambda x, k, s: lax.dynamic_update_slice(lax.exp(x), lax.reshape(s, (1,)), (k,)),
        (V, K, S),
    ),
    "elements are looked up": (lambda x, k: lax.dynamic_slice(x, (k,), (2,)), (V, K)),
    "a copy before the change": (lambda x: (lax.cumsum(x), lax.sort(lax.slice(lax.cumsum(x), (1,), (4,)))), (V,)),
    "to lower precision and back": (
        lambda x: (lax.reduce_precision(lax.exp(x), 8, 23), lax.convert_element_type(x, np.uint8).astype(np.int32)),
        (V,),
    ),
    "side by side": (lambda x, y: lax.concatenate([lax.exp(x), y, lax.slice(x, (0,), (2,))], 0), (V, W)),
    "padded": (lambda x: lax.pad(x, np.float32(7), [(1, 2, 1)]), (V,)),
    "a window slides": (
        lambda x, k: lax.conv_general_dilated(lax.reshape(x, (1, 1, 12)), lax.reshape(k, (1, 1, 3)), (1,), "SAME"),
        (M.ravel(), V[:3]),
    ),
    "a number with two readers": (lambda s, x: (lax.mul(x, lax.exp(s)), lax.add(x, lax.exp(s))), (S, V)),
    "a part in another shape": (lambda m: lax.exp(lax.reshape(lax.slice(m, (1, 0), (3, 4)), (4, 2))), (M,)),
    "many numbers at once": (lambda x: total(lax.mul(x, x)), (LONG,), SCALAR),
    "many numbers and a function": (
        lambda x: (total(lax.exp(x)), total(lax.tanh(x)), total(lax.lgamma(x))),
        (LONG,),
        SCALAR,
    ),
    **{f"a sum of {n}": (lambda x: total(lax.mul(x, x)), (np.ones(n, np.float32),), SCALAR) for n in (65, 66, 67, 74)},
    "a sum of two axes": (lambda m: total(lax.rev(lax.slice(m, (0, 1), (12, 16)), (1,))), (WIDE,), SCALAR),
    "bits of all": (
        lambda a, b: (
            lax.reduce(a, np.uint32(0), lax.bitwise_or, (0,)),
            lax.reduce(b, np.int32(0), lax.bitwise_or, (0,)),
        ),
        (WORDS, WORDS.astype(np.int32)),
    ),
    "five sums of rows": (
        lambda m: tuple(total(lax.mul(m, np.float32(n)), 1) for n in (2, 3, 4, 5, 6)),
        (WIDE,),
        SCALAR,
    ),
    "sums of many rows": (lambda m: (total(m, 1), total(m, 0)), (WIDE,), SCALAR),
    "five sums of one table": (lambda m: tuple(total(lax.integer_pow(m, n)) for n in (1, 2, 3, 4, 5)), (WIDE,), SCALAR),
    "a large product": (product, (WIDE, WIDE.T.copy()), SCALAR),
    "a product with few columns": (product, (WIDE, WIDE.T[:, :6].copy()), SCALAR),
    "an outer product": (
        lambda x, y: lax.add(product(lax.reshape(x, (5, 1)), lax.reshape(y, (1, 5))), np.float32(1)),
        (V, W),
    ),
    "a constant that is one number": (lambda x: lax.mul(x, np.full(100, 2, np.float32)), (LONG,), SCALAR),
    "a long expression": (long_expression, (V, W)),
    "words drawn": (lambda seed: jax.random.bits(jax.random.key(seed), (4,)), (K,)),
    "what just counts as cheap": (
        lambda x, w: product(lax.shift_right_logical(x, w), lax.clamp(x, w, x)),
        (TABLE, TABLE),
    ),
    "a large product in WebAssembly": (product, (WIDE, WIDE.T.copy()), 0),
    "products with a remainder in WebAssembly": (
        lambda a, b: (product(a, b), product(lax.slice(a, (0, 0), (7, 19)), lax.slice(b, (0, 0), (19, 7)))),
        (WIDE, WIDE.T.copy()),
        0,
    ),
    "sums with a remainder in WebAssembly": (
        lambda m, x: (total(m, 1), total(m, 0), total(m), total(lax.rev(x, (0,)))),
        (WIDE[:, :19].copy(), LONG[:67]),
        0,
    ),
    "logarithms in WebAssembly": (lax.log, (LONG[:64],), 0),
    "rows and columns in WebAssembly": (lambda a, b: lax.add(lax.transpose(a, (1, 0)), b), (WIDE, WIDE.T.copy()), 0),
    "in WebAssembly": (
        lambda x, y: lax.add(lax.mul(lax.exp(x), y), lax.neg(x)),
        (np.zeros(64, np.float32), np.ones(64, np.float32)),
        0,
    ),
}


def own(source: str) -> str:
    """What is this function's own: without the helpers, which are files, and without lines of this one."""
    source = re.sub(r", test_source\.py:\d+ \(.*\)$", "", source, flags=re.M)
    blocks = re.split(r"\n\n(?! )", source.strip())
    return "\n\n".join(
        block
        for block in blocks
        if re.match(r"(?://.*\n)?(?:(?:const|function) [a-z]\d+\b|const (?:memory|\[vk)|export)", block)
    )


def generated() -> dict[str, str]:
    return {
        name: own(to_javascript(fn, *args, **({"smallest_vectorised": options[0]} if options else {})))
        for name, (fn, args, *options) in FUNCTIONS.items()
    }


def kept() -> dict[str, str]:
    parts = re.split(r"^// === (.*) ===\n", FILE.read_text(encoding="utf-8"), flags=re.M)
    return {name: text.strip() for name, text in zip(parts[1::2], parts[2::2], strict=True)}


def test_the_sources_are_those_that_somebody_has_looked_at():
    sources = generated()
    assert all("export default" in source for source in sources.values())
    if os.environ.get("RENEW"):
        text = "\n".join(f"// === {name} ===\n{source}\n" for name, source in sources.items())
        FILE.write_text(text, encoding="utf-8")
    assert sources == kept()


def test_they_compute_what_jax_computes(engine):
    for option in (None, SCALAR, 0):
        cases = {name: case[:2] for name, case in FUNCTIONS.items() if (*case[2:], None)[0] == option}
        check(engine, cases, **({} if option is None else {"smallest_vectorised": option}))


def test_no_line_is_named_that_is_not_the_users():
    """The library's lines are passed over, and ours."""
    with pytest.raises(UnsupportedPrimitive, match=r"primitive 'fft': .* no JavaScript form\. Rewrite that line"):
        to_javascript(jnp.fft.rfft, jnp.ones(8))


def test_the_error_gives_its_reason():
    with pytest.raises(
        UnsupportedPrimitive, match=r"'shift_left': shifts of int8 are not translated, from test_source"
    ):
        to_javascript(lambda x: lax.shift_left(lax.convert_element_type(x, np.int8), np.int8(1)), np.ones(3, np.int32))
