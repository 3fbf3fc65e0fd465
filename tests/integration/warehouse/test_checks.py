"""Every data-quality check finds the faults planted for it and nothing else, and nothing in good data; and every
branch of its SQL is needed for that: without one, a fault would not be found."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest

from jst.clock import SHANGHAI, SystemClock
from jst.control.backup_log import BackupLog
from jst.control.database import Database
from jst.control.holds import Holds
from jst.control.incidents import Incidents
from jst.control.mart_days import MartDays
from jst.control.plans import Plans
from jst.control.watermarks import Beginning
from jst.errors import Retry
from jst.flow.check_round import CheckRound
from jst.model.check_facts import load_checks
from jst.model.module import INCLUDE
from jst.model.window import Window, floor_second
from jst.model.words import Origin
from jst.warehouse.mart_tables import mart_names, refresh, refresh_week
from jst.warehouse.sql import statement
from jst.warehouse.widen_tables import EVERY_KIND
from tests.support.plan_story import pull
from tests.support.warehouse import Warehouse

pytestmark = [pytest.mark.clickhouse, pytest.mark.postgres]
NOW = datetime.now(SHANGHAI).replace(microsecond=0)
TODAY = {"modified": f"{NOW:%F %T}", "created": f"{NOW:%F %T}"}
CHECKS = {check.name: check for check in load_checks()}
Plant = Callable[[Warehouse], set[str]]


@pytest.fixture
def good(warehouse: Warehouse) -> Warehouse:
    """A day on which nothing is wrong."""
    warehouse.read_at = NOW
    warehouse.client.execute("TRUNCATE TABLE ops.check_result")
    sku = {"i_id": "款", "name": "裙", "category": "女装", "brand": "甲", "enabled": 1, "cost_price": "2.5"}
    _load(warehouse, "sku", *(sku | {"sku_id": each} for each in "ABC"))
    _load(warehouse, "warehouse", {"wms_co_id": 11001, "name": "杭州仓"})
    _load(warehouse, "inventory", *({"sku_id": each, "qty": 3, "wms_co_id": 11001} for each in "ABC"))
    _order(warehouse, "1", "2", "3")
    _after_sale(warehouse, "1", "2", "3")
    for mart in mart_names():
        refresh(warehouse.client, mart, NOW.date(), 1)
    refresh_week(warehouse.client, 1)
    return warehouse


def _load(warehouse: Warehouse, module: str, *records: dict[str, Any]) -> None:
    bodies = [json.dumps(TODAY | record, ensure_ascii=False) for record in records]
    warehouse.load(module, f"{module}-plan", bodies)


def _order(warehouse: Warehouse, *io_ids: str, **fields: Any) -> None:
    lines = [{"ioi_id": n, "sku_id": sku, "qty": 1, "price": "3.33"} for n, sku in (("1", "A"), ("2", "B"))]
    amounts = {"pay_amount": "7.01", "free_amount": "0.35", "paid_amount": "6.66", "freight": "1.00"}
    order = {"shop_id": 101, "status": "Confirmed", "io_date": TODAY["modified"], "wms_co_id": 11001}
    order |= amounts | {"items": lines} | fields
    _load(warehouse, "sale_out", *({"io_id": io_id} | order for io_id in io_ids))


def _after_sale(warehouse: Warehouse, *as_ids: str, **fields: Any) -> None:
    lines = [{"asi_id": n, "sku_id": "A", "qty": 1, "price": "3.33"} for n in ("1", "2")]
    order = {"shop_id": 101, "status": "Refund", "refund": "5.01", "confirm_date": TODAY["modified"]}
    order |= {"items": lines} | fields
    _load(warehouse, "after_sale", *({"as_id": as_id} | order for as_id in as_ids))


def _change(warehouse: Warehouse, table: str, what: str, where: str) -> None:
    """As somebody would who writes into the tables by hand."""
    warehouse.client.execute(f"ALTER TABLE {table} UPDATE {what} WHERE {where}", settings={"mutations_sync": 1})


def _again(warehouse: Warehouse, table: str, where: str, **columns: str) -> None:
    """Write rows once more with other values in ``columns``."""
    changed = ", ".join(f"{value} AS {name}" for name, value in columns.items())
    rows = f"SELECT * FROM {table} FINAL WHERE {where}"  # apart: a replaced column would be meant in the condition
    warehouse.client.execute(f"INSERT INTO {table} SELECT * REPLACE ({changed}) FROM ({rows})")


def abnormal_quantity(warehouse: Warehouse) -> set[str]:
    _order(warehouse, "4", items=[{"ioi_id": "1", "sku_id": "A", "qty": -1, "price": 1}])
    _after_sale(warehouse, "4", items=[{"asi_id": "7", "sku_id": "A", "qty": -1}])
    _load(warehouse, "inventory", {"sku_id": "A", "qty": -2, "wms_co_id": 11001})
    _load(warehouse, "inventory", {"sku_id": "B", "qty": -3, "wms_co_id": 0})
    warehouse.read_at = NOW - timedelta(days=3)
    _order(warehouse, "5", items=[{"ioi_id": "1", "sku_id": "A", "qty": -1, "price": 1}])
    return {"sale_out 4 明细 1", "after_sale 4 明细 7", "商品 A 仓库 11001 库存 -2", "商品 B 库存 -3"}


def future_modified(warehouse: Warehouse) -> set[str]:
    soon, later = NOW + timedelta(minutes=10), f"{NOW + timedelta(days=400):%F %T}"
    _order(warehouse, "4", modified=later)
    _order(warehouse, "5", modified=f"{soon:%F %T}")
    _after_sale(warehouse, "4", modified=later)
    _load(warehouse, "inventory", {"sku_id": "A", "qty": 3, "wms_co_id": 11001, "modified": later})
    _load(warehouse, "sku", {"sku_id": "B", "i_id": "款", "name": "裙", "enabled": 1, "modified": later})
    return {f"{each} {later}" for each in ("sale_out 4", "after_sale 4", "inventory A", "sku B")}


def unknown_status(warehouse: Warehouse) -> set[str]:
    for number, status in enumerate(("WaitConfirm", "Delete", "Cancelled", "OuterConfirming", "Archive", "Split", "")):
        _order(warehouse, f"1{number}", status=status)
    _after_sale(warehouse, "4", status="Maybe")
    warehouse.read_at = NOW - timedelta(days=8)
    _order(warehouse, "5", status="Long ago")
    _after_sale(warehouse, "5", status="Long ago")
    return {"sale_out “Split”（1 单，如 15）", "sale_out “”（1 单，如 16）", "after_sale “Maybe”（1 单，如 4）"}


def unknown_sku(warehouse: Warehouse) -> set[str]:
    _order(warehouse, "4", items=[{"ioi_id": "1", "sku_id": "X", "qty": 1}])
    _order(warehouse, "5", items=[])
    _after_sale(warehouse, "4", items=[{"asi_id": "1", "sku_id": "Y", "qty": 1}])
    _load(warehouse, "inventory", {"sku_id": "Z", "qty": 1}, {"sku_id": "ａ", "qty": 1})  # A is spelled so here
    return {"X（sale_out）", "Y（after_sale）", "Z（inventory）"}


def zero_id(warehouse: Warehouse) -> set[str]:
    _order(warehouse, "0", "100")
    _after_sale(warehouse, "000")
    _load(warehouse, "inventory", {"sku_id": "0", "qty": 1})
    return {"sale_out 0", "after_sale 000", "inventory 0"}


def sku_spelling(warehouse: Warehouse) -> set[str]:
    _load(warehouse, "sku", {"sku_id": "ａ", "name": "全角"})
    _load(warehouse, "inventory", {"sku_id": "b", "qty": 1})
    _order(warehouse, "4", items=[{"ioi_id": "1", "sku_id": "c", "qty": 1}, {"ioi_id": "2", "sku_id": "", "qty": 1}])
    _after_sale(warehouse, "4", items=[{"asi_id": "1", "sku_id": "C\u200b", "qty": 1}])
    warehouse.read_at = NOW - timedelta(days=8)
    _order(warehouse, "5", items=[{"ioi_id": "1", "sku_id": "Ａ", "qty": 1}])
    _after_sale(warehouse, "5", items=[{"asi_id": "1", "sku_id": "Ａ", "qty": 1}])
    return {"A / ａ", "B / b", "C / C\u200b / c"}


def unknown_shop(warehouse: Warehouse) -> set[str]:
    _order(warehouse, "4", shop_id=901)
    _after_sale(warehouse, "4", shop_id=902)
    _order(warehouse, "5", shop_id=102)  # the workbook names it and gives it no rate
    _order(warehouse, "6", shop_id=103, status="WaitConfirm", io_date=None)
    warehouse.client.execute(
        "INSERT INTO dim.dim_shop (shop_id, shop_name, in_workbook, version) VALUES (103, '未出库的店', 1, 1)"
        ", (901, '源端列出的店', 0, 1)"
    )
    return {"901 不在工作簿里", "902 不在工作簿里", f"102 在 {NOW:%F} 没有费率"}


def amounts(warehouse: Warehouse) -> set[str]:
    columns = ("gmv", "discount_amount", "paid_amount", "freight_amount", "out_amount")
    for number, column in enumerate(columns):
        _order(warehouse, f"1{number}")
        _change(warehouse, "dws.dws_sale_out", f"{column} = {column} + 0.01", f"io_id = '1{number}' AND line_id = '2'")
    _order(warehouse, "20", pay_amount=None, paid_amount=None)  # its goods stand for them
    _order(warehouse, "21", items=[])
    _change(warehouse, "dws.dws_after_sale", "refund_amount = refund_amount - 0.01", "as_id = '1' AND line_id = '1'")
    _change(warehouse, "dws.dws_inventory", "stock_value = 7.51", "sku_id = 'A'")
    _load(warehouse, "sku", {"sku_id": "B", "cost_price": 99_999_999_999})  # times 2 million it does not fit
    _load(warehouse, "inventory", {"sku_id": "B", "qty": 2_000_000, "wms_co_id": 11001})
    return {*(f"sale_out 1{number}" for number in range(5)), "after_sale 1",
            "inventory A 仓库 11001", "inventory B 仓库 11001"}  # fmt: skip


def _out_of_step(warehouse: Warehouse, one: str, two: str, three: str) -> set[str]:
    _again(warehouse, "dws.dws_sale_out", f"io_id = '{one}' AND line_id = '1'", line_id="'9'", version="version - 1")
    _again(warehouse, "dwd.dwd_sale_out", f"io_id = '{two}'", version="version + 1")
    warehouse.client.execute(f"DELETE FROM dws.dws_sale_out WHERE io_id = '{three}'")
    _again(warehouse, "dws.dws_after_sale", f"as_id = '{one}' AND line_id = '1'", line_id="'9'", version="version - 1")
    warehouse.client.execute(f"DELETE FROM dwd.dwd_after_sale WHERE as_id = '{two}'")
    return {f"sale_out {one}", f"sale_out {two}", f"sale_out {three}", f"after_sale {one}", f"after_sale {two}"}


def _read_before(warehouse: Warehouse, ago: timedelta) -> set[str]:
    """Orders out of step that were read so long ago."""
    warehouse.read_at = NOW - ago
    _order(warehouse, "4", "5", "6")
    _after_sale(warehouse, "4", "5", "6")
    return _out_of_step(warehouse, "4", "5", "6")


def stale_version(warehouse: Warehouse) -> set[str]:
    """What was read long ago is looked at by night."""
    _read_before(warehouse, timedelta(hours=3))
    warehouse.client.execute("DELETE FROM dws.dws_inventory WHERE sku_id = 'A'")
    _again(warehouse, "dwd.dwd_inventory", "sku_id = 'B'", version="version + 1")
    return {"inventory A 仓库 11001", "inventory B 仓库 11001"} | _out_of_step(warehouse, "1", "2", "3")


def stale_version_all(warehouse: Warehouse) -> set[str]:
    """What was read a moment ago may be on its way."""
    _out_of_step(warehouse, "1", "2", "3")
    return _read_before(warehouse, timedelta(hours=3))


def duplicate(warehouse: Warehouse) -> set[str]:
    _again(warehouse, "dws.dws_sale_out", "io_id = '1'", key_time="key_time - 40 * 86400")
    _again(warehouse, "dws.dws_after_sale", "as_id = '2'", key_time="key_time - 7200")
    return {"sale_out 1", "after_sale 2"}


def stale_label(warehouse: Warehouse) -> set[str]:
    _change(warehouse, "dws.dws_sale_out", "sku_name = '旧名'", "io_id = '1' AND line_id = '2'")
    _change(warehouse, "dws.dws_sale_out", "platform_fee = platform_fee + 0.01", "io_id = '3' AND line_id = '1'")
    _change(warehouse, "dws.dws_after_sale", "shop_name = '旧名'", "as_id = '2'")
    _change(warehouse, "dws.dws_inventory", "warehouse_province = '江西'", "sku_id = 'C'")
    warehouse.read_at = NOW - timedelta(hours=3)
    _order(warehouse, "4")  # what was read long ago is relabelled by night
    _after_sale(warehouse, "4")
    _change(warehouse, "dws.dws_sale_out", "sku_name = '旧名', platform_fee = platform_fee + 1", "io_id = '4'")
    _change(warehouse, "dws.dws_after_sale", "shop_name = '旧名'", "as_id = '4'")
    return {"sale_out 1", "sale_out 3", "after_sale 2", "inventory C"}


def marts(warehouse: Warehouse) -> set[str]:
    """What was written within five minutes is not looked at."""
    ago = [f"{NOW - timedelta(days=days):%F}" for days in range(7)]
    warehouse.read_at = NOW - timedelta(hours=1)
    _order(warehouse, "4", io_date=f"{ago[3]} 10:00:00")
    _order(warehouse, "5", io_date=f"{ago[4]} 10:00:00")
    _after_sale(warehouse, "4", created=f"{ago[3]} 10:00:00", confirm_date=f"{ago[5]} 10:00:00")
    _after_sale(warehouse, "5", created=f"{ago[3]} 10:00:00", confirm_date=f"{ago[6]} 10:00:00")
    # Neither counts in a mart: a line below 0, and an after-sale of such lines.
    _order(warehouse, "7", io_date=f"{ago[2]} 10:00:00", items=[{"ioi_id": "1", "sku_id": "A", "qty": -1, "price": 1}])
    below = [{"asi_id": "1", "sku_id": "A", "qty": -1, "r_qty": -1}]
    _after_sale(warehouse, "7", created=f"{ago[2]} 09:00:00", confirm_date=f"{ago[1]} 10:00:00", items=below)
    warehouse.read_at = datetime.now(SHANGHAI)
    _order(warehouse, "6", io_date=f"{ago[4]} 10:00:00")
    _after_sale(warehouse, "6", confirm_date=f"{ago[6]} 10:00:00")
    return {f"{ago[3]} 店铺 101", f"{ago[5]} 店铺 101"}


def warehouses_alike(warehouse: Warehouse) -> set[str]:
    """A source that gives the totals whatever warehouse it is asked for."""
    skus, houses = [f"S{number}" for number in range(20)], (11001, 11002)
    _load(warehouse, "inventory", *({"sku_id": sku, "qty": 4, "wms_co_id": at} for sku in skus for at in houses))
    _load(warehouse, "inventory", *({"sku_id": "nothing", "qty": 0, "wms_co_id": at} for at in houses))
    assert found(warehouse, statement("checks/warehouses_alike")) == {"20 个商品在几个仓库的库存完全相同"}
    _load(warehouse, "inventory", {"sku_id": "S7", "qty": 5, "wms_co_id": 11001})
    assert found(warehouse, statement("checks/warehouses_alike")) == set(), "one that differs is enough"
    _load(warehouse, "inventory", {"sku_id": "S7", "qty": 4, "wms_co_id": 11001})
    return {"20 个商品在几个仓库的库存完全相同"}


FAULTS: dict[str, Plant] = {
    each.__name__: each
    for each in (
        abnormal_quantity, unknown_status, unknown_sku, sku_spelling, unknown_shop, amounts, stale_version,
        stale_version_all, duplicate, stale_label, marts, future_modified, zero_id, warehouses_alike,
    )
}  # fmt: skip


def found(warehouse: Warehouse, sql: str) -> set[str]:
    rows = warehouse.rows(sql)
    assert len(rows) == len(set(rows))
    return {what for (what,) in rows}


def mutants(sql: str) -> Iterator[tuple[str, str]]:
    """(What was taken out, the SQL without it): every branch of a union but the first, every line beginning with OR or
    AND."""
    branches = sql.split("\nUNION ALL\nSELECT concat")
    for number in range(1, len(branches)):
        rest = branches[:number] + branches[number + 1 :]
        yield f"branch {number}", "\nUNION ALL\nSELECT concat".join(rest)
    lines = sql.splitlines()
    for number, line in enumerate(lines):
        word = line.strip().split(" ")[0]
        if word in ("OR", "AND"):
            yield line.strip(), "\n".join(lines[:number] + lines[number + 1 :])


def test_every_check_has_its_sql_and_its_fault() -> None:
    assert {path.stem for path in (INCLUDE / "sql" / "checks").glob("*.sql")} == set(CHECKS)
    assert set(FAULTS) | {"freshness", "mart_freshness", "left_empty", "backup_age", "disk"} == set(CHECKS)
    assert all(check.owner and check.do and check.title for check in CHECKS.values())


def test_good_data_pass_every_check(good: Warehouse, database: Database) -> None:
    assert CheckRound(database, good.client, SystemClock()).run(load_checks(), whether_due_or_not=True) == []
    assert good.rows("SELECT name, found FROM ops.check_result ORDER BY name") == [(name, 0) for name in sorted(CHECKS)]
    assert Incidents(database).standing() == []


@pytest.mark.parametrize("name", sorted(FAULTS))
def test_planted_faults_are_found_and_nothing_else_and_no_line_of_the_rule_can_go(good: Warehouse, name: str) -> None:
    assert found(good, statement(f"checks/{name}", **EVERY_KIND)) == set()
    expected = FAULTS[name](good)
    assert found(good, statement(f"checks/{name}", **EVERY_KIND)) == expected
    survivors = []
    for taken, sql in mutants(statement(f"checks/{name}", **EVERY_KIND)):
        if name == "stale_label" and not taken.startswith("branch"):
            continue  # the rules of the labels have a test of their own: test_labels.py
        if found(good, sql) == expected:
            survivors.append(taken)
    assert survivors == []


def test_a_disk_is_nearly_full_when_less_than_a_tenth_and_20_gb_are_left(good: Warehouse) -> None:
    disks = "[('full', 9e9, 100e9), ('large', 25e9, 1e12), ('small', 5e9, 20e9)]"
    parts = (
        "tupleElement(d, 1) AS name, '/d/' AS path, tupleElement(d, 2) AS free_space, tupleElement(d, 3) AS total_space"
    )
    sql = statement("checks/disk").replace("system.disks", f"(SELECT {parts} FROM (SELECT arrayJoin({disks}) AS d))")
    assert {what.split(" ")[0] for what in found(good, sql)} == {"full"}


def test_a_late_feed_and_a_late_dimension_are_found(database: Database, good: Warehouse) -> None:
    def read(module: str, origin: Origin, minutes: float) -> None:
        at = floor_second(datetime.now(SHANGHAI)) - timedelta(minutes=minutes)
        Plans(database).watermarks.start_live(module, Beginning(at, at))
        Plans(database).add(module, origin, "dag", "run", Window(at, at), at)

    read("sale_out", "live", 6)
    read("inventory", "live", 4)
    read("sku", "refresh", 31)
    read("shop", "refresh", 20)
    checker = CheckRound(database, good.client, SystemClock())
    ((check, result),) = checker.run([CHECKS["freshness"]])
    assert (check.name, result.found) == ("freshness", 2)
    assert sorted(result.examples) == ["商品资料 已 31 分钟", "销售出库 已 6 分钟"]


def test_a_feed_that_says_itself_why_it_is_late_is_no_finding_of_the_checks(
    database: Database, good: Warehouse
) -> None:
    at = floor_second(datetime.now(SHANGHAI)) - timedelta(minutes=8)
    for module in ("sale_out", "after_sale", "inventory"):
        Plans(database).watermarks.start_live(module, Beginning(at, at))
    feeds = Holds(database)
    feeds.troubles.note("sale_out", "pull", "run-1", Retry("连不上聚水潭", do="等", server="聚水潭"))
    feeds.degradation.step_down("after_sale", "几乎全部被拒")
    feeds.failed("inventory", "run-1", "任务失败", hopeless=True)
    assert CheckRound(database, good.client, SystemClock()).run([CHECKS["freshness"]]) == []
    database.rows("UPDATE watermark SET value = value - interval '3 min'")
    ((_, result),) = CheckRound(database, good.client, SystemClock()).run(
        [CHECKS["freshness"]], whether_due_or_not=True
    )
    assert result.examples == ["售后 已 11 分钟"]


def test_what_a_first_load_has_still_to_bring_is_not_looked_for(database: Database, good: Warehouse) -> None:
    _order(good, "9", items=[{"ioi_id": "1", "sku_id": "new", "qty": 1, "price": 1}])
    at = floor_second(datetime.now(SHANGHAI))
    plans = Plans(database)
    plans.watermarks.start_live(
        "sku", Beginning(at, at - timedelta(days=1), windows=[Window(at - timedelta(days=1), at)])
    )
    checker, check = CheckRound(database, good.client, SystemClock()), CHECKS["unknown_sku"]
    assert checker.run([check]) == []
    assert database.rows("SELECT count(*) FROM check_result") == [(0,)]
    database.rows("UPDATE plan SET state = 'proven', proven_at = now()")
    checker.run([check])
    assert database.rows("SELECT found FROM check_result") == [(1,)]


def test_marts_that_are_behind_are_found(database: Database, good: Warehouse) -> None:
    waiting = MartDays(database)
    waiting.mark_days([NOW.date()])
    database.rows("UPDATE mart_day SET marked_at = marked_at - interval '6 min'")
    waiting.mark_days([NOW.date(), NOW.date() - timedelta(days=1)])  # it waits since the first
    checker = CheckRound(database, good.client, SystemClock())
    assert checker.run([CHECKS["mart_freshness"]]) == []  # a loaded machine is behind for a moment
    _aged(database, 5)
    ((_, result),) = checker.run([CHECKS["mart_freshness"]], whether_due_or_not=True)
    assert result.examples == [f"{NOW:%F}，已等 6 分钟"]
    end = floor_second(datetime.now(SHANGHAI))
    past = [Window(end - timedelta(days=1), end)]
    Plans(database).watermarks.start_live("sale_out", Beginning(end, past[0].start, None, past))
    database.rows("UPDATE plan SET state = 'proven', attempt = 1, proven_at = clock_timestamp()")
    assert checker.run([CHECKS["mart_freshness"]], whether_due_or_not=True) == [], "a first load has just ended"


def test_fields_left_empty_are_named_with_a_record_for_a_day(database: Database, good: Warehouse) -> None:
    plans, at = Plans(database), floor_second(datetime.now(SHANGHAI))
    for module, field, rows, hours in (
        ("inventory", "virtual_qty", 20, 1), ("inventory", "virtual_qty", 3, 2), ("sku", "weight", 1, 25),
    ):  # fmt: skip
        plan = plans.add(module, "live", "dag", f"run {hours}", Window(at, at), at)
        pull(plans, plan, left_empty={field: (rows, "V0")})
        database.rows(
            f"UPDATE receipt SET finished_at = finished_at - interval '{hours} hours' WHERE plan_id = '{plan.plan_id}'"
        )
    ((check, result),) = CheckRound(database, good.client, SystemClock()).run([CHECKS["left_empty"]])
    assert result.examples == ["inventory virtual_qty：23 条（如 V0）"]
    assert check.severity == "warn"


def test_a_backup_that_is_overdue_is_found_and_none_where_none_is_made(database: Database, good: Warehouse) -> None:
    checker, check, notes = CheckRound(database, good.client, SystemClock()), CHECKS["backup_age"], BackupLog(database)
    assert checker.run([check]) == []
    notes.begin("20260301020000", "")
    notes.finish("20260301020000", 1, 1)
    notes.begin("20260302020000", "20260301020000")
    notes.fail("20260302020000", "pg_dump 没有完成")
    assert checker.run([check], whether_due_or_not=True) == []
    database.rows("UPDATE backup SET finished_at = '2026-03-01 02:05+08' WHERE finished_at IS NOT NULL")
    ((_, result),) = checker.run([check], whether_due_or_not=True)
    assert result.examples == ["最近一次成功在 2026-03-01 02:05，之后失败：pg_dump 没有完成"]
    assert check.severity == "warn"


def _aged(database: Database, minutes: int) -> None:
    database.rows(f"UPDATE check_result SET checked_at = checked_at - interval '{minutes} min', "
                  f"since = since - interval '{minutes} min'")  # fmt: skip


def test_what_stays_found_becomes_an_incident_and_goes_when_it_is_mended(database: Database, good: Warehouse) -> None:
    check, incidents = CHECKS["amounts"], Incidents(database)
    checker = CheckRound(database, good.client, SystemClock())
    _change(good, "dws.dws_sale_out", "gmv = gmv + 1", "io_id = '1' AND line_id = '1'")
    assert checker.run([check]) == []  # it may mend itself: a load is under way
    assert incidents.standing() == []
    assert checker.run([check]) == []
    assert good.rows("SELECT count() FROM ops.check_result FINAL") == [(1,)]  # it was not due again
    _aged(database, 15)
    ((_, result),) = checker.run([check])
    assert result.examples == ["sale_out 1"]
    (standing,) = incidents.standing()
    assert (standing.kind, standing.subject, standing.do) == ("check", "amounts", check.do)
    assert standing.what == "明细金额加起来不等于单据金额：1 单（sale_out 1），负责人：数据组"
    _change(good, "dws.dws_sale_out", "gmv = gmv - 1", "io_id = '1' AND line_id = '1'")
    assert checker.run([check], whether_due_or_not=True) == []
    assert incidents.standing() == []
    history = good.rows("SELECT found, examples, since IS NULL FROM ops.check_result FINAL ORDER BY checked_at")
    assert history == [(1, ["sale_out 1"], 0), (1, ["sale_out 1"], 0), (0, [], 1)]


def test_five_examples_of_many(database: Database, good: Warehouse) -> None:
    for number in range(7):
        _order(good, f"4{number}", status=f"Odd {number}")
    ((check, result),) = CheckRound(database, good.client, SystemClock()).run([CHECKS["unknown_status"]])
    assert (result.found, len(result.examples)) == (7, 5)
    assert check.describe(result.found, result.examples).startswith("不认识的状态：7 种（sale_out “Odd")
    (standing,) = Incidents(database).standing()
    assert standing.kind == "check_warn"


def test_freshness_is_known_while_clickhouse_is_away(database: Database, good: Warehouse) -> None:
    from clickhouse_driver import Client

    at = datetime.now(SHANGHAI) - timedelta(hours=1)
    Plans(database).watermarks.start_live("sale_out", Beginning(at, at))
    with pytest.raises(Retry, match="ClickHouse 连不上"):
        CheckRound(database, Client("127.0.0.1", 9, connect_timeout=1), SystemClock()).run(load_checks())
    assert database.rows("SELECT name, found FROM check_result ORDER BY 1") == [
        ("backup_age", 0), ("freshness", 1), ("left_empty", 0), ("mart_freshness", 0)
    ]  # fmt: skip
