"""Write each workload as an ONNX file: ``python export_onnx.py folder`` (an environment with jax2onnx and JAX 0.10)."""

from __future__ import annotations

import sys
from pathlib import Path

import jax
import onnx
from jax2onnx import to_onnx
from workloads import WORKLOADS

folder = Path(sys.argv[1])
for name, (fn, args) in WORKLOADS.items():
    try:
        model = to_onnx(fn, [jax.ShapeDtypeStruct(a.shape, a.dtype) for a in args], model_name=name)
        onnx.save(model, str(folder / f"{name}.onnx"))
    except Exception as error:  # whatever jax2onnx cannot do is a result of the comparison
        print(f"{name}: {type(error).__name__}: {str(error).splitlines()[0][:150]}")
