"""For a function that runs in the kernel: its answers over the grid of the controls, packed for the static page."""

from __future__ import annotations

import base64
import gzip
import itertools
from collections.abc import Mapping
from typing import Any

import numpy as np

from helpers.explorer.programs import Programs

MOST_SETTINGS = 5000
LARGEST = 400_000  # bytes of text in the page


def table(programs: Programs) -> dict[str, Any]:
    """Compute every setting and pack the columns.

    A column of floats keeps 13 bits of its fraction (four digits) and is stored byte plane by byte plane, which
    compresses well; a column that no control changes is stored once.

    Raises:
        ValueError: if a control has no grid (a sketch, points), or there are too many settings or too many bytes.
    """
    controls = {name: c for name, c in programs.controls.items() if c.kind != "fixed"}
    if drawn := [name for name, control in controls.items() if control.drawn]:
        what = "a sketch" if controls[drawn[0]].kind == "sketch" else "a control of points"
        raise ValueError(f"run='kernel' needs a grid of settings for the static page, and {drawn[0]} is {what}")
    stops = {name: control.stops() for name, control in controls.items()}
    count = int(np.prod([len(s) for s in stops.values()]))
    told = " × ".join(f"{len(s)} of {name}" for name, s in stops.items())
    if count > MOST_SETTINGS:
        raise ValueError(f"run='kernel': {count:,} settings ({told}) are more than {MOST_SETTINGS:,}: larger steps")
    settings = (dict(zip(stops, values, strict=True)) for values in itertools.product(*stops.values()))
    packed = _packed([_flat(programs, setting) for setting in settings])
    if packed["bytes"] > LARGEST:
        raise ValueError(
            f"run='kernel': the table of {count:,} settings ({told}) takes {packed['bytes']:,} bytes in the page, more "
            f"than {LARGEST:,}: use larger steps, or return fewer points"
        )
    return {"stops": {name: list(s) for name, s in stops.items()}, **packed}


def _flat(programs: Programs, values: Mapping[str, Any]) -> dict[str, Any]:
    fixed = {name: c.start for name, c in programs.controls.items() if c.kind == "fixed"}
    data = programs.run({**fixed, **values})
    return {f"{dataset}.{column}": found for dataset, columns in data.items() for column, found in columns.items()}


def _packed(results: list[dict[str, Any]]) -> dict[str, Any]:
    columns: list[dict[str, Any]] = []
    stream = bytearray()
    for name in results[0]:
        parts = [result[name] for result in results]
        if isinstance(parts[0], list):
            columns.append({"name": name, "words": parts[0] if all(p == parts[0] for p in parts) else parts})
            continue
        arrays = [_small(np.asarray(part)) for part in parts]
        shared = all(np.array_equal(a, arrays[0], equal_nan=a.dtype.kind == "f") for a in arrays)
        whole = arrays[0] if shared else np.concatenate(arrays)
        plain = whole.view(np.uint8).reshape(-1, whole.itemsize).T.tobytes()
        lengths = [len(arrays[0])] if shared or len({len(a) for a in arrays}) == 1 else [len(a) for a in arrays]
        about: dict[str, Any] = {
            "name": name,
            "dtype": whole.dtype.name,
            "truth": np.asarray(parts[0]).dtype.kind == "b",
        }
        columns.append({**about, "shared": shared, "lengths": lengths, "size": len(plain)})
        stream += plain
    text = base64.b64encode(gzip.compress(bytes(stream), 9, mtime=0)).decode()
    return {"columns": columns, "data": text, "bytes": len(text)}


def _small(values: np.ndarray) -> np.ndarray:
    if values.dtype.kind == "b":
        return values.astype(np.uint8)
    if values.dtype.kind != "f":
        return values.astype(np.int32)
    bits = values.astype(np.float32).view(np.uint32)
    finite = np.isfinite(values)
    return np.where(finite, (bits + 0x200) & ~np.uint32(0x3FF), bits).astype(np.uint32).view(np.float32)
