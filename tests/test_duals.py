"""The expectations that infinite width needs of an activation, against quadrature in the plane."""

import itertools

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax.scipy.special import erf
from scipy.integrate import quad

from helpers.duals import ERF, RELU, dual_of

VARIANCES = [(1.0, 1.0), (0.3, 2.0), (4.0, 1.5)]
CORRELATIONS = [-1.0, -0.999, -0.4, 0.0, 0.7, 0.9999, 1.0]
ACTIVATIONS = {
    "relu": (RELU, lambda z: np.maximum(z, 0), lambda z: 1.0 * (z > 0)),
    "erf": (ERF, lambda z: np.asarray(erf(z)), lambda z: 2 / np.pi**0.5 * np.exp(-(z**2))),
    "tanh": (dual_of(jnp.tanh), np.tanh, lambda z: np.cosh(z) ** -2),
}
DUALS = {name: dual for name, (dual, _, _) in ACTIVATIONS.items()}


@pytest.fixture(autouse=True)
def x64():
    with jax.enable_x64(True):
        yield


def expectation(function, q11, q22, correlation):
    """E f(u) f(v), in polar coordinates of the plane: a Gaussian's radius, and an angle that is uniform.

    In radius and angle the integrand is piecewise smooth, and no piece ends inside an interval of the angle.
    """
    theta = np.arccos(correlation)
    kinks = np.unique(np.mod([np.pi / 2, -np.pi / 2, theta + np.pi / 2, theta - np.pi / 2, 0, 2 * np.pi], 2 * np.pi))
    nodes, weights = np.polynomial.legendre.leggauss(60)

    def pieces(ends):
        for low, high in itertools.pairwise(ends):
            yield (high - low) / 2 * nodes + (high + low) / 2, weights * (high - low) / 2

    angle, angle_weight = map(np.concatenate, zip(*pieces([*kinks, 2 * np.pi]), strict=True))
    radius, radius_weight = map(np.concatenate, zip(*pieces(np.linspace(0, 12, 13)), strict=True))
    u = q11**0.5 * np.outer(np.cos(angle), radius)
    v = q22**0.5 * np.outer(np.cos(angle - theta), radius)
    return (
        angle_weight @ (function(u) * function(v)) @ (radius_weight * radius * np.exp(-(radius**2) / 2)) / (2 * np.pi)
    )


@pytest.mark.parametrize("correlation", CORRELATIONS)
@pytest.mark.parametrize("variances", VARIANCES)
@pytest.mark.parametrize("name", ACTIVATIONS)
def test_the_expectations_are_those_of_a_gaussian_pair(name, variances, correlation):
    (q11, q22), (dual, value, slope) = variances, ACTIVATIONS[name]
    q12 = correlation * (q11 * q22) ** 0.5
    # The series for tanh is cut where the docstring says what that costs: with the larger variance, 4, about 1e-9.
    tolerance = 1e-8 if name == "tanh" and max(variances) > 2 else 1e-12
    assert dual.value(q11, q12, q22) == pytest.approx(expectation(value, q11, q22, correlation), abs=tolerance)
    if name == "relu" and abs(correlation) == 1:  # the quadrature's kinks coincide up to rounding, between them it is 0
        assert dual.slope(q11, q12, q22) == (0.5 if correlation > 0 else 0)
    else:
        assert dual.slope(q11, q12, q22) == pytest.approx(expectation(slope, q11, q22, correlation), abs=tolerance)


@pytest.mark.parametrize("correlation", [-1.0, -0.4, 0.0, 0.7, 1.0])
@pytest.mark.parametrize("name", DUALS)
def test_the_values_derivative_in_the_covariance_is_the_slope(name, correlation):
    """Price's theorem; for ReLU at ±1 too, where the derivative of the angle is infinite."""
    q11, q22 = 0.3, 1.2
    q12 = correlation * (q11 * q22) ** 0.5
    derivative = jax.grad(DUALS[name].value, argnums=1)(q11, q12, q22)
    np.testing.assert_allclose(derivative, DUALS[name].slope(q11, q12, q22), atol=1e-10)


@pytest.mark.parametrize("name", DUALS)
def test_all_derivatives_are_finite_at_the_ends_and_at_zero(name):
    for moment in DUALS[name]:
        for q11, q12, q22 in [(1.0, 1.0, 1.0), (1.0, -1.0, 1.0), (0.0, 0.0, 1.0), (0.0, 0.0, 0.0)]:
            first = jax.grad(moment, argnums=(0, 1, 2))(q11, q12, q22)
            second = jax.grad(jax.grad(moment, argnums=1), argnums=1)(q11, q12, q22)
            assert np.isfinite([*first, second]).all()


@pytest.mark.parametrize("correlation", [-0.9, 0.0, 0.4])
def test_relus_slope_changes_with_the_density_of_both_inputs_at_zero(correlation):
    """Price's theorem once more: the derivative of a step is a point mass, so what is left is a Gaussian's density."""
    q11, q22 = 0.3, 1.2
    q12 = correlation * (q11 * q22) ** 0.5
    density = 1 / (2 * np.pi * np.sqrt(q11 * q22 - q12**2))
    np.testing.assert_allclose(jax.grad(RELU.slope, argnums=1)(q11, q12, q22), density, rtol=1e-10)


@pytest.mark.parametrize("correlation", [1.0, -1.0])
def test_at_the_ends_relus_slope_has_the_mean_derivative(correlation):
    """Seen along a circle of inputs the slope has the tip of a cone there: equally steep to both sides."""
    assert jax.grad(RELU.slope, argnums=1)(1.0, correlation, 1.0) == 0


@pytest.mark.parametrize("dual", [RELU, ERF], ids=["relu", "erf"])
def test_without_variance_only_the_value_at_zero_is_left(dual):
    """Which is 0 for both activations."""
    for q11, q22 in ((0.0, 1.0), (1.0, 0.0), (0.0, 0.0)):
        assert dual.value(q11, 0.0, q22) == 0


def test_rounding_beyond_a_correlation_of_one_does_no_harm():
    for dtype in (jnp.float32, jnp.float64):
        one, above = jnp.ones((), dtype), 1 + 2 * jnp.finfo(dtype).eps.astype(dtype)
        below = 1 - jnp.finfo(dtype).eps.astype(dtype)
        for q12, value, slope in ((above, 0.5, 0.5), (below, 0.5, 0.5), (-above, 0, 0), (-below, 0, 0)):
            # The angle of such a correlation is some square roots of a rounding: 5e-4 in 32 bits.
            assert RELU.slope(one, q12, one) == slope
            np.testing.assert_allclose(RELU.value(one, q12, one), value, atol=4 * jnp.finfo(dtype).eps)
            assert jax.grad(RELU.value, argnums=1)(one, q12, one) == slope


def test_a_series_may_be_cut_short_and_any_shapes_broadcast():
    rng = np.random.default_rng(0)
    q11, q22 = rng.uniform(0.1, 1, (4, 1)), rng.uniform(0.1, 1, (1, 3))
    q12 = rng.uniform(-1, 1, (4, 3)) * np.sqrt(q11 * q22)
    exact, series = ERF, dual_of(erf, terms=100)
    for which in range(2):
        found = series[which](q11, q12, q22)
        assert found.shape == (4, 3)
        np.testing.assert_allclose(found, exact[which](q11, q12, q22), atol=1e-11)
    # Of one term the constant is left, and of two what is linear: erf is odd.
    np.testing.assert_allclose(dual_of(erf, terms=1).value(q11, q12, q22), 0, atol=1e-15)
    slope_at_zero = quad(lambda z: z * float(erf(0.5**0.5 * z)) * np.exp(-(z**2) / 2), -12, 12)[0] / (2 * np.pi) ** 0.5
    assert dual_of(erf, terms=2).value(0.5, 0.2, 0.5) == pytest.approx(slope_at_zero**2 * 0.4, rel=1e-9)


@pytest.mark.parametrize("terms", [0, 257])
def test_errors_say_what_came_and_what_to_do(terms):
    with pytest.raises(ValueError, match=f"terms must be between 1 and 256, got {terms}"):
        dual_of(jnp.tanh, terms=terms)
