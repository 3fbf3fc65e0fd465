"""A producer that counts: either every record is acknowledged or the attempt fails."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from confluent_kafka import KafkaError, KafkaException, Producer
from confluent_kafka import Message as Delivered

from jst.errors import JstError
from jst.kafka.broker_line import BrokerLine
from jst.kafka.record import Headers
from jst.kafka.topics import NO_TOPIC, no_topic, size_limit
from jst.model.plan import Offsets

DEADLINE_SECONDS = 20.0
NO_TOPIC_SECONDS = 5.0
"""How long a topic may stay unknown to a broker that answers: a new one is not known everywhere at once."""
OWN_LIMIT = "message.max.bytes"
USUAL_LIMIT_BYTES = 1_000_000
TOO_LARGE = frozenset({KafkaError.MSG_SIZE_TOO_LARGE, KafkaError.RECORD_LIST_TOO_LARGE})
"""Codes by which the library says that a record is too large, and a broker that a request with it is."""


Position = tuple[int, int]
"""Partition and offset."""


@dataclass(frozen=True, slots=True)
class Oversize:
    """A record that a topic does not take. ``size``: bytes of body, key and headers; ``limit``: what would have to be
    raised, in Chinese."""

    size: int
    limit: str


class Batch:
    """Sends the records of one attempt to one topic. It may be dropped unflushed: what no receipt names is not read.

    ``oversize``: the records the topic does not take, by the order in which they were sent; complete after ``flush``.
    ``ask_limit`` says what of the broker decides how large a record may be.
    """

    def __init__(self, line: BrokerLine[Producer], topic: str, own_limit: str, ask_limit: Callable[[], str]) -> None:
        self._line, self._topic, self._own_limit, self._ask_limit = line, topic, own_limit, ask_limit
        self._producer = line.client
        self._records: list[tuple[str, bytes, Headers]] = []
        self._placed: dict[int, Position] = {}
        self.oversize: dict[int, Oversize] = {}
        self._refusals: dict[int, KafkaError] = {}

    def send(self, key: str, body: bytes, headers: Headers) -> None:
        """Queue one record; waits while the local queue is full."""
        self._records.append((key, body, headers))
        self._queue(len(self._records) - 1)

    def _queue(self, number: int) -> None:
        key, body, headers = self._records[number]

        def delivered(error: KafkaError | None, message: Delivered) -> None:
            partition, offset = message.partition(), message.offset()
            if error is not None:
                self._refusals[number] = error
            elif partition is not None and offset is not None:  # without its place a record cannot be loaded
                self._placed[number] = (partition, offset)

        while True:
            try:
                self._producer.produce(
                    self._topic, value=body, key=key.encode(), headers=headers, on_delivery=delivered
                )
                self._producer.poll(0)
                return
            except BufferError:
                if not len(self._producer):  # the record alone is more than the queue: it would be waited for for ever
                    self._note_oversize(number, "Kafka 连接的 queue.buffering.max.kbytes")
                    return
                self._producer.poll(0.1)
            except KafkaException as refused:
                if refused.args[0].code() not in TOO_LARGE:
                    raise self._unwritten(refused.args[0]) from refused
                self._note_oversize(number, self._own_limit)
                return

    def flush(self) -> list[Position]:
        """Wait until all records but the ``oversize`` ones are acknowledged; returns where they lie, in the order sent.

        Raises Retry when one was refused for another reason or not acknowledged within 20 s, Misconfigured when the
        topic is missing.
        """
        self._send_apart(self._acknowledge(range(len(self._records))))
        return [self._placed[number] for number in sorted(self._placed)]

    def _send_apart(self, refused: Sequence[int]) -> None:
        """Find the records a broker refuses: it refuses all of a request for one of them, or for their sum."""
        if len(refused) == 1:
            self._note_oversize(refused[0], self._ask_limit())
            return
        middle = len(refused) // 2
        for part in filter(None, (refused[:middle], refused[middle:])):
            for number in part:
                self._queue(number)
            self._send_apart(self._acknowledge(part))

    def _acknowledge(self, numbers: Sequence[int]) -> list[int]:
        """Wait for these records; returns those that were refused for their size."""
        left = self._producer.flush(DEADLINE_SECONDS + 1) if numbers else 0
        refused = sorted(number for number, error in self._refusals.items() if error.code() in TOO_LARGE)
        other = next((error for error in self._refusals.values() if error.code() not in TOO_LARGE), None)
        if left or other or not self._placed.keys() | self.oversize.keys() | set(refused) >= set(numbers):
            self._producer.purge()
            raise self._unwritten(other)
        self._refusals.clear()
        return refused

    def _note_oversize(self, number: int, limit: str) -> None:
        key, body, headers = self._records[number]
        size = len(body) + len(key.encode()) + sum(len(name) + len(value or b"") for name, value in headers)
        self.oversize[number] = Oversize(size, limit)

    def _unwritten(self, error: KafkaError | None) -> JstError:
        if error is not None and error.code() in NO_TOPIC:
            return no_topic(self._topic)
        acknowledged, why = f"{len(self._placed)}/{len(self._records)}", error.str() if error else "等待确认超时"
        return self._line.away(
            f"Kafka 没有确认写入（topic {self._topic} 只确认了 {acknowledged} 条：{why}）",
            do="检查 Kafka 是否在运行、磁盘是否已满；恢复后会自动重做这个计划，不会丢数据",
        )


class CountingProducer:
    """Opens batches on one confluent-kafka producer. ``config`` is the Kafka connection's extra."""

    def __init__(self, config: dict[str, Any]) -> None:
        self._config = config
        self._line = BrokerLine(
            Producer,
            {
                **config,
                "enable.idempotence": True,
                "acks": "all",
                "linger.ms": 100,  # a plan ends with a flush, which waits for nothing; until then pages share a request
                "compression.type": "lz4",
                "delivery.timeout.ms": int(DEADLINE_SECONDS * 1000),
                "topic.metadata.propagation.max.ms": int(NO_TOPIC_SECONDS * 1000),
            },
        )
        self._producer = self._line.client

    def batch(self, topic: str) -> Batch:
        own = f"Kafka 连接的 {OWN_LIMIT}（现在 {int(self._config.get(OWN_LIMIT, USUAL_LIMIT_BYTES)):,}）"
        return Batch(self._line, topic, own, cache(lambda: size_limit(self._config, topic)))

    def close(self) -> None:
        self._producer.purge()
        self._producer.flush(1)


def ranges(positions: Iterable[Position]) -> Offsets:
    """Return the offsets per partition that hold these positions."""
    found: Offsets = {}
    for partition, offset in positions:
        first, end = found.get(partition, (offset, offset + 1))
        found[partition] = (min(first, offset), max(end, offset + 1))
    return found
