"""Small data sets, each generated offline from a key or a seed."""

from collections.abc import Callable
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Int, Num, PRNGKeyArray
from scipy.ndimage import gaussian_filter1d

from helpers.networks import Layer, mlp_apply, mlp_init


class Sample(NamedTuple):
    """Inputs and what should be predicted from them."""

    inputs: Float[Array, "n *d"]
    labels: Num[Array, "n"]


class Split(NamedTuple):
    """Examples to train on and examples to test on."""

    train: Sample
    test: Sample


class TeacherStudent(NamedTuple):
    """Examples labelled by a network, and that network."""

    train: Sample
    test: Sample
    teacher: list[Layer]


# MNIST-1D: the ten digits as pen strokes seen from the side, one row of heights a digit.
_GLYPHS = np.array([
    [5, 6, 6.5, 6.75, 7, 7, 7, 7, 6.75, 6.5, 6, 5],
    [5, 3, 3, 3.4, 3.8, 4.2, 4.6, 5, 5.4, 5.8, 5, 5],
    [5, 6, 6.5, 6.5, 6, 5.25, 4.75, 4, 3.5, 3.5, 4, 5],
    [5, 6, 6.5, 6.5, 6, 5, 5, 6, 6.5, 6.5, 6, 5],
    [5, 4.4, 3.8, 3.2, 2.6, 2.6, 5, 5, 5, 5, 5, 5],
    [5, 3, 3, 3, 3, 5, 6, 6.5, 6.5, 6, 4.5, 5],
    [5, 4, 3.5, 3.25, 3, 3, 3, 3, 3.25, 3.5, 4, 5],
    [5, 7, 7, 6.6, 6.2, 5.8, 5.4, 5, 4.6, 4.2, 5, 5],
    [5, 4, 3.5, 3.5, 4, 5, 5, 4, 3.5, 3.5, 4, 5],
    [5, 4, 3.5, 3.5, 4, 5, 5, 5, 5, 4.7, 4.3, 5],
])  # fmt: skip
_SHORTEST_PADDING, _LONGEST_PADDING = 36, 60
_CANVAS = _GLYPHS.shape[1] + _LONGEST_PADDING
_FEATURES = 40


def mnist1d(examples: int = 5000, *, seed: int = 42, test_fraction: float = 0.2) -> Split:
    """MNIST-1D: ten classes of 40-point signals, standardised as a whole (Greydanus & Kobak, 2024, arXiv 2011.14439).

    Each example is a digit's template, padded, stretched, scaled, shifted, sheared, and laid on smooth noise. The same
    ``seed`` gives the numbers of the authors' ``mnist1d.data.make_dataset`` to the last bit; it is a seed and not a key
    because the recipe is defined by NumPy's generator. ``examples`` is rounded down to a multiple of ten.

    Raises ``ValueError`` when a part would be empty.
    """
    if examples < 10:
        raise ValueError(f"examples must be at least 10, one per class, got {examples}")
    generator = np.random.RandomState(seed)  # the legacy generator, whose stream NumPy has frozen
    templates = _mnist1d_templates()
    signals = np.stack(
        [_mnist1d_signal(template, generator) for template in templates for _ in range(examples // len(templates))]
    )
    labels = np.repeat(np.arange(len(templates)), examples // len(templates))
    order = generator.permutation(len(labels))
    signals = signals[order]
    return _split((signals - signals.mean()) / signals.std(), labels[order], test_fraction)


def _mnist1d_templates() -> Float[np.ndarray, "10 12"]:
    """Glyphs with mean 0 and deviation 1, then moved so that each stroke starts and ends at 0, then divided by 6."""
    centred = _GLYPHS - _GLYPHS.mean(1, keepdims=True)
    standardised = centred / centred.std(1, keepdims=True)
    return (standardised - standardised[:, :1]) / 6


def _mnist1d_signal(template: np.ndarray, generator: np.random.RandomState) -> Float[np.ndarray, "40"]:
    """One example. The order of the random draws is part of the recipe."""
    padding = _SHORTEST_PADDING + int(generator.rand() * (_LONGEST_PADDING - _SHORTEST_PADDING + 1))
    # The tiny offset tells the stroke, where it touches 0, from the padding, which is exactly 0.
    signal = _resample(np.pad(template + 1e-8, (0, padding)), _CANVAS)
    signal = signal * (1 + 0.4 * (generator.rand() - 0.5))
    signal = np.roll(signal, generator.randint(48))
    background = gaussian_filter1d(0.25 * generator.randn(_CANVAS), sigma=2)
    signal = np.where(signal != 0, signal, background) + 0.02 * generator.randn(_CANVAS)
    shear = 0.75 * (generator.rand() - 0.5)
    return _resample(signal - shear * np.linspace(-0.5, 0.5, _CANVAS), _FEATURES)


def _resample(signal: np.ndarray, length: int) -> np.ndarray:
    return np.interp(np.linspace(0, 1, length), np.linspace(0, 1, len(signal)), signal)


def digits(key: PRNGKeyArray, *, test_fraction: float = 0.25) -> Split:
    """The 1,797 8×8 digits that come with scikit-learn, as 64 grey levels in [0, 1], shuffled by ``key``.

    Source: the test half of Alpaydin & Kaynak's optical recognition data set (UCI, 1998). Raises ``ValueError`` when a
    part would be empty.
    """
    from sklearn.datasets import load_digits  # a slow import that few chapters need

    pixels, labels = load_digits(return_X_y=True)
    order = np.asarray(jax.random.permutation(key, len(labels)))
    return _split(pixels[order] / 16, labels[order], test_fraction)


def _split(inputs: np.ndarray, labels: np.ndarray, test_fraction: float) -> Split:
    train_size = int(len(labels) * (1 - test_fraction) + 1e-9)  # 1 - 0.9 is a little under 0.1
    if not 0 < train_size < len(labels):
        raise ValueError(
            f"test_fraction must leave examples on both sides, got {test_fraction} of {len(labels)} examples; "
            "try 0.2, or more examples"
        )
    x, y = jnp.asarray(inputs, dtype=float), jnp.asarray(labels, dtype=int)
    return Split(Sample(x[:train_size], y[:train_size]), Sample(x[train_size:], y[train_size:]))


def teacher_student(
    key: PRNGKeyArray, *, dimension: int, teacher_width: int, examples: int, test_examples: int, noise: float = 0.0
) -> TeacherStudent:
    """Standard Gaussian inputs, labelled by a random one-hidden-layer ReLU network of unit-order outputs.

    ``noise`` is the standard deviation of Gaussian noise on the training labels; test labels are clean. Source:
    Saad & Solla (1995). Raises ``ValueError`` on a size below 1.
    """
    _require_positive(dimension=dimension, teacher_width=teacher_width, examples=examples, test_examples=test_examples)
    key_teacher, key_inputs, key_noise = jax.random.split(key, 3)
    teacher = mlp_init(key_teacher, (dimension, teacher_width, 1))
    inputs = jax.random.normal(key_inputs, (examples + test_examples, dimension))
    labels = jax.vmap(mlp_apply, in_axes=(None, 0))(teacher, inputs)[:, 0]
    train_labels = labels[:examples] + noise * jax.random.normal(key_noise, (examples,))
    return TeacherStudent(
        Sample(inputs[:examples], train_labels), Sample(inputs[examples:], labels[examples:]), teacher
    )


def two_moons(key: PRNGKeyArray, examples: int, *, noise: float = 0.1) -> Sample:
    """Two interleaved half circles of radius 1 in the plane, classes 0 and 1.

    ``noise`` is a Gaussian deviation of both coordinates. Raises ``ValueError`` on fewer than two examples.
    """
    key_angle, key_noise = jax.random.split(key)
    labels = _alternating_classes(examples)
    angle = jnp.pi * jax.random.uniform(key_angle, (examples,))
    upper = jnp.stack([jnp.cos(angle), jnp.sin(angle)], axis=1)
    inputs = jnp.where(labels[:, None] == 0, upper, jnp.array([1.0, 0.5]) - upper)
    return Sample(inputs + noise * jax.random.normal(key_noise, inputs.shape), labels)


def spirals(key: PRNGKeyArray, examples: int, *, turns: float = 1.5, noise: float = 0.02) -> Sample:
    """Two intertwined spirals in the unit disc, classes 0 and 1 (after Lang & Witbrock, 1988).

    Each arm winds ``turns`` times; ``noise`` is a Gaussian deviation of both coordinates.

    Raises ``ValueError`` on fewer than two examples.
    """
    key_radius, key_noise = jax.random.split(key)
    labels = _alternating_classes(examples)
    radius = jnp.sqrt(jax.random.uniform(key_radius, (examples,)))
    angle = 2 * jnp.pi * turns * radius + jnp.pi * labels
    inputs = radius[:, None] * jnp.stack([jnp.cos(angle), jnp.sin(angle)], axis=1)
    return Sample(inputs + noise * jax.random.normal(key_noise, inputs.shape), labels)


def noisy_curve(
    key: PRNGKeyArray,
    examples: int,
    *,
    noise: float = 0.1,
    curve: Callable[[Float[Array, "n"]], Float[Array, "n"]] = lambda x: jnp.sin(jnp.pi * x),
) -> Sample:
    """Points of a curve over [-1, 1], at sorted uniform positions, with Gaussian noise of deviation ``noise``.

    Raises ``ValueError`` on fewer than one example.
    """
    _require_positive(examples=examples)
    key_inputs, key_noise = jax.random.split(key)
    inputs = jnp.sort(jax.random.uniform(key_inputs, (examples,), minval=-1.0, maxval=1.0))
    return Sample(inputs, curve(inputs) + noise * jax.random.normal(key_noise, (examples,)))


def flip_labels(key: PRNGKeyArray, labels: Int[Array, "*n"], fraction: float, classes: int) -> Int[Array, "*n"]:
    """Label noise: each label is, with probability ``fraction``, drawn afresh from all classes.

    Labels are resampled uniformly, and one draw in ``classes`` hits the old class: on average only
    ``fraction * (1 - 1 / classes)`` of the labels are wrong (15 % noise on ten classes: 13.5 %). Raises ``ValueError``
    on a fraction outside [0, 1] or fewer than two classes.
    """
    if not 0 <= fraction <= 1:
        raise ValueError(f"fraction must be between 0 and 1, got {fraction}")
    if classes < 2:
        raise ValueError(f"classes must be at least 2, got {classes}")
    key_which, key_label = jax.random.split(key)
    resampled = jax.random.bernoulli(key_which, fraction, labels.shape)
    return jnp.where(resampled, jax.random.randint(key_label, labels.shape, 0, classes, labels.dtype), labels)


def one_hot(labels: Int[Array, "*n"], classes: int) -> Float[Array, "*n {classes}"]:
    """Each label as a unit vector of length ``classes``.

    Raises ``ValueError`` on a label outside ``0 … classes - 1`` (inside a jax transformation, where values are not
    known, such a label gives a row of zeros).
    """
    _require_positive(classes=classes)
    try:
        in_range = bool(jnp.all((labels >= 0) & (labels < classes)))
    except jax.errors.ConcretizationTypeError:
        in_range = True
    if not in_range:
        raise ValueError(
            f"labels must lie in 0 … {classes - 1} for classes={classes}, got {int(labels.min())} … {int(labels.max())}"
        )
    return jax.nn.one_hot(labels, classes)


def _alternating_classes(examples: int) -> Int[Array, "n"]:
    if examples < 2:
        raise ValueError(f"examples must be at least 2, one per class, got {examples}")
    return jnp.arange(examples) % 2


def _require_positive(**sizes: int) -> None:
    for name, size in sizes.items():
        if size < 1:
            raise ValueError(f"{name} must be at least 1, got {size}")
