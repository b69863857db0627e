"""Loops in WebAssembly, four numbers at a time: operations, ways through memory, and the engine without them."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from agreement import check
from jax import lax
from test_primitives import EDGES, INTEGERS, floats, integers, pairs

from helpers.javascript import to_javascript

LENGTHS = (0, 1, 3, 4, 5, 64, 67)
UNARY = {
    "neg": lax.neg,
    "abs": lax.abs,
    "sign": lax.sign,
    "floor": lax.floor,
    "ceil": lax.ceil,
    "sqrt": lax.sqrt,
    "rsqrt": lax.rsqrt,
    "exp": lax.exp,
    "log": lax.log,
    "tanh": lax.tanh,
    "logistic": lax.logistic,
    "sin": lambda x: lax.sin(jnp.where(jnp.abs(x) < 1e20, x, 0.0)),
    "cos": lambda x: lax.cos(jnp.where(jnp.abs(x) < 1e20, x, 0.0)),
    "powers": lambda x: (x**2, x**3, x**-1),
    "one minus": lambda x: 1 - x * x,
    "slope of tanh": jax.vmap(jax.grad(jnp.tanh)),
    "to int": lambda x: x.astype(jnp.int32),
    "through bool": lambda x: jnp.where(x.astype(bool), 2.0, x).astype(jnp.float32),
    "from bool": lambda x: ((x > 0).astype(jnp.float32), (x > 0).astype(jnp.int32)),
    "clamp": lambda x: (lax.clamp(-1.0, x, 2.0), lax.clamp(x - 1, x * 2, x + 1)),
    "position": lambda x: (x * lax.iota(jnp.float32, x.size), lax.iota(jnp.int32, x.size)[::-1] * 3 - 7),
}
BINARY = {
    "arithmetic": lambda x, y: (x + y, x - y, x * y),
    "div": lax.div,
    "extremes": lambda x, y: (jnp.maximum(x, y), jnp.minimum(x, y)),
    "compare": lambda x, y: tuple(jnp.where(test, x, 7) for test in (x < y, x <= y, x > y, x >= y, x == y, x != y)),
    "logic": lambda x, y: jnp.where((x < y) & (x > 0) | ~((y > 1) ^ (x > 1)), x, y),
}
INTEGER = {
    "arithmetic": lambda x, y: (x + y, x - y, x * y, -x, abs(x)),
    "extremes": lambda x, y: (jnp.maximum(x, y), jnp.minimum(x, y)),
    "compare": lambda x, y: tuple(jnp.where(test, x, 7) for test in (x < y, x <= y, x > y, x >= y, x == y, x != y)),
    "convert": lambda x, y: (x.astype(jnp.float32), jnp.where(x.astype(bool), y, x)),
}
CALLED = "= vectorised("


def in_vectors(engine, cases, **options) -> None:
    """The cases agree with JAX, with all the loops in WebAssembly that may be; and some are."""
    sources = check(engine, cases, smallest_vectorised=0, **options)
    for label, source in zip(cases, sources, strict=True):
        assert CALLED in source, f"{label} has no loop in WebAssembly"


def test_a_number_that_chooses_is_no_mask(engine):
    """A `cond` under `vmap` selects by an integer, a mask by all its bits."""

    def one(x):
        return lax.cond(x > 0.5, lambda x: x + 1, lambda x: x * 2, x)

    def three(x):
        return lax.switch(x.astype(jnp.int32), [jnp.sin, lambda x: x * 2, lambda x: -x], x)

    x = np.linspace(0, 3, 67, dtype=np.float32)
    check(
        engine, {"two": (jax.vmap(one), (x,)), "three": (jax.vmap(three), (x,))}, sensitive=False, smallest_vectorised=0
    )


def test_edge_values(engine):
    in_vectors(engine, {name: (fn, (EDGES,)) for name, fn in UNARY.items()}, sensitive=False)
    in_vectors(engine, {name: (fn, pairs(EDGES)) for name, fn in BINARY.items()}, sensitive=False)
    in_vectors(engine, {name: (fn, pairs(INTEGERS)) for name, fn in INTEGER.items()})


@pytest.mark.parametrize("length", LENGTHS)
def test_lengths(engine, length):
    x, y, k = floats((length,), low=0.1), floats((length,), 1), integers((length,))
    cases = {name: (fn, (x,)) for name, fn in UNARY.items()} | {name: (fn, (y, x)) for name, fn in BINARY.items()}
    cases |= {f"{name} of integers": (fn, (k, k[::-1].copy())) for name, fn in INTEGER.items()}
    (in_vectors if length >= 4 else check)(engine, cases)


@pytest.mark.parametrize("name", ["exp", "log", "tanh", "logistic", "sin", "cos"])
def test_accuracy(engine, name):
    """Within a few last places of each result, not only of the largest."""
    x = np.concatenate(
        [floats((4000,), low=1e-3 if name == "log" else -20, high=20), floats((4000,), low=0.01, high=1)]
    )
    with jax.enable_x64(True):
        want = np.asarray(UNARY[name](x.astype(np.float64)))
    ((got,),) = engine.run([(to_javascript(UNARY[name], x, smallest_vectorised=0), (x,))])
    near = abs(want) > 1e-3  # near a zero of the sine, the place of the zero itself is rounded
    assert np.max(abs(got - want)[near] / np.spacing(abs(want[near]).astype(np.float32))) < 5


def test_tanh_is_never_larger_than_one(engine):
    x = np.linspace(3, 20, 4096, dtype=np.float32) * np.tile(np.float32([1, -1]), 2048)
    ((got,),) = engine.run([(to_javascript(jnp.tanh, x, smallest_vectorised=0), (x,))])
    assert np.max(abs(got)) == 1


@pytest.mark.parametrize("x", [0.0, -0.0, 1e-20, -3e-9, 1e-3])
def test_tanh_and_sine_of_small_numbers_are_those_numbers(engine, x):
    values = np.full(8, x, np.float32)
    for fn in (lax.tanh, lax.sin):
        ((got,),) = engine.run([(to_javascript(fn, values, smallest_vectorised=0), (values,))])
        np.testing.assert_allclose(got, np.asarray(fn(values)), rtol=3e-7, atol=0)


def test_reductions(engine):
    def reductions(x):
        return x.sum(), x.sum(0), x.sum(1), x.max(0), x.max(1), x.min(), (x * x).sum(1), jnp.prod(x / 3, 1)

    def whole(x):
        return x.sum(0), x.sum(1), x.max(), x.min(1), jnp.prod(x, 0)

    shapes = [(4, 4), (5, 7), (1, 9), (9, 1), (16, 67), (64, 64), (67, 8)]
    cases: dict = {f"float {shape}": (reductions, (floats(shape),)) for shape in shapes}
    cases |= {f"integer {shape}": (whole, (integers(shape),)) for shape in shapes}
    cases["infinite"] = (lambda x: (x.max(1), x.min(0), x.sum(0)), (np.outer(np.ones(5, np.float32), EDGES),))
    cases["negative"] = (lambda x: (x.max(), x.min(), jnp.prod(x)), (-floats((19,), low=1.0),))
    cases["long"] = (lambda x: (x.sum(), jnp.mean(jnp.tanh(x)), x[:5].sum()), (floats((40001,)),))
    in_vectors(engine, cases)


def test_products(engine):
    shapes = [(4, 4, 4), (5, 7, 9), (64, 64, 64), (3, 67, 6), (1, 8, 5), (8, 5, 1)]
    cases = {
        f"{m}×{k}×{n}, {label}": (fn, (floats((m, k)), floats((k, n), 1)))
        for m, k, n in shapes
        for label, fn in {
            "plain": lambda a, b: a @ b,
            "partly transposed": lambda a, b: (b.T @ a.T, a @ b),
            "with itself": lambda a, b: (a @ a.T, b.T @ b),
            "of tanh": lambda a, b: jnp.tanh(a) @ b + jnp.sum(a),
        }.items()
    }
    in_vectors(engine, cases)


def test_ways_through_memory(engine):
    x, square = floats((6, 13)), floats((12, 12), 2)
    cases = {
        "rows backwards": (lambda x: x[::-1] * 2 + x, (x,)),
        "backwards": (lambda x: x[:, ::-1] * 2, (x,)),
        "every other": (lambda x: jnp.tanh(x[:, ::2]) + x[::2].sum(), (x,)),
        "slice": (lambda x: x[1:4, 2:11] - x[0:3, 1:10], (x,)),
        "rows and columns": (lambda x: x - x[:, :1] * x[:1], (x,)),
        "outer": (lambda x: x[0][:, None] * x[1] - x[2][:, None], (x,)),
        "in place": (lambda x: lax.fori_loop(0, 3, lambda i, c: c - 0.1 * c * i, x), (x,)),
        "update": (lambda x: lax.fori_loop(0, 6, lambda i, c: c.at[i].set(c[5 - i] * 2 + i), x), (x,)),
        "stack": (lambda x: lax.scan(lambda c, r: (c + r, jnp.tanh(c) * r), x[0], x, reverse=True), (x,)),
        "change places": (lambda x: lax.fori_loop(0, 3, lambda i, c: (c[1], c[0] + 1), (x, -x)), (x,)),
        "network": (jax.grad(lambda w: jnp.sum(jnp.tanh(jnp.tanh(w @ w) @ w) ** 2)), (square,)),
        "convolution": (
            lambda x: lax.conv_general_dilated(x[None, None], x[:3, :3][None, None], (1, 1), "SAME"),
            (square,),
        ),
        "constants": (lambda x: x * np.arange(13, dtype=np.float32) + np.linspace(0, 1, 78).reshape(6, 13), (x,)),
        "numbers": (
            lambda x, a, k, b: jnp.where(b, x * a, x + k) + (jnp.arange(13) * k).astype(jnp.float32),
            (x, np.float32(0.3), np.int32(-5), np.bool_(True)),
        ),
        "once": (lambda x: x * jnp.tanh(jnp.linspace(-3, 3, 13)), (x,)),
    }
    in_vectors(engine, {label: case for label, case in cases.items() if label != "backwards"})
    check(engine, cases, smallest_vectorised=0)


def test_without_webassembly_the_loops_run_in_javascript(engine):
    x = floats((67,), 3)
    cases = {name: (fn, (x,)) for name, fn in UNARY.items()}
    cases["product"] = (lambda x: jnp.outer(x, x) @ x, (x,))
    check(engine, cases, simd=False, smallest_vectorised=0)


def test_where_there_is_no_room_for_a_memory_the_loops_run_in_javascript(engine):
    x = floats((64,))
    source = to_javascript(jnp.tanh, x, smallest_vectorised=0).replace(
        "new WebAssembly.Memory(", "new WebAssembly.NoMemory("
    )
    ((got,),) = engine.run([(source, (x,))], strictly=False)
    np.testing.assert_allclose(got, np.tanh(x), rtol=1e-5)


def test_small_loops_and_other_types_stay_in_javascript():
    def repeated(x):
        return lax.fori_loop(0, 9, lambda _, x: jnp.tanh(x) + 1, x)

    def is_vectorised(fn, size, dtype=jnp.float32):
        return CALLED in to_javascript(fn, jnp.ones(size, dtype))

    assert is_vectorised(repeated, 64)
    assert not is_vectorised(repeated, 63)
    assert is_vectorised(jnp.tanh, 1024)
    assert not is_vectorised(jnp.tanh, 1023)
    assert not is_vectorised(lambda x: x.reshape(-1, 9).sum(1), 9 * 900)
    with jax.enable_x64(True):
        assert not is_vectorised(repeated, 8000, jnp.float64)


def test_what_runs_in_vectors_can_be_read():
    source = to_javascript(lambda x: jnp.tanh(x) + 1, jnp.ones(2000))
    assert "function k1() {" in source
    assert "vk1();" in source
