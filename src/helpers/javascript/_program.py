"""The module under construction: its buffers, constants, functions and the runtime helpers it needs."""

import base64
import re
from collections import Counter, defaultdict
from importlib.resources import files
from math import prod

import numpy as np

from helpers.javascript import _types as types
from helpers.javascript._nodes import Affine, Buffer, Read, whole

INLINE_CONSTANT = 48


class Program:
    """State shared by all blocks: names are unique in the module, freed buffers are reused."""

    def __init__(self, *, exact: bool = True):
        self.exact = exact
        self.functions: list[str] = []
        self.declarations: list[str] = []
        self.helpers: set[str] = set()
        self.free: dict[tuple, list[Buffer]] = defaultdict(list)
        self._names: Counter = Counter()
        self._constants: dict[tuple, Buffer] = {}

    def name(self, prefix: str) -> str:
        self._names[prefix] += 1
        return f"{prefix}{self._names[prefix]}"

    def allocate(self, size: int, dtype, owner) -> Buffer:
        """A buffer of exactly this size: a freed one if there is one, else a new one."""
        dtype = np.dtype(dtype)
        free = self.free[(dtype.name, size)]
        if free:
            buffer = free.pop()
        else:
            buffer = Buffer(self.name("b"), dtype, size)
            self.declarations.append(f"const {buffer.name} = new {types.array_class(dtype)}({size});")
        buffer.owner = owner
        return buffer

    def release(self, buffer: Buffer) -> None:
        self.free[(buffer.dtype.name, buffer.size)].append(buffer)

    def constant(self, value: np.ndarray) -> Read:
        """An array that the function closes over, embedded in the source (once, however often it is used)."""
        value = np.ascontiguousarray(value)
        if value.size and all(value.flat[0] == other for other in value.flat[1:8]) and (value == value.flat[0]).all():
            uniform = self._constant_buffer(value.flat[:1])
            return Read(value.shape, value.dtype, uniform, Affine(), (0,) * value.ndim)
        return whole(self._constant_buffer(value), value.shape)

    def _constant_buffer(self, value: np.ndarray) -> Buffer:
        key = (value.dtype.name, value.tobytes())
        if key not in self._constants:
            buffer = Buffer(self.name("const"), value.dtype, prod(value.shape))
            self.declarations.append(f"const {buffer.name} = {self._array_text(value)};")
            self._constants[key] = buffer
        return self._constants[key]

    def _array_text(self, value: np.ndarray) -> str:
        array = types.array_class(value.dtype)
        if value.size <= INLINE_CONSTANT:
            return f"{array}.of({', '.join(types.shorthand(x, value.dtype) for x in value.flat)})"
        self.helpers.add("decodeBase64")
        stored = value.astype(np.float64) if value.dtype == np.int64 else value
        data = base64.b64encode(stored.astype(stored.dtype.newbyteorder("<")).tobytes()).decode()
        return f'new {array}(decodeBase64("{data}"))'


def runtime_functions() -> dict[str, str]:
    """Every function of the runtime's files, with the comment above it, by name."""
    found = {}
    for file in sorted(files("helpers.javascript").joinpath("runtime").iterdir(), key=lambda f: f.name):
        if file.name.endswith(".js"):
            for block in re.split(r"\n{2,}", file.read_text("utf-8").strip()):
                declared = re.search(r"^(?:function|const) (\w+)", block, re.MULTILINE)
                if declared:
                    found[declared.group(1)] = block.strip()
    return found


def with_dependencies(names: set[str], library: dict[str, str]) -> list[str]:
    """The named functions and all they call, in the library's order."""
    needed: set[str] = set()
    todo = list(names)
    while todo:
        name = todo.pop()
        if name not in needed:
            needed.add(name)
            todo += [word for word in set(re.findall(r"\w+", library[name])) if word in library]
    return [library[name] for name in library if name in needed]
