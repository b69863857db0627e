"""When a compiled module agrees with JAX: integers and bools exactly, floats within what rounding can explain.

The bound for floats has two parts. Each operation may round differently by half a unit in the last place, a reduction
of n terms by n of them: ``eps * operations * scale``. And a rounding error early in a function is amplified by what
comes after: how much, is measured by moving JAX's own float arguments by a few units in the last place.
"""

from collections.abc import Callable
from functools import cache
from math import prod

import jax
import jax.numpy as jnp
import numpy as np
from jax.extend.core import jaxpr_as_fun

from helpers.javascript import to_javascript

LAST_PLACES = 6
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


def reference(functions: list[Callable]) -> Callable:
    """All the functions as one, of all their flat arguments, compiled by XLA once."""

    def everything(all_args):
        return [fn(*args) for fn, args in zip(functions, all_args, strict=True)]

    return jax.jit(everything, compiler_options=quick_options())


@cache
def quick_options() -> dict:
    """Tests compile much and run little: no optimisation, and the code generator that is done soonest."""
    for options in (
        {"xla_backend_optimization_level": 0, "xla_cpu_use_fusion_emitters": False},
        {"xla_backend_optimization_level": 0},
    ):
        try:
            jax.jit(lambda x: x + 1, compiler_options=options)(1.0)
            return options
        except jax.errors.JaxRuntimeError:  # not every version of XLA has this option
            continue
    return {}


def neighbours(args, seed: int):
    """The arguments, each float some last places away."""
    rng = np.random.default_rng(seed)
    return jax.tree.map(lambda leaf: moved(leaf, rng.choice([-1.0, 1.0], size=np.shape(leaf))), args)


def limit(result: np.ndarray, others: list[np.ndarray], count: int) -> float:
    """The admissible error: what ``count`` roundings explain, and what ``others`` (results nearby) show."""
    if not np.issubdtype(result.dtype, np.floating):
        return 0
    finite = np.where(np.isfinite(result), abs(result), 0).max(initial=0)
    with np.errstate(all="ignore"):
        spread = max((np.nanmax(np.nan_to_num(abs(o - result), posinf=0), initial=0) for o in others), default=0)
    eps, tiny = float(np.finfo(result.dtype).eps), float(np.finfo(np.float32).tiny)
    return eps * (LAST_PLACES + count) * (float(finite) + tiny) + AMPLIFICATION * float(spread)


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


def check(
    engine, cases: dict[str, tuple[Callable, tuple]], *, sensitive: bool = True, simd: bool = True, **options
) -> list[str]:
    """Compile, run in one page call and compare all the cases; reports every case that disagrees.

    ``options`` are the compiler's; returns the sources.
    """
    traced = [jax.make_jaxpr(fn)(*args) for fn, args in cases.values()]
    functions = [jaxpr_as_fun(closed) for closed in traced]
    all_args = [[jnp.asarray(leaf) for leaf in jax.tree.leaves(args)] for _, args in cases.values()]
    sources = [(to_javascript(fn, *args, **options), args) for fn, args in zip(functions, all_args, strict=True)]
    compute = reference(functions)
    wants = jax.tree.map(np.asarray, compute(all_args))
    nearby = [jax.tree.map(np.asarray, compute(neighbours(all_args, seed))) for seed in range(2 if sensitive else 0)]
    failures = []
    for k, (label, got) in enumerate(zip(cases, engine.run(sources, simd=simd), strict=True)):
        count = operations(traced[k].jaxpr)
        assert len(got) == len(wants[k]), f"{label}: {len(got)} results, expected {len(wants[k])}"
        for number, (g, w) in enumerate(zip(got, wants[k], strict=True)):
            where = f"{label}, result {number} ({w.dtype}{list(w.shape)})"
            try:
                assert_same(g.reshape(w.shape), w, limit(w, [other[k][number] for other in nearby], count), where)
            except AssertionError as error:
                failures.append(str(error))
    assert not failures, f"{len(failures)} results disagree:\n" + "\n".join(failures)
    return [source for source, _ in sources]
