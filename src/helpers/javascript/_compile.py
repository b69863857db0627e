"""``to_javascript``: trace, lower, and put the module together."""

from collections.abc import Callable, Sequence

import jax
import jax.numpy as jnp
import numpy as np

from helpers.javascript import _types as types
from helpers.javascript._block import Block
from helpers.javascript._control import settle_into
from helpers.javascript._errors import UnsupportedPrimitive
from helpers.javascript._flatten import Procedure, Variable, flatten, split_invariant
from helpers.javascript._lower import entered, new_frame, read, run
from helpers.javascript._nodes import Node, Scalar, resolve
from helpers.javascript._program import Program, runtime_functions, with_dependencies

# Loops with fewer rounds than this stay JavaScript: what they would gain is less than a microsecond.
SMALLEST_VECTORISED = 64


def to_javascript(fn: Callable, *example_args, smallest_vectorised: float = SMALLEST_VECTORISED) -> str:
    """The source of an ES module that computes ``fn`` in JavaScript, with no library and no network.

    The module's default export takes one flat typed array (or a number) per leaf of ``example_args``, in
    ``jax.tree.leaves`` order, and returns an array of new typed arrays, one per leaf of the result; bools come as
    ``Uint8Array``, scalars with length 1, int64 as ``Float64Array``, uint64 as ``BigUint64Array``. Only the shapes and
    dtypes of the example arguments matter. What does not depend on the arguments is computed once, when the module
    loads. Loops over float32 or int32 with at least ``smallest_vectorised`` rounds also come as WebAssembly, which runs
    in their place where it can.

    Raises:
        UnsupportedPrimitive: the function uses a primitive or dtype without a translation; names it and the line.
    """
    closed = jax.make_jaxpr(fn)(*example_args)
    check_arguments(closed.in_avals)
    procedure = flatten(closed)
    program = Program(exact=has_jumps(closed.jaxpr), smallest_vectorised=smallest_vectorised)
    once, main = Block(program), Block(program)
    lower_all(procedure, once, main)
    return module_text(fn, procedure, program, once, main)


# Primitives whose result jumps when a float operand moves a little.
JUMPS = {
    *("lt", "le", "gt", "ge", "eq", "ne", "lt_to", "le_to", "eq_to", "sign", "floor", "ceil", "round", "rem"),
    *("is_finite", "nextafter", "bitcast_convert_type", "argmax", "argmin", "sort", "top_k", "approx_top_k", "lu"),
    *("call_hi_primitive", "reduce_precision"),
}


def has_jumps(jaxpr) -> bool:
    """Whether the last place of some float decides about more than the last place of the result."""
    for eqn in jaxpr.eqns:
        on_float = any(jnp.issubdtype(var.aval.dtype, jnp.floating) for var in eqn.invars)
        to_integer = any(not jnp.issubdtype(var.aval.dtype, jnp.floating) for var in eqn.outvars)
        converts = eqn.primitive.name == "convert_element_type" and to_integer
        if on_float and (converts or eqn.primitive.name in JUMPS):
            return True
        parts = jax.tree.leaves(list(eqn.params.values()), is_leaf=lambda part: hasattr(part, "eqns"))
        if any(has_jumps(getattr(part, "jaxpr", part)) for part in parts if hasattr(part, "eqns")):
            return True
    return False


def check_arguments(avals: Sequence) -> None:
    for number, aval in enumerate(avals):
        if types.is_key(aval.dtype) or not types.is_supported(aval.dtype):
            raise UnsupportedPrimitive(
                f"argument leaf {number} has the type {aval}; pass float32, float64, int32, uint32 or bool "
                "(for a random key: pass an integer seed, and make the key inside the function)"
            )


def lower_all(procedure: Procedure, once: Block, main: Block) -> None:
    """Write the constant part into ``once``, the rest into ``main``, which ends by returning the results."""
    fixed, rest = split_invariant(procedure, procedure.inputs)
    outer, frame = new_frame(fixed, []), new_frame(rest, procedure.outputs)
    for equation in rest:
        outer.remaining.update(id(atom) for atom in equation.inputs)
    outer.remaining.update(id(atom) for atom in procedure.outputs)
    with entered(once, outer):
        run(once, outer, fixed)
        settle_into(once, outer, frame)
        for number, variable in enumerate(procedure.inputs):
            frame.values[id(variable)] = argument(main, number, variable)
        with entered(main, frame):
            run(main, frame, rest)
            main.eqn = None
            results = [read(main, frame, atom) for atom in procedure.outputs]
            texts = [returned(main, node) for node in results]
    main.lines.append(f"return [{', '.join(texts)}];")


def argument(main: Block, number: int, variable: Variable) -> Node:
    """Take an argument in: numbers into a variable, arrays into a buffer (checked, converted, ours to overwrite)."""
    shape, dtype = variable.shape, np.dtype(variable.dtype)
    size = int(np.prod(shape, dtype=int))
    if size == 1:
        main.program.helpers.add("number")
        value = f"number(in{number}, {number})"
        text = f"{value} ? 1 : 0" if types.is_bool(dtype) else types.wrapped(value, dtype)
        if types.is_uint64(dtype):
            text = f"BigInt({value})"
        return main.declare(text, shape, dtype)
    main.program.helpers.add("fill")
    place = main.scratch(shape, dtype)
    main.lines.append(f"fill({place.buffer.name}, in{number}, {number});")
    return place


def returned(main: Block, node: Node) -> str:
    """A new typed array with a result."""
    node = resolve(node)
    array = types.array_class(node.dtype)
    if node.size == 0:
        return f"new {array}(0)"
    if node.size == 1:
        return f"{array}.of({main.text(node)})"
    if isinstance(node, Scalar):
        return f"new {array}({node.size}).fill({node.text})"
    place = main.in_memory(node)
    if place.is_whole:
        return f"{place.buffer.name}.slice()"
    start = main.position(place)
    end = f"{start} + {place.size}" if not start.isdigit() else int(start) + place.size
    return f"{place.buffer.name}.slice({start}, {end})"


def module_text(fn: Callable, procedure: Procedure, program: Program, once: Block, main: Block) -> str:
    """Put the pieces in order: constants and buffers, runtime, kernels, what runs once, the exported function."""
    name = getattr(fn, "__name__", "function")
    once_lines, main_lines = once.lines, main.lines  # first: what still waits there adds functions
    inputs = [f"in{number}" for number in range(len(procedure.inputs))]
    described = ", ".join(
        f"{i}: {np.dtype(v.dtype).name}[{','.join(map(str, v.shape))}]"
        for i, v in zip(inputs, procedure.inputs, strict=True)
    )
    declarations = program.declarations()
    sections = [
        f"// {name}({described}), compiled from its jaxpr (JAX {jax.__version__}).",
        "const fround = Math.fround;",
        "\n".join(declarations),
        "\n\n".join(with_dependencies(program.helpers, runtime_functions())),
        "\n\n".join(program.functions),
        "\n".join(program.vector_lines()),
        "\n".join(once_lines),
        "\n".join(
            [
                f"export default function ({', '.join(inputs)}) {{",
                *("  " + line for text in main_lines for line in text.split("\n")),
                "}",
            ]
        ),
    ]
    return "\n\n".join(section for section in sections if section) + "\n"
