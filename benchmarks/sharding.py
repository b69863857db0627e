"""How long a sweep takes: with its width, examples and members on one core, and with more devices and cores.

The devices of a processor are virtual: they share its cores, so no number of them can be faster than the cores are
together. The rows of a process take turns, and the best of each counts: what the machine does when nobody disturbs it.
Where JAX finds accelerators, they are measured too.

Run by ``make bench``; keeps what it measured in ``book/speed.json``, from which the page "Running it bigger" tells it.
"""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE / "common"))

from record import record  # noqa: E402

STEPS, ROUNDS = 100, 15
BASE = {"width": 60, "examples": 154, "members": 16}
ALONG = {"width": [15, 30, 60, 120, 240], "examples": [38, 77, 154, 308, 616], "members": [4, 8, 16, 32, 64]}
ON_ACCELERATORS = {"width": 120, "examples": 154, "members": 2400}


def sweep(*, width: int, examples: int, members: int, devices: int) -> Callable[[], object]:
    """The training of the double-descent sweep, ready to run."""
    import jax
    import jax.numpy as jnp
    import numpy as np
    import optax

    from helpers.networks import mlp_apply, mlp_init
    from helpers.training import fit

    def squared_loss(params, batch):
        inputs, labels = batch
        outputs = jax.vmap(mlp_apply, in_axes=(None, 0))(params, inputs)
        return jnp.mean(jnp.sum((outputs - labels) ** 2, axis=1))

    mesh = jax.sharding.Mesh(np.array(jax.devices()[:devices]), ("members",))
    keys = jax.random.split(jax.random.key(0), members)
    params = jax.vmap(lambda key: mlp_init(key, (40, width, 10)))(keys)
    draw = np.random.default_rng(0)
    data = draw.standard_normal((examples, 40), np.float32), draw.standard_normal((examples, 10), np.float32)
    optimiser = optax.adam(0.001)
    return lambda: jax.block_until_ready(
        fit(squared_loss, params, optimiser, steps=STEPS, data=data, over="params", mesh=mesh).params
    )


def seconds_a_step(rows: list[dict]) -> list[float]:
    runs, best = [sweep(**row) for row in rows], [float("inf")] * len(rows)
    for number in range(ROUNDS + 1):
        for k, run in enumerate(runs):
            started = time.perf_counter()
            run()
            if number:  # the first round compiles
                best[k] = min(best[k], time.perf_counter() - started)
    return [seconds / STEPS for seconds in best]


def child(job: dict) -> None:
    """Measure the rows of a job, on its cores and with its devices."""
    if job.get("cores") and hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[: job["cores"]])
    import jax

    if job.get("cores"):
        jax.config.update("jax_platforms", "cpu")
        jax.config.update("jax_num_cpu_devices", job["devices"] // job.get("processes", 1))
    if "port" in job:
        jax.config.update("jax_cpu_collectives_implementation", "gloo")
        here, number = f"127.0.0.1:{job['port']}", job["number"]
        bind = here if number == 0 else None
        jax.distributed.initialize(here, job["processes"], number, coordinator_bind_address=bind)
    print("measured", json.dumps(seconds_a_step(job["rows"])), flush=True)


def begin(**job) -> subprocess.Popen:
    command = [sys.executable, __file__, json.dumps(job)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)


def measured(process: subprocess.Popen) -> list[float]:
    said, _ = process.communicate(timeout=1800)
    lines = [line.removeprefix("measured ") for line in said.splitlines() if line.startswith("measured ")]
    if process.returncode or not lines:
        raise SystemExit("a measuring process failed: run one by hand, as in begin()")
    return json.loads(lines[0])


def two_processes() -> float:
    """Two processes with a device each, as on two machines; the slower one counts."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    shared = {"rows": [{**BASE, "devices": 2}], "cores": os.cpu_count(), "devices": 2, "processes": 2, "port": port}
    return max(measured(process)[0] for process in [begin(**shared, number=number) for number in range(2)])


def accelerators() -> list[dict]:
    """What 1, 2, 4, … of them do, if JAX finds some."""
    ask = "import jax; print(jax.device_count() if jax.default_backend() != 'cpu' else 0, jax.devices()[0].device_kind)"
    said = subprocess.run([sys.executable, "-c", ask], capture_output=True, text=True, check=True).stdout
    count, kind = said.strip().split(" ", 1)
    rows = [{**ON_ACCELERATORS, "devices": n} for n in (1, 2, 4, 8, 16) if n <= int(count)]
    times = measured(begin(rows=rows)) if rows else []
    return [
        {"devices": row["devices"], "kind": kind, "ms": round(1e3 * t, 4)} for row, t in zip(rows, times, strict=True)
    ]


def main() -> None:
    rows = [{**BASE, name: size} for name, sizes in ALONG.items() for size in sizes]
    times = measured(begin(rows=[{**row, "devices": 1} for row in rows], cores=1, devices=1))
    along = [{**row, "ms": round(1e3 * seconds, 4)} for row, seconds in zip(rows, times, strict=True)]
    for row in along:
        print(f"  width {row['width']:3}, {row['examples']:3} examples, {row['members']:2} members: {row['ms']:.3f} ms")
    cores, spread = os.cpu_count() or 1, []
    for used, numbers in [(1, [1]), (cores, [1, 2, 4, 8])]:
        times = measured(begin(rows=[{**BASE, "devices": n} for n in numbers], cores=used, devices=max(numbers)))
        spread += [
            {"processes": 1, "cores": used, "devices": n, "ms": round(1e3 * t, 4)}
            for n, t in zip(numbers, times, strict=True)
        ]
    spread.append({"processes": 2, "cores": cores, "devices": 2, "ms": round(1e3 * two_processes(), 4)})
    for row in spread:
        print(
            f"  {row['processes']} processes, {row['devices']} devices, {row['cores']} cores: {row['ms']:.3f} ms a step"
        )
    found = accelerators()
    more = {"accelerators": found, "on_accelerators": ON_ACCELERATORS} if found else {}
    record("sharding", base=BASE, steps=STEPS, rounds=ROUNDS, along=along, spread=spread, **more)


if __name__ == "__main__":
    child(json.loads(sys.argv[1])) if len(sys.argv) > 1 else main()
