"""What a measurement ran on."""

from __future__ import annotations

import os
import platform
import re
from pathlib import Path
from typing import Any


def machine() -> dict[str, Any]:
    """Its processor, as the system names it, and how many cores there are."""
    try:
        names = re.findall(r"^model name\s*:\s*(.*)$", Path("/proc/cpuinfo").read_text(), flags=re.MULTILINE)
    except OSError:
        names = []
    return {"processor": names[0] if names else platform.machine(), "cores": os.cpu_count()}
