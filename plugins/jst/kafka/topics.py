"""The topics of the system; created by jst_schema, never by accident."""

from __future__ import annotations

from concurrent.futures import Future
from typing import Any

from confluent_kafka import KafkaError, KafkaException
from confluent_kafka.admin import (  # type: ignore[attr-defined]
    AdminClient,
    ConfigResource,
    NewTopic,
    ResourceType,
)

from jst.errors import Retry
from jst.kafka.broker_line import BrokerLine
from jst.kafka.record import LETTERS
from jst.model.module import load_module, module_names

PARTITIONS = 3
RETENTION_MS = 7 * 24 * 3600 * 1000
LETTERS_RETENTION_MS = 90 * 24 * 3600 * 1000
PATIENCE_SECONDS, SOON_SECONDS = 10.0, 2.0
NO_TOPIC = frozenset({KafkaError.UNKNOWN_TOPIC_OR_PART, KafkaError._UNKNOWN_TOPIC, KafkaError._UNKNOWN_PARTITION})
"""Codes by which a broker that answers says that it has no such topic or partition."""


def wanted_topics() -> dict[str, int]:
    """Return our topics, and how long each keeps its records in milliseconds."""
    return {load_module(name).topic: RETENTION_MS for name in module_names()} | {LETTERS: LETTERS_RETENTION_MS}


def create_topics(config: dict[str, Any], replication: int = -1) -> list[str]:
    """Create what is missing, returns the names created. Replication -1 is the broker's default."""
    line = BrokerLine(AdminClient, config)
    admin = line.client
    try:
        present = admin.list_topics(timeout=PATIENCE_SECONDS).topics
        fresh = [
            NewTopic(
                name,
                num_partitions=PARTITIONS,
                replication_factor=replication,
                config={"retention.ms": str(retention), "cleanup.policy": "delete"},
            )
            for name, retention in wanted_topics().items()
            if name not in present
        ]
        for future in (admin.create_topics(fresh) if fresh else {}).values():
            _wait(future)
    except KafkaException as failure:
        what = f"Kafka 没有建立 topic（{failure.args[0].str()}）"
        raise line.away(what, do="检查 Kafka 是否在运行") from failure
    return [topic.topic for topic in fresh]


def cluster_id(config: dict[str, Any]) -> str | None:
    """Return by what a Kafka is known from all others; None when it does not say, or does not answer: who needs it
    reports that."""
    try:
        known: str | None = BrokerLine(AdminClient, config).client.list_topics(timeout=SOON_SECONDS).cluster_id
    except KafkaException:
        return None
    return known


def _wait(future: Future[None]) -> None:
    try:
        future.result(timeout=20)
    except KafkaException as failure:
        if failure.args[0].code() != KafkaError.TOPIC_ALREADY_EXISTS:
            raise


def no_topic(topic: str) -> Retry:
    """Return passing trouble: on a fresh system the first tasks may be faster than jst_schema."""
    what = f"Kafka 没有 topic {topic} 或少了 partition"
    return Retry(what, do="运行 DAG jst_schema 建立 topic", server="Kafka", after=5.0)


def size_limit(config: dict[str, Any], topic: str) -> str:
    """Return what of the broker decides how large a record of the topic may be, with its value where the broker gives
    it, in Chinese."""
    limit = "max.message.bytes"
    admin = BrokerLine(AdminClient, config).client  # a name: without one it is gone before the answer comes
    (described,) = admin.describe_configs([ConfigResource(ResourceType.TOPIC, topic)]).values()
    try:
        now = f"（现在 {int(described.result(timeout=PATIENCE_SECONDS)[limit].value):,}）"
    except (KafkaException, TimeoutError, KeyError, ValueError):  # a login for data alone may not ask
        now = ""
    return f"topic {topic} 的 {limit}{now}"
