"""The public API's dialect: who may ask, what may be asked, what the answer looks like."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from local.sandbox.openapi.server import ENDPOINTS
from local.sandbox.openapi.signature import signature
from local.sandbox.store import Store, Unusable
from local.sandbox.times import beijing
from tests.unit.sandbox.driver import (
    ORDERS,
    REFUNDS,
    SECRET,
    SHOPS,
    SKUS,
    START,
    STOCK,
    WAREHOUSES,
    OpenDriver,
    by_key,
    parse,
)

WINDOW = {"modified_begin": "2026-03-02 00:00:00", "modified_end": "2026-03-02 23:59:59"}
CALL = {"app_key": "demo_app_key_0001", "timestamp": "1714550400", "charset": "utf-8"}
QUERY = {**CALL, "access_token": "demo_access_token_0001", "version": "2"}


@pytest.mark.parametrize(
    ("parameters", "expected"),
    [
        ({**QUERY, "biz": "{}"}, "a4280c3a4744ca78805eebffd92ac8aa"),
        (
            {
                **QUERY,
                "biz": '{"page_index":1,"page_size":50,"modified_begin":"2024-05-01 00:00:00",'
                '"modified_end":"2024-05-01 23:59:59"}',
            },
            "d34345b280a2f8f986acd39262371d9e",
        ),
        ({**QUERY, "biz": '{"name":"连衣裙","page_index":1,"page_size":50}'}, "bdecc0674d0480b4b8b8be5f9eb6cc3b"),
        ({**CALL, "grant_type": "authorization_code", "code": "a1B2c3"}, "581b75014d94e01f51f2f66d3b401523"),
        (
            {**CALL, "grant_type": "refresh_token", "refresh_token": "demo_refresh_token_0001", "scope": "all"},
            "a9e417bd3ba869523b00a3cbffdd3e2c",
        ),
    ],
)
def test_the_signature_is_the_vendors(parameters: dict[str, str], expected: str) -> None:
    secret = "0123456789abcdef0123456789abcdef"
    assert signature(parameters, secret) == expected
    assert signature({**parameters, "sign": "x", "empty": ""}, secret) == expected


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({}, 0),
        ({"app_key": "nobody"}, 140),
        ({"charset": None}, 140),
        ({"version": "1"}, 140),
        ({"timestamp": str(int(START) - 601)}, 180),
        ({"timestamp": str(int(START) + 601)}, 180),
        ({"timestamp": str(int(START) - 599)}, 0),
        ({"timestamp": None}, 180),
        ({"timestamp": "now"}, 180),
        ({"sign": "0" * 32}, 10),
        ({"secret": SECRET + "x"}, 10),
        ({"access_token": "stale"}, 100),
        ({"access_token": None}, 100),
    ],
)
def test_who_asks_is_checked_in_every_part(open_erp: OpenDriver, fields: dict[str, Any], code: int) -> None:
    answer = open_erp.call(WAREHOUSES, **fields)
    assert answer["code"] == code
    assert answer["request_id"]
    assert (answer["data"] is None) == (code != 0)


def test_only_a_posted_form_is_read(open_erp: OpenDriver) -> None:
    form = open_erp.form(version="2", access_token=open_erp.grant()["data"]["access_token"], biz="{}")
    assert parse(open_erp.send("POST", WAREHOUSES, data=form))["code"] == 0
    assert parse(open_erp.send("POST", WAREHOUSES, json=form))["code"] == 140
    assert parse(open_erp.send("POST", WAREHOUSES, params=form))["code"] == 140
    assert parse(open_erp.send("GET", WAREHOUSES, params=form))["code"] == 140
    assert open_erp.send("POST", "/open/nothing", data=form).status_code == 404


def test_a_token_lasts_as_long_as_it_says(open_erp: OpenDriver) -> None:
    first = open_erp.grant()["data"]
    open_erp.now += 3000
    again = open_erp.grant()["data"]
    assert (first["expires_in"], again["expires_in"]) == (3600, 600)
    assert again["access_token"] == first["access_token"]
    open_erp.now += 599
    assert open_erp.call(WAREHOUSES)["code"] == 0
    open_erp.now += 1
    assert open_erp.call(WAREHOUSES)["code"] == 100
    assert open_erp.grant()["data"]["access_token"] != first["access_token"]


def test_a_refreshed_token_replaces_the_one_before(open_erp: OpenDriver) -> None:
    first = open_erp.grant()["data"]
    wanted = {"grant_type": "refresh_token", "scope": "all", "code": None}
    second = open_erp.grant("refreshToken", refresh_token=first["refresh_token"], **wanted)["data"]
    assert open_erp.call(WAREHOUSES, access_token=second["access_token"])["code"] == 0
    assert open_erp.call(WAREHOUSES, access_token=first["access_token"])["code"] == 100
    assert open_erp.grant("refreshToken", refresh_token=first["refresh_token"], **wanted)["code"] == 100
    assert open_erp.grant(grant_type="refresh_token")["code"] == 140
    assert open_erp.grant(code="short")["code"] == 140


def test_a_token_outlives_a_restart(open_erp: OpenDriver, tmp_path: Path) -> None:
    token = open_erp.grant()["data"]["access_token"]
    open_erp.store.close()
    after = OpenDriver(tmp_path)
    assert after.call(WAREHOUSES, access_token=token)["code"] == 0
    after.store.close()


def test_all_endpoints_share_five_requests_a_second(open_erp: OpenDriver) -> None:
    codes = [open_erp.call(path, "{}")["code"] for path in (SHOPS, WAREHOUSES, SHOPS, WAREHOUSES, SHOPS)]
    open_erp.now += 0.9
    assert open_erp.call(WAREHOUSES)["code"] == 199
    assert open_erp.grant()["code"] == 0
    open_erp.now += 0.1
    assert open_erp.call(WAREHOUSES)["code"] == 0
    assert codes == [0] * 5


def test_and_a_hundred_requests_a_minute(open_erp: OpenDriver) -> None:
    codes = []
    for _ in range(100):
        open_erp.now += 0.25
        codes.append(open_erp.call(SHOPS)["code"])
    assert codes == [0] * 100
    open_erp.now += 0.25
    refused = open_erp.call(WAREHOUSES)
    assert (refused["code"], refused["data"]) == (200, None)
    open_erp.now += 35
    assert open_erp.call(WAREHOUSES)["code"] == 0
    stats = open_erp.send("GET", "/sandbox/stats").json()
    assert stats["refused"] == 1
    assert stats["codes"][WAREHOUSES] == {"200": 1, "0": 1}


@pytest.mark.parametrize(
    ("path", "biz", "code"),
    [
        (ORDERS, {}, 170),
        (STOCK, {}, 170),
        (STOCK, {"wms_co_id": 0}, 170),
        (STOCK, {"wms_co_id": 11001, "ts": 0}, 130),
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


def test_a_folder_speaks_one_dialect(open_erp: OpenDriver, tmp_path: Path) -> None:
    open_erp.store.close()
    with pytest.raises(Unusable, match="方言"):
        Store(tmp_path, "gateway")


FAULTS = [
    ("storm_429", {}, 199),
    ("storm_429", {"code": 200}, 200),
    ("token_expired", {}, 100),
    ("ip_refused", {}, 110),
    ("permission_refused", {}, 190),
    ("internal_error", {}, 150),
    ("clock_skew", {"seconds": 3600}, 180),
]


@pytest.mark.parametrize(("fault", "options", "code"), FAULTS)
def test_refusals_on_demand(open_erp: OpenDriver, fault: str, options: dict[str, Any], code: int) -> None:
    open_erp.call(WAREHOUSES)
    open_erp.fault(**{fault: {"times": 1, **options}})
    assert [open_erp.wish(WAREHOUSES)["code"] for _ in range(2)] == [code, 0]


@pytest.mark.parametrize(("form", "data"), [("list", {"data": []}), ("absent", {})])
def test_errors_may_carry_odd_data(open_erp: OpenDriver, form: str, data: dict[str, Any]) -> None:
    open_erp.fault(error_data={"form": form})
    answer = open_erp.wish(ORDERS)
    assert {name: part for name, part in answer.items() if name == "data"} == data
    assert answer["code"] == 170


def test_a_shell_of_the_old_gateway_says_what_went_wrong(open_lived: OpenDriver) -> None:
    open_lived.fault(inner_code={})
    answer = open_lived.wish(**WINDOW)
    assert (answer["code"], answer["data"]["code"], answer["data"]["issuccess"]) == (0, 150, False)
    assert "datas" not in answer["data"]


@pytest.mark.parametrize(
    ("fault", "options", "path", "expected"),
    [
        ("code_as_string", {}, ("code",), "0"),
        ("datas_null", {}, ("data", "inventorys"), None),
        ("has_next_odd", {}, ("data", "has_next"), "true"),
        ("has_next_odd", {"form": "number"}, ("data", "has_next"), 1),
        ("missing_datas", {}, ("data", "inventorys"), "missing"),
        ("has_next_missing", {}, ("data", "has_next"), "missing"),
    ],
)
def test_odd_forms(
    open_erp: OpenDriver, fault: str, options: dict[str, Any], path: tuple[str, ...], expected: object
) -> None:
    open_erp.fault(**{fault: options})
    found: Any = open_erp.wish(STOCK, ts=0)
    for name in path:
        found = found.get(name, "missing")
    assert found == expected


def test_totals_and_numbers_are_spoilt_inside_data(open_lived: OpenDriver) -> None:
    open_lived.fault(numbers_as_strings={})
    data = open_lived.wish(**WINDOW)["data"]
    assert data["data_count"] == "400"
    assert isinstance(data["datas"][0]["io_id"], str)
    open_lived.fault(total_missing={})
    assert not {"data_count", "page_count"} & set(open_lived.wish(**WINDOW)["data"])


def test_a_line_of_an_after_sale_may_lose_its_key(open_lived: OpenDriver) -> None:
    lines = [{"asi_id": 1}, {"asi_id": 2}]
    open_lived.post("put", module="after_sale", row={"as_id": 5, "items": lines})
    open_lived.fault(mixed_line_keys={})
    (row,) = open_lived.wish(REFUNDS, as_ids=[5])["data"]["datas"]
    assert row["items"] == [{"asi_id": 1}, {}]


def test_a_window_may_be_asked_by_the_shipping_time(open_lived: OpenDriver) -> None:
    begin, end = beijing(START + 20), beijing(START + 22)
    biz = {"modified_begin": begin, "modified_end": end, "date_type": 2, "page_size": 50}
    rows = open_lived.wish(**biz)["data"]["datas"]
    truth = [row for row in open_lived.truth() if row["io_date"] and begin <= row["io_date"] <= end]
    assert rows
    assert by_key(rows) == by_key(truth)


def test_every_endpoint_answers(open_lived: OpenDriver) -> None:
    for path, endpoint in ENDPOINTS.items():
        biz = {} if endpoint.listed else WINDOW
        assert open_lived.wish(path, **biz)["data"][endpoint.list_key] is not None, path
