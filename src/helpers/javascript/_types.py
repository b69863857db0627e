"""How JAX's dtypes live in JavaScript: which typed array stores them, which expression keeps a value in range.

JavaScript has one number type, the double. Doubles hold every float32, int32 and uint32 exactly; what is needed is to
wrap after each operation (``Math.fround``, ``| 0``, ``>>> 0``), and then the arithmetic is that of the machine: for
``+ - * / sqrt`` a double result rounded once more to float32 equals the float32 result. Two choices are compromises:

- int64 (indices, counters and argmax under ``jax_enable_x64``) is kept in doubles, exact up to 2**53;
- uint64 (random bits under ``jax_enable_x64``) is a BigInt, exact but slow.
"""

import math
from dataclasses import dataclass

import jax
import numpy as np

INT32_SAFE = 2**31


@dataclass(frozen=True)
class Kind:
    """One dtype's life in JavaScript: its array class and the template that wraps an arithmetic result."""

    array: str
    wrap: str


KINDS = {
    "float32": Kind("Float32Array", "fround({})"),
    "float64": Kind("Float64Array", "({})"),
    "int8": Kind("Int8Array", "({} << 24 >> 24)"),
    "int16": Kind("Int16Array", "({} << 16 >> 16)"),
    "int32": Kind("Int32Array", "({} | 0)"),
    "int64": Kind("Float64Array", "({})"),
    "uint8": Kind("Uint8Array", "({} & 255)"),
    "uint16": Kind("Uint16Array", "({} & 65535)"),
    "uint32": Kind("Uint32Array", "({} >>> 0)"),
    "uint64": Kind("BigUint64Array", "BigInt.asUintN(64, {})"),
    "bool": Kind("Uint8Array", "({})"),
}


def is_key(dtype) -> bool:
    """Whether this is the dtype of typed PRNG keys (``key<fry>``)."""
    return jax.dtypes.issubdtype(dtype, jax.dtypes.prng_key)


def is_supported(dtype) -> bool:
    return is_key(dtype) or np.dtype(dtype).name in KINDS


def array_class(dtype) -> str:
    return KINDS[np.dtype(dtype).name].array


def is_float(dtype) -> bool:
    return np.issubdtype(dtype, np.floating)


def is_integer(dtype) -> bool:
    return np.issubdtype(dtype, np.integer)


def is_bool(dtype) -> bool:
    return np.dtype(dtype) == np.bool_


def is_uint64(dtype) -> bool:
    return np.dtype(dtype) == np.uint64


def wrapped(text: str, dtype) -> str:
    """The expression, brought back into the range and precision of its dtype."""
    return KINDS[np.dtype(dtype).name].wrap.format(text)


def literal(value, dtype) -> str:
    """A JavaScript literal for one value of this dtype."""
    dtype = np.dtype(dtype)
    if dtype == np.bool_:
        return "1" if value else "0"
    if dtype == np.uint64:
        return f"{int(value)}n"
    if np.issubdtype(dtype, np.integer):
        return str(int(value))
    number = float(value)
    if math.isnan(number):
        return "NaN"
    if math.isinf(number):
        return "Infinity" if number > 0 else "-Infinity"
    if number == int(number) and abs(number) < INT32_SAFE:
        return "-0" if number == 0 and math.copysign(1, number) < 0 else str(int(number))
    return repr(number)


def shorthand(value, dtype) -> str:
    """The shortest literal that reads back as the same value once it is stored in an array of this dtype."""
    if np.dtype(dtype) == np.float32 and math.isfinite(value) and float(value) != int(value):
        return str(np.float32(value))
    return literal(value, dtype)
