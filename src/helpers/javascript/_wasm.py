"""A small assembler: functions written as text become the bytes of a WebAssembly module.

A function's body is a text of words in the order in which the machine runs them, operands before their operation:
``x y f32x4.mul t1=`` multiplies two variables and names the product. A name alone reads the variable, ``name=`` sets
it, and what an instruction is given besides its operands follows a colon: ``i32.const:4``, ``v128.load:16``.
"""

import base64
import struct
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

VALUE_TYPES = {"i32": 0x7F, "f32": 0x7D, "v128": 0x7B}
VECTOR = 0xFD  # the prefix of the instructions on vectors

PLAIN = {"loop": b"\x03\x40", "end": b"\x0b", "i32.lt_s": b"\x48", "i32.add": b"\x6a", "i32.mul": b"\x6c"}
PLAIN |= {"i32.shr_s": b"\x75"}
VECTORS = {
    **{"v128.load": 0, "v128.load32_splat": 9, "v128.store": 11, "v128.store32_lane": 90},
    **{"v128.const": 12, "i8x16.shuffle": 13, "i32x4.splat": 17, "f32x4.splat": 19},
    **{"f32x4.extract_lane": 31, "i32x4.extract_lane": 27},
    **{
        f"i32x4.{name}": 55 + k
        for k, name in enumerate(("eq", "ne", "lt_s", "", "gt_s", "", "le_s", "", "ge_s"))
        if name
    },
    **{f"f32x4.{name}": 65 + k for k, name in enumerate(("eq", "ne", "lt", "gt", "le", "ge"))},
    **{f"v128.{name}": 77 + k for k, name in enumerate(("not", "and", "andnot", "or", "xor", "bitselect"))},
    **{"f32x4.ceil": 103, "f32x4.floor": 104, "f32x4.nearest": 106},
    **{"i32x4.abs": 160, "i32x4.neg": 161, "i32x4.shl": 171, "i32x4.shr_s": 172, "i32x4.add": 174, "i32x4.sub": 177},
    **{"i32x4.mul": 181, "i32x4.min": 182, "i32x4.max": 184},
    **{
        f"f32x4.{name}": 224 + k
        for k, name in enumerate(("abs", "neg", "", "sqrt", "add", "sub", "mul", "div"))
        if name
    },
    **{f"f32x4.{name}": 232 + k for k, name in enumerate(("min", "max", "pmin", "pmax"))},
    **{"i32x4.trunc_sat_f32x4_s": 248, "f32x4.convert_i32x4_s": 250, "i32x4.trunc_sat_f64x2_s_zero": 252},
    **{"f64x2.splat": 20, "f32x4.demote_f64x2_zero": 94, "f64x2.promote_low_f32x4": 95, "f64x2.nearest": 148},
    **{"f64x2.sub": 241, "f64x2.mul": 242},
}
LANE = {"v128.store32_lane", "f32x4.extract_lane", "i32x4.extract_lane"}
MEMORY = {"v128.load", "v128.load32_splat", "v128.store", "v128.store32_lane"}


@dataclass(frozen=True)
class Function:
    """``locals`` gives the type of every variable; the parameters come first."""

    name: str
    parameters: Sequence[str]
    result: str | None
    locals: dict[str, str]
    words: Sequence[str]


def unsigned(number: int) -> bytes:
    """LEB128, in which WebAssembly writes its numbers."""
    out = bytearray()
    while number > 127:
        out.append(number & 127 | 128)
        number >>= 7
    return bytes([*out, number])


def signed(number: int) -> bytes:
    out = bytearray()
    while not -64 <= number < 64:
        out.append(number & 127 | 128)
        number >>= 7
    return bytes([*out, number & 127])


def listed(items: Iterable[bytes]) -> bytes:
    items = list(items)
    return unsigned(len(items)) + b"".join(items)


def sized(content: bytes) -> bytes:
    return unsigned(len(content)) + content


def encoded(word: str, numbers: dict[str, int]) -> bytes:
    """The bytes of one word; ``numbers``: those of the variables."""
    name, _, given = word.partition(":")
    if name.endswith("="):
        return b"\x21" + unsigned(numbers[name[:-1]])
    if name in numbers:
        return b"\x20" + unsigned(numbers[name])
    if name in PLAIN:
        return PLAIN[name]
    if name == "br_if":
        return b"\x0d" + unsigned(int(given))
    if name == "i32.const":
        return b"\x41" + signed(int(given))
    if name == "f32.const":
        return b"\x43" + struct.pack("<f", float(given))
    if name == "f64.const":
        return b"\x44" + struct.pack("<d", float(given))
    code = bytes([VECTOR]) + unsigned(VECTORS[name])
    if name == "v128.const":
        return code + struct.pack("<4i", *map(int, given.split(",")))
    if name == "i8x16.shuffle":  # given: which four-byte lanes
        return code + bytes(4 * int(lane) + k for lane in given.split(",") for k in range(4))
    if name in MEMORY:
        code += b"\x02" + unsigned(int(given))  # the addresses are multiples of 2**2
    return code + (b"\x00" if name in LANE else b"")


def code_of(function: Function) -> bytes:
    own = [name for name in function.locals if name not in function.parameters]
    numbers = {name: k for k, name in enumerate([*function.parameters, *own])}
    declared = listed(b"\x01" + bytes([VALUE_TYPES[function.locals[name]]]) for name in own)
    words = (word for line in function.words for word in line.split())
    return sized(declared + b"".join(encoded(word, numbers) for word in words) + b"\x0b")


def type_of(function: Function) -> bytes:
    parameters = (bytes([VALUE_TYPES[function.locals[name]]]) for name in function.parameters)
    return b"\x60" + listed(parameters) + listed([bytes([VALUE_TYPES[function.result]])] if function.result else [])


def module(functions: Sequence[Function]) -> bytes:
    """A module that imports its memory (``js.memory``) and exports the functions."""

    def text(name: str) -> bytes:
        return sized(name.encode())

    sections = {
        1: listed(type_of(function) for function in functions),
        2: listed([text("js") + text("memory") + b"\x02\x00\x01"]),
        3: listed(unsigned(k) for k in range(len(functions))),
        7: listed(text(function.name) + b"\x00" + unsigned(k) for k, function in enumerate(functions)),
        10: listed(code_of(function) for function in functions),
    }
    return b"\x00asm\x01\x00\x00\x00" + b"".join(bytes([number]) + sized(part) for number, part in sections.items())


def module_base64(functions: Sequence[Function]) -> str:
    return base64.b64encode(module(functions)).decode()
