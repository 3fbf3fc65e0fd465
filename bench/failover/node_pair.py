"""Two ClickHouse nodes under load: who writes, who reads, what they noticed, and what a node shows."""

from __future__ import annotations

import os
import signal
import threading
import time
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import pairwise
from pathlib import Path
from typing import Any

from bench.failover.kafka_shop import MARK, KafkaShop
from bench.instruments.addresses import Address
from jst.addresses import KnownAddresses
from jst.control.database import Database
from jst.errors import JstError
from jst.warehouse.cluster import LOST
from jst.warehouse.hosts import Hosts
from jst.wiring import Parts
from local.instance import Instance

_SHOWN = """
SELECT io_id, toString(any(modified)), any(status), arraySort(groupArray((line_id, toInt64(qty))))
FROM dws.dws_sale_out FINAL GROUP BY io_id"""

_MARK = f"SELECT toInt64(any(qty)) FROM dws.dws_sale_out FINAL WHERE io_id = '{MARK}'"
_DONE = "FROM plan WHERE state NOT IN ('planned', 'pulled') AND dag_id = 'failover'"


class NodePair:
    """Two ClickHouse servers with the same users, beside one PostgreSQL and one Kafka."""

    def __init__(self, servers: Instance, second: Path) -> None:
        self.address = Address.of(servers)
        self._other = Instance(second)  # only now: its ports must be free beside those of the others
        self._other.layout = replace(self._other.layout, secrets=servers.layout.secrets)
        self._of = {_name(servers.clickhouse()): servers, _name(self._other.clickhouse()): self._other}
        login = {"user": self.address.clickhouse["user"], "password": self.address.clickhouse["password"]}
        self.hosts = Hosts(tuple(self._of), login)

    def hit(self, node: str, how: str) -> None:
        """``kill`` it, or ``freeze`` it: it accepts connections and answers nothing."""
        if how == "kill":
            self._of[node].kill("clickhouse")
        else:
            os.kill(self._of[node].pids()["clickhouse"], signal.SIGSTOP)

    def heal(self, node: str, how: str) -> None:
        if how == "kill":
            self._of[node].start("clickhouse")
        else:
            os.kill(self._of[node].pids()["clickhouse"], signal.SIGCONT)

    def rows(self, node: str, sql: str) -> list[tuple[Any, ...]]:
        client = self.hosts.client(node)
        try:
            return list(client.execute(sql))
        finally:
            client.disconnect()

    def shown(self, node: str) -> dict[str, tuple[str, str, list[tuple[str, int]]]]:
        """Return what the wide table of this node says, in the words of ``KafkaShop.truth``."""
        return {key: (modified, status, list(lines)) for key, modified, status, lines in self.rows(node, _SHOWN)}

    def close(self) -> None:
        self._other.close()


def _name(place: dict[str, Any]) -> str:
    return f"{place['host']}:{place['port']}"


class PairParts(Parts):
    """What a task has whose ClickHouse connection names both nodes."""

    def __init__(self, pair: NodePair) -> None:
        super().__init__(KnownAddresses(pair.address.dsn, pair.address.kafka, {}))
        self._pair = pair

    @cached_property
    def hosts(self) -> Hosts:
        return self._pair.hosts


@dataclass(slots=True)
class Seen:
    """Moments (monotonic) at which a load was acknowledged and a read was answered, and the reads that showed an older
    state than had been acknowledged before they were asked."""

    loaded: list[float] = field(default_factory=list)
    read: list[float] = field(default_factory=list)
    stale: list[str] = field(default_factory=list)
    trouble: list[str] = field(default_factory=list)
    acknowledged: int = 0


def load(pair: NodePair, seen: Seen, shop: KafkaShop, over: threading.Event) -> None:
    """Do what a load task does, without end."""
    with PairParts(pair) as parts:
        loader = parts.loader("sale_out")
        while not over.is_set():
            try:
                if loader.load_waiting():
                    seen.loaded.append(time.monotonic())
                    ((newest,),) = parts.database.rows(f"SELECT max(ordinal) {_DONE}")
                    seen.acknowledged = shop.numbers.get(f"sale_out-{newest}", seen.acknowledged)
                else:
                    time.sleep(0.05)
            except JstError as trouble:
                seen.trouble.append(str(trouble))
                time.sleep(0.2)


def read(pair: NodePair, seen: Seen, over: threading.Event) -> None:
    """Do what a board does: it must never see less than what had been acknowledged before it asked."""
    with PairParts(pair) as parts:
        while not over.wait(0.1):
            least = seen.acknowledged
            try:
                ((mark,),) = parts.warehouse.execute(_MARK)
            except (*LOST, JstError) as trouble:
                seen.trouble.append(f"read: {trouble}")
                continue
            seen.read.append(time.monotonic())
            if mark < least:
                seen.stale.append(f"{mark} < {least}")


def lost(pair: NodePair, shop: KafkaShop, node: str) -> int:
    """Acknowledged records of which the node shows an older version, or none."""
    with Database(pair.address.dsn) as database:
        done = database.rows(f"SELECT plan_id {_DONE}")
    expected: dict[str, int] = {}
    for (plan_id,) in done:
        for key, ticket in shop.batches[plan_id].items():
            expected[key] = max(ticket, expected.get(key, 0))
    shown = dict(pair.rows(node, "SELECT io_id, toInt64(ticket) FROM dwd.dwd_sale_out FINAL"))
    return sum(shown.get(key, 0) < ticket for key, ticket in expected.items())


def longest_gap(moments: list[float], since: float, until: float) -> float:
    """Return the longest time between two moments, from the last one before ``since`` to the first one after
    ``until``."""
    before = [moment for moment in moments if moment <= since][-1:]
    within = before + [moment for moment in moments if since < moment]
    gaps = [later - earlier for earlier, later in pairwise(within) if earlier < until]
    return max(gaps, default=until - since)
