"""What a running stack is in the middle of, as its stores say: the worst moments to kill something."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from contextlib import suppress

import httpx
import psycopg2
from confluent_kafka import Consumer, KafkaException, TopicPartition

from jst.kafka.topics import PARTITIONS
from jst.model.module import load_module

_UNDER_WAY = """SELECT 1 FROM plan WHERE module = %(module)s AND state = 'planned' AND started > attempt
                AND begun_at > clock_timestamp() - interval '5 seconds' LIMIT 1"""
_LOADING = """SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND granted
              AND objid::bigint = hashtext(%(module)s)::bigint & 4294967295"""
_WRITING = """SELECT 1 FROM pg_stat_activity WHERE application_name = 'jst' AND pid <> pg_backend_pid()
              AND (state = 'idle in transaction' OR state = 'active' AND query ~ 'INTO receipt|UPDATE plan')"""


class StageWatch:
    """``is_now(stage, module)``: whether something is right in the middle of that stage. Stores that are away give no
    moment."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._dsn = environment["JST_CONTROL_DSN"]
        self._session: psycopg2.extensions.connection | None = None
        login = {
            "X-ClickHouse-User": environment["JST_CLICKHOUSE_USER"],
            "X-ClickHouse-Key": environment["JST_CLICKHOUSE_PASSWORD"],
        }
        self._tables = httpx.Client(
            base_url=environment["JST_CLICKHOUSE_HTTP"], headers=login, trust_env=False, timeout=2
        )
        # its own words about a killed broker, twenty a second, would drown the drill's
        quiet = {"logger": logging.getLogger("chaos.kafka"), "log_level": 0}
        self._consumer = Consumer({"bootstrap.servers": environment["JST_KAFKA"], "group.id": "jst-chaos", **quiet})
        self._ends: dict[str, int] = {}
        self._stages: dict[str, Callable[[str], bool]] = {
            "pull": lambda module: self._asks(_UNDER_WAY, module),
            "produce": self._is_producing,
            "load": lambda module: self._asks(_LOADING, module),
            "widen": self._is_widening,
            "ledger": lambda module: self._asks(_WRITING, module),
        }

    def close(self) -> None:
        self._forget()
        self._tables.close()
        self._consumer.close()

    def is_now(self, stage: str, module: str) -> bool:
        return self._stages[stage](module)

    def _asks(self, sql: str, module: str) -> bool:
        try:
            if self._session is None:
                self._session = psycopg2.connect(self._dsn, connect_timeout=2)
                self._session.autocommit = True
            with self._session.cursor() as cur:
                cur.execute(sql, {"module": module})
                return cur.fetchone() is not None
        except psycopg2.Error:
            self._forget()
            return False

    def _forget(self) -> None:
        if self._session is not None:
            with suppress(psycopg2.Error):
                self._session.close()
        self._session = None

    def _is_producing(self, module: str) -> bool:
        """Say whether records have come since the last look, and the plan they belong to has no receipt yet."""
        topic = load_module(module).topic
        try:
            places = [TopicPartition(topic, partition) for partition in range(PARTITIONS)]
            end = sum(self._consumer.get_watermark_offsets(place, timeout=1.0)[1] for place in places)
        except KafkaException:
            return False
        before = self._ends.get(topic, end)
        self._ends[topic] = end
        return end > before and self._asks(_UNDER_WAY, module)

    def _is_widening(self, module: str) -> bool:
        sql = f"SELECT count() FROM system.processes WHERE startsWith(query_id, 'jst-{module}-')"
        try:
            answer = self._tables.post("/", content=sql)
        except httpx.HTTPError:
            return False
        return answer.is_success and int(answer.text) > 0
