"""Networks on pytrees: what the initialisations promise, and what the forward pass computes."""

import itertools

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers.networks import count_parameters, mlp_apply, mlp_init

KEY = jax.random.key(0)


@pytest.mark.parametrize(
    ("initialisation", "variance"), [("he", 2 / 300), ("lecun", 1 / 300), ("glorot", 2 / 700), ("ntk", 1.0)]
)
def test_weights_have_the_variance_the_source_gives(initialisation, variance):
    (weights, biases), _ = mlp_init(KEY, (300, 400, 1), initialisation=initialisation, scale=3.0)
    # 120,000 draws: the sample variance is good to sqrt(2 / 120000) = 0.4 %, the mean to 0.3 % of a deviation; five of
    # each.
    assert np.var(weights) == pytest.approx(9 * variance, rel=0.02)
    assert abs(np.mean(weights)) < 0.015 * 3 * variance**0.5
    np.testing.assert_array_equal(biases, 0)


@settings(deadline=None, max_examples=20)
@given(st.lists(st.integers(1, 99), min_size=2, max_size=5))
def test_parameters_are_counted_layer_by_layer(sizes):
    params = jax.eval_shape(lambda: mlp_init(KEY, sizes))
    assert count_parameters(params) == sum((a + 1) * b for a, b in itertools.pairwise(sizes))
    outputs = jax.eval_shape(mlp_apply, params, jax.ShapeDtypeStruct(sizes[:1], jnp.float32))
    assert outputs.shape == (sizes[-1],)


def test_the_forward_pass_is_the_textbook_formula():
    params = jax.tree.map(lambda leaf: leaf + 0.1, mlp_init(KEY, (3, 5, 4, 2)))
    x = np.array([0.3, -1.2, 2.0])
    (w1, b1), (w2, b2), (w3, b3) = params
    expected = np.tanh(np.tanh(x @ w1 + b1) @ w2 + b2) @ w3 + b3
    np.testing.assert_allclose(mlp_apply(params, jnp.asarray(x), activation=jnp.tanh), expected, rtol=1e-5, atol=1e-6)


def test_no_two_weights_share_a_draw():
    weights = np.concatenate([layer.weights.ravel() for layer in mlp_init(KEY, (4, 4, 4, 4))])
    assert len(np.unique(weights)) == 48


@settings(deadline=None, max_examples=10)
@given(st.floats(0.01, 100))
def test_a_relu_network_without_biases_is_positively_homogeneous(factor):
    params, x = mlp_init(KEY, (3, 6, 2)), jnp.array([1.0, -2.0, 0.5])
    np.testing.assert_allclose(mlp_apply(params, factor * x), factor * mlp_apply(params, x), rtol=1e-4)


@pytest.mark.parametrize(("scale", "standard"), [(2**0.5, "he"), (1.0, "lecun")])
def test_the_ntk_parametrisation_computes_what_the_standard_one_does(scale, standard):
    x = jnp.array([1.0, -2.0, 0.5])
    ntk = mlp_apply(mlp_init(KEY, (3, 6, 2), initialisation="ntk", scale=scale), x, parametrisation="ntk")
    np.testing.assert_allclose(ntk, mlp_apply(mlp_init(KEY, (3, 6, 2), initialisation=standard), x), rtol=1e-5)


def test_one_example_at_a_time_is_a_batch_under_vmap():
    params, inputs = mlp_init(KEY, (3, 6, 2)), jax.random.normal(KEY, (4, 3))
    batched = jax.jit(jax.vmap(mlp_apply, in_axes=(None, 0)))(params, inputs)
    # Sums of at most 6 products, in another order: a few ulp of float32.
    np.testing.assert_allclose(batched, [mlp_apply(params, x) for x in inputs], rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: mlp_init(KEY, (3,)), r"sizes must name at least the inputs and the outputs.*got \(3,\)"),
        (lambda: mlp_init(KEY, (3, 0, 1)), r"every width in sizes must be at least 1, got \(3, 0, 1\)"),
        (lambda: mlp_init(KEY, (3, 1), initialisation="kaiming"), "initialisation must be one of .*'kaiming'"),
        (
            lambda: mlp_apply(mlp_init(KEY, (3, 1)), jnp.ones(3), parametrisation="NTK"),
            "'standard' or 'ntk', got 'NTK'",
        ),
        (lambda: mlp_apply(mlp_init(KEY, (3, 1)), jnp.ones((5, 3))), r"got shape \(5, 3\); for a batch use jax.vmap"),
    ],
)
def test_errors_say_what_came_and_what_to_do(call, message):
    with pytest.raises(ValueError, match=message):
        call()
