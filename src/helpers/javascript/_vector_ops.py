"""What the operations on four numbers at a time are in WebAssembly: the table, and the functions the machine lacks.

An entry takes the kernel that is being written and the codes of the operands, and gives the code of the result (see
``_wasm`` for the notation). The polynomials are fits of our own, minimax in the relative error of the result.
"""

from collections.abc import Callable
from math import pi
from typing import Protocol

from helpers.javascript._nodes import Map


class Writer(Protocol):
    """The kernel that is being written."""

    def let(self, code: str) -> str: ...  # name a value: what is used twice must be a name

    def number(self, value: float) -> str: ...  # four copies of a number

    def once(self, code: str) -> str: ...  # what is the same throughout the kernel

    def integer(self, value: int) -> str: ...


def instruction(name: str) -> Callable[..., str]:
    return lambda body, *operands: f"{' '.join(operands)} {name}"


def horner(body: Writer, x: str, coefficients: tuple[float, ...]) -> str:
    """The polynomial; the constant term comes first. ``x`` is a name."""
    code = body.number(coefficients[-1])
    for coefficient in coefficients[-2::-1]:
        code = f"{code} {x} f32x4.mul {body.number(coefficient)} f32x4.add"
    return code


# tanh(x) = x P(x²) / Q(x²) up to 8.8, where tanh rounds to 1.
TANH_ABOVE = (1.0, 0.13394036889076233, 0.0035110721364617348, 2.086565837089438e-05, 1.3714974933520807e-08)
TANH_BELOW = (1.0, 0.4672735631465912, 0.02593580260872841, 0.00033110257936641574, 7.922926670289598e-07)
# exp(r) = 1 + r + r² G(r) for |r| < log(2) / 2.
EXP = (0.4999999403953552, 0.1666651964187622, 0.04166839271783829, 0.008368780836462975, 0.001381446490995586)
# log(1 + f) = f - f²/2 + f³ L(f) for sqrt(1/2) < 1 + f < sqrt(2).
LOG = (
    *(0.3333390951156616, -0.2500133812427521, 0.19963061809539795, -0.165775865316391, 0.1491478681564331),
    *(-0.1426747590303421, 0.08700359612703323),
)
LOG2_HIGH, LOG2_LOW = 0.693145751953125, 1.42860682030941723e-6  # log(2); the first has 16 bits: n times it is exact
ROOT_HALF_BITS = 0x3F3504F3
# sin(r) = r + r³ S(r²) and cos(r) = 1 - r²/2 + r⁴ C(r²) for |r| < π/4.
SIN = (-0.16666655242443085, 0.00833215843886137, -0.00019514969608280808)
COS = (0.04166664555668831, -0.0013887312961742282, 2.4432794816675596e-05)


def tanh(body: Writer, x: str) -> str:
    # pmin and pmax are one machine instruction each; in this order of operands NaN stays NaN.
    y = body.let(f"{x} {body.number(8.8)} f32x4.pmin {body.number(-8.8)} f32x4.pmax")
    u = body.let(f"{y} {y} f32x4.mul")
    ratio = f"{y} {horner(body, u, TANH_ABOVE)} f32x4.mul {horner(body, u, TANH_BELOW)} f32x4.div"
    return f"{ratio} {body.number(1)} f32x4.pmin {body.number(-1)} f32x4.pmax"


def power_of_two(body: Writer, n: str) -> str:
    """2ⁿ for an integer n between -126 and 127: the bits of its exponent."""
    return f"{n} {body.integer(127)} i32x4.add i32.const:23 i32x4.shl"


def exp(body: Writer, x: str) -> str:
    y = body.let(f"{x} {body.number(89)} f32x4.pmin {body.number(-104)} f32x4.pmax")
    n = body.let(f"{y} {body.number(1.4426950408889634)} f32x4.mul f32x4.nearest")
    high, low = body.number(LOG2_HIGH), body.number(LOG2_LOW)
    r = body.let(f"{y} {n} {high} f32x4.mul f32x4.sub {n} {low} f32x4.mul f32x4.sub")
    power = f"{r} {r} f32x4.mul {horner(body, r, EXP)} f32x4.mul {r} f32x4.add {body.number(1)} f32x4.add"
    # In two steps, since 2ⁿ alone may be too large or too small for a float.
    whole = body.let(f"{n} i32x4.trunc_sat_f32x4_s")
    half = body.let(f"{whole} i32.const:1 i32x4.shr_s")
    rest = power_of_two(body, f"{whole} {half} i32x4.sub")
    return f"{power} {power_of_two(body, half)} f32x4.mul {rest} f32x4.mul"


def logistic(body: Writer, x: str) -> str:
    one = body.number(1)
    return f"{one} {one} {exp(body, f'{x} f32x4.neg')} f32x4.add f32x4.div"


def log(body: Writer, x: str) -> str:
    x = body.let(x)
    tiny = body.let(f"{x} {body.number(2.0**-126)} f32x4.lt")  # such a number has no exponent of its own
    bits = body.let(f"{x} {body.number(2.0**23)} f32x4.mul {x} {tiny} v128.bitselect")
    e = body.let(f"{bits} {body.integer(ROOT_HALF_BITS)} i32x4.sub i32.const:23 i32x4.shr_s")
    f = body.let(f"{bits} {e} i32.const:23 i32x4.shl i32x4.sub {body.number(1)} f32x4.sub")
    n = body.let(f"{e} {tiny} {body.integer(23)} v128.and i32x4.sub f32x4.convert_i32x4_s")
    square = body.let(f"{f} {f} f32x4.mul")
    small = f"{horner(body, f, LOG)} {f} f32x4.mul {square} f32x4.mul {square} {body.number(0.5)} f32x4.mul f32x4.sub"
    low = f"{small} {n} {body.number(LOG2_LOW)} f32x4.mul f32x4.add"
    value = body.let(f"{low} {f} f32x4.add {n} {body.number(LOG2_HIGH)} f32x4.mul f32x4.add")
    infinite = f"{x} {body.number(float('inf'))} f32x4.eq"
    usual = f"{x} {value} {infinite} v128.bitselect"
    zero = f"{body.number(float('-inf'))} {usual} {x} {body.number(0)} f32x4.eq v128.bitselect"
    return f"{zero} {body.number(float('nan'))} {x} {body.number(0)} f32x4.ge v128.bitselect"


def quarter_turns(body: Writer, x: str) -> tuple[str, str]:
    """(n, r) with x = n π/2 + r; two numbers at a time, since the difference needs double precision.

    From about 10⁹ on neighbouring floats are many turns apart: r then says nothing, but stays small.
    """
    x = body.let(x)
    turns, rests = [], []
    for half in (x, f"{x} {x} i8x16.shuffle:2,3,0,1"):
        wide = body.let(f"{half} f64x2.promote_low_f32x4")
        n = body.let(f"{wide} {body.once(f'f64.const:{2 / pi!r} f64x2.splat')} f64x2.mul f64x2.nearest")
        rest = f"{wide} {n} {body.once(f'f64.const:{pi / 2!r} f64x2.splat')} f64x2.mul f64x2.sub"
        turns.append(f"{n} i32x4.trunc_sat_f64x2_s_zero")
        rests.append(f"{rest} f32x4.demote_f64x2_zero")
    both = "i8x16.shuffle:0,1,4,5"
    r = f"{' '.join(rests)} {both} {body.number(0.8)} f32x4.pmin {body.number(-0.8)} f32x4.pmax"
    return body.let(f"{' '.join(turns)} {both}"), body.let(r)


def sine(body: Writer, n: str, r: str) -> str:
    """The sine of n quarter turns and r: a sine or a cosine of r, and its sign."""
    square = body.let(f"{r} {r} f32x4.mul")
    odd = f"{r} {square} f32x4.mul {horner(body, square, SIN)} f32x4.mul {r} f32x4.add"
    flat = f"{body.number(1)} {square} {body.number(0.5)} f32x4.mul f32x4.sub"
    even = f"{square} {square} f32x4.mul {horner(body, square, COS)} f32x4.mul {flat} f32x4.add"
    is_even = f"{n} i32.const:31 i32x4.shl i32.const:31 i32x4.shr_s"
    sign_bit = f"{n} {body.integer(2)} v128.and i32.const:30 i32x4.shl"
    return f"{even} {odd} {is_even} v128.bitselect {sign_bit} v128.xor"


def sin(body: Writer, x: str) -> str:
    return sine(body, *quarter_turns(body, x))


def cos(body: Writer, x: str) -> str:
    n, r = quarter_turns(body, x)
    return sine(body, body.let(f"{n} {body.integer(1)} i32x4.add"), r)


def clamp(body: Writer, low: str, x: str, high: str) -> str:
    return f"{x} {low} f32x4.max {high} f32x4.min"


def reciprocal_root(body: Writer, x: str) -> str:
    return f"{body.number(1)} {x} f32x4.sqrt f32x4.div"


def sign(body: Writer, x: str) -> str:
    x, zero = body.let(x), body.number(0)
    positive = f"{x} {zero} f32x4.gt {body.number(1)} v128.and"
    negative = f"{x} {zero} f32x4.lt {body.number(1)} v128.and"
    return f"{x} {positive} {negative} f32x4.sub {x} {zero} f32x4.eq {x} {x} f32x4.ne v128.or v128.bitselect"


COMPARISONS = ("eq", "ne", "lt", "gt", "le", "ge")
Entry = Callable[..., str]
# (name, type of the last operand, number of operands) → code. A bool is a vector of zeros and ones in all its bits.
TABLE: dict[tuple[str, str, int], Entry] = {
    **{(name, "float32", 2): instruction(f"f32x4.{name}") for name in ("add", "sub", "mul", "div", "min", "max")},
    **{(name, "float32", 2): instruction(f"f32x4.{name}") for name in COMPARISONS},
    **{(name, "float32", 1): instruction(f"f32x4.{name}") for name in ("neg", "abs", "sqrt", "floor", "ceil")},
    **{(name, "int32", 2): instruction(f"i32x4.{name}") for name in ("add", "sub", "mul", "min", "max")},
    **{(name, "int32", 2): instruction(f"i32x4.{name}" + "_s" * (k > 1)) for k, name in enumerate(COMPARISONS)},
    **{(name, "int32", 1): instruction(f"i32x4.{name}") for name in ("neg", "abs")},
    **{(name, "bool", 2): instruction(f"v128.{name}") for name in ("and", "or", "xor")},
    ("not", "bool", 1): instruction("v128.not"),
    ("add_any", "float32", 2): instruction("f32x4.add"),
    ("sub", "float32", 1): lambda body, x: f"{body.number(1)} {x} f32x4.sub",
    ("div", "float32", 1): lambda body, x: f"{body.number(1)} {x} f32x4.div",
    ("rsqrt", "float32", 1): reciprocal_root,
    ("sign", "float32", 1): sign,
    ("clamp", "float32", 3): clamp,
    **{
        ("select", kind, 3): lambda body, which, no, yes: f"{yes} {no} {which} v128.bitselect"
        for kind in ("float32", "int32", "bool")
    },
    **{(function.__name__, "float32", 1): function for function in (tanh, exp, logistic, log, sin, cos)},
}
CONVERSIONS: dict[tuple[str, str], Entry] = {
    ("float32", "float32"): lambda body, x: x,
    ("int32", "int32"): lambda body, x: x,
    ("int32", "float32"): instruction("f32x4.convert_i32x4_s"),
    ("float32", "int32"): instruction("i32x4.trunc_sat_f32x4_s"),
    ("bool", "float32"): lambda body, x: f"{x} {body.number(1)} v128.and",
    ("bool", "int32"): lambda body, x: f"{x} {body.integer(1)} v128.and",
    ("float32", "bool"): lambda body, x: f"{x} {body.number(0)} f32x4.ne",
    ("int32", "bool"): lambda body, x: f"{x} {body.integer(0)} i32x4.ne",
}


def entry(node: Map) -> Entry | None:
    """How to compute an operation, if we know."""
    source = node.args[-1].dtype.name
    if node.op.name == "convert":
        return CONVERSIONS.get((source, node.dtype.name))
    return TABLE.get((node.op.name, source, len(node.args)))
