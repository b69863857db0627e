"""The training scan against closed forms, a plain Python loop, and itself under vmap."""

import io
import sys

import jax
import jax.numpy as jnp
import nbformat
import numpy as np
import optax
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers.networks import mlp_apply, mlp_init
from helpers.progress import bar
from helpers.sharding import compiled
from helpers.training import TrainingDiverged, fit, train

KEY = jax.random.key(0)
CURVATURE = jnp.array([1.0, 0.1])
DATA = (jnp.linspace(-1, 1, 12)[:, None], jnp.linspace(-1, 1, 12) ** 2)
ADAM = optax.adam(0.01)


def quadratic(params):
    return 0.5 * jnp.sum(CURVATURE * params**2)


def squared_error(params, batch):
    inputs, targets = batch
    return jnp.mean((jax.vmap(lambda x: mlp_apply(params, x)[0])(inputs) - targets) ** 2)


def network(key):
    return mlp_init(key, (1, 8, 1))


def assert_same(left, right, **tolerance):
    """Equality up to the order of sums: fused and vmapped loops round differently by a few ulp a step."""
    jax.tree.map(
        lambda a, b: np.testing.assert_allclose(a, b, **(tolerance or {"rtol": 1e-4, "atol": 1e-6})), left, right
    )


@settings(deadline=None, max_examples=10)
@given(rate=st.floats(0.01, 1.9), steps=st.integers(1, 60))
def test_gradient_descent_on_a_quadratic_shrinks_each_coordinate_geometrically(rate, steps):
    start = jnp.array([1.0, -2.0])
    result = train(quadratic, start, optax.sgd(rate), steps=steps)
    assert_same(result.params, start * (1 - rate * CURVATURE) ** steps)


def test_momentum_on_a_quadratic_follows_its_two_by_two_recursion():
    result = fit(quadratic, jnp.ones(2), optax.sgd(0.5, momentum=0.9), steps=40)
    for curvature, end in zip(np.asarray(CURVATURE), result.params, strict=True):
        # (w, m) -> (w - rate (beta m + c w), beta m + c w)
        matrix = np.array([[1 - 0.5 * curvature, -0.45], [curvature, 0.9]])
        np.testing.assert_allclose(end, (np.linalg.matrix_power(matrix, 40) @ [1, 0])[0], rtol=1e-4, atol=1e-6)


def test_adams_first_step_is_the_learning_rate_against_the_gradients_sign():
    result = fit(quadratic, jnp.array([3.0, -2.0]), ADAM, steps=1)
    np.testing.assert_allclose(result.params, [2.99, -1.99], rtol=1e-6)


def test_newton_like_optimisers_get_the_loss_they_ask_for():
    assert fit(quadratic, jnp.array([3.0, -2.0]), optax.lbfgs(), steps=20).losses[-1] < 1e-9


@pytest.mark.parametrize("batch_size", [None, 4])
@pytest.mark.parametrize("run", [train, fit])
def test_the_scan_is_a_plain_loop(run, batch_size):
    steps, start = 53, network(KEY)  # not a multiple of CHUNKS: the last piece is shorter
    gradient_step, update = jax.jit(jax.value_and_grad(squared_error)), jax.jit(ADAM.update)
    params, state, losses, records = start, ADAM.init(start), [], [start[0].weights]
    for step in range(steps):
        batch = DATA
        if batch_size:
            index = jax.random.randint(jax.random.fold_in(KEY, step), (batch_size,), 0, 12)
            batch = (DATA[0][index], DATA[1][index])
        loss, gradient = gradient_step(params, batch)
        updates, state = update(gradient, state, params)
        params = optax.apply_updates(params, updates)
        losses.append(loss)
        records.append(params[0].weights)
    result = run(
        squared_error, start, ADAM, steps=steps, data=DATA, batch_size=batch_size, key=KEY,
        record=lambda params: params[0].weights, record_every=1,
    )  # fmt: skip
    assert_same(result.params, params)
    assert_same(result.losses, jnp.stack(losses))
    assert_same(result.records, jnp.stack(records))
    np.testing.assert_array_equal(result.record_steps, range(steps + 1))


def test_records_are_taken_at_the_steps_that_are_named():
    result = fit(
        quadratic, jnp.ones(2), optax.sgd(0.1), steps=600, record=lambda w: {"loss": quadratic(w)}, record_every=3
    )
    np.testing.assert_array_equal(result.record_steps, np.arange(0, 601, 3))
    assert_same(result.records["loss"][:-1], result.losses[result.record_steps[:-1]])
    assert_same(result.records["loss"][-1], quadratic(result.params))
    both_ends = fit(quadratic, jnp.ones(2), optax.sgd(0.1), steps=7, record=lambda w: w)
    np.testing.assert_array_equal(both_ends.record_steps, [0, 7])
    nothing = fit(quadratic, jnp.ones(2), optax.sgd(0.1), steps=7)
    assert nothing.records is None and nothing.record_steps.size == 0


def test_seeds_trained_together_are_seeds_trained_alone():
    keys = jax.random.split(KEY, 3)
    options = {
        "steps": 60,
        "data": DATA,
        "batch_size": 4,
        "record": lambda params: params[0].weights,
        "record_every": 2,
    }
    together = fit(squared_error, jax.vmap(network)(keys), ADAM, key=keys, over=("params", "key"), **options)
    for member, key in enumerate(keys):
        alone = fit(squared_error, network(key), ADAM, key=key, **options)
        mine = jax.tree.map(lambda leaf, member=member: leaf[member], together._replace(record_steps=None))
        assert_same(mine, alone._replace(record_steps=None))


def test_learning_rates_trained_together_are_learning_rates_trained_alone():
    rates, start = jnp.array([0.01, 0.1, 0.5]), network(KEY)
    together = fit(squared_error, start, optax.sgd, hyperparameters=rates, over="hyperparameters", steps=60, data=DATA)
    pure = jax.jit(jax.vmap(lambda rate: train(squared_error, start, optax.sgd(rate), steps=60, data=DATA)))(rates)
    for member, rate in enumerate(rates):
        alone = fit(squared_error, start, optax.sgd(float(rate)), steps=60, data=DATA)
        for result in (together, pure):
            assert_same(result.losses[member], alone.losses)
            assert_same(jax.tree.map(lambda leaf, member=member: leaf[member], result.params), alone.params)


def test_an_optimiser_and_its_hyperparameters_go_together():
    with pytest.raises(ValueError, match="there are none: pass hyperparameters"):
        fit(quadratic, jnp.ones(2), optax.sgd, steps=3)
    with pytest.raises(ValueError, match="would change nothing: leave them out"):
        fit(quadratic, jnp.ones(2), optax.sgd(0.1), hyperparameters=0.4, steps=3)


def test_each_member_may_have_its_own_data():
    datasets = tuple(jnp.stack([leaf, 2 * leaf]) for leaf in DATA)
    together = fit(squared_error, network(KEY), ADAM, steps=30, data=datasets, batch_size=5, key=KEY, over="data")
    second = fit(squared_error, network(KEY), ADAM, steps=30, data=jax.tree.map(lambda leaf: leaf[1], datasets),
                 batch_size=5, key=KEY)  # fmt: skip
    assert_same(together.losses[1], second.losses)


def test_training_is_differentiable():
    """d/d rate of (1 - rate)^(2 n) / 2, the final loss on a quadratic of curvature 1."""
    final = jax.grad(lambda rate: quadratic(train(quadratic, jnp.array([1.0, 0.0]), optax.sgd(rate), steps=5).params))
    np.testing.assert_allclose(final(0.1), -5 * 0.9**9, rtol=1e-5)


def test_mini_batches_follow_the_key_and_cover_the_data():
    def linear(w, batch):
        return w @ batch.sum(0)

    counts = -fit(linear, jnp.zeros(6), optax.sgd(1.0), steps=300, data=jnp.eye(6), batch_size=2, key=KEY).params
    others, again = (
        -fit(linear, jnp.zeros(6), optax.sgd(1.0), steps=300, data=jnp.eye(6), batch_size=2, key=key).params
        for key in (jax.random.key(1), KEY)
    )
    assert counts.sum() == 600 and not np.array_equal(counts, others)
    np.testing.assert_array_equal(counts, again)
    # Binomial(600, 1/6): mean 100, deviation 9.1; five of those.
    assert np.abs(counts - 100).max() < 46


@pytest.mark.parametrize("batch_size", [1, 6])
def test_a_batch_may_be_one_example_or_as_many_as_there_are(batch_size):
    sum_of_draws = fit(
        lambda w, batch: w @ batch.sum(0), jnp.zeros(6), optax.sgd(1.0), steps=2, data=jnp.eye(6),
        batch_size=batch_size, key=KEY,
    )  # fmt: skip
    assert -sum_of_draws.params.sum() == 2 * batch_size


def test_the_same_functions_are_compiled_once():
    traces = []

    def counted(params, batch):
        traces.append(None)
        return squared_error(params, batch)

    for seed in range(3):
        fit(counted, network(jax.random.key(seed)), ADAM, steps=100, data=DATA)
        if seed == 0:
            after_first = len(traces)
    assert len(traces) == after_first


def test_divergence_names_the_step_the_last_finite_loss_and_the_remedy():
    with pytest.raises(TrainingDiverged, match="turn down the learning rate") as caught:
        fit(quadratic, jnp.ones(2), optax.sgd(11.0), steps=1000)
    # Curvature 1 grows by 10 a step, so the loss by 100: 0.5 * 100^k leaves float32 (3.4e38) between k = 19 and 20.
    error = caught.value
    assert error.step == 20 and error.members == ()
    assert error.last_finite_loss == pytest.approx(0.5e38, rel=1e-3)
    assert "step 20 of 1000" in str(error) and "5e+37" in str(error)


def test_divergence_says_which_members():
    rates = jnp.array([0.1, 101.0, 0.2, 1001.0])
    with pytest.raises(TrainingDiverged, match=r"2 of 4 members diverged \(1, 3\): in member 3") as caught:
        fit(quadratic, jnp.ones(2), optax.sgd, hyperparameters=rates, over="hyperparameters", steps=1000)
    assert caught.value.members == (1, 3) and caught.value.step == 7


def test_divergence_in_the_data_and_in_the_last_step_is_seen():
    with pytest.raises(TrainingDiverged, match="look at the data") as caught:
        fit(quadratic, jnp.array([jnp.nan, 1.0]), ADAM, steps=10)
    assert caught.value.step == 0 and caught.value.last_finite_loss is None
    with pytest.raises(TrainingDiverged, match="the parameters became nan or inf at step 1 of 1"):
        fit(lambda w: jnp.sqrt(w), 0.0, optax.sgd(1.0), steps=1)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"steps": 0}, "steps must be at least 1, got 0"),
        ({"steps": 10, "record": jnp.sum, "record_every": 3}, "record_every must divide steps=10, got 3"),
        ({"steps": 10, "record": jnp.sum, "record_every": 0}, "record_every must divide steps=10, got 0"),
        ({"steps": 10, "record_every": 5}, "record_every=5 has nothing to record"),
        ({"steps": 10, "batch_size": 3}, "batch_size needs data to draw from and a key"),
        ({"steps": 10, "batch_size": 3, "data": DATA}, "batch_size needs data to draw from and a key"),
        ({"steps": 10, "batch_size": 13, "data": DATA, "key": KEY}, "between 1 and the 12 examples, got 13"),
        ({"steps": 10, "batch_size": 0, "data": DATA, "key": KEY}, "between 1 and the 12 examples, got 0"),
        ({"steps": 10, "batch_size": 3, "data": (DATA[0], 1.0), "key": KEY}, r"axis 0, got shapes \[\(12, 1\), \(\)\]"),
        (
            {"steps": 10, "batch_size": 3, "data": (DATA[0], jnp.ones(3)), "key": KEY},
            "examples along axis 0, got shapes",
        ),
        ({"steps": 10, "over": "seeds"}, r"over may name .*got \['seeds'\]"),
        ({"steps": 10, "over": ["key", "params"]}, r"over names \['key'\], of which there is none"),
    ],
)
def test_arguments_that_do_not_fit_are_named(options, message):
    with pytest.raises(ValueError, match=message):
        fit(quadratic, jnp.ones(2), ADAM, **options)


class Terminal(io.StringIO):
    def isatty(self):
        return True


@pytest.mark.parametrize(
    ("seconds", "stream", "shows"), [(4, Terminal, True), (2, Terminal, False), (4, io.StringIO, False)]
)
def test_a_bar_shows_after_three_seconds_on_a_terminal_only(monkeypatch, seconds, stream, shows):
    clock = iter(np.arange(10_000) * seconds / 50)
    monkeypatch.setattr("tqdm.std.time", lambda: next(clock))
    stderr = stream()
    monkeypatch.setattr(sys, "stderr", stderr)
    fit(quadratic, jnp.ones(2), optax.sgd(0.1), steps=100)
    assert ("step/s" in stderr.getvalue()) == shows
    assert stderr.getvalue().rsplit("\r", 1)[-1].strip() == "", "the bar must wipe itself out"


def test_all_pieces_of_a_run_are_equally_long_if_they_can_be(monkeypatch):
    """Two lengths would be two programs to compile."""
    lengths = set()

    def watched(function, given, *rest):
        lengths.update(given[1:])
        return compiled(function, given, *rest)

    monkeypatch.setattr("helpers.training.compiled", watched)
    fit(quadratic, jnp.ones(2), ADAM, steps=104)
    assert lengths == {2}


def test_the_bar_begins_with_the_steps_that_a_checkpoint_has(monkeypatch, tmp_path):
    began = []
    monkeypatch.setattr("helpers.training.bar", lambda steps, done: began.append((steps, done)) or bar(steps, done))
    for _ in range(2):
        fit(quadratic, jnp.ones(2), ADAM, steps=12, record=jnp.sum, record_every=3, checkpoint=tmp_path)
    assert began == [(12, 0), (12, 12)]


def test_a_long_fit_leaves_nothing_in_an_executed_notebook():
    """Also with a clock on which every fit takes minutes."""
    nbclient = pytest.importorskip("nbclient")
    cell = """
        import itertools, tqdm.std
        tqdm.std.time = itertools.count(step=10).__next__
        import jax.numpy as jnp, optax
        from helpers.training import fit
        float(fit(lambda w: w @ w, jnp.ones(3), optax.sgd(0.1), steps=100).losses[0])
    """
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("\n".join(map(str.strip, cell.splitlines())))])
    notebook.cells[0].id = "fit"
    executed = [nbformat.writes(nbclient.NotebookClient(nbformat.from_dict(notebook), record_timing=False).execute())
                for _ in range(2)]  # fmt: skip
    assert executed[0] == executed[1]
    assert [output.output_type for output in nbformat.reads(executed[0], 4).cells[0].outputs] == ["execute_result"]
