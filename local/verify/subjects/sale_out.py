"""销售出库: the lines the wide table must show for one order of the source."""

from __future__ import annotations

from functools import partial
from typing import Any

from local.verify.known import Known
from local.verify.lines import UNIT, items, line_ids, quantities
from local.verify.spreading import spread, weights
from local.verify.subject import Record, Subject, Values
from local.verify.values import Row, Unreadable, decimal_text, divided, identifier, moment, scaled, text, whole
from local.verify.workbook import FeeRates

COLUMNS = (
    *("o_id", "so_id", "shop_id", "status", "is_shipped", "order_type"),
    *("sku_id", "i_id", "qty", "price", "out_amount"),
    *("gmv", "discount_amount", "paid_amount", "freight_amount", "platform_fee"),
    *("wms_co_id", "receiver_state", "created", "pay_date", "io_date", "biz_day", "biz_hour", "modified"),
    "is_abnormal",
)
LABELS = ("sku_name", "category", "brand", "shop_name", "platform", "warehouse_name")
SHIPPED = ("Confirmed", "Archive")
_AMOUNTS = ("pay_amount", "free_amount", "paid_amount", "freight")
_money = partial(decimal_text, places=2)


def subject(known: Known) -> Subject:
    return Subject(
        module="sale_out",
        table="dws.dws_sale_out",
        key=("io_id", "line_id"),
        columns=COLUMNS,
        key_of=key_of,
        expected=partial(expected, known=known),
        labels=LABELS,
    )


def key_of(row: Row) -> str:
    return identifier(row, "io_id") or identifier(row, "o_id")


def expected(row: Row, *, known: Known) -> Record:
    """Return the record expected of a row. Raises Unreadable for one that can only be a dead letter."""
    modified = moment(row, "modified")
    if modified is None:
        raise Unreadable("modified")
    found = items(row)
    qtys, prices = quantities(found), [_price(item) for item in found]
    outs = [divided(qty * price, 10 ** (2 * UNIT - 2)) for qty, price in zip(qtys, prices, strict=True)]
    shares = weights(qtys, prices)
    amounts = zip(*(spread(amount, shares) for amount in _amounts(row, sum(outs), known.fees)), strict=True)
    front, back = _front(row), _back(row, modified)
    lines: dict[str, Values] = {}
    named = zip(line_ids(found, "ioi_id"), found, qtys, prices, outs, amounts, strict=True)
    for line_id, item, qty, price, out, money in named:
        sku_id = identifier(item, "sku_id")
        lines[line_id] = (
            *front,
            sku_id,
            known.style(sku_id, identifier(item, "i_id")),
            decimal_text(qty, UNIT),
            *map(_money, (divided(price, 10 ** (UNIT - 2)), out, *money)),
            *back,
            int(qty < 0),
        )
    return Record(key_of(row), modified, dict(sorted(lines.items())))


def _price(item: Row) -> int:
    price = scaled(item, "price", UNIT)
    return price if price is not None else scaled(item, "sale_price", UNIT) or 0


def _amounts(row: Row, goods: int, fees: FeeRates) -> tuple[int, int, int, int, int]:
    """gmv, discount, paid, freight and platform fee of the order in cents; ``goods`` stands in where it gives none."""
    gmv, discount, paid, freight = (scaled(row, field, 2) for field in _AMOUNTS)
    gmv, paid = (goods if amount is None else amount for amount in (gmv, paid))
    return gmv, discount or 0, paid, freight or 0, fees.fee(paid, whole(row, "shop_id") or 0, moment(row, "io_date"))


def _front(row: Row) -> tuple[Any, ...]:
    status = text(row, "status")
    shop_id = whole(row, "shop_id") or 0
    shipped = int(status in SHIPPED)
    return (identifier(row, "o_id"), identifier(row, "so_id"), shop_id, status, shipped, text(row, "order_type"))


def _back(row: Row, modified: str) -> tuple[Any, ...]:
    io_date = moment(row, "io_date")
    day, hour = (io_date[:10], int(io_date[11:13])) if io_date else ("1970-01-01", 0)
    created, paid = moment(row, "created"), moment(row, "pay_date")
    return (whole(row, "wms_co_id") or 0, text(row, "receiver_state"), created, paid, io_date, day, hour, modified)
