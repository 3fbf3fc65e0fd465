"""商品资料: the row the dimension must show for one SKU of the source."""

from __future__ import annotations

from local.verify.known import Known
from local.verify.subject import Record, Subject
from local.verify.values import Row, Unreadable, identifier, moment, number_text, text, whole

TEXTS = ("name", "short_name", "properties_value", "category", "brand", "sku_code", "labels", "unit")
NUMBERS = ("sale_price", "cost_price", "market_price", "weight")
COLUMNS = ("i_id", "c_id", *TEXTS, *NUMBERS, "enabled", "created", "modified")


def subject(_: Known) -> Subject:
    return Subject("sku", "dim.dim_sku", ("sku_id",), COLUMNS, key_of, expected, reading="clock")


def key_of(row: Row) -> str:
    return identifier(row, "sku_id")


def expected(row: Row) -> Record:
    """Return the record expected of a row. Raises Unreadable for one that can only be a dead letter."""
    modified = moment(row, "modified")
    if modified is None:
        raise Unreadable("modified")
    ids = (identifier(row, field) for field in ("i_id", "c_id"))
    texts = (text(row, field) for field in TEXTS)
    numbers = (number_text(row, field, 4) for field in NUMBERS)
    cells = (*ids, *texts, *numbers, whole(row, "enabled"), moment(row, "created"), modified)
    return Record(key_of(row), modified, {"": cells})
