"""A sandbox that stands still in one dialect, and a client that speaks it: a test file or a test says which."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache

import pytest

from jst.erp.client import Client
from tests.support.still_sandbox import StillSandbox


@pytest.fixture(scope="session")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str], StillSandbox]]:
    """One sandbox per dialect, started when it is first asked for."""
    past = ("--history-days", "1", "--history-per-hour", "20")
    started = list[StillSandbox]()

    @cache
    def of(dialect: str) -> StillSandbox:
        started.append(StillSandbox(tmp_path_factory.mktemp("erp"), dialect, "--no-quota", *past))
        return started[-1]

    yield of
    for sandbox in started:
        sandbox.close()


@pytest.fixture
def sandbox(dialect: str, running: Callable[[str], StillSandbox]) -> StillSandbox:
    """The dialect's sandbox without faults; tests are parametrized by ``dialect``."""
    sandbox = running(dialect)
    sandbox.faults()
    return sandbox


@pytest.fixture
def client(sandbox: StillSandbox) -> Iterator[Client]:
    with sandbox.client() as client:
        yield client
