"""Generated data: MNIST-1D against the authors' package, and what each set promises."""

import random

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers import data
from helpers.networks import mlp_apply

KEY = jax.random.key(0)


@pytest.mark.parametrize(
    ("theirs", "ours"),
    [
        ({}, {}),
        ({"seed": 7, "num_samples": 1234, "train_split": 0.5}, {"seed": 7, "examples": 1234, "test_fraction": 0.5}),
        ({"seed": 0, "num_samples": 10, "train_split": 0.9}, {"seed": 0, "examples": 10, "test_fraction": 1 - 0.9}),
    ],
)
def test_mnist1d_is_the_authors_to_the_last_bit(theirs, ours):
    package = pytest.importorskip("mnist1d.data")
    arguments = package.get_dataset_args()
    vars(arguments).update(theirs)
    theirs, ours = package.make_dataset(arguments), data.mnist1d(**ours)
    for mine, name in zip(jax.tree.leaves(ours), ("x", "y", "x_test", "y_test"), strict=True):
        np.testing.assert_array_equal(mine, theirs[name].astype(mine.dtype), strict=True)


def test_mnist1d_leaves_the_global_generators_alone():
    numpy_state, python_state = np.random.get_state()[1].copy(), random.getstate()
    data.mnist1d(20)
    np.testing.assert_array_equal(np.random.get_state()[1], numpy_state)
    assert random.getstate() == python_state


def test_mnist1d_differs_between_seeds():
    assert not np.array_equal(data.mnist1d(50, seed=1).train.inputs, data.mnist1d(50, seed=2).train.inputs)


@pytest.mark.parametrize("arguments", [{"examples": 9}, {"examples": 10, "test_fraction": 0.0}, {"test_fraction": 1.0}])
def test_mnist1d_refuses_empty_parts(arguments):
    with pytest.raises(ValueError, match="must"):
        data.mnist1d(**arguments)


def test_digits_are_all_there_once_whatever_the_key():
    def everything(key):
        split = data.digits(key)
        rows = np.concatenate([np.column_stack(part) for part in split])
        return rows[np.lexsort(rows.T)], split

    rows, split = everything(KEY)
    other_rows, other_split = everything(jax.random.key(1))
    np.testing.assert_array_equal(rows, other_rows)
    assert rows.shape == (1797, 65) and rows[:, :64].min() == 0 and rows[:, :64].max() == 1
    assert not np.array_equal(split.train.inputs, other_split.train.inputs)


def test_teacher_student_labels_are_the_teachers_plus_noise():
    result = data.teacher_student(KEY, dimension=5, teacher_width=7, examples=4000, test_examples=30, noise=0.5)
    assert result.train.inputs.shape == (4000, 5) and result.test.labels.shape == (30,)
    teach = jax.vmap(lambda x: mlp_apply(result.teacher, x)[0])
    np.testing.assert_allclose(result.test.labels, teach(result.test.inputs), rtol=1e-5, atol=1e-6)
    # The sample deviation of n Gaussians is off by 1 part in sqrt(2 n) = 1.1 %; five of those.
    assert np.std(result.train.labels - teach(result.train.inputs)) == pytest.approx(0.5, rel=0.056)


def test_without_noise_the_teacher_is_right():
    train, _, teacher = data.teacher_student(KEY, dimension=5, teacher_width=7, examples=20, test_examples=1)
    answers = jax.vmap(lambda x: mlp_apply(teacher, x)[0])(train.inputs)
    np.testing.assert_allclose(train.labels, answers, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize(
    ("make", "field", "usual"),
    [(data.two_moons, "inputs", 0.1), (data.spirals, "inputs", 0.02), (data.noisy_curve, "labels", 0.1)],
)
def test_noise_has_the_deviation_it_says_in_every_coordinate(make, field, usual):
    clean, noisy, by_default = (
        np.asarray(getattr(make(KEY, 4000, **options), field)).reshape(4000, -1)
        for options in ({"noise": 0.0}, {"noise": 0.5}, {})
    )
    # The sample deviation of 4000 Gaussians is off by 1.1 %, and their mean by 1.6 % of it; five of each.
    np.testing.assert_allclose(np.std(noisy - clean, axis=0), 0.5, rtol=0.056)
    np.testing.assert_allclose(np.mean(noisy - clean, axis=0), 0, atol=0.08 * 0.5)
    np.testing.assert_allclose(np.std(by_default - clean, axis=0), usual, rtol=0.056)


def test_clean_moons_and_spirals_lie_on_their_curves():
    moons = data.two_moons(KEY, 101, noise=0.0)
    centre = jnp.where(moons.labels[:, None] == 0, jnp.zeros(2), jnp.array([1.0, 0.5]))
    np.testing.assert_allclose(jnp.linalg.norm(moons.inputs - centre, axis=1), 1, rtol=1e-6)
    assert ((moons.inputs - centre)[:, 1] * (1 - 2 * moons.labels) >= 0).all()

    spirals = data.spirals(KEY, 101, turns=2.0, noise=0.0)
    radius = jnp.linalg.norm(spirals.inputs, axis=1)
    angle = jnp.arctan2(spirals.inputs[:, 1], spirals.inputs[:, 0])
    arm = jnp.cos(angle - 4 * jnp.pi * radius)  # 1 on the arm of class 0, -1 on the other
    np.testing.assert_allclose(arm, 1 - 2 * spirals.labels, atol=1e-4)
    assert radius.max() <= 1 + 1e-6
    usual = data.spirals(KEY, 101, noise=0.0).inputs  # one and a half turns: at radius 1/3 half a turn
    arm = jnp.cos(jnp.arctan2(usual[:, 1], usual[:, 0]) - 3 * jnp.pi * radius)
    np.testing.assert_allclose(arm, 1 - 2 * spirals.labels, atol=1e-4)


def test_noisy_curve_is_sorted_and_on_the_curve_without_noise():
    inputs, labels = data.noisy_curve(KEY, 50, noise=0.0, curve=jnp.square)
    assert (jnp.diff(inputs) >= 0).all() and jnp.abs(inputs).max() <= 1
    np.testing.assert_array_equal(labels, inputs**2)
    usual = data.noisy_curve(KEY, 400, noise=0.0)
    np.testing.assert_allclose(usual.labels, np.sin(np.pi * np.asarray(usual.inputs)), atol=1e-6)
    # The chance that none of 400 falls into the last twentieth at an end is 4e-5.
    assert usual.inputs.min() < -0.95 and usual.inputs.max() > 0.95


@settings(deadline=None, max_examples=15)
@given(fraction=st.floats(0, 1), classes=st.integers(2, 12), seed=st.integers(0, 2**31 - 1))
def test_flipped_labels_are_wrong_as_often_as_promised(fraction, classes, seed):
    labels = jnp.arange(20_000) % classes
    flipped = data.flip_labels(jax.random.key(seed), labels, fraction, classes)
    assert flipped.min() >= 0 and flipped.max() < classes and flipped.dtype == labels.dtype
    expected = fraction * (1 - 1 / classes)
    deviation = np.sqrt(expected * (1 - expected) / len(labels))
    assert abs(float(jnp.mean(flipped != labels)) - expected) <= 6 * deviation + 1e-6


def test_fresh_labels_are_uniform():
    flipped = data.flip_labels(KEY, jnp.zeros(20_000, int), 1.0, 10)
    # Binomial(20000, 1/10): mean 2000, deviation 42; five of those.
    assert np.abs(np.bincount(flipped, minlength=10) - 2000).max() < 212


def test_flipping_nothing_changes_nothing():
    labels = jnp.arange(10)
    np.testing.assert_array_equal(data.flip_labels(KEY, labels, 0.0, 10), labels)


@given(st.lists(st.integers(0, 6), min_size=1, max_size=20))
@settings(deadline=None, max_examples=15)
def test_one_hot_is_inverted_by_argmax_and_sums_to_one(labels):
    encoded = data.one_hot(jnp.array(labels), 7)
    np.testing.assert_array_equal(encoded.argmax(1), labels)
    np.testing.assert_array_equal(encoded.sum(1), 1)


def test_one_hot_names_the_range_it_got_and_works_under_jit():
    with pytest.raises(ValueError, match=r"0 … 6 for classes=7, got -1 … 7"):
        data.one_hot(jnp.array([-1, 7]), 7)
    for outside in (-1, 7):
        with pytest.raises(ValueError, match="labels must lie in 0 … 6"):
            data.one_hot(jnp.array([3, outside]), 7)
    np.testing.assert_array_equal(jax.jit(data.one_hot, static_argnums=1)(jnp.array([2]), 3), [[0, 0, 1]])


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: data.flip_labels(KEY, jnp.arange(3), 1.5, 10), "fraction must be between 0 and 1, got 1.5"),
        (lambda: data.flip_labels(KEY, jnp.arange(3), -0.5, 10), "fraction must be between 0 and 1, got -0.5"),
        (lambda: data.flip_labels(KEY, jnp.arange(3), 0.5, 1), "classes must be at least 2, got 1"),
        (lambda: data.two_moons(KEY, 1), "examples must be at least 2, one per class, got 1"),
        (lambda: data.noisy_curve(KEY, 0), "examples must be at least 1, got 0"),
        (
            lambda: data.teacher_student(KEY, dimension=0, teacher_width=1, examples=1, test_examples=1),
            "dimension must be at least 1, got 0",
        ),
    ],
)
def test_errors_name_the_argument_and_what_came(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def gaussians(key, examples):
    return data.teacher_student(key, dimension=3, teacher_width=2, examples=examples, test_examples=1).train


@pytest.mark.parametrize("make", [data.two_moons, data.spirals, data.noisy_curve, gaussians])
def test_the_same_key_gives_the_same_data_and_another_key_other_data(make):
    first, again, other = make(KEY, 8), make(KEY, 8), make(jax.random.key(1), 8)
    np.testing.assert_array_equal(first.inputs, again.inputs)
    assert not np.array_equal(first.inputs, other.inputs)
