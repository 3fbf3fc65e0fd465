"""The source's rows as pandas frames: money in cents, quantities in ten-thousandths, so that sums are exact.

The lines and their shares of amounts are those ``local.verify`` expects, which knows none of the product's SQL.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import pandas as pd

from jst.workbook.shops import read_workbook
from local.layout import SANDBOX_WORKBOOK
from local.sandbox.rows import Row
from local.sandbox.world import SHOPS
from local.verify.known import Goods, Known
from local.verify.subjects import after_sale, sale_out
from local.verify.workbook import read_fees, read_shops
from tests.support.forecast_rows import forecast_frame
from tests.support.outlook_rows import outlook_frame
from tests.support.sandbox_past import Past

MONEY, QTY = 100, 10_000
_MONEY = ("out_amount", "gmv", "discount_amount", "paid_amount", "freight_amount", "platform_fee", "refund_amount")
_GIVEN = ("pick_lock", "virtual_qty", "purchase_qty", "return_qty", "defective_qty", "min_qty")


@dataclass(frozen=True, slots=True)
class Frames:
    """``stock``: one row per SKU, warehouse and day; ``created``: when each SKU of the dimension was made."""

    sales: pd.DataFrame
    returns: pd.DataFrame
    stock: pd.DataFrame
    created: pd.Series
    outlook: pd.DataFrame
    forecast: pd.DataFrame


def frames(past: Past) -> Frames:
    listed = {row["sku_id"]: row for row in past.skus[:-10]}
    goods = {sku_id: Goods(row["i_id"], (), ()) for sku_id, row in listed.items()}
    quality = read_workbook(SANDBOX_WORKBOOK).quality
    known = Known(read_fees(), read_shops(), {}, quality, goods)
    sales = _lines(past.sale_out, sale_out.subject(known), "io_id", listed)
    costs = {sku_id: int(row["cost_price"] * QTY) for sku_id, row in listed.items() if row["cost_price"]}
    parts = sales["qty"] * sales["sku_id"].map(costs).astype("Int64")
    sales["cost"] = (parts * 2 * MONEY + QTY * QTY) // (2 * QTY * QTY)  # in cents, half up
    returns = _lines(past.after_sale, after_sale.subject(known), "as_id", listed)
    for frame, times in ((sales, ("created", "pay_date", "io_date")), (returns, ("created", "refund_date"))):
        for column in times:
            frame[column] = pd.to_datetime(frame[column])
    created = pd.Series({sku_id: row["created"] for sku_id, row in listed.items()})
    return Frames(
        sales,
        returns,
        _stock(past, listed),
        pd.to_datetime(created),
        outlook_frame(past.outlook, QTY),
        forecast_frame(past.forecast),
    )


def _lines(rows: list[Row], subject: Any, key: str, listed: dict[str, Row]) -> pd.DataFrame:
    cells = [
        (record.key, *line) for row in rows for record in [subject.expected(row)] for line in record.lines.values()
    ]
    frame = pd.DataFrame(cells, columns=["key", *subject.columns])
    frame = frame.drop(columns=[key], errors="ignore").rename(columns={"key": key})
    for column in frame.columns.intersection([*_MONEY, "qty", "return_qty"]):
        unit = MONEY if column in _MONEY else QTY
        frame[column] = [int(Decimal(value) * unit) for value in frame[column]]
    platforms = {shop_id: platform for shop_id, _, platform in SHOPS}
    frame["platform"] = [platforms[shop] for shop in frame["shop_id"]]
    frame["category"] = [listed[sku]["category"] if sku in listed else "" for sku in frame["sku_id"]]
    return frame


def _stock(past: Past, listed: dict[str, Row]) -> pd.DataFrame:
    rows = []
    for day, found in past.stock.items():
        for row in found:
            of = listed.get(row["sku_id"], {})
            cost = of.get("cost_price") or Decimal(0)
            cells = {name: row[name] for name in ("sku_id", "i_id", "wms_co_id", "qty", "order_lock", *_GIVEN)}
            value = int(row["qty"] * cost * MONEY)
            rows.append({"day": day, "category": of.get("category", ""), "stock_value": value,
                         "enabled": of.get("enabled") == 1, **cells})  # fmt: skip
    frame = pd.DataFrame(rows)
    for column in ("qty", "order_lock", *_GIVEN):
        frame[column] = frame[column].astype("Int64") * QTY
    return frame
