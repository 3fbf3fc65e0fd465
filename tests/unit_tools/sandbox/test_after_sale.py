"""After-sale orders come of shipped orders and move on until the money is paid back."""

from __future__ import annotations

import random
from collections import Counter
from copy import deepcopy
from decimal import Decimal

from local.sandbox.kinds import after_sale
from local.sandbox.kinds.ids import Ids
from local.sandbox.rows import Row
from tests.support.sandbox_driver import RETURNS, Driver, by_key


def test_about_one_shipped_order_in_twenty_gets_one(lived: Driver) -> None:
    orders, rows = by_key(lived.truth()), lived.truth("after_sale")
    assert 8 <= len(rows) <= 40
    for row in rows:
        order = orders[row["io_id"]]
        assert (row["o_id"], row["shop_id"]) == (order["o_id"], order["shop_id"])
        assert row["created"] > order["io_date"]
        assert {line["sku_id"] for line in row["items"]} <= {line["sku_id"] for line in order["items"]} or not row[
            "items"
        ]


def test_it_waits_is_received_and_refunded(erp: Driver) -> None:
    seen: dict[str, list[str]] = {}
    erp.run(60)
    erp.post("orders_per_hour", value=0)
    for _ in range(250):
        erp.now += 4
        erp.run(1)
        for row in erp.truth("after_sale"):
            path = seen.setdefault(row["as_id"], [])
            if row["status"] not in path[-1:]:
                path.append(row["status"])
    paths = Counter(tuple(path) for path in seen.values())
    assert paths["Waiting", "Received", "Refund"]
    assert paths["Waiting", "Refund"]
    assert {path[-1] for path in paths} <= {"Waiting", "Received", "Refund", "Cancelled"}


def test_a_refund_says_when_and_how_much(lived: Driver) -> None:
    rows = lived.truth("after_sale")
    refunded = [row for row in rows if row["status"] == "Refund"]
    assert len(refunded) > 5
    assert all(row["created"] < row["confirm_date"] <= row["modified"] for row in refunded)
    assert not any(row["confirm_date"] for row in rows if row["status"] != "Refund")
    for row in refunded:
        amount = sum((line["amount"] for line in row["items"]), Decimal())
        assert row["refund"] <= amount or not row["items"]
        assert row["receive_refund"] == row["refund"]


def test_goods_come_back_only_with_types_that_return_them(lived: Driver) -> None:
    rows = lived.truth("after_sale")
    back = {row["type"] for row in rows if any(line["r_qty"] for line in row["items"])}
    assert back
    assert back <= {"普通退货", "拒收退货", "换货", "维修"}
    assert all(line["r_qty"] <= line["qty"] for row in rows for line in row["items"])


def grown(erp: Driver, number: int) -> list[tuple[Row, Row]]:
    """Many after-sale orders of the shop's orders, as born and at their end."""
    rng, ids = random.Random(5), Ids(erp.store.dialect, erp.store.number)
    orders = [row for row in erp.truth() if row["status"] == "Confirmed"]
    pairs = []
    for _ in range(number):
        row = after_sale.born(rng, ids, rng.choice(orders), erp.now)
        old = deepcopy(row)
        for delay, step in sorted(after_sale.life(rng, row["type"], 1.0)):
            after_sale.step(row, step, rng, erp.now + delay, erp.store.dialect)
        pairs.append((old, row))
    return pairs


def test_reasons_types_and_ends_are_of_every_sort(lived: Driver) -> None:
    rows = [row for _, row in grown(lived, 800)]
    assert {"质量问题", "七天无理由"} <= {row["question_type"] for row in rows}
    assert {"仅退款", "普通退货", "换货", "拒收退货"} <= {row["type"] for row in rows}
    assert {row["status"] for row in rows} == {"Waiting", "Received", "Refund", "Cancelled"}


def test_lines_vanish_and_shrink(lived: Driver) -> None:
    pairs = [(old["items"], new["items"]) for old, new in grown(lived, 3000)]
    assert any(len(old) > len(new) for old, new in pairs)
    assert any([line["qty"] for line in old] > [line["qty"] for line in new] for old, new in pairs)


def test_the_openapi_dialect_says_it_with_three_fields(open_lived: Driver) -> None:
    rows = [row for _, row in grown(open_lived, 800)]
    assert {row["status"] for row in rows} == {"WaitConfirm", "Confirmed", "Cancelled", "Merged"}
    assert {row["shop_status"] for row in rows} >= {"WAIT_SELLER_AGREE", "SUCCESS", "CLOSED", "SELLER_REFUSE_BUYER"}
    assert {row["good_status"] for row in rows} >= {"BUYER_RECEIVED", "BUYER_NOT_RECEIVED", "SELLER_RECEIVED"}
    assert all(row["status"] == "Confirmed" for row in rows if row["good_status"] == "SELLER_RECEIVED")


def test_they_can_be_asked_for_by_window_and_id(lived: Driver) -> None:
    lived.post("freeze")
    truth = by_key(lived.truth("after_sale"), "as_id")
    assert by_key(lived.rows(RETURNS), "as_id") == truth
    key = next(iter(truth))
    assert lived.rows(RETURNS, as_ids=[key]) == [truth[key]]
    assert lived.rows(RETURNS, o_ids=[truth[key]["o_id"]]) == [truth[key]]
