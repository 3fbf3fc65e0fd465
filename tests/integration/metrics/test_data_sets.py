"""The data sets of BI: every measure and formula says what the catalogue says, over hand-made rows around today.

What a BI tool is told to sum is summed, what it is told to compute is computed, as the login that reads the view.
"""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import pytest
from clickhouse_driver import Client

from jst.clock import SHANGHAI
from jst.metrics.catalogue import WIDE, Period, load_catalogue
from jst.metrics.composition import SCALE
from jst.warehouse.bi_views import BiView, bi_views
from jst.warehouse.sql import part
from tests.support.bi_world import DAY, TODAY, Logins, in_columns, reader_of

pytestmark = pytest.mark.clickhouse
VIEWS = {view.name: view for view in bi_views()}
NAMES = {metric.name: metric for metric in load_catalogue().metrics.values()}
NAMES |= {
    "周转天": NAMES["库存周转天数"],
    "款式售后率": NAMES["售后率"],
    **{f"含该款式的{name}": NAMES[name] for name in ("出库单数", "退款单数", "售后单数")},
    **{
        f"日末{name}": NAMES[name]
        for name in ("库存数量", "订单占用", "拣货占用", "可用库存", "虚拟库存", "采购在途", "销退仓库存", "次品库存")
    },
    "日末库存金额": NAMES["库存金额"],
}
"""Metrics by the names data sets give them."""
KEPT = "status != '已取消' AND NOT is_abnormal AND biz_day BETWEEN %(first)s AND %(last)s"
SNAPSHOT = "qty >= 0 AND day BETWEEN %(first)s AND %(last)s"
FORECAST = ("dws.dws_shop_hour_forecast", "biz_day BETWEEN %(first)s AND %(last)s")
OWN = {
    "申请数量": ("sum(qty)", "dws.dws_after_sale", KEPT),
    "申请退款金额": ("sum(refund_amount)", "dws.dws_after_sale", KEPT),
    "含该款式的质量问题售后单数": ("uniqExact(as_id)", "dws.dws_after_sale", f"is_quality AND {KEPT}"),
    "进货仓库存": ("sum(in_qty)", "dws.dws_inventory", "qty >= 0"),
    "日末进货仓库存": ("sum(in_qty)", "dws.dws_inventory_day", SNAPSHOT),
    "日均库存数量": ("sum(qty) / uniqExact(day)", "dws.dws_inventory_day", SNAPSHOT),
    "日均库存金额": ("sum(stock_value) / uniqExact(day)", "dws.dws_inventory_day", SNAPSHOT),
    "零点预测出库金额": ("sum(midnight_amount)", *FORECAST),
    "实际出库金额": ("sum(actual_amount)", *FORECAST),
    "各店铺预测误差": ("sum(abs(midnight_amount - actual_amount))", *FORECAST),
    "各店铺预测准确率": (
        "1 - toFloat64(sum(abs(midnight_amount - actual_amount))) / toFloat64(sum(actual_amount))",
        *FORECAST,
    ),
    "近7日出库数量": (
        "sum(qty)",
        "dws.dws_sale_out",
        "is_shipped AND qty >= 0 AND biz_day >= toDate(%(last)s) - 7 AND biz_day < %(last)s"
        " AND sku_id IN (SELECT sku_id FROM dws.dws_inventory FINAL)",
    ),
}
"""What no metric says, from the wide tables."""
AXES = {"sale_out": "出库日期", "after_sale": "创建日期", "refund": "退款日期"}
AXES |= dict.fromkeys(("after_sale_rate", "shop_hour", "shop_hour_forecast", "shop_sku_day", "shop_style_day"), "日期")
AXES |= dict.fromkeys(("inventory_day", "inventory_day_finance"), "日期")
BY_STYLE = ("shop_style_day", "shop_style_week")
"""Of these orders are counted by style only."""
SNAPSHOTS = ("inventory_day", "inventory_day_finance")


def asked(bi_logins: Logins, view: BiView, expression: str, where: str) -> Any:
    """The expression over a view as its own login, [names] as a tool turns them into columns."""
    login, sql = bi_logins[reader_of(view)], in_columns(expression)
    if view.name not in BY_STYLE:
        return login.execute(f"SELECT {sql} FROM bi.{view.name} WHERE {where}")[0][0]
    return dict(login.execute(f"SELECT ifNull(`款式编码`, ''), {sql} FROM bi.{view.name} WHERE {where} GROUP BY 1"))


def wanted(client: Client, name: str, first: date, last: date, by: tuple[str, ...]) -> Any:
    """What the metric of that name says, or the wide tables where there is none."""
    if name in OWN:
        expression, table, condition = OWN[name]
        cut, group = (f"{by[0]}, ", f"GROUP BY {by[0]}") if by else ("", "")
        sql = f"SELECT {cut}{expression} FROM {table} FINAL WHERE {condition} {group}"
        rows = client.execute(sql, {"first": first, "last": last})
    else:
        period = Period(first, last, datetime.now(SHANGHAI))
        question = load_catalogue().question(NAMES[name].code, period, by, source=WIDE)
        rows = client.execute(question.sql, question.parameters)
    return dict(rows) if by else rows[0][0]


def shown(value: Any, digits: int) -> Any:
    """As a chart shows it; a style that has nothing is one that is not there."""
    if isinstance(value, dict):
        return {key: number for key, each in value.items() if (number := shown(each, digits))}
    return None if value is None else Decimal(str(value)).quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP)


@pytest.mark.parametrize("view", VIEWS.values(), ids=lambda view: view.name)
def test_every_measure_and_formula_is_the_metric_of_its_name(client: Client, bi_logins: Logins, view: BiView) -> None:
    by = ("i_id",) if view.name in BY_STYLE else ()
    axis = AXES.get(view.name)
    last = (TODAY - timedelta(days=1) if view.name in SNAPSHOTS else DAY) if axis else TODAY
    first = last - timedelta(days=7) if view.name == "shop_style_week" else last
    where = f"`{axis}` BETWEEN '{first}' AND '{last}'" if axis else "1"
    wrong = {}
    for name, expression in ({name: f"SUM([{name}])" for name in view.measures} | view.computed).items():
        digits = 4 if name in OWN else SCALE[NAMES[name].format]
        found = shown(asked(bi_logins, view, expression, where), digits)
        expected = shown(wanted(client, name, first, last, by), digits)
        if found != expected:
            wrong[name] = f"{found}, metric {expected}"
    assert wrong == {}


def test_the_names_without_a_metric_are_those_checked_here() -> None:
    """A misspelt metric must not become a measure of its own."""
    names = {name for view in VIEWS.values() for name in (*view.measures, *view.computed)}
    assert names - set(NAMES) == set(OWN)


def test_rates_are_not_cut_after_the_cents(bi_logins: Logins) -> None:
    """By hand: 125.00 refunded, 350.00 shipped on that day."""
    view = VIEWS["after_sale_rate"]
    assert round(asked(bi_logins, view, view.computed["退款金额率"], f"`日期` = '{DAY}'"), 4) == 0.3571


@pytest.mark.parametrize("view", VIEWS.values(), ids=lambda view: view.name)
def test_a_view_shows_every_column_or_says_that_it_does_not(client: Client, view: BiView) -> None:
    described = {name for name, *_ in client.execute(f"DESCRIBE ({part(f'bi/{view.source}')})")}
    assert set(view.columns.values()) | set(view.left_out) == described
    assert not set(view.columns.values()) & set(view.left_out)


@pytest.mark.parametrize("view", VIEWS.values(), ids=lambda view: view.name)
def test_what_a_tool_may_drag_is_harmless(client: Client, view: BiView) -> None:
    """No state of a sum, no 1970, and on every column a comment in Chinese."""
    columns = client.execute(
        "SELECT name, type, comment FROM system.columns WHERE database = 'bi' AND table = %(view)s", {"view": view.name}
    )
    assert [name for name, _, _ in columns] == list(view.columns)
    for name, kind, comment in columns:
        assert "AggregateFunction" not in kind
        assert re.search("[\u4e00-\u9fff]", comment), name
        if "Date" in kind:
            assert client.execute(f"SELECT countIf(toYear(`{name}`) = 1970) FROM bi.{view.name}") == [(0,)], name
