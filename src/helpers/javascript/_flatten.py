"""From a jaxpr to a flat list of equations: calls inlined, PRNG keys split in their two words, dead code dropped.

JAX's jaxprs nest (``jit``, ``custom_jvp``, ``checkpoint``, …) and the same inner jaxpr may occur many times. Here every
call is written out with fresh variables, trivial equations disappear, and equal equations are computed once, so that
what follows sees one straight list per loop body.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import jax
import numpy as np
from jax.extend import core

from helpers.javascript import _types as types
from helpers.javascript._errors import unsupported, user_line

# Primitives that only call another jaxpr, and the parameter that holds it.
CALLS = {
    "jit": "jaxpr",
    "pjit": "jaxpr",
    "closed_call": "call_jaxpr",
    "core_call": "call_jaxpr",
    "call": "call_jaxpr",
    "remat": "jaxpr",
    "remat2": "jaxpr",
    "checkpoint": "jaxpr",
    "custom_jvp_call": "call_jaxpr",
    "custom_vjp_call": "call_jaxpr",
    "custom_vjp_call_jaxpr": "fun_jaxpr",
    "custom_lin": "call_jaxpr",
}
# Primitives that return their operands unchanged.
IDENTITIES = {"copy", "copy_p", "stop_gradient", "sharding_constraint", "optimization_barrier", "name", "device_put"}
LOOPS = {"scan", "while", "cond"}
KEY_PRIMITIVES = {"random_bits", "random_split", "random_fold_in", "random_seed", "random_wrap", "random_unwrap"}


@dataclass(eq=False)
class Variable:
    shape: tuple[int, ...]
    dtype: np.dtype


@dataclass(eq=False)
class Constant:
    """A literal or an array that the function closes over."""

    value: np.ndarray

    @property
    def shape(self):
        return self.value.shape

    @property
    def dtype(self):
        return self.value.dtype


Atom = Variable | Constant


@dataclass(eq=False)
class Equation:
    name: str
    inputs: list[Atom]
    outputs: list[Variable]
    params: dict[str, Any]
    source: Any  # the jaxpr's own equation
    line: str  # the user's, for error messages


@dataclass
class Procedure:
    inputs: list[Variable]
    equations: list[Equation]
    outputs: list[Atom]


@dataclass
class _Flattener:
    equations: list[Equation] = field(default_factory=list)
    known: dict = field(default_factory=dict)
    line: str = ""

    def inline(self, jaxpr, constants: Sequence[tuple[Atom, ...]], args: Sequence[tuple[Atom, ...]]) -> list:
        """Write the equations of a jaxpr out; returns the atoms of its results."""
        env: dict[Any, tuple[Atom, ...]] = dict(zip(jaxpr.constvars, constants, strict=True))
        env.update(zip(jaxpr.invars, args, strict=True))

        def read(atom) -> tuple[Atom, ...]:
            if isinstance(atom, core.Literal):
                return constant_atoms(np.asarray(atom.val, atom.aval.dtype))  # type: ignore[attr-defined]
            return env[atom]

        caller = self.line
        for eqn in jaxpr.eqns:
            self.line = user_line(eqn) or caller  # inside JAX's own functions, the line that called them
            outputs = self.equation(eqn, [read(atom) for atom in eqn.invars])
            self.line = caller
            env.update(zip(eqn.outvars, outputs, strict=True))
        return [read(atom) for atom in jaxpr.outvars]

    def equation(self, eqn, args: list[tuple[Atom, ...]]) -> list[tuple[Atom, ...]]:
        name = eqn.primitive.name
        if name in CALLS:
            inner = eqn.params[CALLS[name]]
            constants = [constant_atoms(value) for value in getattr(inner, "consts", ())]
            return self.inline(getattr(inner, "jaxpr", inner), constants, args)
        if name == "custom_linear_solve":
            return self.linear_solve(eqn, args)
        if name == "call_hi_primitive":
            closed = expansion(eqn, self.line)
            return self.inline(closed.jaxpr, [constant_atoms(value) for value in closed.consts], args)
        if name == "platform_index":
            return [(Constant(np.asarray(platform_number(eqn.params["platforms"]), np.int32)),)]
        if name == "cond" and isinstance(args[0][0], Constant):
            branches = eqn.params["branches"]
            chosen = branches[min(max(int(args[0][0].value), 0), len(branches) - 1)]
            return self.inline(chosen.jaxpr, [constant_atoms(value) for value in chosen.consts], args[1:])
        for var in eqn.outvars:
            check_type(eqn, var.aval, self.line)
        if name in IDENTITIES:
            return args
        if name == "convert_element_type" and args[0][0].dtype == eqn.outvars[0].aval.dtype:
            return args
        has_keys = any(types.is_key(var.aval.dtype) for var in [*eqn.invars, *eqn.outvars])
        if name in LOOPS or not has_keys or name in KEY_PRIMITIVES:
            flat = [atom for atoms in args for atom in atoms]
            outputs = [new_variables(var.aval) for var in eqn.outvars]
            made = self.append(name, flat, [v for atoms in outputs for v in atoms], eqn.params, eqn)
            return regroup(made, outputs)
        # A shape operation on typed keys: the same for each of their two words.
        words = []
        for word in range(2):
            inputs = [atoms[word] if len(atoms) == 2 else atoms[0] for atoms in args]
            outputs_of_word = [Variable(var.aval.shape, np.dtype("uint32")) for var in eqn.outvars]
            words.append(self.append(name, inputs, outputs_of_word, eqn.params, eqn))
        return list(zip(*words, strict=True))

    def linear_solve(self, eqn, args):
        """A solve that also knows its transpose: only its ``solve`` is needed."""
        counts, solve = eqn.params["const_lengths"], eqn.params["jaxprs"].solve
        before = counts.matvec + counts.vecmat
        right_sides = args[before + counts.solve + counts.transpose_solve :]
        constants = [constant_atoms(value) for value in solve.consts]
        return self.inline(solve.jaxpr, constants, [*args[before : before + counts.solve], *right_sides])

    def append(self, name, inputs, outputs, params, eqn) -> list[Atom]:
        """Add an equation, unless an equal one is there or its result can be seen at once."""
        folded = fold(name, inputs, outputs, params)
        if folded is not None:
            return [Constant(folded)]
        key = (name, tuple(atom_key(atom) for atom in inputs), params_key(params))
        if None not in key:
            if key in self.known:
                return self.known[key]
            self.known[key] = outputs
        self.equations.append(Equation(name, inputs, outputs, params, eqn, self.line))
        return outputs


def expansion(eqn, line: str):
    """The jaxpr of a "high-level" primitive (JAX 0.12 on), which knows its own expansion into ordinary ones."""
    primitive = next((value for value in eqn.params.values() if hasattr(value, "expand")), None)
    if primitive is None:
        raise unsupported(eqn, line=line)

    def expand(*flat):
        args = jax.tree.unflatten(primitive.in_tree, flat)
        return jax.tree.leaves(primitive.expand(*args))

    return jax.make_jaxpr(expand)(*(jax.ShapeDtypeStruct(var.aval.shape, var.aval.dtype) for var in eqn.invars))


def platform_number(platforms) -> int:
    """Which variant of a platform-dependent computation to take: the CPU's, or the one for all."""
    for number, names in enumerate(platforms):
        if names is None or "cpu" in names:
            return number
    return 0


def atom_key(atom: Atom):
    if isinstance(atom, Constant) and atom.value.size <= 1:
        return (atom.value.shape, atom.value.dtype.name, atom.value.tobytes())
    return id(atom)


def params_key(params: dict):
    """A hashable stand-in for an equation's parameters, or None where there is none (inner jaxprs)."""
    items = tuple(sorted((k, v) for k, v in params.items() if k not in ("sharding", "out_sharding")))
    if any(hasattr(v, "eqns") or hasattr(v, "jaxpr") for _, v in items) or "branches" in params:
        return None
    try:
        hash(items)
    except TypeError:
        return None
    return items


FOLDABLE: dict[str, Callable] = {
    "add": np.add,
    "sub": np.subtract,
    "mul": np.multiply,
    "lt": np.less,
    "le": np.less_equal,
    "gt": np.greater,
    "ge": np.greater_equal,
    "eq": np.equal,
    "ne": np.not_equal,
    "max": np.maximum,
    "min": np.minimum,
    "and": np.bitwise_and,
    "or": np.bitwise_or,
    "select_n": lambda which, *cases: cases[int(which)],
    "convert_element_type": lambda x: x,
}


def fold(name: str, inputs: list[Atom], outputs: list[Variable], params: dict) -> np.ndarray | None:
    """The value of integer and boolean scalar arithmetic on literals (JAX writes much of it for indices)."""
    if name not in FOLDABLE or not inputs or outputs[0].shape != ():
        return None
    values = [atom.value for atom in inputs if isinstance(atom, Constant)]
    if len(values) < len(inputs) or any(
        dtype.kind not in "biu" for dtype in (outputs[0].dtype, *(value.dtype for value in values))
    ):
        return None
    with np.errstate(all="ignore"):
        return np.asarray(FOLDABLE[name](*values)).astype(outputs[0].dtype)


def check_type(eqn, aval, line: str) -> None:
    if not hasattr(aval, "dtype") or not types.is_supported(aval.dtype):
        raise unsupported(eqn, f"its result has the type {aval}, which has no JavaScript form", line)


def constant_atoms(value) -> tuple[Atom, ...]:
    if types.is_key(getattr(value, "dtype", np.dtype("float32"))):
        data = np.asarray(jax.random.key_data(value))
        return (Constant(data[..., 0]), Constant(data[..., 1]))
    return (Constant(np.asarray(value)),)


def new_variables(aval) -> tuple[Variable, ...]:
    if types.is_key(aval.dtype):
        return (Variable(aval.shape, np.dtype("uint32")), Variable(aval.shape, np.dtype("uint32")))
    return (Variable(aval.shape, np.dtype(aval.dtype)),)


def regroup(flat: Sequence, like: Sequence[Sequence]) -> list[tuple]:
    groups, position = [], 0
    for group in like:
        groups.append(tuple(flat[position : position + len(group)]))
        position += len(group)
    return groups


def flatten(closed, line: str = "") -> Procedure:
    """The procedure of a closed jaxpr, without the equations nobody needs."""
    jaxpr = getattr(closed, "jaxpr", closed)
    inputs = [new_variables(var.aval) for var in jaxpr.invars]
    constants = [constant_atoms(value) for value in getattr(closed, "consts", ())]
    flattener = _Flattener(line=line)
    outputs = [atom for atoms in flattener.inline(jaxpr, constants, inputs) for atom in atoms]
    return Procedure([v for group in inputs for v in group], needed(flattener.equations, outputs), outputs)


def needed(equations: list[Equation], outputs: Sequence[Atom]) -> list[Equation]:
    """The equations that the outputs depend on."""
    wanted = {id(atom) for atom in outputs}
    kept = []
    for equation in reversed(equations):
        if any(id(output) in wanted for output in equation.outputs):
            wanted |= {id(atom) for atom in equation.inputs}
            kept.append(equation)
    return kept[::-1]


def split_invariant(procedure: Procedure, varying: Sequence[Atom]) -> tuple[list[Equation], list[Equation]]:
    """The equations that depend on none of the varying inputs, and the others."""
    moving = {id(atom) for atom in varying}
    fixed, rest = [], []
    for equation in procedure.equations:
        if any(id(atom) in moving for atom in equation.inputs):
            moving |= {id(output) for output in equation.outputs}
            rest.append(equation)
        else:
            fixed.append(equation)
    return fixed, rest
