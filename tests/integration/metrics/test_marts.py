"""The marts say what the metrics say on the wide tables, day by day, shop by shop, to the cent."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest
from clickhouse_driver import Client

from jst.metrics.catalogue import WIDE, Period, load_catalogue
from jst.warehouse.mart_tables import days_that_differ, mart_names, refresh, refresh_week
from tests.support.metric_cases import ask
from tests.support.sandbox_past import AS_OF, NOW, live

pytestmark = pytest.mark.clickhouse
FIRST, LAST = NOW.date() - timedelta(days=12), NOW.date()
SHIPPED = ("out_qty", "out_amount", "gmv", "discount_amount", "paid_amount", "freight_amount", "platform_fee")
REFUNDED = ("refund_amount", "return_qty", "refund_order_count", "after_sale_count")
# mart → its cuts, then metric → expression over the mart's rows
MARTS: dict[str, tuple[tuple[str, ...], dict[str, str]]] = {
    "dws_shop_sku_day": (
        ("day", "shop_id", "sku_id"),
        {name: f"sum({name})" for name in (*SHIPPED, "refund_amount", "return_qty")}
        | {"out_order_count": "uniqExactMerge(out_orders)", "refund_order_count": "uniqExactMerge(refund_orders)"},
    ),
    "dws_shop_style_day": (
        ("day", "shop_id", "i_id"),
        {name: f"sum({name})" for name in ("out_qty", "out_amount", "paid_amount", "out_order_count", *REFUNDED)},
    ),
    "dws_shop_hour": (
        ("day", "shop_id", "hour"),
        {name: f"sum({name})" for name in (*SHIPPED, "out_order_count", *REFUNDED)},
    ),
}


@pytest.fixture(scope="module")
def shop(client: Client) -> Client:
    """Ten days of a shop, the marts made once of all its days."""
    tables = client.execute(
        "SELECT database || '.' || name FROM system.tables WHERE database IN ('ods', 'dwd', 'dws', 'dim')"
        " AND total_rows > 0"
    )
    for (table,) in tables:
        client.execute(f"TRUNCATE TABLE {table}")
    live(client, 1_000)
    for day in days():
        for mart in mart_names():
            refresh(client, mart, day, 1)
    return client


def days() -> Iterator[date]:
    return (FIRST + timedelta(days=n) for n in range((LAST - FIRST).days + 1))


def of_mart(client: Client, mart: str, expression: str, by: tuple[str, ...]) -> dict[str, Any]:
    columns = ", ".join({"day": "biz_day", "hour": "biz_hour"}.get(cut, cut) for cut in by)
    rows = client.execute(f"SELECT {columns}, {expression} FROM dws.{mart} FINAL GROUP BY {columns}")
    return {"|".join(map(str, row[:-1])): row[-1] for row in rows if row[-1]}


def of_metric(client: Client, code: str, by: tuple[str, ...]) -> dict[str, Any]:
    shown = ask(client, load_catalogue().question(code, Period(FIRST, LAST, AS_OF), by, source=WIDE))
    return {key: value for key, value in shown.items() if value}


@pytest.mark.parametrize("mart", MARTS)
def test_every_number_is_the_metrics(shop: Client, mart: str) -> None:
    by, numbers = MARTS[mart]
    for code, expression in numbers.items():
        expected = of_metric(shop, code, by)
        assert len(expected) > 10, code
        assert of_mart(shop, mart, expression, by) == expected, code


@pytest.mark.parametrize("by", [("category",), ("i_id",), ("platform", "day")])
def test_orders_of_several_skus_count_once_in_any_cut(shop: Client, by: tuple[str, ...]) -> None:
    counted = of_mart(shop, "dws_shop_sku_day", "uniqExactMerge(out_orders)", by)
    assert counted == of_metric(shop, "out_order_count", by)
    refunded = of_mart(shop, "dws_shop_sku_day", "uniqExactMerge(refund_orders)", by)
    assert refunded == of_metric(shop, "refund_order_count", by)


def test_after_sale_rate_of_a_style_over_a_week_is_a_division_of_sums(shop: Client) -> None:
    week = Period(LAST - timedelta(days=7), LAST, AS_OF)
    shown = ask(shop, load_catalogue().question("after_sale_rate", week, ("shop_id", "i_id"), source=WIDE))
    rows = shop.execute(
        "SELECT shop_id, i_id, round(toDecimal256(sum(refund_order_count), 12) / sum(out_order_count), 4)"
        " FROM dws.dws_shop_style_day FINAL WHERE biz_day BETWEEN %(first)s AND %(last)s"
        " GROUP BY shop_id, i_id HAVING sum(out_order_count) > 0",
        {"first": week.first, "last": week.last},
    )
    assert {f"{shop_id}|{style}": rate for shop_id, style, rate in rows} == {
        key: value for key, value in shown.items() if value is not None
    }


def test_the_week_is_the_rate_of_eight_days(shop: Client) -> None:
    refresh_week(shop, 1)
    week = Period(LAST - timedelta(days=7), LAST, AS_OF)
    for code, expression in (
        ("out_order_count", "out_order_count"), ("refund_order_count", "refund_order_count"),
        ("after_sale_count", "after_sale_count"), ("out_amount", "out_amount"), ("refund_amount", "refund_amount"),
    ):  # fmt: skip
        rows = shop.execute(f"SELECT shop_id, i_id, {expression} FROM dws.dws_shop_style_week FINAL")
        shown = {f"{shop_id}|{style}": value for shop_id, style, value in rows if value}
        expected = ask(shop, load_catalogue().question(code, week, ("shop_id", "i_id"), source=WIDE))
        assert shown == {key: value for key, value in expected.items() if value}, code
    assert shop.execute("SELECT DISTINCT as_of_day FROM dws.dws_shop_style_week FINAL") == [(LAST,)]


@pytest.mark.parametrize("by", [(), ("shop_id", "day"), ("i_id",), ("sku_id",), ("wms_co_id",)])
def test_metrics_asked_beside_each_other_say_what_each_says_alone(shop: Client, by: tuple[str, ...]) -> None:
    catalogue, period = load_catalogue(), Period(FIRST, LAST, AS_OF)
    codes = [code for code, metric in catalogue.metrics.items() if {*by} <= {*metric.cuts}]
    questions = catalogue.beside(codes, period, by)
    assert sorted(code for of, _ in questions for code in of) == sorted(codes)
    for of, question in questions:
        rows, columns = shop.execute(question.sql, question.parameters, with_column_types=True)
        assert [name for name, _ in columns] == [*by, *of]
        together = {tuple(map(str, row[: len(by)])): dict(zip(of, row[len(by) :], strict=True)) for row in rows}
        for code in of:
            one = catalogue.question(code, period, by, source=question.source)
            alone = {tuple(map(str, row[:-1])): row[-1] for row in shop.execute(one.sql, one.parameters)}
            beside = {key: values[code] for key, values in together.items()}
            assert {key: beside[key] for key in alone} == alone, code
            assert not any(value for key, value in beside.items() if key not in alone), code


def test_what_does_not_differ_is_not_written(shop: Client) -> None:
    assert [refresh(shop, mart, LAST, 2) for mart in mart_names()] == [0] * len(mart_names())
    refresh_week(shop, 1)
    assert refresh_week(shop, 2) == 0


def test_marts_add_up_to_the_wide_tables(shop: Client) -> None:
    refresh_week(shop, 1)
    assert days_that_differ(shop) == []
