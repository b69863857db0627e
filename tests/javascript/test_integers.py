"""Integers of every width: 8 and 16 bits wrap, 64 bits are doubles (signed) or BigInts (unsigned)."""

from __future__ import annotations

import operator

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from agreement import check
from jax import lax

OPERATIONS = {
    **{name: getattr(operator, name) for name in ("add", "sub", "mul", "and_", "or_", "xor", "floordiv", "mod")},
    **{name: getattr(lax, name) for name in ("max", "min", "div", "rem")},
    "compare": lambda x, y: (x < y, x <= y, x > y, x >= y, x == y, x != y),
    "unary": lambda x, y: (~x, -x, jnp.abs(x), jnp.sign(x), (x % 100) ** 2, (x % 100) ** 3),
    "select": lambda x, y: jnp.where(x < y, x, y),
    "clamp": lambda x, y: lax.clamp(y, x, y + 1),
}
REDUCTIONS = {
    "sum": lambda x: (x.sum(), x.sum(0), x.sum(1)),
    "prod": lambda x: (x[:, :3] % 3 + 1).prod(1),
    "extremes": lambda x: (x.max(), x.min(0), x.max(1)),
    "totals": lambda x: (lax.cumsum(x, 1), lax.cummax(x, 0), lax.cummin(x, 1)),
    "sorted": lambda x: (jnp.sort(x, 1), jnp.argsort(x, 0), jnp.argmax(x, 1), jnp.argmin(x)),
    "read outside": lambda x: (
        x.at[jnp.array([0, 99])].get(mode="fill"),
        x.at[:, jnp.array([1, -99])].get(mode="clip"),
    ),
}
BITS = {
    "and": (lax.bitwise_and, -1),
    "or": (lax.bitwise_or, 0),
    "xor": (lax.bitwise_xor, 0),
}
TARGETS = ("int8", "int16", "int32", "uint8", "uint16", "uint32", "float32", "bool")


def grid(dtype):
    """All pairs of some values, of which none is 0 in the second place (no division is defined there)."""
    info = np.iinfo(dtype)
    edge = min(info.max, 2**40)  # beyond 2**53 a double is not exact, and products of two stay below it
    values = np.array([0, 1, 2, 3, 7, 100, 2**20 % edge, edge] + ([-1, -2, -7, -edge] if info.min else []))
    x, y = np.meshgrid(values, values[values != 0])
    if np.dtype(dtype).itemsize == 8:
        y = np.where(abs(y) > 2**12, 2**12 + 1, y)
    return x.astype(dtype), y.astype(dtype)


def in_type(dtype, fn):
    """The function of arguments that arrive as int32 or int64."""
    return lambda *args: fn(*(a.astype(dtype) for a in args))


def cases_of(dtype, targets=TARGETS):
    x, y = grid(dtype)
    wide = np.int64 if np.dtype(dtype).itemsize == 8 else np.int32
    both, one = (x.astype(wide), y.astype(wide)), (x.astype(wide),)
    cases = {name: (in_type(dtype, fn), both) for name, fn in OPERATIONS.items()}
    cases |= {name: (in_type(dtype, fn), one) for name, fn in REDUCTIONS.items()}
    cases |= {f"to {t}": (in_type(dtype, lambda x, t=t: x.astype(t)), one) for t in targets}
    return cases


@pytest.mark.parametrize("dtype", ["int8", "int16", "uint8", "uint16"])
def test_narrow_integers(engine, dtype):
    check(engine, cases_of(dtype), sensitive=False)


def test_signed_integers_of_64_bits(engine):
    with jax.enable_x64(True):
        check(engine, cases_of("int64", (*TARGETS, "uint64", "float64")), sensitive=False)


def test_unsigned_integers_of_64_bits(engine):
    with jax.enable_x64(True):
        cases = cases_of("uint64", (*TARGETS, "int64", "float64"))
        for name in ("totals", "sorted"):  # not translated
            del cases[name]
        x, _ = grid("uint64")
        cases["shifts"] = (
            in_type("uint64", lambda x: (x << jnp.uint64(3), x >> jnp.uint64(9))),
            (x.astype(np.int64),),
        )
        check(engine, cases, sensitive=False)


def test_floats_become_narrow_integers(engine):
    """Truncated, and held at the ends."""
    values = np.array([0, 0.9, -0.9, 2.5, -2.5, 127, 128, 200, 255.5, 256, -128, -129, 4e4, 7e4, -4e4], np.float32)
    cases = {dtype: (lambda x, d=dtype: x.astype(d), (values,)) for dtype in ("int8", "int16")}
    cases |= {dtype: (lambda x, d=dtype: x.astype(d), (abs(values),)) for dtype in ("uint8", "uint16")}
    check(engine, cases, sensitive=False)


@pytest.mark.parametrize("dtype", [np.int32, np.uint32])
def test_bits_are_reduced(engine, dtype):
    x = np.random.default_rng(0).integers(0, 2**31 - 1, (3, 4)).astype(dtype)
    cases = {
        f"{name} {axes}": (
            lambda x, f=f, first=first, axes=axes: lax.reduce(x, x.dtype.type(np.array(first).astype(dtype)), f, axes),
            (x,),
        )
        for name, (f, first) in BITS.items()
        for axes in ((0,), (1,), (0, 1))
    }
    check(engine, cases, sensitive=False)


def test_random_bits_of_every_width(engine):
    def bits(seed):
        key = jax.random.key(seed)
        return [jax.random.bits(key, (5,), dtype) for dtype in (jnp.uint8, jnp.uint16, jnp.uint32)]

    check(engine, {"bits": (bits, (np.int32(3),))}, sensitive=False)


def test_doubles_are_taken_apart_and_put_together(engine):
    x = np.array([0.0, -0.0, 1.5, -2.25, 1e300, -1e-300, np.inf, np.nan])
    with jax.enable_x64(True):
        cases = {
            "bits": (lambda x: lax.bitcast_convert_type(x, jnp.uint64), (x,)),
            "and back": (lambda x: lax.bitcast_convert_type(lax.bitcast_convert_type(x, jnp.uint64), float), (x,)),
            "next": (lambda x: (lax.nextafter(x, x + 1), lax.nextafter(x, -x)), (x[:5],)),
            "single": (lambda x: (x.astype(jnp.float32), lax.reduce_precision(x, 8, 23)), (x[:4],)),
            "same": (lambda x: lax.reduce_precision(x, 11, 52), (x,)),
        }
        check(engine, cases, sensitive=False)
