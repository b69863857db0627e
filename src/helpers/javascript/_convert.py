"""Rules that change the dtype of a value: conversion, bit casts, precision."""

import numpy as np

from helpers.javascript import _types as types
from helpers.javascript._errors import unsupported
from helpers.javascript._lower import elementwise, rule
from helpers.javascript._nodes import Op, Scalar, constant, resolve
from helpers.javascript._random import uniform_from_bits

LIMITS = {"int8": (-128, 127), "int16": (-32768, 32767), "uint8": (0, 255), "uint16": (0, 65535)}


def conversion(source: np.dtype, target: np.dtype):
    """(text from the operand, helpers) of a conversion."""
    if types.is_bool(target):
        return (lambda a: f"({a} !== {types.literal(0, source)})"), ()
    if types.is_bool(source):
        return (lambda a: f"({a} ? {types.literal(1, target)} : {types.literal(0, target)})"), ()
    if types.is_uint64(source):
        return from_uint64(target), ()
    if types.is_uint64(target):
        if types.is_float(source):
            return (lambda a: f"floatToUint64({a})"), ("floatToUint64",)
        return (lambda a: f"BigInt.asUintN(64, BigInt({a}))"), ()
    if types.is_float(target):
        return (lambda a: a if is_exact(source, target) else types.wrapped(a, target)), ()
    if types.is_float(source):
        return float_to_integer(target)
    if target == np.int64 or types.KINDS[source.name] == types.KINDS[target.name]:
        return (lambda a: a), ()
    return (lambda a: types.wrapped(a, target)), ()


def is_exact(source: np.dtype, target: np.dtype) -> bool:
    return target == np.float64 or source == np.float32 or (types.is_integer(source) and source.itemsize < 4)


def from_uint64(target: np.dtype):
    if target == np.int64:
        return lambda a: f"Number(BigInt.asIntN(64, {a}))"
    if types.is_float(target):
        return lambda a: types.wrapped(f"Number({a})", target)
    return lambda a: types.wrapped(f"Number(BigInt.asUintN(32, {a}))", target)


def float_to_integer(target: np.dtype):
    """XLA truncates, saturates at the ends, and takes NaN to 0."""
    helper = {"int32": "floatToInt32", "uint32": "floatToUint32", "int64": "floatToInt64"}.get(target.name)
    if helper:
        return (lambda a: f"{helper}({a})"), (helper,)
    low, high = LIMITS[target.name]
    return (lambda a: f"Math.min(Math.max(floatToInt32({a}), {low}), {high})"), ("floatToInt32",)


@rule("convert_element_type")
def convert(block, eqn, x):
    source, target = np.dtype(x.dtype), np.dtype(eqn.outputs[0].dtype)
    x = resolve(x)
    text, helpers = conversion(source, target)
    if isinstance(x, Scalar) and not x.is_name and not types.is_float(source) and types.is_float(target):
        return constant(types.literal(target.type(float(x.text.rstrip("n"))), target), target, x.shape)
    cost = 0 if text("a") == "a" else 1
    return elementwise(Op("convert", text, cost, helpers), eqn, x)


@rule("bitcast_convert_type")
def bitcast(block, eqn, x):
    source, target = np.dtype(x.dtype), np.dtype(eqn.outputs[0].dtype)
    if source.itemsize != target.itemsize:
        raise unsupported(eqn, f"from {source} to {target}")
    if types.is_float(source) == types.is_float(target):
        return elementwise(Op("bitcast", lambda a: types.wrapped(a, target)), eqn, x)
    bits = 8 * source.itemsize
    if target == np.float64 and (drawn := uniform_from_bits(x)) is not None:
        return drawn
    if types.is_float(target):
        helper = f"bitsToFloat{bits}"
        return elementwise(Op("bitcast", lambda a: f"{helper}({a})", 2, (helper,)), eqn, x)
    helper = f"floatToBits{bits}"
    return elementwise(Op("bitcast", lambda a: types.wrapped(f"{helper}({a})", target), 2, (helper,)), eqn, x)


@rule("reduce_precision")
def reduce_precision(block, eqn, x):
    exponent, mantissa = eqn.params["exponent_bits"], eqn.params["mantissa_bits"]
    if (exponent, mantissa) in ((11, 52), (8, 23)):
        keep = x.dtype == np.float32 or mantissa == 52
        return elementwise(Op("round", lambda a: a if keep else f"fround({a})", 0 if keep else 1), eqn, x)
    raise unsupported(eqn, f"{exponent} exponent bits and {mantissa} mantissa bits")
