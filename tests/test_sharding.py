"""A sweep on eight virtual devices, and in two processes, is the sweep on one device; each device holds its share."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from pathlib import Path

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest
import sweeps

from helpers.sharding import spread
from helpers.training import fit


def start(*arguments: str | Path) -> subprocess.Popen:
    """Another process, as this one has made up its mind about its devices."""
    command = [sys.executable, "-W", "error::DeprecationWarning:helpers", sweeps.__file__, *map(str, arguments)]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True}
    return subprocess.Popen(command, env={**os.environ, "JAX_PLATFORMS": "cpu"}, **pipes)


def finished(*processes: subprocess.Popen) -> None:
    try:
        for process in processes:
            said, _ = process.communicate(timeout=300)
            assert process.returncode == 0, said[-4000:]
    finally:
        for process in processes:
            process.kill()


def stored(path: Path) -> list[np.ndarray]:
    with np.load(path) as file:
        return [file[name] for name in file.files]


@pytest.fixture(scope="module")
def alone() -> list[np.ndarray]:
    """The sweep on the one device of this process."""
    assert jax.device_count() == 1
    return sweeps.run()


@pytest.fixture(scope="module")
def eight(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("eight")
    finished(start("eight", folder))
    return folder


@pytest.fixture(scope="module")
def two_processes(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("two")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    finished(*(start("process", folder, number, port) for number in "01"))
    return folder


def assert_same(left, right, **tolerance) -> None:
    for a, b in zip(left, right, strict=True):
        np.testing.assert_allclose(a, b, **tolerance) if tolerance else np.testing.assert_array_equal(a, b)


# XLA makes another program for eight devices, which may fuse and sum in another order: the last bits may differ. 60
# steps of Adam carry on a few ulp (6e-8 of numbers of order one), each grown by a small factor.
ROUNDING = {"rtol": 1e-4, "atol": 1e-5}


def test_eight_devices_train_what_one_device_trains(alone, eight):
    assert_same(stored(eight / "eight.npz"), alone, **ROUNDING)


def test_where_nothing_is_rounded_eight_devices_agree_with_one_to_the_bit(eight):
    assert_same(stored(eight / "counts.npz"), sweeps.counts())


def test_memory_per_device_falls_with_the_mesh(eight):
    said = json.loads((eight / "said.json").read_text())
    assert said["pieces"] == [[2] * 8] * 4
    memory = {int(devices): held for devices, held in said["memory"].items()}
    # At most the given params, then params and Adam's two averages, before and after a chunk; 20 kB are shared.
    assert memory[8]["arrays"] <= 7 * memory[8]["params"] / 8 + 20_000 < memory[1]["arrays"] / 3
    assert memory[8]["program"] <= 1.2 * memory[1]["program"] / 8


def test_two_processes_train_what_one_trains_and_both_know_it(alone, two_processes):
    first, second = (stored(two_processes / f"results{number}.npz") for number in "01")
    assert_same(first, second)
    assert_same(first, alone, **ROUNDING)


def test_two_processes_notice_the_same_divergence(two_processes):
    first, second = ((two_processes / f"diverged{number}.txt").read_text() for number in "01")
    assert first == second
    assert first.startswith("1 of 8 members diverged (5): in member 5 the loss became inf at step 7 of 100")


def test_two_processes_resume_together_from_one_folder(two_processes):
    first, second = (stored(two_processes / f"resumed{number}.npz") for number in "01")
    assert_same(first, second)
    assert_same(first, sweeps.run(steps=18), **ROUNDING)
    # Six chunks, of which three had been kept.
    assert [(two_processes / f"begun{number}.txt").read_text() for number in "01"] == ["3", "3"]


def test_a_mesh_of_one_device_changes_nothing():
    assert_same(sweeps.run(steps=6, mesh=sweeps.a_mesh(1)), sweeps.run(steps=6))


def test_members_that_do_not_divide_are_refused_with_two_ways_out():
    """A mesh that nothing runs on: eight times the same device, as this process has one."""
    mesh = jax.sharding.Mesh(np.array(jax.devices() * 8), ("m",))
    message = "10 members cannot be .* the 8 devices of the mesh: take 16 members, or a mesh of 5 devices"
    with pytest.raises(ValueError, match=message):
        spread((jnp.ones((10, 3)), None), (0, None), mesh)
    with pytest.raises(ValueError, match=r"members along its first axis, got shapes \[\(8,\), \(\)\]"):
        spread(([jnp.ones(8), 1.0], None), (0, None), mesh)


def test_a_mesh_needs_members():
    with pytest.raises(ValueError, match="name in over the arguments that carry them"):
        fit(lambda w: w @ w, jnp.ones(2), optax.sgd(0.1), steps=1, mesh=sweeps.a_mesh(1))


def test_the_program_of_a_mesh_communicates_nothing(eight):
    """Also where XLA alone would let all devices agree, in each turn of a loop, whether any needs another."""
    said = json.loads((eight / "said.json").read_text())
    assert said["talks"] == {"over_members": False, "vmap": True}
