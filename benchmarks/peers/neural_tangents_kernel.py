"""The same kernel as in benchmarks/kernels.py by neural-tangents, each of its three implementations.

neural-tangents 0.6.5 needs an older JAX than the book, so `make bench` leaves this out. In an environment of its own,
with Python 3.11: ``pip install "jax==0.4.23" "jaxlib==0.4.23" "numpy<2" "scipy<1.13" "neural-tangents==0.6.5"``, then
run this file, right after benchmarks/kernels.py on the same machine. Keeps the fastest in ``book/speed.json``.
"""

from __future__ import annotations

import statistics
import sys
import time
from pathlib import Path

import jax
import neural_tangents
from neural_tangents import stax

sys.path.insert(0, str(Path(__file__).parents[1] / "common"))

from record import record

EXAMPLES, INPUTS, WIDTH, DEPTH = 100, 10, 1024, 3
REPETITIONS = 9


def dense(width: int):
    return stax.Dense(width, W_std=2**0.5, b_std=0.0, parameterization="ntk")


def main() -> None:
    layers = [layer for _ in range(DEPTH) for layer in (dense(WIDTH), stax.Relu())]
    init, apply, _ = stax.serial(*layers, dense(1))
    _, params = init(jax.random.PRNGKey(0), (-1, INPUTS))
    inputs = jax.random.normal(jax.random.PRNGKey(1), (EXAMPLES, INPUTS))
    medians = {}
    for implementation in (1, 2, 3):
        kernel = jax.jit(
            neural_tangents.empirical_ntk_fn(
                apply, trace_axes=(-1,), vmap_axes=0, implementation=neural_tangents.NtkImplementation(implementation)
            )
        )
        jax.block_until_ready(kernel(inputs, None, params))
        running = []
        for _ in range(REPETITIONS):
            started = time.perf_counter()
            jax.block_until_ready(kernel(inputs, None, params))
            running.append(time.perf_counter() - started)
        medians[implementation] = statistics.median(running)
        print(f"  implementation {implementation}: {1e3 * medians[implementation]:.1f} ms a run")
    best = min(medians, key=medians.__getitem__)
    versions = {"neural_tangents": "0.6.5", "jax": jax.__version__}
    record(
        "neural_tangents", ms=round(1e3 * medians[best], 2), implementation=best, repetitions=REPETITIONS, **versions
    )


if __name__ == "__main__":
    main()
