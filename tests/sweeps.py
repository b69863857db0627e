"""One small sweep, and the processes that run it elsewhere: ``python sweeps.py WHAT OUT [more]``."""

from __future__ import annotations

import json
import os
import signal
import sys
from pathlib import Path

import jax
import jax.numpy as jnp
import numpy as np
import optax

from helpers import training
from helpers.checkpoints import Checkpoints
from helpers.networks import mlp_apply, mlp_init
from helpers.sharding import by_member, on_host, over_members
from helpers.training import TrainingDiverged, fit, train

MEMBERS, STEPS = 16, 60


def squared_error(params, batch):
    inputs, targets = batch
    return jnp.mean((jax.vmap(lambda x: mlp_apply(params, x)[0])(inputs) - targets) ** 2)


def network(key):
    return mlp_init(key, (1, 8, 1))


def first_weights(params):
    return params[0].weights


def arguments(chosen=slice(None), steps=STEPS):
    """A seed and a learning rate a member, mini-batches of shared data, records: all that `fit` spreads."""
    keys = jax.random.split(jax.random.key(0), MEMBERS)[chosen]
    inputs = np.linspace(-1, 1, 12, dtype=np.float32)[:, None]
    options = {
        "steps": steps,
        "data": (inputs, inputs[:, 0] ** 2),
        "batch_size": 4,
        "key": keys,
        "hyperparameters": np.linspace(0.001, 0.02, MEMBERS, dtype=np.float32)[chosen],
        "record": first_weights,
        "record_every": 3,
        "over": ("params", "key", "hyperparameters"),
    }
    return (squared_error, jax.vmap(network)(keys), optax.adam), options


def run(*, chosen=slice(None), steps=STEPS, **options):
    """Params, losses and records as a flat list of NumPy arrays, for comparison and for files."""
    positional, named = arguments(chosen, steps)
    return leaves(fit(*positional, **named, **options))


def counts(**options):
    """How often each example was drawn, by each member's key: a sweep of whole numbers, which nothing rounds."""
    keys = jax.random.split(jax.random.key(1), MEMBERS)
    start, data = np.zeros((MEMBERS, 6), np.float32), np.eye(6, dtype=np.float32)
    drawn = {"data": data, "batch_size": 2, "key": keys, "over": ("params", "key")}
    return leaves(fit(lambda w, batch: w @ batch.sum(0), start, optax.sgd(-1.0), steps=40, **drawn, **options))


def leaves(result):
    return on_host(jax.tree.leaves(result._replace(record_steps=None)))


def a_mesh(devices, *shape):
    return jax.sharding.Mesh(
        np.array(jax.devices()[:devices]).reshape(shape or devices), tuple("abc"[: len(shape) or 1])
    )


def memory(devices):
    """Bytes on the fullest device: of arrays while a sweep of wide networks runs, and of what its program adds."""
    mesh = a_mesh(devices)
    make = jax.jit(jax.vmap(lambda key: mlp_init(key, (1, 512, 1))), out_shardings=by_member(mesh))
    params, data = make(jax.random.split(jax.random.key(0), MEMBERS)), arguments()[1]["data"]
    seen = []

    def looking(*given, **named):
        held = dict.fromkeys(mesh.devices.flat, 0)
        for array in jax.live_arrays():
            for shard in array.addressable_shards:
                if shard.device in held:
                    held[shard.device] += shard.data.nbytes
        seen.append(max(held.values()))

    keep, training.raise_if_diverged = training.raise_if_diverged, looking
    fit(squared_error, params, optax.adam(0.01), steps=2, data=data, over="params", mesh=mesh)
    training.raise_if_diverged = keep
    steps = over_members(lambda p: train(squared_error, p, optax.adam(0.01), steps=2, data=data).params, (0,), mesh)
    needed = jax.jit(steps).lower(params).compile().memory_analysis()
    return {
        "arrays": max(seen),
        "program": needed.temp_size_in_bytes,
        "params": sum(x.nbytes for x in jax.tree.leaves(params)),
    }


def until_large(matrix):
    """A loop that takes as many turns as the member needs, as a line search does."""
    return jax.lax.while_loop(lambda a: jnp.sum(a) < 100, lambda a: 2 * a + 1, matrix)


def talks(mapped, mesh):
    """Whether the devices exchange anything."""
    matrices = jax.ShapeDtypeStruct((MEMBERS, 3, 3), jnp.float32, sharding=by_member(mesh))
    program = jax.jit(mapped, out_shardings=by_member(mesh)).lower(matrices).compile().as_text()
    return any(word in program for word in ("all-gather", "all-reduce", "all-to-all", "collective"))


def eight(out: Path) -> None:
    """On eight virtual devices, in two rows of a mesh: the results, and what each device holds."""
    jax.config.update("jax_num_cpu_devices", 8)
    assert jax.device_count() == 8
    # A mesh that jax.make_mesh makes by itself has explicit axes since JAX 0.9.
    axes = {"axis_types": (jax.sharding.AxisType.Explicit,) * 2}
    positional, named = arguments()
    result = fit(*positional, **named, mesh=jax.make_mesh((4, 2), ("a", "b"), **axes))
    np.savez(out / "eight.npz", *leaves(result))
    np.savez(out / "counts.npz", *counts(mesh=a_mesh(8)))
    pieces = [[shard.data.shape[0] for shard in leaf.addressable_shards] for leaf in jax.tree.leaves(result.params)]
    mapped = {"over_members": over_members(until_large, (0,), a_mesh(8)), "vmap": jax.vmap(until_large)}
    said = {name: talks(function, a_mesh(8)) for name, function in mapped.items()}
    said = {"talks": said, "pieces": pieces, "memory": {devices: memory(devices) for devices in (1, 8)}}
    (out / "said.json").write_text(json.dumps(said))


def process(out: Path, number: str, port: str) -> None:
    """One of two processes with two devices each: the sweep, a diverging one, and one that is interrupted."""
    jax.config.update("jax_num_cpu_devices", 2)
    jax.config.update("jax_cpu_collectives_implementation", "gloo")
    here = f"127.0.0.1:{port}"
    jax.distributed.initialize(here, 2, int(number), coordinator_bind_address=here if number == "0" else None)
    assert (jax.device_count(), jax.local_device_count()) == (4, 2)
    mesh = a_mesh(4)
    np.savez(out / f"results{number}.npz", *run(mesh=mesh))
    rates = np.ones(8, np.float32)
    rates[5] = 1001.0
    try:
        fit(lambda w: w @ w / 2, np.ones(2, np.float32), optax.sgd, hyperparameters=rates, over="hyperparameters",
            steps=100, mesh=mesh)  # fmt: skip
    except TrainingDiverged as error:
        (out / f"diverged{number}.txt").write_text(str(error))
    save = Checkpoints.save

    def save_three(self, chunk, *rest):
        if chunk == 4:
            raise KeyboardInterrupt
        save(self, chunk, *rest)

    Checkpoints.save = save_three
    try:
        run(mesh=mesh, checkpoint=out / "shared", steps=18)
    except KeyboardInterrupt:
        Checkpoints.save = save
    with chunks_begun() as begun:
        np.savez(out / f"resumed{number}.npz", *run(mesh=mesh, checkpoint=out / "shared", steps=18))
    (out / f"begun{number}.txt").write_text(str(begun()))


class chunks_begun:
    """Counts how often the chunk's program is called; `after` is called after each, before the state is kept."""

    def __init__(self, after=lambda count: None):
        self._count, self._after = 0, after

    def __enter__(self):
        self._keep = training.compiled
        training.compiled = self
        return lambda: self._count

    def __exit__(self, *_):
        training.compiled = self._keep

    def __call__(self, function, *rest):
        result = self._keep(function, *rest)
        if function is training._advance:
            self._count += 1
            self._after(self._count)
        return result

    def lower(self, *given):
        return self._keep.lower(*given)


def killed(out: Path, when: str) -> None:
    """A sweep that is killed in its fourth chunk, `within` it by the parent, or `between` its two files by itself."""

    def in_the_fourth(count: int) -> None:
        if count == 4 and when == "within":
            (out / "here").touch()
            signal.pause()

    def before_the_state(self, chunk, state, piece):
        if chunk == 4 and when == "between":
            self._states.save = lambda *_, **__: os.kill(os.getpid(), signal.SIGKILL)
        save(self, chunk, state, piece)

    save, Checkpoints.save = Checkpoints.save, before_the_state
    with chunks_begun(in_the_fourth):
        run(checkpoint=out / "sweep", steps=18)


if __name__ == "__main__":
    what, folder, *more = sys.argv[1:]
    {"eight": eight, "process": process, "killed": killed}[what](Path(folder), *more)
