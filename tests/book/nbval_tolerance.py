"""A pytest plugin that lets nbval compare numbers as numbers: ``pytest -p nbval_tolerance --nbval chapter.ipynb``.

Everything but numbers must be equal to the letter. Numbers must agree within a relative tolerance, because the last
digits differ between processors; a cell in which they differ more (a long float32 training) carries its own
``"tolerance"`` in the metadata, and one that shows 32-bit rounding its own ``"rounding"``, an absolute difference.
Coordinates inside a drawing may also move by that fraction of the drawing's size.
"""

from __future__ import annotations

import base64
import json
import re

import numpy as np
from nbval import plugin

DEFAULT_TOLERANCE = 1e-3
ROUNDING = 1e-12  # what should be zero is rounding noise, another on each machine
DRAWING_SIZE = 400.0  # points, about the width of a figure
NUMBER = re.compile(r"(?<![\w#.-])[-+−]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+−]?\d+)?(?![\w])")
PATH = re.compile(r'(?<=\sd=")[^"]*')


def spaced(page: str) -> str:
    """The same with room between the letters and the numbers of a path: ``M1,2L3,4`` is ``M 1,2 L 3,4``."""
    return PATH.sub(lambda path: re.sub(r"([MLHVCSQTAZ])", r" \1 ", path[0]), page)


def agrees(stored: str, fresh: str, tolerance: float, rounding: float = ROUNDING) -> bool:
    """Whether two outputs are the same text with numbers that agree."""
    if stored == fresh:
        return True
    stored, fresh = spaced(stored), spaced(fresh)
    if NUMBER.split(stored) != NUMBER.split(fresh):
        return False
    drawing = stored.find("<svg"), stored.rfind("</svg>")
    for old, new in zip(NUMBER.finditer(stored), NUMBER.finditer(fresh), strict=True):
        a, b = (float(m.group().replace("−", "-")) for m in (old, new))
        room = tolerance * DRAWING_SIZE if drawing[0] <= old.start() < drawing[1] else 0.0
        if abs(a - b) > room + rounding + tolerance * abs(a):
            return False
    return True


VERSION = re.compile(r'"jax": ?"([^"]+)"|\(JAX (\d[\d.]*\d)\)')  # in an explorer's data, in the caption of a listing
LISTING = re.compile(r"^```.*?^```", re.DOTALL | re.MULTILINE)
OWN = re.compile(r"\bp[0-9a-f]{8}-(?=\d)")  # identifiers in a drawing; a hash of its alternative text and its numbers
ARRAY = re.compile(r'new (\w+)Array\(decodeBase64\(\\?"([\w+/=]*)\\?"\)\)')  # the numbers that a program holds
PIXELS = re.compile(r'(<img src="data:image/png;base64,)[^"]*')  # drawn from numbers that stand beside them
PAYLOAD = re.compile(r'(<script type="application/json">)(.*?)(</script>)', re.DOTALL)


def numbers(array: re.Match[str]) -> str:
    """The numbers of an array of a program, instead of their bytes."""
    values = np.frombuffer(base64.b64decode(array[2]), array[1].lower())
    return f"new {array[1]}Array({', '.join(repr(x) for x in values.tolist())})"


def without_programs(page: str) -> str:
    """An output without the jaxpr or the JavaScript in it, whose text differs between versions of JAX."""

    def strip(match: re.Match[str]) -> str:
        payload = json.loads(match[2])
        kept = {key: value for key, value in payload.items() if key not in ("programs", "shapes", "jax")}
        return match[1] + json.dumps(kept) + match[3]

    return VERSION.sub("", LISTING.sub("", PAYLOAD.sub(strip, page)))


def comparable(old: str, new: str) -> tuple[str, str]:
    """Two outputs without pixels; if different versions of JAX compiled them, without what the version decides."""
    old, new = (ARRAY.sub(numbers, OWN.sub("p-", PIXELS.sub(r"\1", page))) for page in (old, new))
    versions = [VERSION.findall(page) for page in (old, new)]
    return (old, new) if versions[0] == versions[1] else (without_programs(old), without_programs(new))


def settle(stored: list, fresh: list, tolerance: float, rounding: float) -> list:
    """The fresh outputs, with each value that agrees with the stored one replaced by it."""

    def value(old, new):
        if isinstance(old, str) and isinstance(new, str) and agrees(*comparable(old, new), tolerance, rounding):
            return old
        if isinstance(old, dict) and isinstance(new, dict):
            return type(new)({k: value(old.get(k), v) for k, v in new.items()})
        return new

    return [value(old, new) for old, new in zip(stored, fresh, strict=True)] if len(stored) == len(fresh) else fresh


_compare = plugin.IPyNbCell.compare_outputs


def compare_outputs(self, test, ref, skip_compare=None):
    tolerance = float(self.cell.metadata.get("tolerance", DEFAULT_TOLERANCE))
    rounding = float(self.cell.metadata.get("rounding", ROUNDING))
    return _compare(self, settle(ref, test, tolerance, rounding), ref, skip_compare)


plugin.IPyNbCell.compare_outputs = compare_outputs
