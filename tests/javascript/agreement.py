"""When a compiled module agrees with JAX: integers and bools exactly, floats within what rounding can explain.

The bound for floats has two parts. Each operation may round differently by half a unit in the last place, a reduction
of n terms by n of them: ``eps * operations * scale``. And a rounding error early in a function is amplified by what
comes after: how much, is measured by moving JAX's own float arguments by a few units in the last place.
"""

from collections.abc import Callable
from math import prod

import jax
import jax.numpy as jnp
import numpy as np

from helpers.javascript import to_javascript

LAST_PLACES = 4
AMPLIFICATION = 16


def operations(jaxpr) -> int:
    """How many roundings lie on the longest way through a function: at most one per equation and summed term."""
    total = 0
    for eqn in jaxpr.eqns:
        sizes = [prod(var.aval.shape) for var in eqn.invars if hasattr(var.aval, "shape")]
        out = max((prod(var.aval.shape) for var in eqn.outvars), default=1)
        total += 1 + max(max(sizes, default=1) // max(out, 1), 1)
        if eqn.primitive.name in ("dot_general", "conv_general_dilated", "cumsum", "cumprod", "scatter-add"):
            total += max(sizes, default=1)
        inner = [jax.tree.leaves(value, is_leaf=lambda v: hasattr(v, "eqns")) for value in eqn.params.values()]
        for part in (p for parts in inner for p in parts):
            if hasattr(part, "eqns"):
                total += operations(part) * int(eqn.params.get("length", 1))
    return total


def moved(leaf, sign: np.ndarray):
    """A float argument, some last places away."""
    array = np.asarray(leaf)
    if not np.issubdtype(array.dtype, np.floating):
        return leaf
    return jnp.asarray((array * (1 + LAST_PLACES * np.finfo(array.dtype).eps * sign)).astype(array.dtype))


def bounds(fn: Callable, args, want: list[np.ndarray], *, sensitive: bool) -> list[np.ndarray]:
    """The admissible error of each result."""
    count = operations(jax.make_jaxpr(fn)(*args).jaxpr)
    spreads = [np.zeros(()) for _ in want]
    if sensitive:
        leaves, tree = jax.tree.flatten(args)
        for seed in range(2):
            rng = np.random.default_rng(seed)
            other = [moved(leaf, rng.choice([-1.0, 1.0], size=np.shape(leaf))) for leaf in leaves]
            results = jax.tree.leaves(fn(*jax.tree.unflatten(tree, other)))
            with np.errstate(all="ignore"):
                spreads = [np.maximum(s, abs(np.asarray(r, float) - w)) for s, r, w in zip(spreads, results, want, strict=True)]
    limits = []
    for result, spread in zip(want, spreads, strict=True):
        finite = np.where(np.isfinite(result.astype(float)), abs(result.astype(float)), 0)
        eps = np.finfo(result.dtype).eps if np.issubdtype(result.dtype, np.floating) else 0
        worst = np.max(np.nan_to_num(spread, posinf=0), initial=0)
        limits.append(eps * (LAST_PLACES + count) * (finite.max(initial=0) + np.finfo(np.float32).tiny) + AMPLIFICATION * worst)
    return limits


def assert_agree(fn: Callable, args, got: list[np.ndarray], *, sensitive: bool = True, label: str = "") -> None:
    """Compare a module's results with JAX's."""
    want = [np.asarray(leaf) for leaf in jax.tree.leaves(fn(*args))]
    assert len(got) == len(want), f"{label}: {len(got)} results, expected {len(want)}"
    limits = bounds(fn, args, want, sensitive=sensitive)
    for number, (g, w, limit) in enumerate(zip(got, want, limits, strict=True)):
        where = f"{label}, result {number} ({w.dtype}{list(w.shape)})"
        assert_same(g.reshape(w.shape), w, limit, where)


def assert_same(g: np.ndarray, w: np.ndarray, limit: float, where: str) -> None:
    with np.errstate(all="ignore"):
        far = np.where((g == w) | ((g != g) & (w != w)), 0, np.nan_to_num(abs(g.astype(float) - w), nan=np.inf))
    worst = int(np.argmax(far)) if w.size else 0
    around = slice(max(worst - 3, 0), worst + 4)
    shown = f", around element {worst}:\n got {g.ravel()[around]}\nwant {w.ravel()[around]}"
    if not np.issubdtype(w.dtype, np.floating):
        assert (g.astype(float) == w.astype(float)).all(), where + shown
        return
    special = ~np.isfinite(w)
    assert np.array_equal(g[special], w[special], equal_nan=True) and np.isfinite(g[~special]).all(), where + shown
    error = np.max(abs(g[~special].astype(float) - w[~special].astype(float)), initial=0)
    assert error <= limit, f"{where}: off by {error:.3g}, bound {limit:.3g}{shown}"


def check(engine, cases: dict[str, tuple[Callable, tuple]], *, sensitive: bool = True) -> None:
    """Compile, run in one page call and compare all the cases; reports every case that disagrees."""
    on_device = {label: (fn, jax.tree.map(jnp.asarray, args)) for label, (fn, args) in cases.items()}
    compiled = [(to_javascript(fn, *args), args) for fn, args in on_device.values()]
    failures = []
    for (label, (fn, args)), got in zip(on_device.items(), engine.run(compiled), strict=True):
        try:
            assert_agree(fn, args, got, sensitive=sensitive, label=label)
        except AssertionError as error:
            failures.append(str(error))
    assert not failures, f"{len(failures)} of {len(cases)} cases disagree:\n" + "\n".join(failures)
