"""A sweep that is killed goes on where it was, to the same bits; and a folder serves one sweep only."""

from __future__ import annotations

import signal
import sys
import time
from pathlib import Path

import jax
import numpy as np
import optax
import pytest
import sweeps
from test_sharding import assert_same, start

from helpers.training import TrainingDiverged, fit

CHUNKS = 6  # 18 steps, a record every three: `fit` looks after each


def kept(folder: Path, what: str) -> set[str]:
    return {path.name for path in (folder / what).iterdir() if path.name.isdigit()}


@pytest.mark.parametrize("when", ["within", "between"])
def test_after_a_kill_minus_nine_at_most_one_chunk_is_repeated_and_the_end_is_the_same(when, tmp_path):
    """Killed from outside within the fourth chunk, and when half of what it left has been written."""
    process = start("killed", tmp_path, when)
    while when == "within" and not (tmp_path / "here").exists() and process.poll() is None:
        time.sleep(0.05)
    if when == "within":
        process.kill()
    said, _ = process.communicate(timeout=300)
    assert process.returncode == -signal.SIGKILL, said[-3000:]
    assert max(kept(tmp_path / "sweep", "states")) == "3"
    assert ("4" in kept(tmp_path / "sweep", "pieces")) == (when == "between")
    with sweeps.chunks_begun() as begun:
        resumed = sweeps.run(checkpoint=tmp_path / "sweep", steps=18)
    assert begun() == CHUNKS - 3, "the fourth chunk and those after it"
    assert_same(resumed, sweeps.run(steps=18))
    with sweeps.chunks_begun() as begun:
        again = sweeps.run(checkpoint=tmp_path / "sweep", steps=18)
    assert begun() == 0
    assert_same(again, resumed)
    assert len(kept(tmp_path / "sweep", "states")) == 2, "old states are cleared away"


def quadratic(w):
    return 0.5 * (w @ w)


def noisy():
    """An optimiser whose state holds a random key."""
    return optax.chain(optax.sgd(0.1), optax.add_noise(0.1, 0.5, key=jax.random.key(3)))


class Stopped(Exception):
    pass


def test_single_runs_and_random_keys_in_the_state_resume_too(tmp_path):
    def stop(count):
        if count == 3:
            raise Stopped

    optimiser, options = noisy(), {"steps": 5}
    whole = fit(quadratic, np.ones(2), optimiser, **options)
    with pytest.raises(Stopped), sweeps.chunks_begun(stop):
        fit(quadratic, np.ones(2), optimiser, **options, checkpoint=tmp_path / "run")
    assert_same(sweeps.leaves(fit(quadratic, np.ones(2), optimiser, **options, checkpoint=tmp_path / "run")),
                sweeps.leaves(whole))  # fmt: skip


def test_what_has_diverged_is_not_kept(tmp_path):
    for _ in range(2):
        with pytest.raises(TrainingDiverged, match="at step 2 of 3"):
            fit(lambda w: w @ w, np.ones(1), optax.sgd(1e15), steps=3, checkpoint=tmp_path / "run")
    assert kept(tmp_path / "run", "states") == {"1", "2"}


RUN = {"loss": quadratic, "params": np.ones(2), "optimiser": optax.sgd, "steps": 1, "hyperparameters": 0.1}


@pytest.mark.parametrize(
    ("other", "named"),
    [
        ({"params": np.full(2, 2.0)}, "params"),
        ({"steps": 2}, "steps"),
        ({"optimiser": optax.adam}, "program"),
        ({"optimiser": lambda rate: optax.sgd(2 * rate)}, "program"),
        ({"loss": lambda w: 0.25 * (w @ w)}, "program"),
        ({"loss": lambda w: quadratic(w * np.array([1.0, 2.0], np.float32))}, "program"),
        ({"hyperparameters": 3.0}, "hyperparameters"),
    ],
)
def test_a_folder_of_another_sweep_is_refused_and_the_difference_named(other, named, tmp_path_factory):
    folder = tmp_path_factory.getbasetemp() / "first"
    fit(**RUN, checkpoint=folder)
    with pytest.raises(ValueError, match=rf"another sweep \(it differs in: .*{named}.*\): name another folder"):
        fit(**{**RUN, **other}, checkpoint=folder)


def test_constants_that_a_loss_closes_over_tell_sweeps_apart(tmp_path):
    for scale in (1.0, 2.0):
        weights = jax.numpy.array([1.0, scale])

        def loss(w, weights=weights):
            return weights @ w**2

        if scale == 1:
            fit(loss, np.ones(2), optax.sgd(0.1), steps=1, checkpoint=tmp_path / "run")
    with pytest.raises(ValueError, match="differs in: program"):
        fit(loss, np.ones(2), optax.sgd(0.1), steps=1, checkpoint=tmp_path / "run")


def test_a_folder_with_other_things_is_left_alone(tmp_path):
    (tmp_path / "thesis.txt").write_text("precious")
    with pytest.raises(ValueError, match="is not empty and holds no sweep: name a new folder"):
        fit(**RUN, checkpoint=tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]


def test_without_orbax_the_error_says_what_to_install(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "orbax", None)
    monkeypatch.setitem(sys.modules, "orbax.checkpoint", None)
    with pytest.raises(ImportError, match="install the book's package with its sweep extra"):
        fit(**RUN, checkpoint=tmp_path / "run")
    assert not (tmp_path / "run").exists()


def test_several_processes_without_a_mesh_would_write_into_one_folder_and_are_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(jax, "process_count", lambda: 2)
    with pytest.raises(ValueError, match="of 2 processes needs a mesh of them"):
        fit(quadratic, np.ones(3), optax.sgd(0.1), steps=4, checkpoint=tmp_path / "sweep")
    assert not (tmp_path / "sweep").exists()
