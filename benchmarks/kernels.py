"""What the neural tangent kernel of a finite network costs, layer by layer and as a product of Jacobians.

Run by ``make bench``; keeps what it measured in ``book/speed.json``. It takes less than a minute on two cores,
and the Jacobians of all examples 0.85 GB.
"""

from __future__ import annotations

import functools
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

import jax
import jax.numpy as jnp

from helpers.kernels import empirical_ntk, layerwise_kernels, ntk_apply, ntk_init

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE / "common"))

from record import record  # noqa: E402

EXAMPLES, INPUTS, WIDTH, DEPTH = 100, 10, 1024, 3
REPETITIONS = 9


def seconds(run: Callable[..., jax.Array], *arguments: object) -> tuple[float, float, jax.Array]:
    """To compile; a run's median; and the result."""
    started = time.perf_counter()
    compiled = jax.jit(run).lower(*arguments).compile()
    compiling = time.perf_counter() - started
    result = jax.block_until_ready(compiled(*arguments))
    running = []
    for _ in range(REPETITIONS):
        started = time.perf_counter()
        jax.block_until_ready(compiled(*arguments))
        running.append(time.perf_counter() - started)
    return compiling, statistics.median(running), result


def main() -> None:
    key_params, key_inputs = jax.random.split(jax.random.key(0))
    params = ntk_init(key_params, (INPUTS, *[WIDTH] * DEPTH, 1))
    inputs = jax.random.normal(key_inputs, (EXAMPLES, INPUTS))
    ways = {
        "layerwise": lambda params, inputs: layerwise_kernels(params, inputs).ntk,
        "contraction": functools.partial(empirical_ntk, ntk_apply),
    }
    measured = {name: seconds(way, params, inputs) for name, way in ways.items()}
    for name, (compiling, running, _) in measured.items():
        print(f"  {name}: {1e3 * running:.1f} ms a run, {compiling:.2f} s to compile")
    first, second = (kernel for _, _, kernel in measured.values())
    print(f"  they differ by {float(jnp.max(jnp.abs(first - second)) / jnp.max(jnp.abs(second))):.1e}")
    ratio = measured["contraction"][1] / measured["layerwise"][1]
    print(f"  the layers are {ratio:.0f} times as fast")
    times = {f"{name}_ms": round(1e3 * running, 2) for name, (_, running, _) in measured.items()}
    times |= {f"{name}_compile_s": round(compiling, 2) for name, (compiling, _, _) in measured.items()}
    sizes = {"examples": EXAMPLES, "inputs": INPUTS, "width": WIDTH, "depth": DEPTH}
    record("kernels", **times, ratio=round(ratio, 1), **sizes, repetitions=REPETITIONS)


if __name__ == "__main__":
    main()
