"""Products with a Hessian, and what is read off them, against dense matrices and NumPy's eigenvalues."""

import functools
import itertools
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import scipy.linalg
from jax.flatten_util import ravel_pytree

from helpers.curvature import (
    dense,
    filter_normalised,
    gauss_newton_operator,
    hessian_operator,
    hutchinson_trace,
    lanczos,
    plane,
    power_iteration,
    ritz,
    smooth,
    spectral_density,
)
from helpers.networks import Layer, mlp_apply

KEY, OTHER_KEY = jax.random.key(0), jax.random.key(1)
SIZE = 24
# Units of rounding, relative to the operator's norm: a product with a matrix of this size, and room for SIZE of them.
SLACK = 4 * SIZE

SPECTRA = {
    "spread": np.linspace(-1, 2, SIZE),
    "outliers": np.r_[np.linspace(-0.01, 0.01, SIZE - 3), 1, 5, 30],
    # Little remains of each product after orthogonalisation: a single pass leaves vectors far from orthogonal.
    "graded": 0.3 ** np.arange(SIZE),
    "rank two": np.r_[np.zeros(SIZE - 2), 1, 3],
    "two values": np.repeat([-1.0, 2.0], SIZE // 2),
    "identity": np.ones(SIZE),
    "zero": np.zeros(SIZE),
}


@pytest.fixture(params=["float32", "float64"])
def eps(request):
    """The relative precision of JAX's default float, in both."""
    before = jax.config.read("jax_enable_x64")
    jax.config.update("jax_enable_x64", request.param == "float64")
    yield float(np.finfo(request.param).eps)
    jax.config.update("jax_enable_x64", before)


class Problem(NamedTuple):
    """A tanh network with two layers and 26 parameters on ten examples, with the cross-entropy of its softmax."""

    params: list[Layer]
    inputs: np.ndarray
    labels: np.ndarray

    def outputs(self, params):
        return jax.vmap(lambda x: mlp_apply(params, x, activation=jnp.tanh))(self.inputs)

    def cross_entropy(self, outputs):
        return -jnp.mean(jnp.sum(self.labels * jax.nn.log_softmax(outputs), axis=1))

    def loss(self, params):
        return self.cross_entropy(self.outputs(params))


@pytest.fixture
def problem(eps):
    generator, dtype = np.random.default_rng(0), np.float32 if eps > 1e-8 else np.float64
    draws = [generator.normal(size=shape).astype(dtype) / 2 for shape in ((3, 4), (4,), (4, 2), (2,), (10, 3))]
    return Problem([Layer(*draws[:2]), Layer(*draws[2:4])], draws[4], np.eye(2, dtype=dtype)[np.arange(10) % 2])


def symmetric(eigenvalues, seed=0):
    """A symmetric matrix in JAX's default float with these eigenvalues, up to that float's rounding."""
    rotation, _ = np.linalg.qr(np.random.default_rng(seed).normal(size=(len(eigenvalues), len(eigenvalues))))
    return jnp.asarray(rotation * np.asarray(eigenvalues) @ rotation.T)


def vector_of(size=SIZE, seed=0):
    return jnp.asarray(np.random.default_rng(seed).normal(size=size))


@jax.jit
def hundred_steps(matrix, start):
    return power_iteration(lambda vector: matrix @ vector, start, 100)


@functools.partial(jax.jit, static_argnums=2)
def krylov(matrix, start, steps):
    found = lanczos(lambda vector: matrix @ vector, start, steps)
    return found, ritz(found)


@functools.partial(jax.jit, static_argnames=("probes", "steps"))
def density(matrix, key, **counts):
    return spectral_density(lambda vector: matrix @ vector, len(matrix), key=key, **counts)


@functools.partial(jax.jit, static_argnames="probes")
def traces(matrix, key, **counts):
    return hutchinson_trace(lambda vector: matrix @ vector, len(matrix), key=key, **counts)


def doubles(tree):
    """The same numbers in NumPy's float64."""
    return jax.tree.map(lambda leaf: np.asarray(leaf, np.float64), tree)


def spectral_norm(matrix):
    return np.linalg.norm(doubles(matrix), 2)


# Operators


def test_the_operators_are_the_matrices_they_are_named_after(problem, eps):
    flat, unravel = ravel_pytree(problem.params)

    def outputs(flat):
        return problem.outputs(unravel(flat)).ravel()

    @jax.jit
    def theirs(flat):
        return jax.hessian(lambda flat: problem.loss(unravel(flat)))(flat), jax.jacobian(outputs)(flat), outputs(flat)

    @jax.jit
    def ours(params):
        gauss_newton = gauss_newton_operator(problem.outputs, problem.cross_entropy, params)
        return dense(hessian_operator(problem.loss, params), flat.size), dense(gauss_newton, flat.size)

    (exact_hessian, jacobian, logits), (hessian, gauss_newton) = doubles((theirs(flat), ours(problem.params)))
    odds = np.exp(logits.reshape(-1, 2))
    probabilities = odds / odds.sum(axis=1, keepdims=True)
    # The Hessian of one example's cross-entropy in its outputs is diag(p) - p pᵀ.
    inner = scipy.linalg.block_diag(*[np.diag(p) - np.outer(p, p) for p in probabilities]) / len(probabilities)
    # Sums over ten examples and 26 parameters, through two layers: far below a hundred roundings.
    tolerance = 100 * eps * spectral_norm(exact_hessian)
    np.testing.assert_allclose(hessian, exact_hessian, atol=tolerance)
    np.testing.assert_allclose(gauss_newton, jacobian.T @ inner @ jacobian, atol=tolerance)
    # The cross-entropy is convex in the outputs, not in the parameters.
    assert np.linalg.eigvalsh(gauss_newton).min() > -tolerance
    assert np.linalg.eigvalsh(hessian).min() < -0.01


def test_gauss_newton_is_the_hessian_when_the_outputs_are_linear(problem, eps):
    def outputs(weights):
        return problem.inputs @ weights["first"] - 2 * weights["second"]

    @jax.jit
    def both(params):
        return (
            dense(gauss_newton_operator(outputs, problem.cross_entropy, params), 8),
            dense(hessian_operator(lambda weights: problem.cross_entropy(outputs(weights)), params), 8),
        )

    weights, biases = problem.params[1]
    gauss_newton, hessian = doubles(both({"first": weights[:3], "second": biases}))
    np.testing.assert_allclose(gauss_newton, hessian, atol=100 * eps * spectral_norm(hessian))
    assert spectral_norm(hessian) > 0.1


def test_dense_writes_down_any_linear_map():
    matrix = np.arange(9.0).reshape(3, 3)  # not symmetric; and small integers, so that nothing is rounded
    np.testing.assert_array_equal(dense(lambda vector: matrix @ vector, 3), matrix)


# Power iteration


@pytest.mark.parametrize("eigenvalues", [(0.5, 1, -1.5, 3), (2, 1, 0.1, -4)])
def test_power_iteration_finds_the_largest_absolute_eigenvalue_of_either_sign(eigenvalues, eps):
    matrix = symmetric(eigenvalues)
    eigenvalue, vector = doubles(hundred_steps(matrix, vector_of(4)))
    # The runner-up is half as large, so after 99 products of 100 its share is below any rounding.
    tolerance = SLACK * eps * np.abs(eigenvalues).max()
    np.testing.assert_allclose(eigenvalue, max(eigenvalues, key=abs), atol=tolerance)
    np.testing.assert_allclose(doubles(matrix) @ vector, eigenvalue * vector, atol=tolerance)
    np.testing.assert_allclose(np.linalg.norm(vector), 1, atol=SLACK * eps)


@pytest.mark.parametrize("steps", [1, 4])
def test_power_iteration_takes_as_many_products_as_it_says(steps, eps):
    diagonal, start = np.array([1.0, -2.0, 3.0]), np.array([4.0, 5.0, -6.0])
    expected = diagonal ** (steps - 1) * start
    expected /= np.linalg.norm(expected)
    eigenvalue, vector = power_iteration(lambda vector: jnp.asarray(diagonal) * vector, jnp.asarray(start), steps)
    np.testing.assert_allclose(vector, expected, rtol=SLACK * eps)
    np.testing.assert_allclose(eigenvalue, diagonal @ expected**2, rtol=SLACK * eps)


def test_power_iteration_on_a_flat_loss_finds_no_curvature():
    start = jnp.array([3.0, 4.0])
    eigenvalue, vector = power_iteration(hessian_operator(lambda params: 5.0 + 0 * params[0], start), start, 5)
    assert eigenvalue == 0
    np.testing.assert_allclose(vector, [0.6, 0.8], rtol=1e-6)


# Lanczos


@pytest.mark.parametrize("steps", [1, 5, SIZE])
@pytest.mark.parametrize("spectrum", SPECTRA)
def test_lanczos_makes_an_orthonormal_basis_in_which_the_operator_is_tridiagonal(spectrum, steps, eps):
    matrix, start = symmetric(SPECTRA[spectrum]), vector_of()
    diagonal, off_diagonal, basis = doubles(krylov(matrix, start, steps)[0])
    assert basis.shape == (steps, SIZE)
    np.testing.assert_allclose(basis[0], start / np.linalg.norm(start), rtol=SLACK * eps)
    np.testing.assert_allclose(basis @ basis.T, np.eye(steps), atol=SLACK * eps)
    tridiagonal = np.diag(diagonal) + np.diag(off_diagonal, 1) + np.diag(off_diagonal, -1)
    tolerance = SLACK * eps * spectral_norm(matrix)
    np.testing.assert_allclose(basis @ doubles(matrix) @ basis.T, tridiagonal, atol=tolerance)


@pytest.mark.parametrize("spectrum", SPECTRA)
def test_as_many_steps_as_dimensions_give_the_whole_spectrum(spectrum, eps):
    matrix, start = symmetric(SPECTRA[spectrum]), vector_of()
    values, weights, vectors = doubles(krylov(matrix, start, SIZE)[1])
    matrix, start, tolerance = doubles(matrix), doubles(start), SLACK * eps * spectral_norm(matrix)
    np.testing.assert_allclose(values, np.linalg.eigvalsh(matrix), atol=tolerance)
    np.testing.assert_allclose(matrix @ vectors.T, vectors.T * values, atol=tolerance)
    np.testing.assert_allclose(vectors @ vectors.T, np.eye(SIZE), atol=SLACK * eps)
    np.testing.assert_allclose(weights, (vectors @ start) ** 2 / (start @ start), atol=SLACK * eps)
    np.testing.assert_allclose(weights.sum(), 1, atol=SLACK * eps)


@pytest.mark.parametrize("spectrum", ["rank two", "two values", "identity", "zero"])
def test_an_invariant_space_ends_in_a_zero_and_weighs_only_true_eigenvalues(spectrum, eps):
    matrix, start = symmetric(SPECTRA[spectrum]), vector_of()
    found, (values, weights, _) = doubles(krylov(matrix, start, 5))
    different = np.unique(SPECTRA[spectrum])
    tolerance = SLACK * eps * spectral_norm(matrix)
    # Two dimensions end in an exact zero; after three, a small off-diagonal may have magnified the rounding.
    assert found.off_diagonal[len(different) - 1] <= (tolerance if len(different) > 2 else 0)
    assert np.isfinite(values).all()
    exact_values, exact_vectors = np.linalg.eigh(doubles(matrix))
    shares = (exact_vectors.T @ doubles(start)) ** 2 / np.sum(doubles(start) ** 2)
    for eigenvalue in different:
        weight = weights[np.abs(values - eigenvalue) <= tolerance].sum()
        np.testing.assert_allclose(weight, shares[np.abs(exact_values - eigenvalue) < 0.5].sum(), atol=SLACK * eps)


@pytest.mark.parametrize("scale", [1, 1024, 1 / 1024])
def test_a_coupling_that_is_small_but_real_is_kept(scale, eps):
    coupling = 1e3 * eps  # the rounding of a product is about sqrt(SIZE) = 5 of eps
    matrix = np.zeros((SIZE, SIZE))
    matrix[0, :2] = matrix[:2, 0] = 1, coupling
    off_diagonal = krylov(jnp.asarray(scale * matrix), jnp.asarray(np.eye(SIZE)[0]), 5)[0].off_diagonal
    np.testing.assert_allclose(off_diagonal / scale, [coupling, 0, 0, 0], rtol=1e-2)


@pytest.mark.parametrize("sign", [1, -1])
def test_the_iteration_goes_on_where_the_basis_is_not(sign):
    basis = lanczos(lambda vector: 2 * vector, sign * jnp.eye(4)[1], 4).basis
    np.testing.assert_array_equal(basis @ basis.T, np.eye(4))


def test_an_eigenvector_as_start_has_all_the_weight_on_its_eigenvalue(eps):
    matrix = symmetric(SPECTRA["spread"])
    eigenvalues, eigenvectors = np.linalg.eigh(doubles(matrix))
    values, weights, _ = doubles(krylov(matrix, jnp.asarray(5 * eigenvectors[:, 7]), 5)[1])
    near = np.abs(values - eigenvalues[7]) <= SLACK * eps * 2
    # Rounding turns the start by about eps, and the weight of what it turns to is the square of that.
    np.testing.assert_allclose(weights[near].sum(), 1, atol=SLACK * eps)


@pytest.mark.parametrize("steps", [1, 5])
@pytest.mark.parametrize("seed", range(4))
def test_the_weights_integrate_polynomials_up_to_degree_two_k_minus_one(steps, seed, eps):
    matrix, start = symmetric(np.random.default_rng(seed).uniform(-1, 1, SIZE), seed), vector_of(SIZE, seed)
    values, weights, _ = doubles(krylov(matrix, start, steps)[1])
    matrix, start = doubles(matrix), doubles(start)
    unit, degrees = start / np.linalg.norm(start), range(2 * steps + 1)
    moments = np.array([unit @ np.linalg.matrix_power(matrix, degree) @ unit for degree in degrees])
    quadrature = np.array([weights @ values**degree for degree in degrees])
    # The norm is at most 1: a power of at most 2 * steps multiplies the roundings in a node by no more than that.
    tolerance = 2 * steps * SLACK * eps
    np.testing.assert_allclose(quadrature[:-1], moments[:-1], atol=tolerance)
    # One degree more misses the squared length of what A ** steps adds to the Krylov space of the lower powers.
    powers = np.stack([np.linalg.matrix_power(matrix, degree) @ unit for degree in range(steps + 1)], axis=1)
    missed = np.linalg.qr(powers)[1][-1, -1] ** 2
    np.testing.assert_allclose(moments[-1] - quadrature[-1], missed, atol=tolerance)


def test_only_the_starts_direction_matters():
    matrix, start = symmetric(SPECTRA["spread"]), vector_of()
    near, far = (krylov(matrix, scale * start, 5) for scale in (1, 1024))  # a power of two: nothing is rounded
    jax.tree.map(np.testing.assert_array_equal, near, far)


@pytest.mark.parametrize("method", [power_iteration, lanczos])
def test_a_zero_start_is_no_direction(method):
    assert np.isnan(method(lambda vector: 2 * vector, jnp.zeros(3), 2)[0]).all()


def test_a_complete_basis_divides_nothing_by_zero():
    with jax.debug_nans(True):
        assert lanczos(lambda vector: 2 * vector, jnp.array([1.0, 0.0]), 2).diagonal.tolist() == [2, 2]


# Spectra and traces


def test_the_spectrum_of_a_diagonal_operator_is_exact(eps):
    eigenvalues = np.array([-1.0, 0.0, 0.5, 2.0])  # whatever the signs, each has a quarter of the weight
    nodes, weights = doubles(density(jnp.asarray(np.diag(np.tile(eigenvalues, 6))), KEY, probes=64, steps=5))
    assert nodes.shape == weights.shape == (64 * 5,)
    for eigenvalue in eigenvalues:
        weight = weights[np.abs(nodes - eigenvalue) <= SLACK * eps * 2].sum()
        np.testing.assert_allclose(weight, 0.25, atol=SLACK * eps)


def test_the_spectrums_moments_are_the_traces_of_powers():
    matrix, probes = symmetric(SPECTRA["spread"]), 64
    nodes, weights = doubles(density(matrix, KEY, probes=probes, steps=5))
    np.testing.assert_allclose(weights.sum(), 1, atol=SLACK * np.finfo(np.float32).eps)
    for degree in (1, 2, 3):
        power = np.linalg.matrix_power(doubles(matrix), degree)
        variance = 2 * (np.sum(power**2) - np.sum(np.diag(power) ** 2)) / SIZE**2 / probes
        # Five deviations of the mean of so many of Hutchinson's estimates.
        assert abs(weights @ nodes**degree - np.trace(power) / SIZE) < 5 * variance**0.5


def test_smoothing_keeps_mass_and_mean_and_adds_its_width_to_the_variance(eps):
    nodes, weights, width, at = np.array([-1.0, 0.5]), np.array([0.25, 0.75]), 0.1, np.linspace(-3, 3, 1201)
    bumps = doubles(jax.jit(smooth)(*map(jnp.asarray, (nodes, weights, at)), width))
    # The trapezoidal rule is exact to rounding for Gaussians 20 grid steps wide; at most 9 = 3 ** 2 times 1201 terms,
    # and a rounding of z in exp(-z**2 / 2), where it counts (z < 5), is one of 25 in its value.
    mass, mean, square = (float(bumps @ at**degree * (at[1] - at[0])) for degree in range(3))
    np.testing.assert_allclose(mass, 1, atol=100 * eps)
    np.testing.assert_allclose(mean, weights @ nodes, atol=100 * eps)
    np.testing.assert_allclose(square, weights @ nodes**2 + width**2, atol=100 * eps)


def test_every_single_probe_gives_the_trace_of_a_diagonal_operator():
    for seed in range(5):
        diagonal = np.random.default_rng(seed).integers(-99, 99, SIZE).astype(float)  # integers: nothing is rounded
        estimates = traces(jnp.asarray(np.diag(diagonal)), jax.random.key(seed), probes=64)
        np.testing.assert_array_equal(estimates, [diagonal.sum()] * 64)


def test_trace_estimates_take_the_values_that_signs_allow():
    matrix = np.zeros((SIZE, SIZE))
    matrix[:2, :2] = [[5, 2], [2, -3]]
    estimates = np.asarray(traces(jnp.asarray(matrix), KEY, probes=64))
    # 5 - 3 ± 2 * 2, each half of the time; five deviations of the mean are 5 * 4 / sqrt(64).
    assert set(estimates) == {-2.0, 6.0}
    assert abs(estimates.mean() - 2) < 2.5


def test_the_key_decides_the_probes_and_every_probe_is_another():
    matrix = symmetric(SPECTRA["spread"])
    for estimate in (
        lambda key: traces(matrix, key, probes=64),
        lambda key: density(matrix, key, probes=64, steps=5).nodes,
    ):
        first, again, other = (np.asarray(estimate(key)) for key in (KEY, KEY, OTHER_KEY))
        np.testing.assert_array_equal(first, again)
        assert len(np.unique(np.r_[first, other])) == 2 * len(first)


# Slices


def test_a_filter_normalised_direction_is_as_long_as_the_weights_column_by_column():
    weights = np.random.default_rng(0).normal(size=(4, 3)).astype(np.float32) * np.array([1, 0, 100], np.float32)
    params = {"layer": Layer(weights, np.ones(3, np.float32)), "temperature": np.float32(2)}
    direction = jax.jit(filter_normalised)(KEY, params)
    assert jax.tree.structure(direction) == jax.tree.structure(params)
    lengths = (np.linalg.norm(doubles(matrix), axis=0) for matrix in (direction["layer"].weights, weights))
    np.testing.assert_allclose(*lengths, rtol=1e-6)  # two sums of four squares and a quotient, in float32
    np.testing.assert_array_equal(direction["layer"].biases, np.zeros(3))
    assert direction["temperature"] == 0


def test_filter_normalised_directions_are_random_and_scale_with_each_unit():
    width = 400
    params = [np.ones((width, 2), np.float32)] * 2
    run = jax.jit(filter_normalised)
    draws = [np.asarray(leaf) for key in (KEY, OTHER_KEY) for leaf in run(key, params)]
    columns = [column / width**0.5 for leaf in draws for column in leaf.T] + [np.ones(width) / width**0.5]
    for left, right in itertools.combinations(columns, 2):
        assert abs(left @ right) < 5 / width**0.5  # the cosine of random directions has deviation 1 / sqrt(width)
    scales = np.array([8, 0.5], np.float32)  # powers of two: nothing is rounded
    np.testing.assert_array_equal(run(KEY, [leaf * scales for leaf in params])[0], draws[0] * scales)


def test_stacked_layers_are_normalised_under_vmap():
    stacked = np.random.default_rng(0).normal(size=(5, 4, 3)).astype(np.float32)
    direction = jax.jit(lambda key: jax.vmap(filter_normalised)(jax.random.split(key, 5), stacked))(KEY)
    np.testing.assert_allclose(np.linalg.norm(direction, axis=1), np.linalg.norm(stacked, axis=1), rtol=1e-6)


def test_the_plane_is_the_loss_at_every_point_of_it(problem, eps):
    first, second = (jax.tree.map(lambda w, s=scale: np.cos(s * w), problem.params) for scale in (5, 7))
    at = np.array([-1.0, 0.0, 0.5, 2.0])
    values = doubles(
        jax.jit(lambda *trees: plane(problem.loss, *trees, jnp.asarray(at)))(problem.params, first, second)
    )
    loss = jax.jit(problem.loss)
    for row, column in itertools.product(range(4), repeat=2):
        point = jax.tree.map(lambda w, u, v: w + at[column] * u + at[row] * v, problem.params, first, second)  # noqa: B023
        np.testing.assert_allclose(values[row, column], loss(point), rtol=100 * eps)  # as for the Hessian
    np.testing.assert_allclose(values[1, 1], loss(problem.params), rtol=10 * eps)


VECTOR = jnp.ones(3)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: dense(jnp.negative, 0), "size must be at least 1, got 0"),
        (lambda: power_iteration(jnp.negative, jnp.ones((2, 3)), 4), r"start must be a flat vector.*\(2, 3\); ravel_"),
        (lambda: power_iteration(jnp.negative, VECTOR, 0), "steps must be at least 1, got 0"),
        (lambda: lanczos(jnp.negative, jnp.ones(()), 1), r"start must be a flat vector, got shape \(\); ravel_pytree"),
        (lambda: lanczos(jnp.negative, VECTOR, 0), "steps must be between 1 and the size of the operator, 3, got 0"),
        (lambda: lanczos(jnp.negative, VECTOR, 4), "steps must be between 1 and the size of the operator, 3, got 4"),
        (lambda: spectral_density(jnp.negative, 3, key=KEY, probes=0, steps=2), "probes must be at least 1, got 0"),
        (
            lambda: spectral_density(jnp.negative, 3, key=KEY, probes=2, steps=4),
            "steps must be between 1 and.*3, got 4",
        ),
        (lambda: hutchinson_trace(jnp.negative, 0, key=KEY, probes=2), "size must be at least 1, got 0"),
        (lambda: hutchinson_trace(jnp.negative, 2, key=KEY, probes=-1), "probes must be at least 1, got -1"),
        (
            lambda: jax.eval_shape(filter_normalised, KEY, [jnp.ones((4, 2, 3))]),
            r"\(4, 2, 3\); for stacked layers use jax.vmap",
        ),
        (lambda: plane(jnp.sum, VECTOR, VECTOR, VECTOR, 0.0), r"at must be a flat vector, got shape \(\)"),
        (lambda: plane(jnp.sum, VECTOR, VECTOR, [VECTOR], VECTOR), r"second must have .*, \(3,\), got \[\(3,\)\]"),
    ],
)
def test_errors_say_what_came_and_what_to_do(call, message):
    with pytest.raises(ValueError, match=message):
        call()
