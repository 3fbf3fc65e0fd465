"""Every record says whose it is, and one that says another warehouse's is refused."""

from __future__ import annotations

import pytest

from jst.erp.dialect import Page
from jst.erp.warehouse_stamp import of_warehouse, stamped
from jst.errors import Misconfigured, Where
from jst.model.module import load_module

STOCK, ORDERS = load_module("inventory"), load_module("sale_out")


def page(*rows: object) -> Page:
    return Page(1, rows, None, False, None, "", 1, 1)


def test_only_a_warehouse_is_asked_for_by_number() -> None:
    question = {"page_index": 1}
    assert of_warehouse(STOCK, question, 11001) == {"page_index": 1, "wms_co_id": 11001}
    assert of_warehouse(STOCK, question, 0) == question


def test_the_record_says_what_was_asked_for() -> None:
    rows = {"sku_id": "a"}, {"sku_id": "b", "wms_co_id": "11001"}, {"sku_id": "c", "wms_co_id": 0}, "garbled"
    found = stamped(STOCK, page(*rows), 11001, Where()).rows
    assert [row.get("wms_co_id") if isinstance(row, dict) else row for row in found] == [11001, 11001, 11001, "garbled"]


def test_a_total_is_of_no_warehouse_whatever_it_says() -> None:
    assert stamped(STOCK, page({"sku_id": "a", "wms_co_id": 11001}), 0, Where()).rows == (
        {"sku_id": "a", "wms_co_id": 0},
    )


def test_records_of_other_modules_keep_their_own() -> None:
    whole = page({"io_id": "1", "wms_co_id": 11002})
    assert stamped(ORDERS, whole, 0, Where()) is whole


def test_an_answer_of_another_warehouse_is_refused() -> None:
    with pytest.raises(Misconfigured, match="问的是仓库 11001 的库存，答的是仓库 11002 的"):
        stamped(STOCK, page({"sku_id": "a", "wms_co_id": 11002}), 11001, Where())
