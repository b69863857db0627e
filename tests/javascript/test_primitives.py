"""Each primitive over shapes, dtypes, axes and edge values, against JAX."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from agreement import check
from jax import lax
from jax.scipy import special

SHAPES = [(), (1,), (5,), (3, 4), (2, 1, 3), (0,), (2, 0, 3)]
EDGES = np.array([0.0, -0.0, 1.0, -1.0, 0.5, -2.5, 3.5, 1e-30, 1e30, -1e30, np.inf, -np.inf, np.nan], np.float32)
INTEGERS = np.array([0, 1, -1, 2, 7, -8, 2**31 - 1, -(2**31), 123456789, 31, 32, 33], np.int32)


def floats(shape, seed=0, low=-3.0, high=3.0, dtype=np.float32):
    return np.random.default_rng(seed).uniform(low, high, shape).astype(dtype)


def integers(shape, seed=0, low=-9, high=9, dtype=np.int32):
    return np.random.default_rng(seed).integers(low, high, shape).astype(dtype)


EVERYWHERE = {
    "neg": lax.neg,
    "sign": lax.sign,
    "floor": lax.floor,
    "ceil": lax.ceil,
    "round": lambda x: lax.round(x, lax.RoundingMethod.AWAY_FROM_ZERO),
    "round_even": lambda x: lax.round(x, lax.RoundingMethod.TO_NEAREST_EVEN),
    "abs": lax.abs,
    "exp": lax.exp,
    "exp2": lax.exp2,
    "expm1": lax.expm1,
    "tanh": lax.tanh,
    "logistic": lax.logistic,
    "logistic of minus": lambda x: lax.logistic(-x),
    "minus minus": lambda x: (lax.neg(lax.neg(x)), lax.sin(lax.neg(lax.neg(-x)))),
    "erf": lax.erf,
    "erfc": lax.erfc,
    "cbrt": lax.cbrt,
    "sinh": lax.sinh,
    "cosh": lax.cosh,
    "asinh": lax.asinh,
    "atan": lax.atan,
    "square": lax.square,
    "integer_pow": lambda x: (x**2, x**3, x**-1, x**-2, x**7),
    "is_finite": lax.is_finite,
    "sqrt": lax.sqrt,
    "rsqrt": lax.rsqrt,
    "log": lax.log,
    "log1p": lax.log1p,
    "to_int": lambda x: x.astype(jnp.int32),
    "to_bool": lambda x: x.astype(bool),
    "bits": lambda x: (lax.bitcast_convert_type(x, jnp.int32), lax.bitcast_convert_type(x, jnp.uint32)),
    "nextafter": lambda x: (lax.nextafter(x, jnp.ones_like(x)), lax.nextafter(x, -jnp.ones_like(x))),
    "clamp": lambda x: (lax.clamp(-1.0, x, 2.0), lax.clamp(x - 1, x * 2, x + 1)),
}
INSIDE = {
    "sin": (lax.sin, -20, 20),
    "cos": (lax.cos, -20, 20),
    "tan": (lax.tan, -1.5, 1.5),
    "asin": (lax.asin, -1, 1),
    "acos": (lax.acos, -1, 1),
    "acosh": (lax.acosh, 1, 9),
    "atanh": (lax.atanh, -0.99, 0.99),
    "erf_inv": (lax.erf_inv, -0.999, 0.999),
    "lgamma": (lax.lgamma, -4.7, 30),
    "digamma": (lax.digamma, 0.1, 30),
    "i0e": (lax.bessel_i0e, -50, 50),
    "i1e": (lax.bessel_i1e, -50, 50),
    "gelu": (jax.nn.gelu, -4, 4),
    "softplus": (jax.nn.softplus, -20, 20),
    "polygamma": (lambda x: special.polygamma(2, x), 0.5, 9),
    "zeta": (lambda x: special.zeta(x, 2.0), 1.5, 9),
    "igamma": (lambda x: (special.gammainc(x, 2.0), special.gammaincc(2.0, x)), 0.5, 9),
    "betainc": (lambda x: special.betainc(2.0, 3.0, x), 0.01, 0.99),
}


def test_unary_on_edge_values(engine):
    check(engine, {name: (fn, (EDGES,)) for name, fn in EVERYWHERE.items()}, sensitive=False)


@pytest.mark.parametrize("shape", SHAPES)
def test_unary_on_shapes(engine, shape):
    check(engine, {name: (fn, (floats(shape, low=0.1),)) for name, fn in EVERYWHERE.items()})


def test_unary_on_their_domain(engine):
    check(engine, {name: (fn, (floats((40,), low=low, high=high),)) for name, (fn, low, high) in INSIDE.items()})


def pairs(values):
    x, y = np.meshgrid(values, values)
    return x.ravel(), y.ravel()


BINARY = {
    "add": lax.add,
    "sub": lax.sub,
    "mul": lax.mul,
    "div": lax.div,
    "max": lax.max,
    "min": lax.min,
    "rem": lax.rem,
    "compare": lambda x, y: (x < y, x <= y, x > y, x >= y, x == y, x != y),
    "select": lambda x, y: jnp.where(x < y, x, y),
}


def test_binary_floats(engine):
    finite = EDGES[np.isfinite(EDGES)]
    cases = {name: (fn, pairs(EDGES)) for name, fn in BINARY.items()}
    cases |= {
        "atan2": (lax.atan2, pairs(EDGES)),
        "pow": (lax.pow, pairs(np.array([0, 1, -1, 2, 0.5, 3, np.inf, -np.inf, np.nan], np.float32))),
        "hypot": (jnp.hypot, pairs(finite[abs(finite) < 10])),
        "logaddexp": (jnp.logaddexp, pairs(finite[abs(finite) < 10])),
        "floor_divide": (jnp.floor_divide, pairs(np.array([1, 2, -3, 7.5, -0.5], np.float32))),
        "mod": (jnp.mod, pairs(np.array([1, 2, -3, 7.5, -0.5], np.float32))),
    }
    check(engine, cases, sensitive=False)


@pytest.mark.parametrize("dtype", [np.int32, np.uint32])
def test_binary_integers(engine, dtype):
    x, y = pairs(INTEGERS.astype(dtype))
    cases = {name: (fn, (x, y)) for name, fn in BINARY.items()}
    cases |= {
        "bitwise": (lambda x, y: (x & y, x | y, x ^ y, ~x), (x, y)),
        "shifts": (
            lambda x, y: (lax.shift_left(x, y), lax.shift_right_logical(x, y), lax.shift_right_arithmetic(x, y)),
            (x, abs(y.astype(np.int64)).clip(0, 31).astype(dtype)),
        ),
        "shift_by_literal": (lambda x: (x << 3, x >> 3, lax.shift_right_logical(x, x.dtype.type(9))), (x,)),
        "bit_counts": (lambda x: (lax.population_count(x), lax.clz(x)), (x,)),
        "sign": (lambda x: (lax.sign(x), jnp.abs(x), -x), (x,)),
        "convert": (lambda x: (x.astype(jnp.float32), x.astype(jnp.int32), x.astype(jnp.uint32), x.astype(bool)), (x,)),
        "floor_divide": (lambda x, y: (x // y, x % y), (x, y)),
        "small": (lambda x: (x.astype(jnp.int8) * jnp.int8(3), x.astype(jnp.uint8) + jnp.uint8(200)), (x,)),
        "power": (lambda x: (x**2, x**3), (x,)),
    }
    if dtype == np.int32:
        del cases["shifts"]  # JAX itself promotes the shift amount's sign; the unsigned case covers the code
    check(engine, cases)


def test_bools(engine):
    x, y = pairs(np.array([True, False]))
    cases = {
        "logic": (lambda x, y: (x & y, x | y, x ^ y, ~x, x == y, x != y, x < y), (x, y)),
        "convert": (lambda x, y: (x.astype(jnp.float32), x.astype(jnp.int32) + y, (x | y).astype(jnp.uint32)), (x, y)),
        "where": (lambda x, y: jnp.where(x & y, 1.5, jnp.where(x, 2, 3)), (x, y)),
        "reduce": (lambda x, y: (x.any(), y.all(), x.sum(), (x & y).mean(), jnp.max(x), jnp.min(y)), (x, y)),
        "compared": (lambda x, y: ((x < y) == (y < x), jnp.logical_xor(x < y, y)), (x, y)),
    }
    check(engine, cases)


def test_float_to_integer_saturates(engine):
    values = np.array([0, 0.9, -0.9, 2.5, -2.5, 3e9, -3e9, 5e9, 2147483520, np.inf, -np.inf, np.nan], np.float32)
    positive = np.array([0, 0.9, 3e9, 5e9, np.inf], np.float32)
    check(
        engine,
        {"int": (lambda x: x.astype(jnp.int32), (values,)), "uint": (lambda x: x.astype(jnp.uint32), (positive,))},
    )


REDUCTIONS = {
    "sum": jnp.sum,
    "prod": jnp.prod,
    "max": jnp.max,
    "min": jnp.min,
    "mean": jnp.mean,
    "var": jnp.var,
    "argmax": jnp.argmax,
    "argmin": jnp.argmin,
    "logsumexp": special.logsumexp,
    "any": lambda x, axis: jnp.any(x > 0.5, axis),
    "all": lambda x, axis: jnp.all(x > 0.5, axis),
}


@pytest.mark.parametrize("shape", [(1,), (7,), (64,), (3, 5), (9, 8), (1, 4), (2, 3, 4), (4, 17)])
def test_reductions(engine, shape):
    x = floats(shape)
    cases = {}
    for axis in [*range(len(shape)), None]:
        cases |= {
            f"{name} {axis}": (lambda x, fn=fn, axis=axis: fn(x, axis=axis), (x,)) for name, fn in REDUCTIONS.items()
        }
    cases["transposed"] = (lambda x: (x.T.sum(0), x[::-1].T.max(-1)), (x,))
    cases["int"] = (lambda x: (x.sum(0), x.prod(), x.max(-1), x.min()), (integers(shape),))
    cases["uint"] = (lambda x: (x.sum(0), x.prod(), x.max(-1), x.min()), (integers(shape, low=0).astype(np.uint32),))
    check(engine, cases)


def test_reductions_of_edge_values(engine):
    cases = {name: (lambda x, fn=fn: fn(x, axis=0), (EDGES,)) for name, fn in REDUCTIONS.items() if name != "var"}
    cases |= {f"{n} finite": (lambda x, fn=fn: fn(x, axis=0), (EDGES[:7],)) for n, fn in REDUCTIONS.items()}
    cases["empty"] = (lambda x: (x.sum(0), x.prod(1), x.sum(), jnp.any(x > 0, 0)), (np.zeros((0, 3), np.float32),))
    cases["two axes"] = (lambda x: (x.sum((0, 2)), x.max((1, 2)), x.min((0, 1))), (floats((3, 4, 5)),))
    check(engine, cases, sensitive=False)


CUMULATIVE = {"sum": lax.cumsum, "prod": lax.cumprod, "max": lax.cummax, "min": lax.cummin, "lse": lax.cumlogsumexp}


@pytest.mark.parametrize("shape", [(1,), (6,), (3, 4), (2, 3, 4), (0, 3)])
def test_cumulative(engine, shape):
    cases = {}
    for axis in range(len(shape)):
        for reverse in (False, True):
            cases |= {
                f"{name} {axis} {reverse}": (
                    lambda x, fn=fn, a=axis, r=reverse: fn(x, axis=a, reverse=r),
                    (floats(shape),),
                )
                for name, fn in CUMULATIVE.items()
            }
    cases["int"] = (lambda x: (lax.cumsum(x), lax.cumprod(x), lax.cummax(x)), (integers(shape),))
    check(engine, cases)


SHAPE_OPERATIONS = {
    "reshape": lambda x: (x.reshape(6, 4), x.reshape(-1), x.T.reshape(4, 6), x[:, 1:].reshape(-1)),
    "transpose": lambda x: (x.transpose(2, 0, 1), x.swapaxes(0, 1), jnp.moveaxis(x, 0, -1) + 1),
    "slice": lambda x: (x[1:], x[:, ::2], x[..., ::-1], x[1, 2, 3], x[:, -1]),
    "rev": lambda x: (jnp.flip(x), jnp.flip(x, 1), jnp.rot90(x[0])),
    "broadcast": lambda x: (x[:, None] + x[0, :, None, :], jnp.broadcast_to(x[0], (2, 3, 4)), x[:, :1] * x),
    "concatenate": lambda x: (jnp.concatenate([x, x + 1, x[:, :1]], 1), jnp.stack([x, -x], 2), jnp.hstack([x, x])),
    "pad": lambda x: (
        jnp.pad(x, 1),
        lax.pad(x, 7.0, [(1, 2, 1), (0, -1, 0), (-1, 3, 2)]),
        jnp.pad(x, ((0, 0), (1, 0), (0, 2)), "edge"),
    ),
    "squeeze": lambda x: (x[:, :1].squeeze(1), jnp.expand_dims(x, 1), jnp.squeeze(x[:1, :1, :1])),
    "tile": lambda x: (jnp.tile(x, (1, 2, 1)), jnp.repeat(x, 2, axis=1), jnp.tile(x[0, 0], 3)),
    "split": lambda x: (*jnp.split(x, 2, axis=2), *jnp.array_split(x, 2, axis=1), *jnp.unstack(x)),
    "roll": lambda x: (jnp.roll(x, 1), jnp.roll(x, -2, axis=1), jnp.diff(x, axis=2)),
    "triangles": lambda x: (jnp.tril(x), jnp.triu(x, 1), jnp.diag(x[0, 0]), jnp.diagonal(x[0]), jnp.trace(x[0])),
    "iota": lambda x: (jnp.arange(4) + x, jnp.eye(3, 4) * x, jnp.linspace(0, 1, 4) * x, lax.iota(jnp.uint32, 5)),
    "meshgrid": lambda x: jnp.meshgrid(x[0, 0], x[0, 1], indexing="ij"),
    "where": lambda x: (jnp.where(x > 0, x, 0), jnp.where(jnp.arange(4) < 2, x, -x), jnp.clip(x, -1, 1)),
    "polyval": lambda x: (jnp.polyval(x[0, 0], x[1]), jnp.vander(x[0, 0], 3)),
}


def test_shapes(engine):
    check(engine, {name: (fn, (floats((2, 3, 4)),)) for name, fn in SHAPE_OPERATIONS.items()})


def test_empty_and_single(engine):
    empty, one = np.zeros((0, 3), np.float32), np.full((1, 1), 2.0, np.float32)
    cases = {
        "empty": (
            lambda x: (x + 1, x.T, x @ jnp.ones((3, 2)), jnp.concatenate([x, jnp.ones((2, 3))]), x.reshape(3, 0)),
            (empty,),
        ),
        "padded": (lambda x: jnp.pad(x, 1), (empty,)),
        "single": (lambda x: (x * x, x.sum(), x @ x, x[0], x[0, 0], jnp.sort(x), x.reshape(())), (one,)),
        "scalar": (lambda x, k: (x + 1, x * k, x > k, jnp.sin(x), x[None, None]), (np.float32(2), np.int32(3))),
        "no arguments": (lambda: (jnp.arange(5), jnp.ones((2, 2)), jnp.float32(3)), ()),
        "unused": (lambda x, y: y, (one, empty)),
        "same twice": (lambda x: (x, x, x.T), (floats((2, 3)),)),
    }
    check(engine, cases)


DOTS = [
    ((), (), (), ()),
    ((0,), (0,), (), ()),
    ((1,), (0,), (), ()),
    ((0,), (1,), (), ()),
    ((1,), (1,), (), ()),
    ((0, 1), (0, 1), (), ()),
    ((0, 1), (1, 0), (), ()),
    ((1,), (1,), (0,), (0,)),
    ((0,), (0,), (1,), (1,)),
    ((1,), (0,), (0,), (1,)),
    ((), (), (0,), (1,)),
]


@pytest.mark.parametrize("size", [1, 3, 8, 13])
def test_dot_general(engine, size):
    x, y = floats((size, size)), floats((size, size), seed=1)
    cases = {f"{dims}": (lambda x, y, d=dims: lax.dot_general(x, y, (d[:2], d[2:])), (x, y)) for dims in DOTS}
    cases |= {
        "vectors": (lambda x, y: (x[0] @ y[0], x @ y[0], y[0] @ x, jnp.outer(x[0], y[0])), (x, y)),
        "fused": (lambda x, y: (jnp.tanh(x) @ jnp.exp(y), jnp.tanh(x) @ jnp.exp(y[0]), jnp.tanh(x).sum()), (x, y)),
        "int": (lambda x, y: x @ y, (integers((size, size)), integers((size, size), 1))),
        "bool": (lambda x, y: jnp.dot(x > 0, y > 0), (x, y)),
        "batch": (lambda x: jnp.einsum("bij,bjk->bik", x, x), (floats((3, size, size)),)),
        "einsum": (
            lambda x: (
                jnp.einsum("bij,kj->bik", x, x[0]),
                jnp.einsum("bij->j", x),
                jnp.tensordot(x, x, ((1, 2), (1, 2))),
            ),
            (floats((3, size, size)),),
        ),
        "rectangular": (lambda x, y: x @ y, (floats((2, size)), floats((size, 9)))),
    }
    check(engine, cases)


@pytest.mark.parametrize("axis", [0, 1])
def test_sorting(engine, axis):
    x = np.stack([EDGES, floats(13), integers(13).astype(np.float32)])
    cases = {
        "sort": (lambda x: jnp.sort(x, axis), (x,)),
        "argsort": (lambda x: jnp.argsort(x, axis), (x,)),
        "descending": (lambda x: (jnp.sort(x, axis, descending=True), jnp.argsort(x, axis, descending=True)), (x,)),
        "operands": (
            lambda x, y: lax.sort((y, x, y + 1), dimension=axis, num_keys=2),
            (x, integers(x.shape, high=0, low=-2)),
        ),
        "int": (lambda x: (jnp.sort(x, axis), jnp.argsort(x, axis)), (integers(x.shape),)),
        "lexsort": (lambda x: jnp.lexsort((x[0], x[1])), (integers(x.shape, low=0, high=3),)),
        "top_k": (lambda x: lax.top_k(x[1:], 3), (x,)),
        "median": (lambda x: (jnp.median(x[1:], axis), jnp.quantile(x[1], 0.3), jnp.percentile(x[2], 75)), (x,)),
        "search": (lambda x: jnp.searchsorted(jnp.sort(x[1]), x[2]), (x,)),
        "searchright": (lambda x: jnp.searchsorted(jnp.sort(x[2]), x[2], side="right"), (x,)),
        "unique": (lambda x: jnp.unique(x[2], size=5), (x,)),
        "histogram": (lambda x: jnp.histogram(x[1], bins=4, range=(-3, 3))[0], (x,)),
        "bincount": (lambda x: jnp.bincount(x[2].astype(int) + 9, length=20), (x,)),
    }
    check(engine, cases)


X = floats((5, 6))
ROWS = np.array([1, -2, 4, 1], np.int32)
INDEXING = {
    "rows": lambda x, i: (x[i], x[:, i], x[i, i], x[i][:, i], x[i, 0]),
    "outside": lambda x, i: (
        x.at[i * 9].get(mode="fill"),
        x.at[i * 9].get(mode="clip"),
        x.at[i * 9].get(mode="fill", fill_value=5.0),
    ),
    "take": lambda x, i: (
        (jnp.take(x, i, axis=1), jnp.take_along_axis(x, i[:, None], axis=1)) if x.shape[0] == 4 else (jnp.take(x, i),)
    ),
    "set": lambda x, i: (x.at[i].set(7.0), x.at[:, i].set(x[:, :4] * 2), x.at[i, i].set(x[0, :4]), x.at[2].set(0.0)),
    "add": lambda x, i: (
        x.at[i].add(x[:4]),
        x.at[i, 0].add(1.0),
        x.at[i].mul(2.0),
        x.at[i].min(0.0),
        x.at[i].max(x[:4]),
    ),
    "dropped": lambda x, i: (
        x.at[i * 3].add(1.0),
        x.at[i * 3].set(9.0, mode="drop"),
        x.at[i * 3].set(9.0, mode="clip"),
    ),
    "scalar": lambda x, i: (x[i[0]], x[:, i[1]], x[i[2], i[0]], x.at[i[0]].set(1.0), x.at[i[0], i[2]].add(2.0)),
    "slice": lambda x, i: (
        lax.dynamic_slice(x, (i[2], i[0]), (3, 2)),
        lax.dynamic_update_slice(x, x[:2, :2] * 3, (i[0], i[1])),
        lax.dynamic_index_in_dim(x, i[2], 1),
        lax.dynamic_slice(x, (i[2] * 5, i[1] * 5), (2, 2)),
    ),
    "self": lambda x, i: (x.at[0].set(x[1]).at[1].set(x[0]), x.at[i].add(x[i]), x.at[1:].set(x[:-1])),
    "segment": lambda x, i: (jax.ops.segment_sum(x[:4], i % 3, 3), jax.nn.one_hot(i, 5)),
    "batched": lambda x, i: (jax.vmap(lambda r, k: r[k])(x[:4], i), jax.vmap(lambda r, k: r.at[k].add(1.0))(x[:4], i)),
    "argmax": lambda x, i: x[jnp.arange(5), jnp.argmax(x, 1)],
    "interp": lambda x, i: jnp.interp(x, jnp.linspace(-3, 3, 7), jnp.arange(7.0) ** 2),
}


def test_indexing(engine):
    check(engine, {name: (fn, (X, ROWS)) for name, fn in INDEXING.items()})


def test_indexing_integers(engine):
    names = ("rows", "set", "add", "self", "batched", "slice")
    check(
        engine,
        {
            name: (lambda x, i, fn=INDEXING[name]: jax.tree.map(jnp.trunc, fn(jnp.trunc(x), i)), (X, ROWS))
            for name in names
        },
        sensitive=False,
    )
    x = integers((5, 6))
    check(
        engine,
        {"int": (lambda x, i: (x[i], x.at[i].add(x[:4]), x.at[i].mul(3), x.at[i * 9].get(mode="fill")), (x, ROWS))},
    )


CONVOLUTIONS = {
    "same": {"window_strides": (1, 1), "padding": "SAME"},
    "strided": {"window_strides": (2, 3), "padding": "SAME"},
    "padded": {"window_strides": (1, 2), "padding": [(2, 1), (0, -1)]},
    "dilated": {"window_strides": (1, 1), "padding": [(0, 0), (0, 0)], "rhs_dilation": (2, 1), "lhs_dilation": (1, 2)},
}


@pytest.mark.parametrize("name", CONVOLUTIONS)
def test_convolution(engine, name):
    x, w, options = floats((2, 4, 7, 6)), floats((6, 4, 3, 2), seed=1), CONVOLUTIONS[name]

    def nchw(x, w):
        return lax.conv_general_dilated(x, w, **options)

    def nhwc(x, w):
        return lax.conv_general_dilated(
            x.transpose(0, 2, 3, 1), w.transpose(2, 3, 1, 0), dimension_numbers=("NHWC", "HWIO", "NHWC"), **options
        )

    def grouped(x, w):
        return lax.conv_general_dilated(x, w[:, :2], feature_group_count=2, **options)

    cases = {"nchw": (nchw, (x, w)), "nhwc": (nhwc, (x, w)), "grouped": (grouped, (x, w))}
    cases |= {
        f"grad {k}": (jax.grad(lambda x, w, f=f: (f(x, w) ** 2).sum(), (0, 1)), (x, w)) for k, (f, _) in cases.items()
    }
    cases["1-D"] = (lambda x: (jnp.convolve(x, x[:3]), jnp.correlate(x, x[:4], "same")), (floats((9,)),))
    check(engine, cases)


def test_pooling(engine):
    x = floats((2, 3, 6, 5))

    def pool(init, fn, padding, strides=(1, 1, 2, 2)):
        return lambda x: lax.reduce_window(x, init, fn, (1, 1, 2, 3), strides, padding)

    cases = {}
    for padding in ("SAME", "VALID"):
        largest, total = pool(-jnp.inf, lax.max, padding), pool(0.0, lax.add, padding)
        cases |= {
            f"max {padding}": (largest, (x,)),
            f"sum {padding}": (total, (x,)),
            f"min {padding}": (pool(jnp.inf, lax.min, padding), (x,)),
        }
        cases |= {f"grad max {padding}": (jax.grad(lambda x, f=largest: (f(x) ** 2).sum()), (x,))}
        cases |= {f"grad sum {padding}": (jax.grad(lambda x, f=total: (f(x) ** 2).sum()), (x,))}
    check(engine, cases)
