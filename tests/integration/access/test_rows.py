"""Which rows each viewer gets, over TCP and HTTP; and the limits of a login."""

from __future__ import annotations

import itertools
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime

import pytest

from jst.clock import SHANGHAI
from tests.support.clickhouse_logins import Ask, code, over_http, over_tcp
from tests.support.guarded_clickhouse import Guarded

pytestmark = pytest.mark.clickhouse
SHOPS = {"zhang.wei": [101], "li.na": [102], "wang.fang": [103], "cai.wu": [101, 102, 103, 104]}
SHOPS |= {"a.stranger": [], "": []}
LOGINS = {"zhangwei": "zhang.wei", "lina": "li.na", "wangfang": "wang.fang", "stranger": "a.stranger"}
BY_SHOP = (
    "dws.dws_sale_out", "dws.dws_after_sale", "dws.dws_shop_hour", "dws.dws_shop_style_day", "dws.dws_shop_sku_day",
    "dws.dws_shop_style_week", "dws.dws_shop_warehouse_day", "dws.dws_shop_hour_forecast", "dim.dim_shop",
)  # fmt: skip
BY_SHOP_IN_CHINESE = tuple(
    f"bi.{name}"
    for name in ("sale_out", "after_sale", "refund", "after_sale_rate", "shop_hour", "shop_hour_forecast",
                 "shop_sku_day", "shop_style_day", "shop_style_week", "shop")
)  # fmt: skip
BY_KNOWN = (
    "dws.dws_inventory", "dws.dws_inventory_day", "dws.dws_replenishment_line", "dws.dws_replenishment_outcome",
    "dws.dws_sku_outlook",
    "dim.dim_sku", "dim.dim_warehouse", "bi.inventory",
    "bi.inventory_day", "bi.turnover", "bi.sku", "bi.warehouse",
)  # fmt: skip
BI_TABLES = tuple(set(BY_SHOP) - {"dws.dws_shop_sku_day", "dim.dim_shop"}) + BY_SHOP_IN_CHINESE
TOO_MANY = 202
both = pytest.mark.parametrize("protocol", [over_tcp, over_http], ids=["tcp", "http"])


def shops(ask: Ask, table: str, **settings: str) -> list[int]:
    shop = "`店铺编号`" if table in BY_SHOP_IN_CHINESE else "shop_id"
    rows = ask(f"SELECT DISTINCT {shop} FROM {table} WHERE {shop} != 105 ORDER BY toInt64({shop})", **settings)
    return [int(shop) for (shop,) in rows]


def named(account: str) -> dict[str, str]:
    return {"log_comment": account} if account else {}


@both
@pytest.mark.parametrize("account", SHOPS)
def test_the_boards_see_what_the_viewer_they_name_may_see(guarded: Guarded, protocol: type, account: str) -> None:
    with protocol(guarded, "boards") as ask:
        for table in (*BY_SHOP, *BY_SHOP_IN_CHINESE):
            assert shops(ask, table, **named(account)) == SHOPS[account], table
        for table in BY_KNOWN:
            assert len(ask(f"SELECT 1 FROM {table}", **named(account))) == (account not in ("a.stranger", "")), table
        own = ask("SELECT DISTINCT account FROM access.user_shop", **named(account))
        assert own == ([(account,)] if SHOPS[account] else [])


@both
@pytest.mark.parametrize("login", LOGINS)
def test_a_person_with_a_login_sees_the_same(guarded: Guarded, protocol: type, login: str) -> None:
    account = LOGINS[login]
    with protocol(guarded, login) as ask:
        for table in (*BY_SHOP, *BY_SHOP_IN_CHINESE):
            assert shops(ask, table) == SHOPS[account], table
        for table in BY_KNOWN:
            assert len(ask(f"SELECT 1 FROM {table}")) == (account != "a.stranger"), table
        assert ask("SELECT DISTINCT account FROM access.user_shop") == ([(account,)] if SHOPS[account] else [])


@both
@pytest.mark.parametrize(
    "sums",
    [
        "SELECT toFloat64(sum(stock_value)), count() FROM dws.dws_inventory",
        "SELECT toFloat64(sum(`库存金额`)), count() FROM bi.inventory_finance",
        "SELECT toFloat64(sum(`日末库存金额`)), count() FROM bi.inventory_day_finance",
    ],
)
def test_cost_is_for_finance(guarded: Guarded, protocol: type, sums: str) -> None:
    with protocol(guarded, "boards_finance") as ask:
        assert {account: [tuple(map(float, row)) for row in ask(sums, **named(account))] for account in SHOPS} == {
            "cai.wu": [(6.0, 1.0)],
            "wang.fang": [(6.0, 1.0)],
            **{account: [(0.0, 0.0)] for account in ("zhang.wei", "li.na", "a.stranger", "")},
        }
    with protocol(guarded, "wangfang") as ask:
        assert [tuple(map(float, row)) for row in ask(sums)] == [(6.0, 1.0)]


@both
def test_the_margin_is_for_finance_and_of_the_shops_one_has(guarded: Guarded, protocol: type) -> None:
    with protocol(guarded, "boards_finance") as ask:
        assert {account: shops(ask, "dws.dws_shop_margin_day", **named(account)) for account in SHOPS} == {
            **{account: [] for account in SHOPS}, "cai.wu": [101, 102, 103, 104], "wang.fang": [103]
        }  # fmt: skip
    with protocol(guarded, "boards") as ask:
        assert code(ask, "SELECT count() FROM dws.dws_shop_margin_day", **named("cai.wu")) == 497
    with protocol(guarded, "wangfang") as ask:
        assert shops(ask, "dws.dws_shop_margin_day") == [103]


@both
def test_bi_sees_every_shop(guarded: Guarded, protocol: type) -> None:
    with protocol(guarded, "lingyang_bi") as ask:
        for table in BI_TABLES:
            assert shops(ask, table) == [101, 102, 103, 104], table


@both
def test_a_row_written_twice_is_seen_once(guarded: Guarded, protocol: type) -> None:
    """final is on without being asked for."""
    insert = "INSERT INTO dws.dws_sale_out (io_id, line_id, shop_id, biz_day, qty, version) VALUES"
    for version, qty in ((7, 1), (8, 5)):
        guarded.etl.execute(insert, [("twice", "1", 104, date(1999, 1, 1), qty, version)])
    hour = "INSERT INTO dws.dws_shop_hour (shop_id, biz_day, biz_hour, out_qty, version) VALUES"
    for version in (1, 2):
        guarded.etl.execute(hour, [(101, date(1999, 1, 1), 23, 1, version)])
    with protocol(guarded, "lingyang_bi") as ask:
        ((seen, qty),) = ask("SELECT count(), toFloat64(sum(qty)) FROM dws.dws_sale_out WHERE io_id = 'twice'")
        assert (int(seen), float(qty)) == (1, 5.0)
    for login, final in itertools.product(("lingyang_bi", "zhangwei", "etl"), ("", "FINAL")):
        with protocol(guarded, login) as ask:
            ((seen,),) = ask(f"SELECT count() FROM bi.shop_hour {final} WHERE `小时` = 23")
            assert int(seen) == 1, (login, final)


def test_an_order_that_moved_to_another_shop_is_seen_there_only(guarded: Guarded) -> None:
    """The old row is still stored: rows are chosen before they are filtered by who asks."""
    insert = "INSERT INTO dws.dws_sale_out (io_id, line_id, shop_id, biz_day, key_time, qty, version) VALUES"
    day, at = date(2026, 11, 1), datetime(2026, 11, 1, 10, tzinfo=SHANGHAI)
    for shop, qty, version in ((101, 1, 7), (102, 5, 8)):
        guarded.etl.execute(insert, [("moved", "1", shop, day, at, qty, version)])
    moved = "SELECT shop_id, toInt32(qty) FROM dws.dws_sale_out WHERE io_id = 'moved'"
    with over_tcp(guarded, "zhangwei") as zhang, over_tcp(guarded, "lina") as li, over_tcp(guarded, "boards") as boards:
        assert (zhang(moved), li(moved)) == ([], [(102, 5)])
        assert boards(moved, log_comment="zhang.wei") == []
        assert boards(f"{moved} AND shop_id = 101", log_comment="cai.wu") == []
    with over_tcp(guarded, "lingyang_bi") as bi:
        assert bi(moved.replace("WHERE", "PREWHERE shop_id = 101 WHERE")) == []
    guarded.etl.execute("ALTER TABLE dws.dws_sale_out DELETE WHERE io_id = 'moved' SETTINGS mutations_sync = 1")


@pytest.mark.parametrize(("login", "most"), [("lingyang_bi", 20), ("zhangwei", 5)])
def test_a_login_has_so_many_queries_at_once(guarded: Guarded, login: str, most: int) -> None:
    def sleep(_: int) -> int:
        with over_http(guarded, login) as ask:
            return code(ask, "SELECT sleep(3)")

    with ThreadPoolExecutor(most + 4) as threads:
        codes = list(threads.map(sleep, range(most + 4)))
    assert sorted(codes) == [0] * most + [TOO_MANY] * 4


def test_a_query_has_so_much_time_and_memory(guarded: Guarded) -> None:
    with over_http(guarded, "lingyang_bi") as ask:
        assert code(ask, "SELECT count() FROM numbers(1e12) WHERE sipHash64(number) = 1", max_execution_time=1) == 159
        assert code(ask, "SELECT length(range(200000000))") == 241
