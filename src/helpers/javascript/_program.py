"""The module under construction: its buffers, constants, functions and the runtime helpers it needs."""

import base64
import math
import re
from collections import Counter, defaultdict
from importlib.resources import files

import numpy as np

from helpers.javascript import _types as types
from helpers.javascript._nodes import Affine, Buffer, Read, whole
from helpers.javascript._wasm import Function, module_base64

INLINE_CONSTANT = 48
ALIGNMENT = 16  # bytes: a vector


class Program:
    """State shared by all blocks: names are unique in the module, freed buffers are reused."""

    def __init__(self, *, exact: bool = True, smallest_vectorised: float = math.inf):
        self.exact = exact
        self.smallest_vectorised = smallest_vectorised
        self.vectors: list[Function] = []
        self.places: dict[Buffer, int] = {}
        self.memory_size = 0
        self.functions: list[str] = []
        self.arrays: list[tuple[Buffer, str]] = []  # with the text of their elements, if they are constant
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
            self.arrays.append((buffer, ""))
        buffer.owner = owner
        return buffer

    def release(self, buffer: Buffer) -> None:
        self.free[(buffer.dtype.name, buffer.size)].append(buffer)

    def constant(self, value: np.ndarray) -> Read:
        """An array that the function closes over, embedded in the source (once, however often it is used)."""
        value = np.ascontiguousarray(value)
        if value.size and (value == value.flat[0]).all():
            uniform = self._constant_buffer(value.flat[:1])
            return Read(value.shape, value.dtype, uniform, Affine(), (0,) * value.ndim)
        return whole(self._constant_buffer(value), value.shape)

    def _constant_buffer(self, value: np.ndarray) -> Buffer:
        key = (value.dtype.name, value.tobytes())
        if key not in self._constants:
            buffer = Buffer(self.name("const"), value.dtype, value.size)
            self.arrays.append((buffer, self._array_text(value)))
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

    def place_in_memory(self, buffer: Buffer) -> int:
        """Where the buffer begins in the memory that WebAssembly and JavaScript share."""
        if buffer not in self.places:
            self.places[buffer] = self.memory_size
            self.memory_size += -(-buffer.size * buffer.dtype.itemsize // ALIGNMENT) * ALIGNMENT
        return self.places[buffer]

    def declarations(self) -> list[str]:
        """The lines that make the arrays."""
        lines, is_shared = [], bool(self.vectors)
        if is_shared:
            self.helpers |= {"sharedMemory", "vectorised"}
            lines.append(f"const memory = sharedMemory({self.memory_size});")
        for buffer, elements in self.arrays:
            array = types.array_class(buffer.dtype)
            text = elements or f"new {array}({buffer.size})"
            if is_shared and buffer in self.places:
                text = f"new {array}(memory.buffer, {self.places[buffer]}, {buffer.size})"
            lines.append(f"const {buffer.name} = {text};")
            if is_shared and buffer in self.places and elements:
                lines.append(f"{buffer.name}.set({elements});")
        return lines

    def vector_lines(self) -> list[str]:
        """The line that makes the WebAssembly functions."""
        if not self.vectors:
            return []
        names = [function.name for function in self.vectors]
        made = ", ".join(f"v{name}" for name in names)
        return [f'const [{made}] = vectorised("{module_base64(self.vectors)}", memory, [{", ".join(names)}]);']


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
