"""A plan from real tables to its lines: made once, however often its task is cleared, and failed with a sentence."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, time, timedelta
from typing import Any

import pytest

from bench.instruments.moved_clock import MovedClock
from jst.clock import SHANGHAI
from jst.control.database import Database
from jst.control.replenishments import Replenishment, Replenishments
from jst.errors import Misconfigured
from jst.replenishment.plan_form import read_params, stored_params
from jst.replenishment.plan_maker import PlanMaker
from jst.replenishment.terms import Params
from tests.support.warehouse import Warehouse

pytestmark = [pytest.mark.clickhouse, pytest.mark.postgres]
TODAY = date(2026, 3, 2)
GIVEN = stored_params(Params())


class NoPromos:
    def of(self, day: date) -> None:
        return None


def furnish(warehouse: Warehouse) -> None:
    """A sells five a day in warehouse 1 and has four left there; warehouse 2 has plenty of it. B does not sell."""
    columns = "sku_id, wms_co_id, warehouse_name, category, qty, cost_price, version"
    stock = [("A", 1, "杭州", "鞋", 4, 3, 1), ("A", 2, "北京", "鞋", 500, 3, 1), ("B", 1, "杭州", "帽", 9, 2, 1)]
    warehouse.client.execute(f"INSERT INTO dws.dws_inventory ({columns}) VALUES", stock)
    columns = "io_id, line_id, o_id, sku_id, wms_co_id, shop_id, is_shipped, biz_day, key_time, qty, version"
    days = [TODAY - timedelta(days=ago) for ago in range(1, 40)]
    warehouse.client.execute(
        f"INSERT INTO dws.dws_sale_out ({columns}) VALUES",
        [
            (f"{day}", "1", f"{day}", "A", 1, 101, 1, day, datetime.combine(day, time(10), SHANGHAI), 5, 1)
            for day in days
        ],
    )


def maker(warehouse: Warehouse, database: Database) -> tuple[PlanMaker, Replenishments]:
    records = Replenishments(database)
    clock = MovedClock(datetime.combine(TODAY, time(9), SHANGHAI))
    return PlanMaker(warehouse.client, records, NoPromos(), clock), records


def lines(warehouse: Warehouse) -> list[dict[str, Any]]:
    names = [name for name, *_ in warehouse.client.execute("DESCRIBE TABLE dws.dws_replenishment_line")]
    rows = warehouse.client.execute("SELECT * FROM dws.dws_replenishment_line ORDER BY line_number, version")
    return [dict(zip(names, row, strict=True)) for row in rows]


def told(records: Replenishments) -> Replenishment:
    return records.listed()[0]


def test_a_plan_is_made_once_and_moves_before_it_buys(warehouse: Warehouse, database: Database) -> None:
    furnish(warehouse)
    making, records = maker(warehouse, database)
    asked = records.ask("board__1", "cai.gou", GIVEN)
    assert making.check("board__1", "jst_boards", GIVEN).replenishment_id == asked.replenishment_id
    sums = making.make("board__1", "jst_boards", GIVEN)
    stored = lines(warehouse)
    assert (told(records).state, told(records).lines, told(records).amount) == ("done", len(stored), sums.amount)
    first = stored[0]
    assert (first["sku_id"], first["kind"], first["wms_co_id"], first["from_wms_co_id"]) == ("A", "move", 1, 2)
    assert (first["from_warehouse_name"], first["stock_qty"], first["run_out_day"]) == ("北京", 4, TODAY)
    assert "从北京调" in first["reason"]
    warehouse.client.execute("INSERT INTO dws.dws_inventory (sku_id, wms_co_id, qty, version) VALUES", [("A", 1, 0, 2)])
    assert making.make("board__1", "jst_boards", GIVEN) == sums
    assert lines(warehouse) == stored
    making.look_back()


def test_a_plan_whose_task_died_after_the_lines_were_stored_goes_on_to_done(
    warehouse: Warehouse, database: Database
) -> None:
    furnish(warehouse)
    making, records = maker(warehouse, database)
    sums = making.make("manual__1", "oncall", GIVEN)
    stored = lines(warehouse)
    database.rows("UPDATE replenishment SET state = 'running', lines = NULL, amount = NULL")
    assert making.make("manual__1", "oncall", GIVEN) == sums
    assert (lines(warehouse), told(records).state, told(records).asked_by) == (stored, "done", "oncall")


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"cover_days": 0}, "覆盖天数 cover_days 不能填 0"),
        ({"category": ["裤"]}, "没有分类 裤 的库存"),
        ({"warehouse": [9]}, "没有仓库 9 的库存"),
    ],
)
def test_what_cannot_be_right_fails_the_first_task_with_a_sentence(
    warehouse: Warehouse, database: Database, changes: dict[str, object], said: str
) -> None:
    furnish(warehouse)
    making, records = maker(warehouse, database)
    with pytest.raises(Misconfigured, match=said):
        making.check("manual__1", "oncall", {**GIVEN, **changes})
    assert (told(records).state, told(records).progress) == ("failed", said)
    assert lines(warehouse) == []


def test_totals_of_stock_give_a_plan_for_all_warehouses(warehouse: Warehouse, database: Database) -> None:
    furnish(warehouse)
    warehouse.client.execute("TRUNCATE TABLE dws.dws_inventory")
    columns = "sku_id, wms_co_id, qty, cost_price, version"
    warehouse.client.execute(f"INSERT INTO dws.dws_inventory ({columns}) VALUES", [("A", 0, 4, 3, 1)])
    making, _ = maker(warehouse, database)
    params = stored_params(replace(read_params(GIVEN), budget=None, pack_size=12))
    making.make("manual__1", "oncall", params)
    (only,) = lines(warehouse)
    assert (only["kind"], only["warehouse_name"], only["qty"] % 12, only["amount"]) == (
        "order", "全部仓库", 0, only["qty"] * 3,
    )  # fmt: skip
