"""Either all records of a batch lie in Kafka and we know where, or the batch fails and says how far it came."""

from __future__ import annotations

import random
from typing import Any

import pytest
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


def test_a_record_the_library_refuses_is_named_and_the_others_lie_in_kafka(
    config: dict[str, Any], producer: CountingProducer, topic: str
) -> None:
    batch = producer.batch(topic)
    fill(batch, "plan-1", range(4))
    batch.send("io-huge", b"x" * 2_000_000, origin("plan-1").headers)
    fill(batch, "plan-1", range(4, 9))
    places = batch.flush()
    assert {number: found.limit for number, found in batch.oversize.items()} == {
        4: "Kafka 连接的 message.max.bytes（现在 1,000,000）"
    }
    assert 2_000_000 < batch.oversize[4].size < 2_001_000
    found = lying(config, topic)
    assert [found[place] for place in places] == [f"plan-1/{number}" for number in range(9)]


def test_a_record_the_broker_refuses_is_named_and_those_beside_it_are_sent_again(
    config: dict[str, Any], producer: CountingProducer, narrow_topic: str
) -> None:
    batch = producer.batch(narrow_topic)
    fill(batch, "plan-1", range(9))
    batch.send("io-9", random.Random(1).randbytes(9000), origin("plan-1").headers)
    places = batch.flush()
    assert {number: found.limit for number, found in batch.oversize.items()} == {
        9: f"topic {narrow_topic} 的 max.message.bytes（现在 2,000）"
    }
    found = lying(config, narrow_topic)
    assert len(found) == 9
    assert [found[place] for place in places] == [f"plan-1/{number}" for number in range(9)]
    assert len(carry(producer, narrow_topic, "plan-2", range(3))) == 3


def test_records_that_only_together_are_too_much_for_the_broker_are_sent_apart(
    config: dict[str, Any], producer: CountingProducer, narrow_topic: str
) -> None:
    batch, rng = producer.batch(narrow_topic), random.Random(2)
    bodies = [rng.randbytes(200).hex() for _ in range(40)]
    for number, body in enumerate(bodies):
        batch.send(f"io-{number}", body.encode(), origin("plan-1").headers)
    places = batch.flush()
    assert batch.oversize == {}
    found = lying(config, narrow_topic)
    assert [found[place] for place in places] == bodies
    assert len(found) == 40


def test_a_record_larger_than_the_queue_is_not_waited_for(config: dict[str, Any], topic: str) -> None:
    producer = CountingProducer({**config, "message.max.bytes": 9_000_000, "queue.buffering.max.kbytes": 1024})
    batch = producer.batch(topic)
    batch.send("io-huge", b"x" * 2_000_000, origin("plan-1").headers)
    fill(batch, "plan-1", range(3))
    assert len(batch.flush()) == 3
    assert [found.limit for found in batch.oversize.values()] == ["Kafka 连接的 queue.buffering.max.kbytes"]
    producer.close()


def test_a_topic_that_is_missing_needs_a_person(
    config: dict[str, Any], topic: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "NO_TOPIC_SECONDS", 0.5)
    producer = CountingProducer(config)
    with pytest.raises(Retry, match="jst_schema"):
        carry(producer, "test.nowhere", "plan-1", range(2))
    assert len(carry(producer, topic, "plan-2", range(3))) == 3
    producer.close()
