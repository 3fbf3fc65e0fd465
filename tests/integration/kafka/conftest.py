"""A topic of its own for each test, on the test run's broker."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest
from confluent_kafka.admin import AdminClient, NewTopic  # type: ignore[attr-defined]

from jst.kafka.exact_reader import ExactReader
from jst.kafka.producer import CountingProducer


@pytest.fixture
def config(kafka_bootstrap: str) -> dict[str, Any]:
    """The Kafka connection's extra."""
    return {"bootstrap.servers": kafka_bootstrap}


@pytest.fixture
def topic(config: dict[str, Any]) -> str:
    """Empty, three partitions."""
    return _created(config)


@pytest.fixture
def narrow_topic(config: dict[str, Any]) -> str:
    """Takes records of 2,000 bytes at most, from its beginning on."""
    return _created(config, {"max.message.bytes": "2000"})


def _created(config: dict[str, Any], settings: dict[str, str] | None = None) -> str:
    name = f"test.{uuid4().hex}"
    admin = AdminClient(config)
    (created,) = admin.create_topics([NewTopic(name, num_partitions=3, config=settings or {})]).values()
    created.result(timeout=20)
    return name


@pytest.fixture
def producer(config: dict[str, Any]) -> Iterator[CountingProducer]:
    producer = CountingProducer(config)
    yield producer
    producer.close()


@pytest.fixture
def reader(config: dict[str, Any]) -> Iterator[ExactReader]:
    reader = ExactReader(config)
    yield reader
    reader.close()
