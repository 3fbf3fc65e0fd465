"""One server of stand-ins for the run."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from bench.instruments.messengers import Messengers


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
