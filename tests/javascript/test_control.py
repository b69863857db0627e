"""Loops and branches: every way in which a carry may overlap with what it is computed from."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
from agreement import check
from jax import lax

X = np.arange(5, dtype=np.float32) - 2
ORDER = np.array([2, 0, 3, 1, 4], np.int32)


def repeat(step, *, times=3):
    """The carry after some steps, and all that it was."""

    def run(*carry):
        def body(carry, i):
            return step(carry, i), carry

        return lax.scan(body, carry, jnp.arange(times))

    return run


CARRIES = {
    "two change places": (repeat(lambda c, i: (c[1], c[0])), (X, X + 1)),
    "three in a ring": (repeat(lambda c, i: (c[1], c[2], c[0])), (X, X + 1, X + 2)),
    "numbers in a ring": (repeat(lambda c, i: (c[1], c[2], c[0] + c[1])), (1.0, 2.0, 3.0)),
    "two depend on each other": (repeat(lambda c, i: (c[1] * 2, c[0] + c[1])), (X, X + 1)),
    "one is read before it changes": (repeat(lambda c, i: (c[0] * 2, c[0] + c[1])), (X, X + 1)),
    "one is part of the other": (repeat(lambda c, i: (jnp.sin(c[0]), jnp.sin(c[0]) + c[1])), (X, X + 1)),
    "the same start twice": (lambda x: repeat(lambda c, i: (c[0] + 1, c[1] * 2))(x, x), (X,)),
    "one does not change": (repeat(lambda c, i: (c[0], c[1] + c[0])), (X, X + 1)),
    "reversed": (repeat(lambda c, i: (c[0][::-1],)), (X,)),
    "transposed": (repeat(lambda c, i: (c[0].T + i,)), (np.outer(X, X + 1),)),
    "shifted": (repeat(lambda c, i: (jnp.roll(c[0], 1) + c[0],)), (X,)),
    "gathered": (repeat(lambda c, i: (c[0][ORDER],)), (X,)),
    "gathered from another": (repeat(lambda c, i: (c[1][ORDER], c[0])), (X, X + 1)),
    "updated in place": (repeat(lambda c, i: (c[0].at[i].add(c[0][i + 1]),)), (X,)),
    "a sum of itself": (repeat(lambda c, i: (c[0] - c[0].mean(), c[1] + c[0].sum())), (X, 1.0)),
    "keys": (
        lambda seed: repeat(lambda c, i: (jax.random.split(c[0])[1],))(jax.random.key(seed))[0][0],
        (np.int32(3),),
    ),
}


def test_a_carry_is_replaced_as_if_at_once(engine):
    check(engine, {name: (lambda *a, f=f: jax.tree.map(raw, f(*a)), args) for name, (f, args) in CARRIES.items()})


def raw(leaf):
    return jax.random.key_data(leaf) if jnp.issubdtype(leaf.dtype, jax.dtypes.prng_key) else leaf


ROWS = np.outer(X, [1, 2, 3]).astype(np.float32)
SCANS = {
    "forwards": lambda x: lax.scan(lambda c, r: (c + r[0], r * c), x[0, 0], x),
    "backwards": lambda x: lax.scan(lambda c, r: (c + r[0], r * c), x[0, 0], x, reverse=True),
    "no carry": lambda x: lax.map(lambda r: (r[::-1], r.sum()), x),
    "no rows": lambda x: lax.scan(lambda c, _: (c * 2, None), x, None, length=2)[0],
    "no steps": lambda x: lax.scan(lambda c, r: (c + r, c), x[0], x[:0]),
    "one step": lambda x: lax.scan(lambda c, r: (c + r, c), x[0], x[:1]),
    "rows of rows": lambda x: lax.scan(lambda c, r: lax.scan(lambda d, e: (d + e * c, d), c, r), 1.0, x),
    "constants": lambda x: lax.scan(lambda c, r: (c + r @ x[0] + jnp.exp(x).sum(), None), 0.0, x)[0],
    "a transposed stack": lambda x: lax.scan(lambda c, r: (c + r, r[1]), x[:, 0], x.T),
}


def test_scans(engine):
    check(engine, {name: (fn, (ROWS,)) for name, fn in SCANS.items()})


WHILES = {
    "never": lambda x: lax.while_loop(lambda c: c.sum() > 99, lambda c: c + 1, x),
    "a condition with a sum": lambda x: lax.while_loop(lambda c: (c * x).sum() < 50, lambda c: c + x, x),
    "two carries": lambda x: lax.while_loop(lambda c: c[0] < 4, lambda c: (c[0] + 1, c[1] * x[c[0]]), (0, x)),
    "in a loop": lambda x: lax.fori_loop(
        0, 3, lambda i, s: s + lax.while_loop(lambda c: c.max() < 9, lambda c: c + i + 1, x), x
    ),
    "per example": lambda x: jax.vmap(lambda y: lax.while_loop(lambda c: c < 3, lambda c: c + abs(y) + 1, y))(x),
}


def test_while_loops(engine):
    check(engine, {name: (fn, (X,)) for name, fn in WHILES.items()})


def branches(count):
    return [lambda x, k=k: (x * k + 1, x.sum() - k, x[k]) for k in range(count)]


def test_branches(engine):
    """An index outside takes the nearest branch; under vmap all are computed, and one is selected."""
    cases = {}
    for count in (2, 3, 4):
        fn = lambda k, x, count=count: lax.switch(k, branches(count), x)  # noqa: E731
        cases |= {f"{k} of {count}": (fn, (np.int32(k), X)) for k in range(-1, count + 1)}
        cases[f"each of {count}"] = (jax.vmap(fn, (0, None)), (np.arange(-1, count + 1, dtype=np.int32), X))
    cases |= {
        f"if {value}": (lambda p, x: lax.cond(p, lambda x: (x + 1, x), lambda x: (x, -x), x), (np.bool_(value), X))
        for value in (False, True)
    }
    cases["a known index"] = (lambda x: [lax.switch(k, branches(3), x) for k in (-1, 0, 1, 2, 5)], (X,))
    cases["nested"] = (
        lambda k, x: lax.cond(k > 0, lambda x: lax.switch(k, branches(3), x)[0], lambda x: -x, x),
        (np.int32(2), X),
    )
    check(engine, cases)
