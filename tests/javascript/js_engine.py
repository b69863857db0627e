"""Run compiled modules in a real JavaScript engine: headless Chromium, many modules per page call."""

import base64
from collections.abc import Sequence

import jax
import numpy as np

# An engine with WebAssembly must run the loops in it: where that fails, the test does.
FALLBACKS = ("return loops;", "return { buffer: new ArrayBuffer(bytes) };")

# Runs in the page: import each module, call it twice (a second call must not see traces of the first), send back bytes.
RUNNER = """
async ([cases, simd]) => {
  if (!simd) globalThis.WebAssembly = undefined;
  const decode = (text) => Uint8Array.from(atob(text), (c) => c.charCodeAt(0)).buffer;
  const encode = (array) => {
    const bytes = new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
    let text = "";
    for (let i = 0; i < bytes.length; i += 4096) text += String.fromCharCode(...bytes.subarray(i, i + 4096));
    return [array.constructor.name, btoa(text)];
  };
  const results = [];
  for (const [source, args] of cases) {
    const url = URL.createObjectURL(new Blob([source], { type: "text/javascript" }));
    try {
      const run = (await import(url)).default;
      const make = () => args.map(([kind, text]) => new globalThis[kind](decode(text)));
      const first = run(...make()).map(encode);
      const second = run(...make()).map(encode);
      if (JSON.stringify(first) !== JSON.stringify(second)) throw new Error("the second call gave another result");
      results.push(first);
    } catch (error) {
      results.push(String(error.stack || error));
    } finally {
      URL.revokeObjectURL(url);
    }
  }
  return results;
}
"""

ARRAYS = {
    "float32": "Float32Array",
    "float64": "Float64Array",
    "int32": "Int32Array",
    "uint32": "Uint32Array",
    "bool": "Uint8Array",
    "int64": "Float64Array",
}
DTYPES = {
    "Float32Array": np.float32,
    "Float64Array": np.float64,
    "Int32Array": np.int32,
    "Uint32Array": np.uint32,
    "Uint8Array": np.uint8,
    "Int8Array": np.int8,
    "Int16Array": np.int16,
    "Uint16Array": np.uint16,
    "BigUint64Array": np.uint64,
}


def pack(leaf) -> list[str]:
    """An argument as the page expects it: name of the typed array, bytes."""
    array = np.asarray(leaf)
    name = array.dtype.name
    data = array.astype(np.float64) if name == "int64" else array
    return [ARRAYS[name], base64.b64encode(np.ascontiguousarray(data).tobytes()).decode()]


class Engine:
    """A page that runs modules."""

    def __init__(self, page):
        self.page = page

    def run(
        self, cases: Sequence[tuple[str, Sequence]], *, simd: bool = True, strictly: bool = True
    ) -> list[list[np.ndarray]]:
        """The flat results of each (source, example arguments).

        Without ``simd`` as where WebAssembly is missing; ``strictly``: where it is not, it must work.
        """
        self.page.goto("about:blank")  # a page has room for some hundred memories of WebAssembly
        packed = [[source, [pack(leaf) for leaf in jax.tree.leaves(args)]] for source, args in cases]
        if simd and strictly:
            packed = [[strict(source), args] for source, args in packed]
        results = self.page.evaluate(RUNNER, [packed, simd])
        for (source, _), result in zip(cases, results, strict=True):
            if isinstance(result, str):
                raise AssertionError(f"{result}\n\n{source[-6000:]}")
        return [[np.frombuffer(base64.b64decode(data), DTYPES[kind]) for kind, data in result] for result in results]


def strict(source: str) -> str:
    for text in FALLBACKS:
        source = source.replace(text, 'throw new Error("the loops in WebAssembly do not run");')
    return source
