"""The public API: what may be asked, and that pages and cursors hold exactly the rows meant."""

from __future__ import annotations

from typing import Any

import pytest

from local.sandbox.openapi.server import ENDPOINTS
from local.sandbox.times import beijing
from tests.support.sandbox_driver import ORDERS, REFUNDS, SHOPS, SKUS, START, STOCK, WAREHOUSES, OpenDriver, by_key

WINDOW = {"modified_begin": "2026-03-02 00:00:00", "modified_end": "2026-03-02 23:59:59"}


@pytest.mark.parametrize(
    ("path", "biz", "code"),
    [
        (ORDERS, {}, 170),
        (STOCK, {}, 170),
        (STOCK, {"wms_co_id": 0}, 170),
        (STOCK, {"wms_co_id": 11001}, 170),
        (STOCK, {"wms_co_id": "x", "ts": 0}, 130),
        (STOCK, {"wms_co_id": 11001, "ts": 0}, 0),
        (SHOPS, {}, 0),
        (WAREHOUSES, {"page_size": "10", "page_index": "1"}, 0),
        (WAREHOUSES, WINDOW, 130),
        (ORDERS, {"start_time": WINDOW["modified_begin"], "end_time": WINDOW["modified_end"]}, 130),
        (ORDERS, {"modified_begin": WINDOW["modified_begin"]}, 130),
        (ORDERS, {**WINDOW, "modified_end": "2026-03-01 23:59:59"}, 130),
        (ORDERS, {**WINDOW, "modified_end": "2026-03-09 00:00:01"}, 130),
        (ORDERS, {**WINDOW, "modified_end": "2026-03-09 00:00:00"}, 0),
        (ORDERS, {**WINDOW, "date_type": "2"}, 0),
        (ORDERS, {**WINDOW, "date_type": 1}, 130),
        (REFUNDS, {**WINDOW, "date_type": 0}, 130),
        (ORDERS, {**WINDOW, "page_index": 0}, 130),
        (ORDERS, {**WINDOW, "is_get_total": "no"}, 130),
        (ORDERS, {**WINDOW, "start_ts": 1}, 130),
        (ORDERS, {"start_ts": "x"}, 130),
        (ORDERS, {"ts": 1}, 130),
        (SKUS, {"ts": 1}, 130),
        (ORDERS, {"io_ids": "1,2"}, 130),
        (ORDERS, {"io_ids": [1, "2"]}, 0),
        (ORDERS, {"io_ids": list(range(51))}, 130),
        (STOCK, {"sku_ids": ["a"]}, 130),
        (STOCK, {"sku_ids": ",".join("a" * 100)}, 0),
        (STOCK, {"sku_ids": ",".join("a" * 101)}, 130),
    ],
)
def test_wrong_questions_are_refused_not_guessed(
    open_erp: OpenDriver, path: str, biz: dict[str, Any], code: int
) -> None:
    assert open_erp.wish(path, **biz)["code"] == code


def test_biz_must_be_an_object(open_erp: OpenDriver) -> None:
    assert [open_erp.call(WAREHOUSES, biz)["code"] for biz in ("[]", "{", "")] == [130] * 3


@pytest.mark.parametrize(("path", "most"), [(ORDERS, 50), (STOCK, 100), (REFUNDS, 50), (SKUS, 50)])
def test_the_page_size_is_clamped_and_has_a_default(open_erp: OpenDriver, path: str, most: int) -> None:
    assert open_erp.wish(path, page_size=1000, **WINDOW)["data"]["page_size"] == most
    assert open_erp.wish(path, **WINDOW)["data"]["page_size"] == 30


def test_pages_hold_every_row_of_the_window_once(open_lived: OpenDriver) -> None:
    rows, index = [], 1
    while True:
        data = open_lived.wish(page_index=index, page_size=50, **WINDOW)["data"]
        rows += data["datas"]
        if not data["has_next"]:
            break
        index += 1
    assert (data["data_count"], data["page_count"], index) == (400, 8, 8)
    assert rows == sorted(open_lived.truth(), key=lambda row: (row["modified"], row["io_id"]))


@pytest.mark.parametrize("path", [STOCK, SHOPS])
def test_some_endpoints_give_no_totals(open_erp: OpenDriver, path: str) -> None:
    biz = {"ts": 0} if path == STOCK else {}
    assert set(open_erp.wish(path, **biz)["data"]) == {
        "page_index",
        "page_size",
        "has_next",
        "inventorys" if path == STOCK else "datas",
    }


@pytest.mark.parametrize(
    ("path", "cursor", "module", "list_key"),
    [
        (ORDERS, "start_ts", "sale_out", "datas"),
        (STOCK, "ts", "inventory", "inventorys"),
        (REFUNDS, "start_ts", "after_sale", "datas"),
    ],
)
def test_a_cursor_reads_everything_in_the_order_of_ts(
    open_lived: OpenDriver, path: str, cursor: str, module: str, list_key: str
) -> None:
    rows: list[dict[str, Any]] = []
    since = 0
    while True:
        data = open_lived.wish(path, **{cursor: since}, page_size=20)["data"]
        assert [row["ts"] for row in data[list_key]] == sorted(row["ts"] for row in data[list_key])
        rows += [row for row in data[list_key] if row["ts"] > since]
        if data[list_key][-1]["ts"] == since:
            break
        assert all(row["ts"] >= since for row in data[list_key])
        since = data[list_key][-1]["ts"]
    assert rows == sorted(open_lived.truth(module), key=lambda row: row["ts"])


def test_without_totals_only_has_next_means_something(open_lived: OpenDriver) -> None:
    data = open_lived.wish(start_ts=0, is_get_total=False)["data"]
    assert (data["data_count"], data["page_count"], data["has_next"]) == (0, 0, True)
    last = max(row["ts"] for row in open_lived.truth())
    assert open_lived.wish(start_ts=last, is_get_total=False)["data"]["has_next"] is False


def test_a_late_commit_appears_below_the_cursor(open_erp: OpenDriver) -> None:
    open_erp.fault(commit_lag={"share": 1, "seconds": 60})
    open_erp.post("put", module="sale_out", row={"io_id": 1})
    open_erp.fault()
    open_erp.post("put", module="sale_out", row={"io_id": 2})
    (seen,) = open_erp.wish(start_ts=0)["data"]["datas"]
    open_erp.now += 60
    open_erp.shop.tick()
    late, _ = open_erp.wish(start_ts=0)["data"]["datas"][:2]
    assert (late["io_id"], seen["io_id"]) == (1, 2)
    assert late["ts"] < seen["ts"]


def test_ids_are_integers_and_rows_are_found_by_them(open_lived: OpenDriver) -> None:
    order = open_lived.truth()[0]
    refund = open_lived.truth("after_sale")[0]
    stock = open_lived.truth("inventory")[0]
    assert all(isinstance(one, int) for one in (order["io_id"], order["o_id"], refund["as_id"], refund["io_id"]))
    assert open_lived.wish(io_ids=[order["io_id"]])["data"]["datas"] == [order]
    assert open_lived.wish(o_ids=[str(order["o_id"])])["data"]["datas"] == [order]
    assert open_lived.wish(REFUNDS, as_ids=[refund["as_id"]])["data"]["datas"] == [refund]
    assert open_lived.wish(STOCK, sku_ids=f"{stock['sku_id']},nobody")["data"]["inventorys"] == [stock]
    assert [row["shop_id"] for row in open_lived.wish(SHOPS, shop_ids=[103])["data"]["datas"]] == [103]


def test_every_write_gives_a_row_a_higher_ts(open_lived: OpenDriver) -> None:
    row = open_lived.truth()[0]
    newest = max(one["ts"] for one in open_lived.truth())
    open_lived.post("touch", module="sale_out", keys=[str(row["io_id"])])
    touched = open_lived.wish(io_ids=[row["io_id"]])["data"]["datas"][0]
    assert touched["ts"] > newest


def test_lists_carry_neither_modified_nor_ts(open_erp: OpenDriver) -> None:
    open_erp.post("put", module="warehouse", row={"wms_co_id": 11009, "name": "临时仓"})
    for path in (SHOPS, WAREHOUSES):
        rows = open_erp.wish(path)["data"]["datas"]
        assert not {"modified", "ts"} & {name for row in rows for name in row}
    assert rows[-1] == {"wms_co_id": 11009, "name": "临时仓"}


def test_a_window_may_be_asked_by_the_shipping_time(open_lived: OpenDriver) -> None:
    begin, end = beijing(START + 20), beijing(START + 22)
    answer = open_lived.wish(modified_begin=begin, modified_end=end, date_type=2, page_size=50)
    rows = answer["data"]["datas"]
    truth = [row for row in open_lived.truth() if row["io_date"] and begin <= row["io_date"] <= end]
    assert rows
    assert by_key(rows) == by_key(truth)


def test_every_endpoint_answers(open_lived: OpenDriver) -> None:
    for path, endpoint in ENDPOINTS.items():
        biz = {} if endpoint.listed else WINDOW
        assert open_lived.wish(path, **biz)["data"][endpoint.list_key] is not None, path
