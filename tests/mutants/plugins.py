"""What `judge.py` adds to pytest: a listener for the first run; order and time limits for the tests of a mutant."""

from __future__ import annotations

import faulthandler
import sys
import time
from pathlib import Path
from typing import NamedTuple

import pytest


class Timings(NamedTuple):
    """Of a run without mutants: per test its seconds, and the lines of each file that it ran."""

    seconds: dict[str, float]
    lines: dict[str, dict[str, list[int]]]


class Listener:
    """A pytest plugin for the first run: notes :class:`Timings`."""

    def __init__(self, source: Path) -> None:
        self.source, self.timings, self.running = f"{source}/", Timings({}, {}), ""

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item):
        ran: dict[str, set[int]] = {}

        def enter(frame, event, argument):
            path = frame.f_code.co_filename
            if not path.startswith(self.source):
                return None
            mine = ran.setdefault(path.removeprefix(self.source), set())

            def note(frame, event, argument):
                mine.add(frame.f_lineno)
                return note

            return note(frame, event, argument)

        start = time.monotonic()
        sys.settrace(enter)
        try:
            return (yield)
        finally:
            sys.settrace(None)
            self.timings.seconds[item.nodeid] = time.monotonic() - start
            self.timings.lines[item.nodeid] = {file: sorted(lines) for file, lines in ran.items()}


class Judge:
    """A pytest plugin for a mutant: puts the tests in order, and ends one that takes far longer than it should."""

    def __init__(self, timings: Timings, file: str, line: int) -> None:
        self.timings, self.file, self.line = timings, file, line

    def rank(self, item: pytest.Item) -> tuple[bool, float]:
        lines = self.timings.lines.get(item.nodeid, {}).get(self.file, [])
        return self.line not in lines, self.timings.seconds.get(item.nodeid, 0)

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        items.sort(key=self.rank)
        # A test that never comes to the line sees no difference. No test does where it runs on import: then all.
        concerned = [item for item in items if not self.rank(item)[0]]
        items[:] = concerned or items

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item):
        # A thread in C: it also ends a loop that XLA or the browser never leaves.
        faulthandler.dump_traceback_later(30 + 10 * self.timings.seconds.get(item.nodeid, 0), exit=True)
        try:
            return (yield)
        finally:
            faulthandler.cancel_dump_traceback_later()
