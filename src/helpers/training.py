"""Gradient training as one compiled scan: `fit` from a notebook, `train` inside your own ``jit`` or ``vmap``."""

import contextlib
import os
from collections.abc import Callable, Collection
from typing import Any, Literal, NamedTuple, TypeAlias

import jax
import jax.numpy as jnp
import numpy as np
import optax
from jax.sharding import Mesh
from jaxtyping import Array, Bool, Float, Int, Key, PRNGKeyArray, PyTree

from helpers.checkpoints import Checkpoints, fingerprint
from helpers.divergence import TrainingDiverged as TrainingDiverged
from helpers.divergence import all_finite, raise_if_diverged
from helpers.progress import bar
from helpers.sharding import compiled, on_host, spread

Loss: TypeAlias = Callable[..., Float[Array, ""]]
Optimiser: TypeAlias = optax.GradientTransformation | Callable[[Any], optax.GradientTransformation]
Record: TypeAlias = Callable[[PyTree], PyTree]
Member = Literal["params", "data", "key", "hyperparameters"]

CHUNKS = 50  # `fit` looks at the losses this often: seldom enough to cost nothing, often enough for a smooth bar


class Training(NamedTuple):
    """What a training run leaves; after a `fit` over members, all but ``record_steps`` has a leading member axis."""

    params: PyTree
    losses: Float[Array, "*members steps"]
    """The loss before each step, on that step's batch."""
    records: PyTree
    """``record(params)`` before the first step and after every ``record_every``-th, along one axis; else None."""
    record_steps: Int[Array, "records"]


class _Plan(NamedTuple):
    """What is fixed when the run is compiled. Hashable, so that the same plan is compiled once."""

    loss: Loss
    optimiser: Optimiser
    batch_size: int | None
    record: Record | None
    record_every: int


class _Inputs(NamedTuple):
    data: PyTree
    key: PRNGKeyArray | Key[Array, "members"] | None
    hyperparameters: PyTree


class _State(NamedTuple):
    params: PyTree
    optimiser_state: PyTree
    step: Int[Array, ""]


def train(
    loss: Loss,
    params: PyTree,
    optimiser: Optimiser,
    *,
    steps: int,
    data: PyTree = None,
    batch_size: int | None = None,
    key: PRNGKeyArray | None = None,
    hyperparameters: PyTree = None,
    record: Record | None = None,
    record_every: int | None = None,
) -> Training:
    """Training as a pure function: compile it, vmap it, differentiate through it.

    The arguments are those of `fit`, without ``over``; here the optimiser may also close over a traced learning rate:

        def run(key, learning_rate):
            params = mlp_init(key, (1, 32, 1))
            return train(loss, params, optax.sgd(learning_rate), steps=500, data=data).losses[-1]

        jax.jit(jax.vmap(run))(keys, learning_rates)

    Nothing watches for divergence: a run that diverges returns NaN. Raises ``ValueError`` as `fit` does.
    """
    inputs = _Inputs(data, key, hyperparameters)
    plan = _Plan(loss, optimiser, batch_size, record, _interval(steps, record, record_every))
    _check_batches(plan, inputs)
    state, first = _start(plan, params, inputs)
    state, piece, _ = _advance(plan, steps // plan.record_every, state, inputs)
    return _joined(plan, state, first, [piece])


def fit(
    loss: Loss,
    params: PyTree,
    optimiser: Optimiser,
    *,
    steps: int,
    data: PyTree = None,
    batch_size: int | None = None,
    key: PRNGKeyArray | Key[Array, "members"] | None = None,
    hyperparameters: PyTree = None,
    record: Record | None = None,
    record_every: int | None = None,
    over: Member | Collection[Member] = (),
    mesh: Mesh | None = None,
    checkpoint: str | os.PathLike | None = None,
) -> Training:
    """Minimise ``loss`` with an optax optimiser, for one run or for many at once.

    ``loss(params)`` is minimised, or ``loss(params, batch)`` if there is ``data``: a pytree with examples along the
    first axis of its leaves. The batch is all of it, or at every step ``batch_size`` examples that ``key`` draws,
    independently and with replacement. ``record(params)``, any pytree, is kept at step 0 and after every
    ``record_every``-th step, which must divide ``steps`` (by default at both ends only).

    ``over`` names the arguments that carry a leading axis of members, among ``"params"``, ``"data"``, ``"key"`` and
    ``"hyperparameters"``; all members train together under ``jax.vmap``, and share what is not named. If
    ``hyperparameters`` are given, the optimiser is a function from them to an optax transformation:

        params = jax.vmap(lambda key: mlp_init(key, (1, 32, 1)))(jax.random.split(key, 8))
        fit(loss, params, optax.adam(1e-2), steps=500, data=data, over="params")  # eight seeds
        fit(loss, start, optax.sgd, hyperparameters=rates, steps=500, data=data, over="hyperparameters")

    A ``mesh`` spreads the members over its devices, in equal runs, and the params stay there (``by_member(mesh)``);
    what members share is on every device. With several processes each makes the same call, with the same arguments.
    ``checkpoint`` is a folder in which the run keeps its state after every chunk, about a fiftieth of its steps; the
    same call in another process goes on from there (needs Orbax, the package's ``sweep`` extra). With either of the
    two, losses and records come as NumPy arrays, whole, in every process.

    The run is compiled once for the same ``loss``, ``optimiser`` and ``record`` objects: name them once, outside
    loops. From three seconds on a bar shows on an interactive terminal or notebook, and leaves no trace.

    Raises ``TrainingDiverged`` as soon as it sees a loss, or at the end a parameter, that is not finite; ``ValueError``
    on arguments that do not fit together, members that the mesh's devices do not divide, or another run's folder.
    """
    inputs = _Inputs(data, key, hyperparameters)
    start_axes, advance_axes = _member_axes({over} if isinstance(over, str) else set(over), params, inputs)
    plan = _Plan(loss, optimiser, batch_size, record, _interval(steps, record, record_every))
    _check_batches(plan, inputs, examples_axis=1 if start_axes and start_axes[1].data == 0 else 0)
    _check_mesh(mesh, start_axes, checkpoint)
    intervals = steps // plan.record_every
    chunk = _chunk(intervals)

    with contextlib.ExitStack() as stack:
        kept = None
        if checkpoint:
            programs = _programs(plan, chunk, start_axes, advance_axes, params, inputs)
            mark = fingerprint(programs, steps=steps, params=params, **inputs._asdict())
            kept = stack.enter_context(Checkpoints(checkpoint, mark))
        if mesh:
            params, inputs = spread((params, inputs), start_axes, mesh)
        state, first = compiled(_start, (plan,), start_axes, mesh, params, inputs)
        state, pieces = kept.newest(like=(state, (0, first))) if kept else (state, [])
        shown = stack.enter_context(bar(steps, min(len(pieces) * chunk, intervals) * plan.record_every))
        for done in range(len(pieces) * chunk, intervals, chunk):
            length = min(chunk, intervals - done)
            state, piece, finite = compiled(_advance, (plan, length), advance_axes, mesh, state, inputs)
            pieces.append(on_host(piece))
            finite = on_host(finite) if done + length == intervals else None
            raise_if_diverged([losses for losses, _ in pieces], finite, steps, members=start_axes is not None)
            if kept:
                kept.save(len(pieces), state, pieces[-1])
            shown.update(length * plan.record_every)
    # Joined here and not on the device, every length would be a program to compile.
    result = _joined(plan, state, on_host(first), pieces, axis=1 if start_axes else 0)
    return result if mesh or checkpoint else jax.tree.map(jnp.asarray, result)


def _chunk(intervals: int) -> int:
    """How many intervals to run between looks: a divisor of them if one will do, since two lengths compile twice."""
    near = -(-intervals // CHUNKS)
    return next((size for size in range(near, near // 2, -1) if intervals % size == 0), near)


def _start(plan: _Plan, params: PyTree, inputs: _Inputs) -> tuple[_State, PyTree]:
    """The state before the first step, and its record with an axis to join the others on."""
    params = jax.tree.map(jnp.asarray, params)
    state = _State(params, _transformation(plan, inputs).init(params), jnp.zeros((), int))
    return state, None if plan.record is None else jax.tree.map(lambda x: jnp.asarray(x)[None], plan.record(params))


def _advance(
    plan: _Plan, intervals: int, state: _State, inputs: _Inputs
) -> tuple[_State, tuple[Array, PyTree], Bool[Array, ""]]:
    """``intervals`` times: ``record_every`` steps, then a record; and whether the parameters are finite at the end.

    ``jax.lax.scan(step, state, length=n)`` is ``for _ in range(n): state, output = step(state, None)`` with the outputs
    stacked, compiled as a single loop: Python sees `step` once, whatever n is.
    """
    transformation = optax.with_extra_args_support(_transformation(plan, inputs))

    def step(state: _State, _: None) -> tuple[_State, Array]:
        batch = _batch(plan, inputs, state.step)

        def batch_loss(params: PyTree) -> Float[Array, ""]:
            return plan.loss(params, *batch)

        loss, gradient = jax.value_and_grad(batch_loss)(state.params)
        updates, optimiser_state = transformation.update(
            gradient, state.optimiser_state, state.params, value=loss, grad=gradient, value_fn=batch_loss
        )
        return _State(optax.apply_updates(state.params, updates), optimiser_state, state.step + 1), loss

    def interval(state: _State, _: None) -> tuple[_State, tuple[Array, PyTree]]:
        state, losses = jax.lax.scan(step, state, length=plan.record_every)
        return state, (losses, None if plan.record is None else plan.record(state.params))

    state, (losses, records) = jax.lax.scan(interval, state, length=intervals)
    return state, (losses.reshape(-1), records), all_finite(state.params)


def _batch(plan: _Plan, inputs: _Inputs, step: Int[Array, ""]) -> tuple[PyTree, ...]:
    """The arguments of the loss after the parameters."""
    if plan.batch_size is None or inputs.key is None:
        return () if inputs.data is None else (inputs.data,)
    # The step's key depends on the step alone, so that a run cut into pieces draws what an uncut one does.
    key = jax.random.fold_in(inputs.key, step)
    index = jax.random.randint(key, (plan.batch_size,), 0, _count_examples(inputs.data))
    return (jax.tree.map(lambda leaf: leaf[index], inputs.data),)


def _transformation(plan: _Plan, inputs: _Inputs) -> optax.GradientTransformation:
    if isinstance(plan.optimiser, optax.GradientTransformation):
        if inputs.hyperparameters is not None:
            raise ValueError(
                "the optimiser is finished already, so its hyperparameters would change nothing: leave them out, or "
                "pass a function of them, such as optax.sgd instead of optax.sgd(0.1)"
            )
        return plan.optimiser
    if inputs.hyperparameters is None:
        raise ValueError(
            "the optimiser is a function of hyperparameters, but there are none: pass hyperparameters=0.1, or a "
            "finished optimiser, such as optax.sgd(0.1) instead of optax.sgd"
        )
    return plan.optimiser(inputs.hyperparameters)


def _programs(
    plan: _Plan, chunk: int, start_axes: tuple | None, advance_axes: tuple | None, params: PyTree, inputs: _Inputs
) -> list[jax.stages.Lowered]:
    """What `fit` compiles, as for one device, so that a run may go on with another number of them."""
    params, inputs = jax.tree.map(
        lambda x: jax.ShapeDtypeStruct(x.shape, x.dtype), jax.eval_shape(lambda *given: given, params, inputs)
    )
    start = compiled.lower(_start, (plan,), start_axes, None, params, inputs)
    state, _ = start.out_info
    return [start, compiled.lower(_advance, (plan, chunk), advance_axes, None, state, inputs)]


def _joined(plan: _Plan, state: _State, first: PyTree, pieces: list[tuple[Array, PyTree]], axis: int = 0) -> Training:
    concatenate: Callable = np.concatenate if isinstance(pieces[0][0], np.ndarray) else jnp.concatenate
    losses = concatenate([losses for losses, _ in pieces], axis)
    records = jax.tree.map(lambda *parts: concatenate(parts, axis), first, *(records for _, records in pieces))
    record_steps = jnp.asarray(np.arange(0, losses.shape[-1] + 1 if plan.record else 0, plan.record_every))
    return Training(state.params, losses, records, record_steps)


def _interval(steps: int, record: Record | None, record_every: int | None) -> int:
    """How many steps to take between records; without records, one."""
    if steps < 1:
        raise ValueError(f"steps must be at least 1, got {steps}")
    if record_every is None:
        return 1 if record is None else steps
    if record is None:
        raise ValueError(f"record_every={record_every} has nothing to record: pass record, a function of params")
    if record_every < 1 or steps % record_every:
        raise ValueError(f"record_every must divide steps={steps}, got {record_every}")
    return record_every


def _check_batches(plan: _Plan, inputs: _Inputs, examples_axis: int = 0) -> None:
    if plan.batch_size is None:
        return
    if inputs.data is None or inputs.key is None:
        raise ValueError("batch_size needs data to draw from and a key to draw with: pass both, or no batch_size")
    examples = _count_examples(inputs.data, examples_axis)
    if not 1 <= plan.batch_size <= examples:
        raise ValueError(f"batch_size must be between 1 and the {examples} examples, got {plan.batch_size}")


def _count_examples(data: PyTree, axis: int = 0) -> int:
    shapes = [jnp.shape(leaf) for leaf in jax.tree.leaves(data)]
    sizes = {shape[axis] if len(shape) > axis else 0 for shape in shapes}
    if len(sizes) != 1:
        raise ValueError(f"every leaf of data needs the examples along axis {axis}, got shapes {shapes}")
    return sizes.pop()


def _member_axes(over: set[str], params: PyTree, inputs: _Inputs) -> tuple[tuple | None, tuple | None]:
    """What `jax.vmap` needs for `_start` and for `_advance`, or twice None for a single run."""
    given = {"params": params, **inputs._asdict()}
    if unknown := over - set(given):
        raise ValueError(f"over may name {sorted(given)}, got {sorted(unknown)}")
    if missing := sorted(name for name in over if given[name] is None):
        raise ValueError(f"over names {missing}, of which there is none: pass it, or leave it out of over")
    if not over:
        return None, None
    params_axis, *input_axes = (0 if name in over else None for name in given)
    return (params_axis, _Inputs(*input_axes)), (0, _Inputs(*input_axes))  # type: ignore[arg-type]


def _check_mesh(mesh: Mesh | None, axes: tuple | None, checkpoint: str | os.PathLike | None) -> None:
    if mesh and not axes:
        raise ValueError("a mesh needs members to spread: name in over the arguments that carry them")
    if checkpoint and not mesh and jax.process_count() > 1:
        raise ValueError(
            f"checkpoint={os.fspath(checkpoint)!r} of {jax.process_count()} processes needs a mesh of them"
        )
