"""库存: the row the wide table must show for one SKU of the source, or for one in one warehouse."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial

from local.verify.known import PRICE_PLACES, Goods, Known, Price
from local.verify.lines import UNIT
from local.verify.subject import Follows, OneOf, Record, Subject
from local.verify.values import Row, Unreadable, decimal_text, divided, identifier, moment, number_text, scaled, whole

GIVEN = ("pick_lock", "virtual_qty", "purchase_qty", "return_qty", "in_qty", "defective_qty", "min_qty", "max_qty")
COLUMNS = (
    *("i_id", "qty", "order_lock", "available_qty", "oversold_qty", *GIVEN),
    *("safety_qty", "cost_price", "sale_price", "stock_value", "is_abnormal", "modified"),
)
LABELS = (
    *("sku_name", "category", "brand", "enabled", "cost_price", "sale_price"),
    *("warehouse_name", "warehouse_province"),
)
RECORD = "concat(sku_id, '@', toString(wms_co_id))"
_UNKNOWN = Goods("", (None,), (None,))


def subject(known: Known) -> Subject:
    by_branch = known.stock == "per_warehouse"
    return Subject(
        module="inventory",
        table="dws.dws_inventory",
        key=(RECORD,) if by_branch else ("sku_id", "wms_co_id"),
        columns=COLUMNS,
        key_of=branch_key_of if by_branch else key_of,
        expected=partial(expected, known=known),
        labels=LABELS,
        truth="branch_stock" if by_branch else "",
    )


def key_of(row: Row) -> str:
    return identifier(row, "sku_id")


def branch_key_of(row: Row) -> str:
    """Return the key of a row of one warehouse, as the letters name it."""
    return f"{key_of(row)}@{whole(row, 'wms_co_id')}" if key_of(row) else ""


def expected(row: Row, *, known: Known) -> Record:
    """Return the record expected of a row. Raises Unreadable for one that can only be a dead letter."""
    modified = moment(row, "modified")
    if modified is None:
        raise Unreadable("modified")
    key = key_of(row)
    qty, locked = (scaled(row, field, UNIT) or 0 for field in ("qty", "order_lock"))
    goods = known.goods.get(key, _UNKNOWN)
    cells = (
        known.style(key, identifier(row, "i_id")),
        *(decimal_text(number, UNIT) for number in (qty, locked, max(0, qty - locked), max(0, locked - qty))),
        *(number_text(row, field, UNIT) for field in GIVEN),
        number_text(row, "min_qty", UNIT),
        _any_of(goods.costs),
        _any_of(goods.sales),
        Follows("cost_price", partial(_value, qty)),
        int(qty < 0),
        modified,
    )
    if known.stock == "per_warehouse":
        return Record(branch_key_of(row), modified, {"": cells})
    return Record(key, modified, {str(whole(row, "wms_co_id") or 0): cells})


def _any_of(prices: Iterable[Price]) -> OneOf:
    return OneOf(tuple(dict.fromkeys("0.00" if price is None else _money(price) for price in prices)))


def _money(price: int) -> str:
    return decimal_text(divided(price, 10 ** (PRICE_PLACES - 2)), 2)


def _value(qty: int, cost_price: str) -> str:
    cents = scaled({"cost_price": cost_price}, "cost_price", 2) or 0
    return decimal_text(divided(qty * cents, 10**UNIT), 2)
