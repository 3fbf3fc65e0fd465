"""Records to put into a topic, and what really lies in it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from confluent_kafka import Consumer, Message, TopicPartition
from confluent_kafka.admin import (  # type: ignore[attr-defined]
    AdminClient,
    AlterConfigOpType,
    ConfigEntry,
    ConfigResource,
    ResourceType,
)

from jst.clock import SHANGHAI, SystemClock
from jst.kafka.producer import Batch, CountingProducer
from jst.kafka.record import RecordOrigin
from tests.support.wait_until import until

Position = tuple[int, int]
_LIMIT = "max.message.bytes"


def origin(plan_id: str, attempt: int = 1) -> RecordOrigin:
    now = SystemClock().now().astimezone(SHANGHAI)
    return RecordOrigin(plan_id, attempt, "[a → b] modified", 2, 77, "gateway", now.replace(microsecond=0))


@contextmanager
def largest_message(config: dict[str, Any], topic: str, size: int) -> Iterator[None]:
    """Let the topic take records of ``size`` bytes at most, for a while."""
    before = _largest_message(config, topic)
    _set_largest_message(config, topic, size)
    yield
    _set_largest_message(config, topic, before)


def _set_largest_message(config: dict[str, Any], topic: str, size: int) -> None:
    limit = ConfigEntry(_LIMIT, str(size), incremental_operation=AlterConfigOpType.SET)
    resource = ConfigResource(ResourceType.TOPIC, topic, incremental_configs=[limit])
    admin = AdminClient(config)  # a name of its own: without one it is gone before the answer comes
    for altered in admin.incremental_alter_configs([resource]).values():
        altered.result(timeout=10)
    until(lambda: _largest_message(config, topic) == size)  # the controller says yes before the broker knows


def _largest_message(config: dict[str, Any], topic: str) -> int:
    """Ask the broker."""
    admin = AdminClient(config)
    (described,) = admin.describe_configs([ConfigResource(ResourceType.TOPIC, topic)]).values()
    return int(described.result(timeout=10)[_LIMIT].value)


def fill(batch: Batch, plan_id: str, numbers: range, attempt: int = 1) -> None:
    """Records with the bodies '<plan_id>/<number>'."""
    for number in numbers:
        batch.send(f"io-{number}", f"{plan_id}/{number}".encode(), origin(plan_id, attempt).headers)


def carry(producer: CountingProducer, topic: str, plan_id: str, numbers: range, attempt: int = 1) -> list[Position]:
    """One acknowledged batch; where each record lies."""
    batch = producer.batch(topic)
    fill(batch, plan_id, numbers, attempt)
    return batch.flush()


def lying(config: dict[str, Any], topic: str) -> dict[Position, str]:
    """Every record of the topic, read with nothing of ours."""
    consumer = Consumer({**config, "group.id": "test", "enable.auto.commit": False})
    found: dict[Position, str] = {}
    try:
        ends = {}
        for partition in consumer.list_topics(topic, timeout=10).topics[topic].partitions:
            low, high = consumer.get_watermark_offsets(TopicPartition(topic, partition), timeout=10)
            if high > low:
                ends[partition] = high
                consumer.incremental_assign([TopicPartition(topic, partition, low)])
        while ends:
            message = consumer.poll(10)
            assert message is not None, "the broker is silent"
            assert message.error() is None, message.error()
            _note(message, found, ends)
    finally:
        consumer.close()
    return found


def _note(message: Message, found: dict[Position, str], ends: dict[int, int]) -> None:
    partition, offset = message.partition(), message.offset()
    assert partition is not None
    assert offset is not None
    found[partition, offset] = (message.value() or b"").decode()
    if offset + 1 == ends[partition]:
        del ends[partition]
