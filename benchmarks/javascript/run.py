"""Five workloads, side by side: XLA on the CPU, our JavaScript, onnxruntime-web, jax-js. One command:

    python benchmarks/javascript/run.py

The peers are optional: ``PEERS`` names a folder with ``node_modules`` (``npm install onnxruntime-web @jax-js/jax``),
``ONNX_MODELS`` a folder that ``export_onnx.py`` has filled (in an environment of its own, with jax2onnx and JAX 0.10).
"""

from __future__ import annotations

import os
import shutil
import statistics
import sys
import tempfile
import threading
import time
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parents[1] / "tests"))

import browser  # noqa: E402
import jax  # noqa: E402
import numpy as np  # noqa: E402
from playwright.sync_api import sync_playwright  # noqa: E402
from workloads import WORKLOADS  # noqa: E402

from helpers.javascript import to_javascript  # noqa: E402

ROUNDS = int(os.environ.get("ROUNDS", "40"))


class Handler(SimpleHTTPRequestHandler):
    extensions_map = {**SimpleHTTPRequestHandler.extensions_map, ".mjs": "text/javascript", ".wasm": "application/wasm"}  # noqa: RUF012

    def log_message(self, *_):
        pass


def serve(folder: str) -> str:
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Handler, directory=folder))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return f"http://127.0.0.1:{server.server_port}"


def prepare(folder: Path) -> dict[str, tuple[float, int]]:
    """Compile all workloads into the folder; returns (compile time in s, size in bytes) of each."""
    for name in ("modules", "onnx", "jaxjs"):
        (folder / name).mkdir()
    (folder / "page.js").write_text((HERE / "page.js").read_text("utf-8"), "utf-8")
    (folder / "index.html").write_text("<!doctype html>", "utf-8")
    (folder / "jaxjs" / "gradient_steps.js").write_text((HERE / "jaxjs_gradient_steps.js").read_text("utf-8"), "utf-8")
    if peers := os.environ.get("PEERS"):
        (folder / "node_modules").symlink_to(Path(peers) / "node_modules")
    if models := os.environ.get("ONNX_MODELS"):
        shutil.copytree(models, folder / "onnx", dirs_exist_ok=True)
    built = {}
    for name, (fn, args) in WORKLOADS.items():
        start = time.perf_counter()
        source = to_javascript(fn, *args)
        built[name] = (time.perf_counter() - start, len(source))
        (folder / "modules" / f"{name}.js").write_text(source, "utf-8")
    return built


def xla_times(fn, args) -> list[float]:
    compiled = jax.jit(fn)
    times = []
    for round_number in range(-5, ROUNDS):
        start = time.perf_counter()
        jax.block_until_ready(compiled(*args))
        if round_number >= 0:
            times.append(1e3 * (time.perf_counter() - start))
    return times


def main() -> None:
    with tempfile.TemporaryDirectory() as temporary, sync_playwright() as playwright:
        folder = Path(temporary)
        built = prepare(folder)
        chromium = playwright.chromium.launch(executable_path=browser.find(), args=list(browser.FLAGS))
        page = chromium.new_page()
        page.goto(f"{serve(temporary)}/index.html")
        print(f"JAX {jax.__version__}, Chromium {chromium.version}, medians of {ROUNDS} rounds (ms; best in brackets)")
        print(
            f"{'workload':18} {'XLA':>15} {'ours':>15} {'onnxruntime':>17} {'jax-js':>17} {'first':>7} {'compile s':>9} {'kB':>6}"  # noqa: E501
        )
        for name, (fn, args) in WORKLOADS.items():
            packed = [[list(np.shape(a)), np.ravel(a).tolist()] for a in args]
            has_peers = (folder / "node_modules").exists()
            options = {
                "rounds": ROUNDS,
                "onnx": has_peers and (folder / "onnx" / f"{name}.onnx").exists(),
                "jaxjs": has_peers and (folder / "jaxjs" / f"{name}.js").exists(),
            }
            script = "async ([n, a, o]) => (await import('/page.js')).measure(n, a, o)"
            before = xla_times(fn, args)
            measured = page.evaluate(script, [name, packed, options])
            columns = {"xla": before + xla_times(fn, args), **measured["times"]}
            shown = [
                f"{statistics.median(columns[key]):.2f} ({min(columns[key]):.2f})" if columns.get(key) else "–"
                for key in ("xla", "ours", "onnx", "jaxjs")
            ]
            seconds, size = built[name]
            print(
                f"{name:18} {shown[0]:>15} {shown[1]:>15} {shown[2]:>17} {shown[3]:>17} {measured['first']:>7.1f} "
                f"{seconds:>9.2f} {size / 1e3:>6.1f}"
            )
            for failure in measured["failures"]:
                print(f"  {failure}")
        chromium.close()


if __name__ == "__main__":
    main()
