"""The second writing of the rules for after-sale orders."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from local.verify.comparison import Promise, compare
from local.verify.findings import Findings
from local.verify.known import Known
from local.verify.subject import Subject
from local.verify.subjects import after_sale

KNOWN = Known(quality=frozenset({"质量问题"}))
SUBJECT: Subject = after_sale.subject(KNOWN)
CREATED, MODIFIED = "2026-05-06 07:00:00", "2026-05-08 10:00:00"


def order(**fields: object) -> dict[str, Any]:
    return {"as_id": 9, "created": CREATED, "modified": MODIFIED, "items": [], **fields}


def shown(**fields: object) -> list[dict[str, Any]]:
    record = after_sale.expected(order(**fields), known=KNOWN)
    return [dict(zip(after_sale.COLUMNS, values, strict=True), line_id=line) for line, values in record.lines.items()]


def one(**fields: object) -> dict[str, Any]:
    (line,) = shown(**fields)
    return line


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({"status": "Waiting"}, "待审核"),
        ({"status": "Received"}, "已收货"),
        ({"status": "Refund"}, "已退款"),
        ({"status": "Cancelled"}, "已取消"),
        ({"status": "Merged", "shop_status": "SUCCESS"}, "已取消"),
        ({"status": "Confirmed", "shop_status": "CLOSED"}, "已取消"),
        ({"status": "WaitConfirm", "shop_status": "SELLER_REFUSE_BUYER"}, "已取消"),
        ({"status": "WaitConfirm", "shop_status": "SUCCESS"}, "已退款"),
        ({"status": "Confirmed", "type": "仅退款"}, "已退款"),
        ({"status": "Confirmed", "type": "普通退货"}, "待审核"),
        ({"status": "Confirmed", "type": "普通退货", "good_status": "SELLER_RECEIVED"}, "已收货"),
        ({"status": "WaitConfirm", "items": [{"asi_id": 1, "qty": 1, "r_qty": "1"}]}, "已收货"),
        ({"status": "WaitConfirm", "shop_status": "WAIT_SELLER_AGREE"}, "待审核"),
        ({"shop_status": "WAIT_SELLER_AGREE"}, "待审核"),
        ({"status": "Frozen", "shop_status": "SUCCESS"}, "未知"),
        ({}, "未知"),
    ],
)
def test_both_dialects_words_become_the_same_five_statuses(fields: dict[str, Any], status: str) -> None:
    line = one(**fields)
    assert line["status"] == status
    assert line["is_refund"] == (status == "已退款")
    assert line["source_status"] == fields.get("status", "")


@given(
    st.decimals(-1000, 1000, places=2),
    st.lists(st.tuples(st.integers(-2, 5), st.decimals(0, 99, places=2)), min_size=1, max_size=5),
)
def test_the_refund_is_spread_to_the_cent_and_abnormal_lines_get_nothing_of_it(
    refund: Decimal, pairs: list[tuple[int, Decimal]]
) -> None:
    lines = shown(refund=str(refund), items=[{"qty": qty, "price": price} for qty, price in pairs])
    assert sum(Decimal(line["refund_amount"]) for line in lines) == refund
    if any(not line["is_abnormal"] for line in lines):
        assert all(Decimal(line["refund_amount"]) == 0 for line in lines if line["is_abnormal"])


def test_an_order_without_lines_is_one_row_with_the_refund_on_it() -> None:
    line = one(refund="12.5")
    assert (line["line_id"], line["sku_id"], line["refund_amount"]) == ("0", "", "12.50")
    assert (line["biz_day"], line["biz_hour"]) == ("2026-05-06", 7)


def test_question_types_of_the_workbook_are_questions_of_quality() -> None:
    assert [one(question_type=word)["is_quality"] for word in (" 质量问题", "尺码不合适", None)] == [1, 0, 0]


def found(ours: dict[str, Any], **fields: object) -> Findings:
    """What comparing says when the table shows ``ours`` in place of what is expected."""
    line = {**one(**fields), **ours}
    values = tuple(line[column] for column in SUBJECT.columns)
    return compare(SUBJECT, [order(**fields)], [("9", [("0", values)])], Promise(), lambda _: None)


CONFIRMED = {"status": "Refund", "confirm_date": "2026-05-06 08:00:18"}


@pytest.mark.parametrize(
    ("ours", "fields", "wrong"),
    [
        ({"refund_date": CONFIRMED["confirm_date"], "handle_hours": "1.01"}, CONFIRMED, set()),
        ({"refund_date": CONFIRMED["confirm_date"], "handle_hours": "1.00"}, CONFIRMED, {"handle_hours"}),
        ({"refund_date": MODIFIED, "handle_hours": "51.00"}, CONFIRMED, {"refund_date"}),
        ({"refund_date": MODIFIED, "handle_hours": "51.00"}, {"status": "Refund"}, set()),
        ({"refund_date": CREATED, "handle_hours": "0.00"}, {"status": "Refund"}, set()),
        ({"refund_date": CREATED, "handle_hours": "0.01"}, {"status": "Refund"}, {"handle_hours"}),
        ({"refund_date": "2026-05-08 10:00:01", "handle_hours": "51.00"}, {"status": "Refund"}, {"refund_date"}),
        ({"refund_date": None, "handle_hours": None}, {"status": "Refund"}, {"refund_date"}),
        ({"refund_date": None, "handle_hours": None}, {**CONFIRMED, "status": "Received"}, set()),
        (
            {"refund_date": MODIFIED, "handle_hours": "51.00"},
            {**CONFIRMED, "status": "Received"},
            {"refund_date"},
        ),
    ],
)
def test_the_refund_date_is_kept_once_seen_and_the_hours_follow_it(
    ours: dict[str, Any], fields: dict[str, Any], wrong: set[str]
) -> None:
    assert set(found(ours, **fields).columns) == wrong
