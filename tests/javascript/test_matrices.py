"""Linear algebra on stacks of matrices, and every form of each decomposition, against numpy one by one.

Not against JAX: on few cores its compiled stacks of decompositions can wait for each other for ever.
"""

from __future__ import annotations

import numpy as np
import pytest
from jax import lax

from helpers.javascript import UnsupportedPrimitive, to_javascript

DRAW = np.random.default_rng(5)
STACK = (2, 3)
SQUARE = DRAW.normal(size=(*STACK, 4, 4)).astype(np.float32)
TALL = DRAW.normal(size=(*STACK, 5, 3)).astype(np.float32)
SYMMETRIC = SQUARE + SQUARE.swapaxes(-1, -2)
POSITIVE = (SQUARE @ SQUARE.swapaxes(-1, -2) + np.eye(4)).astype(np.float32)
LOWER = (np.tril(SQUARE, -1) + 3 * np.eye(4)).astype(np.float32)


def run(engine, function, *arguments):
    """The results of the compiled module, in their shapes."""
    ((*results,),) = engine.run([(to_javascript(function, *arguments), arguments)])
    return [np.asarray(result) for result in results]


def close(found, expected) -> None:
    np.testing.assert_allclose(found.reshape(np.shape(expected)), expected, atol=2e-4)


def transposed(x):
    return np.swapaxes(x, -1, -2)


def test_cholesky(engine):
    (found,) = run(engine, lax.linalg.cholesky, POSITIVE)
    close(found, np.linalg.cholesky(POSITIVE.astype(float)))


def test_eigh(engine):
    vectors, values = run(engine, lambda a: lax.linalg.eigh(a, subset_by_index=(0, 4)), SYMMETRIC)
    vectors, values = vectors.reshape(*STACK, 4, 4), values.reshape(*STACK, 4)
    close(values, np.linalg.eigvalsh(SYMMETRIC.astype(float)))
    close(vectors * values[..., None, :] @ transposed(vectors), SYMMETRIC)
    with pytest.raises(UnsupportedPrimitive, match="a subset of the eigenvalues"):
        to_javascript(lambda a: lax.linalg.eigh(a, subset_by_index=(0, 2)), SYMMETRIC)
    with pytest.raises(UnsupportedPrimitive, match="a subset of the eigenvalues"):
        to_javascript(lambda a: lax.linalg.eigh(a, subset_by_index=(1, 4)), SYMMETRIC)


@pytest.mark.parametrize("left", [True, False])
@pytest.mark.parametrize("transpose", [True, False])
@pytest.mark.parametrize("unit", [True, False])
def test_triangular_solve(engine, left, transpose, unit):
    matrix = np.where(np.eye(4) > 0, 1, LOWER) if unit else LOWER
    matrix = transposed(matrix) if transpose else matrix
    right_side = TALL[..., :4, :] if left else transposed(TALL[..., :4, :])
    options = {"left_side": left, "lower": True, "transpose_a": transpose, "unit_diagonal": unit}
    (found,) = run(engine, lambda a, b: lax.linalg.triangular_solve(a, b, **options), LOWER, right_side.copy())
    found = found.reshape(right_side.shape)
    close(matrix @ found if left else found @ matrix, right_side)


def test_lu(engine):
    packed, pivots, order = run(engine, lax.linalg.lu, TALL)
    packed, order = packed.reshape(TALL.shape), order.reshape(*STACK, 5).astype(int)
    lower = np.tril(packed, -1) + np.eye(5, 3)
    close(lower @ np.triu(packed)[..., :3, :], np.take_along_axis(TALL, order[..., None], axis=-2))
    assert pivots.size == 2 * 3 * 3


@pytest.mark.parametrize("full", [True, False])
@pytest.mark.parametrize("matrices", [TALL, transposed(TALL).copy()], ids=["tall", "wide"])
def test_qr(engine, full, matrices):
    rows, columns = matrices.shape[-2:]
    width = rows if full else min(rows, columns)
    q, r = run(engine, lambda a: lax.linalg.qr(a, full_matrices=full), matrices)
    q, r = q.reshape(*STACK, rows, width), r.reshape(*STACK, width, columns)
    close(q @ r, matrices)
    close(transposed(q) @ q, np.broadcast_to(np.eye(width), (*STACK, width, width)))
    close(np.tril(r, -1), np.zeros_like(r))


@pytest.mark.parametrize("reflections", [1, 2, 3])  # up to one for each column
def test_householder_product(engine, reflections):
    taus = np.random.default_rng(reflections).uniform(0.5, 1, size=(*STACK, reflections)).astype(np.float32)
    expected = np.empty_like(TALL)
    for place in np.ndindex(STACK):
        product = np.eye(5)
        for k, tau in enumerate(taus[place]):
            v = np.concatenate([np.zeros(k), [1], TALL[place][k + 1 :, k]])
            product = product @ (np.eye(5) - tau * np.outer(v, v))
        expected[place] = product[:, :3]
    (found,) = run(engine, lax.linalg.householder_product, TALL, taus)
    close(found, expected)


@pytest.mark.parametrize("full", [True, False])
@pytest.mark.parametrize("matrices", [TALL, transposed(TALL).copy()], ids=["tall", "wide"])
def test_svd(engine, full, matrices):
    rows, columns = matrices.shape[-2:]
    u_width, v_width = (rows, columns) if full else (3, 3)
    u, values, vt = run(engine, lambda a: lax.linalg.svd(a, full_matrices=full), matrices)
    u, vt = u.reshape(*STACK, rows, u_width), vt.reshape(*STACK, v_width, columns)
    values = values.reshape(*STACK, 3)
    close(values, np.linalg.svd(matrices.astype(float), compute_uv=False))
    close(u[..., :3] * values[..., None, :] @ vt[..., :3, :], matrices)
    close(transposed(u) @ u, np.broadcast_to(np.eye(u_width), (*STACK, u_width, u_width)))
    close(vt @ transposed(vt), np.broadcast_to(np.eye(v_width), (*STACK, v_width, v_width)))
    (alone,) = run(engine, lambda a: lax.linalg.svd(a, full_matrices=full, compute_uv=False), matrices)
    close(alone, values)
    if not full:
        options = {"full_matrices": False, "compute_uv": False, "subset_by_index": (0, 3)}  # these are all
        (alone,) = run(engine, lambda a: lax.linalg.svd(a, **options), matrices)
        close(alone, values)


def test_tridiagonal_solve(engine):
    below, diagonal, above = DRAW.uniform(-1, 1, size=(3, *STACK, 4)).astype(np.float32)
    diagonal = diagonal + np.float32(4)
    below[..., 0] = above[..., -1] = 0
    right_side = TALL[..., :4, :].copy()
    (found,) = run(engine, lax.linalg.tridiagonal_solve, below, diagonal, above, right_side)
    found = found.reshape(right_side.shape)
    shifted = diagonal[..., None] * found
    shifted[..., 1:, :] += below[..., 1:, None] * found[..., :-1, :]
    shifted[..., :-1, :] += above[..., :-1, None] * found[..., 1:, :]
    close(shifted, right_side)


def test_one_matrix_alone(engine):
    matrix, right_side = LOWER[0, 0], TALL[0, 0, :4].T.copy()
    (found,) = run(
        engine, lambda a, b: lax.linalg.triangular_solve(a, b, left_side=False, lower=True), matrix, right_side
    )
    close(found.reshape(right_side.shape) @ matrix, right_side)
