"""What of a topic Kafka still has: the offsets of a range of time, and the time of its oldest record."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from confluent_kafka import OFFSET_BEGINNING, Consumer, KafkaException, TopicPartition

from jst.clock import SHANGHAI, SystemClock
from jst.errors import Retry
from jst.kafka.broker_line import BrokerLine
from jst.kafka.topics import RETENTION_MS, no_topic
from jst.model.plan import Offsets

PATIENCE_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class Retained:
    """What Kafka still has. ``offsets``: the range asked for, in full or what is left of it. ``gone``: Kafka may have
    had older records of the range and has them no more. ``oldest``: time of the oldest record of the topic, None when
    it is empty."""

    offsets: Offsets
    gone: bool
    oldest: datetime | None


def retained(config: dict[str, Any], topic: str, since: datetime | None, until: datetime | None) -> Retained:
    """Return the offsets of the records written from ``since`` to before ``until``; None: as far back, and up to now,
    as there is.

    Raises Retry when the topic is missing or Kafka is away.
    """
    line = BrokerLine(Consumer, {**config, "group.id": "jst-exact", "enable.auto.commit": False})
    consumer = line.client
    try:
        known = consumer.list_topics(topic, timeout=PATIENCE_SECONDS).topics[topic]
        if known.error is not None:
            raise no_topic(topic)
        ends = {p: consumer.get_watermark_offsets(TopicPartition(topic, p), PATIENCE_SECONDS) for p in known.partitions}
        firsts = _at(consumer, topic, since, ends, {p: low for p, (low, _) in ends.items()})
        lasts = _at(consumer, topic, until, ends, {p: high for p, (_, high) in ends.items()})
        offsets = {p: (firsts[p], max(firsts[p], lasts[p])) for p in ends}
        gone = since is not None and any(_gone(since, firsts[p], low, high) for p, (low, high) in ends.items())
        return Retained(offsets, gone, _oldest(consumer, topic, ends))
    except KafkaException as failure:
        what = f"读不到 Kafka 的 offset（topic {topic}：{failure.args[0].str()}）"
        raise line.away(what, do="检查 Kafka；稍后自动重试") from failure
    finally:
        consumer.close()


def _gone(since: datetime, first: int, low: int, high: int) -> bool:
    """Return whether records of the range may have been before the first one kept. One that is empty lost them by
    age."""
    if low == high:
        return low > 0 and since < SystemClock().now() - timedelta(milliseconds=RETENTION_MS)
    return first == low > 0


def _at(
    consumer: Consumer, topic: str, moment: datetime | None, ends: dict[int, tuple[int, int]], default: dict[int, int]
) -> dict[int, int]:
    """Return the first offset of each partition written at ``moment`` or later; its end when there is none."""
    if moment is None:
        return default
    stamp = round(moment.timestamp() * 1000)
    asked = [TopicPartition(topic, partition, stamp) for partition in ends]
    found = {place.partition: place.offset for place in consumer.offsets_for_times(asked, PATIENCE_SECONDS)}
    return {p: found[p] if found[p] >= low else high for p, (low, high) in ends.items()}


def _oldest(consumer: Consumer, topic: str, ends: dict[int, tuple[int, int]]) -> datetime | None:
    waiting = {partition for partition, (low, high) in ends.items() if low < high}
    consumer.assign([TopicPartition(topic, partition, OFFSET_BEGINNING) for partition in waiting])
    stamps: list[int] = []
    while waiting:
        message = consumer.poll(PATIENCE_SECONDS)
        if message is None:
            what = f"Kafka 没有给出记录（topic {topic}）"
            raise Retry(what, do="检查 Kafka；稍后自动重试", server="Kafka", after=2.0)
        if message.error() is None and message.partition() in waiting:
            waiting.discard(message.partition() or 0)
            stamps.append(message.timestamp()[1])
    return datetime.fromtimestamp(min(stamps) / 1000, SHANGHAI) if stamps else None
