"""Each built-in rule asks a real ClickHouse, fires on planted rows, and is calm when they are set back."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from clickhouse_driver import Client

from bench.instruments.moved_clock import MovedClock
from jst.alerts.crossings import Crossings
from jst.alerts.judge import Crossing, is_bad
from jst.alerts.rules import load_rules
from jst.boards.scopes import Scopes
from jst.clock import SHANGHAI
from jst.control.alert_book import ALERT
from jst.control.database import Database
from jst.control.incidents import Incidents
from jst.messages.channels import UNOWNED
from jst.metrics.catalogue import load_catalogue
from tests.support.metric_worlds import store, world_of
from tests.support.warehouse_fixtures import client

__all__ = ["client"]
pytestmark = [pytest.mark.clickhouse, pytest.mark.postgres]
NOW = datetime.now(SHANGHAI).replace(hour=12, minute=0, second=0, microsecond=0)
YESTERDAY = NOW - timedelta(days=1)
Rows = dict[str, list[dict[str, Any]]]


def plain(moment: datetime) -> datetime:
    return moment.replace(tzinfo=None)


def shipped(count: int, sku: str = "A", at: datetime = YESTERDAY, first: int = 1) -> list[dict[str, Any]]:
    return [{"io_id": first + number, "sku_id": sku, "io_date": plain(at)} for number in range(count)]


def refunded(count: int, amount: float = 10, at: datetime = YESTERDAY) -> list[dict[str, Any]]:
    return [
        {
            "as_id": number + 1,
            "status": "已退款",
            "refund_amount": amount,
            "refund_date": plain(at),
            "created": plain(at),
        }
        for number in range(count)
    ]


STOCK = [{"sku_id": "A", "qty": 50}, {"sku_id": "B", "qty": 9}]
CASES: list[tuple[str, Rows, Rows, str, str]] = [
    ("sold_out", {"sale_out": shipped(3), "inventory": [{"sku_id": "A", "qty": 0}, {"sku_id": "B", "qty": 0}]},
     {"sale_out": shipped(3), "inventory": STOCK}, "A", "近 7 日出库数量 3 件"),
    ("oversold", {"inventory": [{"sku_id": "A", "qty": 5, "order_lock": 8}, {"sku_id": "B", "qty": 5}]},
     {"inventory": STOCK}, "A", "超卖数量 3 件"),
    ("below_safety", {"inventory": [{"sku_id": "A", "qty": 5, "min_qty": 8}]},
     {"inventory": STOCK}, "A", "安全库存 8 件"),
    ("after_sale_rate", {"sale_out": shipped(40), "after_sale": refunded(3)},
     {"sale_out": shipped(40), "after_sale": refunded(1)}, "101|K1", "7.50%"),
    ("refund_jump", {"after_sale": [*refunded(7, 100), {**refunded(1, 1500, NOW)[0], "as_id": 99}]},
     {"after_sale": refunded(7, 100)}, "101", "是前 7 日均值的 15.0 倍"),
    ("no_orders", {"sale_out": shipped(1, at=NOW - timedelta(minutes=45))},
     {"sale_out": shipped(1, at=NOW - timedelta(minutes=1))}, "", "45 分钟"),
]  # fmt: skip


@pytest.fixture
def crossings(client: Client, database: Database) -> Iterator[Crossings]:
    def ask(reader: str, viewer: str, sql: str, parameters: dict[str, Any]) -> Any:
        if "access.user_role" in sql:
            return [((101, 102), ("viewer",), 1)]
        return client.execute(sql, parameters, settings={"final": 1})

    # what marts say is what the wide tables say (test_agreement): only the latter are planted here
    catalogue = replace(load_catalogue(), marts={})
    client.execute("TRUNCATE TABLE dws.dws_shop_sku_day")
    client.execute(
        "INSERT INTO ops.shop_owner VALUES", [(101, "li.na", 1, 0), (101, "gone", 1, 0), (101, "gone", 2, 1)]
    )
    yield Crossings(catalogue, Scopes(ask, MovedClock(NOW)), "oncall", database)
    for table in ("dws.dws_shop_sku_day", "ops.shop_owner"):
        client.execute(f"TRUNCATE TABLE {table}")


def found(crossings: Crossings, name: str, known: Collection[str] = ()) -> list[Crossing]:
    rule = load_rules().by_name[name]
    return [each for each in crossings.of(rule, NOW, NOW, known) if is_bad(rule, each)]


@pytest.mark.parametrize(("name", "bad", "well", "subject", "words"), CASES, ids=[case[0] for case in CASES])
def test_a_rule_of_metrics_fires_and_is_calm_when_it_is_set_back(
    crossings: Crossings, client: Client, name: str, bad: Rows, well: Rows, subject: str, words: str
) -> None:
    store(client, world_of({"as_of": plain(NOW), **bad}))
    (one,) = found(crossings, name)
    assert one.subject == subject
    assert words in one.what
    store(client, world_of({"as_of": plain(NOW), **well}))
    assert found(crossings, name) == []


def test_a_rate_of_few_orders_is_no_rate(crossings: Crossings, client: Client) -> None:
    store(client, world_of({"as_of": plain(NOW), "sale_out": shipped(29), "after_sale": refunded(9)}))
    assert found(crossings, "after_sale_rate") == []
    store(client, world_of({"as_of": plain(NOW), "sale_out": shipped(30), "after_sale": refunded(9)}))
    assert [each.owners for each in found(crossings, "after_sale_rate")] == [("li.na",)]


def test_stock_concerns_the_shops_that_shipped_it(crossings: Crossings, client: Client) -> None:
    store(client, world_of({"as_of": plain(NOW), "sale_out": shipped(3), "inventory": [{"sku_id": "A", "qty": 0}]}))
    assert [each.owners for each in found(crossings, "sold_out")] == [(UNOWNED,)]
    client.execute(
        "INSERT INTO dws.dws_shop_sku_day (shop_id, sku_id, biz_day, out_qty, version) VALUES",
        [(101, "A", YESTERDAY.date(), Decimal(3), 1), (102, "A", YESTERDAY.date(), Decimal(1), 1)],
    )
    assert [each.owners for each in found(crossings, "sold_out")] == [("li.na", UNOWNED)]


def test_bi_is_unwell_below_80_and_well_again_from_85_on(crossings: Crossings, client: Client) -> None:
    rule = load_rules().by_name["lingyang_health"]
    for scores, bad, standing in (
        ((75, 70, 99), True, True),
        ((84, 90, 82), False, True),
        ((85, 90, 70), False, False),
    ):
        client.execute("TRUNCATE TABLE ops.bi_health")
        client.execute(
            "INSERT INTO ops.bi_health (minute, score, at) VALUES",
            [(NOW - timedelta(minutes=5 * back), Decimal(score), NOW) for back, score in enumerate(scores)],
        )
        readings = crossings.of(rule, NOW, NOW, [])
        assert (bool(readings), any(is_bad(rule, each) for each in readings)) == (standing, bad), scores
        if bad:
            assert readings[0].what == "整套系统：BI 近 15 分钟健康分 75 分，BI 健康分 75 分"


def test_rules_of_the_control_database_fire_and_are_calm_again(crossings: Crossings, database: Database) -> None:
    assert found(crossings, "letters") == found(crossings, "certificate_missing") == []
    database.rows(
        """INSERT INTO letter (topic, partition, position, module, plan_id, attempt, page, key, reason, cause, state)
           SELECT 'ods.dead_letters', 0, number, 'sku', '', 1, 1, '', 'x', 'y', 'open'
           FROM generate_series(1, 120) AS number"""
    )
    (letters,) = found(crossings, "letters")
    assert letters.what.endswith("120 条死信等处理，其中已搁置 0 条")
    certificate = """INSERT INTO certificate
                         (day, module, number, state, rows, keys, source_amount, our_amount, missing, surplus,
                          different, moved, exceptions, reasons, dag_id, run_id)
                     VALUES (%(day)s, 'sale_out', 1, 'proven', 1, 1, 1, 1, 0, 0, 0, 0, 0, '[]', 'jst_backfill', 'x')"""
    database.rows(certificate, day=(NOW - timedelta(days=2)).date())
    (missing,) = found(crossings, "certificate_missing")
    assert missing.what == f"销售出库：昨天 {YESTERDAY.date()} 还没有证书"
    database.rows(certificate, day=YESTERDAY.date())
    assert found(crossings, "certificate_missing") == []


def test_what_the_ledger_shows_red_is_an_incident(crossings: Crossings, database: Database) -> None:
    database.rows(
        """INSERT INTO watermark (module, kind, value) VALUES
           ('sale_out', 'read', now() - interval '10 minutes'), ('inventory', 'read', now())"""
    )
    (late,) = found(crossings, "data_late")
    assert late.subject == "late sale_out"
    assert load_rules().by_name["sold_out"].kind == ALERT
    Incidents(database).open("server_away", "", "ClickHouse", "没有答复", "恢复它", {})
    assert found(crossings, "data_late") == [], "what waits for a server is no second incident"
    assert [each.subject for each in found(crossings, "data_late", [late.subject])] == [late.subject]
    database.rows("UPDATE watermark SET value = now()")
    assert found(crossings, "data_late", [late.subject]) == []
