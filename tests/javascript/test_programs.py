"""Random programs: what the compiler makes of them agrees with JAX."""

from __future__ import annotations

import os

import pytest
from agreement import check
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from programs import programs

# Two parts, so that the test workers share them, one of them with every loop in WebAssembly that may be; programs are
# compiled in groups, by JAX and in the page.
PARTS, GROUP, PROGRAMS = 2, 20, int(os.environ.get("JAVASCRIPT_PROGRAMS", "2000"))


@pytest.mark.parametrize("part", range(PARTS))
def test_random_programs(engine, part):
    @settings(
        max_examples=PROGRAMS // PARTS // GROUP,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(st.lists(programs(), min_size=GROUP, max_size=GROUP))
    def agree(group):
        cases = {f"{k}: {names}": (program, args) for k, (program, args, names) in enumerate(group)}
        check(engine, cases, **({"smallest_vectorised": 0} if part else {}))

    agree()
