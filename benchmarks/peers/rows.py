"""What the rows of `run.py` compute, at which size, and how many operations that takes: for both sides to read."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

Sizes = dict[str, Any]

MOMENTUM_LAYERS = (40, 32, 32, 32, 10)
EIGHT_RATES = (0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4)

# The sweep is as in the chapter on double descent; descents and small density are near those on loss landscapes.
SIZES: dict[str, Sizes] = {
    "width_sweep": {
        "examples": 154,
        "inputs": 40,
        "classes": 10,
        "widths": ((4, 8, 15, 21, 30, 42), (60, 120)),
        "runs": 3,
        "held_out": 1000,
        "steps": 5000,
        "every": 100,
    },
    "random_labels": {"examples": 1000, "layers": (40, 300, 300, 300, 300, 10), "batch": 50, "epochs": 60, "labels": 3},
    "sharpness": {
        "examples": 100,
        "layers": MOMENTUM_LAYERS,
        "rates": (0.4,),
        "steps": 10_000,
        "every": 25,
        "power": 6,
    },
    "sharpness_of_eight": {
        "examples": 100,
        "layers": MOMENTUM_LAYERS,
        "rates": EIGHT_RATES,
        "steps": 2000,
        "every": 25,
        "power": 6,
    },
    "density": {"examples": 500, "layers": (10, 20, 10), "training": 400, "probes": 100, "steps": 40},
    "density_wide": {"examples": 1000, "layers": (40, 100, 100, 10), "training": 400, "probes": 10, "steps": 40},
}

TOY: dict[str, Sizes] = {
    "width_sweep": {"examples": 30, "widths": ((2, 4), (6,)), "runs": 2, "held_out": 50, "steps": 20, "every": 10},
    "random_labels": {"examples": 40, "layers": (40, 16, 16, 10), "batch": 10, "epochs": 4},
    "sharpness": {"examples": 20, "layers": (40, 8, 8, 10), "steps": 40, "every": 10},
    "sharpness_of_eight": {"examples": 20, "layers": (40, 8, 8, 10), "rates": (0.1, 0.2), "steps": 40, "every": 10},
    "density": {"examples": 30, "layers": (10, 5, 10), "training": 20, "probes": 4, "steps": 12},
    "density_wide": {"examples": 40, "layers": (40, 8, 8, 10), "training": 20, "probes": 3, "steps": 12},
}


def sizes_of(row: str, *, toy: bool = False) -> Sizes:
    return SIZES[row] | (TOY[row] if toy else {})


def forward_flops(layers: Sequence[int], examples: int) -> int:
    """Multiplications and additions of the matrix products, as everywhere here: no biases, no activations."""
    return 2 * examples * sum(a * b for a, b in pairwise(layers))


def gradient_flops(layers: Sequence[int], examples: int) -> int:
    """Forward once, backward twice, for the weights and for the inputs; nobody asks for the first layer's inputs'."""
    return 3 * forward_flops(layers, examples) - forward_flops(layers[:2], examples)


def product_flops(layers: Sequence[int], examples: int) -> int:
    """A product with the Hessian, when the gradient's own values are kept from before.

    Each of the gradient's three matrix products per layer has two factors that change. In the first layer only two are
    left, because the inputs stay as they are.
    """
    return 6 * forward_flops(layers, examples) - 4 * forward_flops(layers[:2], examples)


def flops(row: str, sizes: Sizes) -> int:
    """The fewest that the row's method needs, padding not counted."""
    if row == "width_sweep":
        each = [(sizes["inputs"], width, sizes["classes"]) for group in sizes["widths"] for width in group]
        looks = sizes["steps"] // sizes["every"] + 1
        training = sizes["steps"] * sum(gradient_flops(layers, sizes["examples"]) for layers in each)
        return sizes["runs"] * (training + looks * sum(forward_flops(layers, sizes["held_out"]) for layers in each))
    if row == "random_labels":
        return sizes["labels"] * steps_of(sizes) * gradient_flops(sizes["layers"], sizes["batch"])
    gradient = gradient_flops(sizes["layers"], sizes["examples"])
    product = product_flops(sizes["layers"], sizes["examples"])
    if row.startswith("sharpness"):
        looks = sizes["steps"] // sizes["every"]
        return len(sizes["rates"]) * (sizes["steps"] * gradient + looks * (gradient + sizes["power"] * product))
    weights = sum((a + 1) * b for a, b in pairwise(sizes["layers"]))
    # Each new vector is made orthogonal to all earlier ones, twice: on average half of the basis, read and subtracted.
    orthogonal = sizes["steps"] ** 2 // 2 * 8 * weights
    return gradient + sizes["probes"] * (sizes["steps"] * product + orthogonal)


def steps_of(sizes: Sizes) -> int:
    """Of the row on random labels: an epoch draws as many examples as there are."""
    return sizes["epochs"] * sizes["examples"] // sizes["batch"]
