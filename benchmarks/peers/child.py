"""A process of its own for one row on one side: runs it, first with compiling and then without, and tells the times."""

from __future__ import annotations

import argparse
import json
import resource
import time
from collections.abc import Callable
from typing import Any

import numpy as np
from rows import sizes_of


def cpu_seconds() -> float:
    """Of this process with all its threads, and of the compilers that it started and that have ended."""
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + children.ru_utime + children.ru_stime


def timed(run: Callable[[], Any]) -> tuple[dict[str, float], Any]:
    wall, cpu = time.perf_counter(), cpu_seconds()
    result = run()
    return {"wall": time.perf_counter() - wall, "cpu": cpu_seconds() - cpu}, result


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    parser.add_argument("row", help="one of rows.SIZES, or 'matmul'")
    parser.add_argument("inputs")
    parser.add_argument("results")
    parser.add_argument("--variant", default="")
    parser.add_argument("--threads", type=int, default=0)
    parser.add_argument("--again", type=int, default=2)
    parser.add_argument("--toy", action="store_true")
    return parser.parse_args()


def tell(options: argparse.Namespace, run: Callable[[], dict[str, np.ndarray]]) -> None:
    """Prints one line of JSON: the first call's seconds, and those of each later one. Keeps the first call's result."""
    first, result = timed(run)
    again = [timed(run)[0] for _ in range(options.again)]
    np.savez(options.results, **result)
    print(json.dumps({"first": first, "again": again}), flush=True)


def product_rate(product: Callable[[], Any], size: int, runs: int = 12) -> float:
    """Billion multiplications and additions a second in the fastest of several products of square matrices."""
    product()
    return 2e-9 * size**3 / min(timed(product)[0]["wall"] for _ in range(runs))


__all__ = ["arguments", "product_rate", "sizes_of", "tell", "timed"]
