"""Real servers for the tests that need them: one PostgreSQL, Kafka and ClickHouse per run, started on first use."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from local.instance import Instance, for_this_process
from tests.support.search_depth import DEPTH, SEED
from tests.support.shares import ShareScheduling, longest_first


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--long", action="store_true", help="search everything, not a share: minutes instead of seconds")
    parser.addoption("--search-seed", type=int, default=SEED, help=f"what the searches draw (default {SEED})")


def pytest_configure(config: pytest.Config) -> None:
    DEPTH.choose(whole=config.getoption("--long"), seed=config.getoption("--search-seed"))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if getattr(getattr(item, "obj", None), "is_hypothesis_test", False):
            item.add_marker("search")
    items.sort(key=longest_first)


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> ShareScheduling | None:
    return ShareScheduling(config, log) if config.getvalue("dist") == "loadscope" else None


@pytest.fixture(scope="session")
def stack() -> Iterator[Instance]:
    """The test run's own servers; ``stack.stop(name)`` and ``stack.start(name)`` make an outage of one of them."""
    instance = for_this_process()
    yield instance
    instance.close()


@pytest.fixture(scope="session")
def postgres_dsn(stack: Instance) -> str:
    """libpq URL of an empty database whose owner we are."""
    return stack.postgres()


@pytest.fixture(scope="session")
def kafka_bootstrap(stack: Instance) -> str:
    """``bootstrap.servers`` of a broker without topics."""
    return stack.kafka()


@pytest.fixture(scope="session")
def clickhouse(stack: Instance) -> dict[str, str | int]:
    """host, port (native, behind the proxy), http_port, user and password of the etl user."""
    return stack.clickhouse()
