"""Rules for elementwise primitives: arithmetic, comparison, logic, bits, conversion."""

import numpy as np

from helpers.javascript import _types as types
from helpers.javascript._errors import unsupported
from helpers.javascript._lower import elementwise, rule
from helpers.javascript._nodes import Map, Node, Op, constant, resolve

TRANSCENDENTAL = 10


def math_function(name: str):
    return lambda dtype, *args: types.wrapped(f"Math.{name}({', '.join(args)})", dtype)


def infix(symbol: str):
    return lambda dtype, a, b: types.wrapped(f"{a} {symbol} {b}", dtype)


def multiply(dtype, a: str, b: str) -> str:
    if dtype.name in ("int32", "uint32"):
        return f"Math.imul({a}, {b})" if dtype.name == "int32" else f"(Math.imul({a}, {b}) >>> 0)"
    return f"({a} & {b})" if dtype.name == "bool" else types.wrapped(f"{a} * {b}", dtype)


def negate(dtype, a: str) -> str:
    return negated(a) if types.is_float(dtype) else types.wrapped(f"{types.literal(0, dtype)} - {a}", dtype)


def negated(a: str) -> str:
    """Minus a; two signs in a row would be JavaScript's decrement."""
    return f"-({a})" if a.startswith("-") else f"-{a}"


def sign(dtype, a: str) -> str:
    if types.is_uint64(dtype):
        return f"({a} > 0n ? 1n : 0n)"
    return f"Math.sign({a})"


# Primitive → (text from dtype and operands, cost). The dtype is the operands'.
ARITHMETIC = {
    "sub": (infix("-"), 1),
    "mul": (multiply, 1),
    "neg": (negate, 1),
    "sign": (sign, 1),
    "exp": (math_function("exp"), TRANSCENDENTAL),
    "exp2": (lambda dtype, a: types.wrapped(f"Math.pow(2, {a})", dtype), TRANSCENDENTAL),
    "expm1": (math_function("expm1"), TRANSCENDENTAL),
    "log": (math_function("log"), TRANSCENDENTAL),
    "log2": (math_function("log2"), TRANSCENDENTAL),
    "log1p": (math_function("log1p"), TRANSCENDENTAL),
    "sin": (math_function("sin"), TRANSCENDENTAL),
    "cos": (math_function("cos"), TRANSCENDENTAL),
    "tan": (math_function("tan"), TRANSCENDENTAL),
    "asin": (math_function("asin"), TRANSCENDENTAL),
    "acos": (math_function("acos"), TRANSCENDENTAL),
    "atan": (math_function("atan"), TRANSCENDENTAL),
    "sinh": (math_function("sinh"), TRANSCENDENTAL),
    "cosh": (math_function("cosh"), TRANSCENDENTAL),
    "asinh": (math_function("asinh"), TRANSCENDENTAL),
    "acosh": (math_function("acosh"), TRANSCENDENTAL),
    "atanh": (math_function("atanh"), TRANSCENDENTAL),
    "atan2": (math_function("atan2"), TRANSCENDENTAL),
    "cbrt": (math_function("cbrt"), TRANSCENDENTAL),
    "sqrt": (math_function("sqrt"), 3),
    "rsqrt": (lambda dtype, a: types.wrapped(f"1 / Math.sqrt({a})", dtype), 4),
    "logistic": (lambda dtype, a: types.wrapped(f"1 / (1 + Math.exp({negated(a)}))", dtype), TRANSCENDENTAL),
    "floor": (lambda dtype, a: f"Math.floor({a})", 1),
    "ceil": (lambda dtype, a: f"Math.ceil({a})", 1),
}
# Primitive → runtime function, whose float32 result is rounded.
RUNTIME = {
    "erf": "erf",
    "erfc": "erfc",
    "erf_inv": "erfInverse",
    "lgamma": "logGamma",
    "digamma": "digamma",
    "bessel_i0e": "besselI0e",
    "bessel_i1e": "besselI1e",
    "pow": "power",
    "igamma": "gammaP",
    "igammac": "gammaQ",
    "polygamma": "polygamma",
    "zeta": "hurwitzZeta",
    "regularized_incomplete_beta": "betaRatio",
}
COMPARISONS = {"lt": "<", "le": "<=", "gt": ">", "ge": ">=", "eq": "===", "ne": "!=="}


def operand_dtype(args: tuple[Node, ...]) -> np.dtype:
    return np.dtype(args[0].dtype)


def arithmetic_rule(block, eqn, *args):
    text, cost = ARITHMETIC[eqn.name]
    dtype = operand_dtype(args)
    return elementwise(Op(eqn.name, lambda *texts: text(dtype, *texts), cost), eqn, *args)


for _name in ARITHMETIC:
    rule(_name)(arithmetic_rule)


@rule(*RUNTIME)
def runtime_rule(block, eqn, *args):
    helper, dtype = RUNTIME[eqn.name], np.dtype(eqn.outputs[0].dtype)
    if eqn.name == "erf_inv" and dtype == np.float32:
        helper = "erfInverse32"

    def text(*texts):
        return types.wrapped(f"{helper}({', '.join(texts)})", dtype)

    return elementwise(Op(eqn.name, text, TRANSCENDENTAL, (helper,)), eqn, *args)


@rule("tanh")
def tanh(block, eqn, x):
    if x.dtype == np.float32:
        return elementwise(Op("tanh", lambda a: f"fround(tanh32({a}))", TRANSCENDENTAL, ("tanh32",)), eqn, x)
    return elementwise(Op("tanh", lambda a: f"Math.tanh({a})", TRANSCENDENTAL), eqn, x)


@rule("add", "add_any")
def add(block, eqn, x, y):
    dtype = operand_dtype((x,))
    return elementwise(Op("add", lambda a, b: types.wrapped(f"{a} + {b}", dtype)), eqn, x, y)


@rule("div", "rem")
def divide(block, eqn, x, y):
    dtype = operand_dtype((x,))
    if types.is_float(dtype):
        symbol = "/" if eqn.name == "div" else "%"
        return elementwise(Op(eqn.name, lambda a, b: types.wrapped(f"{a} {symbol} {b}", dtype), 3), eqn, x, y)
    helper = ("divide" if eqn.name == "div" else "remainder") + ("BigInt" if types.is_uint64(dtype) else "Integer")
    return elementwise(Op(eqn.name, lambda a, b: types.wrapped(f"{helper}({a}, {b})", dtype), 4, (helper,)), eqn, x, y)


@rule("max", "min")
def extremum(block, eqn, x, y):
    dtype = operand_dtype((x,))
    if types.is_uint64(dtype):
        symbol = ">" if eqn.name == "max" else "<"
        return elementwise(Op(eqn.name, lambda a, b: f"({a} {symbol} {b} ? {a} : {b})"), eqn, x, y)
    if types.is_bool(dtype):
        symbol = "|" if eqn.name == "max" else "&"
        return elementwise(Op(eqn.name, lambda a, b: f"({a} {symbol} {b})"), eqn, x, y)
    return elementwise(Op(eqn.name, lambda a, b: f"Math.{eqn.name}({a}, {b})"), eqn, x, y)


@rule("clamp")
def clamp(block, eqn, low, x, high):
    if types.is_uint64(x.dtype):

        def text(lo, a, hi):
            raised = f"({a} > {lo} ? {a} : {lo})"
            return f"({raised} < {hi} ? {raised} : {hi})"

        return elementwise(Op("clamp", text, 4), eqn, low, x, high)
    return elementwise(Op("clamp", lambda lo, a, hi: f"Math.min(Math.max({a}, {lo}), {hi})", 2), eqn, low, x, high)


@rule("abs")
def absolute(block, eqn, x):
    dtype = operand_dtype((x,))
    if dtype.name in ("int32", "int16", "int8"):
        return elementwise(Op("abs", lambda a: types.wrapped(f"Math.abs({a})", dtype)), eqn, x)
    return elementwise(Op("abs", lambda a: a if types.is_uint64(dtype) else f"Math.abs({a})"), eqn, x)


@rule("square")
def square(block, eqn, x):
    return elementwise(Op("mul", lambda a, b: multiply(operand_dtype((x,)), a, b)), eqn, x, x)


@rule("integer_pow")
def integer_power(block, eqn, x):
    """Repeated squaring, in the order in which XLA multiplies."""
    exponent, dtype = eqn.params["y"], operand_dtype((x,))
    product = Op("mul", lambda a, b: multiply(dtype, a, b))
    result, power, rest = None, resolve(x), abs(exponent)
    while rest:
        if rest & 1:
            result = power if result is None else Map(x.shape, dtype, product, (result, power))
        rest >>= 1
        if rest:
            power = Map(x.shape, dtype, product, (power, power))
    if result is None:
        return constant("1", dtype, x.shape)
    if exponent < 0:
        return Map(x.shape, dtype, Op("div", lambda a: types.wrapped(f"1 / {a}", dtype), 3), (result,))
    return result


@rule("round")
def round_(block, eqn, x):
    helper = "roundHalfAway" if int(eqn.params["rounding_method"]) == 0 else "roundHalfEven"
    return elementwise(Op("round", lambda a: f"{helper}({a})", 3, (helper,)), eqn, x)


@rule("is_finite")
def is_finite(block, eqn, x):
    return elementwise(Op("is_finite", lambda a: f"Number.isFinite({a})"), eqn, x)


@rule("nextafter")
def nextafter(block, eqn, x, y):
    helper = "nextAfter32" if x.dtype == np.float32 else "nextAfter64"
    return elementwise(Op("nextafter", lambda a, b: f"{helper}({a}, {b})", 5, (helper,)), eqn, x, y)


@rule(*COMPARISONS)
def compare(block, eqn, x, y):
    symbol = COMPARISONS[eqn.name]
    if types.is_bool(x.dtype):  # a bool may be true or 1 by now
        return elementwise(Op(eqn.name, lambda a, b: f"(+{a} {symbol} +{b})"), eqn, x, y)
    return elementwise(Op(eqn.name, lambda a, b: f"({a} {symbol} {b})"), eqn, x, y)


@rule("lt_to", "le_to", "eq_to")
def compare_total(block, eqn, x, y):
    """The total order: -0 before 0, NaN last and equal to itself."""
    test = {"lt_to": "< 0", "le_to": "<= 0", "eq_to": "=== 0"}[eqn.name]
    return elementwise(Op(eqn.name, lambda a, b: f"(totalOrder({a}, {b}) {test})", 3, ("totalOrder",)), eqn, x, y)


@rule("polynomial")
def polynomial(block, eqn, x, *coefficients):
    """Horner's rule; the highest coefficient comes last."""
    dtype = operand_dtype((x,))

    def text(a, *terms):
        value = terms[-1]
        for term in reversed(terms[:-1]):
            value = types.wrapped(f"{types.wrapped(f'{value} * {a}', dtype)} + {term}", dtype)
        return value

    return elementwise(Op("polynomial", text, 2 * len(coefficients)), eqn, block.settle_if_costly(x), *coefficients)


@rule("one_minus_square")
def one_minus_square(block, eqn, x):
    dtype = operand_dtype((x,))
    product = Map(x.shape, dtype, Op("mul", lambda a, b: multiply(dtype, a, b)), (x, x))
    return elementwise(Op("sub", lambda a: types.wrapped(f"1 - {a}", dtype)), eqn, product)


@rule("mulhi")
def high_product(block, eqn, x, y):
    dtype = operand_dtype((x,))
    if dtype != np.uint32:
        raise unsupported(eqn, f"of {dtype}")
    return elementwise(Op("mulhi", lambda a, b: f"highProduct({a}, {b})", 5, ("highProduct",)), eqn, x, y)


@rule("select_n")
def select(block, eqn, which, *cases):
    if len(cases) == 1:
        return cases[0]
    if types.is_bool(which.dtype):
        return elementwise(Op("select", lambda w, no, yes: f"({w} ? {yes} : {no})"), eqn, which, *cases)

    def text(w, *options):
        choice = options[-1]
        for number in reversed(range(len(options) - 1)):
            choice = f"({w} === {number} ? {options[number]} : {choice})"
        return choice

    # Not "select": what chooses is a number here, and not a mask.
    return elementwise(Op("select_case", text, len(cases)), eqn, which, *cases)
