"""Kernels of infinitely and finitely wide networks, and training in function space."""

import functools
import json
from pathlib import Path

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from beartype import beartype
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jax.scipy.special import erf
from jaxtyping import jaxtyped

from helpers.duals import ERF, RELU, dual_of
from helpers.kernels import (
    empirical_ntk,
    evolve,
    infinite_kernels,
    layerwise_kernels,
    linearised,
    ntk_apply,
    ntk_init,
)

KEY = jax.random.key(0)
DUALS = {"relu": RELU, "erf": ERF, "tanh": dual_of(jnp.tanh, terms=64)}
RECORDED = json.loads((Path(__file__).parent / "data" / "neural_tangents.json").read_text(encoding="utf-8"))


@pytest.fixture(params=[False, True], ids=["float32", "float64"])
def eps(request):
    """The relative precision of JAX's default float, in both."""
    with jax.enable_x64(request.param):
        yield 2.0**-52 if request.param else 2.0**-23


@pytest.fixture
def float64():
    with jax.enable_x64(True):
        yield


def points(*shape, seed=0):
    return jnp.asarray(np.random.default_rng(seed).normal(size=shape))


def near(found, expected, tolerance, err_msg=""):
    """Within the tolerance, relative to the largest entry."""
    expected = np.asarray(expected, float)
    np.testing.assert_allclose(found, expected, rtol=0, atol=tolerance * np.abs(expected).max(), err_msg=err_msg)


@functools.partial(jax.jit, static_argnames=("depth", "name"))
def infinite(x1, x2, depth, name="relu", **scales):
    return infinite_kernels(x1, x2, depth=depth, dual=DUALS[name], **scales)


# The network


def test_all_parameters_start_as_independent_standard_normals():
    params = ntk_init(KEY, (30, 400, 200, 3))
    assert [(layer.weights.shape, layer.biases.shape) for layer in params] == [
        ((30, 400), (400,)),
        ((400, 200), (200,)),
        ((200, 3), (3,)),
    ]
    draws = np.concatenate([leaf.ravel() for leaf in jax.tree.leaves(params)])
    biases = np.concatenate([layer.biases for layer in params])
    assert len(np.unique(biases)) == 603 and not np.isin(biases[:400], params[0].weights).all()
    for sample in (draws, biases):  # five deviations of a sample's mean, and of its variance
        assert abs(sample.mean()) < 5 / len(sample) ** 0.5
        assert abs(sample.var() - 1) < 5 * (2 / len(sample)) ** 0.5


def test_the_forward_pass_is_the_textbook_formula(eps):
    params, x = ntk_init(KEY, (3, 5, 4, 2)), points(3)
    (w1, b1), (w2, b2), (w3, b3) = params
    h1 = 1.5 / 3**0.5 * x @ w1 + 0.3 * b1
    h2 = 1.5 / 5**0.5 * np.tanh(h1) @ w2 + 0.3 * b2
    expected = 1.5 / 4**0.5 * np.tanh(h2) @ w3 + 0.3 * b3
    near(ntk_apply(params, x, activation=jnp.tanh, weight_scale=1.5, bias_scale=0.3), expected, 30 * eps)


def test_networks_and_kernels_have_the_same_scales_by_default(float64):
    """Those that keep a ReLU's signal: √2 for the weights, and no biases, so that outputs grow with the inputs."""
    params, x = ntk_init(KEY, (3, 5, 4, 2)), points(4, 3)
    apply = jax.vmap(ntk_apply, (None, 0))
    near(apply(params, 2 * x), 2 * apply(params, x), 1e-14)
    near(apply(params, x), jax.vmap(functools.partial(ntk_apply, weight_scale=2**0.5), (None, 0))(params, x), 1e-14)
    near(layerwise_kernels(params, x).ntk, empirical_ntk(ntk_apply, params, x), 1e-14)
    near(layerwise_kernels(params, 2 * x).nngp, 4 * layerwise_kernels(params, x).nngp, 1e-14)


# Infinite width


@pytest.mark.parametrize(
    "case", RECORDED["cases"], ids=lambda case: f"{case['activation']}-{case['depth']}-{case['bias_scale']}"
)
def test_the_recursion_agrees_with_neural_tangents(case, eps):
    """The inputs include an identical pair, an opposite one and a parallel one."""
    x1, x2 = jnp.asarray(RECORDED["x1"]), jnp.asarray(RECORDED["x2"])
    scales = {name: case[name] for name in ("weight_scale", "bias_scale")}
    found = infinite(x1, x2, case["depth"], case["activation"], **scales)
    # Ten operations a layer; an angle of more than some degrees multiplies a rounding in its cosine by less than ten.
    tolerance = 20 * (case["depth"] + 1) * eps
    near(found.nngp, case["nngp"], tolerance)
    near(found.ntk, case["ntk"], tolerance)


def test_without_hidden_layers_both_kernels_are_the_linear_one(eps):
    x1, x2 = points(4, 3), points(5, 3, seed=1)
    for kernel in infinite_kernels(x1, x2, depth=0, dual=RELU, weight_scale=1.5, bias_scale=0.3):
        near(kernel, 0.09 + 2.25 * x1 @ x2.T / 3, 10 * eps)


def test_one_hidden_relu_layer_is_the_formula_of_the_angle(float64):
    angle = np.linspace(0.1, 3, 20)
    circle = jnp.asarray(np.stack([np.cos(angle), np.sin(angle)], axis=1))
    nngp, ntk = infinite(jnp.array([[1.0, 0.0]]), circle, 1, weight_scale=1.0)
    first = (np.pi - angle) / np.pi
    second = (np.sin(angle) + (np.pi - angle) * np.cos(angle)) / np.pi
    near(nngp[0], second / 4, 1e-14)
    near(ntk[0], second / 4 + first * np.cos(angle) / 4, 1e-14)


@pytest.mark.parametrize("name", ["relu", "erf", "tanh"])
def test_the_kernels_are_symmetric_positive_and_the_same_in_both_orders(name, eps):
    depth, scales = 3, {"weight_scale": 1.2, "bias_scale": 0.2}
    x1, x2 = points(12, 3), points(16, 3, seed=1)
    x1 = jnp.concatenate([x1, x1[:2], -x1[:2]])
    for kernel in infinite(x1, x1, depth, name, **scales):
        near(kernel, kernel.T, 20 * depth * eps)
        eigenvalues = np.linalg.eigvalsh(np.asarray(kernel, float))
        # A symmetric matrix of errors moves eigenvalues by at most its norm, here 16 times the largest error.
        assert eigenvalues[0] > -16 * 20 * depth * eps * np.abs(kernel).max()
    for forth, back in zip(
        infinite(x1, x2, depth, name, **scales), infinite(x2, x1, depth, name, **scales), strict=True
    ):
        near(forth, back.T, 20 * depth * eps)


def test_relu_kernels_without_biases_scale_with_either_input():
    x1, x2 = points(4, 3), points(5, 3, seed=1)
    for scaled, plain in zip(infinite(2 * x1, 8 * x2, 3), infinite(x1, x2, 3), strict=True):
        np.testing.assert_allclose(scaled, 16 * plain, rtol=1e-5)


@pytest.mark.parametrize("name", DUALS)
def test_only_lengths_and_angles_of_the_inputs_matter(name, eps):
    rotation, _ = np.linalg.qr(np.random.default_rng(2).normal(size=(3, 3)))
    x1, x2, rotation = points(4, 3), points(5, 3, seed=1), jnp.asarray(rotation)
    turned, plain = (infinite(a, b, 3, name, bias_scale=0.3) for a, b in ((x1 @ rotation, x2 @ rotation), (x1, x2)))
    for found, expected in zip(turned, plain, strict=True):
        near(found, expected, 200 * eps)


def test_equal_and_opposite_inputs_are_seen_through_rounding(eps):
    """An angle computed from its cosine would be wrong by the square root of a rounding: by 1e-4 in 32 bits."""
    angle = jnp.linspace(0, 2 * jnp.pi, 31)[:-1]
    circle = jnp.stack([jnp.cos(angle), jnp.sin(angle)], axis=1)
    turned = jnp.roll(circle, 15, axis=0)  # the opposite points, of which no coordinate is exactly opposite
    nngp, ntk = infinite(circle, turned, 1)
    np.testing.assert_allclose(jnp.diag(nngp), 0, atol=20 * eps)
    np.testing.assert_allclose(jnp.diag(ntk), 0, atol=20 * eps)
    np.testing.assert_allclose(jnp.diag(infinite(circle, circle, 1).ntk), 2, rtol=20 * eps)  # K = 1 and 1 · K


@pytest.mark.parametrize("bias_scale", [0.0, 0.3])
@pytest.mark.parametrize("name", DUALS)
def test_gradients_are_finite_at_equal_opposite_parallel_and_zero_inputs(name, bias_scale):
    @jax.jit
    def gradient(x, y):
        def kernel(x, y):
            return infinite_kernels(x[None], y[None], depth=2, dual=DUALS[name], bias_scale=bias_scale)

        return jax.tree.leaves(jax.jacobian(kernel, argnums=(0, 1))(x, y))

    x = points(3)
    for y in (x, -x, 2 * x, 0 * x):
        assert np.isfinite(gradient(x, y)).all()
    assert np.isfinite(gradient(0 * x, 0 * x)).all()


@pytest.mark.parametrize("factor", [1.0, -1.0, 2.0])
def test_eulers_identity_gives_the_gradient_of_a_homogeneous_kernel(factor, eps):
    """k(s x, y) = s k(x, y), hence x · ∇k(x, y) = k(x, y): also at the tip that the NTK has at equal inputs."""
    x = points(3)

    def kernel(x):
        return jnp.stack(infinite_kernels(x[None], factor * points(1, 3), depth=2, dual=RELU)).ravel()

    near(jax.jacobian(kernel)(x) @ x, kernel(x), 100 * eps)


def test_a_smooth_kernels_gradient_at_equal_inputs_is_half_that_along_the_diagonal(eps):
    def kernel(x, y):
        return infinite_kernels(x[None], y[None], depth=3, dual=ERF, bias_scale=0.3).ntk[0, 0]

    x = points(3)
    near(2 * jax.grad(kernel)(x, x), jax.grad(lambda x: kernel(x, x))(x), 100 * eps)


@pytest.mark.parametrize("activation", [jax.nn.relu, erf], ids=["relu", "erf"])
def test_wide_networks_have_these_kernels(activation, float64):
    x, seeds, scales = points(5, 3), 100, {"weight_scale": 1.3, "bias_scale": 0.3}
    dual = {jax.nn.relu: RELU, erf: ERF}[activation]

    @functools.partial(jax.jit, static_argnums=0)
    def draws(sizes, keys):
        def one(key):
            return layerwise_kernels(ntk_init(key, sizes), x, activation=activation, **scales)

        return jax.lax.map(one, keys)

    for hidden in ((64,), (256, 256)):
        for found, exact in zip(
            draws((3, *hidden, 1), jax.random.split(KEY, seeds)),
            infinite_kernels(x, depth=len(hidden), dual=dual, **scales),
            strict=True,
        ):
            deviations = (np.mean(found, axis=0) - exact) / (np.std(found, axis=0) / seeds**0.5)
            # One hidden layer: the mean over networks is exact at any width. With more it is off by O(1 / width), which
            # is O(1 / √width) deviations of one network: √(seeds / width) of the mean's. Six for the 25 entries.
            assert np.abs(deviations).max() < 6 + (len(hidden) - 1) * (seeds / hidden[0]) ** 0.5
            # And the test can tell: a factor of 1.2 on the diagonal is seen.
            assert np.max(np.diag(np.std(found, axis=0) / seeds**0.5 / exact)) < 0.2 / 6


# Finite width


@settings(
    deadline=None,
    max_examples=6,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],  # all examples in the same precision: as meant
)
@given(
    hidden=st.lists(st.integers(1, 9), max_size=3),
    inputs=st.integers(1, 4),
    outputs=st.integers(1, 3),
    bias_scale=st.sampled_from([0.0, 0.3, 1.0]),
    activation=st.sampled_from([jax.nn.relu, jnp.tanh]),
)
@pytest.mark.parametrize("same", [True, False])
def test_layer_by_layer_is_the_contraction_of_jacobians(same, eps, hidden, inputs, outputs, bias_scale, activation):
    params = ntk_init(KEY, (inputs, *hidden, outputs))
    x1, x2 = points(4, inputs), None if same else points(3, inputs, seed=1)
    network = {"activation": activation, "weight_scale": 1.3, "bias_scale": bias_scale}

    @jax.jit
    def both(params):
        contracted = empirical_ntk(functools.partial(ntk_apply, **network), params, x1, x2)
        return layerwise_kernels(params, x1, x2, **network).ntk, contracted

    near(*both(params), 1e-12 if eps < 1e-8 else 1e-5)


def test_the_layerwise_nngp_kernel_is_the_last_layers_share(float64):
    params, x1, x2 = ntk_init(KEY, (3, 6, 5, 1)), points(4, 3), points(2, 3, seed=1)

    def apply(last, x):
        return ntk_apply([*params[:-1], last], x, bias_scale=0.3)

    found = jax.jit(layerwise_kernels)(params, x1, x2, bias_scale=0.3).nngp
    near(found, jax.jit(lambda last: empirical_ntk(apply, last, x1, x2))(params[-1]), 1e-14)


def test_every_pair_of_outputs_is_the_product_of_their_gradients(float64):
    params, x1, x2 = {"first": points(2, 3), "second": points(3, seed=1)}, points(4, 2, 2), points(5, 2, 2, seed=2)

    def apply(params, x):  # of a matrix x
        summed = jnp.cumsum(jnp.tanh(params["second"] + jnp.sum(x @ params["first"], axis=0)))
        return x[0, 0] ** jnp.arange(3) * summed  # so that no block of the kernel is symmetric

    jacobians = [jax.vmap(jax.jacobian(apply), (None, 0))(params, x) for x in (x1, x2)]
    flat = [np.concatenate([j["first"].reshape(len(j["first"]), 3, -1), j["second"]], axis=2) for j in jacobians]
    expected = np.einsum("iop,jqp->ijoq", *flat)
    near(empirical_ntk(apply, params, x1, x2, every_pair=True), expected, 1e-14)
    near(empirical_ntk(apply, params, x1, x2), np.trace(expected, axis1=2, axis2=3) / 3, 1e-14)
    scalar = empirical_ntk(lambda params, x: apply(params, x)[1], params, x1, x2)
    near(scalar, expected[:, :, 1, 1], 1e-14)


# Training


class Problem:
    """A small network, its linearisation, and data, in the default precision."""

    def __init__(self):
        self.params = ntk_init(KEY, (2, 20, 20, 1))
        self.train, self.test, self.targets = points(6, 2), points(4, 2, seed=1), points(6, seed=2)
        self.flat = linearised(self.apply, self.params)
        outputs, kernel = jax.jit(jax.vmap(self.apply, (None, 0))), jax.jit(layerwise_kernels)
        self.start = [outputs(self.params, x) for x in (self.train, self.test)]
        self.kernels = [kernel(self.params, x, self.train, bias_scale=0.3).ntk for x in (self.train, self.test)]

    @staticmethod
    def apply(params, x):
        return ntk_apply(params, x, bias_scale=0.3)[0]

    def evolve(self, times, **options):
        return evolve(*self.kernels, self.targets, *self.start, times, **options)

    def descend(self, learning_rate, steps):
        """The linearised network's outputs after explicit steps on half the sum of squares."""

        def loss(params):
            return jnp.sum((jax.vmap(self.flat, (None, 0))(params, self.train) - self.targets) ** 2) / 2

        def step(params, _):
            return jax.tree.map(lambda w, g: w - learning_rate * g, params, jax.grad(loss)(params)), None

        params, _ = jax.lax.scan(step, self.params, length=steps)
        return [jax.vmap(self.flat, (None, 0))(params, x) for x in (self.train, self.test)]


@functools.cache
def problem_in(_double):
    return Problem()


@pytest.fixture
def problem():
    """To be asked for after the precision."""
    return problem_in(jax.config.jax_enable_x64)


def test_the_linearised_network_is_the_tangent_plane(float64, problem):
    x, direction = problem.test[0], jax.tree.map(lambda leaf: points(*leaf.shape, seed=5), problem.params)

    @functools.partial(jax.jit, static_argnums=0)
    def at(apply, size):
        return apply(jax.tree.map(lambda w, d: w + size * d, problem.params, direction), x)

    near(at(problem.flat, 0.0), at(problem.apply, 0.0), 1e-15)
    near(jax.grad(at, argnums=1)(problem.flat, 3.0), jax.grad(at, argnums=1)(problem.apply, 0.0), 1e-13)
    near(at(problem.flat, 2.0) - at(problem.flat, 1.0), at(problem.flat, 1.0) - at(problem.flat, 0.0), 1e-12)


@pytest.mark.parametrize("share", [0.5, 1.7])
def test_explicit_steps_of_the_linearised_network_follow_the_closed_form(share, float64, problem):
    """Below 1 / λ the error of every mode keeps its sign, above it the largest changes it at every step."""
    learning_rate = share / np.linalg.eigvalsh(problem.kernels[0])[-1]
    predicted = problem.evolve(jnp.array([1.0, 2.0, 25.0]), learning_rate=learning_rate)
    for row, steps in enumerate((1, 2, 25)):
        train, test = jax.jit(problem.descend, static_argnums=1)(learning_rate, steps)
        near(predicted.train[row], train, 1e-12)
        near(predicted.test[row], test, 1e-12)


def test_small_steps_follow_the_flow(float64, problem):
    eigenvalues, time, steps = np.linalg.eigvalsh(problem.kernels[0]), 0.7, 2000
    train, test = jax.jit(problem.descend, static_argnums=1)(time / steps, steps)
    predicted = problem.evolve(jnp.array([time]))
    # With s = λ t / steps, 0 < e^(-s steps) - (1 - s)^steps < steps s² / 2 · e^(-s (steps - 1)) < s, as x e^-x < 1 / e.
    step = eigenvalues[-1] * time / steps
    assert np.linalg.norm(predicted.train[0] - train) < step * np.linalg.norm(problem.start[0] - problem.targets)
    assert np.linalg.norm(predicted.test[0] - test) < step * np.linalg.norm(
        problem.kernels[1] @ np.linalg.inv(problem.kernels[0]), 2
    ) * np.linalg.norm(problem.start[0] - problem.targets)
    # The bound would not hold at any other time, or for a loss of another scale.
    assert np.linalg.norm(problem.evolve(jnp.array([time / 2])).train[0] - train) > 20 * step


@pytest.mark.parametrize("learning_rate", [None, 1e-3])
def test_training_starts_at_the_start_and_ends_in_kernel_regression(learning_rate, eps, problem):
    train, test = problem.evolve(jnp.array([0.0, jnp.inf]), learning_rate=learning_rate)
    np.testing.assert_array_equal(train[0], problem.start[0])
    np.testing.assert_array_equal(test[0], problem.start[1])
    gram, cross = (np.asarray(kernel, float) for kernel in problem.kernels)
    regression = problem.start[1] + cross @ np.linalg.solve(gram, problem.targets - problem.start[0])
    # Solving multiplies roundings by the condition number.
    near(train[1], problem.targets, 100 * eps)
    near(test[1], regression, 10 * np.linalg.cond(gram) * eps)


def test_tiny_steps_are_not_lost_in_rounding(eps):
    one = jnp.ones((1, 1))
    found = evolve(one, one, jnp.ones(1), jnp.zeros(1), jnp.zeros(1), jnp.array([2.0**20]), learning_rate=2.0**-30)
    near(found.train[0], [-np.expm1(2.0**20 * np.log1p(-(2.0**-30)))], 10 * eps)


def test_each_column_of_targets_evolves_by_itself(eps, problem):
    targets, starts = points(6, 3, seed=3), (points(6, 3, seed=4), points(4, 3, seed=5))
    times = jnp.array([0.1, 2.0, jnp.inf])
    together = evolve(*problem.kernels, targets, *starts, times)
    assert together.train.shape == (3, 6, 3) and together.test.shape == (3, 4, 3)
    for column in range(3):
        alone = evolve(*problem.kernels, targets[:, column], *(s[:, column] for s in starts), times)
        for found, expected in zip(together, alone, strict=True):
            near(found[..., column], expected, 1e3 * eps)


@pytest.mark.parametrize("learning_rate", [None, 1e-2])
def test_what_no_feature_sees_does_not_move(learning_rate, eps):
    """A kernel of rank two on six points: rounding makes some of its four zero eigenvalues negative."""
    features, test_features, targets = points(6, 2), points(4, 2, seed=1), points(6, seed=2)
    kernels = features @ features.T, test_features @ features.T
    assert np.linalg.eigvalsh(kernels[0])[0] < 0
    times = jnp.array([1e9, jnp.inf])
    train, test = evolve(*kernels, targets, jnp.zeros(6), jnp.zeros(4), times, learning_rate=learning_rate)
    weights = np.linalg.lstsq(np.asarray(features, float), np.asarray(targets, float))[0]
    for row in range(2):
        near(train[row], features @ weights, 100 * eps)
        near(test[row], test_features @ weights, 100 * eps)


@pytest.mark.parametrize("unit", [1e-9, 1e9])
def test_a_kernel_in_other_units_takes_its_own_time(unit, eps, problem):
    times = jnp.array([0.3, 2.0])
    other = evolve(*(unit * k for k in problem.kernels), problem.targets, *problem.start, times / unit)
    for found, expected in zip(other, problem.evolve(times), strict=True):
        near(found, expected, 1e3 * eps)


def test_where_the_kernel_is_zero_nothing_moves():
    zero, start = jnp.zeros((2, 2)), jnp.array([1.0, -3.0])
    for learning_rate in (None, 0.1):
        found = evolve(zero, zero, 0 * start, start, start, jnp.array([1.0, jnp.inf]), learning_rate=learning_rate)
        for outputs in found:
            np.testing.assert_array_equal(outputs, [start, start])


def test_a_matrix_that_is_no_kernel_is_not_mended(eps):
    indefinite, one = jnp.diag(jnp.array([2.0, -1.0])), jnp.ones(2)
    times = jnp.array([1.5, jnp.inf])
    train, _ = evolve(indefinite, indefinite, 0 * one, one, one, times)
    near(train[0], np.exp([-3, 1.5]), 10 * eps)
    assert not np.isfinite(train[1, 1])


def test_a_step_that_fits_the_eigenvalue_arrives_at_once():
    one, times = jnp.ones((1, 1)), jnp.array([0.0, 1.0, 2.0, jnp.inf])
    found = evolve(one, one, jnp.ones(1), jnp.zeros(1), jnp.zeros(1), times, learning_rate=1.0)
    np.testing.assert_array_equal(found.train[:, 0], [0, 1, 1, 1])


@pytest.mark.parametrize("step", [2.0, 2.5])
def test_steps_that_are_too_long_do_not_arrive(step):
    one = jnp.ones((1, 1))
    found = evolve(one, one, jnp.zeros(1), jnp.ones(1), jnp.ones(1), jnp.array([3.0, jnp.inf]), learning_rate=step)
    np.testing.assert_allclose(found.train[0], [(1 - step) ** 3], rtol=1e-6)
    assert not np.isfinite(found.train[1])


# Types and errors


def test_shapes_are_what_the_types_say(float64, problem):
    checked = functools.partial(jaxtyped, typechecker=beartype)
    params, x1, x2 = ntk_init(KEY, (2, 4, 1)), points(3, 2), points(5, 2)
    checked(ntk_init)(KEY, (2, 4, 1))
    checked(ntk_apply)(params, x1[0])
    for kernels in (checked(infinite_kernels)(x1, x2, depth=2, dual=ERF), checked(layerwise_kernels)(params, x1, x2)):
        assert kernels.nngp.shape == kernels.ntk.shape == (3, 5)
    assert checked(empirical_ntk)(ntk_apply, params, x1, x2).shape == (3, 5)
    assert checked(empirical_ntk)(ntk_apply, params, x1, every_pair=True).shape == (3, 3, 1, 1)
    checked(linearised)(ntk_apply, params)
    checked(evolve)(*problem.kernels, problem.targets, *problem.start, jnp.ones(2))


def bad_evolution(**changes):
    shapes = {"kernel_train_train": (6, 6), "kernel_test_train": (4, 6), "targets": (6,)}
    shapes |= {"start_train": (6,), "start_test": (4,), "times": (3,)} | changes
    return evolve(*map(jnp.zeros, shapes.values()))


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: ntk_init(KEY, (3,)), "sizes must name at least the inputs and the outputs"),
        (lambda: ntk_apply(ntk_init(KEY, (3, 1)), points(2, 3)), r"shape \(3,\), got shape \(2, 3\); .* use jax.vmap"),
        (
            lambda: infinite_kernels(points(4), depth=1, dual=RELU),
            r"x1 must be a matrix .* got shape \(4,\); .*x\[None",
        ),
        (
            lambda: infinite_kernels(points(4, 2), points(3), depth=1, dual=RELU),
            r"x2 must be a matrix .* got shape \(3,\)",
        ),
        (
            lambda: infinite_kernels(points(4, 2), points(4, 3), depth=1, dual=RELU),
            r"equally many columns, got shapes \(4, 2\) and \(4, 3\)",
        ),
        (lambda: infinite_kernels(points(4, 2), depth=-1, dual=RELU), "hidden layers and must be at least 0, got -1"),
        (lambda: layerwise_kernels(ntk_init(KEY, (3, 1)), points(4, 2)), r"takes 3 inputs, .* have 2: got \(4, 2\)"),
        (lambda: empirical_ntk(lambda w, x: w * x, points(2, 2), points(3, 2, 2)), r"number or a vector.*\(2, 2\)"),
        (lambda: bad_evolution(kernel_train_train=(6, 5)), r"kernel_train_train must have shape \(6, 6\).*\(6, 5\)"),
        (lambda: bad_evolution(kernel_test_train=(6, 4)), r"kernel_test_train must have shape \(6, 6\).*\(6, 4\)"),
        (lambda: bad_evolution(start_train=(6, 1)), r"start_train must have shape \(6,\) .*targets .*got \(6, 1\)"),
        (lambda: bad_evolution(start_test=(6,)), r"start_test must have shape \(4,\) .* got \(6,\)"),
        (lambda: bad_evolution(times=()), r"times must have shape \(1,\) .* got \(\)"),
    ],
)
def test_errors_say_what_came_and_what_to_do(call, message):
    with pytest.raises(ValueError, match=message):
        call()
