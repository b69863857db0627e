"""Infinitely wide networks and the kernels that describe them: recursions, empirical kernels, training in closed form.

Everything is in *NTK parametrisation* (Jacot et al., 2018): a layer computes h = weight_scale / √fan_in · Wᵀ a +
bias_scale · b, all entries of W and b start as N(0, 1), a = activation(h) feeds the next layer, and the last h is the
output. Two kernels belong to it: the *NNGP* kernel is the covariance of the outputs over such starts, and the *neural
tangent kernel* (NTK) the inner product of the outputs' gradients in the parameters. Both become deterministic as the
widths grow: `infinite_kernels` are the limits, `layerwise_kernels` and `empirical_ntk` those of one finite network.

Wherever there are inputs ``x1`` and ``x2``, leaving out the second means twice the first.
"""

import functools
from collections.abc import Callable, Sequence
from typing import NamedTuple, TypeAlias

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, PRNGKeyArray, PyTree

from helpers.duals import Dual
from helpers.networks import Activation, Layer, mlp_init

Apply: TypeAlias = Callable[[PyTree, Array], Array]
_State: TypeAlias = tuple[Array, Array, Array, Array]


class Kernels(NamedTuple):
    nngp: Float[Array, "n1 n2"]
    ntk: Float[Array, "n1 n2"]


class Evolution(NamedTuple):
    """Outputs during training, one row a time."""

    train: Float[Array, "times train *outputs"]
    test: Float[Array, "times test *outputs"]


def ntk_init(key: PRNGKeyArray, sizes: Sequence[int]) -> list[Layer]:
    """Weights and biases N(0, 1); ``sizes`` runs from the inputs to the outputs, as in `mlp_init`, and raises as it."""
    key_weights, key_biases = jax.random.split(key)
    layers = mlp_init(key_weights, sizes, initialisation="ntk")
    biases = jax.random.normal(key_biases, (sum(sizes[1:]),))
    pieces = jnp.split(biases, np.cumsum(sizes[1:-1]))
    return [Layer(layer.weights, piece) for layer, piece in zip(layers, pieces, strict=True)]


def ntk_apply(
    params: Sequence[Layer],
    x: Float[Array, "inputs"],
    *,
    activation: Activation = jax.nn.relu,
    weight_scale: float | Array = 2**0.5,
    bias_scale: float | Array = 0.0,
) -> Float[Array, "outputs"]:
    """The network's outputs for one example; ``jax.vmap`` it over a batch.

    Raises ``ValueError`` on an ``x`` that is not one example of the first layer's size.
    """
    if jnp.shape(x) != (inputs := params[0].weights.shape[:1]):
        raise ValueError(
            f"x must be one example of shape {inputs}, got shape {jnp.shape(x)}; "
            "for a batch use jax.vmap(ntk_apply, in_axes=(None, 0))"
        )
    return _forward(params, [0.0] * len(params), x, activation, weight_scale, bias_scale)[0]


def _forward(
    params: Sequence[Layer],
    offsets: Sequence[Array | float],
    x: Array,
    activation: Activation,
    weight_scale: float | Array,
    bias_scale: float | Array,
) -> tuple[Array, list[Array]]:
    """The outputs, and what the layers' weights are multiplied with; each offset is added to its layer's h."""
    inputs = []
    for depth, ((weights, biases), offset) in enumerate(zip(params, offsets, strict=True)):
        inputs.append(weight_scale / weights.shape[0] ** 0.5 * (activation(x) if depth else x))
        x = inputs[-1] @ weights + bias_scale * biases + offset
    return x, inputs


# Infinite width


def infinite_kernels(
    x1: Float[Array, "n1 d"],
    x2: Float[Array, "n2 d"] | None = None,
    *,
    depth: int,
    dual: Dual,
    weight_scale: float | Array = 2**0.5,
    bias_scale: float | Array = 0.0,
) -> Kernels:
    """NNGP kernel and NTK in the limit of infinite width, for ``depth`` hidden layers (Jacot et al., 2018, theorem 1).

    With K the covariance of two inputs' h in one layer, in the next it is K' = bias_scale² + weight_scale² E φ(u) φ(v)
    for (u, v) ~ N(0, K), and Θ' = K' + weight_scale² E φ'(u) φ'(v) · Θ. The first K = Θ is that of the linear network.

    Raises ``ValueError`` on a negative depth, or inputs that are not two matrices with equally many columns.
    """
    x2 = x1 if x2 is None else x2
    _check_inputs(x1, x2)
    if depth < 0:
        raise ValueError(f"depth counts hidden layers and must be at least 0, got {depth}")

    def covariance(moment: Array) -> Array:
        return bias_scale**2 + weight_scale**2 * moment

    def layer(state: _State, _: None) -> tuple[_State, None]:
        q11, q12, q22, ntk = state
        nngp = covariance(dual.value(q11, q12, q22))
        variances = [covariance(dual.value(q, q, q)) for q in (q11, q22)]
        ntk = nngp + weight_scale**2 * dual.slope(q11, q12, q22) * ntk
        return (variances[0], nngp, variances[1], ntk), None

    q12 = covariance(x1 @ x2.T / x1.shape[1])
    q11, q22 = (covariance(jnp.mean(x**2, axis=1)) for x in (x1, x2))
    (_, nngp, _, ntk), _ = jax.lax.scan(layer, (q11[:, None], q12, q22[None, :], q12), length=depth)
    return Kernels(nngp, ntk)


# Finite width


def empirical_ntk(
    apply: Apply,
    params: PyTree,
    x1: Float[Array, "n1 *x"],
    x2: Float[Array, "n2 *x"] | None = None,
    *,
    every_pair: bool = False,
) -> Float[Array, "n1 n2 *outputs"]:
    """The NTK of any network ``apply(params, x)`` for one example x, by contracting its Jacobians in the parameters.

    Of a vector of outputs it is the mean over them (the trace, over their number), which tends to `infinite_kernels`;
    with ``every_pair`` it has two more axes, for the output of either example. All Jacobians are held in memory.

    Raises ``ValueError`` on outputs that are neither a number nor a vector.
    """

    def jacobian(x: Array) -> list[Array]:
        outputs = jax.eval_shape(apply, params, x)
        if outputs.ndim > 1:
            raise ValueError(f"apply must return a number or a vector for one example, got shape {outputs.shape}")
        return [leaf.reshape(outputs.size, -1) for leaf in jax.tree.leaves(jax.jacrev(apply)(params, x))]

    def contracted(a: Array, b: Array) -> Array:
        if every_pair:
            return jnp.einsum("iop,jqp->ijoq", a, b)
        return a.reshape(len(a), -1) @ b.reshape(len(b), -1).T / a.shape[1]

    first = jax.vmap(jacobian)(x1)
    second = first if x2 is None else jax.vmap(jacobian)(x2)
    return functools.reduce(jnp.add, map(contracted, first, second))


def layerwise_kernels(
    params: Sequence[Layer],
    x1: Float[Array, "n1 d"],
    x2: Float[Array, "n2 d"] | None = None,
    *,
    activation: Activation = jax.nn.relu,
    weight_scale: float | Array = 2**0.5,
    bias_scale: float | Array = 0.0,
) -> Kernels:
    """The kernels of one `ntk_apply` network without its Jacobian: the recursion of infinite width, read in it.

    An example's gradient in one layer's weights is an outer product, so that inner products of gradients factorise
    (Goodfellow, 2015; Novak et al., 2022): Θ = Σ (A Aᵀ) ∘ (D Dᵀ) over the layers, with the rows of A what the layer is
    fed (and bias_scale), those of D the output's derivatives in its h. Of a vector of outputs it is the mean over
    them. The NNGP kernel is A Aᵀ of the last layer: the covariance of the outputs, given all other layers.

    Raises ``ValueError`` on inputs that are not two matrices with as many columns as the network has inputs.
    """
    _check_inputs(x1, x1 if x2 is None else x2, columns=params[0].weights.shape[0])

    def factors(x: Array) -> tuple[list[Array], list[Array]]:
        def forward(offsets: list[Array]) -> tuple[Array, list[Array]]:
            return _forward(params, offsets, x, activation, weight_scale, bias_scale)

        outputs, pull_back, inputs = jax.vjp(forward, [jnp.zeros_like(layer.biases) for layer in params], has_aux=True)
        (derivatives,) = jax.vmap(pull_back)(jnp.eye(outputs.size, dtype=outputs.dtype) / outputs.size**0.5)
        return inputs, [derivative.reshape(-1) for derivative in derivatives]

    first = jax.vmap(factors)(x1)
    second = first if x2 is None else jax.vmap(factors)(x2)
    of_inputs, of_derivatives = jax.tree.map(lambda a, b: a @ b.T, first, second)
    nngps = [product + bias_scale**2 for product in of_inputs]
    return Kernels(nngps[-1], functools.reduce(jnp.add, map(jnp.multiply, nngps, of_derivatives)))


# Training


def linearised(apply: Apply, params: PyTree) -> Apply:
    """The network's first-order Taylor polynomial in its parameters around ``params``, as an ``apply`` of its own.

    Costs one forward-mode derivative a call (Lee et al., 2019, eq. 6).
    """

    def apply_linearised(new_params: PyTree, x: Array) -> Array:
        change = jax.tree.map(jnp.subtract, new_params, params)
        outputs, output_change = jax.jvp(lambda params: apply(params, x), (params,), (change,))
        return outputs + output_change

    return apply_linearised


def evolve(
    kernel_train_train: Float[Array, "train train"],
    kernel_test_train: Float[Array, "test train"],
    targets: Float[Array, "train *outputs"],
    start_train: Float[Array, "train *outputs"],
    start_test: Float[Array, "test *outputs"],
    times: Float[Array, "times"],
    *,
    learning_rate: float | Array | None = None,
) -> Evolution:
    """The outputs of a linearised network trained on **half the sum of squared errors**, ½ Σ (f - y)², in closed form.

    ``start_train`` and ``start_test`` are the outputs before training. Without ``learning_rate`` this is gradient flow,
    and ``times`` are times; with one it is gradient descent, and they are numbers of steps. For the mean, 1/(2n) Σ,
    divide times or learning rate by n. At ``jnp.inf`` it is kernel regression, f₀(x) + Θ(x, X) Θ⁺ (y - f₀(X)); steps
    get there only for a learning rate below 2 / λ, with λ the largest eigenvalue (Lee et al., 2019, eqs. 8-11).

    Θ = Σ λ v vᵀ is decomposed once; along v the error shrinks by e^(-λt), or (1 - learning_rate · λ)^steps. An
    eigenvalue of size below ``train`` roundings of the largest is 0 for all one can tell, whatever its sign: nothing
    ever moves along its v, on the test inputs neither. One further below 0 means that the matrix is no kernel; it is
    not mended, and the error along its v grows.

    Raises ``ValueError`` on shapes that do not fit together.
    """
    _check_evolve(kernel_train_train, kernel_test_train, targets, start_train, start_test, times)
    eigenvalues, vectors = jnp.linalg.eigh(kernel_train_train)
    rounding = len(eigenvalues) * jnp.finfo(eigenvalues.dtype).eps * jnp.max(jnp.abs(eigenvalues), initial=0)
    null = jnp.abs(eigenvalues) <= rounding
    safe = jnp.where(null, 1, eigenvalues)
    times = jnp.asarray(times, safe.dtype)[:, None]
    moved = -jnp.expm1(-safe * times) if learning_rate is None else _moved_in_steps(learning_rate * safe, times)
    moved = jnp.where(null | (times == 0), 0, moved)
    errors = jnp.tensordot(vectors.T, start_train - targets, 1)

    def outputs(start: Array, kernel_vectors: Array, response: Array) -> Array:
        return start - jnp.einsum("im,tm,m...->ti...", kernel_vectors, response, errors)

    return Evolution(
        outputs(start_train, vectors, moved), outputs(start_test, kernel_test_train @ vectors, moved / safe)
    )


def _moved_in_steps(step: Array, counts: Array) -> Array:
    """1 - (1 - step) ** counts, without the rounding of 1 - step, and of its power, near 1."""
    exponent = counts * jnp.log1p(-jnp.minimum(step, 2 - step))
    return jnp.where((step > 1) & (counts % 2 == 1), 1 + jnp.exp(exponent), -jnp.expm1(exponent))


def _check_evolve(
    train: Array, test: Array, targets: Array, start_train: Array, start_test: Array, times: Array
) -> None:
    examples, outputs = jnp.shape(targets)[:1], jnp.shape(targets)[1:]
    expected = {
        "kernel_train_train": (train, examples * 2),
        "kernel_test_train": (test, jnp.shape(test)[:1] + examples),
        "start_train": (start_train, examples + outputs),
        "start_test": (start_test, jnp.shape(test)[:1] + outputs),
        "times": (times, (jnp.size(times),)),
    }
    for name, (array, shape) in expected.items():
        if jnp.shape(array) != shape:
            raise ValueError(
                f"{name} must have shape {shape} to go with targets of shape {jnp.shape(targets)} "
                f"and a kernel_test_train of shape {jnp.shape(test)}, got {jnp.shape(array)}"
            )


def _check_inputs(x1: Array, x2: Array, columns: int | None = None) -> None:
    for name, x in (("x1", x1), ("x2", x2)):
        if jnp.ndim(x) != 2:
            raise ValueError(
                f"{name} must be a matrix with one example a row, got shape {jnp.shape(x)}; "
                "turn one example into a batch of one with x[None], or numbers into examples with x[:, None]"
            )
    if x1.shape[1] != x2.shape[1]:
        raise ValueError(f"x1 and x2 must have equally many columns, got shapes {x1.shape} and {x2.shape}")
    if columns is not None and x1.shape[1] != columns:
        raise ValueError(f"the network takes {columns} inputs, but the examples have {x1.shape[1]}: got {x1.shape}")
