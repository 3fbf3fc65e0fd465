"""销售出库: the lines the wide table must show for one order of the source."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from local.verify.fees import FeeRates
from local.verify.spreading import spread, weights
from local.verify.subject import OneOf, Record, Subject, Values
from local.verify.values import Row, Unreadable, decimal_text, divided, identifier, moment, scaled, text, whole

COLUMNS = (
    *("o_id", "so_id", "shop_id", "status", "is_shipped", "order_type"),
    *("sku_id", "i_id", "qty", "price", "out_amount"),
    *("gmv", "discount_amount", "paid_amount", "freight_amount", "platform_fee"),
    *("wms_co_id", "receiver_state", "created", "pay_date", "io_date", "biz_day", "biz_hour", "modified"),
    "is_abnormal",
)
SHIPPED = ("Confirmed", "Archive")
_UNIT = 4
"""Quantities and prices are kept to four decimals, amounts to the cent."""
_money = partial(decimal_text, places=2)
_NO_LINE: Row = {"qty": 0, "price": 0}


def subject(fees: FeeRates, styles: Mapping[str, str]) -> Subject:
    """``styles``: i_id of each SKU in the stored dimension, which may stand in for the line's own."""
    return Subject(
        module="sale_out",
        table="dws.dws_sale_out",
        key=("io_id", "line_id"),
        columns=COLUMNS,
        key_of=key_of,
        expected=partial(expected, fees=fees, styles=styles),
    )


def key_of(row: Row) -> str:
    return identifier(row, "io_id") or identifier(row, "o_id")


def expected(row: Row, *, fees: FeeRates, styles: Mapping[str, str]) -> Record:
    """Raises Unreadable for a row that can only be a dead letter."""
    modified = moment(row, "modified")
    if modified is None:
        raise Unreadable("modified")
    items = _items(row)
    qtys = [scaled(item, "qty", _UNIT) or 0 for item in items]
    prices = [_price(item) for item in items]
    outs = [divided(qty * price, 10 ** (2 * _UNIT - 2)) for qty, price in zip(qtys, prices, strict=True)]
    shares = weights(qtys, prices)
    amounts = zip(*(spread(amount, shares) for amount in _amounts(row, sum(outs), fees)), strict=True)
    front, back = _front(row), _back(row, modified)
    lines: dict[str, Values] = {}
    for line_id, item, qty, price, out, money in zip(_line_ids(items), items, qtys, prices, outs, amounts, strict=True):
        sku_id = identifier(item, "sku_id")
        lines[line_id] = (
            *front,
            sku_id,
            _style(identifier(item, "i_id"), styles.get(sku_id, "")),
            decimal_text(qty, _UNIT),
            *map(_money, (divided(price, 10 ** (_UNIT - 2)), out, *money)),
            *back,
            int(qty < 0),
        )
    return Record(key_of(row), modified, dict(sorted(lines.items())))


def _items(row: Row) -> list[Row]:
    items = row.get("items") or [_NO_LINE]
    if not isinstance(items, list) or not all(isinstance(item, Mapping) for item in items):
        raise Unreadable("items")
    return items


def _line_ids(items: list[Row]) -> list[str]:
    """ioi_id, or the position from 1; '0' for an order without lines. Mixed or repeated ids are a dead letter."""
    if items[0] is _NO_LINE:
        return ["0"]
    ids = [identifier(item, "ioi_id") for item in items]
    if not any(ids):
        return [str(place) for place in range(1, len(items) + 1)]
    if not all(ids) or len(set(ids)) < len(ids):
        raise Unreadable("items.ioi_id")
    return ids


def _price(item: Row) -> int:
    price = scaled(item, "price", _UNIT)
    return price if price is not None else scaled(item, "sale_price", _UNIT) or 0


def _style(own: str, stored: str) -> str | OneOf:
    return own if stored in ("", own) else OneOf((own, stored))


def _amounts(row: Row, goods: int, fees: FeeRates) -> tuple[int, int, int, int, int]:
    """gmv, discount, paid, freight and platform fee of the order in cents; ``goods`` stands in where it gives none."""
    gmv, discount, paid, freight = (scaled(row, field, 2) for field in _AMOUNTS)
    gmv, paid = (goods if amount is None else amount for amount in (gmv, paid))
    return gmv, discount or 0, paid, freight or 0, fees.fee(paid, whole(row, "shop_id") or 0, moment(row, "io_date"))


_AMOUNTS = ("pay_amount", "free_amount", "paid_amount", "freight")


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
