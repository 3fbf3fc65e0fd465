"""商品资料: the row the dimension must show for one SKU of the source."""

from __future__ import annotations

from local.verify.subject import Record, Subject
from local.verify.values import Row, Unreadable, identifier, moment, text, whole

COLUMNS = ("i_id", "name", "category", "brand", "enabled")


def key_of(row: Row) -> str:
    return identifier(row, "sku_id")


def expected(row: Row) -> Record:
    """Raises Unreadable for a row that can only be a dead letter."""
    modified = moment(row, "modified")
    if modified is None:
        raise Unreadable("modified")
    texts = (text(row, field) for field in ("name", "category", "brand"))
    return Record(key_of(row), modified, {"": (identifier(row, "i_id"), *texts, whole(row, "enabled"))})


SUBJECT = Subject(module="sku", table="dim.dim_sku", key=("sku_id",), columns=COLUMNS, key_of=key_of, expected=expected)
