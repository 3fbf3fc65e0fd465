"""Two real ClickHouse servers used as one: failing over under load, filling, proving."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from confluent_kafka.admin import AdminClient
from tenacity import Retrying, stop_after_delay, wait_fixed

from bench.failover.drill import LONGEST_PAUSE, drill
from bench.failover.kafka_shop import KafkaShop
from bench.failover.node_pair import NodePair, PairParts
from bench.instruments import order_backlog as backlog
from jst.clock import SystemClock
from jst.control.database import Database
from jst.control.postgres_migrations import migrate as migrate_control
from jst.errors import Retry
from jst.kafka.topics import create_topics
from jst.workbook.shops import Shop as Named
from jst.workbook.shops import Shops, store_shops
from local.first_cycle import look
from local.instance import Instance
from local.report import remembered
from local.sandbox.world import SHOPS
from tests.support.search_depth import DEPTH
from tests.support.stores import empty_control

pytestmark = [pytest.mark.postgres, pytest.mark.kafka, pytest.mark.clickhouse]
OURS = ("dwd.dwd_sale_out", "dws.dws_sale_out", "dim.dim_sku", "dim.dim_shop", "dim.dim_shop_fee")


@pytest.fixture(scope="module")
def servers(stack: Instance, tmp_path_factory: pytest.TempPathFactory) -> Iterator[NodePair]:
    pair = NodePair(stack, tmp_path_factory.mktemp("second"))
    yield pair
    pair.close()


@pytest.fixture
def pair(servers: NodePair) -> NodePair:
    """Both servers and Kafka without a row, the second one new to the system."""
    renew_topic(servers.address.kafka)
    with Database(servers.address.dsn) as database:
        migrate_control(database)
        empty_control(database)
    for node in servers.hosts.names:
        for (table,) in servers.rows(
            node, "SELECT database || '.' || name FROM system.tables WHERE database IN ('ods', 'dwd', 'dws', 'dim')"
        ):
            servers.rows(node, f"TRUNCATE TABLE {table}")
    return servers


def renew_topic(kafka: dict[str, Any]) -> None:
    admin = AdminClient(kafka)
    if "ods.sale_out" in admin.list_topics(timeout=10).topics:
        for deleted in admin.delete_topics(["ods.sale_out"], operation_timeout=20).values():
            deleted.result(20)
        for attempt in Retrying(wait=wait_fixed(0.1), stop=stop_after_delay(20)):
            with attempt:
                assert "ods.sale_out" not in admin.list_topics(timeout=10).topics
    create_topics(kafka)


@pytest.mark.search
def test_failovers_under_load_lose_nothing(pair: NodePair) -> None:
    """``make bench NAME=failover`` does twenty."""
    times = DEPTH.of(2, 6)  # each node serves once before it is the one that goes away
    report = drill(pair, times)
    print("\n".join(report.lines() + report.trouble))
    assert [failover.lost for failover in report.failovers] == [0] * times
    assert report.trouble == []
    assert report.stale == []
    assert set(report.unequal.values()) == {0}
    assert max(failover.write_pause for failover in report.failovers) <= LONGEST_PAUSE
    assert max(failover.read_pause for failover in report.failovers) <= LONGEST_PAUSE


@pytest.fixture
def shop(pair: NodePair) -> Iterator[KafkaShop]:
    """Some batches are loaded; both nodes are in step."""
    backlog.prepare(pair.address)
    with PairParts(pair) as parts:
        parts.nodes.register(pair.hosts.names)
    shop = KafkaShop(pair.address)
    for _ in range(5):
        shop.carry()
    assert load(pair) > 0
    bring_back(pair)
    yield shop
    shop.close()


def load(pair: NodePair) -> int:
    with PairParts(pair) as parts:
        loader = parts.loader("sale_out")
        records = 0
        while loaded := loader.load_waiting():
            records += loaded
        return records


def bring_back(pair: NodePair) -> dict[str, str]:
    with PairParts(pair) as parts:
        return parts.standby(["sale_out"]).bring_back()


def state(pair: NodePair, node: str) -> dict[str, list[tuple[Any, ...]]]:
    return {table: pair.rows(node, f"SELECT * FROM {table} FINAL ORDER BY ALL") for table in OURS}


def serving(pair: NodePair) -> str:
    with PairParts(pair) as parts:
        return parts.nodes.serving()


def proof(pair: NodePair, node: str) -> str:
    with PairParts(pair) as parts:
        return parts.nodes.get(node).proof


def test_an_empty_node_is_filled_with_everything_also_what_kafka_never_had(pair: NodePair, shop: KafkaShop) -> None:
    first, second = pair.hosts.names
    assert state(pair, second) == state(pair, first)
    assert len(state(pair, second)["dim.dim_shop_fee"]) > 0
    assert pair.shown(second) == shop.truth()
    assert "一致，其中更正 0 行" in proof(pair, second)


def test_status_shows_the_nodes(pair: NodePair, shop: KafkaShop, stack: Instance) -> None:
    first, second = pair.hosts.names
    said = [line for line in remembered(look(stack.layout)) if line.startswith("ClickHouse 节点")]
    assert said[0].startswith(f"ClickHouse 节点 {first} 正在服务 serving，")
    assert said[1].startswith(f"ClickHouse 节点 {second} 已证明，随时可接替 proven，")


def test_a_node_that_was_away_gets_what_it_missed_from_kafka(pair: NodePair, shop: KafkaShop) -> None:
    _, second = pair.hosts.names
    pair.hit(second, "kill")
    for _ in range(4):
        shop.carry()
    assert load(pair) > 0
    assert bring_back(pair)[second] == "away"  # it does not answer yet
    pair.heal(second, "kill")
    assert pair.shown(second) != shop.truth()
    assert bring_back(pair)[second] == "proven"
    assert pair.shown(second) == shop.truth()
    assert "其中更正 0 行" in proof(pair, second)  # the replay alone made it equal


def test_a_node_that_differs_is_mended_before_it_is_proven(pair: NodePair, shop: KafkaShop) -> None:
    first, second = pair.hosts.names
    with PairParts(pair) as parts:
        parts.nodes.leave(second, "test")
    key = next(iter(shop.truth()))
    pair.rows(second, "DELETE FROM dim.dim_sku WHERE sku_id IN (SELECT sku_id FROM dim.dim_sku LIMIT 7)")
    pair.rows(second, f"INSERT INTO dws.dws_sale_out (io_id, line_id, qty, version) VALUES ('{key}', 'ghost', 9, 1)")
    pair.rows(
        second,
        "INSERT INTO dim.dim_shop SELECT * REPLACE ('else' AS shop_name, version + 9 AS version)"
        " FROM dim.dim_shop FINAL",
    )
    assert bring_back(pair)[second] == "proven"
    assert state(pair, second) == state(pair, first)
    assert pair.shown(second) == shop.truth()
    assert "更正 0 行" not in proof(pair, second)


def test_a_new_label_reaches_both_nodes(pair: NodePair, shop: KafkaShop) -> None:
    renamed = tuple(
        Named(shop_id, f"S{shop_id:06d}", f"新{name}", platform, "bench", "", True) for shop_id, name, platform in SHOPS
    )
    with PairParts(pair) as parts:
        assert len(store_shops(parts.warehouse, Shops(renamed, ()))) == len(SHOPS)
        assert parts.loader("sale_out").relabel() > 0
    for node in pair.hosts.names:
        labels = pair.rows(
            node, "SELECT DISTINCT startsWith(shop_name, '新') FROM dws.dws_sale_out FINAL WHERE io_id != 'MARK'"
        )
        assert labels == [(1,)]
    first, second = pair.hosts.names
    assert state(pair, second) == state(pair, first)


def test_a_dead_node_is_waited_for_once_and_remembered_by_everybody(pair: NodePair, shop: KafkaShop) -> None:
    first, second = pair.hosts.names
    clock = SystemClock()
    pair.hit(first, "freeze")
    try:
        with PairParts(pair) as parts:
            before = clock.monotonic()
            assert parts.warehouse.execute("SELECT count() > 0 FROM dws.dws_sale_out FINAL") == [(1,)]
            waited = clock.monotonic() - before
            assert waited < LONGEST_PAUSE
            assert parts.nodes.serving() == second
        with PairParts(pair) as another_task:
            before = clock.monotonic()
            another_task.warehouse.execute("SELECT 1")
            assert clock.monotonic() - before < waited / 4
    finally:
        pair.heal(first, "freeze")
    assert bring_back(pair) == {second: "serving", first: "proven"}


def test_with_both_dead_nothing_counts_as_loaded_and_the_one_with_everything_is_waited_for(
    pair: NodePair, shop: KafkaShop
) -> None:
    first, second = pair.hosts.names
    pair.hit(second, "kill")
    shop.carry()
    load(pair)
    pair.hit(first, "kill")
    pair.heal(second, "kill")  # it is there again, but it has not everything
    shop.carry()
    with pytest.raises(Retry, match="ClickHouse 连不上"):
        load(pair)
    assert serving(pair) == first
    pair.heal(first, "kill")
    assert load(pair) > 0
    bring_back(pair)
    assert pair.shown(first) == pair.shown(second) == shop.truth()


def test_a_statement_that_every_node_refuses_drives_nobody_out(pair: NodePair, shop: KafkaShop) -> None:
    with PairParts(pair) as parts:
        with pytest.raises(Exception, match=r"dws\.nowhere"):
            parts.warehouse.execute("INSERT INTO dws.nowhere SELECT 1")
        assert [node.state for node in parts.nodes.known()] == ["serving", "proven"]
