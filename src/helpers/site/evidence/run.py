"""Run the chapters for many seeds: ``python -m helpers.site.evidence.run [CHAPTER ...] [--seeds K]``.

Each finished run goes into ``book/evidence.json`` at once: interrupt it when you like, and the next call goes on where
it was. A chapter whose code has changed begins anew.
"""

from __future__ import annotations

import argparse
import os
import platform
import sys
import tempfile
import time
import warnings
from concurrent.futures import ProcessPoolExecutor, as_completed
from importlib.metadata import version
from multiprocessing import get_context
from pathlib import Path
from typing import Any, NamedTuple

import nbformat

from helpers.site import execute
from helpers.site.evidence import ledger
from helpers.site.evidence.machine import machine

GIGABYTES_A_RUN = 4.0  # the largest chapter takes under three
KEEP_GOING = "from helpers import claims\n\n_ = claims.keep_going()"
PACKAGES = ("jax", "optax", "numpy")


class Run(NamedTuple):
    """What a chapter's run with one seed has left."""

    claims: list[ledger.Record]
    error: str | None
    seconds: float


def run_chapter(text: str, book: Path, seed: int) -> Run:
    """Execute a chapter, given as its file's text, with another seed.

    A claim that fails does not end it, an exception does.
    """
    import papermill  # a test's dependency: the site builds without it

    warnings.simplefilter("ignore")
    source = nbformat.reads(text, as_version=4)
    source.cells.insert(0, nbformat.v4.new_code_cell(KEEP_GOING))
    started, error = time.perf_counter(), None
    with tempfile.TemporaryDirectory() as folder:
        prepared, done = Path(folder, "in.ipynb"), Path(folder, "out.ipynb")
        nbformat.write(source, prepared)
        try:
            papermill.execute_notebook(
                str(prepared),
                str(done),
                {"SEED": seed},
                cwd=str(book),
                progress_bar=False,
                extra_arguments=["--log-level=ERROR"],
            )
        except papermill.PapermillExecutionError as failure:
            error = f"{failure.ename}: {failure.evalue}"
        claims = ledger.claims_of(nbformat.read(done, as_version=4))
    return Run(claims, error, time.perf_counter() - started)


def surroundings() -> dict[str, Any]:
    """Where the runs take place, and with what."""
    return {**machine(), "python": platform.python_version(), **{name: version(name) for name in PACKAGES}}


def at_once() -> int:
    """How many runs fit the cores and the memory that is free now."""
    try:
        free = os.sysconf("SC_AVPHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / 1e9
    except (ValueError, OSError):
        free = GIGABYTES_A_RUN
    return max(1, min(os.cpu_count() or 1, int(free / GIGABYTES_A_RUN)))


def gather(notebooks: list[Path], seeds: list[int], *, file: Path = ledger.FILE, jobs: int | None = None) -> None:
    """Run what is missing, seed by seed, and keep it in the file."""
    kept = ledger.read(file)
    texts = {notebook: notebook.read_text(encoding="utf-8") for notebook in notebooks}  # who edits on does no harm
    for notebook, text in texts.items():
        chapter = nbformat.reads(text, as_version=4)
        if kept.get(notebook.stem, {}).get("digest") != (digest := ledger.digest(chapter)):
            kept[notebook.stem] = ledger.begin(digest, ledger.claims_of(chapter))
    missing = [(n, seed) for seed in seeds for n in notebooks if seed not in ledger.measured_seeds(kept[n.stem])]
    print(f"  {len(missing)} runs are missing of {len(seeds)} seeds × {len(notebooks)} chapters", flush=True)
    about, started = surroundings(), time.perf_counter()
    with ProcessPoolExecutor(jobs or at_once(), mp_context=get_context("spawn")) as pool:
        try:
            futures = {pool.submit(run_chapter, texts[n], n.parent, seed): (n, seed) for n, seed in missing}
            for number, future in enumerate(as_completed(futures), start=1):
                (notebook, seed), run = futures[future], future.result()
                ledger.add(kept[notebook.stem], seed, about, run.claims, run.error)
                ledger.write(kept, file)
                left = (time.perf_counter() - started) / number * (len(missing) - number)
                print(_progress(notebook.stem, seed, run, number, len(missing), left), flush=True)
        except KeyboardInterrupt:
            pool.shutdown(wait=False, cancel_futures=True)
            sys.exit("  Stopped. What has finished is kept; the next `make evidence` goes on from here.")


def _progress(chapter: str, seed: int, run: Run, number: int, total: int, left: float) -> str:
    failed = [claim["statement"] for claim in run.claims if not claim.get("held", True)]
    said = (
        f"  {number}/{total} {chapter}, seed {seed}: {len(run.claims) - len(failed)} of {len(run.claims)} claims hold"
    )
    said += f", {run.seconds:.0f} s; about {left / 60:.0f} min left"
    return (
        said + "".join(f"\n      ✗ {statement}" for statement in failed) + (f"\n      {run.error}" if run.error else "")
    )


def main(arguments: list[str]) -> None:
    parser = argparse.ArgumentParser(prog="make evidence", description=__doc__)
    parser.add_argument("chapters", nargs="*", metavar="CHAPTER")
    parser.add_argument("--seeds", type=int, default=20, metavar="K", help="how many seeds (default 20)")
    parser.add_argument("--jobs", type=int, help="how many at once (default: what cores and free memory allow)")
    chosen = parser.parse_args(arguments)
    notebooks = [path for path in execute.chapters(chosen.chapters) if ledger.claims_of(nbformat.read(path, 4))]
    # Runs of one chapter differ in the seed alone: they share what XLA has compiled.
    os.environ.setdefault("JAX_COMPILATION_CACHE_DIR", str(Path("_build", "compiled").resolve()))
    os.environ.setdefault("JAX_COMPILATION_CACHE_MAX_SIZE", str(10**9))
    os.environ.setdefault("JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS", "0.05")
    gather(notebooks, ledger.seeds(chosen.seeds), jobs=chosen.jobs)


if __name__ == "__main__":
    main(sys.argv[1:])
