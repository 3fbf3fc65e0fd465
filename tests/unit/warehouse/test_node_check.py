"""Which ClickHouse is one that can be kept right; what the servers here cannot be is answered by a stand-in."""

from __future__ import annotations

from typing import Any

import pytest

from jst.errors import Misconfigured
from jst.warehouse.cluster import CheckedNode
from jst.warehouse.hosts import Hosts
from jst.warehouse.node_check import check_server

PLAIN, SHARED = (
    ["ReplacingMergeTree", "AggregatingMergeTree"],
    ["SharedReplacingMergeTree", "SharedAggregatingMergeTree"],
)


class Server:
    """Answers as ``include/sql/migration_history/server.sql`` does."""

    def __init__(self, version: str, engines: list[str], replicated: list[str], others: int) -> None:
        self.answer = (version, engines, replicated, others)

    def execute(self, sql: str) -> list[Any]:
        assert "system.clusters" in sql
        return [self.answer]


def hosts(**extra: str) -> Hosts:
    return Hosts.from_options({"host": "ch1", **extra})


@pytest.mark.parametrize(
    ("server", "named"),
    [
        (Server("24.8.4.13", PLAIN, [], 0), hosts()),
        (Server("26.7.2.1", [], [], 0), hosts()),
        (Server("25.4.1.1", SHARED, [], 2), hosts()),
        (Server("25.4.1.1", SHARED, [], 2), hosts(alt_hosts="ch2:9000")),
        (Server("26.7.2.1", PLAIN, [], 1), hosts(standby="ch2:9000")),
    ],
    ids=["one server", "before its tables", "shared storage", "shared storage by several hosts", "our two nodes"],
)
def test_what_can_be_kept_right_is_accepted(server: Any, named: Hosts) -> None:
    check_server(server, named)


@pytest.mark.parametrize(
    ("server", "named", "said"),
    [
        (Server("24.3.1.1", [], [], 0), hosts(), "版本是 24.3.1.1，至少需要 24.8"),
        (Server("26.7.2.1", PLAIN, [], 0), hosts(alt_hosts="ch2:9000"), "extra.alt_hosts：ch2:9000"),
        (Server("26.7.2.1", PLAIN, ["dws", "dwd"], 0), hosts(), "数据库 dwd、dws 的引擎是 Replicated"),
        (Server("26.7.2.1", ["ReplicatedReplacingMergeTree"], [], 0), hosts(), "ReplicatedReplacingMergeTree"),
        (Server("26.7.2.1", PLAIN, [], 1), hosts(), "system.clusters 里有 1 个别的副本"),
        (Server("26.7.2.1", [*SHARED, "MergeTree"], [], 1), hosts(), "system.clusters 里有 1 个别的副本"),
        (Server("26.7.2.1", PLAIN, [], 2), hosts(standby="ch2:9000"), "system.clusters 里有 2 个别的副本"),
    ],
)
def test_copies_that_nothing_keeps_equal_are_refused_with_what_to_do(server: Any, named: Hosts, said: str) -> None:
    with pytest.raises(Misconfigured) as refused:
        check_server(server, named)
    assert said in refused.value.what
    assert "ClickHouse" in refused.value.do


def test_a_node_is_asked_nothing_before_it_has_passed() -> None:
    def refuse(_: object) -> None:
        raise Misconfigured("自建的多副本集群", do="改")

    node = CheckedNode("ch1")
    node.check = refuse
    for _ in range(2):  # the second time, too
        with pytest.raises(Misconfigured):
            node.execute("INSERT INTO dws.dws_sale_out VALUES", [])
