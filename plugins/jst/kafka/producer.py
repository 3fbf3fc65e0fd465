"""A producer that counts: either every record is acknowledged or the attempt fails."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from typing import Any

from confluent_kafka import KafkaError, KafkaException, Producer
from confluent_kafka import Message as Delivered

from jst.errors import JstError, Retry
from jst.kafka.record import Headers
from jst.kafka.topics import NO_TOPIC, no_topic
from jst.model.plan import Offsets

log = logging.getLogger("jst.kafka")
DEADLINE_SECONDS = 20.0
NO_TOPIC_SECONDS = 5.0
"""How long a topic may stay unknown to a broker that answers: a new one is not known everywhere at once."""


class Batch:
    """Sends the records of one attempt to one topic. It may be dropped unflushed: what no receipt names is not read."""

    def __init__(self, producer: Producer, topic: str) -> None:
        self._producer, self._topic = producer, topic
        self._positions: list[tuple[int, int] | None] = []
        self._refusals: list[KafkaError] = []

    def send(self, key: str, body: bytes, headers: Headers) -> None:
        """Queue one record; waits while the local queue is full."""
        number = len(self._positions)
        self._positions.append(None)

        def delivered(error: KafkaError | None, message: Delivered) -> None:
            partition, offset = message.partition(), message.offset()
            if error is not None:
                self._refusals.append(error)
            elif partition is not None and offset is not None:  # without its place a record cannot be loaded
                self._positions[number] = (partition, offset)

        while True:
            try:
                self._producer.produce(
                    self._topic, value=body, key=key.encode(), headers=headers, on_delivery=delivered
                )
                self._producer.poll(0)
                return
            except BufferError:
                self._producer.poll(0.1)
            except KafkaException as refused:
                raise self._unwritten(refused.args[0]) from refused

    def flush(self) -> list[tuple[int, int]]:
        """Wait until all records are acknowledged; returns (partition, offset) of each, in the order sent.

        Raises Retry when one was refused or not acknowledged within 20 s, Misconfigured when the topic is missing.
        """
        left = self._producer.flush(DEADLINE_SECONDS + 1) if self._positions else 0
        placed = [position for position in self._positions if position is not None]
        if left or self._refusals or len(placed) < len(self._positions):
            self._producer.purge()
            raise self._unwritten(self._refusals[0] if self._refusals else None)
        return placed

    def _unwritten(self, error: KafkaError | None) -> JstError:
        if error is not None and error.code() in NO_TOPIC:
            return no_topic(self._topic)
        sent, acknowledged = len(self._positions), sum(position is not None for position in self._positions)
        return Retry(
            f"Kafka topic {self._topic} 只确认了 {acknowledged}/{sent} 条：{error.str() if error else '等待确认超时'}",
            do="检查 Kafka 是否在运行、磁盘是否已满；恢复后会自动重做这个计划，不会丢数据",
            after=2.0,
        )


class CountingProducer:
    """Opens batches on one confluent-kafka producer. ``config`` is the Kafka connection's extra."""

    def __init__(self, config: dict[str, Any]) -> None:
        self._producer = Producer(
            {
                **config,
                "enable.idempotence": True,
                "acks": "all",
                "linger.ms": 100,  # a plan ends with a flush, which waits for nothing; until then pages share a request
                "compression.type": "lz4",
                "delivery.timeout.ms": int(DEADLINE_SECONDS * 1000),
                "topic.metadata.propagation.max.ms": int(NO_TOPIC_SECONDS * 1000),
                "logger": log,
            }
        )

    def batch(self, topic: str) -> Batch:
        return Batch(self._producer, topic)

    def close(self) -> None:
        self._producer.purge()
        self._producer.flush(1)


def ranges(positions: Iterable[tuple[int, int]]) -> Offsets:
    """Return the offsets per partition that hold these positions."""
    found: Offsets = {}
    for partition, offset in positions:
        first, end = found.get(partition, (offset, offset + 1))
        found[partition] = (min(first, offset), max(end, offset + 1))
    return found
