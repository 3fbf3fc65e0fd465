"""Bringing a ClickHouse node back: what it missed is replayed from Kafka or copied, then it is compared.

Until it is proven no reader is sent to it, so an older state is never served.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import timedelta

from clickhouse_driver import Client
from clickhouse_driver.errors import Error as ClickHouseError

from jst.clock import Clock
from jst.control.load_lock import LoadLock
from jst.control.nodes import Node, Nodes
from jst.control.replay_progress import ReplayLog
from jst.control.stock_kinds import StockKinds
from jst.errors import Retry
from jst.flow.replay.kafka_replay import AskRetained, KafkaReplay
from jst.kafka.exact_reader import ExactReader
from jst.model.module import Module
from jst.model.plan import Offsets
from jst.warehouse.clickhouse_migrations import migrate
from jst.warehouse.cluster import IMPATIENT, LOST
from jst.warehouse.hosts import Hosts
from jst.warehouse.node_copy import Address, copy_all, copy_keys, differing_keys, tables
from jst.warehouse.sql import statement
from jst.warehouse.widen_tables import clean, store_raw, widen

log = logging.getLogger(__name__)
OVERLAP = timedelta(seconds=30)
"""Clocks of workers, PostgreSQL and Kafka may differ so much."""
CALM_SECONDS = 2.0
PATIENT = {"connect_timeout": 5, "send_receive_timeout": 300}
MOST_CORRECTED_ROWS = 100_000
"""Rows that differ after a replay; beyond that, copying everything is faster than correcting rows."""


class OneNode:
    """Loads Kafka's records into one node that gets no other writes; stands in for a Loader in a Rebuild."""

    def __init__(self, module: Module, reader: ExactReader, client: Client, kinds: StockKinds) -> None:
        self.module, self._reader, self._client, self._kinds = module, reader, client, kinds

    def replay(self, offsets: Offsets) -> int:
        records = self._reader.read(self.module.topic, offsets, None)
        store_raw(self._client, self.module, records)
        kinds = self._kinds.standing().facts
        return widen(self._client, self.module, clean(self._client, self.module, records, kinds), kinds)


class StandbyCatchUp:
    """Brings nodes back. ``modules``: dimensions before what they label; ``ask_retained`` returns what Kafka still has
    of a module."""

    def __init__(
        self, modules: list[Module], hosts: Hosts, ask_retained: Callable[[Module], AskRetained], reader: ExactReader,
        nodes: Nodes, rebuilds: ReplayLog, lock: LoadLock, kinds: StockKinds, clock: Clock,
    ) -> None:  # fmt: skip
        self._kinds = kinds
        self._modules, self._hosts, self._ask_retained, self._reader = modules, hosts, ask_retained, reader
        self._nodes, self._rebuilds, self._lock, self._clock = nodes, rebuilds, lock, clock
        self._open = ExitStack()

    def bring_back(self) -> dict[str, str]:
        """Fill and prove every node that is away or was being filled; returns the state each node is in then.

        A node that does not answer stays away. Raises Retry when the serving node or Kafka fails.
        """
        for node in self._nodes.known():
            if node.state in ("away", "filling"):
                with self._lock.hold(f"node {node.name}"), ExitStack() as self._open, _translate_errors(node.name):
                    self._bring_back(self._nodes.get(node.name))
        return {node.name: node.state for node in self._nodes.known()}

    def _bring_back(self, node: Node) -> None:
        if node.state not in ("away", "filling") or not self._answers(node.name):
            return
        target = self._connect(node.name)
        began = self._clock.monotonic()
        if not node.joined:
            self._fill(node, target)
        rows, mended = self._prove(node.name, target)
        proof = f"{len(tables(target))} 张表 {rows:,} 行一致，其中更正 {mended} 行"
        self._nodes.prove(node.name, proof)
        log.info("ClickHouse 节点 %s 已证明：%s，%.1f 秒", node.name, proof, self._clock.monotonic() - began)

    def _answers(self, name: str) -> bool:
        client = self._hosts.client(name, IMPATIENT)
        try:
            client.execute("SELECT 1")
        except LOST as failure:
            log.warning("ClickHouse 节点 %s 没有回答：%s", name, type(failure).__name__)
            return False
        finally:
            client.disconnect()
        return True

    def _connect(self, name: str) -> Client:
        client = self._hosts.client(name, PATIENT)
        self._open.callback(client.disconnect)
        return client

    def _fill(self, node: Node, target: Client) -> None:
        target.execute(statement("standby/kill"), {})
        migrate(target, hosts=self._hosts)
        if node.left_at is None or any(self._ask_retained(m)(node.left_at - OVERLAP, None).gone for m in self._modules):
            node = self._copy(node.name, target)
        self._nodes.fill(node.name, node.left_at)
        took = self._catch_up(node, target)
        while took > CALM_SECONDS:  # each time less is left, and the last time writing is locked out
            took = self._catch_up(node, target)
        with self._nodes.exclusive():
            self._catch_up(node, target)
            self._nodes.join(node.name)

    def _copy(self, name: str, target: Client) -> Node:
        """Copy everything from the serving node; what is written meanwhile follows from Kafka."""
        self._nodes.fill(name, None)
        began, (source, address) = self._nodes.all_before(), self._source()
        for table in tables(source):
            rows = copy_all(source, target, table, address)
            log.info("整体复制 %s 到 %s：%d 行", table.name, name, rows)
        self._nodes.fill(name, began)
        return self._nodes.get(name)

    def _catch_up(self, node: Node, target: Client) -> float:
        """Replay what Kafka has since the node left; called again, only what is new. Returns the seconds it took."""
        assert node.left_at is not None
        began, run_id = self._clock.monotonic(), f"{node.name} {node.left_at.isoformat()}"
        for module in self._modules:
            loader = OneNode(module, self._reader, target, self._kinds)
            KafkaReplay(loader, self._rebuilds, self._ask_retained(module), self._clock, run_id).follow(
                node.left_at - OVERLAP
            )
        return self._clock.monotonic() - began

    def _prove(self, name: str, target: Client) -> tuple[int, int]:
        """Compare every table; what differs is compared again, and corrected, while writing is locked out. Returns rows
        and how many of them were corrected."""
        source, address = self._source()
        rows = mended = 0
        for table in tables(source):
            keys, counted = differing_keys(source, target, table)
            rows += counted
            if len(keys) > MOST_CORRECTED_ROWS:
                self._nodes.leave(name, f"{table.name} 有 {len(keys):,} 行不同")
                self._nodes.fill(name, None)
                raise Retry(f"ClickHouse 节点 {name} 的 {table.name} 差异太大", do="会自动重试，改为整体复制")
            if keys:
                with self._nodes.exclusive():
                    mended += copy_keys(source, target, table, keys, address)
        return rows, mended

    def _source(self) -> tuple[Client, Address]:
        """Return the serving node, as we and as other nodes reach it."""
        serving, options = self._nodes.serving(), self._hosts.options
        user, password = options.get("user", "default"), options.get("password", "")
        return self._connect(serving), Address(serving, user, password, bool(options.get("secure")))


@contextmanager
def _translate_errors(name: str) -> Iterator[None]:
    """Raise ClickHouse's errors as Retry; the node stays what it is, and the next run goes on."""
    try:
        yield
    except (*LOST, ClickHouseError) as failure:
        text = " ".join(str(failure).split("Stack trace")[0].split())[:500]
        raise Retry(
            f"ClickHouse 节点 {name} 没有补齐：{type(failure).__name__} {text}",
            do="检查两个节点是否都在、能否用连接里的 host:port 互相访问、用户有没有 REMOTE 权限；会自动重试",
            server="ClickHouse",
        ).said_by("node_away") from failure
