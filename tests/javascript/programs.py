"""Random JAX programs: each step applies an operation to earlier values, wherever shapes allow.

Values are of two sorts. *Exact* ones are small integers (stored as float or int) on which every rounding is harmless,
so that comparisons, floors, sorts and indices must agree exactly. *Smooth* ones go through transcendental functions and
are compared within a bound; nothing discontinuous is ever applied to them.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from hypothesis import strategies as st
from jax import lax

SHAPES = [(), (4,), (3, 4), (4, 3), (3,), (1, 4), (2, 3, 4)]
LARGEST = 1000


class Step(NamedTuple):
    name: str
    operands: tuple[int, ...]
    run: Callable


SMOOTH = {
    "tanh": jnp.tanh,
    "sin": jnp.sin,
    "exp": lambda x: jnp.exp(-jnp.abs(x)),
    "logistic": jax.nn.sigmoid,
    "log": lambda x: jnp.log1p(jnp.abs(x)),
    "sqrt": lambda x: jnp.sqrt(jnp.abs(x) + 1),
    "gelu": lambda x: jax.nn.gelu(x, approximate=False),
    "softmax": lambda x: jax.nn.softmax(x, axis=-1) if x.ndim else x,
    "scale": lambda x: x * 0.3 + 0.1,
    "divide": lambda x: x / 3.0,
}
EXACT = {
    "floor": lambda x: jnp.floor(x / 2) if x.dtype == jnp.float32 else x // 2,
    "sign": jnp.sign,
    "relu": lambda x: jnp.maximum(x, 0),
    "cumsum": lambda x: jnp.cumsum(x, axis=-1) if x.ndim else x,
    "argmax": lambda x: jnp.argmax(x, axis=-1) if x.ndim else x,
    "sort": lambda x: jnp.sort(x, axis=-1) if x.ndim else x,
    "argsort": lambda x: jnp.argsort(x, axis=0) if x.ndim else x,
    "to_int": lambda x: x.astype(jnp.int32),
    "to_float": lambda x: x.astype(jnp.float32),
    "positive": lambda x: (x > 0).astype(jnp.int32),
    "any": lambda x: jnp.any(x > 1, axis=-1) if x.ndim else x > 1,
}
ANY = {
    "neg": lambda x: -x,
    "abs": jnp.abs,
    "double": lambda x: x + x,
    "square": lambda x: jnp.clip(x, -9, 9) ** 2,
    "transpose": lambda x: x.T,
    "flip": lambda x: jnp.flip(x, 0) if x.ndim else x,
    "roll": lambda x: jnp.roll(x, 1, axis=-1) if x.ndim else x,
    "ravel": lambda x: x.reshape(-1),
    "fold": lambda x: x.reshape(2, -1) if x.size % 2 == 0 else x,
    "head": lambda x: x[:2] if x.ndim else x,
    "last": lambda x: x[-1] if x.ndim else x,
    "every_other": lambda x: x[..., ::2] if x.ndim else x,
    "pad": lambda x: jnp.pad(x, [(0, 1)] * x.ndim) if x.ndim and x.size < 40 else x,
    "new_axis": lambda x: x[:, None] if 0 < x.ndim < 3 else x,
    "sum": lambda x: x.sum(-1) if x.ndim else x,
    "sum_first": lambda x: x.sum(0) if x.ndim else x,
    "total": lambda x: x.sum(),
    "max": lambda x: x.max(-1) if x.ndim else x,
    "min_all": lambda x: x.min(),
    "mean_like": lambda x: x.sum(0, keepdims=True) - x if x.ndim else x,
    "outer": lambda x: x.reshape(-1)[:4, None] * x.reshape(-1)[None, :3],
    "gram": lambda x: jnp.clip(x, -9, 9) @ jnp.clip(x, -9, 9).T if x.ndim == 2 else x,
    "update": lambda x: x.at[0].set(x[-1] + 1) if x.ndim else x,
    "accumulate": lambda x: x.at[jnp.array([0, 0, -1])].add(1) if x.ndim else x,
    "where_index": lambda x: jnp.where(jnp.arange(x.shape[-1]) > 1, x, 0) if x.ndim else x,
    "scan": lambda x: lax.scan(lambda c, r: (c + r, c - r), jnp.zeros_like(x[0]), x)[1] if x.ndim else x,
    "scan_carry": lambda x: (
        lax.scan(lambda c, r: (jnp.roll(c, 1) + r, None), x[0], x, reverse=True)[0] if x.ndim == 2 else x
    ),
    "fori": lambda x: lax.fori_loop(0, 3, lambda i, c: (c[1], c[0] + i), (x, x))[0],
    "loop_update": lambda x: lax.fori_loop(0, x.shape[0], lambda i, c: c.at[i].add(c[i - 1]), x) if x.ndim else x,
    "while": lambda x: lax.while_loop(lambda c: c[0] < 3, lambda c: (c[0] + 1, x - c[1]), (0, x))[1],
    "vmap": lambda x: jax.vmap(lambda r: r.sum() - r)(x) if x.ndim else x,
    "jit": jax.jit(lambda x: (x + 1) * 2 - x),
}
BINARY = {
    "add": jnp.add,
    "sub": jnp.subtract,
    "mul": lambda x, y: jnp.clip(x, -99, 99) * jnp.clip(y, -99, 99),
    "max": jnp.maximum,
    "min": jnp.minimum,
}
EXACT_BINARY = {
    "less": lambda x, y: (x < y).astype(jnp.float32),
    "select": lambda x, y: jnp.where(x > y, x, y + 1),
    "cond": lambda x, y: lax.cond(x.sum() > y.sum(), lambda: x.sum() + 1, lambda: (y * 2).sum().astype(x.dtype)),
    "take": lambda x, y: x[jnp.clip(y.reshape(-1)[:3].astype(jnp.int32), 0, 1)] if x.ndim and y.ndim else x,
    "switch": lambda x, y: lax.switch(
        y.reshape(-1)[0].astype(jnp.int32) if y.size else 0, [lambda a: a, lambda a: a + 1, lambda a: -a], x
    ),
    "divide_int": lambda x, y: (
        lax.rem(x.astype(jnp.int32), jnp.full(x.shape, 3, jnp.int32)) + y.sum().astype(jnp.int32)
    ),
    "matmul": lambda x, y: (
        jnp.clip(x, -9, 9) @ jnp.clip(y, -9, 9) if x.ndim == y.ndim == 2 and x.shape[1] == y.shape[0] else x
    ),
    "concatenate": lambda x, y: (
        jnp.concatenate([x, y.astype(x.dtype)]) if x.ndim and x.ndim == y.ndim and x.shape[1:] == y.shape[1:] else x
    ),
    "stack": lambda x, y: jnp.stack([x, y.astype(x.dtype)], -1) if x.shape == y.shape else x,
}


def may_broadcast(x, y) -> bool:
    return all(a == b or 1 in (a, b) for a, b in zip(x.shape[::-1], y.shape[::-1], strict=False))


def exact_array(rng: np.random.Generator, shape, is_int: bool):
    return jnp.asarray(rng.integers(-6, 7, shape).astype(np.int32 if is_int else np.float32))


def bounded(run: Callable) -> Callable:
    """The operation, with results that stay small (so that exact values remain exact) and numeric."""

    def small(*args):
        value = run(*args)
        return value.astype(jnp.int32) if value.dtype == bool else jnp.clip(value, -LARGEST, LARGEST)

    return small


@cache
def result_type(run: Callable, *operands):
    return jax.eval_shape(bounded(run), *(jax.ShapeDtypeStruct(*operand) for operand in operands))


def choices(x, y, exact: tuple[bool, bool], recent: list[Step]) -> dict[str, tuple[Callable, int]]:
    """The operations that may come next: name → (function, number of operands)."""
    found = {name: (run, 1) for name, run in ANY.items()}
    if exact[0]:
        found |= {name: (run, 1) for name, run in EXACT.items()}
    if x.dtype == jnp.float32 and not any(step.name in SMOOTH for step in recent[-2:]):
        found |= {name: (run, 1) for name, run in SMOOTH.items()}
    if may_broadcast(x, y) and x.dtype == y.dtype:
        found |= {name: (run, 2) for name, run in BINARY.items()}
        if all(exact):
            found |= {name: (run, 2) for name, run in EXACT_BINARY.items()}
    return found


@st.composite
def programs(draw, steps: int = 9):
    """(function, arguments, names of the steps)."""
    rng = np.random.default_rng(draw(st.integers(0, 2**16)))
    shapes = draw(st.lists(st.tuples(st.sampled_from(SHAPES), st.booleans()), min_size=1, max_size=3))
    args = tuple(exact_array(rng, shape, is_int) for shape, is_int in shapes)
    values: list = [jax.ShapeDtypeStruct(arg.shape, arg.dtype) for arg in args]
    exact, done = [True] * len(args), []
    for _ in range(draw(st.integers(2, steps))):
        first, second = (draw(st.integers(0, len(values) - 1)) for _ in range(2))
        table = choices(values[first], values[second], (exact[first], exact[second]), done)
        name = draw(st.sampled_from(list(table)))
        run, arity = table[name]
        step = Step(name, (first, second)[:arity], bounded(run))
        value = result_type(run, *((values[k].shape, values[k].dtype) for k in step.operands))
        if value.size <= 200:
            values.append(value)
            exact.append(all(exact[k] for k in step.operands) and name not in SMOOTH)
            done.append(step)

    def program(*inputs):
        computed = list(inputs)
        for step in done:
            computed.append(step.run(*(computed[k] for k in step.operands)))
        return computed[len(inputs) :]

    return program, args, " → ".join(f"{step.name}{step.operands}" for step in done)
