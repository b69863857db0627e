"""PyTorch's side of the rows of `run.py`, as well as we can write it.

No data loader, nothing that waits for a number in the loop, all members of a sweep in one batched product, the fused
Adam, and Hessian products that keep the gradient's graph. ``VARIANTS[row]`` holds the ways that were tried; `run.py`
says which it takes, and with how many threads. They need PyTorch alone, but for the one by curvlinops.
"""

from __future__ import annotations

import itertools
import os
from collections.abc import Callable, Sequence

import numpy as np
import torch
from child import arguments, product_rate, sizes_of, tell
from rows import Sizes, steps_of
from torch import Tensor
from torch.nn import functional
from torch.optim.adam import adam

Arrays = dict[str, np.ndarray]
Run = Callable[[], Arrays]
Gradient = Callable[..., tuple[Tensor, Sequence[Tensor]]]


def tensors_in(arrays: Arrays, prefix: str = "") -> list[Tensor]:
    """Weights and biases in turn, as `jax.flatten_util.ravel_pytree` has them; batched biases get an axis to add on."""
    count = sum(name.startswith(f"{prefix}weights") for name in arrays)
    names = [f"{prefix}{name}{k}" for k in range(count) for name in ("weights", "biases")]
    found = [torch.from_numpy(arrays[name].copy()) for name in names]
    return [leaf[:, None] if leaf.ndim == 2 and found[0].ndim == 3 else leaf for leaf in found]


def outputs_of(params: Sequence[Tensor], x: Tensor, activation: Callable[[Tensor], Tensor]) -> Tensor:
    affine = torch.baddbmm if params[0].ndim == 3 else torch.addmm
    for k in range(0, len(params), 2):
        x = affine(params[k + 1], x, params[k])
        if k < len(params) - 2:
            x = activation(x)
    return x


def gradient_of(loss: Callable[..., Tensor]) -> Gradient:
    """The members' losses and the gradient of their sum, which is each member's own."""

    def gradient(params: list[Tensor], *batch: Tensor) -> tuple[Tensor, Sequence[Tensor]]:
        params = [leaf.detach().requires_grad_() for leaf in params]
        losses = loss(params, *batch)
        return losses.detach(), torch.autograd.grad(losses.sum(), params)

    return gradient


def functional_gradient_of(loss: Callable[..., Tensor]) -> Gradient:
    """The same in the form that `torch.compile` follows."""

    def total(params: list[Tensor], *batch: Tensor) -> tuple[Tensor, Tensor]:
        losses = loss(params, *batch)
        return losses.sum(), losses

    def gradient(params: list[Tensor], *batch: Tensor) -> tuple[Tensor, Sequence[Tensor]]:
        slopes, (_, losses) = torch.func.grad_and_value(total, has_aux=True)(params, *batch)
        return losses, slopes

    return gradient


class Adam:
    """Adam's numbers for a list of tensors, updated by one fused call."""

    def __init__(self, params: list[Tensor], rate: float):
        self.params, self.rate = params, rate
        self.first = [torch.zeros_like(leaf) for leaf in params]
        self.second = [torch.zeros_like(leaf) for leaf in params]
        self.steps = [torch.zeros(()) for _ in params]

    def step(self, gradient: Sequence[Tensor]) -> None:
        adam(
            self.params,
            list(gradient),
            self.first,
            self.second,
            [],
            self.steps,
            fused=True,
            amsgrad=False,
            beta1=0.9,
            beta2=0.999,
            lr=self.rate,
            weight_decay=0.0,
            eps=1e-8,
            maximize=False,
        )


def compiled_adam(params: list[Tensor], rate: float, gradient: Gradient, unroll: int) -> Callable[..., Tensor]:
    """Several steps as one compiled function, Adam included: `torch.compile` fuses what the eager code cannot."""
    first = [torch.zeros_like(leaf) for leaf in params]
    second = [torch.zeros_like(leaf) for leaf in params]
    powers = torch.ones(2)
    decay = torch.tensor([0.9, 0.999])

    def steps(
        params: list[Tensor], first: list[Tensor], second: list[Tensor], powers: Tensor, *batches: Tensor
    ) -> Tensor:
        losses = []
        for k in range(unroll):
            batch = [batch[k] for batch in batches]
            value, slopes = gradient(params, *batch)
            powers.mul_(decay)
            losses.append(value)
            scale = rate / (1 - powers[0])
            root = (1 - powers[1]).sqrt()
            for p, m, v, g in zip(params, first, second, slopes, strict=True):
                m.lerp_(g, 0.1)
                v.mul_(0.999).addcmul_(g, g, value=0.001)
                p.sub_(scale * m / (v.sqrt() / root + 1e-8))
        return torch.stack(losses)

    together = torch.compile(steps, fullgraph=True, dynamic=False)
    return lambda *batches: together(params, first, second, powers, *batches)


# --- the width sweep


def squared_losses(params: Sequence[Tensor], x: Tensor, y: Tensor) -> Tensor:
    return (outputs_of(params, x, torch.relu) - y).square().sum(-1).mean(-1)


def tested(params: list[Tensor], x: Tensor, y: Tensor, labels: Tensor) -> tuple[Tensor, Tensor]:
    with torch.no_grad():
        outputs = outputs_of(params, x.expand(len(params[0]), -1, -1), torch.relu)
        return (outputs - y).square().sum(-1).mean(-1), (outputs.argmax(-1) != labels).float().mean(-1)


def width_sweep(sizes: Sizes, arrays: Arrays, *, padded: bool = True, unroll: int = 0) -> Run:
    """The members of a group in one batched product; or, not padded, those of each width."""
    test_x, test_y = torch.from_numpy(arrays["test_inputs"]), torch.from_numpy(arrays["test_targets"])
    test_labels = test_y.argmax(-1)
    x, y = torch.from_numpy(arrays["inputs"]), torch.from_numpy(arrays["targets"])
    groups = []
    for number, widths in enumerate(sizes["widths"]):
        start = tensors_in(arrays, f"group{number}_")
        if padded:
            groups.append((start, x.repeat_interleave(len(widths), 0), y.repeat_interleave(len(widths), 0)))
            continue
        for k, width in enumerate(widths):
            w1, b1, w2, b2 = (leaf[k :: len(widths)] for leaf in start)
            cut = [w1[..., :width], b1[..., :width], w2[:, :width], b2]
            groups.append(([leaf.contiguous() for leaf in cut], x, y))
    gradient = (functional_gradient_of if unroll else gradient_of)(squared_losses)

    def trained(start: list[Tensor], x: Tensor, y: Tensor) -> tuple[Tensor, ...]:
        params = [leaf.clone() for leaf in start]
        adam, losses, looks = Adam(params, 0.01), [], [tested(params, test_x, test_y, test_labels)]
        step = compiled_adam(params, 0.01, lambda params: gradient(params, x, y), unroll) if unroll else None
        for _ in range(sizes["steps"] // sizes["every"]):
            for _ in range(sizes["every"] // max(1, unroll)):
                if step:
                    losses.append(step())
                else:
                    value, slopes = gradient(params, x, y)
                    losses.append(value[None])
                    adam.step(slopes)
            looks.append(tested(params, test_x, test_y, test_labels))
        return torch.cat(losses).T, *(torch.stack(look, 1) for look in zip(*looks, strict=True))

    def run() -> Arrays:
        parts = [trained(*group) for group in groups]
        if not padded:  # each width's runs, put where the padded groups have them
            ends = [0, *itertools.accumulate(len(widths) for widths in sizes["widths"])]
            parts = [
                [torch.stack(piece, 1).flatten(0, 1) for piece in zip(*parts[a:b], strict=True)]
                for a, b in itertools.pairwise(ends)
            ]
        names = ("losses", "test_loss", "test_error")
        return {name: torch.cat(pieces).numpy() for name, pieces in zip(names, zip(*parts, strict=True), strict=True)}

    return run


# --- true labels against random ones


def cross_entropies(params: Sequence[Tensor], x: Tensor, labels: Tensor) -> Tensor:
    outputs = outputs_of(params, x, torch.relu)
    if outputs.ndim == 2:
        return functional.cross_entropy(outputs, labels)
    return functional.cross_entropy(outputs.flatten(0, 1), labels.flatten(), reduction="none").view_as(labels).mean(-1)


def random_labels(sizes: Sizes, arrays: Arrays, *, together: bool = True, unroll: int = 0) -> Run:
    """The trainings in one batched product, or one after the other in plain ones."""
    x, labels = torch.from_numpy(arrays["inputs"]), torch.from_numpy(arrays["labels"]).long()
    batches = torch.from_numpy(arrays["batches"]).long()
    gradient = (functional_gradient_of if unroll else gradient_of)(cross_entropies)
    start, steps = tensors_in(arrays), steps_of(sizes)

    def trained(params: list[Tensor], labels: Tensor, batches: Tensor) -> tuple[Tensor, Tensor]:
        adam, losses = Adam(params, 1e-3), []
        inputs, wanted = x[batches], labels[batches] if labels.ndim == 1 else labels.gather(1, batches.flatten(1))
        wanted = wanted.view(batches.shape)
        if batches.ndim == 3:
            inputs, wanted = inputs.transpose(0, 1).contiguous(), wanted.transpose(0, 1).contiguous()
        if unroll:
            step = compiled_adam(params, 1e-3, gradient, unroll)
            losses = [step(inputs[k : k + unroll], wanted[k : k + unroll]) for k in range(0, steps, unroll)]
            found = torch.cat(losses)
        else:
            for batch in zip(inputs.unbind(), wanted.unbind(), strict=True):
                value, slopes = gradient(params, *batch)
                losses.append(value)
                adam.step(slopes)
            found = torch.stack(losses)
        with torch.no_grad():
            everywhere = x.expand(len(labels), -1, -1) if labels.ndim == 2 else x
            return found, (outputs_of(params, everywhere, torch.relu).argmax(-1) == labels).float().mean(-1)

    def run() -> Arrays:
        if together:
            losses, accuracy = trained([leaf.clone() for leaf in start], labels, batches)
            return {"losses": losses.T.numpy(), "accuracy": accuracy.numpy()}
        pieces = [
            trained([leaf[k].reshape(-1, leaf.shape[-1]).clone() for leaf in start], labels[k], batches[k])
            for k in range(len(labels))
        ]
        return {
            name: torch.stack(piece).numpy()
            for name, piece in zip(("losses", "accuracy"), zip(*pieces, strict=True), strict=True)
        }

    return run


# --- gradient descent with its sharpness


def sharpness(sizes: Sizes, arrays: Arrays, *, unroll: int = 0) -> Run:
    x, y = torch.from_numpy(arrays["inputs"]), torch.from_numpy(arrays["targets"])
    rates, start = torch.from_numpy(arrays["rates"]), tensors_in(arrays)
    members = len(rates)
    if members > 1:
        start = [torch.atleast_2d(leaf).repeat(members, 1, 1) for leaf in start]
        x = x.expand(members, -1, -1).contiguous()
    backwards = -rates[:, None, None] if members > 1 else -float(rates[0])
    per_member = (members, -1) if members > 1 else (-1,)
    places = [leaf[0].numel() if members > 1 else leaf.numel() for leaf in start]

    def split(flat: Tensor) -> list[Tensor]:
        return [piece.view_as(leaf) for piece, leaf in zip(flat.split(places, -1), start, strict=True)]

    def joined(leaves: Sequence[Tensor]) -> Tensor:
        return torch.cat([leaf.reshape(per_member) for leaf in leaves], -1)

    def losses_of(params: Sequence[Tensor]) -> Tensor:
        return (outputs_of(params, x, torch.tanh) - y).square().sum(-1).mean(-1) / 2

    gradient = (functional_gradient_of if unroll else gradient_of)(losses_of)
    each_backwards = [backwards] * len(start)
    kick = split(
        torch.from_numpy(arrays["kick"]).expand(members, -1) if members > 1 else torch.from_numpy(arrays["kick"])
    )

    def steps(params: list[Tensor], count: int) -> Tensor:
        values = []
        for _ in range(count):
            value, slopes = gradient(params)
            values.append(value)
            if members > 1:
                torch._foreach_addcmul_(params, list(slopes), each_backwards)
            else:
                torch._foreach_add_(params, list(slopes), alpha=backwards)
        return torch.stack(values)

    together = torch.compile(steps, fullgraph=True, dynamic=False) if unroll else steps
    at_once = unroll or sizes["every"]

    def look(params: list[Tensor], vector: Tensor) -> tuple[Tensor, Tensor]:
        params = [leaf.detach().requires_grad_() for leaf in params]
        slopes = torch.autograd.grad(losses_of(params).sum(), params, create_graph=True)
        image = vector = vector / vector.norm(dim=-1, keepdim=True)
        for _ in range(sizes["power"]):
            vector = image / image.norm(dim=-1, keepdim=True)
            image = joined(torch.autograd.grad(slopes, params, split(vector), retain_graph=True))
        return (vector * image).sum(-1), vector

    def run() -> Arrays:
        params, vector = [leaf.clone() for leaf in start], torch.ones_like(joined(start))
        losses, found = [], []
        for _ in range(sizes["steps"] // sizes["every"]):
            losses += [together(params, at_once) for _ in range(sizes["every"] // at_once)]
            value, vector = look(params, vector)
            found.append(value)
            torch._foreach_add_(params, kick)
        return {
            "losses": np.atleast_2d(torch.cat(losses).numpy().T),
            "sharpness": np.atleast_2d(torch.stack(found).numpy().T),
        }

    return run


# --- the density of the Hessian's eigenvalues


def quadrature(diagonal: Tensor, off_diagonal: Tensor) -> Arrays:
    tridiagonal = torch.diag_embed(diagonal) + torch.diag_embed(off_diagonal, 1) + torch.diag_embed(off_diagonal, -1)
    nodes, vectors = torch.linalg.eigh(tridiagonal)
    return {"nodes": nodes.flatten().numpy(), "weights": (vectors[:, 0] ** 2 / len(nodes)).flatten().numpy()}


def density(sizes: Sizes, arrays: Arrays, *, way: str) -> Run:
    """Lanczos' iteration for all probes at once, with the same twofold orthogonalisation as the book's.

    The products are derivatives of the gradient's graph (``way="graph"``, a batch of vectors by vmap), or the forward
    derivative of the gradient (``way="forward"``), compiled or not.
    """
    x, labels = torch.from_numpy(arrays["inputs"]), torch.from_numpy(arrays["labels"]).long()
    start, signs = tensors_in(arrays), torch.from_numpy(arrays["signs"])
    places = [leaf.numel() for leaf in start]

    def split(flat: Tensor) -> list[Tensor]:
        pieces = flat.split(places, -1)
        return [piece.reshape(*flat.shape[:-1], *leaf.shape) for piece, leaf in zip(pieces, start, strict=True)]

    def loss(*params: Tensor) -> Tensor:
        return functional.cross_entropy(outputs_of(params, x, torch.tanh), labels)

    def graph_operator() -> Callable[[Tensor], Tensor]:
        params = [leaf.detach().requires_grad_() for leaf in start]
        slopes = torch.autograd.grad(loss(*params), params, create_graph=True)

        def product(vectors: Tensor) -> Tensor:
            found = torch.autograd.grad(slopes, params, split(vectors), retain_graph=True, is_grads_batched=True)
            return torch.cat([leaf.flatten(1) for leaf in found], 1)

        return product

    def forward_operator() -> Callable[[Tensor], Tensor]:
        gradient = torch.func.grad(loss, argnums=tuple(range(len(start))))

        def one(vector: Tensor) -> Tensor:
            _, found = torch.func.jvp(gradient, tuple(start), tuple(split(vector)))
            return torch.cat([leaf.flatten() for leaf in found])

        return torch.func.vmap(one)

    compiled = torch.compile(forward_operator(), dynamic=False)
    operators = {"graph": graph_operator, "forward": forward_operator, "forward compiled": lambda: compiled}

    def run() -> Arrays:
        operator = operators[way]()
        vectors = signs / signs.norm(dim=1, keepdim=True)
        basis = torch.zeros(len(signs), sizes["steps"], signs.shape[1])
        diagonal, off_diagonal = [], []
        for index in range(sizes["steps"]):
            basis[:, index] = vectors
            images = operator(vectors)
            diagonal.append((vectors * images).sum(1))
            known, rest = basis[:, : index + 1], images[:, :, None]
            for _ in range(2):
                rest = torch.baddbmm(rest, known.mT, known @ rest, alpha=-1)
            length = rest.norm(dim=1)
            vectors = rest[:, :, 0] / length
            off_diagonal.append(length[:, 0])
        return quadrature(torch.stack(diagonal, 1), torch.stack(off_diagonal[:-1], 1))

    return run


def density_by_curvlinops(sizes: Sizes, arrays: Arrays) -> Run:
    """curvlinops' own operator and its Lanczos iteration, one probe after the other, not orthogonalised."""
    from curvlinops import HessianLinearOperator
    from curvlinops.papyan2020traces.spectrum import fast_lanczos

    x, labels = torch.from_numpy(arrays["inputs"]), torch.from_numpy(arrays["labels"]).long()
    leaves = tensors_in(arrays)
    layers: list[torch.nn.Module] = []
    for weights, biases in zip(leaves[::2], leaves[1::2], strict=True):
        layer = torch.nn.Linear(*weights.shape)
        layer.weight.data, layer.bias.data = weights.T.contiguous(), biases
        layers += [layer, torch.nn.Tanh()]
    model = torch.nn.Sequential(*layers[:-1])

    def run() -> Arrays:
        torch.manual_seed(0)
        operator = HessianLinearOperator(
            model, torch.nn.CrossEntropyLoss(), list(model.parameters()), [(x, labels)], check_deterministic=False
        )
        with torch.no_grad():
            found = [fast_lanczos(operator, sizes["steps"]) for _ in range(sizes["probes"])]
        return {
            "nodes": torch.cat([nodes for nodes, _ in found]).numpy(),
            "weights": torch.cat([vectors[0] ** 2 for _, vectors in found]).numpy() / sizes["probes"],
        }

    return run


DENSITY = {
    "graph": lambda *given: density(*given, way="graph"),
    "forward": lambda *given: density(*given, way="forward"),
    "forward compiled": lambda *given: density(*given, way="forward compiled"),
    "curvlinops": density_by_curvlinops,
}
SHARPNESS = {
    "eager": sharpness,
    "compiled": lambda *given: sharpness(*given, unroll=5),
}
VARIANTS: dict[str, dict[str, Callable[[Sizes, Arrays], Run]]] = {
    "width_sweep": {
        "groups": width_sweep,
        "widths": lambda *given: width_sweep(*given, padded=False),
        "groups compiled": lambda *given: width_sweep(*given, unroll=1),
    },
    "random_labels": {
        "together": random_labels,
        "one by one": lambda *given: random_labels(*given, together=False),
        "together compiled": lambda *given: random_labels(*given, unroll=1),
    },
    "sharpness": SHARPNESS,
    "sharpness_of_eight": SHARPNESS,
    "density": DENSITY,
    "density_wide": DENSITY,
}


def matmul(size: int = 2048) -> Arrays:
    square = torch.ones(size, size)
    return {"gflops": np.array(product_rate(lambda: square @ square, size))}


if __name__ == "__main__":
    options = arguments()
    if options.threads:
        torch.set_num_threads(options.threads)
    if options.row == "matmul":
        tell(options, matmul)
    else:
        # Compiled code from an earlier run would hide what compiling costs.
        os.environ["TORCHINDUCTOR_FORCE_DISABLE_CACHES"] = "1"
        arrays = dict(np.load(options.inputs))
        tell(options, VARIANTS[options.row][options.variant](sizes_of(options.row, toy=options.toy), arrays))
