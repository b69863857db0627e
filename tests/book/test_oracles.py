"""What the chapters and their helpers compute, against computations that share nothing with them.

The functions of a chapter are taken from its cells by name, so that what is tested is what the reader sees.
"""

from __future__ import annotations

import ast
from typing import Any

import jax
import jax.numpy as jnp
import nbformat
import numpy as np
import pytest
from chapters import ROOT
from scipy import integrate, linalg, optimize, stats
from scipy.sparse.linalg import LinearOperator, eigsh

from helpers.curvature import dense, hessian_operator, lanczos, power_iteration, ritz
from helpers.networks import mlp_apply, mlp_init

EPS = 2.0**-52


@pytest.fixture(autouse=True)
def float64():
    with jax.enable_x64(True):
        yield


def from_chapter(chapter: str, *names: str, **constants: Any) -> list[Any]:
    """Functions and classes of a chapter, defined after its imports and nothing else but the given constants."""
    cells = nbformat.read(ROOT / "book" / f"{chapter}.ipynb", as_version=4).cells
    sources = [c.source for c in cells if c.cell_type == "code" and "google.colab" not in c.source]
    nodes = [node for source in sources for node in ast.parse(source).body]
    wanted = [node for node in nodes if isinstance(node, (ast.Import, ast.ImportFrom))]
    found = {node.name: node for node in nodes if isinstance(node, (ast.FunctionDef, ast.ClassDef))}
    module = ast.Module([*wanted, *(found[name] for name in names)], type_ignores=[])
    namespace = {"__name__": chapter, **constants}
    exec(compile(module, chapter, "exec"), namespace)
    return [namespace[name] for name in names]


# Least squares, and its smallest solution


@pytest.mark.parametrize(("n", "p"), [(40, 12), (12, 40), (15, 15), (1, 7), (7, 1)])
def test_the_smallest_least_squares_weights_are_those_of_lapack(n: int, p: int) -> None:
    (min_norm,) = from_chapter("double_descent", "min_norm")
    rng = np.random.default_rng(n)
    X, y = rng.normal(size=(n, p)), rng.normal(size=(n, 3))
    theirs = linalg.lstsq(X, y, lapack_driver="gelsd")[0]
    # The error of a backward stable solution: rounding times the condition, squared where a residual is left.
    allowed = 100 * EPS * np.linalg.cond(X) ** (2 if n > p else 1)
    assert np.linalg.norm(min_norm(X, y) - theirs) <= allowed * max(1, np.linalg.norm(theirs))


def test_the_fits_that_grow_by_a_feature_at_a_time_are_the_pseudo_inverses() -> None:
    (grow,) = from_chapter("double_descent", "fits_of_every_width")
    rng = np.random.default_rng(0)
    features, on_grid, y = rng.normal(size=(30, 8)), rng.normal(size=(30, 5)), rng.normal(size=8)
    grown = np.asarray(grow(jnp.array(features), jnp.array(on_grid), jnp.array(y)))
    for count in (1, 4, 7, 8, 9, 16, 30):
        weights = np.linalg.pinv(features[:count].T) @ y
        condition = np.linalg.cond(features[:count])
        # The updates carry a ridge of 1e-12. With more features than labels, what is unexplained is as small as that.
        allowed = 10 * (1e-12 if count <= 8 else EPS / 1e-12) * condition
        assert np.abs(grown[count - 1] - on_grid[:count].T @ weights).max() <= allowed


# Ridge regression: a finite design, and the limit of large ones


def test_the_risk_of_ridge_is_the_trace_of_the_inverses_written_out() -> None:
    (ridge_risk,) = from_chapter("double_descent", "ridge_risk")
    rng = np.random.default_rng(1)
    for n, p in ((30, 12), (12, 30)):
        X, strength, signal, noise = rng.normal(size=(n, p)), 0.7, 3.0, 0.5
        inverse = np.linalg.inv(X.T @ X + strength * np.eye(p))
        shrunk = strength**2 * signal / p * np.trace(inverse @ inverse)
        shaken = noise * np.trace(inverse @ X.T @ X @ inverse)
        s = np.linalg.svd(X, compute_uv=False) ** 2
        assert ridge_risk(jnp.array(s), p, strength, signal, noise) == pytest.approx(shrunk + shaken, rel=1e-12)


@pytest.mark.parametrize("gamma", [0.4, 2.5])
@pytest.mark.parametrize("strength", [0.1, 2.0])
def test_the_limit_of_ridge_is_an_integral_over_the_eigenvalues(gamma: float, strength: float) -> None:
    (ridge_limit,) = from_chapter("double_descent", "ridge_limit")
    low, high = (1 - gamma**0.5) ** 2, (1 + gamma**0.5) ** 2

    def average(f) -> float:
        """Over the law of Marchenko and Pastur, by the cosine that takes the edges of its root away."""

        def on_circle(t: float) -> float:
            half = (high - low) / 2
            s = (low + high) / 2 + half * np.cos(t)
            return f(s) * (half * np.sin(t)) ** 2 / (2 * np.pi * gamma * s)

        return integrate.quad(on_circle, 0, np.pi, epsabs=1e-12)[0] + max(0.0, 1 - 1 / gamma) * f(0.0)

    bias, variance = ridge_limit(gamma, strength, 3.0, 0.5)
    assert bias == pytest.approx(3.0 * strength**2 * average(lambda s: (s + strength) ** -2), rel=1e-9)
    assert variance == pytest.approx(0.5 * gamma * average(lambda s: s / (s + strength) ** 2), rel=1e-9)


@pytest.mark.parametrize(("n", "p"), [(40, 11), (11, 40)])
def test_the_exact_variance_is_the_mean_of_an_inverse_wishart_matrix(n: int, p: int) -> None:
    _, exact_risk = from_chapter("double_descent", "Risk", "exact_risk")
    small, large = min(n, p), max(n, p)
    mean = stats.invwishart(df=large, scale=np.eye(small)).mean()
    assert exact_risk(n, p, 2.0, 0.5)[1] == pytest.approx(0.5 * np.trace(mean), rel=1e-12)


# Where descent goes


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_descent_turns_to_the_largest_margin_of_a_support_vector_machine(seed: int) -> None:
    machine, march = from_chapter("implicit_regularisation", "machine", "march", INPUTS=4)
    rng = np.random.default_rng(seed)
    x, u = rng.normal(size=(25, 4)), rng.normal(size=4)
    u /= np.linalg.norm(u)
    z = x * np.sign(x @ u)[:, None] + 0.5 * u

    margin, best = machine(z)
    found = optimize.minimize(
        lambda w: (w @ w / 2, w),
        2 * best / margin + 0.1,
        jac=True,
        method="SLSQP",
        constraints={"type": "ineq", "fun": lambda w: z @ w - 1, "jac": lambda w: z},
        options={"ftol": 1e-14, "maxiter": 1000},
    )
    assert found.success and 1 / np.linalg.norm(found.x) == pytest.approx(margin, rel=1e-5)
    walk, _ = march(jnp.array(z), 0.05, True, 200_000)
    assert np.min(z @ (walk[-1] / np.linalg.norm(walk[-1]))) == pytest.approx(margin, rel=0.02)
    assert walk[-1] / np.linalg.norm(walk[-1]) @ best > 0.999


def test_the_end_of_the_flow_of_a_diagonal_network_is_where_a_solver_of_differential_equations_goes() -> None:
    _, ends_of_flow = from_chapter("implicit_regularisation", "newton", "ends_of_flow")
    rng = np.random.default_rng(3)
    X, alphas = rng.normal(size=(4, 7)), np.array([2.0, 0.5, 0.1])
    y = X @ np.array([1.0, -2.0, 0, 0, 0, 0, 0.5])

    def flow(_, uv: np.ndarray) -> np.ndarray:
        u, v = uv.reshape(2, -1)
        slope = X.T @ (X @ (u**2 - v**2) - y)
        return np.concatenate([-u * slope, v * slope])

    ends = np.asarray(ends_of_flow(jnp.array(X), jnp.array(y), jnp.array(alphas)))
    for alpha, end in zip(alphas, ends, strict=True):
        solved = integrate.solve_ivp(flow, (0, 2000), np.full(14, alpha), method="LSODA", rtol=1e-10, atol=1e-12)
        u, v = solved.y[:, -1].reshape(2, -1)
        assert np.abs(X @ (u**2 - v**2) - y).max() < 1e-6, "the solver has not arrived"
        assert np.abs(u**2 - v**2 - end).max() < 1e-5


# Curvature


@pytest.fixture
def bowl():
    """The loss of a small tanh network as a Hessian operator, and the same written down."""
    key_params, key_data = jax.random.split(jax.random.key(0))
    inputs = jax.random.normal(key_data, (20, 4))
    targets = jnp.sin(inputs.sum(axis=1, keepdims=True))

    def loss(params) -> jax.Array:
        outputs = jax.vmap(lambda x: mlp_apply(params, x, activation=jnp.tanh))(inputs)
        return jnp.mean((outputs - targets) ** 2)

    params = mlp_init(key_params, (4, 10, 8, 1))
    size = sum(leaf.size for leaf in jax.tree.leaves(params))
    operator = hessian_operator(loss, params)
    return operator, np.asarray(dense(operator, size)), size


def test_the_ends_of_the_hessians_spectrum_are_those_of_arpack_and_of_a_dense_decomposition(bowl) -> None:
    operator, matrix, size = bowl
    values = np.linalg.eigvalsh(matrix)
    product = jax.jit(operator)
    as_scipy = LinearOperator((size, size), lambda v: np.asarray(product(jnp.array(v.ravel()))), dtype=float)
    theirs = eigsh(as_scipy, k=4, tol=1e-12)[0]
    start = jax.random.normal(jax.random.key(1), (size,))
    ours = np.sort(np.asarray(ritz(lanczos(operator, start, 70)).values))
    largest = np.sort(np.abs(values))[::-1][:4]
    assert np.sort(np.abs(theirs))[::-1] == pytest.approx(largest, rel=1e-9)
    assert ours[-3:] == pytest.approx(values[-3:], rel=1e-9)
    assert ours[0] == pytest.approx(values[0], rel=1e-9)
    assert abs(power_iteration(operator, start, 2000).eigenvalue) == pytest.approx(largest[0], rel=1e-9)


# Derivatives


def complex_step(loss, flat: np.ndarray) -> np.ndarray:
    """The derivative without a difference (Squire & Trapp, 1998): the imaginary part of a step along i."""
    steps = np.eye(flat.size) * 1e-200j
    return np.array([loss(flat + step).imag * 1e200 for step in steps])


def network_of_numpy(flat: np.ndarray, sizes: tuple[int, ...], inputs: np.ndarray, labels: np.ndarray) -> complex:
    """The mean cross-entropy of a tanh network, for complex parameters."""
    h, at = inputs.astype(complex), 0
    for fan_in, fan_out in zip(sizes, sizes[1:], strict=False):
        weights = flat[at : at + fan_in * fan_out].reshape(fan_in, fan_out)
        at += fan_in * fan_out
        h = h @ weights + flat[at : at + fan_out]
        at += fan_out
        h = np.tanh(h) if at < flat.size else h
    return np.mean(np.log(np.exp(h).sum(axis=1)) - (h * labels).sum(axis=1))


def test_both_gradients_of_the_book_are_the_complex_steps() -> None:
    names = ("Node", "summed_to", "tanh", "mean_cross_entropy", "backward", "tape_gradient", "loss_of")
    tape_gradient, loss_of = from_chapter("backprop", *names)[-2:]
    rng, sizes = np.random.default_rng(4), (3, 6, 5, 4)
    inputs, labels = rng.normal(size=(7, 3)), np.eye(4)[rng.integers(0, 4, size=7)]
    params = jax.tree.map(np.asarray, mlp_init(jax.random.key(2), sizes))
    params = jax.tree.map(lambda leaf: leaf + 0.1 * rng.normal(size=leaf.shape), params)
    flat = np.concatenate([part.ravel() for layer in params for part in layer])
    wanted = complex_step(lambda flat: network_of_numpy(flat, sizes, inputs, labels), flat)
    by_tape = tape_gradient(params, inputs, labels)[1]
    by_jax = jax.grad(loss_of)(params, inputs, labels)
    for gradient in (by_tape, by_jax):
        ours = np.concatenate([np.ravel(part) for layer in gradient for part in layer])
        assert np.abs(ours - wanted).max() <= 50 * EPS * np.abs(wanted).max()
