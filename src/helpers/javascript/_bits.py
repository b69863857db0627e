"""Rules for logic and bits: and, or, not, shifts, counts."""

import numpy as np

from helpers.javascript import _types as types
from helpers.javascript._elementwise import operand_dtype
from helpers.javascript._errors import unsupported
from helpers.javascript._lower import elementwise, rule
from helpers.javascript._nodes import Op, Scalar, resolve

BITWISE = {"and": "&", "or": "|", "xor": "^"}


@rule(*BITWISE)
def bitwise(block, eqn, x, y):
    dtype, symbol = operand_dtype((x,)), BITWISE[eqn.name]
    if dtype == np.int64:
        text = f"bitwiseInt64((a, b) => a {symbol} b, "
        return elementwise(Op(eqn.name, lambda a, b: f"{text}{a}, {b})", 5, ("bitwiseInt64",)), eqn, x, y)
    if types.is_bool(dtype) or dtype.itemsize < 4 or types.is_uint64(dtype):
        return elementwise(Op(eqn.name, lambda a, b: f"({a} {symbol} {b})"), eqn, x, y)
    return elementwise(Op(eqn.name, lambda a, b: types.wrapped(f"({a} {symbol} {b})", dtype)), eqn, x, y)


@rule("not")
def not_(block, eqn, x):
    dtype = operand_dtype((x,))
    if types.is_bool(dtype):
        return elementwise(Op("not", lambda a: f"({a} ? 0 : 1)"), eqn, x)
    if dtype == np.int64:
        return elementwise(Op("not", lambda a: f"(-1 - {a})"), eqn, x)
    return elementwise(Op("not", lambda a: types.wrapped(f"~{a}", dtype)), eqn, x)


@rule("shift_left", "shift_right_logical", "shift_right_arithmetic")
def shift(block, eqn, x, y):
    dtype = operand_dtype((x,))
    if types.is_uint64(dtype):
        symbol = "<<" if eqn.name == "shift_left" else ">>"
        return elementwise(Op(eqn.name, lambda a, b: types.wrapped(f"({a} {symbol} {b})", dtype), 2), eqn, x, y)
    if dtype.itemsize != 4:
        raise unsupported(eqn, f"shifts of {dtype} are not translated")
    amount = resolve(y)
    if eqn.name == "shift_right_arithmetic":
        return elementwise(
            Op(eqn.name, lambda a, b: types.wrapped(f"({a} >> Math.min({b} >>> 0, 31))", dtype)), eqn, x, y
        )
    symbol = "<<" if eqn.name == "shift_left" else ">>>"
    if isinstance(amount, Scalar) and not amount.is_name and 0 <= int(amount.text) < 32:
        return elementwise(Op(eqn.name, lambda a, b: types.wrapped(f"({a} {symbol} {b})", dtype)), eqn, x, y)
    return elementwise(
        Op(eqn.name, lambda a, b: types.wrapped(f"({b} >>> 0 < 32 ? {a} {symbol} {b} : 0)", dtype), 2), eqn, x, y
    )


@rule("population_count", "clz")
def count_bits(block, eqn, x):
    if operand_dtype((x,)).itemsize != 4:
        raise unsupported(eqn, f"bit counts of {x.dtype} are not translated")
    if eqn.name == "clz":
        return elementwise(Op("clz", lambda a: f"Math.clz32({a})"), eqn, x)
    return elementwise(Op(eqn.name, lambda a: f"populationCount({a})", 4, ("populationCount",)), eqn, x)
