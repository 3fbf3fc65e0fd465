"""Reading exact offsets: repeating is harmless, skipping impossible."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from datetime import datetime
from functools import lru_cache
from typing import Any, NamedTuple

from confluent_kafka import Consumer, KafkaError, KafkaException, Message, TopicPartition

from jst.clock import SystemClock
from jst.errors import JstError, Retry
from jst.kafka.broker_line import BrokerLine
from jst.kafka.record import RawRecord, parse_headers
from jst.kafka.topics import no_topic
from jst.model.plan import Offsets

PATIENCE_SECONDS = 15.0
_RECORDS_AT_ONCE = 5_000
_Wanted = set[tuple[str, int]] | None


class Expired(JstError):
    """Kafka no longer has what a receipt says; only pulling again brings it back."""


class ExactReader:
    """Reads given offsets, keeps the records of given (plan_id, attempt) pairs. ``config``: the connection's extra."""

    def __init__(self, config: dict[str, Any]) -> None:
        self._config = {
            **config,
            "group.id": "jst-exact",
            "enable.auto.commit": False,
            "enable.auto.offset.store": False,
            "auto.offset.reset": "error",
            "fetch.wait.max.ms": 20,
        }
        self._open: BrokerLine[Consumer] | None = None
        self._clock = SystemClock()  # librdkafka waits in real time, whatever clock the others have

    @property
    def _line(self) -> BrokerLine[Consumer]:
        self._open = self._open or BrokerLine(Consumer, self._config)
        return self._open

    @property
    def _consumer(self) -> Consumer:
        return self._line.client

    def bounds(self, topic: str) -> Offsets:
        """Return what the topic holds right now: partition → (oldest offset, newest offset + 1); raises like
        ``read``."""
        soon = PATIENCE_SECONDS / 3
        try:
            known = self._consumer.list_topics(topic, timeout=soon).topics[topic]
            if known.error is not None:
                raise no_topic(topic)
            return {
                partition: self._consumer.get_watermark_offsets(TopicPartition(topic, partition), timeout=soon)
                for partition in known.partitions
            }
        except KafkaException as failure:
            raise self._unreadable(topic, failure.args[0]) from failure

    def read(self, topic: str, offsets: Offsets, batches: Collection[tuple[str, int]] | None) -> list[RawRecord]:
        """Return all records of the batches (None: of all there are) within the offsets, in offset order per partition.

        Records of others are passed over. Raises Expired when an offset is gone from Kafka, Misconfigured when the
        topic is missing, Retry when there was no record for 15 s.
        """
        left = {partition: end for partition, (_, end) in offsets.items()}
        self._consumer.assign([TopicPartition(topic, p, first) for p, (first, _) in offsets.items()])
        wanted, found = None if batches is None else set(batches), list[RawRecord]()
        try:
            give_up = self._clock.monotonic() + PATIENCE_SECONDS
            while left:
                first = self._consumer.poll(max(0.0, give_up - self._clock.monotonic()))
                if first is None:
                    raise self._silent(topic, left)
                for raw in (first, *self._consumer.consume(_RECORDS_AT_ONCE, timeout=0)):
                    if raw.error() is None:
                        give_up = self._clock.monotonic() + PATIENCE_SECONDS
                    self._accept(raw, topic, left, wanted, found)
        except KafkaException as failure:
            raise self._unreadable(topic, failure.args[0]) from failure
        finally:
            if left:
                self.close()  # its queue may hold errors of these offsets; the next reading would raise them
        self._consumer.unassign()
        return found

    def _accept(self, raw: Message, topic: str, left: dict[int, int], wanted: _Wanted, found: list[RawRecord]) -> None:
        error = raw.error()
        if error is not None:
            if error.code() in (KafkaError._AUTO_OFFSET_RESET, KafkaError.OFFSET_OUT_OF_RANGE):
                raise _expired(topic)
            if error.fatal():
                raise self._unreadable(topic, error)
            return  # the library goes on by itself, also after a restarted broker's "unknown topic"
        partition, offset = raw.partition() or 0, raw.offset() or 0
        end = left.get(partition)
        if end is None or offset >= end:
            left.pop(partition, None)
            return
        page = _page(tuple(raw.headers() or ()))
        if page is not None and (wanted is None or (page.plan_id, page.attempt) in wanted):
            found.append(_record(raw, partition, offset, page))
        if offset + 1 == end:
            del left[partition]

    def _silent(self, topic: str, left: dict[int, int]) -> JstError:
        soon = PATIENCE_SECONDS / 3
        try:
            known = self._consumer.list_topics(topic, timeout=soon).topics[topic]
            if known.error is not None or not left.keys() <= known.partitions.keys():
                return no_topic(topic)
            for partition, end in left.items():
                low, high = self._consumer.get_watermark_offsets(TopicPartition(topic, partition), timeout=soon)
                if low >= end or high < end:
                    return _expired(topic)
        except KafkaException as failure:
            return self._unreadable(topic, failure.args[0])
        return self._line.away(
            f"Kafka {PATIENCE_SECONDS:.0f} 秒没有给出记录（topic {topic}）", do="检查 Kafka；稍后自动重试"
        )

    def _unreadable(self, topic: str, error: KafkaError) -> Retry:
        return self._line.away(
            f"读不到 Kafka（topic {topic}：{error.str()}）", do="检查 Kafka 是否在运行；稍后自动重试"
        )

    def close(self) -> None:
        if self._open is not None:
            self._open.client.close()
        self._open = None


def check_complete(topic: str, records: Collection[RawRecord], expected: dict[tuple[str, int], int]) -> None:
    """Raise Expired unless each batch has exactly the records its receipt promises."""
    counted = Counter((record.plan_id, record.attempt) for record in records)
    for batch, count in expected.items():
        if counted[batch] != count:
            raise _expired(
                topic, f"计划 {batch[0]} 第 {batch[1]} 次拉取应有 {count} 条，Kafka 里只有 {counted[batch]} 条"
            )


class _Page(NamedTuple):
    """What the headers of all records of one page say; ``fetched_at`` in Unix milliseconds."""

    plan_id: str
    attempt: int
    ticket: int
    number: int
    fetched_at: int


@lru_cache(maxsize=1_024)
def _page(raw: tuple[tuple[str, bytes | None], ...]) -> _Page | None:
    """Read the headers; None for a record that is not ours: a person may have tried the topic with another tool."""
    try:
        headers = parse_headers(raw)
    except ValueError:
        return None
    if "plan_id" not in headers or not headers.get("attempt", "").isdecimal():
        return None
    fetched_at = round(datetime.fromisoformat(headers["fetched_at"]).timestamp() * 1000)
    return _Page(headers["plan_id"], int(headers["attempt"]), int(headers["ticket"]), int(headers["page"]), fetched_at)


def _record(raw: Message, partition: int, offset: int, page: _Page) -> RawRecord:
    key, body = (raw.key() or b"").decode(), (raw.value() or b"").decode()
    return RawRecord(
        partition, offset, key, page.plan_id, page.attempt, page.ticket, page.number, page.fetched_at,
        raw.timestamp()[1], body,
    )  # fmt: skip


def _expired(topic: str, detail: str = "回执里的 offset 已不在 Kafka 中") -> Expired:
    return Expired(
        f"Kafka topic {topic} 的记录已过期：{detail}",
        do="这些计划已退回 planned，下一班会重新拉取，没有猜测也没有跳过；若反复出现，检查 Kafka 的保留时间与磁盘",
    )
