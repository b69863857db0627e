"""Networks as pure functions on pytrees: `mlp_init` draws parameters, `mlp_apply` evaluates them on one example."""

import itertools
from collections.abc import Callable, Sequence
from typing import Literal, NamedTuple, get_args

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, PRNGKeyArray, PyTree

Initialisation = Literal["he", "lecun", "glorot", "ntk"]
Activation = Callable[[Float[Array, "width"]], Float[Array, "width"]]


class Layer(NamedTuple):
    """One affine map, ``inputs @ weights + biases``."""

    weights: Float[Array, "fan_in fan_out"]
    biases: Float[Array, "fan_out"]


def mlp_init(
    key: PRNGKeyArray, sizes: Sequence[int], *, initialisation: Initialisation = "he", scale: float = 1.0
) -> list[Layer]:
    """Gaussian weights and zero biases for a fully connected network.

    ``sizes`` runs from the inputs to the outputs: ``(40, 60, 10)`` has one hidden layer of 60 units. ``scale``
    multiplies the standard deviation of every weight, which before that is

    - ``"he"``: √(2 / fan_in), for ReLU (He et al., 2015, eq. 10);
    - ``"lecun"``: √(1 / fan_in) (LeCun et al., 1998, eq. 16);
    - ``"glorot"``: √(2 / (fan_in + fan_out)) (Glorot & Bengio, 2010, eq. 12);
    - ``"ntk"``: 1, to be used with ``mlp_apply(..., parametrisation="ntk")`` (Jacot et al., 2018, section 2). There
      ``scale=√2`` computes what ``"he"`` computes; ``scale=1`` what ``"lecun"`` does.

    Raises ``ValueError`` on fewer than two sizes, a size below 1, or an unknown initialisation.
    """
    sizes = tuple(sizes)
    if len(sizes) < 2:
        raise ValueError(f"sizes must name at least the inputs and the outputs, like (40, 60, 10); got {sizes}")
    if min(sizes) < 1:
        raise ValueError(f"every width in sizes must be at least 1, got {sizes}")
    if initialisation not in get_args(Initialisation):
        raise ValueError(f"initialisation must be one of {get_args(Initialisation)}, got {initialisation!r}")

    def layer(draws: Float[Array, "weights"], fan_in: int, fan_out: int) -> Layer:
        variance = {"he": 2 / fan_in, "lecun": 1 / fan_in, "glorot": 2 / (fan_in + fan_out), "ntk": 1.0}[initialisation]
        return Layer(scale * variance**0.5 * draws.reshape(fan_in, fan_out), jnp.zeros(fan_out))

    # One draw for all layers, because XLA spends up to a second compiling each shape of a draw.
    shapes = list(itertools.pairwise(sizes))
    ends = list(itertools.accumulate(fan_in * fan_out for fan_in, fan_out in shapes))
    draws = jnp.split(jax.random.normal(key, (ends[-1],)), ends[:-1])
    return [layer(piece, *shape) for piece, shape in zip(draws, shapes, strict=True)]


def mlp_apply(
    params: Sequence[Layer],
    x: Float[Array, "inputs"],
    *,
    activation: Activation = jax.nn.relu,
    parametrisation: Literal["standard", "ntk"] = "standard",
) -> Float[Array, "outputs"]:
    """The network's outputs for one example; ``jax.vmap`` it over a batch.

    ``activation`` follows every layer but the last. ``parametrisation="ntk"`` divides each layer's weights by √fan_in
    in the forward pass, so that gradients do not grow with the width (Jacot et al., 2018).

    Raises ``ValueError`` on an unknown parametrisation, or an ``x`` that is not one example of the first layer's size.
    """
    if parametrisation not in ("standard", "ntk"):
        raise ValueError(f"parametrisation must be 'standard' or 'ntk', got {parametrisation!r}")
    if jnp.shape(x) != (inputs := params[0].weights.shape[:1]):
        raise ValueError(
            f"x must be one example of shape {inputs}, got shape {jnp.shape(x)}; "
            "for a batch use jax.vmap(mlp_apply, in_axes=(None, 0))"
        )
    for depth, (weights, biases) in enumerate(params):
        scale = weights.shape[0] ** -0.5 if parametrisation == "ntk" else 1.0
        x = scale * (x @ weights) + biases
        if depth < len(params) - 1:
            x = activation(x)
    return x


def count_parameters(params: PyTree) -> int:
    """How many numbers a pytree of arrays (or of their shapes, from ``jax.eval_shape``) holds."""
    return sum(leaf.size for leaf in jax.tree.leaves(params))
