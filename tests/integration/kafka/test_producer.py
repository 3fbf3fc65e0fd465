"""Either all records of a batch lie in Kafka and we know where, or the batch fails and says how far it came."""

from __future__ import annotations

import random
import re
from typing import Any

import pytest
from confluent_kafka.admin import (  # type: ignore[attr-defined]
    AdminClient,
    AlterConfigOpType,
    ConfigEntry,
    ConfigResource,
    ResourceType,
)
from hypothesis import given
from hypothesis import strategies as st

import jst.kafka.producer as module
from jst.errors import Retry
from jst.kafka.producer import CountingProducer, ranges
from tests.support.kafka_records import carry, fill, lying, origin

pytestmark = pytest.mark.kafka


def test_each_record_lies_where_the_batch_says(config: dict[str, Any], producer: CountingProducer, topic: str) -> None:
    positions = carry(producer, topic, "plan-1", range(300))
    found = lying(config, topic)
    assert [found[position] for position in positions] == [f"plan-1/{number}" for number in range(300)]
    assert len(found) == 300
    assert ranges(positions) == {
        partition: (0, sum(position[0] == partition for position in positions)) for partition in range(3)
    }


def test_batches_side_by_side_are_told_apart(config: dict[str, Any], producer: CountingProducer, topic: str) -> None:
    first, second, empty = (producer.batch(topic) for _ in range(3))
    for number in range(50):
        fill(first, "plan-1", range(number, number + 1))
        fill(second, "plan-2", range(number, number + 1))
    placed = first.flush(), second.flush()
    found = lying(config, topic)
    for plan_id, positions in zip(("plan-1", "plan-2"), placed, strict=True):
        assert [found[position] for position in positions] == [f"{plan_id}/{number}" for number in range(50)]
    assert empty.flush() == []


@given(st.lists(st.tuples(st.integers(0, 4), st.integers(0, 10_000))))
def test_ranges_hold_every_position_and_nothing_beyond_the_outermost(positions: list[tuple[int, int]]) -> None:
    found = ranges(positions)
    assert all(found[partition][0] <= offset < found[partition][1] for partition, offset in positions)
    assert {(partition, first) for partition, (first, _) in found.items()} <= set(positions)
    assert {(partition, end - 1) for partition, (_, end) in found.items()} <= set(positions)


def test_a_record_the_library_refuses_is_counted(producer: CountingProducer, topic: str) -> None:
    carry(producer, topic, "plan-0", range(1))
    batch = producer.batch(topic)
    with pytest.raises(Retry, match=r"只确认了 0/1 条.*too large") as raised:
        batch.send("io-1", b"x" * 2_000_000, origin("plan-1").headers)
    assert topic in str(raised.value)
    assert len(carry(producer, topic, "plan-2", range(3))) == 3


def test_a_record_the_broker_refuses_is_counted(config: dict[str, Any], producer: CountingProducer, topic: str) -> None:
    limit = ConfigEntry("max.message.bytes", "2000", incremental_operation=AlterConfigOpType.SET)
    resource = ConfigResource(ResourceType.TOPIC, topic, incremental_configs=[limit])
    admin = AdminClient(config)
    for altered in admin.incremental_alter_configs([resource]).values():
        altered.result(timeout=10)
    batch = producer.batch(topic)
    fill(batch, "plan-1", range(9))
    batch.send("io-9", random.Random(1).randbytes(9000), origin("plan-1").headers)
    with pytest.raises(Retry) as raised:
        batch.flush()
    counted = re.search(r"只确认了 (\d+)/10 条：.*too large", str(raised.value))
    assert counted
    assert int(counted[1]) == len(lying(config, topic)) < 10
    assert len(carry(producer, topic, "plan-2", range(3))) == 3


def test_a_topic_that_is_missing_needs_a_person(
    config: dict[str, Any], topic: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "NO_TOPIC_SECONDS", 0.5)
    producer = CountingProducer(config)
    with pytest.raises(Retry, match="jst_schema"):
        carry(producer, "test.nowhere", "plan-1", range(2))
    assert len(carry(producer, topic, "plan-2", range(3))) == 3
    producer.close()
