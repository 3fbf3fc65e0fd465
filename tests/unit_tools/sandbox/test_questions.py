"""What may be asked, and that pages are exactly the rows of the window."""

from __future__ import annotations

from typing import Any

import pytest

from local.sandbox.times import beijing
from tests.support.sandbox_driver import ORDERS, RETURNS, SHOPS, SKUS, START, STOCK, WAREHOUSES, Driver, by_key, parse

DAY = {"start_time": "2026-03-02 00:00:00", "end_time": "2026-03-02 23:59:59"}


@pytest.mark.parametrize(
    ("path", "body", "code"),
    [
        (ORDERS, {"page_size": 26}, 40002),
        (SKUS, {"page_size": 51}, 40002),
        (SHOPS, {"page_size": 101}, 40002),
        (STOCK, {"page_size": 51}, 40002),
        (RETURNS, {"page_size": 21}, 40002),
        (WAREHOUSES, {"page_size": 51}, 40002),
        (ORDERS, {"page_size": 0}, 40001),
        (ORDERS, {"page_index": 0}, 40001),
        (ORDERS, {"page_index": "x"}, 40001),
        (ORDERS, {"page_index": True}, 40001),
        (ORDERS, {"start_time": None, "end_time": None}, 40001),
        (ORDERS, {"end_time": None}, 40001),
        (ORDERS, {"end_time": "2026-03-01 23:59:59"}, 40001),
        (ORDERS, {"end_time": "2026-03-09 00:00:01"}, 40001),
        (ORDERS, {"end_time": "2026-03-09 00:00:00"}, 0),
        (ORDERS, {"end_time": "2026-03-02T00:00:00"}, 40001),
        (ORDERS, {"end_time": "2026-02-30 00:00:00"}, 40001),
        (ORDERS, {"date_type": 1}, 40001),
        (SKUS, {"date_type": 2}, 40001),
        (ORDERS, {"io_ids": [str(n) for n in range(51)]}, 40001),
        (ORDERS, {"io_ids": {}, "o_ids": {"a": 1}}, 40001),
        (ORDERS, {"page_size": "25", "page_index": "1", "date_type": "2"}, 0),
        (SHOPS, {"start_time": None, "end_time": None}, 0),
        (WAREHOUSES, {"start_time": None, "end_time": None}, 0),
        (STOCK, {"start_time": None, "end_time": None}, 40001),
    ],
)
def test_bad_parameters_are_named(erp: Driver, path: str, body: dict[str, Any], code: int) -> None:
    answer = erp.ask(path, **{**DAY, **body})
    assert (answer.json()["code"], answer.status_code) == (code, 200 if code == 0 else 400)
    assert answer.json()["request_id"]


def test_what_is_no_question_is_refused(erp: Driver) -> None:
    assert erp.send("POST", "/open/nothing", json={}).json()["code"] == 40401
    assert erp.send("GET", ORDERS).json()["code"] == 40001
    assert erp.send("POST", ORDERS, content=b"{").json()["code"] == 40001
    assert erp.send("POST", ORDERS, json=[1]).json()["code"] == 40001


def test_pages_hold_every_row_of_the_window_once_in_order(busy: Driver) -> None:
    busy.post("freeze")
    start, end = beijing(START + 5), beijing(START + 12)
    rows = busy.rows(start_time=start, end_time=end, page_size=7)
    truth = [row for row in busy.truth() if start <= row["modified"] <= end]
    assert len(truth) > 30
    assert rows == sorted(truth, key=lambda row: (row["modified"], row["io_id"]))
    assert parse(busy.ask(start_time=start, end_time=end))["total"] == len(truth)


def test_both_ends_of_a_window_belong_to_it(erp: Driver) -> None:
    for second in range(4):
        erp.post("put", module="sale_out", row={"io_id": f"A{second}", "modified": f"2026-03-02 08:00:0{second}"})
    rows = erp.rows(start_time="2026-03-02 08:00:01", end_time="2026-03-02 08:00:02")
    assert [row["io_id"] for row in rows] == ["A1", "A2"]


def test_a_full_last_page_is_the_last(erp: Driver) -> None:
    for number in range(4):
        erp.post("put", module="sale_out", row={"io_id": f"A{number}"})
    assert [parse(erp.ask(page_index=index, page_size=2))["has_next"] for index in (1, 2)] == [True, False]


def test_a_page_beyond_the_end_is_empty(busy: Driver) -> None:
    answer = parse(busy.ask(page_index=1000))
    assert (answer["datas"], answer["has_next"]) == ([], False)
    assert answer["total"] > 0


def test_date_type_2_asks_by_the_shipping_time(erp: Driver) -> None:
    erp.run(60)
    erp.post("freeze")
    start, end = beijing(START + 10), beijing(START + 30)
    rows = erp.rows(start_time=start, end_time=end, date_type=2)
    assert by_key(rows) == by_key([row for row in erp.truth() if row["io_date"] and start <= row["io_date"] <= end])
    assert any(row["modified"] > row["io_date"] for row in rows)


def test_rows_can_be_asked_for_by_id_and_status(busy: Driver) -> None:
    busy.post("freeze")
    row, other = busy.truth()[:2]
    assert busy.rows(io_ids=[row["io_id"], "nobody"]) == [row]
    assert busy.rows(o_ids=[other["o_id"]]) == [other]
    skus = [sku["sku_id"] for sku in busy.truth("sku")[:3]]
    assert [sku["sku_id"] for sku in by_key(busy.rows(SKUS, sku_ids=",".join(skus)), "sku_id").values()] != []
    assert set(by_key(busy.rows(SKUS, sku_ids=skus), "sku_id")) == set(skus)
    shipped = busy.rows(status="Confirmed")
    assert shipped
    assert by_key(shipped) == by_key([one for one in busy.truth() if one["status"] == "Confirmed"])


def test_all_goods_shops_and_warehouses_can_be_read(erp: Driver) -> None:
    assert len(by_key(erp.rows(SKUS), "sku_id")) == 40
    assert [row["shop_id"] for row in erp.rows(SHOPS)] == [*range(101, 113)]
    assert set(by_key(erp.rows(STOCK), "sku_id")) == set(by_key(erp.rows(SKUS), "sku_id"))
    assert [(row["wms_co_id"], row["is_main"]) for row in erp.rows(WAREHOUSES)] == [
        (11001, True),
        *((number, False) for number in range(11002, 11006)),
    ]


def test_lists_carry_no_modified_and_can_be_changed_by_hand(erp: Driver) -> None:
    erp.post("put", module="shop", row={"shop_id": 103, "shop_name": "抖音新店"})
    rows = {row["shop_id"]: row for row in erp.rows(SHOPS)}
    assert rows[103] == {"shop_id": 103, "shop_name": "抖音新店"}
    assert not any("modified" in row for row in (*rows.values(), *erp.rows(WAREHOUSES)))
