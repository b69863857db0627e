"""The book's side of the rows of `run.py`, by the book's own helpers, as its chapters use them.

``inputs(row, sizes)`` draws what both sides begin with, as a flat dictionary of NumPy arrays; ``prepared(row, sizes,
inputs)`` is a function without arguments that computes the row, and its result a dictionary of NumPy arrays.
"""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import optax
from child import arguments, product_rate, sizes_of, tell
from jax.flatten_util import ravel_pytree
from jax.sharding import Mesh
from rows import Sizes, steps_of

from helpers.curvature import hessian_operator, power_iteration, spectral_density
from helpers.data import Sample, flip_labels, mnist1d, one_hot
from helpers.networks import Layer, mlp_apply, mlp_init
from helpers.sharding import MEMBERS, over_members
from helpers.training import fit, train

Arrays = dict[str, np.ndarray]
Run = Callable[[], Arrays]


def layers_in(arrays: Arrays, prefix: str = "") -> list[Layer]:
    count = sum(name.startswith(f"{prefix}weights") for name in arrays)
    return [
        Layer(jnp.asarray(arrays[f"{prefix}weights{k}"]), jnp.asarray(arrays[f"{prefix}biases{k}"]))
        for k in range(count)
    ]


def named(layers: Sequence[Layer], prefix: str = "") -> Arrays:
    return {
        f"{prefix}{name}{k}": np.asarray(leaf)
        for k, layer in enumerate(layers)
        for name, leaf in zip(("weights", "biases"), layer, strict=True)
    }


def cores_for(members: int) -> Mesh:
    """As many of the cores as share the members equally; each is a device of its own."""
    return Mesh(jax.devices()[: math.gcd(members, len(jax.devices()))], (MEMBERS,))


def outputs_of(params: Any, inputs: Any, activation: Any = jax.nn.relu) -> jax.Array:
    return jax.vmap(lambda x: mlp_apply(params, x, activation=activation))(inputs)


# --- the width sweep, as in the chapter on double descent


def network(key: Any, width: Any, widest: int) -> list[Layer]:
    """He initialisation, in the arrays of a wider network; units beyond `width` are zero, and stay it."""
    hidden, output = mlp_init(key, (40, widest, 10))
    alive = jnp.arange(widest) < width
    return [
        hidden._replace(weights=hidden.weights * alive),
        output._replace(weights=output.weights * alive[:, None] * jnp.sqrt(widest / width)),
    ]


def width_sweep_inputs(sizes: Sizes) -> Arrays:
    signals = mnist1d()
    key_data, key_networks = jax.random.split(jax.random.key(0))

    def signals_of_a_run(key: Any) -> Sample:
        key_choice, key_noise = jax.random.split(key)
        chosen = jax.random.choice(key_choice, len(signals.train.labels), (sizes["examples"],), replace=False)
        labels = flip_labels(key_noise, signals.train.labels[chosen], 0.15, 10)
        return Sample(signals.train.inputs[chosen], one_hot(labels, 10))

    data = jax.vmap(signals_of_a_run)(jax.random.split(key_data, sizes["runs"]))
    made = {
        "inputs": np.asarray(data.inputs),
        "targets": np.asarray(data.labels),
        "test_inputs": np.asarray(signals.test.inputs[: sizes["held_out"]]),
        "test_targets": np.asarray(one_hot(signals.test.labels, 10)[: sizes["held_out"]]),
    }
    for group, widths in enumerate(sizes["widths"]):
        start = jax.vmap(partial(network, widest=widths[-1]))(
            jax.random.split(jax.random.fold_in(key_networks, group), sizes["runs"] * len(widths)),
            jnp.tile(jnp.array(widths), sizes["runs"]),
        )
        made |= named(start, f"group{group}_")
    return made


def squared_loss(params: Any, batch: Sample) -> jax.Array:
    return jnp.mean(jnp.sum((outputs_of(params, batch.inputs) - batch.labels) ** 2, axis=1))


def wrong(params: Any, batch: Sample) -> jax.Array:
    return jnp.mean(outputs_of(params, batch.inputs).argmax(1) != batch.labels.argmax(1))


def width_sweep(sizes: Sizes, arrays: Arrays) -> Run:
    held_out = Sample(jnp.asarray(arrays["test_inputs"]), jnp.asarray(arrays["test_targets"]))
    starts, data = [], []
    for group, widths in enumerate(sizes["widths"]):
        starts.append(layers_in(arrays, f"group{group}_"))
        data.append(
            Sample(*(jnp.repeat(jnp.asarray(arrays[name]), len(widths), axis=0) for name in ("inputs", "targets")))
        )
    adam = optax.adam(0.01)

    def look(params: Any) -> tuple[jax.Array, jax.Array]:
        return squared_loss(params, held_out), wrong(params, held_out)

    def run() -> Arrays:
        results = [
            fit(
                squared_loss,
                start,
                adam,
                steps=sizes["steps"],
                data=sample,
                over=("params", "data"),
                mesh=cores_for(len(sample.inputs)),
                record=look,
                record_every=sizes["every"],
            )
            for start, sample in zip(starts, data, strict=True)
        ]
        return {
            "losses": np.concatenate([np.asarray(result.losses) for result in results]),
            "test_loss": np.concatenate([np.asarray(result.records[0]) for result in results]),
            "test_error": np.concatenate([np.asarray(result.records[1]) for result in results]),
        }

    return run


# --- true labels against random ones


def random_labels_inputs(sizes: Sizes) -> Arrays:
    key_labels, key_networks, key_batches = jax.random.split(jax.random.key(1), 3)
    signals = mnist1d().train
    inputs, labels = signals.inputs[: sizes["examples"]], signals.labels[: sizes["examples"]]
    noise = jnp.linspace(0, 1, sizes["labels"])
    keys = jax.random.split(key_labels, sizes["labels"])
    all_labels = jnp.stack([flip_labels(key, labels, float(share), 10) for key, share in zip(keys, noise, strict=True)])
    start = jax.vmap(lambda key: mlp_init(key, sizes["layers"]))(jax.random.split(key_networks, sizes["labels"]))
    keys = jax.random.split(key_batches, sizes["labels"])

    def batches(key: Any) -> jax.Array:
        """What `fit` draws."""
        steps = jax.vmap(partial(jax.random.fold_in, key))(jnp.arange(steps_of(sizes)))
        return jax.vmap(lambda key: jax.random.randint(key, (sizes["batch"],), 0, sizes["examples"]))(steps)

    return named(start) | {
        "inputs": np.asarray(inputs),
        "labels": np.asarray(all_labels),
        "batches": np.asarray(jax.vmap(batches)(keys)),
        "keys": np.asarray(jax.random.key_data(keys)),
    }


def cross_entropy(params: Any, batch: Sample) -> jax.Array:
    outputs = outputs_of(params, batch.inputs)
    return optax.softmax_cross_entropy_with_integer_labels(outputs, batch.labels).mean()


def random_labels(sizes: Sizes, arrays: Arrays) -> Run:
    labels = jnp.asarray(arrays["labels"])
    data = Sample(jnp.broadcast_to(arrays["inputs"], (len(labels), *arrays["inputs"].shape)), labels)
    start, keys, adam = layers_in(arrays), jax.random.wrap_key_data(jnp.asarray(arrays["keys"])), optax.adam(1e-3)
    accuracy = jax.jit(
        jax.vmap(lambda params, sample: jnp.mean(outputs_of(params, sample.inputs).argmax(1) == sample.labels))
    )

    def run() -> Arrays:
        result = fit(
            cross_entropy,
            start,
            adam,
            steps=steps_of(sizes),
            data=data,
            batch_size=sizes["batch"],
            key=keys,
            over=("params", "data", "key"),
        )
        return {"losses": np.asarray(result.losses), "accuracy": np.asarray(accuracy(result.params, data))}

    return run


# --- gradient descent with its sharpness, as in the chapter on loss landscapes


def sharpness_inputs(sizes: Sizes) -> Arrays:
    signals = mnist1d(sizes["examples"] * 5 // 4).train
    key_start, key_kick = jax.random.split(jax.random.key(2))
    start = mlp_init(key_start, sizes["layers"], initialisation="lecun", scale=0.7)
    weights = ravel_pytree(start)[0]
    kick = jax.random.normal(key_kick, weights.shape)
    return named(start) | {
        "inputs": np.asarray(signals.inputs),
        "targets": np.asarray(one_hot(signals.labels, 10)),
        "kick": np.asarray(1e-2 * kick / jnp.linalg.norm(kick)),
        "rates": np.array(sizes["rates"], np.float32),
    }


def sharpness(sizes: Sizes, arrays: Arrays) -> Run:
    inputs, targets, kick = (jnp.asarray(arrays[name]) for name in ("inputs", "targets", "kick"))
    start, rates = layers_in(arrays), jnp.asarray(arrays["rates"])

    def descend(start: Any, rate: Any) -> tuple[jax.Array, jax.Array]:
        weights, unravel = ravel_pytree(start)

        def flat_loss(weights: jax.Array) -> jax.Array:
            outputs = outputs_of(unravel(weights), inputs, jnp.tanh)
            return jnp.mean(jnp.sum((outputs - targets) ** 2, axis=1) / 2)

        def step(weights: jax.Array, _: None) -> tuple[jax.Array, jax.Array]:
            value, slope = jax.value_and_grad(flat_loss)(weights)
            return weights - rate * slope, value

        def interval(state: Any, _: None) -> Any:
            weights, losses = jax.lax.scan(step, state[0], length=sizes["every"])
            sharpness, vector = power_iteration(hessian_operator(flat_loss, weights), state[1], sizes["power"])
            return (weights + kick, vector), (losses, sharpness)

        first = weights, jnp.ones_like(weights)
        losses, sharpness = jax.lax.scan(interval, first, length=sizes["steps"] // sizes["every"])[1]
        return losses.reshape(-1), sharpness

    one = len(sizes["rates"]) == 1
    compiled = jax.jit(descend if one else over_members(descend, (None, 0), cores_for(len(rates))))
    rate = rates[0] if one else rates

    def run() -> Arrays:
        losses, sharpness = compiled(start, rate)
        return {"losses": np.atleast_2d(losses), "sharpness": np.atleast_2d(sharpness)}

    return run


# --- the density of the Hessian's eigenvalues, as in the chapter on loss landscapes


def density_inputs(sizes: Sizes) -> Arrays:
    signals = mnist1d(sizes["examples"] * 5 // 4).train
    inputs, labels = np.asarray(signals.inputs), np.asarray(signals.labels)
    centred = inputs - inputs.mean(0)
    projected = centred @ np.linalg.svd(centred, full_matrices=False)[2].T[:, : sizes["layers"][0]]
    data = Sample(jnp.asarray(projected / projected.std()), jnp.asarray(labels))

    @jax.jit
    def trained(key: Any) -> Any:
        start = mlp_init(key, sizes["layers"], initialisation="lecun")
        return train(tanh_entropy(data), start, optax.adam(1e-2), steps=sizes["training"]).params

    params = trained(jax.random.key(3))
    return named(params) | {
        "inputs": np.asarray(data.inputs),
        "labels": labels,
        "signs": np.asarray(starts(sizes, ravel_pytree(params)[0].size)),
    }


def starts(sizes: Sizes, size: int) -> jax.Array:
    """What `spectral_density` draws."""
    return jax.random.rademacher(jax.random.key(4), (sizes["probes"], size), dtype=float)


def tanh_entropy(data: Sample) -> Callable[[Any], jax.Array]:
    def loss(params: Any) -> jax.Array:
        outputs = outputs_of(params, data.inputs, jnp.tanh)
        return optax.softmax_cross_entropy_with_integer_labels(outputs, data.labels).mean()

    return loss


def density(sizes: Sizes, arrays: Arrays) -> Run:
    data = Sample(jnp.asarray(arrays["inputs"]), jnp.asarray(arrays["labels"]))
    params = layers_in(arrays)
    size = ravel_pytree(params)[0].size

    @jax.jit
    def spectrum(key: Any, params: Any) -> Any:
        operator = hessian_operator(tanh_entropy(data), params)
        return spectral_density(operator, size, key=key, probes=sizes["probes"], steps=sizes["steps"])

    def run() -> Arrays:
        nodes, weights = spectrum(jax.random.key(4), params)
        return {"nodes": np.asarray(nodes), "weights": np.asarray(weights)}

    return run


INPUTS: dict[str, Callable[[Sizes], Arrays]] = {
    "width_sweep": width_sweep_inputs,
    "random_labels": random_labels_inputs,
    "sharpness": sharpness_inputs,
    "sharpness_of_eight": sharpness_inputs,
    "density": density_inputs,
    "density_wide": density_inputs,
}
RUNS: dict[str, Callable[[Sizes, Arrays], Run]] = {
    "width_sweep": width_sweep,
    "random_labels": random_labels,
    "sharpness": sharpness,
    "sharpness_of_eight": sharpness,
    "density": density,
    "density_wide": density,
}


def inputs(row: str, sizes: Sizes) -> Arrays:
    return INPUTS[row](sizes)


def prepared(row: str, sizes: Sizes, arrays: Arrays) -> Run:
    return RUNS[row](sizes, arrays)


def matmul(size: int = 2048) -> Arrays:
    product, square = jax.jit(jnp.matmul), jnp.ones((size, size), jnp.float32)
    return {"gflops": np.array(product_rate(lambda: product(square, square).block_until_ready(), size))}


if __name__ == "__main__":
    options = arguments()
    jax.config.update("jax_num_cpu_devices", os.cpu_count())
    if options.row == "matmul":
        tell(options, matmul)
    else:
        sizes = sizes_of(options.row, toy=options.toy)
        if not Path(options.inputs).exists():
            np.savez(options.inputs, **inputs(options.row, sizes))
        tell(options, prepared(options.row, sizes, dict(np.load(options.inputs))))
