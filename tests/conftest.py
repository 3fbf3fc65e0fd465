"""Real servers for the tests that need them: one PostgreSQL, Kafka and ClickHouse per run, started on first use."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import settings

from local.instance import Instance, for_this_process

# how long an example takes says something about the machine only
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")


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
