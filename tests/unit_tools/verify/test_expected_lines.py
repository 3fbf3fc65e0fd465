"""The second writing of the wide table's rules: what it says of an order, and what must hold for every order."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from local.verify.known import Goods, Known
from local.verify.spreading import spread, weights
from local.verify.subjects.sale_out import COLUMNS, expected
from local.verify.values import Unreadable, decimal_text, divided
from local.verify.workbook import FeeRates, read_fees

FEES = FeeRates([(101, date(2024, 1, 1), Decimal("0.05")), (101, date(2026, 1, 1), Decimal("0.055"))])
SPREAD = ("gmv", "discount_amount", "paid_amount", "freight_amount", "platform_fee")

cents = st.decimals(-(10**6), 10**6, places=2)
lines = st.lists(
    st.fixed_dictionaries(
        {"sku_id": st.sampled_from(["A", "B"])},
        optional={
            "qty": st.integers(-3, 20) | st.decimals(0, 20, places=4) | st.integers(0, 9).map(str),
            "price": st.decimals(0, 10**4, places=3) | st.just(0) | st.none(),
            "sale_price": st.decimals(0, 100, places=2),
        },
    ),
    max_size=6,
)
orders = st.fixed_dictionaries(
    {
        "io_id": st.just("CK1"),
        "shop_id": st.sampled_from([101, "101", 999]),
        "modified": st.just("2026-05-06 07:08:09"),
        "items": lines,
    },
    optional={
        "io_date": st.sampled_from([None, "2023-12-31 23:59:59", "2025-12-31 23:59:59", "2026-01-01 00:00:00"]),
        "pay_amount": cents | st.none(),
        "free_amount": cents,
        "paid_amount": cents.map(str) | st.none(),
        "freight": cents,
    },
)


def order(**changes: object) -> dict[str, Any]:
    return {"io_id": "CK1", "o_id": 7, "shop_id": 101, "modified": "2026-05-06 07:08:09", "items": [], **changes}


def shown(row: dict[str, Any], styles: dict[str, str] | None = None) -> list[dict[str, Any]]:
    """The expected lines with their columns' names."""
    goods = {sku_id: Goods(i_id, (), ()) for sku_id, i_id in (styles or {}).items()}
    record = expected(row, known=Known(FEES, goods=goods))
    return [dict(zip(COLUMNS, values, strict=True), line_id=line_id) for line_id, values in record.lines.items()]


def column(row: dict[str, Any], name: str) -> list[Any]:
    return [line[name] for line in shown(row)]


@given(orders)
def test_sums_over_lines_are_the_order_to_the_cent(row: dict[str, Any]) -> None:
    found = shown(row)
    goods = sum(Decimal(line["out_amount"]) for line in found)

    def given_or(field: str, instead: Decimal | int) -> Decimal:
        value = row.get(field)
        return Decimal(instead if value is None else value)

    paid = given_or("paid_amount", goods)
    assert sum(Decimal(line["gmv"]) for line in found) == given_or("pay_amount", goods)
    assert sum(Decimal(line["discount_amount"]) for line in found) == given_or("free_amount", 0)
    assert sum(Decimal(line["paid_amount"]) for line in found) == paid
    assert sum(Decimal(line["freight_amount"]) for line in found) == given_or("freight", 0)
    rate = (
        {"2025": "0.05", "2026": "0.055"}.get((row.get("io_date") or "")[:4], "0")
        if int(row["shop_id"]) == 101
        else "0"
    )
    fee = sum(Decimal(line["platform_fee"]) for line in found)
    assert abs(fee - paid * Decimal(rate)) <= Decimal("0.005")


@given(orders)
def test_every_item_has_its_line_and_an_order_without_items_has_one(row: dict[str, Any]) -> None:
    found = shown(row)
    places = [str(place) for place in range(1, len(row["items"]) + 1)] or ["0"]
    assert [line["line_id"] for line in found] == sorted(places)
    assert all(len(line) == len(COLUMNS) + 1 for line in found)


@given(orders)
def test_abnormal_lines_get_nothing_while_a_normal_one_is_there(row: dict[str, Any]) -> None:
    found = shown(row)
    if any(not line["is_abnormal"] for line in found):
        for line in found:
            if line["is_abnormal"]:
                assert [Decimal(line[name]) for name in SPREAD] == [0] * 5


@given(st.integers(-(10**9), 10**9), st.lists(st.integers(0, 10**12), min_size=1, max_size=12).filter(any))
def test_no_line_is_a_cent_or_more_away_from_its_exact_share(total: int, shares: list[int]) -> None:
    parts = spread(total, shares)
    assert sum(parts) == total
    for part, share in zip(parts, shares, strict=True):
        assert abs(part - Fraction(total * share, sum(shares))) < 1


@given(st.lists(st.tuples(st.integers(-5, 5), st.integers(-2, 5)), min_size=1))
def test_something_always_weighs(pairs: list[tuple[int, int]]) -> None:
    found = weights([qty for qty, _ in pairs], [price for _, price in pairs])
    assert sum(found) > 0
    assert min(found) >= 0


def test_the_cent_left_over_goes_to_the_largest_remainder_then_to_the_earlier_line() -> None:
    assert spread(100, [1, 1, 1]) == [34, 33, 33]
    assert spread(-100, [1, 1, 1]) == [-34, -33, -33]
    assert spread(101, [1, 2, 3]) == [17, 34, 50]


def test_weights_fall_back_from_value_to_quantity_to_the_first_normal_line() -> None:
    assert weights([2, -1, 1], [5, 9, 1]) == [10, 0, 1]
    assert weights([2, -1, 1], [0, 9, 0]) == [2, 0, 1]
    assert weights([-2, 0, 0], [5, 5, 5]) == [0, 1, 0]
    assert weights([-2, -1], [5, 5]) == [1, 0]


def test_an_order_without_lines_is_one_row_with_the_amounts_on_it() -> None:
    (line,) = shown(order(pay_amount="12.35", paid_amount=Decimal("12.35"), io_date="2026-01-01 08:30:00"))
    assert (line["line_id"], line["sku_id"], line["qty"], line["out_amount"]) == ("0", "", "0.0000", "0.00")
    assert (line["gmv"], line["paid_amount"], line["platform_fee"]) == ("12.35", "12.35", "0.68")
    assert (line["biz_day"], line["biz_hour"]) == ("2026-01-01", 8)


def test_the_rate_in_force_at_io_date_applies_and_nothing_before_shipping() -> None:
    assert column(order(paid_amount=100, io_date="2025-12-31 23:59:59"), "platform_fee") == ["5.00"]
    assert column(order(paid_amount=100, io_date="2026-01-01 00:00:00"), "platform_fee") == ["5.50"]
    assert column(order(paid_amount=100, io_date="2023-12-31 00:00:00"), "platform_fee") == ["0.00"]
    assert column(order(paid_amount=100), "platform_fee") == ["0.00"]


def test_the_workbook_of_the_repository_is_readable() -> None:
    assert read_fees().fee(10000, 108, "2026-01-01 00:00:00") == 60


def test_money_is_rounded_half_away_from_zero() -> None:
    assert column(order(items=[{"qty": 1, "price": "0.335"}]), "out_amount") == ["0.34"]
    assert column(order(items=[{"qty": -1, "price": "0.335"}]), "out_amount") == ["-0.34"]
    assert [divided(number, 10) for number in (5, -5, 4, 15)] == [1, -1, 0, 2]
    assert decimal_text(-5, 2) == "-0.05"


def test_times_are_cut_to_the_second_and_those_before_2000_are_none() -> None:
    (line,) = shown(order(created="1999-12-31 00:00:00", pay_date="2026-02-03T04:05:06.7", io_date="2026-02-03"))
    assert (line["created"], line["pay_date"], line["io_date"]) == (None, "2026-02-03 04:05:06", "2026-02-03 00:00:00")


def test_the_dimension_may_stand_in_for_the_lines_own_style() -> None:
    row = order(items=[{"ioi_id": 5, "sku_id": "A", "i_id": "K1", "qty": 1, "price": 1}])
    (line,) = shown(row, {"A": "K2"})
    assert [line["i_id"] == style for style in ("K1", "K2", "K3")] == [True, True, False]
    assert shown(row, {"A": ""})[0]["i_id"] == "K1"


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"modified": None}, "modified"),
        ({"shop_id": "x"}, "shop_id"),
        ({"paid_amount": "12,5"}, "paid_amount"),
        ({"items": [{"qty": "abc"}]}, "qty"),
        ({"items": "none"}, "items"),
        ({"items": [{"ioi_id": 1, "qty": 1}, {"qty": 1}]}, "items.ioi_id"),
        ({"items": [{"ioi_id": 1, "qty": 1}, {"ioi_id": 1, "qty": 1}]}, "items.ioi_id"),
        ({"io_date": "yesterday"}, "io_date"),
    ],
)
def test_what_cannot_be_read_is_named(changes: dict[str, object], field: str) -> None:
    with pytest.raises(Unreadable, match=f"^{field}$"):
        expected(order(**changes), known=Known(FEES))
