"""One server of stand-ins of DingTalk, Feishu and SMS for the run."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from bench.instruments.messengers import Messengers


@pytest.fixture(scope="session")
def messengers_server() -> Iterator[Messengers]:
    messengers = Messengers()
    yield messengers
    messengers.close()


@pytest.fixture
def messengers(messengers_server: Messengers) -> Messengers:
    """Empty groups, no faults."""
    messengers_server.reset()
    return messengers_server
