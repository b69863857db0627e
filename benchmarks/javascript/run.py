"""Five workloads, side by side: XLA on the CPU, our JavaScript, onnxruntime-web, jax-js. One command:

    python benchmarks/javascript/run.py

The peers are optional: ``PEERS`` names a folder with ``node_modules`` (``npm install onnxruntime-web @jax-js/jax``),
``ONNX_PYTHON`` a Python with jax2onnx and JAX 0.10, which turns the workloads into ONNX files. Each peer has a budget
of time, and one of memory for the export; where it fails, a sentence says how. With ``KEEP=1`` the result goes to
``book/speed.json``.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent / "common"))

import jax  # noqa: E402
import numpy as np  # noqa: E402
from playwright.sync_api import Page, sync_playwright  # noqa: E402
from record import record  # noqa: E402
from workloads import WORKLOADS  # noqa: E402

from helpers.javascript import to_javascript  # noqa: E402
from helpers.site.takeaway import browser  # noqa: E402

ROUNDS = int(os.environ.get("ROUNDS", "40"))
TURNS = 4  # the page and XLA take turns, so that a busy minute disturbs both
EXPORT_SECONDS, EXPORT_GIGABYTES = 120, 8
RUN_SECONDS = 90
NAMES = {"ours": "this compiler", "onnx": "onnxruntime-web", "jaxjs": "jax-js"}


class Handler(SimpleHTTPRequestHandler):
    extensions_map = {**SimpleHTTPRequestHandler.extensions_map, ".mjs": "text/javascript", ".wasm": "application/wasm"}  # noqa: RUF012

    def log_message(self, *_):
        pass


def serve(folder: str) -> str:
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Handler, directory=folder))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return f"http://127.0.0.1:{server.server_port}"


def lay_out(folder: Path) -> dict[str, str]:
    """Everything but the programs; returns the versions of the peers."""
    for name in ("modules", "onnx", "jaxjs"):
        (folder / name).mkdir()
    for name in ("page.js", "competitor.js"):
        (folder / name).write_text((HERE / name).read_text("utf-8"), "utf-8")
    (folder / "index.html").write_text("<!doctype html>", "utf-8")
    (folder / "jaxjs" / "gradient_steps.js").write_text((HERE / "jaxjs_gradient_steps.js").read_text("utf-8"), "utf-8")
    if not (peers := os.environ.get("PEERS")):
        return {}
    modules = Path(peers) / "node_modules"
    (folder / "node_modules").symlink_to(modules)
    packages = {"onnxruntime-web": "onnxruntime-web", "jax-js": "@jax-js/jax"}
    return {
        name: json.loads((modules / path / "package.json").read_text("utf-8"))["version"]
        for name, path in packages.items()
    }


def compiled(folder: Path, name: str) -> tuple[float, int]:
    """Compile a workload into the folder; returns the seconds and the size in bytes."""
    fn, args = WORKLOADS[name]
    start = time.perf_counter()
    source = to_javascript(fn, *args)
    seconds = time.perf_counter() - start
    (folder / "modules" / f"{name}.js").write_text(source, "utf-8")
    return seconds, len(source.encode())


def exported(folder: Path, name: str) -> tuple[str, str]:
    """Turn a workload into ONNX in a process of its own; returns (version of jax2onnx, what went wrong)."""
    limited = ["sh", "-c", f'ulimit -d {EXPORT_GIGABYTES * 2**20}; exec "$@"', "sh"]
    command = [os.environ["ONNX_PYTHON"], "export_onnx.py", name, str(folder / "onnx" / f"{name}.onnx")]
    try:
        run = subprocess.run(
            limited + command, cwd=HERE, capture_output=True, text=True, timeout=EXPORT_SECONDS, check=False
        )
    except subprocess.TimeoutExpired:
        return "", f"the export to ONNX was stopped after {EXPORT_SECONDS} s"
    if run.returncode:
        last = (run.stderr.strip().splitlines() or ["without a word"])[-1][:150]
        out_of_memory = "MemoryError" in run.stderr or "bad_alloc" in run.stderr or "RESOURCE_EXHAUSTED" in run.stderr
        return "", f"the export to ONNX needed more than {EXPORT_GIGABYTES} GB" if out_of_memory else (
            f"the export to ONNX failed: {last}"
        )
    return run.stdout.strip().splitlines()[-1], ""


def xla_times(function, args, rounds: int) -> list[float]:
    times = []
    for _ in range(rounds):
        start = time.perf_counter()
        jax.block_until_ready(function(*args))
        times.append(1e3 * (time.perf_counter() - start))
    return times


def difference(leaves: list[list[float]], expected: list[np.ndarray]) -> float:
    """How far a competitor's result is from XLA's, relative to the largest number in it."""
    scale = max(float(np.max(np.abs(wanted))) for wanted in expected)
    pairs = zip(leaves, expected, strict=False)  # jax-js leaves out the losses
    return max(float(np.max(np.abs(np.array(found) - wanted.ravel()))) for found, wanted in pairs) / scale


def measured(page: Page, folder: Path, name: str) -> tuple[dict[str, Any], str]:
    """One workload: times of all, notes on those who failed; and the version of jax2onnx."""
    fn, args = WORKLOADS[name]
    title = (fn.__doc__ or name).strip().rstrip(".")
    seconds, size = compiled(folder, name)
    notes, version = [], ""
    keys = ["ours"]
    if (folder / "node_modules").exists():
        if "ONNX_PYTHON" in os.environ:
            version, problem = exported(folder, name)
            notes += [f"onnxruntime-web: {problem}"] if problem else []
            keys += [] if problem else ["onnx"]
        keys += ["jaxjs"] if (folder / "jaxjs" / f"{name}.js").exists() else []
    function = jax.jit(fn)
    expected = [np.asarray(leaf) for leaf in jax.tree.leaves(function(*args))]
    xla_times(function, args, 5)
    packed = [[list(np.shape(a)), np.ravel(a).tolist()] for a in args]
    prepare = "async ([k, s, b]) => (await import('/page.js')).prepare(k, s, b)"
    prepared = page.evaluate(prepare, [keys, {"name": name, "args": packed}, 1000 * RUN_SECONDS])
    xla, results = [], {}
    page.evaluate("async () => (await import('/page.js')).measure(10)")  # to warm up
    for _ in range(TURNS):
        xla += xla_times(function, args, ROUNDS // TURNS)
        results = page.evaluate("async (n) => (await import('/page.js')).measure(n)", ROUNDS // TURNS)
    times = {"xla": xla} | {key: result["times"] for key, result in results.items() if result["times"]}
    for key, result in results.items():
        if result["failure"]:
            notes.append(f"{NAMES[key]}: {result['failure'].split(', ERROR_MESSAGE')[0].rstrip('.')}")
        elif (off := difference(prepared[key]["leaves"], expected)) > 1e-3:
            notes.append(f"{NAMES[key]}: its result differs from XLA’s by {100 * off:.1f} % of the largest number")
    medians = {key: statistics.median(values) for key, values in times.items()}
    ours = medians["ours"]
    return {
        "name": name,
        "title": title,
        "ms": {key: round(value, 3) for key, value in medians.items()},
        "best": {key: round(min(values), 3) for key, values in times.items()},
        "times_xla": round(ours / medians["xla"], 2),
        "faster_than": {key: round(medians[key] / ours, 2) for key in ("onnx", "jaxjs") if key in medians},
        "first_ms": round(prepared["ours"]["took"], 1),
        "compile_s": round(seconds, 2),
        "kB": round(size / 1e3, 1),
        "notes": notes,
    }, version


def tell(result: dict[str, Any]) -> None:
    columns = [
        f"{result['ms'][key]:.2f} ({result['best'][key]:.2f})" if key in result["ms"] else "–"
        for key in ("xla", "ours", "onnx", "jaxjs")
    ]
    print(
        f"{result['name']:18} {columns[0]:>14} {columns[1]:>14} {columns[2]:>17} {columns[3]:>19} "
        f"{result['times_xla']:>6.1f} {result['faster_than'].get('onnx', float('nan')):>6.1f} "
        f"{result['first_ms']:>6.1f} {result['compile_s']:>5.2f} {result['kB']:>5.1f}"
    )
    for note in result["notes"]:
        print(f"  {note}")


def main() -> None:
    chosen = sys.argv[1:] or list(WORKLOADS)
    with tempfile.TemporaryDirectory() as temporary, sync_playwright() as playwright:
        folder = Path(temporary)
        versions = {"JAX": jax.__version__, **lay_out(folder)}
        chromium = playwright.chromium.launch(executable_path=browser.find(), args=list(browser.FLAGS))
        versions["Chromium"] = chromium.version
        page = chromium.new_page()
        page.goto(f"{serve(temporary)}/index.html")
        print(f"JAX {jax.__version__}, Chromium {chromium.version}, medians of {ROUNDS} rounds (ms; best in brackets)")
        print(
            f"{'workload':18} {'XLA':>14} {'ours':>14} {'onnxruntime':>17} {'jax-js':>19} {'÷ XLA':>6} {'onnx ÷':>6} "
            f"{'first':>6} {'comp.':>5} {'kB':>5}"
        )
        results = []
        for name in chosen:
            result, version = measured(page, folder, name)
            versions |= {"jax2onnx": version} if version else {}
            results.append(result)
            tell(result)
        chromium.close()
    if os.environ.get("KEEP"):
        record("javascript", versions=versions, rounds=ROUNDS, workloads=results)


if __name__ == "__main__":
    main()
