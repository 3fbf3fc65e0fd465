"""A migrated control database whose tables are empty before each test, and the stand-ins as a server."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from bench.instruments.messengers import Messengers
from tests.support.control_fixture import database

__all__ = ["database"]


@pytest.fixture(scope="session")
def _messengers() -> Iterator[Messengers]:
    messengers = Messengers()
    yield messengers
    messengers.close()


@pytest.fixture
def messengers(_messengers: Messengers) -> Messengers:
    """Empty groups, no faults."""
    _messengers.reset()
    return _messengers
