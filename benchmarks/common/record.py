"""Keep what a benchmark measured in ``book/speed.json``, from which the book's pages tell it.

It needs the standard library alone: a peer's environment has neither this book's package nor Sphinx.
"""

from __future__ import annotations

import datetime
import json
import os
import platform
import re
from pathlib import Path
from typing import Any

FILE = Path(__file__).parents[2] / "book" / "speed.json"


def record(part: str, **measured: Any) -> None:
    """Replace one part of the file by what was measured now, with the machine and the date."""
    kept = json.loads(FILE.read_text(encoding="utf-8")) if FILE.exists() else {}
    about = {"date": datetime.datetime.now(datetime.UTC).date().isoformat(), "machine": machine()}
    kept[part] = {**about, **measured}
    FILE.write_text(json.dumps(kept, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    print(f"  kept in {FILE}")


def machine() -> dict[str, Any]:
    """Its processor, as the system names it, and how many cores there are."""
    try:
        names = re.findall(r"^model name\s*:\s*(.*)$", Path("/proc/cpuinfo").read_text(), flags=re.MULTILINE)
    except OSError:
        names = []
    return {"processor": names[0] if names else platform.machine(), "cores": os.cpu_count()}
