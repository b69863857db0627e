"""Activations as an infinitely wide network sees them: two expectations over Gaussian pairs."""

from collections.abc import Callable
from typing import NamedTuple, TypeAlias

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array

Moment: TypeAlias = Callable[[Array, Array, Array], Array]


class Dual(NamedTuple):
    """What infinite width needs to know of an activation φ (Daniely et al., 2016).

    Both functions take arrays that broadcast: q11, q12 and q22, the variances and the covariance of Gaussian u and v.
    """

    value: Moment
    """E φ(u) φ(v)."""
    slope: Moment
    """E φ'(u) φ'(v), which is the derivative of the value in q12 (Price, 1958)."""


def _cosine(q11: Array, q12: Array, q22: Array) -> tuple[Array, Array, Array]:
    """The two deviations and the correlation; where a variance is 0 so is the correlation, and every derivative."""
    first, second = (jnp.where(q > 0, jnp.sqrt(jnp.where(q > 0, q, 1)), 0) for q in (q11, q22))
    product = first * second
    return first, second, q12 / jnp.where(product > 0, product, 1)


def _snapped(cosine: Array) -> Array:
    """±1 for what rounding does not tell from it. There an angle magnifies one rounding to the square root of it."""
    return jnp.where(1 - jnp.abs(cosine) < 8 * jnp.finfo(cosine.dtype).eps, jnp.sign(cosine), cosine)


@jax.custom_jvp
def _arc_cosine_0(cosine: Array) -> Array:
    """1 - θ / π."""
    cosine = _snapped(cosine)
    return 1 - jnp.arctan2(jnp.sqrt((1 - cosine) * (1 + cosine)), cosine) / jnp.pi


@_arc_cosine_0.defjvp
def _arc_cosine_0_jvp(primals: tuple[Array], tangents: tuple[Array]) -> tuple[Array, Array]:
    """At θ = 0, where the function of two points has the tip of a cone, and at π: the mean slope there, which is 0."""
    cosine = _snapped(primals[0])
    squared_sine = (1 - cosine) * (1 + cosine)
    slope = jnp.where(squared_sine > 0, jax.lax.rsqrt(squared_sine) / jnp.pi, 0)
    return _arc_cosine_0(primals[0]), slope * tangents[0]


@jax.custom_jvp
def _arc_cosine_1(cosine: Array) -> Array:
    """(sin θ + (π - θ) cos θ) / π."""
    zeroth, cosine = _arc_cosine_0(cosine), _snapped(cosine)
    return jnp.sqrt((1 - cosine) * (1 + cosine)) / jnp.pi + zeroth * cosine


@_arc_cosine_1.defjvp
def _arc_cosine_1_jvp(primals: tuple[Array], tangents: tuple[Array]) -> tuple[Array, Array]:
    return _arc_cosine_1(primals[0]), _arc_cosine_0(primals[0]) * tangents[0]


def _relu_value(q11: Array, q12: Array, q22: Array) -> Array:
    first, second, cosine = _cosine(q11, q12, q22)
    return first * second * _arc_cosine_1(cosine) / 2


def _relu_slope(q11: Array, q12: Array, q22: Array) -> Array:
    return _arc_cosine_0(_cosine(q11, q12, q22)[2]) / 2


def _erf_value(q11: Array, q12: Array, q22: Array) -> Array:
    return 2 / jnp.pi * jnp.arcsin(2 * q12 / jnp.sqrt((1 + 2 * q11) * (1 + 2 * q22)))


def _erf_slope(q11: Array, q12: Array, q22: Array) -> Array:
    return 4 / jnp.pi * jax.lax.rsqrt((1 + 2 * q11) * (1 + 2 * q22) - 4 * q12**2)


RELU = Dual(_relu_value, _relu_slope)
"""The arc-cosine kernels, halved (Cho & Saul, 2009, eqs. 3 and 6)."""
ERF = Dual(_erf_value, _erf_slope)
"""Williams (1997, eq. 11)."""


def dual_of(activation: Callable[[Array], Array], *, terms: int = 256) -> Dual:
    """The dual of a smooth activation that acts entry by entry, from its Hermite series (Daniely et al., 2016).

    With aₙ(q) the coefficients of z ↦ φ(√q z) in orthonormal Hermite polynomials and ρ the correlation,
    E φ(u) φ(v) = Σ aₙ(q11) aₙ(q22) ρⁿ. The series is cut after ``terms``, which costs most at ρ = 1, and more for
    larger variances: for tanh and its slope 1e-15 at variance 1, 1e-9 at 4 and 2e-6 at 10. A kink in the activation, or
    in its derivative, makes it converge slowly: for ReLU use ``RELU``.

    Raises ``ValueError`` on terms below 1 or above 256.
    """
    if not 1 <= terms <= 256:
        raise ValueError(f"terms must be between 1 and 256, got {terms}")
    # For smooth functions under a Gaussian equal steps are more accurate than Gauss-Hermite nodes (Trefethen, 2022).
    points = np.linspace(-12, 12, 385)
    weights = np.exp(-(points**2) / 2)
    polynomials = [np.zeros_like(points), np.ones_like(points)]
    for n in range(1, terms):
        polynomials.append((points * polynomials[-1] - (n - 1) ** 0.5 * polynomials[-2]) / n**0.5)
    projection = np.stack(polynomials[1:]) * weights / weights.sum()

    def derivative(z: Array) -> Array:
        return jax.jvp(activation, (z,), (jnp.ones_like(z),))[1]

    def moment(function: Callable[[Array], Array]) -> Moment:
        def evaluate(q11: Array, q12: Array, q22: Array) -> Array:
            first, second, cosine = _cosine(q11, q12, q22)

            def coefficients(deviation: Array) -> Array:
                at = jnp.multiply.outer(jnp.asarray(points, deviation.dtype), deviation)
                return jnp.tensordot(jnp.asarray(projection, at.dtype), function(at), 1)

            pairs = coefficients(first), coefficients(second)

            def horner(total: Array, terms: tuple[Array, Array]) -> tuple[Array, None]:
                return total * cosine + terms[0] * terms[1], None

            return jax.lax.scan(horner, jnp.zeros_like(cosine), pairs, reverse=True)[0]

        return evaluate

    return Dual(moment(activation), moment(derivative))
