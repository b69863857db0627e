"""How many small mistakes in `helpers` do its tests notice? See `make mutants` in CONTRIBUTING.md.

Each mutant of a module is judged by the tests that mirror the module. One process imports JAX and the like once and
forks a child for each mutant; the child sees a copy of ``src`` with the mutant in it. A first run without a mutant
tells which tests run which lines and how long they take, so that those which can notice come first, the quick before
the slow; and it leaves behind what XLA compiled, of which a mutant changes little.
"""

from __future__ import annotations

import argparse
import ast
import contextlib
import functools
import hashlib
import importlib
import json
import os
import re
import resource
import shutil
import signal
import subprocess
import sys
import time
import warnings
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
from plugins import Judge, Listener, Timings

ROOT = Path(__file__).resolve().parents[2]
HERE, BUILD = ROOT / "tests" / "mutants", ROOT / "_build" / "mutants"
GOAL = 85  # per cent
GREEN, RED = 0, 1  # pytest's exit codes

SCIENCE = ("claims", "curvature", "data", "duals", "kernels", "networks", "training")
COMPILER = tuple(sorted(path.stem for path in (ROOT / "src/helpers/javascript").glob("_[a-z]*.py")))
COMPILER_TESTS = tuple(
    sorted(f"tests/javascript/{path.name}" for path in (ROOT / "tests/javascript").glob("test_*.py"))
)
PROGRAMS = 200  # random ones, of the two thousand that the suite tries: those take minutes


class Target(NamedTuple):
    """A module, and the tests that mirror it."""

    name: str
    wing: str
    file: str
    tests: tuple[str, ...]

    @property
    def suite(self) -> str:
        return "compiler" if self.wing == "compiler" else self.name


TARGETS = [Target(name, "science wing", f"helpers/{name}.py", (f"tests/test_{name}.py",)) for name in SCIENCE]
TARGETS += [Target(name, "compiler", f"helpers/javascript/{name}.py", COMPILER_TESTS) for name in COMPILER]


def imported(targets: list[Target]) -> set[str]:
    """The modules that these targets and their tests import, the package under test left out."""
    files = [ROOT / "tests/conftest.py", *(ROOT / test for target in targets for test in target.tests)]
    files += [ROOT / "src" / target.file for target in targets]
    names: set[str] = set()
    seen: set[Path] = set()
    while files:
        path = files.pop()
        if path in seen or not path.is_file():
            continue
        seen.add(path)
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            found = [a.name for a in node.names] if isinstance(node, ast.Import) else []
            found += [node.module] if isinstance(node, ast.ImportFrom) and node.module else []
            files += [ROOT / "src" / f"{name.replace('.', '/')}.py" for name in found if name.startswith("helpers.")]
            names.update(name for name in found if name.partition(".")[0] != "helpers")
    return names


def warm_up(targets: list[Target], cache: Path) -> None:
    """Import what is slow to import, once; no threads of XLA yet, which a fork would not survive."""
    os.environ |= {
        "JAX_PLATFORMS": "cpu",
        "JAX_COMPILATION_CACHE_DIR": str(cache),
        "JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS": "0",
        "JAX_PERSISTENT_CACHE_MIN_ENTRY_SIZE_BYTES": "-1",
        "OPENBLAS_NUM_THREADS": "1",
        "JAVASCRIPT_PROGRAMS": str(PROGRAMS),
    }
    sys.dont_write_bytecode = True
    for name in sorted(imported(targets)):
        with contextlib.suppress(ImportError):  # one of the tests' own modules
            importlib.import_module(name)
    assert not any(name.partition(".")[0] == "helpers" for name in sys.modules)


def child(tests: tuple[str, ...], source: Path, plugin: object, log: Path, *, writes_cache: bool) -> int:
    """Fork; in the child run the tests on this copy of the package. Returns the child's process id."""
    with warnings.catch_warnings(action="ignore"):  # JAX warns of forks; nothing of it runs yet
        number = os.fork()
    if number:
        return number
    code = 70
    try:
        os.setsid()
        with log.open("w") as stream:
            os.dup2(stream.fileno(), 1)
            os.dup2(stream.fileno(), 2)
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        sys.stdout, sys.stderr = os.fdopen(1, "w", 1), os.fdopen(2, "w", 1)
        resource.setrlimit(resource.RLIMIT_DATA, (8 << 30, 8 << 30))  # a mutant may ask for the moon
        os.environ["PYTHONPATH"] = str(source)
        sys.path.insert(0, str(source))
        if not writes_cache and (jax := sys.modules.get("jax")):
            jax.config.update("jax_persistent_cache_min_compile_time_secs", 1e9)
        from hypothesis import Phase, settings

        # The same examples for every mutant, and no time spent on the smallest counterexample.
        phases = [Phase.explicit, Phase.generate]
        settings.register_profile("mutants", database=None, deadline=None, derandomize=True, phases=phases)
        options = ["-x", "-q", "-n0", "--tb=short", "--durations=0", "-p", "no:cacheprovider", "-p", "no:faulthandler"]
        options += ["--hypothesis-profile=mutants", "-W", "ignore::pytest.PytestAssertRewriteWarning"]
        code = int(pytest.main([*options, *tests], plugins=[plugin]))
        if isinstance(plugin, Listener):
            log.with_suffix(".json").write_text(json.dumps(plugin.timings))
    finally:
        sys.stdout.flush()
        os._exit(code)


def copy_of_source(place: Path) -> Path:
    shutil.rmtree(place, ignore_errors=True)
    shutil.copytree(ROOT / "src", place, ignore=shutil.ignore_patterns("__pycache__", "*.egg-info"))
    return place


def hash_of(paths: Iterable[Path]) -> str:
    return hashlib.sha256(b"".join(path.read_bytes() for path in sorted(paths))).hexdigest()[:16]


@functools.cache
def package(target: Target) -> str:
    """Of the modules that a verdict depends on, and of what their tests share."""
    if target.wing == "science wing":
        return hash_of((ROOT / "src/helpers").glob("*.py"))
    shared = (path for path in (ROOT / "tests/javascript").glob("*.py") if not path.name.startswith("test_"))
    return hash_of([*(ROOT / "src/helpers/javascript").rglob("*.[jp][sy]"), *shared])


@functools.cache
def fingerprint(target: Target) -> str:
    """Of all that a verdict depends on: the package, and every test."""
    return package(target) + hash_of(ROOT / test for test in target.tests)


def killer(by: str) -> str:
    """Of the file with the test that has noticed a mutant; empty if it was none."""
    file = ROOT / "tests" / by.partition("::")[0]
    return hash_of([file]) if file.is_file() else ""


def timings_of(target: Target) -> Timings:
    """From a first run without a mutant, which must be green; kept until package or tests change."""
    log = BUILD / f"first-{target.suite}-{fingerprint(target)}.log"
    kept = log.with_suffix(".json")
    if not kept.exists():
        print(f"→ {target.suite}: the tests without a mutant", end="", flush=True)
        started = time.monotonic()
        source = copy_of_source(BUILD / "src")
        number = child(target.tests, source, Listener(source), log, writes_cache=True)
        _, status = os.waitpid(number, 0)
        if os.waitstatus_to_exitcode(status) != GREEN:
            kept.unlink(missing_ok=True)
            sys.exit(f"\nThe tests of {target.suite} fail without any mutant: see {log}")
        print(f": {time.monotonic() - started:.0f} s", flush=True)
    return Timings(*json.loads(kept.read_text()))


class Verdict(NamedTuple):
    target: Target
    mutant: dict
    killed: bool
    by: str
    seconds: float


def judge(mutants: list[tuple[Target, dict]], jobs: int) -> Iterator[Verdict]:
    """Run the tests on each mutant, ``jobs`` at a time. What an earlier call found about the same mutant stands."""
    notes = BUILD / "verdicts.jsonl"
    found = {note["key"]: note for note in map(json.loads, notes.read_text().splitlines())} if notes.exists() else {}
    # Who is dead stays dead while the package and the test that noticed are the same, whatever other tests there are.
    dead = {n["dead"]: n for n in found.values() if n["killed"] and n.get("killer") and n["killer"] == killer(n["by"])}
    waiting, free = list(reversed(mutants)), list(range(jobs))
    running: dict[int, tuple[int, Target, dict, str, str, float]] = {}
    timings: dict[str, Timings] = {}
    while waiting or running:
        while waiting and free:
            target, mutant = waiting.pop()
            changed = hashlib.sha256(mutant["source"].encode()).hexdigest()[:16]
            key = f"{fingerprint(target)} {changed}"
            if note := found.get(key) or dead.get(f"{package(target)} {changed}"):
                yield Verdict(target, mutant, note["killed"], note["by"], note["seconds"])
                continue
            if target.suite not in timings:
                timings[target.suite] = timings_of(target)
            slot = free.pop()
            source = copy_of_source(BUILD / f"src-{slot}")
            (source / target.file).write_text(mutant["source"])
            plugin = Judge(timings[target.suite], target.file, mutant["line"])
            number = child(target.tests, source, plugin, BUILD / f"slot-{slot}.log", writes_cache=False)
            running[number] = slot, target, mutant, key, changed, time.monotonic()
        if not running:
            break
        number, status = os.wait()
        slot, target, mutant, key, changed, started = running.pop(number)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(number, signal.SIGKILL)  # what the tests may have left behind
        free.append(slot)
        code = os.waitstatus_to_exitcode(status)
        verdict = Verdict(target, mutant, code != GREEN, reason(slot, code), round(time.monotonic() - started, 1))
        with notes.open("a") as stream:
            entry = {"key": key, "dead": f"{package(target)} {changed}", "killer": killer(verdict.by)}
            entry |= {**verdict._asdict(), "target": target.name, "mutant": {**mutant, "source": None}}
            stream.write(json.dumps(entry) + "\n")
        yield verdict


def reason(slot: int, code: int) -> str:
    """What ended a child: the test that failed, or its time."""
    text = (BUILD / f"slot-{slot}.log").read_text(errors="replace")
    failed = re.search(r"^(?:FAILED|ERROR) (?:tests/)?(\S+)", text, re.M)
    return failed[1] if failed else "time" if "Timeout (" in text else f"exit code {code}"


def place_of(module: str, before: str, after: str) -> tuple[str, str, str]:
    """What a mutant is known by, whatever the spaces in it and the number of its line."""
    return module, "".join(before.split()), "".join(after.split())


def known_survivors() -> dict[tuple[str, str, str], str]:
    """Why nothing notices some mutants, from known.md."""
    known, module = {}, ""
    for entry in re.split(r"^(?=## |- )", (HERE / "known.md").read_text(encoding="utf-8"), flags=re.M):
        if entry.startswith("## "):
            module = entry.splitlines()[0].removeprefix("## ").strip()
        elif entry.startswith("- "):
            before, *afters = re.findall(r"^(?:- |  → )`(.*)`$", entry, re.M)
            why = " ".join(line.strip() for line in entry.splitlines()[1 + len(afters) :])
            known |= {place_of(module, before, after): why.strip() for after in afters}
    return known


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("modules", nargs="*", help="as in: curvature _kernel; without any, all")
    parser.add_argument("--proposer", required=True, help="the Python that has cosmic-ray")
    parser.add_argument("--sample", default="12", help="mutants per module, or all")
    parser.add_argument("--seed", default="0")
    parser.add_argument("--jobs", type=int, default=1)
    arguments = parser.parse_args()
    targets = [t for t in TARGETS if not arguments.modules or t.name in arguments.modules]
    if len(targets) < len(set(arguments.modules)):
        sys.exit(f"MODULE must be among {', '.join(t.name for t in TARGETS)}, got {' '.join(arguments.modules)}")
    os.chdir(ROOT)
    BUILD.mkdir(parents=True, exist_ok=True)
    files = [f"src/{target.file}" for target in targets]
    command = [arguments.proposer, HERE / "propose.py", arguments.sample, arguments.seed, *files]
    proposed = json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout)
    mutants = [(target, m) for target in targets for m in proposed[f"src/{target.file}"]["mutants"]]
    warm_up(targets, BUILD / "compiled")

    known, verdicts = known_survivors(), []
    texts = {t.name: "".join((ROOT / "src" / t.file).read_text(encoding="utf-8").split()) for t in TARGETS}
    if gone := [f"{module}: {before}" for module, before, _ in known if before not in texts[module]]:
        sys.exit("known.md has lines that are in their modules no more:\n" + "\n".join(gone))
    for verdict in judge(mutants, arguments.jobs):
        verdicts.append(verdict)
        target, mutant = verdict.target, verdict.mutant
        if not verdict.killed:
            why = known.get(place_of(target.name, mutant["before"], mutant["after"]))
            print(f"  src/{target.file}:{mutant['line']} survives ({verdict.seconds:.0f} s)\n    - {mutant['before']}")
            print(f"    + {mutant['after']}\n    {f'known: {why}' if why else 'NOT EXPLAINED'}", flush=True)
    sys.exit(report(targets, verdicts, proposed, known))


def report(targets: list[Target], verdicts: list[Verdict], proposed: dict, known: dict) -> int:
    """Prints the rates, of all and without the known survivors; returns 1 if a wing's first is below the goal."""
    heads = ("mutants", "judged", "killed", "by time", "known", "rate", "without")
    print(f"\n{'module':<14}" + "".join(f"{head:>8}" for head in heads))
    low = 0
    for wing in dict.fromkeys(target.wing for target in targets):
        sums = [0, 0, 0, 0, 0]
        for target in (t for t in targets if t.wing == wing):
            mine = [v for v in verdicts if v.target == target]
            killed = sum(v.killed for v in mine)
            explained = sum(
                place_of(target.name, v.mutant["before"], v.mutant["after"]) in known for v in mine if not v.killed
            )
            slow = sum(v.by == "time" for v in mine)
            row = [proposed[f"src/{target.file}"]["total"], len(mine), killed, slow, explained]
            sums = [a + b for a, b in zip(sums, row, strict=True)]
            print(line(target.name, row))
        print(line(wing, sums) + "\n")
        low |= 100 * sums[2] < GOAL * sums[1]
    return int(low)


def line(name: str, row: list[int]) -> str:
    _, judged, killed, _, known = row
    rates = [100 * killed / count for count in (judged, judged - known) if count]
    return f"{name:<14}" + "".join(f"{n:>8}" for n in row) + "".join(f"{rate:>6.0f} %" for rate in rates)


if __name__ == "__main__":
    main()
