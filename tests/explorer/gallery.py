"""The explorers that the tests turn: one of every kind of control, one for each way to run."""

import altair as alt
import jax
import jax.numpy as jnp
import numpy as np

from helpers.explorer import choice, explore, play, points, seed, sketch, slider, training
from helpers.figures import ORANGE


def risk_curve(noise, signal, no_signal=False):
    """The limit of the risk of ridgeless regression, against parameters per example."""
    signal = jnp.where(no_signal, 0.0, signal)
    gamma = jnp.linspace(0.02, 3.0, 150)
    over = gamma > 1
    variance = noise * jnp.where(over, 1, gamma) / jnp.maximum(jnp.abs(1 - gamma), 0.02)
    bias = jnp.where(over, signal * (1 - 1 / gamma), 0.0)
    return {
        "curve": {"gamma": gamma, "risk": bias + variance, "bias": bias},
        "floor": {"lowest": jnp.min(bias + variance)},
    }


def risk():
    chart = (
        alt.Chart(alt.NamedData("curve"))
        .mark_line(clip=True)
        .encode(
            alt.X("gamma:Q", title="parameters per example"),
            alt.Y("risk:Q", title="risk", scale=alt.Scale(domain=(0, 20))),
        )
    )
    return explore(
        risk_curve,
        chart,
        noise=(0.0, 2.0),
        signal=(0.0, 10.0),
        no_signal=False,
        idle={"signal": "no_signal"},
        title="The risk has a peak",
        units={"noise": "units"},
        alt="The risk rises to a sharp peak where parameters equal examples and falls again",
        summary="With noise {noise} the lowest risk is {floor.lowest:.2f}.",
        caption="The peak sits where parameters equal examples.",
    )


def fit(width, log_penalty, data, show_truth):
    """Ridge regression with random features on thirty noisy points; the width masks features."""
    key_data, key_noise, key_weights = jax.random.split(jax.random.key(data), 3)
    x = jax.random.uniform(key_data, (30,), minval=-1, maxval=1)
    y = jnp.sin(4 * x) + 0.2 * jax.random.normal(key_noise, (30,))
    w, b = jax.random.normal(key_weights, (2, 60))
    mask = jnp.arange(60) < width

    def features(x):
        return jax.nn.relu(5 * x[:, None] * w + 3 * b) * mask / 8

    grid = jnp.linspace(-1, 1, 121)
    train = features(x)
    coefficients = train.T @ jnp.linalg.solve(train @ train.T + 10.0**log_penalty * jnp.eye(30), y)
    truth = jnp.where(show_truth, jnp.sin(4 * grid), jnp.nan)
    return {
        "points": {"x": x, "y": y},
        "curve": {"x": grid, "fit": features(grid) @ coefficients, "truth": truth},
        "now": {"error": jnp.mean((features(grid) @ coefficients - jnp.sin(4 * grid)) ** 2)},
    }


def random_features():
    scale = alt.Scale(domain=(-2, 2))
    points = (
        alt.Chart(alt.NamedData("points"))
        .mark_point()
        .encode(alt.X("x:Q", title="x"), alt.Y("y:Q", title="y", scale=scale))
    )
    line = alt.Chart(alt.NamedData("curve")).mark_line(clip=True)
    chart = (
        line.encode(x="x:Q", y="fit:Q")
        + line.mark_line(strokeDash=[4, 4], color="#e6570c").encode(x="x:Q", y="truth:Q")
        + points
    )
    return explore(
        fit,
        chart,
        width=(1, 60),
        log_penalty=(-3.0, 1.0),
        data=seed(0),
        show_truth=True,
        title="Random features",
        labels={"log_penalty": "log₁₀ penalty", "show_truth": "Show the truth"},
        alt="Thirty points and the curve that the features fit to them",
        summary="{width} features: the error is {now.error:.3f}.",
    )


def descent(rate, steps, kind):
    """Gradient descent on a bowl, with or without momentum."""
    momentum = 0.8 if kind == "momentum" else 0.0
    curvature = jnp.array([1.0, 8.0])

    def step(carry, _):
        place, speed = carry
        speed = momentum * speed - rate * curvature * place
        return (place + speed, speed), place

    start = jnp.array([1.8, 0.9])
    _, path = jax.lax.scan(step, (start, jnp.zeros(2)), length=60)
    seen = jnp.where(jnp.arange(60)[:, None] <= steps, path, path[jnp.minimum(steps, 59)])
    loss = 0.5 * jnp.sum(curvature * path**2, 1)
    return {
        "path": {"x": seen[:, 0], "y": seen[:, 1]},
        "loss": {"step": jnp.arange(60), "loss": loss, "kind": kind},
        "end": {"loss": loss[jnp.minimum(steps, 59)]},
    }


def two_panels():
    plane = (
        alt.Chart(alt.NamedData("path"))
        .mark_line(point=True, clip=True)
        .encode(
            alt.X("x:Q", scale=alt.Scale(domain=(-2, 2))),
            alt.Y("y:Q", scale=alt.Scale(domain=(-1, 1))),
            order=alt.value(0),
        )
    )
    losses = (
        alt.Chart(alt.NamedData("loss"))
        .mark_line(clip=True)
        .encode(
            alt.X("step:Q"),
            alt.Y("loss:Q", scale=alt.Scale(type="log", domain=(1e-6, 1e2))),
            alt.Color("kind:N", title=None),
        )
    )
    return explore(
        descent,
        plane | losses,
        rate=slider(0.01, 100.0, log=True, start=0.05),
        steps=play(0, 59, seconds=2),
        kind=choice({"plain": "plain", "with momentum": "momentum"}),
        title="Descent in a bowl",
        turn_down="rate",
        labels={"rate": "Learning rate"},
        alt="Left the path down the bowl, right the loss of each step, falling",
        summary="After {steps} steps of {kind} the loss is {end.loss:.2e}.",
    )


def polynomial(heights, degree):
    """Least squares through points that the reader draws."""
    x = jnp.linspace(-1, 1, heights.shape[0])

    def powers(x):
        return x[:, None] ** jnp.arange(8) * (jnp.arange(8) <= degree)

    a = powers(x)
    coefficients = jnp.linalg.solve(a.T @ a + 1e-4 * jnp.eye(8), a.T @ heights)
    grid = jnp.linspace(-1, 1, 101)
    return {"points": {"x": x, "y": heights}, "curve": {"x": grid, "y": powers(grid) @ coefficients}}


def draw_your_own():
    axis = alt.Y("y:Q", scale=alt.Scale(domain=(-1, 1)))
    points = alt.Chart(alt.NamedData("points")).mark_point(size=90).encode(x="x:Q", y=axis)
    chart = alt.Chart(alt.NamedData("curve")).mark_line(clip=True).encode(x="x:Q", y=axis) + points
    heights = np.sin(np.linspace(-2, 2, 9)) * 0.7
    return explore(
        polynomial,
        chart,
        heights=sketch(heights, low=-1, high=1, x=(-1, 1)),
        degree=[1, 2, 3, 5, 7],
        title="Draw your own data",
        labels={"heights": "Your data"},
        alt="Nine points on a wave and a line through them",
        summary="A polynomial of degree {degree} ends at {curve.y.last:.2f}.",
    )


def attention(places, query, width):
    """How much a query attends to each of the keys that the reader places; across, distances are ratios."""

    def logged(pairs):
        return jnp.stack([jnp.log10(pairs[:, 0]), pairs[:, 1]], 1)

    distance = jnp.sum((logged(places) - logged(query)) ** 2, 1)
    weight = jax.nn.softmax(-distance / width)
    return {
        "keys": {"x": places[:, 0], "y": places[:, 1], "weight": weight},
        "query": {"x": query[:, 0], "y": query[:, 1], "largest": jnp.max(weight)},
    }


def place_your_own():
    """Two panels that share an axis, of which the left one has a logarithmic axis and points of two controls."""
    y = alt.Y("y:Q", scale=alt.Scale(domain=(-1, 1)))
    x = alt.X("x:Q", scale=alt.Scale(type="log", domain=(1, 1000)))
    keys = alt.Chart(alt.NamedData("keys"))
    query = (
        alt.Chart(alt.NamedData("query"))
        .mark_point(size=120, shape="diamond", color=ORANGE, opacity=1)
        .encode(x=x, y=y)
    )
    weights = keys.mark_point(size=90).encode(alt.X("weight:Q", scale=alt.Scale(domain=(0, 1))), y=y)
    return explore(
        attention,
        alt.hconcat(keys.mark_point(size=90).encode(x=x, y=y) + query, weights).resolve_scale(y="shared"),
        places=points([(2, -0.5), (20, 0.5), (200, -0.25)], x=(1, 1000), y=(-1, 1)),
        query=points([(50, 0)], x=(1, 1000), y=(-1, 1)),
        width=slider(0.1, 10.0, log=True, start=1.0),
        title="Place your own keys",
        alt="Left three keys and a query in the plane, right how much the query attends to each key",
        summary="The query attends to one key with {query.largest:.2f}.",
    )


def heavy(temperature, size):
    """Stands for what is too heavy for a page."""
    x = jnp.linspace(0, 1, 50)
    return {"curve": {"x": x, "y": jnp.exp(-x * temperature) * size}, "flag": {"on": size > 2, "size": size}}


def from_the_kernel():
    chart = alt.Chart(alt.NamedData("curve")).mark_line().encode(x="x:Q", y="y:Q")
    return explore(
        heavy,
        chart,
        temperature=(0.0, 4.0, 0.5),
        size=(1, 3),
        title="From the kernel",
        run="kernel",
        alt="A curve that falls",
        summary="At {temperature} it ends at {curve.y.last:.3f}.",
    )


def slow(scale):
    """A call of about a fifth of a second, so that it must leave the page's own thread."""

    def step(carry, _):
        return jnp.sin(carry + scale), None

    x, _ = jax.lax.scan(step, jnp.linspace(0, 1, 200), length=400_000)
    return {"curve": {"x": jnp.linspace(0, 1, 200), "y": x}}


def slow_one():
    chart = alt.Chart(alt.NamedData("curve")).mark_line().encode(x="x:Q", y="y:Q")
    return explore(slow, chart, scale=(0.0, 1.0), title="Slow", alt="A line that wanders through the chart")


def boundary():
    """A network that learns a wave, long enough for the reader to watch."""
    x = jnp.linspace(-1, 1, 64)

    def start(rate, waves):
        key_first = jax.random.key(0)
        params = {"w": 3 * jax.random.normal(key_first, (48,)), "b": jnp.linspace(-2, 2, 48), "v": jnp.zeros(48)}
        return {"params": params, "losses": jnp.full(30, jnp.nan), "round": 0}

    def network(params, x):
        return jnp.tanh(x[:, None] * params["w"] + params["b"]) @ params["v"]

    def advance(state, rate, waves):
        def loss(params):
            return jnp.mean((network(params, x) - jnp.sin(waves * x)) ** 2)

        def step(params, _):
            return jax.tree.map(lambda p, g: p - rate * g, params, jax.grad(loss)(params)), None

        params, _ = jax.lax.scan(step, state["params"], length=500)
        losses = state["losses"].at[state["round"]].set(loss(params))
        return {"params": params, "losses": losses, "round": state["round"] + 1}

    def show(state, rate, waves):
        curve = {"x": x, "fit": network(state["params"], x), "truth": jnp.sin(waves * x)}
        return {"curve": curve, "loss": {"round": jnp.arange(30), "loss": state["losses"]}}

    axis = alt.Y("fit:Q", title="y", scale=alt.Scale(domain=(-1.5, 1.5)))
    line = alt.Chart(alt.NamedData("curve"))
    return explore(
        training(start, advance, show, rounds=30),
        line.mark_line().encode(x="x:Q", y=axis) + line.mark_line(color=ORANGE).encode(x="x:Q", y="truth:Q"),
        rate=slider(0.001, 0.1, log=True),
        waves=(1, 8),
        title="Watch it learn",
        alt="A wave, and the network that follows it",
        summary="After the training the loss is {loss.loss.last:.3f}.",
    )


ALL = {
    f.__name__: f
    for f in (
        risk,
        random_features,
        two_panels,
        draw_your_own,
        place_your_own,
        from_the_kernel,
        slow_one,
        boundary,
    )
}
