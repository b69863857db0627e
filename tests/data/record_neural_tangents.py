"""Makes ``neural_tangents.json``: kernels of infinitely wide networks as neural-tangents computes them.

It needs an environment of its own, since neural-tangents wants an old JAX:
``pip install neural-tangents==0.6.5 "jax==0.4.28" "jaxlib==0.4.28" "numpy<2"``, then run this file there.
"""

import json
from pathlib import Path

import jax

jax.config.update("jax_enable_x64", True)

import neural_tangents  # noqa: E402
import numpy as np  # noqa: E402
from neural_tangents import stax  # noqa: E402

rng = np.random.default_rng(0)
x1, x2 = rng.normal(size=(5, 3)), rng.normal(size=(4, 3))
x2[:3] = x1[0], -x1[1], 2 * x1[2]  # equal, opposite and parallel inputs


def kernels(layer, depth, weight_scale, bias_scale):
    def dense():
        return stax.Dense(1, W_std=weight_scale, b_std=bias_scale, parameterization="ntk")

    hidden = [part for _ in range(depth) for part in (dense(), layer())]
    found = stax.serial(*hidden, dense())[2](x1, x2, ("nngp", "ntk"))
    return {"nngp": np.asarray(found.nngp).tolist(), "ntk": np.asarray(found.ntk).tolist()}


cases = [
    {"activation": name, "depth": depth, "weight_scale": weight_scale, "bias_scale": bias_scale}
    | kernels(layer, depth, weight_scale, bias_scale)
    for name, layer, weight_scale in (("relu", stax.Relu, 2**0.5), ("erf", stax.Erf, 1.5))
    for depth in (1, 2, 3, 5)
    for bias_scale in (0.0, 0.3)
]
about = {
    "made_with": f"neural-tangents {neural_tangents.__version__}, JAX {jax.__version__}, NumPy {np.__version__}, "
    "jax_enable_x64, CPU, by record_neural_tangents.py",
}
recorded = {"about": about, "x1": x1.tolist(), "x2": x2.tolist(), "cases": cases}
Path(__file__).with_name("neural_tangents.json").write_text(json.dumps(recorded), encoding="utf-8")
