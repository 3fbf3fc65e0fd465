"""Exact offsets: all of what was asked for, nothing else, and never a guess when something is gone."""

from __future__ import annotations

import time
from itertools import chain
from typing import Any

import msgspec
import pytest
from confluent_kafka import ConsumerGroupTopicPartitions, KafkaException, Producer, TopicPartition
from confluent_kafka.admin import AdminClient

import jst.kafka.exact_reader as module
from jst.clock import SystemClock
from jst.errors import Retry
from jst.kafka.exact_reader import ExactReader, Expired, check_complete
from jst.kafka.producer import CountingProducer, ranges
from jst.kafka.record import Headers, RawRecord
from tests.support.kafka_records import Position, carry, fill, origin

pytestmark = pytest.mark.kafka


def bodies(records: list[RawRecord]) -> list[str]:
    return sorted(record.body for record in records)


def written(plan_id: str, numbers: range) -> list[str]:
    return sorted(f"{plan_id}/{number}" for number in numbers)


def delete_before(config: dict[str, Any], topic: str, positions: list[Position]) -> None:
    """Retention takes everything up to and including these positions."""
    ends = [TopicPartition(topic, partition, end) for partition, (_, end) in ranges(positions).items()]
    admin = AdminClient(config)
    for deleted in admin.delete_records(ends).values():
        deleted.result(timeout=20)


def test_a_batch_comes_back_as_it_was_carried(producer: CountingProducer, reader: ExactReader, topic: str) -> None:
    positions = carry(producer, topic, "plan-1", range(300))
    assert {partition for partition, _ in positions} == {0, 1, 2}
    records = reader.read(topic, ranges(positions), {("plan-1", 1)})
    by_number = {int(record.body.partition("/")[2]): record for record in records}
    assert [(by_number[n].partition, by_number[n].offset) for n in range(300)] == positions
    one = by_number[7]
    assert (one.key, one.plan_id, one.attempt, one.ticket, one.page) == ("io-7", "plan-1", 1, 77, 2)
    now = SystemClock().now().timestamp() * 1000
    assert one.fetched_at == pytest.approx(now, abs=60_000)
    assert one.produced_at == pytest.approx(now, abs=60_000)
    for partition in range(3):
        offsets = [record.offset for record in records if record.partition == partition]
        assert offsets == sorted(offsets)


def test_only_the_wanted_attempt_of_the_wanted_plans(
    producer: CountingProducer, reader: ExactReader, topic: str
) -> None:
    batches = [(producer.batch(topic), plan_id, attempt) for plan_id in ("plan-1", "plan-2") for attempt in (1, 2)]
    for number in range(60):
        for batch, plan_id, attempt in batches:
            fill(batch, plan_id, range(number, number + 1), attempt)
    placed = {(plan_id, attempt): batch.flush() for batch, plan_id, attempt in batches}
    everything = ranges(chain(*placed.values()))
    assert bodies(reader.read(topic, everything, [("plan-1", 2)])) == written("plan-1", range(60))
    both = reader.read(topic, everything, [("plan-1", 2), ("plan-2", 1)])
    assert bodies(both) == sorted(written("plan-1", range(60)) + written("plan-2", range(60)))
    assert {(record.plan_id, record.attempt) for record in both} == {("plan-1", 2), ("plan-2", 1)}
    assert reader.read(topic, everything, [("plan-3", 1)]) == []


def test_reading_stops_at_the_last_offset_and_may_be_repeated(
    producer: CountingProducer, reader: ExactReader, topic: str
) -> None:
    first = carry(producer, topic, "plan-1", range(30))
    second = carry(producer, topic, "plan-1", range(30, 60))
    for _ in range(2):
        assert bodies(reader.read(topic, ranges(second), [("plan-1", 1)])) == written("plan-1", range(30, 60))
        assert bodies(reader.read(topic, ranges(first), [("plan-1", 1)])) == written("plan-1", range(30))
    assert reader.read(topic, {}, [("plan-1", 1)]) == []


def test_records_that_are_not_ours_are_passed_over(
    config: dict[str, Any], producer: CountingProducer, reader: ExactReader, topic: str
) -> None:
    """Somebody tried the topic with a tool of his own."""
    before = carry(producer, topic, "plan-1", range(20))
    foreign = Producer(config)
    for number in range(20):
        foreign.produce(topic, b"\xff\xfe", key=b"\xff%d" % number)
        foreign.produce(topic, None, key=b"%d" % number, headers={"plan_id": b"\xff", "attempt": b"one"})
        foreign.produce(topic, None, key=b"%d" % number, headers={"origin": b"a shop"})
    foreign.flush(10)
    after = carry(producer, topic, "plan-1", range(20, 40))
    records = reader.read(topic, ranges(before + after), [("plan-1", 1)])
    assert bodies(records) == written("plan-1", range(40))


def test_records_whose_origin_is_one_header_are_read_beside_the_others(
    config: dict[str, Any], producer: CountingProducer, reader: ExactReader, topic: str
) -> None:
    """A later version writes them; an update that is taken back finds them in Kafka."""
    carry(producer, topic, "plan-1", range(20))
    said = {name: (value or b"").decode() for name, value in origin("plan-1").headers if isinstance(value, bytes)}
    one: Headers = [("origin", msgspec.json.encode(said))]
    later = Producer(config)
    for number in range(20, 40):
        later.produce(topic, b"plan-1/%d" % number, key=b"io-%d" % number, headers=one)
    later.flush(10)
    records = reader.read(topic, reader.bounds(topic), {("plan-1", 1)})
    assert bodies(records) == written("plan-1", range(40))
    assert {(record.plan_id, record.attempt, record.ticket, record.page) for record in records} == {
        ("plan-1", 1, 77, 2)
    }


@pytest.mark.parametrize("gone", ["all", "some"])
def test_what_kafka_has_forgotten_is_expired(
    config: dict[str, Any], producer: CountingProducer, reader: ExactReader, topic: str, gone: str
) -> None:
    positions = carry(producer, topic, "plan-1", range(60))
    delete_before(config, topic, positions if gone == "all" else positions[:3])
    later = carry(producer, topic, "plan-2", range(60))
    began = time.monotonic()
    with pytest.raises(Expired, match=topic):
        reader.read(topic, ranges(positions), [("plan-1", 1)])
    assert time.monotonic() - began < 5
    assert bodies(reader.read(topic, ranges(later), [("plan-2", 1)])) == written("plan-2", range(60))


def test_offsets_kafka_never_had_are_expired(
    producer: CountingProducer, reader: ExactReader, topic: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The broker lost its data, or the topic was made anew."""
    monkeypatch.setattr(module, "PATIENCE_SECONDS", 1.0)
    positions = carry(producer, topic, "plan-1", range(60))
    beyond = {partition: (first, end + 5) for partition, (first, end) in ranges(positions).items()}
    with pytest.raises(Expired, match=topic):
        reader.read(topic, beyond, [("plan-1", 1)])
    with pytest.raises(Expired, match=topic):
        reader.read(topic, {0: (10_000, 10_001)}, [("plan-1", 1)])


@pytest.mark.parametrize("missing", ["topic", "partition"])
def test_a_topic_that_is_missing_needs_a_person(
    reader: ExactReader, topic: str, missing: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "PATIENCE_SECONDS", 1.0)
    name, partition = ("test.nowhere", 0) if missing == "topic" else (topic, 7)
    with pytest.raises(Retry, match=rf"{name}.*jst_schema"):
        reader.read(name, {partition: (0, 5)}, [("plan-1", 1)])


def test_reading_commits_nothing(
    config: dict[str, Any], producer: CountingProducer, reader: ExactReader, topic: str
) -> None:
    positions = carry(producer, topic, "plan-1", range(10))
    reader.read(topic, ranges(positions), [("plan-1", 1)])
    reader.close()
    admin = AdminClient(config)
    groups = admin.list_consumer_groups(request_timeout=10).result()
    assert "jst-exact" not in {group.group_id for group in groups.valid}
    asked = ConsumerGroupTopicPartitions("jst-exact", [TopicPartition(topic, p) for p in range(3)])
    try:
        (answer,) = admin.list_consumer_group_offsets([asked]).values()
        committed = [place.offset for place in answer.result(timeout=10).topic_partitions]
    except KafkaException:
        committed = []
    assert all(offset < 0 for offset in committed)


def test_a_batch_with_fewer_or_more_records_than_promised_is_named(
    producer: CountingProducer, reader: ExactReader, topic: str
) -> None:
    positions = carry(producer, topic, "plan-1", range(10))
    records = reader.read(topic, ranges(positions), [("plan-1", 1)])
    check_complete(topic, records, {("plan-1", 1): 10})
    for promised in (9, 11):
        with pytest.raises(Expired, match=rf"plan-1 第 1 次拉取应有 {promised} 条，Kafka 里只有 10 条"):
            check_complete(topic, records, {("plan-1", 1): promised})
    with pytest.raises(Expired, match="plan-2"):
        check_complete(topic, records, {("plan-1", 1): 10, ("plan-2", 1): 1})
