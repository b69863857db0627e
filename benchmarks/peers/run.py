"""The book's training and curvature side by side with a careful PyTorch, each run in a process of its own, in turn.

    python benchmarks/peers/run.py [--toy] [ROW ...]

First every way that ``torch_rows.py`` knows runs once on one thread and once on two; then JAX and the fastest of these
take turns. Before it tells a row's times it checks that both sides computed the same. ``make bench``
runs it; without PyTorch (it makes ``benchmarks/.venv-torch`` itself) it says so and leaves the file alone.

It keeps one part of ``book/speed.json``, "peers": ``versions``; ``turns``; ``product_gflops``, the fastest large
float32 matrix product of each side, in billion operations a second; ``load``, of the machine at the end; and ``rows``,
a list. A row has

- ``name``, ``title`` and ``sizes``;
- ``jax``: ``wall`` and ``cpu``, seconds of a first call in a fresh process, so with compiling; ``steady`` and
  ``steady_cpu``, of a later call; ``compile``, the difference of the two walls. All are medians;
- ``torch``: the same for the way with the shortest first call, with its ``variant`` and ``threads``;
- ``torch_steady``: ``variant``, ``threads`` and ``steady`` of the way with the shortest later call, maybe another;
- ``tried``: all ways, each with ``variant``, ``threads``, ``wall`` and ``steady``, from the one run that chose;
- ``ratio`` and ``ratio_steady``: PyTorch's best over JAX, of first calls and of later ones; ``ratio_cpu``;
- ``flops``, the fewest that the method needs; ``limit_seconds``, what they take at the fastest product of either side;
  and ``share_of_limit``, that over JAX's ``steady``;
- ``agree``: by how much the two results differ, and how much was allowed.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE), str(HERE.parent / "common")]

from record import record  # noqa: E402
from rows import SIZES, flops, sizes_of  # noqa: E402

ENVIRONMENT = HERE.parent / ".venv-torch"
REQUIREMENTS = HERE / "requirements-torch.txt"
TURNS, AGAIN = 3, 1
SCOUT = ("--again", "1")
ROW_SECONDS = 600  # no single process should need it

TITLES = {
    "width_sweep": "Double descent: 8 widths, 3 runs each",
    "random_labels": "True and random labels: 3 trainings, 60 epochs",
    "sharpness": "Gradient descent with its sharpness, one run",
    "sharpness_of_eight": "The same, eight learning rates",
    "density": "Hessian density, small network, 100 probes",
    "density_wide": "Hessian density, 15,000 weights, 10 probes",
}
# The ways that `torch_rows.VARIANTS` has, by name: this process cannot import them.
VARIANTS = {
    "width_sweep": ("groups", "widths", "groups compiled"),
    "random_labels": ("together", "one by one", "together compiled"),
    "sharpness": ("eager", "compiled"),
    "sharpness_of_eight": ("eager", "compiled"),
    "density": ("graph", "forward", "forward compiled", "curvlinops"),
    "density_wide": ("graph", "forward", "forward compiled", "curvlinops"),
}


class PeerFailed(RuntimeError):
    """A process of one side ended without times."""


def environment() -> Path | None:
    """The Python that has PyTorch, made if need be; or None, after a sentence that says why not."""
    python = ENVIRONMENT / "bin" / "python"
    wanted = hashlib.sha256(REQUIREMENTS.read_bytes()).hexdigest()
    ready = ENVIRONMENT / ".ready"
    if python.exists() and ready.exists() and ready.read_text() == wanted:
        return python
    print(f"  making {ENVIRONMENT.name} for PyTorch (once)", flush=True)
    install = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    pin = next(line for line in REQUIREMENTS.read_text().splitlines() if line.startswith("torch=="))
    try:
        shutil.rmtree(ENVIRONMENT, ignore_errors=True)
        check_call([sys.executable, "-m", "venv", str(ENVIRONMENT)])
        check_call([*install, "--no-deps", "--requirement", str(REQUIREMENTS)])
        try:
            check_call([str(python), "-c", "import torch"])
        except PeerFailed:  # a build that needs libraries for a GPU
            check_call([*install, pin])
            check_call([str(python), "-c", "import torch"])
    except PeerFailed as problem:
        print(f"  PyTorch could not be installed here, so these rows are left out: {problem}")
        return None
    ready.write_text(wanted)
    return python


def check_call(command: list[str]) -> str:
    """What the command prints. Raises `PeerFailed` with its last words."""
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=ROW_SECONDS, check=False)
    except (OSError, subprocess.TimeoutExpired) as problem:
        raise PeerFailed(str(problem)) from problem
    if done.returncode:
        said = [line for line in done.stderr.splitlines() if "Error" in line or "Exception" in line]
        raise PeerFailed([f"exit status {done.returncode}", *said][-1])
    return done.stdout


class Sides:
    """Starts the processes; both sides read the same inputs, and leave their results beside them."""

    def __init__(self, folder: Path, torch: Path, *, toy: bool):
        self.folder, self.torch, self.toy = folder, torch, toy

    def start(self, side: str, row: str, *options: str) -> dict[str, Any]:
        python, script = (sys.executable, "jax_rows.py") if side == "jax" else (str(self.torch), "torch_rows.py")
        files = [str(self.folder / f"{row}.npz"), str(self.results(side, row))]
        toy = ["--toy"] if self.toy else []
        said = check_call([python, str(HERE / script), row, *files, *options, *toy])
        return json.loads(said.splitlines()[-1])

    def results(self, side: str, row: str) -> Path:
        return self.folder / f"{row}-{side}.npz"

    def found(self, side: str, row: str) -> dict[str, np.ndarray]:
        return dict(np.load(self.results(side, row)))


def product_gflops(sides: Sides) -> dict[str, float]:
    """The fastest product of each side in billion operations a second."""
    rates = {}
    for _ in range(2):
        for name, side, options in (("jax", "jax", ()), ("torch", "torch", ("--threads", "2"))):
            sides.start(side, "matmul", "--again", "0", *options)
            rates[name] = max(rates.get(name, 0.0), float(sides.found(side, "matmul")["gflops"]))
    return {name: round(rate, 1) for name, rate in rates.items()}


def relative(measured: np.ndarray, expected: np.ndarray) -> float:
    """The largest difference, as a share of the largest number."""
    return float(np.max(np.abs(measured - expected)) / np.max(np.abs(expected)))


def differences(row: str, ours: dict[str, np.ndarray], theirs: dict[str, np.ndarray], *, same: bool) -> dict[str, Any]:
    """By how much the two differ, and how much is allowed: [measured, most].

    Rounding differs on both sides, and training magnifies it. So the first steps have to agree closely, and the ends in
    what the chapters read off them. Spectra from other random starts (``same=False``) agree as far as chance lets them.
    """
    if row.startswith("density"):

        def moment(found: dict[str, np.ndarray], power: int) -> np.ndarray:
            return np.sum(found["nodes"].astype(float) ** power * found["weights"])

        most = 1e-3 if same else 0.3
        return {
            "second moment": [relative(moment(theirs, 2), moment(ours, 2)), most],
            "largest": [relative(theirs["nodes"].max(), ours["nodes"].max()), 1e-3],
        }
    begun = max(4, ours["losses"].shape[1] // 100)
    found = {"first losses": [relative(theirs["losses"][:, :begun], ours["losses"][:, :begun]), 1e-3]}
    if row == "width_sweep":
        ends = [np.median(np.log(side["test_loss"][:, -3:])) for side in (theirs, ours)]
        return found | {"test loss at the end, its median logarithm": [abs(ends[0] - ends[1]), 0.1]}
    if row == "random_labels":
        return found | {"accuracy": [float(np.max(np.abs(theirs["accuracy"] - ours["accuracy"]))), 0.1]}
    last = max(1, ours["sharpness"].shape[1] // 4)
    ends = [side["sharpness"][:, -last:].mean(axis=1) for side in (theirs, ours)]
    return found | {"sharpness in the last quarter": [relative(*ends), 0.1]}


def compared(sides: Sides, row: str, variant: str) -> dict[str, list[float]]:
    """Raises `SystemExit` when the two sides did not compute the same."""
    found = differences(row, sides.found("jax", row), sides.found("torch", row), same=variant != "curvlinops")
    for what, (measured, most) in found.items():
        if not measured <= most:
            raise SystemExit(f"{row}, {variant}: the sides differ in the {what} by {measured:.2g}, allowed is {most:g}")
    return {what: [float(f"{number:.2g}") for number in pair] for what, pair in found.items()}


def median_of(times: list[dict[str, Any]]) -> dict[str, float]:
    """Of several processes' times."""
    first = [time["first"] for time in times]
    again = [call for time in times for call in time["again"]] or first
    found = {f"{name}": statistics.median(call[name] for call in first) for name in ("wall", "cpu")}
    found |= {"steady": statistics.median(call["wall"] for call in again)}
    found |= {"steady_cpu": statistics.median(call["cpu"] for call in again)}
    found |= {"compile": max(0.0, found["wall"] - found["steady"])}
    return {name: round(seconds, 4) for name, seconds in found.items()}


def tried(sides: Sides, row: str) -> list[dict[str, Any]]:
    """Every way of PyTorch's side once, on one thread and on two; the results checked.

    Those that do not work here are said and left out.
    """
    ways: list[dict[str, Any]] = []

    def one(variant: str, threads: int) -> None:
        try:
            time = sides.start("torch", row, "--variant", variant, "--threads", str(threads), *SCOUT)
        except PeerFailed as problem:
            print(f"  PyTorch, {variant}: {problem}")
            return
        compared(sides, row, variant)
        ways.append({"variant": variant, "threads": threads} | median_of([time]))

    for variant in VARIANTS[row]:
        for threads in (1, 2):
            one(variant, threads)
    if not ways:
        raise PeerFailed(f"no way of PyTorch's works for {row}")
    return ways


def measured(sides: Sides, row: str, turns: int) -> dict[str, Any]:
    sides.start("jax", row, "--again", "0")  # draws the inputs, and has results to compare with
    ways = tried(sides, row)
    best = {key: min(ways, key=lambda way: way[key]) for key in ("wall", "steady")}
    chosen = [best["wall"]] + ([best["steady"]] if best["steady"] is not best["wall"] else [])
    ours: list[dict[str, Any]] = []
    theirs: list[list[dict[str, Any]]] = [[] for _ in chosen]
    agree: dict[str, Any] = {}
    for _ in range(turns):
        ours.append(sides.start("jax", row, "--again", str(AGAIN)))
        for way, times in zip(chosen, theirs, strict=True):
            options = ("--variant", way["variant"], "--threads", str(way["threads"]), "--again", str(AGAIN))
            times.append(sides.start("torch", row, *options))
            agree = agree or compared(sides, row, way["variant"])
    jax = median_of(ours)
    torch, *other = (
        {"variant": way["variant"], "threads": way["threads"]} | median_of(times)
        for way, times in zip(chosen, theirs, strict=True)
    )
    fastest = min([torch, *other], key=lambda way: way["steady"])
    return {
        "name": row,
        "title": TITLES[row],
        "sizes": sizes_of(row, toy=sides.toy),
        "jax": jax,
        "torch": torch,
        "torch_steady": {key: fastest[key] for key in ("variant", "threads", "steady")},
        "tried": [{key: way[key] for key in ("variant", "threads", "wall", "steady")} for way in ways],
        "ratio": round(torch["wall"] / jax["wall"], 2),
        "ratio_cpu": round(torch["cpu"] / jax["cpu"], 2),
        "ratio_steady": round(fastest["steady"] / jax["steady"], 2),
        "flops": flops(row, sizes_of(row, toy=sides.toy)),
        "agree": agree,
    }


def tell(row: dict[str, Any]) -> None:
    jax, torch, fastest = row["jax"], row["torch"], row["torch_steady"]
    print(
        f"{row['name']:19} {jax['wall']:7.2f} {torch['wall']:8.2f} {row['ratio']:6.1f} {jax['cpu']:8.2f} "
        f"{torch['cpu']:8.2f} {jax['compile']:8.2f} {jax['steady']:8.3f} {fastest['steady']:8.3f} "
        f"{row['ratio_steady']:6.1f} {row['limit_seconds']:8.3f} {100 * row['share_of_limit']:5.0f} %   "
        f"{torch['variant']}, {torch['threads']} (later: {fastest['variant']}, {fastest['threads']})",
        flush=True,
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("rows", nargs="*", help=f"of {', '.join(SIZES)}; without any, all, and the times are kept")
    parser.add_argument("--toy", action="store_true", help="tiny sizes, to try the harness; keeps nothing")
    parser.add_argument("--turns", type=int, default=TURNS)
    options = parser.parse_args()
    if unknown := set(options.rows) - set(SIZES):
        parser.error(f"there is no row {', '.join(sorted(unknown))}; there are {', '.join(SIZES)}")
    torch = environment()
    if torch is None:
        return
    with tempfile.TemporaryDirectory() as folder:
        sides = Sides(Path(folder), torch, toy=options.toy)
        rates = product_gflops(sides)
        peak = max(rates.values())
        print(f"  large products: JAX {rates['jax']}, PyTorch {rates['torch']} billion operations a second")
        print(
            f"{'seconds':19} {'JAX':>7} {'PyTorch':>8} {'÷':>6} {'JAX CPU':>8} {'its CPU':>8} {'compile':>8} "
            f"{'JAX then':>8} {'it then':>8} {'÷':>6} {'limit':>8} {'share':>7}   PyTorch's way, threads"
        )
        rows = []
        for name in options.rows or SIZES:
            try:
                row = measured(sides, name, 1 if options.toy else options.turns)
            except PeerFailed as problem:
                print(f"  {name} is left out: {problem}", flush=True)
                continue
            limit = 1e-9 * row["flops"] / peak
            row |= {"limit_seconds": round(limit, 5), "share_of_limit": round(limit / row["jax"]["steady"], 3)}
            rows.append(row)
            tell(row)
        about = ["-c", "import sys, torch; print(sys.version.split()[0], torch.__version__)"]
        python, torch_version = check_call([str(torch), *about]).split()
        jax_version = check_call([sys.executable, "-c", "import jax; print(jax.__version__)"]).strip()
        versions = {"python": python, "jax": jax_version, "torch": torch_version}
    load = round(os.getloadavg()[0], 1)
    print(f"  load of the machine: {load}")
    if not options.toy and not options.rows:
        record("peers", versions=versions, turns=options.turns, load=load, product_gflops=rates, rows=rows)


if __name__ == "__main__":
    main()
