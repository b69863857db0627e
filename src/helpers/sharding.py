"""A sweep's members spread over the devices of a mesh: every device trains its own, and none waits for another."""

import functools
from collections.abc import Callable

import jax
import jax.numpy as jnp
import numpy as np
from jax.experimental import multihost_utils
from jax.sharding import Mesh, NamedSharding, PartitionSpec
from jaxtyping import PyTree

MEMBERS = "members"


def by_member(mesh: Mesh) -> NamedSharding:
    """The sharding of arrays with members along the first axis: each device holds an equal run of them.

    All axes of the mesh count as one, in their order. Arrays that would not fit on one device are made where they
    belong:

        params = jax.jit(jax.vmap(network), out_shardings=by_member(mesh))(keys)
    """
    return NamedSharding(_in_a_row(mesh), PartitionSpec(MEMBERS))


@functools.partial(jax.jit, static_argnums=(0, 1, 2, 3))
def compiled(function: Callable, constants: tuple, axes: tuple | None, mesh: Mesh | None, *arguments: PyTree) -> PyTree:
    """``function(*constants, *arguments)``, vmapped over ``axes`` if given, and spread over a mesh if given."""
    function = functools.partial(function, *constants)
    if mesh:
        return over_members(function, axes, mesh)(*arguments)
    return (jax.vmap(function, axes) if axes else function)(*arguments)


def over_members(function: Callable, axes: PyTree, mesh: Mesh) -> Callable:
    """``jax.vmap(function, axes)`` with the members of the arguments and results spread over the mesh.

    `jax.shard_map` hands every device the program for its own members, which has nothing to communicate. Left to
    itself, the compiler lets all devices agree in each turn of a loop (a line search, say) whether any needs another.
    """
    member = PartitionSpec(MEMBERS)
    return jax.shard_map(
        jax.vmap(function, axes),
        mesh=_in_a_row(mesh),
        in_specs=_by_axis(axes, member, PartitionSpec()),
        out_specs=member,
        # It would ask functions written for one device to say which of their numbers differ between devices.
        check_vma=False,
    )


def spread(arguments: PyTree, axes: PyTree, mesh: Mesh) -> PyTree:
    """The arguments of `over_members` on the devices: members in shards, everything else on each.

    With several processes, all of them pass the same values, or global arrays.

    Raises ``ValueError`` if the members cannot be shared out equally.
    """
    _check_members(arguments, axes, mesh)
    everywhere = NamedSharding(_in_a_row(mesh), PartitionSpec())
    shardings = _by_axis(axes, by_member(mesh), everywhere)
    return jax.tree.map(
        lambda sharding, part: jax.tree.map(lambda leaf: _placed(leaf, sharding), part), shardings, arguments
    )


def on_host(tree: PyTree) -> PyTree:
    """The same values as NumPy arrays, whole, in every process. All processes must ask."""

    def fetched(leaf: jax.Array) -> np.ndarray:
        if isinstance(leaf, jax.Array) and not leaf.is_fully_addressable:
            return multihost_utils.process_allgather(leaf, tiled=True)
        return np.asarray(leaf)

    return jax.tree.map(fetched, tree)


def _in_a_row(mesh: Mesh) -> Mesh:
    return Mesh(mesh.devices.reshape(-1), (MEMBERS,))


def _by_axis(axes: PyTree, member: PyTree, shared: PyTree) -> PyTree:
    return jax.tree.map(lambda axis: shared if axis is None else member, axes, is_leaf=lambda axis: axis is None)


def _check_members(arguments: PyTree, axes: PyTree, mesh: Mesh) -> None:
    named = jax.tree.map(
        lambda axis, part: None if axis is None else part, axes, arguments, is_leaf=lambda axis: axis is None
    )
    shapes = [jnp.shape(leaf) for leaf in jax.tree.leaves(named)]
    sizes = {shape[:1] for shape in shapes}
    if len(sizes) != 1 or () in sizes:
        raise ValueError(f"every leaf of what over names needs the members along its first axis, got shapes {shapes}")
    members, devices = sizes.pop()[0], mesh.size
    if members % devices:
        fewer = max(n for n in range(1, devices + 1) if members % n == 0)
        raise ValueError(
            f"{members} members cannot be shared out equally among the {devices} devices of the mesh: "
            f"take {members + -members % devices} members, or a mesh of {fewer} devices"
        )


def _placed(leaf: PyTree, sharding: NamedSharding) -> jax.Array:
    if sharding.is_fully_addressable or (isinstance(leaf, jax.Array) and not leaf.is_fully_addressable):
        return jax.device_put(leaf, sharding)
    whole = leaf if isinstance(leaf, jax.Array) else np.asarray(leaf)
    return jax.make_array_from_callback(whole.shape, sharding, lambda index: jnp.asarray(whole[index]))
