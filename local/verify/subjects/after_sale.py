"""售后: the lines the wide table must show for one after-sale order of the source, in either dialect's words."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from functools import partial
from typing import Any

from local.verify.known import Known
from local.verify.lines import UNIT, items, line_ids, quantities
from local.verify.spreading import spread, weights
from local.verify.subject import Between, Follows, Record, Subject, Values
from local.verify.values import Row, Unreadable, decimal_text, divided, identifier, moment, scaled, text, whole

COLUMNS = (
    *("io_id", "o_id", "so_id", "shop_id", "type", "source_status", "status", "is_refund", "refund_date"),
    *("question_type", "is_quality", "sku_id", "i_id", "qty", "return_qty", "refund_amount"),
    *("created", "confirm_date", "biz_day", "biz_hour", "modified", "handle_hours", "is_abnormal"),
)
LABELS = ("sku_name", "category", "shop_name", "platform")
WORDS = {"Waiting": "待审核", "Received": "已收货", "Refund": "已退款"}
"""What ``gateway`` says in one word; ``openapi`` says it in three fields."""
OPENAPI = ("WaitConfirm", "Confirmed", "")
REFUNDED = "已退款"


def subject(known: Known) -> Subject:
    return Subject(
        module="after_sale",
        table="dws.dws_after_sale",
        key=("as_id", "line_id"),
        columns=COLUMNS,
        key_of=key_of,
        expected=partial(expected, known=known),
        labels=LABELS,
    )


def key_of(row: Row) -> str:
    return identifier(row, "as_id")


def expected(row: Row, *, known: Known) -> Record:
    """Return the record expected of a row. Raises Unreadable for one that can only be a dead letter."""
    modified = moment(row, "modified")
    if modified is None:
        raise Unreadable("modified")
    found = items(row)
    qtys, returned = quantities(found), quantities(found, "r_qty")
    prices = [scaled(item, "price", UNIT) or 0 for item in found]
    refunds = spread(scaled(row, "refund", 2) or 0, weights(qtys, prices))
    front, back = _front(row, found, modified, known.quality), _back(row, modified)
    lines: dict[str, Values] = {}
    named = zip(line_ids(found, "asi_id"), found, qtys, returned, refunds, strict=True)
    for line_id, item, qty, back_qty, refund in named:
        sku_id = identifier(item, "sku_id")
        amounts = (decimal_text(qty, UNIT), decimal_text(back_qty, UNIT), decimal_text(refund, 2))
        style = known.style(sku_id, identifier(item, "i_id"))
        lines[line_id] = (*front, sku_id, style, *amounts, *back, int(qty < 0))
    return Record(key_of(row), modified, dict(sorted(lines.items())))


def _front(row: Row, found: list[Row], modified: str, quality: Collection[str]) -> tuple[Any, ...]:
    status, question = status_of(row, found), text(row, "question_type")
    refunded = status == REFUNDED
    ids = (identifier(row, field) for field in ("io_id", "o_id", "so_id"))
    return (
        *ids,
        whole(row, "shop_id") or 0,
        text(row, "type"),
        text(row, "status"),
        status,
        int(refunded),
        _refund_date(row, modified) if refunded else None,
        question,
        int(question.strip() in quality),
    )


def status_of(row: Row, found: list[Row]) -> str:
    """Map by the reference sheet, top to bottom; an unknown word is 未知."""
    status, good, shop = (text(row, field) for field in ("status", "good_status", "shop_status"))
    if status in ("Cancelled", "Merged") or shop in ("CLOSED", "SELLER_REFUSE_BUYER"):
        return "已取消"
    if status not in OPENAPI:
        return WORDS.get(status, "未知")
    if shop == "SUCCESS" or (text(row, "type") == "仅退款" and status == "Confirmed"):
        return REFUNDED
    if good == "SELLER_RECEIVED" or sum(quantities(found, "r_qty")) > 0:
        return "已收货"
    return "待审核" if status or shop.startswith("WAIT_") else "未知"


def _refund_date(row: Row, modified: str) -> str | Between:
    """Without confirm_date, the time of the change that first said 已退款: the source no longer knows which it was."""
    return moment(row, "confirm_date") or Between(moment(row, "created") or "", modified)


def _back(row: Row, modified: str) -> tuple[Any, ...]:
    created, confirmed = moment(row, "created"), moment(row, "confirm_date")
    day, hour = (created[:10], int(created[11:13])) if created else ("1970-01-01", 0)
    return (created, confirmed, day, hour, modified, Follows("refund_date", partial(hours, created)))


def hours(created: str | None, until: str | None) -> str | None:
    """Hours from ``created`` to ``until``, with two decimals."""
    if created is None or until is None:
        return None
    seconds = int((datetime.fromisoformat(until) - datetime.fromisoformat(created)).total_seconds())
    return decimal_text(divided(seconds * 100, 3600), 2)
