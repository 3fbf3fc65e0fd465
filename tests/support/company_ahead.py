"""What the company expects: hours of today and of yesterday with what came of them, and how long its stock lasts."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from typing import Any

from clickhouse_driver import Client

from tests.support.company import MOMENT, SHOPS, Row, insert

NOTE = "15:05 作，用到 15:00 的数据；9 点后按今天的实际调整"
_CENT = Decimal("0.01")
_USUAL = """
SELECT shop_id, biz_hour, sum(out_amount) / 14 AS usual, sumIf(out_amount, biz_day = %(yesterday)s) AS actual
FROM dws.dws_sale_out FINAL
WHERE biz_day BETWEEN %(first)s AND %(yesterday)s
GROUP BY shop_id, biz_hour
"""
_OUTLOOK = """
INSERT INTO dws.dws_sku_outlook (
    sku_id, wms_co_id, warehouse_name, i_id, sku_name, category, enabled, available_qty, daily_demand, run_out_at,
    made_at, version, is_deleted)
SELECT
    stock.sku_id, stock.wms_co_id, stock.warehouse_name, stock.i_id, stock.sku_name, stock.category, 1,
    stock.available_qty, ifNull(sold.a_day, 0) AS a_day,
    if(a_day > 0, toDateTime(%(now)s, 'Asia/Shanghai') + toUInt32(86400 * stock.available_qty / a_day), NULL),
    toDateTime(%(now)s, 'Asia/Shanghai'), 1, 0
FROM dws.dws_inventory AS stock FINAL
LEFT JOIN
(
    SELECT sku_id, wms_co_id, toDecimal64(sum(qty) / 31, 4) AS a_day
    FROM dws.dws_sale_out FINAL
    GROUP BY sku_id, wms_co_id
) AS sold ON sold.sku_id = stock.sku_id AND sold.wms_co_id = stock.wms_co_id
"""


def store_forecast(client: Client, **changes: Any) -> None:
    """Make the table hold a forecast of today and of yesterday and nothing else; ``changes``: columns of today's rows
    that are different."""
    client.execute("TRUNCATE TABLE dws.dws_shop_hour_forecast")
    insert(client, "dws.dws_shop_hour_forecast", [row | changes for row in _hours(client, back=0)])
    insert(client, "dws.dws_shop_hour_forecast", list(_hours(client, back=1)))


def _hours(client: Client, back: int) -> Iterator[Row]:
    day, yesterday = (MOMENT - timedelta(days=back)).date(), (MOMENT - timedelta(days=1)).date()
    known = client.execute(_USUAL, {"first": yesterday - timedelta(days=13), "yesterday": yesterday})
    usual = {(shop, hour): (Decimal(amount), actual) for shop, hour, amount, actual in known}
    made = MOMENT.replace(hour=15, minute=5, second=0, tzinfo=None) - timedelta(days=back)
    for shop, (name, platform, size) in SHOPS.items():
        for hour in range(24):
            amount, actual = usual.get((shop, hour), (Decimal(0), Decimal(0)))
            amount = (amount * Decimal("1.06")).quantize(_CENT)
            yield {
                "biz_day": day, "shop_id": shop, "biz_hour": hour, "shop_name": name, "platform": platform,
                "out_amount": amount, "midnight_amount": amount,
                "own_variance": (amount * Decimal("0.12")) ** 2, "hour_error": amount * Decimal("0.06"),
                "day_error": amount * Decimal("0.04"), "actual_amount": actual if back else None,
                "method": "prophet" if size >= 5 else "profile", "note": NOTE, "is_incomplete": 0,
                "origin": made, "data_until": made - timedelta(minutes=5), "version": 1, "is_deleted": 0,
            }  # fmt: skip


def store_outlook(client: Client) -> None:
    """Make the table say how long the company's stock lasts at the pace of its month."""
    client.execute("TRUNCATE TABLE dws.dws_sku_outlook")
    client.execute(_OUTLOOK, {"now": MOMENT.replace(tzinfo=None)})
