"""Corners of the compiler that no chapter needs; of most of them a mutant told that no test came there."""

from __future__ import annotations

import functools

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from agreement import check
from jax import lax
from jax.extend.random import threefry_2x32

from helpers.javascript import UnsupportedPrimitive, to_javascript
from helpers.javascript._body import without_parentheses
from helpers.javascript._errors import is_library
from helpers.javascript._wasm import signed, unsigned

V, W = np.linspace(-1, 1, 5, dtype=np.float32), np.arange(1, 6, dtype=np.float32)
M = np.arange(12, dtype=np.float32).reshape(3, 4)
LONG = np.ones(100, np.float32)
WORDS = np.arange(5, dtype=np.uint32)
OUTSIDE = np.array([-1, 0, 4, 5, -7, 2], np.int32)


def bits_of_all(x):
    """Of scalars, as numbers: no array of integers wraps them."""
    combine = {lax.bitwise_and: -1, lax.bitwise_or: 0, lax.bitwise_xor: 0}
    reduced = [lax.reduce(x, np.array(start).astype(x.dtype), op, (0,)) for op, start in combine.items()]
    return tuple(value.astype(np.float32) for value in reduced)


def read_outside(x, k):
    get = functools.partial(x.at[k].get, mode="fill", wrap_negative_indices=False)
    flags, words, numbers = (x > 0).at[k], x.astype(np.uint32).at[k], x.astype(np.int32).at[k]
    others = [at.get(mode="fill", wrap_negative_indices=False) for at in (flags, words, numbers)]
    return (get(), get(fill_value=7), *others, x.at[k].get(mode="clip", wrap_negative_indices=False))


def written_outside(x, k):
    at = functools.partial(x.at[k].set, x[0] + 8, wrap_negative_indices=False)
    return at(mode="drop"), x.at[k].add(1.0, mode="drop", wrap_negative_indices=False)


def counted(k):
    """Numbers that are no array: all, some, and some from a place that is known when the program runs."""
    return lax.iota(np.int32, 3), lax.iota(np.int32, 7)[1:3], lax.dynamic_slice(lax.iota(np.int32, 9), (k,), (2,))


CORNERS = {
    "extremes of flags": (
        lambda p, q: (lax.max(p, q), lax.min(p, q)),
        (np.array([False, False, True, True]), np.array([False, True, False, True])),
    ),
    "one case to select": (lambda x: lax.select_n(jnp.zeros((), np.int32), x), (V,)),
    "the platform's variant, not the first": (
        lambda x: lax.platform_dependent(x, tpu=lambda x: x + 1, cuda=lambda x: x + 2, cpu=lambda x: x * 3),
        (V,),
    ),
    "words with their highest bit, as numbers": (
        lambda a, b: lax.convert_element_type(lax.bitwise_xor(a, b), np.float32),
        (WORDS, WORDS + np.uint32(2**31)),
    ),
    "shifts by known amounts that are too many": (
        lambda a: tuple(
            shift(a, np.int32(k))
            for k in (-1, 0, 31, 32)
            for shift in (lax.shift_left, lax.shift_right_logical, lax.shift_right_arithmetic)
        ),
        (np.array([1, 5, -7, 2**30], np.int32),),
    ),
    "part of what dies is changed": (
        lambda x: (
            jnp.sort(jnp.cumsum(x)[1:4]),
            jnp.cumsum(x)[::2].at[1].set(9.0),
            jnp.sort(jnp.cumsum(x)[::-1]),
            lax.fori_loop(0, 3, lambda i, c: c + 1, jnp.cumsum(x)[1:4]),
        ),
        (V,),
    ),
    "a zero with a sign": (lambda x: x / np.full(5, -0.0, np.float32), (V,)),
    "a sum that wraps, as a number": (
        lambda a: (jnp.sum(a).astype(np.float32), jnp.sum(a.astype(np.uint32)).astype(np.float32)),
        (np.full(5, 2**30, np.int32),),
    ),
    "eight that are alike, and others": (lambda x: x * np.array([*[2] * 9, 3], np.float32), (LONG[:10],)),
    "nothing, padded": (
        lambda x: (lax.pad(x[:0], np.float32(7), [(1, 2, 0)]), lax.pad(x[:0], 7.0, [(2, -1, 3)])),
        (V,),
    ),
    "a window over nothing": (
        lambda x, k: (
            lax.conv_general_dilated(x[:0].reshape(0, 1, 4), k.reshape(1, 1, 2), (1,), "VALID"),
            lax.conv_general_dilated(x[:2].reshape(1, 1, 2), x[:5].reshape(1, 1, 5), (1,), "VALID"),
        ),
        (LONG[:5], W[:2]),
    ),
    "a window over what is cut away": (
        lambda x, k: (
            lax.conv_general_dilated(x.reshape(1, 1, 5), k.reshape(1, 1, 2), (1,), [(-2, -3)]),
            lax.reduce_window(x, -np.inf, lax.max, (2,), (1,), [(-2, -3)]),
            lax.reduce_window(x, 0.0, lax.add, (1,), (1,), [(-2, -3)]),
        ),
        (V, W[:2]),
    ),
    "some rows in another shape": (
        lambda m: (jnp.reshape(m[2:8], (4, 6)), jnp.reshape(m[2:8, ::-1], (4, 6)), jnp.reshape(m[::2], (2, 3, 2, 2))),
        (np.arange(48, dtype=np.float32).reshape(12, 4),),
    ),
    "narrow numbers at their limits": (
        lambda x: tuple(x.astype(dtype).astype(np.int32) for dtype in (np.int8, np.uint8, np.int16, np.uint16)),
        (
            np.array(
                [-1e6, -129, -128.5, -3, -1, -0.5, 0, 127.5, 128, 255.5, 256, 32768, 65535.5, 65536, 1e6], np.float32
            ),
        ),
    ),
    "two loops begin with what one place holds": (
        lambda x: (lambda y: lax.fori_loop(0, 3, lambda i, c: (c[0] + c[1], c[1] * 2), (y, y)))(jnp.cumsum(x)),
        (V,),
    ),
    "three, and another between": (
        lambda x: (
            lambda y, z: lax.fori_loop(0, 3, lambda i, c: (c[0] + c[1], c[1] * 2, c[2] - c[0]), (y, z, y)) + (z,)
        )(jnp.cumsum(x), jnp.cumsum(x[::-1])),
        (V,),
    ),
    "a loop pads what it hands on": (
        lambda x, k: lax.fori_loop(
            0, 3, lambda i, c: (jnp.convolve(lax.cumsum(c[0]), k, "same"), c[1] * 0.5 + i), (x, -x)
        ),
        (V, W[:3]),
    ),
    "bits of all numbers": (bits_of_all, (np.array([-1, -5, 2**31 - 1, -(2**30)], np.int32),)),
    "bits of all negative numbers": (bits_of_all, (np.array([-1, -5, -(2**30)], np.int32),)),
    "bits of all words": (bits_of_all, (np.array([2**32 - 1, 2**31 + 5, 2**31 + 6], np.uint32),)),
    "read outside": (read_outside, (V, OUTSIDE)),
    "rows read outside": (lambda m, k: m.at[k].get(mode="fill", wrap_negative_indices=False), (M, OUTSIDE)),
    "written outside": (written_outside, (V, OUTSIDE)),
    "slices at known places": (
        lambda m: tuple(
            lax.dynamic_slice(m, (np.int32(a), np.int32(b)), (2, 2)) for a, b in ((0, 1), (1, 2), (-3, 9), (9, -3))
        ),
        (M,),
    ),
    "written at known places": (
        lambda m: tuple(
            lax.dynamic_update_slice(m, m[:2, :2] + 20, (np.int32(a), np.int32(b)))
            for a, b in ((0, 1), (1, 2), (-3, 9))
        ),
        (M,),
    ),
    "rows by their numbers": (
        lambda m, k: tuple(
            m.at[rows].get(mode="promise_in_bounds", wrap_negative_indices=False) for rows in counted(k)
        ),
        (M, np.int32(1)),
    ),
    "written at their numbers": (
        lambda m, k: tuple(
            m.at[rows].set(m[: len(rows)] + 20, mode="drop", wrap_negative_indices=False) for rows in counted(k)
        ),
        (M, np.int32(1)),
    ),
    "a constant is given to two ways": (
        lambda p, x: lax.cond(p, lambda a, b: a + b, lambda a, b: b - a, np.float32(3), x),
        (np.bool_(False), V),
    ),
    "padded at one end": (
        lambda x, k: tuple(
            part
            for padding in ([(1, 0)], [(0, 1)])
            for part in (
                lax.conv_general_dilated(x.reshape(1, 1, 5), k.reshape(1, 1, 2), (1,), padding),
                lax.reduce_window(x, -np.inf, lax.max, (2,), (1,), padding),
                lax.reduce_window(x, 0.0, lax.add, (2,), (1,), padding),
            )
        ),
        (V, W[:2]),
    ),
    "raw keys in a stack": (
        lambda words: jax.vmap(lambda raw: jax.random.bits(jax.random.wrap_key_data(raw), (2,)))(words),
        (np.arange(6, dtype=np.uint32).reshape(3, 2),),
    ),
    "words for numbers": (
        lambda a: (
            lax.bitcast_convert_type(a, np.uint32).astype(np.float32),
            lax.bitcast_convert_type(lax.bitcast_convert_type(a, np.uint32), np.int32).astype(np.float32),
        ),
        (np.array([-1, -5, 7], np.int32),),
    ),
    "integers multiplied, in floats": (
        lambda a, b: lax.dot_general(a, b, (((1,), (0,)), ((), ())), preferred_element_type=np.float32),
        (np.full((2, 3), 70_000, np.int32), np.full((3, 2), 80_000, np.int32)),
    ),
    "five sums of rows": (
        lambda m: tuple(jnp.sum(jnp.sin(k * m), 1) for k in range(1, 7)),
        (np.linspace(-1, 1, 240, dtype=np.float32).reshape(12, 20),),
    ),
    "nothing sorted": (lambda x: (jnp.sort(x[:0]), lax.top_k(x[:0], 0)[0], *lax.top_k(x, 0)), (V,)),
    "no windows": (
        lambda x: lax.reduce_window(x, -np.inf, lax.max, (7,), (1,), "VALID"),
        (V,),
    ),
}


def test_corners(engine):
    check(engine, CORNERS, sensitive=False)


def test_corners_in_64_bits(engine):
    doubles = np.array([0, 0.5, 3.75, 2.0**40, 2.0**63])
    with jax.enable_x64(True):
        cases = {
            "doubles to long words": (lambda x: (x.astype(np.uint64) >> np.uint64(1)).astype(np.float64), (doubles,)),
            "keys from long words": (
                lambda seed: jax.random.bits(jax.random.key(seed.astype(np.uint64)), (3,)),
                (np.int64(2**40 + 5),),
            ),
            "a slice at a long word": (
                lambda x, k: lax.dynamic_slice(x, (k.astype(np.uint64),), (2,)),
                (doubles, np.int64(9)),
            ),
            "two ways to a long word": (
                lambda p, a: lax.cond(
                    p, lambda a: a + np.uint64(1), lambda a: a * np.uint64(3), a.astype(np.uint64)
                ).astype(np.float64),
                (np.bool_(True), np.int64(2**40)),
            ),
        }
        check(engine, cases, sensitive=False)


def test_keys_that_the_function_closes_over(engine):
    key, keys = jax.random.key(7), jax.random.split(jax.random.key(8), 3)
    cases = {
        "one": (lambda n: jax.random.bits(jax.random.fold_in(key, n), (2,)), (np.int32(3),)),
        "several": (lambda n: jax.vmap(lambda k: jax.random.bits(k, (2,)))(keys) + n, (np.uint32(3),)),
        "both words": (lambda n: jax.random.key_data(keys) + n, (np.uint32(0),)),
    }
    check(engine, cases)


def test_random_corners(engine):
    """Many keys at once, much folded into one, keys as words, and bits that look like a random double's."""

    def raw(key):
        return jax.random.key_data(key)

    def draws(seed):
        key = jax.random.key(seed)
        keys = jax.random.split(key, 3)
        return (
            jax.vmap(lambda k: jax.random.bits(k, (2, 3)))(keys),
            jax.vmap(lambda k: raw(jax.random.split(k)))(keys),
            jax.vmap(lambda d: raw(jax.random.fold_in(key, d)))(jnp.arange(4)),
            jax.vmap(lambda k: raw(jax.random.fold_in(k, 5)))(keys),
            jax.random.bits(key, (3,), jnp.uint8).astype(np.int32),
            threefry_2x32(raw(key), jnp.arange(6, dtype=np.uint32)),
        )

    check(engine, {str(seed): (draws, (np.int32(seed),)) for seed in (0, -5)})

    def as_double(words):
        words = words.astype(np.uint64) * lax.broadcasted_iota(np.uint64, (2, 3), 0)
        bits = lax.bitwise_or(lax.shift_right_logical(words, np.uint64(12)), np.uint64(0x3FF << 52))
        return lax.bitcast_convert_type(bits, np.float64)

    with jax.enable_x64(True):
        check(engine, {"no draw": (as_double, (np.array([0, 1, 2**40 + 3]),))})


def rbg_draw(seed):
    return jax.random.bits(jax.random.key(seed, impl="rbg"), (3,))


@pytest.mark.parametrize(
    ("fn", "args", "message"),
    [
        (rbg_draw, (np.int32(0),), "random_seed.*only threefry keys are translated"),
        (lambda a: lax.clz(a.astype(np.uint8)), (WORDS,), "bit counts of uint8"),
        (lambda x: lax.bitcast_convert_type(x, np.int16), (V,), "bitcast_convert_type.* from float32 to int16"),
        (lambda x: lax.reduce_precision(x, 5, 10), (V,), "5 exponent bits and 10 mantissa bits"),
        (lambda x: lax.approx_max_k(x, 2), (V,), "approx_top_k"),
        (lambda m: lax.linalg.qr(m, pivoting=True), (M,), "qr.* with pivoting"),
        (
            lambda m: lax.linalg.svd(m, full_matrices=False, subset_by_index=(0, 2)),
            (M,),
            "svd.* a subset of the singular values",
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_is_not_translated_is_named(fn, args, message):
    with pytest.raises(UnsupportedPrimitive, match=message):
        to_javascript(fn, *args)


@pytest.mark.parametrize(
    ("fn", "message"),
    [
        (lambda a: lax.reduce_or(a, (0,)), "reduce_or.* of uint64"),
        (lax.cumsum, "cumsum.* of uint64"),
        (lax.clz, "bit counts of uint64"),
    ],
)
def test_what_is_not_translated_of_long_words_is_named(fn, message):
    with jax.enable_x64(True), pytest.raises(UnsupportedPrimitive, match=message):
        to_javascript(fn, np.arange(5, dtype=np.uint64))


def test_one_key_gives_as_many_numbers_as_it_can_count():
    def draw(count):
        return lambda seed: jax.random.bits(jax.random.key(seed), (count,))

    assert "threefry" in to_javascript(draw(2**31), np.int32(0))
    with pytest.raises(UnsupportedPrimitive, match="so many numbers from one key"):
        to_javascript(draw(2**31 + 1), np.int32(0))


def test_other_random_bits_are_refused():
    with (
        jax.threefry_partitionable(False),
        pytest.raises(UnsupportedPrimitive, match="needs jax_threefry_partitionable"),
    ):
        to_javascript(lambda seed: jax.random.bits(jax.random.key(seed), (3,)), np.int32(0))


def test_lines_of_libraries_are_passed_over():
    """The standard library's, and code without a file. Each length once: JAX keeps what it traced, with the lines."""
    wrapper = functools.singledispatch(jnp.fft.rfft)
    with pytest.raises(UnsupportedPrimitive, match=r"from test_corners\.py:\d+ \(called\)"):

        def called(x):
            return wrapper(x)

        to_javascript(called, np.ones(10, np.float32))
    names = {"jnp": jnp}
    exec(compile("def nameless(x): return jnp.fft.rfft(x)", "<here>", "exec"), names)
    with pytest.raises(UnsupportedPrimitive, match=r"from test_corners\.py:\d+ \(caller\)"):

        def caller(x):
            return names["nameless"](x)

        to_javascript(caller, np.ones(12, np.float32))
    assert is_library("/usr/local/lib/python3.11/dist-packages/optax/_src/base.py")
    assert not is_library("/content/my-packages/base.py")


def test_whole_numbers_are_written_as_webassembly_reads_them():
    for number in range(-20_000, 20_000):
        code = signed(number)
        value = sum((byte & 127) << 7 * k for k, byte in enumerate(code))
        assert value - (1 << 7 * len(code)) * (code[-1] >= 64 and code[-1] < 128) == number
        assert [byte >= 128 for byte in code] == [True] * (len(code) - 1) + [False]
        if number >= 0:
            code = unsigned(number)
            assert sum((byte & 127) << 7 * k for k, byte in enumerate(code)) == number
            assert [byte >= 128 for byte in code] == [True] * (len(code) - 1) + [False]


@pytest.mark.parametrize(
    ("text", "bare"),
    [("(a + b)", "a + b"), ("((a) + (b))", "(a) + (b)"), ("(a) + (b)", "(a) + (b)"), ("f(a)", "f(a)"), ("a", "a")],
)
def test_only_parentheses_around_everything_are_dropped(text, bare):
    assert without_parentheses(text) == bare
