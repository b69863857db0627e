"""What `helpers.training` says when a run stops being finite."""

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Bool, PyTree


class TrainingDiverged(ArithmeticError):
    """The loss or the parameters stopped being finite.

    ``step`` is the first step with such a loss, ``last_finite_loss`` the one before (None if there was none), and
    ``members`` the indices of all members that had diverged when it was noticed (empty in a single run).
    """

    def __init__(self, message: str, *, step: int, last_finite_loss: float | None, members: tuple[int, ...] = ()):
        super().__init__(message)
        self.step, self.last_finite_loss, self.members = step, last_finite_loss, members


def all_finite(params: PyTree) -> Bool[Array, ""]:
    """Whether every number among the parameters of one member is finite."""
    return jnp.stack([jnp.isfinite(leaf).all() for leaf in jax.tree.leaves(params)]).all()


def raise_if_diverged(
    losses: list[Array] | list[np.ndarray], finite_params: Array | np.ndarray | None, steps: int, *, members: bool
) -> None:
    """Looks at the newest losses, and after the last step at the parameters (`finite_params` is None before)."""
    newest = np.atleast_2d(losses[-1])
    columns = [] if finite_params is None else [np.reshape(finite_params, (len(newest), 1))]
    good = np.column_stack([np.isfinite(newest), *columns])
    if good.all():
        return
    history = np.concatenate([np.atleast_2d(piece) for piece in losses], axis=1)
    bad = np.flatnonzero(~good.all(1)).tolist()
    first = min(bad, key=lambda member: np.argmin(good[member]))
    step = min(history.shape[1] - newest.shape[1] + int(np.argmin(good[first])), steps)
    before = float(history[first, step - 1]) if step else None
    what = f"the loss became {history[first, step]}" if step < history.shape[1] else "the parameters became nan or inf"
    message = f"{what} at step {step} of {steps}"
    if members:
        message = (
            f"{len(bad)} of {len(newest)} members diverged ({', '.join(map(str, bad))}): in member {first} {message}"
        )
    remedy = "turn down the learning rate, or the scale of the inputs"
    message += f" (the last finite one was {before:.4g}); {remedy}" if step else "; look at the data and initial params"
    raise TrainingDiverged(message, step=step, last_finite_loss=before, members=tuple(bad) if members else ())
