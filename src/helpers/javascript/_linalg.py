"""Rules for linear algebra on small matrices: each calls a runtime function on whole arrays."""

from math import prod

from helpers.javascript._block import Block
from helpers.javascript._errors import unsupported
from helpers.javascript._lower import rule
from helpers.javascript._nodes import Node, Read


def place(block: Block, node: Node) -> str:
    """``buffer, start`` of a value that has been brought into memory."""
    read = block.in_memory(node)
    return f"{read.buffer.name}, {block.position(read)}"


def call(block: Block, eqn, helper: str, results: list[Read], *rest) -> list[Read]:
    """Write the call of a runtime function: result buffers, operands and sizes."""
    block.program.helpers.add(helper)
    if all(result.size for result in results):
        words = [*(result.buffer.name for result in results), *(javascript(part) for part in rest)]
        block.lines.append(f"{helper}({', '.join(words)});")
    return results


def javascript(part) -> str:
    return {True: "true", False: "false"}[part] if isinstance(part, bool) else str(part)


def results_of(block: Block, eqn) -> list[Read]:
    return [block.scratch(var.shape, var.dtype) for var in eqn.outputs]


@rule("cholesky")
def cholesky(block, eqn, a):
    operand = place(block, a)
    return call(block, eqn, "cholesky", results_of(block, eqn), operand, prod(a.shape[:-2]), a.shape[-1])


@rule("lu")
def lu(block, eqn, a):
    *batch, m, n = a.shape
    operand = place(block, a)
    return call(block, eqn, "luDecomposition", results_of(block, eqn), operand, prod(batch), m, n)


@rule("lu_pivots_to_permutation")
def lu_pivots_to_permutation(block, eqn, pivots):
    *batch, k = pivots.shape
    operand = place(block, pivots)
    size = eqn.params["permutation_size"]
    return call(block, eqn, "pivotsToPermutation", results_of(block, eqn), operand, prod(batch), k, size)


@rule("triangular_solve")
def triangular_solve(block, eqn, a, b):
    """T x = b; from the right, x T = b is Tᵀ xᵀ = bᵀ, so its rows are solved as columns."""
    lower, transposed = bool(eqn.params["lower"]), bool(eqn.params["transpose_a"])
    unit, left = bool(eqn.params["unit_diagonal"]), bool(eqn.params["left_side"])
    *batch, rows, columns = b.shape
    n = a.shape[-1]
    matrix = place(block, a)
    if left:
        operands = (matrix, place(block, b), prod(batch), n, columns, lower, transposed, unit)
        return call(block, eqn, "triangularSolve", results_of(block, eqn), *operands)
    swapped = place(block, swap_last(b))
    result = block.scratch((*batch, columns, rows), b.dtype)
    operands = (matrix, swapped, prod(batch), n, rows, lower, not transposed, unit)
    call(block, eqn, "triangularSolve", [result], *operands)
    return [swap_last(result)]


def swap_last(node: Node) -> Node:
    from helpers.javascript._nodes import view

    shape = (*node.shape[:-2], node.shape[-1], node.shape[-2])
    return view(node, shape, lambda offset, strides: (offset, (*strides[:-2], strides[-1], strides[-2])))


@rule("qr")
def qr(block, eqn, a):
    if eqn.params.get("pivoting"):
        raise unsupported(eqn, "with pivoting")
    *batch, m, n = a.shape
    operand = place(block, a)
    full = bool(eqn.params["full_matrices"])
    return call(block, eqn, "qrDecomposition", results_of(block, eqn), operand, prod(batch), m, n, full)


@rule("householder_product")
def householder_product(block, eqn, a, taus):
    *batch, m, n = a.shape
    operands = (place(block, a), place(block, taus), prod(batch), m, n, taus.shape[-1])
    return call(block, eqn, "householderProduct", results_of(block, eqn), *operands)


@rule("eigh")
def eigh(block, eqn, a):
    if eqn.params.get("subset_by_index") not in (None, (0, a.shape[-1])):
        raise unsupported(eqn, "of a subset of the eigenvalues")
    operand = place(block, a)
    lower = bool(eqn.params.get("lower", True))
    sizes = (prod(a.shape[:-2]), a.shape[-1], lower)
    return call(block, eqn, "symmetricEigen", results_of(block, eqn), operand, *sizes)


@rule("svd")
def svd(block, eqn, a):
    if eqn.params.get("subset_by_index") not in (None, (0, min(a.shape[-2:]))):
        raise unsupported(eqn, "of a subset of the singular values")
    *batch, m, n = a.shape
    operand = place(block, a)
    results = results_of(block, eqn)
    missing = [] if len(results) == 3 else ["null", "null"]
    full = bool(eqn.params["full_matrices"]) and len(results) == 3
    return call(block, eqn, "singularValues", results, *missing, operand, prod(batch), m, n, full)


@rule("tridiagonal_solve")
def tridiagonal_solve(block, eqn, lower, diagonal, upper, b):
    *batch, n, m = b.shape
    operands = [place(block, node) for node in (lower, diagonal, upper, b)]
    return call(block, eqn, "tridiagonalSolve", results_of(block, eqn), *operands, prod(batch), n, m)
