"""The second writing of the rules for stock, shops and warehouses."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from local.verify.known import Goods, Known
from local.verify.subject import Follows
from local.verify.subjects import inventory, shop, subjects, warehouse
from local.verify.values import Unreadable

GOODS = {"A": Goods("K1", (123_450, 200_000), (9_990_000, 9_990_000)), "B": Goods("", (None, None), (0, 0))}


def stock(**fields: object) -> dict[str, Any]:
    record = inventory.expected({"sku_id": "A", "modified": "2026-05-06 07:08:09", **fields}, known=Known(goods=GOODS))
    (values,) = record.lines.values()
    return dict(zip(inventory.COLUMNS, values, strict=True))


@given(st.integers(-50, 50) | st.decimals(-50, 50, places=4), st.integers(0, 99) | st.none())
def test_what_can_be_sold_and_what_was_sold_too_often_never_both(qty: Decimal | int, locked: int | None) -> None:
    row = stock(qty=qty, order_lock=locked)
    available, oversold = Decimal(row["available_qty"]), Decimal(row["oversold_qty"])
    assert available - oversold == Decimal(qty) - (locked or 0)
    assert min(available, oversold) == 0
    assert row["is_abnormal"] == (qty < 0)


def test_prices_are_those_of_the_dimension_or_of_the_source_and_the_value_follows_the_one_shown() -> None:
    row = stock(qty="2.5", min_qty=7)
    assert [row["cost_price"] == price for price in ("12.35", "20.00", "12.34")] == [True, True, False]
    assert row["sale_price"] == "999.00"
    follows = row["stock_value"]
    assert isinstance(follows, Follows)
    assert (follows.column, follows.value("12.35"), follows.value("20.00")) == ("cost_price", "30.88", "50.00")
    assert (row["min_qty"], row["safety_qty"], row["max_qty"]) == ("7.0000", "7.0000", None)


@pytest.mark.parametrize("sku_id", ["B", "unknown"])
def test_without_a_price_it_is_0(sku_id: str) -> None:
    assert stock(sku_id=sku_id)["cost_price"] == "0.00"


def test_a_row_that_names_no_warehouse_is_the_total() -> None:
    row = {"sku_id": "A", "modified": "2026-05-06 07:08:09"}
    assert list(inventory.expected(row, known=Known()).lines) == ["0"]
    assert list(inventory.expected({**row, "wms_co_id": "11001"}, known=Known()).lines) == ["11001"]


def test_stock_without_modified_is_unreadable() -> None:
    with pytest.raises(Unreadable, match=r"^modified$"):
        stock(modified="")


SHOPS = {"101": ("天猫旗舰店", "天猫", "zhang.wei", "浙江", 1), "7": ("门店", "线下", "", "", 0)}


def test_the_workbooks_word_on_a_shop_counts_and_the_sources_where_it_says_nothing() -> None:
    def shown(**row: object) -> tuple[Any, ...]:
        return shop.expected(row, shops=SHOPS).lines[""]

    assert shown(shop_id=101, shop_name="天猫店", shop_site="淘系") == ("S000101", *SHOPS["101"], 1)
    assert shown(shop_id="999", shop_name="新店", shop_site="京东") == ("S000999", "新店", "京东", "", "", 1, 0)


def test_a_shop_only_the_workbook_has_must_be_there_too_in_the_order_of_keys_as_text() -> None:
    rows = list(shop.completed([{"shop_id": 101}, {"shop_id": 99}], shops=SHOPS))
    assert [shop.key_of(row) for row in rows] == ["101", "7", "99"]


def test_a_warehouse_has_the_sources_name_and_the_workbooks_province() -> None:
    places = {"11001": "浙江"}
    assert warehouse.expected({"wms_co_id": 11001, "name": "主仓"}, places=places).lines == {"": ("主仓", "浙江")}
    assert warehouse.expected({"wms_co_id": 5, "name": "新仓"}, places=places).lines == {"": ("新仓", "")}


def test_every_module_and_every_table_is_compared_once() -> None:
    found = subjects(Known())
    assert len({subject.module for subject in found}) == len({subject.table for subject in found}) == len(found)
    assert {subject.reading for subject in found} == {"live", "clock", "list"}


@pytest.mark.parametrize(
    ("kind", "key", "rows"), [("total", "A", "inventory"), ("per_warehouse", "A@11002", "branch_stock")]
)
def test_a_row_of_a_warehouse_is_a_record_of_its_own_and_is_compared_with_the_shops(
    kind: str, key: str, rows: str
) -> None:
    known = Known(goods=GOODS, stock=kind)
    row = {"sku_id": "A", "modified": "2026-05-06 07:08:09", "qty": 3}
    row |= {"wms_co_id": 11002} if kind == "per_warehouse" else {}
    asked = inventory.subject(known)
    assert (asked.key_of(row), asked.rows) == (key, rows)
    assert inventory.expected(row, known=known).key == key
    assert inventory.expected(row, known=known).lines.keys() == ({""} if kind == "per_warehouse" else {"0"})
