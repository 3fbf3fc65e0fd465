"""The public API: who may ask, with which signature and token, and how often."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from local.sandbox.openapi.signature import signature
from local.sandbox.store import Store, Unusable
from tests.support.sandbox_driver import SECRET, SHOPS, START, WAREHOUSES, OpenDriver, parse

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


def test_a_folder_speaks_one_dialect(open_erp: OpenDriver, tmp_path: Path) -> None:
    open_erp.store.close()
    with pytest.raises(Unusable, match="方言"):
        Store(tmp_path, "gateway")
