"""Keep what a benchmark measured in ``book/speed.json``, from which the book's pages tell it."""

from __future__ import annotations

import datetime
import json
from pathlib import Path
from typing import Any

from helpers.site.evidence.machine import machine

FILE = Path(__file__).parents[2] / "book" / "speed.json"


def record(part: str, **measured: Any) -> None:
    """Replace one part of the file by what was measured now, with the machine and the date."""
    kept = json.loads(FILE.read_text(encoding="utf-8")) if FILE.exists() else {}
    about = {"date": datetime.datetime.now(datetime.UTC).date().isoformat(), "machine": machine()}
    kept[part] = {**about, **measured}
    FILE.write_text(json.dumps(kept, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    print(f"  kept in {FILE}")
