"""Spread amounts against a second implementation, to the cent."""

from __future__ import annotations

import json
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from itertools import count
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.support.search_depth import DEPTH
from tests.support.warehouse import Warehouse

pytestmark = pytest.mark.clickhouse

COLUMNS = ("gmv", "discount_amount", "paid_amount", "freight_amount", "platform_fee")
CENT = Decimal("0.01")
FEE_RATE = Decimal("0.05")
MANY_LINES = 15_000

_money = st.integers(-99_999_999, 99_999_999).map(lambda cents: Decimal(cents) * CENT)
_qty = st.one_of(st.integers(-2, 5).map(Decimal), st.integers(0, 99_999).map(lambda n: Decimal(n) / 1000))
_price = st.one_of(st.just(Decimal(0)), st.integers(1, 99_999).map(lambda n: Decimal(n) * CENT))
_lines = st.lists(st.tuples(_qty, _price), max_size=8)
_orders = st.lists(st.tuples(_lines, _money, _money, _money, _money), min_size=1, max_size=40)
_numbers = count(1)


@settings(max_examples=DEPTH.of(8, 25), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(orders=_orders)
def test_every_cent_is_where_a_second_implementation_puts_it(warehouse: Warehouse, orders: list[Any]) -> None:
    plan = f"plan-{next(_numbers)}"
    bodies, expected = [], []
    for lines, *amounts in orders:
        io_id = next(_numbers)
        bodies.append(_body(io_id, lines, amounts))
        expected += _expected(str(io_id), lines, amounts)
    keys = warehouse.load("sale_out", plan, bodies)
    shown = warehouse.client.execute(
        f"SELECT io_id, toUInt32(line_id), {', '.join(COLUMNS)} FROM dws.dws_sale_out FINAL"
        " WHERE io_id IN %(keys)s ORDER BY toUInt32(io_id), toUInt32(line_id)",
        {"keys": keys},
    )
    assert shown == expected


@settings(max_examples=DEPTH.of(5, 15), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(orders=st.lists(st.tuples(_lines, _money), min_size=1, max_size=40))
def test_every_cent_of_a_refund_too(warehouse: Warehouse, orders: list[Any]) -> None:
    bodies, expected = [], []
    for lines, refund in orders:
        as_id = next(_numbers)
        items = [{"asi_id": n, "qty": str(qty), "price": str(price)} for n, (qty, price) in enumerate(lines, 1)]
        order = {"as_id": as_id, "modified": "2026-01-02 12:00:00", "refund": str(refund), "items": items}
        bodies.append(json.dumps(order))
        expected += [(str(as_id), n, share) for n, share in enumerate(_spread(refund, lines), 1 if lines else 0)]
    keys = warehouse.load("after_sale", f"plan-{next(_numbers)}", bodies)
    shown = warehouse.client.execute(
        "SELECT as_id, toUInt32(line_id), refund_amount FROM dws.dws_after_sale FINAL"
        " WHERE as_id IN %(keys)s ORDER BY toUInt32(as_id), toUInt32(line_id)",
        {"keys": keys},
    )
    assert shown == expected


def test_an_order_of_thousands_of_lines_is_an_order_like_any_other(warehouse: Warehouse) -> None:
    """Anything that is copied or looked for line by line would need more than all memory a statement has."""
    lines = [(Decimal(1 + n % 3), Decimal("3.33")) for n in range(MANY_LINES)]
    amounts = [Decimal("10000.01"), Decimal("7.00"), Decimal("9999.99"), Decimal("1.00")]
    items = [{"asi_id": n, "qty": str(qty), "price": str(price)} for n, (qty, price) in enumerate(lines)]
    after_sale = {"as_id": 1, "modified": "2026-01-02 12:00:00", "refund": "10000.01", "items": items}
    for ticket in (1, 2):  # the second time its lines are there already
        warehouse.load("sale_out", f"plan-{ticket}", [_body(1, lines, amounts)], ticket=ticket)
        warehouse.load("after_sale", f"plan-{ticket}", [json.dumps(after_sale)], ticket=ticket)
    shown = f"SELECT io_id, toUInt32(line_id) AS line, {', '.join(COLUMNS)} FROM dws.dws_sale_out FINAL ORDER BY line"
    assert warehouse.rows(shown) == _expected("1", lines, amounts)
    refunds = warehouse.rows("SELECT refund_amount FROM dws.dws_after_sale FINAL ORDER BY toUInt32(line_id)")
    assert [refund for (refund,) in refunds] == _spread(amounts[0], lines)


def _body(io_id: int, lines: list[tuple[Decimal, Decimal]], amounts: list[Decimal]) -> str:
    gmv, discount, paid, freight = map(str, amounts)
    return json.dumps(
        {
            "io_id": io_id,
            "shop_id": 101,
            "modified": "2026-01-02 12:00:00",
            "io_date": "2026-01-02 11:00:00",
            "pay_amount": gmv,
            "free_amount": discount,
            "paid_amount": paid,
            "freight": freight,
            "items": [{"ioi_id": n, "qty": str(qty), "price": str(price)} for n, (qty, price) in enumerate(lines, 1)],
        }
    )


def _expected(io_id: str, lines: list[tuple[Decimal, Decimal]], amounts: list[Decimal]) -> list[tuple[Any, ...]]:
    gmv, discount, paid, freight = amounts
    fee = (paid * FEE_RATE).quantize(CENT, ROUND_HALF_UP)
    spread = [_spread(amount, lines) for amount in (gmv, discount, paid, freight, fee)]
    return [(io_id, n, *values) for n, values in enumerate(zip(*spread, strict=True), 1 if lines else 0)]


def _spread(amount: Decimal, lines: list[tuple[Decimal, Decimal]]) -> list[Decimal]:
    weights = _weights(lines)
    whole = Fraction(sum(weights))
    wanted = [Fraction(abs(amount)) * 100 * Fraction(weight) / whole for weight in weights]
    cents = [int(share) for share in wanted]
    by_rest = sorted(range(len(weights)), key=lambda n: cents[n] - wanted[n])
    for n in by_rest[: int(abs(amount) * 100) - sum(cents)]:
        cents[n] += 1
    return [Decimal(share).copy_sign(amount) * CENT for share in cents]


def _weights(lines: list[tuple[Decimal, Decimal]]) -> list[Decimal]:
    normal = [(qty, price) if qty >= 0 else (Decimal(0), Decimal(0)) for qty, price in lines]
    for weights in ([qty * price for qty, price in normal], [qty for qty, _ in normal]):
        if any(weights):
            return weights
    first = next((n for n, (qty, _) in enumerate(lines) if qty >= 0), 0)
    return [Decimal(n == first) for n in range(len(lines) or 1)]
