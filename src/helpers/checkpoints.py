"""What a sweep leaves on the disk after every chunk, so that another process can go on where one was killed."""

import hashlib
import json
import os
import re
from collections.abc import Iterable
from pathlib import Path
from types import ModuleType
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax.experimental import multihost_utils
from jaxtyping import PyTree

from helpers.sharding import on_host

ABOUT = "sweep.json"


class Checkpoints:
    """A folder with the newest states of one sweep, and what each of its chunks has left.

    Orbax writes to another name and renames when all is there, so a kill leaves either a whole checkpoint or none.
    With several processes all of them see the same folder, and call the same methods.
    """

    def __init__(self, folder: str | os.PathLike, fingerprint: dict[str, str]):
        """Begin a sweep in an empty folder, or go on with the same one.

        Raises ``ValueError`` if the folder holds another sweep or other things, ``ImportError`` without Orbax.
        """
        self._orbax = _orbax()
        self._folder = Path(folder).absolute()
        _claim(self._folder, fingerprint)
        self._states = self._manager("states", max_to_keep=2)
        self._pieces = self._manager("pieces", max_to_keep=None)

    def __enter__(self) -> "Checkpoints":
        return self

    def __exit__(self, *_: object) -> None:
        self._states.close()
        self._pieces.close()

    def save(self, chunk: int, state: PyTree, piece: PyTree) -> None:
        """Keep the state after a chunk (counted from 1) and the piece that it added, and wait until it is there."""
        # If the kill came between these two lines, the piece is there, and Orbax leaves it as it is.
        self._pieces.save(chunk, args=self._orbax.args.StandardSave(_by_number(jax.tree.leaves(piece))))
        self._states.save(chunk, args=self._orbax.args.StandardSave(_by_number(map(_bits, jax.tree.leaves(state)))))

    def newest(self, like: tuple[PyTree, PyTree]) -> tuple[PyTree, list[PyTree]]:
        """The newest state and the pieces of all chunks up to it, or the state of ``like`` if there is none.

        ``like`` is a state, which says also on which devices to put its arrays, and a piece.
        """
        (state, piece), chunks = like, self._states.latest_step()
        if chunks is None:
            return state, []
        leaves, structure = jax.tree.flatten(state)
        wanted = _by_number(jax.ShapeDtypeStruct(x.shape, x.dtype, sharding=x.sharding) for x in map(_bits, leaves))
        kept = self._states.restore(chunks, args=self._orbax.args.StandardRestore(wanted))
        restored = [_as(kept[name], leaf) for name, leaf in zip(wanted, leaves, strict=True)]
        pieces = [self._pieces.restore(n, args=self._orbax.args.StandardRestore()) for n in range(1, chunks + 1)]
        return jax.tree.unflatten(structure, restored), [
            jax.tree.unflatten(jax.tree.structure(piece), [np.asarray(kept[name]) for name in sorted(kept)])
            for kept in pieces
        ]

    def _manager(self, name: str, max_to_keep: int | None) -> Any:
        options = self._orbax.CheckpointManagerOptions(
            max_to_keep=max_to_keep, create=True, enable_async_checkpointing=False
        )
        return self._orbax.CheckpointManager(self._folder / name, options=options)


def fingerprint(programs: Iterable[jax.stages.Lowered], **values: PyTree) -> dict[str, str]:
    """What tells one sweep from another: the programs that it runs, and the values that it starts from."""
    text = "".join(program.as_text() for program in programs)
    marks = {"program": hashlib.sha256(text.encode()).hexdigest(), "JAX": jax.__version__}
    return marks | {name: _digest(value) for name, value in values.items()}


def _digest(tree: PyTree) -> str:
    leaves, structure = jax.tree.flatten(tree)
    digest = hashlib.sha256(re.sub(r" at 0x[0-9a-f]+", "", str(structure)).encode())
    for leaf in on_host([_bits(jnp.asarray(leaf)) for leaf in leaves]):
        digest.update(f"{leaf.dtype} {leaf.shape}".encode())
        digest.update(np.ascontiguousarray(leaf).view(np.uint8).data if leaf.size else b"")
    return digest.hexdigest()


def _claim(folder: Path, fingerprint: dict[str, str]) -> None:
    """Write in the folder which sweep it is for, or read that it is for this one."""
    about = folder / ABOUT
    if about.exists():
        kept = json.loads(about.read_text(encoding="utf-8"))
        if others := sorted(name for name in fingerprint if kept.get(name) != fingerprint[name]):
            raise ValueError(
                f"{folder} holds the checkpoints of another sweep (it differs in: {', '.join(others)}): "
                "name another folder, or delete this one"
            )
        return
    if folder.exists() and any(folder.iterdir()):
        raise ValueError(f"{folder} is not empty and holds no sweep: name a new folder for the checkpoints")
    if jax.process_count() > 1:
        multihost_utils.sync_global_devices("all processes have seen the empty folder")
    if jax.process_index() == 0:
        folder.mkdir(parents=True, exist_ok=True)
        draft = about.with_suffix(".draft")
        draft.write_text(json.dumps(fingerprint, indent=1), encoding="utf-8")
        draft.replace(about)


def _by_number(leaves: Iterable[PyTree]) -> dict[str, PyTree]:
    """Orbax stores dictionaries best; names that sort as the leaves do."""
    return {f"{number:05}": leaf for number, leaf in enumerate(leaves)}


def _bits(leaf: jax.Array) -> jax.Array:
    """Random keys as the integers that they are."""
    return jax.random.key_data(leaf) if jnp.issubdtype(leaf.dtype, jax.dtypes.prng_key) else leaf


def _as(bits: jax.Array, like: jax.Array) -> jax.Array:
    keys = jnp.issubdtype(like.dtype, jax.dtypes.prng_key)
    return jax.random.wrap_key_data(bits, impl=jax.random.key_impl(like)) if keys else bits


def _orbax() -> ModuleType:
    try:
        import orbax.checkpoint
    except ImportError as error:
        raise ImportError(
            "checkpoint= needs Orbax: install the book's package with its sweep extra, or orbax-checkpoint alone"
        ) from error
    return orbax.checkpoint
