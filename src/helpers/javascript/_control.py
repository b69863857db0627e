"""Rules for control flow: scan, while, cond become JavaScript's own loops and branches.

A loop's carry lives in buffers (or, for single numbers, in variables) that each iteration overwrites in place. Whatever
does not depend on the carry is computed before the loop.
"""

from collections.abc import Sequence

from helpers.javascript import _types as types
from helpers.javascript._block import Block
from helpers.javascript._flatten import Atom, Equation, Procedure, flatten, split_invariant
from helpers.javascript._lower import entered, new_frame, read, rule, run
from helpers.javascript._nodes import Affine, Buffer, Gather, Node, Read, Scalar, children, resolve, whole

Place = Read | Scalar  # where a result goes: a part of a buffer, or a variable


def reserve(block: Block, shape, dtype, initial: Node | None = None) -> Place:
    """A place that a loop or branch writes to: a variable for a single number, a buffer otherwise."""
    if initial is not None and initial.size == 1:
        return block.declare(block.text(resolve(initial)), shape, dtype, "let")
    if initial is None:
        if all(n == 1 for n in shape):
            return block.declare("0" if not types.is_uint64(dtype) else "0n", shape, dtype, "let")
        return block.scratch(shape, dtype)
    place = resolve(initial)
    is_ours = isinstance(place, Read) and place.is_whole and block.may_overwrite(place.buffer)
    if is_ours and isinstance(place, Read) and not block.is_live(place.buffer):
        return whole(place.buffer, tuple(shape))
    target = block.scratch(shape, dtype)
    block.store(initial, target)
    return target


def write_results(block: Block, results: Sequence[tuple[Node, Place]]) -> None:
    """Write all results as if at once: nothing is overwritten while another result still reads its old value."""
    moving = {place.text for _, place in results if isinstance(place, Scalar)}
    scalars = [(scalar_value(block, node, moving), place) for node, place in results if isinstance(place, Scalar)]
    pending = [(resolve(node), place) for node, place in results if isinstance(place, Read)]
    while pending:
        index = next((k for k in ready_order(pending) if is_ready(pending, k)), None)
        if index is None:  # a cycle, such as two arrays that change places
            node, place = pending[0]
            copy = block.scratch(node.shape, node.dtype)
            with block.holding(*(node for node, _ in pending)):
                block.store(node, copy)
            pending[0] = (copy, place)
            continue
        node, place = pending.pop(index)
        with block.holding(*(other for other, _ in pending)):
            if not (isinstance(node, Read) and node.is_whole and node.buffer is place.buffer):
                block.store(node, place)
                if not isinstance(node, Read | Scalar):
                    node.stored = place
        pending = [(resolve(other), target) for other, target in pending]
    for value, variable in scalars:
        block.lines.append(f"{variable.text} = {value.text};")


def scalar_value(block: Block, node: Node, moving: set[str]) -> Scalar:
    """The value as it is before any of the variables in ``moving`` change."""
    value = block.scalar(node)
    return block.declare(value.text, value.shape, value.dtype) if value.text in moving else value


def ready_order(pending: Sequence[tuple[Node, Place]]) -> list[int]:
    """Parts of other results first: those then load them instead of computing them again."""
    below = [reach(node, None) for node, _ in pending]

    def readers(k: int) -> int:
        return sum(id(pending[k][0]) in nodes for j, nodes in enumerate(below) if j != k)

    return sorted(range(len(pending)), key=lambda k: -readers(k))


def reach(node: Node, stop: Node | None) -> dict[int, Node]:
    """The nodes below a node, not looking below ``stop``."""
    found: dict[int, Node] = {}
    stack = [resolve(node)]
    while stack:
        part = stack.pop()
        if id(part) not in found and part is not stop:
            found[id(part)] = part
            stack.extend(children(part))
    return found


def is_ready(pending: Sequence[tuple[Node, Read]], k: int) -> bool:
    """Whether a result's place may be overwritten now."""
    node, place = pending[k]
    for j, (other, _) in enumerate(pending):
        if j != k and reads(reach(other, node), place.buffer):
            return False
    return all(
        part.strides == place.strides and part.offset == place.offset
        for part in reach(node, None).values()
        if isinstance(part, Read) and part.buffer is place.buffer
    ) and not any(isinstance(part, Gather) and part.buffer is place.buffer for part in reach(node, None).values())


def reads(nodes: dict[int, Node], buffer: Buffer) -> bool:
    return any(getattr(part, "buffer", None) is buffer for part in nodes.values())


def lend(block: Block, places: Sequence[Place], inner: Block) -> None:
    """Let an inner block overwrite these places."""
    for place in places:
        if isinstance(place, Read):
            place.buffer.owner = inner
            inner.pinned.add(place.buffer)


def take_back(block: Block, places: Sequence[Place]) -> None:
    for place in places:
        if isinstance(place, Read):
            place.buffer.owner = block


def nested(block: Block, procedure_frame, equations: list[Equation], outputs: Sequence[Atom], targets) -> list[str]:
    """The lines of an inner block that runs the equations and writes the results to their places."""
    inner = Block(block.program, block)
    lend(block, [place for place in targets if place is not None], inner)
    hints = {
        id(atom): place.buffer
        for atom, place in zip(outputs, targets, strict=True)
        if isinstance(place, Read) and place.is_whole
    }
    with entered(inner, procedure_frame):
        run(inner, procedure_frame, equations, hints)
        results = [(read(inner, procedure_frame, atom), place) for atom, place in zip(outputs, targets, strict=True)]
        procedure_frame.values.clear()
        inner.eqn = None
        with inner.holding(*(node for node, _ in results)):
            inner.flush()
        write_results(inner, results)
    take_back(block, [place for place in targets if place is not None])
    inner.collect()
    return inner.lines


def hoist(block: Block, procedure: Procedure, constants: Sequence[tuple[Atom, Node]], varying: Sequence[Atom]):
    """Compute what does not change from iteration to iteration; returns (outer frame, frame and equations inside)."""
    fixed, rest = split_invariant(procedure, varying)
    inside = new_frame(rest, procedure.outputs)
    outer = new_frame(fixed, [])
    for equation in rest:
        outer.remaining.update(id(atom) for atom in equation.inputs)
    outer.remaining.update(id(atom) for atom in procedure.outputs)
    for atom, value in constants:
        if outer.remaining[id(atom)]:
            outer.values[id(atom)] = value
    return outer, inside, fixed, rest


def settle_into(block: Block, outer, inside) -> None:
    """Hand the values computed outside to the loop, in a form that is cheap to read each time."""
    for key, value in list(outer.values.items()):
        if inside.remaining[key]:
            outer.values[key] = inside.values[key] = block.settle(value)
            inside.remaining[key] += 1  # it outlives every iteration


def indented(lines: Sequence[str]) -> list[str]:
    return ["  " + line for text in lines for line in text.split("\n")]


@rule("scan")
def scan(block, eqn, *args):
    procedure, length = flatten(eqn.params["jaxpr"], eqn.line), eqn.params["length"]
    # The numbers of constants and carries are parameters whose form changes between JAX versions; the shapes tell.
    is_state = [out.shape == atom.shape for out, atom in zip(eqn.outputs, procedure.outputs, strict=True)]
    num_carry = sum(is_state)
    num_xs = sum(arg.shape != var.shape for arg, var in zip(args, procedure.inputs, strict=True))
    first = len(args) - num_xs - num_carry
    constants = list(zip(procedure.inputs[:first], args[:first], strict=True))
    carry_vars, x_vars = procedure.inputs[first : first + num_carry], procedure.inputs[first + num_carry :]
    carry, xs = args[first : first + num_carry], args[first + num_carry :]

    outer, inside, fixed, rest = hoist(block, procedure, constants, carry_vars + x_vars)
    with entered(block, outer), block.holding(*carry, *xs):
        run(block, outer, fixed)
        block.eqn = eqn
        settle_into(block, outer, inside)
        stacks = [block.settle(x) for x in xs]
        block.held += stacks
        places = claim_carry(block, eqn, carry)
        ys = [block.scratch(var.shape, var.dtype) for var in eqn.outputs[num_carry:]]
        block.held += [*places, *ys]
        step = block.program.name("step")
        inside.values.update((id(var), place) for var, place in zip(carry_vars, places, strict=True))
        inside.values.update((id(var), at_step(x, step, var.shape)) for var, x in zip(x_vars, stacks, strict=True))
        targets = [*places, *(at_step(y, step, y.shape[1:]) for y in ys)]
        lines = nested(block, inside, rest, procedure.outputs, targets) if length else []
    reverse = eqn.params["reverse"]
    header = (
        f"let {step} = {length - 1}; {step} >= 0; {step}--"
        if reverse
        else f"let {step} = 0; {step} < {length}; {step}++"
    )
    if length:
        block.lines.extend([f"for ({header}) {{", *indented(lines), "}"])
    return [*places, *ys]


def claim_carry(block: Block, eqn, carry: Sequence[Node]) -> list[Place]:
    """Places for the carry, with its first values in them."""
    places: list[Place] = []
    for k, node in enumerate(carry):
        # The same value may start two carries: only one of them can take over its buffer.
        held = block.held
        block.held = [h for h in held if h is not node] + list(carry[k + 1 :]) + list(places)
        places.append(reserve(block, node.shape, node.dtype, node))
        block.held = held
    return places


def at_step(stack: Node, step: str, shape) -> Node:
    """One iteration's element of a stacked value."""
    from helpers.javascript._nodes import view

    def move(offset: Affine, strides):
        return (offset.plus(0, ((step, strides[0]),)) if strides[0] else offset), strides[1:]

    return view(stack, tuple(shape), move)


@rule("while")
def while_(block, eqn, *args):
    condition, body = flatten(eqn.params["cond_jaxpr"], eqn.line), flatten(eqn.params["body_jaxpr"], eqn.line)
    n_condition, n_body = constant_counts(eqn, args)
    carry = args[n_condition + n_body :]
    outer_c, inside_c, fixed_c, rest_c = hoist(
        block, condition, list(zip(condition.inputs, args[:n_condition], strict=False)), condition.inputs[n_condition:]
    )
    outer_b, inside_b, fixed_b, rest_b = hoist(
        block,
        body,
        list(zip(body.inputs, args[n_condition : n_condition + n_body], strict=False)),
        body.inputs[n_body:],
    )
    with entered(block, outer_c), entered(block, outer_b), block.holding(*carry):
        for outer, inside, fixed in ((outer_c, inside_c, fixed_c), (outer_b, inside_b, fixed_b)):
            run(block, outer, fixed)
            block.eqn = eqn
            settle_into(block, outer, inside)
        places = claim_carry(block, eqn, carry)
        block.held += places
        inside_c.values.update((id(v), p) for v, p in zip(condition.inputs[n_condition:], places, strict=True))
        inside_b.values.update((id(v), p) for v, p in zip(body.inputs[n_body:], places, strict=True))
        test = Block(block.program, block)
        with entered(test, inside_c):
            run(test, inside_c, rest_c)
            proceed = test.text(read(test, inside_c, condition.outputs[0]))
            inside_c.values.clear()
        test.collect()
        lines = nested(block, inside_b, rest_b, body.outputs, places)
    inside = [*test.lines, f"if (!({proceed})) break;", *lines]
    block.lines.extend(["while (true) {", *indented(inside), "}"])
    return places


def constant_counts(eqn, args) -> tuple[int, int]:
    """How many key-expanded operands belong to the condition and to the body."""
    source = eqn.source
    widths = [2 if types.is_key(var.aval.dtype) else 1 for var in source.invars]
    n_condition, n_body = eqn.params["cond_nconsts"], eqn.params["body_nconsts"]
    return sum(widths[:n_condition]), sum(widths[n_condition : n_condition + n_body])


@rule("cond")
def cond(block, eqn, index, *args):
    branches = [flatten(branch, eqn.line) for branch in eqn.params["branches"]]
    with block.holding(*args):
        chosen = block.text(index)
        settled = [block.settle(arg) for arg in args]
        block.held += settled
        places = [reserve(block, var.shape, var.dtype) for var in eqn.outputs]
        block.held += places
        bodies = []
        for branch in branches:
            frame = new_frame(branch.equations, branch.outputs)
            for var, value in zip(branch.inputs, settled, strict=True):
                frame.values[id(var)] = value
                frame.remaining[id(var)] += 1
            bodies.append(nested(block, frame, branch.equations, branch.outputs, places))
    last = len(branches) - 1
    name = block.declare(chosen, (), index.dtype).text if last > 1 else f"({chosen})"
    for number, lines in enumerate(bodies):
        if number == last:
            test = "{" if last == 0 else "} else {"
        elif last == 1:
            test = f"if ({name} < 1) {{"
        else:
            test = f"{'} else ' if number else ''}if ({name} {'<=' if number == 0 else '==='} {number}) {{"
        block.lines.extend([test, *indented(lines)])
    block.lines.append("}")
    return places
