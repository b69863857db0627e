"""One browser page for all tests of this folder."""

import pytest
from js_engine import open_engine


@pytest.fixture(scope="session")
def engine():
    with open_engine() as engine:
        yield engine
