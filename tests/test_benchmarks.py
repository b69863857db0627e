"""The benchmarks against PyTorch: their counts of operations, and that the book's side computes what it says.

No times, and no PyTorch: `make bench` compares the two sides' results before it tells any.
"""

import sys
from functools import partial
from pathlib import Path

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax.flatten_util import ravel_pytree

from helpers.curvature import dense, hessian_operator
from helpers.data import Sample

BENCHMARKS = Path(__file__).parents[1] / "benchmarks"
sys.path[:0] = [str(BENCHMARKS / "peers"), str(BENCHMARKS / "common")]

import jax_rows  # noqa: E402
import rows  # noqa: E402
import run  # noqa: E402

LAYERS, EXAMPLES = (40, 64, 64, 10), 50


def drawn(row):
    sizes = rows.sizes_of(row, toy=True)
    return sizes, jax_rows.inputs(row, sizes)


def counted(function, *arguments):
    """What XLA counts before it optimises: the products' operations, and one for each number that is made elsewhere."""
    return jax.jit(function).lower(*arguments).cost_analysis()["flops"]


def a_network():
    params = jax_rows.mlp_init(jax.random.key(0), LAYERS)
    return params, Sample(jnp.ones((EXAMPLES, LAYERS[0])), jnp.zeros(EXAMPLES, int))


def test_a_gradient_takes_the_operations_of_the_formula():
    params, batch = a_network()
    found = counted(jax.grad(jax_rows.cross_entropy), params, batch)
    # What is not a matrix product: some twenty numbers per unit and example, against its hundreds of multiplications.
    assert 1 <= found / rows.gradient_flops(LAYERS, EXAMPLES) < 1.1


def test_a_hessian_product_takes_the_operations_of_the_formula():
    params, batch = a_network()
    loss = jax_rows.tanh_entropy(batch)
    flat, unravel = ravel_pytree(params)
    _, push = jax.linearize(jax.grad(lambda vector: loss(unravel(vector))), flat)
    # Closed-over values are the gradient's own; the function itself is only what depends on the vector.
    assert 1 <= counted(push, flat) / rows.product_flops(LAYERS, EXAMPLES) < 1.15


def test_padding_is_not_counted_as_needed():
    sizes = rows.sizes_of("width_sweep")
    wider = sizes | {"widths": tuple((group[-1],) * len(group) for group in sizes["widths"])}
    assert rows.flops("width_sweep", sizes) < 0.7 * rows.flops("width_sweep", wider)


def numpy_losses(layers, inputs, targets, learning_rate, steps):
    """Gradient descent on half the squared error, written out for tanh layers."""
    losses = []
    for _ in range(steps):
        values = [inputs]
        for k, (weights, biases) in enumerate(layers):
            z = values[-1] @ weights + biases
            values.append(z if k == len(layers) - 1 else np.tanh(z))
        slope = (values[-1] - targets) / len(inputs)
        losses.append(np.sum((values[-1] - targets) ** 2) / 2 / len(inputs))
        for k in reversed(range(len(layers))):
            weights, biases = layers[k]
            before = slope @ weights.T * (1 - values[k] ** 2)
            layers[k] = (
                weights - learning_rate * values[k].T @ slope,
                biases - learning_rate * slope.sum(axis=0),
            )
            slope = before
    return losses


@pytest.mark.parametrize("row", ["sharpness", "sharpness_of_eight"])
def test_the_descents_are_gradient_descent_with_the_hessians_largest_eigenvalue(row):
    sizes, arrays = drawn(row)
    found = jax_rows.prepared(row, sizes, arrays)()
    layers = [tuple(np.asarray(part, float) for part in layer) for layer in jax_rows.layers_in(arrays)]
    assert found["losses"].shape == (len(sizes["rates"]), sizes["steps"])
    for losses, rate in zip(found["losses"], sizes["rates"], strict=True):
        expected = numpy_losses(list(layers), arrays["inputs"], arrays["targets"], rate, sizes["every"])
        # In 32 bits; ten steps of a smooth descent magnify the rounding a few times.
        np.testing.assert_allclose(losses[: sizes["every"]], expected, rtol=1e-4)
    assert np.all(found["sharpness"] > 0)


def test_the_density_is_that_of_the_dense_hessian():
    sizes, arrays = drawn("density")
    found = jax_rows.prepared("density", sizes, arrays)()
    params = jax_rows.layers_in(arrays)
    data = Sample(jnp.asarray(arrays["inputs"]), jnp.asarray(arrays["labels"]))
    flat, _ = ravel_pytree(params)
    matrix = np.asarray(dense(hessian_operator(jax_rows.tanh_entropy(data), params), flat.size), float)
    starts = arrays["signs"] / flat.size**0.5
    for power in (1, 2):
        exact = np.mean([start @ np.linalg.matrix_power(matrix, power) @ start for start in starts])
        # Gauss' quadrature is exact for these powers, with the starts that PyTorch's side is handed.
        np.testing.assert_allclose(np.sum(found["nodes"] ** power * found["weights"]), exact, rtol=1e-3)
    assert found["nodes"].max() == pytest.approx(np.linalg.eigvalsh(matrix)[-1], rel=1e-3)


def test_the_batches_handed_to_pytorch_are_those_that_fit_draws():
    sizes, arrays = drawn("random_labels")
    found = jax_rows.prepared("random_labels", sizes, arrays)()
    first = arrays["batches"][:, 0]
    start = jax_rows.layers_in(arrays)
    labels = np.take_along_axis(arrays["labels"], first, axis=1)
    expected = jax.vmap(jax_rows.cross_entropy)(start, Sample(jnp.asarray(arrays["inputs"][first]), labels))
    np.testing.assert_allclose(found["losses"][:, 0], expected, rtol=1e-5)
    assert len(arrays["batches"][0]) == found["losses"].shape[1] == rows.steps_of(sizes)


def test_padded_networks_are_the_narrow_ones():
    sizes, arrays = drawn("width_sweep")
    found = jax_rows.prepared("width_sweep", sizes, arrays)()
    width = sizes["widths"][0][0]
    hidden, output = (type(layer)(*(part[0] for part in layer)) for layer in jax_rows.layers_in(arrays, "group0_"))
    narrow = [
        type(hidden)(hidden.weights[:, :width], hidden.biases[:width]),
        type(output)(output.weights[:width], output.biases),
    ]
    sample = Sample(jnp.asarray(arrays["inputs"][0]), jnp.asarray(arrays["targets"][0]))
    adam = jax_rows.optax.adam(0.01)
    alone = jax_rows.fit(jax_rows.squared_loss, narrow, adam, steps=sizes["steps"], data=sample)
    np.testing.assert_allclose(found["losses"][0], alone.losses, rtol=1e-4)


def test_sides_that_differ_are_told_apart():
    same = {"losses": np.ones((2, 400)), "accuracy": np.ones(2)}
    other = same | {"losses": same["losses"] * 1.01}
    found = partial(run.differences, "random_labels", same, same=True)
    assert all(measured <= most for measured, most in found(same).values())
    assert any(measured > most for measured, most in found(other).values())


def test_every_row_is_told_and_has_ways_of_pytorch():
    assert list(rows.SIZES) == list(rows.TOY) == list(run.TITLES) == list(run.VARIANTS)
    source = (BENCHMARKS / "peers" / "torch_rows.py").read_text(encoding="utf-8")
    assert all(f'"{name}":' in source for names in run.VARIANTS.values() for name in names)


def test_without_pytorch_there_is_a_sentence_and_no_error(tmp_path, monkeypatch, capsys):
    requirements = tmp_path / "requirements.txt"
    requirements.write_text("torch==0.0.0\n")
    monkeypatch.setattr(run, "REQUIREMENTS", requirements)
    monkeypatch.setattr(run, "ENVIRONMENT", tmp_path / "environment")

    def refused(command):
        raise run.PeerFailed("no such version")

    monkeypatch.setattr(run, "check_call", refused)
    assert run.environment() is None
    assert "left out: no such version" in capsys.readouterr().out
