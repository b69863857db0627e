"""The module as its users meet it: errors, arguments, results, size, what is computed once."""

from __future__ import annotations

import time

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from agreement import check
from jax import lax

from helpers.javascript import UnsupportedPrimitive, to_javascript


def test_unsupported_primitive_is_named_with_the_users_line():
    def spectrum(x):
        return jnp.abs(jnp.fft.rfft(x))

    with pytest.raises(UnsupportedPrimitive, match=r"fft.*test_module\.py:\d+ \(.*spectrum\)"):
        to_javascript(spectrum, jnp.ones(8))


def test_unsupported_inside_of_a_loop():
    def body(carry, _):
        return lax.erf_inv(carry) + jax.random.gamma(jax.random.key(0), carry), None

    with pytest.raises(UnsupportedPrimitive, match=r"random_gamma.*test_module\.py:\d+ \(.*body\)"):
        to_javascript(lambda x: lax.scan(body, x, None, length=3), jnp.float32(0.5))


@pytest.mark.parametrize("dtype", [jnp.float16, jnp.bfloat16, jnp.complex64])
def test_unsupported_dtypes(dtype):
    with pytest.raises(UnsupportedPrimitive, match=np.dtype(dtype).name):
        to_javascript(lambda x: x + x, jnp.ones(3, dtype))


def test_unsupported_is_not_raised_for_dead_code():
    def fn(x):
        jnp.fft.fft(jnp.ones(4))  # complex: nothing that is returned needs it
        return x + 1

    with pytest.raises(UnsupportedPrimitive):
        to_javascript(lambda x: jnp.fft.fft(x), jnp.ones(4))
    assert "export default" in to_javascript(lambda x: (lax.lgamma(x), x + 1)[1], jnp.ones(4))


def test_keys_as_arguments_are_explained():
    with pytest.raises(UnsupportedPrimitive, match="seed"):
        to_javascript(jax.random.normal, jax.random.key(0))


def test_wrong_argument_length_throws(engine):
    source = to_javascript(lambda x, k: x * k, jnp.ones(4), 2.0)
    with pytest.raises(AssertionError, match="argument 0 has 3 elements, expected 4"):
        engine.run([(source, (np.ones(3, np.float32), np.float32(2)))])


def test_closed_over_arrays(engine):
    data = jnp.asarray(np.random.default_rng(0).normal(size=(40, 30)).astype(np.float32))
    labels, flags = jnp.arange(100), jnp.arange(70) % 3 == 0
    cases = {
        "large": (lambda w: data @ w, (np.ones(30, np.float32),)),
        "integers": (lambda k: labels[k], (np.int32(7),)),
        "bools": (lambda x: jnp.where(flags, x, -x), (np.float32(2),)),
        "uniform": (lambda x: jnp.ones((20, 20)) * x + np.zeros((20, 20), np.float32), (np.float32(2),)),
        "twice": (lambda w: (data @ w, data.T @ (data @ w)), (np.ones(30, np.float32),)),
    }
    check(engine, cases)
    source = to_javascript(lambda w: data.T @ (data @ w), jnp.ones(30))
    assert len(source) < 4 / 3 * data.nbytes + 4000  # base64, once


def test_what_does_not_depend_on_the_arguments_is_computed_once(engine):
    def fn(x):
        noise = jax.random.normal(jax.random.key(0), (50,))
        values = jnp.linalg.eigvalsh(jnp.outer(noise[:6], noise[:6]))
        return x * noise, lax.fori_loop(0, 5, lambda i, s: s + jnp.sum(jnp.exp(noise)) * x, 0.0), values * x

    check(engine, {"once": (fn, (np.float32(2),))})
    _, exported = to_javascript(fn, jnp.float32(2)).split("export default")
    assert "symmetricEigen" not in exported
    assert "Math.exp" not in exported


def test_results_are_the_callers_own(engine):
    """The engine calls every module twice; a result that aliased a buffer would change under the caller."""
    cases = {
        "argument": (lambda x: (x, x + 1, x), (np.arange(5, dtype=np.float32),)),
        "constant": (lambda x: (jnp.arange(6.0).reshape(2, 3), x), (np.float32(1),)),
        "carry": (lambda x: lax.fori_loop(0, 3, lambda i, c: c.at[i].set(9.0), x), (np.arange(5, dtype=np.float32),)),
    }
    check(engine, cases)


def test_a_training_loop_compiles_quickly_to_little_code():
    def train(w1, w2, x, y):
        loss = lambda w: jnp.mean((jnp.tanh(x @ w[0]) @ w[1] - y) ** 2)  # noqa: E731
        step = lambda w, _: (jax.tree.map(lambda p, g: p - 0.1 * g, w, jax.grad(loss)(w)), loss(w))  # noqa: E731
        return lax.scan(step, (w1, w2), None, length=100)

    args = (jnp.ones((2, 32)), jnp.ones(32), jnp.ones((64, 2)), jnp.ones(64))
    jax.make_jaxpr(train)(*args)
    start = time.process_time()
    source = to_javascript(train, *args)
    assert time.process_time() - start < 0.5
    assert len(source) < 60_000


def test_random_bits_of_64_bit_keys_and_numbers(engine):
    def draws(seed):
        key = jax.random.key(seed)
        a, b = jax.random.split(key)
        return (
            jax.random.bits(a, (6,), jnp.uint32),
            jax.random.bits(a, (6,), jnp.uint64),
            jax.random.uniform(b, (6,)),
            jax.random.randint(b, (6,), -(10**6), 10**6),
            jax.random.permutation(a, 9),
            jax.random.key_data(jax.random.fold_in(key, 2**31)),
        )

    with jax.enable_x64(True):
        check(engine, {str(seed): (draws, (np.int64(seed),)) for seed in (0, 1, -1, 2**33 + 5)})
        check(engine, {"normal": (lambda s: jax.random.normal(jax.random.key(s), (40,)), (np.int64(3),))})


def test_random_doubles_agree_to_the_last_bit(engine):
    with jax.enable_x64(True):
        draw = lambda seed: jax.random.uniform(jax.random.key(seed), (200,))  # noqa: E731
        source = to_javascript(draw, np.int64(0))
        ((got,),) = engine.run([(source, (np.int64(3),))])
        np.testing.assert_array_equal(got, np.asarray(draw(3)))
    assert "BigInt" not in source.split("export default")[1]
    assert "threefryWide" not in source
