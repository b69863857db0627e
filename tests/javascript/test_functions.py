"""Twenty functions as chapters would write them, in float32 and (where it matters) float64."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest
from agreement import check
from jax import lax

from helpers.duals import RELU, dual_of
from helpers.kernels import evolve, infinite_kernels

RNG = np.random.default_rng(0)
A = RNG.normal(size=(12, 12)).astype(np.float32)
B = RNG.normal(size=12).astype(np.float32)
POINTS = RNG.uniform(-1, 1, (32, 2)).astype(np.float32)
TARGETS = np.sin(3 * POINTS[:, 0]) * POINTS[:, 1]


def network(key, sizes):
    keys = jax.random.split(key, len(sizes) - 1)
    shapes = zip(keys, sizes[:-1], sizes[1:], strict=True)
    return [(jax.random.normal(k, (m, n)) / jnp.sqrt(m), jnp.zeros(n)) for k, m, n in shapes]


def predict(params, x, activation=jnp.tanh):
    for w, b in params[:-1]:
        x = activation(x @ w + b)
    w, b = params[-1]
    return (x @ w + b)[..., 0]


def train(optimiser, steps, sizes=(2, 16, 16, 1)):
    def run(seed, scale):
        params = network(jax.random.key(seed), sizes)
        loss = lambda p: jnp.mean((predict(p, POINTS) - scale * TARGETS) ** 2)  # noqa: E731

        def step(carry, _):
            params, state = carry
            value, grads = jax.value_and_grad(loss)(params)
            updates, state = optimiser.update(grads, state, params)
            return (optax.apply_updates(params, updates), state), value

        (params, _), losses = lax.scan(step, (params, optimiser.init(params)), None, length=steps)
        return losses, predict(params, POINTS)

    return run, (3, jnp.float32(0.5))


def gradient_descent(learning_rate, w):
    loss = lambda w: jnp.sum((A @ w - B) ** 2)  # noqa: E731
    return lax.fori_loop(0, 200, lambda i, w: w - learning_rate * jax.grad(loss)(w), w)


def ridge(log_strength):
    gram = A.T @ A + jnp.exp(log_strength) * jnp.eye(12)
    return jnp.linalg.solve(gram, A.T @ B), jnp.linalg.cond(gram)


def minimum_norm(seed, noise):
    x = jnp.linspace(-1, 1, 10)
    key_features, key_noise = jax.random.split(jax.random.key(seed))
    weights = jax.random.normal(key_features, (2, 30))
    y = jnp.sin(3 * x) + noise * jax.random.normal(key_noise, (10,))

    def risk(width):
        features = jax.nn.relu(x[:, None] * weights[0] + weights[1]) * (jnp.arange(30) < width)
        gram = features @ features.T + 1e-2 * jnp.eye(10)
        factor = jax.scipy.linalg.cho_factor(gram, lower=True)
        return jnp.mean((gram @ jax.scipy.linalg.cho_solve(factor, y) - y) ** 2)

    return jax.vmap(risk)(jnp.arange(1, 31))


def spectral(strength):
    a, b = A.astype(strength.dtype), B.astype(strength.dtype)
    values, vectors = jnp.linalg.eigh(a @ a.T)
    projected = vectors.T @ b
    return values, vectors @ (projected / (values + strength)), jnp.abs(projected)


def convolutional(images, kernel, dense):
    def loss(kernel, dense):
        h = lax.conv_general_dilated(images, kernel, (1, 1), "SAME")
        h = lax.reduce_window(jax.nn.relu(h), -jnp.inf, lax.max, (1, 1, 2, 2), (1, 1, 2, 2), "VALID")
        logits = h.reshape(h.shape[0], -1) @ dense
        return optax.softmax_cross_entropy_with_integer_labels(logits, jnp.array([0, 1, 2, 1])).mean()

    return jax.value_and_grad(loss, (0, 1))(kernel, dense)


def draws(seed):
    key = jax.random.key(seed)
    keys = jax.random.split(key, 6)
    return (
        jax.random.normal(keys[0], (7, 3)),
        jax.random.permutation(keys[1], 20),
        jax.random.randint(keys[2], (9,), -5, 50),
        jax.random.uniform(keys[3], (5,), minval=-1, maxval=2),
        jax.random.bernoulli(keys[4], 0.3, (11,)),
        jax.random.choice(keys[5], 10, (4,), replace=False),
        jax.random.categorical(keys[0], jnp.log(jnp.array([0.2, 0.5, 0.3])), shape=(8,)),
        jax.random.exponential(keys[1], (4,)),
        jax.random.truncated_normal(keys[2], -1, 1, (4,)),
        jax.random.rademacher(keys[3], (6,)),
        jax.random.laplace(keys[4], (3,)),
        jax.random.gumbel(keys[5], (3,)),
    )


def raw_bits(seed):
    raw = jax.random.PRNGKey(seed)
    folded = jax.random.fold_in(raw, 17)
    return raw, folded, jax.random.split(folded, 3), jax.random.bits(folded, (5,)), jax.random.permutation(raw, 6)


def pendulum(angle, friction):
    def slope(state):
        return jnp.array([state[1], -jnp.sin(state[0]) - friction * state[1]])

    def step(carry):
        time, state = carry
        k1 = slope(state)
        k2 = slope(state + 0.05 * k1)
        return time + 0.1, state + 0.1 * k2

    time, state = lax.while_loop(lambda c: (c[0] < 5) & (jnp.abs(c[1][0]) < 4), step, (0.0, jnp.array([angle, 0.0])))
    return time, state


def lorenz(x0):
    def step(s, _):
        s = s + 0.01 * jnp.array([10 * (s[1] - s[0]), s[0] * (28 - s[2]) - s[1], s[0] * s[1] - 8 / 3 * s[2]])
        return s, s

    return lax.scan(step, x0, None, length=100)[1]


def heat_map(a, b):
    grid = jnp.linspace(-2, 2, 25)
    loss = lambda u, v: jnp.mean((jnp.tanh(u * POINTS[:, 0] + v) - a * TARGETS) ** 2) + b * u * v  # noqa: E731
    return jax.vmap(lambda v: jax.vmap(lambda u: loss(u, v))(grid))(grid)


def hessian_sharpness(w):
    loss = lambda w: jnp.sum(jnp.tanh(A @ w) ** 2) + jnp.sum(w**4)  # noqa: E731
    hessian = jax.hessian(loss)(w)
    return hessian, jnp.linalg.eigvalsh(hessian)[-1], jax.jvp(jax.grad(loss), (w,), (B.astype(w.dtype),))[1]


def attention(x, w):
    q, k, v = jnp.split(x @ w, 3, axis=-1)
    q, k, v = (t.reshape(t.shape[0], 2, -1).transpose(1, 0, 2) for t in (q, k, v))
    scores = jnp.einsum("hid,hjd->hij", q, k) / jnp.sqrt(2.0)
    mask = jnp.tril(jnp.ones(scores.shape[-2:], bool))
    return jnp.einsum("hij,hjd->ihd", jax.nn.softmax(jnp.where(mask, scores, -jnp.inf)), v)


def least_squares_families(x):
    q, r = jnp.linalg.qr(x)
    u, s, vt = jnp.linalg.svd(x, full_matrices=False)
    return q @ r, jnp.abs(jnp.diag(r)), s, (u * s) @ vt, jnp.linalg.pinv(x), jnp.linalg.lstsq(x, x[:, 0])[0]


def decompositions(x):
    sign, logdet = jnp.linalg.slogdet(x)
    lu, pivots, permutation = lax.linalg.lu(x)
    return (
        sign,
        logdet,
        jnp.linalg.inv(x),
        lu,
        pivots,
        permutation,
        jnp.linalg.det(x),
        jnp.linalg.matrix_power(x / 5, 3),
    )


def newton(y):
    """A custom derivative rule, and a cond inside of a loop."""

    @jax.custom_jvp
    def root(y):
        return lax.fori_loop(0, 20, lambda i, x: 0.5 * (x + y / x), jnp.ones_like(y))

    root.defjvp(lambda primals, tangents: (root(*primals), tangents[0] / (2 * root(*primals))))
    safe = lambda y: lax.cond(y > 0, root, lambda y: jnp.zeros_like(y), y)  # noqa: E731
    return jax.vmap(root)(jnp.abs(B) + 0.1), safe(y), jax.grad(root)(y), jax.grad(lambda y: safe(y) * y)(y)


@jax.custom_vjp
def straight_through(x):
    return jnp.round(x)


straight_through.defvjp(lambda x: (jnp.round(x), None), lambda _, g: (g,))


def quantised(x):
    return straight_through(x * 8) / 8, jax.grad(lambda x: jnp.sum(straight_through(x) * x))(x)


def random_walk(seed, steps):
    moves = jax.random.rademacher(jax.random.key(seed), (100,))
    path = jnp.cumsum(jnp.where(jnp.arange(100) < steps, moves, 0))
    return path, jnp.max(path), jnp.argmax(path), jnp.histogram(path, bins=5, range=(-20, 20))[0], jnp.sort(path)


def power_iteration(x):
    def step(carry):
        v, _, k = carry
        w = x @ x.T @ v
        new = w / jnp.linalg.norm(w)
        return new, jnp.linalg.norm(new - v), k + 1

    return lax.while_loop(lambda c: (c[1] > 1e-3) & (c[2] < 100), step, (jnp.ones(12) / jnp.sqrt(12.0), jnp.inf, 0))[0]


def checkpointed(w):
    block = jax.checkpoint(lambda h, w: jnp.tanh(w @ h))
    return jax.grad(lambda w: lax.scan(lambda h, _: (block(h, w), None), B.astype(w.dtype), None, length=5)[0].sum())(w)


def closed_forms(aspect, noise):
    gamma = jnp.linspace(0.05, 3, 60) * aspect
    under = noise * gamma / jnp.where(gamma < 1, 1 - gamma, 1)
    over = (1 - 1 / jnp.where(gamma > 1, gamma, 2)) + noise / jnp.where(gamma > 1, gamma - 1, 1)
    edges = jnp.clip((1 + jnp.sqrt(gamma)) ** 2, 0, 9), (1 - jnp.sqrt(gamma)) ** 2
    return (
        jnp.where(gamma < 1, under, over),
        *edges,
        jax.scipy.stats.norm.cdf(gamma),
        jax.scipy.special.logsumexp(gamma),
    )


def kernels_on_a_circle(points, bias_scale):
    circle = jnp.stack([jnp.cos(points), jnp.sin(points)], axis=1)
    relu = infinite_kernels(circle, depth=3, dual=RELU, bias_scale=bias_scale)
    tanh = infinite_kernels(circle, circle[::7], depth=1, dual=dual_of(jnp.tanh, terms=20), bias_scale=bias_scale)
    times = jnp.array([0.0, 0.1, 3.0])
    training = evolve(tanh.ntk[::7], tanh.ntk, points[::7], jnp.zeros(5), jnp.zeros(30), times, learning_rate=0.1)
    return relu, tanh, training


FUNCTIONS = {
    "adam, 500 steps of a two-layer network": train(optax.adam(3e-3), 500),
    "sgd with momentum": train(optax.sgd(0.05, momentum=0.9), 60),
    "adamw with clipping and a schedule": train(
        optax.chain(optax.clip_by_global_norm(1.0), optax.adamw(optax.cosine_decay_schedule(1e-2, 50))), 60
    ),
    "gradient descent": (gradient_descent, (jnp.float32(0.01), jnp.zeros(12))),
    "ridge regression": (ridge, (jnp.float32(0.3),)),
    "minimum norm": (minimum_norm, (2, jnp.float32(0.1))),
    "spectral filter": (spectral, (jnp.float32(0.5),)),
    "convolutional gradient": (
        convolutional,
        (
            RNG.normal(size=(4, 1, 8, 8)).astype(np.float32),
            A[:3, :9].reshape(3, 1, 3, 3),
            RNG.normal(size=(48, 3)).astype(np.float32),
        ),
    ),
    "random draws": (draws, (5,)),
    "raw keys": (raw_bits, (11,)),
    "pendulum": (pendulum, (jnp.float32(2.0), jnp.float32(0.1))),
    "lorenz": (lorenz, (jnp.array([1.0, 1.0, 1.0]),)),
    "heat map": (heat_map, (jnp.float32(1.0), jnp.float32(0.1))),
    "hessian": (hessian_sharpness, (B / 5,)),
    "attention": (attention, (A[:6], RNG.normal(size=(12, 12)).astype(np.float32))),
    "orthogonal families": (least_squares_families, (A[:, :5],)),
    "decompositions": (decompositions, (A,)),
    "custom derivative": (newton, (jnp.float32(2.5),)),
    "straight-through": (quantised, (B,)),
    "random walk": (random_walk, (4, 60)),
    "power iteration": (power_iteration, (A + 3 * jnp.eye(12),)),
    "checkpoint": (checkpointed, (A / 4,)),
    "infinite width": (kernels_on_a_circle, (np.linspace(0, 2 * np.pi, 30).astype(np.float32), jnp.float32(0.3))),
    "closed forms": (closed_forms, (jnp.float32(1.0), jnp.float32(0.3))),
}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_function(engine, name):
    check(engine, {name: FUNCTIONS[name]})


def as_double(args):
    wide = lambda a: a.astype(np.float64) if np.issubdtype(np.asarray(a).dtype, np.floating) else a  # noqa: E731
    return jax.tree.map(lambda a: wide(np.asarray(a)), args)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_function_in_float64(engine, name):
    fn, args = FUNCTIONS[name]
    with jax.enable_x64(True):
        check(engine, {name: (fn, as_double(args))})
