"""The broker is away: everybody says so in time, and afterwards nothing is missing, doubled or mixed up."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

import jst.kafka.exact_reader
import jst.kafka.producer
import jst.kafka.topics
from jst.errors import Retry
from jst.kafka.exact_reader import ExactReader
from jst.kafka.producer import CountingProducer, ranges
from jst.kafka.topics import create_topics
from local.instance import Instance
from tests.support.kafka_records import carry, fill, lying

pytestmark = pytest.mark.kafka


@pytest.fixture
def hurried(config: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> Iterator[CountingProducer]:
    """Everybody gives up after a second or two; the producer's deadline is set when it is made."""
    monkeypatch.setattr(jst.kafka.exact_reader, "PATIENCE_SECONDS", 1.0)
    monkeypatch.setattr(jst.kafka.topics, "PATIENCE_SECONDS", 1.0)
    monkeypatch.setattr(jst.kafka.producer, "DEADLINE_SECONDS", 1.5)
    producer = CountingProducer(config)
    monkeypatch.setattr(jst.kafka.producer, "DEADLINE_SECONDS", 20.0)
    yield producer
    producer.close()


def gives_up(work: Callable[[], object], says: str) -> None:
    began = time.monotonic()
    with pytest.raises(Retry, match=says):
        work()
    assert time.monotonic() - began < 5


def test_everybody_says_so_and_goes_on_afterwards(
    config: dict[str, Any], hurried: CountingProducer, reader: ExactReader, topic: str, stack: Instance
) -> None:
    before = ranges(carry(hurried, topic, "plan-0", range(60)))
    assert len(reader.read(topic, before, [("plan-0", 1)])) == 60
    fresh = ExactReader(config)
    failed = hurried.batch(topic)
    stack.stop("kafka")
    try:
        fill(failed, "plan-1", range(40))
        gives_up(failed.flush, rf"{topic} 只确认了 0/40 条.*检查 Kafka")
        gives_up(lambda: reader.read(topic, before, [("plan-0", 1)]), rf"{topic}.*检查 Kafka")
        gives_up(lambda: fresh.read(topic, before, [("plan-0", 1)]), rf"{topic}.*检查 Kafka")
        gives_up(lambda: create_topics(config), "检查 Kafka")
    finally:
        stack.start("kafka")
    patient = CountingProducer(config)
    second = carry(patient, topic, "plan-1", range(20), attempt=2)
    third = carry(hurried, topic, "plan-2", range(60))
    patient.close()
    found = lying(config, topic)
    assert [found[position] for position in second] == [f"plan-1/{number}" for number in range(20)]
    assert [found[position] for position in third] == [f"plan-2/{number}" for number in range(60)]
    for each in (reader, fresh):
        assert len(each.read(topic, before, [("plan-0", 1)])) == 60
        assert len(each.read(topic, ranges(second + third), [("plan-1", 2)])) == 20
    fresh.close()


def test_a_killed_broker_loses_and_doubles_nothing(
    config: dict[str, Any], producer: CountingProducer, topic: str, stack: Instance
) -> None:
    carry(producer, topic, "plan-0", range(5))
    batch = producer.batch(topic)
    fill(batch, "plan-1", range(2000))
    stack.kill("kafka")
    fill(batch, "plan-1", range(2000, 3000))
    positions: list[tuple[int, int]] = []
    flushing = threading.Thread(target=lambda: positions.extend(batch.flush()))
    flushing.start()
    stack.start("kafka")
    flushing.join()
    found = lying(config, topic)
    assert [found[position] for position in positions] == [f"plan-1/{number}" for number in range(3000)]
    assert len(found) == 3005
